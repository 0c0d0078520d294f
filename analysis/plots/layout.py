"""What every chart shares: sizes from row counts, safe labels, columns of figures."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator
from matplotlib.transforms import offset_copy

from analysis import style

WIDTH = 7.6  # inches: the text width of an A4 page with narrow margins
_TALLEST_BODY = 14.0  # inches: about 100 rows still fit one printed page
_ROW = 0.34


def figure_size(n_rows: float, width: float = WIDTH, lines: int = 1) -> tuple[float, float]:
    """Inches (width, height) of a chart with `n_rows` rows of `lines` text lines.

    Rows are 0.34 in (0.15 in more per further line) and shrink, down to
    0.145 in, so that some 100 rows still print on one page.
    """
    roomy = _ROW + 0.15 * (lines - 1)
    row = min(roomy, max(0.145, _TALLEST_BODY / max(n_rows, 1)))
    return width, max(2.2, 1.15 + row * n_rows)


def prepare_axes(ax: Axes | None, size: tuple[float, float]) -> Axes:
    """`ax` itself, or the axes of a new figure of `size` that makes room for its labels."""
    style.ensure_style()
    if ax is None:
        _, ax = plt.subplots(figsize=size, layout="constrained")
    return ax


def row_font(ax: Axes, n_rows: float, lines: int = 1, largest: float = 9.5) -> float:
    """Font size in points at which `lines` text lines fit into one of `n_rows` rows."""
    row = _height_points(ax) / max(n_rows, 1)
    return float(np.clip(0.82 * row / lines / (1.0 if lines == 1 else 1.15), 4.0, largest))


def _height_points(ax: Axes) -> float:
    figure = ax.get_figure(root=True)
    if _alone(ax):
        return figure.get_figheight() * 72 - 75
    return ax.get_position().height * figure.get_figheight() * 72


def width_points(ax: Axes, reserved: float = 0.0) -> float:
    """Expected width of the axes in points when `reserved` points go to labels beside it."""
    figure = ax.get_figure(root=True)
    if _alone(ax):
        return max(60.0, figure.get_figwidth() * 72 - reserved - 20)
    return ax.get_position().width * figure.get_figwidth() * 72


def _alone(ax: Axes) -> bool:
    # Before the layout engine has run, the position of axes is a default that
    # says nothing; alone in its figure it will get all that the labels leave.
    figure = ax.get_figure(root=True)
    return len(figure.axes) == 1 and figure.get_layout_engine() is not None


def text_points(text: str, size: float) -> float:
    """Approximate width of the longest line of `text` in points (a little generous)."""
    return max(style.display_width(line) for line in text.split("\n")) * size * 0.58 + 1


def safe_texts(*collections: Iterable[object]) -> dict[object, str]:
    """Every text as it can be drawn, after one warning about what cannot."""
    originals = [text for collection in collections for text in collection]
    style.warn_missing(originals)
    return {text: style.drawable(text) for text in originals}


def role_style(district: object, home: object, benchmark: object) -> dict[str, object]:
    """Colour, weight and marker that tell the home and benchmark districts from the rest."""
    if home is not None and district == home:
        return {"color": style.HOME, "weight": "bold", "marker": style.MARKERS["home"]}
    if benchmark is not None and district == benchmark:
        return {"color": style.BENCHMARK, "weight": "bold", "marker": style.MARKERS["benchmark"]}
    return {"color": style.OTHER, "weight": "normal", "marker": style.MARKERS["other"]}


def label_rows(
    ax: Axes,
    positions: Sequence[float],
    labels: Sequence[str],
    size: float,
    emphasis: Sequence[dict[str, object]] | None = None,
    pad: float = 6.0,
) -> None:
    """Write row labels left of the axes, first row on top."""
    ax.set_yticks(positions, labels, fontsize=size, linespacing=1.05)
    ax.tick_params(axis="y", length=0, pad=pad)
    ax.spines["left"].set_visible(False)
    for tick, look in zip(ax.get_yticklabels(), emphasis or []):
        if look["weight"] == "bold":
            tick.set(color=look["color"], fontweight="bold")


def highlight_row(ax: Axes, position: float, color: str) -> None:
    """A pale band behind a row that the reader looks for."""
    ax.axhspan(position - 0.46, position + 0.46, color=color, alpha=0.09, lw=0, zorder=0)


def side_columns(
    ax: Axes,
    positions: Sequence[float],
    columns: Sequence[tuple[str, Sequence[str]]],
    size: float,
    header_position: float,
    emphasis: Sequence[dict[str, object]] | None = None,
    start: float = 4.0,
) -> float:
    """Write right-aligned columns (heading, one text per row) beyond the right edge.

    They begin `start` points from the edge; returns where they end.
    """
    offset = start
    for heading, texts in columns:
        longest = max([heading, *texts], key=style.display_width)
        offset += text_points(longest, size) + 7
        place = {"xytext": (offset, 0), "textcoords": "offset points", "ha": "right",
                 "va": "center", "fontsize": size, "annotation_clip": False}
        across = ("axes fraction", "data")
        ax.annotate(heading, (1, header_position), xycoords=across, color=style.MUTED, **place)
        for i, (position, text) in enumerate(zip(positions, texts)):
            look = emphasis[i] if emphasis else {"weight": "normal"}
            color = look["color"] if look["weight"] == "bold" else style.INK
            ax.annotate(text, (1, position), xycoords=across, color=color,
                        fontweight=look["weight"], **place)
    return offset


def columns_points(columns: Sequence[tuple[str, Sequence[str]]], size: float) -> float:
    """The points that :func:`side_columns` will take."""
    return 4.0 + sum(
        text_points(max([heading, *texts], key=style.display_width), size) + 7
        for heading, texts in columns
    )


def value_limits(values: pd.Series | np.ndarray) -> tuple[float, float]:
    """Axis ends for dots: from zero when the values reach near it, else rounded around them."""
    finite = np.asarray(values, dtype=float)
    finite = finite[np.isfinite(finite)]
    if not len(finite):
        return 0.0, 1.0
    low, high = float(finite.min()), float(finite.max())
    span = (high - low) or max(abs(high) * 0.02, 1.0)
    if 0 <= low < 0.35 * high:
        low_end = 0.0
    else:
        low_end = low - 0.08 * span
    ticks = value_locator().tick_values(low_end, high + 0.05 * span)
    # Marks out of a hundred must not suggest that more than a hundred was possible.
    high_end = 100.0 if 90 < high <= 100 and ticks[-1] > 100 else float(ticks[-1])
    return (0.0 if low_end == 0 else float(ticks[0])), high_end


def value_locator() -> MaxNLocator:
    """The ticks that :func:`value_limits` rounds to."""
    return MaxNLocator(7, steps=[1, 2, 2.5, 5, 10])


def axis_range_note(low: float, high: float) -> str:
    """The words that warn of an axis which does not begin at zero."""
    return "" if low <= 0 <= high else f"（横轴范围 {low:g}～{high:g}，不从零起）"


def number(value: object, decimals: int = 2, signed: bool = False, absent: str = "—") -> str:
    """A figure for a label with a true minus sign; texts such as ``**`` stay as they are."""
    if isinstance(value, str):
        return value
    if value is None or pd.isna(value):
        return absent
    rounded = round(float(value), decimals) + 0.0
    text = f"{rounded:{'+' if signed and rounded else ''}.{decimals}f}"
    return text.replace("-", "−")


def place(value: object) -> str:
    """A rank as text: shared places may be halves."""
    if isinstance(value, str):
        return value
    return "—" if value is None or pd.isna(value) else f"{float(value):g}"


def marker_key(label: str, marker: str, color: str, hollow: bool = False) -> Line2D:
    """Legend entry for a marker."""
    return Line2D([], [], linestyle="", marker=marker, markersize=7, label=label,
                  markerfacecolor="white" if hollow else color, markeredgecolor=color)


def note_key(label: str) -> Line2D:
    """Legend entry that is only words."""
    return Line2D([], [], linestyle="", label=label)


def legend_below(ax: Axes, handles: Sequence[object], drop: float = 40.0) -> None:
    """Legend `drop` points under the axes, in as many columns as its labels allow."""
    if not handles:
        return
    widest = max(text_points(handle.get_label(), 8.5) for handle in handles) + 40
    columns = max(1, min(len(handles), math.floor(width_points(ax, 150) / widest)))
    rows = math.ceil(len(handles) / columns)
    columns = math.ceil(len(handles) / rows)
    # matplotlib fills a legend column by column; readers read it row by row.
    filled = [handle for start in range(columns) for handle in handles[start::columns]]
    under = offset_copy(ax.transAxes, ax.get_figure(root=True), y=-drop, units="points")
    ax.legend(handles=filled, loc="upper left", bbox_to_anchor=(0, 0),
              bbox_transform=under, borderaxespad=0, ncols=columns, fontsize=8.5,
              handlelength=1.8, handleheight=1.0, columnspacing=1.6)
