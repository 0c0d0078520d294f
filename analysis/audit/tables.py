"""The audit as a reader sees it: tables with Chinese headers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from ..assessment import ADJUSTMENT, Assessment
from ..params import AssessmentError
from ..views import display_order, signed
from .coherence import coherence
from .sentences import LEVEL, span

COPELAND = "科普兰：两两比较，按权重计算占优的指标更多的一方胜，得分为胜的场数减负的场数。"
SIGNS = "位次变动为正（+）是前移，为负（−）是后移。"
SOBOL = "方差分解（索博尔指数）：把各种选择全部组合起来重排，看结果的变动有多大一份由某一项选择引起；单独影响不含、合计影响包含它与其他选择共同作用的部分。"
COHERENCE_FORMATS = {"名义权重": ".1%", "实际影响（方差份额）": ".1%", "与上级相关": ".2f", "与总分相关": ".2f", "地区数": ".0f"}


def attempt(function, *args, **options):
    """(result, "") or (None, the reason in Chinese) where a question cannot be put to this case."""
    try:
        return function(*args, **options), ""
    except AssessmentError as error:
        return None, f"{str(error).rstrip('。')}。"


def repetitions(source, **options):
    """(:func:`simulate`, "") or (None, reason).

    Where some value inside an interval is one that the scheme refuses (nothing at or below
    0 enters a geometric mean), the intervals stay at their midpoints and the notes say so.
    """
    from .uncertainty import simulate

    found, reason = attempt(simulate, source, **options)
    if found is None:
        found, _ = attempt(simulate, source, **options | {"intervals": False})
        if found is not None:
            return replace(found, notes=(*found.notes, f"区间值固定在中点，没有抽取：{reason}")), ""
    return found, reason


def stability_table(uncertainty, bounds) -> pd.DataFrame:
    """District × (rank, median, 90 % interval, share staying and in front, possible ranks under masked values).

    Districts without anybody to be compared with are left out; so are the columns of
    masked values where nothing is masked.
    """
    s = uncertainty.summary
    half = np.ceil(s["group"].map(s["group"].value_counts()) / 2)
    table = pd.DataFrame({
        "位次": s["rank"], "中位位次": s["median"], "90% 区间（好）": s["p5"], "90% 区间（差）": s["p95"],
        "位次不变的比例": [uncertainty.frequency.loc[d].get(s.at[d, "rank"], 0.0) for d in s.index],
        "列首位的比例": uncertainty.at_most(1), "进前 3 位的比例": uncertainty.at_most(3), "进前一半的比例": uncertainty.at_most(half),
    })
    if (half[uncertainty.compared] == 3).all():
        table = table.drop(columns="进前一半的比例")
    if not (bounds.refused or (bounds.cells.empty and bounds.proven)):
        exact = bounds.table.set_index("district").reindex(s.index)
        table["未公开数所致最好"], table["未公开数所致最差"] = exact["rank_low"], exact["rank_high"]
        table["是否已证明"] = exact["proven"].map({True: "是", False: "否，范围偏宽"})
    if (s["group"] != "").any():
        table.insert(0, "分组", s["group"])
    order = pd.Series(pd.factorize(s["group"])[0], s.index)
    return table.loc[uncertainty.compared].assign(order=order).sort_values(["order", "位次"], kind="stable").drop(columns="order").rename_axis("区县")


STABILITY_FORMATS = {**dict.fromkeys(["位次", "中位位次", "90% 区间（好）", "90% 区间（差）", "未公开数所致最好", "未公开数所致最差"], "g"),
                     **dict.fromkeys(["位次不变的比例", "列首位的比例", "进前 3 位的比例", "进前一半的比例"], ".1%")}


def possible_ranks(bounds, alone=()) -> pd.DataFrame | None:
    """District × (low, high) for the ranking chart; None where nothing is masked or no bounds can be given.

    alone : districts with nobody to be compared with, which get no rank.
    """
    if bounds.refused or bounds.cells.empty:
        return None
    table = bounds.table.set_index("district")[["rank_low", "rank_high"]].set_axis(["low", "high"], axis=1)
    return table.assign(**{side: table[side].mask(table.index.isin(list(alone))) for side in table})


def robust_runs(source, a: Assessment, certainty, alternatives, noise: float, adjustments=None) -> tuple[dict, list[str]]:
    """The repetitions under wider and wider changes, by name, and what could not be run.

    Stated weights ± noise (``certainty``), any weights (Dirichlet, uniform over all that
    sum to one), and the stated scheme or one of the ``alternatives`` with equal chance.
    """
    tries = {"任意权重": {"weights": "dirichlet"}}
    if alternatives is not None and alternatives.schemes:
        tries["换计分或合成方法"] = {"weights": None, "schemes": alternatives.schemes}
    found, failed = {f"权重上下浮动 {noise:.0%}": certainty}, []
    for label, setting in tries.items():
        result, reason = repetitions(source, runs=certainty.runs, seed=certainty.seed, year=a.year, adjustments=adjustments, **setting)
        if result is None:
            failed.append(f"{label}：{reason}")
        else:
            found[label] = result
    return found, failed


def robust_table(found: dict, a: Assessment) -> pd.DataFrame:
    """District × change: median rank with its 90 % interval, and the share of runs with the stated rank."""
    first = next(iter(found.values()))
    table = pd.DataFrame({"位次": first.reference})
    for label, u in found.items():
        s = u.summary
        table[f"{label}：中位（90% 区间）"] = [f"{m:g}（{span(lo, hi)}）" for m, lo, hi in zip(s["median"], s["p5"], s["p95"])]
        table[f"{label}：位次不变"] = [u.frequency.loc[d].get(s.at[d, "rank"], 0.0) for d in s.index]
    return table.loc[[d for d in display_order(a) if d in first.compared]].rename_axis("区县")


def robust_formats(table: pd.DataFrame) -> dict:
    return {"位次": "g"} | {c: ".1%" for c in table if c.endswith("位次不变")}


def shift_table(shifts: pd.DataFrame, alternatives=None, home: str = "") -> pd.DataFrame:
    """How many districts move by how many places under each alternative, and where home then stands."""
    headers = {"districts": "区县数", "mean_abs_shift": "平均变动", "largest": "最大变动"}
    headers |= {c: f"变动{c}位" for c in shifts.columns if str(c).startswith("≥")}
    table = shifts.rename(columns=headers).rename_axis("改一种做法")
    if alternatives is not None and home in alternatives.ranks.index:
        table.insert(0, f"{home}位次", alternatives.ranks.loc[home].reindex(table.index))
    return table


def shift_notes(alternatives) -> list[str]:
    """What 科普兰 means where it is listed, and which alternatives are missing and why."""
    notes = [COPELAND] if any("科普兰" in name for name in alternatives.schemes) else []
    reasons: dict[str, list[str]] = {}
    for name, reason in alternatives.skipped.items():
        reasons.setdefault(reason, []).append(name)
    return notes + [f"未列入：{'、'.join(names)}（{reason}）。" for reason, names in reasons.items()]


def leave_one_out_table(left, home: str) -> pd.DataFrame:
    """Every node left out: how the ranking moves, and the home district's own rank without it."""
    s = left.summary
    own = left.ranks.loc[home].reindex(s.index)
    return pd.DataFrame({"去掉的指标": ["　" * (k - 1) + n for n, k in zip(s["name"], s["level"])], "占总分权重": s["weight"],
                         f"{home}位次": own, f"{home}位次变动（+ 为前移）": left.reference[home] - own, "变动的区县数": s["moved"],
                         "平均变动": s["mean_abs_shift"]}).rename_axis("代码")


