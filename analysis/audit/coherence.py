"""Coherence: do the indicators pull the same way, and does each weigh what it is said to weigh."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd

from ..assessment import ADJUSTMENT, Assessment
from ..params import AssessmentError
from ..shipped import rows

FEWEST = 3
_TESTS = {"r大于": lambda r, edge: r > edge, "r小于": lambda r, edge: r < edge, "绝对值小于": lambda r, edge: abs(r) < edge}


@cache
def thresholds() -> tuple[dict, ...]:
    """Rows of ``tables/audit_thresholds.csv``: 关系, 比较, 门槛 (number), 标记, 说明, 出处."""
    return tuple({**row, "门槛": float(row["门槛"])} for row in rows("audit_thresholds"))


def coherence(a: Assessment) -> pd.DataFrame:
    """Correlations, flags and effective share of every indicator.

    Pearson's r between scores (so that more is better for each) over the districts where
    both are known, at least three. The effective share of an indicator is
    cov(part, total) / var(total) with its part of the total from
    :meth:`Assessment.contributions`: the shares of all rows sum to 1, the row 加减分
    (bonuses, deductions, vetoes) included. A part aggregated by Copeland below the total
    stands undivided in a row of its own.

    Returns
    -------
    DataFrame by indicator code (and parts as above): name, parent, weight (nominal, of the
    total), share (effective), r_parent, r_total, sibling (the one with the largest |r|),
    r_sibling, n (districts behind r_total), flags (Chinese, from the thresholds), 状态 (why
    a figure is absent; 正常).

    Raises
    ------
    AssessmentError when fewer than three districts have a known total.
    """
    known = a.total.notna()
    if known.sum() < FEWEST:
        raise AssessmentError(f"总分已知的区县只有 {int(known.sum())} 个，少于 {FEWEST} 个，不能计算相关系数")
    scores, nodes = a.scores[known], a.tree.nodes
    constant = scores.apply(_constant)
    r = scores.mask(a.left_out[known]).loc[:, ~constant].corr(min_periods=FEWEST).reindex(index=nodes.index, columns=nodes.index)
    parts, undivided = _parts(a, known)
    shares = _shares(parts, scores[a.root], constant[a.root])
    rows = {code: _row(a, code, r, constant, shares, undivided) for code in a.tree.leaves}
    counted = scores.mask(a.left_out[known])[list(a.tree.leaves)].notna().sum()
    for code in shares.index.difference(list(rows), sort=False):
        inner = code != ADJUSTMENT
        rows[code] = {"name": a.tree.name(code) if inner else ADJUSTMENT, "parent": nodes.at[code, "parent"] if inner else "",
                      "weight": nodes.at[code, "global_weight"] if inner else 0.0, "share": shares[code], "r_parent": np.nan,
                      "r_total": np.nan, "sibling": "", "r_sibling": np.nan, "flags": "",
                      "状态": "按科普兰法合成，作为整体计算" if inner else "各级加分、扣分和否决合计"}
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("node")
    table.insert(table.columns.get_loc("flags"), "n", counted.reindex(table.index))
    if constant[a.root]:
        table.loc[[ADJUSTMENT], "状态"] += "；总分没有差异，实际占比无定义"
    return table


def _constant(column) -> bool:
    known = column.dropna()
    return known.empty or bool(np.ptp(known) <= 1e-12 * max(1.0, float(known.abs().max())))


def _parts(a, known):
    """Parts of the total by indicator, and the indicators that cannot be split off."""
    if next(s for s in a.tree.steps if s.node == 0).aggregation == "copeland":
        return None, list(a.tree.leaves)
    parts = a.contributions(leaves=True)[known]
    return parts, [c for c in a.tree.leaves if c not in parts]


def _shares(parts, total, constant):
    if parts is None:
        return pd.Series(dtype=float)
    if constant:
        return pd.Series(np.nan, parts.columns)
    deviation = total - total.mean()
    return (parts.sub(parts.mean()).mul(deviation, axis=0).sum() / (deviation**2).sum()).rename("share")


def _row(a, code, r, constant, shares, undivided):
    nodes = a.tree.nodes
    parent = nodes.at[code, "parent"]
    siblings = [c for c in a.tree.children(parent) if c != code and nodes.at[c, "weight"] > 0]
    beside = r.loc[code, siblings].dropna()
    nearest = beside.abs().idxmax() if len(beside) else ""
    faults = list(_reasons(a, code, parent, r, constant, siblings, undivided))
    counted = nodes.at[code, "global_weight"] > 0 and siblings
    return {
        "name": nodes.at[code, "name"], "parent": parent, "weight": nodes.at[code, "global_weight"],
        "share": shares.get(code, np.nan), "r_parent": r.at[code, parent], "r_total": r.at[code, a.root],
        "sibling": nearest, "r_sibling": beside.get(nearest, np.nan),
        "flags": "；".join(_flags(a, code, parent, r, beside)) if counted else "", "状态": "；".join(faults) or "正常",
    }


def _reasons(a, code, parent, r, constant, siblings, undivided):
    if a.scores.loc[a.total.notna(), code].isna().all():
        yield "没有数据，相关系数无定义"
    elif constant[code]:
        yield "各区县得分相同，相关系数无定义"
    elif constant[parent] or constant[a.root]:
        yield "上级或总分没有差异，相关系数无定义"
    elif np.isnan(r.at[code, parent]) or np.isnan(r.at[code, a.root]):
        yield f"两项得分都已知的区县少于 {FEWEST} 个"
    if a.tree.nodes.at[code, "global_weight"] == 0:
        yield "权重为 0，不参与合成"
    elif not siblings:
        yield "上级只有这一个指标，相关不作判断"
    if code in undivided:
        yield "按科普兰法合成，实际占比无法分解"
    elif constant[a.root]:
        yield "总分没有差异，实际占比无定义"


def _flags(a, code, parent, r, beside):
    # A parent that is the total itself is judged once, as the total.
    related = [("上级", "", r.at[code, parent])] if parent != a.root else []
    related += [("总分", "", r.at[code, a.root])]
    related += [("同级", f"“{a.tree.name(c)}”", value) for c, value in beside.items()]
    for row in thresholds():
        hit = [(label, value) for relation, label, value in related
               if row["关系"] == relation and not np.isnan(value) and _TESTS[row["比较"]](value, row["门槛"])]
        if hit:
            labels = "".join(label for label, _ in hit)
            yield f"{'与' if labels else ''}{labels}{row['标记']}（r = {'、'.join(f'{value:.2f}' for _, value in hit)}）".replace("-", "−")
