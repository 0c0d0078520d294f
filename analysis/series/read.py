"""The series of a case: one indicator over districts and periods."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from ..kept import once_for_each
from ..params import AssessmentError
from ..problems import suggest
from ..run_memory import once_per_run
from ..status import derived_status
from ..text import fold_key
from .chain import CUMULATIVE, divided, observations, solve
from .grid import tidy
from .nature import nature
from .periods import FREQUENCIES, months, spans
from .remarks import remarks
from .versions import current_rows, revisions


@dataclass(frozen=True, eq=False)
class Series:
    """One indicator of a case, tidy.

    Attributes
    ----------
    indicator, item, unit : as written; ``item`` is empty for the total.
    frequency : 年, 季 or 月.
    parts : 1, 4, 11 (January and February as one) or 12 per year.
    nature : 流量, 可减流量, 存量 or 比率 (see :func:`analysis.series.nature.nature`).
    table : one row per district and part from its first year to its last observation: district,
        year, part (1 … parts), period (``2022-01..02``), label (2022年1—5月), months_to
        (last month covered); cumulative and current (in ``unit``; missing = not given and
        not computable, or masked); yoy and yoy_current (published growth of the cumulative
        and of the part's own figure, %, comparable base, never computed);
        implied_base = cumulative/(1 + yoy/100); status, source, note, cell and row of the
        observation (empty and missing where there is none); masked; derived (which of
        累计 and 当期 was computed from other figures).
    problems : district, period, kind, what, rows (row numbers of the sheet): all that is
        missing, masked, contradictory or was understood in a particular way.
    """

    indicator: str
    item: str
    unit: str
    frequency: str
    parts: int
    nature: str
    table: pd.DataFrame
    problems: pd.DataFrame

    @cached_property
    def districts(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self.table["district"]))

    @property
    def months(self) -> tuple[int, ...]:
        """Last month of each part."""
        return months(self.parts)

    @property
    def name(self) -> str:
        """The indicator, with the item if it is one."""
        return f"{self.indicator}（{self.item}）" if self.item else self.indicator

    @property
    def status(self) -> str:
        """状态 of anything computed from the series."""
        return derived_status(self.table["status"])


@once_for_each
def read_series(case, indicator: str, item: str = "") -> Series:
    """One indicator of the sheet 时间序列, annual, quarterly or monthly.

    Cumulative figures become current ones by differencing within the year, current ones
    become cumulative by adding up, each only over figures that are given: after a gap the
    current figure is missing, and the gap is listed. Where a sum is stated twice the finer
    period is used (December's cumulative figure before the year's) and a difference beyond
    rounding is listed. A cumulative figure below an earlier one of its year leaves that
    part's current figure missing. ``**`` stays unknown, even where it could be computed.
    Of a provisional and a revised figure of one period the revised one counts. Read once
    for each case, so that callers share the answer (:mod:`analysis.kept`).

    Parameters
    ----------
    case : a Case; its 时间序列 and the order of its 区县 are used.
    indicator : name of the indicator (width, brackets and spaces do not matter).
    item : a 分项; empty for the total.

    Raises
    ------
    AssessmentError : no such indicator or item, repeated periods, two units, or no figure
        that can be used; the message names the rows.
    """
    rows, name = _rows(case, indicator)
    found = sorted(set(rows["item"]) - {""})
    rows = rows.loc[_named(rows["item"], item)]
    if rows.empty:
        what = f"没有分项“{item}”{suggest(item, found)}" if item else "没有总量（分项为空的行）"
        raise AssessmentError(f"“{name}”{what}；分项有：{'、'.join(found) or '（没有）'}")
    rows, replaced = current_rows(rows)
    covered = spans(rows["period"])
    _refuse(rows, covered, name)
    unit = next((u for u in rows["unit"] if u), "")
    kind = _kind(rows, name, unit)
    table = observations(rows, kind, covered)
    if not (table["value"].notna() & (table["start"] >= 0)).any():
        raise AssessmentError(f"“{name}”没有可用的数值（{_why_none(rows, table)}）：{numbered(rows['row'])}")
    parts, chain = divided(table), solve(table, kind)
    present = dict.fromkeys(table["district"])
    order = list(dict.fromkeys([d for d in case.tables["districts"]["district"] if d in present] + list(present)))
    grid = tidy(chain, parts, kind, order)
    problems = pd.concat([remarks(grid, chain, parts, kind, unit), revisions(rows, replaced)], ignore_index=True)
    return Series(name, rows["item"].iloc[0], unit, FREQUENCIES[parts], parts, kind, grid, problems)


@once_for_each
@once_per_run
def indicators(case) -> pd.DataFrame:
    """The indicators of the sheet 时间序列.

    Returns
    -------
    DataFrame: indicator, frequency (年, 季, 月), parts, unit, nature, first and last
    (periods; districts may end earlier, see :func:`analysis.series.coverage`), districts
    (number), items (number of 分项), status. An indicator that cannot be read (see
    :func:`read_series`) has parts 0 and the reason in ``note``.
    """
    sheet, found = _sheet(case), []
    for indicator in dict.fromkeys(sheet["indicator"]):
        rows = sheet.loc[sheet["indicator"] == indicator]
        total = "" if (rows["item"] == "").any() else rows["item"].iloc[0]
        head = {"indicator": indicator, "items": rows.loc[rows["item"] != "", "item"].nunique()}
        try:
            series = read_series(case, indicator, total)
        except AssessmentError as error:
            found.append({**head, "frequency": "", "parts": 0, "unit": "", "nature": "", "first": "", "last": "",
                          "districts": rows["district"].nunique(), "status": "不详", "note": str(error)})
            continue
        ends = series.table.loc[series.table["cumulative"].notna() | series.table["current"].notna()].sort_values(["year", "part"])["period"]
        found.append({**head, "frequency": series.frequency, "parts": series.parts, "unit": series.unit, "nature": series.nature,
                      "first": ends.iloc[0], "last": ends.iloc[-1], "districts": len(series.districts),
                      "status": "、".join(sorted(set(series.table["status"]) - {""})), "note": "" if not total else "只有分项，没有总量"})
    columns = ["indicator", "frequency", "parts", "unit", "nature", "first", "last", "districts", "items", "status", "note"]
    return pd.DataFrame(found, columns=columns)


def items(case, indicator: str) -> list[str]:
    """The 分项 of an indicator in the order of the sheet; empty if it has only the total."""
    return [i for i in dict.fromkeys(_rows(case, indicator)[0]["item"]) if i]


def item_levels(case, indicator: str, year: int, part: int | None = None) -> pd.DataFrame:
    """Level of each 分项 by district in one year.

    Parameters
    ----------
    year : the year; the annual level unless ``part`` is given.
    part : a part of the year (1 … parts of the items' series): the cumulative level to its end.

    Returns
    -------
    DataFrame item × district in the indicator's unit, missing where not given or masked;
    ``attrs`` has unit and status. Raises AssessmentError if no item has a figure then.
    """
    columns, statuses, unit = {}, [], ""
    for item in items(case, indicator):
        series = read_series(case, indicator, item)
        table = series.table
        at = table.loc[(table["year"] == year) & (table["part"] == (part or series.parts))].set_index("district")
        columns[item], unit = at["cumulative"], series.unit
        statuses += list(at["status"])
    levels = pd.DataFrame(columns).T
    if not levels.notna().to_numpy().any():
        there = f"分项有：{'、'.join(columns)}" if columns else "它没有分项"
        raise AssessmentError(f"“{indicator}”在 {year} 年没有可用的分项数值；{there}")
    order = [d for d in case.tables["districts"]["district"] if d in levels.columns]
    levels = levels.reindex(index=list(columns), columns=order).rename_axis(index="item", columns="district")
    levels.attrs = {"unit": unit, "status": derived_status(statuses)}
    return levels


def numbered(rows, most: int = 8) -> str:
    """Row numbers for a message: 第3、4行, and how many more; a computed figure has no row."""
    rows = sorted({int(r) for r in rows if pd.notna(r)})
    if not rows:
        return "由其他行算出的数"
    return f"第{'、'.join(map(str, rows[:most]))}{'…' if len(rows) > most else ''}行" + (f"等 {len(rows)} 行" if len(rows) > most else "")


def _sheet(case) -> pd.DataFrame:
    sheet = case.tables["series"]
    if sheet.empty:
        raise AssessmentError(f"“{case.name}”没有 时间序列 表（或表是空的）；补上一行一个观测的历史数据")
    return sheet if "item" in sheet else sheet.assign(item="")


def _rows(case, indicator: str) -> tuple[pd.DataFrame, str]:
    sheet = _sheet(case)
    rows = sheet.loc[_named(sheet["indicator"], indicator)]
    if rows.empty:
        known = list(dict.fromkeys(sheet["indicator"]))
        raise AssessmentError(f"时间序列里没有指标“{indicator}”{suggest(indicator, known)}；现有：{'、'.join(known)}")
    return rows, rows["indicator"].iloc[0]


def _named(names: pd.Series, wanted: str) -> pd.Series:
    """Where the name is the one wanted, however it is typed."""
    return names.isin([name for name in names.unique() if fold_key(name) == fold_key(wanted)])


def _refuse(rows: pd.DataFrame, covered: pd.DataFrame, name: str) -> None:
    unread = rows.loc[covered["year"].isna()]
    if len(unread):
        raise AssessmentError(f"“{name}”有不能确定的期间“{unread['period'].iloc[0]}”：{numbered(unread['row'])}；写成 2022、2022Q1 或 2022-03")
    again = rows.loc[rows.duplicated(["district", "period", "basis"], keep=False)]
    if len(again):
        first = again.iloc[0]
        raise AssessmentError(f"“{name}”{first['district']} {first['period']} 的{first['basis']}数不止一个：{numbered(again['row'])}；每期只保留一行")
    units = list(dict.fromkeys(u for u in rows["unit"] if u))
    if len(units) > 1:
        where = "；".join(f"“{u}”在{numbered(rows.loc[rows['unit'] == u, 'row'])}" for u in units)
        raise AssessmentError(f"“{name}”的单位不一致：{where}；统一成一个单位")


def _kind(rows: pd.DataFrame, name: str, unit: str) -> str:
    within = rows["period"].str.len() > 4
    return nature(name, unit, bool((within & (rows["basis"] == CUMULATIVE)).any()))


def _why_none(rows: pd.DataFrame, table: pd.DataFrame) -> str:
    reasons = {"都是 **": rows["value_masked"].any(), "没有写口径，分不清当期数和累计数": (table["value"].notna() & (table["start"] < 0)).any(),
               "数值是空的": (rows["value"].isna() & ~rows["value_masked"]).any()}
    return "、".join(reason for reason, true in reasons.items() if true)

