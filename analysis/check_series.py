"""时间序列: official district names, one unit per indicator, no repeated observation."""

from __future__ import annotations

import re

from analysis.columns import Typed
from analysis.names import Names, repeated_rows, resolve
from analysis.problems import ERROR, WARNING
from analysis.text import half_width
from analysis.units import convert_factor, is_money, per_head

MONEY_UNIT = "亿元"


def check_series(table: Typed, districts: Names) -> None:
    """Check the sheet; money goes to 亿元 unless the indicator is an average."""
    resolve(table, "district", districts, "区县表")
    repeated_rows(table, ["district", "indicator", "period", "basis"],
                  ["district", "indicator", "period", "basis"], "区县、指标、期间、口径", "period")
    if len(table.frame):
        _units(table)
        _basis(table)
        _one_unit(table)


def _units(table: Typed) -> None:
    frame, stated = table.frame, table.stated.get("value", "")
    suffixes = table.suffixes.get("value", {})
    values, units = frame["value"].to_numpy(copy=True), []
    for i, (unit, indicator, row) in enumerate(zip(frame["unit"], frame["indicator"], frame["row"])):
        unit = half_width(unit).replace(" ", "")
        if unit and stated and convert_factor(stated, unit) != 1.0:
            table.report(ERROR, f"单位列写「{unit}」，表头写「{stated}」", "两处只留一处", row, "unit")
        unit = unit or stated
        suffix = suffixes.get(i, "")
        if suffix and unit and convert_factor(suffix, unit) is None or suffix and not unit and suffix != "%":
            table.report(ERROR, f"数字后面带着「{suffix}」，与单位（{unit or '没有写'}）对不上",
                         "只填数字，单位写在 单位 列", row, "value")
        elif suffix and unit:
            values[i] *= convert_factor(suffix, unit)
        unit = unit or suffix
        if is_money(unit) and not per_head(indicator):
            values[i] *= convert_factor(unit, MONEY_UNIT)
            unit = MONEY_UNIT
        units.append(unit)
    frame["value"] = values
    frame["unit"] = frame["unit"].iloc[:0].reindex(frame.index).fillna("") if not units else units
    frame["unit"] = frame["unit"].astype("str")


def _basis(table: Typed) -> None:
    frame = table.frame
    part_year = frame["period"].str.contains(r"[Q\-]", regex=True) & (frame["basis"] == "")
    unread = table.unread.get("basis", set())
    for index in frame.index[part_year]:
        if index not in unread and not re.search(r"\.\.", frame.at[index, "period"]):
            table.report(WARNING, f"{frame.at[index, 'period']} 没有写明口径，看不出是当期数还是累计数",
                         "口径填 当期 或 累计", frame.at[index, "row"], "basis")


def _one_unit(table: Typed) -> None:
    frame = table.frame.loc[table.frame["unit"] != ""]
    first: dict[str, tuple[str, int]] = {}
    for indicator, unit, row in zip(frame["indicator"], frame["unit"], frame["row"]):
        unit0, row0 = first.setdefault(indicator, (unit, row))
        if unit != unit0:
            table.report(ERROR, f"「{indicator}」的单位不一致：第{row0}行是「{unit0}」，这里是「{unit}」",
                         "同一指标用同一单位", row, "unit")
