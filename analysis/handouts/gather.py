"""All handouts of a case as content, before anything is laid out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache, partial

from ..actions.questions import asked
from ..assessment import Assessment
from ..lists import ActionLists, for_town
from ..lists.scope import Names
from ..lists.statuses import tally
from ..lists.text import safe_text
from ..recognition import Screening
from ..recognition.held import refused
from .enterprise import enterprise_pages, readings
from .face import face
from .model import Page, mapped
from .poster import poster_page
from .town import growth_text, town_page
from .worksheet import worksheet_pages


@dataclass(frozen=True)
class Handouts:
    """towns, enterprises: a page each, those of one town together and the nearest enterprise first; worksheet: the page and its
    key; poster: None without an assessment. day : the day judged, as 2022-12-31."""

    towns: tuple[Page, ...]
    enterprises: tuple[Page, ...]
    worksheet: tuple[Page, ...]
    poster: Page | None
    day: str

    def enterprises_of(self, town: str) -> tuple[Page, ...]:
        return tuple(page for page in self.enterprises if page.town == town)


def handouts(screening: Screening, case, lists: ActionLists, plan=None, assessment: Assessment | None = None, task=None, key: bool = True) -> Handouts:
    """What goes on the printed pages of a class.

    Parameters
    ----------
    screening, lists : of the same case, as :func:`analysis.actions.desk.work` gives them. plan : an :class:`analysis.plan.Plan` or None.
    assessment : ``assess_case(case)``; None: no poster, the worksheet without ranks.
    task : an :class:`analysis.chase.Task`, or tasks by indicator, for the growth target; None: without.
    key : with the worksheet's answer key.

    Returns
    -------
    Handouts. Pages of a town and of its enterprises name nobody and nothing of another town: names, former names, codes and towns
    of others are blotted out of every text as :func:`analysis.lists.for_town` has it.
    """
    names, front, questions, tasks = Names(lists.everyone), face(screening, case, lists), asked(screening), _tasks(task)
    before = refused(screening.held)
    kinds = dict(zip(case.towns["town"], case.towns["kind"])) if len(case.towns) else {}
    towns, firms, found = [], [], readings(screening, lists.rows)
    for town in lists.towns:
        whole = for_town(lists, town, names)
        own = _open(whole)
        clean = cache(partial(_clean, names, town))
        growth = tuple(text for name, t in tasks.items() if (text := growth_text(t, town, name)))
        towns.append(mapped(town_page(own, lists, front, questions, kinds.get(town, ""), growth, tally(whole.settled["follow_up"]), before), clean))
        firms += [mapped(page, clean) for page in enterprise_pages(own, front, screening, found)]
    sheet = worksheet_pages(screening, case, _open(lists), front, plan, assessment, tasks, key)
    poster = poster_page(case, assessment, front) if assessment is not None else None
    return Handouts(tuple(towns), tuple(firms), tuple(mapped(p, safe_text) for p in sheet), poster and mapped(poster, safe_text), f"{lists.day:%Y-%m-%d}")


def _open(lists):
    """Lists without what a follow-up has settled: nobody need be roused for it any more."""
    return replace(lists, rows=lists.rows.drop(index=lists.settled.index).reset_index(drop=True))


def _tasks(task):
    if task is None:
        return {}
    if isinstance(task, Mapping):
        return dict(task)
    return {task.progress.indicator if task.progress is not None else "": task}


def _clean(names, town, text):
    return names.blotted(safe_text(text), town)
