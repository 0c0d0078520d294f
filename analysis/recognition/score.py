"""Score sheets: of each item the highest band met; an interval where items are unknown."""

from __future__ import annotations

import numpy as np

from ..text import fold_key
from .clauses import judge_clause
from .fields import Fields
from .logic import UNKNOWN, YES, every
from .rules import Group, Recognition


def item_points(group: Group, fields: Fields) -> tuple[np.ndarray, np.ndarray]:
    """(least, greatest) points of one item.

    least = highest band surely met, greatest = highest band not surely missed; 0 where no
    band is. On the edge of two bands both are met and the higher one counts.
    """
    low, high = np.zeros(fields.size), np.zeros(fields.size)
    for band in group.alternatives:
        state = every((judge_clause(c, fields, {}) for c in band), fields.size)
        points = band[0].points
        np.maximum(low, np.where(state == YES, points, 0.0), out=low)
        np.maximum(high, np.where(state >= UNKNOWN, points, 0.0), out=high)
    return low, high


def score_sheet(recognition: Recognition, fields: Fields) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Points of a recognition's sheet: "" -> (least, greatest) total, and the same for each part (folded name)."""
    if not recognition.sheet:
        return {}
    totals = {"": (np.zeros(fields.size), np.zeros(fields.size))}
    for group in recognition.sheet:
        low, high = item_points(group, fields)
        for part in {"", fold_key(group.part)}:
            least, most = totals.get(part, (0.0, 0.0))
            totals[part] = (least + low, most + high)
    return totals


def full_marks(recognition: Recognition) -> float:
    """Points of a sheet with every item at its best band."""
    return float(sum(max(c.points for c in group.clauses) for group in recognition.sheet))
