"""Repeated assessments: against the assessment itself, closed forms and brute force."""

import numpy as np
import pandas as pd
import pytest
from analysis import assess_case, read_case
from analysis.assessment import assess
from analysis.audit import leave_one_out, simulate
from analysis.audit.repeat import rescore, draw_weights, model_of, rank_runs, scale, totals
from analysis.params import AssessmentError
from analysis.ranking import TIES, rank_scores
from hypothesis import given, settings
from hypothesis import strategies as st

TREE = [("T", "", None, "", "", ""), ("A", "T", 3, "", "", ""), ("B", "T", 2, "", "", ""), ("a1", "A", 1, "功效系数", "", "剔除"),
        ("a2", "A", 2, "标准分", "均值=70；标准差=5", "剔除"), ("b1", "B", 1, "功效系数", "", "最低分"),
        ("B2", "B", 4, "", "", ""), ("b21", "B2", 1, "位次", "", "组均值"), ("b22", "B2", 3, "功效系数", "范围=组内", "剔除")]
COLUMNS = ["code", "parent", "weight", "method", "params", "missing"]


def scheme(rows=TREE, aggregation=None):
    table = pd.DataFrame(rows, columns=COLUMNS)
    table["aggregation"] = [(aggregation or {}).get(code, "") for code in table["code"]]
    return table


