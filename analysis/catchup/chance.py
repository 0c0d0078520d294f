"""Chances counted on the simulated paths, and the growth that gives a chosen chance.

"At" a year and "by" a year are kept apart: who passes the leader in one year and falls back in the next
was ahead by the later year and is not ahead at it. Reaching the leader's level counts as having caught up.
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from ..params import AssessmentError
from .frame import two_districts
from .paths import Paths

NEVER = "届时未追上"
MODES = {"at": "当年领先", "by": "曾经领先"}
# Growth is rounded up by this fraction of itself and one, so that putting it back meets the path that sets it.
_SAFE = 1e-12


def chances(paths: Paths, home: str, leader: str, share: float = 1.0, growth: float | None = None) -> pd.DataFrame:
    """P(home ≥ share × leader) at and by every simulated year.

    Parameters
    ----------
    paths : a simulation. share : part of the leader's level to reach.
    growth : % a year that home keeps instead of its own drift (its shocks stay, the doubt about its
        drift does not); own drift without it.

    Returns
    -------
    DataFrame, one row per year: year; at = P(there in that year); by = P(there in at least one year so
    far); first = P(that year is the first); error = half width of the 95 % interval of `at` that comes from the
    number of paths, 1.96·√(at(1−at)/runs); by rises with the years, at need not.
    """
    there = _ahead(paths, home, leader, share, growth)
    at = there.mean(axis=0)
    by = np.logical_or.accumulate(there, axis=1).mean(axis=0)
    return pd.DataFrame({"year": paths.years, "at": at, "by": by, "first": np.diff(by, prepend=0.0),
                         "error": 1.96 * np.sqrt(at * (1 - at) / paths.runs)})


def catch_up_year(paths: Paths, home: str, leader: str, share: float = 1.0) -> pd.Series:
    """Distribution of the first year in which home has caught up; the last entry is 届时未追上."""
    first = chances(paths, home, leader, share)
    values = [*first["first"], 1 - first["by"].iloc[-1]]
    return pd.Series(values, index=[*map(str, paths.years), NEVER], name="probability").rename_axis("year")


def rank_chances(paths: Paths, home: str) -> pd.DataFrame:
    """P(home's rank in the city ≤ k): index year, columns k = 1 … D; ranks are competition ranks."""
    own = paths.of(home)
    above = np.zeros(own.shape, dtype=np.int16)
    for other in paths.districts:
        above += paths.of(other) > own
    table = {k: (above < k).mean(axis=0) for k in range(1, len(paths.districts) + 1)}
    return pd.DataFrame(table, index=list(paths.years))


def pair_chances(paths: Paths, year: int, share: float = 1.0) -> pd.DataFrame:
    """P(row district ≥ share × column district) in a year; the diagonal is missing."""
    t = paths.row(year)
    levels = np.ascontiguousarray(paths.levels[:, t, :].T)
    table = np.full((len(levels), len(levels)), np.nan)
    for i, own in enumerate(levels):
        for j, other in enumerate(levels):
            if i != j:
                table[i, j] = (own >= np.float32(share) * other).mean()
    return pd.DataFrame(table, paths.districts, paths.districts)


def growth_for(
    paths: Paths,
    home: str,
    leader: str,
    years: list[int] | None = None,
    probabilities: tuple[float, ...] = (0.5, 0.8, 0.9),
    share: float = 1.0,
    when: str = "at",
) -> pd.DataFrame:
    """The constant growth home needs to have caught up with a chosen probability, exact on the paths.

    Parameters
    ----------
    years : among the simulated ones; all without it. probabilities : in (0, 1].
    share : part of the leader's level to reach. when : ``at`` the year or ``by`` it.

    Home's drift is replaced by a constant g, its shocks S stay; the leader's paths stay as they are,
    the doubt about its drift included. On path i home is there in year t, n years after its last value h, from
    g_i(t) = (share · L_t / (h · e^{S_t}))^{1/n} − 1 on; by year t from the smallest g_i so far. The growth for
    probability p is the ⌈p·runs⌉-th smallest g_i: with it at least p of the paths have caught up, with less
    fewer have.

    Returns
    -------
    DataFrame year × probability, growth in % a year.
    """
    g = _needed(paths, home, leader, share)
    if when not in MODES:
        raise AssessmentError(f"口径只能是 at（当年领先）或 by（曾经领先），现为 {when}")
    if when == "by":
        g = np.minimum.accumulate(g, axis=1)
    rows = _rows(paths, years)
    places = [_place(p, paths.runs) for p in probabilities]
    found = _smallest(g[:, rows], places)
    found = found + _SAFE * (1 + np.abs(found))
    return pd.DataFrame(100 * found, index=[paths.years[r] for r in rows], columns=list(probabilities)).rename_axis("year")


def pair_growth(paths: Paths, year: int, probability: float = 0.8, share: float = 1.0) -> pd.DataFrame:
    """Growth (% a year) each row district needs to be level with each column district in a year with a probability.

    The figures of :func:`growth_for` for every pair; a negative figure is how much a row district may lose. The
    diagonal is missing.
    """
    t, place = paths.row(year), _place(probability, paths.runs)
    table = pd.DataFrame(np.nan, paths.districts, paths.districts)
    logs = np.log(paths.levels[:, t, :].astype(float))
    for home in paths.districts:
        last_year, level = paths.last(home)
        own = math.log(level / share) + paths.shock(home)[:, t]
        for d, leader in enumerate(paths.districts):
            if leader != home:
                g = np.partition(logs[:, d] - own, place)[place] / (paths.years[t] - last_year)
                table.at[home, leader] = 100 * math.expm1(g)
    return table


def additions_for(
    paths: Paths,
    home: str,
    leader: str,
    years: list[int] | None = None,
    probabilities: tuple[float, ...] = (0.5, 0.8, 0.9),
    share: float = 1.0,
) -> pd.DataFrame:
    """For counts: the number home must add every year (net) to have caught up at a year with probability p.

    On path i home's stock h + a·n reaches share · L_t from a_i = ⌈(share · L_t − h)/n⌉ on, at least 0; the number
    for p is the ⌈p·runs⌉-th smallest. Returns DataFrame year × probability, whole numbers.
    """
    year, stock = paths.last(home)
    two_districts(home, leader)
    rows = _rows(paths, years)
    left = np.array(paths.years)[rows] - year
    gap = share * paths.of(leader)[:, rows].astype(float) - stock
    need = np.maximum(np.ceil(np.round(gap / left, 9)), 0)
    found = _smallest(need, [_place(p, paths.runs) for p in probabilities]).astype(int)
    return pd.DataFrame(found, index=[paths.years[r] for r in rows], columns=list(probabilities)).rename_axis("year")


def home_levels(paths: Paths, home: str, growth: float) -> np.ndarray:
    """(runs, Y) float64 levels of home at a constant growth of `growth` % a year with its own shocks."""
    if not growth > -100:
        raise AssessmentError(f"{home}的年均增速应大于 −100%，现为 {growth:g}%")
    year, level = paths.last(home)
    left = np.array(paths.years, dtype=float) - year
    return level * np.exp(paths.shock(home) + left * np.log1p(growth / 100))


def _ahead(paths, home, leader, share, growth):
    two_districts(home, leader)
    if not (np.isfinite(share) and share > 0):
        raise AssessmentError(f"追赶比例应大于 0（1 表示全部追上），现为 {share:g}")
    own = paths.of(home) if growth is None else home_levels(paths, home, growth)
    if growth is not None or share != 1:
        return own.astype(float) >= share * paths.of(leader).astype(float)
    return own >= paths.of(leader)


def _needed(paths, home, leader, share):
    """(runs, Y) growth as a fraction from which home is there on each path."""
    two_districts(home, leader)
    if paths.kind == "counts":
        raise AssessmentError("按个数的模拟不用增速，请用 additions_for 计算每年需新增的个数")
    if not (np.isfinite(share) and share > 0):
        raise AssessmentError(f"追赶比例应大于 0（1 表示全部追上），现为 {share:g}")
    year, level = paths.last(home)
    left = np.array(paths.years, dtype=float) - year
    g = np.log(paths.of(leader).astype(float))
    g += math.log(share / level)
    g -= paths.shock(home)
    g /= left
    return np.expm1(g, out=g)


def _rows(paths, years):
    return [paths.row(int(y)) for y in (paths.years if years is None else years)]


def _smallest(values, places):
    """(columns, places) the values at these places of each column of ``values`` in rising order."""
    return np.partition(np.ascontiguousarray(values.T), places, axis=1)[:, places]


def _place(p, runs):
    if not 0 < p <= 1:
        raise AssessmentError(f"概率应在 0 与 1 之间（如 0.8），现为 {p:g}")
    # 0.8 × 20000 must be 16000 and not the next: products of decimals miss by a rounding.
    return min(math.ceil(round(p * runs, 9)), runs) - 1
