"""Single changes that make one clause met: which figure, to what, at what cost, when it can be shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache

import numpy as np
import pandas as pd

from ..text import fold_key
from .clauses import SCORE, Clause, judge_clause
from .expressions import single_parts
from .fields import FLAG, NUMBER, TEXT, Column, Fields, Headers
from .logic import NO, YES
from .rules import Recognition
from .settings import Lever, lever, setting
from .solve import least_target
from .years import Pairs

ANNUAL = "年报"
_REFUSING = ("!=", "不属于")


@dataclass(frozen=True)
class Move:
    """``key``: a column, or ``认定:`` + folded recognition; ``target``: number, text or True; ``amount``: change of a
    number (NaN otherwise); ``cost`` on a common scale; ``when``: earliest date it can be shown (NaT = not known);
    ``years``: annual reports until then, all figures being as many years on; 2 = from the next report on and kept in the one after."""

    key: str
    target: float | str | bool
    amount: float
    cost: float
    text: str
    when: pd.Timestamp
    years: int = 0


@dataclass(frozen=True)
class Setting:
    """What the moves of one recognition have in common; ``waits``: folded recognition -> day from which it can be held,
    where that is known better than by the table's months."""

    recognition: Recognition
    headers: Headers
    date: pd.Timestamp
    year: int
    waits: Mapping[str, pd.Timestamp] = field(default_factory=dict)

    def when(self, kind: Lever, amount: float, steps: int = 1) -> pd.Timestamp:
        """Earliest date of a change; ``steps``: levels it goes up, each of which takes its months, or reports it takes."""
        return _due(kind.when, int(np.ceil(amount)) if kind.when == "年限" else 0, int(kind.months), steps, self.date, self.year)


@cache
def _due(kind: str, years: int, months: int, steps: int, date: pd.Timestamp, year: int) -> pd.Timestamp:
    """:meth:`Setting.when`; the same few days are asked for of every enterprise."""
    if kind == ANNUAL:
        due = pd.Timestamp(year + 1 + steps, int(setting("年报月份")), 1) + pd.offsets.MonthEnd(0)
    elif kind == "年限":
        due = pd.Timestamp(year + years, 12, 31)
    elif kind == "月数":
        due = date + pd.DateOffset(months=months * steps)
    else:
        return pd.NaT
    return max(due, date)


def moves_for(clause: Clause, one: Fields, around: Setting) -> list[Move]:
    """Changes of a single figure that make a clause met for the one enterprise of ``one``; none if it is not failing.

    For changes that the next annual report shows, ``one`` has to be the enterprise a year on (:mod:`.years`).
    """
    failing = clause.score is None and judge_clause(clause, one, {})[0] == NO
    return moves_of_failing(clause, one, around) if failing else []


def moves_of_failing(clause: Clause, one: Fields, around: Setting) -> list[Move]:
    """:func:`moves_for` of a clause, not one on the score, that is known to fail."""
    if clause.holds:
        kind, key = lever(clause.holds, "认定"), fold_key(clause.holds)
        move = _whole(f"认定:{key}", True, kind, kind.saying or f"先通过{clause.holds}认定", around)
        return [replace(move, when=max(around.waits[key], around.date)) if key in around.waits else move]
    if clause.ordered:
        failing = [clause, *(c for c in _simpler(clause) if judge_clause(c, one, {})[0] == NO)]
        return [m for c in failing for n in c.expression.columns for m in _numeric(n, c, one, around)]
    return _category(clause, one, around)


def kept_for(clause: Clause, one: Fields, later: Fields, around: Setting, pairs: Pairs, years: int = 1) -> list[Move]:
    """Figures that need only stay what they are: the clause fails on ``one`` and is met a year on (``later``), when a weak
    earlier year no longer counts. Of a clause about earlier years alone it is this year's figure that stays.

    years : how many reports ``later`` is on.
    """
    if not may_be_kept(clause) or judge_clause(clause, one, {})[0] != NO or judge_clause(clause, later, {})[0] != YES:
        return []
    return kept_of_mended(clause, later, around, pairs, years)


