"""One more unit, the least change that moves up, and strong and weak, against full re-assessment."""

from itertools import count

import numpy as np
import pandas as pd
import pytest
from analysis.assessment import assess, assess_case
from analysis.case import read_case
from analysis.params import AssessmentError
from analysis.weakness import joint_worth, reach_worth, smallest_single_change, strengths, unit_worth
from analysis.weakness.rescore import Rescorer
from hypothesis import given, settings
from hypothesis import strategies as st

DISTRICTS = ["甲区", "乙区", "丙区", "丁区", "戊区", "己区"]
KINDS = [("功效系数", "", "正向"), ("功效系数", "", "逆向"), ("极差", "下限=10；上限=80", "正向"), ("占优比", "", "正向"),
         ("位次", "", "正向"), ("波达", "", "正向"), ("完成率", "目标=60；封顶=120", "正向"), ("指数功效", "", "正向"),
         ("分档", "档次=<20:60|20:70|40:80|60:100", "正向"), ("功效系数", "目标=50", "适度"), ("距目标", "目标=70", "正向"),
         ("功效系数", "对数=是", "正向"), ("功效系数", "范围=组内", "正向"), ("标准分", "", "正向")]


def scheme(kinds, unit="家", aggregation="加权平均", missing="组均值"):
    rows = [("T", "", None, "", "", "", aggregation, "", "")]
    rows += [(f"x{i}", "T", i + 1, *kind, "", missing, unit) for i, kind in enumerate(kinds)]
    return pd.DataFrame(rows, columns=["code", "parent", "weight", "method", "params", "direction", "aggregation", "missing", "unit"])


def whole_values(seed, kinds, low=5, high=60):
    rng = np.random.default_rng(seed)
    return pd.DataFrame(rng.integers(low, high, (6, len(kinds))).astype(float), DISTRICTS, [f"x{i}" for i in range(len(kinds))])


def again(values, plan, code, value, **options):
    changed = values.copy()
    changed.loc["甲区", code] = value
    return assess(changed, plan, **options)


@pytest.mark.parametrize("policy", ["组均值", "最低分", "剔除"])
def test_a_change_gives_what_a_full_assessment_of_the_changed_values_gives(policy):
    values, plan = whole_values(1, KINDS), scheme(KINDS, missing=policy)
    for code in values:
        values.loc["丙区" if code != "x3" else "丁区", code] = np.nan
    options = {"groups": pd.Series(["一", "一", "一", "二", "二", "一"], DISTRICTS),
               "adjustments": pd.DataFrame([("甲区", "T", 2.0, "加分"), ("己区", "T", 50.0, "否决"), ("乙区", "x1", 1.0, "扣分")],
                                           columns=["district", "node", "points", "kind"])}
    a = assess(values, plan, **options)
    rescorer = Rescorer(a, "甲区", options["adjustments"])
    for code in values:
        for value in (3.0, 33.0, 90.0):
            expected = again(values, plan, code, value, **options)
            totals = rescorer.totals(code, value)
            np.testing.assert_allclose(totals[0], expected.total, atol=1e-9, err_msg=f"{code} {value}")
            assert rescorer.ranks(totals)[0] == expected.ranks.at["甲区", "T"]


@pytest.mark.parametrize("ties", ["同位", "顺延", "平均", "紧凑"])
def test_ranks_follow_the_rule_for_ties_of_the_case(ties):
    plan = scheme([("直接", "", "正向")])
    values = pd.DataFrame({"x0": [1.0, 4, 4, 3, 2, 4]}, index=DISTRICTS)
    a = assess(values, plan, ties=ties)
    tried = Rescorer(a, "甲区", None)
    for value in (0, 2, 3, 3.5, 4, 5):
        assert tried.ranks(tried.totals("x0", value))[0] == again(values, plan, "x0", value, ties=ties).ranks.at["甲区", "T"]


