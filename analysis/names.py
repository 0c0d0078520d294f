"""Names written a little differently that mean the same thing, and repeated ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pandas as pd

from analysis.columns import Typed
from analysis.problems import ERROR, WARNING, suggest
from analysis.text import fold_key, recognition_key

TOTALS = frozenset({"合计", "总计", "小计", "全市", "全区", "平均", "均值"})


class Names:
    """Official names, found by folded spelling (width, brackets, spaces, case)."""

    def __init__(self, names: Iterable[str]):
        self._official: dict[str, str] = {}
        for name in names:
            if name:
                self._official.setdefault(fold_key(name), name)

    def get(self, name: str) -> str | None:
        return self._official.get(fold_key(name))

    def __iter__(self) -> Iterator[str]:
        return iter(self._official.values())

    def __len__(self) -> int:
        return len(self._official)


def one_spelling(names: Iterable[str]) -> dict[str, str]:
    """Each name of a recognition -> the first spelling of it among the names (see `recognition_key`)."""
    first: dict[str, str] = {}
    return {name: first.setdefault(recognition_key(name), name) for name in dict.fromkeys(names)}


def resolve(table: Typed, column: str, names: Names, where: str) -> None:
    """Replace names by their official spelling; unknown ones are errors.

    An empty list of names means its sheet is missing, which is reported elsewhere.
    """
    if not len(names):
        return
    given = table.frame[column]
    official = {name: names.get(name) for name in given.unique()}
    unknown = {n for n, o in official.items() if o is None and n}
    for name, row in zip(given, table.frame["row"]) if unknown else ():
        if name in unknown:
            fix = ("合计、平均一类的行请删除，程序会自己算" if fold_key(name) in TOTALS
                   else f"改成{where}里的名称，或在{where}里补上一行")
            table.report(ERROR, f"「{name}」不在{where}里{suggest(name, names)}", fix, row, column)
    table.frame[column] = given.map(lambda n: official[n] or n).astype("str")


def duplicates(table: Typed, column: str, what: str, similar: bool = False) -> None:
    """Report repeated keys: exact repeats are errors.

    With `similar`, names that differ only by width, brackets, spaces or case
    are warnings; without, they are errors too, since names compare folded.
    """
    frame = table.frame.loc[table.frame[column] != "", [column, "row"]]
    keys = frame[column].map(fold_key)
    suspects = frame.loc[keys.duplicated(keep=False)]
    seen: dict[str, tuple[str, int]] = {}
    for name, row in zip(suspects[column], suspects["row"]):
        first = seen.setdefault(fold_key(name), (name, row))
        if first[1] == row:
            continue
        if first[0] == name or not similar:
            table.report(ERROR, f"{what}「{name}」与第{first[1]}行重复", "只保留一行", row, column)
        else:
            table.report(WARNING, f"{what}「{name}」与第{first[1]}行的「{first[0]}」只差全半角或括号，可能是同一个",
                         "确认是否重复", row, column)


def repeated_rows(table: Typed, columns: list[str], shown: list[str], where: str,
                  column: str) -> pd.Series:
    """Report rows with the same key; returns a mask of the later ones."""
    frame = table.frame
    later = frame.duplicated(columns)
    if later.any():
        first = frame.loc[~later].set_index(columns)["row"]
        for index in frame.index[later]:
            key = tuple(frame.loc[index, c] for c in columns)
            text = "、".join(str(frame.at[index, c]) for c in shown if str(frame.at[index, c]))
            at = first.get(key if len(columns) > 1 else key[0])
            table.report(ERROR, f"{where}「{text}」重复" + (f"，第{int(at)}行已有" if at is not None else ""),
                         "只保留一行", frame.at[index, "row"], column)
    return later
