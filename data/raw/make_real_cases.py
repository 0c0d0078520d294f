"""Make the three real bundled cases from the tables transcribed in ``sources/``.

Run: ``python data/raw/make_real_cases.py``. Nothing is estimated here: every figure is
copied, and the only computed ones are the six group weights, sums of the 56 official ones.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd

RAW = Path(__file__).resolve().parent
sys.path.insert(0, str(RAW.parents[1]))

from analysis.template import write_case  # noqa: E402

ROOT_NAME = "绿色发展指数"
INDICES = {
    "T1": "资源利用指数", "T2": "环境治理指数", "T3": "环境质量指数",
    "T4": "生态保护指数", "T5": "增长质量指数", "T6": "绿色生活指数",
}
SATISFACTION = "公众满意程度"
SCHEME_SOURCE = "《绿色发展指标体系》（2016年）"
FIRMS = "规上工业企业单位数"
# From memory, no text at hand: said so wherever it is shown.
RAISED = "规上工业起点自2011年由年主营业务收入500万元提高到2000万元（未附原文，待核），2010年及以前与以后年份不可比"
BORROWED = "本省权数未公布，借用国家方案；能否用于本省不详"


def group_weights() -> dict[str, float]:
    """Weight of each of the six groups (%): sum of its indicators' official weights."""
    table = pd.read_csv(RAW / "sources/green_index_weights_56.csv")
    name = table["group"].str.extract(r"、(.+?)\(")[0] + "指数"
    sums = table.assign(name=name).groupby("name")["weight_pct"].sum().round(2)
    return {code: float(sums[index]) for code, index in INDICES.items()}


def scheme(borrowed: bool) -> pd.DataFrame:
    status, note = ("推算", BORROWED) if borrowed else ("公布", "权数为该类各指标权数之和")
    rows = [{"代码": "T", "名称": ROOT_NAME, "合成方法": "加权平均", "来源": SCHEME_SOURCE, "状态": "公布"}]
    for code, weight in group_weights().items():
        rows.append({"代码": code, "名称": INDICES[code], "上级": "T", "权重": weight, "方向": "正向",
                     "计分方法": "直接", "缺失处理": "报错", "单位": "指数", "类别": "其他",
                     "来源": SCHEME_SOURCE, "状态": status, "备注": note})
    rows.append({"代码": "T7", "名称": SATISFACTION, "上级": "T", "权重": 0, "方向": "正向", "计分方法": "直接",
                 "缺失处理": "剔除", "单位": "%", "类别": "其他", "来源": SCHEME_SOURCE, "状态": "公布",
                 "备注": "公报单列，不参与绿色发展指数计算"})
    return pd.DataFrame(rows)


def values(table: pd.DataFrame, bulletin: str) -> pd.DataFrame:
    codes = {name: code for code, name in INDICES.items()} | {SATISFACTION: "T7"}
    long = table.melt(["年份", "地区"], list(codes), "指标", "数值").dropna(subset="数值")
    long["指标"] = long["指标"].map(codes)
    long = long.rename(columns={"地区": "区县"}).sort_values(["年份", "区县", "指标"], kind="stable")
    return long.assign(来源=long["年份"].map(lambda year: bulletin.format(year=year)), 状态="公布")


def published(table: pd.DataFrame, bulletin: str) -> pd.DataFrame:
    frame = table.rename(columns={"地区": "区县", ROOT_NAME: "得分", "公布排名": "位次"})
    frame = frame[["年份", "区县", "得分", "位次"]].assign(节点="T").sort_values(["年份", "位次"])
    return frame.assign(来源=frame["年份"].map(lambda year: bulletin.format(year=year)), 状态="公布")


def make(folder: str, source: str, bulletin: str, meta: dict, home: str, benchmark: str, borrowed: bool) -> Path:
    """Write one case folder from one transcribed bulletin table."""
    table = pd.read_csv(RAW / "sources" / source)
    roles = {home: "本区", benchmark: "对标"}
    cities = list(dict.fromkeys(table["地区"]))
    tables = {
        "说明": pd.DataFrame({"键": list(meta), "值": list(meta.values())}),
        "区县": pd.DataFrame({"区县": cities, "角色": [roles.get(c, "其他") for c in cities]}),
        "考核方案": scheme(borrowed),
        "指标值": values(table, bulletin),
        "公布结果": published(table, bulletin),
    }
    return write_case(tables, RAW / folder)


