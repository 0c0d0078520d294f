"""What has to be asked so that 资料不全 becomes a decision: which field, of how many, in which town."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..params import AssessmentError
from ..recognition.explain import read
from ..recognition.screen import UNSURE, Screening
from ..recognition.views import NONE_GIVEN, PLACES

COLUMNS = ["row", "certification", "field", "fields"]


def asked(screening: Screening) -> pd.DataFrame:
    """One row per 资料不全 enterprise × recognition × thing to ask.

    Returns
    -------
    DataFrame: row (of the 企业 sheet), certification, field (header with unit, or what to
    check on a list), fields (how many things that enterprise is to be asked for that
    recognition). Fields that cannot change the outcome are not asked.
    """
    parts = []
    for name in screening.certifications:
        part = screening.table[(screening.table["certification"] == name) & (screening.table["status"] == UNSURE)]
        if part.empty:
            continue
        perhaps = part["row"].isin(screening.perhaps.loc[screening.perhaps["certification"] == name, "row"]).to_numpy()
        wanted = read(screening, name, screening.positions(part["row"])).wanted(perhaps)
        if not wanted:
            continue
        who = np.array(list(wanted.values()))
        label, at = np.nonzero(who)
        parts.append(pd.DataFrame({"row": part["row"].to_numpy()[at], "certification": name, "field": np.array(list(wanted), dtype=object)[label],
                                   "fields": who.sum(axis=0)[at]}))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=COLUMNS)


def questions(screening: Screening, by: str | None = "town") -> pd.DataFrame:
    """What to ask and of how many enterprises.

    Parameters
    ----------
    by : ``town``, ``chain`` or None (the whole district).

    Returns
    -------
    DataFrame: (place,) field, enterprises (家), alone (enterprises for which the answer alone
    completes some recognition), certifications (joined by 、); within a place the field asked
    of most first, places by how many enterprises are to be asked.
    """
    if by is not None and by not in PLACES:
        raise AssessmentError(f"只能按 {'、'.join(PLACES)} 汇总，不能按“{by}”")
    table = asked(screening)
    if by is not None:
        place = screening.enterprises.set_index("row")[by].astype(str).replace("", NONE_GIVEN)
        table = table.assign(place=table["row"].map(place).astype(object))
    keys = (["place"] if by else []) + ["field"]
    if table.empty:
        return pd.DataFrame(columns=[*keys, "enterprises", "alone", "certifications"])
    grouped = table.groupby(keys, sort=False)
    out = pd.DataFrame({"enterprises": grouped["row"].nunique(), "alone": table[table["fields"] == 1].groupby(keys)["row"].nunique(),
                        "certifications": grouped["certification"].agg(lambda names: "、".join(dict.fromkeys(names)))}).reset_index()
    out["alone"] = out["alone"].fillna(0).astype(int)
    order = ["enterprises", "alone"]
    if by:
        out["asked"] = out["place"].map(table.groupby("place")["row"].nunique())
        order = ["asked", "place", *order]
    ascending = [column == "place" for column in order]
    return out.sort_values(order, ascending=ascending, kind="stable", ignore_index=True)[[*keys, "enterprises", "alone", "certifications"]]
