"""Screening 200,000 enterprises × 6 recognitions with the full score sheets, beside a tenth and half of it.

    OMP_NUM_THREADS=1 python benchmarks/bench_screening.py
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
from analysis.case import read_case
from analysis.matching import match_recognitions
from analysis.recognition.rules import compile_rules
from analysis.recognition.screen import TO_ACT, screen_roster

REPEATS = 5


def roster(case, size, seed=0):
    """The demo's enterprises drawn with repetition, money scattered by a few per cent so that few are alike."""
    rng = np.random.default_rng(seed)
    frame = case.enterprises.iloc[rng.integers(0, len(case.enterprises), size)].reset_index(drop=True)
    money = frame.select_dtypes("float").columns.difference(["founded", "row"])
    frame[money] = (frame[money] * rng.uniform(0.9, 1.1, (size, len(money)))).round(0)
    return frame.assign(row=np.arange(2, size + 2))


def main():
    case = read_case("demo")
    held, listed = match_recognitions(case).held, list(case.recognitions["certification"].unique())
    date = pd.Timestamp(case.year, 12, 31)
    for size in (20_000, 100_000, 200_000):
        frame, times = roster(case, size), []
        for _ in range(REPEATS):
            start = time.perf_counter()
            book = compile_rules(case.rules, frame, date)
            found = screen_roster(book, frame, held, listed, case.year)
            times.append(time.perf_counter() - start)
        print(f"{size:>8,} 家 × {len(book.recognitions)} 项认定 {statistics.median(times):6.2f} s，每千家 {1e6 * statistics.median(times) / size:5.2f} ms")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    print(f"内存峰值 {peak:.2f} GiB（含名册和结果）；{int(found.table['status'].isin(TO_ACT).sum()):,} 行可列入名单")
    start = time.perf_counter()
    some = found.explain(["应报未报", "靠靠能报"], rows=range(2, 402))
    print(f"说明文字（原因、待问、最小变动）{len(some)} 行 {time.perf_counter() - start:.2f} s")


if __name__ == "__main__":
    main()
