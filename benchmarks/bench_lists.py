"""Action lists of the demo and of 20,000 enterprises × 6 recognitions: gathered, written for the bureau and 15 towns, read back.

    OMP_NUM_THREADS=1 python benchmarks/bench_lists.py [size ...]
"""

import os
import resource
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
from analysis.case import read_case
from analysis.lists import action_lists, carry, read_follow_up, write_lists
from analysis.matching import match_recognitions
from analysis.recognition import screen


def larger(case, size):
    """The case with its enterprises repeated under other names, without codes where repeated; lists belong to the first ones."""
    frame = case.enterprises.iloc[np.arange(size) % len(case.enterprises)].reset_index(drop=True)
    again = np.arange(size) // len(case.enterprises)
    names = [name if k == 0 else f"{name}第{k}" for name, k in zip(frame["name"], again)]
    return replace(case, tables={**case.tables, "enterprises": frame.assign(name=names, code=frame["code"].where(again == 0, ""), row=np.arange(2, size + 2))})


def main():
    case = read_case("demo")
    for size in [int(a) for a in sys.argv[1:]] or [len(case.enterprises), 20_000]:
        own = larger(case, size)
        marks = [time.perf_counter()]

        def lap():
            marks.append(time.perf_counter())
            return marks[-1] - marks[-2]

        matched = match_recognitions(own)
        screening = screen(own, held=matched.held, doubtful=matched.doubtful)
        print(f"{size:,} 家 × {len(screening.certifications)} 项认定：匹配和筛查 {lap():.1f} s", flush=True)
        lists = action_lists(screening, own, matched)
        print(f"  编清单（含说明文字）{lap():.1f} s，{len(lists.rows):,} 行", flush=True)
        with tempfile.TemporaryDirectory() as folder:
            rows = lists.rows.assign(follow_up="已联系", note="约下周上门")
            marks[-1] = time.perf_counter()
            written = write_lists(replace(lists, rows=rows), folder)
            took = lap()
            total = sum(f.stat().st_size for f in Path(folder).rglob("*.xlsx"))
            print(f"  写 {len(written)} 个工作簿 {took:.1f} s，共 {total / 1e6:.1f} MB", flush=True)
            lap()
            follow = read_follow_up(folder)
            print(f"  读回 {len(follow.table):,} 条跟进 {lap():.1f} s，带入 {_timed(carry, lists, follow):.1f} s；"
                  f"内存峰值 {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2:.2f} GiB", flush=True)


def _timed(function, *arguments):
    start = time.perf_counter()
    function(*arguments)
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
