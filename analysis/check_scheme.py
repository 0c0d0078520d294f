"""The indicator tree: one root, known parents, no cycle, weights, methods."""

from __future__ import annotations

import numpy as np

from analysis.columns import Typed
from analysis.names import duplicates
from analysis.params import AssessmentError, check_params, node_params
from analysis.problems import ERROR, WARNING, suggest
from analysis.text import fold_key


class Nodes:
    """Scheme nodes by code, or by name where only one node has it."""

    def __init__(self, frame):
        codes, names, parents = frame["code"], frame["name"], frame["parent"]
        self.codes = {fold_key(c): c for c in codes if c}
        self.name = dict(zip(codes, names))
        self.parent = dict(zip(codes, parents))
        self.unit = dict(zip(codes, frame["unit"]))
        self.inner = {p for p in parents if p} & set(codes)
        self._named: dict[str, list[str]] = {}
        for code, name in zip(codes, names):
            if name and code:
                self._named.setdefault(fold_key(name), []).append(code)

    def find(self, text: str) -> list[str]:
        """Codes the text may mean: a code means itself, else every node so named."""
        key = fold_key(text)
        return [self.codes[key]] if key in self.codes else self._named.get(key, [])

    def resolve(self, table: Typed, column: str) -> None:
        """Replace codes or names by codes; unknown or ambiguous ones are errors."""
        if not self.codes:
            if len(table.frame):
                table.report(ERROR, f"有{table.sheet.title}，却没有考核方案", "补上 考核方案 表", None, column)
            return
        meant = {text: self.find(text) for text in table.frame[column].unique()}
        for text, row in zip(table.frame[column], table.frame["row"]):
            found = meant[text]
            if text and not found:
                known = [*self.codes.values(), *self.name.values()]
                table.report(ERROR, f"「{text}」不在考核方案里{suggest(text, known)}",
                             "改成考核方案里的代码或名称", row, column)
            elif len(found) > 1:
                table.report(ERROR, f"「{text}」可以指 {len(found)} 个节点：{'、'.join(found)}",
                             "改用节点代码", row, column)
        table.frame[column] = table.frame[column].map(
            lambda t: meant[t][0] if meant[t] else t).astype("str")


def check_scheme(table: Typed) -> Nodes:
    """Check the tree and return its nodes for the other sheets to refer to."""
    frame = table.frame
    duplicates(table, "code", "节点代码")
    _parents_to_codes(table)
    nodes = Nodes(frame)
    if len(frame):
        _shape(table, nodes)
        _weights(table, nodes)
        _methods(table, nodes)
    return nodes


def _parents_to_codes(table: Typed) -> None:
    nodes, frame = Nodes(table.frame), table.frame
    for i, (parent, row) in enumerate(zip(list(frame["parent"]), frame["row"])):
        if not parent:
            continue
        found = nodes.find(parent)
        if len(found) == 1:
            frame.loc[frame.index[i], "parent"] = found[0]
        elif found:
            table.report(ERROR, f"上级「{parent}」可以指 {len(found)} 个节点：{'、'.join(found)}",
                         "上级改填节点代码", row, "parent")
        else:
            table.report(ERROR, f"上级「{parent}」不在代码列里{suggest(parent, nodes.codes.values())}",
                         "上级填已有节点的代码", row, "parent")


def _shape(table: Typed, nodes: Nodes) -> None:
    frame = table.frame
    unread = table.unread.get("parent", set())
    roots = frame.loc[(frame["parent"] == "") & ~np.isin(np.arange(len(frame)), list(unread))]
    if len(roots) > 1:
        table.report(ERROR, f"有 {len(roots)} 个节点没有上级：{'、'.join(roots['code'])}",
                     "只有总分节点的上级留空", roots["row"].iloc[1], "parent")
    elif roots.empty:
        table.report(ERROR, "没有总分节点（上级留空的节点）", "把总分节点的上级留空", None, "parent")
    reported: set[str] = set()
    for code, parent, row in zip(frame["code"], frame["parent"], frame["row"]):
        if code and code == parent:
            table.report(ERROR, f"节点「{code}」的上级是它自己", "改成真正的上级；总分节点留空", row, "parent")
            continue
        circle = _circle(code, nodes.parent)
        if len(circle) > 1 and not reported & set(circle):
            reported |= set(circle)
            table.report(ERROR, f"上级关系绕成了圈：{'→'.join([*circle, circle[0]])}",
                         "改正其中一个节点的上级", row, "parent")


def _circle(start: str, parent: dict[str, str]) -> list[str]:
    """The circle that starts and ends at a node, if it lies on one."""
    path, at = [start], parent.get(start, "")
    while at and at != start and at not in path:
        path.append(at)
        at = parent.get(at, "")
    return path if at == start else []


def _weights(table: Typed, nodes: Nodes) -> None:
    frame, unread = table.frame, table.unread.get("weight", set())
    for i, (weight, row) in enumerate(zip(frame["weight"], frame["row"])):
        if weight < 0:
            table.report(ERROR, f"权重 {weight:g} 是负数", "权重填零或正数；越小越好的指标把方向填为 逆向",
                         row, "weight")
    for parent, group in frame.loc[frame["parent"] != ""].groupby("parent", sort=False):
        positions = set(frame.index.get_indexer(group.index))
        if positions & unread or parent not in nodes.name:
            continue
        if (group["weight"].fillna(0) == 0).all():
            table.report(ERROR, f"「{nodes.name[parent]}」的下级权重全是零或空白", "至少一个下级要有正的权重",
                         group["row"].iloc[0], "weight")
            continue
        for code, row in group.loc[group["weight"].isna(), ["code", "row"]].itertuples(index=False):
            table.report(ERROR, f"节点「{code}」没有权重", "填权重；只展示、不计分的填 0", row, "weight")


def _methods(table: Typed, nodes: Nodes) -> None:
    for row in table.frame.itertuples():
        unread = any(row.Index in table.unread.get(c, ()) for c in ("method", "direction"))
        if row.code in nodes.inner:
            if row.method:
                table.report(WARNING, f"「{row.name}」有下级，计分方法「{row.method}」不起作用",
                             "清空计分方法；下级如何合成填在 合成方法", row.row, "method")
            _report_params(table, row.row, _node_faults(row.params if not row.method else ""))
        elif not row.method and not unread:
            table.report(ERROR, f"指标「{row.name}」没有计分方法", "填一种计分方法，如 功效系数", row.row, "method")
        elif not unread:
            _report_params(table, row.row, check_params(row.method, row.params, row.direction))


def _node_faults(params: str) -> list[str]:
    try:
        node_params(params)
    except AssessmentError as error:
        return str(error).split("；")
    return []


def _report_params(table: Typed, row: int, faults: list[str]) -> None:
    for fault in faults:
        table.report(ERROR, fault, "各方法可用的参数见说明文档，形如 底分=60；满分=100", row, "params")
