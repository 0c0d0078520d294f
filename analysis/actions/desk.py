"""One piece of work: a case screened, its lists matched, follow-ups read back, the plan sought, the workbooks put together."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from ..lists import ActionLists, FollowUp, action_lists, outcomes, read_follow_up
from ..matching import Matched, match_recognitions
from ..params import AssessmentError
from ..problems import NOTICE, Problem
from ..recognition import Screening, screen
from ..run_memory import once_per_run
from .planning import possible_plan
from .verdicts import decisions, usable

_SHOWN = 6


@dataclass(frozen=True)
class Desk:
    """What notebook 04 shows.

    screening, matched, follow (None where nothing came back), plan (None where there is none, ``why`` says why in Chinese),
    lists (the workbooks' content), notes (Chinese sentences on what was carried over or left out).
    wanted : the plan for the place asked for, where that is out of reach; ``plan`` is then the one for the best
        place that has the chance asked for, if there is any, and the lists follow it. A place that is held without any
        new application is no plan: the place above it counts then, with the best chance there is.
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
        """What was wrong in the workbooks that came back, for the head of the page; notices are in the lists' 数据问题 only."""
        found = [problem for problem in self.problems if problem.level != NOTICE]
        if not found:
            return []
        said = [str(problem) for problem in found[:_SHOWN]]
        more = f"其余 {len(found) - _SHOWN} 处见清单工作簿的“数据问题”。" if len(found) > _SHOWN else ""
        return [f"**交回的清单有 {len(found)} 处要处理**，没有读懂的没有带入：", *said, *filter(None, [more])]

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What was wrong in the workbooks that came back, or did not belong to this case."""
        return self.lists.returned


@once_per_run
def work(case, *, date: str | None = None, back: str | Sequence[str | Path] = (), former: str | Path = "", node: str = "", rank: int = 0,
         probability: float | None = None, budget: float | None = None, unsure: bool = False, runs: int | None = None) -> Desk:
    """Everything an action list is made of.

    Notebooks of one run share it (:mod:`analysis.run_memory`): workbooks sent back are read once a run, whatever becomes of them meanwhile.

    Parameters
    ----------
    case : a Case with 企业 and 认定条件.
    date : day of judging (2022-12-31); None or empty = end of the case's year.
    back : filled-in workbooks, or folders of them; text may hold several, parted as in PATH.
    former : folder of the lists handed out before, filled in where they lie; ``back`` counts where both say something
        as :mod:`analysis.lists.merge` has it.
    node, rank, probability, unsure, runs : as for :func:`analysis.plan.case_plan`; 0 or None: its defaults.
    budget : 万元; None: that of the sheet 申报约定, if any. 0 is no money at all.

    Raises
    ------
    AssessmentError for rules that cannot be read, no roster, files that are not there; what is wrong inside a workbook
    that came back is in ``problems`` instead, and a plan that cannot be made in ``why``.
    """
    paths = [Path(p) for p in (filter(None, back.split(os.pathsep)) if isinstance(back, str) else back)]
    if missing := [str(p) for p in paths if not p.exists()]:
        raise AssessmentError(f"找不到交回的清单 {'、'.join(missing)}")
    paths += [Path(former)] if former and Path(former).is_dir() else []
    follow, notes = (usable(case, read_follow_up(paths)), []) if paths else (None, [])
    matched = match_recognitions(case, decisions(case, follow))
    screening = screen(case, date or None, matched.held, matched.doubtful)
    screening = replace(screening, waits=_waits(case, screening))
    # Lists know a row by code, name and former name: what came of it is theirs to say.
    done = outcomes(action_lists(screening, case, matched, None, follow)) if follow is not None else None
    plan, wanted, why, said = _plan(case, screening, done, node, rank, probability, budget, unsure, runs)
    notes += said
    lists = action_lists(screening, case, matched, plan, follow)
    return Desk(screening, matched, follow, plan, wanted, why, lists, tuple(notes))


def _waits(case, screening):
    """Recognitions that another one asks for: the lists say the same days as the plan."""
    from ..plan import won_from

    try:
        return won_from(case, screening)
    except AssessmentError:  # The plan says what is wrong with the terms.
        return {}


def _plan(case, screening, done, node, rank, probability, budget, unsure, runs):
    """The plan, the one asked for if it is another, why there is none; sentences on follow-ups that it leaves out."""
    from ..plan import case_problem, make_plan
    from ..plan.case_candidates import enterprise_keys

    options = {"node": node, "rank": rank, "probability": probability or None, "budget": budget, "unsure": unsure}
    notes: list[str] = []
    try:
        problem = case_problem(case, screening, **options)
        if done is not None and len(done):
            keys = enterprise_keys(screening.enterprises)
            done, notes = _fitting(done.assign(enterprise=done["row"].map(keys).fillna(done["enterprise"])), problem)
            problem = case_problem(case, screening, outcomes=done, **options)
        return *possible_plan(make_plan(problem, runs), runs), "", notes
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
