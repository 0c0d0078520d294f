"""Units of money and the few conversions that have one meaning."""

from __future__ import annotations

import re

MONEY = {"元": 1.0, "人民币元": 1.0, "百元": 1e2, "千元": 1e3, "万元": 1e4, "十万元": 1e5,
         "百万元": 1e6, "千万元": 1e7, "亿元": 1e8, "十亿元": 1e9, "百亿元": 1e10,
         "千亿元": 1e11, "万亿元": 1e12}
SAME = {"吨标煤": "吨标准煤", "tce": "吨标准煤", "百分比": "%", "个百分点": "百分点", "名": "人"}
MULTIPLES = {"十": 1e1, "百": 1e2, "千": 1e3, "万": 1e4, "十万": 1e5, "百万": 1e6, "亿": 1e8}
_PER_HEAD = re.compile(r"人均|户均|亩均|地均|均价|单价|平均|每[\u4e00-\u9fff]")


def is_money(unit: str) -> bool:
    """Whether a unit is an amount of yuan (美元 and 元/人 are not)."""
    return unit in MONEY


def convert_factor(stated: str, canonical: str) -> float | None:
    """Factor from a stated unit to the canonical one; None if there is no one answer."""
    stated, canonical = SAME.get(stated, stated), SAME.get(canonical, canonical)
    if stated == canonical:
        return 1.0
    if is_money(stated) and is_money(canonical):
        return MONEY[stated] / MONEY[canonical]
    for prefix, factor in MULTIPLES.items():
        if canonical and stated == prefix + canonical:
            return factor
    return None


def per_head(indicator: str) -> bool:
    """Whether an amount of yuan is an average, which stays in its own unit."""
    return _PER_HEAD.search(indicator) is not None
