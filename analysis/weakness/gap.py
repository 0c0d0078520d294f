"""Why one district is ahead of another: the score gap, split over the indicators."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from ..aggregation import FUNCTIONS
from ..assessment import ADJUSTMENT, Assessment
from ..params import AssessmentError
from .owen import coalitions, pair_of, sampled_parts, slopes, step_value
from .peers import next_above, peers, require_district, rivals

MEDIAN, GROUP = "同组中位数", "同组"
EXACT_LINEAR, EXACT_SHAPLEY, SAMPLED = "权重×得分差（精确）", "逐级沙普利值（枚举，精确）", "逐级沙普利值（随机抽样）"
ENUMERATION_LIMIT = 1 << 18
_TIE = 1e-9


@dataclass(frozen=True)
class Gap:
    """The difference of two total scores and what each part makes of it.

    parts : part -> points, home minus other (negative: home loses there); indicators,
        or the nodes under the total, and 加减分. They sum to ``total``.
    total : home's total minus other's, points.
    method : how the split was made, in Chinese.
    error : standard error of each part in points; zero unless sampled.
    top : part -> node directly under the total that it belongs to.
    names : part or node under the total -> name.
    """

    home: str
    other: str
    parts: pd.Series
    total: float
    method: str
    error: pd.Series
    top: pd.Series
    names: dict[str, str]

    def by_part(self) -> pd.Series:
        """The same gap by the nodes directly under the total, and 加减分."""
        return self.parts.groupby(self.top.reindex(self.parts.index), sort=False).sum()


def score_gap(assessment: Assessment, home: str, other: str, leaves: bool = True, samples: int = 4000, seed: int = 0) -> Gap:
    """Split ``total[home] − total[other]`` over indicators so that the parts sum to it.

    Where every node on an indicator's path is a weighted mean or sum and the same
    children count for both districts, its part is w·(s_home − s_other), w being the
    weight of the indicator in the total. Elsewhere the part is a Shapley value, level
    by level (Owen 1977, coalitions = nodes of the tree): the players of a node are its
    children and its own 加减分; a coalition S is the children on which the two districts
    *swap* places (score, and whether the child counts at all); its worth is home's
    total after the swap. A child's part is its average effect over all orders in which
    the children of the node can be swapped, and the same within each child, so that the
    parts of a node's children sum to the node's own part. Swapping instead of copying
    matters to Copeland only, where home's score also depends on the other's.

    Parameters
    ----------
    assessment : the result to explain.
    home, other : districts; both totals must be known.
    leaves : parts are the indicators; otherwise the nodes directly under the total,
        with the bonuses given inside a node counted with the node.
    samples, seed : random orders drawn (in pairs with their reverse) where a path has
        more than 2¹⁸ combinations; :attr:`Gap.error` is then the standard error.

    Raises
    ------
    AssessmentError where a total is unknown, or where the districts have so little in
    common that swapping leaves a district without any score.
    """
    require_district(assessment, home, other)
    unknown = [d for d in dict.fromkeys((home, other)) if pd.isna(assessment.total[d])]
    if unknown:
        raise AssessmentError(f"{'、'.join(unknown)}的总分含未公开数值，无法计算，得分差不能分解")
    tree = assessment.tree
    pair = pair_of(assessment, home, other, inner=leaves)
    players = list(tree.leaves) if leaves else tree.children(tree.root)
    slope = slopes(pair)
    sizes = {code: _combinations(pair, slope, k) for code, k in zip(players, tree.position(players))}
    awarded = [k for k in pair.awards if pair.difference(k) != 0]
    largest = max([*sizes.values(), *(_combinations(pair, slope, k, award=True) for k in awarded)], default=1)
    error = pd.Series(0.0, [*players, ADJUSTMENT])
    if largest > ENUMERATION_LIMIT:
        values, spread = sampled_parts(pair, tree.position(players), samples, seed)
        parts, error[:], method = pd.Series(values, [*players, ADJUSTMENT]), spread, SAMPLED
    else:
        parts = pd.Series({code: _path_value(pair, slope, k) for code, k in zip(players, tree.position(players))})
        parts[ADJUSTMENT] = sum(_path_value(pair, slope, k, award=True) for k in awarded)
        method = EXACT_LINEAR if largest == 1 else EXACT_SHAPLEY
    if parts.isna().any():
        raise AssessmentError(f"{home}与{other}计分的指标相差太多，部分互换后总分无法计算，得分差不能分解")
    return Gap(home, other, parts, float(pair.total(0) - pair.total(1)), method, error, _tops(tree, parts.index),
               {**tree.nodes["name"].to_dict(), ADJUSTMENT: ADJUSTMENT})


def gap_table(assessment: Assessment, home: str, benchmark: str = "", leaves: bool = True) -> pd.DataFrame:
    """Home's gaps to everyone who matters, one row per compared district and part.

    Compared: the benchmark (if given and not home), every other district of the ranking
    group, and 同组中位数 (see :func:`with_median`). A district whose total is unknown is
    not compared; nothing is where home's is unknown. Parts with weight 0 are left away.

    Returns
    -------
    DataFrame: kind (the roles of the other in one text: 对标区, 第一位, 前一位 — the nearest
    better score —, else 同组; 不同分组 beside 对标区 where it is; 同组中位数), other, part
    (code), name, top (code of the node under the total),
    points (home − other), error, total, share (points ÷ total, missing where the
    totals are equal), method.
    """
    rows = []
    for other, kind in _comparisons(assessment, home, benchmark).items():
        source = with_median(assessment, home) if kind == MEDIAN else assessment
        gap = score_gap(source, home, other, leaves)
        for part, points in gap.parts.items():
            if part != ADJUSTMENT and assessment.tree.nodes.at[part, "global_weight"] == 0:
                continue
            rows.append({
                "kind": kind, "other": other, "part": part, "name": part_name(assessment, part), "top": gap.top[part],
                "points": points, "error": gap.error[part], "total": gap.total,
                "share": points / gap.total if abs(gap.total) > _TIE else np.nan, "method": gap.method,
            })
    columns = ["kind", "other", "part", "name", "top", "points", "error", "total", "share", "method"]
    return pd.DataFrame(rows, columns=columns)


def with_median(assessment: Assessment, home: str) -> Assessment:
    """The assessment with one more row, 同组中位数.

    A district that has on every indicator the median *score* of home's ranking group
    (home included), aggregated by the same tree, without bonuses or deductions. Its
    total is not the median of the totals.

    Raises
    ------
    AssessmentError where a node is aggregated by Copeland: one more district would
    change everybody's wins and losses.
    """
    tree = assessment.tree
    if any(step.aggregation == "copeland" for step in tree.steps):
        raise AssessmentError("方案含科普兰合成，加入虚拟的“同组中位数”会改变各区县的胜负，不作此项比较")
    marks = np.full((1, len(tree.nodes)), np.nan)
    at = tree.position(tree.leaves)
    marks[0, at] = assessment.scores.loc[peers(assessment, home), list(tree.leaves)].median()
    gone = np.zeros(marks.shape, bool)
    gone[0, at] = np.isnan(marks[0, at])
    for step in tree.steps:
        s, out = marks[:, step.children], gone[:, step.children]
        gone[:, step.node] = (out | (step.weights == 0)).all(1)
        marks[:, step.node] = FUNCTIONS[step.aggregation](s, step.weights, out)

    def extended(table, row):
        return pd.concat([table, pd.DataFrame(row, [MEDIAN], table.columns)])

    return replace(
        assessment, scores=extended(assessment.scores, marks), left_out=extended(assessment.left_out, gone),
        adjustments=extended(assessment.adjustments, np.zeros(marks.shape)),
    )


def part_name(assessment: Assessment, part: str) -> str:
    """Name of a part: a node's, or 加减分."""
    return ADJUSTMENT if part == ADJUSTMENT else assessment.tree.name(part)


