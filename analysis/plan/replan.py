"""Planning again with a part done: what succeeded, what failed, what is pending, what was given up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

import pandas as pd

from ..params import AssessmentError
from .problem import HAVE, Problem, problem
from .quarters import quarter_number, quarter_text
from .result import Plan, make_plan

WON, LOST, PENDING, GIVEN_UP = "成功", "失败", "待定", "放弃"
OUTCOMES = (WON, LOST, PENDING, GIVEN_UP)


def replan(plan: Plan, done: pd.DataFrame, first: str = "", runs: int | None = None) -> Plan:
    """The rest of a plan anew.

    Parameters
    ----------
    plan : the plan that is under way.
    done : enterprise, certification, outcome (成功, 失败, 待定, 放弃); optional quarter (of the application; that of the plan by default).
    first : first quarter in which anything new can be applied for; that of the plan by default.
    runs : as for :func:`analysis.plan.result.make_plan`.

    A success counts as held and in home's value, a failure is not tried again, a pending application stays in
    every plan with its probability and costs nothing more; what was given up was never applied for and is no candidate any
    more. What was applied for uses up per-enterprise, certification, town and quarter limits, and its cost the budget.

    Raises
    ------
    AssessmentError naming rows that no candidate fits, outcomes not known, and pairs given twice.
    """
    return make_plan(remaining(plan, done, first), runs)


def remaining(plan: Plan, done: pd.DataFrame, first: str = "") -> Problem:
    """The problem that is left after ``done``; arguments as for :func:`replan`."""
    return carried_on(plan.problem, done, first, plan.chosen.set_index(["enterprise", "certification"])["quarter"].to_dict())


def carried_on(p: Problem, done: pd.DataFrame, first: str = "", planned: Mapping[tuple[str, str], str] | None = None) -> Problem:
    """The same from a problem; ``planned`` : (enterprise, certification) -> quarter for rows of ``done`` without one."""
    table = _candidates(p)
    rows, planned = _checked(table, done), planned or {}
    position = {pair: k for k, pair in enumerate(zip(table["enterprise"], table["certification"]))}
    counted = set(p.scenes.codes)
    held, gains, gone, spent, used = set(p.held), dict(p.goal.home_change), [], 0.0, []
    for row in rows:
        pair = (row["enterprise"], row["certification"])
        k = position[pair]
        candidate = table.iloc[k]
        given = row.get("quarter")
        quarter = str(given) if given is not None and pd.notna(given) and str(given).strip() else planned.get(pair, candidate["earliest"])
        if not candidate["fixed"] and row["outcome"] != GIVEN_UP:
            # What was pending before has been counted against the limits before.
            spent += float(candidate["cost"])
            used.append((candidate["enterprise"], candidate["certification"], candidate["town"], quarter_number(quarter)))
        if row["outcome"] == PENDING:
            table.loc[k, ["earliest", "fixed"]] = quarter, True
            continue
        gone.append(k)
        if row["outcome"] == WON:
            held.add(pair)
            if candidate["indicator"] in counted:
                gains[candidate["indicator"]] = gains.get(candidate["indicator"], 0) + 1
    limits = replace(p.limits, first=first or p.limits.first, quotas=_less(p.limits.quotas, [u[1] for u in used]),
                     towns=_less(p.limits.towns, [u[2] for u in used]), used=_more(p.limits.used, [u[0] for u in used]),
                     used_quarter=_more(p.limits.used_quarter, [(u[2], u[3]) for u in used]),
                     budget=None if p.limits.budget is None else max(p.limits.budget - spent, 0.0))
    left = table.drop(index=gone).reset_index(drop=True)
    if left.empty:
        raise AssessmentError("候选申报已全部有结果，没有可以再安排的；请补充候选")
    return problem(p.assessment, left, replace(p.goal, home_change=gains), limits, p.rivals, held, p.adjustments, p.cost_unit)


def _candidates(p):
    """All candidates of a problem as they were given, those that could not be arranged included (they may be done all the same)."""
    kept = p.table.assign(fixed=p.fixed)
    out = p.left_out[p.left_out["reason"] != HAVE].drop(columns="reason").assign(fixed=False)
    table = pd.concat([kept, out], ignore_index=True) if len(out) else kept
    return table.assign(earliest=[quarter_text(q) for q in table["earliest"]]).drop(columns="row")


def _checked(table, done):
    lacking = [name for c, name in (("enterprise", "企业"), ("certification", "认定"), ("outcome", "结果")) if c not in done]
    if lacking:
        raise AssessmentError(f"进展表缺少列：{'、'.join(lacking)}")
    known, seen, faults, rows = set(zip(table["enterprise"], table["certification"])), set(), [], done.to_dict("records")
    for n, row in enumerate(rows, 1):
        pair = (row["enterprise"], row["certification"])
        if pair not in known:
            faults.append(f"第 {n} 行“{pair[0]}”的“{pair[1]}”不在候选里")
        if row["outcome"] not in OUTCOMES:
            faults.append(f"第 {n} 行的结果“{row['outcome']}”不认识，应为{'、'.join(OUTCOMES)}")
        if pair in seen:
            faults.append(f"第 {n} 行与前面重复")
        seen.add(pair)
    if faults:
        raise AssessmentError("进展表有错：" + "；".join(faults))
    return rows


def _less(bounds: Mapping[str, int], used: list[str]) -> dict[str, int]:
    counts = Counter(used)
    return {k: max(int(v - counts[k]), 0) for k, v in bounds.items()}


def _more(before: Mapping, used: list) -> dict:
    return dict(Counter(before) + Counter(used))
