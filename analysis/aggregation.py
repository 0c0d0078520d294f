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
    return np.einsum("...k,...k->...", s, w) / _total(w)


def total(s, w, left_out=None):
    """Σ w·s, scaled up by Σ w / Σ w(present) where children are left out."""
    full = np.broadcast_to(w, s.shape).sum(-1)
    s, w = _present(s, w, left_out)
    return np.einsum("...k,...k->...", s, w) * full / _total(w)


def geometric(s, w, left_out=None):
    """exp(Σ w·ln s / Σ w); a score of 0 (a veto) makes it 0."""
    s, w = _present(s, w, left_out, neutral=1.0)
    with np.errstate(divide="ignore"):
        return np.exp((w * np.log(s)).sum(-1) / _total(w))


def harmonic(s, w, left_out=None):
    """Σ w / Σ (w/s); a score of 0 (a veto) makes it 0."""
    s, w = _present(s, w, left_out, neutral=1.0)
    with np.errstate(divide="ignore"):
        return _total(w) / (w / s).sum(-1)


def copeland(s, w, left_out=None):
    """Wins minus losses of each unit in pairwise comparison.

    A unit wins against another when the weight of the children on which it is ahead
    exceeds the weight of those on which it is behind, among children known for both.
    A unit with an unknown child, or with none, gets NaN and stands out of the
    comparisons. Range −(n − 1) … n − 1.
    """
    s, w = _present(s, w, left_out)
    unknown = np.isnan(s).any(-1) | (w.sum(-1) == 0)
    s, w = np.where(unknown[..., None], 0.0, s), np.where(unknown[..., None], 0.0, w)
    both = np.minimum(w[..., :, None, :], w[..., None, :, :])
    ahead = (both * np.sign(np.round(s[..., :, None, :] - s[..., None, :, :], 9))).sum(-1)
    return np.where(unknown, np.nan, np.sign(np.round(ahead, 12)).sum(-1))


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
    share = np.broadcast_to(w / _total(w)[..., None], s.shape)
    if aggregation == "total":
        return share * full[..., None]
    if aggregation == "arithmetic":
        return share
    ratio = np.divide(value[..., None], s, out=np.zeros_like(s), where=s != 0)
    return share * (ratio if aggregation == "geometric" else ratio**2)


def _present(s, w, left_out, neutral=0.0):
    """Scores with ``neutral``, and weights with 0, where a child does not count; weights keep no leading axis they do not need."""
    w = np.broadcast_to(w, np.broadcast_shapes(np.shape(w), s.shape[-2:]))
    absent = w == 0 if left_out is None else left_out | (w == 0)
    return (np.where(absent, neutral, s), np.where(absent, 0.0, w)) if absent.any() else (s, w)


def _total(w):
    sums = w.sum(-1)
    return np.where(sums > 0, sums, np.nan)
