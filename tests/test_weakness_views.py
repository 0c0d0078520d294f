"""Recognition counts, location quotients and the sentences, against figures worked by hand."""

from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
import pytest
from analysis.assessment import assess_case
from analysis.case import read_case
from analysis.params import AssessmentError
from analysis.weakness import tables
from analysis.weakness import (location_findings, location_quotients, matched_recognitions, place_shares, recognition_counts,
                               recognition_finding, recognition_flow, town_chain_quotients, weak_spot, weakness_findings)


@pytest.fixture(scope="module")
def demo():
    case = read_case("demo")
    return case, assess_case(case)


@dataclass(frozen=True)
class SmallCase:
    """What the location tables read of a case."""

    enterprises: pd.DataFrame
    recognitions: pd.DataFrame
    towns: pd.DataFrame = field(default_factory=lambda: pd.DataFrame({"town": ["一镇", "高新园", "空镇"], "kind": ["镇", "园区", "镇"]}))
    tables: dict = field(default_factory=dict)
    districts: pd.DataFrame = field(default_factory=lambda: pd.DataFrame({"district": ["东区", "西区"]}))
    name: str = "小例"
    city: str = "甲市"
    home: str = "东区"
    year: int = 2022


def enterprises():
    rows = [("C1", "甲厂", "老甲厂；早甲厂", "一镇", "装备", 100.0), ("C2", "乙厂", "", "一镇", "装备", 50.0), ("C3", "丙（集团）厂", "", "高新园", "食品", np.nan),
            ("C4", "丁厂", "", "高新园", "", 250.0), ("C5", "重名厂", "", "高新园", "食品", 0.0), ("C6", "重名厂", "", "一镇", "食品", 0.0)]
    frame = pd.DataFrame(rows, columns=["code", "name", "former_name", "town", "chain", "revenue"])
    return frame.assign(invoiced=frame["revenue"], value_added=frame["revenue"], row=np.arange(2, len(frame) + 2), status="示例")


def listed(*rows):
    frame = pd.DataFrame(rows, columns=["certification", "name", "code", "year", "district", "result", "valid_to"])
    return frame.assign(valid_to=pd.to_datetime(frame["valid_to"]), year=frame["year"].astype(float), batch="", status="示例", row=np.arange(2, len(frame) + 2))


def recognised(name, code="", year=2021, district="东区", result="已认定", valid_to=None):
    return ("绿色工厂", name, code, year, district, result, valid_to)


def test_entries_are_placed_as_the_lists_are_matched_and_what_is_open_keeps_its_row_without_a_place():
    case = SmallCase(enterprises(), listed(
        recognised("丁厂（改）", "C4"), recognised("丙(集团) 厂"), recognised("早甲厂"), recognised("重名厂"), recognised("外来厂"),
        recognised("乙厂", district="西区"), recognised("乙厂", result="未通过"), recognised("乙厂", valid_to="2022-06-30"), recognised("乙厂", year=2023),
        recognised("甲厂", year=2019)))
    found = matched_recognitions(case)
    assert found["matched_by"].tolist() == ["信用代码", "名称", "曾用名", "", ""]
    assert found["enterprise"].tolist() == ["丁厂", "丙（集团）厂", "甲厂", "", ""]
    assert found["town"].tolist() == ["高新园", "高新园", "一镇", "", ""] and found["chain"].tolist() == ["", "食品", "装备", "", ""]
    assert found["name"].tolist() == ["丁厂（改）", "丙(集团) 厂", "早甲厂", "重名厂", "外来厂"]


def test_a_decision_places_an_open_entry_and_the_rest_is_said_to_be_left_out():
    roster, lists = enterprises(), listed(recognised("甲厂"), recognised("重名厂"), recognised("外来厂"))
    decision = pd.DataFrame({"listed": ["重名厂"], "enterprise": ["重名厂"], "code": ["C5"], "verdict": ["是"], "row": [2]})
    before, after = (location_quotients(SmallCase(roster, lists, tables=t)).set_index("place") for t in ({}, {"decisions": decision}))
    assert before["count"].to_dict() == {"一镇": 1, "高新园": 0, "空镇": 0} and set(before["unplaced"]) == {2}
    assert after["count"].to_dict() == {"一镇": 1, "高新园": 1, "空镇": 0} and set(after["unplaced"]) == {1}
    assert location_findings(SmallCase(roster, lists))[0].startswith("绿色工厂共 1 家（名单上另有 2 条对不准名册，不计）")


