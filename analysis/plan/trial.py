"""Trying plans out: drawn rivals and drawn successes, the same ones for every plan of a trial."""

from __future__ import annotations

import numpy as np

from .goal import Scenes
from .rivals import Rivals

_OUTCOMES = 7919
_GRID = 400  # different counts up to which ranks are kept in a table
_MARKS = 60  # marks kept for curves
_FIRST, _SURE = 8, 4.0  # an eighth of the draws rejects what falls short by four standard errors


class Trial:
    """Simulated chances of plans under common random numbers.

    An application succeeds by its own probability; one whose prerequisite is not held yet
    succeeds only in the draws in which the prerequisite, which must be in the plan, does.

    Parameters
    ----------
    scenes : scores and ranks of the node.
    rivals : how the others move.
    probability, target, above : per candidate: chance of success; position of its indicator among
        ``scenes.codes`` (−1: counts nowhere); all its open prerequisites among the candidates.
    base : home's values without the plan (indicators,).
    runs, seed : number of draws; trials of another seed are fresh draws.
    """

    def __init__(self, scenes: Scenes, rivals: Rivals, probability, target, above, base, runs: int, seed: int):
        self.scenes, self.runs, self.seed = scenes, int(runs), int(seed)
        self.probability, self.target, self.above, self.base = probability, target, above, base
        names = list(scenes.assessment.scores.index)
        self.rivals = rivals.draw(names, scenes.codes, scenes.now, self.runs, self.seed)
        self._outcomes: dict[int, np.ndarray] = {}
        self._known: dict[bytes, np.ndarray] = {}
        self._sizes = [int((target == j).sum()) + 1 for j in range(len(scenes.codes))]
        self._still = all(np.array_equal(x, np.broadcast_to(x[:1], x.shape), equal_nan=True) for x in self.rivals.values())
        self._small = np.prod(self._sizes) <= _GRID
        self._table: dict[int, np.ndarray] = {}
        self.curves: dict[tuple, object] = {}  # by rank, mix and additions, see analysis.plan.curve.curves
        self.mixes: dict[int, list] = {}  # by rank, see analysis.plan.curve.mixes
        self.surest: dict[tuple, tuple] = {}  # by rank and budget, see analysis.plan.most.most_chance
        self._draws, self._first = _Draws(scenes, self.rivals, base), None
        self._flat: dict[tuple, np.ndarray] = {}
        self._counted, self._sums = frozenset(), np.zeros((len(scenes.codes), self.runs), dtype=np.int32)

    def outcome(self, k: int) -> np.ndarray:
        """Whether candidate ``k`` by itself succeeds in each draw (runs,)."""
        if k not in self._outcomes:
            rng = np.random.default_rng([self.seed, _OUTCOMES, k])
            self._outcomes[k] = rng.random(self.runs, dtype=np.float32) < self.probability[k]
        return self._outcomes[k]

    def additions(self, chosen: np.ndarray, runs: int | None = None) -> np.ndarray:
        """Successes of the chosen candidates (bool per candidate) by indicator (runs, indicators), in the first ``runs`` draws."""
        # One plan differs from the last in a few applications: only these are added or taken off.
        counted = frozenset(int(k) for k in np.flatnonzero(chosen & (self.target >= 0)) if all(chosen[a] for a in self.above[k]))
        for k in counted ^ self._counted:
            change = np.add if k in counted else np.subtract
            row = self._sums[self.target[k]]
            change(row, self._won(k), out=row)
        self._counted = counted
        return self._sums.T[:runs].copy()

    def places(self, chosen: np.ndarray) -> np.ndarray:
        """Home's rank in each draw (runs,)."""
        key = np.packbits(chosen).tobytes()
        if key not in self._known:
            if len(self._known) > 400:
                self._known.clear()
            self._known[key] = self._found(self.additions(chosen))
        return self._known[key]

    def _found(self, added):
        """Ranks for successes (runs, indicators); draws in which the last plan had as many are not ranked again."""
        if self._small:
            return self._looked_up(added)
        return self._draws.places(added)

    def places_of(self, home: np.ndarray) -> np.ndarray:
        """Home's rank in each draw for given values of home (runs, indicators) or (indicators,)."""
        return self.scenes.places(self.scenes.scores(home, self.rivals))

    def chance(self, chosen: np.ndarray, rank: int) -> float:
        """Share of the draws in which the plan reaches the rank."""
        return float((self.places(chosen) <= rank).mean())

    def falls_short(self, chosen: np.ndarray, rank: int, target: float) -> bool:
        """Whether an eighth of the draws already rules the chance out."""
        few = self.runs // _FIRST
        if np.packbits(chosen).tobytes() in self._known or few < 200 or self._small:
            return False
        if self._first is None:
            self._first = _Draws(self.scenes, {c: x[:few] for c, x in self.rivals.items()}, self.base)
        chance = float((self._first.places(self.additions(chosen, few)) <= rank).mean())
        return chance + _SURE * sampling_error(chance, few) < target

    def gaps(self, home: np.ndarray, rank: int, runs: int, j: int = -1, values: np.ndarray = ()) -> np.ndarray:
        """Distance to the rank in points (runs,) for home's values (indicators,), in the first ``runs`` draws.

        With an indicator j (values, runs): home's value of it is each of ``values`` instead.
        """
        marks = [self._flat_marks(i, float(at), runs) for i, at in enumerate(home)]
        if j < 0:
            return self.scenes.gap(self.scenes.joined(marks), rank)
        along = self.scenes.scores_along(marks, j, values, self.rivals[self.scenes.codes[j]][:runs])
        return self.scenes.gap(along, rank).reshape(len(values), -1)

    def _flat_marks(self, i, at, runs):
        """Marks in indicator i where home has the same value in every draw; curves ask for each of them several times."""
        if (i, at, runs) not in self._flat:
            if len(self._flat) > _MARKS:
                self._flat.clear()
            rivals = self.rivals[self.scenes.codes[i]][:runs]
            self._flat[i, at, runs] = self.scenes.marks(i, np.full(len(rivals), at), rivals)
        return self._flat[i, at, runs]

    def _looked_up(self, added):
        """Ranks from a table by counts: a small case has few different counts, whatever is chosen."""
        code = np.ravel_multi_index(tuple(added.T), self._sizes)
        places = np.empty(self.runs, dtype=np.float32)
        for c in np.unique(code):
            if c not in self._table:
                home = self.base + np.array(np.unravel_index(c, self._sizes))
                # Rivals who stand still are the same in every draw.
                few = {name: x[:1] for name, x in self.rivals.items()} if self._still else self.rivals
                self._table[c] = self.scenes.places(self.scenes.scores(home, few)).astype(np.float32)
            here = code == c
            places[here] = self._table[c][0] if self._still else self._table[c][here]
        return places

    def _won(self, k):
        won = self.outcome(k)
        for a in self.above[k]:
            won = won & self.outcome(a)
        return won


