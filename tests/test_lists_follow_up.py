"""Follow-ups filled in by people, read back, merged and carried into the next lists."""

import datetime as dt
import tempfile
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from analysis.lists import carry, for_town, outcomes, read_follow_up, write_lists, write_workbook
from analysis.lists.merge import Entry, resolve
from analysis.lists.statuses import said, status_names
from analysis.lists.text import note_text
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from listsbook import CODES, edit, fill, filled, firm, header, made, told
from openpyxl import load_workbook
from openpyxl.comments import Comment
from recognitionbook import granted, rule

TODAY, LATER = dt.date(2023, 6, 1), pd.Timestamp(2023, 5, 4)
HOSTILE = ["=1+1", "+86 139…", "-微信联系", "@王科长", "一行\n两行\r\n三行", "😀已约", "ＡＢＣ１２３（全角）", "长" * 40_000, "a\x00b\x1fc", "_x0041_", "_x005F_x0041_",
           "'撇号", "\t制表", "  两头空格 ", "“”", "2023-01-01", "1e5", "<a>&amp;</a>", "\ud800坏字", "【另一处填：已联系】", "已联系（2023-01-01）：x", "——", "无"]


def again(lists, follow, folder, name):
    """Carry, write everything, read everything."""
    carried = carry(lists, follow, TODAY)
    write_lists(carried, folder / name)
    return read_follow_up(folder / name, TODAY)


def many(entries):
    """Lists of as many enterprises in two towns as there are (status, note, day), and the same filled in."""
    lists = made(*(firm(f"第{k}厂", town=("一镇", "")[k % 2], code=CODES[0] if k == 0 else "") for k in range(len(entries))))
    order = [int(n[1:-1]) for n in lists.rows["name"]]
    rows = lists.rows.assign(follow_up=[entries[k][0] for k in order], note=[entries[k][1] for k in order],
                             updated=pd.to_datetime(pd.Series([entries[k][2] for k in order], dtype=object)))
    return lists, replace(lists, rows=rows)


def test_notes_come_back_as_written_however_often(tmp_path):
    start, full = many([("补资料中", note, LATER) for note in HOSTILE])
    write_lists(full, tmp_path / "1")
    first = read_follow_up(tmp_path / "1", TODAY)
    assert set(first.table["follow_up"]) == {"补资料中"} and set(first.table["updated"]) == {LATER} and len(first.table) == len(HOSTILE)
    kept = first.table.set_index("name")["note"]
    assert all(kept[f"第{k}厂"] == note_text(note) for k, note in enumerate(HOSTILE))
    second = again(start, first, tmp_path, "2")
    third = again(start, second, tmp_path, "3")
    assert told(first.table) == told(second.table) == told(third.table) and not first.problems and not third.problems


some = st.tuples(st.sampled_from(status_names()), st.text(max_size=30), st.none() | st.dates(dt.date(2020, 1, 1), TODAY))


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(some, min_size=6, max_size=6))
def test_any_follow_up_survives_any_number_of_rounds(entries):
    start, full = many(entries)
    with tempfile.TemporaryDirectory() as folder:
        first = read_follow_up(write_workbook(full, Path(folder) / "1.xlsx"), TODAY)
        second = read_follow_up(write_workbook(carry(start, first, TODAY), Path(folder) / "2.xlsx"), TODAY)
    assert told(first.table) == told(second.table) and not second.problems
    wanted = {f"第{k}厂": (s, note_text(t), d) for k, (s, t, d) in enumerate(entries) if said(s, d, t)}
    assert {r.name: (r.follow_up, r.note, None if pd.isna(r.updated) else r.updated.date()) for r in first.table.itertuples(index=False)} == wanted


def rearrange(book):
    """What people do to a sheet: a title above, own columns, other order, rows gone and sorted, the header retyped."""
    for sheet in book.worksheets[1:]:
        try:
            top, at = header(sheet)
        except AssertionError:
            continue
        for title in ("原因", "待核实（还缺什么资料）", "上次跟进", "企业表行号"):
            sheet.delete_cols(header(sheet)[1][title])
        sheet.insert_cols(2)
        sheet.cell(top, 2, "备注")
        for row in range(top + 1, sheet.max_row + 1):
            sheet.cell(row, 2, "自己的备注")
        rows = [[c.value for c in r] for r in sheet.iter_rows(min_row=top + 1)]
        for r, cells in enumerate(reversed(rows), start=top + 1):
            for c, value in enumerate(cells, start=1):
                sheet.cell(r, c).value = value
        sheet.cell(top, header(sheet)[1]["跟进状态"], "跟进状态 ")
        sheet.insert_rows(1, 2)
        sheet.cell(1, 1, "某区跟进表").number_format = "@"


