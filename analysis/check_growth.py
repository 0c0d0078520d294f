"""What the growth work reads: targets in 说明, scenarios, potential and bounds of towns."""

from __future__ import annotations

import re

import numpy as np

from analysis.cells import number_as_text
from analysis.columns import Typed
from analysis.dates import parse_year
from analysis.names import Names, repeated_rows
from analysis.problems import ERROR, WARNING, suggest
from analysis.text import fold_key, half_width, plain, recognition_key
from analysis.units import convert_factor

FURTHEST = 30
TARGET_KEYS = ("目标年份", "目标概率", "追赶指标", "可比起始年")
GROUPS = ("本区", "对标区", "全部")
SCENARIO_UNITS = {"增速加减": "百分点", "增速设定": "%", "价格影响": "%", "大项目": "亿元", "新增规上企业": "家"}
BETWEEN_NAMES = re.compile(r"[、，,；;\n]+")


def check_targets(table: Typed, meta: dict[str, str], series: Typed, recognitions: Typed, year: int | None) -> None:
    """The 说明 keys of a catch-up target, kept in one spelling.

    目标年份 lies after 年度; 目标概率 lies strictly between 0 and 1 (``0.8`` and ``80%`` are
    the same, 80 is refused); 追赶指标 are indicators of 时间序列 or recognitions of 认定名单;
    可比起始年, the first year after a change of scope, lies before 年度.
    """
    for key, settle in (("目标年份", _target_year), ("目标概率", _probability), ("追赶指标", _indicators), ("可比起始年", _comparable)):
        text = meta.pop(key, "").strip()
        if not text:
            continue
        value, trouble, fix = settle(text, year, series, recognitions)
        if trouble:
            rows = table.frame.loc[table.frame["key"].map(fold_key) == fold_key(key), "row"]
            table.report(ERROR, trouble, fix, int(rows.iloc[0]), "value")
        else:
            meta[key] = value


def _target_year(text: str, year: int | None, *_) -> tuple[str, str, str]:
    found, trouble = parse_year(text)
    if found is None:
        return "", f"目标年份「{text[:30]}」不对：{trouble.message if trouble else '没有写年份'}", "填四位年份，如 2028"
    if year is not None and found <= year:
        return "", f"目标年份 {found} 不晚于年度 {year}", "填年度以后的年份"
    if year is not None and found > year + FURTHEST:
        return "", f"目标年份 {found} 比年度 {year} 晚 {FURTHEST} 年以上，测算没有意义", "填近一些的年份"
    return str(found), "", ""


def _comparable(text: str, year: int | None, *_) -> tuple[str, str, str]:
    found, trouble = parse_year(text)
    if found is None:
        return "", f"可比起始年「{text[:30]}」不对：{trouble.message if trouble else '没有写年份'}", "填口径变动后的第一年，如 2011"
    if year is not None and found >= year:
        return "", f"可比起始年 {found} 不早于年度 {year}", "填年度以前的年份；各年都可比就删去这一行"
    return str(found), "", ""


def _probability(text: str, *_) -> tuple[str, str, str]:
    found = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?|\.[0-9]+)\s*(%?)", plain(text))
    # Rounded: 80 % divided by a hundred should read 0.8 again, not its binary neighbour.
    value = round(float(found[1]) / (100 if found[2] else 1), 12) if found else np.nan
    if not 0 < value < 1:
        return "", f"目标概率「{text[:30]}」不是 0 到 1 之间的数（不含 0 和 1）", "填小数如 0.8，或百分数如 80%"
    if not 0.01 <= value <= 0.99:
        return "", f"目标概率「{text[:30]}」太极端，模拟估不准", "填 0.01 到 0.99 之间的数，如 0.8"
    return number_as_text(value), "", ""


def _indicators(text: str, year: int | None, series: Typed, recognitions: Typed) -> tuple[str, str, str]:
    known = Names([*series.frame["indicator"], *recognitions.frame["certification"]])
    wanted = [part.strip() for part in BETWEEN_NAMES.split(text) if part.strip()]
    settled = {recognition_key(name): name for name in recognitions.frame["certification"]}
    wanted = [known.get(name) or settled.get(recognition_key(name), name) for name in wanted]
    unknown = [name for name in wanted if known.get(name) is None]
    if unknown:
        return "", f"追赶指标「{unknown[0]}」不在时间序列表或认定名单里{suggest(unknown[0], known)}", "改成表里的指标名称，多个用、分隔"
    return "、".join(dict.fromkeys(wanted)), "", ""


def check_town_bounds(table: Typed) -> None:
    """潜力 not below zero nor zero everywhere; 增长下限 ≤ 增长上限, both above −100 %."""
    frame = table.frame
    for town, potential, floor, cap, row in zip(frame["town"], frame["potential"], frame["floor"], frame["cap"], frame["row"]):
        if potential < 0:
            table.report(ERROR, f"「{town}」的潜力 {potential:g} 是负数", "填零或正数；不清楚留空", row, "potential")
        if floor > cap:
            table.report(ERROR, f"「{town}」的增长下限 {floor:g}% 高于增长上限 {cap:g}%", "改正其中一个，或留空", row, "floor")
        for name, bound in (("floor", floor), ("cap", cap)):
            if bound <= -100:
                table.report(ERROR, f"「{town}」的增长{'下限' if name == 'floor' else '上限'} {bound:g}% 不大于 -100%",
                             "填增速，如 3 表示 3%", row, name)
    given = frame["potential"].dropna()
    if len(given) and len(given) == len(frame) and (given == 0).all():
        table.report(ERROR, "潜力全是零，分不出去", "至少一个镇街园区的潜力大于零，或全部留空", frame["row"].iloc[0], "potential")


