"""Possible ranks under masked values: against brute force over fine grids through assess()."""

import itertools

import numpy as np
import pandas as pd
import pytest

from analysis import assess, read_case
from analysis.audit.masked import implied_by_node, implied_values, rank_bounds, rank_bounds_case
from analysis.audit.masked_problem import build, ranks_at
from analysis.audit.masked_scores import totals
from analysis.audit.rank_limits import limits_from_ranks
from analysis.params import AssessmentError
from analysis.tree import build_tree


def small_case(seed, method="功效系数", params="", aggregation="", direction="正向", n=4, k=3, m=2, same_column=False):
    """Random values with m masked cells in wide intervals."""
    rng = np.random.default_rng(seed)
    rows = [("T", "", None, "", "", aggregation, "")] + [
        (f"i{j}", "T", rng.uniform(1, 5), method, params, "", direction) for j in range(k)]
    scheme = pd.DataFrame(rows, columns=["code", "parent", "weight", "method", "params", "aggregation", "direction"])
    values = pd.DataFrame(rng.uniform(1, 9, (n, k)).round(1), [f"d{i}" for i in range(n)], [f"i{j}" for j in range(k)])
    masked, low, high = values.map(lambda _: False), values * np.nan, values * np.nan
    cells = [(i, 0) for i in range(m)] if same_column else [divmod(c, k) for c in rng.choice(n * k, m, replace=False)]
    for i, j in cells:
        masked.iat[i, j] = True
        low.iat[i, j], high.iat[i, j] = sorted(rng.uniform(0.5, 10, 2).round(1))
        values.iat[i, j] = np.nan
    return {"values": values, "scheme": scheme, "masked": masked, "low": low, "high": high}


def assessed_ranks(case, point, **more):
    """Ranks that the assessment itself gives when the masked cells take concrete values."""
    values = case["values"].copy()
    for (district, indicator), value in point.items():
        values.at[district, indicator] = value
    given = {k: v for k, v in case.items() if k not in ("values", "scheme", "masked", "low", "high")}
    result = assess(values, case["scheme"], **given, **more)
    return result.ranks[result.root]


def candidates(case, district, indicator, points):
    """A fine grid of an interval, with its ends and the known values inside it."""
    low, high = case["low"].at[district, indicator], case["high"].at[district, indicator]
    known = case["values"][indicator].dropna()
    return np.unique(np.concatenate([np.linspace(low, high, points), known[(known >= low) & (known <= high)]]))


def brute_force(case, points=10):
    case = {**case, "scheme": build_tree(case["scheme"])}
    cells = [(d, i) for d in case["values"].index for i in case["values"] if case["masked"].at[d, i]]
    ranks = [assessed_ranks(case, dict(zip(cells, point)))
             for point in itertools.product(*(candidates(case, d, i, points) for d, i in cells))]
    return pd.concat(ranks, axis=1).min(axis=1), pd.concat(ranks, axis=1).max(axis=1)


def check_against_brute_force(case, points=10, proven=True):
    found = rank_bounds(**case)
    table, (low, high) = found.table.set_index("district"), brute_force(case, points)
    assert (table["rank_low"] <= low).all() and (table["rank_high"] >= high).all()
    for district in table.index:
        assert assessed_ranks(case, found.witness_low.loc[district])[district] == table.at[district, "attained_low"]
        assert assessed_ranks(case, found.witness_high.loc[district])[district] == table.at[district, "attained_high"]
    if proven:
        assert found.proven and (table["gap"] == 0).all(), found.table
        assert (table["rank_low"] == table["attained_low"]).all() and (table["rank_high"] == table["attained_high"]).all()
    return found


@pytest.mark.parametrize("seed", range(6))
def test_no_sampled_rank_lies_outside_the_range_of_a_min_max_scheme_and_its_ends_are_attained(seed):
    assert check_against_brute_force(small_case(seed)).nodes == 0


@pytest.mark.parametrize("seed", range(3))
def test_several_masked_values_of_one_indicator_may_all_become_its_least_or_greatest(seed):
    check_against_brute_force(small_case(seed, same_column=True, m=3, n=5), points=4)


