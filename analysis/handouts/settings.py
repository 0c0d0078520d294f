"""Numbers and word lists of the handouts."""

from __future__ import annotations

from functools import cache

from ..params import AssessmentError
from ..shipped import rows


def rows_of(name: str) -> tuple[dict[str, str], ...]:
    """Rows of ``tables/handouts_<name>.csv`` by Chinese header."""
    return rows(f"handouts_{name}")


@cache
def setting(name: str) -> float:
    """A number of ``tables/handouts_settings.csv``; AssessmentError for a name that is not there."""
    for row in rows_of("settings"):
        if row["名称"] == name:
            return float(row["数值"])
    raise AssessmentError(f"handouts_settings.csv 没有“{name}”")
