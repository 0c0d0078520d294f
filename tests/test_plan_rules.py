"""Candidates, limits, assumptions, planning again, the frontier and the words: what is read, refused and said."""

import numpy as np
import pandas as pd
import pytest
from analysis.params import AssessmentError
from analysis.plan import (Goal, Limits, check_candidates, chosen_notes, chosen_view, frontier, frontier_view, make_plan, needed_view, places_view, plan_findings,
                           plan_notes, problem, quarter_view, remaining, replan, rivals_from_lists, rivals_from_table, terms_of, town_view, with_defaults)
from analysis.plan.model import build_model
from analysis.plan.solver import Need
from analysis.plan.quarters import quarter_number, quarter_text
from analysis.text import amount
from hypothesis import given, settings
from hypothesis import strategies as st
from test_plan import DISTRICTS, city, firms


@pytest.mark.parametrize("text", ["2023Q2", "2023q2", "2023年2季度", "2023-05", "2023年5月", "2023/04", "2023-06-30"])
def test_quarters_are_read_as_people_write_them(text):
    assert quarter_text(quarter_number(text)) == "2023Q2"


def test_a_date_is_its_quarter_and_nonsense_is_refused():
    assert quarter_text(quarter_number(pd.Timestamp(2023, 11, 5))) == "2023Q4"
    for text in ("明年", "2023Q5", "2023-13", None, np.nan, pd.NaT):
        with pytest.raises(AssessmentError, match="看不懂"):
            quarter_number(text)


def test_everything_wrong_with_the_candidates_is_said_at_once():
    table = firms(1, 6)
    table["cost"] = table["cost"].astype(object)
    table.loc[0, "probability"], table.loc[1, "cost"], table.loc[2, "earliest"], table.loc[3, "enterprise"] = 70, "五万", "开春", ""
    table.loc[5, ["enterprise", "certification"]] = table.loc[4, ["enterprise", "certification"]].to_list()
    with pytest.raises(AssessmentError) as error:
        check_candidates(table)
    for words in ("第 1 行成功概率", "第 2 行费用", "第 3 行最早时间", "第 4 行没有企业", "第 5、6 行同一企业同一认定重复"):
        assert words in str(error.value)
    with pytest.raises(AssessmentError, match="缺少列：成功概率"):
        check_candidates(firms(1).drop(columns="probability"))


def test_prerequisites_in_a_circle_are_named():
    table = firms(1, 6)
    table["prerequisite"] = table["certification"].map({"甲类": "乙类", "乙类": "甲类"})
    with pytest.raises(AssessmentError, match="成环：.*甲类.*→.*乙类|成环：.*乙类.*→.*甲类"):
        check_candidates(table)


def test_an_unknown_indicator_and_one_counted_backwards_are_refused():
    with pytest.raises(AssessmentError, match="指标“z”不在考核方案里"):
        problem(city(), firms(1).replace({"indicator": {"y": "z"}}), Goal("本区", 2))


def test_what_cannot_be_applied_for_is_listed_with_its_reason():
    table = pd.DataFrame([
        ("甲", "乙类", "y", "2023Q1", "甲类"), ("乙", "乙类", "y", "2023Q1", "甲类"), ("丙", "甲类", "x", "2025Q1", ""), ("丙", "乙类", "y", "2023Q1", "甲类"),
        ("丁", "甲类", "x", "2023Q1", ""), ("戊", "甲类", "x", "2023Q1", "")],
        columns=["enterprise", "certification", "indicator", "earliest", "prerequisite"]).assign(probability=0.5, cost=1.0)
    p = problem(city(), table, Goal("本区", 3), Limits(last="2023Q4"), held={("甲", "甲类"), ("戊", "甲类")})
    assert dict(zip(p.left_out["enterprise"] + p.left_out["certification"], p.left_out["reason"])) == {
        "乙乙类": "前置认定既未取得，也不在候选之列", "丙甲类": "截止季度之前没有可申报的时间", "丙乙类": "前置认定不能申报", "戊甲类": "已经取得"}
    with pytest.raises(AssessmentError, match="没有可申报的候选：截止季度之前"):
        problem(city(), table[table["enterprise"] == "丙"].head(1), Goal("本区", 3), Limits(last="2023Q4"))


def test_limits_that_make_no_sense_are_refused():
    for options, words in (({"budget": -1}, "预算"), ({"quotas": {"甲类": -2}}, "名额"), ({"town_quarter": {"第1镇": np.nan}}, "第1镇每季度"),
                           ({"first": "2024Q1", "last": "2023Q1"}, "晚于")):
        with pytest.raises(AssessmentError, match=words):
            Limits(**options)


