"""Reading CSV files as Excel and others save them in China.

UTF-8 with or without BOM, UTF-16 with BOM (Excel's “Unicode text”), GB18030;
comma, tab or semicolon, whichever lets the header match best.
"""

from __future__ import annotations

import codecs
import csv
import io
from pathlib import Path

from analysis.dictionary import Sheet
from analysis.problems import ERROR, Problem
from analysis.text import fold_key

SUFFIXES = frozenset({".csv", ".tsv", ".txt"})
DELIMITERS = ",\t;"
_SEPARATOR_LINES = {f"sep={d}": d for d in DELIMITERS}


def csv_files(folder: Path) -> list[Path]:
    """CSV files of a folder in name order; text files only where a sheet is named."""
    from analysis.dictionary import load

    return sorted(
        (f for f in folder.iterdir()
         if f.is_file() and f.suffix.lower() in SUFFIXES and not f.name.startswith((".", "~"))
         and (f.suffix.lower() == ".csv" or load().find(f.stem))),
        key=lambda f: f.name)


def read_csv(path: Path, sheet: Sheet) -> tuple[list[list[str]] | None, list[Problem]]:
    """Rows of a CSV (a row is what Excel shows as one), or None and an error."""
    where = {"file": path.name, "sheet": sheet.title}
    try:
        content = path.read_bytes()
    except OSError:
        return None, [Problem(ERROR, "文件打不开", "检查读取权限，或文件是否正被占用", **where)]
    text = _decode(content)
    if text is None:
        return None, [Problem(ERROR, "不是文本文件，或编码认不出来",
                              "在 Excel 里另存为“CSV UTF-8”", **where)]
    first = text[:20].splitlines()[:1]
    stated = _SEPARATOR_LINES.get(first[0].strip().lower()) if first else None
    delimiter = stated or _delimiter(text, sheet)
    rows: list[list[str]] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for row in reader:
            rows.append(row)
    except csv.Error:
        return None, [Problem(ERROR, "这一行附近的双引号不成对，无法分列",
                              "补全或删去多余的双引号（内容里的双引号写两个）",
                              row=len(rows) + 1, **where)]
    if stated:
        rows[0] = []
    return rows, []


def _decode(content: bytes) -> str | None:
    if content.startswith(codecs.BOM_UTF8):
        encodings = ["utf-8-sig"]
    elif content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encodings = ["utf-16"]
    else:
        encodings = ["utf-8", "gb18030"]
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return None if "\0" in text else text
    return None


def _delimiter(text: str, sheet: Sheet) -> str:
    """The delimiter under which one of the first lines names most columns."""
    lines = text[:20_000].splitlines()[:20]

    def matched(delimiter: str) -> int:
        return max((sum(fold_key(cell.strip('"').split("(")[0].split("（")[0]) in sheet.by_header
                        for cell in line.split(delimiter)) for line in lines), default=0)

    return max(DELIMITERS, key=lambda d: (matched(d), text.count(d) if d == "," else 0))
