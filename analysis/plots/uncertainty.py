"""How sure a rank is: intervals of ranks and how often each rank comes up."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.ticker import MaxNLocator

from analysis import style
from analysis.plots import layout

_FREQUENCY = LinearSegmentedColormap.from_list("frequency", ("#FFFFFF", "#C9D6E6", "#6E8DB3", "#12305A"))


def plot_rank_ranges(
    table: pd.DataFrame,
    home: str | None = None,
    benchmark: str | None = None,
    ax: Axes | None = None,
    coverage: str = "",
    **kwargs: object,
) -> Axes:
    """Interval and median of each district's rank; rank 1 is on the left.

    Parameters
    ----------
    table
        Columns ``district, low, median, high`` (low = best rank), drawn in
        order of the median.
    coverage
        What the interval means, for the legend, such as ``90%区间``.
    """
    ordered = table.sort_values(["median", "low", "high"])
    safe = layout.safe_texts(ordered["district"])
    wrap = 24 if len(ordered) <= 30 else 60
    labels = [style.wrap_label(safe[district], wrap) for district in ordered["district"]]
    lines = max((label.count("\n") + 1 for label in labels), default=1)
    rows = len(ordered) + 1
    ax = layout.prepare_axes(ax, layout.figure_size(rows, lines=lines))
    size = layout.row_font(ax, rows, lines)
    looks = [layout.role_style(d, home, benchmark) for d in ordered["district"]]
    last = float(np.nanmax(ordered["high"].to_numpy(dtype=float), initial=1.0))
    spans = []
    for row, (record, look) in enumerate(zip(ordered.itertuples(), looks)):
        color = style.MUTED if look["weight"] == "normal" else look["color"]
        if look["weight"] == "bold":
            layout.highlight_row(ax, row, color)
        ax.hlines(row, 0.5, last + 0.5, colors=style.RULE, lw=0.7, linestyles=":", zorder=0.5)
        known = pd.notna(record.low) and pd.notna(record.high)
        if known:
            ax.plot([record.low, record.high], [row, row], color=color, lw=2.4, zorder=2,
                    marker="|", ms=min(8, size * 0.8))
            ax.plot(record.median, row, ls="", marker=look["marker"], color=look["color"],
                    markeredgecolor=style.INK, markeredgewidth=0.5, ms=min(7, size * 0.8), zorder=3)
        else:
            ax.annotate("位次未定", (0.5, row), xytext=(6, 0), textcoords="offset points",
                        va="center", fontsize=size * 0.92, color=style.MUTED)
        spans.append(f"{layout.place(record.low)}～{layout.place(record.high)}" if known else "—")
    layout.label_rows(ax, range(len(ordered)), labels, size, looks)
    columns = [("中位", [layout.place(v) for v in ordered["median"]]), ("区间", spans)]
    layout.side_columns(ax, range(len(ordered)), columns, size, -0.9, looks)
    ax.set_xlim(0.5, last + 0.5)
    ax.set_ylim(len(ordered) - 0.4, -1.3)
    ax.xaxis.set_major_locator(MaxNLocator(12, integer=True, min_n_ticks=1))
    ax.set_xlabel("位次（左侧为第1名）" + (f"，横线为{style.drawable(coverage)}" if coverage else ""))
    ax.set(**kwargs)
    return ax


def plot_rank_frequency(
    matrix: pd.DataFrame,
    home: str | None = None,
    benchmark: str | None = None,
    ax: Axes | None = None,
    **kwargs: object,
) -> Axes:
    """Probability of every rank for every district; the darker, the likelier.

    Parameters
    ----------
    matrix
        District × rank (columns 1, 2, …), probabilities of 0…1; rows follow
        the expected rank. Cells below 0.5 % are left without a figure.
    """
    places = np.asarray(matrix.columns, dtype=float)
    expected = matrix.to_numpy(dtype=float) @ places
    table = matrix.iloc[np.argsort(expected, kind="stable")].astype(float)
    safe = layout.safe_texts(table.index)
    labels = [style.wrap_label(safe[d], 24 if len(table) <= 30 else 60) for d in table.index]
    lines = max((label.count("\n") + 1 for label in labels), default=1)
    rows, width = table.shape
    inches = max(layout.WIDTH, 1.6 + 0.3 * width) if width <= 40 else 1.6 + 0.16 * width
    ax = layout.prepare_axes(ax, layout.figure_size(rows, width=inches, lines=lines))
    size = layout.row_font(ax, rows, lines)
    most = float(np.nanmax(table.to_numpy(), initial=1e-9))
    ax.pcolormesh(np.arange(width + 1) + 0.5, np.arange(rows + 1) - 0.5, table.to_numpy(),
                  cmap=_FREQUENCY, vmin=0, vmax=most, edgecolors=style.RULE, lw=0.4)
    room = max((layout.text_points(label, size) for label in labels), default=0) + 14
    cell = layout.width_points(ax, room) / max(width, 1)
    if cell >= 15:
        for row, column in np.argwhere(table.to_numpy() >= 0.005):
            share = table.iat[row, column]
            ax.text(column + 1, row, f"{max(1, round(100 * share))}", ha="center", va="center",
                    fontsize=min(size, cell / 2.2), zorder=3,
                    color=style.ink_on(_FREQUENCY(share / most)))
    looks = [layout.role_style(d, home, benchmark) for d in table.index]
    layout.label_rows(ax, range(rows), labels, size, looks)
    step = 1 if cell >= 15 else 5
    shown = list(range(0, width, step))
    ax.set_xticks([i + 1 for i in shown], [f"{places[i]:g}" for i in shown])
    ax.tick_params(axis="x", length=0)
    ax.spines["bottom"].set_visible(False)
    ax.set_xlim(0.5, width + 0.5)
    ax.set_ylim(rows - 0.5, -0.5)
    ax.set_xlabel("位次；格内为出现的概率（%）" if cell >= 15 else "位次；颜色越深，出现的概率越大")
    ax.set(**kwargs)
    return ax
