"""What the follow-ups that came back have settled: left out of what is still to do, counted, and said."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from ..lists import ActionLists
from ..lists.overview import progress
from ..lists.statuses import default_status, settled, tally
from ..recognition import Screening
from ..recognition.screen import TO_ACT

FOLLOW_NOTE = ("“清单内”指仍在应报未报、靠靠能报、资料不全里的项数（一家企业的一项认定算一项），状态仍按认定名单；“已不在清单”的见“到期复核、名单核对、数据问题”。"
               "“已认定”的公布后补进“认定名单”表，才计入漏斗和每百家认定数。")


def still_to_do(screening: Screening, lists: ActionLists | None) -> Screening:
    """The screening without the enterprises × recognitions that a follow-up has settled (applied for, decided, given up)."""
    done = _settled(lists)
    if not len(done):
        return screening
    table = screening.table
    pairs = pd.MultiIndex.from_arrays([table["row"], table["certification"].astype(str)])
    out = pairs.isin(list(zip(done["row"], done["certification"].astype(str))))
    return replace(screening, table=table[~out].reset_index(drop=True))


def left_out(lists: ActionLists | None) -> str:
    """How many :func:`still_to_do` leaves out, as a sentence; empty where it is none."""
    done = _settled(lists)
    return f"跟进中已有着落的 {len(done)} 项（{tally(done['follow_up'])}）不在内。" if len(done) else ""


def follow_finding(lists: ActionLists, planned: bool) -> str:
    """What came back, in one sentence; empty where nothing did.

    planned : whether there is a plan, which then counts with it.
    """
    view = follow_view(lists)
    if view.empty:
        return ""
    moved = view[view["进度"] != default_status()]
    told = tally(name for name, here, gone in moved[["进度", "清单内", "已不在清单"]].to_numpy() for _ in range(here + gone))
    done = _settled(lists)
    counts = done["status"].value_counts()
    parts = "、".join(f"{status} {counts[status]} 项" for status in TO_ACT if counts.get(status))
    said = f"**跟进**：{told or '没有新的进展'}" + (f"；已有着落的 {len(done)} 项（{parts}）不再计入要动员的" if parts else "")
    return said + ("；申报计划已按这些结果重排，见“跟进情况”。" if planned and moved["进度"].isin(settled()).any() else "。")


def follow_view(lists: ActionLists) -> pd.DataFrame:
    """Follow-up statuses with somebody, as the workbooks' first sheet has them; empty where nothing came back."""
    table = progress(lists)
    table = table[table["清单内"] + table["已不在清单"] > 0].reset_index(drop=True)
    touched = len(lists.gone) or (table["进度"] != default_status()).any()
    return table if touched else table.iloc[:0]


def _settled(lists):
    return pd.DataFrame() if lists is None else lists.settled
