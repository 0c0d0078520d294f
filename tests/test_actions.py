"""The views behind the action lists: counts against plain counting, texts from the figures, nothing slow explained."""

from dataclasses import replace

import pandas as pd
import pytest
from analysis import actions, read_case
from analysis.actions.compare import standing
from analysis.actions.tables import _span
from analysis.params import AssessmentError
from analysis.recognition import screen
from analysis.report import markup

from tests.recognitionbook import NOBODY, granted, roster, rule, screened

RULES = [
    rule("前置", "千企升级培育库", "=", "是", "P1", 容差="1", 说明="已入培育库"), rule("硬条件", "研发费用", ">=", 100, "A1", 容差="20", 单位="万元"),
    rule("硬条件", "研发费用/营业收入*100", ">=", 3, "A2", 容差="0.4", 单位="%", 说明="研发占比不低于3%（示意）"),
    rule("硬条件", "营业收入", ">=", 1000, "A3", 容差="10%", 单位="万元"), rule("硬条件", "近两年股权融资", ">=", 2000, "A3", 容差="200", 单位="万元"),
    rule("排除", "严重失信", "=", "是", "", 说明="被列为失信被执行人"),
]
GOOD = {"千企升级培育库": True, "研发费用": 120.0, "营业收入": 3000.0, "近两年股权融资": 0.0, "严重失信": False, "镇街园区": "甲镇"}
FIRMS = [
    GOOD, GOOD | {"镇街园区": "乙镇"}, GOOD | {"研发费用": 92.0}, GOOD | {"研发费用": 84.0, "营业收入": 2800.0}, GOOD | {"千企升级培育库": False, "镇街园区": "乙镇"},
    GOOD | {"千企升级培育库": False, "研发费用": 96.0}, GOOD | {"营业收入": 950.0}, GOOD | {"研发费用": None}, GOOD | {"研发费用": None, "严重失信": None, "镇街园区": "乙镇"},
    GOOD | {"近两年股权融资": None, "营业收入": 899.0, "千企升级培育库": False}, GOOD | {"研发费用": 10.0}, GOOD | {"严重失信": True, "镇街园区": ""},
]


@pytest.fixture(scope="module")
def small():
    return screened(RULES, roster(*FIRMS), NOBODY, ["甲认定"])


@pytest.fixture(scope="module")
def demo():
    case = read_case("demo")
    return case, screen(case)


def test_lists_older_than_the_series_say_so(demo):
    case, found = demo
    assert actions.dated(found, case).startswith("名单和家数按2022年12月31日的") and "时间序列已到2023年上半年" in actions.dated(found, case)
    earlier = case.series[case.series["period"] <= "2022-12"]
    for series in (earlier, case.series.iloc[:0]):
        assert actions.dated(found, replace(case, tables={**case.tables, "series": series})) == ""
    assert {card[2].split("，")[-1] for card in actions.keys(found, case)[:3]} == {"截至 2022-12-31"}


def test_hurdles_count_who_misses_what_and_nothing_else(small):
    table = actions.hurdles(small).set_index("clause")
    assert list(small.table["status"]) == ["应报未报"] * 2 + ["靠靠能报"] * 5 + ["资料不全"] * 3 + ["暂不具备", "排除"]
    # R&D amount: firms 92, 84 and 96, of which 96 also lacks the pool; 84 of 2,800 is exactly 3 %.
    assert table.loc["研发费用≥100万元", ["near", "only", "missing", "unit"]].tolist() == [3, 2, 8.0, "万元"]
    assert table.loc["已入培育库", ["near", "only", "unsure"]].tolist() == [2, 1, 1] and pd.isna(table.at["已入培育库", "missing"])
    assert table.loc["营业收入≥1000万元", ["near", "only", "unsure", "missing"]].tolist() == [1, 1, 0, 50.0]
    assert set(table.index) == {"研发费用≥100万元", "已入培育库", "营业收入≥1000万元"} and list(table["near"]) == [3, 2, 1]


