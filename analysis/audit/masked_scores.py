"""Bounds of every district's total when masked values lie anywhere in a box.

Let the masked cells take values in a box. Every scoring method but the z-score gives a
unit a score that depends on its own value and on the other units' values, monotone in
each single value while the rest stand still (the sense may differ: under min–max a higher
value raises one's own score and, by moving the least or the greatest value, lowers the
others'). A function monotone in each variable takes its extremes over a box at corners,
and all other units push the same way, so four corners suffice: own low/high × others all
low/all high. For 适度 the variable is |x − 目标|, whose image of an interval is an interval.

z-score: with c the midpoints and r the half-widths, the centred vector P x lies within
‖P r δ‖ ≤ ‖r‖ of P c, which bounds the standard deviation; the own deviation
x_i − mean = x_i(1 − 1/n) − Σ others/n is bounded term by term; their quotient, cut at the
largest z that n values allow, √((n − 1)(n − 自由度)/n). With one masked value x it is exact:
with μ, V mean and sum of squares of the other values, t = x − μ and c = x_i − μ, z_i is
stationary only where V = −(n − 1)·t·c (set its derivative to 0), and the own z rises with
x, so ends and that one point hold the extremes. Dense ranks (并列=紧凑) are not
monotone (two others may merge): there the bounds are those of rank 1 and rank n.

All means are monotone in the children's scores, so lower bounds make lower bounds and
upper ones upper ones; Copeland's wins are bounded pair by pair.
"""

from __future__ import annotations

import numpy as np

from ..aggregation import FUNCTIONS, POSITIVE_ONLY
from ..params import AssessmentError, methods
from ..scoring import floor_score, score
from .masked_problem import Masked


def totals(p: Masked, low, high) -> tuple[np.ndarray, np.ndarray]:
    """Bounds (B, n) of every district's total over B boxes, low and high of shape (B, m)."""
    bottom = np.broadcast_to(p.static, (len(low), *p.static.shape)).copy()
    top = bottom.copy()
    for j in np.unique(p.column):
        bottom[..., j], top[..., j] = _indicator(p, j, low, high)
    return climb(p, bottom, top)


def _indicator(p, j, low, high):
    mine = np.flatnonzero(p.column == j)
    units, row = p.unit[mine], p.row(j)
    a, b = low[:, mine], high[:, mine]
    if row["direction"] == "适度":
        a, b = _nearest_and_farthest(a, b, row["settings"]["目标"])
    x = p.base.treated.to_numpy()[:, j]
    all_low, all_high = np.tile(x, (len(a), 1)), np.tile(x, (len(a), 1))
    all_low[:, units], all_high[:, units] = a, b
    kind = methods()[row["method"]].function

    def mark(values):
        return score(values, row["method"], row["settings"], row["direction"], p.base.groups.to_numpy(), row["name"])

    if kind == "z_score" and (a != b).any():
        bottom, top = _z_bounds(p, row, all_low, all_high, units)
    else:
        corners = [all_low, all_high]
        for t, unit in enumerate(units):
            for other, own in ((all_high, a), (all_low, b)):
                corners.append(other.copy())
                corners[-1][:, unit] = own[:, t]
        marks = mark(np.stack(corners))
        bottom, top = marks[:2].min(0), marks[:2].max(0)
        for t, unit in enumerate(units):
            four = marks[[0, 1, 2 + 2 * t, 3 + 2 * t], :, unit]
            bottom[:, unit], top[:, unit] = four.min(0), four.max(0)
        if row["settings"].get("并列") == "紧凑":
            open_ = (a != b).any(1)
            ladder = mark(np.arange(float(np.isfinite(x).sum())))
            bottom[open_], top[open_] = min(ladder.min(), 0.0 if kind == "borda" else np.inf), ladder.max()
    return _fill(p, row, x, bottom, top)


def _nearest_and_farthest(a, b, target):
    near = np.where((a <= target) & (target <= b), target, np.where(a > target, a, b))
    return near, np.where(np.abs(a - target) > np.abs(b - target), a, b)


def _z_bounds(p, row, low, high, units):
    settings, direction = row["settings"], row["direction"]
    if direction == "适度":
        low, high = np.abs(low - settings["目标"]), np.abs(high - settings["目标"])
    if settings.get("对数"):
        if (low <= 0).any():
            raise AssessmentError(f"指标“{row['name']}”的区间里有不大于 0 的数值，不能取对数；请更正数据或换计分方法")
        low, high = np.log(low), np.log(high)
    bottom, top = np.full_like(low, np.nan), np.full_like(high, np.nan)
    whole = settings.get("范围") != "组内"
    for group in [None] if whole else np.unique(p.codes):
        inside = np.flatnonzero(~np.isnan(low[0]) & (True if whole else p.codes == group))
        n = len(inside)
        if not n:
            continue
        a, b = low[:, inside], high[:, inside]
        centre, radius = (a + b) / 2, np.sqrt((((b - a) / 2) ** 2).sum(-1, keepdims=True))
        spread = np.sqrt(((centre - centre.mean(-1, keepdims=True)) ** 2).sum(-1, keepdims=True))
        freedom = np.sqrt(max(n - settings["自由度"], 1))
        least, most = np.maximum(spread - radius, 0.0) / freedom, (spread + radius) / freedom
        down = a * (1 - 1 / n) - (b.sum(-1, keepdims=True) - b) / n
        up = b * (1 - 1 / n) - (a.sum(-1, keepdims=True) - a) / n
        cap = np.sqrt((n - 1) / n) * freedom
        with np.errstate(divide="ignore", invalid="ignore"):
            z_low = np.where(down >= 0, down / np.maximum(most, 1e-300), np.where(least > 0, down / least, -cap))
            z_high = np.where(up <= 0, up / np.maximum(most, 1e-300), np.where(least > 0, up / least, cap))
        z_low, z_high = np.clip(z_low, -cap, cap), np.clip(z_high, -cap, cap)
        # A constant indicator has z = 0 by definition, also where the quotient has no limit.
        flat = least <= 1e-12 * np.maximum(1.0, np.abs(centre).max(-1, keepdims=True))
        z_low, z_high = np.where(flat, np.minimum(z_low, 0), z_low), np.where(flat, np.maximum(z_high, 0), z_high)
        masked = np.isin(inside, units)
        if masked.sum() == 1:
            z_low, z_high = _one_masked(a, b, int(np.argmax(masked)), freedom)
        if direction not in ("正向", ""):
            z_low, z_high = -z_high, -z_low
        bottom[:, inside] = settings["均值"] + settings["标准差"] * z_low
        top[:, inside] = settings["均值"] + settings["标准差"] * z_high
    return bottom * settings["系数"], top * settings["系数"]