def may_be_kept(clause: Clause) -> bool:
    """Whether figures that stay can meet a clause: it compares a figure."""
    return clause.score is None and not clause.holds and clause.ordered


def kept_of_mended(clause: Clause, later: Fields, around: Setting, pairs: Pairs, years: int = 1) -> list[Move]:
    """:func:`kept_for` of a clause that is known to fail now and to be met on ``later``."""
    own, last = clause.expression.columns, dict(pairs)
    names = [n for n in own if _annual(n, later, around)] or [last[n] for n in own if last.get(n)][:1]
    return [_kept(n, later, around, years) for n in names]


def kept_up(clause: Clause, after: Fields, around: Setting, name: str, past: str) -> list[Move]:
    """Changes of this year's figure by the next report that meet a clause once the report after it shows the same figure
    again and ``past``, last year's, has become it. after : the enterprise two years on."""
    if clause.score is not None or clause.holds or not clause.ordered or not {name, past} & set(clause.expression.columns):
        return []
    wanting = judge_clause(clause, after, {})[0] == NO and _annual(name, after, around)
    return _numeric(name, clause, after, around, (past,)) if wanting else []


def _annual(name, one, around):
    return one.columns[name].kind == NUMBER and lever(around.headers.title(name), "数值").when == ANNUAL


def _kept(name, later, around, years):
    title, now = around.headers.title(name), later.columns[name].values[0]
    when = around.when(replace(lever(title, "数值"), when=ANNUAL), 0.0, years)
    text = f"{title}保持{tidy(now)}{around.headers.unit(name)}" + ("两年" if years == 2 else "")
    return Move(name, now, 0.0, 0.0, text, when, years)


def _simpler(clause):
    return [replace(clause, expression=e) for e in single_parts(clause.expression)]


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
    return Move(key, target, np.nan, kind.cost + extra, text, around.when(kind, 0.0, steps), int(kind.when == ANNUAL))


def _category(clause, one, around):
    name = clause.expression.column
    if name is None:
        return [m for n in clause.expression.columns for m in _yes(n, one, around)]
    kind = one.columns[name].kind
    if kind == FLAG:
        return _yes(name, one, around) if _would_be(clause, name, Column(FLAG, np.array([1.0]))) else []
    return _equal(name, clause, one, around) if kind == NUMBER else _text(name, clause, one, around) if kind == TEXT else []


def _would_be(clause, name, column):
    """Whether a clause about one column is met with that value of it."""
    return judge_clause(clause, Fields(1, {name: column}), {})[0] == YES


def _yes(name, one, around):
    kind = lever(around.headers.title(name), "是否")
    if one.columns[name].kind != FLAG or one.columns[name].values[0] != 0 or kind.moves != "是":
        return []
    return [_whole(name, True, kind, kind.saying or f"“{around.headers.title(name)}”达到“是”", around)]


def _equal(name, clause, one, around):
    """The nearest number, upwards and downwards, that a clause wants or does not refuse."""
    title, now = around.headers.title(name), one.columns[name].values[0]
    kind = lever(title, "数值")
    step, found = kind.step or 0.01, []
    wanted = [now + s * step * k for k in range(1, len(clause.choices) + 2) for s in (1, -1)] if clause.op in _REFUSING else \
        [float(c) for c in clause.choices]
    for sign in _signs(kind):
        fit = [v for v in wanted if sign * (v - now) > 0 and (v >= 0 or now < 0) and _would_be(clause, name, Column(NUMBER, np.array([v])))]
        if fit:
            found.append(_amount(name, title, min(fit, key=lambda v: abs(v - now)), kind, clause, one, around))
    return found


