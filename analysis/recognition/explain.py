"""Chinese texts of a screening: why a status, what to ask, what would change it, and the clauses one by one."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from .changes import least_changes, outlook
from .clauses import CONFIDENCE, TOTAL, Clause
from .held import applied, recognised, refused
from .logic import NO, UNKNOWN, YES, shown
from .moves import tidy
from .reading import DOUBTFUL, Reading, ways
from .settings import setting

_WORDS = {"max": "较大者", "min": "较小者", "*": "×", "/": "÷", "-": "－", "+": "＋"}
SIGNS = {">=": "≥", ">": "＞", "<=": "≤", "<": "＜"}
_NOTHING = 1e-9
_SOUGHT = ("靠靠能报", "暂不具备")  # whose least changes are said
_REMARK = re.compile(r"^（[^（）]*）|（[^（）]*）$")


def explained(screening, table: pd.DataFrame) -> pd.DataFrame:
    """Rows of ``screening.table`` with reason, ask, least and earliest; ``own`` is earliest but for recognitions to be got first."""
    known = screening.texts
    pairs = list(zip(table["certification"].astype(str), table["row"]))
    new = table[np.array([pair not in known for pair in pairs], dtype=bool)]
    for name, part in new.groupby("certification", observed=True, sort=False):
        known |= zip(zip(part["certification"].astype(str), part["row"]), _texts(screening, str(name), part))
    texts = pd.DataFrame([known[pair] for pair in pairs], index=table.index, columns=["reason", "ask", "least", "earliest", "own"])
    return table.assign(**texts.astype({"earliest": "datetime64[s]", "own": "datetime64[s]"}))


def read(screening, certification: str, at: np.ndarray) -> Reading:
    """A recognition read for the enterprises at positions of the roster."""
    recognition = screening.book.recognitions[certification]
    return Reading(recognition, screening.fields.only(recognition.columns).take(at), screening.book.headers)


def brief(text: str) -> str:
    """A clause's words without a remark in brackets before or after them, which the rules keep, and without 或, 且."""
    return re.sub("^[或且]", "", _REMARK.sub("", text).strip()) or text


def spelled(clause: Clause) -> str:
    """A clause as a page names it: its words, else its arithmetic as one reads it (``研发费用÷营业收入（%）``)."""
    if clause.text:
        return brief(clause.text)
    if clause.holds or clause.expression is None or clause.expression.column is not None:
        return clause.field
    share = re.fullmatch(r"(.+?)\s*[*×＊]\s*100", clause.field.strip()) if clause.unit == "%" else None
    text = share[1] if share else clause.field.strip()
    for sign, word in _WORDS.items():
        text = text.replace(sign, word)
    return f"{text}（%）" if share else text


def _texts(screening, name, part):
    """Reason, ask, least, earliest and own of each row of one recognition."""
    at = screening.positions(part["row"])
    found, about = read(screening, name, at), _listed(screening, name)
    perhaps = np.array(["疑似" in about.get(row, {}) for row in part["row"]])
    wanted = found.wanted(perhaps)
    sought = [int(a) for a, status in zip(at, part["status"]) if status in _SOUGHT]
    among = outlook(found.recognition, screening.fields, sought, screening.book.headers) if sought else None
    texts = []
    for k, (row, status) in enumerate(zip(part["row"], part["status"])):
        asked = [label for label, who in wanted.items() if who[k]] if status in ("资料不全", "靠靠能报") else []
        if status == "资料不全" and not asked:
            asked = [f"能否认定为{c.holds}（见该项清单）" for g in found.recognition.required for c in g.clauses if c.holds and found.clause(c).state[k] == NO]
        ask = f"请核实：{_few(asked, 3 * int(setting('说明最多条款')))}" if asked else ""
        unsure = any(UNKNOWN in (found.group(g).state[k], found.group(g).near[k]) for g in found.recognition.required)
        least, when, own = _least(screening, found.recognition, at[k], status, unsure, among)
        texts.append((_reason(found, k, status, about.get(row, {})), ask, least, when, own))
    return texts


