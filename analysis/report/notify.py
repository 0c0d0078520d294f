"""Telling others how a run went: a command after each case, lines in a log file.

A command gets what it is told in its environment and as JSON on its standard input, never in its
arguments and never through a shell, so that a case's name cannot become a command.
"""

from __future__ import annotations

import contextlib
import json
import os
import shlex
import shutil
import signal
import subprocess
import traceback
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace

SECONDS = 60


class CommandError(ValueError):
    """A command that cannot be called; the message is for the user."""


def parse(text: str) -> list[str] | str:
    """A command line as given by the user into what starts it; CommandError when its program is not there."""
    try:
        words = shlex.split(text, posix=os.name != "nt")
    except ValueError:
        raise CommandError(f"--notify-cmd 的引号不成对：{text}") from None
    if not words:
        raise CommandError("--notify-cmd 后面要跟一条命令")
    if shutil.which(words[0].strip('"')) is None:
        raise CommandError(f"--notify-cmd 找不到命令“{words[0]}”，请写完整路径，并确认它可以执行")
    # Windows takes the line as it is; anywhere else it is a list of words.
    return text if os.name == "nt" else words


def call(command: list[str] | str, case: str, status: int, path: Path | None, seconds: float, words: str = "") -> str:
    """Run a command for one case; what went wrong, in Chinese, or empty.

    Environment: ``ANALYSIS_CASE``, ``ANALYSIS_STATUS`` (exit status of the case: 0, 1, 2), ``ANALYSIS_PATH`` (its
    index page, empty if none), ``ANALYSIS_SECONDS``. Standard input: the same as a JSON object, and ``message``.
    """
    told = {"case": case, "status": status, "path": str(path or ""), "seconds": round(seconds, 1)}
    # No environment can hold the character zero.
    env = os.environ | {f"ANALYSIS_{name.upper()}": str(value).replace("\0", "") for name, value in told.items()}
    try:
        done = subprocess.run(command, input=json.dumps({**told, "message": words}, ensure_ascii=False).encode(), env=env,
                              stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return f"通知命令超过 {SECONDS} 秒没有结束，已停止"
    except OSError as failure:
        return f"通知命令没有启动成功：{failure.strerror or failure}"
    if done.returncode:
        last = done.stderr.decode("utf-8", "replace").strip().splitlines()[-1:]
        return f"通知命令返回 {done.returncode}" + (f"：{last[0][:200]}" if last else "")
    return ""


class Log:
    """Lines with their time, appended to a file that others may be reading. OSError when it cannot be opened."""

    def __init__(self, path: Path):
        path.parent.mkdir(parents=True, exist_ok=True)
        self._stream = path.open("a", encoding="utf-8", errors="replace", newline="\n", buffering=1)

    def write(self, text: str) -> None:
        """A full disk stops the log, not the run."""
        stamp = datetime.now().astimezone().isoformat(timespec="seconds")
        with contextlib.suppress(OSError, ValueError):
            self._stream.write("".join(f"{stamp} [{os.getpid()}] {line}\n" for line in text.splitlines() or [""]))

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._stream.close()

    @contextlib.contextmanager
    def around(self, arguments: Sequence[str]) -> Iterator[SimpleNamespace]:
        """First and last line of a run; an error nobody foresaw is written down before it goes on. The caller sets ``status``."""
        outcome = SimpleNamespace(status=None)
        self.write(f"开始：{shlex.join(arguments)}")
        try:
            yield outcome
        except KeyboardInterrupt:
            self.write("已中断")
            raise
        except Exception:
            self.write(f"程序出错：\n{traceback.format_exc()}")
            raise
        else:
            self.write(f"结束，退出状态 {outcome.status}")
        finally:
            self.close()

    def also(self, show: Callable[[str], object]) -> Callable[[str], None]:
        """``show`` that writes every line to the log too. A screen that is gone is no reason to stop."""
        def both(text: str) -> None:
            self.write(text)
            with contextlib.suppress(OSError, ValueError):
                show(text)
        return both


@contextlib.contextmanager
def stopped_like_interrupt() -> Iterator[None]:
    """Let a request to end (systemd, ``kill``, a closed terminal) clean up as Ctrl-C does."""
    def stop(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    former = {}
    for name in ("SIGTERM", "SIGHUP"):
        with contextlib.suppress(ValueError, AttributeError, OSError):
            number = getattr(signal, name)
            # nohup has it ignored, and means it.
            if signal.getsignal(number) == signal.SIG_DFL:
                former[number] = signal.signal(number, stop)
    try:
        yield
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)
