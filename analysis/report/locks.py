"""One run at a time for one report: a lock that the system takes back from whoever dies holding it.

The file ``.locks/<report>`` in the output folder says who holds it (process, computer, since when). What
counts is the operating system's lock on it, which ends with its process, so nothing is ever stale; on a
file system without locks, whether the process named there still exists on this computer.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import time
from dataclasses import dataclass
from pathlib import Path

from analysis.report import manifest
from analysis.report.publish import alive, shared_folder

FOLDER = ".locks"
# Far behind the text: Windows lets nobody read bytes that are locked.
_BYTE = 1 << 30


@dataclass(frozen=True)
class Holder:
    """Who holds a lock: process number, computer, since when (ISO 8601)."""

    pid: int = 0
    host: str = ""
    since: str = ""

    def __str__(self) -> str:
        from analysis.report.index import local_time

        when = f"{local_time(self.since)} 开始" if self.since else "开始时间不详"
        return f"进程 {self.pid or '不详'}，{when}" + (f"，在 {self.host} 上" if self.host and self.host != socket.gethostname() else "")


class Busy(Exception):
    """Somebody else holds the lock; ``holder`` says who."""

    def __init__(self, holder: Holder):
        super().__init__(str(holder))
        self.holder = holder


class Lock:
    """A held lock. ``former`` is who died holding it before, if anybody did."""

    def __init__(self, path: Path, handle: int, former: Holder | None):
        self.path, self._handle, self.former = path, handle, former

    def release(self) -> None:
        """Give it back; safe to call twice."""
        handle, self._handle = self._handle, None
        if handle is None:
            return
        if os.name == "posix":
            # Removed while still held, so that nobody can take what is about to vanish.
            with contextlib.suppress(OSError):
                self.path.unlink()
        os.close(handle)
        if os.name != "posix":
            with contextlib.suppress(OSError):
                self.path.unlink()
        with contextlib.suppress(OSError):
            self.path.parent.rmdir()

    def __enter__(self) -> Lock:
        return self

    def __exit__(self, *_) -> None:
        self.release()


def take(out: Path, name: str) -> Lock:
    """The lock of the report ``out/<name>``; Busy when somebody holds it, OSError when none can be made."""
    path = out / FOLDER / name
    while True:
        shared_folder(path.parent)
        try:
            handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        except FileNotFoundError:
            continue
        try:
            former = _read(handle)
            held = _lock(handle)
            if held is False or (held is None and former and _exists(former)):
                raise Busy(former or Holder())
            if not _same(handle, path):
                os.close(handle)
                continue
            own = Holder(os.getpid(), socket.gethostname(), manifest.now())
            os.lseek(handle, 0, os.SEEK_SET)
            os.truncate(handle if os.truncate in os.supports_fd else path, 0)
            os.write(handle, json.dumps(vars(own)).encode())
        except BaseException:
            with contextlib.suppress(OSError):
                os.close(handle)
            raise
        return Lock(path, handle, former)


def wait(out: Path, name: str, seconds: float) -> Lock:
    """As :func:`take`, trying again until the time is over."""
    end = time.monotonic() + seconds
    while True:
        try:
            return take(out, name)
        except Busy:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)


def _read(handle: int) -> Holder | None:
    try:
        os.lseek(handle, 0, os.SEEK_SET)
        content = json.loads(os.read(handle, 4096) or b"null")
        return Holder(int(content["pid"]), str(content["host"]), str(content["since"]))
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _lock(handle: int) -> bool | None:
    """True when taken, False when somebody has it, None where the file system has no locks."""
    try:
        if os.name == "nt":
            import msvcrt

            os.lseek(handle, _BYTE, os.SEEK_SET)
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    except OSError as failure:
        return False if failure.errno in (11, 13, 36) else None
    return True


def _same(handle: int, path: Path) -> bool:
    """Whether the file locked is still the one at ``path``: its last holder may just have removed it."""
    if os.name != "posix":
        return True
    try:
        return os.path.samestat(os.fstat(handle), path.stat())
    except FileNotFoundError:
        return False


def _exists(holder: Holder) -> bool:
    return holder.host != socket.gethostname() or (holder.pid != os.getpid() and alive(holder.pid))
