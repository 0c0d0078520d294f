"""The rest of the running year month by month (quarter by quarter), as a check on the nowcast by seasonal shares."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from ..forecast import Backtest, Forecast, backtest, calibrate, forecast
from ..params import AssessmentError
from ..series import current_wide
from ..series.nature import FLOW
from ..series.periods import period_label
from .course import Course

_ORIGINS = 6


@dataclass(frozen=True)
class Months:
    """Home's own figures of the running year and the forecast of its remaining parts.

    table : a row per part of the year: label, value, known (True: as given), low and high of the 80 % interval
        (missing where known). total : known parts and forecasts together. forecast : of the rest. tested : how such
        forecasts of all districts would have done. note : a Chinese sentence.
    """

    year: int
    table: pd.DataFrame
    total: float
    forecast: Forecast
    tested: Backtest
    note: str


def months(course: Course) -> tuple[Months | None, str]:
    """The remaining parts of home's unfinished year, or None and the reason in Chinese.

    The method is the one with the lower error in the pooled backtest; intervals are calibrated by it
    (:func:`analysis.forecast.calibrate`).
    """
    series, home = course.levels.series, course.outlook.home
    if series is None or series.parts == 1 or series.nature != FLOW:
        return None, ""
    wide = current_wide(series)
    own = wide[home].dropna()
    year, part = own.index[-1]
    rest = series.parts - part
    if not rest:
        return None, f"{home} {year} 年各期都已有数，不作分月预测"
    try:
        tested = backtest(wide, rest, series.parts, max_origins=_ORIGINS)
        if (tested.errors["actual"] - tested.errors["drift"]).abs().sum() < (tested.errors["actual"] - tested.errors["mean"]).abs().sum():
            tested = backtest(wide, rest, series.parts, "drift", max_origins=_ORIGINS)
        widths = calibrate(wide, rest, series.parts, tested.method, max_origins=_ORIGINS)
        found = forecast(wide[home], rest, series.parts, method=tested.method, calibration=widths, name=home)
    except AssessmentError as error:
        return None, f"不作分月预测：{error}"
    known = own.loc[year]
    labels = [period_label(year, p, series.parts) for p in range(1, series.parts + 1)]
    blank = [float("nan")] * len(known)
    table = pd.DataFrame({"label": labels, "value": [*known, *found.mean], "known": [True] * len(known) + [False] * rest,
                          "low": [*blank, *found.lower[0.8]], "high": [*blank, *found.upper[0.8]]})
    return Months(int(year), table, float(known.sum() + found.mean.sum()), found, tested, found.note), ""
