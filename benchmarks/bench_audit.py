"""The audit beside bare NumPy: 10,000 rankings under perturbed weights, leave-one-out, a large province.

    OMP_NUM_THREADS=1 python benchmarks/bench_audit.py

The thread count is set below unless the environment says otherwise, so that both sides
of every ratio use one core.
"""

import os
import resource
import statistics
import sys
import time
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
import pandas as pd
from analysis.assessment import assess
from analysis.audit import coherence, leave_one_out, simulate
from analysis.tree import build_tree

REPEATS, RUNS = 11, 10_000


def province(units, indicators, seed=0, aggregation=""):
    """A four-level scheme (total, 3 parts, about 10 themes, indicators) and values for it."""
    rng, rows = np.random.default_rng(seed), [("T", "", None, "", aggregation)]
    for i in range(3):
        rows.append((f"A{i}", "T", rng.uniform(1, 9), "", aggregation))
        rows += [(f"A{i}{j}", f"A{i}", rng.uniform(1, 9), "", aggregation) for j in range(4)]
    rows += [(f"X{k}", f"A{k % 3}{k // 3 % 4}", rng.uniform(1, 9), "功效系数", "") for k in range(indicators)]
    scheme = pd.DataFrame(rows, columns=["code", "parent", "weight", "method", "aggregation"])
    leaves = scheme.loc[scheme["method"] != "", "code"]
    values = pd.DataFrame(rng.lognormal(size=(units, indicators)), columns=leaves, index=[f"县{i}" for i in range(units)])
    return assess(values, build_tree(scheme))


def bare(scores, weights):
    """What nobody can do without: one matrix product and one ranking."""
    return (-(weights @ scores.T)).argsort(1).argsort(1) + 1


def bare_with_draws(scores, stated, seed=0):
    """The same with weights drawn, still without tree, ties or labels."""
    weights = stated * np.random.default_rng(seed).uniform(0.75, 1.25, (RUNS, len(stated)))
    return bare(scores, weights / weights.sum(1, keepdims=True))


def together(works):
    """Median milliseconds of each, taken in turn so that a noisy moment hits all alike."""
    times = {name: [] for name in works}
    for _ in range(REPEATS):
        for name, work in works.items():
            start = time.perf_counter()
            work()
            times[name].append(1000 * (time.perf_counter() - start))
    return {name: statistics.median(t) for name, t in times.items()}


def main():
    for units, indicators in ((51, 49), (95, 60)):
        a = province(units, indicators)
        leaves = list(a.tree.leaves)
        scores, stated = a.scores[leaves].to_numpy(), a.tree.nodes.loc[leaves, "global_weight"].to_numpy()
        weights = stated * np.random.default_rng(0).uniform(0.75, 1.25, (RUNS, len(stated)))
        middle = a.raw * 1.1, a.raw * 0.9
        few = leaves[:5]
        found = together({
            "纯 NumPy：矩阵乘法＋排名": lambda: bare(scores, weights),
            "纯 NumPy：另加抽取权重": lambda: bare_with_draws(scores, stated),
            "simulate 权重相对扰动": lambda: simulate(a, RUNS),
            "simulate 狄利克雷": lambda: simulate(a, RUNS, weights="dirichlet"),
            "simulate 并取频数表": lambda: simulate(a, RUNS).summary,
            "simulate 并取两两领先概率": lambda: simulate(a, RUNS).ahead,
            "simulate 5 个指标为区间值": lambda: simulate(a, RUNS, low=middle[1][few], high=middle[0][few]),
        })
        floor = found["纯 NumPy：矩阵乘法＋排名"]
        print(f"{units} 个区县 × {indicators} 个指标 × {RUNS} 次")
        for name, ms in found.items():
            print(f"  {name:<28}{ms:10.1f} ms{ms / floor:9.2f} ×")
        geometric = province(units, indicators, aggregation="几何平均")
        start = time.perf_counter()
        simulate(geometric, RUNS)
        print(f"  {'simulate 各级几何平均（一次）':<28}{1000 * (time.perf_counter() - start):10.1f} ms")
        found = together({"leave_one_out 全部指标": lambda: leave_one_out(a, level="指标"), "coherence": lambda: coherence(a)})
        for name, ms in found.items():
            print(f"  {name:<28}{ms:10.1f} ms")
    print(f"内存峰值 {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.2f} GiB")


if __name__ == "__main__":
    main()
