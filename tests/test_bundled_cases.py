"""The bundled cases: valid, reproducible, and the real ones reconciled as they should be."""

import importlib.util
import re
import sys
from functools import cache
from pathlib import Path

import pandas as pd
import pytest

RAW = Path(__file__).resolve().parents[1] / "data" / "raw"
NAMES = ["anhui-2016", "demo", "guangdong-firms", "zhejiang-2016-2019"]
REAL = ["anhui-2016", "guangdong-firms", "zhejiang-2016-2019"]


@cache
def script(name):
    spec = importlib.util.spec_from_file_location(name, RAW / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    before = list(sys.path)
    spec.loader.exec_module(module)
    sys.path[:] = before
    return module


@cache
def assessment(name, year=None):
    from analysis.assessment import assess_case
    from analysis.case import read_case

    return assess_case(read_case(name), year)


@pytest.mark.parametrize("name", NAMES)
def test_bundled_case_has_no_errors(name):
    from analysis.case import check_case, read_case

    assert [str(p) for p in check_case(name) if p.level == "错误"] == []
    assert read_case(name).home


def test_these_and_no_other_cases_are_bundled():
    from analysis.case import bundled_cases

    assert sorted(bundled_cases()) == NAMES


@pytest.mark.parametrize("name", REAL)
def test_real_cases_contain_nothing_illustrative(name):
    for file in (RAW / name).glob("*.csv"):
        assert "示例" not in file.read_text(encoding="utf-8-sig")


def test_no_generated_file_names_a_machine_or_a_registry():
    for file in [*RAW.rglob("*.py"), *RAW.rglob("*.csv"), *RAW.rglob("*.md")]:
        assert not re.search(r"/(work|root|home)/|pypi\.org", file.read_text(encoding="utf-8-sig")), file


def test_real_cases_are_what_the_generator_makes_from_the_sources(tmp_path, monkeypatch):
    module = script("make_real_cases")
    write = module.write_case
    monkeypatch.setattr(module, "write_case", lambda tables, path: write(tables, tmp_path / path.name))
    module.main()
    for name in REAL:
        made = {f.name: f.read_bytes() for f in (tmp_path / name).iterdir()}
        assert made == {f.name: f.read_bytes() for f in (RAW / name).iterdir()}


def test_group_weights_are_the_official_sums():
    assert list(script("make_real_cases").group_weights().values()) == [29.32, 16.50, 19.25, 16.50, 9.15, 9.18]


def test_anhui_reproduces_all_sixteen_ranks_and_every_index_to_a_hundredth():
    from analysis.case import read_case

    published = read_case("anhui-2016").published.set_index("district")
    result = assessment("anhui-2016")
    assert sorted(published.index) == sorted(result.total.index) and len(published) == 16
    published = published.loc[result.total.index]
    assert (result.ranks[result.root] == published["rank"]).all()
    assert (result.total - published["score"]).abs().max() < 0.01


def test_zhejiang_does_not_reconcile_and_its_weights_are_marked_as_borrowed():
    """Greatest differences by year lie between 0.50 and 0.81 points, 3–8 of 11 ranks agree."""
    from analysis.case import read_case

    case = read_case("zhejiang-2016-2019")
    for year in range(2016, 2020):
        result = assessment("zhejiang-2016-2019", year)
        published = case.published[case.published["year"] == year].set_index("district").loc[result.total.index]
        worst = (result.total - published["score"]).abs().max()
        assert 0.495 <= worst <= 0.815
        assert 3 <= (result.ranks[result.root] == published["rank"]).sum() <= 8
    weights = case.scheme[case.scheme["parent"].eq("T") & case.scheme["weight"].gt(0)]
    assert set(weights["status"]) == {"推算"} and weights["note"].str.contains("借用国家方案").all()


def test_guangdong_holds_every_printed_figure_and_no_other():
    """Compared with the transcription itself, cell by cell."""
    from analysis.case import read_case

    case = read_case("guangdong-firms")
    printed = pd.read_csv(RAW / "sources/guangdong_cities_industrial_firm_counts.csv")
    assert len(case.series) == len(printed) == 21 * 9
    given = {(d, int(p)): v for d, p, v in zip(case.series["district"], case.series["period"], case.series["value"])}
    assert given == {(city + "市", year): count for city, year, count in printed.iloc[:, :3].itertuples(index=False)}
    assert set(case.series["status"]) == {"公布"} and set(case.series["source"]) == set(printed["来源"])
    assert not any(map(case.has, ("scheme", "values", "enterprises")))


def test_guangdong_states_its_gaps_its_break_and_that_the_pair_is_our_choice():
    from analysis.case import read_case

    case = read_case("guangdong-firms")
    about = case.meta["制作说明"]
    absent = set(range(2000, 2024)) - set(case.series_years)
    assert len(absent) == 15 and "没有插补" in about and "由本项目选定" in about
    assert all(str(year) in about for year in case.series_years)
    early = case.series["period"].astype(int) < 2011
    assert case.series["note"].ne("").equals(early) and case.series.loc[early, "note"].str.contains("不可比").all()


def test_in_guangdong_home_is_behind_its_benchmark_and_gains_on_it():
    from analysis.case import read_case

    case = read_case("guangdong-firms")
    counts = case.series.assign(year=case.series["period"].astype(int)).pivot(index="year", columns="district", values="value")
    gap = (counts[case.benchmark] - counts[case.home]).loc[2019:]
    assert (gap > 0).all() and gap.loc[2023] < gap.loc[2019]
    ahead = counts.loc[2023].rank(ascending=False)
    assert ahead[case.home] - ahead[case.benchmark] == 1


def test_demo_tables_are_what_the_generator_makes(tmp_path):
    module = script("make_demo")
    module.write_case(module.build(), tmp_path / "again.xlsx")
    kept, again = (pd.read_excel(path, sheet_name=None, dtype=str, keep_default_na=False, engine="openpyxl")
                   for path in (RAW / "demo.xlsx", tmp_path / "again.xlsx"))
    assert list(again) == list(kept)
    for name, frame in again.items():
        pd.testing.assert_frame_equal(frame, kept[name])
