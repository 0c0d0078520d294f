"""Observations of a year tied together: each is a sum over some months.

A figure that covers the months a+1 … b of a year is C(b) − C(a), where C(m) is the
cumulative figure to the end of month m and C(0) = 0. A cumulative figure has a = 0, a
current one ties two ends of months together. What is tied to 0 through given figures
is known; what is not stays missing; a figure that closes a circle can be checked.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from .nature import RATIO, STOCK
from .periods import spans

# Of two statements of the same sum the one at the head of this list is used.
FORMS = ("月", "合并", "季", "年")
MOST_DECIMALS = 6
CUMULATIVE, CURRENT = "累计", "当期"


@dataclass(frozen=True, eq=False)
class Chain:
    """The years of one indicator, solved.

    Attributes
    ----------
    observations : the rows read, with group (row of the arrays), year, start and last
        (the figure covers months start+1 … last; start −1 = not stated), form, step
        (one unit of the last decimal of such figures).
    groups : district and year of each row of the arrays.
    levels : C(m), shape (groups, 13); NaN where not tied to 0.
    origin : position in ``observations`` of the figure that gave each level, −1 if none.
    direct : whether the level was itself given.
    slack : the largest rounding error of each level, in the unit of the indicator.
    """

    observations: pd.DataFrame
    groups: pd.DataFrame
    levels: np.ndarray
    origin: np.ndarray
    direct: np.ndarray
    slack: np.ndarray


def observations(rows: pd.DataFrame, kind: str, covered: pd.DataFrame | None = None) -> pd.DataFrame:
    """Rows of one indicator with the months they cover.

    Parameters
    ----------
    rows : rows of the sheet 时间序列 (English columns).
    kind : nature of the indicator. A stock is the level at the end of its period, whatever
        the period is; a ratio without 口径 is taken as the figure of the year to date.
    covered : :func:`analysis.series.periods.spans` of the rows' periods, where known already.

    Returns
    -------
    The rows with a readable period, index 0 … n−1, and columns year, first, last, form,
    start, step.
    """
    table = rows.join(spans(rows["period"]) if covered is None else covered)
    table = table.loc[table["year"].notna()].reset_index(drop=True)
    table[["year", "first", "last"]] = table[["year", "first", "last"]].astype("int64")
    start = np.where((table["basis"] == CUMULATIVE) | (table["first"] == 1), 0, table["first"] - 1)
    unstated = (table["basis"] == "") & (table["first"] > 1)
    if kind == STOCK:
        table["start"] = 0
    else:
        table["start"] = np.where(unstated, 0 if kind == RATIO else -1, start)
    table["step"] = 10.0 ** -_decimals(table["value"]).groupby([table["form"], table["basis"]]).transform("max")
    return table


def solve(table: pd.DataFrame, kind: str) -> Chain:
    """Tie the observations of each district and year together.

    Parameters
    ----------
    table : from :func:`observations`.
    kind : nature of the indicator; only sums are tied, stocks and ratios stand alone.
    """
    table = table.assign(group=table.groupby(["district", "year"], sort=False).ngroup(), rank=table["form"].map(FORMS.index))
    groups = table.drop_duplicates("group")[["district", "year"]].reset_index(drop=True)
    shape = (len(groups), 13)
    levels, slack, origin = np.full(shape, np.nan), np.zeros(shape), np.full(shape, -1)
    levels[:, 0] = 0.0
    known = table.loc[table["value"].notna() & (table["start"] >= 0)].sort_values(["rank", "row"], kind="stable")
    given = known.loc[known["start"] == 0].drop_duplicates(["group", "last"])
    at = given["group"].to_numpy(), given["last"].to_numpy()
    levels[at], slack[at], origin[at] = given["value"], given["step"] / 2, given.index
    chain = Chain(table, groups, levels, origin, origin >= 0, slack)
    if kind not in {STOCK, RATIO}:
        links = known.loc[known["start"] > 0].drop_duplicates(["group", "start", "last"])
        while any([_follow(chain, link) for _, link in links.groupby(["start", "last"])]):
            pass
    return chain


def _follow(chain: Chain, link: pd.DataFrame) -> bool:
    """Carry levels over figures of the same months, forwards and backwards; whether any was new."""
    group, value, step = (link[c].to_numpy() for c in ("group", "value", "step"))
    ends, moved = (int(link["start"].iloc[0]), int(link["last"].iloc[0])), False
    for here, there, sign in ((*ends, 1.0), (*ends[::-1], -1.0)):
        new = ~np.isnan(chain.levels[group, here]) & np.isnan(chain.levels[group, there])
        g = group[new]
        # adding tenths of tenths leaves dust that would look like a disagreement
        chain.levels[g, there] = np.round(chain.levels[g, here] + sign * value[new], 10)
        chain.slack[g, there] = chain.slack[g, here] + step[new] / 2
        chain.origin[g, there] = link.index[new]
        moved |= bool(new.any())
    return moved


def disagreements(chain: Chain) -> pd.DataFrame:
    """Figures that differ from what the other figures of their year add up to.

    A difference within the rounding of the figures involved is none.

    Returns
    -------
    DataFrame: district, year, period, basis, row, value, implied, rows (those compared with).
    """
    table = chain.observations
    tested = table.loc[table["value"].notna() & (table["start"] >= 0)]
    group, start, last = (tested[c].to_numpy() for c in ("group", "start", "last"))
    implied = chain.levels[group, last] - chain.levels[group, start]
    allowed = chain.slack[group, last] + chain.slack[group, start] + tested["step"] / 2 + 1e-9 * tested["value"].abs()
    off = ((tested["value"] - implied).abs() > allowed).to_numpy()
    found = tested.loc[off, ["district", "year", "period", "basis", "row", "value"]].assign(implied=np.round(implied[off], 10))
    sources = zip(chain.origin[group, start][off], chain.origin[group, last][off], tested.index[off])
    found["rows"] = [tuple(int(table.at[k, "row"]) for k in pair if k not in (-1, own)) for *pair, own in sources]
    return found.reset_index(drop=True)


def decreases(chain: Chain) -> pd.DataFrame:
    """Given cumulative figures below an earlier one of the same year.

    Returns
    -------
    DataFrame: district, year, last (month), period, row, value, before (the earlier figure), before_row.
    """
    given = np.where(chain.direct, chain.levels, np.nan)
    position = np.where(chain.direct, np.arange(13), 0)
    earlier = np.maximum.accumulate(np.hstack([np.zeros((len(given), 1), int), position[:, :-1]]), axis=1)
    before = np.take_along_axis(given, earlier, axis=1)
    error = np.abs(chain.slack - np.take_along_axis(chain.slack, earlier, axis=1))
    with np.errstate(invalid="ignore"):
        fallen = given < before - error
    rows = []
    for g, last in zip(*np.nonzero(fallen)):
        own, former = (chain.observations.loc[chain.origin[g, m]] for m in (last, earlier[g, last]))
        rows.append({"district": own["district"], "year": int(own["year"]), "last": int(last), "period": own["period"], "row": int(own["row"]),
                     "value": own["value"], "before": former["value"], "before_period": former["period"], "before_row": int(former["row"])})
    columns = ["district", "year", "last", "period", "row", "value", "before", "before_period", "before_row"]
    return pd.DataFrame(rows, columns=columns)


def divided(table: pd.DataFrame) -> int:
    """Parts per year that observations have: 1, 4, 11 or 12.

    A single year, district or month with January and February published as one makes it 11:
    separate months can be added, a merged figure cannot be taken apart.
    """
    used = table.loc[table["start"] >= 0]
    ends = set(used["last"]) | set(used["start"]) - {0}
    if ends <= {12}:
        return 1
    if all(m % 3 == 0 for m in ends):
        return 4
    merged = (used["form"] == "合并") & (used["first"] == 1) & (used["last"] == 2)
    return 11 if merged.any() or 1 not in ends else 12


def separate_months(table: pd.DataFrame) -> pd.DataFrame:
    """Rows of a single January, or of a single current February."""
    single = table["form"] == "月"
    return table.loc[single & ((table["last"] == 1) | ((table["last"] == 2) & (table["start"] == 1)))]


def _decimals(values: pd.Series) -> pd.Series:
    given = values.to_numpy(dtype=float)
    found, least = np.zeros(len(given)), 1e-10 * np.maximum(np.abs(given), 1.0)
    for digits in range(MOST_DECIMALS):
        found[np.abs(given - np.round(given, digits)) > least] = digits + 1
    return pd.Series(found, values.index)
