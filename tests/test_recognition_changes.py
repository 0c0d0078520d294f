"""The least changes that qualify: equal to brute force, and true when made."""

from dataclasses import replace
from itertools import combinations, product

import numpy as np
import pandas as pd
import pytest
from analysis.case import read_case
from analysis.recognition import least_changes, screen
from analysis.recognition.changes import outlook, possible_moves
from analysis.recognition.judge import judge
from analysis.recognition.logic import YES
from analysis.recognition.moves import Setting
from analysis.recognition.reading import Reading
from analysis.recognition.screen import screen_roster
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.recognitionbook import INNOVATIVE, NOBODY, SPECIALISED, granted, only, roster, rule, screened

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
    """A change in tenths of the figure itself; from nought in tenths of the new figure and the least step of 1."""
    return abs(new - old) / (0.1 * (max(abs(new), abs(old)) + (old == 0))) if new != old else 0.0


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


def test_a_recognition_that_has_to_be_won_first_takes_the_days_it_is_told():
    rows = [rule("前置", "甲类", "已认定", "", 认定="乙类", 容差="1"), rule("硬条件", "研发费用", ">=", 100, 认定="甲类", 单位="万元")]
    found = screened(rows, roster({"研发费用": 200.0}), listed=("甲类", "乙类"))
    date = lambda f: f.explain(["靠靠能报", "暂不具备"], "乙类")["earliest"].iloc[0]  # noqa: E731
    assert date(found) == pd.Timestamp(2023, 12, 31)  # a year, by the table
    assert date(replace(found, waits={"甲类": pd.Timestamp(2023, 7, 1)})) == pd.Timestamp(2023, 7, 1)
    assert date(replace(found, waits={"甲类": pd.Timestamp(2021, 1, 1)})) == pd.Timestamp(2022, 12, 31)


@pytest.mark.parametrize(("revenue", "spent"), [(1400.0, 44.0), (1400.0, 30.0), (900.0, 20.0), (1499.0, 44.9)])
def test_figures_that_ask_more_of_each_other_are_changed_together(revenue, spent):
    rows = [rule("硬条件", "营业收入", ">=", 1500, 单位="万元"), rule("硬条件", "研发费用/营业收入*100", ">=", 3, group="A2", 单位="%")]
    found = screened(rows, roster({"营业收入": revenue, "研发费用": spent}))
    routes = least_changes(found.book.recognitions["甲认定"], found.fields, 0, found.book.headers, found.date, found.year)
    # 3 % of 1,500 is 45; in whole 万元 no smaller pair will do.
    best = min(routes, key=lambda r: sum(m.amount for m in r.moves))
    assert {m.key: m.target for m in best.moves} == {"revenue": pytest.approx(1500, abs=1), "rd": pytest.approx(45, abs=1)}
    assert {m.target >= least for m, least in zip(sorted(best.moves, key=lambda m: m.key), (45, 1500))} == {True}


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
    assert screened(rows, firms).explain(["暂不具备"])["least"].iloc[0] == "3项以内的改变里没有找到能达到的"


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
                                            ("市级以下", "3项以内的改变里没有找到能达到的"), ("未建立", "3项以内的改变里没有找到能达到的")])
def test_a_level_goes_up_two_steps_at_most_each_in_its_own_time(now, least):
    assert screened([rule("硬条件", "研发机构级别", "=", "国家级")], roster({"研发机构级别": now})).explain(["暂不具备"])["least"].iloc[0] == least


def test_what_cannot_be_changed_is_not_offered():
    rows = [rule("硬条件", "上年研发费用", ">=", 100), rule("硬条件", "创客中国五百强", "=", "是", "A2")]
    assert screened(rows, roster({"上年研发费用": 1.0, "创客中国五百强": False})).explain(["暂不具备"])["least"].iloc[0] == "3项以内的改变里没有找到能达到的"


def test_every_route_of_the_demo_qualifies_when_its_changes_are_made():
    case = read_case("demo")
    found = screen(case)
    table, tried = found.listed(["靠靠能报"]), 0
    # Which column holds which a year on, written out by hand, oldest first.
    years = {"revenue_prev2": "revenue_prev", "revenue_prev": "revenue", "main_revenue_prev2": "main_revenue_prev", "main_revenue_prev": "main_revenue",
             "rd_prev": "rd"}
    for name, part in table.groupby("certification", observed=True):
        recognition, frames, held = found.book.recognitions[str(name)], [], found.held
        for at, row in zip(found.positions(part["row"]), part["row"]):
            for route in least_changes(recognition, found.fields, at, found.book.headers, found.date, case.year):
                firm = case.enterprises.iloc[[at]].copy()
                tried += 1
                if any(move.years for move in route.moves):
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


