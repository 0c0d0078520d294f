"""The papermill engine's client and kernel manager (see :mod:`analysis.report.engine`)."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import time
from queue import Empty

from jupyter_client import AsyncKernelClient, AsyncKernelManager
from jupyter_client.provisioning import LocalProvisioner
from jupyter_client.kernelspec import KernelSpec
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NBClientEngine, papermill_engines

from analysis.report.engine import IPC, NotebookStopped, Session
from analysis.report.forking import Gone, base_environment
from analysis.run_memory import FOLDER


class PromptClient(AsyncKernelClient):
    """jupyter_client's own, but that it is ready when the kernel is: the base class then waits until nothing has been
    said for 0.2 s, for the sake of clients that would take an early message for an answer; nbclient asks whose answer it is."""

    def _context_default(self):
        # A socket that is there before the kernel's looks again in milliseconds, not after a tenth of a second.
        context = super()._context_default()
        context.reconnect_ivl = 5
        return context

    async def wait_for_ready(self, timeout=None):
        """Until the kernel has answered and its output is heard; RuntimeError, in the base class's words, if it dies or takes longer."""
        end = time.monotonic() + (float("inf") if timeout is None else timeout)
        while True:
            self.kernel_info()
            with contextlib.suppress(Empty):
                reply = await self.shell_channel.get_msg(timeout=1)
                await self.iopub_channel.get_msg(timeout=0.2)
                self._handle_kernel_info_reply(reply)
                return
            if not await self._async_is_alive():
                raise RuntimeError("Kernel died before replying to kernel_info")
            if time.monotonic() > end:
                raise RuntimeError(f"Kernel didn't respond in {timeout} seconds")


def kernel_manager(session: Session) -> AsyncKernelManager:
    """A manager for this very Python, its sockets and connection file in the session's directory.

    The kernel is not looked up by name: a "python3" registered by another
    installation would run the notebooks with other packages.
    """
    manager = AsyncKernelManager(kernel_name="python3", connection_file=str(session.directory / "c.json"))
    manager._kernel_spec = KernelSpec(
        argv=[sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        display_name="Python 3", language="python",
    )
    manager.client_factory = PromptClient
    manager.transport = session.transport
    if session.transport == IPC:
        manager.ip = str(session.directory / "k")
        manager.cache_ports = False
    if session.zygote is not None:
        manager.provisioner = ForkingProvisioner(kernel_id="", kernel_spec=manager.kernel_spec, parent=manager)
        manager.provisioner.session = session
    return manager


class ForkingProvisioner(LocalProvisioner):
    """jupyter_client's own local provisioner, but for where the process comes from."""

    session: Session = None

    async def launch_kernel(self, cmd, **kwargs):
        try:
            # cmd is python -m ipykernel_launcher …; what follows are the kernel's own arguments.
            self.process = self.session.zygote.fork(cmd[3:], kwargs["env"], kwargs["cwd"], self.session.directory / "kernel.log")
        except Gone:
            return await super().launch_kernel(cmd, **kwargs)
        self.pid = self.pgid = self.process.pid
        self.cwd = kwargs["cwd"]
        return self.connection_info

    async def kill(self, restart=False):
        """Return when the process has gone, which takes a few milliseconds: the manager would look again after a tenth of a second."""
        await super().kill(restart)
        for _ in range(100):
            if await self.poll() is not None:
                return
            await asyncio.sleep(0.005)


def kernel_environment(session: Session) -> dict[str, str]:
    """The user's environment, our root first on the path, no personal IPython profile."""
    return {**base_environment(session.root), "IPYTHONDIR": str(session.directory / "ipython"), FOLDER: session.memory}


class Client(PapermillNotebookClient):
    """Papermill's client, with the session's kernel."""

    def __init__(self, nb_man, session: Session, **options):
        self.session = session
        super().__init__(nb_man, **options)

    def create_kernel_manager(self):
        self.km = kernel_manager(self.session)
        return self.km

    def start_new_kernel(self, **options):
        super().start_new_kernel(**options)
        self.session.provisioner = self.km.provisioner
        self.session.pgid = getattr(self.km.provisioner, "pgid", None)

    def start_new_kernel_client(self):
        client = super().start_new_kernel_client()
        self.session.deadline = time.monotonic() + self.session.timeout
        return client


def _seconds_left(session: Session) -> int:
    return max(1, round(session.deadline - time.monotonic()))


class Engine(NBClientEngine):
    """Registered with papermill under our own name."""

    @classmethod
    def execute_managed_notebook(cls, nb_man, kernel_name, session: Session, start_timeout=60, **_options):
        session.nb = nb_man.nb
        client = Client(
            nb_man, session, kernel_name=kernel_name, startup_timeout=start_timeout, iopub_timeout=60,
            timeout_func=lambda _cell: _seconds_left(session), shutdown_kernel="immediate",
            extra_arguments=["--HistoryManager.enabled=False"],
        )
        with (session.directory / "kernel.log").open("ab") as log:
            try:
                return client.execute(env=kernel_environment(session), cwd=str(session.cwd), stdout=log, stderr=log)
            except CellTimeoutError:
                raise NotebookStopped(f"超过时限 {session.timeout:g} 秒，已停止。可用更长的时限再试") from None
            except DeadKernelError:
                raise NotebookStopped("计算进程意外退出，常见原因是内存不足") from None
            except RuntimeError as failure:
                if "Kernel died" not in str(failure) and "Kernel didn't respond" not in str(failure):
                    raise
                raise NotebookStopped(f"计算进程没有启动成功：{session.log_tail() or failure}") from None


def register(name: str) -> None:
    papermill_engines.register(name, Engine)
