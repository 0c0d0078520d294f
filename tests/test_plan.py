"""Plans against brute force, exact chances and fresh draws."""

from itertools import combinations, product

import numpy as np
import pandas as pd
import pytest
from analysis.assessment import assess, assess_case
from analysis.case import read_case
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
    """n candidates, made up; with ``chained`` every third one needs the one before it."""
    rng = np.random.default_rng(seed)
    rows = [{"enterprise": f"企业{i // 2}", "town": f"第{i % 3}镇", "certification": f"{'甲乙'[i % 2]}类", "indicator": codes[i % 2],
             "probability": round(rng.uniform(0.3, 0.95), 2), "cost": float(rng.integers(2, 20)), "earliest": "2023Q1",
             "prerequisite": "甲类" if chained and i % 2 else ""} for i in range(n)]
    return pd.DataFrame(rows)


def exact_chance(a, table, chosen, rank):
    """Chance of the rank with rivals standing still: every combination of outcomes, by full re-assessment."""
    picked = [table.iloc[k] for k in chosen]
    held = {(r["enterprise"], r["certification"]) for r in picked}
    counts, memo = {}, exact_chance.memo
    for outcome in product([0, 1], repeat=len(picked)):
        chance, won = 1.0, set()
        for r, o in zip(picked, outcome):
            chance *= r["probability"] if o else 1 - r["probability"]
            if o:
                won.add((r["enterprise"], r["certification"]))
        added = dict.fromkeys(a.raw.columns, 0)
        for r in picked:
            own, needs = (r["enterprise"], r["certification"]), (r["enterprise"], r["prerequisite"])
            if own in won and (not r["prerequisite"] or (needs in held and needs in won)):
                added[r["indicator"]] += 1
        key = tuple(added.values())
        counts[key] = counts.get(key, 0) + chance
    total = 0.0
    for key, chance in counts.items():
        if (id(a), key) not in memo:
            values = a.raw.copy()
            values.loc["本区"] += np.array(key)
            memo[id(a), key] = assess(values, a.tree).ranks.at["本区", "T"]
        total += chance * (memo[id(a), key] <= rank)
    return total


exact_chance.memo = {}


def brute(a, table, rank, probability, allowed=lambda rows: True):
    """Least cost over all subsets, and whether any subset's chance is too near the limit to tell by simulation."""
    best, doubtful = np.inf, False
    for size in range(len(table) + 1):
        for chosen in combinations(range(len(table)), size):
            rows = table.iloc[list(chosen)]
            pairs = set(zip(rows["enterprise"], rows["certification"]))
            if any(r["prerequisite"] and (r["enterprise"], r["prerequisite"]) not in pairs for r in rows.to_dict("records")) or not allowed(rows):
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
    plan = make_plan(problem(a, table, Goal("本区", 3), limits))
    assert plan.reached == np.isfinite(best)
    if plan.reached:
        assert plan.cost == pytest.approx(best) and plan.proven
        assert plan.cost <= plan.greedy_cost + 1e-9 or np.isnan(plan.greedy_cost)


def test_the_stated_chance_is_the_exact_one_within_its_error():
    a, table = city(), firms(3, 10, chained=True)
    plan = make_plan(problem(a, table, Goal("本区", 3, probability=0.7)))
    chosen = [k for k, pair in enumerate(zip(table["enterprise"], table["certification"]))
              if pair in set(zip(plan.chosen["enterprise"], plan.chosen["certification"]))]
    assert plan.chance == pytest.approx(exact_chance(a, table, chosen, 3), abs=4 * plan.error)


