"""What the plan says, in Chinese sentences computed from it.

``**words**`` marks emphasis for :func:`analysis.report.show.say`.
"""

from __future__ import annotations

import math

import numpy as np

from ..text import amount
from .result import Plan

_CLEAR = 0.02  # chances that differ by less are called the same
_WORTH = 0.5  # less is no chance to plan for
_UNTESTED = ("约定", "示例", "不详")


def plan_findings(plan: Plan) -> list[str]:
    """Conclusion first: what to do and how sure it is, or what is possible instead; the price of the margin; towns and quarters."""
    first = _conclusion(plan).removesuffix("。") + _assumed(plan) + "。"
    return [text for text in (first, _among(plan), *_nearest(plan), _without_margin(plan), _mix(plan), _towns(plan), _quarters(plan)) if text]


def plan_notes(plan: Plan) -> list[str]:
    """Assumptions and limits under which the plan holds."""
    said = [f"{note}。" for note in plan.notes]
    unsure = int(((plan.chosen["confidence"] == "待核") & ~plan.chosen["pending"]).sum())
    if unsure:
        said.append(f"方案新报的 {int((~plan.chosen['pending']).sum())} 项中有 {unsure} 项依据的认定条款待核，报送前须对照现行文件原文。")
    said.append("成功概率和费用为约定或示例时，把握和费用随之变动；概率须用本地历年通过率核定。")
    if plan.reached and plan.budget is None:
        said.append("已证明在所用的模拟下费用最省。" if plan.proven else "费用最省未经证明：方案由整数规划、余量查找和逐项撤换得到。")
    return said


def _conclusion(plan):
    p, unit = plan.problem, plan.cost_unit
    where = f"“{p.scenes.name}”第 {plan.rank} 位" + ("以内" if plan.rank > 1 else "")
    new = plan.chosen[~plan.chosen["pending"]]
    doing = f"新报 {len(new)} 项（{new['enterprise'].nunique()} 家企业）、费用 {amount(plan.cost)} {unit}" if len(new) else "不再新报"
    chance = f"{p.goal.home}进入{where}的把握约 **{_percent(plan.chance)}**"
    if plan.budget is not None:
        return f"预算 {amount(plan.budget)} {unit}可{doing}，{chance}（不新报时{_spaced(plan.chance_now)}）。"
    if plan.reached and not len(new):
        return f"{chance}，不新报也已达到要求的 {plan.probability:.0%}。"
    if plan.reached:
        short = "，差在模拟误差以内" if round(plan.chance, 2) < plan.probability else ""
        return f"**{doing}**，{chance}（要求 {plan.probability:.0%}{short}；不新报时{_spaced(plan.chance_now)}）。"
    even = "候选和限制允许的都报" if not len(new) else doing
    less = f"；按找到的办法，目标概率不高于 {math.floor(100 * plan.chance)}% 时排得出方案" if plan.chance >= _WORTH else ""
    return f"在现有候选和限制下**达不到**{where}、把握 {plan.probability:.0%} 的要求：即使{even}，把握也{_only(plan.chance)}{less}。"


def _assumed(plan):
    """What the chance of a plan from a case rests on, where nobody has tested it: said in the conclusion itself, not only under the tables."""
    if plan.chosen.empty or not plan.chosen["confidence"].astype(bool).any():
        return ""
    table = plan.problem.limits.terms.table
    kinds = {"成功概率": "成功概率", "申报费用": "费用"}
    used = {word: "、".join(dict.fromkeys(table.loc[(table["类别"] == kind) & table["状态"].isin(_UNTESTED), "状态"])) for kind, word in kinds.items()}
    named = "、".join(f"{word}（{status}）" for word, status in used.items() if status)
    return f"；所用的{named}未经本地数据检验" if named else ""


def _among(plan):
    """Who is left out of the comparison: without them the chance looks better than it is."""
    scenes = plan.problem.scenes
    groups = plan.problem.assessment.groups
    out = [d for d, peer in zip(plan.problem.assessment.scores.index, scenes.peers) if not peer and groups[d] == groups[plan.problem.goal.home]]
    if not out:
        return ""
    return f"**{'、'.join(out)}的得分含未公开数值，没有参加比较**：位次只在其余 {int(scenes.peers.sum())} 个地区之间算，把握偏高。"


def _without_margin(plan):
    if not plan.reached or not np.isfinite(plan.expected_cost) or plan.expected_chance > plan.chance - _CLEAR or plan.budget is not None:
        return ""
    more = plan.cost - plan.expected_cost
    price = f"多花 {amount(more)} {plan.cost_unit}（{more / plan.expected_cost:.0%}）" if plan.expected_cost > 0 else f"费用 {amount(plan.cost)} {plan.cost_unit}"
    return f"只按期望数安排、不留余量，把握仅 {_percent(plan.expected_chance)}；留足余量{price}。"


def _mix(plan):
    rows = [row for row in plan.needed.to_dict("records") if row["applications"]]
    if not rows:
        return ""
    parts = [f"{row['name']}报 {row['applications']} 项、预计认定 {row['expected']:.1f} 项（多在 {row['low']:.0f}～{row['high']:.0f} 项）" for row in rows]
    return "；".join(parts) + "。"


def _towns(plan):
    table = plan.by_town()
    table = table[table["applications"] > 0]
    if len(table) < 2:
        return ""
    top = table.head(3)
    named = "、".join(f"{r['town']} {r['applications']} 项" for r in top.to_dict("records"))
    pending = int(plan.chosen["pending"].sum())
    also = f"（含已报待定 {pending} 项）" if pending else ""
    if len(table) == len(top):
        return f"任务落在 {len(table)} 个镇街园区{also}：{named}。"
    return f"任务落在 {len(table)} 个镇街园区{also}，最多的是{named}，合占预计成果的 {top['share'].sum():.0%}。"


def _quarters(plan):
    new = plan.chosen[~plan.chosen["pending"]]
    if not len(new):
        return ""
    counts = new.groupby("quarter").size()
    busiest = counts.idxmax()
    if len(counts) == 1:
        return f"全部在 {busiest[:4]} 年第 {busiest[-1]} 季度申报。"
    return f"申报分 {len(counts)} 个季度，{busiest[:4]} 年第 {busiest[-1]} 季度最集中（{counts.max()} 项）。"


def _nearest(plan):
    return [f"{said}。" for said in plan.nearest["said"] if not said.startswith("在现有限制下")]


def _only(chance):
    return "不足 1%" if chance < 0.01 else f"只有约 **{chance:.0%}**"


def _percent(chance):
    return "不足 1%" if chance < 0.01 else "99% 以上" if chance > 0.99 else f"{chance:.0%}"


def _spaced(chance):
    """After Chinese words: a space before figures, none before words."""
    text = _percent(chance)
    return f" {text}" if text[0].isdigit() else text
