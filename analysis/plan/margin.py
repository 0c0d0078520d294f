"""The safety margin: the least one with which the cheapest plan has the chance wanted."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtri

from .curve import Curves, additions, curves, mixes
from .parameters import setting
from .problem import Problem
from .trial import Trial

_TRIED = 4  # mixes of the best relaxed chance that are followed to whole numbers
_NEAR = 0.015  # on the normal scale: a chance so little above the one wanted needs no further margin search


def probit(chance: float, runs: int) -> float:
    """Normal quantile of a simulated chance, finite also at 0 and 1."""
    return float(ndtri(np.clip(chance, 0.5 / runs, 1 - 0.5 / runs)))


def explore(p: Problem, trial: Trial, rank: int, target: float) -> list[tuple[float, Curves]]:
    """Mixes of indicators with the cost of the relaxed programme under a normal margin, the cheapest first.

    Infinite cost where the programme says that the limits do not allow it.
    """
    found, z = [], float(ndtri(target))
    for shape in mixes(p, trial, rank):
        cost, chosen = np.inf, np.zeros(p.model.size, bool)
        for _ in range(3):
            deviation = shape.deviation(p, chosen)
            need = shape.need(p, z, deviation, normal_margin(shape, z, deviation))
            x = p.model.cheapest(need, relaxed=True)
            cost = np.inf if x is None else p.model.spent(x)
            x = p.model.most(need, relaxed=True) if x is None else x
            if x is None:
                break
            chosen = p.model.chosen(x)
            shape = curves(p, trial, rank, additions(p, x), shape.mix)
            if not shape.worth.any():
                break
        if shape.worth.any():
            found.append((cost, shape))
    found.sort(key=lambda pair: pair[0])
    return found


def tune(p: Problem, trial: Trial, rank: int, target: float, shape: Curves) -> tuple[np.ndarray | None, Curves]:
    """Slots of the cheapest plan found with the chance wanted on the trial's draws, and the last curves used.

    The margin added to the need moves by secant steps on the normal scale inside a bracket; the
    curves are taken anew around the first plans. None where no margin gives the chance.
    """
    z, best, last, steps = float(ndtri(target)), None, None, int(setting("余量试算次数"))
    for turn, count in ((0, 3), (1, steps)):
        deviation = shape.deviation(p, np.zeros(p.model.size, bool) if last is None else p.model.chosen(last))
        low = high = None
        margin = normal_margin(shape, z, deviation)
        for _ in range(count):
            need = shape.need(p, z, deviation, margin)
            x = p.model.cheapest(need)
            if x is None:
                if high is not None:
                    break
                x = p.model.most(need)
                if x is None:
                    return best, shape
                last, chance = x, trial.chance(p.model.chosen(x), rank)
                if chance < target:
                    break
            last, chance = x, trial.chance(p.model.chosen(x), rank)
            if chance >= target:
                best = x if best is None or p.model.spent(x) < p.model.spent(best) - 1e-9 else best
                high = (margin, probit(chance, trial.runs))
            else:
                low = (margin, probit(chance, trial.runs))
            if high and high[1] - z < _NEAR:
                break
            moved = _next(low, high, z, max(deviation, 1e-6))
            if moved is None or (low and high and abs(high[0] - low[0]) < 1e-3 * max(deviation, 1e-6)):
                break
            margin = moved
        if turn == 0 and last is not None:
            anew = curves(p, trial, rank, additions(p, last), shape.mix)
            if not anew.worth.any():
                break
            shape = anew
    return best, shape


def most_chance(p: Problem, trial: Trial, rank: int, budget: float | None = None) -> tuple[np.ndarray, float]:
    """Slots of the plan of the best chance found within limits and budget, and its chance on the draws."""
    best = p.model.fixed.astype(float)
    top = trial.chance(p.model.chosen(best), rank)
    bounded, tried = budget is not None or np.isfinite(p.model.budget), []
    for start in mixes(p, trial, rank):
        for z in (0.8, -0.8) if bounded else (0.0,):
            shape, chosen = start, np.zeros(p.model.size, bool)
            for _ in range(3 if bounded else 2):
                x = p.model.most(shape.need(p, z, shape.deviation(p, chosen), 0.0), budget, relaxed=True)
                if x is None:
                    return best, top
                chosen = p.model.chosen(x)
                shape = curves(p, trial, rank, additions(p, x), shape.mix)
                if not shape.worth.any():
                    break
            tried.append((shape.gap / max(shape.deviation(p, chosen), 1e-9), len(tried), z, shape, chosen))
    for _, _, z, shape, chosen in sorted(tried, key=lambda t: (-t[0], t[1]))[:_TRIED]:
        for _ in range(2):
            x = p.model.most(shape.need(p, z, shape.deviation(p, chosen), 0.0), budget)
            if x is None:
                break
            chosen = p.model.chosen(x)
            chance = trial.chance(chosen, rank)
            if chance > top + 1e-12 or (chance == top and p.model.spent(x) < p.model.spent(best)):
                best, top = x, chance
            shape = curves(p, trial, rank, additions(p, x), shape.mix)
    return best, top


def normal_margin(shape: Curves, z: float, deviation: float) -> float:
    """Mean distance that gives the normal chance, less what the linear penalty takes off already."""
    own = max(deviation**2 - shape.spread**2, 0.0)
    return z * deviation - z * own / (2 * max(deviation, 1e-9))


def _next(low, high, z, deviation):
    if low and high:
        (a, za), (b, zb) = low, high
        share = np.clip((z - za) / (zb - za), 0.1, 0.9) if zb > za else 0.5
        return a + share * (b - a)
    margin, reached = low or high
    step = (z - reached) * deviation
    return margin + np.sign(step) * max(abs(step), 0.02 * deviation) * 1.05 if step else None
