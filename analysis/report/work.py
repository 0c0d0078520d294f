"""The unit of work: one notebook of one case with its parameters, to a page, what is known of it, and files.

A unit holds nothing but plain values, so that it can be done in another process or on another computer
(see :mod:`analysis.report.executors`); where it is done changes nothing in what comes out.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

from analysis.report import engine, forking, html, index, manifest

ROOT = Path(__file__).parents[2]
FRESH, FORKED = "逐个新启动", "由预先载入软件包的进程分出"


@dataclass(frozen=True)
class Unit:
    """What to do.

    Attributes
    ----------
    case : path or name that the notebook gets as its parameter ``case``.
    stem, notebook : name and text (JSON) of the notebook.
    cwd : working folder of the kernel; where it does not exist, the folder that the unit writes into.
    parameters : values of the types that the notebook declares.
    declares : every parameter that the notebook declares.
    folder : the folder the notebook writes files into, empty for none.
    former : that folder, or the one named by ``reads``, in the report before; empty for none.
    page : title, show_code, facts, nav and illustrative of :func:`analysis.report.html.to_html`.
    timeout : seconds.
    reads : name of the folder at ``former`` where it is not ``folder``.
    """

    case: str
    stem: str
    notebook: str
    cwd: str
    parameters: Mapping[str, object]
    declares: tuple[str, ...]
    folder: str
    former: str
    page: Mapping[str, object]
    timeout: float
    reads: str = ""


@dataclass(frozen=True)
class Outcome:
    """What became of it; the page, the files and, if it failed, the notebook lie in the folder given."""

    ok: bool
    seconds: float
    error: str = ""
    transport: str = ""
    kernel: str = FRESH
    kept: str = ""
    messages: tuple[str, ...] = ()
    found: Mapping[str, list] = field(default_factory=lambda: {"sentences": [], "keys": []})


def perform(unit: Unit, place: Path, root: Path = ROOT, zygote: forking.Zygote | None = None, memory: str = "") -> Outcome:
    """Run and convert one notebook into ``place``. Whatever happens in it, a page is left. ``memory``: see :mod:`analysis.run_memory`.

    Raises OSError when a file cannot be written.
    """
    import nbformat

    nb = nbformat.reads(unit.notebook, as_version=4)
    places = {"case": unit.case, **({"files": str(place / unit.folder), "former": unit.former} if unit.folder else {})}
    given = {**unit.parameters, **{name: value for name, value in places.items() if name in unit.declares}}
    cwd = Path(unit.cwd) if os.path.isdir(unit.cwd) else place
    done = engine.execute(nb, given, root=root, cwd=cwd, timeout=unit.timeout, zygote=zygote, memory=memory)
    kept = "" if done.ok else f"{unit.stem}.ipynb"
    messages: list[str] = []
    error = done.error
    try:
        page = html.to_html(done.nb, **unit.page, notebook=kept, on_missing=messages.append)
    except Exception as failure:
        kept, error = f"{unit.stem}.ipynb", error or f"页面没有转换成功：{type(failure).__name__}：{failure}"
        page = _page_without(unit, type(failure).__name__, error, kept)
    (place / f"{unit.stem}.html").write_text(page, encoding="utf-8")
    if kept:
        nbformat.write(done.nb, place / kept)
    return Outcome(not error, done.seconds, error, engine.TRANSPORTS[done.transport], FRESH if zygote is None else FORKED, kept,
                   tuple(messages), index.collect_headlines(done.nb))


def _page_without(unit: Unit, kind: str, error: str, kept: str = "") -> str:
    body = f"<h1>{html.escape(str(unit.page['title']))}</h1>{html.error_box(kind, error, kept)}"
    return html.render_page(body=body, on_missing=lambda line: None, **{key: value for key, value in unit.page.items() if key != "show_code"})


def undone(unit: Unit, place: Path, error: str) -> Outcome:
    """A page that says why a unit could not even be tried."""
    (place / f"{unit.stem}.html").write_text(_page_without(unit, "", error), encoding="utf-8")
    return Outcome(False, 0.0, error)


def pack(path: str | Path) -> dict[str, bytes]:
    """The files of a folder by relative name; of a file, itself by its own name."""
    top = Path(path)
    if top.is_file():
        return {top.name: top.read_bytes()}
    return {entry.relative_to(top).as_posix(): entry.read_bytes() for entry in sorted(top.rglob("*")) if entry.is_file()}


def unpack(content: Mapping[str, bytes], top: Path) -> None:
    """Write packed files below ``top``; a name that leads out of it is refused."""
    top = top.resolve()
    for name, data in content.items():
        target = (top / name).resolve()
        if not target.is_relative_to(top):
            raise OSError(f"{name} 不在 {top} 之内")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)


class NotHere(Exception):
    """The case cannot be read at its path on this computer, or reads otherwise: send it along."""


class OtherCode(Exception):
    """Another version of the library or of a package; the message says what to do."""


@dataclass(frozen=True)
class Parcel:
    """What a unit needs on another computer.

    Attributes
    ----------
    digests : SHA-256 by file name of the case at ``unit.case``.
    content : the case's files, or None to read them at ``unit.case``.
    folder : whether the case is a folder of CSVs.
    former, follow : files of the former folder and of the workbooks sent back, each follow entry apart.
    code, versions : of the sender; a worker of another version refuses.
    """

    digests: Mapping[str, str]
    content: Mapping[str, bytes] | None
    folder: bool
    former: Mapping[str, bytes]
    follow: tuple[Mapping[str, bytes], ...]
    code: str
    versions: Mapping[str, str]


def parcel(unit: Unit, digests: Mapping[str, str], with_case: bool) -> Parcel:
    """Packed on the sender's side; ``with_case`` puts the case's own files in."""
    case = Path(unit.case)
    content = {name: data for name, data in pack(case).items() if name in digests} if with_case else None
    follow = [pack(entry) for entry in filter(None, str(unit.parameters.get("follow", "")).split(os.pathsep))]
    return Parcel(digests, content, case.is_dir(), pack(unit.former) if unit.former else {}, tuple(follow),
                  library_code(), manifest.versions())


@cache
def library_code() -> str:
    """SHA-256 of the library of this process."""
    return manifest.code_hash(ROOT, ())


def perform_elsewhere(unit: Unit, sent: Parcel, plain: bool = False) -> tuple[Outcome, dict[str, bytes]]:
    """:func:`perform` on a worker: outcome and packed files. Raises NotHere or OtherCode."""
    if sent.code != library_code():
        raise OtherCode("工作机上的程序与本机不是同一版本，请更新后重新启动工作机")
    if other := [name for name, version in sent.versions.items() if manifest.versions().get(name) != version]:
        raise OtherCode(f"工作机上的软件包与本机版本不同：{'、'.join(other)}。请按同一份 requirements.txt 安装")
    engine.sweep()
    with tempfile.TemporaryDirectory(prefix=engine.own_prefix()) as scratch:
        top = Path(scratch)
        if sent.content is None:
            if _digests(Path(unit.case)) != dict(sent.digests):
                raise NotHere(unit.case)
            case = unit.case
        else:
            unpack(sent.content, top / "case" / (Path(unit.case).name if sent.folder else ""))
            case = str(top / "case" / Path(unit.case).name)
        given = dict(unit.parameters)
        for number, content in enumerate(sent.follow):
            unpack(content, top / "follow" / str(number))
        if sent.follow:
            given["follow"] = os.pathsep.join(str(top / "follow" / str(number)) for number in range(len(sent.follow)))
        if sent.former:
            unpack(sent.former, top / "former" / (unit.reads or unit.folder))
        place = top / "out"
        place.mkdir()
        there = replace(unit, case=case, parameters=given, former=str(top / "former" / (unit.reads or unit.folder)) if sent.former else "",
                        cwd=str(ROOT / "notebooks"))
        outcome = perform(there, place, ROOT, None if plain else own_zygote(unit.notebook))
        return outcome, pack(place)


def _digests(path: Path) -> dict[str, str]:
    try:
        entries = sorted(path.glob("*.csv")) if path.is_dir() else [path]
        return {entry.name: manifest.file_hash(entry) for entry in entries}
    except OSError:
        return {}


_OWN: dict[str, forking.Zygote] = {}
_OWN_LOCK = threading.Lock()


def own_zygote(notebook: str = "") -> forking.Zygote | None:
    """The zygote of a worker process, made when first wanted; it ends with the process."""
    import atexit

    if not forking.possible():
        return None
    with _OWN_LOCK:
        if "zygote" not in _OWN or _OWN["zygote"].process.poll() is not None:
            wanted = forking.imported([notebook]) if notebook else []
            _OWN["zygote"] = forking.Zygote([*forking.preloaded(), *wanted], ROOT)
            atexit.register(_OWN["zygote"].close)
        return _OWN["zygote"]


def digest(*parts: object) -> str:
    """SHA-256 of the JSON of plain values."""
    import json

    return hashlib.sha256(json.dumps(parts, ensure_ascii=False, sort_keys=True, default=str).encode("utf-8", "surrogatepass")).hexdigest()
