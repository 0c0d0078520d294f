"""Overtaking a leader who moves: how fast, by when, with what chance."""

from .chance import additions_for, catch_up_year, chances, growth_for, home_levels, pair_chances, pair_growth, rank_chances
from .classes import class_of, classify
from .convergence import Convergence, converge
from .counts import simulate_counts
from .findings import catchup_findings, convergence_findings, scenario_findings
from .frame import checked_frame, growth_rates
from .outlook import Outlook, outlook, side_by_side
from .paths import Paths, match_spread, match_spreads, simulate
from .required import growth_to_reach, required_growth, required_to_level
from .scenarios import apply_scenario, compare_scenarios, default_scenarios

__all__ = [
    "Convergence", "Outlook", "Paths", "additions_for", "apply_scenario", "catch_up_year", "catchup_findings", "chances",
    "checked_frame", "class_of", "classify", "compare_scenarios", "converge", "convergence_findings", "default_scenarios", "growth_for",
    "growth_rates", "growth_to_reach", "home_levels", "match_spread", "match_spreads", "outlook", "pair_chances", "pair_growth",
    "rank_chances", "required_growth", "required_to_level", "scenario_findings", "side_by_side", "simulate", "simulate_counts",
]
