"""What breaking the target down found, in Chinese sentences computed from the results.

``**words**`` marks emphasis for :func:`analysis.report.show.say`.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from ..weakness.location import PLACES
from .allocate import CAP, FLOOR
from .contribution import Contributions
from .factors import Factors
from .places import Allocation
from .schedule import UNKNOWN, Progress
from .shiftshare import EFFECTS


_CLEAR = 0.10  # a difference of errors smaller than this part is not called a difference
_SHORT = 0.10  # coverage this far under the nominal level is called narrow


def path_finding(path: pd.DataFrame, unit: str = "亿元") -> str:
    """From :func:`analysis.targets.years.target_path`: the end, and the growth and increment of each year."""
    first, last = path.iloc[0], path.iloc[-1]
    text = f"{last['year']:.0f} 年达到 {last['shown']:,g} {unit}，{len(path)} 年共增加 {path['shown_increment'].sum():,.6g} {unit}"
    if len(path) == 1:
        return f"{text}，增长 {first['growth']:.1f}%。"
    if path["growth"].round(1).nunique() == 1:
        return f"{text}；每年增长 {first['growth']:.1f}%，增量由 {first['shown_increment']:,g} {unit}逐年变为 {last['shown_increment']:,g} {unit}。"
    return f"{text}；增速由 {first['year']:.0f} 年的 {first['growth']:.1f}% 变为 {last['year']:.0f} 年的 {last['growth']:.1f}%。"


def progress_findings(p: Progress) -> list[str]:
    """Where the year stands, what the rest of it must bring, and what the year will probably be."""
    return [text for text in (_stands(p), _rest(p), _year(p)) if text]


def _stands(p):
    head = f"{p.year} 年{p.label}{p.indicator}{p.cumulative:,.2f} {p.unit}，完成全年目标 {p.target:,.2f} {p.unit}的 **{p.done_share:.1%}**"
    if p.pace == UNKNOWN:
        return f"{head}；只有 {p.years} 个完整年份，同期占比 {p.share:.1%} 仅供参考，不判断快慢。"
    way = "超" if p.ahead >= 0 else "欠"
    return (f"{head}；历年到此时完成全年的 {p.least:.1%}～{p.greatest:.1%}、平均 {p.share:.1%}（{p.years} 年），按此{way}进度 "
            f"{abs(p.ahead):,.2f} {p.unit}（{_signed(p.ahead_points, 1)} 个百分点），**{p.pace}**。（按月数 {p.naive_share:.1%} 平摊为 {_signed(p.naive_points, 1)} 个百分点，"
            f"未考虑季节，仅作对照。）")


def _rest(p):
    if p.remaining == 0:
        return f"到{p.label}已达到全年目标，超出 {p.cumulative - p.target:,.2f} {p.unit}。"
    text = f"余下 {p.remaining:,.2f} {p.unit}"
    if p.rest_growth is None:
        return f"{text}；缺上年可比数，不算其余各月需要的增速。" if p.base_rest is None else f"{text}，全年各期已结束。"
    more = p.rest_growth - p.growth
    way = f"比到期增速高 {more:.1f} 个百分点" if more > 0.05 else f"比到期增速低 {-more:.1f} 个百分点" if more < -0.05 else "与到期增速相当"
    return (f"{text}，其余各月在可比基数 {p.base_rest:,.2f} {p.unit}上需增长 **{_minus(p.rest_growth)}%**，{way}（到期增长 {_minus(p.growth)}%，"
            f"全年目标相当于增长 {_minus(p.year_growth)}%）。")


def _year(p):
    now = p.nowcast
    if now.share >= 1:
        return ""
    text = f"按历年进度规律，全年预计 {now.point:,.1f} {p.unit}"
    if now.lower is None:
        return f"{text}；完整年份只有 {len(now.years)} 个，不给区间和完成概率。"
    chance = f"完成目标的概率约 {p.probability:.0%}" if 0.01 <= p.probability <= 0.99 else (
        "完成目标的概率不足 1%" if p.probability < 0.01 else "完成目标的概率超过 99%")
    return f"{text}（{now.level:.0%} 区间 {now.lower:,.1f}～{now.upper:,.1f}），**{chance}**；前提是今年其余各月的节奏与历年相近。"


def backtest_finding(summary: Mapping[str, object]) -> str:
    """From :func:`analysis.targets.nowcast.backtest_summary`: coverage and error, against naive."""
    text = (f"用过去 {summary['years']:.0f} 个年份、{summary['count']:.0f} 次预计回测（各次只用此前的年份）：{summary['level']:.0%} 区间实际盖住 "
            f"{summary['coverage']:.0%}，平均误差 {summary['error']:.1f}%")
    if not summary["compared"]:
        return f"{text}；没有上年数可作对照。"
    gain = 1 - summary["error_compared"] / summary["naive_error"] if summary["naive_error"] else 0.0
    better = "本法更准" if gain > _CLEAR else "本法反而不如" if gain < -_CLEAR else "两者相当"
    missed = f"；多数区县落在区间外的是 {'、'.join(map(str, summary['missed']))} 年" if summary["missed"] else ""
    narrow = f"{missed}；区间偏窄，概率只宜看量级" if summary["coverage"] < summary["level"] - _SHORT else ""
    same = "" if summary["compared"] == summary["count"] else f"可比的 {summary['compared']:.0f} 次中为 {summary['error_compared']:.1f}%，"
    few = "；年份少、各区县同年的误差相关，只能粗看" if summary["years"] < 10 else ""
    return f"{text}；{same}“上年全年×到期增速”的误差为 {summary['naive_error']:.1f}%，{better}{narrow}{few}。"


def allocation_findings(a: Allocation, top: int = 3) -> list[str]:
    """Who carries most of the increment, who stands at a floor or cap, what growth that asks."""
    table = a.table.sort_values("shown", ascending=False, kind="stable")
    more = a.target - a.level
    if more == 0:
        return [f"目标与现有水平相同（{a.level:,.2f} 亿元），没有增量可分。"]
    verb = "增量" if more > 0 else "减少额"
    first = (table if more > 0 else table[::-1]).head(top)
    named = "、".join(f"{r.place} {abs(r.shown):,.2f} 亿元（增长 {r.growth:.1f}%）".replace("增长 -", "下降 ") for r in first.itertuples())
    share = first["increment"].sum() / more
    found = [f"{verb} {abs(more):,.2f} 亿元分到 {int((table['increment'] != 0).sum())} {_counter(a.by)}{a.by}：{named}，前 {len(first)} 个合计占 **{share:.0%}**。"]
    for bound, word in ((CAP, "增长上限"), (FLOOR, "增长下限")):
        held = table[(table["bound"] == bound) & (table["base"] > 0)]
        if len(held):
            found.append(f"{'、'.join(held['place'])}按{word}分担（{'、'.join(f'{g:.1f}%' for g in held['growth'])}），差额由其余各处按份额和潜力承担。")
    return found


def contribution_findings(c: Contributions, top: int = 3) -> list[str]:
    """The growth of the whole and who pulls it most, who holds it back."""
    table = c.table.sort_values("points", ascending=False, kind="stable")
    up, down = table[table["points"] > 0], table[table["points"] < 0][::-1]
    found = [f"{c.what}增长 **{c.growth:.2f}%**".replace("增长 **-", "下降 **")]
    if len(up):
        share = up["share_of_growth"].head(top).sum()
        tail = f"，合计贡献 {share:.0f}%" if c.growth > 0 and len(up) > top else ""
        found[0] += f"，拉动最大的{c.by}是{'、'.join(f'{r.place}（{r.points:.2f} 个百分点）' for r in up.head(top).itertuples())}{tail}"
    found[0] += "。"
    if len(down):
        found.append(f"下拉的有 {len(down)} {_counter(c.by)}：{'、'.join(f'{r.place}（−{-r.points:.2f} 个百分点）' for r in down.head(top).itertuples())}"
                     f"{'等' if len(down) > top else ''}，合计下拉 {-down['points'].sum():.2f} 个百分点。")
    return found


def _signed(value, decimals=2):
    return f"{value:+,.{decimals}f}".replace("-", "−")


def _minus(value, decimals=1):
    return f"{value:,.{decimals}f}".replace("-", "−")


def _counter(by):
    return "条" if by == PLACES["chain"] else "个"


def shift_share_finding(summary: pd.DataFrame, area: str, whole: str = "全市", unit: str = "亿元") -> str:
    """One area: what it gained with the whole, by its mix, by being better than the whole."""
    row = summary.set_index("area").loc[area]
    effects = [e for e in EFFECTS if e in row.index and e != "standard"]
    said = "、".join(f"{EFFECTS[e]} {_signed(row[e])} {unit}（{_signed(row[f'{e}_points'])} 个百分点）" for e in effects)
    lead = sum(row[e] for e in effects)
    judged = f"快于{whole}" if lead > 0 else f"慢于{whole}" if lead < 0 else f"与{whole}同步"
    weak = min(effects, key=lambda e: row[e])
    why = f"，主要失在{EFFECTS[weak].replace('分量', '')}" if lead < 0 else ""
    change = f"{'增加' if row['change'] >= 0 else '减少'} {abs(row['change']):,.2f} {unit}"
    return (f"{area}{change}（{_signed(row['growth'], 1)}%），其中随{whole}同步增长应有 {_minus(row['standard'], 2)} {unit}，"
            f"{said}：{judged}{why}。")


def factor_findings(f: Factors, what: str = "增加值", unit: str = "亿元") -> list[str]:
    """Change of a product by factor, the greatest first."""
    table = f.table.assign(size=f.table["effect"].abs()).sort_values("size", ascending=False, kind="stable")
    parts = "、".join(f"{r.factor} {_signed(r.effect)} {unit}" for r in table.itertuples())
    way = "增加" if f.change >= 0 else "减少"
    found = [f"{what}{way} {abs(f.change):,.2f} {unit}，按因素分解（{f.method}，各项相加等于总变动）：{parts}；影响最大的是**{table['factor'].iloc[0]}**。"]
    return found + ([f"{f.note}。"] if f.note else [])
