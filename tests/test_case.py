"""Finding, reading and preparing cases."""

import hashlib
import json

import pandas as pd
import pytest
from casebook import base, write_folder, write_workbook

import analysis.case
from analysis.case import bundled_cases, check_case, digest_of, find_case, prepare_case, read_case
from analysis.dictionary import load
from analysis.problems import CaseError, Problem, tidy


@pytest.fixture
def case(tmp_path):
    return read_case(write_folder(tmp_path / "小例", base()))


def test_a_valid_case_has_no_problems_and_answers_who_where_and_when(case):
    assert case.problems == ()
    assert (case.name, case.title, case.city, case.year) == ("小例", "小例", "甲市", 2022)
    assert (case.home, case.benchmark, case.nature, case.illustrative) == ("东区", "西区", "示例数据", True)
    assert case.years == [2022]


def test_every_sheet_and_every_dictionary_column_is_there_even_when_absent(tmp_path):
    few = {k: v for k, v in base().items() if k in ("说明", "区县", "时间序列")}
    case = read_case(write_folder(tmp_path / "few", few))
    for sheet in load().sheets:
        table = case.tables[sheet.key]
        assert {c.name for c in sheet.columns} | {"row", "cell"} <= set(table.columns)
        assert {c.name + "_masked" for c in sheet.columns if c.kind == "掩码数值"} <= set(table.columns)
    assert case.values.empty and case.values["year"].dtype == "int64"
    assert case.years == [] and case.series_years == [2021, 2022]


def test_masked_missing_and_number_are_three_things(case):
    values = case.values.set_index(["district", "indicator"])
    hidden, absent = values.loc[("北县", "A1")], values.loc[("南县", "B1")]
    assert pd.isna(hidden["value"]) and hidden["value_masked"] and (hidden["low"], hidden["high"]) == (100, 200)
    assert pd.isna(absent["value"]) and not absent["value_masked"]
    assert not case.values.set_index("cell").loc["指标值.csv!D3", "value_masked"]
    assert case.published["rank_masked"].tolist() == [False, False, False, True]


def test_column_types(case):
    assert case.values["year"].dtype == "int64" and case.values["row"].dtype == "int64"
    assert case.enterprises["above_scale"].dtype == "boolean"
    assert case.enterprises["hightech"].isna().all()
    assert case.rules["valid_from"].dtype.kind == "M"
    assert case.districts["note"].tolist() == [""] * 4
    assert set(case.adjustments["status"]) == {"不详"}


def test_names_resolve_to_codes_and_official_spelling(tmp_path):
    sheets = base()
    sheets["指标值"][1][1:3] = ["东 区", "开票销售"]
    sheets["加减分"][1][2] = "总分"
    sheets["企业"][1][2] = "一镇 "
    case = read_case(write_folder(tmp_path / "case", sheets))
    assert case.values.loc[0, ["district", "indicator"]].tolist() == ["东区", "A1"]
    assert case.adjustments["node"].iloc[0] == "T"


def test_scheme_parents_may_be_given_by_name(tmp_path):
    sheets = base()
    sheets["考核方案"][4][2] = "规模"
    assert read_case(write_folder(tmp_path / "case", sheets)).scheme["parent"].iloc[3] == "A"


def series_only():
    return {k: v for k, v in base().items() if k in ("说明", "区县", "时间序列")}


def test_series_alone_make_a_case_without_a_scheme(tmp_path):
    case = read_case(write_folder(tmp_path / "case", series_only()))
    assert case.problems == () and case.has("series") and not case.has("scheme") and not case.has("values")
    with pytest.raises(KeyError):
        case.has("serie")


def test_enterprises_alone_make_a_case_too(tmp_path):
    sheets = {k: v for k, v in base().items() if k in ("说明", "区县", "企业", "镇街园区")}
    assert read_case(write_folder(tmp_path / "case", sheets)).has("enterprises")


@pytest.mark.parametrize("kept", [(), ("镇街园区",), ("认定条件", "认定名单"), ("时间序列",)])
def test_a_case_with_nothing_to_analyse_is_refused_and_told_what_would_do(tmp_path, kept):
    sheets = {k: v for k, v in base().items() if k in ("说明", "区县", *kept)}
    if "时间序列" in kept:
        sheets["时间序列"] = sheets["时间序列"][:1]
    problems = check_case(write_folder(tmp_path / "case", sheets))
    assert [p.message for p in problems if p.level == "错误"] == ["没有可分析的数据"]
    assert all(title in problems[0].fix for title in ("指标值", "时间序列", "企业"))


