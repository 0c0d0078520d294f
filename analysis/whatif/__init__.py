"""What if: weights and values changed by hand, rank and score answering at once."""

from .answer import FORMATS, Answer, assigned, change, compare_view, finding, indicator_view
from .panel import panel

__all__ = ["FORMATS", "Answer", "assigned", "change", "compare_view", "finding", "indicator_view", "panel"]
