"""Score gaps: the parts sum to the gap, and are the Shapley values that brute force gives."""

from itertools import permutations, product

import numpy as np
import pandas as pd
import pytest
from analysis.aggregation import FUNCTIONS
from analysis.assessment import ADJUSTMENT, assess, assess_case
from analysis.case import read_case
from analysis.params import AssessmentError
from analysis.weakness import gap as gap_module
from analysis.weakness import gap_table, score_gap, with_median
from hypothesis import given, settings
from hypothesis import strategies as st

DISTRICTS = ["甲区", "乙区", "丙区", "丁区"]
MEANS = ["加权平均", "几何平均", "调和平均"]


def tree(top="加权平均", a="加权平均", b="加权平均", missing="剔除"):
    """Total of A (three indicators), B (two) and C (an indicator)."""
    rows = [("T", "", None, "", top), ("A", "T", 5, "", a), ("B", "T", 3, "", b), ("C", "T", 2, "直接", "")]
    rows += [(f"A{i}", "A", w, "直接", "") for i, w in enumerate((2, 3, 5))]
    rows += [(f"B{i}", "B", w, "直接", "") for i, w in enumerate((1, 4))]
    scheme = pd.DataFrame(rows, columns=["code", "parent", "weight", "method", "aggregation"])
    return scheme.assign(missing=np.where(scheme["method"] == "", "", missing))


def table(seed, low=20, high=100):
    rng = np.random.default_rng(seed)
    codes = ["C", "A0", "A1", "A2", "B0", "B1"]
    return pd.DataFrame(rng.uniform(low, high, (len(DISTRICTS), len(codes))), DISTRICTS, codes)


def nested_orders(a, node="T", awards=frozenset()):
    """Every order of the players that keeps each node's own together."""
    inside = [c for c in a.tree.children(node) if a.tree.nodes.at[c, "weight"] != 0]
    inside += [f"+{node}"] if node in awards else []
    for order in permutations(inside):
        choices = [[[p]] if p.startswith("+") or a.tree.nodes.at[p, "leaf"] else list(nested_orders(a, p, awards))
                   for p in order]
        yield from ([x for part in picked for x in part] for picked in product(*choices))


def swapped_total(a, home, other, moved):
    """Home's total after the players in `moved` swapped places, by climbing the tree anew."""
    s, out, added = (t.to_numpy(copy=True) for t in (a.scores, a.left_out, a.adjustments))
    rows = a.scores.index.get_indexer([home, other])
    for p in moved:
        k = a.tree.nodes.index.get_loc(p.lstrip("+"))
        for frame in (added,) if p.startswith("+") else (s, out):
            frame[rows, k] = frame[rows[::-1], k]
    for step in a.tree.steps:
        marks, gone = s[:, step.children], out[:, step.children]
        s[:, step.node] = FUNCTIONS[step.aggregation](marks, step.weights, gone) + added[:, step.node]
        out[:, step.node] = (gone | (step.weights == 0)).all(1)
    return s[rows[0], 0]


def brute_force(a, home, other):
    awards = frozenset(c for c in a.tree.nodes.index if not a.tree.nodes.at[c, "leaf"]
                       and a.adjustments.at[home, c] != a.adjustments.at[other, c])
    found, count, known = dict.fromkeys([*a.tree.leaves, ADJUSTMENT], 0.0), 0, {}

    def worth(moved):
        if moved not in known:
            known[moved] = swapped_total(a, home, other, moved)
        return known[moved]

    for order in nested_orders(a, awards=awards):
        for k, player in enumerate(order):
            change = worth(frozenset(order[:k])) - worth(frozenset(order[:k + 1]))
            found[ADJUSTMENT if player.startswith("+") else player] += change
        count += 1
    return pd.Series(found) / count


def agree(one, two):
    np.testing.assert_allclose(one.reindex(two.index), two, atol=1e-9)


def test_in_a_linear_tree_each_part_is_weight_times_distance():
    a = assess(table(1), tree())
    gap = score_gap(a, "甲区", "乙区")
    weight = {"A0": 0.1, "A1": 0.15, "A2": 0.25, "B0": 0.06, "B1": 0.24, "C": 0.2}
    for code, w in weight.items():
        assert gap.parts[code] == pytest.approx(w * (a.scores.at["甲区", code] - a.scores.at["乙区", code]), abs=1e-12)
    assert gap.parts.sum() == pytest.approx(gap.total, abs=1e-9) and gap.method == gap_module.EXACT_LINEAR


