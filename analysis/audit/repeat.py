"""Repetitions: a scheme and its scores as arrays, climbed thousands of times at once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from scipy.stats import rankdata

from ..aggregation import FUNCTIONS, POSITIVE_ONLY
from ..assessment import Assessment, score_nodes
from ..params import AssessmentError
from ..ranking import TIES, round_half_up
from ..scoring import floor_score, score
from ..treatment import fill_missing, read_adjustments, score_leaves
from ..tree import Tree, build_tree

_NOISE = 9
CHUNK_BYTES = 48 * 2**20


@dataclass(frozen=True)
class Model:
    """One scheme and all that repetitions have in common.

    leaves : (n, L) scores of the indicators with missing values treated, adjustments in.
    out : (n, nodes) True where an indicator does not count.
    points, vetoes : (n, nodes) additions; scores set by a veto (NaN: none).
    values : (n, L) what was scored. groups : (n,) ranking groups.
    guessed : points were read off an assessment, so that a veto stands as a deduction.
    """

    tree: Tree
    leaves: np.ndarray
    out: np.ndarray
    points: np.ndarray
    vetoes: np.ndarray
    values: np.ndarray
    groups: np.ndarray
    districts: pd.Index
    guessed: bool = False

    @cached_property
    def at(self) -> np.ndarray:
        return self.tree.position(self.tree.leaves)

    @cached_property
    def weights(self) -> np.ndarray:
        """Stated weight of every node among its siblings, (nodes,)."""
        w = np.ones(len(self.tree.nodes))
        for step in self.tree.steps:
            w[step.children] = step.weights
        return w

    @cached_property
    def linear(self) -> bool:
        """Weighted means and sums only, nothing left out, no veto between indicator and total."""
        counts = self.tree.nodes["global_weight"].to_numpy() > 0
        inner = ~self.tree.nodes["leaf"].to_numpy() & (np.arange(len(counts)) > 0)
        return (all(step.aggregation in ("arithmetic", "total") for step in self.tree.steps)
                and not self.out[:, counts].any() and np.isnan(self.vetoes[:, inner]).all())


def model_of(a: Assessment, scheme: Tree | pd.DataFrame | None = None, adjustments: pd.DataFrame | None = None) -> Model:
    """The model of an assessment, or of the same values under another scheme.

    Without ``adjustments`` the points an assessment applied are kept as they are; a veto
    can then not be told from a deduction, which is why the table should be given if any.
    """
    if scheme is None:
        tree, values = a.tree, a.treated
        # A veto on a missing value has nothing before it; what it added then counts from 0.
        at = tree.position(tree.leaves)
        bare, left = a.before.fillna(a.scores - a.adjustments).to_numpy()[:, at], a.left_out.to_numpy()[:, at]
    else:
        tree = scheme if isinstance(scheme, Tree) else build_tree(scheme)
        strange = [c for c in tree.leaves if c not in a.treated]
        if strange:
            raise AssessmentError(f"备选方案里的指标 {'、'.join(strange)} 没有指标值")
        at, values = tree.position(tree.leaves), a.treated[list(tree.leaves)]
        bare, left = _leaf_scores(a, tree, values)
    points, vetoes = read_adjustments(applied(a) if adjustments is None else adjustments, a.raw.index, tree, [])
    out = np.zeros_like(points, dtype=bool)
    out[:, at] = left & np.isnan(vetoes[:, at])
    leaves = _settle(bare, points[:, at], vetoes[:, at])
    return Model(tree, leaves, out, points, vetoes, values.to_numpy(), a.groups.to_numpy(), a.raw.index,
                 adjustments is None and bool(points.any()))


def _leaf_scores(a: Assessment, tree: Tree, values: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Scores (n, L) of an assessment's values under another scheme, and which do not count, both before adjustments.

    The steps of :func:`analysis.assessment.assess` as far as a model needs them: a model is made for every combination
    of alternatives, and most of an assessment's time goes into tables that a model has no use for. What an assessment
    refuses is refused with the same words.
    """
    unknown = (a.masked & a.treated.isna()).reindex(columns=values.columns, fill_value=False)
    final, left = fill_missing(score_leaves(values, tree, a.groups), unknown, tree, a.groups, [])
    nothing = np.zeros((len(values), len(tree.nodes)))
    score_nodes(final, left, tree, nothing, np.full_like(nothing, np.nan), [])
    return final.to_numpy(), left.to_numpy()


