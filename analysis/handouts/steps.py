"""The three next things a town has to do, computed from its lists."""

from __future__ import annotations

import pandas as pd

from ..lists import ActionLists
from ..matching.recognitions import BY_TERM
from ..recognition.screen import DUE, NEAR, UNSURE
from .face import by_kind, day_text, eve, named, quarter_words
from .settings import setting

NOTHING = "本期没有应报未报、靠靠能报和资料不全的企业，也没有到期复核的认定：对照条件再摸一遍规下和新注册的企业。"
STEPS = 3


def nearest(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows with the smallest distance first; 靠靠能报 of which nothing is known to be missing, only something unknown, after the others."""
    guessed = (rows["status"] == NEAR) & ~(rows["distance"] > 0)
    keys = ["status", "guessed", "distance", "unknown", "row"]
    return rows.loc[rows.assign(guessed=guessed).sort_values(keys, kind="stable").index]


def next_steps(own: ActionLists, asked: pd.DataFrame) -> tuple[str, ...]:
    """At most three sentences: apply, ask, prepare the review; the nearest 靠靠能报 where one of these is nothing.

    own : lists of one town. asked : :func:`analysis.actions.questions.asked` of the whole screening.
    """
    found = [_apply(own), _ask(own, asked), _review(own), _push(own), _verify(own)]
    said = tuple(text for text in found if text)
    return said[:STEPS] or (NOTHING,)


def _few():
    return int(setting("三件事点名"))


def _apply(own):
    """What the plan wants first, else whoever qualifies."""
    planned = own.rows[(own.rows["quarter"] != "") & ~own.rows["pending"].astype(bool)]
    if len(planned):
        first = planned["quarter"].min()
        now = planned[planned["quarter"] == first]
        rest = f"以后各季度还有 {len(planned) - len(now)} 项。" if len(planned) > len(now) else ""
        return f"{eve(first)}前备齐材料，{quarter_words(first)}按计划申报 {len(now)} 项：{by_kind(now['name'], now['certification'], _few())}。{rest}"
    due = own.rows[own.rows["status"] == DUE]
    if due.empty:
        return ""
    return f"应报未报的 {due['row'].nunique()} 家先动员，下一批次受理前备齐材料：{by_kind(due['name'], due['certification'], _few())}。"


def _ask(own, asked):
    """What to ask, of how many; first those who need one answer only."""
    part = asked[asked["row"].isin(own.rows.loc[own.rows["status"] == UNSURE, "row"])]
    if part.empty:
        return ""
    fields = part.groupby("field", sort=False)["row"].nunique().sort_values(ascending=False, kind="stable")
    few = int(setting("三件事资料"))
    said = "、".join(f"{field} {n} 家" for field, n in fields.head(few).items()) + ("等" if len(fields) > few else "")
    names = own.rows.drop_duplicates("row").set_index("row")["name"]
    one = part[part["fields"] == 1]["row"].drop_duplicates()
    first = f"；先问只缺一项的 {len(one)} 家：{named(names.reindex(one), _few())}" if len(one) else ""
    return f"向 {part['row'].nunique()} 家企业补问资料：{said}{first}。"


def _review(own):
    out = own.expiring.sort_values("due", kind="stable")
    if out.empty:
        return ""
    names = [f"{r.name}（{r.certification}，{day_text(r.due)}）" for r in out[["name", "certification", "due"]].itertuples(index=False)]
    some = "、".join(names[:_few()]) + ("等" if len(names) > _few() else "")
    unsure = "，到期日以证书为准" if (out["confidence"] == "待核").any() or (out["basis"] == BY_TERM).any() else ""
    return f"准备复核：{own.day.year}年{own.day.month}月起 {own.months:g} 个月内到期 {len(out)} 项，{some}{unsure}。"


def _push(own):
    near = nearest(own.rows[own.rows["status"] == NEAR]).drop_duplicates("row")
    if near.empty:
        return ""
    names = [f"{r.name}（{r.certification}）" for r in near[["name", "certification"]].itertuples(index=False)]
    return f"盯住靠靠能报里最近的：{named(names, _few())}，一家一策补齐差的条件。"


def _verify(own):
    count = own.doubtful["listed_name"].nunique()
    return f"核对名单上 {count} 个与本地企业相近的名称是不是同一家（见清单工作簿“名单待核”）。" if count else ""
