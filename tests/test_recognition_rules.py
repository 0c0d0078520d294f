"""Rules as rows: arithmetic, three-valued logic, versions, and what is refused."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from analysis.case import read_case
from analysis.params import AssessmentError
from analysis.recognition import logic, screen
from analysis.recognition.expressions import evaluate, parse
from analysis.text import fold_key, recognition_key
from hypothesis import given
from hypothesis import strategies as st

from tests.recognitionbook import NOBODY, SPECIALISED, granted, only, roster, rule, screened, shipped, table

KNOWN = {fold_key(h): h for h in ("研发费用", "营业收入", "I类知识产权", "II类知识产权", "职工（人）", "研发费用/职工")}


def value(text, **columns):
    return float(np.ravel(evaluate(parse(text, KNOWN), lambda c: np.array([columns[c]], dtype=float)))[0])


@pytest.mark.parametrize(("text", "expected"), [
    ("研发费用/营业收入*100", 3.0), ("研发费用－营业收入", -970.0), ("（研发费用＋营业收入）×2", 2060.0), ("-研发费用+1", -29.0), ("研发费用--1", 31.0),
    ("max(研发费用，营业收入)/10", 100.0), ("min(研发费用,营业收入, 7)", 7.0), ("2*(3+4)-5/2", 11.5), ("100-20-30", 50.0), ("100/5/2", 10.0),
])
def test_arithmetic_is_read_as_on_paper(text, expected):
    assert value(text, 研发费用=30, 营业收入=1000) == pytest.approx(expected)


def test_the_longest_header_counts():
    assert value("II类知识产权+I类知识产权*10", I类知识产权=2, II类知识产权=5) == 25
    assert value("研发费用/职工", **{"研发费用/职工": 4.0}) == 4
    assert value("职工(人)+1", **{"职工（人）": 4.0}) == 5


@given(st.recursive(st.integers(0, 9).map(str), lambda inner: st.tuples(inner, st.sampled_from("+-*"), inner).map(lambda t: f"({t[0]}{t[1]}{t[2]})"), max_leaves=12))
def test_any_arithmetic_agrees_with_pythons(text):
    assert value(text) == eval(text)


def test_unknown_and_division_by_zero_are_unknown():
    assert np.isnan(value("研发费用/营业收入", 研发费用=3, 营业收入=0))
    assert np.isnan(value("max(研发费用,营业收入)", 研发费用=3, 营业收入=np.nan))


@pytest.mark.parametrize("text", ["", "研发费用+", "(研发费用", "研发费用)", "研发经费", "研发费用 营业收入", "__import__('os')", "max()", "研发费用;1"])
def test_what_is_no_arithmetic_of_columns_is_refused_in_chinese(text):
    with pytest.raises(AssessmentError, match="[一-龥]"):
        parse(text, KNOWN)


def test_an_unknown_field_names_the_nearest_column():
    with pytest.raises(AssessmentError, match="是不是“研发费用”"):
        parse("研发费/营业收入", KNOWN)


def test_kleenes_truth_tables():
    n, u, y = 0, -1, 1
    conjunction = {(n, n): n, (n, u): n, (n, y): n, (u, n): n, (u, u): u, (u, y): u, (y, n): n, (y, u): u, (y, y): y}
    disjunction = {(n, n): n, (n, u): u, (n, y): y, (u, n): u, (u, u): u, (u, y): y, (y, n): y, (y, u): y, (y, y): y}
    inside = {n: logic.NO, u: logic.UNKNOWN, y: logic.YES}
    for a, b in product((n, u, y), repeat=2):
        parts = [np.array([inside[a]]), np.array([inside[b]])]
        assert logic.shown(logic.every(parts, 1))[0] == conjunction[a, b]
        assert logic.shown(logic.some(parts, 1))[0] == disjunction[a, b]
    assert [logic.shown(logic.opposite(np.array([inside[a]])))[0] for a in (n, u, y)] == [y, u, n]


def state(op, threshold, value, kind="硬条件", field="研发费用"):
    found = screened([rule(kind, field, op, threshold)], roster({field: value}))
    return found.clauses("甲认定")["state"].iloc[0]


@pytest.mark.parametrize(("op", "threshold", "under", "at", "over"), [
    (">=", 100, 0, 1, 1), (">", 100, 0, 0, 1), ("<=", 100, 1, 1, 0), ("<", 100, 1, 0, 0), ("=", 100, 0, 1, 0), ("!=", 100, 1, 0, 1),
    ("介于", "100~200", 0, 1, 1), ("介于", "50~100", 1, 0, 0), ("属于", "100|300", 0, 1, 0), ("不属于", "100|300", 1, 0, 1),
])
def test_comparisons_at_under_and_over_the_threshold(op, threshold, under, at, over):
    assert [state(op, threshold, v) for v in (99.99, 100, 100.01)] == [under, at, over]
    assert state(op, threshold, None) == -1


def test_texts_and_flags_compare_as_written():
    assert [state("属于", "三级|四级", v, field="数字化水平") for v in ("三级", "二级", "")] == [1, 0, -1]
    assert [state("=", "是", v, field="自主品牌") for v in (True, False, None)] == [1, 0, -1]
    assert [state("!=", "是", v, field="自主品牌") for v in (True, False, None)] == [0, 1, -1]


def test_a_threshold_met_but_for_rounding_is_met():
    firms = roster({"研发费用": 2.9, "营业收入": 10.0}, {"研发费用": 0.29, "营业收入": 1.0})
    found = screened([rule("硬条件", "研发费用/营业收入*100", ">=", 29)], firms)
    assert 0.29 * 100 < 29 and list(found.clauses("甲认定")["state"]) == [1, 1]


def test_a_sum_of_flags_with_one_unknown_is_judged_where_it_can_be():
    firms = roster(*({"自主品牌": a, "参与制修订标准": b, "省级以上质量奖": None} for a, b in ((True, True), (True, False), (False, False))))
    found = screened([rule("硬条件", "自主品牌+参与制修订标准+省级以上质量奖", ">=", 2)], firms)
    assert list(found.clauses("甲认定")["state"]) == [1, -1, 0]


@pytest.mark.parametrize(("rows", "said"), [
    ([rule("硬条件", "研发经费", ">=", 1)], "第2行.*研发经费.*不是企业表的列名"),
    ([rule("硬条件", "研发费用", "大于", 1)], "比较“大于”不认识"),
    ([rule("硬条件", "研发费用", ">=", "一百")], "门槛“一百”不是数字"),
    ([rule("硬条件", "研发费用", "介于", "80~70")], "前小后大"),
    ([rule("硬条件", "研发费用", "=", "是")], "研发费用.*不能等于“是”"),
    ([rule("硬条件", "企业名称", ">=", 1)], "企业名称.*是文字"),
    ([rule("硬条件", "评价得分", ">=", 60)], "没有对应的评分条款"),
    ([rule("硬条件", "研发费用", ">=", 1), rule("直通", "研发费用", ">=", 9, "Z1")], "替代"),
    ([rule("硬条件", "研发费用", ">=", 1), rule("直通", "研发费用", ">=", 9, "Z1", 替代="A9")], "替代"),
    ([rule("评分", "研发费用", ">=", 1, "S1", 分值="5"), rule("硬条件", "评价得分.创新", ">=", 1)], "没有对应的评分条款"),
    ([rule("评分", "研发费用", ">=", 1, "S1")], "分值"),
    ([rule("评分", "研发费用", ">=", 1, "S1", 分值="5")], "没有前置、硬条件"),
    ([rule("硬条件", "研发费用", ">=", 1), rule("硬条件", "营业收入", ">=", 1, "A2", 适用起="2022-06-01")], "适用期重叠.*第2.*第3"),
])
def test_faulty_rules_are_refused_with_their_rows(rows, said):
    with pytest.raises(AssessmentError, match=said):
        screened(rows, roster({"研发费用": 1.0, "营业收入": 1.0, "企业名称": "示例厂"}))


def test_all_faulty_rows_are_named_at_once():
    with pytest.raises(AssessmentError) as error:
        screened([rule("硬条件", "甲", ">=", 1), rule("硬条件", "乙", ">=", 1)], roster({"研发费用": 1.0}))
    assert "第2行" in str(error.value) and "第3行" in str(error.value)


@pytest.mark.parametrize(("date", "threshold"), [("2022-08-01", ">=2"), ("2026-03-31", ">=2"), ("2026-04-01", ">=3")])
def test_the_date_picks_the_version(date, threshold):
    found = screened(only(SPECIALISED), roster({"从事细分市场年限": 2.0}), date=date)
    clauses = found.clauses(SPECIALISED)
    assert list(clauses.loc[(clauses["clause"] == "硬条件") & (clauses["group"] == "A1"), "threshold"]) == [threshold]


def test_a_recognition_without_a_version_on_the_date_is_said():
    found = screened(shipped(), roster({"研发费用": 1.0}), date="2021-01-01")
    assert SPECIALISED not in found.certifications and any(SPECIALISED in note and "2021-01-01" in note for note in found.book.notes)


def test_every_shipped_rule_is_understood_in_both_versions_and_says_where_it_is_from():
    firms = roster({"研发费用": 1.0})
    seen = {name for date in ("2022-12-31", "2026-06-01") for name in screened(shipped(), firms, date=date).certifications}
    assert seen == set(shipped()["certification"]) and len(seen) == 8
    assert (shipped()["source"] != "").all() and set(shipped()["confidence"]) == {"原文", "二手", "待核"}
    centre = shipped()[shipped()["certification"].str.contains("技术中心")]
    assert set(centre["confidence"]) == {"待核"} and centre["certification"].nunique() == 3


def test_a_new_recognition_is_rows_only():
    """High-tech enterprise: R&D share by size of revenue, staff share, product share, a sheet, an exclusion; a column of the user's own."""
    def row(*args, **more):
        return rule(*args, **more) | {"认定": "高新技术企业"}

    rate, base = "(研发费用+上年研发费用)/(营业收入+上年营业收入)*100", ">="
    rules = table([
        row("已具备", "高新技术企业", "=", "是", ""), row("前置", "2022-成立年份", base, 1, "P1", 单位="年"),
        row("硬条件", "营业收入", "<", 5000, "A1/小"), row("硬条件", rate, base, 5, "A1/小"), row("硬条件", "营业收入", "<", 20000, "A1/中"),
        row("硬条件", rate, base, 4, "A1/中"), row("硬条件", rate, base, 3, "A1/大"), row("硬条件", "营业收入", base, 20000, "A1/大"),
        row("硬条件", "研发人员数/职工人数*100", base, 10, "A2"), row("硬条件", "高新产品收入/营业收入*100", base, 60, "A3", 容差="5", 单位="%"),
        row("硬条件", "评价得分", ">", 70, "A4"), row("评分", "I类知识产权", base, 1, "知识产权:数量", 分值="30"), row("评分", "I类知识产权", base, 2, "知识产权:数量", 分值="71"),
        row("排除", "近三年重大安全事故", "=", "是", "")])
    good = {"高新技术企业": False, "成立年份": 2015.0, "营业收入": 8000.0, "上年营业收入": 8000.0, "研发费用": 320.0, "上年研发费用": 320.0, "研发人员数": 10.0,
            "职工人数": 100.0, "I类知识产权": 2.0, "近三年重大安全事故": False}
    firms = roster(good, good | {"研发费用": 300.0}, good | {"营业收入": 25000.0, "上年营业收入": 20000.0, "研发费用": 700.0, "上年研发费用": 650.0}, good,
                   good | {"I类知识产权": 1.0}, good | {"近三年重大安全事故": True}, good | {"高新技术企业": True}, good | {"职工人数": None},
                   高新产品收入=[4800.0, 4800.0, 15000.0, 4500.0, 4800.0, 4800.0, 4800.0, 4800.0])
    assert list(screened(rules, firms).table["status"]) == ["应报未报", "暂不具备", "应报未报", "靠靠能报", "暂不具备", "排除", "已认定", "资料不全"]