def _one_masked(low, high, own, freedom):
    """Least and greatest z (B, n) when only column ``own`` lies between low and high."""
    n, ends = low.shape[1], []
    others = np.delete(low[0], own)
    centre = others.mean() if n > 1 else 0.0
    squares, c = ((others - centre) ** 2).sum(), low[0] - centre

    def z_at(t, shift):
        spread = np.sqrt(squares + (n - 1) / n * t**2)
        size = np.maximum(1.0, np.abs(centre + t / n))
        flat = spread <= 1e-12 * size * freedom
        return np.where(flat, 0.0, freedom * shift / np.where(flat, 1.0, spread))

    for x in (low[:, [own]], high[:, [own]]):
        t = x - centre
        shift = c - t / n
        shift[:, [own]] = t * (n - 1) / n
        ends.append(z_at(t, shift))
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.where(c != 0, -squares / ((n - 1) * c), np.inf)
    within = (low[:, [own]] - centre < t) & (t < high[:, [own]] - centre)
    within[:, own] = False
    t = np.where(np.isfinite(t), t, 0.0)
    ends.append(np.where(within, z_at(t, c - t / n), ends[0]))
    # With no spread among the others z jumps to 0 where the masked value joins them.
    if squares == 0:
        ends.append(np.where((low[:, [own]] <= centre) & (centre <= high[:, [own]]), 0.0, ends[0]))
    return np.min(ends, axis=0), np.max(ends, axis=0)


def _fill(p, row, x, bottom, top):
    """缺失处理 for units without a value: bounds of the mark they are given."""
    gone = np.isnan(x)
    if not gone.any() or row["missing"] == "剔除":
        return bottom, top
    floor = floor_score(row["method"], row["settings"])
    for bound in (bottom, top):
        if row["missing"] == "最低分":
            least = np.nanmin(bound, axis=1, keepdims=True)
            bound[:, gone] = least if floor is None else np.minimum(floor, least)
        else:
            everyone = np.nanmean(bound, axis=1)
            for unit in np.flatnonzero(gone):
                mates = (p.codes == p.codes[unit]) & ~gone
                bound[:, unit] = bound[:, mates].mean(1) if mates.any() else everyone
    return bottom, top


def climb(p: Masked, bottom, top) -> tuple[np.ndarray, np.ndarray]:
    """Bounds (B, n) of the totals from bounds (B, n, leaves) of the leaf scores."""
    tree, out = p.base.tree, p.base.left_out.to_numpy()
    at = tree.position(tree.leaves)
    ends = []
    for given in (bottom, top):
        nodes = np.full((*given.shape[:2], len(tree.nodes)), np.nan)
        nodes[..., at] = np.where(np.isnan(p.vetoes[:, at]), given + p.points[:, at], p.vetoes[:, at])
        ends.append(nodes)
    for step in tree.steps:
        gone, k = out[:, step.children], step.node
        a, b = ends[0][..., step.children], ends[1][..., step.children]
        if step.aggregation == "copeland":
            found = _copeland(a, b, step.weights, gone)
        else:
            if step.aggregation in POSITIVE_ONLY:
                if ((b <= 0) & ~gone & np.isnan(p.vetoes[:, step.children]) & (step.weights > 0)).any():
                    raise AssessmentError(f"“{tree.name(tree.nodes.index[k])}”按{tree.nodes['aggregation'].iloc[k]}合成，"
                                          "但未公开数值取某些值时下级得分不大于 0；请给该指标设大于 0 的底分，或改用加权平均")
                a = np.where(a <= 0, 0.0, a)
            found = [FUNCTIONS[step.aggregation](s, step.weights, gone) for s in (a, b)]
        for nodes, value in zip(ends, found):
            nodes[..., k] = np.where(np.isnan(p.vetoes[:, k]), value + p.points[:, k], p.vetoes[:, k])
    low, high = (np.where(np.isnan(nodes[..., 0]), 0.0, nodes[..., 0]) for nodes in ends)
    return np.where(p.unbounded, -np.inf, low), np.where(p.unbounded, np.inf, high)


def _copeland(a, b, weights, gone):
    absent = gone | (weights == 0)
    w = np.where(absent, 0.0, np.broadcast_to(weights, gone.shape))
    both = np.minimum(w[:, None], w[None])
    own, other = np.arange(len(w)), np.newaxis
    a, b = np.where(absent, 0.0, a), np.where(absent, 0.0, b)
    ends = []
    for mine, theirs in ((a, b), (b, a)):
        ahead = (both * np.sign(np.round(mine[:, :, other] - theirs[:, other], 9))).sum(-1)
        ahead[:, own, own] = 0.0
        ends.append(np.sign(np.round(ahead, 12)).sum(-1))
    return ends