def test_the_year_of_a_case_with_series_only_must_be_among_them(tmp_path):
    sheets = series_only()
    sheets["说明"][3][1] = "2019"
    [problem] = check_case(write_folder(tmp_path / "case", sheets))
    assert problem.level == "错误" and "没有 2019 年度的时间序列；有数据的年份：2021、2022" in problem.message


def test_items_of_a_series_are_kept_apart_from_the_total(tmp_path):
    sheets = series_only()
    for row, item in zip(sheets["时间序列"], ("产业链", "", "")):
        row.append(item)
    sheets["时间序列"].append(["东区", "开票销售", "2021", "", "200", "亿元", "", "装备"])
    series = read_case(write_folder(tmp_path / "case", sheets)).series
    assert dict(zip(series["value"], series["item"])) == {280: "", 70: "", 200: "装备"}


SCENARIOS = [["情景", "对象", "类型", "指标", "起始年", "数值", "单位", "说明", "状态"],
             ["放缓", "对标区", "增速加减", "", "2023", "-2", "个百分点", "走弱", "示例"],
             ["项目", "东 区", "大项目", "开票销售 ", "2024", "150000", "万元", "", "示例"],
             ["项目", "本区", "增速设定", "", "2025", "12.5", "%", "", "示例"],
             ["入库", "全部", "新增规上企业", "", "2023", "30", "家", "", "示例"]]


@pytest.mark.parametrize("write", [write_folder, write_workbook])
def test_scenarios_carry_official_names_and_the_unit_of_their_kind(tmp_path, write):
    place = tmp_path / ("case.xlsx" if write is write_workbook else "case")
    case = read_case(write(place, base() | {"情景": SCENARIOS}))
    assert case.problems == ()
    table = case.scenarios
    assert table["who"].tolist() == ["对标区", "东区", "本区", "全部"]
    assert table["indicator"].tolist() == ["", "开票销售", "", ""]
    assert list(zip(table["value"], table["unit"])) == [(-2, "百分点"), (15, "亿元"), (12.5, "%"), (30, "家")]
    assert table["start"].tolist() == [2023, 2024, 2025, 2023] and table["start"].dtype == "int64"
    assert table["cell"].tolist()[0].endswith("F2")


@pytest.mark.parametrize(("text", "value"), [("0.8", 0.8), ("80%", 0.8), ("８０％", 0.8), (".95", 0.95), ("29%", 0.29)])
def test_a_target_probability_may_be_written_as_a_fraction_or_in_percent(tmp_path, text, value):
    sheets = base()
    sheets["说明"] += [["目标年份", "2028年"], ["目标概率", text], ["追赶指标", "开票销售，绿色工厂"]]
    case = read_case(write_folder(tmp_path / "case", sheets))
    assert (case.target_year, case.target_probability, case.chased) == (2028, value, ("开票销售", "绿色工厂"))


def test_targets_not_stated_are_none_and_nothing(case):
    assert (case.target_year, case.target_probability, case.chased) == (None, None, ())


def test_potential_and_bounds_of_towns_are_numbers_or_absent(tmp_path):
    sheets = base()
    sheets["镇街园区"] = [["名称", "类型", "潜力", "增长下限（%）", "增长上限"], ["一镇", "镇", "1.2", "3%", "20"], ["高新园", "园区", "", "", ""]]
    towns = read_case(write_folder(tmp_path / "case", sheets)).towns
    assert towns.loc[0, ["potential", "floor", "cap"]].tolist() == [1.2, 3, 20]
    assert towns.loc[1, ["potential", "floor", "cap"]].isna().all()


def test_home_comes_from_either_place(tmp_path):
    sheets = base()
    sheets["区县"][1][1] = ""
    case = read_case(write_folder(tmp_path / "one", sheets))
    assert case.home == "东区" and case.districts["role"].iloc[0] == "本区"
    sheets = base()
    sheets["说明"] = [r for r in sheets["说明"] if r[0] not in ("本区", "对标区")]
    case = read_case(write_folder(tmp_path / "two", sheets))
    assert (case.home, case.benchmark) == ("东区", "西区")


def test_header_unit_of_the_value_column_converts_to_the_scheme_unit(tmp_path):
    sheets = base()
    sheets["指标值"][0][3] = "数值（万元）"
    sheets["指标值"] = sheets["指标值"][:4] + [["2022", "北县", "A1", "1500000", "", "", "", ""]]
    sheets["考核方案"] = [r for r in sheets["考核方案"] if r[0] not in ("B", "B1", "A2")]
    sheets["加减分"] = sheets["加减分"][:1]
    case = read_case(write_folder(tmp_path / "case", sheets))
    assert case.values["value"].tolist() == pytest.approx([0.03, 0.04736, 0.025, 150])
    assert [p.level for p in case.problems] == ["警告"]


