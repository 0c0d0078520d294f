"""The first sheet: what there is to do, counts, what it rests on, how to use the workbook."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from ..recognition.screen import DUE, NEAR, STATUSES, UNSURE
from ..shipped import rows
from .gather import ActionLists
from .pages import BASES, MADE_UP
from .statuses import default_status, follow_statuses, tally

TOTAL = "合计"


@dataclass(frozen=True)
class Block:
    """A table under a heading; ``links`` = the first column names sheets (wanted names)."""

    heading: str
    table: pd.DataFrame
    links: bool = False


@dataclass(frozen=True)
class Overview:
    """Title, banner (示例数据 or nothing), answer sentences, tables, what it rests on, how to use it, the statuses."""

    title: str
    banner: str
    answers: tuple[str, ...]
    blocks: tuple[Block, ...]
    basis: tuple[str, ...]
    guide: tuple[str, ...]


def overview(lists: ActionLists) -> Overview:
    """The first sheet of the bureau's workbook, or of a town's."""
    title = f"{lists.town or lists.home or lists.city}　工业企业认定行动清单（{lists.day:%Y年%m月%d日}）"
    blocks = [Block("按认定", by_recognition(lists), lists.town is None)]
    if lists.town is None:
        blocks.append(Block("按镇街园区", by_town(lists), True))
    blocks.append(Block("跟进进度", progress(lists)))
    return Overview(title, MADE_UP if lists.illustrative else "", tuple(answers(lists)), tuple(blocks), tuple(basis(lists)), tuple(guide(lists)))


def by_recognition(lists: ActionLists) -> pd.DataFrame:
    """认定, 企业数, one column per status, 依据 (the weakest of the listed rows), with Chinese headers."""
    counts = pd.crosstab(lists.everyone["certification"], lists.everyone["status"], dropna=False).reindex(columns=list(STATUSES), fill_value=0)
    counts = counts.reindex(lists.certifications, fill_value=0)
    weakest = {name: next((mark for mark in BASES if (part["confidence"] == mark).any()), "原文" if len(part) else "")
               for name, part in lists.rows.groupby("certification", observed=True)}
    order = [DUE, NEAR, UNSURE, *(s for s in STATUSES if s not in (DUE, NEAR, UNSURE))]
    table = counts[order].rename_axis("认定").rename_axis(None, axis=1).reset_index()
    return table.assign(认定=table["认定"].astype(str), 企业数=counts.sum(axis=1).to_numpy(), 依据=[weakest.get(n, "") for n in lists.certifications],
                        数据="示例" if lists.illustrative else "推算")


def by_town(lists: ActionLists) -> pd.DataFrame:
    """镇街园区, 企业数, 涉及企业 (with at least one row), the three statuses, 已有跟进, and the total."""
    towns = lists.towns
    everyone, rows = lists.everyone.drop_duplicates("row"), lists.rows
    table = pd.DataFrame({"镇街园区": towns, "企业数": everyone.groupby("town", observed=True).size().reindex(towns, fill_value=0).to_numpy(),
                          "涉及企业": rows.groupby("town")["row"].nunique().reindex(towns, fill_value=0).to_numpy()})
    for status in (DUE, NEAR, UNSURE):
        table[status] = rows[rows["status"] == status].groupby("town").size().reindex(towns, fill_value=0).to_numpy()
    if lists.planned is not None:
        table["计划申报"] = rows[rows["quarter"] != ""].groupby("town").size().reindex(towns, fill_value=0).to_numpy()
    table["已有跟进"] = rows[rows["follow_up"] != default_status()].groupby("town").size().reindex(towns, fill_value=0).to_numpy()
    total = {"镇街园区": TOTAL} | {c: int(table[c].sum()) for c in table.columns[1:]}
    return pd.concat([table, pd.DataFrame([total])], ignore_index=True)


def progress(lists: ActionLists) -> pd.DataFrame:
    """进度, 清单内, 已不在清单 (one each enterprise × recognition), 含义, 对申报计划."""
    now, gone = lists.rows["follow_up"].value_counts(), lists.gone["follow_up"].value_counts()
    return pd.DataFrame([{"进度": s.name, "清单内": int(now.get(s.name, 0)), "已不在清单": int(gone.get(s.name, 0)), "含义": s.meaning, "对申报计划": s.planning}
                         for s in follow_statuses()])


def answers(lists: ActionLists) -> list[str]:
    """What there is to do, in sentences; what is settled by its follow-up is not counted, and said."""
    done, firms = lists.settled, lists.everyone["row"].nunique()
    rows = lists.rows.drop(index=done.index)
    about = f"{lists.town} " * (lists.town is not None) + f"{firms} 家企业、{len(lists.certifications)} 项认定"
    if rows.empty:
        said = [f"{about}：没有{'还要动员的' * bool(len(done))}应报未报、靠靠能报或资料不全的企业。"]
    else:
        said = [f"{about}，有事可做的 {rows['row'].nunique()} 家企业：{_by_status(rows, True)}（一家企业的一项认定算一项）。"]
    if len(done):
        said.append(f"跟进中已有着落的 {len(done)} 项（{_by_status(done)}；{tally(done['follow_up'])}）不计入以上各项和可以动员的家数；下面各表的状态仍按认定名单。")
    due = rows[rows["status"] == DUE]["certification"].astype(str).value_counts()
    if len(due):
        said.append("应报未报条件已全部达到，可以马上动员：" + "、".join(f"{name} {n} 家" for name, n in due.items()) + "。")
    said += _plan(lists)
    if lists.town is None and len(rows):
        near = rows[rows["status"].isin([DUE, NEAR])].groupby("town")["row"].nunique().sort_values(ascending=False, kind="stable").head(3)
        said += ["应报未报和靠靠能报的企业最多的是" + "、".join(f"{t}（{n} 家）" for t, n in near.items()) + "。"] if len(near) else []
    out = lists.expiring["state"].value_counts()
    said += ["认定的有效期：" + "、".join(f"{state} {n} 项" for state, n in out.items()) + "，见“到期复核”。"] if len(out) else []
    checks = [(lists.doubtful["listed_name"].nunique(), "个名单上的名称待核对（“名单待核”）"), (len(lists.unmatched), "个名单上的名称没有对上企业（“未匹配”）"),
              (len(lists.problems), "处数据要核对（“数据问题”）")]
    said += ["另有 " + "、".join(f"{n} {words}" for n, words in checks if n) + "。"] if any(n for n, _ in checks) else []
    moved = int((lists.rows["follow_up"] != default_status()).sum())
    if moved or len(lists.gone):
        said.append(f"已带入上次的跟进：清单内 {moved} 项已有进展" + (f"，{len(lists.gone)} 项已不在清单（内容保留在“已不在清单”）" if len(lists.gone) else "") + "。")
    return said


def _by_status(rows, every=False):
    counts = rows["status"].value_counts()
    return "、".join(f"{s} {int(counts.get(s, 0))} 项" for s in (DUE, NEAR, UNSURE) if every or counts.get(s, 0))


def _plan(lists):
    if lists.planned is None:
        return []
    pending, listed = lists.planned["pending"].astype(bool), lists.planned["listed"]
    new, said = lists.planned[listed & ~pending], []
    if len(new):
        first = new["quarter"].min()
        said.append(f"申报计划选定其中 {len(new)} 项（表里写明申报季度，排在最前），最早的 {int((new['quarter'] == first).sum())} 项在 {first}。")
    else:
        said.append("申报计划没有选定这里的企业新申报。")
    said += [f"计划还计入 {int((listed & pending).sum())} 项跟进中已申报、等结果的，在清单里，不再写申报季度。"] if (listed & pending).any() else []
    said += [f"计划计入的另有 {int((~listed & pending).sum())} 项是已申报、等结果的，不在清单里。"] if (~listed & pending).any() else []
    if len(lost := lists.planned[~listed & ~pending]):
        names = "、".join(f"{r.name}（{r.certification}，{r.quarter}）" for r in lost.head(5)[["name", "certification", "quarter"]].itertuples(index=False))
        said.append(f"计划里有 {len(lost)} 项现在已不在清单里，计划要重做：{names}{'等' if len(lost) > 5 else ''}。")
    return said


def basis(lists: ActionLists) -> list[str]:
    """What the workbook rests on that is not sure, on its face."""
    said = []
    if lists.illustrative:
        said.append(f"数据：{lists.nature or MADE_UP}。".replace("。。", "。"))
    elif lists.nature:
        said.append(f"数据：{lists.nature}。")
    for mark, words in BASES.items():
        names = [n for n in lists.certifications if ((lists.rows["certification"] == n) & (lists.rows["confidence"] == mark)).any()]
        said += [f"{words}：{'、'.join(names)}。"] if names else []
    if (lists.expiring["confidence"] == "待核").any():
        said.append("到期和复核的年数有的还没有核对原文（依据为“待核”），以证书和通知为准。")
    return [*said, *(f"{note}。" for note in lists.notes)] or ["条款都出自原文，数据不是示例。"]


def guide(lists: ActionLists) -> list[str]:
    """How to use the workbook, from ``tables/lists_guide.csv``."""
    own = "局" if lists.town is None else "镇街"
    return [r["文字"] for r in rows("lists_guide") if r["用于"] in ("全部", own)]
