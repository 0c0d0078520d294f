"""The sheets of a workbook as tables with titles and notes; how they look is :mod:`analysis.lists.book`'s business."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pandas as pd

from ..recognition.screen import DUE, NEAR, UNSURE
from ..shipped import rows
from .gather import ActionLists, in_order
from .statuses import said

RECOGNITION, TOWN, GONE, EXPIRING, DOUBTFUL, UNMATCHED, PROBLEMS = "认定清单", "镇街清单", "已不在清单", "到期复核", "名单待核", "未匹配", "数据问题"
OWN_LIST, ROSTER = "行动清单", "企业总表"
FILL = "浅黄底的跟进状态、镇街备注、更新日期由联系企业的人填"
MADE_UP = "示例数据：企业和数字都是编造的，不对应任何真实单位"
UNVERIFIED, SECOND_HAND = "待核", "二手"
BASES = {UNVERIFIED: "依据写“待核”的，条款还没有核对原文，报送前须对照本省现行文件", SECOND_HAND: "依据写“二手”的，条款出自转述，报送前宜对照原文"}


@dataclass(frozen=True)
class Column:
    """One row of ``tables/lists_columns.csv``; ``width`` in half-width characters, ``printed`` = inside the print area."""

    field: str
    header: str
    width: float
    kind: str
    printed: bool


@dataclass(frozen=True)
class Page:
    """One sheet: the wanted name (made valid when written), title, notes above the header, columns, table by field, what to
    say where it is empty, and whether anything in it is made up."""

    name: str
    title: str
    notes: tuple[str, ...]
    columns: tuple[Column, ...]
    table: pd.DataFrame
    empty: str
    illustrative: bool


def columns_of(kind: str) -> tuple[Column, ...]:
    """Columns of a kind of sheet, those that are printed first."""
    return tuple(Column(r["字段"], r["表头"], float(r["宽度"]), r["格式"], r["打印"] == "是") for r in rows("lists_columns") if r["表"] == kind)


def pages(lists: ActionLists) -> list[Page]:
    """Sheets after the overview: the bureau's by recognition and by town, or the one list of a town; then what is to be checked."""
    ground = [f"{mark}\n{status}" if mark else status for mark, status in zip(lists.rows["confidence"], lists.rows["data_status"])]
    rows = lists.rows.assign(last=_last(lists.rows), ground=ground)
    found = []
    if lists.town is None:
        for name in lists.certifications:
            own = rows[rows["certification"] == name]
            if len(own):
                found.append(_list_page(lists, RECOGNITION, name, f"{name}　行动清单", own))
        for town in lists.towns:
            own = rows[rows["town"] == town]
            if len(own):
                found.append(_list_page(lists, TOWN, town, f"{town}　行动清单", own))
    else:
        found.append(_list_page(lists, TOWN, OWN_LIST, f"{lists.town}　行动清单", rows))
    found.append(_roster_page(lists))
    return [*found, *(page for page in _further(lists) if lists.town is None or len(page.table) or (page.name == DOUBTFUL and lists.withheld))]


def _list_page(lists, kind, name, title, rows):
    rows = in_order(rows)
    counts = rows["status"].value_counts()
    counted = "、".join(f"{s} {int(counts[s])} 家{'次' if kind == TOWN else ''}" for s in (DUE, NEAR, UNSURE) if counts.get(s))
    head = f"按 {lists.day:%Y-%m-%d} 适用的条件筛查：{counted or '没有需要处理的企业'}。{FILL}。"
    wanted = [c for c in columns_of(kind) if lists.planned is not None or c.field not in ("quarter", "probability", "cost")]
    wanted = [Column(c.field, f"{c.header}（{lists.cost_unit}）" if c.field == "cost" else c.header, c.width, c.kind, c.printed) for c in wanted]
    bases = [words for mark, words in BASES.items() if (rows["confidence"] == mark).any()]
    return Page(name, title, (head, *(f"{words}。" for words in bases)), tuple(wanted), rows, "没有需要处理的企业", _made_up(lists, rows))