def test_one_more_unit_by_hand():
    # x0 by 功效系数: home 20 of 10…50; 21 gives 60 + 40·11/40 = 71 instead of 70, at weight ⅓.
    # x1 by 占优比: home is best with 40; 41 lowers the rest, its own 100 stays.
    plan = scheme([("功效系数", "", "正向"), ("占优比", "", "正向")])
    values = pd.DataFrame({"x0": [20.0, 10, 50], "x1": [40.0, 30, 38]}, index=DISTRICTS[:3])
    a = assess(values, plan)
    found = unit_worth(a, "甲区").set_index("indicator")
    assert found.at["x0", "points"] == pytest.approx(1 / 3) and found.at["x0", "closer"] == pytest.approx(1 / 3)
    assert found.at["x1", "points"] == pytest.approx(0)
    assert found.at["x1", "closer"] == pytest.approx(2 / 3 * 100 * (38 / 40 - 38 / 41))
    assert found["places"].tolist() == [0, 0] and list(found["step"]) == [1, 1]


def test_the_unit_goes_the_good_way_and_never_past_a_limit():
    kinds = [("功效系数", "", "逆向"), ("功效系数", "目标=20.4", "适度"), ("功效系数", "目标=20", "适度"), ("功效系数", "", "正向")]
    plan = scheme(kinds, unit="%").assign(category="结构")
    values = pd.DataFrame({"x0": [0.412, 0.2, 0.6], "x1": [20.0, 30, 10], "x2": [20.0, 30, 12], "x3": [99.5, 90, 80]}, index=DISTRICTS[:3])
    steps = unit_worth(assess(values, plan), "甲区").set_index("indicator")["step"]
    assert steps.to_dict() == pytest.approx({"x0": -0.01, "x1": 0.4, "x2": 0.0, "x3": 0.5})


def stepping(values, plan, code, sign, goal, end):
    """The first whole value with the rank, by full assessments one unit at a time."""
    for step in count(1):
        value = values.at["甲区", code] + sign * step
        if (value - end) * sign > 0:
            return None
        if again(values, plan, code, value).ranks.at["甲区", "T"] <= goal:
            return value


@given(st.integers(0, 10**6), st.lists(st.sampled_from(KINDS), min_size=1, max_size=3), st.integers(1, 2))
@settings(max_examples=12)
def test_the_smallest_change_of_a_count_is_what_stepping_finds(seed, kinds, places):
    values, plan = whole_values(seed, kinds, high=30), scheme(kinds)
    a = assess(values, plan)
    found = smallest_single_change(a, "甲区", places, reach=0.5).set_index("indicator")
    for code in found.index:
        x, kind = values[code], kinds[int(code[1:])]
        sign = {"逆向": -1}.get(kind[2], 1) if kind[2] != "适度" else np.sign(50 - x["甲区"])
        stated = [float(v) for k in ("下限", "上限", "目标") if (v := a.tree.nodes.at[code, "settings"].get(k)) is not None]
        every = [*x, *stated]
        spread = max(every) - min(every) or abs(x.min())
        end = max(every) + 0.5 * spread if sign > 0 else max(min(every) - 0.5 * spread, 0)
        end = 50 if kind[2] == "适度" else end
        expected = stepping(values, plan, code, sign, a.ranks.at["甲区", "T"] - places, end)
        assert found.at[code, "reachable"] == (expected is not None), (code, expected)
        if expected is not None:
            assert found.at[code, "needed"] == expected


@given(st.integers(0, 10**6), st.lists(st.sampled_from(KINDS[:13]), min_size=1, max_size=3))
@settings(max_examples=15)
def test_the_margin_over_every_rival_never_falls_as_the_own_value_rises(seed, kinds):
    values, plan = whole_values(seed, kinds), scheme(kinds)
    rescorer = Rescorer(assess(values, plan), "甲区")
    for code, (_, _, direction) in zip(values, kinds):
        path = np.linspace(1, 50 if direction == "适度" else 150, 400)
        totals = rescorer.totals(code, path[::-1] if direction == "逆向" else path)
        margins = totals[:, [0]] - totals[:, 1:]
        assert (np.diff(margins, axis=0) >= -1e-9).all()


