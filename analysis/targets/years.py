"""A target by year, and a year's target by month or quarter along the seasonal path."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..params import AssessmentError
from .rounding import shown_parts
from .settings import setting

EVEN, FRONT, BACK = "匀速", "前快后慢", "先慢后快"
SHAPES = (EVEN, FRONT, BACK)
_WHOLE = 1e-6


def target_path(level: float, year: int, until: int, growth: float | None = None, end: float | None = None,
                shape: str = EVEN, tilt: float | None = None, decimals: int = 2) -> pd.DataFrame:
    """Targets of every year from a level and the growth required (逐年目标).

    匀速: L_t = L₀·(1+g)^t. 前快后慢 and 先慢后快 reach the same end, the log growth of year k
    of n being ln(1+g)·(1 ± tilt·(1 − 2(k−1)/(n−1))).

    Parameters
    ----------
    level : L₀, of ``year``; above zero.
    year, until : year of the level and last year of the path.
    growth : g, % a year; or ``end``, the level to reach in ``until``; exactly one of them.
    shape : 匀速, 前快后慢 or 先慢后快.
    tilt : 0 ≤ tilt < 1; by default 快慢倾斜 of ``tables/targets_settings.csv``.
    decimals : places of the figures shown.

    Returns
    -------
    DataFrame, a row per year after ``year``: year, target, increment, growth (%), cumulative
    (sum of the increments so far), shown (target rounded), shown_increment (differences of
    the rounded targets, so that they sum to the rounded whole).

    Raises
    ------
    AssessmentError for a level that is not positive, no years, or growth of −100 % or less.
    """
    if not (np.isfinite(level) and level > 0):
        raise AssessmentError(f"{year} 年的水平为 {level:g}，必须大于 0 才能按增速分解到各年")
    if until <= year:
        raise AssessmentError(f"目标年份 {until} 应晚于基期年份 {year}")
    if (growth is None) == (end is None):
        raise AssessmentError("所需年均增速和目标水平要写一个，也只能写一个")
    if end is not None and not end > 0 or growth is not None and not growth > -100:
        raise AssessmentError(f"目标水平应大于 0、增速应高于 -100%（现为 {end if growth is None else growth:g}）")
    n = until - year
    pace = np.log1p(growth / 100) if growth is not None else np.log(end / level) / n
    logs = np.log(level) + np.concatenate([[0.0], np.cumsum(pace * _weights(n, shape, tilt))])
    levels = np.concatenate([[level], np.exp(logs[1:])])
    levels[-1] = level * np.exp(n * pace) if end is None else end
    shown = np.round(levels, decimals)
    return pd.DataFrame({"year": np.arange(year + 1, until + 1), "target": levels[1:], "increment": np.diff(levels),
                         "growth": 100 * (levels[1:] / levels[:-1] - 1), "cumulative": levels[1:] - level,
                         "shown": shown[1:], "shown_increment": np.round(np.diff(shown), decimals) + 0.0})


def _weights(n, shape, tilt):
    """Each year's log growth as a multiple of the mean; they sum to n."""
    tilt = setting("快慢倾斜") if tilt is None else tilt
    if shape not in SHAPES:
        raise AssessmentError(f"目标路径的快慢只能写 {'、'.join(SHAPES)}，现为“{shape}”")
    if not 0 <= tilt < 1:
        raise AssessmentError(f"快慢倾斜应不小于 0、小于 1，现为 {tilt:g}")
    slope = {EVEN: 0.0, FRONT: tilt, BACK: -tilt}[shape]
    return 1 + slope * np.linspace(1, -1, n) if n > 1 else np.ones(1)


def year_parts(target: float, season: pd.DataFrame, decimals: int = 2) -> pd.DataFrame:
    """A year's target by month or quarter: target × usual share of the year to date (时序目标).

    Parameters
    ----------
    target : the year's target, any unit.
    season : a row per part of the year: part, label, mean, least, greatest (share of the
        year reached by the end of the part, 0–1), years (complete years behind them).

    Returns
    -------
    DataFrame, a row per part: part, label, share, current and cumulative target, low and high
    (target × least and greatest share), shown and shown_cumulative (rounded by the largest
    remainder: the parts shown sum to the target shown), years.

    Raises
    ------
    AssessmentError if shares are missing, fall, or do not end at 1.
    """
    check_season(season)
    if not np.isfinite(target):
        raise AssessmentError("全年目标缺数，不能分解到各月（季）")
    share = season["mean"].to_numpy(dtype=float)
    table = pd.DataFrame({"part": season["part"].to_numpy(), "label": season["label"].to_numpy(), "share": share,
                          "current": target * np.diff(share, prepend=0.0), "cumulative": target * share,
                          "low": target * season["least"].to_numpy(dtype=float), "high": target * season["greatest"].to_numpy(dtype=float)})
    table["shown"] = shown_parts(table["current"], decimals)
    table["shown_cumulative"] = table["shown"].cumsum().round(decimals)
    return table.assign(years=season["years"].to_numpy())


def check_season(season: pd.DataFrame) -> None:
    """Raise AssessmentError unless the shares to date rise to 1 and none is missing."""
    wrong = season[["mean", "least", "greatest"]].isna().any(axis=1)
    if season.empty or wrong.any():
        raise AssessmentError(f"以下时段没有历年累计占比，不能按季节分解：{'、'.join(map(str, season['label'][wrong])) or '全部'}")
    share = season["mean"].to_numpy(dtype=float)
    if abs(share[-1] - 1) > _WHOLE:
        raise AssessmentError(f"历年累计占比到年末应为 100%，现为 {share[-1]:.2%}")
    falls = np.flatnonzero(np.diff(share, prepend=0.0) < 0)
    if len(falls):
        raise AssessmentError(f"历年累计占比应逐期增加，但到 {'、'.join(str(season['label'].iloc[k]) for k in falls)} 反而减少")
