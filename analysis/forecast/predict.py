"""One call for one series, one for many: point path, intervals, and words on what they cannot know."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from ..params import AssessmentError
from .components import NAMES
from .intervals import JUDGED, bounds, check_levels, default_multiplier, normal
from .model import PERIODS, Path, clean, path
from .settings import setting

LEVELS = (0.8, 0.95)


@dataclass(frozen=True)
class Forecast:
    """Point forecasts with intervals, all in the unit of the series.

    ``sigma`` is the half-width of the 80 % interval divided by 1.2816, so that a normal variable with this standard
    deviation has the same 80 % interval (relative to ``mean`` where ``log``: then draw mean·exp(N(0, sigma/mean))).
    Intervals that nothing supports are NaN and ``note`` says why.
    """

    mean: np.ndarray
    lower: Mapping[float, np.ndarray]
    upper: Mapping[float, np.ndarray]
    sigma: np.ndarray
    method: str
    parts: Mapping[str, np.ndarray]
    n: int
    log: bool
    period: int
    note: str
    calibrated: str  # 本地回测 / M3 默认 / 合并增速 / 无
    name: str = ""
    path: Path | None = field(default=None, repr=False)

    @property
    def horizon(self) -> int:
        return len(self.mean)


def forecast(y, horizon: int, period: int = 1, levels: Iterable[float] = LEVELS, method: str | None = None,
             calibration=None, name: str | None = None) -> Forecast:
    """Forecast one series.

    Parameters
    ----------
    y : (n,) array or Series of levels in time order; missing values at the ends are cut off, inside they are an error.
    horizon : number of periods ahead.
    period : parts in a year: 1, 4, 11 (January–February as one) or 12; the first value may be any part.
    levels : coverage of the intervals, between 0.5 and 0.95.
    method : ``combination`` (default), ``drift``, ``theta`` or ``damped``; see :func:`analysis.forecast.model.path`.
    calibration : a :class:`analysis.forecast.calibration.Calibration` of the case's own districts; without it the
        multipliers of the M3 sample are used.
    name : what messages call the series; the Series' own name by default.

    Returns
    -------
    Forecast. Fewer than 4 values: the last value moved by half its mean step; an interval only from the growth of
    the pooled districts, if ``calibration`` has it. Zeros or negative values: no logs. All values zero: no interval.

    Raises
    ------
    AssessmentError for fewer than two values, gaps, infinite or non-numeric values, unknown settings.
    """
    name = str(name if name is not None else getattr(y, "name", None) or "")
    levels, method = check_levels(levels), method or "combination"
    if calibration is not None and (calibration.period != period or calibration.method != method):
        made, asked = ((PERIODS.get(p, p), NAMES.get(m, m)) for p, m in ((calibration.period, calibration.method), (period, method)))
        raise AssessmentError(f"校准用的是{made[0]}度、{made[1]}，与本次预测（{asked[0]}度、{asked[1]}）不一致，请重新校准")
    found = path(clean(y, period, name), horizon, period, method)
    halves, sigma, origin = _halves(found, period, method, levels, calibration)
    limits = {level: bounds(found, half) for level, half in halves.items()}
    return Forecast(found.mean, {v: low for v, (low, _) in limits.items()}, {v: high for v, (_, high) in limits.items()}, sigma, method,
                    found.parts, found.n, found.log, period, _note(found, period, method, origin, calibration), origin, name, found)


def forecast_many(frame: pd.DataFrame, horizon: int, period: int = 1, levels: Iterable[float] = LEVELS, method: str | None = None,
                  calibration=None, workers: int = 1) -> dict[str, Forecast]:
    """Forecast every column of ``frame``; the same numbers as one by one.

    Each column ends at its own last value: columns with different last periods are forecast from there, so that
    step h is not the same year for all. ``workers`` > 1 spreads the columns over processes.
    """
    if not len(frame.columns):
        raise AssessmentError("没有可预测的序列：表中没有任何一列")
    double = frame.columns[frame.columns.duplicated()].unique()
    if len(double):
        raise AssessmentError(f"序列名重复：{'、'.join(map(str, double))}，请先合并")
    tasks = [(frame[c], horizon, period, tuple(np.atleast_1d(levels)), method, calibration, str(c)) for c in frame.columns]
    if workers > 1 and len(tasks) > 1:
        with ProcessPoolExecutor(workers) as pool:
            results = list(pool.map(_one, tasks, chunksize=max(1, len(tasks) // (4 * workers))))
    else:
        results = [_one(task) for task in tasks]
    return dict(zip(frame.columns, results))


def forecast_table(forecasts: Mapping[str, Forecast], periods: Mapping[str, list] | None = None, status: str = "推算") -> pd.DataFrame:
    """Forecasts as a reader's table: one row per series and step.

    ``periods`` gives the names of the steps of each series (years, 2023-07 …), else 第1期 …. A forecast of a published
    figure is 推算; pass ``status="示例"`` when anything under it is 示例.
    """
    rows = []
    for name, f in forecasts.items():
        steps = list(periods[name]) if periods else [f"第{h}期" for h in range(1, f.horizon + 1)]
        for i, step in enumerate(steps):
            row = {"区县": name, "期间": step, "预测": f.mean[i]}
            for level in sorted(f.lower):
                row |= {f"{level:.0%} 下限": f.lower[level][i], f"{level:.0%} 上限": f.upper[level][i]}
            rows.append(row | {"方法": NAMES[f.method], "历史点数": f.n, "区间依据": f.calibrated, "状态": status})
    return pd.DataFrame(rows)


def _one(task: tuple) -> Forecast:
    y, horizon, period, levels, method, calibration, name = task
    return forecast(y, horizon, period, levels, method, calibration, name)


def _halves(found: Path, period: int, method: str, levels, calibration) -> tuple[dict, np.ndarray, str]:
    horizon = len(found.mean)
    if "naive" in found.parts:
        nothing = np.full(horizon, np.nan)
        return {level: nothing for level in levels}, nothing, "无"
    if found.short:
        spread = getattr(calibration, "growth_spread", np.nan)
        if not (found.log and np.isfinite(spread)):
            nothing = np.full(horizon, np.nan)
            return {level: nothing for level in levels}, nothing, "无"
        # The series has no spread of its own: that of the pooled districts, widening like a random walk whose slope
        # is as uncertain as three points leave it.
        h = np.arange(1, horizon + 1)
        sigma = spread * found.mean * np.sqrt(h + h * h / 2)
        wide = default_multiplier(period, "drift", 0.8, int(setting("给区间的最少点数")), horizon) if period == 1 else np.ones(horizon)
        wide = np.maximum(wide / normal(0.8), 1.0)
        return {level: normal(level) * wide * sigma for level in levels}, sigma * wide, "合并增速"
    if calibration is None:
        multiplier, origin = lambda v: default_multiplier(period, method, v, found.n, horizon), "M3 默认"  # noqa: E731
    else:
        multiplier = lambda v: calibration.multiplier(v, found.n, horizon)  # noqa: E731
        origin = "本地回测" if calibration.own else "M3 默认"
    halves = {level: multiplier(level) * found.sigma for level in levels}
    return halves, multiplier(0.8) * found.sigma / normal(0.8), origin


def _note(found: Path, period: int, method: str, origin: str, calibration) -> str:
    scale = "Theta 取对数" if found.log and period == 1 and "theta" in found.parts else "取对数" if found.log and period > 1 else "不取对数"
    if "naive" in found.parts:
        return f"{found.n} 个数全部为 0：只能按 0 延续，无法给出区间。"
    if found.short:
        said = [f"只有 {found.n} 个数，看不出趋势：点预测取末值加平均增量的一半"]
        said.append("区间借用各区县合并的增速波动，只是粗略范围" if origin == "合并增速" else "自身数据无法给出区间，不能据此下结论")
        return "；".join(said) + "。"
    used = "＋".join(NAMES[c] for c in found.parts)
    used += "平均，阻尼趋势权重减半" if period == 1 and "damped" in found.parts else "等权平均"
    said = [f"用 {found.n} 个数，{NAMES[method]}" + (f"（{used}）" if len(found.parts) > 1 else "") + f"，{scale}"]
    if period > 1:
        said.append("检验有季节性，按比例调整" if found.seasonal and found.log else "检验有季节性，按差额调整" if found.seasonal
                    else "未检出季节性" if found.n >= setting("季节检验的最少周期") * period else "不足三年，不做季节调整，区间按年度样本的短序列比例放宽")
    said.append("区间倍数由本案例各区县滚动回测校准" if origin == "本地回测" else "区间倍数取自 M3 竞赛样本（默认）")
    if period == 4 and origin != "本地回测":
        said.append("季度没有专门样本，借用月度倍数")
    if not found.log:
        said.append("序列有零、负数或近于零的值，按绝对量外推" + ("，下限不低于 0" if found.nonnegative else ""))
    if period == 1 and found.n < setting("少点提示"):
        said.append(f"数据不足 {setting('少点提示'):.0f} 个，趋势可能只是偶然，区间主要靠默认倍数")
    if found.capped:
        said.append(f"历史年增速超过上限（对数 {setting('年增速上限'):g}），外推时按上限计")
    if len(found.mean) > JUDGED[PERIODS[period]]:
        said.append(f"超过 {JUDGED[PERIODS[period]]} 期的区间没有回测依据，是外推")
    if np.ptp(found.mean) == 0 and found.sigma[0] <= setting("先验波动") * abs(found.mean[0]):
        said.append("各期数值几乎不变，区间只反映默认波动")
    return "；".join(said) + "。"
