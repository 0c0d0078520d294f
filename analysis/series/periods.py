"""Periods as spans of months, and the parts a year is divided into."""

from __future__ import annotations

import pandas as pd

MONTHS = {1: (12,), 4: (3, 6, 9, 12), 11: tuple(range(2, 13)), 12: tuple(range(1, 13))}
FREQUENCIES = {1: "年", 4: "季", 11: "月", 12: "月"}
_PERIOD = r"^(?P<year>[0-9]{4})(?:Q(?P<quarter>[1-4])|-(?P<first>[0-9]{2})(?:\.\.(?P<last>[0-9]{2}))?)?$"
_QUARTERS = {3: "一季度", 6: "上半年", 9: "前三季度"}
_QUARTER_NAMES = "一二三四"


def spans(periods: pd.Series) -> pd.DataFrame:
    """Canonical periods as year, first and last month, and form.

    Parameters
    ----------
    periods : text as :func:`analysis.dates.parse_period` gives it: ``2022``, ``2022Q1``,
        ``2022-03``, ``2022-01..02``.

    Returns
    -------
    DataFrame with the index of ``periods``: year, first, last (months 1 … 12; all missing
    where the text is no period) and form: 月, 合并 (several months), 季 or 年.
    """
    # A case states few periods many times.
    codes, texts = pd.factorize(periods.astype("str"), use_na_sentinel=False)
    return _spans(pd.Series(texts, dtype="str")).take(codes).set_axis(periods.index)


def _spans(periods: pd.Series) -> pd.DataFrame:
    found = periods.str.extract(_PERIOD)
    quarter, first, last = (pd.to_numeric(found[c]) for c in ("quarter", "first", "last"))
    form = pd.Series("年", periods.index, dtype="str").mask(quarter.notna(), "季").mask(first.notna(), "月").mask(last.notna(), "合并")
    start = first.fillna(quarter * 3 - 2).fillna(1)
    stop = last.fillna(first).fillna(quarter * 3).fillna(12)
    good = found["year"].notna() & start.between(1, 12) & stop.between(start, 12)
    return pd.DataFrame({"year": pd.to_numeric(found["year"]), "first": start, "last": stop}).where(good).assign(form=form)


def months(parts: int) -> tuple[int, ...]:
    """Last month of each part of a year of 1, 4, 11 or 12 parts."""
    return MONTHS[parts]


def period_text(year: int, part: int, parts: int) -> str:
    """Canonical text of one part: ``2022``, ``2022Q1``, ``2022-01..02`` or ``2022-03``."""
    if parts == 1:
        return f"{year}"
    if parts == 4:
        return f"{year}Q{part}"
    last = MONTHS[parts][part - 1]
    return f"{year}-01..02" if parts == 11 and part == 1 else f"{year}-{last:02d}"


def period_label(year: int, part: int, parts: int) -> str:
    """The part alone, as a reader says it: 2022年二季度, 2022年1—2月, 2022年3月, 2022年."""
    if parts == 1:
        return f"{year}年"
    if parts == 4:
        return f"{year}年{_QUARTER_NAMES[part - 1]}季度"
    last = MONTHS[parts][part - 1]
    return f"{year}年1—2月" if parts == 11 and part == 1 else f"{year}年{last}月"


def to_date_label(year: int | str, months_to: int, stock: bool = False) -> str:
    """The year up to a month: 2022年1—5月, 2022年上半年, 2022年; of a stock: 2022年5月末.

    An empty ``year`` gives the words without a year (the whole year is 全年).
    """
    head = f"{year}年" if str(year) else ""
    if stock:
        return head + ("末" if head else "年末") if months_to == 12 else f"{head}{months_to}月末"
    if months_to == 12:
        return head or "全年"
    return head + _QUARTERS.get(months_to, "1月" if months_to == 1 else f"1—{months_to}月")
