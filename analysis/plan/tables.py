"""The plan as a reader sees it: tables with Chinese headers and their formats."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..recognition.clauses import CONFIDENCE, CONFIDENCE_NOTE
from .result import Plan

FORMATS = {"成功概率": ".0%", "预计认定（项）": ".1f", "预计成果（项）": ".1f", "潜力（项）": ".1f", "潜力占比": ".0%", "成果占比": ".0%",
           "预算（万元）": ",.1f", "把握": ".1%", "达到或更好的把握": ".1%", "申报（项）": ",.0f", "新报（项）": ",.0f", "企业（家）": ",.0f", "候选（项）": ",.0f"}
NEW_NOTE = "“新报（项）”是新安排的申报，不含此前已报、等结果的（已报待定）。"
ALONE_NOTE = "“单靠此项需新增”：只动这一项、其他都不新增时，按要求的把握达到目标位次所需的新增认定数；“八成可能在”是预计认定数的 80% 区间。"
_TOTAL, _BEFORE, _ONLY_FIRST, _REFUSED = "合计", "此前已报", "（仅作前置）", "往年未通过"
_HALF = 1e-9  # 3.15 shows as 3.2 however it was added up


def chosen_view(plan: Plan) -> pd.DataFrame:
    """The applications, in the order in which they are made."""
    table = plan.chosen.assign(indicator=plan.chosen["indicator"].map(_names(plan)).fillna(_ONLY_FIRST),
                               status=[_standing(row) for row in plan.chosen[["status", "status_then", "pending", "refused"]].itertuples(index=False)])
    table["quarter"] = table["quarter"].where(~table["pending"], _BEFORE)
    headers = {"quarter": "申报季度", "town": "镇街园区", "name": "企业", "certification": "认定", "indicator": "计入指标", "status": "申报状态",
               "probability": "成功概率", "cost": f"费用（{plan.cost_unit}）", "prerequisite": "前置认定", "chain": "产业链", "confidence": "条款依据"}
    view = table[list(headers)].rename(columns=headers)
    view = view.drop(columns=[c for c in ("前置认定", "产业链", "镇街园区", "申报状态", "条款依据") if (view[c] == "").all()])
    return view.assign(状态=plan.status)


def _standing(row):
    """The status that chance and cost go by, where it is another once the prerequisite is there, and whether it was refused before."""
    if row.pending:
        return "已报待定"
    then = f"取得前置后{row.status_then}" if row.status_then not in ("", row.status) else ""
    said = "，".join(filter(None, [then, _REFUSED if row.refused else ""]))
    return f"{row.status}（{said}）" if said else row.status


def needed_view(plan: Plan) -> pd.DataFrame:
    """By indicator: now, applications, what they bring, and what it would take alone."""
    table = plan.needed
    unit = table["unit"].where(table["unit"] != "", "项")
    return pd.DataFrame({
        "指标": table["name"], "单位": unit, "现有": table["now"].map("{:g}".format), "申报（项）": table["applications"], "预计认定（项）": table["expected"] + _HALF,
        "八成可能在": [f"{a:.0f}～{b:.0f}" for a, b in zip(table["low"], table["high"])],
        "单靠此项需新增": [f"{v:.0f}" if np.isfinite(v) else "单靠此项达不到" for v in table["alone"]], "状态": plan.status})


def applied_note(plan: Plan) -> str:
    """What the column 申报（项） counts, and what 预计 is."""
    pending = int(plan.chosen["pending"].sum())
    counted = f"含此前已报、等结果的 {pending} 项（已报待定，不再花费用）和新报的 {len(plan.chosen) - pending} 项" if pending else "都是新报的"
    return f"“申报（项）”{counted}；“预计”的项数是各项成功概率之和。"


def chosen_notes(plan: Plan) -> list[str]:
    """The words in :func:`chosen_view`'s cells."""
    table, said = chosen_view(plan), []
    if plan.chosen["pending"].any():
        said.append(f"“{_BEFORE}”“已报待定”：筛查前已经申报、还没有公布结果，计入把握，不再花费用；其余各行是新报。")
    if (table["计入指标"] == _ONLY_FIRST).any() or "前置认定" in table:
        said.append("“前置认定”是申报前须先取得的另一项认定；“仅作前置”的本身不计入考核方案的指标，只为取得另一项认定。")
    if "申报状态" in table and table["申报状态"].str.contains(_REFUSED).any():
        said.append(f"“{_REFUSED}”：认定名单上有这家企业往年申报这项而没有通过的记录，申报前先弄清原因。")
    if "条款依据" in table and table["条款依据"].isin(CONFIDENCE[1:]).any():
        said.append(CONFIDENCE_NOTE)
    return said


