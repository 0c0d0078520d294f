"""Bands of a score sheet: one value, one score; no hole between; more points for more."""

from __future__ import annotations

import math
from functools import lru_cache

import pandas as pd

from analysis.columns import Typed
from analysis.params import AssessmentError
from analysis.problems import ERROR, WARNING
from analysis.text import fold_key

RISING, FALLING, BETWEEN = (">=", ">"), ("<=", "<"), "介于"
_READ = ("op", "threshold", "points", "row")


def check_bands(table: Typed) -> None:
    """Check the 评分 clauses of each recognition, version, 组 and field.

    With >= (or <=) alone the highest band met counts: thresholds may not repeat with other
    points (error), and points may not fall as the threshold gets harder (warning: such a band
    never counts). With 介于 the bands are intervals, low included, high not: overlaps with other
    points are errors, holes warnings. A value named in two bands with other points is an error.
    """
    frame = table.frame.loc[table.frame["clause"] == "评分"]
    if not len(frame):
        return
    keys = [frame["certification"], frame["valid_from"].astype("str"), frame["valid_to"].astype("str"), frame["group"], frame["field"].map(fold_key)]
    for _, part in frame.groupby(keys, sort=False, dropna=False):
        if len(part) < 2:
            continue
        if (part["op"] == BETWEEN).any():
            _intervals(table, part)
        else:
            _steps(table, part, RISING)
            _steps(table, part, FALLING)
        _values(table, part)


def _steps(table: Typed, part: pd.DataFrame, ops: tuple[str, str]) -> None:
    limits = [(*edges(op, text), points, row, op) for op, text, points, row in zip(*(part[c] for c in _READ)) if op in ops]
    steps = [(low if ops is RISING else high, points, row, op) for low, high, points, row, op in limits if low < high and points == points]
    steps.sort(key=lambda step: (step[0], step[2]), reverse=ops is FALLING)
    for (edge, points, row, op), (harder, more, at, other) in zip(steps, steps[1:]):
        if edge == harder and op == other:
            if points != more:
                table.report(ERROR, f"门槛 {edge:g} 有两个分值：{points:g}（第{row}行）和 {more:g}（第{at}行）", "同一门槛只留一档", max(row, at), "threshold")
        elif more <= points and edge != harder:
            table.report(WARNING, f"门槛 {harder:g} 更难达到，得分 {more:g} 却不高于第{row}行门槛 {edge:g} 的 {points:g}，这一档不起作用", "核对门槛和分值", at, "points")


def _intervals(table: Typed, part: pd.DataFrame) -> None:
    # An edge that belongs to the lower band (<= or >) still makes no hole worth naming.
    bands = [(*edges(op, text), points, row) for op, text, points, row in zip(part["op"], part["threshold"], part["points"], part["row"])]
    bands = [band for band in bands if band[0] < band[1]]
    bands.sort(key=lambda band: band[:2])
    for (_, high, points, row), (low, other, more, at) in zip(bands, bands[1:]):
        if low < high and points != more:
            table.report(ERROR, f"两档重叠：第{row}行和第{at}行都包括 {low:g} 到 {min(high, other):g}，分值不同（{points:g}、{more:g}）",
                         "介于含左不含右，后一档从前一档的上限开始", max(row, at), "threshold")
        elif low > high:
            table.report(WARNING, f"两档之间有空缺：第{row}行到 {high:g} 为止，第{at}行从 {low:g} 开始，其间没有分值", "补上这一档，或让两档相接", at, "threshold")


@lru_cache(maxsize=4096)
def edges(op: str, text: str) -> tuple[float, float]:
    """Lower and upper edge of what a clause covers; (inf, −inf) for one that covers no interval or cannot be read."""
    from analysis.recognition.clauses import thresholds

    if op not in (*RISING, *FALLING, BETWEEN):
        return math.inf, -math.inf
    try:
        low, high, _ = thresholds(op, text)
    except AssessmentError:
        return math.inf, -math.inf
    return (-math.inf if math.isnan(low) else low), (math.inf if math.isnan(high) else high)


def _values(table: Typed, part: pd.DataFrame) -> None:
    named: dict[str, tuple[float, int]] = {}
    for op, text, points, row in zip(part["op"], part["threshold"], part["points"], part["row"]):
        for value in filter(None, map(fold_key, text.replace("｜", "|").split("|"))) if op in ("=", "属于") else ():
            first = named.setdefault(value, (points, row))
            if first[1] != row and first[0] != points:
                table.report(ERROR, f"取值「{value}」有两个分值：{first[0]:g}（第{first[1]}行）和 {points:g}（第{row}行）", "同一取值只放在一档里", row, "threshold")
