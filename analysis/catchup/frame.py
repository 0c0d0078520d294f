"""The annual frame (year × district) that every catch-up function reads, checked once."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..params import AssessmentError


def checked_frame(annual: pd.DataFrame, districts: list[str] | None = None, counts: bool = False) -> pd.DataFrame:
    """`annual` with rising integer years and float levels, after refusing what cannot be used.

    Parameters
    ----------
    annual : DataFrame (years, districts), levels of one indicator in one unit; NaN = no data
        or masked. Missing years in between or at either end are allowed.
    districts : the columns to keep and to check; all without it.
    counts : whole numbers ≥ 0 are asked for instead of levels > 0.

    Raises
    ------
    AssessmentError naming district and year: not a table, repeated years or districts, a district
    that is not there or has no value at all, text, infinite, zero or negative levels, and for
    counts fractions and negative numbers.
    """
    if not isinstance(annual, pd.DataFrame) or annual.empty:
        raise AssessmentError("没有年度数据：请给出年份×区县的表，每列一个区县、每行一年")
    if annual.columns.has_duplicates:
        raise AssessmentError(f"区县重复：{_list(annual.columns[annual.columns.duplicated()].unique())}；每个区县只能有一列")
    missing = [d for d in districts or [] if d not in annual.columns]
    if missing:
        raise AssessmentError(f"年度数据里没有 {_list(missing)}；可用：{_list(annual.columns)}")
    years = pd.to_numeric(pd.Series(annual.index), errors="coerce")
    if years.isna().any() or (years % 1 != 0).any():
        bad = [str(y) for y, ok in zip(annual.index, years.notna() & (years % 1 == 0)) if not ok]
        raise AssessmentError(f"年份应为整数，现有 {_list(bad)}；月度、季度数请先汇成年度")
    table = annual.set_axis(years.astype(int).to_numpy(), axis=0)
    if table.index.has_duplicates:
        raise AssessmentError(f"年份重复：{_list(table.index[table.index.duplicated()].unique())}；每年只能有一行")
    table = table.sort_index()[list(districts)] if districts else table.sort_index()
    try:
        table = table.astype(float)
    except (TypeError, ValueError):
        raise AssessmentError(f"年度数据里有文字，无法计算：{_list(_text_cells(table))}；未公开的数值请留空") from None
    _refuse(np.isinf(table), table, "是无穷大", "请核对原表")
    if counts:
        _refuse(table < 0, table, "为负", "个数不能小于 0，请核对原表")
        _refuse(table % 1 > 0, table, "不是整数", "认定数、企业数应为整数；金额请用按增速的模拟")
    else:
        _refuse(table <= 0, table, "为零或负数", "增速无从计算，请核对原表；确实为零的区县请从比较中去掉，家数请把单位写成 家")
    empty = list(table.columns[table.isna().all()])
    if empty:
        raise AssessmentError(f"{_list(empty)}没有任何一年的数值，无法推算；请补数或把该区县从比较中去掉")
    return table


def last_observed(annual: pd.DataFrame) -> pd.DataFrame:
    """Last year with a value and its level: index district, columns year (int) and level."""
    years = annual.apply(lambda column: column.last_valid_index()).astype(int)
    return pd.DataFrame({"year": years, "level": [annual.at[y, d] for d, y in years.items()]}, index=annual.columns)


def growth_rates(annual: pd.DataFrame) -> pd.DataFrame:
    """Log growth between successive values of each district, over gaps as they come.

    Returns
    -------
    DataFrame, one row per growth rate: district, start, end (years of the two values), years
    (end − start), growth = ln(level at end ÷ level at start), not annualised.
    """
    parts = []
    for district in annual.columns:
        values = annual[district].dropna()
        if len(values) > 1:
            ends = values.index.to_numpy()
            parts.append(pd.DataFrame({"district": district, "start": ends[:-1], "end": ends[1:], "years": np.diff(ends),
                                       "growth": np.diff(np.log(values.to_numpy()))}))
    if not parts:
        return pd.DataFrame({"district": pd.Series(dtype="str"), "start": pd.Series(dtype=int), "end": pd.Series(dtype=int),
                             "years": pd.Series(dtype=int), "growth": pd.Series(dtype=float)})
    return pd.concat(parts, ignore_index=True)


def average_growth(annual: pd.DataFrame, district: str) -> float:
    """Average annual growth of a district in %, from its first to its last value."""
    values = annual[district].dropna()
    if len(values) < 2:
        raise AssessmentError(f"{district}只有 {len(values)} 年数值，算不出年均增速；请另行给定")
    return 100 * ((values.iloc[-1] / values.iloc[0]) ** (1 / (values.index[-1] - values.index[0])) - 1)


def ahead_now(annual: pd.DataFrame, home: str, leader: str, share: float = 1.0) -> tuple[bool, int, str]:
    """Whether home has reached `share` of the leader, the year this is judged by, and a note.

    Judged in the last year that both have; without such a year by the last value of each, with a note.
    """
    both = annual[[home, leader]].dropna()
    if len(both):
        year = int(both.index[-1])
        return bool(both.at[year, home] >= share * both.at[year, leader]), year, ""
    last = last_observed(annual[[home, leader]])
    ahead = bool(last.at[home, "level"] >= share * last.at[leader, "level"])
    return ahead, int(last["year"].max()), f"{home}与{leader}没有共同年份，按各自末年比较"


def two_districts(home: str, leader: str) -> list[str]:
    """The pair, refused where both are the same."""
    if home == leader:
        raise AssessmentError(f"本区与对标区都是{home}，无法比较；请另选对标区")
    return [home, leader]


def _refuse(bad: pd.DataFrame, table: pd.DataFrame, what: str, advice: str) -> None:
    if bad.to_numpy().any():
        where = [f"{d} {y} 年（{table.at[y, d]:g}）" for d in table.columns for y in table.index if bad.at[y, d]]
        raise AssessmentError(f"{_list(where)}{what}；{advice}")


def _text_cells(table: pd.DataFrame) -> list[str]:
    return [f"{d} {y} 年（{table.at[y, d]}）" for d in table.columns for y in table.index
            if pd.isna(pd.to_numeric(table.at[y, d], errors="coerce")) and not pd.isna(table.at[y, d])]


def _list(items: object, most: int = 8) -> str:
    items = [str(i) for i in items]
    return "、".join(items[:most]) + (f"等 {len(items)} 处" if len(items) > most else "")
