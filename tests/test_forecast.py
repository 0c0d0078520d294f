"""Forecasts: closed forms, variance against simulation, and what is said where nothing can be known."""

import numpy as np
import pandas as pd
import pytest
from analysis.forecast import calibrate, default_multiplier, forecast, forecast_many, forecast_table
from analysis.forecast import components
from analysis.forecast.components import damped, drift, theta
from analysis.forecast.intervals import TABLE, bounds, excess
from analysis.forecast.model import Path, path
from analysis.forecast.seasonal import is_seasonal, seasonal_indices
from analysis.params import AssessmentError
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.tsa.holtwinters import Holt, SimpleExpSmoothing

GROWING = np.array([100, 108, 113, 125, 129, 142, 150, 166, 171, 188.0])


def tiring(n=80):
    """Level and damped trend simulated, so that level, trend and damping all matter."""
    rng, level, trend, x = np.random.default_rng(0), 0.0, 1.0, []
    for _ in range(n):
        shock = rng.normal(0, 0.3)
        x.append(level + 0.8 * trend + shock)
        level, trend = x[-1] - 0.3 * shock, 0.8 * trend + 0.5 * shock
    return np.array(x)


def walk(n, seed, drift=0.05, noise=0.04):
    return 100 * np.exp(np.cumsum(np.random.default_rng(seed).normal(drift, noise, n)))


def monthly(years, period, seed=0, noise=0.01):
    rng, pattern = np.random.default_rng(seed), np.linspace(0.7, 1.3, period)
    return 50 * np.exp(0.004 * np.arange(years * period) + rng.normal(0, noise, years * period)) * np.tile(pattern, years)


# --- closed forms


def test_drift_is_the_line_through_the_first_and_last_value():
    assert drift(np.array([2.0, 4, 5, 9, 10]), 3).mean.tolist() == [12, 14, 16]


@pytest.mark.parametrize("slope", ["ols", "ends"])
def test_theta_is_the_mean_of_the_trend_line_and_of_smoothing_the_doubled_curvature(slope):
    """Half the line θ = 0 extended, half simple exponential smoothing of the line θ = 2."""
    x, horizon = GROWING, 6
    fit = SimpleExpSmoothing(x, initialization_method="estimated").fit()
    alpha, start = fit.params["smoothing_level"], fit.params["initial_level"]
    t = np.arange(1, len(x) + 1)
    b = np.polyfit(t, x, 1)[0] if slope == "ols" else (x[-1] - x[0]) / (len(x) - 1)
    line = lambda when: b * when  # noqa: E731  the intercept cancels
    level = 2 * start - line(1)
    for value in 2 * x - line(t):
        level += alpha * (value - level)
    expected = (line(len(x) + np.arange(1, horizon + 1)) + level) / 2
    np.testing.assert_allclose(theta(x, horizon, slope).mean, expected, rtol=1e-8)


def test_a_bounded_log_drift_stays_within_its_bound():
    steep = np.log(100 * 1.8 ** np.arange(8.0))
    path_steep = theta(steep, 5, "ends", cap=0.2).mean
    assert np.diff(path_steep) == pytest.approx(0.1, abs=1e-9)  # half of 0.2


# --- how the variance grows, against simulation of the model


def test_theta_variance_is_that_of_simulated_smoothing():
    x = 50 + np.cumsum(np.random.default_rng(3).normal(0, 1, 40)) + np.random.default_rng(4).normal(0, 1.5, 40)
    alpha = SimpleExpSmoothing(x, initialization_method="estimated").fit().params["smoothing_level"]
    assert 0.1 < alpha < 0.9
    shocks = np.random.default_rng(0).normal(size=(100_000, 8))
    level, seen = np.zeros(100_000), []
    for h in range(8):
        seen.append((level + shocks[:, h]).std())
        level += alpha * shocks[:, h]
    np.testing.assert_allclose(theta(x, 8).growth, seen, rtol=0.012)


def test_damped_variance_is_that_of_the_simulated_state_space_model():
    x = tiring()
    p = Holt(x, damped_trend=True, initialization_method="estimated").fit(use_brute=False).params
    alpha, beta, phi = p["smoothing_level"], p["smoothing_trend"] * p["smoothing_level"], p["damping_trend"]
    assert beta > 0.2 and phi < 0.9
    shocks = np.random.default_rng(0).normal(size=(100_000, 8))
    level, trend, seen = np.zeros(100_000), np.zeros(100_000), []
    for h in range(8):
        seen.append((level + phi * trend + shocks[:, h]).std())
        level, trend = level + phi * trend + alpha * shocks[:, h], phi * trend + beta * shocks[:, h]
    np.testing.assert_allclose(damped(x, 8).growth, seen, rtol=0.012)


