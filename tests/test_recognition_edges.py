"""Every ordered clause of the 63号 standards at, just under and just over its threshold, by formulas worked out backwards."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.recognitionbook import GIANT, INNOVATIVE, SPECIALISED, granted, only, roster, screened, shipped
from tests.test_recognition_sheet import FLAGS, GOOD, NOTHING, NUMBERS, amounts

RULES = [SPECIALISED, INNOVATIVE, GIANT]
TWICE = "((主营业务收入/上年主营业务收入-1)+(上年主营业务收入/前年主营业务收入-1))/2*100"
QUALITY = ["省级以上质量奖", "质量管理体系认证", "自主品牌", "参与制修订标准"]

# Field of a clause -> the figures with which it takes a value; worked out by hand, not by the engine.
BACKWARDS = {
    "研发费用/营业收入*100": lambda v: {"营业收入": 20000.0, "研发费用": v * 200},
    "主营业务收入/营业收入*100": lambda v: {"营业收入": 20000.0, "主营业务收入": v * 200},
    "净利润/营业收入*100": lambda v: {"营业收入": 20000.0, "净利润": v * 200},
    "负债总额/资产总额*100": lambda v: {"资产总额": 5000.0, "负债总额": v * 50},
    "研发人员数/职工人数*100": lambda v: {"职工人数": 1000.0, "研发人员数": v * 10},
    "(研发费用+上年研发费用)/2": lambda v: {"研发费用": v + 100, "上年研发费用": v - 100},
    "(主营业务收入/上年主营业务收入-1)*100": lambda v: {"上年主营业务收入": 10000.0, "主营业务收入": 10000 + 100 * v},
    # One year stands still, so the other grows by twice the mean.
    TWICE: lambda v: {"前年主营业务收入": 10000.0, "上年主营业务收入": 10000.0, "主营业务收入": 10000 + 200 * v},
    # Two years of the same revenue: shares v + 1 and v − 1 per cent.
    "(研发费用/营业收入+上年研发费用/上年营业收入)/2*100": lambda v: {"营业收入": 20000.0, "上年营业收入": 20000.0, "研发费用": (v + 1) * 200, "上年研发费用": (v - 1) * 200},
}


def ordered(certification):
    rules = only(certification)
    return rules[rules["op"].isin([">=", ">", "<=", "<", "介于"]) & (rules["valid_from"].dt.year == 2022) & ~rules["field"].str.startswith("评价得分")
                 & ~rules["field"].str.startswith("省级以上质量奖+")]


EDGES = [(name, int(row["row"]), row["field"], row["op"], edge) for name in RULES for row in ordered(name).to_dict("records")
         for edge in ([float(e) for e in row["threshold"].split("~")] if row["op"] == "介于" else [float(row["threshold"])])]
EXPECTED = {">=": (0, 1, 1), ">": (0, 0, 1), "<=": (1, 1, 0), "<": (1, 0, 0)}


def test_every_clause_of_the_three_standards_has_an_edge_to_be_tried():
    clauses = sum(len(ordered(name)) for name in RULES)
    assert clauses == len({(name, row) for name, row, *_ in EDGES}) == 102
    for _, _, field, *_ in EDGES:
        assert field in BACKWARDS or field in NUMBERS, f"no formula for {field}"


@pytest.mark.parametrize("name", RULES)
def test_each_clause_at_just_under_and_just_over_its_threshold(name):
    edges = [e for e in EDGES if e[0] == name]
    firms = []
    for _, _, field, _, edge in edges:
        for value in (edge - 0.01, edge, edge + 0.01):
            firms.append(NOTHING | (BACKWARDS[field](value) if field in BACKWARDS else {field: value}))
    clauses = screened(only(name), roster(*firms)).clauses(name).set_index(["rule_row", "row"])["state"]
    for k, (_, row, field, op, edge) in enumerate(edges):
        found = tuple(int(clauses[row, 2 + 3 * k + step]) for step in range(3))
        between = op == "介于" and (edge == 1.0 and (0, 1, 1) or (1, 0, 0))
        assert found == (between or EXPECTED[op]), f"{name} row {row}: {field} {op} {edge}"


@pytest.mark.parametrize("name", [SPECIALISED, INNOVATIVE, GIANT])
def test_each_yes_no_and_text_clause_both_ways(name):
    rules = only(name)
    rules = rules[rules["op"].isin(["=", "属于"]) & (rules["valid_from"].dt.year == 2022)]
    assert len(rules) == {SPECIALISED: 10, INNOVATIVE: 4, GIANT: 2}[name]
    for row in rules.to_dict("records"):
        wanted = row["threshold"].split("|")
        known = {"是": True, "否": False}
        values = [known.get(w, w) for w in wanted]
        other = (not values[0]) if isinstance(values[0], bool) else "其他级"
        firms = roster(*(NOTHING | {row["field"]: v} for v in (*values, other, None if isinstance(values[0], bool) else "")))
        states = screened(only(name), firms).clauses(name)
        assert list(states.loc[states["rule_row"] == row["row"], "state"]) == [1] * len(values) + [0, -1]


def test_quality_counts_each_certificate_and_hangs_on_the_unknown_ones_only():
    wanted = [dict(zip(QUALITY, (bool(k & 1), bool(k & 2), bool(k & 4), bool(k & 8)))) for k in range(16)]
    found = screened(only(SPECIALISED), roster(*(NOTHING | w for w in wanted))).table
    assert list(found["score_low"]) == [min(5, 3 * sum(w.values())) for w in wanted]
    some = screened(only(SPECIALISED), roster(NOTHING | {"自主品牌": True, "参与制修订标准": None}, NOTHING | {"自主品牌": True, "质量管理体系认证": True, "参与制修订标准": None})).table
    assert list(zip(some["score_low"], some["score_high"])) == [(3, 5), (5, 5)]


# What stands before each recognition, so that all of it is open to the enterprise.
HELD = {SPECIALISED: INNOVATIVE, GIANT: SPECIALISED}
OTHERS = [name for name in dict.fromkeys(shipped()["certification"]) if "参考" not in name]
MORE = {"是否规上": False, "有研发机构": True, "研发设备原值": 900.0, "本省注册制造业企业": True, "质量管理体系认证": True, "环境管理体系认证": True, "能源管理体系认证": True,
        "近三年重大安全事故": False, "近三年较大安全质量事故": False, "近三年突发环境事件": False, "督查严重问题": False, "节能监察整改未完成": False, "严重失信": False}
HIDABLE = sorted({*NUMBERS, *FLAGS, *MORE, "数字化水平", "研发机构级别", "主导产品领域"})


def both(certification, first, second):
    """The two firms screened, each holding what the recognition asks for first."""
    held = pd.concat([granted(row, HELD.get(certification, "别的认定")) for row in (2, 3)])
    return screened(only(certification), roster(first, second), held, [INNOVATIVE, SPECIALISED]).table.to_dict("records")


@settings(max_examples=60)
@given(st.fixed_dictionaries({}, optional={k: amounts(k) for k in NUMBERS} | {k: st.booleans() for k, v in (GOOD | MORE).items() if isinstance(v, bool)}),
       st.sets(st.sampled_from(HIDABLE), min_size=1, max_size=10), st.sampled_from(OTHERS))
def test_a_status_that_is_certain_stays_when_the_unknown_becomes_known(known, hidden, certification):
    firm = GOOD | MORE | known
    blind, seen = both(certification, firm | dict.fromkeys(hidden), firm)
    if blind["status"] != "资料不全":
        # Who is nearly there at least may turn out to qualify, if that was what hung on the unknown.
        assert seen["status"] in {blind["status"], *(["应报未报"] if blind["status"] == "靠靠能报" and blind["met"] == -1 else [])}
    assert seen["status"] != "资料不全"
    for column in ("met", "near"):
        assert blind[column] in (-1, seen[column])
    if np.isfinite(blind["score_low"]):
        assert blind["score_low"] <= seen["score_low"] == seen["score_high"] <= blind["score_high"]


@settings(max_examples=60)
@given(st.fixed_dictionaries({}, optional={k: amounts(k) for k in NUMBERS}), st.sets(st.sampled_from(HIDABLE), max_size=6), st.floats(0, 3000), st.sampled_from(OTHERS))
def test_more_research_never_worsens_any_status_of_the_shipped_rules(values, hidden, more, certification):
    firm = GOOD | MORE | values | dict.fromkeys(set(hidden) - {"研发费用"})
    before, after = both(certification, firm, firm | {"研发费用": firm["研发费用"] + more})
    places = ["已认定", "应报未报", "靠靠能报", "资料不全", "暂不具备", "排除"]
    assert places.index(before["status"]) >= places.index(after["status"])
