"""What the growth work needs of the illustrative city: sales by chain, scenarios, potential of towns.

Drawn from a generator of its own, so that nothing here shifts a figure made elsewhere.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from demo_districts import BENCHMARK, DISTRICTS, FIRMS, HOME, SALES, SOURCE

SEED = 20221232
YEARS = range(2018, 2023)
# Yearly drift of a chain's weight against the other chains of its district (log points).
CHAIN_DRIFT = {"高端装备": 0.015, "电子信息": 0.030, "新能源": 0.070, "化工新材料": -0.020, "绿色食品": 0.000, "绿色建材": -0.055}
TARGET = {"目标年份": "2028", "目标概率": "80%", "追赶指标": f"{SALES}、规模以上工业增加值、省级专精特新中小企业、省级企业技术中心、省级绿色工厂"}
SCENARIOS = [
    ("基准", "全部", "增速加减", "", 2023, 0, "百分点", "各区县按自身趋势增长"),
    ("对标区放缓", "对标区", "增速加减", "", 2023, -2, "百分点", "对标区主导行业需求走弱"),
    ("对标区停滞", "对标区", "增速设定", "", 2023, 0, "%", "对标区保持2022年水平，用来说明只盯存量差距会低估难度"),
    ("本区大项目", "本区", "大项目", SALES, 2024, 15, "亿元", "一个整装项目2024年投产，达产年开票15亿元"),
    ("价格回落", "全部", "价格影响", SALES, 2024, -3, "%", "工业品价格下跌3%，只影响开票销售，不影响可比价增速"),
    ("培育新增规上", "本区", "新增规上企业", FIRMS, 2023, 30, "家", "培育入库30家"),
    ("大项目遇对标区提速", "本区", "大项目", SALES, 2024, 15, "亿元", "同“本区大项目”"),
    ("大项目遇对标区提速", BENCHMARK, "增速加减", "", 2024, 1.5, "百分点", "对标区也上项目"),
]
# town -> (potential: 1 = as the whole district, least growth %, greatest growth %)
TOWN_OUTLOOK = {
    "示例区经济开发区": (1.3, 6, None), "示例区智能装备产业园": (1.5, 8, 25), "示例区绿色食品产业园": (1.1, 4, 20),
    "苔溪镇": (1.1, None, 18), "禾墩镇": (1.0, None, None), "桑渡镇": (0.8, 0, 12), "苇荡镇": (0.7, 0, 10),
    "砚桥街道": (0.6, 0, 8), "望湖街道": (0.5, 0, 8),
}


def chains(series: pd.DataFrame, firms: pd.DataFrame) -> pd.DataFrame:
    """Annual sales by chain (rows with 分项), summing to each district's December figure to the cent.

    ``series`` is the 时间序列 table; ``firms`` the roster, whose above-scale sums (万元) give the
    home district's 2022 chains.
    """
    rng = np.random.default_rng(SEED)
    total = series[(series["指标"] == SALES) & series["分项"].eq("")].set_index(["区县", "期间"])["数值"]
    roster = firms[firms["是否规上"]].groupby("产业链")["开票销售"].sum().reindex(list(CHAIN_DRIFT)) / 1e4
    pattern = roster / roster.sum()
    rows = []
    for district in DISTRICTS["区县"]:
        last = pattern if district == HOME else pd.Series(rng.dirichlet(18 * pattern), pattern.index)
        bend = pd.Series(CHAIN_DRIFT) + rng.normal(0, 0.02, len(CHAIN_DRIFT))
        for year in YEARS:
            wobble = rng.normal(0, 0.015, len(last)) if year < YEARS[-1] else 0.0
            weight = last * np.exp(-bend * (YEARS[-1] - year) + wobble)
            parts = to_the_cent(weight / weight.sum(), float(total[district, f"{year}-12"]))
            rows += [(district, SALES, chain, str(year), part) for chain, part in zip(weight.index, parts, strict=True)]
    frame = pd.DataFrame(rows, columns=["区县", "指标", "分项", "期间", "数值"])
    return frame.assign(单位="亿元", 来源=SOURCE, 状态="示例")


def to_the_cent(shares: pd.Series, total: float) -> list[float]:
    """``total`` in parts of two decimals that sum to it exactly (largest remainders)."""
    cents = round(total * 100)
    exact = shares.to_numpy() * cents
    parts = np.floor(exact).astype(int)
    for k in np.argsort(parts - exact, kind="stable")[:cents - parts.sum()]:
        parts[k] += 1
    return [int(part) / 100 for part in parts]


def scenarios() -> pd.DataFrame:
    """The 情景 sheet."""
    frame = pd.DataFrame(SCENARIOS, columns=["情景", "对象", "类型", "指标", "起始年", "数值", "单位", "说明"])
    return frame.assign(来源=SOURCE, 状态="示例")


def towns(kinds: dict[str, str]) -> pd.DataFrame:
    """The 镇街园区 sheet: potential and bounds for some, the others by their record."""
    rows = [(name, kind, *TOWN_OUTLOOK.get(name, (None, None, None)), "潜力和上下限为示例" if name in TOWN_OUTLOOK else "")
            for name, kind in kinds.items()]
    return pd.DataFrame(rows, columns=["名称", "类型", "潜力", "增长下限", "增长上限", "备注"])
