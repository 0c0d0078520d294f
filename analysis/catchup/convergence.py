"""Do the city's districts come closer together: σ and β convergence, and what few points cannot tell."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..params import AssessmentError
from .frame import checked_frame
from .parameters import parameter

UNDECIDED, CLOSER, APART = "不能判断", "在收敛", "在发散"


@dataclass(frozen=True)
class Convergence:
    """σ: dispersion by year and its trend; β: growth on the initial level.

    sigma : DataFrame by year: districts, sd_log (standard deviation of ln level, n − 1), cv (coefficient of
        variation, population). sigma_trend, sigma_interval : slope of sd_log a year and its interval.
    beta, beta_interval : slope b of the annual log growth on the log initial level. speed : λ = −ln(1 + b·T)/T,
        half_life : ln 2/λ in years; both missing where b ≥ 0 or 1 + b·T ≤ 0. span : T years from
        first to last; points : DataFrame by district: initial, growth (% a year).
    sigma_verdict, beta_verdict : 在收敛, 在发散 or 不能判断. notes : why, Chinese.
    """

    sigma: pd.DataFrame
    sigma_trend: float
    sigma_interval: tuple[float, float]
    sigma_verdict: str
    beta: float
    beta_interval: tuple[float, float]
    beta_verdict: str
    speed: float
    half_life: float
    first: int
    last: int
    points: pd.DataFrame
    notes: tuple[str, ...]

    @property
    def span(self) -> int:
        return self.last - self.first


def converge(annual: pd.DataFrame, first: int | None = None, last: int | None = None) -> Convergence:
    """σ and β convergence over the districts that have a value in every year used.

    Parameters
    ----------
    annual : annual frame (years, districts), levels > 0. first, last : years; the whole frame without them.

    The trend of σ is (last − first)/T, its interval from the scatter of the yearly changes: sd_log itself wanders, and
    a regression on the year would call any wandering a trend. b is the OLS slope of (ln y_last − ln y_first)/T on
    ln y_first, with HC3 errors and a t interval at 显著性置信水平. A verdict is given only where the interval leaves zero
    out and there are at least 收敛最少地区数 districts (for σ: 收敛最少年数 years).

    Sources: Barro & Sala-i-Martin 1992, J. Polit. Econ. 100:223;
    MacKinnon & White 1985, J. Econometrics 29:305.

    Raises
    ------
    AssessmentError with fewer than 4 complete districts or fewer than 2 years.
    """
    frame = checked_frame(annual)
    frame = frame.loc[first if first is not None else frame.index[0]:last if last is not None else frame.index[-1]]
    frame = frame.dropna(axis=0, how="all")
    complete = frame.dropna(axis=1)
    left_out = [d for d in frame.columns if d not in complete.columns]
    if len(frame) < 2:
        raise AssessmentError("收敛分析至少要两年数据")
    if complete.shape[1] < 4:
        raise AssessmentError(
            f"收敛分析至少要 4 个各年齐全的区县，现只有 {complete.shape[1]} 个" + (f"（缺年份：{'、'.join(left_out)}）" if left_out else ""))
    notes = [f"缺年份、未参与：{'、'.join(left_out)}"] if left_out else []
    logs = np.log(complete)
    sigma = pd.DataFrame({"districts": complete.shape[1], "sd_log": logs.std(axis=1, ddof=1),
                          "cv": complete.std(axis=1, ddof=0) / complete.mean(axis=1)})
    trend, trend_interval = _drift(complete.index.to_numpy(dtype=float), sigma["sd_log"].to_numpy())
    sigma_verdict, said = _verdict(trend_interval, len(complete), parameter("收敛最少年数"), "σ 收敛", "年")
    notes += said
    start, end = int(complete.index[0]), int(complete.index[-1])
    span = end - start
    growth = (logs.iloc[-1] - logs.iloc[0]) / span
    beta, interval = _slope(logs.iloc[0].to_numpy(), growth.to_numpy())
    beta_verdict, said = _verdict(interval, complete.shape[1], parameter("收敛最少地区数"), "β 收敛", "个区县")
    notes += said
    inside = 1 + beta * span
    speed = -np.log(inside) / span if beta < 0 < inside else np.nan
    if beta < 0 and inside <= 0:
        notes.append("回归系数过大，折算不出半程时间")
    points = pd.DataFrame({"initial": complete.iloc[0], "growth": 100 * np.expm1(growth)})
    return Convergence(sigma, trend, trend_interval, sigma_verdict, beta, interval, beta_verdict, speed, np.log(2) / speed,
                       start, end, points, tuple(notes))


def _drift(years, values):
    """Mean change a year and its t interval, changes over m years counting as the sum of m."""
    gaps, changes = np.diff(years), np.diff(values)
    mean, count = changes.sum() / gaps.sum(), len(changes)
    if count < 2:
        return float(mean), (np.nan, np.nan)
    from scipy.stats import t

    spread = np.sqrt(((changes - gaps * mean) ** 2 / gaps).sum() / (count - 1) / gaps.sum())
    half = spread * t.ppf((1 + parameter("显著性置信水平")) / 2, count - 1)
    return float(mean), (float(mean - half), float(mean + half))


def _slope(x, y):
    """OLS slope and its HC3 interval."""
    from statsmodels.regression.linear_model import OLS
    from statsmodels.tools import add_constant

    if np.ptp(x) == 0:
        raise AssessmentError("各区县起始水平完全相同，收敛无从谈起")
    fit = OLS(y, add_constant(x - x.mean())).fit(cov_type="HC3", use_t=True)
    low, high = fit.conf_int(alpha=1 - parameter("显著性置信水平"))[1]
    return float(fit.params[1]), (float(low), float(high))


def _verdict(interval, count, least, what, unit):
    low, high = interval
    if count < least:
        return UNDECIDED, [f"{what}：只有 {count} {unit}，少于 {least:g}，不下结论"]
    if not (np.isfinite(low) and np.isfinite(high)) or low <= 0 <= high:
        return UNDECIDED, [f"{what}：系数的 {parameter('显著性置信水平'):.0%} 区间含 0，不能判断"]
    return (CLOSER if high < 0 else APART), []
