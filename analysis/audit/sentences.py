"""The audit in Chinese sentences, every figure computed; ``**`` marks emphasis."""

from __future__ import annotations

import math

import pandas as pd

from ..assessment import ADJUSTMENT, Assessment
from ..params import AssessmentError
from ..reconcile import Reconciliation
from .coherence import coherence
from .implied import combined

LEVEL = 0.9


def nothing_to_rank(a: Assessment, home: str, certainty=None) -> str:
    """Why nothing can be said about how sure the home district's rank is; "" where it can be.

    A district without anybody to be compared with has no rank, and districts that stand
    level in every repetition have no order.
    """
    known = a.total.dropna().index
    peers = [d for d in known if a.groups[d] == a.groups[home]]
    if home in known and len(peers) == 1 or not a.groups[known].duplicated().any():
        return f"{'本区所在的' + a.groups[home] if a.groups[home] else ''}只有一个可比地区，不谈位次，也不谈位次是否稳定。"
    if certainty is not None and home in known:
        own = certainty.ranks[:, certainty.reference.index.isin(peers)]
        if (own == own[:, :1]).all():
            return f"{len(peers)} 个可比地区**全部并列**，在全部 {certainty.runs:,} 次重排中也分不出先后，不谈位次是否稳定。"
    return ""


def stability_findings(uncertainty, bounds, home: str, benchmark: str = "") -> list[str]:
    """How sure the home district's rank is: share staying, interval, pairs, masked values."""
    said = []
    if home in uncertainty.excluded:
        return [f"{home}的总分无法计算，不谈位次是否稳定。"]
    row, seen = uncertainty.summary.loc[home], uncertainty.frequency.loc[home]
    stays = seen.get(row["rank"], 0.0)
    error = f"（抽样误差 ±{100 * uncertainty.margin(stays):.1f} 个百分点）" if 0 < stays < 1 else ""
    within = f"都在第 {row['p5']:g} 位" if row["p5"] == row["p95"] else f"在第 {row['p5']:g} 至第 {row['p95']:g} 位之间"
    said.append(f"{uncertainty.runs:,} 次重排中，**{home}**有 **{stays:.1%}** 仍列第 {row['rank']:g} 位{error}，"
                f"中位第 {row['median']:g} 位，至少 90% 的情形{within}。")
    if benchmark in uncertainty.ahead.index and benchmark != home and pd.notna(uncertainty.ahead.at[home, benchmark]):
        said.append(f"{home}排在{benchmark}之前的占 {uncertainty.ahead.at[home, benchmark]:.1%}。")
    near = uncertainty.indistinguishable(LEVEL)
    for pair in near[(near["district"] == home) | (near["neighbour"] == home)].to_dict("records"):
        other = pair["neighbour"] if pair["district"] == home else pair["district"]
        most = max(pair["p_ahead"], pair["p_behind"])
        if pair["near"]:
            said.append(f"{home}与{other}的先后接近门槛：领先较多的一方占 {most:.1%}，与 {LEVEL:.0%} 的差在抽样误差"
                        f"（±{100 * uncertainty.margin(LEVEL):.1f} 个百分点）以内，能否分清说不准。")
        else:
            said.append(f"{home}与{other}的先后在这些变动下分不清（领先较多的一方只占 {most:.1%}，不到 {LEVEL:.0%}），不宜把两者的位次差当回事。")
    return said + masked_findings(bounds, home)


def masked_findings(bounds, home: str) -> list[str]:
    """What the masked values leave open of the home district's rank."""
    if bounds.refused:
        return [bounds.verdict]
    if bounds.cells.empty:
        return []
    own = bounds.table.set_index("district").loc[home]
    reach = "位次不变" if own["rank_low"] == own["rank_high"] else f"最好第 {own['rank_low']:g} 位、最差第 {own['rank_high']:g} 位"
    proof = "（已证明）" if own["proven"] else f"（范围偏宽、未证明，最多宽出 {own['gap']:g} 位）"
    return [f"未公开的 {len(bounds.cells)} 个数值在上下界内任意取值，{home}{reach}{proof}。"]


