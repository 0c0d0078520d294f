"""Weak indicators as a reader sees them: tables with Chinese headers.

Views of home's figures take ``hidden`` (indicator -> text of a masked value, from
:func:`analysis.weakness.estimates.masked_texts`) and return the table with the marks for
figures that rest on a midpoint: ``{(row label, column): 推算}`` for ``status_cells``.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from ..views import signed
from .estimates import about
from .gap import EXACT_LINEAR, EXACT_SHAPLEY, GROUP, MEDIAN, SAMPLED
from .thresholds import threshold

ESTIMATE = "推算"
_METHODS = {EXACT_LINEAR: "每项的分差＝权重×两地得分差，各项相加等于合计（按显示的两位小数相加可能差 0.01）。",
            EXACT_SHAPLEY: "方案含非线性合成，每项的分差是逐级沙普利值（各种先后次序下的平均影响，枚举得出），各项相加等于合计（按显示的两位小数相加可能差 0.01）。",
            SAMPLED: "方案含非线性合成且组合太多，每项的分差是随机抽样得出的逐级沙普利值，有抽样误差，各项相加仍等于合计。"}


def figure(digits: int = 6, sign: bool = False):
    """A number to so many significant digits, never as a power of ten, with a typographic minus; text as it is."""
    def show(value):
        if isinstance(value, str):
            return value
        rounded = float(f"{value:.{digits}g}")
        return (("−" if rounded < 0 else "+" if sign and rounded else "") + f"{abs(rounded):,.12g}")
    return show


def gap_view(gaps: pd.DataFrame) -> pd.DataFrame:
    """Compared district × part: points by which the home district is behind (−) or ahead (+)."""
    label = {(kind, other): other if kind in (MEDIAN, GROUP) else f"{other}（{kind}）" for kind, other in zip(gaps["kind"], gaps["other"])}
    rows = [label[key] for key in zip(gaps["kind"], gaps["other"])]
    wide = gaps.assign(column=gaps["name"], row=rows).pivot_table(index="row", columns="column", values="points", sort=False, aggfunc="sum")
    return wide.assign(合计=wide.sum(axis=1)).rename_axis(index="与谁比", columns=None)


def gap_notes(gaps: pd.DataFrame) -> list[str]:
    """How the gaps were split, and who the median is, in sentences."""
    notes = [_METHODS[method] for method in _METHODS if method in set(gaps["method"])]
    if (gaps["kind"] == MEDIAN).any():
        notes.append("“同组中位数”是假想的一个地区：每个指标都得同组得分的中位数，没有加减分；它的总分不是各地总分的中位数。")
    return notes


def strength_view(table: pd.DataFrame, hidden: Mapping[str, str] | None = None) -> tuple[pd.DataFrame, dict]:
    """Indicators by points lost to the best, with distances in their own unit."""
    headers = {"name": "指标", "part": "所属", "unit": "单位", "value": "数值", "score": "得分", "rank": "位次", "tied": "同分地区", "gap_best": "与最好相差",
               "gap_median": "与中位数相差", "gap_next": "与前一位相差", "weight": "占总分权重", "points_lost": "比最好少得", "class": "类别"}
    table = table.sort_values("points_lost", ascending=False, kind="stable").reset_index(drop=True)
    shown = table.assign(value=_values(table, hidden), tied=table["level"].map(lambda k: f"{k} 个" if k else ""))
    if not table["level"].any():
        del headers["tied"]
    marks = _marks(table, {"estimated": ["得分", "位次"], "best_estimated": ["与最好相差", "比最好少得"], "median_estimated": ["与中位数相差"],
                           "next_estimated": ["与前一位相差"]})
    return _told(shown, headers, ["rank", "gap_next", "points_lost"], marks)


STRENGTH_FORMATS = {"数值": figure(10), "得分": ".2f", "位次": "g", "与最好相差": figure(4, True), "与中位数相差": figure(4, True),
                    "与前一位相差": figure(4, True), "占总分权重": ".1%", "比最好少得": ".2f"}


def direction_note(table: pd.DataFrame) -> str:
    """How to read the signs of the distances, the indicators where less is better named."""
    text = "相差＝本区数值减对方数值，＋为本区较高，−为本区较低"
    low, target = (list(table.loc[table["direction"] == way, "name"]) for way in ("逆向", "适度"))
    text += f"；{'、'.join(low)}是逆向指标，越低越好，＋表示本区落后" if low else ""
    text += f"；{'、'.join(target)}是适度指标，好坏看离目标的远近，不看正负" if target else ""
    return text + "。"


def worth_view(table: pd.DataFrame, hidden: Mapping[str, str] | None = None) -> tuple[pd.DataFrame, dict]:
    """What one more unit is worth, in points and places; like units together."""
    headers = {"name": "指标", "kind": "单位类别", "unit": "单位", "value": "现值", "step": "增加", "share_to_best": "占与最好差距", "points": "总分增加",
               "closer": "与前一位拉近", "places": "位次提升", "note": "说明"}
    shown = table.assign(value=_values(table, hidden))
    return _told(shown, headers, ["closer", "places"], _marks(table, {"estimated": ["总分增加", "与前一位拉近", "位次提升"]}))


WORTH_NOTE = ("单位不同的指标，一个单位的难易不能相比，所以计数的、百分点的和其他单位的分开排，同类之内按与前一位拉近（没有前一位的按总分增加）从大到小；"
              "“占与最好差距”是这一步占本区与目前最好水平差距的多少，—表示本区已是最好。")
WORTH_FORMATS = {"现值": figure(10), "增加": figure(6, True), "占与最好差距": ".1%", "总分增加": ".3f", "与前一位拉近": ".3f", "位次提升": "g"}


def reach_view(table: pd.DataFrame, hidden: Mapping[str, str] | None = None) -> tuple[pd.DataFrame, dict]:
    """What reaching the next, the median, the benchmark or the best on one indicator is worth.

    Marks of the same value stand in one row.
    """
    same = table.groupby(["indicator", "needed"], sort=False)
    goals = {key: _joined(rows) for key, rows in same}
    table = table.drop_duplicates(["indicator", "needed"]).assign(goal_estimated=same["goal_estimated"].max().to_numpy()).reset_index(drop=True)
    headers = {"name": "指标", "unit": "单位", "value": "现值", "goal": "追到", "needed": "需要达到", "change": "需要增减", "points": "总分增加",
               "places": "位次提升", "rank_after": "之后位次"}
    shown = table.assign(value=_values(table, hidden), goal=[goals[key] for key in zip(table["indicator"], table["needed"])])
    marks = _marks(table, {"estimated": ["需要增减", "总分增加", "位次提升", "之后位次"], "goal_estimated": ["需要达到", "需要增减", "总分增加", "位次提升", "之后位次"]})
    return _told(shown, headers, ["places", "rank_after"], marks)


REACH_FORMATS = {"现值": figure(10), "需要达到": figure(10), "需要增减": figure(6, True), "总分增加": ".2f", "位次提升": "g", "之后位次": "g"}


def _joined(rows):
    """标杆区（前一位、对标区）、同组中位数"""
    roles: dict[str, list[str]] = {}
    for mark, who in zip(rows["mark"], rows["who"]):
        roles.setdefault(who or "同组中位数", []).extend([mark] if who else [])
    return "、".join(f"{who}（{'、'.join(marks)}）" if marks else who for who, marks in roles.items())


def change_view(table: pd.DataFrame, hidden: Mapping[str, str] | None = None) -> tuple[pd.DataFrame, dict]:
    """The smallest change of each indicator alone that moves the district up.

    All that are reachable, and of the others those that close most of the distance
    (``strength_thresholds.csv``); columns that would be empty or repeat another are left away.
    """
    able = table["reachable"].astype(bool)
    table = pd.concat([table[able], table[~able].head(int(threshold("做不到时列出项数")))]).reset_index(drop=True)
    able = table["reachable"].astype(bool)
    headers = {"name": "指标", "unit": "单位", "value": "现值", "needed": "需要达到", "change": "需要增减", "tied_with": "届时并列", "alone_at": "不并列需达到",
               "at": "测算到", "rank_after": "之后位次", "points": "总分增加", "rival_change": "前面地区变动", "share_of_gap": "补上差距（含对方变动）", "note": "说明"}
    drop = ["at"] if able.all() else []
    drop += [] if (table["tied_with"] != "").any() else ["tied_with", "alone_at"]
    drop += [] if (table["rival_change"].abs() >= 0.005).any() else ["rival_change"]
    drop += [] if (table["note"] != "").any() else ["note"]
    marks = _marks(table, {"estimated": ["需要增减", "之后位次", "总分增加", "补上差距（含对方变动）"]})
    shown = table.assign(value=_values(table, hidden), tied_with=table["tied_with"].map(lambda who: f"与{who}" if who else ""))
    return _told(shown, {k: v for k, v in headers.items() if k not in drop}, ["needed", "change"], marks)


def change_notes(table: pd.DataFrame) -> list[str]:
    """What the columns mean that need saying, for the rows there are."""
    able, said = table["reachable"].astype(bool), []
    if able.any():
        said.append("“需要达到”按原数据的小数位取能够升位的第一个数。")
    if (table["tied_with"] != "").any():
        said.append("总分按规定的小数位比较，“届时并列”的是与之同分的地区，“不并列需达到”是不再与人同分的数。")
    if not able.all():
        unable, most = int((~able).sum()), int(threshold("做不到时列出项数"))
        few = f"只列能补上差距最多的 {most} 项，" if unable > most else ""
        said.append(f"单靠一项做不到的共 {unable} 项，{few}按提到目前最好水平（“测算到”）计算，只说明有多少效果。")
    return [*said, "“补上差距”＝（本区总分增加－前面那个地区的变动）÷与它的差距；本区变动会改变计分尺度，所以对方得分也可能变动。"]


CHANGE_FORMATS = {"现值": figure(10), "需要达到": figure(10), "需要增减": figure(6, True), "不并列需达到": figure(10), "测算到": figure(10),
                  "之后位次": "g", "总分增加": ".2f", "前面地区变动": signed(2), "补上差距（含对方变动）": ".0%"}


def count_view(table: pd.DataFrame) -> pd.DataFrame:
    """Recognition counts: number and number per 100 above-scale enterprises, by district."""
    counts = [_count(row) for row in table.itertuples()]
    rates = [row.per_100 if pd.isna(row.per_100) or not row.estimated else about(row.per_100, estimated=True, spec=".2f") for row in table.itertuples()]
    wide = table.assign(shown=counts, rates=rates)
    left = wide.assign(shown=wide["shown"].astype(object)).pivot(index="district", columns="name", values="shown")
    right = wide.pivot(index="district", columns="name", values="rates").add_suffix("／百家规上")
    return left.join(right.dropna(axis=1, how="all").infer_objects()).loc[list(dict.fromkeys(table["district"]))].rename_axis(index="区县", columns=None)


def flow_view(flow: pd.DataFrame, districts: list[str]) -> pd.DataFrame:
    """Newly recognised by year beside the stock, for some districts."""
    rows = flow[flow["district"].isin(districts)]
    text = rows["new"].map("新增 {:g}".format) + rows["stock"].map("／存量 {:g}".format)
    wide = rows.assign(text=text, row=rows["certification"] + "：" + rows["district"]).pivot_table(
        index="row", columns="year", values="text", aggfunc="first", sort=False)
    wide.columns = [f"{year:.0f} 年" for year in wide.columns]
    return wide.rename_axis("认定与区县")


FEW = "实有家数和按平均水平应有家数都太少，区位商只作参考，不作判断"


def judged() -> str:
    """The thresholds by which a quotient is called strong or weak."""
    return (f"区位商不低于 {threshold('区位商优势下限'):g} 为优，不高于 {threshold('区位商劣势上限'):g} 为劣，其间为中；"
            f"灰色：实有家数和按平均水平应有家数都不足 {threshold('区位商小样本家数'):g} 家，只作参考。")


def quotient_view(table: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Towns × recognition: number and location quotient; and why a cell is grey (small numbers)."""
    text = table["count"].map("{:g} 家，".format) + table["lq"].map("{:.2f}".format)
    return _wide(table.assign(text=text), "certification")


