"""Alternatives that go by the size of a field leave no size out; ratios and thresholds in % are really in %."""

import random

import pytest
from casebook import base, write_folder, write_workbook

from analysis.case import check_case

HEAD = ["认定", "条款", "组", "字段", "比较", "门槛", "单位", "说明"]
RATIO = "研发费用/营业收入*100"
WRITERS = [(write_folder, "case"), (write_workbook, "case.xlsx")]


def case(*rows):
    """Rules of 某认定, rows (条款, 组, 字段, 比较, 门槛, 单位, 说明), the last ones left out at will."""
    return base() | {"认定条件": [HEAD, *(["某认定", *row, *[""] * (7 - len(row))] for row in rows)]}


def said(tmp_path, *rows, write=write_folder, name="case"):
    return [(p.level, p.row, p.column, p.message) for p in check_case(write(tmp_path / name, case(*rows)))]


def banded(*bands, field="营业收入", kind="硬条件", asked=(5, 3, 2)):
    """Ways 1, 2, … of group D: each band is [(比较, 门槛), …] of the field, with a share of R&D asked for."""
    return [row for k, band in enumerate(bands) for row in
            (*((kind, f"D/{k}", field, op, edge) for op, edge in band), (kind, f"D/{k}", RATIO, ">=", str(asked[k % 3])))]


@pytest.mark.parametrize("write, name", WRITERS)
@pytest.mark.parametrize("kind", ["硬条件", "前置"])
def test_a_hole_between_two_ways_is_a_warning_with_both_rows(tmp_path, write, name, kind):
    rows = banded([("介于", "0~5000")], [(">=", "6000")], kind=kind)
    [(level, row, column, message)] = said(tmp_path, *rows, ("硬条件", "A", "研发费用", ">=", "1"), write=write, name=name)
    assert (level, row, column) == ("警告", 4, "门槛") and f"「某认定」{kind}D 按营业收入分档" in message and "第2行小于 5000，第4行从 6000 起" in message


HOLES = {
    "both without the edge": ([("<", "5000")], [(">", "5000")]),
    "interval without its upper edge": ([("介于", "0~5000")], [(">", "5000")]),
    "limits in two rows": ([(">=", "0"), ("<=", "5000")], [(">=", "6000"), ("<", "9000")]),
    "the middle way is missing": ([("<", "5000")], [("介于", "5000~6000")], [(">=", "7000")]),
    "the rows are out of order": ([(">=", "6000")], [("<", "5000")]),
}
WHOLE = {
    "meet": ([("<", "5000")], [(">=", "5000")]), "meet the other way": ([("<=", "5000")], [(">", "5000")]), "overlap": ([("<", "6000")], [(">=", "5000")]),
    "three of them": ([("介于", "0~5000")], [("介于", "5000~10000")], [(">=", "10000")]), "one within another": ([(">=", "0")], [("介于", "100~200")], [(">=", "9000")]),
    "only from below": ([(">=", "5000")], [(">=", "9000")]), "the hole is filled by the third": ([("<", "5000")], [(">=", "6000")], [("介于", "4000~7000")]),
}


@pytest.mark.parametrize("bands, holes", [*((b, 1) for b in HOLES.values()), *((b, 0) for b in WHOLE.values())], ids=[*HOLES, *WHOLE])
def test_holes_are_told_from_ways_that_meet(tmp_path, bands, holes):
    found = said(tmp_path, *banded(*bands))
    assert len(found) == holes and all("有空缺" in message for *_, message in found)


def test_whole_numbers_leave_no_hole_between_neighbours(tmp_path):
    assert said(tmp_path / "a", *banded([("<=", "299")], [(">=", "300")], field="职工人数")) == []
    assert said(tmp_path / "b", *banded([("<", "300")], [(">", "299")], field="职工人数")) == []
    assert len(said(tmp_path / "c", *banded([("<=", "299")], [(">=", "301")], field="职工人数"))) == 1
    assert len(said(tmp_path / "d", *banded([("<=", "299")], [(">=", "300")]))) == 1


def test_ways_that_do_not_go_by_size_and_classes_of_their_own_are_left_alone(tmp_path):
    soft, rest = ("硬条件", "D/软", "行业", "=", "软件业"), ("硬条件", "D/其他", "行业", "!=", "软件业")
    assert said(tmp_path / "a", soft, ("硬条件", "D/软", "职工人数", "<", "50"), rest, ("硬条件", "D/其他", "职工人数", ">", "100")) == []
    assert said(tmp_path / "b", *banded([("<", "5000")], [(">=", "6000")]), ("硬条件", "D", "近两年股权融资", ">=", "2000")) == []
    assert said(tmp_path / "c", ("硬条件", "D", "营业收入", "<", "5000"), ("硬条件", "E", "营业收入", ">=", "0")) == []
    [(_, row, _, message)] = said(tmp_path / "d", soft, ("硬条件", "D/软", "职工人数", "<", "50"), ("硬条件", "D/软二", "行业", "=", "软件业"),
                                  ("硬条件", "D/软二", "职工人数", ">", "60"), rest, ("硬条件", "D/其他", "职工人数", ">", "100"))
    assert row == 5 and "第3行小于 50，第5行大于 60" in message


