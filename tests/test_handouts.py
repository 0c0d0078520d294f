"""What stands on the handouts: figures against a count of one's own, the three steps, the self-test, worksheet and poster."""

from dataclasses import replace
from types import SimpleNamespace

import pandas as pd
import pytest
from analysis.actions.desk import work
from analysis.assessment import assess, assess_case
from analysis.case import read_case
from analysis.handouts import Figures, Grid, Ranking, Sentences, handouts
from analysis.handouts.enterprise import nearest_first
from analysis.handouts.face import by_kind, eve, named, quarter_words
from analysis.handouts.glyphs import BREAK, drawable
from analysis.handouts.model import Column, Page, mapped, splits, texts
from analysis.handouts.poster import poster_page
from analysis.handouts.sheets import spread
from analysis.handouts.town import growth_text
from analysis.handouts.typeset import Typesetter, laid, page_count, sizes
from analysis.params import AssessmentError
from handoutsbook import small
from hypothesis import given
from hypothesis import strategies as st
from listsbook import NEEDS, firm, plan_of
from recognitionbook import rule


PATENTS = NEEDS[0]["字段"]


@pytest.fixture(scope="module")
def demo():
    case = read_case("demo")
    desk = work(case, runs=300)
    return case, desk, handouts(desk.screening, case, desk.lists, desk.plan, assess_case(case))


def block(page, kind, heading="", variant=0):
    return next(b for b in page.variants[variant] if isinstance(b, kind) and getattr(b, "heading", "").startswith(heading))


def steps(page):
    return block(page, Sentences, "下一步三件事").items


def test_a_towns_figures_and_shares_are_those_of_the_screening(demo):
    _, desk, content = demo
    table = desk.screening.table
    for page in content.towns:
        own = table[table["town"] == page.town]
        shown = {label: (value, note) for label, value, note in block(page, Figures).items}
        assert shown["名册企业"] == (f"{own['row'].nunique()} 家", f"占全区 {own['row'].nunique() / table['row'].nunique():.1%}")
        for status in ("应报未报", "靠靠能报", "资料不全"):
            part = own[own["status"] == status]
            assert shown[status] == (f"{part['row'].nunique()} 家", f"{len(part)} 项")
        held = {r[0]: r[1:3] for r in block(page, Grid, "认定现状").rows}
        for name, part in own.groupby("certification", observed=True):
            n, total = (part["status"] == "已认定").sum(), ((table["status"] == "已认定") & (table["certification"] == name)).sum()
            assert held[name] == (str(n), f"{n / total:.1%}" if total else "—")


def test_what_a_follow_up_has_settled_is_no_longer_to_do_and_is_said(demo):
    case, desk, _ = demo
    town = desk.lists.rows["town"].iloc[0]
    at = desk.lists.rows[(desk.lists.rows["town"] == town) & (desk.lists.rows["status"] == "应报未报")].index[:2]
    rows = desk.lists.rows.copy()
    rows.loc[at, "follow_up"] = ["已认定", "已申报"]
    done = handouts(desk.screening, case, replace(desk.lists, rows=rows), desk.plan)
    page, before = (next(p for p in content.towns if p.town == town) for content in (done, demo[2]))
    count, was = (int(dict((a, c) for a, _, c in block(p, Figures).items)["应报未报"].split()[0]) for p in (page, before))
    assert count == was - 2 and any("已申报 1 项、已认定 1 项" in text for text in page.foot) and not any("已有着落" in text for text in before.foot)
    elsewhere = [p for p in done.towns if p.town != town]
    assert not any("已有着落" in text for p in elsewhere for text in p.foot)


def test_every_listed_enterprise_is_on_its_towns_page_and_has_a_page_of_its_own(demo):
    _, desk, content = demo
    rows = desk.lists.rows
    for page in content.towns:
        own = rows[rows["town"] == page.town]
        due, near = block(page, Grid, "应报未报"), block(page, Grid, "靠靠能报")
        assert {r[0] for r in due.rows} == set(own.loc[own["status"] == "应报未报", "name"])
        assert sorted(r[:2] for r in near.rows) == sorted(zip(*own.loc[own["status"] == "靠靠能报", ["name", "certification"]].astype(str).to_numpy().T))
    assert sorted(p.row for p in content.enterprises) == sorted(rows["row"].unique())


