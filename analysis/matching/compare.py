"""How two names with the same core differ, and whether that still means one enterprise."""

from __future__ import annotations

from .names import NormalName
from .places import COUNTRY
from .settings import setting

SAME, LOOSE, APART = 2, 1, 0
NORMAL = "规范名称"


def compare(listed: NormalName, own: NormalName) -> tuple[int, str]:
    """Level and words for two names whose core and branch are equal.

    Returns
    -------
    (SAME, 规范名称) if place and form agree; (LOOSE, what differs) if one only leaves out the
    place at its head or the outer of two places, or only the form differs; to be taken as one
    enterprise only where nothing else has this core; (APART, what differs) otherwise: places
    that differ, a place in brackets (which sets apart companies of one group) on one side
    only, or two differences at once, or a core too short to rest on.
    """
    ours, theirs = set(own.place), set(listed.place)
    if ours == theirs and own.form == listed.form:
        return SAME, NORMAL
    short = len(own.core) < setting("核心名最少字数")
    words = difference(listed, own)
    if ours == theirs:
        return (APART if short else LOOSE), words
    level = LOOSE if _place_left_out(listed, own) and own.form == listed.form and not short else APART
    return level, words


def difference(listed: NormalName, own: NormalName) -> str:
    """What differs between two names with the same core, in words."""
    said = []
    ours, theirs = set(own.place), set(listed.place)
    if ours != theirs:
        if ours and theirs:
            nested = ours < theirs or theirs < ours
            said.append(f"地名{'层级' if nested else ''}不同（名单：{'、'.join(listed.place)}；名册：{'、'.join(own.place)}）")
        else:
            said.append(f"{'名单' if ours else '名册'}没有地名“{'、'.join(own.place or listed.place)}”")
    if own.form != listed.form:
        said.append(f"组织形式不同（名单：{form_words(listed.form)}；名册：{form_words(own.form)}）")
    if own.branch != listed.branch:
        said.append(f"分支机构不同（名单：{listed.branch or '无'}；名册：{own.branch or '无'}）")
    return "，".join(said)


def form_words(form: str) -> str:
    """A legal form as a reader knows it."""
    return {"股份": "股份有限公司", "有限": "有限公司", "公司": "公司", "": "未写明"}.get(form, form)


def _place_left_out(a: NormalName, b: NormalName) -> bool:
    """Whether the names differ only by a place at the head that one leaves out."""
    longer, shorter = (a, b) if len(a.place) > len(b.place) else (b, a)
    if not set(shorter.place) < set(longer.place) or COUNTRY in set(longer.place) ^ set(shorter.place):
        return False
    if shorter.place:
        # 江苏淮安 and 淮安 lie in one place; 江苏淮安 and 江苏 may be a parent and its daughter.
        return longer.bracketed == shorter.bracketed and longer.place[-1] in shorter.place
    return not longer.bracketed