def test_with_standard_scores_a_larger_value_can_shrink_the_margin():
    # s grows with a far value, so a weak rival's distance shrinks: the reason for trying the whole range.
    rescorer = Rescorer(assess(pd.DataFrame({"x0": [50.0, 5, 30, 31, 32, 33]}, index=DISTRICTS), scheme([("标准分", "", "正向")])), "甲区")
    totals = rescorer.totals("x0", [60.0, 500.0])
    assert totals[1, 0] - totals[1, 1] < totals[0, 0] - totals[0, 1]


@given(st.integers(0, 10**6), st.sampled_from([k for k in KINDS if k[2] == "正向"]))
@settings(max_examples=8)
def test_the_smallest_change_of_a_measure_is_just_enough(seed, kind):
    kinds = [kind, ("功效系数", "", "正向")]
    values, plan = whole_values(seed, kinds) + 0.25, scheme(kinds, unit="亿元")
    a = assess(values, plan)
    goal = a.ranks.at["甲区", "T"] - 1
    for row in smallest_single_change(a, "甲区", reach=1.0).to_dict("records"):
        code, x = row["indicator"], values[row["indicator"]]
        grid = np.linspace(x["甲区"], 2 * x.max() - x.min(), 60)[1:]
        if not row["reachable"]:
            assert all(again(values, plan, code, v).ranks.at["甲区", "T"] > goal for v in grid)
            continue
        assert again(values, plan, code, row["needed"]).ranks.at["甲区", "T"] <= goal
        short = row["value"] + (row["least"] - row["value"]) * (1 - 1e-6) - 1e-6
        assert again(values, plan, code, short).ranks.at["甲区", "T"] > goal
        step = 10.0 ** -row["decimals"]
        assert row["least"] - 1e-6 <= row["needed"] < row["least"] + 1.01 * step
        if row["needed"] - step > row["value"]:
            assert again(values, plan, code, row["needed"] - step).ranks.at["甲区", "T"] > goal
        rival = a.total[a.total.round(9) > round(a.total["甲区"], 9)].idxmin()
        after = again(values, plan, code, row["needed"]).total
        closed = 1 - (after[rival] - after["甲区"]) / (a.total[rival] - a.total["甲区"])
        assert row["share_of_gap"] == pytest.approx(closed, abs=1e-6)


def test_a_change_that_is_not_enough_alone_says_so_with_the_best_rank_there_is():
    # With x0 at its full 100 home has 100/3 + 10·2/3 = 40 points: more than 乙区's 30, less than 丙区's 93.3.
    plan = scheme([("极差", "下限=0；上限=100", "正向"), ("直接", "", "正向")])
    values = pd.DataFrame({"x0": [0.0, 50, 100], "x1": [10.0, 20, 90]}, index=DISTRICTS[:3])
    found = smallest_single_change(assess(values, plan), "甲区", places=2).set_index("indicator")
    assert not found.at["x0", "reachable"] and np.isnan(found.at["x0", "needed"])
    assert found.at["x0", "at"] == 100 and found.at["x0", "rank_after"] == 2 and found.at["x0", "points"] == pytest.approx(100 / 3)
    assert found.at["x0", "note"] == "单靠这一项做不到，最多升到第 2 位"
    assert found.at["x0", "share_of_gap"] == pytest.approx((100 / 3) / (280 / 3 - 20 / 3))


def test_the_first_has_nowhere_to_rise():
    values, plan = pd.DataFrame({"x0": [9.0, 5]}, index=DISTRICTS[:2]), scheme([("直接", "", "正向")])
    assert smallest_single_change(assess(values, plan), "甲区").empty


def test_a_home_with_an_unknown_total_is_refused_in_chinese():
    values, plan = pd.DataFrame({"x0": [np.nan, 5]}, index=DISTRICTS[:2]), scheme([("直接", "", "正向")])
    a = assess(values, plan, masked=pd.DataFrame({"x0": [True, False]}, index=DISTRICTS[:2]))
    for work in (unit_worth, smallest_single_change):
        with pytest.raises(AssessmentError, match="甲区的总分含未公开数值"):
            work(a, "甲区")


