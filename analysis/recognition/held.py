"""Who holds or has applied for what, from the lists already matched to the roster."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..text import fold_key
from .logic import NO, UNKNOWN, YES
from .settings import setting

COLUMNS = ["row", "certification", "year", "valid_to", "result"]
GRANTED, APPLIED = "已认定", "已申报"


def recognised(held: pd.DataFrame, date: pd.Timestamp) -> pd.DataFrame:
    """Rows granted and valid on a date: not later than its year, not expired, not withdrawn since."""
    rows = held[(held["result"] == GRANTED) & ~(held["year"] > date.year) & (held["valid_to"].isna() | (held["valid_to"] >= date))]
    gone = held[(held["result"] == "已撤销") & ~(held["year"] > date.year)].groupby(["row", "certification"])["year"].max()
    if gone.empty or rows.empty:
        return rows
    last = gone.reindex(pd.MultiIndex.from_frame(rows[["row", "certification"]])).to_numpy(dtype=float)
    return rows[~(last >= rows["year"].fillna(-np.inf).to_numpy(dtype=float))]


def applied(held: pd.DataFrame, date: pd.Timestamp) -> pd.DataFrame:
    """Rows applied for within the last years (申报有效年数) and not answered since."""
    rows = held[(held["result"] == APPLIED) & ~(held["year"] > date.year) & (held["year"] > date.year - setting("申报有效年数"))]
    answers = held[(held["result"] != APPLIED) & ~(held["year"] > date.year)].groupby(["row", "certification"])["year"].max()
    if answers.empty or rows.empty:
        return rows
    last = answers.reindex(pd.MultiIndex.from_frame(rows[["row", "certification"]])).to_numpy(dtype=float)
    return rows[~(last >= rows["year"].to_numpy(dtype=float))]


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
