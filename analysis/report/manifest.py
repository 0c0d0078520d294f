"""What a report was made of: inputs, code, versions, parameters, times, files."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Iterable
from datetime import datetime
from functools import cache
from importlib import metadata
from pathlib import Path

PACKAGES = ("pandas", "numpy", "scipy", "matplotlib", "seaborn", "statsmodels", "papermill", "nbclient", "nbconvert",
            "ipykernel", "jupyter_client", "jupyterlab", "fonttools", "jinja2", "openpyxl", "pillow", "python-calamine", "rapidfuzz",
            "SALib", "xlsxwriter")
NAME = "manifest.json"


def file_hash(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


@cache
def versions() -> dict[str, str]:
    found = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def code_hash(root: Path, notebooks: Iterable[Path]) -> str:
    """SHA-256 over the names and contents of analysis/ (code and tables) and the notebooks."""
    digest = hashlib.sha256()
    for name, sha in sorted([*_library(root), *(("notebooks/" + path.name, file_hash(path)) for path in notebooks)]):
        digest.update(f"{name}\0{sha}\n".encode())
    return digest.hexdigest()


@cache
def _library(root: Path) -> tuple[tuple[str, str], ...]:
    """Name and SHA-256 of each file of analysis/, as this process found them first."""
    package = root / "analysis"
    files = [path for pattern in ("*.py", "*.csv", "*.css", "*.js", "*.j2") for path in package.rglob(pattern)]
    return tuple((path.relative_to(root).as_posix(), file_hash(path)) for path in files)


def case_inputs(case: object) -> list[dict[str, str]]:
    """Name and SHA-256 of the workbook, or of each CSV of a case folder."""
    path = Path(case.path)
    if path.is_dir():
        return [{"文件": entry.name, "sha256": file_hash(entry)} for entry in sorted(path.glob("*.csv"))]
    return [{"文件": path.name, "sha256": file_hash(path) if path.exists() else case.sha256}]


def now() -> str:
    return datetime.now().astimezone().isoformat(timespec="seconds")


def list_files(directory: Path) -> list[dict[str, object]]:
    """Every file below ``directory`` but the manifest itself."""
    return [{"文件": path.relative_to(directory).as_posix(), "字节": path.stat().st_size, "sha256": file_hash(path)}
            for path in sorted(directory.rglob("*")) if path.is_file() and path.name != NAME]


def write(directory: Path, content: dict) -> Path:
    path = directory / NAME
    path.write_text(json.dumps({**content, "files": list_files(directory)}, ensure_ascii=False, indent=1, default=str) + "\n",
                    encoding="utf-8")
    return path


def read(directory: Path) -> dict | None:
    """A report's manifest; None when there is none that can be read."""
    try:
        content = json.loads((directory / NAME).read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return content if isinstance(content, dict) else None


def check(directory: Path, content: dict) -> list[str]:
    """What is wrong with a built report before it is published: missing or cut files."""
    wrong = []
    for entry in content["files"]:
        path = directory / entry["文件"]
        if not path.is_file() or path.stat().st_size != entry["字节"]:
            wrong.append(f"{entry['文件']} 缺失或不完整")
        elif path.suffix == ".html" and not path.read_text("utf-8").rstrip().endswith("</html>"):
            wrong.append(f"{entry['文件']} 不完整")
    return wrong


def fingerprint(path: Path, root: Path) -> str:
    """Fingerprint of where an input lies, so that two files of one name keep two reports.

    Taken below the project folder where possible: moving the project changes nothing.
    """
    place = Path(path).resolve()
    place = place.relative_to(root.resolve()) if place.is_relative_to(root.resolve()) else place
    return hashlib.sha256(place.as_posix().encode("utf-8", "surrogatepass")).hexdigest()[:8]


def location_of(folder: Path) -> str | None:
    """Fingerprint of where the input of a published report lies; None without a report."""
    try:
        return json.loads((folder / "manifest.json").read_text("utf-8")).get("location")
    except (OSError, ValueError):
        return None
