"""Which plan is shown where the place asked for is out of reach."""

from types import SimpleNamespace

import pytest
from analysis.actions.planning import plan_instead, possible_plan
from analysis.plan import Goal, make_plan, plan_findings, problem

from tests.test_plan import city, firms

RUNS = 2_000


def planned(rank, n=4, probability=0.8, values=((2, 1), (5, 3), (6, 4), (9, 8))):
    table = firms(3, n).assign(probability=0.6)
    return make_plan(problem(city(values), table, Goal("本区", rank, "", probability)), RUNS)


def test_a_place_that_is_held_anyway_is_no_plan_and_the_one_above_it_counts_as_sure_as_can_be():
    # Ten applications: third in about 74 % of cases, second in 28 %; the fourth place of four is certain.
    plan = planned(2, 10)
    shown, wanted = possible_plan(plan, RUNS)
    assert not plan.reached and plan.at_rank(4, RUNS).reached and not len(plan.at_rank(4, RUNS).chosen)
    assert shown.rank == 3 and not shown.reached and len(shown.chosen) and wanted is plan
    said = plan_instead(SimpleNamespace(plan=shown, wanted=wanted))
    assert said.startswith("第 4 位不新报也守得住；以下改按第 3 位") and "达不到" in said
    again, none = possible_plan(planned(3, 10), RUNS)
    assert none is None and again.rank == 3 and not again.reached and len(again.chosen)


def test_a_place_that_takes_work_is_the_plan_and_a_reached_one_stays():
    plan = planned(1, 14)
    shown, wanted = possible_plan(plan, RUNS)
    assert wanted is plan and shown.reached and shown.rank in (2, 3) and len(shown.chosen) and plan_instead(SimpleNamespace(plan=shown, wanted=wanted)).startswith("以下改按做得到")
    easy = planned(3, 14)
    assert possible_plan(easy, RUNS) == (easy, None)


@pytest.mark.parametrize("rank", [1, 2])
def test_the_best_place_is_named_even_where_the_one_asked_for_is_hopeless(rank):
    # 甲区 and 乙区 are out of sight; 丙区 is three successes away.
    table = firms(3, 10).assign(probability=0.7, cost=2.0)
    p = problem(city(((2, 5), (400, 500), (300, 400), (5, 5))), table, Goal("本区", rank))
    plan = make_plan(p, RUNS)
    able = [r for r in range(rank + 1, 5) if make_plan(problem(city(((2, 5), (400, 500), (300, 400), (5, 5))), table, Goal("本区", r)), RUNS).reached]
    assert plan.chance < 0.01 and plan.nearest.set_index("what").loc["最好位次", "value"] == able[0] == 3
    assert possible_plan(plan, RUNS)[0].rank == 3


def test_a_chance_just_missed_says_what_could_be_asked_for():
    plan = next(p for p in (planned(3, n, 0.95) for n in range(6, 12)) if not p.reached and 0.5 <= p.chance)
    said = next(text for text in plan_findings(plan) if "达不到" in text)
    lower = int(100 * plan.chance)
    assert f"目标概率不高于 {lower}% 时" in said
    assert make_plan(problem(city(), firms(3, len(plan.problem.table)).assign(probability=0.6), Goal("本区", 3, "", lower / 100 - 0.02)), RUNS).reached