GRANTED_2026 = {"职工人数": 100.0, "营业收入": 3000.0, "主营业务收入": 2900.0, "上年营业收入": 2800.0, "从事细分市场年限": 6.0, "近两年股权融资": 0.0, "负债总额": 100.0,
                "资产总额": 1000.0, "研发费用": 150.0, "上年研发费用": 150.0, "I类知识产权": 2.0, "省级科技奖励位次": 0.0, "国家级科技奖励位次": 0.0, "研发机构级别": "市级",
                "专精特新发展评价得分": 60.0}


@pytest.mark.parametrize("weak", [{"上年研发费用": 95.0}, {"上年营业收入": 6000.0}])
def test_who_qualifies_by_the_next_report_with_nothing_changed_is_told_to_keep_it(weak):
    """Only the year before last falls short by the rules of 2026, and it is out by the next report."""
    now = screened(only(SPECIALISED), roster(GRANTED_2026 | weak), date="2026-06-01", year=2025)
    assert now.explain(["暂不具备"])["least"].iloc[0] == "研发费用保持150万元（2027年4月前后）"
    a_year_on = GRANTED_2026 | {"上年研发费用": GRANTED_2026["研发费用"], "上年营业收入": GRANTED_2026["营业收入"]}
    assert list(screened(only(SPECIALISED), roster(a_year_on), date="2027-06-01", year=2026).table["status"]) == ["应报未报"]


@settings(max_examples=60)
@given(st.integers(50, 150), st.integers(50, 150), st.integers(80, 120), st.integers(80, 120))
def test_a_figure_wanted_of_two_years_is_shown_by_as_many_reports_as_it_takes(rd, past, wanted, wanted_before):
    rows = [rule("硬条件", "研发费用", ">=", wanted, 单位="万元"), rule("硬条件", "上年研发费用", ">=", wanted_before, "A2", 单位="万元")]
    found = screened(rows, roster({"研发费用": float(rd), "上年研发费用": float(past)}))
    got = least_changes(found.book.recognitions["甲认定"], found.fields, 0, found.book.headers, found.date, 2022)
    good = lambda *years: years[-1] >= wanted and years[-2] >= wanted_before  # noqa: E731
    if good(past, rd):
        assert not got
        return
    # Every whole figure of the reports to come, the least that is enough; two reports show the same figure.
    one = [v for v in range(rd, 151) if good(past, rd, v)]
    two = [v for v in range(rd, 151) if good(past, rd, v, v)]
    target, report = (min(one), 1) if one else (min(two), 2)
    assert [(m.key, m.target, m.years) for m in got[0].moves] == [("rd", float(target), report)]
    assert got[0].when == pd.Timestamp(2023 + report, 4, 30) and ("再保持一年" in got[0].text) == (report == 2)


def test_a_figure_too_low_in_both_years_takes_two_reports_beside_other_changes():
    rows = [rule("硬条件", "研发费用", ">=", 100, 单位="万元"), rule("硬条件", "上年研发费用/上年营业收入*100", ">=", 3, "A2", 单位="%"),
            rule("硬条件", "自主品牌", "=", "是", "A3")]
    found = screened(rows, roster({"研发费用": 80.0, "营业收入": 4000.0, "上年研发费用": 70.0, "上年营业收入": 5000.0, "自主品牌": False}))
    # 3 % of the 4,000 that stay is 120 of each year: by the report of 2023, and again by that of 2024.
    assert found.explain(["暂不具备"])["least"].iloc[0] == "注册自主品牌＋研发费用增加40万元至120万元并再保持一年（2025年4月前后）"


def test_routes_of_the_rules_of_2026_qualify_report_by_report():
    random = np.random.default_rng(3)
    firms = [GRANTED_2026 | {"研发费用": float(r), "上年研发费用": float(p), "营业收入": float(v), "主营业务收入": 0.97 * v, "上年营业收入": float(u), "负债总额": float(d)}
             for r, p, v, u, d in zip(*(random.integers(low, high, 60) for low, high in ((60, 200), (60, 200), (1400, 6000), (1400, 6000), (100, 900))))]
    found = screened(only(SPECIALISED), roster(*firms), date="2026-06-01", year=2025)
    recognition, again, waits = found.book.recognitions[SPECIALISED], [], set()
    headers = {"rd": "研发费用", "revenue": "营业收入", "main_revenue": "主营业务收入", "liabilities": "负债总额"}
    for k, (firm, status) in enumerate(zip(firms, found.table["status"])):
        routes = least_changes(recognition, found.fields, k, found.book.headers, found.date, 2025)
        assert bool(routes) == (status != "应报未报")  # R&D of two reports will always do.
        for route in routes:
            now, last = dict(firm), max(m.years for m in route.moves)
            for report in range(1, last + 1):
                now |= {"上年研发费用": now["研发费用"], "上年营业收入": now["营业收入"]}
                now |= {headers[m.key]: m.target for m in route.moves if report == last or m.years == 2}
            again.append(now)
            waits.add((last, route.when))
    assert waits == {(1, pd.Timestamp(2027, 4, 30)), (2, pd.Timestamp(2028, 4, 30))} and len(again) > 40
    assert set(screened(only(SPECIALISED), roster(*again), date="2026-06-01", year=2025).table["status"]) == {"应报未报"}


