"""Ugly files: headers found, noise set aside, cells read as a person sees them."""

import datetime as dt
import re
import zipfile

import pytest
from casebook import base, write_folder, write_workbook
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.styles import Alignment

import analysis.case
from analysis.case import check_case, read_case
from analysis.sheets import read_tables
from analysis.workbook import column_letters, column_number


def first_value(path):
    return read_case(path).values["value"].iloc[0]


def levels(problems):
    return [p.level for p in problems]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_csv_encodings_and_delimiters_are_detected(tmp_path, encoding, delimiter):
    folder = write_folder(tmp_path / "case", base(), encoding, delimiter)
    assert check_case(folder) == []
    assert read_case(folder).values.loc[1, ["district", "value"]].tolist() == ["西区", 473.6]


def test_csv_and_workbook_give_the_same_tables(tmp_path):
    one = read_case(write_folder(tmp_path / "case", base()))
    two = read_case(write_workbook(tmp_path / "case.xlsx", base()))
    for key, table in one.tables.items():
        assert table.drop(columns="cell").equals(two.tables[key].drop(columns="cell")), key
    assert one.values["cell"].iloc[0] == "指标值.csv!D2"
    assert two.values["cell"].iloc[0] == "指标值!D2"


def test_english_and_full_width_sheet_names_are_understood(tmp_path):
    sheets = base()
    sheets["values"], sheets["ｔｏｗｎｓ"] = sheets.pop("指标值"), sheets.pop("镇街园区")
    case = read_case(write_folder(tmp_path / "case", sheets))
    assert len(case.values) == 12 and len(case.towns) == 2
    sheets[" 企业　"] = sheets.pop("企业")
    assert len(read_case(write_workbook(tmp_path / "case.xlsx", sheets)).enterprises) == 2


def test_unknown_sheets_are_named_with_the_nearest_name_and_instructions_are_not(tmp_path):
    sheets = base() | {"指标数值": [["a"]], "填表说明": [["怎样填"]]}
    problems = check_case(write_workbook(tmp_path / "case.xlsx", sheets))
    assert levels(problems) == ["提示"]
    assert "指标数值" in problems[0].message and "指标值" in problems[0].message


def test_hidden_sheets_are_ignored_unless_they_have_one_of_our_names(tmp_path):
    def hide(book):
        book["企业"].sheet_state = "hidden"
        book["旧稿"].sheet_state = "veryHidden"

    path = write_workbook(tmp_path / "case.xlsx", base() | {"旧稿": [["x"]]}, hide)
    problems = check_case(path)
    assert [(p.level, p.sheet) for p in problems] == [("警告", "企业")]
    assert len(read_case(path).enterprises) == 2


def test_title_rows_blank_rows_notes_and_repeated_headers_are_set_aside(tmp_path):
    sheets = base()
    rows = sheets["指标值"]
    sheets["指标值"] = [["2022年度指标值汇总表"], ["", "", "", "填报时间：2023年1月"], [], *rows[:4], [], rows[0],
                     *rows[4:], [], ["注：增速按可比价计算。"], ["2. 南县为初步数"], ["资料来源：市统计局"], []]
    for path in (write_folder(tmp_path / "case", sheets), write_workbook(tmp_path / "case.xlsx", sheets)):
        case = read_case(path)
        assert len(case.values) == 12
        assert case.values["row"].tolist()[:5] == [5, 6, 7, 10, 11]
        assert levels(case.problems) == ["提示", "提示"]
        assert {p.row for p in case.problems} == {9, 20}


def test_a_last_row_that_is_not_a_note_is_not_thrown_away(tmp_path):
    sheets = base()
    sheets["镇街园区"].append(["三镇"])
    assert read_case(write_folder(tmp_path / "case", sheets)).towns["town"].tolist()[-1] == "三镇"


def test_merged_titles_and_two_level_headers(tmp_path):
    def merge(book):
        sheet = book["企业"]
        sheet.insert_rows(1, 2)
        sheet["A1"] = "企业名册"
        sheet.merge_cells("A1:G1")
        for column in "ABCD":
            sheet[f"{column}2"] = sheet[f"{column}3"].value
            sheet[f"{column}3"] = None
            sheet.merge_cells(f"{column}2:{column}3")
        sheet["E2"] = "经营情况"
        sheet.merge_cells("E2:G2")

    case = read_case(write_workbook(tmp_path / "case.xlsx", base(), merge))
    assert case.enterprises["revenue"].tolist()[0] == 8650
    assert case.enterprises["row"].tolist() == [4, 5]


