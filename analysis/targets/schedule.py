"""Progress against schedule (时序进度): done, usual by now, left, and the growth the rest needs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..params import AssessmentError
from .nowcast import Nowcast, log_rests, nowcast

FAST, USUAL, SLOW, UNKNOWN = "快于历年同期", "在历年同期范围内", "慢于历年同期", "年份太少，不判断"
_QUARTERS = {3: "一季度", 6: "上半年", 9: "前三季度", 12: "全年"}


@dataclass(frozen=True)
class Progress:
    """A district's year so far against its target. Amounts in ``unit``, shares 0–1, growth in %.

    path : a row per part of the year: part, label, months (last month covered), mean, least,
        greatest (share of the year to date), expected, low, high (target × these), actual.
    done_share : cumulative ÷ target. share, least, greatest, years : the usual share by now.
    expected, ahead, ahead_points : target × share; cumulative minus it (negative = behind);
        done_share minus share in percentage points.
    naive_share, naive_points : months ÷ 12, only for comparison.
    pace : 快于历年同期, 在历年同期范围内, 慢于历年同期 or 年份太少，不判断.
    remaining : target minus cumulative, not below 0.
    growth : to date; base_year, base_to_date, base_rest : last year on this year's scope.
    rest_growth : what the remaining months need on base_rest; year_growth : the target on
        base_year. None, and said, where last year is not known.
    """

    district: str
    indicator: str
    unit: str
    year: int
    part: int
    label: str
    target: float
    cumulative: float
    path: pd.DataFrame
    done_share: float
    share: float
    least: float
    greatest: float
    years: int
    expected: float
    ahead: float
    ahead_points: float
    naive_share: float
    naive_points: float
    pace: str
    remaining: float
    growth: float | None
    base_year: float | None
    base_to_date: float | None
    base_rest: float | None
    rest_growth: float | None
    year_growth: float | None
    nowcast: Nowcast
    probability: float | None
    status: str
    note: tuple[str, ...]


def progress(cumulative: pd.Series, history: pd.DataFrame, year: int, target: float | None = None, target_growth: float | None = None,
             yoy: float | None = None, last_cumulative: float | None = None, last_total: float | None = None,
             pooled: Mapping[str, pd.DataFrame] | None = None, labels: Mapping[int, str] | None = None, district: str = "本区",
             indicator: str = "", unit: str = "亿元", status: str = "推算", level: float | None = None,
             leave_out: Iterable[int] = ()) -> Progress:
    """Where the year stands against its target and what the rest of it must bring.

    base_to_date = cumulative ÷ (1 + yoy/100); the whole year's comparable base is last year's
    total × base_to_date ÷ last year's published sum to date (the revision of the base is
    taken to be even over the year: an assumption, stated); the rest needs
    (target − cumulative) ÷ (base_year − base_to_date) − 1.

    Parameters
    ----------
    cumulative : part -> sum to date of this year; the last one known counts.
    history : year × part, cumulative, for the usual shares; last column = total. Only years
        before ``year`` are used, here and in ``pooled``.
    target : the year's target; or ``target_growth``, % on the comparable base.
    yoy : published growth to date, %, comparable base; without it the base is last year's
        published figures as they stand, said in the note.
    last_cumulative, last_total : last year as published; by default from ``history``.
    pooled : district -> history of other districts, see :func:`analysis.targets.nowcast.nowcast`.
    labels : part -> Chinese label. leave_out : years not used for shares and nowcast.
    level : probability of the nowcast's interval.

    Raises
    ------
    AssessmentError for no figure of this year, sums that are not positive or that fall, a
    target that is not positive, a part that history lacks, or no usable complete year.
    """
    history = history[history.index < year]
    pooled = None if pooled is None else {name: other[other.index < year] for name, other in pooled.items()}
    parts, label = list(history.columns), labels or {}
    names = {p: label.get(p) or part_label(p, len(parts)) for p in parts}
    known = _known(cumulative, parts, names, district, year)
    part, done = int(known.index[-1]), float(known.iloc[-1])
    note = []
    last_cumulative = _last(history, year - 1, part) if last_cumulative is None else last_cumulative
    last_total = _last(history, year - 1, parts[-1]) if last_total is None else last_total
    base_year, base_done, growth = _bases(done, yoy, last_cumulative, last_total, f"{district}{year - 1}年", note)
    target = _target(target, target_growth, base_year, district, year)
    season = season_of(history, district, names, leave_out)
    row = season.set_index("part").loc[part]
    said = nowcast(done, part, history, pooled, district, level, leave_out)
    expected, months = target * row["mean"], months_to(part, len(parts))
    rest = max(target - done, 0.0)
    base_rest = None if base_year is None else base_year - base_done
    rest_growth = None if not base_rest else 100 * (rest / base_rest - 1)
    if part == parts[-1]:
        note.append("全年各期已结束")
    if rest == 0:
        rest_growth = None
        note.append("到期累计已达到全年目标，其余各月没有最低增速要求")
    path = season.assign(months=[months_to(p, len(parts)) for p in season["part"]],
                         expected=target * season["mean"], low=target * season["least"], high=target * season["greatest"],
                         actual=known.reindex(season["part"]).to_numpy())
    done_share = done / target
    return Progress(district, indicator, unit, int(year), part, names[part], float(target), done, path, done_share, float(row["mean"]),
                    float(row["least"]), float(row["greatest"]), int(row["years"]), float(expected), float(done - expected),
                    float(100 * (done_share - row["mean"])), months / 12, 100 * (done_share - months / 12), _pace(done_share, row), rest,
                    growth, base_year, base_done, base_rest, rest_growth, None if base_year is None else 100 * (target / base_year - 1),
                    said, said.probability(target), status, tuple([*note, *said.note]))


def season_of(history: pd.DataFrame, district: str = "本区", labels: Mapping[int, str] | None = None,
              leave_out: Iterable[int] = ()) -> pd.DataFrame:
    """Usual share of the year reached by the end of each part, over complete years.

    Returns
    -------
    DataFrame, one row per part: part, label, mean, least, greatest (0–1), years. Only years
    with every part are used, so that the shares rise.
    """
    parts = list(history.columns)
    first = log_rests(history, parts[0], district, leave_out)[0].index
    full = history.loc[history.index.isin(first) & history.notna().all(axis=1)].astype(float)
    if full.empty:
        raise AssessmentError(f"{district}没有各期齐全的完整年份，得不到历年累计占比；请补齐至少一个完整年份的各月（季）累计数")
    shares = full.div(full[parts[-1]], axis=0)
    return pd.DataFrame({"part": parts, "label": [(labels or {}).get(p) or part_label(p, len(parts)) for p in parts],
                         "mean": shares.mean().to_numpy(), "least": shares.min().to_numpy(), "greatest": shares.max().to_numpy(),
                         "years": len(full)})


def months_to(part: int, parts: int) -> float:
    """Last month covered by a part of a year of 11 (January–February merged), 12 or 4 parts."""
    if parts < 2:
        raise AssessmentError("年度数据没有年内各期，不能算时序进度；请提供月度或季度累计数")
    return float(part + 1) if parts == 11 else 12.0 * part / parts


def part_label(part: int, parts: int) -> str:
    """Chinese name of the sum to the end of a part: 1—2月, 一季度, 1—4月, 上半年."""
    last = months_to(part, parts)
    return _QUARTERS.get(last) or ("1月" if last == 1 else f"1—{last:g}月")


def _known(cumulative, parts, names, district, year):
    extra = [p for p in cumulative.dropna().index if p not in parts]
    if extra:
        raise AssessmentError(f"{district}{year}年有第 {'、'.join(map(str, extra))} 期，历史各年没有；请核对月份口径（1—2 月是否合并）")
    known = cumulative.reindex(parts).dropna().astype(float)
    if known.empty:
        raise AssessmentError(f"{district}{year}年没有一个已知的累计数，不能算时序进度")
    if not (known > 0).all():
        raise AssessmentError(f"{district}{year}年以下各期累计数不大于 0：{'、'.join(names[p] for p in known.index[~(known > 0)])}，请核对")
    falls = known.index[known.diff() < 0]
    if len(falls):
        raise AssessmentError(f"{district}{year}年累计数到 {'、'.join(names[p] for p in falls)} 反而下降，不能算时序进度，请核对是否录错或改口径")
    return known


def _last(history, year, part):
    value = history.at[year, part] if year in history.index else np.nan
    return None if pd.isna(value) else float(value)


def _bases(done, yoy, last_cumulative, last_total, when, note):
    """Last year on this year's scope: whole, to date, and the growth to date."""
    missing = [what for what, v in (("到同期累计", last_cumulative), ("全年", last_total)) if v is None or not np.isfinite(v)]
    growth = None if yoy is None or pd.isna(yoy) else float(yoy)
    if growth is not None and growth <= -100:
        raise AssessmentError(f"公布的同比 {growth:g}% 不可能低于 -100%，请核对")
    if missing:
        note.append(f"缺{when}{'和'.join(missing)}数，得不到可比基数，不算其余各月需要的增速")
        return None, None, growth
    if not 0 < last_cumulative <= last_total:
        raise AssessmentError(f"{when}到同期累计 {last_cumulative:g} 应大于 0 且不超过全年 {last_total:g}，请核对")
    if growth is None:
        note.append("本期没有公布同比，增速和基数按上年公布数计算，未作可比口径调整")
        return float(last_total), float(last_cumulative), 100 * (done / last_cumulative - 1)
    base = done / (1 + growth / 100)
    note.append(f"可比基数按公布同比倒推，是上年公布数的 {base / last_cumulative:.4f} 倍；假定全年各月基数同比例调整")
    return last_total * base / last_cumulative, base, growth


def _target(target, growth, base_year, district, year):
    if (target is None) == (growth is None):
        raise AssessmentError("全年目标和目标增速要写一个，也只能写一个")
    if target is None:
        if base_year is None:
            raise AssessmentError(f"{district}缺上年数，目标增速 {growth:g}% 换算不成全年目标，请直接给全年目标")
        target = base_year * (1 + growth / 100)
    if not (np.isfinite(target) and target > 0):
        raise AssessmentError(f"{district}{year}年全年目标为 {target:g}，必须大于 0")
    return target


def _pace(done_share, row):
    if row["years"] < 2:
        return UNKNOWN
    if done_share > row["greatest"]:
        return FAST
    return SLOW if done_share < row["least"] else USUAL
