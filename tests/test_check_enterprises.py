"""Validation of the roster, its scales and units, and of the rules: found where they are, nothing else touched."""

import copy
import csv
import io

import numpy as np
import pytest
from casebook import base, write_folder
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.case import check_case, read_case

HEAD = ["统一社会信用代码", "企业名称", "镇街园区", "营业收入（万元）", "上年营业收入（万元）", "开票销售（万元）", "资产总额（万元）", "职工人数", "细分市场占有率"]
RULES = ["认定", "适用起", "适用止", "条款", "组", "字段", "比较", "门槛", "分值", "单位"]


def firms(n=30, seed=3):
    """A clean roster: revenue spread over two powers of ten, its other figures near it."""
    rng = np.random.default_rng(seed)
    revenue = np.exp(rng.normal(8.4, 1.0, n)).round() + 500
    rows = [HEAD]
    for k in range(n):
        r = revenue[k]
        rows.append(["", f"第{k}号{'甲乙丙丁戊己庚辛'[k % 8]}机械制造有限公司", "一镇", f"{r:.0f}", f"{r * rng.uniform(.7, 1.2):.0f}", f"{r * rng.uniform(.9, 1.1):.0f}",
                     f"{r * rng.uniform(.5, 2):.0f}", f"{max(5, r / 70):.0f}", f"{rng.uniform(2, 40):.1f}"])
    return rows


def problems(tmp_path, rows=None, **sheets):
    case = base() | sheets
    if rows is not None:
        case["企业"] = rows
    return check_case(write_folder(tmp_path / "case", case))


def spoil(rows, row, column, text):
    rows = copy.deepcopy(rows)
    rows[row - 1][column] = text
    return rows


def at(found, words):
    return [(p.level, p.row, p.column) for p in found if words in p.message]


def test_a_clean_roster_has_nothing_to_report(tmp_path):
    assert problems(tmp_path, firms()) == []


@pytest.mark.parametrize("column", [3, 4, 5, 6])
@pytest.mark.parametrize("factor", [1e4, 1e-4])
def test_one_amount_ten_thousand_times_out_is_named_and_nothing_else(tmp_path, column, factor):
    rows = firms()
    rows = spoil(rows, 12, column, f"{float(rows[11][column]) * factor:.6f}")
    found = problems(tmp_path, rows)
    assert [(p.level, p.sheet, p.row, p.column) for p in found] == [("警告", "企业", 12, HEAD[column])] and found[0].file and found[0].fix
    assert "单位可能写错" in found[0].message and ("倍" in found[0].message) == (factor > 1)


def test_a_whole_row_in_yuan_is_named_by_revenue_per_head(tmp_path):
    rows = firms()
    for column in range(3, 7):
        rows = spoil(rows, 9, column, f"{float(rows[8][column]) * 1e4:.0f}")
    assert at(problems(tmp_path, rows), "人均营业收入") == [("警告", 9, HEAD[3])]


def test_a_whole_row_out_without_staff_is_named_by_its_size(tmp_path):
    rows = firms()
    for column in range(3, 7):
        rows = spoil(rows, 9, column, f"{float(rows[8][column]) * 1e5:.0f}")
    assert at(problems(tmp_path, spoil(rows, 9, 7, "")), "各项金额") == [("警告", 9, HEAD[3])]


def test_a_whole_column_in_yuan_is_one_warning(tmp_path):
    rows = firms()
    rows = rows[:1] + [[*r[:5], f"{float(r[5]) * 1e4:.0f}", *r[6:]] for r in rows[1:]]
    assert at(problems(tmp_path, rows), "整列") == [("警告", None, HEAD[5])]
    assert len(problems(tmp_path, rows)) == 1


@settings(max_examples=15)
@given(st.integers(0, 10_000), st.integers(0, 29), st.integers(3, 6))
def test_wrong_units_are_found_in_any_clean_roster(tmp_path_factory, seed, k, column):
    rows = firms(seed=seed)
    folder = tmp_path_factory.mktemp("c")
    assert problems(folder / "clean", rows) == []
    found = problems(folder / "spoilt", spoil(rows, k + 2, column, f"{float(rows[k + 1][column]) * 1e4:.0f}"))
    assert [(p.row, p.column) for p in found] == [(k + 2, HEAD[column])]


