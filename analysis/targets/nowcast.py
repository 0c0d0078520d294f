"""The year's total from a part of it, with an interval from how the shares have varied."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import t as student

from ..params import AssessmentError
from .settings import setting


@dataclass(frozen=True)
class Nowcast:
    """What the year's total will be, given the sum to date.

    point : median of the total; lower, upper : its interval at ``level`` (None where there
        are too few years). share : usual share of the year to date (0–1).
    centre, spread, df : of z = ln((total − to date) ÷ to date), Student t.
    years : complete years behind the share. pooled : other districts whose years help to
        tell the spread. note : Chinese sentences.
    """

    point: float
    lower: float | None
    upper: float | None
    level: float
    share: float
    cumulative: float
    centre: float
    spread: float | None
    df: float | None
    years: tuple[int, ...]
    pooled: tuple[str, ...]
    note: tuple[str, ...]

    def probability(self, target: float) -> float | None:
        """P(total ≥ target) from the same distribution; None where there is no interval."""
        if target <= self.cumulative:
            return 1.0
        if self.share >= 1:
            return 0.0
        if self.spread is None:
            return None
        z = np.log((target - self.cumulative) / self.cumulative) - self.centre
        return float(student.sf(z / self.spread, self.df)) if self.spread > 0 else float(z <= 0)


def nowcast(cumulative: float, part: int, history: pd.DataFrame, pooled: Mapping[str, pd.DataFrame] | None = None,
            district: str = "本区", level: float | None = None, leave_out: Iterable[int] = ()) -> Nowcast:
    """The year's total from the sum to the end of ``part``.

    z_t = ln((T_t − c_t) ÷ c_t) of the complete years t; the next z is t-distributed around
    their mean with scale s·√(1 + 1/n), T = c·(1 + e^z). s is the standard deviation of the
    district's own z (df = n − 1); with fewer own years than 单区年数下限 it is pooled over
    the districts, each around its own mean, and df = Σ(n_d − 1) ÷ (1 + (m − 1)·ρ²): m
    districts that swing together (ρ, their mean correlation within a year) tell less.

    Parameters
    ----------
    cumulative : sum to date, above zero.
    part : the part of the year it reaches; a column of ``history``.
    history : year × part, cumulative; the last column is the year's total; incomplete years
        (no total, or masked at ``part``) are passed over.
    pooled : district -> the same, for other districts (the district itself may be in it).
    level : probability of the interval; by default 区间概率 of the table.
    leave_out : years not to be used, such as one known to be exceptional.

    Raises
    ------
    AssessmentError for a sum that is not positive, a part that history does not have, or no
    complete year at all. With fewer than 区间最少年数 years there is a point and no interval.
    """
    level = _level(level)
    if not (np.isfinite(cumulative) and cumulative > 0):
        raise AssessmentError(f"{district}本年累计数为 {cumulative:g}，必须大于 0 才能预计全年")
    own, note = log_rests(history, part, district, leave_out)
    others = {}
    if pooled is not None and len(own) < setting("单区年数下限"):
        others = {name: log_rests(other, part, name, leave_out)[0] for name, other in pooled.items() if name != district and part in other.columns}
    return _from_rests(cumulative, part == history.columns[-1], own, others, district, level, note)


def _level(level: float | None) -> float:
    level = setting("区间概率") if level is None else level
    if not 0 < level < 1:
        raise AssessmentError(f"区间概率应在 0 与 1 之间，现为 {level:g}")
    return level


def _from_rests(cumulative: float, finished: bool, own: pd.Series, others: Mapping[str, pd.Series], district: str, level: float,
                note: list[str]) -> Nowcast:
    """The nowcast from the z of the district's years and of the other districts'; ``finished``: the sum is the year's."""
    years = tuple(int(y) for y in own.index)
    if finished:
        return Nowcast(cumulative, cumulative, cumulative, level, 1.0, cumulative, -np.inf, 0.0, np.inf, years, (), ("全年数已出，不再预计",))
    if own.empty:
        raise AssessmentError("；".join([f"{district}没有一个可用的完整年份，不知道到该期通常完成全年的多少，不能预计全年", *note]))
    centre, n = float(own.mean()), len(own)
    least = int(setting("区间最少年数"))
    spread = df = lower = upper = None
    names: tuple[str, ...] = ()
    if n < least:
        note.append(f"只有 {n} 个完整年份，不足 {least} 个，只给预计数，不给区间和概率")
    else:
        s, df, names = _spread(own, others)
        spread = float(s * np.sqrt(1 + 1 / n))
        half = student.ppf((1 + level) / 2, df) * spread
        lower, upper = (float(cumulative * (1 + np.exp(centre + sign * half))) for sign in (-1, 1))
        if names:
            note.append(f"本区完整年份只有 {n} 个，进度的波动幅度由本区和另外 {len(names)} 个区县合并估计（各围绕自己的平均，扣除同涨同落的重复信息）")
    return Nowcast(float(cumulative * (1 + np.exp(centre))), lower, upper, level, float(1 / (1 + np.exp(centre))), float(cumulative),
                   centre, spread, df, years, names, tuple(note))


