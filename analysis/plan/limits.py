"""What a plan may not exceed: per enterprise, certification, town, quarter and budget."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from ..params import AssessmentError
from .quarters import quarter_number
from .terms import Terms, shipped


@dataclass(frozen=True)
class Limits:
    """Bounds on the applications of a plan; what is not given is not bounded.

    first, last : first and last quarter in which applications may be made (2023Q1).
    judged : quarter in which the counts are taken: the result of an application must be out by then.
    per_enterprise : most applications of one enterprise.
    quotas : certification -> most applications.
    towns : town or park -> most applications over the whole plan.
    town_quarter : most applications of a town in one quarter: a number for all towns, or town -> number
        (towns not named: the number of "", if given, else unbounded).
    budget : most that the plan may cost, in the unit of the candidates' cost.
    terms : when applications are taken and how long a review lasts; those of ``tables/plan_parameters.csv`` by default.
    used, used_quarter : applications made before that count against ``per_enterprise`` (enterprise -> number)
        and ``town_quarter`` ((town, quarter's number) -> number), filled in by planning again.
    """

    first: str = ""
    last: str = ""
    judged: str = ""
    per_enterprise: int | None = None
    quotas: Mapping[str, int] = field(default_factory=dict)
    towns: Mapping[str, int] = field(default_factory=dict)
    town_quarter: int | Mapping[str, int] | None = None
    budget: float | None = None
    terms: Terms = field(default_factory=shipped, repr=False)
    used: Mapping[str, int] = field(default_factory=dict)
    used_quarter: Mapping[tuple[str, int], int] = field(default_factory=dict)

    def __post_init__(self):
        given = [("每家企业最多", self.per_enterprise), ("预算", self.budget)]
        given += [(f"“{k}”的名额", v) for k, v in self.quotas.items()] + [(f"{k}的申报上限", v) for k, v in self.towns.items()]
        each = self.town_quarter
        given += [(f"{k}每季度的申报上限", v) for k, v in each.items()] if isinstance(each, Mapping) else [("每季度的申报上限", each)]
        wrong = [f"{what}应为不小于 0 的数，现为 {value}" for what, value in given
                 if value is not None and not (np.isscalar(value) and np.isfinite(value) and value >= 0)]
        if wrong:
            raise AssessmentError("；".join(wrong))
        if self.first and self.last and quarter_number(self.first) > quarter_number(self.last):
            raise AssessmentError(f"开始季度 {self.first} 晚于截止季度 {self.last}")

    def quarters(self, certification: str, earliest: int, last: int) -> list[int]:
        """Numbers of the quarters from ``earliest`` to ``last`` in which an application can be made and still counts."""
        window = self.terms.window(certification)
        if self.judged:
            last = min(last, quarter_number(self.judged) - self.terms.review(certification))
        return [q for q in range(earliest, last + 1) if q % 4 + 1 in window]

    def capacity(self, town: str) -> float:
        """Most applications of a town in one quarter; infinite where not bounded."""
        if self.town_quarter is None:
            return np.inf
        each = self.town_quarter
        return float(each.get(town, each.get("", np.inf))) if isinstance(each, Mapping) else float(each)

    def room(self, town: str, quarter: int) -> float:
        """What is left of a town's capacity in a quarter."""
        return max(self.capacity(town) - self.used_quarter.get((town, quarter), 0), 0)

    def share_of(self, enterprise: str) -> float:
        """What is left of the applications of an enterprise; infinite where not bounded."""
        return np.inf if self.per_enterprise is None else max(self.per_enterprise - self.used.get(enterprise, 0), 0)

    def described(self) -> list[str]:
        """The bounds in Chinese, for the notes of a plan."""
        said = [f"申报时间 {self.first or '不限'} 至 {self.last or '不限'}"] if self.first or self.last else []
        said += [f"结果须在 {self.judged} 结束前公布"] if self.judged else []
        said += [f"每家企业最多 {self.per_enterprise:g} 项"] if self.per_enterprise is not None else []
        said += [f"“{k}”最多 {v:g} 项" for k, v in self.quotas.items()]
        said += [f"{k}最多 {v:g} 项" for k, v in self.towns.items()]
        if self.town_quarter is not None:
            each = self.town_quarter
            each = each if isinstance(each, Mapping) else {"": each}
            rest = "其他镇街园区各" if len(each) > 1 else "每个镇街园区"
            said.append("每季度最多报：" + "、".join(f"{k or rest} {v:g} 项" for k, v in each.items()))
        return said


def span(limits: Limits, earliest) -> tuple[int, int]:
    """First and last quarter of the plan as numbers; without ``last`` a year after the latest candidate.

    earliest : quarter numbers of the candidates.
    """
    start = quarter_number(limits.first) if limits.first else min(earliest)
    last = quarter_number(limits.last or limits.judged) if limits.last or limits.judged else max(max(earliest), start) + 4
    return min(start, last), last