def test_wrong_rows_of_the_rivals_table_are_named():
    table = pd.DataFrame([("甲区", "x", 2, 1), ("某区", "x", 2, 1), ("乙区", "z", 2, 1), ("丙区", "x", -2, np.nan), ("丙区", "y", 2, -1), ("甲区", "x", 3, 1)],
                         columns=["district", "indicator", "expected", "spread"])
    with pytest.raises(AssessmentError) as error:
        rivals_from_table(table, DISTRICTS, ["x", "y"])
    for words in ("第 2 行的区县", "第 3 行的指标", "第 4 行预计减少", "第 5 行的标准差", "第 6 行与前面重复"):
        assert words in str(error.value)
    with pytest.raises(AssessmentError, match="已到 2022 年"):
        rivals_from_lists({"x": pd.DataFrame({"甲区": [1.0, 2.0]}, index=[2021, 2022])}, 2022)


def test_defaults_fill_only_what_is_not_given():
    table = pd.DataFrame({"enterprise": ["甲", "乙", "丙"], "certification": ["省级绿色工厂", "省级绿色工厂", "创新型中小企业"],
                          "status": ["应报未报", "靠靠能报", "应报未报"], "probability": [np.nan, 0.33, np.nan], "earliest": ["", None, "2023Q3"]})
    filled = with_defaults(table, {"省级绿色工厂": "x"}, "2023Q1")
    assert filled["probability"].tolist() == [0.7, 0.33, 0.7] and filled["earliest"].tolist() == ["2023Q1", "2023Q1", "2023Q3"]
    assert filled["indicator"].tolist() == ["x", "x", ""] and filled["cost"].tolist() == [15, 22.5, 2]
    refused = table.assign(probability=np.nan, status=["应报未报", "靠靠能报", "应报未报"], refused=[True, True, False])
    assert with_defaults(refused, {"省级绿色工厂": "x"}, "2023Q1")["probability"].tolist() == [0.7, 0.4, 0.7]
    own = terms_of(pd.DataFrame([("成功概率", "申报未通过", "0.5")], columns=["kind", "name", "value"]))
    assert with_defaults(refused, {"省级绿色工厂": "x"}, "2023Q1", own)["probability"].tolist() == [0.5, 0.4, 0.7]  # never more than the status has
    with pytest.raises(AssessmentError, match="暂不具备.*没有约定的成功概率"):
        with_defaults(table.assign(status="暂不具备"), {}, "2023Q1")


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10**6), cap=st.integers(1, 2), budget=st.integers(5, 80))
def test_slots_that_the_model_gives_keep_all_limits(seed, cap, budget):
    table = check_candidates(firms(seed, 14, chained=True))
    parents = [(k - 1,) if k % 2 else () for k in range(14)]
    start = quarter_number("2023Q1")
    quarters = [list(range(start + (k % 2), start + 4)) for k in range(14)]
    limits = Limits(town_quarter=cap, budget=budget, per_enterprise=2)
    model = build_model(table, table["cost"].to_numpy(), parents, np.zeros(14, bool), quarters, limits)
    expected = np.where(np.arange(14)[model.candidate] >= 0, table["probability"].to_numpy()[model.candidate], 0)[None, :]
    x = model.most(Need(expected, (np.ones(1),), (np.zeros(1),), np.zeros(len(model.candidate)), -np.inf))
    taken = pd.DataFrame({"k": model.candidate, "quarter": model.quarter})[x > 0.5]
    assert not taken["k"].duplicated().any() and table["cost"].iloc[taken["k"]].sum() <= budget + 1e-6
    assert taken.groupby([table["town"].to_numpy()[taken["k"]], "quarter"]).size().max() <= cap if len(taken) else True
    when = dict(zip(taken["k"], taken["quarter"]))
    assert all(when[a] < q for k, q in when.items() for a in parents[k])


@pytest.fixture(scope="module")
def under_way():
    table = firms(11, 16, chained=True)
    return table, make_plan(problem(city(), table, Goal("本区", 3), Limits(first="2023Q1", last="2024Q1", per_enterprise=2, budget=300.0)), 1_200)


def test_planning_again_takes_over_what_is_done(under_way):
    table, plan = under_way
    rows = plan.chosen.head(3)
    done = rows[["enterprise", "certification"]].assign(outcome=["成功", "失败", "待定"])
    left = remaining(plan, done, "2023Q2")
    assert left.limits.budget == pytest.approx(300 - rows["cost"].sum())
    won = rows["indicator"].iloc[0]
    assert left.scenes.base[left.scenes.codes.index(won)] == city().raw.at["本区", won] + 1
    pairs = set(zip(left.table["enterprise"], left.table["certification"]))
    given = list(zip(rows["enterprise"], rows["certification"]))
    assert given[0] not in pairs and given[1] not in pairs
    again = replan(plan, done, "2023Q2", 1_200)
    pending = again.chosen[again.chosen["pending"]]
    assert list(zip(pending["enterprise"], pending["certification"])) == [given[2]] and pending["cost"].sum() == 0
    assert (again.chosen.loc[~again.chosen["pending"], "quarter"] >= "2023Q2").all()