def test_the_shares_of_the_plan_add_up_over_the_towns(demo):
    _, desk, content = demo
    new = desk.plan.chosen[~desk.plan.chosen["pending"]]
    said = {page.town: next(t for t in block(page, Sentences, "任务").items if t.startswith("申报计划")) for page in content.towns}
    for town, part in new.groupby("town"):
        assert f"新申报 {len(part)} 项，占全区 {len(part) / len(new):.1%}" in said[town]
        assert all(f"{quarter_words(q)} {len(own)} 项" in said[town] for q, own in part.groupby("quarter"))
    assert all("没有安排新的申报" in said[t] for t in set(said) - set(new["town"]))


def test_the_three_steps_are_the_plan_the_questions_and_the_reviews():
    firms = [firm("够厂"), firm("早厂"), firm("近厂", patents=2), firm("不详厂", patents=None), firm("两缺厂", patents=None, rd=None)]
    plan = plan_of(("早厂", "一镇", "甲认定", "2023Q2", 0.8, 6.0, False), ("近厂", "一镇", "甲认定", "2023Q3", 0.5, 8.0, False))
    plan.chosen["enterprise"] = plan.chosen["name"]
    content, *_ = small(*firms, plan=plan)
    assert steps(content.towns[0]) == (
        "2023年3月底前备齐材料，2023年二季度按计划申报 1 项：甲认定 1 家（早厂）。以后各季度还有 1 项。",
        f"向 2 家企业补问资料：{PATENTS}（件） 2 家、研发费用（万元） 1 家；先问只缺一项的 1 家：不详厂。",
        "盯住靠靠能报里最近的：近厂（甲认定），一家一策补齐差的条件。")
    content, *_ = small(*firms)
    assert steps(content.towns[0])[0] == "应报未报的 2 家先动员，下一批次受理前备齐材料：甲认定 2 家（够厂、早厂）。"

    def due(lists):
        row = {"row": 2, "code": "", "name": "够厂", "town": "一镇", "certification": "乙认定", "year": 2020.0, "due": pd.Timestamp(2023, 5, 1), "days": 121,
               "state": "即将复核", "basis": "按年数推算", "action": "", "confidence": "原文", "data_status": "示例"}
        return replace(lists, expiring=pd.DataFrame([row]))

    content, *_ = small(*firms, change=due)
    assert steps(content.towns[0])[2] == "准备复核：2022年12月起 12 个月内到期 1 项，够厂（乙认定，2023年5月1日），到期日以证书为准。"
    content, *_ = small(firm("远厂", patents=0))
    assert len(steps(content.towns[0])) == 1 and "再摸一遍" in steps(content.towns[0])[0]


def test_quarters_and_names_in_words():
    assert (quarter_words("2023Q2"), quarter_words(""), eve("2023Q1"), eve("2023Q4"), eve("x")) == ("2023年二季度", "", "2022年12月底", "2023年9月底", "")
    assert named(["甲", "乙", "丙", "丁"], 3) == "甲、乙、丙等 4 家" and named(["甲", "甲"], 3) == "甲"
    assert by_kind("甲乙丙丁", "AABB", 3) == "A 2 家（甲、乙）；B 2 家（丙等）"


