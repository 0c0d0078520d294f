"""One realistic roster, list and rule sheet with every slip an Excel user makes: all named at once, nothing dropped.

Each slip is also made alone, in a workbook and in a folder of CSVs: it and nothing else is reported.
"""

import datetime as dt

import pytest
from casebook import base, write_folder, write_workbook
from test_check_enterprises import HEAD, firms

from analysis.case import check_case, read_case
from analysis.check_dates import check_ahead
from analysis.columns import typed_table
from analysis.dictionary import load
from analysis.problems import REPEATS_SHOWN, Problem, tidy

RULES = ["认定", "条款", "组", "字段", "比较", "门槛", "分值"]
CODES = ["91350100M000100Y43", "91320800MA1WBE1L3Q"]
E, W = "错误", "警告"


def clean():
    """The tiny case with 30 firms, a score sheet of sound bands and two recognitions, one asking for the other."""
    case = base() | {"企业": [[*HEAD, "成立年份"], *([*row, "2009"] for row in firms()[1:])]}
    case["企业"][1][0] = CODES[0]
    case["认定条件"] = [RULES, ["甲认定", "硬条件", "A", "营业收入", ">=", "1000", ""], ["甲认定", "评分", "S", "职工人数", ">=", "90", "5"],
                     ["甲认定", "评分", "S", "职工人数", "介于", "50~90", "3"], ["甲认定", "评分", "S", "职工人数", "介于", "10~50", "1"],
                     ["乙认定", "前置", "P", "甲认定", "已认定", "", ""]]
    return case


def put(sheet, row, column, text):
    """Set a cell, by Excel's row number and header."""
    def change(case):
        case[sheet][row - 1][case[sheet][0].index(column)] = text
    return change


def add(sheet, *row):
    return lambda case: case[sheet].append(list(row))


REVENUE = HEAD[3]
# name: change, level, sheet, row, column, words
SLIPS = {
    "code twice": (put("企业", 3, HEAD[0], CODES[0]), E, "企业", 3, HEAD[0], "与第2行重复"),
    "name twice": (put("企业", 4, "企业名称", "第9号乙机械制造有限公司"), E, "企业", 11, "企业名称", "与第4行重复"),
    "check digit": (put("企业", 5, HEAD[0], CODES[0][:17] + "5"), W, "企业", 5, HEAD[0], "校验位不对"),
    "town unknown": (put("企业", 6, "镇街园区", "一真"), E, "企业", 6, "镇街园区", "「一真」不在镇街园区表里"),
    "percent as a fraction": (put("企业", 7, "细分市场占有率", "0.03"), W, "企业", 7, "细分市场占有率", "写成了小数"),
    "percent sign in money": (put("企业", 8, REVENUE, "3%"), E, "企业", 8, REVENUE, "带着百分号"),
    "text in a number": (put("企业", 9, "职工人数", "一百来人"), E, "企业", 9, "职工人数", "不是数字"),
    "ten thousand times": (lambda case: put("企业", 10, REVENUE, f"{float(case['企业'][9][3]) * 1e4:.0f}")(case), W, "企业", 10, REVENUE, "单位可能写错"),
    "founded in the future": (put("企业", 12, "成立年份", "2024"), W, "企业", 12, "成立年份", "晚于年度 2022"),
    "recognised in the future": (put("认定名单", 2, "年份", "2099"), W, "认定名单", 2, "年份", "在将来"),
    "value of the future": (add("加减分", "2099", "东区", "T", "加分", "0.5", "督查激励"), W, "加减分", 5, "年份", "年份 2099 在将来"),
    "period of the future": (add("时间序列", "东区", "开票销售", "2098-03", "累计", "70", "亿元", "6.1"), W, "时间序列", 4, "期间", "期间 2098-03 在将来"),
    "no such field": (put("认定条件", 2, "字段", "营业收人"), E, "认定条件", 2, "字段", "「营业收人」"),
    "no such operator": (put("认定条件", 3, "比较", "不少于"), E, "认定条件", 3, "比较", "不在可选范围"),
    "bands overlap": (put("认定条件", 4, "门槛", "40~90"), E, "认定条件", 5, "门槛", "两档重叠"),
    "bands leave a hole": (put("认定条件", 5, "门槛", "10~30"), W, "认定条件", 4, "门槛", "其间没有分值"),
    "circular prerequisites": (add("认定条件", "甲认定", "前置", "P", "乙认定", "已认定", "", ""), E, "认定条件", 6, "字段", "乙认定→甲认定→乙认定"),
}
# Alone only: together they would spoil each other's row.
ALONE = {"bands overlap", "no such operator"}
WRITERS = [(write_folder, "case"), (write_workbook, "case.xlsx")]


