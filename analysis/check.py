"""Cross-table validation: do the sheets of a case agree with one another.

`validate` resolves names to the official spelling and scheme codes, settles
units and collects every problem; it stops at none.
"""

from __future__ import annotations

import re

import pandas as pd

from analysis import words
from analysis.cells import parse_number
from analysis.check_dates import check_ahead
from analysis.check_decisions import check_decisions
from analysis.check_enterprises import check_enterprises, check_recognition_dates
from analysis.check_growth import TARGET_KEYS, check_scenarios, check_targets, check_town_bounds
from analysis.check_results import check_adjustments, check_published, check_values
from analysis.check_rules import check_rules
from analysis.check_scheme import check_scheme
from analysis.check_series import check_series
from analysis.check_slips import check_own_columns, check_recognition_names
from analysis.check_spellings import check_spellings
from analysis.check_terms import PLAN_KEYS, check_plan, check_terms
from analysis.check_units import check_units
from analysis.columns import Typed
from analysis.dates import parse_year
from analysis.names import Names, duplicates, resolve
from analysis.problems import ERROR, NOTICE, WARNING, Problem, suggest
from analysis.ranking import TIES
from analysis.text import fold_key, plain

META_KEYS = ("标题", "城市", "年度", "本区", "对标区", words.KEY, "数据性质", "并列规则", "得分小数位",
             "对账容差", *TARGET_KEYS, *PLAN_KEYS, "资料来源", "制作说明")
Draft = dict[str, Typed]


def validate(draft: Draft) -> tuple[dict[str, str], list[Problem]]:
    """Check a draft in place; returns the 说明 entries and all problems."""
    meta = _meta(draft["meta"])
    districts = _districts(draft["districts"], meta, draft["meta"])
    nodes = check_scheme(draft["scheme"])
    year = _year(draft["meta"], meta)
    check_values(draft["values"], draft["scheme"], nodes, districts, draft["districts"].frame, year)
    check_adjustments(draft["adjustments"], nodes, districts)
    check_published(draft["published"], nodes, districts, draft["districts"].frame)
    check_series(draft["series"], districts)
    check_ahead(draft, year)
    check_scenarios(draft["scenarios"], districts, draft["series"], meta, year)
    check_spellings(draft["rules"], draft["recognitions"], draft["terms"])
    check_targets(draft["meta"], meta, draft["series"], draft["recognitions"], year)
    check_plan(draft["meta"], meta, nodes, _peers(draft["districts"].frame, meta), year)
    _settings(draft["meta"], meta)
    _both_or_neither(draft, year)
    _series_of_the_year(draft, year)
    check_town_bounds(draft["towns"])
    _towns_and_enterprises(draft["towns"], draft["enterprises"])
    check_own_columns(draft["enterprises"], draft["rules"])
    check_enterprises(draft["enterprises"], meta, districts, year)
    _tolerances(draft["rules"])
    check_units(draft["rules"], draft["enterprises"])
    check_rules(draft["rules"], draft["enterprises"], draft["recognitions"])
    check_recognition_names(draft["recognitions"], draft["rules"])
    _recognitions(draft["recognitions"], districts)
    check_recognition_dates(draft["recognitions"], year)
    check_decisions(draft["decisions"], draft["enterprises"], draft["recognitions"])
    check_terms(draft["terms"], draft["towns"], draft["enterprises"], draft["rules"], draft["recognitions"])
    return meta, words.problems_worded((p for table in draft.values() for p in table.problems), meta)


def _meta(table: Typed) -> dict[str, str]:
    frame, meta, official = table.frame, {}, {fold_key(k): k for k in META_KEYS}
    for key, value, row in zip(frame["key"], frame["value"], frame["row"]):
        key = official.get(fold_key(key), key)
        if key in meta:
            table.report(ERROR, f"项目「{key}」写了不止一次", "只保留一行", row, "key")
        elif key:
            meta[key] = value
            if key not in META_KEYS and suggest(key, META_KEYS):
                table.report(NOTICE, f"不认识的项目「{key}」{suggest(key, META_KEYS)}",
                             f"程序认识的项目：{'、'.join(META_KEYS)}", row, "key")
    return meta


