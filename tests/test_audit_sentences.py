"""What a reader is told of the audit: sentences and tables against hand-worked figures and closed forms."""

import numpy as np
import pandas as pd
import pytest
from analysis import assess_case, audit, read_case
from analysis.assessment import assess
from analysis.audit import alternative_schemes, leave_one_out, shift_counts, simulate, sobol
from analysis.audit import sentences as said
from analysis.audit import tables
from analysis.audit.implied import combined, implied_by_node
from analysis.audit.influence import equal_weights, reaggregated
from analysis.audit.masked import RankBounds, rank_bounds, rank_bounds_or_reason
from analysis.audit.uncertainty import Uncertainty
from analysis.params import AssessmentError
from analysis.reconcile import reconcile
from hypothesis import given
from hypothesis import strategies as st

NAMES = list("甲乙丙丁戊己")


def marks(columns, districts=None, parents=None, aggregation=None, **more):
    """Indicators that are marks themselves, under the total or the parts named in ``parents``."""
    parents = parents or {}
    rows = [("T", "", None, "")] + [(p, "T", 1, "") for p in dict.fromkeys(parents.values())]
    rows += [(c, parents.get(c, "T"), 1, "直接") for c in columns]
    scheme = pd.DataFrame(rows, columns=["code", "parent", "weight", "method"])
    scheme["aggregation"] = [(aggregation or {}).get(c, "") for c in scheme["code"]]
    values = pd.DataFrame(columns, dtype=float)
    return assess(values.set_axis(districts or NAMES[: len(values)], axis=0), scheme, **more)


def repeated(ranks, reference, groups=None, **more):
    """An Uncertainty from ranks written down by hand: one row per run."""
    names = NAMES[: len(reference)]
    groups = pd.Series(groups or [""] * len(names), names)
    return Uncertainty(np.array(ranks), pd.Series(reference, names, dtype=float, name="rank"), groups, (), ("原方案",), np.zeros(len(ranks)), 1, (), **more)


def no_bounds(a, **more):
    return rank_bounds(a.raw, a.tree, groups=a.groups, **more)


@pytest.mark.parametrize("groups, words", [(None, ""), ({"甲": "独", "乙": "众", "丙": "众"}, "本区所在的独只有一个可比地区，不谈位次")])
def test_a_district_with_nobody_to_compare_with_gets_one_sentence(groups, words):
    a = marks({"x": [3, 2, 1]}, groups=None if groups is None else pd.Series(groups))
    assert said.nothing_to_rank(a, "甲", simulate(a, 20)).startswith(words) and bool(said.nothing_to_rank(a, "甲")) == bool(words)
    assert said.nothing_to_rank(marks({"x": [3]}), "甲").startswith("只有一个可比地区，不谈位次")


def test_districts_level_in_every_repetition_are_said_to_be_all_tied():
    a = marks({"x": [3, 3, 3], "y": [1, 1, 1]})
    assert "3 个可比地区**全部并列**" in said.nothing_to_rank(a, "甲", simulate(a, 50))
    level = marks({"x": [3, 1], "y": [1, 3]})
    assert said.nothing_to_rank(level, "甲", simulate(level, 50)) == ""


def test_a_home_without_total_leaves_the_others_to_be_spoken_of():
    hidden = pd.DataFrame({"x": [True, False, False]}, NAMES[:3])
    a = marks({"x": [np.nan, 2, 1]}, masked=hidden)
    assert said.nothing_to_rank(a, "甲", simulate(a, 20)) == ""
    assert said.nothing_to_rank(marks({"x": [np.nan, 2]}, masked=hidden.iloc[:2]), "甲") != ""


def test_the_share_staying_is_told_with_its_sampling_error():
    # 60 of 100 runs keep rank 1: two standard errors are 2·√(0.6·0.4/100) = 9.8 points.
    u = repeated([[1, 2]] * 60 + [[2, 1]] * 40, [1, 2])
    first = said.stability_findings(u, no_bounds(marks({"x": [2, 1]})), "甲", "乙")
    assert "有 **60.0%** 仍列第 1 位（抽样误差 ±9.8 个百分点），中位第 1 位，至少 90% 的情形在第 1 至第 2 位之间" in first[0]
    assert first[1] == "甲排在乙之前的占 60.0%。" and "分不清（领先较多的一方只占 60.0%，不到 90%）" in first[2]


