"""The Chinese face cut down to the characters of one page, as a data URI."""

from __future__ import annotations

import base64
import copy
import html as html_text
import io
import re
import threading
from functools import cache, lru_cache
from pathlib import Path

FONTS = Path(__file__).parents[1] / "fonts"
REGULAR = "NotoSansSC-Regular-GB2312.ttf"
BOLD = "NotoSansSC-Bold-GB2312.ttf"
_BOLD_PARTS = re.compile(
    r"<(h[1-6]|thead|strong|b|dt|caption|figcaption|summary|title)\b[^>]*>(.*?)</\1>"
    r"|<[a-z]+[^>]*class=\"?[^\">]*(?:ys-value|ys-banner|ys-badge|ys-mark)[^>]*>(.*?)</(?:dd|div|span|sup)>"
    r"|<tr class=hi>(.*?)</tr>",
    re.S,
)
# fontTools keeps parser state on shared classes; one subset at a time is also kind to memory.
_LOCK = threading.Lock()


@lru_cache(maxsize=1)
def page_characters(page: str) -> tuple[frozenset[str], frozenset[str]]:
    """(all, emphasised) printable characters of a page, attributes and script labels included."""
    page = re.sub(r"data:[a-z/]+[^\"')]*", "", page)
    everything = frozenset(html_text.unescape(page))
    parts = "".join("".join(filter(None, found.groups()[1:])) for found in _BOLD_PARTS.finditer(page))
    emphasised = frozenset(html_text.unescape(re.sub(r"<[^>]*>", "", parts)))
    return _printable(everything), _printable(emphasised)


def _printable(characters: frozenset[str]) -> frozenset[str]:
    return frozenset(c for c in characters if c.isprintable())


@cache
def _names(font: str) -> tuple[list[str], object]:
    """(glyph order, cmap) of a bundled face, read once: half of what a cut would cost."""
    from fontTools.ttLib import TTFont

    with TTFont(FONTS / font, lazy=True) as face:
        order, cmap = face.getGlyphOrder(), face["cmap"]
        for table in cmap.tables:
            # Asked for, the mapping is read from the file, which is closed below.
            table.cmap  # noqa: B018
        return order, cmap


@cache
def covered(font: str = REGULAR) -> frozenset[str]:
    """The characters the bundled face can draw."""
    return frozenset(map(chr, _names(font)[1].getBestCmap()))


@lru_cache(maxsize=32)
def woff(font: str, characters: frozenset[str]) -> bytes:
    """WOFF bytes of ``font`` holding only ``characters``; cached per process.

    Outlines are copied as they are: the boxes and maxima in the headers stay those of the whole face
    (upper bounds, which no line is set by), since measuring them anew would be half the work.
    """
    from fontTools import subset
    from fontTools.ttLib import TTFont

    options = subset.Options(flavor="woff", hinting=False, layout_features=["kern", "tnum", "mark", "mkmk"],
                             name_IDs=[1, 2], notdef_outline=True)
    with _LOCK, TTFont(FONTS / font, lazy=True, recalcBBoxes=False, recalcTimestamp=False) as face, io.BytesIO() as out:
        order, cmap = _names(font)
        face.setGlyphOrder(list(order))
        face.tables["cmap"] = own = copy.copy(cmap)
        own.tables = [copy.copy(table) for table in cmap.tables]
        cutter = subset.Subsetter(options)
        cutter.populate(unicodes=sorted(map(ord, characters)))
        cutter.subset(face)
        face.flavor = "woff"
        face.save(out, reorderTables=False)
        return out.getvalue()


def lacking(page: str) -> list[str]:
    """Characters of the page that the bundled face cannot draw: the reader's own fonts will."""
    everything, _ = page_characters(page)
    return sorted(c for c in everything - covered() if not c.isspace())


def font_face_css(page: str) -> str:
    """@font-face rules for ``page``: family "YS" for all text, "YS Bold" for emphasised text."""
    everything, emphasised = page_characters(page)
    rules = []
    for family, font, weight, wanted in (("YS", REGULAR, 400, everything), ("YS Bold", BOLD, 700, emphasised)):
        data = base64.b64encode(woff(font, wanted & covered(font))).decode()
        rules.append(f'@font-face{{font-family:"{family}";font-weight:{weight};font-style:normal;'
                     f'src:url(data:font/woff;base64,{data}) format("woff")}}')
    return "\n".join(rules)
