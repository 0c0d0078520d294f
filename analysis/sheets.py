"""From a workbook or a folder of CSVs to raw tables: header found, noise set aside.

A `RawTable` holds cells as stored under the columns the header names; nothing
is interpreted yet (see `analysis.columns`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

from analysis.cells import Broken
from analysis.csvfiles import csv_files, read_csv
from analysis.dictionary import Column, Sheet, load
from analysis.header import Field, find_header
from analysis.problems import ERROR, NOTICE, WARNING, Problem, suggest
from analysis.text import fold_key, half_width
from analysis.workbook import (Merge, TabCells, Unreadable, column_letters,
                               open_workbook, read_tab)

GUIDE_SHEETS = frozenset({"填表说明", "填写说明", "使用说明", "数据字典", "字段说明", "目录"})
_NOTE = re.compile(r"[(]?(注|备注|附注|说明|资料来源|数据来源|来源|单位|填表人?|制表人?|审核人?)"
                   r"\s*[0-9一二三四五]?\s*[:：.、]|^※|^\*[^*]")


@dataclass(frozen=True)
class RawTable:
    """One sheet's data: `cells[k]` is the column of `fields[k]`, one entry per row.

    `rows` are 1-based row numbers as Excel shows them; `prefix` begins the
    address of a cell (`指标值!` or `指标值.csv!`).
    """

    sheet: Sheet
    file: str
    title: str
    prefix: str
    header_row: int
    fields: tuple[Field, ...]
    rows: list[int]
    cells: list[list[Any]]


def read_tables(path: Path) -> tuple[dict[str, RawTable], list[Problem]]:
    """All sheets of a case by English key, and what was wrong or ignored."""
    if path.is_dir():
        return _read_folder(path)
    suffix = path.suffix.lower()
    if suffix in {".xlsx", ".xlsm"}:
        return _read_workbook(path)
    if suffix in {".csv", ".txt", ".tsv"}:
        return {}, [Problem(ERROR, "单个 CSV 文件不是一套完整的数据",
                            "把各表的 CSV 放进一个文件夹，给出文件夹的路径", path.name)]
    return {}, [Problem(ERROR, f"不支持「{suffix or '没有扩展名'}」格式的文件",
                        "在 Excel 或 WPS 里另存为 .xlsx，或各表存成 CSV 放进一个文件夹", path.name)]


def _read_workbook(path: Path) -> tuple[dict[str, RawTable], list[Problem]]:
    problems: list[Problem] = []
    try:
        book = open_workbook(path)
    except Unreadable as error:
        return {}, [Problem(ERROR, error.message, error.fix, path.name)]
    except OSError:
        return {}, [Problem(ERROR, "文件打不开", "检查文件是否存在、是否有读取权限、是否正被占用", path.name)]
    chosen: dict[str, tuple[Sheet, str, bool]] = {}
    for name, hidden in book.tabs:
        _choose(name, hidden, path.name, chosen, problems)
    tables: dict[str, RawTable] = {}
    formulas = False
    for key, (sheet, name, _) in chosen.items():
        try:
            tab = read_tab(book, name)
        except Unreadable as error:
            problems.append(Problem(ERROR, error.message, error.fix, path.name, sheet.title))
            continue
        formulas |= tab.has_formulas
        _add(tables, sheet, path.name, name.strip() + "!", tab, problems)
    if formulas and book.stale_formulas:
        problems.append(Problem(
            WARNING, "工作簿由程序生成后没有在 Excel 里重新计算过，公式的结果可能不是最新的",
            "在 Excel 或 WPS 里打开、保存一次", path.name))
    return tables, problems


def _read_folder(path: Path) -> tuple[dict[str, RawTable], list[Problem]]:
    problems: list[Problem] = []
    chosen: dict[str, tuple[Sheet, str, bool]] = {}
    files = csv_files(path)
    if not files:
        return {}, [Problem(ERROR, "文件夹里没有 CSV 文件",
                            "每张表一个 CSV，文件名用表名，如 指标值.csv", path.name)]
    for file in files:
        _choose(file.stem, False, file.name, chosen, problems, file.name)
    tables: dict[str, RawTable] = {}
    for sheet, name, _ in chosen.values():
        rows, trouble = read_csv(path / name, sheet)
        problems += trouble
        if rows is not None:
            _add(tables, sheet, name, name + "!", TabCells(rows, (), False), problems)
    return tables, problems


def _choose(name: str, hidden: bool, file: str, chosen: dict, problems: list[Problem],
            source: str | None = None) -> None:
    title, known = half_width(name), load()
    sheet = known.find(title)
    if sheet is None:
        if not hidden and title not in GUIDE_SHEETS:
            titles = [s.title for s in known.sheets]
            problems.append(Problem(NOTICE, f"不认识的表「{title}」，已忽略{suggest(title, titles)}",
                                    f"可用的表名：{'、'.join(titles)}", file))
    elif sheet.key in chosen:
        problems.append(Problem(
            ERROR, f"「{chosen[sheet.key][1].strip()}」和「{name.strip()}」是同一张表（{sheet.title}）",
            "只保留一张", file, sheet.title))
    else:
        chosen[sheet.key] = (sheet, source or name, hidden)
        if hidden:
            problems.append(Problem(WARNING, f"表「{title}」是隐藏的，仍按 {sheet.title} 读取",
                                    "确认要用这张表；不用请删除", file, sheet.title))


def _add(tables: dict[str, RawTable], sheet: Sheet, file: str, prefix: str,
         tab: TabCells, problems: list[Problem]) -> None:
    header, found = find_header(tab.rows, tab.merges, sheet, file)
    problems += found
    if header is None:
        return
    numbers, body = _body(tab.rows, header, sheet, file, problems)
    cells = [list(column) for column in zip_longest(*body, fillvalue="")] if body else []
    width = max((f.index for f in header.fields), default=-1) + 1
    cells += [[""] * len(body) for _ in range(width - len(cells))]
    problems += _columns_without_header(cells, numbers, header, sheet, file)
    _fill_merges(cells, numbers, header, tab.merges, sheet, file, problems)
    tables[sheet.key] = RawTable(sheet, file, sheet.title, prefix, header.row, header.fields,
                                 numbers, [cells[f.index] for f in header.fields])


def filled(cell: Any) -> bool:
    """Whether a cell holds anything a reader can see."""
    return cell is not None and (not isinstance(cell, str) or bool(cell.strip()))


def _body(rows, header, sheet: Sheet, file: str, problems: list[Problem]):
    """Data rows and their numbers, without blank rows, notes, repeated headers."""
    start = header.data_start
    stop = _without_notes(rows, start)
    ignored = [n + 1 for n in range(stop, len(rows)) if any(map(filled, rows[n]))]
    if ignored:
        problems.append(Problem(NOTICE, f"表尾从第{ignored[0]}行起的 {len(ignored)} 行注释已忽略",
                                "若这是数据，请按列填写", file, sheet.title, ignored[0]))
    titles = {f.index: fold_key(f.text) for f in header.fields}
    first = min(titles, default=0)
    numbers, body = [], []
    for n in range(start, stop):
        row = rows[n]
        if not any(c != "" and c is not None and filled(c) for c in row):
            continue
        if first < len(row) and isinstance(row[first], str) and _repeats(row, titles, first):
            problems.append(Problem(NOTICE, "重复的表头行已忽略", "删除这一行",
                                    file, sheet.title, n + 1))
            continue
        numbers.append(n + 1)
        body.append(row)
    return numbers, body


def _repeats(row, titles: dict[int, str], first: int) -> bool:
    if fold_key(row[first]) != titles[first]:
        return False
    return all(isinstance(row[i], str) and fold_key(row[i]) == t
               for i, t in titles.items() if i < len(row))


def _without_notes(rows, start: int) -> int:
    """Index where the notes under the table begin (the end, if there are none)."""
    stop = last = len(rows)
    while last > start:
        row = rows[last - 1]
        shown = [c for c in row if filled(c)]
        if len(shown) > 1 or (shown and not isinstance(shown[0], str)):
            break
        last -= 1
        if shown and _NOTE.match(half_width(shown[0])):
            stop = last
    return stop


def _columns_without_header(cells, numbers, header, sheet: Sheet, file: str) -> list[Problem]:
    return [
        Problem(WARNING, f"第 {column_letters(i)} 列有内容但没有表头，已忽略", "补上表头，或清空该列",
                file, sheet.title, next(n for n, c in zip(numbers, cells[i]) if filled(c)))
        for i in range(len(cells))
        if i not in header.titled and any(c != "" and filled(c) for c in cells[i])]


def _fill_merges(cells, numbers: list[int], header, merges: tuple[Merge, ...],
                 sheet: Sheet, file: str, problems: list[Problem]) -> None:
    """A vertical block of merged text stands for each of its rows; numbers do not."""
    position = {n: i for i, n in enumerate(numbers)} if merges else {}
    fields = {f.index: f for f in header.fields}
    for top, left, bottom, right in merges:
        inside = [position[n] for n in range(top + 1, bottom + 2) if n in position]
        if not inside or top < header.data_start:
            continue
        named = [fields[i] for i in range(left, right + 1) if i in fields]
        anchor = cells[left][inside[0]] if left < len(cells) else ""
        if not named or not filled(anchor):
            continue
        area = f"{column_letters(left)}{top + 1}:{column_letters(right)}{bottom + 1}"
        if right > left:
            problems.append(Problem(ERROR, f"数据区有跨列合并的单元格 {area}", "取消合并，逐格填写",
                                    file, sheet.title, top + 1, named[0].text))
        elif _is_number(named[0].column, anchor):
            problems.append(Problem(
                ERROR, f"合并单元格 {area} 里是数字，可能指合计，也可能指每一行",
                "取消合并，每行填各自的数", file, sheet.title, top + 1, named[0].text))
        else:
            for i in inside:
                cells[left][i] = anchor


def _is_number(column: Column | None, anchor: Any) -> bool:
    if isinstance(anchor, Broken):
        return False
    if column is None:
        return isinstance(anchor, float)
    return column.numeric
