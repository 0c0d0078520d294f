"""The workbooks of action lists: what is in them, that they are safe, and that a town's holds that town only."""

from dataclasses import replace
from xml.etree import ElementTree

import openpyxl
import pandas as pd
import pytest
from analysis.case import read_case
from analysis.lists import action_lists, book, follow_statuses, for_town, write_lists, write_workbook
from analysis.lists.overview import answers, basis, by_recognition, by_town
from analysis.lists.scope import OTHER_FIRM, OTHER_TOWN
from analysis.lists.text import CUT, header_text, safe_text, sheet_name, units
from analysis.params import AssessmentError
from analysis.plan.replan import OUTCOMES
from analysis.problems import WARNING, Problem
from analysis.recognition import by_place, screen, summary
from hypothesis import given
from hypothesis import strategies as st
from analysis.lists.scope import Names
from listsbook import CODES, NEEDS, all_text, filled, firm, header, made, plan_of
from recognitionbook import granted, rule

HOSTILE_NAMES = ["=1+1有限公司", "+86厂", "@张三厂", "-减号厂", "\t制表厂", "a<b>&\"c'厂", "控\x01制厂", "表情😀厂", "http://x.cn 厂", "=HYPERLINK(\"http://x\")"]
HOSTILE_TOWNS = ["甲/乙[镇]*?:", "'引号镇'", "History", "很长" * 20 + "镇", "总览", "", "A镇", "a镇", "&Left&P镇", "甲认定"]


@pytest.fixture(scope="module")
def demo():
    case = read_case("demo")
    screening = screen(case)
    return screening, action_lists(screening, case)


def test_planned_rows_come_first_by_quarter_then_status_and_distance():
    firms = [firm("近厂", patents=2), firm("不详厂", patents=None), firm("够厂"), firm("远厂", patents=0), firm("计划厂", patents=2), firm("早厂")]
    plan = plan_of(("计划厂", "一镇", "甲认定", "2023Q3", 0.5, 8.0, False), ("早厂", "一镇", "甲认定", "2023Q2", 0.8, 6.0, False),
                   ("待定厂", "一镇", "甲认定", "2022Q4", 0.7, 0.0, True))
    lists = made(*firms, plan=plan)
    assert lists.rows["name"].tolist() == ["早厂", "计划厂", "够厂", "近厂", "不详厂"]
    assert lists.rows["quarter"].tolist() == ["2023Q2", "2023Q3", "", "", ""] and lists.rows["cost"].tolist()[:2] == [6.0, 8.0]
    assert lists.rows["status"].tolist() == ["应报未报", "靠靠能报", "应报未报", "靠靠能报", "资料不全"]
    assert lists.planned["listed"].tolist() == [True, True, False]
    said = "".join(answers(lists))
    assert "选定其中 2 项" in said and "最早的 1 项在 2023Q2" in said and "另有 1 项是已申报" in said
    assert made(*firms).planned is None and made(*firms).rows["name"].tolist() == ["够厂", "早厂", "近厂", "计划厂", "不详厂"]


def test_counts_agree_with_the_screening_by_recognition_and_by_town(demo):
    screening, lists = demo
    shown, expected = by_recognition(lists).set_index("认定"), summary(screening).set_index("certification")
    for status in ("应报未报", "靠靠能报", "资料不全", "已认定", "已申报", "暂不具备", "排除"):
        assert shown[status].to_dict() == expected[status].to_dict()
    towns = by_town(lists).set_index("镇街园区")
    places = by_place(screening, statuses=("应报未报", "靠靠能报", "资料不全")).set_index("place")
    assert towns["涉及企业"].drop("合计").to_dict() == places["enterprises"].to_dict() and towns.at["合计", "企业数"] == places["roster"].sum()


