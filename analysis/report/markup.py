"""Escaped HTML for the pieces a report is made of. Strings in, strings out.

Everything that comes from a case is untrusted: it passes ``html.escape`` here,
once, before any markup of ours is put around it.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Collection, Mapping, Sequence

import numpy as np
import pandas as pd

from analysis.provenance import STATUS_ORDER as STATUSES

MARKS = {"推算": "推", "示例": "示", "不详": "?"}
MISSING = "—"
# A folded table of more rows is a register to look things up in on the screen; up to this many fill about three sheets.
PRINTED_ROWS = 60
# A table of so few rows moves to the next sheet rather than break: the gap it leaves is at most a third of a sheet.
SHORT_ROWS = 12


def escape(value: object) -> str:
    """Text safe both between tags and inside a quoted attribute."""
    return html.escape(str(value), quote=True)


def inline(text: object) -> str:
    """Escaped text in which ``**words**`` becomes <strong>words</strong>; quotes within quotes as :func:`nested` has them."""
    return re.sub(r"\*\*(?=\S)(.+?)(?<=\S)\*\*", r"<strong>\1</strong>", escape(nested(str(text))))


def plain(text: object) -> str:
    """The same text for a terminal: the emphasis marks removed."""
    return re.sub(r"\*\*(?=\S)(.+?)(?<=\S)\*\*", r"\1", nested(str(text)))


def nested(text: str) -> str:
    """Quotes within quotes are single ones (GB/T 15834): “专精特新“小巨人”企业” -> “专精特新‘小巨人’企业”; unpaired quotes stay."""
    depth, parts = 0, []
    for part in re.split("([“”])", text):
        inner = depth >= 1 if part == "“" else depth >= 2
        depth += (part == "“") - (part == "”")
        if depth < 0:
            return text
        parts.append({"“": "‘", "”": "’"}.get(part, part) if inner else part)
    return "".join(parts) if depth == 0 else text


def split_status(status: str | Collection[str] | None) -> list[str]:
    """The known statuses named in ``status``, in the official order.

    ``status`` may be one word, several joined by 、/，/space, or a collection.
    An unknown word is refused, so that a misspelt 示例 cannot pass for fact.
    """
    if status is None:
        return []
    words = re.split(r"[、，,;；/\s]+", status) if isinstance(status, str) else [str(word) for word in status]
    words = [word for word in words if word and word != "nan"]
    unknown = sorted(set(words) - set(STATUSES))
    if unknown:
        raise ValueError(f"状态只能是 {'、'.join(STATUSES)}，不认识：{'、'.join(unknown)}")
    return [word for word in STATUSES if word in words]


def badges(status: str | Collection[str] | None) -> str:
    return "".join(f'<span class="ys-badge {word}">{word}</span>' for word in split_status(status))


def source_line(source: str, status: str | Collection[str] | None = None) -> str:
    """来源 line with the status named in words, or nothing when both are empty."""
    words = split_status(status)
    if not source and not words:
        return ""
    shown = f"来源：{escape(source)}" if source else "数据状态"
    return f'<p class="ys-source">{shown}{badges(words)}</p>'


def _is_missing(value: object) -> bool:
    return value is None or (not isinstance(value, (list, tuple, dict, set, np.ndarray)) and bool(pd.isna(value)))


def _formatter(column: pd.Series, given: str | Callable | None) -> Callable[[object], str]:
    """How one column's values are written; numbers get at most two decimals unless told."""
    if callable(given):
        return lambda value: str(given(value))
    if given:
        pattern = given if "{" in given else "{:" + given + "}"
        return lambda value: value if isinstance(value, str) else pattern.format(value)
    if pd.api.types.is_bool_dtype(column):
        return lambda value: "是" if value else "否"
    if pd.api.types.is_datetime64_any_dtype(column):
        return lambda value: value.strftime("%Y-%m-%d")
    if pd.api.types.is_float_dtype(column):
        known = column.dropna()
        whole = bool(len(known)) and bool(np.all(np.isfinite(known)) and np.all(known == known.round()))
        return lambda value: f"{value:.0f}" if whole else f"{value:,.2f}"
    return str


def _text_width(column: pd.Series, write: Callable[[object], str]) -> str:
    """"s" keeps short words on one line (Chinese may break anywhere), "s m" on the screen only; "l", "x" and "xx" give
    longer ones room, so that rows stay low."""
    longest = max((len(str(write(value))) for value in column if not _is_missing(value)), default=0)
    return next(name for limit, name in ((5, "s"), (10, "s m"), (30, "l"), (80, "x"), (longest, "xx")) if longest <= limit)


def _head_width(name: object) -> str:
    """"s" breaks a column's name nowhere but before a bracket: 预计成果 / （项）."""
    return " s" if max(map(len, re.split(r"[（ ]", str(name)))) <= 5 else ""


def _lookup(grid: pd.DataFrame | Mapping | None) -> Callable[[object, object], str]:
    """Text for (row label, column) from a frame of the same labels or a mapping of pairs."""
    if grid is None:
        return lambda label, column: ""
    if isinstance(grid, pd.DataFrame):
        if not grid.index.is_unique:
            raise ValueError("单元格说明表的行标签不能重复")
        cells = {(label, column): value for column in grid.columns for label, value in grid[column].items()}
    else:
        cells = dict(grid)
    return lambda label, column: "" if _is_missing(cells.get((label, column))) else str(cells[(label, column)])


def _highlighted(frame: pd.DataFrame, rows: object) -> np.ndarray:
    if rows is None:
        return np.zeros(len(frame), dtype=bool)
    if callable(rows):
        return frame.apply(lambda row: bool(rows(row)), axis=1).to_numpy(dtype=bool)
    if isinstance(rows, (pd.Series, np.ndarray)) and np.asarray(rows).dtype == bool:
        if len(rows) != len(frame):
            raise ValueError("highlight_rows 的长度与表的行数不同")
        return np.asarray(rows)
    return frame.index.isin([rows] if isinstance(rows, str) else list(rows))