def test_a_pair_beside_the_threshold_is_not_called_indistinguishable():
    u = repeated([[1, 2]] * 899 + [[2, 1]] * 101, [1, 2])
    near = said.stability_findings(u, no_bounds(marks({"x": [2, 1]})), "甲")
    assert "接近门槛：领先较多的一方占 89.9%" in near[1] and "±1.9 个百分点" in near[1]
    above = repeated([[1, 2]] * 901 + [[2, 1]] * 99, [1, 2])
    assert tables.pair_table(above)["判断"].tolist() == ["接近门槛，说不准"]
    assert tables.pair_table(repeated([[1, 2]] * 99 + [[2, 1]], [1, 2])).empty
    assert "±1.9 个百分点" in tables.pair_notes(u)[0]


def test_the_frequency_caption_says_what_the_chart_shows():
    u = repeated([[3, 1, 2]] * 5 + [[2, 3, 1]] * 3 + [[1, 2, 3]] * 2, [3, 1, 2])
    assert said.frequency_caption(u, "甲") == "甲：第 3 位占 50.0%、第 2 位占 30.0%、第 1 位占 20.0%。"
    wide = repeated([[k, 1, 2, 3, 4] for k in (5, 5, 5, 5, 4, 4, 4, 3, 2, 1)], [5, 1, 2, 3, 4])
    assert said.frequency_caption(wide, "甲").endswith("：第 5 位占 40.0%、第 4 位占 30.0%、第 1 位占 10.0%，其余 2 个位次合计 20.0%。")


def test_nothing_is_said_of_intervals_or_masked_values_where_there_are_none():
    a = marks({"x": [6, 5, 4, 3, 2, 1]}, groups=pd.Series(["城"] * 5 + ["独"], NAMES))
    u = simulate(a, 20)
    table = tables.stability_table(u, no_bounds(a))
    assert list(table.index) == NAMES[:5] and not any("未公开" in c for c in table) and said.varied(u) == "权重浮动"
    assert "进前一半的比例" not in table and table["进前 3 位的比例"].tolist() == [1, 1, 1, 0, 0]
    halves = tables.stability_table(simulate(marks({"x": [6, 5, 4, 3, 2, 1]}, groups=pd.Series(list("城城城城县县"), NAMES)), 20), no_bounds(a))
    assert halves["进前一半的比例"].tolist() == [1, 1, 0, 0, 1, 0]
    masked = pd.DataFrame({"x": [True] + [False] * 5}, NAMES)
    bounds = pd.DataFrame({"x": [4.5] + [np.nan] * 5}, NAMES)
    b = marks({"x": [np.nan, 5, 4, 3, 2, 1]}, masked=masked, low=bounds, high=bounds + 1)
    shown = tables.stability_table(simulate(b, 20), no_bounds(b, masked=masked, low=bounds, high=bounds + 1))
    assert shown.loc["甲", ["未公开数所致最好", "未公开数所致最差"]].tolist() == [1, 2]
    assert said.varied(simulate(b, 20, low=bounds, high=bounds + 1)) == "权重浮动、区间取值"


def test_pairs_stand_in_order_of_rank_with_nothing_on_the_diagonal_or_across_groups():
    a = marks({"x": [1, 3, 2, 9, 8]}, groups=pd.Series(list("城城城县县"), NAMES[:5]))
    table = tables.ahead_table(simulate(a, 20), a)
    assert list(table.index) == list(table.columns) == ["乙", "丙", "甲", "丁", "戊"]
    assert table.loc["乙", ["丙", "甲"]].tolist() == [1, 1] and table.loc["甲", ["乙", "丙"]].tolist() == [0, 0]
    assert table.isna().to_numpy().sum() == 5 + 2 * 6


def test_any_weights_at_all_give_the_share_of_the_closed_form():
    # 丙 (0.6, 0.6) is first as long as neither weight exceeds 0.6 … for 甲 (1, 0) alone: probability 0.6.
    a = marks({"x": [1, 0.6], "y": [0, 0.6]})
    runs = simulate(a, 4000)
    found, failed = tables.robust_runs(a, a, runs, alternative_schemes(a), 0.25)
    assert list(found) == ["权重上下浮动 25%", "任意权重", "换计分或合成方法"] and not failed
    table = tables.robust_table(found, a)
    assert list(table.index) == ["乙", "甲"] and table.at["乙", "任意权重：位次不变"] == pytest.approx(0.6, abs=4 * np.sqrt(0.24 / 4000))
    assert table.at["乙", "任意权重：中位（90% 区间）"] == "1（1～2）" and set(tables.robust_formats(table)) == {"位次", *[c for c in table if "不变" in c]}
    assert "任意权重：中位第 1 位，90% 区间第 1～2 位" in said.robust_findings(found, "乙")[0]


