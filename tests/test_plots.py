"""Charts are honest, complete and legible at every size a user may bring."""

import warnings

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.patches import Rectangle
from matplotlib.text import Text

from analysis import plots, style

NAMES = [
    "规模以上工业增加值增速", "规模以上工业开票销售收入", "固定资产投资增速", "一般公共预算收入",
    "R&D经费支出占GDP比重", "高新技术企业数", "万人发明专利拥有量", "技术合同成交额",
    "单位GDP能耗降低率", "PM2.5平均浓度", "地表水达标率", "绿色工厂数量",
    "城镇登记失业率", "居民人均可支配收入", "新增城镇就业", "教育支出占比",
    "专精特新中小企业数", "小巨人企业数", "企业技术中心数", "工业设计中心数",
]
LONG = "名称特别长的国家级经济技术开发区管理委员"  # 20 characters
SIZES = [(3, 3), (9, 20), (95, 60)]


@pytest.fixture(autouse=True)
def strict_matplotlib(monkeypatch):
    monkeypatch.setattr(style, "SYSTEM_FAMILIES", ())
    with mpl.rc_context(), warnings.catch_warnings():
        mpl.use("Agg")
        warnings.filterwarnings("error", message="Glyph")
        warnings.filterwarnings("error", message=".*constrained_layout.*")
        style.use_style()
        yield
    plt.close("all")


def districts(count, long=False):
    return [f"{LONG}{i:02d}" if long else f"第{i}区" for i in range(1, count + 1)]


def city(rows=9, columns=20, long=False, seed=1):
    """District × indicator scores, group of every indicator, names."""
    rng = np.random.default_rng(seed)
    codes = [f"I{i}" for i in range(columns)]
    scores = pd.DataFrame(rng.uniform(60, 100, (rows, columns)), districts(rows, long), codes)
    names = {code: LONG if long else NAMES[i % 20] for i, code in enumerate(codes)}
    groups = pd.Series({code: f"第{i * 5 // columns + 1}类指标" for i, code in enumerate(codes)})
    return scores, names, groups


def drawn_texts(ax):
    """Visible texts with their boxes, after drawing; ticks outside the view are not drawn."""
    figure = ax.figure
    figure.canvas.draw()
    hidden = set()
    for each in [*figure.axes, *(child for a in figure.axes for child in a.child_axes)]:
        for axis in (each.xaxis, each.yaxis):
            low, high = sorted(axis.get_view_interval())
            for tick in axis.get_major_ticks():
                if not low - 1e-9 <= tick.get_loc() <= high + 1e-9:
                    hidden |= {tick.label1, tick.label2}
    renderer = figure.canvas.get_renderer()
    return [
        (text.get_text(), text.get_window_extent(renderer))
        for text in figure.findobj(Text)
        if text.get_visible() and text.get_text().strip() and text not in hidden
    ]


def assert_legible(ax, slack=1.0):
    """No two texts overlap and no text leaves the figure (pixels of slack)."""
    texts = drawn_texts(ax)
    width, height = ax.figure.canvas.get_width_height()
    for label, box in texts:
        inside = (box.x0 >= -slack and box.y0 >= -slack
                  and box.x1 <= width + slack and box.y1 <= height + slack)
        assert inside, f"cut by the border: {label!r} {box} in {width}×{height}"
    boxes = np.array([box.extents for _, box in texts])
    for i, (label, _) in enumerate(texts):
        across = np.minimum(boxes[i, 2], boxes[:, 2]) - np.maximum(boxes[i, 0], boxes[:, 0])
        along = np.minimum(boxes[i, 3], boxes[:, 3]) - np.maximum(boxes[i, 1], boxes[:, 1])
        clash = [j for j in np.flatnonzero((across > slack) & (along > slack)) if j > i]
        assert not clash, f"{label!r} overlaps {texts[clash[0]][0]!r}"


