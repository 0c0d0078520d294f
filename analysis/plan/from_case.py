"""A plan from a case end to end: screening, scheme, lists and the case's own terms."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

import pandas as pd

from ..assessment import Assessment, assess_case
from ..matching import match_recognitions
from ..params import AssessmentError
from ..recognition import Screening, screen
from ..recognition.clauses import CONFIDENCE
from ..text import fold_key
from ..treatment import MIDPOINT
from ..weakness.recognition_view import recognition_indicators
from .case_candidates import case_candidates, enterprise_keys, held_pairs, indicators_of, node_code
from .case_rivals import case_rivals, lost_by
from .goal import Goal
from .limits import Limits
from .parameters import setting
from .problem import Problem, problem
from .quarters import quarter_number, quarter_text
from .replan import carried_on
from .result import Plan, make_plan
from .terms import Terms, recognition_key, terms_of


def case_plan(case, screening: Screening | None = None, *, assessment: Assessment | None = None, node: str = "", rank: int = 0,
              probability: float | None = None, budget: float | None = None, outcomes: pd.DataFrame | None = None, runs: int | None = None,
              unsure: bool = False, indicators: Mapping[str, str] | None = None) -> Plan:
    """The cheapest set of applications that lifts the case's 本区 to a place with a chosen probability; see :func:`case_problem`.

    runs : as for :func:`analysis.plan.result.make_plan`.
    """
    return make_plan(case_problem(case, screening, assessment=assessment, node=node, rank=rank, probability=probability, budget=budget,
                                  outcomes=outcomes, unsure=unsure, indicators=indicators), runs)


def case_problem(case, screening: Screening | None = None, *, assessment: Assessment | None = None, node: str = "", rank: int = 0,
                 probability: float | None = None, budget: float | None = None, outcomes: pd.DataFrame | None = None,
                 unsure: bool = False, indicators: Mapping[str, str] | None = None) -> Problem:
    """Everything that a plan is sought from, from a case.

    Candidates are the 应报未报 and 靠靠能报 of the screening, 已申报 stays in every plan as pending. Chances, costs,
    windows and limits are those of the sheet 申报约定 where it has them, else of ``tables/plan_parameters.csv``. The others
    move as their lists or series show; home loses what runs out. The counts are taken at the end of the year after the case's.

    Parameters
    ----------
    case : a Case with 企业, 认定条件, 考核方案 and 指标值.
    screening : ``screen(case)`` by default. assessment : ``assess_case(case)`` by default.
    node : code or name; by default 计划指标组 of 说明, else the node right above all 认定 indicators, else the whole;
        the root's code or name plans for the whole assessment.
    rank : place wanted; by default 计划位次, else that of 对标区 where it is ahead in the same group, else the next one up.
    probability : between 0 and 1; by default 目标概率, else that of the table.
    budget : 万元; that of 申报约定 by default, else unbounded.
    outcomes : what has become of applications: enterprise (name or 统一社会信用代码), certification, outcome (成功, 失败,
        待定, 放弃), optional quarter; see :func:`analysis.plan.replan.replan`.
    unsure : with the 资料不全 as candidates (their chance is that of the table); off by default, unknown is no pass.
    indicators : recognition -> indicator (code or name) where the names differ.

    Raises
    ------
    AssessmentError: no roster, rules or recognition that counts; nothing to apply for; home's score unknown; unknown node, rank,
    enterprises, recognitions or outcomes.
    """
    for sheet, title in (("enterprises", "企业"), ("rules", "认定条件"), ("scheme", "考核方案"), ("values", "指标值")):
        if not case.has(sheet):
            raise AssessmentError(f"“{case.name}”没有 {title} 表，排不出申报计划；请补上")
    assessment = assessment or assess_case(case)
    screening = screening or screen(case)
    terms = terms_of(case.tables.get("terms"))
    codes = indicators_of(assessment, screening.certifications, indicators)
    node = node_code(assessment, node or getattr(case, "plan_node", None) or _shared_parent(assessment))
    limits, judged, notes = _limits(case, screening, terms, budget)
    table, said = case_candidates(screening, codes, terms, quarter_number(limits.first), unsure)
    notes += said
    used = {name: code for name, code in codes.items() if code in set(table["indicator"])}
    notes += _uncounted(assessment, node, used)
    listed = [n for n in case.recognitions["certification"].unique() if recognition_key(n) not in set(map(recognition_key, codes))]
    everyone = {name: code for name, code in (codes | indicators_of(assessment, listed)).items() if code in assessment.tree.leaves_under(node)}
    rivals, said = case_rivals(case, assessment, everyone, judged.year)
    notes += said
    lost, said = lost_by(case, screening, judged, match_recognitions(case))
    notes += said
    by_key = {recognition_key(name): code for name, code in used.items()}
    change: dict[str, float] = {}
    for name, n in lost.items():
        if code := by_key.get(recognition_key(name)):
            change[code] = change.get(code, 0.0) - n
    given = rank or getattr(case, "plan_rank", None)
    rank = int(given or _rank(case, assessment, node))
    notes += [*_standing(case, assessment, node, rank), *([] if given else _unasked(case, assessment, node, rank))]
    probability = probability or case.target_probability or setting("默认目标概率")
    adjustments = case.adjustments[case.adjustments["year"] == case.year]
    p = problem(assessment, table, Goal(case.home, rank, node, probability, change), limits, rivals, held_pairs(screening), adjustments)
    notes += [*_confidence(p), *_midpoints(p)]
    if outcomes is not None and len(outcomes):
        done, said = _named(outcomes, p, screening)
        notes += said
        p = carried_on(p, done) if len(done) else p
    return replace(p, notes=(*p.notes, *notes))


def won_from(case, screening: Screening) -> dict[str, pd.Timestamp]:
    """Folded recognition -> first day on which one that asks for it can be applied for: it is applied for in the first quarter
    of the plan in which applications are taken, and reviewed as long as the sheet 申报约定, else the table, says."""
    terms, first = terms_of(case.tables.get("terms")), quarter_number(_first(case, screening))
    quarters = {fold_key(name): terms.won(name, first) for name in screening.certifications}
    return {key: pd.Timestamp(q // 4, 3 * (q % 4) + 1, 1) for key, q in quarters.items()}


def _first(case, screening):
    return getattr(case, "plan_first", None) or quarter_text(quarter_number(screening.date) + 1)


def _shared_parent(assessment):
    parents = set(assessment.tree.nodes.loc[recognition_indicators(assessment), "parent"])
    return parents.pop() if len(parents) == 1 else assessment.root


def _rank(case, assessment, node):
    """The benchmark's place where it is ahead of home in the same group, else the next one up (the first is held)."""
    ranks, groups = assessment.ranks[node], assessment.groups
    own, other = ranks.get(case.home), case.benchmark
    if own is None or pd.isna(own):
        return 1
    if other in ranks.index and groups[other] == groups[case.home] and ranks[other] < own:
        return max(math.floor(ranks[other]), 1)
    return max(math.ceil(own) - 1, 1)


