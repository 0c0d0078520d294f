"""A page that is more than one sheet of paper holds: divided between blocks and rows, each sheet numbered, nothing left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from .estimate import BETWEEN, height, opening, room
from .model import Block, Grid, Page, Sentences

FURTHER = "（续）"
NEXT_SHEET = "（续页）"
_LEAST = 2  # rows of a table on the sheet where it begins


def spread(page: Page, sizes: Sequence[float], share: float = 1.0) -> tuple[tuple[Page, ...], float]:
    """The sheets of an upright page of tables, sentences and blanks, and the size of their text in points.

    As few sheets as the smallest size needs, then the largest size for which they do. Where there are several, each says which of
    how many it is, and from the second on that it goes on. sizes : largest first. share : how much of a sheet is filled at most.
    """
    blocks = page.variants[0]
    whole = next((size for size in sizes if _high(page, blocks, size) <= share * room(page)), None)
    if whole is not None:
        return (page,), whole
    marked = replace(page, title=page.title + NEXT_SHEET, subtitle=_numbered(page, 10, 10))
    least = len(_filled(marked, sizes[-1], share))
    size, sheets = next((size, sheets) for size in sizes if len(sheets := _filled(marked, size, share)) <= least)
    return tuple(replace(page, title=page.title + NEXT_SHEET * (k > 1), subtitle=_numbered(page, k, len(sheets)), variants=(tuple(own),))
                 for k, own in enumerate(sheets, 1)), size


def _numbered(page, k, of):
    return f"{page.subtitle}　第 {k} 页 共 {of} 页"


def _high(page, blocks, size):
    return opening(page, size) + sum(height(block, size) + BETWEEN * size for block in blocks)


def _filled(page, size, share):
    """Blocks of each sheet, one after the other as they fit."""
    space, used = share * room(page), opening(page, size)
    sheets: list[list[Block]] = [[]]
    waiting = list(reversed(page.variants[0]))
    while waiting:
        block = waiting.pop()
        left = space - used - BETWEEN * size
        high = height(block, size)
        if high > left:
            first, rest = _divided(block, left, size)
            if first is not None:
                sheets[-1].append(first)
                waiting.append(rest)
            elif sheets[-1]:
                waiting.append(block)
            else:  # more than a sheet by itself: the layout will tell
                sheets[-1].append(block)
            if waiting:
                sheets.append([])
                used = opening(page, size)
            continue
        sheets[-1].append(block)
        used += high + BETWEEN * size
    return sheets


def _divided(block, space, size):
    """As many rows (sentences) as there is space for, and the rest; (None, block) where that is not worth it."""
    if not isinstance(block, Grid | Sentences):
        return None, block
    parts = block.rows if isinstance(block, Grid) else block.items
    low, high = 0, len(parts) - 1  # the last never stays
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if height(_head(block, middle), size) <= space else (low, middle - 1)
    if low < (_LEAST if isinstance(block, Grid) else 1):
        return None, block
    return _head(block, low), _tail(block, low)


def _head(block, k):
    return replace(block, rows=block.rows[:k], note="") if isinstance(block, Grid) else replace(block, items=block.items[:k])


def _tail(block, k):
    heading = block.heading if not block.heading or block.heading.endswith(FURTHER) else block.heading + FURTHER
    if isinstance(block, Grid):
        return replace(block, heading=heading, rows=block.rows[k:], marks=tuple(m - k for m in block.marks if m >= k))
    return replace(block, heading=heading, items=block.items[k:])
