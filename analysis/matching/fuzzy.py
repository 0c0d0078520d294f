"""Nearest names by edit distance, for a person to look at."""

from __future__ import annotations

import numpy as np

from .names import NormalName
from .settings import setting


def compared(name: NormalName) -> str:
    """The text on which names are compared: places, core and branch, without the legal form."""
    return "".join(name.place) + name.core + name.branch


def similarity(one: NormalName, other: NormalName) -> float:
    """Likeness 0–100 of two names: 100 · 2m / (a + b), m the longest common subsequence, a and b the lengths.

    A shorter name wholly contained in the other counts as its whole.
    """
    from rapidfuzz import fuzz

    a, b = compared(one), compared(other)
    return max(fuzz.ratio(a, b), fuzz.ratio(one.core, other.core), fuzz.partial_ratio(a, b) if min(len(a), len(b)) >= 4 else 0.0)


def likeness(one: NormalName, other: NormalName) -> float:
    """Likeness 0–100 of two names, places counted; the measure by which :func:`nearest` orders."""
    from rapidfuzz import fuzz

    return fuzz.ratio(compared(one), compared(other))


def nearest(queries: list[str], choices: list[str], cutoff: float, limit: int) -> list[list[tuple[int, float]]]:
    """For each query the positions and scores of the nearest choices.

    Parameters
    ----------
    cutoff : lowest score (0–100, 100 · 2m / (a + b) as above) that counts.
    limit : how many at most; of equal scores the earlier choice comes first.
    """
    from rapidfuzz import fuzz, process

    found: list[list[tuple[int, float]]] = []
    if not choices:
        return [[] for _ in queries]
    step = max(1, int(setting("每批比对对数") // len(choices)))
    for start in range(0, len(queries), step):
        part = queries[start:start + step]
        scores = process.cdist(part, choices, scorer=fuzz.ratio, score_cutoff=cutoff, dtype=np.float32)
        at, where = np.nonzero(scores)
        values = scores[at, where]
        lists: list[list[tuple[int, float]]] = [[] for _ in part]
        for k in np.lexsort((where, -values, at)):
            if len(lists[at[k]]) < limit:
                lists[at[k]].append((int(where[k]), float(values[k])))
        found += lists
    return found
