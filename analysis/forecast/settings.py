"""Thresholds of the forecasts, written down in ``tables/forecast_settings.csv``."""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files


@cache
def _settings() -> dict[str, float]:
    text = files("analysis").joinpath("tables/forecast_settings.csv").read_text(encoding="utf-8")
    return {row["名称"]: float(row["数值"]) for row in csv.DictReader(text.splitlines())}


def setting(name: str) -> float:
    """A setting by its 名称 in the table, in the unit its 单位 gives."""
    return _settings()[name]
