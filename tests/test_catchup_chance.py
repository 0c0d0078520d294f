"""Chances and the growth that gives them: closed forms within Monte Carlo error, exactness on the paths, order."""

import numpy as np
import pandas as pd
import pytest
from analysis.catchup import (
    additions_for, catch_up_year, chances, growth_for, home_levels, outlook, pair_chances, pair_growth, rank_chances,
    side_by_side, simulate,
)
from analysis.catchup.paths import Paths
from analysis.params import AssessmentError
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from test_catchup_paths import city

HOME, LEADER = "区0", "区1"


def pair(ratio=0.9, seed=1, **kwargs):
    """A city whose 区0 ends at `ratio` of 区1."""
    frame = city(seed=seed, **kwargs)
    frame["区0"] *= ratio * frame["区1"].iloc[-1] / frame["区0"].iloc[-1]
    return frame


def hand_made(own, theirs):
    """Paths with these levels, (runs, years) each: what every function counts on."""
    levels = np.stack([own, theirs], axis=2).astype(np.float32)
    years = tuple(range(2023, 2023 + levels.shape[1]))
    drift = pd.DataFrame({"last_year": 2022, "last": [5.0, 10.0]}, index=["甲", "乙"])
    return Paths(years, ("甲", "乙"), levels, drift, None, 1.0, (), "counts")


def test_at_by_and_first_are_counted_as_a_person_would():
    # Ahead in the first year only, in none, in both, in the second only.
    paths = hand_made(np.array([[9, 7], [7, 7], [9, 9], [7, 8]]), np.full((4, 2), 8))
    table = chances(paths, "甲", "乙")
    assert table["at"].tolist() == [0.5, 0.5] and table["by"].tolist() == [0.5, 0.75] and table["first"].tolist() == [0.5, 0.25]
    assert catch_up_year(paths, "甲", "乙").to_dict() == {"2023": 0.5, "2024": 0.25, "届时未追上": 0.25}


@settings(max_examples=25)
@given(st.integers(0, 10_000), st.floats(0.6, 1.2), st.floats(0.5, 1.2))
def test_by_never_falls_and_is_never_below_at(seed, ratio, share):
    table = chances(simulate(pair(ratio, seed=seed % 7), 2030, 400, seed=seed), HOME, LEADER, share)
    assert (table["by"] >= table["at"] - 1e-12).all() and (table["by"].diff().dropna() >= -1e-12).all()
    assert table["first"].sum() == pytest.approx(table["by"].iloc[-1])


def test_the_chance_at_a_year_meets_the_normal_closed_form():
    """Many years of history: the t is nearly normal, and the difference of two log levels is known in closed form."""
    frame = pair(0.93, districts=2, years=120, between=0.0)
    paths = simulate(frame, 2027, 60_000, seed=3)
    r = np.diff(np.log(frame.to_numpy()), axis=0)
    mean, cov, n = r.mean(axis=0), np.cov(r.T), len(r)
    lead = np.array([1, -1])
    for h, at in zip(range(1, 6), chances(paths, HOME, LEADER)["at"]):
        centre = np.log(0.93) + h * lead @ mean
        closed = stats.norm.sf(0, centre, np.sqrt(lead @ cov @ lead * (h + h**2 / n)))
        assert at == pytest.approx(closed, abs=0.02)


@settings(max_examples=20)
@given(st.integers(0, 1000), st.sampled_from([0.05, 0.5, 0.8, 0.9, 1.0, 0.3333]), st.sampled_from(["at", "by"]), st.floats(0.5, 1.2))
def test_the_growth_for_a_chance_gives_it_and_less_growth_does_not(seed, p, when, share):
    runs = 333
    paths = simulate(pair(0.8, seed=seed % 5), 2028, runs, seed=seed)
    table = growth_for(paths, HOME, LEADER, [2025, 2028], (p,), share, when)
    for year in (2025, 2028):
        g = table.at[year, p]
        reached = chances(paths, HOME, LEADER, share, growth=g).set_index("year").at[year, when]
        missed = chances(paths, HOME, LEADER, share, growth=g - 1e-8).set_index("year").at[year, when]
        assert reached >= p > missed


def test_the_needed_growth_is_the_order_statistic_worked_by_hand():
    paths = simulate(pair(0.85), 2026, 1000)
    t, n = paths.row(2026), 4
    own = paths.last(HOME)[1] * np.exp(paths.shock(HOME)[:, t])
    g = np.sort((paths.of(LEADER)[:, t].astype(float) / own) ** (1 / n) - 1)
    table = growth_for(paths, HOME, LEADER, [2026], (0.5, 0.8))
    assert table.loc[2026].tolist() == pytest.approx([100 * g[499], 100 * g[799]], abs=1e-6)


def test_the_growth_of_every_pair_is_that_of_each_pair_alone():
    frame = pair(0.85)
    frame.loc[2022, "区4"] = np.nan
    paths = simulate(frame, 2026, 301)
    table = pair_growth(paths, 2025, 0.8, 0.95)
    for one, two in ((HOME, LEADER), ("区4", "区2"), ("区3", "区4")):
        assert table.at[one, two] == pytest.approx(growth_for(paths, one, two, [2025], (0.8,), 0.95).iloc[0, 0], abs=1e-8)
    assert np.isnan(np.diag(table)).all()


