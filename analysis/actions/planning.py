"""Sentences that put the plan beside what was asked for."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from ..plan import Plan, plan_findings


def possible_plan(plan: Plan, runs: int | None = None) -> tuple[Plan, Plan | None]:
    """The plan to follow, and the given one where that is another because its place is out of reach.

    The plan to follow is that of the best place with the chance asked for. A place that is held without any new application is no
    plan: then it is that of the place above it with the best chance there is, or the given one.
    """
    possible = plan.nearest.set_index("what")["value"]
    if plan.reached or "最好位次" not in possible:
        return plan, None
    best = int(possible["最好位次"])
    nearest = plan.at_rank(best, runs)
    if nearest.reached and not nearest.chosen["pending"].all():
        return nearest, plan
    return (plan.at_rank(best - 1, runs), plan) if nearest.reached and best - 1 > plan.rank else (plan, None)


def plan_instead(desk) -> str:
    """The plan shown where the place asked for is out of reach; empty otherwise."""
    if desk.wanted is None:
        return ""
    if desk.plan.reached:
        return f"以下改按做得到的最好位次排：{plan_findings(desk.plan)[0]}"
    return f"第 {desk.plan.rank + 1} 位不新报也守得住；以下改按第 {desk.plan.rank} 位、把握最大的办法排：{plan_findings(desk.plan)[0]}"


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


def with_plans(frontier: pd.DataFrame, plans: Sequence[Plan]) -> pd.DataFrame:
    """The frontier with plans on it that were searched further, and so may be cheaper or surer than the points beside them.

    frontier : as :meth:`analysis.plan.Plan.frontier` gives. Points that another makes pointless (no cheaper, no surer) are left out,
    so that chance rises with cost and no table beside the frontier shows better than it does.
    """
    rows = [{"rank": p.rank, "cost": p.cost, "chance": p.chance, "applications": int((~p.chosen["pending"]).sum())} for p in plans]
    table = pd.concat([pd.DataFrame(rows), frontier], ignore_index=True) if rows else frontier
    table = table.sort_values(["rank", "cost", "chance"], ascending=[True, True, False], kind="stable")
    before = table.groupby("rank")["chance"].transform(lambda c: c.cummax().shift(fill_value=-1.0))
    return table[table["chance"] > before].reset_index(drop=True)
