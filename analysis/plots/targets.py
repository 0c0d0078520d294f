"""A target in pictures: the year's progress, who carries the growth, why an area moved."""

from __future__ import annotations

import matplotlib.patheffects as effects
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from analysis import style
from analysis.plots import layout

_HALO = [effects.withStroke(linewidth=2.6, foreground="white")]
_BAND = "#B9CBE0"  # (81): stands out beside the bars, which it crosses
# An area's effects: amount with the whole, by mix, by being better, by allocation.
_EFFECTS = (("standard", "份额分量（随全体同步增长）", style.PARTS[5], ""), ("mix", "结构偏离", style.PARTS[3], "..."),
            ("competitive", "竞争力偏离", style.PARTS[0], ""), ("allocation", "配置效应", style.PARTS[1], "///"))


def plot_progress(progress: object, ax: Axes | None = None, **kwargs: object) -> Axes:
    """The year so far as bars beside the path that its target takes through the seasons.

    Parameters
    ----------
    progress
        As :func:`analysis.targets.progress` gives. Bars: sums to date. Line
        and band: target × usual share, least to greatest of past years.
        Dotted: months ÷ 12, for comparison. At the right: target and
        the year's expected total with its interval.
    """
    path, now = progress.path, progress.nowcast
    ax = layout.prepare_axes(ax, (layout.WIDTH, 3.2))
    last = len(path) - 1
    x = np.arange(len(path), dtype=float)
    ax.fill_between(x, path["low"], path["high"], color=_BAND, alpha=0.8, lw=0, zorder=2.2)
    for edge in ("low", "high"):
        ax.plot(x, path[edge], color=style.MUTED, lw=0.6, zorder=2.4)
    ax.plot(x, path["expected"], color=style.BENCHMARK, lw=1.2, marker="s", ms=3.2, zorder=3)
    ax.plot(x, progress.target * path["months"] / 12, color=style.MUTED, lw=0.9, ls=":", zorder=2)
    done = path["actual"].notna().to_numpy()
    ax.bar(x[done], path["actual"][done], width=0.56, color=style.LAGGING, hatch="///", edgecolor=style.HOME, lw=0.6, zorder=2)
    ax.hlines(progress.target, -0.5, last + 1.3, colors=style.INK, lw=1.0, linestyles="--", zorder=2)
    at = last + 0.75
    interval = now.lower is not None and now.share < 1
    ends = [now.lower, now.upper] if interval else [now.point]
    if interval:
        ax.errorbar(at, now.point, yerr=[[now.point - now.lower], [now.upper - now.point]], color=style.HOME, lw=1.8, capsize=5, zorder=4)
    ax.plot(at, now.point, ls="", marker=style.MARKERS["home"], color=style.HOME, ms=7, zorder=5)
    top = max([progress.target, *ends, float(np.nanmax(path["high"])), float(np.nanmax(path["actual"], initial=0))]) * 1.1
    ax.set_xlim(-0.6, last + 1.3)
    ax.set_ylim(0, top)
    ax.annotate(f"目标 {_figure(progress.target)}", (0, progress.target), xytext=(-14, 4), textcoords="offset points", fontsize=8.5,
                color=style.INK, path_effects=_HALO, zorder=6)
    low = min(ends) if interval else now.point
    ax.annotate(f"预计\n{_figure(now.point)}", (at, low), xytext=(0, -6), textcoords="offset points", ha="center", va="top", fontsize=8.5,
                color=style.HOME, path_effects=_HALO, zorder=6)
    k = int(np.flatnonzero(done)[-1])
    # Right of the last bar and under the path there is always room.
    ax.annotate(f"{_figure(progress.cumulative)}\n完成 {progress.done_share:.1%}", (k + 0.36, max(progress.cumulative / 2, 0.07 * top)), xytext=(3, 0),
                textcoords="offset points", ha="left", va="center", fontsize=8.5, fontweight="bold", color=style.HOME, path_effects=_HALO, zorder=6)
    _period_ticks(ax, x, path)
    unit = style.drawable(progress.unit)
    ax.set_ylabel(f"年初以来累计（{unit}）")
    ax.set_xlabel(f"{progress.year} 年，各期为年初到该期末")
    handles = [
        Patch(facecolor=style.LAGGING, hatch="///", edgecolor=style.HOME, lw=0.6, label="已完成"),
        Line2D([], [], color=style.BENCHMARK, lw=1.2, marker="s", ms=3.2, label=f"按历年进度应完成（{progress.years} 年平均）"),
        Patch(facecolor=_BAND, edgecolor=style.MUTED, lw=0.6, label="历年最慢～最快"),
        Line2D([], [], color=style.MUTED, lw=0.9, ls=":", label="按月数平摊（仅对照）"),
    ]
    if interval:
        handles.append(Line2D([], [], color=style.HOME, lw=1.8, marker=style.MARKERS["home"], ms=6, label=f"全年预计及 {now.level:.0%} 区间"))
    else:
        handles.append(layout.marker_key("全年数" if now.share >= 1 else "全年预计（年份少，不给区间）", style.MARKERS["home"], style.HOME))
    layout.legend_below(ax, handles, 44)
    ax.set(**kwargs)
    return ax


