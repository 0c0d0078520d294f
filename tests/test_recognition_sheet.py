"""The score sheets and conditions of the 63号 standards, at, just under and just over each edge, by hand."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.recognitionbook import GIANT, INNOVATIVE, NOBODY, SPECIALISED, granted, only, roster, rule, screened

# Everything known, no point anywhere: revenue 10,000, nothing above the lowest band.
NOTHING = {
    "职工人数": 100.0, "营业收入": 10000.0, "上年营业收入": 10000.0, "主营业务收入": 5000.0, "上年主营业务收入": 6000.0, "前年主营业务收入": 7000.0,
    "从事细分市场年限": 0.0, "研发费用": 0.0, "上年研发费用": 0.0, "净利润": 0.0, "资产总额": 1000.0, "负债总额": 900.0, "研发人员数": 0.0, "近两年股权融资": 0.0,
    "近三年股权融资": 0.0, "I类知识产权": 0.0, "I类知识产权自主研发": 0.0, "I类高价值知识产权": 0.0, "II类知识产权": 0.0, "省级科技奖励位次": 0.0,
    "国家级科技奖励位次": 0.0, "创客中国五百强": False, "创客中国五十强": False, "千企升级培育库": True, "数字化水平": "一级", "主导产品领域": "其他",
    "研发机构级别": "未建立", "省级以上质量奖": False, "质量管理体系认证": False, "自主品牌": False, "参与制修订标准": False, "地方特色得分": 0.0,
    "战略性新兴产业": False, "高新技术企业": False, "核心业务信息系统": False, "细分市场占有率": 0.0,
}


def points(certification, changes):
    found = screened(only(certification), roster(*(NOTHING | c for c in changes))).table
    assert (found["score_low"] == found["score_high"]).all()
    return list(found["score_low"])


def growth(percent):
    """Main revenue of three years that grew by the same percent twice."""
    return {"前年主营业务收入": 10000.0, "上年主营业务收入": 10000 * (1 + percent / 100), "主营业务收入": 10000 * (1 + percent / 100) ** 2, "营业收入": 1e6}


SHEET = {
    "1 main business share": [({"主营业务收入": v, "上年主营业务收入": 1e6, "前年主营业务收入": 1e9}, p) for v, p in
                              ((5999, 0), (6000, 1), (6001, 1), (6999, 1), (7000, 3), (7001, 3), (7999, 3), (8000, 5), (8001, 5))],
    "2 growth": [(growth(v), p) for v, p in ((-0.01, 0), (0, 2), (0.01, 2), (3.99, 2), (4, 4), (5.99, 4), (6, 6), (7.99, 6), (8, 8), (9.99, 8), (10, 10), (10.01, 10))],
    "3 years": [({"从事细分市场年限": v}, p) for v, p in ((1.9, 0), (2, 1), (3.9, 1), (4, 2), (6, 3), (7.9, 3), (8, 4), (9.9, 4), (10, 5), (30, 5))],
    "4 product": [({"主导产品领域": v}, p) for v, p in (("其他", 0), ("工业六基等", 3), ("补短板锻长板填空白", 5))],
    "5 digital level": [({"数字化水平": v}, p) for v, p in (("一级", 0), ("二级", 3), ("三级", 5), ("四级", 5))],
    "6 quality": [({}, 0), ({"自主品牌": True}, 3), ({"省级以上质量奖": True}, 3), ({"自主品牌": True, "参与制修订标准": True}, 5),
                  ({"自主品牌": True, "参与制修订标准": True, "质量管理体系认证": True, "省级以上质量奖": True}, 5)],
    "7 net margin": [({"净利润": v}, p) for v, p in ((-500, 0), (199, 0), (200, 2), (201, 2), (399, 2), (400, 4), (599, 4), (600, 6), (799, 6), (800, 8), (999, 8), (1000, 10))],
    "8 debt": [({"负债总额": v}, p) for v, p in ((701, 0), (700, 1), (699, 1), (601, 1), (600, 3), (501, 3), (500, 5), (499, 5))],
    "9 local": [({"地方特色得分": v}, p) for v, p in ((0, 0), (1, 1), (7.5, 7), (15, 15), (20, 15))],
    "10 patents": [({}, 0), ({"II类知识产权": 1.0}, 2), ({"I类知识产权": 1.0}, 6), ({"I类知识产权自主研发": 1.0, "I类知识产权": 1.0}, 8), ({"I类高价值知识产权": 1.0}, 10),
                   ({"II类知识产权": 50.0}, 2)],
    # Revenue 1,000,000 leaves the amount alone; revenue 1,000 makes the share count.
    "11 R&D amount": [({"研发费用": v, "营业收入": 1e6, "主营业务收入": 0.0}, p) for v, p in
                      ((99, 0), (100, 2), (199, 2), (200, 4), (299, 4), (300, 6), (399, 6), (400, 8), (499, 8), (500, 10), (501, 10))],
    "11 R&D share": [({"研发费用": v, "营业收入": 1000.0, "主营业务收入": 0.0}, p) for v, p in
                     ((29.9, 0), (30, 2), (39.9, 2), (40, 4), (59.9, 4), (60, 6), (79.9, 6), (80, 8), (99.9, 8), (100, 10))],
    "12 R&D staff": [({"研发人员数": v}, p) for v, p in ((4.9, 0), (5, 1), (9.9, 1), (10, 3), (19.9, 3), (20, 5))],
    "13 institute": [({"研发机构级别": v}, p) for v, p in (("未建立", 0), ("市级以下", 2), ("市级", 4), ("省级", 8), ("国家级", 10))],
}


@pytest.mark.parametrize("item", SHEET)
def test_each_band_of_the_specialised_sheet(item):
    assert points(SPECIALISED, [c for c, _ in SHEET[item]]) == [p for _, p in SHEET[item]]


def test_the_best_of_everything_is_a_hundred_points():
    best = growth(12) | {"营业收入": 13000.0, "净利润": 2000.0, "负债总额": 100.0, "研发费用": 900.0, "研发人员数": 30.0, "从事细分市场年限": 12.0, "数字化水平": "三级",
                         "主导产品领域": "补短板锻长板填空白", "自主品牌": True, "质量管理体系认证": True, "地方特色得分": 15.0, "I类高价值知识产权": 1.0, "研发机构级别": "国家级"}
    assert points(SPECIALISED, [best]) == [100.0]


INNOVATION = {
    "patents": [({"II类知识产权": 1.0}, 5), ({"I类知识产权": 1.0}, 10), ({"I类知识产权自主研发": 1.0}, 15), ({"I类高价值知识产权": 1.0}, 20)],
    "R&D share": [({"研发费用": v}, p) for v, p in ((99, 0), (100, 5), (199, 5), (200, 10), (299, 10), (300, 15), (499, 15), (500, 20))],
    "growth": [({"主营业务收入": v, "营业收入": 1e6}, p) for v, p in ((5999, 0), (6000, 5), (6299, 5), (6300, 10), (6599, 10), (6600, 15), (6899, 15), (6900, 20))],
    "debt": [({"负债总额": v}, p) for v, p in ((751, 0), (750, 5), (551, 5), (550, 10), (549, 10))],
    "main business share": [({"主营业务收入": v, "上年主营业务收入": 1e6}, p) for v, p in ((4999, 0), (5000, 5), (5499, 5), (5500, 10), (5999, 10), (6000, 15), (6999, 15), (7000, 20))],
    "field": [({"战略性新兴产业": False}, 0), ({"战略性新兴产业": True}, 5)],
}


@pytest.mark.parametrize("item", INNOVATION)
def test_each_band_of_the_innovative_sheet(item):
    # Another field gives 5 points, main business share 50 % another 5, unless the item changes it.
    base = {"growth": 5, "main business share": 5}.get(item, 10)
    assert points(INNOVATIVE, [c for c, _ in INNOVATION[item]]) == [base + p for _, p in INNOVATION[item]]


GOOD = NOTHING | growth(12) | {
    "营业收入": 13000.0, "从事细分市场年限": 10.0, "研发费用": 500.0, "上年研发费用": 480.0, "净利润": 1300.0, "负债总额": 500.0, "研发人员数": 20.0,
    "数字化水平": "三级", "自主品牌": True, "质量管理体系认证": True, "I类知识产权": 2.0, "I类知识产权自主研发": 1.0}
HELD = granted(2, INNOVATIVE)


def status(certification, firm, held=HELD, year=2022):
    return str(screened(only(certification), roster(firm), held, [INNOVATIVE, SPECIALISED]).table["status"].iloc[0])


def test_the_good_firm_scores_68_and_should_have_applied():
    # 5 + 10 + 5 + 0 + 5 + 5 + 10 + 5 + 0 + 8 + 10 + 5 + 0
    assert points(SPECIALISED, [GOOD]) == [68.0] and status(SPECIALISED, GOOD) == "应报未报"


@pytest.mark.parametrize(("changes", "expected"), [
    ({"从事细分市场年限": 2.0}, "应报未报"), ({"从事细分市场年限": 1.9}, "靠靠能报"), ({"从事细分市场年限": 1.0}, "靠靠能报"), ({"从事细分市场年限": 0.9}, "暂不具备"),
    ({"研发费用": 390.0}, "应报未报"), ({"研发费用": 389.9}, "靠靠能报"), ({"研发费用": 338.0}, "靠靠能报"), ({"研发费用": 337.0}, "暂不具备"),
    ({"职工人数": 999.0}, "应报未报"), ({"职工人数": 1000.0, "研发人员数": 200.0}, "应报未报"), ({"千企升级培育库": False}, "靠靠能报"), ({"千企升级培育库": None}, "资料不全"),
    ({"研发费用": None}, "资料不全"), ({"营业收入": None}, "资料不全"), ({"II类知识产权": None}, "应报未报"),
])
def test_hard_conditions_of_the_specialised_standard(changes, expected):
    assert status(SPECIALISED, GOOD | changes) == expected


@pytest.mark.parametrize(("revenue", "equity", "expected"), [(1000, 0, "应报未报"), (999, 0, "靠靠能报"), (899, 0, "暂不具备"), (899, 2000, "应报未报"), (899, 1999, "靠靠能报"),
                                                             (899, 1799, "暂不具备"), (None, 2000, "应报未报"), (None, 0, "资料不全")])
def test_little_revenue_with_new_equity_instead(revenue, equity, expected):
    # R&D 120 keeps the amount and, above 4,000, would lose the share; the award stands in for the score.
    firm = GOOD | {"营业收入": revenue, "近两年股权融资": float(equity), "研发费用": 120.0, "省级科技奖励位次": 1.0}
    found = screened(only(SPECIALISED), roster(firm), HELD, [INNOVATIVE])
    clauses = found.clauses(SPECIALISED)
    group = clauses[(clauses["clause"] == "硬条件") & (clauses["group"] == "A4")]
    if revenue is None:
        assert group["state"].max() == (1 if equity >= 2000 else 0) and (group["state"] == -1).sum() == 1
    else:
        assert str(found.table["status"].iloc[0]) == expected


ROUTES = [({"省级科技奖励位次": v}, ok) for v, ok in ((0, False), (1, True), (3, True), (4, False))] + \
    [({"国家级科技奖励位次": v}, ok) for v, ok in ((0, False), (1, True), (5, True), (6, False))] + \
    [({"研发费用": 1000.0, "上年研发费用": v}, ok) for v, ok in ((999, False), (1000, True), (1001, True))] + \
    [({"近两年股权融资": v}, ok) for v, ok in ((5999, False), (6000, True), (6001, True))] + [({"创客中国五百强": v}, v) for v in (False, True)]


@pytest.mark.parametrize(("changes", "enough"), ROUTES)
def test_each_direct_route_replaces_the_score_and_nothing_else(changes, enough):
    poor = NOTHING | {"从事细分市场年限": 5.0, "研发费用": 400.0}
    assert (status(SPECIALISED, poor | changes) == "应报未报") == enough
    assert status(SPECIALISED, poor | changes | {"从事细分市场年限": 0.0}) == "暂不具备"


def test_score_sixty_is_enough_and_fifty_five_is_near():
    # The good firm without brand (5→3), digital level (5→0) and margin below 10 % steps down to the edge.
    at = GOOD | {"数字化水平": "一级", "质量管理体系认证": False, "从事细分市场年限": 9.0}
    assert points(SPECIALISED, [at, at | {"从事细分市场年限": 7.0}, at | {"净利润": 100.0}, at | {"净利润": 300.0}]) == [60, 59, 50, 52]
    assert status(SPECIALISED, at) == "应报未报" and status(SPECIALISED, at | {"从事细分市场年限": 7.0}) == "靠靠能报"
    five_less = at | {"净利润": 780.0, "从事细分市场年限": 7.0}
    assert points(SPECIALISED, [five_less]) == [55] and status(SPECIALISED, five_less) == "靠靠能报"
    assert status(SPECIALISED, five_less | {"从事细分市场年限": 5.0}) == "暂不具备"


@pytest.mark.parametrize(("changes", "met"), [
    ({}, True), ({"从事细分市场年限": 2.9}, False), ({"细分市场占有率": 9.9}, False), ({"负债总额": 701.0}, False), ({"负债总额": 700.0}, True), ({"核心业务信息系统": False}, False),
    ({"I类知识产权": 1.0}, False), ({"I类知识产权": 0.0, "国家级科技奖励位次": 3.0}, True), ({"I类知识产权": 0.0, "国家级科技奖励位次": 4.0}, False),
    ({"I类知识产权": 0.0, "创客中国五十强": True}, True), (growth(4.9), False), (growth(5), True),
    ({"研发费用": 389.0, "上年研发费用": 300.0}, False), ({"研发费用": 390.0, "上年研发费用": 300.0}, True),
    ({"营业收入": 9999.0, "研发费用": 590.0, "上年研发费用": 600.0}, False), ({"营业收入": 9999.0, "研发费用": 600.0, "上年研发费用": 600.0}, True),
    ({"营业收入": 4999.0, "主营业务收入": 4900.0, "上年主营业务收入": 4500.0, "前年主营业务收入": 4000.0, "近两年股权融资": 8000.0, "研发费用": 3000.0, "研发人员数": 50.0}, True),
    ({"营业收入": 4999.0, "主营业务收入": 4900.0, "上年主营业务收入": 4500.0, "前年主营业务收入": 4000.0, "近两年股权融资": 8000.0, "研发费用": 3000.0, "研发人员数": 49.0}, False),
    ({"营业收入": 4999.0, "主营业务收入": 4900.0, "上年主营业务收入": 4500.0, "前年主营业务收入": 4000.0, "近两年股权融资": 7999.0, "研发费用": 3000.0, "研发人员数": 50.0}, False),
])
def test_conditions_of_the_little_giants(changes, met):
    firm = GOOD | {"营业收入": 13000.0, "上年营业收入": 10000.0, "核心业务信息系统": True, "细分市场占有率": 10.0, "研发费用": 520.0, "上年研发费用": 400.0}
    if "主营业务收入" in changes and changes["前年主营业务收入"] == 10000.0:
        firm = firm | {"营业收入": 15000.0, "研发费用": 900.0}
        changes = {k: v for k, v in changes.items() if k != "营业收入"}
    assert (status(GIANT, firm | changes, granted(2, SPECIALISED)) == "应报未报") == met


@pytest.mark.parametrize(("changes", "expected"), [({}, "应报未报"), ({"高新技术企业": True, "研发费用": 0.0}, "应报未报"), ({"研发费用": 0.0}, "靠靠能报"),
                                                   ({"II类知识产权": 0.0, "研发费用": 0.0}, "暂不具备")])
def test_the_innovative_standard_wants_its_parts_too(changes, expected):
    # Innovation 5 + 15, growth 20 + 10, specialisation 5 + 20; without R&D only 5 + 0 of 20.
    firm = NOTHING | {"主营业务收入": 8000.0, "负债总额": 400.0, "II类知识产权": 1.0, "研发费用": 300.0}
    expected = "暂不具备" if changes == {"研发费用": 0.0} else expected
    assert status(INNOVATIVE, firm | changes, NOBODY) == expected


NUMBERS = [k for k, v in NOTHING.items() if isinstance(v, float)]
# Divided by: nought there would make a ratio unknown although everything is known.
BELOW = {"营业收入", "上年营业收入", "上年主营业务收入", "前年主营业务收入", "资产总额", "职工人数"}


# What both firms of a pair hold so that the recognition judged is open to them.
NEEDED = {SPECIALISED: INNOVATIVE, GIANT: SPECIALISED, INNOVATIVE: "别的认定"}


def pair(certification, first, second):
    held = pd.concat([granted(row, NEEDED[certification]) for row in (2, 3)])
    return screened(only(certification), roster(first, second), held, [INNOVATIVE, SPECIALISED]).table


def amounts(name):
    return st.floats(1 if name in BELOW else 0, 20000).map(lambda v: round(v, 1))


@settings(max_examples=40)
@given(st.fixed_dictionaries({}, optional={k: amounts(k) for k in NUMBERS}), st.sets(st.sampled_from(NUMBERS), max_size=8),
       st.floats(0, 3000), st.sampled_from([SPECIALISED, INNOVATIVE, GIANT]))
def test_more_research_never_worsens_the_outcome(values, unknown, more, certification):
    firm = GOOD | values | dict.fromkeys(unknown - {"研发费用"})
    found = pair(certification, firm, firm | {"研发费用": firm["研发费用"] + more})
    order = {0: 0, -1: 1, 1: 2}
    assert order[found["met"].iloc[0]] <= order[found["met"].iloc[1]] and order[found["near"].iloc[0]] <= order[found["near"].iloc[1]]
    assert found["score_low"].isna().all() or (found["score_low"].iloc[0] <= found["score_low"].iloc[1] and found["score_high"].iloc[0] <= found["score_high"].iloc[1])
    places = {"应报未报": 0, "靠靠能报": 1, "资料不全": 2, "暂不具备": 3}
    assert places[found["status"].iloc[0]] >= places[found["status"].iloc[1]]


FLAGS = [k for k, v in NOTHING.items() if isinstance(v, bool)]


@settings(max_examples=40)
@given(st.fixed_dictionaries({k: amounts(k) for k in NUMBERS} | {k: st.booleans() for k in FLAGS}),
       st.sets(st.sampled_from(NUMBERS + FLAGS + ["数字化水平", "研发机构级别"]), min_size=1, max_size=10), st.sampled_from([SPECIALISED, INNOVATIVE]))
def test_an_unknown_turned_known_never_leaves_its_interval_nor_its_state(known, hidden, certification):
    firm = NOTHING | known
    found = pair(certification, firm | dict.fromkeys(hidden), firm)
    blind, seen = found.iloc[0], found.iloc[1]
    assert blind["score_low"] <= seen["score_low"] == seen["score_high"] <= blind["score_high"]
    for column in ("met", "near"):
        assert blind[column] in (-1, seen[column])
    assert np.isfinite(seen["distance"]) and blind["distance"] <= seen["distance"] + 1e-9


def span_and_scores(rules, column, values, **known):
    """Interval of the score with the column unknown, and the scores with every value of it."""
    found = screened([rule("硬条件", "评价得分", ">=", 1), *rules], roster(*(known | {column: v} for v in (None, *values)))).table
    blind, seen = found.iloc[0], found.iloc[1:]
    assert (seen["score_low"] == seen["score_high"]).all()
    return (blind["score_low"], blind["score_high"]), list(seen["score_low"])


@settings(max_examples=60)
@given(st.lists(st.tuples(st.sampled_from([">=", ">", "<", "<=", "=", "!=", "介于"]), st.integers(0, 4), st.sampled_from([0, 2, 5, 10])), min_size=1, max_size=4))
def test_the_interval_of_an_item_on_one_unknown_figure_is_that_of_all_its_values(bands):
    rules = [rule("评分", "研发费用", op, edge if op != "介于" else f"{edge}~{edge + 2}", "S1", 分值=str(points)) for op, edge, points in bands]
    span, scores = span_and_scores(rules, "研发费用", [v / 2 for v in range(-3, 16)])
    assert span == (min(scores), max(scores))


@settings(max_examples=30)
@given(st.lists(st.tuples(st.sampled_from(["=", "!=", "属于", "不属于"]), st.sampled_from(["甲", "乙", "甲|乙"]), st.sampled_from([2, 5, 10])), min_size=1, max_size=4))
def test_a_text_is_covered_only_where_all_others_are_as_well(bands):
    rules = [rule("评分", "行业", op, text, "S1", 分值=str(points)) for op, text, points in bands]
    span, scores = span_and_scores(rules, "行业", ["甲", "乙", "丙"])
    assert span == (min(scores), max(scores))


@settings(max_examples=40)
@given(st.lists(st.tuples(st.sampled_from(["是", "否", "有", "0"]), st.sampled_from(["", "/甲"]), st.sampled_from([2, 5, 10])), min_size=1, max_size=4), st.booleans(), st.booleans())
def test_yes_and_no_cover_a_flag_and_what_else_a_band_asks_for_still_counts(bands, brand, second_unknown):
    """``/甲``: the band asks for the brand as well."""
    rules = []
    for k, (value, together, points) in enumerate(bands):
        rules.append(rule("评分", "战略性新兴产业", "=", value, f"S1/{k}", 分值=str(points)))
        rules += [rule("评分", "自主品牌", "=", "是", f"S1/{k}", 分值=str(points))] if together else []
    span, scores = span_and_scores(rules, "战略性新兴产业", [True, False], 自主品牌=brand)
    assert span == (min(scores), max(scores))
    if second_unknown:
        firms = roster(*({"战略性新兴产业": f, "自主品牌": b} for f, b in ((None, None), (True, True), (True, False), (False, True), (False, False))))
        found = screened([rule("硬条件", "评价得分", ">=", 1), *rules], firms).table
        assert found["score_low"].iloc[0] <= found["score_low"].iloc[1:].min() and found["score_high"].iloc[0] >= found["score_high"].iloc[1:].max()


def test_either_answer_of_the_innovative_sheet_gives_points_and_so_nothing_is_asked():
    firm = NOTHING | {"职工人数": 100.0, "营业收入": 5000.0, "主营业务收入": 2800.0, "上年主营业务收入": 2300.0, "负债总额": 100.0, "研发费用": 100.0, "I类知识产权": 1.0,
                      "战略性新兴产业": None}
    found = screened(only(INNOVATIVE), roster(firm)).explain(["应报未报"]).iloc[0]
    # Innovation 10 + 10, growth 20 + 10, field 5 or 10, main business 10.
    assert (found["score_low"], found["score_high"], found["ask"]) == (65, 70, "")
