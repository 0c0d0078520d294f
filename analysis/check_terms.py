"""What the plan of applications reads: its goal in 说明 and the user's own assumptions in 申报约定."""

from __future__ import annotations

import re
from functools import cache

from analysis.cells import Instead, number_as_text, parse_number
from analysis.check_growth import bare_header
from analysis.check_scheme import Nodes
from analysis.columns import Typed
from analysis.dates import parse_period
from analysis.names import Names, repeated_rows
from analysis.problems import ERROR, suggest
from analysis.shipped import rows
from analysis.text import fold_key, half_width, plain
from analysis.units import convert_factor

NODE, RANK, FIRST, LAST = PLAN_KEYS = ("计划指标组", "计划位次", "计划起始季度", "计划截止季度")
FURTHEST = 10
DEFAULT, MONEY_UNIT = "默认", "万元"
_BETWEEN = re.compile(r"[；;、，,/\s]+")


def check_plan(table: Typed, meta: dict[str, str], nodes: Nodes, peers: int, year: int | None) -> None:
    """The 说明 keys of the plan's goal, kept in one spelling.

    计划指标组 becomes the code of its node; 计划位次 is a whole number not above ``peers``, the number of
    districts ranked with home (0: unknown); the quarters become ``2023Q1``, not before 年度, the
    last not before the first.
    """
    faults: dict[str, tuple[str, str]] = {}
    for key, settle in ((NODE, _node), (RANK, _rank), (FIRST, _quarter), (LAST, _quarter)):
        text = meta.pop(key, "").strip()
        if text:
            value, trouble, fix = settle(key, text, nodes, peers, year)
            if trouble:
                faults[key] = (trouble, fix)
            else:
                meta[key] = value
    if meta.get(FIRST, "") > meta.get(LAST, "9999"):
        faults[LAST] = (f"{LAST} {meta.pop(LAST)} 早于{FIRST} {meta[FIRST]}", "改正其中一个")
    for key, (trouble, fix) in faults.items():
        rows = table.frame.loc[table.frame["key"].map(fold_key) == fold_key(key), "row"]
        table.report(ERROR, trouble, fix, int(rows.iloc[0]), "value")


def _node(key: str, text: str, nodes: Nodes, *_) -> tuple[str, str, str]:
    found = nodes.find(text)
    if not nodes.codes:
        return "", f"写了{key}「{text}」，却没有考核方案", "补上 考核方案 表，或删去这一行"
    if not found:
        return "", f"{key}「{text}」不在考核方案里{suggest(text, [*nodes.codes.values(), *nodes.name.values()])}", "改成考核方案里的代码或名称"
    if len(found) > 1:
        return "", f"{key}「{text}」可以指 {len(found)} 个节点：{'、'.join(found)}", "改用节点代码"
    return found[0], "", ""


def _rank(key: str, text: str, nodes: Nodes, peers: int, *_) -> tuple[str, str, str]:
    found = re.fullmatch(r"第?([0-9]{1,4})(?:\.0)?[位名]?", plain(text))
    if not found or int(found[1]) < 1:
        return "", f"{key}「{text[:30]}」不是正整数", "填想达到第几位，如 6"
    if peers and int(found[1]) > peers:
        return "", f"{key} {int(found[1])} 大于同组区县数 {peers}", "核对位次；分组排名时按组内位次填"
    return str(int(found[1])), "", ""


def _quarter(key: str, text: str, nodes: Nodes, peers: int, year: int | None) -> tuple[str, str, str]:
    period = parse_period(text)[0]
    if not re.fullmatch(r"[0-9]{4}Q[1-4]", period):
        return "", f"{key}「{text[:30]}」不是季度", "写成 2023Q1 的形式"
    if year is not None and not year <= int(period[:4]) <= year + FURTHEST:
        trouble = f"早于年度 {year}" if int(period[:4]) < year else f"比年度 {year} 晚 {FURTHEST} 年以上"
        return "", f"{key} {period} {trouble}", "填年度当年或以后几年的季度"
    return period, "", ""


@cache
def term_kinds() -> dict[str, dict[str, str]]:
    """Rows of ``tables/plan_terms.csv`` by 类别: what its 名称 and 数值 are, and its units, the first being the one kept."""
    return {row["类别"]: row for row in rows("plan_terms")}