def _roster_page(lists):
    """Every enterprise once, those without anything to do included, with its status for each recognition."""
    columns = [c for c in columns_of(ROSTER) if c.field != "status"]
    each = next(c for c in columns_of(ROSTER) if c.field == "status")
    table = lists.everyone.drop_duplicates("row")[["row", *(c.field for c in columns if c.field != "row")]].reset_index(drop=True)
    for k, name in enumerate(lists.certifications):
        own = lists.everyone[lists.everyone["certification"] == name].set_index("row")["status"]
        table[f"status{k}"] = table["row"].map(own).astype(object)
    wide = [replace(each, field=f"status{k}", header=name) for k, name in enumerate(lists.certifications)]
    here = "本镇街" if lists.town is not None else "全区"
    notes = (f"{here} {len(table)} 家企业对每项认定现在的状态，“暂不具备”“已认定”的也列在这里；按表头的箭头筛选。只供查看：跟进请填在行动清单里，填在这张表里的不读入。",)
    return Page(ROSTER, f"{_head(lists)}企业总表", notes, (*(c for c in columns if c.printed), *wide, *(c for c in columns if not c.printed)), table, "没有企业",
                lists.illustrative)


def _further(lists):
    here = "本镇街" if lists.town is not None else "区里"
    if len(lists.gone):
        gone = lists.gone.assign(last=_last(lists.gone))
        yield Page(GONE, f"{_head(lists)}已不在清单的跟进情况", ("条件有变（已认定、暂不具备等）不再列入清单的，原来填的内容留在这里；回到清单时自动带回。",),
                   columns_of(GONE), gone, "", lists.illustrative)
    months = f"{lists.months:g}"
    yield Page(EXPIRING, f"{_head(lists)}到期和复核", (f"已到期，或 {lists.day:%Y-%m-%d} 起 {months} 个月内到期、复核的认定。“按年数推算”的到期日按认定年份加有效年数得出，以证书和通知为准。",
                                                *([f"{BASES[UNVERIFIED]}。"] if (lists.expiring["confidence"] == UNVERIFIED).any() else [])),
               columns_of(EXPIRING), lists.expiring, f"{months} 个月内没有到期或复核的认定", _made_up(lists, lists.expiring))
    notes = [f"认定名单上的名称与{here}的企业相近、但不能确定是同一家，没有自动合并。是同一家，结论填“是”；不是填“否”；拿不准留空。"]
    notes += ["填好后交回或就存在原处，下次运行会读入；要长期保留，把前五列连同表头复制到数据工作簿的“名单核对”表。"] if lists.town is None else []
    notes += [f"另有 {lists.withheld} 条涉及其他镇街的企业，由区里核对，这里不列。"] if lists.withheld else []
    yield Page(DOUBTFUL, f"{_head(lists)}认定名单待核对的名称", tuple(notes), columns_of(DOUBTFUL), lists.doubtful, "没有待核对的名称", lists.illustrative)
    if lists.town is None:
        yield Page(UNMATCHED, "认定名单里没有对上企业的名称", ("可能是企业表不全、企业更名或已迁出；补全企业表（曾用名）后再运行一次。",), columns_of(UNMATCHED),
                   lists.unmatched, "名单上的名称都已对上或列入待核", lists.illustrative)
    yield Page(PROBLEMS, f"{_head(lists)}数据里要核对的地方", ("有问题的行照样参加筛查、照样在清单里，结果可能受影响；改数据请改原来的数据工作簿。",), columns_of(PROBLEMS),
               lists.problems, "没有发现问题", lists.illustrative)


def _head(lists):
    return f"{lists.town}　" if lists.town is not None else ""


def _last(table):
    return [said(status, None if pd.isna(day) else day.date(), note) for status, day, note in zip(table["follow_up"], table["updated"], table["note"])]


def _made_up(lists, table):
    return "示例" in lists.nature or bool((table["data_status"] == "示例").any())
