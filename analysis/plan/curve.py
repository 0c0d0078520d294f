"""The distance to the rank as a sum of concave curves, one per indicator, taken around a plan.

Scores saturate: a district that passes the best one gains nothing itself and only lowers the others. Straight
lines would therefore put everything into one indicator; pieces of a concave curve stay linear for the programme.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from .problem import Problem
from .solver import Need
from .trial import Trial

_RUNS = 300  # draws that set the curves; the chance itself is always counted on all of them
_MOST_SUBSETS = 4
_POINTS = 9
_HALVINGS = 9
_LEAST = 0.1  # of the first guess: deviations below it are not believed
_STEEP = 0.6  # a curve begins where its slope first has this part of the greatest


@dataclass(frozen=True)
class Curves:
    """Mean distance to the rank ≈ gap + Σ_j y_j(n_j), points; n_j expected additions, y_j concave, y_j(at_j) = 0.

    at : additions where they were taken. gap, spread : mean and standard deviation over the rivals' draws there.
    slopes, starts : per indicator the pieces y = min_k (slope_k · n + start_k); a single (0, 0) for
        indicators outside the mix. worth : slope of each curve at ``at``.
    """

    at: np.ndarray
    gap: float
    spread: float
    slopes: tuple[np.ndarray, ...]
    starts: tuple[np.ndarray, ...]
    worth: np.ndarray
    mix: tuple[int, ...]

    def need(self, p: Problem, z: float, deviation: float, margin: float) -> Need:
        """gap + Σ y_j − what the successes' own uncertainty costs ≥ margin, for the programme.

        mean − z·√(spread² + V) ≥ 0 made linear around ``deviation`` takes z·variance/(2·deviation) per application.
        """
        penalty = z * self.variance(p)[p.model.candidate] / (2 * max(deviation, 1e-9))
        return Need(self.expected(p), self.slopes, self.starts, penalty, margin - self.gap)

    def expected(self, p: Problem) -> np.ndarray:
        """Expected additions of each slot by indicator (indicators, slots)."""
        member = p.model.candidate
        return np.where(p.target[member] == np.arange(len(self.at))[:, None], p.expected[member], 0.0)

    def marginal(self, n: np.ndarray) -> np.ndarray:
        """Slopes of the curves at additions n."""
        return np.array([s[np.argmin(s * x + c)] for s, c, x in zip(self.slopes, self.starts, n)])

    def points(self, p: Problem, at: np.ndarray | None = None) -> np.ndarray:
        """Expected points of each candidate at the margin."""
        return self._each(p, self.worth if at is None else self.marginal(at)) * p.expected

    def variance(self, p: Problem) -> np.ndarray:
        """Variance of each candidate's points."""
        return self._each(p, self.worth) ** 2 * p.expected * (1 - p.expected)

    def deviation(self, p: Problem, chosen: np.ndarray) -> float:
        """Standard deviation of the distance to the rank with these candidates."""
        # Never far below the first guess: with still rivals and nothing chosen it would be nothing, and any uncertainty forbidding.
        return max(float(np.sqrt(self.spread**2 + self.variance(p)[chosen].sum())), _LEAST * self.guess(p))

    def guess(self, p: Problem) -> float:
        """The same before any candidates are chosen: for as many average ones of each indicator as make up ``at``."""
        own = np.zeros(len(self.at))
        for j in self.mix:
            expected = p.expected[p.target == j]
            own[j] = self.at[j] * (1 - (expected**2).sum() / max(expected.sum(), 1e-12))
        return float(np.sqrt(self.spread**2 + (self.worth**2 * own).sum()))

    def _each(self, p, worth):
        return np.where(p.target >= 0, worth[p.target], 0.0)


def curves(p: Problem, trial: Trial, rank: int, at: np.ndarray, mix: tuple[int, ...] | None = None) -> Curves:
    """Curves of the distance to the rank along each indicator of the mix through additions ``at``.

    Kept by the trial: plans for several budgets and ranks come by the same points again.
    """
    mix = tuple(range(len(at))) if mix is None else mix
    key = rank, mix, np.asarray(at, dtype=float).tobytes()
    if key not in trial.curves:
        trial.curves[key] = _curves(p, trial, rank, at, mix)
    return trial.curves[key]


