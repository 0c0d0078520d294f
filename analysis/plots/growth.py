"""Chasing a moving leader: the fan of both districts, the chance by year, the growth that is needed."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, Normalize
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle
from matplotlib.ticker import FuncFormatter, MaxNLocator

from analysis import style
from analysis.params import AssessmentError
from analysis.plots import layout

_NEED = LinearSegmentedColormap.from_list("need", style.WEAKNESS)
# How the two districts differ in print: colour, line, marker and the hatching of the band.
_LOOKS = (("home", style.HOME, "D", "////", "#E9B7AE"), ("leader", style.BENCHMARK, "s", "....", "#AFC0D6"))


def plot_fan(
    paths,
    annual: pd.DataFrame,
    home: str,
    leader: str,
    unit: str = "",
    level: float = 0.8,
    last: int | None = None,
    growth: float | None = None,
    ax: Axes | None = None,
    **kwargs: object,
) -> Axes:
    """History, middle path and band of both districts, and where the middle paths cross.

    Parameters
    ----------
    paths
        An :class:`analysis.catchup.Paths`.
    annual
        Year × district levels of the past; gaps are not bridged.
    unit
        Of the levels, for the axis.
    level
        Share of the paths within the band.
    last
        Last year drawn; all simulated years without it.
    growth
        % a year: the path that home would take at this growth, drawn beside its own course.
    """
    safe = layout.safe_texts([home, leader])
    ax = layout.prepare_axes(ax, (layout.WIDTH, 3.2))
    years = [y for y in paths.years if last is None or y <= last]
    if not years:
        raise AssessmentError(f"扇形图的末年 {last} 早于模拟的首年 {paths.years[0]}")
    middles, lows, highs, keys, ends = [], [], [], [], []
    for (_, color, marker, hatch, band), district in zip(_LOOKS, (home, leader)):
        start, value = paths.last(district)
        table = paths.quantiles(district, ((1 - level) / 2, (1 + level) / 2)).loc[years]
        middle = paths.median(district)[years]
        x = [start, *years]
        low, high = ([value, *table.iloc[:, i]] for i in (0, 1))
        ax.fill_between(x, low, high, facecolor=band, edgecolor=color, hatch=hatch, alpha=0.45, lw=0.0, zorder=1)
        past = annual[district].reindex(range(int(annual.index.min()), start + 1))
        ax.plot(past.index, past, color=color, lw=1.8, marker=marker, ms=4.5, zorder=3)
        ax.plot(x, [value, *middle], color=color, lw=1.6, ls=(0, (5, 2)), zorder=3)
        ends.append((district, float(middle.iloc[-1]), color))
        lows += [*low, past.min()]
        highs.append(max(*high, past.max()))
        middles.append(middle)
        keys += [Line2D([], [], color=color, marker=marker, ms=4.5, lw=1.8, label=f"{safe[district]}实际"),
                 Line2D([], [], color=color, lw=1.6, ls=(0, (5, 2)), label=f"{safe[district]}中位路径"),
                 Patch(facecolor=band, edgecolor=color, hatch=hatch, alpha=0.6, lw=0, label=f"{safe[district]}{level:.0%}区间")]
    _crossing(ax, middles, years, paths, home, leader)
    if growth is not None:
        start, value = paths.last(home)
        aimed = value * (1 + growth / 100) ** (np.array([start, *years]) - start)
        ax.plot([start, *years], aimed, color=style.INK, lw=1.4, ls=(0, (6, 2, 1, 2)), zorder=4)
        keys.append(Line2D([], [], color=style.INK, lw=1.4, ls=(0, (6, 2, 1, 2)), label=f"{safe[home]}年均 {layout.number(growth, 1)}%"))
        highs.append(float(aimed.max()))
    _end_labels(ax, ends, years[-1], safe, max(highs) - min(lows))
    if all(annual[d].first_valid_index() is not None for d in (home, leader)):
        ax.axvline(min(paths.last(d)[0] for d in (home, leader)) + 0.5, color=style.MUTED, lw=0.8, ls=":", zorder=0.5)
    low, high = layout.value_limits(np.array([*lows, *highs]))
    ax.set_ylim(low, high)
    first = min(int(annual[d].first_valid_index()) for d in (home, leader))
    ax.set_xlim(first - 0.3, years[-1] + 0.3)
    ax.xaxis.set_major_locator(MaxNLocator(12, integer=True, min_n_ticks=1))
    ax.yaxis.set_major_locator(layout.value_locator())
    ax.yaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:,g}".replace("-", "−")))
    ax.grid(axis="y")
    ax.set_xlabel("年份（竖虚线右侧为推算）")
    note = "" if low <= 0 else f"（纵轴从 {low:g} 起，不从零起）"
    ax.set_ylabel((style.drawable(unit) or "水平") + note)
    layout.legend_below(ax, keys)
    ax.set(**kwargs)
    return ax


def _crossing(ax, middles, years, paths, home, leader):
    gap = (middles[0] - middles[1]).to_numpy()
    crossed = np.flatnonzero((gap[:-1] < 0) & (gap[1:] >= 0))
    begun = paths.last(home)[1] >= paths.last(leader)[1]
    if len(crossed):
        k = int(crossed[0])
        part = -gap[k] / (gap[k + 1] - gap[k])
        x = years[k] + part
        y = float(middles[0].iloc[k] + part * (middles[0].iloc[k + 1] - middles[0].iloc[k]))
        ax.plot(x, y, marker="*", ms=14, color=style.BEST, markeredgecolor=style.INK, ls="", zorder=5)
        text = f"按自身走势，中位路径在 {years[k + 1]} 年追上（★）"
    elif gap[0] >= 0 and not begun:
        text = f"按自身走势，中位路径在 {years[0]} 年已追上"
    elif begun and (gap >= 0).all():
        text = f"已领先；按自身走势，中位路径到 {years[-1]} 年保持领先"
    elif begun:
        text = f"已领先；按自身走势，中位路径在 {years[int(np.flatnonzero(gap < 0)[0])]} 年被反超"
    else:
        text = f"按自身走势，中位路径到 {years[-1]} 年没有追上"
    ax.annotate(text, (0, 1), xycoords="axes fraction", xytext=(6, -4), textcoords="offset points", va="top", fontsize=9,
                color=style.INK, bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 1.5}, zorder=6)


def _end_labels(ax, ends, x, safe, span):
    """Names at the line ends, moved apart where the lines meet."""
    (one, a, first), (two, b, second) = ends
    near = abs(a - b) < 0.06 * span
    for district, value, color, other in ((one, a, first, b), (two, b, second, a)):
        above = value > other or (value == other and district == one)
        shift = 0 if not near else (7 if above else -7)
        ax.annotate(safe[district], (x, value), xytext=(8, shift), textcoords="offset points", va="center", fontsize=9, color=color,
                    fontweight="bold", annotation_clip=False)


def plot_chances(
    chances: pd.DataFrame,
    year: int | None = None,
    probability: float | None = None,
    ax: Axes | None = None,
    **kwargs: object,
) -> Axes:
    """P(ahead at the year) and P(ahead in some year so far), from 0 to 100 %.

    Parameters
    ----------
    chances
        Columns ``year, at, by`` (fractions), see :func:`analysis.catchup.chances`.
    year
        The year to catch up by, marked with both figures.
    probability
        The chance aimed at, a horizontal line.
    """
    if chances.empty:
        raise AssessmentError("没有概率可画：表是空的")
    ax = layout.prepare_axes(ax, (layout.WIDTH, 2.6))
    keys = []
    for column, label, color, marker, line in (("by", "到该年为止曾经领先", style.BENCHMARK, "s", (0, (5, 2))),
                                               ("at", "该年当年领先", style.HOME, "D", "-")):
        ax.plot(chances["year"], 100 * chances[column], color=color, lw=1.8, ls=line, marker=marker, ms=5, clip_on=False, zorder=3,
                markerfacecolor="white" if column == "by" else color)
        keys.append(Line2D([], [], color=color, lw=1.8, ls=line, marker=marker, ms=5, label=label,
                           markerfacecolor="white" if column == "by" else color))
    if probability is not None:
        ax.axhline(100 * probability, color=style.MUTED, lw=1.0, ls=":", zorder=1)
        keys.append(Line2D([], [], color=style.MUTED, lw=1.0, ls=":", label=f"目标把握 {probability:.0%}"))
    marked = chances[chances["year"] == year] if year is not None else chances.iloc[:0]
    if len(marked):
        row = marked.iloc[0]
        ax.axvline(year, color=style.RULE, lw=6, zorder=0)
        top = row["by"] > 0.85
        ax.annotate(f"{year} 年：当年 {_percent(row['at'])}，曾经 {_percent(row['by'])}", (year, 100 * row["by"]), fontsize=9,
                    xytext=(0, -14 if top else 12), textcoords="offset points", ha=_side(chances["year"], year), va="top" if top else "bottom",
                    bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 1.0}, zorder=6)
    ax.set_ylim(0, 100)
    ax.set_xlim(chances["year"].iloc[0] - 0.4, chances["year"].iloc[-1] + 0.4)
    ax.xaxis.set_major_locator(MaxNLocator(14, integer=True, min_n_ticks=1))
    ax.yaxis.set_major_locator(MaxNLocator(5))
    ax.grid(axis="y")
    ax.set_xlabel("年份")
    ax.set_ylabel("可能性（%）")
    layout.legend_below(ax, keys)
    ax.set(**kwargs)
    return ax


def _side(years, year):
    where = (year - years.iloc[0]) / max(years.iloc[-1] - years.iloc[0], 1)
    return "left" if where < 0.25 else "right" if where > 0.75 else "center"


def _percent(p):
    if 0 < p < 0.001:
        return "不到 0.1%"
    return f"{p:.1%}" if p < 0.1 or 0.9 < p < 1 else f"{p:.0%}"


def plot_required(table: pd.DataFrame, unit: str = "%", year: int | None = None, ax: Axes | None = None, **kwargs: object) -> Axes:
    """Heat map of what is needed every year: rows from the present level to the surest chance, years across.

    Parameters
    ----------
    table
        From :func:`analysis.catchup.side_by_side`: ``year, fixed, moving``, a column per probability,
        ``expected`` (the district's own course). A cell that its own course reaches is framed.
    unit
        Of the needs: ``%`` a year, or what is counted.
    year
        The year to catch up by, its column marked.
    """
    if table.empty:
        raise AssessmentError("没有所需增速可画：表是空的")
    shares = sorted(c for c in table.columns if isinstance(c, float))
    columns = [c for c in ("fixed", "moving") if c in table] + shares
    names = {"fixed": "只按对方现有水平", "moving": "按对方届时水平"} | {p: f"{p:.0%} 把握" for p in shares}
    values = table[columns].to_numpy(dtype=float).T
    size_rows, size_years = values.shape
    ax = layout.prepare_axes(ax, (layout.WIDTH, max(2.6, 1.4 + 0.42 * (size_rows + 1))))
    # The first years ask for far more than the rest and would bleach them.
    scale = Normalize(min(0.0, float(values.min())), max(float(np.quantile(values, 0.9)), 1e-9), clip=True)
    size = float(np.clip((layout.width_points(ax, 130) / size_years) / 2.9, 5.0, 9.0))
    for i in range(size_rows):
        for j in range(size_years):
            color = _NEED(scale(values[i, j]))
            # Limits are set below: an artist, unlike a patch, does not measure them anew for every cell.
            ax.add_artist(Rectangle((j - 0.5, i - 0.5), 1, 1, facecolor=color, edgecolor="white", lw=1.0, zorder=1))
            text = layout.number(values[i, j], 1 if unit == "%" else 0)
            # The layout need not measure what lies within the axes anyway.
            ax.text(j, i, text, ha="center", va="center", fontsize=size, color=style.ink_on(color), zorder=4, in_layout=False)
            if values[i, j] <= table["expected"].iloc[j]:
                ax.add_artist(Rectangle((j - 0.45, i - 0.44), 0.9, 0.88, fill=False, edgecolor=style.INK, lw=1.5, zorder=3))
    for j, value in enumerate(table["expected"]):
        ax.text(j, size_rows, layout.number(value, 1 if unit == "%" else 0), ha="center", va="center", fontsize=size, color=style.MUTED)
    layout.label_rows(ax, range(size_rows + 1), [*(names[c] for c in columns), "自身走势"], 9.0)
    ax.set_xticks(range(size_years), [f"{int(y)}" for y in table["year"]], fontsize=min(size + 0.5, 8.5))
    ax.tick_params(axis="x", length=0)
    if year is not None and year in set(table["year"]):
        mark = list(table["year"]).index(year)
        label = ax.get_xticklabels()[mark]
        label.set(fontweight="bold", color=style.HOME)
        ax.annotate("▼", (mark, -0.5), xytext=(0, 2), textcoords="offset points", ha="center", va="bottom", fontsize=8, color=style.HOME,
                    annotation_clip=False)
    ax.set_xlim(-0.5, size_years - 0.5)
    ax.set_ylim(size_rows + 0.5, -0.5)
    for spine in ax.spines.values():
        spine.set_visible(False)
    rate = "年均增速（%）" if unit == "%" else f"每年净增（{style.drawable(unit.removesuffix('/年'))}）"
    ax.set_xlabel(f"追上的年份；格内为所需{rate}，颜色越深要求越高")
    if (values <= table["expected"].to_numpy()).any():
        layout.legend_below(ax, [Patch(facecolor="white", edgecolor=style.INK, lw=1.5, label="自身走势的中位数已够")])
    ax.set(**kwargs)
    return ax
