"""How high a page will be, reckoned from the widths of its letters: quicker than laying it out, and a little too high rather than too low."""

from __future__ import annotations

import math
from functools import cache, lru_cache

from ..report.fontsubset import FONTS, REGULAR
from .model import Blanks, Grid, Page, Sentences, splits
from .settings import setting

_MM = 72 / 25.4
_WIDTH, _HEIGHT = 210 * _MM, 297 * _MM
_BESIDE = 0.25  # em that the typesetter puts between Chinese and Latin letters
_RAGGED = 0.8  # em of a line that may stay empty because of where it must not break
_INSET = 6  # points, left and right of a cell together


def estimate(page: Page, sizes: list[float]) -> tuple[int, tuple[int, ...], float]:
    """(variant, rows shown of each table that may be shortened, size in points) of an upright page of tables, sentences and blanks.

    sizes : sizes of the text, largest first. The first variant that fits at the smallest size, as large as it may be; of the last
    one as many rows as fit. To be checked by laying it out.
    """
    least = sizes[-1]
    room = (_HEIGHT - (2 * setting("页边距") + 6) * _MM) * setting("可用高度") - _foot(page) - 4
    for k, blocks in enumerate(page.variants):
        all_ = splits([b for b in blocks if isinstance(b, Grid) and b.elastic])[-1]
        if _height(page, blocks, all_, least) <= room:
            return k, tuple(all_), next(s for s in sizes if s == least or _height(page, blocks, all_, s) <= room)
    order = splits([b for b in blocks if isinstance(b, Grid) and b.elastic])
    shown = next((s for s in reversed(order[:-1]) if _height(page, blocks, s, least) <= room), order[0])
    return len(page.variants) - 1, tuple(shown), least


def _height(page, blocks, shown, size):
    """Of everything but the foot, in points; mirrors ``handouts.typ``."""
    width, gap = _WIDTH - 2 * setting("页边距") * _MM, setting("行距") - 1
    total = _text(page.title, 16, width, gap) + _text(page.subtitle, size, width, gap) + size + 0.55 * size * len(blocks)
    left = iter(shown)
    for block in blocks:
        total += _text(block.heading, 1.15 * size, width, gap) + 0.5 * size if block.heading else 0
        if isinstance(block, Grid):
            total += _grid(block, next(left) if block.elastic else len(block.rows), size, width)
        elif isinstance(block, Sentences):
            total += sum(_text(item, size, width - (1.7 * size if block.numbered else 0), gap) for item in block.items) + 0.45 * size * (len(block.items) - 1)
        elif isinstance(block, Blanks):
            total += len(block.lines) * size * (1.1 + gap + block.space - 1)
        else:
            raise TypeError(f"{type(block).__name__} is not reckoned")
    return total


def _grid(block, shown, size, width):
    tight = setting("表格行距") - 1
    share = (width / sum(c.share for c in block.columns)) if block.columns else 0
    widths = [c.share * share - _INSET for c in block.columns]
    pad = tight * size + 2 * setting("单元格上下边距")
    rows = [[c.title for c in block.columns], *block.rows[:shown]] if shown else []
    total = sum(max(_lines(text, w / size) for text, w in zip(row, widths)) * size * (1 + tight) - tight * size + pad for row in rows)
    rest = block.rests[shown] if block.rests else ""
    said = [t for t in (rest, block.note, "" if block.rows else block.empty) if t]
    return total + sum(_text(t, size, width, setting("行距") - 1) + 0.7 * size for t in said)


def _foot(page):
    size, width = setting("正文最小字号"), _WIDTH - 2 * setting("页边距") * _MM
    return 0.35 * size + _text("　".join(page.foot), size, width, setting("行距") - 1)


def _text(text, size, width, gap):
    lines = _lines(text, width / size)
    return lines * size + (lines - 1) * gap * size


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
