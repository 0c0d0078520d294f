"""Breaking a target down as a reader sees it: tables with Chinese headers and their formats."""

from __future__ import annotations

import pandas as pd

from ..status import derived_status
from .contribution import Contributions
from .factors import Factors
from .places import Allocation
from .schedule import Progress
from .shiftshare import EFFECTS

TOTAL = "合计"


def path_view(path: pd.DataFrame, unit: str = "亿元") -> pd.DataFrame:
    """Targets by year; the increments shown sum to the whole."""
    headers = {"year": "年份", "shown": f"目标（{unit}）", "shown_increment": f"当年增量（{unit}）", "growth": "增速（%）"}
    return path[list(headers)].rename(columns=headers)


def parts_view(parts: pd.DataFrame, unit: str = "亿元") -> pd.DataFrame:
    """A year's target by month or quarter; the parts shown sum to the year's target."""
    headers = {"label": "到期", "shown": f"本期目标（{unit}）", "shown_cumulative": f"累计目标（{unit}）", "share": "历年平均占全年",
               "low": f"历年最慢时（{unit}）", "high": f"历年最快时（{unit}）", "years": "历年年数"}
    return parts[list(headers)].rename(columns=headers)


def allocation_view(a: Allocation) -> pd.DataFrame:
    """Base, increment, growth and bounds of each place, with the total."""
    table = a.table
    bounds = pd.DataFrame({word: 100 * table[c] / table["base"].where(table["base"] > 0) for c, word in (("floor", "下限"), ("cap", "上限"))})
    view = pd.DataFrame({
        a.by: table["place"], "类型": table["kind"], "规上企业（家）": table["enterprises"], f"{a.base_name}（亿元）": table["base"], "份额": table["share"],
        "潜力": table["potential"], "潜力来源": table["potential_from"], "增量（亿元）": table["shown"], "增速（%）": table["growth"],
        "增速下限（%）": bounds["下限"].map("{:.1f}".format).where(bounds["下限"].notna(), "—"),
        "增速上限（%）": bounds["上限"].map("{:.1f}".format).where(bounds["上限"] < float("inf"), "—"),
        "受限": table["bound"], "状态": table["status"]})
    if (view["类型"] == "").all():
        view = view.drop(columns="类型")
    total = {a.by: TOTAL, "规上企业（家）": table["enterprises"].sum(), f"{a.base_name}（亿元）": table["base"].sum(), "份额": 1.0, "潜力来源": "",
             "增量（亿元）": round(table["shown"].sum(), 6), "增速（%）": 100 * (a.target / a.level - 1), "增速下限（%）": "", "增速上限（%）": "",
             "受限": "", "状态": derived_status(table["status"]), "类型": ""}
    return _with_total(view, total)


ALLOCATION_FORMATS = {"规上企业（家）": ",.0f", "现有水平（亿元）": ",.2f", "可比基数（亿元）": ",.2f", "份额": ".1%", "潜力": ".2f", "增量（亿元）": ",.2f", "增速（%）": ".1f"}


def contribution_view(c: Contributions) -> pd.DataFrame:
    """Points that each part adds to the growth, greatest first, with the total."""
    table = c.table.sort_values("points", ascending=False, kind="stable")
    headers = {"place": c.by, "enterprises": "企业数（家）", "before": f"基期（{c.unit}）", "after": f"报告期（{c.unit}）", "growth": "增速（%）",
               "shown": "拉动（个百分点）", "share_of_growth": "贡献率（%）", "status": "状态"}
    view = table.reindex(columns=[k for k in headers if k in table.columns]).rename(columns=headers)
    total = {c.by: TOTAL, f"基期（{c.unit}）": table["before"].sum(), f"报告期（{c.unit}）": table["after"].sum(), "增速（%）": c.growth,
             "拉动（个百分点）": round(table["shown"].sum(), 6), "贡献率（%）": table["share_of_growth"].sum(min_count=1)}
    if "enterprises" in table:
        total["企业数（家）"] = table["enterprises"].sum()
    if "status" in table:
        total["状态"] = derived_status(table["status"])
    return _with_total(view, total)


