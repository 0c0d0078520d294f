"""The illustrative case: honest about what is published, consistent, and of the speech's shape."""

import csv
import re
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

RAW = Path(__file__).resolve().parents[1] / "data" / "raw"
LISTED = {"E1": "省级企业技术中心", "E2": "省级专精特新中小企业", "E3": "省级绿色工厂"}


@cache
def sheets():
    """The demo workbook as written, every cell as text."""
    return pd.read_excel(RAW / "demo.xlsx", sheet_name=None, dtype=str, keep_default_na=False, engine="openpyxl")


def numbers(column):
    return pd.to_numeric(column, errors="coerce")


@cache
def indicator(code, year="2022"):
    rows = sheets()["指标值"]
    rows = rows[(rows["指标"] == code) & (rows["年份"] == year)]
    return numbers(rows.set_index("区县")["数值"])


@cache
def assessment():
    from analysis.assessment import assess_case
    from analysis.case import read_case

    return assess_case(read_case("demo"))


@cache
def roster():
    frame = sheets()["企业"].rename(columns=lambda c: c.removesuffix("（万元）"))
    text = {"统一社会信用代码", "企业名称", "曾用名", "镇街园区", "行业", "产业链", "来源", "状态", "研发机构级别",
            "数字化水平", "主导产品领域"}
    flags = [c for c in frame if frame[c].isin(["是", "否", ""]).all() and c not in text]
    for column in frame.columns.difference([*text, *flags]):
        frame[column] = numbers(frame[column])
    return frame


def lists(result="已认定", district=None):
    frame = sheets()["认定名单"]
    return frame[(frame["结果"] == result) & (frame["区县"].eq(district) if district else True)]


def test_the_benchmarks_invoiced_sales_are_the_only_published_figure():
    found = [(name, row) for name, frame in sheets().items() if "状态" in frame
             for row in frame[frame["状态"] != "示例"].to_dict("records")]
    told = {name: row for name, row in found}
    assert len(found) == 2 and set(told) == {"指标值", "时间序列"}
    assert [told["指标值"][c] for c in ("年份", "区县", "指标", "数值")] == ["2022", "标杆区", "A2", "473.6"]
    assert [told["时间序列"][c] for c in ("期间", "区县", "指标", "数值", "同比", "分项")] == ["2022", "标杆区", "规模以上工业开票销售", "473.6", "", ""]
    assert all(row["状态"] == "公布" and row["来源"] == "培训班讲话（2022年）" for row in told.values())


def test_every_invented_enterprise_says_so_in_its_name():
    assert roster()["企业名称"].str.contains("示例").all()
    assert sheets()["认定名单"]["企业名称"].str.replace(" ", "").str.contains("示例").all()


def test_clauses_without_the_original_text_are_marked_for_checking():
    rules = sheets()["认定条件"]
    assert set(rules.loc[rules["认定"] == "省级企业技术中心", "可信度"]) == {"待核"}
    memory = rules["出处"].str.contains("编者所记|转述")
    copied = rules["出处"].str.contains("未见原文")
    assert set(rules.loc[memory, "可信度"]) == {"待核"} and set(rules.loc[copied, "可信度"]) == {"二手"}
    assert set(rules.loc[~memory & ~copied, "可信度"]) == {"原文"}


@pytest.mark.parametrize(("code", "name"), [("A1", "规模以上工业增加值"), ("A2", "规模以上工业开票销售")])
@pytest.mark.parametrize("year", ["2021", "2022"])
def test_december_of_the_monthly_series_is_the_annual_value(code, name, year):
    series = sheets()["时间序列"]
    december = series[(series["指标"] == name) & (series["期间"] == f"{year}-12")].set_index("区县")
    level = numbers(december["数值"]).fillna(whole_years(series, name, year))
    pd.testing.assert_series_equal(level, indicator(code, year), check_names=False)
    growth = indicator({"A1": "B1", "A2": "B2"}[code], year)
    pd.testing.assert_series_equal(numbers(december["同比"]), growth, check_names=False, check_dtype=False)


def whole_years(series, name, year):
    """Annual figures of the total, where a district has a row for the whole year."""
    rows = series[(series["指标"] == name) & (series["期间"] == year) & (series["分项"] == "")]
    return numbers(rows.set_index("区县")["数值"])


def chains():
    series = sheets()["时间序列"]
    return series[series["分项"] != ""].assign(cents=lambda s: (numbers(s["数值"]) * 100).round().astype(int))


