"""The nine illustrative districts: scheme, monthly series, annual values, adjustments."""

from __future__ import annotations

import numpy as np
import pandas as pd

HOME, BENCHMARK = "示例区", "标杆区"
SOURCE = "示例数据生成器"
VALUE_ADDED, SALES, FIRMS = "规模以上工业增加值", "规模以上工业开票销售", "规上工业企业单位数"
SPEECH = {"数值": 473.6, "来源": "培训班讲话（2022年）", "状态": "公布"}

# district, group, 2022 sales and value added (亿元; home's come from its roster), growth above the city's (points)
DISTRICTS = pd.DataFrame([
    (HOME, "本区", "城区组", None, None, 1.9), (BENCHMARK, "对标", "城区组", 473.6, 108.9, 0.7),
    ("丹枫区", "周边", "城区组", 612.8, 150.3, 1.2), ("砚湖区", "周边", "城区组", 296.4, 66.8, -0.6),
    ("柳溪区", "周边", "城区组", 214.7, 45.1, -1.5), ("石澜县", "其他", "县域组", 541.3, 121.6, 0.9),
    ("青棠县", "其他", "县域组", 371.9, 78.9, -0.2), ("望禾县", "其他", "县域组", 318.5, 66.2, 2.4),
    ("松涧县", "其他", "县域组", 262.2, 56.7, -0.8),
], columns=["区县", "角色", "分组", SALES, VALUE_ADDED, "快于全市"])

