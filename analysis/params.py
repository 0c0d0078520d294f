"""Parameters of a scoring method: parsing the text a scheme carries and checking it.

The methods themselves are rows of ``tables/methods.csv``; this module reads that
table and never names a method.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache

from analysis.shipped import rows

YES, NO = ("是", "true", "1", "y", "yes"), ("否", "false", "0", "n", "no")
SWITCHES = {"对数", "截断"}
CHOICES = {"范围": ("全部", "组内"), "并列": ("同位", "平均", "紧凑", "顺延")}
NODE_CAPS = {"加分上限", "扣分上限"}
_NARROW = str.maketrans("＝；：｜，－．＜＞≥０１２３４５６７８９", "=;:|,-.<>≥0123456789")


class AssessmentError(ValueError):
    """A scheme or a set of values that cannot be scored; the message is Chinese."""


@dataclass(frozen=True)
class Method:
    """One row of ``methods.csv``."""

    name: str
    function: str
    defaults: dict
    required: tuple[str, ...]
    directions: tuple[str, ...]
    floor_key: str
    formula: str
    source: str


@cache
def methods() -> dict[str, Method]:
    """All scoring methods by their Chinese name."""
    found = {}
    for row in rows("methods"):
        defaults = {}
        for part in row["参数"].split("；"):
            key, _, value = part.partition("=")
            defaults[key] = _convert(key, value) if value else None
        found[row["方法"]] = Method(
            row["方法"], row["函数"], defaults,
            tuple(k for k in row["必需参数"].split("；") if k),
            tuple(row["方向"].split("|")), row["底分键"], row["公式"], row["出处"],
        )
    return found


def parse_params(method: str, text: str = "") -> dict:
    """Parameters of ``method`` written as ``底分=60；满分=100``, defaults filled in.

    Parameters
    ----------
    method : name in ``methods.csv``.
    text : ``键=值`` pairs separated by ``；`` (full or half width); may be empty.

    Returns
    -------
    dict of every parameter of the method; unset ones are ``None``.

    Raises
    ------
    AssessmentError naming every fault in ``text``.
    """
    values, faults = _read(text)
    known = methods().get(method)
    if known is None:
        raise AssessmentError(f"没有名为“{method}”的计分方法；可用：{'、'.join(methods())}")
    for key in [k for k in values if k not in known.defaults]:
        near = get_close_matches(key, known.defaults, 2, 0.5)
        hint = "，是否应为" + "或".join(f"“{name}”" for name in near) if near else ""
        faults.append(f"计分方法“{method}”没有参数“{key}”{hint}；可用：{'、'.join(known.defaults)}")
        values.pop(key)
    result = {**known.defaults, **values}
    faults += [f"计分方法“{method}”必须写明参数“{key}”" for key in known.required if result[key] is None]
    faults += _contradictions(method, result)
    if faults:
        raise AssessmentError("；".join(faults))
    return result


def check_params(method: str, text: str, direction: str = "正向") -> list[str]:
    """Chinese sentences for everything wrong with a method, its parameters and direction."""
    try:
        params = parse_params(method, text)
    except AssessmentError as error:
        return str(error).split("；")
    direction = direction or "正向"
    faults = []
    if direction not in methods()[method].directions:
        faults.append(f"计分方法“{method}”不能用于{direction}指标；可用：{'、'.join(methods()[method].directions)}")
    elif direction == "适度":
        if params.get("目标") is None:
            faults.append("适度指标必须在参数里写明目标，如 目标=60")
        if params.get("下限") is not None or params.get("上限") is not None or params.get("对数"):
            faults.append("适度指标按与目标的距离计分，不能再写下限、上限或对数")
    elif params.get("目标") is not None and "目标" not in methods()[method].required:
        faults.append("参数“目标”只用于适度指标（或完成率、距目标两种方法）")
    if methods()[method].function == "distance_to_target":
        key, wrong = ("上限", lambda a, b: a <= b) if direction == "逆向" else ("下限", lambda a, b: a >= b)
        if params[key] is not None and wrong(params[key], params["目标"]):
            faults.append(f"{direction}指标的{key}（{params[key]:g}）已达到目标（{params['目标']:g}），无法计算距离")
    if params.get("档次"):
        scores = [score for _, score in params["档次"]["steps"]]
        ordered = sorted(scores, reverse=direction == "逆向")
        below = params["档次"]["outside"]
        worst = below is None or below <= min(scores)
        if scores != ordered or not worst:
            faults.append(f"分档得分应随数值{'减小' if direction == '逆向' else '增大'}而不减")
    return faults


def node_params(text: str) -> dict[str, float]:
    """Caps on the bonus and deduction of a node: ``加分上限=5；扣分上限=3``."""
    values, faults = _read(text)
    faults += [f"节点参数只能写 加分上限、扣分上限，不认识“{k}”" for k in values if k not in NODE_CAPS]
    if faults:
        raise AssessmentError("；".join(faults))
    return values


def _read(text: str) -> tuple[dict, list[str]]:
    values, faults = {}, []
    for part in str(text or "").translate(_NARROW).replace("\n", ";").split(";"):
        part = part.strip()
        if not part:
            continue
        key, equals, value = (piece.strip() for piece in part.partition("="))
        if not equals or not key or not value:
            faults.append(f"参数“{part}”应写成 名称=值")
        elif key in values:
            faults.append(f"参数“{key}”重复")
        else:
            try:
                values[key] = _convert(key, value)
            except ValueError as error:
                faults.append(str(error))
    return values, faults


def _convert(key: str, value: str):
    if key in SWITCHES:
        if value.lower() in YES + NO:
            return value.lower() in YES
        raise ValueError(f"参数“{key}”只能写 是 或 否，现为“{value}”")
    if key in CHOICES:
        if value in CHOICES[key]:
            return value
        raise ValueError(f"参数“{key}”只能写 {'、'.join(CHOICES[key])}，现为“{value}”")
    if key == "档次":
        return _bands(value)
    try:
        number = float(value.replace(",", ""))
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        hint = "；两个参数之间要用分号“；”隔开" if "=" in value else ""
        raise ValueError(f"参数“{key}”应为数值，现为“{value}”{hint}")
    return number


def _bands(text: str) -> dict:
    """``<60:0|60:60|80:80`` as thresholds in rising order and the score outside them."""
    steps, outside = [], None
    for part in text.split("|"):
        edge, colon, score = part.strip().partition(":")
        edge = edge.strip().lstrip("≥")
        try:
            if not colon:
                raise ValueError
            if edge[:1] in "<>" and edge:
                float(edge[1:])
                outside = float(score)
            else:
                steps.append((float(edge), float(score)))
        except ValueError:
            raise ValueError(f"档次“{part}”应写成 门槛:得分，如 80:100") from None
    edges = [edge for edge, _ in steps]
    if not steps or len(set(edges)) < len(edges):
        raise ValueError(f"档次“{text}”没有门槛或门槛重复")
    return {"steps": tuple(sorted(steps)), "outside": outside}


def _contradictions(method: str, p: dict) -> list[str]:
    faults = []
    if p.get("下限") is not None and p.get("上限") is not None and p["下限"] >= p["上限"]:
        faults.append(f"下限（{p['下限']:g}）应小于上限（{p['上限']:g}）")
    if p.get("底分") is not None and p.get("满分") is not None and p["底分"] >= p["满分"]:
        faults.append(f"底分（{p['底分']:g}）应小于满分（{p['满分']:g}）")
    if p.get("对数"):
        faults += [f"取对数时{k}必须大于 0" for k in ("下限", "上限", "目标") if p.get(k) is not None and p[k] <= 0]
    if methods()[method].function == "exponential_efficacy" and p["底分"] <= 0:
        faults.append("指数功效的底分必须大于 0")
    if methods()[method].function == "completion":
        if p["目标"] is not None and p["目标"] <= 0:
            faults.append("完成率的目标必须大于 0")
        if (p["每超"] is None) != (p["加分"] is None):
            faults.append("“每超”和“加分”要同时写，如 每超=1；加分=0.5")
        if p["每超"] is not None and p["每超"] <= 0:
            faults.append("“每超”必须大于 0")
        if p["封顶"] is not None and p["封顶"] < p["满分"]:
            faults.append("封顶不能低于满分")
    return faults