def test_sales_by_chain_sum_to_the_district_to_the_cent_in_every_year():
    series = sheets()["时间序列"]
    total = series[(series["指标"] == "规模以上工业开票销售") & (series["分项"] == "") & (series["数值"] != "")]
    total = total[total["期间"].str.endswith("-12") | ~total["期间"].str.contains("-")]
    total = (numbers(total["数值"]) * 100).round().astype(int).set_axis(pd.MultiIndex.from_arrays([total["区县"], total["期间"].str[:4]]))
    sums = chains().groupby(["区县", "期间"])["cents"].sum()
    assert len(sums) == 9 * 5 and (sums == total.reindex(sums.index)).all()
    assert set(chains().groupby(["区县", "期间"]).size()) == {6} and (chains()["cents"] > 0).all()
    assert set(chains()["分项"]) == set(roster()["产业链"])


def test_home_chains_of_the_year_are_the_sums_of_its_roster():
    firms = roster()
    sums = firms[firms["是否规上"] == "是"].groupby("产业链")["开票销售"].sum() / 1e4
    home = chains()
    home = home[(home["区县"] == "示例区") & (home["期间"] == "2022")].set_index("分项")["cents"] / 100
    assert (home - sums).abs().max() < 0.01


def test_the_scenarios_and_targets_are_there_and_marked_as_illustrative():
    from analysis.case import read_case

    case = read_case("demo")
    assert set(case.scenarios["kind"]) == {"增速加减", "增速设定", "价格影响", "大项目", "新增规上企业"}
    assert set(case.scenarios["status"]) == {"示例"} and (case.scenarios["start"] > case.year).all()
    assert case.target_year > case.year and case.target_probability == 0.8
    assert set(case.chased) <= {*case.series["indicator"], *case.recognitions["certification"]}
    given = case.towns[["potential", "floor", "cap"]].notna().any(axis=1)
    assert 0 < given.sum() < len(case.towns) and case.towns.loc[given, "note"].str.contains("示例").all()


def test_annual_counts_of_home_recognitions_can_be_read_from_the_lists():
    """New names a year add up to the stock the indicators state at the end of 2021 and 2022."""
    held = lists(district="示例区")
    for code, name in LISTED.items():
        new = numbers(held.loc[held["认定"] == name, "年份"]).value_counts().reindex(range(2018, 2023), fill_value=0).sort_index()
        stock = new.cumsum()
        assert stock.is_monotonic_increasing and new[2022] > 0
        assert (stock[2021], stock[2022]) == (indicator(code, "2021")["示例区"], indicator(code)["示例区"])


def test_monthly_series_are_cumulative_with_january_and_february_merged():
    series = sheets()["时间序列"]
    series = series[series["口径"] == "累计"]
    assert set(series.groupby(["区县", "指标"]).size()) == {6 * 11 + 5}
    assert not series["期间"].str.fullmatch(r"\d{4}-0[12]").any()
    year, levels = series["期间"].str[:4], numbers(series["数值"])
    assert (levels.groupby([series["区县"], series["指标"], year]).diff().dropna() > 0).all()


def test_published_growth_is_not_the_ratio_of_levels_because_the_base_is_revised():
    series = sheets()["时间序列"].assign(level=lambda s: numbers(s["数值"]), yoy=lambda s: numbers(s["同比"]))
    december = series[series["期间"].str.endswith("-12")]
    level = december.pivot(index=["区县", "指标"], columns="期间", values="level")
    yoy = december.pivot(index=["区县", "指标"], columns="期间", values="yoy")
    ratio = (level["2022-12"] / level["2021-12"] - 1) * 100
    gap = ratio - yoy["2022-12"]
    assert gap.abs().median() > 0.3 and gap.abs().max() < 6


def test_home_grows_a_bit_faster_than_its_benchmark():
    for code in ("B1", "B2"):
        assert 0 < indicator(code)["示例区"] - indicator(code)["标杆区"] < 4


def test_home_totals_and_counts_are_those_of_its_roster():
    firms = roster()
    above = firms[firms["是否规上"] == "是"]
    assert above["开票销售"].sum() / 1e4 == pytest.approx(indicator("A2")["示例区"], abs=0.005)
    assert above["工业增加值"].sum() / 1e4 == pytest.approx(indicator("A1")["示例区"], abs=0.005)
    assert len(above) == indicator("A3")["示例区"]
    assert (firms["高新技术企业"] == "是").sum() == indicator("D4")["示例区"]
    assert (above["有研发机构"] == "是").mean() * 100 == pytest.approx(indicator("D2")["示例区"], abs=0.05)


