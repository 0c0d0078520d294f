"""What the workbooks show, as tidy tables."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..matching import Matched, expiring, match_recognitions, with_open
from ..matching.settings import setting
from ..recognition import Screening
from ..recognition.screen import TO_ACT
from ..recognition.views import NONE_GIVEN
from .statuses import default_status, settled

ROSTER, RECOGNITION_LIST = "企业", "认定名单"
ROWS = ["row", "code", "name", "town", "chain", "certification", "status", "quarter", "probability", "cost", "pending", "distance", "unknown", "score",
        "score_low", "score_high", "reason", "ask", "least", "earliest", "confidence", "data_status", "follow_up", "note", "updated"]
EXPIRING = ["row", "code", "name", "town", "certification", "year", "due", "days", "state", "basis", "action", "confidence", "data_status"]
DOUBTFUL = ["list_row", "listed_name", "listed_code", "row", "name", "code", "town", "certification", "year", "score", "reason", "verdict"]
UNMATCHED = ["list_row", "listed_name", "listed_code", "certification", "year", "reason"]
PROBLEMS = ["level", "name", "town", "file", "sheet", "row", "column", "message", "fix"]
GONE = ["row", "code", "name", "town", "certification", "now", "follow_up", "note", "updated"]
ASK_HEAD = "请核实："


@dataclass(frozen=True)
class ActionLists:
    """The tables of the workbooks; a town without a name is （未填）.

    rows : enterprises that are 应报未报, 靠靠能报 or 资料不全, one per enterprise and recognition: row (of 企业), code, name, town, chain,
        certification, status, quarter (of a new application of the plan, 2023Q2, else empty), probability, cost, pending (of the plan), distance, unknown, score
        (评价得分 as text), reason, ask, least, earliest, confidence, data_status, follow_up, note, updated. Planned ones first, by
        quarter; then by status and distance.
    expiring, doubtful (with verdict 是/否/empty), unmatched, problems (rows of 企业 and 认定名单 with a warning): tables
        beside the lists. gone : follow-ups whose row is listed no more, with ``now`` = why.
    everyone : row, code, name, former_name, town, chain, certification, status of every enterprise × recognition.
    planned : applications of the plan (None without one) with ``listed`` = whether they are among ``rows``.
    title, city, home, nature : of the case. day : the day judged. months : how far ``expiring`` looks ahead.
    cost_unit : of ``cost``. notes : of the rule book. town : None for the bureau, else the only town in it.
    returned : what was wrong in the workbooks that came back.
    withheld : doubtful pairs kept from a town because they name another town's enterprise.
    """

    rows: pd.DataFrame
    expiring: pd.DataFrame
    doubtful: pd.DataFrame
    unmatched: pd.DataFrame
    problems: pd.DataFrame
    gone: pd.DataFrame
    everyone: pd.DataFrame
    planned: pd.DataFrame | None
    title: str
    city: str
    home: str
    nature: str
    day: pd.Timestamp
    months: float
    cost_unit: str
    notes: tuple[str, ...]
    town: str | None = None
    withheld: int = 0
    returned: tuple = ()

    @property
    def certifications(self) -> list[str]:
        """Recognitions screened, in order."""
        return list(self.everyone["certification"].cat.categories)

    @property
    def towns(self) -> list[str]:
        """Towns and parks with an enterprise, those with most to do first."""
        have = self.everyone["town"].drop_duplicates()
        todo = self.rows.groupby("town", observed=True)["row"].nunique()
        return sorted((str(t) for t in have), key=lambda t: (t == NONE_GIVEN, -int(todo.get(t, 0))))

    @property
    def settled(self) -> pd.DataFrame:
        """Those of ``rows`` that nobody need be roused for any more, as their follow-up says: applied for, decided, given up."""
        return self.rows[self.rows["follow_up"].isin(settled())]

    @property
    def illustrative(self) -> bool:
        """Whether anything shown is made up."""
        return "示例" in self.nature or bool((self.rows["data_status"] == "示例").any() or (self.expiring["data_status"] == "示例").any())


def action_lists(screening: Screening, case, matched: Matched | None = None, plan=None, follow=None, months: float | None = None) -> ActionLists:
    """Put the lists of a case together.

    Parameters
    ----------
    screening : of the same case. matched : ``match_recognitions(case)``, made here if None.
    plan : an :class:`analysis.plan.Plan`, or None; its ``enterprise`` is a name or a code.
    follow : a :class:`~analysis.lists.FollowUp` to carry over, or None.
    months : how far ahead to look for what runs out, default 复核提前月数 of ``tables/matching_settings.csv``.

    Returns
    -------
    ActionLists.
    """
    matched = match_recognitions(case) if matched is None else matched
    months = setting("复核提前月数") if months is None else months
    roster = case.enterprises[["row", "code", "name", "former_name", "town"]].assign(town=_town(case.enterprises["town"])).set_index("row")
    everyone = screening.table[["row", "code", "name", "town", "chain", "certification", "status"]].assign(town=_town(screening.table["town"]).astype("category"))
    everyone.insert(3, "former_name", screening.table["row"].map(roster["former_name"]))
    rows, planned = _with_plan(_rows(screening), plan)
    made = ActionLists(
        rows, _expiring(expiring(with_open(matched), screening.date, months), roster), _doubtful(matched, roster), _columns(matched.unmatched, UNMATCHED),
        _problems(case.problems, roster), pd.DataFrame(columns=GONE), everyone, planned, case.title, case.city, case.home, case.nature,
        screening.date, months, plan.cost_unit if plan is not None else "", tuple(screening.book.notes))
    if follow is None:
        return made
    from .carry import carry

    return carry(made, follow)


def in_order(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows planned first, by quarter; then by status, distance, what is unknown, score (highest first), recognition and roster row."""
    keys = rows.assign(late=(rows["quarter"] == "").astype(int), score=-rows["score_high"].fillna(0))
    return rows.loc[keys.sort_values(["late", "quarter", "status", "distance", "unknown", "score", "certification", "row"], kind="stable").index].reset_index(drop=True)