def test_rows_with_problems_are_listed_with_their_town_and_not_dropped():
    problems = (Problem(WARNING, "研发费用大于营业收入", "核对", "a.xlsx", "企业", 3, "研发费用"), Problem(WARNING, "与本册无关", "", "a.xlsx", "指标值", 9, "数值"))
    lists = made(firm("甲厂"), firm("乙厂", town="二镇"), problems=problems)
    assert lists.problems[["name", "town", "row", "column"]].values.tolist() == [["乙厂", "二镇", 3.0, "研发费用"]]
    assert set(lists.rows["name"]) == {"甲厂", "乙厂"}


def test_what_rests_on_unchecked_clauses_or_made_up_data_is_said_on_the_face():
    unchecked = [rule("硬条件", "近三年发明专利数", ">=", 3, 可信度="待核")]
    said = "".join(basis(made(firm("甲厂"), rules=unchecked)))
    assert "待核" in said and "甲认定" in said and "示例" in said
    sure = replace(made(firm("甲厂")), nature="")
    sure = replace(sure, rows=sure.rows.assign(data_status="推算"))
    assert not sure.illustrative and basis(sure) == ["条款都出自原文，数据不是示例。"]


def test_no_part_of_a_towns_file_names_another_towns_enterprise_or_town(demo, tmp_path):
    _, lists = demo
    firms = lists.everyone.drop_duplicates("row")[["row", "code", "name", "town"]].reset_index(drop=True)
    other = {t: firms[firms["town"] != t].iloc[0] for t in firms["town"].unique()}
    # Free text of every kind that names somebody of another town.
    cross = [{"level": "警告", "name": r.name, "town": r.town, "file": "x.xlsx", "sheet": "企业", "row": r.row, "column": "企业名称",
              "message": f"与“{other[r.town]['name']}”（{other[r.town]['code']}，{other[r.town]['town']}）可能是同一家", "fix": "核对"}
             for r in firms.drop_duplicates("town")[["name", "town", "row"]].itertuples(index=False)]
    doubt = lists.doubtful.iloc[[0] * len(firms["town"].unique())].assign(
        town=list(other), listed_name=[o["name"] for o in other.values()], name=[firms[firms["town"] == t]["name"].iat[0] for t in other],
        code=[firms[firms["town"] == t]["code"].iat[0] for t in other])
    told = lists.rows.assign(note=[f"与{other[t]['name']}、{other[t]['town']}一起去" for t in lists.rows["town"]])
    lists = replace(lists, rows=told, problems=pd.DataFrame(cross), doubtful=pd.concat([lists.doubtful, doubt], ignore_index=True))
    written = write_lists(lists, tmp_path)
    assert set(written["town"]) == {"", *firms["town"]} and written["rows"].iloc[1:].sum() == len(lists.rows)
    for row in written.iloc[1:].itertuples():
        text, own = all_text(tmp_path / row.file), firms[firms["town"] == row.town]
        theirs = firms[firms["town"] != row.town]
        words = [*theirs["name"], *theirs["code"], *theirs["town"].unique()]
        assert [w for w in words if w and w in text and not any(w in n for n in own["name"])] == []
        listed = lists.rows[lists.rows["town"] == row.town]
        assert all(name in text and code in text for name, code in zip(listed["name"], listed["code"]))
        assert OTHER_FIRM in text and OTHER_TOWN in text and "涉及其他镇街的企业" in text


def test_an_own_name_that_contains_anothers_or_is_spelt_otherwise_is_told_apart():
    lists = made(firm("恒丰", town="二镇"), firm("恒丰机械有限公司"), firm("丙（东）厂", town="二镇"))
    own = for_town(replace(lists, rows=lists.rows.assign(note="恒丰机械有限公司 与 丙(东)　厂 合并；恒丰机械 有限公司")), "一镇")
    assert own.rows["note"].tolist() == [f"恒丰机械有限公司 与 {OTHER_FIRM} 合并；恒丰机械 有限公司"]


