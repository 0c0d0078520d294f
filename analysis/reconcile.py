"""Reconciliation: what the scheme gives against what the city announced."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from .assessment import Assessment, assess_case
from .params import AssessmentError

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
    skipped : (year, reason) of years that cannot be rebuilt at all.
    """

    table: pd.DataFrame
    summary: pd.DataFrame
    tolerance: float
    skipped: tuple[tuple[int, str], ...] = ()

    @property
    def first_node(self) -> pd.DataFrame:
        """Rows of the highest node that was announced: the one to draw."""
        return self.table[self.table["node"] == self.table["node"].iloc[0]]

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
        rest = "".join(f"{year} 年无法复算：{reason}。" for year, reason in self.skipped)
        lost = int(self.summary["incomputable"].sum())
        if lost:
            rest = f"另有 {lost} 项因本案例的数值未公开（或缺数）无法复算，没有参加对账。" + rest
        if self.agrees is None:
            hidden = "公布的得分和位次都未公开，无法对账。" if not lost else "没有一项可以对账。"
            return ("没有公布结果可以对账。" if self.table.empty else hidden) + rest
        scores, scores_ok = self.summary["scores"].sum(), self.summary["scores_ok"].sum()
        ranks, ranks_ok = self.summary["ranks"].sum(), self.summary["ranks_ok"].sum()
        parts = []
        if scores:
            parts.append(f"得分 {scores_ok}/{scores} 个在 ±{self.tolerance:g} 以内")
        if ranks:
            parts.append(f"位次 {ranks_ok}/{ranks} 个相同")
        sentence = f"与公布结果{'对账一致' if self.agrees else '对不上账'}：{'，'.join(parts)}"
        if scores and self.table["score_diff"].abs().max() >= 0.00005:
            worst = self.table.loc[self.table["score_diff"].abs().idxmax()]
            year = f"{worst['year']:.0f} 年" if self.table["year"].nunique() > 1 else ""
            sentence += f"，最大差 {abs(worst['score_diff']):.4f} 分（{year}{worst['district']}“{worst['name']}”）"
        return sentence + "。" + rest


def reconcile(assessment: Assessment, published: pd.DataFrame, tolerance: float = DEFAULT_TOLERANCE) -> Reconciliation:
    """Compare an assessment with the announced scores and ranks of the same year.

    Parameters
    ----------
    assessment : the rebuilt result.
    published : columns district, node, score, rank (NaN = not announced), optionally
        year, score_masked, rank_masked, status, source, cell.
    tolerance : points; a difference of at most this counts as agreement.

    score_diff = rebuilt − announced; rank_diff likewise (positive: we rank it lower).
    Where u districts of the group have an unknown score, a rebuilt rank r among the rest
    is compatible with any announced rank from r to r + u and is compared no further. A
    district alone in its group has no rank to compare.
    """
    if "year" in published and assessment.year is not None:
        published = published[published["year"] == assessment.year]
    elif "year" in published and published["year"].nunique() > 1:
        raise AssessmentError("公布结果有多个年份，而本次复算没有注明年份，无法对账")
    for column, known in (("district", assessment.scores.index), ("node", assessment.scores.columns)):
        strange = sorted(set(published[column]) - set(known))
        if strange:
            raise AssessmentError(f"公布结果里的“{'”“'.join(map(str, strange))}”不在考核的{'区县' if column == 'district' else '节点'}里")
    # A district with nobody to be compared with has no place to agree or disagree about.
    company = assessment.scores.notna().groupby(assessment.groups).transform("sum") > 1
    table = pd.DataFrame({
        "year": assessment.year, "node": published["node"],
        "name": [assessment.tree.name(n) for n in published["node"]], "district": published["district"],
        "score": _pick(assessment.scores, published), "published_score": published["score"].astype(float),
        "rank": _pick(assessment.ranks.where(company), published), "published_rank": published["rank"].astype(float),
    })
    table["score_diff"] = table["score"] - table["published_score"]
    table["rank_diff"] = table["rank"] - table["published_rank"]
    table["score_ok"] = _flag(table["score_diff"], tolerance)
    table["rank_ok"] = _flag(table["rank_diff"], 0)
    unknown = assessment.scores.isna().groupby(assessment.groups).transform("sum")
    unknown = _pick(unknown, published)
    compatible = (unknown > 0) & table["rank_diff"].le(0).to_numpy() & table["rank_diff"].ge(-unknown).to_numpy()
    table["rank_ok"] = table["rank_ok"].mask(compatible)
    table["rank_open"] = compatible
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
    parts, skipped = [], []
    for year in years:
        try:
            parts.append(reconcile(assess_case(case, year), case.published, tolerance))
        except AssessmentError as error:
            skipped.append((year, str(error)))
    if not parts:
        empty = reconcile(assess_case(case), case.published.iloc[:0], tolerance)
        return Reconciliation(empty.table, empty.summary, tolerance, tuple(skipped))
    table = pd.concat([p.table for p in parts], ignore_index=True)
    return Reconciliation(table, pd.concat([p.summary for p in parts], ignore_index=True), tolerance, tuple(skipped))


