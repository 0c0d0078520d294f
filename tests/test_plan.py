"""Plans against brute force, exact chances and fresh draws."""

from itertools import combinations, product

import numpy as np
import pandas as pd
import pytest
from analysis.assessment import assess
from analysis.params import AssessmentError
from analysis.plan import (Goal, Limits, best_for_budget, make_plan, plan_findings, problem, required_set, rivals_from_lists,
                           rivals_from_table)
from analysis.plan.terms import assumptions

DISTRICTS = ["本区", "甲区", "乙区", "丙区"]


def scheme(codes=("x", "y"), method="功效系数", weights=(3, 2)):
    rows = [("T", "", None, "", "加权平均", "")] + [(c, "T", w, method, "", "家") for c, w in zip(codes, weights)]
    return pd.DataFrame(rows, columns=["code", "parent", "weight", "method", "aggregation", "unit"])


def city(values=((2, 1), (5, 3), (6, 4), (9, 8)), codes=("x", "y"), **options):
    return assess(pd.DataFrame(values, DISTRICTS, list(codes), dtype=float), scheme(codes), **options)


def firms(seed, n=10, codes=("x", "y"), chained=False):
    """n candidates, made up; with ``chained`` every second one needs the one before it."""
    rng = np.random.default_rng(seed)
    rows = [{"enterprise": f"企业{i // 2}", "town": f"第{i % 3}镇", "certification": f"{'甲乙'[i % 2]}类", "indicator": codes[i % 2],
             "probability": round(rng.uniform(0.3, 0.95), 2), "cost": float(rng.integers(2, 20)), "earliest": "2023Q1",
             "prerequisite": "甲类" if chained and i % 2 else ""} for i in range(n)]
    return pd.DataFrame(rows)


def opened(row, pairs):
    """The prerequisites of a row as pairs, and theirs as far as they are among the pairs of the table."""
    found, stack = set(), [c for c in row["prerequisite"].split("、") if c]
    while stack:
        pair = (row["enterprise"], stack.pop())
        if pair not in found:
            found.add(pair)
            stack += opened.needs.get(pair, ())
    return found


opened.needs = {}


def exact_chance(a, table, chosen, rank):
    """Chance of the rank with rivals standing still: every combination of outcomes, by full re-assessment."""
    opened.needs = {(r["enterprise"], r["certification"]): [c for c in r["prerequisite"].split("、") if c] for r in table.to_dict("records")}
    picked = [table.iloc[k] for k in chosen]
    held = {(r["enterprise"], r["certification"]) for r in picked}
    # The assessment is kept with what is known of it: the identity of one that is gone may come again.
    counts, (_, memo) = {}, exact_chance.memo.setdefault(id(a), (a, {}))
    for outcome in product([0, 1], repeat=len(picked)):
        chance, won = 1.0, set()
        for r, o in zip(picked, outcome):
            chance *= r["probability"] if o else 1 - r["probability"]
            if o:
                won.add((r["enterprise"], r["certification"]))
        added = dict.fromkeys(a.raw.columns, 0)
        for r in picked:
            if r["indicator"] and opened(r, held & won) <= won and (r["enterprise"], r["certification"]) in won:
                added[r["indicator"]] += 1
        key = tuple(added.values())
        counts[key] = counts.get(key, 0) + chance
    total = 0.0
    for key, chance in counts.items():
        if key not in memo:
            values = a.raw.copy()
            values.loc["本区"] += np.array(key)
            full = assess(values, a.tree, groups=a.groups, ties=a.ties, decimals=a.decimals, masked=a.masked)
            memo[key] = full.ranks.at["本区", "T"]
        total += chance * (memo[key] <= rank)
    return total


exact_chance.memo = {}


