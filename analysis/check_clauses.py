"""认定条件: what the rules engine needs of a clause beyond its field and threshold, told where it stands."""

from __future__ import annotations

import pandas as pd

from analysis.columns import Typed
from analysis.params import AssessmentError
from analysis.problems import ERROR, WARNING, suggest
from analysis.text import fold_key

HARD, DIRECT, SCORING, EXCLUDED, TOTAL, HELD, EVERY = "硬条件", "直通", "评分", "排除", "评价得分", "已认定", "全部"
JUDGED = ("前置", HARD, "已具备")


def check_clauses(table: Typed, enterprises: Typed) -> None:
    """Check the clauses of each recognition and version; nothing is changed.

    Errors: a clause without 比较, a 直通 clause that does not say which 硬条件 of its version it replaces,
    a score clause that reads the score, rows of one way (A/1) with other points, a field that its 比较
    or 门槛 does not fit (a text compared by size, a number equal to a word), a version with nothing to
    judge by. A 替代 on any other clause is a warning: it does nothing.
    """
    frame = table.frame
    unread = {c: table.unread.get(c, set()) for c in ("op", "clause", "points", "valid_from", "valid_to")}
    for k, (op, row) in enumerate(zip(frame["op"], frame["row"])):
        if not op and k not in unread["op"]:
            table.report(ERROR, "没有写比较", "填 >=、>、<=、<、=、!=、属于、不属于、介于、已认定 之一", row, "op")
    _comparable(table, enterprises)
    dated = not (unread["valid_from"] or unread["valid_to"])
    spans = [frame["certification"], frame["valid_from"].astype("str"), frame["valid_to"].astype("str")]
    for (certification, *_), part in frame.groupby(spans, sort=False, dropna=False) if dated else ():
        _replaced(table, part)
        _ways(table, part)
        if certification and not unread["clause"] and not part["clause"].isin(JUDGED).any():
            table.report(ERROR, f"「{certification}」这一版没有前置、硬条件或已具备条款，无从判断", "补上前置或硬条件", part["row"].iloc[0], "clause")


def _replaced(table: Typed, part: pd.DataFrame) -> None:
    groups = [name or f"第{row}行" for name, row in zip(part["group"].map(group_of), part["row"])]
    hard = list(dict.fromkeys(name for name, clause in zip(groups, part["clause"]) if clause == HARD))
    known = f"填 {'、'.join(hard)} 中的一组或几组（用、分隔），或 {EVERY}" if hard else "补上硬条件，或把这一行改成别的条款"
    for clause, text, row in zip(part["clause"], part["replaces"], part["row"]):
        named = [name.strip() for name in text.replace("，", "、").split("、") if name.strip()]
        if clause != DIRECT:
            if named and clause:
                table.report(WARNING, f"{clause}条款的替代「{text}」不起作用，只有直通条款替代硬条件", "清空替代，或条款改填 直通", row, "replaces")
        elif not named:
            table.report(ERROR, "直通条款没有写替代哪一组硬条件", known, row, "replaces")
        else:
            for name in named:
                if name not in (*hard, EVERY):
                    table.report(ERROR, f"替代的「{name}」不是这一认定同一版本的硬条件组{suggest(name, hard)}", known, row, "replaces")


def _ways(table: Typed, part: pd.DataFrame) -> None:
    """Rows of one way of scoring are met together, so they have one score."""
    first: dict[str, tuple[float, int]] = {}
    for clause, group, points, row in zip(part["clause"], part["group"], part["points"], part["row"]):
        if clause == SCORING and "/" in group and points == points:
            given, at = first.setdefault(group, (points, row))
            if given != points:
                table.report(ERROR, f"「{group}」的各行要同时达到，分值却不同：第{at}行 {given:g}，这一行 {points:g}", "同一档的各行填一样的分值", row, "points")


def _comparable(table: Typed, enterprises: Typed) -> None:
    """Fields, read as the engine reads them, that their 比较 or 门槛 does not fit."""
    if not len(enterprises.frame):
        return
    # The rules engine is right of this module; only its reader of fields is wanted here.
    from analysis.recognition.clauses import fits, thresholds
    from analysis.recognition.expressions import parse
    from analysis.recognition.fields import Fields, Headers, Roster

    frame = enterprises.frame
    known, fields = Headers(tuple(frame.columns)).known, Fields(len(frame), Roster(frame))
    rows = table.frame
    for clause, field, op, threshold, row in zip(rows["clause"], rows["field"], rows["op"], rows["threshold"], rows["row"]):
        if not field or not op or op == HELD:
            continue
        scored = fold_key(field).startswith(TOTAL)
        if scored and clause == SCORING:
            table.report(ERROR, f"评分条款不能再用「{field}」", "字段改成企业表的列名；对总分的要求写成硬条件", row, "field")
            continue
        try:
            why = fits(op, None if scored else parse(field, known), thresholds(op, threshold)[2], fields)
        except AssessmentError:
            # A field or threshold that cannot be read is reported where those are checked.
            continue
        if why:
            words = why.replace("“", "「").replace("”", "」")
            table.report(ERROR, f"字段「{field}」{words}" if not scored else words, "改比较和门槛，或换一个字段", row, "threshold" if "等于" in why else "op")


def group_of(text: str) -> str:
    """The group of ``D1/大`` is ``D1``."""
    return text.partition("/")[0].strip()
