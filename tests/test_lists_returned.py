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
from analysis.recognition import by_place, funnel, screen


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


def test_what_came_of_an_enterprise_counts_under_its_new_name(made, tmp_path):
    case, lists = made
    chosen = actions.work(case, runs=500).plan.chosen
    one = chosen[~chosen["pending"]].iloc[0]
    at = lists.rows[(lists.rows["name"] == one["name"]) & (lists.rows["certification"].astype(str) == one["certification"])].index
    write_lists(replace(lists, rows=lists.rows.assign(follow_up=lists.rows["follow_up"].where(~lists.rows.index.isin(at), "未通过"))), tmp_path)
    renamed = case.enterprises.assign(former_name=case.enterprises["name"].where(case.enterprises["name"] == one["name"], case.enterprises["former_name"]),
                                      name=case.enterprises["name"].replace(one["name"], "改名后新材料有限公司"))
    desk = actions.work(replace(case, tables={**case.tables, "enterprises": renamed}), back=str(tmp_path), runs=500)
    again = desk.plan.chosen
    assert not ((again["name"] == "改名后新材料有限公司") & (again["certification"] == one["certification"])).any()
    row = desk.lists.rows[(desk.lists.rows["name"] == "改名后新材料有限公司") & (desk.lists.rows["certification"].astype(str) == one["certification"])]
    assert row["follow_up"].tolist() == ["未通过"] and row["quarter"].tolist() == [""] and not [note for note in desk.notes if "不在候选里" in note]


def test_the_frontier_with_the_plan_on_it_has_no_dearer_point_that_is_no_surer():
    from types import SimpleNamespace

    frontier = pd.DataFrame({"rank": [3, 3, 3, 4], "cost": [100.0, 324.0, 441.0, 87.0], "chance": [0.3, 0.80, 0.91, 0.8], "applications": [10, 40, 60, 9]})
    plan = SimpleNamespace(rank=3, cost=318.0, chance=0.82, chosen=pd.DataFrame({"pending": [True, False, False]}), probability=0.8, cost_unit="万元")
    table = actions.with_plans(frontier, [plan])
    own = table[table["rank"] == 3]
    assert list(own["cost"]) == [100.0, 318.0, 441.0] and own["chance"].is_monotonic_increasing
    assert "第 3 位以内要 80% 的把握约需 318 万元" in actions.frontier_finding(table, plan)


def test_the_page_leaves_out_what_came_back_as_settled_and_says_so(made):
    case, lists = made
    table = screen(case).table
    due = lists.rows[lists.rows["status"] == "应报未报"]
    name = str(due["certification"].iat[0])
    picked = due[due["certification"] == name].index[:3]
    told = dict(zip(picked, ("已认定", "已申报", "未通过")))
    near = lists.rows.index[(lists.rows["status"] == "靠靠能报") & (lists.rows["certification"] != name)][0]
    back_ = replace(lists, rows=lists.rows.assign(follow_up=[{**told, near: "已联系"}.get(k, "未联系") for k in lists.rows.index]))
    found = screen(case)
    todo = actions.still_to_do(found, back_)
    pairs = {(r.row, str(r.certification)) for r in back_.rows.loc[picked].itertuples()}
    kept = {(r.row, str(r.certification)) for r in todo.table.itertuples()}
    assert kept == {(r.row, str(r.certification)) for r in table.itertuples()} - pairs
    assert by_place(todo).sort_values("place")["roster"].tolist() == by_place(found).sort_values("place")["roster"].tolist()
    count = int((table["status"] == "应报未报").sum())
    said = actions.opening(found, case, None, back_)
    assert f"应报未报 {count - 3} 项" in said[0] and said[0].endswith("跟进中已有着落的 3 项（已申报 1 项、已认定 1 项、未通过 1 项）不在内。")
    assert said[1] == "**跟进**：已联系 1 项、已申报 1 项、已认定 1 项、未通过 1 项；已有着落的 3 项（应报未报 3 项）不再计入要动员的。"
    own = int(((table["status"] == "应报未报") & (table["certification"] == name)).sum())
    assert f"还有 {own - 3} 家没有报（另有 3 家跟进中已有着落" in actions.funnel_finding(funnel(found), back_)
    view = actions.follow_view(back_).set_index("进度")["清单内"]
    assert view.to_dict() == {"未联系": len(lists.rows) - 4, "已联系": 1, "已申报": 1, "已认定": 1, "未通过": 1}
    shown = next(x for x in actions.lists(found, 0, follow=back_) if x.certification == name).view
    assert sorted(shown.loc[shown["跟进"] != "", "跟进"]) == sorted(told.values()) and set(shown.loc[shown["跟进"] != "", "状态"]) == {"应报未报"}


def test_without_follow_up_nothing_is_said_of_it(made):
    case, lists = made
    found = screen(case)
    assert actions.still_to_do(found, lists) is found and actions.left_out(lists) == actions.follow_finding(lists, True) == ""
    assert actions.follow_view(lists).empty and actions.opening(found, case, None, lists) == actions.opening(found, case)
    assert all("跟进" not in x.view for x in actions.lists(found, 3, follow=lists))