def test_the_self_test_says_what_is_met_missed_and_unknown_in_its_own_units_and_leaves_out_needless_ways():
    rules = [*NEEDS, rule("硬条件", "营业收入", ">=", 2000, group="B1", 单位="万元"), rule("硬条件", "职工人数", "<", 100, group="B1", 单位="人"),
             rule("直通", "净利润", ">=", 500, group="Z1", 单位="万元", 替代="A2")]
    content, *_ = small({**firm("近厂", patents=2, rd=None), "营业收入": 3000, "职工人数": 500, "净利润": 10}, rules=rules)
    page = content.enterprises[0]
    rows = [r[1:5] for r in block(page, Grid, "甲认定").rows]
    found = {r[0].split("（")[0]: r[1:] for r in rows}
    assert found[f"{PATENTS}≥3项"] == ("2 项", "× 未达到", "差 1 项") and found["研发费用≥100万元"][:2] == ("不详", "？不详")
    assert found["营业收入≥2000万元"][:2] == ("3000 万元", "✓ 达到") and not any("职工人数" in k for k in found)
    assert found["直通：净利润≥500万元"] == ("10 万元", "× 未达到", "差 490 万元")
    said = block(page, Sentences, "要准备的").items
    assert any(s.startswith("材料：") and "研发费用专项审计报告" in s and "知识产权证书" in s for s in said) and any("研发费用（万元）" in s for s in said)
    assert "□" in {r[5] for r in block(page, Grid, "甲认定").rows}


def test_every_recognition_is_detailed_in_its_order_planned_ones_first(demo):
    _, desk, content = demo
    several = [p for p in content.enterprises if len(p.variants[0][0].rows) > 1]
    for page in several:
        own = nearest_first(desk.lists.rows[desk.lists.rows["row"] == page.row])
        planned = [f["quarter"] != "" for f in own]
        assert planned == sorted(planned, reverse=True)
        names = [str(f["certification"]) for f in own]
        assert [r[0] for r in page.variants[0][0].rows] == names
        assert [b.heading.split("：")[0] for b in page.variants[0] if isinstance(b, Grid) and b.heading and not b.heading.startswith("评价打分")] == names
    assert len(several) > 50


def contents(page):
    """Rows and sentences of a page in order, tables told apart by their columns."""
    return [(getattr(b, "columns", None), row) for b in page.variants[0] for row in getattr(b, "rows", getattr(b, "items", getattr(b, "lines", ())))]


def test_sheets_together_hold_all_of_a_page_in_order_and_say_which_they_are(demo):
    _, _, content = demo
    spreads = [spread(page, sizes(page)) for page in content.enterprises]
    for page, (sheets, size) in zip(content.enterprises, spreads):
        assert [x for sheet in sheets for x in contents(sheet)] == contents(page) and 8 <= size <= 10.5
        if len(sheets) > 1:
            assert [s.subtitle.rpartition("　")[2] for s in sheets] == [f"第 {k + 1} 页 共 {len(sheets)} 页" for k in range(len(sheets))]
            assert sheets[0].title == page.title and all(s.title == page.title + "（续页）" for s in sheets[1:])
        else:
            assert sheets == (page,)
    assert {len(sheets) for sheets, _ in spreads} >= {1, 2}


def test_as_few_sheets_as_the_smallest_text_needs_then_the_largest_text(demo):
    _, _, content = demo
    for page in content.enterprises[:60]:
        sheets, size = spread(page, sizes(page))
        assert len(spread(page, [8.0])[0]) == len(sheets) and all(len(spread(page, [s])[0]) > len(sheets) for s in sizes(page) if s > size)


def test_the_reckoned_height_agrees_with_the_layout(demo):
    _, _, content = demo
    pages = content.enterprises[:24]
    setter = Typesetter(content.day)
    for page in pages:
        sheets, size = spread(page, sizes(page))
        data, (fit,) = setter.set([page])
        assert (fit.size, fit.sheets or (page,)) == (size, sheets) and page_count(data) == len(sheets)  # none was too much for its sheet
    ones = [page for page in pages if len((s := spread(page, sizes(page)))[0]) == 1 and s[1] >= 9]
    _, exact = setter.set([replace(page, kind="其他") for page in ones])
    same = [abs(spread(page, sizes(page))[1] - fit.size) <= 0.5 for page, fit in zip(ones, exact)]
    assert len(ones) > 5 and sum(same) >= len(ones) - 2


