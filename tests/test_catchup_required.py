"""Growth against a level and a moving leader, classes and convergence, beside closed forms and hand-worked figures."""

import numpy as np
import pandas as pd
import pytest
from analysis.catchup import checked_frame, class_of, classify, converge, growth_rates, growth_to_reach, required_growth, required_to_level
from analysis.status import derived_status
from analysis.catchup.parameters import class_rows
from analysis.params import AssessmentError
from hypothesis import given
from hypothesis import strategies as st

LEVEL = st.floats(0.5, 5e4)
RATE = st.floats(-0.15, 0.3)


def steady(home=100.0, leader=120.0, g_home=0.05, g_leader=0.08, first=2018, last=2022, names=("甲区", "乙区")):
    years = np.arange(first, last + 1)
    return pd.DataFrame({names[0]: home * (1 + g_home) ** (years - last), names[1]: leader * (1 + g_leader) ** (years - last)}, index=years)


def test_growing_from_100_to_121_in_two_years_takes_ten_percent():
    assert growth_to_reach(100, 121, 2) == pytest.approx(0.10)


@given(LEVEL, LEVEL, RATE, st.integers(1, 13), st.floats(0.3, 1.5))
def test_growing_at_the_required_rate_meets_the_leader_in_that_year(home, leader, g, n, share):
    row = required_growth(steady(home, leader, 0.02, g), "甲区", "乙区", [2022 + n], share).iloc[0]
    assert home * (1 + row["growth_moving"] / 100) ** n == pytest.approx(share * leader * (1 + g) ** n, rel=1e-9)
    assert home * (1 + row["growth_fixed"] / 100) ** n == pytest.approx(share * leader, rel=1e-9)
    assert row["extra_points"] == pytest.approx(row["growth_moving"] - row["growth_fixed"])


def test_the_moving_leader_asks_for_the_closed_form():
    table = required_growth(steady(), "甲区", "乙区", [2027], leader_growth=8.0)
    assert table["growth_moving"].iloc[0] == pytest.approx(100 * (1.08 * 1.2 ** (1 / 5) - 1))
    assert table["leader_then"].iloc[0] == pytest.approx(120 * 1.08**5)


def test_a_forecast_of_the_leader_is_used_year_by_year():
    forecast = pd.Series({2024: 130.0, 2026: 150.0})
    table = required_growth(steady(), "甲区", "乙区", [2024, 2026], leader_growth=forecast)
    assert table["growth_moving"].tolist() == pytest.approx([100 * (1.3**0.5 - 1), 100 * (1.5**0.25 - 1)])
    with pytest.raises(AssessmentError, match="2025"):
        required_growth(steady(), "甲区", "乙区", [2025], leader_growth=forecast)


def test_a_leader_who_falls_asks_for_less_than_his_present_level():
    table = required_growth(steady(g_leader=-0.03), "甲区", "乙区", [2026])
    assert (table["growth_moving"] < table["growth_fixed"]).all() and "在下降" in table["note"].iloc[0]


def test_a_home_district_already_ahead_is_told_what_keeps_it_there():
    table = required_growth(steady(home=150), "甲区", "乙区", [2024])
    assert table["ahead"].all() and "2022 年已领先" in table["note"].iloc[0] and "保持领先" in table["note"].iloc[0]
    assert table["growth_moving"].iloc[0] == pytest.approx(100 * ((120 * 1.08**2 / 150) ** 0.5 - 1))


def test_different_last_years_count_each_from_its_own():
    frame = steady()
    frame.loc[2022, "甲区"] = np.nan
    row = required_growth(frame, "甲区", "乙区", [2025]).iloc[0]
    home = frame.at[2021, "甲区"]
    assert row["years_left"] == 4 and "两区末年不同" in row["note"]
    assert home * (1 + row["growth_moving"] / 100) ** 4 == pytest.approx(120 * 1.08**3)


def test_the_years_run_to_2035_unless_named():
    assert required_growth(steady(), "甲区", "乙区")["year"].tolist() == list(range(2023, 2036))


def test_a_fixed_target_already_reached_is_said_so():
    table = required_to_level(steady(), "甲区", 90, [2024, 2026])
    assert table["ahead"].all() and (table["growth"] < 0).all()


@pytest.mark.parametrize("bad, message", [
    (lambda f: f.replace(f.at[2020, "乙区"], 0.0), "乙区 2020 年（0）.*为零或负数"),
    (lambda f: f.assign(甲区=[-1.0, 2, 3, 4, 5]), "甲区 2018 年（-1）"),
    (lambda f: pd.concat([f, f.loc[[2021]]]), "年份重复：2021"),
    (lambda f: f.set_axis(["甲区", "甲区"], axis=1), "区县重复：甲区"),
    (lambda f: f.astype(object).replace(f.at[2020, "乙区"], "**"), "有文字.*乙区 2020"),
    (lambda f: f.assign(甲区=np.nan), "甲区没有任何一年"),
    (lambda f: f.set_axis(["2018", "2019Q1", "2020", "2021", "2022"], axis=0), "2019Q1"),
    (lambda f: f.iloc[:0], "没有年度数据"),
])
def test_what_cannot_be_used_is_refused_by_district_and_year(bad, message):
    with pytest.raises(AssessmentError, match=message):
        required_growth(bad(steady()), "甲区", "乙区", [2025])


