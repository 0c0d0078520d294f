"""Printed handouts of a class: a page for each town, for each enterprise on a list, a worksheet, a poster; PDF and Word.

    content = handouts(desk.screening, case, desk.lists, desk.plan, assess_case(case))
    write_handouts(content, "reports/demo/handouts")
"""

from .gather import Handouts, handouts
from .model import Blanks, Column, Figures, Grid, Page, Ranking, Sentences
from .page import files_view, findings, kinds_view, link_groups, links, missing_finding
from .write import write_handouts

__all__ = ["Blanks", "Column", "Figures", "Grid", "Handouts", "Page", "Ranking", "Sentences", "files_view", "findings", "handouts",
           "kinds_view", "link_groups", "links", "missing_finding", "write_handouts"]
