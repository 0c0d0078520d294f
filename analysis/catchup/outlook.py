"""One pair of districts, everything a report says about it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..params import AssessmentError
from ..status import derived_status
from .chance import additions_for, chances, growth_for, rank_chances
from .classes import classify
from .frame import ahead_now, checked_frame
from .parameters import LATEST_YEAR
from .paths import Paths
from .required import required_growth


@dataclass(frozen=True)
class Outlook:
    """How far, how fast, by when and with what chance.

    home, leader, indicator, unit : names. year : the year to catch up by. probability : the chance aimed at.
    share : part of the leader's level. ahead : home is there already, judged in judged_year.
    table : see :func:`side_by_side`. chances : see :func:`analysis.catchup.chance.chances`. ranks : year × k,
    P(rank ≤ k). classes : :func:`analysis.catchup.classes.classify` against every other district (None for
    counts). growth_unit : ``%`` or the unit a year. annual, paths : what it was made from. status : 示例 or 推算.
    """

    home: str
    leader: str
    indicator: str
    unit: str
    year: int
    probability: float
    share: float
    ahead: bool
    judged_year: int
    table: pd.DataFrame
    chances: pd.DataFrame
    ranks: pd.DataFrame
    classes: pd.DataFrame | None
    growth_unit: str
    annual: pd.DataFrame
    paths: Paths
    status: str

    @property
    def goal(self) -> str:
        """What is to be reached: the leader, or a part of the leader's level."""
        return self.leader if self.share == 1 else f"{self.leader}的 {100 * self.share:g}%"

    @property
    def suffix(self) -> str:
        """For headings where the goal is not the leader's whole level; else empty."""
        return "" if self.share == 1 else f"（以{self.goal}为目标）"


def side_by_side(
    annual: pd.DataFrame,
    paths: Paths,
    home: str,
    leader: str,
    years: list[int] | None = None,
    probabilities: tuple[float, ...] = (0.5, 0.8, 0.9),
    share: float = 1.0,
) -> pd.DataFrame:
    """What must be done every year, against the present level, against the moving leader, and for a chance.

    Parameters
    ----------
    annual, paths : the frame and its simulation. years : simulated years up to 2035 without it.

    Returns
    -------
    DataFrame, one row per year: year, years_left, home, leader_now, leader_then (on the middle path, both
    × share), fixed, moving, extra (= moving − fixed), one column per probability, expected (home's middle
    path), at, by (the chances on the present course), ahead, note. The needs are % a year; for counts
    whole numbers to add a year, and expected the middle addition.
    """
    if years is None:
        years = [y for y in paths.years if y <= LATEST_YEAR] or list(paths.years)
    chance = chances(paths, home, leader, share).set_index("year").loc[list(years)]
    start, level = paths.last(home)
    middle = paths.median(home)[list(years)].to_numpy()
    left = np.array(years) - start
    if paths.kind == "counts":
        table = _counted(annual, paths, home, leader, years, share)
        needs = additions_for(paths, home, leader, years, probabilities, share)
        table["expected"] = (middle - level) / left
    else:
        table = required_growth(annual, home, leader, years, share, paths.median(leader))
        table["note"] = table["note"].str.replace("按给定走势", "按自身走势的中位路径")
        table = table.rename(columns={"growth_fixed": "fixed", "growth_moving": "moving", "extra_points": "extra"})
        needs = growth_for(paths, home, leader, years, probabilities, share)
        table["expected"] = 100 * ((middle / level) ** (1 / left) - 1)
    needs.index = table.index
    table = table.join(needs)
    table["at"], table["by"] = chance["at"].to_numpy(), chance["by"].to_numpy()
    first = ["year", "years_left", "home", "leader_now", "leader_then", "fixed", "moving", "extra"]
    return table[[*first, *probabilities, "expected", "at", "by", "ahead", "note"]]


def outlook(
    annual: pd.DataFrame,
    paths: Paths,
    home: str,
    leader: str,
    year: int,
    probability: float = 0.8,
    share: float = 1.0,
    indicator: str = "",
    unit: str = "",
    status: pd.DataFrame | None = None,
) -> Outlook:
    """Everything about one pair. `status` : 状态 of `annual`, same shape. See :class:`Outlook`."""
    if year not in paths.years:
        raise AssessmentError(f"目标年 {year} 不在模拟的 {paths.years[0]}—{paths.years[-1]} 年之内；请改目标年或延长模拟")
    counts = paths.kind == "counts"
    frame = checked_frame(annual, counts=counts)
    ahead, judged, _ = ahead_now(frame, home, leader, share)
    shown = tuple(sorted({0.5, probability, 0.9}))
    return Outlook(
        home, leader, indicator, unit, int(year), probability, share, ahead, judged,
        side_by_side(frame, paths, home, leader, [y for y in paths.years if y <= max(LATEST_YEAR, year)], shown, share), chances(paths, home, leader, share), rank_chances(paths, home),
        None if counts else classify(frame, home, year, share, status=status), f"{unit}/年" if counts else "%", frame, paths,
        derived_status([] if status is None else status.to_numpy()))


def _counted(annual, paths, home, leader, years, share):
    frame = checked_frame(annual, [home, leader], counts=True)
    (start, level), (_, theirs) = paths.last(home), paths.last(leader)
    left = np.array(years) - start
    then = share * paths.median(leader)[list(years)].to_numpy()
    ahead, year, note = ahead_now(frame, home, leader, share)
    fixed, moving = (np.maximum(np.ceil(np.round((target - level) / left, 9)), 0) for target in (share * theirs, then))
    notes = [f"{year} 年已领先，所列为保持领先所需"] if ahead else []
    return pd.DataFrame({"year": list(years), "years_left": left, "home": level, "leader_now": share * theirs, "leader_then": then,
                         "fixed": fixed, "moving": moving, "extra": moving - fixed, "ahead": ahead,
                         "note": "；".join([*notes, *filter(None, [note])])})
