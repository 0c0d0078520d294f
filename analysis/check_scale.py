"""Figures of the roster in a wrong unit or scale: money ten thousand times too large or small, 0.03 for 3 %."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from analysis.columns import Typed
from analysis.problems import WARNING

_SHARE_NAMES = ("占比", "比重", "占有率", "率（%）", "比例")


def money_slips(table: Typed, checks: Sequence[dict[str, str]]) -> set[str]:
    """Report money that is some thousand times out against the enterprise's own other figures, or against the roster.

    In logarithms, with the usual level of each column taken off: a cell is out when it lies 同一家企业差倍数
    from the median of its row. A whole row is out when revenue per head lies 人均收入差倍数 from
    the roster's median (without staff: the row's level, 规模差倍数). Returns the columns that are out as a whole: nothing is to be said
    of their single rows.

    Parameters
    ----------
    checks : rows of ``enterprise_checks.csv``; kinds 规模 (columns of one magnitude) and 门槛.
    """
    limit = {c["列"]: float(c["数值"]) for c in checks if c["类型"] == "门槛"}
    columns = [c["列"] for c in checks if c["类型"] == "规模" and c["列"] in table.frame]
    frame, header = table.frame, {c.name: c.header for c in table.sheet.columns}
    values = frame[columns].to_numpy(dtype=float)
    logs = np.log10(np.where(values > 0, values, np.nan))
    known = np.isfinite(logs)
    if not known.any():
        return set()
    enough = known.sum(axis=0) >= limit["最少家数"]
    usual = np.where(enough, _median(logs.T), np.nan)
    whole = _whole_columns(table, columns, usual, header, limit["同一家企业差倍数"])
    usual = np.where(np.isfinite(usual), usual, np.nanmedian(usual) if enough.any() else 0.0)
    relative = logs - usual
    level = _row_level(relative, np.log10(limit["同一家企业差倍数"]))
    off = relative - level[:, None]
    wrong = np.abs(off) >= np.log10(limit["同一家企业差倍数"])
    for k, j in zip(*np.nonzero(wrong)):
        table.report(WARNING, f"{header[columns[j]]}为 {_amount(values[k, j])} 万元，与本企业的其他金额相比{_times(off[k, j])}，单位可能写错",
                     "核对单位（元、万元、亿元）", frame["row"].iat[k], columns[j])
    _whole_rows(table, columns, values, level, wrong, header, limit)
    return whole


def _whole_columns(table: Typed, columns: list[str], usual: np.ndarray, header: dict, times: float) -> set[str]:
    middle = np.nanmedian(usual) if np.isfinite(usual).any() else np.nan
    out = np.flatnonzero(np.abs(usual - middle) >= np.log10(times))
    for j in out:
        table.report(WARNING, f"{header[columns[j]]}整列（中位数 {_amount(10 ** usual[j])} 万元）与其他金额列相比{_times(usual[j] - middle)}，单位可能写错",
                     "核对表头的单位（元、万元、亿元）", None, columns[j])
    return {columns[j] for j in out}


def _whole_rows(table: Typed, columns: list[str], values: np.ndarray, level: np.ndarray, wrong: np.ndarray, header: dict, limit: dict) -> None:
    frame = table.frame
    sales = columns.index("revenue") if "revenue" in columns else 0
    staff = frame["staff"].to_numpy(dtype=float) if "staff" in frame else np.full(len(frame), np.nan)
    usable = (staff > 0) & (values[:, sales] > 0) & ~wrong[:, sales]
    per_head = np.log10(np.divide(values[:, sales], staff, out=np.full(len(frame), np.nan), where=usable))
    for measure, name, times in ((per_head, "人均营业收入", limit["人均收入差倍数"]),
                                 (np.where(np.isfinite(per_head), np.nan, level), "各项金额", limit["规模差倍数"])):
        base = per_head if name == "人均营业收入" else level
        if np.isfinite(base).sum() < limit["最少家数"]:
            continue
        off = measure - np.nanmedian(base)
        for k in np.flatnonzero(np.abs(off) >= np.log10(times)):
            j = sales if values[k, sales] > 0 else int(np.flatnonzero(values[k] > 0)[0])
            table.report(WARNING, f"{header[columns[j]]}为 {_amount(values[k, j])} 万元，{name}与名册里其他企业的中位数相比{_times(off[k])}，单位可能写错",
                         "核对单位（元、万元、亿元）" + ("和职工人数" if name == "人均营业收入" else ""), frame["row"].iat[k], columns[j])


def _row_level(relative: np.ndarray, far: float) -> np.ndarray:
    """Median of each row; of two middle values far apart the one nearer to the usual level."""
    ordered = np.sort(relative, axis=1)
    count = np.isfinite(relative).sum(axis=1)
    rows = np.arange(len(relative))
    low, high = ordered[rows, np.maximum(count - 1, 0) // 2], ordered[rows, count // 2]
    high = np.where(count % 2 == 1, low, high)
    return np.where(high - low >= far, np.where(np.abs(low) <= np.abs(high), low, high), (low + high) / 2)


def _median(rows: np.ndarray) -> np.ndarray:
    """Median of each row without missing values; NaN for a row of none."""
    return np.array([np.median(row[np.isfinite(row)]) if np.isfinite(row).any() else np.nan for row in rows])


def _times(log_ratio: float) -> str:
    times = float(f"{10 ** abs(log_ratio):.2g}")
    return f"约为通常的 {times:,.0f} 倍" if log_ratio > 0 else f"约为通常的 1/{times:,.0f}"


def _amount(value: float) -> str:
    return f"{value:,.0f}" if value >= 1000 else f"{value:g}"


def percent_slips(table: Typed, checks: Sequence[dict[str, str]]) -> None:
    """Report values not above 1 among percentages that are much larger: 0.03 written for 3 %.

    Columns whose unit is %, and own columns named 占比, 比重, 占有率 …. Suspicious are values in (0, 1]
    below a gap of 百分数断档倍数, or 百分数离群倍数 robust standard deviations (of the logarithm) below the
    median; and a whole column not above 1. Above 100 is reported for shares.
    """
    limit = {c["列"]: float(c["数值"]) for c in checks if c["类型"] == "门槛"}
    known = {c.name: c for c in table.sheet.columns}
    for name in table.frame.columns:
        share = name.endswith(_SHARE_NAMES) or name == "market_share"
        if not (share or (name in known and known[name].unit == "%")) or table.frame[name].dtype.kind not in "fi":
            continue
        shown, values = (known[name].header if name in known else name), table.frame[name].to_numpy(dtype=float)
        for k in np.flatnonzero(values > 100) if share else ():
            table.report(WARNING, f"{shown} {values[k]:g}% 大于 100%", "核对；按百分数填，如 3 表示 3%", table.frame["row"].iat[k], name)
        positive = np.flatnonzero(values > 0)
        small = positive[values[positive] <= 1]
        if not len(small):
            continue
        if len(small) == len(positive):
            if len(small) >= limit["百分数列最少个数"]:
                table.report(WARNING, f"{shown}整列都不大于 1，可能把百分数写成了小数（0.03 应写 3）", "核对；按百分数填，如 3 表示 3%", None, name)
            continue
        for k in small[_suspicious(np.log(values[small]), np.log(values[positive]), limit)]:
            table.report(WARNING, f"{shown} {values[k]:g} 与同列其他值（中位数 {np.median(values[positive]):g}）相差太大，可能把百分数写成了小数",
                         f"核对；若指 {values[k] * 100:g}%，填 {values[k] * 100:g}", table.frame["row"].iat[k], name)


def _suspicious(small: np.ndarray, every: np.ndarray, limit: dict) -> np.ndarray:
    ordered = np.sort(every)
    gaps = np.diff(ordered)
    # The gap must lie where the scale changes, between values up to 1 and values above.
    at = np.flatnonzero((gaps >= np.log(limit["百分数断档倍数"])) & (ordered[:-1] <= 0))
    edge = ordered[at[-1]] if len(at) else -np.inf
    middle = np.median(every)
    spread = 1.4826 * np.median(np.abs(every - middle))
    far = middle - limit["百分数离群倍数"] * spread if spread > 0 else -np.inf
    return (small <= edge) | (small < far)