def test_a_percentage_typed_as_a_fraction_is_named_and_3_and_3_percent_are_one(tmp_path):
    rows = spoil(spoil(firms(), 5, 8, "0.03"), 6, 8, "3%")
    assert at(problems(tmp_path, rows), "写成了小数") == [("警告", 5, "细分市场占有率")]
    fixed = read_case(write_folder(tmp_path / "b", base() | {"企业": spoil(rows, 5, 8, "3")}))
    assert fixed.enterprises["market_share"].iloc[3:5].tolist() == [3, 3]


def test_many_fractions_below_a_gap_are_all_named_and_a_column_of_fractions_once(tmp_path):
    rows = firms()
    for row in (3, 8, 20):
        rows = spoil(rows, row, 8, f"{0.004 * row:.3f}")
    assert [r for _, r, _ in at(problems(tmp_path, rows), "写成了小数")] == [3, 8, 20]
    every = rows[:1] + [[*r[:8], "0.07"] for r in rows[1:]]
    assert at(problems(tmp_path / "b", every), "整列都不大于 1") == [("警告", None, "细分市场占有率")]


def test_a_broad_column_with_true_small_shares_is_left_alone(tmp_path):
    shares = np.exp(np.linspace(np.log(0.2), np.log(60), 30))
    rows = firms()
    rows = rows[:1] + [[*r[:8], f"{s:.2f}"] for r, s in zip(rows[1:], shares)]
    assert problems(tmp_path, rows) == []


def test_rows_with_problems_are_kept(tmp_path):
    rows = spoil(spoil(firms(), 5, 8, "0.03"), 12, 3, "90000000")
    case = read_case(write_folder(tmp_path / "case", base() | {"企业": rows}))
    assert len(case.enterprises) == 30 and case.enterprises["revenue"].iat[10] == 90000000 and len(case.problems) == 2


def rules(*rows):
    """Rules of 某认定 in one version, rows (条款, 组, 字段, 比较, 门槛, 分值)."""
    return {"认定条件": [RULES, *(["某认定", "", "", *row, ""] for row in rows)]}


def score(*bands, field="研发费用"):
    return rules(*(("评分", "S1", field, op, edge, points) for op, edge, points in bands))


FINE = [score((">=", "500", "10"), (">=", "400", "8"), (">=", "100", "2")), score(("<=", "50", "5"), ("<=", "60", "3")),
        score((">=", "80", "5"), ("介于", "70~80", "3"), ("介于", "60~70", "1")), score(("<", "60", "0"), ("介于", "60~80", "3"), (">=", "80", "5")),
        rules(("评分", "S1", "研发费用", ">=", "100", "5"), ("评分", "S1", "研发费用/营业收入*100", ">=", "3", "5")),
        rules(("评分", "能力:研发", "研发费用", ">=", "100", "5"), ("硬条件", "A", "评价得分", ">=", "60", ""), ("硬条件", "B", "评价得分.能力", ">=", "5", "")),
        rules(("硬条件", "A", "max(研发费用, 上年研发费用)/(营业收入-1)", ">=", "3", ""), ("硬条件", "B", "II类知识产权", ">=", "2", ""))]


@pytest.mark.parametrize("k", range(len(FINE)))
def test_sound_rules_have_nothing_to_report(tmp_path, k):
    assert problems(tmp_path, **FINE[k]) == []


