"""Default parameters of breaking a target down, written in ``tables/targets_settings.csv``."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from functools import cache
from importlib.resources import files

ILLUSTRATIVE, DERIVED = "示例", "推算"


@cache
def setting(name: str) -> float:
    """A parameter by its 名称 in the table, in the unit its 说明 gives."""
    text = files("analysis").joinpath("tables/targets_settings.csv").read_text(encoding="utf-8")
    return {row["名称"]: float(row["数值"]) for row in csv.DictReader(text.splitlines())}[name]


def derived_status(statuses: Iterable[str]) -> str:
    """状态 of a figure computed from figures of these 状态: 示例 if any is 示例, else 推算."""
    return ILLUSTRATIVE if ILLUSTRATIVE in set(statuses) else DERIVED
