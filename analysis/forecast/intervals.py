"""From raw spread to an interval that covers as often as it says: multipliers by method, length and horizon."""

from __future__ import annotations

from functools import cache, lru_cache
from statistics import NormalDist

import numpy as np

from ..params import AssessmentError
from ..shipped import rows
from .model import PERIODS, Path

TABLE = "forecast_calibration"
JUDGED = {"年": 6, "季": 18, "月": 18}  # longest horizon of the competition's test part


@cache
def _grid() -> dict[tuple[str, str], tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]]:
    """(frequency, method) → 1/n rising, log h rising, levels rising, multipliers (n, h, level)."""
    every = rows(TABLE)
    found = {}
    for key in {(r["频率"], r["方法"]) for r in every}:
        own = [r for r in every if (r["频率"], r["方法"]) == key]
        n, h, levels = (sorted({float(r[c]) for r in own}) for c in ("点数", "预测期", "水平"))
        n = n[::-1]
        cube = np.full((len(n), len(h), len(levels)), np.nan)
        for r in own:
            cube[n.index(float(r["点数"])), h.index(float(r["预测期"])), levels.index(float(r["水平"]))] = float(r["倍数"])
        found[key] = (1 / np.array(n), np.log(h), np.array(levels), cube)
    return found


def check_levels(levels) -> tuple[float, ...]:
    """The levels as floats; AssessmentError outside what the table covers."""
    levels = tuple(float(v) for v in (levels if np.iterable(levels) else [levels]))
    low, high = _grid()["年", "combination"][2][[0, -1]]
    wrong = [v for v in levels if not low <= v <= high]
    if wrong or not levels:
        raise AssessmentError(f"区间水平应在 {low:g} 到 {high:g} 之间（有回测依据的范围），现为 {'、'.join(f'{v:g}' for v in wrong) or '空'}")
    return levels


def default_multiplier(period: int, method: str, level: float, n: int, horizon: int) -> np.ndarray:
    """Half-width of the interval in raw standard deviations for horizons 1…horizon.

    Between the rows of the table: linear in 1/n and log h on the log of the multiplier (the surface it was fitted
    as), and linear in the normal quantile between levels. Longer series than the table's take its end; horizons
    beyond it follow its last slope. Quarters borrow the months' rows: the sample has no quarterly series. Months or
    quarters under three years are shorter than any that were tried: their multiplier grows as the annual one does.
    """
    if PERIODS[period] == "年":
        return _surface("年", method, level, n, horizon)
    shortest = 1 / _grid()["月", method][0][-1]
    wider = _surface("年", method, level, n, 1) / _surface("年", method, level, shortest, 1) if n < shortest else 1.0
    return np.maximum(wider, 1.0) * _surface("月", method, level, n, horizon)


@lru_cache(maxsize=4096)
def _surface(frequency: str, method: str, level: float, n: float, horizon: int) -> np.ndarray:
    """The table's multipliers for horizons 1…horizon, read-only: districts as long as each other share them."""
    inverse, logs, levels, cube = _grid()[frequency, method]
    across = np.array([[np.interp(1 / n, inverse, np.log(cube[:, j, k])) for k in range(len(levels))] for j in range(len(logs))])
    wanted = np.log(np.arange(1, horizon + 1))
    slope = (across[-1] - across[-2]) / (logs[-1] - logs[-2])
    at = np.array([np.interp(wanted, logs, across[:, k]) for k in range(len(levels))]).T
    at += np.maximum(wanted - logs[-1], 0)[:, None] * slope
    quantiles = [normal(v) for v in levels]
    found = np.array([np.interp(normal(level), quantiles, row) for row in np.exp(at)])
    found.flags.writeable = False
    return found


def bounds(path: Path, half: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Lower and upper bound from half-widths.

    mean ± half; for a series on logs the lower bound is mean·exp(−half/mean), which stays positive and meets
    mean − half where the interval is narrow. Series never below zero are cut at zero.
    """
    if path.log:
        return path.mean * np.exp(-half / path.mean), path.mean + half
    lower = path.mean - half
    return (np.maximum(lower, 0.0) if path.nonnegative else lower), path.mean + half


def excess(path: Path, actual: np.ndarray) -> np.ndarray:
    """How many raw standard deviations wide the interval must be to reach ``actual``: the inverse of `bounds`."""
    actual = np.asarray(actual, dtype=float)
    distance = np.abs(actual - path.mean)
    if path.log:
        with np.errstate(divide="ignore", invalid="ignore"):
            below = path.mean * np.log(path.mean / np.maximum(actual, 0))
        distance = np.where(actual < path.mean, below, distance)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(distance == 0, 0.0, distance / path.sigma)


def normal(level: float) -> float:
    """Two-sided normal quantile: 1.2816 for 0.8."""
    return NormalDist().inv_cdf((1 + level) / 2)
