"""What the weakness analysis found, in Chinese sentences computed from the data."""

from __future__ import annotations

import pandas as pd

from ..assessment import ADJUSTMENT, Assessment
from .climb import joint_worth, smallest_single_change
from .estimates import about, is_estimate, said, spaced, unit_text
from .gap import score_gap
from .levers import NO_GAIN, UNDEFINED, unit_worth
from .location import PLACES, location_quotients
from .peers import alone, choose_rival, level_with, next_above, rank_text, require_district, rivals, why_unknown
from .recognition_view import recognition_finding, recognition_indicators
from .strengths import ALONE, STRONG, UNKNOWN, WEAK, node_class, strengths
from .thresholds import threshold

_NONE = 1e-9


def weakness_findings(assessment: Assessment, case, home: str, benchmark: str = "") -> list[str]:
    """The weak spot, the indicator that weighs most, the least change, what one more is worth.

    Parameters
    ----------
    assessment, home : the result and the district it is explained for.
    case : the case it was made from (its 加减分 tell vetoes apart); None without one.
    benchmark : the district to compare with; see
        :func:`analysis.weakness.peers.choose_rival` for what happens without one.

    The weak spot is the part directly under the total on which home loses most points to
    the compared district, those lost for bonuses apart. Where home's total is unknown
    only what its known indicators show is said; where it has nobody to be ranked with,
    no rank. ``**`` marks emphasis for :func:`analysis.report.show.say`.
    """
    require_district(assessment, *filter(None, (home, benchmark)))
    adjustments = None
    if case is not None:
        adjustments = case.adjustments[case.adjustments["year"] == (assessment.year or case.year)]
    strong = strong_and_weak(strengths(assessment, home, adjustments))
    if pd.isna(assessment.total[home]):
        return [f"{home}的总分{why_unknown(assessment, home)}，无法计算：不给位次，不分解短板，不测算提升效果。"
                "办法：在“指标值”里补上这些数值；只知道大致范围的，填下界和上界。", "以下只列已知指标的情况：" + strong]
    other, _ = choose_rival(assessment, home, benchmark)
    found = [alone(assessment, home)]
    if other:
        found += [_weak_spot(assessment, home, other), _near_and_class(assessment, home, other)]
        if recognition_indicators(assessment):
            found.append(recognition_finding(assessment, home, other))
        found.append(_together(assessment, home, other, adjustments))
    found += [strong, _least_change(assessment, home, adjustments), _one_more(assessment, home, other, adjustments)]
    return [sentence for sentence in found if sentence]


def location_findings(case, by: str = "town", base: str = "enterprises") -> list[str]:
    """One sentence per recognition: where it concentrates and where it is thin.

    Places whose expected number is small are counted, not judged; see
    :func:`analysis.weakness.location.location_quotients`.
    """
    found = []
    for certification, rows in location_quotients(case, by, base).groupby("certification", sort=False):
        sure = rows[~rows["small"]].sort_values("lq", ascending=False, kind="stable")
        unplaced = rows["unplaced"].iloc[0]
        text = f"{certification}共 {rows['of'].iloc[0]} 家" + (f"（名单上另有 {unplaced} 条对不准名册，不计）" if unplaced else "")
        if sure.empty:
            found.append(f"{text}，分到各{PLACES[by]}数目太小，只列家数，不判断强弱。")
            continue
        strong, weak = sure[sure["class"] == "优"], sure[sure["class"] == "劣"][::-1]
        said = [f"{label}的有{'、'.join(f'{r.place}（{r.lq:.2f}）' for r in part.itertuples())}"
                for label, part in ((f"区位商高（不低于 {threshold('区位商优势下限'):g}）", strong), (f"低（不高于 {threshold('区位商劣势上限'):g}）", weak)) if len(part)]
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
        if (gap.by_part().abs() <= _NONE).all():
            return f"{home}与{other}各分项得分都相同，总分持平。"
        return f"与{other}相比，{home}没有一项落后（总分 {_signed(gap.total)} 分）。"
    lost, inside = -gap.by_part()[worst], -gap.parts[leaf]
    behind = gap.total < -_NONE
    share = f"，占总差距 {-gap.total:.2f} 分的 {lost / -gap.total:.0%}" if behind and lost <= -gap.total else ""
    text = f"短板在**{a.tree.name(worst)}**：比{other}少 {lost:.2f} 分{share}{_place(a, home, worst)}"
    if leaf != worst:
        text += f"；其中**{a.tree.name(leaf)}**影响最大，少 {inside:.2f} 分{_place(a, home, leaf)}"
    guessed = "（含按区间中点推算的数值）" if any(is_estimate(a, d, c) for d in (home, other) for c in a.tree.leaves_under(worst)) else ""
    return text + guessed + "。"


