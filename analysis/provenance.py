"""Where the figures of a table come from: sources, statuses and input cells, for the line under a table or chart."""

from __future__ import annotations

import re
from collections.abc import Iterable

import pandas as pd

STATUS_ORDER = ("公布", "推算", "示例", "不详")
_CELL = re.compile(r"(.*!)([A-Z]+)(\d+)")


def source_line(rows: pd.DataFrame, limit: int = 3) -> str:
    """The sources of some input rows, most used first, with the cells they were read from.

    Parameters
    ----------
    rows : rows of a case's sheet, columns ``source`` and ``cell`` (as ``指标值!D2``). Where a row holds one ``value`` its
        cell is named, otherwise the row: 企业第 2—381 行. limit : sources named, and stretches of cells.
    """
    named, cells = _named(rows, limit), _cells(rows, limit)
    return f"{named}（{cells}）" if named and cells else named


def source_lines(*tables: pd.DataFrame, limit: int = 3) -> str:
    """The same for figures that rest on several sheets: ``统计局快报（企业第 2—9 行；认定名单第 2—5 行）；市文件（申报约定第 2 行）``.

    Sheets of the same sources share them; ``limit`` counts within a sheet, so that every sheet is named.
    """
    cells: dict[str, list[str]] = {}
    for rows in tables:
        if len(rows):
            cells.setdefault(_named(rows, limit), []).append(_cells(rows.drop(columns="value", errors="ignore"), limit))
    return "；".join(f"{named}（{'；'.join(filter(None, parts))}）" if any(parts) else named for named, parts in cells.items())


def input_cells(cells: Iterable[str], whole: bool = False, limit: int = 3) -> str:
    """Cells in few words, neighbours joined: ``指标值!D2:D19、D40 等 5 处``; with ``whole`` their rows: ``企业第 2—381 行``.

    Sheets and columns come in the order of their first cell, rows in theirs; what is not the address of a cell (a figure
    assumed, a total of several) is passed over.
    """
    places: dict[tuple[str, str], set[int]] = {}
    for sheet, column, row in (found.groups() for found in map(_CELL.fullmatch, map(str, cells)) if found):
        places.setdefault((sheet, "" if whole else column), set()).add(int(row))
    stretches = [(sheet, column, first, last) for (sheet, column), rows in places.items() for first, last in _stretches(sorted(rows))]
    parts, former = [], ""
    for sheet, column, first, last in stretches[:limit]:
        before = "" if sheet == former else sheet.removesuffix("!") + "第 " if whole else sheet
        parts.append(f"{before}{column}{first}" + (f"{'—' if whole else ':'}{column}{last}" if last > first else ""))
        former = sheet
    more = f" 等 {len(stretches)} 处" if len(stretches) > limit else ""
    return "、".join(parts) + (" 行" if whole and parts else "") + more


def statuses_in(rows: pd.DataFrame) -> list[str]:
    """Statuses present in a table's 状态 column, in fixed order."""
    present = set(rows["status"])
    return [status for status in STATUS_ORDER if status in present]


def sources_table(rows: pd.DataFrame) -> pd.DataFrame:
    """How many values come from which source with which status, and from which cells."""
    whole, keys = "value" not in rows, ["source", "status"]
    groups = rows.groupby(keys, dropna=False)
    table = pd.DataFrame({"数值个数": groups.size()})
    if "cell" in rows:
        table["输入单元格"] = groups["cell"].agg(lambda cells: input_cells(cells, whole))
    table = table.reset_index().rename(columns={"source": "来源", "status": "状态"})
    return table.assign(来源=table["来源"].replace("", "未注明")).sort_values("数值个数", ascending=False, ignore_index=True)


def _named(rows, limit):
    sources = rows["source"].replace("", "未注明").value_counts()
    return "；".join(map(str, sources.index[:limit])) + (f"等 {len(sources)} 个来源" if len(sources) > limit else "")


def _cells(rows, limit):
    return input_cells(rows["cell"], whole="value" not in rows, limit=limit) if "cell" in rows else ""


def _stretches(rows):
    """(2, 4) and (7, 7) of 2, 3, 4, 7."""
    starts = [k for k in range(len(rows)) if k == 0 or rows[k] > rows[k - 1] + 1]
    return [(rows[k], rows[(starts[n + 1] if n + 1 < len(starts) else len(rows)) - 1]) for n, k in enumerate(starts)]
