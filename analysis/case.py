"""A case: one city-year of work, read, checked and frozen.

A case is a workbook or a folder of CSVs (see `analysis.sheets`), given by path
or by the name it has under `data/raw`.
"""

from __future__ import annotations

import gc
import hashlib
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from analysis.check import validate
from analysis.columns import typed_table
from analysis.csvfiles import csv_files
from analysis.dictionary import load
from analysis.problems import ERROR, CaseError, Problem, errors, suggest, tidy
from analysis.run_memory import hand_on, once_per_run
from analysis.sheets import read_tables

ROOT = Path(__file__).resolve().parent.parent
RAW = ROOT / "data" / "raw"
WORKBOOK_SUFFIXES = (".xlsx", ".xlsm")
# Any one of these is something to analyse.
SUBJECTS = ("values", "series", "enterprises")


@dataclass(frozen=True, eq=False)
class Case:
    """A valid case.

    `tables` has every sheet by English key (empty if absent) with the columns
    of the dictionary under English names, plus `row` (as Excel shows it) and
    `cell` (address of the row's main figure). `problems` are the warnings and
    notices that remain.
    """

    name: str
    path: Path
    sha256: str
    meta: dict[str, str]
    tables: dict[str, pd.DataFrame]
    problems: tuple[Problem, ...]

    districts = property(lambda self: self.tables["districts"])
    scheme = property(lambda self: self.tables["scheme"])
    values = property(lambda self: self.tables["values"])
    adjustments = property(lambda self: self.tables["adjustments"])
    published = property(lambda self: self.tables["published"])
    series = property(lambda self: self.tables["series"])
    scenarios = property(lambda self: self.tables["scenarios"])
    towns = property(lambda self: self.tables["towns"])
    enterprises = property(lambda self: self.tables["enterprises"])
    rules = property(lambda self: self.tables["rules"])
    recognitions = property(lambda self: self.tables["recognitions"])
    decisions = property(lambda self: self.tables["decisions"])
    terms = property(lambda self: self.tables["terms"])

    @property
    def title(self) -> str:
        return self.meta.get("标题") or self.name

    @property
    def city(self) -> str:
        return self.meta.get("城市", "")

    @property
    def year(self) -> int:
        return int(self.meta["年度"])

    @property
    def home(self) -> str:
        return self.meta["本区"]

    @property
    def benchmark(self) -> str:
        return self.meta.get("对标区", "")

    @property
    def target_year(self) -> int | None:
        """Year by which to catch up (说明 目标年份); None if not stated."""
        return int(self.meta["目标年份"]) if self.meta.get("目标年份") else None

    @property
    def target_probability(self) -> float | None:
        """Wanted probability of having caught up, between 0 and 1 (说明 目标概率); None if not stated."""
        return float(self.meta["目标概率"]) if self.meta.get("目标概率") else None

    @property
    def comparable_since(self) -> int | None:
        """First year on the present statistical scope (说明 可比起始年); None if all years are."""
        return int(self.meta["可比起始年"]) if self.meta.get("可比起始年") else None

    @property
    def chased(self) -> tuple[str, ...]:
        """Indicators or recognitions to catch up on (说明 追赶指标), in the order given."""
        return tuple(filter(None, self.meta.get("追赶指标", "").split("、")))

    @property
    def plan_node(self) -> str:
        """Code of the node of 考核方案 whose place is planned for (说明 计划指标组); empty if not stated."""
        return self.meta.get("计划指标组", "")

    @property
    def plan_rank(self) -> int | None:
        """Place planned for (说明 计划位次); None if not stated."""
        return int(self.meta["计划位次"]) if self.meta.get("计划位次") else None

    @property
    def plan_first(self) -> str:
        """First quarter of applications (说明 计划起始季度) as ``2023Q1``; empty if not stated."""
        return self.meta.get("计划起始季度", "")

    @property
    def plan_last(self) -> str:
        """Last quarter whose applications still count (说明 计划截止季度) as ``2023Q3``; empty if not stated."""
        return self.meta.get("计划截止季度", "")

    @property
    def nature(self) -> str:
        return self.meta.get("数据性质", "")

    @property
    def illustrative(self) -> bool:
        """Whether anything in the case is made up for demonstration."""
        return "示例" in self.nature or any(
            (t["status"] == "示例").any() for t in self.tables.values() if "status" in t)

    @property
    def years(self) -> list[int]:
        """Years that have values, ascending."""
        return sorted(int(y) for y in self.values["year"].unique())

    @property
    def series_years(self) -> list[int]:
        """Years that the time series touch, ascending; the last one may be incomplete."""
        return sorted({int(period[:4]) for period in self.series["period"]})

    def has(self, sheet: str) -> bool:
        """Whether a sheet (English key) is there with at least one row; KeyError if there is no such sheet."""
        return len(self.tables[sheet]) > 0


