"""Cases through notebooks to published reports.

The runner knows cases and notebooks and nothing about districts. Kernels are
processes of their own, so the workers are threads.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path

from analysis.report import engine, files, forking, html, index, manifest, notebooks, parameters, publish

ROOT = Path(__file__).parents[2]
OK, NOTEBOOK_FAILED, INPUT_WRONG = 0, 1, 2


@dataclass(frozen=True)
class NotebookSummary:
    """One notebook of one case: where its page is, how long it took, what went wrong."""

    name: str
    title: str
    ok: bool
    seconds: float
    error: str = ""
    details: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class CaseSummary:
    """What became of one case. ``path`` is its index page, None when nothing was published."""

    case: str
    exit_status: int
    path: Path | None
    notebooks: tuple[NotebookSummary, ...] = ()
    messages: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()


@dataclass(frozen=True)
class RunResult:
    """exit_status: 0 all done; 1 a notebook failed or a report could not be written; 2 a case or parameter is wrong."""

    exit_status: int
    summaries: tuple[CaseSummary, ...]


@dataclass
class _Job:
    """A case on its way: what is known before its notebooks run, and what they gave."""

    case: object
    folder: str
    building: Path
    record: dict
    given: dict[str, object]
    stems: tuple[str, ...] = ()
    done: dict[str, NotebookSummary] = field(default_factory=dict)


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


def run_cases(
    cases: Sequence[str] | None,
    *,
    notebooks: Sequence[str | Path] | None = None,
    parameters: Mapping[str, object] | None = None,
    out: str | Path = "reports",
    show_code: bool = False,
    workers: int = 2,
    timeout: float = 600,
    plain: bool = False,
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
    out : relative paths are taken from the project root.
    workers : notebooks run at the same time.
    timeout : seconds for one notebook.
    plain : every kernel a new interpreter, also where it could be forked from one that has imported
        the libraries already.
    progress : receives the lines meant for the user.
    """
    out = ROOT / out
    run = _Run(ROOT, out, show_code, timeout, progress, lenient=notebooks is None or cases is None)
    try:
        return run.whole(cases, notebooks, parameters or {}, workers, plain)
    finally:
        run.close()


