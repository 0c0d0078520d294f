"""One indicator of one pair of districts: levels, forecasts, the joint simulation and the scenarios."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from ..catchup import Outlook, Paths, compare_scenarios, outlook, required_growth, simulate, simulate_counts
from ..catchup.frame import average_growth
from ..catchup.parameters import LATEST_YEAR, parameter
from ..catchup.paths import SEED, match_spreads
from ..catchup.scenarios import COUNT_UNITS
from ..forecast import Backtest, Calibration, Forecast, backtest, calibrate, forecast
from ..forecast.components import NAMES
from ..params import AssessmentError
from .frames import COUNTS, Levels, levels, measure_of, unbroken

AUTO = "自动"
_LEVEL = 0.8
_TRIAL = 4000
NEW_FIRMS = "新增规上企业"
# Where the default year lies when a case names none: a plan period ahead.
_AHEAD = 5


@dataclass(frozen=True)
class Course:
    """How one district catches up with another on one indicator.

    levels : what it rests on. paths : the joint simulation, its middle and spread those of the calibrated
    ``forecasts`` (district -> Forecast, from ``history``, the unbroken years; empty for numbers). calibration,
    tested : where the widths come from and how such forecasts would have done; None where the years are too few.
    outlook : the pair. steady : what is needed if the leader keeps its average growth (``leader_growth``, %). scenarios : side by side at the target year and at the last one, None where none fits.
    notes : Chinese sentences on all of it.
    """

    levels: Levels
    paths: Paths
    outlook: Outlook
    steady: pd.DataFrame | None
    scenarios: pd.DataFrame | None
    history: pd.DataFrame
    forecasts: dict[str, Forecast] = field(repr=False)
    calibration: Calibration | None = field(repr=False)
    tested: Backtest | None = field(repr=False)
    notes: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return self.levels.indicator

    @property
    def status(self) -> str:
        return self.outlook.status

    @property
    def growing(self) -> bool:
        """Whether growth rates make sense (False: numbers are added)."""
        return self.levels.kind != COUNTS


def pair(case, district: str = "", benchmark: str = "", indicators: Sequence[str] = ()) -> tuple[str, str, str]:
    """Who chases whom, and a Chinese sentence where the second was chosen here.

    The names given, else 本区 and 对标区 of the case. Without a benchmark (or where it is home itself) the district
    next ahead on the first indicator is taken, or the largest other one where home is first.

    Returns
    -------
    (home, leader, note); leader is empty where there is nobody to chase, and the note says why.

    Raises
    ------
    AssessmentError for a name that is not in 区县.
    """
    names = list(case.districts["district"])
    home, leader = district or case.home, benchmark or case.benchmark
    for name, role in ((home, "本区"), (leader, "追赶对象")):
        if name and name not in names:
            raise AssessmentError(f"{role}“{name}”不在区县表里；可用：{'、'.join(names)}")
    if leader and leader != home:
        return home, leader, ""
    for indicator in indicators:
        try:
            frame = levels(case, indicator).annual
        except AssessmentError:
            continue
        last = frame.ffill().iloc[-1].dropna()
        others = last.drop(home, errors="ignore")
        if home in last and len(others):
            ahead = others[others > last[home]]
            leader = str(ahead.idxmin() if len(ahead) else others.idxmax())
            where = "列在本区前一位" if len(ahead) else "仅次于本区"
            return home, leader, f"没有指明对标区，按“{indicator}”取{where}的{leader}作追赶对象；要换一个，在说明表写明对标区。"
    return home, "", f"除{home}外没有一个区县有可比的年度数，没有可追赶的对象。"


def courses(case, indicators: Sequence[str], home: str, leader: str, **options) -> tuple[list[Course], list[str]]:
    """:func:`course` of several indicators, and a Chinese sentence for each that cannot be."""
    found, refused = [], []
    for indicator in indicators if leader else ():
        try:
            found.append(course(case, indicator, home, leader, **options))
        except AssessmentError as error:
            refused.append(f"**{indicator}**不能测算：{error}")
    return found, refused


def course(case, indicator: str, home: str, leader: str, year: int | None = None, probability: float | None = None,
           share: float = 1.0, runs: int | None = None, method: str = AUTO, seed: int = SEED) -> Course:
    """Everything about one indicator and one pair.

    Parameters
    ----------
    year : to catch up by; 目标年份 of the case by default, else five years after its 年度.
    probability : the chance aimed at; 目标概率 of the case by default, else 0.8.
    share : part of the leader's level to reach. method : 自动 (组合, but 漂移 where the case's own backtest
        says that it is clearly better), 组合, 漂移, Theta or 阻尼趋势, see :func:`analysis.forecast.forecast`. runs, seed : as for :func:`analysis.catchup.simulate`.

    Raises
    ------
    AssessmentError for an unknown district, a district without annual figures, and whatever the steps refuse.
    """
    data = levels(case, indicator)
    for district in (home, leader):
        if district not in data.annual:
            raise AssessmentError(f"{district}没有“{indicator}”的年度数，不能测算；有数的区县：{'、'.join(data.annual.columns)}")
    if home == leader:
        raise AssessmentError(f"本区和追赶对象都是{home}，请另选追赶对象")
    if method not in (AUTO, *NAMES.values()):
        raise AssessmentError(f"预测方法“{method}”不认识；可用：{'、'.join((AUTO, *NAMES.values()))}")
    year, probability = year or case.target_year or case.year + _AHEAD, probability or case.target_probability or 0.8
    until = max(LATEST_YEAR, year)
    if data.kind == COUNTS:
        paths = simulate_counts(data.annual, until, runs, seed)
        history, forecasts, calibration, tested, notes = data.annual, {}, None, None, ()
    else:
        history = unbroken(data.annual)
        forecasts, calibration, tested, notes = _forecasts(history, until, method)
        paths = simulate(data.annual, until, runs, seed, inflation=_inflation(data.annual, forecasts, until, seed),
                         centre=_centre(data.annual, forecasts, until))
    seen = outlook(data.annual, paths, home, leader, year, probability, share, indicator, data.unit, data.status)
    scenarios, said = _scenarios(case, data, paths, seen)
    steady = None if data.kind == COUNTS or seen.ahead else _steady(data.annual, seen)
    return Course(data, paths, seen, steady, scenarios, history, forecasts, calibration, tested, (*data.notes, *paths.notes, *notes, *said))


def _steady(annual, seen):
    """What is needed if the leader keeps its average growth; None where it has none."""
    growth = average_growth(annual, seen.leader)
    if not np.isfinite(growth):
        return None
    return required_growth(annual, seen.home, seen.leader, list(seen.table["year"]), seen.share, growth).assign(leader_growth=growth)


def _centre(annual, forecasts, until):
    """The forecasts as the middle paths of the simulation, so that a page holds one future and not two."""
    last, found = annual.apply(lambda column: int(column.last_valid_index())), {}
    for district, known in forecasts.items():
        found[district] = pd.Series(known.mean, range(last[district] + 1, until + 1))
    return pd.DataFrame(found).loc[last.max() + 1:] if found else None


def _forecasts(history, until, wanted):
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
        if not (enough and ratio > parameter("自动选法误差比")):
            return tested, method
        notes.append(f"本案例的回测里，组合预测的误差是漂移（按历年平均增量外推）的 {ratio:.0%}，因此采用漂移")
        return backtest(history, steps, method="drift"), "drift"
    except AssessmentError as error:
        notes.append(f"年份不够，不能回测：{error}")
        return None, method


def _inflation(annual, forecasts, until, seed):
    """Multipliers that give the simulated districts the widths of their calibrated intervals."""
    known = {d: (f.lower[_LEVEL], f.upper[_LEVEL]) for d, f in forecasts.items()
             if np.isfinite(f.lower[_LEVEL]).all() and (f.lower[_LEVEL] > 0).all() and (f.upper[_LEVEL] > f.lower[_LEVEL]).all()}
    if not known:
        return None
    plain = simulate(annual, until, _TRIAL, seed)
    found = match_spreads(plain, known)
    # Districts without an interval of their own are as uncertain as the others.
    return found.reindex(columns=list(annual.columns)).apply(lambda row: row.fillna(row.mean()), axis=1)


def _scenarios(case, data, paths, seen):
    """The case's scenarios for the indicator side by side, or the default ones; None for recognitions, which none fits."""
    if data.series is None:
        return None, []
    rows, notes = case.scenarios, []
    size = _entrant(case, data, seen.home)
    if len(rows):
        rows = rows[(rows["indicator"] == "") | (rows["indicator"] == data.indicator)]
        if size is None and data.unit not in COUNT_UNITS and (rows["kind"] == NEW_FIRMS).any():
            rows = rows[rows["kind"] != NEW_FIRMS]
            notes.append(f"没有{seen.home}规上企业的{data.indicator}，情景中的新增规上企业折不成{data.unit}，未计入")
        if size is not None and (rows["kind"] == NEW_FIRMS).any():
            notes.append(f"情景中新增的规上企业，每家按名册规上企业的下四分位 {size:.2f} {data.unit} 计（新入库企业一般小于平均）")
    years = sorted({seen.year, paths.years[-1]})
    table = compare_scenarios(paths, rows, seen.home, seen.leader, years, seen.probability, seen.share, data.unit, size,
                              data.derived, data.indicator)
    return table, notes


def _entrant(case, data, home):
    """Output of one new above-scale enterprise, 亿元: the lower quartile of home's roster; None where it is not known."""
    measure = measure_of(data.indicator)
    if data.unit != "亿元" or measure is None or home != case.home or case.enterprises.empty:
        return None
    known = case.enterprises.loc[case.enterprises["above_scale"].fillna(False).astype(bool), measure].dropna()
    return float(known.quantile(0.25)) / 1e4 if len(known) else None
