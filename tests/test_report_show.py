"""What a notebook shows: escaped, accessible, and honest about its status."""

from __future__ import annotations

import re
import struct
from base64 import b64decode
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.report import markup, show

EVIL = '<img src=x onerror="alert(1)">&\'"'


@pytest.fixture()
def shown(monkeypatch):
    """Everything displayed, as the MIME bundles a front end would get."""
    bundles: list[dict] = []
    import IPython.display

    monkeypatch.setattr(IPython.display, "display", lambda bundle, raw: bundles.append(bundle))
    return bundles


def html_of(bundles) -> str:
    return re.sub(r"<style.*?</style>", "", "".join(bundle["text/html"] for bundle in bundles), flags=re.S)


def test_nothing_untrusted_reaches_the_page_as_markup(shown):
    import matplotlib.pyplot as plt

    show.title(EVIL, EVIL)
    show.heading(EVIL)
    show.say(EVIL, EVIL)
    show.keys([(EVIL, EVIL, EVIL, "公布")])
    show.figure(plt.figure(figsize=(1, 1)), EVIL, alt=EVIL, source=EVIL)
    frame = pd.DataFrame({EVIL: [EVIL, "b"]}, index=pd.Index([EVIL, "r"], name=EVIL))
    show.table(frame, EVIL, source=EVIL, notes=EVIL, tooltips={(EVIL, EVIL): EVIL})
    page = html_of(shown)
    assert "<img src=x" not in page and 'onerror="' not in page
    assert page.count("&lt;img src=x") >= 14


@given(st.text(max_size=60))
def test_inline_markup_adds_only_strong_tags(text):
    rendered = markup.inline(text)
    assert set(re.findall(r"<[^>]*>", rendered)) <= {"<strong>", "</strong>"}


def test_two_stars_make_emphasis_and_a_masked_value_stays_two_stars():
    assert markup.inline("列第 **7** 位，得分 ** 未公布") == "列第 <strong>7</strong> 位，得分 ** 未公布"


@pytest.mark.parametrize(("text", "shown_"), [
    ("“专精特新“小巨人”企业”不计入“甲”", "“专精特新‘小巨人’企业”不计入“甲”"), ("“小巨人”企业", "“小巨人”企业"),
    ("“甲“乙“丙”乙”甲”", "“甲‘乙‘丙’乙’甲”"), ("缺一半的“引号“不动", "缺一半的“引号“不动"), ("反了”的“也不动", "反了”的“也不动")])
def test_quotes_within_quotes_are_single_ones(text, shown_):
    assert markup.plain(text) == shown_ and markup.inline(text) == shown_


@given(st.text(alphabet="甲“”‘", max_size=30))
def test_quotes_change_in_kind_only(text):
    assert markup.nested(text).translate(str.maketrans("‘’", "“”")) == text.translate(str.maketrans("‘’", "“”"))


