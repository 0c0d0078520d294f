"""Published lists matched to the roster: by code, by name, and for a person to decide.

Nothing is merged silently: every match says by what it was made, and whatever fits
imperfectly, or fits several enterprises, is listed with its reason.
"""

from .decisions import DECISION_COLUMNS, decision_sheet
from .match import Matched, match
from .names import NormalName, normalise
from .places import Places, known_places
from .recognitions import expiring, match_recognitions
from .similar import similar_names
from .views import doubtful_table, expiring_table, matching_findings, unmatched_table, with_open

__all__ = ["DECISION_COLUMNS", "Matched", "NormalName", "Places", "decision_sheet", "doubtful_table", "expiring", "expiring_table", "known_places",
           "match", "match_recognitions", "matching_findings", "normalise", "similar_names", "unmatched_table", "with_open"]