def frequency_caption(uncertainty, home: str) -> str:
    """What the frequency chart shows for the home district."""
    if home in uncertainty.excluded:
        return "颜色越深，该位次出现得越多。"
    seen = uncertainty.frequency.loc[home]
    seen = seen[seen > 0].sort_values(ascending=False, kind="stable")
    first = seen.head(3)
    rest = f"，其余 {len(seen) - 3} 个位次合计 {seen.iloc[3:].sum():.1%}" if len(seen) > 3 else ""
    return f"{home}：{'、'.join(f'第 {k:g} 位占 {share:.1%}' for k, share in first.items())}{rest}。"


def span(low: float, high: float) -> str:
    """Two ranks as a range, one if they are the same."""
    return f"{low:g}" if low == high else f"{low:g}～{high:g}"


def varied(uncertainty) -> str:
    """What was varied, for titles."""
    return "权重浮动" + ("、区间取值" if uncertainty.intervals else "")


def robust_findings(found: dict, home: str) -> list[str]:
    """The home district's rank under wider and wider changes, from :func:`analysis.audit.tables.robust_runs`."""
    said = []
    for label, u in found.items():
        if home not in u.excluded:
            row = u.summary.loc[home]
            said.append(f"{label}：中位第 {row['median']:g} 位，90% 区间第 {span(row['p5'], row['p95'])} 位，"
                        f"{u.frequency.loc[home].get(row['rank'], 0.0):.1%} 仍列第 {row['rank']:g} 位")
    return [f"变动范围逐步放开，**{home}**的位次：{'；'.join(said)}。"] if said else []


def shift_findings(shifts: pd.DataFrame, alternatives, home: str, reference: float) -> list[str]:
    """Which alternative moves the ranking most, and where the home district then stands."""
    if shifts.empty:
        return []
    own = alternatives.ranks.loc[home].reindex(shifts.index)
    worst = shifts.sort_values(["mean_abs_shift", "largest"], ascending=False, kind="stable").iloc[0]
    text = f"{len(shifts)} 种做法中，"
    if own.notna().all() and pd.notna(reference):
        same = int((own == reference).sum())
        text += f"{f'有 {same} 种' if same else '没有一种'}**{home}**仍列第 {reference:g} 位"
        other = own[own != reference]
        text += "；" if other.empty else f"，其余列第 {span(other.min(), other.max())} 位；"
    if not worst["largest"]:
        return [text + "没有一种使任何地区的位次改变。"]
    return [text + f"变动最大的是“{worst.name}”：{worst['≥1']:g} 个地区变位，平均变动 {worst['mean_abs_shift']:.2f} 位，最多 {worst['largest']:g} 位。"]


def sobol_findings(result, own=None) -> list[str]:
    """Which choice matters most, for the ranking as a whole and for one district."""
    said = []
    for about, found in (("全部地区的平均位次变动", result), (f"{own.target}自己的位次" if own else "", own)):
        if found is None:
            continue
        if not found.variance:
            said.append(f"{about}不随所列的任何选择变化。")
            continue
        top = found.indices["total"].idxmax()
        row = found.indices.loc[top]
        said.append(f"对{about}影响最大的是**{top}**：单独解释变动的 {row['first']:.0%}，连同与其他选择的交互共 {row['total']:.0%}。")
    return said


def leave_one_out_findings(left, home: str) -> list[str]:
    """How far the home district moves without any one node, and which node matters most."""
    own, names = left.shift.loc[home].dropna(), left.summary["name"]
    said = []
    if len(own):
        ranks, stated = left.ranks.loc[home].dropna(), left.reference[home]
        if not own.any():
            said.append(f"去掉任一指标或分项，**{home}**都仍列第 {stated:g} 位。")
        else:
            moved = "、".join(f"“{names[c]}”（第 {ranks[c]:g} 位）" for c in own[own != 0].abs().sort_values(ascending=False, kind="stable").index[:3])
            more = "等" if (own != 0).sum() > 3 else ""
            said.append(f"逐个去掉 {len(own)} 个指标或分项，**{home}**在第 {span(ranks.min(), ranks.max())} 位之间，"
                        f"其中 {int((own != 0).sum())} 个会改变位次：去掉{moved}{more}。")
    top = left.summary["mean_abs_shift"].idxmax()
    if left.summary.at[top, "mean_abs_shift"] > 0:
        said.append(f"对整个排名影响最大的是“{names[top]}”：去掉后 {left.summary.at[top, 'moved']:.0f} 个地区变位，平均变动 {left.summary.at[top, 'mean_abs_shift']:.2f} 位。")
    return said


