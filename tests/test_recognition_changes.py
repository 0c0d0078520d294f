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


def size_of(new, old):
    """A change in tenths of the figure itself."""
    return abs(new - old) / (0.1 * max(abs(new), abs(old))) if new != old else 0.0


def cheapest(rd, profit, flags):
    """(fewest changes, then least cost) over every whole amount of R&D and profit and every set of flags, three changes at most."""
    best = (9, np.inf)
    for new in product((0, 1), repeat=3):
        raised = dict(zip(flags, new))
        if any(raised[f] < flags[f] for f in flags):
            continue
        fixed = sum(FLAG_COST[f] for f in flags if raised[f] > flags[f])
        for r, p in product({rd, *range(rd, 211)}, {profit, *range(profit, 401)}):
            count = (r > rd) + (p > profit) + sum(raised[f] > flags[f] for f in flags)
            if count <= min(3, best[0]) and qualifies(r, p, raised):
                best = min(best, (count, fixed + size_of(r, rd) + size_of(p, profit)))
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
        assert not found and least == (0, 0.0)
        return
    assert found and (len(found[0].moves), found[0].cost) == (least[0], pytest.approx(least[1], rel=1e-9))
    names = {"rd": "研发费用", "net_profit": "净利润", "own_brand": "自主品牌", "quality_award": "省级以上质量奖", "standards": "参与制修订标准"}
    for route in found:
        for left_out in range(-1, len(route.moves)):
            now = {"研发费用": rd, "净利润": profit, **flags}
            now |= {names[m.key]: m.target for k, m in enumerate(route.moves) if k != left_out}
            assert qualifies(now["研发费用"], now["净利润"], {f: now[f] for f in flags}) == (left_out < 0)
    order = [(len(r.moves), r.cost) for r in found]
    assert order == sorted(order) and len([n for n, _ in order if n > 1]) <= max(0, 3 - len([n for n, _ in order if n == 1]))


@pytest.mark.parametrize(("rd", "profit", "given_flags"), [(60, 0, (0, 0, 0)), (110, 70, (0, 0, 0)), (130, 190, (0, 0, 0)), (90, 150, (0, 1, 0)), (205, 10, (0, 0, 0))])
def test_the_routes_are_all_single_changes_and_then_the_smallest_minimal_sets(rd, profit, given_flags):
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
                best[keys] = min(best.get(keys, (size, np.inf)), (size, sum(m.cost for m in chosen)))
    singles = sum(size == 1 for size, _ in best.values())
    expected = sorted(best.values())[:max(3, singles)]
    got = routes(rd, profit, flags)
    assert [len(r.moves) for r in got] == [size for size, _ in expected] and [r.cost for r in got] == pytest.approx([cost for _, cost in expected])


def test_what_could_have_been_shown_by_now_can_be_shown_at_once():
    found = screened([rule("硬条件", "研发费用", ">=", 100)], roster({"研发费用": 90.0}), date="2025-06-01")
    assert found.explain(["暂不具备"])["earliest"].iloc[0] == pd.Timestamp("2025-06-01")


def test_a_hand_worked_case():
    # R&D 62 of revenue 4,000 needs 120 for 3 %; 30 points for the brand and 30 for profit are there.
    found = routes(62, 200, {"自主品牌": 1, "省级以上质量奖": 0, "参与制修订标准": 0})
    assert found[0].text == "研发费用增加58万元至120万元" and found[0].when == pd.Timestamp("2024-04-30") and found[0].cost == pytest.approx(58 / 12)
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
    (rule("硬条件", "数字化水平", "属于", "三级|四级"), {"数字化水平": "一级"}, "数字化水平达到“三级”", "2024-12-31"),
    (rule("硬条件", "数字化水平", "属于", "三级|四级"), {"数字化水平": "二级"}, "数字化水平达到“三级”", "2023-12-31"),
    (rule("前置", INNOVATIVE, "已认定", ""), {}, "先通过创新型中小企业评价", "2023-06-30"),
    (rule("硬条件", "max(研发费用,上年研发费用)", ">=", 100), {"研发费用": 20.0, "上年研发费用": 50.0}, "研发费用增加80万元至100万元", "2024-04-30"),
    (rule("硬条件", "主营业务收入", ">", 2000), {"主营业务收入": 2000.0}, "主营业务收入增加1万元至2001万元", "2024-04-30"),
])
def test_changes_say_how_much_and_when(row, firm, text, when):
    found = screened([row], roster(firm), NOBODY, [INNOVATIVE]).explain(["暂不具备"])
    assert found["least"].iloc[0] == f"{text}（{pd.Timestamp(when).year}年{pd.Timestamp(when).month}月前后）"
    assert found["earliest"].iloc[0] == pd.Timestamp(when)