def check_scenarios(table: Typed, districts: Names, series: Typed, meta: dict[str, str], year: int | None) -> None:
    """Check the sheet; names go to their official spelling, values to the unit of their kind."""
    if not len(table.frame):
        return
    if not series.present:
        table.report(ERROR, "有情景，却没有时间序列", "补上 时间序列 表，或删去 情景 表")
    bare_header(table, "情景")
    _who(table, districts, meta)
    _which(table, series)
    _amounts(table)
    for start, row in zip(table.frame["start"], table.frame["row"]):
        if year is not None and start <= year:
            table.report(WARNING, f"起始年 {start:g} 不晚于年度 {year}", "情景是对以后的假设，起始年一般填年度以后", row, "start")
    key = ["scenario", "who", "kind", "indicator", "start"]
    repeated_rows(table, key, key, "情景、对象、类型、指标、起始年", "scenario")


def bare_header(table: Typed, kinds: str) -> None:
    """A unit in the header of 数值 would hold for rows of every kind, so it is refused."""
    column, text = table.sheet.column("value"), table.headers.get("value", "")
    if text and fold_key(text).rstrip("*") not in {fold_key(name) for name in column.accepted}:
        table.report(ERROR, f"表头「{text}」里写了单位，各类{kinds}的单位不同", "表头只写 数值，单位写在 单位 列", None, "value")


def _who(table: Typed, districts: Names, meta: dict[str, str]) -> None:
    frame, groups = table.frame, Names(GROUPS)
    official = []
    for who, row in zip(frame["who"], frame["row"]):
        found = groups.get(who) or districts.get(who)
        if who and found is None:
            table.report(ERROR, f"「{who}」不在区县表里{suggest(who, [*GROUPS, *districts])}",
                         f"对象填区县表里的名称，或 {'、'.join(GROUPS)}", row, "who")
        elif found == "对标区" and not meta.get("对标区"):
            table.report(ERROR, "对象写的是对标区，但没有指明哪个区县是对标区", "在说明表写明对标区，或对象改填区县名称", row, "who")
        official.append(found or who)
    frame["who"] = official
    frame["who"] = frame["who"].astype("str")


def _which(table: Typed, series: Typed) -> None:
    frame, known = table.frame, Names(series.frame["indicator"])
    unit = {fold_key(i): u for i, u in zip(series.frame["indicator"], series.frame["unit"]) if u}
    for name, kind, row in zip(frame["indicator"], frame["kind"], frame["row"]):
        if name and len(known) and known.get(name) is None:
            table.report(ERROR, f"「{name}」不在时间序列表里{suggest(name, known)}",
                         "改成时间序列表里的指标名称；留空＝全部指标", row, "indicator")
        elif kind == "大项目" and unit.get(fold_key(name), "亿元") != "亿元":
            table.report(ERROR, f"大项目以亿元计，指标「{name}」的单位却是「{unit[fold_key(name)]}」",
                         "指标改填以亿元计的指标，或换一种类型", row, "indicator")
    frame["indicator"] = frame["indicator"].map(lambda n: known.get(n) or n).astype("str")


def _amounts(table: Typed) -> None:
    frame, unread = table.frame, table.unread.get("value", set())
    values, units = frame["value"].to_numpy(copy=True), []
    for i, (kind, value, unit, row) in enumerate(zip(frame["kind"], frame["value"], frame["unit"], frame["row"])):
        wanted, unit = SCENARIO_UNITS.get(kind, ""), half_width(unit).replace(" ", "")
        factor = convert_factor(unit, wanted) if unit and wanted else None
        if unit and wanted and factor is None:
            table.report(ERROR, f"{kind}的单位应为「{wanted}」，写的是「{unit}」", f"单位改填 {wanted}，数值也按它填", row, "unit")
        units.append(wanted if factor is not None else unit)
        if np.isnan(value):
            if i not in unread:
                table.report(ERROR, "情景没有数值", "填数值；不变填 0", row, "value")
            continue
        values[i] *= factor or 1.0
        trouble = _out_of_range(kind, values[i])
        if trouble:
            table.report(ERROR, f"{kind}的数值 {value:g} {trouble[0]}", trouble[1], row, "value")
    frame["value"], frame["unit"] = values, units
    frame["unit"] = frame["unit"].astype("str")


def _out_of_range(kind: str, value: float) -> tuple[str, str] | None:
    if kind in ("增速设定", "价格影响") and value <= -100:
        return "不大于 -100%", "填变动的百分数，如 -2 表示下降 2%"
    if kind in ("大项目", "新增规上企业") and value <= 0:
        return "不是正数", "填正数；减少的情形改用 增速加减"
    if kind == "新增规上企业" and not float(value).is_integer():
        return "不是整数", "填整家数"
    return None
