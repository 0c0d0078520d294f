"""Validated tables as tidy CSVs, with a manifest of what they were made from."""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import analysis
from analysis.dictionary import load
from analysis.problems import LEVELS

if TYPE_CHECKING:
    from analysis.case import Case

MANIFEST = "manifest.json"


@dataclass(frozen=True)
class Prepared:
    """Where the tables are, and whether they were written just now."""

    path: Path
    changed: bool

    def __fspath__(self) -> str:
        return str(self.path)

    __str__ = __fspath__


def prepare(case: Case, out_root: Path) -> Prepared:
    """Write `<out_root>/<case>/*.csv` and `manifest.json`, all or nothing.

    Tables carry English headers, `row` and `cell`, in UTF-8 with BOM; empty
    sheets are left out. Nothing is rewritten while input, dictionary and
    version are those of the manifest and every file it names is there.
    """
    target = out_root / case.name
    manifest = {
        "case": case.name,
        "input": case.path.name,
        "sha256": case.sha256,
        "dictionary_sha256": load().sha256,
        "version": analysis.__version__,
        "rows": {key: len(t) for key, t in case.tables.items() if len(t)},
        "problems": {level: sum(p.level == level for p in case.problems) for level in LEVELS},
    }
    if _same(target, manifest):
        return Prepared(target, False)
    out_root.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(prefix=".prepare-", dir=out_root))
    try:
        for key in manifest["rows"]:
            case.tables[key].to_csv(aside / f"{key}.csv", index=False, encoding="utf-8-sig",
                                    lineterminator="\n")
        manifest["written"] = dt.datetime.now().astimezone().isoformat(timespec="seconds")
        (aside / MANIFEST).write_text(json.dumps(manifest, ensure_ascii=False, indent=2) + "\n",
                                      encoding="utf-8")
        aside.chmod(0o755)
        _replace(aside, target)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return Prepared(target, True)


def _same(target: Path, manifest: dict) -> bool:
    try:
        former = json.loads((target / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(former, dict) and all(former.get(k) == v for k, v in manifest.items()) and \
        all((target / f"{key}.csv").is_file() for key in manifest["rows"])


def _replace(aside: Path, target: Path) -> None:
    """Put the new folder in place; the old one comes back if that fails."""
    if not target.exists():
        os.replace(aside, target)
        return
    former = Path(tempfile.mkdtemp(prefix=".former-", dir=target.parent)) / target.name
    os.replace(target, former)
    try:
        os.replace(aside, target)
    except OSError:
        os.replace(former, target)
        raise
    finally:
        shutil.rmtree(former.parent, ignore_errors=True)
