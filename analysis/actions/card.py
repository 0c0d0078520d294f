"""One enterprise's card: every recognition's status, and its conditions and score sheet clause by clause."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..params import AssessmentError
from ..recognition.clauses import CONFIDENCE, DIRECT, EXCLUDED, HARD, PREREQUISITE
from ..recognition.explain import brief, demand, figures, read, title
from ..recognition.fields import FLAG, TEXT
from ..recognition.logic import NO, YES
from ..recognition.moves import tidy
from ..recognition.reading import Reading
from ..recognition.screen import FAR, STATUSES, Screening
from ..recognition.settings import lever

SAID = {int(YES): "达到", int(NO): "未达到"}
UNKNOWN_VALUE = "不详"
KIND = {PREREQUISITE: "前置条件", HARD: "必备条件", DIRECT: "直通条件", EXCLUDED: "否决情形"}


@dataclass(frozen=True)
class Card:
    """``overview``: a row per recognition (认定, 状态, 评价得分, 原因, 待核实, 最小变动, 依据); ``conditions`` and ``sheets``: tables by
    recognition (see :func:`card`; no sheet, no entry); ``status`` 示例 or 推算."""

    row: int
    name: str
    code: str
    town: str
    chain: str
    overview: pd.DataFrame
    conditions: dict[str, pd.DataFrame]
    sheets: dict[str, pd.DataFrame]
    status: str


def card(screening: Screening, row: int, certification: str | None = None) -> Card:
    """What one enterprise meets, lacks and leaves open, in each clause's own unit.

    Parameters
    ----------
    row : its row of the 企业 sheet. certification : one recognition only (None = all).

    Returns
    -------
    Card. ``conditions``: 类别, 组, 条件, 关系 (how it goes with the others of its group), 本企业,
    判断 (达到/未达到/不详; for 否决情形 有/没有/不详), 差额, 本组 (the group with its direct
    routes), 出处, 可信度. ``sheets``: 部分, 项目, 本企业, 得分（最低）, 得分（最高）, 满分, 上一档
    (what the next higher band asks for), with the total last.

    Raises
    ------
    AssessmentError for a row or recognition that is not there.
    """
    if certification is not None and certification not in screening.certifications:
        raise AssessmentError(f"没有筛查“{certification}”；有：{'、'.join(screening.certifications)}")
    names = [n for n in screening.certifications if certification in (None, n)]
    at = screening.positions([row])
    conditions, sheets = {}, {}
    for name in names:
        found = read(screening, name, at)
        conditions[name] = pd.DataFrame(conditions_of(found))
        if found.recognition.sheet:
            sheets[name] = _sheet_table(sheet_of(found))
    table = screening.table[(screening.table["row"] == row) & screening.table["certification"].isin(names)]
    who = table.iloc[0]
    return Card(int(row), str(who["name"]), str(who["code"]), str(who["town"]), str(who["chain"]), _overview(screening, row, table, conditions),
                conditions, sheets, str(who["data_status"]))


def _overview(screening, row, table, conditions):
    texts = screening.explain([s for s in STATUSES if s != FAR], rows=[row]).set_index("certification")
    rows = []
    for known in table.to_dict("records"):
        name = known["certification"]
        said = texts.loc[name] if name in texts.index else {}
        if not len(said):
            groups = conditions[name].drop_duplicates("组")
            missed = groups.loc[(groups["本组"] == "未达到") & groups["类别"].isin(("前置条件", "必备条件")), "组"]
            said = {"reason": f"有 {len(missed)} 组条件未达到"}
        low, high = known["score_low"], known["score_high"]
        score = "" if np.isnan(low) else f"{tidy(low)} 分" if low == high else f"{tidy(low)}—{tidy(high)} 分"
        rows.append({"认定": name, "状态": str(known["status"]), "评价得分": score, "原因": said.get("reason", ""), "待核实": said.get("ask", ""),
                     "最小变动": said.get("least", ""), "依据": "名单" if pd.isna(known["confidence"]) else str(known["confidence"])})
    return pd.DataFrame(rows)


def conditions_of(found: Reading, k: int = 0) -> list[dict]:
    """The conditions of the k-th enterprise read, a dict a clause; see :func:`card`."""
    recognition, rows = found.recognition, []
    # A direct route stands behind the groups that it replaces: it is printed once, with the state of its own.
    for group in (*recognition.excluded, *recognition.already, *recognition.required, *recognition.direct):
        kind = KIND.get(group.kind, group.kind)
        state = int(found.group(group).state[k])
        # What is lacking is named for the alternative that lacks least, as in the reasons.
        gaps = {id(c) for c, who in found.lacking(group) if who[k]} if group.kind in (PREREQUISITE, HARD, DIRECT) else set()
        for part in group.alternatives:
            for clause in part:
                one = int(found.clause(clause).state[k])
                rows.append({
                    "类别": kind, "组": group.name, "条件": brief(clause.text) or _asked(found, clause), "关系": _relation(group, part, clause, recognition),
                    "本企业": value(found, clause, k), "判断": _judged(group, one), "差额": _gap(found, clause, k) if id(clause) in gaps else "",
                    "本组": _judged(group, state), "出处": clause.source, "可信度": CONFIDENCE[clause.confidence]})
    return rows


def _judged(group, state):
    words = {int(YES): "有", int(NO): "没有"} if group.kind == EXCLUDED else SAID
    return words.get(state, UNKNOWN_VALUE)


def _asked(found, clause):
    return f"已认定为{clause.holds}" if clause.holds else title(found, clause) + demand(clause)


def _relation(group, part, clause, recognition):
    said = []
    if len(part) > 1:
        said.append(f"“{clause.alternative}”各条须同时达到")
    if len(group.alternatives) > 1 and group.kind != EXCLUDED:
        said.append("任一即可")
    if group.kind == DIRECT:
        said.append(f"可代替{'、'.join(g.name for g in recognition.required if group in g.by)}")
    return "；".join(said)


def _gap(found, clause, k):
    missing = float(found.clause(clause).missing[k])
    if clause.holds or not clause.ordered or np.isnan(missing) or _fixed(found, clause):
        return ""
    unit = "个百分点" if clause.unit == "%" else clause.unit
    low, high = (float(v[k]) for v in found.value(clause))
    lacking = figures(clause, low, high, missing)[1]
    return f"差 {lacking} {unit}".rstrip() if lacking else f"须{'超过' if clause.op == '>' else '低于'}{clause.threshold}{clause.unit}"


def _fixed(found, clause):
    """Places in an award and the like: nothing that one can be so many short of."""
    return bool(clause.expression and clause.expression.column) and lever(found.headers.title(clause.expression.column), "数值").moves == "不可变"


def value(found: Reading, clause, k: int = 0) -> str:
    """What a clause reads of the k-th enterprise, as a page writes it: number with unit, text, 是/否, or 不详."""
    if clause.holds:
        return {int(YES): "已认定", int(NO): "未认定"}.get(int(found.clause(clause).state[k]), UNKNOWN_VALUE)
    column = clause.expression.column if clause.expression is not None else None
    kept = found.fields.columns[column] if column else None
    if kept is not None and kept.kind == TEXT:
        return kept.labels[kept.values[k]] if kept.values[k] >= 0 else UNKNOWN_VALUE
    if kept is not None and kept.kind == FLAG:
        return UNKNOWN_VALUE if np.isnan(kept.values[k]) else "是" if kept.values[k] else "否"
    low, high = (float(v[k]) for v in found.value(clause))
    if np.isnan(low):
        return UNKNOWN_VALUE
    if found.clause(clause).state[k] == NO:  # never rounded up to a threshold that is missed
        return f"{figures(clause, low, high, float(found.clause(clause).missing[k]))[0]} {clause.unit}".rstrip()
    return f"{tidy(low) if low == high else f'{tidy(low)}—{tidy(high)}'} {clause.unit}".rstrip()


def sheet_of(found: Reading, k: int = 0) -> list[dict]:
    """The score sheet of the k-th enterprise read, a dict an item and one of the total at the end; see :func:`card`."""
    rows = []
    for group in found.recognition.sheet:
        low, high = (float(v[k]) for v in found.points(group))
        full = max(part[0].points for part in group.alternatives)
        better = sorted((part for part in group.alternatives if part[0].points > low), key=lambda part: part[0].points)
        least = [part for part in better if part[0].points == better[0][0].points]
        ahead = " 或 ".join("且".join(_short(found, c) + demand(c) for c in part) for part in least)
        kinds = {c.field: c for c in group.clauses}
        named = [f"{_short(found, c)} {value(found, c, k)}".strip() if len(kinds) > 1 else value(found, c, k) for c in kinds.values()]
        rows.append({"部分": group.part, "项目": re.sub(r"^[A-Za-z]+\d+", "", group.name.replace("：", ":").rpartition(":")[2]) or group.name,
                     "本企业": "；".join(named), "得分（最低）": low, "得分（最高）": high, "满分": full,
                     "上一档": f"{ahead}，得 {tidy(least[0][0].points)} 分" if least else "已是最高档"})
    sums = {title: float(sum(row[title] for row in rows)) for title in ("得分（最低）", "得分（最高）", "满分")}
    return [*rows, {"部分": "", "项目": "合计", "本企业": "", **sums, "上一档": ""}]


def _sheet_table(rows):
    table = pd.DataFrame(rows)
    return table.drop(columns="部分") if (table["部分"] == "").all() else table


def _short(found, clause):
    """Header of a column; a share or growth rate is known by its item."""
    return found.headers.title(clause.expression.column) if clause.expression.column else ""
