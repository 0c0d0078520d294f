"""The lists of a case matched to its roster; what runs out and what comes up for review."""

import dataclasses
import datetime as dt

import pandas as pd
import pytest
from casebook import base, write_folder

from analysis.case import read_case
from analysis.matching import doubtful_table, expiring, expiring_table, match_recognitions, matching_findings, unmatched_table
from analysis.params import AssessmentError

LIST = [["认定", "企业名称", "年份", "批次", "区县", "结果", "有效期至", "状态"],
        ["绿色工厂", "甲精密机械有限公司", "2021", "一", "东区", "", "", "公布"],
        ["绿色工厂", "甲市乙电子有限公司", "2020", "一", "", "已申报", "2023-12-31", "公布"],
        ["绿色工厂", "甲精密机戒有限公司", "2021", "一", "东区", "", "", "公布"],
        ["绿色工厂", "乙（甲市）电子有限公司", "2021", "一", "西区", "", "", "公布"],
        ["绿色工厂", "远东水泥有限公司", "2021", "一", "东区", "已撤销", "", "公布"]]


def tiny(tmp_path, **changed):
    sheets = base()
    sheets["认定名单"] = [list(row) for row in LIST]
    sheets |= changed
    return read_case(write_folder(tmp_path / "case", sheets))


def test_lists_of_home_or_without_district_are_matched_and_others_left_out(tmp_path):
    found = match_recognitions(tiny(tmp_path))
    held = found.held
    assert held["row"].tolist() == [2, 3] and held["list_row"].tolist() == [2, 3]
    assert held["matched_by"].tolist() == ["名称", "规范名称"] and held["result"].tolist() == ["已认定", "已申报"]
    assert held["year"].tolist() == [2021, 2020] and held["valid_to"].iat[1] == pd.Timestamp(2023, 12, 31)
    assert found.doubtful[["list_row", "row", "certification", "year"]].values.tolist() == [[4, 2, "绿色工厂", 2021]]
    assert found.unmatched[["list_row", "certification", "result"]].values.tolist() == [[6, "绿色工厂", "已撤销"]]
    assert 5 not in {*held["list_row"], *found.doubtful["list_row"], *found.unmatched["list_row"]}


def test_a_match_is_derived_unless_the_list_or_the_roster_is_illustrative(tmp_path):
    assert set(match_recognitions(tiny(tmp_path)).held["status"]) == {"推算"}
    sheets = base()["企业"]
    made_up = [[*row, cell] for row, cell in zip(sheets, ["状态", "示例", "公布"])]
    assert match_recognitions(tiny(tmp_path / "b", 企业=made_up)).held["status"].tolist() == ["示例", "推算"]


def test_the_cases_own_decisions_are_honoured(tmp_path):
    case = tiny(tmp_path)
    decisions = pd.DataFrame({"listed": ["甲精密机戒有限公司"], "enterprise": ["甲精密机械有限公司"], "verdict": ["是"]})
    told = dataclasses.replace(case, tables={**case.tables, "decisions": decisions})
    for found in (match_recognitions(told), match_recognitions(case, decisions)):
        assert found.held.set_index("list_row").at[4, "matched_by"] == "人工核对" and found.doubtful.empty


def test_lists_without_a_roster_are_refused_and_a_roster_without_lists_gives_nothing(tmp_path):
    case = tiny(tmp_path)
    empty = dataclasses.replace(case, tables={**case.tables, "enterprises": case.enterprises.iloc[:0]})
    with pytest.raises(AssessmentError, match="没有企业名册"):
        match_recognitions(empty)
    none = match_recognitions(dataclasses.replace(case, tables={**case.tables, "recognitions": case.recognitions.iloc[:0]}))
    assert none.held.empty and matching_findings(none) == ["没有本区的认定名单可核对。"]


def test_sentences_and_tables_add_up_and_read_in_chinese(tmp_path):
    found = match_recognitions(tiny(tmp_path))
    said = matching_findings(found)
    assert said[0].startswith("名单 4 条中 2 条对上名册") and "名称 1 条、规范名称或曾用名 1 条" in said[0]
    assert said[1].startswith("1 条名称相近") and said[2].startswith("1 条在名册里找不到")
    for table in (doubtful_table(found), unmatched_table(found)):
        assert len(table) == 1 and all("\u4e00" <= str(c)[0] <= "\u9fff" for c in table.columns)


def holding(*rows):
    """Rows (roster row, certification, year, valid_to, result)."""
    frame = pd.DataFrame(rows, columns=["row", "certification", "year", "valid_to", "result"])
    return frame.assign(enterprise="甲", status="示例", valid_to=pd.to_datetime(frame["valid_to"]))


def test_what_runs_out_within_the_months_is_listed_by_date():
    held = holding((2, "某认定", 2020, "2023-06-30", "已认定"), (3, "某认定", 2020, "2024-01-01", "已认定"), (4, "某认定", 2019, "2022-12-30", "已认定"),
                   (5, "某认定", 2020, "2023-12-31", "已认定"), (6, "某认定", 2020, "2023-01-31", "已申报"), (7, "某认定", 2020, None, "已认定"))
    found = expiring(held, "2022-12-31")
    assert found["row"].tolist() == [4, 2, 5]
    assert found["state"].tolist() == ["已到期", "即将到期", "即将到期"] and found["days"].tolist() == [-1, 181, 365]
    assert expiring(held, dt.date(2022, 12, 31), months=6)["row"].tolist() == [4, 2]
    assert expiring_table(found)["到期（复核）日"].tolist() == ["2022-12-30", "2023-06-30", "2023-12-31"]


def test_a_renewed_recognition_counts_by_its_last_date():
    held = holding((2, "某认定", 2019, "2022-12-31", "已认定"), (2, "某认定", 2022, "2025-12-31", "已认定"))
    assert expiring(held, "2022-12-31").empty


def test_without_a_stated_date_a_term_ends_once_and_a_review_comes_round():
    held = holding((2, "省级专精特新中小企业", 2019, None, "已认定"), (3, "省级企业技术中心", 2018, None, "已认定"), (4, "省级企业技术中心", 2021, None, "已认定"),
                   (5, "专精特新\"小巨人\"", 2020, None, "已认定"), (6, "省级企业技术中心", None, None, "已认定"))
    found = expiring(held, "2022-12-31").set_index("row")
    # 2019 + 3 ends on the day itself; 2018 + 2 + 2 does too; 2021 + 2 and 2020 + 3 a year later.
    assert found["due"].dt.year.to_dict() == {2: 2022, 3: 2022, 4: 2023, 5: 2023}
    assert found["state"].to_dict() == {2: "即将到期", 3: "即将复核", 4: "即将复核", 5: "即将到期"}
    assert set(found["confidence"]) == {"待核"} and (found["basis"] == "按年数推算").all()


@pytest.mark.parametrize("date, months, words", [("明年", None, "看不懂"), ("2022-12-31", 0, "大于零")])
def test_dates_and_months_that_make_no_sense_are_refused(date, months, words):
    with pytest.raises(AssessmentError, match=words):
        expiring(holding((2, "某认定", 2020, "2023-06-30", "已认定")), date, months)


def test_the_demo_lists_match_as_the_generator_made_them():
    found = match_recognitions(read_case("demo"))
    assert len(found.held) and len(found.held) >= 0.95 * (len(found.held) + len(found.unmatched) + found.doubtful["list_row"].nunique())
    assert set(found.held["status"]) == {"示例"}
