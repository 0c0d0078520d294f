"""From a problem to the cheapest plan found whose chance holds on fresh draws."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .exact import prove
from .improve import greedy, improve
from .curve import Curves
from .margin import explore, most_chance, tune
from .parameters import setting
from .problem import Problem
from .trial import Trial

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
    """Cheapest plan with at least the chance wanted on draws not used to find it.

    A plan that just has the chance on the draws it was sought on has a little less on others:
    where the check falls short, the chance asked for in the search is raised by what is lacking.
    """
    shapes = explore(p, search, rank, probability)
    finite = [cost for cost, _ in shapes if np.isfinite(cost)]
    kept = [shape for cost, shape in shapes if np.isfinite(cost) and cost <= _CLOSE * min(finite) + 1e-9][:_KEPT] or [shape for _, shape in shapes[:_KEPT]]
    small = p.model.size - int(p.fixed.sum()) <= setting("证明最省的候选数")
    target, x, proven, plain = probability, None, False, np.nan
    for _ in range(int(setting("复核轮数"))):
        x, proven, plain, kept = _cheapest(p, search, rank, target, kept, small)
        if x is None:
            break
        lacking = probability - check.chance(p.model.chosen(x), rank)
        if lacking <= 0:
            cost, chance = _sized_on_expected(p, check, rank, kept)
            return Found(x, proven, plain, cost, chance, x, probability - lacking)
        target = min(target + lacking + 0.001, 1 - 1 / search.runs)
    # The last resort: the best that the limits allow, if that holds on the check.
    best_x, _ = most_chance(p, search, rank)
    best = check.chance(p.model.chosen(best_x), rank)
    return Found(best_x if best >= probability else None, False, np.nan, np.nan, np.nan, best_x, best)


def _cheapest(p, trial, rank, target, shapes, small):
    """Best of the tuned and the greedy plans of every mix, after local improvement; small cases to the end.

    Also whether it is proven, the cost of the greedy plan, and the mix that won, for another turn.
    """
    nothing = p.model.fixed.astype(float)
    if trial.chance(p.model.chosen(nothing), rank) >= target:
        return nothing, True, 0.0, shapes
    plans, greedy_costs = [], []
    for shape in shapes:
        x = greedy(p, trial, rank, target, shape)
        if x is not None:
            plans.append((x, shape))
            greedy_costs.append(p.model.spent(x))
        x, shape = tune(p, trial, rank, target, shape)
        if x is not None:
            plans.append((x, shape))
    plans.sort(key=lambda pair: p.model.spent(pair[0]))
    better = [(improve(p, trial, rank, target, x, shape), shape) for x, shape in plans[:2]
              if p.model.spent(x) <= _WORTH * p.model.spent(plans[0][0])]
    x, shape = min(better, key=lambda pair: p.model.spent(pair[0]), default=(None, None))
    x, proven = prove(p, trial, rank, target, x) if small else (x, False)
    return x, proven, min(greedy_costs, default=np.nan), shapes if shape is None else [shape]


def _sized_on_expected(p, check, rank, shapes: list[Curves]):
    """Cost and chance of the plan whose expected numbers just reach the mean of the rank: no margin."""
    found = []
    for shape in shapes[:1]:
        x = p.model.cheapest(shape.need(p, 0.0, 1.0, 0.0))
        if x is not None:
            found.append((p.model.spent(x), check.chance(p.model.chosen(x), rank)))
    return min(found, default=(np.nan, np.nan))
