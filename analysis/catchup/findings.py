"""What the catch-up calculations found, in Chinese sentences computed from the results."""

from __future__ import annotations

import pandas as pd

from .classes import TOO_FEW
from .convergence import UNDECIDED, Convergence
from .outlook import Outlook
from .scenarios import COUNT_UNITS

_FEW = 10  # growth rates below which a sentence says that they are few


def catchup_findings(o: Outlook) -> list[str]:
    """How far, how fast, by when, with what chance, and on how little it rests.

    ``**`` marks emphasis for :func:`analysis.report.show.say`.
    """
    return [*main_findings(o), *further_findings(o)]


def main_findings(o: Outlook) -> list[str]:
    """Where both stand, what is needed, and the chance on the present course."""
    return [_position(o), _needed(o), _chance(o)]


def further_findings(o: Outlook) -> list[str]:
    """When the chance passes one half, the class, the rank in the city, and what it all rests on."""
    return [s for s in (_when(o), *_class(o), *_rank(o), caveat(o)) if s]


def caveat(o: Outlook) -> str:
    """What the figures rest on and what they cannot know."""
    table = o.paths.drift.loc[[o.home, o.leader]]
    few = [d for d in table.index if table.at[d, "few"]]
    what = "逐年增减" if o.paths.kind == "counts" else "年增速"
    rates = "、".join(f"{d} {int(table.at[d, 'rates'])} 个" for d in table.index)
    span = f"{int(o.annual.index[0])}—{int(o.annual.index[-1])} 年"
    text = f"以上依据 {span}的{what}（{rates}）"
    if few:
        text += f"；{'、'.join(few)}数据太少，{'主要按' if o.paths.kind == 'counts' else '增速和波动取'}全市水平，**概率只可作参考**"
    elif table["rates"].min() < _FEW:
        text += "，年份少，概率只表示大致把握，相差几个百分点的不必计较"
    return text + "；假定今后的波动与过去相似，政策转折、统计口径调整和区划变动不在其内。"


def scenario_findings(table: pd.DataFrame, year: int, unit: str = "%") -> list[str]:
    """From :func:`analysis.catchup.scenarios.compare_scenarios`: which assumption changes the chance most."""
    rows = table[table["year"] == year].set_index("scenario")
    base = rows.iloc[0]
    said = [f"按各自走势，{year} 年领先的可能性{chance_text(base['at'])}。"]
    others = rows.iloc[1:]
    if others.empty:
        return said
    change = others["at"] - base["at"]
    best, worst = change.idxmax(), change.idxmin()
    if change[best] > 0.005:
        said.append(f"各情景中最有利的是“{best}”：可能性升到{chance_text(others.at[best, 'at']).removeprefix('约 ')}，"
                    f"所需{'增速' if unit == '%' else '新增'}为 {_need(others.at[best, 'needed'], unit)}。")
    if change[worst] < -0.005:
        said.append(f"最不利的是“{worst}”：可能性降到{chance_text(others.at[worst, 'at'])}。")
    if change.abs().max() <= 0.005:
        said.append("所列情景都不明显改变这一可能性（变化不超过 0.5 个百分点）。")
    return said


def convergence_findings(c: Convergence) -> list[str]:
    """σ and β convergence in a sentence each, and why nothing is concluded where nothing can be."""
    s, reasons = c.sigma, {note[0]: note for note in c.notes if note[:4] in ("σ 收敛", "β 收敛")}
    first, last = s["cv"].iloc[0], s["cv"].iloc[-1]
    moved = "缩小" if last < first else "扩大"
    said = [f"{c.first} 到 {c.last} 年，{int(s['districts'].iloc[0])} 个区县的变异系数由 {first:.3f} {moved}到 {last:.3f}，"
            + (f"差距{c.sigma_verdict}。" if c.sigma_verdict != UNDECIDED else f"趋势{UNDECIDED}（{_reason(reasons, 'σ')}）。")]
    if c.beta_verdict == UNDECIDED:
        said.append(f"起点低的是否增长更快，{UNDECIDED}（{_reason(reasons, 'β')}）。")
    elif pd.notna(c.half_life):
        said.append(f"起点低的增长更快（β 收敛），按此速度差距缩小一半约需 {c.half_life:.0f} 年。")
    else:
        said.append("起点低的增长更快，但系数过大，折算不出年数。" if c.beta < 0 else "起点高的增长更快，差距在拉大，没有 β 收敛。")
    return said


def chance_text(p: float) -> str:
    """A probability as it is said: 约 12%, 不到 0.1%, 99.9% 以上."""
    if p < 0.001:
        return "不到 0.1%"
    if p > 0.999:
        return "超过 99.9%"
    return f"约 {p:.1%}" if p < 0.1 or p > 0.9 else f"约 {p:.0%}"


def sure_text(p: float) -> str:
    """The chance aimed at: 80%, 97.5%."""
    return f"{100 * p:g}%"


def _position(o):
    (own_year, own), (their_year, theirs) = o.paths.last(o.home), o.paths.last(o.leader)
    name, target = o.indicator or "该指标", o.share * theirs
    if own_year != their_year:
        return (f"{name}：{o.home}最新数为 {own_year} 年 {_amount(own, o.unit)}，{o.leader}为 {their_year} 年 {_amount(theirs, o.unit)}，"
                "年份不同，所需增速各从自己的末年算起。")
    ratio = f"是{o.leader} {_amount(theirs, o.unit)}的 **{own / theirs:.1%}**" if theirs else f"{o.leader}为 0"
    gap = own - target
    to = "" if o.share == 1 else f"目标（{o.goal}，{_amount(target, o.unit)}）"
    far = f"与{to or '对方'}相同" if gap == 0 else f"比{to}{'多' if gap > 0 else '差'} {_amount(abs(gap), o.unit)}" if to else f"{'多' if gap > 0 else '差'} {_amount(abs(gap), o.unit)}"
    return f"{own_year} 年{o.home}{name} {_amount(own, o.unit)}，{ratio}，{far}。"