def test_holding_another_recognition_is_unknown_without_a_list_of_it():
    rows = [rule("前置", "乙认定", "已认定", "", "P1")]
    firms = roster({}, {})
    assert list(screened(rows, firms).table["status"]) == ["资料不全"] * 2
    assert list(screened(rows, firms, NOBODY, ["乙认定"]).table["status"]) == ["暂不具备"] * 2
    assert list(screened(rows, firms, granted(2, "乙认定")).table["status"]) == ["应报未报", "暂不具备"]
    assert list(screened(rows, firms, granted(2, "乙认定", until="2022-11-30")).table["status"]) == ["暂不具备"] * 2
    assert list(screened(rows, firms, granted(2, "乙认定", year=2023)).table["status"]) == ["暂不具备"] * 2
    withdrawn = pd.concat([granted(2, "乙认定", 2020), granted(2, "乙认定", 2021, result="已撤销")])
    assert list(screened(rows, firms, withdrawn).table["status"]) == ["暂不具备"] * 2
    assert list(screened(rows, firms, NOBODY, ["乙认定"], doubtful=granted(2, "乙认定")).table["status"]) == ["资料不全", "暂不具备"]


@pytest.mark.parametrize(("threshold", "unit", "give"), [("2", "亿元", "0.5"), ("20000", "万元", "5000"), ("200000000", "元", "50000000"), ("20", "千万元", "25%"),
                                                         ("2", " 亿元 ", "25%")])