def test_a_towns_figures_are_its_own(demo):
    screening, lists = demo
    for town in lists.towns[:3]:
        own = for_town(lists, town)
        counts = by_recognition(own).set_index("认定")
        expected = screening.table[screening.table["town"] == town].groupby(["certification", "status"], observed=False).size()
        assert all(counts.at[c, s] == n for (c, s), n in expected.items()) and own.towns == [town] and own.unmatched.empty
    with pytest.raises(AssessmentError, match="没有企业"):
        for_town(lists, "不存在镇")


def test_hostile_names_stay_text_and_sheets_and_files_stay_valid(tmp_path):
    firms = [firm(name, town=town) for name, town in zip(HOSTILE_NAMES, HOSTILE_TOWNS)]
    rules = [*NEEDS, rule("硬条件", "近三年发明专利数", ">=", 3, 认定="认[定]:*?/\\'"), rule("硬条件", "近三年发明专利数", ">=", 3, 认定="甲认定 ")]
    lists = made(*firms, rules=rules)
    written = write_lists(lists, tmp_path)
    assert len(set(f.casefold() for f in written["file"])) == len(written) == len(set(HOSTILE_TOWNS)) + 1
    for path in (tmp_path / f for f in written["file"]):
        opened = openpyxl.load_workbook(path)
        names = [n.casefold() for n in opened.sheetnames]
        assert len(set(names)) == len(names) and "history" not in names and all(0 < len(n) <= 31 and not set(n) & set("[]:*?/\\") for n in names)
        for sheet in opened:
            assert all(c.data_type != "f" for row in sheet.iter_rows() for c in row)
            assert all(h.target is None and h.location for h in sheet._hyperlinks)
    top, at = header(sheet := openpyxl.load_workbook(tmp_path / "行动清单.xlsx")["甲认定"])
    shown = {sheet.cell(r, at["企业名称"]).value for r in range(top + 1, sheet.max_row + 1)}
    assert shown == {n.replace("\x01", "") for n in HOSTILE_NAMES}


def test_list_sheets_are_ready_to_fill_in_and_to_print(demo, tmp_path):
    _, lists = demo
    opened = openpyxl.load_workbook(write_workbook(lists, tmp_path / "a.xlsx"))
    assert opened.sheetnames[0] == "总览" and opened.sheetnames[-4:] == ["到期复核", "名单待核", "未匹配", "数据问题"]
    assert opened.properties.creator in (None, "") and "示例" in opened.properties.subject
    for name in [*lists.certifications, *lists.towns]:
        sheet = opened[name]
        top, at = header(sheet)
        last = sheet.max_row
        assert sheet.freeze_panes == f"B{top + 1}" and sheet.auto_filter.ref.startswith(f"A{top}:") and sheet.print_title_rows == f"${top}:${top}"
        setup = sheet.page_setup
        assert (setup.orientation, int(setup.paperSize), setup.fitToWidth, setup.fitToHeight) == ("landscape", 9, None, 0) and sheet.sheet_properties.pageSetUpPr.fitToPage
        assert "&P" in sheet.oddFooter.center.text and sheet.print_area
        lists_ = {v.formula1: str(v.sqref) for v in sheet.data_validations.dataValidation if v.type == "list"}
        column = openpyxl.utils.get_column_letter(at["跟进状态"])
        assert lists_ == {f'"{",".join(s.name for s in follow_statuses())}"': f"{column}{top + 1}:{column}{last}"}
        assert sheet.cell(top + 1, at["更新日期"]).number_format == "yyyy-mm-dd" and sheet.cell(top + 1, at["原因"]).alignment.wrap_text
        assert any("示例数据" in str(sheet.cell(r, 1).value) for r in range(1, top)) and not any(d.hidden for d in sheet.column_dimensions.values())
    assert 'customHeight' not in all_text(tmp_path / "a.xlsx")


def test_the_same_lists_give_the_same_bytes(demo, tmp_path):
    _, lists = demo
    one, two = (write_workbook(lists, tmp_path / f"{k}.xlsx", "苔溪镇").read_bytes() for k in (1, 2))
    assert one == two