def _text(name, clause, one, around):
    title, now = around.headers.title(name), _label(one.columns[name])
    kind = lever(title, "文本")
    if kind.moves != "档":
        return []
    choices = [t.strip() for t in clause.threshold.replace("｜", "|").split("|") if t.strip()]
    if now in kind.levels and set(choices) & set(kind.levels):
        above = kind.levels[kind.levels.index(now) + 1:]
        steps, wanted = next(((k, t) for k, t in enumerate(above, 1) if _would_be(clause, name, Column(TEXT, np.array([0]), (t,)))), (0, ""))
    elif clause.op in _REFUSING:
        return [_away(name, title, kind, around)]
    else:
        steps, wanted = max(_levels(name, clause, one, around), 1), choices[0]
    if not 0 < steps <= setting("一次最多升级数"):
        return []
    # Each level costs; the hundredth of the points lets the lower one come first where two will do.
    extra = kind.cost * (steps - 1) + (0.01 * clause.points if clause.kind == SCORE else 0.0)
    return [_whole(name, wanted, kind, kind.saying or f"{title}达到“{wanted}”", around, extra, steps)]


def _away(name, title, kind, around):
    """To any other text than those which clauses of the recognition refuse."""
    refusing = [c for c in around.recognition.clauses if c.op in _REFUSING and c.expression is not None and c.expression.column == name]
    refused = dict.fromkeys(t.strip() for c in refusing for t in c.threshold.replace("｜", "|").split("|") if t.strip())
    text = f"不再是“{'”或“'.join(refused)}”"
    return _whole(name, text, kind, f"{title}{text}", around)


def _label(column):
    return column.labels[column.values[0]].strip() if column.values[0] >= 0 else ""


def _signs(kind):
    return [s for s, word in ((1.0, "增"), (-1.0, "减")) if word in kind.moves]


def _numeric(name, clause, one, around, along=()):
    """The least change in each direction it can move in; with ``along`` it takes two reports (:func:`kept_up`)."""
    column, title = one.columns[name], around.headers.title(name)
    if column.kind == FLAG:
        return _yes(name, one, around) if np.isfinite(clause.low) else []
    if column.kind != NUMBER or np.isnan(column.values[0]):
        return []
    kind = lever(title, "数值")
    targets = [least_target(clause, one, name, sign, kind.step or 0.01, along) for sign in _signs(kind)]
    return [_amount(name, title, t, kind, clause, one, around, 2 if along else 1) for t in targets if t is not None]


def _levels(name, clause, one, around):
    """How many levels of a score sheet lie between what the enterprise has and what the clause wants, the latter included."""
    sheet = [c for c in around.recognition.clauses if c.kind == SCORE and c.expression is not None and c.expression.column == name]
    now = max((c.points for c in sheet if judge_clause(c, one, {})[0] == YES), default=0.0)
    return len({c.points for c in sheet if now < c.points <= clause.points})


def _amount(name, title, target, kind, clause, one, around, reports=1):
    now = one.columns[name].values[0]
    amount = target - now
    unit = around.headers.unit(name) or (clause.unit if clause.expression.column else "")
    unit = "个百分点" if unit == "%" else unit
    text = f"{title}{'增加' if amount > 0 else '减少'}{tidy(abs(amount))}{unit}至{tidy(target)}{around.headers.unit(name) or unit}"
    if kind.when == "年限":
        text = f"{title}再满{tidy(amount)}年（达到{tidy(target)}年）"
    text += "并再保持一年" if reports == 2 else ""
    years = reports if kind.when == ANNUAL else 0
    return Move(name, target, amount, kind.cost * _size(now, target, kind), text, around.when(kind, amount, reports), years)


def _size(now, target, kind):
    """How many times the table's amount, else a share of the figure itself: 66 of 1,000 is a small step, 66 of 100 is not.

    A share of the greater of both, so that a further target always costs more: through nought in two parts, and from
    nought beside the least step, without which every target would be all of itself.
    """
    if kind.scale:
        return abs(target - now) / kind.scale
    if now * target < 0:
        return _size(now, 0.0, kind) + _size(0.0, target, kind)
    return abs(target - now) / (setting("无容差时的尺度") * (max(abs(now), abs(target)) + (0.0 if now else kind.step or 0.01)))


def tidy(number: float, decimals: int = 2) -> str:
    """At most so many decimals, no trailing zeros."""
    text = f"{number:.{decimals}f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text
