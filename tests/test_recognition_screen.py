"""Statuses, lists, texts and views of a screening."""

import numpy as np
import pandas as pd
import pytest
from analysis.case import read_case
from analysis.params import AssessmentError
from analysis.recognition import by_place, candidates, findings, funnel, list_table, per_hundred, screen, summary, unlisted_finding

from tests.recognitionbook import NOBODY, granted, roster, rule, screened
from tests.test_demo_case import hard_conditions
from tests.test_demo_case import roster as demo_roster

RULES = [
    rule("前置", "千企升级培育库", "=", "是", "P1"), rule("硬条件", "研发费用", ">=", 100, "A1", 容差="20", 单位="万元"),
    rule("硬条件", "研发费用/营业收入*100", ">=", 3, "A2", 容差="0.4", 单位="%", 说明="研发占比不低于3%"),
    rule("硬条件", "营业收入", ">=", 1000, "A3", 容差="10%", 单位="万元"), rule("硬条件", "近两年股权融资", ">=", 2000, "A3", 容差="200", 单位="万元"),
    rule("排除", "严重失信", "=", "是", "", 说明="被列为失信被执行人"), rule("排除", "近三年重大安全事故", "=", "是", ""),
]
FIRM = {"千企升级培育库": True, "研发费用": 120.0, "营业收入": 3000.0, "近两年股权融资": 0.0, "严重失信": False, "近三年重大安全事故": False}


def one(changes, **more):
    found = screened(RULES, roster(FIRM | changes), **more)
    return found.explain(found.table["status"].unique()).iloc[0]


@pytest.mark.parametrize(("changes", "status", "distance"), [
    ({}, "应报未报", 0), ({"研发费用": 92.0}, "靠靠能报", 8 / 20), ({"研发费用": 80.0, "营业收入": 2800.0}, "靠靠能报", 1 + (3 - 80 / 28) / 0.4),
    ({"研发费用": 79.0, "营业收入": 2600.0}, "暂不具备", 21 / 20), ({"营业收入": 950.0}, "靠靠能报", 0.5), ({"营业收入": 899.0}, "暂不具备", 1.01),
    ({"营业收入": 899.0, "近两年股权融资": 1900.0}, "靠靠能报", 0.5), ({"千企升级培育库": False}, "暂不具备", 1), ({"研发费用": None}, "资料不全", 0),
    ({"研发费用": None, "千企升级培育库": False}, "暂不具备", 1), ({"研发费用": 85.0, "营业收入": None}, "资料不全", 0.75), ({"严重失信": None}, "资料不全", 0),
    ({"严重失信": True}, "排除", np.nan), ({"严重失信": True, "研发费用": None}, "排除", np.nan), ({"严重失信": None, "千企升级培育库": False}, "暂不具备", 1),
    ({"营业收入": 0.0}, "暂不具备", 10),
])
def test_status_and_distance(changes, status, distance):
    row = one(changes)
    assert row["status"] == status
    assert row["distance"] == pytest.approx(distance, nan_ok=True)


def test_an_award_not_won_is_no_distance_but_a_direct_route_nearly_reached_is():
    rows = [rule("硬条件", "研发费用", ">=", 100, "A1", 容差="20"), rule("直通", "省级科技奖励位次", "介于", "1~4", "Z1", 替代="A1"),
            rule("直通", "近两年股权融资", ">=", 6000, "Z2", 替代="A1", 容差="600")]
    firms = roster(*({"研发费用": 40.0, "省级科技奖励位次": a, "近两年股权融资": e} for a, e in ((0.0, 0.0), (0.0, 5700.0), (2.0, 0.0))))
    found = screened(rows, firms)
    assert list(found.table["distance"]) == [3.0, 0.5, 0.0] and list(found.table["status"]) == ["暂不具备", "靠靠能报", "应报未报"]
    assert found.explain(["暂不具备"])["reason"].iloc[0].startswith("未达到：研发费用40，差60")


def test_unknown_data_never_pass_and_never_fail():
    for column in FIRM:
        assert one({column: None})["status"] in ("资料不全", "应报未报")
    assert one({"近两年股权融资": None})["status"] == "应报未报"
    assert one(dict.fromkeys(FIRM))["status"] == "资料不全"


