"""The cheapest set of applications for 2,000 enterprises × 4 recognitions, margin search included; and its chance on fresh draws.

    python benchmarks/bench_plan.py
"""

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
import pandas as pd
from analysis import assess_case, read_case
from analysis.plan import Goal, Limits, make_plan, problem, rivals_from_table
from analysis.plan.trial import sampling_error

FIRMS, TOWNS, FRESH, REPEATS = 2_000, 15, 200_000, 3
COUNTED = {"省级企业技术中心": ("E1", 12), "省级专精特新中小企业": ("E2", 6), "省级绿色工厂": ("E3", 15), "创新型中小企业": ("", 2)}


def candidates(seed=1):
    """Made-up probabilities and costs; 专精特新 needs 创新型 first."""
    rng, rows = np.random.default_rng(seed), []
    for firm in range(FIRMS):
        for name, (code, cost) in COUNTED.items():
            rows.append({"enterprise": f"企业{firm}", "town": f"第{firm % TOWNS + 1}镇", "certification": name, "indicator": code,
                         "probability": float(np.clip(rng.beta(4, rng.choice([2, 4])), 0.05, 0.95)), "cost": round(cost * rng.uniform(0.6, 1.6), 1),
                         "earliest": rng.choice(["2023Q1", "2023Q2"]), "prerequisite": "创新型中小企业" if code == "E2" else ""})
    return pd.DataFrame(rows)


def main():
    a, table = assess_case(read_case("demo")), candidates()
    growth = {"E1": 2.0, "E2": 11.0, "E3": 1.0}
    rivals = rivals_from_table(pd.DataFrame([(d, c, n, 1.5 * n**0.5) for d in a.scores.index[1:] for c, n in growth.items()],
                                            columns=["district", "indicator", "expected", "spread"]), a.scores.index, a.tree.leaves)
    held = {(f"企业{i}", "创新型中小企业") for i in range(0, FIRMS, 3)}
    cases = {"名额、每家 2 项": Limits(first="2023Q1", last="2023Q4", per_enterprise=2, quotas={"省级绿色工厂": 6}),
             "另加每镇每季 3 项": Limits(first="2023Q1", last="2023Q4", per_enterprise=2, town_quarter=3, quotas={"省级绿色工厂": 6})}
    for rank in (3, 2, 1):
        for name, limits in cases.items():
            times = []
            for _ in range(REPEATS):
                start = time.perf_counter()
                p = problem(a, table, Goal("示例区", rank, "E"), limits, rivals, held)
                plan = make_plan(p)
                times.append(time.perf_counter() - start)
            fresh = p.trial("judge", FRESH, seed=99).chance(p.model.chosen(plan.x), rank)
            print(f"第 {rank} 位，{name}：{len(table):,} 项候选，{np.median(times):.1f} 秒（{min(times):.1f}～{max(times):.1f}），费用 {plan.cost:.1f}，"
                  f"贪心 {plan.greedy_cost:.1f}，不留余量 {plan.expected_cost:.1f}（把握 {plan.expected_chance:.0%}）；"
                  f"新抽 {FRESH:,} 次的把握 {fresh:.1%} ± {1.96 * sampling_error(fresh, FRESH):.1%}", flush=True)


if __name__ == "__main__":
    main()
