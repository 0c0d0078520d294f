"""Charts of targets: legible with long names, honest about zero, and what they draw adds up."""

import matplotlib.colors
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from analysis import style
from analysis.plots.targets import plot_contributions, plot_progress, plot_shift_share
from analysis.targets import contributions, progress, shift_share, shift_share_summary
from test_plots import LONG, assert_legible, strict_matplotlib, words  # noqa: F401

YEARS = range(2017, 2023)


def history(parts, noise=0.02):
    rng = np.random.default_rng(5)
    rows = [400 * 1.08**k * np.cumsum(rng.dirichlet(np.full(parts, 1 / noise))) for k in range(len(YEARS))]
    return pd.DataFrame(rows, YEARS, range(1, parts + 1))


def at(parts, done, target=650.0, years=6):
    past = history(parts)
    return progress(past.loc[2022].iloc[:done] * 1.06, past.iloc[-years:], 2023, target=target, indicator="规模以上工业开票销售")


def points(rows, long=False, falling=True):
    rng = np.random.default_rng(rows)
    before = pd.Series(rng.uniform(5, 90, rows), [f"{LONG}{i:02d}" if long else f"第{i}镇" for i in range(rows)])
    return contributions(before, before * (1 + rng.uniform(-0.1 if falling else 0, 0.25, rows)))


def areas(rows, homothetic=False, long=False):
    rng = np.random.default_rng(rows)
    index = [f"{LONG}{i:02d}" if long else f"第{i}镇" for i in range(rows)]
    before = pd.DataFrame(rng.uniform(5, 90, (rows, 4)), index, list("甲乙丙丁"))
    return shift_share_summary(shift_share(before, before * rng.uniform(0.8, 1.4, (rows, 4)), homothetic=homothetic))


@pytest.mark.parametrize(("parts", "done"), [(11, 1), (11, 5), (11, 10), (11, 11), (12, 6), (4, 1), (4, 2), (4, 3)])
def test_progress_is_legible_at_any_time_of_the_year(parts, done):
    assert_legible(plot_progress(at(parts, done)))


@pytest.mark.parametrize("target", [300.0, 500.0, 900.0])
def test_progress_begins_at_zero_and_holds_target_and_interval(target):
    p = at(11, 5, target)
    ax = plot_progress(p)
    low, high = ax.get_ylim()
    assert low == 0 and high > max(target, p.nowcast.upper)
    assert [bar.get_height() for bar in ax.patches] == pytest.approx(list(p.path["actual"].dropna()))
    assert "年初以来累计（亿元）" in words(ax) and f"目标 {target:.1f}" in words(ax)


def test_too_few_years_draw_a_point_and_say_that_there_is_no_interval():
    ax = plot_progress(at(11, 5, years=2))
    assert_legible(ax)
    assert any("不给区间" in text for text in words(ax)) and not ax.containers[1:]


@pytest.mark.parametrize(("rows", "long"), [(3, False), (15, False), (15, True), (60, False)])
def test_contributions_are_legible_and_the_last_bar_is_the_sum_of_the_others(rows, long):
    table = points(rows, long)
    ax = plot_contributions(table)
    assert_legible(ax)
    widths = [bar.get_width() for bar in ax.patches]
    assert widths[-1] == pytest.approx(sum(widths[:-1])) == pytest.approx(table["points"].sum())
    low, high = ax.get_xlim()
    assert low <= 0 <= high and "合计" in words(ax)


def test_the_figures_beside_a_waterfall_sum_to_the_total_beside_it():
    table = points(15)
    beside = [t.get_text() for t in plot_contributions(table).texts]
    figures = [float(t.replace("−", "-")) for t in beside if t != "个百分点"]
    assert round(sum(figures[:-1]), 2) == figures[-1]


def test_increments_of_an_allocation_are_drawn_in_their_unit():
    table = pd.DataFrame({"place": ["甲镇", "乙镇"], "increment": [3.333, 6.667], "shown": [3.33, 6.67]})
    ax = plot_contributions(table, column="increment", unit="亿元", total_label="目标增量")
    assert {"亿元", "目标增量", "+10.00"} <= set(words(ax))


def test_a_missing_contribution_is_refused_by_name():
    with pytest.raises(ValueError, match="第1镇"):
        plot_contributions(points(3).assign(points=[1.0, np.nan, 2.0]))


@pytest.mark.parametrize(("rows", "homothetic", "long"), [(1, False, False), (9, True, False), (15, False, True), (60, False, False)])
def test_shift_share_is_legible_and_its_bars_sum_to_the_growth(rows, homothetic, long):
    table = areas(rows, homothetic, long)
    ax = plot_shift_share(table)
    assert_legible(ax)
    bars = pd.DataFrame([[bar.get_y(), bar.get_width()] for bar in ax.patches]).groupby(0)[1].sum()
    dots = next(line for line in ax.lines if line.get_marker() == "D" and len(line.get_xdata()) == rows)
    np.testing.assert_allclose(bars.to_numpy(), dots.get_xdata())
    np.testing.assert_allclose(sorted(dots.get_xdata()), sorted(table["growth"]))


def test_an_area_without_a_base_year_is_counted_not_drawn():
    table = areas(4)
    table.loc[0, "growth"] = np.nan
    assert any("另有 1 处基期为 0" in text for text in words(plot_shift_share(table)))


def test_neighbouring_parts_differ_in_lightness_or_hatch_without_colour():
    ax = plot_shift_share(areas(3, homothetic=True))
    looks = {(round(style.lightness(matplotlib.colors.to_hex(bar.get_facecolor())) / 12), bar.get_hatch()) for bar in ax.patches}
    assert len(looks) == 4


def test_charts_draw_into_given_axes():
    _, axes = plt.subplots(1, 3, figsize=(24, 6))
    assert plot_progress(at(11, 5), axes[0]) is axes[0]
    assert plot_contributions(points(4), axes[1]) is axes[1] and plot_shift_share(areas(4), axes[2]) is axes[2]
