"""Finding the header of a sheet and what each of its columns is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from analysis.dictionary import Column, Sheet
from analysis.problems import ERROR, NOTICE, WARNING, Problem, suggest
from analysis.slips import absent_column
from analysis.text import fold_key, half_width

ROWS_SEARCHED = 20
_UNIT = re.compile(r"^(.+?)\s*[(（〔\[【［]\s*(?:单位\s*[:：]?)?\s*([^()（）〔〕\[\]【】［］]+?)\s*[)）〕\]】］]$", re.S)


@dataclass(frozen=True)
class Field:
    """A column of a sheet: 0-based index, header as typed, meaning, stated unit.

    `column` is None for a column the dictionary does not know; `name` is then
    the header without its unit.
    """

    index: int
    text: str
    name: str
    column: Column | None
    unit: str


@dataclass(frozen=True)
class Header:
    """Where the header is: 1-based row, 0-based first data row, the fields in use,
    and every column index with a title."""

    row: int
    data_start: int
    fields: tuple[Field, ...]
    titled: frozenset[int]


def find_header(rows: list[list[Any]], merges, sheet: Sheet, file: str
                ) -> tuple[Header | None, list[Problem]]:
    """The best matching of the first 20 rows, or None with an error."""
    where = {"file": file, "sheet": sheet.title}
    if not any(isinstance(c, str) and c.strip() for row in rows for c in row):
        level = ERROR if sheet.required else NOTICE
        return None, [Problem(level, "表是空的", "按模板填写，或删去这张表", **where)]
    candidates = [_titles(rows, merges, n) for n in range(min(ROWS_SEARCHED, len(rows)))]
    scores = [len({_meaning(t, sheet)[0].name for t in titles.values() if _meaning(t, sheet)[0]})
              for titles in candidates]
    best = max(range(len(scores)), key=lambda n: (scores[n], -n))
    if not scores[best]:
        accepted = "、".join(c.header for c in sheet.columns if c.required)
        return None, [Problem(ERROR, "没有找到表头", f"表头一行要写明列名，至少有：{accepted}", **where)]
    last = min(_header_end(candidates[best], merges, best), len(rows) - 1)
    titles = candidates[best] | (_titles(rows, merges, last) if last > best else {})
    fields, problems = _fields(titles, sheet, file, best + 1)
    return Header(best + 1, last + 1, fields, frozenset(titles)), problems


def _titles(rows, merges, n: int) -> dict[int, str]:
    """Header texts of row n, a vertically merged title counting on each row it spans."""
    titles = {i: str(c) for i, c in enumerate(rows[n]) if isinstance(c, (str, float)) and str(c).strip()}
    for top, left, bottom, right in merges:
        if top < n <= bottom and left == right and left < len(rows[top]):
            anchor = rows[top][left]
            if isinstance(anchor, str) and anchor.strip():
                titles.setdefault(left, anchor)
    return titles


def _header_end(titles: dict[int, str], merges, n: int) -> int:
    return max((bottom for top, left, bottom, right in merges
                if top <= n <= bottom and left == right and left in titles), default=n)


def _meaning(text: str, sheet: Sheet) -> tuple[Column | None, str, str]:
    """(column, name without unit, unit) of a header as typed."""
    bare = half_width(text).rstrip("*").strip()
    column = sheet.by_header.get(fold_key(bare))
    if column:
        return column, bare, ""
    found = _UNIT.match(bare)
    if found:
        unit = half_width(found[2]).replace(" ", "")
        column = sheet.by_header.get(fold_key(found[1]))
        if column or not re.search(r"[0-9]", unit):
            return column, found[1].strip(), unit
    return None, bare, ""


def _fields(titles: dict[int, str], sheet: Sheet, file: str, row: int
            ) -> tuple[tuple[Field, ...], list[Problem]]:
    where = {"file": file, "sheet": sheet.title, "row": row}
    problems: list[Problem] = []
    chosen: dict[str, Field] = {}
    for index, text in sorted(titles.items()):
        column, name, unit = _meaning(text, sheet)
        shown = " ".join(text.split())
        field = Field(index, shown, name, column, unit)
        key = column.name if column else "extra:" + fold_key(name)
        other = chosen.get(key)
        if other is None:
            chosen[key] = field
        elif column and _official(field) != _official(other):
            keep, drop = (field, other) if _official(field) else (other, field)
            chosen[key] = keep
            problems.append(Problem(
                NOTICE, f"「{drop.text}」与「{keep.text}」指同一列，只用「{keep.text}」", "删去多余的列",
                column=drop.text, **where))
        else:
            problems.append(Problem(
                ERROR, f"表头重复：「{other.text}」和「{shown}」指同一列", "只保留一列，或改名",
                column=shown, **where))
    missing = [c for c in sheet.columns if c.required and c.name not in chosen]
    extras = [f for f in chosen.values() if f.column is None]
    for column in missing:
        near = suggest(column.header, [f.name for f in extras])
        hint = f"（表里的{near.removeprefix('，是不是')}列可能就是它）" if near else ""
        problems.append(Problem(
            ERROR, f"缺少必需的列「{column.header}」{hint}",
            f"补上这一列；可用的列名：{'、'.join((column.header, *column.aliases))}",
            column=column.header, **where))
    if sheet.key != "enterprises":
        headers = [c.header for c in sheet.columns if c.name not in chosen]
        for field in extras:
            meant = absent_column(field.name, sheet.columns, chosen)
            problems.append(Problem(
                WARNING if meant else NOTICE,
                f"不认识的列「{field.text}」，已忽略{suggest(field.name, headers) if not meant else f'，是不是“{meant.header}”'}",
                (f"是就把表头改成 {meant.header}；" if meant else "") + f"可用的列名：{'、'.join(c.header for c in sheet.columns)}",
                column=field.text, **where))
    used = [f for f in chosen.values() if f.column or sheet.key == "enterprises"]
    return tuple(sorted(used, key=lambda f: f.index)), problems


def _official(field: Field) -> bool:
    return field.column is not None and fold_key(field.name) == fold_key(field.column.header)
