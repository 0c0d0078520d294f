"""Writing cases and templates: what a spreadsheet program finds in the files."""

import csv
import hashlib
import zipfile
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest

from analysis.template import write_case, write_template

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    return write_template(tmp_path_factory.mktemp("template") / "空表.xlsx")


@pytest.fixture(scope="module")
def book(template):
    return openpyxl.load_workbook(template)


def headers(sheet):
    return [cell.value for cell in sheet[1]]


def test_template_opens_with_the_guide_and_has_a_sheet_for_every_table(book):
    assert book.sheetnames == ["填表说明", "说明", "区县", "考核方案", "指标值", "加减分", "公布结果", "时间序列",
                               "情景", "镇街园区", "企业", "认定条件", "认定名单", "名单核对", "申报约定"]


def test_guide_explains_masks_statuses_units_and_every_column(book):
    cells = [str(c) for row in book["填表说明"].iter_rows(values_only=True) for c in row if c is not None]
    text = "\n".join(cells)
    for word in ("**", "公布", "推算", "示例", "不详", "亿元", "万元", "2022-01..02", "统一社会信用代码", "认定条件"):
        assert word in text
    with (ROOT / "analysis/tables/dictionary.csv").open(encoding="utf-8") as file:
        explained = [row["说明"] for row in csv.DictReader(file) if row["说明"]]
    assert set(explained) <= set(cells)


def test_money_headers_state_their_unit(book):
    assert "营业收入（万元）" in headers(book["企业"])
    assert "营业收入" not in headers(book["企业"])


def test_required_columns_are_coloured_apart_and_headers_carry_their_explanation(book):
    sheet = book["指标值"]
    cells = {cell.value: cell for cell in sheet[1]}
    assert cells["区县"].fill.fgColor.rgb != cells["来源"].fill.fgColor.rgb
    assert "必填" in cells["区县"].comment.text and "与区县表一致" in cells["区县"].comment.text
    assert "选填" in cells["来源"].comment.text


def test_header_row_stays_in_view(book):
    assert all(book[name].freeze_panes for name in book.sheetnames[1:])


@pytest.mark.parametrize(("sheet", "column", "choices"), [
    ("区县", "角色", '"本区,对标,周边,其他"'),
    ("企业", "是否规上", '"是,否"'),
    ("指标值", "区县", "'区县'!$A$2:$A$2000"),
    ("企业", "镇街园区", "'镇街园区'!$A$2:$A$2000"),
    ("考核方案", "上级", "'考核方案'!$A$2:$A$2000"),
    ("名单核对", "结论", '"是,否"'),
    ("申报约定", "类别", '"成功概率,申报费用,费用倍数,申报季度,评审季度数,名额,镇街上限,镇街季度上限,每企业上限,预算"'),
    ("情景", "类型", '"增速加减,增速设定,价格影响,大项目,新增规上企业"'),
])
def test_drop_downs_offer_the_choices_or_the_keys_of_the_other_sheet(book, sheet, column, choices):
    letter = openpyxl.utils.get_column_letter(headers(book[sheet]).index(column) + 1)
    found = [v.formula1 for v in book[sheet].data_validations.dataValidation if f"{letter}2" in v.sqref]
    assert found == [choices]


def test_example_rows_are_grey_italics_marked_as_removable_and_as_illustrative(book):
    for name in book.sheetnames[2:]:
        sheet = book[name]
        assert sheet["A2"].comment.text == "示例行，可删除"
        filled = next(cell for cell in sheet[2] if cell.value is not None)
        assert filled.font.italic and filled.font.color.rgb == "FF7F7F7F"
        if "状态" in headers(sheet):
            column = headers(sheet).index("状态")
            assert {row[column] for row in sheet.iter_rows(min_row=2, values_only=True)} == {"示例"}


def test_periods_and_codes_are_text_columns_so_that_excel_does_not_turn_them_into_dates(book):
    for sheet, column in (("时间序列", "期间"), ("企业", "统一社会信用代码"), ("考核方案", "代码")):
        position = headers(book[sheet]).index(column) + 1
        letter = openpyxl.utils.get_column_letter(position)
        assert book[sheet].column_dimensions[letter].number_format == "@"


def test_template_without_examples_has_only_headers(tmp_path):
    book = openpyxl.load_workbook(write_template(tmp_path / "t.xlsx", example=False))
    assert {book[name].max_row for name in book.sheetnames[1:]} == {1}


def test_untouched_template_is_a_valid_case_of_three_districts(template):
    from analysis.case import check_case, read_case

    assert [str(p) for p in check_case(template) if p.level == "错误"] == []
    assert list(read_case(template).districts["district"]) == ["示例区", "标杆区", "邻安区"]


def test_the_template_shows_a_target_two_scenarios_a_chain_and_an_outlook_that_read_back(template):
    from analysis.case import read_case

    case = read_case(template)
    assert (case.target_year, case.target_probability, case.chased) == (2028, 0.8, ("规模以上工业开票销售",))
    assert list(zip(case.scenarios["kind"], case.scenarios["unit"])) == [("增速加减", "百分点"), ("大项目", "亿元")]
    assert set(case.series["item"]) == {"", "高端装备"}
    assert case.towns.set_index("town").loc["示例镇", ["potential", "floor", "cap"]].tolist() == [1.2, 3, 20]