def words(ax):
    return [text for text, _ in drawn_texts(ax)]


def reconciliation_table(rows, long=False):
    rng = np.random.default_rng(2)
    table = pd.DataFrame({"district": districts(rows, long), "score": rng.uniform(60, 100, rows)})
    table["score_diff"] = rng.normal(0, 0.01, rows)
    table["published_score"] = table["score"] - table["score_diff"]
    table["rank"] = table["score"].rank(ascending=False)
    table["published_rank"] = table["rank"]
    table["rank_diff"] = 0.0
    return table


def ranking(rows, columns, long):
    scores, _, _ = city(rows, columns, long)
    total = scores.mean(axis=1)
    groups = pd.Series(["城区组" if i % 2 else "县域组" for i in range(rows)], total.index)
    ranks = total.groupby(groups).rank(ascending=False)
    ranges = pd.DataFrame({"low": ranks, "high": ranks + 1})
    return plots.plot_ranking(total, ranks, groups, total.index[0], total.index[-1], ranges, ranks)


def composition(rows, columns, long):
    scores, names, _ = city(rows, min(columns, 10), long)
    if long:
        names = {code: f"{name}{code}" for code, name in names.items()}
    parts = scores / min(columns, 10)
    parts["加减分"] = np.linspace(-3, 3, rows)
    return plots.plot_composition(parts, None, names, parts.index[0], parts.index[1])


def heatmap(rows, columns, long):
    scores, names, groups = city(rows, columns, long)
    scores.iloc[0, 0] = np.nan
    ranks = scores.rank(ascending=False)
    total = scores.mean(axis=1).rank(ascending=False)
    return plots.plot_heatmap(
        scores, ranks, names, groups, scores.index[1], total_ranks=total, title="指标得分热力表")


def reconciliation(rows, columns, long):
    return plots.plot_reconciliation(reconciliation_table(rows, long), 0.01)


def group_gap(rows, columns, long):
    scores, names, _ = city(rows, columns, long)
    weights = pd.Series(1 / columns, scores.columns)
    home, benchmark = scores.index[:2]
    return plots.plot_group_gap(
        scores.iloc[0], scores.iloc[1], scores.max(), names, weights, home=home, benchmark=benchmark)


def waterfall(rows, columns, long):
    scores, names, _ = city(rows, columns, long)
    parts = (scores.iloc[0] - scores.iloc[1]) / columns
    return plots.plot_gap_waterfall(parts, scores.index[1], scores.index[0], 80.0, names)


def strengths(rows, columns, long):
    scores, names, _ = city(rows, columns, long)
    table = pd.DataFrame({
        "indicator": [names[code] for code in scores], "weight": 1 / columns,
        "score_gap_to_median": (scores.iloc[0] - scores.median()).to_numpy(),
        "rank": scores.rank(ascending=False).iloc[0].to_numpy(),
    })
    return plots.plot_strengths(table)


def rank_ranges(rows, columns, long):
    middle = np.arange(1, rows + 1)
    table = pd.DataFrame({"district": districts(rows, long), "low": np.maximum(middle - 2, 1),
                          "median": middle, "high": np.minimum(middle + 2, rows)})
    return plots.plot_rank_ranges(table, table["district"][0], coverage="90%区间")


def grouped_ranges(rows, columns, long):
    middle, names = np.arange(1, rows + 1), districts(rows, long)
    table = pd.DataFrame({"district": names, "low": np.maximum(middle - 2, 1), "median": middle, "high": np.minimum(middle + 2, rows),
                          "rank": middle, "group": ["城区组" if k % 2 else "县域组" for k in range(rows)]})
    return plots.plot_rank_ranges(table, names[0], coverage="90%区间")


def grouped_frequency(rows, columns, long):
    names = districts(rows, long)
    matrix = pd.DataFrame(np.eye(rows) * 0.8 + 0.2 / rows, names, range(1, rows + 1))
    return plots.plot_rank_frequency(matrix, names[0], groups=pd.Series(["城区组" if k % 2 else "县域组" for k in range(rows)], names))


