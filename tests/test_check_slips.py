"""Misspelt recognitions and column headers: named with what was meant; other levels, years and kinds left alone."""

import openpyxl
import pytest
from casebook import base, write_folder, write_workbook

from analysis.case import RAW, check_case
from analysis.slips import slip_of

RULES = ["认定", "条款", "组", "字段", "比较", "门槛"]
WRITERS = [(write_folder, "case"), (write_workbook, "case.xlsx")]


def listed(rules, *names, held=()):
    """A case with rules of these recognitions (and some only as prerequisites) and these names in the lists."""
    rows = [[name, "硬条件", "A", "研发费用", ">=", "100"] for name in rules] + [[rules[0], "前置", f"P{k}", name, "已认定", ""] for k, name in enumerate(held)]
    return base() | {"认定条件": [RULES, *rows], "认定名单": [["认定", "企业名称"], *([name, f"第{k}号机械有限公司"] for k, name in enumerate(names))]}


def about_names(found):
    return [(p.level, p.row, p.column, p.message) for p in found if p.sheet == "认定名单"]


@pytest.mark.parametrize("write, name", WRITERS)
def test_a_misspelt_recognition_is_one_warning_at_its_first_row(tmp_path, write, name):
    found = about_names(check_case(write(tmp_path / name, listed(["高新技术企业", "专精特新"], "专精特新", "高新企业", "高新企业", "技术先进型服务企业"))))
    [(level, row, column, message)] = found
    assert (level, row, column) == ("警告", 3, "认定") and "「高新企业」（名单上 2 行），是不是“高新技术企业”" in message


@pytest.mark.parametrize("typed, known", [
    ("省级绿色工产", "省级绿色工厂"), ("国家级专精特新小巨人企业", "国家级专精特新“小巨人”企业"), ("创新型中小型企业", "创新型中小企业"),
    ("省级企业技朮中心", "省级企业技术中心"), ("高新技术企業", "高新技术企业")])
def test_slips_are_recognised(typed, known):
    assert slip_of(typed, ["独角兽企业", known, "瞪羚企业"]) == known


@pytest.mark.parametrize("one, other", [
    ("国家级绿色工厂", "省级绿色工厂"), ("市级企业技术中心", "省级企业技术中心"), ("国家级专精特新“小巨人”企业", "省级专精特新中小企业"), ("省级专精特新“小巨人”企业", "省级专精特新中小企业"),
    ("创新型中小企业", "科技型中小企业"), ("省级工程技术中心", "省级企业技术中心"), ("省级绿色工厂", "省级智能工厂"), ("高新技术企业培育", "高新技术企业"),
    ("制造业单项冠军企业", "制造业单项冠军产品"), ("四星级上云企业", "三星级上云企业"), ("潜在独角兽企业", "独角兽企业"),
    ("上年研发费用", "前年研发费用"), ("研发费用占比", "研发费用"), ("II类知识产权", "I类知识产权"), ("发明专利", "近三年发明专利数"), ("净利润率", "净利润"), ("行业类", "行业"), ("增幅率", "同比")])
def test_other_levels_years_and_kinds_are_no_slips_either_way(one, other):
    assert slip_of(one, [other]) is None and slip_of(other, [one]) is None


def test_different_levels_pass_in_a_case_and_a_missing_level_is_a_notice(tmp_path):
    legitimate = listed(["省级绿色工厂", "省级专精特新中小企业"], "国家级绿色工厂", "国家级专精特新“小巨人”企业", "市级企业技术中心")
    assert check_case(write_folder(tmp_path / "a", legitimate)) == []
    [(level, row, _, message)] = about_names(check_case(write_folder(tmp_path / "b", listed(["省级绿色工厂"], "绿色工厂", "绿色工厂"))))
    assert (level, row) == ("提示", 2) and "没有写级别，是不是“省级绿色工厂”" in message


def test_a_recognition_asked_for_by_a_rule_is_known_and_can_be_meant(tmp_path):
    case = listed(["省级绿色工厂"], "高新技术企业", "高新企业", held=["高新技术企业"])
    assert [(row, "是不是“高新技术企业”" in message) for _, row, _, message in about_names(check_case(write_folder(tmp_path / "c", case)))] == [(3, True)]


def roster(*headers, **sheets):
    return base() | {"企业": [["企业名称", "镇街园区", *headers], ["甲精密机械有限公司", "一镇", *("8" for _ in headers)]]} | sheets