class _Draws:
    """Home's places in some draws for one plan after another: what the last plan had alike in a draw is not scored again."""

    def __init__(self, scenes, rivals, base):
        self._scenes, self._rivals, self._base = scenes, [rivals[code] for code in scenes.codes], base
        shape = self._rivals[0].shape
        self._added = np.full((shape[0], len(scenes.codes)), -1, dtype=np.int32)
        self._marks = [np.empty(shape) for _ in scenes.codes]
        self._places = np.empty(shape[0], dtype=np.float32)

    def places(self, added):
        """Places (runs,) for successes (runs, indicators)."""
        other = added != self._added
        for j, (marks, rivals) in enumerate(zip(self._marks, self._rivals)):
            rows = np.flatnonzero(other[:, j])
            if len(rows):
                marks[rows] = self._scenes.marks(j, self._base[j] + added[rows, j], rivals.take(rows, axis=0))
        rows = np.flatnonzero(other.any(axis=1))
        if len(rows):
            self._places[rows] = self._scenes.places(self._scenes.joined([marks.take(rows, axis=0) for marks in self._marks]))
        self._added = added
        return self._places.copy()


class Twice:
    """Two trials of the same plans as one; curves are taken from the first."""

    def __init__(self, first: Trial, second: Trial):
        self.first, self.second, self.runs = first, second, first.runs + second.runs
        self.base, self.rivals, self.gaps, self.curves = first.base, first.rivals, first.gaps, first.curves

    def chance(self, chosen: np.ndarray, rank: int) -> float:
        """Share of all draws in which the plan reaches the rank."""
        return (self.first.runs * self.first.chance(chosen, rank) + self.second.runs * self.second.chance(chosen, rank)) / self.runs

    def reaches(self, chosen: np.ndarray, rank: int, target: float) -> bool:
        """Whether the plan has the chance; one that is far off is told by the first draws."""
        if self.first.falls_short(chosen, rank, target):
            return False
        own = self.first.chance(chosen, rank)
        if own + _SURE * sampling_error(own, self.first.runs) < target:
            return False
        return self.chance(chosen, rank) >= target


def sampling_error(chance: float, runs: int) -> float:
    """Standard error of a simulated chance."""
    return float(np.sqrt(max(chance * (1 - chance), 1 / runs) / runs))