def brute(a, table, rank, probability, allowed=lambda rows: True):
    """Least cost over all subsets, and whether any subset's chance is too near the limit to tell by simulation."""
    best, doubtful = np.inf, False
    for size in range(len(table) + 1):
        for chosen in combinations(range(len(table)), size):
            rows = table.iloc[list(chosen)]
            pairs = set(zip(rows["enterprise"], rows["certification"]))
            needs = {(r["enterprise"], c) for r in rows.to_dict("records") for c in r["prerequisite"].split("、") if c}
            if not needs <= pairs or not allowed(rows):
                continue
            cost = rows["cost"].sum()
            if cost > best:
                continue
            chance = exact_chance(a, table, chosen, rank)
            doubtful |= abs(chance - probability) < 0.012
            best = cost if chance >= probability else best
    return best, doubtful


LIMITS = [(Limits(), lambda rows: True),
          (Limits(per_enterprise=1), lambda rows: not rows["enterprise"].duplicated().any()),
          (Limits(quotas={"甲类": 3}, towns={"第0镇": 1}), lambda rows: (rows["certification"] == "甲类").sum() <= 3 and (rows["town"] == "第0镇").sum() <= 1)]


@pytest.mark.parametrize("number", range(9))
def test_a_small_plan_costs_what_brute_force_with_exact_chances_finds(number):
    a, (limits, allowed) = city(), LIMITS[number % 3]
    table = firms(number, 8, chained=number % 2 == 1 and number % 3 != 1)
    best, doubtful = brute(a, table, 3, 0.8, allowed)
    if doubtful:
        pytest.skip("a subset's chance is too near the limit to be told by simulation")
    plan = make_plan(problem(a, table, Goal("本区", 3), limits), 6_000)
    assert plan.reached == np.isfinite(best)
    if plan.reached:
        assert plan.cost == pytest.approx(best) and plan.proven
        assert plan.cost <= plan.greedy_cost + 1e-9 or np.isnan(plan.greedy_cost)


@pytest.mark.parametrize(("options", "best", "third", "seed", "rank"), [
    ({"ties": "顺延", "decimals": 0}, (9, 8), (4, 2), 3, 2), ({"ties": "紧凑", "decimals": 0}, (5, 4), (4, 2), 3, 2), ({"ties": "平均"}, (9, 8), (4, 2), 1, 3),
    ({"groups": pd.Series(["a", "a", "a", "b"], DISTRICTS)}, (9, 8), (5, 3), 1, 2)])
def test_ties_rounding_and_groups_are_those_of_the_case(options, best, third, seed, rank):
    a, table = city(((2, 1), (4, 2), third, best), **options), firms(seed, 6)
    best, doubtful = brute(a, table, rank, 0.6)
    assert not doubtful and np.isfinite(best) and best > 0
    assert make_plan(problem(a, table, Goal("本区", rank, probability=0.6)), 6_000).cost == pytest.approx(best)


def test_several_prerequisites_of_one_application_are_all_needed():
    a = city()
    table = pd.DataFrame([(f"企{i}", c, code, p, cost, needs) for i in range(2) for c, code, p, cost, needs in
                          (("甲类", "", 0.9, 2.0, ""), ("乙类", "x", 0.8, 3.0, "甲类"), ("丙类", "x", 0.9, 1.0, "甲类、乙类"), ("丁类", "y", 0.9, 6.0, ""))],
                         columns=["enterprise", "certification", "indicator", "probability", "cost", "prerequisite"]).assign(earliest="2023Q1")
    best, doubtful = brute(a, table, 3, 0.4)
    plan = make_plan(problem(a, table, Goal("本区", 3, probability=0.4), Limits(first="2023Q1", last="2023Q4")), 6_000)
    assert not doubtful and 0 < best == pytest.approx(plan.cost)
    # Quarter by quarter: a review of one quarter lies between what is needed and what needs it.
    whole = make_plan(problem(a, table, Goal("本区", 3, probability=0.5), Limits(first="2023Q1", last="2023Q4", town_quarter=9)), 1_000).problem
    when = whole.table.set_index(["enterprise", "certification"])["earliest"]
    assert [when["企0", c] - when["企0", "甲类"] for c in ("乙类", "丙类")] == [1, 2]
    chosen = [k for k in range(8) if table["enterprise"][k] == "企0"]
    exact = exact_chance(a, table, chosen, 3)
    trial = problem(a, table, Goal("本区", 3)).trial("judge", 40_000)
    assert trial.chance(np.isin(np.arange(8), chosen), 3) == pytest.approx(exact, abs=0.01)


