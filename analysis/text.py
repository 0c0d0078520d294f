"""Folding of text as typed: full width, spaces, brackets; amounts as printed.

NFKC is not used: it turns footnote marks and powers into digits
(10² -> 102, 12① -> 121), which would change numbers silently.
"""

from __future__ import annotations

_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_WIDTH |= {ord(c): " " for c in "\u3000\u00a0\u2002\u2003\u2007\u2009\u202f\t\r\n\v\f"}
_WIDTH |= {ord(c): None for c in "\u200b\u200c\u200d\u2060\ufeff\u00ad"}
_MINUS = {ord(c): "-" for c in "\u2212\u2010\u2011\u2012\u2013"}
_BRACKETS = str.maketrans("〔〕【】［］[]{}｛｝", "()()()()()()") | {
    ord(sign): letters for sign, letters in zip("ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩ", ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X"))}

DASHES = frozenset({"-", "--", "---", "—", "——", "―", "――", "─", "──", "…", "……",
                    "...", "/", "\\", "·"})
_QUOTES = {ord(c): None for c in "“”\"‘’'「」『』"}
_INVISIBLE = {0x3000: " ", 0x00A0: " ", 0x200B: None, 0xFEFF: None}


def half_width(text: str) -> str:
    """Full-width ASCII to half width, odd spaces to spaces, ends trimmed."""
    if text.isascii() and text.isprintable():
        return text.strip()
    return text.translate(_WIDTH).strip()


def plain(text: str) -> str:
    """`half_width` with the typographic hyphens and minus signs as '-'."""
    narrow = half_width(text)
    return narrow if narrow.isascii() else narrow.translate(_MINUS)


def fold_key(text: str) -> str:
    """Key under which names and headers compare: width, brackets, spaces, case, Roman numerals (Ⅱ类 is II类)."""
    return half_width(text).translate(_BRACKETS).replace(" ", "").casefold()


def recognition_key(name: str) -> str:
    """Key under which names of recognitions compare: also quotes and a trailing 企业 do not count (高新技术企业 is 高新技术)."""
    bare = fold_key(name).translate(_QUOTES)
    return bare.removesuffix("企业") or bare


def clean_text(text: str) -> str:
    """Text as kept: trimmed, invisible characters gone, a lone dash is nothing.

    The apostrophe that keeps a spreadsheet from running text as a formula
    ('=…) is taken off again.
    """
    cleaned = text.translate(_INVISIBLE).strip()
    if len(cleaned) > 2 and cleaned[0] == "'" and cleaned[1] in "=+-@":
        cleaned = cleaned[1:]
    return "" if plain(cleaned) in DASHES else cleaned


def amount(value: float) -> str:
    """An amount with at most one decimal, for sentences: ``1,318``, ``79.5``."""
    return f"{value:,.1f}".removesuffix(".0")


def day_text(day: object) -> str:
    """2022年12月31日, on every system alike (Windows knows no ``%-d``)."""
    return f"{day.year}年{day.month}月{day.day}日"
