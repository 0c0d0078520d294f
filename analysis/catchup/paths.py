"""Many possible futures of all districts together: one joint simulation that the chances are counted on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from ..params import AssessmentError
from .estimate import Estimate, estimate
from .frame import checked_frame, last_observed
from .parameters import parameter

SEED = 20220
_CHUNK = 5_000  # paths at a time: the work arrays stay in the cache and the memory flat
_FURTHEST = 10.0  # log units: a guard against overflow where the spread rests on two or three rates


@dataclass(frozen=True)
class Paths:
    """Simulated levels of all districts.

    Attributes
    ----------
    years : (Y,) the years simulated, one after another. districts : (D,) names.
    levels : (runs, Y, D) float32, in the unit of the data.
    drift : the table of :func:`analysis.catchup.estimate.estimate` (for counts that of
        :func:`analysis.catchup.counts.simulate_counts`).
    correlation : D × D of the shocks; shrinkage : its intensity towards the constant correlation.
    notes : Chinese sentences on what was assumed.
    kind : growth (levels multiply) or counts (whole numbers add up).
    centre : (Y, D) log of the path without shocks; drift_error : (runs, D) error of the log drift in
        each path; stretch : (Y, D) multiplier of the spread; ages : (Y, D) years since each district's last
        value. Missing for counts.
    origin : the simulation that a scenario was laid upon.
    """

    years: tuple[int, ...]
    districts: tuple[str, ...]
    levels: np.ndarray = field(repr=False)
    drift: pd.DataFrame = field(repr=False)
    correlation: pd.DataFrame | None = field(repr=False)
    shrinkage: float
    notes: tuple[str, ...]
    kind: str = "growth"
    centre: np.ndarray | None = field(default=None, repr=False)
    drift_error: np.ndarray | None = field(default=None, repr=False)
    stretch: np.ndarray | None = field(default=None, repr=False)
    ages: np.ndarray | None = field(default=None, repr=False)
    origin: Paths | None = field(default=None, repr=False)
    _known: dict = field(default_factory=dict, init=False, repr=False, compare=False)  # quantiles asked for before

    @property
    def runs(self) -> int:
        return self.levels.shape[0]

    def column(self, district: str) -> int:
        """Position of a district; an error names those there are."""
        if district not in self.districts:
            raise AssessmentError(f"模拟中没有“{district}”；可用：{'、'.join(self.districts)}")
        return self.districts.index(district)

    def row(self, year: int) -> int:
        """Position of a year; an error names the span."""
        if year not in self.years:
            raise AssessmentError(f"模拟只含 {self.years[0]}—{self.years[-1]} 年，没有 {year} 年；请调整模拟的末年")
        return self.years.index(year)

    def of(self, district: str) -> np.ndarray:
        """(runs, Y) simulated levels of a district (a view)."""
        return self.levels[:, :, self.column(district)]

    def last(self, district: str) -> tuple[int, float]:
        """Last year with an actual value, and the value."""
        row = self.drift.loc[self.districts[self.column(district)]]
        return int(row["last_year"]), float(row["last"])

    def median(self, district: str) -> pd.Series:
        """Middle path: without shocks where it is known in closed form, else the median of the paths."""
        if self.centre is not None and self.origin is None:
            values = np.exp(self.centre[:, self.column(district)])
        else:
            values = np.median(self.of(district), axis=0).astype(float)
        return pd.Series(values, index=list(self.years), name=district)

    def quantiles(self, district: str, shares: tuple[float, ...] = (0.1, 0.5, 0.9)) -> pd.DataFrame:
        """Year × share of the simulated levels."""
        key = district, tuple(shares)
        if key not in self._known:
            self._known[key] = np.quantile(self.of(district), shares, axis=0).T.astype(float)
        return pd.DataFrame(self._known[key].copy(), index=list(self.years), columns=list(shares))

    def shock(self, district: str) -> np.ndarray:
        """(runs, Y) float64: what chance alone adds to the log level, errors of the drift apart."""
        base = self.origin or self
        if base.centre is None:
            raise AssessmentError("按个数的模拟没有增速波动，请用所需新增个数")
        d = base.column(district)
        error = base.drift_error[:, d, None] * (base.ages * base.stretch)[None, :, d]
        return np.log(base.levels[:, :, d].astype(float)) - base.centre[None, :, d] - error


def simulate(
    annual: pd.DataFrame,
    horizon_year: int,
    runs: int | None = None,
    seed: int = SEED,
    drift: Mapping[str, float] | None = None,
    shocks: bool = True,
    inflation: np.ndarray | pd.DataFrame | None = None,
    centre: pd.DataFrame | None = None,
) -> Paths:
    """Simulate all districts jointly from each one's own last year to `horizon_year`.

    Parameters
    ----------
    annual : annual frame (years, districts), levels > 0 in one unit.
    horizon_year : last year simulated; after every district's last year.
    runs : number of paths, 模拟次数 of the table without it. seed : same seed, same paths.
    drift : % a year for some districts instead of the estimate.
    shocks : False gives one path, without shocks and errors.
    inflation : multipliers of the spread at 1, 2, … years from a district's last value, (h,) for all or a
        DataFrame (h, districts), as :func:`match_spread` makes them; the last holds for later years.
    centre : levels by year and district that replace the middle path of these districts (for
        example an own forecast); every simulated year is needed.

    ln level(n years on) = ln last + n·μ + f(n)·(Σ_{1..n} σ·ε·q + n·e·q): ε correlated normal shocks, e
    the error of the drift, q = √(ν/χ²_ν) drawn once per path and district, because σ is itself an estimate
    (so the sum is t-distributed), f the inflation. See :func:`analysis.catchup.estimate.estimate`.

    Returns
    -------
    Paths, years from the year after the latest last year of any district. A district whose data end
    earlier has run the years in between with shocks of its own (independent of the others').

    Raises
    ------
    AssessmentError for unusable data, and where no district has the rates to estimate a spread from.
    """
    frame = checked_frame(annual)
    last = last_observed(frame)
    first, names = int(last["year"].max()) + 1, list(frame.columns)
    if horizon_year < first:
        raise AssessmentError(f"模拟的末年 {horizon_year} 应晚于数据的末年 {first - 1}")
    runs = int(parameter("模拟次数") if runs is None else runs)
    if runs < 1:
        raise AssessmentError(f"模拟次数至少 1 次，现为 {runs}")
    known = estimate(frame, drift) if shocks else _without_spread(frame, drift)
    years = np.arange(first, int(horizon_year) + 1)
    ages = (years[:, None] - last["year"].to_numpy()[None, :]).astype(float)
    middle = np.log(last["level"].to_numpy()) + ages * known.drift
    if centre is not None:
        middle = _stated_centre(centre, middle, years, names)
    stretch = _stretch(inflation, ages, names)
    runs = runs if shocks else 1
    levels = np.empty((runs, len(years), len(names)), dtype=np.float32)
    error = np.zeros((runs, len(names)), dtype=np.float32)
    if shocks:
        _draw(levels, error, known, middle, ages, stretch, np.random.default_rng(seed))
    else:
        levels[:] = np.exp(middle)
    notes = list(known.notes)
    for district, age in zip(names, ages[0]):
        if age > 1:
            notes.append(f"{district}的数据只到 {int(last.at[district, 'year'])} 年，其后年份按模拟补推")
    correlation = pd.DataFrame(known.correlation, names, names)
    return Paths(tuple(years.tolist()), tuple(names), levels, known.table, correlation, known.shrinkage, tuple(notes),
                 "growth", middle, error, stretch, ages)


def match_spread(paths: Paths, district: str, lower: np.ndarray, upper: np.ndarray, level: float = 0.8) -> np.ndarray:
    """Multipliers (h,) that make the paths' interval of a district as wide as a calibrated one.

    Parameters
    ----------
    paths : simulated without inflation. lower, upper : (h,) ends of the calibrated interval at 1, 2, … years from
        the district's last value, same unit, > 0. level : its nominal coverage.

    Returns
    -------
    (h,) ln(upper/lower) ÷ ln(paths' upper/lower), for ``inflation`` of :func:`simulate`; for the
    years before the first simulated one, its multiplier.
    """
    lower, upper = np.asarray(lower, dtype=float), np.asarray(upper, dtype=float)
    if not ((lower > 0).all() and (upper >= lower).all()):
        raise AssessmentError(f"{district}的预测区间应大于 0 且上限不低于下限")
    have = paths.quantiles(district, ((1 - level) / 2, (1 + level) / 2))
    width = np.log(have.iloc[:, 1] / have.iloc[:, 0]).to_numpy()
    if not (width > 0).all():
        raise AssessmentError(f"{district}的模拟没有波动，不能按区间放大")
    ages = paths.ages[:, paths.column(district)].astype(int)
    wanted = np.arange(1, len(lower) + 1)
    at = np.clip(np.searchsorted(ages, wanted), 0, len(ages) - 1)
    steps = np.maximum(wanted, ages[0])
    target = np.log(upper / lower)[np.minimum(steps, len(lower)) - 1]
    return target / width[at]


def match_spreads(paths: Paths, intervals: Mapping[str, tuple[np.ndarray, np.ndarray]], level: float = 0.8) -> pd.DataFrame:
    """:func:`match_spread` of several districts, district → (lower, upper): DataFrame (h, districts) for ``inflation``.

    Where horizons differ, the last multiplier of a district goes on.
    """
    found = {d: pd.Series(match_spread(paths, d, lower, upper, level)) for d, (lower, upper) in intervals.items()}
    return pd.DataFrame(found).ffill()


def _draw(levels, error, known: Estimate, middle, ages, stretch, rng):
    size = levels.shape[2]
    shake = (np.linalg.cholesky(known.correlation).T * known.spread).astype(np.float32)
    values, vectors = np.linalg.eigh(known.error)
    wobble = (vectors * np.sqrt(np.maximum(values, 0))).T.astype(np.float32)
    wobble[:, np.diag(known.error) == 0] = 0.0
    lag = (known.spread * np.sqrt(ages[0] - 1)).astype(np.float32)
    age, wide, middle = ages.astype(np.float32), stretch.astype(np.float32), middle.astype(np.float32)
    for start in range(0, len(levels), _CHUNK):
        block = levels[start:start + _CHUNK]
        noise = rng.standard_normal(block.shape, dtype=np.float32)
        scale = np.sqrt(known.freedom / rng.chisquare(known.freedom, (len(block), size))).astype(np.float32)
        slips = (rng.standard_normal((len(block), size), dtype=np.float32) @ wobble) * scale
        late = rng.standard_normal((len(block), size), dtype=np.float32) * lag
        np.matmul(noise, shake, out=block)
        block[:, 0] += late
        np.cumsum(block, axis=1, out=block)
        block *= scale[:, None, :]
        np.clip(block, -_FURTHEST, _FURTHEST, out=block)
        np.clip(slips, -1, 1, out=slips)
        block += slips[:, None, :] * age
        block *= wide
        block += middle
        np.exp(block, out=block)
        error[start:start + _CHUNK] = slips


def _without_spread(frame, drift):
    """Drift only; districts with too few rates are no obstacle where no chance is computed."""
    try:
        return estimate(frame, drift)
    except AssessmentError:
        last, size = last_observed(frame), frame.shape[1]
        stated, used = dict(drift or {}), []
        for d in frame.columns:
            values = frame[d].dropna()
            if d in stated:
                used.append(np.log1p(stated[d] / 100))
            elif len(values) > 1:
                used.append(np.log(values.iloc[-1] / values.iloc[0]) / (values.index[-1] - values.index[0]))
            else:
                raise AssessmentError(f"{d}只有 1 年数值，没有增速，画不出走势；请补充年份或给定增速") from None
        used = np.array(used)
        rates = frame.notna().sum() - 1
        table = pd.DataFrame({
            "last_year": last["year"], "last": last["level"], "rates": rates, "years": 0, "raw": 100 * np.expm1(used), "weight": 1.0,
            "drift": 100 * np.expm1(used), "basis": ["给定" if d in stated else "自身历史" for d in frame.columns], "capped": False,
            "spread": np.nan, "error": np.nan, "few": True}, index=pd.Index(frame.columns, name="district"))
        return Estimate(table, used, np.zeros(size), np.ones(size), np.eye(size), 1.0, np.zeros((size, size)),
                        ("各区县数据太少，只延伸平均增速，不含波动",))


def _stated_centre(centre, middle, years, names):
    middle = middle.copy()
    for district in centre.columns:
        if district not in names:
            raise AssessmentError(f"给定走势的区县“{district}”不在数据里；可用：{'、'.join(names)}")
        values = centre[district].reindex(years).to_numpy(dtype=float)
        if not (np.isfinite(values) & (values > 0)).all():
            lacking = years[~(np.isfinite(values) & (values > 0))]
            raise AssessmentError(f"{district}的给定走势缺 {'、'.join(map(str, lacking))} 年的数值（或不大于 0）")
        middle[:, names.index(district)] = np.log(values)
    return middle


def _stretch(inflation, ages, names):
    stretch = np.ones_like(ages)
    if inflation is None:
        return stretch
    given = inflation if isinstance(inflation, pd.DataFrame) else None
    for d, name in enumerate(names):
        if given is not None and name not in given.columns:
            continue
        values = np.asarray(inflation if given is None else given[name], dtype=float).ravel()
        if not len(values) or not (np.isfinite(values) & (values >= 0)).all():
            raise AssessmentError(f"{name}的区间放大倍数应为不小于 0 的数")
        stretch[:, d] = values[np.minimum(ages[:, d].astype(int), len(values)) - 1]
    return stretch
