"""申报约定 and the plan's keys of 说明: read in one spelling from workbook and CSVs, every slip found where it is."""

import pytest
from casebook import base, write_folder, write_workbook
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.case import check_case, read_case

HEAD = ["类别", "名称", "数值", "单位", "来源", "状态", "备注"]
GOOD = [["成功概率", "应报未报", "70%", "", "历年通过率", "推算", ""], ["成功概率", "靠靠能报", "0.35", "比例", "", "示例", ""], ["成功概率", "已申报", "80", "%", "", "", ""],
        ["申报费用", "绿色工厂", "0.0015", "亿元", "", "", ""], ["申报费用", "默认", "50,000", "元", "", "", ""], ["申报费用", "专精特新", "6万元", "", "", "", ""],
        ["费用倍数", "已申报", "0", "倍", "", "", ""], ["申报季度", "专 精特新", "3，2、3", "", "", "", ""], ["评审季度数", "默认", "2", "个季度", "", "", ""],
        ["名额", "绿色工厂", "3", "项", "", "", ""], ["镇街上限", "一镇 ", "4", "", "", "", ""], ["镇街季度上限", "", "2", "", "", "", ""],
        ["镇街季度上限", "高新园", "5", "", "", "", ""], ["每企业上限", "", "2", "项", "", "", ""], ["预算", "", "120", "万元", "", "", ""]]
WRITERS = [(write_folder, "case"), (write_workbook, "case.xlsx")]


def sheets(*rows, head=HEAD):
    return base() | {"申报约定": [head, *(list(row) + [""] * (len(head) - len(row)) for row in rows)]}


def found(tmp_path, *rows, write=write_folder, name="case", **more):
    return [p for p in check_case(write(tmp_path / name, sheets(*rows) | more)) if p.sheet == "申报约定"]


@pytest.mark.parametrize("write, name", WRITERS)
def test_terms_are_kept_in_one_spelling_with_money_in_ten_thousand_yuan(tmp_path, write, name):
    case = read_case(write(tmp_path / name, sheets(*GOOD)))
    [said] = case.problems
    assert (said.level, said.column) == ("提示", "名称") and "「专 精特新」与「专精特新」" in said.message
    table = case.tables["terms"]
    assert list(table["value"]) == ["0.7", "0.35", "0.8", "15", "5", "6", "0", "2；3", "2", "3", "4", "2", "5", "2", "120"]
    assert list(table["unit"]) == ["比例"] * 3 + ["万元"] * 3 + ["倍", "季度", "个季度", "项", "项", "项", "项", "项", "万元"]
    assert list(table["name"][[3, 7, 10, 11]]) == ["绿色工厂", "专精特新", "一镇", ""]
    assert list(table["status"][:4]) == ["推算", "示例", "不详", "不详"] and table.at[0, "source"] == "历年通过率"
    assert table["cell"].iloc[0].endswith("C2") and case.terms is table


def test_a_case_without_the_sheet_has_an_empty_table_of_its_columns(tmp_path):
    table = read_case(write_folder(tmp_path / "case", base())).tables["terms"]
    assert table.empty and {"kind", "name", "value", "unit", "source", "status", "note", "row", "cell"} <= set(table.columns)


WRONG = {
    "status": (["成功概率", "应报未保", "0.5"], "名称", "不在企业状态里，是不是“应报未报”"),
    "no status": (["成功概率", "", "0.5"], "名称", "成功概率没有写名称"),
    "recognition": (["名额", "绿色工产", "3"], "名称", "不在认定条件或认定名单里，是不是“绿色工厂”"),
    "default where none is meant": (["名额", "默认", "3"], "名称", "「默认」不在认定条件或认定名单里"),
    "town": (["镇街上限", "二镇", "3"], "名称", "不在镇街园区表里"),
    "a name where none is": (["每企业上限", "甲精密机械有限公司", "2"], "名称", "不分名称"),
    "probability of none": (["成功概率", "应报未报", "0"], "数值", "不是 0 到 1 之间的数"),
    "probability above one": (["成功概率", "应报未报", "70"], "数值", "不是 0 到 1 之间的数"),
    "percentage above one": (["成功概率", "应报未报", "170%"], "数值", "不是 0 到 1 之间的数"),
    "two readings of a percentage": (["成功概率", "应报未报", "0.7", "%"], "数值", "看不出是 0.7% 还是 70%"),
    "probability negative": (["成功概率", "应报未报", "-0.1"], "数值", "不是 0 到 1 之间的数"),
    "cost negative": (["申报费用", "绿色工厂", "-3", "万元"], "数值", "-3 是负数"),
    "cost in words": (["申报费用", "绿色工厂", "三万", "万元"], "数值", "「三万」不是数字"),
    "cost masked": (["申报费用", "绿色工厂", "**", "万元"], "数值", "不是数字"),
    "cost a range": (["申报费用", "绿色工厂", "3-5", "万元"], "数值", "「3-5」不是数字"),
    "cost without unit": (["申报费用", "绿色工厂", "3"], "单位", "没有写明单位"),
    "cost in dollars": (["申报费用", "绿色工厂", "3", "万美元"], "单位", "单位「万美元」不对，应为 万元、亿元、元"),
    "budget in firms": (["预算", "", "3", "家"], "单位", "单位「家」不对"),
    "two units": (["预算", "", "3万元", "亿元"], "数值", "数字后面带着「万元」，单位列写的是「亿元」"),
    "quarter five": (["申报季度", "专精特新", "2；5"], "数值", "「2；5」应为 1 到 4"),
    "quarter in words": (["申报季度", "专精特新", "二季度"], "数值", "应为 1 到 4"),
    "quarter zero": (["申报季度", "专精特新", "0"], "数值", "应为 1 到 4"),
    "half a quota": (["名额", "绿色工厂", "2.5"], "数值", "2.5 不是整数"),
    "quota negative": (["名额", "绿色工厂", "-1"], "数值", "-1 是负数"),
    "review half a quarter": (["评审季度数", "默认", "0.5"], "数值", "0.5 不是整数"),
    "no value": (["名额", "绿色工厂", ""], "数值", "必填"),
    "unknown kind": (["概率", "应报未报", "0.5"], "类别", "不在可选范围"),
}


