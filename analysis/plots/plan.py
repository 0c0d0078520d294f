"""The plan in pictures: what a chance costs, which town does what, and when."""

from __future__ import annotations

import matplotlib.patheffects as effects
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator, PercentFormatter

from analysis import style
from analysis.plots import layout
from analysis.text import amount

_HALO = [effects.withStroke(linewidth=2.6, foreground="white")]
_LINES = (("-", "o"), ("--", "s"), (":", "^"), ("-.", "D"), ((0, (5, 1, 1, 1, 1, 1)), "v"))
_HATCHES = ("", "///", "...", "xx", "\\\\\\", "++", "oo")
UNNAMED = "（未填镇街园区）"
_BEFORE = ""  # quarter of what is pending


def plot_frontier(
    frontier: pd.DataFrame,
    ax: Axes | None = None,
    chosen: tuple[float, float] | None = None,
    probability: float | None = None,
    cost_unit: str = "万元",
    **kwargs: object,
) -> Axes:
    """Chance of a rank against cost, one line per rank.

    Parameters
    ----------
    frontier
        Columns ``rank``, ``cost``, ``chance``, as :func:`analysis.plan.frontier.frontier` gives.
    chosen
        Cost and chance of the plan, marked.
    probability
        The chance asked for, as a level line.
    """
    ax = layout.prepare_axes(ax, (layout.WIDTH, 4.4))
    ranks = list(dict.fromkeys(frontier["rank"]))
    keys = []
    for i, rank in enumerate(ranks):
        part = frontier[frontier["rank"] == rank].sort_values("cost")
        dashes, marker = _LINES[i % len(_LINES)]
        color = style.PARTS[i % len(style.PARTS)] if style.lightness(style.PARTS[i % len(style.PARTS)]) < 70 else style.INK
        ax.plot(part["cost"], part["chance"], ls=dashes, marker=marker, ms=4, lw=1.5, color=color, zorder=3)
        keys.append(Line2D([], [], ls=dashes, marker=marker, ms=4, lw=1.5, color=color, label=f"第 {rank} 位" + ("或更好" if rank > 1 else "")))
    if probability is not None:
        ax.axhline(probability, color=style.INK, lw=0.9, ls="--", zorder=1)
        keys.append(Line2D([], [], color=style.INK, lw=0.9, ls="--", label=f"要求的把握 {probability:.0%}"))
    if chosen is not None:
        ax.plot(*chosen, ls="", marker="*", ms=14, color=style.HOME, markeredgecolor="white", zorder=5)
        keys.append(layout.marker_key(f"本方案（{amount(chosen[0])} {style.drawable(cost_unit)}，{chosen[1]:.0%}）", "*", style.HOME))
    top = max([float(frontier["cost"].max()) if len(frontier) else 0.0, chosen[0] if chosen else 0.0, 1.0])
    ax.set_xlim(-0.02 * top, 1.05 * top)
    ax.set_ylim(-0.02, 1.03)
    ax.xaxis.set_major_locator(MaxNLocator(7, steps=[1, 2, 2.5, 5, 10]))
    ax.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    ax.set_xlabel(f"费用（{style.drawable(cost_unit)}）")
    ax.set_ylabel("达到该位次的把握")
    layout.legend_below(ax, keys, 44)
    ax.set(**kwargs)
    return ax


def plot_towns(chosen: pd.DataFrame, ax: Axes | None = None, **kwargs: object) -> Axes:
    """Applications of each town as stacked bars by certification, the busiest town on top.

    Parameters
    ----------
    chosen
        Columns ``town`` and ``certification``, as ``Plan.chosen``.
    """
    counts = _counts(chosen, "town")
    counts = counts.loc[counts.sum(axis=1).sort_values(ascending=False, kind="stable").index]
    safe = layout.safe_texts(counts.index, counts.columns)
    labels = [style.wrap_label(safe[t], 28) for t in counts.index]
    lines = max([label.count("\n") + 1 for label in labels], default=1)
    ax = layout.prepare_axes(ax, layout.figure_size(max(len(labels), 1), lines=lines))
    size = layout.row_font(ax, max(len(labels), 1), lines)
    left = np.zeros(len(counts))
    keys = []
    for i, certification in enumerate(counts.columns):
        values = counts[certification].to_numpy(dtype=float)
        look = _look(i)
        ax.barh(range(len(counts)), values, left=left, height=0.62, zorder=2, lw=0.6, edgecolor=style.INK, **look)
        _inside(ax, left, values, size, look["facecolor"])
        left += values
        keys.append(Patch(edgecolor=style.INK, lw=0.6, label=safe[certification], **look))
    layout.label_rows(ax, range(len(counts)), labels, size)
    layout.side_columns(ax, range(len(counts)), [("合计（项）", [f"{v:.0f}" for v in left])], size, -0.85)
    ax.set_ylim(len(counts) - 0.4, -1.25)
    ax.set_xlim(0, max(float(left.max(initial=0)), 1) * 1.02)
    ax.xaxis.set_major_locator(MaxNLocator(7, integer=True))
    ax.set_xlabel("计划申报（项）")
    layout.legend_below(ax, keys)
    ax.set(**kwargs)
    return ax


