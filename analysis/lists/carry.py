"""Follow-ups put into new lists; what is listed no more is kept apart."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import replace

import pandas as pd

from ..problems import WARNING, Problem
from ..recognition.views import NONE_GIVEN
from ..text import fold_key
from .gather import GONE, PROBLEMS, ActionLists
from .merge import Entry, resolve
from .read import FollowUp, as_entries
from .statuses import follow_statuses

NOT_SCREENED, NOT_LISTED = "不再筛查这项认定", "企业表里没有这家企业"
SEVERAL, CROSSED = "企业表里有几行同名，认不出是哪一行", "信用代码和企业名称是两家企业的"
OUTCOME_COLUMNS = ["enterprise", "certification", "outcome", "row"]


def carry(lists: ActionLists, follow: FollowUp, today: dt.date | None = None) -> ActionLists:
    """Put follow-ups into lists.

    An enterprise is known by its 统一社会信用代码, else by its name or a former name (and, where several
    bear it, its row of 企业). A follow-up whose row is not listed now goes to ``gone`` with the present
    status as the reason; so does one that belongs to no enterprise of the roster. Verdicts on doubtful
    names still listed are filled in; problems of reading are added to ``problems``.
    """
    today = dt.date.today() if today is None else today
    problems = list(follow.problems)
    index = _Index(lists.everyone)
    groups: dict[tuple, list[Entry]] = defaultdict(list)
    placed = [(entry, *index.find(entry)) for entry in as_entries(follow.table)]
    foreign = {entry.file for entry, _, _ in placed} - {entry.file for entry, _, _ in placed if index.knows(entry)}
    for file in sorted(foreign):
        names = list(dict.fromkeys(entry.name or entry.code for entry, _, _ in placed if entry.file == file))
        problems.append(Problem(WARNING, f"填过的 {len(names)} 家企业没有一家在本案例的企业表里，像是别的案例的清单，没有带入："
                                f"{'、'.join(names[:3])}{'等' if len(names) > 3 else ''}", "核对交回的文件；确是本案例的，先把企业补进企业表", file))
    for entry, position, why in placed:
        if entry.file in foreign:
            continue
        groups[(position, "") if position >= 0 else (-1, (entry.code or fold_key(entry.name), entry.listed_row, fold_key(entry.certification), why))].append(entry)
    rows = lists.rows.copy()
    listed = {(row, str(name)): k for k, (row, name) in enumerate(zip(rows["row"], rows["certification"]))}
    gone, texts = [], {c: rows[c].tolist() for c in ("follow_up", "note", "updated")}
    for (position, unknown), copies in groups.items():
        entry, found = resolve(copies, today)
        problems += found
        if not entry.text and (position < 0 or (lists.everyone["row"].iat[position], str(lists.everyone["certification"].iat[position])) not in listed):
            continue
        if position < 0:
            gone.append((0, entry.code, entry.name, entry.town or NONE_GIVEN, entry.certification, unknown[-1], entry.follow_up, entry.note, entry.updated))
            continue
        now = lists.everyone.iloc[position]
        k = listed.get((now["row"], str(now["certification"])))
        if k is None:
            gone.append((now["row"], now["code"], now["name"], now["town"], str(now["certification"]), f"现为{now['status']}", entry.follow_up, entry.note,
                         entry.updated))
        else:
            texts["follow_up"][k], texts["note"][k], texts["updated"][k] = entry.follow_up, entry.note, entry.updated
    left = pd.DataFrame(gone, columns=GONE)
    told = pd.DataFrame([(p.level, "", "", p.file, p.sheet, p.row, p.column, p.message, p.fix) for p in problems], columns=PROBLEMS).astype({"row": "float64"})
    return replace(lists, rows=rows.assign(follow_up=texts["follow_up"], note=texts["note"], updated=pd.to_datetime(pd.Series(texts["updated"], dtype=object))),
                   returned=tuple(problems), gone=left.assign(updated=pd.to_datetime(left["updated"])), doubtful=_decided(lists.doubtful, follow.decisions),
                   problems=pd.concat([lists.problems, told], ignore_index=True) if len(told) else lists.problems)


def outcomes(source: FollowUp | ActionLists) -> pd.DataFrame:
    """Follow-ups that say something to planning, for :func:`analysis.plan.replan`.

    source : a FollowUp (names as filled in), or ActionLists after :func:`carry` (names as in the roster now).

    Returns
    -------
    DataFrame: enterprise (its name), certification, outcome (成功, 失败, 待定, 放弃; see ``tables/lists_follow_up.csv``), row (of the
    roster; 0 where it is not known).
    """
    parts = [source.table.assign(row=0)] if isinstance(source, FollowUp) else [source.rows, source.gone]
    meaning = {s.name: s.outcome for s in follow_statuses() if s.outcome}
    table = pd.concat([p[["name", "certification", "follow_up", "row"]].astype({"name": str, "certification": str, "follow_up": str}) for p in parts],
                      ignore_index=True)
    table = table[table["follow_up"].isin(meaning)]
    return table.assign(outcome=table["follow_up"].map(meaning)).rename(columns={"name": "enterprise"})[OUTCOME_COLUMNS].reset_index(drop=True)


class _Index:
    """Where an enterprise × recognition stands in ``everyone``."""

    def __init__(self, everyone: pd.DataFrame):
        self._rows = everyone["row"].to_numpy()
        self._names = [fold_key(n) for n in everyone["name"]]
        self._certifications = {fold_key(c) for c in everyone["certification"].cat.categories}
        self._by_code: dict[tuple, list[int]] = defaultdict(list)
        self._by_name: dict[tuple, list[int]] = defaultdict(list)
        self._by_former: dict[tuple, list[int]] = defaultdict(list)
        keys = [fold_key(c) for c in everyone["certification"].cat.categories]
        marks = [keys[k] for k in everyone["certification"].cat.codes]
        for k, (code, name, former, mark) in enumerate(zip(everyone["code"], self._names, everyone["former_name"], marks)):
            self._by_name[name, mark].append(k)
            if code:
                self._by_code[code, mark].append(k)
            for old in str(former or "").split("；"):
                if old:
                    self._by_former[fold_key(old), mark].append(k)
        self._codes = {code for code, _ in self._by_code}
        self._called = {name for table in (self._by_name, self._by_former) for name, _ in table}

    def knows(self, entry: Entry) -> bool:
        """Whether the roster has the enterprise, whatever the recognition."""
        return bool(entry.code and entry.code in self._codes) or fold_key(entry.name) in self._called

    def find(self, entry: Entry) -> tuple[int, str]:
        """Position, or −1 and why not."""
        mark, name = fold_key(entry.certification), fold_key(entry.name)
        if mark not in self._certifications:
            return -1, NOT_SCREENED
        coded, named = self._by_code.get((entry.code, mark), []), self._by_name.get((name, mark), [])
        if coded and named and not set(coded) & set(named):
            return -1, CROSSED
        for found in (coded, named, self._by_former.get((name, mark), [])):
            if len(found) > 1:
                alike = [k for k in found if self._names[k] == name]
                found = alike if len(alike) == 1 else [k for k in found if self._rows[k] == entry.listed_row]
                if len(found) != 1:
                    return -1, SEVERAL
            if found:
                return found[0], ""
        return -1, NOT_LISTED


def _decided(doubtful, decisions):
    if doubtful.empty or decisions.empty:
        return doubtful
    known = {(fold_key(r.listed), r.code or fold_key(r.enterprise)): r.verdict for r in decisions.itertuples()}
    known |= {(fold_key(r.listed), fold_key(r.enterprise)): r.verdict for r in decisions.itertuples()}
    return doubtful.assign(verdict=[known.get((fold_key(a), code), known.get((fold_key(a), fold_key(b)), ""))
                                    for a, b, code in zip(doubtful["listed_name"], doubtful["name"], doubtful["code"])])
