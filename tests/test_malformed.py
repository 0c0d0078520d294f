"""Malformed inputs: each one thing wrong with a valid case, each found where it is.

A row of `CSV_CASES` spoils one sheet of the tiny case written as CSVs; a row of
`BOOK_CASES` spoils the workbook. Expected: level, sheet, row, column (None = not
stated) and a phrase of the message.
"""

import datetime as dt
import zipfile

import pytest
from casebook import base, write_folder, write_workbook
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.case import check_case, read_case
from analysis.cells import credit_check_character
from analysis.problems import CaseError


def put(sheet, row, column, text):
    """Set a cell, by Excel's row number and 0-based column."""
    return lambda s: s[sheet][row - 1].__setitem__(column, text)


def add(sheet, *row):
    """Append a row."""
    return lambda s: s[sheet].append(list(row))


def drop(sheet):
    """Leave a sheet out."""
    return lambda s: s.pop(sheet)


def drop_rows(sheet, test):
    """Leave out the data rows for which the test holds."""
    return lambda s: s.__setitem__(sheet, s[sheet][:1] + [r for r in s[sheet][1:] if not test(r)])


def both(*changes):
    """Several changes together."""
    return lambda s: [change(s) for change in changes]


def scenario(**changed):
    """A 情景 sheet of one good row, some of its cells changed."""
    good = {"情景": "放缓", "对象": "西区", "类型": "增速加减", "指标": "开票销售", "起始年": "2023", "数值": "-2", "单位": "百分点"}
    return lambda s: s.__setitem__("情景", [list(good), list({**good, **changed}.values())])


def outlook(potential, floor, cap, other=("", "", "")):
    """潜力, 增长下限 and 增长上限 of the two towns."""
    return lambda s: s.__setitem__("镇街园区", [["名称", "类型", "潜力", "增长下限", "增长上限"],
                                             ["一镇", "镇", potential, floor, cap], ["高新园", "园区", *other]])


def target(key, value):
    """One more row of 说明."""
    return add("说明", key, value)


def figures(**cells):
    """A 企业 sheet of one enterprise with these cells; money columns carry their unit."""
    money = {"营业收入", "主营业务收入", "研发费用", "负债总额"}
    return lambda s: s.__setitem__("企业", [["企业名称", "镇街园区", *(k + "（万元）" * (k in money) for k in cells)], ["甲机械有限公司", "一镇", *cells.values()]])


def with_check(body):
    """A credit code whose last character fits the 17 before it."""
    return body + credit_check_character(body)


def rename(sheet, column, header):
    """Change a header."""
    return put(sheet, 1, column, header)