def test_rearranged_sheets_saved_by_another_program_are_read(tmp_path):
    lists = made(firm("甲厂", code=CODES[0]), firm("乙厂"), firm("丙厂"))
    path = write_workbook(filled(lists, "乙厂", "准备申报", "资料齐", LATER), tmp_path / "a.xlsx", "一镇")
    plain = read_follow_up(path, TODAY)
    edit(path, lambda book: (fill(book["行动清单"], "甲厂", 跟进状态="已申报", 更新日期="2023年5月4日"), rearrange(book)))
    changed = read_follow_up([path, path], TODAY)
    assert told(plain.table) == [("", "乙厂", "甲认定", "准备申报", "资料齐", "2023-05-04")]
    assert told(changed.table) == [*told(plain.table), (CODES[0], "甲厂", "甲认定", "已申报", "", "2023-05-04")]
    assert [(p.level, p.message) for p in changed.problems] == [("提示", "“备注”列填了 3 行，不是清单的列，没有读入")]


def test_a_status_merged_over_several_rows_counts_for_each_of_them(tmp_path):
    lists = made(*(firm(f"第{k}厂", code=c) for k, c in enumerate(CODES)), firm("第2厂"), firm("第3厂"))
    path = write_workbook(lists, tmp_path / "a.xlsx", "一镇")

    def change(book):
        sheet = book["行动清单"]
        head, columns = header(sheet)
        names.extend(sheet.cell(head + k, columns["企业名称"]).value for k in (1, 2, 3))
        for title, words in (("跟进状态", "补资料中"), ("镇街备注", "一起去的")):
            sheet.cell(head + 1, columns[title]).value = words
            sheet.merge_cells(start_row=head + 1, end_row=head + 3, start_column=columns[title], end_column=columns[title])

    names = []
    found = read_follow_up(edit(path, change), TODAY)
    assert set(found.table["name"]) == set(names) and len(names) == 3 and not found.problems
    assert set(found.table["follow_up"]) == {"补资料中"} and set(found.table["note"]) == {"一起去的"}


def test_comments_on_cells_are_not_read_and_said_so(tmp_path):
    path = write_workbook(made(*(firm(f"第{k}厂") for k in range(8))), tmp_path / "a.xlsx", "一镇")

    def change(count):
        def comment(book):
            head, columns = header(book["行动清单"])
            for k in range(count):
                book["行动清单"].cell(head + 1 + k, columns["跟进状态"]).comment = Comment("电话没人接", "王科长")
        return comment

    assert not read_follow_up(path, TODAY).problems
    one, eight = (read_follow_up(edit(path, change(n), tmp_path / f"{n}.xlsx"), TODAY).problems for n in (1, 8))
    assert [(p.level, p.file) for p in one] == [("警告", "1.xlsx")] and "批注没有读入" in one[0].message and "等" not in one[0].message
    assert "等 8 处" in eight[0].message and "镇街备注" in eight[0].fix


def test_an_edit_in_either_sheet_of_the_bureaus_book_counts_even_without_a_date(tmp_path):
    lists = filled(made(firm("甲厂", code=CODES[0])), "甲厂", "准备申报", "一", LATER)
    for sheet in ("甲认定", "一镇"):
        path = write_workbook(lists, tmp_path / f"{sheet}.xlsx")
        edit(path, lambda book: fill(book[sheet], "甲厂", 跟进状态="已联系"))
        found = read_follow_up(path, TODAY)
        assert told(found.table) == [(CODES[0], "甲厂", "甲认定", "已联系", "一", "2023-05-04")] and not found.problems
        edit(path, lambda book: fill(book[sheet], "甲厂", 跟进状态="未联系", 镇街备注=None, 更新日期=None))
        assert carry(lists, read_follow_up(path, TODAY), TODAY).rows["follow_up"].tolist() == ["未联系"]


def entry(follow_up="未联系", note="", updated=None, last="", sheet="甲", row=5):
    return Entry(CODES[0], "甲厂", "甲认定", "一镇", follow_up, note, updated, last, "a.xlsx", sheet, row, 2)


D1, D2 = dt.date(2023, 3, 1), dt.date(2023, 4, 1)