def test_a_threshold_means_the_same_in_any_unit_of_money(threshold, unit, give):
    """2 亿元 within 0.5 亿元, in the roster's 万元: 14,999 is too little, 15,000 and 19,999 are near, 20,000 will do."""
    firms = [{"营业收入": v} for v in (14999, 15000, 19999, 20000)]
    found = screened([rule("硬条件", "营业收入", ">=", threshold, 单位=unit, 容差=give)], roster(*firms))
    assert list(found.table["status"]) == ["暂不具备", "靠靠能报", "靠靠能报", "应报未报"]
    assert found.explain(("靠靠能报",))["reason"].tolist() == ["未达到：营业收入19999万元，差1万元（须≥20000万元）", "未达到：营业收入15000万元，差5000万元（须≥20000万元）"]
    assert found.table["distance"].tolist() == pytest.approx([1.0002, 1.0, 0.0002, 0.0])


@pytest.mark.parametrize(("field", "op", "threshold", "unit", "least"), [
    ("研发费用+上年研发费用", ">=", "0.02", "亿元", 200), ("(研发费用+上年研发费用)/2", ">=", "1000000", "元", 200),
    ("max(研发费用,上年研发费用)", ">=", "0.015", "亿元", 150), ("研发费用/10000", ">=", "0.015", "亿元", 150), ("研发费用*10000", ">=", "1500000", "元", 150),
    ("研发费用", "介于", "0.015~0.016", "亿元", 150), ("研发费用", "=", "0.02|0.015", "亿元", 150), ("研发费用/职工人数", ">=", "15000", "元/人", 150),
    ("研发费用/职工人数", ">=", "15000", "元", 150), ("研发费用/职工人数", ">=", "1.5", "万元/人", 150), ("研发费用/(营业收入/100)", ">=", "15", "%", 150)])
