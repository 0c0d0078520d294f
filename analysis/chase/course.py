"""One indicator of one pair of districts: levels, forecasts, the joint simulation and the scenarios."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from ..catchup import Outlook, Paths, compare_scenarios, default_scenarios, outlook, required_growth, simulate, simulate_counts
from ..catchup.frame import average_growth
from ..catchup.parameters import LATEST_YEAR, parameter
from ..catchup.paths import SEED
from ..catchup.scenarios import BASE, COUNT_UNITS
from ..forecast import Backtest, Calibration, Forecast
from ..forecast.components import NAMES
from ..params import AssessmentError
from ..run_memory import once_per_run
from .frames import COUNTS, Levels, levels, measure_of, unbroken
from .futures import AUTO, centre, forecasts_of, inflation

NOTHING = "时间序列里没有可按年测算的总量或家数：只有增速、比率的不能逐年复合，请补上绝对数，或在说明表写明追赶指标。"
NEW_FIRMS, ABOVE_SCALE = "新增规上企业", "规上"
_FURTHEST, _FEWEST = 30, 1000
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
    def backtested(self) -> tuple[str, ...]:
        """Which of the two districts took part in the backtest."""
        took = set() if self.tested is None else set(self.tested.errors["district"])
        return tuple(d for d in (self.outlook.home, self.outlook.leader) if d in took)

    @property
    def status(self) -> str:
        return self.outlook.status

    @property
    def decimals(self) -> int:
        """Places of an amount on a page: things that are counted are whole."""
        return 0 if self.levels.unit in COUNT_UNITS else 2

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
    """:func:`course` of several indicators, and a Chinese sentence for each that cannot be, with what can be said of it."""
    found, refused = [], [] if indicators else [NOTHING]
    for indicator in indicators if leader else ():
        try:
            found.append(course(case, indicator, home, leader, **options))
        except AssessmentError as error:
            refused.append(f"**{indicator}**不能测算：{str(error).rstrip('。')}。{bare_need(case, indicator, home, leader, options.get('year'))}")
    return found, refused


def bare_need(case, indicator: str, home: str, leader: str, year: int | None = None) -> str:
    """Growth needed against the leader's present level and its past growth, where nothing more can be said; else empty."""
    year = year or case.target_year or case.year + _AHEAD
    try:
        data = levels(case, indicator)
        if data.kind == COUNTS:
            return ""
        fixed = required_growth(data.annual, home, leader, [year], leader_growth=0.0).iloc[0]
        text = f"只能说：按{leader}现有水平，到 {year} 年追上需年均增 {fixed['growth_moving']:.1f}%"
        if data.annual[leader].notna().sum() > 1:
            past = average_growth(data.annual, leader)
            need = required_growth(data.annual, home, leader, [year], leader_growth=past).iloc[0]["growth_moving"]
            text += f"；若{leader}保持过去年均 {past:.1f}% 的增速，需 {need:.1f}%"
        return (text + "；不给概率。").replace("-", "−")
    except AssessmentError:
        return ""


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
    year, probability = year or case.target_year or case.year + _AHEAD, probability or case.target_probability or 0.8
    return _course(case, indicator, home, leader, year, probability, float(share), int(parameter("模拟次数") if runs is None else runs), method, seed)


@once_per_run
def _course(case, indicator, home, leader, year, probability, share, runs, method, seed):
    data = _usable(levels(case, indicator), home, leader)
    for district in (home, leader):
        if district not in data.annual:
            raise AssessmentError(f"{district}没有“{indicator}”的年度数，不能测算；有数的区县：{'、'.join(data.annual.columns)}")
    if home == leader:
        raise AssessmentError(f"本区和追赶对象都是{home}，请另选追赶对象")
    if method not in (AUTO, *NAMES.values()):
        raise AssessmentError(f"预测方法“{method}”不认识；可用：{'、'.join((AUTO, *NAMES.values()))}")
    _within_reach(data, leader, year, probability, runs)
    until = max(LATEST_YEAR, year)
    if data.kind == COUNTS:
        paths = simulate_counts(data.annual, until, runs, seed)
        history, forecasts, calibration, tested, notes = data.annual, {}, None, None, ()
    else:
        history = unbroken(data.annual)
        forecasts, calibration, tested, notes = forecasts_of(history, until, method)
        paths = simulate(data.annual, until, runs, seed, inflation=inflation(data.annual, forecasts, until, seed),
                         centre=centre(data.annual, forecasts, until))
    seen = outlook(data.annual, paths, home, leader, year, probability, share, indicator, data.unit, data.status)
    scenarios, said = _scenarios(case, data, paths, seen)
    steady = None if data.kind == COUNTS else _steady(data.annual, seen)
    return Course(data, paths, seen, steady, scenarios, history, forecasts, calibration, tested, (*data.notes, *paths.notes, *notes, *said))


