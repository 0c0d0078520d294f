"""Joint simulation of 12 districts over 10 years, 100,000 paths, in a process of its own: CPU time and peak memory.

    python benchmarks/bench_catchup.py
"""

import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
import pandas as pd
from analysis.catchup import chances, growth_for, rank_chances, simulate, simulate_counts

RUNS, YEARS, DISTRICTS, REPEATS = 100_000, 10, 12, 5


def city():
    """Eight years of made-up levels with a common and an own shock."""
    rng = np.random.default_rng(7)
    growth = 0.07 + 0.02 * rng.standard_normal((8, 1)) + 0.02 * rng.standard_normal((8, DISTRICTS))
    levels = 300 * np.exp(0.3 * rng.standard_normal(DISTRICTS) + growth.cumsum(axis=0))
    return pd.DataFrame(levels, index=range(2015, 2023), columns=[f"第{i}区" for i in range(DISTRICTS)])


def peak_mb():
    """Most memory this process has held, MB; missing where the system does not say."""
    try:
        import resource
    except ImportError:
        return float("nan")
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024**2 if sys.platform == "darwin" else 1024)


def cpu(call):
    times = []
    for _ in range(REPEATS):
        start = time.process_time()
        result = call()
        times.append(time.process_time() - start)
    return result, sorted(times)[REPEATS // 2]


def measure():
    annual, before = city(), peak_mb()
    counts = (annual / 20).round()
    home, leader = annual.columns[:2]
    start = time.process_time()
    paths = simulate(annual, 2022 + YEARS, RUNS)
    first, peak = time.process_time() - start, peak_mb()
    print(f"{RUNS:,} 条路径 × {YEARS} 年 × {DISTRICTS} 个区县：首次 {first:.2f} CPU 秒，内存峰值 {peak:.0f} MB（模拟前 {before:.0f} MB）")
    for name, call in (
        ("各年追上的概率", lambda: chances(paths, home, leader)),
        ("全市位次的概率", lambda: rank_chances(paths, home)),
        ("三种把握所需增速（各年）", lambda: growth_for(paths, home, leader)),
    ):
        print(f"{name}：{cpu(call)[1]:.2f} CPU 秒")
    print(f"连同以上各项的内存峰值 {peak_mb():.0f} MB")
    del paths
    print(f"模拟重复 {REPEATS} 次的中位数：{cpu(lambda: simulate(annual, 2022 + YEARS, RUNS).runs)[1]:.2f} CPU 秒")
    print(f"按个数的模拟（泊松或负二项）：{cpu(lambda: simulate_counts(counts, 2022 + YEARS, RUNS).runs)[1]:.2f} CPU 秒")


if __name__ == "__main__":
    if "--here" in sys.argv:
        measure()
    else:
        # A process of its own, so that the peak is that of this work alone.
        sys.exit(subprocess.run([sys.executable, __file__, "--here"], check=False).returncode)
