"""Where units of work are done: in this process's kernels, or on a Dask cluster by address.

Both are asked the same way: ``submit(unit, place, digests, memory)`` gives a ``concurrent.futures`` future of the
unit's :class:`~analysis.report.work.Outcome`, with its page and files in ``place`` when it is done. ``memory`` (see :mod:`analysis.run_memory`) is for kernels of this computer.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Mapping
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from pathlib import Path

from analysis.report import engine, forking, work

PATIENCE = 20


class ClusterError(ValueError):
    """A cluster that cannot be used; the message is for the user."""


class Local:
    """Kernels of this computer, ``width`` at a time; they are processes, so threads suffice."""

    def __init__(self, width: int, root: Path, zygote: forking.Zygote | None):
        self.width, self._root, self._zygote = max(1, width), root, zygote
        self._pool = ThreadPoolExecutor(self.width, thread_name_prefix="notebook")

    def submit(self, unit: work.Unit, place: Path, digests: Mapping[str, str], memory: str = "") -> Future:
        return self._pool.submit(work.perform, unit, place, self._root, self._zygote, memory)

    def stop(self) -> None:
        """End what runs and forget what waits."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        engine.stop_all()

    def close(self) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)

    def missing(self) -> str:
        """Why nothing can go on at present; empty when something can."""
        return ""


class Cluster:
    """A Dask cluster that the user started. A unit whose worker is lost is done by another.

    The case is read at its own path where a worker finds the same file there; the first worker that does not
    makes the runner send its bytes, then and from then on.
    """

    def __init__(self, address: str, plain: bool = False, patience: float = PATIENCE):
        try:
            from distributed import Client
        except ImportError:
            raise ClusterError("--dask 需要软件包 distributed，请先安装：python -m pip install distributed") from None
        if not re.fullmatch(r"(\w+://)?[^\s/]+:\d{1,5}", address):
            raise ClusterError(f"--dask 的地址应形如 tcp://主机:8786，得到的是“{address}”")
        self._plain, self._with_case = plain, False
        try:
            self._client = Client(address, timeout=patience, set_as_default=False)
        except Exception as failure:
            raise ClusterError(f"连不上 Dask 调度器 {address}（{type(failure).__name__}）。请确认 dask scheduler 已启动、地址正确") from None
        try:
            self._client.wait_for_workers(1, timeout=patience)
        except Exception:
            self.close()
            raise ClusterError(f"Dask 调度器 {address} 上没有工作机。请先启动：dask worker {address} --nthreads 1") from None
        self._pool = self._client.get_executor(pure=False)
        self._width = 1

    @property
    def width(self) -> int:
        """Threads of all workers there are now; while none can be asked, as many as there were."""
        with contextlib.suppress(Exception):
            self._width = max(1, sum(self._client.nthreads().values()))
        return self._width

    def submit(self, unit: work.Unit, place: Path, digests: Mapping[str, str], memory: str = "") -> Future:
        outer: Future = Future()
        self._try(unit, place, digests, outer, self._with_case)
        return outer

    def _try(self, unit: work.Unit, place: Path, digests: Mapping[str, str], outer: Future, with_case: bool) -> None:
        inner = self._pool.submit(work.perform_elsewhere, unit, work.parcel(unit, digests, with_case), self._plain)
        inner.add_done_callback(lambda done: self._done(done, unit, place, digests, outer, with_case))

    def _done(self, inner: Future, unit: work.Unit, place: Path, digests: Mapping[str, str], outer: Future, with_case: bool) -> None:
        with _told(outer):
            try:
                outcome, content = inner.result()
            except work.NotHere:
                if with_case:
                    raise
                self._with_case = True
                self._try(unit, place, digests, outer, True)
                return
            except work.OtherCode as failure:
                outcome, content = work.undone(unit, place, str(failure)), {}
            except CancelledError:
                outcome, content = work.undone(unit, place, "与调度器的连接断了，没有做完"), {}
            except OSError:
                raise
            except Exception as failure:
                # Dask gives up a unit that several workers died of.
                words = "做这一篇的工作机接连退出，常见原因是内存不足" if type(failure).__name__ == "KilledWorker" else f"{type(failure).__name__}：{failure}"
                outcome, content = work.undone(unit, place, words), {}
            work.unpack(content, place)
            outer.set_result(outcome)

    def stop(self) -> None:
        with contextlib.suppress(Exception):
            self._pool.shutdown(wait=False)

    def close(self) -> None:
        with contextlib.suppress(Exception):
            self._client.close(timeout=5)

    def missing(self) -> str:
        with contextlib.suppress(Exception):
            if self._client.nthreads():
                return ""
        return "Dask 集群上现在没有工作机，等待中；可按 Ctrl-C 停止"


@contextlib.contextmanager
def _told(outer: Future):
    """Whatever is raised inside reaches who waits for the future."""
    try:
        yield
    except BaseException as failure:
        if not outer.done():
            outer.set_exception(failure)


def make(dask: str | None, width: int, root: Path, zygote: Callable[[], forking.Zygote | None], plain: bool) -> Local | Cluster:
    """The executor asked for; ``zygote`` is called only where kernels are made here."""
    return Cluster(dask, plain) if dask else Local(width, root, zygote())
