"""Numbers and word lists of the handouts."""

from __future__ import annotations

from functools import cache

from ..params import AssessmentError
from ..shipped import rows
from .model import ENTERPRISE, Page

PAPERS = {"a4": 1.0, "a3": 2 ** 0.5}  # size of paper -> how much larger than A4 everything on it is


def rows_of(name: str) -> tuple[dict[str, str], ...]:
    """Rows of ``tables/handouts_<name>.csv`` by Chinese header."""
    return rows(f"handouts_{name}")


@cache
def setting(name: str) -> float:
    """A number of ``tables/handouts_settings.csv``; AssessmentError for a name that is not there."""
    for row in rows_of("settings"):
        if row["名称"] == name:
            return float(row["数值"])
    raise AssessmentError(f"handouts_settings.csv 没有“{name}”")


def smallest(page: Page) -> float:
    """The smallest size of text on a page, in points."""
    return setting("自测表最小字号" if page.kind == ENTERPRISE else "正文最小字号") * PAPERS[page.paper]