def gap_finding(gap) -> str:
    """What a picture of :class:`analysis.weakness.gap.Gap` shows, in a sentence."""
    parts, names = gap.by_part(), gap.names
    behind, ahead = parts[parts < -0.005].sort_values(), parts[parts > 0.005].sort_values(ascending=False)
    text = f"{gap.home}总分比{gap.other}{'低' if gap.total < 0 else '高'} {abs(gap.total):.2f} 分"
    text += f"；少得的有{'、'.join(f'{names[c]} {-v:.2f} 分' for c, v in behind.head(3).items())}" if len(behind) else ""
    text += "等" if len(behind) > 3 else ""
    return text + (f"；多得的有{'、'.join(f'{names[c]} {v:.2f} 分' for c, v in ahead.head(3).items())}" if len(ahead) else "") + "。"


def _near_and_class(a, home, other):
    """Parts that lose almost as much as the weak spot, and whether the group's places tell another story."""
    worst, _ = weak_spot(a, home, other)
    if not worst:
        return ""
    lost = -score_gap(a, home, other).by_part().drop(ADJUSTMENT)
    near = [c for c in lost.index if c != worst and lost[c] >= threshold("短板近似并列比例") * lost[worst]]
    said_near = [f"**{a.tree.name(c)}**失分几乎同样多（{lost[c]:.2f} 分{_place(a, home, c, '，')}），应一并看作短板" for c in near]
    own = node_class(a, home, worst)
    weak = [a.tree.name(c) for c in lost.index if c != worst and node_class(a, home, c) == WEAK]
    if own not in (WEAK, ALONE, UNKNOWN) and weak:
        said_near.append(f"“{a.tree.name(worst)}”失分虽多，在同组的位置属{own}；按位置属劣势的分项是{'、'.join(weak)}，两种看法不一致时都要看")
    return "；".join(said_near) + "。" if said_near else ""


def _place(a, home, node, before="（"):
    text = rank_text(a, home, node)
    return f"{before}{text}{'）' if before == '（' else ''}" if text else ""


def _signed(value, places=2):
    text = f"{abs(value):.{places}f}"
    return text if not float(text) else ("−" if value < 0 else "+") + text


def strong_and_weak(table: pd.DataFrame) -> str:
    """How many indicators are strengths and weaknesses, with names; from :func:`strengths`."""
    counted = table[~table["class"].isin((ALONE, UNKNOWN))]
    if counted.empty:
        unknown = int((table["class"] == UNKNOWN).sum())
        return f"{len(table)} 项指标都{'没有本区的数值' if unknown == len(table) else '没有可比的地区'}，不分强弱。"
    parts = []
    for label, key in ((STRONG, "score_gap_to_median"), (WEAK, "score_gap_to_best" if table["points_lost"].isna().all() else "points_lost")):
        rows = counted[counted["class"] == label].sort_values(key, ascending=key == "score_gap_to_best", kind="stable")
        names = "、".join(rows["name"].head(5)) + ("等" if len(rows) > 5 else "")
        parts.append(f"{label}指标 {len(rows)} 项" + (f"（{names}）" if len(rows) else ""))
    equal = int((counted["level"] == counted["of"] - 1).sum())
    parts += [f"另有 {equal} 项各地区得分相同、分不出强弱"] if equal else []
    absent = table.loc[table["class"] == UNKNOWN, "name"]
    parts += [f"本区没有可用数值的 {len(absent)} 项（{'、'.join(absent.head(5))}）不评"] if len(absent) else []
    return f"{len(table)} 项指标中，{'，'.join(parts)}。"


def _together(a, home, other, adjustments):
    """Several indicators raised to the other's level at once: the recognitions, else the weak spot's."""
    worst, _ = weak_spot(a, home, other)
    codes = recognition_indicators(a)
    if not codes or score_gap(a, home, other).parts[codes].sum() >= -_NONE:
        codes = a.tree.leaves_under(worst) if worst else []
    joint = joint_worth(a, home, other, list(codes), adjustments)
    if len(joint.raised) < 2 or pd.isna(joint.left):
        return ""
    kind = "认定类指标" if set(joint.raised) <= set(recognition_indicators(a)) else f"“{a.tree.name(worst)}”落后的指标"
    guess = "（含推算值）" if any(is_estimate(a, d, c) for d in (home, other) for c in joint.raised) else ""
    left = f"仍比{other}少 {joint.left:.2f} 分" if joint.left > 0.005 else f"可追平{other}" if joint.left > -0.005 else f"可超过{other} {-joint.left:.2f} 分"
    text = f"{len(joint.raised)} 项{kind}都提到{other}的水平{guess}，总分 {_signed(joint.points)} 分，{left}"
    if abs(joint.rival_change) >= 0.005:
        text += f"（{other}因计分尺度变动 {_signed(joint.rival_change)} 分）"
    if alone(a, home) or pd.isna(joint.rank_after):
        return text + "。"
    rise = joint.rank_before - joint.rank_after
    return text + (f"，位次由第 {joint.rank_before:g} 位升到第 {joint.rank_after:g} 位。" if rise > 0 else "，位次不变。")


