"""Reader-facing tables and sentences of matching, in Chinese."""

from __future__ import annotations

import pandas as pd

from ..status import derived_status
from .match import BY_CODE, BY_NAME, BY_PERSON, Matched

_DOUBTFUL = {"certification": "认定", "list_row": "名单行", "listed_name": "名单名称", "listed_code": "名单信用代码", "row": "名册行",
             "enterprise": "可能的企业", "enterprise_code": "统一社会信用代码", "score": "相似度", "reason": "为什么要核对"}
_UNMATCHED = {"certification": "认定", "list_row": "名单行", "listed_name": "名单名称", "listed_code": "名单信用代码", "year": "年份", "reason": "原因"}
_EXPIRING = {"enterprise": "企业名称", "certification": "认定", "year": "认定年份", "due": "到期（复核）日", "days": "还有天数", "state": "情况",
             "basis": "到期日依据", "action": "办法", "confidence": "办法可信度", "status": "状态"}


def with_open(matched: Matched) -> pd.DataFrame:
    """``matched.held`` and, under their listed names and row 0, the entries that are not settled: what runs out runs out all the same."""
    open_ = pd.concat([matched.doubtful.drop_duplicates("list_row"), matched.unmatched])
    if open_.empty:
        return matched.held
    status = derived_status(matched.held["status"])
    open_ = open_.assign(row=0, enterprise=open_["listed_name"] + "（没有对上名册）", matched_by="", status=status, score=float("nan"))
    return pd.concat([matched.held, open_[matched.held.columns]], ignore_index=True).astype({"row": "int64"})


def doubtful_table(matched: Matched) -> pd.DataFrame:
    """The names a person has to decide on, with candidates and reasons."""
    table = _named(matched.doubtful, _DOUBTFUL)
    table["相似度"] = matched.doubtful["score"].round(0).astype(int)
    return table


def unmatched_table(matched: Matched) -> pd.DataFrame:
    """The listed names that are nowhere in the roster."""
    return _named(matched.unmatched, _UNMATCHED)


def expiring_table(expiring: pd.DataFrame) -> pd.DataFrame:
    """Recognitions past or near their due date."""
    table = _named(expiring, _EXPIRING)
    table["到期（复核）日"] = expiring["due"].dt.strftime("%Y-%m-%d")
    return table


def matching_findings(matched: Matched) -> list[str]:
    """How the lists were matched, and what is left to do, in sentences."""
    open_rows = matched.doubtful["list_row"].nunique()
    total = len(matched.held) + open_rows + len(matched.unmatched)
    if not total:
        return ["没有本区的认定名单可核对。"]
    how = matched.held["matched_by"]
    plain = [(BY_CODE, (how == BY_CODE).sum()), (BY_NAME, (how == BY_NAME).sum()), (BY_PERSON, (how == BY_PERSON).sum())]
    plain.insert(2, ("规范名称或曾用名", len(how) - sum(n for _, n in plain)))
    said = "、".join(f"{word} {n} 条" for word, n in plain if n)
    found = [f"名单 {total} 条中 {len(how)} 条对上名册" + (f"（按{said}）" if said else "") + "。"]
    if open_rows:
        found.append(f"{open_rows} 条名称相近但不能确定，列出候选企业由人核对，没有自动合并。")
    if len(matched.unmatched):
        found.append(f"{len(matched.unmatched)} 条在名册里找不到，可能是名册不全、企业更名或已迁出。")
    return found


def _named(table: pd.DataFrame, columns: dict[str, str]) -> pd.DataFrame:
    return table[[c for c in columns if c in table]].rename(columns=columns).reset_index(drop=True)
