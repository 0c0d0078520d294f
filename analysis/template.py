"""Writing cases: the styled workbook, the folder of CSVs, and the empty template.

Sheets, headers, types and explanations all come from ``tables/dictionary.csv``.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from datetime import date, datetime
from math import isfinite
from pathlib import Path
from unicodedata import east_asian_width

import pandas as pd
import xlsxwriter
from xlsxwriter.utility import xl_col_to_name

from .dictionary import NUMERIC_KINDS, Column, Sheet, load

GUIDE_SHEET = "填表说明"
CREATED = datetime(2022, 1, 1)
SPARE_ROWS = 2000
EXAMPLE_STYLE = {"italic": True, "font_color": "#7F7F7F"}
TEXT_TYPES = {"文本", "枚举", "代码", "信用代码", "期间"}
NUMBER_TYPES = NUMERIC_KINDS | {"年份"}
FORMATS = {**dict.fromkeys(TEXT_TYPES, "@"), "金额": "#,##0", "年份": "0", "日期": "yyyy-mm-dd"}
GUIDE_LINES = (
    "一张工作表装一类数据，一行一条，第一行是表头。表头不要改名；列的先后可以调，认定条件用到的字段可以在“企业”表后面加列。",
    "橙底表头是必填列，蓝底是选填列；鼠标停在表头上可看说明。有下拉箭头的格子请从下拉项中选。",
    "灰色斜体是示例行，几张表的示例行互相对得上，状态都写“示例”；填自己的数据前把它们整行删掉。用不到的表留着表头即可。",
    "状态写清每个数从哪里来：公布＝正式公布；推算＝由公布数计算；示例＝编造的演示数；不详＝来源不明（留空按不详）。",
    "没有公开的数写 **，知道大致范围就填下界、上界；没有数据写 — 或留空。两者不要混用，也不要填 0 代替。",
    "单位：区县一级的金额用 亿元，企业一级的金额用 万元，表头已经标明；换别的单位要写在表头括号里或“单位”列里。百分数直接填数字（8.2 表示 8.2%）。",
    "期间写 2022、2022Q1、2022-03，一、二月合并写 2022-01..02；“期间”列已设为文本，避免 Excel 自动改成日期。",
    "追赶测算：说明表写目标年份、目标概率、追赶指标；“情景”表一行一条假设（对标区放缓、新上大项目等），同名的行合成一个情景；没有考核方案也可以只填时间序列。",
    "申报计划：说明表写计划指标组、计划位次、计划起止季度；“申报约定”表改成功概率、费用、申报季度、名额等，没有写的按程序自带的约定。“名单核对”表填人工核对的结论，由行动清单列出待核对的名称。",
    "填好后运行 python -m analysis check 文件路径，所有问题会按 表、行、列 一次列出。",
)
# Columns that point at another sheet's key, by English name: the sheet and its key column.
REFERENCES = {
    "district": ("districts", "district"), "town": ("towns", "town"),
    "parent": ("scheme", "code"), "node": ("scheme", "code"),
}
META_EXAMPLE = {
    "标题": "示例市2022年度工业考核复盘", "城市": "示例市", "年度": "2022", "本区": "示例区", "对标区": "标杆区", "地区称呼": "区县",
    "数据性质": "示例数据", "并列规则": "同位", "得分小数位": "2", "对账容差": "0.01",
    "目标年份": "2028", "目标概率": "80%", "追赶指标": "规模以上工业开票销售", "可比起始年": "2011",
    "计划指标组": "认定培育", "计划位次": "1", "计划起始季度": "2023Q1", "计划截止季度": "2023Q3", "资料来源": "填表示例", "制作说明": "填表时改成自己的内容",
}
# The dictionary's 示例 column is the base row; these make the sheets agree with one another
# By hand, 功效系数 60–100: 示例区 0.4×60＋0.6×80＋0.5＝72.5, 标杆区 100 (as the example of 公布结果 says).
_COMMON = {"status": "示例", "source": "填表示例", "note": ""}
EXAMPLES = {
    "districts": [{}, {"district": "标杆区", "role": "对标"}, {"district": "邻安区", "role": "周边"}],
    "scheme": [
        {"code": "T", "name": "总分", "parent": "", "weight": "", "direction": "", "method": "", "params": "",
         "missing": "", "unit": "", "category": ""},
        {"code": "D", "name": "认定培育", "parent": "T", "weight": "100", "direction": "", "method": "",
         "params": "", "missing": "", "unit": "", "category": ""},
        {"code": "D1", "weight": "40", "aggregation": "", "missing": "组均值"},
        {"code": "D2", "name": "省级专精特新中小企业", "weight": "60", "aggregation": "", "missing": "报错"},
    ],
    "values": [
        {"low": "", "high": ""},
        {"district": "标杆区", "value": "20", "low": "", "high": ""},
        {"district": "邻安区", "value": "**"},
        {"indicator": "D2", "value": "30", "low": "", "high": ""},
        {"district": "标杆区", "indicator": "D2", "value": "40", "low": "", "high": ""},
        {"district": "邻安区", "indicator": "D2", "value": "20", "low": "", "high": ""},
    ],
    "adjustments": [{}],
    "published": [{"score": "72.5", "rank": "2"}, {"district": "标杆区", "score": "100", "rank": "1"},
                  {"district": "邻安区", "score": "**", "rank": "3"}],
    "series": [
        {"item": "", "period": "2022-01..02", "value": "61.2", "yoy": "**"}, {"item": ""},
        {"period": "2021", "basis": "", "value": "142.5", "yoy": ""},
    ],
    "scenarios": [{}, {"scenario": "本区上大项目", "who": "本区", "kind": "大项目", "start": "2024", "value": "12", "unit": "亿元",
                       "note": "项目名称、投产时间和达产产值"}],
    "towns": [{}, {"town": "示例工业园", "kind": "园区", "potential": "", "floor": "", "cap": ""}],
    "enterprises": [{}], "recognitions": [{}], "rules": [{"source": "工信部企业〔2022〕63号附件"}],
    "decisions": [{"listed": "示例精密机械有限公司", "reason": "名称完全一致", "verdict": "是"}],
    "terms": [{}, {"kind": "成功概率", "name": "应报未报", "value": "70%", "unit": ""}, {"kind": "申报季度", "name": "省级专精特新中小企业", "value": "2；3", "unit": "季度"},
              {"kind": "镇街季度上限", "name": ""}, {"kind": "每企业上限", "name": "", "value": "2"}, {"kind": "预算", "name": "", "value": "120", "unit": "万元"}],
}


def write_case(tables: Mapping[str, pd.DataFrame], path: str | Path) -> Path:
    """Write the tables of a case.

    Parameters
    ----------
    tables : DataFrames by sheet name (Chinese or English key); columns by Chinese header
        or English name. ``Case.tables`` is accepted: its ``row``, ``cell`` and
        ``<name>_masked`` columns are folded back, masked numbers becoming ``**``.
        Columns outside the dictionary are written as they are, last.
    path : ``….xlsx`` for a workbook (same bytes for the same tables), anything else for
        a folder of UTF-8 CSVs with byte-order mark.

    Raises
    ------
    ValueError for a sheet that the dictionary does not know.
    """
    path, frames = Path(path), {}
    for name, frame in tables.items():
        sheet = load().find(name)
        if sheet is None:
            raise ValueError(f"没有名为“{name}”的表；可用：{'、'.join(s.title for s in load().sheets)}")
        frames[sheet.key] = _present(frame, sheet)
    wanted = [sheet for sheet in load().sheets if sheet.key in frames]
    if path.suffix.lower() != ".xlsx":
        return _write_folder({sheet.title: frames[sheet.key] for sheet in wanted}, path)
    with _workbook(path) as book:
        for sheet in wanted:
            _write_sheet(book, sheet, frames[sheet.key], hints=False)
    return path


def write_template(path: str | Path, example: bool = True) -> Path:
    """Write the empty workbook (or folder of CSVs) to fill in, in Chinese.

    With ``example`` each sheet carries rows that agree with one another and are marked
    状态=示例, so the template as generated is a valid case of three districts.
    """
    path = Path(path)
    frames = {}
    for sheet in load().sheets:
        rows = _example_rows(sheet) if example else []
        frames[sheet.title] = _present(pd.DataFrame(rows, columns=[c.name for c in sheet.columns], dtype=object), sheet)
    if path.suffix.lower() != ".xlsx":
        _write_folder(frames, path)
        (path / f"{GUIDE_SHEET}.txt").write_text("\n".join(GUIDE_LINES) + "\n", encoding="utf-8-sig")
        return path
    with _workbook(path) as book:
        _write_guide(book)
        for sheet in load().sheets:
            _write_sheet(book, sheet, frames[sheet.title], hints=True)
    return path


def _example_rows(sheet: Sheet) -> list[dict]:
    if sheet.key == "meta":
        return [{"key": name, "value": value} for name, value in META_EXAMPLE.items()]
    base = {c.name: _COMMON.get(c.name, c.example) for c in sheet.columns}
    return [base | change for change in EXAMPLES[sheet.key]]


def _present(frame: pd.DataFrame, sheet: Sheet) -> pd.DataFrame:
    """Cells as they are written (str, int, float or None) under Chinese headers in dictionary order."""
    by_name = {c.name: c for c in sheet.columns} | {c.header: c for c in sheet.columns}
    masked = {c.removesuffix("_masked"): c for c in frame if str(c).endswith("_masked")}
    known, extra = {}, {}
    for header in frame:
        if header in ("row", "cell") or header in masked.values():
            continue
        spec = by_name.get(re.sub(r"[（(][^（()）]*[）)]$", "", str(header))) or by_name.get(header)
        cells = [_plain(value, spec.kind if spec else "") for value in frame[header]]
        if header in masked:
            cells = ["**" if hidden else cell for cell, hidden in zip(cells, frame[masked[header]], strict=True)]
        (known if spec else extra)[spec.name if spec else str(header)] = cells
    titled = {_title(c): known[c.name] for c in sheet.columns if c.name in known}
    return pd.DataFrame({**titled, **extra}, dtype=object)


def _title(column: Column) -> str:
    return f"{column.header}（{column.unit}）" if column.kind == "金额" else column.header


def _plain(value, kind: str):
    if value is None or value is pd.NaT or value is pd.NA or value != value or value == "":
        return None
    if isinstance(value, (date, pd.Timestamp)):
        return value.strftime("%Y-%m-%d")
    if not isinstance(value, str) and str(value) in ("True", "False"):
        return "是" if value else "否"
    if kind in TEXT_TYPES or kind == "日期":
        return value if isinstance(value, str) else str(value).removesuffix(".0")
    if isinstance(value, str) and kind not in NUMBER_TYPES:
        return value
    try:
        number = float(value)
    except (TypeError, ValueError):
        return str(value)
    return str(value) if not isfinite(number) else int(number) if number.is_integer() else number


def _write_folder(frames: Mapping[str, pd.DataFrame], path: Path) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    for name, frame in frames.items():
        with (path / f"{name}.csv").open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file, lineterminator="\r\n")
            writer.writerow(frame.columns)
            writer.writerows([_harmless(cell) for cell in row] for row in frame.itertuples(index=False))
    return path


def _harmless(cell):
    """Text a spreadsheet would run as a formula gets an apostrophe; CSV has no text type."""
    if isinstance(cell, str) and len(cell) > 1 and cell[0] in "=+-@\t\r":
        return "'" + cell
    return "" if cell is None else cell


def _workbook(path: Path) -> xlsxwriter.Workbook:
    path.parent.mkdir(parents=True, exist_ok=True)
    book = xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"created": CREATED, "author": "", "title": path.stem})
    return book


def _write_sheet(book, spec: Sheet, frame: pd.DataFrame, hints: bool) -> None:
    sheet = book.add_worksheet(spec.title)
    columns = {_title(c): c for c in spec.columns}
    sheet.freeze_panes(1, 1)
    sheet.set_row(0, 24)
    sheet.set_comments_author(GUIDE_SHEET)
    for j, title in enumerate(frame.columns):
        column = columns.get(title)
        style = {"num_format": FORMATS.get(column.kind if column else "", "General")}
        sheet.set_column(j, j, _width(title, frame[title]), book.add_format(style))
        body = book.add_format({**style, **EXAMPLE_STYLE} if hints else style)
        sheet.write_string(0, j, title, _header(book, column is not None and column.required))
        if column is not None:
            _add_list(sheet, j, spec, column, len(frame) + SPARE_ROWS)
            if hints:
                sheet.write_comment(0, j, _hint(column), {"x_scale": 1.6, "height": 90})
        for i, cell in enumerate(frame[title], start=1):
            if isinstance(cell, str):
                sheet.write_string(i, j, cell, body)
            elif cell is not None:
                sheet.write_number(i, j, cell, body)
    if not hints:
        sheet.autofilter(0, 0, len(frame), max(len(frame.columns) - 1, 0))
    elif spec.key != "meta":
        for i in range(1, len(frame) + 1):
            sheet.write_comment(i, 0, "示例行，可删除")


def _header(book, required: bool):
    colour, ink = ("#F8CBAD", "#833C0B") if required else ("#DDEBF7", "#1F3864")
    return book.add_format({"bold": True, "bg_color": colour, "font_color": ink, "border": 1,
                            "border_color": "#BFBFBF", "valign": "vcenter"})


def _hint(column: Column) -> str:
    parts = ["必填" if column.required else "选填", column.help]
    parts += [f"取值：{'、'.join(column.choices)}"] if column.choices else []
    parts += [f"单位：{column.unit}"] if column.unit else []
    return "\n".join(part for part in parts if part)


def _add_list(sheet, j: int, spec: Sheet, column: Column, last: int) -> None:
    key, target = REFERENCES.get(column.name, ("", ""))
    if column.choices or column.kind == "是否":
        source = list(column.choices) or ["是", "否"]
    elif key and (key != spec.key or column.name != target):
        place = [c.name for c in load().sheet(key).columns].index(target)
        letter = xl_col_to_name(place, col_abs=True)
        source = f"='{load().sheet(key).title}'!{letter}$2:{letter}${SPARE_ROWS}"
    else:
        return
    sheet.data_validation(1, j, last, j, {
        "validate": "list", "source": source, "error_type": "warning", "error_title": "不在下拉项中",
        "error_message": "请从下拉项中选择；确要填写其他内容，运行检查时会提示。",
    })


def _width(title: str, cells) -> float:
    texts = [title, *(str(c) for c in cells if c is not None)][:200]
    widest = max(sum(2 if east_asian_width(ch) in "WFA" else 1 for ch in text) for text in texts)
    return min(max(widest + 3, 9), 48)


def _write_guide(book) -> None:
    sheet = book.add_worksheet(GUIDE_SHEET)
    title = book.add_format({"bold": True, "font_size": 16, "font_color": "#1F3864"})
    wrap = book.add_format({"text_wrap": True, "valign": "top"})
    head = _header(book, False)
    for j, width in enumerate((12, 22, 7, 10, 34, 10, 62, 34)):
        sheet.set_column(j, j, width)
    sheet.write_string(0, 0, "填表说明", title)
    line = 2
    for number, text in enumerate(GUIDE_LINES, start=1):
        sheet.merge_range(line, 0, line, 7, f"{number}. {text}", wrap)
        sheet.set_row(line, 32)
        line += 1
    line = _guide_table(sheet, line + 1, ("表", "装什么", "必需"), head, wrap,
                        [(s.title, s.help, "是" if s.required else "") for s in load().sheets])
    _guide_table(sheet, line + 1, ("表", "列", "必填", "类型", "取值", "单位", "说明", "示例"), head, wrap,
                 [(s.title, _title(c), "是" if c.required else "", c.kind, "、".join(c.choices), c.unit, c.help, c.example)
                  for s in load().sheets for c in s.columns])


def _guide_table(sheet, line: int, header, head, wrap, rows) -> int:
    for i, cells in enumerate([header, *rows]):
        for j, cell in enumerate(cells):
            sheet.write_string(line + i, j, cell, wrap if i else head)
    return line + len(rows) + 1
