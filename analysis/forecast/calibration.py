"""Intervals from the case's own past: rolling origins pooled over the districts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..params import AssessmentError
from .intervals import check_levels, default_multiplier, excess
from .model import PERIODS, clean, path
from .settings import setting

LEVELS = (0.5, 0.8, 0.9, 0.95)


@dataclass(frozen=True)
class Calibration:
    """How much wider or narrower than the default the case's own intervals must be.

    ``ratio`` : level → own multiplier / default multiplier, pooled over the horizons with enough errors; 1 where
    there are too few. ``reach`` : the longest such horizon (0: none). ``growth_spread``, ``growth_median`` : robust
    standard deviation and median of the one-period log growth of all districts (NaN where there is none).
    """

    period: int
    method: str
    ratio: dict[float, float]
    reach: int
    table: pd.DataFrame
    growth_spread: float
    growth_median: float

    @property
    def own(self) -> bool:
        return self.reach > 0

    def multiplier(self, level: float, n: int, horizon: int) -> np.ndarray:
        """Half-width in raw standard deviations for horizons 1…horizon of a series of n values.

        default · ratio^min(1, reach/h): beyond the horizons that were tried the own ratio fades to the default.
        Between calibrated levels the ratio is interpolated.
        """
        if not self.own:
            return default_multiplier(self.period, self.method, level, n, horizon)
        known = sorted(self.ratio)
        fade = np.minimum(1.0, self.reach / np.arange(1, horizon + 1))

        def own(v: float) -> np.ndarray:
            ratio = np.interp(v, known, [self.ratio[k] for k in known])
            return default_multiplier(self.period, self.method, v, n, horizon) * ratio**fade

        # Ratios of different levels are estimated apart: a higher level must not come out narrower.
        return np.max([own(v) for v in known if v < level] + [own(level)], axis=0)


def calibrate(frame: pd.DataFrame, horizon: int, period: int = 1, method: str | None = None, max_origins: int | None = None,
              levels: Iterable[float] = LEVELS) -> Calibration:
    """Pooled rolling-origin backtest of all columns of ``frame``, as multipliers for :func:`analysis.forecast.forecast`.

    For each district, origin and horizon the error is expressed in half-widths of the default interval of level q,
    |e|/(m_q(n, h)·σ_h); the own ratio r is its ⌈(N+1)·q⌉-th smallest value. Horizons count that have at least 30 errors
    from at least 4 origins (see the settings). Districts of one city share their good and bad years, so what counts is
    the number of origins O: r is drawn to the default, r^(O/(O+4)), and not taken below 0.5.

    Parameters
    ----------
    frame : index = periods ascending, columns = districts, NaN outside each district's span.
    max_origins : use only the latest so many origins of each district; all by default.

    Returns
    -------
    Calibration; with too few errors it is the default, and its table says so. Columns too short or with gaps are left
    out and named in ``table.attrs["left_out"]``; AssessmentError when there is no usable column.
    """
    method, levels = method or "combination", check_levels(levels)
    pieces, left_out, growth = [], {}, []
    for column in frame.columns:
        try:
            x = clean(frame[column], period, str(column))
        except AssessmentError as error:
            left_out[str(column)] = str(error)
            continue
        if x.min() > 0:
            growth.append(np.diff(np.log(x)))
        pieces.append(origin_errors(x, horizon, period, method, levels, max_origins, str(column), list(_labels(frame, column))))
    if not pieces:
        raise AssessmentError("没有一列可用来校准预测区间：" + ("；".join(left_out.values()) or "表中没有任何一列"))
    errors = pd.concat(pieces, ignore_index=True)
    counts = errors.groupby("h").agg(n=("district", "size"), origins=("origin", "nunique")).reindex(range(1, horizon + 1), fill_value=0)
    enough = counts.index[(counts["n"] >= setting("本地校准最少误差")) & (counts["origins"] >= setting("本地校准最少起点"))]
    used = errors[errors["h"].isin(enough)]
    seen = int(counts.loc[enough, "origins"].max()) if len(enough) else 0
    weight = seen / (seen + setting("本地倍数收缩"))
    ratio = {level: max(_conformal(used[level].to_numpy(), level) ** weight, setting("本地倍数下限")) if len(used) else 1.0 for level in levels}
    rows = []
    for h in range(1, horizon + 1):
        for level in levels:
            z = errors.loc[errors["h"] == h, level].to_numpy()
            rows.append({"预测期": h, "水平": level, "误差个数": len(z), "起点数": int(counts.at[h, "origins"]),
                         "默认区间实际覆盖": float((z <= 1).mean()) if len(z) else np.nan,
                         "倍数比": ratio[level] if h in enough else np.nan, "来源": "本地回测" if h in enough else "M3 默认"})
    table = pd.DataFrame(rows)
    table.attrs["left_out"] = left_out
    steps = np.concatenate(growth) if growth else np.array([])
    spread = 1.4826 * float(np.median(np.abs(steps - np.median(steps)))) if len(steps) >= 8 and period == 1 else np.nan
    return Calibration(period, method, ratio, int(max(enough, default=0)), table, spread, float(np.median(steps)) if len(steps) else np.nan)


def origin_errors(x: np.ndarray, horizon: int, period: int, method: str, levels, max_origins: int | None, name: str, labels: list) -> pd.DataFrame:
    """Errors of every origin of one cleaned series in half-widths of the default intervals, by horizon."""
    rows = []
    for end in origins(len(x), period, max_origins):
        steps = min(horizon, len(x) - end)
        found = path(x[:end], steps, period, method)
        if "naive" in found.parts:
            continue
        z = excess(found, x[end:end + steps])
        widths = {level: default_multiplier(period, method, level, end, steps) for level in levels}
        rows += [{"district": name, "origin": labels[end - 1], "n": end, "h": h + 1} | {level: z[h] / widths[level][h] for level in levels}
                 for h in range(steps)]
    return pd.DataFrame(rows, columns=["district", "origin", "n", "h", *levels])


def origins(n: int, period: int, most: int | None = None) -> range:
    """Training lengths of a rolling backtest: from the shortest allowed to one before the end."""
    first = int(setting("回测最少训练")) if period == 1 else int(setting("季节检验的最少周期")) * period
    return range(max(first, n - most) if most else first, n)


def _conformal(z: np.ndarray, level: float) -> float:
    place = min(int(np.ceil((len(z) + 1) * level)), len(z))
    return float(np.sort(z)[place - 1])


def _labels(frame: pd.DataFrame, column) -> pd.Index:
    known = frame[column].notna().to_numpy().nonzero()[0]
    return frame.index[known[0]:known[-1] + 1]


def calibration_note(calibration: Calibration) -> str:
    """Where the widths come from, in a sentence."""
    frequency = PERIODS[calibration.period]
    if not calibration.own:
        return f"本案例的滚动回测误差不够多，{frequency}度预测区间用 M3 竞赛样本的默认倍数。"
    wide = calibration.ratio.get(0.8, 1.0)
    change = "与默认相当" if abs(wide - 1) < 0.05 else f"比默认{'宽' if wide > 1 else '窄'} {abs(wide - 1):.0%}"
    return f"{frequency}度预测区间由本案例各区县滚动回测校准（1～{calibration.reach} 期有足够误差），80% 区间{change}；同一城市各区县同涨同落，起点又相互重叠，实际把握比误差个数显示的小。"
