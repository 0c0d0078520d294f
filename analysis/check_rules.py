"""认定条件: fields that do not exist, bands that overlap or leave a hole, versions and prerequisites that contradict."""

from __future__ import annotations

import pandas as pd

from analysis.check_bands import check_bands
from analysis.check_clauses import EXCLUDED, HELD, SCORING, TOTAL, check_clauses
from analysis.check_percent import check_percent
from analysis.check_ways import check_ways
from analysis.columns import Typed
from analysis.params import AssessmentError
from analysis.problems import ERROR, NOTICE, WARNING, suggest
from analysis.text import fold_key


def check_rules(table: Typed, enterprises: Typed, recognitions: Typed) -> None:
    """Check the rules; nothing is changed.

    Errors: a field that is no column of 企业 (nor 评价得分, nor arithmetic of such), an unreadable
    threshold, 介于 with low ≥ high, a score clause without 分值, bands of one field that contradict,
    versions of one recognition that overlap, prerequisites that run in a circle, and what
    :func:`analysis.check_clauses.check_clauses` finds. Warnings: bands or ways with holes, points that
    fall, repeated clauses, percentages a hundred times out. Notices: gaps between versions, a prerequisite recognition for which there is
    neither rule nor list.
    """
    if not len(table.frame):
        return
    _fields(table, enterprises)
    _thresholds(table)
    check_clauses(table, enterprises)
    check_bands(table)
    check_ways(table, enterprises)
    check_percent(table, enterprises)
    _repeated(table)
    _versions(table)
    _prerequisites(table, recognitions)


def _fields(table: Typed, enterprises: Typed) -> None:
    # The rules engine is right of this module; only its reader of fields is wanted here.
    from analysis.recognition.expressions import parse
    from analysis.recognition.fields import Headers

    known, frame = Headers(tuple(enterprises.frame.columns)).known, table.frame
    parts = {(c, g.replace("：", ":").rpartition(":")[0]) for c, k, g in zip(frame["certification"], frame["clause"], frame["group"]) if k == SCORING}
    scored = {c for c, _ in parts}
    for certification, field, op, row in zip(frame["certification"], frame["field"], frame["op"], frame["row"]):
        key = fold_key(field)
        if not field or op == HELD:
            continue
        if key.startswith(TOTAL):
            part = key.removeprefix(TOTAL).lstrip(".．")
            if certification not in scored or part and part not in {fold_key(p) for c, p in parts if c == certification}:
                table.report(ERROR, f"字段「{field}」没有对应的评分条款", "补上评分条款，或改字段（分项写 评价得分.创新能力，组写 创新能力:某项）", row, "field")
            continue
        try:
            parse(field, known)
        except AssessmentError as error:
            # Without a roster its own columns are not known yet.
            if enterprises.present:
                table.report(ERROR, str(error).replace("“", "「").replace("”", "」"),
                             "改成企业表的列名（可用 + - * / 括号 max min 组成算式），或在企业表补上这一列，没有数可以留空", row, "field")


def _thresholds(table: Typed) -> None:
    from analysis.recognition.clauses import thresholds

    frame = table.frame
    unread = table.unread.get("op", set()) | table.unread.get("clause", set())
    for k, (op, text, clause, points, row) in enumerate(zip(frame["op"], frame["threshold"], frame["clause"], frame["points"], frame["row"])):
        if k not in unread and op:
            try:
                thresholds(op, text)
            except AssessmentError as error:
                table.report(ERROR, str(error).replace("“", "「").replace("”", "」"),
                             "数字比较填数字；介于写 70~80（含左不含右，小的在前）；属于写 甲|乙", row, "threshold")
        if clause == SCORING and not points >= 0 and k not in table.unread.get("points", set()):
            table.report(ERROR, "评分条款没有不小于零的分值", "填这一档的得分", row, "points")


def _repeated(table: Typed) -> None:
    frame = table.frame
    keys = ["certification", "valid_from", "valid_to", "clause", "group", "field", "op", "threshold", "points"]
    first: dict[tuple, int] = {}
    for key, row in zip(frame[keys].astype("str").fillna("").itertuples(index=False, name=None), frame["row"]):
        earlier = first.setdefault(key, row)
        if earlier != row:
            table.report(WARNING, f"与第{earlier}行的条款完全相同", "删去重复的行", row, "field")


def _versions(table: Typed) -> None:
    frame = table.frame
    for certification, part in frame.groupby("certification", sort=False):
        spans = {}
        for start, end, row in zip(part["valid_from"], part["valid_to"], part["row"]):
            span = (pd.Timestamp.min if pd.isna(start) else pd.Timestamp(start), pd.Timestamp.max if pd.isna(end) else pd.Timestamp(end))
            spans.setdefault(span, row)
        wrong = [span for span in spans if span[0] > span[1]]
        for span in wrong:
            table.report(ERROR, f"「{certification}」的适用起 {span[0]:%Y-%m-%d} 晚于适用止 {span[1]:%Y-%m-%d}", "改正其中一个", spans[span], "valid_from")
        ordered = sorted(span for span in spans if span not in wrong)
        for earlier, later in zip(ordered, ordered[1:]):
            rows = f"第{spans[earlier]}行和第{spans[later]}行"
            if later[0] <= earlier[1]:
                table.report(ERROR, f"「{certification}」两个版本的适用时间重叠（{rows}：{_span(earlier)}；{_span(later)}）",
                             "同一版本的各行写一样的适用起止；新版本从旧版本止日的次日起", spans[later], "valid_from")
            elif later[0] - earlier[1] > pd.Timedelta(days=1):
                table.report(NOTICE, f"「{certification}」{earlier[1]:%Y-%m-%d} 到 {later[0]:%Y-%m-%d} 之间没有适用的标准（{rows}）", "若应连续，改适用起止",
                             spans[later], "valid_from")


def _span(span: tuple[pd.Timestamp, pd.Timestamp]) -> str:
    start, end = ("不限" if edge in (pd.Timestamp.min, pd.Timestamp.max) else f"{edge:%Y-%m-%d}" for edge in span)
    return f"{start} 至 {end}"


def _prerequisites(table: Typed, recognitions: Typed) -> None:
    # The rules engine is right of this module; only its search for circles is wanted here.
    from analysis.recognition.rules import circle

    frame = table.frame
    official = {fold_key(name): name for name in [*recognitions.frame["certification"], *frame["certification"]]}
    needs: dict[str, dict[str, int]] = {}
    for certification, clause, field, op, row in zip(*(frame[c] for c in ("certification", "clause", "field", "op", "row"))):
        if op != HELD or not field:
            continue
        if fold_key(field) not in official:
            table.report(NOTICE, f"前提「{field}」既没有认定条件，也没有认定名单{suggest(field, official.values())}，按不知道处理",
                         "补上该认定的名单，或改成已有的认定名称", row, "field")
            continue
        if clause != EXCLUDED:
            needs.setdefault(certification, {}).setdefault(official[fold_key(field)], row)
    seen: set[frozenset] = set()
    for start in needs:
        chain = circle(start, needs)
        if chain and frozenset(chain) not in seen:
            seen.add(frozenset(chain))
            table.report(ERROR, f"认定互为前提，绕成了圈：{'→'.join(chain)}", "改正其中一行的前提", needs[chain[0]][chain[1]], "field")
