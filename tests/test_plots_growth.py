"""The pictures of the chase and its sentences and tables: true to their figures, legible, in Chinese."""

import re
import warnings

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from analysis import style
from analysis.catchup import (
    catchup_findings, chances, compare_scenarios, converge, convergence_findings, outlook, pair_chances, rank_chances, scenario_findings,
    simulate, simulate_counts,
)
from analysis.catchup import tables as views
from analysis.catchup.findings import chance_text
from analysis.params import AssessmentError
from analysis.plots.growth import plot_chances, plot_fan, plot_required

from test_catchup_chance import HOME, LEADER, pair


@pytest.fixture(autouse=True)
def strict_matplotlib(monkeypatch):
    monkeypatch.setattr(style, "SYSTEM_FAMILIES", ())
    with mpl.rc_context(), warnings.catch_warnings():
        warnings.filterwarnings("error", message="Glyph")
        warnings.filterwarnings("error", message=".*constrained_layout.*")
        style.use_style()
        yield
    plt.close("all")


@pytest.fixture(scope="module")
def chase():
    frame = pair(0.85)
    return outlook(frame, simulate(frame, 2035, 2000), HOME, LEADER, 2028, 0.8, indicator="规模以上工业开票销售", unit="亿元",
                   status=pd.DataFrame("示例", frame.index, frame.columns))


def words(ax):
    ax.figure.canvas.draw()
    legend = ax.get_legend()
    return [t.get_text() for t in [*ax.texts, *ax.get_xticklabels(), *ax.get_yticklabels(), *(legend.get_texts() if legend else [])]]


def inside(ax):
    """Every annotation lies within the picture."""
    ax.figure.canvas.draw()
    box = ax.figure.bbox
    return all(box.x0 - 1 <= t.get_window_extent().x0 and t.get_window_extent().x1 <= box.x1 + 1 for t in ax.texts if t.get_text())


def test_the_fan_shows_history_middle_and_band_of_both(chase):
    ax = plot_fan(chase.paths, chase.annual, HOME, LEADER, "亿元")
    past, middle = ax.lines[0], ax.lines[1]
    assert past.get_xdata().tolist() == list(range(2015, 2023)) and past.get_ydata()[-1] == pytest.approx(chase.annual[HOME].iloc[-1])
    np.testing.assert_allclose(middle.get_ydata()[1:], chase.paths.median(HOME))
    assert len(ax.collections) == 2 and ax.get_ylabel() == "亿元" and ax.get_ylim()[0] == 0
    assert inside(ax) and any("80%区间" in w for w in words(ax))


def test_the_star_marks_where_the_middle_paths_meet():
    frame = pair(0.85)
    paths = simulate(frame, 2035, 50, drift={HOME: 12.0, LEADER: 6.0})
    ax = plot_fan(paths, frame, HOME, LEADER, "亿元")
    star = next(line for line in ax.lines if line.get_marker() == "*")
    # Ratio 0.85·(1.12/1.06)^n reaches one after n = ln(1/0.85)/ln(1.12/1.06) = 2.95 years: in the third, 2025.
    assert star.get_xdata()[0] == pytest.approx(2022 + np.log(1 / 0.85) / np.log(1.12 / 1.06), abs=0.02)
    assert any("2025 年追上" in w for w in words(ax))


@pytest.mark.parametrize("ratio, drift, expected", [
    (1.3, {HOME: 6.0, LEADER: 5.0}, "保持领先"), (1.05, {HOME: 2.0, LEADER: 6.0}, "被反超"), (0.85, {HOME: 5.0, LEADER: 5.0}, "没有追上"),
    (0.97, {HOME: 15.0, LEADER: 2.0}, "2023 年已追上"),
])
def test_the_fan_says_what_becomes_of_the_lead(ratio, drift, expected):
    frame = pair(ratio)
    assert any(expected in w for w in words(plot_fan(simulate(frame, 2030, 50, drift=drift), frame, HOME, LEADER)))


def test_the_needed_path_can_be_drawn_beside_the_own_course(chase):
    ax = plot_fan(chase.paths, chase.annual, HOME, LEADER, "亿元", last=2028, growth=12.5)
    own = next(line for line in ax.lines if line.get_color() == style.INK)
    assert own.get_ydata()[-1] == pytest.approx(chase.annual[HOME].iloc[-1] * 1.125**6) and any("12.5%" in w for w in words(ax))


def test_lines_and_bands_differ_without_colour(chase):
    ax = plot_fan(chase.paths, chase.annual, HOME, LEADER)
    assert len({c.get_hatch() for c in ax.collections}) == 2 and ax.lines[0].get_marker() != ax.lines[2].get_marker()
    ax = plot_chances(chase.chances, 2028, 0.8)
    assert len({(line.get_linestyle(), line.get_marker()) for line in ax.lines[:2]}) == 2


def test_history_with_gaps_is_not_bridged():
    frame = pair(0.85).drop([2018, 2019])
    ax = plot_fan(simulate(frame, 2026, 50), frame, HOME, LEADER)
    assert np.isnan(ax.lines[0].get_ydata()[3:5].astype(float)).all()


def test_an_axis_that_does_not_begin_at_zero_says_so():
    frame = pair(0.97) + 50_000
    ax = plot_fan(simulate(frame, 2024, 50), frame, HOME, LEADER, "家")
    assert ax.get_ylim()[0] > 0 and "不从零起" in ax.get_ylabel()