WRONG = {
    "hole": (score((">=", "80", "5"), ("介于", "60~70", "1")), "警告", 2, "门槛", "其间没有分值"),
    "overlap": (score((">=", "80", "5"), ("介于", "70~85", "3")), "错误", 3, "门槛", "两档重叠"),
    "same threshold": (score((">=", "80", "5"), (">=", "80", "3")), "错误", 3, "门槛", "门槛 80 有两个分值"),
    "fewer points for more": (score((">=", "80", "3"), (">=", "60", "5")), "警告", 2, "分值", "这一档不起作用"),
    "fewer points for less": (score(("<=", "50", "3"), ("<=", "60", "5")), "警告", 2, "分值", "这一档不起作用"),
    "value in two bands": (score(("属于", "三级|四级", "5"), ("=", "三级", "3"), field="数字化水平"), "错误", 3, "门槛", "取值「三级」有两个分值"),
    "no points": (score((">=", "80", "")), "错误", 2, "分值", "没有不小于零的分值"),
    "low above high": (score(("介于", "80~70", "3")), "错误", 2, "门槛", "介于"),
    "threshold in words": (score((">=", "很多", "3")), "错误", 2, "门槛", "「很多」不是数字"),
    "unknown field": (score((">=", "1", "3"), field="研发经费"), "错误", 2, "字段", "是不是「研发费用」"),
    "unknown field in a sum": (score((">=", "1", "3"), field="研发费用/营业额*100"), "错误", 2, "字段", "营业额"),
    "broken sum": (score((">=", "1", "3"), field="研发费用/(营业收入"), "错误", 2, "字段", "算式"),
    "score without sheet": (rules(("硬条件", "A", "评价得分", ">=", "60", "")), "错误", 2, "字段", "没有对应的评分条款"),
    "part without sheet": (rules(("评分", "能力:研发", "研发费用", ">=", "1", "5"), ("硬条件", "A", "评价得分.规模", ">=", "60", "")), "错误", 3, "字段", "没有对应的评分条款"),
    "clause twice": (rules(("硬条件", "A", "研发费用", ">=", "1", ""), ("硬条件", "A", "研发费用", ">=", "1", "")), "警告", 3, "字段", "与第2行的条款完全相同"),
    "prerequisite of nothing": (rules(("前置", "P", "创新型", "已认定", "", "")), "提示", 2, "字段", "既没有认定条件，也没有认定名单"),
}


@pytest.mark.parametrize("name", WRONG)
def test_rules_that_cannot_be_meant_are_named_where_they_stand(tmp_path, name):
    sheets, level, row, column, words = WRONG[name]
    found = at(problems(tmp_path, **sheets), words)
    assert found == [(level, row, column)]


def versions(*spans):
    return {"认定条件": [RULES, *(["某认定", *span, "硬条件", "A", "研发费用", ">=", str(k), "", ""] for k, span in enumerate(spans))]}


@pytest.mark.parametrize("spans, expected", [
    ([("2022-08-01", "2026-03-31"), ("2026-04-01", "")], []),
    ([("", "2026-03-31"), ("2026-03-31", "")], [("错误", 3, "重叠")]),
    ([("2022-08-01", ""), ("2026-04-01", "")], [("错误", 3, "重叠")]),
    ([("", ""), ("2026-04-01", "")], [("错误", 3, "重叠")]),
    ([("2022-08-01", "2025-12-31"), ("2026-04-01", "")], [("提示", 3, "之间没有适用的标准")]),
    ([("2026-08-01", "2022-03-31")], [("错误", 2, "晚于适用止")]),
])
def test_versions_follow_each_other_without_overlap(tmp_path, spans, expected):
    found = problems(tmp_path, **versions(*spans))
    assert len(found) == len(expected)
    assert all((p.level, p.row) == (level, row) and words in p.message for p, (level, row, words) in zip(found, expected))


def test_a_circle_of_prerequisites_is_named_once(tmp_path):
    rows = [[a, "", "", "前置", "P", b, "已认定", "", "", ""] for a, b in (("甲", "乙"), ("乙", "丙"), ("丙", "甲"), ("丁", "甲"))]
    found = [p for p in problems(tmp_path, 认定条件=[RULES, *rows]) if "圈" in p.message]
    assert [(p.level, p.row, p.column) for p in found] == [("错误", 2, "字段")] and "甲→乙→丙→甲" in found[0].message


def test_the_shipped_rules_pass(tmp_path):
    from analysis.case import RAW

    text = (RAW / "sources/recognition_rules.csv").read_text(encoding="utf-8-sig")
    found = problems(tmp_path, 认定条件=list(csv.reader(io.StringIO(text))))
    assert [str(p) for p in found if p.level != "提示"] == []
