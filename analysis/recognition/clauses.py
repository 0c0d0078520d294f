"""One clause of a recognition: compiled from its row, and judged for every enterprise."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from math import isfinite

import numpy as np

from ..cells import TRUE, FALSE, parse_number
from ..params import AssessmentError
from ..text import fold_key, plain
from .expressions import Expression
from .fields import BLANK, NUMBER, TEXT, Fields
from .logic import NO, UNKNOWN, YES, opposite, states

PREREQUISITE, HARD, DIRECT, SCORE, EXCLUDED, ALREADY = "前置", "硬条件", "直通", "评分", "排除", "已具备"
KINDS = (PREREQUISITE, HARD, DIRECT, SCORE, EXCLUDED, ALREADY)
TOTAL = "评价得分"
ORDERED = (">=", ">", "<=", "<", "介于")
CONFIDENCE = ("原文", "二手", "待核")
CONFIDENCE_NOTE = "条款的依据取最弱的一条：原文＝照文件抄录；二手＝出自转载或转述，没有见到文件原文；待核＝还没有核对，报送前须对照现行文件。"
# Ratios such as 0.29*100 fall short of the written threshold by rounding alone.
RELATIVE = 1e-9
_RANGE = re.compile(r"(-?[0-9.]+)\s*[~～]\s*(-?[0-9.]+)")


@dataclass(frozen=True)
class Clause:
    """A row of the rules.

    ``score`` is the part of the score sheet the clause reads ("" = the total) or None;
    ``holds`` the recognition it asks for or ""; else ``expression`` is what it reads.
    ``low``/``high`` are numbers in the clause's unit (one of them NaN but for 介于),
    ``choices`` the folded texts of = and 属于, ``tolerance`` an amount (NaN = none).
    """

    row: int
    certification: str
    kind: str
    group: str
    alternative: str
    field: str
    op: str
    expression: Expression | None
    score: str | None
    holds: str
    low: float
    high: float
    choices: tuple[str, ...]
    threshold: str
    points: float
    tolerance: float
    unit: str
    text: str
    source: str
    confidence: int
    replaces: tuple[str, ...]

    @property
    def ordered(self) -> bool:
        return self.op in ORDERED

    @property
    def scale(self) -> float:
        """What a missing amount is measured in: the tolerance, else the threshold, else one."""
        if self.tolerance > 0:
            return self.tolerance
        edge = self.low if np.isfinite(self.low) else self.high
        return abs(edge) if np.isfinite(edge) and edge != 0 else 1.0


@dataclass(frozen=True)
class Measure:
    """``state`` and ``near`` (met or within the tolerance): see logic; ``missing`` in the clause's unit where it is not
    met (NaN if not a quantity), ``scaled`` the same on :attr:`Clause.scale` (1 if not a quantity)."""

    state: np.ndarray
    near: np.ndarray
    missing: np.ndarray
    scaled: np.ndarray


def judge_clause(clause: Clause, fields: Fields, scores: dict[str, tuple]) -> np.ndarray:
    """State of a clause for every enterprise; ``scores`` maps part of the sheet -> (low, high)."""
    if clause.holds:
        return fields.holding(clause.holds)
    if clause.ordered:
        return _within(*_bounds(clause, fields, scores), *_edges(clause, 0.0), clause.op)
    return _equal(clause, fields, scores)


def measure(clause: Clause, fields: Fields, scores: dict[str, tuple]) -> Measure:
    """State, nearness and missing amount of a clause for every enterprise."""
    state = judge_clause(clause, fields, scores)
    failing = state == NO
    if not clause.ordered:
        near = np.full(fields.size, YES) if clause.tolerance > 0 else state
        return Measure(state, np.where(failing, near, state).astype(np.int8), np.where(failing, np.nan, 0.0), failing.astype(float))
    low, high = _bounds(clause, fields, scores)
    near = state
    if clause.tolerance > 0:
        near = np.maximum(state, _within(low, high, *_edges(clause, clause.tolerance), clause.op, loose=True))
    short = clause.low - high if np.isfinite(clause.low) else np.full(fields.size, -np.inf)
    over = low - clause.high if np.isfinite(clause.high) else np.full(fields.size, -np.inf)
    missing = np.where(failing, np.maximum(np.maximum(short, over), 0.0), 0.0)
    # A threshold that must be passed and is just reached lacks the least amount there is.
    return Measure(state, near, missing, np.where(failing, np.maximum(missing / clause.scale, 1e-6), 0.0))


def value_of(clause: Clause, fields: Fields, scores: dict[str, tuple]) -> tuple[np.ndarray, np.ndarray]:
    """(low, high) of what a clause reads, NaN where it is unknown or not a number."""
    if clause.holds:
        nothing = np.full(fields.size, np.nan)
        return nothing, nothing
    if clause.score is None and clause.expression.column and fields.columns[clause.expression.column].kind == TEXT:
        nothing = np.full(fields.size, np.nan)
        return nothing, nothing
    return _bounds(clause, fields, scores)


def _bounds(clause, fields, scores):
    return scores[clause.score] if clause.score is not None else fields.bounds(clause.expression)


def _edges(clause, give):
    slack = [give + RELATIVE * max(1.0, abs(edge)) if isfinite(edge) else 0.0 for edge in (clause.low, clause.high)]
    return clause.low, clause.high, slack


def _within(low, high, floor, ceiling, slack, op, loose=False):
    """Whether [low, high] lies inside, outside or across the threshold.

    ``loose``: within the tolerance, whose own edge counts as inside.
    """
    # Built up from the first comparison on and not from arrays of ones: most calls are about a few enterprises.
    yes, no = ~np.isnan(low), False
    known = yes
    if isfinite(floor):
        strict = op == ">" and not loose
        edge = floor + slack[0] if strict else floor - slack[0]
        yes = yes & (low > edge if strict else low >= edge)
        no = high <= edge if strict else high < edge
    if isfinite(ceiling):
        strict = op in ("<", "介于") and not loose
        edge = ceiling - slack[1] if strict else ceiling + slack[1]
        yes = yes & (high < edge if strict else high <= edge)
        no = no | (low >= edge if strict else low > edge)
    return states(yes, no & known)


def _equal(clause, fields, scores):
    negative = clause.op in ("!=", "不属于")
    column = clause.expression.column if clause.expression is not None else None
    if column and fields.columns[column].kind == TEXT:
        kept = fields.columns[column]
        state = _hits(kept.labels, clause.choices)[kept.values]
    elif column and fields.columns[column].kind == BLANK:
        state = np.full(fields.size, UNKNOWN, dtype=np.int8)
    else:
        low, high = _bounds(clause, fields, scores)
        parts = [_within(low, high, n, n, [RELATIVE * max(1.0, abs(n))] * 2, "=") for n in _numbers(clause.choices)]
        state = np.maximum.reduce(parts)
    return opposite(state) if negative else state


@lru_cache(maxsize=1024)
def _hits(labels, choices):
    """State of each label of a text column for = and 属于, unknown last (code −1)."""
    return np.array([YES if fold_key(label) in choices else NO for label in labels] + [UNKNOWN], dtype=np.int8)


def _numbers(choices):
    return [1.0 if c in TRUE else 0.0 if c in FALSE else float(c) for c in choices]


def thresholds(op: str, text: str) -> tuple[float, float, tuple[str, ...]]:
    """(low, high, choices) of a 门槛; raises AssessmentError if it does not fit the 比较."""
    if op == "已认定":
        return np.nan, np.nan, ()
    if op in ("=", "!=", "属于", "不属于"):
        choices = tuple(fold_key(t) for t in text.replace("｜", "|").split("|") if t.strip())
        if not choices:
            raise AssessmentError(f"比较“{op}”没有写门槛")
        return np.nan, np.nan, choices
    if op == "介于":
        found = _RANGE.fullmatch(plain(text))
        if not found or not float(found[1]) < float(found[2]):
            raise AssessmentError(f"介于的门槛“{text}”看不懂，写成 70~80（前小后大）")
        return float(found[1]), float(found[2]), ()
    if op not in ORDERED:
        raise AssessmentError(f"比较“{op}”不认识；可用：{'、'.join((*ORDERED, '=', '!=', '属于', '不属于', '已认定'))}")
    number, trouble = parse_number(text)
    if trouble or number.masked or number.suffix or np.isnan(number.value):
        raise AssessmentError(f"门槛“{text}”不是数字，单位写在单位栏")
    return (number.value, np.nan, ()) if op in (">", ">=") else (np.nan, number.value, ())


def tolerance(text: str, low: float, high: float) -> float:
    """容差 as an amount: as written, or a percentage of the threshold; NaN if none."""
    number, trouble = parse_number(text)
    if trouble or number.masked or number.suffix not in ("", "%"):
        raise AssessmentError(f"容差“{text}”看不懂，写不小于零的数或百分数")
    edge = abs(low if np.isfinite(low) else high)
    return number.value * edge / 100 if number.suffix == "%" else number.value


def fits(op: str, expression: Expression | None, choices: tuple[str, ...], fields: Fields) -> str:
    """Why a clause cannot be judged on this roster's columns, in Chinese; empty if it can."""
    if expression is None:
        return "" if op in ORDERED else f"评价得分不能用“{op}”比较"
    texts = [c for c in expression.columns if fields.columns[c].kind == TEXT]
    if texts and (op in ORDERED or expression.column is None):
        return "是文字，不能参加算术或比大小"
    if texts or op in ORDERED or expression.column and fields.columns[expression.column].kind == BLANK:
        return ""
    flags = TRUE | FALSE if all(fields.columns[c].kind != NUMBER for c in expression.columns) else frozenset()
    for choice in choices:
        number, trouble = parse_number(choice)
        if choice not in flags and (trouble or np.isnan(number.value)):
            return f"是数字或是否，不能等于“{choice}”"
    return ""
