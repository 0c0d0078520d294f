"""The catch-up of a case in Chinese sentences, every figure computed."""

from __future__ import annotations

import pandas as pd

from ..catchup.findings import chance_text, main_findings
from .causes import Causes
from .course import Course
from .months import Months
from .task import Task


def course_findings(course: Course) -> list[str]:
    """Where both stand, what is needed (also if the leader keeps its past growth), and the chance."""
    position, needed, chance = main_findings(course.outlook)
    return [s for s in (position, needed, steady_finding(course), chance) if s]


def steady_finding(course: Course) -> str:
    """What a leader that keeps its average growth would ask; empty where that is not known."""
    o = course.outlook
    if course.steady is None:
        return ""
    row, now = (t[t["year"] == o.year].iloc[0] for t in (course.steady, o.table))
    past, ahead = row["leader_growth"], 100 * ((now["leader_then"] / now["leader_now"]) ** (1 / (o.year - course.paths.last(o.leader)[0])) - 1)
    slower = "平缓" if ahead < past else "快"
    return (f"{o.leader}的预测增速（年均 {ahead:.1f}%）比过去（年均 {past:.1f}%）{slower}；若它保持过去的增速，到 {o.year} 年追上需年均增 "
            f"**{row['growth_moving']:.1f}%**。").replace("-", "−")


def course_keys(course: Course) -> list[tuple]:
    """Cards: both levels, the three growth rates, the chance."""
    o = course.outlook
    row = o.table[o.table["year"] == o.year].iloc[0]
    unit, rate = course.levels.unit, "年均增速" if course.growing else "每年净增"
    text = (lambda v: f"{v:.1f}%") if course.growing else (lambda v: f"{v:.0f} {unit}")
    amount = (lambda v: f"{v:,.0f} {unit}") if unit == "家" else (lambda v: f"{v:,.1f} {unit}")
    cards = []
    for district in (o.home, o.leader):
        year, level = course.paths.last(district)
        status = course.levels.status.at[year, district]
        cards.append((f"{district}{course.name}", amount(level), f"{year} 年", status or "不详"))
    cards += [(f"按对标区现有水平所需{rate}", text(row["fixed"]), f"到 {o.year} 年", o.status),
              (f"按对标区预测水平所需{rate}", text(row["moving"]), f"对标区届时 {amount(row['leader_then'])}", o.status),
              (f"{o.probability:.0%} 把握所需{rate}", text(row[o.probability]), f"自身走势 {text(row['expected'])}", o.status),
              ("照现在走，当年领先的可能性", f"{row['at']:.0%}" if 0.005 < row["at"] < 0.995 else f"{row['at']:.1%}", f"{o.year} 年", o.status)]
    return [(label, value.replace("-", "−"), note, status) for label, value, note, status in cards]


def forecast_findings(course: Course) -> list[str]:
    """What the forecasts of the pair rest on."""
    said = []
    for district in (course.outlook.home, course.outlook.leader):
        known = course.forecasts.get(district)
        if known is not None:
            said.append(f"{district}：{known.note}")
    return said


def task_findings(task: Task, course: Course) -> list[str]:
    """The target of the first year and of the last, and where the growth rate comes from."""
    o, unit = course.outlook, course.levels.unit
    first, last = task.path.iloc[0], task.path.iloc[-1]
    return [f"{course.name}以年均增长 **{task.growth:.1f}%** 为目标（{task.reason}）：{first['year']:.0f} 年 {first['shown']:,.2f} {unit}，"
            f"比上年增加 {first['shown_increment']:,.2f} {unit}；{last['year']:.0f} 年 {last['shown']:,.2f} {unit}。"]


def months_finding(found: Months, task: Task, course: Course) -> str:
    """The year as the monthly forecast has it, beside the nowcast by shares."""
    unit, total = course.levels.unit, found.total
    text = f"逐期预测其余各期再相加，全年约 {total:,.1f} {unit}"
    if task.progress is None:
        return text + "。"
    point, now = task.progress.nowcast.point, task.progress.nowcast
    inside = now.lower is not None and now.lower <= total <= now.upper
    return text + f"，与按历年进度的 {point:,.1f} {unit}相差 {abs(total / point - 1):.1%}" + ("，在其区间之内。" if inside else "，两种算法差得较远，应核对近几个月的数。")


