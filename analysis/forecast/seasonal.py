"""Is there a season, and how large: the test and the indices the theta method was judged with."""

from __future__ import annotations

import numpy as np

from .settings import setting


def is_seasonal(x: np.ndarray, period: int) -> bool:
    """Whether the autocorrelation at the seasonal lag stands out.

    |r_m| > z·√((1 + 2·Σ_{k<m} r_k²)/n), Bartlett's standard error, z from the settings.
    Series shorter than three years are taken as not seasonal: too little to tell.
    Source: Assimakopoulos & Nikolopoulos 2000; Fiorucci et al. 2016.
    """
    n = len(x)
    if period <= 1 or n < setting("季节检验的最少周期") * period:
        return False
    d = x - x.mean()
    power = d @ d
    if power <= 1e-18 * n * max(1.0, x.mean() ** 2):
        return False
    r = np.array([d[k:] @ d[:-k] for k in range(1, period + 1)]) / power
    return bool(abs(r[-1]) > setting("季节检验临界值") * np.sqrt((1 + 2 * (r[:-1] @ r[:-1])) / n))


def seasonal_indices(x: np.ndarray, period: int, multiplicative: bool) -> np.ndarray:
    """Classical decomposition: mean ratio (or difference) to the centred moving average.

    Parameters
    ----------
    x : (n,) at least two full periods, the first value is part 0 of the season.
    period : parts in a year (4, 11, 12); an odd number needs no half weights.
    multiplicative : ratios with mean 1, else differences with mean 0.

    Returns
    -------
    (period,) index of each part, in the order of the series' beginning.
    """
    weights = np.ones(period) / period if period % 2 else np.r_[0.5, np.ones(period - 1), 0.5] / period
    trend = np.convolve(x, weights, "valid")
    start = period // 2
    middle = x[start:start + len(trend)]
    detrended = middle / trend if multiplicative else middle - trend
    part = (np.arange(len(trend)) + start) % period
    index = np.array([detrended[part == j].mean() for j in range(period)])
    return index / index.mean() if multiplicative else index - index.mean()
