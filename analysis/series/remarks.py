"""What a reader of a series must know: gaps, masks, contradictions, and how rows were understood."""

from __future__ import annotations

import pandas as pd

from .chain import CUMULATIVE, CURRENT, Chain, decreases, disagreements, separate_months
from .nature import RATIO, REDUCIBLE, STOCK
from .periods import period_label

COLUMNS = ["district", "period", "kind", "what", "rows"]
GAP, ONLY_YEAR, MASKED, UNSTATED, FALLEN, DIFFERENT = "缺数", "只有全年数", "未公布", "口径不明", "累计数下降", "数据不一致"
MERGED, MIXED, ONLY_GROWTH, BAD_GROWTH, EARLY, NO_UNIT, NOT_ADDED = ("一二月合并", "口径并用", "只有增速", "同比无效", "截止期较早",
                                                                   "单位未写", "累计加不出")


def remarks(grid: pd.DataFrame, chain: Chain, parts: int, kind: str, unit: str) -> pd.DataFrame:
    """Everything about a series that a figure alone does not say.

    Parameters
    ----------
    grid : tidy table of the series.
    chain : the solved years behind it.
    parts, kind, unit : of the series.

    Returns
    -------
    DataFrame: district, period, kind (one of the constants of this module), what (a
    sentence), rows (row numbers of the sheet, as text).
    """
    found = [*contradictions(chain, kind), *_rows_as_understood(chain, parts, kind, unit)]
    nothing = grid["cumulative"].isna() & grid["current"].isna()
    absent = nothing & ~grid["masked"] & grid["yoy"].isna() & grid["row"].isna()
    lost = grid["current"].notna() & grid["cumulative"].isna() & ~grid["masked"]
    touched = grid["district"].isin(grid.loc[absent | lost, "district"])
    for district, table in grid.loc[touched].groupby("district", sort=False):
        found += [*_gaps(district, table, parts, absent[table.index].copy()), *_sums(district, table.loc[lost[table.index]], parts)]
    found += _early(grid, parts)
    table = pd.DataFrame(found, columns=COLUMNS)
    return table.assign(rows=[listed(r) for r in table["rows"]]).astype({"rows": "str"})


def listed(rows) -> str:
    """Row numbers as text: 3、4."""
    return "、".join(str(r) for r in sorted({int(r) for r in rows}))


def contradictions(chain: Chain, kind: str) -> list[tuple]:
    """Figures that contradict one another: (district, period, kind, what, rows), the row at fault first."""
    found = []
    for one in disagreements(chain).itertuples():
        others = f"第{listed(one.rows)}行" if one.rows else "其他行"
        found.append((one.district, one.period, DIFFERENT, f"{one.period} 的{one.basis}数 {one.value:.10g} 与由{others}得出的 {one.implied:.10g} 对不上，"
                      f"相差 {one.value - one.implied:.6g}；按后者计算", (one.row, *one.rows)))
    for one in decreases(chain).itertuples() if kind not in {REDUCIBLE, RATIO, STOCK} else ():
        found.append((one.district, one.period, FALLEN, f"{one.period} 的累计数 {one.value:.10g} 小于同年第{one.before_row}行（{one.before_period}）的 "
                      f"{one.before:.10g}；本期当期数不计算，相邻一期的当期数也可能不准", (one.row, one.before_row)))
    return found


def merged_months(chain: Chain, parts: int) -> list[tuple]:
    """Years with January and February apart in a series of 11 parts."""
    if parts != 11:
        return []
    apart = separate_months(chain.observations)
    return [(district, f"{year}-01..02", MERGED, f"{year} 年 1 月、2 月分列，其他年份或区县合并公布：一律并为 1—2 月，全年 11 期", tuple(rows["row"]))
            for (district, year), rows in apart.groupby(["district", "year"], sort=False)]


def _rows_as_understood(chain: Chain, parts: int, kind: str, unit: str) -> list[tuple]:
    table, found = chain.observations, merged_months(chain, parts)

    def each(rows, what_kind, sentence):
        found.extend((r.district, r.period, what_kind, sentence(r), (r.row,)) for r in (rows.itertuples() if len(rows) else ()))

    empty = table["value"].isna()
    each(table.loc[table["value_masked"] & empty], MASKED, lambda r: f"{r.period} 的{r.basis}数存在但未公布（**），按不知道处理")
    each(table.loc[empty & ~table["value_masked"] & table["yoy"].notna()], ONLY_GROWTH, lambda r: f"{r.period} 只有增速，没有绝对数")
    each(table.loc[~empty & (table["start"] < 0)], UNSTATED, lambda r: f"{r.period} 没有写口径，分不清当期数和累计数，这一行没有用")
    each(table.loc[table["yoy"] <= -100], BAD_GROWTH, lambda r: f"{r.period} 的同比 {r.yoy:g}% 不高于 -100%，不能反推基数")
    if unit:
        bare = table.loc[(table["unit"] == "") & ~empty]
        found += [(d, "", NO_UNIT, f"没有写单位，按{unit}理解", tuple(r["row"])) for d, r in bare.groupby("district", sort=False)]
    if kind not in {STOCK, RATIO}:
        within = table.loc[(table["period"].str.len() > 4) & (table["first"] > 1)]
        found += [(d, "", MIXED, "当期数和累计数并用：各按所给的口径连接，两者都有时互相核对", ())
                  for d, rows in within.groupby("district", sort=False) if {CUMULATIVE, CURRENT} <= set(rows["basis"])]
    return found


def _gaps(district: str, table: pd.DataFrame, parts: int, absent: pd.Series) -> list[tuple]:
    found = []
    if parts > 1:
        for year, rows in table.groupby("year"):
            alone = rows["part"].iloc[-1] == parts and pd.notna(rows["cumulative"].iloc[-1]) and len(rows) > 1 and absent.loc[rows.index[:-1]].all()
            if alone:
                found.append((district, str(year), ONLY_YEAR, f"{year} 年只有全年数，没有各期数", tuple(rows["row"].iloc[-1:].dropna())))
                absent.loc[rows.index] = False
    run = (absent != absent.shift()).cumsum()
    for _, rows in table.loc[absent].groupby(run[absent]):
        first, last = rows["period"].iloc[0], rows["period"].iloc[-1]
        when = first if len(rows) == 1 else f"{first} 至 {last}"
        after = "" if parts == 1 else "，下一期的当期数、其后各期的累计数凡算不出的也留空"
        found.append((district, first if len(rows) == 1 else f"{first}至{last}", GAP, f"缺 {when} 的数（{len(rows)} 期），不补{after}", ()))
    return found


def _sums(district: str, lost: pd.DataFrame, parts: int) -> list[tuple]:
    return [(district, str(year), NOT_ADDED, f"{period_label(year, rows['part'].iloc[0], parts)}起前面有缺，累计数加不出", tuple(rows["row"].dropna()))
            for year, rows in lost.groupby("year")]


def _early(grid: pd.DataFrame, parts: int) -> list[tuple]:
    known = grid.loc[grid["cumulative"].notna() | grid["current"].notna()]
    order = known["year"] * parts + known["part"]
    ends = order.groupby(known["district"], sort=False).max()
    latest, found = ends.max(), []
    for district, end in ends.items():
        if end < latest:
            period = known.loc[order == end, "period"].iloc[0]
            found.append((district, period, EARLY, f"数据到 {period} 为止，比最晚的区县早 {latest - end} 期", ()))
    return found
