"""Recognition indicators (认定类): counts against the neighbours, density, and new against stock."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..assessment import Assessment
from ..params import AssessmentError
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
    count is the midpoint of a masked value's bounds), rank (by count), enterprises,
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
            "rank": counts.rank(method="min", ascending=False).to_numpy(), "enterprises": base.to_numpy(),
            "per_100": density.to_numpy(), "rank_per_100": density.rank(method="min", ascending=False).to_numpy(),
            "more_than_home": (counts - counts[home]).to_numpy(),
        }))
    columns = ["indicator", "name", "unit", "weight", "district", "count", "estimated", "rank", "enterprises", "per_100",
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
        return f"{len(codes)} 项认定类指标合计不落后于{other}（{parts.sum():+.2f} 分）。"
    first = lost.idxmax()
    text = (f"{len(codes)} 项认定类指标合计比{other}少 {lost.sum():.2f} 分，其中**{names[first]}**影响最大："
            f"少 {lost[first]:.2f} 分{_of_all(lost, first)}")
    own, theirs = assessment.treated.at[home, first], assessment.treated.at[other, first]
    unit = assessment.tree.nodes.at[first, "unit"]
    if pd.notna(own) and pd.notna(theirs):
        text += f"，{home} {own:g} {unit}，{other} {theirs:g} {unit}"
        base = _enterprises(assessment, enterprises)
        if base[[home, other]].notna().all():
            text += f"；每百家规上企业 {100 * own / base[home]:.1f} {unit}对 {100 * theirs / base[other]:.1f} {unit}"
    return text + "。"


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
