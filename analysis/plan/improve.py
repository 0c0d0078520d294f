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
_LOOKED, _LIFTED = 2_000, 60  # moves looked at and tried to lift a plan that just falls short


def improve(p: Problem, trial: Trial, rank: int, target: float, x: np.ndarray, shape: Curves) -> np.ndarray:
    """Slots of a plan at most as costly that keeps the chance on the trial's draws.

    The dearest that can be missed go first; then one chosen application is exchanged for one that is
    not, by saving. The curves say which moves are worth a trial; the draws decide.
    """
    left = int(setting("微调试算次数"))
    x, moved = x.copy(), True
    while moved and left > 0:
        moved = False
        for tried in _moves(p, trial, rank, target, x, shape, left):
            if not p.model.allows(tried):
                continue
            left -= 1
            if trial.reaches(p.model.chosen(tried), rank, target):
                x, moved = tried, True
                break
            if left <= 0:
                break
    return without_spare(p, trial, rank, target, x)


def without_spare(p: Problem, trial: Trial, rank: int, target: float, x: np.ndarray) -> np.ndarray:
    """Slots of a plan without those that it does not need, the dearest first: each is tried, whatever the curves say."""
    inside = np.flatnonzero((x > 0.5) & ~p.model.fixed)
    for slot in inside[np.argsort(-p.model.cost[inside], kind="stable")]:
        tried = x.copy()
        tried[slot] = 0
        if p.model.allows(tried) and trial.reaches(p.model.chosen(tried), rank, target):
            x = tried
    return x


def lift(p: Problem, trial: Trial, rank: int, target: float, x: np.ndarray, shape: Curves) -> np.ndarray | None:
    """Slots of a plan that just falls short with the least more spent that gives the chance: one application more, or one exchanged."""
    saving, loss, inside, outside, spare = _exchanges(p, trial, rank, target, x, shape)
    rows, columns = np.nonzero(loss <= spare / _WIDE)
    order = np.lexsort((-saving[rows, columns], loss[rows, columns] > spare))
    left = _LIFTED
    for i, j in zip(rows[order][:_LOOKED], columns[order][:_LOOKED]):
        tried = _changed(x, inside, outside, i, j)
        if p.model.allows(tried):
            if trial.reaches(p.model.chosen(tried), rank, target):
                return tried
            left -= 1
        if not left:
            break
    return None


def raise_chance(p: Problem, trial: Trial, rank: int, x: np.ndarray, shape: Curves, budget: float | None) -> tuple[np.ndarray, float]:
    """Slots of a plan within a budget and its chance on the draws, after single additions and exchanges that raise it, by points."""
    left, top, moved = int(setting("微调试算次数")), trial.chance(p.model.chosen(x), rank), True
    most = min(p.model.budget, p.model.budget if budget is None else budget)
    while moved and left > 0:
        moved = False
        saving, loss, inside, outside, _ = _exchanges(p, trial, rank, p.goal.probability, x, shape)
        rows, columns = np.nonzero((loss < -1e-9) & (saving >= p.model.spent(x) - most - 1e-9))
        order = np.argsort(loss[rows, columns], kind="stable")[:_LOOKED]
        for tried in (_changed(x, inside, outside, i, j) for i, j in zip(rows[order], columns[order])):
            if p.model.allows(tried, budget):
                left -= 1
                chance = trial.chance(p.model.chosen(tried), rank)
                if chance > top + 1e-12:
                    x, top, moved = tried, chance, True
                    break
            if left <= 0:
                break
    return x, top


def _moves(p, trial, rank, target, x, shape, most):
    """Plans after drops and exchanges that save money: those the curves allow, then those they narrowly forbid, by saving."""
    saving, loss, inside, outside, spare = _exchanges(p, trial, rank, target, x, shape)
    rows, columns = np.nonzero((saving > 1e-9 * (1 + p.model.cost.max())) & (loss <= _WIDE * max(spare, 0.0) + 1e-9))
    order = np.lexsort((-saving[rows, columns], loss[rows, columns] > spare))[:4 * most]
    return (_changed(x, inside, outside, i, j) for i, j in zip(rows[order], columns[order]))


def _exchanges(p, trial, rank, target, x, shape):
    """Saving and loss of points of each chosen slot, and of none at all, against each other slot and none; and the points to spare.

    Points are to spare where the chance exceeds the one wanted, else the number is negative.
    """
    chosen = p.model.chosen(x)
    deviation, z = max(shape.deviation(p, chosen), 1e-9), probit(target, trial.runs)
    worth = (shape.points(p, additions(p, x)) - z * shape.variance(p) / (2 * deviation))[p.model.candidate]
    inside = np.flatnonzero((x > 0.5) & ~p.model.fixed)
    # What is worth nothing, or waits for something not chosen, is not exchanged for: then rather nothing is taken in.
    ready = np.array([not chosen[k] and all(chosen[a] for a in p.above[k]) for k in range(p.model.size)])
    outside = np.flatnonzero(ready[p.model.candidate] & (worth > 0))
    tables = (np.append(figure[inside], 0.0)[:, None] - np.append(figure[outside], 0.0)[None, :] for figure in (p.model.cost, worth))
    return *tables, inside, outside, (probit(trial.chance(chosen, rank), trial.runs) - z) * deviation


def _changed(x, inside, outside, i, j):
    tried = x.copy()
    tried[inside[i:i + 1]] = 0
    tried[outside[j:j + 1]] = 1
    return tried


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