def rank_frequency(rows, columns, long):
    chance = np.exp(-np.abs(np.subtract.outer(np.arange(rows), np.arange(rows))))
    chance /= chance.sum(axis=1, keepdims=True)
    matrix = pd.DataFrame(chance, districts(rows, long), range(1, rows + 1))
    return plots.plot_rank_frequency(matrix, matrix.index[0])


CHARTS = [ranking, composition, heatmap, reconciliation, group_gap, waterfall, strengths,
          rank_ranges, rank_frequency, grouped_ranges, grouped_frequency]


@pytest.mark.parametrize("positions", [((0.5, 0.5), (0.52, 0.5)), ((0.5, 0.5), (0.99, 0.5))])
def test_the_legibility_check_itself_notices_overlaps_and_cuts(positions):
    figure, ax = plt.subplots()
    for x, y in positions:
        figure.text(x, y, "规模以上工业")
    with pytest.raises(AssertionError):
        assert_legible(ax)


@pytest.mark.parametrize("rows, columns", SIZES)
@pytest.mark.parametrize("chart", CHARTS, ids=lambda chart: chart.__name__)
def test_no_text_overlaps_or_is_cut(chart, rows, columns):
    assert_legible(chart(rows, columns, long=False))


@pytest.mark.parametrize("rows, columns", [(3, 3), (9, 20)])
@pytest.mark.parametrize("chart", CHARTS, ids=lambda chart: chart.__name__)
def test_names_of_twenty_characters_neither_overlap_nor_are_cut(chart, rows, columns):
    assert_legible(chart(rows, columns, long=True))


def test_a_ranking_of_95_long_names_stays_legible():
    assert_legible(ranking(95, 5, long=True))


@pytest.mark.parametrize("chart", CHARTS, ids=lambda chart: chart.__name__)
def test_axes_given_are_the_axes_drawn_on_and_no_figure_is_opened(chart, monkeypatch):
    _, ax = plt.subplots(1, 2, figsize=(16, 8), layout="constrained")
    before = plt.get_fignums()
    name = {"waterfall": "gap_waterfall", "grouped_ranges": "rank_ranges", "grouped_frequency": "rank_frequency"}.get(chart.__name__, chart.__name__)
    original = getattr(plots, f"plot_{name}")
    monkeypatch.setattr(plots, f"plot_{name}", lambda *a, **k: original(*a, **{**k, "ax": ax[1]}))
    assert chart(9, 6, long=False) is ax[1]
    assert plt.get_fignums() == before
    assert ax[1].figure.get_size_inches().tolist() == [16, 8]
    assert not ax[0].lines and not ax[0].patches


@pytest.mark.parametrize("chart", CHARTS, ids=lambda chart: chart.__name__)
def test_input_tables_are_left_as_they_were(chart, monkeypatch):
    kept = []

    def watch(original):
        def call(*args, **kwargs):
            tables = [a for a in [*args, *kwargs.values()] if isinstance(a, (pd.DataFrame, pd.Series))]
            copies = [table.copy() for table in tables]
            result = original(*args, **kwargs)
            kept.extend(zip(tables, copies))
            return result
        return call

    for name in plots.__all__:
        if name.startswith("plot_"):
            monkeypatch.setattr(plots, name, watch(getattr(plots, name)))
    chart(3, 3, long=False)
    assert kept
    for table, copy in kept:
        assert table.equals(copy)


