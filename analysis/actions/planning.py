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
    found = next((text for text in said if word in text), said[0] if said else "没有申报任务。")
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


def budget_view(frontier: pd.DataFrame, plan: Plan, parts: tuple[float, ...] = (0.25, 0.5, 0.75, 1.0)) -> pd.DataFrame:
    """What parts of the plan's cost buy for its place: the best chance on the frontier that costs no more.

    frontier : as :meth:`analysis.plan.Plan.frontier` gives.
    """
    own = frontier[frontier["rank"] == plan.rank]
    rows = []
    for part in parts:
        budget = plan.cost * part
        within = own[own["cost"] <= budget + 1e-9]
        best = within.loc[within["chance"].idxmax()] if len(within) else None
        if part == 1.0 and (best is None or best["chance"] < plan.chance):
            best = {"cost": plan.cost, "applications": len(plan.chosen), "chance": plan.chance}
        if best is not None:
            rows.append({f"预算（{plan.cost_unit}）": budget, f"费用（{plan.cost_unit}）": best["cost"], "申报（项）": best["applications"], "把握": best["chance"]})
    return pd.DataFrame(rows).assign(状态=plan.status)
