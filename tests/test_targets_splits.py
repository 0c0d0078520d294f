"""Shift–share and factors: the parts sum to the change, by hand and for any figures."""

from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from analysis.case import read_case
from analysis.params import AssessmentError
from analysis.targets import (
    decompose_factors, factor_findings, item_shift_share, output_factors, shift_share, shift_share_finding, shift_share_summary, town_chain_years,
)
from analysis.targets.factors import LMDI, SHAPLEY, log_mean
from analysis.targets.tables import factor_view, shift_view
from hypothesis import assume, given
from hypothesis import strategies as st

AREAS, SECTORS = ["甲区", "乙区", "丙区"], ["食品", "装备", "电子"]
levels = st.one_of(st.just(0.0), st.floats(0.1, 1e3))
grids = st.lists(levels, min_size=9, max_size=9).map(lambda x: pd.DataFrame(np.reshape(x, (3, 3)), AREAS, SECTORS))
positive = st.lists(st.floats(0.01, 100), min_size=6, max_size=6).map(lambda x: pd.DataFrame(np.reshape(x, (2, 3)), list("甲乙"), list("abc")))
signed = st.lists(st.floats(-50, 50), min_size=6, max_size=6).map(lambda x: pd.DataFrame(np.reshape(x, (2, 3)), list("甲乙"), list("abc")))


def by_hand():
    before, after = (pd.DataFrame([x], ["甲区"], ["食品", "装备"], dtype=float) for x in ([100, 50], [130, 45]))
    return before, after, pd.Series({"食品": 1000.0, "装备": 1000.0}), pd.Series({"食品": 1200.0, "装备": 1000.0})


# ---- shift–share

def test_the_classic_split_by_hand():
    # The whole grows 10 %, its sectors 20 % and 0 %.
    table = shift_share(*by_hand())
    np.testing.assert_allclose(table[["standard", "mix", "competitive"]], [[10, 10, 10], [5, -5, -5]], atol=1e-12)
    summary = shift_share_summary(table)
    np.testing.assert_allclose(summary[["standard_points", "mix_points", "competitive_points"]].iloc[0], [10, 10 / 3, 10 / 3])
    said = shift_share_finding(summary, "甲区")
    assert "甲区增加 25.00 亿元（+16.7%）" in said and "应有 15.00 亿元" in said and said.endswith("快于全市。")


def test_the_allocation_effect_by_hand():
    # With the whole's mix the area would have had 75 and 75; leads +10 % and −10 %.
    table = shift_share(*by_hand(), homothetic=True)
    np.testing.assert_allclose(table[["competitive", "allocation"]], [[7.5, 2.5], [-7.5, 2.5]], atol=1e-12)
    assert "配置效应（亿元）" in shift_view(shift_share_summary(table))


@given(grids, grids, st.booleans())
def test_effects_sum_to_the_change_and_competition_among_areas_cancels(before, after, homothetic):
    assume(before.to_numpy().sum() > 0)
    table = shift_share(before, after, homothetic=homothetic)
    effects = [c for c in ("standard", "mix", "competitive", "allocation") if c in table]
    size = max(1, before.to_numpy().max(), after.to_numpy().max()) * 1e4
    np.testing.assert_allclose(table[effects].sum(axis=1), table["change"], atol=1e-13 * size)
    own = [c for c in effects if c not in ("standard", "mix")]
    # Among areas that make up the whole, what one sector wins in one area it loses in others,
    # unless nobody had it before.
    lead = table.assign(lead=table[own].sum(axis=1)).groupby("sector")["lead"].sum()
    old = before.sum() > 0
    np.testing.assert_allclose(lead[old[old].index], 0, atol=1e-9 * size)
    np.testing.assert_allclose(table["mix"].sum() + table["standard"].sum(), (after.sum() - before.sum())[old].sum(), atol=1e-9 * size)


def test_a_sector_new_to_the_area_is_all_its_own_and_said():
    before, after, r0, r1 = by_hand()
    before.loc["甲区", "装备"] = 0.0
    table = shift_share(before, after, r0, r1).set_index("sector")
    assert table.at["装备", "competitive"] == 45 and table.at["装备", "mix"] == 0 and "基期为 0" in table.at["装备", "note"]
    assert np.isnan(table.at["装备", "growth"])


@pytest.mark.parametrize(("spoil", "said"), [
    (lambda b, a, r, s: (b.assign(食品=-1.0), a, r, s), "甲区·食品"), (lambda b, a, r, s: (b, a.assign(装备=np.nan), r, s), "报告期.*甲区·装备"),
    (lambda b, a, r, s: (b, a.drop(columns="装备"), r, s), "不一致"), (lambda b, a, r, s: (b, a, r * [0, 1], s), "参照地区基期没有 食品"),
    (lambda b, a, r, s: (b, a, r.drop("食品"), s), "参照地区的 食品 缺数"), (lambda b, a, r, s: (b, a, r * 0, s), "合计为 0"),
])
def test_shift_share_of_faulty_figures_is_refused_by_name(spoil, said):
    with pytest.raises(AssessmentError, match=said):
        shift_share(*spoil(*by_hand()))


