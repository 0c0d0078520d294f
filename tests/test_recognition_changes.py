"""The least changes that qualify: equal to brute force, and true when made."""

from itertools import combinations, product

import numpy as np
import pandas as pd
import pytest
from analysis.case import read_case
from analysis.recognition import least_changes, screen
from analysis.recognition.changes import possible_moves
from analysis.recognition.moves import Setting
from analysis.recognition.screen import screen_roster
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.recognitionbook import INNOVATIVE, NOBODY, granted, roster, rule, screened

REVENUE = 4000.0
RULES = [
    rule("硬条件", "研发费用", ">=", 100, "A1", 容差="20", 单位="万元"), rule("硬条件", "研发费用/营业收入*100", ">=", 3, "A2", 容差="0.4", 单位="%"),
    rule("硬条件", "评价得分", ">=", 60, "A3", 容差="5"), rule("直通", "净利润", ">=", 390, "Z1", 替代="A3"),
    rule("评分", "研发费用", ">=", 150, "S1", 分值="10"), rule("评分", "研发费用", ">=", 200, "S1", 分值="30"),
    rule("评分", "净利润/营业收入*100", ">=", 2, "S2", 分值="10"), rule("评分", "净利润/营业收入*100", ">=", 5, "S2", 分值="30"),
    rule("评分", "自主品牌", "=", "是", "S3", 分值="30"), rule("评分", "省级以上质量奖+参与制修订标准", ">=", 1, "S4", 分值="20"),
]
FLAG_COST = {"自主品牌": 1.0, "省级以上质量奖": 3.0, "参与制修订标准": 1.5}


def qualifies(rd, profit, flags):
    """The rules above once more, in plain Python."""
    score = (30 if rd >= 200 else 10 if rd >= 150 else 0) + (30 if profit >= 200 else 10 if profit >= 80 else 0)
    score += 30 * flags["自主品牌"] + 20 * (flags["省级以上质量奖"] or flags["参与制修订标准"])
    return rd >= 100 and rd * 100 >= 3 * REVENUE and (score >= 60 or profit >= 390)


def cheapest(rd, profit, flags):
    """Over every whole amount of R&D and profit and every set of flags, changing three figures at most."""
    best = np.inf
    for new in product((0, 1), repeat=3):
        raised = dict(zip(flags, new))
        if any(raised[f] < flags[f] for f in flags):
            continue
        fixed = sum(FLAG_COST[f] for f in flags if raised[f] > flags[f])
        for r, p in product({rd, *range(rd, 211)}, {profit, *range(profit, 401)}):
            if (r > rd) + (p > profit) + sum(raised[f] > flags[f] for f in flags) <= 3 and qualifies(r, p, raised):
                best = min(best, fixed + (r - rd) / 20 + (abs(p - profit) / (0.1 * max(abs(p), abs(profit))) if p > profit else 0))
    return best


def routes(rd, profit, flags):
    firms = roster({"研发费用": float(rd), "净利润": float(profit), "营业收入": REVENUE} | {f: bool(v) for f, v in flags.items()})
    found = screened(RULES, firms)
    return least_changes(found.book.recognitions["甲认定"], found.fields, 0, found.book.headers, found.date, 2022)


@settings(max_examples=12)
@given(st.integers(60, 205), st.integers(0, 395), st.tuples(*[st.integers(0, 1)] * 3))
def test_the_cheapest_route_costs_what_brute_force_finds(rd, profit, given_flags):
    flags = dict(zip(FLAG_COST, given_flags))
    found, least = routes(rd, profit, flags), cheapest(rd, profit, flags)
    if qualifies(rd, profit, flags):
        assert not found or least == 0
        return
    assert found and found[0].cost == pytest.approx(least, rel=1e-9)
    names = {"rd": "研发费用", "net_profit": "净利润", "own_brand": "自主品牌", "quality_award": "省级以上质量奖", "standards": "参与制修订标准"}
    for route in found:
        for left_out in range(-1, len(route.moves)):
            now = {"研发费用": rd, "净利润": profit, **flags}
            now |= {names[m.key]: m.target for k, m in enumerate(route.moves) if k != left_out}
            assert qualifies(now["研发费用"], now["净利润"], {f: now[f] for f in flags}) == (left_out < 0)
    assert [r.cost for r in found] == sorted(r.cost for r in found) and len(found) <= 3