def test_only_methods_that_never_punish_a_success_are_called_proven():
    table = firms(1, 8)
    scored = assess(pd.DataFrame([(2, 1), (5, 3), (6, 4), (9, 8)], DISTRICTS, ["x", "y"], dtype=float), scheme(method="标准分"))
    assert not make_plan(problem(scored, table, Goal("本区", 3, probability=0.5)), 1_000).proven
    assert make_plan(problem(city(), table, Goal("本区", 3, probability=0.5)), 1_000).proven


def test_nothing_to_choose_from_is_an_answer_too():
    a, table = city(), firms(6, 6)
    for limits in (Limits(budget=0.0), Limits(town_quarter=0, last="2023Q4"), Limits(per_enterprise=0), Limits(quotas={"甲类": 0, "乙类": 0})):
        plan = make_plan(problem(a, table, Goal("本区", 3), limits), 500)
        assert not plan.reached and plan.cost == 0 and plan.chosen.empty and len(plan.nearest)
    pending = make_plan(problem(a, table.assign(fixed=True), Goal("本区", 3)), 500)
    assert pending.cost == 0 and pending.chosen["pending"].all() and len(pending.chosen) == 6
    free = make_plan(problem(a, table.assign(cost=0.0, probability=1.0), Goal("本区", 3)), 500)
    assert free.reached and free.cost == 0 and free.chance == 1


def test_two_districts_and_a_masked_rival():
    pair = assess(pd.DataFrame([(2.0, 1.0), (5.0, 3.0)], DISTRICTS[:2], ["x", "y"]), scheme())
    plan = make_plan(problem(pair, firms(3, 8).assign(probability=1.0), Goal("本区", 1)), 500)
    assert plan.reached and len(plan.frontier(points=3, runs=500)) and plan.places["rank"].tolist() == [1, 2]
    masked = pd.DataFrame(False, DISTRICTS, ["x", "y"])
    masked.loc["丙区", "x"] = True
    a = assess(pd.DataFrame([(2, 1), (5, 3), (6, 4), (np.nan, 8)], DISTRICTS, ["x", "y"], dtype=float), scheme(), masked=masked)
    hidden = make_plan(problem(a, firms(3, 8), Goal("本区", 2, probability=0.1)), 500)
    assert any("丙区" in note and "不参加比较" in note for note in hidden.notes) and len(hidden.places) == 3


def test_the_stated_chance_is_the_exact_one_within_its_error():
    a, table = city(), firms(3, 10, chained=True)
    plan = make_plan(problem(a, table, Goal("本区", 3, probability=0.7)), 4_000)
    chosen = [k for k, pair in enumerate(zip(table["enterprise"], table["certification"]))
              if pair in set(zip(plan.chosen["enterprise"], plan.chosen["certification"]))]
    assert plan.chance == pytest.approx(exact_chance(a, table, chosen, 3), abs=4 * plan.error)


def test_what_a_budget_buys_is_the_best_chance_that_brute_force_finds():
    a, table = city(), firms(5, 8)
    p = problem(a, table, Goal("本区", 3))
    for budget in (15.0, 30.0):
        best = max(exact_chance(a, table, chosen, 3) for size in range(9) for chosen in combinations(range(8), size)
                   if table["cost"].iloc[list(chosen)].sum() <= budget)
        bought = best_for_budget(p, 3, budget)
        assert bought.cost <= budget and bought.chance >= best - 0.02 and bought.chance <= best + 4 * bought.error


def test_a_goal_already_reached_asks_for_nothing():
    plan = make_plan(problem(city(), firms(1), Goal("本区", 4)))
    assert plan.reached and plan.cost == 0 and plan.chosen.empty and plan.chance == 1
    assert "不新报也已达到" in plan_findings(plan)[0]


