"""Findings of the ranking in Chinese sentences, every figure computed from the assessment."""

from __future__ import annotations

import pandas as pd

from .assessment import ADJUSTMENT, Assessment
from .reconcile import Reconciliation, consistency_of_announcement

RECOGNITION = "认定"
_DIFFERENT = 1e-9


def ranking_findings(a: Assessment, home: str, benchmark: str = "", reconciliation: Reconciliation | None = None) -> list[str]:
    """What a director needs first: place, distance, strong and weak, whom we trail and why.

    ``**`` in the sentences marks emphasis for :func:`analysis.report.show.say`.
    """
    found = [place(a, home), strong_and_weak(a, home)]
    if benchmark and benchmark != home and benchmark in a.scores.index:
        found.append(gap(a, home, benchmark))
    found.append(recognition(a, home))
    if reconciliation is not None and not reconciliation.table.empty:
        found.append("与公布结果" + reconciliation.verdict)
    found.append(unsettled(a))
    return [sentence for sentence in found if sentence]


def place(a: Assessment, home: str) -> str:
    """Rank in the group and distance to the places next above and below."""
    score = a.total[home]
    year = f"{a.year} 年" if a.year else ""
    if pd.isna(score):
        return f"{year}**{home}**的总分含未公开数值，无法计算，不给位次。"
    peers = _peers(a, home)
    label = a.tree.name(a.root).removesuffix("得分") + "得分"
    text = f"{year}**{home}**{label} **{score:.2f}**，{_scope(a, home)} {len(peers)} 个地区中列**第 {a.ranks.at[home, a.root]:.0f} 位**"
    above, below = peers[peers > score + _DIFFERENT], peers[peers < score - _DIFFERENT]
    near = []
    if len(above):
        near.append(f"与前一位{above.idxmin()}相差 {above.min() - score:.2f} 分")
        if len(above) > 1:
            near.append(f"与首位{above.idxmax()}相差 {above.max() - score:.2f} 分")
    if len(below):
        near.append(f"领先后一位{below.idxmax()} {score - below.max():.2f} 分")
    level = peers[(peers - score).abs() <= _DIFFERENT].drop(home)
    if len(level):
        near.append(f"与{'、'.join(level.index)}得分相同")
    return "；".join([text, *near]) + "。"


def strong_and_weak(a: Assessment, home: str) -> str:
    """Best and worst placed parts directly under the total."""
    parts = [c for c in a.tree.children(a.root) if a.tree.nodes.at[c, "weight"] > 0]
    ranks = a.ranks.loc[home, parts].dropna()
    if len(ranks) < 2 or ranks.min() == ranks.max():
        return ""
    size = len(_peers(a, home))
    best = "、".join(a.tree.name(c) for c in ranks.index[ranks == ranks.min()])
    worst = "、".join(a.tree.name(c) for c in ranks.index[ranks == ranks.max()])
    last = "，居末位" if ranks.max() >= size else ""
    return f"分项看，最强的是{best}（第 {ranks.min():.0f} 位），最弱的是**{worst}**（第 {ranks.max():.0f} 位{last}）。"


def gap(a: Assessment, home: str, other: str) -> str:
    """The distance to another district and the part that makes most of it."""
    if a.total[[home, other]].isna().any():
        return f"{home}与{other}的总分有一方含未公开数值，无法比较。"
    lost = (a.contributions().loc[other] - a.contributions().loc[home]).rename(_names(a))
    distance = lost.sum()
    if abs(distance) <= _DIFFERENT:
        return f"{home}与{other}总分相同。"
    way = "低于" if distance > 0 else "高于"
    lost = lost if distance > 0 else -lost
    first = lost.idxmax()
    text = f"{home}总分{way}{other} **{abs(distance):.2f} 分**，其中**{first}**一项就有 {lost.max():.2f} 分（占 {lost.max() / abs(distance):.0%}）"
    back = lost[lost < -0.005].sort_values()
    if len(back):
        text += f"；反方向的有{'、'.join(f'{n} {-v:.2f} 分' for n, v in back.items())}"
    return text + "。"


def recognition(a: Assessment, home: str) -> str:
    """How the recognition-type indicators stand against the peers' median."""
    nodes = a.tree.nodes
    codes = [c for c in nodes.index[nodes["leaf"] & (nodes["category"] == RECOGNITION)] if pd.notna(a.treated.at[home, c])]
    if not codes:
        return ""
    peers = a.groups.index[a.groups == a.groups[home]]
    others = a.treated.loc[[d for d in peers if d != home], codes]
    said = [
        f"{a.tree.name(c)} {a.treated.at[home, c]:g} {nodes.at[c, 'unit']}（第 {a.ranks.at[home, c]:.0f} 位，{_middle(a, home)}其他地区中位数 {others[c].median():g}）"
        for c in codes
    ]
    return f"认定类指标：{'，'.join(said)}。"


