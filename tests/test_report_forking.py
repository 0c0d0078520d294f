"""Kernels forked from one preloaded process behave as new interpreters do."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from pathlib import Path

import nbformat
import pytest
from nbformat import v4
from test_report_engine import ROOT, made, outputs, run

from analysis.report import forking

pytestmark = pytest.mark.skipif(not forking.possible(), reason="kernels are forked on Linux only")

SEEN = """
import json, os, random, signal, sys
import numpy as np
import matplotlib
print(json.dumps({"argv": len(sys.argv), "path": [p for p in sys.path if "site-packages" not in p and p], "cwd": os.getcwd(), "backend": matplotlib.get_backend(),
                  "encoding": sys.stdout.encoding, "main": sorted(k for k in vars(sys.modules["__main__"]) if k in ("Serving", "main", "become_kernel")),
                  "draws": [random.random(), np.random.random()], "interrupt": signal.getsignal(signal.SIGINT) is signal.SIG_IGN,
                  "stdin": os.readlink("/proc/self/fd/0"), "secret": os.environ.get("ONLY_HERE"), "pid": os.getpid(), "ppid": os.getppid(), "group": os.getpgrp()}))
"""


@pytest.fixture(scope="module")
def zygote():
    made = forking.Zygote(["ipykernel.kernelapp", "numpy", "matplotlib.pyplot", "no_such_module_anywhere"], ROOT)
    yield made
    made.close()


def seen(zygote=None) -> dict:
    done = run(made(SEEN), zygote=zygote)
    assert done.ok, done.error
    return json.loads(outputs(done.nb))


def test_kernels_side_by_side_have_one_thread_each_unless_the_user_says_otherwise(monkeypatch):
    monkeypatch.delenv("OPENBLAS_NUM_THREADS", raising=False)
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    env = forking.base_environment(ROOT)
    assert env["OPENBLAS_NUM_THREADS"] == "1" and env["OMP_NUM_THREADS"] == "3" and env["PYTHONPATH"].split(os.pathsep)[0] == str(ROOT)


def test_a_forked_kernel_finds_what_a_new_interpreter_finds(zygote, monkeypatch):
    monkeypatch.setenv("ONLY_HERE", "set after the zygote was made")
    new, forked = seen(), seen(zygote)
    same = [key for key in new if key not in ("draws", "pid", "ppid", "group", "stdin")]
    assert {key: forked[key] for key in same} == {key: new[key] for key in same}
    assert forked["ppid"] == zygote.process.pid and new["ppid"] == os.getpid()
    assert forked["group"] == forked["pid"] and forked["stdin"] == os.devnull


def test_a_forked_kernel_has_no_debugger_but_a_notebook_may_load_one(zygote):
    done = run(made("import sys\nprint('debugpy' in sys.modules, hasattr(get_ipython().kernel, 'debugger'))\nimport debugpy\nprint(debugpy.__name__)"), zygote=zygote)
    assert outputs(done.nb).split() == ["False", "False", "debugpy"], done.error


def test_two_forks_do_not_draw_the_same_numbers(zygote):
    one, two = seen(zygote)["draws"], seen(zygote)["draws"]
    assert not set(one) & set(two)


def test_what_a_package_finds_only_when_asked_is_there_before_the_fork():
    made_of = forking.Zygote(["ipykernel.kernelapp", *forking.imported([nbformat.writes(v4.new_notebook(cells=[v4.new_code_cell("from analysis import read_case")]))])], ROOT)
    try:
        done = run(made("import sys; print('analysis.case' in sys.modules)"), zygote=made_of)
        assert done.ok and outputs(done.nb).strip() == "True"
    finally:
        made_of.close()


def test_what_cannot_be_imported_beforehand_fails_where_it_is_wanted(zygote):
    assert "ModuleNotFoundError" in run(made("import no_such_module_anywhere"), zygote=zygote).error


def test_a_dead_forked_kernel_and_one_over_its_time_are_told_as_ever(zygote):
    assert "意外退出" in run(made("import os; os._exit(3)"), zygote=zygote).error
    assert "超过时限 1 秒" in run(made("import time; time.sleep(60)"), zygote=zygote, timeout=1).error
    assert run(made("print(1)"), zygote=zygote).ok


def test_exit_statuses_are_those_of_the_process(zygote):
    process = zygote.fork(["--no-such-option-of-a-kernel=("], forking.base_environment(ROOT), ROOT, Path(os.devnull))
    assert process.wait(30) != 0
    again = zygote.fork(["-f", "/no/such/folder/c.json"], forking.base_environment(ROOT), ROOT, Path(os.devnull))
    again.kill()
    assert again.wait(30) in (-signal.SIGKILL, 1)


def test_several_notebooks_at_once_get_their_own_answers(zygote):
    answers = {}

    def one(number):
        answers[number] = outputs(run(made(f"print({number} ** 2)"), zygote=zygote).nb).strip()

    threads = [threading.Thread(target=one, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == {n: str(n * n) for n in range(6)}


def test_without_its_zygote_a_kernel_is_a_new_interpreter():
    dead = forking.Zygote([], ROOT)
    dead.process.kill()
    dead.process.wait()
    try:
        done = run(made("import os; print(os.getppid())"), zygote=dead)
        assert done.ok and int(outputs(done.nb)) == os.getpid()
    finally:
        dead.close()


def test_closing_ends_every_kernel_that_was_made():
    zygote = forking.Zygote(["ipykernel.kernelapp"], ROOT)
    results = []
    thread = threading.Thread(target=lambda: results.append(run(made("import time; time.sleep(120)"), zygote=zygote)))
    thread.start()
    until = time.monotonic() + 30
    children = Path(f"/proc/{zygote.process.pid}/task/{zygote.process.pid}/children")
    while not children.read_text().split() and time.monotonic() < until:
        time.sleep(0.05)
    pid = int(children.read_text().split()[0])
    time.sleep(1)
    zygote.close()
    thread.join(60)
    assert "意外退出" in results[0].error or "没有启动成功" in results[0].error
    assert not Path(f"/proc/{pid}").exists()


def test_imports_of_notebooks_are_found_with_magics_and_errors_around_them():
    nb = v4.new_notebook(cells=[v4.new_code_cell("import a.b as c, d\nfrom e import f\nfrom . import g"), v4.new_code_cell("%matplotlib inline\nimport h"),
                                v4.new_markdown_cell("import i")])
    assert forking.imported(["no notebook", "{}", nbformat.writes(nb)]) == ["a.b", "d", "e", "e.f"]


def test_modules_worth_importing_beforehand_exist():
    import importlib

    for name in forking.preloaded():
        importlib.import_module(name)


def test_numbered_notebooks_can_be_read_for_imports():
    found = forking.imported(path.read_text("utf-8") for path in sorted((ROOT / "notebooks").glob("0*.ipynb")))
    assert "analysis.report.show" in found
