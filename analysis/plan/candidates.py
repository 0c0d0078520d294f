"""The possible applications: read, checked all at once, and put in the order of their prerequisites."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from ..params import AssessmentError
from .parameters import cost_of, probability_of
from .quarters import quarter_number

NEEDED = ("enterprise", "certification", "indicator", "probability", "cost", "earliest")
TEXTS = ("town", "chain", "status", "prerequisite", "name")
HEADERS = {"enterprise": "企业", "town": "镇街园区", "chain": "产业链", "certification": "认定", "indicator": "指标", "probability": "成功概率",
           "cost": "费用", "earliest": "最早时间", "status": "状态", "prerequisite": "前置认定", "name": "企业名称"}
_SHOWN = 8


def check_candidates(candidates: pd.DataFrame) -> pd.DataFrame:
    """The candidates with clean types, or every fault at once.

    Parameters
    ----------
    candidates : one possible application a row: enterprise (code or name, the key), certification, indicator (code
        of the indicator that counts it; blank where it counts nowhere and is only a prerequisite), probability (of
        success, over 0 up to 1), cost (≥ 0, one unit throughout), earliest (2023Q2, 2023-05); optional town, chain,
        status, name, prerequisite (certification that must be held, or applied for earlier).

    Returns
    -------
    DataFrame with these columns, ``earliest`` as the number of its quarter, ``row`` the place in the input (from 1).

    Raises
    ------
    AssessmentError: columns lacking, figures out of range, times that cannot be read, an enterprise twice for one
    certification, one certification under two indicators, prerequisites in a circle.
    """
    lacking = [HEADERS[c] for c in NEEDED if c not in candidates]
    if lacking:
        raise AssessmentError(f"候选申报表缺少列：{'、'.join(lacking)}")
    table = candidates.reset_index(drop=True).copy()
    if table.empty:
        raise AssessmentError("候选申报表是空的，没有可以安排的申报")
    table["row"] = np.arange(1, len(table) + 1)
    faults: list[str] = []
    for column in ("enterprise", "certification", "indicator", *TEXTS):
        given = table[column] if column in table else pd.Series("", table.index)
        table[column] = given.astype(object).where(given.notna(), "").astype(str).str.strip()
    table["name"] = table["name"].where(table["name"] != "", table["enterprise"])
    for column in ("enterprise", "certification"):
        _report(faults, table["row"][table[column] == ""], f"没有{HEADERS[column]}")
    for column, wrong, rule in (("probability", lambda x: ~((x > 0) & (x <= 1)), "应大于 0、不大于 1"),
                                ("cost", lambda x: ~((x >= 0) & np.isfinite(x)), "应为不小于 0 的数")):
        numbers = pd.to_numeric(table[column], errors="coerce")
        _report(faults, table["row"][wrong(numbers)], f"{HEADERS[column]}{rule}")
        table[column] = numbers.astype(float)
    table["earliest"] = _quarters(table, faults)
    twice = table.duplicated(["enterprise", "certification"], keep=False) & (table["enterprise"] != "")
    _report(faults, table["row"][twice], "同一企业同一认定重复")
    for certification, codes in table.groupby("certification", sort=False)["indicator"].unique().items():
        if len(codes) > 1:
            faults.append(f"认定“{certification}”对应了不止一个指标：{'、'.join(c or '（空）' for c in codes)}")
    if circle := _circle(table):
        faults.append(f"前置认定成环：{' → '.join(circle)}")
    if faults:
        raise AssessmentError("候选申报表有错：" + "；".join(faults))
    return table[[*HEADERS, "row", *[c for c in table if c not in HEADERS and c != "row"]]]


def parents(table: pd.DataFrame, held: frozenset) -> tuple[np.ndarray, np.ndarray]:
    """Row of each candidate's prerequisite among the candidates (−1 where held or none), and which lack it altogether.

    held : pairs (enterprise, certification) already held.
    """
    place = {pair: k for k, pair in enumerate(zip(table["enterprise"], table["certification"]))}
    parent, lost = np.full(len(table), -1), np.zeros(len(table), bool)
    for k, (enterprise, needed) in enumerate(zip(table["enterprise"], table["prerequisite"])):
        if needed and (enterprise, needed) not in held:
            parent[k] = place.get((enterprise, needed), -1)
            lost[k] = parent[k] < 0
    return parent, lost


def parents_first(parent: np.ndarray) -> list[int]:
    """Candidates in an order in which every prerequisite comes before what needs it."""
    order, seen = [], np.zeros(len(parent), bool)
    for k in range(len(parent)):
        chain = []
        while k >= 0 and not seen[k]:
            seen[k] = True
            chain.append(k)
            k = parent[k]
        order += chain[::-1]
    return order


def with_defaults(table: pd.DataFrame, indicators: Mapping[str, str], earliest: str) -> pd.DataFrame:
    """Fill probability, cost, earliest and indicator of a screened list from the stated assumptions.

    Parameters
    ----------
    table : enterprise, certification, status (应报未报, 靠靠能报 …) and whatever else is known; figures given stay.
    indicators : certification -> code of the indicator that counts it (missing: none).
    earliest : quarter for rows without one (2023Q1).

    Raises
    ------
    AssessmentError for a status without an assumed probability where none is given.
    """
    out = table.copy()

    def blank(column):
        return out[column] if column in out else pd.Series(np.nan, out.index)

    assumed = out["status"].map(probability_of)
    out["probability"] = pd.to_numeric(blank("probability"), errors="coerce").fillna(assumed)
    unknown = sorted(set(out["status"][out["probability"].isna()].astype(str)))
    if unknown:
        raise AssessmentError(f"状态“{'、'.join(unknown)}”没有约定的成功概率，请在候选申报表里写明，或在参数表里加一行")
    costs = pd.Series([cost_of(c, s) for c, s in zip(out["certification"], out["status"])], out.index)
    out["cost"] = pd.to_numeric(blank("cost"), errors="coerce").fillna(costs)
    times = blank("earliest")
    out["earliest"] = times.astype(object).where(times.notna() & (times.astype(str).str.strip() != ""), earliest)
    if "indicator" not in out:
        out["indicator"] = out["certification"].map(indicators).fillna("")
    return out


def _quarters(table, faults):
    numbers, bad = [], []
    for row, value in zip(table["row"], table["earliest"]):
        try:
            numbers.append(quarter_number(value))
        except AssessmentError:
            numbers.append(0)
            bad.append(row)
    _report(faults, bad, "最早时间看不懂（写成 2023Q2 或 2023-05）")
    return np.array(numbers, dtype=int)


def _report(faults, rows, what):
    rows = list(rows)
    if rows:
        more = "" if len(rows) <= _SHOWN else f" 等 {len(rows)} 行"
        faults.append(f"第 {'、'.join(map(str, rows[:_SHOWN]))} 行{more}{what}")


def _circle(table):
    """Certifications that need each other, as a closed path; empty if none."""
    needs = {c: set(g) - {""} for c, g in table.groupby("certification")["prerequisite"]}
    done: set = set()
    for start in needs:
        path, stack = [], [(start, iter(needs[start]))]
        while stack:
            node, rest = stack[-1]
            if not path or path[-1] != node:
                path.append(node)
            step = next(rest, None)
            if step is None:
                done.add(path.pop())
                stack.pop()
            elif step in path:
                return [*path[path.index(step):], step]
            elif step in needs and step not in done:
                stack.append((step, iter(needs[step])))
    return []