def unsettled(a: Assessment) -> str:
    """What was not taken as given, so that nobody mistakes it for a published figure."""
    parts = []
    for treatment, rows in a.filled.groupby("treatment", sort=False):
        who = "、".join(f"{d}“{a.tree.name(c)}”" for d, c in zip(rows["district"][:4], rows["indicator"][:4]))
        more = f"等 {len(rows)} 处" if len(rows) > 4 else f"共 {len(rows)} 处"
        parts.append(f"{who}{more}{treatment}")
    if a.unranked:
        parts.append(f"{'、'.join(a.unranked)}含未公开且没有上下界的数值，总分无法计算，不参加排位，其他地区的位次只在可计算者之间排")
    return f"注意：{'；'.join(parts)}。" if parts else ""


def key_figures(a: Assessment, home: str, benchmark: str, reconciliation: Reconciliation, statuses) -> list[tuple]:
    """Cards for the top of the page: label, value, note, status."""
    peers, rank = _peers(a, home), a.ranks.at[home, a.root]
    cards = [
        (f"{home}位次", "未定" if pd.isna(rank) else f"第 {rank:.0f} 位", f"{_scope(a, home)[1:]} {len(peers)} 个地区", statuses),
        (f"{home}得分", "—" if pd.isna(a.total[home]) else f"{a.total[home]:.2f}", a.tree.name(a.root), statuses),
    ]
    if benchmark and benchmark != home and benchmark in a.total.index and a.total[[home, benchmark]].notna().all():
        cards.append((f"与{benchmark}差距", f"{a.total[home] - a.total[benchmark]:+.2f} 分", "本区得分减对标区得分", statuses))
    state = {True: "一致", False: "对不上", None: "无法对账"}[reconciliation.agrees]
    cards.append(("与公布结果", state, f"容差 ±{reconciliation.tolerance:g} 分", ""))
    return cards


def reconciliation_findings(this_year: Reconciliation, every_year: Reconciliation, case) -> list[str]:
    """The verdict, its years, and what a mismatch can mean."""
    found = [this_year.verdict]
    if len(every_year.table) > len(this_year.table):
        found.append("各年合计：" + every_year.verdict)
    if every_year.agrees is False:
        found.append(
            "对不上的可能原因：市里实际用的权重、上下限或缺数处理与本案例方案不同，指标值是修订前（后）的口径，"
            "或公布的得分位次有误。本库只指出差在哪里、差多少，不改动任何一方。"
        )
    contradictions = consistency_of_announcement(case.published, case.districts.set_index("district")["group"])
    for row in contradictions.to_dict("records"):
        found.append(f"公布结果自身有矛盾：{row['year']:.0f} 年{row['district']}公布得分 {row['score']:g} 应列第 {row['expected']:.0f} 位，公布位次为第 {row['rank']:.0f} 位。")
    return found


def caveats(case, a: Assessment) -> list[str]:
    """What the reader must know before quoting a figure."""
    found = [f"数据性质：{case.nature or '未注明'}。", "位次按分组分别排；" + (
        f"得分保留 {a.decimals} 位小数后比较，" if a.decimals is not None else "") + f"并列规则：{a.ties}。"]
    for key in ("资料来源", "制作说明"):
        if case.meta.get(key):
            found.append(f"{key}：{case.meta[key]}。")
    constant = [a.tree.name(c) for c in a.tree.leaves if a.treated[c].nunique() == 1 and a.treated[c].notna().sum() > 1]
    if constant:
        found.append(f"各地区数值完全相同、没有区分作用的指标：{'、'.join(constant)}（功效系数类方法一律记满分）。")
    found += [str(problem) for problem in case.problems]
    return [sentence.replace("。。", "。") for sentence in found]


def _peers(a, home):
    return a.total[a.groups == a.groups[home]].dropna()


def _scope(a, home):
    return f"在{a.groups[home]}" if a.groups[home] else "在全部"


def _middle(a, home):
    return "同组" if a.groups[home] else ""


def _names(a):
    return {**a.tree.nodes["name"].to_dict(), ADJUSTMENT: ADJUSTMENT}
