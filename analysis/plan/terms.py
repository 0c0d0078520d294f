"""What is assumed about applications: chances, costs, windows, reviews and limits, from the shipped table and the case's own sheet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import pandas as pd

from ..params import AssessmentError
from ..recognition.held import REFUSED_BEFORE
from ..text import half_width, recognition_key
from .parameters import DEFAULT, rows_of
from .quarters import quarter_of_year

OWN_SOURCE, SHIPPED_SOURCE = "申报约定", "程序自带"
ASSUMED = ("成功概率", "申报费用", "费用倍数", "申报季度", "评审季度数")
LIMITING = ("名额", "镇街上限", "镇街季度上限", "每企业上限", "预算")
_BY_RECOGNITION = {"申报费用", "申报季度", "评审季度数", "名额"}
_MONEY = {"": 1.0, "万元": 1.0, "亿元": 1e4, "元": 1e-4}
_COLUMNS = ["类别", "名称", "数值", "单位", "状态", "来源", "说明"]


@dataclass(frozen=True)
class Terms:
    """The effective assumptions; made by :func:`terms_of`.

    values : (类别, key of 名称) -> 数值 as a number, or a tuple of quarters; money in 万元.
    table : the rows they come from under Chinese headers: 类别, 名称, 数值, 单位, 状态 (约定, 示例 … or that of the
        user's row), 来源 (程序自带, or the user's), 说明.
    """

    values: Mapping[tuple[str, str], float | tuple[int, ...]]
    table: pd.DataFrame

    def probability(self, status: str, refused: bool = False) -> float:
        """Chance of success by status of the candidate (应报未报 …); missing where none is stated.

        refused : who was refused in a former year has at most the chance stated for 申报未通过, where one is.
        """
        usual = self.values.get(("成功概率", status), float("nan"))
        return min(usual, self.values.get(("成功概率", REFUSED_BEFORE), usual)) if refused else usual

    def cost(self, certification: str, status: str = "") -> float:
        """Cost of an application, 万元: by certification, times the factor of the status."""
        return self._named("申报费用", certification) * self.values.get(("费用倍数", status), 1.0)

    def window(self, certification: str) -> tuple[int, ...]:
        """Quarters of the year (1–4) in which applications are taken; all four where none is stated."""
        return self.values.get(("申报季度", recognition_key(certification)), (1, 2, 3, 4))

    def review(self, certification: str) -> int:
        """Quarters between an application and its result."""
        return int(self._named("评审季度数", certification))

    def won(self, certification: str, first: int) -> int:
        """Number of the quarter in which the result is there of the first application that can be made from ``first`` on."""
        opens = next(q for q in range(first, first + 4) if quarter_of_year(q) in self.window(certification))
        return opens + self.review(certification)

    def limit(self, kind: str) -> dict[str, float]:
        """名称 -> number of one of 名额, 镇街上限, 镇街季度上限, 每企业上限 and 预算 ("" where the row names nothing)."""
        return {name: self.values[kind, _key(kind, name)] for name in self.table.loc[self.table["类别"] == kind, "名称"]}

    def _named(self, kind, certification):
        return self.values.get((kind, recognition_key(certification)), self.values[kind, DEFAULT])


def terms_of(own: pd.DataFrame | None = None) -> Terms:
    """The shipped assumptions with the case's own in their place.

    Parameters
    ----------
    own : the sheet 申报约定: kind, name, value (text: 0.7, 70%, 2；3, 12), and if known unit (万元, 亿元, 元), source,
        status, note, row. A row takes the place of the shipped one of its kind and name; 默认 of a kind that of
        every shipped row of the kind.

    Raises
    ------
    AssessmentError naming all rows whose kind, value or unit cannot be read, and rows given twice.
    """
    if own is None or own.empty:
        return shipped()
    rows, faults, seen = [], [], {}
    for number, row in enumerate(own.to_dict("records"), 2):
        number = int(row.get("row", number))
        kind, name = str(row["kind"]).strip(), _text(row.get("name"))
        if kind not in (*ASSUMED, *LIMITING):
            faults.append(f"第 {number} 行类别“{kind}”不认识，应为{'、'.join((*ASSUMED, *LIMITING))}之一")
            continue
        value = _read(kind, _text(row.get("value")), _text(row.get("unit")))
        if isinstance(value, str):
            faults.append(f"第 {number} 行“{kind}{'·' + name if name else ''}”{value}")
            continue
        key = (kind, _key(kind, name))
        if key in seen:
            faults.append(f"第 {number} 行“{kind}{'·' + name if name else ''}”与第 {seen[key]} 行重复")
        seen[key] = number
        source = _text(row.get("source"))
        shown = {"类别": kind, "名称": name, "数值": _shown(value), "单位": _unit(kind, _text(row.get("unit"))), "状态": _text(row.get("status")) or "不详",
                 "来源": OWN_SOURCE + (f"（{source}）" if source else ""), "说明": _text(row.get("note"))}
        rows.append((key, value, shown))
    if faults:
        raise AssessmentError("申报约定有错：" + "；".join(faults))
    base, whole = shipped(), {kind for (kind, name), *_ in rows if name == DEFAULT}
    given = dict((key, (value, shown)) for key, value, shown in rows)
    kept = [(key, value, shown) for (key, value), shown in zip(base.values.items(), base.table.to_dict("records"))
            if key not in given and key[0] not in whole]
    every = [*kept, *rows]
    order = {kind: k for k, kind in enumerate((*ASSUMED, *LIMITING))}
    every.sort(key=lambda r: order[r[0][0]])
    return Terms({key: value for key, value, _ in every}, pd.DataFrame([shown for *_, shown in every], columns=_COLUMNS))


@cache
def shipped() -> Terms:
    """The assumptions of ``tables/plan_parameters.csv`` alone."""
    values, shown = {}, []
    for row in rows_of(*ASSUMED):
        values[row["类别"], _key(row["类别"], row["名称"])] = _read(row["类别"], row["数值"], "")
        shown.append({**row, "来源": SHIPPED_SOURCE})
    return Terms(values, pd.DataFrame(shown, columns=_COLUMNS))


def assumptions(terms: Terms | None = None, certifications=()) -> pd.DataFrame:
    """The effective assumptions as a reader sees them: 类别, 名称, 数值, 单位, 状态, 来源, 说明.

    certifications : rows of other certifications are left away; all rows where empty.
    """
    table = (terms or shipped()).table
    keep = {recognition_key(c) for c in certifications} | {DEFAULT}
    if certifications:
        table = table[[kind not in _BY_RECOGNITION or recognition_key(name) in keep for kind, name in zip(table["类别"], table["名称"])]]
    return table.reset_index(drop=True)


def _key(kind, name):
    return recognition_key(name) if kind in _BY_RECOGNITION else name


def _read(kind, text, unit):
    """The value, or a Chinese sentence on what is wrong with it."""
    text = half_width(text)
    if kind == "申报季度":
        parts = [part.strip() for part in text.replace(";", "、").replace("；", "、").replace(",", "、").replace("，", "、").split("、") if part.strip()]
        good = parts and all(part in ("1", "2", "3", "4") for part in parts)
        return tuple(sorted({int(part) for part in parts})) if good else f"的数值“{text}”应为 1 至 4，多个用；隔开"
    share = text.endswith("%") or unit == "%"
    try:
        number = float(text.removesuffix("%").replace(",", "")) / (100 if share else 1)
    except ValueError:
        return f"的数值“{text}”不是数"
    if not 0 <= number < float("inf"):
        return f"的数值“{text}”应不小于 0"
    if kind == "成功概率":
        return number if 0 < number <= 1 else f"的数值“{text}”应大于 0、不大于 1"
    if kind in ("申报费用", "预算"):
        return number * _MONEY[unit] if unit in _MONEY else f"的单位“{unit}”应为万元、亿元或元"
    if kind == "费用倍数" or float(number).is_integer():
        return number
    return f"的数值“{text}”应为整数"


def _shown(value):
    return "；".join(map(str, value)) if isinstance(value, tuple) else f"{value:g}"


def _unit(kind, unit):
    if kind in ("申报费用", "预算"):
        return "万元"
    return {"成功概率": "比例", "费用倍数": "倍", "申报季度": "季度", "评审季度数": "个季度"}.get(kind, unit or "项")


def _text(value):
    return "" if value is None or (not isinstance(value, str) and pd.isna(value)) else str(value).strip()