def _comparisons(assessment, home, benchmark):
    """Other -> its roles: benchmark first, then the median, then the group, best first."""
    require_district(assessment, *filter(None, (home, benchmark)))
    if pd.isna(assessment.total[home]):
        return {}
    others, above, roles = rivals(assessment, home), next_above(assessment, home), {}
    if benchmark and benchmark != home and pd.notna(assessment.total[benchmark]):
        apart = assessment.groups[benchmark] != assessment.groups[home]
        roles[benchmark] = ["对标区"] + (["不同分组"] if apart else [])
    if len(others) and not any(step.aggregation == "copeland" for step in assessment.tree.steps):
        roles[MEDIAN] = [MEDIAN]
    for other in map(str, others.index):
        roles.setdefault(other, [])
    if above:
        roles[str(others.index[0])].append("第一位")
        roles[above].append("前一位")
    return {other: "、".join(found) or GROUP for other, found in roles.items()}


def _path(pair, slope, k, award):
    """Nodes that combine the player with others, up to where the rest is linear."""
    if slope[k] is not None:
        return
    at = k if award else pair.parent[k]
    yield at
    while slope[at] is None:
        at = pair.parent[at]
        yield at


def _combinations(pair, slope, k, award=False):
    return 1 << sum(len(pair.players(node)) - 1 for node in _path(pair, slope, k, award))


def _path_value(pair, slope, k, award=False):
    """The part of one player: its swap, carried up through all combinations of the others."""
    if slope[k] == 0:
        return 0.0
    if slope[k] is not None:
        return slope[k] * (pair.difference(k) if award else pair.scores[0, k] - pair.scores[1, k])
    # Variant 0 is the player in its place, variant 1 swapped with the other district.
    order = np.array([[0, 1], [1, 0]])
    s, gone = pair.scores[order, k][:, None, :], pair.gone[order, k][:, None, :]
    weight, came = np.ones(1), None if award else k
    for node in _path(pair, slope, k, award):
        masks, chance = coalitions(len(pair.players(node)) - 1)
        s, gone = step_value(pair, node, came, s, gone, masks)
        weight, came = (weight[:, None] * chance).ravel(), node
    known = np.where(gone[..., 0], np.nan, s[..., 0])
    return 0.0 if slope[came] == 0 else float(slope[came] * ((known[0] - known[1]) * weight).sum())


def _tops(tree, parts):
    top, parent = {}, tree.nodes["parent"]
    for part in parts:
        node = part
        while part != ADJUSTMENT and node != tree.root and parent[node] != tree.root:
            node = parent[node]
        top[part] = node
    return pd.Series(top)
