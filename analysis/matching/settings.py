"""Thresholds and conventions of matching, written in ``tables/matching_*.csv``."""

from __future__ import annotations

from ..shipped import numbers


def setting(name: str) -> float:
    """A parameter by its 名称 in ``matching_settings.csv``, in the unit its 说明 gives."""
    return numbers("matching_settings")[name]