@pytest.mark.parametrize(("method", "params", "aggregation", "direction"), [
    ("功效系数", "", "几何平均", "正向"), ("功效系数", "", "调和平均", "逆向"), ("功效系数", "对数=是", "", "逆向"),
    ("极差", "下限=2；上限=8", "", "正向"), ("极差", "目标=5", "", "适度"), ("指数功效", "", "", "正向"),
    ("标准分", "", "", "正向"), ("标准分", "目标=4", "", "适度"), ("位次", "", "", "正向"), ("位次", "目标=5", "", "适度"),
    ("波达", "", "科普兰", "逆向"), ("完成率", "目标=5；封顶=120", "", "正向"), ("完成率", "目标=5", "", "逆向"),
    ("占优比", "", "", "正向"), ("占优比", "", "", "逆向"), ("分档", "档次=<3:10|3:40|6:80", "", "正向"),
    ("距目标", "目标=7", "", "正向"), ("直接", "", "加权求和", "正向"), ("极差", "下限=0", "", "正向"),
])
@pytest.mark.parametrize("seed", [1, 2])
def test_every_method_and_mean_has_a_range_that_holds_all_sampled_ranks(method, params, aggregation, direction, seed):
    check_against_brute_force(small_case(seed, method, params, aggregation, direction), points=6)


@pytest.mark.parametrize("ties", ["同位", "顺延", "平均"])
def test_ties_that_hold_at_single_values_are_found(ties):
    scheme = pd.DataFrame([("T", "", None, ""), ("a", "T", 1, "直接")], columns=["code", "parent", "weight", "method"])
    values = pd.DataFrame({"a": [np.nan, 5.0, 5.0, 3.0]}, list("甲乙丙丁"))
    hidden = values.isna()
    bound = pd.DataFrame({"a": [1.0, 1, 1, 1]}, values.index)
    table = rank_bounds(values, scheme, masked=hidden, low=bound, high=bound * 5, ties=ties).table.set_index("district")
    expected = {"同位": [(1, 4), (1, 1), (1, 1), (3, 4)], "顺延": [(3, 4), (2, 3), (2, 3), (3, 4)], "平均": [(2, 4), (1.5, 2), (1.5, 2), (3, 4)]}[ties]
    assert list(zip(table["rank_low"], table["rank_high"])) == expected and table["proven"].all()


@pytest.mark.parametrize("ties", ["顺延", "平均", "紧凑"])
def test_other_tie_rules_hold_all_sampled_ranks(ties):
    check_against_brute_force({**small_case(7, "位次"), "ties": ties}, points=8, proven=ties != "紧凑")


def test_identical_districts_stay_tied_whatever_the_masked_value_is():
    case = small_case(3, n=5, m=1)
    known = case["values"].index[case["values"].notna().all(axis=1)]
    case["values"].loc[known] = 4.0
    found = check_against_brute_force(case, points=40)
    assert found.table.set_index("district").loc[known, "rank_low"].nunique() == 1


def test_ranks_are_within_groups_and_adjustments_are_kept():
    case = small_case(5, n=6, m=2)
    groups = pd.Series(["城", "城", "城", "县", "县", "县"], case["values"].index)
    bonus = pd.DataFrame([{"district": "d0", "node": "T", "points": 30.0, "kind": "加分"}, {"district": "d4", "node": "i1", "points": 5.0, "kind": "扣分"},
                          {"district": "d1", "node": "T", "points": 1.0, "kind": "否决"}])
    found = check_against_brute_force({**case, "groups": groups, "adjustments": bonus}, points=9)
    assert found.table.set_index("district").loc["d1", ["rank_low", "rank_high"]].tolist() == [3, 3]
    assert found.table["rank_high"].max() == 3