def test_chances_run_from_nought_to_a_hundred_and_name_the_year(chase):
    ax = plot_chances(chase.chances, 2028, 0.8)
    assert ax.get_ylim() == (0, 100) and inside(ax)
    np.testing.assert_allclose(ax.lines[0].get_ydata(), 100 * chase.chances["by"])
    assert any(w.startswith("2028 年：当年") for w in words(ax))


def test_every_need_is_written_in_its_cell_and_what_the_own_course_reaches_is_framed(chase):
    ax = plot_required(chase.table, year=2028)
    written = [w for w in words(ax) if re.fullmatch(r"−?\d+\.\d", w)]
    assert len(written) == len(chase.table) * 6  # five needs and the own course
    assert f"{chase.table[0.8].iloc[5]:.1f}" in written
    frames = sum(not p.get_fill() for p in ax.patches)
    needs = chase.table[["fixed", "moving", 0.5, 0.8, 0.9]]
    assert frames == (needs.le(chase.table["expected"], axis=0)).to_numpy().sum()
    assert inside(ax)


def test_empty_tables_are_refused(chase):
    for draw in (lambda: plot_chances(chase.chances.iloc[:0]), lambda: plot_required(chase.table.iloc[:0]),
                 lambda: plot_fan(chase.paths, chase.annual, HOME, LEADER, last=2020)):
        with pytest.raises(AssessmentError):
            draw()


def test_charts_draw_on_given_axes(chase):
    _, axes = plt.subplots(3, 1, figsize=(8, 12))
    assert plot_fan(chase.paths, chase.annual, HOME, LEADER, ax=axes[0]) is axes[0]
    assert plot_chances(chase.chances, ax=axes[1]) is axes[1] and plot_required(chase.table, ax=axes[2]) is axes[2]


def test_the_findings_set_the_three_growth_rates_side_by_side(chase):
    said = catchup_findings(chase)
    row = chase.table.set_index("year").loc[2028]
    text = next(s for s in said if s.startswith("要在 2028 年追上"))
    assert [f"**{row[c]:.1f}%**" in text for c in ("fixed", "moving", 0.8)] == [True] * 3
    assert "85.0%" in said[0] and not any("nan" in s or "None" in s for s in said)
    assert "7 个" in said[-1] and "年份少" in said[-1] and "统计口径" in said[-1]


@pytest.mark.parametrize("change, expected", [
    (lambda f: f.assign(区0=1.5 * f["区0"]), "已领先"),
    (lambda f: f.assign(区0=f["区0"].where(f.index >= 2021)), "数据太少"),
    (lambda f: f.assign(区0=f["区0"].where(f.index <= 2020)), "区0"),
    (lambda f: f[[HOME, LEADER]], "区0"),
    (lambda f: f.assign(区1=f["区1"].iloc[-1] * 0.93 ** (f.index.to_numpy() - 2022.0)), "下降"),
])
def test_the_findings_hold_in_the_corners(change, expected):
    frame = change(pair(0.85))
    said = catchup_findings(outlook(frame, simulate(frame, 2030, 300), HOME, LEADER, 2027, unit="亿元"))
    assert any(expected in s for s in said) and not any("nan" in s or "-" in s for s in said)


def test_small_and_great_chances_are_said_without_false_certainty():
    assert [chance_text(p) for p in (0.0, 0.0004, 0.034, 0.5, 0.97, 1.0)] == ["不到 0.1%", "不到 0.1%", "约 3.4%", "约 50%", "约 97.0%", "超过 99.9%"]


def test_every_view_has_chinese_headers_and_a_status(chase):
    paths, frame = chase.paths, chase.annual
    sc = compare_scenarios(paths, None, HOME, LEADER, [2028], status="示例")
    c = converge(frame)
    counts = simulate_counts((frame / 50).round(), 2026, 100)
    made = [views.required_view(chase), views.chance_view(chase.chances, "示例"), views.rank_view(chase.ranks, "示例"),
            views.class_view(chase.classes), views.scenario_view(sc, HOME, LEADER), views.drift_view(paths), views.drift_view(counts),
            views.sigma_view(c), views.beta_view(c)]
    for table in made:
        assert table["状态"].isin(["示例", "推算"]).all() and not any(re.search("[a-z]{3}", str(h)) for h in table.columns)
    assert (made[0]["状态"] == "示例").all() and (made[3]["状态"] == "示例").all() and (made[4]["状态"] == "示例").all()
    formats = [views.required_formats(chase), views.CHANCE_FORMATS, {}, views.CLASS_FORMATS,
               views.scenario_formats(HOME, LEADER), views.DRIFT_FORMATS]
    for table, form in zip(made, formats):
        for column in set(form) & set(table.columns):
            table[column].dropna().map(("{:" + form[column] + "}").format)
    assert views.pair_view(pair_chances(paths, 2028)).index.name == "行领先列的可能性"


def test_sentences_on_scenarios_and_convergence_are_computed(chase):
    sc = compare_scenarios(chase.paths, None, HOME, LEADER, [2028])
    best = sc.loc[sc["at"].idxmax(), "scenario"]
    assert f"“{best}”" in "".join(scenario_findings(sc, 2028))
    assert "不能判断" in "".join(convergence_findings(converge(chase.annual)))
    assert chances(chase.paths, HOME, LEADER).equals(chase.chances) and rank_chances(chase.paths, HOME).equals(chase.ranks)
