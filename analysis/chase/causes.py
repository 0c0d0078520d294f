"""Where the last growth came from: factors of the value added, structure against the city, towns against the district."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from ..params import AssessmentError
from ..series import annual, indicators, item_levels, read_series
from ..status import derived_status
from ..targets import Factors, item_shift_share, output_factors, shift_share, shift_share_summary, town_chain_years
from .course import Course

_WAN = 1e4  # 万元 in a 亿元


@dataclass(frozen=True)
class Causes:
    """factors : enterprises × sales each × value-added rate between two years (``factor_years``). structure : shift–share
    of each district against the city by 分项 (``structure_years``; summary per district). towns : shift–share of the
    towns against the district by chain, 亿元. Each None where the case has not the figures; notes say why. statuses :
    状态 of the three.
    """

    factors: Factors | None
    factor_years: tuple[int, int] | None
    structure: pd.DataFrame | None
    structure_years: tuple[int, int] | None
    towns: pd.DataFrame | None
    statuses: tuple[str, str, str]
    notes: tuple[str, ...]


def causes(case, course: Course) -> Causes:
    """The three decompositions that the case's figures allow, for home of a course."""
    notes: list[str] = []
    home = course.outlook.home
    factors, years, status = _factors(case, home, notes)
    structure, spans, status_items = _structure(case, course, notes)
    towns, status_towns = _towns(case, home, notes)
    return Causes(factors, years, structure, spans, towns, (status, status_items, status_towns), tuple(notes))


def _factors(case, home, notes):
    table = indicators(case)
    usable = table[table["parts"] > 0]
    names = [next((i for i, u in zip(usable["indicator"], usable["unit"]) if word in i and u == unit), None)
             for word, unit in (("企业", "家"), ("开票销售", "亿元"), ("增加值", "亿元"))]
    if None in names:
        notes.append("时间序列没有齐全的规上企业数、开票销售和增加值，不作因素分解")
        return None, None, ""
    series = [read_series(case, name) for name in names]
    if any(home not in s.districts for s in series):
        notes.append(f"{home}没有齐全的规上企业数、开票销售和增加值，不作因素分解")
        return None, None, ""
    levels = pd.DataFrame({name: annual(s)[home] for name, s in zip(names, series)}).dropna()
    if len(levels) < 2:
        notes.append(f"{home}三项指标共同的完整年份不足两年，不作因素分解")
        return None, None, ""
    before, after = levels.iloc[-2], levels.iloc[-1]
    try:
        found = output_factors(*((float(before[n]), float(after[n])) for n in names))
    except AssessmentError as error:
        notes.append(f"不作因素分解：{error}")
        return None, None, ""
    return found, (int(levels.index[-2]), int(levels.index[-1])), derived_status([s.status for s in series])


def _structure(case, course, notes):
    rows = case.series[(case.series["indicator"] == course.name) & (case.series["item"] != "")]
    years = sorted({int(p[:4]) for p in rows["period"]})
    if len(years) < 2:
        notes.append(f"时间序列没有“{course.name}”两年的分项数，不作对全市的份额—偏离分析")
        return None, None, ""
    first, last = years[-2:]
    try:
        before, after = (item_levels(case, course.name, year) for year in (first, last))
        tables = [item_shift_share(before, after, district)[0].assign(area=district) for district in after.columns]
    except AssessmentError as error:
        notes.append(f"不作对全市的份额—偏离分析：{error}")
        return None, None, ""
    return shift_share_summary(pd.concat(tables, ignore_index=True)), (first, last), derived_status(rows["status"])


def _towns(case, home, notes):
    if home != case.home or case.enterprises.empty:
        return None, ""
    try:
        before, after, said = town_chain_years(case)
        table = shift_share_summary(shift_share(before / _WAN, after / _WAN))
    except AssessmentError as error:
        notes.append(f"不作镇街园区的份额—偏离分析：{error}")
        return None, ""
    notes += said
    return table, derived_status(case.enterprises["status"])
