"""Thresholds of the classes, written down in ``tables/strength_thresholds.csv``."""

from __future__ import annotations

from ..shipped import numbers


def threshold(name: str) -> float:
    """A threshold by its 名称 in the table, in the unit its 说明 gives."""
    return numbers("strength_thresholds")[name]
