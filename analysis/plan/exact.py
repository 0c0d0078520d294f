"""Small cases to the end: proof that no cheaper plan has the chance wanted on the draws."""

from __future__ import annotations

import numpy as np

from .parameters import setting
from .problem import Problem
from .trial import Trial


def prove(p: Problem, trial: Trial, rank: int, target: float, x: np.ndarray | None) -> tuple[np.ndarray | None, bool]:
    """The cheapest plan with the chance on the trial's draws, and whether that is proven.

    The programme of the limits alone is solved; where its cheapest plan falls short, the set is
    enlarged to one that still falls short, and a plan must leave that set. The first plan
    that does not fall short is the cheapest. One more success must never lower the chance: so it is with every
    method but the z-score, whose spread grows with the best one, and with every mean but Copeland's; these are not proven.

    x : slots of the best plan known, or None.
    """
    if not _monotone(p):
        return x, False
    cuts: list[np.ndarray] = []
    order = np.argsort(p.expected / (p.cost + 1e-9))
    for _ in range(int(setting("割平面上限"))):
        found, sure = p.model.cheapest_beyond(cuts)
        if not sure:
            return x, False
        if found is None:
            return x, True
        if x is not None and p.model.spent(found) >= p.model.spent(x) - 1e-7 * (1 + p.model.spent(x)):
            return x, True
        chosen = p.model.chosen(found)
        if trial.reaches(chosen, rank, target):
            return found, True
        for k in order:
            if not chosen[k]:
                chosen[k] = True
                if trial.reaches(chosen, rank, target):
                    chosen[k] = False
        cuts.append(~chosen)
        if not cuts[-1].any():
            return x, True
    return x, False


def _monotone(p):
    """Whether one more success can never cost home a place."""
    nodes, codes = p.scenes.assessment.tree.nodes, list(p.scenes.codes)
    above, below = set(), codes
    while below := [nodes.at[c, "parent"] for c in below if c in nodes.index and nodes.at[c, "parent"]]:
        above |= set(below)
    return not (nodes.loc[codes, "method"] == "标准分").any() and not (nodes.loc[sorted(above & set(nodes.index)), "aggregation"] == "科普兰").any()
