"""Generate ``demo.xlsx``, the illustrative case: ``python data/raw/make_demo.py [path]``.

Fixed seeds drive everything, so the same code gives the same tables. Only the benchmark's
2022 invoiced sales (473.6) is a published figure; all else is invented and marked 示例.
Consistent by construction: December 2022 of the series = the 2022 totals; the home
totals, 高新技术企业 and 研发机构 figures = sums and counts over the roster; recognition
counts = numbers of names on the lists up to the year; sales by chain sum to the district's,
and the home district's of 2022 are the sums over the roster.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd

RAW = Path(__file__).resolve().parent
sys.path[:0] = [str(RAW), str(RAW.parents[1])]

import demo_districts as districts  # noqa: E402
import demo_enterprises as firms_of  # noqa: E402
import demo_growth as growth  # noqa: E402
import demo_names as names_of  # noqa: E402
import demo_plan as plan  # noqa: E402
from analysis.assessment import assess  # noqa: E402
from analysis.dictionary import load  # noqa: E402
from analysis.template import write_case  # noqa: E402
from demo_districts import BENCHMARK, DISTRICTS, HOME, SALES, SOURCE, VALUE_ADDED  # noqa: E402

SEED = 20221231
RECOGNISED = {"E1": "省级企业技术中心", "E2": "省级专精特新中小企业", "E3": "省级绿色工厂"}
BATCHES = {2018: "第一批", 2019: "第二批", 2020: "第三批", 2021: "第四批", 2022: "第五批"}
# Stock at the end of 2022 by district, in the order of DISTRICTS.
STOCK = {"E1": (6, 11, 14, 9, 6, 10, 8, 7, 5), "E2": (12, 38, 45, 29, 15, 33, 27, 24, 19), "E3": (2, 6, 7, 4, 3, 5, 4, 3, 2)}
PACE = {2018: 0.10, 2019: 0.13, 2020: 0.17, 2021: 0.24, 2022: 0.36}
APPLIED = {(2022, "已申报"): 14, (2022, "未通过"): 4, (2021, "未通过"): 6}
META = {
    "标题": "示例市2022年度工业高质量发展考核复盘", "城市": "示例市", "年度": "2022", "本区": HOME, "对标区": BENCHMARK,
    "数据性质": "示例数据（除标杆区2022年规模以上工业开票销售473.6亿元为公布数外，均为编造）",
    "并列规则": "同位", "得分小数位": "2", "对账容差": "0.01", **growth.TARGET, **plan.GOAL,
    "资料来源": "示例数据生成器 data/raw/make_demo.py；标杆区开票销售见培训班讲话（2022年）；认定条件的出处逐条注明",
    "制作说明": "固定随机种子生成，人人可重做；区县、镇街、企业名称和信用代码均为虚构，不对应任何真实单位",
}


def build(seed: int = SEED) -> dict[str, pd.DataFrame]:
    """All tables of the demo by sheet name."""
    rng = np.random.default_rng(seed)
    rules = pd.read_csv(RAW / "sources/recognition_rules.csv", dtype=str, encoding="utf-8-sig").fillna("")
    # Other provinces' standards are there to be compared with, not to be applied for.
    rules = rules[~rules["认定"].str.contains("参考")]
    firms = firms_of.roster(rng, rules)
    firms, lists = recognitions(rng, firms)
    lists, settled = names_of.blur(lists, firms)
    above = firms[firms["是否规上"]]
    home = {SALES: round(above["开票销售"].sum() / 1e4, 2), VALUE_ADDED: round(above["工业增加值"].sum() / 1e4, 2)}
    own = {"D2": round(100 * float(above["有研发机构"].mean()), 1), "D4": int(firms["高新技术企业"].sum())}
    series = districts.series(rng, home, len(above)).assign(分项="")
    tables = {
        "说明": pd.DataFrame({"键": list(META), "值": list(META.values())}),
        "区县": DISTRICTS[["区县", "角色", "分组"]],
        "考核方案": districts.scheme(),
        "指标值": districts.values(rng, series, stock(lists), own),
        "加减分": districts.adjustments(),
        "时间序列": pd.concat([districts.told(series), growth.chains(series, firms)], ignore_index=True),
        "情景": growth.scenarios(),
        "镇街园区": growth.towns(firms_of.TOWNS),
        "企业": firms_of.more_fields(firms_of.blank_some(rng, firms), firms).drop(columns=["class", "创新型"]),
        "认定条件": rules,
        "认定名单": lists,
        "名单核对": settled,
        "申报约定": plan.terms(),
    }
    return tables | {"公布结果": published(tables)}


def recognitions(rng: np.random.Generator, firms: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The recognition lists, and the roster adjusted to agree with them."""
    firms, rows = firms.copy(), []
    qualified = firms.index[firms["class"] == "符合"]
    oldest = firms.loc[qualified].sort_values(["成立年份", "统一社会信用代码"]).index
    specialised = list(oldest[:STOCK["E2"][0]])
    centres = list(firms.loc[qualified].sort_values(["研发费用", "统一社会信用代码"], ascending=False).index[:STOCK["E1"][0]])
    firms.loc[centres, "有研发机构"] = True
    firms.loc[centres, "研发机构级别"] = "省级"
    centres.sort(key=lambda row: (firms.at[row, "成立年份"], row))
    green = centres[:STOCK["E3"][0]]
    firms.loc[green, ["质量管理体系认证", "环境管理体系认证", "能源管理体系认证"]] = True
    firms.loc[green, firms_of.FLAGS] = False
    for code, chosen in (("E1", centres), ("E2", specialised), ("E3", green)):
        for row, year in zip(chosen, years(len(chosen)), strict=True):
            rows.append(entry(rng, RECOGNISED[code], firms.loc[row], year, "已认定"))
    waiting = [row for row in rng.permutation(qualified) if row not in specialised]
    for (year, result), count in APPLIED.items():
        rows += [entry(rng, RECOGNISED["E2"], firms.loc[waiting.pop()], year, result) for _ in range(count)]
    rows += [entry(rng, "创新型中小企业", firms.loc[row], 2022, "已认定") for row in firms.index[firms["创新型"]]]
    for k, district in enumerate(DISTRICTS["区县"][1:], start=1):
        for code, counts in STOCK.items():
            names: list[str] = []
            for year in years(counts[k]):
                while (name := rival(rng, district)) in names:
                    pass
                names.append(name)
                rows.append(row_of(RECOGNISED[code], name, "", year, district, "已认定"))
    return firms, pd.DataFrame(rows).assign(来源=SOURCE, 状态="示例")


