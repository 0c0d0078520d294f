"""Conclusions of the action lists in Chinese sentences, every figure computed.

``**words**`` marks emphasis for :func:`analysis.report.show.say`.
"""

from __future__ import annotations

from collections import Counter

import numpy as np
import pandas as pd

from ..lists import ActionLists
from ..recognition import by_place, unlisted_finding
from ..recognition.clauses import CONFIDENCE
from ..recognition.moves import tidy
from ..recognition.screen import DUE, NEAR, UNSURE, Screening
from ..recognition.settings import setting
from ..recognition.views import NONE_GIVEN
from ..series.periods import spans, to_date_label
from ..text import day_text
from .compare import compare, standing
from .hurdles import hurdles
from .progress import follow_finding, left_out, still_to_do
from .questions import questions
from .tables import status_of

CHECK = CONFIDENCE[-1]


def opening(screening: Screening, case, plan=None, lists: ActionLists | None = None, instead: str = "") -> list[str]:
    """Who should have applied and did not, the plan's conclusion, where they are, what blocks, what it rests on; then what a page
    prints small (:func:`analysis.report.show.opening`): what to ask and which recognitions it is about.

    Parameters
    ----------
    plan : an :class:`analysis.plan.Plan`, whose conclusion is added. instead : what can be had in its place, said after it.
    lists : with follow-ups: what they have settled is not counted, and said.
    """
    screening = still_to_do(screening, lists)
    said = [_due(screening, left_out(lists)), follow_finding(lists, plan is not None) if lists is not None else "", *_once(plan_said(plan), instead),
            place_finding(screening), hurdle_finding(hurdles(screening)), _rests(screening, case), question_finding(screening), _split(screening),
            unlisted_finding(screening)]
    return [text for text in said if text]


def _once(said, instead):
    """Sentences of a plan and what is possible instead of it; what both end with (that nobody has tested the chances) is said by the latter."""
    if not said or not instead:
        return [*said, instead]
    first, mark, rest = said[0].rpartition("；所用的")
    return [f"{first}。" if mark and instead.endswith(mark + rest) else said[0], *said[1:], instead]


def plan_said(plan) -> list[str]:
    """A plan's conclusion, and who is left out of the comparison; nothing where there is no plan."""
    from ..plan.findings import plan_findings

    return [] if plan is None else [text for k, text in enumerate(plan_findings(plan)) if k == 0 or "没有参加比较" in text]


def dated(screening: Screening, case) -> str:
    """That the lists are of another day than the series of the same case, where these go on after it; empty otherwise."""
    ends = spans(case.series["period"]).dropna() if case.has("series") else pd.DataFrame()
    if ends.empty:
        return ""
    year, month = max(zip(ends["year"].astype(int), ends["last"].astype(int)))
    if pd.Period(year=year, month=month, freq="M").end_time.normalize() <= screening.date:
        return ""
    return (f"名单和家数按{day_text(screening.date)}的企业资料和认定名单判断；时间序列已到{to_date_label(year, month)}（见“有弦：追赶路径”），"
            "两处的数不在同一时点，不能直接相比。")


def keys(screening: Screening, case, date=None) -> list[tuple]:
    """Cards: 应报未报, 靠靠能报, 资料不全, the town with most, the worst place beside the neighbours, what rests on 待核 clauses."""
    status, table = status_of(screening), screening.table
    cards = []
    for name in (DUE, NEAR, UNSURE):
        part = table[table["status"] == name]
        cards.append((name, f"{len(part)} 项", f"{part['row'].nunique()} 家企业，截至 {screening.date:%Y-%m-%d}", status))
    places = _places(screening)
    if len(places) > 1:
        top = places.iloc[0]
        cards.append(("应报未报、靠靠能报最多", str(top["place"]), f"{top['enterprises']} 家企业", status))
    found, _ = compare(case, date if date is not None else screening.date)
    ranked = standing(found, case.home).dropna(subset=["rank"]) if found is not None else pd.DataFrame()
    if len(ranked):
        worst = ranked.loc[(ranked["rank"] / ranked["districts"]).idxmax()]
        cards.append((f"每百家规上工业的{worst['certification']}", f"{worst['per_hundred']:.1f} 家",
                      f"{worst['districts']} 个区县第 {worst['rank']:.0f} 位，最高{worst['best']} {worst['best_value']:.1f}", worst["status"]))
    part = _acted(screening)
    unsure = int((part["confidence"] == CHECK).sum())
    if unsure:
        cards.append(("条款待核原文", f"{unsure} 项", f"应报未报、靠靠能报共 {len(part)} 项", status))
    return cards


def funnel_finding(table: pd.DataFrame, lists: ActionLists | None = None) -> str:
    """The recognitions with the most that meet their conditions and have not applied.

    table : as :func:`analysis.recognition.funnel` gives. lists : with follow-ups, of which those that say more than the lists are told.
    """
    table = table[table["meets"] > 0]
    if table.empty:
        return "名册里没有企业符合任何一项认定的条件。"
    done = Counter() if lists is None else Counter(lists.settled.loc[lists.settled["status"] == DUE, "certification"].astype(str))
    table = table.assign(settled=[done[name] for name in table["certification"]])
    table = table.assign(left=table["due"] - table["settled"])
    said = [f"{r['certification']}符合条件 {r['meets']} 家" + (f"（含已认定但现有数据不达标的 {r['doubtful']} 家）" if r["doubtful"] else "")
            + f"，累计申报 {r['applied']} 家" + (f"，还有 {r['left']} 家没有报" if r["left"] else "")
            + (f"（另有 {r['settled']} 家跟进中已有着落，名单还没有）" if r["settled"] else "")
            for r in table.sort_values("left", ascending=False, kind="stable").head(_few()).to_dict("records")]
    return "；".join(said) + "。"