@pytest.mark.parametrize(("rd", "profit", "given_flags"), [(60, 0, (0, 0, 0)), (110, 70, (0, 0, 0)), (130, 190, (0, 0, 0)), (90, 150, (0, 1, 0)), (205, 10, (0, 0, 0))])
def test_the_three_routes_are_the_cheapest_minimal_sets_of_all(rd, profit, given_flags):
    flags = dict(zip(FLAG_COST, given_flags))
    names = {"rd": "研发费用", "net_profit": "净利润", "own_brand": "自主品牌", "quality_award": "省级以上质量奖", "standards": "参与制修订标准"}
    firms = roster({"研发费用": float(rd), "净利润": float(profit), "营业收入": REVENUE} | {f: bool(v) for f, v in flags.items()})
    found = screened(RULES, firms)
    moves = possible_moves(found.book.recognitions["甲认定"], found.fields, Setting(found.book.recognitions["甲认定"], found.book.headers, found.date, 2022))

    def works(chosen):
        now = {"研发费用": rd, "净利润": profit, **flags} | {names[m.key]: m.target for m in chosen}
        return qualifies(now["研发费用"], now["净利润"], {f: now[f] for f in flags})

    best = {}
    for size in (1, 2, 3):
        for chosen in combinations(moves, size):
            keys = frozenset(m.key for m in chosen)
            if len(keys) == size and works(chosen) and not any(works(chosen[:k] + chosen[k + 1:]) for k in range(size)):
                best[keys] = min(best.get(keys, np.inf), sum(m.cost for m in chosen))
    assert [r.cost for r in routes(rd, profit, flags)] == pytest.approx(sorted(best.values())[:3])


def test_what_could_have_been_shown_by_now_can_be_shown_at_once():
    found = screened([rule("硬条件", "研发费用", ">=", 100)], roster({"研发费用": 90.0}), date="2025-06-01")
    assert found.explain(["暂不具备"])["earliest"].iloc[0] == pd.Timestamp("2025-06-01")


def test_a_hand_worked_case():
    # R&D 62 of revenue 4,000 needs 120 for 3 %; 30 points for the brand and 30 for profit are there.
    found = routes(62, 200, {"自主品牌": 1, "省级以上质量奖": 0, "参与制修订标准": 0})
    assert found[0].text == "研发费用增加58万元至120万元" and found[0].when == pd.Timestamp("2024-04-30") and found[0].cost == pytest.approx(58 / 20)
    assert len(found) == 1


def test_nothing_is_offered_where_no_three_changes_will_do():
    rows = [rule("硬条件", c, "=", "是", f"A{k}") for k, c in enumerate(("自主品牌", "质量管理体系认证", "环境管理体系认证", "能源管理体系认证"))]
    firms = roster(dict.fromkeys(("自主品牌", "质量管理体系认证", "环境管理体系认证", "能源管理体系认证"), False))
    assert screened(rows, firms).explain(["暂不具备"])["least"].iloc[0] == "3项以内的改变不能达到"


