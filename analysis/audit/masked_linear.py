"""Exact best and worst ranks under masked values for weighted means: mixed-integer programmes.

Min–max on data bounds looks non-linear, because a masked value may itself be the least or
the greatest. It is not, in the right variables (Charnes and Cooper). For one indicator
let m and M be its least and greatest value and put

    u = 1/(M − m) > 0,    v = m·u,    z_i = (x_i − m)/(M − m).

Then z_i = x_i·u − v for a known value, and l_i·u − v ≤ z_i ≤ h_i·u − v for a masked value
in [l_i, h_i]; all z lie in [0, 1], one of them is 0 and one is 1. Conversely, every (u, v,
z) with these properties comes from values in the intervals: x_i = (z_i + v)/u, whose least
is v/u and whose greatest is (1 + v)/u. So the attainable scores are exactly a polyhedron
with two disjunctions (who is least, who is greatest: one binary per candidate), whatever
the number of masked cells. Methods that look only at a unit's own value and are continuous
make its score range over an interval. With weighted means every total is then linear, and
the number of districts ahead is a sum of binaries: the greatest and the least number are
two small programmes per district.

The solver works to about 1e-6. Conditions are therefore relaxed by SLACK, so that its bound
stays valid, and the values it finds are put through the assessment itself: a rank counts
as attained only there.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from ..params import methods
from ..scoring import floor_score, score
from .masked_problem import Masked, depends_on_others
from .masked_scores import climb

SLACK = 2e-6
_OWN = {"min_max", "efficacy", "exponential_efficacy", "completion", "distance_to_target", "direct"}


class LinearModel:
    """Totals of all districts as linear functions of variables in a polyhedron.

    ``usable`` is False where the scheme or a method is outside the class described above.
    Variables: per indicator and scoring group u, v, then one per masked cell (z or score),
    then the binaries choosing least and greatest.
    """

    def __init__(self, p: Masked):
        self.p, self.count, self.rows, self.limits = p, 0, [], []
        self.lower, self.upper, self.whole, self.blocks = [], [], [], []
        self.usable = not p.unbounded.any() and self._weighted_means() and p.base.ties != "紧凑"
        if not self.usable:
            return
        columns = np.unique(p.column)
        bottom = p.static.copy()
        bottom[:, columns] = np.where(np.isnan(bottom[:, columns]), np.nan, 0.0)
        trial = np.repeat(bottom[None], len(columns) + 1, axis=0)
        for t, j in enumerate(columns):
            trial[t + 1, :, j] = np.where(np.isnan(bottom[:, j]), np.nan, 1.0)
        found = climb(p, trial, trial)[0]
        self.constant, weights = found[0].copy(), found[1:] - found[0]
        self.terms: list[tuple[int, int, float]] = []
        for t, j in enumerate(columns):
            self.usable = self.usable and self._indicator(j, weights[t])
        if self.usable:
            self.slope = np.zeros((len(self.constant), self.count))
            for unit, variable, factor in self.terms:
                self.slope[unit, variable] += factor

    def _weighted_means(self):
        tree, p = self.p.base.tree, self.p
        touched = set(tree.position(p.base.raw.columns[np.unique(p.column)]))
        for step in tree.steps:
            if touched & set(step.children):
                touched.add(step.node)
                if step.aggregation not in ("arithmetic", "total"):
                    return False
        return True

    def _variable(self, low, high, whole=False):
        self.lower.append(low), self.upper.append(high), self.whole.append(whole)
        self.count += 1
        return self.count - 1

    def _limit(self, row, low, high):
        self.rows.append(row), self.limits.append((low, high))

    def _indicator(self, j, weight):
        p, row = self.p, self.p.row(j)
        kind, settings = methods()[row["method"]].function, row["settings"]
        x = p.base.treated.to_numpy()[:, j]
        gone = np.isnan(x)
        if gone.any() and row["missing"] != "剔除":
            floor = floor_score(row["method"], settings)
            if row["missing"] != "最低分" or floor is None:
                return False
            self.constant[gone] += weight[gone] * floor
        mine = np.flatnonzero(p.column == j)
        if not depends_on_others(row):
            return kind in _OWN and not (gone.any() and row["missing"] != "剔除") and self._own(row, x, mine, weight)
        if kind not in ("min_max", "efficacy") or settings["下限"] is not None or settings["上限"] is not None:
            return False
        within = settings["范围"] == "组内"
        for group in np.unique(p.codes) if within else [None]:
            inside = ~gone & (p.codes == group if within else True)
            cells = [c for c in mine if inside[p.unit[c]]]
            if not cells:
                marks = score(x, row["method"], settings, row["direction"], p.base.groups.to_numpy(), row["name"])
                self.constant[inside] += weight[inside] * marks[inside]
            elif not self._relative(row, x, inside, cells, weight):
                return False
        return True

    def _own(self, row, x, cells, weight):
        def mark(unit, value):
            trial = x.copy()
            trial[unit] = value
            return score(trial, row["method"], row["settings"], row["direction"], None, row["name"])[unit]

        known = ~np.isnan(x)
        known[self.p.unit[cells]] = False
        self.constant[known] += weight[known] * score(x, row["method"], row["settings"], row["direction"], None, row["name"])[known]
        for c in cells:
            unit, ends = self.p.unit[c], (mark(self.p.unit[c], self.p.low[c]), mark(self.p.unit[c], self.p.high[c]))
            k = self._variable(min(ends), max(ends))
            self.terms.append((unit, k, weight[unit]))
            self.blocks.append(("own", c, k, lambda value, unit=unit: mark(unit, value), ends[0] <= ends[1]))
        return True

    def _relative(self, row, x, inside, cells, weight):
        p, settings = self.p, row["settings"]
        low, high = x.copy(), x.copy()
        low[p.unit[cells]], high[p.unit[cells]] = p.low[cells], p.high[cells]
        back = None
        if row["direction"] == "适度":
            back = settings["目标"]
            away = np.abs(low - back), np.abs(high - back)
            low, high = np.where((low <= back) & (back <= high), 0.0, np.minimum(*away)), np.maximum(*away)
        if settings["对数"]:
            if (low[inside] <= 0).any():
                return False
            low, high = np.log(low), np.log(high)
        start, width = low[inside].min(), high[inside].max() - low[inside].min()
        if width <= 0:
            return False
        low, high = (low - start) / width, (high - start) / width
        span = max(0.0, low[inside].max() - high[inside].min())
        if span < 1e-4:
            return False
        u, v = self._variable(1.0, 1 / span), self._variable(0.0, 1 / span)
        z = {p.unit[c]: self._variable(0.0, 1.0) for c in cells}
        for c in cells:
            k = p.unit[c]
            self._limit({z[k]: 1.0, u: -low[k], v: 1.0}, 0.0, np.inf)
            self._limit({z[k]: 1.0, u: -high[k], v: 1.0}, -np.inf, 0.0)
        known = [k for k in np.flatnonzero(inside) if k not in z]
        position = {k: {z[k]: 1.0} for k in z} | {k: {u: low[k], v: -1.0} for k in known}
        ends = {known[int(np.argmin(low[known]))], known[int(np.argmax(low[known]))]} if known else set()
        for k in ends:
            self._limit(position[k], 0.0, 1.0)
        candidates = list(z) + sorted(ends)
        for bottom, could in ((True, [k for k in candidates if low[k] <= high[inside].min()]),
                              (False, [k for k in candidates if high[k] >= low[inside].max()])):
            chosen = [self._variable(0, 1, True) for _ in could]
            for k, binary in zip(could, chosen):
                sign = 1.0 if bottom else -1.0
                self._limit({**position[k], binary: sign}, -np.inf if bottom else 0.0, 1.0 if bottom else np.inf)
            self._limit(dict.fromkeys(chosen, 1.0), 1.0, np.inf)
        rising = row["direction"] not in ("逆向", "适度")
        step = (settings["满分"] - settings["底分"]) * settings["系数"]
        base = (settings["底分"] if rising else settings["满分"]) * settings["系数"]
        for k in np.flatnonzero(inside):
            self.constant[k] += weight[k] * base
            self.terms += [(k, variable, weight[k] * (step if rising else -step) * a) for variable, a in position[k].items()]
        self.blocks += [("relative", c, (z[p.unit[c]], u, v), (start, width, settings["对数"], back), True) for c in cells]
        return True

    def extreme(self, district, most, rivals, reach, margin=-SLACK, time_limit=10.0):
        """Greatest (most) or least number of ``rivals`` ahead of ``district``.

        rivals : positions; reach : (rivals,) largest amount by which the pair's condition
        can fail; margin : points a rival must lead by (``most``) or the district must not
        be behind by; negative relaxes. Returns (bound, values (m,) or None).
        """
        extra = len(rivals)
        rows, low, high = self._table(extra)
        sign = 1.0 if most else -1.0
        for t, rival in enumerate(rivals):
            row = np.append(sign * (self.slope[rival] - self.slope[district]), np.zeros(extra))
            gap = sign * (self.constant[rival] - self.constant[district])
            big = reach[t] + max(margin, 0.0) + 1e-3
            # most: the pair holds unless its binary is 0; least: unless its binary is 1.
            row[self.count + t] = -big if most else big
            rows.append(row), low.append(margin - gap - (big if most else 0.0)), high.append(np.inf)
        goal = np.append(np.zeros(self.count), np.full(extra, -sign))
        found = milp(goal, constraints=LinearConstraint(np.array(rows), low, high),
                     bounds=Bounds(np.append(self.lower, np.zeros(extra)), np.append(self.upper, np.ones(extra))),
                     integrality=np.append(np.array(self.whole, float), np.ones(extra)), options={"time_limit": time_limit})
        bound = found.mip_dual_bound
        if bound is None or not np.isfinite(bound):
            bound = -float(extra) if most else 0.0
        bound = int(np.floor(-bound + 1e-4)) if most else int(np.ceil(bound - 1e-4))
        return bound, None if found.x is None else self._values(found.x)

    def _table(self, extra):
        rows = []
        for row in self.rows:
            full = np.zeros(self.count + extra)
            for variable, factor in row.items():
                full[variable] += factor
            rows.append(full)
        return rows, [a for a, _ in self.limits], [b for _, b in self.limits]

    def _values(self, solution):
        """Values of the masked cells behind a point of the polyhedron."""
        p, values = self.p, (self.p.low + self.p.high) / 2
        for kind, c, where, how, rising in self.blocks:
            if kind == "own":
                a, b = p.low[c], p.high[c]
                for _ in range(60):
                    middle = (a + b) / 2
                    a, b = (middle, b) if (how(middle) < solution[where]) == rising else (a, middle)
                values[c] = b if rising else a
                continue
            z, u, v = (solution[k] for k in where)
            start, width, logged, back = how
            value = start + width * (z + v) / u
            value = np.exp(value) if logged else value
            if back is not None:
                value = next((x for x in (back + value, back - value) if p.low[c] <= x <= p.high[c]), back + value)
            values[c] = value
        values = np.clip(values, p.low, p.high)
        near = 1e-7 * np.maximum(p.high - p.low, 1e-12)
        return np.where(values - p.low < near, p.low, np.where(p.high - values < near, p.high, values))
