"""An increment shared out over towns or chains: in proportion, within floors and caps."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..params import AssessmentError
from .rounding import shown_parts

FLOOR, CAP = "下限", "上限"
_SLACK = 1e-9


def allocate(total: float, base: pd.Series, potential: pd.Series | None = None, floors: pd.Series | None = None,
             caps: pd.Series | None = None, decimals: int | None = None) -> pd.DataFrame:
    """Share out ``total`` over places: xᵢ = clip(λ·wᵢ, floorᵢ, capᵢ) with Σxᵢ = total.

    wᵢ = share of the base × potential; those at neither bound get in proportion to wᵢ. λ is
    found exactly: the sum is piecewise linear in λ, its corners are bound ÷ weight. Where the
    total is negative the potential is not used (who can grow most should not shrink most)
    and wᵢ is the share alone.

    Parameters
    ----------
    total : the increment to share out; may be negative.
    base : place -> level in the same unit, not negative.
    potential : place -> factor, not negative, 1 = as the whole; missing ones count as 1.
    floors, caps : place -> least and greatest increment, same unit. Without a floor (none
        given, or missing) nobody shrinks while the total grows, and nobody loses more than
        its base while it falls; without a cap there is none.
    decimals : places of the column ``shown``, which sums to the rounded total; a bound that
        has more places may be passed by less than a unit of the last.

    Returns
    -------
    DataFrame, one row per place: place, base, share, potential, weight (sums to 1), floor,
    cap, increment, increment_share, growth (% of the base; missing where it is 0), target,
    bound (下限, 上限 or empty), and shown if ``decimals`` is given.

    Raises
    ------
    AssessmentError if a base is missing or negative, a floor is above its cap, or the floors
    (caps) together are above (below) the total: with the names and by how much.
    """
    base = _numbers(base, base.index, "基数")
    places = base.index
    potential = pd.Series(1.0, places) if potential is None else _numbers(potential.reindex(places).fillna(1.0), places, "潜力")
    if not np.isfinite(total):
        raise AssessmentError("要分解的增量缺数，不能分解")
    if base.sum() <= 0:
        raise AssessmentError("各处基数合计为 0，没有可据以分解的份额")
    share = base / base.sum()
    weight = share * potential if total >= 0 else share
    if weight.sum() <= 0:
        raise AssessmentError("各处份额乘潜力全为 0，没有可据以分解的权重；请核对潜力")
    weight = weight / weight.sum()
    floor, cap = _bounds(total, base, floors, caps)
    amount = water_fill(total, weight, floor, cap)
    scale = max(1.0, abs(total))
    bound = np.where(amount <= floor + _SLACK * scale, FLOOR, np.where(amount >= cap - _SLACK * scale, CAP, ""))
    bound = np.where((bound == FLOOR) & (np.abs(amount - total * weight) <= _SLACK * scale), "", bound)
    table = pd.DataFrame({
        "place": places, "base": base, "share": share, "potential": potential, "weight": weight, "floor": floor, "cap": cap,
        "increment": amount, "increment_share": amount / total if total else np.nan, "growth": 100 * amount / base.where(base > 0),
        "target": base + amount, "bound": bound}).reset_index(drop=True)
    return table if decimals is None else table.assign(shown=shown_parts(table.set_index("place")["increment"], decimals).to_numpy())


def water_fill(total: float, weight: pd.Series, floor: pd.Series, cap: pd.Series) -> pd.Series:
    """xᵢ = clip(λ·wᵢ, floorᵢ, capᵢ) with Σxᵢ = total, exactly.

    Parameters
    ----------
    weight : not negative, one above zero; floor and cap may be infinite.

    Raises
    ------
    AssessmentError where no λ gives the total, with the names that stand in the way.
    """
    _feasible(total, weight, floor, cap)
    w, low, high = (x.to_numpy(dtype=float) for x in (weight, floor, cap))
    still, move = w <= 0, w > 0
    amount = np.where(still, np.clip(0.0, low, high), 0.0)
    rest, w, low, high = total - amount.sum(), w[move], low[move], high[move]
    corners = np.unique(np.concatenate([low / w, high / w]))
    corners = corners[np.isfinite(corners)]
    sums = np.array([np.clip(c * w, low, high).sum() for c in corners])
    # Between two corners the same places are free, so the sum is linear there.
    k = int(np.searchsorted(sums, rest))
    inner = _between(corners, k)
    at_low, at_high = low >= inner * w, high <= inner * w
    free = ~(at_low | at_high)
    fixed = np.where(at_low, low, high)[~free].sum()
    filled = np.where(at_low, low, np.where(at_high, high, 0.0))
    if free.any():
        filled[free] = (rest - fixed) * w[free] / w[free].sum()
    amount[move] = filled
    return pd.Series(amount, weight.index)


def _between(corners, k):
    """A λ strictly inside the k-th interval that the corners cut the line into."""
    if not len(corners):
        return 0.0
    if k == 0:
        return corners[0] - 1.0 - abs(corners[0])
    if k == len(corners):
        return corners[-1] + 1.0 + abs(corners[-1])
    return (corners[k - 1] + corners[k]) / 2


def _feasible(total, weight, floor, cap):
    slack = _SLACK * max(1.0, abs(total))
    crossed = floor > cap
    if crossed.any():
        said = "、".join(f"{p}（{floor[p]:g}＞{cap[p]:g}）" for p in weight.index[crossed])
        raise AssessmentError(f"以下各处增量的下限高于上限：{said}，请修改")
    # A place without weight gets nothing beyond its floor, whatever room it has.
    reach = cap.where(weight > 0, np.clip(0.0, floor, cap))
    least = floor.where(weight > 0, reach)
    if least.sum() > total + slack:
        said = _named(least[least > 0].sort_values(ascending=False))
        raise AssessmentError(f"增量下限合计 {least.sum():,.6g}，比目标增量 {total:,.6g} 多 {least.sum() - total:,.6g}，分解不下；"
                              f"下限最大的有 {said or '（各处均为减少的下限）'}，请调低下限或提高目标")
    if reach.sum() < total - slack:
        idle = list(weight.index[(weight <= 0) & (cap > reach)])
        more = f"；{'、'.join(map(str, idle))}的份额或潜力为 0，不参与分解" if idle else ""
        raise AssessmentError(f"增量上限合计 {reach.sum():,.6g}，比目标增量 {total:,.6g} 少 {total - reach.sum():,.6g}，分解不完；"
                              f"有上限的是 {_named(cap[np.isfinite(cap)])}，请调高上限或降低目标{more}")


def _named(amounts):
    return "、".join(f"{p} {v:,.6g}" for p, v in amounts.head(5).items()) + ("等" if len(amounts) > 5 else "")


def _bounds(total, base, floors, caps):
    places = base.index
    low = pd.Series(0.0, places) if total >= 0 else -base
    high = pd.Series(np.inf, places)
    floor = low if floors is None else floors.reindex(places).astype(float).fillna(low)
    return floor, high if caps is None else caps.reindex(places).astype(float).fillna(high)


def _numbers(values, places, what):
    doubled = places[places.duplicated()]
    if len(doubled):
        raise AssessmentError(f"{'、'.join(dict.fromkeys(map(str, doubled)))}出现不止一次，请合并")
    values = values.reindex(places).astype(float)
    wrong = values.isna() | ~np.isfinite(values) | (values < 0)
    if wrong.any():
        said = "、".join(f"{p}（{'缺数' if np.isnan(v) else format(v, 'g')}）" for p, v in values[wrong].items())
        raise AssessmentError(f"以下各处的{what}应为不小于 0 的数：{said}")
    return values
