"""The assessment: values and a scheme in, scores, ranks and every step between out."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from .aggregation import FUNCTIONS, POSITIVE_ONLY, multipliers
from .params import AssessmentError
from .ranking import TIES, rank_scores
from .scoring import floor_score, score
from .tree import Tree, build_tree

ADJUSTMENT = "加减分"


@dataclass(frozen=True)
class Assessment:
    """Scores and ranks of every district on every node, with all intermediate values.

    tree : the compiled scheme.
    raw : district × indicator as given (NaN where masked or missing).
    treated : what was scored: bounded masked values replaced by the interval's midpoint.
    leaf_scores : scores before the missing-value policy.
    scores, ranks : district × node; NaN where a masked value leaves the score unknown.
    left_out : district × node, True where the node does not count for the district.
    adjustments : district × node, points added by bonuses, deductions and vetoes.
    groups : district -> ranking group.
    statuses, cells : district × indicator, 状态 and input cell of each value.
    filled : every value that was not taken as given: district, indicator, treatment, value.
    """

    tree: Tree
    raw: pd.DataFrame
    treated: pd.DataFrame
    leaf_scores: pd.DataFrame
    scores: pd.DataFrame
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

    def contributions(self, node: str | None = None, leaves: bool = False) -> pd.DataFrame:
        """Parts of a node's score, district × part; every row sums to the score.

        A child's part is its score times ∂(node)/∂(child): weight × score for the
        arithmetic mean, and exact as well for geometric and harmonic means (Euler).
        Bonuses, deductions and vetoes are the column 加减分. With ``leaves`` the parts
        are the indicators below the node; a node aggregated by Copeland cannot be split
        and stands as one part.
        """
        node = node or self.root
        if self.tree.nodes.at[node, "leaf"]:
            return self.scores[[node]].copy()
        parts = self._split(node)
        if parts is None:
            raise AssessmentError(f"“{self.tree.name(node)}”按科普兰法合成，得分不能分解到下级")
        while leaves:
            inner = [c for c in parts.columns if c != ADJUSTMENT and not self.tree.nodes.at[c, "leaf"]]
            split = {c: self._split(c) for c in inner}
            split = {c: p for c, p in split.items() if p is not None}
            if not split:
                break
            for code, inside in split.items():
                own = self.scores[code]
                factor = (parts.pop(code) / own.where(own != 0)).where(own != 0, 0.0)
                inside = inside.mul(factor, axis=0)
                parts[ADJUSTMENT] = parts[ADJUSTMENT] + inside.pop(ADJUSTMENT)
                parts = pd.concat([parts, inside], axis=1)
        order = [c for c in self.tree.nodes.index if c in parts.columns]
        return parts[order + [ADJUSTMENT]]

    def _split(self, node: str) -> pd.DataFrame | None:
        k = self.tree.nodes.index.get_loc(node)
        step = next(s for s in self.tree.steps if s.node == k)
        s = self.scores.to_numpy()[:, step.children]
        out = self.left_out.to_numpy()[:, step.children]
        before = self.scores[node].to_numpy() - self.adjustments[node].to_numpy()
        slope = multipliers(step.aggregation, s, step.weights, before, out)
        if slope is None:
            return None
        parts = np.where(out | (slope == 0), 0.0, s * slope)
        table = pd.DataFrame(parts, self.scores.index, self.scores.columns[step.children])
        table[ADJUSTMENT] = self.adjustments[node]
        return table

    def steps(self) -> pd.DataFrame:
        """One row per district and indicator: raw, treated, score, weight, weighted.

        ``weighted`` is the indicator's part of the total, so that it sums with 加减分 to
        the total score of the district.
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
    hidden = _like(masked, raw, False).astype(bool)
    treated, filled = _treat(raw, hidden, low, high)
    leaf_scores = _score_leaves(treated, tree, groups)
    final, out = _fill_missing(leaf_scores, hidden & treated.isna(), tree, groups, filled)
    points, vetoes = _adjustments(adjustments, raw.index, tree)
    scores, left_out, applied = _climb(final, out, tree, points, vetoes)
    table = pd.DataFrame(scores, raw.index, tree.nodes.index)
    return Assessment(
        tree, raw, treated, leaf_scores, table, rank_scores(table, groups, ties, decimals),
        pd.DataFrame(left_out, raw.index, tree.nodes.index),
        pd.DataFrame(applied, raw.index, tree.nodes.index), groups,
        _like(statuses, raw, ""), _like(cells, raw, ""),
        pd.DataFrame(filled, columns=["district", "indicator", "treatment", "value"]),
        ties, decimals, year, hidden,
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


def _like(table, raw, default):
    if table is None:
        return pd.DataFrame(np.full(raw.shape, default, dtype=object if default == "" else None), raw.index, raw.columns)
    table = table.reindex(index=raw.index, columns=raw.columns)
    return table if default is np.nan else table.where(table.notna(), default)


def _treat(raw, hidden, low, high):
    if not hidden.to_numpy().any():
        return raw, []
    middle = (_like(low, raw, np.nan) + _like(high, raw, np.nan)) / 2
    usable = hidden & middle.notna()
    filled = [
        (raw.index[i], raw.columns[j], "掩码，按所给区间中点推算", float(middle.iat[i, j]))
        for i, j in zip(*np.nonzero(usable.to_numpy()))
    ]
    return raw.mask(hidden).where(~usable, middle), filled


def _score_leaves(treated, tree, groups):
    """Indicators scored alike go through the scoring function together."""
    leaves = tree.nodes[tree.nodes["leaf"]]
    alike: dict[tuple, list[int]] = {}
    for k, key in enumerate(zip(leaves["method"], leaves["params"], leaves["direction"])):
        alike.setdefault(key, []).append(k)
    x, marks = treated.to_numpy().T, np.empty((len(leaves), len(treated)))
    for (method, _, direction), block in alike.items():
        settings, names = leaves["settings"].iloc[block[0]], leaves["name"].iloc[block]
        try:
            marks[block] = score(x[block], method, settings, direction, groups.to_numpy())
        except AssessmentError:
            for k, name in zip(block, names):
                marks[k] = score(x[k], method, settings, direction, groups.to_numpy(), name)
    return pd.DataFrame(marks.T, treated.index, leaves.index)


def _fill_missing(leaf_scores, unknown, tree, groups, filled):
    """Apply 缺失处理 to missing values; masked ones without bounds stay unknown."""
    final, out = leaf_scores.copy(), pd.DataFrame(False, leaf_scores.index, leaf_scores.columns)
    missing = leaf_scores.isna() & ~unknown
    for code in leaf_scores.columns[missing.any()]:
        row, where = tree.nodes.loc[code], missing[code]
        policy = row["missing"] or "报错"
        if row["weight"] == 0 or policy == "剔除":
            out[code] = where
            treatment, marks = "缺数，剔除，权重分给同级指标", np.nan
        elif policy == "最低分":
            floor = floor_score(row["method"], row["settings"])
            marks = leaf_scores[code].min() if floor is None else floor
            treatment = "缺数，记最低分"
        elif policy == "组均值":
            marks = leaf_scores[code].groupby(groups).transform("mean").fillna(leaf_scores[code].mean())
            treatment = "缺数，记同组平均得分"
        else:
            who = "、".join(map(str, where.index[where]))
            raise AssessmentError(f"指标“{row['name']}”（{code}）缺少 {who} 的数值，缺失处理为“报错”")
        final[code] = final[code].mask(where, marks)
        if treatment != "缺数，剔除，权重分给同级指标" and final.loc[where, code].isna().any():
            raise AssessmentError(f"指标“{row['name']}”（{code}）所有区县都没有数值，无法按“{policy}”处理缺数")
        if row["global_weight"] > 0:
            filled += [(d, code, treatment, float(final.at[d, code])) for d in where.index[where]]
    return final, out


def _adjustments(table, districts, tree):
    points = np.zeros((len(districts), len(tree.nodes)))
    vetoes = np.full_like(points, np.nan)
    for row in [] if table is None else table.to_dict("records"):
        if row["district"] not in districts or row["node"] not in tree.nodes.index:
            raise AssessmentError(f"加减分里的区县“{row['district']}”或节点“{row['node']}”不存在")
        at = districts.get_loc(row["district"]), tree.nodes.index.get_loc(row["node"])
        value, kind = row["points"], row.get("kind") or ""
        value = 0.0 if pd.isna(value) else float(value)
        if kind == "否决":
            vetoes[at] = value
        else:
            points[at] += -abs(value) if kind == "扣分" else value
    for k, settings in enumerate(tree.nodes["settings"]):
        if not tree.nodes["leaf"].iloc[k] and settings:
            points[:, k] = np.clip(points[:, k], -settings.get("扣分上限", np.inf), settings.get("加分上限", np.inf))
    return points, vetoes


def _climb(final, out, tree, points, vetoes):
    """Scores of all nodes, leaves to root; adjustments enter where they are given."""
    n, size = len(final), len(tree.nodes)
    scores, left_out, applied = np.full((n, size), np.nan), np.zeros((n, size), bool), np.zeros((n, size))
    at = tree.position(final.columns)
    scores[:, at], left_out[:, at] = final.to_numpy(), out.to_numpy()

    def settle(k):
        adjusted = np.where(np.isnan(vetoes[:, k]), scores[:, k] + points[:, k], vetoes[:, k])
        applied[:, k] = np.where(np.isnan(scores[:, k]), 0.0, adjusted - scores[:, k])
        scores[:, k] = adjusted

    for k in at:
        settle(k)
    for step in tree.steps:
        s, gone = scores[:, step.children], left_out[:, step.children]
        left_out[:, step.node] = (gone | (step.weights == 0)).all(1)
        if step.aggregation in POSITIVE_ONLY:
            _refuse_non_positive(s, gone, step, tree, final.index)
        scores[:, step.node] = FUNCTIONS[step.aggregation](s, step.weights, gone)
        settle(step.node)
    return scores, left_out, applied


def _refuse_non_positive(s, gone, step, tree, districts):
    bad = (s <= 0) & ~gone & (step.weights > 0)
    if bad.any():
        i, j = np.argwhere(bad)[0]
        node, child = tree.nodes.index[step.node], tree.nodes.index[step.children[j]]
        raise AssessmentError(
            f"“{tree.name(node)}”按{tree.nodes.at[node, 'aggregation']}合成，但{districts[i]}的"
            f"“{tree.name(child)}”得分为 {s[i, j]:g}，不大于 0；请给该指标设大于 0 的底分，或改用加权平均"
        )
