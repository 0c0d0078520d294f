"""Score sheets: of each item the highest band met; an interval where items are unknown."""

from __future__ import annotations

import numpy as np

from ..text import fold_key
from .clauses import Clause, judge_clause
from .fields import BLANK, FLAG, NUMBER, TEXT, Column, Fields
from .logic import UNKNOWN, YES, every
from .rules import Group, Recognition

# Clauses of one sort alone leave a value that meets none of them.
_ONE_WAY = tuple(frozenset(ops) for ops in ((">=", ">"), ("<=", "<"), ("=", "属于", "介于")))


def item_points(group: Group, fields: Fields) -> tuple[np.ndarray, np.ndarray]:
    """(least, greatest) points of one item.

    least = highest band surely met, greatest = highest band not surely missed; 0 where no
    band is. On the edge of two bands both are met and the higher one counts. Where a column is
    unknown and some band is met whatever it is (yes 10, no 5), least is that of the worst value.
    """
    low, high = np.zeros(fields.size), np.zeros(fields.size)
    states = {id(c): judge_clause(c, fields, {}) for c in group.clauses}
    for band in group.alternatives:
        state = every((states[id(c)] for c in band), fields.size)
        points = band[0].points
        np.maximum(low, np.where(state == YES, points, 0.0), out=low)
        np.maximum(high, np.where(state >= UNKNOWN, points, 0.0), out=high)
    for name in dict.fromkeys(c.expression.column for c in group.clauses if c.expression is not None and c.expression.column):
        _whatever_it_is(low, high, group, fields, name, states)
    return low, high


def _whatever_it_is(low, high, group, fields, name, states):
    """Raise ``low`` where a column is unknown to the points of the worst value that it can have."""
    column = fields.columns[name]
    clauses = [c for c in group.clauses if c.expression is not None and c.expression.column == name]
    if column.kind == BLANK or column.kind != FLAG and any({c.op for c in clauses} <= ops for ops in _ONE_WAY):
        return
    rows = np.flatnonzero((low < high) & (column.values < 0 if column.kind == TEXT else np.isnan(column.values)))
    if not len(rows):
        return
    tried = _values(column.kind, clauses)
    met = {id(c): judge_clause(c, Fields(len(tried.values), {name: tried}), {}) for c in clauses}
    worst = np.full(len(rows), np.inf)
    for k in range(len(tried.values)):
        points = np.zeros(len(rows))
        for band in group.alternatives:
            state = every((met[id(c)][k] if id(c) in met else states[id(c)][rows] for c in band), len(rows))
            np.maximum(points, np.where(state == YES, band[0].points, 0.0), out=points)
        np.minimum(worst, points, out=worst)
    low[rows] = np.maximum(low[rows], worst)


def _values(kind: str, clauses: list[Clause]) -> Column:
    """Values of a column that stand for all there are: those that clauses name, one between any two and one beyond each end."""
    if kind == FLAG:
        return Column(FLAG, np.array([0.0, 1.0]))
    if kind == TEXT:
        labels = (*dict.fromkeys(t for c in clauses for t in c.choices), "")
        return Column(TEXT, np.arange(len(labels)), labels)
    edges = {e for c in clauses for e in (c.low, c.high) if np.isfinite(e)} | {float(t) for c in clauses for t in c.choices}
    ends = np.unique([*edges])
    return Column(NUMBER, np.concatenate([ends, (ends[1:] + ends[:-1]) / 2, [ends[0] - 1 - abs(ends[0]), ends[-1] + 1 + abs(ends[-1])]]))


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