@pytest.mark.parametrize("top", ["加权平均", "加权求和"])
def test_where_both_lack_the_same_indicator_the_parts_are_those_of_the_assessments_own_contributions(top):
    values = table(6)
    values.loc[["甲区", "乙区"], ["A1", "B0"]] = np.nan
    a = assess(values, tree(top, "加权求和"))
    gap, own = score_gap(a, "甲区", "乙区"), a.contributions(leaves=True)
    assert gap.method == gap_module.EXACT_LINEAR
    agree(gap.parts, own.loc["甲区"] - own.loc["乙区"])


def test_two_equal_indicators_of_a_geometric_mean_share_by_hand():
    # Total √(s₁·s₂); home 4 and 9 -> 6, other 16 and 25 -> 20. Swapping the first alone gives 12, the second 10:
    # first: ½[(6 − 12) + (10 − 20)] = −8; second: ½[(6 − 10) + (12 − 20)] = −6.
    scheme = pd.DataFrame({"code": ["T", "x", "y"], "parent": ["", "T", "T"], "weight": [np.nan, 1, 1],
                           "method": ["", "直接", "直接"], "aggregation": ["几何平均", "", ""]})
    a = assess(pd.DataFrame({"x": [4.0, 16], "y": [9.0, 25]}, index=["甲区", "乙区"]), scheme)
    gap = score_gap(a, "甲区", "乙区")
    assert gap.parts["x"] == pytest.approx(-8) and gap.parts["y"] == pytest.approx(-6) and gap.total == pytest.approx(-14)


@pytest.mark.parametrize(("top", "a", "b"), [
    ("几何平均", "加权平均", "调和平均"), ("加权平均", "几何平均", "几何平均"), ("调和平均", "几何平均", "加权平均"),
    ("加权平均", "科普兰", "几何平均"), ("科普兰", "几何平均", "加权平均"), ("加权求和", "调和平均", "加权平均"),
])
def test_parts_are_the_level_by_level_shapley_values_of_all_orders(top, a, b):
    extra = pd.DataFrame([("甲区", "A", 2.0, "加分"), ("乙区", "T", 1.5, "扣分"), ("乙区", "B", 1.0, "加分")],
                         columns=["district", "node", "points", "kind"])
    result = assess(table(2), tree(top, a, b), adjustments=extra)
    gap = score_gap(result, "甲区", "乙区")
    agree(gap.parts, brute_force(result, "甲区", "乙区"))
    assert gap.parts.sum() == pytest.approx(gap.total, abs=1e-9) and gap.method == gap_module.EXACT_SHAPLEY


def test_where_different_indicators_are_left_out_the_parts_are_still_those_of_all_orders():
    values = table(3)
    values.loc["甲区", ["A0", "B1"]] = np.nan
    values.loc["乙区", ["A2", "A0"]] = np.nan
    a = assess(values, tree())
    gap = score_gap(a, "甲区", "乙区")
    agree(gap.parts, brute_force(a, "甲区", "乙区"))
    assert gap.parts["A0"] == 0.0 and gap.parts.sum() == pytest.approx(gap.total, abs=1e-9)


@given(st.sampled_from(MEANS), st.sampled_from(MEANS), st.sampled_from(MEANS), st.integers(0, 10**6),
       st.sets(st.tuples(st.integers(0, 3), st.sampled_from(["A0", "A1", "B0", "C"])), max_size=4))
@settings(max_examples=25)
def test_parts_sum_to_the_gap_whatever_the_means_and_the_holes(top, a, b, seed, holes):
    values = table(seed)
    for row, code in holes:
        values.loc[DISTRICTS[row], code] = np.nan
    result = assess(values, tree(top, a, b))
    for leaves in (True, False):
        gap = score_gap(result, "丙区", "丁区", leaves)
        assert gap.parts.sum() == pytest.approx(result.total["丙区"] - result.total["丁区"], abs=1e-9)
    agree(score_gap(result, "丁区", "丙区").parts, -score_gap(result, "丙区", "丁区").parts)
    agree(score_gap(result, "丙区", "丁区").by_part(), score_gap(result, "丙区", "丁区", leaves=False).parts)