def firm_counts() -> pd.DataFrame:
    """时间序列 of the Guangdong panel: the years printed in the yearbook table and no others."""
    table = pd.read_csv(RAW / "sources/guangdong_cities_industrial_firm_counts.csv")
    return pd.DataFrame({
        "区县": table["地市"] + "市", "指标": FIRMS, "期间": table["年份"].astype(str), "数值": table["规上工业企业单位数_个"],
        "单位": "家", "来源": table["来源"], "状态": "公布", "备注": [RAISED if year < 2011 else "" for year in table["年份"]],
    })


def make_guangdong(home: str, benchmark: str) -> Path:
    """The case that has time series only: 21 cities, nine years between 2000 and 2023."""
    series = firm_counts()
    years = sorted(series["期间"].unique())
    roles = {home: "本区", benchmark: "对标"}
    cities = list(dict.fromkeys(series["区县"]))
    meta = {
        "标题": "广东省21市规上工业企业单位数（2000—2023年）", "城市": "广东省", "年度": years[-1], "本区": home, "对标区": benchmark,
        "地区称呼": "市", "数据性质": "公布数据", "目标年份": "2028", "目标概率": "80%", "追赶指标": FIRMS, "可比起始年": "2011",
        "资料来源": "、".join(series["来源"].unique()),
        "制作说明": f"由 data/raw/make_real_cases.py 从年鉴转录表生成；只有 {'、'.join(years)} 年，其余年份原表没有刊载，没有插补；"
                    f"{RAISED}；本市、对标市、目标年份、目标概率为演示用，由本项目选定，不代表任何单位的意图",
    }
    tables = {
        "说明": pd.DataFrame({"键": list(meta), "值": list(meta.values())}),
        "区县": pd.DataFrame({"区县": cities, "角色": [roles.get(c, "其他") for c in cities]}),
        "时间序列": series,
    }
    return write_case(tables, RAW / "guangdong-firms")


def main() -> None:
    shared = {"地区称呼": "市", "数据性质": "公布数据", "并列规则": "同位", "得分小数位": "2", "对账容差": "0.01"}
    make("anhui-2016", "anhui_green_index_2016.csv", "安徽省{year}年生态文明建设年度评价结果公报", {
        "标题": "安徽省2016年生态文明建设年度评价（绿色发展指数）", "城市": "安徽省", "年度": "2016",
        "本区": "滁州市", "对标区": "芜湖市", **shared,
        "资料来源": f"安徽省2016年生态文明建设年度评价结果公报；{SCHEME_SOURCE}",
        "制作说明": "由 data/raw/make_real_cases.py 从公报转录表生成；六类权数为国家方案各指标权数之和，归一后合成；"
                    "本市、对标市为演示用，由本项目选定",
    }, "滁州市", "芜湖市", borrowed=False)
    make("zhejiang-2016-2019", "zhejiang_green_index_2016_2019.csv", "浙江省{year}年生态文明建设年度评价结果公报", {
        "标题": "浙江省2016—2019年生态文明建设年度评价（绿色发展指数）", "城市": "浙江省", "年度": "2019",
        "本区": "台州市", "对标区": "湖州市", **shared,
        "资料来源": f"浙江省2016—2019年生态文明建设年度评价结果公报；{SCHEME_SOURCE}",
        "制作说明": "由 data/raw/make_real_cases.py 从公报转录表生成；" + BORROWED +
                    "，因此与公布指数对不上，对账结果如实列出差异；公众满意程度未公布；本市、对标市为演示用，由本项目选定",
    }, "台州市", "湖州市", borrowed=True)
    make_guangdong("惠州市", "中山市")


if __name__ == "__main__":
    main()
