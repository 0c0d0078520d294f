"""Ranks from scores: within ranking groups, with a stated rule for ties."""

from __future__ import annotations

import numpy as np
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
    rounded = round_half_up(scores, _NOISE if decimals is None else decimals)
    return rounded.groupby(groups.reindex(scores.index).to_numpy()).rank(method=TIES[ties], ascending=False)


def round_half_up(x, decimals: int):
    """Round as announcements do (四舍五入): 76.125 → 76.13, −0.5 → −1."""
    factor = 10.0**decimals
    return np.sign(x) * np.floor(np.abs(x) * factor + 0.5 + 1e-7) / factor
