"""What the plan of applications reads of the illustrative city: its goal and some assumptions of its own."""

from __future__ import annotations

import pandas as pd
from demo_districts import SOURCE

# The place aimed at is left to the program: the next one up.
GOAL = {"计划指标组": "认定培育", "计划起始季度": "2023Q1", "计划截止季度": "2023Q3"}
TERMS = [
    ("名额", "省级企业技术中心", "6", "项", "示例：市里分到本区的推荐名额"),
    ("名额", "省级绿色工厂", "6", "项", "示例：市里分到本区的推荐名额"),
    ("镇街季度上限", "", "6", "项", "示例：一个镇街园区一个季度能辅导的家数"),
    ("每企业上限", "", "2", "项", "示例：一家企业一年能应付的申报"),
]


def terms() -> pd.DataFrame:
    """The 申报约定 sheet."""
    frame = pd.DataFrame(TERMS, columns=["类别", "名称", "数值", "单位", "备注"])
    return frame.assign(来源=SOURCE, 状态="示例")
