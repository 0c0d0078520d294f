"""The charts of recognition counts and of towns, and how tall the chart of strengths may be."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from test_plots import LONG, assert_legible, districts, strengths, strict_matplotlib, words  # noqa: F401

from analysis import plots, style
from analysis.plots.gaps import plot_place_shares, plot_recognition_counts


def counts(size, long=False):
    names = [f"{LONG}{i}" for i in range(3)] if long else ["省级企业技术中心", "省级专精特新中小企业", "省级绿色工厂"]
    rows = [(name, d, float(3 * k + 5 * i), False, False) for i, name in enumerate(names) for k, d in enumerate(districts(size, long))]
    return pd.DataFrame(rows, columns=["name", "district", "count", "estimated", "masked"])


def towns(size, long=False):
    rng = np.random.default_rng(0)
    share, output = (rng.dirichlet(np.ones(size)) for _ in range(2))
    return pd.DataFrame({"place": districts(size, long), "output_share": output, "share": share, "count": np.round(share * 170), "small": share < 0.03})


@pytest.mark.parametrize(("size", "long"), [(2, False), (5, True), (16, False)])
def test_recognition_counts_neither_overlap_nor_are_cut(size, long):
    table = counts(size, long)
    assert_legible(plot_recognition_counts(table, table["district"][0], table["district"][1]))


@pytest.mark.parametrize(("size", "long"), [(2, False), (15, True), (40, False)])
def test_shares_of_towns_neither_overlap_nor_are_cut(size, long):
    assert_legible(plot_place_shares(towns(size, long), "创新型中小企业"))


def test_bars_begin_at_zero_and_a_masked_count_is_hollow_or_has_none():
    table = counts(3)
    table.loc[1, ["count", "estimated", "masked"]] = [12.5, True, True]
    table.loc[2, ["count", "masked"]] = [np.nan, True]
    ax = plot_recognition_counts(table, "第1区", "第2区")
    bars = [bar for bar in ax.patches if bar.get_height() == pytest.approx(0.66)]
    assert len(bars) == 8 and all(bar.get_x() == 0 for bar in bars) and ax.get_xlim()[0] == 0
    hollow = [bar for bar in bars if bar.get_width() == 12.5]
    assert hollow[0].get_facecolor()[:3] == (1, 1, 1) and {"约 12.5", "未公开", "未公开，按区间中点推算"} <= set(words(ax))


def test_counts_of_nobody_still_give_a_chart():
    table = counts(2).assign(count=np.nan)
    assert "缺数" in words(plot_recognition_counts(table, "第1区"))


def test_a_town_with_few_recognitions_is_hollow_and_grey():
    table = pd.DataFrame({"place": ["甲镇", "乙镇"], "output_share": [0.6, 0.4], "share": [0.5, 0.5], "count": [9, 1], "small": [False, True]})
    ax = plot_place_shares(table, "绿色工厂")
    dots = {float(line.get_xdata()[0]): line for line in ax.lines if line.get_marker() == "o"}
    assert {line.get_markerfacecolor() for line in dots.values()} <= {style.LAGGING, "white"}
    assert [line.get_markerfacecolor() for line in ax.lines if line.get_marker() == "o"] == [style.LAGGING, "white"]


def test_axes_given_are_used_and_the_tables_left_as_they_were():
    for chart, table, more in ((plot_recognition_counts, counts(3), ("第1区",)), (plot_place_shares, towns(4), ("绿色工厂",))):
        _, ax = plt.subplots()
        kept = table.copy()
        assert chart(table, *more, ax=ax) is ax and table.equals(kept)


def test_twenty_strengths_are_no_taller_than_seventeen_centimetres():
    assert strengths(9, 20, long=False).figure.get_figheight() <= 6.7
    assert strengths(9, 60, long=False).figure.get_figheight() > 6.7


def test_strengths_without_any_difference_keep_an_axis_around_zero():
    table = pd.DataFrame({"indicator": ["甲", "乙"], "score_gap_to_median": [0.0, np.nan], "weight": 0.5, "rank": 1})
    low, high = plots.plot_strengths(table).get_xlim()
    assert low < 0 < high