def _usable(data, home, leader):
    """Without the other districts that have a figure of zero or below, which no growth can be taken from."""
    if data.kind == COUNTS:
        return data
    bad = [d for d in data.annual if (data.annual[d] <= 0).any()]
    for district in (d for d in bad if d in (home, leader)):
        year = int(data.annual.index[(data.annual[district] <= 0).argmax()])
        raise AssessmentError(f"{district} {year} 年的“{data.indicator}”为 {data.annual.at[year, district]:g}，不大于 0，不能按增速测算；请核对时间序列表{_rows(data, district, year)}")
    if not bad:
        return data
    return replace(data, annual=data.annual.drop(columns=bad), status=data.status.drop(columns=bad),
                   notes=(*data.notes, f"{'、'.join(bad)}有不大于 0 的数，不参加测算，请核对原表"))


def _rows(data, district, year):
    if data.series is None:
        return ""
    table = data.series.table
    rows = table.loc[(table["district"] == district) & (table["year"] == year), "row"].dropna().astype(int)
    return f"第 {'、'.join(map(str, rows))} 行" if len(rows) else ""


def _within_reach(data, leader, year, probability, runs):
    last = data.annual[leader].dropna()
    if data.kind == COUNTS and last.iloc[-1] == 0:
        raise AssessmentError(f"{leader}的“{data.indicator}”为 0，没有可追赶的水平")
    if not data.annual.index[-1] < year <= data.annual.index[-1] + _FURTHEST:
        raise AssessmentError(f"目标年份 {year} 应在数据末年 {data.annual.index[-1]} 之后 {_FURTHEST} 年以内")
    if not 0.01 <= probability <= 0.99:
        raise AssessmentError(f"目标把握 {probability:g} 应在 0.01 到 0.99 之间：再极端的，模拟估不准")
    if runs < _FEWEST:
        raise AssessmentError(f"模拟次数 {runs} 太少，概率估不准；至少 {_FEWEST} 次")


def _steady(annual, seen):
    """What is needed if the leader keeps its average growth; None where it has none."""
    growth = average_growth(annual, seen.leader)
    if not np.isfinite(growth):
        return None
    return required_growth(annual, seen.home, seen.leader, list(seen.table["year"]), seen.share, growth).assign(leader_growth=growth)


def _scenarios(case, data, paths, seen):
    """The case's scenarios for the indicator side by side, or the default ones; None for recognitions, which none fits."""
    if data.series is None:
        return None, []
    rows, notes, size = case.scenarios, [], _entrant(case, data, seen.home)
    if rows.empty:
        rows = default_scenarios(paths, data.unit, size)
        if ABOVE_SCALE not in data.indicator and size is None:
            rows = rows[rows["kind"] != NEW_FIRMS]
    years, tables = sorted({seen.year, paths.years[-1]}), []
    for name, part in rows.groupby("scenario", sort=False):
        meant = part["indicator"].fillna("") if "indicator" in part else pd.Series("", part.index)
        if not meant.isin(["", data.indicator]).all():
            if meant.isin(["", data.indicator]).any():
                notes.append(f"情景“{name}”含只用于“{'、'.join(sorted(set(meant) - {'', data.indicator}))}”的假设，未用于“{data.indicator}”")
            continue
        if (part["kind"] == NEW_FIRMS).any() and size is None and ABOVE_SCALE not in data.indicator:
            notes.append(f"没有{seen.home}规上企业的{data.indicator}，情景“{name}”里的新增规上企业折不成{data.unit}，未计入")
            continue
        try:
            table = compare_scenarios(paths, part, seen.home, seen.leader, years, seen.probability, seen.share, data.unit, size,
                                      data.derived, data.indicator)
        except AssessmentError as error:
            notes.append(f"情景“{name}”未计入：{error}")
            continue
        tables.append(table if not tables else table[table["scenario"] != BASE])
        if (part["kind"] == NEW_FIRMS).any() and size is not None:
            notes.append(f"情景“{name}”中新增的规上企业，每家按名册规上企业的下四分位 {size:.2f} {data.unit} 计（新入库企业一般小于平均）")
    return (pd.concat(tables, ignore_index=True) if tables else None), notes


def _entrant(case, data, home):
    """Output of one new above-scale enterprise, 亿元: the lower quartile of home's roster; None where it is not known."""
    measure = measure_of(data.indicator)
    if data.unit != "亿元" or measure is None or home != case.home or case.enterprises.empty:
        return None
    known = case.enterprises.loc[case.enterprises["above_scale"].fillna(False).astype(bool), measure].dropna()
    return float(known.quantile(0.25)) / 1e4 if len(known) else None
