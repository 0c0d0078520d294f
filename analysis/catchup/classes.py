"""Is a district on track: the speed at which it closes in, against the speed that the year asks for."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..status import derived_status
from .frame import ahead_now, average_growth, checked_frame, growth_rates
from .parameters import class_rows, parameter
from .required import required_growth

AHEAD, ON_TRACK, ACCELERATE, OFF_TRACK, FALLING_BEHIND, TOO_FEW = "已领先", "可望赶上", "需要加快", "偏离", "差距拉大", "数据太少"


def classify(
    annual: pd.DataFrame,
    home: str,
    year: int,
    share: float = 1.0,
    others: list[str] | None = None,
    status: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Class of home against each other district: will its past growth bring it level by `year`.

    Parameters
    ----------
    annual : annual frame (years, districts), levels > 0. share : part of the other's level to reach.
    others : districts to compare with; all others without it. status : 状态 of the frame, same shape.

    With a home's and b the other's average log growth over their history and r the log growth home needs
    against the other going on at b (:func:`analysis.catchup.required.required_growth`):
    ratio = (a − b) / (r − b), achieved over required closing speed; shortfall = required − achieved growth
    in percentage points. The first class of ``tables/catchup_classes.csv`` whose ratio is reached, or whose
    shortfall is not exceeded, holds; 已领先 and 数据太少 (fewer growth rates than 最少增速个数) go first.

    Returns
    -------
    DataFrame, one row per other district: home, other, year, home_level, other_level (last values),
    achieved, other_growth, required, shortfall (% a year and points), ratio, class, why (Chinese), status.
    """
    frame = checked_frame(annual)
    others = [d for d in frame.columns if d != home] if others is None else list(others)
    frame = checked_frame(annual, [home, *others])
    counted = growth_rates(frame).groupby("district").size()
    rows = [_against(frame, counted, home, other, int(year), share) for other in others]
    table = pd.DataFrame(rows, columns=["home", "other", "year", "home_level", "other_level", "achieved", "other_growth", "required",
                                        "shortfall", "ratio", "class", "why"])
    table["status"] = [derived_status([] if status is None else status[[home, other]].to_numpy()) for other in table["other"]]
    return table


def _against(frame, counted, home, other, year, share):
    ahead, when, _ = ahead_now(frame, home, other, share)
    row = {"home": home, "other": other, "year": year, "home_level": frame[home].dropna().iloc[-1],
           "other_level": frame[other].dropna().iloc[-1], "achieved": np.nan, "other_growth": np.nan, "required": np.nan,
           "shortfall": np.nan, "ratio": np.nan}
    short = [f"{d}只有 {counted.get(d, 0)} 个年增速" for d in (home, other) if counted.get(d, 0) < parameter("最少增速个数")]
    if short:
        return {**row, "class": TOO_FEW, "why": "、".join(short) + "，不分类" + (f"（{when} 年已领先）" if ahead else "")}
    achieved, theirs = average_growth(frame, home), average_growth(frame, other)
    required = float(required_growth(frame, home, other, [year], share)["growth_moving"].iloc[0])
    row |= {"achieved": achieved, "other_growth": theirs, "required": required, "shortfall": required - achieved}
    if ahead:
        trend = "领先在扩大" if achieved > theirs else f"但增速低 {theirs - achieved:.1f} 个百分点，领先在缩小"
        lost = "；按此走势到期将被反超" if required > achieved else ""
        return {**row, "class": AHEAD, "why": f"{when} 年已领先，{trend}{lost}"}
    row["ratio"] = _ratio(*(np.log1p(x / 100) for x in (achieved, theirs, required)))
    name = class_of(row["ratio"], row["shortfall"])
    said = f"过去年均 {achieved:.1f}%，对方 {theirs:.1f}%，需要 {required:.1f}%，"
    said += f"还差 {required - achieved:.1f} 个百分点" if required > achieved else "已够"
    if name == FALLING_BEHIND:
        said += "，差距在扩大"
    elif required > achieved:
        near = abs(achieved - theirs) < 0.05
        said += "，增速与对方相当，比例不缩小" if near else f"，追赶速度为所需的 {row['ratio']:.0%}"
    return {**row, "class": name, "why": said.replace("-", "−")}


def class_of(ratio: float, shortfall: float) -> str:
    """Class of a ratio of closing speeds and a shortfall in percentage points, by the table."""
    for row in class_rows():
        if row["比值下限"] == "":
            continue
        if ratio >= float(row["比值下限"]) or (row["差额上限"] != "" and shortfall <= float(row["差额上限"])):
            return row["类别"]
    return FALLING_BEHIND


def _ratio(achieved, theirs, required):
    if required <= theirs:
        # Behind and yet no faster growth is asked for: only where the last years differ.
        return np.inf if achieved >= required else -np.inf
    return (achieved - theirs) / (required - theirs)