class _Run:
    """The state shared by one call of :func:`run_cases`."""

    wrong = parameters.ParameterError

    def __init__(self, root: Path, out: Path, show_code: bool, timeout: float, progress: Callable[[str], object], lenient: bool = True):
        self.root, self.out, self.show_code, self.timeout, self.progress = root, out, show_code, timeout, progress
        self.lenient = lenient
        self.needs: dict[str, tuple[str, ...]] = {}
        self.notebooks: dict[str, tuple[Path, object]] = {}
        self.declared: dict[str, dict[str, dict]] = {}
        self.folders: dict[str, str] = {}
        self.given: dict[str, object] = {}
        self.zygote: forking.Zygote | None = None
        self.code = ""

    def load(self, chosen: Sequence[str | Path] | None, given: Mapping[str, object], plain: bool) -> None:
        paths = notebooks.find(self.root, chosen)
        self.notebooks = {path.stem: (path, parameters.read_notebook(path)) for path in paths}
        if not plain and forking.possible():
            # It imports while this process loads papermill and reads the cases.
            wanted = [*forking.preloaded(), *forking.imported(nb for _, nb in self.notebooks.values())]
            self.zygote = forking.Zygote(wanted, self.root)
        self.declared = {stem: parameters.declared(nb) for stem, (_, nb) in self.notebooks.items()}
        self.needs = {stem: notebooks.needs(nb) for stem, (_, nb) in self.notebooks.items()}
        self.folders = {stem: files.folder(nb, notebooks.title(nb, stem)) for stem, (_, nb) in self.notebooks.items()}
        parameters.check_names(given, self.declared, files.PRIVATE)
        for known in self.declared.values():
            parameters.for_notebook(given, known)
        self.given = dict(given)
        self.code = manifest.code_hash(self.root, paths)

    def whole(self, cases: Sequence[str] | None, chosen: Sequence[str | Path] | None, given: Mapping[str, object], workers: int, plain: bool) -> RunResult:
        try:
            self.load(chosen, {k: v for k, v in given.items() if v is not None}, plain)
            self.out.mkdir(parents=True, exist_ok=True)
            engine.sweep()
            for name in publish.recover(self.out):
                self.progress(f"上次运行中断，已恢复 {name} 的原报告")
        except self.wrong as failure:
            self.progress(f"错误：{failure}")
            return RunResult(INPUT_WRONG, ())
        except OSError as failure:
            self.progress(f"错误：无法写入输出目录 {self.out}（{failure.strerror or failure}）。请换一个目录，或检查权限和磁盘空间")
            return RunResult(NOTEBOOK_FAILED, ())
        summaries = self.all(list(dict.fromkeys(map(str, _bundled() if cases is None else cases))), max(1, workers))
        if any(summary.path for summary in summaries):
            self.progress(f"打开查看：{index.write_root_index(self.out, self.progress)}")
        return RunResult(max((summary.exit_status for summary in summaries), default=OK), tuple(summaries))

    def close(self) -> None:
        """No kernel, and nothing that could make one, outlives the run."""
        if self.zygote is not None:
            self.zygote.close()

    def all(self, cases: list[str], workers: int) -> list[CaseSummary]:
        summaries: dict[str, CaseSummary] = {}
        jobs: dict[str, _Job] = {}
        pending: dict[Future, tuple[str, str]] = {}
        pool = ThreadPoolExecutor(workers, thread_name_prefix="notebook")
        try:
            for name in cases:
                job = self.begin(name, {job.folder for job in jobs.values()})
                if isinstance(job, CaseSummary):
                    summaries[name] = job
                    continue
                jobs[name] = job
                for stem in job.stems:
                    pending[pool.submit(self.notebook, job, stem)] = (name, stem)
            for future in as_completed(pending):
                name, stem = pending[future]
                job = jobs[name]
                job.done[stem] = future.result()
                if len(job.done) == len(job.stems):
                    summaries[name] = self.finish(name, job)
        except BaseException:
            # What the ended kernels report from here on is our doing, not news.
            self.progress = lambda line: None
            pool.shutdown(wait=False, cancel_futures=True)
            engine.stop_all()
            raise
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
            for job in jobs.values():
                shutil.rmtree(job.building, ignore_errors=True)
        return [summaries[name] for name in cases]

    def begin(self, name: str, taken: set[str]) -> _Job | CaseSummary:
        """Read and check one case; a wrong one ends here and the others go on."""
        from analysis.problems import CaseError

        started = manifest.now()
        try:
            case = _read_case(name)
            given = parameters.check_against_case(self.given, case)
            skipped = notebooks.unfit(self.notebooks, self.needs, case, refuse=not self.lenient)
        except (CaseError, self.wrong) as failure:
            lines = [str(problem) for problem in getattr(failure, "problems", ())] or [f"错误 {name}：{failure}"]
            for line in lines:
                self.progress(line)
            self.progress(f"[{name}] 未运行：请先改正以上 {len(lines)} 处问题；原有报告（如有）保留未动")
            return CaseSummary(name, INPUT_WRONG, None, messages=tuple(lines))
        for problem in case.problems:
            self.progress(str(problem))
        for item in skipped:
            self.progress(f"[{case.name}] {item['title']} … {index.undone(item)}")
        if skipped and len(skipped) == len(self.notebooks):
            self.progress(f"[{case.name}] 没有可做的笔记本，没有生成报告；原有报告（如有）保留未动")
            return CaseSummary(name, OK, None, skipped=tuple(item["name"] for item in skipped))
        try:
            if not _prepare_case(case, self.root / "data" / "processed"):
                self.progress(f"[{case.name}] 输入没有变化，沿用已整理的数据表")
            folder = publish.safe_name(case.name)
            location = manifest.fingerprint(case.path, self.root)
            if folder in taken or manifest.location_of(self.out / folder) not in (None, location):
                folder = publish.safe_name(str(Path(case.path).resolve()))[-60:]
            building = publish.start_building(self.out, folder)
        except OSError as failure:
            return self.unwritten(name, failure)
        record = {
            "case": case.name, "location": location, "title": case.title, "city": case.city, "year": int(case.year), "nature": case.nature,
            "illustrative": bool(case.illustrative), "sha256": case.sha256, "inputs": manifest.case_inputs(case),
            "code": self.code, "versions": manifest.versions(), "parameters": dict(given), "started": started,
            "problems": len(case.problems), "skipped": skipped,
        }
        # A bundled case is known by its name; anything else by its absolute path, for kernels run elsewhere.
        given["case"] = str(Path(name).resolve()) if Path(name).exists() else name
        left_out = {item["name"] for item in skipped}
        return _Job(case, folder, building, record, given, tuple(stem for stem in self.notebooks if stem not in left_out))

    def notebook(self, job: _Job, stem: str) -> NotebookSummary:
        """Run and convert one notebook. Whatever happens, a page is left for the index to link."""
        path, nb = self.notebooks[stem]
        known = self.declared[stem]
        places = files.parameters(self.folders[stem], job.building, self.out / job.folder)
        given = parameters.for_notebook(job.given | places, known)
        done = engine.execute(nb, given, root=self.root, cwd=path.parent, timeout=self.timeout, zygote=self.zygote)
        title = notebooks.title(nb, stem)
        kept = "" if done.ok else f"{stem}.ipynb"
        messages: list[str] = []
        pages = [(f"{other}.html" if other != stem else "", notebooks.title(self.notebooks[other][1], other)) for other in job.stems]
        page = html.to_html(
            done.nb, title=f"{title} · {job.case.title}", show_code=self.show_code, facts=index.facts(job.record),
            nav=[("../index.html", "全部案例"), ("index.html", "本案例"), *pages],
            illustrative=job.record["illustrative"], notebook=kept, on_missing=messages.append,
        )
        (job.building / f"{stem}.html").write_text(page, encoding="utf-8")
        if kept:
            import nbformat

            nbformat.write(done.nb, job.building / kept)
        effective = {name: item["default"] for name, item in known.items()} | given
        details = {
            "name": stem, "title": title, "status": index.DONE if done.ok else index.FAILED, "error": done.error, "html": f"{stem}.html",
            "notebook": kept, "seconds": done.seconds, "transport": engine.TRANSPORTS[done.transport],
            "parameters": {key: value for key, value in effective.items() if key not in files.PRIVATE},
            "folder": self.folders[stem], "kernel": "逐个新启动" if self.zygote is None else "由预先载入软件包的进程分出", "seeds": {key: value for key, value in effective.items() if "seed" in key}, "messages": messages,
            **index.collect_headlines(done.nb),
        }
        words = "完成" if done.ok else f"未完成：{done.error.splitlines()[0]}"
        self.progress(f"[{job.case.name}] {title} … {words}（{done.seconds:.1f} 秒）")
        for message in messages:
            self.progress(f"[{job.case.name}] {title}：{message}")
        return NotebookSummary(stem, title, done.ok, done.seconds, done.error, details)

    def finish(self, name: str, job: _Job) -> CaseSummary:
        """Index page, manifest, check, publish."""
        results = tuple(job.done[stem] for stem in job.stems)
        record = {**job.record, "finished": manifest.now(), "notebooks": [item.details for item in results]}
        record["status"] = index.DONE if all(item.ok for item in results) else index.FAILED
        report = self.out / job.folder
        failed = [self.folders[item.name] for item in results if not item.ok]
        try:
            former = (manifest.read(report) or {}).get("folders", [])
            record["kept"], record["made"] = files.keep(report, job.building, [*former, *self.folders.values()], failed)
            record["folders"] = sorted({*former, *self.folders.values()} - {""})
            record["listing"] = {name: files.listing(job.building, name) for name in record["folders"]}
            if record["kept"]:
                self.progress(f"[{name}] 文件夹 {'、'.join(record['kept'])} 这次没有重新生成，沿用上期")
            (job.building / "index.html").write_text(index.case_page(record, self.progress), encoding="utf-8")
            manifest.write(job.building, record)
            wrong = manifest.check(job.building, manifest.read(job.building))
            if wrong:
                raise OSError("；".join(wrong))
            # mkdtemp makes the directory private; a report is meant to be read by others.
            job.building.chmod(0o755)
            target = publish.replace_directory(job.building, report)
        except OSError as failure:
            return self.unwritten(name, failure, results)
        bad = sum(not item.ok for item in results)
        self.progress(f"[{name}] " + (f"{bad} 篇未完成，已在目录页标出" if bad else "全部完成") + f"：{target / 'index.html'}")
        skipped = tuple(item["name"] for item in job.record["skipped"])
        return CaseSummary(name, NOTEBOOK_FAILED if bad else OK, target / "index.html", results, skipped=skipped)

    def unwritten(self, name: str, failure: OSError, results: tuple[NotebookSummary, ...] = ()) -> CaseSummary:
        line = f"错误 {name}：报告没有写成，原有报告保留未动。{failure.strerror or failure}"
        self.progress(line)
        return CaseSummary(name, NOTEBOOK_FAILED, None, results, (line,))
