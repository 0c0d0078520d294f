"""Two runs of one report do not meet; whoever dies holding the lock holds it no longer."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import pytest
from test_report_batch import GOOD, notebook, project, run  # noqa: F401 - project is a fixture

from analysis.report import batch, locks

ROOT = Path(locks.__file__).parents[2]


def holder(out: Path, name: str = "demo", then: str = "time.sleep(120)") -> subprocess.Popen:
    """Another process that has the lock."""
    code = f"import time\nfrom pathlib import Path\nfrom analysis.report import locks\nlock = locks.take(Path({str(out)!r}), {name!r})\nprint('held', flush=True)\n{then}"
    process = subprocess.Popen([sys.executable, "-c", textwrap.dedent(code)], env=os.environ | {"PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE)
    assert process.stdout.readline().strip() == b"held"
    return process


def test_a_lock_is_had_by_one_and_given_back(tmp_path):
    with locks.take(tmp_path, "demo"), locks.take(tmp_path, "other"):
        with pytest.raises(locks.Busy) as refused:
            locks.take(tmp_path, "demo")
        assert refused.value.holder.pid == os.getpid() and f"进程 {os.getpid()}，" in str(refused.value)
    with locks.take(tmp_path, "demo") as lock:
        assert lock.former is None
    assert not (tmp_path / locks.FOLDER).exists()


def test_who_was_killed_holding_it_holds_it_no_longer(tmp_path):
    process = holder(tmp_path)
    with pytest.raises(locks.Busy) as refused:
        locks.take(tmp_path, "demo")
    assert refused.value.holder.pid == process.pid
    process.kill()
    process.wait()
    with locks.take(tmp_path, "demo") as lock:
        assert lock.former.pid == process.pid
        assert json.loads(lock.path.read_text())["pid"] == os.getpid()


@pytest.mark.parametrize("text", ["", "{", '{"pid": 1}', "[1]", '{"pid": "x", "host": "", "since": ""}'])
def test_a_lock_file_that_says_nothing_is_no_hindrance(tmp_path, text):
    (tmp_path / locks.FOLDER).mkdir()
    (tmp_path / locks.FOLDER / "demo").write_text(text)
    locks.take(tmp_path, "demo").release()


@pytest.mark.parametrize(("pid", "host", "free"), [(99999999, socket.gethostname(), True), (os.getppid(), socket.gethostname(), False), (99999999, "elsewhere", False)])
def test_on_a_file_system_without_locks_a_living_process_counts(tmp_path, monkeypatch, pid, host, free):
    monkeypatch.setattr(locks, "_lock", lambda handle: None)
    (tmp_path / locks.FOLDER).mkdir()
    (tmp_path / locks.FOLDER / "demo").write_text(json.dumps({"pid": pid, "host": host, "since": "2026-01-31T08:05:09+08:00"}))
    if free:
        locks.take(tmp_path, "demo").release()
    else:
        with pytest.raises(locks.Busy, match="2026年1月31日 08:05 开始"):
            locks.take(tmp_path, "demo")


def test_many_that_want_it_at_once_have_it_one_after_the_other(tmp_path):
    inside, most, had = [0], [0], []

    def one(number):
        with locks.wait(tmp_path, "demo", 60):
            inside[0] += 1
            most[0] = max(most[0], inside[0])
            time.sleep(0.002)
            inside[0] -= 1
            had.append(number)

    threads = [threading.Thread(target=one, args=(n,)) for n in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1] and sorted(had) == list(range(12))


@pytest.fixture()
def quick(project, monkeypatch):  # noqa: F811
    """A project whose notebooks are done by a plain function."""
    from analysis.report import forking, work

    def perform(unit, place, root=None, zygote=None, memory=""):
        (place / f"{unit.stem}.html").write_text("<html></html>", encoding="utf-8")
        return work.Outcome(True, 0.0)

    monkeypatch.setattr(work, "perform", perform)
    monkeypatch.setattr(forking, "possible", lambda: False)
    notebook(project / "notebooks/01_ranking.ipynb", GOOD)
    return project


def test_the_second_run_says_who_runs_since_when_and_the_other_cases_are_done(quick):
    process = holder(quick / "reports")
    try:
        result, said = run(["demo", "other"])
    finally:
        process.kill()
        process.wait()
    assert result.exit_status == 1 and [s.exit_status for s in result.summaries] == [1, 0]
    assert f"[demo] 另一次运行正在生成这份报告（进程 {process.pid}，" in said and "加 --wait" in said
    assert not (quick / "reports/demo").exists() and (quick / "reports/other/index.html").exists()
    result, said = run(["demo"])
    assert result.exit_status == 0 and "上次运行没有正常结束" in said and f"进程 {process.pid}" in said


def test_a_run_that_waits_does_the_others_first_and_then_its_own(quick):
    done = str(quick / "reports/other/index.html")
    process = holder(quick / "reports", then=f"import os\nuntil = time.monotonic() + 100\nwhile not os.path.exists({done!r}) and time.monotonic() < until: time.sleep(0.05)")
    result, said = run(["demo", "other"], waiting=True)
    assert process.wait() == 0 and result.exit_status == 0
    assert "等它结束" in said and said.index("[other] 全部完成") < said.index("[demo] 全部完成")
    assert [s.case for s in result.summaries] == ["demo", "other"]


def test_a_run_that_fails_leaves_no_lock(quick, monkeypatch):
    monkeypatch.setattr(batch, "_prepare_case", lambda case, out: (_ for _ in ()).throw(RuntimeError("没有料到")))
    with pytest.raises(RuntimeError):
        run(["demo"])
    locks.take(quick / "reports", "demo").release()
