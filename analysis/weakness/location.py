"""Towns, parks and chains: shares of output and of recognitions, and location quotients (区位商)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..kept import once_for_each
from ..matching import match_recognitions
from ..params import AssessmentError
from ..recognition.held import recognised
from .thresholds import threshold

PLACES = {"town": "镇街园区", "chain": "产业链"}
OUTPUTS = {"enterprises": "企业数", "revenue": "营业收入", "invoiced": "开票销售", "value_added": "工业增加值"}
NONE_GIVEN = "（未填）"


def place_shares(case, by: str = "town") -> pd.DataFrame:
    """Each town's (or chain's) share of enterprises and output.

    Parameters
    ----------
    case : a Case; its 企业 sheet is read.
    by : ``town`` or ``chain``.

    Returns
    -------
    DataFrame, one row per place: place, kind (类型 of a town), and for each of enterprises
    (家), revenue, invoiced, value_added (万元): the sum, ``…_share`` of the sum over all
    places, and ``…_unknown`` = enterprises of the place without that figure, which are in
    neither.
    """
    roster = _roster(case, by)
    places = _places(case, roster, by)
    table = pd.DataFrame({"place": places, "kind": _kinds(case, places, by)})
    for column in OUTPUTS:
        values = roster[column].groupby(roster[by])
        sums = values.sum().reindex(places, fill_value=0.0)
        table[column] = sums.to_numpy(dtype=float)
        table[f"{column}_share"] = (sums / sums.sum() if sums.sum() > 0 else sums * np.nan).to_numpy(dtype=float)
        table[f"{column}_unknown"] = values.apply(lambda x: int(x.isna().sum())).reindex(places, fill_value=0).to_numpy()
    return table


def location_quotients(case, by: str = "town", base: str = "enterprises") -> pd.DataFrame:
    """Where recognitions concentrate: LQ = share of the recognitions ÷ share of the base.

    Parameters
    ----------
    base : enterprises, revenue, invoiced or value_added.

    Returns
    -------
    DataFrame, one row per place and recognition: place, kind, certification, count (valid
    recognised enterprises of the place, matched to the roster), of (of all places), unplaced
    (valid entries of the list that fit no enterprise for certain; in no place), share,
    base_share, expected = of · base_share, lq (missing where the place has no base), class
    (优 / 中 / 劣), small (both count and expected are under the table's 区位商小样本家数: print
    grey and do not conclude). Thresholds: ``tables/strength_thresholds.csv``.
    """
    shares = place_shares(case, by).set_index("place")
    if base not in OUTPUTS:
        raise AssessmentError(f"区位商的基数“{base}”不认识；可用：{'、'.join(OUTPUTS)}")
    rows = []
    for certification, part in matched_recognitions(case).groupby("certification", sort=False):
        placed = part.loc[part["enterprise"] != "", by]
        counts = placed.replace("", NONE_GIVEN).value_counts()
        for place, row in shares.iterrows() if len(placed) else ():
            rows.append(_quotient(int(counts.get(place, 0)), len(placed), row[f"{base}_share"],
                                  {"place": place, "kind": row["kind"], "certification": certification, "unplaced": len(part) - len(placed)}))
    columns = ["place", "kind", "certification", "count", "of", "unplaced", "share", "base_share", "expected", "lq", "class", "small"]
    return pd.DataFrame(rows, columns=columns)


def shares_side_by_side(quotients: pd.DataFrame, shares: pd.DataFrame, output: str = "invoiced") -> tuple[str, pd.DataFrame]:
    """The recognition that can be judged in most places, beside the output of each place.

    Parameters
    ----------
    quotients, shares : from :func:`location_quotients` and :func:`place_shares`.
    output : a column of ``shares``.

    Returns
    -------
    (name of the recognition, DataFrame place, output_share, share, count, small); an empty
    name where no recognition was matched to the roster.
    """
    if quotients.empty:
        return "", pd.DataFrame(columns=["place", "output_share", "share", "count", "small"])
    sure = (~quotients["small"]).groupby(quotients["certification"], sort=False).sum()
    rows = quotients[quotients["certification"] == sure.idxmax()]
    base = shares.set_index("place")[f"{output}_share"]
    return str(sure.idxmax()), rows.assign(output_share=rows["place"].map(base))[["place", "output_share", "share", "count", "small"]]


def side_by_side_finding(beside: pd.DataFrame, recognition: str) -> str:
    """Where the share of a recognition falls most short of the share of output, and where it exceeds it most."""
    known = beside[~beside["small"] & beside["output_share"].notna() & beside["share"].notna()]
    if known.empty:
        return f"“{recognition}”分到各处家数太少，只画出份额，不判断。"
    gap = (known["share"] - known["output_share"]).sort_values(kind="stable")

    def named(labels):
        return "、".join(f"{known.at[k, 'place']}（{known.at[k, 'share']:.1%} 对 {known.at[k, 'output_share']:.1%}）" for k in labels)

    short, over = gap.index[gap < -1e-9][:3], gap.index[gap > 1e-9][::-1][:3]
    said = [f"“{recognition}”份额低于产出份额最多的是{named(short)}"] if len(short) else []
    said += [f"高于产出份额最多的是{named(over)}"] if len(over) else []
    return ("；".join(said) or f"各处“{recognition}”份额与产出份额相同") + "。"


def town_chain_quotients(case, measure: str = "invoiced") -> pd.DataFrame:
    """Which chains a town is strong in: LQ = (chain's share of the town) ÷ (its share of the district).

    Parameters
    ----------
    measure : enterprises, revenue, invoiced or value_added.

    Returns
    -------
    DataFrame, one row per town and chain: place, kind, chain, value, share (of the town),
    base_share (of the district), enterprises, expected (enterprises if the chain were
    spread evenly), lq (missing where the town or the chain has nothing), class, small
    (both enterprises and expected are under the threshold).
    """
    if measure not in OUTPUTS:
        raise AssessmentError(f"区位商的指标“{measure}”不认识；可用：{'、'.join(OUTPUTS)}")
    roster = _roster(case, "town").assign(chain=lambda r: r["chain"].replace("", NONE_GIVEN))
    towns = _places(case, roster, "town")
    chains = list(roster["chain"].value_counts().index)

    def crossed(column):
        return roster.pivot_table(index="town", columns="chain", values=column, aggfunc="sum").reindex(index=towns, columns=chains).fillna(0.0)

    values, heads = crossed(measure), crossed("enterprises")
    own, all_towns = values.sum(axis=1), values.sum(axis=0)
    whole = all_towns / all_towns.sum() if all_towns.sum() > 0 else all_towns * np.nan
    expected = np.outer(heads.sum(axis=1), heads.sum(axis=0)) / heads.to_numpy().sum()
    rows = []
    for i, (town, kind) in enumerate(zip(towns, _kinds(case, towns, "town"))):
        for j, chain in enumerate(chains):
            share = values.iat[i, j] / own.iat[i] if own.iat[i] > 0 else np.nan
            lq = share / whole.iat[j] if whole.iat[j] > 0 else np.nan
            rows.append({"place": town, "kind": kind, "chain": chain, "value": values.iat[i, j], "share": share, "base_share": whole.iat[j],
                         "enterprises": int(heads.iat[i, j]), "expected": expected[i, j], "lq": lq, "class": _class(lq),
                         "small": _small(heads.iat[i, j], expected[i, j])})
    return pd.DataFrame(rows)


@once_for_each
def matched_recognitions(case) -> pd.DataFrame:
    """Home's recognitions valid at the end of the case's year with the enterprise each belongs to.

    As :func:`analysis.matching.match_recognitions` matches the lists, decisions in 名单核对 included; an
    enterprise that is listed twice for one recognition is one row.

    Returns
    -------
    DataFrame: certification, name (in the list), year, enterprise (name in the roster), town, chain,
    matched_by; the last four blank for names that are open or nowhere in the roster, so that rows add
    up to all the list has.
    """
    found, end = match_recognitions(case), pd.Timestamp(case.year, 12, 31)
    held = recognised(found.held, end).sort_values("year", kind="stable").drop_duplicates(["row", "certification"], keep="last")
    places = case.enterprises.set_index("row")[list(PLACES)]
    rest = pd.concat([found.doubtful.drop_duplicates("list_row"), found.unmatched]).assign(enterprise="", matched_by="")
    # A row of its own for every name, so that one that was withdrawn does not take others along.
    rest["row"] = -1 - pd.factorize(rest["listed_name"])[0]
    rows = pd.concat([held, recognised(rest, end)]).sort_values("list_row").join(places, on="row")
    table = rows.rename(columns={"listed_name": "name"})[["certification", "name", "year", "enterprise", *PLACES, "matched_by"]]
    return table.fillna(dict.fromkeys(PLACES, "")).reset_index(drop=True)


def _roster(case, by):
    if by not in PLACES:
        raise AssessmentError(f"区位商只能按 {'、'.join(PLACES)} 计算，不能按“{by}”")
    if case.enterprises.empty:
        raise AssessmentError(f"“{case.name}”没有企业名册，不能算{PLACES[by]}的份额和区位商")
    roster = case.enterprises.reset_index(drop=True).assign(enterprises=1.0)
    if (roster[by] == "").all():
        raise AssessmentError(f"企业名册没有填{PLACES[by]}，不能算{PLACES[by]}的份额和区位商")
    return roster.assign(**{by: roster[by].replace("", NONE_GIVEN)})


def _places(case, roster, by):
    """Places in the order of the sheet 镇街园区, else by number of enterprises."""
    listed = list(case.towns["town"]) if by == "town" else []
    return listed + [p for p in roster[by].value_counts().index if p not in listed]


def _kinds(case, places, by):
    kinds = dict(zip(case.towns["town"], case.towns["kind"])) if by == "town" else {}
    return [kinds.get(place, "") for place in places]


def _quotient(count, total, base_share, head):
    share, expected = count / total, total * base_share
    lq = share / base_share if base_share > 0 else np.nan
    return {**head, "count": count, "of": total, "share": share, "base_share": base_share, "expected": expected, "lq": lq,
            "class": _class(lq), "small": _small(count, expected)}


def _small(count, expected):
    """Neither what is there nor what an even spread would give is enough to judge by."""
    fewest = threshold("区位商小样本家数")
    return bool(not count >= fewest and not expected >= fewest)


def _class(lq):
    if np.isnan(lq):
        return ""
    if lq >= threshold("区位商优势下限"):
        return "优"
    return "劣" if lq <= threshold("区位商劣势上限") else "中"
