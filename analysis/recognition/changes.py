"""The least sets of changes with which an enterprise would qualify, each proven by judging it again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from .fields import Fields, Headers
from .logic import NO, YES
from .moves import Move, Setting, changed, kept_for, kept_of_mended, kept_up, may_be_kept, moves_for, moves_of_failing
from .reading import Reading
from .rules import Recognition
from .settings import setting
from .years import Pairs, a_year_on, roll, year_pairs

CHUNK = 4000
_FIRST, _EACH = 12, 3  # changes after which others are looked at again, and how many others each


@dataclass(frozen=True)
class Route:
    """Changes that together qualify and none of which can be left out; cost is the sum of theirs, ``when`` the latest."""

    moves: tuple[Move, ...]
    cost: float
    when: pd.Timestamp

    @property
    def text(self) -> str:
        return "＋".join(m.text for m in self.moves)


@dataclass(frozen=True)
class Outlook:
    """Enterprises before one recognition as they are and a year on, every clause judged once for all of them.

    fields : the roster's columns that count. place : position in the roster -> place in ``now`` and ``later``.
    """

    fields: Fields
    pairs: Pairs
    place: Mapping[int, int]
    now: Reading
    later: Reading


def outlook(recognition: Recognition, fields: Fields, at: Sequence[int], headers: Headers) -> Outlook:
    """The enterprises at positions of the roster, for :func:`least_changes` of each of them."""
    pairs = year_pairs(recognition.columns, headers, fields.columns)
    fields = fields.only(dict.fromkeys((*recognition.columns, *(source for _, source in pairs if source))))
    now = fields.take(np.asarray(at, dtype=int))
    return Outlook(fields, pairs, {int(a): k for k, a in enumerate(at)}, Reading(recognition, now, headers),
                   Reading(recognition, a_year_on(now, pairs), headers))


def least_changes(recognition: Recognition, fields: Fields, at: int, headers: Headers, date: pd.Timestamp, year: int,
                  alternatives: int | None = None, most: int | None = None, waits: Mapping[str, pd.Timestamp] | None = None,
                  among: Outlook | None = None) -> list[Route]:
    """The least sets of changes with which the enterprise at a position qualifies.

    Parameters
    ----------
    fields : the whole roster; ``at`` a position in it. alternatives, most : how many sets, of
        how many changes each (None = the table's 达标路径条数 and 最小变动项数上限).
    waits : folded recognition -> day from which it can be held; by default the months of ``recognition_lead_times.csv``.
    among : the enterprise with others, from :func:`outlook`; where many are asked about it is the same in a third of the time.

    Returns
    -------
    Routes with the fewest changes first, then by cost, no two of the same figures; empty where no
    set of that size will do. Every single change that qualifies is among them, sets of more only
    up to ``alternatives``. Changes considered: for every clause of a group not met, its direct
    routes and the score sheet, the least change of any one of its movable figures
    (``recognition_lead_times.csv``) that meets it; where none of these will do, also the least
    change that is left after another one. A figure of the next annual report is judged with all
    figures a year on: this year's are last year's by then, the others as they are. Where an
    earlier year falls short that the next report cannot mend, a figure of two reports is.
    """
    alternatives = int(setting("达标路径条数")) if alternatives is None else alternatives
    most = int(setting("最小变动项数上限")) if most is None else most
    among = outlook(recognition, fields, [at], headers) if among is None else among
    fields, pairs, around = among.fields, among.pairs, Setting(recognition, headers, date, year, waits or {})
    moves = _moves(among.now, among.later, among.place[int(at)], around, pairs)
    best = _cheapest(recognition, fields, at, moves, pairs, headers, alternatives, most)
    if not best and most > 1 and moves:
        moves = _together(recognition, among.now.one(among.place[int(at)]), around, pairs, moves)
        best = _cheapest(recognition, fields, at, moves, pairs, headers, alternatives, most)
    return [Route(tuple(moves[i] for i in chosen), cost, _latest([moves[i].when for i in chosen])) for cost, chosen in best]


def _cheapest(recognition, fields, at, moves, pairs, headers, alternatives, most):
    """(cost, positions of moves) of the least qualifying sets, fewest changes first."""
    best: list[tuple[float, tuple[int, ...]]] = []
    accepted: list[set[int]] = []
    for size in range(1, min(most, len(moves)) + 1):
        room = len(moves) if size == 1 else alternatives - len(best)
        if room <= 0:
            break
        best += _of_size(size, room, recognition, fields, at, moves, pairs, headers, accepted)
    return best


def _together(recognition, one, around, pairs, moves):
    """The moves and those that they ask of other figures: with more revenue a share of it takes more R&D than it does now."""
    book, later = {(m.key, m.target, m.years): m for m in moves}, a_year_on(one, pairs)
    for move in moves[:_FIRST]:
        base = (later if move.years else one).take(np.array([0]))
        changed(base, move, np.array([0]))
        found = [m for c in _in_question(Reading(recognition, base, around.headers), 0) for m in moves_for(c, base, around) if m.key != move.key and bool(m.years) == bool(move.years)]
        for other in sorted(found, key=lambda m: m.cost)[:_EACH]:
            book.setdefault((other.key, other.target, other.years), other)
    return sorted(book.values(), key=lambda m: m.cost)


def _of_size(size, room, recognition, fields, at, moves, pairs, headers, accepted):
    """The cheapest qualifying sets of one size, none holding an accepted one; they are added to the accepted."""
    found: dict[frozenset, tuple[float, tuple[int, ...]]] = {}
    sets = np.array(list(combinations(range(len(moves)), size)), dtype=np.int32)
    total = np.array([m.cost for m in moves])[sets].sum(axis=1)
    order = np.argsort(total, kind="stable")
    for start in range(0, len(order), CHUNK):
        part = order[start:start + CHUNK]
        part = part[total[part] < _bound(found, room)]
        if not len(part):
            break
        part = [k for k in part if _sensible(sets[k], moves, accepted)]
        for k, ok in zip(part, _qualify(recognition, fields, at, moves, sets[part], pairs, headers)):
            chosen = tuple(int(i) for i in sets[k])
            if ok and not any(a <= set(chosen) for a in accepted):
                accepted.append(set(chosen))
                key = frozenset(moves[i].key for i in chosen)
                if key not in found or total[k] < found[key][0]:
                    found[key] = (float(total[k]), chosen)
    return sorted(found.values())[:room]


def possible_moves(recognition: Recognition, one: Fields, around: Setting, pairs: Pairs = ()) -> list[Move]:
    """Single changes that meet some clause the enterprise fails and that can matter, no two to the same value.

    Groups that hang on unknown data are included: a better figure elsewhere can settle them. None for who meets every group.
    What the next annual report shows is to meet the clauses that the enterprise fails a year on.
    """
    return _moves(Reading(recognition, one, around.headers), Reading(recognition, a_year_on(one, pairs), around.headers), 0, around, pairs)


def _moves(seen, seen_later, k, around, pairs):
    """:func:`possible_moves` of the k-th enterprise of two readings."""
    now = _in_question(seen, k)
    if not now:
        return []
    then, one, later, book = _in_question(seen_later, k), seen.one(k), seen_later.one(k), {}
    found = [m for c in now if _fails(seen, c, k) for m in moves_of_failing(c, one, around) if not m.years]
    found += [m for c in now if may_be_kept(c) and _fails(seen, c, k) and seen_later.state(c)[k] == YES for m in kept_of_mended(c, later, around, pairs)]
    ahead = [(c, moves_of_failing(c, later, around)) for c in then if _fails(seen_later, c, k)]
    found += [m for _, moves in ahead for m in moves]
    found += _in_two_years(seen.recognition, [c for c, moves in ahead if not moves], later, around, pairs)
    for move in found:
        key = (move.key, move.target, move.years)
        if key not in book or move.cost < book[key].cost:
            book[key] = move
    return sorted(book.values(), key=lambda m: m.cost)


def _in_two_years(recognition, stuck, later, around, pairs):
    """What meets a clause about earlier years that no single report can (``stuck``): this year's figure, shown by the next report and
    kept in the one after it, when it is last year's. The clauses on that figure itself are to be met with it as well."""
    last = {past: source for past, source in pairs if source}
    hard = [c for c in stuck if c.expression is not None and last.keys() & c.expression.columns]
    if not hard:
        return []
    after = a_year_on(later, pairs)
    found = [m for c in hard for m in kept_for(c, later, after, around, pairs, 2)]
    twins = {(last[n], n) for c in hard for n in c.expression.columns if n in last}
    asked = _in_question(Reading(recognition, after, around.headers), 0) if twins else []
    return found + [m for c in asked for name, past in sorted(twins) for m in kept_up(c, after, around, name, past)]


def _in_question(seen, k):
    """Clauses of the groups that the k-th enterprise does not surely meet, of their direct routes and of the score sheet where one reads it."""
    failing = [g for g in seen.recognition.required if not seen.sure(g)[k]]
    clauses = [c for g in failing for h in (g, *g.by) for c in h.clauses]
    return clauses + [c for g in seen.recognition.sheet for c in g.clauses] if any(c.score is not None for c in clauses) else clauses


def _fails(seen, clause, k):
    return clause.score is None and seen.state(clause)[k] == NO


def _bound(found, room):
    costs = sorted(cost for cost, _ in found.values())
    return costs[room - 1] if len(costs) >= room else np.inf


def _sensible(chosen, moves, accepted):
    keys = [moves[i].key for i in chosen]
    return len(set(keys)) == len(keys) and not any(a <= {int(i) for i in chosen} for a in accepted)


def _qualify(recognition, fields, at, moves, sets, pairs, headers):
    if not len(sets):
        return []
    trial = fields.take(np.full(len(sets), at))
    years = np.array([m.years for m in moves])
    roll(trial, pairs, np.flatnonzero(years[sets].max(axis=1) > 0))
    # What is shown for two years is last year's figure as well by the second; the other changes are the second's own.
    for i in (i for i in np.unique(sets) if years[i] == 2):
        changed(trial, moves[i], np.flatnonzero((sets == i).any(axis=1)))
    roll(trial, pairs, np.flatnonzero(years[sets].max(axis=1) == 2))
    for i in np.unique(sets):
        changed(trial, moves[i], np.flatnonzero((sets == i).any(axis=1)))
    return Reading(recognition, trial, headers).meets()


def _latest(dates):
    return pd.NaT if any(pd.isna(d) for d in dates) else max(dates)
