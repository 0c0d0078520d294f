"""Forecasts with honest intervals: annual, quarterly and monthly levels of districts."""

from .calibration import Calibration, calibrate, calibration_note
from .intervals import default_multiplier
from .predict import Forecast, forecast, forecast_many, forecast_table
from .rolling import Backtest, backtest, backtest_findings, backtest_table

__all__ = [
    "Backtest", "Calibration", "Forecast", "backtest", "backtest_findings", "backtest_table", "calibrate", "calibration_note",
    "default_multiplier", "forecast", "forecast_many", "forecast_table",
]
