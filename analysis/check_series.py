"""时间序列: official district names, one unit per indicator, no repeated or contradictory observation."""

from __future__ import annotations

import re

import pandas as pd

from analysis.columns import Typed
from analysis.names import Names, repeated_rows, resolve
from analysis.problems import ERROR, NOTICE, WARNING
from analysis.series.chain import CUMULATIVE, divided, observations, solve
from analysis.series.nature import nature
from analysis.series.periods import spans
from analysis.series.remarks import FALLEN, contradictions, merged_months
from analysis.series.versions import current_rows
from analysis.text import half_width
from analysis.units import convert_factor, is_money, per_head

MONEY_UNIT = "亿元"
_FIXES = {FALLEN: "核对这两行；若确是修订或退库，在备注里说明"}
_FIX = "核对这几行，改正写错的数；口径不同的数不要放在一起"


def check_series(table: Typed, districts: Names) -> None:
    """Check the sheet; money goes to 亿元 unless the indicator is an average."""
    resolve(table, "district", districts, "区县表")
    item = [c for c in ("item", "version") if c in table.frame]
    later = repeated_rows(table, ["district", "indicator", *item, "period", "basis"], ["district", "indicator", *item, "period", "basis"],
                          "区县、指标、分项、版本、期间、口径", "period")
    if len(table.frame):
        _units(table)
        _basis(table)
        _contradictions(table, current_rows(table.frame.loc[~later])[0], _one_unit(table))


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


def _one_unit(table: Typed) -> set[str]:
    """Indicators with two units, each reported."""
    frame = table.frame.loc[table.frame["unit"] != ""]
    first: dict[str, tuple[str, int]] = {}
    mixed: set[str] = set()
    for indicator, unit, row in zip(frame["indicator"], frame["unit"], frame["row"]):
        unit0, row0 = first.setdefault(indicator, (unit, row))
        if unit != unit0:
            mixed.add(indicator)
            table.report(ERROR, f"「{indicator}」的单位不一致：第{row0}行是「{unit0}」，这里是「{unit}」",
                         "同一指标用同一单位", row, "unit")
    return mixed


def _contradictions(table: Typed, rows: pd.DataFrame, skipped: set[str]) -> None:
    """Sums of one year that do not agree, cumulative figures that fall, and months that will be merged."""
    usable = rows.loc[(rows["district"] != "") & (rows["indicator"] != "") & ~rows["indicator"].isin(skipped)]
    keys = usable["item"] if "item" in usable else pd.Series("", usable.index)
    covered = spans(usable["period"])
    for (indicator, _), own in usable.groupby([usable["indicator"], keys], sort=False):
        unit = next((u for u in own["unit"] if u), "")
        within = own["period"].str.len() > 4
        if not within.any() and not own.duplicated(["district", "period"]).any():
            continue  # one figure a year has nothing to contradict, nor months to merge
        kind = nature(indicator, unit, bool((within & (own["basis"] == CUMULATIVE)).any()))
        found = observations(own, kind, covered.loc[own.index])
        if found.empty:
            continue
        chain = solve(found, kind)
        for district, _, what, sentence, at in contradictions(chain, kind):
            table.report(WARNING, f"「{indicator}」{district} {sentence}", _FIXES.get(what, _FIX), at[0], "value")
        merged = merged_months(chain, divided(found))
        if merged:
            table.report(NOTICE, f"「{indicator}」{merged[0][0]} {merged[0][3]}"
                         + (f"；同样的另有 {len(merged) - 1} 处" if len(merged) > 1 else ""), "不用改；要逐月分析请补齐分列的数", merged[0][4][0], "period")
