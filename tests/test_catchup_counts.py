"""Recognition and enterprise counts: whole numbers from zero on, beside the closed forms of the distributions."""

import numpy as np
import pandas as pd
import pytest
from analysis.catchup import catchup_findings, chances, outlook, rank_chances, simulate_counts
from analysis.params import AssessmentError
from scipy import stats


def stocks(**columns):
    columns = columns or {"甲": [0, 0, 1, 1, 2], "乙": [2, 3, 5, 6, 8], "丙": [1, 1, 1, 2, 2]}
    return pd.DataFrame(columns, index=range(2018, 2018 + len(next(iter(columns.values())))))


def test_one_district_of_poisson_additions_is_negative_binomial():
    """Gamma rate with next to no prior, then Poisson: the stock after h years is known in closed form."""
    frame = stocks(甲=np.cumsum([5, 4, 5, 6, 5, 5, 4, 6, 5]))
    paths = simulate_counts(frame, 2029, 40_000)
    total, years = 40, 8
    for h in (1, 3):
        law = stats.nbinom(total, years / (years + h), loc=45)
        seen = paths.of("甲")[:, h - 1].astype(int)
        grid = np.arange(46, 46 + 8 * h)
        np.testing.assert_allclose([(seen <= k).mean() for k in grid], law.cdf(grid), atol=0.012)


def test_stocks_are_whole_and_never_negative_and_start_from_zero():
    paths = simulate_counts(stocks(甲=[0, 0, 0, 0], 乙=[3, 2, 1, 0]), 2030, 2000)
    assert (paths.levels >= 0).all() and (paths.levels % 1 == 0).all()


def test_a_district_without_any_recognition_borrows_a_rate_from_the_city():
    paths = simulate_counts(stocks(甲=[0, 0, 0, 0], 乙=[3, 5, 8, 11], 丙=[1, 2, 4, 6]), 2026, 2000)
    row = paths.drift.loc["甲"]
    assert row["raw"] == 0 and 0 < row["drift"] < paths.drift.at["乙", "drift"] and row["weight"] < 1


def test_the_average_addition_meets_the_stated_rate():
    paths = simulate_counts(stocks(), 2024, 40_000)
    for d in "甲乙丙":
        added = paths.of(d)[:, 1].astype(float) - paths.last(d)[1]
        assert added.mean() == pytest.approx(2 * paths.drift.at[d, "drift"], rel=0.05)


def test_restless_years_spread_further_than_poisson():
    calm, restless = (simulate_counts(stocks(甲=np.cumsum(a), 乙=np.cumsum(a[::-1])), 2028, 20_000)
                      for a in ([10, 10, 10, 10, 10, 10, 10, 10, 10], [10, 2, 22, 1, 24, 3, 14, 4, 20]))
    assert any("负二项" in n for n in restless.notes) and any("泊松分布" in n for n in calm.notes)
    assert restless.of("甲")[:, 0].std() > 1.5 * calm.of("甲")[:, 0].std()


def test_decreases_are_a_flow_of_their_own_and_noted():
    paths = simulate_counts(stocks(甲=[10, 9, 8, 7, 6], 乙=[5, 6, 8, 9, 11]), 2023, 20_000)
    assert any("存量减少（甲）" in n for n in paths.notes)
    assert np.median(paths.of("甲")[:, 0]) <= 6 and paths.of("甲").mean() < 6.3


def test_the_same_seed_gives_the_same_counts():
    one, two = (simulate_counts(stocks(), 2026, 300, seed=9).levels for _ in range(2))
    assert np.array_equal(one, two)


def test_chances_and_ranks_work_on_counts_and_reaching_is_catching_up():
    paths = simulate_counts(stocks(甲=[3, 3, 3, 3], 乙=[3, 3, 3, 3]), 2024, 100)
    assert (chances(paths, "甲", "乙")["at"] == 1).all() and (rank_chances(paths, "甲")[1] == 1).all()


def test_a_district_ending_earlier_runs_longer():
    frame = stocks().astype(float)
    frame.loc[2021:, "乙"] = np.nan
    paths = simulate_counts(frame, 2024, 20_000)
    added = paths.of("乙")[:, 0].astype(float) - 5
    assert added.mean() == pytest.approx(3 * paths.drift.at["乙", "drift"], rel=0.05)


@pytest.mark.parametrize("frame, message", [
    (stocks(甲=[1.5, 2], 乙=[1, 2]), "甲 2018 年（1.5）不是整数"),
    (stocks(甲=[-1, 2], 乙=[1, 2]), "甲 2018 年（-1）为负"),
    (stocks(甲=[1], 乙=[1]), "都只有 1 年个数"),
])
def test_what_is_no_count_is_refused(frame, message):
    with pytest.raises(AssessmentError, match=message):
        simulate_counts(frame, 2026, 10)


def test_findings_speak_of_numbers_not_of_growth():
    frame = stocks()
    said = "".join(catchup_findings(outlook(frame, simulate_counts(frame, 2028, 500), "甲", "乙", 2026, indicator="小巨人企业", unit="家")))
    assert "每年需净增" in said and "逐年增减" in said and "年均需增" not in said and "nan" not in said