def test_a_rivals_score_that_falls_to_zero_under_a_geometric_mean_gives_no_rank():
    plan = scheme([("极差", "", "正向"), ("直接", "", "正向")], aggregation="几何平均")
    plan.loc[1, "params"] = "底分=0；下限=0"
    values = pd.DataFrame({"x0": [20.0, 50, 10], "x1": [10.0, 20, 30]}, index=DISTRICTS[:3])
    rescorer = Rescorer(assess(values, plan), "甲区")
    assert np.isnan(rescorer.ranks(rescorer.totals("x0", 0.0))[0])


@given(st.integers(0, 10**6), st.sampled_from([0.01, 0.1, 10.0, 1000.0]))
@settings(max_examples=6)
def test_another_unit_scales_the_change_and_nothing_else_under_min_max(seed, factor):
    kinds = [("功效系数", "", "正向"), ("极差", "", "逆向")]
    values, plan = whole_values(seed, kinds) + 0.5, scheme(kinds, unit="亿元")
    one = smallest_single_change(assess(values, plan), "甲区").set_index("indicator")
    two = smallest_single_change(assess(values.assign(x0=values["x0"] * factor), plan), "甲区").set_index("indicator")
    assert one["reachable"].to_dict() == two["reachable"].to_dict()
    if "x0" in one.index and one.at["x0", "reachable"]:
        assert two.at["x0", "least"] == pytest.approx(one.at["x0", "least"] * factor, rel=1e-5)


def test_reaching_a_mark_gives_what_a_full_assessment_gives():
    values, plan = whole_values(7, KINDS[:4]), scheme(KINDS[:4])
    a = assess(values, plan)
    found = reach_worth(a, "甲区", "乙区")
    assert set(found["mark"]) <= {"前一位", "中位数", "对标区", "最好"} and len(found)
    for row in found.to_dict("records"):
        expected = again(values, plan, row["indicator"], row["needed"])
        assert row["points"] == pytest.approx(expected.total["甲区"] - a.total["甲区"], abs=1e-9)
        assert row["rank_after"] == expected.ranks.at["甲区", "T"]


def test_strong_and_weak_by_hand():
    values = pd.DataFrame({"x0": [40.0, 10, 50, 20], "x1": [1.0, 5, 5, 5], "x2": [7.0, 7, 7, 7]}, index=DISTRICTS[:4])
    plan = scheme([("直接", "", "正向")] * 3)
    found = strengths(assess(values, plan), "甲区").set_index("indicator")
    assert found["class"].tolist() == ["优势", "劣势", "中游"] and found["rank"].tolist() == [2, 4, 1]
    assert found.loc["x0", ["gap_best", "gap_median", "gap_next", "of"]].tolist() == [-10, 10, -10, 4]
    assert found["points_lost"].tolist() == pytest.approx([10 / 6, 4 * 2 / 6, 0])
    assert np.isnan(found.at["x2", "gap_next"]) and found["weight"].sum() == pytest.approx(1)


def test_points_lost_under_a_geometric_mean_are_what_the_total_would_rise_by():
    plan = scheme([("直接", "", "正向")] * 2, aggregation="几何平均")
    values = pd.DataFrame({"x0": [8.0, 64], "x1": [27.0, 1]}, index=DISTRICTS[:2])
    found = strengths(assess(values, plan), "甲区").set_index("indicator")
    assert found.at["x0", "points_lost"] == pytest.approx((64 * 27**2) ** (1 / 3) - (8 * 27**2) ** (1 / 3))


def test_one_district_alone_is_not_comparable_and_a_missing_value_is_unknown():
    plan = scheme([("直接", "", "正向")] * 2, missing="剔除")
    found = strengths(assess(pd.DataFrame({"x0": [8.0], "x1": [np.nan]}, index=["甲区"]), plan), "甲区")
    assert found["class"].tolist() == ["不可比", "不详"]


