"""What a chart consists of, in words: the alternative text of its image.

The sentence that says what to read from a chart stands above it for everybody; repeating it as the alternative
text would let a screen reader say it twice. What such a reader lacks is what the others see at a glance: axes, what is
on them, legend. That is taken from the figure itself.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

MOST_NAMES, MOST_PANELS = 12, 6
_NUMBER = re.compile(r"[+\-−]?[\d,]*\.?\d+\s*%?")


def in_words(fig: object) -> str:
    """Axes, their ends or names, and the legend of a drawn figure as one sentence; empty when it has no words at all."""
    panels = [(_text(ax.get_title()) or _text(ax.get_title(loc="left")), said) for ax in fig.axes if ax.get_visible() and (said := _panel(ax))]
    if len(panels) == 1:
        parts = [panels[0][1]]
    else:
        parts = [f"第 {number} 幅{f'“{title}”' if title else ''}，{said}" for number, (title, said) in enumerate(panels[:MOST_PANELS], 1)]
        if len(panels) > MOST_PANELS:
            parts.append(f"共 {len(panels)} 幅")
    legends = [*fig.legends, *(ax.get_legend() for ax in fig.axes)]
    names = _names([_text(entry.get_text()) for legend in legends if legend is not None for entry in legend.get_texts()])
    if names:
        parts.append(f"图例：{names}")
    return "；".join(parts) + "。" if parts else ""


def _panel(ax: object) -> str:
    if not ax.axison:
        return ""
    said = []
    for side, axis in (("横轴", ax.xaxis), ("纵轴", ax.yaxis)):
        label = _text(axis.get_label().get_text()) if axis.get_label().get_visible() else ""
        marks = _marks(axis) if axis.get_visible() else []
        what = "，".join(filter(None, (label, _ends(marks) or _names(marks))))
        if what:
            said.append(f"{side}：{what}")
    return "；".join(said)


def _marks(axis: object) -> list[str]:
    """The tick labels that are seen: drawn, not empty, within the view."""
    low, high = sorted(axis.get_view_interval())
    slack = (high - low) * 1e-6
    seen = []
    for tick in axis.get_major_ticks():
        shown = next((label for label in (tick.label1, tick.label2) if label.get_visible() and _text(label.get_text())), None)
        if shown is not None and low - slack <= tick.get_loc() <= high + slack:
            seen.append(_text(shown.get_text()))
    return seen


def _ends(marks: Sequence[str]) -> str:
    """``0 到 100`` when all marks are numbers and there is more than one."""
    if len(marks) < 2 or not all(_NUMBER.fullmatch(mark) for mark in marks):
        return ""
    return f"{marks[0]} 到 {marks[-1]}"


def _names(names: Sequence[str]) -> str:
    kept = list(dict.fromkeys(filter(None, names)))
    return "、".join(kept) if len(kept) <= MOST_NAMES else f"{'、'.join(kept[:MOST_NAMES - 4])} 等 {len(kept)} 项"


def _text(words: str) -> str:
    """Line breaks within a label are only there for want of room."""
    return re.sub(r"\s*\n\s*", "", words).strip()
