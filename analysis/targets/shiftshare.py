"""Shift–share (份额—偏离): growth with the whole, by the mix of industries, by being better."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..params import AssessmentError

NEW, GONE = "基期为 0，全部计入竞争力偏离", "报告期为 0"
PARTS = ("standard", "mix", "competitive")
EFFECTS = {"standard": "份额分量", "mix": "结构偏离", "competitive": "竞争力偏离", "allocation": "配置效应"}


def shift_share(before: pd.DataFrame, after: pd.DataFrame, reference_before: pd.Series | None = None,
                reference_after: pd.Series | None = None, homothetic: bool = False) -> pd.DataFrame:
    """Split the change of each sector of each area into three effects that sum to it.

    With x₀, x₁ an area's sector in two years, Gₛ the growth of the sector and G of all
    sectors in the reference: standard = x₀·G, mix = x₀·(Gₛ − G),
    competitive = x₁ − x₀·(1 + Gₛ). A sector new to the area (x₀ = 0) is all competitive.
    ``homothetic`` (Esteban-Marquillas 1972) splits the last further: competitive =
    x₀ʰ·(g − Gₛ) with x₀ʰ = the area's total × the sector's share in the reference, and
    allocation = (x₀ − x₀ʰ)·(g − Gₛ); where x₀ = 0 the growth g does not exist and all is allocation.

    Parameters
    ----------
    before, after : area × sector, one unit, not negative, none missing.
    reference_before, reference_after : sector -> level of the whole; by default the sum of
        the areas.

    Returns
    -------
    DataFrame, one row per area and sector: area, sector, before, after, change, standard,
    mix, competitive (and allocation), reference_growth (Gₛ, %), growth (%, missing where
    x₀ = 0), note.

    Raises
    ------
    AssessmentError for tables that differ, missing or negative levels, or a sector that the
    area has and the reference has not. Source: Dunn (1960); Esteban-Marquillas (1972).
    """
    before, after = _alike(before, after)
    r0 = before.sum() if reference_before is None else _reference(reference_before, before.columns)
    r1 = after.sum() if reference_after is None else _reference(reference_after, before.columns)
    if r0.sum() <= 0:
        raise AssessmentError("参照地区基期合计为 0，不能做份额—偏离分析")
    outside = before.columns[((before > 0).any() & (r0 <= 0)).to_numpy()]
    if len(outside):
        raise AssessmentError(f"参照地区基期没有 {'、'.join(map(str, outside))}，而本地区有，不能比较；请核对分项口径")
    whole = r1.sum() / r0.sum() - 1
    growth = (r1 / r0.where(r0 > 0) - 1).fillna(0.0)  # unused where nobody had the sector: x₀ is 0 there
    x0, x1, g = before.to_numpy(), after.to_numpy(), growth.to_numpy()
    standard, mix = x0 * whole, x0 * (g - whole)
    own = x1 - x0 * (1 + g)
    index = pd.MultiIndex.from_product([before.index, before.columns], names=["area", "sector"])
    table = pd.DataFrame({"before": x0.ravel(), "after": x1.ravel(), "change": (x1 - x0).ravel(), "standard": standard.ravel(),
                          "mix": mix.ravel(), "competitive": own.ravel()}, index=index).reset_index()
    if homothetic:
        alike = np.outer(x0.sum(axis=1), (r0 / r0.sum()).to_numpy())
        lead = np.divide(own, x0, out=np.zeros_like(own), where=x0 > 0)
        table["competitive"] = (alike * lead).ravel()
        table["allocation"] = (own - alike * lead).ravel()
    table["reference_growth"] = np.tile(np.where(r0 > 0, 100 * g, np.nan), len(before))
    table["growth"] = 100 * (table["after"] / table["before"].where(table["before"] > 0) - 1)
    table["note"] = np.where((table["before"] == 0) & (table["after"] > 0), NEW.replace("竞争力偏离", "配置效应") if homothetic else NEW,
                             np.where((table["before"] > 0) & (table["after"] == 0), GONE, ""))
    return table


def shift_share_summary(table: pd.DataFrame) -> pd.DataFrame:
    """Effects of each area over its sectors, and the growth points they make.

    Returns
    -------
    DataFrame, one row per area: area, before, after, change, standard, mix, competitive (and
    allocation), growth (%, missing where the area had nothing before), and …_points: each
    effect in percentage points of the area's growth.
    """
    effects = [e for e in EFFECTS if e in table.columns]
    total = table.groupby("area", sort=False)[["before", "after", "change", *effects]].sum().reset_index()
    base = total["before"].where(total["before"] > 0)
    total["growth"] = 100 * total["change"] / base
    return total.assign(**{f"{e}_points": 100 * total[e] / base for e in effects})


def item_shift_share(before: pd.DataFrame, after: pd.DataFrame, district: str) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """One district's items (分项) against the city, from the items of all districts.

    Parameters
    ----------
    before, after : item × district, levels of two years.

    Returns
    -------
    (table as :func:`shift_share`, notes). The city is the sum of the districts whose items
    are all known in both years; the others are left out of it and named.

    Raises
    ------
    AssessmentError where the district itself lacks an item, or is alone.
    """
    items, others = before.index.union(after.index, sort=False), before.columns.intersection(after.columns)
    if district not in others:
        raise AssessmentError(f"{district}没有两年的分项数，不能与全市比较")
    before, after = before.reindex(index=items, columns=others), after.reindex(index=items, columns=others)
    holes = before.isna() | after.isna()
    if holes[district].any():
        raise AssessmentError(f"{district}的分项 {'、'.join(map(str, items[holes[district]]))} 缺数（未公布或未填），不能做份额—偏离分析；没有该项的请填 0")
    gone = list(others[holes.any().to_numpy()])
    kept = [d for d in others if d not in gone]
    if len(kept) < 2:
        raise AssessmentError(f"除{district}外没有一个区县分项齐全，没有可比的全市")
    note = [f"全市为分项齐全的 {len(kept)} 个区县之和"] + ([f"{'、'.join(map(str, gone))}分项不全，未计入全市"] if gone else [])
    own = [frame[[district]].T for frame in (before, after)]
    return shift_share(*own, before[kept].sum(axis=1), after[kept].sum(axis=1)), tuple(note)


def _alike(before, after):
    before = before.astype(float)
    if set(before.index) != set(after.index) or set(before.columns) != set(after.columns):
        raise AssessmentError("两年的地区或分项不一致，不能做份额—偏离分析；没有的请填 0")
    after = after.reindex(index=before.index, columns=before.columns).astype(float)
    for frame, when in ((before, "基期"), (after, "报告期")):
        wrong = [f"{frame.index[i]}·{frame.columns[j]}" for i, j in np.argwhere(~(frame.to_numpy() >= 0))]
        if wrong:
            raise AssessmentError(f"{when}以下各项缺数或为负：{'、'.join(wrong[:8])}{'等' if len(wrong) > 8 else ''}，不能做份额—偏离分析")
    return before, after


def _reference(levels, sectors):
    levels = levels.reindex(sectors).astype(float)
    wrong = list(levels.index[~(levels >= 0)])
    if wrong:
        raise AssessmentError(f"参照地区的 {'、'.join(map(str, wrong))} 缺数或为负，不能做份额—偏离分析")
    return levels
