"""Cost against chance for several ranks."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import ndtri

from .curve import additions, curves
from .margin import explore, normal_margin
from .most import most_chance
from .problem import Problem

_LEVELS = (0.05, 0.97)
_CLOSE = 1.25  # a second mix is followed only if its relaxed cost is at most so many times the least
_ENOUGH = 0.9  # with less, what all efforts together give is shown too


def frontier(p: Problem, ranks=None, points: int = 8, runs: int | None = None) -> pd.DataFrame:
    """What each chance of each rank costs, from nothing to near certainty, or to all that the limits allow.

    Parameters
    ----------
    ranks : places; by default the goal's and its neighbours on both sides.
    points : margins tried per rank. runs : draws, as for ``make_plan``.

    Each point is the cheapest plan of the linear programme with one margin; its chance is
    simulated on draws that took no part in choosing it. Points that cost more for no better chance are left
    out. The plan of :func:`analysis.plan.result.make_plan`, searched further, may be a little cheaper.

    Returns
    -------
    DataFrame: rank, cost, chance, applications (new ones); cost and chance rise within a rank.
    """
    last = int(p.scenes.peers.sum())
    ranks = [r for r in (p.goal.rank - 1, p.goal.rank, p.goal.rank + 1) if 1 <= r < last] if ranks is None else list(ranks)
    search, check = p.trial("search", runs), p.trial("check", runs and 2 * runs)
    rows = []
    for rank in ranks:
        plans, explored = [p.model.fixed.astype(float)], explore(p, search, rank, 0.5)
        for _, shape in [pair for pair in explored if pair[0] <= _CLOSE * explored[0][0]][:2]:
            deviation, turns = shape.guess(p), 2
            for level in np.linspace(*_LEVELS, points):
                z = float(ndtri(level))
                # Curves and spread belong to the plan: they are those of the level before, at first of a first try.
                for _ in range(turns):
                    x = p.model.cheapest(shape.need(p, z, deviation, normal_margin(shape, z, deviation)))
                    if x is None:
                        break
                    deviation = shape.deviation(p, p.model.chosen(x))
                    plans.append(x)
                    anew = curves(p, search, rank, additions(p, x), shape.mix)
                    shape = anew if anew.worth.any() else shape
                turns = 1
                if x is None:
                    break
        reached = [check.chance(p.model.chosen(x), rank) for x in plans]
        if max(reached) < _ENOUGH:
            plans.append(most_chance(p, search, rank)[0])
            reached.append(check.chance(p.model.chosen(plans[-1]), rank))
        rows += [(rank, p.model.spent(x), chance, int(p.model.chosen(x)[~p.fixed].sum())) for x, chance in zip(plans, reached)]
    table = pd.DataFrame(rows, columns=["rank", "cost", "chance", "applications"]).sort_values(["rank", "cost", "chance"], ascending=[True, True, False])
    best = table.groupby("rank")["chance"].cummax()
    before = best.groupby(table["rank"]).shift(fill_value=-1.0)
    return table[table["chance"] > before].reset_index(drop=True)
