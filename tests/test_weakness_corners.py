"""Masked, tied, alone, unknown: what the weakness half says and shows there."""

import casebook
import numpy as np
import pandas as pd
import pytest
from analysis import read_case
from analysis.assessment import assess, assess_case
from analysis.weakness import (alone, choose_rival, flow_notes, gap_table, masked_texts, place_shares, location_quotients, reach_worth, recognition_counts,
                               recognition_flow, side_by_side_finding, shares_side_by_side, smallest_single_change, strengths, tables,
                               unit_worth, weakness_findings)
from analysis.weakness.peers import rank_text

PLAN = pd.DataFrame({"code": ["T", "x"], "parent": ["", "T"], "weight": [np.nan, 1], "method": ["", "直接"]})


def small(tmp_path, values=(), **sheets):
    """The small case with some figures replaced: (district, indicator) -> (value, low, high)."""
    parts = {**casebook.base(), **sheets}
    for row in parts["指标值"][1:]:
        if (row[1], row[2]) in dict(values):
            row[3], row[4], row[5] = dict(values)[row[1], row[2]]
    case = read_case(casebook.write_folder(tmp_path / "小例", parts))
    return case, assess_case(case)


def recognition(sheet):
    """The scheme sheet with 技术中心 marked as a recognition."""
    return [[*sheet[0], "类别"], *([*row, "认定" if row[0] == "B1" else ""] for row in sheet[1:])]


def test_a_masked_home_value_is_never_printed_as_a_figure(tmp_path):
    case, a = small(tmp_path, {("东区", "B1"): ("**", "5", "20")}, 考核方案=recognition(casebook.base()["考核方案"]))
    hidden = masked_texts(case, a, "东区")
    assert hidden == {"B1": "**（区间 5～20，按中点推算）"}
    shown = [tables.strength_view(strengths(a, "东区"), hidden), tables.worth_view(unit_worth(a, "东区"), hidden),
             tables.reach_view(reach_worth(a, "东区", "西区"), hidden), tables.change_view(smallest_single_change(a, "东区"), hidden)]
    for table, marks in shown:
        row = table["指标"] == "技术中心"
        value = table.loc[row, "数值" if "数值" in table else "现值"]
        assert (value == hidden["B1"]).all() and any(label in table.index[row] and mark == "推算" for (label, _), mark in marks.items())
        assert not (value.astype(str).str.contains("12.5")).any()
    text = "".join(weakness_findings(a, case, "东区", "西区"))
    assert "约 12.5 家（推算）" in text and "12.5" not in text.replace("约 12.5 家（推算）", "").replace("约 12.5（推算）", "")
    assert tables.count_view(recognition_counts(a, "东区", "")).at["东区", "技术中心"] == "约 12.5（推算）"


def test_a_masked_home_value_without_its_text_is_still_marked(tmp_path):
    _, a = small(tmp_path, {("东区", "B1"): ("**", "5", "20")})
    table, _ = tables.worth_view(unit_worth(a, "东区"))
    assert table.set_index("指标").at["技术中心", "现值"] == "约 12.5（推算）"


def test_a_district_with_nobody_to_be_ranked_with_gets_no_rank_anywhere(tmp_path):
    a = assess(pd.DataFrame({"x": [5.0]}, index=["甲区"]), PLAN)
    assert "只有甲区一个可比地区，不谈位次" in alone(a, "甲区") and alone(a, "甲区") == weakness_findings(a, None, "甲区")[0]
    grouped = assess(pd.DataFrame({"x": [5.0, 9]}, index=["甲区", "乙区"]), PLAN, groups=pd.Series(["一", "二"], ["甲区", "乙区"]))
    text = "".join(weakness_findings(grouped, None, "甲区", "乙区"))
    assert "一只有甲区一个可比地区" in text and "少 4.00 分" in text and "第 1 位" not in text and "位次不变" not in text
    for table, _ in (tables.strength_view(strengths(grouped, "甲区")), tables.worth_view(unit_worth(grouped, "甲区")),
                     tables.reach_view(reach_worth(grouped, "甲区", "乙区"))):
        assert not [c for c in table if "位次" in c]


def test_an_unknown_total_names_what_is_missing_and_what_to_do_and_shows_the_rest(tmp_path):
    case, a = small(tmp_path, {("东区", "A1"): ("**", "", "")})
    sentences = weakness_findings(a, case, "东区", "西区")
    assert "含没有上下界的未公开数值（“开票销售”），无法计算" in sentences[0] and "填下界和上界" in sentences[0]
    assert "优势指标 1 项（销售增速）" in sentences[1] and "没有可用数值的 1 项（开票销售）不评" in sentences[1]
    assert choose_rival(a, "东区", "西区") == ("", "") and gap_table(a, "东区", "西区").empty
    table, _ = tables.strength_view(strengths(a, "东区"), masked_texts(case, a, "东区"))
    assert table.set_index("指标").at["开票销售", "数值"] == "**（没有上下界，不推算）"


def test_an_unknown_benchmark_gives_way_to_the_next_known_rival_with_a_note():
    values = pd.DataFrame({"x": [5.0, np.nan, 9, 7]}, index=["甲区", "乙区", "丙区", "丁区"])
    a = assess(values, PLAN, masked=values.isna())
    other, why = choose_rival(a, "甲区", "乙区")
    assert other == "丁区" and "乙区的总分含没有上下界的未公开数值" in why and "改与前一位丁区比较" in why
    assert "比丁区少 2.00 分" in weakness_findings(a, None, "甲区", "乙区")[0]
    assert choose_rival(a, "丙区", "乙区")[0] == "丁区" and choose_rival(a, "甲区", "丙区") == ("丙区", "")