def _curves(p, trial, rank, at, mix):
    runs, m = min(_RUNS, trial.runs), len(at)
    here = trial.gaps(trial.base + at, rank, runs)
    slopes, starts, worth = [np.zeros(1)] * m, [np.zeros(1)] * m, np.zeros(m)
    for j in mix:
        most = p.expected[p.target == j].sum()
        near = np.minimum(most, at[j] * np.array([0.5, 0.75, 0.9, 1.1, 1.25, 1.5, 2.0]) + np.array([0, 0, 0, 1, 2, 4, 8]))
        grid = np.unique(np.round(np.concatenate([near, np.linspace(0, min(most, 3 * at[j] + 12), _POINTS), [most]]), 6))
        values = trial.gaps(trial.base + at, rank, runs, j, trial.base[j] + grid).mean(1) - here.mean()
        slopes[j], starts[j] = _pieces(grid, values)
        worth[j] = slopes[j][np.argmin(slopes[j] * at[j] + starts[j])]
    return Curves(np.array(at, dtype=float), float(here.mean()), float(here.std()), tuple(slopes), tuple(starts), worth, mix)


def mixes(p: Problem, trial: Trial, rank: int) -> list[Curves]:
    """Curves where home's mean just reaches the rank, for each mix of indicators (all subsets up to four).

    Apart because a score may begin flat: the district that alone sets the lower bound gains
    nothing by its first successes, so that an indicator is best taken up well or not at all.
    """
    if rank in trial.mixes:
        return trial.mixes[rank]
    m = len(p.scenes.codes)
    most = np.array([p.expected[p.target == j].sum() for j in range(m)])
    able = [j for j in range(m) if most[j] > 0]
    sizes = range(len(able), 0, -1) if len(able) <= _MOST_SUBSETS else (len(able), 1)
    found = []
    for size in sizes:
        for mix in combinations(able, size):
            ray = np.where(np.isin(np.arange(m), mix), most, 0.0)
            found.append(curves(p, trial, rank, _reach(trial, rank, ray) * ray, mix))
    trial.mixes[rank] = [c for c in found if any(s.any() for s in c.slopes)]
    return trial.mixes[rank]


def additions(p: Problem, x: np.ndarray) -> np.ndarray:
    """Expected additions by indicator of slots x, whole or not."""
    share = np.bincount(p.model.candidate, weights=x, minlength=p.model.size)
    counts = p.target >= 0
    return np.bincount(p.target[counts], weights=(share * p.expected)[counts], minlength=len(p.scenes.codes))


def _reach(trial, rank, ray):
    """Least share of the ray at which the mean distance is no longer negative; 1 where none is."""
    runs, low, high = min(_RUNS, trial.runs), 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (low, middle) if trial.gaps(trial.base + middle * ray, rank, runs).mean() >= 0 else (middle, high)
    return high


def _pieces(grid, values):
    """Slopes and starts of the upper concave hull from where the curve is steep; its first piece goes on to the left."""
    if len(grid) < 2:
        return np.zeros(1), np.zeros(1)
    steep = np.diff(values) / np.diff(grid)
    if steep.max() <= 0:
        return np.zeros(1), np.array([max(values.max(), 0.0)])
    first = int(np.argmax(steep >= _STEEP * steep.max()))
    hull = [first]
    for k in range(first + 1, len(grid)):
        while len(hull) > 1 and (values[hull[-1]] - values[hull[-2]]) * (grid[k] - grid[hull[-2]]) <= (values[k] - values[hull[-2]]) * (grid[hull[-1]] - grid[hull[-2]]):
            hull.pop()
        hull.append(k)
    a, b = np.array(hull[:-1]), np.array(hull[1:])
    slope = np.maximum((values[b] - values[a]) / (grid[b] - grid[a]), 0.0)
    return slope, values[a] - slope * grid[a]
