"""One page for an enterprise to check itself: what it meets, lacks and leaves open, and what to prepare."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from ..actions.card import conditions_of, sheet_of
from ..lists import ActionLists
from ..matching.recognitions import BY_TERM, EXPIRED
from ..recognition import Screening
from ..recognition.explain import read, title
from ..recognition.reading import Reading
from ..recognition.moves import tidy
from ..recognition.screen import APPLIED, BARRED, DUE, FAR, HELD
from .face import Face, day_text, month_text, quarter_words, unsure_text
from .model import ENTERPRISE, Blanks, Block, Column, Grid, Page, Sentences
from .settings import rows_of, setting
from .steps import nearest
from .town import lacking

MARKS = {"达到": "✓ 达到", "未达到": "× 未达到", "不详": "？不详", "有": "× 有", "没有": "✓ 没有"}
ORDER = {"未达到": 0, "有": 0, "不详": 1, "达到": 2, "没有": 2}
BOX = "□"
_CONDITIONS = (Column("条", 0.75, True), Column("条件", 6.6), Column("本企业", 1.9, True), Column("判断", 1.45, True), Column("差额", 1.95, True),
               Column("企业核对", 1.6))
_SHEET = (Column("评价项目", 2), Column("本企业", 4.4), Column("得分", 1.1, True), Column("满分", 0.9, True), Column("再上一档", 4.2))
_SUMMARY = (Column("认定", 2.7), Column("状态", 1.6, True), Column("评价得分", 1.6, True), Column("还差什么、不清楚什么", 5.0), Column("最早可达", 2.35, True),
            Column("计划申报", 1.6, True), Column("依据", 0.95, True))


Readings = Mapping[str, tuple[Reading, Mapping[int, int]]]


def readings(screening: Screening, rows: pd.DataFrame) -> Readings:
    """Recognition -> what is read of its listed enterprises, all at once, and the place of each 企业 row in it."""
    listed = {str(name): list(part["row"].drop_duplicates()) for name, part in rows.groupby("certification", observed=True, sort=False)}
    return {name: (read(screening, name, screening.positions(own)), {row: k for k, row in enumerate(own)}) for name, own in listed.items()}


def enterprise_pages(own: ActionLists, face: Face, screening: Screening, found: Readings) -> list[Page]:
    """The pages of the enterprises that have rows in ``own.rows``, in that order, and are read in ``found``.

    A summary, then every recognition in its order (planned ones first) with all its conditions and its score sheet; what does not
    fit on one sheet of paper goes on to a second (see :mod:`analysis.handouts.sheets`).
    """
    listed = _by_row(nearest_first(own.rows))
    known = _by_row(own.everyone[own.everyone["row"].isin(list(listed))].to_dict("records"))
    ends = _by_row(own.expiring.sort_values("due", kind="stable").to_dict("records"))
    return [_page(own.town, row, listed[row], _others(known.get(row, []), ends.get(row, [])), face, screening, found) for row in own.rows["row"].drop_duplicates()]


def _by_row(records):
    out: dict[int, list[dict]] = {}
    for record in records:
        out.setdefault(record["row"], []).append(record)
    return out


def _page(town, row, listed, others, face, screening, readings):
    head = listed[0]
    blocks: list[Block] = [_summary(listed), *others]
    for found in listed:
        blocks += _part(screening, *_place(readings, row, found), found)
    blocks.append(_closing())
    who = "　".join(filter(None, (head["code"], head["town"], head["chain"])))
    unsure = unsure_text([str(f["certification"]) for f in listed if f["confidence"] == "待核"])
    return Page(ENTERPRISE, head["name"], f"条件自测表　{who}　{face.day}", face.head, face.mark,
                (*face.foot, face.rules, *filter(None, [unsure])), (tuple(blocks),), town, head["name"], row=int(row))


def _place(readings, row, found):
    reading, places = readings[str(found["certification"])]
    return reading, places[row]


def nearest_first(rows: pd.DataFrame) -> list[dict]:
    """Rows of an enterprise (or of several): those planned, by quarter; then 应报未报, 靠靠能报, 资料不全, each with the smallest distance first."""
    rows = nearest(rows)
    return rows.loc[rows.assign(late=rows["quarter"] == "").sort_values(["late", "quarter"], kind="stable").index].to_dict("records")


def _summary(listed):
    rows = []
    for found in listed:
        lacks = lacking(found["reason"])
        due = found["status"] == DUE
        rows.append((str(found["certification"]), str(found["status"]), f"{found['score']} 分" if found["score"] else "—", lacks,
                     "已具备条件" if due else month_text(found["earliest"]) or "—", quarter_words(found["quarter"]).replace("年", "年\n") or "—", found["confidence"]))
    return Grid("", _SUMMARY, tuple(rows))


def _others(known, expiring):
    """What it holds already, has applied for, or is far from."""
    pairs = [(str(entry["certification"]), str(entry["status"])) for entry in known]
    ends = {entry["certification"]: _end(entry) for entry in expiring}
    said = []
    for status, words in ((HELD, "已认定"), (APPLIED, "已申报"), (FAR, "现有条件相差较远"), (BARRED, "有否决情形")):
        names = [name for name, own_status in pairs if own_status == status]
        if status == HELD:
            names = [f"{name}{ends.get(name, '')}" for name in (*names, *(n for n in ends if n not in dict(pairs)))]
        said += [f"{words}：{'、'.join(names)}"] if len(names) else []
    return [Sentences("", ("；".join(said) + "。",))] if said else []


def _end(entry):
    """When a recognition held ends, as the list or the years of its rule have it."""
    return f"（{BY_TERM if entry['basis'] == BY_TERM else ''}{day_text(entry['due'])}{'已' if entry['state'] == EXPIRED else ''}到期，要复核）"


def _part(screening, reading, k, found):
    """Conditions, score sheet and preparation for one recognition."""
    name = str(found["certification"])
    kept = _told_apart(_kept(_with_fields(reading, k)))
    about = screening.book.recognitions[name]
    until = [day_text(d) for d in (about.valid_from, about.valid_to)]
    span = f"　条款适用：{until[0]}{'—' + until[1] if until[1] else '起'}" if until[0] else ""
    rows = tuple(map(_condition, kept))
    blocks: list[Block] = [Grid(f"{name}：{found['status']}{span}", _CONDITIONS, rows)]
    if about.sheet:
        sheet = sheet_of(reading, k)
        heading = f"评价打分：{found['score']} 分（满分 {tidy(sheet[-1]['满分'])} 分，数据不全的按最低到最高列）"
        blocks.append(Grid(heading, _SHEET, tuple(_item(r) for r in sheet), marks=(len(sheet) - 1,)))
    blocks.append(Sentences(f"要准备的（{name}）", tuple(_prepare(found, kept))))
    return tuple(blocks)


def _with_fields(reading, k):
    """Rows of the conditions with 字段, what each reads."""
    about = reading.recognition
    clauses = [c for group in (*about.excluded, *about.already, *about.required, *about.direct) for part in group.alternatives for c in part]
    return [row | {"字段": title(reading, clause)} for row, clause in zip(conditions_of(reading, k), clauses, strict=True)]


def _told_apart(rows):
    """Conditions in the same words that read different figures say which one theirs is."""
    fields: dict[tuple, set] = {}
    for row in rows:
        fields.setdefault((row["组"], row["条件"]), set()).add(row["字段"])
    return [row | {"本企业": f"{row['字段']}\n{row['本企业']}"} if len(fields[row["组"], row["条件"]]) > 1 else row for row in rows]


def _kept(rows: list[dict]) -> list[dict]:
    """Without the ways that are not needed: other alternatives of a group that is met, direct routes to what is met anyway."""
    met = {row["组"]: row["本组"] == "达到" for row in rows}
    out: dict[tuple, dict] = {}
    for row in rows:
        if row["类别"] == "直通条件":
            replaced = _replaced(row["关系"])
            needless = not met[row["组"]] and replaced and all(met.get(group, False) for group in replaced)
        else:
            needless = False
        spare = "任一即可" in row["关系"] and met[row["组"]] and row["判断"] != "达到"
        if not (needless or spare):
            out.setdefault((row["组"], row["条件"], row["字段"], row["本企业"], row["判断"]), row)
    return list(out.values())


def _replaced(relation):
    marker = "可代替"
    return next((part.removeprefix(marker).split("、") for part in relation.split("；") if part.startswith(marker)), [])


def _condition(row):
    label = row["组"] if not row["组"].startswith("第") else "—"
    text = row["条件"] if row["类别"] not in ("否决情形", "直通条件") else f"{row['类别'][:2]}：{row['条件']}"
    text += f"（{row['关系']}）" if row["关系"] else ""
    text += "（待核）" if row["可信度"] == "待核" else ""
    return label, text, row["本企业"], MARKS.get(row["判断"], row["判断"]), row["差额"] or ("—" if row["判断"] in ("达到", "没有") else ""), BOX


def _item(row):
    low, high = row["得分（最低）"], row["得分（最高）"]
    return row["项目"], row["本企业"], tidy(low) if low == high else f"{tidy(low)}—{tidy(high)}", tidy(row["满分"]), row["上一档"]


def _prepare(found, kept):
    said = []
    ways = [w.strip().removeprefix("或 ") for w in str(found["least"]).split("\n") if w.strip()]
    if ways:
        said.append(f"补齐办法：{'；或者：'.join(ways)}。")
    if found["ask"]:
        said.append(f"先核实：{found['ask']}。".replace("。。", "。"))
    wanted = _materials(kept)
    if wanted:
        said.append(f"材料：{'、'.join(wanted)}（以当年申报通知为准）。")
    return said or ["对照当年申报通知准备材料。"]


def _materials(kept):
    """Evidence for what is lacking or unknown first, then for the rest."""
    most = int(setting("自测表材料"))
    found: dict[str, None] = {}
    for clause in sorted(kept, key=lambda row: ORDER.get(row["判断"], 1)):
        for row in rows_of("prepare"):
            if any(word in clause["条件"] for word in row["关键词"].split("|")):
                found.setdefault(row["材料"])
                break
    return list(found)[:most]


def _closing():
    return Blanks("企业填写（核对栏：属实打✓，不符写实际数）", ((("联系人", None), ("", ""), ("电话", None), ("", ""), ("核对日期", None), ("", "")),
                           (("结论：□ 数据属实、准备申报　□ 补齐后申报，预计", None), ("", "　" * 5), ("　□ 暂不申报，原因", None), ("", "")),
                           (("要镇街（园区）帮助的事：", None), ("", ""))), space=setting("自测表填写行距倍数"))
