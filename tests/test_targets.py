"""Targets broken down: by year, by month, by town and chain; everything adds up again."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from analysis.case import read_case
from analysis.params import AssessmentError
from analysis.targets import (
    allocate, allocate_target, allocation_findings, case_places, contribution_findings, contributions, path_finding, record_contributions,
    shown_parts, target_contributions, target_path, water_fill, year_parts,
)
from analysis.targets.settings import setting
from analysis.targets.tables import allocation_view, contribution_view, parts_view, path_view
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.optimize import minimize

NAMES = ["甲镇", "乙镇", "丙镇", "丁镇", "戊园", "己园"]
SEASON = pd.DataFrame({"part": [1, 2, 3, 4], "label": ["一季度", "上半年", "前三季度", "全年"], "mean": [0.22, 0.47, 0.73, 1.0],
                       "least": [0.2, 0.45, 0.7, 1.0], "greatest": [0.24, 0.5, 0.75, 1.0], "years": 5})


def series(*values):
    return pd.Series(values, NAMES[:len(values)], dtype=float)


@pytest.fixture(scope="module")
def demo():
    return read_case("demo")


# ---- rounding

def test_three_thirds_of_a_hundred_are_shown_as_parts_that_sum_to_a_hundred():
    shown = shown_parts(series(100 / 3, 100 / 3, 100 / 3), 0)
    assert list(shown) == [34, 33, 33]


@given(st.lists(st.floats(-1e4, 1e4), min_size=1, max_size=6), st.integers(0, 3))
def test_shown_parts_sum_to_the_rounded_total_and_none_moves_by_a_unit(values, decimals):
    shown = shown_parts(series(*values), decimals)
    unit = 10.0**-decimals
    assert abs(shown.sum() - sum(values)) <= unit / 2 * (1 + 1e-6) + 1e-6
    assert (abs(shown - series(*values)) < unit * (1 + 1e-6)).all()
    np.testing.assert_allclose(shown / unit, np.round(shown / unit), atol=1e-6)


def test_a_missing_part_is_named_and_not_rounded_away():
    with pytest.raises(AssessmentError, match="乙镇"):
        shown_parts(series(1, np.nan), 1)


# ---- by year and by part of the year

def test_an_even_path_is_the_compound_growth_formula():
    path = target_path(200.0, 2022, 2026, growth=10.0)
    np.testing.assert_allclose(path["target"], [200 * 1.1**k for k in (1, 2, 3, 4)])
    np.testing.assert_allclose(path["growth"], 10.0)
    assert list(path["shown"]) == [220.0, 242.0, 266.2, 292.82]


@given(st.floats(1, 1e4), st.floats(-20, 40), st.integers(1, 12), st.sampled_from(["匀速", "前快后慢", "先慢后快"]), st.floats(0, 0.9))
def test_every_path_reaches_the_same_end_and_its_increments_sum_to_the_whole(level, growth, years, shape, tilt):
    path = target_path(level, 2022, 2022 + years, growth=growth, shape=shape, tilt=tilt)
    end = level * (1 + growth / 100)**years
    assert path["target"].iloc[-1] == pytest.approx(end, rel=1e-12)
    assert path["increment"].sum() == pytest.approx(end - level, abs=1e-9 * max(level, end))
    assert abs(path["shown"].iloc[-1] - path["shown_increment"].sum() - level) <= 0.005 + 1e-6


def test_front_loaded_years_begin_half_as_fast_again_and_end_half_as_fast():
    path = target_path(100.0, 2022, 2025, growth=10.0, shape="前快后慢")
    logs = np.log1p(path["growth"] / 100) / np.log(1.1)
    np.testing.assert_allclose(logs, [1 + setting("快慢倾斜"), 1, 1 - setting("快慢倾斜")])
    back = target_path(100.0, 2022, 2025, growth=10.0, shape="先慢后快")
    np.testing.assert_allclose(back["growth"], path["growth"][::-1])


def test_a_path_to_a_level_has_the_growth_that_leads_there():
    path = target_path(100.0, 2020, 2022, end=121.0)
    np.testing.assert_allclose(path["growth"], 10.0)
    assert "2022 年达到 121 亿元，2 年共增加 21 亿元；每年增长 10.0%" in path_finding(path)


@pytest.mark.parametrize(("arguments", "said"), [
    ({"level": 0.0, "year": 2022, "until": 2025, "growth": 5}, "必须大于 0"),
    ({"level": -3.0, "year": 2022, "until": 2025, "growth": 5}, "必须大于 0"),
    ({"level": 10.0, "year": 2022, "until": 2022, "growth": 5}, "应晚于"),
    ({"level": 10.0, "year": 2022, "until": 2025}, "只能写一个"),
    ({"level": 10.0, "year": 2022, "until": 2025, "growth": 5, "end": 12}, "只能写一个"),
    ({"level": 10.0, "year": 2022, "until": 2025, "growth": -100}, "高于 -100%"),
    ({"level": 10.0, "year": 2022, "until": 2025, "growth": 5, "shape": "快"}, "前快后慢"),
    ({"level": 10.0, "year": 2022, "until": 2025, "growth": 5, "tilt": 1}, "小于 1"),
])
def test_a_path_that_makes_no_sense_is_refused_in_words(arguments, said):
    with pytest.raises(AssessmentError, match=said):
        target_path(**arguments)


def test_quarters_follow_the_seasonal_share_and_sum_to_the_year():
    parts = year_parts(100.0, SEASON)
    np.testing.assert_allclose(parts["current"], [22, 25, 26, 27])
    np.testing.assert_allclose(parts["low"], [20, 45, 70, 100])


@given(st.floats(0.5, 5e3), st.integers(0, 2))
def test_the_parts_of_a_year_sum_exactly_as_figures_and_as_shown(target, decimals):
    parts = year_parts(target, SEASON, decimals)
    assert parts["current"].sum() == pytest.approx(target, abs=1e-9 * target)
    unit = 10.0**-decimals
    assert abs(parts["shown"].sum() - target) <= unit / 2 * (1 + 1e-6) + 1e-9
    assert parts["shown_cumulative"].iloc[-1] == pytest.approx(parts["shown"].sum(), abs=1e-9)


@pytest.mark.parametrize(("change", "said"), [
    ({"mean": [0.22, 0.47, 0.73, 0.9]}, "应为 100%"), ({"mean": [0.22, 0.17, 0.73, 1.0]}, "上半年 反而减少"),
    ({"mean": [0.22, np.nan, 0.73, 1.0]}, "上半年"),
])
def test_a_seasonal_share_that_cannot_be_is_refused(change, said):
    with pytest.raises(AssessmentError, match=said):
        year_parts(100.0, SEASON.assign(**change))


# ---- by town

def bisected(total, weight, floor, cap):
    low, high = -1e9, 1e9
    for _ in range(300):
        middle = (low + high) / 2
        low, high = (middle, high) if np.clip(middle * weight, floor, cap).sum() < total else (low, middle)
    return np.clip(low * weight, floor, cap)


@st.composite
def fillable(draw):
    n = draw(st.integers(1, 6))
    weight = np.array(draw(st.lists(st.floats(0.05, 5), min_size=n, max_size=n)))
    floor = np.array(draw(st.lists(st.one_of(st.just(-np.inf), st.floats(-5, 10)), min_size=n, max_size=n)))
    room = np.array(draw(st.lists(st.one_of(st.just(np.inf), st.floats(0, 10)), min_size=n, max_size=n)))
    cap = np.where(np.isfinite(floor), floor, 0.0) + room
    least, most = floor.sum(), cap.sum()
    total = draw(st.floats(max(least, -40), min(most, 80)))
    return total, weight, floor, cap


@given(fillable())
def test_water_filling_sums_exactly_keeps_bounds_and_equals_bisection(problem):
    total, weight, floor, cap = problem
    found = water_fill(total, *(series(*x) for x in (weight, floor, cap))).to_numpy()
    assert found.sum() == pytest.approx(total, abs=1e-9 * max(1, abs(total)))
    assert (found >= floor - 1e-9).all() and (found <= cap + 1e-9).all()
    np.testing.assert_allclose(found, bisected(total, weight, floor, cap), atol=1e-5)


@pytest.mark.parametrize("seed", range(4))
def test_water_filling_is_the_least_squares_solution_of_an_independent_optimiser(seed):
    # clip(λ·w) are the conditions of optimality of min Σ x²/w under Σx = T and the bounds.
    rng = np.random.default_rng(seed)
    weight, floor = rng.uniform(0.5, 3, 5), rng.uniform(0, 2, 5)
    cap = floor + rng.uniform(0.5, 4, 5)
    total = 0.4 * floor.sum() + 0.6 * cap.sum()
    solved = minimize(lambda x: (x**2 / weight).sum(), (floor + cap) / 2, jac=lambda x: 2 * x / weight, bounds=list(zip(floor, cap)),
                      constraints={"type": "eq", "fun": lambda x: x.sum() - total, "jac": np.ones_like}, method="SLSQP", options={"ftol": 1e-14})
    np.testing.assert_allclose(water_fill(total, *(series(*x) for x in (weight, floor, cap))), solved.x, atol=1e-5)


def test_share_times_potential_by_hand_with_a_cap_that_binds():
    # Weights 50·1, 30·2, 20·1 -> 50 : 60 : 20; 26 would give 10, 12, 4. Capped at 5, 乙镇 leaves 21 for 50 : 20.
    table = allocate(26, series(50, 30, 20), series(1, 2, np.nan), caps=series(np.nan, 5, np.nan), decimals=1)
    np.testing.assert_allclose(table["increment"], [15, 5, 6])
    assert list(table["bound"]) == ["", "上限", ""]
    np.testing.assert_allclose(table["growth"], [30, 100 * 5 / 30, 30])
    np.testing.assert_allclose(table["shown"], [15, 5, 6])
    free = allocate(26, series(50, 30, 20), series(1, 2, 1))
    np.testing.assert_allclose(free["increment"], [10, 12, 4])


@given(st.lists(st.floats(0.1, 500), min_size=2, max_size=6), st.floats(0, 300), st.integers(0, 2))
def test_an_allocation_sums_to_the_target_and_its_shown_figures_to_the_shown_target(base, total, decimals):
    table = allocate(total, series(*base), decimals=decimals)
    assert table["increment"].sum() == pytest.approx(total, abs=1e-9 * max(1, total))
    assert table["target"].sum() == pytest.approx(sum(base) + total, abs=1e-9 * max(1, sum(base) + total))
    assert abs(table["shown"].sum() - total) <= 10.0**-decimals / 2 * (1 + 1e-6) + 1e-6
    np.testing.assert_allclose(table["growth"], 100 * total / sum(base), rtol=1e-7, atol=1e-9)


def test_a_falling_total_is_shared_by_size_alone_and_takes_nobody_below_nothing():
    table = allocate(-30, series(50, 50, 20), series(5, 1, 1), floors=series(-2, np.nan, np.nan))
    np.testing.assert_allclose(table["increment"], [-2, -20, -8])
    assert allocate(-120, series(50, 50, 20))["target"].abs().max() == pytest.approx(0, abs=1e-9)
    with pytest.raises(AssessmentError, match="分解不下"):
        allocate(-121, series(50, 50, 20))


@pytest.mark.parametrize(("total", "floors", "caps", "said"), [
    (10, series(8, 5, 0), None, r"下限合计 13，比目标增量 10 多 3.*甲镇 8、乙镇 5"),
    (10, None, series(2, 3, 1), r"上限合计 6，比目标增量 10 少 4"),
    (10, series(5, 0, 0), series(4, 9, 9), r"甲镇（5＞4）"),
])
def test_floors_and_caps_that_leave_no_way_are_named_with_the_amount(total, floors, caps, said):
    with pytest.raises(AssessmentError, match=said):
        allocate(total, series(50, 30, 20), floors=floors, caps=caps)


def test_bases_without_figures_negative_or_repeated_are_named():
    for base, said in ((series(1, np.nan), "乙镇（缺数）"), (series(1, -2), "乙镇（-2）"), (series(0, 0), "合计为 0"),
                       (pd.Series([1.0, 2.0], ["甲镇", "甲镇"]), "甲镇出现不止一次")):
        with pytest.raises(AssessmentError, match=said):
            allocate(5, base)
    with pytest.raises(AssessmentError, match="全为 0"):
        allocate(5, series(1, 2), potential=series(0, 0))
    with pytest.raises(AssessmentError, match="乙镇的份额或潜力为 0"):
        allocate(5, series(1, 2), potential=series(1, 0), caps=series(2, 9))


# ---- from the roster

@pytest.mark.parametrize("by", ["town", "chain"])
def test_the_roster_shares_out_a_target_that_sums_to_it_within_the_filled_bounds(demo, by):
    places = case_places(demo, by)
    a = allocate_target(places, 387.51, 430.0)
    assert a.table["base"].sum() == pytest.approx(387.51, abs=1e-9) and a.table["target"].sum() == pytest.approx(430, abs=1e-9)
    assert round(a.table["shown"].sum(), 6) == 42.49
    bounds = places.table.set_index("place")
    for row in a.table.itertuples():
        least, most = bounds.at[row.place, "floor_growth"], bounds.at[row.place, "cap_growth"]
        assert not row.growth < least - 1e-9 and not row.growth > most + 1e-9
    assert set(a.table["status"]) == {"示例"} and any("规上企业" in line for line in a.note)
    view = allocation_view(a)
    assert view.iloc[-1, 0] == "合计" and view["增量（亿元）"].iloc[-1] == 42.49
    points = target_contributions(a)
    assert points.table["points"].sum() == pytest.approx(100 * (430 / 387.51 - 1)) and points.growth == pytest.approx(points.table["points"].sum())
    assert allocation_findings(a)[0].startswith("增量 42.49 亿元分到")


def roster(rows):
    """A case with only a roster: town, chain, revenue, revenue_prev, invoiced, above_scale."""
    table = pd.DataFrame(rows, columns=["town", "chain", "revenue", "revenue_prev", "invoiced", "above_scale"])
    table = table.assign(value_added=np.nan, status="公布", above_scale=table["above_scale"].astype("boolean"))
    return SimpleNamespace(name="小例", enterprises=table, towns=pd.DataFrame({"town": ["甲镇", "乙镇"], "kind": ["镇", "镇"]}))


SMALL = [("甲镇", "甲链", 120.0, 100.0, 60.0, True), ("甲镇", "乙链", 55.0, 50.0, 30.0, True), ("乙镇", "甲链", 52.0, 50.0, 30.0, True),
         ("乙镇", "乙链", np.nan, 50.0, np.nan, True), ("乙镇", "乙链", 90.0, 10.0, 900.0, False)]


def test_enterprises_without_figures_and_below_scale_are_counted_and_said():
    places = case_places(roster(SMALL))
    assert list(places.table["base"]) == [90.0, 30.0] and list(places.table["unknown"]) == [0, 1]
    assert "规上企业 4 家" in places.note[0] and "1 家规下" in places.note[0] and "1 家没有填开票销售" in places.note[1]
    assert set(places.table["status"]) == {"推算"}


def test_the_potential_from_the_record_is_drawn_towards_the_whole_by_hand():
    # Both years: 甲镇 150 -> 175 (two firms), 乙镇 50 -> 52 (one); whole 200 -> 227, 13.5 %.
    k, whole = setting("增长记录收缩家数"), 13.5
    table = case_places(roster(SMALL)).table
    by_hand = [(whole + n / (n + k) * (g - whole)) / whole for n, g in ((2, 100 * 25 / 150), (1, 4.0))]
    np.testing.assert_allclose(table["potential"], by_hand)
    assert set(table["potential_from"]) == {"增长记录"}


def test_without_growth_the_record_says_nothing_and_all_count_alike():
    shrunk = [(t, c, p if np.isfinite(r) else r, p, i, a) for t, c, r, p, i, a in SMALL]
    places = case_places(roster(shrunk))
    assert (places.table["potential"] == 1).all() and set(places.table["potential_from"]) == {"取 1"}
    assert "取 1" in places.note[-1]


def test_filled_potential_and_bounds_of_the_towns_come_first():
    case = roster(SMALL)
    case.towns = case.towns.assign(potential=[3.0, np.nan], floor=[np.nan, np.nan], cap=[10.0, np.nan])
    places = case_places(case)
    assert places.table["potential"].iloc[0] == 3.0 and list(places.table["potential_from"]) == ["填报", "增长记录"]
    shared = allocate_target(places, 12.0, 14.0).table
    assert shared["growth"].iloc[0] == pytest.approx(10) and list(shared["bound"]) == ["上限", ""]


@pytest.mark.parametrize(("arguments", "said"), [({"by": "行业"}, "不能按"), ({"measure": "enterprises"}, "不认识"),
                                                 ({"measure": "value_added"}, "没有一家填工业增加值"), ({"record": "rd"}, "没有上年数")])
def test_asking_the_roster_for_what_it_lacks_is_refused(arguments, said):
    with pytest.raises(AssessmentError, match=said):
        case_places(roster(SMALL), **arguments)
    with pytest.raises(AssessmentError, match="没有企业名册"):
        case_places(roster([]))


# ---- contributions

def test_points_by_hand_sum_to_the_growth():
    table = contributions(series(60, 40), series(69, 38))
    np.testing.assert_allclose(table["points"], [9, -2])
    np.testing.assert_allclose(table["share_of_growth"], [900 / 7, -200 / 7])


@given(st.lists(st.tuples(st.floats(0, 1e3), st.floats(0, 1e3)), min_size=1, max_size=6))
def test_points_always_sum_to_the_growth_of_the_whole(pairs):
    before, after = (series(*x) for x in zip(*pairs))
    assume(before.sum() > 1)
    table = contributions(before, after)
    growth = 100 * (after.sum() / before.sum() - 1)
    assert table["points"].sum() == pytest.approx(growth, abs=1e-8 * max(1, abs(growth)))
    assert abs(table["shown"].sum() - growth) <= 0.005 * (1 + 1e-6) + 1e-6


def test_only_enterprises_with_both_years_carry_last_years_growth():
    c = record_contributions(roster(SMALL))
    assert c.growth == pytest.approx(13.5)
    np.testing.assert_allclose(c.table.set_index("place").loc[["甲镇", "乙镇"], "points"], [12.5, 1.0])
    assert "1 家缺其中一年" in c.note[-1] and "3 家可比企业" in c.note[-1]
    assert contribution_findings(c)[0].startswith("营业收入增长 **13.50%**，拉动最大的镇街园区是甲镇（12.50 个百分点）")
    assert contribution_view(c)["拉动（个百分点）"].iloc[-1] == 13.5


def test_the_demo_roster_contributions_equal_a_plain_sum_over_its_rows(demo):
    firms = demo.enterprises[demo.enterprises["above_scale"] == True]  # noqa: E712
    kept = [r for r in firms.itertuples() if r.revenue == r.revenue and r.revenue_prev == r.revenue_prev]
    whole = sum(r.revenue_prev for r in kept)
    c = record_contributions(demo, "chain")
    for row in c.table.itertuples():
        assert row.points == pytest.approx(100 * sum(r.revenue - r.revenue_prev for r in kept if r.chain == row.place) / whole)


@pytest.mark.parametrize(("before", "after", "said"), [
    (series(1, 2), series(1), "乙镇"), (series(1, np.nan), series(1, 2), "乙镇"), (series(0, 0), series(1, 2), "必须大于 0")])
def test_contributions_without_a_base_are_refused(before, after, said):
    with pytest.raises(AssessmentError, match=said):
        contributions(before, after)


def test_a_whole_that_has_not_moved_has_points_and_no_shares():
    table = contributions(series(50, 50), series(60, 40))
    assert list(table["points"]) == [10, -10] and table["share_of_growth"].isna().all()
    assert "下拉的有 1" in contribution_findings(SimpleNamespace(table=table, growth=0.0, what="营业收入", by="镇街园区"))[1]


def test_the_tables_a_reader_sees_sum_as_they_are_shown():
    path = path_view(target_path(387.51, 2022, 2028, growth=11))
    assert round(path["当年增量（亿元）"].sum(), 2) == round(path["目标（亿元）"].iloc[-1] - 387.51, 2)
    parts = parts_view(year_parts(432.88, SEASON))
    assert round(parts["本期目标（亿元）"].sum(), 2) == 432.88 == parts["累计目标（亿元）"].iloc[-1]
