"""One piece of work: a case screened, its lists matched, follow-ups read back, the plan sought, the workbooks put together."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from ..lists import ActionLists, FollowUp, action_lists, outcomes, read_follow_up
from ..lists.statuses import follow_statuses
from ..matching import Matched, match_recognitions
from ..params import AssessmentError
from ..problems import Problem
from ..recognition import Screening, screen

_SHOWN = 6


@dataclass(frozen=True)
class Desk:
    """What notebook 04 shows.

    screening, matched, follow (None where nothing came back), plan (None where there is none, ``why`` says why in Chinese),
    lists (the workbooks' content), notes (Chinese sentences on what was carried over or left out).
    wanted : the plan for the place asked for, where that is out of reach; ``plan`` is then the one for the best
        place that has the chance asked for, if there is any, and the lists follow it.
    """

    screening: Screening
    matched: Matched
    follow: FollowUp | None
    plan: object | None
    wanted: object | None
    why: str
    lists: ActionLists
    notes: tuple[str, ...]

    @property
    def warnings(self) -> list[str]:
        """What was wrong in the workbooks that came back, for the head of the page."""
        if not self.problems:
            return []
        said = [str(problem) for problem in self.problems[:_SHOWN]]
        more = f"其余 {len(self.problems) - _SHOWN} 处见清单工作簿的“数据问题”。" if len(self.problems) > _SHOWN else ""
        return [f"**交回的清单有 {len(self.problems)} 处要处理**，没有读懂的没有带入：", *said, *filter(None, [more])]

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What was wrong in the workbooks that came back, or did not belong to this case."""
        return self.lists.returned


def work(case, *, date: str | None = None, back: str | Sequence[str | Path] = (), former: str | Path = "", node: str = "", rank: int = 0,
         probability: float | None = None, budget: float | None = None, unsure: bool = False, runs: int | None = None) -> Desk:
    """Everything an action list is made of.

    Parameters
    ----------
    case : a Case with 企业 and 认定条件.
    date : day of judging (2022-12-31); None or empty = end of the case's year.
    back : filled-in workbooks, or folders of them; text may hold several, parted as in PATH.
    former : folder of the lists handed out before, filled in where they lie; ``back`` counts where both say something
        as :mod:`analysis.lists.merge` has it.
    node, rank, probability, budget, unsure, runs : as for :func:`analysis.plan.case_plan`; 0 or None: its defaults.

    Raises
    ------
    AssessmentError for rules that cannot be read, no roster, files that are not there; what is wrong inside a workbook
    that came back is in ``problems`` instead, and a plan that cannot be made in ``why``.
    """
    paths = [Path(p) for p in (filter(None, back.split(os.pathsep)) if isinstance(back, str) else back)]
    if missing := [str(p) for p in paths if not p.exists()]:
        raise AssessmentError(f"找不到交回的清单 {'、'.join(missing)}")
    paths += [Path(former)] if former and Path(former).is_dir() else []
    follow, notes = (read_follow_up(paths), []) if paths else (None, [])
    matched = match_recognitions(case, _decisions(case, follow))
    screening = screen(case, date or None, matched.held, matched.doubtful)
    plan, wanted, why, said = _plan(case, screening, follow, node, rank, probability, budget, unsure, runs)
    notes += said
    lists = action_lists(screening, case, matched, plan, follow)
    return Desk(screening, matched, follow, plan, wanted, why, lists, (*notes, *_ahead_of_lists(lists)))


def _ahead_of_lists(lists):
    """What was won or applied for by the follow-ups while the case's lists do not say so yet."""
    followed = lists.rows["follow_up"]
    meaning = {s.name: s.outcome for s in follow_statuses()}
    counts = {name: int((followed == name).sum()) for name, outcome in meaning.items() if outcome in ("成功", "待定")}
    said = "、".join(f"{n} 项{name}" for name, n in counts.items() if n)
    return [f"跟进中有 {said}，案例的认定名单还没有这些：漏斗、每百家认定数和清单的状态仍按名单，申报计划已计入；公布后请补进认定名单。"] if said else []


def _decisions(case, follow):
    """Verdicts of the case's own sheet and, for names it does not decide, of the workbooks that came back."""
    own = case.tables.get("decisions")
    if follow is None or follow.decisions.empty:
        return own
    if own is None or own.empty:
        return follow.decisions
    new = follow.decisions[~follow.decisions["listed"].isin(own["listed"])]
    return pd.concat([own, new], ignore_index=True) if len(new) else own


def _plan(case, screening, follow, node, rank, probability, budget, unsure, runs):
    """The plan, the one asked for if it is another, why there is none; sentences on follow-ups that it leaves out."""
    from ..plan import case_problem, make_plan

    options = {"node": node, "rank": rank, "probability": probability or None, "budget": budget or None, "unsure": unsure}
    notes: list[str] = []
    try:
        problem = case_problem(case, screening, **options)
        done = outcomes(follow) if follow is not None else None
        if done is not None and len(done):
            done, notes = _fitting(done, problem)
            problem = case_problem(case, screening, outcomes=done, **options)
        plan = make_plan(problem, runs)
        possible = plan.nearest.set_index("what")["value"]
        if plan.reached or "最好位次" not in possible:
            return plan, None, "", notes
        nearest = make_plan(replace(problem, goal=replace(problem.goal, rank=int(possible["最好位次"]))), runs)
        return (nearest, plan, "", notes) if nearest.reached else (plan, None, "", notes)
    except AssessmentError as error:
        return None, None, f"没有排出申报计划：{error}。", notes


def _fitting(done, problem):
    """Outcomes of candidates; a sentence on the others."""
    known = {pair for table in (problem.table, problem.left_out) for pair in zip(table["enterprise"], table["certification"])}
    fits = pd.Series([pair in known for pair in zip(done["enterprise"], done["certification"])], done.index, dtype=bool)
    if fits.all():
        return done, []
    few = [f"{e}（{c}）" for e, c in done.loc[~fits, ["enterprise", "certification"]].head(5).to_numpy()]
    return done[fits], [f"{int((~fits).sum())} 项跟进结果不在候选里，没有计入计划：{'、'.join(few)}{'等' if (~fits).sum() > 5 else ''}。"]