def test_who_is_nearly_there_whatever_is_unknown_is_so_and_is_asked_whether_it_qualifies():
    """R&D within its tolerance, and equity that would stand in for it unknown; a score of 55 at least and perhaps 70 of the 60, 5 less being near."""
    rows = [rule("硬条件", "研发费用", ">=", 100, "A1", 容差="20", 单位="万元"), rule("硬条件", "近两年股权融资", ">=", 2000, "A1", 单位="万元")]
    found = screened(rows, roster(*({"研发费用": r, "近两年股权融资": None} for r in (70.0, 85.0, 100.0)))).explain(["资料不全", "靠靠能报", "应报未报"]).set_index("row")
    assert found.loc[[2, 3, 4], "status"].tolist() == ["资料不全", "靠靠能报", "应报未报"] and found.loc[3, "met"] == -1
    assert found.loc[3, "ask"] == "请核实：近两年股权融资（万元）" and found.loc[3, "least"] == "研发费用增加15万元至100万元（2024年4月前后）"
    rows = [rule("硬条件", "评价得分", ">=", 60, "A5", 单位="分", 容差="5"), rule("评分", "研发费用", ">=", 100, "S1", 分值="15"), rule("评分", "研发费用", ">=", 50, "S1", 分值="10"),
            rule("评分", "自主品牌", "=", "是", "S2", 分值="15"), rule("评分", "有研发机构", "=", "是", "S3", 分值="40")]
    firms = roster(*({"研发费用": r, "自主品牌": None, "有研发机构": True} for r in (0.0, 60.0, 100.0)))
    found = screened(rows, firms).explain(["资料不全", "靠靠能报", "应报未报", "暂不具备"]).set_index("row")
    assert found.loc[[2, 3, 4], "status"].tolist() == ["资料不全", "资料不全", "靠靠能报"] and found.loc[4, "ask"] == "请核实：自主品牌（是/否）"
    assert found.loc[4, "reason"] == "不能判断：评价得分（55—70分，须≥60分）" and found.loc[4, "least"] == "先核实不详的数据"


def test_reasons_name_the_missing_amount_in_its_own_unit():
    assert one({"研发费用": 92.0})["reason"] == "未达到：研发费用92万元，差8万元（须≥100万元）"
    assert one({"研发费用": 110.0, "营业收入": 4000.0})["reason"] == "未达到：“研发占比不低于3%”现为2.75%，差0.25个百分点"
    assert one({"营业收入": 950.0})["reason"] == "未达到：营业收入950万元，差50万元（须≥1000万元）（另有1种达标途径）"
    assert one({"严重失信": True})["reason"] == "有否决情形：被列为失信被执行人"
    assert one({})["reason"] == "条件全部达到"


def test_who_is_near_by_one_form_is_not_told_the_gap_to_another():
    """Revenue 6,923 lacks 3,077 of the large form (0.31 of it) but 0.43 points of the middle form's share, within its tolerance."""
    rows = [rule("硬条件", "营业收入", ">=", 10000, "D1/大", 单位="万元"), rule("硬条件", "研发费用/营业收入*100", ">=", 3, "D1/大", 单位="%"),
            rule("硬条件", "营业收入", ">=", 5000, "D1/中", 单位="万元"), rule("硬条件", "研发费用/营业收入*100", ">=", 6, "D1/中", 单位="%", 容差="0.6")]
    found = screened(rows, roster({"营业收入": 6923.0, "研发费用": 385.6}, {"营业收入": 6923.0, "研发费用": 300.0}))
    assert list(found.table["status"]) == ["靠靠能报", "暂不具备"]
    assert found.table["distance"].tolist() == pytest.approx([(6 - 38560 / 6923) / 0.6, 3077 / 10000])
    texts = found.explain(["靠靠能报", "暂不具备"])["reason"]
    assert "现为5.57%，差0.43个百分点" in texts[0] and "差3077万元" in texts[1]


@pytest.mark.parametrize(("spent", "said"), [(192.0, "现为2.94%，差0.06个百分点"), (195.9, "现为2.9997%，差0.0003个百分点"), (195.6, "现为2.995%，差0.005个百分点"),
                                            (130.6, "现为2%，差1个百分点")])
def test_a_share_and_what_it_lacks_are_rounded_alike_and_never_onto_the_threshold(spent, said):
    found = screened([rule("硬条件", "研发费用/营业收入*100", ">=", 3, 单位="%", 容差="2")], roster({"研发费用": spent, "营业收入": 6530.6}))
    assert said in found.explain(["靠靠能报"])["reason"].iloc[0]


