"""A finished directory takes the place of the former one, whole or not at all.

Beside the targets live two hidden directories: ``.building`` (being built, one
per process, named after its pid) and ``.former`` (the last report of each
case). Where the system can swap two directories in one step (Linux, macOS)
there is no moment without a report; elsewhere a kill between the two renames
is put right by :func:`recover` at the next run.
"""

from __future__ import annotations

import contextlib
import ctypes
import hashlib
import os
import re
import shutil
import sys
import tempfile
import unicodedata
from pathlib import Path

BUILDING, FORMER = ".building", ".former"
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)")


class PublishError(OSError):
    """The report could not be put in place; the message says what to do."""


def safe_name(text: str) -> str:
    """A folder name for any case name: letters, digits, ``-`` and ``_`` of any script.

    A name that had to be changed carries eight digits of its SHA-256, so that
    two different names never share a folder.
    """
    normal = unicodedata.normalize("NFC", str(text))
    kept = re.sub(r"[^\w-]+", "_", normal).strip("_-")
    while len(kept.encode()) > 120:
        kept = kept[:-1]
    if kept and kept == str(text) and not _RESERVED.fullmatch(kept):
        return kept
    digest = hashlib.sha256(str(text).encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{kept}-{digest}" if kept else digest


def start_building(out: Path, name: str) -> Path:
    """An empty directory on the same file system as its target."""
    (out / BUILDING).mkdir(parents=True, exist_ok=True)
    return Path(tempfile.mkdtemp(prefix=f"{name}.{os.getpid()}.", dir=out / BUILDING))


def alive(pid: int) -> bool:
    """Whether a process of this number exists."""
    if os.name == "nt":
        # os.kill(pid, 0) would send Ctrl-C on Windows.
        handle = ctypes.windll.kernel32.OpenProcess(0x00100000, False, pid)
        if handle:
            ctypes.windll.kernel32.CloseHandle(handle)
        return bool(handle)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        pass
    return True


def recover(out: Path) -> list[str]:
    """Clear what a killed run left behind; returns the names of reports put back."""
    restored = []
    for former in sorted((out / FORMER).glob("*")):
        target = out / former.name
        if former.is_dir() and not target.exists():
            os.rename(former, target)
            restored.append(former.name)
    for leftover in (out / BUILDING).glob("*"):
        pid = re.fullmatch(r".*\.(\d+)\.[^.]*", leftover.name)
        if not pid or int(pid[1]) == os.getpid() or not alive(int(pid[1])):
            shutil.rmtree(leftover, ignore_errors=True)
    with contextlib.suppress(OSError):
        (out / BUILDING).rmdir()
    return restored


def _flush(directory: Path) -> None:
    """Push files and directory entries to the disk, so that a power cut leaves whole files."""
    for path in [*directory.rglob("*"), directory]:
        if path.is_dir() and os.name != "posix":
            continue
        with contextlib.suppress(OSError):
            handle = os.open(path, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)


def _swap(one: Path, other: Path) -> bool:
    """Exchange two directories in one step; False where the system cannot."""
    try:
        libc = ctypes.CDLL(None, use_errno=True)
        a, b = os.fsencode(one), os.fsencode(other)
        if sys.platform == "linux":
            return libc.renameat2(-100, a, -100, b, 2) == 0
        if sys.platform == "darwin":
            return libc.renamex_np(a, b, 2) == 0
    except (OSError, AttributeError, TypeError):
        pass
    return False


def replace_directory(built: Path, target: Path, former: Path | None = None) -> Path:
    """Put ``built`` at ``target``; what was there moves to ``former``.

    ``former`` defaults to ``.former/<name>`` beside the target. ``built`` must
    be on the same file system. Raises PublishError with the former report
    still (or again) in place.
    """
    former = former or target.parent / FORMER / target.name
    _flush(built)
    trash = Path(tempfile.mkdtemp(prefix=f"{target.name}.{os.getpid()}.", dir=built.parent))
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.exists():
            os.rename(built, target)
        elif _swap(built, target):
            _keep_former(built, former, trash)
        else:
            _keep_former(target, former, trash)
            try:
                os.rename(built, target)
            except OSError:
                os.rename(former, target)
                raise
    except OSError as failure:
        raise PublishError(f"无法更新 {target.name} 的报告（{failure.strerror or failure}）："
                           "请关闭正在使用该文件夹里文件的程序，并确认对输出目录有写权限，再运行一次") from failure
    finally:
        shutil.rmtree(trash, ignore_errors=True)
    _flush_entry(target.parent)
    return target


def _keep_former(old: Path, former: Path, trash: Path) -> None:
    former.parent.mkdir(parents=True, exist_ok=True)
    if former.exists():
        os.rename(former, trash / "older")
    os.rename(old, former)


def _flush_entry(directory: Path) -> None:
    if os.name == "posix":
        with contextlib.suppress(OSError):
            handle = os.open(directory, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)