@pytest.mark.parametrize("year", ["2021", "2022"])
def test_recognition_counts_are_the_names_on_the_lists(year):
    for code, name in LISTED.items():
        held = lists()
        held = held[(held["认定"] == name) & (held["年份"] <= year)]
        assert not held.duplicated(["区县", "企业名称"]).any()
        assert held.groupby("区县").size().to_dict() == indicator(code, year).to_dict()


def test_recognised_home_enterprises_existed_before_they_were_recognised():
    founded = roster().set_index("统一社会信用代码")["成立年份"]
    held = lists(district="示例区")
    held = held[held["统一社会信用代码"] != ""]
    assert (founded[held["统一社会信用代码"]].to_numpy() + 1 < numbers(held["年份"]).to_numpy()).all()


def test_credit_codes_are_unique_and_their_check_digits_are_right():
    """Written out from GB 32100 and GB 11714; 91350100M000100Y43 is the standard's worked example."""
    letters, organisation = "0123456789ABCDEFGHJKLMNPQRTUWXY", "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    weights = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)

    def right(code):
        last = (31 - sum(letters.index(c) * w for c, w in zip(code, weights, strict=False)) % 31) % 31
        return code[17] == letters[last]

    def body_right(code):
        rest = 11 - sum(organisation.index(c) * w for c, w in zip(code[8:16], (3, 7, 9, 10, 5, 8, 4, 2), strict=True)) % 11
        return code[16] == {10: "X", 11: "0"}.get(rest, str(rest))

    assert right("91350100M000100Y43")
    codes = roster()["统一社会信用代码"]
    assert codes.is_unique and all(map(right, codes)) and all(map(body_right, codes))


def test_home_is_last_or_last_but_one_on_the_recognition_group_and_in_the_middle_overall():
    result = assessment()
    places = result.scores[["T", "A", "E"]].rank(ascending=False, method="min").loc["示例区"]
    assert places["E"] >= 8 and 3 <= places["A"] <= 5 and 3 <= places["T"] <= 6
    assert result.scores.at["示例区", "E"] < result.scores.at["标杆区", "E"]
    assert result.groups["示例区"] == result.groups["标杆区"]


def test_specialised_enterprises_weigh_most_in_the_recognition_loss():
    parts = assessment().contributions("E")
    loss = parts.loc["标杆区"] - parts.loc["示例区"]
    assert loss.idxmax() == "E2"
    assert indicator("E2")["示例区"] < indicator("E2").drop("示例区").min()


def test_reconciliation_finds_exactly_the_planted_disagreements():
    from analysis.case import read_case
    from analysis.reconcile import reconcile

    table = reconcile(assessment(), read_case("demo").published, 0.01).table
    wrong = table[table["score_diff"].abs() > 0.01]
    assert sorted(wrong["score_diff"].abs().round(1)) == [0.0, 0.3]
    moved = table[table["rank_diff"].abs() > 0]
    assert set(moved["node"]) == {"C"} and len(moved) == 2
    assert set(wrong.loc[wrong["score_diff"].abs() > 0.2, "district"]) <= set(moved["district"])
    assert table["published_score"].isna().sum() == 4


def test_masked_values_carry_bounds_that_are_bounds():
    rows = sheets()["指标值"]
    masked = rows[rows["数值"] == "**"]
    assert 2 <= len(masked) <= 3 and not set(masked["区县"]) & {"示例区"}
    assert (numbers(masked["下界"]) < numbers(masked["上界"])).all()