E, W, N = "错误", "警告", "提示"
CSV_CASES = {
    # 说明
    "no 说明": (drop("说明"), E, "", None, "", "缺少必需的表「说明」"),
    "no 区县": (drop("区县"), E, "", None, "", "缺少必需的表「区县」"),
    "year missing": (put("说明", 4, 1, ""), E, "说明", 4, "值", "没有写明年度"),
    "year is text": (put("说明", 4, 1, "去年"), E, "说明", 4, "值", "不是年份"),
    "year without values": (put("说明", 4, 1, "2021"), E, "指标值", None, "年份", "没有 2021 年度的指标值"),
    "key twice": (add("说明", "年度", "2021"), E, "说明", 11, "键", "不止一次"),
    "home unknown": (put("说明", 5, 1, "东匹"), E, "说明", 5, "值", "不在区县表里"),
    "home disagrees": (put("说明", 5, 1, "南县"), E, "区县", 2, "角色", "说明表写的是「南县」"),
    "two homes": (put("区县", 3, 1, "本区"), E, "区县", 3, "角色", "有 2 个"),
    "no home": (both(put("区县", 2, 1, ""), put("说明", 5, 1, "")), E, "区县", None, "角色", "没有指明本区"),
    "benchmark unknown": (put("说明", 6, 1, "西园"), E, "说明", 6, "值", "对标区「西园」"),
    "benchmark is home": (put("说明", 6, 1, "东区"), E, "区县", None, "角色", "本区和对标区都是"),
    "benchmark disagrees": (put("说明", 6, 1, "南县"), W, "区县", 3, "角色", "以说明表为准"),
    "tie rule unknown": (put("说明", 8, 1, "随便"), E, "说明", 8, "值", "并列规则「随便」"),
    "decimals not a number": (put("说明", 9, 1, "两位"), E, "说明", 9, "值", "得分小数位"),
    "tolerance negative": (put("说明", 10, 1, "-1"), E, "说明", 10, "值", "对账容差"),
    "target year past": (target("目标年份", "2022"), E, "说明", 11, "值", "不晚于年度 2022"),
    "comparable year not before": (target("可比起始年", "2022"), E, "说明", 11, "值", "可比起始年 2022 不早于年度 2022"),
    "comparable year in words": (target("可比起始年", "起初"), E, "说明", 11, "值", "可比起始年「起初」不对"),
    "target year in words": (target("目标年份", "明年"), E, "说明", 11, "值", "目标年份「明年」不对"),
    "target probability in points": (target("目标概率", "80"), E, "说明", 11, "值", "目标概率「80」不是 0 到 1"),
    "target probability certain": (target("目标概率", "100%"), E, "说明", 11, "值", "目标概率「100%」"),
    "target probability negative": (target("目标概率", "-0.2"), E, "说明", 11, "值", "目标概率「-0.2」"),
    "chased indicator unknown": (target("追赶指标", "开票销售、增加值"), E, "说明", 11, "值", "追赶指标「增加值」不在时间序列表或认定名单里"),
    "target key misspelt": (target("目标年分", "2028"), N, "说明", 11, "键", "是不是“目标年份”"),
    # 区县
    "district twice": (add("区县", "东 区", "", ""), E, "区县", 6, "区县", "与第2行重复"),
    "role unknown": (put("区县", 4, 1, "邻居"), E, "区县", 4, "角色", "不在可选范围"),
    "district empty": (put("区县", 4, 0, ""), E, "区县", 4, "区县", "必填"),
    # structure
    "required column missing": (rename("指标值", 1, "哪里"), E, "指标值", 1, "区县", "缺少必需的列「区县」"),
    "header twice": (rename("指标值", 6, "数值"), E, "指标值", 1, "数值", "表头重复"),
    "two aliases of one column": (both(rename("指标值", 3, "值"), rename("指标值", 6, "数据")),
                                  E, "指标值", 1, "数据", "表头重复"),
    "header not found": (lambda s: s.__setitem__("指标值", [["甲", "乙"], ["1", "2"]]),
                         E, "指标值", None, "", "没有找到表头"),
    "sheet empty": (lambda s: s.__setitem__("区县", []), E, "区县", None, "", "表是空的"),
    "unknown column": (rename("指标值", 6, "来原"), N, "指标值", 1, "来原", "来源"),
    "content without header": (lambda s: s["指标值"][4].append("多出来"), W, "指标值", 5, "", "第 I 列"),
    "English and Chinese name of one sheet": (lambda s: s.__setitem__("towns", s["镇街园区"]),
                                              E, "镇街园区", None, "", "同一张表"),
    "unknown sheet": (lambda s: s.__setitem__("公布成果", [["a"]]), N, "", None, "", "是不是“公布结果”"),
    # numbers
    "decimal comma": (put("指标值", 2, 3, "1.234,5"), E, "指标值", 2, "数值", "不止一种读法"),
    "space inside": (put("指标值", 2, 3, "12 34"), E, "指标值", 2, "数值", "不止一种读法"),
    "range": (put("指标值", 2, 3, "3-5"), E, "指标值", 2, "数值", "区间"),
    "approximate": (put("指标值", 2, 3, "约12"), E, "指标值", 2, "数值", "约数"),
    "nan text": (put("指标值", 2, 3, "NaN"), E, "指标值", 2, "数值", "不是数字"),
    "infinity": (put("指标值", 2, 3, "inf"), E, "指标值", 2, "数值", "不是数字"),
    "absurd exponent": (put("指标值", 2, 3, "1e308"), E, "指标值", 2, "数值", "大得不合理"),
    "error value as text": (put("指标值", 2, 3, "#REF!"), E, "指标值", 2, "数值", "#REF!"),
    "brackets": (put("指标值", 2, 3, "(300)"), E, "指标值", 2, "数值", "带括号"),
    "single star": (put("指标值", 2, 3, "*"), E, "指标值", 2, "数值", "一个星号"),
    "not published in words": (put("指标值", 2, 3, "未公布"), E, "指标值", 2, "数值", "两种理解"),
    "footnote mark": (put("指标值", 2, 3, "300①"), E, "指标值", 2, "数值", "「300①」不是数字"),
    "percent in a money indicator": (put("指标值", 2, 3, "3%"), E, "指标值", 2, "数值", "「%」"),
    "wrong unit behind a number": (put("指标值", 12, 3, "12万人"), E, "指标值", 12, "数值", "「万人」"),
    "无 as a number": (put("指标值", 12, 3, "无"), N, "指标值", 12, "数值", "按没有数据处理"),
    "year two digits": (put("指标值", 2, 0, "22"), E, "指标值", 2, "年份", "不是年份"),
    "year empty": (put("指标值", 2, 0, ""), E, "指标值", 2, "年份", "必填"),
    # values
    "district unknown": (put("指标值", 2, 1, "东区区"), E, "指标值", 2, "区县", "是不是“东区”"),
    "total row": (add("指标值", "2022", "合计", "A1", "1000", "", "", "", ""), E, "指标值", 14, "区县", "「合计」"),
    "indicator unknown": (put("指标值", 2, 2, "A9"), E, "指标值", 2, "指标", "不在考核方案里"),
    "indicator name shared": (both(put("考核方案", 7, 1, "开票销售"), put("指标值", 2, 2, "开票销售")),
                              E, "指标值", 2, "指标", "可以指 2 个节点"),
    "value for an inner node": (put("指标值", 2, 2, "A"), E, "指标值", 2, "指标", "有下级"),
    "value twice": (add("指标值", "2022", "东区", "开票销售", "300", "", "", "", ""), E, "指标值", 14, "指标", "重复"),
    "value absent": (drop_rows("指标值", lambda r: r[1:3] == ["南县", "A2"]), E, "指标值", None, "数值",
                     "南县缺 2022 年「销售增速」（A2）"),
    "value blank under 报错": (put("指标值", 8, 3, "—"), E, "指标值", 8, "数值", "南县缺 2022 年"),
    "bounds crossed": (put("指标值", 5, 4, "300"), E, "指标值", 5, "下界", "大于上界"),
    "bounds beside a number": (both(put("指标值", 2, 4, "200"), put("指标值", 2, 5, "400")),
                               E, "指标值", 2, "数值", "既有数值又有上下界"),
    "number outside bounds": (put("指标值", 2, 4, "400"), E, "指标值", 2, "数值", "不在上下界之内"),
    "bounds without stars": (put("指标值", 12, 4, "1"), E, "指标值", 12, "数值", "数值却是空的"),
    "status unknown": (put("指标值", 2, 7, "正式"), E, "指标值", 2, "状态", "不在可选范围"),
    "unit of header contradicts": (rename("指标值", 3, "数值（家）"), E, "指标值", 2, "数值（家）", "对不上"),
    "money in the wrong unit": (both(put("指标值", 2, 3, "3000000"), put("指标值", 5, 3, "280"),
                                     put("指标值", 5, 4, ""), put("指标值", 5, 5, "")),
                                W, "指标值", 2, "数值", "指标值.csv!D2"),
    "values without scheme": (drop("考核方案"), E, "指标值", None, "", "却没有考核方案"),
    "nothing to analyse": (both(*map(drop, ("考核方案", "指标值", "加减分", "公布结果", "时间序列", "企业"))), E, "", None, "", "没有可分析的数据"),
    "adjustments without scheme": (both(drop("考核方案"), drop("指标值"), drop("公布结果")), E, "加减分", None, "节点", "有加减分，却没有考核方案"),
    "announcement without scheme": (both(drop("考核方案"), drop("指标值"), drop("加减分")), E, "公布结果", None, "节点", "有公布结果，却没有考核方案"),
    "year without series": (both(*map(drop, ("考核方案", "指标值", "加减分", "公布结果")), put("说明", 4, 1, "2020")),
                            E, "时间序列", None, "期间", "没有 2020 年度的时间序列"),
    "scheme without values": (drop("指标值"), E, "考核方案", None, "", "却没有指标值"),
    # scheme
    "code twice": (put("考核方案", 7, 0, "A1"), E, "考核方案", 7, "代码", "重复"),
    "two roots": (put("考核方案", 4, 2, ""), E, "考核方案", 4, "上级", "有 2 个节点没有上级"),
    "no root": (put("考核方案", 2, 2, "A"), E, "考核方案", None, "上级", "没有总分节点"),
    "cycle": (put("考核方案", 3, 2, "A1"), E, "考核方案", 3, "上级", "绕成了圈：A→A1→A"),
    "own parent": (put("考核方案", 3, 2, "A"), E, "考核方案", 3, "上级", "是它自己"),
    "parent unknown": (put("考核方案", 5, 2, "Z"), E, "考核方案", 5, "上级", "不在代码列里"),
    "weight negative": (put("考核方案", 5, 3, "-5"), E, "考核方案", 5, "权重", "负数"),
    "weight text": (put("考核方案", 5, 3, "七十"), E, "考核方案", 5, "权重", "不是数字"),
    "weight blank": (put("考核方案", 5, 3, ""), E, "考核方案", 5, "权重", "没有权重"),
    "weights all zero": (both(put("考核方案", 5, 3, "0"), put("考核方案", 6, 3, "")), E, "考核方案", 5, "权重", "全是零或空白"),
    "weight masked": (put("考核方案", 5, 3, "**"), E, "考核方案", 5, "权重", "不能写 **"),
    "leaf without method": (put("考核方案", 5, 5, ""), E, "考核方案", 5, "计分方法", "没有计分方法"),
    "inner node with method": (put("考核方案", 3, 5, "极差"), W, "考核方案", 3, "计分方法", "不起作用"),
    "method unknown": (put("考核方案", 5, 5, "打分"), E, "考核方案", 5, "计分方法", "不在可选范围"),
    "params unreadable": (put("考核方案", 5, 6, "底分60"), E, "考核方案", 5, "参数", "名称=值"),
    "params unknown": (put("考核方案", 5, 6, "底份=60"), E, "考核方案", 5, "参数", "底份"),
    "params of an inner node": (put("考核方案", 3, 6, "底分=60"), E, "考核方案", 3, "参数", "节点参数"),
    "direction unknown": (put("考核方案", 5, 4, "向上"), E, "考核方案", 5, "方向", "不在可选范围"),
    # adjustments, published
    "bonus below zero": (put("加减分", 2, 4, "-0.5"), E, "加减分", 2, "分值", "类型是加分"),
    "adjustment without points": (put("加减分", 3, 4, ""), E, "加减分", 3, "分值", "没有分值"),
    "veto below zero": (put("加减分", 4, 4, "-1"), E, "加减分", 4, "分值", "一票否决"),
    "two vetoes": (add("加减分", "2022", "北县", "B", "一票否决", "", "又一"), W, "加减分", 5, "类型", "不止一条"),
    "adjustment twice": (add("加减分", "2022", "东区", "总分", "加分", "0.5", "督查激励"), W, "加减分", 5, "分值", "完全相同"),
    "adjustment node unknown": (put("加减分", 2, 2, "总得分"), E, "加减分", 2, "节点", "是不是“总分”"),
    "rank zero": (put("公布结果", 2, 4, "0"), E, "公布结果", 2, "位次", "不是正整数"),
    "rank fraction": (put("公布结果", 2, 4, "1.5"), E, "公布结果", 2, "位次", "不是正整数"),
    "rank too large": (put("公布结果", 2, 4, "9"), E, "公布结果", 2, "位次", "大于区县数 4"),
    "published twice": (add("公布结果", "2022", "东区", "总分", "82.5", "2"), E, "公布结果", 6, "节点", "重复"),
    "equal scores, unequal ranks": (put("公布结果", 2, 3, "90.1"), W, "公布结果", 2, "位次", "得分相同"),
    "rank against score": (put("公布结果", 2, 3, "95"), W, "公布结果", 3, "位次", "低于东区"),
    # series
    "period unreadable": (put("时间序列", 3, 2, "2022.1"), E, "时间序列", 3, "期间", "10 月"),
    "observation twice": (add("时间序列", "东区", "开票销售", "2022年3月", "累计", "70", "亿元", ""), E, "时间序列", 4, "期间", "重复"),
    "basis not stated": (put("时间序列", 3, 3, ""), W, "时间序列", 3, "口径", "当期数还是累计数"),
    "two units of one indicator": (put("时间序列", 3, 5, "家"), E, "时间序列", 3, "单位", "单位不一致"),
    "unit column against header": (rename("时间序列", 4, "数值（万元）"), E, "时间序列", 2, "单位", "表头写「万元」"),
    # scenarios
    "scenario of an unknown district": (scenario(对象="西园"), E, "情景", 2, "对象", "「西园」不在区县表里，是不是“西区”"),
    "scenario of nobody": (scenario(对象=""), E, "情景", 2, "对象", "必填"),
    "scenario of a benchmark that is not named": (
        both(scenario(对象="对标区"), put("说明", 6, 1, ""), put("区县", 3, 1, "其他")), E, "情景", 2, "对象", "没有指明哪个区县是对标区"),
    "scenario kind unknown": (scenario(类型="涨价"), E, "情景", 2, "类型", "不在可选范围"),
    "scenario of an unknown indicator": (scenario(指标="开票收入"), E, "情景", 2, "指标", "不在时间序列表里，是不是“开票销售”"),
    "scenario unit of another kind": (scenario(单位="%"), E, "情景", 2, "单位", "增速加减的单位应为「百分点」"),
    "growth set in points": (scenario(类型="增速设定", 单位="百分点"), E, "情景", 2, "单位", "增速设定的单位应为「%」"),
    "scenario without unit": (scenario(单位=""), E, "情景", 2, "单位", "必填"),
    "project in firms": (scenario(类型="大项目", 数值="5", 单位="家"), E, "情景", 2, "单位", "大项目的单位应为「亿元」"),
    "project in an indicator that is not money": (
        both(scenario(类型="大项目", 指标="企业数", 数值="5", 单位="亿元"), add("时间序列", "东区", "企业数", "2021", "", "9", "家", "")),
        E, "情景", 2, "指标", "单位却是「家」"),
    "project of less than nothing": (scenario(类型="大项目", 数值="-5", 单位="亿元"), E, "情景", 2, "数值", "不是正数"),
    "half a firm": (scenario(类型="新增规上企业", 数值="2.5", 单位="家"), E, "情景", 2, "数值", "不是整数"),
    "price to below nothing": (scenario(类型="价格影响", 数值="-100", 单位="%"), E, "情景", 2, "数值", "不大于 -100%"),
    "scenario without value": (scenario(数值=""), E, "情景", 2, "数值", "没有数值"),
    "scenario value with a percent sign": (scenario(类型="增速设定", 数值="5%", 单位="%"), E, "情景", 2, "数值", "百分号"),
    "scenario value masked": (scenario(数值="**"), E, "情景", 2, "数值", "不能写 **"),
    "scenario value in words": (scenario(数值="放缓"), E, "情景", 2, "数值", "不是数字"),
    "scenario unit in the header": (both(scenario(), rename("情景", 5, "数值（百分点）")), E, "情景", None, "数值（百分点）", "各类情景的单位不同"),
    "scenario start missing": (scenario(起始年=""), E, "情景", 2, "起始年", "必填"),
    "scenario in the past": (scenario(起始年="2022"), W, "情景", 2, "起始年", "不晚于年度 2022"),
    "scenario twice": (both(scenario(), add("情景", "放缓", "西 区", "增速加减", "开票销售", "2023", "-3", "百分点")),
                       E, "情景", 3, "情景", "第2行已有"),
    "scenarios without series": (both(scenario(指标=""), drop("时间序列")), E, "情景", None, "", "却没有时间序列"),
    # towns, enterprises, recognitions
    "potential negative": (outlook("-1", "", ""), E, "镇街园区", 2, "潜力", "「一镇」的潜力 -1 是负数"),
    "potential zero everywhere": (outlook("0", "", "", ("0", "", "")), E, "镇街园区", 2, "潜力", "潜力全是零"),
    "floor above cap": (outlook("", "12", "8"), E, "镇街园区", 2, "增长下限", "增长下限 12% 高于增长上限 8%"),
    "cap below nothing": (outlook("", "", "-100"), E, "镇街园区", 2, "增长上限", "不大于 -100%"),
    "town twice": (add("镇街园区", "一镇", "镇"), E, "镇街园区", 4, "名称", "重复"),
    "town kind unknown": (put("镇街园区", 2, 1, "村"), E, "镇街园区", 2, "类型", "不在可选范围"),
    "town unknown": (put("企业", 2, 2, "二镇"), E, "企业", 2, "镇街园区", "不在镇街园区表里"),
    "money without unit": (rename("企业", 4, "营业收入"), E, "企业", 1, "营业收入", "没有写明单位"),
    "money in dollars": (rename("企业", 4, "营业收入（万美元）"), E, "企业", 1, "营业收入（万美元）", "不能换算"),
    "enterprise twice": (add("企业", "", "甲精密机械有限公司", "一镇", "", "", "", ""), E, "企业", 4, "企业名称", "与第2行重复"),
    "enterprise differs by brackets": (add("企业", "", "乙(甲市)电子有限公司", "一镇", "", "", "", ""), W, "企业", 4, "企业名称", "只差全半角"),
    "credit code short": (put("企业", 2, 0, "91350100M00010043"), E, "企业", 2, "统一社会信用代码", "17 位"),
    "credit code letter": (put("企业", 2, 0, "91350100M0001O0Y43"), E, "企业", 2, "统一社会信用代码", "不允许的字符 O"),
    "credit code check digit": (put("企业", 2, 0, "91350100M000100Y44"), W, "企业", 2, "统一社会信用代码", "校验位"),
    "credit code twice": (put("企业", 3, 0, "91350100M000100Y43"), E, "企业", 3, "统一社会信用代码", "重复"),
    "flag unclear": (put("企业", 2, 3, "也许"), E, "企业", 2, "是否规上", "是还是否"),
    "own column nearly numeric": (lambda s: [s["企业"].append(["", f"丙{i}公司", "一镇", "", "", "", str(i)]) for i in range(6)]
                                  + [s["企业"].append(["", "丁公司", "一镇", "", "", "", "约3"])],
                                  N, "企业", 10, "发明专利", "整列按文字处理"),
    "clause unknown": (put("认定条件", 2, 1, "条件"), E, "认定条件", 2, "条款", "不在可选范围"),
    "comparison unknown": (put("认定条件", 2, 3, "大约"), E, "认定条件", 2, "比较", "不在可选范围"),
    "date impossible": (both(rename("认定条件", 5, "适用起"), put("认定条件", 2, 5, "2022-02-30")),
                        E, "认定条件", 2, "适用起", "不是能确定的日期"),
    "tolerance in words": (both(rename("认定条件", 5, "容差"), put("认定条件", 2, 5, "少许")), E, "认定条件", 2, "容差", "看不懂"),
    "R&D above revenue": (figures(研发费用="900", 营业收入="850"), W, "企业", 2, "研发费用（万元）", "研发费用 900 万元大于营业收入 850 万元"),
    "more researchers than staff": (figures(研发人员数="20", 职工人数="12"), W, "企业", 2, "研发人员数", "大于职工人数"),
    "main revenue above revenue": (figures(主营业务收入="900", 营业收入="850"), W, "企业", 2, "主营业务收入（万元）", "大于营业收入"),
    "debt below zero": (figures(负债总额="-5"), W, "企业", 2, "负债总额（万元）", "负债总额 -5 是负数"),
    "half a person": (figures(职工人数="12.5"), W, "企业", 2, "职工人数", "不是整数"),
    "share above everything": (figures(细分市场占有率="130"), W, "企业", 2, "细分市场占有率", "大于 100%"),
    "founded in the future": (figures(成立年份="2023"), W, "企业", 2, "成立年份", "晚于年度 2022"),
    "in the market before there was a firm": (figures(成立年份="2020", 从事细分市场年限="9"), W, "企业", 2, "从事细分市场年限", "长于成立以来的 2 年"),
    "text in a number of the roster": (figures(研发费用="约三百"), E, "企业", 2, "研发费用（万元）", "约数"),
    "enterprise differs by form": (add("企业", "", "甲精密机械有限责任公司", "一镇", "", "", "", ""), W, "企业", 4, "企业名称", "可能是同一家：规范名称相同"),
    "enterprise differs by city": (add("企业", "", "甲市乙电子有限公司", "一镇", "", "", "", ""), W, "企业", 4, "企业名称", "第3行的「乙（甲市）电子有限公司」可能是同一家"),
    "former name of another": (both(rename("企业", 6, "曾用名"), put("企业", 2, 6, ""), put("企业", 3, 6, "甲精密机械有限公司")),
                               W, "企业", 3, "企业名称", "曾用名"),
    "organisation code": (put("企业", 2, 0, "91350100M000100Z9U"), E, "企业", 2, "统一社会信用代码", "不允许的字符 Z"),
    "organisation check digit": (put("企业", 2, 0, with_check("91350100M000100X4")), W, "企业", 2, "统一社会信用代码", "第 17 位（组织机构代码校验位）"),
    "region of letters": (put("企业", 2, 0, with_check("9135A100M000100Y4")), W, "企业", 2, "统一社会信用代码", "第 3–8 位"),
    "recognised in the future": (put("认定名单", 2, 2, "2099"), W, "认定名单", 2, "年份", "2099 在将来"),
    "recognised after the year": (put("认定名单", 2, 2, "2023"), N, "认定名单", 2, "年份", "有 1 行的年份晚于年度 2022"),
    "valid to before it began": (both(put("认定名单", 1, 3, "有效期至"), put("认定名单", 2, 3, "2019-12-31")), W, "认定名单", 2, "有效期至", "早于认定年份 2021"),
    "one code, two names": (lambda s: s.__setitem__("认定名单", [["认定", "企业名称", "年份", "统一社会信用代码"], ["绿色工厂", "甲公司", "2021", "91350100M000100Y43"],
                                                          ["技术中心", "丙公司", "2021", "91350100M000100Y43"]]),
                            W, "认定名单", 3, "统一社会信用代码", "第2行却是「甲公司」"),
    "rule of no column": (put("认定条件", 2, 2, "研发经费"), E, "认定条件", 2, "字段", "不是企业表的列名"),
    "rule without threshold": (put("认定条件", 2, 4, ""), E, "认定条件", 2, "门槛", "不是数字"),
    "its own prerequisite": (add("认定条件", "专精特新", "前置", "专精特新", "已认定", "", ""), E, "认定条件", 3, "字段", "绕成了圈：专精特新→专精特新"),
    "recognised elsewhere": (put("认定名单", 2, 3, "外省"), N, "认定名单", 2, "区县", "有 1 行"),
    "recognised twice": (add("认定名单", "绿色工厂", "甲精密机械有限公司", "2021", "东区"), W, "认定名单", 3, "企业名称", "重复"),
}


