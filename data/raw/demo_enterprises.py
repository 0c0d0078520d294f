"""Roster of the illustrative home district: towns, 400 invented enterprises, their rule fields.

Candidates are drawn from one joint distribution (size, innovation), judged by the same
clauses as the rules sheet, and sampled so that each class has the wanted number of firms.
"""

from __future__ import annotations

import demo_names
import numpy as np
import pandas as pd

TOWNS = {
    **dict.fromkeys(["苔溪镇", "杏塘镇", "南圩镇", "桑渡镇", "禾墩镇", "鹭洲镇", "陶渡镇", "苇荡镇", "麦垛镇"], "镇"),
    **dict.fromkeys(["砚桥街道", "望湖街道", "榆园街道"], "街道"),
    **dict.fromkeys(["示例区经济开发区", "示例区智能装备产业园", "示例区绿色食品产业园"], "园区"),
}
# chain -> (share of firms, industry, words for the products)
CHAINS = {
    "高端装备": (0.24, "通用设备制造业", ("精密机械", "智能装备", "液压科技", "传动设备")),
    "电子信息": (0.18, "计算机、通信和其他电子设备制造业", ("电子科技", "光电", "微电子", "传感技术")),
    "新能源": (0.14, "电气机械和器材制造业", ("新能源", "电气", "储能科技", "电力设备")),
    "化工新材料": (0.15, "化学原料和化学制品制造业", ("新材料", "高分子材料", "精细化工")),
    "绿色食品": (0.17, "农副食品加工业", ("食品", "生物科技", "粮油", "调味品")),
    "绿色建材": (0.12, "非金属矿物制品业", ("建材", "节能材料", "装配构件")),
}
FIRST, SECOND = "澜铂砾钰曜霁煦屹甬瀚煜泽榕峤昶黛", "拓腾奥菲科诺芯晟宸衡研锐鼎沃纬朗"
TAILS = ("有限公司", "有限公司", "有限公司", "股份有限公司", "有限责任公司", "制造有限公司")
LETTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
ORG_LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
CLASSES = {"符合": 54, "符合但缺字段": 10, "符合但缺前置": 10, "接近": 60, "不符": 266}
DECISIVE = ["从事细分市场年限", "研发费用", "营业收入", "职工人数"]
# Kept complete: the district's totals and counts are added up from these.
COMPLETE = ["开票销售", "工业增加值", "高新技术企业", "主营业务收入", "有研发机构"]
FLAGS = ["近三年重大安全事故", "近三年重大环境违法", "严重失信", "近三年较大安全质量事故", "近三年突发环境事件",
         "督查严重问题", "节能监察整改未完成"]


def credit_code(body: str) -> str:
    """18-character code from the first 8 characters of the entity number.

    Region 329901 is not in use, so no real firm has such a code. Check digits follow
    GB 11714 (weights 3,7,9,10,5,8,4,2, modulus 11) and GB 32100 (weights 3^i, modulus 31).
    """
    total = sum(ORG_LETTERS.index(c) * w for c, w in zip(body, (3, 7, 9, 10, 5, 8, 4, 2), strict=True))
    code = "91329901" + body + "0123456789X0"[11 - total % 11]
    total = sum(LETTERS.index(c) * pow(3, i, 31) for i, c in enumerate(code))
    return code + LETTERS[-total % 31]


