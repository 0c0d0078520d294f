"""Which clauses stand in the way, of how many, and by how much."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..params import AssessmentError
from ..recognition.clauses import CONFIDENCE, Clause
from ..recognition.explain import brief, demand, read, spelled
from ..recognition.logic import UNKNOWN
from ..recognition.screen import NEAR, UNSURE, Screening

COLUMNS = ["certification", "clause", "kind", "near", "only", "unsure", "missing", "unit", "confidence", "rule_row"]


def hurdles(screening: Screening, certification: str | None = None) -> pd.DataFrame:
    """Clauses that 靠靠能报 and 资料不全 enterprises surely miss, the one that blocks most first.

    Parameters
    ----------
    certification : one recognition only (None = all).

    Returns
    -------
    DataFrame: certification, clause (Chinese), kind (条款), near (靠靠能报 enterprises, 家, that
    miss it), only (those of them that qualify once they meet it: nothing else missed or unknown), unsure (资料不全 enterprises, 家, that
    miss it), missing (median of what the near ones lack, in ``unit``; missing value where it
    is not a quantity), unit, confidence, rule_row. Of a group with alternatives the nearest
    counts, as in the reasons of :meth:`Screening.explain`.

    Raises
    ------
    AssessmentError for a recognition that is not screened.
    """
    if certification is not None and certification not in screening.certifications:
        raise AssessmentError(f"没有筛查“{certification}”；有：{'、'.join(screening.certifications)}")
    rows = [row for name in screening.certifications if certification in (None, name) for row in _of_one(screening, name)]
    table = pd.DataFrame(rows, columns=COLUMNS)
    return table.sort_values(["near", "only", "unsure", "rule_row"], ascending=[False, False, False, True], kind="stable", ignore_index=True)


def condition(clause: Clause) -> str:
    """A clause in words for a list of conditions."""
    return f"先认定为{clause.holds}" if clause.holds else brief(clause.text) if clause.text else spelled(clause) + demand(clause)


def _of_one(screening, name):
    table = screening.table
    part = table[(table["certification"] == name) & table["status"].isin((NEAR, UNSURE))]
    if part.empty:
        return
    found = read(screening, name, screening.positions(part["row"]))
    near = (part["status"] == NEAR).to_numpy()
    missed = [(c, who) for group in found.recognition.required for c, who in found.lacking(group) if who.any()]
    times = np.sum([who for _, who in missed], axis=0) if missed else np.zeros(len(part))
    settled = ~np.any([found.group(g).state == UNKNOWN for g in found.recognition.required], axis=0)
    for clause, who in missed:
        amounts = found.clause(clause).missing[who & near]
        amounts = amounts[np.isfinite(amounts)]
        yield {"certification": name, "clause": condition(clause), "kind": clause.kind, "near": int((who & near).sum()),
               "only": int((who & near & settled & (times == 1)).sum()), "unsure": int((who & ~near).sum()),
               "missing": float(np.median(amounts)) if len(amounts) and clause.ordered else np.nan,
               "unit": "个百分点" if clause.unit == "%" else clause.unit, "confidence": CONFIDENCE[clause.confidence], "rule_row": clause.row}