@pytest.mark.parametrize("chart", [composition, strengths], ids=lambda chart: chart.__name__)
def test_every_bar_stands_on_zero_or_on_another_bar(chart):
    ax = chart(9, 6, long=False)
    low, high = ax.get_xlim()
    assert low <= 0 <= high
    for row in range(9 if chart is composition else 6):
        bars = sorted((bar.get_x(), bar.get_x() + bar.get_width()) for bar in ax.patches
                      if bar.get_width() and abs(bar.get_y() + bar.get_height() / 2 - row) < 0.1)
        spans = sorted(tuple(sorted(bar)) for bar in bars)
        assert not spans or any(0 == pytest.approx(end, abs=1e-9) for span in spans for end in span)
        for (_, end), (start, _) in zip(spans, spans[1:]):
            assert start == pytest.approx(end, abs=1e-9)


def test_negative_adjustments_lie_left_of_zero_and_totals_add_up():
    parts = pd.DataFrame({"A": [40.0, 30.0], "B": [20.0, 25.0], "加减分": [-2.5, 1.0]}, ["甲区", "乙区"])
    ax = plots.plot_composition(parts, ["甲区", "乙区"], {"A": "经济", "B": "民生"})
    widths = [(round(bar.get_y() + 0.33), bar.get_x(), bar.get_width()) for bar in ax.patches]
    assert (0, 0.0, -2.5) in widths and (1, 55.0, 1.0) in widths
    assert {"57.50", "56.00", "−2.50", "+1.00"} <= set(words(ax))


def test_a_composition_with_an_unknown_part_shows_no_total():
    parts = pd.DataFrame({"A": [40.0, 30.0], "B": [np.nan, 25.0]}, ["甲区", "乙区"])
    assert "有缺项" in words(plots.plot_composition(parts))


def test_parts_of_a_composition_differ_by_colour_or_hatch():
    parts = pd.DataFrame(np.ones((3, 14)), districts(3), [f"P{i}" for i in range(14)])
    ax = plots.plot_composition(parts)
    looks = [(tuple(key.get_facecolor()), key.get_hatch()) for key in ax.get_legend().get_patches()]
    assert len(set(looks)) == 14


def test_a_legend_reads_in_the_order_of_the_parts_row_by_row():
    parts = pd.DataFrame(np.ones((3, 8)), districts(3), [f"第{i}部分" for i in range(8)])
    ax = plots.plot_composition(parts)
    ax.figure.canvas.draw()
    places = sorted(
        (-round(text.get_window_extent().y0 / 5), text.get_window_extent().x0, text.get_text())
        for text in ax.get_legend().get_texts()
    )
    assert [text for _, _, text in places] == list(parts.columns)


def test_an_axis_of_dots_that_does_not_begin_at_zero_says_so():
    scores = pd.Series([84.2, 81.0, 79.5], districts(3))
    label = plots.plot_ranking(scores, scores.rank(ascending=False)).get_xlabel()
    assert "不从零起" in label
    scores = pd.Series([84.2, 31.0, 3.5], districts(3))
    ax = plots.plot_ranking(scores, scores.rank(ascending=False))
    assert ax.get_xlim()[0] == 0 and "不从零起" not in ax.get_xlabel()


def test_marks_out_of_a_hundred_do_not_suggest_more_than_a_hundred():
    scores = pd.Series([100.0, 81.0, 60.0], districts(3))
    assert plots.plot_ranking(scores, scores.rank(ascending=False)).get_xlim()[1] == 100


def test_ranking_rows_follow_the_rank_within_each_group():
    scores = pd.Series({"甲": 70.0, "乙": 90.0, "丙": 80.0, "丁": 85.0})
    groups = pd.Series({"甲": "一组", "乙": "二组", "丙": "一组", "丁": "二组"})
    ranks = scores.groupby(groups).rank(ascending=False)
    ax = plots.plot_ranking(scores, ranks, groups)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["丙", "甲", "乙", "丁"]
    assert {"一组（2个）", "二组（2个）"} <= set(words(ax))