def expect(problems, level, sheet, row, column, phrase):
    hits = [p for p in problems if phrase in p.message
            and (p.level, p.sheet, p.row, p.column) == (level, sheet, row, column)]
    assert hits, [str(p) for p in problems]
    assert hits[0].fix and hits[0].file


def read_or_refuse(path, level):
    """read_case refuses exactly what check_case calls an error."""
    if level == E:
        with pytest.raises(CaseError):
            read_case(path)
    else:
        read_case(path)


@pytest.mark.parametrize("name", CSV_CASES)
def test_a_spoilt_sheet_is_reported_where_it_is_wrong(tmp_path, name):
    spoil, *expected = CSV_CASES[name]
    sheets = base()
    spoil(sheets)
    folder = write_folder(tmp_path / "case", sheets)
    expect(check_case(folder), *expected)
    read_or_refuse(folder, expected[0])


def cell(sheet, address, value):
    return lambda book: book[sheet].__setitem__(address, value)


def error_value(book):
    book["指标值"]["D2"] = "#DIV/0!"
    book["指标值"]["D2"].data_type = "e"


def error_in_text(book):
    book["指标值"]["B2"] = "#N/A"
    book["指标值"]["B2"].data_type = "e"


def merged_numbers(book):
    book["指标值"].merge_cells("D2:D3")