def _needed(o):
    row = o.table[o.table["year"] == o.year].iloc[0]
    grows = o.growth_unit == "%"
    what = "年均需增" if grows else "每年需净增"
    fixed, moving, sure = (_need(row[c], o.growth_unit) for c in ("fixed", "moving", o.probability))
    then, expected = _amount(row["leader_then"], o.unit), _need(row["expected"], o.growth_unit)
    if o.ahead:
        lead = "领先" if o.share == 1 else f"达到{o.goal}"
        if grows and row[o.probability] < 0:
            least = f"即使年均下降 **{-row[o.probability]:.1f}%**，仍有 {sure_text(o.probability)} 的把握{lead}"
        else:
            least = f"要保持{lead}，{what}至少 **{moving}**，要有 {sure_text(o.probability)} 的把握需 **{sure}**"
        return f"{o.judged_year} 年{o.home}已{lead}；{o.goal}按预测的中位路径到 {o.year} 年为 {then}，{least}。{o.home}自身走势为 {expected}。"
    aim = "追上" if o.share == 1 else f"达到{o.goal}"
    if row["leader_then"] < row["leader_now"]:
        middle = f"{o.leader}按预测还会下降，{'到时' if o.share == 1 else o.goal + '到时'}为 {then}，{what} **{moving}**即可"
    else:
        middle = f"但{o.leader}也在走，按预测的中位路径{'到时' if o.share == 1 else o.goal + '到时'}为 {then}，{what} **{moving}**"
    return (f"要在 {o.year} 年{aim}：只按{o.leader}现有水平算，{what} **{fixed}**；{middle}；"
            f"要有 {sure_text(o.probability)} 的把握，{what} **{sure}**。{o.home}按自身走势为 {expected}。")


def _chance(o):
    at, verb = o.chances.set_index("year"), "领先" if o.share == 1 else f"达到{o.goal}"
    text = f"按目前走势，{o.year} 年当年{verb}的可能性{chance_text(at.at[o.year, 'at'])}，到 {o.year} 年为止曾有一年{verb}的可能性{chance_text(at.at[o.year, 'by'])}"
    last = int(at.index[-1])
    if last > o.year:
        text += f"；到 {last} 年分别{chance_text(at.at[last, 'at'])}、{chance_text(at.at[last, 'by'])}"
    return text + "。"


def _when(o):
    if o.ahead:
        return ""
    verb = "追上" if o.share == 1 else f"达到{o.goal}"
    reached, holding = (o.chances[o.chances[c] >= 0.5] for c in ("by", "at"))
    last = int(o.chances["year"].iloc[-1])
    if reached.empty:
        return f"按目前走势，到 {last} 年为止{verb}的可能性都不到一半，推不出{verb}的年份。"
    text = f"按目前走势，到 {int(reached['year'].iloc[0])} 年为止曾有一年{verb}的可能性超过一半"
    return text + (f"；当年{verb}的可能性 {int(holding['year'].iloc[0])} 年起过半。" if len(holding) else f"；但到 {last} 年，当年{verb}的可能性都不到一半。")


def _class(o):
    if o.classes is None:
        return []
    row = o.classes[o.classes["other"] == o.leader].iloc[0]
    counted = o.classes["class"].value_counts()
    said = "、".join(f"{name} {n} 个" for name, n in counted.items())
    if row["class"] == TOO_FEW:
        return [f"{row['why']}。"]
    return [f"换一个尺度，只按双方过去的年均增速（不看预测和波动），对{o.goal}到 {o.year} 年属“{row['class']}”：{row['why']}。与全部 {len(o.classes)} 个区县比：{said}。"]


def _rank(o):
    both = o.annual.dropna()
    if both.empty or o.annual.shape[1] < 3:
        return []
    now, size = int((both.iloc[-1] > both[o.home].iloc[-1]).sum()) + 1, o.annual.shape[1]
    at = o.ranks.loc[o.year]
    said = [] if now == size else [f"保住第 {now} 位{'或更前' if now > 1 else ''}的可能性{chance_text(at[now])}"]
    said += [f"升到第 {now - 1} 位{'或更前' if now > 2 else ''}的可能性{chance_text(at[now - 1])}"] if now > 1 else []
    return [f"{int(both.index[-1])} 年{o.home}在 {size} 个区县中列第 {now} 位；{o.year} 年{'，'.join(said)}。"]


def _amount(value, unit):
    whole = unit in COUNT_UNITS or float(value).is_integer() or abs(value) >= 1e4
    text = f"{value:,.0f}" if whole else f"{value:,.1f}"
    return f"{text} {unit}".strip().replace("-", "−")


def _need(value, unit):
    text = f"{value:.1f}%" if unit == "%" else f"{value:.0f} {unit.removesuffix('/年')}"
    return text.replace("-", "−")


def _reason(reasons, letter):
    text = reasons.get(letter, "")
    return text.split("：", 1)[1].removesuffix("，不能判断").removesuffix("，不下结论") if "：" in text else "数据不足"
