"""The batch against the bare floor and against papermill's and nbconvert's own command lines.

    OMP_NUM_THREADS=1 python benchmarks/bench_batch.py [--quick] [--case demo] [--parts demo files light many]

Floor: the code cells of the same notebooks run one after the other in one process that has IPython but no kernel
and no protocol, imports counted once, no page made. CPU is user + system time of a process and all its descendants.
The demo is measured twice, each time with the same work on all sides: its pages alone, and with the workbooks of lists
and the handouts that its notebooks write where they are given a folder.
Bars: the demo case at most 1.6 × the floor in CPU, pages included; 5 × faster in wall time than the command
lines; 95 notebooks without a process left over.
"""

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

LIGHT = ["case: str = 'anhui-2016'", "from analysis import read_case, assess_case, views, plots\nfrom analysis.report import show\nfrom analysis.style import use_style\nuse_style()\ndata = read_case(case)\nresult = assess_case(data, data.year)",
         "show.banner(data)\nshow.title('轻篇')\nshow.table(views.ranking_table(result, data.published), '得分与位次')",
         "from analysis.plots import plot_ranking\nshow.figure(plot_ranking(result.total, result.ranks[result.root], home=data.home), '位次', '一图')"]
TINY = ["case: str = 'demo'", "print(sum(range(1000)))"]


def floor(paths, files):
    """In this process: every code cell of the notebooks, as ``python bench_batch.py --floor PATH …``; ``files``: where they write."""
    import nbformat
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.utils.capture import capture_output

    for path in paths:
        shell = InteractiveShell.instance()
        shell.reset(new_session=True)
        os.chdir(ROOT / "notebooks")
        for cell in nbformat.read(path, 4).cells:
            if cell.cell_type == "code":
                with capture_output():
                    done = shell.run_cell(cell.source)
                done.raise_error()
                if files and "parameters" in cell.metadata.get("tags", ()) and writes(path):
                    shell.user_ns["files"] = str(Path(files) / Path(path).stem)
    InteractiveShell.clear_instance()


