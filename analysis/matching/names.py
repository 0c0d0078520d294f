"""An enterprise's name taken apart: place, core, legal form, branch, the former name it states."""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from ..shipped import rows
from ..text import fold_key
from .places import Places, known_places

_ALIAS = re.compile(r"\((?:原名?|曾用名|更名前)[:：为]?([^()]{2,})\)")
_BRACKET = re.compile(r"\(([^()]*)\)")
_NOISE = re.compile(r"[^\w\u4e00-\u9fff]+|_")


class NormalName(NamedTuple):
    """Parts of a name; two names mean one enterprise for certain only if all of the first four agree.

    core : brand and trade, no punctuation (``精密机械``); form : ``有限``, ``股份``, ``公司`` or
    ``""``; place : stems in the order written (``("江苏", "淮安")``); branch : what follows the
    legal form (``唐山分公司``); bracketed : a place stood in brackets, which sets apart
    companies of one group; alias : a former name stated in brackets (``（原…）``).
    """

    core: str
    form: str
    place: tuple[str, ...]
    branch: str
    bracketed: bool
    alias: str

    @property
    def key(self) -> tuple[str, str, frozenset, str]:
        """Equal for two spellings of one name."""
        return self.core, self.form, frozenset(self.place), self.branch


@cache
def _forms() -> tuple[re.Pattern, dict[str, str]]:
    forms = {row["写法"]: row["组织形式"] for row in rows("matching_forms")}
    return re.compile("(.+?)(" + "|".join(sorted(forms, key=len, reverse=True)) + ")(.*)"), forms


def normalise(name: str, places: Places | None = None) -> NormalName:
    """A name without the differences that mean nothing, its parts kept apart.

    Width, spaces, brackets and punctuation go; 有限责任公司 and 有限公司 are one form, 股份有限公司
    another; a place at the head (江苏省、淮安市, with or without 省、市) or in brackets
    (（淮安）) goes to ``place``; other brackets open up (（集团） -> 集团).

    Parameters
    ----------
    name : as typed; an empty name gives an empty core.
    places : known places, default those of ``tables/matching_places.csv``.
    """
    places = places or known_places()
    text = fold_key(name)
    alias = ""
    if "(" in text:
        stated = _ALIAS.search(text)
        if stated:
            alias, text = stated[1], text[:stated.start()] + text[stated.end():]
    pattern, forms = _forms()
    found = pattern.fullmatch(text)
    body, form, branch = (found[1], forms[found[2]], found[3]) if found else (text, "", "")
    if not found and body.endswith("公司") and len(body) > 4:
        body, form = body[:-2], "公司"
    elif branch and "公司" in branch and branch[:1] == "(" and not alias:
        alias, branch = branch.strip("()"), ""
    place, bracketed = [], False
    if "(" in body:
        for inside in _BRACKET.findall(body):
            stem = places.stem(inside)
            if stem:
                place.append(stem)
                bracketed = True
                body = body.replace(f"({inside})", "", 1)
    body = _NOISE.sub("", body)
    head, longest = [], places.longest
    for _ in range(3):
        stem, rest = places.head(body, longest)
        if not stem or (head and not _within(head, stem, places)):
            break
        head.append(stem)
        body = rest
    return NormalName(body, form, tuple(dict.fromkeys(head + place)), _NOISE.sub("", branch), bracketed, alias)


def _within(head: list[str], stem: str, places: Places) -> bool:
    """Whether a second place can lie in the first: 江苏淮安 yes, 中山中国 no."""
    outer = places.province[head[0]]
    return stem not in head and places.province[stem] in ("", outer) and (head[-1] == outer or not outer or places.province[stem] == "")
