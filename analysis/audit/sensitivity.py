"""Sensitivity: which choice moves the ranking — Sobol' indices of methods and weights.

With choices X₁ … X_d independent and Y the target,
first order S_i = Var(E[Y | X_i]) / Var(Y), total T_i = 1 − Var(E[Y | X_≁i]) / Var(Y).
Finite choices are enumerated, which gives both exactly. As soon as weights vary
continuously, SALib's Saltelli sample and its estimators (on centred output) are used.
Source: Saltelli et al., Global Sensitivity Analysis (2008), chapter 4.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd

from ..assessment import Assessment
from ..kept import once_for_each
from ..params import AssessmentError
from ..tree import build_tree
from .influence import _same, equal_weights, reaggregated, rescored, scheme_of
from .repeat import CHUNK_BYTES, room, model_of, rank_runs, totals

Factors = dict[str, dict[str, Callable[[pd.DataFrame], pd.DataFrame] | None]]
MEAN_SHIFT = "平均位次变动"
STATED = "原方案"
_MOST = 20_000


@dataclass(frozen=True)
class Sobol:
    """Sobol' indices and what they were computed from.

    indices : by factor: first, total, first_margin, total_margin (half width of the 95 %
        bootstrap interval; 0 where exact), 状态.
    target : 平均位次变动 or a district (its own rank). mean, variance : of the target.
    exact : enumerated (True) or sampled. runs : assessments evaluated.
    grid : combination -> target, where enumerated; else None.
    excluded : districts without a known total.
    """

    indices: pd.DataFrame
    target: str
    mean: float
    variance: float
    exact: bool
    runs: int
    grid: pd.Series | None
    excluded: tuple[str, ...]


def sobol_indices(values, names=None, probabilities=None) -> pd.DataFrame:
    """Exact indices of a target known on the whole grid of finite factors.

    Parameters
    ----------
    values : array (a₁, …, a_d), the target for every combination.
    names : d names of the factors.
    probabilities : d arrays of the alternatives' probabilities; equal by default.

    Returns
    -------
    DataFrame by factor: first, total, 状态. A target that never changes has indices 0
    and says so.
    """
    y = np.asarray(values, float)
    if y.ndim == 0 or not np.isfinite(y).all():
        raise AssessmentError("敏感性分析要求每一种组合都有结果")
    p = [np.full(k, 1 / k) for k in y.shape] if probabilities is None else [np.asarray(q, float) for q in probabilities]
    if [len(q) for q in p] != list(y.shape) or any((q < 0).any() or abs(q.sum() - 1) > 1e-9 for q in p):
        raise AssessmentError("各备选的概率应与备选一一对应、不为负且合计为 1")

    every = range(y.ndim)

    def expectation(table, axes):
        for k in sorted(axes, reverse=True):
            table = np.tensordot(table, p[k], (k, 0))
        return table

    # Centred before squaring: E[Y²] − E[Y]² loses every digit when the mean is large.
    centred = y - expectation(y, every)
    whole, rows = float(expectation(centred**2, every)), []
    still = np.ptp(y) <= 1e-12 * max(1.0, float(np.abs(y).max())) or whole == 0
    for k in every:
        own = expectation(centred, [j for j in every if j != k])
        rest = centred - np.expand_dims(expectation(centred, [k]), k)
        rows.append((0.0, 0.0, "目标不随任何选择变化") if still else
                    (float(p[k] @ own**2) / whole, float(expectation(rest**2, every)) / whole, "正常"))
    return pd.DataFrame(rows, index=list(names or every), columns=["first", "total", "状态"]).rename_axis("factor")


def standard_factors(a: Assessment) -> tuple[Factors, dict[str, str]]:
    """Scoring, aggregation and weights as factors, and the alternatives that fall away with why.

    An alternative stays if it differs from the stated scheme and is defined together with
    all those before it. 极差 from 0 is not among them: the last district has 0 points,
    which no geometric mean takes.
    """
    wanted = {
        "计分方法": {m: (lambda t, m=m: rescored(t, m)) for m in ("功效系数", "标准分", "位次")},
        "合成方法": {f"各级{w}": (lambda t, w=w: reaggregated(t, w)) for w in ("加权平均", "几何平均")}
        | {"总分科普兰": lambda t: reaggregated(t, "科普兰", top=True)},
        "权重": {"同级等权": equal_weights},
    }
    table, factors, skipped = scheme_of(a.tree), {}, {}
    for factor, alternatives in wanted.items():
        earlier = list(product(*(list(f.values()) for f in factors.values())))
        for label, change in alternatives.items():
            try:
                if _same(build_tree(change(table)), a.tree):
                    skipped[label] = "与原方案相同"
                    continue
                for combination in earlier:
                    model = model_of(a, _changed(table, [*combination, change]))
                    totals(model, model.weights[:, None].copy())
            except AssessmentError as error:
                skipped[label] = str(error)
                continue
            factors.setdefault(factor, {STATED: None})[label] = change
    return factors, skipped


def sobol(
    a: Assessment,
    factors: Factors | None = None,
    target: str = MEAN_SHIFT,
    weights: str | None = None,
    noise: float = 0.25,
    samples: int = 1024,
    seed: int = 20_240_101,
    adjustments: pd.DataFrame | None = None,
) -> Sobol:
    """Which choice moves the ranking.

    Parameters
    ----------
    factors : factor -> alternative -> function from scheme table to scheme table (None:
        unchanged), applied in order, each alternative equally likely; by default those of
        :func:`standard_factors`.
    target : 平均位次变动, mean |rank − stated rank| over districts; or a district, its rank.
    weights : None, or weights vary uniformly by ± ``noise``: ``joint`` as one factor
        (权重扰动), ``each`` with every node's weight a factor. Then SALib samples
        ``samples`` × (factors + 2) assessments.
    samples : a power of two.

    Raises
    ------
    AssessmentError for an unknown target, no factor, a combination undefined for the data.
    """
    usual = factors is None
    factors = _usual_factors(a) if usual else factors
    if not factors and weights is None:
        raise AssessmentError("没有可以变动的选择，无法作敏感性分析")
    if weights not in (None, "joint", "each") or not 0 < noise < 1:
        raise AssessmentError("权重扰动只能是 None、joint（合为一个因素）或 each（逐个因素），幅度应在 0 与 1 之间")
    if target != MEAN_SHIFT and target not in a.raw.index:
        raise AssessmentError(f"没有区县“{target}”，无法分析其位次")
    sizes = tuple(len(f) for f in factors.values())
    if np.prod(sizes, dtype=float) > _MOST:
        raise AssessmentError(f"备选组合共 {np.prod(sizes, dtype=float):.0f} 种，超过 {_MOST} 种；请减少备选")
    models = _usual_models(a, adjustments) if usual else _models(a, factors, adjustments)
    known = ~np.isnan([s for _, s in models]).any(0)
    if not known.any() or target != MEAN_SHIFT and not known[a.raw.index.get_loc(target)]:
        raise AssessmentError("总分含未公开数值，位次不详，无法作敏感性分析" if not known.any() else f"{target}的总分含未公开数值，位次不详")
    excluded = tuple(a.raw.index[~known])

    def outcome(scores):
        ranks = rank_runs(scores[:, known], a.groups.to_numpy()[known], a.ties, a.decimals).astype(float)
        if target != MEAN_SHIFT:
            return ranks[:, a.raw.index[known].get_loc(target)]
        reference = model_of(a, None, adjustments)
        stated = totals(reference, reference.weights[:, None].copy())[:, known]
        return np.abs(ranks - rank_runs(stated, a.groups.to_numpy()[known], a.ties, a.decimals)).mean(1)

    if weights is None:
        y = outcome(np.array([s for _, s in models]))
        labels = pd.MultiIndex.from_product([list(f) for f in factors.values()], names=list(factors))
        indices = sobol_indices(y.reshape(sizes), list(factors))
        indices.insert(2, "first_margin", 0.0)
        indices.insert(3, "total_margin", 0.0)
        return Sobol(indices, target, float(y.mean()), float(y.var()), True, len(y), pd.Series(y, labels, name=target), excluded)
    return _sampled(a, factors, sizes, [m for m, _ in models], outcome, target, weights, noise, samples, seed, excluded)


def _models(a, factors, adjustments):
    """Model and stated totals of every combination of the alternatives."""
    table, models = scheme_of(a.tree), []
    for combination in product(*(f.items() for f in factors.values())):
        try:
            model = model_of(a, _changed(table, [change for _, change in combination]), adjustments)
            stated = totals(model, model.weights[:, None].copy())[0]
        except AssessmentError as error:
            raise AssessmentError(f"组合“{'＋'.join(label for label, _ in combination)}”无法计算：{error}") from None
        models.append((model, stated))
    return models


@once_for_each
def _usual_factors(a):
    """:func:`standard_factors`, tried out once for all targets that are asked about."""
    return standard_factors(a)[0]


@once_for_each
def _usual_models(a, adjustments):
    """The models of its standard factors, made once as well."""
    return _models(a, _usual_factors(a), adjustments)


def _changed(table, changes):
    for change in changes:
        table = table if change is None else change(table)
    return table


def _sampled(a, factors, sizes, models, outcome, target, weights, noise, samples, seed, excluded):
    nodes = a.tree.nodes
    varied = np.array([k for k in range(1, len(nodes)) if nodes["weight"].iloc[k] > 0
                       and ((nodes["parent"] == nodes["parent"].iloc[k]) & (nodes["weight"] > 0)).sum() > 1])
    if not len(varied):
        raise AssessmentError("每个上级都只有一个下级，权重没有变动的余地")
    names = [*factors, *(f"权重：{nodes['name'].iloc[k]}（{nodes.index[k]}）" for k in varied)]
    groups = [*factors, *(["权重扰动"] * len(varied) if weights == "joint" else names[len(factors):])]

    def evaluate(x):
        picks = [np.minimum((x[:, j] * k).astype(int), k - 1) for j, k in enumerate(sizes)]
        which = np.ravel_multi_index(picks, sizes) if sizes else np.zeros(len(x), int)
        scores = np.empty((len(x), len(a.raw)))
        for m in np.unique(which):
            model, mine = models[m], np.flatnonzero(which == m)
            step = max(1, CHUNK_BYTES // (8 * len(a.raw) * (room(model, len(a.raw)) if not model.linear else len(nodes))))
            for part in np.split(mine, range(step, len(mine), step)):
                w = np.repeat(model.weights[:, None], len(part), 1)
                w[varied] *= 1 - noise + 2 * noise * x[part, len(sizes):].T
                scores[part] = totals(model, w)
        return outcome(scores)

    y, table = sampled_indices(evaluate, names, groups, samples, seed)
    return Sobol(table, target, float(y.mean()), float(y.var()), False, len(y), None, excluded)


def sampled_indices(function, names, groups=None, samples: int = 1024, seed: int = 20_240_101):
    """Outputs and indices by SALib of ``function`` on the unit cube.

    function : array (m, d) of inputs uniform on [0, 1] -> m outputs.
    groups : for every input the factor it belongs to; its own name by default.
    samples : base sample N, a power of two; N·(factors + 2) evaluations.
    """
    from SALib.analyze import sobol as analyse
    from SALib.sample import sobol as sample

    if samples < 2 or samples & (samples - 1):
        raise AssessmentError(f"索博尔抽样数应为 2 的整数次幂，现为 {samples}")
    groups = list(groups or names)
    factors = list(dict.fromkeys(groups))
    problem = {"num_vars": len(names), "names": list(names), "bounds": [[0.0, 1.0]] * len(names)}
    problem |= {"groups": groups} if len(factors) < len(names) else {}
    y = np.asarray(function(sample.sample(problem, samples, calc_second_order=False, seed=seed)), float)
    if np.ptp(y) <= 1e-12 * max(1.0, float(np.abs(y).max())):
        columns = {"first": 0.0, "total": 0.0, "first_margin": 0.0, "total_margin": 0.0, "状态": "目标不随任何选择变化"}
    else:
        found = analyse.analyze(problem, y, calc_second_order=False, seed=seed)
        columns = {"first": found["S1"], "total": found["ST"], "first_margin": found["S1_conf"],
                   "total_margin": found["ST_conf"], "状态": "正常"}
    return y, pd.DataFrame(columns, index=factors).rename_axis("factor")
