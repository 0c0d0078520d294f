"""The forecasts behind a course, and the simulation that follows them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..catchup import simulate
from ..catchup.parameters import parameter
from ..catchup.paths import match_spreads
from ..forecast import Backtest, Calibration, Forecast, backtest, calibrate, forecast
from ..forecast.components import NAMES
from ..params import AssessmentError

AUTO = "自动"
_LEVEL = 0.8
_TRIAL = 4000


def forecasts_of(history: pd.DataFrame, until: int, wanted: str) -> tuple[dict[str, Forecast], Calibration | None, Backtest | None, tuple[str, ...]]:
    """Forecasts of every district from its own last year, with widths from the case's own past where it has one."""
    steps, notes = until - int(history.index[-1]), []
    tested, method = _tested(history, min(steps, 3), wanted, notes)
    try:
        calibration = calibrate(history, steps, method=method)
    except AssessmentError:
        calibration = None
    forecasts = {}
    for district in history:
        try:
            last = int(history[district].last_valid_index())
            forecasts[district] = forecast(history[district], until - last, method=method, calibration=calibration, name=district)
        except AssessmentError as error:
            notes.append(f"{district}不作单独预测：{error}")
    return forecasts, calibration, tested, tuple(notes)


def _tested(history, steps, wanted, notes):
    """The backtest (None where the years are too few) and the method: the one wanted, or the one that did better."""
    method = next((key for key, name in NAMES.items() if name == wanted), "combination")
    try:
        tested = backtest(history, steps, method=method)
        if wanted != AUTO:
            return tested, method
        errors = tested.errors
        ratio = (errors["actual"] - errors["mean"]).abs().sum() / (errors["actual"] - errors["drift"]).abs().sum()
        enough = len(errors) >= parameter("自动选法最少误差") and errors["origin"].nunique() >= parameter("自动选法最少起点")
        # A straight line down runs into zero; the logs of the combination do not.
        falling = any(known.iloc[-1] < known.iloc[0] for known in (history[d].dropna() for d in history) if len(known))
        if falling or not (enough and ratio > parameter("自动选法误差比")):
            return tested, method
        notes.append(f"本案例的回测里，组合预测的误差是漂移（按历年平均增量外推）的 {ratio:.0%}，因此采用漂移")
        return backtest(history, steps, method="drift"), "drift"
    except AssessmentError as error:
        notes.append(f"年份不够，不能回测：{error}")
        return None, method


def inflation(annual: pd.DataFrame, forecasts: dict[str, Forecast], until: int, seed: int) -> pd.DataFrame | None:
    """Multipliers that give the simulated districts the widths of their calibrated intervals."""
    known = {d: (f.lower[_LEVEL], f.upper[_LEVEL]) for d, f in forecasts.items()
             if np.isfinite(f.lower[_LEVEL]).all() and (f.lower[_LEVEL] > 0).all() and (f.upper[_LEVEL] > f.lower[_LEVEL]).all()}
    if not known:
        return None
    plain = simulate(annual, until, _TRIAL, seed)
    found = match_spreads(plain, known)
    # Districts without an interval of their own are as uncertain as the others.
    return found.reindex(columns=list(annual.columns)).apply(lambda row: row.fillna(row.mean()), axis=1)


def centre(annual: pd.DataFrame, forecasts: dict[str, Forecast], until: int) -> pd.DataFrame | None:
    """The forecasts as the middle paths of the simulation, so that a page holds one future and not two."""
    last, found = annual.apply(lambda column: int(column.last_valid_index())), {}
    for district, known in forecasts.items():
        found[district] = pd.Series(known.mean, range(last[district] + 1, until + 1))
    return pd.DataFrame(found).loc[last.max() + 1:] if found else None