def test_surer_needs_more_growth_and_by_needs_no_more_than_at():
    paths = simulate(pair(0.85), 2030, 2000)
    at, by = (growth_for(paths, HOME, LEADER, None, (0.5, 0.8, 0.95), when=w) for w in ("at", "by"))
    assert (at.diff(axis=1).iloc[:, 1:] > 0).all().all() and (by <= at + 1e-9).all().all()


def test_without_shocks_the_needed_growth_is_the_closed_form():
    frame = pair(0.85)
    paths = simulate(frame, 2028, shocks=False)
    table = side_by_side(frame, paths, HOME, LEADER, [2025, 2028])
    g = paths.drift.at[LEADER, "drift"] / 100
    for row in table.itertuples():
        closed = 100 * ((1 + g) * (1 / 0.85) ** (1 / (row.year - 2022)) - 1)
        assert row.moving == pytest.approx(closed, rel=1e-4)
    np.testing.assert_allclose(table[0.8], table["moving"], rtol=1e-4)


def test_the_present_level_asks_least_and_eighty_percent_asks_most():
    frame = pair(0.85)
    row = side_by_side(frame, simulate(frame, 2028, 5000), HOME, LEADER, [2028]).iloc[0]
    assert row["fixed"] < row["moving"] < row[0.8] < row[0.9]


def test_home_at_a_chosen_growth_keeps_its_shocks_and_loses_the_doubt_about_its_drift():
    frame = pair(0.85)
    paths = simulate(frame, 2026, 4000)
    levels = np.log(home_levels(paths, HOME, 10.0)[:, 3] / (frame[HOME].iloc[-1] * 1.1**4))
    both = np.log(paths.of(HOME)[:, 3].astype(float)) - paths.centre[3, 0]
    np.testing.assert_allclose(levels, both - 4 * paths.drift_error[:, 0], atol=1e-5)


def test_a_district_whose_data_end_earlier_needs_growth_from_its_own_last_year():
    frame = pair(0.85)
    frame.loc[2022, HOME] = np.nan
    paths = simulate(frame, 2026, 501)
    g = growth_for(paths, HOME, LEADER, [2026], (0.5,)).iloc[0, 0]
    reached = home_levels(paths, HOME, g)[:, -1]
    assert reached[0] / np.exp(paths.shock(HOME)[0, -1]) == pytest.approx(frame.at[2021, HOME] * (1 + g / 100) ** 5)
    assert (reached >= paths.of(LEADER)[:, -1]).mean() >= 0.5


def test_ranks_and_pairs_agree_with_counting_one_path_at_a_time():
    paths = simulate(city(districts=5), 2025, 300)
    ranks, pairs = rank_chances(paths, "区2"), pair_chances(paths, 2025)
    seen = [pd.Series(path[2]).rank(ascending=False, method="min")[2] for path in paths.levels]
    for k in range(1, 6):
        assert ranks.at[2025, k] == pytest.approx(np.mean(np.array(seen) <= k))
    assert pairs.at["区1", "区3"] == pytest.approx(np.mean(paths.levels[:, 2, 1] >= paths.levels[:, 2, 3]))
    off = ~np.eye(5, dtype=bool)
    np.testing.assert_allclose((pairs + pairs.T).to_numpy()[off], 1)


def test_the_stated_sampling_error_is_that_of_repetition():
    frame = pair(0.97)
    seen = [chances(simulate(frame, 2025, 500, seed=s), HOME, LEADER)["at"].iloc[-1] for s in range(90)]
    stated = chances(simulate(frame, 2025, 500), HOME, LEADER)["error"].iloc[-1]
    assert 1.96 * np.std(seen) == pytest.approx(stated, rel=0.25)


def test_counts_ask_for_whole_numbers_a_year():
    own, theirs = np.full((4, 2), 5), np.array([[9, 10], [10, 12], [11, 14], [12, 16]])
    table = additions_for(hand_made(own, theirs), "甲", "乙", None, (0.5, 0.75, 1.0))
    # From 5 to 10, 11, 12 in one year; to 12, 14, 16 in two.
    assert table.loc[2023].tolist() == [5, 6, 7] and table.loc[2024].tolist() == [4, 5, 6]


@pytest.mark.parametrize("call, message", [
    (lambda p: growth_for(p, HOME, LEADER, [2026], (1.2,)), "概率应在 0 与 1 之间"),
    (lambda p: growth_for(p, HOME, LEADER, [2050]), "没有 2050 年"),
    (lambda p: growth_for(p, HOME, LEADER, [2026], when="on"), "口径"),
    (lambda p: growth_for(p, HOME, HOME), "都是区0"),
    (lambda p: chances(p, HOME, LEADER, share=-1), "追赶比例"),
    (lambda p: chances(p, HOME, "无此区"), "无此区"),
    (lambda p: home_levels(p, HOME, -100), "大于 −100"),
    (lambda p: outlook(city(), p, HOME, LEADER, 2040), "2040 不在模拟"),
])
def test_questions_the_paths_cannot_answer_are_refused(call, message):
    with pytest.raises(AssessmentError, match=message):
        call(simulate(city(), 2026, 50))
