"""Arithmetic of roster columns as rules write it: ``研发费用/营业收入*100``, ``max(甲,乙)-丙``.

A small parser of its own: numbers, known column headers (the longest that fits at a place
counts, so ``II类知识产权`` is never read as ``I类知识产权``), + − * / ( ), max and min. Nothing
is ever executed as code.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache, reduce
from itertools import product

import numpy as np

from ..params import AssessmentError
from ..problems import suggest
from ..text import fold_key

FUNCTIONS = {"max": np.maximum, "min": np.minimum}
_OPERATORS = str.maketrans("×÷−–—＊／＋－", "*/---*/+-")
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?|\.[0-9]+")
_WORD_END = re.compile(r"[+\-*/(),]")


@dataclass(frozen=True)
class Expression:
    """``text`` as written, ``tree`` of nested tuples, ``columns`` it reads in order of appearance."""

    text: str
    tree: tuple
    columns: tuple[str, ...]

    @property
    def column(self) -> str | None:
        """The column where the expression is nothing but that column."""
        return self.tree[1] if self.tree[0] == "column" else None


def parse(text: str, known: Mapping[str, str]) -> Expression:
    """Read an expression.

    Parameters
    ----------
    text : as in the 字段 column of the rules.
    known : folded header (see :func:`analysis.text.fold_key`) -> column name.

    Raises
    ------
    AssessmentError (Chinese): an unknown word (with the nearest known header), a missing
    operand or bracket, an empty text.
    """
    # By value: every check of a case reads the same few expressions again.
    return _parsed(text, tuple(known.items()))


@lru_cache(maxsize=4096)
def _parsed(text: str, known: tuple[tuple[str, str], ...]) -> Expression:
    tokens = _tokens(text, known)
    tree, rest = _sum(tokens, 0, text)
    if rest != len(tokens):
        raise AssessmentError(f"算式“{text}”在“{_said(tokens[rest])}”处读不下去：检查括号和运算符")
    columns: dict[str, None] = {}
    _collect(tree, columns)
    return Expression(text, tree, tuple(columns))


def evaluate(expression: Expression, value: Callable[[str], np.ndarray]) -> np.ndarray:
    """Values of an expression; ``value(column)`` gives a float array, NaN = unknown.

    Anything that contains an unknown is unknown (NaN), and so is a division by zero.
    """
    with np.errstate(all="ignore"):
        out = np.asarray(_evaluate(expression.tree, value), dtype=float)
    return np.where(np.isfinite(out), out, np.nan) if not np.isfinite(out).all() else out


def straight(expression: Expression, names: Collection[str]) -> bool:
    """Whether the expression is a straight line in columns that take the same value: none of them below a line, in max or min,
    or multiplied by another."""
    return _straight(expression.tree, names)


def single_parts(expression: Expression) -> list[Expression]:
    """The expression with every max and min replaced by one of what it compares, each way; none where it has no max or min.

    ``max(甲,乙) <= 5`` asks for ``甲 <= 5`` and ``乙 <= 5``, which no change of one of them meets.
    """
    out = []
    for k, tree in enumerate(_parts(expression.tree)):
        columns: dict[str, None] = {}
        _collect(tree, columns)
        out.append(Expression(f"{expression.text}#{k}", tree, tuple(columns)))
    return out if len(out) > 1 else []


def _straight(tree, names):
    kind, *parts = tree
    if kind in ("number", "column"):
        return True
    moving = [_reads(p, names) for p in parts]
    if kind == "call" or kind == "/" and moving[1] or kind == "*" and all(moving):
        return not any(moving)
    return all(_straight(p, names) for p in parts)


def _reads(tree, names):
    return isinstance(tree, tuple) and (tree[1] in names if tree[0] == "column" else any(_reads(p, names) for p in tree[1:]))


def _parts(tree):
    kind, *parts = tree
    if kind in ("number", "column"):
        return [tree]
    if kind == "call":
        return [t for p in parts[1:] for t in _parts(p)]
    return [(kind, *chosen) for chosen in product(*(_parts(p) for p in parts))]


def _tokens(text: str, headers: tuple[tuple[str, str], ...]) -> list[tuple]:
    source = fold_key(text.translate(_OPERATORS))
    if not source:
        raise AssessmentError("字段是空的：写企业表的列名，或由列名组成的算式")
    known, longest = _by_first_character(headers)
    tokens: list[tuple] = []
    at = 0
    while at < len(source):
        header = next((h for h in longest.get(source[at], ()) if source.startswith(h, at)), None)
        number = _NUMBER.match(source, at)
        if header is not None:
            token, width = ("column", known[header]), len(header)
        elif number:
            token, width = ("number", float(number[0])), len(number[0])
        elif source[at] in "+-*/(),":
            token, width = (source[at],), 1
        elif (name := source[at:at + 3]) in FUNCTIONS and source.startswith("(", at + 3):
            token, width = ("function", name), 3
        else:
            end = _WORD_END.search(source, at)
            word = source[at:end.start() if end else len(source)]
            raise AssessmentError(f"字段“{text}”里的“{word}”不是企业表的列名{suggest(word, known)}")
        tokens.append(token)
        at += width
    return tokens


@lru_cache(maxsize=16)
def _by_first_character(headers: tuple[tuple[str, str], ...]) -> tuple[dict[str, str], dict[str, list[str]]]:
    """Headers with their columns, and by first character, longest first."""
    book: dict[str, list[str]] = {}
    for header in sorted(filter(None, dict(headers)), key=len, reverse=True):
        book.setdefault(header[0], []).append(header)
    return dict(headers), book


def _sum(tokens: list, at: int, text: str) -> tuple[tuple, int]:
    left, at = _product(tokens, at, text)
    while at < len(tokens) and tokens[at][0] in "+-":
        sign = tokens[at][0]
        right, at = _product(tokens, at + 1, text)
        left = (sign, left, right)
    return left, at


def _product(tokens: list, at: int, text: str) -> tuple[tuple, int]:
    left, at = _unit(tokens, at, text)
    while at < len(tokens) and tokens[at][0] in "*/":
        sign = tokens[at][0]
        right, at = _unit(tokens, at + 1, text)
        left = (sign, left, right)
    return left, at


def _unit(tokens: list, at: int, text: str) -> tuple[tuple, int]:
    if at >= len(tokens):
        raise AssessmentError(f"算式“{text}”没有写完")
    kind = tokens[at][0]
    if kind in ("column", "number"):
        return tokens[at], at + 1
    if kind == "-":
        inner, at = _unit(tokens, at + 1, text)
        return ("negative", inner), at
    if kind == "(":
        inner, at = _sum(tokens, at + 1, text)
        return inner, _expect(tokens, at, ")", text)
    if kind == "function":
        name, parts = tokens[at][1], []
        at = _expect(tokens, at + 1, "(", text)
        while True:
            part, at = _sum(tokens, at, text)
            parts.append(part)
            if at >= len(tokens) or tokens[at][0] != ",":
                return ("call", name, *parts), _expect(tokens, at, ")", text)
            at += 1
    raise AssessmentError(f"算式“{text}”在“{_said(tokens[at])}”处缺一个列名或数字")


def _expect(tokens: list, at: int, sign: str, text: str) -> int:
    if at >= len(tokens) or tokens[at][0] != sign:
        raise AssessmentError(f"算式“{text}”少一个“{sign}”")
    return at + 1


def _said(token: tuple) -> str:
    return str(token[1]) if len(token) > 1 else token[0]


def _collect(tree: tuple, into: dict[str, None]) -> None:
    if tree[0] == "column":
        into.setdefault(tree[1])
    for part in tree[1:]:
        if isinstance(part, tuple):
            _collect(part, into)


def _evaluate(tree: tuple, value: Callable[[str], np.ndarray]):
    kind, *parts = tree
    if kind == "number":
        return parts[0]
    if kind == "column":
        return value(parts[0])
    if kind == "call":
        return reduce(FUNCTIONS[parts[0]], [_evaluate(p, value) for p in parts[1:]])
    if kind == "negative":
        return -_evaluate(parts[0], value)
    left, right = (_evaluate(p, value) for p in parts)
    if kind == "+":
        return left + right
    if kind == "-":
        return left - right
    if kind == "*":
        return left * right
    return np.divide(left, right)
