"""Cases that hold only a few rows of 时间序列, and short ways to look at a series."""

from types import SimpleNamespace

import numpy as np
import pandas as pd

NAME = "开票销售"
MERGED = ["01..02", *(f"{m:02d}" for m in range(3, 13))]
SINGLE = [f"{m:02d}" for m in range(1, 13)]


def book(rows, indicator=NAME, unit="亿元", **extra):
    """A case of rows (district, period, basis, value, yoy): value may be "**"; the sheet's rows count from 2."""
    table = pd.DataFrame([(*r, None)[:5] for r in rows], columns=["district", "period", "basis", "value", "yoy"])
    table["value_masked"] = table["value"].map(lambda v: v == "**")
    table["value"] = pd.to_numeric(table["value"].where(~table["value_masked"]), errors="coerce").astype(float)
    table["yoy"] = table["yoy"].astype(float)
    table = table.assign(indicator=indicator, unit=unit, yoy_masked=False, source="", status="公布", note="", item="", row=range(2, len(table) + 2))
    table["cell"] = [f"时间序列!E{r}" for r in table["row"]]
    table = table.assign(**extra)
    return SimpleNamespace(name="小例", tables={"series": table, "districts": pd.DataFrame({"district": ["东区", "西区", "南县"]})})


def year_rows(year, currents, months, district="东区", cumulative=True, yoy=None):
    figures = np.round(np.cumsum(currents), 6) if cumulative else currents
    return [(district, f"{year}-{m}", "累计" if cumulative else "当期", float(v), yoy) for m, v in zip(months, figures)]


def line(series, column, district="东区"):
    return series.table.loc[series.table["district"] == district, column].tolist()


def kinds(series):
    return set(series.problems["kind"])


def said(series, kind):
    return series.problems.loc[series.problems["kind"] == kind].iloc[0]