def rival_finding(task: Task, course: Course) -> str:
    """The leader's year so far; empty where it is not known."""
    if task.rival is None:
        return ""
    now, o = task.rival, course.outlook
    year, level = course.paths.last(o.leader)
    span = f"（{now.level:.0%} 区间 {now.lower:,.1f}～{now.upper:,.1f}）" if now.lower is not None else ""
    return (f"{o.leader}同期累计 {now.cumulative:,.1f} {course.levels.unit}，按历年进度全年约 {now.point:,.1f} {course.levels.unit}{span}，"
            f"比 {year} 年公布数{'多' if now.point >= level else '少'} {abs(now.point / level - 1):.1%}（未扣除基数调整）。")


def recent(checked: pd.DataFrame, years: int = 2) -> pd.DataFrame:
    """The last years of a growth check: older revisions are history."""
    return checked[checked["year"] > checked["year"].max() - years]


def plain(sentence: str) -> str:
    """A sentence without its marks of emphasis, for a chart's text."""
    return sentence.replace("**", "")


def chance_finding(course: Course) -> str:
    """The chance at and by the target year, as the chart of chances shows it."""
    o = course.outlook
    at = o.chances.set_index("year").loc[o.year]
    return f"照目前走势，{o.home}在 {o.year} 年当年领先{o.leader}的可能性{chance_text(at['at'])}，到该年为止曾领先的{chance_text(at['by'])}。"


def towns_finding(cause: Causes) -> str:
    """Whose growth is above and below what its chains would give."""
    table = cause.towns.dropna(subset=["competitive_points"]).sort_values("competitive_points", ascending=False)
    best, worst = table.iloc[0], table.iloc[-1]
    return (f"扣除全区增长和产业结构后，{best['area']}最快（竞争力偏离 {best['competitive_points']:+.1f} 个百分点），"
            f"{worst['area']}最慢（{worst['competitive_points']:+.1f} 个百分点）。").replace("-", "−")


def scenario_note(case) -> str:
    """Where the scenarios come from."""
    if len(case.scenarios):
        return "情景取自案例的“情景”表，可自行增改；除所写的假设外，各区县照自身走势，波动相同。"
    return "案例没有“情景”表，用的是程序自带的假设（analysis/tables/catchup_scenarios.csv），只供比较，不是预测。"


def method_notes(case, courses: list[Course]) -> list[str]:
    """How it was computed, in sentences."""
    said = ["按现有水平所需增速：（对标区现有水平 ÷ 本区现有水平）开年数次方减 1；按预测水平所需增速：把对标区换成它自身预测的届时水平。",
            "把握（概率）：各区县共同模拟，中位路径为各自的组合预测，波动由历史增速估计并按回测校准的区间放大，区县之间同涨同落；"
            "所需增速是让本区在给定比例的模拟中领先的最小年均增速，本区自身的波动仍在。",
            "“当年领先”指目标年那一年领先；“到该年曾领先”指到那一年为止至少有一年领先，两者不同。"]
    if any(not course.growing for course in courses):
        said.append("认定家数等按每年新增个数模拟（泊松或负二项），各区县彼此独立。")
    if any(course.levels.series is not None and course.levels.series.parts > 1 for course in courses):
        said += ["月度累计数逐期相减得当期数，1—2 月合并为一期；公布的同比按可比基数，不由绝对数倒算，两者之差列在“基数修订”表。",
                 "时序进度：与历年同期累计占全年的比重相比，不按月数平摊；其余各月所需增速按可比基数计算，假定基数修订全年一致。"]
    if case.illustrative:
        said.append("本案例含示例数据，结论只演示方法，不代表任何地区。")
    return said