MEAN = [rule("硬条件", "(研发费用+上年研发费用)/2", ">=", 1000, 单位="万元")]


@pytest.mark.parametrize(("firm", "text"), [
    # By the next report the two years are the new figure and 923; (1077 + 923) / 2 = 1000.
    ({"研发费用": 923.0, "上年研发费用": 896.0}, "研发费用增加154万元至1077万元（2024年4月前后）"),
    # 824 no longer counts then, so staying at 1,036 is enough.
    ({"研发费用": 1036.0, "上年研发费用": 824.0}, "研发费用保持1036万元（2024年4月前后）"),
])
def test_the_mean_of_two_years_is_that_of_the_next_report(firm, text):
    assert screened(MEAN, roster(firm)).explain(["暂不具备"])["least"].iloc[0] == text


def test_all_figures_are_a_year_on_when_one_of_them_is():
    # R&D of 30 would do today with the growth of 10 %; a year on the revenue that stands still has grown by nothing.
    rows = [rule("硬条件", "研发费用", ">=", 30), rule("硬条件", "(主营业务收入/上年主营业务收入-1)*100", ">=", 5, "A2", 单位="%")]
    firm = {"研发费用": 29.0, "主营业务收入": 1100.0, "上年主营业务收入": 1000.0}
    assert screened(rows, roster(firm)).explain(["暂不具备"])["least"].iloc[0] == \
        "研发费用增加1万元至30万元＋主营业务收入增加55万元至1155万元（2024年4月前后）"
    # Shares of two years: 3 % of 1,000 now, and the last year's 1 % is out by then.
    rows = [rule("硬条件", "(研发费用/营业收入+上年研发费用/上年营业收入)/2*100", ">=", 4, 单位="%")]
    firm = {"研发费用": 30.0, "营业收入": 1000.0, "上年研发费用": 5.0, "上年营业收入": 500.0}
    assert screened(rows, roster(firm)).explain(["暂不具备"])["least"].iloc[0].startswith("研发费用增加20万元至50万元（2024年4月前后）")


@pytest.mark.parametrize(("now", "least"), [("省级", "研发机构级别达到“国家级”（2024年6月前后）"), ("市级", "研发机构级别达到“国家级”（2025年12月前后）"),
                                            ("市级以下", "3项以内的改变不能达到"), ("未建立", "3项以内的改变不能达到")])
def test_a_level_goes_up_two_steps_at_most_each_in_its_own_time(now, least):
    assert screened([rule("硬条件", "研发机构级别", "=", "国家级")], roster({"研发机构级别": now})).explain(["暂不具备"])["least"].iloc[0] == least


def test_what_cannot_be_changed_is_not_offered():
    rows = [rule("硬条件", "上年研发费用", ">=", 100), rule("硬条件", "创客中国五百强", "=", "是", "A2")]
    assert screened(rows, roster({"上年研发费用": 1.0, "创客中国五百强": False})).explain(["暂不具备"])["least"].iloc[0] == "3项以内的改变不能达到"


def test_every_route_of_the_demo_qualifies_when_its_changes_are_made():
    case = read_case("demo")
    found = screen(case)
    table, tried = found.listed(["靠靠能报"]), 0
    annual = pd.Timestamp(case.year + 2, 4, 30)
    # Which column holds which a year on, written out by hand, oldest first.
    years = {"revenue_prev2": "revenue_prev", "revenue_prev": "revenue", "main_revenue_prev2": "main_revenue_prev", "main_revenue_prev": "main_revenue",
             "rd_prev": "rd"}
    for name, part in table.groupby("certification", observed=True):
        recognition, frames, held = found.book.recognitions[str(name)], [], found.held
        for at, row in zip(found.positions(part["row"]), part["row"]):
            for route in least_changes(recognition, found.fields, at, found.book.headers, found.date, case.year):
                firm = case.enterprises.iloc[[at]].copy()
                tried += 1
                if any(move.when == annual for move in route.moves):
                    for past, source in years.items():
                        firm[past] = firm[source]
                for move in route.moves:
                    if move.key.startswith("认定:"):
                        wanted = next(n for n in case.rules["field"] if n == move.key[3:] or n.casefold() == move.key[3:])
                        held = pd.concat([held, granted(10_000 + tried, wanted)])
                    else:
                        firm[move.key] = move.target
                held = pd.concat([held, found.held[found.held["row"] == row].assign(row=10_000 + tried)])
                frames.append(firm.assign(row=10_000 + tried))
        if frames:
            again = screen_roster(found.book, pd.concat(frames), held, list(case.recognitions["certification"].unique()), case.year)
            mine = again.table[again.table["certification"] == name]
            assert set(mine["status"]) <= {"应报未报", "已认定"} and (mine["met"] == 1).all()
    assert tried > 100
