"""The 单位 of a clause against the unit of what it reads, and the threshold in the latter."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import isclose

from ..cells import number_as_text, parse_number
from ..text import half_width, plain
from ..units import SAME, convert_factor
from .expressions import Expression

SHARES = frozenset({"%", "百分点", "‰", "倍"})
COUNTS = frozenset({"个", "项", "件", "家", "条", "种", "套", "台", "次", "人", "位"})


@dataclass(frozen=True)
class Fit:
    """``factor``: threshold as written × factor is in ``unit``, that of the columns; ``trouble`` (Chinese): why it may not
    be compared at all, or, if ``doubtful``, should be looked at."""

    factor: float
    unit: str
    trouble: str = ""
    doubtful: bool = False


def fit_unit(stated: str, expression: Expression | None, unit: Callable[[str], str]) -> Fit:
    """How the 单位 of a clause fits its 字段; ``unit(column)`` = the column's unit, empty if it has none or none is known.

    Sums and averages have the unit of their columns, 营业收入/职工人数 has 万元/人, a ratio of like amounts has %, 倍
    or none. An expression with the factor itself in it (``营业收入/10000`` in 亿元) is in the stated unit already.
    """
    told, found = tidy_unit(stated), _unit_of(expression.tree, unit) if expression is not None else None
    if not told or found is None:
        return Fit(1.0, stated)
    if found == "":
        wrong = "" if told in SHARES else f"字段“{expression.text}”是比值，单位写的却是{told}"
        return Fit(1.0, stated, wrong, True)
    (amount, _, per), (base, _, base_per) = told.partition("/"), found.partition("/")
    factor = 1.0 if {amount, base} <= COUNTS or {amount, base} <= SHARES - {"‰", "倍"} else convert_factor(amount, base)
    if factor is None:
        return Fit(1.0, stated, f"单位{told}不能换算成“{expression.text}”的单位{found}", bool(base_per))
    if factor == 1.0 or per not in ("", base_per) or any(isclose(n, f) for n in _factors(expression.tree) for f in (factor, 1 / factor)):
        return Fit(1.0, stated)
    return Fit(factor, base + (f"/{per}" if per else ""))


def tidy_unit(text: str) -> str:
    """A unit as it compares: 个百分点 is 百分点, 名 is 人."""
    bare = half_width(text).replace(" ", "")
    return SAME.get(bare, bare)


def scaled(text: str, factor: float) -> str:
    """The numbers of a 门槛 (``2``, ``2~3``, ``2|3``) or 容差 × factor; a percentage, which is one of the threshold, and words stay."""
    parts = plain(text).replace("～", "~").replace("｜", "|").split("|")
    return "|".join("~".join(_times(piece, factor) for piece in part.split("~")) for part in parts)


def _times(text, factor):
    number, trouble = parse_number(text)
    if trouble or number.masked or number.suffix or number.value != number.value:
        return text
    return number_as_text(float(f"{number.value * factor:.12g}"))


def _unit_of(tree, unit):
    """Unit of an expression: "" for a bare number or ratio, ``万元/人`` for amounts of two kinds, None where not known."""
    kind, *parts = tree
    if kind == "number":
        return ""
    if kind == "column":
        return tidy_unit(unit(parts[0])) or None
    found = [_unit_of(part, unit) for part in parts if isinstance(part, tuple)]
    if None in found:
        return None
    named = [u for u in dict.fromkeys(found) if u]
    if kind == "/":
        left, right = found
        return left if not right else "" if left == right else f"{left}/{right}" if left and "/" not in left + right else None
    if kind == "*":
        return "".join(found) if "" in found else None
    return None if len(named) > 1 else (named or [""])[0]


def _factors(tree):
    """Numbers that something is multiplied or divided by."""
    parts = [part for part in tree[1:] if isinstance(part, tuple)]
    own = [part[1] for part in parts if part[0] == "number"] if tree[0] in ("*", "/") else []
    return own + [n for part in parts for n in _factors(part)]
