"""The indicator tree: a scheme table made into steps an array can follow."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from .dictionary import load
from .params import AssessmentError, check_params, node_params, parse_params

AGGREGATIONS = {"加权平均": "arithmetic", "加权求和": "total", "几何平均": "geometric",
                "调和平均": "harmonic", "科普兰": "copeland"}
_COLUMNS = ("name", "parent", "level", "leaf", "raw_weight", "weight", "global_weight", "direction",
            "method", "params", "settings", "aggregation", "missing", "unit", "category")
_TEXT = ("name", "parent", "direction", "method", "params", "aggregation", "missing", "unit", "category")


@dataclass(frozen=True)
class Step:
    """One inner node: its position, its children's positions and their weights."""

    node: int
    children: np.ndarray
    weights: np.ndarray
    aggregation: str


@dataclass(frozen=True)
class Tree:
    """A scheme ready for computing.

    nodes : DataFrame indexed by code, parents before children: name, parent, level
        (root 0), leaf, raw_weight (as stated), weight (share within the parent),
        global_weight (product down the path), direction, method, params (text),
        settings (parsed), aggregation, missing, unit, category.
    leaves : codes of the indicators.
    steps : inner nodes, children always before parents.
    """

    nodes: pd.DataFrame
    leaves: tuple[str, ...]
    steps: tuple[Step, ...]

    @property
    def root(self) -> str:
        return self.nodes.index[0]

    def name(self, code: str) -> str:
        return self.nodes.at[code, "name"]

    def position(self, codes) -> np.ndarray:
        """Positions of codes in the node order."""
        return self.nodes.index.get_indexer(list(codes))

    def children(self, code: str) -> list[str]:
        return list(self.nodes.index[self.nodes["parent"] == code])

    def leaves_under(self, code: str) -> list[str]:
        """Indicators below a node (itself, if it is one)."""
        wanted, found = {code}, []
        for node, parent, leaf in zip(self.nodes.index, self.nodes["parent"], self.nodes["leaf"]):
            if parent in wanted:
                wanted.add(node)
            if leaf and node in wanted:
                found.append(node)
        return found


def build_tree(scheme: pd.DataFrame) -> Tree:
    """Compile a scheme table.

    Parameters
    ----------
    scheme : one row per node, columns ``code, name, parent, weight, direction, method,
        params, aggregation, missing, unit, category`` (only ``code`` and ``parent``
        are needed for every row, ``weight`` for every node but the root, ``method``
        for every indicator). The Chinese headers of the case format are understood.

    Raises
    ------
    AssessmentError listing every fault of the tree.
    """
    table = _english(scheme)
    faults = _shape_faults(table)
    if faults:
        raise AssessmentError("；".join(faults))
    order, level = _preorder(table)
    rows = [{**table[code], "code": code, "level": level[code]} for code in order]
    inner = {row["parent"] for row in rows}
    faults = []
    shares, total = _shares(rows, faults), {}
    for row in rows:
        row["leaf"] = row["code"] not in inner
        row["raw_weight"] = row["weight"]
        row["weight"] = shares[row["code"]]
        total[row["code"]] = row["global_weight"] = total.get(row["parent"], 1.0) * row["weight"]
        row["settings"] = _settings(row, faults)
    if faults:
        raise AssessmentError("；".join(faults))
    nodes = pd.DataFrame({column: [row[column] for row in rows] for column in _COLUMNS}, index=order)
    return Tree(nodes, tuple(row["code"] for row in rows if row["leaf"]), _steps(rows))


def branch(tree: Tree, code: str) -> Tree:
    """The part of a tree at and below a node, as a tree of its own.

    An indicator alone gets a root of the same name above it.
    """
    leaf = bool(tree.nodes.at[code, "leaf"])
    wanted = {code}
    for node, parent in zip(tree.nodes.index, tree.nodes["parent"]):
        if parent in wanted:
            wanted.add(node)
    part = tree.nodes[tree.nodes.index.isin(wanted)]
    part = part.assign(code=part.index, weight=part["raw_weight"].fillna(1.0))
    top = f"{code}·" if leaf else ""
    part.loc[code, "parent"] = top
    if leaf:
        part.loc[code, "weight"] = 1.0
        part = pd.concat([pd.DataFrame({"code": [top], "name": [tree.name(code)], "parent": [""]}), part])
    return build_tree(part)


