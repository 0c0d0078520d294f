"""One page for a town or park."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from ..lists import ActionLists
from ..recognition.screen import APPLIED, DUE, HELD, NEAR, UNSURE
from .face import Face, month_text, quarter_words, unsure_text
from .model import TOWN, Block, Column, Figures, Grid, Page, Sentences
from .steps import nearest, next_steps

NAMES, LACKS = "企业名称", "还差什么"


def town_page(own: ActionLists, lists: ActionLists, face: Face, asked: pd.DataFrame, kind: str = "", growth: tuple[str, ...] = (),
              settled: str = "", refused: Mapping[tuple[int, str], str] | None = None) -> Page:
    """The page of ``own.town``.

    own : lists of the town (:func:`analysis.lists.for_town`). lists : of the whole district, for shares only.
    asked : what to ask. kind : 镇, 街道, 园区 … growth : sentences on its part of the growth target.
    settled : what follow-ups have settled and ``own`` no longer lists, in words.
    refused : (row, recognition) -> year in which an application was refused (:func:`analysis.recognition.held.refused`).
    """
    blocks: list[Block] = [Figures(_figures(own, lists)), _standing(own, lists), Sentences("下一步三件事", next_steps(own, asked), numbered=True)]
    blocks += [grid for grid in (_due(own, refused or {}), _near(own)) if grid is not None]
    blocks += [Sentences("任务", (*_plan(own, lists), *growth))] if own.planned is not None or growth else []
    unsure = unsure_text([n for n in face.unsure if ((own.rows["certification"] == n) & (own.rows["confidence"] == "待核")).any()])
    done = f"跟进中已有着落的（{settled}）不再列入应报未报、靠靠能报和资料不全。" if settled else ""
    return Page(TOWN, own.town, f"{face.place}　企业认定一页纸　{face.day}" + (f"　类型：{kind}" if kind else ""), face.head, face.mark,
                (*face.foot, face.rules, *filter(None, [done, unsure])), (tuple(blocks),), own.town, own.town)


def _figures(own, lists):
    status, rows = own.everyone, own.rows
    firms, every = status["row"].nunique(), lists.everyone["row"].nunique()
    def count(s):
        return rows.loc[rows["status"] == s, "row"].nunique()
    items = [("名册企业", f"{firms} 家", f"占全区 {firms / every:.1%}"),
             ("应报未报", f"{count(DUE)} 家", f"{(rows['status'] == DUE).sum()} 项"), ("靠靠能报", f"{count(NEAR)} 家", f"{(rows['status'] == NEAR).sum()} 项"),
             ("资料不全", f"{count(UNSURE)} 家", f"{(rows['status'] == UNSURE).sum()} 项")]
    if own.planned is not None:
        new, waiting = _split(own.planned)
        items.append(("计划申报", f"{len(new)} 项", f"另已报待定 {len(waiting)} 项" if len(waiting) else f"{new['enterprise'].nunique()} 家企业"))
    return tuple(items)


def _standing(own, lists):
    def counts(part):
        return part.groupby(["certification", "status"], observed=False).size().unstack(fill_value=0)

    mine, all_ = counts(own.everyone), counts(lists.everyone)
    rows = []
    for name in lists.certifications:
        n, total = mine.loc[name], all_.loc[name]
        share = f"{n[HELD] / total[HELD]:.1%}" if total[HELD] else "—"
        rows.append((name, str(n[HELD]), share, str(n[APPLIED]), str(n[DUE]), str(n[NEAR]), str(n[UNSURE])))
    columns = (Column("认定", 3.15), Column("已认定（家）", 1.45, True), Column("占全区已认定", 1.5, True), Column("已申报", 1, True), Column(DUE, 1.1, True),
               Column(NEAR, 1.1, True), Column(UNSURE, 1.1, True))
    return Grid("认定现状", columns, tuple(rows), rests=(*(f"另有 {len(rows) - k} 项认定见清单工作簿。" for k in range(len(rows))), ""), first=True)


def _due(own, refused):
    part = own.rows[own.rows["status"] == DUE]
    if part.empty:
        return Grid("应报未报", (), (), empty="没有应报未报的企业。")
    rows = []
    for _, firm in part.groupby("row", sort=False):
        head = firm.iloc[0]
        planned = "、".join(dict.fromkeys(quarter_words(q) for q in firm["quarter"] if q))
        rows.append((head["name"], "、".join(_unapplied(name, refused.get((head["row"], name))) for name in firm["certification"].astype(str)), planned, _weakest(firm["confidence"]), "□"))
    columns = (Column(NAMES, 4.1), Column("条件已达到、现在没有在报的认定", 4.5), Column("计划申报", 1.9, True), Column("依据", 0.75, True), Column("已联系", 0.95, True))
    return Grid(f"应报未报（{len(rows)} 家）", columns, tuple(rows), rests=_rests(len(rows), DUE))


def _near(own):
    part = nearest(own.rows[own.rows["status"] == NEAR])
    if part.empty:
        return Grid("靠靠能报", (), (), empty="没有靠靠能报的企业。")
    unclear = "，差多少还不清楚的在后" if not (part["distance"] > 0).all() else ""
    rows, firms = [], []
    for row in part.to_dict("records"):
        rows.append((row["name"], str(row["certification"]), lacking(row["reason"]), month_text(row["earliest"]), row["confidence"], "□"))
        firms.append(row["row"])
    columns = (Column(NAMES, 2.75), Column("认定", 1.75), Column(LACKS, 4.4), Column("最早可达", 1.78, True), Column("依据", 0.75, True), Column("已联系", 1, True))
    return Grid(f"靠靠能报（{part['row'].nunique()} 家 {len(part)} 项，差得少的在前{unclear}）", columns, tuple(rows), rests=_rests_of(firms, NEAR))


def lacking(reason: str) -> str:
    """What a reason says is missing or unknown, without its opening word."""
    return reason.removeprefix("未达到：")


def _unapplied(name, year):
    """A recognition that could be applied for, with the year in which an application was refused."""
    return f"{name}（{year}年申报未通过）" if year else name


def _rests(total, status):
    return (*(f"另有 {total - k} 家{status}见清单工作簿。" for k in range(total)), "")


def _rests_of(firms, status):
    """As a firm may stand in several rows, those with no row shown are counted, or else the rows."""
    out = []
    for k in range(len(firms)):
        hidden = len(set(firms[k:]) - set(firms[:k]))
        out.append((f"另有 {hidden} 家{status}" if hidden else f"另有 {len(firms) - k} 项{status}") + "见清单工作簿。")
    return (*out, "")


def _weakest(marks):
    return next((m for m in ("待核", "二手", "原文") if (marks == m).any()), "")


def _split(planned):
    waiting = planned["pending"].astype(bool)
    return planned[~waiting], planned[waiting]


def _plan(own, lists):
    """The town's share of the plan, by quarter."""
    if own.planned is None:
        return ()
    new, waiting = _split(own.planned)
    total = len(_split(lists.planned)[0])
    more = f"另有 {len(waiting)} 项已申报、等结果。" if len(waiting) else ""
    if new.empty:
        return (f"申报计划：没有安排新的申报。{more}",)
    parts = []
    for quarter, part in new.groupby("quarter", sort=True):
        kinds = part["certification"].astype(str).value_counts(sort=False)
        parts.append(f"{quarter_words(quarter)} {len(part)} 项（{'、'.join(f'{c} {n}' for c, n in kinds.items())}）")
    return (f"申报计划：新申报 {len(new)} 项，占全区 {len(new) / total:.1%}——{'；'.join(parts)}。{more}",)


def growth_text(task, town: str, name: str = "") -> str:
    """A sentence on the town's part of the growth target; empty where the target is not shared out to it."""
    shared = task.towns
    if shared is None or town not in set(shared.table["place"]):
        return ""
    row = shared.table.set_index("place").loc[town]
    what = f"“{name}”" if name else "增长目标"
    bound = f"（{row['bound']}）" if row["bound"] else ""
    return (f"增长任务：{what}{task.first} 年新增 {row['increment']:.2f} 亿元、达到 {row['target']:.2f} 亿元，增长 {row['growth']:.1f}%{bound}，"
            f"承担全区增量的 {row['increment_share']:.1%}（状态：{row['status']}）。")