def test_a_page_reckoned_too_low_is_laid_out_again(demo, monkeypatch):
    from analysis.handouts import typeset

    _, _, content = demo
    page = next(p for p in content.enterprises if len(spread(p, sizes(p))[0]) == 2)
    monkeypatch.setattr(typeset, "spread", lambda page, sizes, share: ((page,), 8.0) if share == 1 else spread(page, sizes, share))
    other = content.enterprises[0]
    data, fits = Typesetter(content.day).set([other, page])
    assert len(fits[1].sheets) == 2 and page_count(data) == len(laid([other, page], fits)) >= 3


def test_unchecked_clauses_are_named_on_the_face():
    content, *_ = small(firm("甲厂"), rules=[rule("硬条件", PATENTS, ">=", 3, 可信度="待核")])
    for page in (content.towns[0], content.enterprises[0]):
        assert any(t.startswith("待核：甲认定") for t in page.foot)
    assert any("（待核）" in r[1] for r in block(content.enterprises[0], Grid, "甲认定").rows)
    content, *_ = small(firm("甲厂"), rules=[rule("硬条件", PATENTS, ">=", 3)])
    assert not any("待核" in t for t in content.towns[0].foot)


@given(st.lists(st.tuples(st.integers(0, 9), st.booleans()), max_size=4))
def test_rows_are_shared_out_first_tables_before_the_others_and_each_total_once(tables):
    grids = [Grid("", (), (("x",),) * n, first=first) for n, first in tables]
    out = splits(grids)
    assert [sum(row) for row in out] == list(range(sum(n for n, _ in tables) + 1))
    for row in out:
        assert all(k <= n for k, (n, _) in zip(row, tables))
        if any(k and not first for k, (_, first) in zip(row, tables)):
            assert all(k == n for k, (n, first) in zip(row, tables) if first)
        open_ = [k for k, (n, first) in zip(row, tables) if not first and k < n]
        assert not open_ or max((k for k, (_, first) in zip(row, tables) if not first)) <= min(open_) + 1


def test_long_words_may_break_and_ordinary_text_is_left_alone():
    page = Page("学员工作页", "甲厂", "a/b", "小例", "", ("data/raw/very_long_name_of_a_file.csv",),
                ((Grid("", (Column("名", 1),), (("A" * 30, "91350100M000100Y43", "研发费用 4.02 %"),)),),))
    shown, lacking = drawable(page)
    assert lacking == "" and shown.title == "甲厂" and shown.subtitle == "a/b"
    cells = shown.variants[0][0].rows[0]
    assert cells[0].replace(BREAK, "") == "A" * 30 and max(map(len, cells[0].split(BREAK))) <= 12 and cells[2] == "研发费用 4.02 %"
    assert mapped(shown, lambda t: t.replace(BREAK, "")) == page and "甲厂" in texts(page)


def test_the_worksheet_asks_for_the_cases_own_figures_and_the_key_has_them(demo):
    case, desk, content = demo
    sheet, key = content.worksheet
    a = assess_case(case)
    lines = ["".join(t or w or "＿" for t, w in line) for b in key.variants[0] for line in b.lines]
    peers = a.total[a.groups == a.groups[case.home]].sort_values(ascending=False)
    place = list(peers.index).index(case.home)
    assert f"{case.year} 年度{case.home}总分 {peers[case.home]:.2f} 分，在{a.groups[case.home]} {len(peers)} 个区县中排第 {place + 1} 位。" in lines
    assert f"前一位是 {peers.index[place - 1]}，与我们相差 {peers.iloc[place - 1] - peers[case.home]:.2f} 分。" in lines
    rows = desk.lists.rows
    counts = [rows.loc[rows["status"] == s, "row"].nunique() for s in ("应报未报", "靠靠能报", "资料不全")]
    assert "全区 {} 家企业里，应报未报 {} 家，靠靠能报 {} 家，资料不全 {} 家。".format(len(case.enterprises), *counts) in lines
    assert [[(t, w) for t, w in line] for b in sheet.variants[0] for line in b.lines] == [[(t, w) for t, w in line] for b in key.variants[0] for line in b.lines]
    assert not any(b.filled for b in sheet.variants[0]) and all(b.filled for b in key.variants[0])
    assert [b.heading for b in sheet.variants[0]] == ["有数", "有弦", "有方"]


