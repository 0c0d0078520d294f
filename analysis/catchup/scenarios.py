"""What if: rows of a table laid upon a simulation, and the outcomes side by side."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..params import AssessmentError
from ..status import derived_status
from .chance import additions_for, chances, growth_for
from .parameters import parameter, scenario_rows
from .paths import Paths

BASE = "基准"
HOME, LEADER, ALL = "本区", "对标区", "全部"
UNITS = {"增速加减": "百分点", "增速设定": "%", "价格影响": "%", "大项目": "亿元", "新增规上企业": "家"}
COLUMNS = {"情景": "scenario", "对象": "who", "类型": "kind", "起始年": "start", "数值": "value", "单位": "unit", "说明": "note", "来源": "source",
           "状态": "status"}
COUNT_UNITS = ("家", "个", "户")


def default_scenarios(paths: Paths, unit: str = "亿元", mean_size: float | None = None) -> pd.DataFrame:
    """The rows of ``tables/catchup_scenarios.csv`` that suit the data, beginning in the first simulated year.

    Rows in 亿元 and price effects are left out where the data are not in 亿元, new enterprises where no
    average size is known, and growth where whole numbers are simulated.
    """
    table = pd.DataFrame(scenario_rows()).rename(columns=COLUMNS)
    table["start"] = pd.to_numeric(table["start"]).fillna(paths.years[0]).astype(int)
    table["value"] = table["value"].astype(float)
    usable = table["kind"].map(lambda kind: _suits(kind, paths, unit))
    usable &= (table["kind"] != "新增规上企业") | (mean_size is not None) | (unit in COUNT_UNITS)
    return table[usable].reset_index(drop=True)


def apply_scenario(
    paths: Paths, rows: pd.DataFrame, home: str, leader: str, unit: str = "亿元", mean_size: float | None = None
) -> Paths:
    """The simulation as it would run under the rows of one scenario; the same shocks, path by path.

    Parameters
    ----------
    paths : a simulation that no scenario has been laid upon.
    rows : columns who, kind, start, value, unit (as in sheet 情景; cell or row, where there, name the place in messages).
    unit : of the levels. mean_size : output of one new above-scale enterprise, in `unit`; 1 where the
        levels are numbers of enterprises.

    Effects, in this order whatever the order of the rows:

    * 增速设定 v %: the middle growth is v from `start` on, without doubt about the drift; the latest start rules;
    * 增速加减 v points: is added to the middle growth of every year from `start` on;
    * 价格影响 v %: levels × (1 + v/100) from `start` on, once;
    * 大项目 X: output X a year, its part in the first years by the table, afterwards growing as the district
      itself does: level_u × (1 + X·ramp(u − start) / level_start) on every path;
    * 新增规上企业 n: n × mean_size from `start` on, growing likewise, in full from the first year.

    Raises
    ------
    AssessmentError for an unknown kind or district, a wrong unit, a value that cannot be, money on data that are not
    in 亿元, and a project or price effect that begins in a year already in the data.
    """
    if paths.origin is not None:
        raise AssessmentError("情景只能加在原始模拟上；几条假设请写成同名情景一起算")
    rows = [_checked(row, paths, home, leader, unit, mean_size) for row in rows.to_dict("records")]
    levels = paths.levels.copy()
    for d, district in enumerate(paths.districts):
        mine = [row for row in rows if district in row["districts"]]
        if not mine:
            continue
        if any(r["kind"] in ("增速设定", "增速加减") for r in mine):
            levels[:, :, d] *= _growth_factor(paths, d, district, mine)
        for row in (r for r in mine if r["kind"] == "价格影响"):
            levels[:, np.array(paths.years) >= row["start"], d] *= np.float32(1 + row["value"] / 100)
        base = levels[:, :, d].copy()
        for row in (r for r in mine if r["kind"] in ("大项目", "新增规上企业")):
            levels[:, :, d] += _added(paths, base, row)
    return Paths(paths.years, paths.districts, levels, paths.drift, paths.correlation, paths.shrinkage, paths.notes, paths.kind,
                 paths.centre, paths.drift_error, paths.stretch, paths.ages, origin=paths)


def compare_scenarios(
    paths: Paths,
    scenarios: pd.DataFrame | None,
    home: str,
    leader: str,
    years: list[int],
    probability: float = 0.8,
    share: float = 1.0,
    unit: str = "亿元",
    mean_size: float | None = None,
    status: str = "推算",
    indicator: str = "",
) -> pd.DataFrame:
    """Scenarios side by side.

    Parameters
    ----------
    scenarios : rows as in sheet 情景 with a column scenario; None or empty: :func:`default_scenarios`.
    probability : the chance that `needed` is for. status : 状态 of the data underneath.
    indicator : leaves out rows that name another one. Rows that name none but cannot be laid on these data (money on
        numbers of firms, growth on simulated counts) are not counted, which the scenario's note says.
    Others as in :func:`apply_scenario`.

    Returns
    -------
    DataFrame, one row per scenario (基准, nothing changed, first) and year: scenario, year, home,
    leader (medians), ratio (their quotient), at, by (probabilities), expected (home's median growth, % a year
    from its last value), needed (growth of home's whole level, projects included, that gives
    `probability` at the year; for counts the number to add a year), gap (needed − expected), note, status.
    """
    table = default_scenarios(paths, unit, mean_size) if scenarios is None or scenarios.empty else scenarios
    if indicator and "indicator" in table:
        table = table[table["indicator"].fillna("").isin(["", indicator])]
    found = [_outcome(paths, BASE, home, leader, years, probability, share, "各区按自身走势", status)]
    for name, rows in table.groupby("scenario", sort=False):
        if name == BASE and (rows["value"].fillna(0) == 0).all():
            continue
        note = "；".join(str(n) for n in rows["note"].fillna("") if str(n)) if "note" in rows else ""
        fits = rows["kind"].map(lambda kind: _suits(kind, paths, unit))
        if not fits.all() and ("indicator" not in rows or (rows.loc[~fits, "indicator"].fillna("") == "").all()):
            note = "；".join(filter(None, [note, f"{'、'.join(rows.loc[~fits, 'kind'].unique())}不适用于以{unit}计的本指标，未计入"]))
            rows = rows[fits]
        changed = apply_scenario(paths, rows, home, leader, unit, mean_size) if len(rows) else paths
        below = [status, *rows["status"]] if "status" in rows else [status]
        found.append(_outcome(changed, str(name), home, leader, years, probability, share, note, derived_status(below)))
    return pd.concat(found, ignore_index=True)


def _suits(kind, paths, unit):
    if kind in ("大项目", "价格影响"):
        return unit == "亿元" and paths.kind == "growth"
    return kind == "新增规上企业" or kind not in UNITS or paths.kind == "growth"


def _outcome(paths, name, home, leader, years, probability, share, note, status):
    chance = chances(paths, home, leader, share).set_index("year")
    last_year, last = paths.last(home)
    need = additions_for if paths.kind == "counts" else growth_for
    needed = need(paths, home, leader, years, (probability,), share)[probability]
    rows = []
    for year in years:
        t = paths.row(int(year))
        own, theirs = (float(np.median(paths.of(d)[:, t])) for d in (home, leader))
        n = int(year) - last_year
        expected = (own - last) / n if paths.kind == "counts" else 100 * ((own / last) ** (1 / n) - 1)
        rows.append({"scenario": name, "year": int(year), "home": own, "leader": theirs, "ratio": own / theirs if theirs else np.nan,
                     "at": chance.at[year, "at"], "by": chance.at[year, "by"], "expected": expected, "needed": needed[year],
                     "gap": needed[year] - expected, "note": note, "status": status})
    return pd.DataFrame(rows)


def _checked(row, paths, home, leader, unit, mean_size):
    place = row.get("cell") or (f"第 {row['row']} 行" if row.get("row") else "")
    where = f"情景“{row.get('scenario', '')}”" + (f"（{place}）" if place else "")
    kind, value, start = row["kind"], row["value"], row["start"]
    if kind not in UNITS:
        raise AssessmentError(f"{where}的类型“{kind}”不认识；可用：{'、'.join(UNITS)}")
    if pd.isna(value) or pd.isna(start) or not np.isfinite(value):
        raise AssessmentError(f"{where}缺数值或起始年")
    if str(row.get("unit") or UNITS[kind]) not in (UNITS[kind], UNITS[kind].replace("%", "％")):
        raise AssessmentError(f"{where}的单位应为{UNITS[kind]}，现为“{row['unit']}”")
    districts = {HOME: [home], LEADER: [leader], ALL: list(paths.districts)}.get(row["who"], [row["who"]])
    for district in districts:
        if district not in paths.districts:
            raise AssessmentError(f"{where}的对象“{district}”不在数据里；可写 本区、对标区、全部 或：{'、'.join(paths.districts)}")
    if kind in ("增速加减", "增速设定", "价格影响") and paths.kind == "counts":
        raise AssessmentError(f"{where}：按个数的模拟只能用“新增规上企业”，不能用“{kind}”")
    if kind in ("增速设定", "价格影响") and value <= -100:
        raise AssessmentError(f"{where}的数值应大于 −100%，现为 {value:g}%")
    if kind in ("大项目", "价格影响") and unit != "亿元":
        raise AssessmentError(f"{where}：“{kind}”只用于以亿元计的指标，现指标单位为{unit}")
    if kind in ("大项目", "新增规上企业") and value < 0:
        raise AssessmentError(f"{where}的数值应不小于 0，现为 {value:g}")
    if kind in ("价格影响", "大项目", "新增规上企业"):
        for district in districts:
            if start <= paths.last(district)[0]:
                raise AssessmentError(f"{where}从 {start:g} 年起作用，但{district}到 {paths.last(district)[0]} 年已有实际数，影响已含在内；请改起始年")
    size = 1.0 if kind == "大项目" or unit in COUNT_UNITS else mean_size
    if kind == "新增规上企业" and (size is None or not size > 0):
        raise AssessmentError(f"{where}需要一家规上企业的平均规模，现未给出或不大于 0")
    return {**row, "districts": districts, "start": int(start), "value": float(value), "size": size, "where": where}


def _growth_factor(paths, d, district, rows):
    """(runs, Y) or (Y,) by which levels change when the middle growth does."""
    last_year, last = paths.last(district)
    years = np.arange(last_year + 1, paths.years[-1] + 1)
    known = np.array([last_year, *paths.years])
    middle = np.interp([last_year, *years], known, [np.log(last), *paths.centre[:, d]])
    growth, fixed = np.expm1(np.diff(middle)), np.zeros(len(years), dtype=bool)
    for row in sorted((r for r in rows if r["kind"] == "增速设定"), key=lambda r: r["start"]):
        growth[years >= row["start"]] = row["value"] / 100
        fixed |= years >= row["start"]
    for row in (r for r in rows if r["kind"] == "增速加减"):
        growth[years >= row["start"]] += row["value"] / 100
    if (growth <= -1).any():
        raise AssessmentError(f"{rows[0]['where']}使{district}的年增速低于 −100%")
    shown = np.isin(years, paths.years)
    shift = (np.log(last) + np.cumsum(np.log1p(growth)))[shown] - paths.centre[:, d]
    # A stated growth is an assumption, not an estimate: the doubt about the drift goes.
    doubt = paths.drift_error[:, d, None] * (np.cumsum(fixed)[shown] * paths.stretch[:, d])[None, :]
    return np.exp(shift[None, :] - doubt).astype(np.float32)


def _added(paths, base, row):
    years = np.array(paths.years)
    begun = np.flatnonzero(years >= row["start"])
    extra = np.zeros_like(base)
    if not len(begun):
        return extra
    amount = row["value"] * row["size"]
    if paths.kind == "counts":
        extra[:, begun] = amount
        return extra
    ramp = np.ones(len(begun))
    if row["kind"] == "大项目":
        steps = [parameter("大项目第1年产出比例"), parameter("大项目第2年产出比例")]
        ramp = np.array([steps[min(y - row["start"], 1)] / 100 for y in years[begun]])
    first = base[:, begun[0], None]
    extra[:, begun] = base[:, begun] / first * (amount * ramp).astype(np.float32)
    return extra
