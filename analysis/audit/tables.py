"""The audit as a reader sees it: tables with Chinese headers and sentences from their figures."""

from __future__ import annotations

import pandas as pd

from ..assessment import Assessment
from ..params import AssessmentError
from .coherence import coherence

LEVEL = 0.9


def stability_findings(uncertainty, bounds, home: str, benchmark: str = "") -> list[str]:
    """How sure the home district's rank is, in sentences."""
    said = []
    if home in uncertainty.excluded:
        return [f"{home}的总分无法计算，不谈位次是否稳定。"]
    row, seen = uncertainty.summary.loc[home], uncertainty.frequency.loc[home]
    stays = seen.get(row["rank"], 0.0)
    said.append(f"{uncertainty.runs:,} 次重排中，**{home}**有 **{stays:.1%}** 仍列第 {row['rank']:g} 位，至少 90% 的情形在第 {row['p5']:g} 至第 {row['p95']:g} 位之间。")
    if benchmark in uncertainty.ahead.index and benchmark != home and pd.notna(uncertainty.ahead.at[home, benchmark]):
        said.append(f"{home}排在{benchmark}之前的占 {uncertainty.ahead.at[home, benchmark]:.1%}。")
    near = uncertainty.indistinguishable(LEVEL)
    mine = near[(near["district"] == home) | (near["neighbour"] == home)]
    for pair in mine.to_dict("records"):
        other = pair["neighbour"] if pair["district"] == home else pair["district"]
        said.append(f"{home}与{other}的先后在这些变动下分不清（没有一方领先的次数达到 {LEVEL:.0%}），不宜把两者的位次差当回事。")
    if not bounds.cells.empty:
        own = bounds.table.set_index("district").loc[home]
        span = "位次不变" if own["rank_low"] == own["rank_high"] else f"最好第 {own['rank_low']:g} 位、最差第 {own['rank_high']:g} 位"
        proof = "（已证明）" if own["proven"] else f"（外界，最多宽出 {own['gap']:g} 位）"
        said.append(f"未公开的 {len(bounds.cells)} 个数值在上下界内任意取值，{home}{span}{proof}。")
    return said


def stability_table(uncertainty, bounds) -> pd.DataFrame:
    """District × (rank, median, 90 % interval, share staying, possible ranks under masked values)."""
    s = uncertainty.summary
    table = pd.DataFrame({
        "位次": s["rank"], "中位位次": s["median"], "90% 区间（好）": s["p5"], "90% 区间（差）": s["p95"],
        "位次不变的比例": [uncertainty.frequency.loc[d].get(s.at[d, "rank"], 0.0) for d in s.index],
    })
    exact = bounds.table.set_index("district").reindex(s.index)
    table["未公开数所致最好"], table["未公开数所致最差"] = exact["rank_low"], exact["rank_high"]
    table["是否已证明"] = exact["proven"].map({True: "是", False: "否，外界"})
    if (s["group"] != "").any():
        table.insert(0, "分组", s["group"])
    return table.sort_values([c for c in ("分组", "位次") if c in table]).rename_axis("区县")


STABILITY_FORMATS = {**dict.fromkeys(["位次", "中位位次", "90% 区间（好）", "90% 区间（差）", "未公开数所致最好", "未公开数所致最差"], "g"),
                     "位次不变的比例": ".1%"}


def possible_ranks(bounds) -> pd.DataFrame | None:
    """District × (low, high) for the ranking chart; None where nothing is masked."""
    return None if bounds.cells.empty else bounds.table.set_index("district")[["rank_low", "rank_high"]].set_axis(["low", "high"], axis=1)


def shift_table(shifts: pd.DataFrame) -> pd.DataFrame:
    """How many districts move by how many places under each alternative."""
    headers = {"districts": "区县数", "mean_abs_shift": "平均变动", "largest": "最大变动"}
    headers |= {c: f"变动{c}位" for c in shifts.columns if str(c).startswith("≥")}
    return shifts.rename(columns=headers).rename_axis("改一种做法")


def leave_one_out_table(left, home: str) -> pd.DataFrame:
    """Every node left out: how the ranking moves, and the home district's own rank without it."""
    s = left.summary
    own = left.ranks.loc[home].reindex(s.index)
    return pd.DataFrame({"去掉的指标": ["　" * (k - 1) + n for n, k in zip(s["name"], s["level"])], "占总分权重": s["weight"],
                         f"{home}位次": own, f"{home}位次变动": left.reference[home] - own, "变动的区县数": s["moved"], "平均变动": s["mean_abs_shift"]}).rename_axis("代码")


