"""One recognition, one spelling: the sheets that name recognitions agree before anything is compared."""

from __future__ import annotations

import pandas as pd

from analysis.check_clauses import HELD
from analysis.check_terms import DEFAULT, term_kinds
from analysis.columns import Typed
from analysis.names import one_spelling
from analysis.problems import NOTICE
from analysis.text import fold_key


def check_spellings(rules: Typed, recognitions: Typed, terms: Typed) -> None:
    """Names of recognitions go to their official spelling, with a notice for each other one.

    Spellings that differ in width, brackets, spaces, quotes or a trailing 企业 are one recognition
    (:func:`analysis.text.recognition_key`); the first one counts: of 认定条件, else of 认定名单, else of the
    clauses that ask for it, else of 申报约定.
    """
    asked = rules.frame["op"] == HELD
    limited = terms.frame["kind"].map(lambda kind: term_kinds().get(kind, {}).get("名称填") == "认定")
    priced = limited.astype(bool) & (terms.frame["name"].map(fold_key) != DEFAULT)
    places = [(table, column, (table.frame[column] != "") & which) for table, column, which in (
        (rules, "certification", True), (recognitions, "certification", True), (rules, "field", asked), (terms, "name", priced))]
    official = one_spelling(name for table, column, which in places for name in table.frame.loc[which, column])
    for table, column, which in places:
        _settle(table, column, which, official)


def _settle(table: Typed, column: str, which: pd.Series, official: dict[str, str]) -> None:
    names = table.frame.loc[which, column]
    for name, rows in table.frame.loc[which].groupby(names, sort=False)["row"]:
        if official[name] != name:
            many = f"（{len(rows)} 行）" if len(rows) > 1 else ""
            table.report(NOTICE, f"「{name}」{many}与「{official[name]}」只差空格、括号、引号或“企业”二字，按同一项认定处理",
                         f"改成 {official[name]}；确是另一项认定的，改一个分得开的名称", rows.iloc[0], column)
    table.frame.loc[which, column] = names.map(official)
