"""A tiny valid case for tests, and ways to write it as CSVs or a workbook."""

from __future__ import annotations

import copy
import csv
import io
from pathlib import Path

import openpyxl

BASE = {
    "说明": [["键", "值"], ["标题", "小例"], ["城市", "甲市"], ["年度", "2022"],
           ["本区", "东区"], ["对标区", "西区"], ["数据性质", "示例数据"], ["并列规则", "同位"],
           ["得分小数位", "2"], ["对账容差", "0.01"]],
    "区县": [["区县", "角色", "分组"], ["东区", "本区", "城区"], ["西区", "对标", "城区"],
           ["南县", "周边", "县域"], ["北县", "其他", "县域"]],
    "考核方案": [["代码", "名称", "上级", "权重", "方向", "计分方法", "参数", "缺失处理", "单位"],
             ["T", "总分", "", "", "", "", "", "", ""],
             ["A", "规模", "T", "60", "", "", "", "", ""],
             ["B", "认定", "T", "40", "", "", "", "", ""],
             ["A1", "开票销售", "A", "70", "正向", "功效系数", "底分=60；满分=100", "", "亿元"],
             ["A2", "销售增速", "A", "30", "正向", "功效系数", "", "", "%"],
             ["B1", "技术中心", "B", "100", "正向", "占优比", "", "剔除", "家"]],
    "指标值": [["年份", "区县", "指标", "数值", "下界", "上界", "来源", "状态"],
            ["2022", "东区", "A1", "300", "", "", "快报", "示例"],
            ["2022", "西区", "A1", "473.6", "", "", "讲话", "公布"],
            ["2022", "南县", "A1", "250", "", "", "快报", "示例"],
            ["2022", "北县", "A1", "**", "100", "200", "快报", "示例"],
            ["2022", "东区", "A2", "8.2", "", "", "快报", "示例"],
            ["2022", "西区", "A2", "6.5", "", "", "快报", "示例"],
            ["2022", "南县", "A2", "-1.5", "", "", "快报", "示例"],
            ["2022", "北县", "A2", "4", "", "", "快报", "示例"],
            ["2022", "东区", "B1", "12", "", "", "快报", "示例"],
            ["2022", "西区", "B1", "20", "", "", "快报", "示例"],
            ["2022", "南县", "B1", "—", "", "", "快报", "示例"],
            ["2022", "北县", "B1", "5", "", "", "快报", "示例"]],
    "加减分": [["年份", "区县", "节点", "类型", "分值", "事由"],
            ["2022", "东区", "T", "加分", "0.5", "督查激励"],
            ["2022", "南县", "T", "扣分", "1", "约谈"],
            ["2022", "北县", "B", "否决", "", "事故"]],
    "公布结果": [["年份", "区县", "节点", "得分", "位次"],
             ["2022", "东区", "T", "82.5", "2"], ["2022", "西区", "T", "90.1", "1"],
             ["2022", "南县", "T", "80", "1"], ["2022", "北县", "T", "**", "**"]],
    "时间序列": [["区县", "指标", "期间", "口径", "数值", "单位", "同比"],
             ["东区", "开票销售", "2021", "", "280", "亿元", "5"],
             ["东区", "开票销售", "2022-03", "累计", "70", "亿元", "6.1"]],
    "镇街园区": [["名称", "类型"], ["一镇", "镇"], ["高新园", "园区"]],
    "企业": [["统一社会信用代码", "企业名称", "镇街园区", "是否规上", "营业收入（万元）", "职工人数", "发明专利"],
           ["91350100M000100Y43", "甲精密机械有限公司", "一镇", "是", "8650", "126", "3"],
           ["", "乙（甲市）电子有限公司", "高新园", "否", "—", "18", ""]],
    "认定条件": [["认定", "条款", "字段", "比较", "门槛", "单位"],
             ["专精特新", "硬条件", "研发费用", ">=", "100", "万元"]],
    "认定名单": [["认定", "企业名称", "年份", "区县"], ["绿色工厂", "甲精密机械有限公司", "2021", "东区"]],
}


def base() -> dict[str, list[list]]:
    """A fresh copy of the valid case."""
    return copy.deepcopy(BASE)


def write_folder(folder: Path, sheets: dict[str, list[list]], encoding: str = "utf-8-sig",
                 delimiter: str = ",", errors: str = "strict") -> Path:
    """The sheets as CSVs in a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in sheets.items():
        text = io.StringIO()
        csv.writer(text, delimiter=delimiter, lineterminator="\r\n").writerows(rows)
        (folder / f"{name}.csv").write_bytes(text.getvalue().encode(encoding, errors))
    return folder


def number(cell):
    """What Excel would store for a typed cell: a number if it looks like one."""
    try:
        return float(cell)
    except (TypeError, ValueError):
        return cell or None


def write_workbook(path: Path, sheets: dict[str, list[list]], edit=None) -> Path:
    """The sheets as a workbook; `edit(book)` may spoil it before saving."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append([number(cell) for cell in row])
    if edit:
        edit(book)
    book.save(path)
    return path
