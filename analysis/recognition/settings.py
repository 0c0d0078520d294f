"""Conventions of the screening, written down in ``tables/recognition_*.csv``."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from ..shipped import numbers, rows
from ..text import fold_key


@dataclass(frozen=True)
class Lever:
    """What can be changed about a field of the roster and when it shows.

    ``moves``: 增, 减, 增减, 是, 档 or 不可变; ``when``: 年报, 年限, 月数 or empty; ``months``; ``step``
    (least amount); ``scale`` (the amount that counts as one; 0 = a share of the figure itself); ``cost`` (factor, or the whole of a change without a quantity); ``saying``;
    ``levels``: lowest first, of a field that goes up by levels.
    """

    moves: str
    when: str
    months: float
    step: float
    scale: float
    cost: float
    saying: str
    levels: tuple[str, ...] = ()


@cache
def setting(name: str) -> float:
    """A setting by its 名称 in ``recognition_settings.csv``, in the unit its 说明 gives."""
    return numbers("recognition_settings")[name]


@cache
def levers() -> dict[str, Lever]:
    """Rows of ``recognition_lead_times.csv`` by folded field."""
    return {fold_key(r["字段"]): Lever(r["可变"], r["时点"], float(r["月数"] or 0), float(r["最小变动"] or 0), float(r["尺度"] or 0),
                                    float(r["难度"] or 1), r["说法"], tuple(r["档次"].split("|")) if r["档次"] else ())
            for r in rows("recognition_lead_times")}


@cache
def lever(title: str, kind: str) -> Lever:
    """The row of a field, else the row 其他 + its kind (数值, 是否, 文本, 认定)."""
    return levers().get(fold_key(title)) or levers()[fold_key(f"其他{kind}")]