def test_merged_text_cells_stand_for_every_row_of_the_block(tmp_path):
    def merge(book):
        sheet = book["指标值"]
        for row in range(3, 14):
            sheet[f"A{row}"] = None
        sheet.merge_cells("A2:A13")
        sheet["G2"].alignment = Alignment(wrap_text=True)

    case = read_case(write_workbook(tmp_path / "case.xlsx", base(), merge))
    assert case.values["year"].tolist() == [2022] * 12


@pytest.mark.parametrize("written, read", [
    ("１，２３４．５", 1234.5), ("1,234.5", 1234.5), ("1,234.5亿元", 1234.5), ("12340000万元", 1234),
    (" 300 ", 300), ("3.0E2", 300),
])
def test_ugly_numbers_read_to_the_right_value(tmp_path, written, read):
    sheets = base()
    sheets["指标值"][1][3] = written
    assert first_value(write_folder(tmp_path / "case", sheets)) == pytest.approx(read, rel=1e-15)
    path = write_workbook(tmp_path / "case.xlsx", sheets,
                          lambda book: book["指标值"].__setitem__("D2", written))
    assert first_value(path) == pytest.approx(read, rel=1e-15)


def test_a_cell_shown_as_percent_means_what_is_shown(tmp_path):
    def show(book):
        book["指标值"]["D6"] = 0.082
        book["指标值"]["D6"].number_format = "0.0%"
        book["时间序列"]["G2"] = 0.07
        book["时间序列"]["G2"].number_format = '0.00"%"'

    case = read_case(write_workbook(tmp_path / "case.xlsx", base(), show))
    assert case.values["value"].iloc[4] == 8.2
    assert case.series["yoy"].iloc[0] == 0.07


def test_dates_and_years_stored_as_dates(tmp_path):
    def dates(book):
        book["指标值"]["A2"] = dt.date(2022, 12, 31)
        book["时间序列"]["C3"] = dt.datetime(2022, 3, 1)
        book["认定条件"]["G1"], book["认定条件"]["G2"] = "适用起", 44651
        book["认定条件"]["H1"], book["认定条件"]["H2"] = "适用止", "2026.03"

    case = read_case(write_workbook(tmp_path / "case.xlsx", base(), dates))
    assert case.values["year"].iloc[0] == 2022
    assert case.series["period"].iloc[1] == "2022-03"
    assert str(case.rules["valid_from"].iloc[0].date()) == "2022-03-31"
    assert str(case.rules["valid_to"].iloc[0].date()) == "2026-03-31"


