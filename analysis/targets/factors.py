"""A change explained by its factors: LMDI, and Shapley where a logarithm does not exist."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from math import factorial

import numpy as np
import pandas as pd

from ..params import AssessmentError

LMDI, SHAPLEY = "LMDI（对数平均迪氏指数）", "沙普利值"
MOST_FACTORS = 10


@dataclass(frozen=True)
class Factors:
    """Change of Y = Σᵢ Πₖ xᵢₖ by factor.

    table : a row per factor: factor, effect (unit of Y; they sum to ``change``), share (% of
        the change, missing where it is 0), ratio (multiplicative effect; they multiply to
        Y₁/Y₀; missing under Shapley, said in ``note``).
    by_group : group × factor, the additive effects.
    before, after, change : of Y.
    method : LMDI or 沙普利值.
    note : Chinese sentence on the method, empty where there is nothing to say.
    """

    table: pd.DataFrame
    by_group: pd.DataFrame
    before: float
    after: float
    change: float
    method: str
    note: str


def decompose_factors(before: pd.DataFrame, after: pd.DataFrame, method: str = LMDI) -> Factors:
    """Split ΔY of Y = Σᵢ Πₖ xᵢₖ over the factors so that the effects sum to it.

    LMDI-I: effectₖ = Σᵢ L(Yᵢ₁, Yᵢ₀)·ln(xᵢₖ₁/xᵢₖ₀), ratioₖ = exp(Σᵢ L(Yᵢ₁, Yᵢ₀)/L(Y₁, Y₀)·ln(xᵢₖ₁/xᵢₖ₀)),
    L(a, b) = (a − b)/ln(a/b), L(a, a) = a. Shapley: the mean, over all orders in which the
    factors may change, of what the factor's change adds.

    Parameters
    ----------
    before, after : group × factor (one row where there are no groups), none missing.
    method : LMDI (where a factor is zero or negative in any group, Shapley is used for all
        and said) or 沙普利值.

    Raises
    ------
    AssessmentError for tables that differ, missing figures, or more than 10 factors.
    Source: Ang (2005), Energy Policy 33, 867–871; Shapley (1953).
    """
    before, after = _alike(before, after)
    x0, x1 = before.to_numpy(), after.to_numpy()
    y0, y1 = x0.prod(axis=1), x1.prod(axis=1)
    if method not in (LMDI, SHAPLEY):
        raise AssessmentError(f"因素分解方法只能写 {LMDI} 或 {SHAPLEY}，现为“{method}”")
    wrong = (x0 <= 0) | (x1 <= 0)
    note, ratio = "", np.full(before.shape[1], np.nan)
    if method == LMDI and wrong.any():
        where = "、".join(f"{before.index[i]}·{before.columns[k]}" for i, k in np.argwhere(wrong)[:5])
        method, note = SHAPLEY, f"{where}等因素为零或负数，对数不存在，改用沙普利值"
    elif method == SHAPLEY:
        note = "按指定用沙普利值"
    if method == LMDI:
        logs, weight = np.log(x1 / x0), log_mean(y1, y0)
        parts = weight[:, None] * logs
        ratio = np.exp((weight / log_mean(y1.sum(), y0.sum())) @ logs)
    else:
        note += "；沙普利值只有相加的效应，不给相乘的倍数"
        parts = shapley_effects(x0, x1)
    effect, change = parts.sum(axis=0), float(y1.sum() - y0.sum())
    moved = abs(change) > 1e-12 * max(abs(y0.sum()), abs(y1.sum()))
    table = pd.DataFrame({"factor": before.columns, "effect": effect, "share": 100 * effect / change if moved else np.nan, "ratio": ratio})
    return Factors(table, pd.DataFrame(parts, before.index, before.columns), float(y0.sum()), float(y1.sum()), change, method, note)


def output_factors(firms: tuple[float, float], sales: tuple[float, float], value_added: tuple[float, float]) -> Factors:
    """Value added = enterprises × sales per enterprise × value added per sales, in two years.

    Parameters
    ----------
    firms : 家, before and after; sales, value_added : 亿元.

    The last factor is value added over invoiced sales, not over gross output (官方增加值率).
    """
    rows = []
    for year, n, s, v in zip(("基期", "报告期"), firms, sales, value_added):
        if not (n > 0 and s > 0 and np.isfinite(v)):
            raise AssessmentError(f"{year}的企业数（{n:g} 家）和开票销售（{s:g} 亿元）应大于 0、增加值（{v:g}）应有数，才能做因素分解")
        rows.append(pd.DataFrame([[n, s / n, v / s]], ["全区"], ["规上企业数", "户均开票销售", "增加值与开票销售之比"]))
    return decompose_factors(*rows)


def log_mean(a, b):
    """L(a, b) = (a − b) ÷ ln(a ÷ b) of positive figures, a where they are equal."""
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    # With d = ln(a/b), L = b·(e^d − 1)/d: no difference of nearly equal figures is taken.
    d = np.log(a / b)
    return b * np.where(np.abs(d) < 1e-12, 1.0, np.expm1(d) / np.where(d == 0, 1.0, d))


def shapley_effects(x0: np.ndarray, x1: np.ndarray) -> np.ndarray:
    """Shapley values of each factor's change in each row's product; arrays row × factor."""
    n = x0.shape[1]
    effects = np.zeros_like(x0)
    for k in range(n):
        others = [j for j in range(n) if j != k]
        for size in range(n):
            weight = factorial(size) * factorial(n - size - 1) / factorial(n)
            for moved in combinations(others, size):
                rest = x1[:, list(moved)].prod(axis=1) * x0[:, [j for j in others if j not in moved]].prod(axis=1)
                effects[:, k] += weight * rest * (x1[:, k] - x0[:, k])
    return effects


def _alike(before, after):
    if set(before.index) != set(after.index) or set(before.columns) != set(after.columns):
        raise AssessmentError("两年的分组或因素不一致，不能做因素分解")
    if before.shape[1] > MOST_FACTORS:
        raise AssessmentError(f"因素有 {before.shape[1]} 个，最多 {MOST_FACTORS} 个")
    before = before.astype(float)
    after = after.reindex(index=before.index, columns=before.columns).astype(float)
    for frame, when in ((before, "基期"), (after, "报告期")):
        wrong = [f"{frame.index[i]}·{frame.columns[k]}" for i, k in np.argwhere(~np.isfinite(frame.to_numpy()))]
        if wrong:
            raise AssessmentError(f"{when}以下因素缺数：{'、'.join(wrong)}，不能做因素分解")
    return before, after