@pytest.mark.parametrize("write, name", WRITERS)
@pytest.mark.parametrize("typed, meant", [("职工数", "职工人数"), ("研发经费（万元）", "研发费用"), ("研发人员", "研发人员数"), ("开票销售额（万元）", "开票销售"), ("职 工人 数量", "职工人数")])
def test_a_misspelt_column_of_the_roster_is_a_warning_at_the_header(tmp_path, write, name, typed, meant):
    [problem] = check_case(write(tmp_path / name, roster(typed)))
    assert (problem.level, problem.sheet, problem.row) == ("警告", "企业", 1) and problem.column == typed.partition("（")[0]
    assert f"是不是“{meant}”" in problem.message and f"改成 {meant}" in problem.fix


@pytest.mark.parametrize("headers", [("发明专利",), ("职工数", "职工人数"), ("研发费用占比",), ("注册资本（万元）",), ("利润总额（万元）",), ("净利润率",), ("前年研发费用（万元）",)])
def test_own_columns_beside_or_unlike_the_standard_ones_are_left_alone(tmp_path, headers):
    assert check_case(write_folder(tmp_path / "case", roster(*headers))) == []


def test_an_own_column_that_a_rule_reads_is_meant(tmp_path):
    rules = [RULES, ["专精特新", "硬条件", "A", "职工数/2", ">=", "3"]]
    assert check_case(write_folder(tmp_path / "case", roster("职工数", 认定条件=rules))) == []


def test_misspelt_columns_of_other_sheets_are_warnings_and_foreign_ones_notices(tmp_path):
    case = base()
    case["认定名单"][0] += ["有效期", "联系电话"]
    case["认定名单"][1] += ["2024-12-31", "无"]
    found = check_case(write_folder(tmp_path / "case", case))
    assert [(p.level, p.sheet, p.row, p.column) for p in found] == [("警告", "认定名单", 1, "有效期"), ("提示", "认定名单", 1, "联系电话")]
    assert "是不是“有效期至”" in found[0].message


def test_every_header_of_the_demo_misspelt_by_its_last_character_is_noticed(tmp_path):
    """Of the demo's optional columns with five characters or more; 率 and 自主研发 make another column, so these two are not said."""
    book = openpyxl.load_workbook(RAW / "demo.xlsx")
    sheet, spoilt = book["企业"], set()
    for cell in sheet[1]:
        if "（" not in str(cell.value) and len(str(cell.value)) >= 5 and cell.value not in ("统一社会信用代码", "II类知识产权", "I类知识产权"):
            spoilt.add(cell.value)
            cell.value = cell.value[:-1]
    del book["认定条件"], book["认定名单"]
    book.save(tmp_path / "demo.xlsx")
    named = {p.column: p.message.split("“")[1].rstrip("”") for p in check_case(tmp_path / "demo.xlsx") if "是不是" in p.message}
    assert len(spoilt) >= 20 and named == {name[:-1]: name for name in spoilt - {"I类知识产权自主研发", "细分市场占有率"}}


@pytest.mark.parametrize(("name", "meant"), [
    ("省级专精特新", "省级专精特新中小企业"), ("省专精特新中小企业", "省级专精特新中小企业"), ("江苏省专精特新中小企业", "省级专精特新中小企业"),
    ("专精特新企业", "省级专精特新中小企业"), ("省绿色工厂", "省级绿色工厂"), ("省级创新型中小企业", "创新型中小企业"), ("专精特新小巨人", "国家级专精特新“小巨人”企业"),
    ("国家级绿色工厂", None), ("市级企业技术中心", None), ("南京市企业技术中心", None), ("国家级专精特新中小企业", None), ("高新技术企业", None), ("省级工程技术研究中心", None)])
def test_short_and_long_names_of_a_recognition_are_asked_about_and_other_levels_are_not(name, meant):
    from analysis.slips import short_for

    known = ["省级专精特新中小企业", "创新型中小企业", "国家级专精特新“小巨人”企业", "省级企业技术中心", "省级绿色工厂", "规模以上工业"]
    assert short_for(name, known) == meant


def test_roman_numerals_are_letters_where_names_are_compared():
    from analysis.text import fold_key

    assert fold_key("Ⅱ类知识产权") == fold_key("II类知识产权") != fold_key("Ⅰ类知识产权") and fold_key("10²") == "10²"
