"""Tables as a reader sees them: Chinese headers, places and points side by side."""

from __future__ import annotations

import pandas as pd

from .assessment import ADJUSTMENT, Assessment
from .provenance import STATUS_ORDER, statuses_in


def ranking_table(a: Assessment, published: pd.DataFrame | None = None) -> pd.DataFrame:
    """District × (group, rank, score, announced rank and score, part scores), best first."""
    table = pd.DataFrame({"区县": a.scores.index, "分组": a.groups.to_numpy(), "位次": shown_ranks(a)[a.root].to_numpy(),
                          "得分": a.total.to_numpy()})
    if not (a.groups != "").any():
        table = table.drop(columns="分组")
    official = announced(published, a, a.root)
    if official is not None:
        table["公布位次"] = table["区县"].map(official["shown_rank"])
        table["公布得分"] = table["区县"].map(official["shown_score"])
    for code in _parts(a):
        table[_unique(a, code, table)] = a.scores[code].to_numpy()
    if a.adjustments[a.root].any():
        table[ADJUSTMENT] = a.adjustments[a.root].to_numpy()
    return table.set_index("区县").loc[display_order(a)]


def rank_table(a: Assessment) -> pd.DataFrame:
    """District × part: rank within the group for the total and each part under it."""
    table = shown_ranks(a).loc[display_order(a), [a.root, *_parts(a)]]
    return table.rename(columns=a.tree.nodes["name"]).rename_axis("区县")


def shown_ranks(a: Assessment) -> pd.DataFrame:
    """Ranks, NaN where nobody else in the ranking group has a score on the node: a rank of one is none."""
    return a.ranks.where(a.ranks.notna().groupby(a.groups).transform("sum") > 1)


def alone(a: Assessment) -> list[str]:
    """Districts with a total and nobody to be compared with."""
    return list(a.total.index[a.total.notna() & shown_ranks(a)[a.root].isna()])


def unranked_note(a: Assessment) -> str:
    """For the heat table: what grey means, where a score has nobody to be compared with."""
    shown = leaf_scores(a).columns
    grey = a.scores[shown].notna() & ~a.masked[shown] & shown_ranks(a)[shown].isna()
    return "；灰色的同组没有可比地区，不排位" if grey.to_numpy().any() else ""


def display_order(a: Assessment) -> list[str]:
    """Districts group by group, best first; those without a rank last in their group."""
    ranks = a.ranks[a.root].fillna(float("inf"))
    order = {group: k for k, group in enumerate(dict.fromkeys(a.groups))}
    return sorted(a.scores.index, key=lambda d: (order[a.groups[d]], ranks[d]))


def announced(published: pd.DataFrame | None, a: Assessment, node: str) -> pd.DataFrame | None:
    """Announced score and rank of a node by district, or None if nothing was announced.

    ``shown_score`` and ``shown_rank`` hold ``**`` where the figure was not published.
    """
    if published is None or published.empty:
        return None
    rows = published[published["node"] == node]
    if "year" in rows and a.year is not None:
        rows = rows[rows["year"] == a.year]
    if rows.empty:
        return None
    shown = {f"shown_{c}": _starred(rows[c], rows[f"{c}_masked"]) for c in ("score", "rank")}
    return rows.assign(**shown).set_index("district")[["score", "rank", *shown]]


def scheme_table(a: Assessment) -> pd.DataFrame:
    """The scheme as used: indented names, weights as stated and in the total, methods."""
    nodes = a.tree.nodes
    return pd.DataFrame({
        "代码": nodes.index,
        "指标": ["　" * level + name for level, name in zip(nodes["level"], nodes["name"])],
        "权重": nodes["raw_weight"].to_numpy(),
        "占总分权重": nodes["global_weight"].map("{:.2%}".format).to_numpy(),
        "方向": nodes["direction"].where(~nodes["leaf"] | (nodes["direction"] != ""), "正向").to_numpy(),
        "计分（合成）方法": nodes["method"].where(nodes["leaf"], nodes["aggregation"].replace("", "加权平均")).to_numpy(),
        "参数": nodes["params"].to_numpy(),
        "缺失处理": nodes["missing"].where(~nodes["leaf"] | (nodes["missing"] != ""), "报错").to_numpy(),
        "单位": nodes["unit"].to_numpy(),
    })