def test_drift_variance_counts_the_shocks_and_the_uncertain_slope():
    n, horizon = 7, 5
    steps = np.random.default_rng(0).normal(0.3, 1, (200_000, n - 1 + horizon))
    guessed = steps[:, :n - 1].mean(1, keepdims=True) * np.arange(1, horizon + 1)
    seen = (np.cumsum(steps[:, n - 1:], axis=1) - guessed).std(0)
    np.testing.assert_allclose(drift(np.arange(float(n)), horizon).growth, seen, rtol=0.01)


# --- the season


@pytest.mark.parametrize("period", [4, 11, 12])
def test_the_season_is_found_and_carried_on_from_whatever_part_the_series_ends_in(period):
    x = monthly(7, period)
    truth = np.linspace(0.7, 1.3, period)
    np.testing.assert_allclose(seasonal_indices(x, period, True), truth / truth.mean(), rtol=0.02)
    for cut in (0, 3):
        y = x[:len(x) - cut]
        ahead = forecast(y, period, period).mean
        shape = truth[(len(y) + np.arange(period)) % period]
        level = ahead / shape
        assert np.ptp(np.log(level)) < 0.1 and np.ptp(np.log(ahead)) > 0.5


def test_noise_and_series_under_three_years_are_taken_as_not_seasonal():
    flags = [is_seasonal(np.random.default_rng(s).normal(size=120), 12) for s in range(200)]
    assert np.mean(flags) < 0.17  # two-sided 10 %, within Monte Carlo error
    assert not is_seasonal(monthly(2, 12), 12)
    assert "不足三年" in forecast(monthly(2, 12), 3, 12).note


# --- combination, scale, many at once


def test_the_combination_is_the_mean_of_its_parts_with_half_weight_on_the_damped_trend_in_annual_series():
    for y, period in ((GROWING, 1), (monthly(6, 11), 11)):
        f = forecast(y, 5, period)
        assert set(f.parts) == ({"theta", "damped", "drift"} if period == 1 else {"theta", "damped"})
        expected = (f.parts["theta"] + f.parts["damped"] / 2 + f.parts["drift"]) / 2.5 if period == 1 else (f.parts["theta"] + f.parts["damped"]) / 2
        np.testing.assert_allclose(f.mean, expected, rtol=1e-12)
        for name, part in f.parts.items():
            np.testing.assert_allclose(forecast(y, 5, period, method=name).mean, part, rtol=1e-12)


@settings(max_examples=25)
@given(st.integers(2, 14), st.integers(0, 999), st.sampled_from([1e-4, 0.1, 3.0, 7.7, 1e4]), st.booleans())
def test_a_change_of_unit_changes_the_forecast_by_the_same_factor(n, seed, factor, through_zero):
    y = walk(n, seed) - (100 if through_zero else 0)
    a, b = forecast(y, 4), forecast(factor * y, 4)
    np.testing.assert_allclose(b.mean, factor * a.mean, rtol=2e-4, atol=1e-6 * factor * np.abs(y).max())
    for level in (0.8, 0.95):
        for one, other in ((a.lower, b.lower), (a.upper, b.upper)):
            np.testing.assert_allclose(other[level], factor * one[level], rtol=2e-3, atol=1e-5 * factor * np.abs(y).max())


def test_many_at_once_give_the_numbers_of_one_by_one_in_one_process_or_two():
    frame = pd.DataFrame({f"{i}区": walk(12, i) for i in range(5)}, index=range(2011, 2023))
    frame.loc[2021:, "3区"] = np.nan
    for workers in (1, 2):
        many = forecast_many(frame, 3, workers=workers)
        for name in frame:
            alone = forecast(frame[name], 3)
            np.testing.assert_array_equal(many[name].mean, alone.mean)
            np.testing.assert_array_equal(many[name].upper[0.95], alone.upper[0.95])
    assert many["3区"].n == 10
    table = forecast_table(many, status="示例")
    assert list(table.columns[:3]) == ["区县", "期间", "预测"] and set(table["状态"]) == {"示例"} and len(table) == 15


def test_no_column_or_a_column_twice_is_refused():
    with pytest.raises(AssessmentError, match="没有任何一列"):
        forecast_many(pd.DataFrame(index=range(3)), 2)
    with pytest.raises(AssessmentError, match="序列名重复：甲区"):
        forecast_many(pd.DataFrame([[1, 2], [2, 3], [3, 4.0]], columns=["甲区", "甲区"]), 2)


# --- intervals