def city(n=7, seed=0, holes=()):
    rng = np.random.default_rng(seed)
    values = pd.DataFrame(rng.normal(20, 4, (n, 5)), [f"区{i}" for i in range(n)], ["a1", "a2", "b1", "b21", "b22"])
    for i, j in holes:
        values.iat[i, j] = np.nan
    return values, pd.Series(["甲", "乙"] * (n // 2) + ["甲"] * (n % 2), values.index)


def flat(rows, **more):
    """Indicators x, y … that are marks themselves, under one total."""
    leaves = list(pd.DataFrame(rows).columns)
    table = pd.DataFrame([("T", "", None, "")] + [(c, "T", 1, "直接") for c in leaves], columns=["code", "parent", "weight", "method"])
    return assess(pd.DataFrame(rows), table, **more)


ADJUSTED = pd.DataFrame([("区0", "B", 3.0, "加分"), ("区1", "a1", 2.0, "扣分"), ("区2", "T", 1.5, "加分"), ("区3", "B2", 40.0, "否决"),
                         ("区4", "T", 10.0, "否决")], columns=["district", "node", "points", "kind"])
KINDS = {"linear": {}, "geometric below": {"A": "几何平均"}, "harmonic on top": {"T": "调和平均"}, "copeland on top": {"T": "科普兰"},
         "sum on top": {"T": "加权求和"}, "sums everywhere": {"T": "加权求和", "A": "加权求和", "B": "加权求和"},
         "copeland below": {"B2": "科普兰"}}


@pytest.mark.parametrize("aggregation", KINDS.values(), ids=KINDS)
@pytest.mark.parametrize("holes", [(), ((0, 0), (2, 2), (3, 3), (5, 4), (5, 3))], ids=["complete", "holes"])
@pytest.mark.parametrize("adjustments", [None, ADJUSTED], ids=["plain", "adjusted"])
def test_every_repetition_equals_the_assessment_under_its_weights(aggregation, holes, adjustments):
    values, groups = city(holes=holes)
    a = assess(values, scheme(aggregation=aggregation), groups=groups, adjustments=adjustments)
    model, rng = model_of(a, None, adjustments), np.random.default_rng(3)
    weights = draw_weights(model, rng, 4, "noise", 0.5, None)
    found, shares = totals(model, weights), scale(model, weights)
    for run in range(4):
        table = scheme(aggregation=aggregation)
        table["weight"] = table["code"].map(dict(zip(model.tree.nodes.index[1:], shares[1:, run])))
        own = assess(values, table, groups=groups, adjustments=adjustments)
        np.testing.assert_allclose(found[run], own.total, rtol=1e-12)


def test_the_matrix_product_is_used_only_where_it_is_exact():
    values, groups = city()
    veto = ADJUSTED[ADJUSTED["kind"] == "否决"]
    assert model_of(assess(values, scheme(), groups=groups)).linear
    assert not model_of(assess(values, scheme(aggregation={"A": "几何平均"}), groups=groups)).linear
    assert not model_of(assess(values, scheme(), groups=groups), None, veto).linear
    holed, _ = city(holes=[(0, 0)])
    assert not model_of(assess(holed, scheme(), groups=groups)).linear


@pytest.mark.parametrize("code", ["a1", "b1", "b21", "b22"])
def test_a_drawn_value_is_scored_as_the_assessment_scores_it(code):
    values, groups = city(holes=[(2, 2), (3, 3), (5, 0), (6, 4)])
    a, drawn = assess(values, scheme(), groups=groups, adjustments=ADJUSTED), np.array([[3.0, 50.0], [22.0, 18.0]])
    model, rows = model_of(a, None, ADJUSTED), np.array([1, 4])
    found = rescore(model, code, rows, drawn)
    for run in range(2):
        other = values.copy()
        other.iloc[rows, other.columns.get_loc(code)] = drawn[run]
        own = assess(other, scheme(), groups=groups, adjustments=ADJUSTED).scores[code]
        np.testing.assert_allclose(found[run], own, rtol=1e-12)


def test_noisy_weights_give_the_probability_of_the_closed_form():
    # Shares 1/2 ± 25 %: 甲 (1, 0) passes 丙 (0.6, 0.6) when u > 1.5 v for u, v ~ U[0.75, 1.25]:
    # a triangle with sides 1/12 and 1/8 in a square of area 1/4.
    a = flat({"x": {"甲": 1.0, "乙": 0.0, "丙": 0.6}, "y": {"甲": 0.0, "乙": 1.0, "丙": 0.6}})
    found = simulate(a, 40_000, noise=0.25)
    assert found.ahead.at["甲", "丙"] == pytest.approx(1 / 48, abs=0.003)
    assert found.ahead.at["甲", "乙"] == pytest.approx(0.5, abs=0.012)
    assert found.frequency.at["丙", 1] == pytest.approx(1 - 2 / 48, abs=0.005)


def test_weights_over_the_whole_simplex_are_uniform():
    a = flat({"x": {"甲": 1.0, "丙": 0.6}, "y": {"甲": 0.0, "丙": 0.6}})
    assert simulate(a, 40_000, weights="dirichlet").ahead.at["甲", "丙"] == pytest.approx(0.4, abs=0.012)


def test_dirichlet_weights_have_the_stated_mean_and_variance():
    values, groups = city()
    model = model_of(assess(values, scheme(), groups=groups))
    drawn = scale(model, draw_weights(model, np.random.default_rng(0), 40_000, "dirichlet", 0, 20.0))
    nodes = {c: k for k, c in enumerate(model.tree.nodes.index)}
    for code, share in (("A", 0.6), ("b1", 0.2), ("b22", 0.75)):
        own = drawn[nodes[code]] / drawn[[nodes[c] for c in model.tree.children(model.tree.nodes.at[code, "parent"])]].sum(0)
        assert own.mean() == pytest.approx(share, abs=0.003)
        assert own.var() == pytest.approx(share * (1 - share) / 21, rel=0.05)


def test_an_interval_is_drawn_uniformly_and_moves_the_bounds_of_the_others():
    # 丙's x between 0 and 10 scored against the largest: above 4 it lowers 甲 (x = 4, y = 0.5)
    # below 乙 (x = 0, y = 1) as soon as 4/x + 0.5 < 1, that is x > 8: probability 1/5.
    values = pd.DataFrame({"x": {"甲": 4.0, "乙": 0.0, "丙": np.nan}, "y": {"甲": 0.5, "乙": 1.0, "丙": 0.0}})
    low, high = values * np.nan, values * np.nan
    low.at["丙", "x"], high.at["丙", "x"] = 0.0, 10.0
    table = pd.DataFrame([("T", "", None, "", ""), ("x", "T", 1, "占优比", "满分=1"), ("y", "T", 1, "直接", "")],
                         columns=["code", "parent", "weight", "method", "params"])
    a = assess(values, table, masked=values.isna(), low=low, high=high)
    found = simulate(a, 40_000, weights=None, low=low, high=high)
    assert found.ahead.at["乙", "甲"] == pytest.approx(0.2, abs=0.01)
    assert any("1 个区间值" in note for note in found.notes)
    fixed = simulate(a, 50, weights=None)
    assert set(fixed.ahead.loc["乙"].dropna()) <= {0.0, 1.0} and any("1 个掩码值按推算值固定" in n for n in fixed.notes)


@given(st.floats(0.01, 1e4), st.floats(-50, 50))
@settings(max_examples=8, deadline=None)
def test_another_unit_or_origin_of_an_indicator_changes_nothing_between_data_bounds(factor, shift):
    values, groups = city()
    low, high = values * np.nan, values * np.nan
    low.at["区2", "a1"], high.at["区2", "a1"] = 5.0, 35.0

    def ranks(scale, origin):
        moved = [t.assign(a1=t["a1"] * scale + origin) for t in (values, low, high)]
        return simulate(assess(moved[0], scheme(), groups=groups), 100, low=moved[1], high=moved[2]).ranks

    assert (ranks(1.0, 0.0) == ranks(factor, shift)).all()


def test_repetitions_in_many_small_portions_are_repetitions_all_the_same(monkeypatch):
    monkeypatch.setattr("analysis.audit.uncertainty.CHUNK_BYTES", 1)
    values, groups = city()
    a = assess(values, scheme(), groups=groups)
    others = {"几何": scheme(aggregation={"T": "几何平均"})}
    found = simulate(a, 40, weights=None, schemes=others)
    expected = [a.ranks["T"], assess(values, others["几何"], groups=groups).ranks["T"]]
    assert set(found.chosen) == {0, 1} and all((r == expected[k]).all() for k, r in zip(found.chosen, found.ranks))


def test_each_run_takes_one_of_the_schemes_with_equal_probability():
    values, groups = city()
    others = {"几何": scheme(aggregation={"T": "几何平均"}), "科普兰": scheme(aggregation={"T": "科普兰", "B": "科普兰"})}
    found = simulate(assess(values, scheme(), groups=groups), 3000, weights=None, schemes=others)
    assert found.schemes == ("原方案", "几何", "科普兰")
    assert np.bincount(found.chosen) / 3000 == pytest.approx([1 / 3] * 3, abs=0.04)
    for k, table in enumerate([scheme(), *others.values()]):
        own = assess(values, table, groups=groups)
        assert (found.ranks[found.chosen == k] == own.ranks["T"].to_numpy()).all()


def test_the_tables_say_what_the_runs_say():
    values, groups = city(8, seed=4)
    found = simulate(assess(values, scheme(), groups=groups), 500, noise=0.9)
    ranks = found.ranks
    for j, district in enumerate(found.summary.index):
        own = ranks[:, j]
        row = found.summary.loc[district]
        assert [row[f"p{q}"] for q in (5, 50, 95)] == list(np.quantile(own, [0.05, 0.5, 0.95], method="inverted_cdf"))
        assert row["median"] == row["p50"] and row["mean"] == pytest.approx(own.mean())
        assert [found.frequency.at[district, k] for k in range(1, 5)] == pytest.approx([(own == k).mean() for k in range(1, 5)])
        assert found.at_most(2)[district] == pytest.approx((own <= 2).mean())
        for i, other in enumerate(found.summary.index):
            if groups[other] != groups[district]:
                assert np.isnan(found.ahead.at[district, other])
            else:
                assert found.ahead.at[district, other] == pytest.approx((own < ranks[:, i]).mean())
    assert found.frequency.sum(axis=1).to_numpy() == pytest.approx(1)
    assert list(found.ranges.columns) == ["district", "group", "rank", "low", "median", "high"]
    half = pd.Series({d: 1 if groups[d] == "甲" else 2 for d in found.summary.index})
    assert found.at_most(half).to_numpy() == pytest.approx([(ranks[:, j] <= half.iloc[j]).mean() for j in range(8)])


def test_neighbours_are_indistinguishable_when_neither_is_reliably_ahead():
    a = flat({"x": {"甲": 1.0, "乙": 0.0, "丁": -5.0}, "y": {"甲": 0.01, "乙": 1.0, "丁": -5.0}})
    found = simulate(a, 4000).indistinguishable(0.9)
    assert list(zip(found["district"], found["neighbour"])) == [("甲", "乙")]
    assert found[["p_ahead", "p_behind", "p_tied"]].sum(axis=1).to_numpy() == pytest.approx(1)
    with pytest.raises(AssessmentError, match="比例应大于"):
        simulate(a, 10).indistinguishable(0.3)


def test_a_share_within_two_standard_errors_of_the_level_is_near_whatever_the_seed():
    # 甲 (1, 0) stays ahead of 丙 (s, s) unless its weight falls below s of the sum: with a
    # uniform weight that is a share 1 − s of the runs, here exactly the level.
    a = flat({"x": {"甲": 1.0, "丙": 0.1}, "y": {"甲": 0.0, "丙": 0.1}})
    error, near = 2 * np.sqrt(0.9 * 0.1 / 2000), []
    for seed in range(20):
        found = simulate(a, 2000, seed=seed, weights="dirichlet")
        share, listed = found.ahead.at["甲", "丙"], found.indistinguishable(0.9)["near"].tolist()
        assert listed == ([abs(share - 0.9) <= error] if share <= 0.9 + error else [])
        near.append(listed == [True])
    # Two standard errors hold 95 % of the seeds: at least 15 of 20 with probability 0.9997.
    assert sum(near) >= 15
    far = flat({"x": {"甲": 1.0, "丙": 0.3}, "y": {"甲": 0.0, "丙": 0.3}})
    assert simulate(far, 2000, weights="dirichlet").indistinguishable(0.9)["near"].tolist() == [False]


def test_districts_without_anybody_to_compare_with_are_named_apart():
    a = flat({"x": {"甲": 1.0, "乙": 2.0, "丙": 3.0}}, groups=pd.Series({"甲": "城", "乙": "县", "丙": "县"}))
    found = simulate(a, 20)
    assert list(found.compared) == ["乙", "丙"] and list(found.ranges["district"]) == ["乙", "丙"]


def test_the_seed_decides_the_result():
    values, groups = city()
    a = assess(values, scheme(), groups=groups)
    first, again, other = (simulate(a, 300, seed=s, noise=0.8) for s in (1, 1, 2))
    assert (first.ranks == again.ranks).all() and (first.ranks != other.ranks).any()


@given(st.lists(st.lists(st.integers(0, 4), min_size=6, max_size=6), min_size=1, max_size=5), st.sampled_from(sorted(TIES)))
@settings(max_examples=60, deadline=None)
def test_ranks_of_runs_follow_the_rules_for_ties(rows, ties):
    scores, groups = np.array(rows) / 3 + 1e-12 * np.arange(6), np.array(list("aabbbb"))
    own = rank_scores(pd.DataFrame(scores.T), pd.Series(groups), ties)
    assert (rank_runs(scores, groups, ties) == own.to_numpy().T).all()


@pytest.mark.parametrize("name", ["demo", "anhui-2016", "zhejiang-2016-2019"])
def test_the_reference_is_the_ranking_of_the_assessment(name):
    case = read_case(name)
    a = assess_case(case)
    found = simulate(case, 50)
    assert (found.reference == a.ranks.loc[found.reference.index, a.root]).all()
    assert list(found.excluded) == a.unranked
    calm = simulate(a, 5, noise=0.0, adjustments=case.adjustments[case.adjustments["year"] == a.year])
    assert (calm.ranks == a.ranks.loc[calm.reference.index, a.root].to_numpy()).all()


def test_points_of_an_assessment_are_kept_without_their_table():
    values, groups = city()
    a = assess(values, scheme(), groups=groups, adjustments=ADJUSTED[ADJUSTED["kind"] != "否决"])
    found = simulate(a, 20, noise=0.0)
    assert (found.ranks == a.ranks["T"].to_numpy()).all() and any("加减分" in note for note in found.notes)


def test_a_district_with_an_unknown_total_takes_no_rank():
    masked = pd.DataFrame({"x": {"甲": True, "乙": False, "丙": False}})
    a = flat({"x": {"甲": np.nan, "乙": 1.0, "丙": 2.0}}, masked=masked)
    found = simulate(a, 20)
    assert found.excluded == ("甲",) and list(found.summary["p95"]) == [2, 1]
    with pytest.raises(AssessmentError, match="没有可排名的区县"):
        simulate(flat({"x": {"甲": np.nan}}, masked=masked.iloc[:1]), 5)
    with pytest.raises(AssessmentError, match="没有可比较的位次"):
        leave_one_out(flat({"x": {"甲": np.nan}, "y": {"甲": 1.0}}, masked=masked.iloc[:1]))


def test_scores_too_large_to_pack_are_ranked_all_the_same():
    scores = np.array([[3e12, 1e12, 3e12, -5e12], [1.0, 2.0, 3.0, 4.0]])
    assert rank_runs(scores, np.zeros(4)).tolist() == [[1, 3, 1, 4], [4, 3, 2, 1]]


@pytest.mark.parametrize("decimals", [None, 0, 2])
def test_scores_are_rounded_as_the_assessment_rounds_them(decimals):
    scores = np.array([[76.125, 76.13, 76.5, 77.0, -0.5, -1.0, 1e-10, 0.0]])
    own = rank_scores(pd.DataFrame(scores.T), pd.Series([""] * 8), "同位", decimals)
    assert (rank_runs(scores, np.array([""] * 8), "同位", decimals) == own.to_numpy().T).all()


def test_one_district_alone_is_always_first_and_ties_everywhere_share_the_first_rank():
    alone = simulate(flat({"x": {"甲": 1.0}}), 20)
    assert alone.frequency.to_numpy().tolist() == [[1.0]] and any("恒为 1" in note for note in alone.notes)
    tied = simulate(flat({"x": dict.fromkeys("甲乙丙", 7.0), "y": dict.fromkeys("甲乙丙", 2.0)}), 50)
    assert (tied.ranks == 1).all() and not tied.ahead.to_numpy().any() and len(tied.indistinguishable()) == 2


def test_half_ranks_keep_their_own_column():
    tied = simulate(flat({"x": {"甲": 7.0, "乙": 7.0, "丙": 9.0}}, ties="平均"), 10)
    assert tied.frequency.loc["甲"].to_dict() == {1: 0, 2: 0, 2.5: 1, 3: 0} and tied.summary.at["甲", "median"] == 2.5


@pytest.mark.parametrize("wrong, message", [
    ({"runs": 0}, "模拟次数"), ({"weights": "正态"}, "权重扰动方式"), ({"noise": 1.0}, "扰动幅度"), ({"noise": -0.1}, "扰动幅度"),
    ({"concentration": 0.0}, "集中度"),
])
def test_a_wrong_setting_is_refused_in_chinese(wrong, message):
    with pytest.raises(AssessmentError, match=message):
        simulate(flat({"x": {"甲": 1.0, "乙": 2.0}}), **wrong)


def test_crossed_bounds_and_weights_that_sum_to_zero_are_refused():
    a = flat({"x": {"甲": 1.0, "乙": 2.0}})
    with pytest.raises(AssessmentError, match="甲的指标“x”下界 3 大于上界 1"):
        simulate(a, 5, low=a.raw + 2, high=a.raw.mask(a.raw < 2, 1.0) + 0)
    with pytest.raises(AssessmentError, match="要同时给出"):
        simulate(a, 5, low=a.raw)
    zero = pd.DataFrame([("T", "", None, ""), ("x", "T", 0, "直接")], columns=["code", "parent", "weight", "method"])
    with pytest.raises(AssessmentError, match="权重合计为 0"):
        simulate(a, 5, schemes=[zero])
    with pytest.raises(AssessmentError, match="没有指标值"):
        simulate(a, 5, schemes=[zero.assign(code=["T", "z"], weight=[None, 1])])


@pytest.mark.parametrize("aggregation", KINDS.values(), ids=KINDS)
@pytest.mark.parametrize("holes", [(), ((0, 0), (2, 2), (5, 4))], ids=["complete", "holes"])
def test_leaving_a_node_out_equals_the_assessment_with_its_weight_set_to_zero(aggregation, holes):
    values, groups = city(holes=holes)
    a = assess(values, scheme(aggregation=aggregation), groups=groups, adjustments=ADJUSTED)
    found = leave_one_out(a, adjustments=ADJUSTED)
    assert list(found.ranks.columns) == list(a.tree.nodes.index[1:]) and not found.skipped
    for code in found.ranks:
        table = scheme(aggregation=aggregation)
        family = table["parent"] == table.set_index("code").at[code, "parent"]
        # A weighted sum keeps its full mark: what the node had goes to its siblings.
        rest = family & (table["code"] != code)
        table.loc[rest, "weight"] *= table.loc[family, "weight"].sum() / table.loc[rest, "weight"].sum()
        table.loc[table["code"] == code, "weight"] = 0.0
        own = assess(values, table, groups=groups, adjustments=ADJUSTED).ranks["T"]
        assert (found.ranks[code] == own).all()
        assert found.summary.at[code, "mean_abs_shift"] == pytest.approx((own - a.ranks["T"]).abs().mean())


def test_an_only_child_takes_its_parent_with_it_and_an_unknown_district_may_gain_a_rank():
    rows = [("T", "", None, "", "", ""), ("A", "T", 1, "", "", ""), ("x", "A", 1, "直接", "", ""), ("y", "T", 1, "直接", "", ""), ("z", "T", 0, "直接", "", "")]
    values = pd.DataFrame({"x": [np.nan, 1.0, 2.0], "y": [5.0, 9.0, 1.0], "z": 0.0}, ["甲", "乙", "丙"])
    a = assess(values, scheme(rows), masked=values.isna())
    found = leave_one_out(a)
    assert list(found.ranks["x"]) == list(found.ranks["A"]) == [2, 1, 3] and np.isnan(found.ranks.at["甲", "y"])
    assert "权重为 0" in found.skipped["z"] and list(leave_one_out(a, "指标").ranks) == ["x", "y"]
    with pytest.raises(AssessmentError, match="没有第 7 级"):
        leave_one_out(a, 7)
    with pytest.raises(AssessmentError, match="没有其他指标"):
        leave_one_out(flat({"x": {"甲": 1.0, "乙": 2.0}}))
