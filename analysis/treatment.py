"""Before the tree is climbed: masked and missing values, leaf scores, adjustments."""

from __future__ import annotations

import numpy as np
import pandas as pd

from .params import AssessmentError
from .scoring import floor_score, score
from .tree import Tree

MIDPOINT = "未公开，按所给区间中点推算"
LEFT_OUT = "缺数，剔除，权重分给同级指标"
UNKNOWN = "未公开，没有上下界，得分未知"
KINDS = ("", "加分", "扣分", "否决")


def treat_masked(raw, hidden, low, high):
    """Bounded masked values become the interval's midpoint; returns (values, filled rows)."""
    if np.isinf(raw.to_numpy()).any():
        raise AssessmentError("指标值里有无穷大，无法计分")
    if not hidden.to_numpy().any():
        return raw, []
    low, high = (like(bound, raw, np.nan) for bound in (low, high))
    crossed = (low > high).to_numpy()
    if crossed.any():
        i, j = np.argwhere(crossed)[0]
        raise AssessmentError(f"{raw.index[i]}“{raw.columns[j]}”的下界 {low.iat[i, j]:g} 大于上界 {high.iat[i, j]:g}")
    middle = (low + high) / 2
    usable = hidden & middle.notna()
    filled = [(raw.index[i], raw.columns[j], MIDPOINT, float(middle.iat[i, j]))
              for i, j in zip(*np.nonzero(usable.to_numpy()))]
    return raw.mask(hidden).where(~usable, middle), filled


def score_leaves(treated: pd.DataFrame, tree: Tree, groups: pd.Series) -> pd.DataFrame:
    """District × indicator scores; indicators scored alike go through together."""
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


def relative_notes(unknown: pd.DataFrame, tree: Tree) -> list[str]:
    """Indicators whose yardstick comes from the data while some of the data are masked."""
    notes = []
    for code in unknown.columns[unknown.any()]:
        settings, weight = tree.nodes.at[code, "settings"], tree.nodes.at[code, "global_weight"]
        fixed = settings.get("下限") is not None and settings.get("上限") is not None
        if weight > 0 and "范围" in settings and not fixed:
            notes.append(f"指标“{tree.name(code)}”的计分尺度取自已知数据，不含 {int(unknown[code].sum())} 个没有上下界的"
                         "未公开数值，其他地区该项得分可能因此变动")
    return notes


def fill_missing(leaf_scores, unknown, tree: Tree, groups, filled: list):
    """Apply 缺失处理 to missing values; masked ones without bounds stay unknown.

    Returns (scores, left out), both district × indicator; what was done is added to
    ``filled`` as (district, indicator, treatment, score).
    """
    final, out = leaf_scores.copy(), pd.DataFrame(False, leaf_scores.index, leaf_scores.columns)
    missing = leaf_scores.isna() & ~unknown
    for code in leaf_scores.columns[missing.any()]:
        row, where, known = tree.nodes.loc[code], missing[code], leaf_scores[code]
        policy = row["missing"] or "报错"
        idle = row["global_weight"] == 0
        treatment = dict.fromkeys(where.index[where], f"缺数，记{policy}")
        if idle or policy == "剔除":
            out[code], treatment = where, dict.fromkeys(treatment, LEFT_OUT)
        elif policy == "报错":
            raise AssessmentError(f"指标“{row['name']}”（{code}）缺少 {'、'.join(map(str, treatment))} 的数值，缺失处理为“报错”")
        elif known.isna().all():
            raise AssessmentError(f"指标“{row['name']}”（{code}）所有地区都没有数值，无法按“{policy}”处理缺数")
        elif policy == "最低分":
            floor = floor_score(row["method"], row["settings"])
            final[code] = known.mask(where, known.min() if floor is None else min(floor, known.min()))
        else:
            own = known.groupby(groups).transform("mean")
            final[code] = known.mask(where, own.fillna(known.mean()))
            treatment = {d: "缺数，记同组平均得分" if pd.notna(own[d]) else "缺数，同组都缺，记全部地区平均得分" for d in treatment}
        if not idle:
            filled += [(d, code, done, float(final.at[d, code])) for d, done in treatment.items()]
    return final, out


def read_adjustments(table: pd.DataFrame | None, districts: pd.Index, tree: Tree, notes: list[str]):
    """Points and vetoes, both district × node; a node's caps (加分上限, 扣分上限) applied."""
    points = np.zeros((len(districts), len(tree.nodes)))
    vetoes = np.full_like(points, np.nan)
    for row in [] if table is None else table.to_dict("records"):
        if row["district"] not in districts or row["node"] not in tree.nodes.index:
            raise AssessmentError(f"加减分里的区县“{row['district']}”或节点“{row['node']}”不存在")
        at = districts.get_loc(row["district"]), tree.nodes.index.get_loc(row["node"])
        value, kind = row["points"], row.get("kind") or ""
        if kind not in KINDS:
            raise AssessmentError(f"加减分类型“{kind}”不认识；可用：{'、'.join(KINDS[1:])}")
        if pd.isna(value) and kind != "否决":
            raise AssessmentError(f"{row['district']}在“{tree.name(row['node'])}”的{kind or '加减分'}没有分值")
        value = 0.0 if pd.isna(value) else float(value)
        if kind == "否决":
            vetoes[at] = value
        else:
            points[at] += -abs(value) if kind == "扣分" else value
    for k, settings in enumerate(tree.nodes["settings"]):
        if tree.nodes["leaf"].iloc[k] or not settings:
            continue
        capped = np.clip(points[:, k], -settings.get("扣分上限", np.inf), settings.get("加分上限", np.inf))
        for i in np.flatnonzero(capped != points[:, k]):
            notes.append(f"{districts[i]}在“{tree.nodes['name'].iloc[k]}”的加减分合计 {points[i, k]:+g}，超过上限，按 {capped[i]:+g} 计")
        points[:, k] = capped
    return points, vetoes


def like(table, raw: pd.DataFrame, default):
    """A companion table on the same labels, blanks filled with ``default``."""
    if table is None:
        return pd.DataFrame(np.full(raw.shape, default, dtype=object if default == "" else None), raw.index, raw.columns)
    table = table.reindex(index=raw.index, columns=raw.columns)
    return table if default is np.nan else table.where(table.notna(), default)
