"""The joint simulation: against closed forms, its own history, and what a user may hand in."""

import numpy as np
import pandas as pd
import pytest
from analysis.catchup import Paths, match_spread, match_spreads, simulate
from analysis.catchup.estimate import estimate
from analysis.catchup.frame import checked_frame
from analysis.params import AssessmentError
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

RUNS = 40_000


def city(districts=6, years=8, seed=1, drift=0.06, between=0.02, common=0.02, own=0.02):
    rng = np.random.default_rng(seed)
    mean = drift + between * rng.standard_normal(districts)
    growth = mean + common * rng.standard_normal((years - 1, 1)) + own * rng.standard_normal((years - 1, districts))
    logs = np.vstack([np.zeros(districts), growth.cumsum(axis=0)]) + rng.uniform(5, 6, districts)
    return pd.DataFrame(np.exp(logs), index=range(2023 - years, 2023), columns=[f"区{i}" for i in range(districts)])


def test_one_district_is_t_distributed_around_its_drift():
    frame = city(districts=1, years=7)
    paths = simulate(frame, 2026, RUNS, seed=5)
    r = np.diff(np.log(frame["区0"]))
    for t, h in enumerate(range(1, 5)):
        scale = r.std(ddof=1) * np.sqrt(h + h**2 / len(r))
        closed = stats.t(len(r) - 1, np.log(frame["区0"].iloc[-1]) + h * r.mean(), scale)
        assert stats.kstest(np.log(paths.of("区0")[:, t].astype(float)), closed.cdf).pvalue > 1e-4


def test_without_shocks_the_path_is_the_drift():
    frame = city()
    paths = simulate(frame, 2030, shocks=False)
    assert paths.runs == 1
    for d in frame:
        g = paths.drift.at[d, "drift"] / 100
        np.testing.assert_allclose(paths.of(d)[0], frame[d].iloc[-1] * (1 + g) ** np.arange(1, 9), rtol=1e-5)


def test_steady_growth_has_no_spread_and_its_paths_are_all_the_same():
    years = np.arange(2016, 2023)
    frame = pd.DataFrame({d: 100 * (1 + g) ** (years - 2016.0) for d, g in zip("甲乙丙丁", (0.02, 0.04, 0.06, 0.08))}, index=years)
    paths = simulate(frame, 2026, 50)
    np.testing.assert_allclose(paths.of("丙"), np.broadcast_to(100 * 1.06 ** np.arange(7.0, 11), (50, 4)), rtol=1e-3)


def test_the_same_seed_gives_the_same_paths_and_another_seed_others():
    one, two, other = (simulate(city(), 2026, 500, seed=s).levels for s in (3, 3, 4))
    assert np.array_equal(one, two) and not np.array_equal(one, other)


@settings(max_examples=10)
@given(st.floats(1e-3, 1e4))
def test_the_unit_of_the_data_changes_nothing_but_the_unit(factor):
    frame = city()
    one, two = simulate(frame, 2025, 200), simulate(frame * factor, 2025, 200)
    np.testing.assert_allclose(two.levels, one.levels * factor, rtol=2e-4)
    np.testing.assert_allclose(two.drift["drift"], one.drift["drift"], atol=1e-6)


def test_shocks_have_the_stated_spread_and_correlation():
    paths = simulate(city(common=0.03, own=0.01), 2023, RUNS)
    logs = np.log(paths.levels[:, 0, :].astype(float)) - paths.drift_error
    found = np.quantile(logs, [0.25, 0.75], axis=0)
    known = estimate(checked_frame(city(common=0.03, own=0.01)))
    # Quartiles of σ·t: free of the far tails.
    expected = known.spread * 2 * stats.t(known.freedom).ppf(0.75)
    np.testing.assert_allclose(found[1] - found[0], expected, rtol=0.03)
    rank = stats.spearmanr(logs).statistic
    wanted = 6 / np.pi * np.arcsin(known.correlation / 2)
    np.testing.assert_allclose(rank[np.triu_indices(6, 1)], wanted[np.triu_indices(6, 1)], atol=0.05)


def test_correlations_are_drawn_to_their_mean_and_stay_a_correlation_matrix():
    frame = city(districts=5, years=7, common=0.03, own=0.02)
    known = estimate(checked_frame(frame))
    raw = np.corrcoef(np.diff(np.log(frame), axis=0).T)[np.triu_indices(5, 1)]
    used = known.correlation[np.triu_indices(5, 1)]
    d = known.shrinkage
    assert 0 <= d <= 1
    np.testing.assert_allclose(np.sort(used), np.sort((1 - d) * raw + d * raw.mean()), atol=1e-9)
    noise = ((1 - raw**2) ** 2 / 5).sum() / ((raw - raw.mean()) ** 2).sum()
    assert d == pytest.approx(min(noise, 1))


