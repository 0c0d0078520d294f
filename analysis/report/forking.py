"""Kernels forked from a process that has imported their libraries already (see :mod:`analysis.report.zygote`).

A kernel so made is ready in a fraction of a second and shares the memory of what was imported. Only
where forking is safe: Linux. Elsewhere, and when asked, each kernel is an interpreter of its own.
"""

from __future__ import annotations

import ast
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

from ..process import ONE_THREAD
from ..shipped import rows


# Draws by the ten thousand come and go: memory that glibc gives back for each is cleared by the kernel of the system for the next.
KEEP_FREED = {"MALLOC_MMAP_THRESHOLD_": str(32 << 20), "MALLOC_TRIM_THRESHOLD_": str(512 << 20)}


def possible() -> bool:
    """Whether kernels can be forked here."""
    return sys.platform == "linux"


def preloaded() -> list[str]:
    """Modules that are worth importing before the fork, whatever the notebooks say."""
    return [row["模块"] for row in rows("report_preload")]


def imported(notebooks: Iterable[str]) -> list[str]:
    """Modules named by the import statements of notebooks (their JSON), in order, without repeats; of what cannot be read, none."""
    names: dict[str, None] = {}
    for text in notebooks:
        for source in _sources(text):
            with contextlib.suppress(SyntaxError):
                for node in ast.walk(ast.parse(source)):
                    if isinstance(node, ast.Import):
                        names |= {alias.name: None for alias in node.names}
                    elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                        names |= {node.module: None} | {f"{node.module}.{alias.name}": None for alias in node.names}
    return list(names)


def base_environment(root: Path) -> dict[str, str]:
    """What any kernel's environment begins with: the user's, our root first on the path; notebooks run side by side,
    so that each has one thread for linear algebra where the user has not said otherwise."""
    env = ONE_THREAD | {name: value for name, value in os.environ.items() if name != "MPLBACKEND"}
    paths = [str(root), *filter(None, env.get("PYTHONPATH", "").split(os.pathsep))]
    return env | {"PYTHONPATH": os.pathsep.join(paths), "PYTHONIOENCODING": "utf-8", "PYDEVD_DISABLE_FILE_VALIDATION": "1"}


def _sources(text):
    """Code of a notebook's cells, read without nbformat, which takes longer to load than all else that is done here."""
    try:
        return ["".join(cell["source"]) for cell in json.loads(text)["cells"] if cell["cell_type"] == "code"]
    except (ValueError, LookupError, TypeError):
        return []


class Gone(RuntimeError):
    """The zygote does not answer."""


class Zygote:
    """The forking process, and the way to ask it. ``close`` ends it and every kernel it made."""

    def __init__(self, modules: Iterable[str], root: Path):
        self._lock, self._ready = threading.Lock(), False
        self._wire, other = socket.socketpair()
        with other:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "analysis.report.zygote", str(other.fileno()), *dict.fromkeys(modules)],
                pass_fds=[other.fileno()], env=KEEP_FREED | base_environment(root), cwd=root, start_new_session=True,
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self._lines = self._wire.makefile("rb")

    def ask(self, **request: object) -> dict:
        """One question, one answer; Gone when there is nobody to give it."""
        with self._lock:
            try:
                if not self._ready:
                    self._ready = "ready" in json.loads(self._lines.readline() or "{}")
                self._wire.sendall(json.dumps(request).encode() + b"\n")
                line = self._lines.readline()
            except (OSError, ValueError) as failure:
                raise Gone(str(failure)) from failure
        if not line:
            raise Gone("closed")
        return json.loads(line)

    def fork(self, argv: list[str], env: Mapping[str, str], cwd: Path | str, log: Path) -> ForkedProcess:
        """A kernel with the arguments ``argv``; Gone if it could not be made."""
        answer = self.ask(do="fork", argv=argv, env=dict(env), cwd=str(cwd), log=str(log))
        if "pid" not in answer:
            raise Gone(answer.get("error", ""))
        return ForkedProcess(self, answer["pid"])

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._wire.shutdown(socket.SHUT_RDWR)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(10)
        self._lines.close()
        self._wire.close()


class ForkedProcess:
    """What jupyter_client wants of a ``Popen``, for a process whose parent is the zygote."""

    stdin = stdout = stderr = None

    def __init__(self, zygote: Zygote, pid: int):
        self.zygote, self.pid, self.returncode = zygote, pid, None

    def poll(self) -> int | None:
        if self.returncode is None:
            try:
                self.returncode = self.zygote.ask(do="poll", pid=self.pid)["status"]
            except Gone:
                # The zygote takes its kernels with it.
                self.returncode = -signal.SIGKILL
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        end = None if timeout is None else time.monotonic() + timeout
        while self.poll() is None:
            if end is not None and time.monotonic() > end:
                raise subprocess.TimeoutExpired("kernel", timeout)
            time.sleep(0.01)
        return self.returncode

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)