def leave_one_out_formats(home: str) -> dict:
    return {"占总分权重": ".1%", f"{home}位次": "g", f"{home}位次变动（+ 为前移）": signed(0), "平均变动": ".2f"}


def coherence_table(a: Assessment) -> tuple[pd.DataFrame | None, str]:
    """Correlations, flags and effective against nominal weight, and a note; or None and the reason."""
    try:
        coherent = coherence(a)
    except AssessmentError as error:
        return None, f"{error}。"
    names = a.tree.nodes["name"]
    note = "相关系数按得分计算，地区数是两项得分都已知的个数；地区少时相关系数本身不稳。"
    if (coherent["share"].drop(ADJUSTMENT, errors="ignore") < 0).any():
        note += "实际影响为负的指标，得分高的地区总分反而偏低：它在缩小而不是拉开各地区总分的差距。"
    return pd.DataFrame({
        "指标": coherent["name"], "上级": coherent["parent"].map(names), "名义权重": coherent["weight"], "实际影响（方差份额）": coherent["share"],
        "与上级相关": coherent["r_parent"], "与总分相关": coherent["r_total"], "地区数": coherent["n"], "提示": coherent["flags"],
        "数据是否足够": coherent["状态"].replace("正常", "足够"),
    }).reset_index(drop=True), note


def recovered_table(recovered, a: Assessment) -> pd.DataFrame:
    """Stated weights beside those the announced figures imply, with their range."""
    w = recovered.weights
    stated = a.tree.nodes["weight"].reindex(w.index)
    # Where no weights keep to rounding, the range is that of weights which miss by so much: it must not be called possible.
    ends = ("可能最小", "可能最大") if recovered.explains_scores else tuple(
        f"差不超过 {recovered.range_tolerance:.3f} 分时的{side}" for side in ("最小", "最大"))
    return pd.DataFrame({"分项": a.tree.nodes["name"].reindex(w.index), "方案权重": stated / stated.sum(), "反推权重（最大差最小）": w["least_largest"],
                         "反推权重（最小二乘）": w["least_squares"], ends[0]: w["low"], ends[1]: w["high"]}).reset_index(drop=True)


