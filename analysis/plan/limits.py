"""What a plan may not exceed: per enterprise, certification, town, quarter and budget."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from ..params import AssessmentError
from .parameters import application_quarters, review_quarters
from .quarters import quarter_number


@dataclass(frozen=True)
class Limits:
    """Bounds on the applications of a plan; what is not given is not bounded.

    first, last : first and last quarter in which applications may be made (2023Q1); ``last`` is the
        last one whose result still counts for the goal.
    per_enterprise : most applications of one enterprise.
    quotas : certification -> most applications.
    towns : town or park -> most applications over the whole plan.
    town_quarter : most applications of a town in one quarter: a number for all towns, or town -> number
        (towns not named are unbounded).
    budget : most that the plan may cost, in the unit of the candidates' cost.
    windows : certification -> quarters of the year (1–4) in which applications are taken; by default
        those of ``tables/plan_parameters.csv``; where given, any quarter for certifications not named.
    used, used_quarter : applications made before that count against ``per_enterprise`` (enterprise -> number)
        and ``town_quarter`` ((town, quarter's number) -> number), filled in by planning again.
    """

    first: str = ""
    last: str = ""
    per_enterprise: int | None = None
    quotas: Mapping[str, int] = field(default_factory=dict)
    towns: Mapping[str, int] = field(default_factory=dict)
    town_quarter: int | Mapping[str, int] | None = None
    budget: float | None = None
    windows: Mapping[str, tuple[int, ...]] | None = None
    used: Mapping[str, int] = field(default_factory=dict)
    used_quarter: Mapping[tuple[str, int], int] = field(default_factory=dict)

    def __post_init__(self):
        given = [("每家企业最多", self.per_enterprise), ("预算", self.budget)]
        given += [(f"“{k}”的名额", v) for k, v in self.quotas.items()] + [(f"{k}的申报上限", v) for k, v in self.towns.items()]
        each = self.town_quarter
        given += [(f"{k}每季度的申报上限", v) for k, v in each.items()] if isinstance(each, Mapping) else [("每季度的申报上限", each)]
        wrong = [f"{what}应为不小于 0 的数，现为 {value}" for what, value in given
                 if value is not None and not (np.isscalar(value) and np.isfinite(value) and value >= 0)]
        for certification, quarters in (self.windows or {}).items():
            if not quarters or not set(quarters) <= {1, 2, 3, 4}:
                wrong.append(f"“{certification}”的申报季度应为 1 至 4，现为 {quarters}")
        if wrong:
            raise AssessmentError("；".join(wrong))
        if self.first and self.last and quarter_number(self.first) > quarter_number(self.last):
            raise AssessmentError(f"开始季度 {self.first} 晚于截止季度 {self.last}")

    def window(self, certification: str) -> tuple[int, ...]:
        """Quarters of the year in which applications for a certification are taken."""
        if self.windows is None:
            return application_quarters(certification)
        return tuple(self.windows.get(certification, (1, 2, 3, 4)))

    def quarters(self, certification: str, earliest: int, last: int) -> list[int]:
        """Numbers of the quarters from ``earliest`` to ``last`` in which an application can be made."""
        window = self.window(certification)
        return [q for q in range(earliest, last + 1) if q % 4 + 1 in window]

    def capacity(self, town: str) -> float:
        """Most applications of a town in one quarter; infinite where not bounded."""
        if self.town_quarter is None:
            return np.inf
        return float(self.town_quarter.get(town, np.inf)) if isinstance(self.town_quarter, Mapping) else float(self.town_quarter)

    def room(self, town: str, quarter: int) -> float:
        """What is left of a town's capacity in a quarter."""
        return max(self.capacity(town) - self.used_quarter.get((town, quarter), 0), 0)

    def share_of(self, enterprise: str) -> float:
        """What is left of the applications of an enterprise; infinite where not bounded."""
        return np.inf if self.per_enterprise is None else max(self.per_enterprise - self.used.get(enterprise, 0), 0)

    def lag(self, certification: str) -> int:
        """Quarters that an application waits for the result of its prerequisite."""
        return review_quarters(certification)

    def described(self) -> list[str]:
        """The bounds in Chinese, for the notes of a plan."""
        said = [f"申报时间 {self.first or '不限'} 至 {self.last or '不限'}"] if self.first or self.last else []
        said += [f"每家企业最多 {self.per_enterprise} 项"] if self.per_enterprise is not None else []
        said += [f"“{k}”最多 {v} 项" for k, v in self.quotas.items()]
        said += [f"{k}最多 {v} 项" for k, v in self.towns.items()]
        if self.town_quarter is not None:
            each = self.town_quarter
            said.append("每季度最多：" + "、".join(f"{k} {v} 项" for k, v in each.items()) if isinstance(each, Mapping) else f"每个镇街园区每季度最多 {each} 项")
        return said


def span(limits: Limits, earliest) -> tuple[int, int]:
    """First and last quarter of the plan as numbers; without ``last`` a year after the latest candidate.

    earliest : quarter numbers of the candidates.
    """
    start = quarter_number(limits.first) if limits.first else min(earliest)
    last = quarter_number(limits.last) if limits.last else max(max(earliest), start) + 4
    return min(start, last), last