def method_table(a: Assessment) -> pd.DataFrame:
    """Formula and source of every scoring method the scheme uses."""
    from .params import methods

    used = dict.fromkeys(a.tree.nodes.loc[a.tree.nodes["leaf"], "method"])
    return pd.DataFrame([(m, methods()[m].formula, methods()[m].source) for m in used],
                        columns=["计分方法", "公式", "出处"])


def value_table(a: Assessment) -> pd.DataFrame:
    """Indicator × district as given; masked values stay **, missing ones stay —.

    An indicator without weight for which nobody has a value is left out.
    """
    nodes = a.tree.nodes
    shown = a.raw.astype(object).where(a.raw.notna(), None).mask(a.masked, "**")
    shown = shown[[c for c in shown if nodes.at[c, "global_weight"] > 0 or a.raw[c].notna().any()]]
    labels = [f"{a.tree.name(c)}（{nodes.at[c, 'unit']}）" if nodes.at[c, "unit"] else a.tree.name(c) for c in shown]
    repeated = pd.Series(labels).duplicated(keep=False)
    shown.columns = [f"{label}〔{c}〕" if again else label for label, c, again in zip(labels, shown, repeated)]
    return shown.loc[display_order(a)].T.rename_axis("指标")


def leaf_scores(a: Assessment) -> pd.DataFrame:
    """District × indicator scores that count (weight above zero)."""
    return a.scores[[c for c in a.tree.leaves if a.tree.nodes.at[c, "global_weight"] > 0]]


def column_groups(a: Assessment) -> pd.Series | None:
    """Indicator -> name of the part of the total it belongs to; None for a flat scheme."""
    home = {leaf: a.tree.name(part) for part in a.tree.children(a.root) for leaf in a.tree.leaves_under(part)}
    flat = all(a.tree.nodes.at[part, "leaf"] for part in a.tree.children(a.root))
    return None if flat else pd.Series(home)


def filled_table(a: Assessment) -> pd.DataFrame:
    """Every value or score that was not taken as given."""
    table = a.filled.copy()
    table["indicator"] = table["indicator"].map(a.tree.nodes["name"])
    return table.rename(columns={"district": "区县", "indicator": "指标", "treatment": "处理", "value": "所用数值或得分"})


def reconciliation_table(reconciliation, only_problems: bool = False) -> pd.DataFrame:
    """The comparison with Chinese headers, largest difference first."""
    table = reconciliation.table
    if only_problems:
        table = table[table["verdict"].str.startswith(("不一致", "无法复算"))]
    order = table["score_diff"].abs().sort_values(ascending=False, na_position="last").index
    headers = {"year": "年份", "name": "节点", "district": "区县", "score": "复算得分", "published_score": "公布得分",
               "score_diff": "得分差", "rank": "复算位次", "published_rank": "公布位次", "rank_diff": "位次差", "verdict": "结论"}
    table = table.assign(published_score=_starred(table["published_score"], table["score_masked"]),
                         published_rank=_starred(table["published_rank"], table["rank_masked"]))
    return table.loc[order, list(headers)].rename(columns=headers).reset_index(drop=True)


def agreement_table(reconciliation) -> pd.DataFrame:
    """Agreement counts by year and node."""
    s = reconciliation.summary
    return pd.DataFrame({
        "年份": s["year"], "节点": s["name"],
        "得分一致": [f"{ok}/{n}" if n else "—" for ok, n in zip(s["scores_ok"], s["scores"])],
        "位次一致": [f"{ok}/{n}" if n else "—" for ok, n in zip(s["ranks_ok"], s["ranks"])],
        "最大得分差": s["max_diff"], "未公开": s["masked"],
    })