def candidates(rng: np.random.Generator, n: int) -> pd.DataFrame:
    """``n`` invented firms; money in 10,000 yuan, innovation ``q`` raises most rule fields."""
    size, spare = rng.normal(size=(2, n))
    q = 0.25 * size + np.sqrt(1 - 0.25**2) * spare

    def noise(sd=1.0):
        return rng.normal(0, sd, n)

    def chance(centre, slope=0.0):
        return rng.random(n) < 1 / (1 + np.exp(-(centre + slope * q)))

    age = np.clip(3 + rng.gamma(2.2, 4.2, n), 2, 34).astype(int)
    revenue = np.clip(np.exp(8.42 + 0.98 * size), 500, 260000)
    prev = revenue / (1 + np.clip(0.05 + 0.035 * q + noise(0.11), -0.4, 0.8))
    prev2 = prev / (1 + np.clip(0.07 + 0.03 * q + noise(0.10), -0.4, 0.8))
    main = np.clip(0.91 + noise(0.09), 0.42, 0.995)
    share = np.clip(np.exp(np.log(1.75) + 0.42 * q + noise(0.45)), 0.05, 14) / 100
    margin = np.clip(5 + 2.0 * q + noise(3.6), -12, 24) / 100
    assets = revenue * np.exp(0.1 + noise(0.35))
    debt = np.clip(53 - 4 * q + noise(15), 8, 96) / 100
    equity = np.where(rng.random(n) < 0.03, rng.uniform(300, 8000, n), 0)
    staff = np.clip(revenue / np.exp(np.log(72) + noise(0.4)), 8, 2400).astype(int)
    ip1 = rng.poisson(np.exp(-0.7 + 0.75 * q))
    ip1_own = rng.binomial(ip1, 0.8)
    institute = chance(-0.75, 1.0)
    level = np.select([q + noise(0.5) > 2.6, q + noise(0.5) > 1.5, q + noise(0.5) > 0.3], ["国家级", "省级", "市级"], "市级以下")
    grade = np.digitize(0.5 * q + 0.3 * size + noise(0.8), [-0.3, 0.7, 1.9])
    field = rng.choice(["补短板锻长板填空白", "工业六基等", "其他"], n, p=[0.15, 0.25, 0.60])
    award = np.where(rng.random(n) < 0.008, rng.integers(1, 7, n), 0)
    value_added = revenue * np.clip(0.225 + noise(0.04), 0.08, 0.4)
    frame = pd.DataFrame({
        "成立年份": 2022 - age, "从事细分市场年限": np.maximum(1, (age * rng.uniform(0.3, 1.0, n)).astype(int)),
        "营业收入": revenue, "上年营业收入": prev, "前年营业收入": prev2, "主营业务收入": revenue * main,
        "上年主营业务收入": prev * np.clip(main + noise(0.015), 0.4, 0.995),
        "前年主营业务收入": prev2 * np.clip(main + noise(0.02), 0.4, 0.995),
        "研发费用": revenue * share, "上年研发费用": prev * share * np.exp(-0.05 + noise(0.15)),
        "净利润": revenue * margin, "资产总额": assets, "负债总额": assets * debt, "近两年股权融资": equity,
        "开票销售": revenue * np.exp(0.03 + noise(0.05)), "工业增加值": value_added,
        "研发设备原值": revenue * share * rng.uniform(0.6, 3.0, n),
    }).round(0)
    frame = frame.astype({c: int for c in frame})
    return frame.assign(**{
        "职工人数": staff, "研发人员数": np.minimum(staff, np.ceil(staff * np.clip(8 + 4 * q + noise(4), 1, 45) / 100)).astype(int),
        "I类知识产权": ip1, "I类知识产权自主研发": ip1_own, "I类高价值知识产权": rng.binomial(ip1_own, 0.25),
        "II类知识产权": rng.poisson(np.exp(1.0 + 0.6 * q)), "省级科技奖励位次": award, "国家级科技奖励位次": 0,
        "细分市场占有率": np.clip(np.exp(1.5 + 0.4 * q + noise(0.8)), 0.1, 68).round(1),
        "综合能源消费量": (value_added * np.exp(-1.0 + noise(0.6))).round(0).astype(int),
        "创客中国五百强": rng.random(n) < 0.003, **{flag: rng.random(n) < 0.012 for flag in FLAGS},
        "有研发机构": institute, "研发机构级别": np.where(institute, level, "未建立"), "高新技术企业": chance(-1.6, 1.2),
        "质量管理体系认证": chance(0.8, 0.5), "环境管理体系认证": chance(-0.3, 0.5), "能源管理体系认证": chance(-1.9, 0.4),
        "自主品牌": chance(-0.3, 0.5), "参与制修订标准": chance(-2.0, 0.8), "省级以上质量奖": chance(-4.0, 0.6),
        "数字化水平": np.array(["一级", "二级", "三级", "四级"])[grade], "主导产品领域": field,
        "千企升级培育库": chance(-1.2, 1.0), "本省注册制造业企业": True, "创新型": chance(-1.3, 1.2),
        "是否规上": (frame["主营业务收入"] >= 2000).to_numpy(),
    })


