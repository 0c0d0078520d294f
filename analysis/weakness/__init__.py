"""Where a district loses points, and what would help."""

from .climb import joint_worth, smallest_single_change
from .estimates import estimate_notes, masked_texts
from .findings import gap_finding, location_findings, strong_and_weak, weak_spot, weakness_findings
from .gap import Gap, gap_table, score_gap, with_median
from .levers import reach_worth, unit_worth
from .location import location_quotients, matched_recognitions, place_shares, shares_side_by_side, side_by_side_finding, town_chain_quotients
from .peers import alone, choose_rival
from .recognition_view import flow_notes, recognition_counts, recognition_finding, recognition_flow, recognition_indicators
from .strengths import strengths

__all__ = [
    "Gap", "alone", "choose_rival", "estimate_notes", "flow_notes", "gap_finding", "gap_table", "joint_worth", "location_findings", "location_quotients",
    "masked_texts", "matched_recognitions", "place_shares", "reach_worth", "recognition_counts", "recognition_finding", "recognition_flow",
    "recognition_indicators", "score_gap", "shares_side_by_side", "side_by_side_finding", "smallest_single_change", "strengths", "strong_and_weak", "town_chain_quotients", "unit_worth",
    "weak_spot", "weakness_findings", "with_median",
]
