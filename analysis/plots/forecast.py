"""Forecasts against what came: every origin's interval and the actual value, and the error by horizon."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from analysis import style
from analysis.params import AssessmentError
from analysis.plots import layout


def plot_backtest(
    result: object,
    district: str | None = None,
    horizon: int = 1,
    ax: Axes | None = None,
    unit: str = "",
    **kwargs: object,
) -> Axes:
    """Actual values of one district beside what was forecast for them `horizon` periods earlier.

    Parameters
    ----------
    result
        :class:`analysis.forecast.Backtest`.
    district
        Its name; the first one of the backtest by default.
    horizon
        Periods between the origin and the value forecast.
    unit
        Unit of the values, written on the axis.

    A filled dot lies inside the widest interval, a crossed one outside it.
    """
    errors = result.errors
    district = errors["district"].iloc[0] if district is None else district
    part = errors[(errors["district"] == district) & (errors["h"] == horizon)]
    if part.empty:
        raise AssessmentError(f"“{district}”没有提前 {horizon} 期的回测结果")
    ax = layout.prepare_axes(ax, (layout.WIDTH, 2.7))
    at = np.arange(len(part))
    levels = sorted(result.levels, reverse=True)
    shades = _shades(len(levels))
    for level, shade in zip(levels, shades):
        low, high = part[f"low_{level:g}"].to_numpy(), part[f"high_{level:g}"].to_numpy()
        ax.bar(at, high - low, bottom=low, width=0.56, color=shade, edgecolor=style.MUTED, lw=0.5, zorder=1)
    ax.hlines(part["mean"], at - 0.28, at + 0.28, color=style.BENCHMARK, lw=1.8, zorder=2)
    ax.plot(at, part["naive"], ls="", marker="_", ms=11, color=style.BEST, mew=1.6, zorder=2)
    actual = part["actual"].to_numpy()
    outer = levels[0]
    inside = (actual >= part[f"low_{outer:g}"].to_numpy()) & (actual <= part[f"high_{outer:g}"].to_numpy())
    for members, face in ((inside, style.HOME), (~inside, "white")):
        ax.plot(at[members], actual[members], ls="", marker="o" if face != "white" else "X", ms=7, zorder=3, color=style.HOME,
                markerfacecolor=face, markeredgecolor=style.HOME, markeredgewidth=1.2)
    _period_ticks(ax, list(part["label"]))
    seen = part[[c for c in part.columns if c.startswith(("low_", "high_"))] + ["actual", "mean", "naive"]].to_numpy(dtype=float)
    low, high = np.nanmin(seen), np.nanmax(seen)
    room = 0.05 * ((high - low) or abs(high) or 1.0)
    ax.set_ylim(0 if 0 <= low < 0.5 * high else low - room, high + room)
    ax.yaxis.set_major_locator(MaxNLocator(6))
    ax.grid(axis="y")
    name = layout.safe_texts([district])[district]
    ax.set_ylabel(f"{name}（{style.drawable(unit)}）" if unit else name)
    ax.set_xlabel(f"被预测的期间（提前 {horizon} 期作出）" + ("" if ax.get_ylim()[0] <= 0 <= ax.get_ylim()[1] else "；纵轴不从零起"))
    keys = [layout.marker_key("实际值（区间内）", "o", style.HOME)]
    if not inside.all():
        keys.append(layout.marker_key(f"实际值（{outer:.0%} 区间外）", "X", style.HOME, hollow=True))
    keys += [Line2D([], [], color=style.BENCHMARK, lw=1.8, label="预测"),
             layout.marker_key(_naive_name(result), "_", style.BEST)]
    keys += [Patch(facecolor=s, edgecolor=style.MUTED, lw=0.5, label=f"{v:.0%} 区间") for v, s in zip(levels[::-1], shades[::-1])]
    layout.legend_below(ax, keys)
    ax.set(**kwargs)
    return ax


def plot_backtest_errors(
    result: object,
    district: str | None = None,
    ax: Axes | None = None,
    **kwargs: object,
) -> Axes:
    """Mean absolute error by periods ahead: the forecast, the naive one and drift.

    Parameters
    ----------
    result
        :class:`analysis.forecast.Backtest`.
    district
        One district, in units of its own; by default all together as MASE
        (1 = mean error of the naive forecast one step ahead in the training part).
    """
    table = result.table
    every = "全部区县" if "全部区县" in set(table["district"]) else table["district"].iloc[0]
    column = "mase" if district is None else "mae"
    chosen = every if district is None else district
    part = table[table["district"] == chosen]
    if part.empty:
        raise AssessmentError(f"回测结果里没有“{chosen}”")
    ax = layout.prepare_axes(ax, (layout.WIDTH, 3.2))
    looks = {result.method: ("预测方法", style.HOME, "-", "o"), "naive": (_naive_name(result), style.MUTED, ":", "s"),
             "drift": ("漂移预测", style.BENCHMARK, "--", "^")}
    keys = []
    for method, line in part.groupby("method", sort=False):
        label, color, dash, marker = looks[method]
        ax.plot(line["h"], line[column], color=color, ls=dash, marker=marker, ms=5, lw=1.6)
        keys.append(Line2D([], [], color=color, ls=dash, marker=marker, ms=5, lw=1.6, label=label))
    ax.set_ylim(bottom=0)
    ax.xaxis.set_major_locator(MaxNLocator(12, integer=True, min_n_ticks=1))
    ax.yaxis.set_major_locator(MaxNLocator(6))
    ax.grid(axis="y")
    name = layout.safe_texts([chosen])[chosen]
    ax.set_ylabel(f"{name}平均绝对误差" + ("（MASE）" if column == "mase" else ""))
    ax.set_xlabel("提前期数；越远起点越少，折线末端偶然性大")
    layout.legend_below(ax, keys)
    ax.set(**kwargs)
    return ax


def _naive_name(result: object) -> str:
    return "朴素预测（上年同期）" if result.period > 1 else "朴素预测（末值不变）"


def _shades(n: int) -> list[str]:
    pale = ("#E8EEF4", "#C3D2E3", "#93AECB")
    return [pale[min(i, 2)] for i in range(n)] if n <= 3 else [pale[round(2 * i / (n - 1))] for i in range(n)]


def _period_ticks(ax: Axes, texts: list[str]) -> None:
    step = max(1, int(np.ceil(len(texts) * max(map(len, texts)) / 90)))
    ax.set_xticks(range(0, len(texts), step), [style.drawable(t) for t in texts[::step]])
    ax.set_xlim(-0.7, len(texts) - 0.3)