def test_weights_written_as_percent_read_as_percent(tmp_path):
    sheets = base()
    sheets["考核方案"][2][3], sheets["考核方案"][3][3] = "60%", "40％"
    assert read_case(write_folder(tmp_path / "case", sheets)).scheme["weight"].tolist()[1:3] == [60, 40]


def test_relative_tolerance_is_kept_as_written(tmp_path):
    sheets = base()
    sheets["认定条件"][0].append("容差")
    sheets["认定条件"][1].append("１０％")
    assert read_case(write_folder(tmp_path / "case", sheets)).rules["tolerance"].tolist() == ["10%"]


def test_digest_is_of_the_file_or_of_the_csvs_in_name_order(tmp_path):
    path = write_workbook(tmp_path / "case.xlsx", base())
    assert digest_of(path) == hashlib.sha256(path.read_bytes()).hexdigest()
    folder = write_folder(tmp_path / "case", base())
    before = digest_of(folder)
    (folder / "笔记.md").write_text("x", encoding="utf-8")
    assert digest_of(folder) == before
    (folder / "企业.csv").write_bytes((folder / "企业.csv").read_bytes() + b"\r\n")
    assert digest_of(folder) != before


def test_an_unknown_name_lists_what_there_is():
    with pytest.raises(CaseError) as caught:
        find_case("没有这个")
    text = str(caught.value)
    assert all(name in text for name in bundled_cases()) and "没有这个" in text
    assert check_case("没有这个")[0].level == "错误"


def test_a_name_finds_a_workbook_or_a_folder_and_refuses_both(tmp_path, monkeypatch):
    monkeypatch.setattr(analysis.case, "RAW", tmp_path)
    folder = write_folder(tmp_path / "甲", base())
    book = write_workbook(tmp_path / "乙.xlsx", base())
    (tmp_path / "~$乙.xlsx").write_bytes(b"lock")
    (tmp_path / "空").mkdir()
    assert bundled_cases() == ["乙", "甲"]
    assert find_case("甲") == folder and find_case("乙") == book
    write_workbook(tmp_path / "甲.xlsx", base())
    with pytest.raises(CaseError, match="2 份"):
        find_case("甲")


