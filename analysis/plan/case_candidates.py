"""What a case's screening offers to a plan: which recognition counts in which indicator, and the candidates."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from ..assessment import Assessment
from ..kept import once_for_each
from ..params import AssessmentError
from ..recognition.held import REFUSED, REFUSED_BEFORE, recognised
from ..recognition.screen import APPLIED, DUE, NEAR, UNSURE, Screening
from ..recognition.views import candidates
from ..text import fold_key
from .candidates import several, with_defaults
from .quarters import quarter_text
from .terms import Terms, recognition_key

CATEGORY = "认定"
_COUNTED = ("数量", "个数", "家数", "总数", "数")  # 省级绿色工厂数 counts 省级绿色工厂


def indicators_of(assessment: Assessment, certifications, given: Mapping[str, str] | None = None) -> dict[str, str]:
    """Recognition -> code of the indicator that counts it, by name; recognitions that count nowhere are absent.

    Names compare without width, brackets, quotes, a trailing 企业 and a trailing 数 or 数量. Of several leaves of the
    same name the one of the category 认定 counts. given : recognition -> code or name of an indicator, for names that differ.

    Raises
    ------
    AssessmentError: two leaves of 认定 with the same name; a given recognition or indicator that is not known.
    """
    nodes = assessment.tree.nodes
    leaves: dict[str, list[str]] = {}
    for code in assessment.tree.leaves:
        if nodes.at[code, "global_weight"] > 0:
            leaves.setdefault(_indicator_key(nodes.at[code, "name"]), []).append(code)
    found = {}
    for name in certifications:
        codes = leaves.get(_indicator_key(name), [])
        best = [c for c in codes if nodes.at[c, "category"] == CATEGORY] or codes
        if len(best) > 1:
            raise AssessmentError(f"认定“{name}”与考核方案里不止一个指标同名：{'、'.join(best)}；请写明计入哪一个")
        found |= {name: best[0]} if best else {}
    known = {recognition_key(name): name for name in certifications}
    for name, wanted in (given or {}).items():
        code = node_code(assessment, wanted)
        if code not in assessment.tree.leaves:
            raise AssessmentError(f"“{wanted}”不是考核方案的末级指标，认定“{name}”不能计入它")
        if recognition_key(name) not in known:
            raise AssessmentError(f"没有筛查“{name}”；有：{'、'.join(certifications)}")
        found[known[recognition_key(name)]] = code
    return found


def node_code(assessment: Assessment, text: str) -> str:
    """Code of a node given by code or name.

    Raises
    ------
    AssessmentError where it is neither, or the name is that of several nodes.
    """
    nodes = assessment.tree.nodes
    if text in nodes.index:
        return text
    same = [code for code, name in nodes["name"].items() if fold_key(name) == fold_key(text)]
    if len(same) == 1:
        return same[0]
    if same:
        raise AssessmentError(f"考核方案里有 {len(same)} 个节点叫“{text}”，请写代码：{'、'.join(same)}")
    raise AssessmentError(f"考核方案里没有节点“{text}”；可用：{'、'.join(f'{c} {n}' for c, n in nodes['name'].items())}")


def enterprise_keys(enterprises: pd.DataFrame) -> pd.Series:
    """Roster row -> the name by which a plan calls it; the row is added where several have the same name."""
    names = enterprises["name"].astype(str)
    several_ = names.duplicated(keep=False)
    keys = names.where(~several_, names + "（企业表第" + enterprises["row"].astype(str) + "行）")
    return pd.Series(keys.to_numpy(), enterprises["row"].to_numpy())


def held_pairs(screening: Screening) -> set[tuple[str, str]]:
    """(enterprise, recognition) valid on the day of the screening, under the names of the rules."""
    official = {recognition_key(name): name for name in screening.certifications}
    keys, valid = enterprise_keys(screening.enterprises), recognised(screening.held, screening.date)
    known = valid[valid["row"].isin(keys.index)]
    return {(keys[row], official.get(recognition_key(name), name)) for row, name in zip(known["row"], known["certification"])}


def case_candidates(screening: Screening, codes: Mapping[str, str], terms: Terms, first: int,
                    unsure: bool = False) -> tuple[pd.DataFrame, list[str]]:
    """The screened list as candidates of a plan, and Chinese sentences on what was left out.

    应报未报 and 靠靠能报 (资料不全 too with ``unsure``) may be applied for; 已申报 is pending (``fixed``).
    A recognition that counts in no indicator is kept only where one that counts needs it first.

    Parameters
    ----------
    codes : from :func:`indicators_of`. first : number of the first quarter of the plan.
    """
    if screening.enterprises.empty:
        raise AssessmentError("没有企业名册，排不出申报计划；补上 企业 表")
    if not set(screening.certifications) & set(codes):
        raise AssessmentError(_nothing(screening, codes))
    table, said = _wanted(screening, frozenset(codes), (DUE, NEAR, *([UNSURE] if unsure else []), APPLIED))
    table, notes = table.copy(), list(said)
    table["name"] = table["enterprise"]
    table["enterprise"] = enterprise_keys(screening.enterprises).reindex(table["row"]).to_numpy()
    table["indicator"] = [codes.get(name, "") for name in table["certification"]]
    table["fixed"] = table["status"] == APPLIED
    # When it was applied for is not on the list: at the latest on the day of the screening.
    table.loc[table["fixed"], "earliest"] = quarter_text(first - 1)
    someday = (table["earliest"] != "") | table["status"].isin([DUE, APPLIED])
    if not someday.all():
        notes.append(f"{int((~someday).sum())} 项候选不知何时能补齐条件，未列入")
    table = table[someday].reset_index(drop=True)
    table["refused"] = _refused(screening, table)
    notes += _on_refused(int(table["refused"].sum()), terms)
    table = table.rename(columns={"row": "roster_row"})
    if not (table["indicator"] != "").any():
        raise AssessmentError(_nothing(screening, codes))
    return with_defaults(table, codes, quarter_text(first), terms), notes


def _refused(screening, table):
    """Whether the lists say that each candidate was refused the same recognition before."""
    held = screening.held
    past = held[(held["result"] == REFUSED) & ~(held["year"] > screening.date.year)]
    pairs = set(zip(past["row"], past["certification"].map(recognition_key)))
    return [pair in pairs for pair in zip(table["row"], table["certification"].map(recognition_key))]


def _on_refused(number, terms):
    if not number:
        return []
    stated = terms.values.get(("成功概率", REFUSED_BEFORE))
    if stated is None:
        return [f"候选中 {number} 项往年申报未通过，成功概率按所属状态、与没有报过的相同，可能偏高；知道本地这类企业通过率的，在“申报约定”表加一行（成功概率、{REFUSED_BEFORE}）"]
    return [f"候选中 {number} 项往年申报未通过，成功概率不高于约定的 {stated:.0%}"]


@once_for_each
def _wanted(screening, codes, statuses):
    """Rows of recognitions that count, and those that one of these needs first; sentences on the others. Whatever the goal is, it is the same."""
    official = {recognition_key(name): name for name in screening.certifications}
    listed = screening.table[screening.table["status"].isin(statuses)].astype({"certification": str})
    rows = listed[listed["certification"].isin(codes)]
    parts, seen = [], set()
    while len(rows):
        part = _texts(candidates(screening, statuses, screening.table.loc[rows.index]))
        part["prerequisite"] = ["、".join(official.get(recognition_key(c), c) for c in several(text)) for text in part["prerequisite"]]
        parts.append(part)
        seen |= set(zip(part["row"], part["certification"]))
        needed = {(row, c) for row, text in zip(part["row"], part["prerequisite"]) for c in several(text)} - seen
        rows = listed[[pair in needed for pair in zip(listed["row"], listed["certification"])]]
    table = pd.concat(parts, ignore_index=True) if parts else _texts(candidates(screening, ()))
    notes = []
    for name, number in listed.loc[~listed["certification"].isin(codes), "certification"].value_counts(sort=False).items():
        helping = int((table["certification"] == name).sum())
        but = f"，只列入作为前置认定的 {helping} 项" if helping else "，未列入"
        notes.append(f"“{name}”不计入考核方案的任何指标，{number} 项候选{but}")
    return table, notes


def _texts(table):
    """Categories and missing values as plain text."""
    words = [c for c in table.columns if c not in ("row", "distance")]
    return table.assign(**{c: table[c].astype(object).where(table[c].notna(), "").astype(str) for c in words})


def _nothing(screening, codes):
    counted = [name for name in screening.certifications if name in codes]
    if not screening.certifications:
        return "没有认定条件，筛不出可申报的企业；补上 认定条件 表"
    if not counted:
        return (f"筛查的认定（{'、'.join(screening.certifications)}）与考核方案的指标没有一个同名，申报不计分，排不出升位计划；"
                "请把指标名称改成认定名称，或写明哪个认定计入哪个指标")
    return f"{'、'.join(counted)}没有一家应报未报或靠靠能报的企业，没有可以安排的申报"


def _indicator_key(name):
    key = recognition_key(name)
    for ending in _COUNTED:
        if key.endswith(ending) and len(key) > len(ending) + 1:
            return recognition_key(key.removesuffix(ending))
    return key
