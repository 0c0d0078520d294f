"""A finished directory takes the place of the former one, whole or not at all.

Beside the targets live two hidden directories: ``.building`` (being built, named after the process that does)
and ``.former`` (the last report of each case under its name, older ones under ``name.date-time``). Where the
system can swap two directories in one step (Linux, macOS) there is no moment without a report; elsewhere a
kill between the two renames is put right by :func:`recover` at the next run. ``.former/name.moving`` stands while
those renames are under way: without it, a report that is not there was deleted by its owner and stays so.
"""

from __future__ import annotations

import contextlib
import ctypes
import hashlib
import os
import re
import secrets
import shutil
import sys
import unicodedata
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

BUILDING, FORMER, MOVING = ".building", ".former", ".moving"
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


def shared_folder(path: Path) -> Path:
    """Make a folder that every run removes when it leaves it empty: another may do so between two looks of ours."""
    for turn in range(1000):
        try:
            path.mkdir(parents=True, exist_ok=True)
            break
        except (FileExistsError, FileNotFoundError):
            if turn == 999 or (path.exists() and not path.is_dir()):
                raise
    return path


def start_building(out: Path, name: str) -> Path:
    """An empty directory on the same file system as its target, readable to whom the user's umask lets read."""
    while True:
        shared_folder(out / BUILDING)
        path = out / BUILDING / f"{name}.{os.getpid()}.{secrets.token_hex(4)}"
        with contextlib.suppress(FileExistsError, FileNotFoundError):
            path.mkdir()
            return path


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


def recover(out: Path, name: str) -> bool:
    """Clear what a killed run of one report left behind; whether the report had to be put back.

    The caller holds the report's lock, so whatever is half built under its name belongs to nobody.
    """
    former, target = out / FORMER / name, out / name
    marker = _marker(former)
    restored = marker.exists() and former.is_dir() and not target.exists()
    if restored:
        os.rename(former, target)
    marker.unlink(missing_ok=True)
    for leftover in (out / BUILDING).glob("*"):
        if leftover.name.partition(".")[0] == name:
            shutil.rmtree(leftover, ignore_errors=True)
    with contextlib.suppress(OSError):
        (out / BUILDING).rmdir()
    return restored


def _marker(former: Path) -> Path:
    return former.with_name(former.name + MOVING)


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


def replace_directory(built: Path, target: Path, keep: int = 1) -> Path:
    """Put ``built`` at ``target``; what was there becomes the newest of ``keep`` former reports.

    ``built`` must be on the same file system. Raises PublishError with the former report
    still (or again) in place.
    """
    former = target.parent / FORMER / target.name
    _flush(built)
    trash = built.with_name(f"{target.name}.{os.getpid()}.{secrets.token_hex(4)}")
    try:
        trash.mkdir()
        if not target.exists():
            os.rename(built, target)
        elif _swap(built, target):
            try:
                _keep_former(built, former, trash, keep)
            except OSError:
                _swap(built, target)
                raise
        else:
            _move(built, target, former, trash, keep)
        prune(target, keep)
    except OSError as failure:
        raise PublishError(f"无法更新 {target.name} 的报告（{failure.strerror or failure}）："
                           "请关闭正在使用该文件夹里文件的程序，并确认对输出目录有写权限，再运行一次") from failure
    finally:
        shutil.rmtree(trash, ignore_errors=True)
    _flush_entry(target.parent)
    return target


def _move(built: Path, target: Path, former: Path, trash: Path, keep: int) -> None:
    """The two renames where directories cannot be swapped, between a marker's coming and going."""
    marker = _marker(former)
    _in_shared(marker, marker.touch)
    _flush_entry(marker.parent)
    try:
        _keep_former(target, former, trash, keep)
        try:
            os.rename(built, target)
        except OSError:
            os.rename(former, target)
            raise
    finally:
        # Without a report in place the marker stays, for the next run to put the former one back.
        if target.exists():
            marker.unlink(missing_ok=True)


def _keep_former(old: Path, former: Path, trash: Path, keep: int) -> None:
    """``old`` to ``former``; what was there to a name with its date, or away."""
    if not former.exists():
        _in_shared(former, lambda: os.rename(old, former))
        return
    older = former.with_name(f"{former.name}.{_dated(former)}") if keep > 1 else trash / "older"
    while older.exists():
        older = older.with_name(f"{older.name}x")
    if _swap(old, former):
        try:
            os.rename(old, older)
        except OSError:
            _swap(old, former)
            raise
    else:
        os.rename(former, older)
        os.rename(old, former)


def _in_shared(path: Path, make: Callable[[], None]) -> None:
    """``make`` what is to be at ``path``, again where its folder was removed, empty, in the meantime."""
    for turn in range(1000):
        shared_folder(path.parent)
        try:
            return make()
        except FileNotFoundError:
            if turn == 999:
                raise
    return None


def _dated(report: Path) -> str:
    """When a report was finished, as 20260131-080509, to sort by."""
    from analysis.report import manifest

    digits = re.sub(r"\D", "", str((manifest.read(report) or {}).get("finished", ""))[:19])
    return f"{digits[:8]}-{digits[8:]}" if len(digits) == 14 else datetime.fromtimestamp(report.stat().st_mtime).strftime("%Y%m%d-%H%M%S")


def former_reports(target: Path) -> list[Path]:
    """The former reports kept of ``target``, newest first."""
    newest = target.parent / FORMER / target.name
    older = [path for path in newest.parent.glob("*") if path.name.partition(".")[0] == target.name and path != newest]
    return [path for path in [newest, *sorted(older, reverse=True)] if path.is_dir()]


def prune(target: Path, keep: int) -> None:
    """Remove all but the newest ``keep`` former reports. What cannot be removed now is tried again by the next run."""
    for path in former_reports(target)[max(0, keep):]:
        shutil.rmtree(path, ignore_errors=True)
    with contextlib.suppress(OSError):
        (target.parent / FORMER).rmdir()


def _flush_entry(directory: Path) -> None:
    if os.name == "posix":
        with contextlib.suppress(OSError):
            handle = os.open(directory, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)
