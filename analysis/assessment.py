"""The assessment: values and a scheme in, scores, ranks and every step between out."""

from __future__ import annotations

from dataclasses import dataclass, field
from difflib import get_close_matches

import numpy as np
import pandas as pd

from .aggregation import FUNCTIONS, POSITIVE_ONLY
from .contributions import ADJUSTMENT, contributions
from .params import AssessmentError
from .ranking import TIES, rank_scores
from .treatment import UNKNOWN, fill_missing, like, read_adjustments, relative_notes, score_leaves, treat_masked
from .tree import Tree, build_tree

__all__ = ["ADJUSTMENT", "Assessment", "assess", "assess_case"]


@dataclass(frozen=True, eq=False)
class Assessment:
    """Scores and ranks of every district on every node, with all intermediate values.

    tree : the compiled scheme.
    raw : district × indicator as given (NaN where masked or missing).
    treated : what was scored: bounded masked values replaced by the interval's midpoint.
    leaf_scores : scores before the missing-value policy.
    scores, ranks : district × node; NaN where a masked value leaves the score unknown.
    before : district × node, scores before bonuses, deductions and vetoes.
    left_out : district × node, True where the node does not count for the district.
    adjustments : district × node, points added by bonuses, deductions and vetoes.
    groups : district -> ranking group.
    statuses, cells : district × indicator, 状态 and input cell of each value.
    filled : every value that was not taken as given: district, indicator, treatment, value.
    notes : Chinese sentences on what a reader of the ranks must know.
    """

    tree: Tree
    raw: pd.DataFrame
    treated: pd.DataFrame
    leaf_scores: pd.DataFrame
    scores: pd.DataFrame
    before: pd.DataFrame
    ranks: pd.DataFrame
    left_out: pd.DataFrame
    adjustments: pd.DataFrame
    groups: pd.Series
    statuses: pd.DataFrame
    cells: pd.DataFrame
    filled: pd.DataFrame
    ties: str = "同位"
    decimals: int | None = None
    year: int | None = None
    masked: pd.DataFrame = field(default=None, repr=False)
    notes: tuple[str, ...] = ()

    @property
    def scheme(self) -> pd.DataFrame:
        return self.tree.nodes

    @property
    def root(self) -> str:
        return self.tree.root

    @property
    def total(self) -> pd.Series:
        return self.scores[self.root]

    @property
    def unranked(self) -> list[str]:
        """Districts whose total cannot be computed."""
        return list(self.total.index[self.total.isna()])

    def require(self, district: str, role: str) -> str:
        """The district's name, or an error that names the district meant."""
        if district in self.scores.index:
            return district
        near = get_close_matches(str(district), list(self.scores.index), 1, 0.5)
        hint = f"，是否应为“{near[0]}”" if near else ""
        raise AssessmentError(f"{role}“{district}”不在考核的区县里{hint}；可用：{'、'.join(self.scores.index)}")

    def contributions(self, node: str | None = None, leaves: bool = False) -> pd.DataFrame:
        """Parts of a node's score; see :func:`analysis.contributions.contributions`."""
        return contributions(self, node, leaves)

    def steps(self) -> pd.DataFrame:
        """One row per district and indicator: raw, treated, score, weight, weighted.

        ``weighted`` is the indicator's part of the total, so that it sums with 加减分 to
        the total score of the district; NaN below a Copeland node, which has no split.
        """
        weighted = self.contributions(leaves=True)
        frames = {
            "raw": self.raw, "treated": self.treated, "score": self.scores[list(self.tree.leaves)],
            "status": self.statuses, "cell": self.cells,
        }
        long = pd.concat({k: v.stack(future_stack=True) for k, v in frames.items()}, axis=1)
        long.index.names = ["district", "indicator"]
        long["weight"] = long.index.get_level_values(1).map(self.tree.nodes["global_weight"])
        shown = [c for c in self.tree.leaves if c in weighted]
        long["weighted"] = weighted[shown].stack().rename_axis(["district", "indicator"])
        return long.reset_index()


