"""One recognition judged for every enterprise: met, nearly met, how far, on what authority."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .clauses import Measure, measure
from .fields import Fields
from .logic import NO, UNKNOWN, YES, every, some
from .rules import Group, Recognition
from .score import score_sheet


@dataclass(frozen=True)
class GroupState:
    """``state``, ``near`` (within tolerances), ``distance`` (scaled shortfall of the nearest alternative; 0 unless
    not met) and ``confidence`` (0 原文, 1 二手, 2 待核: the best alternative met, else the weakest of all)."""

    state: np.ndarray
    near: np.ndarray
    distance: np.ndarray
    confidence: np.ndarray


@dataclass(frozen=True)
class Judged:
    """Arrays over enterprises.

    ``met``: all conditions and no exclusion; ``near``: the same with every clause within
    its tolerance; ``excluded``, ``already``: states (see logic); ``distance``: sum over the
    groups that fail; ``unknown``: number of groups that hang on unknown data, to be met or to be near; ``scores`` of
    the sheet; ``confidence`` of what the outcome rests on.
    """

    met: np.ndarray
    near: np.ndarray
    excluded: np.ndarray
    already: np.ndarray
    distance: np.ndarray
    unknown: np.ndarray
    scores: dict[str, tuple[np.ndarray, np.ndarray]]
    confidence: np.ndarray


def judge(recognition: Recognition, fields: Fields) -> Judged:
    """Judge a recognition for every enterprise of ``fields``.

    Every 前置 and 硬条件 group must be met (∧), a group by any alternative (∨), an
    alternative by all of its clauses (∧), and no 排除 may be met, in Kleene's logic.
    """
    size, scores = fields.size, score_sheet(recognition, fields)
    doubt = max((c.confidence for g in recognition.sheet for c in g.clauses), default=0)
    already = some((judge_group(g, fields, scores).state for g in recognition.already), size)
    found = [judge_group(g, fields, scores, doubt) for g in recognition.required]
    barred = [judge_group(g, fields, scores) for g in recognition.excluded]
    excluded = some((g.state for g in barred), size)
    free = (YES - excluded).astype(np.int8)
    met = every([*(g.state for g in found), free], size)
    near = every([*(g.near for g in found), free], size)
    distance, unknown = np.zeros(size), (excluded == UNKNOWN).astype(np.int16)
    for group in found:
        distance += group.distance
        unknown += (group.state == UNKNOWN) | (group.near == UNKNOWN)
    return Judged(met, near, excluded, already, distance, unknown, scores, _rests_on(found, barred, near, size))


def judge_group(group: Group, fields: Fields, scores: dict, doubt: int = 0) -> GroupState:
    """Judge the alternatives of a group and the direct routes that stand in for it.

    The distance is that of the nearest alternative, of one within its tolerances where there is
    any (靠靠能报 by the small form is not so far as the large form); a direct route counts for
    it only where it is within its tolerances.

    ``doubt`` is the confidence of the weakest row of the score sheet, which a clause on
    评价得分 rests on as well.
    """
    size = fields.size
    state, near = np.full(size, NO, dtype=np.int8), np.full(size, NO, dtype=np.int8)
    best, worst, totals, closes = np.full(size, 9, dtype=np.int8), 0, [], []
    for direct, part in ((g is not group, p) for g in (group, *group.by) for p in g.alternatives):
        measures = [measure(c, fields, scores) for c in part]
        own = every((m.state for m in measures), size)
        sure = max(max(c.confidence, doubt if c.score is not None else 0) for c in part)
        worst = max(worst, sure)
        best = np.where(own == YES, np.minimum(best, sure), best)
        close = every((m.near for m in measures), size)
        state, near = np.maximum(state, own), np.maximum(near, close)
        # No award yet is not one place away from the first: a direct route is measured only once it is nearly reached.
        totals.append(np.where(close == NO, np.inf, _total(measures)) if direct else _total(measures))
        closes.append(close)
    distance = np.min(apart(totals, closes, near), axis=0)
    confidence = np.where(state == YES, best, worst).astype(np.int8)
    return GroupState(state, near, np.where(state == NO, distance, 0.0), confidence)


def apart(totals: list[np.ndarray], closes: list[np.ndarray], near: np.ndarray) -> np.ndarray:
    """Shortfall of every alternative, infinite for those out of tolerance where the group is within it by another one."""
    return np.array([np.where((near == YES) & (close == NO), np.inf, total) for total, close in zip(totals, closes)])


def _total(measures: list[Measure]) -> np.ndarray:
    return measures[0].scaled if len(measures) == 1 else np.sum([m.scaled for m in measures], axis=0)


def _rests_on(found, barred, near, size):
    """Weakest of all groups; where the enterprise is out anyway, the best of the reasons that put it out."""
    weakest, proof = np.zeros(size, dtype=np.int8), np.full(size, 9, dtype=np.int8)
    for group in found:
        np.maximum(weakest, group.confidence, out=weakest)
        out = group.near == NO
        proof[out] = np.minimum(proof, group.confidence)[out]
    for group in barred:
        # Not excluded means that no alternative of it applies, so all of them are rested on.
        np.maximum(weakest, group.confidence, out=weakest)
        out = group.state == YES
        proof[out] = np.minimum(proof, group.confidence)[out]
    return np.where((near == NO) & (proof < 9), proof, weakest).astype(np.int8)