def test_bands_of_other_sizes_are_no_other_ways_but_other_figures_are():
    rows = [rule("硬条件", "营业收入", "介于", "0~5000", "D1/小", 单位="万元"), rule("硬条件", "研发费用", ">=", 300, "D1/小", 单位="万元", 容差="200"),
            rule("硬条件", "营业收入", ">=", 5000, "D1/大", 单位="万元"), rule("硬条件", "研发费用", ">=", 200, "D1/大", 单位="万元", 容差="200"),
            rule("硬条件", "近两年股权融资", ">=", 2000, "D1/资", 单位="万元")]
    said = screened(rows, roster({"营业收入": 6000.0, "研发费用": 150.0, "近两年股权融资": 0.0})).explain(["靠靠能报"])["reason"].iloc[0]
    assert said == "未达到：研发费用150万元，差50万元（须≥200万元）（另有1种达标途径）"


def test_what_is_open_is_named_with_the_bounds_of_the_score_or_as_a_direct_route():
    rows = [rule("硬条件", "评价得分", ">=", 60, "A5", 单位="分"), rule("直通", "近两年股权融资", ">=", 6000, "Z1", 替代="A5", 说明="（注）新增股权融资6000万元以上（实缴）"),
            rule("评分", "自主品牌", "=", "是", "S1", 分值="50"), rule("评分", "省级以上质量奖", "=", "是", "S2", 分值="20")]
    firms = roster(*({"自主品牌": a, "省级以上质量奖": b, "近两年股权融资": e} for a, b, e in ((True, None, 0.0), (False, True, None), (False, False, 6000.0))))
    texts = screened(rows, firms).explain(["资料不全", "应报未报"]).set_index("row")
    assert texts.loc[2, "reason"] == "不能判断：评价得分（50—70分，须≥60分）" and texts.loc[2, "ask"] == "请核实：省级以上质量奖（是/否）"
    assert texts.loc[3, "reason"] == "不能判断：直通条件“近两年股权融资”，不靠它则评价得分20分，差40分（须≥60分）"
    assert texts.loc[4, "reason"] == "条件全部达到，评价得分0分；直通：新增股权融资6000万元以上"


def test_findings_leave_out_statuses_without_anybody_and_begin_with_what_to_do():
    found = screened(RULES, roster(FIRM, FIRM | {"研发费用": 92.0}, FIRM | {"研发费用": 1.0}), listed=["甲认定"])
    assert findings(found) == ["甲认定：3家中应报未报1家，靠靠能报1家，暂不具备1家。"]


def test_a_place_table_keeps_its_columns_without_anybody():
    table = by_place(screened(RULES, roster(FIRM | {"研发费用": 1.0, "镇街园区": "甲镇"})))
    assert table[["place", "roster", "enterprises", "甲认定"]].values.tolist() == [["甲镇", 1, 0, 0]]


def test_what_to_ask_are_the_unknown_fields_that_matter():
    assert one({"研发费用": None})["ask"] == "请核实：研发费用（万元）"
    assert one({"严重失信": None, "近两年股权融资": None})["ask"] == "请核实：严重失信（是/否）"
    assert one({"营业收入": None})["ask"] == "请核实：营业收入（万元）"
    assert one({"营业收入": 899.0, "近两年股权融资": None})["ask"] == "请核实：近两年股权融资（万元）"
    assert one({})["ask"] == ""


LISTS = [("已认定", 2021, None, "已认定"), ("已认定", 2019, "2022-12-31", "已认定"), ("已认定", 2019, "2022-12-30", "应报未报"), ("已认定", 2023, None, "应报未报"),
         ("已申报", 2022, None, "已申报"), ("已申报", 2021, None, "已申报"), ("已申报", 2020, None, "应报未报"), ("未通过", 2022, None, "应报未报"), ("已撤销", 2022, None, "应报未报")]


@pytest.mark.parametrize(("result", "year", "until", "status"), LISTS)
def test_lists_come_before_rules(result, year, until, status):
    assert one({}, held=granted(2, "甲认定", year, until, result))["status"] == status