def applied(a: Assessment) -> pd.DataFrame:
    """The points an assessment added, as a table of adjustments."""
    points = a.adjustments.rename_axis(index="district", columns="node").stack().rename("points").reset_index()
    return points[points["points"] != 0].assign(kind="")


def _settle(s, points, vetoes):
    return np.where(np.isnan(vetoes), s + points, vetoes)


def scale(model: Model, weights: np.ndarray) -> np.ndarray:
    """Weights (nodes, R) of siblings brought to the stated sum; an all-zero family stays 0."""
    scaled = np.ones_like(weights)
    for step in model.tree.steps:
        family = weights[step.children]
        sums = family.sum(0)
        scaled[step.children] = family * (step.weights.sum() / np.where(sums > 0, sums, 1.0))
    return scaled


def totals(model: Model, weights: np.ndarray, drawn: dict[int, np.ndarray] | None = None) -> np.ndarray:
    """Total scores (R, n) for weights (nodes, R), which need not be normalised.

    drawn : position of an indicator among the leaves -> its scores (R, n), where they vary.
    """
    weights, drawn = scale(model, weights), drawn or {}
    return _product(model, weights, drawn) if model.linear else climb(model, weights, drawn)


def _product(model, weights, drawn):
    path = weights
    for step in reversed(model.tree.steps):
        path[step.children] *= path[step.node]
    counts = model.tree.nodes["global_weight"].to_numpy()[model.at] > 0
    base = np.where(counts, model.leaves, 0.0)
    result = path[model.at].T @ base.T
    inner = np.setdiff1d(np.flatnonzero(model.points.any(0)), model.at)
    if len(inner):
        result += path[inner].T @ model.points[:, inner].T
    for k, s in drawn.items():
        if counts[k]:
            result += path[model.at[k]][:, None] * (s - base[:, k])
    vetoed = ~np.isnan(model.vetoes[:, 0])
    result[:, vetoed] = model.vetoes[vetoed, 0]
    return result


def climb(model: Model, weights: np.ndarray, drawn: dict[int, np.ndarray] | None = None) -> np.ndarray:
    """Total scores (R, n) node by node, for weights (nodes, R) that sum as stated."""
    shape = (weights.shape[1], len(model.leaves))
    scores = {k: (drawn or {}).get(j, model.leaves[:, j]) for j, k in enumerate(model.at)}
    gone = {k: model.out[:, k] for k in model.at}
    for step in model.tree.steps:
        s = np.stack([np.broadcast_to(scores.pop(c), shape) for c in step.children], -1)
        w = weights[step.children].T[:, None, :]
        absent = np.stack([np.broadcast_to(gone.pop(c), shape) for c in step.children], -1)
        vetoed = ~np.isnan(model.vetoes[:, step.children])
        bad = (s <= 0) & ~absent & ~vetoed & (w > 0) if step.aggregation in POSITIVE_ONLY else np.zeros(1, bool)
        if bad.any():
            _, i, j = np.argwhere(bad)[0]
            names = [model.tree.nodes["name"].iloc[k] for k in (step.node, step.children[j])]
            raise AssessmentError(f"“{names[0]}”按几何平均或调和平均合成，但{model.districts[i]}的“{names[1]}”得分可能不大于 0；"
                                  + ("如有否决，请连同加减分表一起给出；否则" if model.guessed else "")
                                  + "请给该指标设大于 0 的底分，或换合成方法")
        gone[step.node] = (absent | (w == 0)).all(-1) & np.isnan(model.vetoes[:, step.node])
        value = FUNCTIONS[step.aggregation](s, w, absent)
        scores[step.node] = _settle(value, model.points[:, step.node], model.vetoes[:, step.node])
    return scores[0]


