"""Charts: pure functions over plain tables, each returning the axes it drew on."""

from analysis.plots.actions import plot_funnel, plot_hurdles, plot_near, plot_per_hundred, plot_town_matrix
from analysis.plots.composition import plot_composition, plot_gap_waterfall
from analysis.plots.forecast import plot_backtest, plot_backtest_errors
from analysis.plots.gaps import plot_group_gap, plot_strengths
from analysis.plots.growth import plot_chances, plot_fan, plot_required
from analysis.plots.heatmap import plot_heatmap
from analysis.plots.layout import figure_size
from analysis.plots.plan import plot_frontier, plot_quarters, plot_towns
from analysis.plots.ranking import plot_ranking
from analysis.plots.reconciliation import plot_reconciliation
from analysis.plots.targets import plot_contributions, plot_progress, plot_shift_share
from analysis.plots.uncertainty import plot_rank_frequency, plot_rank_ranges

__all__ = [
    "figure_size",
    "plot_backtest",
    "plot_backtest_errors",
    "plot_chances",
    "plot_composition",
    "plot_contributions",
    "plot_fan",
    "plot_frontier",
    "plot_funnel",
    "plot_gap_waterfall",
    "plot_group_gap",
    "plot_heatmap",
    "plot_hurdles",
    "plot_near",
    "plot_per_hundred",
    "plot_progress",
    "plot_quarters",
    "plot_rank_frequency",
    "plot_rank_ranges",
    "plot_ranking",
    "plot_reconciliation",
    "plot_required",
    "plot_shift_share",
    "plot_strengths",
    "plot_town_matrix",
    "plot_towns",
]
