"""What a few years of history say about growth: drift, spread and how districts move together.

Every district's log growth follows r = μ + σ·ε, ε correlated between districts. With five or six years
none of the three is known well, so each is drawn towards what the city's districts have in common, by a
weight that is written in the result.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..params import AssessmentError
from .frame import growth_rates, last_observed
from .parameters import parameter

_NONE = 1e-12


@dataclass(frozen=True)
class Estimate:
    """Drift, spread and correlation of D districts, all of log growth a year.

    table : one row per district (see :func:`estimate`); drift, spread (D,); freedom (D,) degrees of
    freedom of the spread; correlation (D, D); shrinkage of the correlation 0 … 1; error (D, D)
    covariance of the error of the drift; notes, Chinese.
    """

    table: pd.DataFrame
    drift: np.ndarray
    spread: np.ndarray
    freedom: np.ndarray
    correlation: np.ndarray
    shrinkage: float
    error: np.ndarray
    notes: tuple[str, ...]


def estimate(frame: pd.DataFrame, drift: Mapping[str, float] | None = None) -> Estimate:
    """Drift, spread and correlation of the districts of a checked annual frame.

    Parameters
    ----------
    frame : see :func:`analysis.catchup.frame.checked_frame`.
    drift : growth in % a year that replaces the estimate of some districts; no uncertainty of drift is
        left there and the cap does not apply.

    The estimates, for a district with K growth rates r_k over m_k years, T = Σ m_k:

    * own drift μ̂ = Σ r_k / T; own variance s² = Σ (r_k − m_k μ̂)² / m_k / (K − 1);
    * spread σ² = (ν₀ s₀² + (K−1) s²) / (ν₀ + K − 1), s₀² the pooled variance, ν₀ 波动先验自由度;
    * correlation: pairwise, then (1−δ)·r + δ·r̄ with r̄ its mean (0 … 0.95) and
      δ = Σ (1−r²)²/(K−1) / Σ (r − r̄)², between 0 and 1 (the analytic intensity of Schäfer & Strimmer
      2005, Stat. Appl. Genet. Mol. Biol. 4:32, towards the constant correlation of Ledoit & Wolf 2004);
    * drift = m + B(μ̂ − m), B = τ²/(τ² + v), v = σ²(1−r̄)/T, m the mean weighted by 1/(v + τ²), τ² by the
      moments of DerSimonian & Laird (1986), not below what gives the districts the weight 自身权重下限;
    * the error of the drift has covariance diag(B v) + (1−B)(1−B)ᵀ Var(m) + r̄ σσᵀ/T.

    Districts with fewer growth rates than 最少增速个数 get B = 0 and the pooled spread, and are flagged.

    Returns
    -------
    Estimate; its table: district (index), last_year, last, rates (K), years (T), raw (own growth, %),
    weight (B), drift (% a year used), basis (收缩估计 / 自身历史 / 全市平均 / 给定), capped, spread (% a
    year), error (standard error of the drift, percentage points), few.

    Raises
    ------
    AssessmentError where no district has enough growth rates, and for a stated drift of an unknown
    district or ≤ −100 %.
    """
    names, rates, last = list(frame.columns), growth_rates(frame), last_observed(frame)
    stated = _stated(drift, names)
    count = rates.groupby("district").size().reindex(names, fill_value=0).to_numpy()
    span = rates.groupby("district")["years"].sum().reindex(names, fill_value=0).to_numpy(dtype=float)
    enough = count >= parameter("最少增速个数")
    if not enough.any():
        raise AssessmentError(
            f"{'、'.join(names)}的年增速都不足 {parameter('最少增速个数'):g} 个（最多 {count.max()} 个），估计不出波动，不能给出概率；"
            "请补充年份，或只用所需增速（不含概率）")
    raw = rates.groupby("district")["growth"].sum().reindex(names, fill_value=0.0).to_numpy() / np.maximum(span, 1)
    residual = _residuals(rates, names, raw)
    spread, freedom = _spread(residual, count, enough)
    correlation, mean, shrinkage, said = _correlation(residual, names, enough)
    used, weight, error, basis, more = _drift(raw, span, spread, mean, enough)
    low, high = np.log1p(parameter("年均增速下限") / 100), np.log1p(parameter("年均增速上限") / 100)
    capped = (used < low) | (used > high)
    used = np.clip(used, low, high)
    for district, value in stated.items():
        d = names.index(district)
        used[d], capped[d], basis[d] = value, False, "给定"
        error[d, :] = error[:, d] = 0.0
    table = pd.DataFrame({
        "last_year": last["year"], "last": last["level"], "rates": count, "years": span.astype(int),
        "raw": np.where(count > 0, 100 * np.expm1(raw), np.nan), "weight": weight, "drift": 100 * np.expm1(used), "basis": basis,
        "capped": capped, "spread": 100 * spread, "error": 100 * np.sqrt(np.diag(error)), "few": ~enough,
    }, index=pd.Index(names, name="district"))
    return Estimate(table, used, spread, freedom, correlation, shrinkage, error, tuple(said + more + _notes(table, rates)))


def _stated(drift, names):
    stated = {}
    for district, value in dict(drift or {}).items():
        if district not in names:
            raise AssessmentError(f"给定增速的区县“{district}”不在数据里；可用：{'、'.join(names)}")
        if not (np.isfinite(value) and value > -100):
            raise AssessmentError(f"{district}的给定增速应大于 −100%，现为 {value:g}%")
        stated[district] = float(np.log1p(value / 100))
    return stated


def _residuals(rates, names, raw):
    """Interval (start, end) × district of (r − mμ̂)/√m."""
    own = dict(zip(names, raw))
    value = (rates["growth"] - rates["years"] * rates["district"].map(own)) / np.sqrt(rates["years"])
    wide = rates.assign(value=value).pivot(index=["start", "end"], columns="district", values="value")
    return wide.reindex(columns=names).to_numpy(dtype=float)


def _spread(residual, count, enough):
    squares = np.nansum(residual**2, axis=0)
    free = np.where(enough, count - 1, 0)
    pooled = squares[enough].sum() / free.sum()
    prior = parameter("波动先验自由度") if enough.sum() > 1 else 0.0
    freedom = np.where(enough, prior + free, prior if enough.sum() > 1 else free.max())
    variance = np.where(enough, (prior * pooled + squares) / np.maximum(prior + free, 1), pooled)
    return np.sqrt(variance), freedom.astype(float)


def _correlation(residual, names, enough):
    size = len(names)
    if size == 1:
        return np.eye(1), 0.0, 1.0, []
    r, k = np.full((size, size), np.nan), np.zeros((size, size))
    for i in range(size):
        for j in range(i):
            both = np.isfinite(residual[:, i]) & np.isfinite(residual[:, j])
            one, two = residual[both, i], residual[both, j]
            scale = np.sqrt((one**2).sum() * (two**2).sum())
            if enough[i] and enough[j] and both.sum() >= parameter("相关最少共同增速个数") and scale > _NONE:
                r[i, j], k[i, j] = np.clip((one * two).sum() / scale, -1, 1), both.sum()
    known = np.isfinite(r)
    if not known.any():
        mean, shrinkage = parameter("默认相关系数"), 1.0
        said = [f"各区县没有足够的共同年份，波动的相关系数取默认值 {mean:g}，未经数据检验"]
    else:
        mean = float(np.clip(r[known].mean(), 0, 0.95))
        noise, differ = ((1 - r[known] ** 2) ** 2 / (k[known] - 1)).sum(), ((r[known] - mean) ** 2).sum()
        shrinkage = float(np.clip(noise / differ, 0, 1)) if differ > _NONE else 1.0
        said = [f"各区县波动的平均相关系数 {mean:.2f}，各对向平均收缩 {shrinkage:.0%}"]
    full = np.where(known, (1 - shrinkage) * np.nan_to_num(r) + shrinkage * mean, mean)
    full = np.tril(full, -1)
    return _positive(full + full.T + np.eye(size)), mean, shrinkage, said


def _positive(matrix):
    """The matrix itself, or with its negative eigenvalues lifted where pairs from different years disagree."""
    values, vectors = np.linalg.eigh(matrix)
    if values[0] > 1e-8:
        return matrix
    lifted = (vectors * np.maximum(values, 1e-6)) @ vectors.T
    scale = np.sqrt(np.diag(lifted))
    return lifted / np.outer(scale, scale)


def _drift(raw, span, spread, mean, enough):
    size = len(raw)
    years = np.where(enough, span, np.median(span[enough]))
    own = np.maximum(spread**2 * (1 - mean) / years, _NONE)
    common = mean * np.outer(spread / np.sqrt(years), spread / np.sqrt(years))
    basis = ["全市平均"] * size
    if enough.sum() < parameter("收缩最少地区数"):
        centre = raw[enough].mean()
        between = raw[enough].var(ddof=1) if enough.sum() > 1 else own[enough][0]
        weight = np.where(enough, 1.0, 0.0)
        variance = (own[enough].sum() / enough.sum() ** 2) if enough.any() else 0.0
        loose = np.where(enough, own, np.maximum(between, own))
        said = [] if enough.all() else [f"数据够用的区县不足 {parameter('收缩最少地区数'):g} 个，其余区县的增速取其简单平均"]
    else:
        between = _between(raw[enough], own[enough])
        weight = np.where(enough, between / (between + own), 0.0)
        pull = 1 / (own[enough] + between)
        centre, variance = float(pull @ raw[enough] / pull.sum()), 1 / pull.sum()
        loose = np.where(enough, weight * own, between)
        said = [f"各区县年均增速向全市平均 {100 * np.expm1(centre):.1f}% 收缩，自身历史的权重 {weight[enough].min():.0%} 至 "
                f"{weight[enough].max():.0%}".replace("-", "−")]
    for d in np.flatnonzero(enough):
        basis[d] = "自身历史" if weight[d] == 1 else "收缩估计"
    error = np.diag(loose) + np.outer(1 - weight, 1 - weight) * variance + common
    return centre + weight * (raw - centre), weight, error, basis, said


def _between(raw, own):
    """τ²: variance of the true drifts between districts."""
    w = 1 / own
    centre = w @ raw / w.sum()
    excess = w @ (raw - centre) ** 2 - (len(raw) - 1)
    least = parameter("自身权重下限")
    floor = np.median(own) * least / (1 - least)
    return max(excess / (w.sum() - (w**2).sum() / w.sum()), floor)


def _notes(table, rates):
    said = []
    few = table.index[table["few"]]
    if len(few):
        said.append(f"数据太少（年增速不足 {parameter('最少增速个数'):g} 个）：{'、'.join(few)}，波动取全市合并值")
    for district, row in table[table["capped"]].iterrows():
        said.append(f"{district}的年均增速超出 {parameter('年均增速下限'):g}% 至 {parameter('年均增速上限'):g}%，按 {row['drift']:.0f}% 计")
    gaps = rates[rates["years"] > 1]
    if len(gaps):
        said.append(f"有 {len(gaps)} 个增速跨多年（中间年份无数据），按年均分摊：{'、'.join(gaps['district'].unique())}")
    most = int(table["rates"].max())
    said.append(f"每个区县最多只有 {most} 个年增速" + ("，增速和波动都估得很粗" if most < 10 else ""))
    return [s.replace("-", "−") for s in said]
