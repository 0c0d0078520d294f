"""The tables that ship with the library: schemes, rules, parameters and words that are data, not code."""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files


@cache
def rows(name: str) -> tuple[dict[str, str], ...]:
    """Rows of ``tables/<name>.csv`` by Chinese header, in order. They are shared: do not change them."""
    text = files("analysis").joinpath(f"tables/{name}.csv").read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines()))


@cache
def numbers(name: str) -> dict[str, float]:
    """A table of 名称 and 数值 as a mapping, units as its 单位 or 说明 gives."""
    return {row["名称"]: float(row["数值"]) for row in rows(name)}
