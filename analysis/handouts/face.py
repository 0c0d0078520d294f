"""What stands on the face of every page: whose, as of when, by which rules, how sure."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from ..lists import ActionLists
from ..recognition import Screening
from ..recognition.clauses import CONFIDENCE

MADE_UP = "示例数据"
CHECK = CONFIDENCE[-1]


@dataclass(frozen=True)
class Face:
    """head : running head, the case's title. place : city and district. day : the day judged, in words. mark : 示例数据 or
    empty. status : 示例 or 推算. foot : source and status. rules : which version of the conditions. unsure : recognitions whose
    listed rows rest on clauses not checked against the original."""

    head: str
    place: str
    day: str
    mark: str
    status: str
    foot: tuple[str, ...]
    rules: str
    unsure: tuple[str, ...]


def face(screening: Screening, case, lists: ActionLists) -> Face:
    """The face of the handouts of a case."""
    mark = MADE_UP if lists.illustrative else ""
    status = "示例" if lists.illustrative else "推算"
    day = day_text(lists.day)
    unsure = tuple(n for n in lists.certifications if ((lists.rows["certification"] == n) & (lists.rows["confidence"] == CHECK)).any())
    source = case.meta.get("资料来源", "").strip("。")
    nature = (lists.nature or "未注明").strip("。")
    foot = (f"状态：{status}。数据性质：{nature}。", f"来源：{source or '案例“' + case.name + '”的企业表、认定条件表'}。")
    place = lists.city + lists.home if lists.city not in lists.home else lists.home
    return Face(lists.title, place, day, mark, status, foot, f"认定条件：{rules_text(screening, day)}。", unsure)


def rules_text(screening: Screening, day: str) -> str:
    """Which version of the conditions is applied, in a clause."""
    begun = [r.valid_from for r in screening.book.recognitions.values() if not pd.isna(r.valid_from)]
    newest = f"，最近一版自 {day_text(max(begun))}起施行" if begun else ""
    return f"按 {day}适用的版本{newest}"


def unsure_text(names) -> str:
    """The warning on recognitions whose clauses are not checked; empty where there are none."""
    return f"待核：{'、'.join(names)}依据的条款有的没有核对原文，申报前对照主管部门现行文件。" if names else ""


def day_text(day) -> str:
    """2022年12月31日, or empty for no day."""
    return "" if pd.isna(day) else f"{day.year}年{day.month}月{day.day}日"


def month_text(day) -> str:
    """2022年12月, or empty for no day."""
    return "" if pd.isna(day) else f"{day.year}年{day.month}月"


def quarter_words(quarter: str) -> str:
    """``2023Q2`` as 2023年二季度; anything else as it is."""
    year, _, n = str(quarter).partition("Q")
    return f"{year}年{'一二三四'[int(n) - 1]}季度" if year.isdigit() and n in ("1", "2", "3", "4") else str(quarter)


def eve(quarter: str) -> str:
    """The end of the month before a quarter begins: 2023Q2 -> 2023年3月底; empty if it is no quarter."""
    year, _, n = str(quarter).partition("Q")
    if not (year.isdigit() and n in ("1", "2", "3", "4")):
        return ""
    return f"{int(year) - 1}年12月底" if n == "1" else f"{year}年{3 * int(n) - 3}月底"


def named(names, most: int) -> str:
    """A、B、C等 n 家: at most ``most`` names, the number said where there are more."""
    names = list(dict.fromkeys(names))
    return "、".join(names[:most]) + (f"等 {len(names)} 家" if len(names) > most else "")


def by_kind(names, kinds, most: int) -> str:
    """Names under their recognition: 甲认定——A、B等 5 家；乙认定——C; ``most`` names in all, the rest counted."""
    groups: dict[str, list[str]] = {}
    for name, kind in zip(names, kinds):
        groups.setdefault(str(kind), []).append(name)
    said, left = [], most
    for kind, own in groups.items():
        shown = own[:max(left, 1)] if left > 0 else []
        left -= len(shown)
        said.append(f"{kind} {len(own)} 家" + ("（" + "、".join(shown) + ("等）" if len(own) > len(shown) else "）") if shown else ""))
    return "；".join(said)