def test_an_answer_ends_an_application_and_is_mentioned():
    held = pd.concat([granted(2, "甲认定", 2022, result="已申报"), granted(2, "甲认定", 2022, result="未通过")])
    assert one({}, held=held)["status"] == "应报未报" and one({}, held=held)["reason"] == "条件全部达到；2022年申报未通过"


def test_a_doubtful_match_is_neither_recognised_nor_missing():
    row = one({}, doubtful=granted(2, "甲认定"))
    assert row["status"] == "资料不全" and "名单" in row["ask"] and "待核对" in row["reason"]


def test_what_is_held_by_its_own_figures_needs_no_list():
    rows = [rule("已具备", "是否规上", "=", "是", ""), rule("硬条件", "主营业务收入", ">=", 2000, "A1", 容差="400", 单位="万元")]
    firms = roster(*({"是否规上": a, "主营业务收入": m} for a, m in ((True, 900.0), (False, 2000.0), (False, 1999.0), (False, 1600.0), (False, 1599.0), (None, 3000.0), (False, None))))
    assert list(screened(rows, firms).table["status"]) == ["已认定", "应报未报", "靠靠能报", "靠靠能报", "暂不具备", "资料不全", "资料不全"]


def test_confidence_is_that_of_the_weakest_clause_the_status_rests_on():
    rows = [rule("硬条件", "研发费用", ">=", 100, "A1", 可信度="二手"), rule("硬条件", "营业收入", ">=", 1000, "A2", 可信度="待核"),
            rule("硬条件", "净利润", ">=", 10, "A2", 可信度="原文")]
    firms = roster(*({"研发费用": r, "营业收入": v, "净利润": p} for r, v, p in ((200.0, 2000.0, 0.0), (200.0, 0.0, 20.0), (1.0, 0.0, 0.0), (200.0, 0.0, 0.0))))
    assert list(screened(rows, firms).table["confidence"]) == ["待核", "二手", "二手", "待核"]


def test_alternatives_written_together_must_all_be_met():
    rows = [rule("硬条件", "营业收入", ">=", 10000, "A1/大"), rule("硬条件", "研发费用", ">=", 300, "A1/大"), rule("硬条件", "营业收入", "<", 10000, "A1/小"),
            rule("硬条件", "研发费用", ">=", 100, "A1/小")]
    cases = [(20000.0, 300.0, 1), (20000.0, 299.0, 0), (9999.0, 100.0, 1), (9999.0, 99.0, 0), (None, 300.0, -1), (None, 99.0, 0), (None, None, -1), (20000.0, None, -1)]
    found = screened(rows, roster(*({"营业收入": v, "研发费用": r} for v, r, _ in cases)))
    assert list(found.table["met"]) == [-1 if m == -1 else m for *_, m in cases]


def test_rows_are_ranked_by_distance_within_status():
    firms = roster(*(FIRM | {"研发费用": r} for r in (85.0, 99.0, 120.0, 95.0)))
    found = screened(RULES, firms).listed(["应报未报", "靠靠能报"])
    assert list(found["row"]) == [4, 3, 5, 2]


def test_an_unknown_status_or_row_or_recognition_is_refused():
    found = screened(RULES, roster(FIRM))
    for call in (lambda: found.explain(["能报"]), lambda: found.clauses("乙认定"), lambda: found.clauses("甲认定", [99]), lambda: funnel(found, "district"),
                 lambda: found.listed(certification="乙认定"), lambda: by_place(found, "industry")):
        with pytest.raises(AssessmentError, match="[一-龥]"):
            call()


def test_the_demo_has_every_list_and_the_funnels_narrow_and_add_up():
    case = read_case("demo")
    found = screen(case)
    whole, towns, chains = (funnel(found, by) for by in ("certification", "town", "chain"))
    for table in (whole, towns, chains):
        assert (table["roster"] >= table["meets"]).all() and (table["meets"] >= table["applied"]).all() and (table["applied"] >= table["recognised"]).all()
    numbers = ["roster", "meets", "applied", "recognised", "due", "near", "unsure", "doubtful"]
    for table in (towns, chains):
        pd.testing.assert_frame_equal(table.groupby("certification", sort=False)[numbers].sum(), whole.set_index("certification")[numbers])
    assert (summary(found).set_index("certification")[["应报未报", "靠靠能报", "已认定"]].sum() > 0).all()
    counted = summary(found).set_index("certification")
    held = case.recognitions[(case.recognitions["district"] == case.home) & (case.recognitions["result"] == "已认定")]["certification"].value_counts()
    assert all(counted.at[name, "已认定"] == held[name] for name in ("省级专精特新中小企业", "省级企业技术中心", "省级绿色工厂"))
    assert by_place(found)["roster"].sum() == len(case.enterprises)
    assert set(found.table["data_status"]) == {"示例"}


