"""What an action list shows: who should apply, who nearly can, what blocks them, whom to ask, and one enterprise's card."""

from .card import Card, card
from .compare import compare, compare_finding
from .desk import Desk, work
from .findings import dated, funnel_finding, hurdle_finding, keys, method_notes, opening, place_finding, plan_said, question_finding
from .hurdles import hurdles
from .lists import Listing, lists
from .planning import frontier_finding, plan_instead, sentence, with_plans
from .progress import FOLLOW_NOTE, follow_finding, follow_view, left_out, still_to_do
from .questions import asked, questions
from .tables import compare_view, funnel_view, gone_view, hurdle_view, place_view, problem_view, question_view, rules_view

__all__ = ["Card", "Desk", "FOLLOW_NOTE", "Listing", "asked", "card", "compare", "compare_finding", "compare_view", "dated", "follow_finding", "follow_view",
           "frontier_finding", "funnel_finding", "funnel_view", "gone_view", "hurdle_finding", "hurdle_view", "hurdles", "keys", "left_out", "lists",
           "method_notes", "opening", "place_finding", "place_view", "plan_instead", "plan_said", "problem_view", "question_finding", "question_view", "questions",
           "rules_view", "sentence", "still_to_do", "with_plans", "work"]
