"""The least change of one figure with which a clause is met, in whole steps and one direction."""

from __future__ import annotations

import numpy as np

from .clauses import Clause, judge_clause
from .expressions import evaluate, straight
from .fields import Column, Fields
from .logic import NO, YES

# Steps tried: four to each doubling, from both ends of what can be taken away.
_GRID = np.unique(np.round(2 ** (np.arange(160) / 4)))
_AT_ONCE = 34


def least_target(clause: Clause, one: Fields, name: str, sign: float, step: float, along: tuple[str, ...] = ()) -> float | None:
    """Value of a column nearest to its present one at which a clause is met; None if there is none.

    Parameters
    ----------
    clause : an ordered one that the enterprise of ``one`` misses. sign : 1.0 up, -1.0 down (not below nought).
    along : columns that take the same value (last year's figure, where this one is to stay).
    """
    now, moving = float(one.columns[name].values[0]), {name, *along}
    most = np.floor(now / step + 1e-9) if sign < 0 <= now else _GRID[-1]
    if most < 1:
        return None
    given = {c: one.columns[c] for c in clause.expression.columns}

    def value(steps):
        values = now + sign * step * np.asarray(steps, dtype=float)
        return np.maximum(values, 0.0) if sign < 0 <= now else values

    def side(steps):
        """0 met, -1 too low, 1 too high, NaN not known."""
        values = value(steps)
        columns = {c: Column(k.kind, values if c in moving else np.repeat(k.values, len(values)), k.labels) for c, k in given.items()}
        trial = Fields(len(values), columns)
        state = judge_clause(clause, trial, {})
        low = np.isfinite(clause.low) & (np.isnan(clause.high) | (trial.bounds(clause.expression)[1] < clause.low))
        return np.where(state == YES, 0.0, np.where(state == NO, np.where(low, -1.0, 1.0), np.nan))

    if straight(clause.expression, moving):
        far = max(1.0, abs(now / step))
        ends = evaluate(clause.expression, lambda c: value([0, far]) if c in moving else np.repeat(given[c].values, 2))
        if not np.isnan(ends).any():
            return _on_a_line(clause, ends[0], (ends[1] - ends[0]) / far, side, value, most)
    found = _searched(side, most)
    return None if found is None else float(value(found))


def _on_a_line(clause, start, slope, side, value, most):
    edge = clause.low if np.isfinite(clause.low) and start < clause.low or np.isnan(clause.high) else clause.high
    if slope == 0 or (edge - start) / slope < -1:
        return None
    guess = max(np.ceil((edge - start) / slope - 1e-6), 0.0)
    near = [k for k in dict.fromkeys(max(guess + d, 1.0) for d in (-1, 0, 1)) if k <= most]
    return next((float(value(k)) for k, s in zip(near, side(near)) if s == 0), None) if near else None


def _searched(side, most):
    """The least number of steps that meets the clause: between steps on two sides of it the first on the far one is looked for."""
    steps = _GRID[_GRID <= most]
    if most < _GRID[-1]:
        steps = np.unique(np.concatenate([steps, most + 1 - steps, [most]]))
    before, last = side([0])[0], 0.0
    for at, now in zip(steps.tolist(), side(steps).tolist()):
        if now != now:
            continue
        if now != before:
            first = _first(side, last, at, before)
            if side([first])[0] == 0:
                return first
            if now == 0:
                return at
        before, last = now, at
    return None


def _first(side, low, high, before):
    """The first number of steps after ``low`` that is on another side than ``before``; ``high`` is."""
    while high - low > 1:
        inner = np.unique(np.round(np.linspace(low, high, _AT_ONCE)))
        found = side(inner)
        other = ~np.isnan(found) & (found != before)
        k = int(np.argmax(other[1:])) + 1
        low, high = inner[k - 1], inner[k]
    return high