@given(st.integers(0, 10**6), st.floats(0.001, 1000))
@settings(max_examples=10)
def test_stating_an_indicator_in_another_unit_changes_no_part_under_min_max(seed, factor):
    scheme = tree("几何平均", "加权平均", "调和平均")
    scheme.loc[scheme["method"] != "", "method"] = "功效系数"
    values = table(seed)
    one = score_gap(assess(values, scheme), "甲区", "丁区")
    two = score_gap(assess(values.assign(A1=values["A1"] * factor), scheme), "甲区", "丁区")
    np.testing.assert_allclose(one.parts, two.parts, atol=1e-7)


def test_sampled_parts_sum_exactly_and_lie_within_their_stated_error(monkeypatch):
    extra = pd.DataFrame([("甲区", "A", 2.0, "加分")], columns=["district", "node", "points", "kind"])
    a = assess(table(4), tree("几何平均", "调和平均", "几何平均"), adjustments=extra)
    exact = score_gap(a, "甲区", "乙区")
    monkeypatch.setattr(gap_module, "ENUMERATION_LIMIT", 2)
    sampled = score_gap(a, "甲区", "乙区", samples=600, seed=5)
    assert sampled.method == gap_module.SAMPLED
    assert sampled.parts.sum() == pytest.approx(sampled.total, abs=1e-9)
    assert (sampled.error > 0).any()
    assert ((sampled.parts - exact.parts).abs() <= 5 * sampled.error + 1e-9).all()
    again = score_gap(a, "甲区", "乙区", samples=600, seed=5)
    pd.testing.assert_series_equal(sampled.parts, again.parts)


def test_a_wide_node_is_sampled_with_a_stated_error():
    n = 25
    scheme = pd.DataFrame({"code": ["T", *(f"x{i}" for i in range(n))], "parent": ["", *["T"] * n], "weight": [np.nan, *[1.0] * n],
                           "method": ["", *["直接"] * n], "aggregation": ["几何平均", *[""] * n]})
    values = pd.DataFrame(np.random.default_rng(0).uniform(10, 90, (3, n)), DISTRICTS[:3], scheme["code"][1:])
    gap = score_gap(assess(values, scheme), "甲区", "乙区", samples=200)
    assert gap.method == gap_module.SAMPLED and gap.parts.sum() == pytest.approx(gap.total, abs=1e-9)


def test_a_total_that_is_unknown_cannot_be_split():
    values = table(5)
    hidden = pd.DataFrame(False, values.index, values.columns)
    hidden.loc["乙区", "C"] = True
    a = assess(values, tree(), masked=hidden)
    with pytest.raises(AssessmentError, match="乙区的总分含未公开数值"):
        score_gap(a, "甲区", "乙区")
    assert "乙区" not in set(gap_table(a, "甲区", "乙区")["other"])


def test_districts_without_anything_in_common_are_refused():
    scheme = pd.DataFrame({"code": ["T", "x", "y"], "parent": ["", "T", "T"], "weight": [np.nan, 1, 1], "method": ["", "直接", "直接"],
                           "missing": ["", "剔除", "剔除"]})
    a = assess(pd.DataFrame({"x": [4.0, np.nan], "y": [np.nan, 25]}, index=["甲区", "乙区"]), scheme)
    with pytest.raises(AssessmentError, match="不能分解"):
        score_gap(a, "甲区", "乙区")


def test_the_virtual_median_district_has_the_median_score_of_every_indicator():
    values = pd.DataFrame({"x": [10.0, 20, 60], "y": [9.0, 3, 6]}, index=DISTRICTS[:3])
    scheme = pd.DataFrame({"code": ["T", "x", "y"], "parent": ["", "T", "T"], "weight": [np.nan, 3, 1], "method": ["", "直接", "直接"]})
    a = with_median(assess(values, scheme), "甲区")
    assert a.scores.loc["同组中位数"].tolist() == [0.75 * 20 + 0.25 * 6, 20, 6]


