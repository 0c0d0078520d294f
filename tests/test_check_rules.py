"""Validation of the rules: what cannot be meant, or cannot be judged, is named where it stands."""

import csv
import io

import pytest
from casebook import base, write_folder, write_workbook

from analysis.case import check_case, read_case
from analysis.recognition import rule_book

RULES = ["认定", "适用起", "适用止", "条款", "组", "字段", "比较", "门槛", "分值", "单位"]
NEEDED = ("硬条件", "H", "营业收入", ">=", "1", "")


def problems(tmp_path, **sheets):
    return check_case(write_folder(tmp_path / "case", base() | sheets))


def rules(*rows):
    """Rules of 某认定 in one version, rows (条款, 组, 字段, 比较, 门槛, 分值)."""
    return {"认定条件": [RULES, *(["某认定", "", "", *row, ""] for row in rows)]}


def score(*bands, field="研发费用"):
    """A score sheet of one group, and last a condition, without which there is nothing to judge."""
    return rules(*(("评分", "S1", field, op, edge, points) for op, edge, points in bands), NEEDED)


def ways(*rows):
    """Rows (条款, 组, 字段, 比较, 门槛, 分值, 替代)."""
    return {"认定条件": [[*RULES, "替代"], *(["某认定", "", "", *row[:6], "", *row[6:]] for row in rows)]}


FINE = [score((">=", "500", "10"), (">=", "400", "8"), (">=", "100", "2")), score(("<=", "50", "5"), ("<=", "60", "3")),
        score((">=", "80", "5"), ("介于", "70~80", "3"), ("介于", "60~70", "1")), score(("<", "60", "0"), ("介于", "60~80", "3"), (">=", "80", "5")),
        rules(("评分", "S1", "研发费用", ">=", "100", "5"), ("评分", "S1", "研发费用/营业收入*100", ">=", "3", "5"), NEEDED),
        rules(("评分", "能力:研发", "研发费用", ">=", "100", "5"), ("硬条件", "A", "评价得分", ">=", "60", ""), ("硬条件", "B", "评价得分.能力", ">=", "5", "")),
        ways(("硬条件", "A", "研发费用", ">=", "100", "", ""), ("硬条件", "B/1", "营业收入", ">=", "100", "", ""), ("直通", "D", "职工人数", ">=", "9", "", "A、B")),
        ways(("硬条件", "", "研发费用", ">=", "100", "", ""), ("直通", "D", "职工人数", ">=", "9", "", "全部"), ("直通", "E", "职工人数", ">=", "9", "", "第2行")),
        rules(("评分", "S/1", "研发费用", ">=", "100", "5"), ("评分", "S/1", "职工人数", ">=", "9", "5"), NEEDED), rules(("已具备", "A", "是否规上", "=", "是", "")),
        rules(("硬条件", "A", "max(研发费用, 上年研发费用)/(营业收入-1)", ">=", "3", ""), ("硬条件", "B", "II类知识产权", ">=", "2", ""))]


@pytest.mark.parametrize("k", range(len(FINE)))
def test_sound_rules_have_nothing_to_report_and_the_engine_takes_them(tmp_path, k):
    case = read_case(write_folder(tmp_path / "case", base() | FINE[k]))
    assert case.problems == () and list(rule_book(case).recognitions) == ["某认定"]


WRONG = {
    "hole": (score((">=", "80", "5"), ("介于", "60~70", "1")), "警告", 2, "门槛", "其间没有分值"),
    "overlap": (score((">=", "80", "5"), ("介于", "70~85", "3")), "错误", 3, "门槛", "两档重叠"),
    "same threshold": (score((">=", "80", "5"), (">=", "80", "3")), "错误", 3, "门槛", "门槛 80 有两个分值"),
    "fewer points for more": (score((">=", "80", "3"), (">=", "60", "5")), "警告", 2, "分值", "这一档不起作用"),
    "fewer points for less": (score(("<=", "50", "3"), ("<=", "60", "5")), "警告", 2, "分值", "这一档不起作用"),
    "value in two bands": (score(("属于", "三级|四级", "5"), ("=", "三级", "3"), field="数字化水平"), "错误", 3, "门槛", "取值「三级」有两个分值"),
    "no points": (score((">=", "80", "")), "错误", 2, "分值", "没有不小于零的分值"),
    "low above high": (score(("介于", "80~70", "3")), "错误", 2, "门槛", "介于"),
    "threshold in words": (score((">=", "很多", "3")), "错误", 2, "门槛", "「很多」不是数字"),
    "unknown field": (score((">=", "1", "3"), field="研发经费"), "错误", 2, "字段", "是不是「研发费用」"),
    "unknown field in a sum": (score((">=", "1", "3"), field="研发费用/营业额*100"), "错误", 2, "字段", "营业额"),
    "broken sum": (score((">=", "1", "3"), field="研发费用/(营业收入"), "错误", 2, "字段", "算式"),
    "score without sheet": (rules(("硬条件", "A", "评价得分", ">=", "60", "")), "错误", 2, "字段", "没有对应的评分条款"),
    "part without sheet": (rules(("评分", "能力:研发", "研发费用", ">=", "1", "5"), ("硬条件", "A", "评价得分.规模", ">=", "60", "")), "错误", 3, "字段", "没有对应的评分条款"),
    "clause twice": (rules(("硬条件", "A", "研发费用", ">=", "1", ""), ("硬条件", "A", "研发费用", ">=", "1", "")), "警告", 3, "字段", "与第2行的条款完全相同"),
    "operator unknown": (rules(("硬条件", "A", "研发费用", "大于等于", "1", "")), "错误", 2, "比较", "不在可选范围"),
    "no operator": (rules(("硬条件", "A", "研发费用", "", "1", "")), "错误", 2, "比较", "没有写比较"),
    "shortcut for nothing": (ways(NEEDED, ("直通", "D", "职工人数", ">=", "9", "", "")), "错误", 3, "替代", "没有写替代哪一组"),
    "shortcut for an unknown group": (ways(NEEDED, ("直通", "D", "职工人数", ">=", "9", "", "A、H2")), "错误", 3, "替代", "「A」不是这一认定同一版本的硬条件组"),
    "shortcut for a score": (ways(NEEDED, ("评分", "S", "研发费用", ">=", "1", "5", ""), ("直通", "D", "职工人数", ">=", "9", "", "S")), "错误", 4, "替代", "「S」不是"),
    "shortcut without conditions": (ways(("前置", "P", "研发费用", ">=", "1", "", ""), ("直通", "D", "职工人数", ">=", "9", "", "P")), "错误", 3, "替代", "「P」不是"),
    "replaces beside a condition": (ways((*NEEDED, "A"),), "警告", 2, "替代", "不起作用，只有直通条款替代硬条件"),
    "score of a score": (rules(NEEDED, ("评分", "S", "研发费用", ">=", "1", "5"), ("评分", "S", "评价得分", ">=", "1", "5")), "错误", 4, "字段", "评分条款不能再用"),
    "points of one way differ": (rules(NEEDED, ("评分", "S/1", "研发费用", ">=", "1", "5"), ("评分", "S/1", "职工人数", ">=", "1", "3")), "错误", 4, "分值", "各行要同时达到，分值却不同"),
    "nothing to judge by": (rules(("评分", "S", "研发费用", ">=", "1", "5")), "错误", 2, "条款", "无从判断"),
    "text by size": (rules(("硬条件", "A", "企业名称", ">=", "3", "")), "错误", 2, "比较", "是文字，不能参加算术或比大小"),
    "number equal to a word": (rules(("硬条件", "A", "职工人数", "=", "很多", "")), "错误", 2, "门槛", "不能等于「很多」"),
    "prerequisite of nothing": (rules(("前置", "P", "创新型", "已认定", "", "")), "提示", 2, "字段", "既没有认定条件，也没有认定名单"),
}


