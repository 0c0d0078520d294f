"""Chinese texts of a screening: why a status, what to ask, what would change it, and the clauses one by one."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..text import fold_key
from .changes import least_changes
from .clauses import CONFIDENCE, TOTAL, Clause, judge_clause, measure, value_of
from .fields import BLANK, FLAG, TEXT, Fields
from .held import applied, recognised
from .judge import judge_group
from .logic import NO, UNKNOWN, YES, shown
from .moves import tidy
from .rules import Recognition
from .score import item_points, score_sheet
from .settings import setting

SIGNS = {">=": "≥", ">": "＞", "<=": "≤", "<": "＜", "=": "＝", "!=": "≠"}


def explained(screening, table: pd.DataFrame) -> pd.DataFrame:
    """Rows of ``screening.table`` with reason, ask, least and earliest."""
    if table.empty:
        return table.assign(reason="", ask="", least="", earliest=pd.NaT)
    parts = [_block(screening, str(name), part) for name, part in table.groupby("certification", observed=True, sort=False)]
    return pd.concat(parts).loc[table.index]


def _block(screening, name, part):
    recognition = screening.book.recognitions[name]
    at = screening.positions(part["row"])
    fields = screening.fields.only(recognition.columns).take(at)
    scores = score_sheet(recognition, fields)
    groups = [(g, judge_group(g, fields, scores)) for g in recognition.required]
    about = _listed(screening, name)
    reasons, asks, leasts, dates = [], [], [], []
    for k, (row, status) in enumerate(zip(part["row"], part["status"])):
        states = [(g, s.state[k], s.near[k]) for g, s in groups]
        reasons.append(_reason(screening, recognition, fields, scores, states, k, status, about.get(row, {})))
        asks.append(_ask(screening, recognition, fields, states, scores, k, about.get(row, {})) if status in ("资料不全", "靠靠能报") else "")
        text, when = _least(screening, recognition, at[k], status, any(UNKNOWN in both for _, *both in states))
        leasts.append(text)
        dates.append(when)
    return part.assign(reason=reasons, ask=asks, least=leasts, earliest=pd.Series(dates, index=part.index, dtype="datetime64[s]"))


def _reason(screening, recognition, fields, scores, states, k, status, about):
    refused = f"；{about['未通过']}年申报未通过" if "未通过" in about else ""
    if status in ("已认定", "已申报"):
        if status in about:
            return about[status]
        return "；".join(c.text or c.field for g in recognition.already for c in g.clauses if judge_clause(c, fields, scores)[k] == YES)
    if status == "排除":
        hit = [c.text or c.field for g in recognition.excluded for c in g.clauses if judge_clause(c, fields, scores)[k] == YES]
        return f"有否决情形：{'；'.join(hit)}"
    if status == "应报未报":
        total = f"，{TOTAL}{_span(*scores[''], k)}分" if scores else ""
        routes = [g for d, *_ in states for g in d.by if judge_group(g, fields, scores).state[k] == YES]
        through = f"；直通：{routes[0].clauses[0].text or routes[0].name}" if routes else ""
        return f"条件全部达到{total}{through}{refused}"
    failing = [_group_text(screening, g, fields, scores, k) for g, s, _ in states if s == NO]
    open_ones = [_label(screening, g.clauses[0]) for g, s, _ in states if s == UNKNOWN]
    said = [f"未达到：{_few(failing)}"] if failing else []
    said += [f"不能判断：{_few(open_ones)}"] if open_ones else []
    if any(judge_group(g, fields, scores).state[k] == UNKNOWN for g in recognition.excluded):
        said.append("是否有否决情形不详")
    if any(judge_group(g, fields, scores).state[k] == UNKNOWN for g in recognition.already):
        said.append("是否已具备不详")
    if "疑似" in about:
        said.append("认定名单上有相近的名称，是否已认定待核对")
    return "；".join(said) + refused


def _group_text(screening, group, fields, scores, k):
    """The nearest alternative of a failing group, and how many other ways there are."""
    ways = [(p, [measure(c, fields, scores) for c in p], g is not group) for g in (group, *group.by) for p in g.alternatives]
    # As for the distance, a direct route is named only where it is nearly reached.
    nearest, found, _ = min(ways, key=lambda way: (way[2] and any(m.near[k] == NO for m in way[1]), sum(m.scaled[k] for m in way[1])))
    texts = [_shortfall(screening, c, m, fields, scores, k) for c, m in zip(nearest, found) if m.state[k] == NO]
    return "且".join(texts) + (f"（另有{len(ways) - 1}种达标途径）" if len(ways) > 1 else "")


def _shortfall(screening, clause, found, fields, scores, k):
    if clause.holds:
        return f"尚未认定为{clause.holds}"
    if not clause.ordered:
        return f"{clause.text or clause.field + SIGNS.get(clause.op, clause.op) + clause.threshold}：不符合"
    low, high = (float(v[k]) for v in value_of(clause, fields, scores))
    unit = "个百分点" if clause.unit == "%" else clause.unit
    missing = np.ceil(found.missing[k] * 100 - 1e-6) / 100
    gap = f"差{tidy(missing)}{unit}" if missing > 0 else f"须{'超过' if clause.op == '>' else '低于'}{clause.threshold}{clause.unit}"
    rounded = (lambda v: np.floor(v * 100 + 1e-6) / 100) if np.isfinite(clause.low) and high < clause.low else (lambda v: np.ceil(v * 100 - 1e-6) / 100)
    value = tidy(rounded(low)) if low == high else f"{tidy(rounded(low))}—{tidy(rounded(high))}"
    if clause.expression is not None and clause.expression.column is None:
        return f"{clause.text or clause.field}：现为{value}{clause.unit}，{gap}"
    return f"{_title(screening, clause)}{value}{clause.unit}，{gap}（须{SIGNS.get(clause.op, clause.op)}{clause.threshold}{clause.unit}）"


def _title(screening, clause):
    if clause.score is not None:
        return f"{TOTAL}（{clause.field.partition('.')[2]}）" if clause.score else TOTAL
    return screening.book.headers.title(clause.expression.column)


def _label(screening, clause: Clause) -> str:
    if clause.holds:
        return f"是否已认定为{clause.holds}"
    if clause.expression is not None and clause.expression.column is None:
        return clause.text or clause.field
    return _title(screening, clause)


def _ask(screening, recognition: Recognition, fields, states, scores, k, about):
    """Unknown fields of the groups that hang on them, the score sheet's items included."""
    wanted: dict[str, None] = {about["疑似"]: None} if "疑似" in about else {}
    open_groups = [g for g, *both in states if UNKNOWN in both]
    pending = [*recognition.already, *recognition.excluded]
    open_groups += [g for g in pending if judge_group(g, fields, scores).state[k] == UNKNOWN]
    for group in open_groups:
        for clause in (c for g in (group, *group.by) for c in g.clauses if measure(c, fields, scores).state[k] == UNKNOWN):
            wanted |= dict.fromkeys(_unknown_in_sheet(screening, recognition, fields, clause, k) if clause.score is not None
                                    else _unknown_in(screening, clause, fields, k))
    return f"请核实：{_few(list(wanted), 3 * int(setting('说明最多条款')))}" if wanted else ""