def test_items_are_compared_with_the_districts_whose_items_are_all_known():
    before = pd.DataFrame({"甲区": [100.0, 50], "乙区": [900, 950], "丙区": [np.nan, 7]}, index=["食品", "装备"])
    after = pd.DataFrame({"甲区": [130.0, 45], "乙区": [1070, 955], "丙区": [5, 8.0]}, index=["食品", "装备"])
    table, note = item_shift_share(before, after, "甲区")
    np.testing.assert_allclose(table[["standard", "mix", "competitive"]], shift_share(*by_hand())[["standard", "mix", "competitive"]])
    assert "2 个区县" in note[0] and "丙区" in note[1]
    with pytest.raises(AssessmentError, match="丙区的分项 食品 缺数"):
        item_shift_share(before, after, "丙区")
    with pytest.raises(AssessmentError, match="没有可比的全市"):
        item_shift_share(before[["甲区", "丙区"]], after, "甲区")


def test_towns_and_chains_of_the_demo_sum_to_the_rosters_growth():
    before, after, note = town_chain_years(read_case("demo"))
    summary = shift_share_summary(shift_share(before, after))
    whole = after.to_numpy().sum() / before.to_numpy().sum() - 1
    np.testing.assert_allclose(summary["standard"], before.sum(axis=1) * whole)
    np.testing.assert_allclose(summary["competitive"].sum(), 0, atol=1e-6)
    assert "缺其中一年" in note[-1]


# ---- factors

def one(*values):
    return pd.DataFrame([values], ["全区"], list("abc")[:len(values)], dtype=float)


def test_lmdi_by_hand():
    # 100·2·0.25 = 50 -> 120·2.5·0.2 = 60: Y grows like the first factor, which therefore explains
    # all of the 10; L = 10/ln 1.2 = 54.848, and ln 1.25·L = 12.239 cancels ln 0.8·L.
    f = decompose_factors(one(100, 2, 0.25), one(120, 2.5, 0.2))
    np.testing.assert_allclose(f.table["effect"], [10, 12.239, -12.239], atol=1e-3)
    np.testing.assert_allclose(f.table["ratio"], [1.2, 1.25, 0.8])
    assert f.method == LMDI and f.note == "" and f.change == 10


def test_shapley_by_hand():
    # 2·3 -> 4·5: the first adds 2·3 before or 2·5 after the second, the second 2·2 or 2·4.
    f = decompose_factors(one(2, 3), one(4, 5), SHAPLEY)
    np.testing.assert_allclose(f.table["effect"], [8, 6])


@given(positive, positive)
def test_additive_effects_sum_to_the_change_and_multiples_to_the_ratio(before, after):
    lmdi, shapley = (decompose_factors(before, after, m) for m in (LMDI, SHAPLEY))
    y0, y1 = before.prod(axis=1).sum(), after.prod(axis=1).sum()
    for f in (lmdi, shapley):
        assert f.table["effect"].sum() == pytest.approx(y1 - y0, abs=1e-9 * max(1, y0, y1))
        np.testing.assert_allclose(f.by_group.sum(axis=1), after.prod(axis=1) - before.prod(axis=1), atol=1e-9 * max(1, y0, y1))
    assert lmdi.table["ratio"].prod() == pytest.approx(y1 / y0, rel=1e-9)


@given(signed, signed)
def test_shapley_equals_the_mean_over_all_orders_even_with_negatives(before, after):
    f = decompose_factors(before, after, SHAPLEY)
    expected = np.zeros(3)
    for order in permutations(range(3)):
        now = before.to_numpy(copy=True)
        for k in order:
            was = now.prod(axis=1).sum()
            now[:, k] = after.to_numpy()[:, k]
            expected[k] += (now.prod(axis=1).sum() - was) / 6
    np.testing.assert_allclose(f.table["effect"], expected, atol=1e-8 * max(1, abs(expected).max()))


@pytest.mark.parametrize("bad", [0.0, -3.0])
def test_zero_or_negative_factors_go_to_shapley_and_say_so(bad):
    f = decompose_factors(one(bad, 3), one(4, 5))
    assert f.method == SHAPLEY and "全区·a" in f.note and "改用沙普利值" in f.note
    assert f.table["effect"].sum() == pytest.approx(20 - 3 * bad) and "倍数" not in factor_view(f)
    assert factor_findings(f)[1].startswith("全区·a")


@given(st.floats(1e-6, 1e6), st.floats(1e-6, 1e6))
def test_the_logarithmic_mean_lies_between_the_geometric_and_the_arithmetic(a, b):
    assert np.sqrt(a * b) * (1 - 1e-9) <= log_mean(a, b) <= (a + b) / 2 * (1 + 1e-9)


def test_nearly_equal_figures_do_not_lose_the_logarithmic_mean():
    assert log_mean(5.0, 5.0) == 5.0
    assert log_mean(1 + 1e-9, 1.0) == pytest.approx(1 + 0.5e-9, abs=1e-14)


def test_value_added_splits_into_enterprises_size_and_yield():
    f = output_factors((300, 330), (360.0, 396.0), (80.0, 88.0))
    # Ten per cent more enterprises, the same size and yield: all from the enterprises.
    np.testing.assert_allclose(f.table["effect"], [8, 0, 0], atol=1e-9)
    assert "影响最大的是**规上企业数**" in factor_findings(f)[0]


@pytest.mark.parametrize(("call", "said"), [
    (lambda: decompose_factors(one(1, np.nan), one(1, 2)), "全区·b"), (lambda: decompose_factors(one(1, 2), one(1, 2, 3)), "不一致"),
    (lambda: decompose_factors(one(1, 2), one(1, 2), "指数"), "只能写"), (lambda: output_factors((0, 5), (1, 1), (1, 1)), "应大于 0"),
    (lambda: decompose_factors(*[pd.DataFrame(np.ones((1, 11)))] * 2), "最多 10"),
])
def test_factors_that_cannot_be_split_are_refused_in_words(call, said):
    with pytest.raises(AssessmentError, match=said):
        call()
