"""Thresholds and conventions of matching, written in ``tables/matching_*.csv``."""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files

ILLUSTRATIVE, DERIVED = "示例", "推算"


def read_table(name: str) -> list[dict[str, str]]:
    """Rows of ``tables/<name>.csv`` by Chinese header."""
    text = files("analysis").joinpath(f"tables/{name}.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


@cache
def setting(name: str) -> float:
    """A parameter by its 名称 in ``matching_settings.csv``, in the unit its 说明 gives."""
    return {row["名称"]: float(row["数值"]) for row in read_table("matching_settings")}[name]
