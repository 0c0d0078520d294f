"""The converse: between what must masked values lie for an announcement to be true?

The announced scores (to rounding) and ranks cut a set out of the box of the masked values.
Its least and greatest value in each coordinate are sought

* for weighted means by mixed-integer programmes (:mod:`analysis.audit.implied_linear`);
* for everything else by branch and bound: of the parts left, the one reaching furthest out
  is split; parts where the bounds of the totals contradict an announcement are dropped. The
  furthest part left bounds the answer from outside at any time, the furthest point known to
  agree bounds it from inside.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..params import AssessmentError
from ..tree import Tree, branch, build_tree
from .implied_linear import furthest, monotone
from .masked_linear import LinearModel
from .masked_problem import Masked, build, rank_range, ranks_at, split
from .masked_scores import totals

_SLACK = 1e-9
_BATCH = 32
_RESOLUTION = 1e-9
_EXACT = 1e-4


def implied_values(values: pd.DataFrame, scheme, *, published: pd.DataFrame, tolerance: float = 0.005, groups=None,
                   adjustments=None, masked=None, low=None, high=None, ties: str = "同位", decimals: int | None = None,
                   node_limit: int = 2000) -> pd.DataFrame:
    """Interval of every masked value for which the announced totals and ranks come out.

    Parameters
    ----------
    published : columns district, score, rank (NaN = not announced), optionally node; rows of
        nodes other than the root are not used (see :func:`implied_by_node`). One row per
        district.
    tolerance : points by which an announced score may be off through rounding.
    node_limit : parts examined for each end of each interval.
    Others as in :func:`analysis.audit.masked.rank_bounds`.

    Returns
    -------
    DataFrame: district, indicator, low, high (as given), implied_low, implied_high (no value
    outside agrees with the announcement), gap (by how much the interval may be too wide, in
    the indicator's unit), exact (gap at most 1e-4 of the given interval), note. Where no
    value at all agrees, implied_low and implied_high are missing and the note says so.

    Raises
    ------
    AssessmentError as the assessment does, if nothing usable was announced, or if a masked
    value has no bounds.
    """
    p = build(values, scheme, groups=groups, adjustments=adjustments, masked=masked, low=low, high=high, ties=ties, decimals=decimals)
    if p.unbounded.any():
        raise AssessmentError("；".join(f"{name}：{why}" for name, why in p.reasons.items()) + "，无法反推；请先给出上下界")
    scores, ranks = _announced(p, published)
    model = LinearModel(p)
    linear = model.usable and monotone(p, model)

    def agrees(points):
        return bool(_compare(p, points, points, scores, ranks, tolerance)[1].all())

    starts = [furthest(p, model, c, side, scores, ranks, tolerance, agrees) if linear
              else _furthest(p, c, side, scores, ranks, tolerance, node_limit) for c in range(len(p.unit)) for side in (1.0, -1.0)]
    rows = []
    for c, (district, indicator) in enumerate(p.cells):
        (outer_low, inner_low), (outer_high, inner_high) = starts[2 * c], starts[2 * c + 1]
        row = {"district": district, "indicator": indicator, "low": p.low[c], "high": p.high[c]}
        if outer_low is None or outer_high is None:
            rows.append({**row, "implied_low": np.nan, "implied_high": np.nan, "gap": 0.0, "exact": True,
                         "note": "区间内没有任何取值能使公布结果成立"})
            continue
        known = inner_low is not None and inner_high is not None
        gap = max(inner_low - outer_low, 0.0) + max(outer_high - inner_high, 0.0) if known else outer_high - outer_low
        exact = known and gap <= _EXACT * (p.high[c] - p.low[c])
        note = "" if exact else "已到计算量上限，区间偏宽（未证明）" if known else "未找到使公布结果成立的取值，也未能排除，区间偏宽（未证明）"
        rows.append({**row, "implied_low": outer_low, "implied_high": outer_high, "gap": gap, "exact": exact, "note": note})
    columns = ["district", "indicator", "low", "high", "implied_low", "implied_high", "gap", "exact", "note"]
    return pd.DataFrame(rows, columns=columns)


def implied_by_node(values: pd.DataFrame, scheme, *, published: pd.DataFrame, adjustments=None, masked=None, **options) -> pd.DataFrame:
    """:func:`implied_values` for every announced node that has masked values under it.

    Parameters
    ----------
    published : as there, with node; every node is taken by itself, so that an announcement
        which no value can explain is seen where it stands.

    Returns
    -------
    DataFrame as of :func:`implied_values` with node in front; empty where nothing applies.
    A node with a masked value that has no bounds is left out.
    """
    tree = scheme if isinstance(scheme, Tree) else build_tree(scheme)
    found = []
    for node in tree.nodes.index:
        rows = published[published["node"] == node].dropna(subset=["score", "rank"], how="all")
        below = tree.leaves_under(node)
        if rows.empty or not masked[below].any(axis=None):
            continue
        part = branch(tree, node)
        mine = None if adjustments is None else adjustments[adjustments["node"].isin(part.nodes.index)]
        try:
            table = implied_values(values[below], part, published=rows.assign(node=part.root), adjustments=mine, masked=masked[below], **options)
        except AssessmentError:
            if all(options[side][below].where(masked[below], 0).notna().all(axis=None) for side in ("low", "high")):
                raise
            continue
        found.append(table.assign(node=node))
    table = pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=["node", "district", "indicator"])
    return table[["node", *(c for c in table if c != "node")]]


def combined(table: pd.DataFrame) -> pd.DataFrame:
    """What all announcements together leave of every masked value.

    Parameters
    ----------
    table : from :func:`implied_by_node`.

    Returns
    -------
    One row per district and indicator: implied_low, implied_high (greatest lower and least
    upper end over the nodes), nodes (how many announcements), exact (all of them), against
    (nodes that exclude every value), possible (there are none, and the intervals meet). Where several values are masked
    together the true range may be narrower still, never wider.
    """
    impossible = table["implied_low"].isna() | table["implied_high"].isna()
    known = table.assign(against=table["node"].where(impossible))
    found = known.groupby(["district", "indicator"], sort=False).agg(
        implied_low=("implied_low", "max"), implied_high=("implied_high", "min"), nodes=("node", "size"),
        exact=("exact", "all"), against=("against", lambda nodes: tuple(nodes.dropna()))).reset_index()
    slack = 1e-9 * np.maximum(1.0, found["implied_low"].abs())
    found["possible"] = (found["against"].map(len) == 0) & (found["implied_low"] <= found["implied_high"] + slack)
    return found


def _announced(p, published):
    if "node" in published:
        published = published[published["node"] == p.base.root]
    if published["district"].duplicated().any():
        raise AssessmentError("公布结果里同一区县有多行，无法反推")
    table = published.set_index("district").reindex(p.base.raw.index)
    scores, ranks = (table[c].to_numpy(float) if c in table else np.full(len(table), np.nan) for c in ("score", "rank"))
    if np.isnan(scores).all() and np.isnan(ranks).all():
        raise AssessmentError("没有公布的总分或位次，无法反推未公开的数值")
    return scores, ranks


def _compare(p: Masked, low, high, scores, ranks, tolerance):
    """(impossible, certain) for boxes (B, m): contradicting, or agreeing throughout."""
    bottom, top = totals(p, low, high)
    best, worst = rank_range(p, bottom, top)
    if (low == high).all():
        best = worst = ranks_at(p, bottom)
    reach = tolerance + _SLACK
    asked, placed = ~np.isnan(scores), ~np.isnan(ranks)
    impossible = ((top < scores - reach) | (bottom > scores + reach))[:, asked].any(1)
    impossible |= ((best > ranks) | (worst < ranks))[:, placed].any(1)
    certain = ((bottom >= scores - reach) & (top <= scores + reach))[:, asked].all(1)
    return impossible, certain & ((best == ranks) & (worst == ranks))[:, placed].all(1)


def _furthest(p, cell, side, scores, ranks, tolerance, node_limit):
    """Outer and inner end of one cell's values: the least for side 1, the greatest for −1.

    (None, None) where no value at all agrees; inner is None where none was found to.
    """
    given = np.where(p.high > p.low, p.high - p.low, 1.0)
    waiting, fresh = (np.empty((0, len(given))),) * 2, (p.low[None], p.high[None])
    inner, stuck, used = np.inf, np.inf, 0

    def reach(low, high):
        return side * (low if side > 0 else high)[:, cell]

    while True:
        low, high = fresh
        impossible, certain = _compare(p, low, high, scores, ranks, tolerance)
        inner = min(inner, reach(low, high)[certain].min(initial=np.inf))
        middle = (low + high) / 2
        edge = middle.copy()
        edge[:, cell] = (low if side > 0 else high)[:, cell]
        for points in (edge, middle):
            agrees = _compare(p, points, points, scores, ranks, tolerance)[1]
            inner = min(inner, (side * points[agrees, cell]).min(initial=np.inf))
        used += len(low)
        open_ = ~impossible & ~certain
        low, high = (np.vstack([old, new[open_]]) for old, new in zip(waiting, fresh))
        beyond = reach(low, high) < inner - _RESOLUTION * given[cell]
        low, high = low[beyond], high[beyond]
        small = ((high - low) / given).max(1, initial=0.0) < _RESOLUTION
        stuck = min(stuck, reach(low[small], high[small]).min(initial=np.inf))
        low, high = low[~small], high[~small]
        if not len(low) or used >= node_limit:
            break
        order = np.argsort(reach(low, high), kind="stable")
        now, later = order[:_BATCH], order[_BATCH:]
        waiting = low[later], high[later]
        fresh = split(low[now], high[now], ((high[now] - low[now]) / given).argmax(1))
    outer = min(inner, stuck, reach(low, high).min(initial=np.inf))
    if not np.isfinite(outer):
        return None, None
    return side * outer, side * inner if np.isfinite(inner) else None