def test_the_demo_is_judged_as_by_the_standard_written_out_once_more():
    """``hard_conditions`` of the demo's own tests is the 63号 standard in pandas, without the engine."""
    firms, case = demo_roster(), read_case("demo")
    found = screen(case)
    evaluated = found.held[(found.held["certification"] == "创新型中小企业") & (found.held["result"] == "已认定")]["row"]
    small = (firms["职工人数"] < 1000) | (firms["营业收入"] < 40000)
    clear = (hard_conditions(firms) & small & firms["千企升级培育库"].eq("是") & case.enterprises["row"].isin(evaluated)).to_numpy()
    judged = found.table[found.table["certification"] == "省级专精特新中小企业"]
    assert 40 <= clear.sum() <= 60 and (judged["met"].to_numpy()[clear] == 1).all()
    assert set(judged["status"][clear]) == {"已认定", "已申报", "应报未报"}
    assert judged["row"][judged["status"] == "应报未报"].isin(case.enterprises["row"][clear]).mean() > 0.95
    counts = judged["status"].astype(str).value_counts()
    told = "，".join(f"{s}{counts[s]}家" for s in ("应报未报", "靠靠能报", "资料不全", "已申报", "已认定", "暂不具备", "排除") if counts.get(s))
    assert f"省级专精特新中小企业：{len(judged)}家中{told}。" in " ".join(findings(found)) and counts.sum() == len(case.enterprises)


def test_per_hundred_above_scale_is_counts_over_the_series():
    case = read_case("demo")
    table = per_hundred(case).set_index(["certification", "district"])
    listed = case.recognitions
    mine = listed[(listed["certification"] == "省级绿色工厂") & (listed["district"] == "标杆区") & (listed["result"] == "已认定")]
    assert table.at[("省级绿色工厂", "标杆区"), "per_hundred"] == pytest.approx(100 * len(mine) / 372)
    with pytest.raises(AssessmentError, match="每百家"):
        per_hundred(case, base="没有的指标")


def test_candidates_name_what_must_come_first_and_when():
    case = read_case("demo")
    table = candidates(screen(case))
    giants = table[table["certification"].str.contains("小巨人")]
    first = giants["prerequisite"] == "省级专精特新中小企业"
    assert first.any() and (giants.loc[first, "status"] == "靠靠能报").all() and table["earliest"].str.fullmatch(r"(20\d\dQ[1-4])?").all()
    assert (table.loc[table["status"] == "应报未报", "earliest"] == "2022Q4").all()
    assert list(list_table(screen(case).explain(["应报未报"])).columns)[:4] == ["企业表行号", "统一社会信用代码", "企业名称", "镇街园区"]


def test_an_empty_choice_gives_an_empty_table_with_its_columns():
    found = screened(RULES, roster(FIRM), NOBODY)
    assert found.explain(["排除"]).empty and {"reason", "ask", "least", "earliest"} <= set(found.explain(["排除"]).columns)
    assert candidates(screened(RULES, roster(FIRM | {"严重失信": True}))).empty


def test_nearly_there_only_where_the_recognition_asked_for_can_be_had():
    """乙认定 asks for 甲认定, which wants 3 patents give or take one and no accident."""
    rules = [rule("硬条件", "近三年发明专利数", ">=", 3, 容差="1", 单位="项"), rule("排除", "近三年重大安全事故", "=", "是", "X1"),
             *[r | {"认定": "乙认定"} for r in (rule("前置", "甲认定", "已认定", "", "P1", 容差="1"), rule("硬条件", "研发费用", ">=", 100, "A1", 单位="万元"))]]
    firms = [{"近三年发明专利数": p, "近三年重大安全事故": bad, "研发费用": 200.0} for p, bad in ((3, False), (2, False), (0, False), (3, True), (None, False))]
    found = screened(rules, roster(*firms), NOBODY, ["甲认定", "乙认定"])
    by_name = {name: list(part["status"].astype(str)) for name, part in found.table.groupby("certification", observed=True)}
    assert by_name["甲认定"] == ["应报未报", "靠靠能报", "暂不具备", "排除", "资料不全"]
    assert by_name["乙认定"] == ["靠靠能报", "靠靠能报", "暂不具备", "暂不具备", "资料不全"]


