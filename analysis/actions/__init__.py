"""What an action list shows: who should apply, who nearly can, what blocks them, whom to ask, and one enterprise's card."""

from .card import Card, card
from .compare import compare, compare_finding
from .findings import funnel_finding, hurdle_finding, keys, method_notes, opening, place_finding, question_finding
from .hurdles import hurdles
from .lists import Listing, lists
from .questions import asked, questions
from .tables import compare_view, funnel_view, hurdle_view, place_view, question_view

__all__ = ["Card", "Listing", "asked", "card", "compare", "compare_finding", "compare_view", "funnel_finding", "funnel_view", "hurdle_finding", "hurdle_view",
           "hurdles", "keys", "lists", "method_notes", "opening", "place_finding", "place_view", "question_finding", "question_view", "questions"]
