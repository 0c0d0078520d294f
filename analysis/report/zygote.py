"""A process that has imported what notebooks import, and forks into kernels on request.

Run as ``python -m analysis.report.zygote FD MODULE …`` with one end of a socket pair. Requests
and answers are lines of JSON. It never has a second thread, opens no ZeroMQ context and chooses no
chart backend, so that a fork of it is as good as a new interpreter. When the other end closes (the run
has ended, or was killed) it kills the kernels it made and leaves.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import signal
import socket
import sys

INLINE = "module://matplotlib_inline.backend_inline"


def main(arguments: list[str]) -> None:
    """Import, say so, and serve until the other end closes."""
    wire = socket.socket(fileno=int(arguments[0]))
    # ``python -m`` puts the current folder first; a kernel does without.
    del sys.path[0]
    # Importing makes objects that stay: looking through them again and again takes a third of the time.
    gc.disable()
    # Nobody can attach to these kernels; a debugger takes half of the time that a fork needs to become a kernel.
    sys.modules["debugpy"] = None
    _load("ipykernel.debugger")
    del sys.modules["debugpy"]
    for name in arguments[1:]:
        _load(name)
    gc.freeze()
    gc.enable()
    Serving(wire).loop()


def _load(name: str) -> None:
    """Import a module, or what a package finds only when asked for it (``analysis.read_case``).

    What cannot be imported here fails, with its reason, in the notebook that wants it.
    """
    with contextlib.suppress(Exception):
        try:
            importlib.import_module(name)
        except ModuleNotFoundError:
            package, _, attribute = name.rpartition(".")
            getattr(importlib.import_module(package), attribute)


class Serving:
    """The requests ``fork`` (argv, env, cwd, log → pid) and ``poll`` (pid → exit status or null)."""

    def __init__(self, wire: socket.socket):
        self.wire, self.children, self.ended = wire, set(), {}

    def loop(self) -> None:
        self.say({"ready": os.getpid()})
        with self.wire.makefile("rb") as lines:
            for line in lines:
                request = json.loads(line)
                if request["do"] == "fork":
                    self.say(self.fork(request))
                else:
                    self.say({"status": self.poll(request["pid"])})
        for pid in self.children:
            with contextlib.suppress(OSError):
                os.killpg(pid, signal.SIGKILL)
        for pid in self.children:
            with contextlib.suppress(OSError):
                os.waitpid(pid, 0)

    def say(self, answer: dict) -> None:
        self.wire.sendall(json.dumps(answer).encode() + b"\n")

    def fork(self, request: dict) -> dict:
        try:
            pid = os.fork()
        except OSError as failure:
            return {"error": failure.strerror}
        if pid == 0:
            status = 1
            try:
                self.wire.close()
                become_kernel(request)
                status = 0
            except SystemExit as leaving:
                status = leaving.code if isinstance(leaving.code, int) else 1
            except BaseException:
                import traceback

                traceback.print_exc()
            finally:
                with contextlib.suppress(Exception):
                    sys.stdout.flush()
                    sys.stderr.flush()
                os._exit(status)
        # Both sides set the group, so that it exists whichever is first.
        with contextlib.suppress(OSError):
            os.setpgid(pid, pid)
        self.children.add(pid)
        return {"pid": pid}

    def poll(self, pid: int) -> int | None:
        if pid in self.children:
            with contextlib.suppress(ChildProcessError):
                done, status = os.waitpid(pid, os.WNOHANG)
                if not done:
                    return None
                self.ended[pid] = os.waitstatus_to_exitcode(status)
            self.children.discard(pid)
        return self.ended.get(pid, 0)


def become_kernel(request: dict) -> None:
    """In the fork: everything that ``python -m ipykernel_launcher`` would find in a new process."""
    parent = os.getppid()
    with contextlib.suppress(OSError):
        os.setpgid(0, 0)
    _die_with(parent)
    os.environ.clear()
    os.environ.update(request["env"] | {"JPY_PARENT_PID": str(parent), "MPLBACKEND": INLINE})
    os.chdir(request["cwd"])
    empty, log = os.open(os.devnull, os.O_RDONLY), os.open(request["log"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    for source, target in ((empty, 0), (log, 1), (log, 2)):
        os.dup2(source, target)
    os.close(empty), os.close(log)
    sys.argv = ["ipykernel_launcher", *request["argv"]]
    _new_randomness()
    if "matplotlib" in sys.modules:
        with contextlib.suppress(Exception):
            sys.modules["matplotlib"].use(INLINE)
    sys.modules["__main__"].__dict__.pop("Serving", None)
    from ipykernel.kernelapp import launch_new_instance

    launch_new_instance()


def _new_randomness() -> None:
    """Forks would all draw the same numbers from generators nobody seeded."""
    import random

    random.seed()
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed()


def _die_with(parent: int) -> None:
    """Ask Linux to kill this process when the zygote goes, even by SIGKILL."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            import ctypes

            ctypes.CDLL(None).prctl(1, signal.SIGKILL, 0, 0, 0)
            if os.getppid() != parent:
                os._exit(1)


if __name__ == "__main__":
    main(sys.argv[1:])
    # Taking all those modules apart would keep the run waiting for a tenth of a second.
    os._exit(0)