def check_terms(table: Typed, towns: Typed, enterprises: Typed, rules: Typed, recognitions: Typed) -> None:
    """Check 申报约定; names go to their official spelling, values to one.

    Afterwards ``value`` is text a program can read: a probability or amount as a plain number (money in
    万元), quarters as ``2；3``; ``unit`` is the unit of the kind.
    """
    frame = table.frame
    if not len(frame):
        return
    # The rules engine is right of this module; only its list of statuses is wanted here.
    from analysis.recognition.held import REFUSED_BEFORE
    from analysis.recognition.screen import STATUSES

    bare_header(table, "约定")
    known = {"状态": (Names(STATUSES), "企业状态"),
             f"状态或 {REFUSED_BEFORE}": (Names([*STATUSES, REFUSED_BEFORE]), "企业状态"),
             "认定": (Names([*rules.frame["certification"], *recognitions.frame["certification"]]), "认定条件或认定名单"),
             "镇街园区": (Names([*towns.frame["town"]] or [*enterprises.frame["town"]]), "镇街园区表")}
    names, values, units = [], [], []
    for k, (kind, name, value, unit, row) in enumerate(zip(*(frame[c] for c in ("kind", "name", "value", "unit", "row")))):
        about = term_kinds().get(kind)
        if about:
            name = _named(table, about, name, row, *known.get(about["名称填"], (Names([]), "")))
            value, unit = _valued(table, about, value, unit, row, k in table.unread.get("value", set()))
        names.append(name)
        values.append(value)
        units.append(unit)
    for column, cells in (("name", names), ("value", values), ("unit", units)):
        frame[column] = cells
        frame[column] = frame[column].astype("str")
    whole = frame["kind"] != ""
    part = Typed(table.sheet, frame.loc[whole].reset_index(drop=True), True, table.file, table.header_row, table.headers)
    repeated_rows(part, ["kind", "name"], ["kind", "name"], "类别、名称", "name")
    table.problems += part.problems


def _named(table: Typed, about: dict[str, str], name: str, row: int, known: Names, where: str) -> str:
    kind, what = about["类别"], about["名称填"]
    if not name:
        if about["可留空"] != "是":
            table.report(ERROR, f"{kind}没有写名称", f"名称填{what}" + ("，或 默认" if about["可填默认"] == "是" else ""), row, "name")
        return ""
    if not what:
        table.report(ERROR, f"{kind}不分名称，却写了「{name}」", "名称留空", row, "name")
        return name
    if about["可填默认"] == "是" and fold_key(name) == DEFAULT:
        return DEFAULT
    found = known.get(name)
    if found is None:
        table.report(ERROR, f"{kind}的名称「{name}」不在{where}里{suggest(name, known)}",
                     f"可填：{'、'.join(known)}" if what.startswith("状态") else f"改成{where}里的名称", row, "name")
    return found or name


def _valued(table: Typed, about: dict[str, str], value: str, unit: str, row: int, unread: bool) -> tuple[str, str]:
    """Value and unit of one row as kept; what cannot be read is reported and left as typed."""
    kind, sort, units = about["类别"], about["数值"], about["单位"].split("|")
    typed = half_width(unit).replace(" ", "")
    if not value or unread:
        return value, unit
    if sort == "季度":
        parts = [part for part in _BETWEEN.split(half_width(value)) if part]
        if not parts or not set(parts) <= set("1234"):
            table.report(ERROR, f"申报季度「{value[:30]}」应为 1 到 4", "填季度，多个用；隔开，如 2；3", row, "value")
            return value, unit
        value = "；".join(sorted(set(parts)))
        return value, _unit(table, kind, typed, units, row)
    number, trouble = parse_number(value, Instead(masked=False, blank=False, bounds=False))
    if trouble or number.masked or number.value != number.value:
        table.report(ERROR, f"{kind}的数值「{value[:30]}」不是数字", trouble.fix if trouble else "填数字", row, "value")
        return value, unit
    suffix = number.suffix
    if suffix and typed and suffix != typed and not (suffix == "%" and sort == "概率"):
        table.report(ERROR, f"数字后面带着「{suffix}」，单位列写的是「{typed}」", "两处只留一处", row, "value")
        return value, unit
    stated = suffix or typed
    kept = _unit(table, kind, stated, units, row, "value" if suffix else "unit", required=sort == "金额")
    amount = number.value
    if sort == "金额" and stated in units:
        amount *= convert_factor(stated, MONEY_UNIT)
    if sort == "概率" and stated == "%":
        if 0 < amount <= 1 and not suffix:
            table.report(ERROR, f"成功概率 {amount:g}，单位却是 %，看不出是 {amount:g}% 还是 {amount * 100:g}%", "写成 0.7 或 70%，单位留空", row, "value")
        amount = round(amount / 100, 12)
    wrong = _out_of_range(sort, amount)
    if wrong:
        table.report(ERROR, f"{kind} {value[:30]} {wrong[0]}", wrong[1], row, "value")
    return number_as_text(round(amount, 9)), kept


def _unit(table: Typed, kind: str, stated: str, units: list[str], row: int, column: str = "unit", required: bool = False) -> str:
    if stated and stated not in units:
        table.report(ERROR, f"{kind}的单位「{stated}」不对，应为 {'、'.join(units)}", f"数值按 {units[0]} 填，单位写 {units[0]}", row, column)
    elif not stated and required:
        table.report(ERROR, f"{kind}没有写明单位", f"单位填 {'、'.join(units)}", row, "unit")
    return units[0]


def _out_of_range(sort: str, value: float) -> tuple[str, str] | None:
    if sort == "概率":
        return None if 0 < value <= 1 else ("不是 0 到 1 之间的数（不含 0）", "填小数如 0.7，或百分数如 70%")
    if value < 0:
        return "是负数", "填不小于零的数"
    return ("不是整数", "填整数") if sort == "整数" and not float(value).is_integer() else None