def town_notes(plan: Plan) -> list[str]:
    """The columns of :func:`town_view` and the words in its reasons."""
    first = "“只作前置条件”：这项认定不计入所看的指标，只为取得另一项认定，这里用不上；" if "只作前置条件" in "".join(plan.by_town()["reason"]) else ""
    return [applied_note(plan), f"“候选（项）”是可以安排的申报和已报待定的，“潜力（项）”是其中计分的成功概率之和，占比都占全部镇街园区之和；原因里{first}"
                                "“单位成果费用偏高或本次不需要”：同样的钱报别处成功得更多，或位次已够。"]


def town_view(plan: Plan) -> pd.DataFrame:
    """Each town's part beside its potential, with the reason and the total."""
    table = plan.by_town()
    view = pd.DataFrame({
        "镇街园区": table["town"], "候选（项）": table["candidates"], "潜力（项）": table["potential"], "潜力占比": table["potential_share"],
        "申报（项）": table["applications"], "企业（家）": table["enterprises"], "预计成果（项）": table["expected"] + _HALF, "成果占比": table["share"],
        f"费用（{plan.cost_unit}）": table["cost"], "原因": table["reason"]})
    total = {c: view[c].sum() for c in view.columns if c not in ("镇街园区", "原因")} | {"镇街园区": _TOTAL, "原因": ""}
    return pd.concat([view, pd.DataFrame([total], columns=view.columns)], ignore_index=True).assign(状态=plan.status)


def quarter_view(plan: Plan) -> pd.DataFrame:
    """Applications, expected successes and cost by quarter and certification, with the total."""
    table = plan.by_quarter()
    table = table.assign(expected=table["expected"] + _HALF)
    return _with_total(plan, table.assign(quarter=table["quarter"].where(table["quarter"] != "", _BEFORE)), {"quarter": "申报季度", "certification": "认定"})


def certification_view(plan: Plan) -> pd.DataFrame:
    """Applications, expected successes and cost by certification, with the total."""
    return _with_total(plan, plan.by_certification(), {"certification": "认定"})


def places_view(plan: Plan) -> pd.DataFrame:
    """Chance of each place or better under the plan."""
    return pd.DataFrame({"位次": plan.places["rank"], "达到或更好的把握": plan.places["chance"], "状态": plan.status})


def frontier_view(frontier: pd.DataFrame, cost_unit: str = "万元", status: str = "推算") -> pd.DataFrame:
    """Cost, chance and applications by rank."""
    return pd.DataFrame({"目标位次": frontier["rank"], f"费用（{cost_unit}）": frontier["cost"], "把握": frontier["chance"],
                         "新报（项）": frontier["applications"], "状态": status})


def budget_view(plans: list[Plan]) -> pd.DataFrame:
    """What budgets buy, one plan of :meth:`Plan.with_budget` a row."""
    unit = plans[0].cost_unit if plans else "万元"
    return pd.DataFrame([{f"预算（{unit}）": q.budget, f"费用（{unit}）": q.cost, "新报（项）": int((~q.chosen["pending"]).sum()), "把握": q.chance,
                          "状态": q.status} for q in plans])


def _with_total(plan, table, keys):
    headers = {**keys, "applications": "申报（项）", "enterprises": "企业（家）", "expected": "预计成果（项）", "cost": f"费用（{plan.cost_unit}）"}
    view = table[list(headers)].rename(columns=headers)
    total = {c: view[c].sum() for c in view.columns if c not in keys.values()} | dict.fromkeys(keys.values(), "") | {next(iter(keys.values())): _TOTAL}
    # An enterprise may apply in several rows: it counts once in the total.
    total["企业（家）"] = plan.chosen["enterprise"].nunique()
    return pd.concat([view, pd.DataFrame([total], columns=view.columns)], ignore_index=True).assign(状态=plan.status)


def _names(plan):
    return plan.problem.assessment.tree.nodes["name"].to_dict()
