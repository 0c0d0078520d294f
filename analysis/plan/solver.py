"""The programmes behind a plan: relaxed ones with concave curves, whole ones in yes-or-no variables alone.

The curves are in the relaxed programme only; the whole programme gets the one straight line that the relaxed one
leans on. Relaxed programmes are solved by HiGHS, those of the search in whole numbers by branching on relaxed ones here:
HiGHS 1.12 (in SciPy) repairs about one in seventy of its own whole answers to such programmes, and prints a line of its
own code while doing so, whatever it is told about output. Small cases are solved to the end by HiGHS, without any line of real numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from .programme import Programme

_NODES = 2_000
_GAP = 2e-3  # accepted in the search; local improvement follows
_TURNS, _AT_MOST = 40, 200  # relaxed programmes while branching, and as long as nothing is found
_HOLE = 1e-6  # what is nearer to a whole number is one
_CORE = 80  # variables left open after the relaxed programme, the least certain ones
_WIDE = 1e6  # points: wider than any score
INF = np.inf


@dataclass(frozen=True)
class Need:
    """Σ_j y_j − penalty·x ≥ least with y_j ≤ slope·(expected_j·x) + start for every piece of indicator j.

    expected : (indicators, slots). slopes, starts : per indicator the pieces of its concave curve.
    penalty : points per slot taken off for uncertainty.
    """

    expected: np.ndarray
    slopes: tuple[np.ndarray, ...]
    starts: tuple[np.ndarray, ...]
    penalty: np.ndarray
    least: float

    @cached_property
    def key(self) -> bytes:
        """The need by value, to know it again."""
        found = blake2b(repr((self.least, [len(s) for s in self.slopes])).encode())
        for part in (self.expected, self.penalty, *self.slopes, *self.starts):
            found.update(np.ascontiguousarray(part, dtype=float).tobytes())
        return found.digest()

    def lacking(self, x: np.ndarray) -> float:
        """Points by which slots x fall short of the need; negative where they exceed it."""
        curves = [float((slope * n + start).min()) for slope, start, n in zip(self.slopes, self.starts, self.expected @ x)]
        return self.least - sum(curves) + float(self.penalty @ x)

    def line(self, weights: tuple[np.ndarray, ...]) -> tuple[np.ndarray, float]:
        """Worth of each slot, and what is there without any, on the line that mixes the pieces by the weights (each set sums to 1)."""
        slope = np.array([w @ s for w, s in zip(weights, self.slopes)])
        return slope @ self.expected - self.penalty, float(sum(w @ s for w, s in zip(weights, self.starts)))


@dataclass(frozen=True)
class Space:
    """Rows over yes-or-no variables: ``low ≤ rows @ x ≤ high``, ``least ≤ x ≤ most``."""

    rows: sparse.csr_array
    low: np.ndarray
    high: np.ndarray
    least: np.ndarray
    most: np.ndarray

    @cached_property
    def levelled(self):
        """The finite bounds as ``rows @ x ≤ bound``, see :func:`_levelled`."""
        up, down = np.isfinite(self.high), np.isfinite(self.low)
        return _levelled(sparse.vstack([self.rows[up], -self.rows[down]], format="csr"), np.concatenate([self.high[up], -self.low[down]]))

    def with_rows(self, rows: np.ndarray, low: float | np.ndarray, high: float | np.ndarray = INF) -> Space:
        """The same with one row more, or several: low ≤ rows @ x ≤ high."""
        more = sparse.csr_array(np.atleast_2d(rows))
        low, high = (np.broadcast_to(bound, more.shape[0]) for bound in (low, high))
        return Space(sparse.vstack([self.rows, more], format="csr"), np.append(self.low, low), np.append(self.high, high), self.least, self.most)


@dataclass(frozen=True)
class Relaxed:
    """Answer of a relaxed programme: x, its reduced costs, and the weight of each piece of each curve."""

    x: np.ndarray
    reduced: np.ndarray
    weights: tuple[np.ndarray, ...]


def relaxed(space: Space, price: np.ndarray, gain: float, need: Need) -> Relaxed | None:
    """min price·x + gain·Σ y under a need, without whole numbers; None where nothing meets it."""
    size, m = len(price), len(need.slopes)
    owner = np.repeat(np.arange(m), [len(s) for s in need.slopes])
    pieces = np.hstack([-np.concatenate(need.slopes)[:, None] * need.expected[owner], owner[:, None] == np.arange(m)])
    upper = np.concatenate(need.starts)
    if np.isfinite(need.least):
        pieces = np.vstack([pieces, np.concatenate([need.penalty, -np.ones(m)])])
        upper = np.append(upper, -need.least)
    largest = np.abs(pieces).max(axis=1)
    scale = 1 / np.where(largest > 0, largest, 1.0)
    # Entries of a row from right to left, as _levelled gives those of the space, which is the same for many needs.
    row, column = np.nonzero(pieces[:, ::-1])
    column = size + m - 1 - column
    (own, _), bound = space.levelled
    matrix = sparse.csr_array((np.concatenate([pieces[row, column] * scale[row], own.data]), np.concatenate([column, own.indices]),
                               np.concatenate([[0], np.cumsum(np.bincount(row, minlength=len(pieces))), len(row) + own.indptr[1:]])),
                              shape=(len(pieces) + own.shape[0], size + m))
    found = Programme(matrix, np.concatenate([upper * scale, bound]), np.concatenate([price, np.full(m, gain)])).best(
        np.concatenate([space.least, np.full(m, -_WIDE)]), np.concatenate([space.most, np.full(m, _WIDE)]))
    if found is None:
        return None
    dual = -found.dual[:len(owner)] * scale[:len(owner)]
    return Relaxed(found.x[:size], found.reduced[:size], _weights(need, dual, owner, found.x[:size]))


def whole(space: Space, price: np.ndarray, near: Relaxed) -> np.ndarray | None:
    """x in whole numbers of a price·x at most a little above the least, or None where none is found.

    near : answer of the relaxed programme with the curves: in larger cases all variables but those whose reduced cost
    leaves them in doubt stay where it puts them, unless that allows nothing.
    """
    size = len(price)
    if size > _CORE:
        sure = np.argsort(np.abs(near.reduced), kind="stable")[_CORE:]
        sure = sure[np.abs(near.x[sure] - np.round(near.x[sure])) < _HOLE]
        open_ = np.ones(size, bool)
        open_[sure] = False
        settled = np.where(open_, 0.0, np.round(near.x))
        known = space.rows @ settled
        rows = space.rows[:, np.flatnonzero(open_)]
        part = Space(rows, space.low - known, space.high - known, space.least[open_], space.most[open_])
        found = _branched(part, price[open_])
        if found is not None:
            settled[open_] = found
            return settled
    return _branched(space, price)


def exact(space: Space, price: np.ndarray) -> tuple[np.ndarray | None, bool]:
    """x in whole numbers of the least price·x (None: there is none), and whether that is certain."""
    used = np.flatnonzero(np.diff(space.rows.indptr) > 0)
    constraints = [LinearConstraint(space.rows[used], space.low[used], space.high[used])] if len(used) else []
    found = milp(price, integrality=np.ones(len(price)), bounds=Bounds(space.least, space.most), constraints=constraints,
                 options={"mip_rel_gap": 1e-9, "node_limit": _NODES})
    return (None if found.x is None else np.round(found.x)), found.status in (0, 2)


def _branched(space, price):
    """Doubtful variables upwards until something is found, then where the bound is least, until the gap or the number of turns."""
    (rows, scale), low = _levelled(space.rows, space.low)
    high = space.high * scale
    up, down = np.isfinite(high), np.isfinite(low)
    matrix = sparse.vstack([rows[up], -rows[down]], format="csr")
    bound = np.concatenate([high[up], -low[down]])
    programme = Programme(matrix, bound, price)
    best, value, open_ = None, INF, [(-INF, space.least, space.most)]
    for turn in range(_AT_MOST):
        if not open_ or (turn >= _TURNS and best is not None):
            break
        k = len(open_) - 1 if best is None else min(range(len(open_)), key=lambda n: open_[n][0])
        above, least, most = open_.pop(k)
        enough = value - _GAP * abs(value) if best is not None else INF
        if above >= enough:
            continue
        found = programme.best(least, most)
        if found is None or found.value >= enough:
            continue
        doubt = np.abs(found.x - np.round(found.x))
        k = int(np.argmax(doubt))
        if doubt[k] < _HOLE:
            best, value = np.round(found.x), found.value
            continue
        none, one = most.copy(), least.copy()
        none[k], one[k] = 0.0, 1.0
        open_ += [(found.value, least, none), (found.value, one, most)]
    return best


def _levelled(matrix, bound):
    """Rows brought to a greatest coefficient of 1, so that a tolerance means the same in each: (rows, factors), bounds."""
    largest = abs(matrix).max(axis=1).toarray().ravel() if matrix.shape[0] else np.ones(0)
    scale = 1 / np.where(largest > 0, largest, 1.0)
    return (sparse.csr_array(sparse.diags_array(scale) @ matrix), scale), bound * scale


def _weights(need, dual, owner, x):
    """Each curve's weights on its pieces: by their dual values, where these say nothing on the piece that binds at x."""
    weights = []
    for j, (slopes, starts) in enumerate(zip(need.slopes, need.starts)):
        own = np.maximum(dual[owner == j], 0.0)
        if own.sum() <= 1e-9:
            own = np.zeros(len(slopes))
            own[np.argmin(slopes * (need.expected[j] @ x) + starts)] = 1.0
        weights.append(own / own.sum())
    return tuple(weights)