def test_hurdles_of_the_demo_are_those_of_the_reasons(demo):
    _, found = demo
    table = actions.hurdles(found)
    near = found.explain(["靠靠能报"])
    for name, part in near.groupby("certification", observed=True):
        own = table[table["certification"] == str(name)]
        said = part["reason"].str.removeprefix("未达到：")
        # One whose score alone is open misses nothing surely.
        assert own["only"].sum() == (~said.str.contains("；|且|不能判断")).sum()
    giants = near[near["certification"].str.contains("小巨人")]
    first = table[table["clause"] == "先认定为省级专精特新中小企业"].iloc[0]
    assert first["near"] == giants["reason"].str.contains("尚未认定为省级专精特新中小企业").sum() > 0
    assert set(actions.hurdles(found, "规模以上工业")["certification"]) == {"规模以上工业"}
    with pytest.raises(AssessmentError, match="没有筛查"):
        actions.hurdles(found, "乙认定")


def test_questions_count_enterprises_by_field_and_by_town(small):
    whole = actions.questions(small, None).set_index("field")
    assert whole.loc["研发费用（万元）", ["enterprises", "alone"]].tolist() == [2, 1]
    assert whole.loc["严重失信（是/否）", ["enterprises", "alone"]].tolist() == [1, 0]
    assert whole.loc["近两年股权融资（万元）", ["enterprises", "alone"]].tolist() == [1, 1]
    towns = actions.questions(small)
    assert list(towns["place"]) == ["甲镇", "甲镇", "乙镇", "乙镇"] and set(towns[towns["place"] == "乙镇"]["field"]) == {"研发费用（万元）", "严重失信（是/否）"}


def test_questions_of_the_demo_are_those_that_each_enterprise_is_asked(demo):
    _, found = demo
    texts = found.explain(["资料不全"])
    asked = {(r.row, str(r.certification), field) for r in texts.itertuples() for field in r.ask.removeprefix("请核实：").split("；") if field and not field.startswith("能否认定为")}
    assert not texts["ask"].str.endswith("等").any()
    assert {(r.row, r.certification, r.field) for r in actions.asked(found).itertuples()} == asked and len(asked) > 300


def test_a_doubtful_name_on_a_list_is_something_to_ask():
    found = screened(RULES, roster(GOOD), NOBODY, doubtful=granted(2, "甲认定"))
    assert list(actions.questions(found)["field"]) == ["认定名单上相近的名称是不是本企业"]


def test_the_opening_says_the_counts_the_towns_the_hurdles_and_what_it_rests_on(small, demo):
    class Case:
        home = "甲区"

    said = actions.opening(small, Case())
    assert said[0] == "12 家企业对照 1 项认定，**应报未报 2 项（2 家企业）**，另有靠靠能报 5 项（5 家企业）。"
    assert said[1] == "应报未报和靠靠能报的企业分布在甲镇 5 家、乙镇 2 家。"
    assert "“研发费用≥100万元”（甲认定，3 家，2 家只差这一条，差额中位数 8 万元）" in said[2] and "资料不全" not in said[2]
    assert "示例" in said[3] and "待核" not in said[3]
    assert "资料不全的 3 家企业（3 项）" in said[4] and said[5:] == ["按认定分，应报未报：甲认定 2 项；靠靠能报：甲认定 5 项。"]
    case, found = demo
    said = actions.opening(found, case)
    assert 4 <= len(said) <= 7 and "集中在" in said[1] and "待核" in said[3] and all(len(text) < 150 for text in said[:5])
    counts = found.table["status"].value_counts()
    assert f"应报未报 {counts['应报未报']} 项" in said[0] and f"靠靠能报 {counts['靠靠能报']} 项" in said[0]
    top = actions.place_view(found).iloc[:3]
    assert all(f"{p} {n} 家" in said[1] for p, n in zip(top["镇街园区"], top["至少一项（家）"]))


def test_the_opening_carries_the_conclusion_of_a_plan(demo, monkeypatch):
    from analysis.plan import findings

    monkeypatch.setattr(findings, "plan_findings", lambda plan: [f"结论{plan}", "其余"])
    case, found = demo
    said = actions.opening(found, case, 7, instead="另有办法")
    assert said[1:3] == ["结论7", "另有办法"] and len(said) == len(actions.opening(found, case)) + 2