def _unknown_in_sheet(screening, recognition, fields, clause, k):
    for group in recognition.sheet:
        if clause.score in ("", fold_key(group.part)):
            low, high = item_points(group, fields)
            if low[k] < high[k]:
                for band in group.clauses:
                    if judge_clause(band, fields, {})[k] == UNKNOWN:
                        yield from _unknown_in(screening, band, fields, k)


def _unknown_in(screening, clause, fields, k):
    if clause.holds:
        yield f"是否已认定为{clause.holds}"
        return
    headers = screening.book.headers
    blank = [c for c in clause.expression.columns if _is_unknown(fields.columns[c], k)]
    for name in blank or clause.expression.columns:
        unit = headers.unit(name)
        yield headers.title(name) + (f"（{unit}）" if unit else "（是/否）" if fields.columns[name].kind == FLAG else "")


def _is_unknown(column, k):
    return column.values[k] < 0 if column.kind == TEXT else column.kind == BLANK or np.isnan(column.values[k])


def _least(screening, recognition, at, status, unsure):
    if status == "应报未报":
        return "", screening.date
    if status not in ("靠靠能报", "暂不具备"):
        return "", pd.NaT
    routes = least_changes(recognition, screening.fields, at, screening.book.headers, screening.date, screening.year)
    if not routes:
        return "先核实不详的数据" if unsure else f"{int(setting('最小变动项数上限'))}项以内的改变不能达到", pd.NaT
    dates = [r.when for r in routes if not pd.isna(r.when)]
    said = [r.text + (f"（{r.when.year}年{r.when.month}月前后）" if not pd.isna(r.when) else "（时间不详）") for r in routes]
    return " 或 ".join(said), min(dates) if dates else pd.NaT


def _listed(screening, name):
    """What lists say of each row: text by 已认定, 已申报; last year refused by 未通过; 疑似 if an entry may be its."""
    held = screening.held[screening.held["certification"] == name]
    about: dict[int, dict] = {}
    for row in screening.perhaps.loc[screening.perhaps["certification"] == name, "row"]:
        about.setdefault(row, {})["疑似"] = "认定名单上相近的名称是不是本企业"
    for entry in held[held["result"] == "未通过"].sort_values("year").itertuples():
        about.setdefault(entry.row, {})["未通过"] = int(entry.year) if entry.year == entry.year else "往"
    for entry in applied(held, screening.date).itertuples():
        about.setdefault(entry.row, {})["已申报"] = f"{int(entry.year)}年已申报，尚无结果"
    for entry in recognised(held, screening.date).itertuples():
        when = f"{int(entry.year)}年认定" if entry.year == entry.year else "已认定"
        until = f"，有效期至{entry.valid_to:%Y-%m-%d}" if not pd.isna(entry.valid_to) else ""
        about.setdefault(entry.row, {})["已认定"] = when + until
    return about


def _span(low, high, k):
    return tidy(low[k]) if low[k] == high[k] else f"{tidy(low[k])}—{tidy(high[k])}"


def _few(texts, most=None):
    most = int(setting("说明最多条款")) if most is None else most
    return "；".join(texts[:most]) + ("等" if len(texts) > most else "")


def clause_table(screening, certification: str, at: np.ndarray) -> pd.DataFrame:
    """Every clause of a recognition for enterprises at positions; see ``Screening.clauses``."""
    recognition = screening.book.recognitions[certification]
    fields: Fields = screening.fields.only(recognition.columns).take(at)
    scores, rows, parts = score_sheet(recognition, fields), screening.enterprises["row"].to_numpy()[at], []
    for clause in recognition.clauses:
        found = measure(clause, fields, scores)
        low, high = value_of(clause, fields, scores)
        parts.append(pd.DataFrame({
            "row": rows, "certification": certification, "clause": clause.kind, "group": clause.group, "alternative": clause.alternative,
            "field": clause.field, "state": shown(found.state), "value": low, "value_high": high, "threshold": f"{clause.op}{clause.threshold}",
            "missing": found.missing, "unit": clause.unit, "within": shown(found.near), "points": clause.points, "text": clause.text,
            "source": clause.source, "confidence": CONFIDENCE[clause.confidence], "rule_row": clause.row}))
    return pd.concat(parts, ignore_index=True).sort_values("row", kind="stable", ignore_index=True)
