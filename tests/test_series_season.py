"""Series: published growth beside levels and the implied base, the path of the year, the bundled case."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from seriesbook import MERGED, NAME, book, said, year_rows

from analysis.case import read_case
from analysis.params import AssessmentError
from analysis.series import (annual, annualise, comparable_base, coverage, cumulative_wide, current_wide, growth_check, indicators,
                             last_complete_year, latest, read_series, seasonal_share, share_history, yoy_wide)
from analysis.series.views import coverage_view, growth_view, indicators_view, problems_view, share_view


# --- growth ---

def growing(yoy=10.0):
    """2021: 100 to June of 250; 2022: 110 to June."""
    return read_series(book([("东区", "2021-06", "累计", 100.0), ("东区", "2021-12", "累计", 250.0), ("东区", "2022-06", "累计", 110.0, yoy)]), NAME)


@pytest.mark.parametrize("yoy, ratio, flag", [(10.0, 1.0, "相符"), (12.0, 0.98214286, "基数修订"), (-12.0, 1.25, "方向相反"), (40.0, 0.78571429, "核对口径")])
def test_published_growth_is_compared_with_levels_and_never_replaced(yoy, ratio, flag):
    row = growth_check(growing(yoy)).iloc[0]
    assert (row["yoy"], row["growth_levels"]) == (yoy, pytest.approx(10.0)) and row["flag"] == flag
    assert row["ratio"] == pytest.approx(ratio, abs=1e-8) and row["implied_base"] == pytest.approx(100 * ratio, abs=1e-6)
    assert (row["row"], row["row_last"], row["status"]) == (4, 2, "推算")


@settings(max_examples=25)
@given(st.floats(1, 1e4), st.floats(1, 1e4), st.floats(-50, 200))
def test_the_revision_of_the_base_is_the_quotient_of_the_two_growth_factors(last, now, yoy):
    series = read_series(book([("东区", "2021", "", last), ("东区", "2022", "", now, yoy)]), NAME)
    row = growth_check(series, "东区").iloc[0]
    assert row["ratio"] == pytest.approx((1 + row["growth_levels"] / 100) / (1 + yoy / 100))


def test_growth_without_a_base_or_of_minus_100_percent_is_said():
    series = read_series(book([("东区", "2021", "", 100.0, 5.0), ("东区", "2022", "", 0.0, -100.0)]), NAME)
    assert growth_check(series)["flag"].tolist() == ["没有上年数", "同比无效"] and said(series, "同比无效")["rows"] == "3"


def test_the_comparable_base_of_the_remaining_months_by_hand():
    base = comparable_base(growing(12.0), "东区", 2022, 2)
    assert base.base == pytest.approx(110 / 1.12) and base.ratio == pytest.approx(110 / 112)
    assert base.total_base == pytest.approx(250 * 110 / 112) and base.remaining_base == pytest.approx(150 * 110 / 112)
    assert base.base_low == pytest.approx(110 / 1.1205) and base.base_high == pytest.approx(110 / 1.1195)
    assert base.base + base.remaining_base == pytest.approx(base.total_base) and "同一比例" in base.assumption and base.status == "推算"


@pytest.mark.parametrize("rows, phrase", [
    ([("东区", "2021-06", "累计", 100.0), ("东区", "2021-12", "累计", 250.0), ("东区", "2022-06", "累计", 110.0)], "公布同比"),
    ([("东区", "2021-06", "累计", 100.0), ("东区", "2022-06", "累计", 110.0, 5.0)], "2021 年的全年数"),
    ([("东区", "2021-12", "累计", 100.0), ("东区", "2022-06", "累计", 110.0, 5.0)], "2021年上半年的累计数"),
    ([("东区", "2021-06", "累计", "**"), ("东区", "2021-12", "累计", 250.0), ("东区", "2022-06", "累计", 110.0, 5.0)], r"未公布（\*\*）"),
    ([("东区", "2021-06", "累计", 100.0), ("东区", "2021-12", "累计", 90.0), ("东区", "2022-06", "累计", 110.0, 5.0)], "不大于"),
])
def test_a_comparable_base_that_cannot_be_had_says_what_is_missing(rows, phrase):
    with pytest.raises(AssessmentError, match=phrase):
        comparable_base(read_series(book(rows), NAME), "东区", 2022, 2)


# --- season ---

def quarters(shares_by_year, total=200.0, district="东区"):
    return [(district, f"{year}Q{q}", "累计", total * s) for year, shares in shares_by_year.items() for q, s in enumerate(shares, 1)]


def test_the_seasonal_share_is_the_mean_of_past_shares_by_hand():
    rows = quarters({2019: (.2, .45, .7, 1), 2020: (.1, .4, .7, 1), 2021: (.24, .5, .73, 1), 2022: (.2, .44)})
    rows += quarters({2020: (.3, .5, .8, 1)}, district="西区")
    series = read_series(book(rows), NAME)
    own = seasonal_share(series, "东区").set_index("part")
    assert own.loc[2, ["mean", "least", "greatest", "years"]].tolist() == pytest.approx([.45, .4, .5, 3]) and own.at[2, "naive"] == .5
    pooled = seasonal_share(series).set_index(["district", "part"])
    assert pooled.loc[("全部区县", 1), ["mean", "cases", "years"]].tolist() == pytest.approx([(.2 + .1 + .24 + .3) / 4, 4, 3])
    assert seasonal_share(series, "东区", before=2021).set_index("part").at[1, "mean"] == pytest.approx(.15)
    told = annualise(series, "东区", 2022)
    assert (told.part, told.value, told.low, told.high) == (2, pytest.approx(88 / .45), pytest.approx(88 / .5), pytest.approx(88 / .4))
    assert told.years == (2019, 2020, 2021) and "2019—2021 年" in told.note and told.status == "推算"
    with pytest.raises(AssessmentError, match="西区 在 2022 年以前只有 1 个"):
        annualise(series, "西区", 2022)
    with pytest.raises(AssessmentError, match="2023 年没有可用的累计数"):
        annualise(series, "东区", 2023)


@settings(max_examples=15)
@given(st.lists(st.integers(1, 1000), min_size=11, max_size=11), st.floats(0.5, 2))
def test_a_year_of_the_usual_shape_is_told_exactly_from_any_part_of_it(currents, factor):
    rows = [r for y in (2019, 2020) for r in year_rows(y, [float(c) for c in currents], MERGED)]
    rows += year_rows(2021, [c * factor for c in currents], MERGED)
    series = read_series(book(rows), NAME)
    for part in (1, 5, 11):
        assert annualise(series, "东区", 2021, part).value == pytest.approx(sum(currents) * factor, rel=1e-4)
    shares = share_history(series)
    assert shares.loc[shares["part"] == 11, "share"].eq(1).all() and shares.groupby(["district", "year"])["share"].is_monotonic_increasing.all()


def test_a_year_without_amounts_has_no_path():
    series = read_series(book(quarters({2021: (.2, .4, .7, 1)}, total=0.0)), NAME)
    with pytest.raises(AssessmentError, match="没有一个各期齐全的年份"):
        seasonal_share(series)
    with pytest.raises(AssessmentError, match="只有年度数"):
        share_history(read_series(book([("东区", "2021", "", 1.0)]), NAME))


# --- the bundled case ---

@pytest.fixture(scope="module")
def demo():
    return read_case("demo")


def test_the_benchmark_of_the_bundled_case_sold_473_6_in_2022(demo):
    series = read_series(demo, "规模以上工业开票销售")
    assert (series.frequency, series.parts, series.unit, series.nature) == ("月", 11, "亿元", "流量")
    assert annual(series).at[2022, "标杆区"] == 473.6 and last_complete_year(series, demo.home) == 2022 and latest(series, demo.home) == (2023, 5)
    assert cumulative_wide(series).at[(2022, 11), "标杆区"] == 473.6 and yoy_wide(series).index[-1] == (2023, 5)
    sums = current_wide(series).groupby("year").sum()
    np.testing.assert_allclose(sums.loc[:2022], annual(series), atol=1e-9)


def test_the_views_of_the_bundled_case_have_chinese_headers_and_a_status(demo):
    series = read_series(demo, "规模以上工业增加值")
    tables = [indicators_view(indicators(demo)), coverage_view(coverage(series)), growth_view(growth_check(series)), share_view(seasonal_share(series))]
    for table in tables:
        assert not any(column.isascii() for column in table.columns) and set("、".join(table["状态"]).split("、")) <= {"公布", "推算", "示例", "不详"} and len(table)
    assert problems_view(series.problems).columns.tolist() == ["区县", "期间", "类别", "说明", "所在行"]


def test_the_years_a_yearbook_skips_are_told_once_for_all_districts():
    rows = [(d, str(y), "", 10.0) for d in ("东区", "西区", "南县", "北县", "山县") for y in (2000, 2005, 2006)]
    told = problems_view(read_series(book(rows), NAME).problems)
    assert told["区县"].tolist() == ["东区、西区、南县、北县等 5 个"] and told.at[0, "期间"] == "2001至2004"
