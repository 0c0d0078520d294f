"""What a case calls the places it ranks: 区县 of a city, 县, or 市 of a province.

Sentences and headers are written for 区县, 本区 and 全市. A case that ranks other places says so in 说明 (地区称呼), and
``tables/words.csv`` gives the word for each; the exchange is made where a page shows its text, in one pass, so that the sheets,
columns and parameters keep their names. What the case itself writes (names, sources, notes) is shown as it stands.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd

from analysis.shipped import rows

KEY = "地区称呼"
USUAL = "区县"
_CHECKED = re.compile("「[^」]*」|区县表|区县、|、区县(?=「)|区县")  # in a list of columns 区县 is a header
UNTOUCHED = ("source", "status")  # arguments that name input or are codes


def levels() -> tuple[str, ...]:
    """The places that can be named in 地区称呼, the usual one first."""
    return tuple(rows("words")[0])


def level_of(case: object) -> str:
    return case.meta.get(KEY) or USUAL


def wording(case: object) -> Callable[[str], str]:
    """Text as this case words it."""
    level = level_of(case)
    if level == USUAL:
        return lambda text: text
    words, kept = _words(level), _own_texts(case)
    pattern = re.compile("|".join([*map(re.escape, kept), *map(_pattern, sorted(words, key=len, reverse=True))]))
    return lambda text: pattern.sub(lambda found: words.get(found[0], found[0]), text)


def problems_worded(problems: Iterable, meta: Mapping[str, str]) -> list:
    """Problems of a check in this case's word; the names of sheets, columns and roles, and what is quoted from cells, stay as they are written."""
    level = meta.get(KEY) or USUAL
    if level == USUAL or level not in levels():
        return list(problems)

    def say(text):
        return _CHECKED.sub(lambda found: level if found[0] == USUAL else found[0], text)

    return [replace(p, message=say(p.message), fix=say(p.fix)) for p in problems]


def worded(show: object, case: object) -> object:
    """``show`` (:mod:`analysis.report.show`) speaking of this case's places; itself where these are 区县."""
    return show if level_of(case) == USUAL else _Worded(show, wording(case))


class _Worded:
    """The functions of a module, each called with its texts, tables and charts reworded."""

    def __init__(self, show, say):
        self._show, self._say = show, say

    def __getattr__(self, name):
        function = getattr(self._show, name)
        if name == "banner" or not callable(function):
            return function
        if name == "links":
            return lambda items: function([(href, self._say(text)) for href, text in items])
        return lambda *given, **named: function(*self._placed(name, given), **{k: v if k in UNTOUCHED else reworded(v, self._say) for k, v in named.items()})

    def _placed(self, name, given):
        """The arguments by place; in a figure or table those after the words are source and status, then formats."""
        fixed = {"figure": (3, 4), "table": (2, 3)}.get(name, ())
        return [v if k in fixed else reworded(v, self._say) for k, v in enumerate(given)]


def reworded(value: object, say: Callable[[str], str]) -> object:
    """The same value with every text in it reworded: sentences, headers, labels, cells, keys, and the texts of a chart."""
    if isinstance(value, str):
        return say(value)
    if isinstance(value, pd.DataFrame):
        return _frame(value, say)
    if isinstance(value, Mapping):
        return {reworded(k, say): v if callable(v) else reworded(v, say) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(reworded(v, say) for v in value)
    if hasattr(value, "findobj") or (isinstance(value, np.ndarray) and value.dtype == object):
        _chart(value, say)
    return value


def _frame(table, say):
    out = table.copy()
    for place, column in enumerate(out.columns):
        if _wordy(out.iloc[:, place].dtype):
            out.isetitem(place, out.iloc[:, place].astype(object).map(lambda v: say(v) if isinstance(v, str) else v))
    out.columns = _labels(out.columns, say)
    if not isinstance(out.index, pd.RangeIndex):
        out.index = _labels(out.index, say)
    return out


def _labels(index, say):
    if isinstance(index, pd.MultiIndex):
        return pd.MultiIndex.from_tuples([reworded(label, say) for label in index], names=[say(n) if isinstance(n, str) else n for n in index.names])
    name = say(index.name) if isinstance(index.name, str) else index.name
    return pd.Index([reworded(v, say) for v in index], dtype=object, name=name) if _wordy(index.dtype) else index.rename(name)


def _wordy(dtype):
    return dtype == object or isinstance(dtype, (pd.StringDtype, pd.CategoricalDtype))


def _chart(value, say):
    from matplotlib.text import Text
    from matplotlib.ticker import FuncFormatter

    for part in np.ravel(value):
        figure = part if hasattr(part, "savefig") else part.figure
        for text in figure.findobj(Text):
            text.set_text(say(text.get_text()))
        for axis in (axis for ax in figure.axes for axis in (ax.xaxis, ax.yaxis)):
            # Texts given as ticks come from a function, too.
            if isinstance(form := axis.get_major_formatter(), FuncFormatter):
                form.func = lambda value, place, func=form.func: say(func(value, place))


@cache
def _words(level):
    return {row[USUAL]: row[level] for row in rows("words")}


def _pattern(word):
    """本区 is not meant in 本区间, 全市 not in 全市场, 该区 not in 应该区分, 各区 not in 各区县."""
    if word[-1] not in "区市":
        return re.escape(word)
    return ("(?<!应)" if word[0] == "该" else "") + re.escape(word) + "(?![间域块划场别县]|位商)"


def _own_texts(case):
    """What the case's own sheets write, where one of the words is in it, the longest first."""
    words = _words(level_of(case))
    any_word = "|".join(map(re.escape, words))
    texts = set(case.meta.values())
    for table in case.tables.values():
        for column in table.columns[[_wordy(dtype) for dtype in table.dtypes]]:
            texts |= {v for v in table[column].unique() if isinstance(v, str)}
    return sorted((t for t in texts if t not in words and re.search(any_word, t)), key=len, reverse=True)