def test_the_table_names_each_district_once_with_its_roles_and_its_parts_sum():
    a = assess_case(read_case("demo"))
    found = gap_table(a, "示例区", "标杆区")
    sums = found.groupby("other").agg(points=("points", "sum"), total=("total", "first"), kinds=("kind", "nunique"))
    np.testing.assert_allclose(sums["points"], sums["total"], atol=1e-9)
    assert (sums["kinds"] == 1).all()
    roles = found.drop_duplicates("other").set_index("other")["kind"].to_dict()
    assert roles == {"标杆区": "对标区、前一位", "同组中位数": "同组中位数", "丹枫区": "第一位", "砚湖区": "同组", "柳溪区": "同组"}
    for other in ("标杆区", "丹枫区"):
        assert sums.at[other, "total"] == pytest.approx(a.total["示例区"] - a.total[other])


def test_nothing_is_compared_with_a_home_whose_total_is_unknown():
    hidden = pd.DataFrame(False, DISTRICTS, table(5).columns)
    hidden.loc["甲区", "C"] = True
    assert gap_table(assess(table(5), tree(), masked=hidden), "甲区", "乙区").empty


@pytest.mark.parametrize("name", ["demo", "anhui-2016", "zhejiang-2016-2019"])
def test_every_pair_of_a_bundled_case_splits_without_remainder(name):
    a = assess_case(read_case(name))
    for other in a.scores.index[1:]:
        gap = score_gap(a, a.scores.index[0], other)
        assert gap.parts.sum() == pytest.approx(gap.total, abs=1e-9)


FIXED = [("直接", ""), ("完成率", "目标=60；封顶=120"), ("分档", "档次=<20:60|20:70|40:80|60:100"), ("占优比", ""),
         ("极差", "底分=0；满分=100；下限=0；上限=120"), ("功效系数", "下限=0；上限=120")]
RELATIVE = [("功效系数", ""), ("极差", ""), ("指数功效", "")]


def flat(kinds):
    rows = [("T", "", None, "", "")] + [(f"x{i}", "T", i + 1, *kind) for i, kind in enumerate(kinds)]
    return pd.DataFrame(rows, columns=["code", "parent", "weight", "method", "params"])


@given(st.integers(0, 10**6), st.lists(st.sampled_from(FIXED + RELATIVE), min_size=1, max_size=4), st.integers(0, 3))
@settings(max_examples=60)
def test_adding_a_dominated_district_never_improves_anybodys_rank(seed, kinds, above):
    # Where the yardstick is fixed or the best value, or comes from the data but the newcomer lies within them.
    rng = np.random.default_rng(seed)
    values = pd.DataFrame(rng.integers(5, 100, (4, len(kinds))).astype(float), DISTRICTS, [f"x{i}" for i in range(len(kinds))])
    new = values.iloc[above] - rng.integers(0, 40, len(kinds)) * rng.integers(0, 2, len(kinds))
    inside = [kind in RELATIVE for kind in kinds]
    new = new.clip(lower=0).where(~np.array(inside), np.maximum(new, values.min()))
    before = assess(values, flat(kinds)).ranks["T"]
    after = assess(pd.concat([values, new.to_frame("新区").T]), flat(kinds)).ranks["T"]
    assert (after[DISTRICTS] >= before).all() and after["新区"] >= after[DISTRICTS[above]]


def test_with_bounds_from_the_data_a_district_below_everyone_can_improve_anothers_rank():
    # 极差, equal weights. 甲 (0, 10) has 50, 乙 (6, 5) 55, 丙 (10, 0) 50. With 丁 (−90, 0), which 丙 dominates, x runs
    # from −90: 甲 (90 + 100)/2 = 95, 乙 (96 + 50)/2 = 73: 甲 is now the first.
    scheme = flat([("极差", ""), ("极差", "")]).assign(weight=[np.nan, 1, 1])
    values = pd.DataFrame({"x0": [0.0, 6, 10], "x1": [10.0, 5, 0]}, DISTRICTS[:3])
    assert assess(values, scheme).total.tolist() == pytest.approx([50, 55, 50])
    more = assess(pd.concat([values, pd.DataFrame({"x0": [-90.0], "x1": [0.0]}, ["丁区"])]), scheme)
    assert more.total[["甲区", "乙区"]].tolist() == pytest.approx([95, 73]) and more.ranks.at["甲区", "T"] == 1
