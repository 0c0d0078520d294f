"""Rosters and rules in a few words, for tests of the recognition screening."""

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
from analysis.columns import typed_table
from analysis.dictionary import load
from analysis.recognition.rules import compile_rules
from analysis.recognition.screen import screen_roster

RULES = Path(__file__).resolve().parents[1] / "data/raw/sources/recognition_rules.csv"
SPECIALISED, INNOVATIVE, GIANT = "省级专精特新中小企业", "创新型中小企业", "国家级专精特新“小巨人”企业"
NOBODY = pd.DataFrame({"row": pd.Series(dtype="int64"), "certification": pd.Series(dtype="str"), "year": pd.Series(dtype=float),
                       "valid_to": pd.Series(dtype="datetime64[s]"), "result": pd.Series(dtype="str")})


def roster(*firms, **own):
    """A 企业 table of firms given as {Chinese header: value}; ``own`` = further columns of the user's."""
    sheet = load().sheet("enterprises")
    empty = typed_table(None, sheet).frame
    out = {}
    for column in sheet.columns:
        values = [firm.get(column.header) for firm in firms]
        dtype = empty[column.name].dtype
        out[column.name] = pd.array(values, dtype="boolean") if dtype == "boolean" else \
            pd.Series([np.nan if v is None else v for v in values], dtype=float) if dtype == float else pd.Series([v or "" for v in values], dtype="str")
    frame = pd.DataFrame(out | {name: pd.Series(values) for name, values in own.items()})
    frame["name"] = [firm.get("企业名称", f"示例{k}厂") for k, firm in enumerate(firms)]
    return frame.assign(status="示例", row=np.arange(2, len(firms) + 2), cell="")


def table(rows):
    """A 认定条件 table from {Chinese header: text} rows."""
    sheet = load().sheet("rules")
    frame = pd.DataFrame([{c.name: row.get(c.header, "") for c in sheet.columns} for row in rows])
    frame["points"] = pd.to_numeric(frame["points"].replace("", np.nan)).astype(float)
    for column in ("valid_from", "valid_to"):
        frame[column] = pd.to_datetime(frame[column].replace("", None)).astype("datetime64[s]")
    return frame.assign(row=np.arange(2, len(frame) + 2), cell="")


@cache
def shipped():
    """The rules that come with the project."""
    return table(pd.read_csv(RULES, dtype=str, encoding="utf-8-sig").fillna("").to_dict("records"))


def rule(kind, field, op, threshold, group="A1", **more):
    return {"认定": "甲认定", "条款": kind, "组": group, "字段": field, "比较": op, "门槛": str(threshold), "可信度": "原文", **more}


def screened(rules, firms, held=NOBODY, listed=(), date="2022-12-31", year=2022, doubtful=None):
    rules = rules if isinstance(rules, pd.DataFrame) else table(rules)
    book = compile_rules(rules, firms, pd.Timestamp(date))
    return screen_roster(book, firms, held, list(listed), year, doubtful)


def granted(row, certification, year=2022, until=None, result="已认定"):
    return pd.DataFrame({"row": [row], "certification": [certification], "year": [float(year)], "valid_to": pd.to_datetime([until]).astype("datetime64[s]"),
                         "result": [result]})


@cache
def only(certification):
    return shipped()[shipped()["certification"] == certification]
