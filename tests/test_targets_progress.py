"""Mid-year: what is done and left, by hand; the nowcast covers what it says, in simulation."""

import numpy as np
import pandas as pd
import pytest
from analysis.params import AssessmentError
from analysis.targets import (
    backtest_finding, backtest_nowcast, backtest_summary, nowcast, progress, progress_findings, season_of, year_parts,
)
from analysis.targets.nowcast import log_rests
from analysis.targets.schedule import FAST, SLOW, UNKNOWN, USUAL, months_to, part_label
from analysis.targets.settings import setting
from analysis.targets.tables import backtest_view, progress_view
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

# Shares by mid-year 40 %, 50 %, 45 %: quarters 1 to 4 of three years.
HISTORY = pd.DataFrame({1: [20.0, 22, 24.2], 2: [40, 55, 54.45], 3: [70, 80, 90.0], 4: [100, 110, 121.0]}, index=[2020, 2021, 2022])
UNFINISHED = HISTORY.where(HISTORY < 100)  # no year has its total
TO_DATE = pd.Series({1: 26.0, 2: 60.0})


def made(rng, districts, years, together, sd=0.08, centre=0.1):
    """Histories by half-year: z = ln(rest/to date) around a district's centre, ``together`` of its variance common."""
    common = rng.normal(0, sd * np.sqrt(together), years)
    z = centre + common + rng.normal(0, sd * np.sqrt(1 - together), (districts, years))
    frames = {f"第{d}区": pd.DataFrame({1: 100.0, 2: 100 * (1 + np.exp(z[d]))}, index=range(2000, 2000 + years)) for d in range(districts)}
    return frames


# ---- progress by hand

def test_progress_by_hand_with_a_revised_base():
    # Base to date 60/1.25 = 48 of 54.45 published: ratio 0.88154; base of the year 106.67, of the rest 58.67.
    p = progress(TO_DATE, HISTORY, 2023, target=130.0, yoy=25.0, district="甲区", indicator="开票销售")
    assert p.done_share == pytest.approx(60 / 130) and p.share == pytest.approx(0.45) and (p.least, p.greatest) == (pytest.approx(0.4), 0.5)
    assert p.expected == pytest.approx(58.5) and p.ahead == pytest.approx(1.5) and p.ahead_points == pytest.approx(100 * (60 / 130 - 0.45))
    assert p.base_to_date == pytest.approx(48) and p.base_year == pytest.approx(121 * 48 / 54.45)
    assert p.base_rest == pytest.approx((121 - 54.45) * 48 / 54.45)
    assert p.rest_growth == pytest.approx(100 * (70 / ((121 - 54.45) * 48 / 54.45) - 1))
    assert p.naive_share == 0.5 and p.pace == USUAL and any("0.8815 倍" in line and "假定" in line for line in p.note)


@given(st.floats(40, 80), st.floats(90, 200), st.floats(-20, 60))
def test_growth_to_date_and_of_the_rest_weighted_by_their_bases_are_the_growth_of_the_target(done, target, yoy):
    p = progress(pd.Series({2: done}), HISTORY, 2023, target=target, yoy=yoy)
    weighted = (p.base_to_date * p.growth + p.base_rest * p.rest_growth) / p.base_year
    assert weighted == pytest.approx(p.year_growth, abs=1e-9 * 100)
    assert p.cumulative + p.remaining == pytest.approx(target)


def test_a_target_given_as_growth_is_taken_on_the_comparable_base():
    p = progress(TO_DATE, HISTORY, 2023, target_growth=10.0, yoy=25.0)
    assert p.target == pytest.approx(1.1 * 121 * 48 / 54.45) and p.year_growth == pytest.approx(10)


def test_without_published_growth_last_years_figures_are_the_base_and_that_is_said():
    p = progress(TO_DATE, HISTORY, 2023, target=130.0, yoy=np.nan)
    assert p.growth == pytest.approx(100 * (60 / 54.45 - 1)) and p.base_year == 121
    assert any("没有公布同比" in line for line in p.note)


