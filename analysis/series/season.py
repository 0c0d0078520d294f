"""The path of the year: what share of its total is reached by when, from history."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from ..params import AssessmentError
from ..status import derived_status
from .annual import require, row_of
from .nature import RATIO, STOCK, threshold
from .periods import to_date_label
from .read import Series, numbered

POOLED = "全部区县"


def share_history(series: Series) -> pd.DataFrame:
    """Share of the year's total reached by the end of each part: cumulative ÷ annual.

    Only complete years count: every cumulative and current figure known (a gap, a masked
    or a falling cumulative figure leaves the year out) and a total above zero.

    Returns
    -------
    DataFrame: district, year, part, months_to, label (1—5月, 全年), share (0 … 1 for
    flows), status. Raises AssessmentError for stocks, ratios and annual series.
    """
    if series.nature in {STOCK, RATIO}:
        raise AssessmentError(f"“{series.name}”是{series.nature}，各期不能相加，没有季节进度")
    if series.parts == 1:
        raise AssessmentError(f"“{series.name}”只有年度数，没有季节进度；补上月度或季度数")
    known = series.table["cumulative"].notna() & series.table["current"].notna()
    by = [series.table["district"], series.table["year"]]
    total = series.table["cumulative"].where(series.table["part"] == series.parts).groupby(by).transform("max")
    complete = (known.groupby(by).transform("sum") == series.parts) & (total > 0)
    table = series.table.loc[complete]
    made = table["status"].groupby([table["district"], table["year"]]).transform(derived_status)
    return pd.DataFrame({
        "district": table["district"], "year": table["year"], "part": table["part"], "months_to": table["months_to"],
        "label": [to_date_label("", m) for m in table["months_to"]], "share": table["cumulative"] / total[complete], "status": made,
    }).reset_index(drop=True)


def seasonal_share(series: Series, district: str | None = None, before: int | None = None) -> pd.DataFrame:
    """Share of the year reached by the end of each part, over complete years.

    The mean of past shares, not months ÷ 12.

    Parameters
    ----------
    district : one district; without it every district with a complete year, and all
        district-years pooled as 全部区县 (each counts the same).
    before : use only years before this one.

    Returns
    -------
    DataFrame: district, part, months_to, label, mean, least, greatest (shares), years
    (complete years used; of the pool, different years), cases (district-years), first_year,
    last_year, naive (months_to ÷ 12, for comparison only), status. Raises AssessmentError
    if there is no complete year.
    """
    shares = share_history(series)
    if before is not None:
        shares = shares.loc[shares["year"] < before]
    if district is not None:
        require(series, district)
        shares = shares.loc[shares["district"] == district]
    if shares.empty:
        raise AssessmentError(f"“{series.name}”{district or ''}{f' {before} 年以前' if before else ''}没有一个各期齐全的年份，得不到季节进度")
    if district is None:
        shares = pd.concat([shares, shares.assign(district=POOLED)])
    groups = shares.groupby(["district", "part", "months_to", "label"], sort=False)
    table = groups.agg(mean=("share", "mean"), least=("share", "min"), greatest=("share", "max"), years=("year", "nunique"), cases=("share", "size"),
                       first_year=("year", "min"), last_year=("year", "max"), status=("status", derived_status)).reset_index()
    return table.assign(naive=table["months_to"] / 12)[["district", "part", "months_to", "label", "mean", "least", "greatest", "years", "cases",
                                                        "first_year", "last_year", "naive", "status"]]


@dataclass(frozen=True)
class Annualised:
    """A year's total told from a part of it.

    Attributes
    ----------
    district, year, part, label : how far the year has come. to_date : cumulative figure.
    share, share_least, share_greatest : of the earlier complete years, to the same part.
    value = to_date ÷ share; low = to_date ÷ share_greatest; high = to_date ÷ share_least:
        the range seen in those years, not a probability.
    years : the years the shares come from.
    unit, status, note : note says in words what it rests on.
    """

    district: str
    year: int
    part: int
    label: str
    to_date: float
    share: float
    share_least: float
    share_greatest: float
    value: float
    low: float
    high: float
    years: tuple[int, ...]
    unit: str
    status: str
    note: str


def annualise(series: Series, district: str, year: int, part: int | None = None) -> Annualised:
    """A year's total from the figure to date and the seasonal share of earlier years.

    Parameters
    ----------
    part : how much of the year to use; the district's last cumulative figure of that year
        without it. Only years before ``year`` are used, so a past year can be told as it
        would have been then.

    Raises
    ------
    AssessmentError : fewer complete earlier years than 推算全年最少年数 of the table, or no
        figure to date.
    """
    require(series, district)
    shares = share_history(series)
    shares = shares.loc[(shares["district"] == district) & (shares["year"] < year)]
    years, least = sorted({int(y) for y in shares["year"]}), threshold("推算全年最少年数")
    if len(years) < least:
        raise AssessmentError(f"“{series.name}”{district} 在 {year} 年以前只有 {len(years)} 个各期齐全的年份，少于 {least:g} 个，不推算全年")
    known = series.table.loc[(series.table["district"] == district) & (series.table["year"] == year) & series.table["cumulative"].notna()]
    at = part or (int(known["part"].max()) if len(known) else None)
    row = None if at is None else row_of(series, district, year, at)
    if row is None or pd.isna(row["cumulative"]):
        raise AssessmentError(f"“{series.name}”{district} {year} 年{'' if part is None else f'第 {part} 期'}没有可用的累计数，不能推算全年")
    seen, to_date = shares.loc[shares["part"] == at, "share"], float(row["cumulative"])
    if to_date <= 0 or seen.min() <= 0:
        raise AssessmentError(f"“{series.name}”{district} {row['label']}的累计数或往年份额不大于 0，不能按份额推算全年；请核对{numbered([row['row']])}")
    mean, low, high = float(seen.mean()), float(seen.min()), float(seen.max())
    named = f"{years[0]}—{years[-1]} 年中 {len(years)} 个完整年份" if years[-1] - years[0] + 1 > len(years) else f"{years[0]}—{years[-1]} 年"
    note = (f"按{named}{to_date_label('', int(row['months_to']))}占全年的平均份额 {mean:.1%}（{low:.1%}—{high:.1%}）推算；"
            f"上下限是这些年里见过的最高、最低份额，不是概率区间")
    status = derived_status([row["status"], *shares["status"]])
    return Annualised(district, year, at, row["label"], to_date, mean, low, high, to_date / mean, to_date / high, to_date / low, tuple(years),
                      series.unit, status, note)
