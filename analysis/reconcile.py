"""Reconciliation: what the scheme gives against what the city announced."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from .assessment import Assessment, assess_case
from .ranking import TIES

DEFAULT_TOLERANCE = 0.01
_SLACK = 1e-9


@dataclass(frozen=True)
class Reconciliation:
    """Comparison by node and district.

    table : year, node, name, district, score, published_score, score_diff, rank,
        published_rank, rank_diff, score_ok, rank_ok (missing where nothing was
        published or it was masked), masked, verdict, status, source, cell.
    summary : one row per year and node: how many compared, agreeing, largest difference.
    tolerance : largest difference in points that counts as agreement.
    """

    table: pd.DataFrame
    summary: pd.DataFrame
    tolerance: float

    @property
    def agrees(self) -> bool | None:
        """True if every comparable score and rank agrees; None if nothing can be compared."""
        compared = self.summary[["scores", "ranks"]].to_numpy().sum()
        if not compared:
            return None
        return bool((self.summary["scores_ok"] == self.summary["scores"]).all()
                    and (self.summary["ranks_ok"] == self.summary["ranks"]).all())

    @property
    def verdict(self) -> str:
        """The result in one Chinese sentence."""
        if self.agrees is None:
            return "没有公布结果可以对账。" if self.table.empty else "公布的得分和位次都未公开，无法对账。"
        scores, scores_ok = self.summary["scores"].sum(), self.summary["scores_ok"].sum()
        ranks, ranks_ok = self.summary["ranks"].sum(), self.summary["ranks_ok"].sum()
        worst = self.table.loc[self.table["score_diff"].abs().idxmax()] if scores else None
        text = "对账一致" if self.agrees else "对不上账"
        parts = []
        if scores:
            parts.append(f"得分 {scores_ok}/{scores} 个在 ±{self.tolerance:g} 以内")
        if ranks:
            parts.append(f"位次 {ranks_ok}/{ranks} 个相同")
        sentence = f"{text}：{'，'.join(parts)}"
        if scores:
            where = f"{worst['district']}“{worst['name']}”"
            year = f"{worst['year']:.0f} 年" if self.table["year"].nunique() > 1 else ""
            sentence += f"，最大差 {abs(worst['score_diff']):.4f} 分（{year}{where}）"
        return sentence + "。"


def reconcile(assessment: Assessment, published: pd.DataFrame, tolerance: float = DEFAULT_TOLERANCE) -> Reconciliation:
    """Compare an assessment with the announced scores and ranks of the same year.

    Parameters
    ----------
    assessment : the rebuilt result.
    published : columns district, node, score, rank (NaN = not announced), optionally
        year, score_masked, rank_masked, status, source, cell.
    tolerance : points; a difference of at most this counts as agreement.

    score_diff = rebuilt − announced; rank_diff likewise (positive: we rank it lower).
    """
    published = published.copy()
    if "year" in published and assessment.year is not None:
        published = published[published["year"] == assessment.year]
    known = published["district"].isin(assessment.scores.index) & published["node"].isin(assessment.scores.columns)
    published = published[known]
    table = pd.DataFrame({
        "year": assessment.year, "node": published["node"],
        "name": [assessment.tree.name(n) for n in published["node"]], "district": published["district"],
        "score": _pick(assessment.scores, published), "published_score": published["score"].astype(float),
        "rank": _pick(assessment.ranks, published), "published_rank": published["rank"].astype(float),
    })
    table["score_diff"] = table["score"] - table["published_score"]
    table["rank_diff"] = table["rank"] - table["published_rank"]
    table["score_ok"] = _flag(table["score_diff"], tolerance)
    table["rank_ok"] = _flag(table["rank_diff"], 0)
    for column in ("score_masked", "rank_masked"):
        table[column] = published[column].astype(bool) if column in published else False
    for column in ("status", "source", "cell"):
        table[column] = published[column] if column in published else ""
    table["verdict"] = [_row_verdict(row) for row in table.to_dict("records")]
    order = {node: k for k, node in enumerate(assessment.tree.nodes.index)}
    table = table.sort_values("node", key=lambda s: s.map(order), kind="stable").reset_index(drop=True)
    return Reconciliation(table, _summary(table), tolerance)


def reconcile_case(case, years=None) -> Reconciliation:
    """Reconcile every year of a case for which results were announced."""
    tolerance = str(case.meta.get("对账容差", "")).strip()
    tolerance = float(tolerance) if tolerance else DEFAULT_TOLERANCE
    announced = set(case.published["year"].dropna().astype(int))
    years = [y for y in (years or case.years) if y in announced]
    parts = [reconcile(assess_case(case, y), case.published, tolerance) for y in years]
    if not parts:
        return reconcile(assess_case(case), case.published.iloc[:0], tolerance)
    table = pd.concat([p.table for p in parts], ignore_index=True)
    return Reconciliation(table, pd.concat([p.summary for p in parts], ignore_index=True), tolerance)


def consistency_of_announcement(published: pd.DataFrame, groups: pd.Series, ties: str = "同位") -> pd.DataFrame:
    """Announced ranks that contradict the announced scores themselves.

    Only nodes whose scores are all announced can be tested. Two scores rounded to the
    same figure may carry any order between them.
    """
    found = []
    for (year, node), rows in published.groupby(["year", "node"]):
        rows = rows.assign(group=rows["district"].map(groups).fillna(""))
        for _, inside in rows.groupby("group"):
            if inside["score"].isna().any():
                continue
            best = inside["score"].rank(method="min", ascending=False)
            worst = inside["score"].rank(method="max", ascending=False)
            wrong = inside["rank"].notna() & ((inside["rank"] < best) | (inside["rank"] > worst))
            if TIES[ties] == "dense":
                wrong &= inside["rank"] != inside["score"].rank(method="dense", ascending=False)
            found.append(inside[wrong].assign(expected=best[wrong]))
    columns = ["year", "node", "district", "score", "rank", "expected"]
    return pd.concat(found)[columns].reset_index(drop=True) if found else pd.DataFrame(columns=columns)


def _pick(table, published):
    rows = table.index.get_indexer(published["district"])
    columns = table.columns.get_indexer(published["node"])
    return table.to_numpy()[rows, columns]


def _flag(difference, tolerance):
    flag = (difference.abs() <= tolerance + _SLACK).astype("boolean")
    return flag.mask(difference.isna())


def _row_verdict(row):
    if np.isnan(row["score"]) and not (np.isnan(row["published_score"]) and np.isnan(row["published_rank"])):
        return "本库无法计算（含未公开数值）"
    faults = []
    if pd.notna(row["score_ok"]) and not row["score_ok"]:
        faults.append(f"得分差 {row['score_diff']:+.4f}")
    if pd.notna(row["rank_ok"]) and not row["rank_ok"]:
        faults.append(f"位次差 {row['rank_diff']:+.0f}")
    if faults:
        return "不一致：" + "，".join(faults)
    if pd.isna(row["score_ok"]) and pd.isna(row["rank_ok"]):
        return "未公开" if row["score_masked"] or row["rank_masked"] else "未公布"
    return "一致"


def _summary(table):
    rows = []
    for (year, node, name), part in table.groupby(["year", "node", "name"], sort=False, dropna=False):
        rows.append({
            "year": year, "node": node, "name": name,
            "scores": int(part["score_ok"].notna().sum()), "scores_ok": int(part["score_ok"].sum()),
            "ranks": int(part["rank_ok"].notna().sum()), "ranks_ok": int(part["rank_ok"].sum()),
            "masked": int((part["score_masked"] | part["rank_masked"]).sum()),
            "max_diff": part["score_diff"].abs().max(),
        })
    columns = ["year", "node", "name", "scores", "scores_ok", "ranks", "ranks_ok", "masked", "max_diff"]
    return pd.DataFrame(rows, columns=columns)
