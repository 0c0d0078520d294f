"""Bounds of a masked value from the place that was announced for its indicator.

Let x be masked and announced as r-th of its group, and v₁ ≥ v₂ ≥ … the known values of the
group in the indicator's good direction, m other values being masked as well. Exactly r − 1
districts are ahead of x (同位), of which at least r − 1 − m and at most r − 1 are known:

    x ≥ v_r    and    x ≤ v_(r−1−m),

each where that value exists. Other rules for ties (顺延, 平均, 紧凑) leave the value as it was.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..assessment import Assessment


def limits_from_ranks(a: Assessment, published: pd.DataFrame, low: pd.DataFrame, high: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """``low`` and ``high`` (district × indicator) narrowed by announced places of single indicators.

    Parameters
    ----------
    published : rows of the year: district, node, rank (missing = not announced).

    Only masked values change; 适度 indicators, whose places do not order the values, and ties other than 同位 are
    left alone. Limits that contradict those given are not applied: the announcement cannot be true then, which
    :func:`analysis.audit.implied.implied_by_node` says.
    """
    low, high = low.copy(), high.copy()
    if a.ties != "同位":
        return low, high
    leaves = published[published["node"].isin(a.tree.leaves)].dropna(subset=["rank"])
    for district, code, rank in zip(leaves["district"], leaves["node"], leaves["rank"].astype(int)):
        direction = a.tree.nodes.at[code, "direction"]
        if district not in a.masked.index or not a.masked.at[district, code] or direction == "适度":
            continue
        group = a.groups.index[a.groups == a.groups[district]].drop(district)
        known = a.raw.loc[group, code].mask(a.masked.loc[group, code]).dropna()
        others = int(a.masked.loc[group, code].sum())
        sign = -1.0 if direction == "逆向" else 1.0
        ordered = np.sort(sign * known.to_numpy())[::-1]
        floor = ordered[rank - 1] if rank - 1 < len(ordered) else -np.inf
        cap = ordered[rank - 2 - others] if 0 <= rank - 2 - others < len(ordered) else np.inf
        bottom, top = (floor, cap) if sign > 0 else (-cap, -floor)
        bottom = np.nanmax([bottom, low.at[district, code]])
        top = np.nanmin([top, high.at[district, code]])
        if bottom <= top:
            low.at[district, code] = bottom if np.isfinite(bottom) else np.nan
            high.at[district, code] = top if np.isfinite(top) else np.nan
    return low, high
