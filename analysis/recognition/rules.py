"""The rule book of a date: which version of each recognition applies, compiled and checked.

Rows of one 组 are alternatives (any one suffices); rows of ``A4/1`` belong together and
all must be met for that alternative. 前置 and 硬条件: every 组. 直通: any one 组, and it
stands in for the 硬条件 named in its 替代 column. 评分: of each 组 the highest band met.
排除: any one. 已具备: any one, the enterprise has the recognition already.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date as Date

import numpy as np
import pandas as pd

from ..dates import parse_date
from ..names import one_spelling
from ..params import AssessmentError
from ..text import fold_key
from .clauses import (ALREADY, CONFIDENCE, DIRECT, EXCLUDED, HARD, KINDS, PREREQUISITE, SCORE, TOTAL, Clause, fits, thresholds,
                      tolerance)
from .expressions import parse
from .fields import Fields, Headers, Roster
from .units import fit_unit, scaled

EVERY_HARD, HELD = "全部", "已认定"
ALWAYS, FOREVER = (pd.Timestamp(day).as_unit("s") for day in ("1900-01-01", "2200-12-31"))


@dataclass(frozen=True)
class Group:
    """Alternatives, each a tuple of clauses that must all be met; ``by`` = direct routes that stand in for it."""

    kind: str
    name: str
    alternatives: tuple[tuple[Clause, ...], ...]
    by: tuple[Group, ...] = ()

    @property
    def clauses(self) -> tuple[Clause, ...]:
        return tuple(c for part in self.alternatives for c in part)

    @property
    def part(self) -> str:
        """Part of the score sheet (``创新能力`` of ``创新能力:知识产权``), or ""."""
        return self.name.replace("：", ":").rpartition(":")[0]


@dataclass(frozen=True)
class Recognition:
    """One recognition in the version that applies."""

    name: str
    valid_from: pd.Timestamp
    valid_to: pd.Timestamp
    required: tuple[Group, ...]
    direct: tuple[Group, ...]
    sheet: tuple[Group, ...]
    excluded: tuple[Group, ...]
    already: tuple[Group, ...]

    @property
    def clauses(self) -> tuple[Clause, ...]:
        """In the order of judging: 已具备, 排除, 前置 and 硬条件, 直通, 评分."""
        return tuple(c for g in (*self.already, *self.excluded, *self.required, *self.direct, *self.sheet) for c in g.clauses)

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(n for c in self.clauses if c.expression for n in c.expression.columns))


@dataclass(frozen=True)
class RuleBook:
    """Recognitions by name on a date; ``notes`` (Chinese) name those without a version then."""

    date: pd.Timestamp
    recognitions: Mapping[str, Recognition]
    notes: tuple[str, ...]
    headers: Headers


def rule_book(case, date: Date | str | None = None) -> RuleBook:
    """Rules of a case as they stand on a date.

    Parameters
    ----------
    case : a Case with 企业 and 认定条件.
    date : picks the version by 适用起/止 (both days included); None = 31 December of the case's year.

    Raises
    ------
    AssessmentError (Chinese) naming every faulty row at once: fields that are no columns of
    the roster, thresholds that cannot be read, overlapping versions, 直通 without 替代.
    """
    if case.rules.empty:
        raise AssessmentError(f"“{case.name}”没有认定条件，不能筛查：在“认定条件”表里一行写一条")
    if case.enterprises.empty:
        raise AssessmentError(f"“{case.name}”没有企业名册，不能筛查")
    return compile_rules(case.rules, case.enterprises, day_of(case, date))


def day_of(case, date: Date | str | None) -> pd.Timestamp:
    """The day of judging: 31 December of the case's year if none is given; AssessmentError for one that cannot be read."""
    if date is None:
        return pd.Timestamp(case.year, 12, 31)
    day = parse_date(date)[0] if isinstance(date, (str, int)) else pd.to_datetime(date, errors="coerce")
    if day is None or pd.isna(day):
        raise AssessmentError(f"筛查日期“{date}”看不懂，写成 2022-12-31 的形式")
    return pd.Timestamp(day)


