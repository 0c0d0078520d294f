"""Whole numbers that may be zero: recognitions and enterprises, simulated by what is added a year."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..params import AssessmentError
from .frame import checked_frame, last_observed
from .parameters import parameter
from .paths import SEED, Paths

_CHUNK = 5_000


def yearly_changes(frame: pd.DataFrame) -> pd.DataFrame:
    """Changes of a stock between successive values: district, start, end, years, change."""
    rows = []
    for district in frame.columns:
        values = frame[district].dropna()
        years = values.index.to_list()
        rows += [(district, a, b, b - a, values[b] - values[a]) for a, b in zip(years, years[1:])]
    return pd.DataFrame(rows, columns=["district", "start", "end", "years", "change"])


def simulate_counts(annual: pd.DataFrame, horizon_year: int, runs: int | None = None, seed: int = SEED) -> Paths:
    """Simulate stocks of recognitions or enterprises, which may start from zero.

    Parameters
    ----------
    annual : annual frame (years, districts) of stocks, whole numbers ≥ 0.
    horizon_year, runs, seed : as in :func:`analysis.catchup.paths.simulate`.

    Increases and decreases are two flows. For each flow, district d with y_d in T_d years, the yearly
    rate is drawn once per path from Gamma(a + y_d/φ, b + T_d/φ) (shape, rate) and the years' numbers from the
    negative binomial with that mean and variance φ × mean (Poisson at φ = 1). a and b are matched to the mean and
    the variance of the rates between districts, so that a district with few years, or with none
    recognised so far, leans on the city; φ ≥ 1 is the pooled Pearson dispersion of the years. A stock never falls
    below zero. Districts are independent.

    Returns
    -------
    Paths of kind counts; its drift table: last_year, last, rates (changes known), years, raw (added a
    year, net), weight (of own history in the rate of increases), drift (net rate used), few.

    Raises
    ------
    AssessmentError for fractions, negative numbers, and where no district has two years.
    """
    frame = checked_frame(annual, counts=True)
    last, names = last_observed(frame), list(frame.columns)
    first = int(last["year"].max()) + 1
    if horizon_year < first:
        raise AssessmentError(f"模拟的末年 {horizon_year} 应晚于数据的末年 {first - 1}")
    runs = int(parameter("模拟次数") if runs is None else runs)
    if runs < 1:
        raise AssessmentError(f"模拟次数至少 1 次，现为 {runs}")
    changes = yearly_changes(frame)
    if changes.empty:
        raise AssessmentError(f"{'、'.join(names)}都只有 1 年个数，不知道每年新增多少，不能推算；请补充年份")
    years = np.arange(first, int(horizon_year) + 1)
    ages = years[:, None] - last["year"].to_numpy()[None, :]
    span = changes.groupby("district")["years"].sum().reindex(names, fill_value=0).to_numpy(dtype=float)
    known = changes.groupby("district").size().reindex(names, fill_value=0).to_numpy()
    up, down = (_rates(changes.assign(change=(sign * changes["change"]).clip(lower=0)), names, span) for sign in (1, -1))
    levels = np.empty((runs, len(years), len(names)), dtype=np.float32)
    rng = np.random.default_rng(seed)
    stock, steps = last["level"].to_numpy(), np.diff(ages, axis=0, prepend=0)
    for start in range(0, runs, _CHUNK):
        block = levels[start:start + _CHUNK]
        rates = [rng.gamma(shape, 1 / rate, (len(block), len(names))) for shape, rate, _, _ in (up, down)]
        now = np.broadcast_to(stock, (len(block), len(names)))
        for t, step in enumerate(steps):
            flows = [_flow(rng, rate * step, dispersion) for rate, (_, _, dispersion, _) in zip(rates, (up, down))]
            now = np.maximum(now + flows[0] - flows[1], 0)
            block[:, t] = now
    mean = up[0] / up[1] - down[0] / down[1]
    few = known < parameter("最少增速个数")
    table = pd.DataFrame({"last_year": last["year"], "last": last["level"], "rates": known, "years": span.astype(int),
                          "raw": np.where(span > 0, _total(changes, names) / np.maximum(span, 1), np.nan), "weight": up[3], "drift": mean,
                          "few": few}, index=pd.Index(names, name="district"))
    return Paths(tuple(years.tolist()), tuple(names), levels, table, None, 1.0, _notes(changes, table, up, down), "counts")


def _total(changes, names):
    return changes.groupby("district")["change"].sum().reindex(names, fill_value=0).to_numpy(dtype=float)


def _rates(changes, names, span):
    """Posterior shape and rate by district, dispersion φ and the weight of own history."""
    total, seen = _total(changes, names), span > 0
    city = total.sum() / span.sum()
    if city == 0:
        return np.full(len(names), 1e-9), np.ones(len(names)), 1.0, np.ones(len(names))
    own = total[seen] / span[seen]
    per = dict(zip(np.array(names)[seen], own))
    expected = changes["years"] * changes["district"].map(per)
    fit = expected > 0
    free = int(fit.sum()) - changes.loc[fit, "district"].nunique()
    pearson = ((changes["change"] - expected)[fit] ** 2 / expected[fit]).sum()
    dispersion = max(float(pearson / free), 1.0) if free > 0 else 1.0
    within = dispersion * city / span[seen]
    between = (own.var(ddof=1) - within.mean()) if seen.sum() > 1 else np.inf
    least = parameter("自身权重下限")
    between = max(between, np.median(within) * least / (1 - least))
    prior = city / between if np.isfinite(between) else 1e-3
    exposure = span / dispersion
    return city * prior + total / dispersion, prior + exposure, dispersion, exposure / (prior + exposure)


def _flow(rng, mean, dispersion):
    if not mean.any():
        return 0  # nothing can come; drawing it would not move the generator either
    if dispersion > 1.001:
        # Gamma with this mean and variance (φ−1)·mean, then Poisson: variance φ·mean.
        mean = rng.gamma(mean / (dispersion - 1), dispersion - 1)
    return rng.poisson(mean)


def _notes(changes, table, up, down):
    said = [f"每年新增按{'负二项' if up[2] > 1.001 else '泊松'}分布，逐年波动为泊松的 {up[2]:.1f} 倍；各区县彼此独立",
            f"各区县每年新增向全市平均靠拢，自身历史的权重 {up[3].min():.0%} 至 {up[3].max():.0%}"]
    falls = changes[changes["change"] < 0]
    if len(falls):
        said.append(f"有 {len(falls)} 次存量减少（{'、'.join(falls['district'].unique())}），按退出另行推算")
    few = table.index[table["few"]]
    if len(few):
        said.append(f"数据太少（逐年增减不足 {parameter('最少增速个数'):g} 个）：{'、'.join(few)}，主要按全市平均")
    said.append(f"每个区县最多只有 {int(table['rates'].max())} 个逐年增减")
    return tuple(said)
