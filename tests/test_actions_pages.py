"""Notebook 04: lists written, filled in by towns, read back; and cases that leave it little to say."""

from __future__ import annotations

import html
import json
import re
import shutil
import zipfile
from pathlib import Path

import openpyxl
import pytest

from analysis import read_case
from analysis.report import batch

QUICK = {"shown": 3}
ROOT = Path(__file__).parents[1]


def run(case: str, out: Path, **parameters) -> tuple[Path, str, str]:
    """The report's folder, its page as text, and what the run said."""
    lines: list[str] = []
    result = batch.run_cases([case], notebooks=["4"], parameters=QUICK | parameters, out=out, progress=lines.append)
    assert result.exit_status == 0, "\n".join(lines)
    folder = result.summaries[0].path.parent
    page = (folder / "04_action_lists.html").read_text("utf-8")
    main = re.sub(r'<(style|script).*?</\1>|src="data:[^"]*"', "", page[page.index("<main"):], flags=re.S)
    return folder, re.sub(r"\s*\n\s*", "\n", html.unescape(re.sub(r"<[^>]+>", "\n", main))), "\n".join(lines)


def fill_in(path: Path, sheet: str, row: int, **given: str) -> dict[str, str]:
    """Write into a list sheet as a person does, below its header; the row's cells by header."""
    book = openpyxl.load_workbook(path)
    cells = book[sheet]
    at = next(r for r in range(1, 20) if "跟进状态" in [c.value for c in cells[r]])
    columns = {c.value: c.column for c in cells[at] if c.value}
    for name, value in given.items():
        cells.cell(at + row, columns[name], value)
    found = {name: cells.cell(at + row, column).value for name, column in columns.items()}
    book.save(path)
    return found


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """Run, fill in, run again."""
    out = tmp_path_factory.mktemp("out")
    folder, page, _ = run("demo", out)
    first = {p.relative_to(folder).as_posix(): p.read_bytes() for p in (folder / "lists").rglob("*.xlsx")}
    town = fill_in(folder / "lists/镇街/苔溪镇.xlsx", "行动清单", 1, 跟进状态="已申报", 镇街备注="+86 已交材料")
    bureau = fill_in(folder / "lists/行动清单.xlsx", "省级绿色工厂", 2, 跟进状态="暂不申报")
    elsewhere = out / "交回"
    elsewhere.mkdir()
    (elsewhere / "南圩镇（交回）.xlsx").write_bytes(first["lists/镇街/南圩镇.xlsx"])
    sent = fill_in(elsewhere / "南圩镇（交回）.xlsx", "行动清单", 1, 跟进状态="已联系")
    folder, again, said = run("demo", out, follow=str(elsewhere))
    return {"folder": folder, "page": page, "again": again, "said": said, "town": town, "bureau": bureau, "sent": sent, "first": first}


def status_of(path: Path, sheet: str, name: str, certification: str) -> tuple:
    cells = openpyxl.load_workbook(path)[sheet]
    header = next(i for i, row in enumerate(cells.iter_rows(values_only=True)) if "跟进状态" in row)
    rows = list(cells.iter_rows(values_only=True))
    columns = rows[header]
    for row in rows[header + 1:]:
        at = dict(zip(columns, row))
        if at.get("企业名称") == name and at.get("认定", certification) == certification:
            return at["跟进状态"], at["镇街备注"]
    return None, None


def test_the_page_opens_with_counts_that_the_screening_gives(demo):
    from analysis.recognition import screen

    table = screen(read_case("demo")).table
    due = table[table["status"] == "应报未报"]
    assert f"应报未报 {len(due)} 项（{due['row'].nunique()} 家企业）" in demo["page"].replace("\n", "")
    assert "示例数据" in demo["page"] and "待核" in demo["page"]
    assert not re.search(r"\b(nan|NaN|inf|None|NaT)\b|Traceback|Highs|\*\*", demo["page"])


def test_an_unreachable_place_is_said_before_the_plan_for_a_reachable_one(demo):
    text = demo["page"].replace("\n", "")
    assert text.index("达不到") < text.index("以下改按做得到的最好位次排") < text.index("申报计划：认定培育进第")


def test_every_town_has_its_workbook_linked_from_page_and_index(demo):
    folder = demo["folder"]
    links = re.findall(r'href="(lists/[^"]+)"', (folder / "04_action_lists.html").read_text("utf-8"))
    towns = set(read_case("demo").enterprises["town"]) - {""}
    assert len(links) == len(towns) + 1
    from urllib.parse import unquote

    assert all((folder / unquote(link)).is_file() for link in links)
    assert all(link in (folder / "index.html").read_text("utf-8") for link in links)