def test_a_chart_has_twice_the_pixels_of_its_size_on_the_page_whole_with_its_mark(shown):
    import matplotlib.pyplot as plt

    fig, ax = plt.subplots(figsize=(4, 2), layout="constrained")
    ax.set_title("title")
    fig.text(1.1, 0.5, "outside")
    show.figure(fig, "图", "一句话", status="示例")
    page = html_of(shown)
    data = b64decode(re.search(r"base64,([^\"]+)", page)[1])
    wide, high = struct.unpack(">II", data[16:24])
    assert (wide // 2, high // 2) == tuple(map(int, re.search(r'width="(\d+)" height="(\d+)"', page).groups()))
    # 4 inches of axes, and what is written beside and below them, at 96 pixels an inch.
    assert 1.1 * 4 * 96 < wide / 2 < 1.5 * 4 * 96 and 0.9 * 2 * 96 < high / 2 < 1.2 * 2 * 96


def test_the_banner_appears_only_for_illustrative_cases(shown):
    show.banner(SimpleNamespace(illustrative=False))
    assert html_of(shown) == ""
    show.banner(SimpleNamespace(illustrative=True))
    assert "不是任何地区的真实情况" in html_of(shown) and "不是任何地区的真实情况" in shown[-1]["text/plain"]


def test_a_figure_without_alternative_text_is_refused(shown):
    with pytest.raises(ValueError, match="替代文字"):
        show.figure(object(), "图", alt=" ")


def test_a_figure_is_twice_its_screen_size_and_closed(shown):
    import matplotlib.pyplot as plt

    fig, ax = plt.subplots(figsize=(4, 2))
    show.figure(ax, "图 1", alt="一条线", status="示例")
    page = html_of(shown)
    data = b64decode(re.search(r"base64,([^\"]+)", page)[1])
    width, height = struct.unpack(">II", data[16:24])
    assert int(re.search(r'width="(\d+)"', page)[1]) == width // 2
    assert height > 192 and page.count("示例") == 4  # two badges, each with its class
    assert not plt.fignum_exists(fig.number)


def test_a_misspelt_status_is_refused():
    with pytest.raises(ValueError, match="状态只能是"):
        markup.badges("示列")
    assert markup.split_status("示例、公布") == ["公布", "示例"]


def test_a_table_has_caption_headers_right_aligned_numbers_and_dashes_for_gaps():
    frame = pd.DataFrame({"区县": ["甲区", "乙区"], "得分": [83.217, np.nan], "位次": [1.0, 2.0], "认定": [True, False]})
    page = markup.table(frame, "表 1", formats={"得分": ".1f"})
    assert "<caption>表 1</caption>" in page
    assert page.count('<th scope="col"') == 4 and page.count('<th scope="row"') == 2
    assert '<td class="n" data-v="83.217">83.2</td>' in page
    assert '<td class="n">—</td>' in page
    assert '<td class="n" data-v="1.0">1</td>' in page and '<td class="s">是</td>' in page


def test_a_named_index_becomes_the_row_header():
    page = markup.table(pd.DataFrame({"得分": [1, 2]}, index=pd.Index(["甲区", "乙区"], name="区县")), "表")
    assert '>区县</th>' in page and '<th scope="row" class="s">甲区</th>' in page


def test_a_cell_carries_its_status_and_where_it_came_from():
    frame = pd.DataFrame({"得分": [1.5, 2.5]}, index=pd.Index(["甲区", "乙区"], name="区县"))
    page = markup.table(frame, "表", status_cells=pd.DataFrame({"得分": ["示例", "公布"]}, index=frame.index),
                        tooltips={("甲区", "得分"): "指标值!D12"})
    assert page.count('<sup class="ys-mark 示例"') == 1 and 'title="指标值!D12"' in page
    assert "示 ＝ 示例" in page


@pytest.mark.parametrize("rows", [["乙区"], "乙区", np.array([False, True]), lambda row: row["得分"] > 2])
def test_rows_are_highlighted_by_label_mask_or_function(rows):
    frame = pd.DataFrame({"得分": [1.5, 2.5]}, index=pd.Index(["甲区", "乙区"], name="区县"))
    page = markup.table(frame, "表", highlight_rows=rows)
    assert re.search(r'<tr class=hi><th scope="row" class="s">乙区', page) and page.count("class=hi") == 1


@pytest.mark.parametrize("frame", [
    pd.DataFrame({"a": []}), pd.DataFrame({"a": [None, "x"]}), pd.DataFrame({"a": pd.array([1, None], "Int64")}),
    pd.DataFrame({"a": pd.array([True, None], "boolean")}), pd.DataFrame({("一", "二"): [1]}), pd.DataFrame({"a": [np.inf, 1.0]}),
    pd.DataFrame({"a": pd.to_datetime(["2022-01-02", None])}), pd.DataFrame({"a": pd.Categorical(["x", None])}),
])
def test_any_kind_of_column_is_shown(frame):
    page = markup.table(frame, "表")
    assert "nan" not in page.lower() and "NaT" not in page and "&lt;NA" not in page
    assert page.count("—") == int(frame.isna().sum().sum())


def test_headlines_and_keys_are_recorded_for_the_index(shown):
    show.headline("列第 **7** 位")
    show.keys([("总分", "83.2", "", "示例")])
    show.keys([("不记", "1")], record=False)
    assert shown[0][show.HEADLINE_MIME] == {"sentences": ["列第 7 位"]}
    assert shown[1][show.KEYS_MIME]["keys"][0]["status"] == "示例"
    assert show.KEYS_MIME not in shown[2]


def test_what_a_chart_says_stands_above_it_escaped(shown):
    import matplotlib.pyplot as plt

    show.figure(plt.subplots()[0], "图", "<b>甲区</b>列第 3 位")
    assert '<p class="ys-reading">&lt;b&gt;甲区&lt;/b&gt;列第 3 位</p>' in html_of(shown)


def test_a_screen_reader_hears_the_sentence_once_and_then_what_is_drawn(shown):
    import matplotlib.pyplot as plt

    from analysis.style import use_style

    with plt.rc_context():
        use_style()
        fig, ax = plt.subplots()
        ax.barh(["甲区", "乙<区>"], [1, 2], label="得分")
        ax.set_xlabel("分")
        ax.legend()
        show.figure(fig, "各区**得分**", alt="乙区领先 1 分")
    page = html_of(shown)
    alt = re.search(r' alt="([^"]*)"', page)[1]
    assert page.count("乙区领先 1 分") == 1 and "领先" not in alt
    assert alt.startswith("图：各区得分。") and "甲区、乙&lt;区&gt;" in alt and "横轴：分" in alt and "图例：得分" in alt
    assert "aria-label" not in page.split("<img")[0]


def test_a_chart_without_words_is_still_named(shown):
    import matplotlib.pyplot as plt

    fig, ax = plt.subplots()
    ax.axis("off")
    show.figure(fig, "示意图", alt="一句话")
    assert ' alt="图：示意图。"' in html_of(shown)


def test_links_are_quoted_and_escaped(shown):
    show.links([("lists/甲 镇#1.xlsx", "<b>甲镇</b>")])
    html = shown[0]["text/html"]
    assert 'href="lists/%E7%94%B2%20%E9%95%87%231.xlsx"' in html and "<b>甲镇" not in html


def test_a_page_opens_with_five_sentences_and_keeps_the_rest_in_small_print(shown):
    show.opening("一", "", "二", "三", "四", "五", "六")
    framed, small = (bundle["text/html"] for bundle in shown)
    assert framed.count("<li>") == 5 and "ys-conclusion" in framed and "五" in framed and "六" not in framed
    assert "ys-note" in small and "六" in small
    shown.clear()
    show.opening("一", "二")
    assert len(shown) == 1
    shown.clear()
    show.opening("", "")
    assert not shown


def test_a_chart_whose_texts_are_measured_once_is_the_chart_it_would_be():
    import matplotlib.pyplot as plt
    from matplotlib.text import Text

    from analysis.plots import measured
    from analysis.style import use_style

    def drawn():
        fig, axes = plt.subplots(1, 2, layout="constrained")
        for ax, size in zip(axes, (8, 11)):
            ax.plot([1, 2], [3, 4], label="甲区")
            ax.set_title("规模以上工业\n增加值", fontsize=size)
            ax.text(1.5, 3.5, "甲区", rotation=30)
            ax.text(1.2, 3.2, "甲区", fontsize=size, ha="right", multialignment="left")
            ax.legend()
        try:
            return show._png(fig, "示例")
        finally:
            plt.close(fig)

    use_style()
    plain = vars(Text)["_get_layout"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(measured, "vars", lambda thing: {}, raising=False)
        expected = drawn()
    assert drawn() == expected and vars(Text)["_get_layout"] is plain
