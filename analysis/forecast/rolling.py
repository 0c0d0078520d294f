"""How the forecasts would have done: rolling origins, against the last value carried on and against drift."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..params import AssessmentError
from .calibration import _labels, origins
from .components import NAMES
from .model import clean, path, period_label
from .predict import LEVELS, forecast
from .settings import setting


@dataclass(frozen=True)
class Backtest:
    """``errors``: one row per district, origin and step; ``table``: one row per district, method and step.

    ``errors`` columns: district, origin (last period known), period (forecast), label (of the period, as
    the case writes it), n, h, actual, mean, naive, drift, scale, and ``low_q``, ``high_q`` for each level q. ``table`` columns: district, method, h, origins, mae, mase, mape (%),
    relative (MAE / MAE of naive), and ``coverage_q`` for the tested method. ``left_out``: district → why.
    """

    errors: pd.DataFrame
    table: pd.DataFrame
    method: str
    period: int
    levels: tuple[float, ...]
    left_out: dict[str, str]


def backtest(frame: pd.DataFrame, horizon: int, period: int = 1, method: str | None = None, levels: Iterable[float] = LEVELS,
             calibration=None, max_origins: int | None = None) -> Backtest:
    """Forecast every district from each of its past origins and compare with what came.

    MAE = mean |actual − mean|; MASE = MAE / mean |x_t − x_{t−m}| of the training part of each origin (m = 1 for annual
    series, else the period); MAPE = mean |e/actual|, NaN where an actual value is 0. Naive is the last value, within a
    year the value of the same part one year before; drift is the mean step of the training part.

    Parameters
    ----------
    frame : index = periods ascending, columns = districts, NaN outside each district's span.
    method, levels, calibration : as for :func:`analysis.forecast.forecast`. A calibration made from the same years
        has seen the answers, and its coverage here is too kind; leave it out to judge the default.
    max_origins : the latest so many origins of each district; by default as many as the settings say.

    Returns
    -------
    Backtest. Districts that are too short or have gaps are listed in ``left_out``; AssessmentError if none is left.
    """
    method, levels = method or "combination", tuple(levels)
    most = int(setting("回测最多起点")) if max_origins is None else int(max_origins)
    if most < 1:
        raise AssessmentError(f"回测起点数应为正整数，现为 {max_origins}")
    rows, left_out = [], {}
    for column in frame.columns:
        try:
            x = clean(frame[column], period, str(column))
        except AssessmentError as error:
            left_out[str(column)] = str(error)
            continue
        ends = origins(len(x), period, most)
        if not len(ends):
            left_out[str(column)] = f"“{column}”只有 {len(x)} 个数，不够做一次回测（训练至少 {ends.start} 个，另需至少 1 个来对照）"
        labels = _labels(frame, column)
        for end in ends:
            rows += _origin(x, end, horizon, period, method, levels, calibration, str(column), labels)
    if not rows:
        raise AssessmentError("没有一个区县能做回测：" + ("；".join(left_out.values()) or "表中没有任何一列"))
    errors = pd.DataFrame(rows)
    return Backtest(errors, _summary(errors, method, levels), method, period, levels, left_out)


def _origin(x, end, horizon, period, method, levels, calibration, name, labels) -> list[dict]:
    train, steps = x[:end], min(horizon, len(x) - end)
    actual = x[end:end + steps]
    f = forecast(train, steps, period, levels, method, calibration, name)
    drift = path(train, steps, period, "drift").mean
    naive = np.full(steps, train[-1]) if period == 1 else train[end - period + np.arange(steps) % period]
    scale = float(np.abs(train[period:] - train[:-period]).mean())
    return [{"district": name, "origin": labels[end - 1], "period": labels[end + i],
             "label": period_label(labels[end + i], period), "n": end, "h": i + 1, "actual": actual[i],
             "mean": f.mean[i], "naive": naive[i], "drift": drift[i], "scale": scale}
            | {f"low_{v:g}": f.lower[v][i] for v in levels} | {f"high_{v:g}": f.upper[v][i] for v in levels} for i in range(steps)]


def _summary(errors: pd.DataFrame, method: str, levels: tuple[float, ...]) -> pd.DataFrame:
    rows = []
    pooled = list(errors.groupby("district", sort=False))
    if len(pooled) > 1:
        pooled.append(("全部区县", errors))
    for district, own in pooled:
        columns = {name: own[name].to_numpy() for name in own.columns}
        for h in np.unique(columns["h"]):
            at = columns["h"] == h
            rows += _measures({name: values[at] for name, values in columns.items()}, method, levels, {"district": district, "h": h})
    order = ["district", "method", "h", "origins", "cases", "mae", "mase", "mape", "relative", *(f"coverage_{v:g}" for v in levels)]
    return pd.DataFrame(rows)[order]


def _measures(part: dict[str, np.ndarray], method: str, levels: tuple[float, ...], head: dict) -> list[dict]:
    """A row for the method and each yardstick over the forecasts of one step; ``part``: column of errors → values."""
    actual, scale, rows = part["actual"], part["scale"], []
    known, base = scale > 0, np.abs(actual - part["naive"]).mean()
    origins_seen = len(set(part["origin"]))
    for label, column in ((method, "mean"), ("naive", "naive"), ("drift", "drift")):
        if label == method == "drift" and column == "drift":
            continue
        off = np.abs(actual - part[column])
        row = {**head, "method": label, "origins": origins_seen, "cases": len(off), "mae": off.mean(),
               "mase": (off[known] / scale[known]).mean() if known.any() else np.nan,
               "mape": 100 * (off / np.abs(actual)).mean() if (actual != 0).all() else np.nan,
               "relative": off.mean() / base if base > 0 else np.nan}
        for v in levels:
            low, high = part[f"low_{v:g}"], part[f"high_{v:g}"]
            ranged = ~np.isnan(low)
            inside = ((actual >= low) & (actual <= high))[ranged]
            row[f"coverage_{v:g}"] = inside.mean() if column == "mean" and ranged.any() else np.nan
        rows.append(row)
    return rows


def backtest_table(result: Backtest, status: str = "推算") -> pd.DataFrame:
    """The table for a reader: Chinese headers; 覆盖率 is to be compared with the level in its header."""
    names = {**NAMES, "naive": "朴素（上年同期）" if result.period > 1 else "朴素（末值不变）"}
    t = result.table
    table = pd.DataFrame({"区县": t["district"], "方法": t["method"].map(names), "提前期": t["h"], "起点数": t["origins"], "预测次数": t["cases"],
                          "平均绝对误差": t["mae"], "MASE": t["mase"], "平均误差率%": t["mape"], "误差与朴素之比": t["relative"]})
    for v in result.levels:
        table[f"{v:.0%} 区间覆盖率"] = t[f"coverage_{v:g}"]
    return table.assign(状态=status)


def backtest_findings(result: Backtest) -> list[str]:
    """What the backtest says about the forecasts, in sentences."""
    own = result.errors
    error = (own["actual"] - own["mean"]).abs().mean()
    naive, drift = ((own["actual"] - own[c]).abs().mean() for c in ("naive", "drift"))
    said = [f"滚动回测 {own['district'].nunique()} 个区县、{len(own)} 次预测：{NAMES[result.method]}的平均绝对误差是"
            + (f"朴素预测的 {error / naive:.0%}" if naive > 0 else "（朴素预测没有误差，不能相比）")
            + (f"、漂移预测的 {error / drift:.0%}" if result.method != "drift" and drift > 0 else "") + "。"]
    if naive > 0 and error > naive:
        said.append("误差比“末值不变”还大，点预测不宜单独引用。")
    for v in result.levels:
        low, high = own[f"low_{v:g}"], own[f"high_{v:g}"]
        known = low.notna()
        if known.any():
            share = ((own["actual"] >= low) & (own["actual"] <= high))[known].mean()
            said.append(f"{v:.0%} 区间实际盖住 {share:.0%}（{int(known.sum())} 次，起点重叠、区县同涨同落，不等于这么多次独立检验）。")
    if result.left_out:
        said.append(f"没有参加回测的：{'；'.join(result.left_out.values())}。")
    return said