def plot_contributions(
    table: pd.DataFrame,
    ax: Axes | None = None,
    column: str = "points",
    unit: str = "个百分点",
    total_label: str = "合计",
    decimals: int = 2,
    **kwargs: object,
) -> Axes:
    """Waterfall from zero: what each town or chain adds, down to their sum.

    Parameters
    ----------
    table
        Columns ``place`` and `column`, as :func:`analysis.targets.contributions`
        or the table of an allocation; drawn from the greatest to the least.
        The figures written are those of ``shown`` where it belongs to `column`
        (points, or the increment of an allocation), so that they sum to the total.
    unit
        Unit of `column` as the axis and the heading name it.
    """
    ordered = table.sort_values(column, ascending=False, kind="stable")
    parts = ordered[column].to_numpy(dtype=float)
    if np.isnan(parts).any():
        raise ValueError(f"以下各处缺数，无法画拉动分解图：{'、'.join(map(str, ordered['place'][np.isnan(parts)]))}。")
    own = "shown" in ordered and column == ("points" if "points" in ordered else "increment")
    figures = ordered["shown"].to_numpy(dtype=float) if own else parts
    safe = layout.safe_texts(ordered["place"], [total_label])
    wrap = 28 if len(ordered) <= 30 else 60
    labels = [*(style.wrap_label(safe[p], wrap) for p in ordered["place"]), safe[total_label]]
    lines = max(label.count("\n") + 1 for label in labels)
    ax = layout.prepare_axes(ax, layout.figure_size(len(labels) + 1, lines=lines))
    size = layout.row_font(ax, len(labels) + 1, lines)
    after = parts.cumsum()
    before = np.concatenate([[0.0], after[:-1]]) if len(after) else after
    last = len(parts)
    for row, (a, b) in enumerate(zip(before, after)):
        gain = b >= a
        ax.barh(row, b - a, left=a, height=0.6, zorder=2, lw=0.5, color=style.BENCHMARK if gain else style.LAGGING,
                hatch="" if gain else "///", edgecolor="white" if gain else style.HOME)
        ax.plot([b, b], [row, row + 1], color=style.MUTED, lw=0.7, zorder=1)
    total = float(after[-1]) if last else 0.0
    ax.barh(last, total, height=0.6, color=style.OTHER, edgecolor=style.INK, lw=0.8, zorder=2)
    texts = [*(layout.number(v, decimals, signed=True) for v in figures), layout.number(figures.sum(), decimals, signed=True)]
    looks = [*[{"weight": "normal"}] * last, {"weight": "bold", "color": style.INK}]
    layout.label_rows(ax, range(last + 1), labels, size, looks)
    layout.side_columns(ax, range(last + 1), [(style.drawable(unit), texts)], size, -0.9, looks)
    levels = [0.0, total, *after]
    margin = 0.04 * ((max(levels) - min(levels)) or 1.0)
    ax.vlines(0, -0.5, last + 0.5, color=style.INK, lw=0.9, zorder=4)
    ax.set_xlim(min(levels) - (margin if min(levels) < 0 else 0), max(levels) + margin)
    ax.set_ylim(last + 0.6, -1.3)
    ax.xaxis.set_major_locator(layout.value_locator())
    ax.set_xlabel(f"自上而下累加（{style.drawable(unit)}），各处相加等于合计")
    keys = [Patch(facecolor=style.BENCHMARK, label="上拉")] if (parts >= 0).any() else []
    if (parts < 0).any():
        keys.append(Patch(facecolor=style.LAGGING, hatch="///", edgecolor=style.HOME, lw=0.5, label="下拉"))
    layout.legend_below(ax, [*keys, Patch(facecolor=style.OTHER, edgecolor=style.INK, lw=0.8, label=safe[total_label])])
    ax.set(**kwargs)
    return ax


