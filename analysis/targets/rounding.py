"""Figures as shown that still add up: rounding by the largest remainder (最大余数法)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..params import AssessmentError

_HAIR = 1e-7  # of one unit in the last place: what a sum of floats may be off


def shown_parts(parts: pd.Series, decimals: int) -> pd.Series:
    """Parts rounded to ``decimals`` places so that they sum to their rounded total.

    Each part is rounded down to a unit u = 10^−decimals; the units that are missing to the
    rounded total go to the largest remainders, earlier parts first. No part moves by a unit
    or more.

    Parameters
    ----------
    parts : figures in any unit; negative ones are allowed.

    Raises
    ------
    AssessmentError if a part is missing or infinite.
    """
    values = parts.to_numpy(dtype=float)
    if not np.isfinite(values).all():
        names = "、".join(map(str, parts.index[~np.isfinite(values)]))
        raise AssessmentError(f"以下各部分缺数，无法凑整到合计：{names}")
    scaled = values * 10.0**decimals
    whole = np.floor(scaled + _HAIR)
    units = int(np.floor(scaled.sum() + 0.5 + _HAIR) - whole.sum())
    whole[np.argsort(-(scaled - whole), kind="stable")[:units]] += 1
    return pd.Series(np.round(whole / 10.0**decimals, decimals) + 0.0, parts.index)
