"""What a score is made of: stacked parts of a score, and the bridge between two scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.patheffects as effects
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from analysis import style
from analysis.plots import layout

ADJUSTMENT_COLUMN = "加减分"


def plot_composition(
    contributions: pd.DataFrame,
    order: Sequence[str] | None = None,
    names: Mapping[str, str] | None = None,
    home: str | None = None,
    benchmark: str | None = None,
    ax: Axes | None = None,
    decimals: int = 2,
    **kwargs: object,
) -> Axes:
    """Stacked horizontal bars of the points that add up to each district's score.

    Parameters
    ----------
    contributions
        District × part, in points of the parent's score. Negative points are
        drawn to the left of zero. The column 加减分, where present, comes last.
    order
        Districts from top to bottom; by default the highest total first.
    names
        Part code -> name for the legend.

    The total of the row is written at its end. A row with a missing part
    shows the parts that are known and 有缺项 in place of a total.
    """
    if order is None:
        order = contributions.sum(axis=1, skipna=False).sort_values(ascending=False).index
    table = contributions.reindex(list(order)).astype(float)
    adjusted = [column for column in table.columns if column == ADJUSTMENT_COLUMN]
    table = table[[column for column in table.columns if column not in adjusted] + adjusted]
    names = dict(names or {})
    safe = layout.safe_texts(table.index, [names.get(part, part) for part in table.columns])
    wrap = 24 if len(table) <= 30 else 60
    labels = [style.wrap_label(safe[district], wrap) for district in table.index]
    lines = max((label.count("\n") + 1 for label in labels), default=1)
    rows = len(table) + 1
    ax = layout.prepare_axes(ax, layout.figure_size(rows, lines=lines))
    size = layout.row_font(ax, rows, lines)

    totals = table.sum(axis=1, skipna=False)
    looks = [layout.role_style(district, home, benchmark) for district in table.index]
    columns = [("合计", [layout.number(t, decimals, absent="有缺项") for t in totals])]
    if adjusted:
        points = [layout.number(v, decimals, signed=True) for v in table[ADJUSTMENT_COLUMN]]
        columns.insert(0, (f"其中{ADJUSTMENT_COLUMN}", points))
    low = min(0.0, table.clip(upper=0).sum(axis=1).min())
    high = max(table.clip(lower=0).sum(axis=1).max(), -low * 0.1, 1e-9)
    room = max((layout.text_points(label, size) for label in labels), default=0)
    room += layout.columns_points(columns, size) + 20
    per_unit = layout.width_points(ax, room) * 0.9 / (high - low)
    keys = []
    for i, part in enumerate(table.columns):
        color, hatch, edge = _fill_style(i, part)
        _stack(ax, table, i, color, hatch, edge, per_unit, size, decimals)
        keys.append(Patch(facecolor=color, hatch=hatch, edgecolor=edge, lw=0.5,
                          label=safe[names.get(part, part)]))

    positions = range(len(table))
    layout.label_rows(ax, positions, labels, size, looks)
    layout.side_columns(ax, positions, columns, size, -0.9, looks)
    ax.set_ylim(len(table) - 0.4, -1.3)
    ax.set_xlim(low * 1.06, high * 1.01)
    ax.vlines(0, -0.5, len(table) - 0.4, color=style.INK, lw=0.9, zorder=4)
    ax.set_xlabel("得分构成（分），各部分相加等于合计")
    layout.legend_below(ax, keys)
    ax.set(**kwargs)
    return ax


def _fill_style(i: int, part: object) -> tuple[str, str, str]:
    if part == ADJUSTMENT_COLUMN:
        return style.ADJUSTMENT, "xxx", "white"
    color = style.PARTS[i % len(style.PARTS)]
    hatch = style.HATCHES[i % len(style.HATCHES)]
    again = i // len(style.PARTS)
    if again:
        # The palette begins again; another hatch keeps its second round apart.
        hatch = ("++", "oo", "||", "--")[(again - 1 + i) % 4]
    return color, hatch, "white" if style.ink_on(color) == "white" else style.MUTED


def _stack(ax, table, i, color, hatch, edge, per_unit, size, decimals) -> None:
    values = table.iloc[:, i].fillna(0.0).to_numpy()
    before = table.iloc[:, :i].fillna(0.0)
    left = np.where(values >= 0, before.clip(lower=0).sum(axis=1), before.clip(upper=0).sum(axis=1))
    ax.barh(range(len(table)), values, left=left, height=0.66, color=color, hatch=hatch,
            edgecolor=edge, lw=0.5, zorder=2)
    ink = style.ink_on(color)
    for row, value in enumerate(values):
        for places in (min(decimals, 1), 0):
            text = layout.number(value, places)
            if value and layout.text_points(text, size * 0.85) + 3 <= abs(value) * per_unit:
                ax.text(left[row] + value / 2, row, text, ha="center", va="center", color=ink,
                        fontsize=size * 0.85, zorder=3,
                        path_effects=[effects.withStroke(linewidth=2.4, foreground=color)])
                break


def plot_gap_waterfall(
    parts: pd.Series,
    start_label: str,
    end_label: str,
    start: float = 0.0,
    names: Mapping[str, str] | None = None,
    ax: Axes | None = None,
    decimals: int = 2,
    **kwargs: object,
) -> Axes:
    """Bridge from one score to another: `start` plus every part gives the end.

    Parameters
    ----------
    parts
        Points that each indicator adds (positive) or takes (negative), in
        drawing order; their sum is the difference of the two scores.
    start
        Score of `start_label`; the end is ``start + parts.sum()``.

    The axis is written to begin where it does: the bridge shows differences,
    and the two ends are given as dots, not as bars cut short.
    """
    names = dict(names or {})
    parts = parts.astype(float)
    if parts.isna().any():
        unknown = "、".join(str(names.get(code, code)) for code in parts.index[parts.isna()])
        raise ValueError(f"以下指标缺少分差，无法画分差分解图：{unknown}。")
    titles = [names.get(code, code) for code in parts.index]
    safe = layout.safe_texts([start_label, end_label], titles)
    labels = [safe[start_label], *(style.wrap_label(safe[t], 28) for t in titles), safe[end_label]]
    lines = max(label.count("\n") + 1 for label in labels)
    ax = layout.prepare_axes(ax, layout.figure_size(len(labels), lines=lines))
    size = layout.row_font(ax, len(labels), lines)
    after = start + parts.cumsum().to_numpy()
    before = np.concatenate([[start], after[:-1]])
    for row, (a, b) in enumerate(zip(before, after), start=1):
        gain = b >= a
        ax.barh(row, b - a, left=a, height=0.6, zorder=2, lw=0.5,
                color=style.BENCHMARK if gain else style.LAGGING, hatch="" if gain else "///",
                edgecolor="white" if gain else style.HOME)
        ax.plot([b, b], [row, row + 1], color=style.MUTED, lw=0.7, zorder=1)
    end = float(after[-1]) if len(after) else start
    ax.plot([start, start], [0, 1], color=style.MUTED, lw=0.7, zorder=1)
    last = len(labels) - 1
    ax.plot([start, end], [0, last], ls="", marker="D", color=style.INK, ms=6.5, zorder=3)
    texts = [layout.number(start, decimals),
             *(layout.number(v, decimals, signed=True) for v in parts),
             layout.number(end, decimals)]
    ends = {"weight": "bold", "color": style.INK}
    looks = [ends, *[{"weight": "normal"}] * len(parts), ends]
    layout.label_rows(ax, range(len(labels)), labels, size, looks)
    layout.side_columns(ax, range(len(labels)), [("分", texts)], size, -0.9, looks)
    levels = [start, end, *after]
    margin = max(0.04 * (max(levels) - min(levels)), 1e-3 * max(map(abs, levels))) or 0.04
    ax.set_xlim(min(levels) - margin, max(levels) + margin)
    ax.ticklabel_format(axis="x", useOffset=False)
    ax.set_ylim(last + 0.6, -1.3)
    ax.set_xlabel("得分（分），横轴只截取两个得分之间的一段")
    layout.legend_below(ax, [
        Patch(facecolor=style.BENCHMARK, label="增加得分"),
        Patch(facecolor=style.LAGGING, hatch="///", edgecolor=style.HOME, lw=0.5, label="减少得分"),
    ])
    ax.set(**kwargs)
    return ax