@pytest.mark.parametrize(("values", "said"), [
    ([5, 9, 7, 3], "第 3 位"), ([5, 9, 5, 3], "并列第 2 位"), ([5, 9, 5, 7], "并列第 3 位，同居末位"), ([5, 9, 8, 7], "第 4 位，居末位"),
    ([5, 5, 5, 5], "同组各地区得分相同")])
def test_a_place_says_ties_and_the_last(values, said):
    a = assess(pd.DataFrame({"x": np.array(values, float)}, index=["甲区", "乙区", "丙区", "丁区"]), PLAN)
    assert rank_text(a, "甲区", "T") == said


def test_where_all_are_equal_nothing_is_called_behind_or_first():
    a = assess(pd.DataFrame({"x": [5.0, 5, 5]}, index=["甲区", "乙区", "丙区"]), PLAN)
    text = "".join(weakness_findings(a, None, "甲区", "乙区"))
    assert "各分项得分都相同，总分持平" in text and "总分全部相同，并列第 1 位，分不出先后" in text and "+0.00" not in text


def test_near_equals_of_the_weak_spot_and_a_disagreeing_class_are_named():
    # 甲 trails 乙 by 10 on x and by 9.8 on y; on x only one of four is ahead (中游), on y three (劣势).
    plan = pd.DataFrame({"code": ["T", "x", "y"], "name": ["总分", "资源", "环境"], "parent": ["", "T", "T"], "weight": [np.nan, 1, 1], "method": ["", "直接", "直接"]})
    values = pd.DataFrame({"x": [50.0, 60, 51, 40, 40], "y": [50.0, 59.8, 55, 53, 54]}, index=["甲区", "乙区", "丙区", "丁区", "戊区"])
    sentences = weakness_findings(assess(values, plan), None, "甲区", "乙区")
    assert "短板在**资源**" in sentences[0]
    assert "**环境**失分几乎同样多（4.90 分，第 5 位，居末位）" in sentences[1] and "属中游；按位置属劣势的分项是环境" in sentences[1]


def test_signs_are_typographic_and_reverse_indicators_are_explained():
    show = tables.figure(4, True)
    assert [show(v) for v in (-0.5, 0.0, 12345.6, 3)] == ["−0.5", "0", "+12,350", "+3"]
    table = pd.DataFrame({"name": ["能耗", "产值"], "direction": ["逆向", "正向"]})
    assert "能耗是逆向指标，越低越好，＋表示本区落后" in tables.direction_note(table)


def test_only_what_can_be_reached_and_the_most_useful_of_the_rest_is_listed():
    a = assess_case(read_case("demo"))
    changes = smallest_single_change(a, "示例区")
    table, _ = tables.change_view(changes)
    assert len(changes) == 20 and len(table) == 5 and "需要达到" not in table
    share = (changes["points"] - changes["rival_change"]) / (a.total["标杆区"] - a.total["示例区"])
    np.testing.assert_allclose(changes["share_of_gap"], share)
    # 45 of 丹枫区: own +0.09·40 = 3.6, the benchmark −0.076 as the floor rises to 15; 3.676 of 12.185.
    assert table.loc[0, ["指标", "测算到", "之后位次"]].tolist() == ["省级专精特新中小企业", 45, 3]
    assert table.loc[0, "总分增加"] == pytest.approx(3.6) and table.loc[0, "前面地区变动"] == pytest.approx(-0.0763, abs=1e-4)
    assert any("共 20 项，只列能补上差距最多的 5 项" in note for note in tables.change_notes(changes))


def test_lists_of_home_alone_and_lists_of_one_year_are_said_to_be_so():
    rows = [("创新型", "东区", 2022.0), ("创新型", "东区", 2022.0), ("绿色", "东区", 2020.0), ("绿色", "东区", 2021.0), ("绿色", "西区", 2021.0)]
    listed = pd.DataFrame(rows, columns=["certification", "district", "year"]).assign(result="已认定", valid_to=pd.NaT)
    notes = flow_notes(recognition_flow(listed, 2022), ["东区", "西区"])
    assert len(notes) == 2 and "“创新型”没有给西区的名单" in notes[0] and "都记在 2022 年" in notes[1]


def test_town_shares_carry_every_recognition_and_the_sentence_names_the_extremes():
    case = read_case("demo")
    located, shares = location_quotients(case), place_shares(case)
    table, why = tables.share_view(shares, located)
    recognised = [c for c in table if c.startswith("认定：")]
    assert len(recognised) == 4 and table[recognised].sum().tolist() == pytest.approx([1.0] * 4)
    assert (why[recognised] != "").to_numpy().any() and (why.drop(columns=recognised) == "").all(axis=None)
    name, beside = shares_side_by_side(located, shares)
    gap = (beside["share"] - beside["output_share"]).where(~beside["small"])
    text = side_by_side_finding(beside, name)
    assert name == "创新型中小企业" and f"最多的是{beside.at[gap.idxmin(), 'place']}" in text
    assert f"高于产出份额最多的是{beside.at[gap.idxmax(), 'place']}" in text
