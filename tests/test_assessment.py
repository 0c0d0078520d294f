"""Trees, aggregation, policies and ranks against hand-worked and published figures."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from analysis.assessment import ADJUSTMENT, assess
from analysis.params import AssessmentError
from analysis.reconcile import reconcile
from analysis.tree import build_tree


def scheme(*rows):
    columns = ["code", "parent", "weight", "method", "aggregation", "missing", "params"]
    return pd.DataFrame([dict(zip(columns, row)) for row in rows])


FLAT = scheme(("T", "", None), ("a", "T", 3, "直接"), ("b", "T", 1, "直接"))
VALUES = pd.DataFrame({"a": [80.0, 60.0, 90.0], "b": [60.0, 100.0, 50.0]}, ["甲", "乙", "丙"])


def with_aggregation(name):
    return FLAT.assign(aggregation=[name, None, None])


@pytest.mark.parametrize(("aggregation", "expected"), [
    ("加权平均", [75, 70, 80]),
    ("加权求和", [300, 280, 320]),
    ("几何平均", [80**0.75 * 60**0.25, 60**0.75 * 100**0.25, 90**0.75 * 50**0.25]),
    ("调和平均", [4 / (3 / 80 + 1 / 60), 4 / (3 / 60 + 1 / 100), 4 / (3 / 90 + 1 / 50)]),
    ("科普兰", [0, -2, 2]),
])
def test_each_aggregation_gives_the_hand_worked_total(aggregation, expected):
    assert assess(VALUES, with_aggregation(aggregation)).total.tolist() == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("aggregation", ["几何平均", "调和平均"])
def test_geometric_and_harmonic_means_refuse_zero_naming_district_and_indicator(aggregation):
    with pytest.raises(AssessmentError, match="乙.*“b”.*不大于 0"):
        assess(VALUES.assign(b=[60, 0, 50]), with_aggregation(aggregation))


def test_weights_are_normalised_within_each_parent_at_any_depth():
    tree = build_tree(scheme(("T", "", None), ("A", "T", 30), ("B", "T", 10, "直接"), ("A1", "A", 2), ("A2", "A", 2, "直接"), ("x", "A1", 5, "直接")))
    assert tree.nodes["global_weight"].to_dict() == {"T": 1, "A": 0.75, "A1": 0.375, "x": 0.375, "A2": 0.375, "B": 0.25}
    assert list(tree.nodes["level"]) == [0, 1, 2, 3, 2, 1]


def test_the_human_development_index_construction_is_reproduced():
    # UNDP technical note 1: geometric mean of health, education (mean of two) and income
    tree = scheme(
        ("HDI", "", None, "", "几何平均"), ("H", "HDI", 1, "极差", "", "", "下限=20；上限=85；满分=1"),
        ("E", "HDI", 1), ("EYS", "E", 1, "极差", "", "", "下限=0；上限=18；满分=1"), ("MYS", "E", 1, "极差", "", "", "下限=0；上限=15；满分=1"),
        ("I", "HDI", 1, "极差", "", "", "下限=100；上限=75000；对数=是；满分=1"),
    )
    data = pd.DataFrame({"H": [82.3, 61.0], "EYS": [18.7, 9.9], "MYS": [12.6, 3.8], "I": [68012.0, 1561.0]}, ["甲", "乙"])
    expected = []
    for h, e, m, i in data.to_numpy():
        income = (np.log(i) - np.log(100)) / (np.log(75000) - np.log(100))
        expected.append(((h - 20) / 65 * (min(e / 18, 1) + m / 15) / 2 * income) ** (1 / 3))
    assert assess(data, tree).total.tolist() == pytest.approx(expected, abs=1e-12)


def test_groups_are_ranked_apart_and_ties_share_the_better_place():
    data = pd.DataFrame({"a": [90, 80, 80, 70, 95.0], "b": [90, 80, 80, 70, 95.0]}, list("甲乙丙丁戊"))
    groups = pd.Series(["城", "城", "城", "城", "县"], data.index)
    assert assess(data, FLAT, groups=groups).ranks["T"].tolist() == [1, 2, 2, 4, 1]
    assert assess(data, FLAT, groups=groups, ties="紧凑").ranks["T"].tolist() == [1, 2, 2, 3, 1]


def test_rounding_before_ranking_makes_near_scores_equal():
    data = pd.DataFrame({"a": [80.001, 80.004], "b": [80.0, 80.0]}, ["甲", "乙"])
    assert assess(data, FLAT).ranks["T"].tolist() == [2, 1]
    assert assess(data, FLAT, decimals=2).ranks["T"].tolist() == [1, 1]


def adjust(*rows):
    return pd.DataFrame(rows, columns=["district", "node", "points", "kind"])


def test_bonus_deduction_and_veto_enter_where_they_are_given():
    table = adjust(("甲", "T", 2, "加分"), ("乙", "a", 8, "扣分"), ("丙", "T", None, "否决"))
    result = assess(VALUES, FLAT, adjustments=table)
    assert result.total.tolist() == [77, 70 - 8 * 0.75, 0]
    assert result.ranks["T"].tolist() == [1, 2, 3]


def test_the_cap_of_a_node_limits_its_bonus():
    capped = FLAT.assign(params=["加分上限=1.5", None, None])
    result = assess(VALUES, capped, adjustments=adjust(("甲", "T", 1, "加分"), ("甲", "T", 1, "加分")))
    assert result.total["甲"] == 76.5


MISSING = VALUES.assign(b=[60.0, np.nan, 50.0])


@pytest.mark.parametrize(("policy", "expected"), [
    ("剔除", 60), ("最低分", 60 * 0.75 + 50 * 0.25), ("组均值", 60 * 0.75 + 55 * 0.25),
])
def test_each_missing_value_policy_gives_the_hand_worked_total(policy, expected):
    result = assess(MISSING, FLAT.assign(missing=["", "", policy]))
    assert result.total["乙"] == pytest.approx(expected)
    assert result.filled[["district", "indicator"]].to_numpy().tolist() == [["乙", "b"]]


def test_the_lowest_mark_of_the_efficacy_method_is_its_base():
    tree = scheme(("T", "", None), ("a", "T", 1, "功效系数", "", "最低分"))
    assert assess(pd.DataFrame({"a": [1, 2, np.nan]}, list("甲乙丙")), tree).total["丙"] == 60


def test_a_missing_value_without_a_policy_is_an_error_naming_who_and_what():
    with pytest.raises(AssessmentError, match="指标“b”.*缺少 乙"):
        assess(MISSING, FLAT)


def test_a_masked_value_without_bounds_leaves_the_district_unranked():
    hidden = pd.DataFrame({"a": [False] * 3, "b": [False, True, False]}, VALUES.index)
    result = assess(MISSING, FLAT.assign(missing=["", "", "剔除"]), masked=hidden)
    assert np.isnan(result.total["乙"]) and result.unranked == ["乙"]
    assert result.ranks["T"].dropna().to_dict() == {"甲": 2, "丙": 1}


def test_a_bounded_masked_value_enters_as_its_midpoint_and_is_listed():
    hidden = pd.DataFrame({"a": [False] * 3, "b": [False, True, False]}, VALUES.index)
    bound = pd.DataFrame({"b": {"乙": 70.0}}), pd.DataFrame({"b": {"乙": 90.0}})
    result = assess(MISSING, FLAT, masked=hidden, low=bound[0], high=bound[1])
    assert result.total["乙"] == 60 * 0.75 + 80 * 0.25
    assert "区间中点推算" in result.filled.loc[0, "treatment"]
    assert np.isnan(result.raw.at["乙", "b"])


@pytest.mark.parametrize(("rows", "phrase"), [
    ([("T", "", None), ("a", "X", 1, "直接")], "上级“X”不存在"),
    ([("T", "", None), ("U", "", None), ("a", "T", 1, "直接")], "现有 2 个"),
    ([("T", "", None), ("a", "b", 1), ("b", "a", 1)], "成环"),
    ([("T", "", None), ("a", "T", 0, "直接")], "权重合计为 0"),
    ([("T", "", None), ("a", "T", -1, "直接")], "权重为负"),
    ([("T", "", None), ("a", "T", None, "直接")], "没有权重"),
    ([("T", "", None), ("a", "T", 1)], "没有计分方法"),
    ([("T", "", None), ("a", "T", 1, "直接"), ("a", "T", 1, "直接")], "代码“a”重复"),
    ([("T", "", None, "", "乱来"), ("a", "T", 1, "直接")], "合成方法“乱来”不认识"),
])
def test_a_broken_tree_is_explained_in_chinese(rows, phrase):
    with pytest.raises(AssessmentError, match=phrase):
        build_tree(scheme(*rows))


LEAF = st.floats(1, 100)
AGGREGATION = st.sampled_from(["加权平均", "加权求和", "几何平均", "调和平均"])


@given(st.lists(st.tuples(LEAF, LEAF, LEAF, LEAF), min_size=1, max_size=6), st.tuples(AGGREGATION, AGGREGATION), st.floats(0, 5))
def test_contributions_sum_to_the_score_whatever_the_means(rows, means, bonus):
    tree = scheme(("T", "", None, "", means[0]), ("A", "T", 3, "", means[1]), ("a", "A", 1, "直接"), ("b", "A", 2, "直接"),
                  ("c", "T", 2, "直接"), ("d", "T", 1, "直接"))
    data = pd.DataFrame(rows, [f"区{i}" for i in range(len(rows))], list("abcd"))
    result = assess(data, tree, adjustments=adjust(("区0", "A", bonus, "加分"), ("区0", "T", bonus, "扣分")))
    for parts in (result.contributions(), result.contributions(leaves=True)):
        assert np.allclose(parts.sum(axis=1), result.total, atol=1e-9)
    assert set(result.contributions(leaves=True).columns) == {"a", "b", "c", "d", ADJUSTMENT}


def test_a_copeland_total_stands_as_one_part():
    parts = assess(VALUES, with_aggregation("科普兰"), adjustments=adjust(("甲", "T", 2, "加分"))).contributions(leaves=True)
    assert parts.to_dict("list") == {"T": [0, -2, 2], ADJUSTMENT: [2, 0, 0]}


TWO_PARTS = scheme(("T", "", None), ("A", "T", 1), ("B", "T", 1), ("a", "A", 1, "直接", "", "剔除"), ("b", "B", 1, "直接"))
TWO_VALUES = pd.DataFrame({"a": [20.0, 15.0, np.nan], "b": [60.0, 50.0, 50.0]}, ["甲", "乙", "丙"])


def test_leaf_contributions_sum_where_a_whole_part_is_left_out():
    parts = assess(TWO_VALUES, TWO_PARTS, adjustments=adjust(("丙", "T", 5, "加分"))).contributions(leaves=True)
    assert parts.loc["丙"].to_dict() == {"a": 0, "b": 50, ADJUSTMENT: 5}


def test_a_veto_to_zero_stays_visible_in_the_leaf_contributions():
    parts = assess(TWO_VALUES, TWO_PARTS, adjustments=adjust(("乙", "A", None, "否决"))).contributions(leaves=True)
    assert parts.loc["乙"].to_dict() == {"a": 7.5, "b": 25, ADJUSTMENT: -7.5}


def test_a_veto_counts_even_where_the_part_was_left_out():
    result = assess(TWO_VALUES, TWO_PARTS, adjustments=adjust(("丙", "A", 0, "否决"), ("乙", "T", 0, "否决")))
    assert result.total.to_dict() == {"甲": 40, "乙": 0, "丙": 25}
    assert result.contributions().sum(axis=1).to_dict() == {"甲": 40, "乙": 0, "丙": 25}


def test_a_bonus_on_a_left_out_indicator_is_reported_as_without_effect():
    result = assess(TWO_VALUES, TWO_PARTS, adjustments=adjust(("丙", "a", 7, "加分")))
    assert result.total["丙"] == 50 and "没有起作用" in result.notes[0]


def test_a_vetoed_total_over_masked_values_is_known_and_sums():
    hidden = pd.DataFrame({"a": [False, False, True], "b": [False] * 3}, TWO_VALUES.index)
    result = assess(TWO_VALUES, TWO_PARTS, masked=hidden, adjustments=adjust(("丙", "T", 3, "否决")))
    assert result.contributions().loc["丙"].to_dict() == {"A": 0, "B": 0, ADJUSTMENT: 3}


def test_copeland_sets_a_masked_unit_aside_without_losing_the_others():
    hidden = pd.DataFrame({"a": [False, True, False], "b": [False] * 3}, VALUES.index)
    result = assess(VALUES, with_aggregation("科普兰"), masked=hidden)
    assert result.total.dropna().to_dict() == {"甲": -1, "丙": 1}


def test_an_unbounded_masked_value_is_noted_where_the_yardstick_comes_from_the_data():
    hidden = pd.DataFrame({"a": [False, True, False], "b": [False] * 3}, VALUES.index)
    relative = FLAT.assign(method=["", "极差", "直接"])
    assert "可能因此变动" in assess(VALUES, relative, masked=hidden).notes[0]
    assert not assess(VALUES, FLAT, masked=hidden).notes


def test_a_midpoint_carries_the_status_derived():
    hidden = pd.DataFrame({"a": [False] * 3, "b": [False, True, False]}, VALUES.index)
    status = pd.DataFrame("公布", VALUES.index, VALUES.columns)
    bound = pd.DataFrame({"b": {"乙": 70.0}})
    assert assess(MISSING, FLAT, masked=hidden, low=bound, high=bound + 1, statuses=status).statuses.at["乙", "b"] == "推算"


def test_the_missing_never_score_above_the_lowest_who_reported():
    data = pd.DataFrame({"a": [*range(41), np.nan]}, [f"区{i}" for i in range(42)])
    tree = scheme(("T", "", None), ("a", "T", 1, "位次", "", "最低分", "步长=2"))
    assert assess(data, tree).total.iloc[-1] == 100 - 2 * 40


def test_scores_are_rounded_half_up_as_announcements_are():
    data = pd.DataFrame({"a": [76.125, 76.13], "b": [76.125, 76.13]}, ["甲", "乙"])
    assert assess(data, FLAT, decimals=2).ranks["T"].tolist() == [1, 1]


def test_infinite_values_and_crossed_bounds_are_refused():
    with pytest.raises(AssessmentError, match="无穷大"):
        assess(VALUES.assign(a=[1, np.inf, 2]), FLAT)
    hidden = pd.DataFrame({"a": [True, False, False], "b": [False] * 3}, VALUES.index)
    with pytest.raises(AssessmentError, match="下界 5 大于上界 4"):
        assess(VALUES, FLAT, masked=hidden, low=pd.DataFrame({"a": {"甲": 5}}), high=pd.DataFrame({"a": {"甲": 4}}))


def test_ranks_are_not_held_against_the_city_when_a_peer_cannot_be_computed():
    hidden = pd.DataFrame({"a": [False, True, False], "b": [False] * 3}, VALUES.index)
    check = reconcile(assess(VALUES, FLAT, masked=hidden), published({"甲": 75, "乙": 99, "丙": 80}, [3, 1, 2]))
    assert check.agrees is True and "另有 1 项" in check.verdict
    assert check.table["verdict"].str.contains("位次不可比").sum() == 2


def test_announced_ranks_that_contradict_announced_scores_are_found_and_subsets_are_not_accused():
    from analysis.reconcile import consistency_of_announcement

    rows = published({"甲": 80, "乙": 70, "丙": 60}, [11, 13, 12]).assign(year=2022)
    found = consistency_of_announcement(rows, pd.Series(dtype=str))
    assert found[["district", "other"]].to_numpy().tolist() == [["乙", "丙"]]


@given(st.integers(0, 10**6))
def test_a_random_hierarchy_equals_an_independent_pandas_computation(seed):
    rng = np.random.default_rng(seed)
    data = pd.DataFrame(rng.lognormal(size=(8, 5)), list("甲乙丙丁戊己庚辛"), list("abcde"))
    w = rng.uniform(0.5, 3, 7)
    tree = scheme(("T", "", None), ("A", "T", w[0]), ("B", "T", w[1]), ("a", "A", w[2], "功效系数"), ("b", "A", w[3], "标准分"),
                  ("c", "B", w[4], "波达"), ("d", "B", w[5], "占优比"), ("e", "B", w[6], "极差"))
    a = 60 + 40 * (data.a - data.a.min()) / (data.a.max() - data.a.min())
    b = 100 + 10 * stats.zscore(data.b)
    part_a = np.average([a, b], axis=0, weights=w[2:4])
    e = 100 * (data.e - data.e.min()) / (data.e.max() - data.e.min())
    part_b = np.average([stats.rankdata(data.c) - 1, 100 * data.d / data.d.max(), e], axis=0, weights=w[4:7])
    expected = np.average([part_a, part_b], axis=0, weights=w[:2])
    result = assess(data, tree)
    assert np.allclose(result.total, expected, atol=1e-9)
    assert result.ranks["T"].tolist() == stats.rankdata(-expected, "min").tolist()


def test_steps_show_every_value_on_the_way_to_the_total():
    steps = assess(VALUES, FLAT).steps()
    assert steps.groupby("district")["weighted"].sum().to_dict() == {"甲": 75, "乙": 70, "丙": 80}
    assert set(steps.columns) >= {"raw", "treated", "score", "weight", "weighted", "status", "cell"}


def published(score_of, rank_of, **more):
    return pd.DataFrame({"district": list(score_of), "node": "T", "score": list(score_of.values()), "rank": list(rank_of), **more})


def test_reconciliation_counts_agreements_and_names_the_largest_difference():
    check = reconcile(assess(VALUES, FLAT), published({"甲": 75.004, "乙": 70.3, "丙": np.nan}, [2, 3, 2]), 0.01)
    row = check.summary.iloc[0]
    assert (row["scores"], row["scores_ok"], row["ranks"], row["ranks_ok"]) == (2, 1, 3, 2)
    assert check.agrees is False
    assert "对不上账" in check.verdict and "0.3000 分" in check.verdict and "乙" in check.verdict


def test_reconciliation_with_everything_masked_says_it_cannot_tell():
    check = reconcile(assess(VALUES, FLAT), published({"甲": np.nan}, [np.nan], score_masked=True, rank_masked=True))
    assert check.agrees is None and "无法对账" in check.verdict


def test_a_difference_of_exactly_the_tolerance_agrees():
    check = reconcile(assess(VALUES, FLAT), published({"甲": 75.01}, [2]), 0.01)
    assert check.agrees is True


def test_a_masked_announcement_is_neither_agreement_nor_disagreement():
    check = reconcile(assess(VALUES, FLAT), published({"甲": np.nan, "乙": 70}, [2, np.nan], score_masked=[True, False], rank_masked=[False, True]))
    assert check.table["verdict"].tolist() == ["一致", "一致"]
    hidden = reconcile(assess(VALUES, FLAT), published({"甲": np.nan}, [np.nan], score_masked=True, rank_masked=True))
    assert hidden.table["verdict"].tolist() == ["未公开"]


def test_a_district_alone_in_its_group_has_no_place_to_reconcile():
    check = reconcile(assess(VALUES, FLAT, groups=pd.Series({"甲": "城", "乙": "县", "丙": "县"})), published({"甲": 75, "乙": 70, "丙": 80}, [2, 2, 1]), 0.01)
    own = check.table.set_index("district")
    assert np.isnan(own.at["甲", "rank"]) and own.at["甲", "verdict"] == "得分一致，位次不可比（没有可比的地区）"
    assert int(check.summary["ranks"].sum()) == 2
