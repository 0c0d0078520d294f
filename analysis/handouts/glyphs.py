"""Characters that the bundled fonts cannot draw: found, replaced by a visible mark, and said on the page."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache

from ..report.fontsubset import BOLD, covered
from .model import Grid, Page, mapped, texts
from .settings import setting

BREAK = "\u200b"
_INVISIBLE = frozenset("\n" + BREAK)
_WORD = re.compile(r"[!-~\u00c0-\u024f]{9,}")
_SEPARATOR = re.compile(r"(?<=[/\\_])")


def missing(page: Page) -> str:
    """Characters of a page that the bundled face lacks, in order of their first appearance."""
    found = texts(page)
    lacking = set().union(*found) - _drawn()
    return "".join(sorted(lacking, key="".join(found).index)) if lacking else ""


def _loosened(block):
    if not _WORD.search("\n".join(texts(block))):  # most have no long word: nothing to rebuild
        return block
    if isinstance(block, Grid):
        return replace(block, rows=tuple(tuple(_loose(cell, "格内长词断开") for cell in row) for row in block.rows))
    return mapped(block, _loose)


def _loose(text, limit="长词断开"):
    """Text with a place to break within every word longer than the limit: after a slash or underline, else wherever the line ends."""
    if text.isascii() and len(text) <= setting(limit) or not _WORD.search(text):
        return text
    every = int(setting(limit))

    def broken(hit):
        parts = _SEPARATOR.split(hit.group())
        return BREAK.join(BREAK.join(part[k:k + every] for k in range(0, len(part), every)) for part in parts if part)

    return _WORD.sub(lambda hit: broken(hit) if len(hit.group()) > every else hit.group(), text)


@cache
def _drawn():
    return (covered() & covered(BOLD)) | _INVISIBLE


def drawable(page: Page) -> tuple[Page, str]:
    """The page as it can be set, and what was lacking.

    Each missing character becomes 〓 and a line at the foot names it by its code, as the Word version has it still. Long runs of
    Latin letters and digits may be broken.
    """
    from ..style import SUBSTITUTE  # with matplotlib, which only a page that is printed needs

    lacking = missing(page)
    table = {ord(ch): SUBSTITUTE for ch in lacking}
    page = mapped(page, lambda text: text.translate(table)) if lacking else page
    page = replace(page, title=_loose(page.title), subtitle=_loose(page.subtitle), foot=tuple(map(_loose, page.foot)),
                   variants=tuple(tuple(_loosened(block) for block in blocks) for blocks in page.variants))
    if lacking:
        codes = "、".join(f"U+{ord(ch):04X}" for ch in lacking)
        page = replace(page, foot=(*page.foot, f"{SUBSTITUTE} 表示所带字库没有的字（{codes}），原字见 Word 版或清单工作簿。"))
    return page, lacking
