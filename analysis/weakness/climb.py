"""What moves a district up: the least change of one indicator, and several raised together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..assessment import Assessment
from ..kept import once_for_each
from .levers import HEAD, head
from .peers import ahead, require_district
from .rescore import Rescorer
from .search import GRID, MOST_DECIMALS, best_value, decimals_of, first_value, grid, in_data_decimals, levels, search_end, way, whole_units


@once_for_each
def smallest_single_change(assessment: Assessment, home: str, places: int = 1, reach: float = 3.0,
                           adjustments: pd.DataFrame | None = None) -> pd.DataFrame:
    """The least change of each single indicator that moves home up ``places`` in its group.

    Values are tried the good way, from home's own to ``reach`` times the spread of all
    districts beyond the best value (or to the natural limit: 0, 100 %, the target of a
    适度 indicator); see :func:`analysis.weakness.search.first_value`. For methods by
    bounds, places, bands, targets or best values the margin over a rival never falls as
    the own value rises, so the first success is the least; for 标准分 it can fall (a far
    value widens s for everybody), and a success narrower than the grid could be missed.

    Parameters
    ----------
    places : how many places up, at least 1.
    reach : how far beyond the best value to look, in spreads.

    Returns
    -------
    DataFrame, reachable and relatively smallest first; empty for a district that cannot
    rise ``places`` places:
    indicator, name, part, unit, value, reachable, least (the exact threshold), needed
    (the first value from there on with the data's decimals that suffices; both missing
    where not reachable), change (needed − value), tied_with (who then has the same total,
    names), alone_at (the value, in the data's decimals, from which home holds such a
    place alone; ``needed`` where nobody is level; missing where there is none), at (the
    value that the next columns are for: ``needed``, else the best for home among those
    some district has reached), rank_after, points (gain of home's total there),
    rival_change (change of the total of the district now so many places up, the rival),
    share_of_gap = (points − rival_change) ÷ distance to the rival (below 1 where another
    one falls behind home first), share_to_best (change ÷ distance to the best value;
    missing where home is best), beyond_best (nobody has such a value), decimals, note.
    """
    rescorer, rows = Rescorer(assessment, home, adjustments), []
    goal, better = rescorer.rank_now - places, ahead(assessment, home)
    rival = better[min(places, len(better)) - 1] if better else ""
    for code in rescorer.levers() if goal >= 1 and rival else []:
        rows.append({**head(assessment, home, code), **_least(rescorer, code, goal, rival, reach)})
    columns = [*HEAD, "reachable", "least", "needed", "change", "tied_with", "alone_at", "at", "rank_after", "points", "rival_change",
               "share_of_gap", "share_to_best", "beyond_best", "decimals", "note"]
    table = pd.DataFrame(rows, columns=columns)
    far = table.assign(far=~table["reachable"].astype(bool), left=-table["share_of_gap"].astype(float))
    order = far.sort_values(["far", "beyond_best", "share_to_best", "left"], kind="stable").index
    return table.loc[order].reset_index(drop=True)


@dataclass(frozen=True)
class Joint:
    """Several indicators raised to another district's values at once.

    raised : codes of the indicators on which home was behind.
    points, rival_change : change of home's and of the other's total.
    left : points by which home is still behind the other (negative: ahead).
    rank_before, rank_after : home's ranks in its group.
    """

    raised: tuple[str, ...]
    points: float
    rival_change: float
    left: float
    rank_before: float
    rank_after: float


def joint_worth(assessment: Assessment, home: str, other: str, codes: list[str], adjustments: pd.DataFrame | None = None) -> Joint:
    """What home gains by having the other district's values on all of ``codes`` where it is behind.

    The whole assessment is made again once, with all changes together; without any
    indicator behind, nothing changes.
    """
    require_district(assessment, home, other)
    rescorer, values = Rescorer(assessment, home, adjustments), assessment.treated
    behind = tuple(c for c in codes if c in rescorer.levers() and assessment.scores.at[other, c] > assessment.scores.at[home, c]
                   and pd.notna(values.at[other, c]))
    totals = rescorer.together({c: float(values.at[other, c]) for c in behind})
    theirs = float(totals[0, assessment.scores.index.get_loc(other)] - assessment.total[other])
    return Joint(behind, float(rescorer.gain(totals)[0]), theirs, -float(rescorer.margin(totals, other)[0]),
                 rescorer.rank_now, float(rescorer.ranks(totals)[0]))


def _least(rescorer, code, goal, rival, reach):
    a, home = rescorer.assessment, rescorer.home
    sign, value, whole = way(a, home, code), float(a.treated.at[home, code]), whole_units(a, code)
    end, best = search_end(a, home, code, reach), best_value(a, home, code)
    if sign == 0 or (end - value) * sign <= 0:
        end = value

    def enough(totals):
        return rescorer.ranks(totals) <= goal

    def by_itself(totals):
        return enough(totals) & ~rescorer.level(totals).any(1)

    least = first_value(rescorer, code, value, end, enough, whole)
    needed = None if least is None else in_data_decimals(rescorer, code, least, value, end, enough)
    shown = _best_place(rescorer, code, value, best if (best - value) * sign > 0 else value, rival) if needed is None else needed
    totals, gap = rescorer.totals(code, shown), a.total[rival] - a.total[home]
    tied = [] if needed is None else list(a.scores.index[rescorer.level(totals)[0]])
    alone_at = np.nan if needed is None else needed
    if tied:
        alone_at = _alone(rescorer, code, needed, end, by_itself)
    points, change = float(rescorer.gain(totals)[0]), np.nan if needed is None else needed - value
    theirs = float(totals[0, a.scores.index.get_loc(rival)] - a.total[rival])
    return {
        "reachable": needed is not None, "least": np.nan if least is None else least, "needed": np.nan if needed is None else needed,
        "change": change, "tied_with": "、".join(map(str, tied)), "alone_at": alone_at, "at": shown, "rank_after": rescorer.ranks(totals)[0],
        "points": points, "rival_change": theirs, "share_of_gap": (points - theirs) / gap,
        "share_to_best": change / (best - value) if (best - value) * sign > 0 else np.nan,
        "beyond_best": bool(needed is not None and (needed - best) * sign > 0), "decimals": decimals_of(a, code),
        "note": _note(needed, rescorer.ranks(totals)[0], rescorer.rank_now, (needed or 0) * sign > best * sign, (best - value) * sign > 0),
    }


def _alone(rescorer, code, needed, end, by_itself):
    """The first value beyond ``needed``, in the data's decimals, that shares its place with nobody; missing if none."""
    a, sign = rescorer.assessment, np.sign(end - needed)
    near = np.round(needed + sign * np.arange(1, GRID + 1) * 10.0 ** -decimals_of(a, code), MOST_DECIMALS)
    near = near[(end - near) * sign >= 0]
    hit = by_itself(rescorer.totals(code, near)) if sign and len(near) else np.zeros(0, bool)
    if hit.any():
        return float(near[hit.argmax()])
    found = first_value(rescorer, code, needed, end, by_itself, whole_units(a, code))
    return np.nan if found is None else in_data_decimals(rescorer, code, found, needed, end, by_itself)


def _best_place(rescorer, code, value, end, rival):
    """Where home's rank is best within reach; of equals the closest to the rival, then the nearest."""
    if end == value:
        return value
    points = grid(value, end, levels(rescorer.assessment, code))
    if whole_units(rescorer.assessment, code):
        points = points[points % 1 == 0]
    points = np.concatenate([[value], points])
    totals = rescorer.totals(code, points)
    margin = np.round(rescorer.margin(totals, rival), 9)
    return float(points[np.lexsort((np.abs(points - value), -margin, rescorer.ranks(totals)))[0]])


def _note(needed, rank, now, beyond, behind):
    if needed is not None:
        return "要超过目前各地区最好水平" if beyond else ""
    if not behind:
        return "单靠这一项做不到，本区已是最好水平"
    return "单靠这一项做不到，" + ("位次不变" if rank >= now else f"最多升到第 {rank:.0f} 位")
