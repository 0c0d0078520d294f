"""Several copies of one row's follow-up made into one; nothing a person wrote is lost silently."""

from __future__ import annotations

import datetime as dt
import re
from typing import NamedTuple

from ..problems import NOTICE, WARNING, Problem
from .scope import OTHER_FIRM, OTHER_TOWN
from .statuses import default_status, giving_up, said, status_names
from .text import safe_text


class Entry(NamedTuple):
    """The follow-up of one enterprise × recognition as one row of one sheet has it.

    ``last`` : what was in the row when it was handed out (上次跟进); None where that column is gone.
    """

    code: str
    name: str
    certification: str
    town: str
    follow_up: str
    note: str
    updated: dt.date | None
    last: str | None
    file: str
    sheet: str
    row: int
    listed_row: int

    @property
    def text(self) -> str:
        return said(self.follow_up, self.updated, self.note)

    @property
    def place(self) -> str:
        return f"{self.file}〔{self.sheet}〕第{self.row}行"

    @property
    def edited(self) -> bool:
        """Whether it says something else than when it was handed out."""
        return not same(self.text, self.last or "")


def resolve(copies: list[Entry], today: dt.date) -> tuple[Entry, list[Problem]]:
    """One entry of several copies of the same row.

    An untouched copy gives way to any other; a copy gives way to one that was handed out with
    the copy's content and then edited (上次跟进), and to one that holds all it says. Of what is left the latest 更新日期 counts (future
    dates do not count) and the others are reported; where the dates do not decide, it is a
    conflict: the status furthest along is taken (暂不申报 only if nobody says otherwise), the others go into the note, and it is reported.
    """
    left = _distinct([c for c in copies if c.text or c.edited] or copies[:1])
    left = [c for c in left if not any(d is not c and _follows(d, c) for d in left)] or left
    left = _distinct(left)
    if len(left) == 1:
        return _complete(left[0], copies), []
    best = _latest(left, today)
    about = f"“{left[0].name or left[0].code}”的“{left[0].certification}”在{len(left)}处填得不一样："
    listing = "；".join(f"{c.place}“{c.text or default_status()}”" for c in left)
    if best is not None:
        return best, [Problem(NOTICE, f"{about}{listing}。以更新日期最晚的“{best.text}”为准", "若不对，在清单里改正并写新的更新日期",
                              best.file, best.sheet, best.row)]
    best = max(left, key=_furthest)
    marks = "".join(_mark(c.text or default_status()) for c in left if c is not best)
    merged = best._replace(note=safe_text(f"{best.note}{marks}"))
    return merged, [Problem(WARNING, f"{about}{listing}。更新日期分不出先后，暂按“{best.text or default_status()}”，其余记入备注", "核对后在清单里改正状态和备注",
                            best.file, best.sheet, best.row)]


def same(one: str, other: str) -> bool:
    """Whether two texts are equal, or one is the other with names blotted out."""
    return one == other or _covers(one, other) or _covers(other, one)


def _covers(full: str, blotted: str) -> bool:
    if OTHER_FIRM not in blotted and OTHER_TOWN not in blotted:
        return False
    parts = re.split(f"{re.escape(OTHER_FIRM)}|{re.escape(OTHER_TOWN)}", blotted)
    return re.fullmatch(".+?".join(map(re.escape, parts)), full, re.S) is not None


def _distinct(copies):
    """One of each content, the one without blotted names if there is one."""
    kept: list[Entry] = []
    for c in sorted(copies, key=lambda c: OTHER_FIRM in c.note or OTHER_TOWN in c.note):
        if not any(same(c.text, k.text) and (c.edited == k.edited or not c.edited) for k in kept):
            kept = [k for k in kept if not (same(c.text, k.text) and not k.edited)] + [c]
    return kept


def _follows(later: Entry, earlier: Entry) -> bool:
    """Whether ``later`` was written by someone who had ``earlier`` before him, or holds all of it."""
    if later.edited and later.last is not None and _within(earlier, later.last):
        return not (earlier.edited and earlier.last is not None and _within(later, earlier.last))
    if _mark(earlier.text) in later.note:
        return True
    return (later.follow_up, later.updated) == (earlier.follow_up, earlier.updated) and later.note != earlier.note and later.note.startswith(earlier.note)


def _within(earlier, last):
    return same(earlier.text, last) or (earlier.text != "" and last.startswith(earlier.text)) or _mark(earlier.text) in last


def _furthest(copy):
    """Order of statuses along the way; an enterprise that one copy gives up and another still works on stays in work."""
    return copy.follow_up not in giving_up(), status_names().index(copy.follow_up)


def _latest(copies, today):
    dates = [c.updated for c in copies]
    if any(d is None or d > today for d in dates) or dates.count(max(dates)) > 1:
        return None
    return max(copies, key=lambda c: c.updated)


def _mark(text: str) -> str:
    return f"【另一处填：{text}】"


def _complete(entry: Entry, copies: list[Entry]) -> Entry:
    """An edited copy with names blotted out keeps the whole former text of a copy that has it."""
    if OTHER_FIRM not in entry.note and OTHER_TOWN not in entry.note:
        return entry
    former = next((c for c in copies if entry.last and c.text != entry.last and _covers(c.text, entry.last)), None)
    return entry if former is None else entry._replace(note=safe_text(f"{entry.note}（原备注：{former.note}）"))
