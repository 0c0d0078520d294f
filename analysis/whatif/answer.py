"""The assessment with some weights and values other than the case's, beside the case's own."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from ..assessment import Assessment, assess_case
from ..params import AssessmentError
from ..text import fold_key
from ..views import signed

ASSUMED = "假设"
FORMATS = {"原得分": ".2f", "新得分": ".2f", "得分变化": signed(2), "原位次": ".0f", "新位次": ".0f", "位次变化": signed(0)}


@dataclass(frozen=True)
class Answer:
    """Two assessments of a year and what made the difference.

    before, after : assessments of the case as it is, and with the changes.
    weights : code -> weight put in. values : (district, code) -> value put in.
    """

    before: Assessment
    after: Assessment
    weights: Mapping[str, float]
    values: Mapping[tuple[str, str], float]


def change(case, weights: Mapping[str, float] | None = None, values: Mapping[tuple[str, str], float] | None = None,
           year: int | None = None, before: Assessment | None = None) -> Answer:
    """Assess a case again with other weights and values.

    Parameters
    ----------
    weights : code or name of a node -> weight (≥ 0) beside its siblings, in the scale of the scheme (weights are
        normalised within a parent).
    values : (district, code or name of an indicator) -> value in the indicator's unit; it takes the place of
        what is there, a masked value and its bounds included.
    year : the case's 年度 by default. before : the assessment as it is, to save making it again.

    Raises
    ------
    AssessmentError naming nodes, indicators or districts that are not there, negative weights, and
    numbers that are none; and what :func:`analysis.assessment.assess_case` refuses.
    """
    before = before if before is not None else assess_case(case, year)
    year, faults = int(before.year), []
    nodes = before.tree.nodes
    names = {fold_key(name): code for code, name in reversed(list(nodes["name"].items()))} | {code: code for code in nodes.index}

    def code_of(word, leaf):
        code = names.get(word, names.get(fold_key(str(word))))
        if code is None or (leaf and not nodes.at[code, "leaf"]):
            faults.append(f"考核方案里没有{'末级指标' if leaf else '节点'}“{word}”")
            return None
        return code

    new_weights = {code_of(word, False): float(value) for word, value in (weights or {}).items()}
    new_values = {(district, code_of(word, True)): float(value) for (district, word), value in (values or {}).items()}
    faults += [f"“{nodes.at[c, 'name']}”的权重应为不小于 0 的数，现为 {w:g}" for c, w in new_weights.items() if c and not (np.isfinite(w) and w >= 0)]
    faults += [f"{d}“{nodes.at[c, 'name']}”的数值不是数" for (d, c), v in new_values.items() if c and not np.isfinite(v)]
    faults += [f"区县“{d}”不在考核里" for d in dict.fromkeys(d for d, _ in new_values) if d not in before.scores.index]
    if faults:
        raise AssessmentError("；".join(faults))
    tables = case.tables | {"scheme": _weighted(case.scheme, new_weights), "values": _valued(case.values, new_values, year)}
    return Answer(before, assess_case(replace(case, tables=tables), year), new_weights, new_values)


def assigned(text: str) -> dict[str, float]:
    """``甲=3、乙=4.5`` as a mapping; AssessmentError for a part that is no name and number."""
    found = {}
    for part in filter(None, (p.strip() for p in re.split(r"[、；;，,\n]", text))):
        name, sign, number = unicodedata.normalize("NFKC", part).rpartition("=")
        try:
            found[name.strip()] = float(number)
        except ValueError:
            sign = ""
        if not sign or not name.strip():
            raise AssessmentError(f"“{part}”看不懂，写成 名称=数，如 认定培育=40")
    return found


def compare_view(answer: Answer, node: str | None = None, home: str = "") -> pd.DataFrame:
    """Scores and ranks before and after in a node (the whole by default), best first, home's group before the others;
    ``位次变化`` positive is up."""
    node = node or answer.before.root
    old, new = answer.before, answer.after
    table = pd.DataFrame({"区县": new.scores.index, "原得分": old.scores[node].to_numpy(), "新得分": new.scores[node].to_numpy(),
                          "原位次": old.ranks[node].to_numpy(), "新位次": new.ranks[node].to_numpy()})
    table["得分变化"] = table["新得分"] - table["原得分"]
    table["位次变化"] = table["原位次"] - table["新位次"]
    table["分组"] = new.groups.reindex(table["区县"]).to_numpy()
    far = table["分组"] != new.groups.get(home)
    table = table.assign(far=far).sort_values(["far", "分组", "新位次", "新得分"], ascending=[True, True, True, False], na_position="last", kind="stable")
    table = table.drop(columns="far").reset_index(drop=True)
    return table if table["分组"].nunique() > 1 else table.drop(columns="分组")


def indicator_view(answer: Answer) -> pd.DataFrame:
    """What was put in, beside what was there."""
    nodes, raw = answer.before.tree.nodes, answer.before.raw
    rows = [{"改动": f"{nodes.at[code, 'name']}的权重", "原来": nodes.at[code, "raw_weight"], "改为": weight, "单位": ""} for code, weight in answer.weights.items()]
    rows += [{"改动": f"{district}的{nodes.at[code, 'name']}", "原来": raw.at[district, code], "改为": value, "单位": nodes.at[code, "unit"]}
             for (district, code), value in answer.values.items()]
    return pd.DataFrame(rows, columns=["改动", "原来", "改为", "单位"]).assign(状态=ASSUMED)


def finding(answer: Answer, home: str, node: str | None = None) -> str:
    """Where home goes, and who moves with it, in one sentence."""
    node = node or answer.before.root
    table = compare_view(answer, node).set_index("区县")
    own, name = table.loc[home], answer.before.tree.name(node)
    if not answer.weights and not answer.values:
        return f"没有改动：{home}“{name}”{_score(own['原得分'])}，{_place(own['原位次'])}。"
    groups = answer.after.groups
    moved = table[groups.reindex(table.index) == groups[home]].drop(home)
    passed = moved.index[(moved["原位次"] < own["原位次"]) & (moved["新位次"] > own["新位次"])]
    lost = moved.index[(moved["原位次"] > own["原位次"]) & (moved["新位次"] < own["新位次"])]
    others = (f"，超过{'、'.join(passed)}" if len(passed) else "") + (f"，被{'、'.join(lost)}超过" if len(lost) else "")
    way = f"由{_place(own['原位次'])}到{_place(own['新位次'])}" if own["原位次"] != own["新位次"] else f"仍为{_place(own['新位次'])}"
    return f"按所作假设，{home}“{name}”{_score(own['新得分'])}（{signed(2)(own['得分变化'])}），{way}{others}。"


def _score(value):
    return "得分未知" if pd.isna(value) else f" {value:.2f} 分"


def _place(value):
    return "没有位次" if pd.isna(value) else f"第 {value:g} 位"


def _weighted(scheme, weights):
    if not weights:
        return scheme
    given = scheme["code"].map(weights)
    return scheme.assign(weight=given.where(given.notna(), scheme["weight"]))


def _valued(table, values, year):
    """The values with some replaced, or added where there was no row."""
    if not values:
        return table
    table = table.copy()
    places = {(d, i): k for k, d, i, y in zip(table.index, table["district"], table["indicator"], table["year"]) if y == year}
    added = []
    for (district, code), value in values.items():
        k = places.get((district, code))
        if k is None:
            added.append({"year": year, "district": district, "indicator": code, "value": value, "value_masked": False, "status": ASSUMED})
            continue
        table.loc[k, ["value", "low", "high", "status", "cell"]] = value, np.nan, np.nan, ASSUMED, ""
        table.loc[k, "value_masked"] = False
    return pd.concat([table, pd.DataFrame(added)], ignore_index=True) if added else table