def test_rivals_who_move_make_it_dearer_and_known_growth_is_simulated_with_its_mean():
    a, table = city(), firms(7, 10)
    still = make_plan(problem(a, table, Goal("本区", 3)), 2_000)
    growing = rivals_from_table(pd.DataFrame({"district": ["甲区", "乙区"], "indicator": "x", "expected": 1.5}), DISTRICTS, ["x", "y"])
    moving = make_plan(problem(a, table, Goal("本区", 3), rivals=growing), 2_000)
    assert not moving.reached or moving.cost > still.cost
    lists = {"x": pd.DataFrame({d: np.arange(5.0) * n for n, d in enumerate(DISTRICTS, 1)}, index=range(2018, 2023))}
    scenes = problem(a, table, Goal("本区", 3), rivals=rivals_from_lists(lists, 2023)).trial("search", 20_000)
    drawn = scenes.rivals["x"].mean(0) - a.raw["x"].to_numpy()
    # Yearly rates of 1 to 4, drawn towards their mean of 2.5: the order and the sum stay.
    assert (np.diff(drawn[1:]) > 0).all() and drawn.sum() == pytest.approx(10, abs=0.3)
    assert (scenes.rivals["y"] == a.raw["y"].to_numpy()).all()


def test_drawn_growth_has_the_mean_and_spread_that_the_table_states():
    a = city()
    stated = [("甲区", "x", 6.0, np.nan), ("乙区", "x", 6.0, 4.0), ("丙区", "x", 30.0, 2.0), ("丙区", "y", 3.0, 0.0)]
    rivals = rivals_from_table(pd.DataFrame(stated, columns=["district", "indicator", "expected", "spread"]), DISTRICTS, ["x", "y"])
    drawn = problem(a, firms(1), Goal("本区", 3), rivals=rivals).trial("search", 40_000).rivals
    for district, code, mean, spread in stated:
        added = drawn[code][:, DISTRICTS.index(district)] - a.raw.at[district, code]
        assert added.mean() == pytest.approx(mean, abs=0.1)
        assert added.std() == pytest.approx(np.sqrt(mean) if np.isnan(spread) else spread, rel=0.03, abs=1e-9)


def test_the_needed_set_is_where_a_full_assessment_gives_the_rank():
    a = city()
    table = required_set(problem(a, firms(1), Goal("本区", 2)), {"x": list(range(6)), "y": list(range(6))})
    for row in table.itertuples():
        values = a.raw.copy()
        values.loc["本区"] += [row.x, row.y]
        assert row.chance == float(assess(values, a.tree).ranks.at["本区", "T"] <= 2)


def test_known_losses_of_home_make_the_plan_dearer():
    a, table = city(), firms(9, 10)
    plain, losing = (make_plan(problem(a, table, Goal("本区", 3, home_change=change)), 2_000) for change in ({}, {"x": -1}))
    assert losing.cost > plain.cost or not losing.reached


def test_assumptions_are_marked_as_such():
    table = assumptions()
    assert set(table["状态"]) <= {"约定", "示例"} and {"成功概率", "申报费用", "申报季度"} <= set(table["类别"])


def test_unknown_node_rank_and_district_are_named():
    a, table = city(), firms(1)
    for goal, words in ((Goal("本区", 2, "Z"), "没有节点“Z”"), (Goal("本区", 5), "没有第 5 位"), (Goal("某区", 1), "本区“某区”")):
        with pytest.raises(AssessmentError, match=words):
            problem(a, table, goal)
    with pytest.raises(AssessmentError, match="没有一项候选申报计入"):
        problem(a, table[table["indicator"] == "y"], Goal("本区", 2, "x"))
    with pytest.raises(AssessmentError, match="目标概率"):
        Goal("本区", 1, probability=1.0)


def test_a_masked_value_without_bounds_gives_no_plan():
    values = pd.DataFrame([(2, np.nan), (5, 3), (6, 4), (9, 8)], DISTRICTS, ["x", "y"])
    masked = pd.DataFrame(False, DISTRICTS, ["x", "y"])
    masked.loc["本区", "y"] = True
    a = assess(values, scheme(), masked=masked)
    with pytest.raises(AssessmentError, match="未公开"):
        problem(a, firms(1), Goal("本区", 2))
    # An indicator that is known can be planned for.
    assert make_plan(problem(a, firms(1), Goal("本区", 3, "x", 0.4))).reached
