"""Tables of a catch-up that join its parts, with Chinese headers and their formats."""

from __future__ import annotations

import pandas as pd

from ..catchup import growth_for
from ..catchup.findings import sure_text
from ..catchup.tables import DRIFT_FORMATS, drift_view
from ..forecast import backtest_table, forecast_table
from ..targets import tables as targets
from ..views import signed
from .course import Course
from .months import Months
from .task import Task


def steady_view(course: Course) -> pd.DataFrame:
    """Need by year when the leader keeps its past growth beside the need under its forecast."""
    o = course.outlook
    table, own = course.steady.set_index("year"), o.table.set_index("year")
    return pd.DataFrame({
        "目标年": table.index, f"{o.leader}届时水平（预测）": own["leader_then"].to_numpy(), "所需年均增速（预测）": own["moving"].to_numpy(),
        f"{o.leader}届时水平（保持过去增速）": table["leader_then"].to_numpy(), "所需年均增速（保持过去增速）": table["growth_moving"].to_numpy(),
        "状态": o.status})


def steady_formats(course: Course) -> dict[str, str]:
    """Number formats of :func:`steady_view`; growth in %."""
    level = ",.0f" if course.decimals == 0 else ",.1f"
    return {"目标年": "d"} | {c: level if "水平" in c else ".1f" for c in steady_view(course).columns if c.endswith("）")}


def forecast_view(course: Course) -> pd.DataFrame:
    """Forecasts of the pair by year, with their intervals."""
    chosen = {d: course.forecasts[d] for d in (course.outlook.home, course.outlook.leader) if d in course.forecasts}
    years = {d: [f"{course.paths.last(d)[0] + h}" for h in range(1, f.horizon + 1)] for d, f in chosen.items()}
    return forecast_table(chosen, years, course.status)


def tested_view(course: Course) -> pd.DataFrame:
    """The backtest of the pair and of all districts together."""
    table = backtest_table(course.tested, course.status)
    return table[table["区县"].isin([course.outlook.home, course.outlook.leader, "全部区县"])].reset_index(drop=True)


def months_view(found: Months, course: Course) -> pd.DataFrame:
    """The year part by part: what is known and what is forecast."""
    unit, table = course.levels.unit, found.table
    status = [course.levels.derived if course.status == "示例" else "公布" if known else "推算" for known in table["known"]]
    return pd.DataFrame({"期间": table["label"], f"当期数（{unit}）": table["value"], "80% 下限": table["low"], "80% 上限": table["high"],
                         "性质": table["known"].map({True: "已有", False: "预测"}), "状态": status})


def chance_growth_view(course: Course) -> pd.DataFrame:
    """Growth that gives a chance of being ahead at a year, and in some year up to it; % a year."""
    o = course.outlook
    years, shown = list(o.table["year"]), sorted({0.5, o.probability, 0.9})
    both = {word: growth_for(course.paths, o.home, o.leader, years, tuple(shown), o.share, when) for word, when in (("当年", "at"), ("到该年曾", "by"))}
    verb = "领先" if o.share == 1 else "达到"
    columns = {f"{word}{verb}：{sure_text(p)} 把握": table[p].to_numpy() for word, table in both.items() for p in shown}
    return pd.DataFrame({"目标年": years, **columns, "状态": course.status})


def assumed_view(course: Course) -> pd.DataFrame:
    """What is known of each district and what the simulation makes of it at the target year."""
    table, paths, o = drift_view(course.paths, course.status), course.paths, course.outlook
    if not course.growing:
        return table
    table = table.rename(columns={"采用年均增速": "收缩后年均增速", "依据": "增速依据"})
    ends = {d: paths.quantiles(d).loc[o.year] for d in table["区县"]}
    middle = [100 * ((paths.median(d)[o.year] / level) ** (1 / (o.year - last)) - 1) for d, level, last in zip(table["区县"], table["现值"], table["末年"])]
    at = table.columns.get_loc("状态")
    table.insert(at, f"模拟的年均增速（到 {o.year}）", middle)
    table.insert(at + 1, f"{o.year} 年 80% 下限", [ends[d][0.1] for d in table["区县"]])
    table.insert(at + 2, f"{o.year} 年 80% 上限", [ends[d][0.9] for d in table["区县"]])
    return table


def assumed_formats(course: Course) -> dict[str, str]:
    """Number formats of :func:`assumed_view`."""
    level = ",.0f" if course.decimals == 0 else ",.1f"
    extra = {c: level for c in assumed_view(course).columns if "80%" in c}
    return DRIFT_FORMATS | extra | {"现值": level, "收缩后年均增速": ".1f"} | {c: ".1f" for c in assumed_view(course).columns if c.startswith("模拟的")}


def path_view(task: Task, course: Course) -> pd.DataFrame:
    """Targets by year with their status."""
    return targets.path_view(task.path, course.levels.unit).assign(状态=course.status)


def path_formats(course: Course) -> dict[str, str]:
    """Number formats of :func:`path_view`."""
    unit, places = course.levels.unit, f",.{course.decimals}f"
    return {"年份": "d", "增速（%）": ".1f", f"目标（{unit}）": places, f"当年增量（{unit}）": places}


def around(course: Course, pairs: pd.DataFrame, most: int = 15) -> pd.DataFrame:
    """A table of pairs for the districts nearest in level to home (and the leader), greatest first."""
    level = course.paths.drift["last"].astype(float)
    o = course.outlook
    near = (level / level[o.home]).map(lambda ratio: max(ratio, 1 / ratio) if ratio > 0 else float("inf")).sort_values(kind="stable").index[:most]
    kept = level[level.index.isin([*near, o.leader])].sort_values(ascending=False, kind="stable").index
    return pairs.loc[kept, kept]


def whole(course: Course) -> dict[str, str]:
    """Formats that print levels of things that are counted as whole numbers; nothing for amounts."""
    if course.decimals:
        return {}
    levels = (f"{course.outlook.home}中位数", f"{course.outlook.leader}中位数", "本区现值", "对方现值", "预测", "80% 下限", "80% 上限", "95% 下限", "95% 上限")
    return dict.fromkeys(levels, ",.0f")


def share_formats(table: pd.DataFrame) -> dict[str, str]:
    """Percentages for every column but the year and the status."""
    return {c: ".0%" for c in table if c not in ("年份", "状态")} | {"年份": "d"}


PARTS_FORMATS = {"历年平均占全年": ".1%"}
PAST_FORMATS = {"年份": "d", "误差（%）": signed(1), "上年×增速的误差（%）": signed(1)}
TESTED_FORMATS = {"平均绝对误差": ",.2f", "MASE": ".2f", "平均误差率%": ".1f", "误差与朴素之比": ".2f", "80% 区间覆盖率": ".0%", "95% 区间覆盖率": ".0%"}
FORECAST_FORMATS = dict.fromkeys(["预测", "80% 下限", "80% 上限", "95% 下限", "95% 上限"], ",.1f")
