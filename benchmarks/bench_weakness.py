"""The gap split, the levers and the smallest changes, beside doing the same by whole assessments.

    python benchmarks/bench_weakness.py
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import bench_assessment
import numpy as np
from analysis.assessment import assess
from analysis.tree import build_tree
from analysis.weakness import gap_table, score_gap, smallest_single_change, unit_worth
from analysis.weakness.rescore import Rescorer

bench_assessment.REPEATS = 5
CANDIDATES = 20


def main():
    scheme, values = bench_assessment.province()
    linear = assess(values, build_tree(scheme))
    scheme["aggregation"] = ["几何平均" if m == "" else "" for m in scheme["method"]]
    tree = build_tree(scheme)
    curved, home, other = assess(values, tree), values.index[0], values.index[1]
    code = tree.leaves[0]
    tries = values.at[home, code] + 0.1 * (1 + np.arange(CANDIDATES))

    def whole():
        for value in tries:
            changed = values.copy()
            changed.loc[home, code] = value
            assess(changed, tree)

    median = bench_assessment.median_ms
    one = median(lambda: assess(values, tree))
    rows = [
        ("整套计分一次 assess", one),
        ("分差分解，线性方案", median(lambda: score_gap(linear, home, other))),
        ("分差分解，三级几何平均（枚举）", median(lambda: score_gap(curved, home, other))),
        ("95 县逐一比较 gap_table，线性", median(lambda: gap_table(linear, home))),
        (f"{CANDIDATES} 个假设值：整套重算", median(whole)),
        (f"{CANDIDATES} 个假设值：Rescorer", median(lambda: Rescorer(curved, home).totals(code, tries))),
        ("再多一个单位值多少，60 项", median(lambda: unit_worth(curved, home))),
        ("单项升一位最小改变，60 项", median(lambda: smallest_single_change(curved, home))),
    ]
    for name, ms in rows:
        print(f"{name:<24}{ms:10.2f} ms{ms / one:9.1f} × assess")


if __name__ == "__main__":
    main()