def _rows(screening):
    table = screening.explain(TO_ACT)
    low, high = table["score_low"], table["score_high"]
    score = ["" if np.isnan(a) else f"{a:g}" if a == b else f"{a:g}—{b:g}" for a, b in zip(low, high)]
    return table.assign(
        town=_town(table["town"]), chain=table["chain"].astype(str), score=score, ask=table["ask"].str.removeprefix(ASK_HEAD),
        least=table["least"].str.replace(" 或 ", "\n或 "), confidence=table["confidence"].astype(object).fillna("").astype(str),
        data_status=table["data_status"].astype(str), follow_up=default_status(), note="", updated=pd.NaT)


def _with_plan(rows, plan):
    rows = rows.assign(quarter="", probability=np.nan, cost=np.nan, pending=False)
    if plan is None:
        return in_order(rows)[ROWS], None
    chosen = plan.chosen
    at = {}
    for key in ("code", "name"):
        at.update({(value, str(name)): k for k, (value, name) in enumerate(zip(rows[key], rows["certification"])) if value})
    found = [at.get((e, c), at.get((n, c), -1)) for e, n, c in zip(chosen["enterprise"], chosen["name"], chosen["certification"])]
    for k, choice in zip(found, chosen.itertuples()):
        if k >= 0 and choice.pending:  # Applied for already: there is no quarter to come and nothing more to pay.
            rows.loc[rows.index[k], ["probability", "pending"]] = choice.probability, True
        elif k >= 0:
            rows.loc[rows.index[k], ["quarter", "probability", "cost"]] = choice.quarter, choice.probability, choice.cost
    planned = chosen[["enterprise", "name", "town", "certification", "quarter", "pending"]].assign(town=_town(chosen["town"]), listed=np.array([k >= 0 for k in found], dtype=bool))
    return in_order(rows)[ROWS], planned


def _expiring(table, roster):
    return table.rename(columns={"enterprise": "name", "status": "data_status"}).assign(
        code=table["row"].map(roster["code"]).fillna(""), town=table["row"].map(roster["town"]).fillna(NONE_GIVEN))[EXPIRING]


def _doubtful(matched, roster):
    table = matched.doubtful.rename(columns={"enterprise": "name", "enterprise_code": "code"})
    return _columns(table.assign(town=table["row"].map(roster["town"]) if len(table) else "", verdict=""), DOUBTFUL)


def _problems(problems, roster):
    listed = []
    for p in problems:
        if p.sheet not in (ROSTER, RECOGNITION_LIST):
            continue
        own = roster.loc[p.row] if p.sheet == ROSTER and p.row in roster.index else None
        listed.append((p.level, "" if own is None else own["name"], "" if own is None else own["town"], p.file, p.sheet, p.row, p.column, p.message, p.fix))
    return pd.DataFrame(listed, columns=PROBLEMS).astype({"row": "float64"})


def _columns(table, columns):
    return table.reindex(columns=columns).reset_index(drop=True)


def _town(series):
    text = series.astype(str)
    return text.where(text.str.strip() != "", NONE_GIVEN)