def test_the_template_shows_a_plan_with_terms_and_a_decision_that_read_back(template):
    from analysis.case import read_case
    from analysis.matching import match_recognitions

    case = read_case(template)
    assert (case.plan_node, case.plan_rank, case.plan_first, case.plan_last) == ("D", 1, "2023Q1", "2023Q3")
    assert set(case.terms["kind"]) >= {"名额", "成功概率", "申报季度", "镇街季度上限", "每企业上限", "预算"} and set(case.terms["status"]) == {"示例"}
    assert match_recognitions(case).held["matched_by"].tolist() == ["人工核对"]


def test_the_guide_names_every_key_of_the_first_sheet():
    from analysis.check import META_KEYS
    from analysis.dictionary import load
    from analysis.template import META_EXAMPLE

    assert set(META_EXAMPLE) == set(META_KEYS)
    assert all(key in load().sheet("meta").column("key").help for key in META_KEYS)


def test_folder_template_is_a_valid_case(tmp_path):
    from analysis.case import check_case

    folder = write_template(tmp_path / "我的案例")
    assert (folder / "填表说明.txt").read_text(encoding="utf-8-sig")
    assert [str(p) for p in check_case(folder) if p.level == "错误"] == []


def test_example_totals_are_those_worked_by_hand(template):
    """D1: 12 → 60, 20 → 100; D2: 30 → 80, 40 → 100; weights 0.4 and 0.6; bonus 0.5."""
    from analysis.assessment import assess_case
    from analysis.case import read_case

    total = assess_case(read_case(template)).total
    assert total["示例区"] == pytest.approx(0.4 * 60 + 0.6 * 80 + 0.5)
    assert total["标杆区"] == pytest.approx(100)


ROWS = pd.DataFrame({
    "统一社会信用代码": ["91329901MA00000000", ""], "企业名称": ["=cmd|'/c calc'!A0", "@SUM(1)"],
    "镇街园区": ["示例镇", "示例镇"], "是否规上": [True, None], "营业收入": [8650.0, np.nan], "自评等级": ["+1", "甲"],
})


def test_names_that_look_like_formulas_or_links_stay_text_in_a_workbook(tmp_path):
    path = write_case({"企业": ROWS.assign(备注=["http://a.b", "-2+3"])}, tmp_path / "c.xlsx")
    sheet = openpyxl.load_workbook(path)["企业"]
    values = {cell.value: cell.data_type for row in sheet.iter_rows(min_row=2) for cell in row if cell.value}
    assert values["=cmd|'/c calc'!A0"] in ("s", "inlineStr")
    assert values["@SUM(1)"] == values["-2+3"] == values["+1"] == "s"
    assert not any(cell.hyperlink for row in sheet.iter_rows() for cell in row)
    assert "<f>" not in zipfile.ZipFile(path).read("xl/worksheets/sheet1.xml").decode()


def test_names_that_look_like_formulas_are_disarmed_in_csv(tmp_path):
    folder = write_case({"企业": ROWS}, tmp_path / "c")
    with (folder / "企业.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows[0]["企业名称"].startswith("'=") and rows[1]["企业名称"].startswith("'@")
    assert rows[0]["是否规上"] == "是" and rows[1]["是否规上"] == ""
    assert rows[0]["营业收入（万元）"] == "8650" and rows[1]["营业收入（万元）"] == ""
    assert rows[1]["自评等级"] == "甲"


def test_csv_files_start_with_a_byte_order_mark_so_that_excel_reads_chinese(tmp_path):
    folder = write_case({"区县": pd.DataFrame({"区县": ["示例区"]})}, tmp_path / "c")
    assert (folder / "区县.csv").read_bytes().startswith(b"\xef\xbb\xbf")


def test_english_names_and_masks_of_a_read_case_are_written_back_in_chinese(tmp_path):
    values = pd.DataFrame({
        "year": [2022, 2022], "district": ["甲区", "乙区"], "indicator": ["A", "A"], "value": [np.nan, -1.25],
        "value_masked": [True, False], "row": [2, 3], "cell": ["指标值!D2", "指标值!D3"],
    })
    folder = write_case({"values": values}, tmp_path / "c")
    with (folder / "指标值.csv").open(encoding="utf-8-sig", newline="") as file:
        assert list(csv.reader(file)) == [["年份", "区县", "指标", "数值"], ["2022", "甲区", "A", "**"],
                                          ["2022", "乙区", "A", "-1.25"]]


@pytest.mark.parametrize("name", ["copy", "copy.xlsx"])
def test_a_case_read_and_written_reads_the_same_again(tmp_path, name):
    from analysis.case import read_case

    first = read_case("demo")
    second = read_case(write_case(first.tables, tmp_path / name))
    for key, table in first.tables.items():
        pd.testing.assert_frame_equal(table.drop(columns=["row", "cell"]), second.tables[key].drop(columns=["row", "cell"]))


def test_the_same_tables_give_the_same_bytes(tmp_path):
    digests = {hashlib.sha256(write_case({"企业": ROWS}, tmp_path / str(k) / "c.xlsx").read_bytes()).hexdigest()
               for k in range(2)}
    assert len(digests) == 1


def test_an_unknown_table_is_refused_with_the_known_ones_listed(tmp_path):
    with pytest.raises(ValueError, match="没有名为“工资”的表.*指标值"):
        write_case({"工资": pd.DataFrame()}, tmp_path / "c.xlsx")
