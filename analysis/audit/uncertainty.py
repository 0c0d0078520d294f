"""How sure the ranks are: the assessment repeated with other weights, methods and values.

A :class:`Model` is one scheme with all that stays fixed between repetitions. Weights of
R repetitions are arrays (node, R); scores that come back are (R, district). Trees of
weighted means with nothing left out need one matrix product; all others are climbed
node by node with the functions of :mod:`analysis.aggregation`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from ..assessment import Assessment, assess, assess_case
from ..params import AssessmentError
from ..tree import Tree
from .repeat import CHUNK_BYTES, applied, draw_weights, model_of, rank_runs, rescore, room, totals


@dataclass(frozen=True)
class Uncertainty:
    """Ranks of every repetition and what they say.

    ranks : array (runs, district), rank within the ranking group.
    reference : district -> rank under the stated scheme and values.
    groups : district -> ranking group.
    excluded : districts without a known total; they take no rank in any repetition.
    schemes, chosen : names of the schemes and, per run, the position of the one used.
    notes : Chinese sentences on what was varied and what was not.
    intervals : number of values drawn between their bounds.
    """

    ranks: np.ndarray
    reference: pd.Series
    groups: pd.Series
    excluded: tuple[str, ...]
    schemes: tuple[str, ...]
    chosen: np.ndarray
    seed: int
    notes: tuple[str, ...]
    intervals: int = 0

    @property
    def runs(self) -> int:
        return len(self.ranks)

    @cached_property
    def frequency(self) -> pd.DataFrame:
        """District × rank, share of runs; rows sum to 1. Half ranks (ties 平均) get columns of their own."""
        n = self.ranks.shape[1]
        twice = np.rint(2 * self.ranks).astype(np.int64) if self.ranks.dtype.kind == "f" else self.ranks.astype(np.int64) * 2
        width = 2 * n + 2
        flat = (twice + np.arange(n) * width).ravel()
        counts = np.bincount(flat, minlength=n * width).reshape(n, width)
        last = int(self.groups.value_counts().max())
        kept = [k for k in range(2, 2 * last + 1) if k % 2 == 0 or counts[:, k].any()]
        labels = [k // 2 if k % 2 == 0 else k / 2 for k in kept]
        return pd.DataFrame(counts[:, kept] / self.runs, self.reference.index, labels)

    @cached_property
    def summary(self) -> pd.DataFrame:
        """Per district: group, rank, median, p5, p50, p95, mean.

        pX is the smallest rank reached or bettered in at least X % of the runs, so that
        it is always a rank that occurs; median is p50.
        """
        table, places = self.frequency, np.array(self.frequency.columns, float)
        reached = table.to_numpy().cumsum(1) + 0.5 / self.runs / 1000
        quantile = {f"p{q}": places[(reached >= q / 100).argmax(1)] for q in (5, 50, 95)}
        return pd.DataFrame({"group": self.groups, "rank": self.reference, "median": quantile["p50"], **quantile,
                             "mean": table.to_numpy() @ places}, self.reference.index)

    @property
    def compared(self) -> pd.Index:
        """Districts with at least one other to be compared with in their ranking group."""
        return self.groups.index[self.groups.map(self.groups.value_counts()) > 1]

    @property
    def ranges(self) -> pd.DataFrame:
        """district, group, rank, low, median, high: the 90 % interval as ``plots.plot_rank_ranges`` takes it."""
        table = self.summary.loc[self.compared].rename(columns={"p5": "low", "p95": "high"})
        return table.rename_axis("district").reset_index()[["district", "group", "rank", "low", "median", "high"]]

    def at_most(self, k: float | pd.Series) -> pd.Series:
        """Share of runs with rank ≤ k for every district; k may be a Series by district."""
        limit = k.reindex(self.reference.index).to_numpy() if isinstance(k, pd.Series) else k
        return pd.Series((self.ranks <= limit).mean(0), self.reference.index, name="≤k" if isinstance(k, pd.Series) else f"≤{k:g}")

    def margin(self, share: float, z: float = 2.0) -> float:
        """Sampling error of a share of runs: z·√(share·(1 − share)/runs), z standard errors."""
        return z * float(np.sqrt(share * (1 - share) / self.runs))

    @cached_property
    def ahead(self) -> pd.DataFrame:
        """P(row ahead of column), strictly; a tie counts for neither.

        Districts of different ranking groups are never compared: NaN there.
        """
        columns, groups = np.ascontiguousarray(self.ranks.T), self.groups.to_numpy()
        table = np.array([(own < columns).mean(1) for own in columns])
        return pd.DataFrame(np.where(groups[:, None] == groups, table, np.nan), self.reference.index, self.reference.index)

    def indistinguishable(self, level: float = 0.9) -> pd.DataFrame:
        """Neighbours in the stated ranking, neither surely ahead of the other in a share ≥ level of the runs.

        Pairs within two standard errors of the level, on either side of it, are listed as
        ``near``: another seed may put them on the other side.

        Columns group, district, neighbour, p_ahead, p_behind, p_tied, near.
        """
        if not 0.5 < level <= 1:
            raise AssessmentError(f"判断先后能否分清的比例应大于 0.5、不超过 1，现为 {level:g}")
        rows, order, error = [], self.summary.sort_values(["rank", "mean"], kind="stable"), self.margin(level)
        for group, members in order.groupby("group", sort=False):
            for a, b in zip(members.index, members.index[1:]):
                p, q = self.ahead.at[a, b], self.ahead.at[b, a]
                most = max(p, q)
                if most < level or most <= level + error < 1:
                    rows.append((group, a, b, p, q, 1 - p - q, abs(most - level) <= error))
        return pd.DataFrame(rows, columns=["group", "district", "neighbour", "p_ahead", "p_behind", "p_tied", "near"])


def simulate(
    source,
    runs: int = 10_000,
    seed: int = 20_240_101,
    weights: str | None = "noise",
    noise: float = 0.25,
    concentration: float | None = None,
    schemes: dict[str, Tree | pd.DataFrame] | list | None = None,
    intervals: bool = True,
    low: pd.DataFrame | None = None,
    high: pd.DataFrame | None = None,
    adjustments: pd.DataFrame | None = None,
    year: int | None = None,
) -> Uncertainty:
    """Repeat an assessment under other weights, methods and values.

    Parameters
    ----------
    source : a Case (its bounds and adjustments are used) or an Assessment.
    weights : ``noise``: every weight times an independent uniform factor on
        [1 − noise, 1 + noise], then siblings brought back to their sum; ``dirichlet``:
        siblings' shares ~ Dirichlet(concentration × share), whose mean is the stated
        share, or uniform over the whole simplex without ``concentration``; None: as stated.
    schemes : alternative schemes (by name, or a list); each run takes the stated one or
        one of these with equal probability.
    intervals : values with both bounds are uniform between them, and the indicator is
        scored again (data bounds included); otherwise they stay as the assessment has them.
    low, high : district × indicator bounds; those of the case by default, none for an
        Assessment, whose masked values then stay as they were treated.
    adjustments : bonuses, deductions, vetoes as for :func:`analysis.assessment.assess`;
        needed with an Assessment that has vetoes, whose points are otherwise kept fixed.

    Raises
    ------
    AssessmentError for a wrong setting, crossed bounds, or when no total is known.
    """
    _check(runs, weights, noise, concentration)
    given = adjustments is not None
    a, low, high, adjustments = _inputs(source, low, high, adjustments, year)
    named = schemes if isinstance(schemes, dict) else {f"备选方案{k}": s for k, s in enumerate(schemes or [], 1)}
    models = [model_of(a, None, adjustments)] + [model_of(a, s, adjustments) for s in named.values()]
    cells = _cells(a, low, high) if intervals else {}
    stated = np.array([totals(m, m.weights[:, None].copy())[0] for m in models])
    known = ~np.isnan(stated).any(0)
    if not known.any():
        raise AssessmentError("所有区县的总分都含未公开数值，没有可排名的区县")
    groups, rng = a.groups.to_numpy()[known], np.random.default_rng(seed)
    size = len(a.raw) * max(len(m.tree.nodes) if m.linear else room(m, len(a.raw)) for m in models) + 2 * len(a.raw) ** 2 * bool(cells)
    step = int(np.clip(CHUNK_BYTES // (8 * size), 1, runs))
    chosen, ranks = np.zeros(runs, np.int16), []
    for start in range(0, runs, step):
        count = min(step, runs - start)
        if len(models) > 1:
            chosen[start:start + count] = rng.integers(len(models), size=count)
        values = {c: lo + (hi - lo) * rng.random((count, len(lo))) for c, (_, lo, hi) in cells.items()}
        scores = np.empty((count, len(a.raw)))
        for k, model in enumerate(models):
            mine = np.flatnonzero(chosen[start:start + count] == k)
            if len(mine):
                drawn = {model.tree.leaves.index(c): rescore(model, c, cells[c][0], x[mine])
                         for c, x in values.items() if c in model.tree.leaves}
                found = totals(model, draw_weights(model, rng, len(mine), weights, noise, concentration), drawn)
                if len(mine) == count:
                    scores = found
                else:
                    scores[mine] = found
        ranks.append(rank_runs(scores if known.all() else scores[:, known], groups, a.ties, a.decimals))
    index = a.raw.index[known]
    reference = pd.Series(rank_runs(stated[:1, known], groups, a.ties, a.decimals)[0].astype(float), index, name="rank")
    return Uncertainty(np.concatenate(ranks), reference, a.groups[known], tuple(a.raw.index[~known]), ("原方案", *named),
                       chosen, seed, tuple(_notes(a, source, weights, noise, concentration, named, cells, known, given)),
                       sum(len(rows) for rows, _, _ in cells.values()))


def _check(runs, weights, noise, concentration):
    if int(runs) != runs or runs < 1:
        raise AssessmentError(f"模拟次数应为正整数，现为 {runs}")
    if weights not in (None, "noise", "dirichlet"):
        raise AssessmentError(f"权重扰动方式“{weights}”不认识；可用：noise（相对扰动）、dirichlet（单纯形抽样）、None（不扰动）")
    if not 0 <= noise < 1:
        raise AssessmentError(f"权重相对扰动幅度应在 0 与 1 之间（不含 1），现为 {noise:g}")
    if concentration is not None and not concentration > 0:
        raise AssessmentError(f"集中度应大于 0，现为 {concentration:g}")


def _inputs(source, low, high, adjustments, year):
    if (low is None) != (high is None):
        raise AssessmentError("区间值的下界和上界要同时给出")
    if isinstance(source, Assessment):
        if low is None:
            return source, None, None, adjustments
        adjustments = applied(source) if adjustments is None else adjustments
        a = assess(source.treated, source.tree, groups=source.groups, low=low, high=high, ties=source.ties,
                   masked=source.masked & source.treated.isna(), decimals=source.decimals, adjustments=adjustments)
        return a, low, high, adjustments
    a = assess_case(source, year)
    rows = source.values[source.values["year"] == a.year]
    if low is None:
        low, high = (rows.pivot(index="district", columns="indicator", values=c) for c in ("low", "high"))
    own = source.adjustments[source.adjustments["year"] == a.year]
    return a, low, high, own if adjustments is None else adjustments


def _cells(a, low, high):
    """Indicator -> (rows, low, high) of the values that are known as intervals."""
    if low is None:
        return {}
    low, high = (t.reindex(index=a.raw.index, columns=a.raw.columns).astype(float) for t in (low, high))
    crossed = np.argwhere((low > high).to_numpy())
    if len(crossed):
        i, j = crossed[0]
        raise AssessmentError(f"{a.raw.index[i]}的指标“{a.tree.name(a.raw.columns[j])}”下界 {low.iat[i, j]:g} 大于上界 {high.iat[i, j]:g}")
    open_, cells = ((high > low) & a.treated.notna()).to_numpy(), {}
    for j in np.flatnonzero(open_.any(0)):
        rows = np.flatnonzero(open_[:, j])
        cells[a.raw.columns[j]] = rows, low.to_numpy()[rows, j], high.to_numpy()[rows, j]
    return cells


def _notes(a, source, weights, noise, concentration, named, cells, known, given):
    if weights == "noise":
        yield f"各级权重独立上下浮动 {noise:.0%}（均匀分布），同级之内再归一"
    elif weights == "dirichlet":
        yield ("各级权重在全部可能的权重中均匀抽取" if concentration is None
               else f"各级权重服从狄利克雷分布，均值为原权重，集中度 {concentration:g}")
    else:
        yield "权重不变"
    if named:
        yield f"每次模拟在原方案和{'、'.join(named)}中随机选一个，机会均等"
    if cells:
        yield f"{sum(len(rows) for rows, _, _ in cells.values())} 个区间值在上下界之间均匀抽取，并重新计分"
    masked = source.masked if isinstance(source, Assessment) else a.masked
    fixed = int((masked & a.treated.notna()).to_numpy().sum()) - sum(
        int(masked[c].to_numpy()[rows].sum()) for c, (rows, _, _) in cells.items())
    if fixed:
        yield f"{fixed} 个掩码值按推算值固定不变"
    if isinstance(source, Assessment) and not given and a.adjustments.to_numpy().any():
        yield "加减分按原来的实际加减固定；如有否决，请连同加减分表一起给出"
    if not known.all():
        yield f"{'、'.join(map(str, a.raw.index[~known]))}的总分含未公开数值，不参加排名"
    alone = a.groups[known].value_counts()
    if (alone == 1).any():
        yield "只有一个可比地区的分组，位次恒为 1，不谈位次，没有列入"
    yield from a.notes
