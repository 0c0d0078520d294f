"""Runs of the batch that are killed, lose their power or run out of disk at a chosen file operation or moment.

``python faultbook.py OUT MODE SWAP COUNT SEED`` prints one line of JSON for each fault. Modes: ``kill`` before each
operation in turn, ``gone`` the same after the report was deleted, ``full`` and ``denied`` from every COUNTth on, ``time`` killed at COUNT random moments, ``disk``
with COUNT sizes of what is left of a real file system, ``cut`` off from power before every COUNTth: OUT is on a file system mounted
from OUT/../../disk.img, a copy of which, as it stands at that moment, is what a computer would find when it starts again
(``torn``: the same without pushing files to the disk before a report is put in place). Every run is a
fork of this process and goes the whole way of the batch but for the notebooks, which a plain function
stands for: it writes a page and a file that both bear the number of their run.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

sys.path.insert(0, str(Path(__file__).parents[1]))

import pandas as pd  # noqa: E402
from analysis.report import files, html, index, manifest, notebooks, publish, running, work  # noqa: E402

NEVER = 10**9
SAID: list[str] = []
# Cutting fonts is most of what such a small run would do.
html.fontsubset.font_face_css, html.fontsubset.lacking = lambda page: "", lambda page: []
html.get_ready()  # once, instead of in every fork
EDIT = "改动{}"


def case(name: str) -> SimpleNamespace:
    return SimpleNamespace(name=name, path=Path("no-such-input.xlsx"), sha256="ab" * 32, title="考核", city="示例市", year=2022, nature="示例数据", home="示例区",
                           illustrative=True, years=[2022], problems=(), districts=pd.DataFrame({"district": ["示例区"]}), tables={})


def run(out: Path, number: int, same: bool = False) -> int:
    """One run of the batch; ``same`` leaves the code of the first notebook as it was, so that its page is taken over."""
    def perform(unit, place, root=None, zygote=None, memory=""):
        page = html.render_page(title=unit.stem, body=f"<h1>{unit.stem}</h1><p>run={number}</p>", on_missing=lambda line: None)
        (place / f"{unit.stem}.html").write_text(page, encoding="utf-8")
        if unit.folder:
            (place / unit.folder).mkdir()
            (place / unit.folder / "清单.txt").write_text(f"run={number}", encoding="utf-8")
        return work.Outcome(True, 0.0)

    work.perform = perform
    loaded = {stem: notebooks.Loaded(stem, Path(__file__), None, "", stem, (), folder, "", {}, "0" if same and not folder else str(number))
              for stem, folder in (("01_page", ""), ("04_lists", "lists"))}
    notebooks.load = lambda root, chosen: loaded
    running.forking.possible = lambda: False
    batch = running.Run(out.parent, out, read=case, bundled=list, prepare=lambda found: True, given={}, districts=None, workers=2, plain=True, waiting=False,
                        dask=None, command=None, say=SAID.append, lenient=True, options={})
    try:
        return batch.whole(["demo"], None).exit_status
    finally:
        batch.close()


class Faults:
    """Counts the file operations of this process below a folder, and acts at the chosen one."""

    changing = ("os.rename", "os.mkdir", "os.rmdir", "os.remove", "shutil.copyfile", "shutil.copytree", "ctypes.dlopen")

    def __init__(self, out: Path, at: int, act: str):
        self.out, self.at, self.act, self.seen = str(out), at, act, 0
        sys.addaudithook(self.hook)

    def hook(self, event: str, arguments: tuple) -> None:
        writing = event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+") or event == "open" and (arguments[2] or 0) & (os.O_WRONLY | os.O_RDWR)
        if not writing and event not in self.changing:
            return
        if event != "ctypes.dlopen" and self.out not in os.fsdecode(arguments[0] if isinstance(arguments[0], (str, bytes, os.PathLike)) else ""):
            return
        self.seen += 1
        if self.act == "kill" and self.seen == self.at:
            os.kill(os.getpid(), signal.SIGKILL)
        if self.act == "full" and self.seen >= self.at and (writing or event in ("os.mkdir", "shutil.copyfile", "shutil.copytree")):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        if self.act == "denied" and self.seen >= self.at and (writing or event != "ctypes.dlopen"):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))


def forked(out: Path, number: int, same: bool, swap: bool, at: int, act: str, seconds: float | None) -> tuple[str, int, float]:
    """A run in a fork: how it ended, how many operations it made, how long it took."""
    read, write = os.pipe()
    started, pid = time.monotonic(), os.fork()
    if pid == 0:
        if not swap:
            publish._swap = lambda one, other: False
        faults = Faults(out, at, act)
        status = run(out, number, same)
        os.write(write, f"{status} {faults.seen}".encode())
        os._exit(0)
    os.close(write)
    if seconds is not None:
        time.sleep(seconds)
        os.kill(pid, signal.SIGKILL)
    with os.fdopen(read) as answer:
        said = answer.read().split()
    _, ended = os.waitpid(pid, 0)
    took = time.monotonic() - started
    return ("killed" if os.WIFSIGNALED(ended) else f"status {said[0]}" if said else "crashed", int(said[1]) if said else 0, took)


def found(out: Path) -> dict:
    """The report as a reader finds it: which runs its parts are of, whether they agree with the manifest, what became of the edit."""
    report = out / "demo"
    content = manifest.read(report)
    if content is None:
        return {"there": report.exists(), "whole": False}
    texts = {path.relative_to(report).as_posix(): path.read_text("utf-8") for path in files.contents(report) if path.suffix in (".html", ".txt")}
    listed = {item["文件"]: item["sha256"] for item in content["files"]}
    edited = {name for name, text in texts.items() if text.startswith("改动")}
    wrong = [text for text in manifest.check(report, content) if not any(name in text for name in edited)]
    same = all(manifest.file_hash(report / name) == digest for name, digest in listed.items() if name not in edited)
    numbers = {name: text.split("run=")[1].split("<")[0] for name, text in texts.items() if "run=" in text}
    return {"there": True, "whole": not wrong and same and set(texts) >= set(listed) - {manifest.NAME}, "numbers": numbers,
            "edit": sorted(texts[name] for name in edited), "index": index.DONE in texts["index.html"]}


@contextlib.contextmanager
def started_again(out: Path):
    """The folder as it is after a power cut now: what has come as far as the disk, mounted anew."""
    image, copy, place = out.parents[1] / "disk.img", out.parents[1] / "copy.img", out.parents[1] / "again"
    before = b""
    # The kernel may be writing while we copy; a disk is of one moment.
    while before != (before := hashlib.sha256(Path(shutil.copyfile(image, copy)).read_bytes()).digest()):
        pass
    place.mkdir(exist_ok=True)
    subprocess.run(["mount", "-o", "loop", str(copy), str(place)], check=True)
    try:
        yield place / out.name
    finally:
        subprocess.run(["umount", str(place)], check=True)


def leftovers(out: Path) -> list[str]:
    left = [path.relative_to(out).as_posix() for top in (publish.BUILDING, ".locks") for path in (out / top).rglob("*")]
    return left + [path.name for path in (out / publish.FORMER).glob(f"*{publish.MOVING}")]


def main(out: Path, mode: str, swap: bool, count: int, seed: int) -> None:
    draw, cut, number = random.Random(seed), mode in ("cut", "torn"), 1
    if mode == "torn":
        publish._flush = lambda directory: None
    # What every fork would otherwise do again.
    manifest.versions(), html.render_page(title="", body="", on_missing=print), index.root_page({}, print)
    forked(out, number, False, swap, NEVER, "count", None)
    _, steps, took = forked(out, number := number + 1, True, swap, NEVER, "count", None)
    points = [*(range(count) if mode in ("time", "disk") else range(1, steps + 1, max(1, count))), *[NEVER] * cut]
    for point in points:
        base = found(out)
        (out / "demo/lists/清单.txt").write_text(EDIT.format(number), encoding="utf-8")
        if mode == "gone":
            shutil.rmtree(out / "demo")
        tried = number = number + 1
        same = draw.random() < 0.5
        seconds = draw.uniform(0, 1.3 * took) if mode == "time" else None
        filler = out.parent / "filler"
        if mode == "disk":
            filler.write_bytes(bytes(max(0, shutil.disk_usage(out).free - point * 4096)))
        if cut:
            os.sync()
        act = "kill" if mode == "gone" or cut else mode
        how, _, _ = forked(out, number, same, swap, point if act in ("kill", "full", "denied") else NEVER, act, seconds)
        filler.unlink(missing_ok=True)
        with started_again(out) if cut else contextlib.nullcontext(out) as there:
            at_once = found(there)
            # The next run puts right what is to be put right; its own number is told apart.
            again, _, last = forked(there, number := number + 1, False, swap, NEVER, "count", None)
            after, left = found(there), leftovers(there)
        if cut:
            forked(out, number := number + 1, False, swap, NEVER, "count", None)
        # Of a run that was slow by chance most moments would come too late.
        took = min(took, last)
        print(json.dumps({"point": point, "how": how, "before": base["numbers"], "tried": tried, "edited": EDIT.format(tried - 1), "found": at_once,
                          "again": again, "after": after, "next": tried + 1, "left": left}, ensure_ascii=False), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3] == "swap", int(sys.argv[4]), int(sys.argv[5]))
