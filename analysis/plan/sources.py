"""What a plan from a case rests on: the roster, the recognition lists, the district's own terms, and what ships with the program."""

from __future__ import annotations

from ..provenance import source_lines
from ..status import DERIVED, ILLUSTRATIVE
from .result import Plan
from .terms import SHIPPED_SOURCE

UNKNOWN = "不详"


def plan_source(case, plan: Plan) -> str:
    """The line under a plan's table: 企业, 认定名单 and 申报约定 with their sources and rows, and whether shipped terms are used."""
    named = source_lines(case.enterprises, case.recognitions, case.terms)
    shipped = (plan.problem.limits.terms.table["来源"] == SHIPPED_SOURCE).any()
    whose = "“申报约定”没有写的成功概率、费用、季度" if len(case.terms) else "成功概率、费用、申报季度"
    return "；".join(filter(None, [named, f"{whose}取程序自带的约定" if shipped else ""]))


def plan_statuses(case, plan: Plan) -> list[str]:
    """示例 if anything it rests on is, else 推算; with 不详 where some of it is of unknown status."""
    found = {plan.status, *case.enterprises["status"], *case.recognitions["status"], *case.terms["status"]}
    return [ILLUSTRATIVE] if ILLUSTRATIVE in found else [DERIVED, *([UNKNOWN] if UNKNOWN in found else [])]
