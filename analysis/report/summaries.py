"""What a run says of itself when it is over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

OK, NOTEBOOK_FAILED, INPUT_WRONG = 0, 1, 2


@dataclass(frozen=True)
class NotebookSummary:
    """One notebook of one case: where its page is, how long it took, what went wrong; ``reused`` when it was not run."""

    name: str
    title: str
    ok: bool
    seconds: float
    error: str = ""
    details: Mapping[str, object] = field(default_factory=dict)
    reused: bool = False


@dataclass(frozen=True)
class CaseSummary:
    """What became of one case. ``path`` is its index page, None when nothing was published; ``unchanged`` when the report was left alone."""

    case: str
    exit_status: int
    path: Path | None
    notebooks: tuple[NotebookSummary, ...] = ()
    messages: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    district: str = ""
    seconds: float = 0.0
    unchanged: bool = False


@dataclass(frozen=True)
class RunResult:
    """exit_status: 0 all done; 1 a notebook failed, a report could not be written or is being made by another run; 2 a case or parameter is wrong."""

    exit_status: int
    summaries: tuple[CaseSummary, ...]
