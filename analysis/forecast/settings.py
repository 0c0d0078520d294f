"""Thresholds of the forecasts, written down in ``tables/forecast_settings.csv``."""

from __future__ import annotations

from ..shipped import numbers


def setting(name: str) -> float:
    """A setting by its 名称 in the table, in the unit its 单位 gives."""
    return numbers("forecast_settings")[name]
