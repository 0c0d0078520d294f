"""Single changes that make one clause met: which figure, to what, at what cost, when it can be shown."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..text import fold_key
from .clauses import SCORE, Clause, judge_clause
from .expressions import evaluate
from .fields import FLAG, NUMBER, TEXT, Column, Fields, Headers
from .logic import NO, YES
from .rules import Recognition
from .settings import Lever, lever, setting

ANNUAL = "年报"


@dataclass(frozen=True)
class Move:
    """``key``: a column, or ``认定:`` + folded recognition; ``target``: number, text or True; ``amount``: change of a
    number (NaN otherwise); ``cost`` on a common scale; ``when``: earliest date it can be shown (NaT = not known);
    ``annual``: shown by the next annual report, when all figures are a year on."""

    key: str
    target: float | str | bool
    amount: float
    cost: float
    text: str
    when: pd.Timestamp
    annual: bool = False


@dataclass(frozen=True)
class Setting:
    """What the moves of one recognition have in common."""

    recognition: Recognition
    headers: Headers
    date: pd.Timestamp
    year: int

    def when(self, kind: Lever, amount: float, steps: int = 1) -> pd.Timestamp:
        """Earliest date of a change; ``steps``: levels it goes up, each of which takes its months."""
        if kind.when == ANNUAL:
            due = pd.Timestamp(self.year + 2, int(setting("年报月份")), 1) + pd.offsets.MonthEnd(0)
        elif kind.when == "年限":
            due = pd.Timestamp(self.year + int(np.ceil(amount)), 12, 31)
        elif kind.when == "月数":
            due = self.date + pd.DateOffset(months=int(kind.months) * steps)
        else:
            return pd.NaT
        return max(due, self.date)


def moves_for(clause: Clause, one: Fields, around: Setting) -> list[Move]:
    """Changes of a single figure that make a clause met for the one enterprise of ``one``; none if it is not failing.

    For changes that the next annual report shows, ``one`` has to be the enterprise a year on (:mod:`.years`).
    """
    if clause.score is not None or judge_clause(clause, one, {})[0] != NO:
        return []
    if clause.holds:
        kind = lever(clause.holds, "认定")
        return [_whole(f"认定:{fold_key(clause.holds)}", True, kind, kind.saying or f"先通过{clause.holds}认定", around)]
    if clause.ordered:
        return [m for c in clause.expression.columns for m in _numeric(c, clause, one, around)]
    return _category(clause, one, around)


def kept_for(clause: Clause, one: Fields, later: Fields, around: Setting) -> list[Move]:
    """Figures that need only stay what they are: the clause fails now and is met a year on (``later``), when a weak
    earlier year no longer counts."""
    if clause.score is not None or clause.holds or not clause.ordered:
        return []
    if judge_clause(clause, one, {})[0] != NO or judge_clause(clause, later, {})[0] != YES:
        return []
    out = []
    for name in clause.expression.columns:
        title, now = around.headers.title(name), later.columns[name].values[0]
        kind = lever(title, "数值")
        if later.columns[name].kind == NUMBER and kind.when == ANNUAL and kind.moves in ("增", "增减"):
            text = f"{title}保持{tidy(now)}{around.headers.unit(name)}"
            out.append(Move(name, now, 0.0, 0.0, text, around.when(kind, 0.0), True))
    return out


def changed(fields: Fields, move: Move, rows: np.ndarray) -> None:
    """Make a move for some rows of fields that are nobody else's."""
    if move.key.startswith("认定:"):
        fields.held[move.key[3:]][rows] = YES
        return
    column = fields.columns[move.key]
    if column.kind == TEXT:
        labels = column.labels if move.target in column.labels else (*column.labels, move.target)
        column.values[rows] = labels.index(move.target)
        fields.columns[move.key] = Column(TEXT, column.values, labels)
    else:
        column.values[rows] = float(move.target)


def _whole(key, target, kind, text, around, extra=0.0, steps=1):
    return Move(key, target, np.nan, kind.cost + extra, text, around.when(kind, 0.0, steps), kind.when == ANNUAL)


def _category(clause, one, around):
    name = clause.expression.column
    if name is None or clause.op in ("!=", "不属于"):
        return []
    column, title = one.columns[name], around.headers.title(name)
    if column.kind not in (FLAG, TEXT):
        return []
    kind = lever(title, "是否" if column.kind == FLAG else "文本")
    choices = [t.strip() for t in clause.threshold.replace("｜", "|").split("|") if t.strip()]
    if column.kind == FLAG:
        return [_whole(name, True, kind, kind.saying or f"“{title}”达到“是”", around)] if kind.moves == "是" and choices[0] == "是" else []
    if kind.moves != "档":
        return []
    steps, wanted = _steps(name, kind, choices, clause, one, around)
    if not 0 < steps <= setting("一次最多升级数"):
        return []
    # Each level costs; the hundredth of the points lets the lower one come first where two will do.
    extra = kind.cost * (steps - 1) + (0.01 * clause.points if clause.kind == SCORE else 0.0)
    return [_whole(name, wanted, kind, kind.saying or f"{title}达到“{wanted}”", around, extra, steps)]


