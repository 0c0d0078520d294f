"""The swap game of two districts on an indicator tree, and its level-by-level Shapley value.

:mod:`analysis.weakness.gap` states the game; here are its moves on plain arrays. The
value of a player carried up a path costs the product of 2^(players − 1) over the nodes
that are not linear, instead of one evaluation for every order of all indicators, because
the orders at different levels are independent (G. Owen, "Values of games with a priori
unions", 1977).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from math import comb

import numpy as np

from ..aggregation import FUNCTIONS
from ..assessment import Assessment

LINEAR = ("arithmetic", "total")
AWARD = -1
_CELLS = 4_000_000


@dataclass(frozen=True)
class Pair:
    """Two districts on a tree: row 0 is home, row 1 the other, columns the nodes.

    scores, gone, added : (2, nodes) scores, whether the node counts, 加减分.
    field : scores and left-out flags of the remaining districts, for Copeland.
    steps : position of an inner node -> its :class:`analysis.tree.Step`.
    awards : positions of nodes whose 加减分 are players of their own.
    """

    scores: np.ndarray
    gone: np.ndarray
    added: np.ndarray
    field: np.ndarray
    field_gone: np.ndarray
    steps: dict
    parent: dict
    awards: tuple[int, ...]

    def total(self, row: int) -> float:
        return self.scores[row, 0]

    def difference(self, node: int) -> float:
        """Home's 加减分 at a node minus the other's."""
        return float(self.added[0, node] - self.added[1, node])

    def players(self, node: int) -> list[int]:
        """Children that count for at least one of the two, and :data:`AWARD`."""
        step = self.steps[node]
        live = [int(c) for c, w in zip(step.children, step.weights) if w != 0 and not self.gone[:, c].all()]
        return live + ([AWARD] if node in self.awards and self.difference(node) != 0 else [])


def pair_of(assessment: Assessment, home: str, other: str, inner: bool = True) -> Pair:
    """The pair of two districts; without ``inner`` only the total's 加减分 are a player."""
    tree, districts = assessment.tree, assessment.scores.index
    rows = districts.get_indexer([home, other])
    rest = np.setdiff1d(np.arange(len(districts)), rows)
    scores, gone = assessment.scores.to_numpy(), assessment.left_out.to_numpy()
    steps = {step.node: step for step in tree.steps}
    parent = {int(c): node for node, step in steps.items() for c in step.children}
    return Pair(scores[rows], gone[rows], assessment.adjustments.to_numpy()[rows], scores[rest], gone[rest],
                steps, parent, tuple(steps) if inner else (0,))


def slopes(pair: Pair) -> list[float | None]:
    """Points of the total per point of each node, None where that is not constant.

    Constant on a path of weighted means and sums whose nodes have the same children
    left out for both districts; 0 for a node that counts for neither.
    """
    found: list[float | None] = [None] * pair.scores.shape[1]
    found[0] = 1.0
    for node in sorted(pair.steps):
        step = pair.steps[node]
        gone = pair.gone[:, step.children] | (step.weights == 0)
        present = step.weights * ~gone[0]
        linear = step.aggregation in LINEAR and (gone[0] == gone[1]).all() and found[node] is not None
        scale = step.weights.sum() if step.aggregation == "total" else 1.0
        for j, child in enumerate(step.children):
            if found[node] == 0 or gone[:, j].all():
                found[child] = 0.0
            elif linear:
                found[child] = found[node] * scale * present[j] / present.sum()
    return found


@cache
def coalitions(others: int) -> tuple[np.ndarray, np.ndarray]:
    """All subsets of the other players, (2^m, m) bool, and each one's Shapley weight.

    |S|!·(m − |S|)!/(m + 1)! = 1/((m + 1)·C(m, |S|)).
    """
    masks = (np.arange(1 << others)[:, None] >> np.arange(others)) & 1 == 1
    weight = np.array([1.0 / ((others + 1) * comb(others, size)) for size in range(others + 1)])
    return masks, weight[masks.sum(1)]


def step_value(pair: Pair, node: int, came: int | None, s, gone, masks):
    """Scores of a node for every state of one player and every coalition of the others.

    Parameters
    ----------
    came : the player that arrives (None: the node's own 加减分).
    s, gone : (2, m, 2): variant (in place, swapped) × combinations so far × (home, other).
    masks : (c, players − 1) coalitions of the other players.

    Returns
    -------
    scores and gone of the node, (2, m·c, 2).
    """
    step = pair.steps[node]
    others = [p for p in pair.players(node) if p != (AWARD if came is None else came)]
    count, width = len(masks), len(step.children)
    swap = np.zeros((count, width), bool)
    place = {int(c): j for j, c in enumerate(step.children)}
    award = np.zeros(count, bool)
    for column, player in zip(masks.T, others):
        if player == AWARD:
            award = column
        else:
            swap[:, place[player]] = column
    children, out = _swapped(pair, step.children, swap)
    shape = (2, s.shape[1], count, 2, width)
    children, out = np.broadcast_to(children, shape).copy(), np.broadcast_to(out, shape).copy()
    given = np.broadcast_to(award, shape[:3])
    if came is None:
        given = np.broadcast_to(np.array([False, True])[:, None, None], shape[:3])
    else:
        children[..., place[came]], out[..., place[came]] = s[:, :, None, :], gone[:, :, None, :]
    marks, absent = _aggregate(pair, step, children.reshape(-1, 2, width), out.reshape(-1, 2, width), given.ravel())
    return marks.reshape(2, -1, 2), absent.reshape(2, -1, 2)