def _english(scheme: pd.DataFrame) -> dict[str, dict]:
    headers = {column.header: column.name for column in load().sheet("scheme").columns}
    table = scheme.rename(columns=headers)
    if "code" not in table:
        raise AssessmentError("考核方案缺少“代码”列")
    records: dict[str, dict] = {}
    for row in table.to_dict("records"):
        clean = {c: "" if pd.isna(row.get(c, "")) else str(row.get(c, "")).strip() for c in _TEXT}
        code = str(row["code"]).strip()
        if code in records:
            raise AssessmentError(f"代码“{code}”重复")
        weight = row.get("weight")
        records[code] = {**clean, "name": clean["name"] or code, "weight": np.nan if weight in (None, "") else float(weight)}
    return records


def _shape_faults(table: dict[str, dict]) -> list[str]:
    faults = [f"“{c}”的上级“{r['parent']}”不存在" for c, r in table.items() if r["parent"] and r["parent"] not in table]
    roots = [c for c, r in table.items() if not r["parent"]]
    if len(roots) != 1:
        faults.append(f"总分节点（上级留空）应当只有一个，现有 {len(roots)} 个：{'、'.join(roots) or '无'}")
    if not faults:
        outside = set(table) - set(_preorder(table)[0])
        faults += [f"上级关系成环：{'、'.join(c for c in table if c in outside)}"] if outside else []
    return faults


def _preorder(table: dict[str, dict]) -> tuple[list[str], dict[str, int]]:
    below: dict[str, list[str]] = {}
    for code, row in table.items():
        below.setdefault(row["parent"], []).append(code)
    order, level, stack = [], {}, [(c, 0) for c in below.get("", [])]
    while stack:
        code, depth = stack.pop()
        order.append(code)
        level[code] = depth
        stack += [(child, depth + 1) for child in reversed(below.get(code, []))]
    return order, level


def _shares(rows: list[dict], faults: list[str]) -> dict[str, float]:
    """Weight of every node within its parent; the root has 1."""
    siblings: dict[str, list[dict]] = {}
    for row in rows[1:]:
        siblings.setdefault(row["parent"], []).append(row)
    names, shares = {row["code"]: row["name"] for row in rows}, {rows[0]["code"]: 1.0}
    for parent, group in siblings.items():
        label, given = f"“{names[parent]}”（{parent}）的下级", [row["weight"] for row in group]
        faults += [f"{label}“{r['name']}”没有权重" for r in group if np.isnan(r["weight"])]
        faults += [f"{label}“{r['name']}”权重为负" for r in group if r["weight"] < 0]
        total = sum(given)
        if total == 0 and min(given) == 0:
            faults.append(f"{label}权重合计为 0，无法归一")
        shares.update({r["code"]: r["weight"] / total if total else np.nan for r in group})
    return shares


def _settings(row: dict, faults: list[str]) -> dict:
    label = f"“{row['name']}”（{row['code']}）"
    if row["leaf"]:
        if not row["method"]:
            faults.append(f"指标{label}没有计分方法")
            return {}
        wrong = check_params(row["method"], row["params"], row["direction"])
        faults += [f"指标{label}：{fault}" for fault in wrong]
        return {} if wrong else parse_params(row["method"], row["params"])
    if (row["aggregation"] or "加权平均") not in AGGREGATIONS:
        faults.append(f"节点{label}的合成方法“{row['aggregation']}”不认识；可用：{'、'.join(AGGREGATIONS)}")
    try:
        return node_params(row["params"])
    except AssessmentError as error:
        faults.append(f"节点{label}：{error}")
        return {}


def _steps(rows: list[dict]) -> tuple[Step, ...]:
    below: dict[str, list[int]] = {}
    for k, row in enumerate(rows):
        below.setdefault(row["parent"], []).append(k)
    steps = []
    for k in reversed([k for k, row in enumerate(rows) if not row["leaf"]]):
        children = np.array(below[rows[k]["code"]])
        aggregation = AGGREGATIONS[rows[k]["aggregation"] or "加权平均"]
        column = "raw_weight" if aggregation == "total" else "weight"
        steps.append(Step(k, children, np.array([rows[c][column] for c in children]), aggregation))
    return tuple(steps)
