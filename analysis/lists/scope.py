"""One town's part of the lists, with nothing of another town's in it."""

from __future__ import annotations

from dataclasses import replace
from functools import cache, partial

import pandas as pd

from ..cells import NO_DATA, UNCLEAR
from ..params import AssessmentError
from ..recognition.views import NONE_GIVEN
from ..text import fold_key
from .gather import ActionLists

OTHER_FIRM, OTHER_TOWN = "〔其他镇街的企业〕", "〔其他镇街〕"
NOTHING = NO_DATA | UNCLEAR | {"没有", "同上", "不明", "待查"}  # written for a former name that is not there
SHORTEST = 2  # characters of a name that is looked for


def for_town(lists: ActionLists, town: str, names: Names | None = None) -> ActionLists:
    """The lists of one town: its enterprises, its figures, nothing about any other town.

    Names (present, former), codes and towns of others are blotted out of free text (notes, problems);
    doubtful pairs that name another town's enterprise are withheld and counted; listed names that fit
    no enterprise belong to no town and stay with the bureau. ``names`` = ``Names(lists.everyone)``, if made already.

    Raises
    ------
    AssessmentError for a town without an enterprise.
    """
    if town not in set(lists.everyone["town"]):
        raise AssessmentError(f"“{town}”没有企业；有企业的镇街园区：{'、'.join(lists.towns)}")
    names = Names(lists.everyone) if names is None else names
    blot = partial(names.blotted, town=town)
    own = {table: _own(getattr(lists, table), town) for table in ("rows", "expiring", "doubtful", "problems", "gone", "everyone")}
    own["rows"] = own["rows"].assign(note=own["rows"]["note"].map(blot))
    own["gone"] = own["gone"].assign(note=own["gone"]["note"].map(blot))
    own["problems"] = own["problems"].assign(message=own["problems"]["message"].map(blot), fix=own["problems"]["fix"].map(blot))
    open_ = own["doubtful"]
    clean = [not any(names.foreign(text, town) for text in texts) for texts in zip(open_["listed_name"], open_["listed_code"], open_["reason"])]
    own["doubtful"] = open_[pd.Series(clean, index=open_.index, dtype=bool)].reset_index(drop=True)
    own["everyone"] = own["everyone"].assign(town=own["everyone"]["town"].cat.remove_unused_categories())
    return replace(lists, **own, unmatched=lists.unmatched.iloc[:0], planned=None if lists.planned is None else _own(lists.planned, town),
                   town=town, withheld=len(clean) - sum(clean), notes=tuple(map(blot, lists.notes)), title=blot(lists.title), nature=blot(lists.nature))


def _own(table, town):
    return table[table["town"] == town].reset_index(drop=True)


class Names:
    """Names, former names, codes and towns of all enterprises, to be found in a text whatever their width, brackets, case and spaces.

    Where names overlap the longest that begins first counts, so that an enterprise's own name is not
    damaged by a shorter one inside it.
    """

    def __init__(self, everyone: pd.DataFrame):
        firms = everyone.drop_duplicates("row")
        self._towns: dict[str, set[str]] = {}
        self._covers: dict[str, str] = {}
        for code, name, former, town in zip(firms["code"], firms["name"], firms["former_name"], firms["town"]):
            for word in (code, name, *str(former or "").split("；")):
                self._add(word, town, OTHER_FIRM)
        for town in firms["town"].unique():
            if town != NONE_GIVEN:
                self._add(town, town, OTHER_TOWN)
        self._heads: dict[str, list[str]] = {}
        for word in sorted(self._towns, key=len, reverse=True):
            self._heads.setdefault(word[:SHORTEST], []).append(word)

    def _add(self, word, town, cover):
        folded = fold_key(str(word))
        if len(folded) >= SHORTEST and folded not in NOTHING:
            self._towns.setdefault(folded, set()).add(town)
            self._covers.setdefault(folded, cover)

    def blotted(self, text: str, town: str) -> str:
        """The text with whatever names another town's enterprise, or another town, covered."""
        out, last = [], 0
        for start, stop, cover in self._foreign(str(text), town):
            out += [text[last:start], cover]
            last = stop
        return "".join([*out, text[last:]]) if out else text

    def foreign(self, text: str, town: str) -> bool:
        """Whether a text names an enterprise of another town, or another town."""
        return bool(self._foreign(str(text), town))

    def _foreign(self, text, town):
        places = [k for k, ch in enumerate(text) for _ in _folded(ch)]
        folded = "".join(map(_folded, text))
        spans, k = [], 0
        while k <= len(folded) - SHORTEST:
            hit = next((w for w in self._heads.get(folded[k:k + SHORTEST], ()) if folded.startswith(w, k)), None)
            if hit is None:
                k += 1
                continue
            if town not in self._towns[hit]:
                spans.append((places[k], places[k + len(hit) - 1] + 1, self._covers[hit]))
            k += len(hit)
        return spans


@cache
def _folded(character):
    return fold_key(character)
