"""Make ``analysis/tables/forecast_calibration.csv`` from the M3 sample in ``sources/``.

Run: ``python data/raw/make_forecast_calibration.py`` (about four minutes on one core). No random numbers.

For each series, rolling origins (training lengths below; the competition's own origin counts twice): every method's
path is compared with what came, as the number of raw standard deviations z needed to reach it. For each frequency,
method and level q, a quantile regression

    Q_q(log z) = a + b·log h + c/n

is fitted over all series, and its surface is written on a grid of training lengths n and horizons h. Three numbers
per level cannot follow the accidents of single series; `benchmarks/bench_forecast.py` judges the same fit on series
that were left out.
"""

from __future__ import annotations

import os
import sys
import warnings
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
RAW = Path(__file__).resolve().parent
sys.path.insert(0, str(RAW.parents[1]))

import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402

from analysis.forecast.components import NAMES  # noqa: E402
from analysis.forecast.intervals import excess  # noqa: E402
from analysis.forecast.model import path  # noqa: E402

LEVELS = (0.5, 0.8, 0.9, 0.95)
# file, period, longest horizon, lengths of the cut training part (0: all), origins back from the official one
DESIGN = {
    "年": ("m3_yearly_250.csv", 1, 10, (4, 5, 6, 8, 10, 13, 0), (0, 2, 4, 6)),
    "月": ("m3_monthly_100.csv", 12, 24, (36, 48, 72, 0), (0, 6, 12)),
}
GRID = {
    "年": ((4, 5, 6, 7, 8, 10, 13, 20, 40), (1, 2, 3, 4, 5, 6, 10, 15)),
    "月": ((36, 48, 60, 84, 120), (1, 2, 3, 6, 12, 18, 24)),
}


def series(file: str) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Identifier → (training part, test part) of the competition."""
    table = pd.read_csv(RAW / "sources" / file)
    return {name: (g.loc[g["split"] == "train", "y"].to_numpy(), g.loc[g["split"] == "test", "y"].to_numpy())
            for name, g in table.groupby("id")}


def errors_of(task: tuple) -> list[tuple]:
    """(series, frequency, method, n, h, weight, z) for every origin and training length of one series."""
    frequency, name, train, test = task
    _, period, longest, lengths, back = DESIGN[frequency]
    values, rows = np.concatenate([train, test]), []
    for b in back:
        end = len(train) - b
        for length in sorted({min(length or end, end) for length in lengths if (length or end) <= end}):
            if length < (4 if period == 1 else 3 * period):
                continue
            future = values[end:end + longest]
            for method in NAMES:
                if method == "damped" and length < 6:
                    continue
                found = path(values[end - length:end], len(future), period, method)
                rows += [(name, frequency, method, length, h + 1, 2.0 if b == 0 else 1.0, z)
                         for h, z in enumerate(excess(found, future))]
    return rows


def errors(frequency: str, workers: int = 2) -> pd.DataFrame:
    """All errors of a frequency in raw standard deviations."""
    tasks = [(frequency, name, *parts) for name, parts in series(DESIGN[frequency][0]).items()]
    with ProcessPoolExecutor(workers) as pool:
        rows = [row for part in pool.map(errors_of, tasks, chunksize=4) for row in part]
    return pd.DataFrame(rows, columns=["series", "frequency", "method", "n", "h", "weight", "z"])


def fit(table: pd.DataFrame, level: float) -> np.ndarray:
    """a, b, c of the quantile regression of one method and level; official origins enter twice."""
    from statsmodels.regression.quantile_regression import QuantReg

    rows = pd.concat([table, table[table["weight"] > 1]])
    design = np.column_stack([np.ones(len(rows)), np.log(rows["h"]), 1 / rows["n"]])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return np.asarray(QuantReg(np.log(np.maximum(rows["z"].to_numpy(), 1e-6)), design).fit(level).params)


def surface(coefficients: np.ndarray, n, h) -> np.ndarray:
    """Multiplier at training length n and horizon h."""
    a, b, c = coefficients
    return np.exp(a + b * np.log(h) + c / np.asarray(n, dtype=float))


def main() -> None:
    rows = []
    for frequency, (file, _, longest, *_rest) in DESIGN.items():
        found = errors(frequency)
        for method, table in found.groupby("method", sort=False):
            for level in LEVELS:
                coefficients = fit(table, level)
                for n in GRID[frequency][0]:
                    for h in GRID[frequency][1]:
                        origin = f"M3样本 {table['series'].nunique()} 条" + ("（外推）" if h > longest else "")
                        rows.append((frequency, method, n, h, level, round(float(surface(coefficients, n, h)), 4), origin))
    target = RAW.parents[1] / "analysis/tables/forecast_calibration.csv"
    pd.DataFrame(rows, columns=["频率", "方法", "点数", "预测期", "水平", "倍数", "来源"]).to_csv(target, index=False, encoding="utf-8")


if __name__ == "__main__":
    main()