@pytest.mark.parametrize("one,other,expected,level", [
    (entry(), entry("已联系"), ("已联系", ""), None),
    (entry("已联系"), entry("已联系"), ("已联系", ""), None),
    (entry("补资料中", "a", D1), entry("已联系", "b", D2), ("已联系", "b"), "提示"),
    (entry("已联系", last="已联系"), entry("补资料中", last="已联系"), ("补资料中", ""), None),
    (entry("已联系"), entry("补资料中", last="已联系"), ("补资料中", ""), None),
    (entry("已联系"), entry("已申报", last="补资料中", updated=D1), ("已申报", "【另一处填：已联系】"), "警告"),
    (entry("已联系", "a", D1), entry("补资料中", "b", D1), ("补资料中", "b【另一处填：已联系（2023-03-01）：a】"), "警告"),
    (entry("已联系", "a", dt.date(2030, 1, 1)), entry("补资料中", "b", D1), ("补资料中", "b【另一处填：已联系（2030-01-01）：a】"), "警告"),
    (entry("准备申报"), entry("暂不申报", "企业不愿报"), ("准备申报", "【另一处填：暂不申报：企业不愿报】"), "警告"),
    (entry("暂不申报", updated=D1), entry("已申报", updated=D1), ("已申报", "【另一处填：暂不申报（2023-03-01）】"), "警告"),
    (entry("暂不申报", updated=D2), entry("已申报", updated=D1), ("暂不申报", ""), "提示"),
    (entry("已联系", "a"), entry("已联系", "a，再约"), ("已联系", "a，再约"), None),
    (entry("已联系", "与恒丰厂合并", last="已联系：与恒丰厂合并"), entry("已联系", "与〔其他镇街的企业〕合并", last="已联系：与〔其他镇街的企业〕合并"), ("已联系", "与恒丰厂合并"), None),
    (entry("已联系", "与恒丰厂合并", last="已联系：与恒丰厂合并"), entry("准备申报", "与〔其他镇街的企业〕合并", last="已联系：与〔其他镇街的企业〕合并"),
     ("准备申报", "与〔其他镇街的企业〕合并（原备注：与恒丰厂合并）"), None),
])
def test_two_copies_of_a_row(one, other, expected, level):
    for copies in ([one, other], [other, one]):
        found, problems = resolve(copies, TODAY)
        assert (found.follow_up, found.note) == expected and [p.level for p in problems] == ([level] if level else [])


def test_a_conflict_is_told_once_and_stays_the_same_when_old_files_are_read_again(tmp_path):
    lists = made(firm("甲厂", code=CODES[0]))
    for name, status in (("x", "已联系"), ("y", "补资料中")):
        path = write_workbook(lists, tmp_path / "in" / f"{name}.xlsx")
        edit(path, lambda book: fill(book["一镇"], "甲厂", 跟进状态=status, 镇街备注=name))
    first = read_follow_up(tmp_path / "in", TODAY)
    assert [p.level for p in first.problems] == ["警告"] and "x.xlsx〔一镇〕第" in first.problems[0].message
    assert first.table[["follow_up", "note"]].values.tolist() == [["补资料中", "y【另一处填：已联系：x】"]]
    write_workbook(carry(lists, first, TODAY), tmp_path / "in" / "z.xlsx")
    second = read_follow_up(tmp_path / "in", TODAY)
    assert told(second.table) == told(first.table) and not second.problems
    edit(tmp_path / "in" / "z.xlsx", lambda book: fill(book["甲认定"], "甲厂", 跟进状态="已申报", 镇街备注="已核"))
    third = read_follow_up(tmp_path / "in", TODAY)
    assert third.table[["follow_up", "note"]].values.tolist() == [["已申报", "已核"]] and not third.problems


def test_words_outside_the_columns_of_the_list_are_told(tmp_path):
    lists = made(firm("甲厂", code=CODES[0]), firm("乙厂"))

    def spoil(sheet, title, other):
        top, at = header(sheet)
        for column, words in ((at["镇街备注"], title), (sheet.max_column + 1, other)):
            sheet.cell(top, column).value = words
            sheet.cell(top + 1, column).value = "约好下周上门"

    def read(title, other):
        path = write_workbook(lists, tmp_path / "一.xlsx", "一镇")
        edit(path, lambda book: spoil(book["行动清单"], title, other))
        return [(p.level, p.message.split("列填")[0], p.row) for p in read_follow_up(path, TODAY).problems]

    top, _ = header(load_workbook(write_workbook(lists, tmp_path / "一.xlsx", "一镇"))["行动清单"])
    assert read("镇街备注", "自己的列") == [("提示", "“自己的列”", top + 1)] and [p[0] for p in read("镇街备注", None)] == ["提示"]
    assert read("情况说明", "备注2") == [("警告", "“情况说明”", top + 1), ("警告", "“备注2”", top + 1)]
    assert read("镇街备注", "镇街备注") == [("提示", "“镇街备注”", top + 1)]
    whole = edit(write_workbook(lists, tmp_path / "全区.xlsx"), lambda book: None)
    assert not read_follow_up(whole, TODAY).problems