EFFICACY = "底分=60；满分=100"
# code, name, parent, weight, direction, method, params, missing, unit, category
SCHEME = [
    ("T", "综合得分", "", "", "", "", "加分上限=2；扣分上限=2", "", "", ""),
    ("A", "总量规模", "T", 25, "", "", "", "", "", ""),
    ("A1", VALUE_ADDED, "A", 30, "正向", "功效系数", EFFICACY, "报错", "亿元", "总量"),
    ("A2", SALES, "A", 30, "正向", "功效系数", EFFICACY, "报错", "亿元", "总量"),
    ("A3", FIRMS, "A", 20, "正向", "占优比", "满分=100", "报错", "家", "总量"),
    ("A4", "工业固定资产投资", "A", 20, "正向", "功效系数", EFFICACY + "；对数=是", "组均值", "亿元", "总量"),
    ("B", "增长速度", "T", 20, "", "", "", "", "", ""),
    ("B1", "规模以上工业增加值增速", "B", 35, "正向", "功效系数", EFFICACY, "报错", "%", "增幅"),
    ("B2", "规模以上工业开票销售增速", "B", 35, "正向", "极差", "底分=0；满分=100；下限=-5；上限=12；截断=是", "报错", "%", "增幅"),
    ("B3", "工业固定资产投资增速", "B", 15, "正向", "位次", EFFICACY, "最低分", "%", "增幅"),
    ("B4", "净增规上工业企业数", "B", 15, "正向", "完成率", "目标=20；封顶=120", "报错", "家", "增幅"),
    ("C", "质量效益", "T", 20, "", "", "", "", "", ""),
    ("C1", "规上工业营业收入利润率", "C", 25, "正向", "功效系数", EFFICACY, "最低分", "%", "结构"),
    ("C2", "规上工业亩均税收", "C", 25, "正向", "功效系数", EFFICACY, "剔除", "万元/亩", "结构"),
    ("C3", "单位工业增加值能耗", "C", 25, "逆向", "功效系数", EFFICACY, "报错", "吨标准煤/万元", "结构"),
    ("C4", "规上工业全员劳动生产率", "C", 25, "正向", "功效系数", EFFICACY + "；范围=组内", "组均值", "万元/人", "结构"),
    ("D", "创新驱动", "T", 15, "", "", "", "", "", ""),
    ("D1", "规上工业研发费用占营业收入比重", "D", 25, "正向", "功效系数", EFFICACY, "报错", "%", "结构"),
    ("D2", "有研发机构的规上工业企业占比", "D", 20, "正向", "分档", "档次=<30:60|30:70|40:80|50:90|60:100", "报错", "%", "结构"),
    ("D3", "高新技术产业产值占比", "D", 20, "正向", "功效系数", EFFICACY, "报错", "%", "结构"),
    ("D4", "高新技术企业数", "D", 20, "正向", "占优比", "满分=100", "报错", "家", "总量"),
    ("D5", "每万人有效发明专利拥有量", "D", 15, "正向", "功效系数", EFFICACY + "；对数=是", "剔除", "件", "结构"),
    ("E", "认定培育", "T", 20, "", "", "", "", "", ""),
    ("E1", "省级企业技术中心", "E", 30, "正向", "功效系数", EFFICACY, "报错", "家", "认定"),
    ("E2", "省级专精特新中小企业", "E", 45, "正向", "功效系数", EFFICACY, "报错", "家", "认定"),
    ("E3", "省级绿色工厂", "E", 25, "正向", "功效系数", EFFICACY, "报错", "家", "认定"),
]
# 2022 values in the order of DISTRICTS; None = filled from roster, lists or series; tuple = masked (low, high).
VALUES_2022 = {
    "A4": (96.4, 118.2, 151.7, (62, 78), 52.3, 132.5, 94.1, 88.7, 61.9),
    "B3": (10.2, 9.6, 12.8, 6.1, 3.4, 10.3, 7.7, 13.5, 5.2),
    "C1": (5.4, 6.3, 6.9, 5.8, 4.9, 6.1, 5.5, 5.1, (4.2, 5.6)),
    "C2": (12.6, 16.8, 19.4, 15.2, 11.3, 14.1, 13.0, None, 9.7),
    "C3": (0.412, 0.356, 0.298, 0.335, 0.447, 0.521, 0.463, 0.388, 0.502),
    "C4": (31.8, 36.4, 41.2, 33.5, 28.9, 35.1, 30.6, 29.7, 27.3),
    "D1": (1.92, 2.14, 2.47, 2.02, 1.55, 1.88, 1.71, 1.49, 1.36),
    "D2": (None, 52.4, 61.8, 47.5, 36.2, 49.1, 41.3, 33.8, 28.7),
    "D3": (38.5, 42.8, 51.3, 44.6, 33.1, 39.7, 35.2, 30.4, 27.9),
    "D4": (None, 146, 201, 122, 78, 138, 96, 81, 59),
    "D5": (9.8, 14.2, 21.6, 13.5, 7.9, 10.4, (6.5, 9.5), 6.1, 4.4),
}
FIRMS_2022 = (None, 372, 455, 268, 221, 431, 322, 296, 247)
NET_FIRMS = {2018: 9, 2019: 12, 2020: 6, 2021: 17, 2022: (23, 26, 31, 12, 9, 25, 15, 22, 11)}
DRIFT = {"A4": 0.09, "C1": 0.01, "C2": 0.05, "C3": -0.035, "C4": 0.06, "D1": 0.06, "D2": 0.05, "D3": 0.03, "D4": 0.15,
         "D5": 0.11}

CITY_GROWTH = {2017: 9.0, 2018: 8.0, 2019: 7.2, 2020: 3.6, 2021: 13.4, 2022: 6.4, 2023: 7.6}
# Departure of cumulative growth from the year's outcome (points), by the month a period ends.
SHOCK = {2017: {}, 2018: {}, 2019: {}, 2020: {2: -20, 3: -13, 4: -9, 5: -6.5, 6: -4.5, 7: -3, 8: -2, 9: -1.2, 10: -0.6},
         2021: {2: 21, 3: 16, 4: 12, 5: 9.5, 6: 7.5, 7: 5.5, 8: 4, 9: 2.8, 10: 1.6, 11: 0.7},
         2022: {2: 4, 3: 2.4, 4: -3.2, 5: -3.6, 6: -2.2, 7: -1.4, 8: -0.8, 9: -0.3}, 2023: {2: -3.4, 3: -1.8, 4: -0.4}}