def test_unranked_districts_are_listed_last_as_undecided():
    scores = pd.Series({"甲": np.nan, "乙": 90.0, "丙": 80.0})
    ranks = pd.Series({"甲": np.nan, "乙": np.nan, "丙": 1.0})
    ax = plots.plot_ranking(scores, ranks)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["丙", "乙", "甲"]
    assert words(ax).count("位次未定") == 2


def test_a_ranking_without_any_score_is_still_drawn():
    empty = pd.Series(np.nan, districts(3))
    assert words(plots.plot_ranking(empty, empty)).count("位次未定") == 3


def test_home_and_benchmark_stand_out_by_colour_weight_and_marker():
    ax = ranking(9, 6, long=False)
    looks = {label.get_text(): (label.get_color(), label.get_fontweight()) for label in ax.get_yticklabels()}
    assert looks["第1区"] == (style.HOME, "bold")
    assert looks["第9区"] == (style.BENCHMARK, "bold")
    assert looks["第2区"][1] != "bold"
    assert {line.get_marker() for line in ax.lines} >= {"D", "s", "o"}


def test_masked_and_differing_published_ranks_are_told_apart():
    scores = pd.Series([90.0, 80.0, 70.0], districts(3))
    published = pd.Series([2, "**", np.nan], scores.index, dtype=object)
    ax = plots.plot_ranking(scores, scores.rank(ascending=False), published=published)
    assert {"2 ≠", "**", "—", "≠ 公布位次与复算位次不同"} <= set(words(ax))


def test_possible_ranks_are_written_as_a_range():
    scores = pd.Series([90.0, 80.0], districts(2))
    ranges = pd.DataFrame({"low": [1, np.nan], "high": [3, np.nan]}, scores.index)
    assert "1～3" in words(plots.plot_ranking(scores, scores.rank(), ranges=ranges))


def test_a_district_without_rival_is_not_called_undecided():
    scores, groups = pd.Series({"甲": 90.0, "乙": 80.0, "丙": 70.0}), pd.Series({"甲": "独", "乙": "众", "丙": "众"})
    shown = words(plots.plot_ranking(scores, pd.Series({"甲": np.nan, "乙": 1.0, "丙": 2.0}), groups))
    assert shown.count("无可比地区，不谈位次") == 1 and "位次未定" not in shown


def test_ranges_and_frequencies_stand_in_one_block_for_each_ranking_group():
    names, groups = list("甲乙丙丁"), pd.Series(["一组", "二组", "一组", "二组"], list("甲乙丙丁"))
    table = pd.DataFrame({"district": names, "group": groups.to_list(), "rank": [2.0, 1, 1, 2], "low": [1, 1, 1, 2], "median": [2, 1, 1, 2], "high": [2, 2, 1, 2]})
    ax = plots.plot_rank_ranges(table, "甲", coverage="90%区间")
    assert [label.get_text() for label in ax.get_yticklabels()] == ["丙", "甲", "乙", "丁"]
    assert {"一组（2个）", "二组（2个）"} <= set(words(ax)) and "1～2" in words(ax) and "2～2" not in words(ax)
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["中位位次", "原方案位次", "90%区间"]
    hollow = sorted((line.get_ydata()[0], line.get_xdata()[0]) for line in ax.lines if line.get_markerfacecolor() == "none" and line.get_marker() == "D")
    assert [place for _, place in hollow] == [1, 2, 1, 2]
    matrix = pd.DataFrame([[0.2, 0.8], [0.9, 0.1], [0.8, 0.2], [0.1, 0.9]], names, [1, 2])
    ax = plots.plot_rank_frequency(matrix, "甲", groups=groups)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["丙", "甲", "乙", "丁"]
    assert "一组（2个）" in words(ax) and "比例" in ax.get_xlabel() and "概率" not in ax.get_xlabel()