def compile_rules(rules: pd.DataFrame, enterprises: pd.DataFrame, date: pd.Timestamp) -> RuleBook:
    """The same from tables with the columns of the dictionary under their English names.

    A recognition spelled in several ways (see :func:`analysis.text.recognition_key`) is one, under its first spelling.
    """
    rules = _spelled_alike(rules)
    problems = _overlaps(rules)
    start, end = rules["valid_from"].fillna(ALWAYS), rules["valid_to"].fillna(FOREVER)
    current = rules[(start <= date) & (date <= end)]
    headers = Headers(tuple(enterprises.columns))
    roster = Fields(len(enterprises), Roster(enterprises))
    found: dict[str, list[Clause]] = {}
    for record in current.to_dict("records"):
        try:
            found.setdefault(record["certification"], []).append(_clause(record, headers, roster))
        except AssessmentError as error:
            problems.append(f"第{record['row']}行（{record['certification']}，{record['clause']}{record['group']}）：{error}")
    recognitions = {}
    for name, clauses in found.items() if not problems else ():
        try:
            recognitions[name] = _recognition(name, clauses, current)
        except AssessmentError as error:
            problems.append(str(error))
    problems += _circles(recognitions)
    if problems:
        raise AssessmentError("认定条件有问题：" + "；".join(problems))
    if not recognitions:
        raise AssessmentError(f"{date:%Y-%m-%d} 没有一条认定条件适用，不能筛查。各认定的适用期：{_spans(rules)}。换一个筛查日期，或改认定条件的适用起、适用止")
    absent = [n for n in rules["certification"].unique() if n not in recognitions]
    notes = tuple(f"{n}在{date:%Y-%m-%d}没有适用的条款，未筛查" for n in absent)
    return RuleBook(date, recognitions, notes, headers)


def _spelled_alike(rules):
    asked = rules["op"] == HELD
    official = one_spelling([*rules["certification"], *rules.loc[asked, "field"]])
    return rules.assign(certification=rules["certification"].map(official), field=rules["field"].where(~asked, rules["field"].map(official)))


def circle(start: str, needs: Mapping[str, Iterable[str]]) -> list[str]:
    """A chain of prerequisites from ``start`` back to itself, or nothing; ``needs``: recognition -> those it asks for.

    Two that exclude one another (排除) ask for nothing, so the caller leaves 排除 clauses out.
    """
    paths, seen = [[start]], {start}
    while paths:
        path = paths.pop()
        for name in needs.get(path[-1], ()):
            if name == start:
                return [*path, start]
            if name not in seen:
                seen.add(name)
                paths.append([*path, name])
    return []


def _circles(recognitions):
    needs = {name: {c.holds: c.row for c in r.clauses if c.holds and c.kind != EXCLUDED} for name, r in recognitions.items()}
    found = {frozenset(chain): chain for name in reversed(needs) if (chain := circle(name, needs))}
    return [f"第{needs[chain[0]][chain[1]]}行：认定互为前提，绕成了圈：{'→'.join(chain)}" for chain in found.values()]


def _spans(rules):
    spans: dict[str, list[str]] = {}
    for name, start, end in rules.groupby(["certification", "valid_from", "valid_to"], sort=False, dropna=False).groups:
        first, last = ("" if pd.isna(day) else f"{day:%Y-%m-%d}" for day in (start, end))
        spans.setdefault(name, []).append(f"{first} 至 {last}" if first and last else f"{first} 起" if first else f"{last} 止")
    return "，".join(f"{name}（{'、'.join(parts)}）" for name, parts in spans.items())


def _overlaps(rules):
    problems = []
    versions = rules.assign(valid_from=rules["valid_from"].fillna(ALWAYS), valid_to=rules["valid_to"].fillna(FOREVER))
    for name, part in versions.groupby("certification", sort=False):
        spans = part.groupby(["valid_from", "valid_to"], sort=True)["row"].agg(["min", "max"]).reset_index()
        for i in range(len(spans)):
            for j in range(i + 1, len(spans)):
                a, b = spans.iloc[i], spans.iloc[j]
                if a["valid_from"] <= b["valid_to"] and b["valid_from"] <= a["valid_to"]:
                    problems.append(f"“{name}”有两版标准适用期重叠：第{a['min']}—{a['max']}行与第{b['min']}—{b['max']}行，改适用起、适用止")
    return problems