def judge(firms: pd.DataFrame, rules: pd.DataFrame) -> pd.DataFrame:
    """Which hard conditions of the rules each complete firm meets, misses narrowly, misses.

    Columns ``met`` (all hard conditions), ``near`` (all but one, that one within 容差) and
    ``sme`` (the size precondition).
    """
    firms = firms.assign(地方特色得分=0)
    points = pd.DataFrame(0.0, firms.index, sorted(set(rules.loc[rules["条款"] == "评分", "组"])))
    for rule in rules[rules["条款"] == "评分"].itertuples():
        points[rule.组] = np.maximum(points[rule.组], np.where(_holds(firms, rule), float(rule.分值), 0.0))
    firms = firms.assign(评价得分=points.sum(axis=1))
    direct = np.logical_or.reduce([_holds(firms, r) for r in rules[rules["条款"] == "直通"].itertuples()])
    hard, close = {}, {}
    for group, rows in rules[rules["条款"] == "硬条件"].groupby("组"):
        hard[group] = np.logical_or.reduce([_holds(firms, r) for r in rows.itertuples()])
        close[group] = np.logical_or.reduce([_holds(firms, r, slack=True) for r in rows.itertuples()])
    hard["A5"] = hard["A5"] | direct
    failed = sum(~met for met in hard.values())
    slack = np.logical_and.reduce([hard[g] | close[g] for g in hard])
    sme = (firms["职工人数"] < 1000) | (firms["营业收入"] < 40000)
    return pd.DataFrame({"met": failed == 0, "near": (failed == 1) & slack, "sme": sme}, index=firms.index)


def _holds(firms: pd.DataFrame, rule, slack: bool = False) -> np.ndarray:
    value = firms.eval(rule.字段, engine="python").to_numpy()
    if rule.比较 in ("=", "属于"):
        wanted = [True if t == "是" else t for t in rule.门槛.split("|")]
        return np.isin(value, wanted)
    if rule.比较 == "介于":
        low, high = map(float, rule.门槛.split("~"))
        return (value >= low) & (value < high)
    edge, give = float(rule.门槛), float(rule.容差 or 0) if slack else 0.0
    return value >= edge - give if rule.比较 == ">=" else value <= edge + give


def roster(rng: np.random.Generator, rules: pd.DataFrame) -> pd.DataFrame:
    """400 firms in random order with the hidden columns ``class`` and ``创新型`` (not written out)."""
    rules = rules[(rules["认定"] == "省级专精特新中小企业") & (rules["适用止"] == "2026-03-31")]
    pool = candidates(rng, 9000)
    verdict = judge(pool, rules)
    pools = {"符合": pool[verdict["met"] & verdict["sme"]], "接近": pool[verdict["near"] & verdict["sme"]],
             "不符": pool[~verdict["met"] & ~verdict["near"]]}
    taken, used = [], {name: 0 for name in pools}
    for name, count in CLASSES.items():
        source = name[:2]
        part = pools[source].iloc[used[source]:used[source] + count]
        used[source] += count
        taken.append(part.assign(**{"class": name}))
    firms = pd.concat(taken, ignore_index=True).iloc[rng.permutation(sum(CLASSES.values()))].reset_index(drop=True)
    ready = firms["class"].isin(["符合", "符合但缺字段"])
    for column in ("千企升级培育库", "创新型"):
        firms[column] = np.where(ready, True, np.where(firms["class"] == "符合但缺前置", False, firms[column]))
    return _identify(rng, firms)


def _identify(rng: np.random.Generator, firms: pd.DataFrame) -> pd.DataFrame:
    n = len(firms)
    chains = rng.choice(list(CHAINS), n, p=[c[0] for c in CHAINS.values()])
    names, codes = [], []
    for chain in chains:
        while (name := _name(rng, chain)) in names:
            pass
        while (code := credit_code("MA" + "".join(rng.choice(list(LETTERS), 6)))) in codes:
            pass
        names.append(name)
        codes.append(code)
    former = [""] * n
    for i in rng.choice(n, 14, replace=False):
        while (old := _name(rng, chains[i])) in names + former:
            pass
        former[i] = old
    names = demo_names.distinct(names, former, lambda apart, k: _name(apart, chains[k]))
    return firms.assign(**{
        "统一社会信用代码": codes, "企业名称": names, "曾用名": former, "产业链": chains,
        "行业": [CHAINS[c][1] for c in chains], "镇街园区": [_town(rng, c) for c in chains],
        "来源": "示例数据生成器", "状态": "示例",
    })


