"""The limits of a plan as a programme in yes-or-no variables.

One binary variable for every candidate and quarter in which it could be applied for; a single
quarter, the earliest, where no quarterly capacity bounds its town.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from scipy import sparse

from .candidates import parents_first
from .limits import Limits
from .solver import INF, Need, Space, exact, relaxed, whole

_EARLY = 1e-6  # of the mean cost a quarter: equal plans begin early, no other plan is preferred for it
_ANSWERS = 500  # answers kept
_LIFTS = 3  # turns of the whole programme until its line gives what the curves must,
_WITHIN = 0.25  # up to this part of what a middling application is worth


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
    _answers: dict = field(init=False, default_factory=dict, repr=False, compare=False)
    _spaces: dict = field(init=False, default_factory=dict, repr=False, compare=False)

    def cheapest(self, need: Need, relax: bool = False) -> np.ndarray | None:
        """Slots x of the least cost that meet a need, or None where none are found. relax : without whole numbers."""
        return self._once(("cheapest", relax), need, lambda: self._cheapest(need, relax))

    def _cheapest(self, need, relax):
        price, space = self._price(), self._space(self.budget)
        near = relaxed(space, price, 0.0, need)
        if near is None or relax:
            return None if near is None else near.x
        worth, start = need.line(near.weights)
        least, x = need.least - start, None
        enough = _WITHIN * float(np.median(worth[worth > 0])) if (worth > 0).any() else 0.0
        for _ in range(_LIFTS):
            found = whole(space.with_rows(worth, least), price, near)
            if found is None:
                return x
            # The line lies above the curves: what it promises too much is asked for on top.
            x, lacking = found, need.lacking(found)
            if lacking <= enough:
                break
            least += lacking
        return x

    def cheapest_beyond(self, cuts: list[np.ndarray]) -> tuple[np.ndarray | None, bool]:
        """Slots x of the least cost within the limits, to optimality, and whether that is certain (None: there are none).

        cuts : sets of candidates (bool) of which at least one must be chosen.
        """
        space = self._space(self.budget)
        if cuts:
            space = space.with_rows(np.array([cut[self.candidate] for cut in cuts], dtype=float), np.ones(len(cuts)))
        return exact(space, self._price())

    def most(self, need: Need, budget: float | None = None, relax: bool = False) -> np.ndarray | None:
        """Slots x of the most points within the limits and the budget given (that of the limits by default)."""
        return self._once(("most", budget, relax), need, lambda: self._most(need, budget, relax))

    def _once(self, what, need, find):
        """A programme's answer; searches for several ranks and budgets ask some of them again."""
        key = *what, need.key
        if key not in self._answers:
            if len(self._answers) > _ANSWERS:
                self._answers.clear()
            self._answers[key] = find()
        found = self._answers[key]
        return None if found is None else found.copy()

    def _most(self, need, budget, relax):
        space = self._space(self.budget if budget is None else min(budget, self.budget))
        # Among equals the cheaper: a worthless application is not made.
        cheap = 1e-6 * self.cost / (self.cost.sum() or 1.0)
        near = relaxed(space, need.penalty + cheap, -1.0, replace(need, least=-INF))
        if near is None or relax:
            return None if near is None else near.x
        worth, _ = need.line(near.weights)
        return whole(space, cheap - worth, near)

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

    def _price(self):
        early = _EARLY * (self.cost.mean() or 1.0)
        return self.cost + early * (self.quarter - self.quarter.min())

    def _space(self, budget):
        """The limits with a budget; kept, as a search asks for the same one hundreds of times."""
        if budget not in self._spaces:
            self._spaces[budget] = self._space_of(budget)
        return self._spaces[budget]

    def _space_of(self, budget):
        space = Space(self.rows, np.full(len(self.upper), -INF), self.upper, self.fixed.astype(float), np.ones(len(self.cost)))
        return space if budget == INF else space.with_rows(self.cost, -INF, budget + 1e-9)


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