def test_missing_and_masked_cells_are_marked_apart():
    scores, names, _ = city(5, 4)
    scores.iloc[1, 1] = scores.iloc[2, 2] = np.nan
    masked = pd.DataFrame(False, scores.index, scores.columns)
    masked.iloc[2, 2] = True
    ax = plots.plot_heatmap(scores, None, names, masked=masked)
    said = words(ax)
    assert said.count("缺") == 1 and said.count("**") == 1
    hatches = {(p.get_x(), p.get_y()): p.get_hatch() for p in ax.patches if isinstance(p, Rectangle)}
    assert hatches[1, 1] and hatches[2, 2] and hatches[1, 1] != hatches[2, 2]
    legend = [text.get_text() for text in ax.get_legend().get_texts()]
    assert any(text.startswith("缺") for text in legend) and any(text.startswith("**") for text in legend)


def test_every_cell_says_its_score():
    scores, names, _ = city(9, 20)
    said = words(plots.plot_heatmap(scores, None, names))
    for value in scores.to_numpy().ravel():
        assert f"{value:.1f}" in said


def test_a_heatmap_can_say_ranks_instead():
    scores = pd.DataFrame({"A": [61.0, 99.0, 80.0]}, districts(3))
    said = words(plots.plot_heatmap(scores, scores.rank(ascending=False), show="rank"))
    assert {"1", "2", "3"} <= set(said) and "99.0" not in said


def test_a_large_heatmap_leaves_the_figures_out_but_still_hatches_what_is_missing():
    scores, names, _ = city(95, 60)
    scores.iloc[4, 7] = np.nan
    ax = plots.plot_heatmap(scores, None, names)
    assert not ax.texts
    assert any(p.get_hatch() and (p.get_x(), p.get_y()) == (7, 4) for p in ax.patches)


def test_heatmap_rows_follow_the_total_rank_and_outline_the_home_row():
    scores, names, _ = city(4, 3)
    ranks = pd.Series([3.0, 1.0, 4.0, 2.0], scores.index)
    ax = plots.plot_heatmap(scores, None, names, home="第1区", total_ranks=ranks)
    assert [label.get_text() for label in ax.get_yticklabels()] == [
        "第2区  1", "第4区  2", "第1区  3", "第3区  4"]
    outline = [p for p in ax.patches if not p.get_fill()]
    assert [(p.get_y(), p.get_width()) for p in outline] == [(2, 3)]


@pytest.mark.parametrize("rows", [4, 9, 95])
def test_heatmap_blocks_carry_the_name_of_their_ranking_group(rows):
    scores, names, groups = city(rows, 20)
    kinds = pd.Series("经济强县组", scores.index)
    kinds.iloc[-1] = "生态功能区县（市）组"
    ax = plots.plot_heatmap(scores, None, names, groups, district_groups=kinds, masked=None)
    assert_legible(ax)
    assert {"经济强县组", "生态功能区县（市）组"} <= {text.replace("\n", "") for text in words(ax)}


def test_the_weakest_of_a_column_is_darker_than_the_strongest():
    scores = pd.DataFrame({"A": [99.0, 61.0], "B": [70.0, 70.0]}, ["强", "弱"])
    for ranks in (None, scores.rank(ascending=False, method="min")):
        ax = plots.plot_heatmap(scores, ranks)
        ax.figure.canvas.draw()
        faces = ax.collections[0].get_facecolor().reshape(2, 2, 4)
        assert style.lightness(faces[0, 0]) - style.lightness(faces[1, 0]) > 40
        assert np.allclose(faces[0, 1], faces[1, 1])


def test_the_title_of_a_heatmap_stays_clear_of_headers_even_when_set_afterwards():
    scores, names, groups = city(9, 20)
    ax = plots.plot_heatmap(scores, None, names, groups)
    ax.set_title("后来加上的标题")
    assert_legible(ax)


