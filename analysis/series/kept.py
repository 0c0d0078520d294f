"""What was read of a case is kept as long as the case: a case is frozen, and reading a series takes longer than using it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from weakref import WeakKeyDictionary

_KEPT: WeakKeyDictionary = WeakKeyDictionary()


def once_per_case(read: Callable) -> Callable:
    """``read(case, *names)`` done once for each case and names; what it returns is shared and must not be changed.

    The case itself is the key, held weakly, so that the answers go when it goes. A case that cannot be a key (it is
    compared by its contents, and may change) is read every time. Errors are not kept.
    """

    @wraps(read)
    def kept(case, *names):
        try:
            hash(case)
        except TypeError:
            return read(case, *names)
        found = _KEPT.setdefault(case, {})
        key = (read, *names)
        if key not in found:
            found[key] = read(case, *names)
        return found[key]

    return kept
