"""Sobol' indices, shift counts and coherence: against definitions, closed forms and NumPy."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from analysis import assess_case, read_case
from analysis.assessment import ADJUSTMENT, assess
from analysis.audit import alternative_schemes, coherence, shift_counts, sobol, sobol_indices, standard_factors, thresholds
from analysis.audit.influence import SCORINGS, equal_weights, reaggregated, rescored, scheme_of
from analysis.audit.sensitivity import MEAN_SHIFT, sampled_indices
from analysis.params import AssessmentError
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays


def city(n=8, seed=1, aggregation="", **more):
    rng = np.random.default_rng(seed)
    rows = [("T", "", None, "", "", "", aggregation), ("A", "T", 3, "", "", "", ""), ("B", "T", 1, "", "", "", ""),
            ("a1", "A", 2, "功效系数", "", "", ""), ("a2", "A", 1, "功效系数", "底分=50；系数=0.9", "", ""),
            ("b1", "B", 1, "标准分", "均值=80；标准差=6", "逆向", ""), ("b2", "B", 2, "完成率", "目标=20；底分=1", "", "")]
    table = pd.DataFrame(rows, columns=["code", "parent", "weight", "method", "params", "direction", "aggregation"])
    values = pd.DataFrame(rng.uniform(10, 30, (n, 4)), [f"区{i}" for i in range(n)], ["a1", "a2", "b1", "b2"])
    return assess(values, table, **more)


def marks(columns, weights=None, parent=None, **more):
    """Indicators that are marks themselves, under one total or one part."""
    top = "P" if parent else "T"
    rows = [("T", "", None, "")] + ([("P", "T", 1, ""), ("rest", "T", 1, "直接")] if parent else [])
    rows += [(c, top, (weights or {}).get(c, 1), "直接") for c in columns if c != "rest"]
    table = pd.DataFrame(rows, columns=["code", "parent", "weight", "method"])
    aggregation = more.pop("aggregation", None)
    if aggregation:
        table["aggregation"] = [aggregation.get(c, "") for c in table["code"]]
    values = pd.DataFrame(columns)
    values.index = [f"区{i}" for i in range(len(values))]
    return assess(values, table, **more)


def by_definition(y, p):
    """First and total indices from conditional means and variances, cell by cell."""
    weight = {cell: np.prod([p[k][i] for k, i in enumerate(cell)]) for cell in np.ndindex(y.shape)}
    mean = sum(w * y[c] for c, w in weight.items())
    variance = sum(w * (y[c] - mean) ** 2 for c, w in weight.items())
    first, total = [], []
    for k in range(y.ndim):
        means = [sum(w * y[c] for c, w in weight.items() if c[k] == i) / p[k][i] for i in range(y.shape[k])]
        first.append(sum(q * (m - mean) ** 2 for q, m in zip(p[k], means)) / variance)
        within = 0.0
        for rest in product(*(range(s) for j, s in enumerate(y.shape) if j != k)):
            line = [rest[:k] + (i,) + rest[k:] for i in range(y.shape[k])]
            centre = sum(p[k][c[k]] * y[c] for c in line)
            within += sum(weight[c] * (y[c] - centre) ** 2 for c in line)
        total.append(within / variance)
    return first, total


@given(arrays(float, st.tuples(*[st.integers(1, 4)] * 3), elements=st.floats(-50, 50).map(lambda x: round(x, 3))), st.integers(0, 99))
@settings(max_examples=60, deadline=None)
def test_indices_equal_their_definition(y, seed):
    rng = np.random.default_rng(seed)
    p = [q / q.sum() for q in (rng.uniform(0.2, 1, k) for k in y.shape)]
    found = sobol_indices(y, list("abc"), p)
    if np.ptp(y) == 0:
        assert not found[["first", "total"]].to_numpy().any() and set(found["状态"]) == {"目标不随任何选择变化"}
        return
    first, total = by_definition(y, p)
    np.testing.assert_allclose(found["first"], first, rtol=0, atol=1e-12)
    np.testing.assert_allclose(found["total"], total, rtol=0, atol=1e-12)
    assert found["first"].sum() <= 1 + 1e-12 and (found["total"] >= found["first"] - 1e-12).all()


def test_a_sum_and_an_interaction_have_the_indices_of_the_closed_form():
    # Y = X₁ + X₂X₃ with X = ±1: variance 1 + 1; X₂ and X₃ act only together.
    x = np.array([-1.0, 1.0])
    y = x[:, None, None] + x[None, :, None] * x[None, None, :]
    for offset in (0.0, 1e7):
        found = sobol_indices(y + offset)
        np.testing.assert_allclose(found["first"], [0.5, 0, 0], atol=1e-12)
        np.testing.assert_allclose(found["total"], [0.5, 0.5, 0.5], atol=1e-12)


def test_salib_approaches_the_exact_indices():
    y = np.random.default_rng(5).normal(size=(3, 4, 2)) + 30.0

    def choose(x):
        return y[tuple(np.minimum((x[:, k] * s).astype(int), s - 1) for k, s in enumerate(y.shape))]

    exact = sobol_indices(y)
    output, found = sampled_indices(choose, ["a", "b", "c"], samples=4096, seed=1)
    assert len(output) == 4096 * 5
    np.testing.assert_allclose(found["first"], exact["first"], atol=0.03)
    np.testing.assert_allclose(found["total"], exact["total"], atol=0.03)


def test_salib_groups_count_as_one_factor():
    _, found = sampled_indices(lambda x: x[:, 0] + x[:, 1] + 2 * x[:, 2], ["u", "v", "w"], ["甲", "甲", "乙"], 1024)
    np.testing.assert_allclose(found["first"], [2 / 6, 4 / 6], atol=0.03)
    assert list(found.index) == ["甲", "乙"]


def test_the_grid_holds_the_mean_shift_of_each_combination():
    a = city()
    factors = {"合成": {"原": None, "几何": lambda t: reaggregated(t, "几何平均"), "科普兰": lambda t: reaggregated(t, "科普兰", top=True)},
               "权重": {"原": None, "等权": equal_weights}}
    found, y = sobol(a, factors), {}
    for (one, change), (two, other) in product(factors["合成"].items(), factors["权重"].items()):
        table = scheme_of(a.tree)
        for step in (change, other):
            table = step(table) if step else table
        y[one, two] = (assess(a.raw, table).ranks["T"] - a.ranks["T"]).abs().mean()
    assert found.grid.to_dict() == pytest.approx(y) and found.exact and found.runs == 6
    first, total = by_definition(np.array(list(y.values())).reshape(3, 2), [[1 / 3] * 3, [0.5] * 2])
    np.testing.assert_allclose(found.indices[["first", "total"]].T, [first, total], atol=1e-12)
    own = sobol(a, factors, target="区3")
    assert own.grid["原", "原"] == a.ranks.at["区3", "T"]


def test_sampled_weights_and_methods_approach_enumerated_methods_when_the_noise_is_tiny():
    a = city()
    factors = {"计分": {"原": None, "位次": lambda t: rescored(t, "位次")}, "权重": {"原": None, "等权": equal_weights}}
    exact, found = sobol(a, factors).indices, sobol(a, factors, weights="joint", noise=1e-7, samples=512)
    np.testing.assert_allclose(found.indices.loc[["计分", "权重"], "first"], exact["first"], atol=0.1)
    assert abs(found.indices.at["权重扰动", "total"]) < 1e-9 and not found.exact
    again = sobol(a, factors, weights="joint", noise=1e-7, samples=512)
    pd.testing.assert_frame_equal(found.indices, again.indices)


def test_with_each_weight_a_factor_only_weights_with_siblings_count():
    found = sobol(city(), {}, target=MEAN_SHIFT, weights="each", noise=0.6, samples=64)
    assert list(found.indices.index) == [f"权重：{c}（{c}）" for c in ("A", "a1", "a2", "B", "b1", "b2")]
    assert found.runs == 64 * 8 and found.indices["total"].max() > 0


@pytest.mark.parametrize("more, message", [
    ({"factors": {}}, "没有可以变动的选择"), ({"target": "外区"}, "没有区县"), ({"weights": "全部"}, "权重扰动只能是"),
    ({"weights": "joint", "samples": 100}, "整数次幂"),
    ({"factors": {"计分": {"极差": lambda t: rescored(t, "极差")}, "合成": {"几何": lambda t: reaggregated(t, "几何平均")}}}, "组合“极差＋几何”无法计算"),
    ({"factors": {str(k): dict.fromkeys("abcdefgh") for k in range(5)}}, "组合共 32768 种"),
])
def test_an_analysis_that_cannot_be_done_is_refused_in_chinese(more, message):
    with pytest.raises(AssessmentError, match=message):
        sobol(city(), **more)


def test_no_combination_may_lack_its_result_and_probabilities_must_sum_to_one():
    with pytest.raises(AssessmentError, match="每一种组合都有结果"):
        sobol_indices([[1.0, np.nan]])
    with pytest.raises(AssessmentError, match="合计为 1"):
        sobol_indices([1.0, 2.0], probabilities=[[0.5, 0.6]])


def test_a_ranking_that_never_changes_has_indices_of_zero_and_says_so():
    a = marks({"x": [1.0, 2.0, 3.0], "y": [10.0, 20.0, 30.0]})
    found = sobol(a, {"权重": {"原": None, "等权": equal_weights}}, weights="joint", samples=16)
    assert set(found.indices["状态"]) == {"目标不随任何选择变化"} and not found.indices[["first", "total"]].to_numpy().any()


def test_a_district_with_an_unknown_total_takes_no_part_and_cannot_be_the_target():
    columns = {"x": [np.nan, 2.0, 3.0, 9.0], "y": [1.0, 5.0, 4.0, 1.0]}
    a = marks(columns, {"x": 3}, masked=pd.DataFrame({"x": [True, False, False, False]}, [f"区{i}" for i in range(4)]))
    found = sobol(a, {"权重": {"原": None, "等权": equal_weights}})
    # Stated 11, 13, 28 for 区1 … 区3, equal 7, 7, 10: 区1 moves from third to second.
    assert found.excluded == ("区0",) and found.grid.tolist() == pytest.approx([0, 1 / 3])
    with pytest.raises(AssessmentError, match="区0的总分含未公开数值"):
        sobol(a, {"权重": {"原": None, "等权": equal_weights}}, target="区0")


@pytest.mark.parametrize("name", ["demo", "anhui-2016"])
def test_the_standard_factors_are_defined_in_every_combination(name):
    a = assess_case(read_case(name))
    factors, skipped = standard_factors(a)
    found = sobol(a, factors)
    assert found.runs == np.prod([len(f) for f in factors.values()]) and found.grid.iloc[0] == 0
    assert skipped["各级加权平均"] == "与原方案相同" and ("计分方法" in factors) == (name == "demo")


def test_shift_counts_are_those_counted_by_hand():
    a = marks({"x": [6.0, 5.0, 4.0, 3.0, 2.0, 1.0]})
    reversed_ = pd.Series([6.0, 5, 4, 3, 2, 1], a.raw.index)  # moves 5, 3, 1, 1, 3, 5
    partly = pd.Series([1.0, 2, 4, 3, np.nan, np.nan], a.raw.index)
    found = shift_counts(a, {"颠倒": reversed_, "部分": partly})
    assert found.loc["颠倒"].tolist() == [6, 6, 4, 4, 2, 3, 5] and found.loc["部分"].tolist() == [4, 2, 0, 0, 0, 0.5, 1]
    with pytest.raises(AssessmentError, match="没有同时有位次"):
        shift_counts(a, {"空": partly * np.nan})


def test_alternative_schemes_rank_as_the_assessment_ranks_them():
    a = city()
    found = alternative_schemes(a)
    assert {f"指标改用{m}计分" for m in SCORINGS} <= set(found.schemes) and "同级指标等权" in found.schemes
    assert found.skipped == {"总分改用加权平均": "与原方案相同", "各级改用加权平均": "与原方案相同"}
    for name, tree in found.schemes.items():
        own = assess(a.raw, tree).ranks["T"]
        assert (found.ranks[name] == own).all()
    assert (shift_counts(a, found)["districts"] == 8).all()
    pd.testing.assert_frame_equal(shift_counts(a, found), shift_counts(a, found.schemes))


def test_an_alternative_undefined_for_the_data_is_skipped_with_the_reason():
    found = alternative_schemes(marks({"x": [0.0, 2.0, 3.0], "y": [1.0, 2.0, 0.0]}))
    assert "不大于 0" in found.skipped["总分改用几何平均"] and "不大于 0" in found.skipped["总分改用调和平均"]
    assert "没有按各区县相互比较" in found.skipped["指标改用标准分计分"] and found.skipped["同级指标等权"] == "与原方案相同"
    assert list(found.schemes) == ["总分改用科普兰"]


def test_replaced_scoring_keeps_full_mark_factor_and_rules_of_their_own():
    table = rescored(scheme_of(city().tree), "位次").set_index("code")
    assert table.at["b2", "method"] == "完成率" and table.at["a2", "params"] == "范围=全部；系数=0.9；底分=60；满分=100"


def test_equal_weights_keep_the_sum_and_leave_zero_at_zero():
    table = equal_weights(scheme_of(marks({"x": [1.0, 2.0], "y": [1.0, 3.0], "z": [1.0, 1.0]}, {"x": 3, "y": 1, "z": 0}).tree))
    assert table.set_index("code")["weight"].dropna().to_dict() == {"x": 2, "y": 2, "z": 0}


def test_coherence_equals_correlations_and_covariances_by_numpy():
    a = city(12, adjustments=pd.DataFrame([("区0", "B", 4.0, "加分"), ("区5", "T", 3.0, "扣分")], columns=["district", "node", "points", "kind"]))
    found, s = coherence(a), a.scores
    weights = {"a1": 0.5, "a2": 0.25, "b1": 1 / 12, "b2": 1 / 6}
    for code, parent, sibling in (("a1", "A", "a2"), ("b1", "B", "b2")):
        row = found.loc[code]
        assert row["r_parent"] == pytest.approx(np.corrcoef(s[code], s[parent])[0, 1])
        assert row["r_total"] == pytest.approx(np.corrcoef(s[code], s["T"])[0, 1])
        assert (row["sibling"], row["r_sibling"]) == (sibling, pytest.approx(np.corrcoef(s[code], s[sibling])[0, 1]))
    for code, w in weights.items():
        share = np.cov(w * s[code], s["T"])[0, 1] / s["T"].var()
        assert found.at[code, "share"] == pytest.approx(share) and found.at[code, "weight"] == pytest.approx(w)
    assert found["share"].sum() == pytest.approx(1, abs=1e-12) and found.at[ADJUSTMENT, "share"] != 0


@pytest.mark.parametrize("aggregation", ["几何平均", "调和平均"])
def test_effective_shares_sum_to_one_for_means_that_are_not_linear(aggregation):
    assert coherence(city(aggregation=aggregation))["share"].sum() == pytest.approx(1, abs=1e-12)


def test_flags_follow_the_written_thresholds():
    x = np.array([1.0, 2, 3, 4, 5, 6])
    zigzag = np.array([1.0, -1, -1, 1, 1, -1])
    found = coherence(marks({"x": 10 * x, "same": 9 * x + 0.1 * zigzag, "against": -3 * x + zigzag, "noise": 0.01 * (zigzag - zigzag.mean())}))
    assert "几乎决定总分" in found.at["x", "flags"] and "与“same”高度重复" in found.at["x", "flags"]
    assert "与总分相反" in found.at["against", "flags"] and "与“x”“same”此消彼长" in found.at["against", "flags"]
    assert "与总分几乎无关" in found.at["noise", "flags"] and set(found["n"].dropna()) == {6}
    assert {(row["比较"], row["门槛"]) for row in thresholds()} == {("r大于", 0.95), ("绝对值小于", 0.3), ("r小于", -0.3)}
    assert all("本项目设定" in row["出处"] and "OECD" in row["出处"] for row in thresholds())


def test_a_constant_indicator_is_stated_and_an_only_child_is_not_judged():
    found = coherence(marks({"flat": [5.0, 5, 5, 5], "x": [1.0, 2, 3, 9], "rest": [3.0, 1, 4, 1]}, parent=True))
    assert found.at["flat", "状态"] == "各区县得分相同，相关系数无定义" and found.at["flat", "share"] == 0
    alone = coherence(marks({"x": [1.0, 2, 3, 9], "rest": [3.0, 1, 4, 1]}, parent=True))
    assert "只有这一个指标" in alone.at["x", "状态"] and alone.at["x", "flags"] == "" and alone.at["x", "r_parent"] == pytest.approx(1)


def test_ties_everywhere_and_copeland_leave_no_share_without_saying_why():
    tied = coherence(marks({"x": [5.0] * 4, "y": [2.0] * 4}))
    assert tied["状态"].str.contains("无定义").all() and tied["share"].isna().all()
    columns = {"x": [1.0, 2, 3, 9], "y": [4.0, 1, 2, 3], "rest": [3.0, 1, 4, 1]}
    top = coherence(marks(columns, parent=True, aggregation={"T": "科普兰"}))
    assert top["share"].isna().all() and top["状态"].str.contains("无法分解").all()
    below = coherence(marks(columns, parent=True, aggregation={"P": "科普兰"}))
    assert "无法分解" in below.at["x", "状态"] and "作为整体" in below.at["P", "状态"] and below["share"].sum() == pytest.approx(1)


def test_a_figure_is_never_absent_without_a_reason():
    for name in ("demo", "anhui-2016", "zhejiang-2016-2019"):
        found = coherence(assess_case(read_case(name)))
        absent = found[["r_parent", "r_total", "share"]].isna().any(axis=1)
        assert (found.loc[absent, "状态"] != "正常").all()


def test_fewer_than_three_known_districts_are_refused():
    with pytest.raises(AssessmentError, match="只有 2 个，少于 3 个"):
        coherence(marks({"x": [1.0, 2.0]}))