@pytest.mark.parametrize("call, message", [
    (lambda f: required_growth(f, "甲区", "甲区"), "都是甲区"),
    (lambda f: required_growth(f, "甲区", "丙区"), "没有 丙区"),
    (lambda f: required_growth(f, "甲区", "乙区", [2022]), "2022 不晚于甲区的末年"),
    (lambda f: required_growth(f, "甲区", "乙区", [2025], share=0), "追赶比例"),
    (lambda f: required_growth(f, "甲区", "乙区", [2025], leader_growth=-100), "大于 −100"),
    (lambda f: required_growth(f.loc[[2022]], "甲区", "乙区", [2025]), "乙区只有 1 年"),
    (lambda f: required_to_level(f, "甲区", 0), "目标"),
])
def test_questions_without_an_answer_are_refused(call, message):
    with pytest.raises(AssessmentError, match=message):
        call(steady())


def test_two_points_give_one_growth_rate_and_gaps_are_kept_whole():
    frame = pd.DataFrame({"甲区": [100.0, np.nan, 121.0], "乙区": [np.nan, 50.0, 55.0]}, index=[2020, 2021, 2022])
    rates = growth_rates(checked_frame(frame)).set_index("district")
    assert rates.loc["甲区", "years"] == 2 and rates.loc["甲区", "growth"] == pytest.approx(2 * np.log(1.1))
    assert rates.loc["乙区", "growth"] == pytest.approx(np.log(1.1))


@pytest.mark.parametrize("g_home, expected", [(0.10, "需要加快"), (0.09, "偏离"), (0.05, "差距拉大"), (0.12, "可望赶上"), (0.08, "偏离")])
def test_the_class_follows_achieved_against_required_growth(g_home, expected):
    # Required here: 1.08 · 1.2^(1/6) − 1 = 11.3 % a year; on the leader's 8 % that is a closing speed of 3.3 points.
    row = classify(steady(g_home=g_home), "甲区", 2028).iloc[0]
    ratio = (np.log(1 + g_home) - np.log(1.08)) / (np.log(1.2) / 6)
    assert row["ratio"] == pytest.approx(ratio) and row["class"] == expected


def test_ahead_and_too_few_years_are_classes_of_their_own():
    assert classify(steady(home=130), "甲区", 2028)["class"].iloc[0] == "已领先"
    assert "领先在缩小" in classify(steady(home=130), "甲区", 2028)["why"].iloc[0]
    row = classify(steady(first=2020), "甲区", 2028).iloc[0]
    assert row["class"] == "数据太少" and "2 个年增速" in row["why"]


@given(st.floats(-3, 3), st.floats(-3, 3), st.floats(-10, 10))
def test_a_faster_approach_never_gets_a_worse_class(one, two, shortfall):
    order = [row["类别"] for row in class_rows() if row["比值下限"]]
    slow, fast = sorted((one, two))
    assert order.index(class_of(fast, shortfall)) <= order.index(class_of(slow, shortfall))


def test_a_small_shortfall_is_on_track_whatever_the_ratio():
    assert class_of(0.5, 0.1) == "可望赶上" and class_of(0.5, 1.0) == "偏离" and class_of(-1.0, 3.0) == "差距拉大"


def test_one_illustrative_figure_makes_the_result_illustrative():
    assert derived_status([["公布", "示例"]]) == "示例" and derived_status([["公布", "不详"]]) == "推算"


def converging(speed=0.04, districts=14, span=8, noise=0.0, seed=1):
    """ln y moves to a common level at `speed` a year: y_t = y* + e^{−speed·t}(y_0 − y*)."""
    rng = np.random.default_rng(seed)
    start, years = rng.normal(5, 0.6, districts), np.arange(span + 1)
    logs = 6 + np.exp(-speed * years)[:, None] * (start - 6) + noise * rng.standard_normal((span + 1, districts))
    return pd.DataFrame(np.exp(logs), index=2014 + years, columns=[f"区{i}" for i in range(districts)])


def test_exact_convergence_gives_back_its_speed_and_half_life():
    found = converge(converging(0.04))
    assert found.speed == pytest.approx(0.04, rel=1e-6) and found.half_life == pytest.approx(np.log(2) / 0.04, rel=1e-6)
    assert found.beta_verdict == found.sigma_verdict == "在收敛"


def test_sigma_is_the_spread_of_the_logs_and_the_coefficient_of_variation():
    frame = converging(noise=0.05)
    found = converge(frame)
    assert found.sigma["sd_log"].iloc[3] == pytest.approx(np.std(np.log(frame.iloc[3]), ddof=1))
    assert found.sigma["cv"].iloc[3] == pytest.approx(np.std(frame.iloc[3]) / np.mean(frame.iloc[3]))
    change = np.diff(np.std(np.log(frame), axis=1, ddof=1))
    assert found.sigma_trend == pytest.approx(change.mean())
    assert found.sigma_interval[1] == pytest.approx(change.mean() + 2.364624 * change.std(ddof=1) / np.sqrt(8), rel=1e-5)


def test_divergence_has_no_half_life():
    found = converge(converging(-0.03))
    assert found.beta > 0 and np.isnan(found.half_life) and found.beta_verdict == "在发散"


def test_few_districts_and_pure_noise_decide_nothing():
    assert converge(converging(districts=9)).beta_verdict == "不能判断"
    rng = np.random.default_rng(3)
    noise = pd.DataFrame(np.exp(rng.standard_normal((8, 1)) * 0.02 + rng.standard_normal(12)), index=range(2015, 2023)).rename(columns=str)
    drifting = noise * np.exp(np.cumsum(0.02 * rng.standard_normal((8, 12)), axis=0))
    assert converge(drifting).beta_verdict == "不能判断"


def test_districts_with_gaps_are_left_out_by_name_and_too_few_are_refused():
    frame = converging()
    frame.iloc[0, 3] = np.nan
    assert "区3" in converge(frame).notes[0]
    with pytest.raises(AssessmentError, match="至少要 4 个"):
        converge(frame.iloc[:, :4])
    with pytest.raises(AssessmentError, match="至少要两年"):
        converge(frame.iloc[1:2])
