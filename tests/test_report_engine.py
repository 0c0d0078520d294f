"""Kernels that nobody reaches and none outlives its run."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path
from queue import Empty
from types import SimpleNamespace

import pytest
from nbformat import v4

from analysis.report import engine, parameters

ROOT = Path(engine.__file__).parents[2]


def made(*code: str, declared: str = 'case: str = "demo"  # 案例'):
    cell = v4.new_code_cell(declared)
    cell.metadata["tags"] = ["parameters"]
    return v4.new_notebook(cells=[cell, *map(v4.new_code_cell, code)],
                           metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}})


def run(nb, given=None, **options):
    return engine.execute(nb, given or {}, root=ROOT, cwd=ROOT, **options)


def outputs(nb) -> str:
    return "".join(output.get("text", "") for cell in nb.cells if cell.cell_type == "code" for output in cell.outputs)


def test_parameters_arrive_as_they_are_and_chinese_stays_readable():
    awkward = '演示"区\'\\n县\n{x}'
    done = run(made("print(repr(case))"), {"case": awkward})
    assert done.ok and outputs(done.nb).strip() == repr(awkward)
    assert "演示" in done.nb.cells[1].source and "\\u" not in done.nb.cells[1].source


def test_a_union_annotation_is_understood_as_a_parameter():
    found = parameters.declared(made(declared='year: int | None = None  # 年份\nnames: list = ["甲"]'))
    assert found["year"] == {"type": "int | None", "default": None, "help": "年份"}
    assert found["names"]["default"] == ["甲"]


@pytest.mark.skipif(os.name != "posix", reason="IPC sockets")
def test_the_kernel_has_no_port_a_private_directory_and_no_history():
    code = (
        "import json, pathlib\nfrom ipykernel import get_connection_file\n"
        "path = pathlib.Path(get_connection_file())\ninfo = json.loads(path.read_text())\n"
        "print(json.dumps([info['transport'], path.parent.stat().st_mode & 0o777, get_ipython().history_manager.enabled, str(path.parent)]))"
    )
    done = run(made(code))
    transport, mode, history, directory = json.loads(outputs(done.nb))
    assert (transport, mode, history) == ("ipc", stat.S_IRWXU, False)
    assert done.transport == engine.IPC and not Path(directory).exists()


def test_a_dead_kernel_is_reported_and_its_children_are_ended(tmp_path):
    mark = tmp_path / "child"
    code = f"import os, subprocess\nchild = subprocess.Popen(['sleep', '300'])\nopen({str(mark)!r}, 'w').write(str(child.pid))\nos._exit(3)"
    if os.name != "posix":
        pytest.skip("process groups")
    done = run(made(code))
    assert "意外退出" in done.error
    state = Path(f"/proc/{mark.read_text()}/stat")
    assert not state.exists() or ") Z " in state.read_text()


class Channel:
    """A channel that says what it is told to, one thing each time it is asked: a message, or nothing."""

    def __init__(self, *said):
        self.said = list(said)

    async def get_msg(self, timeout):
        message = self.said.pop(0)
        if message is None:
            raise Empty
        return message


REPLY = {"msg_type": "kernel_info_reply", "content": {"protocol_version": "5.4"}}


@pytest.mark.parametrize(("shell", "iopub", "asked"), [
    ([REPLY], [{"msg_type": "iopub_welcome"}], 1), ([None, REPLY], [{"msg_type": "status"}], 2), ([REPLY, REPLY], [None, {"msg_type": "status"}], 2)])
def test_a_client_is_ready_when_the_kernel_has_answered_and_is_heard_and_asks_until_then(monkeypatch, shell, iopub, asked):
    client, times = ready_client(monkeypatch, shell, iopub, alive=True)
    asyncio.run(client.wait_for_ready(timeout=60))
    assert len(times) == asked and not client.shell_channel.said and not client.iopub_channel.said


def test_a_client_whose_kernel_is_dead_or_late_gives_up(monkeypatch):
    with pytest.raises(RuntimeError, match="Kernel died"):
        asyncio.run(ready_client(monkeypatch, [None], [], alive=False)[0].wait_for_ready(timeout=60))
    with pytest.raises(RuntimeError, match="didn't respond"):
        asyncio.run(ready_client(monkeypatch, [None], [], alive=True)[0].wait_for_ready(timeout=-1))


def ready_client(monkeypatch, shell, iopub, alive):
    from analysis.report import kernels

    times = []

    async def is_alive(self):
        return alive

    for name, value in {"shell_channel": Channel(*shell), "iopub_channel": Channel(*iopub), "kernel_info": lambda self: times.append(1), "_async_is_alive": is_alive}.items():
        monkeypatch.setattr(kernels.PromptClient, name, value)
    return kernels.PromptClient(), times


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_killing_a_forked_kernel_takes_until_it_has_gone_but_not_for_ever():
    from analysis.report import kernels

    for states in ([None, None, -9], [None] * 1000):
        left = iter(states)
        killed: list[int] = []
        provisioner = kernels.ForkingProvisioner(kernel_id="")
        provisioner.process = SimpleNamespace(poll=lambda: next(left), send_signal=killed.append)
        asyncio.run(asyncio.wait_for(provisioner.kill(), 30))
        assert killed == [signal.SIGKILL] and (len(states) > 3 or next(left, "all asked") == "all asked")


def test_a_notebook_over_its_time_is_stopped_and_says_so():
    done = run(made("print('先')", "import time; time.sleep(60)"), timeout=1)
    assert "超过时限 1 秒" in done.error
    assert "先" in outputs(done.nb)
    assert done.nb.cells[-1].outputs[-1].ename == "NotebookStopped"
    assert not engine._LIVE


def test_the_notebook_given_is_left_unchanged():
    nb = made("x = 1")
    before = nb.copy()
    run(nb, {"case": "乙"})
    assert nb == before


@pytest.mark.parametrize(("value", "kind", "expected"), [
    ("0012", "str", "0012"), ("2022", "int", 2022), (2022, "int | None", 2022), ("", "int | None", None), (None, "Optional[str]", None),
    ("1.5", "float", 1.5), (3, "float", 3.0), ("是", "bool", True), ("false", "bool", False), ("anything", "", "anything"),
])
def test_a_value_becomes_the_declared_type(value, kind, expected):
    result = parameters.convert("p", value, kind)
    assert result == expected and type(result) is type(expected)


@pytest.mark.parametrize(("value", "kind"), [("abc", "int"), ("２０２２年", "int"), (1.5, "int"), (True, "int"), (None, "int"), (5, "str"), ("maybe", "bool")])
def test_a_value_of_another_type_is_refused(value, kind):
    with pytest.raises(parameters.ParameterError, match="参数 p"):
        parameters.convert("p", value, kind)


def test_the_runner_is_loaded_without_pandas_so_that_the_forking_process_begins_at_once():
    code = "import sys, analysis.commands, analysis.report.batch; print([name for name in ('pandas', 'nbformat', 'papermill') if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip() == "[]"
