"""Provisional and revised figures of one period: the revised one counts, the other is told."""

from __future__ import annotations

import pandas as pd

REVISED, PROVISIONAL = "修订", "初步"
KIND = "数据修订"
_KEY = ["district", "indicator", "item", "period", "basis"]


def current_rows(rows: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """(rows that count, rows replaced by a revised one of the same period).

    A revised figure that is masked or empty replaces nothing.
    """
    if "version" not in rows or not (rows["version"] == REVISED).any():
        return rows, rows.iloc[:0]
    key = [c for c in _KEY if c in rows]
    good = (rows["version"] == REVISED) & rows["value"].notna()
    revised = pd.MultiIndex.from_frame(rows.loc[good, key])
    here = pd.MultiIndex.from_frame(rows[key]).isin(revised)
    old = here & (rows["version"] != REVISED).to_numpy()
    empty = (rows["version"] == REVISED).to_numpy() & ~good.to_numpy() & pd.MultiIndex.from_frame(rows[key]).isin(
        pd.MultiIndex.from_frame(rows.loc[rows["version"] != REVISED, key]))
    return rows[~old & ~empty], rows[old]


def revisions(kept: pd.DataFrame, replaced: pd.DataFrame) -> pd.DataFrame:
    """What each revision changed: district, period, kind, what, rows."""
    key, told = [c for c in _KEY if c in replaced], []
    both = replaced.merge(kept, on=key, suffixes=("_old", "")).to_dict("records") if len(replaced) else []
    for row in both:
        old, new = row["value_old"], row["value"]
        change = f"，变动 {100 * (new / old - 1):+.1f}%".replace("-", "−") if pd.notna(old) and old else ""
        told.append((row["district"], row["period"], KIND, f"{'初步数' if pd.notna(old) else '原数'} {'未给' if pd.isna(old) else f'{old:g}'} 修订为 {new:g}{change}，按修订数",
                     f"{int(row['row_old'])}、{int(row['row'])}"))
    return pd.DataFrame(told, columns=["district", "period", "kind", "what", "rows"])