def test_missing_values_follow_their_policy():
    case = small_case(2, n=5, m=2)
    case["scheme"]["missing"] = ["", "剔除", "最低分", "组均值"]
    for spot, code in enumerate(["i0", "i1", "i2"]):
        free = [d for d in case["values"].index if not case["masked"].at[d, code]]
        case["values"].at[free[spot % len(free)], code] = np.nan
    known = case["values"].copy()
    found = rank_bounds(**case)
    cells = list(found.witness_low.columns)
    for point in itertools.product(*(candidates(case, d, i, 7) for d, i in cells)):
        ranks = assessed_ranks({**case, "values": known}, dict(zip(cells, point)))
        assert (found.table["rank_low"].to_numpy() <= ranks).all() and (ranks <= found.table["rank_high"].to_numpy()).all()
    assert found.proven


def test_scores_that_are_rounded_before_ranking_are_compared_rounded():
    case = {**small_case(4), "decimals": 0}
    check_against_brute_force(case, points=8, proven=False)


def test_more_masked_than_known_values_still_give_a_proven_range():
    case = small_case(6, n=4, k=2, m=5)
    found = rank_bounds(**case)
    assert found.proven and len(found.cells) == 5
    rng, cells = np.random.default_rng(0), list(found.witness_low.columns)
    for _ in range(60):
        ranks = assessed_ranks(case, {c: rng.uniform(case["low"].at[c], case["high"].at[c]) for c in cells})
        assert (found.table["rank_low"].to_numpy() <= ranks).all() and (ranks <= found.table["rank_high"].to_numpy()).all()


def test_an_indicator_masked_for_everybody_is_handled():
    case = small_case(9, n=3, k=2, m=3, same_column=True)
    check_against_brute_force(case, points=5, proven=False)


def test_a_lower_bound_above_the_upper_one_is_refused_naming_the_district():
    case = small_case(1)
    with pytest.raises(AssessmentError, match="下界.*大于上界"):
        rank_bounds(**{**case, "low": case["high"] + 1})


def test_the_natural_range_of_an_indicator_bounds_a_value_without_an_interval():
    case = small_case(1, params="下限=0；上限=10")
    nothing = case["low"] * np.nan
    found = rank_bounds(**{**case, "low": nothing, "high": nothing})
    assert found.proven and found.cells["low"].eq(0).all() and found.cells["high"].eq(10).all()


def test_a_district_without_bounds_is_stated_and_never_ranked_from_nothing():
    case = small_case(1, method="直接", m=1)
    nothing = case["low"] * np.nan
    table = rank_bounds(**{**case, "low": nothing, "high": nothing}).table.set_index("district")
    open_ = case["masked"].any(axis=1)
    assert (table.loc[open_, "rank_low"] == 1).all() and (table.loc[open_, "rank_high"] == 4).all()
    assert table.loc[open_, "note"].str.contains("没有上下界，位次无法界定").all()
    assert not table["proven"].any() and table["attained_low"].isna().all()
    others = table[~open_]
    assert (others["rank_high"] - others["rank_low"] == 1).all()


def test_without_masked_values_the_range_is_the_rank_itself():
    case = small_case(1, m=0)
    found = rank_bounds(**case)
    assert found.table["rank_low"].tolist() == found.table["rank_high"].tolist() == assessed_ranks(case, {}).tolist()
    assert found.verdict == "没有未公开的数值影响位次。"


def test_a_problem_beyond_the_node_limit_states_its_gap_and_keeps_a_valid_range():
    case = small_case(0, "功效系数", "", "几何平均", n=8, k=6, m=8)
    short, long = rank_bounds(**case, node_limit=3), rank_bounds(**case, node_limit=3000)
    assert not short.proven and (short.table["gap"] > 0).any()
    open_ = short.table[~short.table["proven"]]
    assert open_["note"].str.contains("计算量上限（3 个").all() and "范围偏宽" in short.verdict
    assert (open_["gap"] == (open_["attained_low"] - open_["rank_low"]) + (open_["rank_high"] - open_["attained_high"])).all()
    assert (short.table["rank_low"] <= long.table["rank_low"]).all() and (short.table["rank_high"] >= long.table["rank_high"]).all()