def test_without_last_year_no_growth_is_asked_of_the_rest_and_that_is_said():
    p = progress(TO_DATE, HISTORY.rename(index={2022: 2019}), 2023, target=130.0, yoy=25.0)
    assert p.rest_growth is None and any("缺本区2022年到同期累计和全年数" in line for line in p.note)
    assert "缺上年可比数" in progress_findings(p)[1]


def test_the_year_itself_and_later_ones_teach_nothing_about_it():
    later = pd.concat([HISTORY, pd.DataFrame({1: [26.0, 1], 2: [60, 2], 3: [61, 3], 4: [62, 400.0]}, index=[2023, 2024])])
    one, other = (progress(TO_DATE, h, 2023, target=130.0, yoy=25.0, pooled={"乙区": h}) for h in (HISTORY, later))
    assert one.nowcast == other.nowcast and one.share == other.share


def test_a_target_already_reached_asks_nothing_more():
    p = progress(TO_DATE, HISTORY, 2023, target=55.0, yoy=25.0)
    assert p.remaining == 0 and p.rest_growth is None and p.probability == 1
    assert "已达到全年目标" in progress_findings(p)[1] and "超出 5.00 亿元" in progress_findings(p)[1]


def test_a_finished_year_is_its_own_total():
    p = progress(pd.Series({2: 60.0, 4: 130.0}), HISTORY, 2023, target=131.0, yoy=8.0)
    assert p.nowcast.point == p.nowcast.lower == 130 and p.probability == 0 and p.share == 1
    assert any("已结束" in line for line in p.note)


@pytest.mark.parametrize(("done", "pace"), [(53.0, FAST), (45.0, USUAL), (39.0, SLOW)])
def test_pace_is_judged_against_the_range_of_past_years(done, pace):
    assert progress(pd.Series({2: done}), HISTORY, 2023, target=100.0).pace == pace


def test_one_complete_year_gives_a_point_no_interval_no_chance_and_says_so():
    p = progress(TO_DATE, HISTORY.loc[[2022]], 2023, target=130.0, yoy=25.0)
    assert p.pace == UNKNOWN and p.nowcast.lower is None and p.probability is None
    assert p.nowcast.point == pytest.approx(60 / 0.45)
    assert "不给区间和完成概率" in progress_findings(p)[2] and progress_view(p)["数值"].iloc[-1] == "—"


@pytest.mark.parametrize(("cumulative", "history", "arguments", "said"), [
    (pd.Series({1: 26.0, 2: 25.0}), HISTORY, {}, "甲区2023年累计数到 上半年 反而下降"),
    (pd.Series({1: -1.0}), HISTORY, {}, "一季度.*请核对"),
    (pd.Series({1: np.nan}), HISTORY, {}, "没有一个已知的累计数"),
    (pd.Series({7: 26.0}), HISTORY, {}, "第 7 期.*口径"),
    (TO_DATE, HISTORY, {"target": None}, "只能写一个"),
    (TO_DATE, HISTORY, {"target": -5.0}, "必须大于 0"),
    (TO_DATE, HISTORY, {"yoy": -100.0}, "不可能低于"),
    (TO_DATE, HISTORY, {"last_cumulative": 130.0, "last_total": 121.0}, "不超过全年"),
    (TO_DATE, HISTORY.iloc[:0], {}, "没有各期齐全的完整年份"),
    (TO_DATE, UNFINISHED, {}, "完整年份"),
    (pd.Series({1: 26.0}), HISTORY[[4]].rename(columns={4: 1}), {}, "月度或季度"),
    (TO_DATE, HISTORY.loc[:2021], {"target": None, "target_growth": 9.0}, "换算不成"),
])
def test_figures_that_allow_no_progress_are_refused_in_words(cumulative, history, arguments, said):
    with pytest.raises(AssessmentError, match=said):
        progress(cumulative, history, 2023, **{"target": 130.0, "district": "甲区", **arguments})


