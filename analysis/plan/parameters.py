"""The plan's table of settings and shipped assumptions, ``tables/plan_parameters.csv``."""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files

SEARCH, CHECK, JUDGE = 20230701, 20230702, 20230703  # seeds: never the same draws for finding and for judging
DEFAULT = "默认"


def setting(name: str) -> float:
    """A number of the class 设置 by its 名称."""
    return float(next(row["数值"] for row in rows_of("设置") if row["名称"] == name))


@cache
def rows_of(*kinds: str) -> tuple[dict, ...]:
    """Rows of some 类别 in the order of the table."""
    text = files("analysis").joinpath("tables/plan_parameters.csv").read_text(encoding="utf-8")
    return tuple(row for row in csv.DictReader(text.splitlines()) if row["类别"] in kinds)