def test_either_of_two_recognitions_asked_for_is_enough_to_be_nearly_there():
    rules = [rule("硬条件", "近三年发明专利数", ">=", 3, 容差="1"), *[rule("硬条件", "研发费用", ">=", 100, 容差="10") | {"认定": "乙认定"}],
             *[rule("前置", name, "已认定", "", "P1", 容差="1") | {"认定": "丙认定"} for name in ("甲认定", "乙认定")],
             rule("硬条件", "营业收入", ">=", 1) | {"认定": "丙认定"}]
    cases = [(0, 0.0, "暂不具备"), (2, 0.0, "靠靠能报"), (0, 95.0, "靠靠能报"), (0, None, "资料不全"), (3, None, "靠靠能报")]
    firms = roster(*({"近三年发明专利数": p, "研发费用": r, "营业收入": 9.0} for p, r, _ in cases))
    found = screened(rules, firms, NOBODY, ["甲认定", "乙认定", "丙认定"]).listed(["靠靠能报", "资料不全", "暂不具备"], "丙认定").sort_values("row")
    assert list(found["status"].astype(str)) == [s for *_, s in cases]


def test_a_candidate_says_what_it_will_be_once_the_recognition_asked_for_is_won():
    """乙认定 asks for 甲认定 and R&D of 100 give or take 20; 甲认定 takes 3 patents, 12 months by itself."""
    rules = [rule("硬条件", "近三年发明专利数", ">=", 3), *[r | {"认定": "乙认定"} for r in (
        rule("前置", "甲认定", "已认定", "", "P1", 容差="1"), rule("硬条件", "研发费用", ">=", 100, 容差="20", 单位="万元"))]]
    firms = roster({"近三年发明专利数": 3.0, "研发费用": 200.0}, {"近三年发明专利数": 3.0, "研发费用": 90.0})
    found = candidates(screened(rules, firms, NOBODY, ["甲认定", "乙认定"])).set_index(["certification", "row"])
    then = found[["status", "status_then", "prerequisite", "earliest"]].astype(str)
    assert then.loc["乙认定"].values.tolist() == [["靠靠能报", "应报未报", "甲认定", "2022Q4"], ["靠靠能报", "靠靠能报", "甲认定", "2024Q2"]]
    assert (then.loc["甲认定", "status_then"] == "应报未报").all()


def test_a_recognition_without_any_list_is_named_where_somebody_is_due():
    found = screened(RULES, roster(FIRM))
    assert found.unlisted == ("甲认定",) and unlisted_finding(found) == "没有甲认定的认定名单，应报未报里可能有已经认定的，请先补名单。"
    assert unlisted_finding(found) in findings(found)
    # Nobody due, a list of other districts, or held by its own figures: nothing to say.
    assert unlisted_finding(screened(RULES, roster(FIRM | {"研发费用": 1.0}))) == ""
    assert screened(RULES, roster(FIRM), listed=["甲认定"]).unlisted == ()
    assert screened([*RULES, rule("已具备", "是否规上", "=", "是", "")], roster(FIRM | {"是否规上": False})).unlisted == ()


def test_arithmetic_without_words_is_written_as_one_reads_it():
    rows = [rule("硬条件", "研发费用/营业收入*100", ">=", 3, 单位="%"), rule("硬条件", "(研发费用+净利润)/2", ">=", 50, "A2", 单位="万元")]
    texts = screened(rows, roster({"研发费用": None, "营业收入": 100.0, "净利润": 1.0}, {"研发费用": 2.0, "营业收入": 100.0, "净利润": 1.0}))
    said = texts.explain(["资料不全", "暂不具备"]).set_index("row")["reason"]
    assert said[2] == "不能判断：研发费用÷营业收入（%）；(研发费用＋净利润)÷2"
    assert said[3] == "未达到：“研发费用÷营业收入（%）”现为2%，差1个百分点；“(研发费用＋净利润)÷2”现为1.5万元，差48.5万元"
