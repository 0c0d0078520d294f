"""Scenarios upon a simulation: each effect beside its own arithmetic, and what a row may not say."""

import numpy as np
import pandas as pd
import pytest
from analysis.catchup import apply_scenario, chances, compare_scenarios, default_scenarios, growth_for, scenario_findings, simulate, simulate_counts
from analysis.catchup.scenarios import BASE
from analysis.params import AssessmentError
from hypothesis import given, settings
from hypothesis import strategies as st

from test_catchup_chance import HOME, LEADER, pair

YEARS = [2025, 2028]


@pytest.fixture(scope="module")
def paths():
    return simulate(pair(0.85), 2028, 2000)


@pytest.fixture(scope="module")
def still():
    return simulate(pair(0.85), 2028, shocks=False)


def row(kind, value, who="本区", start=2024, unit=None, **more):
    units = {"增速加减": "百分点", "增速设定": "%", "价格影响": "%", "大项目": "亿元", "新增规上企业": "家"}
    return {"scenario": "甲", "who": who, "kind": kind, "start": start, "value": value, "unit": unit or units.get(kind, ""), **more}


def under(paths, *rows, **kwargs):
    return apply_scenario(paths, pd.DataFrame(rows), HOME, LEADER, **kwargs)


def test_points_are_added_to_the_growth_of_every_year_from_the_start(still):
    g = still.drift.at[LEADER, "drift"] / 100
    changed = under(still, row("增速加减", -2, "对标区")).of(LEADER)[0]
    growth = changed / np.array([still.last(LEADER)[1], *changed[:-1]]) - 1
    np.testing.assert_allclose(growth, [g] + [g - 0.02] * 5, atol=1e-5)


def test_a_stated_growth_holds_from_its_start_and_a_later_one_replaces_it(still):
    changed = under(still, row("增速设定", 10, start=2026), row("增速设定", 4, start=2024)).of(HOME)[0]
    growth = changed[1:] / changed[:-1] - 1
    np.testing.assert_allclose(growth, [0.04, 0.04, 0.10, 0.10, 0.10], atol=1e-5)


def test_a_stated_growth_takes_the_doubt_about_the_drift_away_and_leaves_the_shocks(paths):
    changed = under(paths, row("增速设定", 0, "对标区", start=2023)).of(LEADER)
    expected = paths.last(LEADER)[1] * np.exp(paths.shock(LEADER))
    np.testing.assert_allclose(changed, expected, rtol=1e-4)


def test_a_price_effect_lifts_the_level_once_and_changes_no_chance_where_it_lifts_all(paths):
    changed = under(paths, row("价格影响", 3, "全部", start=2025))
    np.testing.assert_allclose(changed.levels[:, 2:] / paths.levels[:, 2:], 1.03, rtol=1e-5)
    assert np.array_equal(changed.levels[:, :2], paths.levels[:, :2])
    np.testing.assert_allclose(chances(changed, HOME, LEADER)["at"], chances(paths, HOME, LEADER)["at"], atol=2e-3)


def test_a_project_ramps_up_and_then_grows_with_the_district(still):
    base, changed = still.of(HOME)[0].astype(float), under(still, row("大项目", 40)).of(HOME)[0]
    g = 1 + still.drift.at[HOME, "drift"] / 100
    np.testing.assert_allclose(changed - base, [0, 20, 40 * g, 40 * g**2, 40 * g**3, 40 * g**4], rtol=1e-3, atol=1e-3)


def test_new_enterprises_bring_their_average_size_at_once(still):
    base, changed = still.of(HOME)[0].astype(float), under(still, row("新增规上企业", 10, start=2023), mean_size=1.5).of(HOME)[0]
    assert (changed - base)[0] == pytest.approx(15, rel=1e-3)
    firms = under(still, row("新增规上企业", 10, start=2023), unit="家").of(HOME)[0]
    assert (firms - base)[0] == pytest.approx(10, rel=1e-3)


def test_counts_take_new_enterprises_as_they_are_and_nothing_else():
    counts = simulate_counts(pd.DataFrame({HOME: [1, 2, 3, 4], LEADER: [4, 5, 7, 9]}, index=range(2019, 2023)), 2028, 200)
    changed = under(counts, row("新增规上企业", 3), unit="家")
    assert (changed.of(HOME)[:, 1:] - counts.of(HOME)[:, 1:] == 3).all() and np.array_equal(changed.of(HOME)[:, 0], counts.of(HOME)[:, 0])
    with pytest.raises(AssessmentError, match="按个数的模拟只能用"):
        under(counts, row("增速加减", 2), unit="家")
    table = compare_scenarios(counts, None, HOME, LEADER, [2026], unit="家")
    assert table["scenario"].tolist() == [BASE, "本区新增20家规上企业"]


@settings(max_examples=15)
@given(st.floats(-5, 5), st.floats(0.01, 3), st.integers(2023, 2028))
def test_more_points_never_lower_a_chance(paths, points, more, start):
    one, two = (chances(under(paths, row("增速加减", p, start=start)), HOME, LEADER) for p in (points, points + more))
    assert (two["at"] >= one["at"]).all() and (two["by"] >= one["by"]).all()


