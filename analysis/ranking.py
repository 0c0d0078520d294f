"""Ranks from scores: within ranking groups, with a stated rule for ties."""

from __future__ import annotations

import pandas as pd

TIES = {"同位": "min", "顺延": "max", "平均": "average", "紧凑": "dense"}
_NOISE = 9


def rank_scores(scores: pd.DataFrame, groups: pd.Series, ties: str = "同位", decimals: int | None = None) -> pd.DataFrame:
    """Rank districts on every column, 1 = highest, within their ranking group.

    Parameters
    ----------
    scores : district × node, points; NaN gets no rank.
    groups : district -> ranking group.
    ties : a key of :data:`TIES`.
    decimals : places kept before comparing; without it scores that differ by less than
        1e-9 are equal, so that rounding noise of the computer never decides a rank.
    """
    rounded = scores.round(_NOISE if decimals is None else decimals)
    return rounded.groupby(groups.reindex(scores.index).to_numpy()).rank(method=TIES[ties], ascending=False)
