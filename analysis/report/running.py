"""One call of the batch: cases in order, their units of work in parallel, a report as soon as a case is done."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from pathlib import Path

from analysis.report import engine, executors, files, forking, html, index, jobs, locks, notebooks, notify, parameters, publish
from analysis.report.summaries import INPUT_WRONG, NOTEBOOK_FAILED, OK, CaseSummary, NotebookSummary, RunResult

ALL = "all"
NOTICE_EVERY = 30
Key = tuple[str, str]


class Run:
    """The state shared by one call of :func:`analysis.report.batch.run_cases`, whose parameters these are.

    ``read``, ``bundled``, ``prepare`` and ``hand_on`` are the ways to a case, to the names of all, to its tidy tables, and from
    here to its notebooks.
    """

    wrong = (parameters.ParameterError, executors.ClusterError)

    def __init__(self, root: Path, out: Path, *, read: Callable, bundled: Callable, prepare: Callable, given: Mapping[str, object],
                 districts: Sequence[str] | None, workers: int, plain: bool, waiting: bool, dask: str | None, command: list[str] | str | None,
                 say: Callable[[str], object], lenient: bool, options: Mapping[str, object], hand_on: Callable = lambda case, folder: None):
        self.root, self.out, self.read, self.bundled, self.prepare, self.hand_on = root, out, read, bundled, prepare, hand_on
        self.given = {name: value for name, value in given.items() if value is not None}
        self.districts, self.workers, self.plain, self.waiting, self.dask = districts, max(1, workers), plain, waiting, dask
        self.command, self.say, self.lenient, self.options = command, say, lenient, options
        self.zygote: forking.Zygote | None = None
        self.executor: executors.Local | executors.Cluster | None = None
        self.last: tuple[str, object] = ("", None)
        self.prepared: set[str] = set()
        self.order: list[Key] = []
        self.found: dict[Key, CaseSummary] = {}
        self.open: dict[Key, jobs.Job] = {}
        self.pending: dict[Future, tuple[Key, str]] = {}
        self.taken: set[str] = set()

    def whole(self, cases: Sequence[str] | None, chosen: Sequence[str | Path] | None) -> RunResult:
        try:
            self.load(chosen, self.sure(cases))
            self.out.mkdir(parents=True, exist_ok=True)
            engine.sweep()
        except self.wrong as failure:
            self.say(f"错误：{failure}")
            return RunResult(INPUT_WRONG, ())
        except OSError as failure:
            self.say(f"错误：无法写入输出目录 {self.out}（{failure.strerror or failure}）。请换一个目录，或检查权限和磁盘空间")
            return RunResult(NOTEBOOK_FAILED, ())
        summaries = self.all(list(dict.fromkeys(map(str, self.bundled() if cases is None else cases))))
        status = max((summary.exit_status for summary in summaries), default=OK)
        if any(summary.path for summary in summaries):
            try:
                with locks.wait(self.out, ".index", 60):
                    self.say(f"打开查看：{index.write_root_index(self.out, self.say)}")
            except (OSError, locks.Busy) as failure:
                self.say(f"错误：总目录页没有写成（{getattr(failure, 'strerror', None) or failure}），各案例的报告不受影响")
                status = max(status, NOTEBOOK_FAILED)
        return RunResult(status, tuple(summaries))

    def sure(self, cases: Sequence[str] | None) -> bool:
        """Whether something will have to be run, as far as can be known before anything is read."""
        names = self.bundled() if cases is None else map(str, cases)
        return self.options.get("force", False) or any(not (self.out / publish.safe_name(Path(name).stem)).is_dir() for name in names)

    def load(self, chosen: Sequence[str | Path] | None, sure: bool = False) -> None:
        """The notebooks; where it is ``sure`` that something is to run, the process that kernels are forked from gets ready meanwhile."""
        if self.districts and "district" in self.given:
            raise parameters.ParameterError("逐个区县运行时不要再指定本区（district）")
        if sure and not self.dask and self.forks():
            self.start_zygote(path.read_text("utf-8", "replace") for path in notebooks.find(self.root, chosen))
        loaded = notebooks.load(self.root, chosen)
        declared = {stem: item.declared for stem, item in loaded.items()}
        parameters.check_names(self.given, declared, files.PRIVATE)
        for known in declared.values():
            parameters.for_notebook(self.given, known)
        self.setup = jobs.Setup(self.root, self.out, loaded, self.given, by_path=bool(self.dask), **self.options)
        if self.dask:
            self.executor = executors.Cluster(self.dask, self.plain)

    def start_workers(self) -> executors.Local | executors.Cluster:
        """Made when there is something to run: an unchanged case costs no process."""
        if self.executor is None:
            self.start_zygote(item.text for item in self.setup.notebooks.values())
            self.executor = executors.Local(self.workers, self.root, self.zygote)
        return self.executor

    def forks(self) -> bool:
        return not self.plain and forking.possible()

    def start_zygote(self, chosen: Iterable[str]) -> None:
        if self.zygote is None and self.forks():
            self.zygote = forking.Zygote([*forking.preloaded(), *forking.imported(chosen)], self.root)

    def close(self) -> None:
        """No kernel, and nothing that could make one, outlives the run."""
        if self.executor is not None:
            self.executor.close()
        if self.zygote is not None:
            self.zygote.close()

    def all(self, cases: list[str]) -> list[CaseSummary]:
        """Every case. A new one is begun only when the workers would soon have nothing to do."""
        todo, busy = deque((name, None) for name in cases), deque()
        try:
            while todo or busy or self.pending:
                if not todo and not self.pending:
                    # Nothing is held now, so two runs cannot wait for each other.
                    self.wait_for(busy[0])
                    todo.append(busy.popleft()[0])
                while todo and len(self.pending) < 2 * (self.executor.width if self.executor else self.workers):
                    key = todo.popleft()
                    if key[1] is None:
                        todo.extendleft(reversed(self.expand(key[0])))
                    elif (holder := self.start(key)) is not None:
                        busy.append((key, holder))
                self.collect()
        except BaseException:
            # What the ended kernels report from here on is our doing, not news.
            self.say = lambda line: None
            if self.executor is not None:
                self.executor.stop()
            raise
        finally:
            if self.executor is not None and not self.dask:
                self.executor.close()
            for job in self.open.values():
                job.end()
        return [self.found[key] for key in self.order]

    def expand(self, name: str) -> list[Key]:
        """A case once, or once for each district asked for; a case that cannot be read ends here."""
        if not self.districts:
            keys = [(name, "")]
        else:
            try:
                names = [str(district) for district in self.case(name).districts["district"]]
                keys = [(name, district) for district in (names if list(self.districts) == [ALL] else dict.fromkeys(self.districts))]
                for _, district in keys:
                    parameters.check_against_case({"district": district}, self.case(name))
            except Exception as failure:
                self.refuse((name, ""), failure)
                return []
        self.order += keys
        return keys

    def case(self, name: str) -> object:
        """The case; kept until another is read."""
        if self.last[0] != name:
            self.last = (name, self.read(name))
        return self.last[1]

    def refuse(self, key: Key, failure: Exception) -> None:
        """A wrong case ends here and the others go on; anything but its being wrong is raised again."""
        from analysis.problems import CaseError

        if not isinstance(failure, (CaseError, *self.wrong)):
            raise failure
        name = key[0]
        lines = [str(problem) for problem in getattr(failure, "problems", ())] or [f"错误 {name}：{failure}"]
        for line in lines:
            self.say(line)
        self.say(f"[{name}] 未运行：请先改正以上 {len(lines)} 处问题；原有报告（如有）保留未动")
        if key not in self.order:
            self.order.append(key)
        self.end(key, CaseSummary(name, INPUT_WRONG, None, messages=tuple(lines), district=key[1]))

    def start(self, key: Key) -> tuple[str, locks.Holder] | None:
        """Read, check and begin one case. Returns the folder and who holds it if it must be waited for."""
        name, district = key
        try:
            case = self.case(name)
            given = parameters.check_against_case({**self.given, **({"district": district} if district else {})}, case)
            skipped = notebooks.unfit(self.setup.notebooks, case, not self.lenient, district)
        except Exception as failure:
            self.refuse(key, failure)
            return None
        first, label = name not in self.prepared, f"{case.name}（{district}）" if district else case.name
        for problem in case.problems if first else ():
            self.say(str(problem))
        for item in skipped:
            self.say(f"[{label}] {item['title']} … {index.undone(item)}")
        if len(skipped) == len(self.setup.notebooks):
            self.say(f"[{label}] 没有可做的笔记本，没有生成报告；原有报告（如有）保留未动")
            self.end(key, CaseSummary(name, OK, None, skipped=tuple(item["name"] for item in skipped), district=district))
            return None
        try:
            if first and not self.prepare(case):
                self.say(f"[{case.name}] 输入没有变化，沿用已整理的数据表")
            self.prepared.add(name)
            folder, location = jobs.place_of(self.setup, case, district, self.taken)
            job = jobs.begin(self.setup, name, case, district, folder, location, skipped, given, self.say)
        except locks.Busy as failure:
            self.say(f"[{label}] 另一次运行正在生成这份报告（{failure.holder}）" + ("，等它结束" if self.waiting else "。没有运行；等它结束后再试，或加 --wait 等待"))
            if self.waiting:
                return folder, failure.holder
            self.end(key, CaseSummary(name, NOTEBOOK_FAILED, None, messages=(f"另一次运行正在生成这份报告（{failure.holder}）",), district=district))
            return None
        except OSError as failure:
            self.unwritten(key, failure)
            return None
        self.taken.add(folder)
        self.open[key] = job
        for stem, why in job.why.items():
            if why not in ("", jobs.unchanged.NEW):
                self.say(f"[{label}] {self.setup.notebooks[stem].title} … 重新运行：{why}")
            elif not why and job.building is not None:
                since = index.local_time(job.taken_over[stem]["reused"])
                self.say(f"[{label}] {self.setup.notebooks[stem].title} … 输入、代码、参数都没有变化，沿用 {since} 的结果")
        if job.memory is not None:
            self.hand_on(case, job.memory)
        for stem in job.to_run:
            self.pending[self.start_workers().submit(job.units[stem], job.building, job.digests, str(job.memory or ''))] = (key, stem)
        if not job.to_run:
            self.finish(key)
        elif not self.dask:
            html.get_ready()
        return None

    def wait_for(self, waiting: tuple[Key, tuple[str, locks.Holder]]) -> None:
        """Until the lock is free. What was read of the case meanwhile is forgotten."""
        try:
            locks.wait(self.out, waiting[1][0], float("inf")).release()
        except OSError:
            time.sleep(1)
        self.last = ("", None)

    def collect(self) -> None:
        """Take in what is done; wait for something if nothing is."""
        if not self.pending:
            return
        done, _ = wait(self.pending, timeout=NOTICE_EVERY, return_when=FIRST_COMPLETED)
        if not done and (text := self.executor.missing()):
            self.say(text)
        for future in done:
            key, stem = self.pending.pop(future)
            job = self.open[key]
            try:
                job.done[stem] = outcome = future.result()
            except OSError as failure:
                job.failure, job.done[stem] = failure, jobs.work.Outcome(False, 0.0, str(failure))
            else:
                title = self.setup.notebooks[stem].title
                words = "完成" if outcome.ok else f"未完成：{(outcome.error.splitlines() or [''])[0]}"
                self.say(f"[{job.label}] {title} … {words}（{outcome.seconds:.1f} 秒）")
                for message in outcome.messages:
                    self.say(f"[{job.label}] {title}：{message}")
            if len(job.done) == len(job.to_run):
                self.finish(key)

    def finish(self, key: Key) -> None:
        """Publish one case, or leave it alone where nothing changed."""
        job, (name, district) = self.open[key], key
        left_out = tuple(item["name"] for item in job.record["skipped"])
        same, path, results = job.building is None, self.out / job.folder / "index.html", ()
        try:
            results = self.results(job) if job.failure is None else ()
            if job.failure is not None:
                raise job.failure
            if not same:
                jobs.finish(self.setup, job, self.say)
        except OSError as failure:
            self.unwritten(key, failure, results)
            return
        bad = sum(not item.ok for item in results)
        if same:
            since = index.local_time(max(item.details["reused"] for item in results))
            self.say(f"[{job.label}] 输入、代码、参数都没有变化，沿用 {since} 的报告（要重新生成请加 --force）：{path}")
        else:
            self.say(f"[{job.label}] " + (f"{bad} 篇未完成，已在目录页标出" if bad else "全部完成") + f"：{path}")
        self.end(key, CaseSummary(name, NOTEBOOK_FAILED if bad else OK, path, results, skipped=left_out, district=district, unchanged=same))

    def results(self, job: jobs.Job) -> tuple[NotebookSummary, ...]:
        found = {stem: jobs.details(self.setup, job, stem) for stem in job.units}
        return tuple(NotebookSummary(stem, item["title"], item["status"] == index.DONE, item["seconds"], item["error"], item, stem in job.taken_over)
                     for stem, item in found.items())

    def unwritten(self, key: Key, failure: OSError, results: tuple[NotebookSummary, ...] = ()) -> None:
        line = f"错误 {key[0]}：报告没有写成，原有报告保留未动。{failure.strerror or failure}"
        self.say(line)
        self.end(key, CaseSummary(key[0], NOTEBOOK_FAILED, None, results, (line,), district=key[1]))

    def end(self, key: Key, summary: CaseSummary) -> None:
        """Let go of a case and tell whoever asked to be told."""
        job = self.open.pop(key, None)
        seconds = 0.0
        if job is not None:
            seconds = time.monotonic() - job.began
            job.end()
        self.found[key] = CaseSummary(**{**vars(summary), "seconds": round(seconds, 1)})
        if self.command:
            label = f"{key[0]}（{key[1]}）" if key[1] else key[0]
            if wrong := notify.call(self.command, label, summary.exit_status, summary.path, seconds, "；".join(summary.messages)):
                self.say(f"[{label}] {wrong}")