def log_rests(history: pd.DataFrame, part: int, district: str = "本区", leave_out: Iterable[int] = ()) -> tuple[pd.Series, list[str]]:
    """ln((T − c) ÷ c) of each usable year of a district, and what was left out, in Chinese.

    Years without a total or masked at ``part`` are incomplete and passed over; a year whose
    cumulative sums fall, or whose total does not exceed the sum to date, is left out and named.
    """
    if part not in history.columns:
        raise AssessmentError(f"{district}的历史没有第 {part} 期，只有 {'、'.join(map(str, history.columns))}；请核对月份口径（1—2 月是否合并）")
    note = []
    skipped = [int(y) for y in history.index if y in set(leave_out)]
    if skipped:
        note.append(f"{district}按指定不用 {'、'.join(map(str, skipped))} 年")
    kept = history[~history.index.isin(skipped)].sort_index()
    sums = kept.astype(float).to_numpy()
    to_date, total = sums[:, kept.columns.get_loc(part)], sums[:, -1]
    whole = ~(np.isnan(to_date) | np.isnan(total))
    falling = whole & np.array([(np.diff(year[~np.isnan(year)]) < 0).any() for year in sums], dtype=bool)
    empty = whole & ~((to_date > 0) & ((total > to_date) | (part == history.columns[-1])))
    bad = [int(y) for y in kept.index[falling | empty]]
    if bad:
        note.append(f"{district} {'、'.join(map(str, bad))} 年累计数下降、为零或全年不大于到期累计，不用于进度规律，请核对")
    good = whole & ~falling & ~empty
    if part == history.columns[-1]:
        return pd.Series(-np.inf, kept.index[good]), note
    return pd.Series(np.log(total[good] / to_date[good] - 1), kept.index[good]), note


def _spread(own, others):
    """Standard deviation of a year's z around its district's mean, df, other districts used (where its own years are few)."""
    found = {name: z for name, z in others.items() if len(z) >= 2}
    if not found or len(own) >= setting("单区年数下限"):
        return float(own.std(ddof=1)), float(len(own) - 1), ()
    swings = [dict(zip(z.index, z)) for z in (*found.values(), own)]
    years = sorted(set().union(*swings))
    left = np.array([[z.get(year, np.nan) for year in years] for z in swings])
    known = ~np.isnan(left)
    left = np.where(known, left - np.nanmean(left, axis=1, keepdims=True), 0.0)
    dof, squares = float((known.sum(axis=1) - 1).sum()), float((left**2).sum(axis=1).sum())
    variance = squares / dof
    alike = known.sum(axis=0)
    pairs = float((alike * (alike - 1)).sum())
    # Deviations from a district's own mean are smaller than the swings; both terms alike.
    shrink = dof / float(known.sum())
    cross = float((left.sum(axis=0) ** 2 - (left**2).sum(axis=0)).sum()) / pairs / shrink if pairs else 0.0
    rho = float(np.clip(cross / variance, 0, 1)) if variance > 0 else 0.0
    together = float(alike.mean())
    return float(np.sqrt(variance)), dof / (1 + (together - 1) * rho**2), tuple(found)


