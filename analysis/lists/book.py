"""The workbooks themselves: the bureau's and each town's."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import xlsxwriter
from xlsxwriter.exceptions import FileCreateError

from ..params import AssessmentError
from ..report.publish import safe_name
from .front import write_front
from .gather import ActionLists
from .layout import FONT, SIZE, Formats, GrowingSheet, write_page
from .overview import overview
from .pages import Page, pages
from .scope import Names, for_town
from .text import safe_text, sheet_name

OVERVIEW, BUREAU_FILE, TOWN_FOLDER = "总览", "行动清单.xlsx", "镇街"
MOST_ROWS = 1_048_576


def write_workbook(lists: ActionLists, path: str | Path, town: str | None = None) -> Path:
    """Write the bureau's workbook, or with ``town`` that town's own.

    The bureau's: 总览, one sheet per recognition, one per town or park with something to do, 企业总表 (every enterprise), 已不在清单
    (if any), 到期复核, 名单待核, 未匹配, 数据问题. A town's: 总览, 行动清单 (every row once), 企业总表 (its own), 已不在清单, 到期复核,
    名单待核, 数据问题, with nothing of another town in any part. The same lists give the same bytes. A file that is there is replaced: read
    its follow-ups first (:func:`analysis.lists.read_follow_up`).

    Raises
    ------
    AssessmentError for a town without an enterprise, and where the file cannot be written (open in Excel).
    """
    return _write(lists if town is None else for_town(lists, town), Path(path))


def write_lists(lists: ActionLists, folder: str | Path) -> pd.DataFrame:
    """Write ``行动清单.xlsx`` and ``镇街/<town>.xlsx`` for every town with an enterprise, （未填） included.

    Returns
    -------
    DataFrame: file (below ``folder``), town (empty for the bureau's), rows (in its lists).
    """
    folder, names, taken = Path(folder), Names(lists.everyone), set()
    _write(lists, folder / BUREAU_FILE)
    written = [(BUREAU_FILE, "", len(lists.rows))]
    for town in lists.towns:
        own = for_town(lists, town, names)
        name = base = safe_name(town)
        while name.casefold() in taken:
            name = f"{base}-{len(taken)}"
        taken.add(name.casefold())
        _write(own, folder / TOWN_FOLDER / f"{name}.xlsx")
        written.append((f"{TOWN_FOLDER}/{name}.xlsx", town, len(own.rows)))
    return pd.DataFrame(written, columns=["file", "town", "rows"])


def _write(lists: ActionLists, path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    book = xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False,
                                           "default_format_properties": {"font_name": FONT, "font_size": SIZE}})
    first, parts = overview(lists), [part for page in pages(lists) for part in _split(page)]
    book.set_properties({"title": safe_text(first.title), "subject": "应报未报、靠靠能报、资料不全企业名单" + (f"（{first.banner[:4]}）" if first.banner else ""),
                         "author": "", "company": "", "created": lists.day.to_pydatetime()})
    formats = Formats(book)
    taken = {OVERVIEW.casefold()}
    names = [sheet_name(page.name, taken) for page in parts]
    write_front(book.add_worksheet(OVERVIEW, GrowingSheet), first, formats, _links(parts, names))
    for page, name in zip(parts, names):
        write_page(book.add_worksheet(name, GrowingSheet), page, formats)
    try:
        book.close()
    except (FileCreateError, OSError) as failure:
        raise AssessmentError(f"“{path.name}”写不进去：请关闭正在打开它的程序，并确认文件夹可以写入") from failure
    return path


def _split(page: Page) -> list[Page]:
    """A page as several where it has more rows than a sheet holds."""
    most = MOST_ROWS - len(page.notes) - 4
    if len(page.table) <= most:
        return [page]
    starts = range(0, len(page.table), most)
    return [Page(page.name, f"{page.title}（第 {n} 部分，共 {len(starts)} 部分）", page.notes, page.columns, page.table.iloc[k:k + most], page.empty,
                 page.illustrative) for n, k in enumerate(starts, 1)]


def _links(parts, names):
    found: dict[str, str] = {}
    for page, name in zip(parts, names):
        found.setdefault(page.name, name)
    return found
