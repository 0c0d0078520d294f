"""The annual growth that reaches a level, or a leader who does not wait."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..params import AssessmentError
from .frame import ahead_now, average_growth, checked_frame, last_observed, two_districts
from .parameters import LATEST_YEAR

COLUMNS = ["year", "years_left", "home", "leader_now", "leader_then", "growth_fixed", "growth_moving", "extra_points", "ahead", "note"]


def growth_to_reach(level: object, target: object, years: object) -> np.ndarray:
    """Constant annual growth from `level` to `target` in `years` years: (target / level)^(1/years) − 1.

    Parameters
    ----------
    level, target : > 0, in the same unit. years : > 0. All broadcast against each other.

    Returns
    -------
    fraction (0.05 = 5 % a year), float or array.
    """
    level, target, years = (np.asarray(x, dtype=float) for x in (level, target, years))
    if not ((level > 0).all() and (target > 0).all()):
        raise AssessmentError("计算所需增速时，现值和目标都应大于 0")
    if not (years > 0).all():
        raise AssessmentError("计算所需增速时，目标年应晚于现值所在年份")
    return (target / level) ** (1 / years) - 1


def required_growth(
    annual: pd.DataFrame,
    home: str,
    leader: str,
    years: list[int] | None = None,
    share: float = 1.0,
    leader_growth: float | pd.Series | None = None,
) -> pd.DataFrame:
    """Growth home needs every year to reach `share` of the leader by each year.

    Parameters
    ----------
    annual : annual frame (years, districts), levels > 0.
    years : years to reach it by; from home's next year to 2035 without it.
    share : the part of the leader's level to reach (1 = all of it).
    leader_growth : % a year from the leader's last year; or its level by year (Series, its own
        forecast); without it the average growth over its history.

    Returns
    -------
    DataFrame, one row per year: year; years_left = H − home's last year; home (its last level);
    leader_now (the leader's last level × share); leader_then (its level in H × share);
    growth_fixed and growth_moving : % a year to reach the one and the other,
    100·((target / home)^(1/years_left) − 1); extra_points = moving − fixed (percentage points);
    ahead : home is already there (the growth is then what it takes to stay ahead); note.

    Where the last years differ, home's growth counts from home's last year and the leader's
    path from the leader's.

    Raises
    ------
    AssessmentError for levels ≤ 0, unknown districts, years not after home's last year or before
    the leader's, growth of −100 % or less, a leader without two values and no growth stated.
    """
    pair = two_districts(home, leader)
    frame = checked_frame(annual, pair)
    last, share = last_observed(frame), _positive_share(share)
    start, level = int(last.at[home, "year"]), float(last.at[home, "level"])
    leader_year, leader_level = int(last.at[leader, "year"]), float(last.at[leader, "level"])
    years = _years(years, start, leader_year, home, leader)
    then, how = _leader_path(frame, leader, leader_year, leader_level, years, leader_growth)
    ahead, year, note = ahead_now(frame, home, leader, share)
    notes = [note, how]
    if start != leader_year:
        notes.append(f"两区末年不同：{home} {start} 年、{leader} {leader_year} 年，各从自己的末年算起")
    if ahead:
        notes.insert(0, f"{year} 年已领先，所列为保持领先所需的最低增速")
    left = np.array(years) - start
    fixed = 100 * growth_to_reach(level, share * leader_level, left)
    moving = 100 * growth_to_reach(level, share * then, left)
    if (then < leader_level).any():
        notes.append(f"{leader}在下降，目标随之降低")
    return pd.DataFrame({
        "year": years, "years_left": left, "home": level, "leader_now": share * leader_level, "leader_then": share * then,
        "growth_fixed": fixed, "growth_moving": moving, "extra_points": moving - fixed, "ahead": ahead,
        "note": "；".join(n for n in notes if n),
    }, columns=COLUMNS)


def required_to_level(annual: pd.DataFrame, home: str, target: float, years: list[int] | None = None) -> pd.DataFrame:
    """Growth home needs to reach a fixed level: year, years_left, home, target, growth (% a year), ahead."""
    frame = checked_frame(annual, [home])
    if not target > 0 or not np.isfinite(target):
        raise AssessmentError(f"目标应为大于 0 的数，现为 {target:g}")
    last = last_observed(frame).loc[home]
    start, level = int(last["year"]), float(last["level"])
    years = _years(years, start, start, home, home)
    left = np.array(years) - start
    return pd.DataFrame({"year": years, "years_left": left, "home": level, "target": float(target),
                         "growth": 100 * growth_to_reach(level, target, left), "ahead": level >= target})


def _leader_path(frame, leader, year, level, years, growth):
    if isinstance(growth, pd.Series):
        lacking = [y for y in years if y not in growth.index or not np.isfinite(growth[y]) or growth[y] <= 0]
        if lacking:
            raise AssessmentError(f"给定的{leader}走势缺 {'、'.join(map(str, lacking))} 年的数值（或不大于 0）")
        return growth[years].to_numpy(dtype=float), f"{leader}按给定走势"
    rate = average_growth(frame, leader) if growth is None else float(growth)
    if not rate > -100:
        raise AssessmentError(f"{leader}的年均增速应大于 −100%，现为 {rate:g}%")
    basis = "历史年均" if growth is None else "给定"
    return level * (1 + rate / 100) ** (np.array(years) - year), f"{leader}按{basis}增速 {rate:.1f}%".replace("-", "−")


def _years(years, start, leader_year, home, leader):
    first = max(start + 1, leader_year)
    found = list(range(first, max(LATEST_YEAR, first) + 1)) if years is None else [int(y) for y in years]
    if not found:
        raise AssessmentError("没有给出目标年")
    early = [y for y in found if y <= start]
    if early:
        raise AssessmentError(f"目标年 {'、'.join(map(str, early))} 不晚于{home}的末年 {start}，该年已有实际数")
    early = [y for y in found if y < leader_year]
    if early:
        raise AssessmentError(f"目标年 {'、'.join(map(str, early))} 早于{leader}的末年 {leader_year}，请改用之后的年份")
    return found


def _positive_share(share):
    if not (np.isfinite(share) and share > 0):
        raise AssessmentError(f"追赶比例应大于 0（1 表示全部追上），现为 {share:g}")
    return float(share)
