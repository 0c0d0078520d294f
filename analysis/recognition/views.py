"""Views of a screening: funnels, places, the district against its neighbours, candidates for a plan."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from ..params import AssessmentError
from ..status import derived_status
from ..text import fold_key
from .clauses import CONFIDENCE
from .explain import explained
from .held import recognised
from .judge import judge, judge_group
from .logic import NO, YES
from .rules import day_of
from .score import full_marks, score_sheet
from .screen import APPLIED, BARRED, DUE, FAR, HELD, NEAR, STATUSES, UNSURE, Screening

PLACES = {"town": "镇街园区", "chain": "产业链"}
NONE_GIVEN = "（未填）"
ABOVE_SCALE = "规上工业企业单位数"


def summary(screening: Screening) -> pd.DataFrame:
    """One row per recognition: certification, valid_from, valid_to (NaT = open), number of enterprises of each status,
    full_marks (points the sheet's rows can give; missing without a sheet), confidence (weakest row of its rules),
    data_status (示例 if any enterprise's row is)."""
    counts = screening.table.groupby(["certification", "status"], observed=False).size().unstack().reindex(columns=list(STATUSES))
    about = pd.DataFrame([{
        "certification": name, "valid_from": r.valid_from, "valid_to": r.valid_to, "full_marks": full_marks(r) if r.sheet else np.nan,
        "confidence": CONFIDENCE[max(c.confidence for c in r.clauses)]} for name, r in screening.book.recognitions.items()])
    whole = about.join(counts.set_axis(list(STATUSES), axis=1).set_index(counts.index.astype(str)), on="certification")
    return whole[["certification", "valid_from", "valid_to", *STATUSES, "full_marks", "confidence"]].assign(
        data_status=derived_status(screening.table["data_status"].unique()))


def funnel(screening: Screening, by: str = "certification") -> pd.DataFrame:
    """From the roster to the recognised.

    Parameters
    ----------
    by : ``certification``, ``town`` or ``chain`` (one row per place and recognition).

    Returns
    -------
    DataFrame: (place,) certification, roster (家), meets (应报未报 + 已申报 + 已认定), applied
    (已申报 + 已认定), recognised — each within the one before — then due, near, unsure (资料不全)
    and doubtful: recognised whose figures do not meet the conditions today (to be looked at
    before the review).
    """
    if by != "certification" and by not in PLACES:
        raise AssessmentError(f"只能按 certification、{'、'.join(PLACES)} 汇总，不能按“{by}”")
    table, status = screening.table, screening.table["status"]
    heads = pd.DataFrame({
        "roster": 1, "meets": status.isin([DUE, APPLIED, HELD]), "applied": status.isin([APPLIED, HELD]), "recognised": status == HELD,
        "due": status == DUE, "near": status == NEAR, "unsure": status == UNSURE, "doubtful": (status == HELD) & (table["met"] == 0)}).astype(int)
    keys = [table["certification"].astype(str)]
    if by in PLACES:
        keys.insert(0, table[by].astype(str).replace("", NONE_GIVEN).rename("place"))
    return heads.groupby(keys, sort=False).sum().reset_index()


def by_place(screening: Screening, by: str = "town", statuses: Sequence[str] = (DUE, NEAR)) -> pd.DataFrame:
    """Enterprises with some status by place: one row per place, one column per recognition, ``enterprises`` = different
    enterprises with at least one, ``roster`` = enterprises of the place; most first."""
    if by not in PLACES:
        raise AssessmentError(f"只能按 {'、'.join(PLACES)} 汇总，不能按“{by}”")
    table = screening.table.assign(place=screening.table[by].astype(str).replace("", NONE_GIVEN))
    kept = table[table["status"].isin(statuses)]
    counts = kept.groupby(["place", "certification"], observed=False).size().unstack(fill_value=0)
    # Without anybody there would be no columns at all.
    counts = counts.set_axis([str(c) for c in counts.columns], axis=1).reindex(columns=list(screening.certifications), fill_value=0)
    roster = screening.enterprises.groupby(screening.enterprises[by].astype(str).replace("", NONE_GIVEN), sort=False).size()
    out = pd.DataFrame({"roster": roster, "enterprises": kept.groupby("place")["row"].nunique()}).join(counts).fillna(0).astype(int)
    return out.sort_values("enterprises", ascending=False, kind="stable").rename_axis("place").reset_index()


def per_hundred(case, date=None, base: str = ABOVE_SCALE) -> pd.DataFrame:
    """Recognised enterprises per 100 above-scale enterprises, the district beside its neighbours.

    Parameters
    ----------
    base : an annual 时间序列 indicator counting enterprises (家).

    Returns
    -------
    DataFrame: district, certification, recognised (list entries valid on the date; entries
    without a district count for none), base (家), per_hundred (missing where the base is),
    rank (1 = most) and status (示例 if anything under it is, else 推算). Only recognitions
    listed for more than one district.

    Raises
    ------
    AssessmentError where no district has the base.
    """
    date = day_of(case, date)
    rows = case.series[(case.series["indicator"] == base) & (case.series["period"] == str(date.year)) & (case.series["item"] == "")]
    if rows["value"].notna().sum() == 0:
        raise AssessmentError(f"时间序列里没有 {date.year} 年各区县的“{base}”，不能算每百家规上企业的认定数")
    heads = rows.set_index("district")["value"]
    valid = recognised(case.recognitions, date)
    known = valid[valid["district"].isin(case.districts["district"])]
    several = known.groupby("certification")["district"].nunique()
    made_up = case.recognitions["status"].eq("示例").any() or rows["status"].eq("示例").any()
    parts = []
    for name in several.index[several > 1]:
        part = known[known["certification"] == name].groupby("district").size().reindex(case.districts["district"], fill_value=0)
        parts.append(pd.DataFrame({"district": part.index, "certification": name, "recognised": part.to_numpy(), "base": heads.reindex(part.index).to_numpy()}))
    if not parts:
        raise AssessmentError("认定名单里没有一项同时列出多个区县，不能与周边比较")
    out = pd.concat(parts, ignore_index=True)
    out["per_hundred"] = 100 * out["recognised"] / out["base"].where(out["base"] > 0)
    out["rank"] = out.groupby("certification")["per_hundred"].rank(ascending=False, method="min")
    return out.assign(status="示例" if made_up else "推算")


def candidates(screening: Screening, statuses: Sequence[str] = (DUE, NEAR), among: pd.DataFrame | None = None) -> pd.DataFrame:
    """What a plan chooses from (``among``: some rows of the screening's table, None = all): row, enterprise, town, chain, certification, status, distance, earliest (2023Q2, of its own conditions, the
    recognitions that it must get first apart; empty if not known), prerequisite (recognitions it must get first, joined by 、), status_then (status
    once it holds them, what chance it then has), confidence, data_status."""
    table = explained(screening, screening.listed(statuses, table=among))
    if table.empty:
        return table.assign(enterprise="", prerequisite="", status_then="")[_CANDIDATE]
    quarter = [f"{d.year}Q{(d.month + 2) // 3}" if not pd.isna(d) else "" for d in table["own"]]
    parts = [_first(screening, str(name), part) for name, part in table.groupby("certification", observed=True, sort=False)]
    return table.assign(enterprise=table["name"], earliest=quarter).join(pd.concat(parts))[_CANDIDATE]


_CANDIDATE = ["row", "enterprise", "town", "chain", "certification", "status", "distance", "earliest", "prerequisite", "status_then", "confidence",
              "data_status"]


def _first(screening, name, part):
    """prerequisite and status_then of some rows of one recognition."""
    recognition = screening.book.recognitions[name]
    fields = screening.fields.only(recognition.columns).take(screening.positions(part["row"]))
    scores = score_sheet(recognition, fields)
    asked = [(g.clauses[0].holds, judge_group(g, fields, scores).state == NO) for g in recognition.required if all(c.holds for c in g.clauses)]
    status = part["status"].astype(str).to_numpy(dtype=object)
    needs = np.any([lacking for _, lacking in asked], axis=0) if asked else np.zeros(len(part), dtype=bool)
    for holds, lacking in asked:
        if lacking.any():
            fields.held[fold_key(holds)][lacking] = YES
    then = judge(recognition, fields)
    # Neither a list nor an exclusion changes with what is won first, and who may stand on a list still may.
    may = screening.perhaps.loc[screening.perhaps["certification"] == name, "row"]
    open_ = needs & np.isin(status, [NEAR, UNSURE, FAR]) & ~part["row"].isin(may).to_numpy()
    won = np.select([then.met == YES, then.near == YES, then.near == NO], [DUE, NEAR, FAR], default=UNSURE).astype(object)
    return pd.DataFrame({"prerequisite": ["、".join(h for h, lacking in asked if lacking[k]) for k in range(len(part))],
                         "status_then": np.where(open_, won, status)}, index=part.index)


HEADERS = {"row": "企业表行号", "code": "统一社会信用代码", "name": "企业名称", "town": "镇街园区", "chain": "产业链", "certification": "认定", "status": "状态",
           "distance": "距离", "score_low": "得分（最低）", "score_high": "得分（最高）", "reason": "原因", "ask": "待核实", "least": "最小变动",
           "earliest": "最早可达", "confidence": "依据", "data_status": "数据状态"}


def list_table(explained: pd.DataFrame) -> pd.DataFrame:
    """Rows of :meth:`Screening.explain` under Chinese headers, for a page or a workbook."""
    return explained[list(HEADERS)].rename(columns=HEADERS)


def findings(screening: Screening) -> list[str]:
    """Conclusions as Chinese sentences: one per recognition, statuses without anybody left out; what the lists rest on."""
    lines, total = [], len(screening.enterprises)
    for row in summary(screening).to_dict("records"):
        counted = [f"{status}{row[status]}家" for status in _SAID if row[status]]
        lines.append(f"{row['certification']}：{total}家中{'，'.join(counted)}。")
    table = screening.listed((DUE, NEAR))
    for name, part in table.groupby("certification", observed=True):
        unsure = int((part["confidence"] == CONFIDENCE[-1]).sum())
        if unsure:
            some = "都" if unsure == len(part) else f"有{unsure}家"
            lines.append(f"{name}的应报未报、靠靠能报名单（{len(part)}家）{some}依据没有核对原文的条款（待核），报送前须对照本省现行文件。")
    if said := unlisted_finding(screening):
        lines.append(said)
    return [*lines, *(f"{note}。" for note in screening.book.notes)]


def unlisted_finding(screening: Screening) -> str:
    """Recognitions with somebody due of which there is no list at all: they may be held already; empty if there is none."""
    due = set(screening.table.loc[screening.table["status"] == DUE, "certification"].astype(str))
    names = [name for name in screening.unlisted if name in due]
    return f"没有{'、'.join(names)}的认定名单，应报未报里可能有已经认定的，请先补名单。" if names else ""


# What to act on first, then what is done, then what is out of reach.
_SAID = (DUE, NEAR, UNSURE, APPLIED, HELD, FAR, BARRED)
