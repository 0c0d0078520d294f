"""Screening: every enterprise against every recognition, with status and distance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd

from ..names import one_spelling
from ..params import AssessmentError
from ..text import fold_key
from .clauses import CONFIDENCE
from .fields import Fields, Roster
from .held import COLUMNS, applied, holding, recognised
from .judge import Judged, judge, judge_group
from .logic import NO, UNKNOWN, YES, shown
from .rules import RuleBook, rule_book

STATUSES = ("已认定", "已申报", "应报未报", "靠靠能报", "资料不全", "暂不具备", "排除")
HELD, APPLIED, DUE, NEAR, UNSURE, FAR, BARRED = STATUSES
TO_ACT = (DUE, NEAR, UNSURE)
WHO = ["row", "code", "name", "town", "chain"]


@dataclass(frozen=True, eq=False)
class Screening:
    """Result of :func:`screen`.

    ``perhaps``: list entries that only may belong to a row. ``unlisted``: recognitions without a single
    list entry from any district, so that 应报未报 of them is only "not known to be held". ``waits``: folded recognition ->
    day from which it can be held if applied for as a plan would, see :func:`analysis.plan.won_from`. ``table``: one row per enterprise × recognition (recognition by recognition, in roster
    order): row (of the 企业 sheet), code, name, town, chain, certification, status (one of
    STATUSES), distance (0 for who qualifies; sum over failing groups of the missing amount
    ÷ 容差, or ÷ threshold without one; missing for 排除), unknown (groups that hang on unknown data), met and
    near (1/0/−1: all conditions; the same within 容差), score_low, score_high (missing
    without a score sheet), confidence (原文/二手/待核: weakest clause the status rests on;
    empty where it rests on a list) and data_status (示例 if the enterprise's row is, else 推算).
    """

    book: RuleBook
    table: pd.DataFrame
    enterprises: pd.DataFrame
    held: pd.DataFrame
    perhaps: pd.DataFrame
    fields: Fields
    year: int
    unlisted: tuple[str, ...] = ()
    waits: Mapping[str, pd.Timestamp] = field(default_factory=dict)
    # What explain has said already, by (recognition, row): lists, plan, cards and handouts ask for the same rows.
    texts: dict = field(init=False, repr=False, default_factory=dict)

    @property
    def date(self) -> pd.Timestamp:
        return self.book.date

    @property
    def certifications(self) -> tuple[str, ...]:
        return tuple(self.book.recognitions)

    def explain(self, statuses: Sequence[str] = TO_ACT, certification: str | None = None, rows: Sequence[int] | None = None) -> pd.DataFrame:
        """The table's rows of some statuses with Chinese texts, ranked.

        Parameters
        ----------
        statuses : which to list. certification : one recognition only. rows : roster rows (``row``) only.

        Returns
        -------
        DataFrame: the columns of ``table`` plus reason (which clauses fail, by how much, in
        their own unit), ask (what to ask the enterprise), least (least sets of changes that
        qualify, joined by 或), earliest (Timestamp, when the soonest of them can be
        shown; NaT where there is none), by recognition, status and distance.
        """
        from .explain import explained

        return explained(self, self.listed(statuses, certification, rows))

    def listed(self, statuses: Sequence[str] = TO_ACT, certification: str | None = None, rows: Sequence[int] | None = None, table: pd.DataFrame | None = None) -> pd.DataFrame:
        """The same rows in the same order without the texts; ``table``: some rows of the table, instead of all."""
        if unknown := [s for s in statuses if s not in STATUSES]:
            raise AssessmentError(f"状态“{'、'.join(unknown)}”不认识；可用：{'、'.join(STATUSES)}")
        if certification is not None and certification not in self.book.recognitions:
            raise AssessmentError(f"没有筛查“{certification}”；有：{'、'.join(self.certifications)}")
        table = self.table if table is None else table
        keep = table["status"].isin(statuses)
        if certification is not None:
            keep &= table["certification"] == certification
        if rows is not None:
            keep &= table["row"].isin(list(rows))
        return table[keep].sort_values(["certification", "status", "distance", "unknown", "score_high", "row"],
                                            ascending=[True, True, True, True, False, True], kind="stable").reset_index(drop=True)

    def clauses(self, certification: str, rows: Sequence[int] | None = None) -> pd.DataFrame:
        """Every clause of a recognition for some enterprises (all if None), long.

        Returns
        -------
        DataFrame: row, certification, clause (条款), group, alternative, field, state (1/0/−1),
        value, value_high (differs where a part is unknown), threshold, missing (in ``unit``,
        0 if met, missing value if not a quantity), unit, within (1/0/−1: met or inside 容差),
        points, text, source, confidence, rule_row.
        """
        from .explain import clause_table

        if certification not in self.book.recognitions:
            raise AssessmentError(f"没有筛查“{certification}”；有：{'、'.join(self.certifications)}")
        return clause_table(self, certification, self.positions(rows))

    def positions(self, rows: Sequence[int] | None = None) -> np.ndarray:
        """Positions in the roster of 企业 rows; AssessmentError for a row that is not there."""
        if rows is None:
            return np.arange(len(self.enterprises))
        found = self._index.get_indexer(np.asarray(list(rows), dtype="int64"))
        if (found < 0).any():
            raise AssessmentError(f"企业表没有第{'、'.join(str(r) for r, k in zip(rows, found) if k < 0)}行")
        return found

    @cached_property
    def _index(self):
        return pd.Index(self.enterprises["row"])


def screen(case, date=None, held: pd.DataFrame | None = None, doubtful: pd.DataFrame | None = None) -> Screening:
    """Judge every enterprise of a case for every recognition that has rules on a date.

    Parameters
    ----------
    case : a Case with 企业 and 认定条件 (认定名单 says who holds what).
    date : day of judging, picks the version of the rules; None = 31 December of the case's year.
    held : DataFrame row (of the 企业 sheet), certification, year, valid_to, result (已认定, 已申报,
        未通过, 已撤销); None = the case's lists matched to its roster (:mod:`analysis.matching`).
    doubtful : the same for list entries that only may belong to a row: whether it holds the
        recognition is then unknown.

    Raises
    ------
    AssessmentError for rules that cannot be read (see :func:`analysis.recognition.rule_book`).
    """
    book = rule_book(case, date)
    if held is None:
        from ..matching import match_recognitions

        matched = match_recognitions(case)
        held, doubtful = matched.held, matched.doubtful if doubtful is None else doubtful
    return screen_roster(book, case.enterprises, held, list(case.recognitions["certification"].unique()), case.year, doubtful)


def screen_roster(book: RuleBook, enterprises: pd.DataFrame, held: pd.DataFrame, listed: Sequence[str], year: int,
                  doubtful: pd.DataFrame | None = None) -> Screening:
    """The same from tables; ``listed`` = recognitions of which there is a list, ``year`` = fiscal year of the figures.

    Recognitions go by the spelling of the rules, however the lists spell them (see :func:`analysis.text.recognition_key`).
    """
    rows = enterprises["row"].to_numpy()
    doubtful = held.iloc[:0] if doubtful is None else doubtful[[c for c in (*COLUMNS, "batch") if c in doubtful]].astype({"row": "int64"})
    asked = [c.holds for r in book.recognitions.values() for c in r.clauses if c.holds]
    official = one_spelling([*book.recognitions, *asked, *listed, *held["certification"].unique(), *doubtful["certification"].unique()])
    held, doubtful = (t.assign(certification=t["certification"].map(official)) for t in (held, doubtful))
    names = [official[name] for name in (*listed, *held["certification"].unique())]
    fields = Fields(len(rows), Roster(enterprises), holding(held, doubtful, rows, names, book.date))
    perhaps = recognised(doubtful, book.date)
    for name, recognition in book.recognitions.items():
        if recognition.already:
            own = judge(recognition, fields).already
            fields.held[fold_key(name)] = np.maximum(fields.held.get(fold_key(name), own), own)
    granted, waiting = recognised(held, book.date), applied(held, book.date)
    parts, codes = {}, {}
    for name in _prerequisites_first(book):
        recognition = book.recognitions[name]
        found = judge(recognition, fields)
        has = np.isin(rows, granted.loc[granted["certification"] == name, "row"])
        asked = np.isin(rows, waiting.loc[waiting["certification"] == name, "row"])
        maybe = np.isin(rows, perhaps.loc[perhaps["certification"] == name, "row"])
        codes[fold_key(name)] = _reachable(status_codes(found, has, asked, maybe), recognition, fields, codes)
        parts[name] = _block(found, codes[fold_key(name)], has | asked)
    table = pd.concat([parts[name] for name in book.recognitions], ignore_index=True)
    who = {c: _repeated(enterprises[c], len(parts), c) for c in WHO}
    table = pd.concat([pd.DataFrame(who), table], axis=1)
    table["certification"] = pd.Categorical.from_codes(np.repeat(np.arange(len(parts)), len(rows)), list(book.recognitions), ordered=True)
    table["data_status"] = _repeated(enterprises["status"].where(enterprises["status"] == "示例", "推算"), len(parts), "data_status")
    seen = {fold_key(name) for name in names}
    unlisted = tuple(name for name, r in book.recognitions.items() if fold_key(name) not in seen and not r.already)
    return Screening(book, table, enterprises, held, perhaps, fields, int(year), unlisted)


def status_codes(found: Judged, has: np.ndarray, asked: np.ndarray, maybe: np.ndarray) -> np.ndarray:
    """Index into STATUSES. What lists say comes first; 靠靠能报 is known to be met or within the 容差 everywhere, whatever is unknown.

    资料不全: whether it is nearly there at least, or holds the recognition already, depends on what is unknown. (Whether who
    is nearly there qualifies may do so too: it is 靠靠能报 and asked for it, so that a better figure never makes a status worse.)
    """
    perhaps = maybe | (found.already == UNKNOWN)
    return np.select([has | (found.already == YES), asked, found.excluded == YES, perhaps, found.met == YES, found.near == NO, found.near == UNKNOWN],
                     [0, 1, 6, 4, 2, 5, 4], default=3).astype(np.int8)


def _prerequisites_first(book):
    """Names of the recognitions, each after those that it asks for (which validation keeps from running in a circle)."""
    keys, order = {fold_key(name): name for name in book.recognitions}, []

    def visit(name, above=()):
        if name in order or name in above:
            return
        for _, needed in _asked_for(book.recognitions[name]):
            for other in needed & keys.keys():
                visit(keys[other], (*above, name))
        order.append(name)

    for name in book.recognitions:
        visit(name)
    return order


def _asked_for(recognition):
    """(group, folded recognitions within the tolerance) for each group that is nothing but the holding of others."""
    held = [g for g in recognition.required if all(c.holds for c in g.clauses)]
    return [(g, {fold_key(c.holds) for c in g.clauses if c.tolerance > 0}) for g in held]


def _reachable(codes, recognition, fields, known):
    """Who lacks another recognition is nearly there only where that one (any of several) is due, applied for or nearly
    there itself; one that is not screened may be."""
    near, unsure, far, barred = (STATUSES.index(s) for s in (NEAR, UNSURE, FAR, BARRED))
    codes = codes.copy()
    for group, needed in _asked_for(recognition):
        if needed and needed <= known.keys():
            lacking = (judge_group(group, fields, {}).state == NO) & np.isin(codes, (near, unsure))
            theirs = np.array([known[n] for n in needed])
            codes[lacking & np.isin(theirs, (far, barred)).all(axis=0)] = far
            codes[lacking & (codes == near) & np.isin(theirs, (far, barred, unsure)).all(axis=0)] = unsure
    return codes


def _block(found, codes, by_list):
    size = len(codes)
    low, high = found.scores.get("", (np.full(size, np.nan), np.full(size, np.nan)))
    sure = np.where(by_list, -1, found.confidence)
    return pd.DataFrame({
        "certification": np.zeros(size, dtype=np.int8), "status": pd.Categorical.from_codes(codes, STATUSES, ordered=True),
        "distance": np.where(found.excluded == YES, np.nan, found.distance), "unknown": found.unknown, "met": shown(found.met), "near": shown(found.near),
        "score_low": low, "score_high": high, "confidence": pd.Categorical.from_codes(sure, CONFIDENCE, ordered=True)})


def _repeated(series, times, name):
    if name in ("town", "chain", "data_status"):
        whole = pd.Categorical(series)
        return pd.Categorical.from_codes(np.tile(whole.codes, times), whole.categories)
    return series.iloc[np.tile(np.arange(len(series)), times)].array
