"""What is wanted: a rank in a part of the assessment; and home's rank there for any counts of everybody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from ..assessment import Assessment, assess
from ..params import AssessmentError
from ..tree import branch
from ..weakness.rescore import Rescorer
from .parameters import setting

_BLOCK_CELLS = 2_000_000
_SCALE = 100.0  # points


@dataclass(frozen=True)
class Goal:
    """A place in a ranking and how sure it must be.

    home : the district that plans.
    rank : place wanted in its ranking group, by the case's rule for ties.
    node : code of the node in whose ranking the place counts: a group of indicators, one indicator,
        or, if blank, the whole assessment.
    probability : chance wanted, between 0 and 1.
    home_change : indicator -> known change of home's own value apart from the plan, such as
        −2 for two recognitions that expire.
    """

    home: str
    rank: int
    node: str = ""
    probability: float = field(default_factory=lambda: setting("默认目标概率"))
    home_change: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self):
        if not 0 < self.probability < 1:
            raise AssessmentError(f"目标概率应在 0 与 1 之间，现为 {self.probability}")
        if self.rank < 1:
            raise AssessmentError(f"目标位次应不小于 1，现为 {self.rank}")


class Scenes(Rescorer):
    """Home's score and rank in a node for many drawn counts of all districts at once.

    Bounds, best values and means taken from the data move with every draw, and so does
    everybody's score; indicators that no candidate raises stay as assessed.

    Parameters
    ----------
    assessment : the result to start from.
    goal : home, node and rank.
    codes : indicators under the node that candidates raise or that change otherwise.
    adjustments : as for :class:`analysis.weakness.rescore.Rescorer`.

    Raises
    ------
    AssessmentError: unknown node, home's score there unknown, a rank that the group does not have,
    an indicator of which home's value is not known.
    """

    def __init__(self, assessment: Assessment, goal: Goal, codes: list[str], adjustments: pd.DataFrame | None = None):
        assessment.require(goal.home, "本区")
        self.node = goal.node or assessment.root
        if self.node not in assessment.tree.nodes.index:
            raise AssessmentError(f"考核方案里没有节点“{self.node}”；可用：{'、'.join(assessment.tree.nodes.index)}")
        self.name, self.goal, self.codes = assessment.tree.name(self.node), goal, tuple(codes)
        if pd.isna(assessment.scores.at[goal.home, self.node]):
            raise AssessmentError(f"{goal.home}“{self.name}”的得分含未公开数值，无法计算，不能安排升位计划；请补数值或上下界")
        part, kept = _part(assessment, self.node, adjustments)
        super().__init__(part, goal.home, kept)
        self.peers = self._peers.copy()
        self.others = self.peers.copy()
        self.others[self._row] = False
        if goal.rank > self.peers.sum():
            raise AssessmentError(f"“{self.name}”同组只有 {int(self.peers.sum())} 个可比地区，没有第 {goal.rank} 位")
        values = part.treated[list(codes)]
        missing = [assessment.tree.name(c) for c in codes if pd.isna(values.at[goal.home, c])]
        if missing:
            raise AssessmentError(f"{goal.home}的{'、'.join(missing)}没有数值，不知道从多少起步；请补数值或上下界")
        self.now = values.to_numpy(dtype=float)
        self.base = np.maximum(self.now[self._row] + np.array([float(goal.home_change.get(c, 0)) for c in codes]), np.minimum(self.now[self._row], 0))
        self._places = [int(k) for k in self.assessment.tree.position(codes)]
        self._path = self._ancestors()

    def scores(self, home: np.ndarray, rivals: Mapping[str, np.ndarray]) -> np.ndarray:
        """Scores in the node (runs, districts).

        home : home's values (runs, indicators) or (indicators,) for the same in every draw.
        rivals : code -> values (runs, districts) of everybody; home's column is replaced.
        """
        home = np.broadcast_to(home, (len(next(iter(rivals.values()))), len(self.codes)))
        return self.joined([self.marks(j, home[:, j], rivals[code]) for j, code in enumerate(self.codes)])

    def marks(self, j: int, home: np.ndarray, values: np.ndarray) -> np.ndarray:
        """Marks in indicator j (runs, districts) for home's values (runs,) and everybody's (runs, districts); each draw by itself."""
        return np.concatenate([self._own(j, home[part], values[part]) for part in self._blocks(len(values))])

    def joined(self, marks: Sequence[np.ndarray]) -> np.ndarray:
        """Scores in the node (runs, districts) for the marks in each indicator."""
        return np.concatenate([self._climbed({place: m[part] for place, m in zip(self._places, marks)}, part.stop - part.start)
                               for part in self._blocks(len(marks[0]))])

    def _blocks(self, runs):
        size = max(1, _BLOCK_CELLS // self.now.shape[0] ** 2)
        return [slice(a, min(a + size, runs)) for a in range(0, runs, size)]

    def places(self, scores: np.ndarray) -> np.ndarray:
        """Home's rank (runs,) for scores (runs, districts)."""
        return self.ranks(scores)

    def gap(self, scores: np.ndarray, rank: int) -> np.ndarray:
        """Home's score minus that of the rival who must not be ahead for the rank (runs,); the full scale for the last place, which is certain."""
        others = -np.sort(-scores[:, self.others], axis=1)
        if rank > others.shape[1]:
            return np.full(len(scores), _SCALE)
        # A score that cannot be computed is no rank: as far away as can be.
        return np.nan_to_num(scores[:, self._row] - others[:, rank - 1], nan=-_SCALE)

    def scores_along(self, marks: Sequence[np.ndarray], j: int, values: np.ndarray, rivals: np.ndarray) -> np.ndarray:
        """Scores (values × runs, districts) where home takes each of ``values`` in indicator j.

        marks : in each indicator (runs, districts); those of j do not count. rivals : everybody's values of j (runs, districts).
        The same as :meth:`scores` of all these, value by value; the other indicators are scored once.
        """
        runs, times = len(rivals), len(values)
        along = self._own(j, np.repeat(values, runs), np.tile(rivals, (times, 1)))
        return self._climbed({place: along if i == j else np.tile(marks[i], (times, 1)) for i, place in enumerate(self._places)}, runs * times)

    def _own(self, j, home, values):
        """Marks of indicator j for home's values (runs,) among everybody's (runs, districts)."""
        x = np.array(values, dtype=float)
        x[:, self._row] = home
        return self._settle(self._places[j], self._marks(self.codes[j], x))

    def _climbed(self, marks, runs):
        for step in self._path:
            s = np.empty((runs, len(self._base), len(step.children)))
            for k, child in enumerate(step.children):
                s[:, :, k] = marks.get(int(child), self._base[:, child])
            marks[step.node] = self._settle(step.node, self._combine(step, s))
        return marks[0]

    def _ancestors(self):
        moved = set(self._places)
        path = []
        for step in self.assessment.tree.steps:
            if moved & {int(c) for c in step.children}:
                moved.add(step.node)
                path.append(step)
        return path


def _part(a: Assessment, node: str, adjustments: pd.DataFrame | None) -> tuple[Assessment, pd.DataFrame | None]:
    """The node as an assessment of its own, with the adjustments that act in it."""
    if node == a.root:
        return a, adjustments
    tree = branch(a.tree, node)
    codes = list(tree.leaves)
    if adjustments is None:
        given = a.adjustments[[c for c in tree.nodes.index if c in a.adjustments]].stack()
        given = given[given != 0].rename_axis(["district", "node"]).rename("points").reset_index().assign(kind="")
    else:
        given = adjustments[adjustments["node"].isin(tree.nodes.index)]
    part = assess(a.treated[codes], tree, groups=a.groups, adjustments=given, masked=a.masked[codes] & a.treated[codes].isna(),
                  statuses=a.statuses[codes], cells=a.cells[codes], ties=a.ties, decimals=a.decimals, year=a.year)
    return part, given
