"""What a notebook calls to show its findings; looks alike in JupyterLab and on the exported page.

Each function displays at once and returns nothing. All text is escaped;
``**words**`` makes emphasis. Statuses are 公布, 推算, 示例 or 不详.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cache
from pathlib import Path

import pandas as pd

from analysis.report import describing, markup
from analysis.report.outputs import HEADLINE_MIME, ILLUSTRATIVE, KEYS_MIME, STYLE_TAG

_ASSETS = Path(__file__).with_name("assets")
_DPI = 192  # twice the pixels of a page
_MARK_FONT = Path(__file__).parents[1] / "fonts" / "NotoSansSC-Regular-GB2312.ttf"


@cache
def style() -> str:
    """The components' style sheet as an element, for what is shown outside a cell's output."""
    return f"{STYLE_TAG}{(_ASSETS / 'components.css').read_text('utf-8')}</style>"


def _emit(html: str, text: str, **extra: object) -> None:
    from IPython.display import display

    display({"text/html": html, "text/plain": text, **extra}, raw=True)


def banner(case: object) -> None:
    """The illustrative-data banner, when ``case.illustrative`` is true; the styles in any case."""
    if getattr(case, "illustrative", False):
        html = f'<div class="ys ys-banner" role="note">示例数据 <span>{ILLUSTRATIVE}。</span></div>'
        _emit(style() + html, f"【示例数据】{ILLUSTRATIVE}。")
    else:
        _emit(style(), "")


def title(text: str, subtitle: str = "") -> None:
    """The page's one first-level heading, with a line under it."""
    below = f"<p>{markup.inline(subtitle)}</p>" if subtitle else ""
    html = f'<header class="ys ys-title"><h1>{markup.inline(text)}</h1>{below}</header>'
    _emit(style() + html, "\n".join(filter(None, (markup.plain(text), markup.plain(subtitle)))))


def heading(text: str, level: int = 2) -> None:
    """A heading whose words come from the data; fixed headings belong in Markdown cells."""
    if level not in (2, 3, 4):
        raise ValueError("标题级别只能是 2、3、4（一级标题由 title 给出）")
    _emit(f"<h{level}>{markup.inline(text)}</h{level}>", markup.plain(text))


def say(*sentences: str, kind: str = "conclusion") -> None:
    """Sentences, one item each. ``kind`` is "conclusion" (framed) or "note" (small print)."""
    if kind not in ("conclusion", "note"):
        raise ValueError('kind 只能是 "conclusion" 或 "note"')
    kept = [sentence for sentence in sentences if sentence]
    if not kept:
        return
    if len(kept) == 1:
        inner = f"<p>{markup.inline(kept[0])}</p>"
    else:
        tag = "ol" if kind == "conclusion" else "ul"
        inner = f"<{tag}>{''.join(f'<li>{markup.inline(sentence)}</li>' for sentence in kept)}</{tag}>"
    _emit(f'<div class="ys ys-say ys-{kind}">{inner}</div>', "\n".join(map(markup.plain, kept)))


def opening(*sentences: str, most: int = 5) -> None:
    """The answer a page opens with: ``most`` sentences framed, whatever else is to be known with them in small print below."""
    kept = [sentence for sentence in sentences if sentence]
    say(*kept[:most])
    say(*kept[most:], kind="note")


def headline(*sentences: str) -> None:
    """Record sentences for the case's index page. Nothing is shown here."""
    kept = [markup.plain(sentence) for sentence in sentences if sentence]
    _emit("", "", **{HEADLINE_MIME: {"sentences": kept}})


def keys(items: Sequence[Sequence], record: bool = True) -> None:
    """Cards of key figures: (label, value[, note[, status]]).

    ``record`` also sends them to the case's index page.
    """
    cards, lines, kept = [], [], []
    for item in items:
        label, value, note, status = [*item, "", ""][:4] if len(item) < 4 else item
        value = markup.MISSING if value is None or value != value else value
        small = f'<dd class="ys-small">{markup.inline(note)}</dd>' if note else ""
        cards.append(f'<div class="ys-key"><dt>{markup.inline(label)}{markup.badges(status)}</dt>'
                     f'<dd class="ys-value">{markup.inline(value)}</dd>{small}</div>')
        words = "、".join(markup.split_status(status))
        lines.append(f"{markup.plain(label)}：{markup.plain(value)}" + (f"（{words}）" if words else ""))
        kept.append({"label": markup.plain(label), "value": markup.plain(value), "note": markup.plain(note), "status": words})
    extra = {KEYS_MIME: {"keys": kept}} if record else {}
    _emit(f'<dl class="ys ys-keys">{"".join(cards)}</dl>', "\n".join(lines), **extra)


def _as_figure(ax_or_fig: object) -> object:
    while isinstance(ax_or_fig, (list, tuple)) or type(ax_or_fig).__name__ == "ndarray":
        ax_or_fig = ax_or_fig[0]
    if hasattr(ax_or_fig, "savefig"):
        return ax_or_fig
    found = getattr(ax_or_fig, "figure", None)
    if found is None:
        raise TypeError("figure 需要一个 matplotlib 的图（Figure）或坐标系（Axes）")
    return found


