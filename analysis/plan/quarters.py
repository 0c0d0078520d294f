"""Quarters as whole numbers: reading 2023Q2, 2023-05 or 2023年2季度, and writing them back."""

from __future__ import annotations

import re

import pandas as pd

from ..params import AssessmentError

_QUARTER = re.compile(r"^\s*(\d{4})\s*(?:[Qq]|年第?)\s*([1-4])(?:季度)?\s*$")
_MONTH = re.compile(r"^\s*(\d{4})\s*[-/.年]\s*(\d{1,2})\s*月?(?:[-/.]\d{1,2})?\s*$")


def quarter_number(value: object) -> int:
    """4 × year + quarter − 1 of ``2023Q2``, ``2023-05``, ``2023年5月``, ``2023年2季度``, a date or a period.

    Raises
    ------
    AssessmentError for anything else.
    """
    if not isinstance(value, str) and not pd.isna(value) and hasattr(value, "month"):
        return 4 * value.year + (value.month - 1) // 3
    text = str(value)
    if found := _QUARTER.match(text):
        return 4 * int(found[1]) + int(found[2]) - 1
    if (found := _MONTH.match(text)) and 1 <= int(found[2]) <= 12:
        return 4 * int(found[1]) + (int(found[2]) - 1) // 3
    raise AssessmentError(f"时间“{value}”看不懂，请写成 2023Q2 或 2023-05")


def quarter_text(number: int) -> str:
    """``2023Q2`` of a quarter's number."""
    return f"{number // 4}Q{number % 4 + 1}"


def quarter_of_year(number: int) -> int:
    return number % 4 + 1
