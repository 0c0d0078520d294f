"""Published growth, growth from levels and the implied base, kept apart and compared."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..params import AssessmentError
from ..status import derived_status
from .annual import require, row_of
from .nature import RATIO, STOCK, threshold
from .periods import to_date_label
from .read import Series, numbered

AGREES, REVISED, SUSPECT, OPPOSITE, NO_BASE, INVALID = "相符", "基数修订", "核对口径", "方向相反", "没有上年数", "同比无效"
ASSUMPTION = "假定上年各月按同一比例修订：全年可比基数＝上年公布的全年数×（本期可比基数÷上年同期公布数）"


def growth_check(series: Series, district: str | None = None) -> pd.DataFrame:
    """Published growth against the growth that the published levels give.

    base = cumulative ÷ (1 + published growth) is last year's figure on this year's scope;
    its ratio to the figure published a year ago is what was revised. Published growth is
    never replaced.

    Parameters
    ----------
    district : one district; all without it.

    Returns
    -------
    DataFrame, one row per published growth rate of a cumulative figure with a level:
    district, year, part, period, label, level, level_last (published a year before), yoy
    (published, %), growth_levels (%), gap (growth_levels − yoy, percentage points),
    implied_base, ratio (implied_base ÷ level_last), flag, status (示例 if anything under
    it is, else 推算), row, row_last. flag: 相符; 基数修订 (|ratio − 1| at or over
    the table's 基数修订提示下限); 核对口径 (over 基数修订异常下限); 方向相反 (revised, and levels move
    the other way than the published growth); 没有上年数; 同比无效 (growth ≤ −100 %).
    """
    if district is not None:
        require(series, district)
    table = series.table if district is None else series.table.loc[series.table["district"] == district]
    before = table.assign(year=table["year"] + 1)[["district", "year", "part", "cumulative", "status", "row"]]
    both = table.merge(before, on=["district", "year", "part"], how="left", suffixes=("", "_last"))
    both = both.loc[both["yoy"].notna() & both["cumulative"].notna()].rename(columns={"cumulative": "level", "cumulative_last": "level_last"})
    usable = both["level_last"] > 0
    growth = (both["level"] / both["level_last"] - 1).where(usable) * 100
    ratio = (both["implied_base"] / both["level_last"]).where(usable)
    both = both.assign(growth_levels=growth, gap=growth - both["yoy"], ratio=ratio)
    both["flag"] = [_flag(*row) for row in zip(both["yoy"], growth, ratio)]
    both["status"] = [derived_status(pair) for pair in zip(both["status"], both["status_last"])]
    columns = ["district", "year", "part", "period", "label", "level", "level_last", "yoy", "growth_levels", "gap", "implied_base",
               "ratio", "flag", "status", "row", "row_last"]
    return both[columns].reset_index(drop=True)


@dataclass(frozen=True)
class ComparableBase:
    """Last year on this year's scope.

    Attributes
    ----------
    district, year, part, label : the part of the year that was reached.
    to_date : this year's cumulative figure. yoy : its published growth, %.
    base : to_date ÷ (1 + yoy/100); base_low, base_high : by the rounding of yoy.
    published : last year's cumulative figure to the same part as published then.
    ratio : base ÷ published.
    total : last year's annual figure as published; total_base : total × ratio.
    remaining_base : total_base − base, what the rest of the year is compared with;
        remaining_low, remaining_high : by the rounding of yoy.
    unit, status, assumption : the assumption in words, to be shown with the figures.
    """

    district: str
    year: int
    part: int
    label: str
    to_date: float
    yoy: float
    base: float
    base_low: float
    base_high: float
    published: float
    ratio: float
    total: float
    total_base: float
    remaining_base: float
    remaining_low: float
    remaining_high: float
    unit: str
    status: str
    assumption: str = ASSUMPTION


def comparable_base(series: Series, district: str, year: int, part: int) -> ComparableBase:
    """Last year's figures on this year's scope, to date and for the rest of the year.

    Parameters
    ----------
    district, year, part : which cumulative figure; it needs a published growth rate.

    Raises
    ------
    AssessmentError : a figure that is needed is missing or masked (the message says which),
        the series does not add up over the year, or last year's figures leave nothing for
        the remaining months.
    """
    require(series, district)
    if series.nature in {STOCK, RATIO}:
        raise AssessmentError(f"“{series.name}”是{series.nature}，各期不能相加，没有剩余月份的可比基数")
    if not 1 <= part <= series.parts:
        raise AssessmentError(f"“{series.name}”一年分 {series.parts} 期，没有第 {part} 期")
    months_to = series.months[part - 1]
    now, label = row_of(series, district, year, part), to_date_label(year, months_to)
    before, whole = (row_of(series, district, year - 1, p) for p in (part, series.parts))
    to_date, yoy, published, total = (
        _needed(series, row, column, f"{district} {what}") for row, column, what in (
            (now, "cumulative", f"{label}的累计数"), (now, "yoy", f"{label}累计数的公布同比"),
            (before, "cumulative", f"{to_date_label(year - 1, months_to)}的累计数"), (whole, "cumulative", f"{year - 1} 年的全年数")))
    if yoy <= -100 or to_date <= 0 or published <= 0:
        raise AssessmentError(f"“{series.name}”{district} {label}：累计数、上年同期数须大于 0，同比须高于 -100%，现为 "
                              f"{to_date:g}、{published:g}、{yoy:g}%；请核对{numbered((now['row'], before['row']))}")
    rest = (total - published) / published
    if rest < 0 or (rest == 0 and part < series.parts):
        raise AssessmentError(f"“{series.name}”{district} {year - 1} 年的全年数 {total:g} 不大于同年{to_date_label('', months_to)}的累计数 {published:g}，"
                              f"算不出剩余月份的基数；请核对{numbered((before['row'], whole['row']))}")
    half = _half_step(series.table["yoy"])
    base, low, high = (to_date / (1 + (yoy + d) / 100) for d in (0.0, half, -half))
    return ComparableBase(district, year, part, label, to_date, yoy, base, low, high, published, base / published, total,
                          total * base / published, base * rest, low * rest, high * rest, series.unit,
                          derived_status((now["status"], before["status"], whole["status"])))


def _needed(series: Series, row, column: str, what: str) -> float:
    if row is None or pd.isna(row[column]):
        why = "未公布（**）" if row is not None and row["masked"] and column == "cumulative" else "没有"
        raise AssessmentError(f"“{series.name}”{why}{what}，算不出可比基数；请在 时间序列 补上")
    return float(row[column])


def _flag(yoy: float, growth: float, ratio: float) -> str:
    if yoy <= -100:
        return INVALID
    if np.isnan(ratio):
        return NO_BASE
    off = abs(ratio - 1) * 100
    # a ratio of 1.01 computed from decimals may fall a hair short of it
    if off < threshold("基数修订提示下限") - 1e-9:
        return AGREES
    if yoy * growth < 0:
        return OPPOSITE
    return SUSPECT if off >= threshold("基数修订异常下限") - 1e-9 else REVISED


def _half_step(yoy: pd.Series) -> float:
    values = yoy.dropna().to_numpy()
    return next(d for d in (0.05, 0.005, 0.0005, 0.0) if d == 0.0 or np.allclose(values, np.round(values / (2 * d)) * 2 * d, rtol=0, atol=1e-9))