def plot_quarters(chosen: pd.DataFrame, ax: Axes | None = None, **kwargs: object) -> Axes:
    """Applications by quarter as stacked columns by certification; quarters without any stay empty.

    Parameters
    ----------
    chosen
        Columns ``quarter`` (2023Q2) and ``certification``, as ``Plan.chosen``; what is ``pending`` (where the column is there)
        stands in a column of its own before the first quarter.
    """
    if "pending" in chosen:
        chosen = chosen.assign(quarter=chosen["quarter"].where(~chosen["pending"].astype(bool), _BEFORE))
    counts = _counts(chosen, "quarter")
    known = [q for q in counts.index if q != _BEFORE]
    if len(counts):
        span = [str(q) for q in pd.period_range(min(known), max(known), freq="Q")] if known else []
        counts = counts.reindex([_BEFORE] * (_BEFORE in counts.index) + span, fill_value=0)
    safe = layout.safe_texts(counts.columns)
    ax = layout.prepare_axes(ax, (layout.WIDTH, 3.8))
    base, keys = np.zeros(len(counts)), []
    for i, certification in enumerate(counts.columns):
        values = counts[certification].to_numpy(dtype=float)
        look = _look(i)
        ax.bar(range(len(counts)), values, bottom=base, width=0.6, zorder=2, lw=0.6, edgecolor=style.INK, **look)
        base += values
        keys.append(Patch(edgecolor=style.INK, lw=0.6, label=safe[certification], **look))
    for i, total in enumerate(base):
        ax.annotate(f"{total:.0f}", (i, total), xytext=(0, 3), textcoords="offset points", ha="center", fontsize=9, fontweight="bold", color=style.INK)
    crowded = len(counts) > 10
    shown = [i for i in range(len(counts)) if not crowded or i % int(np.ceil(len(counts) / 10)) == 0]
    ax.set_xticks(shown, [_quarter(counts.index[i]) for i in shown], fontsize=9)
    ax.tick_params(axis="x", length=0)
    ax.set_xlim(-0.6, max(len(counts), 1) - 0.4)
    ax.set_ylim(0, max(float(base.max(initial=0)), 1) * 1.15)
    ax.yaxis.set_major_locator(MaxNLocator(6, integer=True))
    ax.set_ylabel("计划申报（项）")
    layout.legend_below(ax, keys, 38)
    ax.set(**kwargs)
    return ax


def _counts(chosen, column):
    order = list(dict.fromkeys(sorted(chosen["certification"].unique(), key=lambda c: -(chosen["certification"] == c).sum())))
    names = chosen[column].where(chosen[column] != "", UNNAMED) if column == "town" else chosen[column]
    return pd.crosstab(names, chosen["certification"]).reindex(columns=order) if len(chosen) else pd.DataFrame()


def _quarter(text):
    return "此前已报\n待公布" if text == _BEFORE else f"{text[:4]} 年\n{text[-1]} 季度"


def _look(i):
    return {"facecolor": style.PARTS[i % len(style.PARTS)], "hatch": _HATCHES[i % len(_HATCHES)]}


def _inside(ax, left, values, size, color):
    """Figures inside the bars that are wide enough for them."""
    room = layout.width_points(ax, 190) / max(float((left + values).max(initial=0)), 1)
    for row, (start, value) in enumerate(zip(left, values)):
        text = f"{value:.0f}"
        if value and value * room > layout.text_points(text, size) + 8:
            ax.text(start + value / 2, row, text, ha="center", va="center", fontsize=size, color=style.INK, path_effects=_HALO, zorder=4)