def test_a_withdrawn_entry_that_fits_nobody_does_not_take_others_along():
    case = SmallCase(enterprises(), listed(recognised("外来厂", year=2019), recognised("远方厂", year=2021, result="已撤销"), recognised("甲厂")))
    assert matched_recognitions(case)["name"].tolist() == ["外来厂", "甲厂"]
    gone = SmallCase(enterprises(), listed(recognised("外来厂", year=2019), recognised("外来厂", year=2021, result="已撤销"), recognised("甲厂")))
    assert matched_recognitions(gone)["name"].tolist() == ["甲厂"]


def test_location_quotients_by_hand():
    # 一镇 has 2 of the 3 matched recognitions and 3 of 6 enterprises: (2/3)/(3/6) = 4/3; expected 1.5, far below the threshold.
    case = SmallCase(enterprises(), listed(recognised("甲厂"), recognised("乙厂"), recognised("丁厂"), recognised("外来厂")))
    found = location_quotients(case).set_index("place")
    assert found.loc["一镇", ["count", "of"]].tolist() == [2, 3]
    assert found.at["一镇", "lq"] == pytest.approx(4 / 3) and found.at["一镇", "class"] == "优"
    assert found.at["高新园", "lq"] == pytest.approx(2 / 3) and found.at["高新园", "class"] == "劣"
    assert found.at["一镇", "expected"] == pytest.approx(1.5) and found["small"].all()
    assert np.isnan(found.at["空镇", "lq"]) and found.at["空镇", "class"] == ""
    by_output = location_quotients(case, base="revenue").set_index("place")
    assert by_output.at["一镇", "lq"] == pytest.approx((2 / 3) / (150 / 400))


def test_quotients_weighted_by_the_base_average_to_one():
    for by in ("town", "chain"):
        found = location_quotients(read_case("demo"), by)
        for _, rows in found.groupby("certification"):
            assert (rows["lq"] * rows["base_share"]).sum() == pytest.approx(1)


def test_places_large_enough_are_not_flagged(demo):
    found = location_quotients(demo[0])
    assert (found["small"] == ((found["expected"] < 5) & (found["count"] < 5))).all() and found["small"].nunique() == 2
    chains = town_chain_quotients(demo[0]).set_index(["place", "chain"])
    assert chains.at[("杏塘镇", "高端装备"), "enterprises"] == 11 and not chains.at[("杏塘镇", "高端装备"), "small"]
    sentences = location_findings(demo[0])
    assert len(sentences) == 4 and "不判断强弱" in sentences[0]


def test_shares_leave_unknown_output_out_and_count_it():
    found = place_shares(SmallCase(enterprises(), listed())).set_index("place")
    assert found["enterprises"].tolist() == [3, 3, 0] and found["revenue"].tolist() == [150, 250, 0]
    assert found["revenue_share"].tolist() == [0.375, 0.625, 0] and found["revenue_unknown"].tolist() == [0, 1, 0]
    assert found["kind"].tolist() == ["镇", "园区", "镇"]


def test_town_by_chain_quotients_by_hand():
    # 装备: 150 of 400 in the district, all of 一镇's 150: LQ = 1 / 0.375.
    found = town_chain_quotients(SmallCase(enterprises(), listed()), "revenue").set_index(["place", "chain"])
    assert found.at[("一镇", "装备"), "lq"] == pytest.approx(1 / 0.375)
    assert found.at[("高新园", "（未填）"), "lq"] == pytest.approx(1 / 0.625)
    assert np.isnan(found.at[("空镇", "装备"), "lq"]) and found.at[("一镇", "食品"), "enterprises"] == 1


def test_a_case_without_a_roster_is_refused_in_chinese():
    for work in (place_shares, location_quotients, town_chain_quotients):
        with pytest.raises(AssessmentError, match="没有企业名册"):
            work(read_case("anhui-2016"))
    with pytest.raises(AssessmentError, match="不认识"):
        location_quotients(SmallCase(enterprises(), listed()), base="利润")


def test_new_against_stock_by_hand_with_an_expired_one_and_an_undated_one():
    found = recognition_flow(listed(
        recognised("甲", year=2019, valid_to="2021-12-30"), recognised("乙", year=2019), recognised("丙", year=2021),
        recognised("丁", year=2021, result="已申报"), recognised("戊", year=np.nan), recognised("己", year=2020, district="西区")), until=2022)
    east = found[found["district"] == "东区"]
    assert east["year"].tolist() == [2019, 2020, 2021, 2022]
    assert east["new"].tolist() == [2, 0, 1, 0] and east["stock"].tolist() == [2, 2, 2, 2]
    np.testing.assert_array_equal(east["growth"], [np.nan, 0, 0.5, 0])
    assert east["undated"].tolist() == [1] * 4
    assert found[found["district"] == "西区"]["stock"].tolist() == [0, 1, 1, 1]


