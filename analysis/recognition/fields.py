"""The roster as arrays the rules can read: numbers, yes/no, texts, and who holds what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import product

import numpy as np
import pandas as pd

from ..cells import UNCLEAR, parse_flag
from ..dictionary import load
from ..text import fold_key
from .expressions import Expression, evaluate
from .logic import UNKNOWN

NUMBER, FLAG, TEXT, BLANK = "数值", "是否", "文本", "空列"
NOT_KNOWN = frozenset({"", "**", *UNCLEAR})
NOT_FIELDS = frozenset({"row", "cell", "source", "status", "note"})


@dataclass(frozen=True)
class Column:
    """``values``: float (NaN unknown; yes = 1, no = 0) or, for texts, codes into ``labels`` (−1 unknown)."""

    kind: str
    values: np.ndarray
    labels: tuple[str, ...] = ()


@dataclass
class Fields:
    """Columns of ``size`` enterprises; ``held[folded certification]`` = state of holding it (see logic)."""

    size: int
    columns: dict[str, Column]
    held: dict[str, np.ndarray] = field(default_factory=dict)
    _known: dict[str, tuple[np.ndarray, np.ndarray]] = field(default_factory=dict, repr=False)

    def bounds(self, expression: Expression) -> tuple[np.ndarray, np.ndarray]:
        """Least and greatest value an expression can have; NaN where nothing is known.

        The two differ only where yes/no columns are unknown: every combination of yes and
        no is tried (二项认证已有、一项不详 is between 2 and 3).
        """
        if expression.text not in self._known:
            self._known[expression.text] = self._bounds(expression)
        return self._known[expression.text]

    def _bounds(self, expression):
        values = evaluate(expression, lambda c: self.columns[c].values)
        values = values if values.shape == (self.size,) else np.broadcast_to(values, (self.size,))
        flags = [c for c in expression.columns if self.columns[c].kind == FLAG]
        rows = np.flatnonzero(np.isnan(values)) if flags else ()
        if not len(rows):
            return values, values
        low, high = values.copy(), values.copy()
        low[rows], high[rows] = self._tried(expression, flags, rows)
        return low, high

    def _tried(self, expression, flags, rows):
        given = {c: self.columns[c].values[rows] for c in expression.columns}
        unknown = {c: np.isnan(given[c]) for c in flags}
        low, high = np.full(len(rows), np.inf), np.full(len(rows), -np.inf)
        for guess in product((0.0, 1.0), repeat=len(flags)):
            filled = given | {c: np.where(unknown[c], g, given[c]) for c, g in zip(flags, guess)}
            found = evaluate(expression, filled.__getitem__)
            # NaN spreads through minimum and maximum, so one impossible combination leaves all unknown.
            low, high = np.minimum(low, found), np.maximum(high, found)
        return low, high

    def take(self, rows: np.ndarray) -> Fields:
        """The same columns for some enterprises (repeats allowed)."""
        return Fields(len(rows), {n: Column(c.kind, c.values[rows], c.labels) for n, c in self.columns.items()},
                      {n: s[rows] for n, s in self.held.items()})

    def only(self, names: Sequence[str]) -> Fields:
        """Fewer columns, so that ``take`` copies what is needed."""
        return Fields(self.size, {n: self.columns[n] for n in names}, self.held)

    def holding(self, certification: str) -> np.ndarray:
        """State of holding a recognition; unknown where there is no list of it."""
        state = self.held.get(fold_key(certification))
        return np.full(self.size, UNKNOWN, dtype=np.int8) if state is None else state


class Roster(Mapping):
    """Columns of a 企业 table by name, converted when first read."""

    def __init__(self, frame: pd.DataFrame):
        self._frame, self._made = frame, {}

    def __getitem__(self, name: str) -> Column:
        if name not in self._made:
            self._made[name] = _column(self._frame[name])
        return self._made[name]

    def __iter__(self):
        return iter(self._frame.columns)

    def __len__(self):
        return self._frame.shape[1]


@dataclass(frozen=True)
class Headers:
    """How a rule may call the columns of a roster, and how a page calls them."""

    names: tuple[str, ...]

    @cached_property
    def known(self) -> dict[str, str]:
        """Folded header, alias or English name -> column; official headers win, then the roster's own columns."""
        book: dict[str, str] = {}
        official = [c for c in load().sheet("enterprises").columns if c.name in self.names and c.name not in NOT_FIELDS]
        own = [n for n in self.names if n not in NOT_FIELDS and not n.endswith("_masked")]
        for key, name in [*((c.header, c.name) for c in official), *((n, n) for n in own),
                          *((alias, c.name) for c in official for alias in c.aliases)]:
            book.setdefault(fold_key(key), name)
        return book

    def title(self, name: str) -> str:
        return self._official[name].header if name in self._official else name

    def unit(self, name: str) -> str:
        return self._official[name].unit if name in self._official else ""

    @cached_property
    def _official(self):
        return {c.name: c for c in load().sheet("enterprises").columns}


def _column(series: pd.Series) -> Column:
    if isinstance(series.dtype, pd.BooleanDtype) or series.dtype == bool:
        return Column(FLAG, series.to_numpy(dtype=float, na_value=np.nan))
    if pd.api.types.is_numeric_dtype(series.dtype):
        return Column(NUMBER, series.to_numpy(dtype=float, na_value=np.nan))
    codes, labels = pd.factorize(series.where(series.notna() & ~series.isin(NOT_KNOWN), None))
    labels = tuple(str(label) for label in labels)
    if not labels:
        return Column(BLANK, np.full(len(series), np.nan))
    flags = [parse_flag(label) for label in labels]
    if all(trouble is None for _, trouble in flags):
        values = np.array([np.nan if flag is None else float(flag) for flag, _ in flags] + [np.nan])
        return Column(FLAG, values[codes])
    return Column(TEXT, codes.astype(np.int32), labels)
