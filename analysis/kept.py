"""What was worked out about a case, an assessment or a screening is kept as long as it: these are frozen, and a page asks for much of it twice.

For what notebooks of one run share with each other see :mod:`analysis.run_memory`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from inspect import signature
from weakref import WeakKeyDictionary

import pandas as pd

from .run_memory import content

_KEPT: WeakKeyDictionary = WeakKeyDictionary()


def once_for_each(work: Callable) -> Callable:
    """``work(thing, …)`` done once for each thing and the same other arguments; tables among these are compared by what they hold.

    The thing itself is the key, held weakly, so that the answers go when it goes. One that cannot be a key (it is compared by
    its contents, and may change) is worked on every time. A table is given out as a copy; other answers are shared and
    must not be changed, nor refer to the thing, which would then never go. Errors are not kept.
    """
    form = signature(work)

    @wraps(work)
    def kept(*args, **options):
        asked = form.bind(*args, **options)
        asked.apply_defaults()
        thing, *rest = asked.arguments.values()
        try:
            known = _KEPT.setdefault(thing, {})
        except TypeError:
            return work(*args, **options)
        key = work, *(content(value) if isinstance(value, pd.DataFrame) else value for value in rest)
        if key not in known:
            known[key] = work(*args, **options)
        found = known[key]
        return found.copy(deep=False) if isinstance(found, pd.DataFrame) else found

    return kept