def test_the_demo_districts_recognition_indicators_are_weak():
    found = strengths(assess_case(read_case("demo")), "示例区").set_index("name")
    assert (found.loc[found["part"] == "认定培育", "class"] == "劣势").all()
    assert found.at["省级专精特新中小企业", "points_lost"] == found["points_lost"].max() == pytest.approx(0.2 * 0.45 * 40)


@pytest.mark.parametrize(("case", "code", "tie", "alone", "who"), [
    ("anhui-2016", "T4", "71.31", "71.37", "六安市"), ("zhejiang-2016-2019", "T4", "72.05", "72.11", "金华市")])
def test_a_place_won_by_a_tie_is_called_one_and_the_value_for_it_alone_is_given(case, code, tie, alone, who):
    # Tried with whole assessments one hundredth at a time; the announced totals are compared after two decimals.
    case = read_case(case)
    a = assess_case(case)
    home, start = case.home, a.treated.at[case.home, code]
    row = smallest_single_change(a, home).set_index("indicator").loc[code]
    ties, first_tie, first_alone = a.ranks.at[home, "T"], None, None
    for step in count(1):
        value = round(start + step / 100, 2)
        changed = a.raw.copy()
        changed.loc[home, code] = value
        b = assess(changed, a.tree, decimals=a.decimals)
        if b.ranks.at[home, "T"] < ties:
            level = b.total.round(2)
            mates = list(level.index[(level - level[home]).abs() < 1e-6].drop(home))
            first_tie = first_tie or (value, mates)
            if not mates:
                first_alone = value
                break
    assert (first_tie, first_alone) == ((float(tie), [who]), float(alone))
    assert (f"{row['needed']:.2f}", row["tied_with"], f"{row['alone_at']:.2f}") == (tie, who, alone)


def test_a_change_far_below_the_datas_decimals_is_stated_as_the_next_value_the_data_can_have():
    # Everybody has 300: a hair more puts home alone at the top of the range, 301 is the first whole value.
    plan = scheme([("功效系数", "", "正向"), ("直接", "", "正向")], unit="亿元")
    values = pd.DataFrame({"x0": [300.0, 300, 300], "x1": [50.0, 52, 40]}, index=DISTRICTS[:3])
    row = smallest_single_change(assess(values, plan), "甲区").set_index("indicator").loc["x0"]
    assert row["needed"] == 301 and row["change"] == 1 and row["least"] < 300.001


def test_a_masked_count_at_a_midpoint_is_raised_to_whole_numbers_only():
    plan = scheme([("直接", "", "正向")])
    values = pd.DataFrame({"x0": [np.nan, 20.0, 15]}, index=DISTRICTS[:3])
    hidden, low, high = values.isna(), values.where(values.notna(), 5.0), values.where(values.notna(), 20.0)
    a = assess(values, plan, masked=hidden, low=low, high=high)
    row = smallest_single_change(a, "甲区").iloc[0]
    assert row["value"] == 12.5 and row["estimated"] and row["needed"] == 15 and row["alone_at"] == 16


def test_several_changes_together_give_what_a_full_assessment_of_them_gives():
    values, plan = whole_values(3, KINDS), scheme(KINDS)
    options = {"adjustments": pd.DataFrame([("甲区", "T", 2.0, "加分"), ("己区", "T", 50.0, "否决")], columns=["district", "node", "points", "kind"])}
    a, changes = assess(values, plan, **options), {"x0": 70.0, "x3": 55.0, "x13": 12.0}
    expected = assess(values.assign(**{c: values[c].where(values.index != "甲区", v) for c, v in changes.items()}), plan, **options)
    np.testing.assert_allclose(Rescorer(a, "甲区", options["adjustments"]).together(changes)[0], expected.total, atol=1e-9)


