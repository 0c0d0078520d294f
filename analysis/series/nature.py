"""What kind of quantity an indicator is: may its periods be added and subtracted?

The rules are rows of ``tables/series_natures.csv``, the first that fits counts; the
thresholds of this package are in ``tables/series_thresholds.csv``.
"""

from __future__ import annotations

from functools import cache

from ..shipped import numbers, rows
from ..units import per_head

FLOW, REDUCIBLE, STOCK, RATIO = "流量", "可减流量", "存量", "比率"
_FITS = {
    "单位等于": lambda text, indicator, unit: unit == text,
    "单位含": lambda text, indicator, unit: text in unit,
    "指标含": lambda text, indicator, unit: text in indicator,
}


@cache
def threshold(name: str) -> float:
    """A threshold by its 名称 in ``series_thresholds.csv``, in the unit its 说明 gives."""
    return numbers("series_thresholds")[name]


def nature(indicator: str, unit: str, cumulative: bool = False) -> str:
    """流量 (periods add up), 可减流量 (the same, but a cumulative figure may fall), 存量
    (a level at the end of the period) or 比率 (neither adds nor subtracts).

    Parameters
    ----------
    indicator, unit : as written in the sheet 时间序列.
    cumulative : whether figures of parts of a year are stated as 累计; a count that is
        accumulated over the year is a flow, whatever its unit.
    """
    if per_head(indicator):
        return RATIO
    for row in rows("series_natures"):
        if _FITS[row["依据"]](row["写法"], indicator, unit):
            return FLOW if row["性质"] == STOCK and cumulative else row["性质"]
    return FLOW
