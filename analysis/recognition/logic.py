"""Three-valued logic of Kleene on arrays: not met, unknown, met.

Inside the package a state is an int8 in truth order (NO 0 < UNKNOWN 1 < YES 2), so that
∧ is the minimum, ∨ the maximum and ¬ is 2 − x. Tables show 0, −1 and 1 (:func:`shown`).
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

NO, UNKNOWN, YES = np.int8(0), np.int8(1), np.int8(2)
_SHOWN = np.array([0, -1, 1], dtype=np.int8)


def states(yes: np.ndarray, no: np.ndarray) -> np.ndarray:
    """State of each element from what is proven: ``yes`` met, ``no`` not met, neither unknown (both is impossible)."""
    out = yes.astype(np.int8)
    out -= no
    out += np.int8(1)
    return out


def every(parts: Iterable[np.ndarray], size: int) -> np.ndarray:
    """a ∧ b ∧ …; met where there is nothing to meet."""
    out = np.full(size, YES, dtype=np.int8)
    for part in parts:
        np.minimum(out, part, out=out)
    return out


def some(parts: Iterable[np.ndarray], size: int) -> np.ndarray:
    """a ∨ b ∨ …; not met where there is nothing."""
    out = np.full(size, NO, dtype=np.int8)
    for part in parts:
        np.maximum(out, part, out=out)
    return out


def opposite(part: np.ndarray) -> np.ndarray:
    """¬a."""
    return (YES - part).astype(np.int8)


def shown(part: np.ndarray) -> np.ndarray:
    """1 met, 0 not met, −1 unknown, as tables show it."""
    return _SHOWN[part]
