"""What to do about a cell that is no number: only what that sheet and column take."""

import pytest
from casebook import base, write_folder, write_workbook

from analysis.case import check_case
from analysis.dictionary import load

WRONG = ["约500", "3-5", "三", "不详", "*", "未公开", "nan", "500左右"]
TERMS = ["类别", "名称", "数值"]


def spoilt(sheet, text):
    """The tiny case with this text in a number cell of the sheet, and the cell's column."""
    case = base()
    if sheet == "企业":
        case[sheet][1][5] = text
        return case, "职工人数"
    if sheet == "申报约定":
        return case | {sheet: [TERMS, ["名额", "绿色工厂", text]]}, "数值"
    if sheet == "情景":
        return case | {sheet: [["情景", "对象", "类型", "起始年", "数值", "单位"], ["放缓", "西区", "增速加减", "2023", text, "百分点"]]}, "数值"
    row, column = {"指标值": (1, 3), "考核方案": (2, 3), "时间序列": (1, 4), "公布结果": (1, 3), "加减分": (1, 4)}[sheet]
    case[sheet][row][column] = text
    return case, case[sheet][0][column]


TAKES = {"企业": "**空", "申报约定": "", "情景": "", "指标值": "**空界", "考核方案": "空", "时间序列": "**空", "公布结果": "**空", "加减分": "空"}


@pytest.mark.parametrize("text", WRONG)
@pytest.mark.parametrize("sheet", TAKES)
def test_the_advice_names_only_what_the_column_takes(tmp_path, sheet, text):
    case, column = spoilt(sheet, text)
    [problem] = [p for p in check_case(write_folder(tmp_path / "case", case)) if p.sheet == sheet and p.column == column]
    takes, fix = TAKES[sheet], problem.fix
    assert problem.level == "错误" and fix
    assert "**" in takes or "**" not in fix
    assert "空" in takes or not ("留空" in fix or "—" in fix)
    headers = {c.header for s in load().sheets if s.title == sheet for c in s.columns}
    assert "界" not in fix or {"下界", "上界"} <= headers


@pytest.mark.parametrize("write, name", [(write_folder, "case"), (write_workbook, "case.xlsx")])
def test_the_advice_taken_is_accepted(tmp_path, write, name):
    """** or nothing for 企业, a number for 名额: what the advice says passes."""
    for k, text in enumerate(["**", ""]):
        path = write(tmp_path / f"{k}{name}", spoilt("企业", text)[0])
        assert [p for p in check_case(path) if p.level != "提示"] == []
    assert check_case(write(tmp_path / name, spoilt("申报约定", "3")[0])) == []


def test_the_words_of_the_advice(tmp_path):
    def fix(sheet, text):
        case, column = spoilt(sheet, text)
        return [p.fix for p in check_case(write_folder(tmp_path / sheet, case)) if p.sheet == sheet and p.column == column]

    assert fix("企业", "约500") == ["填确切的数；不知道确数写 ** 或留空"] and fix("指标值", "约500") == ["填确切的数；只知道范围时数值写 **，并填 下界、上界"]
    assert fix("申报约定", "三") == ["只填数字"] and fix("考核方案", "三") == ["只填数字；没有数据写 — 或留空"]
