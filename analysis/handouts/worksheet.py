"""The trainee's worksheet: sentences with blanks from ``tables/handouts_worksheet.csv`` and a key with the case's own figures."""

from __future__ import annotations

import re
from dataclasses import replace

import pandas as pd

from ..assessment import Assessment
from ..lists import ActionLists
from ..recognition import Screening
from ..recognition.screen import DUE, NEAR, UNSURE
from .face import Face, quarter_words
from .model import ANSWERS, WORKSHEET, Blanks, Page
from .settings import rows_of, setting

_PART = re.compile(r"\[([^\]]+)\]")
TITLE, KEY = "有数　有弦　有方：学员工作页", "有数　有弦　有方：学员工作页答案（教师用）"


def worksheet_pages(screening: Screening, case, lists: ActionLists, face: Face, plan=None, assessment: Assessment | None = None, tasks=None,
                    key: bool = True) -> tuple[Page, ...]:
    """The page with blanks and, with ``key``, the same page filled in for the teacher (what a trainee has to find stays blank).

    Sentences whose figures the case does not have are left out.
    """
    known = answers(screening, case, lists, plan, assessment, tasks or {})
    chapters: dict[str, list] = {}
    for row in rows_of("worksheet"):
        if not row["需要"] or known.get(row["需要"]):
            parts = _parts(row["句子"], known)
            if parts is not None:
                chapters.setdefault(row["章"], []).append(parts)
    blocks = tuple(Blanks(name, tuple(lines), space=setting("工作页行距倍数")) for name, lines in chapters.items())
    subtitle = f"{face.place}　{face.day}　姓名＿＿＿＿＿＿　单位＿＿＿＿＿＿＿＿＿＿"
    page = Page(WORKSHEET, TITLE, subtitle, face.head, face.mark, (*face.foot, face.rules), (blocks,), "", WORKSHEET)
    if not key:
        return (page,)
    filled = tuple(replace(b, filled=True) for b in blocks)
    return page, replace(page, title=KEY, subtitle=f"{face.place}　{face.day}　粗体为本案例算出的数；空着的由学员自己填", variants=(filled,), name=ANSWERS)


def _parts(sentence, known):
    """(text, answer) parts, None if an answer is not known; ``[?]`` is a blank for the trainee over the rest of the line, ``[?6]`` one of six characters."""
    parts, last = [], 0
    for hit in _PART.finditer(sentence):
        text, name = sentence[last:hit.start()], hit.group(1)
        answer = "　" * int(name[1:] or 0) if name.startswith("?") else known.get(name)
        if answer is None:
            return None
        parts += [(_given(text, known), None), ("", answer)]
        last = hit.end()
    parts.append((_given(sentence[last:], known), None))
    given = "".join(text for text, _ in parts)
    return None if "{" in given else tuple(p for p in parts if p != ("", None))


def _given(text, known):
    for name in re.findall(r"\{(\w+)\}", text):
        if known.get(name):
            text = text.replace("{" + name + "}", str(known[name]))
    return text


def answers(screening: Screening, case, lists: ActionLists, plan=None, assessment: Assessment | None = None, tasks=None) -> dict[str, str]:
    """Every figure that a sentence may ask for, as text; what is not known is left out."""
    known = {"home": case.home, "benchmark": case.benchmark, "year": str(screening.date.year)}
    if assessment is not None:
        known |= _place(assessment, case)
    known |= _chase(tasks or {})
    firms = lists.rows.groupby("status", observed=True)["row"].nunique()
    known |= {"roster": str(lists.everyone["row"].nunique()), "due": str(int(firms.get(DUE, 0))), "near": str(int(firms.get(NEAR, 0))),
              "unsure": str(int(firms.get(UNSURE, 0)))}
    due = lists.rows.loc[lists.rows["status"] == DUE, "certification"].astype(str).value_counts()
    known |= {"due_most": f"{due.index[0]}（{due.iloc[0]} 家）"} if len(due) else {}
    known |= _hurdle(screening)
    if plan is not None:
        new = plan.chosen[~plan.chosen["pending"].astype(bool)]
        if len(new):
            first = new["quarter"].min()
            known |= {"planned": str(len(new)), "planned_first": str(int((new["quarter"] == first).sum())), "first_quarter": quarter_words(first),
                      "plan_year": "—".join(dict.fromkeys((first[:4], new["quarter"].max()[:4])))}
    return {k: v for k, v in known.items() if v}


def _place(a: Assessment, case):
    home, known = case.home, {"year": str(a.year or case.year)}
    if home not in a.total.index or pd.isna(a.total[home]):
        return known
    group = a.groups[home]
    peers = a.total[a.groups == group].dropna()
    known |= {"score": f"{a.total[home]:.2f}", "scope": group or "全部", "peers": str(len(peers)), "rank": f"{a.ranks.at[home, a.root]:g}"}
    above = peers[peers > peers[home]]
    if len(above):
        next_up = "、".join(above.index[above == above.min()])
        known |= {"above": next_up, "above_gap": f"{above.min() - a.total[home]:.2f}"}
    other = case.benchmark
    if other and other != home and other in a.total.index and pd.notna(a.total[other]):
        parts = (a.contributions().loc[other] - a.contributions().loc[home]).rename(a.tree.nodes["name"].to_dict())
        known |= {"benchmark_score": f"{a.total[other]:.2f}"}
        if a.total[other] > a.total[home]:
            known |= {"gap": f"{a.total[other] - a.total[home]:.2f}", "gap_part": str(parts.idxmax()), "gap_points": f"{parts.max():.2f}"}
    ranks = a.ranks.loc[home, [c for c in a.tree.children(a.root) if a.tree.nodes.at[c, "weight"] > 0]].dropna()
    if len(ranks) > 1 and ranks.min() < ranks.max():
        known |= {"weakest": _named(a, ranks, ranks.max()), "weakest_rank": f"{ranks.max():g}", "strongest": _named(a, ranks, ranks.min()),
                  "strongest_rank": f"{ranks.min():g}"}
    return known


def _named(a, ranks, rank):
    return "、".join(a.tree.name(c) for c in ranks.index[ranks == rank])


def _chase(tasks):
    for name, task in tasks.items():
        first = task.path.iloc[0]
        return {"indicator": name or "增长目标", "growth_year": str(task.first), "target": f"{first['shown']:.2f}", "growth": f"{first['growth']:.1f}",
                "reason": task.reason.strip("。")}
    return {}


def _hurdle(screening):
    from ..actions import hurdles

    table = hurdles(screening)
    table = table[table["near"] > 0]
    return {"hurdle": f"“{table.iloc[0]['clause']}”（{table.iloc[0]['certification']}，{table.iloc[0]['near']} 家）"} if len(table) else {}
