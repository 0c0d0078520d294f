"""Whether a notebook's page in the present report is what running it again would give.

It is when everything the page was made from is the same: the case's files, the library and this one notebook,
the packages, the parameters, the workbooks sent back, what surrounds the page (titles of its siblings), and
when neither the page nor anything in the notebook's folder of files was touched since it was published.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from analysis.report import files, index, manifest
from analysis.report.work import Unit, digest

FILES_TOUCHED, PAGE_TOUCHED, FORMER_FAILED, NEW, FORCED, SHARED = (
    "清单文件夹里的文件有改动", "原页面缺失或被改动", "上次没有完成", "原报告里没有这一篇", "按要求重新运行", "同一文件夹的另一篇要重新运行")


def basis(unit: Unit, inputs: Iterable[Mapping[str, str]], code: str, versions: Mapping[str, str]) -> dict[str, str]:
    """Digests of what a page is made from, by the name that a user is told when one differs."""
    parameters = {name: value for name, value in unit.parameters.items() if name not in (*files.PRIVATE, "follow")}
    page = {name: value for name, value in unit.page.items() if name != "facts"}
    return {"输入": digest([dict(item) for item in inputs]), "代码": code, "软件包": digest(dict(versions)), "参数": digest(parameters),
            "交回的清单": _follow(str(unit.parameters.get("follow") or "")), "页面设置": digest(page)}


def _follow(paths: str) -> str:
    """Digest of the names and contents of the workbooks sent back; empty for none."""
    found = []
    for entry in map(Path, filter(None, paths.split(os.pathsep))):
        for path in sorted(entry.rglob("*")) if entry.is_dir() else [entry]:
            if path.is_file() and not path.name.startswith(files.LOCKS):
                found.append([path.name, manifest.file_hash(path)])
    return digest(found) if found else ""


def reason(stem: str, folders: Iterable[str], now: Mapping[str, str], report: Path, former: Mapping | None) -> str:
    """Why a notebook must be run; empty when its page in ``report`` (whose manifest is ``former``) can be taken over.

    folders : where it writes files and whose files it reads; empty names do not count.
    """
    entry = next((item for item in (former or {}).get("notebooks", ()) if item.get("name") == stem), None)
    if entry is None:
        return NEW
    if entry.get("status") != index.DONE:
        return FORMER_FAILED
    before = entry.get("basis", {})
    if changed := [name for name in now if before.get(name) != now[name]]:
        return f"{'、'.join(changed)}有变化"
    listed = {item["文件"]: item["sha256"] for item in former.get("files", ())}
    if not _same(report, listed, entry["html"]):
        return PAGE_TOUCHED
    return "" if all(_folder_same(report, listed, folder) for folder in folders if folder) else FILES_TOUCHED


def reasons(units: Mapping[str, Unit], bases: Mapping[str, Mapping[str, str]], report: Path, force: bool) -> dict[str, str]:
    """:func:`reason` for each unit of a case. A folder is made by all the notebooks that share it or by none."""
    former = manifest.read(report)
    why = {stem: FORCED if force else reason(stem, {unit.folder, unit.reads}, bases[stem], report, former) for stem, unit in units.items()}
    made = {units[stem].folder for stem, text in why.items() if text} - {""}
    return {stem: text or (SHARED if units[stem].folder in made else "") for stem, text in why.items()}


def whole(report: Path, stems: Iterable[str], left_out: Iterable[Mapping], former: Mapping | None) -> bool:
    """Whether a report as it lies is made of exactly these notebooks and nothing of it is missing or cut."""
    if former is None or [item["name"] for item in former.get("notebooks", ())] != list(stems):
        return False
    if [dict(item) for item in former.get("skipped", ())] != [dict(item) for item in left_out]:
        return False
    listed = {item["文件"]: item["sha256"] for item in former.get("files", ())}
    return "index.html" in listed and all(_same(report, listed, name) for name in listed)


def entry(stem: str, former: Mapping) -> dict:
    """The former manifest's entry of a notebook, saying since when its page is the same."""
    found = dict(next(item for item in former["notebooks"] if item["name"] == stem))
    return {**found, "reused": found.get("reused") or former["finished"]}


def _same(report: Path, listed: Mapping[str, str], name: str) -> bool:
    try:
        return listed.get(name) == manifest.file_hash(report / name)
    except OSError:
        return False


def _folder_same(report: Path, listed: Mapping[str, str], folder: str) -> bool:
    there = {path.relative_to(report).as_posix(): path for path in files.contents(report / folder)} if (report / folder).is_dir() else {}
    was = {name for name in listed if name.startswith(f"{folder}/") and not name.rsplit("/", 1)[1].startswith(files.LOCKS)}
    return set(there) == was and all(_same(report, listed, name) for name in there)