def test_one_district_only_is_first_whatever_its_masked_value():
    case = small_case(1, n=1, k=2, m=1)
    table = rank_bounds(**case).table
    assert table[["rank_low", "rank_high"]].to_numpy().tolist() == [[1, 1]] and table["proven"].all()


def test_the_demo_case_gives_a_range_around_its_midpoint_rank():
    found = rank_bounds_case(read_case("demo"))
    assert (found.table["rank_low"] <= found.table["rank_high"]).all() and len(found.table) == 9
    assert found.verdict.endswith("。")


def direct(values, low, high):
    scheme = pd.DataFrame([("T", "", None, ""), ("a", "T", 1, "直接"), ("b", "T", 3, "直接")], columns=["code", "parent", "weight", "method"])
    table = pd.DataFrame(values, ["甲", "乙"], ["a", "b"])
    return {"values": table, "scheme": scheme, "masked": table.isna(), "low": table.isna() * low, "high": table.isna() * high}


def test_an_announced_score_pins_a_single_masked_value_down_to_its_rounding():
    # total = (x + 3·80)/4 = 75.00 ± 0.005  ⇔  x = 60 ± 0.02
    case = direct([[np.nan, 80.0], [70, 70]], 0.0, 100.0)
    row = implied_values(**case, published=pd.DataFrame({"district": ["甲"], "score": [75.0], "rank": [np.nan]})).iloc[0]
    assert row["implied_low"] == pytest.approx(59.98, abs=1e-5) and row["implied_high"] == pytest.approx(60.02, abs=1e-5)
    assert row["exact"] and row["note"] == ""


def test_an_announced_rank_bounds_a_masked_value_from_one_side():
    # 甲 second of two: (x + 240)/4 < 70  ⇔  x < 40
    case = direct([[np.nan, 80.0], [70, 70]], 0.0, 100.0)
    row = implied_values(**case, published=pd.DataFrame({"district": ["甲"], "score": [np.nan], "rank": [2]})).iloc[0]
    assert row["implied_low"] == 0 and row["implied_high"] == pytest.approx(40, abs=1e-5) and row["exact"]


def test_two_masked_values_behind_one_score_have_the_hand_worked_outer_bounds():
    # (x + 3y)/4 = 50 ± 0.005 with x, y in [0, 60]: y between 46.66 and 60, x between 20 − 0.02 and 60
    case = direct([[np.nan, np.nan], [70, 70]], 0.0, 60.0)
    table = implied_values(**case, published=pd.DataFrame({"district": ["甲"], "score": [50.0]})).set_index("indicator")
    assert table.at["a", "implied_low"] == pytest.approx(19.98, abs=0.05) and table.at["a", "implied_high"] == 60
    assert table.at["b", "implied_low"] == pytest.approx((200 - 0.02 - 60) / 3, abs=0.05) and table.at["b", "implied_high"] == 60
    assert table.at["a", "implied_low"] <= 19.98 + 1e-6 and table.at["b", "implied_low"] <= (199.98 - 60) / 3 + 1e-6


def test_an_impossible_announcement_is_said_to_be_impossible():
    case = direct([[np.nan, 80.0], [70, 70]], 0.0, 100.0)
    row = implied_values(**case, published=pd.DataFrame({"district": ["甲"], "score": [99.0]})).iloc[0]
    assert row["note"] == "区间内没有任何取值能使公布结果成立" and np.isnan(row["implied_low"])


@pytest.mark.parametrize("seed", range(4))
def test_the_true_values_behind_an_announcement_lie_in_the_implied_intervals(seed):
    case, rng = small_case(seed, n=5), np.random.default_rng(seed)
    cells = [(d, i) for d in case["values"].index for i in case["values"] if case["masked"].at[d, i]]
    true = {c: rng.uniform(case["low"].at[c], case["high"].at[c]) for c in cells}
    values = case["values"].copy()
    for cell, value in true.items():
        values.at[cell] = value
    result = assess(values, case["scheme"])
    published = pd.DataFrame({"district": values.index, "score": result.total.round(2).to_numpy(), "rank": result.ranks["T"].to_numpy()})
    found = implied_values(**case, published=published)
    for row in found.to_dict("records"):
        assert row["implied_low"] - 1e-9 <= true[row["district"], row["indicator"]] <= row["implied_high"] + 1e-9


