"""Files that notebooks put beside their pages, and what people did to them since.

A notebook whose metadata say ``"analysis": {"files": "lists"}`` gets the parameter ``files``, the
folder to write into, and ``former``, the same folder of the report before (or another one: ``"reads": "lists"``).
People work in such files: what they changed there is carried over, never thrown away with the report it lay in.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from urllib.parse import quote

from analysis.report import manifest
from analysis.report.parameters import ParameterError
from analysis.report.publish import safe_name

PRIVATE = ("case", "files", "former")
CHANGED = "上期改动"
# Suffixes that a reader need not see, in the order of listing, with the name of the format.
_KINDS = {".xlsx": "Excel", ".pdf": "PDF", ".docx": "Word"}
LOCKS = ("~$", ".~lock.", ".DS_Store", "Thumbs.db")


def folder(nb: object, title: str, key: str = "files") -> str:
    """The folder that a notebook writes files into, or with ``reads`` the one it reads from the report before; empty where there is none."""
    stated = nb.metadata.get("analysis", {})
    name = stated.get(key, "") if isinstance(stated, Mapping) else ""
    if name and (not isinstance(name, str) or safe_name(name) != name):
        raise ParameterError(f"“{title}”的元数据 analysis.{key} 应是一个文件夹名，不能是“{name}”")
    return name


def keep(report: Path, building: Path, names: Iterable[str], failed: Iterable[str] = ()) -> tuple[list[str], dict[str, str]]:
    """Carry people's work from the former report into the one being built.

    A folder that was not made this time (its notebook was not asked for, or failed) is taken over as
    it was. Of one that was, the files changed since they were written, and those put there
    by hand, go to its subfolder ``上期改动``; a newer file takes the place of an older one of that name.

    Returns
    -------
    The folders taken over as they were; and the SHA-256 with which each file was written, by its
    place in the report (for the manifest, which tells the next run what was changed since).
    """
    same, content, failed = [], manifest.read(report) or {}, set(failed)
    before: dict[str, str] = content.get("made", {})
    written: dict[str, str] = {}
    for name in dict.fromkeys(filter(None, names)):
        former, made = report / name, building / name
        if name in failed:
            shutil.rmtree(made, ignore_errors=True)
        if made.is_dir():
            written |= {_place(path, building): manifest.file_hash(path) for path in contents(made)}
        if not former.is_dir():
            continue
        if not made.is_dir():
            shutil.copytree(former, made)
            written |= {place: digest for place, digest in before.items() if place.startswith(f"{name}/")}
            same.append(name)
            continue
        if (former / CHANGED).is_dir():
            shutil.copytree(former / CHANGED, made / CHANGED, dirs_exist_ok=True)
        for path in contents(former):
            inside = path.relative_to(former)
            if inside.parts[0] != CHANGED and before.get(_place(path, report)) != manifest.file_hash(path):
                target = made / CHANGED / inside
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(path, target)
    return same, written


def contents(top: Path) -> list[Path]:
    """All files below a folder but those that programs leave beside an open one."""
    return sorted(path for path in top.rglob("*") if path.is_file() and not path.name.startswith(LOCKS))


def _place(path: Path, report: Path) -> str:
    return path.relative_to(report).as_posix()


def listing(building: Path, name: str) -> list[dict]:
    """What lies in a folder, for the index page: groups (``name``, ``files``), its own files first.

    A file has ``href`` and ``text``; the same sheet in another format is in its ``also``, (href, label) pairs: PDF comes
    before Word, which is there for whoever wants to change it.
    """
    top = building / name
    groups: dict[str, dict[str, list[Path]]] = {}
    for path in contents(top):
        kept = groups.setdefault("/".join(path.relative_to(top).parts[:-1]), {})
        kept.setdefault(path.stem if path.suffix in _KINDS else path.name, []).append(path)

    def entry(text: str, paths: list[Path]) -> dict:
        first, *others = sorted(paths, key=lambda path: list(_KINDS).index(path.suffix) if path.suffix in _KINDS else 0)
        kind = _KINDS.get(first.suffix, "") if others or first.suffix == ".docx" else ""
        return {"href": _address(first, building), "text": readable(text) + (f"（{kind}）" if kind else ""),
                "also": [(_address(path, building), _KINDS[path.suffix]) for path in others]}

    return [{"name": group, "files": [entry(text, paths) for text, paths in groups[group].items()]} for group in sorted(groups)]


def readable(stem: str) -> str:
    """A file's name as a reader knows the thing: without the mark that keeps equal names apart, brackets as they were.

    ``甲储能_示例_有限公司-f738d3f2`` -> ``甲储能（示例）有限公司``.
    """
    return re.sub(r"(?<=[^\W_])_([^\W_]+)_(?=\w|$)", r"（\1）", re.sub(r"-[0-9a-f]{8}$", "", stem))


def _address(path: Path, building: Path) -> str:
    return quote(path.relative_to(building).as_posix())