def pair_table(uncertainty) -> pd.DataFrame:
    """Neighbouring places that the repetitions cannot tell apart, or only just."""
    headers = {"group": "分组", "district": "位次在前", "neighbour": "位次在后", "p_ahead": "前者领先", "p_behind": "后者领先", "p_tied": "相同", "near": "判断"}
    table = uncertainty.indistinguishable(LEVEL).rename(columns=headers)
    table["判断"] = table["判断"].map({True: "接近门槛，说不准", False: "分不清"})
    return table if (table["分组"] != "").any() else table.drop(columns="分组")


def pair_notes(uncertainty) -> list[str]:
    return [f"分不清：没有一方领先的比例达到 {LEVEL:.0%}。{uncertainty.runs:,} 次重排下，门槛附近的比例有 ±{100 * uncertainty.margin(LEVEL):.1f} 个百分点的"
            "抽样误差（2 倍标准误），在此之内的标为“接近门槛，说不准”：换一个随机种子可能落在门槛的另一边。"]


def ahead_table(uncertainty, a: Assessment) -> pd.DataFrame:
    """Share of runs in which the row is ahead of the column, in order of rank; — for itself and across groups."""
    order = [d for d in display_order(a) if d in uncertainty.compared]
    table = uncertainty.ahead.loc[order, order]
    return table.mask(np.eye(len(order), dtype=bool)).rename_axis("行在列之前的比例").rename_axis(columns=None)


def sobol_table(result, own=None) -> pd.DataFrame:
    """Shares of the variance: of the mean shift of all districts, and of one district's rank (``own``)."""
    parts, about = [result.indices], ["全部地区"]
    if own is not None:
        parts, about = parts + [own.indices], about + [own.target]
    table = pd.concat([p[["first", "total"]].set_axis([f"{who}：单独影响", f"{who}：合计影响（含交互）"], axis=1) for p, who in zip(parts, about)], axis=1)
    return table.rename_axis("哪种选择")


def implied(case, a: Assessment) -> pd.DataFrame | None:
    """What the masked values must lie between for each announcement to be true, node by node.

    None where nothing is masked with bounds, or nothing was announced above it.
    """
    from .masked import case_inputs, implied_by_node

    published = case.published[case.published["year"] == a.year]
    if not a.masked.to_numpy().any() or published.empty:
        return None
    table = implied_by_node(published=published, **case_inputs(case, a.year))
    return None if table.empty else table


def implied_table(table: pd.DataFrame, a: Assessment) -> pd.DataFrame:
    """:func:`implied` for readers, with a row for all announcements together where there are several."""
    from .implied import combined

    names, together = a.tree.nodes["name"], combined(table)
    rows = table.assign(node=table["node"].map(names))
    joint = together[together["nodes"] > 1]
    given = table.drop_duplicates(["district", "indicator"])[["district", "indicator", "low", "high"]]
    joint = joint.merge(given, on=["district", "indicator"]).assign(node="以上合并")
    joint["note"] = np.where(joint["possible"], "", "没有任何取值能使各项公布同时成立")
    joint.loc[~joint["possible"], ["implied_low", "implied_high"]] = np.nan
    rows = pd.concat([rows, joint[[c for c in rows if c in joint]]], ignore_index=True)
    order = {key: k for k, key in enumerate(zip(given["district"], given["indicator"]))}
    place = pd.Series([order[key] for key in zip(rows["district"], rows["indicator"])], rows.index)
    rows = rows.loc[place.sort_values(kind="stable").index].reset_index(drop=True)
    rows["indicator"] = rows["indicator"].map(names)
    rows["exact"] = rows["exact"].map({True: "是", False: "否，范围偏宽（未证明）"})
    headers = {"district": "区县", "indicator": "指标", "node": "依据哪项公布", "low": "所给下界", "high": "所给上界", "implied_low": "反推下限",
               "implied_high": "反推上限", "exact": "是否精确", "note": "说明"}
    return rows[list(headers)].rename(columns=headers)


def recoveries(case, a: Assessment) -> dict:
    """Weights implied by the announced figures: for each year alone, then for all together.

    Totals and parts may both be off by half of their last printed decimal; parts printed
    as whole numbers are taken as exact.
    """
    from .recover import recover_weights

    found, every = {}, announced_parts(case, a, case.years)
    for year in case.years:
        known = announced_parts(case, a, [year])
        if known is not None:
            found[f"{year} 年"] = recover_weights(known[0], known[1], ranks=known[2], **_rounding(*(every or known)[:2]))
    if len(found) > 1 and every is not None:
        found["各年合用一套权重"] = recover_weights(every[0], every[1], **_rounding(*every[:2]))
    return found


def _rounding(parts, totals):
    def decimals(values):
        return max(len(f"{v:.10g}".partition(".")[2]) for v in values)

    places = decimals(parts.to_numpy().ravel())
    return {"tolerance": 0.5 * 10.0 ** -decimals(totals), "part_tolerance": 0.5 * 10.0**-places if places else 0.0}


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
