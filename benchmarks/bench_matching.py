"""A published list against a roster: the 2,783 national green factories and 5,000 names, the truth known.

    python benchmarks/bench_matching.py

Bar: 3 s. Also how right the automatic matches are, and reading 200,000 names apart.
"""

import sys
import time
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from rosterbook import green_factories, make_roster

from analysis.matching import match, normalise, similar_names

REPEATS = 5
SEEDS = (1, 2, 3)


def seconds(work):
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return median(times)


def main():
    listed = green_factories()[["name"]]
    roster = make_roster(SEEDS[0], size=5200).head(5000)
    print(f"{len(listed)} 个名单名称 × {len(roster)} 个名册名称：{seconds(lambda: match(listed, roster)):.2f} 秒（要求 3 秒以内）")
    stranger = roster.assign(name=[f"{name[:-4]}{k}号有限公司" for k, name in enumerate(roster["name"])], former_name="")
    print(f"同上，没有一个名称对得上（全部比对相近）：{seconds(lambda: match(listed, stranger)):.2f} 秒")
    names = [f"{name[:-4]}{k}有限公司" for k, name in enumerate(list(listed["name"]) * 72)][:200_000]
    print(f"{len(names):,} 个名称规范化：{seconds(lambda: [normalise(n) for n in names]):.1f} 秒；查重 {seconds(lambda: similar_names(names)):.1f} 秒")
    for seed in SEEDS:
        quality(listed, seed)


def quality(listed, seed):
    roster = make_roster(seed)
    found = match(listed, roster)
    truth = {t: row for t, row in zip(roster["truth"], roster["row"]) if t >= 0}
    right = sum(truth.get(k) == row for k, row in zip(found.held["list_row"], found.held["row"]))
    before = set(zip(found.doubtful["list_row"], found.doubtful["row"]))
    print(f"种子 {seed}：名册 {len(roster)} 家，其中 {len(truth)} 家在名单上；自动对上 {len(found.held)}，准确率 {right / len(found.held):.2%}，"
          f"召回率 {right / len(truth):.2%}；交人核对 {found.doubtful['list_row'].nunique()} 个名称（其中 {sum(p in before for p in truth.items())} 个确在名册），"
          f"每个最多 3 家")


if __name__ == "__main__":
    main()