def merged_across(book):
    book["指标值"].merge_cells("B2:C2")


def percent_in_money(book):
    book["企业"]["E2"] = 0.5
    book["企业"]["E2"].number_format = "0%"


def year_as_date_format(book):
    book["指标值"]["A2"] = 2022
    book["指标值"]["A2"].number_format = "yyyy-mm-dd"


def hide(book):
    book["企业"].sheet_state = "hidden"


def second_tab(book):
    book.create_sheet("指标值 ").append(["年份", "区县", "指标"])


BOOK_CASES = {
    "error value": (error_value, E, "指标值", 2, "数值", "D2 是 Excel 错误值 #DIV/0!"),
    "error value in text": (error_in_text, E, "指标值", 2, "区县", "#N/A"),
    "formula without result": (cell("指标值", "D2", "=1+1"), E, "指标值", 2, "数值", "D2 是公式"),
    "formula in a text column": (cell("指标值", "B2", '="东"&"区"'), E, "指标值", 2, "区县", "B2 是公式"),
    "merged numbers": (merged_numbers, E, "指标值", 2, "数值", "D2:D3"),
    "merged across": (merged_across, E, "指标值", 2, "区县", "跨列合并"),
    "percent format in money": (percent_in_money, E, "企业", 2, "营业收入（万元）", "百分号"),
    "number turned into a date": (cell("指标值", "D2", dt.date(2022, 3, 5)), E, "指标值", 2, "数值", "日期"),
    "number is a truth value": (cell("指标值", "D2", True), E, "指标值", 2, "数值", "逻辑值"),
    "year shown as a date": (year_as_date_format, E, "指标值", 2, "年份", "1905"),
    "period on a day": (cell("时间序列", "C3", dt.date(2022, 3, 15)), E, "时间序列", 3, "期间", "2022-03-15"),
    "credit code as a number": (cell("企业", "A2", 913501001234567890), E, "企业", 2, "统一社会信用代码", "存成了数字"),
    "hidden sheet": (hide, W, "企业", None, "", "隐藏"),
    "two tabs of one name": (second_tab, E, "指标值", None, "", "同一张表"),
}


