"""Backtests and calibration: no look ahead, counts by hand, coverage on the competition's sample."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from analysis.forecast import backtest, backtest_findings, backtest_table, calibrate, calibration_note, forecast
from analysis.params import AssessmentError
from analysis.plots.forecast import plot_backtest, plot_backtest_errors

SOURCES = Path(__file__).resolve().parents[1] / "data/raw/sources"


def districts(count, years, seed, noise=0.04, last=2022):
    rng = np.random.default_rng(seed)
    values = 100 * np.exp(np.cumsum(rng.normal(0.06, noise, (years, count)), axis=0))
    return pd.DataFrame(values, index=range(last - years + 1, last + 1), columns=[f"{i + 1}区" for i in range(count)])


def sample(file, every):
    table = pd.read_csv(SOURCES / file)
    names = table["id"].unique()[::every]
    for _, g in table[table["id"].isin(names)].groupby("id"):
        yield g.loc[g["split"] == "train", "y"].to_numpy(), g.loc[g["split"] == "test", "y"].to_numpy()


def judge(parts, horizon, period, cut):
    """MASE on the full training part's scale, that of drift, and coverage at 80 %, 95 % and at half the width."""
    lag, rows = (12 if period == 12 else 1), []
    for train, test in parts:
        x = train[-cut:]
        f = forecast(x, horizon, period)
        scale = np.abs(train[lag:] - train[:-lag]).mean()
        line = x[-1] + (x[-1] - x[0]) / (len(x) - 1) * np.arange(1, horizon + 1)
        inside = [((test >= f.lower[v]) & (test <= f.upper[v])).mean() for v in (0.8, 0.95)]
        half = (np.abs(test - f.mean) <= (f.upper[0.8] - f.lower[0.8]) / 4).mean()
        rows.append((np.abs(test - f.mean).mean() / scale, np.abs(test - line).mean() / scale, *inside, half))
    return np.mean(rows, axis=0)


def test_eight_annual_points_are_covered_as_often_as_stated_and_no_worse_than_drift():
    error, drift, inner, outer, half = judge(sample("m3_yearly_250.csv", 4), 6, 1, 8)
    # 63 series: the standard error of the inner coverage is about 4 points.
    assert 0.70 < inner < 0.90 and 0.90 < outer < 0.985 and error < 1.03 * drift
    assert half < 0.68, "the check would not notice intervals of half the width"


def test_full_annual_and_monthly_histories_are_covered_as_often_as_stated():
    error, drift, inner, outer, _ = judge(sample("m3_yearly_250.csv", 6), 6, 1, 0)
    assert 0.70 < inner < 0.92 and outer > 0.90 and error < 1.08 * drift
    error, _, inner, outer, _ = judge(sample("m3_monthly_100.csv", 3), 18, 12, 0)
    assert 0.68 < inner < 0.90 and outer > 0.88 and error < 0.95


def test_a_forecast_at_an_origin_does_not_know_what_came_later():
    frame = districts(2, 12, 0)
    before = backtest(frame, 3).errors
    changed = frame.copy()
    changed.loc[2020:] *= 5
    after = backtest(changed, 3).errors
    early = before["origin"] < 2020
    for column in ("mean", "low_0.8", "high_0.95", "naive", "drift"):
        np.testing.assert_array_equal(before.loc[early, column], after.loc[early, column])
    assert not np.allclose(before.loc[~early, "mean"], after.loc[~early, "mean"])


def test_every_figure_of_the_table_can_be_counted_by_hand():
    frame = pd.DataFrame({"甲区": [10, 12, 11, 15, 18, 17.0]}, index=range(2017, 2023))
    result = backtest(frame, 2)
    t = result.table.set_index(["method", "h"])
    # Training 4 and 5 years long: origins 2020 and 2021.
    assert t.loc[("naive", 1), "origins"] == 2 and t.loc[("naive", 2), "origins"] == 1
    assert t.loc[("naive", 1), "mae"] == pytest.approx((3 + 1) / 2)
    assert t.loc[("drift", 1), "mae"] == pytest.approx((abs(18 - (15 + 5 / 3)) + abs(17 - (18 + 8 / 4))) / 2)
    assert t.loc[("naive", 1), "mase"] == pytest.approx((3 / (7 / 3) + 1 / (10 / 4)) / 2)
    assert t.loc[("naive", 1), "mape"] == pytest.approx(100 * (3 / 18 + 1 / 17) / 2)
    inside = []
    for origin in (2020, 2021):
        f = forecast(frame.loc[:origin, "甲区"], 1)
        inside.append(f.lower[0.8][0] <= frame.at[origin + 1, "甲区"] <= f.upper[0.8][0])
    assert t.loc[("combination", 1), "coverage_0.8"] == np.mean(inside)


