"""Single words of the handouts: when a recognition ends, who was refused before, what is known to be missing first."""

from dataclasses import replace

import pandas as pd
from analysis.handouts import Grid, Sentences
from analysis.handouts.enterprise import _SUMMARY
from analysis.handouts.estimate import _WIDTH, _lines
from analysis.handouts.settings import setting
from analysis.handouts.steps import nearest
from handoutsbook import small
from listsbook import NEEDS, firm
from recognitionbook import granted, rule


def test_a_recognition_that_ends_is_dated_on_the_enterprises_own_page():
    row = {"row": 2, "code": "", "name": "甲厂", "town": "一镇", "certification": "乙认定", "year": 2020.0, "due": pd.Timestamp(2023, 5, 1), "days": 121,
           "state": "即将复核", "basis": "按年数推算", "action": "", "confidence": "原文", "data_status": "示例"}
    content, *_ = small(firm("甲厂"), firm("丙厂"), change=lambda lists: replace(lists, expiring=pd.DataFrame([row | {"row": int(lists.rows.set_index("name").at["甲厂", "row"])}])))
    said = {p.title: "".join(t for b in p.variants[0] if isinstance(b, Sentences) for t in b.items) for p in content.enterprises}
    assert "已认定：乙认定（按年数推算2023年5月1日到期，要复核）" in said["甲厂"] and "到期" not in said["丙厂"]


def test_who_was_refused_is_marked_in_the_towns_table():
    # From the lists of recognitions, whatever the words of the reason are; the last year counts.
    held = pd.concat([granted(2, "甲认定", 2022, result="未通过"), granted(2, "甲认定", 2019, result="未通过"), granted(3, "乙认定", 2021, result="未通过"),
                      granted(4, "甲认定", float("nan"), result="未通过")])
    content, *_ = small(firm("甲厂"), firm("丙厂"), firm("丁厂"), held=held, change=lambda lists: replace(lists, rows=lists.rows.assign(reason="1999年申报未通过")))
    due = next(b for b in content.towns[0].variants[0] if isinstance(b, Grid) and b.heading.startswith("应报未报"))
    assert {r[0]: r[1] for r in due.rows} == {"甲厂": "甲认定（2022年申报未通过）", "丙厂": "甲认定", "丁厂": "甲认定（往年申报未通过）"} and due.columns[1].title == "条件已达到、现在没有在报的认定"


def test_known_gaps_stand_before_unknown_ones():
    rows = pd.DataFrame({"row": [2, 3, 4], "status": ["靠靠能报"] * 3, "distance": [0.0, 1.0, 0.5], "unknown": [1, 0, 0]})
    assert nearest(rows)["row"].tolist() == [4, 3, 2]


def test_a_reason_says_the_same_gap_of_two_groups_once():
    rules = [rule("硬条件", "近三年发明专利数", ">=", 3, group=g, 容差="1", 单位="项") for g in ("A1", "A2")]
    content, *_ = small(firm("近厂", patents=2), rules=rules)
    (row,) = next(b for b in content.towns[0].variants[0] if isinstance(b, Grid) and b.heading.startswith("靠靠能报")).rows
    assert row[2].count("差1项") == 1 and not row[2].startswith("未达到")


def test_short_words_of_the_summary_never_break():
    share = (_WIDTH - 2 * setting("页边距") * 72 / 25.4) / sum(c.share for c in _SUMMARY)
    words = {"状态": "应报未报", "评价得分": "评价得分", "最早可达": "2024年12月", "计划申报": "二季度", "依据": "二手"}
    for column in _SUMMARY:
        if column.title in words:
            assert all(_lines(t, (column.share * share - 6) / setting("正文最大字号")) == 1 for t in (words[column.title], column.title))


def test_alternatives_in_the_same_words_say_which_figure_is_theirs():
    words = "职工 1000 人以下或营业收入 4 亿元以下"
    rules = [*NEEDS, rule("硬条件", "营业收入", "<", 40000, group="B1", 单位="万元", 说明=words), rule("硬条件", "职工人数", "<", 1000, group="B1", 单位="人", 说明=words)]
    content, *_ = small({**firm("近厂", patents=2), "营业收入": 3000, "职工人数": 78}, rules=rules)
    values = [r[2] for b in content.enterprises[0].variants[0] if isinstance(b, Grid) and b.heading.startswith("甲认定") for r in b.rows if r[0] == "B1"]
    assert values == ["营业收入\n3000 万元", "职工人数\n78 人"]
