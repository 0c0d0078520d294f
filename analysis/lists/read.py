"""Follow-ups read back from workbooks that people have filled in, sorted, cut up and saved anew."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from ..cells import Broken, number_as_text, parse_credit_code
from ..dates import parse_date
from ..matching import DECISION_COLUMNS
from ..problems import ERROR, WARNING, Problem, suggest
from ..text import fold_key
from ..workbook import Unreadable, open_workbook, read_tab
from .merge import Entry, resolve
from .statuses import default_status, said, status_names, status_said
from .text import note_text, safe_text
from .unread import unread_columns, unread_comments

TABLE = list(Entry._fields)
PLACE = ("file", "sheet", "row")
ROWS_SEARCHED = 40
SUFFIXES = (".xlsx", ".xlsm")
OLD_SUFFIXES = (".xls", ".et", ".csv", ".ods")
# Headers by which a column is known; the first is the one written.
HEADERS = {
    "code": ("统一社会信用代码", "信用代码", "社会信用代码"), "name": ("企业名称", "名称", "单位名称"), "certification": ("认定",), "town": ("镇街园区",),
    "follow_up": ("跟进状态",), "note": ("镇街备注", "备注"), "updated": ("更新日期",), "last": ("上次跟进",), "listed_row": ("企业表行号",)}


@dataclass(frozen=True)
class FollowUp:
    """What people filled in.

    table : one row per enterprise × recognition that anybody touched: code, name, certification, town, follow_up, note, updated
        (Timestamp or NaT), last (what it said when handed out; missing if unknown), file, sheet, row (where), listed_row (row of 企业).
    decisions : 名单待核 rows with a verdict: listed, enterprise, code, reason, verdict, and where: file, sheet, row; see
        :func:`analysis.actions.verdicts.usable`.
    problems : what could not be understood, and where copies disagree.
    """

    table: pd.DataFrame
    decisions: pd.DataFrame
    problems: tuple[Problem, ...]


def read_follow_up(paths: str | Path | Iterable[str | Path], today: dt.date | None = None) -> FollowUp:
    """Read filled-in workbooks, the bureau's or towns'.

    Parameters
    ----------
    paths : files, or folders (all workbooks in them, and in folders within).
    today : later 更新日期 are reported; None = the system's date.

    Sheets are known by their header (认定, 跟进状态 and 企业名称 or 统一社会信用代码), wherever it stands; columns and rows
    may have been moved, inserted or deleted; a cell merged over several rows counts for each of them. Copies of one row are merged (see :func:`analysis.lists.merge.resolve`).
    A status that is not known is kept in the note and the former status stays; so is a date that cannot be read.
    Never raises for what is in a file: everything wrong is in ``problems``.
    """
    today = dt.date.today() if today is None else today
    problems: list[Problem] = []
    entries: list[Entry] = []
    decisions: list[dict] = []
    for path, shown in _files(paths, problems):
        try:
            book = open_workbook(path)
        except Unreadable as error:
            problems.append(Problem(ERROR, error.message, error.fix, shown))
            continue
        except OSError:
            problems.append(Problem(ERROR, "文件打不开", "检查是否有读取权限、是否正被占用", shown))
            continue
        found = False
        for name, _ in book.tabs:
            try:
                rows = read_tab(book, name).filled()
            except Unreadable as error:
                problems.append(Problem(ERROR, error.message, error.fix, shown, name))
                continue
            if header := _header(rows):
                found = True
                entries += _Reader(shown, name, header[1], today, problems).read(rows, header[0])
            else:
                decisions += _verdicts(rows, shown, name)
        if said_of_comments := unread_comments(path):
            problems.append(Problem(WARNING, said_of_comments, f"要带入的话写在“{HEADERS['note'][0]}”列", shown))
        if not found:
            problems.append(Problem(WARNING, "没有找到清单：没有一张表的表头有“认定”“跟进状态”和企业名称", "交回原来的行动清单工作簿，表头不要改名", shown))
    merged = []
    for copies in _groups(entries):
        entry, found_problems = resolve(copies, today)
        problems += found_problems
        if entry.text or entry.edited:
            merged.append(entry)
    return FollowUp(as_table(merged), _decided(decisions, problems), tuple(problems))


def as_table(entries: Sequence[Entry]) -> pd.DataFrame:
    """Entries as the table of :class:`FollowUp`."""
    table = pd.DataFrame(entries, columns=TABLE)
    return table.assign(updated=pd.to_datetime(table["updated"]).astype("datetime64[s]"))


def as_entries(table: pd.DataFrame) -> list[Entry]:
    """The rows of a :class:`FollowUp` table."""
    records = table[TABLE].itertuples(index=False, name=None)
    at, last = TABLE.index("updated"), TABLE.index("last")
    return [Entry(*(None if (k == at and pd.isna(v)) or (k == last and not isinstance(v, str)) else v.date() if k == at else v for k, v in enumerate(record)))
            for record in records]


def _files(paths, problems):
    given = [paths] if isinstance(paths, (str, Path)) else list(paths)
    seen: set[Path] = set()
    for one in map(Path, given):
        inside = sorted(p for p in one.rglob("*") if p.suffix.lower() in SUFFIXES and not p.name.startswith(("~$", "."))) if one.is_dir() else [one]
        if not one.exists():
            problems.append(Problem(ERROR, "找不到文件", "核对路径", one.name))
            continue
        old = sorted(p.name for p in one.rglob("*") if p.suffix.lower() in OLD_SUFFIXES) if one.is_dir() else []
        problems += [Problem(WARNING, "旧格式的文件没有读", "在 Excel 或 WPS 里另存为 .xlsx 再交回", name) for name in old]
        if not inside and not old:
            problems.append(Problem(WARNING, "文件夹里没有工作簿（.xlsx）", "把收回的清单放进这个文件夹", one.name))
        for path in inside:
            if path.resolve() not in seen:
                seen.add(path.resolve())
                yield path, (path.relative_to(one).as_posix() if one.is_dir() else path.name)


def _header(rows):
    """(index of the header row, field -> column), or None."""
    known = {fold_key(text): (field, rank) for field, texts in HEADERS.items() for rank, text in enumerate(texts)}
    for n, row in enumerate(rows[:ROWS_SEARCHED]):
        found: dict[str, tuple[int, int]] = {}
        for k, cell in enumerate(row):
            if isinstance(cell, str) and (hit := known.get(fold_key(cell))):
                field, rank = hit
                if field not in found or rank < found[field][0]:
                    found[field] = rank, k
        if {"certification", "follow_up"} <= found.keys() and found.keys() & {"name", "code"}:
            return n, {field: k for field, (_, k) in found.items()}
    return None


def _groups(entries):
    """Entries of the same enterprise and recognition; where only a code or only a name is left, the other is taken from rows that have both."""
    codes: dict[str, set[str]] = {}
    names: dict[str, set[str]] = {}
    for e in entries:
        if e.code and e.name:
            codes.setdefault(fold_key(e.name), set()).add(e.code)
            names.setdefault(e.code, set()).add(fold_key(e.name))
    groups: dict[tuple, list[Entry]] = {}
    for e in entries:
        code = e.code or _only(codes.get(fold_key(e.name)))
        name = fold_key(e.name) or _only(names.get(code))
        groups.setdefault((code, name, 0 if code else e.listed_row, fold_key(e.certification)), []).append(e)
    return groups.values()


def _only(found):
    return next(iter(found)) if found and len(found) == 1 else ""


class _Reader:
    """Reads the rows of one list sheet."""

    def __init__(self, file, sheet, columns, today, problems):
        self.where = {"file": file, "sheet": sheet}
        self.columns, self.today, self.problems = columns, today, problems

    def read(self, rows: list[list], head: int) -> list[Entry]:
        out = []
        for level, message, fix, n in unread_columns(rows, head, self.columns.values(), "note" in self.columns, _shown):
            self._report(level, message, fix, n, "")
        for n, row in enumerate(rows[head + 1:], start=head + 2):
            cells = {field: row[k] if k < len(row) else "" for field, k in self.columns.items()}
            entry = self._entry(cells, n)
            if entry is not None:
                out.append(entry)
        return out

    def _entry(self, cells, n):
        if fold_key(_shown(cells.get("follow_up"))) == fold_key(HEADERS["follow_up"][0]):
            return None
        name, certification = (note_text(_shown(cells.get(c))) for c in ("name", "certification"))
        last = note_text(_shown(cells["last"])) if "last" in cells else None
        note, extra = note_text(_shown(cells.get("note"))), []
        if isinstance(cells.get("note"), Broken):
            self._report(WARNING, f"备注读不出来：{cells['note'].message}", "以 = + - @ 开头的话前面加一个单引号再填", n, HEADERS["note"][0])
        follow_up = self._status(cells.get("follow_up"), last, n, extra)
        updated = self._date(cells.get("updated"), n, extra)
        note = note_text(note + "".join(f"（{words}）" for words in extra if words not in note))
        text = said(follow_up, updated, note)
        code = self._code(cells.get("code"), n, bool(text))
        if not (name or code) or not certification:
            if text:
                lost = "认定" if name or code else "企业名称和统一社会信用代码"
                self._report(WARNING, f"填了“{text}”，但{lost}是空的，认不出是哪一行", "补上后再读入一次", n, lost)
            return None
        listed = cells.get("listed_row")
        return Entry(code, name, certification, note_text(_shown(cells.get("town"))), follow_up, note, updated, last,
                     self.where["file"], self.where["sheet"], n, int(listed) if isinstance(listed, (int, float)) else 0)

    def _status(self, cell, last, n, extra):
        text = note_text(_shown(cell))
        if not text:
            return default_status()
        key = fold_key(text)
        for name in status_names():
            if fold_key(name) == key:
                return name
        near = suggest(text, status_names())
        self._report(WARNING, f"跟进状态“{text[:30]}”不认识{near}", f"从下拉项里选：{'、'.join(status_names())}；填的字先记入备注", n, "跟进状态")
        extra.append(f"跟进状态原填：{text}")
        return status_said(last or "")

    def _date(self, cell, n, extra):
        date, trouble = parse_date(cell)
        shown = note_text(_shown(cell))
        if trouble is not None or (date is None and shown):
            self._report(WARNING, f"更新日期“{shown[:30]}”看不懂", "写成 2023-05-04 的形式；填的字先记入备注", n, "更新日期")
            extra.append(f"更新日期原填：{shown}")
            return None
        if date is not None and date > self.today:
            self._report(WARNING, f"更新日期 {date:%Y-%m-%d} 在将来", "核对日期；比较先后时不计这个日期", n, "更新日期")
        return date

    def _code(self, cell, n, touched):
        code, trouble = parse_credit_code(cell)
        if trouble is not None and trouble.level == ERROR and touched:
            self._report(WARNING, trouble.message, "按企业名称认这一行；请恢复原来的代码", n, "统一社会信用代码")
        return code

    def _report(self, level, message, fix, row, column):
        self.problems.append(Problem(level, message, fix, **self.where, row=row, column=column))


def _verdicts(rows, file, sheet):
    known = {fold_key(text): field for field, text in DECISION_COLUMNS.items()}
    for n, row in enumerate(rows[:ROWS_SEARCHED]):
        at = {known[fold_key(c)]: k for k, c in enumerate(row) if isinstance(c, str) and fold_key(c) in known}
        if {"listed", "enterprise", "verdict"} <= at.keys():
            cells = ({f: note_text(_shown(r[k])) if k < len(r) else "" for f, k in at.items()} | {"file": file, "sheet": sheet, "row": m}
                     for m, r in enumerate(rows[n + 1:], start=n + 2))
            return [c for c in cells if c["verdict"]]
    return []


def _decided(found, problems):
    kept: dict[tuple, dict] = {}
    for row in found:
        where = {"file": row["file"], "sheet": row["sheet"], "row": row["row"], "column": DECISION_COLUMNS["verdict"]}
        key = (fold_key(row["listed"]), row.get("code") or fold_key(row["enterprise"]))
        if row["verdict"] not in ("是", "否"):
            problems.append(Problem(WARNING, f"结论“{row['verdict'][:30]}”应为 是 或 否，没有采用", "改成 是 或 否", **where))
        elif key in kept and kept[key]["verdict"] != row["verdict"]:
            earlier = kept.pop(key)
            problems.append(Problem(WARNING, f"“{row['listed']}”与“{row['enterprise']}”在{earlier['file']}第{earlier['row']}行结论是“{earlier['verdict']}”，"
                                             f"这里是“{row['verdict']}”，都没有采用", "统一结论", **where))
        else:
            kept.setdefault(key, row)
    return pd.DataFrame([[*(safe_text(row.get(c, "")) for c in DECISION_COLUMNS), *(row[c] for c in PLACE)] for row in kept.values()],
                        columns=[*DECISION_COLUMNS, *PLACE])


def _shown(cell) -> str:
    """A cell as the reader sees it."""
    if cell is None or isinstance(cell, Broken):
        return ""
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, float):
        return number_as_text(cell)
    if isinstance(cell, dt.datetime):
        return f"{cell:%Y-%m-%d}" if (cell.hour, cell.minute, cell.second) == (0, 0, 0) else f"{cell:%Y-%m-%d %H:%M:%S}"
    if isinstance(cell, dt.date):
        return f"{cell:%Y-%m-%d}"
    return str(cell)