def _reason(found, k, status, about):
    recognition = found.recognition
    before = f"；{about['未通过']}年申报未通过" if "未通过" in about else ""
    if status in ("已认定", "已申报"):
        return about[status] if status in about else "；".join(_met(found, recognition.already, k))
    if status == "排除":
        return f"有否决情形：{'；'.join(_met(found, recognition.excluded, k))}"
    if status == "应报未报":
        total = f"，{TOTAL}{_span(*found.scores[''], k)}分" if found.scores else ""
        routes = [g for required in recognition.required for g in required.by if found.group(g).state[k] == YES]
        through = f"；直通：{brief(routes[0].clauses[0].text or routes[0].name)}" if routes else ""
        return f"条件全部达到{total}{through}{before}"
    states = [(g, found.group(g).state[k]) for g in recognition.required]
    failing = list(dict.fromkeys(_group_text(found, g, k) for g, s in states if s == NO))
    open_ones = list(dict.fromkeys(_open_text(found, g, k) for g, s in states if s == UNKNOWN))
    said = [f"未达到：{_few(failing)}"] if failing else []
    said += [f"不能判断：{_few(open_ones)}"] if open_ones else []
    if any(found.group(g).state[k] == UNKNOWN for g in recognition.excluded):
        said.append("是否有否决情形不详")
    if any(found.group(g).state[k] == UNKNOWN for g in recognition.already):
        said.append("是否已具备不详")
    if "疑似" in about:
        said.append("认定名单上有相近的名称，是否已认定待核对")
    return "；".join(said) + before


def _met(found, groups, k):
    return [spelled(c) for g in groups for c in g.clauses if found.clause(c).state[k] == YES]


def _group_text(found, group, k):
    """The nearest alternative of a failing group, and how many other ways there are: bands of a figure in which the enterprise is not are none."""
    at = found.nearest(group)[k]
    clauses = ways(group)[at][0]
    own = {c.field for c in clauses if found.clause(c).state[k] == YES}
    others = sum(not any(c.field in own and found.clause(c).state[k] == NO for c in part) for n, (part, _) in enumerate(ways(group)) if n != at)
    texts = [shortfall(found, c, k) for c in clauses if found.clause(c).state[k] == NO]
    return "且".join(texts) + (f"（另有{others}种达标途径）" if others else "")


def shortfall(found: Reading, clause: Clause, k: int) -> str:
    """What the k-th enterprise lacks of a clause that it misses, in the clause's own unit."""
    if clause.holds:
        return f"尚未认定为{clause.holds}"
    if not clause.ordered:
        return f"不符合“{brief(clause.text) if clause.text else spelled(clause) + demand(clause)}”"
    low, high = (float(v[k]) for v in found.value(clause))
    value, missing = figures(clause, low, high, found.clause(clause).missing[k])
    gap = f"差{missing}{'个百分点' if clause.unit == '%' else clause.unit}" if missing else \
        f"须{'超过' if clause.op == '>' else '低于'}{clause.threshold}{clause.unit}"
    if clause.expression is not None and clause.expression.column is None:
        return f"“{spelled(clause)}”现为{value}{clause.unit}，{gap}"
    return f"{title(found, clause)}{value}{clause.unit}，{gap}（须{demand(clause)}）"


def figures(clause: Clause, low: float, high: float, missing: float) -> tuple[str, str]:
    """A value (or its interval) and what it lacks (empty if nothing) as printed: both to two decimals, to more only where the
    value would seem to lie on a threshold that it misses, or nothing to be missing."""
    edges = [e for e in (clause.low, clause.high) if np.isfinite(e)]
    lacks = bool(missing > _NOTHING)
    for decimals in range(2, 10):
        same = all(_side(round(v, decimals) - e) == _side(v - e) for v in (low, high) for e in edges)
        if same and (not lacks or round(missing, decimals) > 0):
            break
    value = tidy(low, decimals) if low == high else f"{tidy(low, decimals)}—{tidy(high, decimals)}"
    return value, tidy(missing, decimals) if lacks else ""


def _side(difference):
    return 0 if abs(difference) < _NOTHING else 1 if difference > 0 else -1


def demand(clause: Clause) -> str:
    """``≥100万元``, ``为三级或四级``: the comparison, threshold and unit of a clause."""
    if clause.op == "介于":
        return f"≥{clause.low:g}且＜{clause.high:g}{clause.unit}"
    if clause.ordered:
        return f"{SIGNS[clause.op]}{clause.threshold}{clause.unit}"
    return ("不为" if clause.op in ("!=", "不属于") else "为") + "或".join(re.split("[|｜]", clause.threshold)) + clause.unit


