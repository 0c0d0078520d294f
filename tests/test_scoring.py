"""Scoring functions against hand-worked figures, textbook formulas and properties."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from analysis.params import AssessmentError, check_params, methods, parse_params
from analysis.scoring import floor_score, rank, score


def marks(values, method, params="", direction="正向", **more):
    return score(np.array(values, float), method, parse_params(method, params), direction, **more)


def test_efficacy_gives_60_to_the_least_and_100_to_the_greatest():
    assert marks([10, 20, 30], "功效系数").tolist() == [60, 80, 100]


def test_efficacy_of_a_reverse_indicator_gives_100_to_the_least():
    assert marks([10, 20, 30], "功效系数", direction="逆向").tolist() == [100, 80, 60]


def test_min_max_with_fixed_goalposts_is_the_hdi_life_expectancy_index():
    # UNDP technical note: (e0 − 20)/(85 − 20); 71.4 years -> 0.791 to three places
    assert marks([71.4], "极差", "下限=20；上限=85；满分=1")[0] == pytest.approx(51.4 / 65, abs=1e-12)


def test_logarithm_with_goalposts_is_the_hdi_income_index():
    got = marks([16644.0], "极差", "下限=100；上限=75000；满分=1；对数=是")[0]
    assert got == pytest.approx((np.log(16644) - np.log(100)) / (np.log(75000) - np.log(100)), abs=1e-12)


def test_values_beyond_goalposts_are_clipped_unless_told_otherwise():
    assert marks([-5, 5, 20], "极差", "下限=0；上限=10").tolist() == [0, 50, 100]
    assert marks([-5, 5, 20], "极差", "下限=0；上限=10；截断=否").tolist() == [-50, 50, 200]


def test_all_values_below_a_stated_lower_limit_score_zero_not_full():
    assert marks([1, 2, 3], "极差", "下限=5").tolist() == [0, 0, 0]
    assert marks([7, 8, 9], "极差", "上限=5").tolist() == [100, 100, 100]


def test_exponential_efficacy_is_the_geometric_mean_half_way():
    assert marks([0, 1, 2], "指数功效")[1] == pytest.approx(np.sqrt(60 * 100))


def test_z_score_matches_scipy_for_both_divisors():
    x = [3.0, 5.0, 4.0, 9.0]
    assert np.allclose(marks(x, "标准分"), 100 + 10 * stats.zscore(x), atol=1e-12)
    assert np.allclose(marks(x, "标准分", "自由度=1"), 100 + 10 * stats.zscore(x, ddof=1), atol=1e-12)


def test_rank_score_steps_down_from_full_marks():
    assert marks([5, 9, 7, 7], "位次", "步长=2").tolist() == [94, 100, 98, 98]
    assert marks([1, 2, 3, 4, 5], "位次").tolist() == [60, 70, 80, 90, 100]


def test_borda_counts_the_units_beaten_and_halves_ties():
    assert marks([5, 9, 7, 7], "波达").tolist() == [0, 3, 1.5, 1.5]
    assert marks([5, 9, 7, 7], "波达", "并列=同位").tolist() == [0, 3, 1, 1]


def test_completion_is_pro_rata_below_the_target_and_full_from_it():
    assert marks([5, 10, 15], "完成率", "目标=10").tolist() == [50, 100, 100]


def test_completion_adds_a_bonus_per_point_above_the_target_up_to_the_cap():
    got = marks([8, 10, 12, 99], "完成率", "目标=10；满分=5；每超=1；加分=0.5；封顶=7")
    assert got.tolist() == [4, 5, 6, 7]


def test_reverse_completion_divides_the_target_by_the_value():
    assert marks([5, 10, 20], "完成率", "目标=10；封顶=100", "逆向").tolist() == [100, 100, 50]


def test_share_of_best_divides_by_the_first_place_and_applies_the_coefficient():
    assert marks([50, 100], "占优比").tolist() == [50, 100]
    assert marks([50, 100], "占优比", "系数=1.35").tolist() == pytest.approx([67.5, 135])
    assert marks([2, 4], "占优比", direction="逆向").tolist() == [100, 50]


@pytest.mark.parametrize(("value", "expected"), [(59.9, 0), (60, 60), (79.99, 60), (80, 80), (100, 100), (150, 100)])
def test_a_value_on_the_edge_of_two_bands_takes_the_higher(value, expected):
    assert marks([value], "分档", "档次=<60:0|60:60|80:80|100:100")[0] == expected


@pytest.mark.parametrize(("value", "expected"), [(0.4, 5), (0.5, 5), (0.51, 3), (0.6, 3), (0.7, 1), (0.71, 0)])
def test_bands_of_a_reverse_indicator_take_the_higher_mark_on_the_edge(value, expected):
    # the 资产负债率 item of the 63号 score sheet: ≤50% 5, 50–60 3, 60–70 1, >70 0
    assert marks([value], "分档", "档次=0.5:5|0.6:3|0.7:1|>0.7:0", "逆向")[0] == expected


def test_distance_to_target_is_full_from_the_target_on():
    assert marks([0, 5, 10, 20], "距目标", "目标=10").tolist() == [0, 50, 100, 100]
    assert marks([20, 15, 10, 5], "距目标", "目标=10", "逆向").tolist() == [0, 50, 100, 100]


def test_a_moderate_indicator_is_best_at_its_target():
    assert marks([50, 60, 80], "极差", "目标=60", "适度").tolist() == [50, 100, 0]


def test_bounds_within_the_ranking_group_score_each_group_by_itself():
    got = marks([1, 2, 10, 30], "极差", "范围=组内", groups=np.array(["a", "a", "b", "b"]))
    assert got.tolist() == [0, 100, 0, 100]


@pytest.mark.parametrize(("method", "expected"), [("功效系数", 100), ("极差", 100), ("指数功效", 100), ("标准分", 100), ("占优比", 100), ("位次", 100)])
def test_a_constant_indicator_gives_everyone_the_stated_mark(method, expected):
    assert marks([7, 7, 7], method).tolist() == [expected] * 3


@pytest.mark.parametrize(("params", "direction"), [("对数=是", "正向")])
def test_a_logarithm_of_zero_is_refused_by_name(params, direction):
    with pytest.raises(AssessmentError, match="“利润”.*取对数"):
        marks([0, 1], "极差", params, direction, name="利润")


def test_share_of_best_refuses_a_best_value_of_zero():
    with pytest.raises(AssessmentError, match="不大于 0"):
        marks([-1, 0], "占优比")


@pytest.mark.parametrize(("method", "text", "direction", "phrase"), [
    ("功效系数", "底分60", "正向", "应写成 名称=值"),
    ("功效系数", "底分=六十", "正向", "应为数值"),
    ("功效系数", "低分=60", "正向", "没有参数“低分”，是否应为“"),
    ("功效系数", "底分=60；底分=50", "正向", "重复"),
    ("功效系数", "下限=5；上限=3", "正向", "应小于上限"),
    ("功效系数", "底分=100；满分=60", "正向", "应小于满分"),
    ("功效系数", "对数=可以", "正向", "只能写 是 或 否"),
    ("功效系数", "范围=本县", "正向", "只能写 全部、组内"),
    ("功效系数", "对数=是；下限=0", "正向", "必须大于 0"),
    ("功效系数", "", "适度", "必须在参数里写明目标"),
    ("功效系数", "目标=3", "正向", "只用于适度指标"),
    ("完成率", "", "正向", "必须写明参数“目标”"),
    ("完成率", "目标=0", "正向", "目标必须大于 0"),
    ("完成率", "目标=5；加分=1", "正向", "要同时写"),
    ("分档", "档次=80", "正向", "应写成 门槛:得分"),
    ("分档", "档次=60:80|80:60", "正向", "不减"),
    ("距目标", "目标=3；下限=3", "正向", "已达到目标"),
    ("直接", "", "逆向", "不能用于逆向指标"),
    ("乱写", "", "正向", "没有名为“乱写”的计分方法"),
])
def test_wrong_parameters_are_explained_in_chinese(method, text, direction, phrase):
    assert any(phrase in fault for fault in check_params(method, text, direction))


def test_full_width_parameter_text_reads_like_half_width():
    assert parse_params("功效系数", "底分＝５０；满分＝１００")["底分"] == 50


def test_lowest_mark_carries_the_coefficient():
    assert floor_score("功效系数", parse_params("功效系数", "系数=1.2")) == 72
    assert floor_score("标准分", parse_params("标准分")) is None


def test_every_method_of_the_table_has_a_function_formula_and_direction():
    import analysis.scoring

    for method in methods().values():
        assert callable(getattr(analysis.scoring, method.function))
        assert method.formula and method.directions


values = st.lists(st.floats(-1e6, 1e6, allow_nan=False), min_size=2, max_size=12)
SCALABLE = ["功效系数", "极差", "标准分", "位次", "波达"]


@given(values, st.sampled_from(SCALABLE), st.floats(0.5, 1000), st.sampled_from(["正向", "逆向"]))
def test_changing_the_unit_changes_no_score(x, method, factor, direction):
    x = np.round(np.array(x), 3)
    if 0 < np.ptp(x) < 1e-3:
        return
    assert np.allclose(marks(x, method, "", direction), marks(x * 1024, method, "", direction), atol=1e-6)


@given(values, st.sampled_from(SCALABLE + ["指数功效"]))
def test_a_better_value_never_scores_lower(x, method):
    got, order = marks(x, method), np.argsort(x)
    assert (np.diff(got[order]) >= -1e-9).all()


@given(values)
def test_missing_values_stay_missing_and_change_nothing_else(x):
    for method in SCALABLE:
        assert np.allclose(marks([*x, np.nan], method)[:-1], marks(x, method))
        assert np.isnan(marks([*x, np.nan], method)[-1])


@given(st.lists(st.integers(0, 5), min_size=1, max_size=9))
def test_ranks_agree_with_scipy(x):
    for ties, theirs in {"同位": "min", "顺延": "max", "平均": "average", "紧凑": "dense"}.items():
        assert rank(np.array(x, float), True, ties).tolist() == stats.rankdata([-v for v in x], theirs).tolist()


def test_leading_axes_are_scored_one_by_one():
    x = np.random.default_rng(1).normal(size=(4, 3, 7))
    for method in SCALABLE:
        stacked = marks(x, method)
        assert np.allclose(stacked[2, 1], marks(x[2, 1], method))
