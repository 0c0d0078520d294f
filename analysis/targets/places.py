"""Towns, parks and chains as the roster knows them: output, growth record, potential, bounds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..params import AssessmentError
from ..status import derived_status
from ..weakness.location import NONE_GIVEN, OUTPUTS, PLACES
from .allocate import allocate
from .settings import setting

GIVEN, RECORD, PLAIN = "填报", "增长记录", "取 1"
RECORDS = {"revenue": "revenue_prev", "main_revenue": "main_revenue_prev"}
RECORD_NAMES = {"revenue": "营业收入", "main_revenue": "主营业务收入"}
_WAN = 1e4  # 万元 in a 亿元


@dataclass(frozen=True)
class Places:
    """What a target can be shared out by.

    table : a row per place: place, kind, base (万元), enterprises, unknown (enterprises without
        the figure, in no sum), record (growth of those with both years, %, missing without
        any), record_of (their number), potential (1 = as the whole), potential_from (填报,
        增长记录 or 取 1), floor_growth, cap_growth (%, missing = none), status.
    measure, by : Chinese names of the figure and of the kind of place.
    note : Chinese sentences on who is counted and where the potential comes from.
    """

    table: pd.DataFrame
    measure: str
    by: str
    note: tuple[str, ...]


@dataclass(frozen=True)
class Allocation:
    """A target shared out.

    table : as :func:`analysis.targets.allocate.allocate` gives, 亿元, with kind,
        enterprises, potential_from and status.
    level, target : of the whole, 亿元.
    by : Chinese name of the kind of place.
    note : Chinese sentences that belong beside the table.
    """

    table: pd.DataFrame
    level: float
    target: float
    by: str
    note: tuple[str, ...]
    base_name: str = "现有水平"


def case_places(case, by: str = "town", measure: str = "invoiced", record: str = "revenue") -> Places:
    """Base, growth record, potential and bounds of each town (chain) from the roster.

    Only enterprises marked 规上 are counted, where the roster marks any. The potential is the
    column 潜力 of the sheet 镇街园区 where filled, else from the growth record: gᵢ, the growth
    of the enterprises with both years, is drawn towards the whole's g by the weight
    nᵢ ÷ (nᵢ + 收缩家数) and divided by g, within 潜力下限 and 潜力上限; 1 for all where g is
    below 增长记录最低增速. Parameters: ``tables/targets_settings.csv``.

    Parameters
    ----------
    by : ``town`` or ``chain``.
    measure : revenue, invoiced or value_added, the base (万元).
    record : revenue or main_revenue, the figure with two years.

    Raises
    ------
    AssessmentError without a roster, without that kind of place in it, or without a figure.
    """
    if measure not in OUTPUTS or measure == "enterprises":
        raise AssessmentError(f"分解目标的基数“{measure}”不认识；可用：{'、'.join(k for k in OUTPUTS if k != 'enterprises')}")
    roster, said = roster_of(case, by)
    if roster[measure].notna().sum() == 0:
        raise AssessmentError(f"企业名册没有一家填{OUTPUTS[measure]}，不能按{PLACES[by]}分解目标")
    listed = list(case.towns["town"]) if by == "town" else []
    places = pd.Index(listed + [p for p in roster[by].value_counts().index if p not in listed])
    groups = roster.groupby(by)
    unknown = groups[measure].apply(lambda x: int(x.isna().sum())).reindex(places, fill_value=0)
    table = pd.DataFrame({"place": places, "base": groups[measure].sum().reindex(places, fill_value=0.0).to_numpy(dtype=float),
                          "enterprises": groups.size().reindex(places, fill_value=0).to_numpy(), "unknown": unknown.to_numpy()})
    if unknown.sum():
        said.append(f"另有 {unknown.sum()} 家没有填{OUTPUTS[measure]}，未计入基数")
    table = table.join(_record(roster, by, record).reindex(places).reset_index(drop=True))
    table["record_of"] = table["record_of"].fillna(0).astype(int)
    own = pd.Series(np.nan, places) if by != "town" else _column(case.towns, "potential", places)
    record_potential, how = _potential(table, roster, record)
    table["potential"] = own.fillna(pd.Series(record_potential, places)).to_numpy()
    without = (table["record_of"] == 0) | (how is None)
    table["potential_from"] = np.where(own.notna(), GIVEN, np.where(without, PLAIN, RECORD))
    for column, source in (("floor_growth", "floor"), ("cap_growth", "cap")):
        table[column] = (_column(case.towns, source, places) if by == "town" else pd.Series(np.nan, places)).to_numpy()
    kinds = dict(zip(case.towns["town"], case.towns["kind"])) if by == "town" else {}
    table.insert(1, "kind", [kinds.get(p, "") for p in places])
    statuses = groups["status"].apply(derived_status).reindex(places, fill_value=derived_status(()))
    table["status"] = statuses.to_numpy()
    said.append(_potential_note(table, how, record))
    return Places(table, OUTPUTS[measure], PLACES[by], tuple(said))


def allocate_target(places: Places, level: float, target: float, decimals: int = 2, base_name: str = "现有水平") -> Allocation:
    """Share out the increment of a whole from ``level`` to ``target`` over its places.

    Each place's level is its share of the roster × ``level``, so that the places' levels sum
    to the published whole and their targets to the target.

    Parameters
    ----------
    level, target : the whole's present level and its target, 亿元.
    base_name : what the level is called: 现有水平 or 可比基数.

    Raises
    ------
    AssessmentError for a level that is not positive, or where floors and caps leave no way.
    """
    if not level > 0:
        raise AssessmentError(f"全区现有水平为 {level:g} 亿元，必须大于 0 才能分解目标")
    table = places.table.set_index("place")
    if table["base"].sum() <= 0:
        raise AssessmentError(f"各{places.by}{places.measure}合计为 0，不能据以分解目标")
    base = table["base"] / table["base"].sum() * level
    least, most = (base * table[c] / 100 for c in ("floor_growth", "cap_growth"))
    shared = allocate(target - level, base, table["potential"], least, most, decimals).set_index("place")
    extra = ["kind", "enterprises", "unknown", "potential_from", "status"]
    roster = table["base"].sum() / _WAN
    note = list(places.note)
    if abs(roster / level - 1) > 5e-4:
        note.append(f"企业名册{places.measure}合计 {roster:,.2f} 亿元，与全区{base_name} {level:,.2f} 亿元不等，各处按名册份额折算到全区{base_name}")
        if roster < 0.8 * level:
            note.append(f"名册只占全区的 {roster / level:.0%}，分解结果偏向名册里的企业，请补全名册")
    if target < level:
        note.append("目标低于现有水平，减少额只按份额分担，不用潜力")
    empty = list(table.index[table["base"] <= 0])
    if empty:
        note.append(f"{'、'.join(empty)}在名册中没有{places.measure}，份额为 0，未分到任务")
    return Allocation(shared.join(table[extra]).reset_index(), level, target, places.by, tuple(note), base_name)


def roster_of(case, by: str) -> tuple[pd.DataFrame, list[str]]:
    """Above-scale enterprises of the roster with the kind of place filled in, and who was left out."""
    if by not in PLACES:
        raise AssessmentError(f"目标只能按 {'、'.join(PLACES)} 分解，不能按“{by}”")
    roster = case.enterprises
    if roster.empty:
        raise AssessmentError(f"“{case.name}”没有企业名册，不能按{PLACES[by]}分解目标")
    if (roster[by] == "").all():
        raise AssessmentError(f"企业名册没有填{PLACES[by]}，不能按{PLACES[by]}分解目标")
    marked = roster["above_scale"].fillna(False).astype(bool)
    said = [f"企业名册未注明规上企业，{len(roster)} 家全部计入"]
    if marked.any():
        unsaid = int(roster["above_scale"].isna().sum())
        said = [f"按名册中规上企业 {marked.sum()} 家计算，{len(roster) - marked.sum() - unsaid} 家规下企业不计"
                + (f"，{unsaid} 家未注明是否规上也不计" if unsaid else "")]
        roster = roster[marked]
    return roster.assign(**{by: roster[by].replace("", NONE_GIVEN)}).reset_index(drop=True), said


def both_years(roster: pd.DataFrame, record: str) -> pd.DataFrame:
    """Enterprises of the roster that have this year's and last year's figure."""
    if record not in RECORDS:
        raise AssessmentError(f"名册中“{record}”没有上年数；可用：{'、'.join(RECORDS)}")
    return roster[roster[record].notna() & roster[RECORDS[record]].notna()]


def _record(roster, by, record):
    kept = both_years(roster, record).groupby(by)
    now, before = kept[record].sum(), kept[RECORDS[record]].sum()
    return pd.DataFrame({"record": 100 * (now / before.where(before > 0) - 1), "record_of": kept.size()})


def _potential(table, roster, record):
    """Potential by the growth record, and the whole's growth in % (missing where it is no use)."""
    kept = both_years(roster, record)
    before = kept[RECORDS[record]].sum()
    whole = 100 * (kept[record].sum() / before - 1) if before > 0 else np.nan
    if not whole >= setting("增长记录最低增速"):
        return np.ones(len(table)), None
    trust = table["record_of"] / (table["record_of"] + setting("增长记录收缩家数"))
    damped = whole + trust * (table["record"].fillna(whole) - whole)
    return (damped / whole).clip(setting("潜力下限"), setting("潜力上限")).to_numpy(), whole


def _potential_note(table, whole, record):
    given = int((table["potential_from"] == GIVEN).sum())
    told, name = (f"{given} 处的潜力按填报（1 为全区平均），其余" if given else "没有填报潜力，各处"), RECORD_NAMES[record]
    if given == len(table):
        return "潜力按填报（1 为全区平均）"
    if whole is None:
        return f"{told}取 1（两年都有{name}的企业合计增速不足 {setting('增长记录最低增速'):g}% 或没有数，不能据以推算）"
    return (f"{told}按{name}增长记录推算：两年都有数的 {table['record_of'].sum()} 家合计增长 {whole:.1f}%，各处增速按家数向全区收缩后"
            f"与全区之比，限在 {setting('潜力下限'):g}～{setting('潜力上限'):g}，没有记录的取 1")


def _column(towns, name, places):
    if name not in towns.columns:
        return pd.Series(np.nan, places)
    return towns.set_index("town")[name].astype(float).reindex(places)
