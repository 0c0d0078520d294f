"""Strong and weak: where each indicator of a district stands in its group."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..assessment import Assessment
from .peers import part_of, peers
from .rescore import Rescorer
from .thresholds import threshold

STRONG, MIDDLE, WEAK, UNKNOWN, ALONE = "优势", "中游", "劣势", "不详", "不可比"


def strengths(assessment: Assessment, home: str, adjustments: pd.DataFrame | None = None) -> pd.DataFrame:
    """One row per indicator with weight: rank, distances, weight, points lost, class.

    Parameters
    ----------
    assessment : the result; ``home`` a district of it.
    adjustments : see :class:`analysis.weakness.rescore.Rescorer` (only for vetoes).

    Returns
    -------
    DataFrame in the order of the scheme:
    indicator (code), name, part (name of the node under the total), unit, value, score,
    rank, of (districts of the group with a score);
    gap_best, gap_median, gap_next : home's value minus that of the best scored, the
        group's median (home included) and the nearest better scored district, in the
        indicator's unit; gap_next is missing where nobody is ahead;
    score_gap_to_best, score_gap_to_median : the same in points of the indicator's score;
    weight : share of the indicator in the total by the scheme;
    points_lost : by how much the total would rise with the best score of the group on
        this indicator alone: weight × distance for weighted means, with the weights of
        what is left out shared as in the assessment, and by re-aggregation otherwise;
    position : 0 … 100, (districts ahead + half of those level) / (of − 1);
    class : 优势, 中游 or 劣势 by ``strength_thresholds.csv``; 不详 without a value of
        home, 不可比 where no other district has a score.
    """
    rescorer = Rescorer(assessment, home, adjustments)
    nodes, tree = assessment.tree.nodes, assessment.tree
    group = peers(assessment, home)
    rows = []
    for code in (c for c in tree.leaves if nodes.at[c, "global_weight"] > 0):
        row = {"indicator": code, "name": tree.name(code), "part": part_of(assessment, code), "unit": nodes.at[code, "unit"],
               "weight": nodes.at[code, "global_weight"]}
        rows.append({**row, **_standing(assessment, home, group, code, rescorer)})
    columns = ["indicator", "name", "part", "unit", "value", "score", "rank", "of", "gap_best", "gap_median", "gap_next",
               "score_gap_to_best", "score_gap_to_median", "weight", "points_lost", "position", "class"]
    return pd.DataFrame(rows, columns=columns)


def _standing(a, home, group, code, rescorer):
    marks = a.scores.loc[group, code].where(~a.left_out.loc[group, code]).dropna()
    values, own = a.treated.loc[group, code], a.treated.at[home, code]
    found = {"value": own, "score": marks.get(home, np.nan), "rank": np.nan, "of": len(marks), "gap_best": np.nan,
             "gap_median": np.nan, "gap_next": np.nan, "score_gap_to_best": np.nan, "score_gap_to_median": np.nan,
             "points_lost": np.nan, "position": np.nan, "class": UNKNOWN}
    if home not in marks.index:
        return found
    rounded = marks.round(9)
    mine, others = rounded[home], rounded.drop(home)
    better = others[others > mine]
    best = marks[home] if better.empty else marks[better.idxmax()]
    found |= {
        "rank": a.ranks.at[home, code],
        "gap_best": own - (own if better.empty else values[better.idxmax()]),
        "gap_median": own - values.median(),
        "gap_next": np.nan if better.empty else own - values[better.idxmin()],
        "score_gap_to_best": marks[home] - best, "score_gap_to_median": marks[home] - marks.median(),
        "points_lost": _worth_of_score(rescorer, a, home, code, best),
    }
    if others.empty:
        return {**found, "class": ALONE}
    position = 100 * (len(better) + (others == mine).sum() / 2) / len(others)
    return {**found, "position": position, "class": _class(position)}


def _worth_of_score(rescorer, a, home, code, better):
    marks = a.scores[code].to_numpy(copy=True) - a.adjustments[code].to_numpy()
    row = a.scores.index.get_loc(home)
    marks[row] = better - a.adjustments.at[home, code]
    return float(rescorer.totals_of_scores(code, marks[None, :])[0, row] - a.total[home])


def _class(position):
    if position <= threshold("优势位置上限"):
        return STRONG
    return WEAK if position >= threshold("劣势位置下限") else MIDDLE
