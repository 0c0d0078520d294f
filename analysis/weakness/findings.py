"""What the weakness analysis found, in Chinese sentences computed from the data."""

from __future__ import annotations

import pandas as pd

from ..assessment import ADJUSTMENT, Assessment
from .gap import score_gap
from .levers import smallest_single_change, unit_worth
from .location import PLACES, location_quotients
from .peers import next_above, peers, require_district, rivals
from .recognition_view import recognition_finding, recognition_indicators
from .strengths import STRONG, WEAK, strengths

_NONE = 1e-9


def weakness_findings(assessment: Assessment, case, home: str, benchmark: str = "") -> list[str]:
    """The weak spot, the indicator that weighs most, what one more is worth, the least change.

    Parameters
    ----------
    assessment, home : the result and the district it is explained for.
    case : the case it was made from (its 加减分 tell vetoes apart); None without one.
    benchmark : the district to compare with; without it (or if it is home, or its total
        is unknown) the first of home's group, for the first itself the second.

    The weak spot is the part directly under the total on which home loses most points to
    the compared district, those lost for bonuses apart. ``**`` marks emphasis for
    :func:`analysis.report.show.say`.
    """
    require_district(assessment, *filter(None, (home, benchmark)))
    if pd.isna(assessment.total[home]):
        return [f"{home}的总分含未公开数值，无法计算，不分解短板。"]
    adjustments = None
    if case is not None:
        adjustments = case.adjustments[case.adjustments["year"] == (assessment.year or case.year)]
    other = _compared(assessment, home, benchmark)
    found = [_weak_spot(assessment, home, other)] if other else [f"{home}所在分组没有其他可比地区，不分解短板。"]
    if other and recognition_indicators(assessment):
        found.append(recognition_finding(assessment, home, other))
    found += [strong_and_weak(strengths(assessment, home, adjustments)), _one_more(assessment, home, other, adjustments),
              _least_change(assessment, home, adjustments)]
    return [sentence for sentence in found if sentence]


def location_findings(case, by: str = "town", base: str = "enterprises") -> list[str]:
    """One sentence per recognition: where it concentrates and where it is thin.

    Places whose expected number is small are counted, not judged; see
    :func:`analysis.weakness.location.location_quotients`.
    """
    found = []
    for certification, rows in location_quotients(case, by, base).groupby("certification", sort=False):
        sure = rows[~rows["small"]].sort_values("lq", ascending=False, kind="stable")
        text = f"{certification}共 {rows['of'].iloc[0]} 家"
        if sure.empty:
            found.append(f"{text}，分到各{PLACES[by]}数目太小，只列家数，不判断强弱。")
            continue
        strong, weak = sure[sure["class"] == "优"], sure[sure["class"] == "劣"][::-1]
        said = [f"{label}的有{'、'.join(f'{r.place}（{r.lq:.2f}）' for r in part.itertuples())}"
                for label, part in (("区位商明显高", strong), ("明显低", weak)) if len(part)]
        few = int(rows["small"].sum())
        said += [f"另有 {few} 个{PLACES[by]}数目太小，不判断"] if few else []
        found.append(f"{text}，{'；'.join(said) if len(strong) + len(weak) else '；'.join(['数目足够的各处分布大体均匀', *said])}。")
    return found


def weak_spot(assessment: Assessment, home: str, other: str) -> tuple[str, str]:
    """Code of the weakest part under the total and of its heaviest indicator against another
    district; two empty strings where home is behind in nothing."""
    gap = score_gap(assessment, home, other)
    parts = gap.by_part().drop(ADJUSTMENT)
    if parts.empty or parts.min() >= -_NONE:
        return "", ""
    worst = parts.idxmin()
    return worst, gap.parts[gap.top.reindex(gap.parts.index) == worst].idxmin()


def _weak_spot(a, home, other):
    worst, leaf = weak_spot(a, home, other)
    gap = score_gap(a, home, other)
    if not worst:
        return f"与{other}相比，{home}没有一项落后（总分 {gap.total:+.2f} 分）。"
    lost, inside = -gap.by_part()[worst], -gap.parts[leaf]
    behind = gap.total < -_NONE
    share = f"，占总差距 {-gap.total:.2f} 分的 {lost / -gap.total:.0%}" if behind and lost <= -gap.total else ""
    text = f"短板在**{a.tree.name(worst)}**：比{other}少 {lost:.2f} 分{share}{_place(a, home, worst)}"
    if leaf != worst:
        text += f"；其中**{a.tree.name(leaf)}**影响最大，少 {inside:.2f} 分{_place(a, home, leaf)}"
    return text + "。"


def _place(a, home, node):
    """Rank in the group, and whether it is the last."""
    rank, marks = a.ranks.at[home, node], a.scores.loc[peers(a, home), node].dropna()
    if pd.isna(rank):
        return ""
    last = "，居末位" if len(marks) > 1 and (marks.drop(home) > marks[home] + _NONE).all() else ""
    return f"（第 {rank:g} 位{last}）"


