"""One cell: what has one meaning is read, what has two is refused."""

import datetime as dt
import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.cells import (Broken, credit_check_character, parse_choice, parse_credit_code,
                            parse_flag, parse_number, parse_text)
from analysis.dates import parse_date, parse_period, parse_year
from analysis.units import convert_factor, is_money, per_head


@pytest.mark.parametrize("written, read", [
    ("12", 12), ("-3.5", -3.5), ("1,234.5", 1234.5), ("１２３４．５", 1234.5),
    ("１，２３４", 1234), ("−3", -3), ("－3", -3), ("–3", -3), ("+7", 7), (".5", 0.5),
    (" 12\u3000", 12), ("\u00a012", 12), ("1.2E+05", 120000), ("007", 7), ("0", 0),
    ("1,234,567.89", 1234567.89), (12.0, 12), (0.1, 0.1), ("\u200b5", 5),
])
def test_a_number_with_one_reading_is_read(written, read):
    number, trouble = parse_number(written)
    assert (number.value, number.masked, number.suffix, trouble) == (read, False, "", None)


@pytest.mark.parametrize("written, read, suffix", [
    ("3%", 3, "%"), ("８.２％", 8.2, "%"), ("-1.5 %", -1.5, "%"), ("12家", 12, "家"),
    ("1,234亿元", 1234, "亿元"), ("3‰", 3, "‰"), ("860吨标准煤", 860, "吨标准煤"), ("5kWh", 5, "kWh"),
])
def test_a_unit_behind_a_number_is_kept_for_comparison_with_the_column(written, read, suffix):
    number, trouble = parse_number(written)
    assert (number.value, number.suffix, trouble) == (read, suffix, None)


@pytest.mark.parametrize("written", ["", None, "  ", "—", "——", "-", "--", "…", "/", "N/A", "n/a", "－", "\u3000"])
def test_dashes_and_blanks_are_missing(written):
    number, trouble = parse_number(written)
    assert math.isnan(number.value) and not number.masked and trouble is None


@pytest.mark.parametrize("written", ["**", "***", "＊＊", " ** "])
def test_two_or_more_stars_are_masked_not_missing(written):
    number, trouble = parse_number(written)
    assert math.isnan(number.value) and number.masked and trouble is None


def test_wu_in_a_number_column_is_missing_with_a_notice():
    number, trouble = parse_number("无")
    assert math.isnan(number.value) and trouble.level == "提示"


@pytest.mark.parametrize("written, phrase", [
    ("1.234,5", "不止一种读法"), ("12 34", "不止一种读法"), ("1,23", "不止一种读法"),
    ("0,123", "不止一种读法"), ("1,2345", "不止一种读法"), ("1.2.3", "不止一种读法"),
    ("3-5", "区间"), ("3～5", "区间"), ("10%—20%", "区间"), ("约12", "约数"), ("12左右", "约数"),
    ("12以上", "约数"), (">5", "约数"), ("(1,234)", "带括号"), ("（12）", "带括号"),
    ("*", "一个星号"), ("未公布", "两种理解"), ("不详", "两种理解"), ("nan", "不是数字"),
    ("-inf", "不是数字"), ("∞", "不是数字"), ("1e999", "大得不合理"), ("1e16", "大得不合理"),
    ("1e-999", "小得无法表示"), ("十二", "不是数字"), ("12①", "不是数字"), ("10²", "不是数字"), ("0:,", "不是数字"),
    ("#REF!", "#REF!"), ("—5", "不是数字"), ("- 5", "不是数字"), ("1_000", "不是数字"),
    ("٣", "不是数字"), ("0x10", "不是数字"), ("5.", "不止一种读法"),
    (True, "逻辑值"), (dt.date(2022, 3, 5), "日期"), (float("nan"), "不合理"), (1e300, "不合理"),
    (Broken("单元格 D2 是公式", "重新计算"), "公式"),
])
def test_a_number_with_two_readings_is_never_read(written, phrase):
    number, trouble = parse_number(written)
    assert math.isnan(number.value) and not number.masked
    assert trouble.level == "错误" and phrase in trouble.message and trouble.fix