def test_what_a_plan_and_the_one_instead_both_rest_on_is_said_once(demo, monkeypatch):
    from analysis.plan import findings

    rests = "；所用的成功概率（约定）未经本地数据检验。"
    monkeypatch.setattr(findings, "plan_findings", lambda plan: [f"达不到第 2 位{rests}"])
    case, found = demo
    assert actions.opening(found, case, 7, instead=f"改按第 3 位{rests}")[1:3] == ["达不到第 2 位。", f"改按第 3 位{rests}"]
    assert actions.opening(found, case, 7, instead="改按第 3 位。")[1] == actions.opening(found, case, 7)[1] == f"达不到第 2 位{rests}"


def test_nobody_to_act_on_is_said_without_failing():
    class Case:
        home, series = "甲区", pd.DataFrame({"indicator": [], "period": [], "item": [], "value": [], "district": [], "status": []})
        year = 2022

    found = screened(RULES, roster(GOOD | {"研发费用": 1.0}), NOBODY)
    said = actions.opening(found, Case())
    assert said[0] == "1 家企业对照 1 项认定，没有应报未报，也没有靠靠能报。"
    assert actions.hurdle_finding(actions.hurdles(found)) == actions.question_finding(found) == actions.place_finding(found) == ""
    assert actions.lists(found) == [] and actions.questions(found).empty and actions.hurdles(found).empty
    assert actions.place_view(found).iloc[-1]["至少一项（家）"] == 0 and [k[1] for k in actions.keys(found, Case())] == ["0 项"] * 3


def test_keys_are_cards_with_a_known_status(demo):
    case, found = demo
    cards = actions.keys(found, case)
    assert 4 <= len(cards) <= 6 and all(markup.split_status(status) == ["示例"] for *_, status in cards)
    assert ("每百家规上工业的省级专精特新中小企业", "3.6 家") == cards[4][:2] and "第 9 位" in cards[4][2]


def test_the_district_beside_its_neighbours_with_what_is_lacking():
    table = pd.DataFrame({"district": list("甲乙丙丁"), "certification": "认定", "recognised": [3, 20, 12, 6], "base": [100.0, 200.0, 100.0, 0.0],
                          "per_hundred": [3.0, 10.0, 12.0, float("nan")], "rank": [3.0, 2.0, 1.0, float("nan")], "status": "推算"})
    row = standing(table, "甲").iloc[0]
    # Median of 10 and 12 is 11: 11 per hundred of 100 less the 3 there are.
    assert row[["districts", "best", "best_value", "median", "needed"]].tolist() == [3, "丙", 12.0, 11.0, 8.0]
    assert standing(table, "丙").iloc[0]["needed"] == 0 and pd.isna(standing(table, "丁").iloc[0]["rank"])
    assert actions.compare_finding(table, "丁").startswith("丁没有规上工业企业单位数")
    assert actions.compare_finding(table, "甲") == "每百家规上工业企业中，甲有认定 3.0 家，列 3 个区县第 3 位（其他区县中位数 11.0 家，达到还差 8 家）。"


def test_a_case_without_a_base_is_not_compared_and_says_why(demo):
    case, _ = demo
    table, why = actions.compare(case, "1999-12-31")
    assert table is None and "1999" in why and why.endswith("。")
    table, why = actions.compare(case)
    assert why == "" and list(actions.compare_view(table, case.home)["位次"]) == [9, 9, 9]


def test_lists_show_the_nearest_and_say_how_many_there_are(demo, monkeypatch):
    _, found = demo
    listed = found.listed(["靠靠能报"], "规模以上工业")
    one = next(x for x in actions.lists(found, 5) if x.certification == "规模以上工业")
    assert list(one.view["企业名称"]) == list(listed["name"][:5]) and one.note == f"靠靠能报共 {len(listed)} 家，只列前 5 家（近的在前）。"
    assert one.caption == f"规模以上工业：靠靠能报 {len(listed)} 家" and "评价得分" not in one.view
    everyone = actions.lists(found, 0)
    assert sum(len(x.view) for x in everyone) == found.table["status"].isin(["应报未报", "靠靠能报", "资料不全"]).sum() and not any("只列前" in x.note for x in everyone)
    assert all(("二手＝" in x.note) == x.view["依据"].isin(["二手", "待核"]).any() for x in everyone)


