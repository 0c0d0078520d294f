"""Values, adjustments and published results against districts and the scheme."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.check_scheme import Nodes
from analysis.columns import Typed
from analysis.names import Names, repeated_rows, resolve
from analysis.problems import ERROR, NOTICE, WARNING
from analysis.units import convert_factor

SLIP = 1000.0


def check_values(table: Typed, scheme: Typed, nodes: Nodes, districts: Names,
                 roster: pd.DataFrame, year: int | None) -> None:
    """Check 指标值 and convert its numbers to the scheme's units, in place."""
    resolve(table, "district", districts, "区县表")
    if not len(scheme.frame):
        return
    nodes.resolve(table, "indicator")
    for code, row in zip(table.frame["indicator"], table.frame["row"]):
        if code in nodes.inner:
            table.report(ERROR, f"「{nodes.name[code]}」有下级，不能直接填数值",
                         "只给没有下级的指标填数；公布的得分填到 公布结果 表", row, "indicator")
    repeated_rows(table, ["year", "district", "indicator"], ["year", "district", "indicator"],
                  "年份、区县、指标", "indicator")
    frame = table.frame
    if len(frame) and not (frame["value"].notna() | frame["value_masked"]).any() and not table.unread.get("value"):
        table.report(ERROR, "没有读到任何数值", "看看“数值”列的列名是否写对、是否填了数", None, "value")
        return
    _units(table, nodes)
    _bounds(table)
    _unit_slips(table, nodes)
    _unbounded(table, scheme, nodes, year)
    _complete(table, scheme, nodes, roster, year)


def _units(table: Typed, nodes: Nodes) -> None:
    frame = table.frame
    for column in ("value", "low", "high"):
        stated, suffixes = table.stated.get(column, ""), table.suffixes.get(column, {})
        values = frame[column].to_numpy(copy=True)
        if stated:
            factors = {c: convert_factor(stated, nodes.unit.get(c, "")) for c in frame["indicator"].unique()}
            for code in (c for c, f in factors.items() if f is None and c in nodes.unit):
                rows = frame.loc[frame["indicator"] == code, "row"]
                table.report(ERROR, f"表头的单位「{stated}」与指标「{nodes.name[code]}」的单位「{nodes.unit[code]}」对不上",
                             "数字换成考核方案里的单位，去掉表头的单位", rows.iloc[0], column)
            values *= frame["indicator"].map(lambda c: factors[c] or 1.0).to_numpy(dtype=float)
        for i, suffix in suffixes.items():
            unit = nodes.unit.get(frame["indicator"].iloc[i], "")
            factor = convert_factor(suffix, unit) if unit else None
            if factor is None:
                table.report(ERROR, f"数字后面带着「{suffix}」，与指标的单位（{unit or '没有写'}）对不上",
                             "只填数字，单位写在考核方案的 单位 列", frame["row"].iloc[i], column)
            elif not stated:
                values[i] *= factor
        frame[column] = values


def _bounds(table: Typed) -> None:
    frame = table.frame
    bounded = frame.loc[frame["low"].notna() | frame["high"].notna()]
    for row in bounded.itertuples():
        if row.low > row.high:
            table.report(ERROR, f"下界 {row.low:g} 大于上界 {row.high:g}", "调换或改正上下界", row.row, "low")
        if row.value < row.low or row.value > row.high:
            table.report(ERROR, f"数值 {row.value:g} 不在上下界之内", "改正数值，或删去上下界", row.row, "value")
        elif not np.isnan(row.value):
            table.report(ERROR, "既有数值又有上下界", "已知确数就删去上下界；未公开则数值写 **", row.row, "value")
        elif not row.value_masked and row.Index not in table.unread.get("value", ()):
            table.report(ERROR, "有上下界，数值却是空的", "未公开的数值写 **；没有数据则删去上下界", row.row, "value")


def _unbounded(table: Typed, scheme: Typed, nodes: Nodes, year: int | None) -> None:
    frame = table.frame
    hidden = frame[frame["value_masked"] & (frame["low"].isna() | frame["high"].isna()) & (frame["year"] == year)]
    for row in hidden.itertuples():
        if _counts(row.indicator, scheme, nodes):
            table.report(NOTICE, f"{row.district}的「{nodes.name.get(row.indicator, row.indicator)}」未公开，又没有上下界，该区县的总分将算不出来、不给位次",
                         "知道大致范围的，填下界和上界", row.row, "value")


def _unit_slips(table: Typed, nodes: Nodes) -> None:
    frame = table.frame.loc[table.frame["value"].notna()]
    for (year, code), group in frame.groupby(["year", "indicator"], sort=False):
        if len(group) < 4 or nodes.unit.get(code) == "%":
            continue
        sizes = group["value"].abs().to_numpy()
        for i in np.flatnonzero(sizes > 0):
            middle = np.median(np.delete(sizes, i))
            if middle > 0 and max(sizes[i] / middle, middle / sizes[i]) >= SLIP:
                row = group.iloc[i]
                table.report(WARNING, f"{row['district']}{int(year)}年「{nodes.name.get(code, code)}」为 {row['value']:g}，"
                             f"与其他区县（中位数 {middle:g}）相差千倍以上（{row['cell']}）",
                             "核对金额单位（万元、亿元）和小数点", row["row"], "value")


