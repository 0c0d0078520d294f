"""Findings of the ranking in Chinese sentences, every figure computed from the assessment."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from .assessment import ADJUSTMENT, Assessment
from .ranking import round_half_up
from .reconcile import Reconciliation, consistency_of_announcement
from .status import derived_status
from .treatment import UNKNOWN

RECOGNITION = "认定"


def ranking_findings(a: Assessment, home: str, benchmark: str = "", reconciliation: Reconciliation | None = None) -> list[str]:
    """What a director needs first: place, distance, whom we trail and why, whether it is what was announced; strong and weak parts.

    ``**`` in the sentences marks emphasis for :func:`analysis.report.show.say`.
    """
    found = [place(a, home), gap(a, home, benchmark), recognition(a, home)]
    if reconciliation is not None and not reconciliation.table.empty:
        found.append(reconciliation.verdict)
    found += [strong_and_weak(a, home), unsettled(a)]
    return [sentence for sentence in found if sentence]


def plain(sentence: str) -> str:
    """The sentence without its marks of emphasis, for captions."""
    return sentence.replace("**", "")


def standing(a: Assessment, home: str, node: str | None = None) -> str:
    """第 4 位, 并列第 4 位 or 并列末位: the rank on a node (the total) in words; "" without anybody to compare with.

    Districts that all stand level are 全部并列.
    """
    node = node or a.root
    inside = a.ranks.loc[a.groups == a.groups[home], node].dropna()
    if home not in inside.index or len(inside) == 1:
        return ""
    rank, level = inside[home], int((inside == inside[home]).sum())
    if level == len(inside):
        return "全部并列"
    last = rank == inside.max()
    return f"第 {rank:g} 位" if level == 1 else "并列末位" if last else f"并列第 {rank:g} 位"


def place(a: Assessment, home: str) -> str:
    """Rank in the group and distance to the places next above and below."""
    year = f"{a.year} 年" if a.year else ""
    if pd.isna(a.total[home]):
        return f"{year}**{home}**的总分{_why_unknown(a, home)}，无法计算，不给位次。"
    totals = _shown(a)
    peers, score, label = totals[a.groups == a.groups[home]].dropna(), totals[home], a.tree.name(a.root)
    label += "" if label.endswith("分") else "得分"
    text = f"{year}**{home}**{label} **{a.total[home]:.2f}**"
    if len(peers) == 1:
        return f"{text}，{_scope(a, home)}没有其他可比的地区，不谈位次。"
    size = (a.groups == a.groups[home]).sum()
    count = f"{size} 个地区" if size == len(peers) else f"得分可计算的 {len(peers)} 个地区（共 {size} 个）"
    words, rank = standing(a, home), a.ranks.at[home, a.root]
    if words == "全部并列":
        return f"{text}，{_scope(a, home)} {count}得分相同，**全部并列**，分不出先后。"
    words += f"（第 {rank:g} 位）" if words == "并列末位" else ""
    near = [f"{text}，在{_scope(a, home)} {count}中列**{words}**"]
    above, below = peers[peers > score], peers[peers < score]
    if len(above):
        near.append(f"与前一位{_all_at(above, above.min())}相差 {a.total[above.idxmin()] - a.total[home]:.2f} 分")
        if above.nunique() > 1:
            near.append(f"与首位{_all_at(above, above.max())}相差 {a.total[above.idxmax()] - a.total[home]:.2f} 分")
    if len(below):
        near.append(f"领先后一位{_all_at(below, below.max())} {a.total[home] - a.total[below.idxmax()]:.2f} 分")
    level = peers[peers == score].drop(home)
    if len(level):
        near.append(f"与{'、'.join(level.index)}得分相同")
    return "；".join(near) + "。"


def strong_and_weak(a: Assessment, home: str) -> str:
    """Best and worst placed parts directly under the total."""
    parts = [c for c in a.tree.children(a.root) if a.tree.nodes.at[c, "weight"] > 0]
    ranks = a.ranks.loc[home, parts].dropna()
    if len(ranks) < 2 or ranks.min() == ranks.max():
        return ""
    peers = a.ranks[a.groups == a.groups[home]]

    def names(rank, mark=""):
        return "、".join(f"{mark}{a.tree.name(c)}{mark}" for c in ranks.index[ranks == rank])

    def tied(rank):
        own = [(peers[c] == rank).sum() > 1 for c in ranks.index[ranks == rank]]
        return "" if not any(own) else "并列" if all(own) else "（部分）并列"

    bottom = all(peers[c].max() == ranks.max() for c in ranks.index[ranks == ranks.max()])
    last = "，居末位" if bottom else ""
    return (f"分项看，位次最靠前的是{names(ranks.min())}（{tied(ranks.min())}第 {ranks.min():g} 位），"
            f"最靠后的是{names(ranks.max(), '**')}（{tied(ranks.max())}第 {ranks.max():g} 位{last}）。")


def gap(a: Assessment, home: str, other: str) -> str:
    """The distance to another district and the part that makes most of it."""
    if not other or other == home:
        return ""
    for district in (home, other):
        if pd.isna(a.total[district]):
            return f"{district}的总分{_why_unknown(a, district)}，无法计算，不能与{home if district == other else other}比较。"
    distance = a.total[other] - a.total[home]
    apart = "" if a.groups[home] == a.groups[other] else "（两地不在同一分组，位次不可比）"
    if abs(distance) < 0.005:
        return f"{home}与{other}总分基本持平{apart}。"
    way, sign = ("低于", 1) if distance > 0 else ("高于", -1)
    text = f"{home}总分{way}{other} **{abs(distance):.2f} 分**{apart}"
    parts = a.contributions()
    lost = sign * (parts.loc[other] - parts.loc[home]).rename(_names(a))
    if len(lost) <= 2:
        return text + "。"
    share = f"（占 {lost.max() / abs(distance):.0%}）" if lost.max() <= abs(distance) else ""
    text += f"，其中**{lost.idxmax()}**一项就有 {lost.max():.2f} 分{share}"
    back = lost[lost < -0.005].sort_values()
    if len(back):
        text += f"；反方向的有{'、'.join(f'{n} {-v:.2f} 分' for n, v in back.items())}"
    return text + "。"


def recognition(a: Assessment, home: str) -> str:
    """How the recognition-type indicators stand against the median of the group, home included as in the breakdown of weak spots."""
    nodes = a.tree.nodes
    codes = nodes.index[nodes["leaf"] & (nodes["category"] == RECOGNITION) & (nodes["global_weight"] > 0)]
    group = a.groups.index[a.groups == a.groups[home]]
    said = []
    for c in codes:
        name, unit, known = a.tree.name(c), nodes.at[c, "unit"], a.raw.loc[group, c].dropna()
        if pd.isna(a.raw.at[home, c]):
            said.append(f"{name}{'未公开' if a.masked.at[home, c] else '缺数'}")
            continue
        inside = [words] if (words := standing(a, home, c)) else []
        if len(known) > 1:
            some = "" if len(known) == len(group) else f" {len(known)} 个已知地区的"
            inside.append(f"同组{some}中位数 {known.median():g}")
        said.append(f"{name} {a.raw.at[home, c]:g} {unit}" + (f"（{'，'.join(inside)}）" if inside else ""))
    return f"认定类指标：{'，'.join(said)}。" if said else ""


def unsettled(a: Assessment) -> str:
    """What was not taken as given, so that nobody mistakes it for a published figure."""
    parts = []
    for treatment, rows in a.filled.groupby("treatment", sort=False):
        if treatment == UNKNOWN:
            continue
        who = "、".join(f"{d}“{a.tree.name(c)}”" for d, c in zip(rows["district"][:4], rows["indicator"][:4]))
        more = f"等 {len(rows)} 处" if len(rows) > 4 else f"共 {len(rows)} 处"
        parts.append(f"{who}{more}{treatment}")
    for district in a.unranked:
        rows = a.filled[(a.filled["district"] == district) & (a.filled["treatment"] == UNKNOWN)]
        which = "（" + "、".join(f"“{a.tree.name(c)}”" for c in rows["indicator"]) + "）" if len(rows) else ""
        parts.append(f"{district}的总分{_why_unknown(a, district)}{which}，无法计算，不参加排位")
    if a.unranked:
        parts.append("其他地区的位次只在得分可计算的地区之间排")
    parts += a.notes
    return f"注意：{'；'.join(parts)}。" if parts else ""


def key_figures(a: Assessment, home: str, benchmark: str, reconciliation: Reconciliation, statuses) -> list[tuple]:
    """Cards for the top of the page: label, value, note, status."""
    peers, words = _peers(a, home), standing(a, home)
    alone = len(peers) == 1 and home in peers.index
    cards = [
        (f"{home}位次", "未定" if pd.isna(a.total[home]) else "—" if alone else words,
         "只有一个可比地区，不谈位次" if alone else f"{_scope(a, home)} {len(peers)} 个地区", statuses),
        (f"{home}得分", "—" if pd.isna(a.total[home]) else f"{a.total[home]:.2f}", a.tree.name(a.root), statuses),
    ]
    if benchmark and benchmark != home and benchmark in a.total.index and a.total[[home, benchmark]].notna().all():
        cards.append((f"与{benchmark}差距", _signed(a.total[home] - a.total[benchmark]) + " 分", "本区得分减对标区得分", statuses))
    state = {True: "一致", False: "对不上", None: "无法对账"}[reconciliation.agrees]
    why = f"容差 ±{reconciliation.tolerance:g} 分" if len(reconciliation.table) else "该年没有公布结果"
    cards.append(("与公布结果", state, why, derived_status(reconciliation.table["status"]) if len(reconciliation.table) else ""))
    return cards


def reconciliation_findings(this_year: Reconciliation, every_year: Reconciliation, case) -> list[str]:
    """The verdict, its years, and what a mismatch can mean."""
    found = [this_year.verdict]
    if len(every_year.table) > len(this_year.table):
        found.append("各年合计：" + every_year.verdict)
    if every_year.agrees is False:
        found.append(
            "对不上的可能原因：公布方实际用的权重、上下限或缺数处理与本案例方案不同，指标值是修订前（后）的口径，"
            "或公布的得分位次有误。本库只指出差在哪里、差多少，不改动任何一方。"
        )
    contradictions = consistency_of_announcement(case.published, case.districts.set_index("district")["group"])
    names = dict(zip(case.scheme["code"], case.scheme["name"]))
    for row in contradictions.to_dict("records"):
        found.append(
            f"公布结果自身有矛盾：{row['year']:.0f} 年“{names.get(row['node'], row['node'])}”{row['district']}公布得分 {row['score']:g}，"
            f"高于{row['other']}的 {row['other_score']:g}，公布位次却是第 {row['rank']:g} 位和第 {row['other_rank']:g} 位。"
        )
    return found


def reconciliation_caption(check: Reconciliation) -> str:
    """The verdict on the node that is drawn, not on all that were announced."""
    node = check.first_node["node"].iloc[0]
    drawn = replace(check, table=check.first_node, summary=check.summary[check.summary["node"] == node], skipped=())
    return f"{check.first_node['name'].iloc[0]}：{drawn.verdict}"


def caveats(case, a: Assessment) -> list[str]:
    """What the reader must know before quoting a figure."""
    found = [f"数据性质：{case.nature or '未注明'}。", ("位次按分组分别排；" if a.groups.any() else "全部地区一起排位；") + (
        f"得分保留 {a.decimals} 位小数后比较，" if a.decimals is not None else "") + f"并列规则：{a.ties}。"]
    for key in ("资料来源", "制作说明"):
        if case.meta.get(key):
            found.append(f"{key}：{case.meta[key]}。")
    constant = [c for c in a.tree.leaves if a.treated[c].nunique() == 1 and a.treated[c].notna().sum() > 1]
    if constant:
        said = "、".join(f"{a.tree.name(c)}（都得 {a.leaf_scores[c].max():g} 分）" for c in constant)
        found.append(f"有数地区数值完全相同、没有区分作用的指标：{said}。")
    found += [str(problem) for problem in case.problems]
    return [sentence.replace("。。", "。") for sentence in found]


def _signed(x):
    return f"{x:+.2f}".replace("-", "−") if abs(x) >= 0.005 else "0.00"


def _peers(a, home):
    return a.total[a.groups == a.groups[home]].dropna()


def _shown(a):
    """Totals as they are compared for ranking."""
    return round_half_up(a.total, 9 if a.decimals is None else a.decimals)


def _all_at(scores, value):
    return "、".join(scores.index[scores == value])


def _scope(a, home):
    if a.groups[home]:
        return a.groups[home]
    return "未分组的" if (a.groups != "").any() else "全部"


def _why_unknown(a, district):
    masked = a.masked.loc[district] & a.treated.loc[district].isna()
    return "含没有上下界的未公开数值" if masked.any() else "没有可用的数值"


def _names(a):
    return {**a.tree.nodes["name"].to_dict(), ADJUSTMENT: ADJUSTMENT}
