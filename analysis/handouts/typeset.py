"""Pages as PDF by Typst: a fixed template, data as JSON, bundled fonts only, the same input the same bytes."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ..params import AssessmentError
from ..report.fontsubset import FONTS
from .glyphs import drawable
from .model import ENTERPRISE, POSTER, WORKSHEET, Grid, Page, Ranking, document_title, splits
from .settings import PAPERS, setting, smallest
from .sheets import spread

_SHARES = (1.0, 0.95, 0.9, 0.85, 0.8)  # of a sheet that is filled, tried in turn
_ROW_PAD = {"a4": 0.45, "a3": 0.6}  # em above and below a district: a large sheet is read from afar
TEMPLATE = Path(__file__).with_name("handouts.typ")
_PAGES = re.compile(rb"/Type\s*/Pages\b[^>]*?/Count\s+(\d+)|/Count\s+(\d+)[^>]*?/Type\s*/Pages\b")


@dataclass(frozen=True)
class Fit:
    """How a page was laid out: which variant, how many rows of each table that may be shortened, the size of its text (points), how
    full (1 = to the last usable line), and the sheets it was divided over (empty: it is one)."""

    variant: int
    shown: tuple[int, ...]
    size: float
    full: float = 0.0
    over: bool = False
    sheets: tuple[Page, ...] = ()


class Typesetter:
    """Makes PDFs (or PNGs) of pages dated ``day`` (2022-12-31). Typst keeps what it laid out of the last few documents."""

    def __init__(self, day: str):
        date = dt.date.fromisoformat(day)
        self._stamp = dt.datetime(date.year, date.month, date.day, tzinfo=dt.UTC)

    def set(self, pages: Sequence[Page], fits: Sequence[Fit] | None = None, title: str = "", form: str = "pdf", ppi: float = 110) -> tuple[bytes | list[bytes], list[Fit]]:
        """One document of some pages, and how each was laid out.

        fits : as returned for these pages before; None = find out: of enterprises by reckoning (see :func:`analysis.handouts.sheets.spread`),
        with less on each sheet where that was too much, of all other pages by laying them out. form : pdf or png.

        Raises
        ------
        AssessmentError where a page does not fit on one sheet even with the fewest rows, or a row of an enterprise is higher than a sheet.
        """
        if not pages:
            raise AssessmentError("没有可以排版的页")
        if fits is None and all(page.kind == ENTERPRISE for page in pages):
            for share in _SHARES:
                guessed = [_spread(page, share) for page in pages]
                out = self._compile(pages, guessed, title, form, ppi)
                if _count(out, form) == len(laid(pages, guessed)):
                    return out, guessed
                if len(pages) > 1:
                    return self.set(pages, [self.set([page])[1][0] for page in pages], title, form, ppi)
            raise _too_high(pages[0])
        out = self._compile(pages, fits, title, form, ppi)
        found = list(fits) if fits else [Fit(**fit | {"shown": tuple(fit["shown"])}) for fit in json.loads(_compiler(self._files).query("<fit>", field="value"))]
        for page, fit in zip(pages, found):
            if fit.over:
                raise AssessmentError(f"“{page.title}”的{page.kind}在一张 A4 纸上排不下（字号 {fit.size:g} 磅、列表只列 {sum(fit.shown)} 行）：请缩短其中过长的文字")
        if (count := _count(out, form)) != (due := len(laid(pages, found))):
            raise AssessmentError(f"“{pages[0].title}”的{pages[0].kind}排成了 {count} 页，应为 {due} 页")
        return out, found

    def sheets(self, page: Page) -> tuple[list[bytes], Fit]:
        """The first sheet of an enterprise's page as one document and those after it, if any, as another; how it was laid out.

        Raises
        ------
        AssessmentError where a row is higher than a sheet.
        """
        for share in _SHARES:
            fit = _spread(page, share)
            whole = laid([page], [fit])
            parts = [part for part in (whole[:1], whole[1:]) if part]
            out = [self._compile(*map(list, zip(*part)), "", "pdf", 0) for part in parts]
            if [page_count(data) for data in out] == [len(part) for part in parts]:
                return out, fit
        raise _too_high(page)

    def _compile(self, pages, fits, title, form, ppi):
        made = [as_data(drawable(page)[0], fit) for page, fit in (laid(pages, fits) if fits else ((page, None) for page in pages))]
        settings = {"leading": setting("行距"), "tight": setting("表格行距"), "pad": setting("单元格上下边距"),
                    "margin": setting("页边距"), "usable": setting("可用高度"), "title": title or document_title(pages[0]), "pages": made}
        text = json.dumps(settings, ensure_ascii=False, allow_nan=False, default=vars)
        # As a file: where inputs of the system differ, all of Typst's library does, and nothing laid out before counts.
        self._files = {"main.typ": _template(), "data.json": text.encode()}
        return _compiler(self._files).compile(format=form, timestamp=self._stamp, ppi=ppi)


def laid(pages: Sequence[Page], fits: Sequence[Fit]) -> list[tuple[Page, Fit]]:
    """Every sheet of some pages with how it is laid out."""
    return [(sheet, Fit(0, (), fit.size) if fit.sheets else fit) for page, fit in zip(pages, fits) for sheet in fit.sheets or (page,)]


def _too_high(page):
    return AssessmentError(f"“{page.title}”的{ENTERPRISE}排不下：有的一行比一张纸还高，请缩短其中过长的文字")


def _spread(page, share):
    sheets, size = spread(page, sizes(page), share)
    return Fit(0, (), size, sheets=sheets if len(sheets) > 1 else ())


def _count(out, form):
    return page_count(out) if form == "pdf" else len(out) if isinstance(out, list) else 1


def sizes(page: Page) -> list[float]:
    """Sizes of a page's text that are tried, largest first, in points."""
    top = setting("海报最大字号" if page.kind == POSTER else "工作页最大字号" if page.kind == WORKSHEET else "正文最大字号")
    scale, step = PAPERS[page.paper], setting("字号步长")
    least = smallest(page) / scale
    return [(top - k * step) * scale for k in range(round((top - least) / step) + 1)]


