"""Small lists, and ways to look into the workbooks made of them."""

import zipfile
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import openpyxl
import pandas as pd
from analysis.lists import action_lists
from analysis.matching import Matched
from analysis.matching.match import DOUBTFUL, UNMATCHED
from recognitionbook import NOBODY, roster, rule, screened, table

CODES = ("91350100M000100Y43", "9135010000000000X1")
MORE = ["certification", "year", "batch", "valid_to", "result"]
NEEDS = [rule("硬条件", "近三年发明专利数", ">=", 3, 容差="1", 单位="项"), rule("硬条件", "研发费用", ">=", 100, group="A2", 单位="万元")]


def firm(name, town="一镇", patents=3, rd=500, code="", former=""):
    """Due with 3 patents, near with 2, unsure without a figure, far with none."""
    return {"企业名称": name, "镇街园区": town, "统一社会信用代码": code, "曾用名": former, "近三年发明专利数": patents, "研发费用": rd}


def made(*firms, rules=None, held=NOBODY, problems=(), doubtful=(), unmatched=(), plan=None, follow=None, nature="示例数据"):
    """Lists of firms; ``doubtful`` and ``unmatched`` as tuples of the columns of matching."""
    frame = roster(*firms)
    case = SimpleNamespace(enterprises=frame, problems=problems, title="小例", city="甲市", home="东区", nature=nature, name="小例")
    open_ = pd.DataFrame(list(doubtful), columns=[*DOUBTFUL, *MORE])
    none = pd.DataFrame(list(unmatched), columns=[*UNMATCHED, *MORE])
    empty = pd.DataFrame({"row": pd.Series(dtype="int64"), "enterprise": [], "result": [], "certification": [], "valid_to": pd.Series(dtype="datetime64[s]"),
                          "year": pd.Series(dtype=float), "status": []})
    return action_lists(screened(table(rules or NEEDS), frame, held), case, Matched(empty, open_, none), plan, follow)


def plan_of(*choices):
    """A plan as far as lists need it: (name, certification, quarter, probability, cost)."""
    rows = [{"enterprise": n, "name": n, "town": t, "certification": c, "quarter": q, "probability": p, "cost": k, "pending": wait}
            for n, t, c, q, p, k, wait in choices]
    return SimpleNamespace(chosen=pd.DataFrame(rows), cost_unit="万元")


def filled(lists, name, follow_up="已联系", note="", updated=None):
    """The lists with one enterprise's follow-up written in, as if carried over."""
    rows = lists.rows.copy()
    mark = rows["name"] == name
    rows.loc[mark, ["follow_up", "note"]] = follow_up, note
    rows["updated"] = pd.to_datetime(rows["updated"].where(~mark, updated))
    return replace(lists, rows=rows)


def edit(path, change, out=None):
    """Change a workbook through openpyxl, as another program would save it."""
    book = openpyxl.load_workbook(path)
    change(book)
    book.save(out or path)
    return out or path


def header(sheet):
    """(row number, {header: column number}) of a list sheet."""
    for row in sheet.iter_rows():
        found = {c.value: c.column for c in row if isinstance(c.value, str)}
        if "跟进状态" in found:
            return row[0].row, found
    raise AssertionError("no list here")


def fill(sheet, name, **cells):
    """Write cells (by header) into the rows of an enterprise."""
    top, at = header(sheet)
    for row in range(top + 1, sheet.max_row + 1):
        if sheet.cell(row, at["企业名称"]).value == name:
            for title, value in cells.items():
                sheet.cell(row, at[title]).value = value


def all_text(path):
    """Every part of a workbook as one text, entities undone."""
    with zipfile.ZipFile(path) as archive:
        text = "\n".join(name + archive.read(name).decode("utf-8") for name in archive.namelist())
    for entity, character in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&apos;", "'"), ("&amp;", "&")):
        text = text.replace(entity, character)
    return text


def told(table):
    """What a follow-up table says, whatever the files it came from."""
    return sorted((r.code, r.name, r.certification, r.follow_up, r.note, None if r.updated is pd.NaT or r.updated is np.nan else str(r.updated)[:10])
                  for r in table[["code", "name", "certification", "follow_up", "note", "updated"]].itertuples(index=False))
