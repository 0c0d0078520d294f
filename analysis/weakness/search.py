"""Along one indicator: which way is good, where it ends, and the first value that does what is asked."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..assessment import Assessment
from .rescore import Rescorer

COUNT_UNITS = ("家", "个", "项", "件", "户", "人", "名")
GRID, ROUNDS, MOST_DECIMALS = 64, 6, 10


def way(assessment: Assessment, home: str, code: str) -> float:
    """+1 where more is better for home, −1 where less is, 0 on the target of a 适度 one."""
    row = assessment.tree.nodes.loc[code]
    if row["direction"] == "适度":
        return float(np.sign(row["settings"]["目标"] - assessment.treated.at[home, code]))
    return -1.0 if row["direction"] == "逆向" else 1.0


def whole_units(assessment: Assessment, code: str) -> bool:
    """Whether the indicator counts things: a counting unit and whole values throughout."""
    if assessment.tree.nodes.at[code, "unit"] not in COUNT_UNITS:
        return False
    values = assessment.treated[code].dropna()
    observed = values[~assessment.masked.loc[values.index, code]]
    return bool((observed % 1 == 0).all())


def decimals_of(assessment: Assessment, code: str) -> int:
    """Decimal places the published values of an indicator have (0 for counts), none finer than a 10⁻⁷ part of their spread."""
    if whole_units(assessment, code):
        return 0
    values = assessment.raw[code].dropna()
    texts = (f"{value:.{MOST_DECIMALS}f}".rstrip("0") for value in values)
    given, spread = max((len(text.split(".")[1]) for text in texts), default=0), np.ptp(values) if len(values) else 0.0
    # Computed figures carry the computer's noise in their last places; nobody publishes those.
    return given if spread == 0 else min(given, max(0, int(np.ceil(7 - np.log10(spread)))))


def natural_step(assessment: Assessment, home: str, code: str) -> float:
    """One unit the good way, or less where a unit is too much; see :func:`analysis.weakness.levers.unit_worth`."""
    value, sign = float(assessment.treated.at[home, code]), way(assessment, home, code)
    size = 1.0
    if sign < 0 and 0 < value < 1 and not whole_units(assessment, code):
        size = 10.0 ** np.floor(np.log10(value / 10) + 1e-12)
    limit = natural_limit(assessment, home, code)
    return sign * (size if limit is None else min(size, abs(limit - value)))


def natural_limit(assessment: Assessment, home: str, code: str) -> float | None:
    """Where an indicator ends by its nature: target, 0, 100 %; None if it has no end."""
    row, values = assessment.tree.nodes.loc[code], assessment.treated[code].dropna()
    if row["direction"] == "适度":
        return float(row["settings"]["目标"])
    if way(assessment, home, code) < 0:
        return 0.0 if (values >= 0).all() else None
    share = row["unit"] == "%" and row["category"] == "结构" and values.between(0, 100).all()
    return 100.0 if share else None


def search_end(assessment: Assessment, home: str, code: str, reach: float) -> float:
    """How far the good way to look: ``reach`` spreads beyond the best value, or the natural limit."""
    limit, sign = natural_limit(assessment, home, code), way(assessment, home, code)
    values = levels(assessment, code)
    ends = [v for k in ("下限", "上限", "目标") if (v := assessment.tree.nodes.at[code, "settings"].get(k)) is not None]
    if assessment.tree.nodes.at[code, "direction"] == "适度":
        return limit
    everything = [*values, *ends]
    spread = max(everything) - min(everything) or abs(values[0]) or 1.0
    end = (max(everything) if sign > 0 else min(everything)) + sign * reach * spread
    if limit is None:
        return end
    if _zero_excluded(assessment, code) and limit == 0:
        limit = min(values) * 1e-6
    return min(end, limit) if sign > 0 else max(end, limit)


def levels(assessment: Assessment, code: str) -> np.ndarray:
    """Every district's value, ascending, each once."""
    return np.unique(assessment.treated[code].dropna().to_numpy())


def best_value(assessment: Assessment, home: str, code: str) -> float:
    """The best value any district has."""
    values = assessment.treated[code].dropna()
    if assessment.tree.nodes.at[code, "direction"] == "适度":
        return float(values[(values - assessment.tree.nodes.at[code, "settings"]["目标"]).abs().idxmin()])
    return float(values.max() if way(assessment, home, code) > 0 else values.min())


def first_value(rescorer: Rescorer, code: str, start: float, end: float, good: Callable, whole: bool) -> float | None:
    """The value nearest to ``start`` on the way to ``end`` for which ``good(totals)`` holds, else None.

    Counts are tried one by one, whole numbers only, wherever ``start`` lies; others on a
    grid that includes every district's value, narrowed around the first success to a
    10⁻⁹ part of the range. ``good`` takes totals (m, districts) and returns (m,) booleans.
    """
    sign = np.sign(end - start)
    if sign == 0:
        return None
    if whole:
        begin = np.floor(start + 1e-9) + 1 if sign > 0 else np.ceil(start - 1e-9) - 1
        stop = np.floor(end + 1e-9) if sign > 0 else np.ceil(end - 1e-9)
        steps = np.arange(begin, stop + sign / 2, sign)
        for part in np.array_split(steps, max(1, len(steps) // 256)) if len(steps) else []:
            hit = good(rescorer.totals(code, part))
            if hit.any():
                return float(part[hit.argmax()])
        return None
    low, high, points = start, None, grid(start, end, levels(rescorer.assessment, code))
    for _ in range(ROUNDS):
        hit = good(rescorer.totals(code, points))
        if not hit.any():
            return high
        first = int(hit.argmax())
        low, high = (points[first - 1] if first else low), float(points[first])
        if abs(high - low) <= abs(end - start) * 1e-9:
            return high
        points = np.linspace(low, high, GRID + 1)[1:]
    return high


def in_data_decimals(rescorer: Rescorer, code: str, least: float, start: float, end: float, good: Callable) -> float:
    """The first value with as many decimals as the data have that is at least ``least`` and still does it.

    ``least`` itself where no such value near it succeeds before ``end``.
    """
    sign, size = np.sign(end - start), 10.0 ** decimals_of(rescorer.assessment, code)
    nearest = np.floor(least * size) if sign > 0 else np.ceil(least * size)
    for k in range(4):
        tried = float(round((nearest + sign * k) / size, MOST_DECIMALS))
        if (tried - start) * sign > 0 and (end - tried) * sign >= 0 and good(rescorer.totals(code, tried))[0]:
            return tried
    return least


def grid(start: float, end: float, values: np.ndarray) -> np.ndarray:
    """Values to try between two: an even grid and every district's value."""
    sign = np.sign(end - start)
    points = np.concatenate([np.linspace(start, end, 4 * GRID + 1)[1:], values])
    inside = points[((points - start) * sign > 0) & ((end - points) * sign >= 0)]
    return np.unique(inside)[:: int(sign)]


def _zero_excluded(a, code):
    """Logarithms and divisions by the value have no score at zero."""
    row = a.tree.nodes.loc[code]
    return bool(row["settings"].get("对数")) or row["method"] in ("占优比", "完成率")