def test_scores_of_any_counts_are_those_of_a_full_assessment():
    case = read_case("demo")
    a = assess_case(case)
    table = pd.DataFrame({"enterprise": ["甲", "乙", "丙"], "certification": ["一", "二", "三"], "indicator": ["E1", "E2", "E3"], "probability": 0.5,
                          "cost": 1.0, "earliest": "2023Q1"})
    rng = np.random.default_rng(4)
    for node in ("E", "", "E2"):
        scenes = problem(a, table, Goal("示例区", 3, node)).scenes
        for _ in range(3):
            rivals = {c: np.round(a.treated[c].to_numpy() + rng.integers(0, 15, 9))[None, :] for c in scenes.codes}
            home = a.treated.loc["示例区", list(scenes.codes)].to_numpy() + rng.integers(0, 30, len(scenes.codes))
            values = a.treated.copy()
            for j, code in enumerate(scenes.codes):
                values[code] = rivals[code][0]
                values.loc["示例区", code] = home[j]
            adjustments = case.adjustments[case.adjustments["year"] == case.year]
            full = assess(values, a.tree, groups=a.groups, adjustments=adjustments, ties=a.ties, decimals=a.decimals)
            found = scenes.scores(home, rivals)
            np.testing.assert_allclose(found[0], full.scores[node or a.root], atol=1e-9)
            assert scenes.places(found)[0] == full.ranks.at["示例区", node or a.root]


def demo_problem(rank=3, probability=0.8, limits=None, seed=2):
    a, rng, rows = assess_case(read_case("demo")), np.random.default_rng(seed), []
    for i in range(60):
        for name, code, cost in (("省级企业技术中心", "E1", 12), ("省级专精特新中小企业", "E2", 6), ("省级绿色工厂", "E3", 15), ("创新型中小企业", "", 2)):
            rows.append({"enterprise": f"企业{i}", "town": f"第{i % 8}镇", "certification": name, "indicator": code, "probability": rng.uniform(0.3, 0.9),
                         "cost": cost * rng.uniform(0.6, 1.5), "earliest": "2023Q1", "prerequisite": "创新型中小企业" if code == "E2" else ""})
    rivals = pd.DataFrame([(d, c, n, s) for d in a.scores.index[1:] for c, n, s in (("E1", 2, np.nan), ("E2", 8, 5.0), ("E3", 1, 0.5))],
                          columns=["district", "indicator", "expected", "spread"])
    held = pd.DataFrame({"enterprise": [f"企业{i}" for i in range(0, 60, 2)], "certification": "创新型中小企业"})
    limits = limits or Limits(first="2023Q1", last="2023Q4", per_enterprise=2, town_quarter=4)
    return problem(a, pd.DataFrame(rows), Goal("示例区", rank, "E", probability), limits, rivals_from_table(rivals, a.scores.index, a.tree.leaves), held)


@pytest.fixture(scope="module")
def plan():
    return make_plan(demo_problem(), 4_000)


def test_the_chance_holds_on_fresh_draws_within_two_points_from_above(plan):
    fresh = plan.problem.trial("judge", 60_000, seed=987).chance(plan.problem.model.chosen(plan.x), 3)
    assert 0.79 <= fresh <= 0.82
    assert plan.chance == pytest.approx(fresh, abs=4 * plan.error)
    assert plan.cost <= plan.greedy_cost


def test_a_plan_sized_on_expected_numbers_is_cheaper_and_falls_short(plan):
    assert plan.expected_cost < plan.cost and plan.expected_chance < 0.7
    assert any("不留余量" in text for text in plan_findings(plan))


def test_a_plan_keeps_every_limit(plan):
    chosen = plan.chosen
    assert chosen.groupby("enterprise").size().max() <= 2
    assert chosen.groupby(["town", "quarter"]).size().max() <= 4
    held = plan.problem.held
    quarter = {(r.enterprise, r.certification): r.quarter for r in chosen.itertuples()}
    for r in chosen.itertuples():
        if r.prerequisite and (r.enterprise, r.prerequisite) not in held:
            assert quarter[r.enterprise, r.prerequisite] < r.quarter
    # The windows of the table: 绿色工厂 in the third quarter, 专精特新 in the second.
    assert set(chosen["quarter"][chosen["certification"] == "省级绿色工厂"]) <= {"2023Q3"}
    assert set(chosen["quarter"][chosen["certification"] == "省级专精特新中小企业"]) <= {"2023Q2"}


