"""The district's recognised enterprises per hundred above-scale ones beside its neighbours'."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..params import AssessmentError
from ..recognition import per_hundred


def compare(case, date=None) -> tuple[pd.DataFrame | None, str]:
    """(:func:`analysis.recognition.per_hundred`, "") or (None, why there is no comparison)."""
    try:
        return per_hundred(case, date), ""
    except AssessmentError as error:
        return None, f"没有与周边比较：{error}。"


def standing(table: pd.DataFrame, home: str) -> pd.DataFrame:
    """One row per recognition: the district beside the others.

    Parameters
    ----------
    table : as :func:`analysis.recognition.per_hundred` gives.

    Returns
    -------
    DataFrame: certification, recognised, base (家), per_hundred, rank, districts (with a
    figure), best (name, joined by 、), best_value, median (of the other districts), needed
    (recognitions that would bring the district to that median at its present base; 0 if it
    is there), status. Missing values where the district has no base.
    """
    rows = []
    for name, part in table.groupby("certification", sort=False):
        known = part.dropna(subset=["per_hundred"])
        own, others = known[known["district"] == home], known[known["district"] != home]
        top, middle = known["per_hundred"].max(), others["per_hundred"].median()
        row = {"certification": name, "recognised": np.nan, "base": np.nan, "per_hundred": np.nan, "rank": np.nan, "districts": len(known),
               "best": "、".join(known.loc[known["per_hundred"] == top, "district"]), "best_value": top, "median": middle, "needed": np.nan,
               "status": part["status"].iloc[0]}
        if len(own):
            row |= own.iloc[0][["recognised", "base", "per_hundred", "rank"]].to_dict()
            row["needed"] = max(np.ceil(middle * row["base"] / 100 - row["recognised"] - 1e-9), 0) if np.isfinite(middle) else np.nan
        rows.append(row)
    columns = ["certification", "recognised", "base", "per_hundred", "rank", "districts", "best", "best_value", "median", "needed", "status"]
    return pd.DataFrame(rows, columns=columns)


def compare_finding(table: pd.DataFrame, home: str) -> str:
    """Where the district stands on each recognition, in one sentence."""
    said = []
    for row in standing(table, home).dropna(subset=["rank"]).to_dict("records"):
        text = f"{row['certification']} {row['per_hundred']:.1f} 家，列 {row['districts']} 个区县第 {row['rank']:.0f} 位"
        if np.isfinite(row["median"]):
            text += f"（其他区县中位数 {row['median']:.1f} 家" + (f"，达到还差 {row['needed']:.0f} 家）" if row["needed"] else "）")
        said.append(text)
    return f"每百家规上工业企业中，{home}有{'；'.join(said)}。" if said else f"{home}没有规上工业企业单位数，不能与周边比较。"
