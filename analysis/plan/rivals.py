"""The others' own growth while the plan is carried out: drawn counts of every district."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from ..catchup.counts import simulate_counts
from ..params import AssessmentError


@dataclass(frozen=True)
class Rivals:
    """How the other districts' counts move until the goal is judged.

    annual : indicator -> annual frame (years × districts) of stocks; simulated to ``year`` as by
        :func:`analysis.catchup.counts.simulate_counts`, the simulated change added to the assessed value.
    year : year to which the lists are simulated.
    table : columns district, indicator, expected (number added), spread (standard deviation; blank: as a Poisson
        number, 0: certain); takes the place of the lists for its rows.
    note : Chinese sentence on what is assumed.

    Without lists and table the rivals stand still.
    """

    annual: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    year: int = 0
    table: pd.DataFrame | None = None
    note: str = "假定对手原地不动：没有给出其历年名单或预计新增，把握偏高"

    @property
    def indicators(self) -> set[str]:
        """Indicators in which anyone moves."""
        return set(self.annual) | (set() if self.table is None else set(self.table["indicator"]))

    def draw(self, names: list[str], codes: tuple[str, ...], now: np.ndarray, runs: int, seed: int) -> dict[str, np.ndarray]:
        """Values of all districts: code -> (runs, districts).

        now : assessed values (districts, indicators).
        """
        drawn = {}
        for j, code in enumerate(codes):
            x = np.repeat(now[None, :, j], runs, axis=0)
            if code in self.annual:
                x = x + self._changes(code, names, runs, seed + 101 * j)
            drawn[code] = x
        if self.table is not None:
            rng = np.random.default_rng([seed, 7])
            # In a fixed order, so that the order of the user's rows changes no draw.
            for row in self.table.sort_values(["indicator", "district"], kind="stable").to_dict("records"):
                added = _added(rng, float(row["expected"]), row.get("spread", np.nan), runs)
                if row["indicator"] in drawn:
                    j, d = codes.index(row["indicator"]), names.index(row["district"])
                    drawn[row["indicator"]][:, d] = np.maximum(now[d, j] + added, 0)
        return drawn

    def _changes(self, code, names, runs, seed):
        paths = simulate_counts(self.annual[code], self.year, runs, seed)
        changes = np.zeros((runs, len(names)))
        for d, name in enumerate(paths.districts):
            if name in names:
                changes[:, names.index(name)] = paths.levels[:, -1, d] - paths.drift.at[name, "last"]
        return changes


def still() -> Rivals:
    """Rivals who add nothing."""
    return Rivals()


def rivals_from_lists(annual: Mapping[str, pd.DataFrame], year: int) -> Rivals:
    """Rivals who go on as their lists by year show.

    annual : indicator code -> annual frame of stocks (years × districts).

    Raises
    ------
    AssessmentError if a list already reaches the year; fractions and negative numbers as in ``simulate_counts``.
    """
    for code, frame in annual.items():
        if int(frame.index.max()) >= year:
            raise AssessmentError(f"指标“{code}”的历年名单已到 {int(frame.index.max())} 年，推算的年份 {year} 应更晚")
    return Rivals(dict(annual), int(year), None, f"对手按历年名单推算到 {year} 年，各自独立、逐年新增有波动")


def rivals_from_table(table: pd.DataFrame, districts, codes) -> Rivals:
    """Rivals as the user expects them: district, indicator, expected, and optionally spread.

    Raises
    ------
    AssessmentError naming all rows with unknown district or indicator, a negative spread, a figure that
    is no number, or a pair given twice.
    """
    lacking = [c for c in ("district", "indicator", "expected") if c not in table]
    if lacking:
        raise AssessmentError(f"对手预计表缺少列：{'、'.join({'district': '区县', 'indicator': '指标', 'expected': '预计新增'}[c] for c in lacking)}")
    faults = []
    for n, row in enumerate(table.to_dict("records"), 1):
        spread = row.get("spread", np.nan)
        if row["district"] not in list(districts):
            faults.append(f"第 {n} 行的区县“{row['district']}”不在考核里")
        if row["indicator"] not in list(codes):
            faults.append(f"第 {n} 行的指标“{row['indicator']}”不在考核方案里")
        if not _number(row["expected"]):
            faults.append(f"第 {n} 行的预计新增不是数")
        elif pd.isna(spread) and float(row["expected"]) < 0:
            faults.append(f"第 {n} 行预计减少，须写明标准差（确定的写 0）")
        if not pd.isna(spread) and not (_number(spread) and float(spread) >= 0):
            faults.append(f"第 {n} 行的标准差应为不小于 0 的数")
    twice = table.duplicated(["district", "indicator"])
    faults += [f"第 {n} 行与前面重复" for n in np.flatnonzero(twice) + 1]
    if faults:
        raise AssessmentError("对手预计表有错：" + "；".join(faults))
    return Rivals({}, 0, table.reset_index(drop=True), "对手按所给的预计新增推算，没有列出的对手假定不动")


def _added(rng, expected, spread, runs):
    """Whole numbers added: Poisson, over-dispersed (Gamma–Poisson), or a rounded normal where narrower than Poisson."""
    if pd.isna(spread):
        return rng.poisson(expected, runs).astype(float)
    if spread == 0:
        return np.full(runs, expected)
    if expected > 0 and spread**2 > expected * 1.001:
        excess = spread**2 / expected - 1
        return rng.poisson(rng.gamma(expected / excess, excess, runs)).astype(float)
    return np.round(rng.normal(expected, spread, runs))


def _number(value):
    try:
        return bool(np.isfinite(float(value)))
    except (TypeError, ValueError):
        return False
