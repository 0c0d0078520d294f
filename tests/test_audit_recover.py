"""Weights recovered from announcements: published cases, and brute force over a grid of weights."""

import itertools

import numpy as np
import pandas as pd
import pytest

from analysis import read_case
from analysis.audit.recover import recover_weights
from analysis.params import AssessmentError

OFFICIAL = {"T1": 29.32, "T2": 16.50, "T3": 19.25, "T4": 16.50, "T5": 9.15, "T6": 9.18}


def announced(name, year=None):
    case = read_case(name)
    parts = case.values.pivot(index=["year", "district"], columns="indicator", values="value")
    parts = parts if year is None else parts.loc[[year]]
    published = case.published[case.published["node"] == "T"].set_index(["year", "district"]).loc[parts.index]
    years = pd.Series(parts.index.get_level_values(0), parts.index)
    return parts, published["score"], {"ranks": published["rank"], "groups": years}


def grid_of_weights(parts, steps):
    """Every weight vector with denominators of `steps`."""
    cuts = itertools.combinations(range(steps + parts - 1), parts - 1)
    return np.array([np.diff([-1, *cut, steps + parts - 1]) - 1 for cut in cuts]) / steps


def test_the_announced_scores_of_anhui_give_back_the_official_weights():
    parts, totals, more = announced("anhui-2016")
    found = recover_weights(parts[list(OFFICIAL)], totals, **more)
    official = pd.Series(OFFICIAL) / sum(OFFICIAL.values())
    assert (found.weights["least_largest"] - official).abs().max() < 0.003
    assert (found.weights["least_squares"] - official).abs().max() < 0.003
    assert found.largest_difference == pytest.approx(0.0046, abs=5e-5)
    assert found.explains_scores and found.explains_ranks and found.determined
    assert found.verdict.startswith("有权重能在 ±0.005 分的舍入误差内还原全部 16 个公布得分")


@pytest.mark.parametrize("year", [2016, 2017, 2018, 2019])
def test_no_weights_explain_any_single_year_of_zhejiang_to_rounding(year):
    parts, totals, more = announced("zhejiang-2016-2019", year)
    found = recover_weights(parts, totals, **more)
    assert 0.05 < found.largest_difference < 0.075 and not found.explains_scores
    assert found.explains_ranks and found.violated_pairs == 0
    assert found.verdict.startswith("没有任何权重能在 ±0.005 分的舍入误差内还原公布得分") and "有权重能给出公布的位次" in found.verdict


def test_one_set_of_weights_for_all_years_of_zhejiang_leaves_an_eighth_of_a_point():
    found = recover_weights(*announced("zhejiang-2016-2019")[:2])
    assert found.largest_difference == pytest.approx(0.125, abs=0.001)
    assert found.explains_ranks is None and found.violated_pairs is None
    assert f"{found.largest_difference:.4f}" in found.verdict


@pytest.mark.parametrize("seed", range(4))
def test_no_weights_on_a_fine_grid_do_better_than_the_two_fits(seed):
    rng = np.random.default_rng(seed)
    parts = pd.DataFrame(rng.uniform(60, 100, (6, 3)))
    totals = pd.Series(parts.to_numpy() @ rng.dirichlet([1, 1, 1]) + rng.normal(0, 0.5, 6))
    found = recover_weights(parts, totals)
    grid = grid_of_weights(3, 60)
    left = totals.to_numpy()[:, None] - parts.to_numpy() @ grid.T
    assert found.largest_difference <= np.abs(left).max(0).min() + 1e-9
    assert (found.differences["least_squares"] ** 2).sum() <= (left**2).sum(0).min() + 1e-9
    allowed = grid[np.abs(left).max(0) <= found.range_tolerance]
    assert (allowed >= found.weights["low"].to_numpy() - 1e-9).all()
    assert (allowed <= found.weights["high"].to_numpy() + 1e-9).all()


def test_true_weights_lie_in_the_range_and_rounded_scores_are_explained():
    rng = np.random.default_rng(7)
    parts, true = pd.DataFrame(rng.uniform(0, 100, (12, 4))), rng.dirichlet([2] * 4)
    exact = pd.Series(parts.to_numpy() @ true)
    found = recover_weights(parts.round(2), exact.round(2), ranks=exact.rank(ascending=False), part_tolerance=0.005)
    assert found.tolerance == pytest.approx(0.01) and found.explains_scores and found.explains_ranks
    assert (found.weights["low"] <= true + 1e-9).all() and (true <= found.weights["high"] + 1e-9).all()