def title(found: Reading, clause: Clause) -> str:
    """What a clause reads, as a page calls it."""
    if clause.holds:
        return clause.holds
    if clause.score is not None:
        return f"{TOTAL}（{clause.field.partition('.')[2]}）" if clause.score else TOTAL
    if clause.expression.column is None:
        return spelled(clause)
    return found.headers.title(clause.expression.column)


def _open_text(found, group, k):
    """The first thing unknown of a group that hangs on it; a score with its bounds, a direct route as such, and what is missed without it."""
    clause, direct = next(((c, d) for part, d in ways(group) for c in part if found.clause(c).state[k] == UNKNOWN), (group.clauses[0], False))
    said = f"是否已认定为{clause.holds}" if clause.holds else title(found, clause)
    if clause.score is not None:
        return f"{said}（{_span(*found.scores[clause.score], k)}分，须{demand(clause)}）"
    if not direct:
        return said
    # What is known to be missed without the direct route, the nearest way of the group's own that nothing unknown is part of.
    own = [part for part, route in ways(group) if not route and UNKNOWN not in (states := [found.clause(c).state[k] for c in part]) and NO in states]
    near = min(own, key=lambda part: sum(float(found.clause(c).scaled[k]) for c in part), default=())
    missed = "且".join(shortfall(found, c, k) for c in near if found.clause(c).state[k] == NO)
    return f"直通条件“{said}”" + (f"，不靠它则{missed}" if missed else "")


def _least(screening, recognition, at, status, unsure, among):
    if status == "应报未报":
        return "", screening.date, screening.date
    if status not in _SOUGHT:
        return "", pd.NaT, pd.NaT
    routes = least_changes(recognition, screening.fields, at, screening.book.headers, screening.date, screening.year, waits=screening.waits,
                           among=among)
    if not routes:
        return "先核实不详的数据" if unsure else f"{int(setting('最小变动项数上限'))}项以内的改变里没有找到能达到的", pd.NaT, pd.NaT
    shown = int(setting("达标路径条数"))
    more, routes = len(routes) - shown, routes[:shown]
    dates = [r.when for r in routes if not pd.isna(r.when)]
    said = [r.text + (f"（{r.when.year}年{r.when.month}月前后）" if not pd.isna(r.when) else "（时间不详）") for r in routes]
    # What asks for another recognition waits for that one, which a plan arranges by itself.
    others = [[m.when for m in r.moves if not m.key.startswith("认定:")] for r in routes]
    own = [max(days, default=screening.date) for days in others if not any(pd.isna(d) for d in days)]
    return " 或 ".join(said) + (f"（另有 {more} 种一项做法）" if more > 0 else ""), min(dates) if dates else pd.NaT, min(own) if own else pd.NaT


def _listed(screening, name):
    """What lists say of each row: text by 已认定, 已申报; last year refused by 未通过; 疑似 if an entry may be its."""
    held = screening.held[screening.held["certification"] == name]
    about: dict[int, dict] = {}
    for row in screening.perhaps.loc[screening.perhaps["certification"] == name, "row"]:
        about.setdefault(row, {})["疑似"] = DOUBTFUL
    for (row, _), year in refused(held).items():
        about.setdefault(row, {})["未通过"] = year
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
    reading = read(screening, certification, at)
    rows, parts = screening.enterprises["row"].to_numpy()[at], []
    for clause in reading.recognition.clauses:
        found = reading.clause(clause)
        low, high = reading.value(clause)
        parts.append(pd.DataFrame({
            "row": rows, "certification": certification, "clause": clause.kind, "group": clause.group, "alternative": clause.alternative,
            "field": clause.field, "state": shown(found.state), "value": low, "value_high": high, "threshold": f"{clause.op}{clause.threshold}",
            "missing": found.missing, "unit": clause.unit, "within": shown(found.near), "points": clause.points, "text": clause.text,
            "source": clause.source, "confidence": CONFIDENCE[clause.confidence], "rule_row": clause.row}))
    return pd.concat(parts, ignore_index=True).sort_values("row", kind="stable", ignore_index=True)
