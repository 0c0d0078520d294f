"""Does our ranking agree with the published one: differences against a tolerance."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from analysis import style
from analysis.plots import layout


def plot_reconciliation(
    table: pd.DataFrame,
    tolerance: float,
    ax: Axes | None = None,
    decimals: int = 2,
    **kwargs: object,
) -> Axes:
    """Dots of recomputed minus published score, against the tolerance band.

    Parameters
    ----------
    table
        Columns ``district, score, published_score, score_diff, rank,
        published_rank, rank_diff``, one row per district, drawn in the order
        given. Missing published figures are written 未公布或已屏蔽.
    tolerance
        Half-width of the band in points.

    A difference is outside when it exceeds the tolerance by more than rounding
    (1e-9); outside dots are squares with the difference written beside them.
    """
    districts = [str(district) for district in table["district"]]
    safe = layout.safe_texts(districts)
    wrap = 24 if len(table) <= 30 else 60
    labels = [style.wrap_label(safe[district], wrap) for district in districts]
    lines = max((label.count("\n") + 1 for label in labels), default=1)
    rows = len(table) + 1
    ax = layout.prepare_axes(ax, layout.figure_size(rows, lines=lines))
    size = layout.row_font(ax, rows, lines)

    differences = table["score_diff"].to_numpy(dtype=float)
    outside = np.abs(differences) > tolerance + 1e-9
    largest = max(float(np.nanmax(np.abs(differences), initial=0.0)), tolerance, 1e-6)
    reach = largest * (1.45 if outside.any() else 1.3)
    ax.axvspan(-tolerance, tolerance, color=style.BAND, lw=0, zorder=0)
    for edge in (-tolerance, tolerance):
        ax.axvline(edge, color=style.MUTED, lw=0.7, ls="--", zorder=1)
    ax.axvline(0, color=style.INK, lw=0.9, zorder=1)
    for row, (difference, far) in enumerate(zip(differences, outside)):
        _draw_row(ax, row, difference, far, size, decimals, reach)

    rank_differs = (table["rank_diff"].fillna(0) != 0).to_numpy()
    looks = [
        {"weight": "bold", "color": style.HOME} if bad else {"weight": "normal", "color": style.INK}
        for bad in outside | rank_differs
    ]
    columns = [
        ("复算得分", [layout.number(v, decimals) for v in table["score"]]),
        ("公布得分", [layout.number(v, decimals) for v in table["published_score"]]),
        ("复算位次", [layout.place(v) for v in table["rank"]]),
        ("公布位次", [
            layout.place(v) + (" ≠" if bad else "")
            for v, bad in zip(table["published_rank"], rank_differs)
        ]),
    ]
    layout.label_rows(ax, range(len(table)), labels, size, looks)
    layout.side_columns(ax, range(len(table)), columns, size, -0.9, looks)
    ax.set_xlim(-reach, reach)
    ax.set_ylim(len(table) - 0.4, -1.3)
    ax.xaxis.set_major_locator(layout.value_locator())
    ax.set_xlabel("复算得分 − 公布得分（分）")
    keys = [
        Patch(facecolor=style.BAND, edgecolor=style.MUTED, lw=0.5, ls="--",
              label=f"容差范围 ±{tolerance:g} 分"),
        layout.marker_key("容差以内", "o", style.BENCHMARK),
    ]
    if outside.any():
        keys.append(layout.marker_key("超出容差", "s", style.HOME))
    if rank_differs.any():
        keys.append(layout.note_key("≠ 位次不一致"))
    layout.legend_below(ax, keys)
    ax.set(**kwargs)
    return ax


def _draw_row(ax, row, difference, far, size, decimals, reach) -> None:
    ax.hlines(row, -reach, reach, colors=style.RULE, lw=0.7, linestyles=":", zorder=0.5)
    if not np.isfinite(difference):
        ax.annotate("未公布或已屏蔽", (0, row), xytext=(6, 0), textcoords="offset points",
                    va="center", fontsize=size * 0.92, color=style.MUTED,
                    bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.2, "alpha": 0.9})
        return
    marker, color = ("s", style.HOME) if far else ("o", style.BENCHMARK)
    ax.plot(difference, row, ls="", marker=marker, color=color, ms=min(6.5, size * 0.75), zorder=3)
    if far:
        right = difference > 0
        # Small differences would round away at the decimals of the score.
        places = max(decimals, 3) if abs(difference) < 0.05 else decimals
        ax.annotate(layout.number(difference, places, signed=True), (difference, row),
                    xytext=(7 if right else -7, 0), textcoords="offset points",
                    ha="left" if right else "right", va="center", fontsize=size,
                    fontweight="bold", color=style.HOME)
