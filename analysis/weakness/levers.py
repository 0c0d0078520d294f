"""What is worth doing: one more unit of each indicator, and reaching a mark."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..assessment import Assessment
from ..kept import once_for_each
from .estimates import UNITLESS
from .peers import next_above, part_of, peers, rivals
from .rescore import Rescorer
from .search import best_value, first_value, in_data_decimals, natural_step, search_end, way, whole_units

UNDEFINED = "变动后有地区的得分不大于 0，几何（调和）平均无法计算"
COUNTS, POINTS, AMOUNTS = "计数", "百分点", "其他单位"
HEAD = ["indicator", "name", "part", "unit", "value", "estimated"]
NO_GAIN = 5e-4


@once_for_each
def unit_worth(assessment: Assessment, home: str, adjustments: pd.DataFrame | None = None) -> pd.DataFrame:
    """What one more unit of each indicator brings, the rest unchanged.

    The whole assessment is made again with home's value moved by one unit the good way
    (more, less for 逆向, towards the target for 适度), so that bounds and the others'
    scores move with it.

    Returns
    -------
    DataFrame, like units together (counts, percentage points, then the other units), the
    most useful first within each: indicator, name, part, unit, value, estimated (home's
    value is a masked one at the midpoint of its bounds), kind, step (signed, in the unit: 1, but the
    largest power of ten that is at most a tenth of the value where one whole unit less
    would take a quantity below zero; never past a target or a natural limit; 0 where the
    limit is reached), points (gain of home's total), closer (points by which the distance
    to the next rank up shrinks; more than ``points`` where the others' scores fall: the
    district that defines the lower bound gains nothing itself by its next unit; missing
    where nobody is ahead), share_to_best (step ÷ distance to the best value; missing where
    home is best), points_per_unit, places (ranks gained in the group), rank_after
    (both missing where home has nobody to be ranked with), weight,
    note (why nothing is gained and where the first gain comes; or that nobody has so much).
    """
    rescorer, rows, above = Rescorer(assessment, home, adjustments), [], next_above(assessment, home)
    margin, ranked = assessment.total[home] - assessment.total[above] if above else 0.0, len(rivals(assessment, home)) > 0
    for code in rescorer.levers():
        step = natural_step(assessment, home, code)
        totals = rescorer.totals(code, assessment.treated.at[home, code] + step)
        points, rank = float(rescorer.gain(totals)[0]), rescorer.ranks(totals)[0]
        closer = float(rescorer.margin(totals, above)[0]) - margin if above else np.nan
        best = best_value(assessment, home, code)
        left = (best - assessment.treated.at[home, code]) * way(assessment, home, code)
        rows.append({
            **head(assessment, home, code), "kind": _kind(assessment, code), "step": step, "points": points, "closer": closer,
            "share_to_best": abs(step) / left if left > 0 else np.nan,
            "points_per_unit": points / abs(step) if step else 0.0, "places": rescorer.rank_now - rank if ranked else np.nan,
            "rank_after": rank if ranked else np.nan, "weight": assessment.tree.nodes.at[code, "global_weight"],
            "note": UNDEFINED if np.isnan(rank) else _unit_note(rescorer, code, step, points, best),
        })
    columns = [*HEAD, "kind", "step", "points", "closer", "share_to_best", "points_per_unit", "places", "rank_after", "weight", "note"]
    table = pd.DataFrame(rows, columns=columns)
    order = table["kind"].map({COUNTS: 0, POINTS: 1, AMOUNTS: 2}).astype(float)
    first = -table["closer"].astype(float).fillna(table["points"].astype(float))
    alike = table["unit"].where(table["kind"] == AMOUNTS, "")
    return table.assign(order=order, alike=alike, first=first).sort_values(
        ["order", "alike", "first"], kind="stable")[columns].reset_index(drop=True)


def reach_worth(assessment: Assessment, home: str, benchmark: str = "", adjustments: pd.DataFrame | None = None) -> pd.DataFrame:
    """Points and places from reaching a mark on one indicator: 前一位, 中位数, 对标区, 最好.

    前一位 is the nearest district of the group with a better score on the indicator,
    最好 the best one, 中位数 the median value of the group (for counts the next whole
    number the good way). Marks that home has reached are left away.

    Returns
    -------
    DataFrame: indicator, name, part, unit, value, estimated, mark, who, goal_estimated
    (the mark rests on a masked value's midpoint), needed (value), change, points, places,
    rank_after.
    """
    rescorer, rows, group = Rescorer(assessment, home, adjustments), [], peers(assessment, home)
    ranked = len(rivals(assessment, home)) > 0
    for code in rescorer.levers():
        marks, values = assessment.scores[code].round(9), assessment.treated[code]
        known = marks[values.notna() & marks.notna()]
        better = known[known.index.isin(group) & (known > marks[home])]
        goals = [("前一位", better.idxmin(), values[better.idxmin()])] if len(better) else []
        middle, whole = values.reindex(group).median(), whole_units(assessment, code)
        guessed = assessment.masked[code] & values.notna()
        if (middle - values[home]) * way(assessment, home, code) > 0:
            goals.append(("中位数", "", middle))
        if benchmark in known.index and known[benchmark] > marks[home]:
            goals.append(("对标区", benchmark, values[benchmark]))
        goals += [("最好", better.idxmax(), values[better.idxmax()])] if len(better) else []
        if not goals:
            continue
        upward = np.ceil if way(assessment, home, code) > 0 else np.floor
        goals = [(mark, who, float(upward(needed)) if whole else needed) for mark, who, needed in goals]
        totals = rescorer.totals(code, [needed for _, _, needed in goals])
        gains, ranks = rescorer.gain(totals), rescorer.ranks(totals)
        for (mark, who, needed), gain, rank in zip(goals, gains, ranks):
            rows.append({**head(assessment, home, code), "mark": mark, "who": who, "needed": needed,
                         "goal_estimated": bool(guessed[who] if who else guessed.reindex(group).any()),
                         "change": needed - values[home], "points": gain, "places": rescorer.rank_now - rank if ranked else np.nan, "rank_after": rank if ranked else np.nan})
    return pd.DataFrame(rows, columns=[*HEAD, "mark", "who", "goal_estimated", "needed", "change", "points", "places", "rank_after"])


def head(assessment: Assessment, home: str, code: str) -> dict:
    """The columns every table of levers begins with."""
    return {"indicator": code, "name": assessment.tree.name(code), "part": part_of(assessment, code),
            "unit": assessment.tree.nodes.at[code, "unit"], "value": float(assessment.treated.at[home, code]),
            "estimated": bool(assessment.masked.at[home, code])}


def sets_the_floor(assessment: Assessment, home: str, code: str) -> bool:
    """Whether home alone is the data bound that scores 底分."""
    row, values = assessment.tree.nodes.loc[code], assessment.treated[code].dropna()
    bound = "上限" if row["direction"] == "逆向" else "下限"
    if row["direction"] == "适度" or row["settings"].get(bound, 0) is not None:
        return False
    if row["settings"].get("范围") == "组内":
        values = values[assessment.groups.reindex(values.index) == assessment.groups[home]]
    worst = values.max() if bound == "上限" else values.min()
    return values[home] == worst and (values == worst).sum() == 1


def _kind(a, code):
    if whole_units(a, code):
        return COUNTS
    return POINTS if a.tree.nodes.at[code, "unit"] == "%" else AMOUNTS


def _unit_note(rescorer, code, step, points, best):
    """Why one unit gives nothing, and from where on something is gained; or that nobody has so much."""
    a, home = rescorer.assessment, rescorer.home
    value, sign, unit = float(a.treated.at[home, code]), way(a, home, code), a.tree.nodes.at[code, "unit"]
    beyond = (value + step - best) * sign > 1e-12
    if step == 0:
        return "已到目标或自然上限"
    if abs(points) >= NO_GAIN:
        return "增加后超过目前最好水平" if beyond else ""
    end = search_end(a, home, code, 1.0)

    def gains(totals):
        return rescorer.gain(totals) > NO_GAIN

    first = first_value(rescorer, code, value, end, gains, whole_units(a, code)) if (end - value) * sign > 0 else None
    if first is None:
        return "得分已到顶，再多自身不加分"
    first = in_data_decimals(rescorer, code, first, value, end, gains)
    gain = f"总分 +{float(rescorer.gain(rescorer.totals(code, first))[0]):.2f} 分"
    reached = f"{first:g}" + ("" if unit in UNITLESS else f" {unit}" if whole_units(a, code) else f" {unit} ")
    if sets_the_floor(a, home, code):
        start = f"第 {reached}起" if whole_units(a, code) else f"越过次低的地区（到 {reached.strip()}）后"
        return f"目前最低值就是本区的，多做只抬高计分下限，{start}自身才加分（{gain}）"
    if a.tree.nodes.at[code, "method"] == "分档":
        return f"到 {reached}才升档（{gain}）"
    return (f"第 {reached}起才加分" if whole_units(a, code) else f"到 {reached}才加分") + f"（{gain}）"
