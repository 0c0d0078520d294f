"""Any text made fit for a cell, a sheet name or a page header."""

from __future__ import annotations

import re
from unicodedata import east_asian_width

MOST_CHARACTERS, MOST_SHEET_NAME, MOST_HEADER = 32_767, 31, 250
CUT = "……（超过单元格上限，后面的文字已截去）"
# Characters that XML 1.0 forbids, and a lone surrogate, which no encoding has.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_BARRED = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
# Excel writes odd characters as _x000D_; text that looks like an escaped escape is read back differently by every program.
_ESCAPE = re.compile(r"_(?=x005F_)", re.I)


def safe_text(value) -> str:
    """Text for one cell: line ends as \\n, no forbidden characters, at most 32,767 UTF-16 units (the rest cut with a note).

    Missing values give an empty text. Applying it twice changes nothing more.
    """
    if value is None or value != value:
        return ""
    text = str(value).replace("\r\n", "\n").replace("\r", "\n")
    text = _ESCAPE.sub("＿", _FORBIDDEN.sub("", text))
    return text if units(text) <= MOST_CHARACTERS else _first_units(text, MOST_CHARACTERS - units(CUT)) + CUT


def note_text(value) -> str:
    """``safe_text`` without spaces and line breaks around it, as a note is kept."""
    return safe_text(value).strip()


def units(text: str) -> int:
    """Length as Excel counts it: characters outside the basic plane count two."""
    return len(text) + sum(ch > "\uffff" for ch in text)


def _first_units(text: str, most: int) -> str:
    text = text[:most]
    while units(text) > most:
        text = text[:-max(1, (units(text) - most) // 2)]
    return text


def sheet_name(text: str, taken: set[str]) -> str:
    """A valid name for a sheet that is not in ``taken`` (folded names; the new one is added).

    At most 31 characters, none of []:*?/\\, no apostrophe at an end, not History, unique without regard to case.
    """
    base = _trimmed(_BARRED.sub("_", _FORBIDDEN.sub("", str(text))), MOST_SHEET_NAME) or "未命名"
    name, number = base, 1
    while name.casefold() in taken or name.casefold() == "history":
        number += 1
        tail = f"（{number}）"
        name = _trimmed(base, MOST_SHEET_NAME - len(tail)) + tail
    taken.add(name.casefold())
    return name


def _trimmed(text: str, most: int) -> str:
    return _first_units(text.strip(" '\u3000"), most).strip(" '\u3000")


def header_text(text: str) -> str:
    """Text for a page header: & doubled, one line, cut to what a header may hold."""
    plain = re.sub(r"\s+", " ", safe_text(text))
    while units(plain.replace("&", "&&")) > MOST_HEADER // 2:
        plain = plain[:-1]
    return plain.replace("&", "&&")


def display_width(text: str) -> int:
    """Width in half-width characters; a Chinese character counts two."""
    return sum(2 if east_asian_width(ch) in "WFA" else 1 for ch in text)


def wrapped_lines(text: str, width: float) -> int:
    """Lines that a text takes in a cell of some width (half-width characters)."""
    return sum(max(1, -(-display_width(line) // max(int(width), 2))) for line in text.split("\n"))
