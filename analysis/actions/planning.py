"""Sentences that put the plan beside what was asked for."""

from __future__ import annotations

import pandas as pd

from ..plan import Plan, plan_findings
from .desk import Desk


def plan_instead(desk: Desk) -> str:
    """The plan shown where the place asked for is out of reach; empty otherwise."""
    if desk.wanted is None:
        return ""
    return f"以下改按做得到的最好位次排：{plan_findings(desk.plan)[0]}"


def sentence(said: list[str], word: str) -> str:
    """The first of some sentences with a word in it, without emphasis; the first of all where none has it."""
    said = [text for text in said if text] or ["没有可说的任务。"]
    found = next((text for text in said if word in text), said[0])
    return found.replace("**", "")


def frontier_finding(frontier: pd.DataFrame, plan: Plan) -> str:
    """For each place the highest chance and its cost, and the cost of the chance asked for.

    frontier : as :meth:`analysis.plan.Plan.frontier` gives.
    """
    said = []
    for rank, part in frontier.groupby("rank"):
        enough = part[part["chance"] >= plan.probability]
        top = part.loc[part["chance"].idxmax()]
        if len(enough):
            said.append(f"第 {rank} 位以内要 {plan.probability:.0%} 的把握约需 {enough['cost'].min():,.0f} {plan.cost_unit}")
        elif top["chance"] < 0.01:
            said.append(f"第 {rank} 位以内全部报上把握也不足 1%")
        else:
            said.append(f"第 {rank} 位以内最多到 {top['chance']:.0%} 的把握（{top['cost']:,.0f} {plan.cost_unit}）")
    return "；".join(said) + "。" if said else "没有可比较的方案。"


def with_plan(frontier: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """The frontier with the plan on it: searched further, it may be a little cheaper than the points beside it.

    frontier : as :meth:`analysis.plan.Plan.frontier` gives. Points that the plan makes pointless (dearer, no surer) are left out.
    """
    own = {"rank": plan.rank, "cost": plan.cost, "chance": plan.chance, "applications": int((~plan.chosen["pending"]).sum())}
    worse = (frontier["rank"] == plan.rank) & (frontier["cost"] >= plan.cost) & (frontier["chance"] <= plan.chance)
    known = (frontier["rank"] == plan.rank) & (frontier["cost"] <= plan.cost) & (frontier["chance"] >= plan.chance) & ~worse
    table = frontier[~worse] if known.any() else pd.concat([frontier[~worse], pd.DataFrame([own])], ignore_index=True)
    return table.sort_values(["rank", "cost"], kind="stable").reset_index(drop=True)
