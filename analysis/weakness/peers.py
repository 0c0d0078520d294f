"""Whom a district is compared with, and where an indicator belongs."""

from __future__ import annotations

import pandas as pd

from ..assessment import Assessment
from ..params import AssessmentError
from ..ranking import round_half_up

NOISE = 9


def require_district(assessment: Assessment, *districts: str) -> None:
    """Raise AssessmentError for a district the assessment does not have."""
    for district in districts:
        if district not in assessment.total.index:
            raise AssessmentError(f"没有区县“{district}”，无法比较；现有：{'、'.join(map(str, assessment.total.index))}")


def peers(assessment: Assessment, home: str) -> list[str]:
    """All districts of home's ranking group, home included."""
    require_district(assessment, home)
    return list(assessment.groups.index[assessment.groups == assessment.groups[home]])


def rivals(assessment: Assessment, home: str) -> pd.Series:
    """Known totals of the other districts of the group, rounded as for ranking, best first."""
    total = _rounded(assessment).reindex(peers(assessment, home)).dropna()
    return total.drop(home, errors="ignore").sort_values(ascending=False, kind="stable")


def ahead(assessment: Assessment, home: str) -> list[str]:
    """Districts of the group with a better total, the nearest first; empty for the first
    and for a home whose total is unknown."""
    others = rivals(assessment, home)
    return [str(d) for d in others.index[others > _rounded(assessment)[home]]][::-1]


def next_above(assessment: Assessment, home: str) -> str:
    """The district with the least better total; empty if there is none."""
    return next(iter(ahead(assessment, home)), "")


def choose_rival(assessment: Assessment, home: str, benchmark: str = "") -> tuple[str, str]:
    """Whom home is compared with, and a Chinese note where that is not the benchmark asked for.

    The benchmark where its total is known; else the next district above home in its
    group, for the first itself the second. Empty where no other known total is left, or
    home's own total is unknown.
    """
    require_district(assessment, *filter(None, (home, benchmark)))
    benchmark = "" if benchmark == home else benchmark
    if pd.isna(assessment.total[home]):
        return "", ""
    if benchmark and pd.notna(assessment.total[benchmark]):
        apart = assessment.groups[benchmark] != assessment.groups[home]
        return benchmark, f"{home}与{benchmark}不在同一分组，只比得分，不比位次。" if apart else ""
    others = rivals(assessment, home)
    other = next_above(assessment, home) or (str(others.index[0]) if len(others) else "")
    why = f"对标区{benchmark}的总分{why_unknown(assessment, benchmark)}，无法计算" if benchmark else "没有设对标区"
    if not other:
        return "", f"{why}，同组也没有其他总分可计算的地区，不作得分比较。"
    place = "前一位" if next_above(assessment, home) else "同组得分最接近首位的"
    return other, f"{why}，以下改与{place}{other}比较。"


def alone(assessment: Assessment, home: str) -> str:
    """Why no rank is spoken of: a Chinese sentence where home has nobody to be ranked with, else empty."""
    if pd.isna(assessment.total[home]) or len(rivals(assessment, home)):
        return ""
    group, size = assessment.groups[home], len(peers(assessment, home))
    others = "" if size == 1 else f"（其余 {size - 1} 个地区的总分无法计算）"
    return f"{group or '全部地区中'}只有{home}一个可比地区{others}，不谈位次，不作升位测算。"


def why_unknown(assessment: Assessment, district: str) -> str:
    """What keeps a total unknown, with the indicators' names."""
    hidden = assessment.masked.loc[district] & assessment.treated.loc[district].isna()
    codes = [c for c in hidden.index[hidden] if assessment.tree.nodes.at[c, "global_weight"] > 0]
    if not codes:
        return "没有可用的数值"
    named = "、".join(f"“{assessment.tree.name(c)}”" for c in codes)
    return f"含没有上下界的未公开数值（{named}）"


def level_with(assessment: Assessment, home: str, node: str) -> list[str]:
    """Districts of the group whose score on a node equals home's as ranks compare it."""
    decimals = NOISE if assessment.decimals is None else assessment.decimals
    marks = round_half_up(assessment.scores.loc[peers(assessment, home), node], decimals)
    return [str(d) for d in marks.index[marks == marks[home]] if d != home]


def rank_text(assessment: Assessment, home: str, node: str) -> str:
    """Rank of home in its group in words, ties and the last place said; empty where it has none.

    第 4 位 · 并列第 4 位 · 第 5 位，居末位 · 并列第 4 位，同居末位 · 同组各地区得分相同
    """
    rank, marks = assessment.ranks.at[home, node], assessment.scores.loc[peers(assessment, home), node].dropna()
    if pd.isna(rank) or len(marks) < 2:
        return ""
    tied = level_with(assessment, home, node)
    if len(tied) == len(marks) - 1:
        return "同组各地区得分相同"
    last = (marks.drop([home, *tied]) > marks[home]).all()
    return f"{'并列' if tied else ''}第 {rank:g} 位" + (("，同居末位" if tied else "，居末位") if last else "")


def part_of(assessment: Assessment, code: str) -> str:
    """Name of the node under the total that an indicator belongs to."""
    parent = assessment.tree.nodes["parent"]
    while parent[code] and parent[code] != assessment.root:
        code = parent[code]
    return assessment.tree.name(code)


def _rounded(assessment):
    return round_half_up(assessment.total, NOISE if assessment.decimals is None else assessment.decimals)