def test_nothing_announced_or_no_bounds_cannot_be_turned_round():
    case = direct([[np.nan, 80.0], [70, 70]], 0.0, 100.0)
    with pytest.raises(AssessmentError, match="没有公布的总分或位次"):
        implied_values(**case, published=pd.DataFrame({"district": ["甲"], "score": [np.nan]}))
    with pytest.raises(AssessmentError, match="无法反推"):
        implied_values(**{**case, "low": None}, published=pd.DataFrame({"district": ["甲"], "score": [75.0]}))


def interacting(seed, ties, decimals):
    """Two masked values of one min–max indicator and one of another, with what they give announced."""
    rng = np.random.default_rng(seed)
    scheme = pd.DataFrame([("T", "", None, "", ""), ("a", "T", 2, "功效系数", "正向"), ("b", "T", 1, "极差", "逆向"), ("c", "T", 1, "完成率", "正向")],
                          columns=["code", "parent", "weight", "method", "direction"]).assign(params=["", "", "", "目标=60"])
    values = pd.DataFrame(rng.uniform(10, 90, (5, 3)).round(1), list("甲乙丙丁戊"), ["a", "b", "c"])
    masked = values.notna() & False
    masked.loc["甲", "a"] = masked.loc["乙", "a"] = masked.loc["乙", "b"] = True
    low, high = (values - 15).where(masked), (values + 20).where(masked)
    result = assess(values, scheme, ties=ties, decimals=decimals)
    announced = pd.DataFrame({"district": values.index, "score": result.total.round(1).where([True, True, False, False, False]).to_numpy(), "rank": result.ranks["T"].to_numpy()})
    return {"values": values, "scheme": scheme, "masked": masked, "low": low, "high": high, "ties": ties, "decimals": decimals}, announced


@pytest.mark.parametrize(("seed", "ties", "decimals"), [(1, "同位", None), (2, "同位", 1), (3, "顺延", 0), (4, "平均", 0), (5, "同位", 0)])
def test_interacting_masked_values_have_the_ends_that_a_fine_grid_finds(seed, ties, decimals):
    case, announced = interacting(seed, ties, decimals)
    found = implied_values(**case, published=announced, tolerance=0.5)
    assert found["exact"].all()
    p, steps = build(**case), 41
    grid = np.stack(np.meshgrid(*[np.linspace(a, b, steps) for a, b in zip(p.low, p.high)], indexing="ij"), -1).reshape(-1, 3)
    scores = totals(p, grid, grid)[0]
    told = announced["score"].notna().to_numpy()
    good = (np.abs(scores - announced["score"].to_numpy())[:, told] <= 0.5).all(1) & (ranks_at(p, scores) == announced["rank"].to_numpy()).all(1)
    agreeing, step = grid[good], (p.high - p.low) / (steps - 1)
    assert len(agreeing) > 5
    low, high = found["implied_low"].to_numpy(), found["implied_high"].to_numpy()
    assert (low <= agreeing.min(0) + 1e-6).all() and (high >= agreeing.max(0) - 1e-6).all()
    # The set is thin between grid points, so its ends lie a few steps beyond the grid's at most.
    assert (agreeing.min(0) - low <= 4 * step).all() and (high - agreeing.max(0) <= 4 * step).all()