def statuses_of(a: Assessment) -> list[str]:
    """Statuses present among the values behind the assessment, in fixed order."""
    present = set(a.statuses.to_numpy().ravel())
    return [s for s in STATUS_ORDER if s in present]


def signed(places: int):
    """A difference with its sign, a typographic minus, and 0 without any."""
    def show(value):
        text = f"{abs(value):.{places}f}"
        return text if not float(text) else ("−" if value < 0 else "+") + text
    return show


def number(spec: str):
    """A format with a typographic minus, and 0 without any, that leaves text such as ``**`` as it is."""
    def show(value):
        if isinstance(value, str):
            return value
        text = format(value, spec)
        return text.replace("-", "−") if any(digit in text for digit in "123456789") else text.lstrip("+-")
    return show


def point_formats(a: Assessment) -> dict:
    """Number formats of :func:`ranking_table`: places as they are, points to two decimals."""
    points = {c: number(".2f") for c in ranking_table(a).columns if c not in ("分组", "位次")}
    return {**points, "公布得分": number(".2f"), "位次": "g", "公布位次": number("g")}


RECONCILIATION_FORMATS = {"年份": ".0f", "复算得分": ".4f", "公布得分": number(".2f"), "得分差": signed(4),
                          "复算位次": "g", "公布位次": number("g"), "位次差": signed(0)}
RECONCILIATION_NOTE = "差为复算减公布：得分差为正，复算得分更高；位次差为正，复算位次更靠后。"


def cell_marks(a: Assessment, marks: pd.DataFrame) -> pd.DataFrame:
    """Statuses or input cells under the labels of :func:`value_table`."""
    table = value_table(a)
    kept = [c for c in marks if a.tree.nodes.at[c, "global_weight"] > 0 or a.raw[c].notna().any()]
    return marks[kept].T.set_axis(table.index).loc[:, table.columns]


def adjustments_table(case, a: Assessment) -> pd.DataFrame:
    """Bonuses, deductions and vetoes of the year."""
    rows = case.adjustments[case.adjustments["year"] == a.year]
    return pd.DataFrame({"区县": rows["district"], "节点": rows["node"].map(a.tree.nodes["name"]), "类型": rows["kind"],
                         "分值": rows["points"].abs().where(rows["kind"] != "扣分", -rows["points"].abs()),
                         "事由": rows["reason"]})


def value_formats(a: Assessment) -> dict:
    """Formats of :func:`value_table`: as many digits as were given, ``**`` as it is."""
    return dict.fromkeys(value_table(a).columns, number(",.10g"))


def composition(a: Assessment) -> pd.DataFrame:
    """District × part of the total, without parts that are zero everywhere."""
    parts = a.contributions()
    return parts.loc[:, parts.isna().any() | (parts != 0).any()]


def computed_status(a: Assessment, case) -> list[str]:
    """Status of what was computed from values, scheme and adjustments.

    示例 if anything under it is; else 推算, with 不详 beside it if a source is unknown.
    """
    rows = case.adjustments[case.adjustments["year"] == a.year]
    present = {*statuses_of(a), *statuses_in(case.scheme), *statuses_in(rows)}
    if "示例" in present:
        return ["示例"]
    return ["推算", "不详"] if "不详" in present else ["推算"]


def compared_status(published: pd.DataFrame) -> list[str]:
    """Status of a comparison of rebuilt with announced figures."""
    announced = statuses_in(published)
    return ["示例"] if "示例" in announced else [s for s in STATUS_ORDER if s in {"推算", *announced}]


def _starred(column, masked):
    return column.astype(object).mask(masked.astype(bool), "**")


def _parts(a):
    return [c for c in a.tree.children(a.root) if a.scores[c].notna().any()]


def _unique(a, code, table):
    name = a.tree.name(code)
    return f"{name}（{code}）" if name in table else name