def _row_of(table: Typed, key: str) -> int | None:
    rows = table.frame.loc[table.frame["key"].map(fold_key) == fold_key(key), "row"]
    return int(rows.iloc[0]) if len(rows) else None


def _year(table: Typed, meta: dict[str, str]) -> int | None:
    if not table.present:
        return None
    text = meta.get("年度", "")
    year, trouble = parse_year(text)
    if year is None:
        table.report(ERROR, trouble.message if trouble else "没有写明年度",
                     "在 说明 表加一行：键 年度，值 如 2022", _row_of(table, "年度"), "value")
        return None
    meta["年度"] = str(year)
    return year


def _settings(table: Typed, meta: dict[str, str]) -> None:
    checks = (
        ("并列规则", lambda v: v in TIES, f"可填：{'、'.join(TIES)}"),
        (words.KEY, lambda v: v in words.levels(), f"可填：{'、'.join(words.levels())}"),
        ("得分小数位", lambda v: re.fullmatch(r"[0-9](\.0)?", v), "填 0 到 9 的整数"),
        ("对账容差", lambda v: re.fullmatch(r"[0-9]+(\.[0-9]+)?", v), "填不小于零的数，如 0.01"),
    )
    for key, good, fix in checks:
        value = meta[key] = plain(meta.get(key, ""))
        if not value:
            del meta[key]
        elif not good(value):
            table.report(ERROR, f"{key}「{value}」不对", fix, _row_of(table, key), "value")


def _districts(table: Typed, meta: dict[str, str], about: Typed) -> Names:
    frame = table.frame
    duplicates(table, "district", "区县")
    names = Names(frame["district"])
    for key in ("本区", "对标区"):
        if meta.get(key):
            found = names.get(meta[key])
            if found is None and table.present:
                about.report(ERROR, f"{key}「{meta[key]}」不在区县表里{suggest(meta[key], names)}",
                             "改成区县表里的名称", _row_of(about, key), "value")
            else:
                meta[key] = found or meta[key]
    if table.present:
        _home(table, meta)
        _benchmark(table, meta)
    return names


def _home(table: Typed, meta: dict[str, str]) -> None:
    frame = table.frame
    marked = frame.loc[frame["role"] == "本区"]
    named = meta.get("本区", "")
    if len(marked) > 1:
        table.report(ERROR, f"角色为本区的有 {len(marked)} 个：{'、'.join(marked['district'])}",
                     "本区只能有一个", marked["row"].iloc[1], "role")
    elif len(marked) == 1 and named and marked["district"].iloc[0] != named:
        table.report(ERROR, f"区县表的本区是「{marked['district'].iloc[0]}」，说明表写的是「{named}」",
                     "两处改成一致", marked["row"].iloc[0], "role")
    elif marked.empty and not named:
        table.report(ERROR, "没有指明本区", "在区县表把一个区县的角色填为 本区，或在说明表写明本区", None, "role")
    elif marked.empty:
        frame.loc[frame["district"] == named, "role"] = "本区"
    else:
        meta["本区"] = marked["district"].iloc[0]


def _benchmark(table: Typed, meta: dict[str, str]) -> None:
    frame, named = table.frame, meta.get("对标区", "")
    marked = list(frame.loc[frame["role"] == "对标", "district"])
    if named and named == meta.get("本区"):
        table.report(ERROR, f"本区和对标区都是「{named}」", "对标区改成别的区县", None, "role")
    elif named and marked and named not in marked:
        table.report(WARNING, f"区县表的对标是「{'、'.join(marked)}」，说明表写的对标区是「{named}」，以说明表为准",
                     "两处改成一致", frame.loc[frame["role"] == "对标", "row"].iloc[0], "role")
    elif not named and marked:
        meta["对标区"] = marked[0]
        if len(marked) > 1:
            table.report(NOTICE, f"有 {len(marked)} 个对标区县，报告以「{marked[0]}」为主",
                         "要换一个，在说明表写明对标区", None, "role")


