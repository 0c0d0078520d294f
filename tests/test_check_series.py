"""Validation of 时间序列: contradictions are warned of with their rows, on a case read from files."""

import pytest
from casebook import base, write_folder

from analysis.case import check_case, read_case
from analysis.problems import ERROR, NOTICE, WARNING, errors

HEAD = ["区县", "指标", "期间", "口径", "数值", "单位", "同比"]


def problems_of(folder, *rows):
    """Problems of the sheet with these (period, basis, value[, unit]); the first stands in row 2."""
    sheets = base()
    sheets["时间序列"] = [HEAD] + [["东区", "开票销售", period, basis, value, *(unit or ["亿元"]), ""] for period, basis, value, *unit in rows]
    return [p for p in check_case(write_folder(folder / "case", sheets)) if p.sheet == "时间序列"]


@pytest.mark.parametrize("rows, row, phrase", [
    ([("2022-12", "累计", "300"), ("2022", "", "310")], 3, "第2行得出的 300 对不上"),
    ([("2022-12", "累计", "300"), ("2022Q4", "累计", "290")], 3, "相差 -10"),
    ([("2022-01..06", "累计", "120"), ("2022-06", "累计", "125")], 2, "第3行"),
    ([("2022-01..02", "累计", "20"), ("2022-03", "当期", "9"), ("2022-03", "累计", "31")], 3, "第2、4行得出的 11"),
    ([("2022-01", "当期", "9"), ("2022-02", "当期", "8"), ("2022-01..02", "当期", "19")], 3, "第2、4行得出的 10"),
    ([("2022-03", "累计", "60"), ("2022-05", "累计", "55")], 3, "小于同年第2行（2022-03）的 60"),
])
def test_contradicting_rows_are_a_warning_that_names_them(tmp_path, rows, row, phrase):
    found = [p for p in problems_of(tmp_path, *rows) if p.level == WARNING]
    assert len(found) == 1 and found[0].row == row and phrase in found[0].message and found[0].column == "数值" and found[0].fix


@pytest.mark.parametrize("rows", [
    [("2022-12", "累计", "300.4"), ("2022", "", "300")],
    [("2022-11", "累计", "280"), ("2022-12", "累计", "280")],
    [("2022-01", "当期", "9.4"), ("2022-02", "当期", "8.4"), ("2022-01..02", "累计", "17.8"), ("2022Q1", "累计", "30")],
    [("2022-12", "累计", "**"), ("2022", "", "310")],
    [("2022-12", "累计", "300"), ("2022-12", "当期", "30"), ("2023-01..02", "累计", "40")],
    [("2022-03", "累计", "60", "家"), ("2022-06", "累计", "55", "亿元")],
])
def test_rounding_level_months_masks_and_other_years_are_no_contradiction(tmp_path, rows):
    assert not [p for p in problems_of(tmp_path, *rows) if p.level == WARNING]


def test_the_same_period_twice_is_an_error_and_not_also_a_contradiction(tmp_path):
    found = problems_of(tmp_path, ("2022-03", "累计", "60"), ("2022年3月", "累计", "70"))
    assert [(p.level, p.row) for p in found] == [(ERROR, 3)] and "重复" in found[0].message


def test_separate_january_and_february_beside_merged_ones_are_noticed_once(tmp_path):
    found = problems_of(tmp_path, ("2021-01..02", "累计", "20"), ("2022-01", "当期", "9"), ("2022-02", "当期", "8"), ("2023-01", "累计", "9"))
    assert [(p.level, p.row) for p in found] == [(NOTICE, 3)] and "一律并为 1—2 月" in found[0].message and "另有 1 处" in found[0].message


def test_numbers_of_firms_may_fall_and_other_districts_do_not_mix(tmp_path):
    sheets = base()
    sheets["时间序列"] = [HEAD, ["东区", "规上企业数", "2022Q1", "当期", "60", "家", ""], ["东区", "规上企业数", "2022Q2", "当期", "55", "家", ""],
                      ["东区", "产值", "2022-03", "累计", "60", "亿元", ""], ["西区", "产值", "2022-06", "累计", "50", "亿元", ""]]
    assert not [p for p in check_case(write_folder(tmp_path / "case", sheets)) if p.sheet == "时间序列"]


def test_a_case_with_warnings_is_still_read(tmp_path):
    sheets = base()
    sheets["时间序列"] = [HEAD, ["东区", "开票销售", "2022-03", "累计", "60", "亿元", ""], ["东区", "开票销售", "2022-05", "累计", "55", "亿元", ""]]
    case = read_case(write_folder(tmp_path / "case", sheets))
    assert len(case.series) == 2 and not errors(case.problems) and any("小于同年" in p.message for p in case.problems)
