"""Recognition indicators (认定类): counts against the neighbours, density, and new against stock."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..assessment import Assessment
from ..params import AssessmentError
from .estimates import is_estimate, said, spaced, unit_text
from .gap import score_gap
from .peers import peers

CATEGORY, RECOGNISED, STOCK = "认定", "已认定", "规上工业企业单位数"


def recognition_indicators(assessment: Assessment) -> list[str]:
    """Codes of the weighted indicators of the category 认定."""
    nodes = assessment.tree.nodes
    return list(nodes.index[nodes["leaf"] & (nodes["category"] == CATEGORY) & (nodes["global_weight"] > 0)])


def recognition_counts(assessment: Assessment, home: str, enterprises: str = STOCK) -> pd.DataFrame:
    """Counts of each recognition in home's ranking group, and per 100 above-scale enterprises.

    Parameters
    ----------
    enterprises : name or code of the indicator that counts above-scale enterprises;
        without one (``""``, or a scheme that lacks the usual one) the columns per_100 and rank_per_100 stay missing.

    Returns
    -------
    DataFrame, one row per recognition indicator and district of the group: indicator,
    name, unit, weight, district, count (its indicator value), estimated (True where the
    count is the midpoint of a masked value's bounds), masked (not published), rank (by count), enterprises,
    per_100 = 100 · count / enterprises, rank_per_100, more_than_home (count − home's).

    Raises
    ------
    AssessmentError if ``enterprises`` is no indicator of the scheme, or not positive.
    """
    nodes, group = assessment.tree.nodes, peers(assessment, home)
    base = _enterprises(assessment, enterprises).reindex(group)
    rows = []
    for code in recognition_indicators(assessment):
        counts = assessment.treated.loc[group, code]
        density = 100 * counts / base
        rows.append(pd.DataFrame({
            "indicator": code, "name": nodes.at[code, "name"], "unit": nodes.at[code, "unit"], "weight": nodes.at[code, "global_weight"],
            "district": group, "count": counts.to_numpy(), "estimated": (assessment.masked.loc[group, code] & counts.notna()).to_numpy(),
            "masked": assessment.masked.loc[group, code].to_numpy(), "rank": counts.rank(method="min", ascending=False).to_numpy(), "enterprises": base.to_numpy(),
            "per_100": density.to_numpy(), "rank_per_100": density.rank(method="min", ascending=False).to_numpy(),
            "more_than_home": (counts - counts[home]).to_numpy(),
        }))
    columns = ["indicator", "name", "unit", "weight", "district", "count", "estimated", "masked", "rank", "enterprises", "per_100",
               "rank_per_100", "more_than_home"]
    return pd.concat(rows, ignore_index=True)[columns] if rows else pd.DataFrame(columns=columns)


def recognition_flow(recognitions: pd.DataFrame, until: int | None = None) -> pd.DataFrame:
    """Newly recognised per year beside the stock, by recognition and district.

    Parameters
    ----------
    recognitions : the sheet 认定名单 (certification, district, year, result, valid_to);
        only the result 已认定 counts.
    until : last year shown; the last year in the list by default.

    Returns
    -------
    DataFrame: certification, district, year, new (recognised in the year), stock (valid
    at the end of the year: recognised by then and not expired before), growth =
    new / stock at the end of the year before (missing where that is 0), undated (entries
    of this recognition and district without a year, which are in no year's figures).
    Years without any new one are rows too.
    """
    listed = recognitions[recognitions["result"] == RECOGNISED]
    dated = listed[listed["year"].notna()]
    columns = ["certification", "district", "year", "new", "stock", "growth", "undated"]
    if dated.empty:
        return pd.DataFrame(columns=columns)
    last = int(dated["year"].max()) if until is None else until
    rows = []
    for certification, part in listed.groupby("certification", sort=False):
        first = part["year"].min()
        for district, own in part.groupby("district", sort=False):
            before = 0
            for year in range(int(first), last + 1) if pd.notna(first) else []:
                new = int((own["year"] == year).sum())
                valid = own["valid_to"].isna() | (own["valid_to"] >= pd.Timestamp(year, 12, 31))
                stock = int(((own["year"] <= year) & valid).sum())
                rows.append((certification, district, year, new, stock, new / before if before else np.nan, int(own["year"].isna().sum())))
                before = stock
    return pd.DataFrame(rows, columns=columns)


def recognition_finding(assessment: Assessment, home: str, other: str, enterprises: str = STOCK) -> str:
    """Which recognition indicator weighs most in the gap to another district, in a sentence.

    Empty where the scheme has no recognition indicator.
    """
    codes = recognition_indicators(assessment)
    if not codes:
        return ""
    parts = score_gap(assessment, home, other).parts[codes]
    names, lost = assessment.tree.nodes["name"], -parts
    if lost.sum() <= 1e-9:
        total = f"{parts.sum():+.2f} 分" if parts.sum() > 0.005 else "持平"
        return f"{len(codes)} 项认定类指标合计不落后于{other}（{total}）。"
    first = lost.idxmax()
    text = f"认定类指标**{names[first]}**比{other}少 {lost[first]:.2f} 分" if len(codes) == 1 else (f"{len(codes)} 项认定类指标合计比{other}少 {lost.sum():.2f} 分，其中**{names[first]}**影响最大："
            f"少 {lost[first]:.2f} 分{_of_all(lost, first)}")
    own, theirs = assessment.treated.at[home, first], assessment.treated.at[other, first]
    if pd.notna(own) and pd.notna(theirs):
        text += f"，{spaced(home, said(assessment, home, first))}，{spaced(other, said(assessment, other, first))}"
        base, unit = _enterprises(assessment, enterprises), unit_text(assessment, first)
        if base[[home, other]].notna().all():
            guess = "（推算）约" if any(is_estimate(assessment, d, first) for d in (home, other)) else ""
            text += f"；每百家规上企业{guess} {100 * own / base[home]:.1f}{unit}对 {100 * theirs / base[other]:.1f}{unit}"
    return text + "。"


def flow_notes(flow: pd.DataFrame, districts: list[str]) -> list[str]:
    """What may not be read from :func:`recognition_flow`: lists of home only, everything in one year, no year.

    Parameters
    ----------
    districts : home's ranking group, home included.
    """
    notes = []
    for certification, rows in flow[flow["district"].isin(districts)].groupby("certification", sort=False):
        absent = [d for d in districts if d not in set(rows["district"])]
        if absent:
            who = "、".join(absent) if len(absent) <= 4 else f"{'、'.join(absent[:4])}等 {len(absent)} 个地区"
            notes.append(f"“{certification}”没有给{who}的名单，不能与它们比较，也不表示它们没有。")
        start = rows[rows["new"] > 0]
        if len(start) and (start.groupby("district").size() == 1).all() and start["year"].nunique() == 1:
            notes.append(f"“{certification}”的名单都记在 {start['year'].iloc[0]:.0f} 年，是一次列入的存量，“新增”不代表当年新认定。")
        undated = int(rows.groupby("district")["undated"].first().sum())
        notes += [f"“{certification}”有 {undated} 条没有年份，不在各年数内。"] if undated else []
    return notes


def _of_all(lost, first):
    share = lost[first] / lost.sum()
    return f"（占 {share:.0%}）" if share <= 1 else ""


def _known(a, name):
    nodes = a.tree.nodes
    return name in a.tree.leaves or (nodes["leaf"] & (nodes["name"] == name)).any()


def _enterprises(a, name):
    if not name or (name == STOCK and not _known(a, STOCK)):
        return pd.Series(np.nan, a.treated.index)
    nodes = a.tree.nodes
    codes = [c for c in a.tree.leaves if c == name or nodes.at[c, "name"] == name]
    if not codes:
        raise AssessmentError(f"考核方案里没有指标“{name}”，不能算每百家规上企业的认定数")
    found = a.treated[codes[0]]
    if (found <= 0).any():
        raise AssessmentError(f"指标“{nodes.at[codes[0], 'name']}”有不大于 0 的数值，不能算每百家规上企业的认定数")
    return found
