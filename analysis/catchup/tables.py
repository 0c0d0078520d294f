"""Catch-up results as a reader sees them: tables with Chinese headers, each with its 状态."""

from __future__ import annotations

import pandas as pd

from ..views import number, signed
from .convergence import UNDECIDED, Convergence
from .findings import sure_text
from .outlook import Outlook
from .paths import Paths
from .scenarios import COUNT_UNITS


def required_view(o: Outlook) -> pd.DataFrame:
    """Year by year: against the present level, against the moving leader, and for a chance."""
    rate = "年均增速" if o.growth_unit == "%" else "每年净增"
    table = pd.DataFrame({"目标年": o.table["year"], "剩余年数": o.table["years_left"],
                          f"{o.goal}现有水平": o.table["leader_now"], f"{o.goal}届时水平": o.table["leader_then"],
                          f"按现有水平所需{rate}": o.table["fixed"], f"按届时水平所需{rate}": o.table["moving"], "多出": o.table["extra"]})
    for p in (c for c in o.table.columns if isinstance(c, float)):
        table[f"{sure_text(p)} 把握所需{rate}"] = o.table[p]
    table[f"自身走势{rate}"] = o.table["expected"]
    return table.assign(说明=o.table["note"], 状态=o.status)


def required_formats(o: Outlook) -> dict[str, str]:
    """Number formats of :func:`required_view`; growth is in %."""
    figures = {c: ".1f" if o.growth_unit == "%" else ".0f" for c in required_view(o).columns if "所需" in c or c == "多出" or c.startswith("自身")}
    level = ",.0f" if o.unit in COUNT_UNITS else ",.1f"
    return {"目标年": "d", "剩余年数": "d", f"{o.goal}现有水平": level, f"{o.goal}届时水平": level} | figures


def chance_view(chances: pd.DataFrame, status: str = "推算") -> pd.DataFrame:
    """P(ahead) at, by, and first in each year."""
    headers = {"year": "年份", "at": "当年领先", "by": "到该年曾领先", "first": "首次追上在该年", "error": "抽样误差（±）"}
    return chances[list(headers)].rename(columns=headers).assign(状态=status)


CHANCE_FORMATS = {"年份": "d", "当年领先": ".1%", "到该年曾领先": ".1%", "首次追上在该年": ".1%", "抽样误差（±）": ".2%"}


def rank_view(ranks: pd.DataFrame, status: str = "推算") -> pd.DataFrame:
    """P(rank ≤ k) by year, without the places that are certain (or out of reach) in every year."""
    open_ = [k for k in ranks if ((ranks[k] > 0.005) & (ranks[k] < 0.995)).any()]
    ranks = ranks[open_ or list(ranks.columns)]
    table = ranks.rename(columns={k: f"前 {k} 位" for k in ranks.columns}).rename_axis("年份")
    return table.assign(状态=status).reset_index()


def pair_view(pairs: pd.DataFrame) -> pd.DataFrame:
    """P(row district ahead of column district)."""
    return pairs.rename_axis(index="行领先列的可能性", columns=None)


def class_view(classes: pd.DataFrame) -> pd.DataFrame:
    """Class against every other district, with why."""
    headers = {"other": "对方", "home_level": "本区现值", "other_level": "对方现值", "achieved": "本区年均增速", "other_growth": "对方年均增速",
               "required": "所需增速", "shortfall": "差额（百分点）", "ratio": "追赶速度/所需", "class": "类别", "why": "理由", "status": "状态"}
    return classes[list(headers)].rename(columns=headers)


CLASS_FORMATS = {"本区现值": ",.1f", "对方现值": ",.1f", "本区年均增速": ".1f", "对方年均增速": ".1f", "所需增速": ".1f",
                 "差额（百分点）": "+.1f", "追赶速度/所需": ".0%"}


