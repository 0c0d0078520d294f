"""Opening an .xlsx or .xlsm: cells as stored, and what the cells alone do not tell.

python-calamine reads values fast but returns error values and formulas without a
stored result as blanks, and ignores number formats; those three are found by
looking at the sheet's XML. The XML also tells the extent before calamine sets
memory aside for it.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from analysis.cells import Broken, number_as_text

MOST_BYTES = 2_000_000_000
MOST_CELLS = 60_000_000
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
Merge = tuple[int, int, int, int]

_FORMULA = re.compile(
    rb"<c\b([^>]*)>\s*<f\b[^>]*?(?:/>|>[^<]*</f>)\s*(<v[^>/]*>[^<]*</v>|<v\s*/>)?")
_ERROR = re.compile(rb'<c\b([^>]*\bt="e"[^>]*)>(.*?)</c>', re.S)
_MERGE = re.compile(rb'<mergeCell\b[^>]*\bref="([A-Z]+)([0-9]+):([A-Z]+)([0-9]+)"')
_ADDRESS = re.compile(rb'\br="([A-Z]+)([0-9]+)"')
_FILLED = re.compile(rb'<c\b[^>]*\br="([A-Z]+)([0-9]+)"[^>/]*>')
_WIDE = ((26, rb'r="[A-Z]{2}'), (52, rb'r="(?:[B-Z][A-Z]|[A-Z]{3})[0-9]'),
         (702, rb'r="[A-Z]{3}[0-9]'))


class Unreadable(Exception):
    """The file cannot be opened; carries a Chinese message and what to do."""

    def __init__(self, message: str, fix: str):
        super().__init__(message)
        self.message, self.fix = message, fix


@dataclass(frozen=True)
class Book:
    """An opened workbook: tabs as (name, hidden), and the way to their cells."""

    path: Path
    tabs: tuple[tuple[str, bool], ...]
    stale_formulas: bool
    _calamine: Any = field(repr=False)
    _parts: dict[str, str] = field(repr=False)
    _percent: tuple[bytes, ...] = field(repr=False)


@dataclass(frozen=True)
class TabCells:
    """Cells of one tab from A1, merged ranges (0-based, inclusive), any formulas."""

    rows: list[list[Any]]
    merges: tuple[Merge, ...]
    has_formulas: bool

    def filled(self) -> list[list[Any]]:
        """The rows where a cell merged over several rows stands in each of them, in its first column."""
        rows = [list(row) for row in self.rows]
        for top, left, bottom, _ in self.merges:
            value = rows[top][left] if top < len(rows) and left < len(rows[top]) else ""
            for row in rows[top + 1:bottom + 1]:
                row += [""] * (left + 1 - len(row))
                row[left] = value
        return rows


def open_workbook(path: Path) -> Book:
    """Open a workbook without reading its cells; raises Unreadable."""
    _refuse_other_formats(path)
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(i.file_size for i in archive.infolist()) > MOST_BYTES:
                raise Unreadable("文件解压后超过 2 GB，不像正常的表格", "另存一份只含数据的工作簿")
            parts, stale = _parts(archive)
            percent = _percent_styles(archive)
        book = CalamineWorkbook.from_path(path)
    except Unreadable:
        raise
    except (KeyboardInterrupt, SystemExit, MemoryError):
        raise
    except BaseException as error:  # calamine may panic, which is not an Exception
        raise _damaged() from error
    tabs = tuple((s.name, s.visible != SheetVisibleEnum.Visible)
                 for s in book.sheets_metadata if s.typ == SheetTypeEnum.WorkSheet)
    return Book(path, tabs, stale, book, parts, percent)


def read_tab(book: Book, name: str) -> TabCells:
    """All cells of a tab; error values and unstored formulas become `Broken`."""
    try:
        with zipfile.ZipFile(book.path) as archive:
            xml = _unprefixed(archive.read(book._parts[name]))
        _refuse_huge(xml)
        rows = book._calamine.get_sheet_by_name(name).to_python(skip_empty_area=False)
    except Unreadable:
        raise
    except (KeyboardInterrupt, SystemExit, MemoryError):
        raise
    except BaseException as error:
        raise _damaged() from error
    formulas = b"<f" in xml and _FORMULA.search(xml) is not None
    for (row, column), broken in _broken(xml, formulas).items():
        _put(rows, row, column, broken)
    for row, column in _percent_cells(xml, book._percent):
        _show_percent(rows, row, column)
    merges = tuple((int(b) - 1, column_number(a), int(d) - 1, column_number(c))
                   for a, b, c, d in _MERGE.findall(xml))
    return TabCells(rows, merges, formulas)


def column_number(letters: bytes | str) -> int:
    """0-based column of Excel letters: A -> 0, AA -> 26."""
    number = 0
    for letter in letters if isinstance(letters, bytes) else letters.encode():
        number = number * 26 + letter - 64
    return number - 1


def column_letters(number: int) -> str:
    """Excel letters of a 0-based column: 0 -> A, 26 -> AA."""
    letters = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _refuse_other_formats(path: Path) -> None:
    with path.open("rb") as file:
        head = file.read(8)
        if head == OLE:
            content = head + file.read(4_000_000)
            if "EncryptedPackage".encode("utf-16-le") in content:
                raise Unreadable("工作簿有密码，打不开", "在 Excel 里取消打开密码后另存")
            raise Unreadable("这是旧版 .xls 内容，不是 .xlsx", "在 Excel 或 WPS 里另存为 .xlsx")
    if not head:
        raise Unreadable("文件是空的（0 字节）", "换一份完整的文件")
    if head[:2] != b"PK":
        raise _damaged()


def _damaged() -> Unreadable:
    return Unreadable("文件已损坏，或不是真正的 .xlsx 工作簿", "在 Excel 或 WPS 里打开后另存为 .xlsx")


def _parts(archive: zipfile.ZipFile) -> tuple[dict[str, str], bool]:
    root = ElementTree.fromstring(archive.read("xl/workbook.xml"))
    relations = {r.get("Id"): r.get("Target", "") for r in
                 ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))}
    parts, stale = {}, False
    for element in root.iter():
        tag = element.tag.rpartition("}")[2]
        if tag == "sheet":
            link = next((v for k, v in element.attrib.items() if k.endswith("}id")), "")
            target = posixpath.join("/xl", relations.get(link, ""))
            parts[element.get("name", "")] = posixpath.normpath(target).lstrip("/")
        elif tag == "calcPr":
            stale = element.get("fullCalcOnLoad") in {"1", "true"}
    return parts, stale


def _percent_styles(archive: zipfile.ZipFile) -> tuple[bytes, ...]:
    """Indices of the cell styles that show a number as a percentage."""
    if "xl/styles.xml" not in archive.namelist():
        return ()
    root = ElementTree.fromstring(archive.read("xl/styles.xml"))
    formats, found = {"9", "10"}, []
    for element in root.iter():
        tag = element.tag.rpartition("}")[2]
        code = re.sub(r'"[^"]*"|\\.', "", element.get("formatCode", ""))
        if tag == "numFmt" and "%" in code:
            formats.add(element.get("numFmtId", ""))
        elif tag == "cellXfs":
            found = [str(i).encode() for i, style in enumerate(element)
                     if style.get("numFmtId") in formats]
    return tuple(found)


def _unprefixed(xml: bytes) -> bytes:
    """Some exporters write <x:c> for <c>."""
    head = re.search(rb"<([A-Za-z0-9]+):worksheet\b", xml[:2000])
    if not head:
        return xml
    return xml.replace(b"<" + head[1] + b":", b"<").replace(b"</" + head[1] + b":", b"</")


def _refuse_huge(xml: bytes) -> None:
    at = xml.rfind(b"<row ")
    last = re.search(rb'\br="([0-9]+)"', xml[at:at + 300]) if at >= 0 else None
    rows = int(last[1]) if last else xml.count(b"<row")
    columns = next((n for n, wider in _WIDE if not re.search(wider, xml)), 16_384)
    if rows * columns <= MOST_CELLS:
        return
    right = bottom = 0
    corner = b""
    for found in _FILLED.finditer(xml):
        column, row = column_number(found[1]) + 1, int(found[2])
        if column > right or row > bottom:
            right, bottom = max(right, column), max(bottom, row)
            corner = found[1] + found[2]
    if right * bottom > MOST_CELLS:
        raise Unreadable(f"表格范围大得不合理，最远的内容在 {corner.decode()} 单元格",
                         "删去远处多余的单元格内容后保存")


def _broken(xml: bytes, formulas: bool) -> dict[tuple[int, int], Broken]:
    found = {}
    for attributes, value in _FORMULA.findall(xml) if formulas else ():
        stored = re.sub(rb"<[^>]*>", b"", value)
        if (not value or not stored) and b't="str"' not in attributes:
            found[_place(attributes)] = Broken(
                f"单元格 {_address(attributes)} 是公式，但文件里没有存计算结果",
                "在 Excel 或 WPS 里打开、重新计算并保存，或改填数值")
    for attributes, body in _ERROR.findall(xml) if b't="e"' in xml else ():
        code = re.search(rb"<v>([^<]*)</v>", body)
        found[_place(attributes)] = Broken(
            f"单元格 {_address(attributes)} 是 Excel 错误值 {code[1].decode() if code else ''}".rstrip(),
            "在 Excel 里改好公式，或改填数值")
    found.pop((-1, -1), None)
    return found


def _percent_cells(xml: bytes, styles: tuple[bytes, ...]):
    if not styles:
        return
    pattern = rb'<c\b([^>]*\bs="(?:' + b"|".join(styles) + rb')"[^>/]*)>'
    for attributes in re.findall(pattern, xml):
        yield _place(attributes)


def _place(attributes: bytes) -> tuple[int, int]:
    found = _ADDRESS.search(attributes)
    return (int(found[2]) - 1, column_number(found[1])) if found else (-1, -1)


def _address(attributes: bytes) -> str:
    found = _ADDRESS.search(attributes)
    return (found[1] + found[2]).decode() if found else ""


def _put(rows: list[list[Any]], row: int, column: int, value: Any) -> None:
    while len(rows) <= row:
        rows.append([])
    rows[row].extend([""] * (column + 1 - len(rows[row])))
    rows[row][column] = value


def _show_percent(rows: list[list[Any]], row: int, column: int) -> None:
    """A cell shown as 8.2% holds 0.082; the reader means what is shown."""
    if 0 <= row < len(rows) and column < len(rows[row]) and type(rows[row][column]) is float:
        rows[row][column] = number_as_text(round(rows[row][column] * 100, 10)) + "%"
