"""A recognition read for some enterprises: every clause and group judged once, whoever asks."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from ..text import fold_key
from .clauses import RELATIVE, Clause, Measure, judge_clause, measure, value_of
from .fields import BLANK, FLAG, TEXT, Fields, Headers
from .judge import GroupState, apart, judge_group
from .logic import NO, UNKNOWN, YES, every
from .rules import Group, Recognition
from .score import item_points, score_sheet

DOUBTFUL = "认定名单上相近的名称是不是本企业"


@dataclass
class Reading:
    """``fields`` hold the enterprises that are read (see :meth:`Fields.take`)."""

    recognition: Recognition
    fields: Fields
    headers: Headers
    _clauses: dict[int, Measure] = field(default_factory=dict, repr=False)
    _groups: dict[int, GroupState] = field(default_factory=dict, repr=False)
    _kept: dict[tuple, object] = field(default_factory=dict, repr=False)

    @cached_property
    def scores(self) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        return score_sheet(self.recognition, self.fields)

    def clause(self, clause: Clause) -> Measure:
        if id(clause) not in self._clauses:
            self._clauses[id(clause)] = measure(clause, self.fields, self.scores)
        return self._clauses[id(clause)]

    def group(self, group: Group) -> GroupState:
        if id(group) not in self._groups:
            self._groups[id(group)] = judge_group(group, self.fields, self.scores)
        return self._groups[id(group)]

    def state(self, clause: Clause) -> np.ndarray:
        """State of a clause, without how near it is: a third of the work of :meth:`clause`."""
        return self._once("state", clause, lambda: judge_clause(clause, self.fields, self.scores if clause.score is not None else {}))

    def sure(self, group: Group) -> np.ndarray:
        """Who surely meets a group, by itself or a direct route."""
        return self._once("sure", group, lambda: np.any([np.all([self.state(c) == YES for c in part], axis=0) for part, _ in ways(group)], axis=0))

    def meets(self) -> np.ndarray:
        """Who surely meets the recognition: ``judge(…).met == YES``, without distances; what nobody can meet any more is not judged to the end."""
        yes = np.ones(self.fields.size, dtype=bool)
        for group in self.recognition.required:
            yes &= self.sure(group)
            if not yes.any():
                return yes
        for group in self.recognition.excluded:
            for part, _ in ways(group):
                yes &= np.any([self.state(c) == NO for c in part], axis=0)
        return yes

    def one(self, k: int) -> Fields:
        """The k-th enterprise alone."""
        return self.fields.take(np.array([k]))

    def value(self, clause: Clause) -> tuple[np.ndarray, np.ndarray]:
        """(low, high) of what a clause reads, see :func:`analysis.recognition.clauses.value_of`."""
        return self._once("value", clause, lambda: value_of(clause, self.fields, self.scores))

    def points(self, group: Group) -> tuple[np.ndarray, np.ndarray]:
        """(least, greatest) points of an item of the score sheet."""
        return self._once("points", group, lambda: item_points(group, self.fields))

    def _once(self, what, about, find):
        # By identity, as rules are large to compare; they live as long as the recognition that this holds.
        key = what, id(about)
        if key not in self._kept:
            self._kept[key] = find()
        return self._kept[key]

    def nearest(self, group: Group) -> np.ndarray:
        """For every enterprise the position in :func:`ways` of the alternative that it misses by least.

        As for the distance: one within its tolerances where there is any, a direct route only then. Of several as near the one
        that lacks fewest clauses, then the least amount.
        """
        return self._once("nearest", group, lambda: self._nearest(group))

    def _nearest(self, group):
        totals, closes, fewest, least = [], [], [], []
        for clauses, direct in ways(group):
            found = [self.clause(c) for c in clauses]
            closes.append(every((m.near for m in found), self.fields.size))
            total = np.sum([m.scaled for m in found], axis=0)
            totals.append(np.where(closes[-1] == NO, np.inf, total) if direct else total)
            fewest.append(np.sum([m.state == NO for m in found], axis=0, dtype=float))
            least.append(np.nansum([m.missing for m in found], axis=0))
        totals = apart(totals, closes, self.group(group).near)
        tied = totals <= totals.min(axis=0) * (1 + RELATIVE)
        for rank in (np.array(fewest), np.array(least)):
            rank[~tied] = np.inf
            tied = rank == rank.min(axis=0)
        return np.argmax(tied, axis=0)

    def lacking(self, group: Group) -> list[tuple[Clause, np.ndarray]]:
        """Clauses of the nearest alternative and who misses them; nobody who meets the group or may meet it."""
        return self._once("lacking", group, lambda: self._lacking(group))

    def _lacking(self, group):
        fails, at = self.group(group).state == NO, self.nearest(group)
        return [(c, fails & (at == k) & (self.clause(c).state == NO)) for k, (clauses, _) in enumerate(ways(group)) for c in clauses]

    def wanted(self, perhaps: np.ndarray | None = None) -> dict[str, np.ndarray]:
        """What has to be asked: label with unit -> who lacks it and hangs on it.

        Parameters
        ----------
        perhaps : who may stand on a list under a similar name.
        """
        out: dict[str, np.ndarray] = {}
        if perhaps is not None and perhaps.any():
            out[DOUBTFUL] = perhaps
        for group in self.recognition.required:
            found = self.group(group)
            self._of_group(out, group, (found.state == UNKNOWN) | (found.near == UNKNOWN))
        for group in (*self.recognition.already, *self.recognition.excluded):
            self._of_group(out, group, self.group(group).state == UNKNOWN)
        return out

    def _of_group(self, out, group, hanging):
        if not hanging.any():
            return
        for clause in (c for g in (group, *group.by) for c in g.clauses):
            found = self.clause(clause)
            # A score that is surely too low may still be nearly enough: that, too, hangs on what is not known.
            asked = hanging & ((found.state == UNKNOWN) | ((found.near == UNKNOWN) if clause.score is not None else False))
            if not asked.any():
                continue
            if clause.score is None:
                self._of_clause(out, clause, asked)
                continue
            for item in (g for g in self.recognition.sheet if clause.score in ("", fold_key(g.part))):
                low, high = self.points(item)
                for band in item.clauses:
                    self._of_clause(out, band, asked & (low < high) & (self.clause(band).state == UNKNOWN))

    def _of_clause(self, out, clause, asked):
        if clause.holds:
            _add(out, f"是否已认定为{clause.holds}", asked)
            return
        blank = {c: _unknown(self.fields.columns[c]) for c in clause.expression.columns}
        # A division by zero is unknown although no figure is missing: all of them are asked for.
        none = ~np.any(list(blank.values()), axis=0)
        for name, missing in blank.items():
            _add(out, self.label(name), asked & (missing | none))

    def label(self, name: str) -> str:
        """Header of a column with its unit, as an enterprise is asked for it."""
        unit = self.headers.unit(name)
        return self.headers.title(name) + (f"（{unit}）" if unit else "（是/否）" if self.fields.columns[name].kind == FLAG else "")


def ways(group: Group) -> list[tuple[tuple[Clause, ...], bool]]:
    """Alternatives of a group and of the direct routes that stand in for it: (clauses, whether a direct route)."""
    return [(part, g is not group) for g in (group, *group.by) for part in g.alternatives]


def _unknown(column) -> np.ndarray:
    if column.kind == TEXT:
        return column.values < 0
    return np.full(len(column.values), True) if column.kind == BLANK else np.isnan(column.values)


def _add(out, label, who):
    if who.any():
        out[label] = out[label] | who if label in out else who
