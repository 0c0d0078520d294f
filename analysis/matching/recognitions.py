"""The recognition lists of a case matched to its roster, and what is about to run out."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from ..params import AssessmentError
from ..shipped import rows
from ..text import recognition_key
from .match import Matched, match
from .places import known_places
from .settings import setting
from ..status import DERIVED, ILLUSTRATIVE

RECOGNISED = "已认定"
EXPIRED, EXPIRING, REVIEW = "已到期", "即将到期", "即将复核"
CYCLE = "定期复核"
STATED, BY_TERM = "名单写明", "按年数推算"
CARRIED = ["certification", "year", "batch", "valid_to", "result"]


def match_recognitions(case, decisions: pd.DataFrame | None = None) -> Matched:
    """The 认定名单 of the home district, and rows without a district, matched to the 企业 sheet.

    Parameters
    ----------
    decisions : a filled-in :func:`~analysis.matching.decision_sheet`; without it the case's own
        sheet 名单核对, if it has one.

    Returns
    -------
    Matched. ``held``: row (roster row as in ``case.enterprises["row"]``), enterprise, certification,
    year, batch, valid_to, result (已认定, 已申报, 未通过, 已撤销), matched_by, status (示例 if the
    list's or the roster's row is, else 推算), list_row, listed_name, score. All years and results
    are kept, valid or not. ``doubtful`` and ``unmatched`` carry certification, year, batch, valid_to,
    result too.

    Raises
    ------
    AssessmentError without a roster, and for decisions that contradict.
    """
    if case.enterprises.empty:
        raise AssessmentError(f"“{case.name}”没有企业名册，认定名单无从核对；补上 企业 表")
    listed = case.recognitions
    listed = listed.loc[listed["district"].isin([case.home, ""])]
    if decisions is None:
        decisions = case.tables.get("decisions")
    places = known_places().with_names([case.city, *case.districts["district"]])
    found = match(listed, case.enterprises, decisions, places)
    about = listed.set_index("row")[[*CARRIED, "status"]]
    held = found.held.join(about, on="list_row")
    own = case.enterprises.set_index("row")["status"]
    made_up = (held["status"] == ILLUSTRATIVE) | (held["row"].map(own) == ILLUSTRATIVE)
    held["status"] = pd.Series(np.where(made_up, ILLUSTRATIVE, DERIVED), index=held.index, dtype="str")
    columns = ["row", "enterprise", *CARRIED, "matched_by", "status", "list_row", "listed_name", "score"]
    return Matched(held[columns], found.doubtful.join(about[CARRIED], on="list_row"), found.unmatched.join(about[CARRIED], on="list_row"))


def expiring(held: pd.DataFrame, date: dt.date | str, months: float | None = None) -> pd.DataFrame:
    """Recognitions that have run out, run out soon or come up for review.

    The due date is 有效期至. Where the list gives none, ``tables/matching_review.csv`` does for the
    recognitions it names: with a term (有效期) of n years the end of year + n; with a cycle (定期复核)
    of n years the first end of year + n, year + 2 n, … not before ``date``. Of several entries of
    one enterprise and recognition the one due last counts; only 已认定 ones do.

    Parameters
    ----------
    held : ``match_recognitions(case).held``.
    date : the day to judge from (ISO text or a date).
    months : how far to look ahead, default 复核提前月数 of ``tables/matching_settings.csv``.

    Returns
    -------
    DataFrame by due date: row, enterprise, certification, year, due (date), days (from ``date`` to
    due, negative once past), state (已到期 / 即将到期 / 即将复核), basis (名单写明 / 按年数推算), action
    (what the rule says, empty if unknown), confidence (of the rule: 原文, 二手, 待核), status.

    Raises
    ------
    AssessmentError for a date that is none, or months not above zero.
    """
    months = setting("复核提前月数") if months is None else months
    day = pd.to_datetime(date, errors="coerce")
    if pd.isna(day):
        raise AssessmentError(f"日期“{date}”看不懂，填 2023-01-01 的形式")
    if not months > 0:
        raise AssessmentError(f"提前月数 {months} 应大于零")
    rules = {recognition_key(row["认定"]): row for row in rows("matching_review")}
    table = held.loc[held["result"] == RECOGNISED].copy()
    rule = [rules.get(recognition_key(name)) for name in table["certification"]]
    stated = pd.to_datetime(table["valid_to"])
    derived = pd.to_datetime([_due(r, year, day) for r, year in zip(rule, table["year"])])
    table["due"] = stated.where(stated.notna(), pd.Series(derived, index=table.index))
    table["basis"] = pd.Series(np.where(stated.notna(), STATED, BY_TERM), index=table.index, dtype="str")
    table["cycle"] = np.array([r is not None and r["性质"] == CYCLE for r in rule], dtype=bool)
    table["action"] = ["" if r is None else r["办法"] for r in rule]
    table["confidence"] = ["" if r is None else r["可信度"] for r in rule]
    table = table.loc[table["due"].notna()].sort_values(["due", "row"], kind="stable")
    # Renewed once, an older entry of the same recognition says nothing any more.
    table = table.loc[~table.duplicated(["row", "certification"], keep="last")]
    ahead = day + pd.DateOffset(months=int(months)) if float(months).is_integer() else day + pd.Timedelta(days=30.44 * months)
    table = table.loc[table["due"] <= ahead]
    table["days"] = (table["due"] - day).dt.days
    review = (table["basis"] == BY_TERM) & table["cycle"]
    table["state"] = pd.Series(np.select([table["due"] < day, review], [EXPIRED, REVIEW], EXPIRING), index=table.index, dtype="str")
    columns = ["row", "enterprise", "certification", "year", "due", "days", "state", "basis", "action", "confidence", "status"]
    return table[columns].reset_index(drop=True)


def _due(rule: dict[str, str] | None, year: float, day: pd.Timestamp) -> dt.date | None:
    """The end of the year in which a recognition of ``year`` is due under a row of ``matching_review.csv``."""
    if rule is None or np.isnan(year):
        return None
    step = int(rule["年数"])
    times = max(1, int(np.ceil((day.year - year) / step))) if rule["性质"] == CYCLE else 1
    return dt.date(int(year) + times * step, 12, 31)