def expected(name, path):
    _, level, sheet, row, column, _ = SLIPS[name]
    return level, path.name if path.is_file() else f"{sheet}.csv", sheet, row, column


def place(problem):
    return problem.level, problem.file, problem.sheet, problem.row, problem.column


@pytest.mark.parametrize("write, file", WRITERS)
def test_without_a_slip_there_is_nothing_to_report(tmp_path, write, file):
    assert check_case(write(tmp_path / file, clean())) == []


@pytest.mark.parametrize("write, file", WRITERS)
@pytest.mark.parametrize("name", SLIPS)
def test_each_slip_alone_is_named_with_file_sheet_row_and_column_and_nothing_else_is(tmp_path, name, write, file):
    case = clean()
    SLIPS[name][0](case)
    path = write(tmp_path / file, case)
    [problem] = check_case(path)
    assert place(problem) == expected(name, path)
    words = str(problem)
    assert SLIPS[name][5] in problem.message and problem.fix and f"第{problem.row}行" in words and problem.sheet in words and problem.column in words


@pytest.mark.parametrize("write, file", WRITERS)
def test_all_slips_together_are_all_named_at_once(tmp_path, write, file):
    case, together = clean(), [name for name in SLIPS if name not in ALONE]
    for name in together:
        SLIPS[name][0](case)
    path = write(tmp_path / file, case)
    found = check_case(path)
    assert sorted(map(place, found), key=str) == sorted((expected(name, path) for name in together), key=str)
    levels = [p.level for p in found]
    assert levels == sorted(levels, key=(E, W).index)


@pytest.mark.parametrize("write, file", WRITERS)
def test_rows_with_a_warning_stay_in_the_case_as_typed(tmp_path, write, file):
    case = clean()
    mild = [name for name, slip in SLIPS.items() if slip[1] == W]
    for name in mild:
        SLIPS[name][0](case)
    read = read_case(write(tmp_path / file, case))
    assert len(read.problems) == len(mild) and len(read.enterprises) == 30
    assert read.enterprises["market_share"].iat[5] == 0.03 and read.enterprises["code"].iat[3] == CODES[0][:17] + "5"
    assert read.enterprises["revenue"].iat[8] == float(case["企业"][9][3]) and read.recognitions["year"].iat[0] == 2099


def test_three_percent_is_three_however_it_is_written_and_a_percent_format_counts(tmp_path):
    def percent_format(book):
        book["企业"]["I4"] = 0.03
        book["企业"]["I4"].number_format = "0.0%"

    case = clean()
    put("企业", 2, "细分市场占有率", "3")(case)
    put("企业", 3, "细分市场占有率", "3%")(case)
    read = read_case(write_workbook(tmp_path / "case.xlsx", case, percent_format))
    assert read.problems == () and read.enterprises["market_share"].iloc[:3].tolist() == pytest.approx([3, 3, 3])


@pytest.mark.parametrize("period, today, year, wrong", [
    ("2023", "2022-12-31", 2022, True), ("2023", "2023-01-01", 2022, False), ("2023Q3", "2023-06-30", 2022, True), ("2023Q3", "2023-07-01", 2022, False),
    ("2023-07", "2023-06-30", 2022, True), ("2023-01..02", "2023-01-15", 2022, False), ("2023-12", "2023-06-30", 2023, False), ("2024-01", "2023-06-30", 2023, True),
])
def test_a_period_is_ahead_once_it_begins_after_today_and_after_the_year(period, today, year, wrong):
    draft = {sheet.key: typed_table(None, sheet) for sheet in load().sheets}
    draft["series"].frame = draft["series"].frame.reindex(range(1)).assign(period=period, row=7)
    check_ahead(draft, year, dt.date.fromisoformat(today))
    assert [(p.row, p.column) for p in draft["series"].problems] == [(7, "期间")] * wrong


def test_a_validity_that_ends_absurdly_late_is_named(tmp_path):
    case = clean()
    case["认定名单"] = [["认定", "企业名称", "年份", "有效期至"], ["绿色工厂", "甲精密机械有限公司", "2021", "2099-12-31"]]
    [problem] = check_case(write_folder(tmp_path / "case", case))
    assert (problem.level, problem.row, problem.column) == (W, 2, "有效期至") and "20 年以上" in problem.message


def test_rows_of_complaints_beyond_the_cap_are_named_in_runs():
    rows = [*range(2, 25), 30, 41, 42, 43]
    told = tidy([Problem("警告", f"企业名称「某{row}」重复", "改名", "f.xlsx", "企业", row, "企业名称") for row in rows])
    assert len(told) == REPEATS_SHOWN + 1
    assert "第22—24、30、41—43行" in told[-1].message and f"另有 {len(rows) - REPEATS_SHOWN} 处" in told[-1].message