def _steps(name, kind, choices, clause, one, around):
    """(levels up, level) of the nearest choice above the present one; in the order of the table, else of the score sheet."""
    column = one.columns[name]
    now = column.labels[column.values[0]].strip() if column.values[0] >= 0 else ""
    if now in kind.levels and set(choices) & set(kind.levels):
        up = [(kind.levels.index(c) - kind.levels.index(now), c) for c in choices if c in kind.levels]
        return min([u for u in up if u[0] > 0], default=(0, choices[0]))
    return max(_levels(name, clause, one, around), 1), choices[0]


def _numeric(name, clause, one, around):
    column, title = one.columns[name], around.headers.title(name)
    kind = lever(title, "是否" if column.kind == FLAG else "数值")
    if column.kind == FLAG:
        wanting = kind.moves == "是" and column.values[0] == 0 and np.isfinite(clause.low)
        return [_whole(name, True, kind, kind.saying or f"“{title}”达到“是”", around)] if wanting else []
    if column.kind != NUMBER or np.isnan(column.values[0]):
        return []
    for sign in [s for s, word in ((1.0, "增"), (-1.0, "减")) if word in kind.moves]:
        target = _solved(name, clause, one, sign, kind.step or 0.01)
        if target is not None:
            return [_amount(name, title, target, kind, clause, one, around)]
    return []


def _levels(name, clause, one, around):
    """How many levels of a score sheet lie between what the enterprise has and what the clause wants, the latter included."""
    sheet = [c for c in around.recognition.clauses if c.kind == SCORE and c.expression is not None and c.expression.column == name]
    now = max((c.points for c in sheet if judge_clause(c, one, {})[0] == YES), default=0.0)
    return len({c.points for c in sheet if now < c.points <= clause.points})


def _amount(name, title, target, kind, clause, one, around):
    now = one.columns[name].values[0]
    amount = target - now
    unit = around.headers.unit(name) or (clause.unit if clause.expression.column else "")
    unit = "个百分点" if unit == "%" else unit
    text = f"{title}{'增加' if amount > 0 else '减少'}{tidy(abs(amount))}{unit}至{tidy(target)}{around.headers.unit(name) or unit}"
    if kind.when == "年限":
        text = f"{title}再满{tidy(amount)}年（达到{tidy(target)}年）"
    # The table's amount, else a share of the figure itself, counts as one: 66 of 1,000 is a small step, 66 of 100 is not.
    scale = kind.scale or setting("无容差时的尺度") * max(abs(now), abs(target))
    return Move(name, target, amount, kind.cost * abs(amount) / scale, text, around.when(kind, amount), kind.when == ANNUAL)


def _solved(name, clause, one, sign, step):
    """The least change of one column, in whole steps and one direction, that makes a clause met; None if there is none."""
    now = one.columns[name].values[0]

    def reads(values):
        held = {c: np.full(len(values), one.columns[c].values[0]) for c in clause.expression.columns}
        return evaluate(clause.expression, (held | {name: values}).__getitem__)

    def met(steps):
        values = now + sign * step * np.asarray(steps, dtype=float)
        ok = np.array([judge_clause(clause, _swap(one, clause, name, v), {})[0] == YES for v in values])
        return ok & ((values >= 0) | (now < 0))

    if met([1])[0]:
        return now + sign * step
    edge = clause.low if np.isfinite(clause.low) and reads(np.array([now]))[0] < clause.low else clause.high
    edge = clause.low if not np.isfinite(edge) else edge
    start, slope = _straight(reads, now, sign * step)
    if slope is not None:
        if slope == 0 or (edge - start) / slope < 0:
            return None
        guess = max(int(np.ceil((edge - start) / slope - 1e-6)), 0)
        near = [max(guess + k, 1) for k in (-1, 0, 1)]
        return next((now + sign * step * k for k, ok in zip(near, met(near)) if ok), None)
    grid = [2 ** k for k in range(40)]
    good = np.flatnonzero(met(grid))
    if not len(good):
        return None
    low, high = (grid[good[0] - 1] if good[0] else 0), grid[good[0]]
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if met([middle])[0] else (middle, high)
    return now + sign * step * high


def _straight(reads, now, step):
    """(value now, change for a step) where the expression is a straight line in the column, else (…, None)."""
    far = max(1.0, abs(now / step))
    values = reads(now + step * np.array([0.0, far, 2 * far]))
    if np.isnan(values).any() or abs(values[2] - 2 * values[1] + values[0]) > 1e-7 * (1 + np.abs(values).max()):
        return values[0], None
    return values[0], (values[1] - values[0]) / far


def _swap(one, clause, name, value):
    columns = {c: one.columns[c] for c in clause.expression.columns}
    return Fields(1, columns | {name: Column(NUMBER, np.array([value]))})


def tidy(number: float) -> str:
    """At most two decimals, no trailing zeros."""
    text = f"{number:.2f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text
