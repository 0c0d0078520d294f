"""Weights from results: which weights, if any, give the announced scores and ranks.

Districts are often told the parts and the total but not the weights. With X (unit ×
part) and y (announced totals) the weights w ≥ 0, Σw = 1 are sought such that

    (a)  max|y − Xw| is least            a linear programme
    (b)  ‖y − Xw‖² is least              non-negative least squares with a sum row
    (c)  |y − Xw| ≤ tolerance            for each weight its least and greatest value
    (d)  the order of Xw is the announced order, or as few pairs as possible disagree

Parts are rounded too: a part off by at most q moves Xw by at most q, because the weights
sum to one, and each unit's parts may be off independently; so allowing for it is exactly
the tolerance widened by q (``part_tolerance``).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import Bounds, LinearConstraint, linprog, milp, nnls

from ..params import AssessmentError

# Points by which one score must lead another for their order to count as given.
MARGIN = 1e-4
_SOLVER = 1e-7


@dataclass(frozen=True)
class RecoveredWeights:
    """Weights compatible with an announcement.

    weights : part × (least_largest, least_squares, low, high), shares of 1; low and high
        enclose every weight vector that leaves at most ``range_tolerance``.
    differences : unit × (announced, least_largest, least_squares), the last two being
        announced minus rebuilt, points.
    largest_difference : least possible largest difference, points.
    tolerance : points of rounding allowed (of totals and parts together).
    range_tolerance : the tolerance behind low and high: ``tolerance`` where some weights
        keep it, else the largest difference left plus ``tolerance``.
    explains_scores : whether any weights give every announced score to ``tolerance``.
    explains_ranks : whether any weights give the announced order; None without ranks or
        where the time limit left it open.
    violated_pairs : fewest pairs found in the wrong order under any weights (None without
        ranks); ``violated_at_least`` is the proven lower bound.
    pairs : number of pairs compared.
    rank_weights : part -> weights with so few violations; None without ranks.
    left_out : units that could not be used, a part or the total being unknown.
    part_tolerance : the share of ``tolerance`` that is owed to the rounding of the parts.
    """

    weights: pd.DataFrame
    differences: pd.DataFrame
    largest_difference: float
    tolerance: float
    range_tolerance: float
    explains_scores: bool
    explains_ranks: bool | None
    violated_pairs: int | None
    violated_at_least: int | None
    pairs: int
    rank_weights: pd.Series | None
    left_out: tuple[str, ...]
    part_tolerance: float = 0.0

    @property
    def determined(self) -> bool:
        """Whether the data leave every weight less than one percentage point of room."""
        return bool((self.weights["high"] - self.weights["low"]).max() < 0.01)

    @property
    def verdict(self) -> str:
        """The findings in Chinese sentences."""
        largest, n = f"{self.largest_difference:.4f}", len(self.differences)
        room = 100 * (self.weights["high"] - self.weights["low"]).max()
        error = f"±{self.tolerance:g} 分的舍入误差"
        if self.part_tolerance:
            error += f"（总分 ±{self.tolerance - self.part_tolerance:g}、分项 ±{self.part_tolerance:g}）"
        if self.explains_scores:
            text = [f"有权重能在 {error}内还原全部 {n} 个公布得分，剩余最大差 {largest} 分",
                    f"各权重的可能范围最宽 {room:.2f} 个百分点" + ("" if self.determined else "，公布的数据还不足以确定权重")]
        else:
            where = _label(self.differences["least_largest"].abs().idxmax())
            where = " " + where if where[0].isdigit() else where
            text = [f"没有任何权重能在 {error}内还原公布得分：最接近的权重仍差 {largest} 分（如{where}）",
                    "单靠权重解释不了，可能另有加减分、未公开的分项、各年不同的权重，或合成方法不是加权平均"]
        if self.explains_ranks:
            text.append("有权重能给出公布的位次")
        elif self.pairs:
            least, most = self.violated_at_least, self.violated_pairs
            count = f"至少有 {least} 对相反" if least == most else f"最少相反的对数在 {least} 至 {most} 之间（限时内未能证明到底）"
            lead = "没有任何权重能给出公布的位次" if self.explains_ranks is False else "限时内未能判定有无权重能给出公布的位次"
            text.append(f"{lead}：{self.pairs} 对先后中{count}")
        if self.left_out:
            text.append(f"{'、'.join(self.left_out)}有分项或总分不详，未参与推算")
        return "；".join(text) + "。"


def recover_weights(parts: pd.DataFrame, totals: pd.Series, *, ranks: pd.Series | None = None,
                    groups: pd.Series | None = None, tolerance: float = 0.005, part_tolerance: float = 0.0,
                    time_limit: float = 20.0) -> RecoveredWeights:
    """Recover the weights of a weighted mean from published parts and totals.

    Parameters
    ----------
    parts : unit × part, points. The unit may be a district or (year, district).
    totals : unit -> announced total, points.
    ranks : unit -> announced rank (1 = best; equal ranks are ties); NaN = not announced.
    groups : unit -> ranking group (a year, for instance); ranks are compared inside one.
    tolerance : points by which a rounded total may be off (0.005 for two decimals).
    part_tolerance : points by which each part may be off through rounding.
    time_limit : seconds for counting violated pairs when no weights give the order.

    Raises
    ------
    AssessmentError when nothing can be compared or a tolerance is negative.
    """
    if tolerance < 0 or part_tolerance < 0:
        raise AssessmentError("推算权重的容差不能为负")
    if parts.shape[1] == 0:
        raise AssessmentError("没有分项得分，无法推算权重")
    if parts.index.has_duplicates or totals.index.has_duplicates:
        raise AssessmentError("分项得分或总分里有重复的区县，无法推算权重")
    totals = totals.reindex(parts.index)
    usable = parts.notna().all(axis=1) & totals.notna()
    if not usable.any():
        raise AssessmentError("没有一个区县的分项得分和总分都已公布，无法推算权重")
    x, y, names = parts[usable].to_numpy(float), totals[usable].to_numpy(float), parts.columns
    slack = tolerance + part_tolerance
    minimax, largest = least_largest_difference(x, y)
    squares = least_squares(x, y)
    explained = largest <= slack + _SOLVER
    room = slack if explained else largest + slack
    low, high = weight_range(x, y, room + 2 * _SOLVER)
    table = pd.DataFrame({"least_largest": minimax, "least_squares": squares, "low": low, "high": high}, index=names)
    gaps = pd.DataFrame({"announced": y, "least_largest": y - x @ minimax, "least_squares": y - x @ squares}, index=parts.index[usable])
    *order, found = _order(x, ranks, groups, parts.index[usable], tolerance, part_tolerance, time_limit)
    return RecoveredWeights(table, gaps, largest, slack, room, explained, *order,
                            None if found is None else pd.Series(found, names), tuple(_label(u) for u in parts.index[~usable]), part_tolerance)


def least_largest_difference(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, float]:
    """Weights on the simplex with the least max|y − xw|, and that difference: x (n, k), y (n,)."""
    n, k = x.shape
    ones = np.ones((n, 1))
    found = linprog(np.append(np.zeros(k), 1.0), np.block([[x, -ones], [-x, -ones]]), np.append(y, -y),
                    np.append(np.ones(k), 0.0)[None], [1.0], bounds=[(0, 1)] * k + [(0, None)], method="highs")
    weights = _on_simplex(found.x[:k])
    return weights, float(np.abs(y - x @ weights).max())


def least_squares(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Weights on the simplex with the least ‖y − xw‖.

    With Σw = 1, y − xw = (y·1ᵀ − x)w. Minimising ‖(y1ᵀ − x)v‖² + (1 − Σv)² over v ≥ 0 and
    scaling v to sum 1 gives the exact minimiser: writing v = t·w the first term is t²‖·‖²,
    so whatever t is, the best w is the one sought.
    """
    distance = y[:, None] - x
    spread = max(np.abs(distance).max(), 1e-12)
    system = np.vstack([distance / spread, np.ones(x.shape[1])])
    return _on_simplex(nnls(system, np.append(np.zeros(len(y)), 1.0))[0])