def bundled_cases() -> list[str]:
    """Names of the cases under data/raw."""
    if not RAW.is_dir():
        return []
    names = {p.stem for p in RAW.iterdir()
             if p.is_file() and p.suffix.lower() in WORKBOOK_SUFFIXES and not p.name.startswith(("~", "."))}
    return sorted(names | {p.name for p in RAW.iterdir() if _is_case_folder(p)})


def _is_case_folder(path: Path) -> bool:
    return path.is_dir() and any(load().find(f.stem) for f in csv_files(path))


def find_case(name: str | Path) -> Path:
    """The file or folder of a case: a path as given, else a name under data/raw.

    Raises CaseError naming the cases there are, or when a name means both a
    workbook and a folder.
    """
    given = Path(name).expanduser()
    if given.is_file() or (given.is_dir() and (_is_case_folder(given) or len(given.parts) > 1)):
        return given
    text = str(name)
    found = []
    if text and len(given.parts) == 1 and text not in {".", ".."}:
        found = [p for p in (RAW / text, *(RAW / (text + s) for s in WORKBOOK_SUFFIXES))
                 if p.is_file() or _is_case_folder(p)]
    if len(found) > 1:
        raise CaseError([Problem(ERROR, f"「{text}」有 {len(found)} 份：{'、'.join(p.name for p in found)}",
                                 "只保留一份，或给出完整路径")])
    if found:
        return found[0]
    names = bundled_cases()
    what = "文件夹里没有各表的 CSV" if given.is_dir() else "既不是文件，也不是已有的数据"
    raise CaseError([Problem(ERROR, f"找不到「{text}」：{what}{suggest(text, names)}",
                             f"给出文件路径，或用已有的数据：{'、'.join(names) or '（还没有）'}")])


def read_case(name_or_path: str | Path) -> Case:
    """Read and validate a case; raises CaseError carrying every problem."""
    case, problems = _load(name_or_path)
    if case is None:
        raise CaseError(problems)
    return case


def keep_for_notebooks(case: Case, folder: Path) -> None:
    """A case that was read, for the notebooks of a run that read it too (:mod:`analysis.run_memory`)."""
    hand_on(folder, _read, case.path, case.sha256, found=(case, list(case.problems)))


def check_case(name_or_path: str | Path) -> list[Problem]:
    """Every problem of a case, errors first; never raises for bad content."""
    return _load(name_or_path)[1]


def _load(name_or_path: str | Path) -> tuple[Case | None, list[Problem]]:
    try:
        path = find_case(name_or_path)
        digest = digest_of(path)
    except CaseError as error:
        return None, list(error.problems)
    except OSError:
        return None, [Problem(ERROR, f"「{Path(name_or_path).name}」打不开",
                              "检查是否有读取权限、是否正被占用")]
    with _collector_paused():
        return _read(path, digest)


@contextmanager
def _collector_paused():
    """Reading makes millions of small objects and no cycles; collecting amid
    them takes most of the time on a large sheet."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


@once_per_run
def _read(path: Path, digest: str) -> tuple[Case | None, list[Problem]]:
    raw, problems = read_tables(path)
    if not raw and errors(problems):
        return None, tidy(problems)
    failed = {p.sheet for p in problems if p.level == ERROR}
    for sheet in load().sheets:
        if sheet.required and sheet.key not in raw and sheet.title not in failed:
            problems.append(Problem(ERROR, f"缺少必需的表「{sheet.title}」", f"补上这张表：{sheet.help}", path.name))
    draft = {sheet.key: typed_table(raw.get(sheet.key), sheet) for sheet in load().sheets}
    meta, found = validate(draft)
    problems += _nothing_to_do(draft, failed, path.name)
    problems = tidy([*problems, *found])
    if errors(problems):
        return None, problems
    tables = {key: table.frame for key, table in draft.items()}
    return Case(path.stem if path.is_file() else path.resolve().name, path, digest, meta, tables,
                tuple(problems)), problems


def _nothing_to_do(draft: dict, failed: set[str], file: str) -> list[Problem]:
    """An error when no sheet holds data, unless a sheet or its absence is already complained of."""
    titles = {key: load().sheet(key).title for key in SUBJECTS}
    if any(len(draft[key].frame) or titles[key] in failed for key in SUBJECTS) or len(draft["scheme"].frame):
        return []
    return [Problem(ERROR, "没有可分析的数据", f"至少填一张：{'、'.join(titles.values())}", file)]


def digest_of(path: Path) -> str:
    """SHA-256 of a file, or of the names and contents of a folder's CSVs in name order."""
    digest = hashlib.sha256()
    for file in csv_files(path) if path.is_dir() else [path]:
        if path.is_dir():
            digest.update(file.name.encode() + b"\0")
        digest.update(file.read_bytes())
    return digest.hexdigest()


def prepare_case(case: Case, out_root: str | Path | None = None):
    """Write the tidy tables of a case; see `analysis.prepare.prepare`."""
    from analysis.prepare import prepare

    return prepare(case, Path(out_root) if out_root is not None else ROOT / "data" / "processed")