def measure(*commands, **settings):
    """Wall and CPU seconds of commands in sequence; RuntimeError with what was said when one fails."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    for command in commands:
        done = subprocess.run(list(map(str, command)), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, **settings)
        if done.returncode:
            raise RuntimeError(f"{command}: {done.stdout[-2000:]}")
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def write(folder, count, cells):
    import nbformat
    from nbformat import v4

    paths = []
    for number in range(1, count + 1):
        made = [v4.new_code_cell(source) for source in cells]
        made[0].metadata["tags"] = ["parameters"]
        paths.append(folder / f"{number:02}_x.ipynb")
        nbformat.write(v4.new_notebook(cells=made, metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}), paths[-1])
    return paths


def writes(path):
    """Whether a notebook writes files into a folder that it is given."""
    import nbformat

    return bool(nbformat.read(path, 4).metadata.get("analysis", {}).get("files"))


def pages_only(folder, paths):
    """Copies of notebooks that the batch gives no folder to write files into, as the command lines give none."""
    import nbformat

    copies = []
    for path in paths:
        nb = nbformat.read(path, 4)
        for key in ("files", "reads"):
            nb.metadata.get("analysis", {}).pop(key, None)
        copies.append(folder / path.name)
        nbformat.write(nb, copies[-1])
    return copies


def compare(name, case, paths, repeats, with_commands):
    """Floor, batch, command lines, ratios; notebooks that write files do so on every side."""
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    with tempfile.TemporaryDirectory() as scratch:
        out = Path(scratch)
        chosen = [word for path in paths for word in ("--notebook", path)]
        batch = [sys.executable, "-m", "analysis", "run", case, "--force", "--out", out / "reports", *chosen]
        given = {path: ("-p", "files", out / "files" / path.stem) if writes(path) else () for path in paths}
        lines = [[[sys.executable, "-m", "papermill", path, out / path.name, "-p", "case", case, *given[path], "--no-progress-bar", "--cwd", ROOT / "notebooks"],
                  [sys.executable, "-m", "nbconvert", "--to", "html", "--log-level", "ERROR", out / path.name]] for path in paths]
        sides = {"底线": [[sys.executable, __file__, "--files", out / "floor", "--floor", *paths]], "批量": [batch]}
        if with_commands:
            sides["命令行"] = [command for pair in lines for command in pair]
        # Side by side: each side once, then each again, so that a slow minute of the machine is everybody's.
        rounds = [{side: measure(*commands, env=env, cwd=ROOT) for side, commands in sides.items()} for _ in range(repeats)]
        low, ours, *theirs = (tuple(statistics.median(times[side][column] for times in rounds) for column in (0, 1)) for side in sides)
        print(f"{name}：{len(paths)} 篇，{repeats} 轮，底线 {low[0]:.1f} s（CPU {low[1]:.1f} s）；批量 {ours[0]:.1f} s（CPU {ours[1]:.1f} s），CPU 为底线的 {ours[1] / low[1]:.2f} 倍", flush=True)
        for wall, cpu in theirs:
            each = "、".join(f"{times['命令行'][0] / times['批量'][0]:.1f}" for times in rounds)
            print(f"  papermill 与 nbconvert 命令行依次 {wall:.1f} s（CPU {cpu:.1f} s）；批量快 {wall / ours[0]:.1f} 倍（各轮 {each}），CPU 省 {cpu / ours[1]:.1f} 倍", flush=True)
        log = out / "log"
        again = measure([*(word for word in batch if word != "--force"), "--log", log], env=env, cwd=ROOT)
        changed = "（其间代码有改动，重新运行了）" if "重新运行" in log.read_text("utf-8") else ""
        print(f"  没有变化时再运行 {again[0]:.1f} s（CPU {again[1]:.1f} s）{changed}", flush=True)


def left_over(count):
    """Processes left of a run of ``count`` notebooks, known by a mark in the environment they began with."""
    mark = uuid.uuid4().hex
    with tempfile.TemporaryDirectory() as scratch:
        out = Path(scratch)
        chosen = [word for path in write(out, count, TINY) for word in ("--notebook", path)]
        wall, cpu = measure([sys.executable, "-m", "analysis", "run", "anhui-2016", "--out", out / "reports", *chosen], env={**os.environ, "PYTHONPATH": str(ROOT), "BENCH_MARK": mark}, cwd=ROOT)
    left = 0
    for environ in Path("/proc").glob("[0-9]*/environ"):
        try:
            left += mark.encode() in environ.read_bytes()
        except OSError:
            continue
    print(f"{count} 篇极小的笔记本 {wall:.1f} s（CPU {cpu:.1f} s，每篇 {1000 * cpu / count:.0f} ms）；结束后留下 {left} 个进程")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="one repeat; with files no command lines")
    parser.add_argument("--case", default="demo")
    parser.add_argument("--notebooks", nargs="*", default=None, help="numbers, e.g. 01 02 03")
    parser.add_argument("--parts", nargs="*", default=["demo", "files", "light", "many"])
    parser.add_argument("--floor", nargs="+", help=argparse.SUPPRESS)
    parser.add_argument("--files", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.floor:
        floor(options.floor, options.files)
        return
    repeats = 1 if options.quick else 3
    paths = [path for path in sorted((ROOT / "notebooks").glob("[0-9]*.ipynb")) if not options.notebooks or path.stem[:2] in options.notebooks]
    if "demo" in options.parts:
        with tempfile.TemporaryDirectory() as scratch:
            compare(f"{options.case}，只做网页", options.case, pages_only(Path(scratch), paths), repeats, True)
    if "files" in options.parts:
        compare(f"{options.case}，连同清单和讲义", options.case, paths, 1, not options.quick)
    if "light" in options.parts:
        with tempfile.TemporaryDirectory() as scratch:
            compare("轻篇", "anhui-2016", write(Path(scratch), 14, LIGHT), repeats, True)
    if "many" in options.parts:
        left_over(95)


if __name__ == "__main__":
    main()
