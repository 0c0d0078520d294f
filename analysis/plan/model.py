"""The limits of a plan as a mixed-integer programme, solved by HiGHS.

One binary variable for every candidate and quarter in which it could be applied for; a single
quarter, the earliest, where no quarterly capacity bounds its town.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, linprog, milp

from .candidates import parents_first
from .limits import Limits

_EARLY = 1e-6  # of the mean cost a quarter: equal plans begin early, no other plan is preferred for it
_NODES = 2_000
_LOOSE = 60  # variables from which a small gap is accepted in the search; local improvement follows
_CORE = 120  # variables left open after the relaxed programme, the least certain ones
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

    def rows(self) -> tuple[sparse.csr_array, np.ndarray]:
        """Rows over (slots, curves), one per piece and the sum last, and the pieces' upper bounds."""
        m = len(self.slopes)
        owner = np.repeat(np.arange(m), [len(s) for s in self.slopes])
        slope = np.concatenate(self.slopes)
        left = sparse.csr_array(-slope[:, None] * self.expected[owner])
        right = sparse.csr_array((np.ones(len(owner)), (np.arange(len(owner)), owner)), shape=(len(owner), m))
        total = sparse.csr_array(np.concatenate([-self.penalty, np.ones(m)])[None, :])
        return sparse.vstack([sparse.hstack([left, right]), total], format="csr"), np.concatenate(self.starts)


@dataclass(frozen=True)
class Model:
    """Limits over slots (candidate × quarter): ``rows @ x ≤ upper``.

    candidate, quarter : of each slot. cost : of each slot. fixed : slots that are in every plan.
    budget : most that x may cost; infinite where not bounded.
    size : number of candidates.
    """

    candidate: np.ndarray
    quarter: np.ndarray
    cost: np.ndarray
    fixed: np.ndarray
    rows: sparse.csr_array
    upper: np.ndarray
    budget: float
    size: int

    def cheapest(self, need: Need, relaxed: bool = False):
        """Slots x of the least cost that meet a need, or None where none are found. relaxed : without whole numbers."""
        return self._solve(self._price(), 0.0, need, (), relaxed, self.budget)

    def cheapest_beyond(self, cuts: list[np.ndarray]) -> tuple[np.ndarray | None, bool]:
        """Slots x of the least cost within the limits, to optimality, and whether that is certain (None: there are none).

        cuts : sets of candidates (bool) of which at least one must be chosen.
        """
        found = _whole(*self._programme(self._price(), 0.0, None, cuts, self.budget), len(self.cost), False)
        return (None if found.x is None else np.round(found.x)), found.status in (0, 2)

    def _price(self):
        early = _EARLY * (self.cost.mean() or 1.0)
        return self.cost + early * (self.quarter - self.quarter.min())

    def most(self, need: Need, budget: float | None = None, relaxed: bool = False):
        """Slots x of the most points within the limits and the budget given (that of the limits by default)."""
        # Among equals the cheaper: a worthless application is not made.
        price = need.penalty + 1e-6 * self.cost / (self.cost.sum() or 1.0)
        free = Need(need.expected, need.slopes, need.starts, need.penalty, -INF)
        return self._solve(price, -1.0, free, (), relaxed, self.budget if budget is None else min(budget, self.budget))

    def allows(self, x: np.ndarray, budget: float | None = None) -> bool:
        """Whether the slots x (0/1) keep every limit."""
        most = self.budget if budget is None else min(budget, self.budget)
        return bool((self.rows @ x <= self.upper + 1e-9).all() and self.cost @ x <= most + 1e-9 * max(1.0, abs(most) if most < INF else 1.0))

    def chosen(self, x: np.ndarray) -> np.ndarray:
        """Candidates (bool) of slots x."""
        out = np.zeros(self.size, bool)
        out[self.candidate[x > 0.5]] = True
        return out

    def fixed_candidates(self) -> np.ndarray:
        """Candidates (bool) that are in every plan."""
        return self.chosen(self.fixed.astype(float))

    def spent(self, x: np.ndarray) -> float:
        return float(self.cost @ x)

    def _solve(self, price, gain, need, cuts, relaxed, budget):
        size = len(price)
        prices, matrix, least, most, low, high = self._programme(price, gain, need, cuts, budget)
        if relaxed or size > _CORE:
            x, reduced = _relax(prices, matrix, least, most, low, high)
            if x is None or relaxed:
                return None if x is None else x[:size]
            # All but the variables whose reduced cost leaves them in doubt stay where the relaxed programme puts them.
            sure = np.argsort(np.abs(reduced[:size]), kind="stable")[_CORE:]
            sure = sure[np.abs(x[sure] - np.round(x[sure])) < 1e-6]
            near = low.copy(), high.copy()
            near[0][sure] = near[1][sure] = np.round(x[sure])
            found = _whole(prices, matrix, least, most, *near, size, True)
            if found.x is not None:
                return np.round(found.x[:size])
        found = _whole(prices, matrix, least, most, low, high, size, size > _LOOSE)
        return None if found.x is None else np.round(found.x[:size])

    def _programme(self, price, gain, need, cuts, budget):
        """Prices, rows with their bounds, and bounds of the variables (slots, then one curve per indicator)."""
        size, curves = len(price), 0 if need is None else len(need.slopes)
        rows, least, most = [self.rows], [np.full(len(self.upper), -INF)], [self.upper]
        if budget < INF:
            rows.append(sparse.csr_array(self.cost[None, :]))
            least.append([-INF])
            most.append([budget + 1e-9])
        if len(cuts):
            rows.append(sparse.csr_array(np.array([c[self.candidate] for c in cuts], dtype=float)))
            least.append(np.ones(len(cuts)))
            most.append(np.full(len(cuts), INF))
        matrix = sparse.vstack(rows, format="csr")
        if curves:
            matrix = sparse.hstack([matrix, sparse.csr_array((matrix.shape[0], curves))], format="csr")
            pieces, starts = need.rows()
            matrix = sparse.vstack([matrix, pieces], format="csr")
            least.append([*np.full(len(starts), -INF), need.least])
            most.append([*starts, INF])
        prices = np.concatenate([price, np.full(curves, gain)])
        low = np.concatenate([self.fixed.astype(float), np.full(curves, -_WIDE)])
        high = np.repeat([1.0, _WIDE], [size, curves])
        # Rows of like size: a solver's tolerance then means the same in each, and its answer needs no repair.
        largest = abs(matrix).max(axis=1).toarray().ravel() if matrix.shape[0] else np.ones(0)
        scale = 1 / np.where(largest > 0, largest, 1.0)
        matrix = sparse.csr_array(sparse.diags_array(scale) @ matrix) if len(scale) else matrix
        return prices, matrix, np.concatenate(least) * scale, np.concatenate(most) * scale, low, high


