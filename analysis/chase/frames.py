"""The annual levels that a catch-up rests on, from series or from the lists of recognised enterprises."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pandas as pd

from ..catchup.parameters import parameter
from ..catchup.scenarios import COUNT_UNITS
from ..params import AssessmentError
from ..provenance import source_line
from ..series import Series, annual, annual_status, indicators, read_series
from ..series.nature import RATIO
from ..status import derived_status
from ..weakness.location import OUTPUTS
from ..weakness.recognition_view import recognition_flow

GROWTH, COUNTS = "增速", "个数"


@dataclass(frozen=True)
class Levels:
    """One indicator by year and district.

    annual : annual frame, in ``unit``; status : 状态, same shape. kind : 增速 (levels multiply) or 个数 (whole
    numbers add up). series : where it came from; None for recognitions. source : 来源 in a line.
    notes : Chinese sentences on what was left out.
    """

    indicator: str
    unit: str
    kind: str
    annual: pd.DataFrame
    status: pd.DataFrame
    series: Series | None
    source: str
    notes: tuple[str, ...]

    @property
    def derived(self) -> str:
        """状态 of what is computed from the levels."""
        return derived_status(self.status.to_numpy())


def chased_indicators(case, wanted: str = "") -> list[str]:
    """What to catch up on: ``wanted`` (names apart by 、), else 追赶指标 of the case, else every amount or number in
    时间序列 that has annual figures.

    Raises AssessmentError for a name that is neither in 时间序列 nor in 认定名单.
    """
    table = indicators(case)
    known = [*table["indicator"], *dict.fromkeys(case.recognitions["certification"])]
    names = [name.strip() for name in re.split(r"[、，,；;]", wanted) if name.strip()] or list(case.chased)
    unknown = [name for name in names if name not in known]
    if unknown:
        raise AssessmentError(f"时间序列和认定名单里都没有“{'、'.join(unknown)}”；可用：{'、'.join(known)}")
    usable = table[(table["parts"] > 0) & (table["nature"] != RATIO)]
    return list(dict.fromkeys(names)) or list(usable["indicator"])


def levels(case, indicator: str) -> Levels:
    """Annual levels of an indicator of 时间序列, or of a recognition counted from 认定名单.

    Years before 可比起始年 of the case and districts without a single annual figure are left out and named. Things
    that are counted (家, 个, 户, recognitions) are simulated as numbers where none exceeds 按个数模拟上限 of
    ``tables/catchup_parameters.csv`` or one is 0.

    Raises
    ------
    AssessmentError for an indicator that cannot be read, a ratio, or one of which no district has an annual figure.
    """
    if indicator in set(case.series["indicator"]):
        series = read_series(case, indicator)
        if series.nature == RATIO:
            raise AssessmentError(f"“{indicator}”以{series.unit or '比率'}计，逐年复合没有意义，不能测算追赶；请改用绝对数，或看 01、02 两篇里它的位次")
        frame, status, unit = annual(series), annual_status(series), series.unit
        rows = case.series[case.series["indicator"] == indicator]
    else:
        series, rows = None, case.recognitions[case.recognitions["certification"] == indicator]
        frame, status, unit = _recognised(case, indicator, rows)
    notes = []
    since = case.comparable_since
    if series is not None and since is not None and (frame.index < since).any():
        notes.append(f"{since} 年以前口径不同（说明表“可比起始年”），{int(frame.index[0])}—{since - 1} 年的数不参加测算")
        frame = frame[frame.index >= since]
    frame = frame.dropna(how="all").sort_index()
    empty = list(frame.columns[frame.isna().all()])
    if frame.empty or len(empty) == len(frame.columns):
        raise AssessmentError(f"“{indicator}”没有一个区县有完整年份的数，不能按年测算追赶；请在时间序列表补上全年数或 12 月累计数")
    if empty:
        notes.append(f"{'、'.join(empty)}没有完整年份的数，不参加测算")
        frame = frame.drop(columns=empty)
    if series is None:
        notes.append(f"“{indicator}”各年数由认定名单按年份累计（已撤销、未通过的不计），名单不全则偏少")
    status = status.reindex(index=frame.index, columns=frame.columns).fillna("")
    known = frame.stack()
    counted = series is None or unit in COUNT_UNITS
    whole = counted and (known % 1 == 0).all() and (known.max() <= parameter("按个数模拟上限") or (known == 0).any())
    return Levels(indicator, unit, COUNTS if whole else GROWTH, frame, status, series, source_line(rows), tuple(notes))


def measure_of(indicator: str) -> str | None:
    """Column of the roster that adds up to an indicator (开票销售, 工业增加值, 营业收入); None for any other."""
    return next((column for column, name in OUTPUTS.items() if column != "enterprises" and name in indicator), None)


def unbroken(frame: pd.DataFrame) -> pd.DataFrame:
    """Every column from its last gap on, on an index without missing years: what a forecast may look back on."""
    whole = frame.reindex(range(int(frame.index[0]), int(frame.index[-1]) + 1))
    kept = whole.copy()
    for district in whole:
        known = whole[district].notna()
        last = whole[district].last_valid_index()
        gaps = whole.index[~known & (whole.index < last)]
        if len(gaps):
            kept.loc[:gaps[-1], district] = float("nan")
    return kept.dropna(how="all")


def _recognised(case, certification, rows):
    flow = recognition_flow(rows, case.year)
    flow = flow[flow["district"].isin(set(case.districts["district"]))]
    stock = flow.pivot(index="year", columns="district", values="stock")
    years = range(int(stock.index.min()), case.year + 1) if len(stock) else []
    stock = stock.reindex(index=years, columns=list(case.districts["district"])).ffill().fillna(0.0)
    stock.columns.name = None
    status = derived_status(rows["status"])
    return stock.set_axis([int(y) for y in stock.index]), pd.DataFrame(status, stock.index, stock.columns), "家"