def test_a_town_s_workbook_names_no_other_town_and_none_of_its_enterprises(demo):
    roster = read_case("demo").enterprises
    for place, content in demo["first"].items():
        if "/镇街/" not in place:
            continue
        town = Path(place).stem
        others = roster[roster["town"] != town]
        (demo["folder"] / "probe.xlsx").write_bytes(content)
        with zipfile.ZipFile(demo["folder"] / "probe.xlsx") as parts:
            text = "".join(html.unescape(parts.read(name).decode("utf-8", "replace")) for name in parts.namelist())
        (demo["folder"] / "probe.xlsx").unlink()
        assert town in text
        own = "".join(roster.loc[roster["town"] == town, "name"])
        assert not [n for n in others["name"] if n in text and n not in own]
        assert not [c for c in others["code"] if c and c in text]
        assert not [t for t in set(others["town"]) if t and t in text and t not in town]


def test_what_people_filled_in_is_in_the_new_lists_wherever_they_did(demo):
    lists = demo["folder"] / "lists"
    for book, sheet in (("镇街/苔溪镇.xlsx", "行动清单"), ("行动清单.xlsx", demo["town"]["认定"][:31]), ("行动清单.xlsx", "苔溪镇")):
        assert status_of(lists / book, sheet, demo["town"]["企业名称"], demo["town"]["认定"]) == ("已申报", "+86 已交材料")
    assert status_of(lists / "行动清单.xlsx", "省级绿色工厂", demo["bureau"]["企业名称"], "省级绿色工厂")[0] == "暂不申报"
    assert status_of(lists / "镇街/南圩镇.xlsx", "行动清单", demo["sent"]["企业名称"], demo["sent"]["认定"])[0] == "已联系"
    assert (lists / "上期改动/镇街/苔溪镇.xlsx").is_file() and (lists / "上期改动/行动清单.xlsx").is_file()


def test_what_was_given_up_leaves_the_plan_and_what_was_applied_for_is_pending(demo):
    rows = re.findall(r"<tr.*?</tr>", (demo["folder"] / "04_action_lists.html").read_text("utf-8").split("申报安排")[1].split("</table>")[0], flags=re.S)
    planned = [html.unescape(re.sub(r"<[^>]+>", " ", row)) for row in rows]
    assert not [r for r in planned if demo["bureau"]["企业名称"] in r and "省级绿色工厂" in r]
    mine = [r for r in planned if demo["town"]["企业名称"] in r and demo["town"]["认定"] in r]
    assert not mine or "已报待定" in mine[0]


def variant(tmp_path: Path, edit) -> str:
    """The demo's workbook with ``edit(book)`` done to it."""
    shutil.copy(ROOT / "data/raw/demo.xlsx", tmp_path / "名册.xlsx")
    book = openpyxl.load_workbook(tmp_path / "名册.xlsx")
    edit(book)
    book.save(tmp_path / "名册.xlsx")
    return str(tmp_path / "名册.xlsx")


def drop(sheet, unwanted) -> None:
    """Delete the rows below the header for which ``unwanted(cells by header)`` holds."""
    header = [c.value for c in sheet[1]]
    kept = [row for row in sheet.iter_rows(min_row=2, values_only=True) if not unwanted(dict(zip(header, row)))]
    sheet.delete_rows(2, sheet.max_row)
    for row in kept:
        sheet.append(row)


def without_scheme(book):
    for name in ("考核方案", "指标值", "公布结果", "加减分"):
        del book[name]
    drop(book["说明"], lambda row: row["键"] in ("计划指标组", "追赶指标"))


def held_already(book):
    """The place is held and nothing is pending: the plan chooses nothing."""
    drop(book["认定名单"], lambda row: row["结果"] == "已申报")
    book["说明"].append(["计划位次", "5"])


def nobody_near(book):
    """One enterprise, far from everything."""
    first = []
    drop(book["企业"], lambda row: bool(first) or not (first.append(1) is None))
    drop(book["认定名单"], lambda row: row["区县"] == "示例区")
    drop(book["名单核对"], lambda row: True)


@pytest.mark.parametrize(("edit", "said"), [(without_scheme, "没有排出申报计划"), (held_already, "不新报也已达到"), (nobody_near, "没有排出申报计划")])
def test_a_case_with_little_to_plan_gets_its_lists_and_is_told_why(tmp_path, edit, said):
    made, page, _ = run(variant(tmp_path, edit), tmp_path / "out")
    assert said in page.replace("\n", "")
    assert (made / "lists/行动清单.xlsx").is_file()
    assert not re.search(r"\b(nan|NaN|inf|None|NaT)\b|计算在这里中断", page)


def test_a_case_without_enterprises_goes_without_the_notebook(tmp_path):
    lines: list[str] = []
    result = batch.run_cases(["anhui-2016"], notebooks=["4"], out=tmp_path, progress=lines.append)
    assert result.exit_status == 2 and "没有“企业”" in "\n".join(lines)


def test_the_manifest_names_the_workbooks(demo):
    content = json.loads((demo["folder"] / "manifest.json").read_text("utf-8"))
    assert any(entry["文件"] == "lists/行动清单.xlsx" for entry in content["files"])
    assert "files" not in content["notebooks"][0]["parameters"]