@given(st.one_of(st.text(max_size=12),
                 st.text(alphabet="0123456789０１２.,，．+-－−%％ eE*＊—/()（）万亿元", max_size=10)))
def test_any_text_is_read_as_a_person_would_or_refused(text):
    number, trouble = parse_number(text)
    if not math.isnan(number.value):
        wide = str.maketrans("０１２３４５６７８９．，％－−–‐‑‒＋ｅＥ", "0123456789.,%-----" + "-+eE")
        seen = re.sub(r"[\s\u200b-\u200d\u2060\ufeff\u00ad]", "", text.translate(wide))
        bare = seen[:len(seen) - len(number.suffix.replace(" ", ""))].replace(",", "")
        assert float(bare) == number.value
        assert "," not in seen or re.search(r"[1-9][0-9]{0,2}(,[0-9]{3})+", seen)
    elif trouble is None:
        assert number.masked or not re.search(r"[0-9０-９]", text)
    else:
        assert trouble.message and trouble.fix


@given(st.integers(-10**12, 10**12), st.integers(0, 4))
def test_grouped_and_full_width_forms_read_back(units, places):
    value = units / 10**places
    written = f"{value:,.{places}f}"
    wide = written.translate(str.maketrans("0123456789.,-", "０１２３４５６７８９．，－"))
    assert parse_number(written)[0].value == float(f"{value:.{places}f}")
    assert parse_number(wide)[0].value == float(f"{value:.{places}f}")


@given(st.floats(-1e15, 1e15, allow_nan=False).filter(lambda v: v == 0 or abs(v) > 1e-300))
def test_stored_numbers_and_their_text_are_read_exactly(value):
    assert parse_number(value)[0].value == value
    assert parse_number(repr(value))[0].value == value


@given(st.one_of(st.text(max_size=15), st.floats(), st.booleans(), st.dates(), st.datetimes(),
                 st.times(), st.timedeltas(), st.none()))
def test_no_parser_raises_on_anything(cell):
    for parse in (parse_number, parse_text, parse_flag, parse_credit_code, parse_year,
                  parse_date, parse_period, lambda c: parse_choice(c, ("镇", "乡"))):
        _, trouble = parse(cell)
        assert trouble is None or (trouble.message and trouble.fix)


@pytest.mark.parametrize("written, read", [
    (2022.0, 2022), ("2022", 2022), ("2022年", 2022), ("２０２２", 2022), ("2022年度", 2022),
    ("2022.0", 2022), (dt.date(2022, 12, 31), 2022), (dt.datetime(2022, 1, 1), 2022),
    ("22", None), ("2022-2023", None), (dt.date(1905, 7, 14), None), (2022.5, None), ("", None),
])
def test_years(written, read):
    year, trouble = parse_year(written)
    assert year == read
    assert (trouble is None) == (year is not None or written == "")


@pytest.mark.parametrize("written, read", [
    ("2022", "2022"), (2022.0, "2022"), ("2022年", "2022"), ("2022Q1", "2022Q1"), ("2022q3", "2022Q3"),
    ("2022年一季度", "2022Q1"), ("2022年第四季度", "2022Q4"), ("2022年1季度", "2022Q1"),
    ("2022-03", "2022-03"), ("2022年3月", "2022-03"), ("2022年12月份", "2022-12"), ("202203", "2022-03"),
    (202203.0, "2022-03"), ("2022/3", "2022-03"), ("2022.03", "2022-03"), (2022.03, "2022-03"),
    ("2022-01..02", "2022-01..02"), ("2022年1-2月", "2022-01..02"), ("2022年1—2月", "2022-01..02"),
    ("2022年1～2月", "2022-01..02"), ("2022年1至2月", "2022-01..02"), ("2022年上半年", "2022-01..06"),
    ("2022年前三季度", "2022-01..09"), (dt.date(2022, 3, 1), "2022-03"), (dt.date(2022, 3, 31), "2022-03"),
    ("２０２２年３月", "2022-03"),
])
def test_periods_become_canonical(written, read):
    assert parse_period(written) == (read, None)


@pytest.mark.parametrize("written", ["2022.1", 2022.1, "2022-13", "2022年0月", "2022-01-02", "2022年2-1月",
                                     "3月", "2022Q5", dt.date(2022, 3, 15), "20220", "去年", "2022年1-13月"])