def consistency_of_announcement(published: pd.DataFrame, groups: pd.Series) -> pd.DataFrame:
    """Announced ranks that contradict the announced scores themselves.

    One row per pair of neighbours in score where the higher score carries the same or a
    worse rank: year, node, district, score, rank, other, other_score, other_rank. Equal
    scores may carry any order, for they were rounded.
    """
    rows = published.dropna(subset=["score", "rank"])
    rows = rows.assign(group=rows["district"].map(groups).astype(object).fillna(""))
    found = []
    for _, inside in rows.groupby(["year", "node", "group"]):
        ordered = inside.sort_values(["score", "rank"], ascending=[False, True]).to_dict("records")
        found += [(a["year"], a["node"], a["district"], a["score"], a["rank"], b["district"], b["score"], b["rank"])
                  for a, b in zip(ordered, ordered[1:]) if a["score"] > b["score"] and a["rank"] >= b["rank"]]
    return pd.DataFrame(found, columns=["year", "node", "district", "score", "rank", "other", "other_score", "other_rank"])


def _pick(table, published):
    rows = table.index.get_indexer(published["district"])
    columns = table.columns.get_indexer(published["node"])
    return table.to_numpy()[rows, columns]


def _flag(difference, tolerance):
    flag = (difference.abs() <= tolerance + _SLACK).astype("boolean")
    return flag.mask(difference.isna())


def _row_verdict(row):
    if np.isnan(row["score"]) and not (np.isnan(row["published_score"]) and np.isnan(row["published_rank"])):
        return "无法复算（本案例的数值未公开或缺数）"
    faults = []
    if pd.notna(row["score_ok"]) and not row["score_ok"]:
        faults.append(f"得分差 {row['score_diff']:+.4f}")
    if pd.notna(row["rank_ok"]) and not row["rank_ok"]:
        faults.append(f"位次差 {row['rank_diff']:+.0f}")
    if faults:
        return "不一致：" + "，".join(faults).replace("-", "−")
    if row["rank_open"]:
        return ("得分一致，" if pd.notna(row["score_ok"]) else "") + "位次不可比（同组有得分未知的地区）"
    if pd.isna(row["rank"]) and pd.notna(row["published_rank"]):
        return ("得分一致，" if pd.notna(row["score_ok"]) else "") + "位次不可比（没有可比的地区）"
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
            "incomputable": int((part["score"].isna() & (part["published_score"].notna() | part["published_rank"].notna())).sum()),
            "max_diff": part["score_diff"].abs().max(),
        })
    columns = ["year", "node", "name", "scores", "scores_ok", "ranks", "ranks_ok", "masked", "incomputable", "max_diff"]
    return pd.DataFrame(rows, columns=columns)