def years(count: int) -> list[int]:
    """Years of ``count`` recognitions at the common pace, earliest first."""
    edges = np.round(np.cumsum([count * share for share in PACE.values()])).astype(int)
    return [list(PACE)[int(np.searchsorted(edges, i, side="right"))] for i in range(count)]


def entry(rng, certification: str, firm: pd.Series, year: int, result: str) -> dict:
    """One listed firm, its name now and then written as lists do: former name, other brackets, spaces."""
    name, form = firm["企业名称"], rng.random()
    if firm["曾用名"] and form < 0.6:
        name = firm["曾用名"]
    elif form < 0.2:
        name = name.translate(str.maketrans("（）()", "()（）"))
    elif form > 0.95:
        name = name[:4] + " " + name[4:]
    code = firm["统一社会信用代码"] if rng.random() < 0.5 else ""
    return row_of(certification, name, code, year, HOME, result)


def rival(rng, district: str) -> str:
    """An invented firm of another district."""
    chain = str(rng.choice(list(firms_of.CHAINS)))
    first, second = (str(rng.choice(list(letters))) for letters in (firms_of.FIRST, firms_of.SECOND))
    return f"示例{district[:2]}{first}{second}{rng.choice(firms_of.CHAINS[chain][2])}有限公司"


def row_of(certification: str, name: str, code: str, year: int, district: str, result: str) -> dict:
    # Three years' validity, extended on review: the first expiry that lies after 2022.
    lasting = certification in ("省级专精特新中小企业", "创新型中小企业") and result == "已认定"
    expiry = next(y for y in range(year + 3, 2040, 3) if y > 2022)
    return {"认定": certification, "企业名称": name, "统一社会信用代码": code, "年份": year, "批次": BATCHES[year],
            "区县": district, "结果": result, "有效期至": f"{expiry}-12-31" if lasting else ""}


