"""Columns of a returned list that are not the list's own, and comments on cells: what people wrote there is not read, and said so."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Collection
from functools import cache
from pathlib import Path

from ..problems import NOTICE, WARNING
from ..shipped import rows
from ..text import fold_key

NOTE = "镇街备注"
_COMMENTS = re.compile(r"xl/(?:comments/)?comments?\d*\.xml")
_COMMENTED = re.compile(rb'<(?:\w+:)?comment\b[^>]*\bref="([A-Z]+[0-9]+)"')
_NAMED = 6


@cache
def own_headers() -> frozenset[str]:
    """Headers that the lists are written with, folded; a unit in brackets does not count."""
    return frozenset(_plain(r["表头"]) for r in rows("lists_columns"))


def unread_comments(path: Path) -> str:
    """What is said of the cell comments (批注) of a workbook, which are not read; empty where there are none."""
    with zipfile.ZipFile(path) as archive:
        cells = [ref.decode() for name in archive.namelist() if _COMMENTS.fullmatch(name) for ref in _COMMENTED.findall(archive.read(name))]
    more = f" 等 {len(cells)} 处" if len(cells) > _NAMED else ""
    return f"有批注（{'、'.join(cells[:_NAMED])}{more}），批注没有读入" if cells else ""


def unread_columns(table: list[list], head: int, read: Collection[int], has_note: bool, shown: Callable[[object], str]) -> list[tuple[str, str, str, int]]:
    """(level, message, what to do, row) for every column that is neither read nor the list's own and has words in it.

    Parameters
    ----------
    table : cells by row. head : index of the header row. read : indices of columns that are read.
    has_note : whether there is a column of notes; where there is none, words elsewhere may be the notes.
    """
    found = []
    for k in range(max(map(len, table[head:]), default=0)):
        title = shown(table[head][k]) if k < len(table[head]) else ""
        # A copy of a column that is read (镇街备注 twice) is a stranger too; the list's other columns are its own.
        if k in read or (_plain(title) in own_headers() and fold_key(title) != fold_key(NOTE)):
            continue
        filled = [n for n, row in enumerate(table[head + 1:], start=head + 2) if k < len(row) and shown(row[k]).strip()]
        if filled:
            name = f"“{title}”列" if title else f"第 {k + 1} 列（没有表头）"
            found.append((NOTICE if has_note else WARNING, f"{name}填了 {len(filled)} 行，不是清单的列，没有读入",
                          f"要带入的话写在“{NOTE}”列" + ("" if has_note else "（这张表没有这一列，可能改了名）"), filled[0]))
    return found


def _plain(title: str) -> str:
    return fold_key(title).partition("(")[0]