def scenario_view(table: pd.DataFrame, home: str, leader: str, growth_unit: str = "%") -> pd.DataFrame:
    """Scenarios side by side."""
    rate = "年均增速" if growth_unit == "%" else "每年净增"
    headers = {"scenario": "情景", "year": "年份", "home": f"{home}中位数", "leader": f"{leader}中位数", "ratio": "相当于", "at": "当年领先",
               "by": "到该年曾领先", "expected": f"预计{rate}", "needed": f"所需{rate}", "gap": "差额", "note": "说明", "status": "状态"}
    return table[list(headers)].rename(columns=headers)


def scenario_formats(home: str, leader: str, growth_unit: str = "%") -> dict[str, str]:
    """Number formats of :func:`scenario_view`."""
    rate, form = ("年均增速", ".1f") if growth_unit == "%" else ("每年净增", ".0f")
    return {"年份": "d", f"{home}中位数": ",.1f", f"{leader}中位数": ",.1f", "相当于": ".1%", "当年领先": ".1%", "到该年曾领先": ".1%",
            f"预计{rate}": form, f"所需{rate}": form, "差额": "+" + form}


def drift_view(paths: Paths, status: str = "推算") -> pd.DataFrame:
    """What the simulation assumes of each district."""
    if paths.kind == "counts":
        headers = {"last_year": "末年", "last": "现值", "rates": "逐年增减个数", "raw": "历史每年净增", "weight": "自身历史权重",
                   "drift": "采用每年净增", "few": "数据太少"}
    else:
        headers = {"last_year": "末年", "last": "现值", "rates": "年增速个数", "raw": "历史年均增速", "weight": "自身历史权重",
                   "drift": "采用年均增速", "basis": "依据", "error": "增速标准误（百分点）", "spread": "年波动（%）", "capped": "已封顶", "few": "数据太少"}
    table = paths.drift[list(headers)].rename(columns=headers)
    for column in ("已封顶", "数据太少"):
        if column in table:
            table[column] = table[column].map({True: "是", False: ""})
    return table.rename_axis("区县").reset_index().assign(状态=status)


DRIFT_FORMATS = {"末年": "d", "现值": ",.1f", "年增速个数": "d", "逐年增减个数": "d", "历史年均增速": ".1f", "历史每年净增": ".1f", "自身历史权重": ".0%",
                 "采用年均增速": ".1f", "采用每年净增": ".1f", "增速标准误（百分点）": ".1f", "年波动（%）": ".1f"}


def sigma_view(c: Convergence, status: str = "推算") -> pd.DataFrame:
    """Dispersion by year."""
    headers = {"districts": "区县数", "sd_log": "对数标准差", "cv": "变异系数"}
    return c.sigma[list(headers)].rename(columns=headers).rename_axis("年份").reset_index().assign(状态=status)


SIGMA_FORMATS = {"年份": "d", "区县数": "d", "对数标准差": ".3f", "变异系数": ".3f"}


def beta_view(c: Convergence, status: str = "推算") -> pd.DataFrame:
    """β convergence: coefficient, interval, half-life and what may be concluded."""
    decided = c.beta_verdict != UNDECIDED
    four, percent = number(".4f"), number(".2%")
    rows = [("β 系数", four(c.beta)), ("95% 区间", f"{four(c.beta_interval[0])} 至 {four(c.beta_interval[1])}"), ("结论", c.beta_verdict),
            ("收敛速度（每年）", percent(c.speed) if decided and pd.notna(c.speed) else "—"),
            ("半程时间（年）", f"{c.half_life:.0f}" if decided and pd.notna(c.half_life) else "—"), ("区县数", str(len(c.points))),
            ("起止年", f"{c.first}—{c.last}"), ("σ 趋势（每年）", signed(4)(c.sigma_trend)), ("σ 结论", c.sigma_verdict)]
    return pd.DataFrame(rows, columns=["项目", "数值"]).replace("-", "−", regex=True).assign(状态=status)
