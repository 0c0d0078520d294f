"""From a series to a path and its raw spread, before any calibration."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..params import AssessmentError
from .components import NAMES, Component, damped, drift, theta
from .seasonal import is_seasonal, seasonal_indices
from .settings import setting

METHODS = tuple(NAMES)
PERIODS = {1: "年", 4: "季", 11: "月", 12: "月"}


@dataclass(frozen=True)
class Path:
    """Point forecasts and uncalibrated standard deviations in the unit of the series."""

    mean: np.ndarray  # (h,)
    sigma: np.ndarray  # (h,) raw: one-step error × the method's own growth
    parts: dict[str, np.ndarray]  # component → (h,)
    n: int
    log: bool
    seasonal: bool
    nonnegative: bool
    spread: str  # component whose errors give sigma
    capped: bool  # the log drift met its bound
    short: bool = False  # too short for an interval of its own


def period_label(place, period: int) -> str:
    """A place in the index as the case writes periods: 2022, 2022Q1, 2022-03, and 2022-01..02 for the first of 11."""
    if not (isinstance(place, tuple) and len(place) == 2):
        return str(place)
    year, part = place
    if period == 4:
        return f"{year}Q{part}"
    if period == 11:
        return f"{year}-01..02" if part == 1 else f"{year}-{part + 1:02d}"
    return f"{year}-{part:02d}" if period == 12 else str(place)


def clean(y, period: int = 1, name: str = "") -> np.ndarray:
    """The values without missing ends, checked.

    Raises AssessmentError, naming the places, for a gap inside, for text or infinite values, for an unknown ``period``
    and for fewer values than the settings ask.
    """
    who = f"“{name}”" if name else "序列"
    if period not in PERIODS:
        raise AssessmentError(f"{who}的 period={period} 不认识：年度填 1，季度填 4，月度填 11（1—2 月合并）或 12")
    labels = list(y.index) if isinstance(y, pd.Series) else list(range(1, np.size(y) + 1))
    try:
        x = np.asarray(y, dtype=float)
    except (TypeError, ValueError):
        wrong = [labels[i] for i, v in enumerate(y) if not isinstance(v, (int, float, np.number))]
        raise AssessmentError(f"{who}有不是数值的内容（位置：{_listed(wrong)}），未公开的数（**）不能用来预测，请先留空或补上") from None
    if x.ndim != 1:
        raise AssessmentError(f"{who}应是一列数，现在是 {x.ndim} 维")
    if np.isinf(x).any():
        raise AssessmentError(f"{who}有无穷大的值（位置：{_listed([labels[i] for i in np.flatnonzero(np.isinf(x))])}），请改正")
    known = np.flatnonzero(~np.isnan(x))
    if len(known) < setting("最少点数"):
        raise AssessmentError(f"{who}只有 {len(known)} 个数，至少要 {setting('最少点数'):.0f} 个才能预测")
    first, last = known[0], known[-1]
    _consecutive(labels[first:last + 1], period, who)
    gaps = [period_label(labels[i], period) for i in range(first, last + 1) if np.isnan(x[i])]
    if gaps:
        raise AssessmentError(f"{who}中间缺数（位置：{_listed(gaps)}），不自动补；请补上这些期，或只用缺口之后的部分")
    return x[first:last + 1]


def _consecutive(labels: list, period: int, who: str) -> None:
    """AssessmentError where years, or (year, part) pairs, repeat, step back or leave one out; other labels pass."""
    whole = (int, np.integer)
    if period == 1 and all(isinstance(v, whole) for v in labels):
        order = list(labels)
    elif period > 1 and all(isinstance(v, tuple) and len(v) == 2 and all(isinstance(u, whole) for u in v) for v in labels):
        wrong = [v for v in labels if not 1 <= v[1] <= period]
        if wrong:
            places = "、".join(f"{year} 年第 {part} 期" for year, part in wrong[:8])
            raise AssessmentError(f"{who}一年按 {period} 期，却有 {places}；1—2 月合并的年份与 12 个月的年份不能混用，请统一")
        order = [v[0] * period + v[1] for v in labels]
    else:
        return
    steps = list(zip(order, order[1:], [period_label(v, period) for v in labels[1:]]))
    for before, after, name in steps:
        if after == before:
            raise AssessmentError(f"{who}期间重复：{name}，请只留一个")
        if after < before:
            raise AssessmentError(f"{who}期间没有按先后排列（{name} 处），请先排序")
    gaps = [(after - before - 1, name) for before, after, name in steps if after > before + 1]
    if gaps:
        named = "；".join(f"{name} 之前缺 {missing} 期" for missing, name in gaps[:8])
        raise AssessmentError(f"{who}中间缺期：{named}；不自动补，请补上，或只用 {gaps[-1][1]} 及以后的数")


def path(x: np.ndarray, horizon: int, period: int = 1, method: str | None = None) -> Path:
    """Point path and raw spread of a cleaned series.

    All positive and not nearly zero: logs. Annual: theta on logs with half the mean step (drift bounded), damped
    trend and drift on levels, combined by their mean in which damped trend weighs half. Within a year (4, 11, 12): season taken out as ratios where the
    test finds one, then theta and damped trend on logs. Otherwise everything on levels, the season as differences.

    Spread: one-step error s of the method (combination: of theta), for logs the mean of the relative error × mean_h
    and of the error in levels; shrunk, s² ← ((n−2)·s² + k·(p·mean_h)²)/(n − 2 + k); times the method's own growth.
    """
    method = method or "combination"
    if method not in METHODS:
        raise AssessmentError(f"没有名为“{method}”的预测方法；可用：{'、'.join(METHODS)}")
    if int(horizon) != horizon or horizon < 1:
        raise AssessmentError(f"预测期数应为正整数，现为 {horizon}")
    horizon, n = int(horizon), len(x)
    unit = np.abs(x).mean()
    if unit == 0:
        zero = np.zeros(horizon)
        return Path(zero, zero, {"naive": zero}, n, False, False, True, "naive", False, n < setting("给区间的最少点数"))
    # Rounding makes the optimiser see the same digits whatever the unit, so that 亿元 and 万元 agree.
    z = np.round(x / unit, 12)
    log = bool(z.min() > 0 and z.min() >= setting("取对数的最小比") * np.median(z))
    if n < setting("给区间的最少点数"):
        return _short(z, horizon, unit, log, n)
    seasonal = is_seasonal(z, period)
    index = seasonal_indices(z, period, log) if seasonal else np.full(period, 1.0 if log else 0.0)
    season, ahead = index[np.arange(n) % period], index[(n + np.arange(horizon)) % period]
    flat = z / season if log else z - season

    wanted = _components(method, period, n)
    logged = {c: log and (period > 1 or c == "theta") for c in wanted}
    cap = setting("年增速上限") / period
    fits = {c: _fit(c, np.round(np.log(flat), 12) if logged[c] else flat, horizon, period, cap if logged[c] else None)
            for c in wanted}
    floor = setting("点预测下限") * flat.min()
    parts = {}
    for c, fit in fits.items():
        level = np.exp(fit.mean) if logged[c] else fit.mean
        parts[c] = np.maximum(level, floor) * ahead if log else level + ahead
    mean = np.average(list(parts.values()), axis=0, weights=[_weight(c, period) for c in parts])
    lead = "theta" if "theta" in fits else wanted[0]
    sigma = _spread(fits[lead], flat, mean, ahead, logged[lead], log, n)
    nonnegative = bool(z.min() >= 0)
    if nonnegative and not log:
        mean = np.maximum(mean, 0.0)
    steep = log and n > 1 and abs(np.log(flat[-1] / flat[0]) / (n - 1)) > cap
    return Path(mean * unit, sigma * unit, {c: v * unit for c, v in parts.items()}, n, log, seasonal, nonnegative, lead,
                bool(steep and any(logged.values())))


def _components(method: str, period: int, n: int) -> list[str]:
    enough = n >= setting("阻尼趋势的最少点数")
    if method != "combination":
        if method == "damped" and not enough:
            raise AssessmentError(f"只有 {n} 个数，阻尼趋势至少要 {setting('阻尼趋势的最少点数'):.0f} 个；请改用 theta、drift 或 combination")
        return [method]
    return ["theta"] + (["damped"] if enough else []) + (["drift"] if period == 1 or not enough else [])


def _weight(name: str, period: int) -> float:
    # Five parameters on a short annual series: as good on average as the others, but the most erratic.
    return setting("年度阻尼趋势权重") if name == "damped" and period == 1 else 1.0


def _fit(name: str, x: np.ndarray, horizon: int, period: int, cap: float | None) -> Component:
    if name == "theta":
        return theta(x, horizon, "ends" if period == 1 else "ols", cap)
    return damped(x, horizon) if name == "damped" else drift(x, horizon, cap)


def _spread(fit: Component, flat: np.ndarray, mean: np.ndarray, ahead: np.ndarray, logged: bool, log: bool, n: int) -> np.ndarray:
    free = max(n - fit.spent, 1)

    def rms(e: np.ndarray) -> float:
        return float(np.sqrt(e @ e / free))

    if logged:
        levels = flat[-len(fit.residuals):] * -np.expm1(-fit.residuals)
        one = (rms(fit.residuals) * mean + rms(levels) * ahead) / 2
    else:
        one = rms(fit.residuals) * (ahead if log else np.ones_like(mean))
    k, prior = setting("先验权重"), setting("先验波动") * (np.abs(mean) if log else 1.0)
    return np.sqrt(((n - 2) * one**2 + k * prior**2) / (n - 2 + k)) * fit.growth


def _short(z: np.ndarray, horizon: int, unit: float, log: bool, n: int) -> Path:
    """Two or three points: the last value with half the mean step, and no spread of its own."""
    h = np.arange(1, horizon + 1)
    step = _log_step(z) if log else (z[-1] - z[0]) / (n - 1)
    mean = z[-1] * np.exp(step / 2 * h) if log else z[-1] + step / 2 * h
    if z.min() >= 0:
        mean = np.maximum(mean, 0.0)
    return Path(mean * unit, np.full(horizon, np.nan), {"theta": mean * unit}, n, log, False, bool(z.min() >= 0), "theta", False, True)


def _log_step(z: np.ndarray) -> float:
    cap = setting("年增速上限")
    return float(np.clip(np.log(z[-1] / z[0]) / (len(z) - 1), -cap, cap))


def _listed(places: list) -> str:
    shown = "、".join(str(p) for p in places[:8])
    return shown + (f" 等 {len(places)} 处" if len(places) > 8 else "")