def _relax(price, matrix, least, most, low, high):
    """Solution of the relaxed programme and its reduced costs; (None, None) where there is none."""
    up, down = np.isfinite(most), np.isfinite(least)
    rows = sparse.vstack([matrix[up], -matrix[down]], format="csr") if up.any() or down.any() else None
    bound = np.concatenate([most[up], -least[down]]) if rows is not None else None
    found = linprog(price, A_ub=rows, b_ub=bound, bounds=np.column_stack([low, high]), method="highs")
    return (None, None) if found.x is None else (found.x, found.lower.marginals + found.upper.marginals)


def _whole(price, matrix, least, most, low, high, size, loose):
    options = {"mip_rel_gap": 2e-3 if loose else 1e-9, "node_limit": 30 if loose else _NODES}
    return milp(price, integrality=np.repeat([1.0, 0.0], [size, len(price) - size]), bounds=Bounds(low, high),
                constraints=[LinearConstraint(matrix, least, most)] if matrix.shape[0] else [], options=options)


def build_model(table: pd.DataFrame, cost: np.ndarray, parents: Sequence[tuple[int, ...]], fixed: np.ndarray, quarters: list[list[int]], limits: Limits) -> Model:
    """The limits as rows over slots.

    Parameters
    ----------
    table : checked candidates. cost : still to be paid. parents : rows of the open prerequisites.
    fixed : pending applications, which no limit counts again.
    quarters : per candidate the numbers of the quarters in which it can be applied for.
    """
    bounded = np.array([np.isfinite(limits.capacity(t)) for t in table["town"]], bool)
    # A child must wait for a parent that waits for capacity, wherever the child is.
    for k in parents_first(parents):
        bounded[k] |= any(bounded[a] for a in parents[k])
    used = [qs if b else qs[:1] for qs, b in zip(quarters, bounded)]
    candidate = np.repeat(np.arange(len(table)), [len(qs) for qs in used])
    quarter = np.array([q for qs in used for q in qs], dtype=int)
    free = ~fixed[candidate]
    rows, upper = _Rows(len(candidate)), []

    def at_most(groups, bound, where=free):
        for key, members in pd.Series(np.flatnonzero(where)).groupby(groups[where], sort=False):
            most = bound(key)
            if np.isfinite(most) and len(members) > most:
                rows.add(members.to_numpy(), 1.0)
                upper.append(most)

    at_most(candidate, lambda _: 1)
    names = {c: table[c].to_numpy(dtype=object)[candidate] for c in ("enterprise", "certification", "town")}
    if limits.per_enterprise is not None:
        at_most(names["enterprise"], limits.share_of)
    at_most(names["certification"], lambda c: limits.quotas.get(c, INF))
    at_most(names["town"], lambda t: limits.towns.get(t, INF))
    if limits.town_quarter is not None:
        pairs = np.empty(len(candidate), dtype=object)
        pairs[:] = list(zip(names["town"], quarter))
        at_most(pairs, lambda pair: limits.room(*pair))
    begin = np.concatenate([[0], np.cumsum([len(qs) for qs in used])])
    for k, above in ((k, a) for k in range(len(table)) for a in parents[k] if not fixed[k]):
        lag = limits.terms.review(table.at[above, "certification"])
        own, theirs = np.arange(begin[k], begin[k + 1]), np.arange(begin[above], begin[above + 1])
        for q in quarter[own]:
            rows.add(own[quarter[own] <= q], 1.0)
            rows.extend(theirs[quarter[theirs] + lag <= q], -1.0)
            upper.append(0.0)
    budget = INF if limits.budget is None else float(limits.budget)
    return Model(candidate, quarter, cost[candidate].astype(float), fixed[candidate], rows.matrix(), np.array(upper, dtype=float), budget, len(table))


class _Rows:
    """Sparse rows collected one after another."""

    def __init__(self, width):
        self.width, self.count, self.parts = width, 0, []

    def add(self, columns, value):
        self.count += 1
        self.extend(columns, value)

    def extend(self, columns, value):
        self.parts.append((np.full(len(columns), self.count - 1), columns, np.full(len(columns), value)))

    def matrix(self):
        if not self.parts:
            return sparse.csr_array((0, self.width))
        row, column, data = (np.concatenate(part) for part in zip(*self.parts))
        return sparse.csr_array((data, (row, column)), shape=(self.count, self.width))
