"""Annual, quarterly and monthly series of a case, as Chinese statistics publish them."""

from .annual import (annual, annual_cells, annual_status, coverage, cumulative_wide, current_wide, history, last_complete_year, latest,
                     wide, yoy_wide)
from .growth import ComparableBase, comparable_base, growth_check
from .periods import period_label, period_text, to_date_label
from .read import Series, indicators, item_levels, items, read_series
from .season import Annualised, annualise, seasonal_share, share_history

__all__ = [
    "Annualised", "ComparableBase", "Series", "annual", "annual_cells", "annual_status", "annualise", "comparable_base", "coverage",
    "cumulative_wide", "current_wide", "growth_check", "history", "indicators", "item_levels", "items", "last_complete_year", "latest",
    "period_label", "period_text", "read_series", "seasonal_share", "share_history", "to_date_label", "wide", "yoy_wide",
]