def test_shift_sentences_name_the_largest_and_the_home_rank():
    a = marks({"x": [6, 5, 4, 3], "y": [1, 2, 3, 9]})
    ranks = pd.DataFrame({"颠倒": [4.0, 3, 2, 1], "照旧": a.ranks["T"]}, a.raw.index)
    other = audit.influence.Alternatives({"总分改用科普兰": a.tree}, ranks, {"甲法": "无法计算", "乙法": "无法计算"})
    text = said.shift_findings(shift_counts(a, other), other, "丁", a.ranks.at["丁", "T"])[0]
    assert text.startswith("2 种做法中，") and "变动最大的是" in text
    table = tables.shift_table(shift_counts(a, other), other, "甲")
    assert table.at["颠倒", "甲位次"] == 4 and tables.shift_notes(other) == [tables.COPELAND, "未列入：甲法、乙法（无法计算）。"]


def test_leaving_one_out_tells_the_home_ranks_and_counts_a_rise_as_plus():
    # x: 甲 first; y: 甲 last. Together 甲 (9 + 0) stands before 乙 (4 + 4) and 丙 (1 + 6); without x it is third.
    a = marks({"x": [9, 4, 1], "y": [0, 4, 6]})
    left = leave_one_out(a)
    table = tables.leave_one_out_table(left, "甲")
    assert table["甲位次变动（+ 为前移）"].to_dict() == {"x": -2, "y": 0} and tables.leave_one_out_formats("甲")["甲位次变动（+ 为前移）"](-2) == "−2"
    assert said.leave_one_out_findings(left, "甲")[0] == "逐个去掉 2 个指标或分项，**甲**在第 1～3 位之间，其中 1 个会改变位次：去掉“x”（第 3 位）。"


def test_sobol_sentences_speak_of_all_districts_and_of_home():
    a = marks({"x": [9, 4, 1], "y": [1, 4, 6]})
    factors = {"合成方法": {"原": None, "几何": lambda t: reaggregated(t, "几何平均")}, "权重": {"原": None, "等权": equal_weights}}
    whole, own = sobol(a, factors), sobol(a, factors, target="甲")
    # Equal weights are stated already: only the aggregation moves 甲 (10/2 first, √9 = 3 last).
    assert said.sobol_findings(whole, own)[1] == "对甲自己的位次影响最大的是**合成方法**：单独解释变动的 100%，连同与其他选择的交互共 100%。"
    assert list(tables.sobol_table(whole, own)) == ["全部地区：单独影响", "全部地区：合计影响（含交互）", "甲：单独影响", "甲：合计影响（含交互）"]


VETO = pd.DataFrame([("丙", "B", 0.0, "否决")], columns=["district", "node", "points", "kind"])


def test_a_veto_under_a_geometric_mean_does_not_stop_leaving_one_out():
    a = marks({"a": [6, 5, 4], "b": [3, 4, 9]}, parents={"a": "A", "b": "B"}, aggregation={"T": "几何平均"}, adjustments=VETO)
    found = leave_one_out(a, adjustments=VETO)
    # Without A the totals are 3, 4 and 0 (vetoed), without B 6, 5 and 4.
    assert found.ranks["a"].tolist() == [2, 1, 3] and found.ranks["b"].tolist() == [1, 2, 3] and not found.skipped
    assert "如有否决，请连同加减分表一起给出" in leave_one_out(a).skipped["a"]


def test_a_node_that_cannot_be_left_out_is_skipped_with_the_reason_and_the_others_stand():
    # Without b the part A of 甲 is 0, which no geometric mean takes; without the others nothing is wrong.
    a = marks({"a": [0, 5, 4], "b": [8, 4, 9], "c": [3, 4, 5]}, parents={"a": "A", "b": "A", "c": "C"}, aggregation={"T": "几何平均"})
    found = leave_one_out(a, "指标")
    assert list(found.ranks) == ["a", "c"] and "得分可能不大于 0" in found.skipped["b"]
    # a left out: √(8·3), √(4·4), √(9·5); c left out: 4, 4.5, 6.5.
    assert found.ranks["a"].tolist() == [2, 3, 1] and found.ranks["c"].tolist() == [3, 2, 1]


