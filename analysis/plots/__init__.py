"""Charts: pure functions over plain tables, each returning the axes it drew on."""

from analysis.plots.composition import plot_composition, plot_gap_waterfall
from analysis.plots.gaps import plot_group_gap, plot_strengths
from analysis.plots.heatmap import plot_heatmap
from analysis.plots.layout import figure_size
from analysis.plots.ranking import plot_ranking
from analysis.plots.reconciliation import plot_reconciliation
from analysis.plots.uncertainty import plot_rank_frequency, plot_rank_ranges

__all__ = [
    "figure_size",
    "plot_composition",
    "plot_gap_waterfall",
    "plot_group_gap",
    "plot_heatmap",
    "plot_rank_frequency",
    "plot_rank_ranges",
    "plot_ranking",
    "plot_reconciliation",
    "plot_strengths",
]