def random_ways(rng):
    """Two to four ways that each limit the field from below, from above or both."""
    ways = []
    for _ in range(rng.randint(2, 4)):
        low, high = sorted(rng.sample(range(1, 9), 2))
        ways.append(rng.choice([[("<", high)], [("<=", low)], [(">", high)], [(">=", low)], [("介于", f"{low}~{high}")], [(">", low), ("<=", high)]]))
    return [[(op, str(edge)) for op, edge in way] for way in ways]


@pytest.mark.parametrize("seed", range(8))
def test_a_warning_stands_exactly_where_some_point_between_two_ways_meets_none(tmp_path, seed):
    """Random ways of 15 recognitions against a judgement point by point, at every half and whole number."""
    rng, rows, expected = random.Random(seed), [], set()
    for k in range(15):
        ways = random_ways(rng)
        rows += [[f"认定{k}", "硬条件", f"D/{j}", "营业收入", op, edge, "", ""] for j, way in enumerate(ways) for op, edge in way]
        meets = [[all(_met(op, edge, p / 2) for op, edge in way) for p in range(-2, 22)] for way in ways]
        first, last = min(way.index(True) for way in meets), max(len(way) - 1 - way[::-1].index(True) for way in meets)
        if not all(any(column) for column in list(zip(*meets))[first:last]):
            expected.add(f"认定{k}")
    found = check_case(write_folder(tmp_path / "case", base() | {"认定条件": [HEAD, *rows]}))
    assert {p.message.split("「")[1].split("」")[0] for p in found if "有空缺" in p.message} == expected and 0 < len(expected) < 15


def _met(op, edge, value):
    if op == "介于":
        low, high = map(float, edge.split("~"))
        return low <= value < high
    edge = float(edge)
    return {"<": value < edge, "<=": value <= edge, ">": value > edge, ">=": value >= edge}[op]


PERCENT = {
    "ratio in %": ("研发费用/营业收入", ">=", "3", "%", "", "字段", "是不是漏了“*100”"),
    "ratio in full-width %": ("研发费用/营业收入", ">=", "3", "％", "", "字段", "是不是漏了“*100”"),
    "mean of ratios in %": ("(研发费用/营业收入+上年研发费用/上年营业收入)/2", ">=", "3", "%", "", "字段", "是不是漏了“*100”"),
    "growth in %": ("营业收入/上年营业收入-1", ">=", "5", "%", "", "字段", "是不是漏了“*100”"),
    "ratio, a percentage in the text": ("研发费用/营业收入", ">=", "3", "", "占比不低于3%", "字段", "说明里写的是百分数"),
    "small threshold": (RATIO, ">=", "0.03", "%", "占比不低于3%", "门槛", "3% 应写 3"),
    "small threshold without unit": (RATIO, ">=", "0.03", "", "", "门槛", "3% 应写 3"),
    "small threshold of a share": ("细分市场占有率", ">", "0.1", "", "", "门槛", "10% 应写 10"),
    "small band": (RATIO, "介于", "0.03~0.05", "%", "", "门槛", "3%、5% 应写 3、5"),
    "another percentage in the text": (RATIO, ">=", "0.3", "%", "占比10.3%、0.35%", "门槛", "30% 应写 30"),
}
SOUND = [("研发费用/营业收入", ">=", "0.03", "", "占比不低于3%"), (RATIO, ">=", "3", "%", ""), (RATIO, ">=", "0.5", "%", "占比不低于0.5%"), (RATIO, "介于", "0.5~3", "%", ""),
         (RATIO, ">=", "0", "%", ""), ("研发费用/职工人数", ">=", "0.5", "万元", ""), ("细分市场占有率", ">=", "10", "%", ""), ("100*研发费用/营业收入", ">=", "3", "%", ""),
         ("营业收入/10000", ">=", "0.5", "亿元", ""), ("营业收入/上年营业收入", ">=", "1.05", "", "增长5%以上")]


@pytest.mark.parametrize("name", PERCENT)
@pytest.mark.parametrize("kind", ["硬条件", "直通"])
def test_percentages_a_hundred_times_out_are_named(tmp_path, name, kind):
    field, op, edge, unit, text, column, words = PERCENT[name]
    sheets = case((kind, "A", field, op, edge, unit, text), ("硬条件", "B", "研发费用", ">=", "1"))
    sheets["认定条件"] = [[*row, more] for row, more in zip(sheets["认定条件"], ("替代", "B" if kind == "直通" else "", ""))]
    [problem] = check_case(write_folder(tmp_path / "case", sheets))
    assert (problem.level, problem.row, problem.column) == ("警告", 2, column) and words in problem.message and problem.fix


@pytest.mark.parametrize("row", SOUND)
def test_true_percentages_and_plain_ratios_are_left_alone(tmp_path, row):
    assert said(tmp_path, ("硬条件", "A", *row)) == []
