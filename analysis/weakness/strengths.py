"""Strong and weak: where each indicator of a district stands in its group."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..assessment import Assessment
from ..kept import once_for_each
from .peers import NOISE, part_of, peers
from .rescore import Rescorer
from .thresholds import threshold

STRONG, MIDDLE, WEAK, UNKNOWN, ALONE = "优势", "中游", "劣势", "不详", "不可比"


@once_for_each
def strengths(assessment: Assessment, home: str, adjustments: pd.DataFrame | None = None) -> pd.DataFrame:
    """One row per indicator with weight: rank, distances, weight, points lost, class.

    Parameters
    ----------
    assessment : the result; ``home`` a district of it.
    adjustments : see :class:`analysis.weakness.rescore.Rescorer` (only for vetoes).

    Returns
    -------
    DataFrame in the order of the scheme:
    indicator (code), name, part (name of the node under the total), unit, direction,
    value, score, rank (missing where nobody else has a score), of (districts of the group with a score), level (how many of them
    share home's score);
    gap_best, gap_median, gap_next : home's value minus that of the best scored, the
        group's median (home included) and the nearest better scored district, in the
        indicator's unit; gap_next is missing where nobody is ahead;
    score_gap_to_best, score_gap_to_median : the same in points of the indicator's score;
    weight : share of the indicator in the total by the scheme;
    points_lost : by how much the total would rise with the best score of the group on
        this indicator alone: weight × distance for weighted means, with the weights of
        what is left out shared as in the assessment, and by re-aggregation otherwise;
    estimated, best_estimated, median_estimated, next_estimated : whether home's value, or
        that of the district compared with (for the median: anyone's), is a masked one that
        was scored at the midpoint of its bounds;
    position : 0 … 100, (districts ahead + half of those level) / (of − 1);
    class : 优势, 中游 or 劣势 by ``strength_thresholds.csv``; 不详 without a value of
        home, 不可比 where no other district has a score.

    Where home's total is unknown, ``points_lost`` is missing and the rest is given.
    """
    group = peers(assessment, home)
    rescorer = Rescorer(assessment, home, adjustments) if pd.notna(assessment.total[home]) else None
    nodes, tree = assessment.tree.nodes, assessment.tree
    rows = []
    for code in (c for c in tree.leaves if nodes.at[c, "global_weight"] > 0):
        row = {"indicator": code, "name": tree.name(code), "part": part_of(assessment, code), "unit": nodes.at[code, "unit"],
               "direction": nodes.at[code, "direction"] or "正向", "weight": nodes.at[code, "global_weight"]}
        rows.append({**row, **_standing(assessment, home, group, code, rescorer)})
    columns = ["indicator", "name", "part", "unit", "direction", "value", "score", "rank", "of", "level", "gap_best", "gap_median", "gap_next",
               "score_gap_to_best", "score_gap_to_median", "weight", "points_lost", "position", "class",
               "estimated", "best_estimated", "median_estimated", "next_estimated"]
    return pd.DataFrame(rows, columns=columns)


def node_class(assessment: Assessment, home: str, node: str) -> str:
    """The class of home's score on any node among its group, by the thresholds of :func:`strengths`."""
    marks = assessment.scores.loc[peers(assessment, home), node].where(~assessment.left_out.loc[peers(assessment, home), node]).dropna().round(NOISE)
    if home not in marks.index:
        return UNKNOWN
    return ALONE if len(marks) < 2 else _class(_position(marks, home))


def _standing(a, home, group, code, rescorer):
    marks = a.scores.loc[group, code].where(~a.left_out.loc[group, code]).dropna()
    values, own = a.treated.loc[group, code], a.treated.at[home, code]
    guessed = a.masked.loc[group, code] & values.notna()
    found = {"value": own, "score": marks.get(home, np.nan), "rank": np.nan, "of": len(marks), "level": 0, "gap_best": np.nan,
             "gap_median": np.nan, "gap_next": np.nan, "score_gap_to_best": np.nan, "score_gap_to_median": np.nan,
             "points_lost": np.nan, "position": np.nan, "class": UNKNOWN, "estimated": bool(guessed[home]), "best_estimated": False,
             "median_estimated": bool(guessed.any()), "next_estimated": False}
    if home not in marks.index:
        return found
    rounded = marks.round(NOISE)
    mine, others = rounded[home], rounded.drop(home)
    better = others[others > mine]
    first, above = (home, "") if better.empty else (better.idxmax(), better.idxmin())
    found |= {
        "rank": a.ranks.at[home, code], "level": int((others == mine).sum()),
        "gap_best": own - values[first], "gap_median": own - values.median(), "gap_next": own - values[above] if above else np.nan,
        "best_estimated": bool(guessed[home] or guessed[first]), "next_estimated": bool(above and (guessed[home] or guessed[above])),
        "score_gap_to_best": marks[home] - marks[first], "score_gap_to_median": marks[home] - marks.median(),
        "points_lost": np.nan if rescorer is None else _worth_of_score(rescorer, a, home, code, marks[first]),
    }
    if others.empty:
        return {**found, "rank": np.nan, "class": ALONE}
    position = _position(rounded, home)
    return {**found, "position": position, "class": _class(position)}


def _position(marks, home):
    """0 for alone first … 100 for alone last."""
    others = marks.drop(home)
    return 100 * ((others > marks[home]).sum() + (others == marks[home]).sum() / 2) / len(others)


def _worth_of_score(rescorer, a, home, code, better):
    marks = a.scores[code].to_numpy(copy=True) - a.adjustments[code].to_numpy()
    row = a.scores.index.get_loc(home)
    marks[row] = better - a.adjustments.at[home, code]
    return float(rescorer.totals_of_scores(code, marks[None, :])[0, row] - a.total[home])


def _class(position):
    if position <= threshold("优势位置上限"):
        return STRONG
    return WEAK if position >= threshold("劣势位置下限") else MIDDLE
