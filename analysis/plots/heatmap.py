"""Where the weak points are: district × indicator as a heat table."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.patches import Patch, Rectangle
from matplotlib.transforms import offset_copy

from analysis import style
from analysis.plots import layout

_MAP = LinearSegmentedColormap.from_list("weakness", style.WEAKNESS)
_HEADER_SPACING = 1.12
MISSING_TEXT, MASKED_TEXT = "缺", "**"


def plot_heatmap(
    scores: pd.DataFrame,
    ranks: pd.DataFrame | None = None,
    names: Mapping[str, str] | None = None,
    groups: pd.Series | None = None,
    home: str | None = None,
    ax: Axes | None = None,
    benchmark: str | None = None,
    total_ranks: pd.Series | None = None,
    district_groups: pd.Series | None = None,
    masked: pd.DataFrame | None = None,
    show: str = "score",
    numbers: bool | None = None,
    decimals: int = 1,
    **kwargs: object,
) -> Axes:
    """Heat table of indicator scores; the darker a cell, the weaker the place.

    Parameters
    ----------
    scores, ranks
        District × indicator code. Cells are coloured by rank within the
        column (and ranking group) where `ranks` is given, else by score
        between the column's least and greatest.
    groups
        Indicator code -> group name, written above neighbouring columns.
    total_ranks, district_groups
        Rank in total and ranking group by district; rows follow them, groups
        in order of first appearance, named on the right. Without `total_ranks` rows keep the order of `scores`.
    masked
        True where a missing score was published as ``**``.
    show
        What the cells say: ``"score"`` or ``"rank"``.
    numbers
        Write them or not; by default as soon as the cells are large enough.
    """
    if show not in ("score", "rank") or (show == "rank" and ranks is None):
        raise ValueError("show must be 'score', or 'rank' with ranks given")
    table, separators = _ordered_rows(scores, total_ranks, district_groups)
    columns = _ordered_columns(table, groups)
    table = table[columns]
    names = dict(names or {})
    titles = [names.get(code, code) for code in columns]
    group_of = [_group(groups, code) for code in columns]
    blocks = _blocks(table.index, separators, district_groups)
    safe = layout.safe_texts(table.index, titles, group_of, [name for name, *_ in blocks])
    rows, width = table.shape
    districts = [
        _with_rank(safe[d], None if total_ranks is None else total_ranks.get(d)) for d in table.index
    ]
    label_width = min(36 if rows > 30 else 24, max(map(style.display_width, districts), default=4))
    labels = [style.wrap_label(text, max(2, label_width)) for text in districts]

    per_column = 0.8 if width <= 8 else 0.42 if width <= 30 else 0.17
    label_points = max((layout.text_points(label, 9) for label in labels), default=0) + 14
    inches = max(layout.WIDTH, label_points / 72 + per_column * width + 0.3)
    own = ax is None
    cell = (inches * 72 - label_points - 22) / max(width, 1)
    if not own:
        style.ensure_style()
        cell = layout.width_points(ax, label_points) / max(width, 1)
    # Two Latin letters stand side by side in the narrowest column.
    header_size = min(8.5, max(4.0, cell * 0.62))
    headers = _headers([safe[title] for title in titles], cell, header_size)
    header_points = _lines(headers) * header_size * _HEADER_SPACING + 6
    spans = _spans(group_of)
    brackets = [
        style.wrap_label(safe[name], max(2, math.floor((end - start) * cell / 4.6)))
        for name, start, end in spans
    ]
    bracket_points = (_lines(brackets) * 8.5 * _HEADER_SPACING + 14) if any(brackets) else 0
    if own:
        lines = max((label.count("\n") + 1 for label in labels), default=1)
        body = layout.figure_size(rows, lines=lines)[1] - 1.15
        body = max(body, 0.5)
        ax = layout.prepare_axes(
            None, (inches, body + 0.95 + (header_points + bracket_points) / 72))
        row_points = body * 72 / max(rows, 1)
    else:
        row_points = ax.get_position().height * ax.get_figure(root=True).get_figheight() * 72 / rows

    shade = _shades(table, ranks, district_groups)
    ax.pcolormesh(np.arange(width + 1), np.arange(rows + 1), np.ma.masked_invalid(shade),
                  cmap=_MAP, vmin=0, vmax=1, edgecolors="white", lw=0.6 if cell > 14 else 0.25)
    hidden = _hidden(table, masked)
    if numbers is None:
        numbers = cell >= 17 and row_points >= 9
    shown = table if show == "score" else ranks.reindex(index=table.index, columns=columns)
    size = min(8.5, cell / 2.6, row_points * 0.7)
    _draw_cells(ax, table, shown, shade, hidden, show, decimals, size, numbers)

    looks = [layout.role_style(d, home, benchmark) for d in table.index]
    row_size = min(9.5, row_points * 0.82 / max(label.count("\n") + 1 for label in labels))
    layout.label_rows(ax, np.arange(rows) + 0.5, labels, row_size, looks, pad=5)
    ax.set_xticks(np.arange(width) + 0.5, headers, fontsize=header_size, linespacing=1.0)
    ax.xaxis.tick_top()
    ax.tick_params(axis="x", length=0, pad=4)
    for spine in ax.spines.values():
        spine.set_visible(False)
    ax.set_xlim(0, width)
    ax.set_ylim(rows, 0)
    for position in separators:
        ax.axhline(position, color=style.INK, lw=1.4, zorder=5)
    for name, start, end in blocks:
        _name_block(ax, safe[name], start, end, row_points)
    for position, look in enumerate(looks):
        if look["color"] == style.HOME:
            ax.add_patch(Rectangle((0, position), width, 1, fill=False, ec=style.INK, lw=2,
                                   zorder=6, clip_on=False))
    if any(brackets):
        _draw_brackets(ax, spans, brackets, header_points)
    layout.legend_below(ax, _keys(table, hidden, ranks is not None), drop=10)
    ax.set(**kwargs)
    return ax


def _ordered_rows(scores, total_ranks, district_groups) -> tuple[pd.DataFrame, list[int]]:
    keys = pd.DataFrame({"order": range(len(scores))}, index=scores.index)
    keys["group"] = 0
    if district_groups is not None:
        found = district_groups.reindex(scores.index).astype(object).fillna("未分组")
        keys["group"] = pd.factorize(found)[0]
    keys["rank"] = np.nan if total_ranks is None else total_ranks.reindex(scores.index)
    keys = keys.sort_values(["group", "rank", "order"])
    breaks = np.flatnonzero(np.diff(keys["group"].to_numpy())) + 1
    return scores.reindex(keys.index).astype(float), breaks.tolist()


def _blocks(districts, separators, district_groups) -> list[tuple[str, int, int]]:
    if district_groups is None:
        return []
    edges = [0, *separators, len(districts)]
    found = district_groups.reindex(districts).astype(object).fillna("未分组")
    return [(str(found.iloc[start]), start, end) for start, end in zip(edges, edges[1:])]


def _name_block(ax, name: str, start: int, end: int, row_points: float) -> None:
    # Downwards where the block is tall enough, in more columns where it is not.
    fits = math.floor((end - start) * row_points / (8.5 * _HEADER_SPACING))
    width = next((w for w in range(2, 60, 2) if len(style.wrap_label(name, w).split("\n")) <= fits), 60)
    ax.annotate(style.wrap_label(name, width), (1, (start + end) / 2), xytext=(6, 0),
                xycoords=("axes fraction", "data"), textcoords="offset points", va="center",
                fontsize=min(8.5, row_points), color=style.MUTED, fontweight="bold",
                linespacing=1.0, annotation_clip=False)


def _ordered_columns(table, groups) -> list:
    if groups is None:
        return list(table.columns)
    seen = pd.factorize(np.array([_group(groups, code) for code in table.columns], dtype=object))[0]
    return [table.columns[i] for i in np.argsort(seen, kind="stable")]


def _group(groups, code) -> str:
    if groups is None:
        return ""
    name = groups.get(code, "")
    return "" if pd.isna(name) else str(name)


def _with_rank(name: str, rank) -> str:
    return name if rank is None else f"{name}  {layout.place(rank)}"


def _headers(titles: list[str], cell: float, size: float) -> list[str]:
    # Narrow columns read downwards, as printed Chinese tables do.
    columns = max(2, math.floor((cell - 2) / (size * 0.55)))
    return [style.wrap_label(title, columns) for title in titles]


def _lines(texts: list[str]) -> int:
    return max((text.count("\n") + 1 for text in texts), default=1)


def _spans(group_of: list[str]) -> list[tuple[str, int, int]]:
    spans: list[tuple[str, int, int]] = []
    for i, name in enumerate(group_of):
        if spans and spans[-1][0] == name:
            spans[-1] = (name, spans[-1][1], i + 1)
        else:
            spans.append((name, i, i + 1))
    return spans


def _shades(table, ranks, district_groups) -> np.ndarray:
    """0 for the strongest place of the column, 1 for the weakest, NaN where unknown."""
    if ranks is None:
        low, high = table.min(), table.max()
        shade = (high - table) / (high - low).where(high > low)
        return shade.where(table.isna() | shade.notna(), 0.0).to_numpy()
    ranks = ranks.reindex(index=table.index, columns=table.columns).astype(float)
    group = pd.Series(0, index=table.index)
    if district_groups is not None:
        group = district_groups.reindex(table.index).astype(object).fillna("未分组")
    members = ranks.notna().groupby(group).transform("sum")
    shade = (ranks - 1) / (members - 1).clip(lower=1)
    return shade.clip(0, 1).where(table.notna()).to_numpy()


def _hidden(table, masked) -> np.ndarray:
    if masked is None:
        return np.zeros(table.shape, dtype=bool)
    flags = masked.reindex(index=table.index, columns=table.columns)
    return flags.fillna(False).to_numpy(dtype=bool) & table.isna().to_numpy()


def _draw_cells(ax, table, shown, shade, hidden, show, decimals, size, numbers) -> None:
    for row, column in np.argwhere(np.isnan(shade)):
        value_known = np.isfinite(table.iat[row, column])
        ax.add_patch(Rectangle(
            (column, row), 1, 1, facecolor=style.MISSING, edgecolor="#9AA1A8", lw=0,
            hatch=None if value_known else "xxxx" if hidden[row, column] else "////", zorder=2))
    if not numbers:
        return
    for row in range(table.shape[0]):
        for column in range(table.shape[1]):
            shaded = np.isfinite(shade[row, column])
            absent = not np.isfinite(table.iat[row, column])
            if absent:
                text = MASKED_TEXT if hidden[row, column] else MISSING_TEXT
            elif show == "rank":
                text = layout.place(shown.iat[row, column])
            else:
                text = layout.number(shown.iat[row, column], decimals)
            box = {"facecolor": style.MISSING, "edgecolor": "none", "pad": 0.8} if absent else None
            ax.text(column + 0.5, row + 0.5, text, ha="center", va="center", fontsize=size,
                    color=style.ink_on(_MAP(shade[row, column])) if shaded else style.INK, zorder=4, bbox=box, in_layout=False)


def _draw_brackets(ax, spans, texts, above: float) -> None:
    # A second top axis, because the title keeps clear of tick labels only.
    named = [(text, start, end) for (name, start, end), text in zip(spans, texts) if name]
    top = ax.secondary_xaxis("top")
    top.spines["top"].set_visible(False)
    top.set_xticks([(start + end) / 2 for _, start, end in named], [text for text, *_ in named],
                   fontsize=8.5, fontweight="bold", linespacing=1.0)
    top.tick_params(axis="x", length=0, pad=above + 5)
    line = offset_copy(ax.get_xaxis_transform(), ax.get_figure(root=True), y=above + 2, units="points")
    for _, start, end in named:
        ax.plot([start + 0.08, end - 0.08], [1, 1], transform=line, color=style.MUTED, lw=1.0,
                clip_on=False, scalex=False, scaley=False)


def _keys(table, hidden, by_rank) -> list[Patch]:
    absent = table.isna().to_numpy()
    what = ("位次靠前", "居中", "位次靠后") if by_rank else ("得分高", "居中", "得分低")
    keys = [Patch(facecolor=_MAP(depth), edgecolor=style.RULE, lw=0.5, label=label)
            for depth, label in zip((0.0, 0.5, 1.0), what)]
    for flags, hatch, label in (
        (absent & ~hidden, "////", f"{MISSING_TEXT}：没有数据"),
        (absent & hidden, "xxxx", f"{MASKED_TEXT}：已屏蔽，未公布"),
    ):
        if flags.any():
            keys.append(Patch(facecolor=style.MISSING, edgecolor="#9AA1A8", lw=0, hatch=hatch, label=label))
    return keys
