"""Settings of the catch-up calculations, written down in ``tables/catchup_parameters.csv``."""

from __future__ import annotations

from functools import cache

from ..shipped import numbers, rows

LATEST_YEAR = 2035  # the years shown where the caller names none


@cache
def parameter(name: str) -> float:
    """A setting by its 名称 in the table, in the unit the table gives."""
    return numbers("catchup_parameters")[name]


@cache
def class_rows() -> tuple[dict, ...]:
    """Rows of ``tables/catchup_classes.csv``: 类别, 比值下限, 差额上限, 说明, 出处."""
    return rows("catchup_classes")


@cache
def scenario_rows() -> tuple[dict, ...]:
    """Rows of ``tables/catchup_scenarios.csv``, the scenarios used where a case has none."""
    return rows("catchup_scenarios")