def test_success_of_everything_costs_nothing_more_and_failure_costs_more_than_success(under_way):
    table, plan = under_way
    pairs = plan.chosen[["enterprise", "certification"]]
    assert replan(plan, pairs.assign(outcome="成功"), runs=1_200).cost == 0
    first = pairs.head(1)
    won, lost = (replan(plan, first.assign(outcome=o), runs=1_200) for o in ("成功", "失败"))
    assert not lost.reached or won.cost < lost.cost


def test_an_enterprise_that_used_its_applications_gets_no_more():
    table = firms(4, 12)
    plan = make_plan(problem(city(), table, Goal("本区", 3, probability=0.6), Limits(per_enterprise=1)), 2_000)
    assert plan.reached
    done = plan.chosen.head(2)[["enterprise", "certification"]].assign(outcome="失败")
    again = replan(plan, done, runs=2_000)
    assert len(again.chosen) and not set(again.chosen["enterprise"]) & set(done["enterprise"])


def test_what_does_not_fit_the_plan_is_refused_by_row(under_way):
    _, plan = under_way
    done = pd.DataFrame({"enterprise": ["某企业", plan.chosen["enterprise"][0]], "certification": ["甲类", plan.chosen["certification"][0]],
                         "outcome": ["成功", "通过"]})
    with pytest.raises(AssessmentError, match="第 1 行.*不在候选里；第 2 行的结果“通过”"):
        replan(plan, done)


def test_the_frontier_rises_and_a_better_rank_is_never_surer_at_the_same_cost():
    p = problem(city(), firms(21, 24), Goal("本区", 2))
    table = frontier(p, [1, 2, 3], 5, 1_200)
    for _, part in table.groupby("rank"):
        assert part["cost"].is_monotonic_increasing and part["chance"].is_monotonic_increasing
    for cost in np.linspace(0, table["cost"].max(), 8):
        best = [table[(table["rank"] == r) & (table["cost"] <= cost)]["chance"].max() for r in (1, 2, 3)]
        assert best[0] <= best[1] + 0.03 and best[1] <= best[2] + 0.03
    assert list(frontier_view(table).columns) == ["目标位次", "费用（万元）", "把握", "新报（项）", "状态"]


def test_tables_and_sentences_are_chinese_and_their_figures_are_the_plans(under_way):
    _, plan = under_way
    for view in (chosen_view(plan), needed_view(plan), town_view(plan), quarter_view(plan), places_view(plan)):
        assert all(not c.isascii() for c in view.columns) and "状态" in view and not view.isna().any().any()
    assert town_view(plan)["申报（项）"].iloc[-1] == len(plan.chosen)
    first = plan_findings(plan)[0]
    assert f"{len(plan.chosen)} 项" in first and f"{amount(plan.cost)} 万元" in first and f"{plan.chance:.0%}" in first
    assert ("模拟误差" in first) == (round(plan.chance, 2) < plan.probability)
    notes = "".join(plan_notes(plan))
    assert "原地不动" in notes and "抽样误差" in notes and "最省" in notes


def test_who_was_refused_before_is_marked_in_the_table_of_applications():
    table = firms(1).assign(status="应报未报")
    before = make_plan(problem(city(), table, Goal("本区", 2)), 1_000)
    assert len(before.chosen) > 1 and not chosen_view(before)["申报状态"].str.contains("往年").any() and not any("往年" in note for note in chosen_notes(before))
    first = before.chosen.iloc[0]
    refused = [True if (row.enterprise, row.certification) == (first["enterprise"], first["certification"]) else None for row in table.itertuples()]
    plan = make_plan(problem(city(), table.assign(refused=refused), Goal("本区", 2)), 1_000)
    marked = chosen_view(plan)["申报状态"].str.contains("往年未通过")
    assert list(marked) == [row.enterprise == first["enterprise"] and row.certification == first["certification"] for row in plan.chosen.itertuples()] and marked.any()
    assert any("往年未通过" in note for note in chosen_notes(plan))


def test_illustrative_candidates_make_an_illustrative_plan():
    table = firms(1).assign(data_status="示例")
    assert make_plan(problem(city(), table, Goal("本区", 4)), 1_000).status == "示例"
    assert make_plan(problem(city(), firms(1), Goal("本区", 4)), 1_000).status == "推算"


def test_once_its_prerequisite_is_won_an_application_has_the_chance_of_what_it_then_is():
    table = pd.DataFrame({"enterprise": ["甲", "乙", "丙"], "certification": "某认定", "status": "靠靠能报", "status_then": ["应报未报", "靠靠能报", ""]})
    filled = with_defaults(table, {"某认定": "E1"}, "2023Q1")
    # The convention of the table: 0.7 for who meets the conditions, 0.4 for who nearly does; 5 万元, and half as much again for who has more to
    # do than to win the prerequisite, which is an application of its own with its own cost.
    assert list(filled["probability"]) == [0.7, 0.4, 0.4] and list(filled["cost"]) == [5.0, 7.5, 7.5]