def stock(lists: pd.DataFrame) -> pd.DataFrame:
    """District × (year, indicator code): names recognised up to the end of the year."""
    held = lists[lists["结果"] == "已认定"]
    return pd.DataFrame({
        (year, code): held[(held["认定"] == name) & (held["年份"] <= year)].groupby("区县").size()
        for year in (2021, 2022) for code, name in RECOGNISED.items()
    }).fillna(0).astype(int)


def published(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """What the city 'announced': the engine's own scores to 2 decimals, two disagreements, some ``**``.

    Planted: one rounding-size difference (0.02), and one of 0.3 points in 质量效益 that
    lifts a district over the one ahead of it in its ranking group.
    """
    result = score(tables)
    nodes = ["T", "A", "B", "C", "D", "E"]
    scores, ranks = result.scores[nodes].round(2), result.ranks[nodes].astype(int)
    scores.loc["砚湖区", "B"] = round(scores.loc["砚湖区", "B"] + 0.02, 2)
    lower, upper, node = overtaken(result.scores, result.ranks, result.groups, nodes[1:])
    scores.loc[lower, node] = round(scores.loc[lower, node] + 0.3, 2)
    ranks.loc[lower, node], ranks.loc[upper, node] = ranks.loc[upper, node], ranks.loc[lower, node]
    frame = pd.DataFrame([
        {"年份": 2022, "区县": d, "节点": node, "得分": scores.at[d, node], "位次": ranks.at[d, node]}
        for node in nodes for d in scores.index
    ]).astype({"得分": object, "位次": object})
    frame.loc[(frame["节点"] == "D") & frame["区县"].isin(["丹枫区", "青棠县"]), "得分"] = "**"
    frame.loc[(frame["节点"] == "C") & (frame["区县"] == "松涧县"), ["得分", "位次"]] = "**"
    frame.loc[(frame["节点"] == "T") & (frame["区县"] == "望禾县"), "得分"] = "**"
    return frame.assign(来源=SOURCE, 状态="示例")


def score(tables: dict[str, pd.DataFrame]):
    """The engine's assessment of the demo's 2022 tables."""
    scheme, values, bonus = (
        tables[sheet.title].rename(columns={c.header: c.name for c in sheet.columns})
        for sheet in map(load().sheet, ("scheme", "values", "adjustments"))
    )
    values = values[values["year"] == 2022].assign(masked=lambda v: v["value"].eq("**"))
    values["value"] = pd.to_numeric(values["value"], errors="coerce")
    wide = {c: values.pivot(index="district", columns="indicator", values=c).reindex(DISTRICTS["区县"])
            for c in ("value", "low", "high", "masked")}
    scheme["weight"] = pd.to_numeric(scheme["weight"])
    return assess(wide.pop("value"), scheme, groups=DISTRICTS.set_index("区县")["分组"], adjustments=bonus, decimals=2, **wide)


def overtaken(scores, ranks, groups, nodes) -> tuple[str, str, str]:
    """A district within 0.3 points behind its neighbour in some node: (district, neighbour, node)."""
    for node in nodes:
        for lower in scores.index:
            for upper in scores.index[groups == groups[lower]]:
                gap = scores.at[upper, node] - scores.at[lower, node]
                if 0.02 < gap < 0.28 and ranks.at[lower, node] == ranks.at[upper, node] + 1:
                    return lower, upper, node
    raise ValueError("no two neighbours within 0.3 points: change the seed")


if __name__ == "__main__":
    write_case(build(), Path(sys.argv[1]) if len(sys.argv) > 1 else RAW / "demo.xlsx")
