"""Numbers and word lists of the handouts."""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files

from ..params import AssessmentError


@cache
def rows_of(name: str) -> tuple[dict[str, str], ...]:
    """Rows of ``tables/handouts_<name>.csv`` by Chinese header."""
    text = files("analysis").joinpath(f"tables/handouts_{name}.csv").read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines()))


@cache
def setting(name: str) -> float:
    """A number of ``tables/handouts_settings.csv``; AssessmentError for a name that is not there."""
    for row in rows_of("settings"):
        if row["名称"] == name:
            return float(row["数值"])
    raise AssessmentError(f"handouts_settings.csv 没有“{name}”")
