"""What is possible where the goal is out of reach: the best chance, the best place with the chance wanted, the budget lacking."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..text import amount
from .find import find
from .most import most_chance
from .problem import Problem

POSSIBLE = ["what", "value", "said"]


def what_is_possible(p: Problem, rank: int, probability: float, chance: float, ladder: pd.DataFrame, runs: int | None) -> pd.DataFrame:
    """What the limits allow, and what the budget lacks.

    Parameters
    ----------
    chance, ladder : chance of the rank, and of every place (rank, chance), under the plan of the best chance.

    Returns
    -------
    DataFrame: what (最高把握, 最好位次, 所需预算, 预算缺口; the last two only where there is a budget), value, said.
    """
    rows = [("最高把握", chance, f"在现有限制下，第 {rank} 位的把握最高{'不足 1%' if chance < 0.01 else f'约 {chance:.0%}'}，达不到 {probability:.0%}")]
    best = _best_place(p, rank, probability, ladder.set_index("rank")["chance"], runs)
    if best is not None:
        held = p.trial("judge", runs and 4 * runs).chance(p.model.fixed_candidates(), best) >= probability
        rows.append(("最好位次", best, f"把握不低于 {probability:.0%} 的最好位次是第 {best} 位" + ("（不新报也守得住）" if held else "")))
    if np.isfinite(p.model.budget):
        free = p.without_budget()
        wider = find(free, rank, probability, free.trial("search", runs), free.trial("check", runs and 2 * runs))
        if wider.x is None:
            rows.append(("所需预算", np.nan, f"不限预算也达不到：把握最高约 {wider.best_chance:.0%}，须放宽名额、镇街上限或时间，或补充候选"))
        else:
            cost = free.model.spent(wider.x)
            rows += [("所需预算", cost, f"其他限制不变，需要预算 {amount(cost)} {p.cost_unit}"),
                     ("预算缺口", cost - p.model.budget, f"比现有预算多 {amount(cost - p.model.budget)} {p.cost_unit}")]
    return pd.DataFrame(rows, columns=POSSIBLE)


def _best_place(p, rank, probability, ladder, runs):
    """Best place behind the rank that has the chance, each tried by the surest plan made for it.

    The surest chance rises from place to place, so halving finds it; the ladder of a plan made for a better place is only a
    place to start from: where that one is hopeless, its plan may be none at all.
    """
    search, judge = p.trial("search", runs), p.trial("judge", runs and 4 * runs)
    enough = ladder.index[(ladder.index > rank) & (ladder >= probability)]
    if not len(enough):
        return None
    short, able = rank, int(enough[0])
    while able - short > 1:
        place = (short + able) // 2
        x, _ = most_chance(p, search, place)
        if judge.chance(p.model.chosen(x), place) >= probability:
            able = place
        else:
            short = place
    return able
