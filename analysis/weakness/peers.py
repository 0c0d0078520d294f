"""Whom a district is compared with, and where an indicator belongs."""

from __future__ import annotations

import pandas as pd

from ..assessment import Assessment
from ..params import AssessmentError

NOISE = 9


def require_district(assessment: Assessment, *districts: str) -> None:
    """Raise AssessmentError for a district the assessment does not have."""
    for district in districts:
        if district not in assessment.total.index:
            raise AssessmentError(f"没有区县“{district}”，无法比较；现有：{'、'.join(map(str, assessment.total.index))}")


def peers(assessment: Assessment, home: str) -> list[str]:
    """All districts of home's ranking group, home included."""
    require_district(assessment, home)
    return list(assessment.groups.index[assessment.groups == assessment.groups[home]])


def rivals(assessment: Assessment, home: str) -> pd.Series:
    """Known totals of the other districts of the group, rounded as for ranking, best first."""
    total = _rounded(assessment).reindex(peers(assessment, home)).dropna()
    return total.drop(home, errors="ignore").sort_values(ascending=False, kind="stable")


def ahead(assessment: Assessment, home: str) -> list[str]:
    """Districts of the group with a better total, the nearest first; empty for the first
    and for a home whose total is unknown."""
    others = rivals(assessment, home)
    return [str(d) for d in others.index[others > _rounded(assessment)[home]]][::-1]


def next_above(assessment: Assessment, home: str) -> str:
    """The district with the least better total; empty if there is none."""
    return next(iter(ahead(assessment, home)), "")


def part_of(assessment: Assessment, code: str) -> str:
    """Name of the node under the total that an indicator belongs to."""
    parent = assessment.tree.nodes["parent"]
    while parent[code] and parent[code] != assessment.root:
        code = parent[code]
    return assessment.tree.name(code)


def _rounded(assessment):
    return assessment.total.round(NOISE if assessment.decimals is None else assessment.decimals)
