"""Best and worst possible rank of every district when values are ``**`` but bounded.

Two methods, neither of them sampling:

* weighted means over indicators scored by min–max or by the own value alone: one
  mixed-integer programme per district and side (:mod:`analysis.audit.masked_linear`);
* everything else: branch and bound. The box of the masked values is split; interval bounds
  of all totals over a part (:mod:`analysis.audit.masked_scores`) bound all ranks there. A
  part is dropped once no district can do better or worse there than at a point already
  evaluated. What remains at the node limit states the gap.

A rank counts as possible only if the assessment gives it at concrete values, which are
returned. ``proven`` means that the bound and such a witness meet.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..assessment import assess_case
from ..params import AssessmentError
from .implied import implied_by_node, implied_values
from .masked_linear import SLACK, LinearModel
from .masked_problem import Masked, build, levels, rank_range, ranks_at, split
from .masked_scores import totals
from .rank_limits import limits_from_ranks

__all__ = ["RankBounds", "case_inputs", "implied_by_node", "implied_values", "rank_bounds", "rank_bounds_case", "rank_bounds_or_reason"]

NODE_LIMIT = 40_000
_BATCH = 128
_STRICT = 1e-5


@dataclass(frozen=True)
class RankBounds:
    """Possible ranks under masked values.

    table : one row per district: district, group, rank_low (best), rank_high (worst): no
        values in the intervals give a rank outside them; attained_low, attained_high:
        ranks that the witnesses do give; proven: both meet; gap: places by which the
        bounds may be too wide, (attained_low − rank_low) + (rank_high − attained_high);
        note: why a district is unbounded or unproven, in Chinese.
    witness_low, witness_high : district × (district, indicator) values of the masked cells
        giving attained_low and attained_high.
    cells : district, indicator, low, high of every bounded masked value.
    nodes : parts examined by branch and bound (0: not needed).
    refused : why no bounds can be given at all, in Chinese; the table is then empty.
    """

    table: pd.DataFrame
    witness_low: pd.DataFrame
    witness_high: pd.DataFrame
    cells: pd.DataFrame
    nodes: int
    refused: str = ""

    @property
    def proven(self) -> bool:
        return not self.refused and bool(self.table["proven"].all())

    @property
    def verdict(self) -> str:
        """The result in Chinese sentences."""
        if self.refused:
            return f"未公开数值对位次的影响无法求界：{self.refused.rstrip('。')}。"
        if self.cells.empty and self.proven:
            return "没有未公开的数值影响位次。"
        certain = self.table["proven"] & (self.table["rank_low"] == self.table["rank_high"])
        text = [f"未公开数值在区间内任意取值，{certain.sum()}/{len(self.table)} 个区县的位次都不变"]
        if not certain.all():
            width = self.table["rank_high"] - self.table["rank_low"]
            row = self.table.loc[width.idxmax()]
            text.append(f"变动余地最大的是{row['district']}（第 {row['rank_low']:g} 至第 {row['rank_high']:g} 位）")
        text.append("全部范围已证明" if self.proven else
                    f"{(~self.table['proven']).sum()} 个区县的范围偏宽（未证明），最多宽出 {self.table['gap'].max():g} 位")
        return "；".join(text) + "。"


def rank_bounds(values: pd.DataFrame, scheme, *, groups=None, adjustments=None, masked=None, low=None, high=None,
                ties: str = "同位", decimals: int | None = None, node_limit: int = NODE_LIMIT, time_limit: float = 10.0) -> RankBounds:
    """Exact best and worst rank of each district within its ranking group.

    Parameters
    ----------
    values, scheme, groups, adjustments, masked, low, high, ties, decimals : as in
        :func:`analysis.assessment.assess`. A bound that is not given is the indicator's own
        下限 or 上限; without either the district is unbounded and the table says so.
    node_limit : parts that branch and bound may examine.
    time_limit : seconds for one mixed-integer programme.

    Raises
    ------
    AssessmentError if a lower bound exceeds the upper one, or the assessment itself does.
    """
    return _bounds(build(values, scheme, groups=groups, adjustments=adjustments, masked=masked, low=low, high=high,
                         ties=ties, decimals=decimals), node_limit, time_limit)


def rank_bounds_case(case, year: int | None = None, **limits) -> RankBounds:
    """:func:`rank_bounds` for one year of a case (its 年度 by default)."""
    return rank_bounds(**case_inputs(case, year), **limits)


def rank_bounds_or_reason(case, year: int | None = None, **limits) -> RankBounds:
    """:func:`rank_bounds_case`; where a value inside an interval is one the scheme refuses, the reason instead."""
    try:
        return rank_bounds_case(case, year, **limits)
    except AssessmentError as error:
        nothing = pd.DataFrame(columns=["district", "group", "rank_low", "rank_high", "attained_low", "attained_high", "proven", "gap", "note"])
        cells = pd.DataFrame(columns=["district", "indicator", "low", "high"])
        return RankBounds(nothing, pd.DataFrame(), pd.DataFrame(), cells, 0, str(error))


def case_inputs(case, year: int | None = None) -> dict:
    """Arguments of :func:`rank_bounds` from a case; bounds are narrowed by announced places of single indicators."""
    year = year or case.year
    rows, plain = case.values[case.values["year"] == year], assess_case(case, year)
    low, high = (rows.pivot(index="district", columns="indicator", values=side).reindex(index=plain.raw.index, columns=plain.raw.columns)
                 for side in ("low", "high"))
    low, high = limits_from_ranks(plain, case.published[case.published["year"] == year], low, high)
    return {"values": plain.raw, "scheme": plain.tree, "groups": plain.groups, "low": low, "high": high,
            "adjustments": case.adjustments[case.adjustments["year"] == year], "masked": plain.masked,
            "ties": plain.ties, "decimals": plain.decimals}


class Incumbents:
    """Best and worst rank of every district found at points, with the points."""

    def __init__(self, p: Masked):
        n = len(p.codes)
        self.p, self.low, self.high = p, np.full(n, np.inf), np.full(n, -np.inf)
        self.at_low, self.at_high = np.zeros((n, len(p.unit))), np.zeros((n, len(p.unit)))

    def try_points(self, points: np.ndarray) -> None:
        """Rank at points (B, m); unbounded totals leave the known part of the range."""
        scores = totals(self.p, points, points)
        if self.p.unbounded.any():
            best, worst = rank_range(self.p, *scores)
        else:
            best = worst = ranks_at(self.p, scores[0])
        first, last = best.argmin(0), worst.argmax(0)
        own = np.arange(best.shape[1])
        better, worse = best[first, own] < self.low, worst[last, own] > self.high
        self.low[better], self.at_low[better] = best[first, own][better], points[first][better]
        self.high[worse], self.at_high[worse] = worst[last, own][worse], points[last][worse]


def _bounds(p, node_limit, time_limit):
    found = Incumbents(p)
    for points in _first_points(p):
        found.try_points(points)
    first = totals(p, p.low[None], p.high[None])
    outer_low, outer_high = (side[0] for side in rank_range(p, *first))
    nodes = 0
    if len(p.unit):
        model = LinearModel(p)
        if model.usable:
            _solve_linear(p, model, found, first, outer_low, outer_high, time_limit)
        if ((outer_low < found.low) | (outer_high > found.high)).any():
            nodes = branch_and_bound(p, found, outer_low, outer_high, node_limit)
    table = _table(p, found, outer_low, outer_high, nodes, node_limit)
    index = p.base.raw.index
    cells = pd.DataFrame({"district": p.cells.get_level_values(0), "indicator": p.cells.get_level_values(1), "low": p.low, "high": p.high})
    return RankBounds(table, pd.DataFrame(found.at_low, index, p.cells), pd.DataFrame(found.at_high, index, p.cells), cells, nodes)


def _first_points(p):
    """Midpoint, both ends, each district at its best and worst for its rivals, some corners."""
    middle = (p.low + p.high) / 2
    points = [middle, p.low, p.high]
    falling = np.array([p.row(j)["direction"] == "逆向" for j in p.column], bool)
    best, worst = np.where(falling, p.low, p.high), np.where(falling, p.high, p.low)
    for unit in np.unique(p.unit):
        points += [np.where(p.unit == unit, best, worst), np.where(p.unit == unit, worst, best)]
    yield np.array(points)
    if len(p.unit):
        m = len(p.unit)
        bits = np.arange(2**m) if m <= 8 else np.random.default_rng(0).integers(0, 2**min(m, 60), 256)
        yield np.where((bits[:, None] >> np.arange(m).clip(max=60)) & 1, p.high, p.low)


def _solve_linear(p, model, found, first, outer_low, outer_high, time_limit):
    step = 0.0 if p.base.decimals is None else 10.0 ** -p.base.decimals
    low, high = first[0][0], first[1][0]
    for d in range(len(p.codes)):
        rivals = np.flatnonzero((p.ranking == p.ranking[d]) & ~p.twins[d] & (np.arange(len(p.codes)) != d))
        undecided = rivals[(high[rivals] >= low[d] - SLACK - step) & (low[rivals] <= high[d] + SLACK + step)]
        sure = int((low[rivals] > high[d] + SLACK + step).sum())
        twins = int(p.twins[d].sum()) - int(p.twins[d, d])
        share = {"同位": 0.0, "顺延": 1.0, "平均": 0.5}[p.base.ties]
        for most in (True, False):
            reach = np.maximum((high[d] - low[undecided]) if most else (high[undecided] - low[d]), 0.0)
            for margin in (-SLACK - step, 0.0, _STRICT + step):
                if (outer_high[d] <= found.high[d]) if most else (outer_low[d] >= found.low[d]):
                    break
                ahead, values = model.extreme(d, most, undecided, reach, margin, time_limit)
                if margin < 0:
                    bound = 1.0 + sure + ahead + share * twins
                    if most:
                        outer_high[d] = min(outer_high[d], bound)
                    else:
                        outer_low[d] = max(outer_low[d], bound)
                if values is not None:
                    found.try_points(values[None])


def branch_and_bound(p: Masked, found: Incumbents, outer_low, outer_high, node_limit: int) -> int:
    """Tighten outer_low and outer_high in place until they meet ``found``; returns parts used.

    Every part keeps bounds of all ranks over it. At any time the values of a district's
    rank lie between the least bound of the parts left (or the witness) and the greatest.
    """
    low, high = p.low[None].copy(), p.high[None].copy()
    ends = rank_range(p, *totals(p, low, high))
    effect, values, used = _effects(p), levels(p), 1

    def worth(ends):
        best, worst = np.maximum(ends[0], outer_low), np.minimum(ends[1], outer_high)
        return np.maximum(found.low - best, 0).sum(1) + np.maximum(worst - found.high, 0).sum(1)

    stuck = [np.full(len(p.codes), np.inf), np.full(len(p.codes), -np.inf)]
    while len(low) and used < node_limit:
        value = worth(ends)
        keep = value > 0
        low, high, ends, value = low[keep], high[keep], tuple(e[keep] for e in ends), value[keep]
        width = (high - low) / np.where(p.high > p.low, p.high - p.low, 1.0)
        small = width.max(1, initial=0.0) < 1e-9
        if small.any():
            stuck = [np.minimum(stuck[0], ends[0][small].min(0)), np.maximum(stuck[1], ends[1][small].max(0))]
            low, high, ends, value, width = low[~small], high[~small], tuple(e[~small] for e in ends), value[~small], width[~small]
        if not len(low):
            break
        order = np.argsort(-value - width.max(1), kind="stable")
        now, later = order[:_BATCH], order[_BATCH:]
        new_low, new_high = split(low[now], high[now], (width[now] * effect).argmax(1), values)
        new = rank_range(p, *totals(p, new_low, new_high))
        found.try_points(_middle(new_low, new_high, values))
        low, high = np.vstack([low[later], new_low]), np.vstack([high[later], new_high])
        ends = tuple(np.vstack([e[later], f]) for e, f in zip(ends, new))
        used += len(new_low)
    left = ends[0].min(0, initial=np.inf), ends[1].max(0, initial=-np.inf)
    np.maximum(outer_low, np.minimum(np.minimum(left[0], stuck[0]), found.low), out=outer_low)
    np.minimum(outer_high, np.maximum(np.maximum(left[1], stuck[1]), found.high), out=outer_high)
    return used


def _middle(low, high, values):
    points = (low + high) / 2
    for k in [k for k, listed in enumerate(values) if listed is not None]:
        a, b = np.searchsorted(values[k], low[:, k]), np.searchsorted(values[k], high[:, k])
        points[:, k] = values[k][(a + b) // 2]
    return points


def _effects(p):
    """How far the totals open when one masked cell varies and the others stand still."""
    middle = np.tile((p.low + p.high) / 2, (len(p.unit), 1))
    low, high = middle.copy(), middle.copy()
    np.fill_diagonal(low, p.low), np.fill_diagonal(high, p.high)
    a, b = totals(p, low, high)
    with np.errstate(invalid="ignore"):
        return np.maximum(np.where(p.unbounded, 0.0, b - a).sum(1), 1e-12)


def _table(p, found, outer_low, outer_high, nodes, node_limit):
    open_ = p.unbounded | np.array([(p.unbounded & (p.codes == c)).any() for c in p.codes])
    gap = np.where(open_, outer_high - outer_low, (found.low - outer_low) + (outer_high - found.high))
    absent = p.ranking < 0
    ranked = np.where(absent, np.nan, 1.0)
    notes = []
    for d, name in enumerate(p.base.raw.index):
        if absent[d]:
            notes.append("没有得分，不参与排名")
        elif p.unbounded[d]:
            notes.append(f"{p.reasons[name]}，位次无法界定")
        elif open_[d]:
            notes.append("同组有区县的数值没有上下界，位次范围未证明")
        elif gap[d] > 0:
            limit = f"已到计算量上限（{node_limit} 个分块）" if nodes >= node_limit else "临界处得分几乎相等，无法再分"
            notes.append(f"{limit}：范围未证明，最多宽出 {gap[d]:g} 位")
        else:
            notes.append("")
    nothing = np.where(open_ | absent, np.nan, 1.0)
    return pd.DataFrame({
        "district": p.base.raw.index, "group": p.base.groups.to_numpy(), "rank_low": outer_low * ranked, "rank_high": outer_high * ranked,
        "attained_low": found.low * nothing, "attained_high": found.high * nothing,
        "proven": (gap == 0) & ~open_, "gap": gap, "note": notes,
    })