def backtest_nowcast(histories: Mapping[str, pd.DataFrame], part: int, level: float | None = None,
                     growth: Mapping[str, pd.Series] | None = None, pool: bool = True) -> pd.DataFrame:
    """What the nowcast would have said in past years, from the years before each alone.

    Naive: last year's total × (1 + growth to date); the growth is the published one where
    given, else from the levels.

    Parameters
    ----------
    histories : district -> year × part, cumulative.
    growth : district -> year -> published growth to ``part``, %.

    Returns
    -------
    DataFrame, one row per district and year with at least 区间最少年数 complete years before
    it: district, year, years (before it), actual, nowcast, lower, upper, inside, error and
    naive_error (% of actual; naive missing where last year has no figure). Empty where there
    are too few years.
    """
    level, rows = _level(level), []
    # Whether a year is usable, and its z, depends on no other year: what was known before a year is a part of all.
    rests = {district: log_rests(history, part, district)[0] for district, history in histories.items()}
    for district, history in histories.items():
        known = rests[district]
        for year in known.index:
            if (known.index < year).sum() < setting("区间最少年数"):
                continue
            others = {d: z[z.index < year] for d, z in rests.items() if d != district} if pool else {}
            to_date, actual = float(history.at[year, part]), float(history.at[year, history.columns[-1]])
            said = _from_rests(to_date, part == history.columns[-1], known[known.index < year], others, district, level, [])
            naive = _naive(history, year, part, (growth or {}).get(district))
            rows.append({"district": district, "year": int(year), "years": len(said.years), "actual": actual, "nowcast": said.point,
                         "lower": said.lower, "upper": said.upper, "inside": bool(said.lower <= actual <= said.upper),
                         "error": 100 * (said.point / actual - 1), "naive_error": 100 * (naive / actual - 1)})
    columns = ["district", "year", "years", "actual", "nowcast", "lower", "upper", "inside", "error", "naive_error"]
    return pd.DataFrame(rows, columns=columns)


def backtest_summary(table: pd.DataFrame, level: float | None = None) -> dict[str, object]:
    """How the past nowcasts did.

    Returns
    -------
    dict: count, years (calendar years among them), level, coverage, error (mean absolute, %),
    compared (how many have a naive figure), error_compared and naive_error (of those),
    missed (years in which fewer than half the intervals covered: the districts were off together).

    Raises AssessmentError where there is nothing to sum up.
    """
    if table.empty:
        raise AssessmentError(f"完整年份太少（每次回测之前至少要有 {setting('区间最少年数'):g} 年），不能回测全年预计")
    both = table.dropna(subset=["naive_error"])
    covered = table.groupby("year")["inside"].mean()
    return {"count": len(table), "years": table["year"].nunique(), "level": setting("区间概率") if level is None else level,
            "missed": tuple(int(y) for y in covered.index[covered < 0.5]), "coverage": float(table["inside"].mean()), "error": float(table["error"].abs().mean()), "compared": len(both),
            "error_compared": float(both["error"].abs().mean()), "naive_error": float(both["naive_error"].abs().mean())}


def _naive(history, year, part, growth):
    if year - 1 not in history.index:
        return np.nan
    last = float(history.at[year - 1, history.columns[-1]])
    if growth is not None and pd.notna(growth.get(year, np.nan)):
        return last * (1 + float(growth[year]) / 100)
    return last * float(history.at[year, part]) / float(history.at[year - 1, part])