def strong_and_weak(table: pd.DataFrame) -> str:
    """How many indicators are strengths and weaknesses, with names; from :func:`strengths`."""
    said = []
    for label, key in ((STRONG, "score_gap_to_median"), (WEAK, "points_lost")):
        rows = table[table["class"] == label].sort_values(key, ascending=False, kind="stable")
        names = "、".join(rows["name"].head(5)) + ("等" if len(rows) > 5 else "")
        said.append(f"{label}指标 {len(rows)} 项" + (f"（{names}）" if len(rows) else ""))
    return f"{len(table)} 项指标中，{'，'.join(said)}。"


def _one_more(a, home, other, adjustments):
    """Worth of one unit on the weak spot's heaviest indicator."""
    leaf = weak_spot(a, home, other)[1] if other else ""
    table = unit_worth(a, home, adjustments).set_index("indicator")
    if leaf not in table.index:
        return ""
    row, above = table.loc[leaf], next_above(a, home)
    if row["note"] or row["step"] == 0:
        return ""
    way = "增加" if row["step"] > 0 else "减少"
    points = "自身总分不变" if abs(row["points"]) < 5e-4 else f"总分 {row['points']:+.3f} 分"
    text = f"{row['name']}每{way} {_amount(abs(row['step']), row['unit'])}，{points}"
    if above and row["closer"] - row["points"] > 5e-4:
        text += f"，与前一位{above}的差距缩小 {row['closer']:.3f} 分"
    text += f"，位次上升 {row['places']:.0f} 位" if row["places"] >= 1 else "，位次不变"
    if abs(row["points"]) < 5e-4 and _sets_the_floor(a, home, leaf):
        text += "：目前最低值就是本区的，多做只抬高计分下限，要超过次低的地区后自身才开始加分"
    return text + "。"


def _sets_the_floor(a, home, leaf):
    """Whether home alone is the data bound that scores 底分."""
    row, values = a.tree.nodes.loc[leaf], a.treated[leaf].dropna()
    bound = "上限" if row["direction"] == "逆向" else "下限"
    if row["direction"] == "适度" or row["settings"].get(bound, 0) is not None:
        return False
    if row["settings"].get("范围") == "组内":
        values = values[a.groups.reindex(values.index) == a.groups[home]]
    worst = values.max() if bound == "上限" else values.min()
    return values[home] == worst and (values == worst).sum() == 1


def _amount(value, unit):
    unit = {"": "个单位", "指数": "个单位", "%": "个百分点"}.get(unit, unit)
    return f"{value:g} {unit}"


def _least_change(a, home, adjustments):
    rank, above = a.ranks.at[home, a.root], next_above(a, home)
    if not above:
        return f"{home}已列第 {rank:.0f} 位，前面没有其他地区。"
    table = smallest_single_change(a, home, adjustments=adjustments)
    if table.empty:
        return ""
    usable = table[table["reachable"].astype(bool)]
    gap = a.total[above] - a.total[home]
    if usable.empty:
        # Far beyond anyone's value the others' scores sink; within what somebody has reached is what can be done.
        table = smallest_single_change(a, home, reach=0.0, adjustments=adjustments)
        best = table.loc[table["share_of_gap"].astype(float).idxmax()]
        unit = "" if best["unit"] in ("", "指数") else f" {best['unit']}"
        return (f"与前一位{above}相差 {gap:.2f} 分，单靠任何一项指标都升不了 1 位；效果最大的是**{best['name']}**，"
                f"即使由 {best['value']:g} 提到目前最好水平 {best['at']:.4g}{unit}，也只能补上差距的 {best['share_of_gap']:.0%}，必须几项一起抓。")
    row = usable.iloc[0]
    way = "增加" if row["change"] > 0 else "减少"
    far = f"，相当于与最好地区差距的 {row['share_to_best']:.0%}" if pd.notna(row["share_to_best"]) and not row["beyond_best"] else ""
    note, unit = f"（{row['note']}）" if row["note"] else "", "" if row["unit"] in ("", "指数") else f" {row['unit']}"
    return (f"单项升 1 位最省力的是**{row['name']}**：由 {row['value']:g} {way}到 {_figure(row['needed'], row['change'])}{unit}{far}{note}，"
            f"即可升到第 {row['rank_after']:.0f} 位；单靠一项能升位的指标共 {len(usable)} 项。")


def _figure(needed, change):
    """The value to reach, rounded the safe way to three significant figures of the change."""
    if float(needed).is_integer():
        return f"{needed:g}"
    places = max(0, 2 - int(f"{abs(change):e}".split("e")[1]))
    step = 10.0**-places
    up = -(-needed // step) if change > 0 else needed // step
    return f"{up * step:.{places}f}"


def _compared(a, home, benchmark):
    if benchmark and benchmark != home and pd.notna(a.total[benchmark]):
        return benchmark
    others = rivals(a, home)
    return str(others.index[0]) if len(others) else ""
