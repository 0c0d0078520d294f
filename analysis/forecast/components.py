"""The single methods: drift, theta, damped trend. Each gives a path, its residuals and how its variance grows.

Estimation is statsmodels' (SES and Holt's damped trend); the formulas of path and variance are ours, because
statsmodels' ``ThetaModel`` widens its intervals by 1 + (h−1)(1 + (α−1)²) where the model implies 1 + (h−1)α².
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from statsmodels.tsa.holtwinters import Holt, SimpleExpSmoothing

from .settings import setting

# A backtest and the calibration after it look at the same beginnings of the same series, which takes most of their time.
_remembered = lru_cache(maxsize=4096)

NAMES = {"drift": "漂移", "theta": "Theta", "damped": "阻尼趋势", "combination": "组合"}


@dataclass(frozen=True)
class Component:
    """What one method says about one series on the scale it was given."""

    mean: np.ndarray  # (h,) point forecasts
    residuals: np.ndarray  # one-step errors inside the sample
    spent: int  # degrees of freedom taken by the parameters
    growth: np.ndarray  # (h,) standard deviation at h in units of the one-step one


def drift(x: np.ndarray, horizon: int, cap: float | None = None) -> Component:
    """Random walk with drift: x_n + h·b, b = (x_n − x_1)/(n − 1).

    Variance σ²·(h + h²/(n − 1)): h shocks and the uncertain slope. ``cap`` bounds |b| (log scale).
    Source: Hyndman & Athanasopoulos 2021, 5.2.
    """
    h, n = np.arange(1, horizon + 1), len(x)
    b = _capped((x[-1] - x[0]) / (n - 1), cap)
    return Component(x[-1] + b * h, np.diff(x) - b, 1, np.sqrt(h + h * h / (n - 1)))


def theta(x: np.ndarray, horizon: int, slope: str = "ols", cap: float | None = None) -> Component:
    """Theta method (θ = 0 and 2) as simple exponential smoothing with half of a drift.

    mean_h = s_{n+1} + b/2·(h − 1 + (1 − (1−α)ⁿ)/α), s the SES forecast;
    variance σ²·(1 + (h−1)·α²).

    Parameters
    ----------
    x : (n,) series without season, logs or levels.
    slope : ``ols`` for b from least squares on time, ``ends`` for the mean step.
    cap : bound of |b|, for logs.

    Source: Hyndman & Billah 2003, doi:10.1016/S0169-2070(01)00143-1.
    """
    h, n = np.arange(1, horizon + 1), len(x)
    time = np.arange(n)
    b = (x[-1] - x[0]) / (n - 1) if slope == "ends" else np.polyfit(time, x, 1)[0]
    b = _capped(b, cap)
    alpha, level, residuals = _ses(x)
    weight = (1 - (1 - alpha) ** np.arange(n + 1)) / alpha
    mean = level + b / 2 * (h - 1 + weight[n])
    return Component(mean, residuals - b / 2 * weight[:n], 2, np.sqrt(1 + (h - 1) * alpha**2))


def damped(x: np.ndarray, horizon: int) -> Component:
    """Holt's linear trend with damping φ ∈ [0.8, 0.995]; parameters and initial state by least squares.

    Variance σ²·(1 + Σ_{j<h} c_j²), c_j = α·(1 + β·(φ + … + φ^j)).
    Source: Hyndman et al. 2008, table 6.1; fitted by ``statsmodels.tsa.holtwinters.Holt``.
    """
    h, n = np.arange(1, horizon + 1), len(x)
    if np.ptp(x) <= 1e-12:
        return Component(np.full(horizon, x[-1]), np.zeros(n), 5, np.sqrt(h.astype(float)))
    alpha, beta, phi, level, trend, residuals = _holt(tuple(x))
    faded = np.cumsum(phi**h)
    c = alpha * (1 + beta * faded)
    growth = np.sqrt(1 + np.r_[0, np.cumsum(c[:-1] ** 2)])
    return Component(level + trend * faded, residuals, 5, growth)


def _slopes(smoother: Callable, *bounds: tuple[float, float] | None) -> Callable:
    """Forward differences of the squared error: to the last digit those that scipy takes itself (``approx_derivative``,
    two points, absolute step), without the checks it makes at each of some ten thousand steps of a page.

    bounds : of the parameters that are estimated, in statsmodels' order; None where there are none.
    """
    inside = tuple((-np.inf, np.inf) if bound is None else bound for bound in bounds)

    def slopes(x: np.ndarray, args: object) -> np.ndarray:
        errors = smoother(x, args)
        here, found = errors @ errors, np.empty(len(x))
        for i, (at, (low, high)) in enumerate(zip(x, inside)):
            step = _STEP if at + _STEP != at else np.sqrt(np.finfo(float).eps) * max(1.0, abs(at)) * (1 if at >= 0 else -1)
            moved = x.copy()
            moved[i] = at + step if low <= at + step <= high else at - step
            errors = smoother(moved, args)
            found[i] = (errors @ errors - here) / (moved[i] - at)
        return found

    return slopes


_STEP = 1e-8


def _own_slopes(trend: str | None, *bounds: tuple[float, float] | None) -> dict[str, Callable]:
    """For statsmodels' ``minimize_kwargs``; nothing, which is as right and slower, where it keeps its smoothers elsewhere."""
    try:
        from statsmodels.tsa.holtwinters.model import SMOOTHERS

        return {"jac": _slopes(SMOOTHERS[None, trend], *bounds)}
    except (ImportError, KeyError):
        return {}


_SES = _own_slopes(None, (0, 1), None)  # α, level
_HOLT = _own_slopes("add", (0, 1), (0, 1), None, None, (0.8, 0.995))  # α, β, level, trend, φ


@_remembered
def _holt(values: tuple[float, ...]) -> tuple[float, float, float, float, float, np.ndarray]:
    """α, β, φ, last level and trend, one-step errors of the damped trend fitted to ``values``."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fit = Holt(np.array(values), damped_trend=True, initialization_method="estimated").fit(use_brute=False, minimize_kwargs=_HOLT)
    alpha, beta, phi = (float(fit.params[k]) for k in ("smoothing_level", "smoothing_trend", "damping_trend"))
    return alpha, beta, phi, float(fit.level[-1]), float(fit.trend[-1]), _frozen(fit.resid)


def _ses(x: np.ndarray) -> tuple[float, float, np.ndarray]:
    """Smoothing constant (not below the setting), forecast of the next value, one-step errors."""
    return (1.0, float(x[-1]), np.zeros(len(x))) if np.ptp(x) <= 1e-12 else _smoothed(tuple(x))


@_remembered
def _smoothed(values: tuple[float, ...]) -> tuple[float, float, np.ndarray]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fit = SimpleExpSmoothing(np.array(values), initialization_method="estimated").fit(minimize_kwargs=_SES)
    alpha, level = float(fit.params["smoothing_level"]), float(fit.params["initial_level"])
    # A constant of nothing would make the drift's weight grow with the length of the series only.
    alpha = min(max(alpha, setting("平滑系数下限")), 1.0)
    residuals = np.empty(len(values))
    for t, value in enumerate(values):
        residuals[t] = value - level
        level += alpha * residuals[t]
    return alpha, float(level), _frozen(residuals)


def _frozen(values: np.ndarray) -> np.ndarray:
    """The same numbers, read-only, since a remembered answer is shared."""
    values = np.array(values)
    values.flags.writeable = False
    return values


def _capped(b: float, cap: float | None) -> float:
    return float(b if cap is None else np.clip(b, -cap, cap))
