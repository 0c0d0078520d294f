"""Files beside the pages: written by notebooks, worked on by people, carried over."""

from __future__ import annotations

from pathlib import Path

import pytest
from nbformat import v4

from analysis.report import files, manifest
from analysis.report.parameters import ParameterError


def tree(top: Path, **texts: str) -> Path:
    for name, text in texts.items():
        path = top / name.replace("__", "/").replace("_xlsx", ".xlsx")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return top


def contents(top: Path) -> dict[str, str]:
    return {p.relative_to(top).as_posix(): p.read_text("utf-8") for p in sorted(top.rglob("*")) if p.is_file() and p.name != manifest.NAME}


def publish(building: Path, report: Path, names=("lists",), failed=()) -> list[str]:
    """What a run does with its files, by the same two calls."""
    same, made = files.keep(report, building, names, failed)
    manifest.write(building, {"made": made})
    if report.exists():
        report.rename(report.with_name(f"{report.name}-{building.name}"))
    building.rename(report)
    return same


def test_what_nobody_changed_is_replaced(tmp_path):
    report = tmp_path / "report"
    publish(tree(tmp_path / "b1", lists__a_xlsx="one"), report)
    assert publish(tree(tmp_path / "b2", lists__a_xlsx="two"), report) == []
    assert contents(report) == {"lists/a.xlsx": "two"}


def test_changed_and_added_files_are_kept_until_a_newer_one_of_the_name(tmp_path):
    report = tmp_path / "report"
    publish(tree(tmp_path / "b1", lists__a_xlsx="one", lists__t__b_xlsx="one"), report)
    tree(report, lists__a_xlsx="edited", lists__mine_xlsx="by hand")
    publish(tree(tmp_path / "b2", lists__a_xlsx="two", lists__t__b_xlsx="two"), report)
    assert contents(report) == {"lists/a.xlsx": "two", "lists/t/b.xlsx": "two", "lists/上期改动/a.xlsx": "edited", "lists/上期改动/mine.xlsx": "by hand"}
    tree(report, lists__a_xlsx="edited again")
    publish(tree(tmp_path / "b3", lists__a_xlsx="three"), report)
    assert contents(report) == {"lists/a.xlsx": "three", "lists/上期改动/a.xlsx": "edited again", "lists/上期改动/mine.xlsx": "by hand"}


@pytest.mark.parametrize("failed", [(), ("lists",)])
def test_a_folder_not_made_or_half_made_is_taken_over_and_still_known_to_be_edited(tmp_path, failed):
    report = tmp_path / "report"
    publish(tree(tmp_path / "b1", lists__a_xlsx="one"), report)
    tree(report, lists__a_xlsx="edited")
    second = tree(tmp_path / "b2", page="x") if not failed else tree(tmp_path / "b2", page="x", lists__a_xlsx="half")
    assert publish(second, report, failed=failed) == ["lists"]
    assert contents(report)["lists/a.xlsx"] == "edited"
    publish(tree(tmp_path / "b3", lists__a_xlsx="three"), report)
    assert contents(report) == {"lists/a.xlsx": "three", "lists/上期改动/a.xlsx": "edited"}


def test_lock_files_of_office_programs_are_not_kept(tmp_path):
    report = tmp_path / "report"
    publish(tree(tmp_path / "b1", lists__a_xlsx="one"), report)
    (report / "lists" / "~$a.xlsx").write_text("lock")
    publish(tree(tmp_path / "b2", lists__a_xlsx="two"), report)
    assert contents(report) == {"lists/a.xlsx": "two"}


def test_listing_quotes_addresses_and_groups_by_subfolder(tmp_path):
    tree(tmp_path, lists__行动清单_xlsx="", lists__镇街__甲镇_xlsx="")
    (tmp_path / "lists" / "镇街" / "a#b?.xlsx").write_text("")
    groups = files.listing(tmp_path, "lists")
    assert [g["name"] for g in groups] == ["", "镇街"]
    assert [f["text"] for f in groups[1]["files"]] == ["a#b?", "甲镇"]
    assert groups[1]["files"][0]["href"] == "lists/%E9%95%87%E8%A1%97/a%23b%3F.xlsx"


def test_a_sheet_in_two_formats_is_one_line_with_the_pdf_first(tmp_path):
    for name in ("甲镇.docx", "甲镇.pdf", "海报.pdf", "只有.docx", "说明.txt"):
        (tmp_path / "handouts").mkdir(exist_ok=True)
        (tmp_path / "handouts" / name).write_text("")
    [group] = files.listing(tmp_path, "handouts")
    shown = {f["text"]: (f["href"].rsplit(".", 1)[1], [(a.rsplit(".", 1)[1], label) for a, label in f["also"]]) for f in group["files"]}
    assert shown == {"甲镇（PDF）": ("pdf", [("docx", "Word")]), "海报": ("pdf", []), "只有（Word）": ("docx", []), "说明.txt": ("txt", [])}


@pytest.mark.parametrize(("stem", "text"), [
    ("甲储能_示例_有限公司-f738d3f2", "甲储能（示例）有限公司"), ("乙_集团_股份_有限_公司", "乙（集团）股份（有限）公司"), ("南圩镇", "南圩镇"),
    ("a_b", "a_b"), ("2022-12-31", "2022-12-31"), ("丙公司-12345678", "丙公司"), ("_丁_", "_丁_")])
def test_a_name_is_shown_without_what_only_file_systems_need(stem, text):
    assert files.readable(stem) == text


@pytest.mark.parametrize("name", ["../x", "a/b", "", "C:", 3])
def test_a_notebook_cannot_write_outside_its_report(name):
    nb = v4.new_notebook(metadata={"analysis": {"files": name}})
    if name == "":
        assert files.folder(nb, "篇") == ""
    else:
        with pytest.raises(ParameterError, match="文件夹名"):
            files.folder(nb, "篇")
