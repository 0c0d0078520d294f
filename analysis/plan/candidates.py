"""The possible applications: read, checked all at once, and put in the order of their prerequisites."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from ..params import AssessmentError
from .quarters import quarter_number
from .terms import Terms, shipped

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
        status, name, prerequisite (certification that must be held, or applied for earlier; several joined by 、).

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


def several(text: str) -> tuple[str, ...]:
    """Certifications joined by 、 in a cell."""
    return tuple(dict.fromkeys(part.strip() for part in text.split("、") if part.strip()))


def parents(table: pd.DataFrame, held: frozenset) -> tuple[list[tuple[int, ...]], np.ndarray]:
    """Rows of each candidate's open prerequisites among the candidates, and which lack one altogether.

    held : pairs (enterprise, certification) already held.
    """
    place = {pair: k for k, pair in enumerate(zip(table["enterprise"], table["certification"]))}
    found, lost = [], np.zeros(len(table), bool)
    for k, (enterprise, text) in enumerate(zip(table["enterprise"], table["prerequisite"])):
        asked = [place.get((enterprise, c), -1) for c in several(text) if (enterprise, c) not in held]
        lost[k] = -1 in asked
        found.append(tuple(a for a in asked if a >= 0))
    return found, lost


def parents_first(parents: Sequence[tuple[int, ...]]) -> list[int]:
    """Candidates in an order in which every prerequisite comes before what needs it."""
    order: dict[int, None] = {}

    def visit(k):
        for above in parents[k]:
            if above not in order:
                visit(above)
        order[k] = None

    for k in range(len(parents)):
        if k not in order:
            visit(k)
    return list(order)


def closure(parents: Sequence[tuple[int, ...]]) -> tuple[tuple[int, ...], ...]:
    """All open prerequisites of each candidate, those of its prerequisites included, the first needed first."""
    found: dict[int, tuple[int, ...]] = {}
    for k in parents_first(parents):
        found[k] = tuple(dict.fromkeys(a for p in parents[k] for a in (*found[p], p)))
    return tuple(found[k] for k in range(len(parents)))


def with_defaults(table: pd.DataFrame, indicators: Mapping[str, str], earliest: str, terms: Terms | None = None) -> pd.DataFrame:
    """Fill probability, cost, earliest and indicator of a screened list from the stated assumptions.

    Parameters
    ----------
    table : enterprise, certification, status (应报未报, 靠靠能报 …) and whatever else is known (refused: whether in a former
        year); figures given stay.
    indicators : certification -> code of the indicator that counts it (missing: none).
    earliest : quarter for rows without one (2023Q1).
    terms : the assumptions; those of ``tables/plan_parameters.csv`` by default.

    Raises
    ------
    AssessmentError for a status without an assumed probability where none is given.
    """
    out, terms = table.copy(), terms or shipped()

    def blank(column):
        return out[column] if column in out else pd.Series(np.nan, out.index)

    # A candidate that must win another recognition first has, once it has won it, the chance and the cost of what it then is.
    judged = out["status_then"].where(out["status_then"] != "", out["status"]) if "status_then" in out else out["status"]
    refused = out["refused"].fillna(False).astype(bool) if "refused" in out else pd.Series(False, out.index)
    assumed = pd.Series([terms.probability(s, r) for s, r in zip(judged.astype(str), refused)], out.index, dtype=float)
    out["probability"] = pd.to_numeric(blank("probability"), errors="coerce").fillna(assumed)
    unknown = sorted(set(out["status"][out["probability"].isna()].astype(str)))
    if unknown:
        raise AssessmentError(f"状态“{'、'.join(unknown)}”没有约定的成功概率，请在候选申报表里写明，或在申报约定里加一行")
    costs = pd.Series([terms.cost(c, s) for c, s in zip(out["certification"].astype(str), judged.astype(str))], out.index)
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
    needs = {c: {n for text in g for n in several(text)} for c, g in table.groupby("certification")["prerequisite"]}
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
