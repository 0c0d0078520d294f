"""Contributions: a node's score as a sum of parts."""

from __future__ import annotations

import numpy as np
import pandas as pd

from .aggregation import multipliers

ADJUSTMENT = "加减分"


def contributions(a, node: str | None = None, leaves: bool = False) -> pd.DataFrame:
    """Parts of a node's score, district × part; every row sums to the score.

    Parameters
    ----------
    a : :class:`analysis.assessment.Assessment`.
    node : the node to split, the total by default.
    leaves : split down to the indicators instead of the node's children.

    A child's part is its score × ∂(node)/∂(child): weight × score for the arithmetic
    mean, and exact as well for geometric and harmonic means (homogeneous of degree one:
    Euler). Bonuses, deductions and vetoes are the column 加减分, carried up by the same
    slopes. A Copeland node has no such split and stands as one part. Rows of districts
    whose score is unknown are NaN.
    """
    node = node or a.root
    index, steps = a.tree.nodes.index, {s.node: s for s in a.tree.steps}
    scores, before, out = a.scores.to_numpy(), a.before.to_numpy(), a.left_out.to_numpy()
    parts, bonus = {}, np.zeros(len(scores))
    waiting = [(index.get_loc(node), np.ones(len(scores)))]
    while waiting:
        k, slope = waiting.pop()
        step = steps.get(k)
        if step is None or step.aggregation == "copeland" or (not leaves and index[k] != node):
            own = scores[:, k] if step is None or index[k] != node else before[:, k]
            parts[index[k]] = np.where(slope == 0, 0.0, slope * own)
            if index[k] == node and step is not None:
                bonus += a.adjustments.to_numpy()[:, k]
            continue
        bonus += np.where(slope == 0, 0.0, slope * a.adjustments.to_numpy()[:, k])
        gone = out[:, step.children] | np.isnan(before[:, [k]])
        down = multipliers(step.aggregation, scores[:, step.children], step.weights, before[:, k], gone)
        down = np.where(gone | (step.weights == 0), 0.0, down)
        waiting += [(child, slope * down[:, j]) for j, child in enumerate(step.children)]
    columns = [c for c in index if c in parts]
    table = pd.DataFrame({c: parts[c] for c in columns} | {ADJUSTMENT: bonus}, index=a.scores.index)
    if len(columns) == 1 and columns[0] == node and node not in {index[k] for k in steps}:
        table = table[[node]]
    return table.where(a.scores[node].notna(), np.nan)