def test_sums_and_quotients_are_compared_in_the_unit_of_their_columns(field, op, threshold, unit, least):
    """``least``: 研发费用 (万元) that just will do with none last year, 100 people and 营业收入 of 1,000."""
    firms = roster(*({"研发费用": v, "上年研发费用": 0, "职工人数": 100, "营业收入": 1000} for v in (least - 1, least)))
    assert list(screened([rule("硬条件", field, op, threshold, 单位=unit)], firms).table["met"]) == [0, 1]


@pytest.mark.parametrize(("field", "unit", "said"), [("营业收入", "人", "单位人不能换算成“营业收入”的单位万元"), ("职工人数", "万元", "的单位人"),
                                                     ("营业收入-研发费用", "家", "单位家不能换算"), ("从事细分市场年限", "%", "的单位年"), ("营业收入", "美元", "单位美元")])
def test_a_unit_that_cannot_be_converted_is_refused_with_its_row(field, unit, said):
    with pytest.raises(AssessmentError, match=f"第2行.*{said}"):
        screened([rule("硬条件", field, ">=", "3", 单位=unit)], roster({"营业收入": 1}))


@pytest.mark.parametrize("unit", ["", "件", "项", "个"])
def test_what_is_counted_in_other_words_or_without_any_is_compared_as_it_is(unit):
    found = screened([rule("硬条件", "近三年知识产权数", ">=", "5", 单位=unit)], roster({"近三年知识产权数": 4}, {"近三年知识产权数": 5}))
    assert list(found.table["met"]) == [0, 1] and found.explain(("暂不具备",))["reason"].iat[0].endswith(f"（须≥5{unit}）")


