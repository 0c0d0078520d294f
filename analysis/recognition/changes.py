"""The least sets of changes with which an enterprise would qualify, each proven by judging it again."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from .fields import Fields, Headers
from .judge import judge, judge_group
from .logic import YES
from .moves import Move, Setting, changed, moves_for
from .rules import Recognition
from .score import score_sheet
from .settings import setting

CHUNK = 4000


@dataclass(frozen=True)
class Route:
    """Changes that together qualify and none of which can be left out; cost is the sum of theirs, ``when`` the latest."""

    moves: tuple[Move, ...]
    cost: float
    when: pd.Timestamp

    @property
    def text(self) -> str:
        return "＋".join(m.text for m in self.moves)


def least_changes(recognition: Recognition, fields: Fields, at: int, headers: Headers, date: pd.Timestamp, year: int,
                  alternatives: int | None = None, most: int | None = None) -> list[Route]:
    """The cheapest minimal sets of changes with which the enterprise at a position qualifies.

    Parameters
    ----------
    fields : the whole roster; ``at`` a position in it. alternatives, most : how many sets, of
        how many changes each (None = the table's 达标路径条数 and 最小变动项数上限).

    Returns
    -------
    Routes by cost, no two of the same figures; empty where no set of that size will do.
    Changes considered: for every clause of a group not met, its direct routes and the score
    sheet, the least change of any one of its movable figures (``recognition_lead_times.csv``)
    that meets it. All sets of up to ``most`` are covered; dearer ones than those found are cut.
    """
    alternatives = int(setting("达标路径条数")) if alternatives is None else alternatives
    most = int(setting("最小变动项数上限")) if most is None else most
    fields = fields.only(recognition.columns)
    moves = possible_moves(recognition, fields.take(np.array([at])), Setting(recognition, headers, date, year))
    costs = np.array([m.cost for m in moves])
    found: dict[frozenset, tuple[float, tuple[int, ...]]] = {}
    accepted: list[set[int]] = []
    for size in range(1, min(most, len(moves)) + 1):
        sets = np.array(list(combinations(range(len(moves)), size)), dtype=np.int32)
        total = costs[sets].sum(axis=1)
        order = np.argsort(total, kind="stable")
        for start in range(0, len(order), CHUNK):
            part = order[start:start + CHUNK]
            part = part[total[part] < _bound(found, alternatives)]
            if not len(part):
                break
            part = [k for k in part if _sensible(sets[k], moves, accepted)]
            for k, ok in zip(part, _qualify(recognition, fields, at, moves, sets[part])):
                chosen = tuple(int(i) for i in sets[k])
                if ok and not any(a <= set(chosen) for a in accepted):
                    accepted.append(set(chosen))
                    key = frozenset(moves[i].key for i in chosen)
                    if key not in found or total[k] < found[key][0]:
                        found[key] = (float(total[k]), chosen)
    best = sorted(found.values())[:alternatives]
    return [Route(tuple(moves[i] for i in chosen), cost, _latest([moves[i].when for i in chosen])) for cost, chosen in best]


def possible_moves(recognition: Recognition, one: Fields, around: Setting) -> list[Move]:
    """Single changes that meet some clause the enterprise fails and that can matter, no two to the same value.

    Groups that hang on unknown data are included: a better figure elsewhere can settle them.
    """
    scores = score_sheet(recognition, one)
    failing = [g for g in recognition.required if judge_group(g, one, scores).state[0] != YES]
    clauses = [c for g in failing for h in (g, *g.by) for c in h.clauses]
    if any(c.score is not None for c in clauses):
        clauses += [c for g in recognition.sheet for c in g.clauses]
    book: dict[tuple, Move] = {}
    for clause in clauses:
        for move in moves_for(clause, one, around):
            key = (move.key, move.target)
            if key not in book or move.cost < book[key].cost:
                book[key] = move
    return sorted(book.values(), key=lambda m: m.cost)


def _bound(found, alternatives):
    costs = sorted(cost for cost, _ in found.values())
    return costs[alternatives - 1] if len(costs) >= alternatives else np.inf


def _sensible(chosen, moves, accepted):
    keys = [moves[i].key for i in chosen]
    return len(set(keys)) == len(keys) and not any(a <= {int(i) for i in chosen} for a in accepted)


def _qualify(recognition, fields, at, moves, sets):
    if not len(sets):
        return []
    trial = fields.take(np.full(len(sets), at))
    for i in np.unique(sets):
        changed(trial, moves[i], np.flatnonzero((sets == i).any(axis=1)))
    return judge(recognition, trial).met == YES


def _latest(dates):
    return pd.NaT if any(pd.isna(d) for d in dates) else max(dates)
