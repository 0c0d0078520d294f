"""Notebooks in, pages out: display helpers, HTML pages, the papermill batch, publishing.

Importing the package is cheap: each name loads its module when first used, so
that a kernel which only needs ``show`` never loads papermill or nbconvert.
"""

from __future__ import annotations

import importlib

_HOMES = {
    "run_cases": "batch",
    "RunResult": "batch",
    "CaseSummary": "batch",
    "NotebookSummary": "batch",
    "to_html": "html",
    "execute": "engine",
    "replace_directory": "publish",
    "recover": "publish",
    "safe_name": "publish",
    "write_root_index": "index",
}
_MODULES = ("batch", "engine", "fontsubset", "html", "index", "manifest", "markup", "parameters", "publish", "show")

__all__ = sorted([*_HOMES, "show"])


def __getattr__(name: str):
    if name in _HOMES:
        return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
    if name in _MODULES:
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES, *_MODULES})
