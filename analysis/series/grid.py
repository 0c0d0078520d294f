"""From solved years to a tidy table: one row per district and part of a year."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..status import derived_status
from .chain import CUMULATIVE, CURRENT, Chain, decreases
from .nature import RATIO, STOCK
from .periods import months, period_text, to_date_label

COLUMNS = ["district", "year", "part", "period", "label", "months_to", "cumulative", "current", "yoy", "yoy_current", "implied_base",
           "status", "source", "note", "cell", "row", "masked", "derived"]
_TEXTS = ["status", "source", "note", "cell"]


def tidy(chain: Chain, parts: int, kind: str, order: list[str]) -> pd.DataFrame:
    """The table of a series; every part from the first year of a district to its last observation.

    Parameters
    ----------
    chain : the indicator's years, solved.
    parts : 1, 4, 11 or 12.
    kind : nature of the indicator.
    order : districts as they should stand.

    Returns
    -------
    DataFrame with the columns ``COLUMNS``; see :class:`analysis.series.Series`.
    """
    table = _frame(chain, parts, order)
    given = _given(chain)
    totals = _at(given, table["group"], np.zeros(len(table), int), table["months_to"])
    singles = _at(given, table["group"], table["before"], table["months_to"])
    levels = np.vstack([chain.levels, np.full(13, np.nan)])
    reached, start = levels[table["group"], table["months_to"]], levels[table["group"], table["before"]]
    hidden, hidden_current = _hidden(totals), _hidden(singles)
    cumulative = np.where(hidden, np.nan, reached)
    difference = np.round(reached - start, 10)
    if kind == STOCK:
        current, difference = cumulative, cumulative
    elif kind == RATIO:
        current = singles["value"].to_numpy()
    else:
        difference[_fallen(chain, table)] = np.nan
        # the difference would give away what was not published
        difference[hidden | hidden_current] = np.nan
        current = np.where(singles["value"].notna(), singles["value"], difference)
    table["cumulative"], table["current"] = cumulative, current
    table["yoy"], table["yoy_current"] = _growth(chain, table, 0), _growth(chain, table, table["before"])
    base = table["cumulative"] / (1 + table["yoy"] / 100)
    table["implied_base"] = base.where(table["yoy"] > -100)
    table["masked"] = hidden | hidden_current
    own = totals["value"].notna() | totals["value_masked"].eq(True)
    for column in _TEXTS:
        table[column] = totals[column].where(own, singles[column]).fillna("").astype("str")
    table["row"] = totals["row"].where(own, singles["row"]).astype("Int64")
    computed_total = totals["value"].isna() & table["cumulative"].notna()
    computed_part = singles["value"].isna() & table["current"].notna() & (kind != STOCK)
    table["derived"] = np.select([computed_total & computed_part, computed_total, computed_part], ["累计、当期", CUMULATIVE, CURRENT], "")
    made = (table["status"] == "") & table["cumulative"].notna()
    table.loc[made, "status"] = table.loc[made, "group"].map({g: year_status(chain, g) for g in table.loc[made, "group"].unique()})
    table["period"] = [period_text(y, p, parts) for y, p in zip(table["year"], table["part"])]
    table["label"] = [to_date_label(y, m, kind == STOCK) for y, m in zip(table["year"], table["months_to"])]
    return table[COLUMNS].reset_index(drop=True)


def year_status(chain: Chain, group: int) -> str:
    """状态 of a figure computed from the observations of one district and year."""
    return derived_status(chain.observations.loc[chain.observations["group"] == group, "status"])


def _frame(chain: Chain, parts: int, order: list[str]) -> pd.DataFrame:
    ends, found = months(parts), {(d, int(y)): g for g, (d, y) in enumerate(zip(chain.groups["district"], chain.groups["year"]))}
    table = chain.observations.assign(part=np.searchsorted(ends, chain.observations["last"]) + 1)
    key = table["year"] * 12 + table["part"]
    reach = key.groupby(table["district"]).agg(["min", "max"])
    rows = []
    for district in (d for d in order if d in reach.index):
        low, high = reach.loc[district]
        first, last = (low - 1) // 12, (high - 1) // 12
        rows += [(district, year, part, found.get((district, year), -1)) for year in range(first, last + 1)
                 for part in range(1, parts + 1) if year * 12 + part <= high]
    frame = pd.DataFrame(rows, columns=["district", "year", "part", "group"])
    ends = np.array((0, *ends))
    return frame.assign(months_to=ends[frame["part"]], before=ends[frame["part"] - 1])


def _given(chain: Chain) -> pd.DataFrame:
    """One observation for each span of months: the first by form that has a figure, else a masked one."""
    table = chain.observations.assign(empty=chain.observations["value"].isna(), open=~chain.observations["value_masked"])
    table = table.sort_values(["empty", "open", "rank", "row"], kind="stable")
    return table.drop_duplicates(["group", "start", "last"]).set_index(["group", "start", "last"])


def _at(given: pd.DataFrame, group, start, last) -> pd.DataFrame:
    return given.reindex(pd.MultiIndex.from_arrays([group, start, last])).reset_index(drop=True)


def _hidden(given: pd.DataFrame) -> np.ndarray:
    return (given["value_masked"].eq(True) & given["value"].isna()).to_numpy(dtype=bool)


def _growth(chain: Chain, table: pd.DataFrame, start) -> np.ndarray:
    stated = chain.observations.loc[chain.observations["yoy"].notna()].sort_values(["rank", "row"], kind="stable")
    stated = stated.drop_duplicates(["group", "start", "last"]).set_index(["group", "start", "last"])["yoy"]
    start = np.broadcast_to(start, len(table))
    return stated.reindex(pd.MultiIndex.from_arrays([table["group"], start, table["months_to"]])).to_numpy()


def _fallen(chain: Chain, table: pd.DataFrame) -> np.ndarray:
    fallen = decreases(chain)
    keys = pd.MultiIndex.from_frame(fallen[["district", "year", "last"]])
    return pd.MultiIndex.from_frame(table[["district", "year", "months_to"]]).isin(keys) if len(fallen) else np.zeros(len(table), bool)
