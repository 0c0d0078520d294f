"""Workbooks that come back and are not what was handed out."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pandas as pd
import pytest

from analysis import actions, read_case
from analysis.lists import FollowUp, action_lists, carry, read_follow_up, write_lists
from analysis.lists.merge import Entry
from analysis.lists.read import as_table
from analysis.recognition import screen


@pytest.fixture(scope="module")
def made():
    case = read_case("demo")
    return case, action_lists(screen(case), case)


def back(*entries: Entry) -> FollowUp:
    return FollowUp(as_table(entries), pd.DataFrame(columns=["listed", "enterprise", "code", "reason", "verdict"]), ())


def entry(name: str, certification: str, file: str, row: int = 5) -> Entry:
    return Entry("", name, certification, "", "已联系", "", dt.date(2023, 5, 4), None, file, "行动清单", row, None)


def test_a_workbook_of_another_case_is_told_and_not_taken_in(made):
    case, lists = made
    own = lists.rows.iloc[0]
    found = carry(lists, back(entry("别处甲厂", "省级绿色工厂", "红镇.xlsx"), entry(own["name"], str(own["certification"]), "本镇.xlsx")), dt.date(2023, 6, 1))
    assert found.rows.iloc[0]["follow_up"] == "已联系" and found.gone.empty
    told = [p for p in found.returned if p.file == "红镇.xlsx"]
    assert len(told) == 1 and "别处甲厂" in told[0].message and "没有带入" in told[0].message


def test_an_enterprise_that_left_the_roster_is_kept_when_the_rest_of_its_file_is_known(made):
    case, lists = made
    own = lists.rows.iloc[0]
    found = carry(lists, back(entry("迁出的厂", "省级绿色工厂", "本镇.xlsx"), entry(own["name"], str(own["certification"]), "本镇.xlsx", 6)), dt.date(2023, 6, 1))
    assert list(found.gone["name"]) == ["迁出的厂"] and not found.returned


def test_old_formats_in_a_folder_are_named(tmp_path):
    (tmp_path / "苔溪镇.xls").write_bytes(b"x")
    (tmp_path / "说明.txt").write_text("x")
    found = read_follow_up(tmp_path)
    assert [p.file for p in found.problems] == ["苔溪镇.xls"] and "另存为 .xlsx" in found.problems[0].fix


def test_the_page_s_head_says_what_could_not_be_read(tmp_path):
    (tmp_path / "坏.xlsx").write_bytes(b"PK not a workbook")
    desk = actions.work(read_case("demo"), back=str(tmp_path), runs=500)
    assert desk.warnings[0].startswith("**交回的清单有 1 处") and "坏.xlsx" in desk.warnings[1]
    assert actions.work(read_case("demo"), runs=500).warnings == []


def test_what_was_won_since_is_planned_with_and_said_beside_the_funnel(made, tmp_path):
    case, lists = made
    due = lists.rows[lists.rows["status"] == "应报未报"].iloc[:3]
    status = dict(zip(due.index, ("已认定", "已申报", "已联系")))
    rows = lists.rows.assign(follow_up=[status.get(k, f) for k, f in lists.rows["follow_up"].items()])
    write_lists(replace(lists, rows=rows), tmp_path)
    said = [note for note in actions.work(case, back=str(tmp_path), runs=500).notes if "认定名单还没有" in note]
    assert len(said) == 1 and "1 项已申报" in said[0] and "1 项已认定" in said[0] and "已联系" not in said[0]


def test_the_frontier_with_the_plan_on_it_has_no_dearer_point_that_is_no_surer():
    from types import SimpleNamespace

    frontier = pd.DataFrame({"rank": [3, 3, 3, 4], "cost": [100.0, 324.0, 441.0, 87.0], "chance": [0.3, 0.80, 0.91, 0.8], "applications": [10, 40, 60, 9]})
    plan = SimpleNamespace(rank=3, cost=318.0, chance=0.82, chosen=pd.DataFrame({"pending": [True, False, False]}), probability=0.8, cost_unit="万元")
    table = actions.with_plan(frontier, plan)
    own = table[table["rank"] == 3]
    assert list(own["cost"]) == [100.0, 318.0, 441.0] and own["chance"].is_monotonic_increasing
    assert "第 3 位以内要 80% 的把握约需 318 万元" in actions.frontier_finding(table, plan)
