"""状态 of figures."""

from __future__ import annotations

import numpy as np

ILLUSTRATIVE, DERIVED = "示例", "推算"


def derived_status(statuses: object) -> str:
    """状态 of a figure computed from figures of these 状态 (any shape): 示例 if any is 示例, else 推算."""
    values = np.asarray(statuses, dtype=object).ravel()
    return ILLUSTRATIVE if (values == ILLUSTRATIVE).any() else DERIVED
