"""The figures a year on: what the next annual report makes of this year's and last year's."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from ..text import fold_key
from .fields import NUMBER, Column, Fields, Headers

PAST = ("上年", "前年")
Pairs = tuple[tuple[str, str], ...]


def year_pairs(names: Iterable[str], headers: Headers, known: Iterable[str]) -> Pairs:
    """(column of an earlier year, column it takes its value from a year on), oldest first.

    Parameters
    ----------
    names : columns of interest. known : all there are to take from; a year that nobody has
        ("" as source) is unknown a year on.
    """
    keys, found = {fold_key(headers.title(key)): key for key in known}, []
    last, before = (fold_key(word) for word in PAST)
    for name in names:
        title = fold_key(headers.title(name))
        if title.startswith(before):
            found.append((0, name, keys.get(last + title[len(before):], "")))
        elif title.startswith(last):
            found.append((1, name, keys.get(title[len(last):], "")))
    return tuple((name, source) for _, name, source in sorted(found))


def roll(fields: Fields, pairs: Pairs, rows: np.ndarray) -> None:
    """Make this year's figures last year's and last year's the year before's, for some rows of fields that are nobody
    else's; this year's stay as they are until a change says otherwise."""
    old = {source: fields.columns[source].values[rows].copy() for _, source in pairs if source}
    for past, source in pairs:
        values = fields.columns[past].values.astype(float)
        values[rows] = old[source] if source else np.nan
        fields.columns[past] = Column(NUMBER, values)


def a_year_on(fields: Fields, pairs: Pairs) -> Fields:
    """The same as new fields, for all rows."""
    out = Fields(fields.size, dict(fields.columns), fields.held)
    roll(out, pairs, np.arange(fields.size))
    return out
