"""Scoring and ranking 95 counties × 60 indicators on four levels, beside bare NumPy.

    python benchmarks/bench_assessment.py
"""

import statistics
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
import pandas as pd
from analysis.assessment import assess
from analysis.tree import build_tree

REPEATS = 30


def province(counties=95, seed=0):
    """A four-level scheme of 60 indicators and values for it."""
    rng, rows = np.random.default_rng(seed), [("T", "", None, "")]
    for i in range(3):
        rows.append((f"A{i}", "T", rng.uniform(1, 9), ""))
        for j in range(4):
            rows.append((f"A{i}{j}", f"A{i}", rng.uniform(1, 9), ""))
            rows += [(f"A{i}{j}{k}", f"A{i}{j}", rng.uniform(1, 9), "功效系数") for k in range(5)]
    scheme = pd.DataFrame(rows, columns=["code", "parent", "weight", "method"])
    leaves = scheme.loc[scheme["method"] != "", "code"]
    return scheme, pd.DataFrame(rng.lognormal(size=(counties, len(leaves))), columns=leaves, index=[f"县{i}" for i in range(counties)])


def bare(x, w):
    """What the same work costs without labels: min–max, matrix product, rank."""
    low, high = x.min(0), x.max(0)
    total = (60 + 40 * (x - low) / (high - low)) @ w
    return (-total).argsort().argsort()


def median_ms(work):
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return 1000 * statistics.median(times)


def main():
    scheme, values = province()
    tree = build_tree(scheme)
    x, w = values.to_numpy(), tree.nodes.loc[list(tree.leaves), "global_weight"].to_numpy()
    floor = median_ms(lambda: bare(x, w))
    rows = [("方案编译 build_tree", median_ms(lambda: build_tree(scheme))), ("计分排名 assess", median_ms(lambda: assess(values, tree))),
            ("两步合计", median_ms(lambda: assess(values, scheme))), ("纯 NumPy（无标签、无校验）", floor)]
    for name, ms in rows:
        print(f"{name:<24}{ms:9.2f} ms{ms / floor:9.0f} ×")
    command = "import time; t = time.perf_counter(); import analysis; print(time.perf_counter() - t)"
    imports = [float(subprocess.run([sys.executable, "-c", command], capture_output=True, text=True, check=True,
                                    cwd=Path(__file__).parents[1]).stdout) for _ in range(5)]
    print(f"import analysis         {1000 * statistics.median(imports):9.2f} ms")


if __name__ == "__main__":
    main()