def test_all_recognitions_of_the_demo_raised_to_the_benchmarks_by_a_full_assessment():
    case = read_case("demo")
    a, codes = assess_case(case), ["E1", "E2", "E3"]
    joint = joint_worth(a, "示例区", "标杆区", codes)
    values = a.treated.copy()
    values.loc["示例区", codes] = values.loc["标杆区", codes]
    b = assess(values, a.tree, groups=a.groups, decimals=a.decimals, adjustments=case.adjustments[case.adjustments["year"] == a.year])
    assert joint.raised == tuple(codes) and joint.points == pytest.approx(b.total["示例区"] - a.total["示例区"])
    assert joint.left == pytest.approx(b.total["标杆区"] - b.total["示例区"]) and joint.rank_after == b.ranks.at["示例区", a.root]


def test_one_more_unit_says_where_the_first_gain_comes_and_when_nobody_has_so_much():
    # x0: home alone at the floor 4, the next has 7: 8 gives 60 + 40·1/23 of a third. x1: the next band begins at 50.
    # x2: home has the best, more only lowers the others.
    kinds = [("功效系数", "", "正向"), ("分档", "档次=<30:60|30:70|50:90", "正向"), ("占优比", "", "正向")]
    plan = scheme(kinds, aggregation="加权平均").assign(weight=[None, 1, 1, 1], unit=["", "家", "%", "亿元"])
    values = pd.DataFrame({"x0": [4.0, 7, 30], "x1": [48.3, 31, 61], "x2": [90.5, 40, 30]}, index=DISTRICTS[:3])
    found = unit_worth(assess(values, plan), "甲区").set_index("indicator")
    assert "第 8 家起自身才加分" in found.at["x0", "note"] and f"+{40 / 23 / 3:.2f}" in found.at["x0", "note"]
    assert found.at["x1", "note"] == f"到 50 % 才升档（总分 +{20 / 3:.2f} 分）"
    assert found.at["x2", "note"] == "得分已到顶，再多自身不加分"
    assert found["kind"].to_dict() == {"x0": "计数", "x1": "百分点", "x2": "其他单位"}
    assert found.at["x0", "share_to_best"] == pytest.approx(1 / 26) and np.isnan(found.at["x2", "share_to_best"])


def test_nobody_ahead_means_no_distance_that_shrinks_and_nobody_at_all_no_rank():
    plan = scheme([("直接", "", "正向")])
    first = unit_worth(assess(pd.DataFrame({"x0": [9.0, 5]}, index=DISTRICTS[:2]), plan), "甲区").iloc[0]
    assert np.isnan(first["closer"]) and first["rank_after"] == 1
    only = unit_worth(assess(pd.DataFrame({"x0": [9.0]}, index=DISTRICTS[:1]), plan), "甲区").iloc[0]
    assert np.isnan(only["closer"]) and np.isnan(only["rank_after"]) and only["points"] == 1


def test_totals_at_half_a_hundredth_are_rounded_up_as_announcements_do():
    # (0.25 + 0.00)/2 = 0.125, announced as 0.13 and level with 0.13: rounding half to even would give 0.12.
    plan = scheme([("直接", "", "正向")] * 2).assign(weight=[None, 1, 1])
    values = pd.DataFrame({"x0": [0.1, 0.13], "x1": [0.0, 0.13]}, index=DISTRICTS[:2])
    a = assess(values, plan, decimals=2)
    rescorer = Rescorer(a, "甲区")
    assert rescorer.ranks(rescorer.totals("x0", 0.25))[0] == 1


def test_where_the_total_is_unknown_the_known_indicators_are_still_placed():
    plan = scheme([("直接", "", "正向")] * 2)
    values = pd.DataFrame({"x0": [np.nan, 5, 6], "x1": [9.0, 7, 8]}, index=DISTRICTS[:3])
    hidden = pd.DataFrame({"x0": [True, False, False], "x1": False}, index=DISTRICTS[:3])
    found = strengths(assess(values, plan, masked=hidden), "甲区").set_index("indicator")
    assert found["class"].tolist() == ["不详", "优势"] and found.at["x1", "rank"] == 1 and found["points_lost"].isna().all()
