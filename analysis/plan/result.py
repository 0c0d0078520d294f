"""The plan: what is applied for, when and where, what it costs and how sure it is."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from ..params import AssessmentError
from ..status import derived_status
from .find import Found, find
from .frontier import frontier
from .most import most_chance
from .nearest import POSSIBLE, what_is_possible
from .need import needed
from .places import by_town
from .problem import Problem
from .quarters import quarter_text
from .trial import sampling_error


@dataclass(frozen=True)
class Plan:
    """Applications chosen for a rank.

    chosen : one application a row: enterprise, name, town, chain, certification, indicator, quarter (2023Q2), probability,
        expected (chance that it counts), cost, status, prerequisite, pending (applied for already; the quarter then says only by
        when), confidence (of the rule it rests on, blank where not known), row (of the candidates).
    cost : still to be paid, in ``cost_unit``. expected : mean number of successes by indicator.
    reached : whether the chance asked for was reached within the limits; if not, the plan is the nearest
        feasible one: that of the best chance.
    chance, error : chance of the rank on draws used for nothing else, and its standard error.
    chance_now : chance without any application (pending ones counted).
    places : rank -> chance of this place or better.
    needed : per indicator what the plan adds and what it alone would have to add, see :func:`analysis.plan.need.needed`.
    proven : the cost is proven least (small cases). greedy_cost : of the plan that takes points per cost
        first. expected_cost, expected_chance : of the plan sized on expected numbers, without margin.
    nearest : where not reached: what is possible, see :func:`analysis.plan.nearest.what_is_possible`.
    budget : the budget asked about, if the plan is the best chance for a budget.
    notes : Chinese sentences on assumptions and limits. status : 示例 or 推算.
    """

    problem: Problem
    rank: int
    probability: float
    x: np.ndarray
    chosen: pd.DataFrame
    cost: float
    reached: bool
    chance: float
    error: float
    chance_now: float
    places: pd.DataFrame
    needed: pd.DataFrame
    proven: bool
    greedy_cost: float
    expected_cost: float
    expected_chance: float
    nearest: pd.DataFrame
    budget: float | None
    notes: tuple[str, ...]
    status: str

    @property
    def cost_unit(self) -> str:
        return self.problem.cost_unit

    def by_town(self) -> pd.DataFrame:
        """Each town's part and why it has it; see :func:`analysis.plan.places.by_town`."""
        return by_town(self.problem, self.chosen)

    def by_quarter(self) -> pd.DataFrame:
        """Applications, expected successes and cost by quarter and certification; the quarter of pending ones is blank."""
        return _sums(self.chosen.assign(quarter=self.chosen["quarter"].where(~self.chosen["pending"], "")), ["quarter", "certification"])

    def by_certification(self) -> pd.DataFrame:
        """Applications, enterprises, expected successes and cost by certification."""
        return _sums(self.chosen, ["certification"])

    def with_budget(self, budget: float, runs: int | None = None) -> Plan:
        """What a budget buys: the plan of the best chance found for this rank that costs at most so much."""
        return best_for_budget(self.problem, self.rank, budget, runs)

    def at_rank(self, rank: int, runs: int | None = None) -> Plan:
        """The cheapest plan for another place with the same probability: what can be done where this one is out of reach."""
        return make_plan(replace(self.problem, goal=replace(self.problem.goal, rank=rank)), runs)

    def frontier(self, ranks=None, points: int = 8, runs: int | None = None) -> pd.DataFrame:
        """Cost against chance for several ranks; see :func:`analysis.plan.frontier.frontier`."""
        return frontier(self.problem, ranks, points, runs)