def assess(
    values: pd.DataFrame,
    scheme: pd.DataFrame | Tree,
    *,
    groups: pd.Series | None = None,
    adjustments: pd.DataFrame | None = None,
    low: pd.DataFrame | None = None,
    high: pd.DataFrame | None = None,
    masked: pd.DataFrame | None = None,
    statuses: pd.DataFrame | None = None,
    cells: pd.DataFrame | None = None,
    ties: str = "同位",
    decimals: int | None = None,
    year: int | None = None,
) -> Assessment:
    """Score and rank districts under a scheme.

    Parameters
    ----------
    values : district × indicator, in each indicator's unit; NaN = missing.
    scheme : see :func:`analysis.tree.build_tree`.
    groups : district -> ranking group; districts are ranked within their group.
    adjustments : columns district, node, points, kind (加分, 扣分, 否决).
    masked : district × indicator, True where the value exists but is not published.
        With both bounds it enters as the midpoint (listed in ``filled``), else the
        scores above it are unknown.
    low, high : bounds of masked values.
    ties : 同位 (1,2,2,4), 顺延 (1,3,3,4), 平均, 紧凑 (1,2,2,3).
    decimals : scores are rounded to so many places before ranking, if given.

    Raises
    ------
    AssessmentError with a Chinese message naming node and district.
    """
    tree = scheme if isinstance(scheme, Tree) else build_tree(scheme)
    if ties not in TIES:
        raise AssessmentError(f"并列规则“{ties}”不认识；可用：{'、'.join(TIES)}")
    raw = values.reindex(columns=list(tree.leaves)).astype(float)
    if raw.empty:
        raise AssessmentError("没有区县，无法计分")
    if raw.index.has_duplicates:
        raise AssessmentError(f"区县重复：{'、'.join(map(str, raw.index[raw.index.duplicated()].unique()))}")
    groups = pd.Series("", raw.index) if groups is None else groups.reindex(raw.index).fillna("")
    hidden = like(masked, raw, False).astype(bool)
    treated, filled = treat_masked(raw, hidden, low, high)
    unknown, status = hidden & treated.isna(), like(statuses, raw, "")
    if not treated.equals(raw):
        status = status.mask(hidden & ~unknown & (status != "示例"), "推算")
    filled += [(d, c, UNKNOWN, np.nan) for c in tree.leaves if tree.nodes.at[c, "global_weight"] > 0
               for d in raw.index[unknown[c]]]
    leaf_scores = score_leaves(treated, tree, groups)
    notes = relative_notes(unknown, tree)
    final, out = fill_missing(leaf_scores, unknown, tree, groups, filled)
    points, vetoes = read_adjustments(adjustments, raw.index, tree, notes)
    scores, before, left_out = score_nodes(final, out, tree, points, vetoes, notes)
    applied = np.where(np.isnan(scores), 0.0, scores - np.nan_to_num(before))
    scores, before, left_out, applied = (
        pd.DataFrame(x, raw.index, tree.nodes.index) for x in (scores, before, left_out, applied)
    )
    return Assessment(
        tree, raw.mask(hidden), treated, leaf_scores, scores, before, rank_scores(scores, groups, ties, decimals),
        left_out, applied, groups, status, like(cells, raw, ""),
        pd.DataFrame(filled, columns=["district", "indicator", "treatment", "value"]),
        ties, decimals, year, hidden, tuple(notes),
    )


def assess_case(case, year: int | None = None) -> Assessment:
    """Assess one year of a :class:`analysis.case.Case` (its 年度 by default)."""
    year = year or case.year
    rows = case.values[case.values["year"] == year]
    if rows.empty:
        raise AssessmentError(f"“{case.name}”没有 {year} 年的指标值；有数据的年份：{'、'.join(map(str, case.years)) or '无'}")
    tree = build_tree(case.scheme)
    districts = list(case.districts["district"])

    def wide(column):
        return rows.pivot(index="district", columns="indicator", values=column).reindex(index=districts)

    adjustments = case.adjustments[case.adjustments["year"] == year]
    decimals = str(case.meta.get("得分小数位", "")).strip()
    return assess(
        wide("value"), tree, groups=case.districts.set_index("district")["group"], adjustments=adjustments,
        low=wide("low"), high=wide("high"), masked=wide("value_masked").astype("boolean").fillna(False).astype(bool),
        statuses=wide("status").astype(object), cells=wide("cell").astype(object),
        ties=case.meta.get("并列规则", "").strip() or "同位",
        decimals=int(float(decimals)) if decimals else None, year=year,
    )


def score_nodes(final, out, tree, points, vetoes, notes):
    """Scores of all nodes, leaves to root; adjustments enter where they are given.

    A veto makes a node count even if everything below it was left out; a bonus on such
    a node has nothing to be added to and is noted.
    """
    n, size, codes = len(final), len(tree.nodes), tree.nodes.index
    scores, before, left_out = np.full((n, size), np.nan), np.full((n, size), np.nan), np.zeros((n, size), bool)
    at = tree.position(final.columns)
    before[:, at], left_out[:, at] = final.to_numpy(), out.to_numpy()

    def settle(k):
        vetoed = ~np.isnan(vetoes[:, k])
        scores[:, k] = np.where(vetoed, vetoes[:, k], before[:, k] + points[:, k])
        for i in np.flatnonzero(left_out[:, k] & (points[:, k] != 0) & ~vetoed):
            notes.append(f"{final.index[i]}在“{tree.name(codes[k])}”的加减分 {points[i, k]:+g} 没有起作用：该项缺数已剔除")
        left_out[:, k] &= ~vetoed

    for k in at:
        settle(k)
    for step in tree.steps:
        s, gone = scores[:, step.children], left_out[:, step.children]
        left_out[:, step.node] = (gone | (step.weights == 0)).all(1)
        if step.aggregation in POSITIVE_ONLY:
            _refuse_non_positive(s, gone | ~np.isnan(vetoes[:, step.children]), step, tree, final.index)
        before[:, step.node] = FUNCTIONS[step.aggregation](s, step.weights, gone)
        settle(step.node)
    return scores, before, left_out


def _refuse_non_positive(s, gone, step, tree, districts):
    bad = (s <= 0) & ~gone & (step.weights > 0)
    if bad.any():
        i, j = np.argwhere(bad)[0]
        node, child = tree.nodes.index[step.node], tree.nodes.index[step.children[j]]
        raise AssessmentError(
            f"“{tree.name(node)}”按{tree.nodes.at[node, 'aggregation']}合成，但{districts[i]}的"
            f"“{tree.name(child)}”得分为 {s[i, j]:g}，不大于 0；请给该指标设大于 0 的底分，或改用加权平均"
        )
