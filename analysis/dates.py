"""Reading years, dates and periods from the ways people write them.

Canonical periods: `2022`, `2022Q1`, `2022-03`, and `2022-01..02` for months
published together. Like `analysis.cells`, nothing here raises.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from typing import Any

from analysis.cells import Broken, Trouble, number_as_text, parse_text
from analysis.text import plain

FIRST_YEAR, LAST_YEAR = 1949, 2100
SERIAL_EPOCH = dt.date(1899, 12, 30)
BLANK = frozenset({"无", "n/a", "na", "不详", "不清楚"})
OPEN_ENDED = frozenset({"长期", "长期有效", "至今", "现行", "现行有效"})

_Y = r"((?:19|20|21)[0-9]{2})"
_YEAR = re.compile(_Y + r"(?:年度?)?")
_DATE = re.compile(_Y + r"([-/.年])([0-9]{1,2})([-/.月])([0-9]{1,2})日?(?: 0?0:00(?::00)?)?")
_DATE8 = re.compile(_Y + r"([0-9]{2})([0-9]{2})")
_MONTH = re.compile(_Y + r"(?:年|-|/|年-)([0-9]{1,2})月?(?:份)?")
_MONTH_DOT = re.compile(_Y + r"\.([0-9]{1,2})")
_MONTH6 = re.compile(_Y + r"([0-9]{2})")
_QUARTER = re.compile(_Y + r"年?-?(?:Q([1-4])|第?([1-4一二三四])季度?)", re.I)
_SPAN = re.compile(
    _Y + r"(?:年|-|/|\.)([0-9]{1,2})月?(?:份)?(-|—|——|~|～|至|到|\.\.)([0-9]{1,2})月(?:份)?")
_CANONICAL_SPAN = re.compile(_Y + r"-([0-9]{2})\.\.([0-9]{2})")
_QUARTER_DIGIT = {"一": "1", "二": "2", "三": "3", "四": "4"}
_PARTS = {"上半年": "01..06", "下半年": "07..12", "前三季度": "01..09", "全年": ""}


def parse_year(cell: Any) -> tuple[int | None, Trouble | None]:
    """A four-digit year between 1949 and 2100; a date cell gives its year."""
    if isinstance(cell, dt.date):
        year = cell.year
        if FIRST_YEAR <= year <= LAST_YEAR:
            return year, None
        return None, Trouble(f"日期 {_iso(cell)} 的年份不合理",
                             "年份可能被设成了日期格式：改为常规格式后填四位年份")
    text, trouble = _as_text(cell)
    if trouble or not text or text.lower() in BLANK:
        return None, trouble
    found = _YEAR.fullmatch(text) or _DATE.fullmatch(text)
    if found and FIRST_YEAR <= int(found[1]) <= LAST_YEAR:
        return int(found[1]), None
    return None, Trouble(f"「{text[:30]}」不是年份", "填四位年份，如 2022")


def parse_date(cell: Any, end: bool = False) -> tuple[dt.date | None, Trouble | None]:
    """A date; a bare month or year means its first day, or its last if `end`.

    Numbers are Excel serials (1900 system) unless they read as a year,
    a month like 2022.03 or eight digits.
    """
    if isinstance(cell, dt.datetime):
        return cell.date(), None
    if isinstance(cell, dt.date):
        return cell, None
    text, trouble = _as_text(cell)
    if trouble or not text or text.lower() in BLANK or text in OPEN_ENDED:
        return None, trouble
    try:
        date = _date_from(text, end)
    except ValueError:
        date = None
    if date is None:
        return None, Trouble(f"「{text[:30]}」不是能确定的日期", "写成 2022-03-31 的形式")
    return date, None


def _date_from(text: str, end: bool) -> dt.date | None:
    if found := _DATE.fullmatch(text):
        return _ymd(found[1], found[3], found[5])
    if found := _DATE8.fullmatch(text):
        return _ymd(found[1], found[2], found[3])
    if found := _YEAR.fullmatch(text):
        return dt.date(int(found[1]), *((12, 31) if end else (1, 1)))
    month, _ = parse_period(text)
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}", month):
        year, number = int(month[:4]), int(month[5:])
        day = calendar.monthrange(year, number)[1] if end else 1
        return dt.date(year, number, day)
    if re.fullmatch(r"[2-7][0-9]{4}", text):
        return SERIAL_EPOCH + dt.timedelta(days=int(text))
    return None


def _ymd(year: str, month: str, day: str) -> dt.date:
    return dt.date(int(year), int(month), int(day))


def parse_period(cell: Any) -> tuple[str, Trouble | None]:
    """A year, quarter, month or span of months as canonical text."""
    if isinstance(cell, dt.date):
        return _period_of_date(cell)
    text, trouble = _as_text(cell)
    if trouble or not text:
        return "", trouble
    period = _period_from(text.replace(" ", ""))
    if period:
        return period, None
    if _MONTH_DOT.fullmatch(text):
        return "", Trouble(f"「{text}」可能是 1 月，也可能是 10 月", "写成 2022-01 或 2022-10 的形式")
    return "", Trouble(f"「{text[:30]}」不是能确定的期间",
                       "写成 2022、2022Q1、2022-03 或 2022-01..02 的形式")


def _period_of_date(cell: dt.date) -> tuple[str, Trouble | None]:
    last = calendar.monthrange(cell.year, cell.month)[1]
    if cell.day in (1, last) and FIRST_YEAR <= cell.year <= LAST_YEAR:
        return f"{cell.year}-{cell.month:02d}", None
    return "", Trouble(f"日期 {_iso(cell)} 不能确定是哪个期间", "写成 2022-03 的形式")


def _period_from(text: str) -> str:
    if found := _YEAR.fullmatch(text):
        return found[1]
    if found := _QUARTER.fullmatch(text):
        quarter = found[2] or found[3]
        return f"{found[1]}Q{_QUARTER_DIGIT.get(quarter, quarter)}"
    if found := _CANONICAL_SPAN.fullmatch(text):
        return _span(found[1], found[2], found[3])
    if found := _SPAN.fullmatch(text):
        return _span(found[1], found[2], found[4])
    for part, months in _PARTS.items():
        if (found := re.fullmatch(_Y + "年?" + part, text)):
            return f"{found[1]}-{months}" if months else found[1]
    month = _MONTH.fullmatch(text) or _MONTH6.fullmatch(text)
    if not month:
        month = _MONTH_DOT.fullmatch(text)
        # 2022.10 stored as a number shows as 2022.1, so a lone 1 has two readings
        if month and month[2] == "1":
            return ""
    if month and 1 <= int(month[2]) <= 12:
        return f"{month[1]}-{int(month[2]):02d}"
    if found := _DATE.fullmatch(text):
        try:
            return _period_of_date(_ymd(found[1], found[3], found[5]))[0]
        except ValueError:
            return ""
    return ""


def _span(year: str, first: str, last: str) -> str:
    start, stop = int(first), int(last)
    if not 1 <= start < stop <= 12:
        return ""
    return f"{year}-{start:02d}..{stop:02d}"


def _as_text(cell: Any) -> tuple[str, Trouble | None]:
    if isinstance(cell, Broken):
        return "", Trouble(cell.message, cell.fix)
    if isinstance(cell, float):
        return number_as_text(cell), None
    text, trouble = parse_text(cell)
    return re.sub(r"^([0-9]+)\.0+$", r"\1", plain(text)), trouble


def _iso(cell: dt.date) -> str:
    return cell.isoformat()[:10]
