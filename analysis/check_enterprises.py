"""企业 and 认定名单: figures that contradict each other, wrong units, names that are probably one, dates ahead.

Everything here is usable input that someone should look at: warnings with the cell; no row is dropped.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter

import numpy as np
import pandas as pd

from analysis.check_scale import money_slips, percent_slips
from analysis.columns import Typed
from analysis.matching.places import known_places
from analysis.matching.similar import similar_names
from analysis.names import Names
from analysis.problems import NOTICE, WARNING
from analysis.shipped import rows

DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
# GB 11714: weights of the first eight characters of the organisation code.
ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
LONGEST_VALID = 20


def enterprise_checks() -> tuple[dict[str, str], ...]:
    """Rows of ``tables/enterprise_checks.csv``: 类型, 列, 对照列, 数值, 说明."""
    return rows("enterprise_checks")


def check_enterprises(table: Typed, meta: dict[str, str], districts: Names, year: int | None) -> None:
    """Check the roster: contradictions, units, percentages, codes, names that are probably one enterprise."""
    if not len(table.frame):
        return
    _relations(table, money_slips(table, enterprise_checks()))
    _years(table, year)
    percent_slips(table, enterprise_checks())
    check_organisation_codes(table)
    places = known_places().with_names([meta.get("城市", ""), *districts])
    names, rows = list(table.frame["name"]), table.frame["row"].to_numpy()
    for first, second, why in similar_names(names, list(table.frame["former_name"]), places):
        table.report(WARNING, f"企业名称「{names[second]}」与第{rows[first]}行的「{names[first]}」可能是同一家：{why}", "确认是否重复；确是两家不用改",
                     rows[second], "name")


def _relations(table: Typed, out: set[str]) -> None:
    """What the figures of a row cannot be to each other; columns that are ``out`` as a whole are not compared.

    Where most rows contradict, the column is named once instead of every row.
    """
    frame, header = table.frame, {c.name: c.header for c in table.sheet.columns}
    units = {c.name: c.unit for c in table.sheet.columns}
    checks = enterprise_checks()
    fewest = next(float(c["数值"]) for c in checks if c["列"] == "最少家数")
    for check in checks:
        left, right = check["列"], check["对照列"]
        if check["类型"] == "不大于" and left in frame and right in frame and not out & {left, right}:
            wrong = np.flatnonzero((frame[left] > frame[right]).to_numpy())
            both = int((frame[left].notna() & frame[right].notna()).sum())
            if len(wrong) >= fewest and len(wrong) > both / 2:
                table.report(WARNING, f"{header[left]}大于{header[right]}的有 {len(wrong)} 家（两项都填了的 {both} 家），可能整列填错或单位不对",
                             f"核对{header[left]}和{header[right]}两列的表头、单位：{check['说明']}", None, left)
                continue
            for k in wrong:
                table.report(WARNING, f"{header[left]} {frame[left].iat[k]:g} {units[left]}大于{header[right]} {frame[right].iat[k]:g} {units[right]}",
                             f"核对两处的数和单位：{check['说明']}", frame["row"].iat[k], left)
        elif check["类型"] == "整数" and left in frame:
            values = frame[left].to_numpy(dtype=float)
            for k in np.flatnonzero(np.isfinite(values) & (values != np.round(values))):
                table.report(WARNING, f"{header[left]} {values[k]:g} 不是整数", f"核对：{check['说明']}", frame["row"].iat[k], left)
    signed = {c["列"] for c in checks if c["类型"] == "可为负"}
    for column in table.sheet.columns:
        if column.numeric and column.name not in signed and column.name in frame:
            values = frame[column.name].to_numpy(dtype=float)
            for k in np.flatnonzero(values < 0):
                table.report(WARNING, f"{column.header} {values[k]:g} 是负数", "核对正负号；没有数据留空", frame["row"].iat[k], column.name)


def _years(table: Typed, year: int | None) -> None:
    frame = table.frame
    founded, niche = frame["founded"].to_numpy(dtype=float), frame["niche_years"].to_numpy(dtype=float)
    if year is None:
        return
    for k in np.flatnonzero(founded > year):
        table.report(WARNING, f"成立年份 {founded[k]:g} 晚于年度 {year}", "核对成立年份", frame["row"].iat[k], "founded")
    # A firm may count its first and its last year both.
    for k in np.flatnonzero(niche > year - founded + 1):
        if founded[k] <= year:
            table.report(WARNING, f"从事细分市场 {niche[k]:g} 年，长于成立以来的 {year - founded[k]:g} 年", "核对年限和成立年份（改制、更名前的年限可以计入时不用改）",
                         frame["row"].iat[k], "niche_years")


def check_organisation_codes(table: Typed) -> None:
    """Characters 9–17 of a 信用代码 are an organisation code with its own check character (GB 11714), 3–8 a region of digits."""
    frame = table.frame
    if "code" not in frame:
        return
    codes = frame["code"].to_numpy(dtype="U18")
    whole = np.flatnonzero(np.char.str_len(codes) == 18)
    letters = codes[whole].view("U1").reshape(-1, 18)
    value = np.array([DIGITS.index(c) if c in DIGITS else 0 for c in map(chr, range(128))])[letters.view(np.uint32)]
    digits = (letters[:, 2:8] <= "9").all(axis=1)
    check = np.array(list("0X987654321"))[(value[:, 8:16] * ORGANISATION_WEIGHTS).sum(axis=1) % 11]
    for k in np.flatnonzero(~digits | (letters[:, 16] != check)):
        what = "第 17 位（组织机构代码校验位）不对" if digits[k] else "第 3–8 位（行政区划）不是数字"
        table.report(WARNING, f"信用代码「{codes[whole[k]]}」的{what}", "对照营业执照核对", frame["row"].iat[whole[k]], "code")


def check_recognition_dates(table: Typed, year: int | None, today: dt.date | None = None) -> None:
    """认定名单: years ahead of today or of 年度, validity that ends before the recognition or absurdly late."""
    frame = table.frame
    if not len(frame):
        return
    this_year = max((today or dt.date.today()).year, year or 0)
    given = frame["year"].to_numpy(dtype=float)
    for k in np.flatnonzero(given > this_year):
        table.report(WARNING, f"年份 {given[k]:g} 在将来", "核对认定（申报）年份", frame["row"].iat[k], "year")
    later = (given > (year or np.inf)) & (given <= this_year)
    if later.any():
        table.report(NOTICE, f"有 {int(later.sum())} 行的年份晚于年度 {year}，按该年度分析时不计入", "不用改；要计入就改说明表的年度",
                     frame["row"].iat[int(np.flatnonzero(later)[0])], "year")
    ends = pd.to_datetime(frame["valid_to"]).dt.year.to_numpy(dtype=float)
    for k in np.flatnonzero(ends < given):
        table.report(WARNING, f"有效期止于 {ends[k]:g} 年，早于认定年份 {given[k]:g}", "核对有效期和年份", frame["row"].iat[k], "valid_to")
    for k in np.flatnonzero(ends > this_year + LONGEST_VALID):
        table.report(WARNING, f"有效期止于 {ends[k]:g} 年，还有 {LONGEST_VALID} 年以上", "核对有效期；长期有效留空", frame["row"].iat[k], "valid_to")
    check_organisation_codes(table)
    _names_of_one_code(table)


def _names_of_one_code(table: Typed) -> None:
    """One code with several names in the lists: renamed, or a wrong code."""
    frame = table.frame.loc[table.frame["code"] != "", ["code", "name", "row"]].drop_duplicates(["code", "name"])
    often = {code for code, n in Counter(frame["code"]).items() if n > 1}
    first: dict[str, tuple[str, int]] = {}
    for code, name, row in frame.loc[frame["code"].isin(often)].itertuples(index=False):
        earlier = first.setdefault(code, (name, row))
        if Names([earlier[0]]).get(name) is None:
            table.report(WARNING, f"信用代码「{code}」的名称是「{name}」，第{earlier[1]}行却是「{earlier[0]}」", "核对代码；更过名的在企业表写明曾用名", row, "code")
