"""Who carries the growth: contribution in percentage points (拉动点数) and share (贡献率)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..params import AssessmentError
from ..status import derived_status
from ..weakness.location import NONE_GIVEN, PLACES
from .places import RECORD_NAMES, RECORDS, Allocation, both_years, roster_of
from .rounding import shown_parts

_NOTHING = 1e-9


@dataclass(frozen=True)
class Contributions:
    """Growth of a whole and what each part makes of it.

    table : as :func:`contributions` gives, with status.
    growth : of the whole, %; the points of the table sum to it.
    what, unit : Chinese name of the figure and unit of its levels.
    by : Chinese name of the kind of part.
    note : Chinese sentences on who is counted.
    """

    table: pd.DataFrame
    growth: float
    what: str
    unit: str
    by: str
    note: tuple[str, ...]


def contributions(before: pd.Series, after: pd.Series, decimals: int = 2) -> pd.DataFrame:
    """Percentage points that each part adds to the growth of the whole.

    pointsᵢ = 100·(x₁ᵢ − x₀ᵢ) ÷ Σx₀; their sum is the growth of the whole in %.

    Parameters
    ----------
    before, after : part -> level in the two years, one unit, the same parts.
    decimals : places of ``shown``.

    Returns
    -------
    DataFrame, one row per part: place, before, after, change, growth (%, missing for a part
    that is new), points, shown (points rounded by the largest remainder), share_of_growth
    (贡献率, % of the whole's change; missing where the whole has not moved).

    Raises
    ------
    AssessmentError for parts that differ, missing levels, or a whole that is not positive.
    """
    odd = [str(p) for p in before.index.symmetric_difference(after.index)]
    if odd:
        raise AssessmentError(f"两年的各部分不一致，只在一年出现：{'、'.join(odd)}；新增或退出的请在另一年填 0")
    after = after.reindex(before.index).astype(float)
    before = before.astype(float)
    missing = before.isna() | after.isna()
    if missing.any():
        raise AssessmentError(f"以下各部分缺数，不能算拉动点数：{'、'.join(map(str, before.index[missing]))}")
    whole = before.sum()
    if not whole > 0:
        raise AssessmentError(f"基期合计为 {whole:g}，必须大于 0 才能算拉动点数")
    change = after - before
    points = 100 * change / whole
    moved = abs(change.sum()) > _NOTHING * whole
    return pd.DataFrame({
        "place": before.index, "before": before.to_numpy(), "after": after.to_numpy(), "change": change.to_numpy(),
        "growth": (100 * change / before.where(before > 0)).to_numpy(), "points": points.to_numpy(),
        "shown": shown_parts(points, decimals).to_numpy(),
        "share_of_growth": (100 * change / change.sum()).to_numpy() if moved else np.nan})


def record_contributions(case, by: str = "town", record: str = "revenue", decimals: int = 2) -> Contributions:
    """Last year's growth of the roster by town or chain, of enterprises that have both years.

    Parameters
    ----------
    by : ``town`` or ``chain``.
    record : revenue or main_revenue (万元), the figures with last year's beside them.
    """
    roster, said = roster_of(case, by)
    kept = both_years(roster, record)
    if kept.empty:
        raise AssessmentError(f"没有一家企业两年都填了{RECORD_NAMES[record]}，不能算拉动点数")
    if len(kept) < len(roster):
        said.append(f"其中 {len(roster) - len(kept)} 家缺其中一年的{RECORD_NAMES[record]}，不计入；增速是 {len(kept)} 家可比企业的")
    groups = kept.groupby(by)
    table = contributions(groups[RECORDS[record]].sum(), groups[record].sum(), decimals)
    table["enterprises"] = groups.size().reindex(table["place"]).to_numpy()
    table["status"] = groups["status"].apply(derived_status).reindex(table["place"]).to_numpy()
    growth = 100 * (table["after"].sum() / table["before"].sum() - 1)
    return Contributions(table, growth, RECORD_NAMES[record], "万元", PLACES[by], tuple(said))


def target_contributions(allocation: Allocation, what: str = "全区目标", decimals: int = 2) -> Contributions:
    """Percentage points that each place's share of a target adds to the whole's growth."""
    rows = allocation.table.set_index("place")
    table = contributions(rows["base"], rows["target"], decimals)
    table["enterprises"], table["status"] = rows["enterprises"].to_numpy(), rows["status"].to_numpy()
    growth = 100 * (allocation.target / allocation.level - 1)
    return Contributions(table, growth, what, "亿元", allocation.by, allocation.note)


def town_chain_years(case, record: str = "revenue") -> tuple[pd.DataFrame, pd.DataFrame, tuple[str, ...]]:
    """Town × chain of the roster in the two years, for the shift–share analysis.

    Returns
    -------
    (before, after, note): DataFrames town × chain in 万元, enterprises with both years only;
    0 where a town has no such enterprise.
    """
    roster, said = roster_of(case, "town")
    kept = both_years(roster, record).assign(chain=lambda r: r["chain"].replace("", NONE_GIVEN))
    if kept.empty:
        raise AssessmentError(f"没有一家企业两年都填了{RECORD_NAMES[record]}，不能做份额—偏离分析")
    if len(kept) < len(roster):
        said.append(f"其中 {len(roster) - len(kept)} 家缺其中一年的{RECORD_NAMES[record]}，不计入")
    wide = [kept.pivot_table(index="town", columns="chain", values=c, aggfunc="sum", fill_value=0.0) for c in (RECORDS[record], record)]
    return wide[0], wide[1], tuple(said)
