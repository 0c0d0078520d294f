"""What is worth doing: one more unit, reaching a mark, and the least change that moves us up."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..assessment import Assessment
from .peers import ahead, next_above, part_of, peers
from .rescore import Rescorer

COUNT_UNITS = ("家", "个", "项", "件", "户", "人", "名")
UNDEFINED = "变动后有地区的得分不大于 0，几何（调和）平均无法计算"
GRID, ROUNDS = 64, 6
_HEAD = ["indicator", "name", "part", "unit", "value"]


def unit_worth(assessment: Assessment, home: str, adjustments: pd.DataFrame | None = None) -> pd.DataFrame:
    """What one more unit of each indicator brings, the rest unchanged; most useful first.

    The whole assessment is made again with home's value moved by one unit the good way
    (more, less for 逆向, towards the target for 适度), so that bounds and the others'
    scores move with it.

    Returns
    -------
    DataFrame: indicator, name, part, unit, value, step (signed, in the unit: 1, but the
    largest power of ten that is at most a tenth of the value where one whole unit less
    would take a quantity below zero; never past a target or a natural limit; 0 where the
    limit is reached), points (gain of home's total), closer (points by which the distance
    to the next rank up shrinks; more than ``points`` where the others' scores fall: the
    district that defines the lower bound gains nothing itself by its next unit),
    points_per_unit, places (ranks gained in the group), rank_after, weight, note.
    """
    rescorer, rows, above = Rescorer(assessment, home, adjustments), [], next_above(assessment, home)
    margin = assessment.total[home] - assessment.total[above] if above else 0.0
    for code in rescorer.levers():
        step = natural_step(assessment, home, code)
        totals = rescorer.totals(code, assessment.treated.at[home, code] + step)
        points, rank = float(rescorer.gain(totals)[0]), rescorer.ranks(totals)[0]
        closer = points if not above else float(rescorer.margin(totals, above)[0]) - margin
        rows.append({
            **_head(assessment, home, code), "step": step, "points": points, "closer": closer,
            "points_per_unit": points / abs(step) if step else 0.0, "places": rescorer.rank_now - rank, "rank_after": rank,
            "weight": assessment.tree.nodes.at[code, "global_weight"], "note": UNDEFINED if np.isnan(rank) else "",
        })
    columns = [*_HEAD, "step", "points", "closer", "points_per_unit", "places", "rank_after", "weight", "note"]
    return pd.DataFrame(rows, columns=columns).sort_values("closer", ascending=False, kind="stable").reset_index(drop=True)


def reach_worth(assessment: Assessment, home: str, benchmark: str = "", adjustments: pd.DataFrame | None = None) -> pd.DataFrame:
    """Points and places from reaching a mark on one indicator: 前一位, 中位数, 对标区, 最好.

    前一位 is the nearest district of the group with a better score on the indicator,
    最好 the best one, 中位数 the median value of the group. Marks that home has reached
    are left away.

    Returns
    -------
    DataFrame: indicator, name, part, unit, value, mark, who, needed (value), change,
    points, places, rank_after.
    """
    rescorer, rows, group = Rescorer(assessment, home, adjustments), [], peers(assessment, home)
    for code in rescorer.levers():
        marks, values = assessment.scores[code].round(9), assessment.treated[code]
        known = marks[values.notna() & marks.notna()]
        better = known[known.index.isin(group) & (known > marks[home])]
        goals = [("前一位", better.idxmin(), values[better.idxmin()])] if len(better) else []
        middle = values.reindex(group).median()
        if (middle - values[home]) * way(assessment, home, code) > 0:
            goals.append(("中位数", "", middle))
        if benchmark in known.index and known[benchmark] > marks[home]:
            goals.append(("对标区", benchmark, values[benchmark]))
        goals += [("最好", better.idxmax(), values[better.idxmax()])] if len(better) else []
        if not goals:
            continue
        totals = rescorer.totals(code, [needed for _, _, needed in goals])
        gains, ranks = rescorer.gain(totals), rescorer.ranks(totals)
        for (mark, who, needed), gain, rank in zip(goals, gains, ranks):
            rows.append({**_head(assessment, home, code), "mark": mark, "who": who, "needed": needed,
                         "change": needed - values[home], "points": gain, "places": rescorer.rank_now - rank, "rank_after": rank})
    return pd.DataFrame(rows, columns=[*_HEAD, "mark", "who", "needed", "change", "points", "places", "rank_after"])


def smallest_single_change(assessment: Assessment, home: str, places: int = 1, reach: float = 3.0,
                           adjustments: pd.DataFrame | None = None) -> pd.DataFrame:
    """The least change of each single indicator that moves home up ``places`` in its group.

    Values are tried the good way, from home's own to ``reach`` times the spread of all
    districts beyond the best value (or to the natural limit: 0, 100 %, the target of a
    适度 indicator). Indicators counted in whole units are tried unit by unit, every one;
    others on a grid that includes every district's value, narrowed around the first
    success to a 10⁻⁹ part of the searched range. For methods by bounds, places, bands,
    targets or best values the margin over a rival never falls as the own value rises, so
    the first success is the least; for 标准分 it can fall (a far value widens s for
    everybody), and a success narrower than the grid could be missed.

    Parameters
    ----------
    places : how many places up, at least 1.
    reach : how far beyond the best value to look, in spreads.

    Returns
    -------
    DataFrame, reachable and relatively smallest first; empty for a district that cannot
    rise ``places`` places:
    indicator, name, part, unit, value, reachable, needed (value; missing where not
    reachable), change, at (the value that the next columns are for: ``needed``, else the
    nearest one tried with the best rank and the least distance to the rival), rank_after,
    points (gain of home's total there), share_of_gap (part of the distance to the district
    now so many places up, the rival, that is closed, its own fall included; below 1 where another one falls behind home
    first), share_to_best (change ÷ distance to the best value; missing
    where home is best), beyond_best (nobody has such a value), note (Chinese).
    """
    rescorer, rows = Rescorer(assessment, home, adjustments), []
    goal, better = rescorer.rank_now - places, ahead(assessment, home)
    rival = better[min(places, len(better)) - 1] if better else ""
    for code in rescorer.levers() if goal >= 1 and rival else []:
        sign, value = way(assessment, home, code), float(assessment.treated.at[home, code])
        end, levels, best = _limit(assessment, home, code, reach), _levels(assessment, code), _best(assessment, home, code)
        needed = _first_success(rescorer, code, value, end, sign, goal, whole_units(assessment, code), levels)
        shown = _best_place(rescorer, code, value, end, levels, rival) if needed is None else needed
        totals, gap = rescorer.totals(code, shown), assessment.total[rival] - assessment.total[home]
        rank, change = rescorer.ranks(totals)[0], np.nan if needed is None else needed - value
        rows.append({
            **_head(assessment, home, code), "reachable": needed is not None, "needed": np.nan if needed is None else needed,
            "change": change, "at": shown, "rank_after": rank, "points": float(rescorer.gain(totals)[0]),
            "share_of_gap": 1 + float(rescorer.margin(totals, rival)[0]) / gap,
            "share_to_best": change / (best - value) if (best - value) * sign > 0 else np.nan,
            "beyond_best": bool(needed is not None and (needed - best) * sign > 0),
            "note": _note(needed, rank, rescorer.rank_now, (shown - best) * sign > 0),
        })
    columns = [*_HEAD, "reachable", "needed", "change", "at", "rank_after", "points", "share_of_gap", "share_to_best", "beyond_best", "note"]
    table = pd.DataFrame(rows, columns=columns)
    far = table.assign(far=~table["reachable"].astype(bool), left=-table["share_of_gap"].astype(float))
    order = far.sort_values(["far", "beyond_best", "share_to_best", "left"], kind="stable").index
    return table.loc[order].reset_index(drop=True)


def way(assessment: Assessment, home: str, code: str) -> float:
    """+1 where more is better for home, −1 where less is, 0 on the target of a 适度 one."""
    row = assessment.tree.nodes.loc[code]
    if row["direction"] == "适度":
        return float(np.sign(row["settings"]["目标"] - assessment.treated.at[home, code]))
    return -1.0 if row["direction"] == "逆向" else 1.0


def whole_units(assessment: Assessment, code: str) -> bool:
    """Whether the indicator counts things: a counting unit and whole values throughout."""
    values = assessment.treated[code].dropna()
    observed = values[~assessment.masked.loc[values.index, code]]
    return assessment.tree.nodes.at[code, "unit"] in COUNT_UNITS and bool((observed % 1 == 0).all())


def natural_step(assessment: Assessment, home: str, code: str) -> float:
    """One unit the good way, or less where a unit is too much; see :func:`unit_worth`."""
    value, sign = float(assessment.treated.at[home, code]), way(assessment, home, code)
    size = 1.0
    if sign < 0 and 0 < value < 1 and not whole_units(assessment, code):
        size = 10.0 ** np.floor(np.log10(value / 10) + 1e-12)
    limit = _natural_limit(assessment, home, code)
    return sign * (size if limit is None else min(size, abs(limit - value)))


def _natural_limit(a, home, code):
    """Where an indicator ends by its nature: target, 0, 100 %; None if it has no end."""
    row, values = a.tree.nodes.loc[code], a.treated[code].dropna()
    if row["direction"] == "适度":
        return float(row["settings"]["目标"])
    if way(a, home, code) < 0:
        return 0.0 if (values >= 0).all() else None
    share = row["unit"] == "%" and row["category"] == "结构" and values.between(0, 100).all()
    return 100.0 if share else None


def _limit(a, home, code, reach):
    limit, sign = _natural_limit(a, home, code), way(a, home, code)
    values = _levels(a, code)
    ends = [v for k in ("下限", "上限", "目标") if (v := a.tree.nodes.at[code, "settings"].get(k)) is not None]
    if a.tree.nodes.at[code, "direction"] == "适度":
        return limit
    everything = [*values, *ends]
    spread = max(everything) - min(everything) or abs(values[0]) or 1.0
    end = (max(everything) if sign > 0 else min(everything)) + sign * reach * spread
    if limit is None:
        return end
    if _zero_excluded(a, code) and limit == 0:
        limit = min(values) * 1e-6
    return min(end, limit) if sign > 0 else max(end, limit)


def _zero_excluded(a, code):
    """Logarithms and divisions by the value have no score at zero."""
    row = a.tree.nodes.loc[code]
    return bool(row["settings"].get("对数")) or row["method"] in ("占优比", "完成率")


def _levels(a, code):
    return np.unique(a.treated[code].dropna().to_numpy())


def _best(a, home, code):
    values, sign = a.treated[code].dropna(), way(a, home, code)
    if a.tree.nodes.at[code, "direction"] == "适度":
        return float(values[(values - a.tree.nodes.at[code, "settings"]["目标"]).abs().idxmin()])
    return float(values.max() if sign > 0 else values.min())


def _first_success(rescorer, code, value, end, sign, goal, whole, levels):
    if sign == 0 or (end - value) * sign <= 0:
        return None
    if whole:
        steps = value + sign * np.arange(1, int(np.floor(abs(end - value) + 1e-9)) + 1)
        for part in np.array_split(steps, max(1, len(steps) // 256)) if len(steps) else []:
            good = rescorer.ranks(rescorer.totals(code, part)) <= goal
            if good.any():
                return float(part[good.argmax()])
        return None
    low, points = value, _grid(value, end, sign, levels)
    tolerance = abs(end - value) * 1e-9
    high = None
    for _ in range(ROUNDS):
        good = rescorer.ranks(rescorer.totals(code, points)) <= goal
        if not good.any():
            return high
        first = int(good.argmax())
        low, high = (points[first - 1] if first else low), float(points[first])
        if abs(high - low) <= tolerance:
            return high
        points = np.linspace(low, high, GRID + 1)[1:]
    return high


def _grid(value, end, sign, levels):
    """Values to try: an even grid and every district's value."""
    points = np.concatenate([np.linspace(value, end, 4 * GRID + 1)[1:], levels])
    inside = points[((points - value) * sign > 0) & ((end - points) * sign >= 0)]
    return np.unique(inside)[:: int(sign)]


def _best_place(rescorer, code, value, end, levels, rival):
    """Where home's rank is best within reach; of equals the closest to the rival, then the nearest."""
    sign = np.sign(end - value)
    if sign == 0:
        return value
    points = np.concatenate([[value], _grid(value, end, sign, levels)])
    totals = rescorer.totals(code, points)
    margin = np.round(rescorer.margin(totals, rival), 9)
    return float(points[np.lexsort((np.abs(points - value), -margin, rescorer.ranks(totals)))[0]])


def _note(needed, rank, now, beyond):
    if needed is None:
        stays = "位次不变" if rank >= now else f"最多升到第 {rank:.0f} 位"
        return f"单靠这一项做不到，{stays}"
    return "要超过目前各地区最好水平" if beyond else ""


def _head(a, home, code):
    return {"indicator": code, "name": a.tree.name(code), "part": part_of(a, code), "unit": a.tree.nodes.at[code, "unit"],
            "value": float(a.treated.at[home, code])}
