"""What the catch-up asks of the district: year by year, by month, by town and chain, and where this year stands."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from ..params import AssessmentError
from ..series import cumulative_wide, history, seasonal_share, yoy_wide
from ..series.nature import FLOW
from ..targets import (Allocation, Contributions, Nowcast, Progress, allocate_target, backtest_nowcast, backtest_summary, case_places, nowcast,
                       progress, record_contributions, target_contributions, target_path, year_parts)
from .course import Course
from .frames import measure_of


@dataclass(frozen=True)
class Task:
    """One indicator's target broken down.

    growth : % a year aimed at, and why (``reason``). path : a row per year. first : the first target year.
    parts : that year by month or quarter, None for annual figures. progress : where the running year stands, with a
    nowcast; rival : the leader's nowcast; past : backtest of such nowcasts and its summary; None without figures of a
    running year. towns, chains : who carries the first year's increment; achieved : contributions to the last growth
    on record, by town and by chain. notes : Chinese sentences on what was not possible.
    """

    growth: float
    reason: str
    path: pd.DataFrame
    first: int
    parts: pd.DataFrame | None
    progress: Progress | None
    rival: Nowcast | None
    past: tuple[pd.DataFrame, dict] | None
    towns: Allocation | None
    chains: Allocation | None
    planned: tuple[Contributions, ...]
    achieved: tuple[Contributions, ...]
    notes: tuple[str, ...]


def task(case, course: Course, shape: str = "匀速") -> Task:
    """Break down the growth that gives the chance aimed at (or home's own course, where that is more).

    Parameters
    ----------
    course : of an indicator that grows (not of numbers). shape : see :func:`analysis.targets.target_path`.

    Raises
    ------
    AssessmentError for an indicator simulated by numbers.
    """
    o, data = course.outlook, course.levels
    if not course.growing:
        raise AssessmentError(f"“{data.indicator}”按个数测算，没有增速可分解；每年需新增的个数见追赶一节")
    start, level = course.paths.last(o.home)
    growth, reason = _aim(o)
    path = target_path(level, start, o.year, growth=growth, shape=shape, decimals=course.decimals)
    first, target, notes = int(path["year"].iloc[0]), float(path["target"].iloc[0]), []
    standing, rival, past = _standing(course, first, target, notes)
    towns, chains, planned, achieved = _carriers(case, course, standing, level, target, notes)
    return Task(growth, reason, path, first, _parts(course, first, target, notes), standing, rival, past, towns, chains,
                planned, achieved, tuple(notes))


def _aim(o):
    row = o.table[o.table["year"] == o.year].iloc[0]
    needed, expected = float(row[o.probability]), float(row["expected"])
    if needed >= expected:
        goal = "保持领先" if o.ahead else "追上" if o.share == 1 else f"达到其 {o.share:.0%}"
        return needed, f"按 {o.year} 年有 {o.probability:.0%} 把握{goal}{o.leader}所需的年均增速"
    return expected, f"按自身走势（已高于 {o.probability:.0%} 把握所需的 {needed:.1f}%）"


def _standing(course, year, target, notes):
    """Progress of the running year, the leader's nowcast and the backtest of nowcasts."""
    series, home, leader = course.levels.series, course.outlook.home, course.outlook.leader
    if series.parts == 1 or series.nature != FLOW:
        notes.append(f"“{series.name}”没有月度（季度）累计数，不作时序进度" if series.parts == 1 else f"“{series.name}”是{series.nature}，不作时序进度")
        return None, None, None
    sums, growth = cumulative_wide(series), yoy_wide(series)
    known = sums[home].dropna()
    if known.empty or known.index[-1][0] < year:
        notes.append(f"{home}还没有 {year} 年的数，不作时序进度")
        return None, None, None
    every = {d: history(series, d) for d in sums}
    part = int(known.loc[year].index[-1])
    try:
        standing = progress(sums[home].loc[year], every[home], year, target, yoy=_known(growth, home, year, part), pooled=every,
                            labels=_labels(series), district=home, indicator=series.name, unit=series.unit, status=course.status)
    except AssessmentError as error:
        notes.append(f"时序进度不能测算：{error}")
        return None, None, None
    past = _past({d: h[h.index < year] for d, h in every.items()}, part, notes)
    rival, theirs = None, sums[leader].dropna()
    if not theirs.empty and theirs.index[-1][0] == year:
        before = {d: h[h.index < year] for d, h in every.items()}
        try:
            rival = nowcast(float(theirs.iloc[-1]), int(theirs.index[-1][1]), before[leader], before, leader)
        except AssessmentError as error:
            notes.append(f"{leader}的全年预计不能测算：{error}")
    return standing, rival, past


def _past(histories, part, notes):
    try:
        table = backtest_nowcast(histories, part)
        return table, backtest_summary(table)
    except AssessmentError as error:
        notes.append(f"全年预计没有回测：{error}")
        return None


def _known(growth, home, year, part):
    value = growth[home].get((year, part))
    return None if value is None or pd.isna(value) else float(value)


def _labels(series):
    rows = series.table.drop_duplicates("part").set_index("part")
    return rows["label"].str.replace(r"^\d{4}年", "", regex=True).to_dict()


def _parts(course, year, target, notes):
    series = course.levels.series
    if series.parts == 1 or series.nature != FLOW:
        return None
    try:
        return year_parts(target, seasonal_share(series, course.outlook.home, before=year), course.decimals)
    except AssessmentError as error:
        notes.append(f"{year} 年目标不能分解到各月（季）：{error}")
        return None


def _carriers(case, course, standing, level, target, notes):
    """The increment of the first year shared out over towns and chains, and their contributions."""
    measure, home = measure_of(course.name), course.outlook.home
    if measure is None or case.enterprises.empty or home != case.home:
        why = "没有企业名册" if case.enterprises.empty else f"企业名册是{case.home}的" if home != case.home else "企业名册没有对应的数"
        notes.append(f"{why}，不把目标分解到镇街园区和产业链")
        return None, None, (), ()
    comparable = standing is not None and bool(standing.base_year)
    base, name = (standing.base_year, "可比基数") if comparable else (level, "现有水平")
    shared, planned, achieved = {}, [], []
    for by in ("town", "chain"):
        try:
            shared[by] = allocate_target(case_places(case, by, measure), base, target, base_name=name)
            planned.append(target_contributions(shared[by]))
            achieved.append(record_contributions(case, by))
        except AssessmentError as error:
            notes.append(str(error))
    return shared.get("town"), shared.get("chain"), tuple(planned), tuple(achieved)


def home_tasks(case, runs: int | None = None) -> dict[str, Task]:
    """The tasks of 本区 for each indicator chased that grows: name -> :class:`Task`; empty where there is nobody to chase.

    With as many ``runs`` as notebook 03 takes unless told otherwise, so that a handout states the same target as the page.
    """
    from .course import courses, pair
    from .frames import chased_indicators

    try:
        wanted = chased_indicators(case)
        home, leader, _ = pair(case, indicators=wanted)
    except AssessmentError:
        return {}
    found, _ = courses(case, wanted, home, leader, runs=runs)
    return {course.name: task(case, course) for course in found if course.growing}
