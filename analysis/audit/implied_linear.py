"""Masked values behind an announcement for weighted means: mixed-integer linear-fractional programmes.

:class:`analysis.audit.masked_linear.LinearModel` makes every total linear in variables in
which a masked value is the ratio x = (z + v)/u. An announced score adds |total − score| ≤
tolerance; an announced rank says how many rivals are ahead, one binary per undecided pair,
between totals that are rounded first where the case rounds (one integer per district). The
least and the greatest ratio over that set come from Dinkelbach's method: minimise (z + v) − t·u,
put t at the ratio found, repeat until the minimum is zero. Each end is sought twice: with
the conditions relaxed by the solver's tolerance (nothing outside agrees), and tightened by
it with the values put through the assessment (this value does agree).

Source: W. Dinkelbach, On nonlinear fractional programming, Management Science 13 (1967).
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from .masked_linear import SLACK, LinearModel
from .masked_problem import Masked, rank_range
from .masked_scores import totals

_ROUNDS = 40
_SETTLED = 1e-9
# HiGHS lets conditions be violated by 1e-6: never cuts off a point that agrees, but may find one that does not.
_RELAXED, _TIGHT = 1e-7, -1.5e-6


class Announced:
    """The linear model with an announcement's conditions.

    scores, ranks : (n,) announced totals and ranks, NaN where not announced.
    margin : points by which the conditions are relaxed (positive) or tightened (negative).
    """

    def __init__(self, p: Masked, model: LinearModel, scores, ranks, tolerance: float, margin: float):
        self.p, self.model = p, model
        self.low, self.high, self.whole = list(model.lower), list(model.upper), [bool(w) for w in model.whole]
        self.rows = [(dict(row), *limits) for row, limits in zip(model.rows, model.limits)]
        bottom, top = (ends[0] for ends in totals(p, p.low[None], p.high[None]))
        for d in np.flatnonzero(~np.isnan(scores)):
            gap = scores[d] - model.constant[d]
            self.rows.append((self._total(d), gap - tolerance - margin, gap + tolerance + margin))
        placed = np.flatnonzero(~np.isnan(ranks) & (p.ranking >= 0))
        self.rounded = self._rounding(placed, bottom, top, margin) if p.base.decimals is not None else None
        best, worst = (ends[0] for ends in rank_range(p, bottom[None], top[None]))
        self.possible = bool(((best[placed] <= ranks[placed]) & (ranks[placed] <= worst[placed])).all())
        for d in placed:
            if best[d] < worst[d]:
                self._rank(d, ranks[d], bottom, top, margin)

    def _total(self, d, factor=1.0):
        return {int(k): factor * self.model.slope[d, k] for k in np.flatnonzero(self.model.slope[d])}

    def _variable(self, low, high):
        self.low.append(low), self.high.append(high), self.whole.append(True)
        return len(self.low) - 1

    def _rounding(self, placed, bottom, top, margin):
        """One integer per district that takes part in a comparison: its total in units of the last place."""
        scale, whole = 10.0 ** self.p.base.decimals, {}
        for d in np.flatnonzero(np.isin(self.p.ranking, self.p.ranking[placed])):
            whole[d] = self._variable(np.floor(bottom[d] * scale + 0.5 - 1e-6) - 1, np.floor(top[d] * scale + 0.5 + 1e-6) + 1)
            row = self._total(d)
            row[whole[d]] = -1.0 / scale
            self.rows.append((row, -0.5 / scale - margin - self.model.constant[d], 0.5 / scale + margin - self.model.constant[d]))
        return whole

    def _rank(self, d, rank, bottom, top, margin):
        p = self.p
        rivals = np.flatnonzero((p.ranking == p.ranking[d]) & (np.arange(len(p.codes)) != d))
        strict, loose = {"同位": (1.0, 0.0), "顺延": (0.0, 1.0), "平均": (0.5, 0.5)}[p.base.ties]
        count, sure = {}, 0.0
        for e in rivals:
            if p.twins[d, e]:
                sure += loose
                continue
            for weight, ties_count in ((strict, False), (loose, True)):
                if weight:
                    k = self._pair(d, e, ties_count, bottom, top, margin)
                    count[k] = count.get(k, 0.0) + weight
        self.rows.append((count, rank - 1 - sure - 1e-6, rank - 1 - sure + 1e-6))

    def _pair(self, d, e, ties_count, bottom, top, margin):
        """A binary that is 1 if e is ahead of d (or level with it, where ties count), else 0."""
        k = self._variable(0, 1)
        if self.rounded is not None:
            lead, step = {self.rounded[e]: 1.0, self.rounded[d]: -1.0}, 1.0
            reach = self.high[self.rounded[e]] - self.low[self.rounded[d]], self.high[self.rounded[d]] - self.low[self.rounded[e]]
            constant, ahead, behind = 0.0, 0.0 if ties_count else step, -step if ties_count else 0.0
        else:
            lead = self._total(e)
            for j, value in self._total(d, -1.0).items():
                lead[j] = lead.get(j, 0.0) + value
            constant = self.model.constant[e] - self.model.constant[d]
            reach = max(top[e] - bottom[d], 0.0), max(top[d] - bottom[e], 0.0)
            # Without rounding, level and ahead differ by nothing that a solver can see: the margin decides.
            ahead, behind = -margin, margin
        most, least = reach[0] + abs(behind) + 1.0, reach[1] + abs(ahead) + 1.0
        self.rows.append(({**lead, k: -least}, ahead - least - constant, np.inf))
        self.rows.append(({**lead, k: -most}, -np.inf, behind - constant))
        return k

    def least(self, goal: dict, time_limit: float):
        """Least value of a linear goal: (lower bound, solution), or None where nothing agrees."""
        cost = np.zeros(len(self.low))
        for k, factor in goal.items():
            cost[k] += factor
        table = np.zeros((len(self.rows), len(self.low)))
        for i, (row, _, _) in enumerate(self.rows):
            table[i, list(row)] = list(row.values())
        limits = [LinearConstraint(table, [a for _, a, _ in self.rows], [b for _, _, b in self.rows])] if self.rows else []
        found = milp(cost, constraints=limits, bounds=Bounds(self.low, self.high),
                     integrality=np.array(self.whole, float), options={"time_limit": time_limit, "mip_rel_gap": 0.0})
        if found.status == 2:
            return None
        bound = found.mip_dual_bound if any(self.whole) else found.fun
        return bound if bound is not None and np.isfinite(bound) else -np.inf, found.x


def monotone(p: Masked, model: LinearModel) -> bool:
    """Whether every masked value can be read off its variable (适度 straddling its target cannot)."""
    for kind, c, _, how, _ in model.blocks:
        back = how[3] if kind == "relative" else None
        moderate = p.row(p.column[c])["direction"] == "适度"
        if moderate and (back is None or p.low[c] < back < p.high[c]):
            return False
    return True


def furthest(p: Masked, model: LinearModel, cell: int, side: float, scores, ranks, tolerance: float, agrees, time_limit: float = 10.0):
    """(outer, inner) end of one cell's values: the least for side 1, the greatest for −1.

    agrees : function of values (1, m) saying whether the assessment gives the announcement.
    (None, None) where no value at all agrees; inner is None where none was found to.
    """
    block = next(b for b in model.blocks if b[1] == cell)
    outer = _end(Announced(p, model, scores, ranks, tolerance, _RELAXED), block, side, time_limit)
    if outer is None:
        return None, None
    found = _end(Announced(p, model, scores, ranks, tolerance, _TIGHT), block, side, time_limit)
    return _value(p, block, outer[0], side, SLACK), None if found is None else _witness(p, model, block, side, found, agrees)


def _witness(p, model, block, side, found, agrees):
    """The furthest of the values found that the assessment itself confirms."""
    end, solutions = found
    for solution in reversed(solutions):
        values = model._values(solution[:model.count])
        further = values.copy()
        further[block[1]] = _value(p, block, end, side, 0.0)
        for trial in (further, values):
            if agrees(trial[None]):
                return trial[block[1]]
    return None


def _end(announced: Announced, block, side, time_limit):
    """Bound of the cell's variable (ratio or score) at one end, with the solutions on the way."""
    kind, c, where, how, rising = block
    if not announced.possible:
        return None
    if kind == "own":
        up = side if rising else -side
        found = announced.least({where: up}, time_limit)
        return None if found is None else (up * found[0], [] if found[1] is None else [found[1]])
    z, u, v = where
    up = side if _ascends(announced.p, block) else -side
    solutions, t = [], None
    for _ in range(_ROUNDS):
        found = announced.least({u: 1.0} if t is None else {z: up, v: up, u: -up * t}, time_limit)
        if found is None:
            return None
        bound, x = found
        if x is None:
            return -up * np.inf, solutions
        solutions.append(x)
        ratio = (x[z] + x[v]) / x[u]
        if t is not None and (bound >= -_SETTLED or up * (t - ratio) <= _SETTLED):
            return t - up * max(-bound, 0.0) / announced.low[u], solutions
        t = ratio
    return t - up * max(-bound, 0.0) / announced.low[u], solutions