def coherence_findings(a: Assessment) -> list[str]:
    """One sentence on what the coherence table shows; the reason where there is none."""
    try:
        table = coherence(a)
    except AssessmentError as error:
        return [f"{error}。"]
    table = table.drop(index=ADJUSTMENT, errors="ignore")
    names = a.tree.nodes["name"]
    judged = table[(table["weight"] > 0) & table["r_total"].notna()]
    if judged.empty:
        return ["没有可以判断相关性的指标。"]
    flagged = judged[judged["flags"] != ""]
    text = f"{len(judged)} 个可判断的指标中，" + (f"{len(flagged)} 个有提示" if len(flagged) else "没有一个触到提示门槛")
    parts = []
    for mark in ("几乎决定总分", "与总分几乎无关", "与总分相反", "高度重复"):
        hit = judged.index[judged["flags"].str.contains(mark)]
        if len(hit):
            more = f"等 {len(hit)} 个" if len(hit) > 3 else ""
            parts.append(f"{mark}的有{'、'.join(names.get(c, c) for c in hit[:3])}{more}")
    apart = (judged["share"] - judged["weight"]).dropna()
    if len(apart):
        c = apart.abs().idxmax()
        parts.append(f"实际影响与名义权重相差最大的是**{names.get(c, c)}**（名义 {judged.at[c, 'weight']:.1%}，实际 {judged.at[c, 'share']:.1%}）".replace("-", "−"))
    return ["；".join([text, *parts]) + "。"]


def implied_findings(table: pd.DataFrame | None, a: Assessment, check: Reconciliation | None = None) -> list[str]:
    """Between what each masked value must lie if everything announced is true; ``table`` by node.

    Where no value will do, the districts without masked values whose announced score is not the rebuilt one are
    named from ``check``: then it is their figures that exclude every value, whoever's is masked.
    """
    if table is None or table.empty:
        return []
    said = []
    for row in combined(table).to_dict("records"):
        what = f"{row['district']}“{a.tree.name(row['indicator'])}”"
        if not row["possible"]:
            by = "、".join(f"“{a.tree.name(node)}”" for node in row["against"])
            said.append(f"{what}：" + (f"按公布的{by}，所给上下界内没有任何取值能够成立" if by else "各项公布要求的范围没有交集，互相矛盾")
                        + (_elsewhere(row["against"], a, check) or "；请核对公布数、方案或上下界。"))
            continue
        unit = a.tree.nodes.at[row["indicator"], "unit"]
        said.append(f"若公布属实，{what}应在 **{outward(row['implied_low'], row['implied_high'])}**{' ' + unit if unit else ''}"
                    + ("。" if row["exact"] else "（范围偏宽，未证明）。"))
    return said


def _elsewhere(nodes, a, check):
    """Which announced scores of a node are not the rebuilt ones though nothing under them is masked, in words."""
    if check is None:
        return ""
    off = check.table[check.table["node"].isin(nodes) & check.table["score_ok"].eq(False).fillna(False).astype(bool)]
    off = off[[not a.masked.loc[d, a.tree.leaves_under(node)].any() for d, node in zip(off["district"], off["node"])]]
    named = [f"{row['district']}公布 {row['published_score']:.2f}、复算 {row['score']:.2f}" for row in off.head(3).to_dict("records")]
    more = f"等 {len(off)} 个" if len(off) > 3 else ""
    return f"；对不上的是{'，'.join(named)}{more}，不一定是这个未公开的数，请先核对。" if named else ""


def outward(low: float, high: float) -> str:
    """An interval rounded outward, by a fifth of its width at most at either end, so that no possible value is cut off.

    A hundredth of the last digit is let go, for the bounds are only computed so exactly.
    """
    width = high - low
    if width <= 1e-9 * max(1.0, abs(low)):
        return f"{low:.6g}"
    places = max(0, -math.floor(math.log10(width / 5)))
    step = 10.0**places
    return f"{math.floor(low * step + 0.01) / step:.{places}f}～{math.ceil(high * step - 0.01) / step:.{places}f}"
