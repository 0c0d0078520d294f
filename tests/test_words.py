"""A province's cities are called 市 on the pages, a city's districts 区县, and what a case writes itself is left alone."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import matplotlib.pyplot as plt
import pandas as pd
import pytest

from analysis import read_case, words
from analysis.case import check_case
from analysis.problems import Problem
from analysis.report import markup, show
from analysis.style import use_style
from casebook import base, write_folder


def case(level="市", **tables):
    return SimpleNamespace(meta={words.KEY: level} if level else {}, tables=tables, illustrative=False)


@pytest.mark.parametrize(("level", "text", "said"), [
    ("市", "本区得分减对标区得分，列全市前 3 位", "本市得分减对标市得分，列全省前 3 位"),
    ("市", "占全区的份额；全市 21 个区县，各区县同涨同落", "占全市的份额；全省 21 个市，各市同涨同落"),
    ("市", "两区的趋势、该区的水平、对标区县", "两市的趋势、该市的水平、对标市"),
    ("市", "列 9 个区县第 9 位，区县数 9", "列 9 个市第 9 位，市数 9"),
    ("市", "本区间、各区间、全市场、应该区分、区位商、该区别", "本区间、各区间、全市场、应该区分、区位商、该区别"),
    ("市", "请改区县表里的名称", "请改区县表里的名称"),
    ("县", "本区在各区县中，全市平均", "本县在各县中，全市平均"),
    ("区县", "本区在各区县中，全市平均", "本区在各区县中，全市平均"),
    ("", "本区在各区县中，全市平均", "本区在各区县中，全市平均"),
])
def test_sentences_use_the_word_of_the_case(level, text, said):
    assert words.wording(case(level))(text) == said


def test_what_the_case_writes_itself_stays():
    own = case(values=pd.DataFrame({"source": ["全市统计公报", "本区"], "district": ["甲市", "本区县级市"]}))
    say = words.wording(own)
    assert say("本区县级市在全市第 3 位（全市统计公报）") == "本区县级市在全省第 3 位（全市统计公报）"
    assert say("本区") == "本市"  # a cell that is only one of the words is a role, not a name


def shown(monkeypatch):
    seen = []
    monkeypatch.setattr(show, "_emit", lambda html, text, **extra: seen.append((html, text, extra)))
    return seen


def test_a_table_is_reworded_with_its_keys_and_its_source_is_not(monkeypatch):
    seen = shown(monkeypatch)
    table = pd.DataFrame({"本区数值": [1.0, 2.0], "说明": ["对标区较高", "—"]}, index=pd.Index(["甲市", "全部区县"], name="区县"))
    words.worded(show, case()).table(
        table, "各区县", "全市快报", "推算", formats={"本区数值": ".3f"}, highlight_rows=["全部区县"], notes=["全市平均"],
        status_cells={("全部区县", "本区数值"): "示例"}, tooltips=pd.DataFrame({"本区数值": ["本区!D2", ""]}, index=table.index))
    html = seen[0][0]
    assert "区县" not in html and "本区" not in html and "对标市较高" in html and "全省平均" in html and "全市快报" in html
    assert "1.000" in html and "<tr class=hi>" in html and 'title="示例"' in html and 'title="本市!D2"' in html
    assert list(table.columns) == ["本区数值", "说明"] and table.index.name == "区县"  # the frame given is not changed


def test_cards_headlines_and_charts_are_reworded(monkeypatch):
    seen = shown(monkeypatch)
    monkeypatch.setattr(show, "_png", lambda fig, mark="": (b"", 1, 1))
    speaking = words.worded(show, case())
    speaking.keys([("与对标区差距", "1 分", "本区得分减对标区得分", "推算")])
    speaking.headline("本区第 1 位")
    speaking.links([("lists/本区.xlsx", "全区：3 项")])
    use_style()
    figure, ax = plt.subplots()
    ax.set_xlabel("占全区的份额")
    ax.plot([0, 1], label="各区县最高")
    ax.legend()
    ax.set_yticks([0, 1], ["本区", "全市"])
    monkeypatch.setattr(plt, "close", lambda fig: None)
    speaking.figure(ax, "各区县", "本区领先", "全市快报", "推算")
    assert seen[0][2][show.KEYS_MIME]["keys"][0]["note"] == "本市得分减对标市得分" and seen[1][2][show.HEADLINE_MIME]["sentences"] == ["本市第 1 位"]
    figure.canvas.draw()
    assert ax.get_xlabel() == "占全市的份额" and ax.get_legend().get_texts()[0].get_text() == "各市最高"
    assert [t.get_text() for t in ax.get_yticklabels()] == ["本市", "全省"] and "全市快报" in seen[3][0] and "本市领先" in seen[3][0]
    assert seen[2][1] == "全市：3 项：lists/本区.xlsx"


def test_a_case_of_districts_is_shown_by_the_module_itself():
    assert words.worded(show, case("")) is show and words.worded(show, read_case("demo")) is show


@pytest.mark.parametrize("name", ["anhui-2016", "zhejiang-2016-2019", "guangdong-firms"])
def test_the_provinces_speak_of_cities(name):
    real = read_case(name)
    assert words.level_of(real) == "市" and words.wording(real)(f"{real.home}列全市第 1 位") == f"{real.home}列全省第 1 位"


def test_an_unknown_level_is_an_error_that_names_the_known_ones(tmp_path):
    made = base()
    made["说明"].append([words.KEY, "街道"])
    found = [p for p in check_case(write_folder(tmp_path / "case", made)) if p.level == "错误"]
    assert len(found) == 1 and "街道" in str(found[0]) and "区县、县、市" in str(found[0])


def test_statuses_have_one_list():
    from analysis.provenance import STATUS_ORDER

    assert markup.STATUSES is STATUS_ORDER


def test_what_a_check_says_has_the_word_of_the_case_and_the_names_of_the_sheets(tmp_path):
    made = base()
    made["说明"].append([words.KEY, "县"])
    made["指标值"].append(made["指标值"][-1])
    made["区县"].append(made["区县"][-1])
    said = "\n".join(f"{p.message}。{p.fix}" for p in check_case(write_folder(tmp_path / "case", made)))
    assert "县「" in said and "区县「" not in said and "年份、区县、指标「" in said


@pytest.mark.parametrize(("level", "text", "said"), [
    ("市", "位次 9 大于区县数 5", "位次 9 大于市数 5"),
    ("县", "在区县表把一个区县的角色填为 本区，或在说明表写明本区", "在区县表把一个县的角色填为 本区，或在说明表写明本区"),
    ("市", "区县「区县甲」与第3行重复", "市「区县甲」与第3行重复"),
    ("市", "区县、指标、期间「甲、乙」重复", "区县、指标、期间「甲、乙」重复"),
    ("", "该区县的总分将算不出来", "该区县的总分将算不出来"),
    ("街道", "该区县的总分将算不出来", "该区县的总分将算不出来"),
])
def test_messages_of_a_check(level, text, said):
    assert [p.message for p in words.problems_worded([Problem("错误", text)], {words.KEY: level})] == [said]


def test_the_what_if_page_and_its_panel_speak_of_the_cases_places():
    pytest.importorskip("ipywidgets")
    from analysis import whatif

    data = read_case("anhui-2016")
    source = (Path(__file__).parents[1] / "notebooks" / "what_if.ipynb").read_text("utf-8")
    assert "show = words.worded(show, data)" in source
    shown = whatif.panel(data, data.home).shown.value
    assert "<th scope=\"col\" class=\" s\">市</th>" in shown and "区县" not in shown


def test_the_poster_speaks_of_the_cases_places():
    from analysis import assess_case
    from analysis.handouts.face import Face
    from analysis.handouts.poster import poster_page

    data = read_case("anhui-2016")
    page = poster_page(data, assess_case(data), Face("", "", "", "", "", ("", ""), "", ()))
    assert "区县" not in str(page) and "共 16 个市" in str(page) and "全部市" in str(page)
    assert page.variants[0][0].heads == ("位次", "市", "总分")
    roles = {name: role for _, name, _, _, _, role in page.variants[0][0].rows}
    assert roles[data.home] == "本市" and roles[data.benchmark] == "对标" and set(roles.values()) == {"本市", "对标", ""}