def test_periods_with_two_readings_are_refused(written):
    period, trouble = parse_period(written)
    assert period == "" and trouble.level == "错误"


@pytest.mark.parametrize("written, end, read", [
    (44651.0, False, dt.date(2022, 3, 31)), ("44651", False, dt.date(2022, 3, 31)),
    ("2022/3/31", False, dt.date(2022, 3, 31)), ("2022年3月31日", False, dt.date(2022, 3, 31)),
    ("2022.3.31", False, dt.date(2022, 3, 31)), ("20220331", False, dt.date(2022, 3, 31)),
    ("2022.03", False, dt.date(2022, 3, 1)), ("2022.03", True, dt.date(2022, 3, 31)),
    ("2024年2月", True, dt.date(2024, 2, 29)), ("2024", True, dt.date(2024, 12, 31)),
    (2024.0, False, dt.date(2024, 1, 1)), (dt.datetime(2022, 3, 31), False, dt.date(2022, 3, 31)),
    ("长期有效", True, None), ("", True, None), ("2022-03-31 00:00:00", False, dt.date(2022, 3, 31)),
])
def test_dates(written, end, read):
    assert parse_date(written, end) == (read, None)


@pytest.mark.parametrize("written", ["3/4/2022", "2022-02-30", "2022/13/1", "明年", "12", 1.5])
def test_dates_that_do_not_exist_or_have_two_readings_are_refused(written):
    assert parse_date(written)[0] is None and parse_date(written)[1].level == "错误"


@pytest.mark.parametrize("written, read", [
    ("是", True), ("有", True), ("√", True), ("1", True), (1.0, True), ("Y", True), ("TRUE", True), (True, True),
    ("否", False), ("无", False), ("×", False), ("0", False), (0.0, False), ("ｎ", False), ("false", False),
    ("", None), ("—", None), ("不清楚", None), (None, None),
])
def test_flags(written, read):
    assert parse_flag(written) == (read, None)


def test_an_unclear_flag_is_refused():
    assert parse_flag("也许")[1].level == "错误"


def test_the_check_character_agrees_with_a_real_published_code():
    # Published codes of well-known companies: Tencent (Shenzhen), Huawei
    for code in ("9144030071526726XG", "914403001922038216"):
        assert credit_check_character(code[:17]) == code[17]
        assert parse_credit_code(code.lower()) == (code, None)


@pytest.mark.parametrize("written, level, phrase", [
    ("9144030071526726X1", "警告", "校验位"), ("9144030071526726X", "错误", "17 位"),
    ("91440300715267I6XG", "错误", "I"), (9.1440300715267e17, "错误", "存成了数字"),
    ("440301103097413", "错误", "注册号"), ("9.1440300715267E+17", "错误", "位"),
])
def test_bad_credit_codes_say_what_is_wrong(written, level, phrase):
    trouble = parse_credit_code(written)[1]
    assert trouble.level == level and phrase in trouble.message


@pytest.mark.parametrize("written, read", [(12.0, "12"), (0.1, "0.1"), (" 甲\u3000", "甲"), ("—", ""),
                                           ("无", "无"), (True, "是"), (dt.date(2022, 3, 1), "2022-03-01"),
                                           ("'=1+1", "=1+1"), ("001", "001")])
def test_text_is_kept_as_shown(written, read):
    assert parse_text(written) == (read, None)


def test_choices_compare_folded_and_known_synonyms_are_understood():
    assert parse_choice("≥", (">=", "<"))[0] == ">="
    assert parse_choice(" 园区 ", ("镇", "园区"))[0] == "园区"
    assert parse_choice("一票否决", ("加分", "否决"))[0] == "否决"
    assert parse_choice("村", ("镇", "园区"))[1].fix == "可填：镇、园区"


def test_only_yuan_amounts_convert():
    assert convert_factor("万元", "亿元") == 1e-4 and convert_factor("万亿元", "亿元") == 1e4
    assert convert_factor("亿美元", "亿元") is None and convert_factor("万人", "人") == 1e4
    assert not is_money("元/人") and not is_money("万美元")
    assert per_head("城镇居民人均可支配收入") and not per_head("开票销售")
