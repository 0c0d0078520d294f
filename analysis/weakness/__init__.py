"""Where a district loses points, and what would help."""

from .findings import location_findings, strong_and_weak, weak_spot, weakness_findings
from .gap import Gap, gap_table, score_gap, with_median
from .levers import reach_worth, smallest_single_change, unit_worth
from .location import location_quotients, matched_recognitions, place_shares, town_chain_quotients
from .recognition_view import recognition_counts, recognition_finding, recognition_flow, recognition_indicators
from .strengths import strengths

__all__ = [
    "Gap", "gap_table", "location_findings", "location_quotients", "matched_recognitions", "place_shares", "reach_worth", "recognition_counts",
    "recognition_finding", "recognition_flow", "recognition_indicators", "score_gap", "smallest_single_change", "strengths",
    "strong_and_weak", "town_chain_quotients", "unit_worth", "weak_spot", "weakness_findings", "with_median",
]