def test_a_slower_leader_asks_for_exactly_as_much_less(still):
    g = still.drift.at[LEADER, "drift"] / 100
    base, slow = (growth_for(p, HOME, LEADER, [2028], (0.5,)).iloc[0, 0] for p in (still, under(still, row("增速加减", -2, "对标区", start=2023))))
    assert (1 + slow / 100) / (1 + base / 100) == pytest.approx((1 + g - 0.02) / (1 + g), rel=1e-6)


def test_one_district_can_be_named_and_the_others_stay(paths):
    changed = under(paths, row("增速加减", 1, "区3"))
    same = [d for d in range(6) if np.array_equal(changed.levels[:, :, d], paths.levels[:, :, d])]
    assert same == [0, 1, 2, 4, 5]


def test_a_district_whose_data_end_earlier_takes_growth_from_the_stated_year():
    frame = pair(0.85)
    frame.loc[2021:, LEADER] = np.nan
    still = simulate(frame, 2026, shocks=False)
    changed = under(still, row("增速设定", 0, "对标区", start=2022))
    g = 1 + still.drift.at[LEADER, "drift"] / 100
    np.testing.assert_allclose(changed.of(LEADER)[0], frame.at[2020, LEADER] * g, rtol=1e-5)


def test_the_comparison_sets_the_base_first_and_repeats_what_its_parts_say(paths):
    rows = pd.DataFrame([row("增速加减", -2, "对标区", note="需求走弱", status="示例"), {**row("大项目", 40), "scenario": "乙", "status": "推算"},
                         {**row("增速加减", 0, "全部"), "scenario": BASE}])
    table = compare_scenarios(paths, rows, HOME, LEADER, YEARS, 0.8)
    assert table["scenario"].tolist() == [BASE, BASE, "甲", "甲", "乙", "乙"] and table["year"].tolist() == YEARS * 3
    changed = under(paths, rows.iloc[0].to_dict())
    mine = table[table["scenario"] == "甲"].set_index("year")
    assert mine["at"].tolist() == chances(changed, HOME, LEADER).set_index("year").loc[YEARS, "at"].tolist()
    assert mine.at[2028, "needed"] == growth_for(changed, HOME, LEADER, [2028], (0.8,)).iloc[0, 0]
    assert mine.at[2028, "leader"] == pytest.approx(np.median(changed.of(LEADER)[:, -1]))
    assert table["status"].tolist() == ["推算", "推算", "示例", "示例", "推算", "推算"] and mine["note"].iloc[0] == "需求走弱"
    np.testing.assert_allclose(table["gap"], table["needed"] - table["expected"])
    assert "“甲”" in "".join(scenario_findings(table, 2028))


def test_rows_of_another_indicator_are_left_out_and_rows_that_cannot_fit_are_said_not_to_count(paths):
    rows = pd.DataFrame([{**row("增速加减", -2, "对标区"), "indicator": "企业数"}, {**row("大项目", 9), "scenario": "乙", "indicator": ""},
                         {**row("增速加减", 5), "scenario": "丙", "indicator": "增加值"}])
    table = compare_scenarios(paths, rows, HOME, LEADER, [2028], unit="家", indicator="企业数").set_index("scenario")
    assert table.index.tolist() == [BASE, "甲", "乙"] and "大项目不适用于以家计" in table.at["乙", "note"]
    assert table.at["乙", "at"] == table.at[BASE, "at"] < table.at["甲", "at"]


def test_the_default_scenarios_suit_the_data(paths):
    money, firms = default_scenarios(paths, "亿元", 1.2), default_scenarios(paths, "家")
    assert {"增速加减", "增速设定", "价格影响", "大项目", "新增规上企业"} == set(money["kind"])
    assert set(firms["kind"]) == {"增速加减", "增速设定", "新增规上企业"}
    assert "新增规上企业" not in set(default_scenarios(paths, "亿元")["kind"])
    assert (money["start"] == 2023).all() and set(money["status"]) <= {"推算", "示例"}
    assert len(compare_scenarios(paths, None, HOME, LEADER, [2028], mean_size=1.2)) == 1 + money["scenario"].nunique()


@pytest.mark.parametrize("rows, message", [
    ([row("放缓", 1)], "类型“放缓”不认识"),
    ([row("增速加减", 1, "无此区", cell="情景!B3")], "情景!B3.*无此区.*不在数据里"),
    ([row("增速加减", 1, unit="%")], "单位应为百分点"),
    ([row("增速加减", np.nan)], "缺数值"),
    ([row("增速设定", -100)], "大于 −100"),
    ([row("增速加减", -150)], "低于 −100"),
    ([row("大项目", -5)], "不小于 0"),
    ([row("大项目", 5, start=2022)], "2022 年已有实际数"),
    ([row("新增规上企业", 5)], "平均规模"),
])
def test_a_row_that_cannot_be_is_refused_by_its_name(paths, rows, message):
    with pytest.raises(AssessmentError, match=message):
        under(paths, *rows)


def test_money_is_not_laid_on_numbers_of_firms_and_scenarios_are_not_piled_up(paths):
    with pytest.raises(AssessmentError, match="只用于以亿元计"):
        under(paths, row("大项目", 5), unit="家")
    with pytest.raises(AssessmentError, match="原始模拟"):
        under(under(paths, row("增速加减", 1)), row("增速加减", 1))
