"""The catch-up of a case in Chinese sentences, every figure computed."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from ..catchup.findings import chance_text, main_findings, sure_text
from ..forecast.components import NAMES
from .causes import Causes
from .course import Course
from .months import Months
from .task import Task


def course_findings(course: Course, task: Task | None = None) -> list[str]:
    """Where both stand, what is needed (also if the leader keeps its past growth), the chance, and what weakens it."""
    position, needed, chance = main_findings(course.outlook)
    said = (position, needed, steady_finding(course), chance, running_finding(task, course), weakness_of_forecast(course))
    return [s for s in said if s]


def answers(courses: Sequence[Course]) -> list[str]:
    """What each indicator asks for in a sentence, its name in front: the answer a page opens with."""
    return [f"**{course.name}**：{said}" for course in courses for said in course_findings(course)[1:2]]


def steady_finding(course: Course) -> str:
    """What a leader that keeps its average growth would ask; empty where that is not known."""
    o = course.outlook
    if course.steady is None:
        return ""
    row, now = (t[t["year"] == o.year].iloc[0] for t in (course.steady, o.table))
    start, level = course.paths.last(o.leader)
    past, ahead = row["leader_growth"], 100 * ((now["leader_then"] / (o.share * level)) ** (1 / (o.year - start)) - 1)
    change = "与过去相当" if abs(ahead - past) < 0.05 else f"{'低' if ahead < past else '高'}于过去"
    aim = f"到 {o.year} 年{'保持领先' if o.ahead else '追上' if o.share == 1 else '达到' + o.goal}"
    text = f"{o.leader}的预测增速（年均 {ahead:.1f}%）{change}（年均 {past:.1f}%）；若它保持过去的增速，{aim}需年均增 **{row['growth_moving']:.1f}%**。"
    return text.replace("-", "−")


def running_finding(task: Task | None, course: Course) -> str:
    """The running year, which the annual forecast does not see; empty where it is not known for both."""
    if task is None or task.progress is None or task.rival is None:
        return ""
    o, own, theirs = course.outlook, task.progress.nowcast.point, task.rival.point
    year, level = course.paths.last(o.home)
    return (f"{task.first} 年{task.progress.label}的数没有进入以上年度测算：按历年进度，{task.first} 年{o.home}约 {own:,.1f} {course.levels.unit}、"
            f"{o.leader}约 {theirs:,.1f} {course.levels.unit}，相当于 {own / theirs:.1%}（{year} 年为 {level / course.paths.last(o.leader)[1]:.1%}）。")


def weakness_of_forecast(course: Course) -> str:
    """That the forecast did worse than no forecast, or its intervals held too little, in its own backtest; else empty."""
    if not course.growing:
        return ""
    few = [d for d in (course.outlook.home, course.outlook.leader) if course.paths.drift.at[d, "few"]]
    if few:
        return f"**注意**：{'、'.join(few)}年份太少，预测和可能性取自全市的一般水平，只可作参考。"
    if course.tested is None:
        return "**注意**：年份太少，预测没有经过回测，所需增速和可能性只可作参考。"
    errors = course.tested.errors
    ratio = (errors["actual"] - errors["mean"]).abs().sum() / max((errors["actual"] - errors["naive"]).abs().sum(), 1e-12)
    held = ((errors["actual"] >= errors["low_0.8"]) & (errors["actual"] <= errors["high_0.8"]))[errors["low_0.8"].notna()].mean()
    said = [f"误差是“末值不变”的 {ratio:.0%}"] if ratio > 1 else []
    said += [f"80% 区间只盖住 {held:.0%}"] if held < 0.65 else []
    return f"**注意**：在本案例的回测里，预测的{'、'.join(said)}，以上测算只可作参考。" if said else ""


def course_keys(course: Course) -> list[tuple]:
    """Cards: both levels, the three growth rates, the chance."""
    o = course.outlook
    row = o.table[o.table["year"] == o.year].iloc[0]
    unit, rate = course.levels.unit, "年均增速" if course.growing else "每年净增"
    text = (lambda v: f"{v:.1f}%") if course.growing else (lambda v: f"{v:.0f} {unit}")
    amount = (lambda v: f"{v:,.0f} {unit}") if course.decimals == 0 else (lambda v: f"{v:,.1f} {unit}")
    cards = []
    for district in (o.home, o.leader):
        year, level = course.paths.last(district)
        status = course.levels.status.at[year, district]
        cards.append((f"{district}{course.name}", amount(level), f"{year} 年", status or "不详"))
    cards += [(f"按对标区现有水平所需{rate}", text(row["fixed"]), f"到 {o.year} 年{o.suffix}", o.status),
              (f"按对标区预测水平所需{rate}", text(row["moving"]), f"{o.goal}届时 {amount(row['leader_then'])}", o.status),
              (f"{sure_text(o.probability)} 把握所需{rate}", text(row[o.probability]), f"自身走势 {text(row['expected'])}", o.status),
              ("照现在走，当年" + ("领先" if o.share == 1 else "达到目标") + "的可能性", chance_text(row["at"]).removeprefix("约 "), f"{o.year} 年", o.status)]
    return [(label, value.replace("-", "−"), note, status) for label, value, note, status in cards]


def forecast_findings(course: Course) -> list[str]:
    """What the forecasts of the pair rest on."""
    said = []
    for district in (course.outlook.home, course.outlook.leader):
        known = course.forecasts.get(district)
        if known is not None:
            said.append(f"{district}：{known.note}")
    return said


def tested_finding(course: Course, district: str) -> str:
    """How far one district's forecasts of the next year were off, and how many fell inside the 80 % interval."""
    rows = course.tested.errors
    rows = rows[(rows["district"] == district) & (rows["h"] == 1)]
    off = 100 * ((rows["mean"] - rows["actual"]) / rows["actual"]).abs().mean()
    inside = int(((rows["actual"] >= rows["low_0.8"]) & (rows["actual"] <= rows["high_0.8"])).sum())
    return f"{district}提前一年的 {len(rows)} 次预测，平均差 {off:.1f}%，{inside} 次落在 80% 区间里。"


