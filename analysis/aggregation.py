"""Aggregation: from the scores of a node's children to the node's score.

``s`` has shape (..., n, k): n units, k children, any leading axes. ``w`` broadcasts
against it ((k,) or (..., 1, k)). ``left_out`` marks children that do not count for a
unit; their weight goes to the others. A NaN that is not left out makes the node NaN.
"""

from __future__ import annotations

import numpy as np


def arithmetic(s, w, left_out=None):
    """Σ w·s / Σ w."""
    s, w = _present(s, w, left_out)
    return (w * s).sum(-1) / _total(w)


def total(s, w, left_out=None):
    """Σ w·s, scaled up by Σ w / Σ w(present) where children are left out."""
    full = np.broadcast_to(w, s.shape).sum(-1)
    s, w = _present(s, w, left_out)
    return (w * s).sum(-1) * full / _total(w)


def geometric(s, w, left_out=None):
    """exp(Σ w·ln s / Σ w); scores must be positive."""
    s, w = _present(s, w, left_out, neutral=1.0)
    return np.exp((w * np.log(s)).sum(-1) / _total(w))


def harmonic(s, w, left_out=None):
    """Σ w / Σ (w/s); scores must be positive."""
    s, w = _present(s, w, left_out, neutral=1.0)
    return _total(w) / (w / s).sum(-1)


def copeland(s, w, left_out=None):
    """Wins minus losses of each unit in pairwise comparison.

    A unit wins against another when the weight of the children on which it is ahead
    (ties count half) exceeds half of the weight compared (children known for both).
    Range −(n − 1) … n − 1.
    """
    s, w = _present(s, w, left_out)
    a, b = s[..., :, None, :], s[..., None, :, :]
    both = np.minimum(w[..., :, None, :], w[..., None, :, :])
    ahead = (both * (np.sign(a - b))).sum(-1)
    return np.sign(np.round(ahead, 12)).sum(-1)


FUNCTIONS = {f.__name__: f for f in (arithmetic, total, geometric, harmonic, copeland)}
POSITIVE_ONLY = {"geometric", "harmonic"}


def multipliers(aggregation: str, s, w, value, left_out=None):
    """∂(node)/∂(child), shape (..., n, k): child score × multiplier sums to the node's
    score, because every mean here is homogeneous of degree one (Euler). None for
    Copeland, which has no such split.
    """
    if aggregation == "copeland":
        return None
    full = np.broadcast_to(w, s.shape).sum(-1)
    s, w = _present(s, w, left_out, neutral=1.0)
    share = w / _total(w)[..., None]
    if aggregation == "total":
        return share * full[..., None]
    if aggregation == "geometric":
        return share * value[..., None] / s
    if aggregation == "harmonic":
        return share * (value[..., None] / s) ** 2
    return share


def _present(s, w, left_out, neutral=0.0):
    w = np.broadcast_to(w, s.shape)
    absent = w == 0 if left_out is None else left_out | (w == 0)
    return np.where(absent, neutral, s), np.where(absent, 0.0, w)


def _total(w):
    sums = w.sum(-1)
    return np.where(sums > 0, sums, np.nan)