def _png(fig: object, mark: str = "") -> tuple[bytes, int, int]:
    """The figure at twice its screen resolution in 256 colours (a third of the size, no difference
    that an eye sees), with its size in screen pixels; ``mark`` is written under it at the right.

    The layout is made once without drawing and then kept, so that each chart is drawn
    once (a tight box asked of ``savefig`` lays it out and draws it twice more). What is drawn goes to
    the palette as plain pixels: a PNG in between would be written and read only to be thrown away.
    """
    from matplotlib import rc_context
    from matplotlib.font_manager import FontProperties
    from PIL import Image

    from analysis.plots.measured import texts_measured_once

    fig.set_dpi(_DPI)
    with texts_measured_once(), io.BytesIO() as out:
        layout = fig.get_layout_engine()
        if layout is not None:
            layout.execute(fig)
        with rc_context({"figure.autolayout": False, "figure.constrained_layout.use": False}):
            fig.set_layout_engine(None)
        box = fig.get_tightbbox()
        if mark:
            at = box.transformed(fig.dpi_scale_trans + fig.transFigure.inverted())
            written = fig.text(at.x1, at.y0, mark, ha="right", va="top", color="#b01c1c", fontproperties=FontProperties(fname=str(_MARK_FONT), size=9))
            box = box.union([box, written.get_window_extent().transformed(fig.dpi_scale_trans.inverted())])
        box = box.padded(0.08)
        fig.savefig(out, format="rgba", dpi=_DPI, bbox_inches=box, facecolor="white")
        size = int(box.width * _DPI), int(box.height * _DPI)
        drawn = Image.frombytes("RGB", size, out.getbuffer(), "raw", "RGBX").quantize(256, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    # The octree's white is a shade off, which shows as a box on the page.
    drawn.putpalette([255 if shade >= 254 else shade for shade in drawn.getpalette()])
    with io.BytesIO() as out:
        drawn.save(out, "PNG")
        return out.getvalue(), drawn.width // 2, drawn.height // 2


def figure(ax_or_fig: object, caption: str, alt: str, source: str = "", status: str | Collection[str] = "") -> None:
    """A chart as <figure>: caption, what to read from it, image, source and status. Closes the chart.

    ``alt`` says in words what the chart shows and must not be empty; it is printed above the image, where everybody
    reads it once. The image's own alternative text says what is drawn (axes, legend), which the sentence does not.
    The word 示例 is drawn into the image of illustrative data, so that it stays with a
    copied picture.
    """
    import matplotlib.pyplot as plt

    if not str(alt).strip():
        raise ValueError("figure 缺少替代文字 alt：请用一句话说出图里看到什么")
    words, alt = markup.split_status(status), markup.nested(str(alt))
    fig = _as_figure(ax_or_fig)
    try:
        data, width, height = _png(fig, "示例数据" if "示例" in words else "")
        drawn = f"图：{markup.plain(caption)}。{describing.in_words(fig)}"
    finally:
        plt.close(fig)
    image = (f'<img src="data:image/png;base64,{base64.b64encode(data).decode()}" '
             f'width="{width}" height="{height}" style="--ys-w:{width}px;--ys-h:{height}px" alt="{markup.escape(drawn)}">')
    html = (f'<figure class="ys ys-figure"><figcaption>{markup.inline(caption)}{markup.badges(words)}</figcaption>'
            f'<p class="ys-reading">{markup.escape(alt)}</p>'
            f'<div class="ys-frame">{image}</div>{markup.source_line(source, words)}</figure>')
    _emit(html, f"〔图〕{markup.plain(caption)}：{alt}")


def table(
    df: pd.DataFrame,
    caption: str,
    source: str = "",
    status: str | Collection[str] = "",
    formats: Mapping[str, str | Callable] | None = None,
    highlight_rows: object = None,
    notes: Sequence[str] | str | None = None,
    status_cells: pd.DataFrame | Mapping | None = None,
    tooltips: pd.DataFrame | Mapping | None = None,
    faint: pd.DataFrame | Mapping | None = None,
    fold: bool = False,
) -> None:
    """A table that sorts, filters and copies on the exported page.

    Parameters
    ----------
    df : its index is shown unless it is a nameless 0, 1, 2, …; NaN shows as —.
    formats : column -> format spec (".2f" or "{:.2f}%") or a function of the value.
    highlight_rows : index labels, a boolean array, or a function of the row.
    notes : footnotes.
    status_cells, tooltips : a frame with the same labels, or {(index label, column): text};
        a status marks its cell (示 / 推 / ?), a tooltip says where it comes from.
    faint : the same; a cell with a reason is printed grey.
    fold : only the caption is seen until it is opened; for tables to look things up in.
    """
    html = markup.table(df, caption, source=source, status=status, formats=formats, highlight_rows=highlight_rows,
                        notes=notes, status_cells=status_cells, tooltips=tooltips, faint=faint, fold=fold)
    _emit(html, f"〔表〕{markup.plain(caption)}\n{df.head(20).to_string()}")


def links(items: Sequence[tuple[str, str]]) -> None:
    """Links to files beside the page: (relative address, text)."""
    from urllib.parse import quote

    lines = "".join(f'<li><a href="{markup.escape(quote(href))}">{markup.inline(text)}</a></li>' for href, text in items)
    _emit(f'<ul class="ys ys-links">{lines}</ul>', "\n".join(f"{markup.plain(text)}：{href}" for href, text in items))
