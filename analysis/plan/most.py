"""The plan of the best chance within limits and budget, whatever it costs."""

from __future__ import annotations

import numpy as np

from .curve import Curves, additions, curves, mixes
from .improve import raise_chance
from .parameters import setting
from .problem import Problem
from .solver import Need
from .trial import Trial

_TRIED = 4  # mixes of the best relaxed chance that are followed to whole numbers


def most_chance(p: Problem, trial: Trial, rank: int, budget: float | None = None) -> tuple[np.ndarray, float]:
    """Slots of the plan of the best chance found within limits and budget, and its chance on the draws; of equals the cheapest."""
    key = (rank, p.model.budget if budget is None else min(budget, p.model.budget))
    if key not in trial.surest:
        trial.surest[key] = _most_chance(p, trial, rank, budget)
    return trial.surest[key]


def _most_chance(p, trial, rank, budget):
    best, curve = p.model.fixed.astype(float), None
    top = trial.chance(p.model.chosen(best), rank)

    def consider(x, shape=None):
        nonlocal best, top, curve
        if x is None:
            return False
        chance = trial.chance(p.model.chosen(x), rank)
        if chance > top + 1e-12 or (chance == top and p.model.spent(x) < p.model.spent(best)):
            best, top, curve = x, chance, shape
        return True

    for z, shape, chosen in _followed(p, trial, rank, budget):
        for _ in range(2):
            x = p.model.most(shape.need(p, z, shape.deviation(p, chosen), 0.0), budget)
            if not consider(x, shape):
                break
            chosen = p.model.chosen(x)
            shape = curves(p, trial, rank, additions(p, x), shape.mix)
    # Scores that go by steps have no slope to follow: then simply as many successes as can be had.
    for mix in _plain_mixes(p):
        consider(p.model.most(mix, budget))
    if p.model.size <= setting("证明最省的候选数"):
        return _climb(p, trial, rank, budget, best, top)
    if curve is not None and (budget is not None or np.isfinite(p.model.budget)):
        return raise_chance(p, trial, rank, best, curve, budget)
    return best, top


def _followed(p, trial, rank, budget):
    """Weight of the uncertainty, curves and candidates of the relaxed programme for every mix, the surest first."""
    bounded = budget is not None or np.isfinite(p.model.budget)
    tried = [(0.0, z, shape, None) for shape in mixes(p, trial, rank) for z in ((0.8, -0.8) if bounded else (0.0,))]
    for _ in range(3 if bounded else 2):
        moved = []
        for sure, z, shape, chosen in tried:
            if chosen is not None and not shape.worth.any():
                moved.append((sure, z, shape, chosen))
                continue
            deviation = shape.guess(p) if chosen is None else shape.deviation(p, chosen)
            x = p.model.most(shape.need(p, z, deviation, 0.0), budget, relax=True)
            if x is None:
                return []
            chosen = p.model.chosen(x)
            shape = curves(p, trial, rank, additions(p, x), shape.mix)
            moved.append((shape.gap / max(shape.deviation(p, chosen), 1e-9), z, shape, chosen))
        order = sorted(range(len(moved)), key=lambda k: -moved[k][0])
        tried = [moved[k] for k in order[:_TRIED]]
    return [found[1:] for found in tried]


def _plain_mixes(p: Problem) -> list[Need]:
    """One success worth as much as another: by indicator alone, and all weighed alike."""
    m = len(p.scenes.codes)
    able = [j for j in range(m) if (p.target == j).any()]
    weights = [np.eye(m)[j] for j in able] + ([np.isin(range(m), able).astype(float)] if len(able) > 1 else [])
    nothing = Curves(np.zeros(m), 0.0, 0.0, (), (), np.zeros(m), ())
    none = nothing.variance(p)[p.model.candidate]
    return [Need(nothing.expected(p), tuple(np.array([w]) for w in weight), (np.zeros(1),) * m, none, 0.0) for weight in weights]


def _climb(p, trial, rank, budget, x, top):
    """Additions and exchanges of single applications as long as the chance rises (small cases)."""
    moved = True
    while moved:
        moved, chosen = False, p.model.chosen(x)
        inside = [s for s in np.flatnonzero(x > 0.5) if not p.model.fixed[s]]
        for into in (s for s in range(len(x)) if not chosen[p.model.candidate[s]]):
            for out in (None, *inside):
                tried = x.copy()
                tried[into] = 1
                if out is not None:
                    tried[out] = 0
                if p.model.allows(tried, budget) and (chance := trial.chance(p.model.chosen(tried), rank)) > top + 1e-12:
                    x, top, moved = tried, chance, True
                    break
            if moved:
                break
    return x, top
