"""The problem behind possible ranks: a scheme and its values with the masked cells taken apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import rankdata

from ..assessment import Assessment, assess
from ..params import AssessmentError, methods
from ..ranking import TIES, round_half_up
from ..treatment import read_adjustments
from ..tree import Tree, build_tree

NOISE = 9  # places kept before scores are compared, as in analysis.ranking


@dataclass(frozen=True)
class Masked:
    """A scheme and its values with the masked cells taken apart.

    base : assessment with the masked cells at their midpoints.
    unit, column : arrays (m,) of the row and leaf position of each bounded masked cell.
    low, high : arrays (m,) in the indicator's unit.
    unbounded : array (n,), True where a masked value without bounds leaves the total open.
    reasons : district -> why it is unbounded.
    points, vetoes : (n, nodes) adjustments. static : (n, leaves) leaf scores before them.
    codes : group number of each district; ranking : the same, a district without a total
    standing alone. twins : (n, n), same known values.
    """

    base: Assessment
    unit: np.ndarray
    column: np.ndarray
    low: np.ndarray
    high: np.ndarray
    unbounded: np.ndarray
    reasons: dict
    points: np.ndarray
    vetoes: np.ndarray
    static: np.ndarray
    codes: np.ndarray
    ranking: np.ndarray
    twins: np.ndarray

    @property
    def cells(self) -> pd.MultiIndex:
        return pd.MultiIndex.from_arrays([self.base.raw.index[self.unit], self.base.raw.columns[self.column]],
                                         names=["district", "indicator"])

    def row(self, column: int) -> pd.Series:
        return self.base.tree.nodes.loc[self.base.raw.columns[column]]


def depends_on_others(row) -> bool:
    """Whether a unit's score under this indicator's method depends on other units."""
    kind, p = methods()[row["method"]].function, row["settings"]
    if kind in ("completion", "bands", "direct"):
        return False
    if kind in ("min_max", "efficacy", "exponential_efficacy"):
        return p["下限"] is None or p["上限"] is None
    if kind == "distance_to_target":
        return row["direction"] == "适度" or p["上限" if row["direction"] == "逆向" else "下限"] is None
    return True


def build(values, scheme, *, groups=None, adjustments=None, masked=None, low=None, high=None,
          ties="同位", decimals=None) -> Masked:
    """Take a table with masked cells apart; arguments as in :func:`analysis.assessment.assess`.

    Bounds not given are taken from the indicator's own 下限 and 上限. Masked cells of
    indicators without weight are ignored. AssessmentError if a lower bound exceeds the
    upper one.
    """
    tree = scheme if isinstance(scheme, Tree) else build_tree(scheme)
    raw = values.reindex(columns=list(tree.leaves)).astype(float)

    def like(table, default):
        return np.full(raw.shape, default) if table is None else table.reindex(index=raw.index, columns=raw.columns).to_numpy()

    weighty = tree.nodes.loc[list(tree.leaves), "global_weight"].to_numpy() > 0
    hidden = pd.DataFrame(like(masked, False)).fillna(False).to_numpy(bool)
    bottom, top = like(low, np.nan).astype(float), like(high, np.nan).astype(float)
    for j, code in enumerate(tree.leaves):
        row = tree.nodes.loc[code]
        for bound, key in ((bottom, "下限"), (top, "上限")):
            if row["settings"].get(key) is not None:
                bound[np.isnan(bound[:, j]) & hidden[:, j], j] = row["settings"][key]
    for i, j in np.argwhere(hidden & (bottom > top)):
        raise AssessmentError(f"{raw.index[i]}“{tree.name(raw.columns[j])}”的下界（{bottom[i, j]:g}）大于上界（{top[i, j]:g}）")
    bounded = hidden & np.isfinite(bottom) & np.isfinite(top)
    filled, known = raw.to_numpy(copy=True), raw.mask(hidden)
    middle = known.median().fillna(1.0).to_numpy()
    filled[hidden] = np.broadcast_to(middle, filled.shape)[hidden]
    filled[bounded] = (bottom + (top - bottom) / 2)[bounded]
    base = assess(pd.DataFrame(filled, raw.index, raw.columns), tree, groups=groups, adjustments=adjustments, ties=ties, decimals=decimals)
    codes = pd.factorize(base.groups)[0]
    unbounded, reasons = _unbounded(tree, raw, hidden, hidden & ~bounded & weighty, codes)
    points, vetoes = read_adjustments(adjustments, raw.index, tree, [])
    static = base.before[list(tree.leaves)].to_numpy()
    # A district without a total stands in a ranking group of its own and gets no rank.
    absent = base.total.isna().to_numpy()
    ranking = np.where(absent, -1 - np.arange(len(raw)), codes)
    rows = np.hstack([filled, points, vetoes])
    same = ((rows[:, None] == rows[None]) | (np.isnan(rows[:, None]) & np.isnan(rows[None]))).all(-1)
    twins = same & ~hidden.any(1)[:, None] & ~hidden.any(1)[None] & (ranking[:, None] == ranking[None])
    at = np.argwhere(bounded & weighty)
    cut = bounded & weighty
    return Masked(base, at[:, 0], at[:, 1], bottom[cut], top[cut], unbounded, reasons, points, vetoes, static, codes, ranking, twins)


def _unbounded(tree, raw, hidden, free, codes):
    """Districts whose total is left open by masked values without bounds."""
    unbounded, reasons = np.zeros(len(raw), bool), {}
    for i, j in np.argwhere(free):
        row, reached = tree.nodes.loc[raw.columns[j]], np.arange(len(raw)) == i
        if depends_on_others(row):
            within = row["settings"].get("范围") == "组内"
            reached = codes == codes[i] if within else np.ones(len(raw), bool)
        if row["missing"] in ("组均值", "最低分"):
            reached = reached | (raw.iloc[:, j].isna().to_numpy() & ~hidden[:, j])
        for k in np.flatnonzero(reached):
            why = f"“{row['name']}”未公开且没有上下界" if k == i else f"{raw.index[i]}“{row['name']}”没有上下界，牵动本区得分"
            if k == i or raw.index[k] not in reasons:
                reasons[raw.index[k]] = why
        unbounded |= reached
    return unbounded, reasons


def levels(p: Masked) -> list[np.ndarray | None]:
    """For each masked cell the values that suffice, or None where all must be considered.

    Rank, Borda and band scores change only where the order among the values (or against
    the band edges) changes. Take as breakpoints the known values, the edges and the ends
    of all masked intervals of the indicator, and k points inside each gap, k being the
    number of its masked cells: every weak order of the k values among the breakpoints
    then occurs among these values. For 适度 this is done for |x − 目标| and mirrored.
    """
    result: list[np.ndarray | None] = [None] * len(p.unit)
    for j in np.unique(p.column):
        row, mine = p.row(j), np.flatnonzero(p.column == j)
        kind, settings = methods()[row["method"]].function, row["settings"]
        if kind not in ("rank_score", "borda", "bands"):
            continue
        known = np.delete(p.base.treated.to_numpy()[:, j], p.unit[mine])
        marks = np.concatenate([known[~np.isnan(known)], p.low[mine], p.high[mine],
                                [edge for edge, _ in settings["档次"]["steps"]] if kind == "bands" else []])
        moderate = row["direction"] == "适度"
        if moderate:
            marks = np.append(np.abs(marks - settings["目标"]), 0.0)
        marks = np.unique(marks)
        inner = np.arange(1, len(mine) + 1) / (len(mine) + 1)
        points = np.append(marks, (marks[:-1, None] + np.diff(marks)[:, None] * inner).ravel())
        if moderate:
            points = np.concatenate([settings["目标"] - points, settings["目标"] + points, known[~np.isnan(known)]])
        for c in mine:
            inside = points[(points >= p.low[c]) & (points <= p.high[c])]
            result[c] = np.unique(np.concatenate([inside, [p.low[c], p.high[c]]]))
    return result


def split(low, high, axis, values=None):
    """Halves of boxes (B, m) along ``axis`` (B,); a cell with listed values is cut between two of them."""
    at = np.arange(len(low))
    left_end = (low[at, axis] + high[at, axis]) / 2
    right_start = left_end.copy()
    for r in [] if values is None else np.flatnonzero([values[k] is not None for k in axis]):
        listed = values[axis[r]]
        a, b = np.searchsorted(listed, (low[r, axis[r]], high[r, axis[r]]))
        left_end[r], right_start[r] = listed[(a + b) // 2], listed[(a + b) // 2 + 1]
    left_high, right_low = high.copy(), low.copy()
    left_high[at, axis], right_low[at, axis] = left_end, right_start
    return np.vstack([low, right_low]), np.vstack([left_high, high])


def ranks_at(p: Masked, scores) -> np.ndarray:
    """Ranks (B, n) of exact totals (B, n) within the groups, as the assessment gives them."""
    rounded, ranks = _rounded(p, scores), np.empty(scores.shape)
    for code in np.unique(p.ranking):
        inside = p.ranking == code
        ranks[:, inside] = rankdata(-rounded[:, inside], TIES[p.base.ties], axis=-1)
    return ranks


def rank_range(p: Masked, low, high) -> tuple[np.ndarray, np.ndarray]:
    """Bounds (B, n) of the ranks from bounds (B, n) of the totals.

    A rival is surely ahead when its lower bound exceeds the district's upper bound (after
    rounding, which is monotone), possibly when its upper exceeds the lower. 平均 is half
    way between 同位 and 顺延. 紧凑 counts different scores: at least one if anyone is
    surely ahead, at most one a rival possibly ahead, and is exact once every order is settled.
    """
    a, b = _rounded(p, low), _rounded(p, high)
    rivals = (p.ranking[:, None] == p.ranking[None]) & ~np.eye(len(p.codes), dtype=bool)
    apart = rivals & ~p.twins
    sure, possible = a[:, None, :] > b[:, :, None], b[:, None, :] > a[:, :, None]
    strict = 1.0 + (sure & apart).sum(-1), 1.0 + (possible & apart).sum(-1)
    if p.base.ties == "同位":
        return strict
    if p.base.ties == "紧凑":
        settled = ((sure == possible) | ~apart).all((1, 2))
        exact = ranks_at(p, np.where(settled[:, None], low, 0.0))
        return tuple(np.where(settled[:, None], exact, side) for side in (np.minimum(strict[0], 2.0), strict[1]))
    sure, possible = a[:, None, :] >= b[:, :, None], b[:, None, :] >= a[:, :, None]
    twins = (p.twins & rivals).sum(-1)
    loose = 1.0 + (sure & apart).sum(-1) + twins, 1.0 + (possible & apart).sum(-1) + twins
    return loose if p.base.ties == "顺延" else tuple((s + t) / 2 for s, t in zip(strict, loose))


def _rounded(p, scores):
    return round_half_up(scores, NOISE if p.base.decimals is None else p.base.decimals)
