"""Everything a plan is sought from, checked and put together once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from ..assessment import Assessment
from ..params import AssessmentError
from .candidates import check_candidates, closure, parents, parents_first
from .goal import Goal, Scenes
from .limits import Limits, span
from .model import Model, build_model
from .parameters import CHECK, JUDGE, SEARCH, setting
from .rivals import Rivals, still
from .trial import Trial


HAVE = "已经取得"


@dataclass(frozen=True)
class Problem:
    """A goal, the candidates and the limits, ready to be solved.

    table : the candidates that can be applied for (see :func:`analysis.plan.candidates.check_candidates`),
        ``earliest`` moved to the first quarter that limits, windows and prerequisites allow.
    parents : per candidate the rows of its open prerequisites. above : those and theirs, the first needed first.
    target : per candidate its indicator's position, or −1.
    expected : per candidate the chance that it counts: its own times those of all open prerequisites.
    left_out : candidates that cannot be applied for, with the reason.
    fixed : per candidate True where already applied for and pending (part of every plan, costs nothing more).
    model : the limits as a mixed-integer programme. trials : draws made before, by number and seed.
    """

    assessment: Assessment
    goal: Goal
    limits: Limits
    rivals: Rivals
    scenes: Scenes
    table: pd.DataFrame
    parents: tuple[tuple[int, ...], ...]
    above: tuple[tuple[int, ...], ...]
    target: np.ndarray
    expected: np.ndarray
    fixed: np.ndarray
    left_out: pd.DataFrame
    model: Model
    held: frozenset
    adjustments: pd.DataFrame | None
    cost_unit: str
    notes: tuple[str, ...]
    trials: dict = field(default_factory=dict, repr=False, compare=False)

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
        key = (int(setting(title)) if runs is None else runs, own if seed is None else seed)
        if key not in self.trials:
            self.trials[key] = Trial(self.scenes, self.rivals, self.table["probability"].to_numpy(), self.target, self.above, self.scenes.base, *key)
        return self.trials[key]


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
    known = assessment.treated.loc[goal.home].notna()
    moving = {c for c in rivals.indicators if c in known and known[c]}
    codes = [c for c in under if c in set(table["indicator"]) | set(goal.home_change) | moving]
    if not any(c in set(table["indicator"]) for c in codes):
        raise AssessmentError(f"没有一项候选申报计入“{tree.name(node)}”，无法安排；该节点下的指标：{'、'.join(tree.name(c) for c in under)}")
    scenes = Scenes(assessment, goal, codes, adjustments)
    notes = [rivals.note]
    holding = frozenset(zip(held["enterprise"], held["certification"])) if isinstance(held, pd.DataFrame) else frozenset(map(tuple, held))
    fixed = table["fixed"].fillna(False).astype(bool).to_numpy() if "fixed" in table else np.zeros(len(table), bool)
    table, above, fixed, gone, slots = _usable(table, holding, limits, fixed)
    position = {c: j for j, c in enumerate(codes)}
    target = np.array([position.get(c, -1) for c in table["indicator"]], dtype=int)
    outside = sorted({c for c in table["indicator"] if c and c not in position})
    if outside:
        notes.append(f"{'、'.join(tree.name(c) for c in outside)}不在“{tree.name(node)}”之内，申报它们只作前置条件，不计得分")
    silent = list(assessment.scores.index[assessment.scores[node].isna() & (assessment.groups == assessment.groups[goal.home])])
    if silent:
        notes.append(f"{'、'.join(silent)}的“{tree.name(node)}”得分含未公开数值，不参加比较，位次只在其余地区之间算")
    named = [*limits.towns, *(limits.town_quarter if isinstance(limits.town_quarter, dict) else ())]
    absent = [k for k in named if k and k not in set(table["town"])]
    if absent:
        notes.append(f"{'、'.join(dict.fromkeys(absent))}有申报上限但没有可报的候选，请核对名称")
    own, whole = table["probability"].to_numpy(), closure(above)
    expected = np.array([own[k] * own[list(above_k)].prod() for k, above_k in enumerate(whole)])
    cost = np.where(fixed, 0.0, table["cost"].to_numpy())
    model = build_model(table, cost, above, fixed, slots, limits)
    return Problem(assessment, goal, limits, rivals, scenes, table, above, whole, target, expected, fixed, gone, model, holding, adjustments,
                   cost_unit, tuple(notes))


def _usable(table, held, limits, fixed):
    """Candidates that can be applied for, and the quarters (numbers) in which they can."""
    first, last = span(limits, table["earliest"])
    reason = np.full(len(table), "", dtype=object)
    have = [pair in held for pair in zip(table["enterprise"], table["certification"])]
    reason[np.array(have, bool)] = HAVE
    above, lost = parents(table, held)
    # What is pending has been accepted: of its prerequisites only those pending as well are still waited for.
    above = [tuple(a for a in asked if fixed[a]) if fixed[k] else asked for k, asked in enumerate(above)]
    lost &= ~fixed
    reason[(reason == "") & lost] = "前置认定既未取得，也不在候选之列"
    slots: list[list[int]] = [[] for _ in range(len(table))]
    for k in parents_first(above):
        if reason[k]:
            continue
        row = table.iloc[k]
        if fixed[k]:
            slots[k] = [int(row["earliest"])]
            continue
        start = max(first, int(row["earliest"]))
        if any(reason[a] for a in above[k]):
            reason[k] = "前置认定不能申报"
            continue
        start = max([start, *(slots[a][0] + limits.terms.review(table.at[a, "certification"]) for a in above[k])])
        slots[k] = limits.quarters(row["certification"], start, last)
        if not slots[k]:
            reason[k] = "截止季度之前没有可申报的时间"
    keep = reason == ""
    place = np.where(keep, np.cumsum(keep) - 1, -1)
    gone = table[~keep].assign(reason=reason[~keep]).reset_index(drop=True)
    if not keep.any():
        counts = pd.Series(reason).value_counts()
        raise AssessmentError("没有可申报的候选：" + "、".join(f"{why} {n} 项" for why, n in counts.items()))
    above = tuple(tuple(int(place[a]) for a in above[k]) for k in np.flatnonzero(keep))
    slots = [slots[k] for k in np.flatnonzero(keep)]
    left = table[keep].reset_index(drop=True)
    left["earliest"] = [s[0] for s in slots]
    return left, above, fixed[keep], gone, slots