def test_within_a_year_the_naive_forecast_is_the_same_part_of_last_year():
    index = pd.MultiIndex.from_product([range(2017, 2022), range(1, 12)])
    frame = pd.DataFrame({"甲区": np.arange(55.0) + 10}, index=index)
    errors = backtest(frame, 13, 11, max_origins=14).errors
    assert (errors["actual"] - errors["naive"] == 11 * (1 + (errors["h"] > 11))).all()
    assert (errors["scale"] == 11).all()


def test_short_and_broken_districts_are_left_out_by_name():
    frame = districts(3, 10, 1)
    frame.loc[:2018, "2区"] = np.nan
    frame.loc[2016, "3区"] = np.nan
    result = backtest(frame, 2)
    assert set(result.errors["district"]) == {"1区"} and set(result.left_out) == {"2区", "3区"}
    assert "2016" in result.left_out["3区"] and "不够做一次回测" in result.left_out["2区"]
    assert any("没有参加回测" in said for said in backtest_findings(result))
    with pytest.raises(AssessmentError, match="没有一个区县能做回测"):
        backtest(frame[["2区", "3区"]], 2)


def test_readers_get_chinese_headers_status_and_a_share_to_compare_with_its_level():
    result = backtest(districts(3, 12, 2), 3)
    table = backtest_table(result, status="示例")
    assert {"区县", "方法", "提前期", "平均绝对误差", "MASE", "80% 区间覆盖率", "状态"} <= set(table.columns)
    assert set(table["方法"]) == {"组合", "漂移", "朴素（末值不变）"} and "全部区县" in set(table["区县"])
    assert table["80% 区间覆盖率"].dropna().between(0, 1).all()
    assert "滚动回测 3 个区县" in backtest_findings(result)[0]


def test_own_calibration_brings_the_coverage_of_new_districts_nearer_to_its_level():
    past, new = districts(8, 20, 5), districts(20, 20, 6)
    own = calibrate(past, 3)
    assert own.own and own.reach == 3

    def off(calibration):
        errors = backtest(new, 3, calibration=calibration, max_origins=6).errors
        return abs(((errors["actual"] >= errors["low_0.8"]) & (errors["actual"] <= errors["high_0.8"])).mean() - 0.8)

    assert off(own) < off(None) + 0.01 and off(own) < 0.1


def test_own_multipliers_fade_to_the_default_beyond_the_horizons_tried_and_rise_with_the_level():
    own = calibrate(districts(8, 16, 3), 3)
    default = calibrate(districts(2, 6, 3), 12)
    assert not default.own and "默认倍数" in calibration_note(default)
    ratio = own.multiplier(0.8, 10, 60) / default.multiplier(0.8, 10, 60)
    assert ratio[:own.reach] == pytest.approx(own.ratio[0.8]) and abs(np.log(ratio[-1])) < abs(np.log(ratio[0])) / 5 + 1e-12
    widths = [own.multiplier(v, 10, 3)[0] for v in (0.5, 0.6, 0.8, 0.85, 0.9, 0.95)]
    assert (np.diff(widths) >= 0).all() and "本案例各区县滚动回测校准" in calibration_note(own)


def test_too_few_errors_leave_the_default_numbers_unchanged():
    frame = districts(2, 7, 4)
    own = calibrate(frame, 3)
    assert set(own.table["来源"]) == {"M3 默认"}
    a, b = forecast(frame["1区"], 3, calibration=own), forecast(frame["1区"], 3)
    np.testing.assert_array_equal(a.upper[0.95], b.upper[0.95])
    assert a.calibrated == "M3 默认"


def test_a_calibration_of_another_method_or_frequency_is_refused():
    with pytest.raises(AssessmentError, match="不一致，请重新校准"):
        forecast([1, 2, 3, 4, 5.0], 2, method="drift", calibration=calibrate(districts(2, 8, 0), 2))


def test_backtest_pictures_mark_what_fell_outside():
    frame = districts(2, 14, 7)
    frame.loc[2022, "1区"] *= 3
    result = backtest(frame, 2)
    ax = plot_backtest(result, "1区", 1, unit="亿元")
    assert "亿元" in ax.get_ylabel() and any("区间外" in t.get_text() for t in ax.get_legend().get_texts())
    assert "MASE" in plot_backtest_errors(result).get_ylabel()
    plot_backtest_errors(result, "2区").figure.canvas.draw()
    ax.figure.canvas.draw()
    with pytest.raises(AssessmentError, match="没有提前 9 期"):
        plot_backtest(result, "1区", 9)
