"""Charts of the plan: legible with long names, and what they draw is the plan."""

import numpy as np
import pandas as pd
import pytest
from analysis.plots.plan import plot_frontier, plot_quarters, plot_towns
from test_plots import LONG, assert_legible, strict_matplotlib, words  # noqa: F401

NAMES = ["省级专精特新中小企业", "省级企业技术中心", "省级绿色工厂", "创新型中小企业", "专精特新“小巨人”"]


def chosen(rows, towns=6, kinds=3, quarters=4, long=False):
    rng = np.random.default_rng(rows)
    return pd.DataFrame({"town": [f"{LONG}{i:02d}" if long else f"第{i}镇" for i in rng.integers(0, towns, rows)],
                         "certification": [NAMES[i] for i in rng.integers(0, kinds, rows)],
                         "quarter": [f"{2023 + i // 4}Q{i % 4 + 1}" for i in rng.integers(0, quarters, rows)]})


def lines(ranks):
    cost = np.linspace(0, 400, 8)
    return pd.concat([pd.DataFrame({"rank": r, "cost": cost, "chance": 1 / (1 + np.exp(-(cost - 300 / r) / 25))}) for r in ranks])


@pytest.mark.parametrize(("rows", "towns", "kinds", "long"), [(1, 1, 1, False), (40, 6, 3, False), (300, 15, 5, False), (300, 30, 5, True)])
def test_towns_and_quarters_are_legible_and_sum_to_the_plan(rows, towns, kinds, long):
    table = chosen(rows, towns, kinds, long=long)
    ax = plot_towns(table)
    assert_legible(ax)
    assert sum(bar.get_width() for bar in ax.patches) == pytest.approx(rows)
    ax = plot_quarters(table)
    assert_legible(ax)
    assert sum(bar.get_height() for bar in ax.patches) == pytest.approx(rows)


def test_quarters_without_applications_keep_their_place():
    table = chosen(20, quarters=1)
    table.loc[0, "quarter"] = "2023Q4"
    ax = plot_quarters(table)
    assert len(ax.get_xticks()) == 4 and {"19", "0", "1"} <= set(words(ax))


@pytest.mark.parametrize("ranks", [[3], [1, 2, 3], [1, 2, 3, 4, 5]])
def test_the_frontier_is_legible_and_tells_ranks_apart_without_colour(ranks):
    ax = plot_frontier(lines(ranks), chosen=(180.0, 0.805), probability=0.8)
    assert_legible(ax)
    drawn = [line for line in ax.lines if len(line.get_xdata()) == 8]
    assert len({(str(line.get_linestyle()), line.get_marker()) for line in drawn}) == len(ranks)
    assert any("本方案" in text for text in words(ax)) and "要求的把握 80%" in words(ax)


def test_an_empty_plan_draws_empty_axes():
    for draw in (plot_towns, plot_quarters):
        assert_legible(draw(chosen(0)))