def test_the_demo_lists_stock_equals_the_indicator_and_density_is_per_hundred(demo):
    case, a = demo
    counts = recognition_counts(a, "示例区").set_index(["name", "district"])
    flow = recognition_flow(case.recognitions, 2022)
    last = flow[flow["year"] == 2022].set_index(["certification", "district"])["stock"]
    for (name, district), row in counts.iterrows():
        assert last[name, district] == row["count"]
    row = counts.loc["省级专精特新中小企业", "示例区"]
    assert row["per_100"] == pytest.approx(100 * 12 / 331) and row["rank_per_100"] == 5
    assert counts.at[("省级专精特新中小企业", "标杆区"), "more_than_home"] == 26
    with pytest.raises(AssessmentError, match="没有指标“企业总数”"):
        recognition_counts(a, "示例区", "企业总数")


def test_the_demo_report_finds_the_weak_spot_and_its_heaviest_indicator_by_itself(demo):
    case, a = demo
    worst, leaf = weak_spot(a, "示例区", "标杆区")
    assert a.tree.name(worst) == "认定培育" and a.tree.name(leaf) == "省级专精特新中小企业"
    sentences = weakness_findings(a, case, case.home, case.benchmark)
    assert "短板在**认定培育**：比标杆区少 5.77 分" in sentences[0] and "**省级专精特新中小企业**影响最大，少 2.84 分" in sentences[0]
    assert "占 49%" in recognition_finding(a, "示例区", "标杆区")
    # 柳溪区 has 15, so the 16th is the first that scores: 0.09·40/30 = 0.12.
    assert any("第 16 家起自身才加分（总分 +0.12 分）" in s for s in sentences)
    assert any("3 项认定类指标都提到标杆区的水平，总分 +5.69 分，仍比标杆区少 6.42 分" in s for s in sentences)
    # At 45 (丹枫区's): own +0.09·40 = 3.6; the floor becomes 15, so 标杆区 falls by 0.09·(91.515 − (60 + 40·23/30)) = 0.076; 3.676 of 12.185.
    assert "单靠任何一项指标都升不了 1 位" in sentences[-2] and "目前最好水平 45 家，也只能补上差距的 30%" in sentences[-2]


def test_the_sentences_follow_the_data(demo):
    # With the recognition counts of 丹枫区 (the first) home leads there, and the weak spot is elsewhere.
    case, _ = demo
    values = case.values.set_index(["year", "indicator", "district"]).sort_index()
    for code in ("E1", "E2", "E3"):
        values.loc[(2022, code, "示例区"), "value"] = values.loc[(2022, code, "丹枫区"), "value"]
    values = values.reset_index()
    changed = replace(case, tables={**case.tables, "values": values})
    a = assess_case(changed)
    assert a.tree.name(weak_spot(a, "示例区", "标杆区")[0]) != "认定培育"
    assert any("不落后于标杆区" in s for s in weakness_findings(a, changed, "示例区", "标杆区"))


@pytest.mark.parametrize("name", ["demo", "anhui-2016", "zhejiang-2016-2019"])
def test_every_district_of_a_bundled_case_gets_plain_chinese_sentences(name):
    case = read_case(name)
    a = assess_case(case)
    for home in a.scores.index:
        sentences = weakness_findings(a, case, home, case.benchmark)
        assert len(sentences) >= 3 and all(s.endswith("。") and "nan" not in s and "None" not in s for s in sentences)


def test_small_numbers_are_shown_grey_with_the_reason_and_large_ones_are_not():
    from analysis.report import markup

    quotients = pd.DataFrame({"place": ["甲镇", "乙镇"], "certification": ["绿色工厂"] * 2, "count": [9, 1], "lq": [1.5, 0.4], "small": [False, True]})
    text, why = tables.quotient_view(quotients)
    page = markup.table(text, "区位商", faint=why)
    assert text["绿色工厂"].to_dict() == {"甲镇": "9 家，1.50", "乙镇": "1 家，0.40"}
    grey = [cell for cell in page.split("<td")[1:] if "ys-faint" in cell]
    assert len(grey) == 1 and "1 家，0.40" in grey[0] and "只作参考" in grey[0]
