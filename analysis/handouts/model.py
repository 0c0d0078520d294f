"""A handout page as data: what stands on it, in which order, and what may be left out where it does not fit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any

TOWN, ENTERPRISE, WORKSHEET, POSTER = "镇街一页纸", "条件自测表", "学员工作页", "排名海报"
ANSWERS = "教师用：学员工作页答案"


@dataclass(frozen=True)
class Column:
    """A column of a table: its title, its share of the width, and whether it is centred (short entries)."""

    title: str
    share: float
    centred: bool = False


@dataclass(frozen=True)
class Figures:
    """Large figures side by side: (label, value, note) each."""

    items: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class Sentences:
    """Sentences under a heading (may be empty), numbered where their order counts."""

    heading: str
    items: tuple[str, ...]
    numbered: bool = False


@dataclass(frozen=True)
class Grid:
    """A table.

    rests : only for a table that may be shortened from its end: what is said below it when the first k rows are shown,
        for k = 0 … number of rows (the last is empty). first : it is shortened only when the others are down to nothing.
    marks : rows to be printed bold. empty : said instead of a table without rows.
    """

    heading: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""
    rests: tuple[str, ...] = ()
    marks: tuple[int, ...] = ()
    empty: str = ""
    first: bool = False

    @property
    def elastic(self) -> bool:
        return bool(self.rests)


@dataclass(frozen=True)
class Blanks:
    """Lines to fill in.

    Each is a sequence of (text, answer) parts: an answer of None is plain text, an empty one a blank over the rest of the line (several
    share it), any other a blank as wide as it is long. ``filled``: an answer key, where answers that are not blank themselves stand in
    bold. space : height of a line as a multiple of the usual.
    """

    heading: str
    lines: tuple[tuple[tuple[str, str | None], ...], ...]
    filled: bool = False
    space: float = 1


@dataclass(frozen=True)
class Ranking:
    """Districts of one ranking group, best first: (place, name, score text, score, cells, role) with role 本区 (in the case's word), 对标 or empty;
    ``top`` is the score at which a bar is full, ``heads`` what stands over place, name and score."""

    heading: str
    heads: tuple[str, str, str]
    parts: tuple[str, ...]
    rows: tuple[tuple[str, str, str, float, tuple[str, ...], str], ...]
    top: float


Block = Figures | Sentences | Grid | Blanks | Ranking


@dataclass(frozen=True)
class Page:
    """One sheet of paper.

    kind : one of the first four words of this module. title, subtitle : its head. head : running head (the case).
    mark : 示例数据, or empty. foot : what it rests on (status, source, rules, date). variants : the body, fullest first;
    the first that fits is printed, of the last the elastic tables are shortened. name : what its file is called.
    paper : a4 or a3.
    """

    kind: str
    title: str
    subtitle: str
    head: str
    mark: str
    foot: tuple[str, ...]
    variants: tuple[tuple[Block, ...], ...]
    town: str = ""
    name: str = ""
    landscape: bool = False
    row: int = 0
    paper: str = "a4"


def document_title(page: Page) -> str:
    """What a file of this page alone is titled: its title and kind, the kind once."""
    return page.title if page.kind in page.title else f"{page.title}　{page.kind}"


def splits(tables: Sequence[Grid]) -> list[list[int]]:
    """How many rows each table shows if there is room for 0, 1, 2 … rows in all.

    Tables marked ``first`` are served whole before the others; among equals the one with the fewest shown gets the next row, so
    that short ones are soon whole and long ones alike. A list for every total from 0 to all rows.
    """
    shown = [0] * len(tables)
    out = [list(shown)]
    for _ in range(sum(len(t.rows) for t in tables)):
        least = min((k for k, t in enumerate(tables) if shown[k] < len(t.rows)), key=lambda k: (not tables[k].first, shown[k], k))
        shown[least] += 1
        out.append(list(shown))
    return out


def mapped(thing: Any, change: Callable[[str], str]) -> Any:
    """The same page (block, tuple …) with every text changed."""
    if isinstance(thing, str):
        return change(thing)
    if isinstance(thing, tuple):
        return tuple(mapped(part, change) for part in thing)
    if is_dataclass(thing) and not isinstance(thing, type):
        return replace(thing, **{f.name: mapped(getattr(thing, f.name), change) for f in fields(thing)})
    return thing


def texts(thing: Any) -> list[str]:
    """Every text of a page in order."""
    found: list[str] = []
    _gather(thing, found)
    return found


def _gather(thing, found):
    """A walk of its own: to rebuild a page only to read it costs ten times as much, and every page is read several times."""
    parts = thing if isinstance(thing, tuple) else vars(thing).values() if is_dataclass(thing) else (thing,)
    for part in parts:
        if isinstance(part, str):
            found.append(part)
        elif isinstance(part, tuple) or is_dataclass(part):
            _gather(part, found)