def _complete(table: Typed, scheme: Typed, nodes: Nodes, roster: pd.DataFrame, year: int | None) -> None:
    strict = {r.code: r.name for r in scheme.frame.itertuples()
              if r.code and r.code not in nodes.inner and r.missing in ("", "报错") and _counts(r.code, scheme, nodes)}
    frame = table.frame
    given = {(y, d, i): (np.isnan(v) and not m, n, k) for k, (y, d, i, v, m, n) in enumerate(
        zip(frame["year"], frame["district"], frame["indicator"], frame["value"], frame["value_masked"], frame["row"]))}
    for when in sorted(frame["year"].dropna().unique()):
        gaps = []
        for district in roster["district"]:
            for code, name in strict.items():
                blank, row, position = given.get((when, district, code), (True, None, -1))
                if blank and position not in table.unread.get("value", ()):
                    gaps.append((district, code, name, row))
        if when == year:
            for district, code, name, row in gaps:
                table.report(ERROR, f"{district}缺 {int(when)} 年「{name}」（{code}）的数值",
                             "补上数值；未公开写 **；允许缺数的，在考核方案的 缺失处理 列写明办法", row, "value")
        elif gaps:
            table.report(WARNING, f"{int(when)} 年缺 {len(gaps)} 个数值（如{gaps[0][0]}的「{gaps[0][2]}」），该年不能完整计分",
                         "补上数值，或在考核方案的 缺失处理 列写明办法", gaps[0][3], "value")


def _counts(code: str, scheme: Typed, nodes: Nodes) -> bool:
    """Whether every weight from an indicator up to the root is positive."""
    weights = dict(zip(scheme.frame["code"], scheme.frame["weight"]))
    seen: set[str] = set()
    while nodes.parent.get(code) and code not in seen:
        seen.add(code)
        if not weights.get(code, 0) > 0:
            return False
        code = nodes.parent[code]
    return True


def check_adjustments(table: Typed, nodes: Nodes, districts: Names) -> None:
    """Check 加减分: kind against sign, one veto per node; an empty kind is filled in."""
    resolve(table, "district", districts, "区县表")
    nodes.resolve(table, "node")
    frame = table.frame
    for row in frame.itertuples():
        if row.Index in table.unread.get("points", ()) or row.Index in table.unread.get("kind", ()):
            continue
        if row.kind == "加分" and row.points < 0:
            table.report(ERROR, f"类型是加分，分值却是 {row.points:g}", "加分填正数；扣分把类型改为 扣分", row.row, "points")
        elif row.kind == "否决" and row.points < 0:
            table.report(ERROR, f"一票否决后的得分不能是 {row.points:g}", "填否决后该节点的得分，留空为 0", row.row, "points")
        elif row.kind != "否决" and not abs(row.points) > 0:
            table.report(ERROR, "没有分值，看不出加还是扣", "填分值；一票否决把类型填为 否决", row.row, "points")
        elif not row.kind:
            frame.loc[row.Index, "kind"] = "加分" if row.points > 0 else "扣分"
    vetoes = frame.loc[frame["kind"] == "否决"]
    for row in vetoes.loc[vetoes.duplicated(["year", "district", "node"])].itertuples():
        table.report(WARNING, f"{row.district}的同一节点有不止一条一票否决", "只保留一条", row.row, "kind")
    same = frame.duplicated(["year", "district", "node", "kind", "points", "reason"])
    for row in frame.loc[same & (frame["kind"] != "否决")].itertuples():
        table.report(WARNING, f"{row.district}有两条完全相同的{row.kind}", "确认不是重复登记", row.row, "points")


def check_published(table: Typed, nodes: Nodes, districts: Names, roster: pd.DataFrame) -> None:
    """Check 公布结果: ranks are positive whole numbers that agree with the scores."""
    resolve(table, "district", districts, "区县表")
    nodes.resolve(table, "node")
    repeated_rows(table, ["year", "district", "node"], ["year", "district", "node"], "年份、区县、节点", "node")
    frame = table.frame
    for row in frame.loc[frame["rank"].notna()].itertuples():
        if row.rank <= 0 or row.rank != int(row.rank):
            table.report(ERROR, f"位次 {row.rank:g} 不是正整数", "位次填 1、2、3…；未公开写 **", row.row, "rank")
        elif len(roster) and row.rank > len(roster):
            table.report(ERROR, f"位次 {row.rank:g} 大于区县数 {len(roster)}", "核对位次，或补全区县表", row.row, "rank")
    group_of = dict(zip(roster["district"], roster["group"]))
    groups = frame["district"].map(lambda d: group_of.get(d, ""))
    known = frame.assign(_group=groups).loc[frame["rank"].notna() & frame["score"].notna()]
    for _, block in known.groupby(["year", "node", "_group"], sort=False):
        _rank_order(table, block.sort_values(["score", "rank"], ascending=[False, True]))


def _rank_order(table: Typed, block: pd.DataFrame) -> None:
    """Neighbours by score: equal scores share a rank, lower scores never rank ahead."""
    rows = list(block.itertuples())
    for above, below in zip(rows, rows[1:]):
        if above.score == below.score and above.rank != below.rank:
            table.report(WARNING, f"{above.district}和{below.district}得分相同（{above.score:g}），位次却是 "
                         f"{above.rank:g} 和 {below.rank:g}", "核对公布结果；市里可能保留了更多小数", below.row, "rank")
        elif above.score > below.score and below.rank <= above.rank:
            table.report(WARNING, f"{below.district}得分 {below.score:g} 低于{above.district}的 {above.score:g}，"
                         f"位次却不在其后（{below.rank:g} 和 {above.rank:g}）", "核对公布结果", below.row, "rank")