def place_finding(screening: Screening) -> str:
    """Which towns hold most of 应报未报 and 靠靠能报; empty where nobody is."""
    places = _places(screening)
    named = places[places["place"] != NONE_GIVEN]
    if named.empty:
        return ""
    top, total = named.head(_few()), places["enterprises"].sum()
    said = "、".join(f"{r['place']} {r['enterprises']} 家" for r in top.to_dict("records"))
    blank = total - named["enterprises"].sum()
    rest = f"；另有 {blank} 家没有填镇街园区" if blank else ""
    if len(named) == 1:
        return f"应报未报和靠靠能报的企业在{said}{rest}。"
    if len(named) <= _few():
        return f"应报未报和靠靠能报的企业分布在{said}{rest}。"
    return f"应报未报和靠靠能报的 {total} 家企业集中在**{said}**，合占 {top['enterprises'].sum() / total:.0%}{rest}。"


def hurdle_finding(table: pd.DataFrame) -> str:
    """The clauses that block most of 靠靠能报; empty where none does."""
    top = table[table["near"] > 0].head(2)
    said = []
    for r in top.to_dict("records"):
        text = f"“{r['clause']}”（{r['certification']}，{r['near']} 家"
        text += f"，{r['only']} 家只差这一条" if 0 < r["only"] < r["near"] else "，都只差这一条" if r["only"] else ""
        text += f"，差额中位数 {tidy(r['missing'])} {r['unit']}".rstrip() if np.isfinite(r["missing"]) else ""
        said.append(text + "）")
    return f"靠靠能报最常卡在{'和'.join(said)}。" if said else ""


def question_finding(screening: Screening, table: pd.DataFrame | None = None) -> str:
    """How many can be decided by asking and for what; ``table`` = :func:`questions` of the whole district."""
    table = questions(screening, None) if table is None else table
    part = screening.table[screening.table["status"] == UNSURE]
    if part.empty or table.empty:
        return ""
    said = "、".join(f"“{r['field']}”（{r['enterprises']} 家）" for r in table.head(_few()).to_dict("records"))
    return f"资料不全的 {part['row'].nunique()} 家企业（{len(part)} 项）问清资料就能判断，问得最多的是{said}。"


def method_notes(screening: Screening) -> list[str]:
    """How the lists were made, in sentences."""
    return [
        "应报未报：现有数据达到全部条件，名单上没有现行有效的认定，也没有正在评审的申报；靠靠能报：没有达到的条件都在容差之内，有资料不详的也至少如此；资料不全：缺的资料会改变判断。缺数不当作达到，也不当作不达到。",
        "距离：每组没有达到的条件，差额除以容差（没有容差的除以门槛）再相加，越小越近；“最小变动”是改变项数最少、其次幅度最小的几种做法（下一年度年报才能体现的，按届时今年变上年、上年变前年重新判断，其余数据按现值），每种都重新判断过，只说明差多少，"
        "不代表建议企业调整数据，所有数据须真实、可佐证。",
        "最常卡住的条件：一组有几种达标途径的，按差得最少的一种计；“只差这一条”指补上这一条就全部达到。",
        f"条款按 {screening.date:%Y-%m-%d} 适用的版本；可信度“待核”的没有核对原文，“二手”的出自转载或转述，申报前以主管部门当年通知为准。",
        *(f"{note}。" for note in screening.book.notes)]


def _due(screening, left=""):
    table = screening.table
    due, near = (table[table["status"] == s] for s in (DUE, NEAR))
    text = f"{len(screening.enterprises)} 家企业对照 {len(screening.certifications)} 项认定，"
    text += f"**应报未报 {len(due)} 项（{due['row'].nunique()} 家企业）**" if len(due) else "没有应报未报"
    text += f"，另有靠靠能报 {len(near)} 项（{near['row'].nunique()} 家企业）" if len(near) else "，没有靠靠能报" if len(due) else "，也没有靠靠能报"
    return f"{text}；{left}" if left else f"{text}。"


def _split(screening):
    """The recognitions with most of both; empty where nobody is."""
    said = [f"{name}{_by_certification(screening.table[screening.table['status'] == name])}" for name in (DUE, NEAR)]
    said = [text for text in said if "：" in text]
    return "按认定分，" + "；".join(said) + "。" if said else ""


def _by_certification(part):
    counts = part["certification"].astype(str).value_counts()
    said = [f"{name} {count} 项" for name, count in counts[counts > 0].head(_few()).items()]
    return f"：{'、'.join(said)}" + ("等" if (counts > 0).sum() > _few() else "") if said else ""


def _rests(screening, case):
    part, said = _acted(screening), []
    check = part[part["confidence"] == CHECK]
    second = int((part["confidence"] == CONFIDENCE[1]).sum())
    if len(check):
        names = "、".join(dict.fromkeys(check["certification"].astype(str)))
        said.append(f"{names}的 {len(check)} 项所依据的条款还没有核对原文（待核），报送前须对照现行文件")
    if second:
        said.append(f"{second} 项依据的条款里有转载或转述的（二手）")
    made_up = status_of(screening) == "示例"
    if made_up:
        said.append("企业数据为示例，名单只演示方法，不代表任何企业")
    return f"**注意**：{'；'.join(said)}。" if said else ""


def _acted(screening):
    return screening.table[screening.table["status"].isin((DUE, NEAR))]


def _places(screening):
    places = by_place(screening)
    return places[places["enterprises"] > 0]


def _few():
    return int(setting("结论最多列举"))
