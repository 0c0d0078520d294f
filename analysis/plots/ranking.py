"""Who stands where: the ranking chart."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes

from analysis import style
from analysis.plots import layout

_HEADING = 1.0  # rows taken by a group heading


def plot_ranking(
    scores: pd.Series,
    ranks: pd.Series,
    groups: pd.Series | None = None,
    home: str | None = None,
    benchmark: str | None = None,
    ranges: pd.DataFrame | None = None,
    published: pd.Series | None = None,
    ax: Axes | None = None,
    decimals: int = 2,
    **kwargs: object,
) -> Axes:
    """Dot chart of scores in order of rank, one block per ranking group.

    Parameters
    ----------
    scores, ranks
        Score (points) and rank within its group, by district. A missing rank
        is written 位次未定, or 不谈位次 where nobody in the group has another score;
        a missing score leaves the row without a dot.
    groups
        Ranking group of each district; blocks follow first appearance.
    ranges
        Columns ``low`` and ``high``: best and worst possible rank.
    published
        Published rank by district; text such as ``**`` is written as it is,
        and a number that differs from `ranks` is marked ≠.
    kwargs
        Passed to ``Axes.set`` (``title=``, ``xlabel=`` …).

    The axis need not begin at zero, since dots carry no length; its range is
    then written in the axis label.
    """
    blocks = _blocks(scores, ranks, groups)
    districts = [district for _, members in blocks for district in members]
    headings = [heading for heading, _ in blocks if heading]
    safe = layout.safe_texts(districts, headings, published.dropna() if published is not None else [])
    wrap = 24 if len(districts) <= 30 else 60
    labels = [style.wrap_label(safe[district], wrap) for district in districts]
    lines = max((label.count("\n") + 1 for label in labels), default=1)

    positions, heading_positions, row = [], [], 0.0
    for heading, members in blocks:
        if heading:
            heading_positions.append(row)
            row += _HEADING
        positions += [row + i for i in range(len(members))]
        row += len(members) + (0.35 if heading else 0)
    ax = layout.prepare_axes(ax, layout.figure_size(row + 1, lines=lines))
    size = layout.row_font(ax, row + 1, lines)

    looks = [layout.role_style(district, home, benchmark) for district in districts]
    columns = _columns(districts, scores, ranks, ranges, published, safe, decimals)
    low, high = layout.value_limits(scores.to_numpy(dtype=float))
    ax.set_xlim(low, high)
    ax.xaxis.set_major_locator(layout.value_locator())
    ax.set_ylim(row - 0.4, -1.6)
    alone = {d for _, members in blocks for d in members if scores.reindex(members).notna().sum() == 1}
    for position, district, look in zip(positions, districts, looks):
        _draw_row(ax, position, scores.get(district), ranks.get(district), look, size, district in alone)
    for heading, position in zip(headings, heading_positions):
        count = len(dict(blocks)[heading])
        ax.annotate(f"{safe[heading]}（{count}个）", (0, position), xytext=(2, 0),
                    xycoords=("axes fraction", "data"), textcoords="offset points",
                    va="center", fontsize=size, fontweight="bold", color=style.MUTED)
        ax.axhline(position - 0.55, color=style.MUTED, lw=0.6)
    layout.label_rows(ax, positions, labels, size, looks, pad=size * 2.6)
    for position, district, look in zip(positions, districts, looks):
        _beside(ax, position, layout.place(ranks.get(district)), size, look)
    _beside(ax, -1.1, "位次", size, None)
    layout.side_columns(ax, positions, columns, size, -1.1, looks)

    ax.set_xlabel("得分（分）" + layout.axis_range_note(low, high))
    layout.legend_below(ax, _keys(home, benchmark, scores, columns, safe))
    ax.set(**kwargs)
    return ax


def _blocks(scores, ranks, groups) -> list[tuple[str, list]]:
    table = pd.DataFrame({"rank": ranks.reindex(scores.index), "score": scores})
    table["order"] = range(len(table))
    if groups is None:
        table["group"] = ""
    else:
        table["group"] = groups.reindex(scores.index).astype(object).fillna("未分组")
    ordered = table.sort_values(["rank", "score", "order"], ascending=[True, False, True])
    return [
        (str(group), list(ordered.index[ordered["group"] == group]))
        for group in table["group"].unique()
    ]


def _columns(districts, scores, ranks, ranges, published, safe, decimals):
    columns = [("得分", [layout.number(scores.get(d), decimals) for d in districts])]
    if ranges is not None:
        spans = []
        for district in districts:
            low, high = ranges.reindex([district])[["low", "high"]].iloc[0]
            unknown = pd.isna(low) or pd.isna(high)
            spans.append("—" if unknown else f"{low:g}" if low == high else f"{low:g}～{high:g}")
        columns.append(("未公开数下位次", spans))
    if published is not None:
        texts = []
        for district in districts:
            told, own = published.get(district), ranks.get(district)
            text = layout.place(safe.get(told, told) if isinstance(told, str) else told)
            comparable = not isinstance(told, str) and pd.notna(told) and pd.notna(own)
            differs = comparable and told != own
            texts.append(text + (" ≠" if differs else ""))
        columns.append(("公布位次", texts))
    return columns


def _draw_row(ax, position, score, rank, look, size, alone=False) -> None:
    low, high = ax.get_xlim()
    emphasised = look["weight"] == "bold"
    if emphasised:
        layout.highlight_row(ax, position, look["color"])
    ax.hlines(position, low, high, colors=style.RULE, lw=0.7, linestyles=":", zorder=1)
    known = score is not None and pd.notna(score)
    if known:
        ax.plot(score, position, marker=look["marker"], color=look["color"], ls="", zorder=3,
                markersize=min(7.5 if emphasised else 6.5, size * 0.8),
                markeredgecolor=style.INK if not emphasised else look["color"],
                markeredgewidth=0.5, clip_on=False)
    if rank is None or pd.isna(rank):
        right = not known or score <= (low + high) / 2
        ax.annotate("无可比地区，不谈位次" if known and alone else "位次未定", (score if known else low, position), xytext=(8 if right else -8, 0),
                    textcoords="offset points", va="center", ha="left" if right else "right",
                    fontsize=size * 0.92, color=style.MUTED)


def _beside(ax, position, text, size, look) -> None:
    bold = look is not None and look["weight"] == "bold"
    ax.annotate(text, (0, position), xycoords=("axes fraction", "data"), xytext=(-5, 0),
                textcoords="offset points", ha="right", va="center", annotation_clip=False,
                fontsize=size, fontweight="bold" if look else "normal",
                color=look["color"] if bold else style.INK if look else style.MUTED)


def _keys(home, benchmark, scores, columns, safe):
    keys = []
    for role, name in (("本区", home), ("对标区", benchmark)):
        if name in safe and name in scores.index:
            look = layout.role_style(name, home, benchmark)
            keys.append(layout.marker_key(f"{role}：{safe[name]}", look["marker"], look["color"]))
    if keys and len(scores) > len(keys):
        keys.append(layout.marker_key("其他", style.MARKERS["other"], style.OTHER))
    if any("≠" in text for _, texts in columns for text in texts):
        keys.append(layout.note_key("≠ 公布位次与复算位次不同"))
    return keys
