"""Problems found in a user's input: where, what is wrong, what to do."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

ERROR, WARNING, NOTICE = "错误", "警告", "提示"
LEVELS = (ERROR, WARNING, NOTICE)
REPEATS_SHOWN = 20

_VARIABLE_PART = re.compile(r"「[^」]*」|[A-Z]{0,3}[0-9][0-9.,]*")


@dataclass(frozen=True)
class Problem:
    """One located problem.

    level is 错误 (the case cannot be used), 警告 (usable, look at it) or 提示
    (something was ignored or understood in a particular way); row is the
    1-based row as Excel shows it; column is the header as the user sees it.
    """

    level: str
    message: str
    fix: str = ""
    file: str = ""
    sheet: str = ""
    row: int | None = None
    column: str = ""

    def __str__(self) -> str:
        place = self.file
        if self.sheet:
            place += f"〔{self.sheet}〕"
        if self.row is not None:
            place += f"第{self.row}行"
        if self.column:
            place += f"〔{self.column}〕列"
        head = f"{self.level} {place}：" if place else f"{self.level}："
        text = head + self.message.rstrip("。") + "。"
        text += f"办法：{self.fix.rstrip('。')}。" if self.fix else ""
        # quoted cells may hold line breaks or terminal control codes
        return "".join(c if c.isprintable() else " " for c in text)


class CaseError(Exception):
    """A case cannot be read; `.problems` holds every problem found."""

    def __init__(self, problems: Iterable[Problem]):
        self.problems: tuple[Problem, ...] = tuple(problems)
        super().__init__("\n".join(str(p) for p in self.problems))


def errors(problems: Iterable[Problem]) -> list[Problem]:
    """The problems that make a case unusable."""
    return [p for p in problems if p.level == ERROR]


def tidy(problems: Iterable[Problem]) -> list[Problem]:
    """Drop exact repeats, cap runs of the same complaint, sort errors first.

    Two problems are the same complaint when they share level, file, sheet,
    column and wording once quoted names and numbers are taken out; after
    `REPEATS_SHOWN` of them one line says how many more there are, and in which rows.
    """
    kept: list[Problem] = []
    counts: dict[tuple, int] = {}
    last: dict[tuple, Problem] = {}
    beyond: dict[tuple, list[int]] = {}
    for problem in dict.fromkeys(problems):
        wording = _VARIABLE_PART.sub("", problem.message)
        kind = (problem.level, problem.file, problem.sheet, problem.column, wording)
        counts[kind] = counts.get(kind, 0) + 1
        if counts[kind] <= REPEATS_SHOWN:
            kept.append(problem)
            last[kind] = problem
        elif problem.row is not None:
            beyond.setdefault(kind, []).append(problem.row)
    for kind, count in counts.items():
        if count > REPEATS_SHOWN:
            shown = last[kind]
            kept.append(Problem(
                shown.level,
                f"与第{shown.row}行同类的问题另有 {count - REPEATS_SHOWN} 处，未逐条列出：第{_runs(beyond.get(kind, []))}行"
                if shown.row is not None
                else f"同类问题另有 {count - REPEATS_SHOWN} 处，未逐条列出：{shown.message}",
                shown.fix, shown.file, shown.sheet, None, shown.column))
    return sorted(kept, key=lambda p: LEVELS.index(p.level))


def _runs(rows: list[int], most: int = 200) -> str:
    """Row numbers with neighbours drawn together: 41、43—45."""
    runs: list[list[int]] = []
    for row in sorted(set(rows)):
        if runs and row == runs[-1][1] + 1:
            runs[-1][1] = row
        else:
            runs.append([row, row])
    return "、".join(f"{a}" if a == b else f"{a}—{b}" for a, b in runs[:most]) + ("等" if len(runs) > most else "")


def suggest(name: str, known: Iterable[str]) -> str:
    """「，是不是“…”？」 naming the nearest known name, or nothing."""
    import difflib

    near = difflib.get_close_matches(name, list(known), n=1, cutoff=0.5)
    return f"，是不是“{near[0]}”" if near else ""