def _holds_numbers(column: pd.Series) -> bool:
    """Numbers throughout, with ``**`` allowed where a figure is not published."""
    if pd.api.types.is_bool_dtype(column):
        return False
    if column.dtype != object:
        return pd.api.types.is_numeric_dtype(column)
    known = column[column.notna() & (column != "**")]
    return len(known) > 0 and all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in known)


def table(
    frame: pd.DataFrame,
    caption: str,
    *,
    source: str = "",
    status: str | Collection[str] = "",
    formats: Mapping[str, str | Callable] | None = None,
    highlight_rows: object = None,
    notes: Sequence[str] | str | None = None,
    status_cells: pd.DataFrame | Mapping | None = None,
    tooltips: pd.DataFrame | Mapping | None = None,
    faint: pd.DataFrame | Mapping | None = None,
    fold: bool = False,
) -> str:
    """An accessible table: caption, column and row headers, numbers right-aligned.

    The index becomes the first column unless it is a nameless 0, 1, 2, …
    ``status_cells`` and ``tooltips`` hold a text for (index label, column); ``faint`` the
    reason why a cell is printed grey, which becomes its tooltip. ``fold`` shows the caption
    alone until a reader opens it; on paper a table of up to PRINTED_ROWS rows is open, a longer one stays the caption.
    A cell's ``data-v`` keeps the unrounded number so that sorting is exact.
    """
    frame = frame.copy()
    frame.columns = [" ".join(map(str, name)) if isinstance(name, tuple) else name for name in frame.columns]
    labels, show_index = list(frame.index), frame.index.name is not None or not isinstance(frame.index, pd.RangeIndex)
    status_of, tip_of, faint_of = _lookup(status_cells), _lookup(tooltips), _lookup(faint)
    if any(grid is not None for grid in (status_cells, tooltips, faint)) and not frame.index.is_unique:
        raise ValueError("带有单元格说明的表，行标签不能重复")
    marked = _highlighted(frame, highlight_rows)
    formats = dict(formats or {})
    numeric = {name: _holds_numbers(frame[name]) for name in frame.columns}
    write = {name: _formatter(frame[name], formats.get(name)) for name in frame.columns}
    shown_as = {name: _text_width(frame[name], write[name]) for name in frame.columns if not numeric[name]}
    used: set[str] = set()

    def cell(label: object, name: object, value: object, row_head: bool) -> str:
        missing = _is_missing(value)
        shown = escape(MISSING if missing else write[name](value))
        if numeric[name] and not missing:
            shown = shown.replace("-", "−")
        words = split_status(status_of(label, name))
        used.update(words)
        for word in words:
            if word in MARKS:
                shown += f'<sup class="ys-mark {word}" title="{word}">{MARKS[word]}</sup>'
        grey = faint_of(label, name)
        attributes = f' class="{"n" if numeric[name] else shown_as[name]}{" ys-faint" if grey else ""}"'
        if numeric[name] and not missing and shown != str(value):
            attributes += f' data-v="{escape(value)}"'
        tip = grey or tip_of(label, name)
        if tip:
            attributes += f' title="{escape(tip)}"'
        return f'<th scope="row"{attributes}>{shown}</th>' if row_head else f"<td{attributes}>{shown}</td>"

    heads = ([frame.index.name or ""] if show_index else []) + list(frame.columns)
    right = ([False] if show_index else []) + [numeric[name] for name in frame.columns]
    index_width = _text_width(pd.Series(labels, dtype=object), str)
    head = "".join(f'<th scope="col" class="{"n" if side else ""}{_head_width(name)}">{escape(name)}</th>'
                   for name, side in zip(heads, right, strict=True))
    lines = []
    for position, (label, values) in enumerate(zip(labels, frame.itertuples(index=False, name=None), strict=True)):
        cells = [f'<th scope="row" class="{index_width}">{escape(label)}</th>'] if show_index else []
        for order, (name, value) in enumerate(zip(frame.columns, values, strict=True)):
            cells.append(cell(label, name, value, row_head=not cells and order == 0))
        lines.append(f'<tr{" class=hi" if marked[position] else ""}>{"".join(cells)}</tr>')

    legend = "；".join(f"{MARKS[word]} ＝ {word}" for word in STATUSES if word in used and word in MARKS)
    remarks = [notes] if isinstance(notes, str) else list(notes or [])
    if legend:
        remarks.append(f"数字旁的标记：{legend}。")
    below = "".join(f'<p class="ys-source">注：{inline(text)}</p>' for text in remarks)
    long = " ys-long" if len(lines) > 25 else ""
    whole = (
        f'<div class="ys ys-tablebox{" ys-short" if len(lines) <= SHORT_ROWS else ""}"><div class="ys-scroll{long}" role="region" tabindex="0" aria-label="{escape(caption)}">'
        f'<table class="ys-table{" ys-wide" if len(heads) > 8 else ""}{" ys-huge" if len(heads) > 12 else ""}"><caption>{inline(caption)}{badges(status)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{''.join(lines)}</tbody></table></div>"
        f"{below}{source_line(source, status)}</div>"
    )
    if not fold:
        return whole
    printed = " ys-printed" if len(lines) <= PRINTED_ROWS else ""
    return (f'<details class="ys ys-fold{printed}"><summary>{inline(caption)}{badges(status)}'
            f'<span class="ys-count" data-paper="（{len(lines)} 行，没有打印，见网页）">（{len(lines)} 行<span class="ys-shut">，点开查看</span>）</span></summary>'
            f"{whole}</details>")