def test_sentences_without_figures_are_left_out_of_the_worksheet():
    content, *_ = small(firm("甲厂"), key=False)
    (page,) = content.worksheet
    said = "".join(t for b in page.variants[0] for line in b.lines for t, _ in line)
    assert "排第" not in said and "目标是" not in said and "计划今年" not in said and "我下周要做的一件事" in said and content.poster is None


def test_the_poster_ranks_within_groups_and_marks_home_and_benchmark(demo):
    case, _, content = demo
    a = assess_case(case)
    for ranking in (b for b in content.poster.variants[0] if isinstance(b, Ranking)):
        own = a.total[a.groups == ranking.heading].sort_values(ascending=False)
        assert [r[1] for r in ranking.rows] == list(own.index) and [r[0] for r in ranking.rows] == [str(k + 1) for k in range(len(own))]
        assert [r[5] for r in ranking.rows] == ["本区" if d == case.home else "对标" if d == case.benchmark else "" for d in own.index]
        assert all(r[3] / ranking.top == pytest.approx(own[r[1]] / 100) for r in ranking.rows)


def test_a_district_without_a_score_stands_last_on_the_poster_with_the_reason():
    scheme = pd.DataFrame([{"代码": "T", "上级": "", "合成方法": "加权平均"}, {"代码": "a", "上级": "T", "权重": 1, "计分方法": "直接"}])
    a = assess(pd.DataFrame({"a": [30.0, 40.0, 50.0]}, index=["甲区", "乙区", "丙区"]), scheme)
    a = replace(a, scores=a.scores.assign(T=[30.0, float("nan"), 50.0]), ranks=a.ranks.assign(T=[2.0, float("nan"), 1.0]))
    case = SimpleNamespace(home="甲区", benchmark="丙区", city="甲市", year=2022, illustrative=False, nature="", meta={}, tables={})
    face = SimpleNamespace(head="小例", foot=("", "来源：甲。"))
    page = poster_page(case, a, face)
    assert [(r[0], r[1], r[2]) for r in page.variants[0][0].rows] == [("1", "丙区", "50.00"), ("2", "甲区", "30.00"), ("—", "乙区", "—")]
    assert any("乙区" in t for t in block(page, Sentences).items)


def test_the_growth_target_of_a_town_is_its_row_of_the_allocation():
    table = pd.DataFrame([{"place": "一镇", "increment": 1.5, "target": 11.5, "growth": 15.0, "increment_share": 0.25, "bound": "上限", "status": "示例"},
                          {"place": "二镇", "increment": 4.5, "target": 34.5, "growth": 15.0, "increment_share": 0.75, "bound": "", "status": "示例"}])
    task = SimpleNamespace(first=2023, towns=SimpleNamespace(table=table))
    assert growth_text(task, "一镇", "开票销售") == "增长任务：“开票销售”2023 年新增 1.50 亿元、达到 11.50 亿元，增长 15.0%（上限），承担全区增量的 25.0%（状态：示例）。"
    assert growth_text(task, "三镇") == "" and growth_text(SimpleNamespace(towns=None), "一镇") == ""


def test_text_is_as_large_as_the_page_allows():
    few, *_ = small(firm("甲厂"))
    many, *_ = small(*(firm(f"第{k}厂") for k in range(60)))
    set_ = Typesetter(few.day).set
    (_, (a,)), (_, (b,)) = set_(few.towns), set_(many.towns)
    assert a.size == max(sizes(few.towns[0])) == 10.5 and b.size == min(sizes(many.towns[0])) == 9 and b.full <= 1
    # One row more than is shown, and nothing elastic, is too much for the sheet.
    page, n = many.towns[0], b.shown[1] + 1
    stiff = tuple(replace(x, rows=x.rows[:n], note=x.rests[min(n, len(x.rows))], rests=()) if isinstance(x, Grid) and x.elastic else x for x in page.variants[0])
    with pytest.raises(AssessmentError, match="排不下"):
        set_([replace(page, variants=(stiff,))])
