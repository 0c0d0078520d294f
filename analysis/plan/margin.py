"""The safety margin: the least one with which the cheapest plan has the chance wanted."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtri

from .curve import Curves, additions, curves, mixes
from .parameters import setting
from .problem import Problem
from .trial import Trial

_HOPELESS = 1.6  # a mix whose first relaxed cost is so many times the least is not followed
_NEAR = 0.015  # on the normal scale: a chance so little above the one wanted needs no further margin search


def probit(chance: float, runs: int) -> float:
    """Normal quantile of a simulated chance, finite also at 0 and 1."""
    return float(ndtri(np.clip(chance, 0.5 / runs, 1 - 0.5 / runs)))


def explore(p: Problem, trial: Trial, rank: int, target: float) -> list[tuple[float, Curves]]:
    """Mixes of indicators with the cost of the relaxed programme under a normal margin, the cheapest first.

    Infinite cost where the programme says that the limits do not allow it.
    """
    z = float(ndtri(target))
    first = [(*_relaxed(p, shape, shape.guess(p), z), shape) for shape in mixes(p, trial, rank)]
    best, found = min((cost for cost, *_ in first), default=np.inf), []
    for cost, x, shape in first:
        if x is None or cost > _HOPELESS * best:
            continue
        for _ in range(2):
            shape = curves(p, trial, rank, additions(p, x), shape.mix)
            if not shape.worth.any():
                break
            cost, x = _relaxed(p, shape, shape.deviation(p, p.model.chosen(x)), z)
            if x is None:
                break
        if shape.worth.any():
            found.append((cost, shape))
    found.sort(key=lambda pair: pair[0])
    return found


def _relaxed(p, shape, deviation, z):
    """Cost and slots of the relaxed programme under a normal margin; infinite, with the most points, where the limits do not allow it."""
    need = shape.need(p, z, deviation, normal_margin(shape, z, deviation))
    x = p.model.cheapest(need, relax=True)
    return (np.inf, p.model.most(need, relax=True)) if x is None else (p.model.spent(x), x)


def tune(p: Problem, trial: Trial, rank: int, target: float, shape: Curves) -> tuple[np.ndarray | None, np.ndarray | None, Curves]:
    """Slots of the cheapest plan found with the chance wanted on the trial's draws, of the surest one without it, and the last curves used.

    The margin added to the need moves by secant steps on the normal scale inside a bracket; the
    curves are taken anew around the first plans. None where no margin gives the chance, or none falls short.
    """
    z, best, short, last, steps = float(ndtri(target)), None, (-1.0, None), None, int(setting("余量试算次数"))
    for turn, count in ((0, 3), (1, steps)):
        deviation = shape.guess(p) if last is None else shape.deviation(p, p.model.chosen(last))
        low = high = None
        margin = normal_margin(shape, z, deviation)
        for _ in range(count):
            need = shape.need(p, z, deviation, margin)
            x = p.model.cheapest(need)
            if x is None and high is not None:
                break
            most = x is None
            x = p.model.most(need) if most else x
            if x is None:
                return best, short[1], shape
            last, chance = x, trial.chance(p.model.chosen(x), rank)
            if chance >= target:
                best = x if best is None or p.model.spent(x) < p.model.spent(best) - 1e-9 else best
                high = (margin, probit(chance, trial.runs))
            else:
                short = max(short, (chance, x), key=lambda pair: pair[0])
                low = (margin, probit(chance, trial.runs))
                if most:
                    break
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
    return best, short[1], shape


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
