"""A province: invented counties × notebooks, on this computer and on a Dask cluster of two workers on its loopback address.

    OMP_NUM_THREADS=1 python benchmarks/bench_province.py [--counties 95] [--notebooks 01 02 03 04] [--no-cluster]

Each county is the illustrative case made by ``data/raw/make_demo.py`` with a seed of its own: as large, other figures.
Cost per county is wall and CPU time divided by the counties; the cluster's CPU includes scheduler and workers.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "data" / "raw"), str(ROOT / "benchmarks")]

from bench_batch import measure  # noqa: E402

FIRST_SEED = 340000


def counties(folder, count):
    """Workbooks of ``count`` counties; a seed from which no consistent case comes is passed over."""
    import make_demo
    from analysis.template import write_case

    paths, seed = [], FIRST_SEED
    while len(paths) < count:
        seed += 1
        try:
            tables = make_demo.build(seed)
        except (ValueError, IndexError):
            continue
        facts = tables["说明"]
        facts.loc[facts.iloc[:, 0] == "标题", facts.columns[1]] = f"第{len(paths) + 1}县（示例）"
        paths.append(folder / f"county-{len(paths) + 1:02}.xlsx")
        write_case(tables, paths[-1])
    return paths


def cluster(folder, env):
    """Scheduler and two workers of one thread each: their processes and the address."""
    file, quiet = folder / "scheduler.json", ["--no-dashboard", "--scheduler-file", str(folder / "scheduler.json")]
    common = {"env": env, "cwd": folder, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    processes = [subprocess.Popen([sys.executable, "-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0", *quiet], **common)]
    processes += [subprocess.Popen([sys.executable, "-m", "distributed.cli.dask_worker", "--host", "127.0.0.1", "--nthreads", "1", "--no-nanny", *quiet], **common) for _ in range(2)]
    while not file.exists():
        time.sleep(0.1)
    return processes, json.loads(file.read_text())["address"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--counties", type=int, default=95)
    parser.add_argument("--notebooks", nargs="*", default=["01", "02", "03", "04"])
    parser.add_argument("--no-cluster", action="store_true")
    options = parser.parse_args()
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        start = time.perf_counter()
        paths = counties(folder, options.counties)
        print(f"生成 {len(paths)} 个县的工作簿 {time.perf_counter() - start:.1f} s", flush=True)
        command = [sys.executable, "-m", "analysis", "run", *paths, *(word for number in options.notebooks for word in ("--notebook", number))]
        tell(len(paths), "本机，2 个同时", *measure([*command, "--out", folder / "one"], env=env, cwd=ROOT))
        if not options.no_cluster:
            processes, address = cluster(folder, env)
            started = time.perf_counter()
            try:
                _, own = measure([*command, "--out", folder / "many", "--dask", address], env=env, cwd=ROOT)
                wall, theirs = time.perf_counter() - started, sum(map(used, processes))
            finally:
                for process in processes:
                    process.kill()
                    process.wait()
            tell(len(paths), "Dask，2 台工作机（回环地址）", wall, own + theirs)


def used(process):
    """CPU seconds of a running process and of those of its descendants that ended or still run (Linux)."""
    tick, total, todo = os.sysconf("SC_CLK_TCK"), 0.0, [process.pid]
    while todo:
        pid = todo.pop()
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            total += sum(map(int, fields[11:15])) / tick
            todo += [int(child) for task in Path(f"/proc/{pid}/task").iterdir() for child in (task / "children").read_text().split()]
        except OSError:
            continue
    return total


def tell(count, name, wall, cpu):
    print(f"{name}：{count} 个县 {wall:.0f} s（CPU {cpu:.0f} s），每县 {wall / count:.1f} s（CPU {cpu / count:.1f} s）", flush=True)


if __name__ == "__main__":
    main()