def test_drift_lies_between_own_history_and_the_city_by_the_stated_weight():
    frame = city(between=0.04)
    table = estimate(checked_frame(frame)).table
    raw, used, w = np.log1p(table["raw"] / 100), np.log1p(table["drift"] / 100), table["weight"]
    centre = (used - w * raw) / (1 - w)
    assert np.ptp(centre) < 1e-9 and ((w > 0) & (w < 1)).all()
    assert raw.min() < centre.iloc[0] < raw.max()


def test_where_districts_differ_much_the_error_of_a_drift_is_that_of_its_own_mean():
    known = estimate(checked_frame(city(between=0.06, common=0.03, own=0.003)))
    assert (known.table["weight"] > 0.98).all()
    np.testing.assert_allclose(known.table["error"], known.table["spread"] / np.sqrt(7), rtol=0.02)


def test_where_all_move_together_the_doubt_about_two_drifts_is_mostly_shared():
    paths = simulate(city(common=0.03, own=0.003), 2023, 5000)
    assert np.corrcoef(paths.drift_error[:, 0], paths.drift_error[:, 1])[0, 1] > 0.6


def test_shrunken_drifts_miss_the_truth_less_than_own_histories():
    rng, own, used = np.random.default_rng(11), 0.0, 0.0
    for _ in range(60):
        true = 0.06 + 0.01 * rng.standard_normal(9)
        growth = true + 0.03 * rng.standard_normal((5, 9))
        frame = pd.DataFrame(np.exp(np.vstack([np.zeros(9), growth.cumsum(axis=0)])), index=range(2017, 2023), columns=list("abcdefghi"))
        table = estimate(checked_frame(frame)).table
        own += ((np.log1p(table["raw"] / 100) - true) ** 2).sum()
        used += ((np.log1p(table["drift"] / 100) - true) ** 2).sum()
    assert used < 0.8 * own


def test_intervals_cover_what_comes_next():
    """Eight years of five districts, 120 cities: the 80 % interval three years on covers about 80 %."""
    rng, hits = np.random.default_rng(2), []
    for k in range(120):
        frame = city(districts=5, years=11, seed=1000 + k)
        paths = simulate(frame.iloc[:8], int(frame.index[10]), 2000, seed=int(rng.integers(1e6)))
        for d in frame:
            low, high = np.quantile(paths.of(d)[:, 2], [0.1, 0.9])
            hits.append(low <= frame[d].iloc[10] <= high)
    assert 0.72 < np.mean(hits) < 0.88


def test_a_very_fast_history_is_capped_and_says_so():
    frame = city(districts=4, drift=0.06, between=0.0)
    frame["区0"] = 10 * 1.9 ** np.arange(8.0) * np.exp(np.array([0, 0.1, -0.1, 0, 0.1, 0, -0.1, 0]))
    paths = simulate(frame, 2024, 100)
    assert paths.drift.at["区0", "capped"] and paths.drift.at["区0", "drift"] == pytest.approx(30)
    assert any("区0" in note and "30%" in note for note in paths.notes)


def test_a_stated_drift_replaces_the_estimate_and_its_doubt():
    paths = simulate(city(), 2026, 300, drift={"区1": 12.0})
    assert paths.drift.at["区1", "drift"] == pytest.approx(12) and paths.drift.at["区1", "basis"] == "给定"
    assert (paths.drift_error[:, 1] == 0).all() and (paths.drift_error[:, 0] != 0).all()


def test_too_few_years_borrow_from_the_city_and_are_flagged():
    frame = city(districts=6)
    frame.loc[:2020, "区5"] = np.nan
    paths = simulate(frame, 2026, 5000)
    row = paths.drift.loc["区5"]
    assert row["few"] and row["basis"] == "全市平均" and row["weight"] == 0
    assert any("数据太少" in note and "区5" in note for note in paths.notes)
    assert row["error"] > paths.drift.loc["区0", "error"]


def test_two_points_only_give_no_chance_but_a_path():
    frame = city(years=2)
    with pytest.raises(AssessmentError, match="不足 3 个.*不能给出概率"):
        simulate(frame, 2025, 100)
    path = simulate(frame, 2025, shocks=False)
    np.testing.assert_allclose(path.of("区0")[0, 0] / frame["区0"].iloc[1], frame["区0"].iloc[1] / frame["区0"].iloc[0], rtol=1e-5)
    with pytest.raises(AssessmentError, match="只有 1 年"):
        simulate(frame.iloc[1:], 2025, shocks=False)