def test_bounds_that_cannot_be_given_are_said_and_the_table_has_none(monkeypatch):
    def refuse(case, year=None):
        raise AssessmentError("几何平均的下级得分不大于 0")

    monkeypatch.setattr("analysis.audit.masked.rank_bounds_case", refuse)
    bounds = rank_bounds_or_reason(None)
    assert isinstance(bounds, RankBounds) and bounds.verdict == "未公开数值对位次的影响无法求界：几何平均的下级得分不大于 0。" and not bounds.proven
    assert tables.possible_ranks(bounds) is None and said.masked_findings(bounds, "甲") == [bounds.verdict]
    assert not any("未公开" in c for c in tables.stability_table(repeated([[1, 2]], [1, 2]), bounds))


def test_intervals_with_values_that_the_scheme_refuses_stay_at_their_midpoints_and_the_notes_say_so():
    masked, low = pd.DataFrame({"x": [True, False]}, NAMES[:2]), pd.DataFrame({"x": [-5.0, np.nan]}, NAMES[:2])
    a = marks({"x": [np.nan, 2], "y": [1, 9]}, aggregation={"T": "几何平均"}, masked=masked, low=low, high=low + 15)
    found, reason = tables.repetitions(a, runs=50, low=low, high=low + 15)
    # The midpoint 2.5 gives √(2.5·1) against √(2·9): 乙 is first whatever the weights do.
    assert not reason and found.intervals == 0 and found.frequency.at["乙", 1] == 1 and "区间值固定在中点" in found.notes[-1]
    assert tables.repetitions(a, runs=0) == (None, "模拟次数应为正整数，现为 0。")


OFFICIAL = pd.Series({"T1": 29.32, "T2": 16.50, "T3": 19.25, "T4": 16.50, "T5": 9.15, "T6": 9.18}) / 99.90


def test_the_official_weights_of_anhui_lie_in_the_range_that_rounding_of_parts_and_totals_leaves():
    case = read_case("anhui-2016")
    a = assess_case(case)
    found = tables.recoveries(case, a)["2016 年"]
    assert found.tolerance == pytest.approx(0.01) and found.explains_scores
    weights = found.weights.loc[OFFICIAL.index]
    assert (weights["low"] <= OFFICIAL).all() and (OFFICIAL <= weights["high"]).all()
    # An independent linear programme gave these ends.
    np.testing.assert_allclose(weights.loc[["T1", "T6"], ["low", "high"]], [[0.2929, 0.2944], [0.0903, 0.0929]], atol=6e-5)
    assert "±0.01 分的舍入误差（总分 ±0.005、分项 ±0.005）" in found.verdict and "可能最小" in tables.recovered_table(found, a)


def test_weights_that_explain_nothing_are_not_called_possible():
    case = read_case("zhejiang-2016-2019")
    a = assess_case(case)
    found = tables.recoveries(case, a)["各年合用一套权重"]
    table = tables.recovered_table(found, a)
    assert not found.explains_scores and "可能最小" not in table
    assert f"差不超过 {found.largest_difference + 0.01:.3f} 分时的最小" in table and "没有任何权重" in found.verdict


def test_parts_in_whole_numbers_are_taken_as_exact():
    parts, totals = pd.DataFrame({"a": [90.0, 80], "b": [70.0, 60]}), pd.Series([80.5, 70.5])
    assert tables._rounding(parts, totals) == {"tolerance": pytest.approx(0.05), "part_tolerance": 0.0}
    assert tables._rounding(parts + 0.25, totals)["part_tolerance"] == pytest.approx(0.005)


def announced(rows):
    scheme = pd.DataFrame([("T", "", None, "", ""), ("A", "T", 1, "", ""), ("a", "A", 1, "直接", "亿元"), ("b", "A", 1, "直接", ""), ("c", "T", 1, "直接", "")],
                          columns=["code", "parent", "weight", "method", "unit"])
    values = pd.DataFrame({"a": [np.nan, 40.0], "b": [20.0, 30.0], "c": [80.0, 10.0]}, ["甲", "乙"])
    masked = values.isna()
    a = assess(values, scheme, masked=masked, low=masked * 0.0, high=masked * 100.0)
    published = pd.DataFrame(rows, columns=["district", "node", "score"]).assign(rank=np.nan)
    return implied_by_node(values, scheme, published=published, masked=masked, low=masked * 0.0, high=masked * 100.0), a


