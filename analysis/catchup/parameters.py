"""Settings of the catch-up calculations, written down in ``tables/catchup_parameters.csv``."""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files

LATEST_YEAR = 2035  # the years shown where the caller names none


@cache
def parameter(name: str) -> float:
    """A setting by its 名称 in the table, in the unit the table gives."""
    return {row["名称"]: float(row["数值"]) for row in _rows("catchup_parameters.csv")}[name]


@cache
def class_rows() -> tuple[dict, ...]:
    """Rows of ``tables/catchup_classes.csv``: 类别, 比值下限, 差额上限, 说明, 出处."""
    return tuple(_rows("catchup_classes.csv"))


@cache
def scenario_rows() -> tuple[dict, ...]:
    """Rows of ``tables/catchup_scenarios.csv``, the scenarios used where a case has none."""
    return tuple(_rows("catchup_scenarios.csv"))


def _rows(name: str) -> list[dict]:
    text = files("analysis").joinpath(f"tables/{name}").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))
