"""Alternatives of one condition that go by the size of a field: no size may be left without a way."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

import pandas as pd

from analysis.check_bands import edges
from analysis.check_clauses import HARD, group_of
from analysis.check_enterprises import enterprise_checks
from analysis.columns import Typed
from analysis.problems import WARNING
from analysis.text import fold_key

PREREQUISITE = "前置"


class Row(NamedTuple):
    """What is looked at of a row of the rules; key : folded field."""

    key: str
    op: str
    threshold: str
    row: int


class Span(NamedTuple):
    """What one way covers of a field, and the rows that say so: edges as (value, 1 if it is left out, else 0)."""

    low: tuple[float, int]
    high: tuple[float, int]
    low_row: int
    high_row: int


def check_ways(table: Typed, enterprises: Typed) -> None:
    """Check the ways (``D1/大``, ``D1/小``) of each 前置 and 硬条件 group whose ways all limit one field.

    A hole between two ways (营业收入 below 5000 asks for this, above 6000 for that) is a warning: an
    enterprise in it can meet no way. Ways that also differ in a class (行业) are compared within the class.
    """
    rows = table.frame.loc[table.frame["clause"].isin((PREREQUISITE, HARD))]
    rows = rows.assign(key=rows["field"].map(fold_key), base=rows["group"].map(group_of), way=_ways(rows))
    counted = _counted(enterprises)
    for (certification, _, _, kind, base), part in rows.groupby(
            ["certification", rows["valid_from"].astype("str"), rows["valid_to"].astype("str"), "clause", "base"], sort=False, dropna=False):
        ways: dict[str, list[Row]] = {}
        for way, *row in zip(part["way"], *(part[c] for c in Row._fields)):
            ways.setdefault(way, []).append(Row(*row))
        if not base or len(ways) < 2:
            continue
        for field in dict.fromkeys(part["key"]):
            for spans in _classes(list(ways.values()), field).values():
                for row, words in _holes(spans, field in counted):
                    shown = part.loc[part["key"] == field, "field"].iloc[0]
                    table.report(WARNING, f"「{certification}」{kind}{base} 按{shown}分档，两档之间有空缺：{words}，这样的企业哪一档都达不到",
                                 "让两档相接，如一档 < 5000、下一档 >= 5000；或补上这一档", row, "threshold")


def _ways(rows: pd.DataFrame) -> list[str]:
    """A name for the way each row belongs to; a row without ``/`` is a way of its own."""
    return [group.partition("/")[2].strip() or f"\0{row}" for group, row in zip(rows["group"], rows["row"])]


def _counted(enterprises: Typed) -> set[str]:
    """Folded headers of the columns that hold whole numbers."""
    whole = {check["列"] for check in enterprise_checks() if check["类型"] == "整数"}
    return {fold_key(name) for c in enterprises.sheet.columns if c.name in whole for name in c.accepted}


def _classes(ways: list[list[Row]], field: str) -> Mapping[tuple, list[Span]]:
    """Spans of the field by class, where every way limits it: classes are what =, 属于 and the like ask of a field all ways name."""
    spans = [_span([row for row in way if row.key == field]) for way in ways]
    if not all(spans):
        return {}
    named = [{row.key for row in way if row.key != field} for way in ways]
    shared = set.intersection(*named)
    found: dict[tuple, list[Span]] = {}
    for way, span in zip(ways, spans):
        kind = tuple(sorted((row.key, row.op, row.threshold) for row in way
                            if row.key in shared and edges(row.op, row.threshold) == (math.inf, -math.inf)))
        found.setdefault(kind, []).append(span)
    return found


def _span(rows: list[Row]) -> Span | None:
    """The part of the field all these rows allow; None without a limit or with a row that sets none."""
    lows, highs = [], []
    for _, op, text, row in rows:
        low, high = edges(op, text)
        if low > high:
            return None
        lows.append(((low, int(op == ">")), row))
        highs.append(((high, int(op in ("<", "介于"))), row))
    if not lows:
        return None
    (low, low_row) = max(lows)
    (high, high_row) = min(highs, key=lambda edge: (edge[0][0], -edge[0][1]))
    return Span(low, high, int(low_row), int(high_row))


def _holes(spans: list[Span], counted: bool) -> list[tuple[int, str]]:
    """(row, words) for every stretch between two spans that none covers."""
    ordered = sorted(spans)
    found, reach = [], ordered[0] if ordered else None
    for span in ordered[1:]:
        (end, open_end), (start, open_start) = reach.high, span.low
        rows = f"第{reach.high_row}行" + ("小于" if open_end else "到") + f" {end:g}", f"第{span.low_row}行" + ("大于" if open_start else "从") + f" {start:g}"
        if end < start and not (counted and _none_between(reach.high, span.low)):
            found.append((span.low_row, f"{rows[0]}{'' if open_end else '为止'}，{rows[1]}{'' if open_start else ' 起'}"))
        elif end == start and open_end and open_start and math.isfinite(end):
            found.append((span.low_row, f"{rows[0]}，{rows[1]}，恰为 {end:g} 的没有着落"))
        reach = max(reach, span, key=lambda s: (s.high[0], -s.high[1]))
    return found


def _none_between(high: tuple[float, int], low: tuple[float, int]) -> bool:
    """Whether no whole number lies between the two."""
    first = math.ceil(high[0]) if high[1] else math.floor(high[0]) + 1
    last = math.floor(low[0]) if low[1] else math.ceil(low[0]) - 1
    return first > last
