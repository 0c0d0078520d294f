"""Series as a reader sees them: tables with Chinese headers."""

from __future__ import annotations

import pandas as pd

from ..views import signed

INDICATOR_HEADERS = {"indicator": "指标", "frequency": "频度", "parts": "每年期数", "unit": "单位", "nature": "性质", "first": "起", "last": "止",
                     "districts": "区县数", "items": "分项数", "status": "状态", "note": "说明"}
COVERAGE_HEADERS = {"district": "区县", "first": "起", "last": "止", "complete_years": "完整年数", "last_complete": "最近完整年", "missing": "缺数期数",
                    "masked": "未公布期数", "behind": "比最晚的区县早（期）", "status": "状态"}
PROBLEM_HEADERS = {"district": "区县", "period": "期间", "kind": "类别", "what": "说明", "rows": "所在行"}
GROWTH_HEADERS = {"district": "区县", "label": "期间", "level": "累计数", "level_last": "上年公布数", "yoy": "公布同比（%）", "growth_levels": "按绝对数算（%）",
                  "gap": "相差（百分点）", "implied_base": "可比基数", "ratio": "可比基数÷上年公布数", "flag": "判断", "status": "状态"}
SHARE_HEADERS = {"district": "区县", "label": "到", "mean": "平均进度", "least": "最低", "greatest": "最高", "naive": "按月数平均（仅供对照）",
                 "years": "年数", "status": "状态"}
DISTRICTS_NAMED = 4
GROWTH_FORMATS = {"累计数": ",.2f", "上年公布数": ",.2f", "公布同比（%）": ".1f", "按绝对数算（%）": ".1f", "相差（百分点）": signed(1), "可比基数": ",.2f",
                  "可比基数÷上年公布数": ".3f"}
SHARE_FORMATS = {"平均进度": ".1%", "最低": ".1%", "最高": ".1%", "按月数平均（仅供对照）": ".1%"}


def indicators_view(table: pd.DataFrame) -> pd.DataFrame:
    """The indicators there are, from :func:`analysis.series.indicators`."""
    return _headed(table, INDICATOR_HEADERS)


def coverage_view(table: pd.DataFrame) -> pd.DataFrame:
    """How far each district reaches, from :func:`analysis.series.coverage`."""
    return _headed(table, COVERAGE_HEADERS)


def problems_view(table: pd.DataFrame) -> pd.DataFrame:
    """What is missing or contradictory, the ``problems`` of a series; the same remark on several districts once."""
    groups = table.groupby(["period", "kind", "what"], sort=False)
    together = groups.agg(district=("district", _listed), rows=("rows", lambda r: "、".join(t for t in r if t))).reset_index()
    return _headed(together, PROBLEM_HEADERS)


def growth_view(table: pd.DataFrame) -> pd.DataFrame:
    """Published growth against levels, from :func:`analysis.series.growth_check`."""
    return _headed(table, GROWTH_HEADERS)


def share_view(table: pd.DataFrame) -> pd.DataFrame:
    """Seasonal shares, from :func:`analysis.series.seasonal_share`."""
    return _headed(table, SHARE_HEADERS)


def _listed(districts: pd.Series) -> str:
    names = list(districts)
    return "、".join(names) if len(names) <= DISTRICTS_NAMED else f"{'、'.join(names[:DISTRICTS_NAMED])}等 {len(names)} 个"


def _headed(table: pd.DataFrame, headers: dict[str, str]) -> pd.DataFrame:
    return table[list(headers)].rename(columns=headers).reset_index(drop=True)
