"""How a list looks in Excel, in WPS and on A4: formats, columns, row heights, entry cells, paper."""

from __future__ import annotations

import datetime as dt

import pandas as pd
from xlsxwriter.worksheet import Worksheet

from ..recognition.screen import DUE
from .pages import MADE_UP, Column, Page
from .statuses import status_names
from .text import header_text, safe_text, wrapped_lines

FONT, SIZE, LINE_HEIGHT, HIGHEST = "微软雅黑", 10, 16.5, 400
INK, HEAD, FILL_HEAD, SIDE_HEAD, FILL, LINE, BANNER = "#1F2D3D", "#D9E2EC", "#F2E3B3", "#EEF1F4", "#FFFBEB", "#B8C2CC", "#F4F4F4"
NUMBERS = {"整数": "0", "小数": "#,##0.00", "百分比": "0%", "日期": "yyyy-mm-dd", "填日期": "yyyy-mm-dd"}
ENTRY_KINDS = ("选跟进", "填写", "填日期", "选结论")
WRAPPED = ("换行", "填写")
FIRST_DAY, LAST_DAY = dt.date(2000, 1, 1), dt.date(2100, 12, 31)


class GrowingSheet(Worksheet):
    """A sheet whose rows have the height their text needs and still grow when somebody types more.

    xlsxwriter marks every height that is set as fixed by the user (customHeight); without the mark
    Excel and WPS take the height as their own and fit it again after an edit.
    """

    def _xml_start_tag_unencoded(self, tag, attributes=()):
        if tag == "row":
            attributes = [pair for pair in attributes if pair[0] != "customHeight"]
        super()._xml_start_tag_unencoded(tag, attributes)


class Formats:
    """Cell formats of a workbook, each made once."""

    def __init__(self, book):
        self._book, self._made = book, {}

    def __call__(self, **given):
        key = tuple(sorted(given.items()))
        if key not in self._made:
            self._made[key] = self._book.add_format({"font_color": INK, "valign": "top", **given})
        return self._made[key]

    def head(self, column: Column):
        """Of a column's header: entry columns stand out, those outside the print area recede."""
        colour = FILL_HEAD if column.kind in ENTRY_KINDS else HEAD if column.printed else SIDE_HEAD
        return self(bold=True, text_wrap=True, valign="vcenter", bg_color=colour, border=1, border_color=LINE)

    def body(self, column: Column, strong: bool):
        """Of a column's cells."""
        given = {"border": 1, "border_color": LINE, "text_wrap": column.kind in WRAPPED}
        if column.kind in NUMBERS:
            given |= {"num_format": NUMBERS[column.kind], "align": "right" if column.kind in ("小数", "百分比") else "center"}
        if column.kind in ENTRY_KINDS:
            given["bg_color"] = FILL
        return self(**given, bold=strong) if strong else self(**given)


def write_page(sheet, page: Page, formats: Formats) -> None:
    """Title, notes, header and rows of a list, ready to filter, fill in and print."""
    columns, rows = page.columns, len(page.table)
    printed = sum(c.printed for c in columns)
    width = sum(c.width for c in columns[:printed])
    line = 0
    for text, style in _top(page, formats):
        sheet.merge_range(line, 0, line, printed - 1, "", style)
        sheet.write_string(line, 0, safe_text(text), style)
        sheet.set_row(line, 26 if line == 0 else LINE_HEIGHT * wrapped_lines(text, width - 4) + 2)
        line += 1
    head, last = line, line + max(rows, 1)
    sheet.set_row(head, LINE_HEIGHT * max([2, *(wrapped_lines(c.header, c.width) for c in columns[:printed])]) + 4)
    heights = [1] * rows
    for j, column in enumerate(columns):
        sheet.set_column(j, j, column.width)
        sheet.write_string(head, j, column.header, formats.head(column))
        _write_column(sheet, page.table, column, j, head + 1, formats, heights)
        if rows:
            _add_entry(sheet, column, j, head + 1, last)
    for i, lines in enumerate(heights, start=head + 1):
        sheet.set_row(i, min(LINE_HEIGHT * lines + 2, HIGHEST))
    if rows:
        sheet.autofilter(head, 0, last, len(columns) - 1)
    else:
        sheet.write_string(head + 1, 0, page.empty, formats(italic=True))
    sheet.freeze_panes(head + 1, 1)
    sheet.repeat_rows(head)
    sheet.print_area(0, 0, last, printed - 1)
    set_paper(sheet, page.title, page.illustrative)


def _top(page: Page, formats: Formats):
    yield page.title, formats(bold=True, font_size=14, valign="vcenter")
    if page.illustrative:
        yield MADE_UP, formats(bold=True, bg_color=BANNER, border=1, border_color=LINE, valign="vcenter")
    for note in page.notes:
        yield note, formats(text_wrap=True, font_color="#44515E")


def _write_column(sheet, table: pd.DataFrame, column: Column, j: int, start: int, formats: Formats, heights: list[int]) -> None:
    """One column of cells; ``heights`` takes the lines each row needs."""
    strong = column.field in ("name", "status") and "status" in table
    due = (table["status"] == DUE).tolist() if strong else [False] * len(table)
    plain, bold = formats.body(column, False), formats.body(column, True)
    for i, value in enumerate(table[column.field].tolist()):
        style = bold if due[i] else plain
        if value is None or value != value or value is pd.NaT or value == "":
            sheet.write_blank(start + i, j, None, style)
        elif column.kind in ("日期", "填日期"):
            sheet.write_datetime(start + i, j, value.to_pydatetime(), style)
        elif column.kind in NUMBERS:
            sheet.write_number(start + i, j, float(value), style)
        else:
            text = safe_text(value)
            sheet.write_string(start + i, j, text, style)
            if column.kind in WRAPPED:
                heights[i] = max(heights[i], wrapped_lines(text, column.width - 0.5))


def _add_entry(sheet, column: Column, j: int, first: int, last: int) -> None:
    if column.kind in ("选跟进", "选结论"):
        sheet.data_validation(first, j, last, j, {
            "validate": "list", "source": list(status_names()) if column.kind == "选跟进" else ["是", "否"], "error_title": "请从下拉项中选",
            "error_message": "这一格只能填下拉项中的词；其他情况写在备注里。"})
    elif column.kind == "填日期":
        sheet.data_validation(first, j, last, j, {
            "validate": "date", "criteria": "between", "minimum": FIRST_DAY, "maximum": LAST_DAY, "error_type": "warning", "error_title": "不是日期",
            "error_message": "日期写成 2023-05-04 的样子。"})


def set_paper(sheet, title: str, illustrative: bool) -> None:
    """A4 landscape, one page wide, title at the head and page numbers at the foot of each page."""
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.set_margins(left=0.3, right=0.3, top=0.6, bottom=0.55)
    sheet.fit_to_pages(1, 0)
    sheet.center_horizontally()
    sheet.hide_gridlines(2)
    sheet.set_header(f"&L{header_text(title)}" + ("&R示例数据" if illustrative else ""), {"margin": 0.3})
    sheet.set_footer("&C第 &P 页　共 &N 页", {"margin": 0.25})
