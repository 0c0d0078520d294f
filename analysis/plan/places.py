"""Each town's part of the plan, and why it is that much."""

from __future__ import annotations

import numpy as np
import pandas as pd

from .problem import Problem

UNNAMED = "（未填镇街园区）"
_LIKE = 0.1  # shares that differ by less than this part of the potential's are called alike


def by_town(p: Problem, chosen: pd.DataFrame) -> pd.DataFrame:
    """Towns' parts of the plan beside their potential.

    Returns
    -------
    DataFrame, the greatest expected number first: town, candidates, potential (expected successes of all its candidates),
    potential_share, applications, enterprises, expected, share (of all expected successes), cost, unit_cost (cost per
    expected success; missing without one), capacity (applications the limits allow over the plan; infinite where
    not bounded), reason (why the share is above or below the potential's).
    """
    counts = p.target >= 0
    pool = pd.DataFrame({"town": _named(p.table["town"]), "expected": np.where(counts, p.expected, 0.0), "cost": p.table["cost"]})
    mine = chosen.assign(town=_named(chosen["town"]), counted=chosen["expected"].where(chosen["indicator"].isin(p.scenes.codes), 0.0))
    table = pool.groupby("town", sort=False).agg(candidates=("expected", "size"), potential=("expected", "sum"), all_cost=("cost", "sum"))
    own = mine.groupby("town").agg(applications=("row", "size"), enterprises=("enterprise", "nunique"), expected=("counted", "sum"), cost=("cost", "sum"))
    table = table.join(own).fillna({"applications": 0, "enterprises": 0, "expected": 0.0, "cost": 0.0})
    table["potential_share"] = table["potential"] / (table["potential"].sum() or 1.0)
    table["share"] = table["expected"] / (table["expected"].sum() or 1.0)
    table["unit_cost"] = (table["cost"] / table["expected"]).where(table["expected"] > 0)
    table["capacity"] = [p.limits.towns.get(t, np.inf) for t in table.index]
    pool_unit = table["all_cost"].sum() / max(table["potential"].sum(), 1e-12)
    table["reason"] = [_reason(row, pool_unit, p) for row in table.reset_index().to_dict("records")]
    columns = ["town", "candidates", "potential", "potential_share", "applications", "enterprises", "expected", "share", "cost", "unit_cost",
               "capacity", "reason"]
    table = table.reset_index().sort_values(["expected", "potential"], ascending=False, kind="stable")[columns]
    return table.astype({"applications": int, "enterprises": int}).reset_index(drop=True)


def _reason(row, pool_unit, p):
    if not row["applications"]:
        if row["potential"] <= 0:
            return "候选只作前置条件，本次不需要"
        return "有候选，但按费用和概率未入选" if row["capacity"] > 0 else "申报上限为 0"
    full = row["applications"] >= row["capacity"]
    unit = row["all_cost"] / row["potential"] if row["potential"] > 0 else np.nan
    if full and row["capacity"] < row["candidates"]:
        return f"已到申报上限 {row['capacity']:.0f} 项"
    if row["share"] > (1 + _LIKE) * row["potential_share"]:
        return "多于潜力占比：候选的单位成果费用低于全区平均" if unit < pool_unit else "多于潜力占比：入选的几项概率高或费用低"
    if row["share"] < (1 - _LIKE) * row["potential_share"]:
        return "少于潜力占比：候选的单位成果费用高于全区平均" if unit > pool_unit else "少于潜力占比：其余候选概率低、费用高，或受季度和名额限制"
    return "与潜力占比相当"


def _named(towns):
    return towns.where(towns != "", UNNAMED)
