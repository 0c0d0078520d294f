"""What-if: the whole assessment again with one value of one district changed.

Only the changed indicator's column and the nodes above it can move, so only they are
computed again, for many candidate values at once. Bounds, best values and means taken
from the data move with the candidate, and so do the other districts' scores.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..aggregation import FUNCTIONS, POSITIVE_ONLY
from ..assessment import Assessment
from ..params import AssessmentError
from ..ranking import round_half_up
from ..scoring import floor_score, score
from .peers import NOISE, require_district

_BLOCK_CELLS = 2_000_000


class Rescorer:
    """Totals and ranks of a district after changes of one indicator.

    Parameters
    ----------
    assessment : the result to start from; a masked value with bounds stays at its midpoint.
    home : the district whose values change.
    adjustments : the table given to :func:`analysis.assessment.assess` (district, node,
        points, kind), needed only where there is a 否决: from the assessment alone a veto
        cannot be told from a deduction of fixed size, and would be taken for one.
    """

    def __init__(self, assessment: Assessment, home: str, adjustments: pd.DataFrame | None = None):
        self.assessment, self.home = assessment, home
        require_district(assessment, home)
        if pd.isna(assessment.total[home]):
            raise AssessmentError(f"{home}的总分含未公开数值，无法计算，不能测算提升效果")
        tree = assessment.tree
        self._row = assessment.scores.index.get_loc(home)
        self._base, self._gone = assessment.scores.to_numpy(), assessment.left_out.to_numpy()
        self._added = assessment.adjustments.to_numpy()
        self._veto = np.zeros(self._added.shape, bool)
        for row in [] if adjustments is None else adjustments.to_dict("records"):
            if (row.get("kind") or "") == "否决":
                self._veto[assessment.scores.index.get_loc(row["district"]), tree.nodes.index.get_loc(row["node"])] = True
        self._groups = assessment.groups.to_numpy()
        self._peers = (self._groups == self._groups[self._row]) & assessment.total.notna().to_numpy()
        self._rules: dict[str, tuple[dict, np.ndarray]] = {}
        self._step_over = {int(c): step for step in tree.steps for c in step.children}
        self.rank_now = float(assessment.ranks.at[home, tree.root])

    def levers(self) -> list[str]:
        """Indicators that count in the total and whose value of home is known."""
        nodes = self.assessment.tree.nodes
        known = self.assessment.treated.loc[self.home].notna()
        return [c for c in self.assessment.tree.leaves if nodes.at[c, "global_weight"] > 0 and known[c]]

    def totals(self, indicator: str, values) -> np.ndarray:
        """Totals (m, districts) when home's value of the indicator is each of ``values`` (m,).

        The indicator is scored again for all districts, 缺失处理 is applied again, and the
        nodes above it are aggregated again.
        """
        values = np.atleast_1d(np.asarray(values, dtype=float))
        treated = self.assessment.treated[indicator].to_numpy()
        block, parts = max(1, _BLOCK_CELLS // len(treated) ** 2), []
        for start in range(0, len(values), block):
            x = np.repeat(treated[None, :], len(values[start:start + block]), axis=0)
            x[:, self._row] = values[start:start + block]
            parts.append(self.totals_of_scores(indicator, self._marks(indicator, x)))
        return np.concatenate(parts)

    def totals_of_scores(self, indicator: str, marks: np.ndarray) -> np.ndarray:
        """Totals (m, districts) when the indicator's scores are ``marks`` (m, districts).

        NaN where a geometric or harmonic mean meets a score that is not positive.
        """
        node = int(self.assessment.tree.position([indicator])[0])
        current = self._settle(node, marks)
        while node in self._step_over:
            step = self._step_over[node]
            s = np.repeat(self._base[None, :, step.children], len(current), axis=0)
            s[:, :, list(step.children).index(node)] = current
            current = self._settle(step.node, self._combine(step, s))
            node = step.node
        return current

    def together(self, changes: dict[str, float]) -> np.ndarray:
        """Totals (1, districts) when home's values of several indicators change at once.

        changes : indicator code -> home's new value, in the indicator's unit.
        """
        s = self._base[None].copy()
        for code, value in changes.items():
            x = self.assessment.treated[code].to_numpy()[None].copy()
            x[0, self._row] = value
            node = int(self.assessment.tree.position([code])[0])
            s[:, :, node] = self._settle(node, self._marks(code, x))
        for step in self.assessment.tree.steps:
            s[:, :, step.node] = self._settle(step.node, self._combine(step, s[:, :, step.children]))
        return s[:, :, 0]

    def level(self, totals: np.ndarray) -> np.ndarray:
        """Which districts of the group (m, districts) share home's total after rounding, home left out."""
        rounded = self._rounded(totals)
        same = (rounded == rounded[:, [self._row]]) & self._peers
        same[:, self._row] = False
        return same

    def ranks(self, totals: np.ndarray) -> np.ndarray:
        """Home's rank in its group for each row of totals, by the case's own rule for ties.

        NaN where a total that was known became unknown: no rank from nothing.
        """
        # Districts to the front: sums over a short last axis are slow.
        rounded = self._rounded(np.ascontiguousarray(totals.T))
        own, peers = rounded[self._row], rounded[self._peers]
        above, level = (peers > own).sum(0), (peers == own).sum(0)
        if self.assessment.ties == "紧凑":
            places = 1.0 + np.array([len(np.unique(row[row > mine])) for row, mine in zip(peers.T, own)])
        else:
            places = {"同位": above + 1.0, "顺延": above + 1.0 * level, "平均": above + (level + 1) / 2}[self.assessment.ties]
        return np.where(np.isnan(peers).any(0), np.nan, places)

    def margin(self, totals: np.ndarray, rival: str) -> np.ndarray:
        """Home's total minus a rival's for each row of totals."""
        return totals[:, self._row] - totals[:, self.assessment.scores.index.get_loc(rival)]

    def gain(self, totals: np.ndarray) -> np.ndarray:
        """Points that home's own total gains for each row of totals."""
        return totals[:, self._row] - self._base[self._row, 0]

    def _rounded(self, totals):
        decimals = self.assessment.decimals
        return round_half_up(totals, NOISE if decimals is None else decimals)

    def _combine(self, step, s):
        gone = self._gone[:, step.children]
        if step.aggregation in POSITIVE_ONLY:
            # The assessment refuses such scores; here the candidate is unknown instead.
            s = np.where((s <= 0) & ~gone & (step.weights > 0), np.nan, s)
        return FUNCTIONS[step.aggregation](s, step.weights, gone)

    def _settle(self, node, marks):
        marks = marks + self._added[:, node] if self._added[:, node].any() else marks
        return np.where(self._veto[:, node], self._base[:, node], marks) if self._veto[:, node].any() else marks

    def _marks(self, indicator, x):
        if indicator not in self._rules:
            # Thousands of calls ask for the same few rows.
            self._rules[indicator] = dict(self.assessment.tree.nodes.loc[indicator]), self.assessment.masked[indicator].to_numpy()
        row, hidden = self._rules[indicator]
        marks = score(x, row["method"], row["settings"], row["direction"] or "正向", self._groups, row["name"])
        absent = np.isnan(x[0]) & ~hidden
        if absent.any() and row["missing"] == "最低分":
            floor = floor_score(row["method"], row["settings"])
            marks[:, absent] = np.nanmin(marks, axis=1, keepdims=True) if floor is None else floor
        elif absent.any() and row["missing"] == "组均值":
            known = ~np.isnan(marks[0])
            for j in np.flatnonzero(absent):
                mates = known & (self._groups == self._groups[j])
                marks[:, j] = marks[:, mates if mates.any() else known].mean(1)
        return marks
