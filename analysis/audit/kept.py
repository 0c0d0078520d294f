"""What was worked out about an assessment is kept while the same assessment is asked about: a page asks for much of it twice."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from inspect import signature
from weakref import ref

import pandas as pd

_KEPT: dict = {}  # the assessment asked about last (a weak reference) and, by function and arguments, the answers


def once_per_assessment(work: Callable) -> Callable:
    """``work(assessment, …, adjustments=…)`` done once for the same arguments, as long as no other assessment is asked about.

    Adjustments are compared by what they contain. A table is given out as a copy; other answers are shared and must not
    be changed. Errors are not kept.
    """
    form = signature(work)

    @wraps(work)
    def kept(*args, **options):
        asked = form.bind(*args, **options)
        asked.apply_defaults()
        assessment, *rest = asked.arguments.values()
        tables = [value for value in rest if isinstance(value, pd.DataFrame)]
        key = work, *("table" if isinstance(value, pd.DataFrame) else value for value in rest)
        if not _KEPT or _KEPT["of"]() is not assessment:
            _KEPT.clear()
            _KEPT["of"] = ref(assessment)
        known = _KEPT.get(key)
        if known is None or not all(before.equals(now) for before, now in zip(known[0], tables)):
            known = [table.copy() for table in tables], work(*args, **options)
            if _KEPT["of"]() is assessment:  # unless the work itself asked about another
                _KEPT[key] = known
        found = known[1]
        return found.copy() if isinstance(found, pd.DataFrame) else found

    return kept