def _unasked(case, assessment, node, rank):
    """Where a place comes from that nobody has asked for."""
    other, own = (assessment.ranks[node].get(district) for district in (case.benchmark, case.home))
    why = "守住现在的位次" if own == rank else f"取对标区{case.benchmark}现在的位次" if other == rank else "取再进一位"
    return [f"目标位次没有指定（说明表“计划位次”），{why}：第 {rank} 位"]


def _limits(case, screening, terms: Terms, budget):
    """Limits of the case, the day on which the counts are taken, and sentences on both."""
    first = _first(case, screening)
    last, notes = getattr(case, "plan_last", None) or "", []
    year = case.year + 1
    if last:
        year = max(year, quarter_number(last) // 4)
        notes.append(f"截止季度 {quarter_text(quarter_number(last))} 按说明表“计划截止季度”")
    judged = f"{year}Q4"
    if quarter_number(first) > quarter_number(last or judged):
        raise AssessmentError(f"申报起始季度 {first} 晚于计数的 {judged}：筛查日期 {screening.date:%Y-%m-%d} 之后已没有结果能计入 {year} 年的季度")
    official = {recognition_key(name): name for name in screening.certifications}
    towns = terms.limit("镇街季度上限")
    own, each = terms.limit("预算").get(""), terms.limit("每企业上限").get("")
    limits = Limits(first=first, last=last, judged=judged, per_enterprise=None if each is None else int(each),
                    quotas={official.get(recognition_key(k), k): int(v) for k, v in terms.limit("名额").items()},
                    towns={k: int(v) for k, v in terms.limit("镇街上限").items()}, town_quarter=int(towns[""]) if set(towns) == {""} else towns or None,
                    budget=own if budget is None else budget, terms=terms)
    return limits, pd.Timestamp(year, 12, 31), notes


def _uncounted(assessment, node, used):
    """The 认定 indicators of the node that no candidate raises."""
    under = set(assessment.tree.leaves_under(node))
    idle = [assessment.tree.name(c) for c in recognition_indicators(assessment) if c in under and c not in used.values()]
    return [f"{'、'.join(idle)}没有可申报的候选，按现值不变"] if idle else []


def _standing(case, assessment, node, rank):
    now = assessment.ranks.at[case.home, node] if case.home in assessment.ranks.index else float("nan")
    if pd.notna(now) and now <= rank:
        return [f"{case.home}现在“{assessment.tree.name(node)}”第 {now:g} 位，目标第 {rank} 位是守住位次"]
    return []


def _confidence(p):
    unsure = int(((p.table["confidence"] == CONFIDENCE[-1]) & ~p.fixed).sum())
    return [f"{int((~p.fixed).sum())} 项候选中 {unsure} 项依据的认定条款待核，须对照现行文件原文后再报"] if unsure else []


def _midpoints(p):
    """Values under the node that were not published and stand at the midpoint of their bounds: the chance hangs on them."""
    a = p.assessment
    under = set(a.tree.leaves_under(p.goal.node or a.root))
    found = a.filled[(a.filled["treatment"] == MIDPOINT) & a.filled["indicator"].isin(under)]
    if found.empty:
        return []
    few = "、".join(f"{d}的{a.tree.name(c)}" for d, c in found[["district", "indicator"]].head(4).to_numpy()) + ("等" if len(found) > 4 else "")
    return [f"“{p.scenes.name}”有 {len(found)} 个数未公开（{few}），按所给上下界的中点推算；把握没有计入中点与实际的差别"]


def _named(outcomes, p, screening):
    """Outcomes under the plan's names; those that the lists already hold are left out and said.

    Raises AssessmentError for enterprises that are not on the roster, all at once; the rest is checked by ``carried_on``.
    """
    lacking = [title for c, title in (("enterprise", "企业"), ("certification", "认定"), ("outcome", "结果")) if c not in outcomes]
    if lacking:
        raise AssessmentError(f"进展表缺少列：{'、'.join(lacking)}")
    roster, keys = screening.enterprises, enterprise_keys(screening.enterprises)
    names: dict[str, str] = dict(zip(keys, keys))
    names |= {code: key for code, key in zip(roster["code"].astype(str), keys) if code}
    single = roster["name"][~roster["name"].duplicated(keep=False)]
    names |= {name: name for name in single}
    official = {recognition_key(name): name for name in screening.certifications}
    done = outcomes.assign(enterprise=[names.get(str(e).strip(), "") for e in outcomes["enterprise"]],
                           certification=[official.get(recognition_key(str(c)), str(c)) for c in outcomes["certification"]])
    unknown = [f"第 {n} 行的企业“{e}”" for n, (e, key) in enumerate(zip(outcomes["enterprise"], done["enterprise"]), 1) if not key]
    if unknown:
        raise AssessmentError(f"进展表的{'、'.join(unknown)}不在企业名册里，或同名的不止一家（请写统一社会信用代码）")
    have = [pair in p.held for pair in zip(done["enterprise"], done["certification"])]
    notes = [f"进展表有 {sum(have)} 项已在认定名单上，不再重复计算"] if any(have) else []
    return done[[not h for h in have]].reset_index(drop=True), notes
