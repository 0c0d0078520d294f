"""Reading one cell: what has one meaning is read, what has two is refused.

A cell comes in as `None`, text, float, bool, a date or time, or `Broken`
(something already known to be unreadable). Every `parse_*` function returns
`(value, trouble)`; `trouble` is None or says what is wrong and what to do.
None of them raises.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from dataclasses import dataclass
from typing import Any, NamedTuple

from analysis.problems import ERROR, NOTICE
from analysis.text import DASHES, clean_text, fold_key, half_width, plain

NAN = float("nan")
LARGEST = 1e15
EXCEL_ERRORS = frozenset({"#REF!", "#N/A", "#DIV/0!", "#VALUE!", "#NAME?", "#NULL!",
                          "#NUM!", "#SPILL!", "#CALC!", "#GETTING_DATA", "#FIELD!",
                          "#BLOCKED!", "#CONNECT!", "#UNKNOWN!", "#BUSY!"})
NO_DATA = frozenset({"n/a", "na", "无", "无数据", "暂无", "暂无数据", "缺", "空"})
UNCLEAR = frozenset({"不清楚", "不详", "未知", "待核", "待定"})
CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
TRUE = frozenset({"是", "有", "√", "✓", "✔", "1", "y", "yes", "true", "t", "对"})
FALSE = frozenset({"否", "无", "没有", "×", "✗", "✘", "x", "0", "n", "no", "false", "f", "错"})

_MASK = re.compile(r"\*{2,}")
_SIMPLE = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,6})?")
_GROUPED = re.compile(r"[+-]?[1-9][0-9]{0,2}(?:,[0-9]{3})+(?:\.[0-9]+)?")
_WITH_UNIT = re.compile(
    r"([+-]?[0-9][0-9,.]*) ?(%|‰|[\u4e00-\u9fff℃㎡][\u4e00-\u9fff/A-Za-z%]{0,7}|[A-DF-Za-df-z][A-Za-z/²³]{0,7})")
_RANGE = re.compile(r"[0-9][0-9,.]*%? ?(?:-|~|—|——|至|到) ?[0-9][0-9,.]*%?")
_APPROXIMATE = re.compile(r"^(约|近|超|超过|大于|小于|不足|不到|>|<|≥|≤|≈|~)|(左右|以上|以下|余|多|\+)$")


class Trouble(NamedTuple):
    """What is wrong with one cell and what to do."""

    message: str
    fix: str
    level: str = ERROR


@dataclass(frozen=True)
class Broken:
    """A cell already known to be unreadable when the sheet was opened."""

    message: str
    fix: str


class Instead(NamedTuple):
    """What a column takes in place of a number: ``**``, nothing, and ``**`` with 下界 and 上界 beside it."""

    masked: bool = True
    blank: bool = True
    bounds: bool = True

    @property
    def advice(self) -> str:
        """What to write when the number is not public or not there."""
        return "，".join(("未公开写 **",) * self.masked + ("没有数据写 — 或留空",) * self.blank)

    @property
    def unsure(self) -> str:
        """What to do about a number known only roughly."""
        if self.bounds:
            return "填确切的数；只知道范围时数值写 **，并填 下界、上界"
        rest = " 或".join((" 写 **",) * self.masked + ("留空",) * self.blank).strip()
        return f"填确切的数；不知道确数{rest}" if rest else "填确切的数"


class Number(NamedTuple):
    """A number as written: `suffix` is the unit typed behind it (% included)."""

    value: float = NAN
    masked: bool = False
    suffix: str = ""


def parse_number(cell: Any, instead: Instead = Instead()) -> tuple[Number, Trouble | None]:
    """A number cell: `**` is masked, dashes and blanks are missing.

    Thousands separators, full width, percent and unit suffixes are read;
    ranges, approximations, decimal commas and spaces inside are refused, with advice that
    fits what the column takes ``instead``.
    """
    if cell is None:
        return Number(), None
    if isinstance(cell, bool):
        return Number(), Trouble(f"应为数字，却是逻辑值 {cell}", "改填数字")
    if isinstance(cell, (int, float)):
        return _checked(float(cell), str(cell))
    if isinstance(cell, Broken):
        return Number(), Trouble(cell.message, cell.fix)
    if not isinstance(cell, str):
        return Number(), Trouble(
            f"应为数字，却是日期或时间 {cell}",
            "Excel 可能把 3-5 之类的输入变成了日期：把单元格改为常规格式，重新填数字")
    return _number_text(cell, instead)


def _number_text(cell: str, instead: Instead) -> tuple[Number, Trouble | None]:
    text = plain(cell)
    if not text or text in DASHES or text.lower() in {"n/a", "na"}:
        return Number(), None
    if _SIMPLE.fullmatch(text):
        return _checked(float(text), text)
    if _GROUPED.fullmatch(text):
        return _checked(float(text.replace(",", "")), text)
    if _MASK.fullmatch(text):
        return Number(masked=True), None
    if text.lower() in NO_DATA:
        return Number(), Trouble(f"数字列里写着「{text}」，按没有数据处理",
                                 "没有数据请写 — 或留空；数值为零请写 0", NOTICE)
    return _with_suffix(text, instead)


def _with_suffix(text: str, instead: Instead) -> tuple[Number, Trouble | None]:
    if text.upper() in EXCEL_ERRORS:
        return Number(), _excel_error(text)
    found = _WITH_UNIT.fullmatch(text)
    if found and not _APPROXIMATE.search(text):
        digits = found[1]
        if _SIMPLE.fullmatch(digits) or _GROUPED.fullmatch(digits):
            number, trouble = _checked(float(digits.replace(",", "")), text)
            return number._replace(suffix=found[2]), trouble
    return Number(), Trouble(*_why_not_a_number(text, instead))


def _checked(value: float, text: str) -> tuple[Number, Trouble | None]:
    if not math.isfinite(value) or abs(value) > LARGEST:
        return Number(), Trouble(f"数字「{_short(text)}」大得不合理", "核对数字和单位")
    if value == 0 and re.search(r"[1-9]", re.split("[eE]", text)[0]):
        return Number(), Trouble(f"数字「{_short(text)}」小得无法表示", "核对数字")
    return Number(value), None


def _why_not_a_number(text: str, instead: Instead) -> tuple[str, str]:
    shown, other = _short(text), instead.advice
    if text.lower().lstrip("+-") in {"nan", "inf", "infinity", "∞"}:
        return f"「{shown}」不是数字", other or "填数字"
    if text == "*":
        return "只有一个星号，看不出是未公开还是注释记号", other or "填数字"
    if text in {"未公布", "未公开", "保密", "不公布"} or text.lower() in UNCLEAR:
        return f"「{shown}」有两种理解" if instead.masked else f"「{shown}」不是数字", other or "填数字"
    if _RANGE.fullmatch(text):
        return f"「{shown}」像一个区间，不是一个数", "数值写 **，两端分别填入 下界、上界 列" if instead.bounds else instead.unsure
    if _APPROXIMATE.search(text):
        return f"「{shown}」是约数", instead.unsure
    if re.fullmatch(r"\(.*\)", text):
        return f"「{shown}」带括号，可能是负数，也可能是注释", "负数请写成 -1234 的形式，否则去掉括号"
    if re.fullmatch(r"[0-9., ]+", text):
        return f"「{shown}」的逗号、小数点或空格有不止一种读法", "写成 1234.5 或 1,234.5 的形式"
    return f"「{shown}」不是数字", "；".join(filter(None, ("只填数字", other)))


def parse_text(cell: Any) -> tuple[str, Trouble | None]:
    """A text cell; numbers keep the digits Excel shows, a lone dash is empty."""
    if cell is None:
        return "", None
    if isinstance(cell, Broken):
        return "", Trouble(cell.message, cell.fix)
    if isinstance(cell, bool):
        return ("是" if cell else "否"), None
    if isinstance(cell, (int, float)):
        return number_as_text(cell), None
    if isinstance(cell, dt.datetime) and cell.time() == dt.time():
        cell = cell.date()
    text = clean_text(str(cell))
    if text.startswith("#") and text.upper() in EXCEL_ERRORS:
        return "", _excel_error(text)
    return text, None


def parse_code(cell: Any) -> tuple[str, Trouble | None]:
    """A code: half width, no spaces around, 无 and dashes are empty."""
    text, trouble = parse_text(cell)
    text = half_width(text)
    return ("" if text in {"无", "**"} or text.lower() == "n/a" else text), trouble


def parse_flag(cell: Any) -> tuple[bool | None, Trouble | None]:
    """是/否 in the ways people write it; unclear or blank is None."""
    if isinstance(cell, bool):
        return cell, None
    text, trouble = parse_text(cell)
    key = plain(text).lower()
    if trouble or not key or key in UNCLEAR or key in {"n/a", "na"}:
        return None, trouble
    if key in TRUE:
        return True, None
    if key in FALSE:
        return False, None
    return None, Trouble(f"「{_short(text)}」看不出是还是否", "填 是 或 否；不清楚留空")


def parse_credit_code(cell: Any) -> tuple[str, Trouble | None]:
    """Unified social credit code (GB 32100-2015), upper case.

    Wrong length or characters are an error, a wrong check digit a warning.
    """
    if isinstance(cell, float) and abs(cell) >= 1e15:
        return "", Trouble("信用代码被存成了数字，末几位已经丢失",
                           "把该列设为文本格式后重新粘贴代码")
    text, trouble = parse_code(cell)
    code = text.replace(" ", "").upper()
    if trouble or not code:
        return "", trouble
    wrong = sorted({c for c in code if c not in CREDIT_ALPHABET})
    if len(code) == 15 and not wrong:
        return "", Trouble(f"「{code}」是 15 位，像旧的注册号",
                           "填 18 位统一社会信用代码，没有可留空")
    if len(code) != 18:
        return "", Trouble(f"信用代码「{_short(code)}」是 {len(code)} 位，应为 18 位",
                           "对照营业执照核对，没有可留空")
    if wrong:
        return "", Trouble(f"信用代码「{code}」含有不允许的字符 {''.join(wrong)}",
                           "代码只用数字和大写字母，没有 I、O、S、V、Z")
    if credit_check_character(code[:17]) != code[17]:
        return code, Trouble(f"信用代码「{code}」的校验位不对", "对照营业执照核对", "警告")
    return code, None


def credit_check_character(body: str) -> str:
    """Check character of GB 32100-2015: 31 - Σ aᵢ·3^(i-1) mod 31, of 17 characters."""
    total = sum(CREDIT_ALPHABET.index(c) * pow(3, i, 31) for i, c in enumerate(body))
    return CREDIT_ALPHABET[(31 - total % 31) % 31]


def parse_choice(cell: Any, choices: tuple[str, ...]) -> tuple[str, Trouble | None]:
    """One of `choices`, compared after folding width, brackets, spaces, case."""
    text, trouble = parse_code(cell)
    if trouble or not text:
        return "", trouble
    key = fold_key(text)
    key = _SAME_CHOICE.get(key, key)
    for choice in choices:
        if fold_key(choice) == key:
            return choice, None
    return "", Trouble(f"「{_short(text)}」不在可选范围内", f"可填：{'、'.join(choices)}")


_SAME_CHOICE = {"负向": "逆向", "正向指标": "正向", "逆向指标": "逆向", "一票否决": "否决",
                "≥": ">=", "≤": "<=", "≠": "!=", "=>": ">=", "=<": "<=", "<>": "!=",
                "==": "=", "当月": "当期", "当季": "当期", "累计数": "累计"}


def number_as_text(value: float) -> str:
    """A number as a reader would type it: 12.0 -> 12, 0.1 -> 0.1."""
    if float(value).is_integer() and abs(value) < 1e18:
        return str(int(value))
    return repr(float(value))


def _excel_error(text: str) -> Trouble:
    return Trouble(f"单元格是 Excel 错误值 {text}", "在 Excel 里改好公式，或改填数值")


def _short(text: str) -> str:
    return text if len(text) <= 30 else text[:30] + "…"
