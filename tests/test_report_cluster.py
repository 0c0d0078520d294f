"""Notebooks done by Dask workers: the same report, whoever does it and whoever dies doing it."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
from test_report_batch import GOOD, PARAMETERS, WRITER, _running, fake_case, notebook, project, run  # noqa: F401 - project is a fixture

from analysis.report import batch, engine, executors, manifest, work

ROOT = Path(engine.__file__).parents[2]
needs_dask = pytest.mark.skipif(importlib.util.find_spec("distributed") is None, reason="没有安装 distributed / distributed is not installed")


@contextmanager
def cluster(tmp: Path, workers: int = 2, **environment: str):
    """A scheduler and workers on the loopback address: its address, and the worker processes."""
    file = tmp / "scheduler.json"
    env = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"} | environment
    common = {"env": env, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": tmp}
    quiet = ["--no-dashboard", "--scheduler-file", str(file)]
    started = [subprocess.Popen([sys.executable, "-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0", *quiet], **common)]
    try:
        for number in range(workers):
            started.append(subprocess.Popen([sys.executable, "-m", "distributed.cli.dask_worker", "--host", "127.0.0.1", "--nthreads", "1", "--no-nanny", "--name", f"w{number}",
                                             "--local-directory", str(tmp), *quiet], **common))
        until = time.monotonic() + 60
        while not file.exists() and time.monotonic() < until:
            time.sleep(0.05)
        address = json.loads(file.read_text())["address"]
        from distributed import Client

        with Client(address, set_as_default=False) as client:
            if workers:
                client.wait_for_workers(workers, timeout=60)
        yield address, started[1:]
    finally:
        for process in started:
            process.kill()
            process.wait()


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    with cluster(tmp_path_factory.mktemp("cluster")) as (address, _):
        yield address


@pytest.fixture()
def real(project, monkeypatch):  # noqa: F811
    """The project with cases that lie somewhere: a worker looks there."""
    def read(name):
        case = fake_case(name)
        case.path = project / f"{name}.xlsx"
        case.path.write_bytes(name.encode())
        return case

    monkeypatch.setattr(batch, "_read_case", read)
    return project


def main_part(page: Path) -> str:
    """What a page says, without its footer, which names the minute, and the ids that are drawn anew for each run."""
    return re.sub(r'id="cell-id=\w+"', "", page.read_text("utf-8").partition("<main")[2].partition("<footer")[0])


@needs_dask
def test_a_cluster_makes_the_report_that_this_computer_makes(real, running):
    declared = PARAMETERS + '\nfiles: str = ""\nformer: str = ""\nfollow: str = ""'
    notebook(real / "notebooks/01_ranking.ipynb", "print(year, district)\n" + GOOD.rpartition("\n")[0])
    notebook(real / "notebooks/04_lists.ipynb", WRITER, "print(Path(follow).read_text() if Path(follow).is_file() else [p.read_text() for p in sorted(Path(follow).iterdir())])",
             parameters=declared, folder="lists")
    notebook(real / "notebooks/05_bad.ipynb", "raise ValueError('指标没有数')")
    back = real / "交回"
    back.mkdir()
    (back / "甲镇.xlsx").write_text("甲镇填的")
    found = {}
    for place, options in (("here", {}), ("there", {"dask": running})):
        for _ in range(2):
            result, said = run(["demo"], parameters={"district": "邻近区", "follow": str(back)}, out=place, force=True, **options)
            assert result.exit_status == 1 and "[demo] 1 篇未完成" in said
        report = real / place / "demo"
        content = manifest.read(report)
        assert not manifest.check(report, content)
        pages = {name: main_part(report / name) for name in ("01_ranking.html", "04_lists.html", "05_bad.html")}
        assert "甲镇填的" in pages["04_lists.html"] and "指标没有数" in pages["05_bad.html"] and "清单.txt" in pages["04_lists.html"]
        strip = [{key: value for key, value in item.items() if key not in ("seconds", "transport")} for item in content["notebooks"]]
        for item in strip:
            item["parameters"].pop("follow", None)
        found[place] = pages, strip, (report / "lists/清单.txt").read_text("utf-8"), sorted(p.name for p in report.iterdir())
    assert found["here"] == found["there"]


@needs_dask
def test_a_case_that_a_worker_cannot_read_where_it_lies_is_sent_to_it(real, running, tmp_path):
    path = notebook(real / "notebooks/01.ipynb", "from pathlib import Path\nprint('内容', Path(case).read_text(), Path(case).name)")
    case = tmp_path / "案例.xlsx"
    case.write_text("本机的")
    unit = work.Unit(str(case), "01", path.read_text("utf-8"), str(tmp_path), {}, ("case",), "", "", {"title": "篇"}, 60)
    remote = executors.Cluster(running)
    try:
        for _ in range(2):
            # The worker finds a file there, but not the one that was checked.
            assert remote.submit(unit, tmp_path, {"案例.xlsx": "0" * 64}).result(120).ok
            assert "内容 本机的 案例.xlsx" in (tmp_path / "01.html").read_text("utf-8")
    finally:
        remote.close()


@needs_dask
@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_what_a_killed_worker_was_doing_is_done_by_the_other(real, tmp_path):
    marks, go = tmp_path / "marks", tmp_path / "go"
    marks.mkdir()
    slow = (f"import os, time, uuid\nfrom pathlib import Path\nPath({str(marks)!r}, uuid.uuid4().hex).write_text(f'{{os.getpid()}} {{case}}')\n"
            f"end = time.time() + 100\nwhile not Path({str(go)!r}).exists() and time.time() < end: time.sleep(0.05)\nprint('做完')")
    for name in ("01_a", "02_b", "03_c"):
        notebook(real / f"notebooks/{name}.ipynb", slow)
    # What the killed one leaves is cleared away by the other. Names of sockets must be short.
    with tempfile.TemporaryDirectory(dir="/tmp") as scratch, cluster(tmp_path, TMPDIR=scratch) as (address, workers):
        answer = []
        thread = threading.Thread(target=lambda: answer.append(run(["demo"], dask=address)))
        thread.start()
        until = time.monotonic() + 90
        while sum(bool(path.read_text()) for path in marks.iterdir()) < 2 and time.monotonic() < until:
            time.sleep(0.1)
        kernels = [int(path.read_text().split()[0]) for path in marks.iterdir()]
        workers[0].send_signal(signal.SIGKILL)
        workers[0].wait()
        left = list(Path(scratch).glob(f"nb-{workers[0].pid}-*"))
        until = time.monotonic() + 30
        while all(map(_running, kernels)) and time.monotonic() < until:
            time.sleep(0.1)
        assert sum(map(_running, kernels)) == 1
        go.write_text("")
        thread.join(120)
        assert left and not list(Path(scratch).glob("nb-*"))
    [(result, said)] = answer
    assert result.exit_status == 0, said
    assert len(list(marks.iterdir())) == 4
    assert all("做完" in (real / f"reports/demo/{name}.html").read_text("utf-8") for name in ("01_a", "02_b", "03_c"))


@needs_dask
@pytest.mark.parametrize(("address", "words"), [("nowhere", "地址应形如"), ("tcp://127.0.0.1:9", "连不上 Dask 调度器")])
def test_a_cluster_that_is_not_there_is_told_with_status_2(real, monkeypatch, address, words):
    notebook(real / "notebooks/01_ranking.ipynb", GOOD)
    monkeypatch.setattr(executors.Cluster.__init__, "__defaults__", (False, 2))
    result, said = run(["demo"], dask=address)
    assert result.exit_status == 2 and words in said and not (real / "reports/demo").exists()


@needs_dask
def test_a_scheduler_without_workers_is_told(real, tmp_path, monkeypatch):
    notebook(real / "notebooks/01_ranking.ipynb", GOOD)
    monkeypatch.setattr(executors.Cluster.__init__, "__defaults__", (False, 2))
    with cluster(tmp_path, workers=0) as (address, _):
        assert "没有工作机" in run(["demo"], dask=address)[1]


def test_without_the_package_the_way_to_it_is_told(real, monkeypatch):
    notebook(real / "notebooks/01_ranking.ipynb", GOOD)
    monkeypatch.setitem(sys.modules, "distributed", None)
    result, said = run(["demo"], dask="tcp://127.0.0.1:8786")
    assert result.exit_status == 2 and "需要软件包 distributed" in said


@pytest.mark.parametrize("change", ["code", "versions"])
def test_a_worker_of_another_version_refuses(real, tmp_path, change):
    path = notebook(real / "notebooks/01.ipynb", "1")
    unit = work.Unit(str(path), "01", path.read_text("utf-8"), "", {}, (), "", "", {"title": "篇"}, 60)
    sent = work.parcel(unit, {}, True)
    other = work.replace(sent, **{change: "0" if change == "code" else {**sent.versions, "pandas": "0.1"}})
    with pytest.raises(work.OtherCode, match="同一版本" if change == "code" else "pandas"):
        work.perform_elsewhere(unit, other)


@pytest.mark.parametrize("name", ["../x", "a/../../x", "/tmp/x"])
def test_packed_files_stay_inside(tmp_path, name):
    with pytest.raises(OSError, match="不在"):
        work.unpack({name: b""}, tmp_path / "in")
