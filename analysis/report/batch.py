"""Cases through notebooks to published reports.

The runner knows cases and notebooks and nothing about districts, but that a case can be asked for as each of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from analysis.report.running import Run
from analysis.report.summaries import CaseSummary, NotebookSummary, RunResult

__all__ = ["CaseSummary", "NotebookSummary", "RunResult", "run_cases"]
ROOT = Path(__file__).parents[2]


def _bundled() -> list[str]:
    from analysis.case import bundled_cases

    return bundled_cases()


def _read_case(name: str) -> object:
    from analysis.case import read_case

    return read_case(name)


def _prepare_case(case: object, out_root: Path) -> bool:
    """Write the tidy tables; False when they were already those of this input."""
    from analysis.case import prepare_case

    return getattr(prepare_case(case, out_root), "changed", True)


def _keep_case(case: object, folder: Path) -> None:
    from analysis.case import Case, keep_for_notebooks

    if isinstance(case, Case):
        keep_for_notebooks(case, folder)


def run_cases(
    cases: Sequence[str] | None,
    *,
    notebooks: Sequence[str | Path] | None = None,
    parameters: Mapping[str, object] | None = None,
    districts: Sequence[str] | None = None,
    out: str | Path = "reports",
    show_code: bool = False,
    workers: int = 2,
    timeout: float = 600,
    plain: bool = False,
    force: bool = False,
    keep: int = 1,
    waiting: bool = False,
    dask: str | None = None,
    notify_command: list[str] | str | None = None,
    progress: Callable[[str], object] = print,
) -> RunResult:
    """Validate each case, run the notebooks through papermill, publish ``out/<case>/``.

    Parameters
    ----------
    cases : names of bundled cases or paths; None for all bundled ones.
    notebooks : numbers, names or paths; all numbered notebooks by default. One whose sheets
        (``metadata.analysis.needs``) a case lacks is skipped for that case and named on its page;
        a case that can feed none of them gets no page and keeps its former report.
        A case and a notebook both asked for by name that do not fit are refused with status 2.
    parameters : passed to every notebook that declares them; None values are left out.
    districts : run each case once for each of these (``["all"]``: every district of the case), into ``out/<case>-<district>/``.
    out : relative paths are taken from the project root.
    workers : notebooks run at the same time on this computer.
    timeout : seconds for one notebook.
    plain : every kernel a new interpreter, also where it could be forked from one that has imported
        the libraries already.
    force : run also the notebooks whose page would come out the same (:mod:`analysis.report.unchanged`).
    keep : former reports kept of each case.
    waiting : wait for another run of the same report to end, instead of giving up with status 1.
    dask : address of a Dask scheduler whose workers do the notebooks.
    notify_command : called after each case (:func:`analysis.report.notify.call`).
    progress : receives the lines meant for the user.
    """
    run = Run(
        ROOT, ROOT / out, read=lambda name: _read_case(name), bundled=lambda: _bundled(),
        prepare=lambda case: _prepare_case(case, ROOT / "data" / "processed"), hand_on=_keep_case, given=parameters or {}, districts=districts, workers=workers,
        plain=plain, waiting=waiting, dask=dask, command=notify_command, say=progress, lenient=notebooks is None or cases is None,
        options={"show_code": show_code, "timeout": timeout, "force": force, "keep": keep},
    )
    try:
        return run.whole(cases, notebooks)
    finally:
        run.close()