def test_each_announced_node_is_asked_by_itself_and_a_false_one_is_named():
    scheme = pd.DataFrame([("T", "", None, ""), ("A", "T", 1, ""), ("a", "A", 1, "直接"), ("b", "A", 1, "直接"), ("c", "T", 1, "直接")],
                          columns=["code", "parent", "weight", "method"])
    values = pd.DataFrame({"a": [np.nan, 40.0], "b": [20.0, 30.0], "c": [80.0, 10.0]}, ["甲", "乙"])
    masked = values.isna()
    published = pd.DataFrame([("甲", "T", 60.0, np.nan), ("甲", "A", 90.0, np.nan), ("甲", "a", 55.0, np.nan)], columns=["district", "node", "score", "rank"])
    found = implied_by_node(values, scheme, published=published, masked=masked, low=masked * 0.0, high=masked * 100.0).set_index("node")
    # T = (A + 80)/2 = 60 ± 0.005 ⇒ A = 40 ± 0.01 ⇒ a = 60 ± 0.02; A = (a + 20)/2 = 90 needs a = 160, outside the bounds; a itself is 55.
    assert found.loc["T", ["implied_low", "implied_high"]].tolist() == pytest.approx([59.98, 60.02], abs=1e-3)
    assert found.at["A", "note"] == "区间内没有任何取值能使公布结果成立"
    assert found.loc["a", ["implied_low", "implied_high"]].tolist() == pytest.approx([54.995, 55.005], abs=1e-3)


@pytest.mark.parametrize("direction", ["正向", "逆向"])
def test_an_announced_place_of_an_indicator_bounds_its_masked_values_as_trying_all_values_does(direction):
    values = pd.DataFrame({"a": [np.nan, 40.0, np.nan, 70.0, 10.0], "b": [5.0, 6, 7, 8, 9]}, list("甲乙丙丁戊"))
    masked = values.isna()
    scheme = pd.DataFrame([("T", "", None, "", ""), ("a", "T", 1, "极差", direction), ("b", "T", 1, "直接", "正向")], columns=["code", "parent", "weight", "method", "direction"])
    plain = assess(values, scheme, masked=masked)
    none = pd.DataFrame(np.nan, values.index, values.columns)
    published = pd.DataFrame({"district": ["甲", "丙"], "node": ["a", "a"], "rank": [2.0, 4.0]})
    low, high = limits_from_ranks(plain, published, none, none)
    grid, sign = np.arange(0.0, 100.5, 2.5), -1 if direction == "逆向" else 1
    found = {"甲": [], "丙": []}
    for x in grid:
        for y in grid:
            column = sign * np.array([x, 40.0, y, 70.0, 10.0])
            if (column > column[0]).sum() == 1 and (column > column[2]).sum() == 3:
                found["甲"].append(x)
                found["丙"].append(y)
    for district, tried in found.items():
        bottom, top = np.nan_to_num(low.at[district, "a"], nan=-np.inf), np.nan_to_num(high.at[district, "a"], nan=np.inf)
        assert bottom <= min(tried) and max(tried) <= top
    # 甲 second of five with one other masked: not behind the second known value; 丙 fourth: behind at least the second.
    limit = (low.at["甲", "a"], high.at["丙", "a"]) if direction == "正向" else (high.at["甲", "a"], low.at["丙", "a"])
    assert limit == (40.0, 40.0)
    assert low["b"].isna().all() and high["b"].isna().all()


def test_a_case_with_an_announced_place_gets_possible_ranks_without_any_other_bounds(tmp_path):
    from casebook import base, write_folder

    sheets = base()
    sheets["指标值"] = [[*row[:3], "**", "", "", *row[6:]] if row[1:3] == ["南县", "A1"] else row for row in sheets["指标值"]]
    sheets["指标值"] = [[*row[:3], "150", "", "", *row[6:]] if row[1:3] == ["北县", "A1"] else row for row in sheets["指标值"]]
    sheets["区县"] = [[*row[:2], ""] if k else row for k, row in enumerate(sheets["区县"])]
    sheets["公布结果"] = [["年份", "区县", "节点", "得分", "位次"], ["2022", "南县", "A1", "**", "3"]]
    found = rank_bounds_case(read_case(write_folder(tmp_path / "case", sheets)))
    # Known: 西区 473.6, 东区 300, 北县 150: the third of four lies between the last two.
    cell = found.cells.set_index(["district", "indicator"]).loc[("南县", "A1")]
    assert (cell["low"], cell["high"]) == (150.0, 300.0) and found.proven
