"""The blocks of a page as WordprocessingML: real tables, exact line heights, every text escaped."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from xml.sax.saxutils import escape

from ..lists.text import display_width
from .model import Blanks, Figures, Grid, Page, Ranking, Sentences
from .settings import setting, smallest
from .typeset import Fit

_TITLE = 16
_LINE = "＿"
_EDGES = ("top", "left", "bottom", "right", "insideH", "insideV")


@dataclass(frozen=True)
class Ink:
    """Width between the margins (twips) and size of the text (points)."""

    width: int
    size: float


def body(page: Page, fit: Fit, ink: Ink, first: bool) -> str:
    """A page: title on a new sheet unless it is the first, its blocks as fitted, its foot."""
    least = smallest(page)
    out = [paragraph(run(page.title, _TITLE, bold=True), _TITLE, style="Heading1", new_sheet=not first, line=setting("行距")),
           paragraph(run(page.subtitle, ink.size), ink.size, after=3, border="bottom", line=setting("行距"))]
    elastic = 0
    for block in page.variants[fit.variant]:
        if isinstance(block, Grid) and block.elastic:
            out.append(_grid(block, ink, fit.shown[elastic]))
            elastic += 1
        else:
            out.append(_block(block, ink))
    out.append(paragraph(run("　".join(page.foot), least), least, before=6, border="top", line=setting("行距")))
    return "".join(out)


def _block(block, ink):
    if isinstance(block, Grid):
        return _grid(block, ink, len(block.rows))
    if isinstance(block, Figures):
        return _figures(block, ink)
    if isinstance(block, Blanks):
        return _blanks(block, ink)
    if isinstance(block, Ranking):
        raise TypeError("a ranking is printed on the poster only")
    return _sentences(block, ink)


def _heading(words, ink, more=0.0):
    """``more``: points above it besides the usual."""
    size = round(ink.size * 1.15 * 2) / 2
    return paragraph(run(words, size, bold=True), size, style="Heading2", before=0.5 * ink.size + more, after=0.15 * ink.size, keep=True) if words else ""


def _sentences(block: Sentences, ink):
    out = [_heading(block.heading, ink)]
    for k, item in enumerate(block.items, 1):
        text = run(f"{k}．", ink.size, bold=True) + run(item, ink.size) if block.numbered else run(item, ink.size)
        out.append(paragraph(text, ink.size, hanging=1.6 * ink.size if block.numbered else 0, line=setting("行距")))
    return "".join(out)


def _figures(block: Figures, ink):
    each = ink.width // len(block.items)
    cells = []
    for label, value, note in block.items:
        inside = "".join(paragraph(run(text, size, bold=bold), size, centred=True, line=1.3)
                         for text, size, bold in ((label, ink.size, False), (value, round(ink.size * 3.4) / 2, True), (note, ink.size, False)))
        cells.append(_cell(inside, each))
    return _table([each] * len(block.items), [_row(cells)], 4) + _spacer()


def _grid(block: Grid, ink, shown):
    out = [_heading(block.heading, ink)]
    if not block.rows:
        return "".join([*out, paragraph(run(block.empty, ink.size), ink.size, line=setting("行距"))])
    if shown:
        total = sum(c.share for c in block.columns)
        widths = [int(ink.width * c.share / total) for c in block.columns]
        line = setting("表格行距")

        def cells(texts, bold=False, head=False):
            return [_text_cell(text, ink.size, head or column.centred, width, line, bold, head) for text, column, width in zip(texts, block.columns, widths)]

        rows = [_row(cells([c.title for c in block.columns], True, True), head=True)]
        rows += [_row(cells(row, k in block.marks)) for k, row in enumerate(block.rows[:shown])]
        out.append(_table(widths, rows, setting("单元格上下边距")))
    rest = block.rests[shown] if block.rests else ""
    said = [text for text in (rest, block.note) if text]
    out += [paragraph(run(text, ink.size), ink.size, before=1, line=setting("表格行距")) for text in said] or [_spacer()]
    return "".join(out)


def _blanks(block: Blanks, ink):
    # The height for writing stands above the heading, where its first line is one line only.
    wide = (block.space - 1) * ink.size
    apart = bool(block.heading and block.lines) and display_width("".join(text or answer for text, answer in block.lines[0])) + 8 < ink.width / 10 / ink.size
    out = [_heading(block.heading, ink, wide if apart else 0)]
    for k, line in enumerate(block.lines):
        given = "".join(text or answer for text, answer in line)
        fills = sum(answer == "" for _, answer in line)
        room = max(int(ink.width / 10 / ink.size) - display_width(given) - 2, 8 * fills)  # half-width characters
        parts = []
        for text, answer in line:
            if answer is None:
                parts.append(run(text, ink.size))
            elif block.filled and answer.strip("　"):
                parts.append(run(f" {answer} ", ink.size, bold=True, underlined=True))
            else:
                parts.append(run(_LINE * (room // fills // 2 if answer == "" else max(4, -(-len(answer) * 11 // 10))), ink.size))
        out.append(paragraph("".join(parts), ink.size, line=setting("行距") + (0 if apart and k == 0 else block.space - 1)))
    return "".join(out)


def run(text: str, size: float, bold: bool = False, underlined: bool = False, boxed: bool = False) -> str:
    """Text of one look; line breaks kept."""
    look = ("<w:b/>" if bold else "") + f'<w:sz w:val="{round(size * 2)}"/><w:szCs w:val="{round(size * 2)}"/>'
    look += '<w:u w:val="single"/>' if underlined else ""
    look += '<w:bdr w:val="single" w:sz="8" w:space="0" w:color="000000"/>' if boxed else ""
    lines = [f'<w:t xml:space="preserve">{escape(part)}</w:t>' for part in text.split("\n")]
    return f"<w:r><w:rPr>{look}</w:rPr>{'<w:br/>'.join(lines)}</w:r>"


def paragraph(runs: str, size: float, *, line: float | None = None, style: str = "", before: float = 0, after: float = 0, centred: bool = False,
              new_sheet: bool = False, border: str = "", hanging: float = 0, keep: bool = False) -> str:
    """A paragraph whose lines are exactly ``line`` times its size apart; distances in points."""
    parts = [f'<w:pStyle w:val="{style}"/>' if style else "", "<w:keepNext/>" if keep else '<w:keepNext w:val="0"/>' if style else "",
             "<w:pageBreakBefore/>" if new_sheet else "",
             f'<w:pBdr><w:{border} w:val="single" w:sz="6" w:space="2" w:color="000000"/></w:pBdr>' if border else "",
             '<w:snapToGrid w:val="0"/>',
             f'<w:spacing w:before="{round(before * 20)}" w:after="{round(after * 20)}" w:line="{round(size * (line or 1.25) * setting("Word行高倍数") * 20)}" w:lineRule="exact"/>',
             f'<w:ind w:left="{round(hanging * 20)}" w:hanging="{round(hanging * 20)}"/>' if hanging else "", '<w:jc w:val="center"/>' if centred else ""]
    return f"<w:p><w:pPr>{''.join(parts)}</w:pPr>{runs}</w:p>"


def _spacer():
    """Word needs a paragraph between two tables; this one is two points high."""
    return '<w:p><w:pPr><w:spacing w:before="0" w:after="0" w:line="40" w:lineRule="exact"/></w:pPr></w:p>'


@lru_cache(maxsize=20_000)
def _text_cell(text, size, centred, width, line, bold, head):
    """Kept, as enterprises are held against the same conditions."""
    return _cell(paragraph(run(text, size, bold=bold), size, centred=centred, line=line), width, head)


def _cell(inside, width, head=False):
    ground = '<w:shd w:val="clear" w:color="auto" w:fill="E4E4E4"/>' if head else ""
    return f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{ground}<w:vAlign w:val="center"/></w:tcPr>{inside}</w:tc>'


def _row(cells, head=False):
    return f'<w:tr><w:trPr><w:cantSplit/>{"<w:tblHeader/>" if head else ""}</w:trPr>{"".join(cells)}</w:tr>'


def _table(widths, rows, pad):
    edges = "".join(f'<w:{edge} w:val="single" w:sz="{8 if edge in ("top", "bottom") else 4}" w:space="0" w:color="404040"/>' for edge in _EDGES)
    space = f'<w:top w:w="{round(pad * 20)}" w:type="dxa"/><w:left w:w="60" w:type="dxa"/><w:bottom w:w="{round(pad * 20)}" w:type="dxa"/><w:right w:w="60" w:type="dxa"/>'
    grid = "".join(f'<w:gridCol w:w="{w}"/>' for w in widths)
    return (f'<w:tbl><w:tblPr><w:tblW w:w="{sum(widths)}" w:type="dxa"/><w:tblInd w:w="60" w:type="dxa"/><w:tblBorders>{edges}</w:tblBorders><w:tblLayout w:type="fixed"/>'
            f'<w:tblCellMar>{space}</w:tblCellMar></w:tblPr><w:tblGrid>{grid}</w:tblGrid>{"".join(rows)}</w:tbl>')
