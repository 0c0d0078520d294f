"""Action lists in pictures: who meets, applies and is recognised, where, against whom, and what blocks."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from analysis import style
from analysis.plots import layout

_MAP = LinearSegmentedColormap.from_list("counts", style.WEAKNESS)
# Nested bars from the widest and palest to the narrowest and darkest; lightness and height tell them apart.
_STEPS = (("roster", "名册", style.BAND, "", 0.86), ("meets", "符合条件", style.PARTS[1], "", 0.64),
          ("applied", "累计申报", style.PARTS[2], "", 0.42), ("recognised", "已认定", style.BENCHMARK, "", 0.2))
_DARKEST = 10  # enterprises in a cell
_MOST = 60  # rows drawn of a table that would not fit on a page
UNNAMED = "（未填）"


def plot_funnel(table: pd.DataFrame, ax: Axes | None = None, **kwargs: object) -> Axes:
    """Nested bars by recognition: on the roster, of these who meet the conditions, have applied, are recognised.

    Parameters
    ----------
    table
        Columns ``certification``, ``roster``, ``meets``, ``applied``, ``recognised`` and
        ``due`` (家), as :func:`analysis.recognition.funnel` gives.
    """
    if table.empty:
        return _empty(ax, "没有筛查结果", kwargs)
    labels, ax, size = _rows(table["certification"], ax, wrap=22)
    for column, _, color, hatch, height in _STEPS:
        ax.barh(range(len(table)), table[column], height=height, color=color, hatch=hatch, edgecolor=style.MUTED, lw=0.5, zorder=2)
    columns = [(word, [f"{v:.0f}" for v in table[column]]) for column, word, *_ in _STEPS]
    layout.label_rows(ax, range(len(table)), labels, size)
    end = layout.side_columns(ax, range(len(table)), columns, size, -0.85)
    looks = [{"weight": "bold", "color": style.HOME} if v else {"weight": "normal", "color": style.INK} for v in table["due"]]
    layout.side_columns(ax, range(len(table)), [("应报未报", [f"{v:.0f}" for v in table["due"]])], size, -0.85, looks, start=end)
    _counts_axis(ax, table["roster"].max(), len(table), "企业（家）")
    layout.legend_below(ax, [Patch(facecolor=color, hatch=hatch, edgecolor=style.MUTED, lw=0.5, label=word) for _, word, color, hatch, _ in _STEPS])
    ax.set(**kwargs)
    return ax


def plot_town_matrix(due: pd.DataFrame, near: pd.DataFrame, ax: Axes | None = None, **kwargs: object) -> Axes:
    """Place × recognition: 应报未报＋靠靠能报 in figures, the darker the more.

    Parameters
    ----------
    due, near
        Column ``place`` and one column of counts (家) per recognition, as
        :func:`analysis.recognition.by_place` gives for one status; further columns
        ``roster`` and ``enterprises`` are left out. Places by their sum, most first.
    """
    due, near = (_matrix(t) for t in (due, near))
    near = near.reindex(index=due.index, columns=due.columns, fill_value=0)
    total = due + near
    total = total.loc[total.sum(axis=1).sort_values(ascending=False, kind="stable").index, total.columns[total.sum() > 0]].head(_MOST)
    if total.empty or not total.to_numpy().any():
        return _empty(ax, "没有应报未报和靠靠能报的企业", kwargs)
    safe = layout.safe_texts(total.index, total.columns)
    labels = [style.wrap_label(safe[place], 24 if len(total) <= 30 else 36) for place in total.index]
    lines = max(label.count("\n") + 1 for label in labels)
    width, per_row = total.shape[1], 0.3 + 0.15 * (lines - 1)
    label_points = max(layout.text_points(label, 9) for label in labels) + 14
    inches = max(layout.WIDTH, label_points / 72 + 0.62 * width + 0.3)
    cell = (inches * 72 - label_points - 22) / width
    headers = [style.wrap_label(safe[name], max(2, math.floor((cell - 4) / (8.5 * 0.55)))) for name in total.columns]
    top = max(h.count("\n") + 1 for h in headers) * 9.6 / 72
    row = min(per_row, max(0.17, 12.5 / len(total)))
    ax = layout.prepare_axes(ax, (inches, max(0.45, row * len(total)) + top + 0.6))
    size = float(np.clip(row * 72 * 0.6 / lines, 5.0, 9.5))
    # A few enterprises are never the darkest, however few there are elsewhere.
    shade = total.to_numpy() / max(total.to_numpy().max(), _DARKEST)
    ax.pcolormesh(np.arange(width + 1), np.arange(len(total) + 1), np.ma.masked_equal(shade, 0), cmap=_MAP, vmin=0, vmax=1, edgecolors="white", lw=0.6)
    for i, place in enumerate(total.index):
        for j, name in enumerate(total.columns):
            a, b = int(due.at[place, name]), int(near.at[place, name])
            if a or b:
                ax.text(j + 0.5, i + 0.5, f"{a}＋{b}", ha="center", va="center", fontsize=min(size, 9), color=style.ink_on(_MAP(shade[i, j])), zorder=4)
    layout.label_rows(ax, np.arange(len(total)) + 0.5, labels, size)
    ax.set_xticks(np.arange(width) + 0.5, headers, fontsize=8.5, linespacing=1.0)
    ax.xaxis.tick_top()
    ax.tick_params(axis="x", length=0, pad=4)
    for spine in ax.spines.values():
        spine.set_visible(False)
    ax.set_xlim(0, width)
    ax.set_ylim(len(total), 0)
    cut = len(due) - len(total)
    keys = [layout.note_key("格内：应报未报＋靠靠能报（家），空格为没有"), *([layout.note_key(f"另有 {cut} 个镇街园区没有画出")] if cut else [])]
    layout.legend_below(ax, keys, drop=8)
    ax.set(**kwargs)
    return ax


def plot_per_hundred(table: pd.DataFrame, home: str, benchmark: str | None = None, ax: Axes | None = None, **kwargs: object) -> Axes:
    """Recognised enterprises per 100 above-scale ones: every district a dot, one row per recognition.

    Parameters
    ----------
    table
        Columns ``certification``, ``district``, ``per_hundred`` and ``rank``, as
        :func:`analysis.recognition.per_hundred` gives; districts without a figure are left out.
    """
    known = table.dropna(subset=["per_hundred"]) if len(table) else table
    if known.empty:
        return _empty(ax, "没有可与周边比较的数据", kwargs)
    names = list(dict.fromkeys(known["certification"]))
    labels, ax, size = _rows(names, ax, wrap=22)
    safe = layout.safe_texts([home, benchmark or ""])
    columns = {"本区": [], "其他中位数": [], "最高": [], "位次": []}
    for row, name in enumerate(names):
        part = known[known["certification"] == name].set_index("district")
        values = part["per_hundred"]
        others = values.drop(home, errors="ignore")
        ax.plot([values.min(), values.max()], [row, row], color=style.RULE, lw=2.5, zorder=1)
        ax.plot([others.median()] * 2, [row - 0.3, row + 0.3], color=style.INK, lw=1.2, zorder=2)
        for district in sorted(part.index, key=lambda d: (d == home, d == benchmark)):
            look = layout.role_style(district, home, benchmark)
            ax.plot(values[district], row, ls="", marker=look["marker"], ms=8 if look["weight"] == "bold" else 6.5, color=look["color"],
                    markeredgecolor="white", markeredgewidth=0.6, zorder=4 if look["weight"] == "bold" else 3, clip_on=False)
        columns["本区"].append(layout.number(values.get(home, np.nan), 1))
        columns["其他中位数"].append(layout.number(others.median(), 1))
        columns["最高"].append(layout.number(values.max(), 1))
        columns["位次"].append(f"{layout.place(part['rank'].get(home))}/{len(part)}")
    layout.label_rows(ax, range(len(names)), labels, size)
    layout.side_columns(ax, range(len(names)), list(columns.items()), size, -0.85)
    _counts_axis(ax, known["per_hundred"].max(), len(names), "每百家规上工业企业中的认定数（家）", whole=False)
    keys = [layout.marker_key(safe[home], style.MARKERS["home"], style.HOME)] if home in set(known["district"]) else []
    if benchmark and benchmark in set(known["district"]) and benchmark != home:
        keys.append(layout.marker_key(safe[benchmark], style.MARKERS["benchmark"], style.BENCHMARK))
    keys += [layout.marker_key("其他区县", style.MARKERS["other"], style.OTHER), Line2D([], [], color=style.INK, lw=0, marker="|", ms=10, label="其他区县中位数")]
    layout.legend_below(ax, keys)
    ax.set(**kwargs)
    return ax


def plot_hurdles(table: pd.DataFrame, ax: Axes | None = None, most: int = 12, **kwargs: object) -> Axes:
    """Bars of the clauses that block most of 靠靠能报 enterprises, those that lack nothing else told apart.

    Parameters
    ----------
    table
        Columns ``certification``, ``clause``, ``near``, ``only`` (家), ``missing`` and
        ``unit``, as :func:`analysis.actions.hurdles` gives; `most` rows are drawn.
    """
    shown = table[table["near"] > 0].head(most) if len(table) else table
    if shown.empty:
        return _empty(ax, "没有靠靠能报的企业，或没有卡住它们的条件", kwargs)
    labels, ax, size = _rows(shown["clause"], ax, wrap=36, below=shown["certification"])
    only, rest = shown["only"].to_numpy(dtype=float), (shown["near"] - shown["only"]).to_numpy(dtype=float)
    at = range(len(shown))
    ax.barh(at, only, height=0.6, color=style.BENCHMARK, edgecolor=style.MUTED, lw=0.5, zorder=2)
    ax.barh(at, rest, left=only, height=0.6, color=style.LAGGING, hatch="///", edgecolor=style.HOME, lw=0.5, zorder=2)
    units = layout.safe_texts(shown["unit"])
    gaps = [f"{layout.number(v, 2).rstrip('0').rstrip('.')} {units[u]}".rstrip() if np.isfinite(v) else "—" for v, u in zip(shown["missing"], shown["unit"])]
    layout.label_rows(ax, at, labels, size)
    layout.side_columns(ax, at, [("未达到", [f"{v:.0f}" for v in shown["near"]]), ("只差这条", [f"{v:.0f}" for v in only]), ("差额中位数", gaps)], size, -0.85)
    _counts_axis(ax, shown["near"].max(), len(shown), "靠靠能报中未达到这一条的企业（家）")
    keys = [Patch(facecolor=style.BENCHMARK, edgecolor=style.MUTED, lw=0.5, label="只差这一条"),
            Patch(facecolor=style.LAGGING, hatch="///", edgecolor=style.HOME, lw=0.5, label="还差别的条件")]
    cut = int((table["near"] > 0).sum()) - len(shown)
    layout.legend_below(ax, keys + ([layout.note_key(f"另有 {cut} 条没有画出")] if cut else []))
    ax.set(**kwargs)
    return ax


def plot_near(table: pd.DataFrame, ax: Axes | None = None, **kwargs: object) -> Axes:
    """How near the 靠靠能报 are: one dot per enterprise, one row per recognition, equal distances side by side.

    Parameters
    ----------
    table
        Columns ``certification`` and ``distance`` (missing amounts ÷ tolerances, summed), as
        ``Screening.listed(["靠靠能报"])`` gives.
    """
    known = table.dropna(subset=["distance"]) if len(table) else table
    if known.empty:
        return _empty(ax, "没有靠靠能报的企业", kwargs)
    counts = known["certification"].astype(str).value_counts(sort=False)
    names = [n for n in dict.fromkeys(known["certification"].astype(str)) if counts[n]]
    labels, ax, size = _rows(names, ax, wrap=22, roomy=1.5)
    top = max(float(known["distance"].max()), 1.0)
    step = top / 90
    for row, name in enumerate(names):
        values = np.sort(known.loc[known["certification"].astype(str) == name, "distance"].to_numpy(dtype=float))
        bins = np.round(values / step)
        rank = np.array([np.sum(bins[:k] == b) for k, b in enumerate(bins)])
        # A pile that would leave its row is pressed together.
        pile = max(rank.max(initial=0), 1)
        up = np.where(rank % 2, (rank + 1) // 2, -(rank // 2)) * min(0.13, 0.8 / pile)
        ax.plot(values, row + up, ls="", marker="o", ms=4.5, color=style.PARTS[0], alpha=0.85, markeredgecolor="white", markeredgewidth=0.4, zorder=3, clip_on=False)
        ax.axhline(row, color=style.RULE, lw=0.6, zorder=1)
    middle = known.groupby(known["certification"].astype(str))["distance"].median()
    layout.label_rows(ax, range(len(names)), labels, size)
    layout.side_columns(ax, range(len(names)), [("家", [f"{counts[n]}" for n in names]), ("中位数", [layout.number(middle[n], 2) for n in names])], size, -0.85)
    _counts_axis(ax, top, len(names), "距离（差额÷容差，几条相加；1 为用足一条的容差）", whole=False)
    ax.set(**kwargs)
    return ax


def _rows(names, ax, wrap, roomy=1.0, below=None):
    """Labels as drawn (two lines at most, and one of ``below`` in brackets), the axes for that many rows and the font size."""
    names, below = list(names), list(below if below is not None else [])
    safe = layout.safe_texts(names, below)
    labels = [_cut(style.wrap_label(safe[n] or UNNAMED, wrap), 2) for n in names]
    labels = [f"{label}\n（{_cut(style.wrap_label(safe[under], wrap), 1)}）" for label, under in zip(labels, below)] if below else labels
    lines = max(label.count("\n") + 1 for label in labels)
    ax = layout.prepare_axes(ax, layout.figure_size((len(labels) + 1) * roomy, lines=lines))
    return labels, ax, layout.row_font(ax, len(labels) + 1, lines)


def _cut(label: str, most: int) -> str:
    lines = label.split("\n")
    return label if len(lines) <= most else "\n".join([*lines[:most - 1], lines[most - 1][:-1] + "…"])


def _counts_axis(ax, top, rows, label, whole=True):
    ax.set_xlim(0, max(float(top), 1 if whole else 1e-9) * 1.03)
    ax.set_ylim(rows - 0.4, -1.2)
    ax.xaxis.set_major_locator(MaxNLocator(6, integer=whole))
    ax.grid(axis="x", zorder=0)
    ax.set_xlabel(label)


def _matrix(table):
    return table.drop(columns=["roster", "enterprises"], errors="ignore").set_index("place")


def _empty(ax, text, kwargs):
    """Axes that say why nothing is drawn."""
    ax = layout.prepare_axes(ax, (layout.WIDTH, 1.6))
    ax.text(0.5, 0.5, text, ha="center", va="center", transform=ax.transAxes, color=style.MUTED, fontsize=10)
    ax.set_axis_off()
    ax.set(**kwargs)
    return ax