def sampled_parts(pair: Pair, players, samples: int, seed: int):
    """Mean effect of each player over random orders of the tree, and its standard error.

    Orders are drawn level by level and each is used with its reverse; for every order
    the effects sum to the difference of the totals, so their means do too.

    Returns
    -------
    values, errors : one entry per player, then one for all 加减分 together.
    """
    rng, pairs, wanted = np.random.default_rng(seed), max(samples // 2, 2), {int(p) for p in players}
    column = {int(p): j for j, p in enumerate(players)}
    names = [(p, False) for p in wanted] + [(k, True) for k in pair.awards if pair.difference(k) != 0]
    index = {name: j for j, name in enumerate(names)}
    effects = np.zeros((pairs, len(column) + 1))
    widest = max(len(step.children) for step in pair.steps.values())
    block = max(1, _CELLS // ((len(names) + 1) * widest * (2 + len(pair.field))))
    for start in range(0, pairs, block):
        orders = [_order(pair, 0, wanted, rng) for _ in range(min(block, pairs - start))]
        for direction in (1, -1):
            steps = np.array([[index[name] for name in order[::direction]] for order in orders])
            when = np.full((len(orders), len(names)), steps.shape[1])
            np.put_along_axis(when, steps, np.arange(steps.shape[1])[None, :], axis=1)
            swapped = when[:, None, :] < np.arange(steps.shape[1] + 1)[None, :, None]
            worth = _worth(pair, wanted, index, swapped.reshape(-1, len(names))).reshape(len(orders), -1)
            change = worth[:, :-1] - worth[:, 1:]
            for row in range(len(orders)):
                for t, j in enumerate(steps[row]):
                    node, is_award = names[j]
                    effects[start + row, -1 if is_award else column[node]] += change[row, t] / 2
    return effects.mean(0), effects.std(0, ddof=1) / np.sqrt(pairs)


def _order(pair, node, wanted, rng):
    order = []
    inside = pair.players(node)
    for player in rng.permutation(inside):
        if player == AWARD:
            order.append((node, True))
        elif player in wanted:
            order.append((int(player), False))
        else:
            order += _order(pair, int(player), wanted, rng)
    return order


def _worth(pair, wanted, index, swapped):
    """Home's total after the swaps, one row of ``swapped`` (r, players) at a time."""
    rows, size = len(swapped), pair.scores.shape[1]
    s = np.broadcast_to(pair.scores, (rows, 2, size)).copy()
    gone = np.broadcast_to(pair.gone, (rows, 2, size)).copy()
    for (node, is_award), j in index.items():
        if not is_award:
            s[:, :, node] = np.where(swapped[:, j, None], pair.scores[::-1, node], pair.scores[:, node])
            gone[:, :, node] = np.where(swapped[:, j, None], pair.gone[::-1, node], pair.gone[:, node])
    inside = {a for w in wanted for a in _ancestors(pair, w)}
    for node in sorted(inside, reverse=True):
        step = pair.steps[node]
        given = swapped[:, index[node, True]] if (node, True) in index else np.zeros(rows, bool)
        s[:, :, node], gone[:, :, node] = _aggregate(pair, step, s[:, :, step.children], gone[:, :, step.children], given)
    return np.where(gone[:, 0, 0], np.nan, s[:, 0, 0])


def _ancestors(pair, node):
    while node in pair.parent:
        node = pair.parent[node]
        yield node


def _swapped(pair, children, swap):
    """Children's scores and flags of both districts under each swap, (c, 2, k)."""
    s, out = pair.scores[:, children], pair.gone[:, children]
    return np.where(swap[:, None, :], s[::-1], s), np.where(swap[:, None, :], out[::-1], out)


def _aggregate(pair, step, s, out, given):
    """Node scores of both districts, (r, 2, k) -> (r, 2); ``given``: 加减分 swapped too."""
    if step.aggregation == "copeland":
        marks = _copeland(pair, step, s, out)
    else:
        marks = FUNCTIONS[step.aggregation](s, step.weights, out)
    added = pair.added[:, step.node]
    marks = marks + np.where(given[:, None], added[::-1], added)
    return marks, (out | (step.weights == 0)).all(-1)


def _copeland(pair, step, s, out):
    field, gone = pair.field[:, step.children], pair.field_gone[:, step.children]
    n, k = len(field) + 2, s.shape[-1]
    block, found = max(1, _CELLS // (n * n * k)), np.empty(s.shape[:2])
    for start in range(0, len(s), block):
        part = slice(start, start + block)
        size = len(s[part])
        full = np.concatenate([s[part], np.broadcast_to(field, (size, *field.shape))], axis=1)
        flags = np.concatenate([out[part], np.broadcast_to(gone, (size, *gone.shape))], axis=1)
        found[part] = FUNCTIONS["copeland"](full, step.weights, flags)[:, :2]
    return found
