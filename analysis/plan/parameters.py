"""The plan's table of settings and shipped assumptions, ``tables/plan_parameters.csv``."""

from __future__ import annotations

from functools import cache

from ..shipped import rows

SEARCH, CHECK, JUDGE = 20230701, 20230702, 20230703  # seeds: never the same draws for finding and for judging
DEFAULT = "默认"


def setting(name: str) -> float:
    """A number of the class 设置 by its 名称."""
    return float(next(row["数值"] for row in rows_of("设置") if row["名称"] == name))


@cache
def rows_of(*kinds: str) -> tuple[dict, ...]:
    """Rows of some 类别 in the order of the table."""
    return tuple(row for row in rows("plan_parameters") if row["类别"] in kinds)