def test_prepare_writes_tidy_tables_once(case, tmp_path):
    first = prepare_case(case, tmp_path / "out")
    assert first.changed and first.path == tmp_path / "out" / "小例"
    manifest = json.loads((first.path / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["sha256"] == case.sha256 and manifest["rows"]["values"] == 12
    assert manifest["problems"] == {"错误": 0, "警告": 0, "提示": 0}
    values = pd.read_csv(first.path / "values.csv", encoding="utf-8-sig")
    assert values.loc[1, ["district", "indicator", "value", "status", "cell"]].tolist() == \
        ["西区", "A1", 473.6, "公布", "指标值.csv!D3"]
    assert (first.path / "values.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    stamp = (first.path / "values.csv").stat().st_mtime_ns
    second = prepare_case(case, tmp_path / "out")
    assert not second.changed and (second.path / "values.csv").stat().st_mtime_ns == stamp
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == ["小例"]


def test_prepare_follows_a_changed_input_and_mends_a_damaged_folder(case, tmp_path):
    out = tmp_path / "out"
    target = prepare_case(case, out).path
    (target / "values.csv").unlink()
    assert prepare_case(case, out).changed
    (target / "manifest.json").write_text("[", encoding="utf-8")
    assert prepare_case(case, out).changed
    sheets = {k: v for k, v in base().items() if k != "企业"}
    changed = read_case(write_folder(tmp_path / "又" / "小例", sheets))
    assert prepare_case(changed, out).changed
    assert not (target / "enterprises.csv").exists()


def test_the_prepared_tables_hold_the_same_numbers_as_the_case(case, tmp_path):
    target = prepare_case(case, tmp_path / "out").path
    for key, table in case.tables.items():
        if len(table):
            back = pd.read_csv(target / f"{key}.csv", encoding="utf-8-sig")
            assert list(back.columns) == list(table.columns) and len(back) == len(table)
            for column in table.select_dtypes("float"):
                pd.testing.assert_series_equal(back[column].astype(float), table[column], check_exact=True)


def test_a_problem_reads_as_one_chinese_line():
    problem = Problem("错误", "数值不对", "改数值", "demo.xlsx", "指标值", 12, "数值")
    assert str(problem) == "错误 demo.xlsx〔指标值〕第12行〔数值〕列：数值不对。办法：改数值。"
    assert str(Problem("提示", "无处可指")) == "提示：无处可指。"


def test_control_codes_in_a_quoted_cell_do_not_reach_the_terminal():
    assert str(Problem("错误", "「a\n\x1b[31mb」不对")) == "错误：「a  [31mb」不对。"


def test_a_code_means_its_node_even_where_another_node_bears_it_as_a_name(tmp_path):
    sheets = base()
    sheets["考核方案"][6][1] = "A1"
    case = read_case(write_folder(tmp_path / "case", sheets))
    assert set(case.values["indicator"]) == {"A1", "A2", "B1"}


def test_the_same_complaint_is_shown_twenty_times_and_then_counted():
    many = [Problem("错误", f"「某{i}」不在区县表里", "改", "f", "指标值", i, "区县") for i in range(1, 101)]
    shown = tidy([Problem("提示", "别的"), *many, many[0]])
    assert len(shown) == 22 and "另有 80 处" in shown[-2].message and shown[-1].level == "提示"


def test_a_large_enterprise_sheet_keeps_every_row(tmp_path):
    sheets = base()
    sheets["企业"] = sheets["企业"][:1] + [
        ["", f"企业{i}", "一镇", "是", f"{i:,}", str(i % 300), str(i % 7)] for i in range(5000)]
    firms = read_case(write_folder(tmp_path / "case", sheets)).enterprises
    assert firms["revenue"].sum() == 5000 * 4999 / 2 and firms["row"].iloc[-1] == 5001


RULE_HEAD = ["认定", "条款", "组", "字段", "比较", "门槛", "单位", "容差"]
NAMED = {"认定条件": [RULE_HEAD, ["专精特新“小巨人”企业", "硬条件", "A1", "研发费用", ">=", "100", "万元", ""],
                  ["专精特新「小巨人」", "硬条件", "A2", "营业收入", ">=", "1000", "万元", ""],
                  ["单项冠军（企业）", "前置", "P1", "专精特新小巨人企业", "已认定", "", "", ""]],
         "认定名单": [["认定", "企业名称", "年份", "区县"], ["专精特新 小巨人", "甲精密机械有限公司", "2021", "东区"],
                  ["绿色工厂", "甲精密机械有限公司", "2021", "东区"], ["绿色 工厂", "乙（甲市）电子有限公司", "2021", "东区"]],
         "申报约定": [["类别", "名称", "数值", "单位"], ["名额", '专精特新"小巨人"企业', "3", "项"], ["申报费用", "默认", "3", "万元"]]}


def test_recognitions_go_to_one_spelling_with_a_notice_for_each_other_one(tmp_path):
    sheets = base() | NAMED
    sheets["说明"].append(["追赶指标", "绿色工厂企业、专精特新小巨人"])
    case = read_case(write_folder(tmp_path / "case", sheets))
    giant = "专精特新“小巨人”企业"
    assert case.rules["certification"].tolist() == [giant, giant, "单项冠军（企业）"] and case.rules["field"].iat[2] == giant
    assert case.recognitions["certification"].tolist() == [giant, "绿色工厂", "绿色工厂"] and case.terms["name"].tolist() == [giant, "默认"]
    assert case.chased == ("绿色工厂", giant)
    told = {(p.sheet, p.row, p.column) for p in case.problems if p.level == "提示" and "按同一项认定处理" in p.message}
    assert told == {("认定条件", 3, "认定"), ("认定条件", 4, "字段"), ("认定名单", 2, "认定"), ("认定名单", 4, "认定"), ("申报约定", 2, "名称")}
    assert case.recognitions["cell"].iat[2] == read_case(write_folder(tmp_path / "as_typed", base() | {"认定名单": NAMED["认定名单"]})).recognitions["cell"].iat[2]


def test_rows_that_are_the_same_but_for_the_spelling_of_the_recognition_are_named(tmp_path):
    sheets = base() | {"认定名单": [["认定", "企业名称", "年份", "区县"], ["绿色工厂", "甲厂", "2021", "东区"], ["绿色工厂企业", "甲厂", "2021", "东区"]]}
    assert any(p.level == "警告" and p.row == 3 and "重复" in p.message for p in read_case(write_folder(tmp_path / "case", sheets)).problems)


@pytest.mark.parametrize("write", [lambda f, s: write_folder(f, s), lambda f, s: write_workbook(f.with_suffix(".xlsx"), s)])
def test_thresholds_of_rules_go_to_the_unit_of_the_roster(tmp_path, write):
    sheets = base()
    sheets["企业"] = [[*row, *own] for row, own in zip(sheets["企业"], [["技改投入（亿元）", "税收", "用工（全口径）"], ["0.5", "3", "8"], ["0.1", "4", "9"]])]
    rows = [["营业收入", ">=", "2", "亿元", "0.5"], ["研发费用", "介于", "1000000~2000000", "元", "10%"], ["技改投入", ">=", "0.2", "亿元", ""],
            ["营业收入/职工人数", ">=", "800000", "元/人", ""], ["税收", ">=", "3", "万元", ""], ["用工", ">=", "8", "人", ""], ["职工人数", ">=", "50", "名", ""]]
    sheets["认定条件"] = [RULE_HEAD, *(["专精特新", "硬条件", f"A{k}", *row] for k, row in enumerate(rows))]
    case = read_case(write(tmp_path / "case", sheets))
    assert case.rules[["threshold", "unit", "tolerance"]].values.tolist() == [
        ["20000", "万元", "5000"], ["100~200", "万元", "10%"], ["2000", "万元", ""], ["80", "万元/人", ""], ["3", "万元", ""], ["8", "人", ""], ["50", "名", ""]]
    told = [(p.row, p.message) for p in case.problems if p.level == "提示" and p.sheet == "认定条件"]
    assert told == [(2, "门槛 2 亿元，企业表的「营业收入」以万元计，按 20000 万元判断"), (3, "门槛 1000000~2000000 元，企业表的「研发费用」以万元计，按 100~200 万元判断"),
                    (4, "门槛 0.2 亿元，企业表的「技改投入」以万元计，按 2000 万元判断"), (5, "门槛 800000 元/人，企业表的「营业收入/职工人数」以万元/人计，按 80 万元/人判断"),
                    (6, "企业表的列「税收」没有写明单位，按万元与门槛比较"), (7, "「用工」的单位与门槛的单位 人 不同，不会换算，按原数比较")]


@pytest.mark.parametrize(("field", "unit", "level"), [("营业收入", "人", "错误"), ("职工人数", "亿元", "错误"), ("研发费用/营业收入", "万元", "警告"),
                                                      ("营业收入/职工人数", "家", "警告"), ("研发费用/营业收入", "倍", None), ("营业收入", "", None)])
def test_a_unit_that_does_not_fit_the_field_is_named_with_its_cell(tmp_path, field, unit, level):
    sheets = base() | {"认定条件": [RULE_HEAD, ["专精特新", "硬条件", "A1", field, ">=", "3", unit, ""]]}
    found = [p for p in check_case(write_folder(tmp_path / "case", sheets)) if p.sheet == "认定条件" and p.column == "单位"]
    assert [(p.level, p.row) for p in found] == ([(level, 2)] if level else []) and all(field in p.message for p in found)


def test_own_columns_are_converted_by_their_stated_unit_or_said_not_to_be(tmp_path):
    rules = [RULE_HEAD, ["甲认定", "硬条件", "A1", "能耗", "<=", "0.2", "万吨", ""], ["甲认定", "硬条件", "A2", "亩均税收", ">=", "100000", "元/亩", ""],
             ["甲认定", "硬条件", "A3", "税收", ">=", "2", "亿元", ""]]
    sheets = base() | {"认定条件": rules, "企业": [["企业名称", "镇街园区", "能耗（吨）", "亩均税收（万元/亩）", "税收（全口径）"], ["甲精密机械有限公司", "一镇", "1000", "12", "5"],
                                                 ["乙精密机械有限公司", "一镇", "3000", "8", "5"]]}
    path = write_folder(tmp_path / "case", sheets)
    found = {p.row: (p.level, p.message) for p in check_case(path) if p.sheet == "认定条件"}
    # 0.2 万吨 are 2,000 吨; 100,000 元/亩 are 10 万元/亩; what 全口径 means is not known.
    assert found[2][0] == found[3][0] == found[4][0] == "提示" and "按 2000 吨判断" in found[2][1] and "按 10 万元/亩判断" in found[3][1] and "按原数比较" in found[4][1]
    frame = read_case(path).rules
    assert list(frame["threshold"]) == ["2000", "10", "2"] and list(frame["unit"]) == ["吨", "万元/亩", "亿元"]