def test_periods_of_eleven_twelve_and_four_parts_end_in_the_right_month():
    assert [months_to(k, 11) for k in (1, 5, 11)] == [2, 6, 12] and part_label(1, 11) == "1—2月" and part_label(4, 11) == "1—5月"
    assert [months_to(k, 12) for k in (1, 6)] == [1, 6] and part_label(1, 12) == "1月" and part_label(6, 12) == "上半年"
    assert [months_to(k, 4) for k in (1, 2)] == [3, 6] and part_label(2, 4) == "上半年"


def test_the_usual_share_is_that_of_complete_years_and_breaks_a_target_down():
    holed = pd.concat([HISTORY, pd.DataFrame({1: [9.0], 2: [np.nan], 3: [50], 4: [90]}, index=[2019])])
    season = season_of(holed)
    assert (season["years"] == 3).all()
    np.testing.assert_allclose(season["mean"], [0.2, 0.45, (0.7 + 80 / 110 + 90 / 121) / 3, 1])
    assert year_parts(200.0, season)["cumulative"].iloc[1] == pytest.approx(90)


def test_sentences_name_the_amounts_and_the_chance():
    p = progress(TO_DATE, HISTORY, 2023, target=130.0, yoy=25.0, indicator="开票销售", status="示例")
    stands, rest, year = progress_findings(p)
    assert stands.startswith("2023 年上半年开票销售60.00 亿元，完成全年目标 130.00 亿元的 **46.2%**") and "超进度 1.50 亿元" in stands
    assert "余下 70.00 亿元" in rest and "需增长 **19.3%**" in rest and "低 5.7 个百分点" in rest
    assert "完成目标的概率" in year and set(progress_view(p)["状态"]) == {"示例"}


# ---- nowcast

def test_the_nowcast_is_the_t_prediction_of_the_log_rest_by_hand():
    z = np.log([60 / 40, 55 / 55, 66.55 / 54.45])
    low, high = stats.t.interval(0.8, 2, z.mean(), z.std(ddof=1) * np.sqrt(4 / 3))
    now = nowcast(60.0, 2, HISTORY)
    np.testing.assert_allclose([now.point, now.lower, now.upper], 60 * (1 + np.exp([z.mean(), low, high])))
    assert now.probability(now.point) == pytest.approx(0.5) and now.probability(now.lower) == pytest.approx(0.9)
    assert now.probability(60) == 1


def test_the_interval_covers_a_year_to_come_as_often_as_it_says():
    rng = np.random.default_rng(1)
    hits, places, runs = 0, [], 500
    for _ in range(runs):
        frame = made(rng, 1, 6, 0)["第0区"]
        now = nowcast(100.0, 1, frame.iloc[:-1])
        hits += now.lower <= frame[2].iloc[-1] <= now.upper
        places.append(now.probability(frame[2].iloc[-1]))
    assert abs(hits / runs - 0.8) < 3 * np.sqrt(0.16 / runs)
    # Where the year ends in its own predicted distribution is uniform if every probability is right.
    assert stats.kstest(places, "uniform").pvalue > 0.01


@pytest.mark.parametrize("together", [0.0, 0.9])
def test_pooling_over_districts_keeps_the_coverage_whether_or_not_they_swing_together(together):
    rng = np.random.default_rng(7)
    runs = 160
    hits = sum(_hit(made(rng, 6, 5, together)) for _ in range(runs))
    assert abs(hits / runs - 0.8) < 3 * np.sqrt(0.16 / runs)


def _hit(frames):
    own = frames["第0区"]
    now = nowcast(100.0, 1, own.iloc[:-1], {d: f.iloc[:-1] for d, f in frames.items()}, "第0区")
    return now.lower <= own[2].iloc[-1] <= now.upper