def rank_runs(scores: np.ndarray, groups: np.ndarray, ties: str = "同位", decimals: int | None = None) -> np.ndarray:
    """Ranks (R, n) within groups of scores (R, n) without NaN, 1 = highest.

    Rounded scores become whole numbers with the district's position in the lowest bits,
    because sorting numbers is several times faster than sorting positions. Runs in which
    rounded scores coincide are ranked again under the rule for ties.
    """
    places = _NOISE if decimals is None else decimals
    keys = np.rint(round_half_up(scores, places) * -(10.0**places))
    kind = np.float32 if ties == "平均" else np.int16 if keys.shape[1] < 2**15 else np.int32
    ranks = np.empty(keys.shape, kind)
    for group in pd.unique(groups):
        inside = np.flatnonzero(groups == group)
        own = keys if len(inside) == keys.shape[1] else keys[:, inside]
        bits = len(inside).bit_length()
        if np.abs(own).max(initial=0) >= 2.0 ** (62 - bits):
            ranks[:, inside] = rankdata(own, TIES[ties], axis=1)
            continue
        packed = (own.astype(np.int64) << bits) | np.arange(len(inside))
        packed.sort(1)
        order = (packed & (2**bits - 1)) + np.arange(0, own.size, len(inside))[:, None]
        packed >>= bits
        tied = (packed[:, 1:] == packed[:, :-1]).any(1)
        found = np.empty(own.size, kind)
        found[order.ravel()] = np.tile(np.arange(1, len(inside) + 1, dtype=kind), len(own))
        found = found.reshape(own.shape)
        if tied.any():
            found[tied] = rankdata(own[tied], TIES[ties], axis=1)
        ranks[:, inside] = found
    return ranks


def draw_weights(model: Model, rng, runs: int, weights: str | None, noise: float, concentration: float | None) -> np.ndarray:
    """Weights (nodes, runs) before they are normalised; a stated weight of 0 stays 0."""
    stated = model.weights[:, None]
    if weights is None:
        return np.repeat(stated, runs, 1)
    if weights == "noise":
        drawn = rng.random((len(stated), runs))
        drawn *= 2 * noise * stated
        drawn += (1 - noise) * stated
        return drawn
    share = (stated > 0) * 1.0
    if concentration is not None:
        for step in model.tree.steps:
            share[step.children, 0] = concentration * step.weights / step.weights.sum()
    # A gamma variate may underflow to 0 for a tiny share; a family of zeros has no weights.
    return np.where(stated > 0, np.maximum(rng.standard_gamma(share, (len(share), runs)), 1e-300), 0.0)


def rescore(model, code, rows, x_rows):
    """Scores (R, n) of an indicator whose values in ``rows`` were drawn; missing values as 缺失处理 says."""
    k, row = model.tree.leaves.index(code), model.tree.nodes.loc[code]
    x = np.repeat(model.values[None, :, k], len(x_rows), 0)
    x[:, rows] = x_rows
    s = score(x, row["method"], row["settings"], row["direction"], model.groups, row["name"])
    missing = np.isnan(x[0]) & ~np.isnan(model.leaves[:, k])
    if missing.any() and row["missing"] == "最低分":
        floor = floor_score(row["method"], row["settings"])
        least = np.nanmin(s, 1, keepdims=True)
        s[:, missing] = least if floor is None else np.minimum(floor, least)
    elif missing.any():
        for i in np.flatnonzero(missing):
            peers = s[:, (model.groups == model.groups[i]) & ~np.isnan(x[0])]
            s[:, i] = peers.mean(1) if peers.shape[1] else s[:, ~np.isnan(x[0])].mean(1)
    return _settle(s, model.points[:, model.at[k]], model.vetoes[:, model.at[k]])


def room(model, n):
    """Numbers per district and run that climbing a tree needs at its widest node."""
    widest = max(len(s.children) * (6 + 6 * n * (s.aggregation == "copeland")) for s in model.tree.steps)
    return len(model.tree.nodes) + widest
