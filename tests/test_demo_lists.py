"""The illustrative case as the action lists need it: names apart, some left for a person, the terms of a plan."""

from test_demo_case import roster, sheets


def plain_names(names):
    return names.str.replace(" ", "").str.translate(str.maketrans("（）", "()"))


def test_every_listed_home_enterprise_is_in_the_roster_but_for_the_six_that_a_person_must_settle():
    """The six are of the recognition that no indicator counts; four are nearly names of the roster, two are nobody's."""
    firms = roster()
    known = set(plain_names(firms["企业名称"])) | set(plain_names(firms["曾用名"][firms["曾用名"] != ""]))
    home = sheets()["认定名单"]
    home = home[home["区县"] == "示例区"]
    strange = home[~plain_names(home["企业名称"]).isin(known)]
    assert len(strange) == 6 and set(strange["认定"]) == {"创新型中小企业"} and set(strange["统一社会信用代码"]) == {""}
    assert set(home["统一社会信用代码"]) - {""} <= set(firms["统一社会信用代码"])
    assert (home["企业名称"].isin(firms["企业名称"])).mean() < 1


def test_the_lists_leave_three_names_open_two_unmatched_and_one_settled_by_a_person():
    from analysis.case import read_case
    from analysis.matching import expiring, match_recognitions

    case = read_case("demo")
    found = match_recognitions(case)
    assert found.doubtful["listed_name"].nunique() == 3 and set(found.doubtful["reason"]) == {"名称相近", "分支机构不同（名单：苔溪分公司；名册：无）"}
    assert set(found.unmatched["listed_name"]) == {"示例市青槐纺织有限公司", "示例闻笛家具有限公司"}
    assert (found.held["matched_by"] == "人工核对").sum() == 1 and found.held["matched_by"].isin(["曾用名"]).any()
    soon = expiring(found.held, "2022-12-31")
    assert {"即将到期", "即将复核"} <= set(soon["state"])


def test_a_check_of_the_demo_finds_nothing_and_its_names_are_all_different_as_the_matching_reads_them():
    from analysis.case import read_case
    from analysis.matching import normalise

    assert read_case("demo").problems == ()
    keys = [normalise(name).key for name in roster()["企业名称"]]
    assert len(set(keys)) == len(keys) == 400


def test_the_plan_has_a_group_a_span_and_terms_that_are_all_illustrative():
    from analysis.case import read_case

    case = read_case("demo")
    assert case.scheme.set_index("code").at[case.plan_node, "name"] == "认定培育" and case.plan_rank is None
    assert (case.plan_first, case.plan_last) == ("2023Q1", "2023Q3")
    assert set(case.terms["status"]) == {"示例"} and case.terms.set_index("kind").at["每企业上限", "value"] == "2"
