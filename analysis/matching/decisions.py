"""What a person decided about doubtful names: a table written for them and read back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import pandas as pd

from ..params import AssessmentError
from ..text import fold_key
from .book import Book

DECISION_COLUMNS = {"listed": "名单名称", "enterprise": "企业名称", "code": "统一社会信用代码", "reason": "理由", "verdict": "结论"}
YES, NO = "是", "否"


@dataclass(frozen=True)
class Decisions:
    """``yes`` leads from a listed name (folded) to a roster entry; ``no`` holds the pairs ruled out."""

    yes: dict[str, int]
    no: frozenset[tuple[str, int]]


class Fault(NamedTuple):
    """A row of the sheet that cannot be used, and why; ``at`` is its position, ``column`` by English name.

    ``clash`` : positions of the rows it contradicts, itself included; empty where it is wrong by itself.
    """

    row: int
    column: str
    words: str
    at: int
    clash: tuple[int, ...] = ()


def decision_sheet(doubtful: pd.DataFrame) -> pd.DataFrame:
    """The doubtful pairs as a sheet to fill in: 名单名称, 企业名称, 统一社会信用代码, 理由, 结论 (是 / 否, empty)."""
    sheet = pd.DataFrame({DECISION_COLUMNS["listed"]: doubtful["listed_name"], DECISION_COLUMNS["enterprise"]: doubtful["enterprise"],
                          DECISION_COLUMNS["code"]: doubtful["enterprise_code"], DECISION_COLUMNS["reason"]: doubtful["reason"]})
    return sheet.drop_duplicates(ignore_index=True).assign(**{DECISION_COLUMNS["verdict"]: ""})


def read_decisions(table: pd.DataFrame | None, book: Book) -> Decisions:
    """A filled-in sheet (Chinese headers, or listed / enterprise / code / verdict); rows without 结论 say nothing.

    Raises
    ------
    AssessmentError naming the rows (as a sheet with a header in row 1, or by the column ``row``) where
    结论 is neither 是 nor 否, the enterprise is not in the roster or fits several entries (give its
    code), or one listed name is given to two enterprises, or both confirmed and ruled out for one.
    """
    if table is None or table.empty:
        return Decisions({}, frozenset())
    table = table.rename(columns={chinese: english for english, chinese in DECISION_COLUMNS.items()})
    missing = [DECISION_COLUMNS[c] for c in ("listed", "enterprise", "verdict") if c not in table]
    if missing:
        raise AssessmentError(f"名单核对表缺少列：{'、'.join(missing)}")
    found, faults = judge_decisions(table, book.names, book.by_name, book.by_code)
    if faults:
        raise AssessmentError("名单核对表：" + "；".join(f"第{fault.row}行{fault.words}" for fault in faults))
    return found


def judge_decisions(table: pd.DataFrame, names: Sequence[str], by_name: Mapping[str, list[int]],
                    by_code: Mapping[str, list[int]]) -> tuple[Decisions, list[Fault]]:
    """Decisions of a sheet with English names, and every row that says nothing that can be used.

    table : its column ``place``, if there is one, says where a row stands; else 第n行 by ``row``.
    names : roster names by entry. by_name, by_code : entries by folded name and by code.
    """
    yes: dict[str, int] = {}
    no: set[tuple[str, int]] = set()
    said: dict[tuple[str, int], tuple[str, int]] = {}
    faults = []
    rows = list(table["row"] if "row" in table else range(2, len(table) + 2))
    places = list(table["place"] if "place" in table else [f"第{row}行" for row in rows])
    codes = table["code"] if "code" in table else [""] * len(table)
    for at, (row, *cells) in enumerate(zip(rows, table["listed"], table["enterprise"], codes, table["verdict"])):
        listed, enterprise, code, verdict = map(_text, cells)
        verdict = {"True": YES, "False": NO}.get(verdict, verdict)
        if not verdict:
            continue
        key, found = fold_key(listed), _entry(enterprise, code, by_name, by_code)
        if verdict not in (YES, NO):
            faults.append(Fault(row, "verdict", f"的结论“{verdict}”应为 是 或 否", at))
        elif not key:
            faults.append(Fault(row, "listed", "没有写名单名称", at))
        elif len(found) != 1:
            faults.append(Fault(row, "enterprise" if enterprise else "code", _which(enterprise, code, found), at))
        elif said.setdefault((key, found[0]), (verdict, at))[0] != verdict:
            other = said[key, found[0]][1]
            faults.append(Fault(row, "verdict", f"“{names[found[0]]}”与同一名单名称既写了是又写了否（{places[other]}）", at, (other, at)))
        elif verdict == NO:
            no.add((key, found[0]))
        elif yes.setdefault(key, found[0]) != found[0]:
            other = said[key, yes[key]][1]
            faults.append(Fault(row, "verdict", f"把“{listed}”又认作另一家企业“{names[found[0]]}”（{places[other]}已认作“{names[yes[key]]}”）", at, (other, at)))
    return Decisions(yes, frozenset(no)), faults


def _which(enterprise: str, code: str, found: list[int]) -> str:
    if not enterprise and not code:
        return "没有写企业名称或信用代码"
    if found:
        return f"企业“{enterprise or code}”对应名册里的几行，请填信用代码"
    return f"企业“{'”（信用代码“'.join(filter(None, (enterprise, code)))}”{'）' if enterprise and code else ''}不在名册里"


def _entry(enterprise: str, code: str, by_name: Mapping[str, list[int]], by_code: Mapping[str, list[int]]) -> list[int]:
    found = by_name.get(fold_key(enterprise), []) if enterprise else []
    if code:
        found = [k for k in by_code.get(code.upper(), []) if not enterprise or k in found]
    return found


def _text(value) -> str:
    return "" if value is None or value is pd.NA or value != value else str(value).strip()
