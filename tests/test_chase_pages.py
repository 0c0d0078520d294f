"""Notebook 03 on cases that leave it little to say: it says so, and stops at nothing."""

from __future__ import annotations

import html
import re

import pytest

from analysis.report import batch
from casebook import base, write_folder

YEARS = range(2016, 2023)


def annual_rows(levels):
    return [["区县", "指标", "期间", "数值", "单位", "来源", "状态"]] + [
        [d, "开票销售", str(y), f"{level * (1 + rate) ** (y - 2016):.2f}", "亿元", "快报", "公布"] for d, (level, rate) in levels.items() for y in YEARS]


def series_only(levels, drop=()):
    made = {name: rows for name, rows in base().items() if name in ("说明", "区县")}
    made["说明"] = [row for row in made["说明"] if row[0] not in drop and row[0] != "数据性质"]
    made["区县"] = [made["区县"][0]] + [row[:2] + [""] for row in made["区县"][1:] if row[0] in levels]
    if "对标区" in drop:
        made["区县"] = [[d, "其他" if role == "对标" else role, g] for d, role, g in made["区县"]]
    return made | {"时间序列": annual_rows(levels)}


CASES = {
    "few": base(),
    "alone": series_only({"东区": (100, 0.06)}, drop=("对标区",)),
    "unnamed": series_only({"东区": (100, 0.06), "西区": (120, 0.04), "南县": (150, 0.05), "北县": (80, 0.07)}, drop=("对标区",)),
    "ahead": series_only({"东区": (200, 0.06), "西区": (120, 0.04), "南县": (150, 0.05), "北县": (80, 0.07)}),
}


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cases")
    paths = [str(write_folder(folder / name, sheets)) for name, sheets in CASES.items()]
    lines: list[str] = []
    result = batch.run_cases(paths, notebooks=["3"], parameters={"runs": 2000}, out=folder / "out", progress=lines.append)
    assert result.exit_status == 0, "\n".join(lines)
    found = {}
    for name in CASES:
        page = (folder / "out" / name / "03_growth_paths.html").read_text("utf-8")
        main = re.sub(r'<(style|script).*?</\1>|src="data:[^"]*"', "", page[page.index("<main"):], flags=re.S)
        found[name] = re.sub(r"\s*\n\s*", "\n", html.unescape(re.sub(r"<[^>]+>", "\n", main)))
    return found


@pytest.mark.parametrize("name", CASES)
def test_no_page_shows_a_figure_that_is_none(pages, name):
    assert not re.search(r"\b(nan|NaN|inf|None|NaT)\b|Traceback", pages[name])


def test_too_little_data_is_said_and_nothing_is_drawn_from_it(pages):
    assert "“开票销售”" in pages["few"] or "开票销售不能测算" in pages["few"].replace("\n", "")
    assert "80% 区间" not in pages["few"]


def test_a_district_alone_has_nobody_to_chase(pages):
    assert "没有可追赶的对象" in pages["alone"]


def test_without_a_benchmark_the_next_ahead_is_taken_and_that_is_said(pages):
    # 2022: 东区 100·1.06⁶ = 141.9, 西区 151.8, 南县 201.0, 北县 120.1
    assert "东区追赶西区" in pages["unnamed"] and "没有指明对标区" in pages["unnamed"]


def test_a_district_ahead_is_told_what_keeps_it_there(pages):
    assert "东区已领先" in pages["ahead"] and ("要保持领先" in pages["ahead"] or "即使年均下降" in pages["ahead"])
