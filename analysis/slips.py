"""Names that are probably a slip of the pen of a known one: near in spelling, and not another level, year or kind."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache

from analysis.dictionary import Column
from analysis.shipped import rows
from analysis.text import fold_key

LEVELS = frozenset({"国家级", "省级", "市级", "区级", "县级"})
NEAR, SHORTEST = 0.75, 3
_PLACE = re.compile(r"^[\u4e00-\u9fff]{0,4}?([省市区县])(?!级)")
_QUOTES = re.compile(r"[“”\"‘’'「」《》·]")


@cache
def _marks() -> tuple[re.Pattern, Mapping[str, str]]:
    """Words that make two names two things (levels, years, kinds), the longest first, and what each means."""
    meaning = {fold_key(row["词"]): row["同"] for row in rows("name_marks")}
    return re.compile("|".join(sorted(meaning, key=len, reverse=True))), meaning


def parts(name: str) -> tuple[str, frozenset[str]]:
    """A name without the words of ``name_marks.csv``, and what these words are."""
    pattern, meaning = _marks()
    text = _QUOTES.sub("", fold_key(name))
    return pattern.sub("", text), frozenset(meaning[word] for word in pattern.findall(text))


def slip_of(name: str, known: Iterable[str]) -> str | None:
    """The known name of which ``name`` is probably a slip, or None.

    Near is 2m / (a + b) ≥ 0.75, m the matching characters, on what is left without the words of
    ``name_marks.csv``; these must be the same in both: another level, year or kind is another thing.
    """
    from difflib import SequenceMatcher

    bare, marks = parts(name)
    best, found = NEAR, None
    for other in known:
        rest, words = parts(other)
        if words != marks or not bare or not rest or min(len(name), len(other)) < SHORTEST:
            continue
        likeness = SequenceMatcher(None, bare, rest, autojunk=False).ratio()
        if likeness > best or (likeness == best and found is None):
            best, found = likeness, other
    return found


def short_for(name: str, known: Iterable[str]) -> str | None:
    """The known name that ``name`` may be short (or long) for: without levels, places and the word 企业 one begins with the
    other (省专精特新 for 省级专精特新中小企业). Other marks, and levels where both have one, must be the same."""
    bare, marks = _core(name)
    best = None
    for other in known:
        rest, words = _core(other)
        levels = [m & LEVELS for m in (marks, words)]
        if marks - LEVELS != words - LEVELS or (all(levels) and levels[0] != levels[1]):
            continue
        if min(len(bare), len(rest)) >= SHORTEST and (bare.startswith(rest) or rest.startswith(bare)) and (best is None or len(rest) < len(_core(best)[0])):
            best = other
    return best


def without_level(name: str, known: str) -> bool:
    """Whether ``name`` is ``known`` but for the level, which it does not have: 绿色工厂 of 省级绿色工厂."""
    (bare, marks), (rest, words) = parts(name), parts(known)
    return bare == rest and not marks & LEVELS and bool(words & LEVELS) and words - LEVELS == marks


def _core(name):
    """A name without its marks, a leading province or city and the word 企业; a bare 省 or 市 in front is its level."""
    text = fold_key(name)
    place = _PLACE.match(text)
    level = frozenset({f"{place[1]}级"} & LEVELS) if place else frozenset()
    bare, marks = parts(text[place.end():] if place else text)
    return bare.replace("企业", ""), marks | (level if not marks & LEVELS else frozenset())


def absent_column(header: str, columns: Iterable[Column], present: Iterable[str]) -> Column | None:
    """The optional column not on the sheet of which ``header`` is probably a slip (required ones are missed anyway)."""
    present = set(present)
    names = {name: c for c in columns if not c.required and c.name not in present for name in (c.header, *c.aliases)}
    near = slip_of(header, names)
    return names[near] if near else None