def test_a_list_longer_than_a_sheet_goes_on_in_another(tmp_path, monkeypatch):
    monkeypatch.setattr(book, "MOST_ROWS", 10)
    lists = made(*(firm(f"第{k}厂") for k in range(13)))
    opened = openpyxl.load_workbook(write_workbook(lists, tmp_path / "a.xlsx"))
    parts = [n for n in opened.sheetnames if n.startswith("甲认定")]
    assert len(parts) > 1 and all(opened[n].max_row <= 10 for n in parts)
    found = [opened[n].cell(r, 1).value for n in parts for r in range(header(opened[n])[0] + 1, opened[n].max_row + 1)]
    assert sorted(found) == sorted(lists.rows["name"])


def test_an_open_file_is_reported(tmp_path):
    (tmp_path / "a.xlsx").mkdir()
    with pytest.raises(AssessmentError, match="写不进去"):
        write_workbook(made(firm("甲厂")), tmp_path / "a.xlsx")


def test_every_status_says_something_that_planning_knows():
    statuses = follow_statuses()
    assert [s.name for s in statuses] == ["未联系", "已联系", "补资料中", "准备申报", "已申报", "已认定", "未通过", "暂不申报"]
    assert {s.name: s.outcome for s in statuses if s.outcome} == {"已申报": "待定", "已认定": "成功", "未通过": "失败", "暂不申报": "放弃"}
    assert {s.outcome for s in statuses} - {""} == set(OUTCOMES) and len(",".join(s.name for s in statuses)) <= 255


def test_recognised_enterprises_are_not_listed():
    lists = made(firm("甲厂", code=CODES[0]), firm("乙厂"), held=granted(2, "甲认定"))
    assert lists.rows["name"].tolist() == ["乙厂"] and by_recognition(lists)["已认定"].tolist() == [1]


anything = st.text(st.characters(exclude_categories=[]), max_size=60)


@given(st.lists(anything, max_size=8))
def test_sheet_names_are_valid_and_unique(texts):
    taken = {"总览"}
    names = [sheet_name(t, taken) for t in texts]
    assert len({n.casefold() for n in names} | {"总览"}) == len(names) + 1
    for n in names:
        assert 1 <= units(n) <= 31 and not set(n) & set("[]:*?/\\") and n[0] != "'" != n[-1] and n.casefold() != "history"
        ElementTree.fromstring(f"<a>{n.replace('&', '').replace('<', '')}</a>".encode())


@given(anything)
def test_cell_text_is_legal_xml_and_stays_the_same(text):
    once = safe_text(text)
    assert safe_text(once) == once and "\r" not in once
    body = once.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert (ElementTree.fromstring(f"<a>{body}</a>".encode()).text or "") == once
    assert len(header_text(text)) <= 250


@pytest.mark.parametrize("text", ["长" * 40_000, "😀" * 20_000, "a" * 32_768])
def test_too_long_a_text_is_cut_with_a_note(text):
    cut = safe_text(text)
    assert 32_700 < units(cut) <= 32_767 and cut.endswith(CUT) and text.startswith(cut.removesuffix(CUT)) and safe_text(cut) == cut


def test_every_enterprise_has_one_row_with_its_status_for_each_recognition_in_the_roster_sheet(demo, tmp_path):
    screening, lists = demo
    expected = {(row, str(c)): str(s) for row, c, s in screening.table[["row", "certification", "status"]].itertuples(index=False)}
    codes = dict(screening.table[["code", "row"]].drop_duplicates().itertuples(index=False))
    towns = dict(screening.table[["row", "town"]].drop_duplicates().astype({"town": str}).itertuples(index=False))
    for town, wanted in ((None, set(towns)), ("苔溪镇", {row for row, t in towns.items() if t == "苔溪镇"})):
        sheet = openpyxl.load_workbook(write_workbook(lists, tmp_path / "a.xlsx", town))["企业总表"]
        top = next(r for r in range(1, 9) if sheet.cell(r, 1).value == "企业名称")
        at = {c.value: c.column for c in sheet[top]}
        assert not at.keys() & {"跟进状态", "更新日期", "镇街备注"} and set(lists.certifications) < at.keys()
        seen = [codes[sheet.cell(r, at["统一社会信用代码"]).value] for r in range(top + 1, sheet.max_row + 1)]
        assert len(seen) == len(set(seen)) and set(seen) == wanted
        found = {(row, c): sheet.cell(top + 1 + k, at[c]).value for k, row in enumerate(seen) for c in lists.certifications}
        assert found == {pair: status for pair, status in expected.items() if pair[0] in wanted}
        assert sheet.freeze_panes == f"B{top + 1}" and sheet.auto_filter.ref == f"A{top}:{openpyxl.utils.get_column_letter(len(at))}{sheet.max_row}"
        assert sheet.page_setup.orientation == "landscape" and int(sheet.page_setup.paperSize) == 9 and "示例数据" in sheet.cell(2, 1).value


