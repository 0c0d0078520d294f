"""Everything a plan is sought from, checked and put together once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from ..assessment import Assessment
from ..params import AssessmentError
from .candidates import check_candidates, parents, parents_first
from .goal import Goal, Scenes
from .limits import Limits, span
from .model import Model, build_model
from .parameters import CHECK, JUDGE, SEARCH, setting
from .rivals import Rivals, still
from .trial import Trial


@dataclass(frozen=True)
class Problem:
    """A goal, the candidates and the limits, ready to be solved.

    table : the candidates that can be applied for (see :func:`analysis.plan.candidates.check_candidates`),
        ``earliest`` moved to the first quarter that limits, windows and prerequisites allow.
    parent, target : per candidate its open prerequisite (row or −1) and its indicator's position (or −1).
    expected : per candidate the chance that it counts: its own times that of its open prerequisites.
    left_out : candidates that cannot be applied for, with the reason.
    fixed : per candidate True where already applied for and pending (part of every plan, costs nothing more).
    model : the limits as a mixed-integer programme.
    """

    assessment: Assessment
    goal: Goal
    limits: Limits
    rivals: Rivals
    scenes: Scenes
    table: pd.DataFrame
    parent: np.ndarray
    target: np.ndarray
    expected: np.ndarray
    fixed: np.ndarray
    left_out: pd.DataFrame
    model: Model
    held: frozenset
    adjustments: pd.DataFrame | None
    cost_unit: str
    notes: tuple[str, ...]

    @property
    def cost(self) -> np.ndarray:
        """Cost of each candidate still to be paid."""
        return np.where(self.fixed, 0.0, self.table["cost"].to_numpy())

    def without_budget(self) -> Problem:
        """The same without a budget."""
        return replace(self, limits=replace(self.limits, budget=None), model=replace(self.model, budget=np.inf))

    def trial(self, which: str, runs: int | None = None, seed: int | None = None) -> Trial:
        """Draws for a purpose: ``search``, ``check`` or ``judge``, each with a seed of its own."""
        names = {"search": ("搜索模拟次数", SEARCH), "check": ("复核模拟次数", CHECK), "judge": ("评判模拟次数", JUDGE)}
        title, own = names[which]
        return Trial(self.scenes, self.rivals, self.table["probability"].to_numpy(), self.target, self.parent, self.scenes.base,
                     int(setting(title)) if runs is None else runs, own if seed is None else seed)


def problem(
    assessment: Assessment,
    candidates: pd.DataFrame,
    goal: Goal,
    limits: Limits | None = None,
    rivals: Rivals | None = None,
    held: pd.DataFrame | Iterable[tuple[str, str]] = (),
    adjustments: pd.DataFrame | None = None,
    cost_unit: str = "万元",
) -> Problem:
    """Check candidates, goal and limits against the assessment and each other.

    Parameters
    ----------
    assessment : the assessment whose ranking is to be climbed.
    candidates : possible applications, see :func:`analysis.plan.candidates.check_candidates`; a column ``fixed``
        (True) marks what is applied for already and pending.
    goal, limits, rivals : what is wanted, what bounds it (nothing by default), how the others move (not by default).
    held : pairs (enterprise, certification) held already, or a table with these columns.
    adjustments : bonuses, deductions and vetoes given to the assessment; needed only where there is a 否决.
    cost_unit : unit of the candidates' cost, shown with every amount.

    Raises
    ------
    AssessmentError naming rows, indicator, node, district or rank at fault; also where no candidate counts in the node.
    """
    limits, rivals = limits or Limits(), rivals or still()
    table = check_candidates(candidates)
    tree = assessment.tree
    assessment.require(goal.home, "本区")
    unknown = sorted(set(table["indicator"]) - {""} - set(tree.leaves))
    if unknown:
        raise AssessmentError(f"候选申报的指标“{'、'.join(unknown)}”不在考核方案里；可用：{'、'.join(tree.leaves)}")
    node = goal.node or tree.root
    if node not in tree.nodes.index:
        raise AssessmentError(f"考核方案里没有节点“{node}”；可用：{'、'.join(tree.nodes.index)}")
    under = [c for c in tree.leaves_under(node) if tree.nodes.at[c, "global_weight"] > 0]
    backward = [tree.name(c) for c in dict.fromkeys(table["indicator"]) if c and tree.nodes.at[c, "direction"] == "逆向"]
    if backward:
        raise AssessmentError(f"指标{'、'.join(backward)}是逆向指标，多认定反而减分，不能用申报来提升")
    odd = sorted(set(goal.home_change) - set(tree.leaves))
    if odd:
        raise AssessmentError(f"本区自身变动里的指标“{'、'.join(odd)}”不在考核方案里")
    codes = [c for c in under if c in set(table["indicator"]) | set(goal.home_change)]
    if not any(c in set(table["indicator"]) for c in codes):
        raise AssessmentError(f"没有一项候选申报计入“{tree.name(node)}”，无法安排；该节点下的指标：{'、'.join(tree.name(c) for c in under)}")
    scenes = Scenes(assessment, goal, codes, adjustments)
    notes = [rivals.note]
    holding = frozenset(zip(held["enterprise"], held["certification"])) if isinstance(held, pd.DataFrame) else frozenset(map(tuple, held))
    fixed = table["fixed"].fillna(False).astype(bool).to_numpy() if "fixed" in table else np.zeros(len(table), bool)
    table, parent, fixed, gone, slots = _usable(table, holding, limits, fixed)
    position = {c: j for j, c in enumerate(codes)}
    target = np.array([position.get(c, -1) for c in table["indicator"]], dtype=int)
    outside = sorted({c for c in table["indicator"] if c and c not in position})
    if outside:
        notes.append(f"{'、'.join(tree.name(c) for c in outside)}不在“{tree.name(node)}”之内，申报它们只作前置条件，不计得分")
    absent = [k for k in [*limits.towns, *(limits.town_quarter if isinstance(limits.town_quarter, dict) else ())] if k not in set(table["town"])]
    if absent:
        notes.append(f"{'、'.join(dict.fromkeys(absent))}有申报上限但没有可报的候选，请核对名称")
    expected = table["probability"].to_numpy().copy()
    for k in parents_first(parent):
        if parent[k] >= 0:
            expected[k] *= expected[parent[k]]
    cost = np.where(fixed, 0.0, table["cost"].to_numpy())
    model = build_model(table, cost, parent, fixed, slots, limits)
    return Problem(assessment, goal, limits, rivals, scenes, table, parent, target, expected, fixed, gone, model, holding, adjustments,
                   cost_unit, tuple(notes))


def _usable(table, held, limits, fixed):
    """Candidates that can be applied for, and the quarters (numbers) in which they can."""
    first, last = span(limits, table["earliest"])
    reason = np.full(len(table), "", dtype=object)
    have = [pair in held for pair in zip(table["enterprise"], table["certification"])]
    reason[np.array(have, bool)] = "已经取得"
    parent, lost = parents(table, held)
    reason[(reason == "") & lost] = "前置认定既未取得，也不在候选之列"
    slots: list[list[int]] = [[] for _ in range(len(table))]
    for k in parents_first(parent):
        if reason[k]:
            continue
        row, above = table.iloc[k], parent[k]
        if fixed[k]:
            slots[k] = [int(row["earliest"])]
            continue
        start = max(first, int(row["earliest"]))
        if above >= 0:
            if reason[above]:
                reason[k] = "前置认定不能申报"
                continue
            start = max(start, slots[above][0] + limits.lag(table.at[above, "certification"]))
        slots[k] = limits.quarters(row["certification"], start, last)
        if not slots[k]:
            reason[k] = "截止季度之前没有可申报的时间"
    keep = reason == ""
    place = np.where(keep, np.cumsum(keep) - 1, -1)
    gone = table[~keep].assign(reason=reason[~keep]).reset_index(drop=True)
    if not keep.any():
        counts = pd.Series(reason).value_counts()
        raise AssessmentError("没有可申报的候选：" + "、".join(f"{why} {n} 项" for why, n in counts.items()))
    parent = np.array([place[p] if p >= 0 else -1 for p in parent[keep]], dtype=int)
    slots = [slots[k] for k in np.flatnonzero(keep)]
    left = table[keep].reset_index(drop=True)
    left["earliest"] = [s[0] for s in slots]
    return left, parent, fixed[keep], gone, slots
