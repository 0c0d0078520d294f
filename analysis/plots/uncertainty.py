"""How sure a rank is: intervals of ranks and how often each rank comes up."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from analysis import style
from analysis.plots import layout

_FREQUENCY = LinearSegmentedColormap.from_list("frequency", ("#FFFFFF", "#C9D6E6", "#6E8DB3", "#12305A"))
_GAP = 0.35  # rows left free below a ranking group


def plot_rank_ranges(
    table: pd.DataFrame,
    home: str | None = None,
    benchmark: str | None = None,
    ax: Axes | None = None,
    coverage: str = "",
    **kwargs: object,
) -> Axes:
    """Interval, median and stated rank of each district; rank 1 is on the left.

    Parameters
    ----------
    table
        Columns ``district, low, median, high`` (low = best rank), drawn in
        order of the median; optionally ``rank`` (the stated one, a hollow
        diamond) and ``group`` (one block per ranking group).
    coverage
        What the interval means, for the legend, such as ``90%区间``.
    """
    groups = table["group"] if "group" in table else pd.Series("", table.index)
    ordered, positions, headings, bottom = _blocks(table, groups, ["median", "low", "high"])
    safe = layout.safe_texts(ordered["district"], [name for name, _, _ in headings])
    wrap = 24 if len(ordered) <= 30 else 60
    labels = [style.wrap_label(safe[district], wrap) for district in ordered["district"]]
    lines = max((label.count("\n") + 1 for label in labels), default=1)
    ax = layout.prepare_axes(ax, layout.figure_size(bottom + 1, lines=lines))
    size = layout.row_font(ax, bottom + 1, lines)
    looks = [layout.role_style(d, home, benchmark) for d in ordered["district"]]
    stated = ordered["rank"] if "rank" in ordered else pd.Series(np.nan, ordered.index)
    last = float(np.nanmax(np.append(ordered["high"].to_numpy(dtype=float), stated.to_numpy(dtype=float)), initial=1.0))
    spans = []
    for row, record, rank, look in zip(positions, ordered.itertuples(), stated, looks):
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
        if pd.notna(rank):
            ax.plot(rank, row, ls="", marker="D", markerfacecolor="none", markeredgecolor=style.INK,
                    markeredgewidth=1.0, ms=min(11, size * 1.25), zorder=4)
        ends = dict.fromkeys([layout.place(record.low), layout.place(record.high)])
        spans.append("～".join(ends) if known else "—")
    _headings(ax, headings, safe, size)
    layout.label_rows(ax, positions, labels, size, looks)
    columns = [("位次", [layout.place(v) for v in stated])] if stated.notna().any() else []
    columns += [("中位", [layout.place(v) for v in ordered["median"]]), ("区间", spans)]
    layout.side_columns(ax, positions, columns, size, -0.9, looks)
    ax.set_xlim(0.5, last + 0.5)
    ax.set_ylim(bottom - 0.4, -1.3)
    ax.xaxis.set_major_locator(MaxNLocator(12, integer=True, min_n_ticks=1))
    ax.set_xlabel("位次（左侧为第1名）" + (f"，横线为{style.drawable(coverage)}" if coverage else ""))
    if stated.notna().any():
        layout.legend_below(ax, _keys(looks, coverage))
    ax.set(**kwargs)
    return ax


def plot_rank_frequency(
    matrix: pd.DataFrame,
    home: str | None = None,
    benchmark: str | None = None,
    ax: Axes | None = None,
    groups: pd.Series | None = None,
    **kwargs: object,
) -> Axes:
    """Share of the repetitions in which each district takes each rank; the darker, the more.

    Parameters
    ----------
    matrix
        District × rank (columns 1, 2, …), shares of 0…1; rows follow the
        mean rank. Cells below 0.5 % are left without a figure.
    groups
        Ranking group by district: one block per group, named above it.
    """
    places = np.asarray(matrix.columns, dtype=float)
    named = pd.Series("", matrix.index) if groups is None else groups.reindex(matrix.index)
    listed = pd.DataFrame({"mean": matrix.to_numpy(dtype=float) @ places, "district": matrix.index}, index=matrix.index)
    ordered, positions, headings, bottom = _blocks(listed, named, ["mean"])
    table = matrix.loc[ordered.index].astype(float)
    safe = layout.safe_texts(table.index, [name for name, _, _ in headings])
    labels = [style.wrap_label(safe[d], 24 if len(table) <= 30 else 60) for d in table.index]
    lines = max((label.count("\n") + 1 for label in labels), default=1)
    width = table.shape[1]
    inches = max(layout.WIDTH, 1.6 + 0.3 * width) if width <= 40 else 1.6 + 0.16 * width
    ax = layout.prepare_axes(ax, layout.figure_size(bottom, width=inches, lines=lines))
    size = layout.row_font(ax, bottom, lines)
    most = float(np.nanmax(table.to_numpy(), initial=1e-9))
    for start in _starts(positions):
        end = start + _length(positions, start)
        top = positions[start] - 0.5
        ax.pcolormesh(np.arange(width + 1) + 0.5, top + np.arange(end - start + 1), table.to_numpy()[start:end],
                      cmap=_FREQUENCY, vmin=0, vmax=most, edgecolors=style.RULE, lw=0.4)
    room = max((layout.text_points(label, size) for label in labels), default=0) + 14
    cell = layout.width_points(ax, room) / max(width, 1)
    if cell >= 15:
        for row, column in np.argwhere(table.to_numpy() >= 0.005):
            share = table.iat[row, column]
            ax.text(column + 1, positions[row], f"{max(1, round(100 * share))}", ha="center", va="center",
                    fontsize=min(size, cell / 2.2), zorder=3, in_layout=False,
                    color=style.ink_on(_FREQUENCY(share / most)))
    looks = [layout.role_style(d, home, benchmark) for d in table.index]
    _headings(ax, headings, safe, size)
    layout.label_rows(ax, positions, labels, size, looks)
    step = 1 if cell >= 15 else 5
    shown = list(range(0, width, step))
    ax.set_xticks([i + 1 for i in shown], [f"{places[i]:g}" for i in shown])
    ax.tick_params(axis="x", length=0)
    ax.spines["bottom"].set_visible(False)
    ax.set_xlim(0.5, width + 0.5)
    ax.set_ylim(bottom - 0.5, -0.5)
    ax.set_xlabel("位次；格内为出现的比例（%）" if cell >= 15 else "位次；颜色越深，出现的比例越大")
    ax.set(**kwargs)
    return ax


def _blocks(table: pd.DataFrame, groups: pd.Series, by: Sequence[str]):
    """(rows in order, their positions, (heading, position, members), rows taken in all) by group."""
    parts, positions, headings, row = [], [], [], 0.0
    named = groups.astype(object).fillna("").replace("", "未分组") if (groups.fillna("") != "").any() else groups
    for name in named.unique():
        members = table[named == name].sort_values(list(by), kind="stable")
        if name:
            headings.append((str(name), row, len(members)))
            row += 1.0
        positions += [row + k for k in range(len(members))]
        row += len(members) + (_GAP if name else 0)
        parts.append(members)
    return (pd.concat(parts) if parts else table), positions, headings, row


def _starts(positions: Sequence[float]) -> list[int]:
    return [k for k in range(len(positions)) if k == 0 or positions[k] - positions[k - 1] > 1.01]


def _length(positions: Sequence[float], start: int) -> int:
    later = [k for k in _starts(positions) if k > start]
    return (later[0] if later else len(positions)) - start


def _headings(ax: Axes, headings, safe, size: float) -> None:
    for name, row, members in headings:
        ax.annotate(f"{safe[name]}（{members}个）", (0, row), xytext=(2, 0),
                    xycoords=("axes fraction", "data"), textcoords="offset points",
                    va="center", fontsize=size, fontweight="bold", color=style.MUTED)


def _keys(looks, coverage: str) -> list[Line2D]:
    marker = next((look["marker"] for look in looks if look["weight"] == "normal"), "o")
    keys = [layout.marker_key("中位位次", marker, style.OTHER), layout.marker_key("原方案位次", "D", style.INK, hollow=True)]
    if coverage:
        keys.append(Line2D([], [], color=style.MUTED, lw=2.4, marker="|", label=style.drawable(coverage)))
    return keys