def _ascends(p, block):
    """Whether the masked value rises with its ratio: below a 适度 target it falls."""
    back = block[3][3]
    return back is None or p.low[block[1]] >= back


def _value(p, block, end, side, slack):
    """The furthest masked value whose ratio or score reaches ``end``, give or take ``slack`` points."""
    kind, c, _, how, rising = block
    a, b = p.low[c], p.high[c]
    if not np.isfinite(end):
        return a if side > 0 else b
    if kind == "own":
        outward = end + (slack if side < 0 else -slack) * (1 if rising else -1)
        # Capped scores are flat in places, so the furthest value must be looked for, not any.
        for _ in range(80):
            middle = (a + b) / 2
            short = how(middle) < outward if rising == (side > 0) else how(middle) > outward
            if side > 0:
                a, b = (middle, b) if short else (a, middle)
            else:
                a, b = (a, middle) if short else (middle, b)
        ends = (p.low[c], b) if side > 0 else (p.high[c], a)
        reached = how(ends[0]) >= outward if rising == (side > 0) else how(ends[0]) <= outward
        return ends[0] if reached else ends[1]
    start, width, logged, back = how
    value = start + width * end
    value = np.exp(value) if logged else value
    if back is not None:
        value = back + value if _ascends(p, block) else back - value
    return float(np.clip(value, p.low[c], p.high[c]))
