"""One indicator of a case put together: against the parts it is made of, the case's own tables and closed forms."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis import chase, read_case
from analysis.chase import causes, chased_indicators, course, courses, levels, pair, tables, task, unbroken
from analysis.chase import findings
from analysis.chase.findings import course_findings, course_keys, method_notes, rival_finding, steady_finding, task_findings
from analysis.params import AssessmentError
from casebook import base, write_folder

SALES = "规模以上工业开票销售"
RUNS = 2000


@pytest.fixture(scope="module")
def demo():
    return read_case("demo")


@pytest.fixture(scope="module")
def sales(demo):
    return course(demo, SALES, demo.home, demo.benchmark, runs=RUNS)


def annual_case(tmp_path, levels, meta=(), roster=False, **sheets):
    """A case of series alone: district -> {year: level}, 亿元."""
    made = base()
    keep = ("说明", "区县", "时间序列", *(("镇街园区", "企业") if roster else ()))
    made = {name: made[name] for name in keep} | sheets
    made["说明"] += [list(row) for row in meta]
    made["时间序列"] = [["区县", "指标", "期间", "口径", "数值", "单位", "来源", "状态"]] + [
        [d, "开票销售", str(y), "", str(v), "亿元", "快报", "公布"] for d, own in levels.items() for y, v in own.items()]
    return read_case(write_folder(tmp_path / "case", made))


def growing(first, rate, years=range(2015, 2023)):
    return {y: round(first * (1 + rate) ** (y - 2015), 4) for y in years}


def test_the_figures_to_chase_are_those_asked_for_else_those_of_the_case(demo):
    assert chased_indicators(demo, "规上工业企业单位数，省级绿色工厂") == ["规上工业企业单位数", "省级绿色工厂"]
    assert chased_indicators(demo)[0] == SALES
    with pytest.raises(AssessmentError, match="没有“利税”；可用"):
        chased_indicators(demo, "利税")


def test_levels_of_a_series_are_its_december_figures_with_their_status(demo):
    found = levels(demo, SALES)
    values = demo.values[(demo.values["indicator"] == "A2") & (demo.values["year"] == 2022)].set_index("district")["value"]
    pd.testing.assert_series_equal(found.annual.loc[2022], values.reindex(found.annual.columns), check_names=False)
    assert found.status.at[2022, "标杆区"] == "公布" and found.status.at[2022, "示例区"] == "示例" and found.derived == "示例"
    assert (found.kind, found.unit) == ("增速", "亿元")


def test_levels_of_a_recognition_are_counted_from_the_list(demo):
    found = levels(demo, "省级专精特新中小企业")
    listed = demo.recognitions[(demo.recognitions["certification"] == "省级专精特新中小企业") & (demo.recognitions["result"] == "已认定")]
    counted = listed[listed["year"] <= 2021].groupby("district").size()
    assert found.kind == "个数" and (found.annual.loc[2021] == counted.reindex(found.annual.columns).fillna(0)).all()
    assert any("名单不全则偏少" in note for note in found.notes)


def test_years_on_another_scope_are_left_out_and_said():
    case = read_case("guangdong-firms")
    found = levels(case, "规上工业企业单位数")
    assert found.annual.index.tolist() == [2015, 2019, 2020, 2021, 2022, 2023] and "2011 年以前口径不同" in found.notes[0]
    assert unbroken(found.annual).dropna(how="all").index.tolist() == [2019, 2020, 2021, 2022, 2023]


def test_the_middle_of_the_simulation_is_the_forecast_and_its_width_the_calibrated_one(sales):
    for district in ("示例区", "标杆区"):
        known, level = sales.forecasts[district], sales.paths.quantiles(district)
        np.testing.assert_allclose(sales.paths.median(district), known.mean, rtol=1e-6)
        width = np.log(level[0.9] / level[0.1])
        np.testing.assert_allclose(width, np.log(known.upper[0.8] / known.lower[0.8]), rtol=0.12)


def test_the_three_growth_rates_are_the_closed_forms(sales):
    row = sales.outlook.table.set_index("year").loc[2028]
    assert row["fixed"] == pytest.approx(100 * ((473.6 / 387.51) ** (1 / 6) - 1), abs=1e-9)
    assert row["moving"] == pytest.approx(100 * ((sales.forecasts["标杆区"].mean[5] / 387.51) ** (1 / 6) - 1), abs=1e-6)
    past = (473.6 / sales.levels.annual.at[2017, "标杆区"]) ** (1 / 5)
    steady = sales.steady.set_index("year").at[2028, "growth_moving"]
    assert steady == pytest.approx(100 * ((473.6 * past**6 / 387.51) ** (1 / 6) - 1), abs=1e-9)
    assert row["fixed"] < row["moving"] < row[0.8]
    assert f"{steady:.1f}%" in steady_finding(sales)


def test_the_method_that_did_better_in_the_cases_own_backtest_is_taken(tmp_path):
    rates = dict(zip(("东区", "西区", "南县", "北县"), (0.09, 0.07, 0.05, 0.08)))
    case = annual_case(tmp_path, {d: {y: 200 + 200 * r * (y - 2015) for y in range(2010, 2023)} for d, r in rates.items()})
    found = course(case, "开票销售", "东区", "西区", runs=RUNS)
    assert found.tested.method == "drift" and any("因此采用漂移" in note for note in found.notes)
    assert course(case, "开票销售", "东区", "西区", runs=RUNS, method="组合").tested.method == "combination"
    with pytest.raises(AssessmentError, match="预测方法“最好的”不认识"):
        course(case, "开票销售", "东区", "西区", runs=RUNS, method="最好的")


def test_a_task_starts_from_the_last_year_grows_at_the_rate_needed_and_its_parts_sum(demo, sales):
    found = task(demo, sales)
    row = sales.outlook.table.set_index("year").loc[2028]
    assert found.growth == row[0.8] and found.path["target"].iloc[-1] == pytest.approx(387.51 * (1 + found.growth / 100) ** 6)
    assert found.parts["shown"].sum() == pytest.approx(found.path["shown"].iloc[0], abs=1e-6) and len(found.parts) == 11
    for shared in (found.towns, found.chains):
        assert shared.level + shared.table["increment"].sum() == pytest.approx(found.path["target"].iloc[0], abs=1e-6)
    assert found.progress.cumulative == demo.series.query("district == '示例区' and indicator == @SALES and period == '2023-06'")["value"].iloc[0]
    assert "标杆区同期累计" in rival_finding(found, sales) and f"{found.growth:.1f}%" in task_findings(found, sales)[0]


def test_a_home_that_will_pass_anyway_keeps_its_own_course_as_target(tmp_path):
    case = annual_case(tmp_path, {"东区": growing(100, 0.15), "西区": growing(190, 0.01), "南县": growing(90, 0.05), "北县": growing(80, 0.06)})
    quick = course(case, "开票销售", "东区", "西区", runs=RUNS)
    found = task(case, quick)
    assert found.growth == pytest.approx(quick.outlook.table.set_index("year").at[quick.outlook.year, "expected"])
    assert found.reason.startswith("按自身走势") and quick.outlook.ahead
    assert any("没有月度" in note for note in found.notes) and found.parts is None and found.towns is None


def test_numbers_have_no_growth_to_break_down(demo):
    found = course(demo, "省级绿色工厂", demo.home, demo.benchmark, runs=RUNS)
    assert not found.growing and found.scenarios is None and found.steady is None and not found.forecasts
    with pytest.raises(AssessmentError, match="按个数测算"):
        task(demo, found)


def test_the_factors_multiply_to_the_value_added_and_the_items_sum_to_the_city(demo, sales):
    found = causes(demo, sales)
    change = levels(demo, "规模以上工业增加值").annual["示例区"].diff().loc[2022]
    assert found.factors.table["effect"].sum() == pytest.approx(change) and found.factor_years == (2021, 2022)
    own = found.structure.set_index("area")
    assert own["change"].to_dict() == pytest.approx(sales.levels.annual.diff().loc[2022].to_dict(), abs=1e-9)
    effects = own[["standard", "mix", "competitive"]]
    np.testing.assert_allclose(effects.sum(axis=1), own["change"], atol=1e-9)
    # Over all districts the mix and competitive effects of the city against itself cancel.
    assert abs(effects[["mix", "competitive"]].sum().sum()) < 1e-9


@pytest.mark.parametrize(("values", "words"), [
    ({"东区": {2022: 10}, "西区": {2022: 12}, "南县": {2022: 9}, "北县": {2022: 8}}, "开票销售"),
    ({"东区": {2021: 10, 2022: -3}, "西区": growing(9, .05), "南县": growing(9, .05), "北县": growing(9, .04)}, "东区"),
    ({"西区": growing(9, .05), "南县": growing(9, .05), "北县": growing(9, .04)}, "东区没有“开票销售”的年度数"),
])
def test_what_cannot_be_computed_is_said_and_stops_nothing_else(tmp_path, values, words):
    case = annual_case(tmp_path, values)
    found, refused = courses(case, ["开票销售"], "东区", "西区", runs=RUNS)
    assert found == [] and len(refused) == 1 and words in refused[0] and "nan" not in refused[0].lower()


def test_two_points_give_no_confident_line(tmp_path):
    long = {d: growing(v, r) for d, v, r in (("西区", 120, .05), ("南县", 90, .03), ("北县", 80, .06))}
    case = annual_case(tmp_path, {"东区": {2021: 100.0, 2022: 130.0}, **long})
    found = course(case, "开票销售", "东区", "西区", runs=RUNS)
    assert found.paths.drift.at["东区", "few"]
    assert found.outlook.classes.set_index("other").at["西区", "class"] == "数据太少"
    from analysis.catchup.findings import further_findings

    assert any("东区数据太少" in said for said in further_findings(found.outlook))
    assert "东区年份太少" in course_findings(found)[-1]


def test_rates_are_not_compounded_and_whole_amounts_are_not_counted(tmp_path):
    case = annual_case(tmp_path, {d: {y: 40 + 3 * k + 2 * (y - 2015) for y in range(2015, 2023)} for k, d in enumerate(("东区", "西区", "南县", "北县"))})
    assert levels(case, "开票销售").kind == "增速"
    rates = replace(case, tables={**case.tables, "series": case.series.assign(unit="%")})
    assert chased_indicators(rates) == []
    found, refused = courses(rates, ["开票销售"], "东区", "西区")
    assert found == [] and "逐年复合没有意义" in refused[0]
    assert "没有可按年测算" in courses(rates, [], "东区", "西区")[1][0]


def test_a_zero_elsewhere_costs_that_district_only_and_a_bad_scenario_costs_itself(tmp_path, demo):
    long = {d: growing(v, r) for d, v, r in (("东区", 100, .06), ("西区", 120, .05), ("南县", 90, .03))}
    case = annual_case(tmp_path, {**long, "北县": growing(80, .06) | {2019: 0.0}})
    found = course(case, "开票销售", "东区", "西区", runs=RUNS)
    assert "北县" not in found.paths.districts and any("北县有不大于 0 的数" in note for note in found.notes)
    row = {"scenario": "早", "who": "本区", "kind": "大项目", "indicator": "", "start": 2001, "value": 9.0, "unit": "亿元", "note": "", "source": "", "status": "示例"}
    late = row | {"scenario": "晚", "start": 2024}
    spoiled = replace(case, tables={**case.tables, "scenarios": pd.DataFrame([row, late])})
    found = course(spoiled, "开票销售", "东区", "西区", runs=RUNS)
    assert set(found.scenarios["scenario"]) == {"基准", "晚"} and any("情景“早”未计入" in note for note in found.notes)


@pytest.mark.parametrize(("options", "words"), [
    ({"probability": 0.999}, "0.01 到 0.99 之间"), ({"runs": 1}, "至少 1000 次"), ({"year": 2090}, "30 年以内"), ({"year": 2020}, "之后")])
def test_what_a_simulation_cannot_tell_is_refused(demo, options, words):
    with pytest.raises(AssessmentError, match=words):
        course(demo, SALES, demo.home, demo.benchmark, **{"runs": RUNS, **options})


def test_being_ahead_once_by_a_year_never_asks_more_than_being_ahead_at_it(sales):
    table = tables.chance_growth_view(sales)
    at, by = (table[[c for c in table if c.startswith(word)]].to_numpy() for word in ("当年", "到该年曾"))
    assert (by <= at + 1e-9).all() and (np.diff(at, axis=1) >= 0).all()
    assert table.set_index("目标年").at[2028, "当年领先：80% 把握"] == sales.outlook.table.set_index("year").at[2028, 0.8]


def test_a_part_of_the_leader_is_called_a_part(demo):
    found = course(demo, SALES, demo.home, demo.benchmark, share=0.5, runs=RUNS)
    said = "".join(course_findings(found))
    assert found.outlook.ahead and "已达到标杆区的 50%" in said and "已领先" not in said
    row = found.outlook.table.set_index("year").loc[2028]
    assert row["leader_now"] == pytest.approx(473.6 / 2) and found.outlook.suffix == "（以标杆区的 50%为目标）"


def test_different_last_years_are_named(tmp_path):
    case = annual_case(tmp_path, {"东区": growing(100, .06), "西区": growing(140, .05, range(2015, 2022)), "南县": growing(90, .04), "北县": growing(70, .05)})
    found = course(case, "开票销售", "东区", "西区", runs=RUNS)
    assert "年份不同" in course_findings(found)[0] or "2021" in course_findings(found)[0]
    assert any("西区的数据只到 2021 年" in note for note in found.notes)


def test_a_falling_leader_is_said_to_fall(tmp_path):
    case = annual_case(tmp_path, {"东区": growing(100, .02), "西区": growing(200, -.05), "南县": growing(90, .04), "北县": growing(70, .05)})
    found = course(case, "开票销售", "东区", "西区", runs=RUNS)
    row = found.outlook.table.set_index("year").loc[found.outlook.year]
    assert row["leader_then"] < row["leader_now"] and ("下降" in course_findings(found)[1] or found.outlook.ahead)


def test_whom_to_chase_is_the_one_named_else_the_next_ahead(demo, tmp_path):
    assert pair(demo) == ("示例区", "标杆区", "") and pair(demo, "砚湖区", "丹枫区") == ("砚湖区", "丹枫区", "")
    with pytest.raises(AssessmentError, match="追赶对象“云上区”不在区县表里"):
        pair(demo, "", "云上区")
    level = levels(demo, SALES).annual.loc[2022].sort_values()
    above = level.index[list(level.index).index("标杆区") + 1]
    home, leader, note = pair(demo, "标杆区", "标杆区", [SALES])
    assert (home, leader) == ("标杆区", above) and "没有指明对标区" in note
    first = level.index[-1]
    assert pair(demo, first, first, [SALES])[1] == level.index[-2]
    alone = annual_case(tmp_path, {"东区": growing(100, .05)})
    home, leader, note = pair(replace(alone, meta={**alone.meta, "对标区": ""}), "", "", ["开票销售"])
    assert leader == "" and "没有可追赶的对象" in note and courses(alone, ["开票销售"], home, leader) == ([], [])


def test_what_a_reader_gets_is_chinese_and_carries_its_status(demo, sales):
    for table in (tables.steady_view(sales), tables.forecast_view(sales), tables.tested_view(sales)):
        assert set(table["状态"]) == {"示例"} and not any(str(c).isascii() for c in table.columns if c != "MASE")
    cards = course_keys(sales)
    assert [card[3] for card in cards[:2]] == ["示例", "公布"] and all(len(card) == 4 for card in cards)
    assert any("示例数据" in note for note in method_notes(demo, [sales]))


def test_a_handout_s_targets_are_those_of_the_page_and_the_page_opens_with_each_indicators_answer(demo):
    cells = json.loads((Path(__file__).parents[1] / "notebooks/03_growth_paths.ipynb").read_text("utf-8"))["cells"]
    runs = int(re.search(r"^runs: int = (\d+)", "".join(cells[0]["source"]), re.M)[1])
    wanted = chase.chased_indicators(demo)[:1]
    found, refused = chase.courses(demo, wanted, demo.home, demo.benchmark, runs=runs)
    assert chase.home_tasks(demo)[wanted[0]].path.equals(chase.task(demo, found[0]).path) and not refused
    assert findings.answers(found) == [f"**{wanted[0]}**：{findings.course_findings(found[0])[1]}"] and findings.answers([]) == []