def hard_conditions(f):
    def best(*pairs):
        return np.select([condition for condition, _ in pairs], [points for _, points in pairs], 0)

    growth = ((f["主营业务收入"] / f["上年主营业务收入"] - 1) + (f["上年主营业务收入"] / f["前年主营业务收入"] - 1)) * 50
    main, rd, staff = (f["主营业务收入"] / f["营业收入"] * 100, f["研发费用"] / f["营业收入"] * 100,
                       f["研发人员数"] / f["职工人数"] * 100)
    profit, debt = f["净利润"] / f["营业收入"] * 100, f["负债总额"] / f["资产总额"] * 100
    quality = sum(f[c].eq("是").astype(int) for c in ("省级以上质量奖", "质量管理体系认证", "自主品牌", "参与制修订标准"))
    amount = f["研发费用"]
    score = (
        best((main >= 80, 5), (main >= 70, 3), (main >= 60, 1))
        + best((growth >= 10, 10), (growth >= 8, 8), (growth >= 6, 6), (growth >= 4, 4), (growth >= 0, 2))
        + np.minimum(5, f["从事细分市场年限"].fillna(0) // 2)
        + f["主导产品领域"].map({"补短板锻长板填空白": 5, "工业六基等": 3}).fillna(0)
        + f["数字化水平"].map({"三级": 5, "四级": 5, "二级": 3}).fillna(0) + np.minimum(5, 3 * quality)
        + best((profit >= 10, 10), (profit >= 8, 8), (profit >= 6, 6), (profit >= 4, 4), (profit >= 2, 2))
        + best((debt <= 50, 5), (debt <= 60, 3), (debt <= 70, 1))
        + best((f["I类高价值知识产权"] >= 1, 10), (f["I类知识产权自主研发"] >= 1, 8), (f["I类知识产权"] >= 1, 6),
               (f["II类知识产权"] >= 1, 2))
        + best(((amount >= 500) | (rd >= 10), 10), ((amount >= 400) | (rd >= 8), 8), ((amount >= 300) | (rd >= 6), 6),
               ((amount >= 200) | (rd >= 4), 4), ((amount >= 100) | (rd >= 3), 2))
        + best((staff >= 20, 5), (staff >= 10, 3), (staff >= 5, 1))
        + f["研发机构级别"].map({"国家级": 10, "省级": 8, "市级": 4, "市级以下": 2}).fillna(0)
    )
    direct = (f["省级科技奖励位次"].between(1, 3) | f["国家级科技奖励位次"].between(1, 5)
              | ((f["研发费用"] + f["上年研发费用"]) / 2 >= 1000) | (f["近两年股权融资"] >= 6000) | f["创客中国五百强"].eq("是"))
    return ((f["从事细分市场年限"] >= 2) & (amount >= 100) & (rd >= 3)
            & ((f["营业收入"] >= 1000) | (f["近两年股权融资"] >= 2000)) & ((score >= 60) | direct))


def test_between_forty_and_sixty_enterprises_clearly_qualify_and_a_third_never_applied():
    firms = roster()
    home = sheets()["认定名单"]
    evaluated = set(home.loc[home["认定"] == "创新型中小企业", "企业名称"].str.replace(" ", ""))
    seen = home[(home["认定"] == LISTED["E2"]) & (home["区县"] == "示例区")]

    def matched(names):
        def plain(s):
            return s.replace(" ", "").translate(str.maketrans("（）", "()"))

        wanted = set(map(plain, names))
        return np.array([plain(a) in wanted or (b != "" and plain(b) in wanted)
                         for a, b in zip(firms["企业名称"], firms["曾用名"], strict=True)])

    small = (firms["职工人数"] < 1000) | (firms["营业收入"] < 40000)
    clear = hard_conditions(firms) & small & firms["千企升级培育库"].eq("是") & matched(evaluated)
    never = clear & ~matched(seen["企业名称"])
    assert 40 <= clear.sum() <= 60
    assert 1 / 4 <= never.sum() / clear.sum() <= 2 / 5


def test_about_eight_percent_of_rule_fields_are_missing():
    firms = roster().replace("", np.nan)
    fields = firms.loc[:, "从事细分市场年限":].drop(columns=["来源", "状态", "本省注册制造业企业"])
    assert 0.07 <= fields.isna().mean().mean() <= 0.09
    assert len(firms) == 400 and firms["产业链"].nunique() == 6


def test_towns_and_parks_are_nine_three_and_three():
    kinds = sheets()["镇街园区"]["类型"].value_counts()
    assert kinds.to_dict() == {"镇": 9, "街道": 3, "园区": 3}
    assert set(roster()["镇街园区"]) == set(sheets()["镇街园区"]["名称"])


def test_every_rule_field_is_a_column_of_the_roster_or_an_expression_of_columns():
    from analysis.dictionary import load

    columns = set(roster()) | {c.header for c in load().sheet("enterprises").columns}
    with (RAW / "sources/recognition_rules.csv").open(encoding="utf-8-sig", newline="") as file:
        for rule in csv.DictReader(file):
            words = set(re.split(r"[+\-*/()\d.]+", rule["字段"])) - {""}
            if rule["比较"] != "已认定" and not rule["字段"].startswith("评价得分"):
                assert words <= columns, rule["字段"]
