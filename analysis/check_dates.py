"""Figures that claim to be of a time that has not come: years and periods after today and after 年度."""

from __future__ import annotations

import datetime as dt
import re

import numpy as np

from analysis.columns import Typed
from analysis.problems import WARNING

DATED = ("values", "adjustments", "published")


def check_ahead(draft: dict[str, Typed], year: int | None, today: dt.date | None = None) -> None:
    """Warn of rows of 指标值, 加减分, 公布结果 and 时间序列 whose year or period begins after ``today`` and after 年度."""
    today = today or dt.date.today()
    last = max(today.year, year or 0)
    for key in DATED:
        table = draft[key]
        years = table.frame["year"].to_numpy(dtype=float)
        for k in np.flatnonzero(years > last):
            table.report(WARNING, f"年份 {years[k]:g} 在将来", "核对年份；预测和目标不填在这张表里", table.frame["row"].iat[k], "year")
    table = draft["series"]
    begins = {period: _begins(period) for period in table.frame["period"].unique() if period}
    ahead = {period for period, start in begins.items() if start > max((today.year, today.month), (year or 0, 12))}
    for period, row in zip(table.frame["period"], table.frame["row"]) if ahead else ():
        if period in ahead:
            table.report(WARNING, f"期间 {period} 在将来", "核对期间；预测由程序做，不填在这张表里", row, "period")


def _begins(period: str) -> tuple[int, int]:
    """Year and first month of a canonical period."""
    quarter = re.search(r"Q([1-4])", period)
    month = 3 * int(quarter[1]) - 2 if quarter else int(period[5:7] or 1)
    return int(period[:4]), month