@pytest.mark.parametrize("write, file", [(write_folder, "case"), (write_workbook, "case.xlsx")])
@pytest.mark.parametrize("name", WRONG)
def test_rules_that_cannot_be_meant_are_named_where_they_stand(tmp_path, name, write, file):
    sheets, level, row, column, words = WRONG[name]
    found = [p for p in check_case(write(tmp_path / file, base() | sheets)) if words in p.message]
    assert [(p.level, p.file, p.sheet, p.row, p.column) for p in found] == [
        (level, "认定条件.csv" if write is write_folder else file, "认定条件", row, column)] and found[0].fix


def test_a_shortcut_replaces_conditions_of_its_own_version_only(tmp_path):
    """A is a condition of the first version, B of the second; D names A in both."""
    dates = [("2022-01-01", "2023-12-31"), ("2024-01-01", "")]
    rows = [["某认定", *dates[v], kind, group, "研发费用", ">=", "1", "", "", replaced]
            for v, kind, group, replaced in ((0, "硬条件", "A", ""), (0, "直通", "D", "A"), (1, "硬条件", "B", ""), (1, "直通", "D", "A"))]
    [problem] = problems(tmp_path, 认定条件=[[*RULES, "替代"], *rows])
    assert (problem.row, problem.column) == (5, "替代") and "「A」不是" in problem.message and "填 B 中" in problem.fix


def versions(*spans):
    return {"认定条件": [RULES, *(["某认定", *span, "硬条件", "A", "研发费用", ">=", str(k), "", ""] for k, span in enumerate(spans))]}


@pytest.mark.parametrize("spans, expected", [
    ([("2022-08-01", "2026-03-31"), ("2026-04-01", "")], []),
    ([("", "2026-03-31"), ("2026-03-31", "")], [("错误", 3, "重叠")]),
    ([("2022-08-01", ""), ("2026-04-01", "")], [("错误", 3, "重叠")]),
    ([("", ""), ("2026-04-01", "")], [("错误", 3, "重叠")]),
    ([("2022-08-01", "2025-12-31"), ("2026-04-01", "")], [("提示", 3, "之间没有适用的标准")]),
    ([("2026-08-01", "2022-03-31")], [("错误", 2, "晚于适用止")]),
])
def test_versions_follow_each_other_without_overlap(tmp_path, spans, expected):
    found = problems(tmp_path, **versions(*spans))
    assert len(found) == len(expected)
    assert all((p.level, p.row) == (level, row) and words in p.message for p, (level, row, words) in zip(found, expected))


def test_a_circle_of_prerequisites_is_named_once(tmp_path):
    rows = [[a, "", "", "前置", "P", b, "已认定", "", "", ""] for a, b in (("甲", "乙"), ("乙", "丙"), ("丙", "甲"), ("丁", "甲"))]
    found = [p for p in problems(tmp_path, 认定条件=[RULES, *rows]) if "圈" in p.message]
    assert [(p.level, p.row, p.column) for p in found] == [("错误", 2, "字段")] and "甲→乙→丙→甲" in found[0].message


def test_the_shipped_rules_pass(tmp_path):
    from analysis.case import RAW

    text = (RAW / "sources/recognition_rules.csv").read_text(encoding="utf-8-sig")
    found = problems(tmp_path, 认定条件=list(csv.reader(io.StringIO(text))))
    assert [str(p) for p in found if p.level != "提示"] == []
