"""Verdicts on doubtful names that came back and cannot be used."""

import pandas as pd
import pytest
from analysis import read_case
from analysis.actions.verdicts import decisions, usable
from analysis.lists import FollowUp
from analysis.lists.read import TABLE


def back(*rows):
    columns = ["listed", "enterprise", "code", "reason", "verdict", "file", "sheet", "row"]
    return FollowUp(pd.DataFrame(columns=TABLE), pd.DataFrame(rows, columns=columns), ())


@pytest.fixture(scope="module")
def case():
    return read_case("demo")


def test_two_towns_that_claim_one_listed_name_are_both_told_and_neither_counts(case):
    one, two, three = case.enterprises[["name", "code"]].head(3).itertuples(index=False)
    found = usable(case, back(("某公司", one.name, one.code, "", "是", "甲镇.xlsx", "名单待核", 7), ("某公司", two.name, two.code, "", "是", "乙镇.xlsx", "名单待核", 9),
                              ("另一公司", three.name, "", "", "是", "乙镇.xlsx", "名单待核", 10)))
    assert found.decisions["listed"].tolist() == ["另一公司"] and len(found.problems) == 1
    problem_ = found.problems[0]
    assert (problem_.file, problem_.sheet, problem_.row) == ("乙镇.xlsx", "名单待核", 9) and "甲镇.xlsx〔名单待核〕第7行已认作" in problem_.message and "nan" not in problem_.message


def test_a_verdict_on_a_stranger_is_told_and_the_others_count(case):
    one = case.enterprises.iloc[0]
    found = usable(case, back(("某公司", "名册里没有的公司", "", "", "是", "甲镇.xlsx", "名单待核", 7), ("另一公司", one["name"], one["code"], "", "否", "甲镇.xlsx", "名单待核", 8)))
    assert found.decisions["listed"].tolist() == ["另一公司"] and "不在名册里" in found.problems[0].message and found.problems[0].row == 7


def test_verdicts_of_the_case_come_before_those_that_came_back(case):
    own = case.tables["decisions"]
    decided = own.loc[own["verdict"] != "", "listed"].iloc[0]
    one = case.enterprises.iloc[0]
    follow = back((decided, one["name"], one["code"], "", "是", "甲镇.xlsx", "名单待核", 7), ("新公司", one["name"], one["code"], "", "否", "甲镇.xlsx", "名单待核", 8))
    both = decisions(case, follow)
    assert len(both) == len(own) + 1 and both["listed"].tolist()[-1] == "新公司" and decisions(case, None) is own