def rewrite(path, part, change):
    """Edit one part of a workbook in place."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts[part] = change(parts[part])
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def test_formulas_with_stored_results_are_read(tmp_path):
    path = write_workbook(tmp_path / "case.xlsx", base(),
                          lambda book: book["指标值"].__setitem__("D2", "=150*2"))
    rewrite(path, "xl/worksheets/sheet4.xml",
            lambda xml: xml.replace(b"<f>150*2</f><v />", b"<f>150*2</f><v>300</v>")
            .replace(b"<f>150*2</f><v></v>", b"<f>150*2</f><v>300</v>"))
    problems = check_case(path)
    assert [p.level for p in problems] == ["警告"] and "重新计算" in problems[0].message
    assert first_value(path) == 300
    rewrite(path, "xl/workbook.xml", lambda xml: xml.replace(b'fullCalcOnLoad="1"', b""))
    assert check_case(path) == []


def test_prefixed_xml_is_scanned_too(tmp_path):
    path = write_workbook(tmp_path / "case.xlsx", base(),
                          lambda book: book["指标值"].__setitem__("D2", "=150*2"))
    rewrite(path, "xl/worksheets/sheet4.xml", lambda xml: re.sub(
        rb"<(/?)(\w+)", rb"<\1x:\2", xml).replace(b"xmlns=", b"xmlns:x="))
    problems = [p for p in check_case(path) if p.level == "错误"]
    assert any("公式" in p.message and p.row == 2 for p in problems)


def test_the_official_header_wins_over_an_alias_of_the_same_column(tmp_path):
    sheets = base()
    for row, name in zip(sheets["指标值"], ["指标名称", *["随意"] * 12]):
        row.append(name)
    case = read_case(write_folder(tmp_path / "case", sheets))
    assert set(case.values["indicator"]) == {"A1", "A2", "B1"}
    assert levels(case.problems) == ["提示"] and case.problems[0].column == "指标名称"


def test_header_units_are_split_off_and_money_is_converted(tmp_path):
    sheets = base()
    sheets["企业"][0][4:7] = ["营业收入\n(单位：亿元)", "职工人数", "技改投入（千元）"]
    sheets["企业"][1][4:7] = ["0.865", "126", "5,000"]
    firm = read_case(write_folder(tmp_path / "case", sheets)).enterprises.iloc[0]
    assert firm["revenue"] == pytest.approx(8650) and firm["技改投入"] == pytest.approx(500)


def test_a_column_of_ones_own_is_text_unless_every_cell_is_a_number(tmp_path):
    sheets = base()
    for row, cell in zip(sheets["企业"], ["研发机构类型", "省级", "12"]):
        row.append(cell)
    firms = read_case(write_folder(tmp_path / "case", sheets)).enterprises
    assert firms["研发机构类型"].tolist() == ["省级", "12"] and firms["发明专利"].tolist()[0] == 3


def test_series_money_goes_to_yi_yuan_but_averages_stay(tmp_path):
    sheets = base()
    sheets["时间序列"] += [["东区", "税收", "2022", "", "35000", "万元", ""],
                      ["东区", "全部工业产值", "2022", "", "0.05", "万亿元", ""],
                      ["东区", "人均可支配收入", "2022", "", "45000", "元", ""],
                      ["东区", "规上企业", "2022", "", "462", "家", ""]]
    series = read_case(write_folder(tmp_path / "case", sheets)).series.set_index("indicator")
    assert series.loc["税收", ["value", "unit"]].tolist() == [3.5, "亿元"]
    assert series.loc["全部工业产值", "value"] == pytest.approx(500)
    assert series.loc["人均可支配收入", ["value", "unit"]].tolist() == [45000, "元"]
    assert series.loc["规上企业", "unit"] == "家"


def test_a_stray_far_cell_is_refused_without_setting_memory_aside(tmp_path):
    path = write_workbook(tmp_path / "case.xlsx", base(),
                          lambda book: book["企业"].__setitem__("XFD1048576", "x"))
    found = [p for p in check_case(path) if p.level == "错误"]
    assert len(found) == 1 and found[0].sheet == "企业" and "XFD1048576" in found[0].message


def test_a_formatted_but_empty_last_row_is_harmless(tmp_path):
    def style(book):
        book["企业"]["A1048576"].number_format = "@"

    assert check_case(write_workbook(tmp_path / "case.xlsx", base(), style)) == []


def test_a_file_that_may_not_be_read_is_reported(tmp_path, monkeypatch):
    def refuse(path):
        raise PermissionError(path)

    path = write_workbook(tmp_path / "case.xlsx", base())
    monkeypatch.setattr(analysis.case, "digest_of", refuse)
    assert "打不开" in check_case(path)[0].message


@given(st.integers(0, 16383))
def test_column_letters_and_numbers_are_inverse(n):
    assert column_number(column_letters(n)) == n


@given(st.binary(max_size=300))
def test_any_bytes_as_a_csv_or_a_workbook_give_problems_not_exceptions(tmp_path_factory, content):
    folder = tmp_path_factory.mktemp("junk")
    (folder / "指标值.csv").write_bytes(content)
    (folder / "区县.csv").write_bytes("区县,角色\n".encode() + content)
    assert any(p.level == "错误" for p in check_case(folder))
    (folder / "x.xlsx").write_bytes(content)
    assert check_case(folder / "x.xlsx")[0].level == "错误"
    (folder / "y.xlsx").write_bytes(b"PK\x03\x04" + content)
    tables, problems = read_tables(folder / "y.xlsx")
    assert tables == {} and problems
