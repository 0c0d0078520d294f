"""A papermill engine whose kernels nobody outside can reach and none outlives its run.

On POSIX the kernel talks over IPC sockets in a private directory (mode 0700);
elsewhere over TCP on the loopback address, each message signed with a key
(HMAC-SHA256). ``create_kernel_manager`` is the one place that decides what a
kernel is, so another way of starting one replaces only that.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from analysis.report.publish import alive

ENGINE = "assessment"
IPC, TCP = "ipc", "tcp"
TRANSPORTS = {
    IPC: "进程间套接字（仅限本机本用户，不占网络端口）",
    TCP: "本机回环地址 TCP（消息带 HMAC-SHA256 签名）",
}
# sun_path holds 104 bytes on macOS and 108 on Linux; the longest name we add is "/k-5".
_SOCKET_LIMIT = 95
_PREFIX = "nb-"
_LIVE: set[Session] = set()
_LIVE_LOCK = threading.Lock()


class NotebookStopped(Exception):
    """The kernel died or ran out of time; the message says which, in Chinese."""


@dataclass(eq=False)
class Session:
    """One notebook's kernel: where its files are and what it may use."""

    directory: Path
    transport: str
    root: Path
    cwd: Path
    deadline: float
    timeout: float
    zygote: object = None
    memory: str = ""
    nb: object = None
    pgid: int | None = None
    provisioner: object = None

    def end(self) -> None:
        """Kill whatever is left of the kernel's process group. Safe to call twice."""
        if self.pgid is not None and hasattr(os, "killpg"):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pgid, signal.SIGKILL)
        process = getattr(self.provisioner, "process", None)
        if process is not None:
            with contextlib.suppress(OSError):
                process.kill()
            with contextlib.suppress(Exception):
                process.wait(5)

    def log_tail(self) -> str:
        with contextlib.suppress(OSError):
            lines = (self.directory / "kernel.log").read_text("utf-8", "replace").strip().splitlines()
            return lines[-1][:300] if lines else ""
        return ""


@dataclass(frozen=True)
class Execution:
    """What became of one notebook."""

    nb: object
    seconds: float
    transport: str
    error: str = ""
    parameters: Mapping[str, object] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        return not self.error


@cache
def papermill_ready() -> object:
    """The papermill module with our engine and translator registered.

    jsonschema offers an optional check of internationalised addresses whose
    grammar takes over a second to build; it is kept out while papermill loads,
    since notebooks are checked against a schema that has none.
    """
    hidden = "rfc3987_syntax" not in sys.modules and "jsonschema" not in sys.modules
    if hidden:
        sys.modules["rfc3987_syntax"] = None
    try:
        import papermill
    finally:
        if hidden:
            del sys.modules["rfc3987_syntax"]
    from papermill.translators import PythonTranslator, papermill_translators

    from analysis.report import kernels

    class ReadableTranslator(PythonTranslator):
        """Chinese stays Chinese in the injected cell; ``int | None`` is understood."""

        PARAMETER_PATTERN = re.compile(
            PythonTranslator.PARAMETER_PATTERN.pattern.replace(r"[\w_\[\],\s]*", r"[\w_\[\],\s|.]*"))

        @classmethod
        def translate_escaped_str(cls, str_val):
            return repr(str(str_val))

    if ReadableTranslator.PARAMETER_PATTERN == PythonTranslator.PARAMETER_PATTERN:
        raise RuntimeError("papermill 的参数识别方式已变，请使用固定的版本")
    papermill_translators.register("python", ReadableTranslator)
    kernels.register(ENGINE)
    return papermill


def own_prefix() -> str:
    """How the name of a private directory of this process begins; one that it leaves, because it was killed, is removed by :func:`sweep`."""
    return f"{_PREFIX}{os.getpid()}-"


