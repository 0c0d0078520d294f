"""Scoring functions: from the values of one indicator to its scores.

Each function takes ``x`` of shape (..., n): n units on the last axis, any number of
leading axes (repetitions of a simulation), NaN where a value is missing; it returns
scores of the same shape, NaN where ``x`` is NaN. ``rising`` says whether more is
better. Functions named in ``tables/methods.csv`` are reached through :func:`score`.
"""

from __future__ import annotations

import numpy as np

from .params import AssessmentError, check_params, methods, parse_params

_NOISE = 1e-12

__all__ = ["AssessmentError", "check_params", "floor_score", "methods", "parse_params", "score"]


def score(x, method: str, params: dict, direction: str = "正向", groups=None, name: str = "") -> np.ndarray:
    """Scores of one indicator.

    Parameters
    ----------
    x : array (..., n), the indicator's own unit; NaN = missing.
    method : row of ``methods.csv``; its 公式 column holds the formula.
    params : as returned by :func:`analysis.params.parse_params`.
    direction : 正向, 逆向, or 适度 (scored on |x − 目标|, less is better).
    groups : array (n,) of ranking groups, used when 范围=组内.
    name : the indicator's name, for messages.

    Raises
    ------
    AssessmentError when the method is undefined for these values (logarithm of a
    non-positive value, division by a non-positive value).
    """
    x = np.asarray(x, dtype=float)
    function = globals()[methods()[method].function]
    p = {k: v for k, v in params.items() if k not in ("系数", "范围")}
    if direction == "适度":
        x, p, direction = np.abs(x - params["目标"]), {**p, "目标": None}, "逆向"
    rising = direction != "逆向"
    if p.get("对数"):
        _require_positive(x, name, "取对数")
        x = np.log(x)
        p = {**p, **{k: np.log(p[k]) for k in ("下限", "上限", "目标") if p.get(k) is not None}}
    if params.get("范围") == "组内" and groups is not None:
        result = np.empty_like(x)
        for group in dict.fromkeys(groups):
            inside = np.asarray([g == group for g in groups])
            result[..., inside] = function(x[..., inside], rising, p, name)
    else:
        result = function(x, rising, p, name)
    factor = params.get("系数", 1.0)
    return result if factor == 1.0 else result * factor


def floor_score(method: str, params: dict) -> float | None:
    """The method's lowest mark (底分 × 系数), or None where the method has none."""
    key = methods()[method].floor_key
    return None if not key else params[key] * params.get("系数", 1.0)


def unit_interval(x, rising, p, name=""):
    """z = (x − low) / (high − low), 1 at the better end.

    Bounds are 下限/上限 where given, else the least and greatest value. Where they
    coincide or cross nobody is inside them: every unit gets 0 if a stated worse bound
    was not passed by anyone, else 1 (no difference to score, or a stated better bound
    reached by all).
    """
    # Units to the front: arithmetic with one bound for each row of a short last axis is three times as slow.
    front = np.ascontiguousarray(np.moveaxis(x, -1, 0))
    low = _extreme_front(front, np.fmin) if p["下限"] is None else p["下限"]
    high = _extreme_front(front, np.fmax) if p["上限"] is None else p["上限"]
    if not p["截断"] and np.any(np.asarray(low) > np.asarray(high)):
        raise AssessmentError(f"{_of(name)}数据的最大（最小）值越过了参数里的下限（上限），无法换算")
    span = np.asarray(high - low, dtype=float)
    usable = span > _NOISE * np.maximum(np.abs(low), np.abs(high))
    outside = 1.0 if p["下限" if rising else "上限"] is None else 0.0
    z = front - low if rising else high - front
    z /= span if usable.all() else np.where(usable, span, 1.0)
    if p["截断"]:
        np.clip(z, 0.0, 1.0, out=z)
    if not usable.all():
        z = np.where(np.isnan(front), np.nan, np.where(usable, z, outside))
    # Laid out as the values are: the order of later sums, and with it their last digit, stays what it is.
    out = np.empty_like(x)
    out[...] = np.moveaxis(z, 0, -1)
    return out


def min_max(x, rising, p, name=""):
    """底分 + (满分 − 底分) · z."""
    marks = unit_interval(x, rising, p, name)
    marks *= p["满分"] - p["底分"]
    marks += p["底分"]
    return marks


efficacy = min_max


def exponential_efficacy(x, rising, p, name=""):
    """底分 · (满分/底分)^z."""
    return p["底分"] * (p["满分"] / p["底分"]) ** unit_interval(x, rising, p, name)


def z_score(x, rising, p, name=""):
    """均值 + 标准差 · (x − mean)/s with s over n − 自由度; 均值 for a constant indicator."""
    known = ~np.isnan(x)
    n = known.sum(-1, keepdims=True)
    filled = np.where(known, x, 0.0)
    mean = filled.sum(-1, keepdims=True) / np.maximum(n, 1)
    deviation = np.where(known, x - mean, 0.0)
    variance = (deviation**2).sum(-1, keepdims=True) / np.maximum(n - p["自由度"], 1)
    s = np.sqrt(variance)
    constant = s <= 1e-12 * np.maximum(1.0, np.abs(mean))
    z = np.where(constant, 0.0, deviation / np.where(constant, 1.0, s))
    return np.where(known, p["均值"] + p["标准差"] * (z if rising else -z), np.nan)


def rank_score(x, rising, p, name=""):
    """满分 − 步长 · (rank − 1); 步长 defaults to (满分 − 底分)/(n − 1)."""
    n = (~np.isnan(x)).sum(-1, keepdims=True)
    step = (p["满分"] - p["底分"]) / np.maximum(n - 1, 1) if p["步长"] is None else p["步长"]
    return p["满分"] - step * (rank(x, rising, p["并列"]) - 1)


