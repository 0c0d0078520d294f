"""How the other districts of a case move on, from its lists or series; and what home itself loses when recognitions run out."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from ..assessment import Assessment
from ..chase.frames import COUNTS, levels
from ..matching.recognitions import BY_TERM, RECOGNISED, STATED, expiring
from ..params import AssessmentError
from ..recognition.held import COLUMNS, recognised
from ..weakness.recognition_view import recognition_flow
from .rivals import Rivals, rivals_from_lists, still
from .terms import recognition_key


def case_rivals(case, assessment: Assessment, codes: Mapping[str, str], year: int) -> tuple[Rivals, list[str]]:
    """Rivals who go on as their 认定名单 or, without one, their 时间序列 show; and Chinese sentences on what these are worth.

    Parameters
    ----------
    codes : recognition (of the rules or of the lists) -> indicator code. year : the counts are simulated to its end.

    A district without a list of its own but with a count in 指标值 is not taken to stand still: its yearly
    number leans on that of the others.
    """
    annual, notes, quiet = {}, [], []
    for code in dict.fromkeys(codes.values()):
        name = assessment.tree.name(code)
        frame, source = _annual(case, [n for n, c in codes.items() if c == code], assessment, code)
        if frame is None or len(frame) < 2 or int(frame.index.max()) >= year:
            quiet.append(name)
            continue
        frame, said = _checked(frame, assessment, name, code, source)
        notes += said
        if (frame.drop(columns=case.home, errors="ignore").notna().sum() > 1).any():
            annual[code] = frame
        else:
            quiet.append(name)
    if quiet and annual:
        notes.append(f"{'、'.join(f'“{n}”' for n in quiet)}没有其他区县历年的名单，假定它们不动，把握偏高")
    return (rivals_from_lists(annual, year) if annual else still()), notes


def lost_by(case, screening, until: pd.Timestamp, matched) -> tuple[dict[str, int], list[str]]:
    """Recognition -> number of home's that run out before the end of the plan without being renewed, and sentences on them.

    Only what the list itself dates (有效期至) is taken off: valid on the day of the screening and no longer ``until``, as
    the stock is counted at the end of a year. Those that a rule of thumb says are due, or that are only up for review, are named.

    matched : :func:`analysis.matching.match_recognitions` of the case.
    """
    own = _home_rows(case, matched)
    now = recognised(own, screening.date)
    later = recognised(own[~(own["year"] > screening.date.year)], until)
    gone = set(zip(now["row"], now["certification"])) - set(zip(later["row"], later["certification"]))
    counts = pd.Series([name for _, name in gone], dtype="str").value_counts()
    notes = [f"本区“{name}”有 {n} 项有效期在 {until:%Y-%m-%d} 之前届满、名单上没有续期，已从现有数中减去" for name, n in counts.items()]
    months = max((until.year - screening.date.year) * 12 + until.month - screening.date.month, 1)
    due = expiring(matched.held, screening.date, months)
    edge = due[(due["basis"] == STATED) & (due["due"] >= until)]
    for name, part in edge.groupby("certification", sort=False):
        notes.append(f"本区“{name}”有 {len(part)} 项有效期至 {part['due'].min():%Y-%m-%d}，计数时仍有效，没有减去，其后须续期")
    review = due[(due["basis"] == BY_TERM) & (due["due"] >= screening.date)]
    for name, part in review.groupby("certification", sort=False):
        notes.append(f"本区“{name}”有 {len(part)} 项按年数推算在 {until:%Y-%m-%d} 之前到期或须复核（规则{'、'.join(sorted(set(part['confidence'])))}），没有减去")
    return {str(name): int(n) for name, n in counts.items()}, notes


def _home_rows(case, matched):
    """Home's list entries with one number per holder: the roster's row, or one of its own for a name that is not on it."""
    listed = case.recognitions.set_index("row")
    mine = listed.index[listed["district"] == case.home].union(matched.held["list_row"])
    rows = listed.loc[mine].reset_index(names="list_row")
    holder = matched.held.drop_duplicates("list_row").set_index("list_row")["row"]
    own = {name: -k for k, name in enumerate(dict.fromkeys(rows["name"]), 1)}
    rows["row"] = [int(holder[n]) if n in holder.index else own[name] for n, name in zip(rows["list_row"], rows["name"])]
    return rows[COLUMNS]


def _annual(case, names, assessment, code):
    """Stock by year and district and where it is from; (None, "") without one. Several recognitions of one indicator add up."""
    wanted = {recognition_key(name) for name in names}
    listed = case.recognitions["certification"].map(recognition_key).isin(wanted) if len(case.recognitions) else None
    if listed is not None and listed.any():
        frames = [_stocks(case, rows) for _, rows in case.recognitions[listed].groupby("certification", sort=False)]
        frames = [frame for frame in frames if frame is not None]
        if frames:
            whole = frames[0]
            for frame in frames[1:]:
                years = whole.index.union(frame.index)
                whole = whole.reindex(years).add(frame.reindex(years), fill_value=0.0)
            return whole, "认定名单"
    for title in dict.fromkeys((*names, assessment.tree.name(code))):
        if title in set(case.series["indicator"]):
            try:
                found = levels(case, title)
            except AssessmentError:
                continue
            if found.kind == COUNTS:
                return found.annual.loc[found.annual.index <= case.year], "时间序列"
    return None, ""


def _stocks(case, rows):
    """Stocks at the end of each year of the districts that have a list; None where no year is known."""
    known = set(case.districts["district"])
    flow = recognition_flow(rows[(rows["result"] == RECOGNISED) & rows["district"].isin(known)], case.year)
    if flow.empty:
        return None
    stock = flow.pivot(index="year", columns="district", values="stock").astype(float)
    stock.columns.name = None
    return stock.set_axis([int(y) for y in stock.index])


def _checked(frame, assessment, name, code, source):
    """The frame with a bare present level for districts that have none, and where it differs from what was assessed."""
    notes, value = [], assessment.treated[code]
    last = frame.ffill().iloc[-1].reindex(value.index)
    absent = [d for d in value.index if pd.isna(last[d]) and value[d] > 0]
    differ = [d for d in value.index if pd.notna(last[d]) and pd.notna(value[d]) and abs(last[d] - value[d]) > 1e-9]
    if differ:
        shown = "、".join(f"{d} {last[d]:g} 对 {value[d]:g}" for d in differ[:4]) + ("等" if len(differ) > 4 else "")
        notes.append(f"“{name}”的{source}与考核的指标值在 {len(differ)} 个区县不一致（{shown}）：起点按指标值，名单只用来推算每年新增")
    if absent:
        notes.append(f"“{name}”没有{'、'.join(absent)}的{source}，其每年新增按其他区县推算")
    whole = frame.reindex(columns=[d for d in value.index if d in frame or d in absent])
    for d in absent:
        whole.loc[whole.index[-1], d] = np.round(value[d])
    return whole, notes
