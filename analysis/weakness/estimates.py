"""A masked value is never shown as a figure: how one is written where it has to be used."""

from __future__ import annotations

import pandas as pd

from ..assessment import Assessment

MASK = "**"
UNITLESS = ("", "指数")


def is_estimate(assessment: Assessment, district: str, code: str) -> bool:
    """Whether the value that was scored is the midpoint of a masked value's bounds."""
    return bool(assessment.masked.at[district, code] and pd.notna(assessment.treated.at[district, code]))


def said(assessment: Assessment, district: str, code: str, unit: bool = True) -> str:
    """A value for a sentence: ``12 家``; ``约 12.5 家（推算）`` where it is a midpoint; 未公开; 缺数.

    No asterisks: in a sentence they mark emphasis.
    """
    value, text = assessment.treated.at[district, code], unit_text(assessment, code) if unit else ""
    if pd.isna(value):
        return "未公开" if assessment.masked.at[district, code] else "缺数"
    return about(value, text, is_estimate(assessment, district, code))


def about(value: float, unit: str = "", estimated: bool = False, spec: str = ".10g") -> str:
    """A figure with its unit, and 约…（推算） around it where it rests on a midpoint."""
    text = f"{value:{spec}}{unit}".replace("-", "−")
    return f"约 {text}（推算）" if estimated else text


def spaced(before: str, text: str, after: str = "") -> str:
    """A figure between Chinese words: spaces beside digits, none beside 约 or a closing bracket."""
    left = " " if before and text[:1].isdigit() or text[:1] == "−" else ""
    right = "" if not after or text.endswith("）") else " "
    return f"{before}{left}{text}{right}{after}"


def unit_text(assessment: Assessment, code: str) -> str:
    """`` 家``: the unit with its space, nothing for an index."""
    unit = assessment.tree.nodes.at[code, "unit"]
    return "" if unit in UNITLESS else f" {unit}"


def masked_texts(case, assessment: Assessment, district: str) -> dict[str, str]:
    """Indicator -> how a district's masked value is printed in a table: ``**（区间 5～20，按中点推算）``."""
    rows = case.values[(case.values["year"] == assessment.year) & (case.values["district"] == district) & case.values["value_masked"].astype(bool)]
    found = {}
    for row in rows.itertuples():
        bounded = pd.notna(row.low) and pd.notna(row.high)
        found[row.indicator] = MASK + (f"（区间 {row.low:g}～{row.high:g}，按中点推算）" if bounded else "（没有上下界，不推算）")
    return found


def estimate_notes(case, assessment: Assessment, home: str) -> list[str]:
    """What stands behind the figures marked 推: home's masked values and everybody's with bounds."""
    rows = assessment.masked & assessment.treated.notna()
    weighted = [c for c in assessment.tree.leaves if assessment.tree.nodes.at[c, "global_weight"] > 0]
    used = [(d, c) for c in weighted for d in rows.index if rows.at[d, c]]
    if not used:
        return []
    who = "、".join(f"{d}“{assessment.tree.name(c)}”" for d, c in used[:4]) + (f"等 {len(used)} 处" if len(used) > 4 else "")
    return [f"{who}未公开，按所给区间的中点推算后参与计分；表里直接由它得出的数标“推”，句中写“约…（推算）”，都不能当作公布数引用；"
            "总分、位次和其他地区的得分也受它影响。"]
