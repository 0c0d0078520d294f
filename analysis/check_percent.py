"""Clauses in %: a ratio that was not multiplied by 100, a threshold of 0.03 that means 3 %."""

from __future__ import annotations

import math

from analysis.check_bands import edges
from analysis.check_clauses import HELD
from analysis.columns import Typed
from analysis.params import AssessmentError
from analysis.problems import WARNING
from analysis.text import fold_key, half_width
from analysis.units import SAME

PERCENT = "%"


def check_percent(table: Typed, enterprises: Typed) -> None:
    """Warn of ratios and thresholds that do not fit their 单位 %; nothing is changed.

    A ratio of columns without ×100 whose 单位 is % (or whose 说明 gives the threshold in %) is about a hundred
    times too small. Thresholds all between 0 and 1 of a percentage are doubtful unless 说明 writes them so (0.5%).
    """
    # The rules engine is right of this module; only its reader of fields is wanted here.
    from analysis.recognition.expressions import parse
    from analysis.recognition.fields import Headers

    headers, frame = Headers(tuple(enterprises.frame.columns)), table.frame
    percent_columns = {c.name for c in enterprises.sheet.columns if c.unit == PERCENT}
    for field, op, threshold, unit, text, row in zip(*(frame[c] for c in ("field", "op", "threshold", "unit", "text", "row"))):
        try:
            expression = parse(field, headers.known) if field and op and op != HELD else None
        except AssessmentError:
            # Reported where fields are checked; 评价得分 is no percentage.
            continue
        limits = [edge for edge in edges(op, threshold) if math.isfinite(edge)] if expression else []
        if not limits:
            continue
        bare = half_width(unit).replace(" ", "")
        unit = SAME.get(bare, bare)
        ratio = _ratio(expression.tree) and not percent_columns & set(expression.columns)
        hundredfold = 100.0 in _numbers(expression.tree)
        if ratio and not hundredfold and (unit == PERCENT or any(abs(edge) >= 1 and _states(text, edge) for edge in limits)):
            times = f"{field}*100" if expression.tree[0] == "/" else f"({field})*100"
            table.report(WARNING, f"「{field}」是比值，{'单位写的是 %' if unit == PERCENT else '说明里写的是百分数'}，是不是漏了“*100”",
                         f"字段写成 {times}，门槛按百分数写，如 3 表示 3%", row, "field")
        elif (unit == PERCENT or (not unit and ratio and hundredfold) or expression.column in percent_columns) and _small(limits, text):
            meant = "、".join(f"{edge * 100:g}%" for edge in limits if edge)
            table.report(WARNING, f"门槛「{threshold}」按百分数是不到 1%，可能把百分数写成了小数（{meant} 应写 {meant.replace('%', '')}）",
                         f"核对；若指 {meant}，门槛写 {meant.replace('%', '').replace('、', '~')}；确是不到 1% 的，在说明里写明，如 {limits[-1]:g}%", row, "threshold")


def _small(limits: list[float], text: str) -> bool:
    nonzero = [abs(edge) for edge in limits if edge]
    return bool(nonzero) and max(nonzero) < 1 and not all(_states(text, edge) for edge in nonzero)


def _states(text: str, edge: float) -> bool:
    """Whether the 说明 writes this number with a percent sign: 3% is not in 13% or 0.3%."""
    written, said = f"{edge:g}%", fold_key(text).replace("百分之", "")
    at = said.find(written)
    return at >= 0 and (at == 0 or said[at - 1] not in "0123456789.")


def _ratio(tree: tuple) -> bool:
    """Whether somewhere a column is divided by columns."""
    parts = [part for part in tree[1:] if isinstance(part, tuple)]
    return tree[0] == "/" and all(map(_has_column, parts)) or any(map(_ratio, parts))


def _has_column(tree: tuple) -> bool:
    return tree[0] == "column" or any(_has_column(part) for part in tree[1:] if isinstance(part, tuple))


def _numbers(tree: tuple) -> set[float]:
    if tree[0] == "number":
        return {tree[1]}
    return set().union(*(_numbers(part) for part in tree[1:] if isinstance(part, tuple)))