def share_view(shares: pd.DataFrame, quotients: pd.DataFrame | None = None) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Each town's share of enterprises, output and every recognition; and why a cell is grey."""
    headers = {"enterprises_share": "企业数", "revenue_share": "营业收入", "invoiced_share": "开票销售", "value_added_share": "工业增加值"}
    table = shares.set_index("place")[list(headers)].rename(columns=headers).rename_axis("镇街园区")
    why = pd.DataFrame("", table.index, table.columns)
    for certification, rows in [] if quotients is None else quotients.groupby("certification", sort=False):
        rows = rows.set_index("place")
        table[f"认定：{certification}"] = rows["share"]
        why[f"认定：{certification}"] = rows["small"].map({True: FEW, False: ""})
    return table, why


def chain_view(table: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Towns × chains: location quotient; and why a cell is grey (small numbers)."""
    return _wide(table.assign(text=table["lq"].map("{:.2f}".format)), "chain")


def _wide(table, across):
    rows = table.assign(text=table["text"].where(table["lq"].notna(), "—"), why=table["small"].map({True: FEW, False: ""}))
    places = list(dict.fromkeys(table["place"]))
    return tuple(rows.pivot(index="place", columns=across, values=v).loc[places].rename_axis(index="镇街园区", columns=None) for v in ("text", "why"))


def _told(shown, headers, optional, marks):
    """The columns that say something under their Chinese names, and the marks that still have a cell."""
    kept = {k: v for k, v in headers.items() if k not in optional or shown[k].notna().any()}
    return shown[list(kept)].rename(columns=kept), {at: word for at, word in marks.items() if at[1] in kept.values()}


def _values(table, hidden):
    """Home's values, a masked one as the text it is printed by; never its midpoint."""
    fallback = [about(v, estimated=True) if guess else v for v, guess in zip(table["value"], table["estimated"])]
    texts = [(hidden or {}).get(code, value) for code, value in zip(table["indicator"], fallback)]
    return pd.Series(texts, table.index, dtype=object if any(isinstance(text, str) for text in texts) else float)


def _marks(table, columns):
    return {(label, column): ESTIMATE for flag, names in columns.items() for label in table.index[table[flag].astype(bool)] for column in names}


def _count(row):
    if pd.isna(row.count):
        return "**" if row.masked else "—"
    if row.estimated:
        return about(row.count, estimated=True)
    return int(row.count) if float(row.count).is_integer() else row.count
