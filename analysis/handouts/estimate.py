"""How high a page will be, reckoned from the widths of its letters: quicker than laying it out, and a little too high rather than too low."""

from __future__ import annotations

import math
from functools import cache, lru_cache

from ..report.fontsubset import FONTS, REGULAR
from .model import Blanks, Block, Grid, Page, Sentences
from .settings import setting, smallest

_MM = 72 / 25.4
_WIDTH, _HEIGHT = 210 * _MM, 297 * _MM
_BESIDE = 0.25  # em that the typesetter puts between Chinese and Latin letters
_RAGGED = 0.8  # em of a line that may stay empty because of where it must not break
_INSET = 6  # points, left and right of a cell together
BETWEEN = 0.55  # em between blocks


def room(page: Page) -> float:
    """Points that an upright page has for everything but its foot."""
    return (_HEIGHT - (2 * setting("页边距") + 6) * _MM) * setting("可用高度") - _foot(page) - 4


def opening(page: Page, size: float) -> float:
    """Of the head of a page, in points; mirrors ``handouts.typ`` as all of this module does."""
    return _text(page.title, 16, _width(), _gap()) + _text(page.subtitle, size, _width(), _gap()) + size


def height(block: Block, size: float) -> float:
    """Of a table (with all rows), sentences or blanks without the distance to the next (``BETWEEN``), in points."""
    gap, width = _gap(), _width()
    total = _text(block.heading, 1.15 * size, width, gap) + 0.5 * size if block.heading else 0
    if isinstance(block, Grid):
        return total + _grid(block, size, width)
    if isinstance(block, Sentences):
        return total + sum(_text(item, size, width - (1.7 * size if block.numbered else 0), gap) for item in block.items) + 0.45 * size * (len(block.items) - 1)
    if isinstance(block, Blanks):
        return total + len(block.lines) * size * (1.1 + gap + block.space - 1)
    raise TypeError(f"{type(block).__name__} is not reckoned")


def _width():
    return _WIDTH - 2 * setting("页边距") * _MM


def _gap():
    return setting("行距") - 1


def _grid(block, size, width):
    tight = setting("表格行距") - 1
    widths = _columns(block, size, width)
    pad = tight * size + 2 * setting("单元格上下边距")
    rows = [tuple(c.title for c in block.columns), *block.rows] if block.rows else []
    total = sum(_row_lines(row, widths) * size * (1 + tight) - tight * size + pad for row in rows)
    said = [t for t in (block.note, "" if block.rows else block.empty) if t]
    return total + sum(_text(t, size, width, _gap()) + 0.7 * size for t in said)


def _columns(block, size, width):
    """What of each column is left for text, in em."""
    share = (width / sum(c.share for c in block.columns)) if block.columns else 0
    return tuple((c.share * share - _INSET) / size for c in block.columns)


def _foot(page):
    size = smallest(page)
    return 0.35 * size + _text("　".join(page.foot), size, _width(), _gap())


def _text(text, size, width, gap):
    lines = _lines(text, width / size)
    return lines * size + (lines - 1) * gap * size


@lru_cache(maxsize=50_000)
def _row_lines(row, widths):
    """Of the cell with most lines; kept, as a table is reckoned anew for every size and every row where it might be divided."""
    return max(map(_lines, row, widths))


def _lines(text, width):
    """Lines of a text in a column, ``width`` in em."""
    return sum(1 if (w := _em(part)) <= width else math.ceil(w / max(width - _RAGGED, 1)) for part in text.split("\n"))


@lru_cache(maxsize=20_000)
def _em(text):
    widths = _advances()
    total, former = 0.0, None
    for ch in text:
        wide = ch > "\u2e7f"
        if former is not None and wide != former and ch != " ":
            total += _BESIDE
        former = wide
        total += widths.get(ch, 1.0)
    return total


@cache
def _advances():
    """Letter -> width in em."""
    from fontTools.ttLib import TTFont

    with TTFont(FONTS / REGULAR, lazy=True) as face:
        unit, table = face["head"].unitsPerEm, face["hmtx"]
        return {chr(code): table[name][0] / unit for code, name in face.getBestCmap().items()}
