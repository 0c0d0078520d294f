"""Around a plan: applications dropped or exchanged for cheaper ones as long as the chance holds; and the greedy plan."""

from __future__ import annotations

import numpy as np

from .curve import Curves, additions
from .margin import probit
from .parameters import setting
from .problem import Problem
from .trial import Trial

_LOOK = 16  # greedy steps between two looks at the chance
_WIDE = 1.5  # moves are tried that cost up to so many times the points to spare


def improve(p: Problem, trial: Trial, rank: int, target: float, x: np.ndarray, shape: Curves) -> np.ndarray:
    """Slots of a plan at most as costly that keeps the chance on the trial's draws.

    The dearest that can be missed go first; then one chosen application is exchanged for one that is
    not, by saving. The curves say which moves are worth a trial; the draws decide.
    """
    left = int(setting("微调试算次数"))
    x, moved = x.copy(), True
    while moved and left > 0:
        moved = False
        for change in _moves(p, trial, rank, target, x, shape, left):
            tried = x.copy()
            tried[change[0]] = 0
            tried[change[1]] = 1
            if not p.model.allows(tried):
                continue
            left -= 1
            if trial.reaches(p.model.chosen(tried), rank, target):
                x, moved = tried, True
                break
            if left <= 0:
                break
    return x


def _moves(p, trial, rank, target, x, shape, most):
    """Drops and exchanges that save money, the greatest saving first, as lists of slots out and in."""
    chosen = p.model.chosen(x)
    deviation, z = max(shape.deviation(p, chosen), 1e-9), probit(target, trial.runs)
    worth = (shape.points(p, additions(p, x)) - z * shape.variance(p) / (2 * deviation))[p.model.candidate]
    spare = _WIDE * max(probit(trial.chance(chosen, rank), trial.runs) - z, 0.0) * deviation + 1e-9
    inside = np.flatnonzero((x > 0.5) & ~p.model.fixed)
    drops = [(p.model.cost[s], [s], []) for s in inside if worth[s] <= spare and p.model.cost[s] > 0]
    outside = np.flatnonzero(~chosen[p.model.candidate])
    # Both sides thinned: only the pairs that save and are nearly worth the same.
    saving = p.model.cost[inside][:, None] - p.model.cost[outside][None, :]
    loss = worth[inside][:, None] - worth[outside][None, :]
    rows, columns = np.nonzero((saving > 1e-9 * (1 + p.model.cost.max())) & (loss <= spare))
    order = np.argsort(-saving[rows, columns], kind="stable")[:4 * most]
    swaps = [(saving[i, j], [inside[i]], [outside[j]]) for i, j in zip(rows[order], columns[order])]
    return [(out, into) for _, out, into in sorted(drops + swaps, key=lambda move: -move[0])]


def greedy(p: Problem, trial: Trial, rank: int, target: float, shape: Curves) -> np.ndarray | None:
    """Slots of the plan that takes the most points per cost first until the chance is reached; None if it is not.

    An application that needs another comes with it, at the cost of both.
    """
    slots: dict[int, list[int]] = {}
    for s, k in enumerate(p.model.candidate):
        slots.setdefault(int(k), []).append(s)
    columns, room = p.model.rows.tocsc(), p.model.upper - p.model.rows @ p.model.fixed.astype(float)
    chains = (np.repeat(np.arange(p.model.size), [len(a) for a in p.above]), np.array([a for chain in p.above for a in chain], dtype=int))
    x, left, open_ = p.model.fixed.astype(float), p.model.budget, ~p.fixed
    steps, n, taken = [x.copy()], additions(p, x), p.fixed.copy()
    while open_.any():
        ratio = np.where(open_, _with_parents(chains, shape.points(p, n), taken) / np.maximum(_with_parents(chains, p.cost, taken), 1e-12), 0.0)
        k = int(np.argmax(ratio))
        if ratio[k] <= 0:
            break
        open_[k] = False
        tried, added = room.copy(), []
        for c in (*p.above[k], k):
            if taken[c]:
                continue
            placed = next((s for s in slots[c] if _fits(columns, tried, s)), None)
            if placed is None:
                added = []
                break
            _use(columns, tried, placed)
            added.append(placed)
        spent = p.model.cost[added].sum()
        if not added or spent > left + 1e-9:
            continue
        x[added], room, left = 1, tried, left - spent
        n = additions(p, x)
        steps.append(np.array(added))
        taken[p.model.candidate[added]], open_[p.model.candidate[added]] = True, False
        if len(steps) % _LOOK == 0 and trial.chance(taken, rank) >= target:
            break
    return _shortest(p, trial, rank, target, steps)


def _with_parents(chains, own, taken):
    """Own figure of each candidate and those of its open prerequisites not yet taken; chains : (candidate, prerequisite) pairs."""
    below, above = chains
    return own + np.bincount(below, weights=np.where(taken[above], 0.0, own[above]), minlength=len(own))


def _shortest(p, trial, rank, target, steps):
    def after(n):
        x = steps[0].copy()
        for added in steps[1:n + 1]:
            x[added] = 1
        return x

    low, high = 0, len(steps) - 1
    if trial.chance(p.model.chosen(after(high)), rank) < target:
        return None
    while low < high:
        middle = (low + high) // 2
        if trial.chance(p.model.chosen(after(middle)), rank) >= target:
            high = middle
        else:
            low = middle + 1
    return after(high)


def _fits(columns, room, s):
    a, b = columns.indptr[s], columns.indptr[s + 1]
    return bool((columns.data[a:b] <= room[columns.indices[a:b]] + 1e-9).all())


def _use(columns, room, s):
    a, b = columns.indptr[s], columns.indptr[s + 1]
    room[columns.indices[a:b]] -= columns.data[a:b]
