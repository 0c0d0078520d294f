"""Thresholds of the classes, written down in ``tables/strength_thresholds.csv``."""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files


@cache
def threshold(name: str) -> float:
    """A threshold by its 名称 in the table, in the unit its 说明 gives."""
    text = files("analysis").joinpath("tables/strength_thresholds.csv").read_text(encoding="utf-8")
    return {row["名称"]: float(row["数值"]) for row in csv.DictReader(text.splitlines())}[name]