def plot_shift_share(
    summary: pd.DataFrame,
    ax: Axes | None = None,
    decimals: int = 1,
    home: str | None = None,
    **kwargs: object,
) -> Axes:
    """Diverging bars of each area's effects in points of its growth; the dot is their sum.

    Parameters
    ----------
    summary
        As :func:`analysis.targets.shift_share_summary`; drawn from the greatest
        deviation (mix and competitive together) to the least. Areas without a
        base year are left out and counted under the chart.
    """
    used = [(key, label, color, hatch) for key, label, color, hatch in _EFFECTS if f"{key}_points" in summary]
    known = summary[summary["growth"].notna()]
    lead = known[[f"{key}_points" for key, *_ in used if key != "standard"]].sum(axis=1)
    ordered = known.loc[lead.sort_values(ascending=False, kind="stable").index]
    safe = layout.safe_texts(ordered["area"])
    wrap = 28 if len(ordered) <= 30 else 60
    labels = [style.wrap_label(safe[a], wrap) for a in ordered["area"]]
    lines = max((label.count("\n") + 1 for label in labels), default=1)
    ax = layout.prepare_axes(ax, layout.figure_size(len(ordered) + 1, lines=lines))
    size = layout.row_font(ax, len(ordered) + 1, lines)
    up, down = np.zeros(len(ordered)), np.zeros(len(ordered))
    keys, columns = [], []
    for key, label, color, hatch in used:
        values = ordered[f"{key}_points"].to_numpy(dtype=float)
        ax.barh(range(len(ordered)), values, left=np.where(values >= 0, up, down), height=0.62, color=color, hatch=hatch,
                edgecolor="white" if style.ink_on(color) == "white" else style.MUTED, lw=0.5, zorder=2)
        up, down = up + np.clip(values, 0, None), down + np.clip(values, None, 0)
        keys.append(Patch(facecolor=color, hatch=hatch, edgecolor=style.MUTED, lw=0.5, label=label))
        columns.append((label.split("（")[0][:2], [layout.number(v, decimals, signed=True) for v in values]))
    growth = ordered["growth"].to_numpy(dtype=float)
    ax.plot(growth, range(len(ordered)), ls="", marker="D", color=style.HOME, markeredgecolor="white", markeredgewidth=0.8,
            ms=min(7, size * 0.75), zorder=5, clip_on=False)
    columns.append(("增速", [layout.number(v, decimals, signed=True) for v in growth]))
    looks = [layout.role_style(a, home, None) for a in ordered["area"]]
    layout.label_rows(ax, range(len(ordered)), labels, size, looks)
    layout.side_columns(ax, range(len(ordered)), columns, size, -0.9, looks)
    low, high = min(down.min(initial=0), growth.min(initial=0)), max(up.max(initial=0), growth.max(initial=0))
    margin = 0.04 * ((high - low) or 1.0)
    ax.set_xlim(low - (margin if low < 0 else 0), high + margin)
    ax.set_ylim(len(ordered) - 0.4, -1.3)
    ax.vlines(0, -0.5, len(ordered) - 0.4, color=style.INK, lw=0.9, zorder=4)
    ax.xaxis.set_major_locator(layout.value_locator())
    ax.set_xlabel("对本地增速的影响（个百分点），各部分相加等于增速")
    keys.append(layout.marker_key("增速", "D", style.HOME))
    if len(known) < len(summary):
        keys.append(layout.note_key(f"另有 {len(summary) - len(known)} 处基期为 0，未画"))
    layout.legend_below(ax, keys)
    ax.set(**kwargs)
    return ax


def _period_ticks(ax, x, path):
    """Quarters by name, months by the last month of each sum."""
    ends = [f"{month:g}月" for month in path["months"]]
    if path["months"].iloc[0] == 2:
        ends[0] = "1—2月"
    labels = ends if len(path) > 4 else [style.drawable(label) for label in path["label"]]
    ax.set_xticks(x, labels, fontsize=8.5)
    ax.tick_params(axis="x", length=0)


def _figure(value):
    return layout.number(value, 1 if abs(value) >= 10 else 2)
