"""认定名单 and 企业: a recognition that is nearly one with rules, an own column that is nearly a standard one."""

from __future__ import annotations

from analysis.check_clauses import HELD
from analysis.columns import Typed
from analysis.params import AssessmentError
from analysis.problems import NOTICE, WARNING
from analysis.slips import absent_column, short_for, slip_of, without_level
from analysis.text import fold_key


def check_own_columns(table: Typed, rules: Typed) -> None:
    """企业: an own column that is nearly an absent standard one and that no rule reads."""
    if not table.present:
        return
    official = {c.name for c in table.sheet.columns}
    used = _read_by_rules(table, rules)
    for name in table.frame.columns:
        if name in official or name in used or name in ("row", "cell") or name.endswith("_masked"):
            continue
        meant = absent_column(name, table.sheet.columns, table.headers)
        if meant:
            table.report(WARNING, f"列「{name}」不是标准列，按自有列读入，是不是“{meant.header}”",
                         f"是就把表头里的「{name}」改成 {meant.header}；确是另一列的，改一个不相近的列名，或在认定条件的字段里用到它", table.header_row, name)


def _read_by_rules(table: Typed, rules: Typed) -> set[str]:
    # The rules engine is right of this module; only its reader of fields is wanted here.
    from analysis.recognition.expressions import parse
    from analysis.recognition.fields import Headers

    known, used = Headers(tuple(table.frame.columns)).known, set()
    for field, op in zip(rules.frame["field"], rules.frame["op"]):
        try:
            used.update(parse(field, known).columns if op != HELD else ())
        except AssessmentError:
            # Reported where fields are checked; 评价得分 is no column either.
            continue
    return used


def check_recognition_names(table: Typed, rules: Typed) -> None:
    """认定名单: a recognition without rules that is nearly one with rules (warning), or one of these but for the level (notice)."""
    judged = [*rules.frame["certification"].unique(), *rules.frame.loc[rules.frame["op"] == HELD, "field"].unique()]
    known = {fold_key(name) for name in judged}
    for name, part in table.frame.groupby("certification", sort=False):
        if not name or fold_key(name) in known:
            continue
        meant = slip_of(name, judged) or short_for(name, judged)
        if meant:
            level = without_level(name, meant)
            table.report(NOTICE if level else WARNING, f"认定条件里没有「{name}」（名单上 {len(part)} 行），{'没有写级别，' if level else ''}是不是“{meant}”；"
                         "若是而不改，这些企业在筛查时不算已有这项认定", f"是就改成 {meant}，与认定条件写法一致；确是另一项认定的不用改",
                         part["row"].iloc[0], "certification")