def test_no_shipped_threshold_changes_by_its_unit():
    rules = shipped().set_index("row")
    for day in ("2022-12-31", "2026-06-01"):
        book = screened(shipped(), roster({"营业收入": 1}), date=day).book
        for clause in (c for r in book.recognitions.values() for c in r.clauses):
            assert (clause.threshold, clause.unit) == (rules.at[clause.row, "threshold"], rules.at[clause.row, "unit"])


def test_without_any_rule_in_force_the_dates_there_are_are_told():
    rules = table([rule("硬条件", "研发费用", ">=", "1", 适用起="2020-01-01", 适用止="2020-12-31"), rule("硬条件", "研发费用", ">=", "2", 适用起="2022-01-01")])
    for day in ("2019-12-31", "2021-06-30"):
        with pytest.raises(AssessmentError, match=f"{day} 没有一条认定条件适用.*甲认定（2020-01-01 至 2020-12-31、2022-01-01 起）"):
            screened(rules, roster({"研发费用": 1}), date=day)
    assert [screened(rules, roster({"研发费用": 1}), date=day).table["met"].iat[0] for day in ("2020-12-31", "2022-01-01")] == [1, 0]


@pytest.mark.parametrize("day", ["去年", "2022-02-30", "", pd.NaT])
def test_a_date_that_is_none_is_refused_in_chinese(day):
    with pytest.raises(AssessmentError, match="筛查日期“.*”看不懂，写成 2022-12-31 的形式"):
        screen(read_case("demo"), day)


def test_recognitions_that_require_each_other_are_refused_but_not_those_that_exclude_each_other():
    def needs(own, other, kind="前置"):
        return {**rule(kind, other, "已认定", "", "P1", 容差="1"), "认定": own}

    with pytest.raises(AssessmentError, match="第2行：认定互为前提，绕成了圈：甲认定→乙认定→丙认定→甲认定"):
        screened([needs("甲认定", "乙认定"), needs("乙认定", "丙认定"), needs("丙认定", "甲 认定")], roster({"研发费用": 1}))
    with pytest.raises(AssessmentError, match="绕成了圈：甲认定→甲认定"):
        screened([needs("甲认定", "甲认定")], roster({"研发费用": 1}))
    own = [rule("硬条件", "研发费用", ">=", "1"), {**rule("硬条件", "研发费用", ">=", "1"), "认定": "乙认定"}]
    found = screened([*own, needs("甲认定", "乙认定", "排除"), needs("乙认定", "甲认定", "排除")], roster({"研发费用": 1}),
                     granted(2, "乙认定"), ("甲认定", "乙认定"))
    assert list(found.table["status"]) == ["排除", "已认定"]


SPELLINGS = ["专精特新“小巨人”企业", "专精特新 “小巨人” 企业", '专精特新"小巨人"企业', "专精特新＂小巨人＂企业", "专精特新「小巨人」企业", "专精特新小巨人企业", "专精特新小巨人"]