def test_districts_that_swing_as_one_add_no_degrees_of_freedom_and_independent_ones_do():
    rng = np.random.default_rng(3)
    alike = made(rng, 5, 6, 1.0)
    assert nowcast(100.0, 1, alike["第0区"], alike, "第0区").df == pytest.approx(5)
    free = made(rng, 5, 6, 0.0)
    said = nowcast(100.0, 1, free["第0区"], free, "第0区")
    assert said.df > 12 and len(said.pooled) == 4 and "另外 4 个区县" in said.note[0]
    residuals = np.log(np.array([f[2] / 100 - 1 for f in free.values()]))
    residuals -= residuals.mean(axis=1, keepdims=True)
    assert said.spread == pytest.approx(np.sqrt((residuals**2).sum() / 25 * 7 / 6))


def test_a_district_with_enough_years_of_its_own_is_not_pooled():
    frames = made(np.random.default_rng(4), 3, int(setting("单区年数下限")), 0)
    assert nowcast(100.0, 1, frames["第0区"], frames, "第0区").pooled == ()


def test_years_with_falling_sums_or_no_total_do_not_count_and_the_faulty_are_named():
    faulty = HISTORY.copy()
    faulty.loc[2021, 3] = 50.0
    faulty.loc[2020, 4] = np.nan
    rests, note = log_rests(faulty, 2, "甲区")
    assert list(rests.index) == [2022] and len(note) == 1 and "甲区 2021 年累计数下降" in note[0]
    rests, note = log_rests(HISTORY, 2, "甲区", leave_out=[2020])
    assert list(rests.index) == [2021, 2022] and "按指定不用 2020 年" in note[0]


@pytest.mark.parametrize(("arguments", "said"), [
    ((0.0, 2), "必须大于 0"), ((np.nan, 2), "必须大于 0"), ((60.0, 5), "没有第 5 期"), ((60.0, 2, None, "甲区", 1.0), "0 与 1")])
def test_a_nowcast_from_nothing_is_refused(arguments, said):
    done, part, *more = arguments
    with pytest.raises(AssessmentError, match=said):
        nowcast(done, part, HISTORY, *more)


def test_the_backtest_uses_only_earlier_years_and_is_right_by_hand():
    steady = pd.DataFrame({1: [40.0, 44, 48, 60, 66], 2: [100, 110, 120, 150, 165.0]}, index=range(2018, 2023))
    table = backtest_nowcast({"甲区": steady}, 1, pool=False)
    assert list(table["year"]) == [2021, 2022] and list(table["years"]) == [3, 4]
    # The share is always 40 %, so both the nowcast and the naive figure are exact.
    np.testing.assert_allclose(table[["error", "naive_error"]], 0, atol=1e-9)
    changed = steady.copy()
    changed.loc[2022] = [1.0, 900.0]
    assert backtest_nowcast({"甲区": changed}, 1, pool=False).iloc[0].equals(table.iloc[0])
    grown = backtest_nowcast({"甲区": steady}, 1, growth={"甲区": pd.Series({2022: 20.0})}, pool=False)
    assert grown["naive_error"].iloc[1] == pytest.approx(100 * (150 * 1.2 / 165 - 1))
    assert list(backtest_view(table).columns[:2]) == ["区县", "年份"]


def test_the_backtest_of_simulated_districts_covers_as_often_as_it_says_and_says_so():
    frames = made(np.random.default_rng(11), 6, 14, 0.0)
    summary = backtest_summary(backtest_nowcast(frames, 1))
    assert summary["count"] == 66 and abs(summary["coverage"] - 0.8) < 3 * np.sqrt(0.16 / 66)
    assert f"实际盖住 {summary['coverage']:.0%}" in backtest_finding(summary)


def test_a_year_in_which_all_districts_were_off_is_named():
    frames = {d: f.copy() for d, f in made(np.random.default_rng(12), 4, 5, 0.0, sd=0.01).items()}
    for f in frames.values():
        f.loc[2004, 2] *= 1.5
    summary = backtest_summary(backtest_nowcast(frames, 1))
    assert summary["missed"] == (2004,) and "多数区县落在区间外的是 2004 年" in backtest_finding(summary)


def test_too_few_years_to_backtest_is_said():
    with pytest.raises(AssessmentError, match="完整年份太少"):
        backtest_summary(backtest_nowcast({"甲区": HISTORY}, 2))
