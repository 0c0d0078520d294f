"""The ranking on one sheet for the wall."""

from __future__ import annotations

import pandas as pd

from ..assessment import Assessment
from ..words import wording
from .face import Face
from .model import POSTER, Block, Page, Ranking, Sentences
from .settings import setting

HOME, BENCHMARK = "本区", "对标"


def poster_page(case, a: Assessment, face: Face) -> Page:
    """Districts by score within their ranking group, with score and place of each part; home and benchmark marked."""
    every = [c for c in a.tree.children(a.root) if a.tree.nodes.at[c, "weight"] > 0]
    heavy = sorted(every, key=lambda c: -a.tree.nodes.at[c, "weight"])[:int(setting("海报分项"))]
    parts = [c for c in every if c in heavy]
    top = max(100.0, float(a.total.max())) if a.total.notna().any() else 100.0
    blocks: list[Block] = []
    say = wording(case)
    for group in dict.fromkeys(a.groups):
        own = a.total[a.groups == group].sort_values(ascending=False, kind="stable", na_position="last")
        rows = tuple(_row(a, case, district, parts, say) for district in own.index)
        blocks.append(Ranking(group or say("全部区县"), ("位次", say("区县"), "总分"), tuple(a.tree.name(c) for c in parts), rows, top))
    note = [f"条长从 0 分起，满格 {top:g} 分；各组分项列得分和（组内位次）。位次按组分别排。" if a.groups.any() else f"条长从 0 分起，满格 {top:g} 分；分项列得分和（位次）。"]
    if len(parts) < len(every):
        note.append(f"分项共 {len(every)} 个，只列权重最大的 {len(parts)} 个。")
    if a.unranked:
        note.append(f"{'、'.join(a.unranked)}有没有上下界的未公开数值，总分算不出，不排位。")
    blocks.append(Sentences("", tuple(note)))
    foot = (f"状态：{'示例' if case.illustrative else '推算'}（按考核方案重新计算，非公布结果）。数据性质：{(case.nature or '未注明').strip('。')}。", face.foot[1])
    return Page(POSTER, f"{a.year or case.year} 年度{a.tree.name(a.root)}排名", f"{case.city}　共 {len(a.total)} {say('个区县')}", face.head,
                "示例数据" if case.illustrative else "", foot, (tuple(blocks),), "", POSTER, landscape=True)


def _row(a, case, district, parts, say):
    score, place = a.total[district], a.ranks.at[district, a.root]
    role = say(HOME) if district == case.home else BENCHMARK if district == case.benchmark else ""
    cells = tuple(_cell(a, district, c) for c in parts)
    return ("—" if pd.isna(place) else f"{place:g}", district, "—" if pd.isna(score) else f"{score:.2f}", 0.0 if pd.isna(score) else max(float(score), 0.0),
            cells, role)


def _cell(a, district, c):
    score, place = a.scores.at[district, c], a.ranks.at[district, c]
    return "—" if pd.isna(score) else f"{score:.1f}" + ("" if pd.isna(place) else f"（{place:g}）")
