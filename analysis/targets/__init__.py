"""A target broken down, who carries it, and where the year stands against it."""

from .allocate import allocate, water_fill
from .contribution import Contributions, contributions, record_contributions, target_contributions, town_chain_years
from .factors import Factors, decompose_factors, output_factors
from .findings import (
    allocation_findings, backtest_finding, contribution_findings, factor_findings, path_finding, progress_findings, shift_share_finding,
)
from .nowcast import Nowcast, backtest_nowcast, backtest_summary, nowcast
from .places import Allocation, Places, allocate_target, case_places
from .rounding import shown_parts
from .schedule import Progress, progress, season_of
from .shiftshare import item_shift_share, shift_share, shift_share_summary
from .years import target_path, year_parts

__all__ = [
    "Allocation", "Contributions", "Factors", "Nowcast", "Places", "Progress", "allocate", "allocate_target", "allocation_findings",
    "backtest_finding", "backtest_nowcast", "backtest_summary", "case_places", "contribution_findings", "contributions", "decompose_factors",
    "factor_findings", "item_shift_share", "nowcast", "output_factors", "path_finding", "progress", "progress_findings",
    "record_contributions", "season_of", "shift_share", "shift_share_finding", "shift_share_summary", "shown_parts", "target_contributions",
    "target_path", "town_chain_years", "water_fill", "year_parts",
]