@pytest.mark.parametrize("listed", SPELLINGS)
@pytest.mark.parametrize("asked", SPELLINGS[::3])
def test_one_recognition_is_one_however_rules_and_lists_spell_it(listed, asked):
    """The second rule row, the clause of another recognition and the list each spell it their own way."""
    official, other = SPELLINGS[0], {**rule("前置", asked, "已认定", "", "P1", 容差="1"), "认定": "乙认定"}
    rules = [{**rule("硬条件", "研发费用", ">=", "1"), "认定": official}, {**rule("硬条件", "营业收入", ">=", "1", "A2"), "认定": listed}, other]
    firms = roster({"研发费用": 1, "营业收入": 0}, {"研发费用": 1, "营业收入": 1}, {"研发费用": 1, "营业收入": 1})
    held = pd.concat([granted(2, official), granted(3, listed)])
    found = screened(rules, firms, held, (listed, official))
    assert found.certifications == (official, "乙认定") and found.unlisted == ("乙认定",)
    assert list(found.table["status"]) == ["已认定", "已认定", "应报未报", "应报未报", "应报未报", "靠靠能报"]
    assert list(found.table["met"][:3]) == [0, 1, 1]
    perhaps = screened(rules, firms, NOBODY, (official,), doubtful=granted(4, listed))
    assert list(perhaps.table["status"][:3]) == ["暂不具备", "应报未报", "资料不全"]


def test_a_name_that_is_nothing_but_the_ending_stays_one():
    assert [recognition_key(n) for n in ("企业", "高新技术企业", "高新 技术", "省级（企业）", "省级(企业)")] == ["企业", "高新技术", "高新技术", "省级(企业)", "省级(企业)"]


def listing(*entries):
    rows = [granted(2, "甲认定", year, result=result).assign(batch=batch) for result, year, batch in entries]
    return pd.concat(rows, ignore_index=True)


@pytest.mark.parametrize(("entries", "holds"), [
    ([("已认定", 2020, ""), ("已撤销", 2021, "")], False), ([("已撤销", 2021, ""), ("已认定", 2020, "")], False),
    ([("已撤销", 2021, ""), ("已认定", 2022, "")], True), ([("已撤销", 2022, ""), ("已认定", 2022, "")], True),
    ([("已认定", 2022, ""), ("已撤销", 2022, "")], False), ([("已认定", 2022, "第二批"), ("已撤销", 2022, "第一批")], True),
    ([("已撤销", 2022, "第十二批"), ("已认定", 2022, "第2批")], False), ([("已撤销", 2022, "2022年第3批"), ("已认定", 2022, "二十")], True),
    ([("已撤销", 2022, "第一批"), ("已认定", 2022, "")], True), ([("已认定", 2022, "第一批"), ("已撤销", 2022, "第一批")], False),
    ([("已认定", 2021, ""), ("已撤销", 2022, ""), ("已认定", 2022, ""), ("已撤销", 2022, "")], False), ([("已认定", np.nan, ""), ("已撤销", 2020, "")], False),
    ([("已认定", 2022, ""), ("已撤销", 2023, "")], True)])
def test_of_a_grant_and_a_withdrawal_the_later_counts_by_year_batch_and_place(entries, holds):
    found = screened([rule("硬条件", "研发费用", ">=", "100")], roster({"研发费用": 150}), listing(*entries), ("甲认定",))
    assert list(found.table["status"]) == ["已认定" if holds else "应报未报"]


@pytest.mark.parametrize(("field", "stated", "factor"), [("营业收入-10000", "亿元", 1e4), ("营业收入/10000", "亿元", 1.0), ("(营业收入-10000)/10000", "亿元", 1.0)])
def test_only_a_number_that_multiplies_or_divides_is_a_conversion(field, stated, factor):
    from analysis.recognition.expressions import parse
    from analysis.recognition.units import fit_unit

    assert fit_unit(stated, parse(field, {"营业收入": "revenue"}), lambda c: "万元").factor == factor
