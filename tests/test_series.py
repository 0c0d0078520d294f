"""Series: cumulative and current figures, gaps, masks and contradictions, annual tables, items."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from seriesbook import MERGED, NAME, SINGLE, book, kinds, line, said, year_rows

from analysis.params import AssessmentError
from analysis.series import (annual, annual_cells, annual_status, comparable_base, coverage, history, indicators, item_levels, items,
                             last_complete_year, latest, period_label, period_text, read_series, seasonal_share, share_history, to_date_label)
from analysis.series.nature import nature


# --- cumulative and current ---

@settings(max_examples=25)
@given(st.data(), st.sampled_from([MERGED, SINGLE, [f"Q{q}" for q in range(1, 5)]]), st.booleans())
def test_cumulative_and_current_figures_give_each_other_back(data, months, cumulative):
    years = data.draw(st.integers(1, 2))
    amounts = st.integers(0, 10**6).map(lambda n: n / 100)
    drawn = [data.draw(st.lists(amounts, min_size=len(months), max_size=len(months))) for _ in range(years)]
    rows = [r for y, c in enumerate(drawn) for r in year_rows(2020 + y, c, months, cumulative=cumulative)]
    rows = [(d, p.replace("-Q", "Q"), *rest) for d, p, *rest in rows]
    series = read_series(book(rows), NAME)
    assert (series.parts, series.frequency) == (len(months), "季" if len(months) == 4 else "月")
    np.testing.assert_allclose(line(series, "current"), np.concatenate(drawn), atol=1e-7)
    np.testing.assert_allclose(line(series, "cumulative"), np.concatenate([np.cumsum(c) for c in drawn]), atol=1e-7)
    np.testing.assert_allclose(annual(series)["东区"], [sum(c) for c in drawn], atol=1e-7)
    assert series.problems.empty


def test_what_the_rows_do_not_give_is_said_to_be_computed():
    given_cumulative = read_series(book(year_rows(2021, [10, 20, 30], MERGED)), NAME)
    assert line(given_cumulative, "derived") == ["", "当期", "当期"]
    given_current = read_series(book(year_rows(2021, [10, 20, 30], MERGED, cumulative=False)), NAME)
    assert line(given_current, "derived") == ["", "累计", "累计"]


def test_spans_from_january_are_cumulative_and_halves_tie_the_year_together():
    series = read_series(book([("东区", "2021-01..06", "", 48.0), ("东区", "2021Q1", "", 20.0), ("东区", "2021-07..12", "当期", 60.0),
                               ("东区", "2021Q3", "当期", 25.0)]), NAME)
    assert series.parts == 4
    assert line(series, "cumulative") == [20, 48, 73, 108]
    assert line(series, "current") == [20, 28, 25, 35]


def test_the_year_figure_stands_in_for_december_where_december_is_absent():
    rows = year_rows(2021, [10, 10, 10, 10, 10, 10, 10, 10, 10, 10], MERGED[:10]) + [("东区", "2021", "", 115.0)]
    series = read_series(book(rows), NAME)
    assert (line(series, "cumulative")[-1], line(series, "current")[-1]) == (115, 15)
    assert annual_cells(series).at[2021, "东区"] == "时间序列!E12"


def test_a_year_figure_that_only_rounds_december_is_no_disagreement_and_a_different_one_is():
    months = year_rows(2021, [20.05] * 11, MERGED)
    agreed = read_series(book([*months, ("东区", "2021", "", 221.0)]), NAME)
    assert annual(agreed).at[2021, "东区"] == pytest.approx(220.55) and agreed.problems.empty
    differing = read_series(book([*months, ("东区", "2021", "", 230.0)]), NAME)
    assert annual(differing).at[2021, "东区"] == pytest.approx(220.55)
    problem = said(differing, "数据不一致")
    assert (problem["district"], problem["period"], problem["rows"]) == ("东区", "2021", "12、13") and "230" in problem["what"]


def test_a_fourth_quarter_cumulative_and_december_are_the_same_sum():
    series = read_series(book([*year_rows(2021, [10.0] * 11, MERGED), ("东区", "2021Q4", "累计", 120.0)]), NAME)
    assert said(series, "数据不一致")["rows"] == "12、13"


def test_mixed_bases_are_used_as_given_checked_and_said():
    rows = [("东区", "2021-01..02", "累计", 20.0), ("东区", "2021-03", "当期", 15.0), ("东区", "2021-04", "累计", 47.0), ("东区", "2021-05", "当期", 9.0)]
    series = read_series(book(rows), NAME)
    assert line(series, "cumulative") == [20, 35, 47, 56] and line(series, "current") == [20, 15, 12, 9]
    assert kinds(series) == {"口径并用"}
    wrong = read_series(book([*rows, ("东区", "2021-03", "累计", 40.0)]), NAME)
    assert line(wrong, "cumulative")[1] == 40 and said(wrong, "数据不一致")["rows"] == "2、3、6"


@settings(max_examples=40)
@given(st.lists(st.integers(1, 500), min_size=12, max_size=12), st.sets(st.sampled_from(
    [("累计", m, f"2021-{m:02d}") for m in range(1, 13)] + [("当期", m, f"2021-{m:02d}") for m in range(2, 13)]
    + [("当期", q, f"2021Q{q}") for q in range(2, 5)] + [("当期", 12, "2021-07..12"), ("累计", 6, "2021-01..06"), ("", 12, "2021")]), min_size=1, max_size=9))
def test_a_cumulative_figure_is_known_exactly_when_the_rows_determine_it(amounts, stated):
    rows, equations = [], []
    for basis, at, period in sorted(stated):
        first, last = (3 * at - 2, 3 * at) if "Q" in period else (7, 12) if period.endswith("07..12") else (1 if basis != "当期" else at, at)
        rows.append(("东区", period, basis, float(sum(amounts[first - 1:last]))))
        equations.append([first <= m <= last for m in range(1, 13)])
    matrix = np.array(equations, dtype=float)
    if not (matrix[:, 0] == 1).any():
        return
    series = read_series(book(rows), NAME)
    for part, months_to, level in zip(line(series, "part"), line(series, "months_to"), line(series, "cumulative")):
        wanted = np.array([[float(m <= months_to) for m in range(1, 13)]])
        determined = np.linalg.matrix_rank(np.vstack([matrix, wanted])) == np.linalg.matrix_rank(matrix)
        assert np.isnan(level) != determined, (part, months_to)
        assert not determined or level == sum(amounts[:months_to])


# --- 11 and 12 periods ---

def test_twelve_separate_months_beside_years_of_eleven_periods_are_merged_and_said():
    rows = year_rows(2020, [30.0] * 11, MERGED) + year_rows(2021, [float(m) for m in range(1, 13)], SINGLE, cumulative=False)
    series = read_series(book(rows), NAME)
    assert series.parts == 11 and series.months == tuple(range(2, 13))
    assert line(series, "current")[11:] == [3, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]
    assert annual(series)["东区"].tolist() == [330, 78]
    assert said(series, "一二月合并")["rows"] == "13、14"


def test_separate_months_and_a_merged_figure_of_one_year_must_agree():
    def rows(merged):
        return [("东区", "2021-01", "当期", 4.0), ("东区", "2021-02", "当期", 5.0), ("东区", "2021-01..02", "当期", merged), ("东区", "2021-03", "当期", 6.0)]

    agreed = read_series(book(rows(9.0)), NAME)
    assert line(agreed, "cumulative") == [9, 15] and "数据不一致" not in kinds(agreed)
    differing = read_series(book(rows(11.0)), NAME)
    assert line(differing, "cumulative") == [11, 17] and said(differing, "数据不一致")["rows"] == "2、3、4"


def test_a_january_that_cannot_be_told_apart_leaves_eleven_periods():
    series = read_series(book([("东区", "2021-02", "累计", 9.0), ("东区", "2021-03", "累计", 15.0)]), NAME)
    assert series.parts == 11 and line(series, "period") == ["2021-01..02", "2021-03"]


# --- gaps, masks, falls ---

def test_a_gap_is_listed_and_never_filled():
    rows = [r for r in year_rows(2021, [10.0] * 11, MERGED) if r[1] not in {"2021-05", "2021-06"}]
    series = read_series(book(rows), NAME)
    assert np.isnan(line(series, "cumulative")[3:5]).all() and np.isnan(line(series, "current")[3:6]).all()
    assert line(series, "current")[6] == 10 and annual(series).at[2021, "东区"] == 110
    gap = said(series, "缺数")
    assert gap["period"] == "2021-05至2021-06" and "2 期" in gap["what"] and coverage(series).at[0, "missing"] == 2


def test_current_figures_after_a_gap_do_not_add_up_to_a_year():
    rows = [r for r in year_rows(2021, [10.0] * 11, MERGED, cumulative=False) if r[1] != "2021-04"] + year_rows(2022, [1.0] * 11, MERGED, cumulative=False)
    series = read_series(book(rows), NAME)
    assert annual(series).index.tolist() == [2022] and kinds(series) == {"缺数", "累计加不出"}
    assert line(series, "current")[3] == 10 and np.isnan(line(series, "cumulative")[2:11]).all()


def test_a_masked_figure_stays_unknown_even_where_the_others_would_give_it_away():
    rows = year_rows(2021, [10.0] * 11, MERGED)
    rows[4] = ("东区", "2021-06", "累计", "**")
    rows += [("东区", "2021-07", "当期", 10.0)]
    series = read_series(book(rows), NAME)
    assert np.isnan(line(series, "cumulative")[4]) and np.isnan(line(series, "current")[4]) and line(series, "masked")[4]
    assert line(series, "current")[5] == 10 and said(series, "未公布")["rows"] == "6" and "缺数" not in kinds(series)


def test_a_falling_cumulative_figure_leaves_its_month_empty_and_names_both_rows():
    rows = year_rows(2021, [10.0] * 11, MERGED)
    rows[5] = ("东区", "2021-07", "累计", 45.0)
    series = read_series(book(rows), NAME)
    assert np.isnan(line(series, "current")[5]) and line(series, "cumulative")[5] == 45 and annual(series).at[2021, "东区"] == 110
    assert said(series, "累计数下降")["rows"] == "6、7"
    with pytest.raises(AssessmentError, match="没有一个各期齐全的年份"):
        seasonal_share(series)


def test_a_fall_is_seen_across_a_gap_and_allowed_for_profits():
    rows = [("东区", "2021-02", "累计", 30.0), ("东区", "2021-03", "累计", 40.0), ("东区", "2021-05", "累计", 35.0)]
    assert said(read_series(book(rows), NAME), "累计数下降")["rows"] == "3、4"
    profit = read_series(book(rows, "规上工业利润总额"), "规上工业利润总额")
    assert "累计数下降" not in kinds(profit)


def test_rows_without_a_basis_are_left_out_and_named():
    series = read_series(book([("东区", "2021-01..02", "", 20.0), ("东区", "2021-03", "", 15.0)]), NAME)
    assert line(series, "cumulative")[0] == 20 and np.isnan(line(series, "cumulative")[1])
    assert said(series, "口径不明")["rows"] == "3"


def test_growth_without_a_level_is_kept_and_said():
    series = read_series(book([("东区", "2021", "", 100.0, 5.0), ("东区", "2022", "", None, 6.5)]), NAME)
    assert line(series, "yoy") == [5.0, 6.5] and np.isnan(line(series, "cumulative")[1])
    assert said(series, "只有增速")["rows"] == "3" and "缺数" not in kinds(series)


def test_districts_with_different_last_years_are_told_apart():
    series = read_series(book([(d, str(y), "", 100.0 + y) for d, end in (("东区", 2022), ("西区", 2020)) for y in range(2018, end + 1)]), NAME)
    assert (last_complete_year(series, "东区"), last_complete_year(series, "西区")) == (2022, 2020)
    assert annual(series)["西区"].isna().tolist() == [False] * 3 + [True] * 2
    assert coverage(series)["behind"].tolist() == [0, 2] and said(series, "截止期较早")["district"] == "西区"


def test_years_given_only_as_a_whole_beside_monthly_ones_are_said():
    series = read_series(book([("东区", "2019", "", 90.0), ("东区", "2020", "", 100.0), *year_rows(2021, [10.0] * 11, MERGED)]), NAME)
    assert annual(series)["东区"].tolist() == [90, 100, 110]
    assert series.problems["kind"].tolist() == ["只有全年数"] * 2
    assert share_history(series)["year"].unique().tolist() == [2021]


# --- refusals ---

@pytest.mark.parametrize("case, name, phrase", [
    (book([("东区", "2021", "", 1.0)]), "开票消售", "是不是“开票销售”"),
    (book([("东区", "2021", "", 1.0), ("东区", "2021", "", 2.0)]), NAME, "第2、3行"),
    (book([("东区", "2021", "", 1.0), ("东区", "2022", "", 2.0)], unit=["亿元", "家"]), NAME, "“家”在第3行"),
    (book([("东区", "2021-03", "", 1.0)]), NAME, "没有写口径"),
    (book([("东区", "2021", "", "**")]), NAME, r"都是 \*\*"),
    (book([("东区", "2021年中", "", 1.0)]), NAME, "第2行"),
    (book([]), NAME, "没有 时间序列 表"),
])
def test_what_cannot_be_read_is_refused_with_its_rows(case, name, phrase):
    with pytest.raises(AssessmentError, match=phrase):
        read_series(case, name)


def test_an_indicator_that_cannot_be_read_is_still_listed_with_the_reason():
    case = book([("东区", "2021", "", 1.0), ("东区", "2021", "", 2.0)])
    listed = indicators(case)
    assert listed.at[0, "parts"] == 0 and "第2、3行" in listed.at[0, "note"]


def test_a_series_is_read_once_for_a_case_and_anew_for_another():
    class Frozen:
        """Compared by identity, as a Case is."""

    def frozen(value):
        case, told = Frozen(), book([("东区", "2021", "", value)])
        case.name, case.tables = told.name, told.tables
        return case

    one, other = frozen(1.0), frozen(2.0)
    assert read_series(one, NAME) is read_series(one, NAME)
    assert line(read_series(one, NAME), "cumulative") == [1.0] and line(read_series(other, NAME), "cumulative") == [2.0]
    listed = indicators(one)
    listed.loc[0, "indicator"] = "改了"
    assert indicators(one).at[0, "indicator"] == NAME


def test_districts_and_parts_that_do_not_exist_are_named():
    series = read_series(book(year_rows(2021, [10.0] * 11, MERGED)), NAME)
    for call in (lambda: latest(series, "北县"), lambda: history(series, "北县"), lambda: seasonal_share(series, "北县")):
        with pytest.raises(AssessmentError, match="没有区县“北县”"):
            call()
    with pytest.raises(AssessmentError, match="没有第 12 期"):
        comparable_base(series, "东区", 2021, 12)


# --- stocks and ratios ---

def test_a_number_of_firms_is_a_level_at_the_end_of_the_period_and_is_not_added_up():
    rows = [("东区", f"{y}Q{q}", "当期", 200.0 - q + y) for y in (2021, 2022) for q in range(1, 5)]
    series = read_series(book(rows, "规上工业企业单位数", "家"), "规上工业企业单位数")
    assert series.nature == "存量" and annual(series)["东区"].tolist() == [2217, 2218]
    assert line(series, "current") == line(series, "cumulative") and line(series, "label")[1] == "2021年6月末"
    with pytest.raises(AssessmentError, match="没有季节进度"):
        seasonal_share(series)


def test_newly_recognised_firms_accumulated_over_the_year_are_a_flow():
    rows = [("东区", f"2021Q{q}", "累计", float(v)) for q, v in enumerate((3, 8, 9, 15), 1)]
    series = read_series(book(rows, "认定企业数", "家"), "认定企业数")
    assert series.nature == "流量" and line(series, "current") == [3, 5, 1, 6]


def test_ratios_are_neither_added_nor_subtracted():
    rows = [("东区", f"2021-{m:02d}", "累计", 5.0 + m / 10) for m in (2, 3, 12)]
    series = read_series(book(rows, "增加值率", "%"), "增加值率")
    assert np.isnan(line(series, "current")[1]) and annual(series).at[2021, "东区"] == 6.2


@pytest.mark.parametrize("indicator, unit, kind", [("工业产值", "亿元", "流量"), ("人均产值", "元", "比率"), ("单位能耗", "吨标准煤/万元", "比率"),
                                                    ("贷款余额", "亿元", "存量"), ("新增规上企业", "家", "流量"), ("净增企业", "家", "可减流量")])
def test_the_nature_of_an_indicator_follows_the_table(indicator, unit, kind):
    assert nature(indicator, unit) == kind


# --- annual tables, status, items ---

def test_a_summed_year_is_derived_and_illustrative_if_anything_under_it_is():
    rows = year_rows(2021, [1.0] * 11, MERGED, cumulative=False) + year_rows(2022, [2.0] * 11, MERGED, cumulative=False) + [("东区", "2023", "", 25.0)]
    status = ["公布"] * 11 + ["公布"] * 10 + ["示例"] + ["公布"]
    series = read_series(book(rows, status=status), NAME)
    assert annual_status(series)["东区"].tolist() == ["推算", "示例", "公布"]
    assert annual_cells(series)["东区"].tolist() == ["时间序列!E2 至 时间序列!E12 合计", "时间序列!E13 至 时间序列!E23 合计", "时间序列!E24"]


def test_an_unfinished_year_is_left_out_unless_asked_for():
    series = read_series(book(year_rows(2021, [10.0] * 11, MERGED) + year_rows(2022, [11.0] * 3, MERGED)), NAME)
    assert annual(series)["东区"].to_dict() == {2021: 110}
    assert annual(series, partial=True)["东区"].to_dict() == {2021: 110, 2022: 33} and latest(series, "东区") == (2022, 3)


def test_items_stand_apart_from_the_total():
    rows = [("东区", "2021", "", 100.0), ("东区", "2021", "", 60.0), ("东区", "2021", "", 40.0), ("西区", "2021", "", 30.0)]
    case = book(rows, item=["", "装备", "纺织", "装备"])
    assert items(case, NAME) == ["装备", "纺织"] and annual(read_series(case, NAME))["东区"].tolist() == [100]
    levels = item_levels(case, NAME, 2021)
    assert levels.loc["装备"].tolist() == [60, 30] and np.isnan(levels.at["纺织", "西区"])
    assert levels.attrs == {"unit": "亿元", "status": "推算"} and indicators(case).at[0, "items"] == 2
    with pytest.raises(AssessmentError, match="没有分项“装配”"):
        read_series(case, NAME, "装配")
    with pytest.raises(AssessmentError, match="2022 年没有可用的分项数值"):
        item_levels(case, NAME, 2022)


def test_a_case_without_the_item_column_has_only_totals():
    case = book([("东区", "2021", "", 100.0)])
    case.tables["series"] = case.tables["series"].drop(columns="item")
    assert items(case, NAME) == [] and annual(read_series(case, NAME)).at[2021, "东区"] == 100


def test_periods_are_named_as_statistics_name_them():
    assert [period_text(2022, 1, 11), period_text(2022, 2, 11), period_text(2022, 3, 4), period_text(2022, 1, 1)] == ["2022-01..02", "2022-03", "2022Q3", "2022"]
    assert [period_label(2022, 1, 11), period_label(2022, 2, 4)] == ["2022年1—2月", "2022年二季度"]
    assert [to_date_label(2022, m) for m in (1, 5, 6, 12)] == ["2022年1月", "2022年1—5月", "2022年上半年", "2022年"] and to_date_label("", 12) == "全年"


def test_a_revised_figure_counts_and_the_provisional_one_is_told():
    rows = [("东区", "2021", "", 100.0), ("东区", "2022", "", 110.0), ("东区", "2022", "", 104.5)]
    series = read_series(book(rows, version=["", "初步", "修订"]), NAME)
    assert annual(series)["东区"].tolist() == [100.0, 104.5]
    [told] = series.problems[series.problems["kind"] == "数据修订"].to_dict("records")
    assert "初步数 110 修订为 104.5，变动 −5.0%" in told["what"] and told["rows"].count("、") == 1


def test_a_revised_figure_that_is_empty_replaces_nothing():
    rows = [("东区", "2021", "", 100.0), ("东区", "2022", "", 110.0), ("东区", "2022", "", float("nan"))]
    series = read_series(book(rows, version=["", "初步", "修订"]), NAME)
    assert annual(series)["东区"].tolist() == [100.0, 110.0]