def test_only_differences_outside_the_tolerance_are_labelled():
    table = reconciliation_table(4)
    table["score_diff"] = [0.0100000000001, -0.01, 0.25, np.nan]
    table.loc[1, "rank_diff"] = 1
    said = words(plots.plot_reconciliation(table, 0.01))
    assert "+0.25" in said and "未公布或已屏蔽" in said
    assert sum(text.startswith(("+0.", "−0.01 ")) for text in said) == 1
    assert any(text.endswith("≠") for text in said)


def test_a_negative_difference_is_written_with_a_true_minus_sign():
    table = reconciliation_table(3)
    table["score_diff"] = [-0.52, 0, 0]
    said = words(plots.plot_reconciliation(table, 0.01))
    assert "−0.52" in said
    assert not any("-" in text for text in said)


def test_full_agreement_and_complete_absence_are_drawn():
    table = reconciliation_table(3).assign(score_diff=0.0)
    assert_legible(plots.plot_reconciliation(table, 0.01))
    empty = table.assign(score_diff=np.nan, published_score=np.nan, published_rank=np.nan, rank_diff=np.nan)
    assert words(plots.plot_reconciliation(empty, 0.01)).count("未公布或已屏蔽") == 3


def test_gaps_and_weights_are_written_out():
    home, benchmark = pd.Series({"A": 60.0, "B": 90.0}), pd.Series({"A": 79.2, "B": 80.0})
    ax = plots.plot_group_gap(home, benchmark, None, {"A": "创新"}, pd.Series({"A": 0.25, "B": 0.75}))
    assert {"−19.2", "+10.0", "创新（25%）", "B（75%）"} <= set(words(ax))


def test_a_bridge_runs_from_one_score_to_the_other():
    parts = pd.Series({"A": 2.0, "B": -0.5, "C": 3.0})
    ax = plots.plot_gap_waterfall(parts, "本区", "对标区", 70.0)
    assert {"70.00", "74.50", "+2.00", "−0.50"} <= set(words(ax))
    bars = [bar for bar in ax.patches if bar.get_height() == pytest.approx(0.6)]
    ends = [(bar.get_x(), bar.get_x() + bar.get_width()) for bar in bars]
    assert ends == [(70.0, 72.0), (72.0, 71.5), (71.5, 74.5)]


def test_a_bridge_with_an_unknown_part_is_refused_by_name():
    with pytest.raises(ValueError, match="创新"):
        plots.plot_gap_waterfall(pd.Series({"创新": np.nan}), "甲", "乙")


def test_rare_characters_give_one_chinese_warning_and_no_empty_box():
    scores = pd.Series([90.0, 80.0, 70.0], ["垚山区", "㙍县", "堃阳市"])
    with pytest.warns(UserWarning) as caught:
        ax = plots.plot_ranking(scores, scores.rank(ascending=False), home="垚山区")
        said = words(ax)
    assert len(caught) == 1 and "垚（U+579A）" in str(caught[0].message)
    assert {"〓山区", "〓县", "堃阳市"} <= set(said)


@pytest.mark.parametrize("name", ["$a$_{b", "<b>县</b>", "甲\n乙", "=1+1", "_藏"])
def test_hostile_names_are_drawn_as_text(name):
    scores = pd.DataFrame({"A": [70.0, 80.0, 90.0], name: [1.0, 2.0, 3.0]}, [name, "丙", "丁"])
    words(plots.plot_ranking(scores["A"], scores["A"].rank(), home=name))
    words(plots.plot_composition(scores, home=name))
    words(plots.plot_heatmap(scores, home=name))


def test_settings_of_the_axes_pass_through():
    scores = pd.Series([90.0, 80.0], districts(2))
    ax = plots.plot_ranking(scores, scores.rank(), title="二〇二二年", xlabel="总分")
    assert ax.get_title(loc="left") == "二〇二二年" and ax.get_xlabel() == "总分"


def test_figures_grow_with_rows_until_the_page_is_full():
    heights = [plots.figure_size(rows)[1] for rows in (3, 9, 20, 40, 95)]
    assert heights == sorted(heights) and heights[-1] < 16
