"""Charts of the action lists: legible at every size, true to their figures, safe with hostile names."""

import numpy as np
import pandas as pd
import pytest
from analysis.plots import plot_funnel, plot_hurdles, plot_near, plot_per_hundred, plot_town_matrix
from test_plots import LONG, assert_legible, strict_matplotlib, words  # noqa: F401

NAMES = ["省级专精特新中小企业", "省级企业技术中心", "省级绿色工厂", "创新型中小企业", "国家级专精特新“小巨人”企业", "规模以上工业"]
HOSTILE = "$x_1$<b>甲_乙</b>\\frac{1}{2}很长的认定名称" * 3


def names(count, long):
    return [f"{HOSTILE}{i}" if long else NAMES[i % 6] for i in range(count)]


def funnels(count, long=False):
    rng = np.random.default_rng(count)
    steps = -np.sort(-rng.integers(0, 400, (count, 4)), axis=1)
    table = pd.DataFrame(steps, columns=["roster", "meets", "applied", "recognised"])
    return table.assign(certification=names(count, long), due=table["meets"] - table["applied"])


def places(towns, count, long=False, seed=1):
    rng = np.random.default_rng(seed)
    label = f"$_名_{LONG}$" if long else "第{}镇"
    table = pd.DataFrame({"place": [f"{label}{i}" if long else f"第{i}镇" for i in range(towns)], "roster": 9, "enterprises": 9})
    return table.assign(**{name: rng.integers(0, 12, towns) for name in names(count, False)})


