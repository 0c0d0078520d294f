"""名单核对 end to end: a person's decisions read from a workbook or CSVs, checked, and obeyed by the matching."""

import pytest
from casebook import base, write_folder, write_workbook

from analysis.case import check_case, read_case
from analysis.matching import decision_sheet, match_recognitions

HEAD = ["名单名称", "企业名称", "统一社会信用代码", "理由", "结论"]
CODES = ("91350100M000100Y43", "91320800MA1XYZAB0C")
WRITERS = [(write_folder, "case"), (write_workbook, "case.xlsx")]
FIRMS = ["淮安恒锐机械有限公司", "淮安恒睿机械有限公司", "淮安明远电子有限公司"]
LISTED = ["淮安恒瑞机械有限公司", "淮安明远电子科技有限公司"]


def sheets(*decisions, **more):
    case = base()
    case["企业"] = [["统一社会信用代码", "企业名称", "镇街园区"], [CODES[0], FIRMS[0], "一镇"], ["", FIRMS[1], "一镇"], ["", FIRMS[2], "高新园"]]
    case["认定名单"] = [["认定", "企业名称", "年份", "区县"], *(["绿色工厂", name, "2021", "东区"] for name in LISTED)]
    return case | {"名单核对": [HEAD, *decisions]} | more


def problems(tmp_path, *decisions, write=write_folder, name="case", **more):
    return [p for p in check_case(write(tmp_path / name, sheets(*decisions, **more))) if p.sheet == "名单核对"]


@pytest.mark.parametrize("write, name", WRITERS)
def test_decisions_of_the_workbook_settle_what_the_matching_leaves_open(tmp_path, write, name):
    before = match_recognitions(read_case(write(tmp_path / "before" / name if write is write_folder else tmp_path / name, sheets())))
    assert before.held.empty and set(before.doubtful["listed_name"]) == set(LISTED)
    (tmp_path / "after").mkdir()
    case = read_case(write(tmp_path / "after" / name, sheets([LISTED[0], FIRMS[0], CODES[0], "名称相近", "是"], [LISTED[0], FIRMS[1], "", "名称相近", "否"],
                                                             [LISTED[1], FIRMS[2], "", "名称相近", "否"], [LISTED[1], FIRMS[0], "", "", ""])))
    assert case.problems == ()
    after = match_recognitions(case)
    assert list(after.held[["listed_name", "enterprise", "matched_by"]].itertuples(index=False, name=None)) == [(LISTED[0], FIRMS[0], "人工核对")]
    assert FIRMS[2] not in set(after.doubtful["enterprise"])
    assert len(after.held) + after.doubtful["list_row"].nunique() + len(after.unmatched) == 2


@pytest.mark.parametrize("write, name", WRITERS)
def test_the_sheet_that_the_program_writes_can_be_filled_in_and_put_into_the_workbook(tmp_path, write, name):
    case = read_case(write(tmp_path / name, sheets()))
    table = decision_sheet(match_recognitions(case).doubtful)
    assert list(table.columns) == HEAD
    table.loc[(table["名单名称"] == LISTED[0]) & (table["企业名称"] == FIRMS[1]), "结论"] = "是"
    (tmp_path / "again").mkdir()
    settled = read_case(write(tmp_path / "again" / name, sheets(*table.values.tolist())))
    assert settled.problems == () and list(match_recognitions(settled).held["enterprise"]) == [FIRMS[1]]


WRONG = {
    "not on the roster": ([LISTED[0], "淮安恒睿机械股份有限公司", "", "", "是"], "企业名称", "「淮安恒睿机械股份有限公司」不在名册里"),
    "ruled out, not on the roster": ([LISTED[0], "淮安恒睿机械股份有限公司", "", "", "否"], "企业名称", "不在名册里"),
    "code of nobody": ([LISTED[0], "", "91110000100000000X", "", "是"], "统一社会信用代码", "「91110000100000000X」不在名册里"),
    "code of another": ([LISTED[0], FIRMS[1], CODES[0], "", "是"], "企业名称", "（信用代码「91350100M000100Y43」）不在名册里"),
    "nobody named": ([LISTED[0], "", "", "", "是"], "统一社会信用代码", "没有写企业名称或信用代码"),
    "verdict in words": ([LISTED[0], FIRMS[0], "", "", "可能"], "结论", "不在可选范围"),
    "no listed name": (["", FIRMS[0], "", "", "是"], "名单名称", "必填"),
    "code too short": ([LISTED[0], FIRMS[0], "9135", "", "是"], "统一社会信用代码", "应为 18 位"),
}


@pytest.mark.parametrize("write, name", WRITERS)
@pytest.mark.parametrize("wrong", WRONG)
def test_a_decision_that_cannot_be_used_is_named_where_it_stands(tmp_path, wrong, write, name):
    row, column, words = WRONG[wrong]
    found = problems(tmp_path, row, write=write, name=name)
    told = [p for p in found if p.level == "错误"]
    assert [(p.row, p.column) for p in told] == [(2, column)] and words in told[0].message and told[0].fix
    assert told[0].file == ("名单核对.csv" if write is write_folder else "case.xlsx")


def test_decisions_that_contradict_each_other_are_all_named_at_once(tmp_path):
    found = problems(tmp_path, [LISTED[0], FIRMS[0], "", "", "是"], [LISTED[0], FIRMS[1], "", "", "是"], [LISTED[0], FIRMS[0], "", "", "否"],
                     [LISTED[1], "某公司", "", "", "是"])
    assert [(p.level, p.row, p.column) for p in found] == [("错误", 3, "结论"), ("错误", 4, "结论"), ("错误", 5, "企业名称")]
    assert "又认作另一家企业「淮安恒睿机械有限公司」（第2行已认作「淮安恒锐机械有限公司」）" in found[0].message and "既写了是又写了否（第2行）" in found[1].message


def test_two_enterprises_of_one_name_need_the_code(tmp_path):
    firms = [["统一社会信用代码", "企业名称", "镇街园区"], [CODES[0], "恒锐 机械有限公司", "一镇"], ["", "恒锐机械有限公司", "一镇"]]
    assert any("对应名册里的几行" in p.message for p in problems(tmp_path, [LISTED[0], "恒锐机械有限公司", "", "", "是"], 企业=firms))
    assert problems(tmp_path / "b", [LISTED[0], "恒锐机械有限公司", CODES[0], "", "是"], 企业=firms) == []


def test_a_name_that_no_list_has_is_a_warning_and_a_row_without_verdict_says_nothing(tmp_path):
    [problem] = problems(tmp_path, ["淮安恒瑞机械有限公同", FIRMS[0], "", "", "是"])
    assert (problem.level, problem.row, problem.column) == ("警告", 2, "名单名称") and "是不是“淮安恒瑞机械有限公司”" in problem.message
    assert problems(tmp_path / "b", [LISTED[0], "某公司", "", "", ""]) == []


def test_decisions_without_a_roster_are_told_so(tmp_path):
    case = {k: v for k, v in sheets([LISTED[0], FIRMS[0], "", "", "是"]).items() if k != "企业"}
    assert any("却没有企业名册" in p.message for p in check_case(write_folder(tmp_path / "case", case)))