def test_what_cannot_be_understood_is_located_and_kept(tmp_path):
    lists = made(*(firm(f"{c}厂") for c in "甲乙丙丁戊己"), firm("庚厂", code=CODES[0]))
    path = write_workbook(filled(lists, "甲厂", "已联系", "", LATER), tmp_path / "镇.xlsx", "一镇")

    def spoil(book):
        sheet = book["行动清单"]
        fill(sheet, "甲厂", 跟进状态="补资料")
        fill(sheet, "乙厂", 跟进状态="已联系", 更新日期="五月初")
        fill(sheet, "丙厂", 跟进状态="已联系", 更新日期=dt.date(2023, 7, 1))
        fill(sheet, "庚厂", 跟进状态="已申报", 统一社会信用代码=9.1350100000000005e17)
        fill(sheet, "丁厂", 跟进状态="已申报", 镇街备注="要紧", 企业名称=None)
        fill(sheet, "戊厂", 跟进状态="已申报", 认定=None)
        fill(sheet, "己厂", 企业名称=None, 认定=None)

    found = read_follow_up(edit(path, spoil), TODAY)
    table = found.table.set_index("name")
    assert table.loc["甲厂", ["follow_up", "note"]].tolist() == ["已联系", "（跟进状态原填：补资料）"]
    assert table.loc["乙厂", "note"] == "（更新日期原填：五月初）" and pd.isna(table.loc["乙厂", "updated"])
    assert table.loc["丙厂", "updated"] == pd.Timestamp(2023, 7, 1) and table.loc["庚厂", "code"] == ""
    said_ = {(p.column, p.message) for p in found.problems}
    assert all(p.file == "镇.xlsx" and p.sheet == "行动清单" and p.row and p.fix for p in found.problems) and len(found.problems) == 6
    assert any(c == "跟进状态" and "是不是“补资料中”" in m for c, m in said_) and any(c == "更新日期" and "在将来" in m for c, m in said_)
    assert any("已申报：要紧" in m and "认不出" in m for _, m in said_) and any(c == "认定" for c, _ in said_)
    carried = carry(lists, found, TODAY)
    assert carried.rows.set_index("name").at["庚厂", "follow_up"] == "已申报" and len(carried.problems) == 6


def test_damaged_and_foreign_files_do_not_keep_the_others_from_being_read(tmp_path):
    write_workbook(filled(made(firm("甲厂")), "甲厂"), tmp_path / "好" / "a.xlsx")
    (tmp_path / "坏.xlsx").write_bytes(b"PK nonsense")
    (tmp_path / "~$a.xlsx").write_bytes(b"")
    edit(tmp_path / "好" / "a.xlsx", lambda book: [book.remove(s) for s in book.worksheets[1:]], tmp_path / "别的.xlsx")
    found = read_follow_up([tmp_path, tmp_path / "没有.xlsx"], TODAY)
    assert found.table["name"].tolist() == ["甲厂"] and found.table["file"].tolist() == ["好/a.xlsx"]
    assert {p.file: p.level for p in found.problems} == {"坏.xlsx": "错误", "别的.xlsx": "警告", "没有.xlsx": "错误"}