def blocks(count, long=False):
    rng = np.random.default_rng(count)
    near = -np.sort(-rng.integers(1, 40, count))
    return pd.DataFrame({"certification": names(count, long), "clause": [HOSTILE if long else f"研发费用总额占营业收入总额比重不低于{i}%" for i in range(count)],
                         "near": near, "only": near // 2, "unsure": 1, "missing": np.where(np.arange(count) % 2, np.nan, 0.1082), "unit": "个百分点"})


def hundreds(districts, count):
    rng = np.random.default_rng(districts)
    rows = [pd.DataFrame({"certification": name, "district": [f"第{i}区" for i in range(districts)], "per_hundred": rng.uniform(0, 12, districts)})
            for name in names(count, False)]
    table = pd.concat(rows, ignore_index=True)
    return table.assign(rank=table.groupby("certification")["per_hundred"].rank(ascending=False))


@pytest.mark.parametrize(("count", "long"), [(1, False), (6, False), (6, True)])
def test_the_funnel_nests_its_bars_and_writes_its_counts(count, long):
    table = funnels(count, long)
    ax = plot_funnel(table)
    assert_legible(ax)
    drawn = np.array([bar.get_width() for bar in ax.patches]).reshape(4, count).T
    assert drawn.tolist() == table[["roster", "meets", "applied", "recognised"]].to_numpy(dtype=float).tolist() and ax.get_xlim()[0] == 0
    heights = [bar.get_height() for bar in ax.patches][::count]
    assert heights == sorted(heights, reverse=True) and len(set(heights)) == 4
    assert {str(v) for v in table["due"]} <= set(words(ax))


@pytest.mark.parametrize(("towns", "count", "long"), [(1, 1, False), (15, 6, False), (40, 6, True)])
def test_the_matrix_writes_both_counts_and_shades_by_their_sum(towns, count, long):
    due, near = places(towns, count, long), places(towns, count, long, 2)
    ax = plot_town_matrix(due, near)
    assert_legible(ax)
    shown = sorted(t for t in words(ax) if "＋" in t and t[0].isdigit())
    expected = [f"{a}＋{b}" for a, b in zip(due[names(count, False)].to_numpy().ravel(), near[names(count, False)].to_numpy().ravel()) if a + b]
    assert shown == sorted(expected)
    shades = ax.collections[0].get_array()
    assert shades.max() <= 1 and np.ma.count(shades) == len(expected)


def test_the_matrix_leaves_out_what_nobody_has_and_says_how_many_places_are_not_drawn():
    due, near = places(70, 2), places(70, 2, seed=3)
    due["空认定"] = near["空认定"] = 0
    ax = plot_town_matrix(due, near)
    assert not any("空认定" in t for t in words(ax)) and any("另有 10 个" in t for t in words(ax))


def test_few_enterprises_are_not_the_darkest():
    one = pd.DataFrame({"place": ["甲镇"], "认定": [2]})
    assert plot_town_matrix(one, one.assign(认定=1)).collections[0].get_array().max() == pytest.approx(0.3)


@pytest.mark.parametrize(("districts", "count"), [(1, 1), (9, 3), (95, 6)])
def test_home_and_benchmark_stand_out_by_shape_and_the_place_is_written(districts, count):
    table = hundreds(districts, count)
    ax = plot_per_hundred(table, "第0区", "第1区")
    assert_legible(ax)
    home = [line for line in ax.lines if line.get_marker() == "D"]
    assert [float(line.get_xdata()[0]) for line in home] == pytest.approx(list(table.loc[table["district"] == "第0区", "per_hundred"]))
    assert ax.get_xlim()[0] == 0 and len([line for line in ax.lines if line.get_marker() == "s"]) == (count if districts > 1 else 0)
    first = table[(table["district"] == "第0区")].iloc[0]
    assert f"{first['rank']:g}/{districts}" in words(ax)


def test_districts_without_a_figure_are_left_out():
    table = hundreds(4, 1)
    table.loc[0, ["per_hundred", "rank"]] = np.nan
    ax = plot_per_hundred(table, "第0区")
    assert_legible(ax)
    assert "—/3" in words(ax) and not [line for line in ax.lines if line.get_marker() == "D"]


@pytest.mark.parametrize(("count", "long"), [(1, False), (12, False), (30, False), (12, True)])
def test_hurdles_sum_to_who_misses_the_clause_and_say_what_is_cut(count, long):
    table = blocks(count, long)
    ax = plot_hurdles(table)
    assert_legible(ax)
    shown = min(count, 12)
    widths = np.array([bar.get_width() for bar in ax.patches]).reshape(2, shown).sum(axis=0)
    assert widths.tolist() == table["near"].head(12).tolist()
    assert any("另有 18 条" in t for t in words(ax)) == (count == 30) and "0.11 个百分点" in words(ax)


@pytest.mark.parametrize(("count", "rows"), [(1, 1), (5, 90), (6, 2000)])
def test_every_near_enterprise_is_a_dot_inside_its_row(count, rows):
    rng = np.random.default_rng(rows)
    table = pd.DataFrame({"certification": [names(count, False)[i] for i in rng.integers(0, count, rows)], "distance": rng.choice([0.1, 1.0, 1.3, 2.0], rows)})
    ax = plot_near(table)
    assert_legible(ax)
    dots = [line for line in ax.lines if line.get_marker() == "o"]
    assert sum(len(line.get_xdata()) for line in dots) == rows
    assert all(np.ptp(line.get_ydata()) <= 1.0 for line in dots)
    np.testing.assert_allclose(sorted(np.concatenate([line.get_xdata() for line in dots])), sorted(table["distance"]))


def test_what_is_empty_says_so_in_chinese():
    for draw in (lambda: plot_funnel(funnels(2).iloc[:0]), lambda: plot_hurdles(blocks(1).iloc[:0]), lambda: plot_hurdles(blocks(2).assign(near=0)),
                 lambda: plot_per_hundred(hundreds(2, 1).iloc[:0], "第0区"), lambda: plot_near(pd.DataFrame({"certification": [], "distance": []})),
                 lambda: plot_town_matrix(places(2, 1).assign(**{NAMES[0]: 0}), places(2, 1).assign(**{NAMES[0]: 0})),
                 lambda: plot_town_matrix(places(2, 1).iloc[:0], places(2, 1).iloc[:0])):
        ax = draw()
        assert_legible(ax)
        assert len(words(ax)) == 1 and words(ax)[0].startswith("没有")


def test_given_axes_are_drawn_on():
    import matplotlib.pyplot as plt

    _, ax = plt.subplots()
    assert plot_funnel(funnels(3), ax) is ax and plot_near(pd.DataFrame({"certification": ["甲"], "distance": [0.5]}), ax) is ax