def test_a_towns_list_holds_that_towns_enterprises_only(demo):
    _, found = demo
    mine = actions.lists(found, 0, town="苔溪镇")
    assert mine and {t for x in mine for t in x.view["镇街园区"]} == {"苔溪镇"}
    assert sum(sum(x.counts.values()) for x in mine) == (found.table["status"].isin(["应报未报", "靠靠能报", "资料不全"]) & (found.table["town"] == "苔溪镇")).sum()


def test_only_what_is_shown_is_explained_and_never_who_is_out_of_reach(demo, monkeypatch):
    from analysis.recognition import explain

    seen, old = [], explain.least_changes
    monkeypatch.setattr(explain, "least_changes", lambda recognition, fields, at, *rest, **more: (seen.append((recognition.name, at)), old(recognition, fields, at, *rest, **more))[1])
    case, found = demo[0], replace(demo[1])  # a new one remembers no texts
    actions.opening(found, case), actions.keys(found, case), actions.hurdles(found), actions.questions(found), actions.funnel_view(found), actions.place_view(found)
    assert seen == []
    actions.lists(found, 3)
    status = found.table.set_index(["certification", "row"])["status"]
    rows = found.enterprises["row"]
    assert 0 < len(seen) <= 3 * 6 and {status[name, rows.iloc[at]] for name, at in seen} == {"靠靠能报"}


def test_texts_said_once_are_the_same_when_asked_again_in_another_order_or_alone(demo):
    found = replace(demo[1])
    alone = replace(demo[1]).explain(("靠靠能报", "应报未报"))
    for _ in range(2):
        one = found.explain(("靠靠能报",), rows=alone["row"][::-1].head(40))
        key = ["certification", "row"]
        pd.testing.assert_frame_equal(one.set_index(key), alone.set_index(key).loc[pd.MultiIndex.from_frame(one[key])], check_index_type=False, check_categorical=False)
    pd.testing.assert_frame_equal(found.explain(("靠靠能报", "应报未报")), alone)


def test_the_funnel_gives_rates_and_leaves_out_empty_places(small):
    row = actions.funnel_view(small).iloc[0]
    assert row[["名册（家）", "符合条件（家）", "应报未报（家）", "累计申报占符合条件"]].tolist() == [12, 2, 2, 0.0] and pd.isna(row["已认定占累计申报"])
    assert set(actions.funnel_view(small, "town")["镇街园区"]) == {"甲镇", "乙镇"}


def test_the_matrix_of_places_adds_up(demo):
    _, found = demo
    for by, header in (("town", "镇街园区"), ("chain", "产业链")):
        view = actions.place_view(found, by)
        status = found.table["status"]
        assert view.iloc[-1][header] == "合计" and view.iloc[-1]["名册（家）"] == len(found.enterprises)
        assert sum(view.iloc[-1][c] for c in view if c.endswith("（项）")) == status.isin(["应报未报", "靠靠能报"]).sum()
        assert view.iloc[-1]["应报未报（家）"] == found.table.loc[status == "应报未报", "row"].nunique()


def test_the_funnel_says_whom_it_counts_though_the_figures_fall_short_today():
    table = pd.DataFrame({"certification": ["甲认定", "乙认定"], "meets": [250, 5], "applied": [168, 5], "due": [82, 0], "doubtful": [17, 0]})
    assert actions.funnel_finding(table) == "甲认定符合条件 250 家（含已认定但现有数据不达标的 17 家），累计申报 168 家，还有 82 家没有报；乙认定符合条件 5 家，累计申报 5 家。"
    assert actions.funnel_finding(table.assign(meets=0)) == "名册里没有企业符合任何一项认定的条件。"


def test_the_rules_table_writes_a_span_of_days():
    days = [("2022-08-01", "2026-03-31"), ("2022-08-01", None), (None, "2026-03-31"), (None, None)]
    assert [_span(*map(pd.to_datetime, pair)) for pair in days] == ["2022-08-01至2026-03-31", "2022-08-01起", "2026-03-31止", "没有写明"]