def as_data(page: Page, fit: Fit | None = None) -> dict:
    """A page as the template reads it; where it is known how it fits, with that variant alone."""
    variants = page.variants
    out: dict[str, object] = {k: getattr(page, k) for k in ("title", "subtitle", "head", "mark", "foot", "landscape", "paper")}
    out |= {"sizes": sizes(page), "smallest": smallest(page), "scale": PAPERS[page.paper]}
    if fit is not None:
        variants, out["fit"] = (variants[fit.variant],), {"variant": 0, "shown": fit.shown, "size": fit.size}
    more = {"name-width": _name_width(page), "row-pad": _ROW_PAD[page.paper]}
    out["variants"] = [{"blocks": [vars(b) | more | {"kind": type(b).__name__} for b in blocks], "splits": splits(elastic(blocks))}
                       for blocks in variants]
    return out


def _name_width(page):
    """Characters of the longest district name with its role, so that tables of several groups line up."""
    return max((len(name) + (4 if role else 0) for blocks in page.variants for b in blocks if isinstance(b, Ranking) for _, name, _, _, _, role in b.rows), default=0)


def elastic(blocks) -> list[Grid]:
    """The tables that may be shortened."""
    return [b for b in blocks if isinstance(b, Grid) and b.elastic]


def page_count(pdf: bytes) -> int:
    """Pages of a PDF as its page tree counts them."""
    counts = [int(a or b) for a, b in _PAGES.findall(pdf)]
    return max(counts, default=0)


def _compiler(files):
    import typst

    return typst.Compiler(files, font_paths=_fonts(), ignore_system_fonts=True)


@cache
def _fonts():
    import typst

    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FONTS)])


@cache
def _template():
    return TEMPLATE.read_bytes()
