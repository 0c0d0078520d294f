"""The roster arranged for looking up: by code, by name as typed, by former name, by core."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from ..params import AssessmentError
from ..text import fold_key
from .names import NormalName, normalise
from .places import Places

_BETWEEN = re.compile(r"[；;、，,/|\n]+")
Core = tuple[str, str]


@dataclass(frozen=True)
class Book:
    """Roster entries 0…n−1 and where each spelling leads.

    ``rows[k]`` is the roster row as its sheet numbers it; ``by_core`` goes from (core, branch)
    to entries, ``by_trunk`` from the core alone; ``by_former`` and ``by_former_key`` lead from former names.
    """

    rows: list[int]
    names: list[str]
    codes: list[str]
    former: list[tuple[str, ...]]
    normal: list[NormalName]
    by_code: dict[str, list[int]]
    by_name: dict[str, list[int]]
    by_core: dict[Core, list[int]]
    by_trunk: dict[str, list[int]]
    by_former: dict[str, list[int]]
    by_former_key: dict[tuple, list[int]]


def make_book(roster: pd.DataFrame, places: Places) -> Book:
    """The roster's ``name``, ``code``, ``former_name`` (；-separated) and ``row`` (else 0, 1, …), arranged.

    Raises
    ------
    AssessmentError without a column ``name``, or with an empty name.
    """
    names = texts(roster, "name", "企业名册")
    rows = [int(r) for r in roster["row"]] if "row" in roster else list(range(len(roster)))
    empty = [rows[k] for k, name in enumerate(names) if not name]
    if empty:
        raise AssessmentError(f"企业名册第{empty[0]}行没有企业名称，无法核对名单；补上名称，或删去该行")
    former = [tuple(part.strip() for part in _BETWEEN.split(text) if part.strip()) for text in texts(roster, "former_name")]
    normal = [normalise(name, places) for name in names]
    return Book(
        rows, names, [code.upper() for code in texts(roster, "code")], former, normal,
        lead((code.upper(), k) for k, code in enumerate(texts(roster, "code"))), lead((fold_key(name), k) for k, name in enumerate(names)),
        lead(((n.core, n.branch), k) for k, n in enumerate(normal)), lead((n.core, k) for k, n in enumerate(normal)),
        lead((fold_key(old), k) for k, olds in enumerate(former) for old in olds),
        lead((normalise(old, places).key, k) for k, olds in enumerate(former) for old in olds))


def texts(frame: pd.DataFrame, column: str, required: str = "") -> list[str]:
    """A text column, blanks where missing; the whole column too, unless ``required`` names its table."""
    if column not in frame:
        if required:
            raise AssessmentError(f"{required}缺少 {column} 列，无法核对名单；现有：{'、'.join(map(str, frame.columns))}")
        return [""] * len(frame)
    return ["" if not isinstance(text, str) else text.strip() for text in frame[column]]


def lead(pairs: Iterable[tuple]) -> dict:
    """Positions by key from (key, position) pairs; empty keys lead nowhere."""
    book: dict = {}
    for key, k in pairs:
        if key and k not in book.setdefault(key, []):
            book[key].append(k)
    return book
