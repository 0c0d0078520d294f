"""Who holds or has applied for what, from the lists already matched to the roster."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from ..text import fold_key
from .logic import NO, UNKNOWN, YES
from .settings import setting

COLUMNS = ["row", "certification", "year", "valid_to", "result"]
GRANTED, APPLIED, WITHDRAWN, REFUSED = "已认定", "已申报", "已撤销", "未通过"
REFUSED_BEFORE = "申报未通过"  # what the sheet 申报约定 calls who was refused in a former year
_DIGITS = "零一二三四五六七八九"
_BATCH = re.compile(r"([0-9]+|[一二三四五六七八九十]+)(?:批|$)")


def recognised(held: pd.DataFrame, date: pd.Timestamp) -> pd.DataFrame:
    """Rows granted and valid on a date: not later than its year, not expired, not withdrawn since.

    Withdrawn since is withdrawn in a later year or, in the same year, in a batch with a higher number (第二批 after
    第一批) or, where batches do not tell, further down the table, which keeps the order of the list.
    A grant without a year is the earlier of the two.
    """
    past = ~(held["year"] > date.year).to_numpy()
    granted = past & (held["result"] == GRANTED).to_numpy() & (held["valid_to"].isna() | (held["valid_to"] >= date)).to_numpy()
    gone = past & (held["result"] == WITHDRAWN).to_numpy()
    if gone.any() and granted.any():
        ends: dict[tuple, list] = {}
        for whose, end in _events(held, gone):
            ends.setdefault(whose, []).append(end)
        undated = held.assign(year=held["year"].fillna(-np.inf))
        granted[granted] = [not any(_after(end, start) for end in ends.get(whose, ())) for whose, start in _events(undated, granted)]
    return held[granted]


def _events(held, which):
    """((row, certification), (year, number of the batch, place in the table)) of some entries; NaN where one has none."""
    rows = held[which]
    batches = rows["batch"].map(_batch) if "batch" in rows else [np.nan] * len(rows)
    return zip(zip(rows["row"], rows["certification"]), zip(rows["year"], batches, np.flatnonzero(which)))


def _after(end, start):
    """Whether a withdrawal comes after a grant."""
    return next((a > b for a, b in zip(end, start) if a != b and not np.isnan(a + b)), True)


def _batch(text):
    """3 of 第三批, 2022年第3批 and 三; NaN where there is no number."""
    found = _BATCH.search(str(text).strip())
    if not found or found[1].isdigit():
        return float(found[1]) if found else np.nan
    tens, ten, ones = found[1].rpartition("十")
    return float((_DIGITS.find(tens) or 1) * 10 * bool(ten) + _DIGITS.find(ones))


def applied(held: pd.DataFrame, date: pd.Timestamp) -> pd.DataFrame:
    """Rows applied for within the last years (申报有效年数) and not answered since."""
    rows = held[(held["result"] == APPLIED) & ~(held["year"] > date.year) & (held["year"] > date.year - setting("申报有效年数"))]
    answers = held[(held["result"] != APPLIED) & ~(held["year"] > date.year)].groupby(["row", "certification"])["year"].max()
    if answers.empty or rows.empty:
        return rows
    last = answers.reindex(pd.MultiIndex.from_frame(rows[["row", "certification"]])).to_numpy(dtype=float)
    return rows[~(last >= rows["year"].to_numpy(dtype=float))]


def refused(held: pd.DataFrame) -> dict[tuple[int, str], str]:
    """(row, recognition) -> the last year, as text, in which an application was refused; 往 (往年) where the list has no year."""
    rows = held[held["result"] == REFUSED].sort_values("year", na_position="first")
    return {(e.row, e.certification): f"{e.year:.0f}" if e.year == e.year else "往" for e in rows[["row", "certification", "year"]].itertuples(index=False)}


def holding(held: pd.DataFrame, doubtful: pd.DataFrame, rows: np.ndarray, listed: list[str], date: pd.Timestamp) -> dict[str, np.ndarray]:
    """State of holding each recognition (folded name) for roster rows; nothing for one without any list.

    Unknown for a row that a valid list entry may belong to and nobody has decided.
    """
    valid, perhaps = recognised(held, date), recognised(doubtful, date)
    out = {}
    for name in dict.fromkeys(listed):
        sure, maybe = (np.isin(rows, t.loc[t["certification"] == name, "row"].astype("int64")) for t in (valid, perhaps))
        out[fold_key(name)] = np.where(sure, YES, np.where(maybe, UNKNOWN, NO)).astype(np.int8)
    return out
