"""Follow-up statuses, and a follow-up as one line of text."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from ..shipped import rows
from .text import note_text, safe_text


@dataclass(frozen=True)
class FollowStatus:
    """One row of ``tables/lists_follow_up.csv``: the word, what it means, and what it says to planning
    (``outcome``: 待定, 成功, 失败, 放弃, or nothing; ``planning``: the same in a sentence)."""

    name: str
    meaning: str
    outcome: str
    planning: str


@cache
def follow_statuses() -> tuple[FollowStatus, ...]:
    """The statuses in the order in which a case moves along; the first is that of a new row."""
    return tuple(FollowStatus(r["跟进状态"], r["含义"], r["结果"], r["对申报计划"]) for r in rows("lists_follow_up"))


def status_names() -> tuple[str, ...]:
    return tuple(s.name for s in follow_statuses())


def settled() -> frozenset[str]:
    """Statuses of what nobody need be roused for any more: applied for, decided, given up."""
    return frozenset(s.name for s in follow_statuses() if s.outcome)


def tally(follow_ups: Iterable[str]) -> str:
    """``已申报 2 项、已认定 1 项``: how many of each status, in the order in which a case moves along."""
    counts = Counter(follow_ups)
    return "、".join(f"{name} {counts[name]} 项" for name in status_names() if counts[name])


def giving_up() -> frozenset[str]:
    """Statuses that take an enterprise out of the plan without a result."""
    return frozenset(s.name for s in follow_statuses() if s.outcome == "放弃")


def default_status() -> str:
    """Status of a row that nobody has touched."""
    return follow_statuses()[0].name


def said(follow_up: str, updated: dt.date | None, note: str) -> str:
    """A follow-up as one text: ``已联系（2023-05-04）：约下周上门``; nothing for an untouched row.

    Written beside each row as 上次跟进, so that a reader of the returned file can tell an edited row
    from one that is as it was handed out.
    """
    note = note_text(note)
    if not note and updated is None and follow_up in ("", default_status()):
        return ""
    day = "" if updated is None else f"（{updated:%Y-%m-%d}）"
    return safe_text(f"{follow_up or default_status()}{day}" + (f"：{note}" if note else ""))


def status_said(text: str) -> str:
    """The status that a line of :func:`said` begins with, else the status of an untouched row."""
    return next((name for name in status_names() if text == name or text.startswith((f"{name}（", f"{name}："))), default_status())