def borda(x, rising, p, name=""):
    """Number of units that are worse; ties by 并列 (平均: half each; 同位: none)."""
    n = (~np.isnan(x)).sum(-1, keepdims=True)
    if p["并列"] == "紧凑":
        places = rank(x, rising, "紧凑")
        points = _greatest(places) - places
    else:
        mirror = {"平均": "平均", "同位": "顺延", "顺延": "同位"}[p["并列"]]
        points = n - rank(x, rising, mirror)
    return points if p["满分"] is None else points * p["满分"] / np.maximum(n - 1, 1)


def completion(x, rising, p, name=""):
    """满分 · min(ratio, 1) + 加分 · excess/每超, between 底分 and 封顶."""
    if not rising:
        _require_positive(x, name, "逆向指标算完成率")
    target = p["目标"]
    ratio = x / target if rising else target / x
    if p["加分"] is None:
        cap = p["满分"] if p["封顶"] is None else p["封顶"]
        result = np.minimum(p["满分"] * ratio, cap)
    else:
        excess = np.maximum(x - target if rising else target - x, 0.0)
        result = p["满分"] * np.minimum(ratio, 1.0) + p["加分"] * excess / p["每超"]
        if p["封顶"] is not None:
            result = np.minimum(result, p["封顶"])
    return np.maximum(result, p["底分"])


def share_of_best(x, rising, p, name=""):
    """满分 · x/max (rising) or 满分 · min/x, never below 底分."""
    if not rising:
        _require_positive(x, name, "逆向指标算占优比")
        return np.maximum(p["满分"] * _least(x) / x, p["底分"])
    best = _greatest(x)
    if np.any(best <= 0):
        raise AssessmentError(f"{_of(name)}最大值不大于 0，不能按与第一名之比计分；请换用功效系数或极差")
    return np.maximum(p["满分"] * x / best, p["底分"])


def bands(x, rising, p, name=""):
    """Score of the band a value falls in; a value on an edge takes the higher band."""
    edges = np.array([edge for edge, _ in p["档次"]["steps"]])
    scores = np.array([value for _, value in p["档次"]["steps"]])
    outside = p["底分"] if p["档次"]["outside"] is None else p["档次"]["outside"]
    if rising:
        padded, place = np.append(outside, scores), np.searchsorted(edges, x, side="right")
    else:
        padded, place = np.append(scores, outside), np.searchsorted(edges, x, side="left")
    return np.where(np.isnan(x), np.nan, padded[np.clip(place, 0, len(scores))])


def distance_to_target(x, rising, p, name=""):
    """底分 + (满分 − 底分) · z with z = 1 from the target on (COINr ``n_dist2targ``)."""
    if rising:
        start = _least(x) if p["下限"] is None else p["下限"]
        span = p["目标"] - start
        gone = x - start
    else:
        start = _greatest(x) if p["上限"] is None else p["上限"]
        span = start - p["目标"]
        gone = start - x
    span = np.asarray(span, dtype=float)
    reached = span <= 0
    z = np.minimum(np.where(reached, 1.0, gone / np.where(reached, 1.0, span)), 1.0)
    if p["截断"]:
        z = np.maximum(z, 0.0)
    return np.where(np.isnan(x), np.nan, p["底分"] + (p["满分"] - p["底分"]) * z)


def direct(x, rising, p, name=""):
    """The value is the score."""
    return np.array(x, dtype=float)


def rank(x, rising=True, ties="同位") -> np.ndarray:
    """Rank on the last axis, 1 = best; NaN stays NaN.

    ties: 同位 1,2,2,4; 顺延 1,3,3,4; 平均 1,2.5,2.5,4; 紧凑 1,2,2,3.
    """
    key = np.where(np.isnan(x), -np.inf, _significant(x if rising else -np.asarray(x)))
    if ties == "紧凑":
        flat = key.reshape(-1, key.shape[-1])
        dense = np.stack([len(u) - np.searchsorted(u, row) for row in flat for u in [np.unique(row)]])
        result = dense.reshape(key.shape).astype(float)
    else:
        better = (key[..., None, :] > key[..., :, None]).sum(-1)
        same = (key[..., None, :] == key[..., :, None]).sum(-1)
        result = {"同位": better + 1.0, "顺延": better + 1.0 * same, "平均": better + (same + 1) / 2}[ties]
    return np.where(np.isnan(x), np.nan, result)


def _significant(x):
    """Twelve significant digits: rounding noise of the computer decides no place."""
    with np.errstate(all="ignore"):
        scale = 10.0 ** (11 - np.floor(np.log10(np.abs(x))))
        return np.where(np.isfinite(scale) & (x != 0), np.round(x * scale) / scale, x)


def _least(x):
    return _extreme(x, np.fmin)


def _greatest(x):
    return _extreme(x, np.fmax)


def _extreme(x, pick):
    # Units to the front: a reduction over a short last axis is four times as slow.
    return _extreme_front(np.ascontiguousarray(np.moveaxis(x, -1, 0)), pick)[..., None]


def _extreme_front(front, pick):
    """Least or greatest over the first axis; infinite is not known."""
    found = pick.reduce(front, axis=0)
    return np.where(np.isinf(found), np.nan, found)


def _require_positive(x, name, purpose):
    if np.any(x <= 0):
        raise AssessmentError(f"{_of(name)}有不大于 0 的数值，不能{purpose}；请更正数据或换计分方法")


def _of(name):
    return f"指标“{name}”" if name else "指标"
