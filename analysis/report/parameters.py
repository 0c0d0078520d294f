"""Notebook parameters checked before a kernel starts, and written readably into the notebook."""

from __future__ import annotations

import ast
import difflib
import re
from collections.abc import Collection, Mapping
from pathlib import Path


class ParameterError(ValueError):
    """A parameter has a wrong name, type or value; the message is for the user."""


def read_notebook(path: Path) -> object:
    """The notebook with the kernel metadata that papermill insists on."""
    from analysis.report.engine import papermill_ready

    papermill_ready()  # It knows how to load quickly what nbformat loads as well.
    import nbformat

    nb = nbformat.read(path, as_version=4)
    nb.metadata.setdefault("kernelspec", {"name": "python3", "display_name": "Python 3", "language": "python"})
    nb.metadata.kernelspec.setdefault("language", "python")
    return nb


def declared(nb: object) -> dict[str, dict]:
    """name -> {type, default, help} of the cell tagged ``parameters``, in order."""
    from analysis.report.engine import papermill_ready

    found = papermill_ready().inspect_notebook(nb)
    result = {}
    for name, item in found.items():
        try:
            default = ast.literal_eval(item["default"])
        except (ValueError, SyntaxError):
            default = None
        kind = item["inferred_type_name"].strip("\"' ")
        if kind == "None":
            kind = type(default).__name__ if default is not None else ""
        result[name] = {"type": kind, "default": default, "help": item["help"]}
    return result


def _allowed(kind: str) -> set[str]:
    words = set(re.findall(r"[A-Za-z]+", kind))
    return (words | {"None"}) if words & {"Optional", "NoneType", "None"} else words


def convert(name: str, value: object, kind: str) -> object:
    """``value`` as the declared type, or a ParameterError in Chinese.

    Text from a command line becomes a number only where a number is declared:
    "0012" stays text for ``str`` and is refused for nothing.
    """
    allowed = _allowed(kind)
    if not allowed & {"int", "float", "bool", "str", "None", "list", "dict", "tuple"}:
        return value
    if value is None:
        if "None" in allowed:
            return None
        raise ParameterError(f"参数 {name} 不能为空，应为{_words(allowed)}")
    if "bool" in allowed:
        if isinstance(value, bool):
            return value
        known = {"true": True, "是": True, "1": True, "false": False, "否": False, "0": False}
        if isinstance(value, str) and value.strip().lower() in known:
            return known[value.strip().lower()]
    if isinstance(value, bool) and "bool" not in allowed:
        raise ParameterError(f"参数 {name} 应为{_words(allowed)}，得到的是“{'是' if value else '否'}”")
    if "int" in allowed:
        if isinstance(value, int):
            return value
        if isinstance(value, str) and re.fullmatch(r"\s*[+-]?\d+\s*", value, re.ASCII):
            return int(value)
    if "float" in allowed:
        if isinstance(value, (int, float)):
            return float(value)
        if isinstance(value, str) and re.fullmatch(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*", value, re.ASCII):
            return float(value)
    if "str" in allowed and isinstance(value, str):
        return value
    if "None" in allowed and isinstance(value, str) and value.strip() == "":
        return None
    for word, type_ in (("list", list), ("dict", dict), ("tuple", tuple)):
        if word in allowed and isinstance(value, type_):
            return value
    raise ParameterError(f"参数 {name} 应为{_words(allowed)}，得到的是“{value}”")


def _words(allowed: set[str]) -> str:
    names = {"int": "整数", "float": "数", "bool": "是或否", "str": "文字", "list": "列表", "dict": "字典", "tuple": "列表"}
    return "或".join(dict.fromkeys(names[word] for word in sorted(allowed) if word in names)) or "空值"


def suggest(word: str, known: list[str]) -> str:
    """“，是不是想写：…” or what there is to choose from."""
    close = difflib.get_close_matches(word, known, n=3, cutoff=0.4) or [k for k in known if word and (word in k or k in word)][:3]
    if close:
        return f"。是不是想写：{'、'.join(close)}？"
    shown = "、".join(known[:12])
    return f"。可用的有：{shown}{'等' if len(known) > 12 else ''}" if known else ""


def for_notebook(given: Mapping[str, object], known: Mapping[str, dict]) -> dict[str, object]:
    """The given parameters that this notebook declares, converted to their types."""
    return {name: convert(name, value, known[name]["type"]) for name, value in given.items() if name in known}


def check_names(given: Mapping[str, object], notebooks: Mapping[str, Mapping[str, dict]], private: Collection[str] = ("case",)) -> None:
    """Refuse a parameter that no chosen notebook declares, and those that are the runner's own (``private``)."""
    every = sorted({name for known in notebooks.values() for name in known} - {*private})
    for name in given:
        if name == "case":
            raise ParameterError("案例请直接写在命令里，不要作为参数传入")
        if name not in every:
            raise ParameterError(f"没有名为 {name} 的参数{suggest(name, every)}")


def check_against_case(given: Mapping[str, object], case: object) -> dict[str, object]:
    """``district``, ``benchmark`` and ``year`` must exist in the case."""
    names = [str(name) for name in getattr(case, "districts")["district"]]
    for key, label in (("district", "区县"), ("benchmark", "对标区县")):
        value = given.get(key)
        if value not in (None, "") and value not in names:
            raise ParameterError(f"{case.name} 里没有{label}“{value}”{suggest(str(value), names)}")
    if given.get("year") not in (None, "", 0, "0"):
        year = convert("year", given["year"], "int")
        years = [int(value) for value in (case.years or case.series_years)]
        if years and year not in years:
            raise ParameterError(f"{case.name} 里没有 {year} 年的数据。可用的有：{'、'.join(map(str, years))}")
    return dict(given)