SEASON = {2: 13.2, 3: 22.0, 4: 30.2, 5: 38.6, 6: 47.8, 7: 55.9, 8: 64.0, 9: 73.0, 10: 81.4, 11: 90.2, 12: 100.0}
HIDDEN_YOY = [("柳溪区", SALES, "2019-04"), ("松涧县", SALES, "2021-05"), ("青棠县", VALUE_ADDED, "2020-03"),
              ("望禾县", VALUE_ADDED, "2023-01..02")]


def period(year: int, month: int) -> str:
    """January and February are published together."""
    return f"{year}-01..02" if month == 2 else f"{year}-{month:02d}"


def series(rng: np.random.Generator, home: dict[str, float], firms_home: int) -> pd.DataFrame:
    """Monthly cumulative levels and comparable-base growth, and the annual number of firms.

    level(t) = level(t−1) · revision(t) · (1 + growth(t)): the revision of the base (about
    −1.5 %, enterprises leaving the scope) is why growth cannot be recomputed from levels.
    Levels are scaled so that December 2022 is the district's annual figure.
    """
    rows = []
    for district in DISTRICTS.itertuples():
        for indicator, pull in ((SALES, 1.0), (VALUE_ADDED, 0.78)):
            anchor = home[indicator] if district.区县 == HOME else DISTRICTS.set_index("区县").at[district.区县, indicator]
            rows += _monthly(rng, district.区县, indicator, anchor, district.快于全市, pull)
    frame = pd.DataFrame(rows, columns=["区县", "指标", "期间", "数值", "同比"]).astype({"同比": object})
    for district, indicator, when in HIDDEN_YOY:
        frame.loc[(frame["区县"] == district) & (frame["指标"] == indicator) & (frame["期间"] == when), "同比"] = "**"
    frame = frame.assign(口径="累计", 单位="亿元", 来源=SOURCE, 状态="示例", 备注=None)
    return pd.concat([frame, _firm_counts(firms_home)], ignore_index=True)


def told(frame: pd.DataFrame) -> pd.DataFrame:
    """The series with the announced annual figure in a row of its own, 公布.

    The December row keeps its illustrative growth and leaves the level to that row.
    """
    frame = frame.copy()
    december = (frame["区县"] == BENCHMARK) & (frame["指标"] == SALES) & (frame["期间"] == "2022-12")
    frame.loc[december, ["数值", "备注"]] = [None, "累计数即 2022 年全年数（公布），见全年一行；本行只有示例同比"]
    whole = {"区县": BENCHMARK, "指标": SALES, "期间": "2022", "单位": "亿元", **SPEECH}
    at = int(np.flatnonzero(december)[0]) + 1
    return pd.concat([frame[:at], pd.DataFrame([whole]), frame[at:]], ignore_index=True)


def _monthly(rng, district, indicator, anchor, offset, pull) -> list[tuple]:
    share = np.array(list(SEASON.values())) / 100 * (1 + rng.normal(0, 0.006, len(SEASON)))
    share[-1], level, out = 1.0, None, []
    for year, city in CITY_GROWTH.items():
        months = [m for m in SEASON if year < 2023 or m <= 6]
        growth = pull * (city + offset) + rng.normal(0, 0.35)
        wobble = rng.normal(0, 0.35, len(months)) * np.linspace(1, 0, len(months))
        yoy = np.round([growth + pull * SHOCK[year].get(m, 0.0) + w for m, w in zip(months, wobble, strict=True)], 1)
        revision = 1 - 0.015 + rng.normal(0, 0.010) + rng.normal(0, 0.001, len(months))
        level = share if level is None else level[:len(months)] * revision * (1 + yoy / 100)
        out += [(year, month, value, rate) for month, value, rate in zip(months, level, yoy, strict=True)]
    scale = anchor / next(value for year, month, value, _ in out if (year, month) == (2022, 12))
    return [(district, indicator, period(y, m), round(float(value * scale), 2), float(rate)) for y, m, value, rate in out]


