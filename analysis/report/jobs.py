"""One case on its way to its report: from what was read, over its units of work, to what is published."""

from __future__ import annotations

import contextlib
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from analysis.report import engine, files, index, locks, manifest, parameters, publish, unchanged, work

Say = Callable[[str], object]


@dataclass(frozen=True)
class Setup:
    """What all cases of a run have in common.

    ``given``: parameters asked for; ``by_path``: name the case to notebooks by its path, also a bundled one.
    """

    root: Path
    out: Path
    notebooks: Mapping[str, notebooks.Loaded]
    given: Mapping[str, object]
    show_code: bool = False
    timeout: float = 600
    force: bool = False
    keep: int = 1
    by_path: bool = False


@dataclass
class Job:
    """A case whose lock is held: what its notebooks are to do, and what they did."""

    label: str
    folder: str
    lock: locks.Lock
    building: Path | None
    memory: Path | None
    record: dict
    units: dict[str, work.Unit]
    bases: dict[str, dict]
    digests: dict[str, str]
    taken_over: dict[str, dict] = field(default_factory=dict)
    took: dict[str, float] = field(default_factory=dict)
    why: dict[str, str] = field(default_factory=dict)
    done: dict[str, work.Outcome] = field(default_factory=dict)
    failure: OSError | None = None
    began: float = field(default_factory=time.monotonic)

    @property
    def to_run(self) -> list[str]:
        """The longest first, as they took before, so that none is left over to run alone; new ones before these: the last, which
        rests on most, then those with most to read."""
        stems = [stem for stem in self.units if stem not in self.taken_over]
        return sorted(stems, key=lambda stem: (-self.took.get(stem, float("inf")), stem != stems[-1], -len(self.units[stem].notebook)))

    def end(self) -> None:
        """Leave nothing half built, let others in."""
        if self.memory is not None:
            shutil.rmtree(self.memory, ignore_errors=True)
            self.memory = None
        if self.building is not None:
            shutil.rmtree(self.building, ignore_errors=True)
            with contextlib.suppress(OSError):
                self.building.parent.rmdir()
            self.building = None
        self.lock.release()


def place_of(setup: Setup, case: object, district: str, taken: set[str]) -> tuple[str, str]:
    """Folder of the report and fingerprint of what it is made from; another input of the same name gets another folder."""
    name = f"{case.name}-{district}" if district else case.name
    folder = publish.safe_name(name)
    location = manifest.fingerprint(case.path, setup.root) + (f"-{district}" if district else "")
    if folder in taken or manifest.location_of(setup.out / folder) not in (None, location):
        folder = publish.safe_name(str(Path(case.path).resolve()) + (f"-{district}" if district else ""))[-60:]
    return folder, location


def begin(setup: Setup, name: str, case: object, district: str, folder: str, location: str, skipped: list[dict], given: Mapping[str, object], say: Say) -> Job:
    """Lock the report, clear what a killed run left, and decide what must be run. Busy, or OSError when nothing can be written."""
    label = f"{case.name}（{district}）" if district else case.name
    lock = locks.take(setup.out, folder)
    try:
        if lock.former is not None:
            say(f"[{label}] 上次运行没有正常结束（{lock.former}），已接着运行")
        if publish.recover(setup.out, folder):
            say(f"上次运行中断，已恢复 {folder} 的原报告")
        record = _record(setup, case, district, location, skipped, given)
        units = _units(setup, name, case, folder, record, given)
        bases = {stem: unchanged.basis(unit, record["inputs"], setup.notebooks[stem].code, record["versions"]) for stem, unit in units.items()}
        report = setup.out / folder
        job = Job(label, folder, lock, None, None, record, units, bases, {item["文件"]: item["sha256"] for item in record["inputs"]})
        job.why = unchanged.reasons(units, bases, report, setup.force)
        former = manifest.read(report)
        job.took = {item["name"]: float(item.get("seconds", 0)) for item in (former or {}).get("notebooks", ())}
        job.taken_over = {stem: unchanged.entry(stem, former) for stem, why in job.why.items() if not why}
        if not job.to_run and unchanged.whole(report, units, skipped, former):
            return job
        job.building = publish.start_building(setup.out, folder)
        if len(job.to_run) > 1:
            with contextlib.suppress(OSError):
                job.memory = engine.private_folder()
        for entry in job.taken_over.values():
            shutil.copy2(report / entry["html"], job.building / entry["html"])
        return job
    except BaseException:
        lock.release()
        raise