def test_what_a_follow_up_has_settled_is_not_to_be_roused_any_more_and_is_said():
    firms = [firm("甲厂"), firm("乙厂"), firm("丙厂"), firm("丁厂", town="二镇"), firm("戊厂", patents=2), firm("己厂", patents=2, town="二镇")]
    lists = made(*firms)
    before = answers(lists)
    assert "应报未报 4 项、靠靠能报 2 项" in before[0] and "甲认定 4 家" in before[1] and not any("着落" in s for s in before)
    for name, status in (("甲厂", "已认定"), ("乙厂", "已申报"), ("戊厂", "暂不申报"), ("丁厂", "补资料中")):
        lists = filled(lists, name, status)
    said = answers(lists)
    assert "有事可做的 3 家企业：应报未报 2 项、靠靠能报 1 项" in said[0]
    assert "着落的 3 项（应报未报 2 项、靠靠能报 1 项；已申报 1 项、已认定 1 项、暂不申报 1 项）" in said[1]
    assert "甲认定 2 家" in said[2] and "二镇（2 家）、一镇（1 家）" in said[3] and "清单内 4 项已有进展" in said[-1]
    # The tables' statuses are still those of the lists.
    assert by_recognition(lists).at[0, "应报未报"] == 4 and by_town(lists).set_index("镇街园区").at["合计", "应报未报"] == 4
    for name in ("丙厂", "丁厂", "己厂"):
        lists = filled(lists, name, "未通过")
    assert "没有还要动员的应报未报" in answers(lists)[0] and not any("马上动员" in s for s in answers(lists))


def test_a_town_and_the_bureau_say_the_same_of_what_is_applied_for():
    plan = plan_of(("甲厂", "一镇", "甲认定", "2024Q1", 0.7, 0.0, True), ("乙厂", "二镇", "甲认定", "2023Q2", 0.5, 8.0, False))
    lists = filled(made(firm("甲厂"), firm("乙厂", town="二镇"), plan=plan), "甲厂", "已申报")
    assert by_town(lists).set_index("镇街园区")["计划申报"].to_dict() == {"一镇": 0, "二镇": 1, "合计": 1}
    own = for_town(lists, "一镇")
    assert own.rows[["quarter", "pending", "probability"]].values.tolist() == [["", True, 0.7]]
    said = "".join(answers(own))
    assert "没有选定这里的企业新申报" in said and "计入 1 项跟进中已申报、等结果的" in said
    whole = "".join(answers(lists))
    assert "选定其中 1 项" in whole and "计入 1 项跟进中已申报、等结果的" in whole


def test_a_word_for_no_former_name_is_nobodys_name():
    lists = made(firm("甲厂"), firm("乙厂", town="二镇", former="不详；没有"), firm("老丙", town="二镇", former="丙行"))
    names = Names(lists.everyone)
    assert names.blotted("研发人数不详，目前没有研发机构", "一镇") == "研发人数不详，目前没有研发机构"
    assert names.blotted("原丙行，现老丙", "一镇") == "原〔其他镇街的企业〕，现〔其他镇街的企业〕"