def test_a_district_whose_data_end_earlier_has_run_further():
    frame = city(districts=5)
    ragged = frame.copy()
    ragged.loc[2021:, "区2"] = np.nan
    paths = simulate(ragged, 2025, RUNS)
    assert paths.years == (2023, 2024, 2025) and paths.ages[:, 2].tolist() == [3, 4, 5] and paths.ages[:, 0].tolist() == [1, 2, 3]
    g = paths.drift.at["区2", "drift"] / 100
    assert paths.median("区2")[2023] == pytest.approx(frame.at[2020, "区2"] * (1 + g) ** 3)
    known = estimate(checked_frame(ragged))
    shock = paths.shock("区2")[:, 0]
    spread = np.subtract(*np.quantile(shock, [0.75, 0.25]))
    assert spread == pytest.approx(known.spread[2] * np.sqrt(3) * 2 * stats.t(known.freedom[2]).ppf(0.75), rel=0.03)
    assert any("区2的数据只到 2020 年" in note for note in paths.notes)


def test_missing_years_in_between_are_spread_over_and_noted():
    frame = city(districts=4).drop([2017, 2018, 2020])
    paths = simulate(frame, 2024, 100)
    assert paths.drift["rates"].eq(4).all() and paths.drift["years"].eq(7).all()
    assert any("跨多年" in note for note in paths.notes)


def test_inflation_widens_the_interval_by_its_factor():
    plain = simulate(city(), 2025, RUNS)
    wide = simulate(city(), 2025, RUNS, inflation=[1.0, 1.5, 2.0])
    width = [np.log(p.quantiles("区3").iloc[:, 2] / p.quantiles("区3").iloc[:, 0]).to_numpy() for p in (plain, wide)]
    np.testing.assert_allclose(width[1] / width[0], [1, 1.5, 2], rtol=1e-3)


def test_the_spread_can_be_matched_to_a_calibrated_interval():
    frame = city()
    plain = simulate(frame, 2026, 5000)
    h = np.arange(1, 5)
    lower, upper = frame["区1"].iloc[-1] * np.exp(0.05 * h - 0.09 * np.sqrt(h)), frame["区1"].iloc[-1] * np.exp(0.05 * h + 0.09 * np.sqrt(h))
    factor = pd.DataFrame({"区1": match_spread(plain, "区1", lower, upper)})
    found = simulate(frame, 2026, 5000, inflation=factor).quantiles("区1")
    np.testing.assert_allclose(np.log(found.iloc[:, 2] / found.iloc[:, 0]), np.log(upper / lower), rtol=1e-3)


def test_forecasts_of_different_length_are_matched_together():
    plain = simulate(city(), 2026, 1000)
    intervals = {d: (np.full(h, 200.0), np.full(h, 260.0)) for d, h in (("区1", 2), ("区2", 4))}
    table = match_spreads(plain, intervals)
    assert table["区1"].iloc[1:].nunique() == 1 and len(table) == 4
    found = simulate(city(), 2026, 1000, inflation=table).quantiles("区2")
    np.testing.assert_allclose(np.log(found.iloc[:, 2] / found.iloc[:, 0]), np.log(1.3), rtol=1e-3)


def test_a_forecast_can_take_the_place_of_the_middle_path():
    own = pd.DataFrame({"区1": [400.0, 420.0, 450.0]}, index=[2023, 2024, 2025])
    paths = simulate(city(), 2025, RUNS, centre=own)
    np.testing.assert_allclose(paths.median("区1"), own["区1"])
    np.testing.assert_allclose(np.median(paths.of("区1"), axis=0), own["区1"], rtol=0.01)
    with pytest.raises(AssessmentError, match="2026"):
        simulate(city(), 2026, 10, centre=own)


@pytest.mark.parametrize("call, message", [
    (lambda f: simulate(f, 2022, 10), "应晚于数据的末年 2022"),
    (lambda f: simulate(f, 2025, 0), "至少 1 次"),
    (lambda f: simulate(f, 2025, 10, drift={"无此区": 5}), "无此区"),
    (lambda f: simulate(f, 2025, 10, drift={"区0": -120}), "区0的给定增速"),
    (lambda f: simulate(f, 2025, 10, inflation=[-1.0]), "放大倍数"),
    (lambda f: simulate(f.replace(f.iloc[2, 1], 0.0), 2025, 10), "区1 2017 年（0）.*核对原表"),
    (lambda f: simulate(f, 2025, 10).of("无此区"), "模拟中没有“无此区”"),
    (lambda f: simulate(f, 2025, 10).row(2030), "没有 2030 年"),
])
def test_unusable_input_is_refused_in_words(call, message):
    with pytest.raises(AssessmentError, match=message):
        call(city())


def test_paths_carry_what_they_assume():
    paths = simulate(city(), 2025, 10)
    assert isinstance(paths, Paths) and paths.levels.dtype == np.float32 and paths.levels.shape == (10, 3, 6)
    assert any("相关系数" in n for n in paths.notes) and any("收缩" in n for n in paths.notes)
    assert list(paths.correlation.columns) == list(paths.districts)
