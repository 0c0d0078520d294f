"""Validation of the roster, its scales and units: found where they are, nothing else touched."""

import copy

import numpy as np
import pytest
from casebook import base, write_folder
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.case import check_case, read_case

HEAD = ["统一社会信用代码", "企业名称", "镇街园区", "营业收入（万元）", "上年营业收入（万元）", "开票销售（万元）", "资产总额（万元）", "职工人数", "细分市场占有率"]


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


def with_parts(header):
    """The clean roster with 研发费用 and 主营业务收入, parts of 营业收入 that must not exceed it; revenue under this header."""
    rows = [[*row, "研发费用（万元）", "主营业务收入（万元）"] if k == 0 else [*row, f"{float(row[3]) * 0.04:.1f}", f"{float(row[3]) * 0.9:.0f}"]
            for k, row in enumerate(firms())]
    rows[0][3] = header
    return rows


def test_a_wrong_unit_of_a_whole_column_is_said_once_and_not_again_for_every_row(tmp_path):
    assert problems(tmp_path / "a", with_parts("营业收入（万元）")) == []
    found = problems(tmp_path / "b", with_parts("营业收入（元）"))
    assert [(p.level, p.row, p.column) for p in found] == [("警告", None, "营业收入（元）")] and "整列" in found[0].message


def test_the_whole_column_comes_before_the_rows_of_others(tmp_path):
    rows = spoil(with_parts("营业收入（元）"), 4, 7, "2.5")
    assert [(p.row, p.column) for p in problems(tmp_path, rows)][:2] == [(None, "营业收入（元）"), (4, "职工人数")]


def test_a_column_that_contradicts_another_in_most_rows_is_named_once(tmp_path):
    """研发费用 in yuan under a header of ten thousand yuan; in one or two rows only, each is named."""
    rows = with_parts("营业收入（万元）")
    every = rows[:1] + [[*row[:9], f"{float(row[9]) * 1e4:.0f}", row[10]] for row in rows[1:]]
    assert at(problems(tmp_path / "a", every), "可能整列填错或单位不对") == [("警告", None, "研发费用（万元）")] and len(problems(tmp_path / "a", every)) == 1
    two = spoil(spoil(rows, 5, 9, "99999999"), 9, 9, "99999999")
    assert at(problems(tmp_path / "b", two), "大于营业收入") == [("警告", 5, "研发费用（万元）"), ("警告", 9, "研发费用（万元）")]
