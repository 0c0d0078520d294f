"""How far behind and where: the home district against others, indicator by indicator."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from analysis import style
from analysis.plots import layout

_STRENGTHS_TALLEST = 6.7  # inches: with its caption and a short table it leaves no page of A4 almost empty


def plot_group_gap(
    home_scores: pd.Series,
    benchmark_scores: pd.Series,
    best: pd.Series | None = None,
    names: Mapping[str, str] | None = None,
    weights: pd.Series | None = None,
    ax: Axes | None = None,
    home: str = "本区",
    benchmark: str = "对标区",
    decimals: int = 1,
    **kwargs: object,
) -> Axes:
    """Dumbbells of home and benchmark scores, with the best district's score.

    Parameters
    ----------
    home_scores, benchmark_scores, best
        Scores by group or indicator code; the order of `home_scores` is kept.
    weights
        Weight of each code in the whole, as a fraction of 1; written as
        percentage in the row label.
    home, benchmark
        Names for the legend and the columns of figures.

    The column 差距 is home minus benchmark in points before weighting.
    """
    codes = list(home_scores.index)
    names = dict(names or {})
    titles = [names.get(code, code) for code in codes]
    safe = layout.safe_texts(titles, [home, benchmark])
    labels = [_weighted(safe[t], code, weights, len(codes)) for t, code in zip(titles, codes)]
    lines = max((label.count("\n") + 1 for label in labels), default=1)
    rows = len(codes) + 1
    ax = layout.prepare_axes(ax, layout.figure_size(rows, lines=lines))
    size = layout.row_font(ax, rows, lines)

    table = pd.DataFrame({
        "home": home_scores.astype(float),
        "benchmark": benchmark_scores.reindex(codes).astype(float),
        "best": np.nan if best is None else best.reindex(codes).astype(float),
    }, index=codes)
    low, high = layout.value_limits(table.to_numpy().ravel())
    for row, (own, other, top) in enumerate(table.itertuples(index=False)):
        ax.hlines(row, low, high, colors=style.RULE, lw=0.7, linestyles=":", zorder=0.5)
        behind = own < other
        ax.plot([own, other], [row, row], lw=3.2, zorder=1, alpha=0.9,
                color=style.LAGGING if behind else "#AFC0D6", solid_capstyle="butt")
        for value, role, color in ((top, "best", style.MUTED), (other, "benchmark", style.BENCHMARK),
                                   (own, "home", style.HOME)):
            ax.plot(value, row, ls="", marker=style.MARKERS[role], zorder=3, color=color,
                    ms=min(7, size * 0.8) + (4 if role == "best" else 0), markeredgecolor=color, clip_on=False,
                    markerfacecolor="white" if role == "best" else color)
    gap = table["home"] - table["benchmark"]
    columns = [
        (_short(safe[home], "本区"), [layout.number(v, decimals) for v in table["home"]]),
        (_short(safe[benchmark], "对标区"), [layout.number(v, decimals) for v in table["benchmark"]]),
    ]
    if best is not None:
        columns.append(("最高", [layout.number(v, decimals) for v in table["best"]]))
    columns.append(("差距", [layout.number(v, decimals, signed=True) for v in gap]))
    looks = [
        {"weight": "bold", "color": style.HOME} if value < 0 else {"weight": "normal", "color": style.INK}
        for value in gap
    ]
    layout.label_rows(ax, range(len(codes)), labels, size)
    plain = layout.side_columns(ax, range(len(codes)), columns[:-1], size, -0.9)
    layout.side_columns(ax, range(len(codes)), columns[-1:], size, -0.9, looks, start=plain)
    ax.set_xlim(low, high)
    ax.set_ylim(len(codes) - 0.4, -1.3)
    ax.xaxis.set_major_locator(layout.value_locator())
    ax.set_xlabel("得分（分）" + layout.axis_range_note(low, high))
    keys = [layout.marker_key(safe[home], style.MARKERS["home"], style.HOME),
            layout.marker_key(safe[benchmark], style.MARKERS["benchmark"], style.BENCHMARK)]
    if best is not None:
        keys.append(layout.marker_key("各区县最高", style.MARKERS["best"], style.MUTED, hollow=True))
    layout.legend_below(ax, keys)
    ax.set(**kwargs)
    return ax


def _weighted(title: str, code: object, weights: pd.Series | None, rows: int) -> str:
    title = style.wrap_label(title, 24 if rows <= 30 else 60)
    if weights is None or pd.isna(weights.get(code)):
        return title
    return f"{title}（{100 * float(weights[code]):.3g}%）"


def _short(name: str, fallback: str) -> str:
    return name if style.display_width(name) <= 8 else fallback


def plot_strengths(
    table: pd.DataFrame,
    ax: Axes | None = None,
    decimals: int = 1,
    **kwargs: object,
) -> Axes:
    """Bars from zero of the home district's advantage over its group's median, indicator by indicator.

    Parameters
    ----------
    table
        Columns ``indicator`` (name), ``score_gap_to_median`` (points),
        ``weight`` (fraction of the whole) and ``rank``; drawn from the
        greatest advantage to the greatest disadvantage, unknown gaps last.
    """
    ordered = table.sort_values("score_gap_to_median", ascending=False, na_position="last")
    safe = layout.safe_texts(ordered["indicator"])
    wrap = 36 if len(ordered) <= 30 else 60
    labels = [style.wrap_label(safe[name], wrap) for name in ordered["indicator"]]
    lines = max((label.count("\n") + 1 for label in labels), default=1)
    rows = len(ordered) + 1
    ax = layout.prepare_axes(ax, _capped(rows, lines))
    size = layout.row_font(ax, rows, lines)
    gaps = ordered["score_gap_to_median"].to_numpy(dtype=float)
    ahead = gaps >= 0
    for members, color, hatch, edge in ((ahead, style.BENCHMARK, "", "white"),
                                        (gaps < 0, style.LAGGING, "///", style.HOME)):
        ax.barh(np.flatnonzero(members), gaps[members], height=0.66, color=color, hatch=hatch,
                edgecolor=edge, lw=0.5, zorder=2)
    for row in np.flatnonzero(np.isnan(gaps)):
        ax.annotate("缺", (0, row), xytext=(6, 0), textcoords="offset points", va="center",
                    fontsize=size, color=style.MUTED)
    columns = [
        ("差距", [layout.number(v, decimals, signed=True) for v in gaps]),
        ("权重%", [layout.number(100 * v, 1) for v in ordered["weight"]]),
        ("位次", [layout.place(v) for v in ordered["rank"]]),
    ]
    layout.label_rows(ax, range(len(ordered)), labels, size)
    layout.side_columns(ax, range(len(ordered)), columns, size, -0.9)
    ax.vlines(0, -0.5, len(ordered) - 0.4, color=style.INK, lw=0.9, zorder=4)
    low, high = min(0, np.nanmin(gaps, initial=0)) * 1.06, max(0, np.nanmax(gaps, initial=0)) * 1.06
    ax.set_xlim((-1, 1) if low == high else (low, high))
    ax.set_ylim(len(ordered) - 0.4, -1.3)
    ax.xaxis.set_major_locator(layout.value_locator())
    ax.xaxis.set_major_formatter(lambda value, _: layout.number(value, 0 if abs(value) >= 10 or float(value).is_integer() else 1, signed=True))
    ax.set_xlabel("与同组中位数的得分差（分）")
    layout.legend_below(ax, [
        Patch(facecolor=style.BENCHMARK, label="高于中位数"),
        Patch(facecolor=style.LAGGING, hatch="///", edgecolor=style.HOME, lw=0.5, label="低于中位数"),
    ])
    ax.set(**kwargs)
    return ax


def _capped(rows: float, lines: int) -> tuple[float, float]:
    """Size of a chart of `rows`, no taller than 17 cm while rows of 0.145 in a line fit into that."""
    width, height = layout.figure_size(rows, lines=lines)
    return width, min(height, max(_STRENGTHS_TALLEST, 1.15 + 0.145 * lines * rows))


def plot_recognition_counts(
    counts: pd.DataFrame,
    home: str,
    benchmark: str = "",
    ax: Axes | None = None,
    **kwargs: object,
) -> Axes:
    """Bars of how many enterprises each district has of each recognition, block by block.

    Parameters
    ----------
    counts
        Columns ``name`` (recognition), ``district``, ``count``, ``estimated``
        (a masked count at the midpoint of its bounds: drawn hollow, written
        约), ``masked``; one row each; from
        :func:`analysis.weakness.recognition_counts`.
    """
    safe = layout.safe_texts(counts["name"], counts["district"])
    blocks = [(safe[name], rows.sort_values("count", ascending=False, kind="stable", na_position="last"))
              for name, rows in counts.groupby("name", sort=False)]
    rows = len(counts) + 1.3 * len(blocks)
    ax = layout.prepare_axes(ax, layout.figure_size(rows))
    size = layout.row_font(ax, rows)
    high = counts["count"].max()
    high = 1.0 if pd.isna(high) or high <= 0 else float(high)
    at, positions, labels, looks = 0.0, [], [], []
    for title, block in blocks:
        ax.annotate(title, (0, at), xycoords=("axes fraction", "data"), va="center", fontsize=size, fontweight="bold", color=style.INK)
        for row in block.itertuples():
            at += 1
            look = layout.role_style(row.district, home, benchmark)
            positions, labels, looks = [*positions, at], [*labels, safe[row.district]], [*looks, look]
            known = pd.notna(row.count)
            if known:
                ax.barh(at, row.count, height=0.66, lw=0.8, zorder=2, edgecolor=look["color"],
                        color="white" if row.estimated else look["color"], linestyle="--" if row.estimated else "-")
            text = f"{'约 ' if row.estimated else ''}{row.count:g}" if known else "未公开" if row.masked else "缺数"
            ax.annotate(text, (row.count if known else 0, at), xytext=(4, 0), textcoords="offset points", va="center", fontsize=size,
                        color=look["color"] if look["weight"] == "bold" else style.INK, fontweight=look["weight"])
        at += 1.3
    layout.label_rows(ax, positions, labels, size, looks)
    ax.set_xlim(0, high * 1.12)
    ax.set_ylim(at - 0.6, -0.7)
    ax.xaxis.set_major_locator(layout.value_locator())
    ax.set_xlabel("认定家数")
    keys = [Patch(facecolor=style.HOME, label=style.drawable(home))]
    keys += [Patch(facecolor=style.BENCHMARK, label=style.drawable(benchmark))] if benchmark in set(counts["district"]) else []
    keys += [Patch(facecolor=style.OTHER, label="同组其他地区")]
    keys += [Patch(facecolor="white", edgecolor=style.MUTED, linestyle="--", label="未公开，按区间中点推算")] if counts["estimated"].any() else []
    layout.legend_below(ax, keys)
    ax.set(**kwargs)
    return ax


def plot_place_shares(
    table: pd.DataFrame,
    recognition: str,
    output: str = "开票销售",
    ax: Axes | None = None,
    **kwargs: object,
) -> Axes:
    """Each town's share of a recognition against its share of output, small numbers grey.

    Parameters
    ----------
    table
        One row per town: ``place``, ``output_share`` and ``share`` (fractions
        of the district), ``count`` (recognised enterprises), ``small`` (too few
        to judge); drawn from the largest output to the smallest.
    recognition, output
        Names for the legend.
    """
    ordered = table.sort_values("output_share", ascending=False, kind="stable", na_position="last").reset_index(drop=True)
    safe = layout.safe_texts(ordered["place"], [recognition, output])
    labels = [style.wrap_label(safe[place], 24) for place in ordered["place"]]
    lines = max((label.count("\n") + 1 for label in labels), default=1)
    rows = len(ordered) + 1
    ax = layout.prepare_axes(ax, layout.figure_size(rows, lines=lines))
    size = layout.row_font(ax, rows, lines)
    for row in ordered.itertuples():
        own, base = 100 * row.share, 100 * row.output_share
        color = style.OTHER if row.small else style.LAGGING if own < base else style.BENCHMARK
        ax.plot([base, own], [row.Index, row.Index], lw=2.6, color=color, alpha=0.6, zorder=1, solid_capstyle="butt")
        ax.plot(base, row.Index, ls="", marker="|", ms=11, mew=2, color=style.INK, zorder=3, clip_on=False)
        ax.plot(own, row.Index, ls="", marker="o", ms=6.5, color=color, zorder=3, clip_on=False,
                markerfacecolor="white" if row.small else color)
    columns = [("产出%", [layout.number(100 * v, 1) for v in ordered["output_share"]]),
               ("认定%", [layout.number(100 * v, 1) for v in ordered["share"]]), ("家数", [f"{v:g}" for v in ordered["count"]])]
    layout.label_rows(ax, range(len(ordered)), labels, size)
    layout.side_columns(ax, range(len(ordered)), columns, size, -0.9)
    largest = np.nanmax(ordered[["share", "output_share"]].to_numpy(dtype=float), initial=0.01)
    ax.set_xlim(0, 105 * float(largest))
    ax.set_ylim(len(ordered) - 0.4, -1.3)
    ax.xaxis.set_major_locator(layout.value_locator())
    ax.set_xlabel("占全区的份额（%）")
    layout.legend_below(ax, [
        layout.marker_key(f"{safe[output]}份额", "|", style.INK),
        layout.marker_key(f"{safe[recognition]}份额，高于产出", "o", style.BENCHMARK),
        layout.marker_key("低于产出", "o", style.LAGGING),
        layout.marker_key("家数太少，不判断", "o", style.OTHER, hollow=True),
    ])
    ax.set(**kwargs)
    return ax