@given(st.floats(0.2, 3), st.floats(0.05, 2), st.booleans())
def test_reaching_a_bound_takes_exactly_the_half_width_it_was_made_with(mean, width, log):
    p = Path(np.array([mean]), np.array([0.1]), {}, 9, log, False, False, "theta", False)
    for limit in bounds(p, np.array([width])):
        assert excess(p, limit)[0] == pytest.approx(width / 0.1, rel=1e-6)


def test_intervals_widen_with_the_level_and_the_horizon_and_stay_positive():
    f = forecast(GROWING, 8, levels=(0.5, 0.8, 0.9, 0.95))
    widths = np.array([f.upper[v] - f.lower[v] for v in (0.5, 0.8, 0.9, 0.95)])
    assert (np.diff(widths, axis=0) > 0).all() and (np.diff(widths, axis=1) > 0).all()
    falling = forecast(np.array([90, 70, 66, 41, 30, 12.0]), 8)
    assert all((falling.lower[v] > 0).all() for v in falling.lower) and (falling.mean > 0).all()


def test_default_multipliers_are_the_table_and_smooth_between_its_rows():
    from importlib.resources import files

    table = pd.read_csv(files("analysis").joinpath(f"tables/{TABLE}.csv"))
    row = table.query("频率 == '年' and 方法 == 'combination' and 点数 == 8 and 预测期 == 3 and 水平 == 0.8")["倍数"].item()
    assert default_multiplier(1, "combination", 0.8, 8, 6)[2] == pytest.approx(row)
    by_n = [default_multiplier(1, "combination", 0.8, n, 1)[0] for n in (4, 6, 8, 9, 12, 30)]
    assert (np.diff(by_n) < 0).all(), "fewer points need wider intervals"
    years, months = (np.array([default_multiplier(p, "theta", 0.8, n, 1)[0] for n in (6, 12, 24, 36)]) for p in (1, 12))
    np.testing.assert_allclose(months / months[-1], years / years[-1], rtol=1e-9)
    wide = table.pivot_table(index=["频率", "方法", "点数", "预测期"], columns="水平", values="倍数")
    assert (wide.diff(axis=1).iloc[:, 1:] > 0).all().all()


def test_sigma_has_the_eighty_percent_interval_of_a_normal_variable():
    f = forecast(np.array([-1, 2, -3, 4, 1, 2.0, 3]), 4)
    np.testing.assert_allclose(f.upper[0.8] - f.mean, 1.2815516 * f.sigma, rtol=1e-6)


@pytest.mark.parametrize("level", [0.2, 0.99, 1.5])
def test_a_level_without_evidence_is_refused(level):
    with pytest.raises(AssessmentError, match="区间水平"):
        forecast(GROWING, 2, levels=(level,))


# --- what cannot be known


@pytest.mark.parametrize("values", [[5, 6], [5, 6, 8.0], [0, 2.0], [3, -1, 2]])
def test_two_or_three_points_give_no_interval_and_say_so(values):
    f = forecast(values, 3)
    assert np.isfinite(f.mean).all() and all(np.isnan(f.upper[v]).all() and np.isnan(f.lower[v]).all() for v in f.lower)
    assert f"只有 {len(values)} 个数" in f.note and "无法给出区间" in f.note and np.isnan(f.sigma).all()
    whole_step = values[-1] + (values[-1] - values[0]) / (len(values) - 1)
    assert abs(f.mean[0] - values[-1]) < abs(whole_step - values[-1]) or values[0] == values[-1]


def test_pooled_districts_lend_their_growth_spread_to_a_short_series():
    frame = pd.DataFrame({f"{i}区": walk(9, i) for i in range(6)}, index=range(2014, 2023))
    pooled = calibrate(frame, 3)
    steps = np.diff(np.log(frame), axis=0).ravel()
    assert pooled.growth_spread == pytest.approx(1.4826 * np.median(np.abs(steps - np.median(steps))))
    f = forecast([40, 44.0], 3, calibration=pooled)
    assert f.calibrated == "合并增速" and "合并的增速波动" in f.note
    assert (f.upper[0.8] / f.mean - 1 > 1.28 * pooled.growth_spread).all() and (np.diff(f.sigma) > 0).all()


def test_one_value_is_an_error():
    with pytest.raises(AssessmentError, match="“甲区”只有 1 个数"):
        forecast(pd.Series([3.0, np.nan], name="甲区"), 2)


