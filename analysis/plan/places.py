"""Each town's part of the plan, and why it is that much."""

from __future__ import annotations

import numpy as np
import pandas as pd

from .problem import Problem
from .quarters import quarter_number, quarter_text

UNNAMED = "（未填镇街园区）"
_LIKE = 0.1  # shares that differ by less than this part of the potential's are called alike


def by_town(p: Problem, chosen: pd.DataFrame) -> pd.DataFrame:
    """Towns' parts of the plan beside their potential.

    Returns
    -------
    DataFrame, the greatest expected number first: town, candidates, potential (expected successes of all its candidates),
    potential_share, applications, enterprises, expected, share (of all expected successes), cost, unit_cost (cost per
    expected success; missing without one), capacity (applications the limits allow over the plan; infinite where
    not bounded), reason (whether the share is above or below the potential's, and what keeps the candidates out that are not chosen).
    """
    counts = p.target >= 0
    pool = pd.DataFrame({"town": _named(p.table["town"]), "expected": np.where(counts, p.expected, 0.0), "cost": p.table["cost"], "why": _kept_out(p, chosen)})
    mine = chosen.assign(town=_named(chosen["town"]), counted=chosen["expected"].where(chosen["indicator"].isin(p.scenes.codes), 0.0))
    table = pool.groupby("town", sort=False).agg(candidates=("expected", "size"), potential=("expected", "sum"))
    own = mine.groupby("town").agg(applications=("row", "size"), enterprises=("enterprise", "nunique"), expected=("counted", "sum"), cost=("cost", "sum"))
    table = table.join(own).fillna({"applications": 0, "enterprises": 0, "expected": 0.0, "cost": 0.0})
    table["potential_share"] = table["potential"] / (table["potential"].sum() or 1.0)
    table["share"] = table["expected"] / (table["expected"].sum() or 1.0)
    table["unit_cost"] = (table["cost"] / table["expected"]).where(table["expected"] > 0)
    table["capacity"] = [p.limits.towns.get(t, np.inf) for t in table.index]
    why = pool[pool["why"] != ""].groupby(["town", "why"], sort=False).size()
    table["reason"] = [_reason(row, why.get(row["town"], pd.Series(dtype=int))) for row in table.reset_index().to_dict("records")]
    columns = ["town", "candidates", "potential", "potential_share", "applications", "enterprises", "expected", "share", "cost", "unit_cost",
               "capacity", "reason"]
    table = table.reset_index().sort_values(["expected", "potential"], ascending=False, kind="stable")[columns]
    return table.astype({"applications": int, "enterprises": int}).reset_index(drop=True)


def _kept_out(p, chosen):
    """Why each candidate is not in the plan ("" where it is), the firmest reason first."""
    inside = np.isin(p.table["row"], chosen["row"])
    new = chosen[~chosen["pending"]]
    done = {c: new[c].value_counts() for c in ("enterprise", "certification", "town")}
    quarter = new.groupby(["town", "quarter"]).size()
    slots = {k: [quarter_text(q) for q in part] for k, part in pd.Series(p.model.quarter).groupby(p.model.candidate)}
    found = []
    for k, row in enumerate(p.table.to_dict("records")):
        quota, most = p.limits.quotas.get(row["certification"], np.inf), p.limits.towns.get(row["town"], np.inf)
        full = all(quarter.get((row["town"], q), 0) >= p.limits.room(row["town"], quarter_number(q)) for q in slots[k])
        if inside[k]:
            found.append("")
        elif p.target[k] < 0:
            found.append("只作前置条件")
        elif done["certification"].get(row["certification"], 0) >= quota:
            found.append(f"“{row['certification']}”名额已满")
        elif done["town"].get(row["town"], 0) >= most:
            found.append("镇街园区上限已满")
        elif done["enterprise"].get(row["enterprise"], 0) >= p.limits.share_of(row["enterprise"]):
            found.append("该企业已报满")
        elif full:
            found.append("该季度已报满")
        else:
            found.append("单位成果费用偏高或本次不需要")
    return found


def _reason(row, why):
    out = "、".join(f"{text} {n} 项" for text, n in why.items())
    if row["applications"] == row["candidates"]:
        return "候选全部列入"
    if not row["applications"]:
        return f"未列入：{out}"
    if row["share"] > (1 + _LIKE) * row["potential_share"]:
        size = "多于潜力占比"
    elif row["share"] < (1 - _LIKE) * row["potential_share"]:
        size = "少于潜力占比"
    else:
        size = "与潜力占比相当"
    return f"{size}；未列入：{out}"


def _named(towns):
    return towns.where(towns != "", UNNAMED)