CONTRIBUTION_FORMATS = {"企业数（家）": ",.0f", "增速（%）": ".1f", "拉动（个百分点）": ".2f", "贡献率（%）": ".1f"}


def shift_view(summary: pd.DataFrame, by: str = "镇街园区", unit: str = "亿元") -> pd.DataFrame:
    """Effects of each area in amounts and in points of its growth."""
    effects = [e for e in EFFECTS if e in summary.columns]
    headers = {"area": by, "before": f"基期（{unit}）", "after": f"报告期（{unit}）", "change": f"变动（{unit}）", "growth": "增速（%）"}
    headers |= {e: f"{EFFECTS[e]}（{unit}）" for e in effects} | {f"{e}_points": f"{EFFECTS[e]}（百分点）" for e in effects}
    return summary[list(headers)].rename(columns=headers)


def factor_view(f: Factors, unit: str = "亿元") -> pd.DataFrame:
    """Effects of the factors with their sum; without multiples where the method has none."""
    headers = {"factor": "因素", "effect": f"影响（{unit}）", "share": "占变动（%）", "ratio": "倍数"}
    view = f.table[list(headers)].rename(columns=headers)
    total = {"因素": TOTAL, f"影响（{unit}）": f.change, "占变动（%）": f.table["share"].sum(min_count=1), "倍数": f.table["ratio"].prod()}
    view = _with_total(view, total)
    return view.drop(columns="倍数") if f.table["ratio"].isna().any() else view


def progress_view(p: Progress) -> pd.DataFrame:
    """The progress of one year as rows of 项目, 数值, 说明, 状态."""
    now = p.nowcast
    rows = [
        ("全年目标", _amount(p.target, p), "" if p.year_growth is None else f"相当于可比增长 {p.year_growth:.1f}%"),
        (f"{p.label}累计", _amount(p.cumulative, p), f"完成全年目标的 {p.done_share:.1%}"),
        ("历年同期占全年", f"{p.share:.1%}", f"{p.years} 年平均，最低 {p.least:.1%}，最高 {p.greatest:.1%}"),
        ("按历年进度应完成", _amount(p.expected, p), f"{'超' if p.ahead >= 0 else '欠'} {abs(p.ahead):,.2f} {p.unit}，{p.pace}"),
        ("按月数平摊应完成", f"{p.naive_share:.1%}", "未考虑季节，仅作对照"),
        ("余下任务", _amount(p.remaining, p), "" if p.base_rest is None else f"其余各月可比基数 {p.base_rest:,.2f} {p.unit}"),
        ("其余各月需增长", "—" if p.rest_growth is None else f"{p.rest_growth:.1f}%", "" if p.growth is None else f"到期增长 {p.growth:.1f}%"),
        ("全年预计", _amount(now.point, p), "不给区间" if now.lower is None else f"{now.level:.0%} 区间 {now.lower:,.2f}～{now.upper:,.2f}"),
        ("完成目标的概率", "—" if p.probability is None else f"{p.probability:.0%}", "由同一分布得出"),
    ]
    return pd.DataFrame(rows, columns=["项目", "数值", "说明"]).assign(状态=p.status).replace(r"-(?=\d)", "−", regex=True)


def backtest_view(table: pd.DataFrame) -> pd.DataFrame:
    """Past nowcasts beside what came."""
    headers = {"district": "区县", "year": "年份", "years": "所用年数", "actual": "实际", "nowcast": "预计", "lower": "下界", "upper": "上界",
               "inside": "在区间内", "error": "误差（%）", "naive_error": "上年×增速的误差（%）"}
    return table.assign(inside=table["inside"].map({True: "是", False: "否"}))[list(headers)].rename(columns=headers)


def _amount(value, p):
    return f"{value:,.2f} {p.unit}"


def _with_total(view, total):
    return pd.concat([view, pd.DataFrame([{k: v for k, v in total.items() if k in view.columns}], columns=view.columns)], ignore_index=True)
