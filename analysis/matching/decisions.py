"""What a person decided about doubtful names: a table written for them and read back."""

from __future__ import annotations

from dataclasses import dataclass

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
    yes: dict[str, int] = {}
    no: set[tuple[str, int]] = set()
    if table is None or table.empty:
        return Decisions(yes, frozenset())
    table = table.rename(columns={chinese: english for english, chinese in DECISION_COLUMNS.items()})
    missing = [DECISION_COLUMNS[c] for c in ("listed", "enterprise", "verdict") if c not in table]
    if missing:
        raise AssessmentError(f"名单核对表缺少列：{'、'.join(missing)}")
    faults = []
    rows = table["row"] if "row" in table else range(2, len(table) + 2)
    codes = table["code"] if "code" in table else [""] * len(table)
    for row, listed, enterprise, code, verdict in zip(rows, table["listed"], table["enterprise"], codes, table["verdict"]):
        listed, enterprise, code, verdict = (_text(x) for x in (listed, enterprise, code, verdict))
        verdict = {"True": YES, "False": NO}.get(verdict, verdict)
        if not verdict:
            continue
        key, found = fold_key(listed), _entry(enterprise, code, book)
        if verdict not in (YES, NO):
            faults.append(f"第{row}行的结论“{verdict}”应为 是 或 否")
        elif not key or len(found) != 1:
            what = "没有写名单名称" if not key else f"企业“{enterprise or code}”{'不在名册里' if not found else '对应名册里的几行，请填信用代码'}"
            faults.append(f"第{row}行{what}")
        elif verdict == NO:
            no.add((key, found[0]))
        elif yes.setdefault(key, found[0]) != found[0]:
            faults.append(f"第{row}行把“{listed}”又认作另一家企业“{enterprise}”")
    faults += [f"“{book.names[k]}”与同一名单名称既写了是又写了否" for key, k in yes.items() if (key, k) in no]
    if faults:
        raise AssessmentError("名单核对表：" + "；".join(faults))
    return Decisions(yes, frozenset(no))


def _entry(enterprise: str, code: str, book: Book) -> list[int]:
    found = book.by_name.get(fold_key(enterprise), []) if enterprise else []
    if code:
        found = [k for k in book.by_code.get(code.upper(), []) if not found or k in found]
    return found


def _text(value) -> str:
    return "" if value is None or value is pd.NA or value != value else str(value).strip()