def cost_of(now, target):
    found = screened([rule("硬条件", "净利润", ">=", target)], roster({"净利润": float(now)}))
    return least_changes(found.book.recognitions["甲认定"], found.fields, 0, found.book.headers, found.date, 2022)[0].cost


@pytest.mark.parametrize("now", [-300, -100, -1, 0, 1, 20, 100])
def test_a_further_target_always_costs_more(now):
    costs = [cost_of(now, target) for target in (-50, 1, 2, 50, 80, 100, 120, 500, 800) if target > now]
    assert all(a < b for a, b in zip(costs, costs[1:]))


@pytest.mark.parametrize(("industry", "wanted"), [("医药制造业", 500), ("专用设备制造业", 800)])
@pytest.mark.parametrize("now", [0.0, 1.0])
def test_of_two_alternatives_the_one_made_for_the_enterprise_is_named_and_offered(industry, wanted, now):
    """Instruments of 800, or 500 in pharmacy and software: 800/80 and 500/50 tolerances are the same from nought."""
    firm = {"主营业务收入": 30000.0, "营业收入": 31000.0, "研发费用": 1000.0, "研发人员数": 80.0, "市级企业技术中心年限": 3.0, "高新技术企业": True, "行业": industry,
            "研发设备原值": now}
    text = screened(only("企业技术中心（山东标准，参考）"), roster(firm)).explain(["暂不具备"]).iloc[0]
    assert f"差{wanted - now:g}万元（须≥{wanted}万元）" in text["reason"]
    assert text["least"].startswith(f"研发设备原值增加{wanted - now:g}万元至{wanted}万元")


@pytest.mark.parametrize(("row", "firm", "text"), [
    (rule("硬条件", "研发机构级别", "!=", "未建立"), {"研发机构级别": "未建立"}, "研发机构级别达到“市级以下”（2024年6月前后）"),
    (rule("硬条件", "研发机构级别", "不属于", "未建立|市级以下"), {"研发机构级别": "未建立"}, "研发机构级别达到“市级”（2025年12月前后）"),
    (rule("硬条件", "研发机构级别", "不属于", "国家级"), {"研发机构级别": "国家级"}, "3项以内的改变里没有找到能达到的"),
    (rule("硬条件", "厂房", "!=", "租用"), {}, "厂房不再是“租用”（时间不详）"), (rule("硬条件", "厂房", "不属于", "租用|借用"), {}, "厂房不再是“租用”或“借用”（时间不详）"),
    (rule("硬条件", "行业", "!=", "煤炭"), {"行业": "煤炭"}, "3项以内的改变里没有找到能达到的"), (rule("硬条件", "有研发机构", "!=", "否"), {"有研发机构": False}, "建立研发机构（2023年6月前后）"),
    *((rule("硬条件", "有研发机构", "=", yes), {"有研发机构": False}, "建立研发机构（2023年6月前后）") for yes in ("有", "1", "√", "TRUE")),
    (rule("硬条件", "有研发机构", "=", "无"), {"有研发机构": True}, "3项以内的改变里没有找到能达到的"), (rule("硬条件", "II类知识产权", "!=", 0), {"II类知识产权": 0.0}, "II类知识产权增加1项至1项（2023年8月前后）"),
    (rule("硬条件", "I类知识产权", "属于", "1|5"), {"I类知识产权": 2.0}, "I类知识产权增加3项至5项（2024年12月前后）"),
    (rule("硬条件", "自主品牌+有研发机构", "=", 2), {"自主品牌": True, "有研发机构": False}, "建立研发机构（2023年6月前后）"),
])
def test_what_one_step_reaches_is_offered_whatever_the_comparison(row, firm, text):
    found = screened([row], roster(firm, 厂房=["租用"]))
    assert found.explain(["暂不具备"])["least"].iloc[0] == text


def test_a_text_to_get_away_from_names_all_that_the_recognition_refuses():
    rows = [rule("硬条件", "厂房", "!=", "租用"), rule("硬条件", "厂房", "!=", "借用", "A2"), rule("硬条件", "研发费用", ">=", 10, "A3")]
    found = screened(rows, roster({"研发费用": 20.0}, 厂房=["租用"]))
    assert found.explain(["暂不具备"])["least"].iloc[0] == "厂房不再是“租用”或“借用”（时间不详）"


