"""The data dictionary: which sheets and columns a case may have.

`tables/dictionary.csv` is the only place where Chinese headers and the
English names used in code meet.
"""

from __future__ import annotations

import csv
import hashlib
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from analysis.text import fold_key

PATH = Path(__file__).resolve().parent / "tables" / "dictionary.csv"

NUMERIC_KINDS = frozenset({"数值", "掩码数值", "金额"})


@dataclass(frozen=True)
class Column:
    """One column of a sheet: header (Chinese), name (English), kind and rules."""

    header: str
    name: str
    kind: str
    required: bool
    choices: tuple[str, ...]
    unit: str
    aliases: tuple[str, ...]
    help: str
    example: str

    @property
    def accepted(self) -> tuple[str, ...]:
        """Every header this column answers to, the official one first."""
        return (self.header, *self.aliases, self.name)

    @property
    def numeric(self) -> bool:
        return self.kind in NUMERIC_KINDS


@dataclass(frozen=True)
class Sheet:
    """One sheet of a case: title (Chinese), key (English), its columns."""

    title: str
    key: str
    required: bool
    help: str
    columns: tuple[Column, ...]

    def column(self, name: str) -> Column:
        """The column with this English name; KeyError if there is none."""
        return self._by_name[name]

    @cached_property
    def _by_name(self) -> dict[str, Column]:
        return {c.name: c for c in self.columns}

    @cached_property
    def by_header(self) -> dict[str, Column]:
        """Folded header or alias -> column; official headers win over aliases."""
        lookup: dict[str, Column] = {}
        for column in self.columns:
            lookup.setdefault(fold_key(column.header), column)
        for column in self.columns:
            for alias in column.accepted[1:]:
                lookup.setdefault(fold_key(alias), column)
        return lookup


@dataclass(frozen=True)
class Dictionary:
    """All sheets in dictionary order, with the SHA-256 of the file."""

    sheets: tuple[Sheet, ...]
    sha256: str

    def sheet(self, key: str) -> Sheet:
        """The sheet with this English key; KeyError if there is none."""
        return self._by_key[key]

    @cached_property
    def _by_key(self) -> dict[str, Sheet]:
        return {s.key: s for s in self.sheets}

    def find(self, title: str) -> Sheet | None:
        """The sheet a tab or file name means (Chinese title or English key)."""
        return self._by_title.get(fold_key(title))

    @cached_property
    def _by_title(self) -> dict[str, Sheet]:
        return {fold_key(n): s for s in self.sheets for n in (s.title, s.key)}


def _column(row: dict[str, str]) -> Column:
    def split(text: str) -> tuple[str, ...]:
        return tuple(part for part in text.split("|") if part)

    return Column(row["列"], row["名称"], row["类型"], row["必需"] == "是",
                  split(row["取值"]), row["单位"], split(row["别名"]),
                  row["说明"], row["示例"])


@cache
def load() -> Dictionary:
    """The dictionary shipped with the package, read once."""
    content = PATH.read_bytes()
    rows = list(csv.DictReader(content.decode("utf-8-sig").splitlines()))
    sheets = tuple(
        Sheet(head["表"], head["表代号"], head["必需"] == "是", head["说明"],
              tuple(_column(r) for r in rows
                    if r["表代号"] == head["表代号"] and r["类型"] != "表"))
        for head in rows if head["类型"] == "表")
    return Dictionary(sheets, hashlib.sha256(content).hexdigest())