def _clause(record, headers, roster):
    op, text = record["op"], record["field"]
    if record["clause"] not in KINDS:
        raise AssessmentError(f"条款“{record['clause']}”不认识；可用：{'、'.join(KINDS)}")
    expression = score = None
    if fold_key(text).startswith(TOTAL) and op != HELD:
        score = fold_key(text)[len(TOTAL):].lstrip(".．")
        if record["clause"] == SCORE or (score == "" and fold_key(text) != TOTAL):
            raise AssessmentError("评分条款不能再用评价得分" if record["clause"] == SCORE else f"字段“{text}”看不懂")
    elif op != HELD:
        expression = parse(text, headers.known)
    fit = fit_unit(record["unit"], expression, headers.unit)
    if fit.trouble and not fit.doubtful:
        raise AssessmentError(fit.trouble)
    threshold, give = (scaled(record[c], fit.factor) if fit.factor != 1 else record[c] for c in ("threshold", "tolerance"))
    low, high, choices = thresholds(op, threshold)
    if op != HELD and (why := fits(op, expression, choices, roster)):
        raise AssessmentError(f"字段“{text}”{why}")
    points = record["points"]
    if record["clause"] == SCORE and not (np.isfinite(points) and points >= 0):
        raise AssessmentError("评分条款要写不小于零的分值")
    group, _, alternative = str(record["group"]).partition("/")
    return Clause(int(record["row"]), record["certification"], record["clause"], group.strip() or f"第{record['row']}行",
                  alternative.strip(), text, op, expression, score, text if op == HELD else "", low, high, choices,
                  threshold, float(points), tolerance(give, low, high), fit.unit, record["text"],
                  record["source"], CONFIDENCE.index(record["confidence"]) if record["confidence"] in CONFIDENCE else len(CONFIDENCE) - 1,
                  tuple(p.strip() for p in str(record.get("replaces") or "").replace("，", "、").split("、") if p.strip()))


def _recognition(name, clauses, current):
    span = current[current["certification"] == name].iloc[0]
    groups = {kind: _groups(kind, [c for c in clauses if c.kind == kind]) for kind in KINDS}
    hard = [g.name for g in groups[HARD]]
    for group in groups[DIRECT]:
        for clause in group.clauses:
            if not clause.replaces or not set(clause.replaces) <= {*hard, EVERY_HARD}:
                raise AssessmentError(f"第{clause.row}行（{name}，直通{group.name}）：在“替代”栏写明它顶替哪一组硬条件（{'、'.join(hard)}，或 全部）")
    for group in groups[SCORE]:
        for part in group.alternatives:
            if len({c.points for c in part}) > 1:
                raise AssessmentError(f"第{part[0].row}行（{name}，评分{group.name}）：同一档的各行分值要一样")
    parts = {g.part for g in groups[SCORE]} | {""}
    for clause in clauses:
        if clause.score is not None and (clause.score not in {fold_key(p) for p in parts} or not groups[SCORE]):
            raise AssessmentError(f"第{clause.row}行（{name}）：字段“{clause.field}”没有对应的评分条款")
    required = [Group(g.kind, g.name, g.alternatives, tuple(d for d in groups[DIRECT] if _stands_in(d, g)))
                for g in (*groups[PREREQUISITE], *groups[HARD])]
    if not required and not groups[ALREADY]:
        raise AssessmentError(f"“{name}”没有前置、硬条件或已具备条款，无从判断")
    return Recognition(name, span["valid_from"], span["valid_to"], tuple(required), groups[DIRECT], groups[SCORE], groups[EXCLUDED],
                       groups[ALREADY])


def _stands_in(direct, group):
    return group.kind == HARD and any(group.name in c.replaces or EVERY_HARD in c.replaces for c in direct.clauses)


def _groups(kind, clauses):
    book: dict[str, dict[str, list[Clause]]] = {}
    for clause in clauses:
        key = clause.alternative or f"\0{clause.row}"
        book.setdefault(clause.group, {}).setdefault(key, []).append(clause)
    return tuple(Group(kind, name, tuple(tuple(part) for part in parts.values())) for name, parts in book.items())