@pytest.mark.parametrize("seed", range(5))
def test_the_fewest_violated_pairs_are_as_few_as_brute_force_finds(seed):
    rng = np.random.default_rng(seed)
    parts, ranks = rng.uniform(60, 100, (5, 2)), pd.Series(rng.permutation(5) + 1.0)
    found = recover_weights(pd.DataFrame(parts), pd.Series(parts.mean(1)), ranks=ranks)
    w = np.linspace(0, 1, 20001)
    scores = parts @ np.array([w, 1 - w])
    wrong = sum((scores[i] <= scores[j]).astype(int) for i in range(5) for j in range(5) if ranks[i] < ranks[j])
    assert found.violated_pairs == found.violated_at_least == wrong.min()
    assert found.explains_ranks == (wrong.min() == 0)
    rebuilt = parts @ found.rank_weights.to_numpy()
    assert sum(rebuilt[i] <= rebuilt[j] for i in range(5) for j in range(5) if ranks[i] < ranks[j]) == wrong.min()


def test_a_district_better_in_every_part_cannot_be_ranked_lower():
    parts = pd.DataFrame({"a": [90.0, 80], "b": [90.0, 80]}, ["甲", "乙"])
    found = recover_weights(parts, pd.Series([90.0, 80], parts.index), ranks=pd.Series([2, 1], parts.index))
    assert found.explains_scores and found.explains_ranks is False and found.violated_pairs == 1
    assert "1 对先后中至少有 1 对相反" in found.verdict


def test_an_announced_tie_needs_scores_that_round_alike():
    parts = pd.DataFrame({"a": [80.0, 70, 60], "b": [60.0, 70, 90]})
    tied = recover_weights(parts, pd.Series([70.0, 70, 75]), ranks=pd.Series([2, 2, 1]))
    assert tied.explains_ranks and tied.weights.loc["a", "least_largest"] == pytest.approx(0.5)
    impossible = recover_weights(parts.assign(a=[80, 95, 60], b=[60, 75, 90]), pd.Series([70.0, 85, 75]), ranks=pd.Series([1, 1, 3]))
    assert impossible.explains_ranks is False


def test_ranks_of_different_groups_are_not_compared():
    parts = pd.DataFrame({"a": [90.0, 80], "b": [90.0, 80]})
    found = recover_weights(parts, pd.Series([90.0, 80]), ranks=pd.Series([2, 1]), groups=pd.Series(["城区", "县域"]))
    assert found.pairs == 0 and found.explains_ranks is None


def test_too_few_districts_leave_the_weights_open_and_the_verdict_says_so():
    parts = pd.DataFrame([[80.0, 60, 70]], ["甲"], list("abc"))
    found = recover_weights(parts, pd.Series([70.0], ["甲"]))
    assert not found.determined and "不足以确定权重" in found.verdict
    assert found.weights["high"]["c"] == pytest.approx(1) and found.weights["low"]["c"] == pytest.approx(0)


def test_units_with_an_unknown_part_are_left_out_by_name():
    parts = pd.DataFrame({"a": [80.0, None, 60], "b": [60.0, 70, 90]}, ["甲", "乙", "丙"])
    found = recover_weights(parts, pd.Series([70.0, 71, 75], parts.index))
    assert found.left_out == ("乙",) and "乙有分项或总分不详" in found.verdict and found.explains_scores


@pytest.mark.parametrize(("parts", "totals", "more", "message"), [
    (pd.DataFrame({"a": [None]}, dtype=float), pd.Series([1.0]), {}, "没有一个区县"),
    (pd.DataFrame(index=[0]), pd.Series([1.0]), {}, "没有分项得分"),
    (pd.DataFrame({"a": [1.0]}), pd.Series([1.0]), {"tolerance": -1}, "容差不能为负"),
    (pd.DataFrame({"a": [1.0, 2]}, ["甲", "甲"]), pd.Series([1.0], ["甲"]), {}, "重复"),
])
def test_input_that_allows_no_comparison_is_refused_in_chinese(parts, totals, more, message):
    with pytest.raises(AssessmentError, match=message):
        recover_weights(parts, totals, **more)
