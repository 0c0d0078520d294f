"""The lists as a page prints them: the nearest of each recognition, the total said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from ..lists import ActionLists
from ..lists.statuses import default_status
from ..provenance import input_cells
from ..recognition.clauses import CONFIDENCE, CONFIDENCE_NOTE
from ..recognition.screen import DUE, NEAR, UNSURE, Screening
from ..recognition.settings import setting
from ..recognition.views import NONE_GIVEN

HEADERS = {"status": "状态", "follow_up": "跟进", "name": "企业名称", "town": "镇街园区", "score": "评价得分", "reason": "原因", "ask": "待核实",
           "least": "最小变动", "earliest": "最早可达", "confidence": "依据", "data_status": "数据状态"}


@dataclass(frozen=True)
class Listing:
    """``view``: rows under Chinese headers; ``counts``: all enterprises by status; ``note``: what is not shown, and the words under 依据 (Chinese);
    ``cells``: where each row's enterprise was read, by (index label, column)."""

    certification: str
    view: pd.DataFrame
    counts: dict[str, int]
    note: str
    cells: dict[tuple[int, str], str]

    @property
    def caption(self) -> str:
        return f"{self.certification}：" + "、".join(f"{status} {count} 家" for status, count in self.counts.items())


def lists(screening: Screening, most: int | None = None, statuses: Sequence[str] = (DUE, NEAR, UNSURE), town: str | None = None,
          follow: ActionLists | None = None) -> list[Listing]:
    """One list per recognition that has anybody on it.

    Parameters
    ----------
    most : enterprises (家) of each status, nearest first (None = 页面每类最多列出; 0 = all).
    town : one 镇街园区 only (None = all). follow : with follow-ups, which then stand beside the status.

    Only what is shown is explained, so the cost does not grow with the roster.
    """
    most = int(setting("页面每类最多列出")) if most is None else most
    table = screening.listed(statuses)
    if town is not None:
        table = table[table["town"].astype(str).replace("", NONE_GIVEN) == town]
    out, said = [], _said(follow)
    for name in screening.certifications:
        part = table[table["certification"] == name]
        if part.empty:
            continue
        counts = {s: int(n) for s, n in part["status"].value_counts().reindex(list(statuses)).items() if n > 0}
        kept = part.groupby("status", observed=True).head(most) if most else part
        explained = screening.explain(statuses, name, kept["row"])
        view = _view(explained, said)
        cut = [f"{s}共 {n} 家，只列前 {most} 家" for s, n in counts.items() if most and n > most]
        note = ["；".join(cut) + "（近的在前）。"] if cut else []
        note += [CONFIDENCE_NOTE] if view[HEADERS["confidence"]].isin(CONFIDENCE[1:]).any() else []
        out.append(Listing(name, view, counts, "".join(note), _read_at(screening, explained)))
    return out


def _read_at(screening, explained):
    """{(0, 企业名称): 企业第 57 行}: what a reader sees who points at a name."""
    if "cell" not in screening.enterprises:
        return {}
    cells = dict(zip(screening.enterprises["row"], screening.enterprises["cell"]))
    return {(k, HEADERS["name"]): input_cells([cells.get(row, "")], whole=True) for k, row in enumerate(explained["row"])}


def _said(follow):
    """Follow-ups of whom something is said, by enterprise and recognition."""
    if follow is None:
        return {}
    moved = follow.rows[follow.rows["follow_up"] != default_status()]
    return dict(zip(zip(moved["row"], moved["certification"].astype(str)), moved["follow_up"]))


def _view(explained, said):
    low, high = explained["score_low"], explained["score_high"]
    span = low.map("{:g}".format).where(low == high, low.map("{:g}".format) + "—" + high.map("{:g}".format)).where(low.notna(), "")
    when = explained["earliest"].map(lambda d: "" if pd.isna(d) else f"{d.year}年{d.month}月")
    told = [said.get(pair, "") for pair in zip(explained["row"], explained["certification"].astype(str))]
    shown = explained.assign(follow_up=told, score=span, town=explained["town"].astype(str).replace("", NONE_GIVEN),
                             earliest=when.where(explained["status"] != DUE, "已具备条件"))
    shown = shown[list(HEADERS)].rename(columns=HEADERS).astype(str).replace("nan", "")
    return shown.drop(columns=[c for c in ("跟进", "评价得分", "待核实", "最小变动") if (shown[c] == "").all()]).reset_index(drop=True)