def _peers(frame: pd.DataFrame, meta: dict[str, str]) -> int:
    """How many districts are ranked with home, itself included; 0 if home is not known."""
    group = frame.loc[frame["district"] == meta.get("本区"), "group"]
    return int((frame["group"] == group.iloc[0]).sum()) if len(group) else 0


def _both_or_neither(draft: Draft, year: int | None) -> None:
    scheme, values = draft["scheme"], draft["values"]
    if len(scheme.frame) and values.frame.empty and not values.problems:
        scheme.report(ERROR, "有考核方案，却没有指标值", "补上 指标值 表")
    elif len(values.frame) and scheme.frame.empty and not scheme.problems:
        values.report(ERROR, "有指标值，却没有考核方案", "补上 考核方案 表")
    elif len(scheme.frame) and len(values.frame) and year is not None:
        years = sorted(int(y) for y in values.frame["year"].dropna().unique())
        if year not in years:
            values.report(ERROR, f"没有 {year} 年度的指标值；有数据的年份：{'、'.join(map(str, years))}",
                          "补上该年数据，或改说明表的年度", None, "year")


def _series_of_the_year(draft: Draft, year: int | None) -> None:
    """Without values the series alone say which years the case is about."""
    series = draft["series"]
    if len(draft["values"].frame) or draft["values"].problems or not len(series.frame) or year is None:
        return
    years = sorted({period[:4] for period in series.frame["period"] if period})
    if years and str(year) not in years:
        series.report(ERROR, f"没有 {year} 年度的时间序列；有数据的年份：{'、'.join(years)}",
                      "补上该年数据，或改说明表的年度", None, "period")


def _towns_and_enterprises(towns: Typed, enterprises: Typed) -> None:
    duplicates(towns, "town", "镇街园区")
    duplicates(enterprises, "code", "信用代码")
    duplicates(enterprises, "name", "企业名称", similar=True)
    if towns.present:
        resolve(enterprises, "town", Names(towns.frame["town"]), "镇街园区表")


def _tolerances(table: Typed) -> None:
    """容差 is an amount, or a percentage of the threshold."""
    given = table.frame["tolerance"]
    kept = list(given)
    for i, (text, row) in enumerate(zip(given, table.frame["row"])):
        number, trouble = parse_number(text)
        if trouble or number.masked or number.suffix not in {"", "%"} or number.value < 0:
            table.report(ERROR, f"容差「{text}」看不懂", "写不小于零的数，或百分数，如 10%", row, "tolerance")
        else:
            kept[i] = plain(text)
    table.frame["tolerance"] = pd.Series(kept, given.index, dtype=given.dtype)


def _recognitions(table: Typed, districts: Names) -> None:
    frame = table.frame
    if frame.empty:
        return
    official = frame["district"].map(lambda d: districts.get(d))
    outside = frame.loc[official.isna() & (frame["district"] != "")]
    frame["district"] = official.where(official.notna(), frame["district"]).astype("str")
    if len(outside):
        names = outside["district"].unique()
        table.report(NOTICE, f"有 {len(outside)} 行的区县不在区县表里（如「{'、'.join(names[:3])}」），按外地处理",
                     "若是考核里的区县，改成区县表里的名称", outside["row"].iloc[0], "district")
    repeated = frame.duplicated(["certification", "name", "year", "batch"])
    for name, row in zip(frame.loc[repeated, "name"], frame.loc[repeated, "row"]):
        table.report(WARNING, f"「{name}」在同一认定、同一年份批次里重复", "删去重复的行", row, "name")