def _record(setup: Setup, case: object, district: str, location: str, skipped: list[dict], given: Mapping[str, object]) -> dict:
    title = f"{case.title}（{district}）" if district else case.title
    code = manifest.code_hash(setup.root, [item.path for item in setup.notebooks.values()])
    return {
        "case": case.name, "district": district, "location": location, "title": title, "city": case.city, "year": int(case.year),
        "nature": case.nature, "illustrative": bool(case.illustrative), "sha256": case.sha256, "inputs": manifest.case_inputs(case),
        "code": code, "versions": manifest.versions(), "parameters": dict(given), "started": manifest.now(),
        "problems": len(case.problems), "skipped": skipped,
    }


def _units(setup: Setup, name: str, case: object, folder: str, record: Mapping, given: Mapping[str, object]) -> dict[str, work.Unit]:
    left_out = {item["name"] for item in record["skipped"]}
    chosen = {stem: item for stem, item in setup.notebooks.items() if stem not in left_out}
    # A bundled case is known by its name; anything else by its absolute path, for kernels run elsewhere.
    source = str(Path(case.path).resolve()) if setup.by_path else str(Path(name).resolve()) if Path(name).exists() else name
    units = {}
    for stem, item in chosen.items():
        former = setup.out / folder / (item.reads or item.folder)
        page = {
            "title": f"{item.title} · {record['title']}", "show_code": setup.show_code, "facts": index.facts({**record, "code": item.code}),
            "nav": [("../index.html", "全部案例"), ("index.html", "本案例"), *((f"{other}.html" if other != stem else "", chosen[other].title) for other in chosen)],
            "illustrative": record["illustrative"],
        }
        units[stem] = work.Unit(
            source, stem, item.text, str(item.path.parent), parameters.for_notebook(given, item.declared), tuple(item.declared), item.folder,
            str(former) if item.folder and former.is_dir() else "", page, setup.timeout, item.reads)
    return units


def details(setup: Setup, job: Job, stem: str) -> dict:
    """What the manifest says of one notebook."""
    if stem in job.taken_over:
        return job.taken_over[stem]
    item, unit, done = setup.notebooks[stem], job.units[stem], job.done[stem]
    effective = {name: known["default"] for name, known in item.declared.items()} | dict(unit.parameters)
    return {
        "name": stem, "title": item.title, "status": index.DONE if done.ok else index.FAILED, "error": done.error, "html": f"{stem}.html",
        "notebook": done.kept, "seconds": done.seconds, "transport": done.transport,
        "parameters": {key: value for key, value in effective.items() if key not in files.PRIVATE},
        "folder": item.folder, "kernel": done.kernel, "seeds": {key: value for key, value in effective.items() if "seed" in key},
        "messages": list(done.messages), "code": item.code, "basis": job.bases[stem], **done.found,
    }


def finish(setup: Setup, job: Job, say: Say) -> Path:
    """Files carried over, index page, manifest, check, publish; the index page in its place. OSError when it could not be."""
    report, building = setup.out / job.folder, job.building
    entries = [details(setup, job, stem) for stem in job.units]
    record = {**job.record, "finished": manifest.now(), "seconds": round(time.monotonic() - job.began, 1), "notebooks": entries}
    record["status"] = index.DONE if all(item["status"] == index.DONE for item in entries) else index.FAILED
    folders = {item["folder"] for item in entries if item["folder"]}
    failed = [item["folder"] for item in entries if item["status"] != index.DONE]
    former = (manifest.read(report) or {}).get("folders", [])
    record["kept"], record["made"] = files.keep(report, building, [*former, *sorted(folders)], failed)
    record["folders"] = sorted({*former, *folders})
    record["listing"] = {name: files.listing(building, name) for name in record["folders"]}
    if record["kept"]:
        say(f"[{job.label}] 文件夹 {'、'.join(record['kept'])} 这次没有重新生成，沿用上期")
    (building / "index.html").write_text(index.case_page(record, say), encoding="utf-8")
    manifest.write(building, record)
    if wrong := manifest.check(building, manifest.read(building)):
        raise OSError("；".join(wrong))
    target = publish.replace_directory(building, report, setup.keep)
    with contextlib.suppress(OSError):
        building.parent.rmdir()
    job.building = None
    return target / "index.html"