def weight_range(x: np.ndarray, y: np.ndarray, tolerance: float) -> tuple[np.ndarray, np.ndarray]:
    """Least and greatest value of each weight with |y − xw| ≤ tolerance: two programmes a weight."""
    k = x.shape[1]
    rows, limits = np.vstack([x, -x]), np.append(y + tolerance, tolerance - y)
    ends = np.empty((2, k))
    for j in range(k):
        for side, sign in enumerate((1.0, -1.0)):
            found = linprog(sign * np.eye(k)[j], rows, limits, np.ones((1, k)), [1.0], bounds=(0, 1), method="highs")
            if found.status:
                raise AssessmentError(f"容差 {tolerance:g} 分内没有可行的权重，无法给出权重范围")
            ends[side, j] = found.x[j]
    return np.clip(ends[0], 0, 1), np.clip(ends[1], 0, 1)


def _label(unit):
    if not isinstance(unit, tuple):
        return str(unit)
    return " ".join(f"{part} 年" if isinstance(part, (int, np.integer)) else str(part) for part in unit).replace("年 ", "年")


def _on_simplex(weights):
    weights = np.maximum(weights, 0.0)
    return weights / weights.sum()


def _order(x, ranks, groups, units, tolerance, part_tolerance, time_limit):
    """(explains, violated, at least, pairs, weights) for the announced order.

    Scores s stand beside w with |s − xw| ≤ part_tolerance. A pair announced in order
    needs s_i − s_j ≥ MARGIN, an announced tie |s_i − s_j| ≤ 2·tolerance; a binary per
    pair lifts its condition at the cost of one violation.
    """
    if ranks is None:
        return None, None, None, 0, None
    places = ranks.reindex(units).to_numpy(float)
    inside = np.zeros(len(x), int) if groups is None else pd.factorize(groups.reindex(units))[0]
    together = inside[:, None] == inside[None]
    ahead = np.argwhere((places[:, None] < places[None]) & together)
    equal = np.argwhere(np.triu((places[:, None] == places[None]) & together, 1))
    pairs = len(ahead) + len(equal)
    if not pairs:
        return None, None, None, 0, None
    n, k = x.shape
    i = np.concatenate([ahead[:, 0], equal[:, 0], equal[:, 1]])
    j = np.concatenate([ahead[:, 1], equal[:, 1], equal[:, 0]])
    owner = np.concatenate([np.arange(pairs), np.arange(len(ahead), pairs)])
    least = np.where(np.arange(len(i)) < len(ahead), MARGIN, -2 * tolerance)
    rows = np.zeros((len(i), k + n + pairs))
    at = np.arange(len(i))
    rows[at, k + i], rows[at, k + j] = 1.0, -1.0
    rows[at, k + n + owner] = np.maximum(least + (x[j] - x[i]).max(1) + 2 * part_tolerance, 0.0)
    limits = [LinearConstraint(np.hstack([-x, np.eye(n), np.zeros((n, pairs))]), -part_tolerance, part_tolerance),
              LinearConstraint(rows, least, np.inf),
              LinearConstraint(np.append(np.ones(k), np.zeros(n + pairs))[None], 1, 1)]
    goal = np.append(np.zeros(k + n), np.ones(pairs))
    lower = np.concatenate([np.zeros(k), np.full(n, -np.inf), np.zeros(pairs)])

    def solve(most):
        upper = np.concatenate([np.ones(k), np.full(n, np.inf), np.full(pairs, most)])
        return milp(goal, constraints=limits, bounds=Bounds(lower, upper), options={"time_limit": time_limit},
                    integrality=np.append(np.zeros(k + n), np.full(pairs, most)))

    plain = solve(0.0)
    if plain.x is not None:
        return True, 0, 0, pairs, _on_simplex(plain.x[:k])
    best, open_ = solve(1.0), plain.status != 2
    proven = max(0 if open_ else 1, int(np.ceil((best.mip_dual_bound or 0.0) - 1e-6)))
    if best.x is None:
        return None if open_ else False, pairs, proven, pairs, None
    most = round(float(best.fun))
    return (None if open_ and not proven else False), most, min(proven, most), pairs, _on_simplex(best.x[:k])
