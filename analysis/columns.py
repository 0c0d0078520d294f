"""Raw tables to typed DataFrames, every unreadable cell reported where it stands."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from analysis.cells import (LARGEST, Instead, Trouble, parse_choice, parse_code, parse_credit_code,
                            parse_flag, parse_number, parse_text)
from analysis.dates import parse_date, parse_period, parse_year
from analysis.dictionary import Column, Sheet
from analysis.header import Field
from analysis.problems import ERROR, NOTICE, Problem
from analysis.sheets import RawTable
from analysis.units import convert_factor, is_money
from analysis.workbook import column_letters

MAIN_COLUMN = {"meta": "value", "districts": "district", "scheme": "weight", "values": "value",
               "adjustments": "points", "published": "score", "series": "value",
               "towns": "town", "enterprises": "name", "rules": "threshold",
               "recognitions": "name", "scenarios": "value", "decisions": "listed", "terms": "value"}
DEFAULTS = {("districts", "role"): "其他", ("recognitions", "result"): "已认定"}
# Their unit is stated by another sheet or column, so it is settled after typing.
UNIT_ELSEWHERE = frozenset({("values", "value"), ("values", "low"), ("values", "high"),
                            ("series", "value")})
PERCENT_ALLOWED = frozenset({("scheme", "weight")})
_PLAIN_DIGITS = re.compile(
    r"(?:-?[0-9]{1,14}(?:\.[0-9]{1,25})?)?(?:\0(?:-?[0-9]{1,14}(?:\.[0-9]{1,25})?)?)*+")


@dataclass
class Typed:
    """A typed sheet on its way through validation.

    `suffixes[name][i]` is the unit typed behind the number in row i of a column
    whose unit is settled later; `stated[name]` the unit in that column's header, of the
    user's own amounts 万元, to which they are converted.
    """

    sheet: Sheet
    frame: pd.DataFrame
    present: bool = False
    file: str = ""
    header_row: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    stated: dict[str, str] = field(default_factory=dict)
    suffixes: dict[str, dict[int, str]] = field(default_factory=dict)
    unread: dict[str, set[int]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def report(self, level: str, message: str, fix: str, row: Any = None, column: str = "") -> None:
        """Add a problem of this sheet; `column` is an English name."""
        official = {c.name: c.header for c in self.sheet.columns}
        header = self.headers.get(column) or official.get(column, column)
        self.problems.append(Problem(level, message, fix, self.file, self.sheet.title,
                                     None if row is None else int(row), header))


def typed_table(raw: RawTable | None, sheet: Sheet) -> Typed:
    """A sheet with all dictionary columns (plus row and cell), empty if absent."""
    if raw is None:
        return _finish(Typed(sheet, pd.DataFrame(index=range(0))), {}, [], "", 0)
    table = Typed(sheet, pd.DataFrame(index=range(len(raw.rows))), True, raw.file, raw.header_row)
    table.headers = {f.column.name: f.text for f in raw.fields if f.column}
    found: dict[str, Any] = {}
    for source, cells in zip(raw.fields, raw.cells):
        if source.column:
            found |= _read(table, raw, source, source.column, cells)
        else:
            found |= _extra(table, raw, source, cells)
    fields = {f.column.name: f.index for f in raw.fields if f.column}
    main = fields.get(MAIN_COLUMN[sheet.key], raw.fields[0].index if raw.fields else 0)
    return _finish(table, found, raw.rows, raw.prefix, main)


def _finish(table: Typed, found: dict, rows: list[int], prefix: str, main: int) -> Typed:
    size, data = len(rows), {}
    for column in table.sheet.columns:
        data[column.name] = found.pop(column.name, None)
        if data[column.name] is None:
            data[column.name] = _empty(column, size)
        if column.kind == "掩码数值":
            masked = found.pop(column.name + "_masked", None)
            data[column.name + "_masked"] = np.zeros(size, bool) if masked is None else masked
        if column.name == "status" and size:
            data["status"] = data["status"].where(data["status"] != "", "不详")
        default = DEFAULTS.get((table.sheet.key, column.name))
        if default and size:
            data[column.name] = data[column.name].where(data[column.name] != "", default)
    address = prefix + column_letters(main)
    data |= found
    data["row"] = np.array(rows, dtype="int64")
    data["cell"] = pd.Series([f"{address}{n}" for n in rows], dtype="str")
    table.frame = pd.DataFrame(data)
    return table


def _empty(column: Column, size: int) -> pd.Series:
    if column.kind == "日期":
        return pd.Series([pd.NaT] * size, dtype="datetime64[s]")
    if column.kind == "是否":
        return pd.Series([pd.NA] * size, dtype="boolean")
    if column.kind == "年份":
        dtype = "int64" if column.required and not size else "float64"
        return pd.Series([np.nan] * size, dtype=dtype)
    if column.numeric:
        return pd.Series(np.full(size, np.nan))
    return pd.Series([""] * size, dtype="str")


def _read(table: Typed, raw: RawTable, source: Field, column: Column, cells: list) -> dict[str, Any]:
    if column.numeric:
        return _numbers(table, raw, source, column, cells)
    values, troubles = _each(cells, _parser(column))
    _report(table, raw, source, troubles)
    table.unread[column.name] = {i for i, t in troubles.items() if t.level == ERROR}
    _require(table, raw, column, values)
    if column.kind == "日期":
        return {column.name: pd.Series(values, dtype="datetime64[s]")}
    if column.kind == "是否":
        return {column.name: pd.Series(values, dtype="boolean")}
    if column.kind == "年份":
        years = pd.Series([np.nan if v is None else v for v in values], dtype="float64")
        return {column.name: years.astype("int64") if column.required and years.notna().all() else years}
    return {column.name: pd.Series(values, dtype="str")}


def _parser(column: Column) -> Callable:
    if column.kind == "枚举":
        return lambda cell: parse_choice(cell, column.choices)
    if column.kind == "日期":
        return lambda cell: parse_date(cell, end=column.name.endswith("_to"))
    return {"文本": parse_text, "代码": parse_code, "是否": parse_flag, "年份": parse_year,
            "期间": parse_period, "信用代码": parse_credit_code}[column.kind]


def _each(cells: list, parse: Callable) -> tuple[list, dict[int, Trouble]]:
    """Parse cells, each distinct text once; troubles by position."""
    known: dict[str, tuple[Any, Trouble | None]] = {}
    values, troubles = [], {}
    for i, cell in enumerate(cells):
        if type(cell) is str:
            result = known.get(cell)
            if result is None:
                result = known[cell] = parse(cell)
        else:
            result = parse(cell)
        values.append(result[0])
        if result[1] is not None:
            troubles[i] = result[1]
    return values, troubles


def _report(table: Typed, raw: RawTable, source: Field, troubles: dict[int, Trouble]) -> None:
    for i, trouble in troubles.items():
        table.problems.append(Problem(trouble.level, trouble.message, trouble.fix, raw.file,
                                      raw.sheet.title, raw.rows[i], source.text))


def _require(table: Typed, raw: RawTable, column: Column, values: list) -> None:
    if column.required:
        unread = table.unread[column.name]
        for i, value in enumerate(values):
            if (value == "" or value is None) and i not in unread:
                table.report(ERROR, "必填的单元格是空的", f"填写{column.header}；整行不要请删除",
                             raw.rows[i], column.name)


def _numbers(table: Typed, raw: RawTable, source: Field, column: Column, cells: list) -> dict[str, Any]:
    values, masked, suffixes, troubles = _parse_numbers(cells, _instead(raw.sheet, column))
    _report(table, raw, source, troubles)
    table.unread[column.name] = {i for i, t in troubles.items() if t.level == ERROR}
    key = (raw.sheet.key, column.name)
    if key in UNIT_ELSEWHERE:
        table.stated[column.name], table.suffixes[column.name] = source.unit, suffixes
    else:
        values = _in_canonical_unit(table, raw, source, column, values, suffixes)
    if column.kind == "掩码数值":
        return {column.name: values, column.name + "_masked": masked}
    for i in np.flatnonzero(masked):
        if raw.sheet.key == "enterprises":
            table.report(NOTICE, "未公开（**），按不知道处理", "知道确数再填", raw.rows[i], column.name)
        else:
            table.report(ERROR, "这一列不能写 **", "填确切的数，没有请留空", raw.rows[i], column.name)
    return {column.name: values}


def _instead(sheet: Sheet, column: Column) -> Instead:
    """What the column takes where there is no number; on the roster ``**`` is read as not known."""
    masked = column.kind == "掩码数值"
    return Instead(masked or sheet.key == "enterprises", not column.required, masked and {"low", "high"} <= {c.name for c in sheet.columns})


def _parse_numbers(cells: list, instead: Instead = Instead()) -> tuple[np.ndarray, np.ndarray, dict[int, str], dict[int, Trouble]]:
    values = _plain_column(cells)
    if values is not None:
        return values, np.zeros(len(cells), bool), {}, {}
    numbers, troubles = _each(cells, lambda cell: parse_number(cell, instead))
    values = np.array([n.value for n in numbers], dtype=float)
    masked = np.array([n.masked for n in numbers], dtype=bool)
    return values, masked, {i: n.suffix for i, n in enumerate(numbers) if n.suffix}, troubles


def _plain_column(cells: list) -> np.ndarray | None:
    """A column with nothing to think about, read at once: stored numbers and blanks only,
    or plain digits and blanks only; None for any other."""
    kinds = set(map(type, cells))
    if kinds <= {float} or kinds == {float, str} and {c for c in cells if type(c) is str} == {""}:
        values = np.array([c if c != "" else np.nan for c in cells], dtype=float)
        stored = sum(type(c) is float for c in cells)
        # A stored number that is none is not blank: it is looked at by itself.
        return values if np.count_nonzero(np.abs(values) <= LARGEST) == stored else None
    if kinds == {str} and _PLAIN_DIGITS.fullmatch("\0".join(cells)):
        return np.array([c or "nan" for c in cells]).astype(float)
    return None


def _in_canonical_unit(table: Typed, raw: RawTable, source: Field, column: Column,
                       values: np.ndarray, suffixes: dict[int, str]) -> np.ndarray:
    canonical = column.unit
    if (raw.sheet.key, column.name) in PERCENT_ALLOWED:
        canonical = "%"
    factor = convert_factor(source.unit, canonical) if source.unit and canonical else 1.0
    if column.kind == "金额" and not source.unit:
        bare = [i for i in np.flatnonzero(~np.isnan(values)) if i not in suffixes]
        if bare:
            table.report(ERROR, "金额列没有写明单位", f"表头写成 {column.header}（{canonical}），或写明实际单位",
                         raw.header_row, column.name)
    if factor is None:
        table.report(ERROR, f"表头的单位「{source.unit}」不能换算成{canonical}",
                     f"数字换成以{canonical}为单位，表头写成 {column.header}（{canonical}）",
                     raw.header_row, column.name)
        factor = 1.0
    result = values * factor if factor != 1.0 else values.copy()
    for i, suffix in suffixes.items():
        own = 1.0 if suffix == source.unit else convert_factor(suffix, canonical) if canonical else None
        if own is None or (source.unit and suffix != source.unit and not is_money(suffix)
                           and convert_factor(suffix, source.unit) != 1.0):
            _wrong_suffix(table, suffix, source.unit or canonical, raw.rows[i], column.name)
            # Not known what it means, so nothing is concluded from it either.
            table.unread[column.name].add(i)
            result[i] = np.nan
        else:
            result[i] = values[i] * (factor if suffix == source.unit else own)
    return result


def _wrong_suffix(table: Typed, suffix: str, unit: str, row: int, column: str) -> None:
    what = "百分号" if suffix == "%" else f"单位「{suffix}」"
    table.report(ERROR, f"数字后面带着{what}，与这一列的单位（{unit or '无'}）对不上",
                 "只填数字，单位按表头", row, column)


def _extra(table: Typed, raw: RawTable, source: Field, cells: list) -> dict[str, Any]:
    """A column of the user's own: numbers if every filled cell is one, else text."""
    values, masked, suffixes, troubles = _parse_numbers(cells)
    name = source.name
    if name in {"row", "cell"} or name.endswith("_masked"):
        table.report(ERROR, f"列名「{name}」是程序保留的", "换一个列名", raw.header_row, source.text)
        return {}
    numeric = not any(t.level == ERROR for t in troubles.values()) and \
        all(s in {source.unit, "%"} for s in suffixes.values())
    if numeric and (masked.any() or not np.isnan(values).all()):
        factor = convert_factor(source.unit, "万元") if is_money(source.unit) else 1.0
        table.stated[name] = "万元" if is_money(source.unit) else source.unit
        out = {name: values * factor}
        return out | ({name + "_masked": masked} if masked.any() else {})
    wrong = [i for i, t in troubles.items() if t.level == ERROR]
    if wrong and len(wrong) <= 0.2 * np.count_nonzero(~np.isnan(values)):
        table.report(NOTICE, f"列「{name}」大多是数字，但有 {len(wrong)} 格不是，整列按文字处理",
                     "改正这些单元格", raw.rows[wrong[0]], source.text)
    texts, text_troubles = _each(cells, parse_text)
    _report(table, raw, source, text_troubles)
    return {name: pd.Series(texts, dtype="str")}
