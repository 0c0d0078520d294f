"""Default parameters of breaking a target down, written in ``tables/targets_settings.csv``."""

from __future__ import annotations

from ..shipped import numbers


def setting(name: str) -> float:
    """A parameter by its 名称 in the table, in the unit its 说明 gives."""
    return numbers("targets_settings")[name]