def coherence_table(a: Assessment) -> tuple[pd.DataFrame | None, str]:
    """Correlations, flags and effective against nominal weight; or None and the reason."""
    try:
        coherent = coherence(a)
    except AssessmentError as error:
        return None, f"{error}。"
    names = a.tree.nodes["name"]
    return pd.DataFrame({
        "指标": coherent["name"], "上级": coherent["parent"].map(names), "名义权重": coherent["weight"], "实际影响（方差份额）": coherent["share"],
        "与上级相关": coherent["r_parent"], "与总分相关": coherent["r_total"], "提示": coherent["flags"], "情况": coherent["状态"],
    }).reset_index(drop=True), ""


def recovered_table(recovered, a: Assessment) -> pd.DataFrame:
    """Stated weights beside those the announced figures imply, with their range."""
    w = recovered.weights
    stated = a.tree.nodes["weight"].reindex(w.index)
    return pd.DataFrame({"分项": a.tree.nodes["name"].reindex(w.index), "方案权重": stated / stated.sum(), "反推权重（最大差最小）": w["least_largest"],
                         "反推权重（最小二乘）": w["least_squares"], "可能最小": w["low"], "可能最大": w["high"]}).reset_index(drop=True)


def pair_table(uncertainty) -> pd.DataFrame:
    """Neighbouring places that the repetitions cannot tell apart."""
    headers = {"group": "分组", "district": "位次在前", "neighbour": "位次在后", "p_ahead": "前者领先", "p_behind": "后者领先", "p_tied": "相同"}
    table = uncertainty.indistinguishable(LEVEL).rename(columns=headers)
    return table if (table["分组"] != "").any() else table.drop(columns="分组")


def sobol_table(result) -> pd.DataFrame:
    """Which choice moves the ranking: first-order and total shares of the variance."""
    return result.indices.rename(columns={"first": "单独影响", "total": "含交互影响"})[["单独影响", "含交互影响", "状态"]].rename_axis("哪种选择")


def implied_table(case, a: Assessment) -> pd.DataFrame | None:
    """What the masked values must lie between for each announcement to be true, node by node.

    None where nothing is masked with bounds, or nothing was announced above it.
    """
    from .masked import case_inputs, implied_by_node

    published = case.published[case.published["year"] == a.year]
    if not a.masked.to_numpy().any() or published.empty:
        return None
    table = implied_by_node(published=published, **case_inputs(case, a.year))
    if table.empty:
        return None
    for column in ("node", "indicator"):
        table[column] = table[column].map(a.tree.nodes["name"])
    table["exact"] = table["exact"].map({True: "是", False: "否，外界"})
    headers = {"node": "依据哪项公布", "district": "区县", "indicator": "指标", "low": "所给下界", "high": "所给上界", "implied_low": "反推下限",
               "implied_high": "反推上限", "exact": "是否精确", "note": "说明"}
    return table[list(headers)].rename(columns=headers)


def recoveries(case, a: Assessment) -> dict:
    """Weights implied by the announced figures: for each year alone, then for all together."""
    from .recover import recover_weights

    found = {}
    for year in case.years:
        known = announced_parts(case, a, [year])
        if known is not None:
            found[f"{year} 年"] = recover_weights(known[0], known[1], ranks=known[2])
    together = announced_parts(case, a, case.years)
    if len(found) > 1 and together is not None:
        found["各年合用一套权重"] = recover_weights(together[0], together[1])
    return found


def announced_parts(case, a: Assessment, years) -> tuple[pd.DataFrame, pd.Series, pd.Series] | None:
    """Part scores, announced totals and ranks of some years, if the weights can be asked for.

    Only schemes whose parts are scores already (直接) qualify, with more announced
    totals than parts; else None.
    """
    parts = [c for c in a.tree.children(a.root) if a.tree.nodes.at[c, "weight"] > 0]
    published = case.published[(case.published["node"] == a.root) & case.published["year"].isin(years)].dropna(subset=["score"])
    if not (a.tree.nodes.loc[parts, "leaf"].all() and (a.tree.nodes.loc[parts, "method"] == "直接").all()):
        return None
    wide = case.values.pivot(index=["year", "district"], columns="indicator", values="value").reindex(columns=parts)
    total = published.set_index(["year", "district"])
    units = total.index.intersection(wide.dropna().index)
    if len(units) <= len(parts):
        return None
    labels = [f"{y:.0f} 年{d}" for y, d in units]
    return wide.loc[units].set_axis(labels), total.loc[units, "score"].set_axis(labels), total.loc[units, "rank"].set_axis(labels)