def test_announcements_together_leave_the_intersection():
    # T = (A + 80)/2 = 60 ± 0.005 ⇒ a = 60 ± 0.02; A = (a + 20)/2 = 40.005 ± 0.005 ⇒ a = 60.01 ± 0.01.
    table, a = announced([("甲", "T", 60.0), ("甲", "A", 40.005)])
    row = combined(table).iloc[0]
    assert [row["implied_low"], row["implied_high"]] == pytest.approx([60.0, 60.02], abs=1e-5) and row["possible"] and row["nodes"] == 2
    assert said.implied_findings(table, a)[0].startswith("若公布属实，甲“a”应在 **60.000～60.020**") and "亿元" in said.implied_findings(table, a)[0]
    shown = tables.implied_table(table, a)
    assert shown["依据哪项公布"].tolist() == ["T", "A", "以上合并"] and shown["反推下限"].iloc[2] == pytest.approx(60.0, abs=1e-5)


@pytest.mark.parametrize("second, words", [(("甲", "A", 90.0), "按公布的“A”，所给上下界内没有任何取值能够成立"), (("甲", "a", 55.0), "各项公布要求的范围没有交集")])
def test_announcements_that_contradict_each_other_are_named(second, words):
    table, a = announced([("甲", "T", 60.0), second])
    assert not combined(table)["possible"].iloc[0] and words in said.implied_findings(table, a)[0]
    last = tables.implied_table(table, a).iloc[-1]
    assert np.isnan(last["反推下限"]) and last["说明"] == "没有任何取值能使各项公布同时成立"


@given(st.floats(-1e4, 1e4), st.floats(1e-4, 1e4))
def test_an_interval_rounded_outward_holds_the_interval_and_little_more(low, width):
    high = low + width
    a, b = map(float, said.outward(low, high).split("～"))
    room = max(width / 5, 1e-9) / 100 + 1e-8 * max(1.0, abs(low))
    assert a <= low + room and b >= high - room and low - a <= max(width / 5, 1e-9) + room and b - high <= max(width / 5, 1e-9) + room


def test_the_coherence_sentence_and_table_name_what_is_flagged():
    x = np.array([1.0, 2, 3, 4, 5, 6])
    a = marks({"x": 10 * x, "against": -3 * x + np.array([1, -1, -1, 1, 1, -1])})
    text = said.coherence_findings(a)[0]
    assert text.startswith("2 个可判断的指标中，2 个有提示") and "几乎决定总分的有x" in text and "与总分相反的有against" in text
    table, note = tables.coherence_table(a)
    assert table["数据是否足够"].tolist()[:2] == ["足够", "足够"] and table["地区数"].tolist()[:2] == [6, 6] and "实际影响为负" in note
    assert set(tables.COHERENCE_FORMATS) <= set(table)
    few = marks({"x": [1, 2]})
    assert said.coherence_findings(few) == [tables.coherence_table(few)[1]] and tables.coherence_table(few)[0] is None


def test_a_question_that_cannot_be_put_gives_its_reason():
    def refuse():
        raise AssessmentError("没有可以变动的选择")

    assert tables.attempt(refuse) == (None, "没有可以变动的选择。") and tables.attempt(lambda x: x + 1, 1) == (2, "")


def test_who_s_announced_score_excludes_every_value_is_named_though_another_s_is_masked():
    rows = [("甲", "A", 40.005), ("乙", "A", 30.0)]
    table, a = announced(rows)
    published = pd.DataFrame(rows, columns=["district", "node", "score"]).assign(rank=np.nan)
    check = reconcile(a, published)
    assert "对不上的是乙公布 30.00、复算 35.00，" in said.implied_findings(table, a, check)[0]
    # Where only the district with the masked value is off, the value itself, its bounds or the announcement are to be looked at.
    table, a = announced([("甲", "A", 90.0)])
    own = reconcile(a, pd.DataFrame([("甲", "A", 90.0)], columns=["district", "node", "score"]).assign(rank=np.nan))
    assert said.implied_findings(table, a, own)[0].endswith("请核对公布数、方案或上下界。")
