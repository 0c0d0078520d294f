"""Which enterprises meet, nearly meet or miss which recognition, and what is missing."""

from .changes import Route, least_changes
from .rules import RuleBook, compile_rules, rule_book
from .screen import STATUSES, Screening, screen, screen_roster
from .views import by_place, candidates, findings, funnel, list_table, per_hundred, summary, unlisted_finding

__all__ = ["STATUSES", "Route", "RuleBook", "Screening", "by_place", "candidates", "compile_rules", "findings", "funnel", "least_changes", "list_table",
           "per_hundred", "rule_book", "screen", "screen_roster", "summary", "unlisted_finding"]
