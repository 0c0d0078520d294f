"""From a problem to the cheapest plan found whose chance holds on fresh draws."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .exact import prove
from .improve import greedy, improve, lift
from .curve import Curves
from .margin import explore, tune
from .most import most_chance
from .parameters import setting
from .problem import Problem
from .trial import Trial, Twice, sampling_error

_KEPT = 2  # starting mixes that are followed to whole numbers
_WORTH = 1.03  # the second plan is improved too if it costs at most so many times the first
_CLOSE = 1.25  # a further mix is followed only if its relaxed cost is at most so many times the least


@dataclass(frozen=True)
class Found:
    """What a search gave: slots (None where nothing reaches the chance), proven cheapest, cost of the greedy
    plan (NaN where greed does not reach it), cost and chance of the plan sized on expected numbers, the best chance seen."""

    x: np.ndarray | None
    proven: bool
    greedy_cost: float
    expected_cost: float
    expected_chance: float
    best_x: np.ndarray
    best_chance: float


def find(p: Problem, rank: int, probability: float, search: Trial, check: Trial) -> Found:
    """Cheapest plan found with at least the chance wanted on the draws of the search and the check together.

    A plan that just has the chance on the draws on which it was picked has a little less on others: where
    many plans are compared, one standard error more is asked for.
    """
    both = Twice(search, check)
    shapes = explore(p, search, rank, probability)
    finite = [cost for cost, _ in shapes if np.isfinite(cost)]
    kept = [shape for cost, shape in shapes if np.isfinite(cost) and cost <= _CLOSE * min(finite) + 1e-9][:_KEPT] or [shape for _, shape in shapes[:_KEPT]]
    small = p.model.size - int(p.fixed.sum()) <= setting("证明最省的候选数")
    target = probability if small else min(probability + sampling_error(probability, both.runs), max(probability, 1 - 1 / search.runs))
    x, proven, plain = _cheapest(p, both, rank, target, kept, small)
    if x is not None:
        cost, chance = _sized_on_expected(p, check, rank, kept)
        return Found(x, proven, plain, cost, chance, x, check.chance(p.model.chosen(x), rank))
    # The last resort: the best that the limits allow, if that holds.
    best_x, _ = most_chance(p, search, rank)
    best = both.chance(p.model.chosen(best_x), rank)
    return Found(best_x if best >= probability else None, False, np.nan, np.nan, np.nan, best_x, best)


def _cheapest(p, trial, rank, target, shapes, small):
    """Best of the tuned and the greedy plans of every mix, after local improvement; small cases to the end.

    Also whether it is proven, and the cost of the greedy plan.
    """
    nothing = p.model.fixed.astype(float)
    if trial.reaches(p.model.chosen(nothing), rank, target):
        return nothing, True, 0.0
    plans, greedy_costs = [], []
    for shape in shapes:
        x = greedy(p, trial, rank, target, shape)
        if x is not None:
            plans.append((x, shape))
            greedy_costs.append(p.model.spent(x))
        x, short, shape = tune(p, trial, rank, target, shape)
        lifted = None if short is None else lift(p, trial, rank, target, short, shape)
        plans += [(found, shape) for found in (x, lifted) if found is not None]
    plans.sort(key=lambda pair: p.model.spent(pair[0]))
    better = [improve(p, trial, rank, target, x, shape) for x, shape in plans[:2] if p.model.spent(x) <= _WORTH * p.model.spent(plans[0][0])]
    x = min(better, key=p.model.spent, default=None)
    x, proven = prove(p, trial, rank, target, x) if small else (x, False)
    return x, proven, min(greedy_costs, default=np.nan)


def _sized_on_expected(p, check, rank, shapes: list[Curves]):
    """Cost and chance of the plan whose expected numbers just reach the mean of the rank: no margin."""
    found = []
    for shape in shapes[:1]:
        x = p.model.cheapest(shape.need(p, 0.0, 1.0, 0.0))
        if x is not None:
            found.append((p.model.spent(x), check.chance(p.model.chosen(x), rank)))
    return min(found, default=(np.nan, np.nan))
