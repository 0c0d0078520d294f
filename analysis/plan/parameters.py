"""Settings and assumptions of the plan, written down in ``tables/plan_parameters.csv``."""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files

import pandas as pd

SEARCH, CHECK, JUDGE = 20230701, 20230702, 20230703  # seeds: never the same draws for finding and for judging
DEFAULT = "默认"


def setting(name: str) -> float:
    """A number of the class 设置 by its 名称."""
    return float(_values("设置")[name])


def probability_of(status: str) -> float:
    """Assumed probability of success by status of the candidate (应报未报 …); missing where none is stated."""
    return float(_values("成功概率").get(status, "nan"))


def cost_of(certification: str, status: str = "") -> float:
    """Assumed cost of an application, 万元: by certification, times the factor of the status."""
    costs = _values("申报费用")
    return float(costs.get(certification, costs[DEFAULT])) * float(_values("费用倍数").get(status, 1))


def application_quarters(certification: str) -> tuple[int, ...]:
    """Quarters of the year (1–4) in which applications are taken; all four where none is stated."""
    text = _values("申报季度").get(certification, "1；2；3；4")
    return tuple(int(part) for part in text.split("；"))


def review_quarters(certification: str) -> int:
    """Quarters between an application and its result."""
    rows = _values("评审季度数")
    return int(rows.get(certification, rows[DEFAULT]))


def assumptions(certifications=()) -> pd.DataFrame:
    """The table's assumptions as a reader sees them: 类别, 名称, 数值, 单位, 状态, 说明.

    certifications : rows of other certifications are left away; all rows where empty.
    """
    keep = {*certifications, DEFAULT, *_values("成功概率")}
    rows = [r for r in _rows() if r["类别"] != "设置" and (not certifications or r["名称"] in keep)]
    return pd.DataFrame(rows, columns=["类别", "名称", "数值", "单位", "状态", "说明"])


def _values(kind):
    return {row["名称"]: row["数值"] for row in _rows() if row["类别"] == kind}


@cache
def _rows() -> tuple[dict, ...]:
    text = files("analysis").joinpath("tables/plan_parameters.csv").read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines()))