def _firm_counts(firms_home: int) -> pd.DataFrame:
    rows = []
    for k, district in enumerate(DISTRICTS["区县"]):
        count = FIRMS_2022[k] or firms_home
        for year in range(2022, 2016, -1):
            rows.append((district, FIRMS, str(year), count))
            net = NET_FIRMS.get(year, 0)
            count -= net[k] if isinstance(net, tuple) else round(net * (0.6 + 0.1 * k)) if net else 0
    frame = pd.DataFrame(rows, columns=["区县", "指标", "期间", "数值"])
    frame = frame.sort_values(["区县", "期间"], key=lambda c: c.map(list(DISTRICTS["区县"]).index) if c.name == "区县" else c)
    return frame.assign(单位="家", 来源=SOURCE, 状态="示例")


def scheme() -> pd.DataFrame:
    columns = ["代码", "名称", "上级", "权重", "方向", "计分方法", "参数", "缺失处理", "单位", "类别"]
    frame = pd.DataFrame(SCHEME, columns=columns)
    frame["合成方法"] = ["" if unit else "加权平均" for unit in frame["单位"]]
    return frame.assign(来源=SOURCE, 状态="示例")


def values(rng: np.random.Generator, history: pd.DataFrame, counts: pd.DataFrame, roster: dict[str, float]) -> pd.DataFrame:
    """Values for 2021 and 2022: totals and growth read off the series, recognitions off the lists.

    ``counts`` is district × (year, code) numbers of recognised enterprises; ``roster`` the
    home district's own D2 and D4.
    """
    at = history.set_index(["区县", "指标", "期间"])
    rows = []
    for k, district in enumerate(DISTRICTS["区县"]):
        for year in (2021, 2022):
            for code, name in ((s[0], s[1]) for s in SCHEME if s[8]):
                row = {"年份": year, "区县": district, "指标": code, "来源": SOURCE, "状态": "示例"}
                if code in ("A1", "A2"):
                    row["数值"] = at.at[(district, name, f"{year}-12"), "数值"]
                elif code in ("B1", "B2"):
                    row["数值"] = at.at[(district, name.removesuffix("增速"), f"{year}-12"), "同比"]
                elif code == "A3":
                    row["数值"] = at.at[(district, FIRMS, str(year)), "数值"]
                elif code == "B4":
                    row["数值"] = at.at[(district, FIRMS, str(year)), "数值"] - at.at[(district, FIRMS, str(year - 1)), "数值"]
                elif code[0] == "E":
                    row["数值"] = counts.at[district, (year, code)]
                else:
                    row |= _given(rng, code, k, year, roster)
                rows.append(row | (SPEECH if (district, code, year) == (BENCHMARK, "A2", 2022) else {}))
    return pd.DataFrame(rows, columns=["年份", "区县", "指标", "数值", "下界", "上界", "来源", "状态"])


def _given(rng, code: str, k: int, year: int, roster: dict[str, float]) -> dict:
    value = VALUES_2022[code][k]
    value = roster[code] if value is None and code in roster else value
    shift = rng.normal(0, 0.01)
    if year == 2022:
        if isinstance(value, tuple):
            return {"数值": "**", "下界": value[0], "上界": value[1]}
        return {"数值": "—" if value is None else value}
    middle = sum(value) / 2 if isinstance(value, tuple) else 11.0 if value is None else value
    if code == "B3":
        return {"数值": round(middle + 2.5 + 60 * shift, 1)}
    places = {"C3": 3, "D1": 2, "D4": 0}.get(code, 1)
    return {"数值": round(middle / (1 + DRIFT[code] + shift), places)}


def adjustments() -> pd.DataFrame:
    frame = pd.DataFrame([
        (2022, BENCHMARK, "T", "加分", 0.8, "获省级督查激励（示例）"),
        (2022, "丹枫区", "T", "加分", 0.5, "承办全市现场会（示例）"),
        (2022, "松涧县", "T", "扣分", 0.5, "发生较大生产安全事故（示例）"),
    ], columns=["年份", "区县", "节点", "类型", "分值", "事由"])
    return frame.assign(来源=SOURCE, 状态="示例")
