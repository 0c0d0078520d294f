"""The cheapest set of applications that lifts the rank, with the chance that it will."""

from .candidates import check_candidates, with_defaults
from .findings import plan_findings, plan_notes
from .from_case import case_plan, case_problem, won_from
from .frontier import frontier
from .goal import Goal
from .limits import Limits
from .need import required_set
from .problem import Problem, problem
from .replan import remaining, replan
from .result import Plan, best_for_budget, make_plan
from .rivals import Rivals, rivals_from_lists, rivals_from_table, still
from .terms import Terms, assumptions, terms_of
from .sources import plan_source, plan_statuses
from .tables import (ALONE_NOTE, FORMATS, NEW_NOTE, applied_note, budget_view, certification_view, chosen_notes, chosen_view, frontier_view, needed_view, places_view,
                     quarter_view, town_notes, town_view)

__all__ = [
    "ALONE_NOTE", "FORMATS", "Goal", "Limits", "NEW_NOTE", "Plan", "Problem", "Rivals", "Terms", "applied_note", "assumptions", "best_for_budget", "budget_view", "case_plan", "case_problem", "certification_view", "check_candidates",
    "chosen_notes", "chosen_view", "frontier", "frontier_view", "make_plan", "needed_view", "places_view", "plan_findings", "plan_notes", "plan_source", "plan_statuses", "problem", "quarter_view",
    "remaining", "replan", "required_set", "rivals_from_lists", "rivals_from_table", "still", "terms_of", "town_notes", "town_view", "with_defaults", "won_from",
]