def test_what_is_listed_no_more_is_kept_apart_with_the_reason_and_comes_back(tmp_path):
    firms = [firm("甲厂", code=CODES[0]), firm("乙厂", town="二镇"), firm("丙厂", town="二镇")]
    lists = made(*firms)
    for name, status in (("甲厂", "已认定"), ("乙厂", "已申报"), ("丙厂", "暂不申报")):
        lists = filled(lists, name, status, f"{name}的话", LATER)
    write_lists(lists, tmp_path / "1")
    first = read_follow_up(tmp_path / "1", TODAY)
    changed = made(firms[0], firm("乙厂", town="二镇", patents=0), held=granted(2, "甲认定"))
    carried = carry(changed, first, TODAY)
    assert carried.rows.empty and carried.gone.set_index("name")["now"].to_dict() == {"甲厂": "现为已认定", "乙厂": "现为暂不具备", "丙厂": "企业表里没有这家企业"}
    assert for_town(carried, "一镇").gone["name"].tolist() == ["甲厂"]
    for source in (first, carried):
        found = outcomes(source).sort_values("enterprise", ignore_index=True)
        assert found.drop(columns="row").values.tolist() == [["丙厂", "甲认定", "放弃"], ["乙厂", "甲认定", "待定"], ["甲厂", "甲认定", "成功"]]
    write_lists(carried, tmp_path / "2")
    second = read_follow_up(tmp_path / "2", TODAY)
    assert told(second.table) == told(first.table)
    back = carry(made(*firms), second, TODAY)
    assert back.gone.empty and back.rows.set_index("name")["follow_up"].to_dict() == {"甲厂": "已认定", "乙厂": "已申报", "丙厂": "暂不申报"}


def test_an_enterprise_is_known_by_code_then_name_former_name_and_row(tmp_path):
    before = made(firm("甲厂", code=CODES[0]), firm("乙厂"), firm("同名厂", town="二镇"), firm("同名厂", town="三镇"))
    rows = before.rows.assign(follow_up="已联系", note=[f"第{r}行" for r in before.rows["row"]])
    write_lists(replace(before, rows=rows), tmp_path)
    found = read_follow_up(tmp_path, TODAY)
    after = made(firm("甲新厂", code=CODES[0]), firm("新乙厂", code=CODES[1], former="乙厂"), firm("同名厂", town="二镇"), firm("同名厂", town="三镇"))
    assert carry(after, found, TODAY).rows.set_index(["name", "town"])["note"].to_dict() == {
        ("甲新厂", "一镇"): "第2行", ("新乙厂", "一镇"): "第3行", ("同名厂", "二镇"): "第4行", ("同名厂", "三镇"): "第5行"}
    crossed = replace(found, table=found.table[found.table["name"] == "甲厂"].assign(code=CODES[1]))
    assert carry(made(firm("甲厂"), firm("乙厂", code=CODES[1])), crossed, TODAY).gone["now"].tolist() == ["信用代码和企业名称是两家企业的"]
    moved = made(*(firm("同名厂", town=t) for t in ("甲镇", "乙镇")), rules=[rule("硬条件", "近三年发明专利数", ">=", 3)])
    assert set(carry(moved, found, TODAY).gone["now"]) == {"企业表里没有这家企业", "企业表里有几行同名，认不出是哪一行"}


def test_action_lists_take_a_follow_up_and_verdicts_on_doubtful_names(tmp_path):
    pair = (7, "甲工厂", "", 2, "甲厂", "", 90.0, "名称相近", "乙认定", 2021.0, "", pd.NaT, "已认定")
    lists = made(firm("甲厂"), doubtful=[pair])
    path = write_workbook(lists, tmp_path / "a.xlsx")

    def decide(book):
        sheet = book["名单待核"]
        head = next(r for r in range(1, 9) if sheet.cell(r, 1).value == "名单名称")
        sheet.cell(head + 1, [c.value for c in sheet[head]].index("结论") + 1, "是")
        fill(book["一镇"], "甲厂", 跟进状态="已联系")

    follow = read_follow_up(edit(path, decide), TODAY)
    assert follow.decisions[["listed", "enterprise", "code", "reason", "verdict"]].values.tolist() == [["甲工厂", "甲厂", "", "名称相近", "是"]]
    new = made(firm("甲厂"), doubtful=[pair], follow=follow)
    assert new.doubtful["verdict"].tolist() == ["是"] and new.rows["follow_up"].tolist() == ["已联系"]


def test_what_is_written_into_the_roster_sheet_is_no_follow_up(tmp_path):
    lists = made(firm("甲厂", code=CODES[0]), firm("远厂", patents=0))
    path = write_workbook(lists, tmp_path / "a.xlsx")

    def scribble(book):
        sheet = book["企业总表"]
        for row in range(5, sheet.max_row + 1):
            for column in range(1, sheet.max_column + 1):
                sheet.cell(row, column).value = "已认定"
        fill(book["一镇"], "甲厂", 跟进状态="已联系")

    follow = read_follow_up(edit(path, scribble), TODAY)
    assert follow.table[["name", "follow_up"]].values.tolist() == [["甲厂", "已联系"]] and not follow.problems and follow.decisions.empty