def test_zeros_and_negative_values_are_forecast_without_logs():
    counts = forecast([0, 0, 1, 3, 2, 4], 4)
    assert not counts.log and (counts.lower[0.95] >= 0).all() and "下限不低于 0" in counts.note
    signed = forecast([-1, 2, -3, 4, 1, 2.0], 4)
    assert not signed.log and (signed.lower[0.95] < 0).any()
    assert (forecast([5, 4, 3, 1, 0, 0.0], 6).mean >= 0).all()


def test_constant_and_all_zero_series_are_not_taken_as_certain():
    flat = forecast([3.0] * 7, 4)
    np.testing.assert_allclose(flat.mean, 3)
    assert (flat.upper[0.8] > 3).all() and "默认波动" in flat.note
    nothing = forecast([0] * 6, 3)
    assert (nothing.mean == 0).all() and np.isnan(nothing.upper[0.8]).all() and "无法给出区间" in nothing.note


def test_missing_ends_are_cut_and_gaps_inside_are_named():
    y = pd.Series([np.nan, *GROWING, np.nan], index=range(2010, 2022), name="甲区")
    np.testing.assert_array_equal(forecast(y, 2).mean, forecast(GROWING, 2).mean)
    with pytest.raises(AssessmentError, match="“甲区”中间缺数（位置：2013、2015）"):
        forecast(y.mask(y.index.isin([2013, 2015])), 2)
    months = pd.Series([1, 2, 3, np.nan, 5, 6.0], index=pd.MultiIndex.from_tuples([(2020, p) for p in (9, 10, 11)] + [(2021, p) for p in (1, 2, 3)]))
    with pytest.raises(AssessmentError, match="位置：2021-01..02"):
        forecast(months, 2, 11)


@pytest.mark.parametrize("index, period, words", [
    ([2015, 2019, 2020, 2022, 2023], 1, "2019 之前缺 3 期；2022 之前缺 1 期；不自动补，请补上，或只用 2022 及以后"),
    ([2015, 2016, 2016, 2017, 2018], 1, "期间重复：2016"),
    ([2015, 2017, 2016, 2018, 2019], 1, "没有按先后排列"),
    ([(2020, 9), (2020, 10), (2020, 11), (2020, 12), (2021, 1)], 11, "1—2 月合并的年份与 12 个月的年份不能混用"),
    ([(2020, 10), (2020, 11), (2021, 2), (2021, 3), (2021, 4)], 11, "2021-03 之前缺 1 期；不自动补，请补上，或只用 2021-03 及以后"),
])
def test_periods_left_out_repeated_or_out_of_order_are_named(index, period, words):
    with pytest.raises(AssessmentError, match=words):
        forecast(pd.Series([1, 2, 3, 4, 5.0], index=pd.Index(index, tupleize_cols=False)), 2, period)


@pytest.mark.parametrize("values, words", [([1, "**", 3], "不是数值的内容（位置：2）"), ([1, np.inf, 2], "无穷大的值（位置：2）")])
def test_masked_and_infinite_values_are_refused_with_their_place(values, words):
    with pytest.raises(AssessmentError, match=words):
        forecast(values, 2)


def test_unknown_methods_periods_and_horizons_are_refused():
    for arguments, words in (({"method": "arima"}, "没有名为“arima”"), ({"period": 7}, "period=7"), ({"horizon": 0}, "正整数"),
                             ({"method": "damped"}, "至少要 6 个")):
        with pytest.raises(AssessmentError, match=words):
            forecast(GROWING[:5], **{"horizon": 2, **arguments})


def test_the_note_tells_of_few_points_far_horizons_and_bounded_growth():
    f = forecast(100 * 1.5 ** np.arange(6.0), 9)
    assert "不足 8 个" in f.note and "超过 6 期的区间没有回测依据" in f.note and "超过上限" in f.note
    assert path(GROWING, 3).log and "Theta 取对数" in forecast(GROWING, 3).note


@pytest.mark.parametrize("seed", range(12))
def test_fits_with_our_own_slopes_are_those_of_statsmodels_to_the_last_digit(seed):
    x = np.log(walk(8 + 2 * seed, seed)) if seed % 2 else walk(8 + 2 * seed, seed, noise=0.2)
    assert components._SES and components._HOLT
    *found, errors = components._holt.__wrapped__(tuple(x))
    plain = Holt(x, damped_trend=True, initialization_method="estimated").fit(use_brute=False)
    assert found[:3] == [plain.params[k] for k in ("smoothing_level", "smoothing_trend", "damping_trend")] and np.array_equal(errors, plain.resid)
    alpha, level, _ = components._smoothed.__wrapped__(tuple(x))
    plain = SimpleExpSmoothing(x, initialization_method="estimated").fit()
    assert alpha == min(max(plain.params["smoothing_level"], components.setting("平滑系数下限")), 1.0)
