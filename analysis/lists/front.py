"""The first sheet as it looks."""

from __future__ import annotations

import pandas as pd

from .layout import BANNER, HEAD, LINE, LINE_HEIGHT, SIZE, Formats, set_paper
from .overview import TOTAL, Block, Overview
from .text import display_width, safe_text, wrapped_lines

COLUMNS = (30, *(11,) * 11)


def write_front(sheet, first: Overview, formats: Formats, links: dict[str, str]) -> None:
    """Write the overview; ``links`` leads from the name of a recognition or town to its sheet."""
    for j, width in enumerate(COLUMNS):
        sheet.set_column(j, j, width)
    lines = _Lines(sheet, formats)
    lines.add(first.title, bold=True, font_size=16, valign="vcenter")
    if first.banner:
        lines.add(first.banner, bold=True, bg_color=BANNER, border=1, border_color=LINE, valign="vcenter")
    for text in first.answers:
        lines.add(text, font_size=11)
    for block in first.blocks:
        lines.head(block.heading)
        lines.at = _block(sheet, block, lines.at, formats, links)
    lines.head("依据和数据")
    for text in first.basis:
        lines.add(text)
    lines.head("怎么用")
    for number, text in enumerate(first.guide, 1):
        lines.add(f"{number}. {text}")
    sheet.print_area(0, 0, lines.at - 1, len(COLUMNS) - 1)
    set_paper(sheet, first.title, bool(first.banner))


class _Lines:
    """Paragraphs across the whole width, one below the other; ``at`` = the next row."""

    def __init__(self, sheet, formats: Formats):
        self.sheet, self.formats, self.at = sheet, formats, 0

    def add(self, text: str, **style) -> None:
        size, shown = style.get("font_size", SIZE), safe_text(text)
        look = self.formats(text_wrap=True, **style)
        self.sheet.merge_range(self.at, 0, self.at, len(COLUMNS) - 1, "", look)
        self.sheet.write_string(self.at, 0, shown, look)
        lines = wrapped_lines(shown, sum(COLUMNS) * SIZE / size)
        self.sheet.set_row(self.at, (LINE_HEIGHT * lines + 2) * size / SIZE)
        self.at += 1

    def head(self, text: str) -> None:
        self.at += 1
        self.add(text, bold=True, font_size=12, valign="vcenter")


def _block(sheet, block: Block, line: int, formats: Formats, links: dict[str, str]) -> int:
    """A small table; returns the row after it."""
    edge = {"border": 1, "border_color": LINE, "valign": "vcenter"}
    head = formats(bold=True, text_wrap=True, align="center", bg_color=HEAD, **edge)
    spans = _spans(block.table)
    for i, cells in enumerate([list(block.table.columns), *block.table.values.tolist()]):
        total, lines = cells[0] == TOTAL, 1
        for value, (start, stop, is_text) in zip(cells, spans):
            style = head if i == 0 else formats(**edge, text_wrap=True, bold=total, align="left" if stop > start or start == 0 else "center") if is_text \
                else formats(**edge, num_format="#,##0", align="right", bold=total)
            if stop > start:
                sheet.merge_range(line, start, line, stop, "", style)
            if i and start == 0 and block.links and value in links:
                target = links[value].replace("'", "''")
                sheet.write_url(line, start, f"internal:'{target}'!A1", formats(**edge, text_wrap=True, underline=1), string=safe_text(value))
            elif is_text or i == 0:
                sheet.write_string(line, start, safe_text(value), style)
            else:
                sheet.write_number(line, start, value, style)
            if is_text or i == 0:
                lines = max(lines, wrapped_lines(safe_text(value), sum(COLUMNS[start:stop + 1])))
        sheet.set_row(line, LINE_HEIGHT * lines + 2)
        line += 1
    return line


def _spans(table: pd.DataFrame):
    """(first column, last column, is text) of each table column; columns of long texts share what is left of the width."""
    texts = [pd.api.types.is_string_dtype(table[c]) or table[c].dtype == object for c in table.columns]
    longest = [max([display_width(str(v)) for v in table[c]], default=0) if text else 0 for c, text in zip(table.columns, texts)]
    long_ones = [k for k, n in enumerate(longest) if k and n > 16]
    spare = len(COLUMNS) - len(texts)
    out, at = [], 0
    for k, text in enumerate(texts):
        more = spare // len(long_ones) if k in long_ones else 0
        out.append((at, at + more, text))
        at += more + 1
    return out
