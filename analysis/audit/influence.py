"""What moves the ranking: without each indicator, and under the usual other methods."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..assessment import Assessment
from ..params import AssessmentError
from ..ranking import rank_scores
from ..scoring import methods
from ..tree import AGGREGATIONS, Tree, build_tree
from .repeat import climb, model_of, scale, totals

STEPS = (1, 2, 3, 5)
_RELATIVE = {"efficacy", "exponential_efficacy", "min_max", "z_score", "rank_score", "borda", "share_of_best"}
# Marks of a replacement as shares of the indicator's own full mark, so that its weight
# beside indicators that keep their method stays about the same.
SCORINGS = {"极差": {"底分": 0.0, "满分": 1.0}, "标准分": {"均值": 1.0, "标准差": 0.1},
            "位次": {"底分": 0.6, "满分": 1.0}, "功效系数": {"底分": 0.6, "满分": 1.0}}


@dataclass(frozen=True)
class LeaveOneOut:
    """Ranks without each node; its weight goes to its siblings in proportion.

    ranks : district × node left out. reference : district -> stated rank.
    shift : ranks − reference, positive where the district falls; NaN where it is ranked
        on one side only (a district may get a rank by losing its unknown indicator).
    summary : by node: name, level, weight, mean_abs_shift, moved (districts), largest.
    skipped : node -> why it cannot be left out.
    """

    ranks: pd.DataFrame
    reference: pd.Series
    shift: pd.DataFrame
    summary: pd.DataFrame
    skipped: dict[str, str]


@dataclass(frozen=True)
class Alternatives:
    """Usual other schemes: by name the scheme, ranks district × name, and why others are missing."""

    schemes: dict[str, Tree]
    ranks: pd.DataFrame
    skipped: dict[str, str]


def leave_one_out(a: Assessment, level: int | str | None = None, adjustments: pd.DataFrame | None = None) -> LeaveOneOut:
    """The ranking without each node in turn.

    Parameters
    ----------
    level : depth below the total (1 = its parts), ``指标`` for all indicators, None for
        every node. A node that is the only one counted under its parent takes the parent
        with it.
    adjustments : the table given to :func:`assess`, needed only if it has vetoes.

    Raises
    ------
    AssessmentError when the level has no node that can be left out, or nobody has a rank.
    """
    nodes, model = a.tree.nodes, model_of(a, None, adjustments)
    wanted = [c for c in nodes.index[1:] if level is None or (nodes.at[c, "leaf"] if level == "指标" else nodes.at[c, "level"] == level)]
    if not wanted:
        raise AssessmentError(f"指标体系没有第 {level} 级节点")
    reference = a.ranks[a.root].rename("rank")
    if reference.isna().all():
        raise AssessmentError("所有区县的总分都含未公开数值，没有可比较的位次")
    targets, skipped = {}, {}
    parents, counts = nodes["parent"].to_dict(), (nodes["weight"] > 0).to_dict()
    families = nodes.loc[nodes["weight"] > 0, "parent"].value_counts().to_dict()
    for code in wanted:
        target = _whole_branch(parents, counts, families, code)
        if nodes.at[code, "global_weight"] == 0:
            skipped[code] = "权重为 0，去掉不影响位次"
        elif target is None:
            skipped[code] = "去掉后没有其他指标可以计分"
        else:
            targets[code] = target
    if not targets:
        raise AssessmentError("没有可以逐个去掉的节点：" + "；".join(f"{a.tree.name(c)}{why}" for c, why in skipped.items()))
    scores = _without(model, a, targets, skipped)
    ranks = rank_scores(scores, a.groups, a.ties, a.decimals)
    shift = ranks.sub(reference, axis=0)
    size = shift.abs()
    summary = pd.DataFrame({"name": nodes.loc[ranks.columns, "name"], "level": nodes.loc[ranks.columns, "level"],
                            "weight": nodes.loc[ranks.columns, "global_weight"], "mean_abs_shift": size.mean(),
                            "moved": (size > 0).sum(), "largest": size.max()})
    return LeaveOneOut(ranks, reference, shift, summary, skipped)


def _without(model, a, targets, skipped):
    """Totals district × node left out; nodes without which the scheme is undefined go to ``skipped``."""
    weights = np.repeat(model.weights[:, None], len(targets), 1)
    weights[a.tree.position(targets.values()), np.arange(len(targets))] = 0.0
    weights, found = scale(model, weights), {}
    try:
        return pd.DataFrame(climb(model, weights).T, a.raw.index, list(targets))
    except AssessmentError:
        # One node may be what keeps another district's mark above 0: asked one by one, the others stand.
        for k, code in enumerate(targets):
            try:
                found[code] = climb(model, weights[:, [k]])[0]
            except AssessmentError as error:
                skipped[code] = reason = str(error)
    if not found:
        raise AssessmentError(f"逐个去掉指标都无法计算：{reason}")
    return pd.DataFrame(found, a.raw.index)


def _whole_branch(parents, counts, families, code):
    """The node, or the highest ancestor that would be left with nothing counted below it."""
    while parents[code]:
        if families.get(parents[code], 0) > counts[code]:
            return code
        code = parents[code]
    return None


def shift_counts(a: Assessment, alternatives: Alternatives | dict, steps=STEPS, adjustments: pd.DataFrame | None = None) -> pd.DataFrame:
    """How many districts move by at least 1, 2, 3, 5 places under each alternative.

    Parameters
    ----------
    alternatives : from :func:`alternative_schemes`, or name -> ranks (Series by district)
        or scheme (Tree or table).

    Returns
    -------
    DataFrame by alternative: districts (ranked on both sides), ≥1, ≥2 …, mean_abs_shift, largest.
    """
    given = alternatives.ranks if isinstance(alternatives, Alternatives) else alternatives
    rows = {}
    for name, other in given.items():
        ranks = other if isinstance(other, pd.Series) else _ranks(a, other, adjustments)
        size = (ranks.reindex(a.raw.index) - a.ranks[a.root]).abs().dropna()
        if size.empty:
            raise AssessmentError(f"备选“{name}”与原方案没有同时有位次的区县")
        rows[name] = {"districts": len(size), **{f"≥{k}": int((size >= k).sum()) for k in steps},
                      "mean_abs_shift": size.mean(), "largest": size.max()}
    columns = ["districts", *(f"≥{k}" for k in steps), "mean_abs_shift", "largest"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("alternative")


def _ranks(a, scheme, adjustments):
    model = model_of(a, scheme, adjustments)
    scores = pd.DataFrame({"total": totals(model, model.weights[:, None].copy())[0]}, a.raw.index)
    return rank_scores(scores, a.groups, a.ties, a.decimals)["total"]


def alternative_schemes(a: Assessment, adjustments: pd.DataFrame | None = None) -> Alternatives:
    """The usual questions: another way to score, to aggregate, equal weights.

    Scoring is replaced for all indicators scored by comparison with others (功效系数,
    指数功效, 极差, 标准分, 位次, 波达, 占优比); full mark, logarithm, direction, goalposts and
    范围 stay. Targets, bands and direct marks are rules of their own and stay. Aggregation
    is replaced at the total, and at all levels. An alternative that is the stated scheme
    itself or is undefined for the data is in ``skipped`` with the reason.
    """
    table = scheme_of(a.tree)
    tries = {f"指标改用{method}计分": (rescored, method) for method in SCORINGS}
    for way in ("加权平均", "几何平均", "调和平均", "科普兰"):
        tries[f"总分改用{way}"] = (_top, way)
        if a.tree.nodes["level"].max() > 1:
            tries[f"各级改用{way}"] = (reaggregated, way)
    tries["同级指标等权"] = (lambda t, _: equal_weights(t), None)
    schemes, ranks, skipped = {}, {}, {}
    for name, (change, setting) in tries.items():
        try:
            other = change(table, setting)
            tree = build_tree(other)
            if _same(tree, a.tree):
                skipped[name] = "与原方案相同"
                continue
            ranks[name] = _ranks(a, tree, adjustments)
            schemes[name] = tree
        except AssessmentError as error:
            skipped[name] = str(error)
    return Alternatives(schemes, pd.DataFrame(ranks, a.raw.index), skipped)


def scheme_of(tree: Tree) -> pd.DataFrame:
    """The scheme table of a tree, with weights as stated."""
    return tree.nodes.drop(columns="weight").rename(columns={"raw_weight": "weight"}).rename_axis("code").reset_index()


def rescored(table: pd.DataFrame, method: str) -> pd.DataFrame:
    """The scheme with all indicators scored by comparison scored by ``method`` (of SCORINGS)."""
    table = table.copy()
    keys, known = methods()[method].defaults, methods()
    swap = [leaf and known[m].function in _RELATIVE for leaf, m in zip(table["leaf"], table["method"])]
    if not any(swap):
        raise AssessmentError("没有按各区县相互比较计分的指标，计分方法无可替换")
    for i in table.index[swap]:
        settings = table.at[i, "settings"]
        full = settings.get("满分") or 100.0
        kept = {k: v for k, v in settings.items() if k in ("对数", "范围", "系数", "目标", "下限", "上限", "截断")
                and k in keys and v is not None}
        marks = {k: share * full for k, share in SCORINGS[method].items()}
        table.at[i, "params"] = "；".join(f"{k}={_text(v)}" for k, v in {**kept, **marks}.items())
        table.at[i, "method"] = method
    return table


def reaggregated(table: pd.DataFrame, aggregation: str, top: bool = False) -> pd.DataFrame:
    """The scheme with the total (``top``) or all inner nodes aggregated another way."""
    if aggregation not in AGGREGATIONS:
        raise AssessmentError(f"合成方法“{aggregation}”不认识；可用：{'、'.join(AGGREGATIONS)}")
    table = table.copy()
    where = table["parent"] == "" if top else ~table["leaf"].astype(bool)
    table.loc[where, "aggregation"] = aggregation
    return table


def _top(table, aggregation):
    return reaggregated(table, aggregation, top=True)


def equal_weights(table: pd.DataFrame) -> pd.DataFrame:
    """The scheme with siblings that count sharing their weight equally."""
    table = table.copy()
    counted = table["weight"].where(table["weight"] > 0)
    table["weight"] = counted.groupby(table["parent"]).transform("mean").where(counted.notna(), table["weight"])
    return table


def _text(value):
    return ("是" if value else "否") if isinstance(value, bool) else value if isinstance(value, str) else f"{value:.15g}"


def _same(tree: Tree, other: Tree) -> bool:
    """Equal in methods, settings, aggregations and weights of siblings."""
    ours, theirs = tree.nodes, other.nodes
    return (all(ours["settings"] == theirs["settings"]) and all(ours["method"] == theirs["method"])
            and np.allclose(ours["weight"].to_numpy(float), theirs["weight"].to_numpy(float), rtol=0, atol=1e-12)
            and all(s.aggregation == t.aggregation for s, t in zip(tree.steps, other.steps)))