def choose_transport() -> tuple[Path, str]:
    """A private directory and the transport its path allows."""
    prefix = own_prefix()
    if os.name != "posix":
        return Path(tempfile.mkdtemp(prefix=prefix)), TCP
    for parent in (None, "/tmp"):
        with contextlib.suppress(OSError):
            directory = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
            if len(os.fsencode(directory / "k")) <= _SOCKET_LIMIT:
                return directory, IPC
            directory.rmdir()
    return Path(tempfile.mkdtemp(prefix=prefix)), TCP


def private_folder() -> Path:
    """A folder of this run only."""
    return Path(tempfile.mkdtemp(prefix=own_prefix()))


def sweep() -> None:
    """Remove the private directories of runs, and of a cluster's workers, that were killed before they could."""
    for parent in {Path(tempfile.gettempdir()), Path("/tmp")}:
        for path in parent.glob(f"{_PREFIX}*-*"):
            pid = path.name.removeprefix(_PREFIX).split("-")[0]
            with contextlib.suppress(OSError):
                mine = not hasattr(os, "getuid") or path.lstat().st_uid == os.getuid()
                if mine and pid.isdigit() and not path.is_symlink() and not alive(int(pid)):
                    shutil.rmtree(path, ignore_errors=True)


def execute(
    nb: object,
    parameters: Mapping[str, object],
    *,
    root: Path,
    cwd: Path,
    timeout: float = 600,
    start_timeout: float = 90,
    zygote: object = None,
    memory: str = "",
) -> Execution:
    """Run a notebook through papermill; a failing notebook is returned, not raised.

    Parameters
    ----------
    nb : notebook node (left unchanged).
    parameters : checked values, passed as Python objects.
    root : project root, first on the kernel's PYTHONPATH.
    cwd : the kernel's working directory.
    timeout : seconds allowed for the whole notebook, kernel start not counted.
    zygote : :class:`analysis.report.forking.Zygote` to fork the kernel from; without one the kernel is a new interpreter.
    memory : folder that the notebooks of a case share, see :mod:`analysis.run_memory`; empty for none.
    """
    import copy

    papermill = papermill_ready()
    directory, transport = choose_transport()
    session = Session(directory, transport, root, cwd, deadline=float("inf"), timeout=timeout, zygote=zygote, memory=memory)
    with _LIVE_LOCK:
        _LIVE.add(session)
    started, error = time.monotonic(), ""
    try:
        done = papermill.execute_notebook(
            copy.deepcopy(nb), None, parameters=dict(parameters), engine_name=ENGINE, kernel_name="python3",
            language="python", progress_bar=False, autosave_cell_every=0, start_timeout=start_timeout, session=session,
        )
    except papermill.PapermillExecutionError as failure:
        done, error = session.nb, f"{failure.ename}：{failure.evalue}"
    except NotebookStopped as failure:
        done, error = session.nb, str(failure)
        _note_stop(done, error)
    finally:
        session.end()
        with _LIVE_LOCK:
            _LIVE.discard(session)
        shutil.rmtree(directory, ignore_errors=True)
    return Execution(done, round(time.monotonic() - started, 2), transport, error, dict(parameters))


def _note_stop(nb: object, message: str) -> None:
    """Put the reason where the notebook stopped, as a cell error would be."""
    from nbformat import v4

    code = [cell for cell in nb.cells if cell.cell_type == "code"]
    states = {cell.id: cell.metadata.get("papermill", {}).get("status") for cell in code}
    stopped = [cell for cell in code if states[cell.id] in ("running", "failed")]
    if not stopped:
        ran = [cell for cell in code if cell.metadata.get("papermill", {}).get("start_time")]
        stopped = ran[-1:] or code[:1]
    if stopped:
        stopped[-1].outputs.append(v4.new_output("error", ename="NotebookStopped", evalue=message, traceback=[message]))


def stop_all() -> None:
    """End every kernel now running, for a run that is being interrupted."""
    with _LIVE_LOCK:
        sessions = list(_LIVE)
    for session in sessions:
        session.end()