def _one_more(a, home, other, adjustments):
    """Worth of one unit on the weak spot's heaviest indicator."""
    leaf = weak_spot(a, home, other)[1] if other else ""
    table = unit_worth(a, home, adjustments).set_index("indicator")
    if leaf not in table.index:
        return ""
    row, above = table.loc[leaf], next_above(a, home)
    if row["step"] == 0 or row["note"] == UNDEFINED:
        return ""
    more = "增加" if row["step"] > 0 else "减少"
    points = "自身总分不变" if abs(row["points"]) < NO_GAIN else f"总分 {_signed(row['points'], 3)} 分"
    text = f"{row['name']}每{more} {_amount(abs(row['step']), row['unit'])}，{points}"
    if above and row["closer"] - row["points"] > NO_GAIN:
        text += f"，与前一位{above}的差距缩小 {row['closer']:.3f} 分"
    if not alone(a, home):
        text += f"，位次上升 {row['places']:.0f} 位" if row["places"] >= 1 else "，位次不变"
    return text + (f"：{row['note']}" if row["note"] else "") + "。"


def _amount(value, unit):
    unit = {"": "个单位", "指数": "个单位", "%": "个百分点"}.get(unit, unit)
    return f"{value:g} {unit}"


def _least_change(a, home, adjustments):
    if alone(a, home):
        return ""
    rank, above = a.ranks.at[home, a.root], next_above(a, home)
    if not above:
        return _nobody_ahead(a, home, rank)
    table = smallest_single_change(a, home, adjustments=adjustments)
    if table.empty:
        return ""
    usable = table[table["reachable"].astype(bool)]
    if usable.empty:
        return _impossible(a, home, above, table.loc[table["share_of_gap"].astype(float).idxmax()])
    row = usable.iloc[0]
    more, unit = "增加" if row["change"] > 0 else "减少", unit_text(a, row["indicator"])
    far = f"，相当于与最好地区差距的 {row['share_to_best']:.0%}" if pd.notna(row["share_to_best"]) and not row["beyond_best"] else ""
    note, places = f"（{row['note']}）" if row["note"] else "", int(row["decimals"])
    text = (f"单项升 1 位最省力的是**{row['name']}**：{spaced('由', said(a, home, row['indicator'], unit=False), more)}到 {row['needed']:.{places}f}{unit}{far}{note}，")
    if row["tied_with"]:
        text += f"即可与{row['tied_with']}并列第 {row['rank_after']:g} 位"
        text += f"；要不与人并列，需达到 {row['alone_at']:.{places}f}{unit}" if pd.notna(row["alone_at"]) else ""
    else:
        text += f"即可升到第 {row['rank_after']:g} 位"
    return text + f"；单靠一项能升位的指标共 {len(usable)} 项。"


def _nobody_ahead(a, home, rank):
    level, others = level_with(a, home, a.root), rivals(a, home)
    if len(level) == len(others):
        return f"同组 {len(others) + 1} 个可比地区总分全部相同，并列第 {rank:g} 位，分不出先后。"
    if level:
        return f"{home}与{'、'.join(level)}并列第 {rank:g} 位，前面没有其他地区。"
    return f"{home}已列第 {rank:g} 位，前面没有其他地区。"


def _impossible(a, home, above, best):
    text = f"与前一位{above}相差 {a.total[above] - a.total[home]:.2f} 分，单靠任何一项指标都升不了 1 位"
    if best["share_of_gap"] <= _NONE:
        return text + "，各项提到目前最好水平也补不上差距。"
    places = int(best["decimals"])
    theirs = f"，{above} {_signed(best['rival_change'])} 分" if abs(best["rival_change"]) >= 0.005 else ""
    return (f"{text}；效果最大的是**{best['name']}**，即使{spaced('由', said(a, home, best['indicator'], unit=False), '提到')}目前最好水平 "
            f"{about(best['at'], unit_text(a, best['indicator']), _at_estimate(a, best), f'.{places}f')}，也只能补上差距的 {best['share_of_gap']:.0%}"
            f"（本区 {_signed(best['points'])} 分{theirs}），必须几项一起抓。")


def _at_estimate(a, row):
    """Whether the best value anyone has is a midpoint."""
    values = a.treated[row["indicator"]]
    holders = values.index[(values - row["at"]).abs() < _NONE]
    return len(holders) > 0 and all(is_estimate(a, d, row["indicator"]) for d in holders)
