"""名单核对: decisions of a person on doubtful names, held against the roster and the lists."""

from __future__ import annotations

import numpy as np

from analysis.columns import Typed
from analysis.matching.book import lead
from analysis.matching.decisions import judge_decisions
from analysis.names import Names
from analysis.problems import ERROR, WARNING, suggest
from analysis.text import fold_key

FIXES = {"listed": "填认定名单里的名称", "enterprise": "改成企业表里的名称，同名的补上信用代码；还没有核对的，结论留空",
         "code": "改成企业表里的信用代码；还没有核对的，结论留空", "verdict": "改正其中一行"}


def check_decisions(table: Typed, enterprises: Typed, recognitions: Typed) -> None:
    """Check the sheet; nothing is changed. Rows without 结论 say nothing and are left alone.

    Errors: an enterprise that is not on the roster or fits several rows of it, one listed name given to
    two enterprises, or confirmed and ruled out for one. A listed name that no list has is a warning.
    """
    frame = table.frame
    if not len(frame):
        return
    if not len(enterprises.frame):
        table.report(ERROR, "有名单核对，却没有企业名册", "补上 企业 表，或删去 名单核对 表")
        return
    names, codes = list(enterprises.frame["name"]), list(enterprises.frame["code"])
    unread = table.unread.get("code", set()) | table.unread.get("listed", set())
    readable = frame.loc[(frame["listed"] != "") & ~np.isin(np.arange(len(frame)), list(unread))]
    _, faults = judge_decisions(readable, names, lead((fold_key(name), k) for k, name in enumerate(names)), lead((code, k) for k, code in enumerate(codes)))
    for fault in faults:
        table.report(ERROR, fault.words.replace("“", "「").replace("”", "」"), FIXES[fault.column], fault.row, fault.column)
    listed = Names(recognitions.frame["name"])
    for name, row in zip(readable["listed"], readable["row"]):
        if listed.get(name) is None:
            table.report(WARNING, f"「{name}」不在认定名单里{suggest(name, listed) if len(listed) < 5000 else ''}，这一行不起作用", "照抄认定名单里的名称，或删去这一行", row, "listed")
