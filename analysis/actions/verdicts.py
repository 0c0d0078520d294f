"""Verdicts on doubtful names that came back with the lists, beside those of the case's own sheet."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from ..lists import FollowUp
from ..matching.book import lead
from ..matching.decisions import DECISION_COLUMNS, judge_decisions
from ..problems import WARNING, Problem
from ..text import fold_key


def usable(case, follow: FollowUp) -> FollowUp:
    """The follow-up without verdicts that cannot be used; they are told in ``problems`` with their place.

    Each town sees its own candidates only, so that two of them may claim one listed name: neither counts then, and the name
    stays open. So it is with an enterprise that is not on the roster or fits several rows of it.
    """
    table = follow.decisions
    if table.empty or case.enterprises.empty:
        return follow
    names, codes = list(case.enterprises["name"]), list(case.enterprises["code"])
    placed = table.assign(place=[f"{r.file}〔{r.sheet}〕第{r.row}行" for r in table.itertuples()]).reset_index(drop=True)
    _, faults = judge_decisions(placed, names, lead((fold_key(name), k) for k, name in enumerate(names)), lead((str(code), k) for k, code in enumerate(codes)))
    problems = [Problem(WARNING, f"“{placed['listed'].iat[f.at]}”：{f.words}，" + ("都没有采用" if f.clash else "没有采用"), "核对后统一结论" if f.clash else "改正后再交回",
                        placed["file"].iat[f.at], placed["sheet"].iat[f.at], placed["row"].iat[f.at], DECISION_COLUMNS[f.column]) for f in faults]
    out = {k for f in faults for k in (f.at, *f.clash)}
    kept = table.reset_index(drop=True).drop(index=list(out)).reset_index(drop=True)
    return replace(follow, decisions=kept, problems=(*follow.problems, *problems)) if faults else follow


def decisions(case, follow: FollowUp | None) -> pd.DataFrame | None:
    """Verdicts of the case's own sheet 名单核对 and, for names that it does not decide, those of the workbooks that came back."""
    own = case.tables.get("decisions")
    if follow is None or follow.decisions.empty:
        return own
    if own is None or own.empty:
        return follow.decisions
    decided = {fold_key(str(name)) for name in own.loc[own["verdict"].astype(str).str.strip() != "", "listed"]}
    new = follow.decisions[[fold_key(name) not in decided for name in follow.decisions["listed"]]]
    return pd.concat([own, new], ignore_index=True) if len(new) else own