def make_plan(p: Problem, runs: int | None = None) -> Plan:
    """The cheapest set of applications found that reaches the goal with its probability.

    p : from :func:`analysis.plan.problem.problem`. runs : draws of the search, twice as many to check and
        four times to judge; those of ``tables/plan_parameters.csv`` by default.

    min Σ cost·x under the limits so that P(rank ≤ goal) ≥ probability, with successes Bernoulli and rivals drawn.
    The score is made linear around the plan, HiGHS solves the integer programme with a safety margin, the
    margin is searched on simulated outcomes, single exchanges follow; up to the number of candidates stated in the
    table the result is proven cheapest on the draws. Search, check and final judgement use draws of their own.
    Where the limits do not allow the chance the plan has ``reached`` False and ``nearest`` says what is possible.
    """
    goal = p.goal
    search, check = p.trial("search", runs), p.trial("check", runs and 2 * runs)
    found = find(p, goal.rank, goal.probability, search, check)
    reached = found.x is not None
    x = found.x if reached else found.best_x
    return _plan(p, goal.rank, goal.probability, x, reached, found, None, runs)


def best_for_budget(p: Problem, rank: int, budget: float, runs: int | None = None) -> Plan:
    """The plan of the best chance found for a rank that costs at most ``budget`` (≥ 0); runs as in :func:`make_plan`."""
    if not budget >= 0:
        raise AssessmentError(f"预算应为不小于 0 的数，现为 {budget}")
    search = p.trial("search", runs)
    x, chance = most_chance(p, search, rank, budget)
    found = Found(x, False, np.nan, np.nan, np.nan, x, chance)
    return _plan(p, rank, p.goal.probability, x, None, found, float(budget), runs)


def _plan(p, rank, probability, x, reached, found, budget, runs):
    judge = p.trial("judge", runs and 4 * runs)
    chosen = p.model.chosen(x)
    places = judge.places(chosen)
    chance = float((places <= rank).mean())
    reached = chance >= probability if reached is None else reached
    table = _chosen(p, x)
    last = int(p.scenes.peers.sum())
    ladder = pd.DataFrame({"rank": range(1, last + 1), "chance": [float((places <= r).mean()) for r in range(1, last + 1)]})
    now = judge.chance(p.model.fixed_candidates(), rank)
    notes = [*p.notes, *p.limits.described()]
    if len(p.left_out):
        counts = p.left_out["reason"].value_counts()
        notes.append(f"{len(p.left_out)} 项候选不能安排：" + "、".join(f"{why} {n} 项" for why, n in counts.items()))
    notes.append(f"把握由另取的 {judge.runs:,} 次模拟算出，抽样误差 ±{1.96 * sampling_error(chance, judge.runs):.1%}；其他指标假定不变")
    nearest = pd.DataFrame(columns=POSSIBLE)
    if not reached and budget is None:
        nearest = what_is_possible(p, rank, probability, chance, ladder, runs)
    return Plan(p, rank, probability, x, table, p.model.spent(x), reached, chance, sampling_error(chance, judge.runs), now, ladder,
                needed(p, rank, probability, judge, chosen), found.proven, found.greedy_cost, found.expected_cost, found.expected_chance,
                nearest, budget, tuple(notes), _status(p))


def _chosen(p, x):
    slots = np.flatnonzero(x > 0.5)
    rows = p.table.iloc[p.model.candidate[slots]].assign(
        quarter=[quarter_text(q) for q in p.model.quarter[slots]], order=p.model.quarter[slots],
        expected=p.expected[p.model.candidate[slots]], cost=p.model.cost[slots], pending=p.fixed[p.model.candidate[slots]])
    columns = ["enterprise", "name", "town", "chain", "certification", "indicator", "quarter", "probability", "expected", "cost", "status",
               "prerequisite", "pending", "confidence", "status_then", "refused", "row"]
    rows = rows.assign(**{c: value for c, value in (("confidence", ""), ("status_then", ""), ("refused", False)) if c not in rows})
    rows["refused"] = rows["refused"].fillna(False).astype(bool)
    return rows.sort_values(["order", "town", "certification", "cost"], kind="stable")[columns].reset_index(drop=True)


def _sums(chosen, keys):
    grouped = chosen.groupby(keys, sort=True)
    return grouped.agg(applications=("row", "size"), enterprises=("enterprise", "nunique"), expected=("expected", "sum"),
                       cost=("cost", "sum")).reset_index()


def _status(p):
    own = p.scenes.assessment.statuses[list(p.scenes.codes)]
    marks = set(p.table["data_status"].astype(str)) if "data_status" in p.table else set()
    return derived_status([*own.to_numpy().ravel(), *marks])
