"""Exact rank bounds for 12 districts × 20 indicators with 6 masked values, beside assess() on samples.

    python benchmarks/bench_masked.py
"""

import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
import pandas as pd

from analysis.assessment import assess
from analysis.audit.masked import rank_bounds
from analysis.tree import build_tree

SEEDS = 5
SAMPLES = 200
SCHEMES = [("功效系数", "加权平均"), ("功效系数", "几何平均"), ("功效系数", "调和平均"), ("标准分", "加权平均"),
           ("位次", "加权平均"), ("占优比", "加权平均"), ("波达", "科普兰")]


def district_case(seed, method, aggregation, districts=12, groups=5, each=4, masked=6):
    """A three-level scheme of 20 indicators; masked values lie between 0.4 and 2.5 times the true one."""
    rng = np.random.default_rng(seed)
    rows = [("T", "", None, "", aggregation)]
    for i in range(groups):
        rows.append((f"A{i}", "T", rng.uniform(1, 9), "", aggregation if aggregation != "科普兰" else ""))
        rows += [(f"A{i}{j}", f"A{i}", rng.uniform(1, 9), method, "") for j in range(each)]
    scheme = pd.DataFrame(rows, columns=["code", "parent", "weight", "method", "aggregation"])
    leaves = scheme.loc[scheme["method"] != "", "code"]
    values = pd.DataFrame(rng.lognormal(size=(districts, len(leaves))), [f"区{i}" for i in range(districts)], leaves)
    hidden = np.zeros(values.shape, bool)
    hidden.flat[rng.choice(hidden.size, masked, replace=False)] = True
    hidden = pd.DataFrame(hidden, values.index, values.columns)
    return {"values": values, "scheme": build_tree(scheme), "masked": hidden,
            "low": (0.4 * values).where(hidden), "high": (2.5 * values).where(hidden)}


def sampled_width(case, found, seed):
    """Sum over districts of the rank widths that random values in the intervals reach, and the time."""
    rng, cells, ranks = np.random.default_rng(seed), found.cells, []
    start = time.perf_counter()
    for _ in range(SAMPLES):
        values = case["values"].copy()
        for district, indicator, low, high in cells.itertuples(index=False):
            values.at[district, indicator] = rng.uniform(low, high)
        ranks.append(assess(values, case["scheme"]).ranks["T"])
    ranks = pd.concat(ranks, axis=1)
    inside = (ranks.ge(found.table["rank_low"].to_numpy(), axis=0) & ranks.le(found.table["rank_high"].to_numpy(), axis=0)).all().all()
    if not inside:
        raise SystemExit("a sampled rank lies outside the proven range")
    return (ranks.max(axis=1) - ranks.min(axis=1)).sum(), time.perf_counter() - start


def main():
    print(f"12 区 × 20 指标 × 6 个未公开数值，每种 {SEEDS} 例；抽样 {SAMPLES} 次 assess() 作对照")
    print(f"{'计分/合成':<16}{'中位秒':>8}{'最慢秒':>8}{'对抽样':>9}{'已证明':>9}{'范围宽':>8}{'抽样宽':>8}")
    for method, aggregation in SCHEMES:
        times, ratios, proven, exact, sampled = [], [], 0, 0, 0
        for seed in range(SEEDS):
            case = district_case(seed, method, aggregation)
            start = time.perf_counter()
            found = rank_bounds(**case)
            times.append(time.perf_counter() - start)
            width, spent = sampled_width(case, found, seed)
            ratios.append(times[-1] / spent)
            proven += int(found.table["proven"].sum())
            exact, sampled = exact + (found.table["rank_high"] - found.table["rank_low"]).sum(), sampled + width
        print(f"{method + '/' + aggregation:<14}{statistics.median(times):9.3f}{max(times):9.3f}{statistics.median(ratios):10.2f} ×"
              f"{proven:6d}/{12 * SEEDS}{exact:9.0f}{sampled:9.0f}")


if __name__ == "__main__":
    main()
