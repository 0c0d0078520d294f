"""A plan from a case: candidates, indicators, lists, expiry, rivals, own terms and outcomes, against figures counted by hand."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from analysis import assess_case, read_case
from analysis.params import AssessmentError
from analysis.plan import (Plan, applied_note, case_plan, case_problem, chosen_notes, frontier, plan_findings, plan_notes, plan_source, plan_statuses, terms_of,
                           town_notes)
from analysis.plan.case_candidates import indicators_of
from analysis.plan.terms import assumptions
from analysis.recognition import screen
from analysis.recognition.screen import Screening
from test_plan import city

HOME, SPECIAL, CENTRE, GREEN, INNOVATIVE = "示例区", "省级专精特新中小企业", "省级企业技术中心", "省级绿色工厂", "创新型中小企业"


def terms(*rows):
    return pd.DataFrame([(*row, "", "", "", "")[:7] for row in rows], columns=["kind", "name", "value", "unit", "source", "status", "note"])


@pytest.fixture(scope="module")
def case():
    whole = read_case("demo")
    return replace(whole, tables={**whole.tables, "terms": terms(("名额", GREEN, "4", "项"))},
                   meta={k: v for k, v in whole.meta.items() if not k.startswith("计划")})


@pytest.fixture(scope="module")
def screening(case) -> Screening:
    return screen(case)


@pytest.fixture(scope="module")
def found(case, screening):
    return case_problem(case, screening)


@pytest.fixture(scope="module")
def plan(case, screening) -> Plan:
    return case_plan(case, screening, rank=3, runs=3_000)


def altered(case, **tables):
    return replace(case, tables={**case.tables, **tables})


def test_candidates_are_the_screened_ones_that_count_and_what_they_need_first(case, screening, found):
    table, status = screening.table, screening.table["status"]
    due = {(r.name, r.certification) for r in table[status == "应报未报"].itertuples(index=False) if r.certification in (SPECIAL, CENTRE, GREEN)}
    asked = {(r.name, SPECIAL) for r in table[(status == "已申报") & (table["certification"] == SPECIAL)].itertuples(index=False)}
    near = {(r.name, r.certification) for r in table[status == "靠靠能报"].itertuples(index=False)}
    pairs = set(zip(found.table["enterprise"], found.table["certification"]))
    outside = {(r.enterprise, r.certification) for r in found.left_out.itertuples()}
    assert due <= pairs | outside and asked == {pair for pair, fixed in zip(zip(found.table["enterprise"], found.table["certification"]), found.fixed) if fixed}
    assert {pair for pair in pairs if pair[1] != INNOVATIVE} <= due | asked | near
    # An application for 创新型 is there only for enterprises that need it for 专精特新.
    needing = set(found.table["enterprise"][found.table["prerequisite"].str.contains(INNOVATIVE)])
    assert {e for e, c in pairs if c == INNOVATIVE} <= needing | set(found.left_out["enterprise"]) and needing
    assert set(found.table["certification"]) == {SPECIAL, CENTRE, GREEN, INNOVATIVE}
    notes = "".join(found.notes)
    assert "小巨人”企业”不计入考核方案的任何指标" in notes and "规模以上工业”不计入" in notes and "待核" in notes


def test_defaults_come_from_the_scheme_the_benchmark_and_the_dates(case, found):
    ranks = assess_case(case).ranks["E"]
    assert found.goal.node == "E" and found.goal.home == HOME and found.goal.rank == ranks[case.benchmark] < ranks[HOME]
    assert found.goal.probability == case.target_probability
    assert (found.limits.first, found.limits.judged) == ("2023Q1", "2023Q4")
    assert max(found.model.quarter) <= 4 * 2023 + 2  # a review of one quarter: what is applied for in the third counts in the fourth
    without = replace(case, meta={**case.meta, "对标区": ""})
    assert case_problem(without, screen(without)).goal.rank == ranks[HOME] - 1


def test_a_plan_of_the_case_keeps_its_limits_and_reaches_its_chance_on_fresh_draws(plan):
    p = plan.problem
    assert plan.reached and plan.status == "示例" and plan.cost <= plan.greedy_cost + 1e-9
    assert 0.785 <= p.trial("judge", 40_000, seed=5).chance(p.model.chosen(plan.x), 3) <= 0.83
    new = plan.chosen[~plan.chosen["pending"]]
    assert (new["certification"] == GREEN).sum() <= 4
    assert set(new["quarter"][new["certification"] == GREEN]) <= {"2023Q3"} and set(new["quarter"][new["certification"] == SPECIAL]) <= {"2023Q2"}
    assert plan.chosen["pending"].sum() == 14 and plan.chosen.loc[plan.chosen["pending"], "cost"].sum() == 0
    assert "对手按历年名单推算到 2023 年" in "".join(plan_notes(plan)) and "第 3 位" in plan_findings(plan)[0]
    # The chance rests on assumptions nobody has tested, and the conclusion says so itself.
    assert plan_findings(plan)[0].endswith("所用的成功概率（约定）、费用（示例）未经本地数据检验。")


def test_rivals_grow_as_their_lists_do(case, found):
    drawn = found.trial("search", 8_000).rivals["E2"]
    listed = case.recognitions[(case.recognitions["certification"] == SPECIAL) & (case.recognitions["result"] == "已认定")]
    names = list(found.assessment.scores.index)
    now = found.assessment.treated["E2"]
    for district in ("标杆区", "松涧县"):
        yearly = (listed["district"] == district).sum() / 4  # the first year has no year before it
        added = drawn[:, names.index(district)].mean() - now[district]
        assert 0.5 * yearly < added < 1.6 * yearly
    assert drawn[:, names.index("标杆区")].mean() - now["标杆区"] > drawn[:, names.index("松涧县")].mean() - now["松涧县"]


def test_a_list_that_differs_from_the_assessed_figure_is_said_and_a_missing_one_leans_on_the_others(case, screening):
    rows = case.recognitions
    gone = rows[~((rows["district"] == "丹枫区") & (rows["certification"] == SPECIAL)) & ~((rows["name"] == rows["name"].iloc[0]))]
    p = case_problem(altered(case, recognitions=gone), screening)
    notes = "".join(p.notes)
    assert f"“{SPECIAL}”没有丹枫区的认定名单" in notes and f"“{CENTRE}”的认定名单与考核的指标值在 1 个区县不一致（示例区 5 对 6）" in notes
    k = list(p.assessment.scores.index).index("丹枫区")
    assert p.trial("search", 4_000).rivals["E2"][:, k].mean() > p.assessment.treated.at["丹枫区", "E2"] + 2
    own = case_problem(altered(case, recognitions=rows[rows["district"] == HOME]), screening)
    assert "原地不动" in "".join(own.notes) and (own.trial("search", 500).rivals["E2"] == own.scenes.now[:, own.scenes.codes.index("E2")]).all()


def test_what_runs_out_before_the_count_is_taken_off_unless_it_is_renewed(case, screening):
    rows = case.recognitions.copy()
    mine = rows.index[(rows["district"] == HOME) & (rows["certification"] == SPECIAL) & (rows["result"] == "已认定")]
    rows.loc[mine, "valid_to"] = pd.Timestamp("2025-12-31")
    rows.loc[mine[:3], "valid_to"] = pd.Timestamp("2023-06-30")
    p = case_problem(altered(case, recognitions=rows), screening)
    assert p.goal.home_change == {"E2": -3.0} and p.scenes.base[p.scenes.codes.index("E2")] == 12 - 3
    renewed = rows.loc[[mine[0]]].assign(valid_to=pd.Timestamp("2026-06-30"), year=2022.0, row=rows["row"].max() + 1)
    again = case_problem(altered(case, recognitions=pd.concat([rows, renewed], ignore_index=True)), screening)
    assert again.goal.home_change == {"E2": -2.0} and "3 项有效期在" in "".join(p.notes)


def test_own_terms_replace_the_shipped_ones_and_are_shown_with_their_source(case, screening):
    own = terms(("成功概率", "应报未报", "85%", "", "上年通过率", "公布"), ("申报费用", SPECIAL, "0.0008", "亿元"), ("申报季度", GREEN, "1；3"),
                ("镇街季度上限", "", "2"), ("每企业上限", "", "1"), ("预算", "", "90", "万元"), ("评审季度数", "默认", "2"))
    p = case_problem(altered(case, terms=own), screening)
    due = p.table[(p.table["status"] == "应报未报") & (p.table["certification"] == SPECIAL)]
    assert set(due["probability"]) == {0.85} and set(due["cost"]) == {8.0}
    assert p.limits.town_quarter == 2 and p.limits.per_enterprise == 1 and p.limits.budget == 90
    assert max(p.model.quarter) == 4 * 2023 + 1  # two quarters of review: applied for by the second
    assert case_problem(altered(case, terms=own), screening, budget=20).limits.budget == 20
    shown = assumptions(p.limits.terms).set_index(["类别", "名称"])
    assert shown.loc[("成功概率", "应报未报"), "来源"] == "申报约定（上年通过率）" and shown.loc[("成功概率", "应报未报"), "状态"] == "公布"
    assert shown.loc[("成功概率", "靠靠能报"), "来源"] == "程序自带" and shown.loc[("申报费用", SPECIAL), "数值"] == "8"


def test_who_was_refused_before_is_counted_in_the_notes_and_has_the_chance_stated_for_it(case, screening, found):
    listed = case.recognitions[(case.recognitions["result"] == "未通过") & (case.recognitions["district"] == HOME)]
    refused = found.table[found.table["refused"]]
    assert 0 < len(refused) <= len(listed) and set(refused["name"]) <= set(listed["name"]) | set(screening.enterprises["name"])
    note = next(note for note in found.notes if "往年申报未通过" in note)
    assert note.startswith(f"候选中 {len(refused)} 项") and "与没有报过的相同" in note
    p = case_problem(altered(case, terms=terms(("成功概率", "申报未通过", "0.3"))), screening)
    changed = p.table["probability"] != found.table["probability"]
    assert set(p.table.loc[changed, "row"]) == set(refused["row"]) and set(p.table.loc[changed, "probability"]) == {0.3}
    assert any("不高于约定的 30%" in note for note in p.notes)


def test_the_line_under_the_plan_names_the_roster_the_lists_and_the_terms(case, plan):
    whole = read_case("demo")
    line = plan_source(whole, plan)
    assert "企业第 2—" in line and "认定名单第 2—" in line and "申报约定第 2—" in line and line.endswith("取程序自带的约定")
    assert plan_statuses(whole, plan) == ["示例"]
    real = {name: whole.tables[name].assign(status="公布") for name in ("enterprises", "recognitions")}
    plain = replace(plan, status="推算")
    assert plan_statuses(altered(whole, **real, terms=whole.terms.assign(status="不详")), plain) == ["推算", "不详"]
    assert plan_statuses(altered(whole, **real, terms=whole.terms.assign(status="公布")), plain) == ["推算"]


def test_the_notes_under_the_plan_explain_its_columns(plan):
    pending = int(plan.chosen["pending"].sum())
    assert f"等结果的 {pending} 项" in applied_note(plan) and f"新报的 {len(plan.chosen) - pending} 项" in applied_note(plan)
    words = "".join(chosen_notes(plan))
    assert "已报待定" in words and "二手＝" in words
    assert ("只作前置条件" in "".join(town_notes(plan))) == plan.by_town()["reason"].str.contains("只作前置条件").any()
    assert "都是新报的" in applied_note(replace(plan, chosen=plan.chosen[~plan.chosen["pending"]]))


def test_a_default_of_the_users_takes_the_place_of_all_shipped_rows_of_its_kind():
    found = terms_of(terms(("申报费用", "默认", "3", "万元"), ("申报费用", "专精特新小巨人", "4")))
    assert found.cost(GREEN) == 3 and found.cost("专精特新“小巨人”企业") == 4 and found.cost(GREEN, "靠靠能报") == 4.5


def test_every_wrong_row_of_the_terms_is_named():
    with pytest.raises(AssessmentError) as error:
        terms_of(terms(("成功概率", "应报未报", "120%"), ("预算", "", "多一点"), ("名额", GREEN, "2.5"), ("申报季度", GREEN, "5"), ("费用", GREEN, "1"),
                       ("申报费用", GREEN, "3", "美元"), ("每企业上限", "", "2"), ("每企业上限", "", "3")))
    for words in ("第 2 行“成功概率·应报未报”的数值“120%”", "第 3 行“预算”", "第 4 行“名额", "第 5 行“申报季度", "第 6 行类别“费用”", "第 7 行", "第 9 行“每企业上限”与第 8 行重复"):
        assert words in str(error.value)


def test_recognitions_find_their_indicator_by_name_in_any_spelling():
    a = city(codes=("x", "y"))
    nodes = a.tree.nodes
    nodes.loc[["x", "y"], "name"] = ["国家级专精特新\"小巨人\"数", "省级绿色工厂（家）"]
    assert indicators_of(a, ["国家级专精特新“小巨人”企业", "省级绿色工厂"]) == {"国家级专精特新“小巨人”企业": "x"}
    assert indicators_of(a, ["省级绿色工厂"], {"省级绿色工厂": "y"}) == {"省级绿色工厂": "y"}
    nodes.loc[["x", "y"], "name"] = "省级绿色工厂"
    with pytest.raises(AssessmentError, match="不止一个指标同名"):
        indicators_of(a, ["省级绿色工厂"])


def test_outcomes_are_taken_over(case, screening, plan):
    new = plan.chosen[~plan.chosen["pending"]]
    needy = new[(new["certification"] == INNOVATIVE)]["enterprise"].iloc[0] if (new["certification"] == INNOVATIVE).any() else None
    special = new[new["certification"] == SPECIAL].iloc[0]
    code = screening.enterprises.set_index("name").at[special["enterprise"], "code"]
    green = new[new["certification"] == GREEN].iloc[0] if (new["certification"] == GREEN).any() else new[new["certification"] == CENTRE].iloc[0]
    waiting = plan.chosen[plan.chosen["pending"]].iloc[0]
    done = pd.DataFrame([(code or special["enterprise"], SPECIAL, "成功"), (green["enterprise"], green["certification"], "放弃"),
                         (waiting["enterprise"], SPECIAL, "失败")], columns=["enterprise", "certification", "outcome"])
    p = case_problem(case, screening, rank=3, outcomes=done)
    assert p.scenes.base[p.scenes.codes.index("E2")] == 12 + 1 and p.fixed.sum() == 13
    pairs = set(zip(p.table["enterprise"], p.table["certification"]))
    assert not pairs & {(special["enterprise"], SPECIAL), (green["enterprise"], green["certification"]), (waiting["enterprise"], SPECIAL)}
    if needy:
        dropped = case_problem(case, screening, rank=3, outcomes=pd.DataFrame([(needy, INNOVATIVE, "放弃")], columns=done.columns))
        assert (needy, SPECIAL) not in set(zip(dropped.table["enterprise"], dropped.table["certification"]))
    holder = next(pair for pair in p.held if pair[1] == CENTRE)
    said = case_problem(case, screening, rank=3, outcomes=pd.DataFrame([(*holder, "成功")], columns=done.columns))
    assert "1 项已在认定名单上" in "".join(said.notes) and said.scenes.base.tolist() == case_problem(case, screening, rank=3).scenes.base.tolist()
    with pytest.raises(AssessmentError, match="第 1 行的企业“无此企业”"):
        case_problem(case, screening, outcomes=done.assign(enterprise="无此企业"))
    with pytest.raises(AssessmentError, match="结果“通过”"):
        case_problem(case, screening, outcomes=done.head(1).assign(outcome="通过"))


def test_planning_for_the_whole_assessment_and_holding_a_place(case, screening):
    whole = case_problem(case, screening, node="综合得分")
    assert whole.scenes.name == "综合得分" and set(whole.scenes.codes) == {"E1", "E2", "E3"}
    held = case_problem(case, screening, rank=5)
    assert "守住位次" in "".join(held.notes)


def test_out_of_reach_the_nearest_is_said_first_and_another_place_can_be_asked_for(case, screening):
    short = case_plan(case, screening, runs=1_500)
    assert not short.reached and short.rank == 2
    findings = plan_findings(short)
    assert "达不到" in findings[0] and "最好位次是第 3 位" in findings[1]
    assert short.at_rank(3, 1_500).reached
    table = frontier(short.problem, [3], 5, 1_500)
    assert table["chance"].max() >= 0.8 and table["applications"].max() <= len(short.chosen) - 14


@pytest.mark.parametrize(("change", "words"), [
    ({"enterprises": 0}, "没有 企业 表"), ({"rules": 0}, "没有 认定条件 表"), ({"values": 0}, "没有 指标值 表"), ({"scheme": 0}, "没有 考核方案 表")])
def test_a_sheet_that_is_lacking_is_named(case, screening, change, words):
    with pytest.raises(AssessmentError, match=words):
        case_problem(altered(case, **{k: case.tables[k].head(n) for k, n in change.items()}), screening)


def test_what_cannot_be_planned_is_refused_in_chinese(case, screening):
    a = assess_case(case)
    masked = a.masked.copy()
    masked.loc[HOME, "E1"] = True
    treated = a.treated.mask(masked)
    hidden = replace(a, masked=masked, treated=treated, scores=a.scores.assign(E=np.nan, T=np.nan))
    with pytest.raises(AssessmentError, match="未公开"):
        case_problem(case, screening, assessment=hidden, rank=2)
    with pytest.raises(AssessmentError, match="没有节点“Z”"):
        case_problem(case, screening, node="Z")
    with pytest.raises(AssessmentError, match="没有第 9 位"):
        case_problem(case, screening, rank=9)
    with pytest.raises(AssessmentError, match="没有一个同名"):
        case_problem(altered(case, scheme=case.scheme.assign(name=case.scheme["code"])), screening)
    late = screen(case, "2024-02-01")
    with pytest.raises(AssessmentError, match="晚于计数"):
        case_problem(case, late)
    table = screening.table[~screening.table["status"].isin(["应报未报", "靠靠能报", "已申报"])]
    with pytest.raises(AssessmentError, match="没有一家应报未报"):
        case_problem(case, replace(screening, table=table))


def test_a_value_that_stands_at_a_midpoint_is_named_in_the_notes_and_only_under_the_planned_node(case, screening):
    code, district = "E2", "砚湖区"
    values = case.values.copy()
    here = (values["year"] == case.year) & (values["district"] == district)
    for indicator in (code, "A1"):
        at = here & (values["indicator"] == indicator)
        own = float(values.loc[at, "value"].iloc[0])
        values.loc[at, ["value", "value_masked", "low", "high"]] = [np.nan, True, own - 3, own + 3]
    changed = altered(case, values=values)
    said = [note for note in case_problem(changed, screening, node="E").notes if "中点" in note]
    assert len(said) == 1 and f"有 1 个数未公开（{district}的省级专精特新" in said[0]
    bounded = (values["year"] == case.year) & values["value_masked"] & values["low"].notna() & values["high"].notna()
    assert f"有 {bounded.sum()} 个数未公开" in "".join(case_problem(changed, screening, node=assess_case(changed).root).notes) and bounded.sum() > 2
    assert not [note for note in case_problem(case, screening).notes if "中点" in note]


def test_without_towns_or_with_namesakes_a_plan_is_still_made(case, screening):
    firms = case.enterprises.assign(town="")
    due = screening.table[(screening.table["status"] == "应报未报") & (screening.table["certification"] == SPECIAL)]["row"].to_numpy()
    firms.loc[firms["row"] == due[1], "name"] = firms.loc[firms["row"] == due[0], "name"].iloc[0]
    changed = altered(case, enterprises=firms, towns=case.towns.head(0))
    p = case_problem(changed, screen(changed))
    assert p.table["enterprise"].str.contains("（企业表第").sum() >= 2 and set(p.table["town"]) == {""}


def test_where_a_place_comes_from_that_nobody_asked_for_is_said(case, screening):
    def said(changed):
        return next(note for note in case_problem(changed, screening, node="E").notes if "目标位次没有指定" in note)

    a = assess_case(case)
    bench, own = a.ranks["E"][case.benchmark], a.ranks["E"][HOME]
    assert bench < own and said(case).endswith(f"取对标区{case.benchmark}现在的位次：第 {bench:g} 位")
    assert said(replace(case, meta={**case.meta, "对标区": ""})).endswith(f"取再进一位：第 {own - 1:g} 位")
    values = case.values.copy()
    values.loc[(values["year"] == case.year) & (values["district"] == HOME) & values["indicator"].isin(["E1", "E2", "E3"]), "value"] = 500.0
    assert said(altered(case, values=values)).endswith("守住现在的位次：第 1 位")
    assert not [note for note in case_problem(case, screening, node="E", rank=3).notes if "目标位次没有指定" in note]