@pytest.mark.parametrize("name", BOOK_CASES)
def test_a_spoilt_workbook_is_reported_where_it_is_wrong(tmp_path, name):
    spoil, *expected = BOOK_CASES[name]
    path = write_workbook(tmp_path / "case.xlsx", base(), spoil)
    expect(check_case(path), *expected)
    read_or_refuse(path, expected[0])


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
FILES = {
    "empty.xlsx": (b"", "0 字节"),
    "garbage.xlsx": (b"\x00\xffgarbage" * 50, "已损坏"),
    "broken zip.xlsx": (b"PK\x03\x04" + b"x" * 200, "已损坏"),
    "password.xlsx": (OLE + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"), "有密码"),
    "old content.xlsx": (OLE + b"\0" * 600, "旧版 .xls"),
    "old.xls": (OLE, "不支持「.xls」"),
    "wps.et": (OLE, "不支持「.et」"),
    "single.csv": (b"a,b\n1,2\n", "单个 CSV"),
    "no suffix": (b"a", "没有扩展名"),
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_no_case_says_what_to_do(tmp_path, name):
    content, phrase = FILES[name]
    (tmp_path / name).write_bytes(content)
    problems = check_case(tmp_path / name)
    assert len(problems) == 1 and problems[0].level == E and problems[0].file == name
    assert phrase in problems[0].message and problems[0].fix
    read_or_refuse(tmp_path / name, E)


def test_a_zip_that_is_not_a_workbook_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "x.xlsx", "w") as archive:
        archive.writestr("a.txt", "a")
    assert "已损坏" in check_case(tmp_path / "x.xlsx")[0].message


@pytest.mark.parametrize("part", ["xl/worksheets/sheet4.xml", "xl/styles.xml", "xl/workbook.xml",
                                  "xl/_rels/workbook.xml.rels"])
@pytest.mark.parametrize("keep", [0, 0.5, 0.97])
def test_a_workbook_cut_short_inside_never_escapes_as_a_traceback(tmp_path, part, keep):
    path = write_workbook(tmp_path / "whole.xlsx", base())
    cut = tmp_path / "cut.xlsx"
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(cut, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            target.writestr(name, content[:int(len(content) * keep)] if name == part else content)
    problems = check_case(cut)
    assert all(p.message and p.file for p in problems)


def test_folders_without_tables_and_binary_or_unbalanced_csvs_are_reported(tmp_path):
    (tmp_path / "空").mkdir()
    assert "没有 CSV" in check_case(tmp_path / "空")[0].message
    folder = write_folder(tmp_path / "case", base())
    (folder / "企业.csv").write_bytes(b"\x00\x01\x02\xff" * 40)
    with (folder / "镇街园区.csv").open("ab") as file:
        file.write('"三镇,镇\r\n四镇,镇'.encode())
    problems = check_case(folder)
    expect(problems, E, "企业", None, "", "不是文本文件")
    expect(problems, E, "镇街园区", 4, "", "双引号不成对")


DAMAGE = ["", "**", "—", "无", "1.2.3", "T", "A", "A1", "2022", "东区", "#REF!", "x" * 300, "是", "-1", "0",
          "1e400", "\n", "（", "=1", "'", '"', "合计", "注：x", "名称", "本区", "否决", "2022Q1", "，"]


@settings(max_examples=60)
@given(st.lists(st.tuples(st.sampled_from([*sorted(base()), "情景"]), st.integers(0, 12), st.integers(0, 8),
                          st.sampled_from(DAMAGE) | st.text(max_size=5)), max_size=8))
def test_no_combination_of_damage_escapes_as_a_traceback(tmp_path_factory, damage):
    sheets = base()
    scenario(指标="")(sheets)
    outlook("1", "2", "8")(sheets)
    for name, row, column, text in damage:
        rows = sheets[name]
        cells = rows[row % len(rows)]
        cells[column % len(cells)] = text
    folder = write_folder(tmp_path_factory.mktemp("case"), sheets, "utf-8-sig", errors="replace")
    for problem in check_case(folder):
        assert problem.level in (E, W, N) and problem.message and problem.file
        assert "\n" not in str(problem)


def test_merges_that_reach_past_the_last_row_are_harmless(tmp_path):
    def merge(book):
        book["镇街园区"].merge_cells("A1:A9")

    assert check_case(write_workbook(tmp_path / "case.xlsx", base(), merge))


def test_all_problems_come_at_once(tmp_path):
    sheets = base()
    chosen = ["decimals not a number", "role unknown", "range", "weight negative", "rank zero",
              "town kind unknown", "flag unclear", "clause unknown", "bonus below zero"]
    for name in chosen:
        CSV_CASES[name][0](sheets)
    problems = check_case(write_folder(tmp_path / "case", sheets))
    for name in chosen:
        expect(problems, *CSV_CASES[name][1:])


def test_one_cause_does_not_drown_the_rest(tmp_path):
    sheets = base()
    sheets["企业"] += [["", f"企业{i}", "二镇", "", "", "", ""] for i in range(500)]
    sheets["认定条件"][1][1] = "条件"
    problems = check_case(write_folder(tmp_path / "case", sheets))
    assert len(problems) == 22 and any("另有 480 处" in p.message for p in problems)
    expect(problems, E, "认定条件", 2, "条款", "不在可选范围")


def test_there_are_at_least_sixty_distinct_malformed_inputs():
    assert len(CSV_CASES) + len(BOOK_CASES) + len(FILES) >= 60