def test_parts_by_town_quarter_and_certification_sum_to_the_plan(plan):
    for part in (plan.by_town(), plan.by_quarter(), plan.by_certification()):
        assert part["applications"].sum() == len(plan.chosen)
        assert part["cost"].sum() == pytest.approx(plan.cost)
    towns = plan.by_town()
    assert towns["share"].sum() == pytest.approx(1) and towns["potential_share"].sum() == pytest.approx(1)
    assert (towns["reason"] != "").all()


def test_a_greater_chance_or_a_better_rank_never_costs_less(plan):
    surer, easier = make_plan(demo_problem(3, 0.9), 3_000), make_plan(demo_problem(4, 0.8), 3_000)
    assert surer.cost > plan.cost > easier.cost


def test_the_same_problem_gives_the_same_plan():
    first, second = (make_plan(problem(city(), firms(3, 30), Goal("本区", 2)), 2_000) for _ in range(2))
    pd.testing.assert_frame_equal(first.chosen, second.chosen)
    assert first.chance == second.chance


def test_what_a_budget_buys_is_the_best_chance_that_brute_force_finds():
    a, table = city(), firms(5, 8)
    p = problem(a, table, Goal("本区", 3))
    for budget in (15.0, 30.0):
        best = max(exact_chance(a, table, chosen, 3) for size in range(9) for chosen in combinations(range(8), size)
                   if table["cost"].iloc[list(chosen)].sum() <= budget)
        bought = best_for_budget(p, 3, budget)
        assert bought.cost <= budget and bought.chance >= best - 0.02 and bought.chance <= best + 4 * bought.error


def test_with_the_cost_of_the_plan_as_budget_the_chance_is_about_as_great(plan):
    assert plan.with_budget(plan.cost, 2_000).chance >= plan.probability - 0.02


def test_out_of_reach_says_what_is_possible():
    short = make_plan(demo_problem(3, limits=Limits(first="2023Q1", last="2023Q4", budget=60.0)), 1_500)
    assert not short.reached and short.cost <= 60
    said = dict(zip(short.nearest["what"], short.nearest["value"]))
    assert said["最高把握"] < 0.8 and said["预算缺口"] == pytest.approx(said["所需预算"] - 60)
    free = make_plan(demo_problem(3, limits=Limits(first="2023Q1", last="2023Q4")), 1_500)
    assert said["所需预算"] == pytest.approx(free.cost, rel=0.02)
    assert short.places.set_index("rank")["chance"][said["最好位次"]] >= 0.8
    assert any("达不到" in text for text in plan_findings(short))


def test_a_goal_already_reached_asks_for_nothing():
    plan = make_plan(problem(city(), firms(1), Goal("本区", 4)))
    assert plan.reached and plan.cost == 0 and plan.chosen.empty and plan.chance == 1
    assert "不新报也已达到" in plan_findings(plan)[0]


def test_rivals_who_move_make_it_dearer_and_known_growth_is_simulated_with_its_mean():
    a, table = city(), firms(7, 10)
    still = make_plan(problem(a, table, Goal("本区", 3)))
    growing = rivals_from_table(pd.DataFrame({"district": ["甲区", "乙区"], "indicator": "x", "expected": 1.5}), DISTRICTS, ["x", "y"])
    moving = make_plan(problem(a, table, Goal("本区", 3), rivals=growing))
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
    plain, losing = (make_plan(problem(a, table, Goal("本区", 3, home_change=change))) for change in ({}, {"x": -1}))
    assert losing.cost > plain.cost or not losing.reached


def test_a_rank_in_a_single_indicator_is_the_binomial_tail():
    table = pd.DataFrame({"enterprise": [f"企{i}" for i in range(8)], "certification": "甲类", "indicator": "x", "probability": 0.6, "cost": 1.0,
                          "earliest": "2023Q1"})
    plan = make_plan(problem(city(), table, Goal("本区", 3, "x")))
    from scipy.stats import binom
    # From 2 to at least 5, level with 甲区 at 5: three successes.
    least = next(n for n in range(9) if binom.sf(2, n, 0.6) >= 0.8)
    assert plan.cost == least and plan.chance == pytest.approx(binom.sf(2, least, 0.6), abs=4 * plan.error)
    assert plan.needed["alone"].tolist() == [3.0]


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