@settings(max_examples=40)
@given(st.sampled_from(["1000/甲", "甲/(甲+50)*100", "100/甲+甲", "max(甲,30)", "min(甲,60)/2", "1000/max(甲,20)", "甲*甲/100"]), st.sampled_from([">=", "<=", "介于"]),
       st.integers(1, 120), st.integers(0, 9000))
def test_the_least_change_of_a_figure_in_a_denominator_a_square_or_a_maximum(field, op, wanted, now):
    """Against every hundredth from nought to 150."""
    now, high = now / 100, wanted + 5
    read = {"1000/甲": lambda x: 1000 / x, "甲/(甲+50)*100": lambda x: x / (x + 50) * 100, "100/甲+甲": lambda x: 100 / x + x, "max(甲,30)": lambda x: np.maximum(x, 30),
            "min(甲,60)/2": lambda x: np.minimum(x, 60) / 2, "1000/max(甲,20)": lambda x: 1000 / np.maximum(x, 20), "甲*甲/100": lambda x: x * x / 100}[field]
    found = screened([rule("硬条件", field, op, wanted if op != "介于" else f"{wanted}~{high}")], roster({}, 甲=[now]))
    got = least_changes(found.book.recognitions["甲认定"], found.fields, 0, found.book.headers, found.date, 2022)
    with np.errstate(divide="ignore"):
        grid, own = np.arange(0, 15001) / 100, read(np.array([now]))[0]
        values = np.where(np.isfinite(read(grid)), read(grid), np.nan)
    slack = 1e-9 * wanted
    fits = {">=": values >= wanted - slack, "<=": values <= wanted + slack, "介于": (values >= wanted - slack) & (values < high - slack)}[op]
    if not np.isfinite(own) or fits[round(now * 100)]:
        assert not got
        return
    near = {sign: min(abs(grid[fits & (sign * (grid - now) > 1e-9)] - now), default=None) for sign in (1, -1)}
    # Where both ways will do they are two of one figure, of which the cheaper is the route.
    cost = {sign: v / (0.1 * (max(now, now + sign * v) or 1)) for sign, v in near.items() if v is not None}
    assert bool(got) >= bool(cost)
    for amount in (r.moves[0].amount for r in got if r.moves[0].target <= 150):
        sign = int(np.sign(amount))
        assert abs(amount) == pytest.approx(near[sign], abs=1e-6) and (cost[sign] == pytest.approx(min(cost.values()), rel=1e-3) or now == 0)


@settings(max_examples=30)
@given(st.integers(0, 40), st.integers(0, 40), st.integers(0, 40), st.sampled_from(["max", "min"]))
def test_both_figures_of_a_maximum_move_where_both_have_to(first, second, wanted, kind):
    op = "<=" if kind == "max" else ">="
    found = screened([rule("硬条件", f"{kind}(甲,乙)*2", op, 2 * wanted)], roster({}, 甲=[float(first)], 乙=[float(second)]))
    got = least_changes(found.book.recognitions["甲认定"], found.fields, 0, found.book.headers, found.date, 2022)
    short = {key: wanted for key, v in (("甲", first), ("乙", second)) if (v > wanted if kind == "max" else v < wanted)}
    assert [{m.key: m.target for m in r.moves} for r in got] == ([short] if short else [])


def test_energy_is_saved_down_to_what_the_value_added_allows():
    found = screened([rule("硬条件", "工业增加值/综合能源消费量", ">=", 10)], roster(*({"工业增加值": 1000.0, "综合能源消费量": e} for e in (700.0, 860.0, 101.0))))
    texts = found.explain(["暂不具备"]).sort_values("row")["least"].tolist()
    assert [t.split("（")[0] for t in texts] == [f"综合能源消费量减少{e - 100}吨标准煤至100吨标准煤" for e in (700, 860, 101)]
    assert [t.split(" 或 ")[1] for t in texts] == [f"工业增加值增加{10 * e - 1000}万元至{10 * e}万元（2024年4月前后）" for e in (700, 860, 101)]


def test_what_is_judged_once_for_many_is_what_is_judged_for_each_alone():
    found = screen(read_case("demo"))
    for recognition in found.book.recognitions.values():
        fields = found.fields.only(recognition.columns)
        np.testing.assert_array_equal(Reading(recognition, fields, found.book.headers).meets(), judge(recognition, fields).met == YES)
        some = range(0, fields.size, 60)
        among = outlook(recognition, found.fields, some, found.book.headers)
        for at in some:
            rest = recognition, found.fields, at, found.book.headers, found.date, found.year
            assert least_changes(*rest, among=among) == least_changes(*rest)