@pytest.mark.parametrize("write, name", WRITERS)
@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_term_is_named_where_it_stands_and_nothing_else(tmp_path, wrong, write, name):
    row, column, words = WRONG[wrong]
    [problem] = found(tmp_path, *GOOD[-1:] * (row[0] != "预算"), row, write=write, name=name)
    assert (problem.level, problem.row, problem.column) == ("错误", 2 + (row[0] != "预算"), column) and words in problem.message
    assert problem.file.startswith("申报约定.csv" if write is write_folder else "case.xlsx") and problem.fix


def test_all_wrong_terms_are_reported_at_once(tmp_path):
    problems = found(tmp_path, *(row for row, _, _ in WRONG.values()))
    for k, (_, column, words) in enumerate(WRONG.values()):
        assert any((p.row, p.column) == (k + 2, column) and words in p.message for p in problems)


def test_the_same_kind_and_name_twice_are_named_however_spelt(tmp_path):
    problem, said = found(tmp_path, ["名额", "绿色工厂", "3"], ["名额", "绿色 工厂", "4"], ["名额", "专精特新", "4"])
    assert (said.level, said.row) == ("提示", 3) and "「绿色 工厂」与「绿色工厂」" in said.message
    assert (problem.row, problem.column) == (3, "名称") and "第2行已有" in problem.message
    [problem] = found(tmp_path / "b", ["每企业上限", "", "2"], ["每企业上限", "", "3"])
    assert problem.row == 3 and "每企业上限" in problem.message


def test_a_unit_in_the_header_is_refused_as_the_kinds_differ(tmp_path):
    head = ["类别", "名称", "数值（万元）", "单位", "来源", "状态", "备注"]
    [problem] = check_case(write_folder(tmp_path / "case", sheets(["预算", "", "3", "万元"], head=head)))
    assert "各类约定的单位不同" in problem.message and problem.column == "数值（万元）"


@settings(max_examples=40)
@given(st.decimals(min_value="0.0001", max_value="1", places=4), st.sampled_from(["plain", "percent", "unit"]))
def test_a_probability_means_the_same_in_every_spelling(tmp_path_factory, share, way):
    percent = share * 100
    text, unit = {"plain": (str(share), ""), "percent": (f"{percent.normalize():f}%", ""), "unit": (f"{percent.normalize():f}", "%")}[way]
    folder = write_folder(tmp_path_factory.mktemp("c") / "case", sheets(["成功概率", "应报未报", text, unit]))
    if way == "unit" and percent <= 1:
        assert any("看不出" in p.message for p in check_case(folder))
    else:
        assert float(read_case(folder).terms["value"].iloc[0]) == pytest.approx(float(share), abs=1e-12)


def goal(**keys):
    case = base()
    case["说明"] += [[key, value] for key, value in keys.items()]
    return case


@pytest.mark.parametrize("write, name", WRITERS)
@pytest.mark.parametrize("node", ["B", "认定", "认 定"])
def test_the_goal_of_a_plan_is_read_in_one_spelling(tmp_path, write, name, node):
    case = read_case(write(tmp_path / name, goal(计划指标组=node, 计划位次="2", 计划起始季度="2023年1季度", 计划截止季度="2023q3")))
    assert case.problems == () and (case.plan_node, case.plan_rank, case.plan_first, case.plan_last) == ("B", 2, "2023Q1", "2023Q3")


def test_a_goal_that_is_not_stated_is_nothing(tmp_path):
    case = read_case(write_folder(tmp_path / "case", base()))
    assert (case.plan_node, case.plan_rank, case.plan_first, case.plan_last) == ("", None, "", "")


@pytest.mark.parametrize("key, value, words", [
    ("计划指标组", "认定培育", "不在考核方案里"), ("计划位次", "0", "不是正整数"), ("计划位次", "1.5", "不是正整数"), ("计划位次", "前三", "不是正整数"),
    ("计划位次", "3", "大于同组区县数 2"), ("计划起始季度", "2023-01", "不是季度"), ("计划起始季度", "2023", "不是季度"), ("计划截止季度", "2023Q5", "不是季度"),
    ("计划起始季度", "2021Q4", "早于年度 2022"), ("计划截止季度", "2044Q1", "晚 10 年以上"),
])
def test_a_goal_that_cannot_be_is_named_with_its_row(tmp_path, key, value, words):
    [problem] = check_case(write_folder(tmp_path / "case", goal(**{key: value})))
    assert (problem.level, problem.file, problem.sheet, problem.row, problem.column) == ("错误", "说明.csv", "说明", 11, "值")
    assert key in problem.message and words in problem.message


def test_a_span_that_ends_before_it_begins_and_an_unknown_group_are_named_together(tmp_path):
    problems = check_case(write_folder(tmp_path / "case", goal(计划指标组="丙", 计划起始季度="2023Q3", 计划截止季度="2023Q1")))
    assert [p.row for p in problems] == [11, 13] and "早于计划起始季度 2023Q3" in problems[1].message


def test_a_group_whose_name_two_nodes_share_must_be_given_by_code(tmp_path):
    case = goal(计划指标组="技术中心")
    case["考核方案"][5][1] = "技术中心"
    [problem] = check_case(write_folder(tmp_path / "case", case))
    assert "可以指 2 个节点：A2、B1" in problem.message
