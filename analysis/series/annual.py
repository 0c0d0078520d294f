"""Wide tables of a series: years, parts of years, and how far each district reaches."""

from __future__ import annotations

import pandas as pd

from ..params import AssessmentError
from ..status import derived_status
from .chain import CUMULATIVE
from .read import Series


def annual(series: Series, partial: bool = False) -> pd.DataFrame:
    """Annual level by district: the cumulative figure to the end of December.

    That is the figure given for the year or for December's cumulative, or the sum of the
    current figures where all of the year's are known; of a stock the level at the year's end.

    Parameters
    ----------
    partial : also give a district's last, unfinished year its level to date (which is no
        annual level: :func:`latest` says how far it goes).

    Returns
    -------
    DataFrame, index year (int, ascending, without gaps), columns districts, in the
    series' unit; missing where the year is incomplete or masked. Raises AssessmentError
    if no district has a complete year (unless ``partial``).
    """
    levels = _of_december(series, "cumulative")
    if partial:
        for district, (year, part) in _ends(series, "cumulative").items():
            if part < series.parts:
                levels.loc[year, district] = _value(series, district, year, part, "cumulative")
    known = levels.index[levels.notna().any(axis=1)]
    if known.empty:
        raise AssessmentError(f"“{series.name}”没有一个区县有完整的一年，得不到年度数")
    return levels.reindex(range(known.min(), known.max() + 1)).rename_axis("year")


def annual_status(series: Series) -> pd.DataFrame:
    """状态 of each figure of :func:`annual`, same shape; empty where there is none.

    A figure that was given keeps its status; a sum is 示例 if anything under it is 示例,
    else 推算.
    """
    levels, statuses = annual(series), _of_december(series, "status")
    summed = _of_december(series, "derived").map(lambda d: CUMULATIVE in d, na_action="ignore").fillna(False).astype(bool)
    under = series.table.groupby(["year", "district"])["status"].agg(derived_status).unstack()
    statuses = statuses.where(~summed, under.reindex_like(statuses))
    return statuses.reindex_like(levels).where(levels.notna(), "").fillna("")


def annual_cells(series: Series) -> pd.DataFrame:
    """Where each figure of :func:`annual` stands: the cell, or the cells first and last added up."""
    levels, cells = annual(series), {}
    for (year, district), rows in series.table.groupby(["year", "district"]):
        last, given = rows.iloc[-1], [c for c in rows["cell"] if c]
        if last["part"] == series.parts and given:
            cells[year, district] = last["cell"] if CUMULATIVE not in last["derived"] else f"{given[0]} 至 {given[-1]} 合计"
    table = pd.Series(cells, dtype="str").unstack().reindex_like(levels) if cells else levels.astype("str")
    return table.where(levels.notna(), "").fillna("")


def current_wide(series: Series) -> pd.DataFrame:
    """Current figures: index (year, part), columns districts, in the series' unit."""
    return wide(series, "current")


def cumulative_wide(series: Series) -> pd.DataFrame:
    """Cumulative figures: index (year, part), columns districts, in the series' unit."""
    return wide(series, "cumulative")


def yoy_wide(series: Series) -> pd.DataFrame:
    """Published growth of the cumulative figure (%): index (year, part), columns districts."""
    return wide(series, "yoy")


def wide(series: Series, column: str) -> pd.DataFrame:
    """Any column of the tidy table: index (year, part) from the first to the last, columns districts."""
    table = series.table.pivot(index=["year", "part"], columns="district", values=column)
    keys = [(y, p) for y in range(table.index[0][0], table.index[-1][0] + 1) for p in range(1, series.parts + 1)]
    inside = pd.MultiIndex.from_tuples([k for k in keys if table.index[0] <= k <= table.index[-1]], names=["year", "part"])
    return table.reindex(index=inside, columns=list(series.districts)).rename_axis(columns=None)


def history(series: Series, district: str) -> pd.DataFrame:
    """One district's cumulative figures: index year, columns part."""
    require(series, district)
    rows = series.table.loc[series.table["district"] == district]
    return rows.pivot(index="year", columns="part", values="cumulative").reindex(columns=range(1, series.parts + 1))


def latest(series: Series, district: str) -> tuple[int, int]:
    """Year and part of a district's last known cumulative figure; AssessmentError without any."""
    require(series, district)
    ends = _ends(series, "cumulative")
    if district not in ends:
        raise AssessmentError(f"“{series.name}”{district} 没有可用的累计数")
    return ends[district]


def last_complete_year(series: Series, district: str) -> int:
    """The last year of which a district's annual level is known; AssessmentError without any."""
    require(series, district)
    known = _of_december(series, "cumulative")[district].dropna()
    if known.empty:
        raise AssessmentError(f"“{series.name}”{district} 没有完整的一年")
    return int(known.index[-1])


def coverage(series: Series) -> pd.DataFrame:
    """How far each district reaches; districts may end in different years.

    Returns
    -------
    DataFrame: district, first, last (periods with a figure), complete_years (number),
    last_complete (year, missing if none), missing and masked (parts between first and
    last), behind (parts by which it ends before the latest district), status.
    """
    table, december = series.table, _of_december(series, "cumulative")
    known = table["cumulative"].notna() | table["current"].notna()
    order = table["year"] * series.parts + table["part"]
    latest_of_all, rows = order[known].max(), []
    for district, own in table.groupby("district", sort=False):
        seen, complete = own.loc[known[own.index]], december[district].dropna()
        if seen.empty:
            continue
        inside = own.loc[seen.index[0]:seen.index[-1]]
        rows.append({"district": district, "first": seen["period"].iloc[0], "last": seen["period"].iloc[-1], "complete_years": len(complete),
                     "last_complete": complete.index[-1] if len(complete) else pd.NA,
                     "missing": int((inside["cumulative"].isna() & inside["current"].isna() & ~inside["masked"]).sum()),
                     "masked": int(inside["masked"].sum()), "behind": int(latest_of_all - order[seen.index[-1]]),
                     "status": "、".join(sorted(set(own["status"]) - {""}))})
    return pd.DataFrame(rows).astype({"last_complete": "Int64"})


def require(series: Series, district: str) -> None:
    """Raise AssessmentError for a district the series does not have."""
    if district not in series.districts:
        raise AssessmentError(f"“{series.name}”没有区县“{district}”；现有：{'、'.join(series.districts)}")


def row_of(series: Series, district: str, year: int, part: int) -> pd.Series | None:
    """The row of the tidy table; None if there is none."""
    table = series.table
    found = table.loc[(table["district"] == district) & (table["year"] == year) & (table["part"] == part)]
    return found.iloc[0] if len(found) else None


def _value(series, district, year, part, column):
    row = row_of(series, district, year, part)
    return float("nan") if row is None else row[column]


def _of_december(series: Series, column: str) -> pd.DataFrame:
    table = series.table
    rows = table.loc[table["part"] == series.parts].pivot(index="year", columns="district", values=column)
    years = range(int(table["year"].min()), int(table["year"].max()) + 1)
    return rows.reindex(index=years, columns=list(series.districts)).rename_axis(index="year", columns=None)


def _ends(series: Series, column: str) -> dict[str, tuple[int, int]]:
    known = series.table.loc[series.table[column].notna()].drop_duplicates("district", keep="last")
    return {d: (int(y), int(p)) for d, y, p in zip(known["district"], known["year"], known["part"])}
