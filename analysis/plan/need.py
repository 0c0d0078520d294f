"""What counts are needed for the rank: by the plan, by one indicator alone, and for any mix."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd

from ..params import AssessmentError
from .problem import Problem
from .trial import Trial

_RUNS = 4_000
_FURTHEST = 4  # times the greatest drawn rival's value: beyond it one indicator alone is given up
_GRID = 2_000


def needed(p: Problem, rank: int, probability: float, trial: Trial, chosen: np.ndarray) -> pd.DataFrame:
    """Per indicator that candidates raise: now, what the plan adds, and what it would take alone.

    Returns
    -------
    DataFrame: indicator, name, unit, now (home's value with its own known change), applications, expected (mean number
    of successes), low, high (10 % and 90 % points), alone (certain successes of this indicator only that
    give the rank with the probability; missing where it alone does not).
    """
    added, nodes = trial.additions(chosen), p.scenes.assessment.tree.nodes
    rows = []
    for j, code in enumerate(p.scenes.codes):
        if not (p.target == j).any():
            continue
        low, high = np.quantile(added[:, j], [0.1, 0.9])
        rows.append({"indicator": code, "name": nodes.at[code, "name"], "unit": nodes.at[code, "unit"], "now": float(trial.base[j]),
                     "applications": int((chosen & (p.target == j)).sum()), "expected": float(added[:, j].mean()), "low": float(low),
                     "high": float(high), "alone": _alone(trial, rank, probability, j)})
    return pd.DataFrame(rows)


def required_set(p: Problem, ranges: dict[str, list[int]], rank: int | None = None, trial: Trial | None = None) -> pd.DataFrame:
    """Chance of the rank for every mix of certain successes.

    Parameters
    ----------
    ranges : indicator -> numbers of successes tried; indicators not named get none.
    rank : the goal's by default. trial : draws of the rivals (those of the search by default).

    Returns
    -------
    DataFrame: one column per indicator code (successes), chance.

    Raises
    ------
    AssessmentError for an indicator that no candidate raises, and for more than 2,000 mixes.
    """
    trial = trial or p.trial("search", _RUNS)
    rank = p.goal.rank if rank is None else rank
    odd = [c for c in ranges if c not in p.scenes.codes]
    if odd:
        raise AssessmentError(f"没有候选申报计入指标“{'、'.join(odd)}”；可用：{'、'.join(p.scenes.codes)}")
    lists = [list(ranges.get(c, [0])) for c in p.scenes.codes]
    if np.prod([len(part) for part in lists]) > _GRID:
        raise AssessmentError(f"组合超过 {_GRID} 个，请缩小各指标的范围")
    rows = [(*mix, float((trial.places_of(trial.base + np.array(mix)) <= rank).mean())) for mix in product(*lists)]
    return pd.DataFrame(rows, columns=[*p.scenes.codes, "chance"])


def _alone(trial, rank, probability, j):
    runs = min(_RUNS, trial.runs)
    rivals = {c: x[:runs] for c, x in trial.rivals.items()}

    def enough(n):
        home = trial.base.copy()
        home[j] += n
        return float((trial.scenes.places(trial.scenes.scores(home, rivals)) <= rank).mean()) >= probability

    low, high = -1, int(_FURTHEST * max(np.nanmax(rivals[trial.scenes.codes[j]]), trial.base[j], 10))
    if not enough(high):
        return np.nan
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return float(high)