def task_findings(task: Task, course: Course) -> list[str]:
    """The target of the first year and of the last, and where the growth rate comes from."""
    unit, places = course.levels.unit, course.decimals
    first, last = task.path.iloc[0], task.path.iloc[-1]
    said = [f"{course.name}以年均增长 **{task.growth:.1f}%** 为目标（{task.reason}）：{first['year']:.0f} 年 {first['shown']:,.{places}f} {unit}，"
            f"比上年公布数增加 {first['shown_increment']:,.{places}f} {unit}；{last['year']:.0f} 年 {last['shown']:,.{places}f} {unit}。"]
    p = task.progress
    if p is not None and p.base_year:
        said.append(f"扣除基数修订，上年可比基数为 {p.base_year:,.2f} {unit}，{task.first} 年目标相当于可比增加 {p.target - p.base_year:,.2f} {unit}、"
                    f"可比增长 {p.year_growth:.1f}%；往下分解的是可比增量。")
    return said


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
    verb = f"领先{o.leader}" if o.share == 1 else f"达到{o.goal}"
    return f"照目前走势，{o.home}在 {o.year} 年当年{verb}的可能性{chance_text(at['at'])}，到该年为止曾{verb}的{chance_text(at['by'])}。"


def towns_finding(cause: Causes) -> str:
    """Whose growth is above and below what its chains would give."""
    table = cause.towns.dropna(subset=["competitive_points"]).sort_values("competitive_points", ascending=False)
    best, worst = table.iloc[0], table.iloc[-1]
    return (f"扣除全区增长和产业结构后，{best['area']}最快（竞争力偏离 {best['competitive_points']:+.1f} 个百分点），"
            f"{worst['area']}最慢（{worst['competitive_points']:+.1f} 个百分点）。").replace("-", "−")


def scenario_note(case) -> str:
    """Where the scenarios come from."""
    middle = "基准一行是模拟的中位数，与上文的预测值可能差一点（模拟误差）。"
    if len(case.scenarios):
        return "情景取自案例的“情景”表，可自行增改；除所写的假设外，各区县照自身走势，波动相同。" + middle
    return "案例没有“情景”表，用的是程序自带的假设（analysis/tables/catchup_scenarios.csv），只供比较，不是预测。" + middle


def method_notes(case, courses: list[Course]) -> list[str]:
    """How it was computed, in sentences."""
    grown = [course for course in courses if course.growing]
    said = []
    if courses:
        said += ["按现有水平所需增速：（对标区现有水平 ÷ 本区现有水平）开年数次方减 1；按预测水平所需增速：把对标区换成它自身预测的届时水平。",
                 "“当年领先”指目标年那一年领先；“到该年曾领先”指到那一年为止至少有一年领先，两者不同。"]
    if grown:
        methods = "、".join(dict.fromkeys(NAMES[f.method] for course in grown for f in course.forecasts.values()))
        widths = "、".join(dict.fromkeys(f.calibrated for course in grown for f in course.forecasts.values()))
        said += [f"把握（概率）：各区县共同模拟，中位路径为各自的预测（{methods or '历史增速'}），波动由历史增速估计，幅度按预测区间放大（依据：{widths or '无'}），"
                 "区县之间同涨同落。",
                 "所需增速是让本区在给定比例的模拟中领先的最小年均增速：本区的趋势按所定增速、不再存疑，逐年波动仍在；对标区的趋势和波动都存疑。"
                 "“照现在走”的可能性则两区的趋势都存疑，所以把本区增速定为自身走势时，两种算法的可能性不相等。情景里“增速设定”也使该区的趋势不再存疑。",
                 "预测方法：漂移是按历年平均增量外推；Theta 是指数平滑加一半趋势；阻尼趋势是趋势逐年减弱；组合是三者加权平均。M3 指公开的预测竞赛样本，用来定区间的默认宽窄。"]
    if len(grown) < len(courses):
        said.append("认定家数等按每年新增个数模拟（泊松或负二项），各区县彼此独立。")
    if any(course.levels.series is not None and course.levels.series.parts > 1 for course in courses):
        merged = any(course.levels.series is not None and course.levels.series.parts == 11 for course in courses)
        said += ["累计数逐期相减得当期数" + ("，1—2 月合并为一期" if merged else "") + "；公布的同比按可比基数，不由绝对数倒算，两者之差列在“基数修订”表。",
                 "时序进度：与历年同期累计占全年的比重相比，不按月数平摊；其余各期所需增速按可比基数计算，假定基数修订全年一致。"]
    if case.illustrative:
        said.append("本案例含示例数据，结论只演示方法，不代表任何地区。")
    return said
