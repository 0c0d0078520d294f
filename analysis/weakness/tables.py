"""Weak indicators as a reader sees them: tables with Chinese headers."""

from __future__ import annotations

import pandas as pd


def gap_view(gaps: pd.DataFrame) -> pd.DataFrame:
    """Comparison × part: points by which the home district is behind (−) or ahead (+)."""
    table = gaps.assign(column=gaps["name"], row=gaps["kind"] + "：" + gaps["other"])
    wide = table.pivot_table(index="row", columns="column", values="points", sort=False, aggfunc="sum")
    return wide.assign(合计=wide.sum(axis=1)).rename_axis(index="与谁比", columns=None)


def strength_view(table: pd.DataFrame) -> pd.DataFrame:
    """Indicators by points lost to the best, with distances in their own unit."""
    headers = {"name": "指标", "part": "所属", "unit": "单位", "value": "数值", "score": "得分", "rank": "位次", "gap_best": "与最好相差",
               "gap_median": "与中位数相差", "gap_next": "与前一位相差", "weight": "占总分权重", "points_lost": "比最好少得", "class": "类别"}
    return table.sort_values("points_lost", ascending=False)[list(headers)].rename(columns=headers).reset_index(drop=True)


STRENGTH_FORMATS = {"数值": ",.6g", "得分": ".2f", "位次": "g", "与最好相差": ",.4g", "与中位数相差": ",.4g", "与前一位相差": ",.4g",
                    "占总分权重": ".1%", "比最好少得": ".2f"}


def worth_view(table: pd.DataFrame) -> pd.DataFrame:
    """What one more unit is worth, in points and places."""
    headers = {"name": "指标", "unit": "单位", "value": "现值", "step": "增加", "points": "总分增加", "closer": "与前一位拉近", "places": "位次提升", "note": "说明"}
    return table[list(headers)].rename(columns=headers)


WORTH_FORMATS = {"现值": ",.6g", "增加": "g", "总分增加": ".3f", "与前一位拉近": ".3f", "位次提升": "g"}


def reach_view(table: pd.DataFrame) -> pd.DataFrame:
    """What reaching the next, the median, the benchmark or the best on one indicator is worth."""
    headers = {"name": "指标", "unit": "单位", "value": "现值", "goal": "追到", "needed": "需要达到", "change": "需要增减", "points": "总分增加",
               "places": "位次提升", "rank_after": "之后位次"}
    return table.assign(goal=table["mark"] + table["who"].map(lambda who: f"（{who}）" if who else ""))[list(headers)].rename(columns=headers)


REACH_FORMATS = {"现值": ",.6g", "需要达到": ",.6g", "需要增减": ",.4g", "总分增加": ".2f", "位次提升": "g", "之后位次": "g"}


def change_view(table: pd.DataFrame) -> pd.DataFrame:
    """The smallest change of each indicator alone that moves the district up."""
    headers = {"name": "指标", "unit": "单位", "value": "现值", "needed": "需要达到", "change": "需要增减", "rank_after": "之后位次",
               "points": "总分增加", "share_of_gap": "补上差距", "note": "说明"}
    return table[list(headers)].rename(columns=headers)


IMPOSSIBLE = "单靠一项做不到的，后几列是把这一项一直提高到远超目前最好水平（再加全市极差的 3 倍，或到自然上限）时的效果，只说明上限，不是可行目标。"
CHANGE_FORMATS = {"现值": ",.6g", "需要达到": ",.6g", "需要增减": ",.4g", "之后位次": "g", "总分增加": ".2f", "补上差距": ".0%"}


def count_view(table: pd.DataFrame) -> pd.DataFrame:
    """Recognition counts: number and number per 100 above-scale enterprises, by district."""
    said = table.assign(count=table["count"].map("{:g}".format) + table["estimated"].map({True: "（推算）", False: ""}))
    counts = said.pivot(index="district", columns="name", values="count")
    rates = table.pivot(index="district", columns="name", values="per_100").add_suffix("／百家规上")
    order = list(dict.fromkeys(table["district"]))
    return counts.join(rates.dropna(axis=1, how="all")).loc[order].rename_axis(index="区县", columns=None)


def flow_view(flow: pd.DataFrame, districts: list[str]) -> pd.DataFrame:
    """Newly recognised by year beside the stock, for some districts."""
    rows = flow[flow["district"].isin(districts)]
    text = rows["new"].map("新增 {:g}".format) + rows["stock"].map("／存量 {:g}".format)
    wide = rows.assign(text=text, row=rows["certification"] + "：" + rows["district"]).pivot_table(
        index="row", columns="year", values="text", aggfunc="first", sort=False)
    wide.columns = [f"{year:.0f} 年" for year in wide.columns]
    return wide.rename_axis("认定与区县")


FEW = "按平均水平应有家数太少，区位商只作参考，不作判断"


def quotient_view(table: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Towns × recognition: number and location quotient; and why a cell is grey (small numbers)."""
    text = table["count"].map("{:g} 家，".format) + table["lq"].map("{:.2f}".format)
    return _wide(table.assign(text=text), "certification")


def share_view(table: pd.DataFrame) -> pd.DataFrame:
    """Each town's share of enterprises and output of the district."""
    headers = {"enterprises_share": "企业数", "revenue_share": "营业收入", "invoiced_share": "开票销售", "value_added_share": "工业增加值"}
    return table.set_index("place")[list(headers)].rename(columns=headers).rename_axis("镇街园区")


def chain_view(table: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Towns × chains: location quotient; and why a cell is grey (small numbers)."""
    return _wide(table.assign(text=table["lq"].map("{:.2f}".format)), "chain")


def _wide(table, across):
    rows = table.assign(text=table["text"].where(table["lq"].notna(), "—"), why=table["small"].map({True: FEW, False: ""}))
    return tuple(rows.pivot(index="place", columns=across, values=v).rename_axis(index="镇街园区", columns=None) for v in ("text", "why"))