def _name(rng: np.random.Generator, chain: str) -> str:
    brand = str(rng.choice(list(FIRST))) + str(rng.choice(list(SECOND)))
    word, tail = str(rng.choice(CHAINS[chain][2])), str(rng.choice(TAILS))
    form = rng.random()
    if form < 0.06:
        return f"{brand}{word}（示例）{tail}"
    if form < 0.10:
        return f"{brand}{word}(示例){tail}"
    if form < 0.13:
        return f"示例市{brand}{word}工程技术研究与综合应用服务（集团）股份有限公司"
    return f"示例{'市' if form < 0.5 else ''}{brand}{word}{tail}"


def _town(rng: np.random.Generator, chain: str) -> str:
    parks = {"高端装备": "示例区智能装备产业园", "绿色食品": "示例区绿色食品产业园"}
    places = list(TOWNS)
    if rng.random() < 0.45:
        return parks.get(chain, "示例区经济开发区")
    # Each chain leans on its own towns, so that location quotients have something to show.
    start = list(CHAINS).index(chain) * 2
    weights = np.array([4.0 if (k - start) % 12 < 3 else 1.0 for k in range(12)])
    return str(rng.choice(places[:12], p=weights / weights.sum()))


def blank_some(rng: np.random.Generator, firms: pd.DataFrame, share: float = 0.09) -> pd.DataFrame:
    """Remove about ``share`` of the rule fields, a little less in all: firms that clearly
    qualify stay complete, and near misses keep what decides."""
    fields = [c for c in firms if c not in COMPLETE and c in _rule_fields()]
    firms = firms.astype({c: object for c in fields})
    open_rows = firms.index[firms["class"].isin(["接近", "不符"])]
    hidden = rng.random((len(open_rows), len(fields))) < share * len(firms) / len(open_rows)
    for j, column in enumerate(fields):
        keep = firms.loc[open_rows, "class"].eq("接近").to_numpy() & (column in DECISIVE)
        firms.loc[open_rows[hidden[:, j] & ~keep], column] = None
    for row in firms.index[firms["class"] == "符合但缺字段"]:
        firms.loc[row, str(rng.choice(DECISIVE[:3]))] = None
    return firms


def more_fields(firms: pd.DataFrame, complete: pd.DataFrame, seed: int = 20221232) -> pd.DataFrame:
    """Fields of the other recognitions, drawn apart so that the rest of the tables does not depend on them.

    Only firms that qualify anyway have local points, so that the classes stay what they are.
    """
    rng, n = np.random.default_rng(seed), len(firms)
    innovation = complete["研发费用"].rank(pct=True).to_numpy()
    equity = complete["近两年股权融资"].to_numpy() + np.where(rng.random(n) < 0.02, rng.uniform(200, 1500, n).round(0), 0)
    extra = pd.DataFrame({
        "近三年股权融资": np.where(rng.random(n) < 0.05, np.nan, equity), "地方特色得分": np.where(complete["class"] == "符合", rng.integers(0, 11, n), 0),
        "战略性新兴产业": rng.random(n) < 0.15 + 0.4 * innovation, "核心业务信息系统": rng.random(n) < 0.3 + 0.6 * innovation,
        "创客中国五十强": False, "市级企业技术中心年限": np.where(complete["研发机构级别"].isin(["市级", "省级"]), rng.integers(0, 6, n), 0),
    }, index=firms.index).astype(object)
    for column in ("战略性新兴产业", "核心业务信息系统"):
        extra.loc[rng.random(n) < 0.08, column] = None
    return pd.concat([firms, extra.where(extra.notna(), None)], axis=1)


def _rule_fields() -> set[str]:
    return set(candidates(np.random.default_rng(0), 2)) - {"成立年份", "是否规上", "创新型", "本省注册制造业企业"}
