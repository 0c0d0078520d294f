"""One enterprise's card: every clause with the enterprise's own figure, and a sheet that adds up to its score."""

import pytest
from analysis import actions, read_case
from analysis.params import AssessmentError
from analysis.recognition import screen
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.recognitionbook import INNOVATIVE, SPECIALISED, granted, only, roster, rule, screened
from tests.test_recognition_sheet import GOOD


def specialised(changes):
    return screened(only(SPECIALISED), roster(GOOD | {"企业名称": "示例一厂", "镇街园区": "甲镇"} | changes), granted(2, INNOVATIVE), [INNOVATIVE])


def test_conditions_say_value_verdict_and_gap_in_their_own_units():
    table = actions.card(specialised({"研发费用": 380.0, "上年研发费用": 370.0, "近两年股权融资": None}), 2).conditions[SPECIALISED].set_index("组")
    assert table.loc["A3", ["本企业", "判断", "差额", "本组"]].tolist() == ["2.92 %", "未达到", "差 0.08 个百分点", "未达到"]
    assert table.loc["A2", ["本企业", "判断", "差额"]].tolist() == ["380 万元", "达到", ""]
    assert table.loc["P2", ["类别", "本企业", "判断"]].tolist() == ["前置条件", "是", "达到"] and table.loc["P3", "本企业"] == "已认定"
    revenue, equity = table.loc["A4"].to_dict("records")
    assert revenue["关系"] == equity["关系"] == "任一即可" and (equity["本企业"], equity["判断"], equity["本组"]) == ("不详", "不详", "达到")
    assert table.loc["Z3", ["类别", "本企业", "差额", "关系"]].tolist() == ["直通条件", "375 万元", "差 625 万元", "可代替A5"]
    assert table.loc["Z1", "差额"] == ""  # nobody is one place short of an award


def test_the_sheet_shows_items_bands_and_the_interval():
    card = actions.card(specialised({"净利润": None}), 2)
    sheet = card.sheets[SPECIALISED].set_index("项目")
    assert sheet.loc["合计", ["得分（最低）", "得分（最高）", "满分"]].tolist() == [58, 68, 100]
    assert sheet.loc["净利润率", ["本企业", "得分（最低）", "得分（最高）"]].tolist() == ["不详", 0, 10]
    assert sheet.at["数字化", "上一档"] == "已是最高档" and sheet.at["研发人员", "本企业"] == "20 %"
    assert sheet.at["研发机构", "上一档"] == "研发机构级别为市级以下，得 2 分"
    assert sheet.at["知识产权", "本企业"] == "I类高价值知识产权 0 项；I类知识产权自主研发 1 项；I类知识产权 2 项；II类知识产权 0 项"
    assert card.overview.iloc[0][["状态", "评价得分"]].tolist() == ["靠靠能报", "58—68 分"]


def test_an_exclusion_is_there_or_not_and_never_met():
    rows = [rule("硬条件", "研发费用", ">=", 100), rule("排除", "严重失信", "=", "是", "", 说明="被列为失信被执行人"), rule("排除", "近三年重大安全事故", "=", "是", "")]
    table = actions.card(screened(rows, roster({"研发费用": 120.0, "严重失信": True})), 2).conditions["甲认定"]
    assert list(table["判断"]) == ["有", "不详", "达到"] and table["条件"].iloc[0] == "被列为失信被执行人"


def test_alternatives_that_belong_together_are_told_and_the_nearest_shows_its_gap():
    rows = [rule("硬条件", "营业收入", ">=", 10000, "A1/大", 单位="万元"), rule("硬条件", "研发费用", ">=", 300, "A1/大", 单位="万元"),
            rule("硬条件", "营业收入", "<", 10000, "A1/小", 单位="万元"), rule("硬条件", "研发费用", ">=", 100, "A1/小", 单位="万元")]
    table = actions.card(screened(rows, roster({"营业收入": 20000.0, "研发费用": 290.0})), 2).conditions["甲认定"]
    assert table["关系"].iloc[0] == "“大”各条须同时达到；任一即可" and list(table["差额"]) == ["", "差 10 万元", "", ""]


@settings(max_examples=15)
@given(st.sampled_from(range(0, 400)))
def test_any_card_of_the_demo_agrees_with_the_screening(at):
    found = shared()
    row = int(found.enterprises["row"].iloc[at])
    card = actions.card(found, row)
    mine = found.table[found.table["row"] == row].set_index("certification")
    for name in found.certifications:
        conditions, known = card.conditions[name], mine.loc[name]
        if known["met"] == 1:
            required = conditions[conditions["类别"].isin(["前置条件", "必备条件"])]
            assert set(required["本组"]) <= {"达到"} and "有" not in set(conditions.loc[conditions["类别"] == "否决情形", "判断"])
        if name in card.sheets:
            total = card.sheets[name].iloc[-1]
            assert (total["得分（最低）"], total["得分（最高）"]) == (known["score_low"], known["score_high"])
    assert list(card.overview["认定"]) == list(found.certifications) and (card.overview["原因"] != "").all()


def shared(_kept=[]):
    if not _kept:
        _kept.append(screen(read_case("demo")))
    return _kept[0]


def test_a_row_or_recognition_that_is_not_there_is_refused():
    found = specialised({})
    for call in (lambda: actions.card(found, 99), lambda: actions.card(found, 2, "乙认定")):
        with pytest.raises(AssessmentError, match="[一-龥]"):
            call()