@pytest.mark.parametrize(("row", "firm", "text", "when"), [
    (rule("硬条件", "从事细分市场年限", ">=", 3), {"从事细分市场年限": 1.5}, "从事细分市场年限再满2年（达到3.5年）", "2024-12-31"),
    (rule("硬条件", "负债总额/资产总额*100", "<=", 50), {"负债总额": 611.0, "资产总额": 1200.0}, "负债总额减少11万元至600万元", "2024-04-30"),
    (rule("硬条件", "研发人员数/职工人数*100", ">=", 10), {"研发人员数": 9.0, "职工人数": 95.0}, "研发人员数增加1人至10人", "2023-06-30"),
    (rule("硬条件", "质量管理体系认证", "=", "是"), {"质量管理体系认证": False}, "通过质量管理体系认证", "2023-06-30"),
    (rule("硬条件", "数字化水平", "属于", "三级|四级"), {"数字化水平": "一级"}, "数字化水平达到“三级”", "2023-12-31"),
    (rule("前置", INNOVATIVE, "已认定", ""), {}, "先通过创新型中小企业评价", "2023-06-30"),
    (rule("硬条件", "max(研发费用,上年研发费用)", ">=", 100), {"研发费用": 20.0, "上年研发费用": 50.0}, "研发费用增加80万元至100万元", "2024-04-30"),
    (rule("硬条件", "主营业务收入", ">", 2000), {"主营业务收入": 2000.0}, "主营业务收入增加1万元至2001万元", "2024-04-30"),
])
def test_changes_say_how_much_and_when(row, firm, text, when):
    found = screened([row], roster(firm), NOBODY, [INNOVATIVE]).explain(["暂不具备"])
    assert found["least"].iloc[0] == f"{text}（{pd.Timestamp(when).year}年{pd.Timestamp(when).month}月前后）"
    assert found["earliest"].iloc[0] == pd.Timestamp(when)


def test_what_cannot_be_changed_is_not_offered():
    rows = [rule("硬条件", "上年研发费用", ">=", 100), rule("硬条件", "创客中国五百强", "=", "是", "A2")]
    assert screened(rows, roster({"上年研发费用": 1.0, "创客中国五百强": False})).explain(["暂不具备"])["least"].iloc[0] == "3项以内的改变不能达到"


def test_every_route_of_the_demo_qualifies_when_its_changes_are_made():
    case = read_case("demo")
    found = screen(case)
    table, tried = found.listed(["靠靠能报"]), 0
    annual = pd.Timestamp(case.year + 2, 4, 30)
    keys = {found.book.headers.title(key): key for key in case.enterprises.columns}
    years = {keys[t]: [(keys[a], keys[b]) for a, b in ((f"前年{t}", f"上年{t}"), (f"上年{t}", t)) if a in keys] for t in keys if f"上年{t}" in keys}
    assert {"营业收入", "研发费用", "主营业务收入"} <= {found.book.headers.title(k) for k in years}
    for name, part in table.groupby("certification", observed=True):
        recognition, frames, held = found.book.recognitions[str(name)], [], found.held
        for at, row in zip(found.positions(part["row"]), part["row"]):
            for route in least_changes(recognition, found.fields, at, found.book.headers, found.date, case.year)[:2]:
                firm = case.enterprises.iloc[[at]].copy()
                tried += 1
                for move in route.moves:
                    if move.key.startswith("认定:"):
                        wanted = next(n for n in case.rules["field"] if n == move.key[3:] or n.casefold() == move.key[3:])
                        held = pd.concat([held, granted(10_000 + tried, wanted)])
                    else:
                        if move.when == annual:
                            # By then this year's figure is last year's, and last year's the one before.
                            for past, source in years.get(move.key, ()):
                                firm[past] = firm[source]
                        firm[move.key] = move.target
                held = pd.concat([held, found.held[found.held["row"] == row].assign(row=10_000 + tried)])
                frames.append(firm.assign(row=10_000 + tried))
        if frames:
            again = screen_roster(found.book, pd.concat(frames), held, list(case.recognitions["certification"].unique()), case.year)
            mine = again.table[again.table["certification"] == name]
            assert set(mine["status"]) <= {"应报未报", "已认定"} and (mine["met"] == 1).all()
    assert tried > 100
