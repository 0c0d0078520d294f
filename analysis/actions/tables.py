"""Action lists as tables with Chinese headers and their formats."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..recognition import by_place, funnel
from ..recognition.clauses import CONFIDENCE
from ..recognition.moves import tidy
from ..recognition.screen import DUE, NEAR, Screening
from ..recognition.views import PLACES
from ..status import derived_status
from .compare import standing

TOTAL = "合计"
FUNNEL_FORMATS = {"累计申报占符合条件": ".0%", "已认定占累计申报": ".0%", "符合条件占名册": ".0%"}
FUNNEL_NOTE = ("符合条件＝应报未报＋累计申报，累计申报＝在报待公布的＋已认定的：应报未报按现有数据判断，在报、已认定的按名单计，其中“已认定但现有数据不达标”的今天并不符合条件，复核前要核对。"
               "跟进中已有着落、名单还没有的，仍按名单计。")
COMPARE_FORMATS = {"本区（家）": ".0f", "规上工业（家）": ".0f", "每百家": ".1f", "位次": ".0f", "最高每百家": ".1f", "其他区县中位数": ".1f", "到中位数还差（家）": ".0f"}


def status_of(screening: Screening) -> str:
    """示例 if any enterprise's row is, else 推算."""
    return derived_status(screening.table["data_status"].unique())


def funnel_view(screening: Screening, by: str = "certification") -> pd.DataFrame:
    """From the roster to the recognised; ``by`` certification, town or chain (one row per place and recognition with anybody on it).

    Rates are empty where nobody is in what they are a share of.
    """
    table = funnel(screening, by)
    if by != "certification":
        table = table[table[["meets", "near", "unsure"]].sum(axis=1) > 0]
    counts = {"roster": "名册（家）", "meets": "符合条件（家）", "applied": "累计申报（家）", "recognised": "已认定（家）", "due": "应报未报（家）",
              "near": "靠靠能报（家）", "unsure": "资料不全（家）", "doubtful": "已认定但现有数据不达标（家）"}
    view = table.rename(columns={"place": PLACES.get(by, ""), "certification": "认定", **counts})
    for name, part, whole in (("符合条件占名册", "meets", "roster"), ("累计申报占符合条件", "applied", "meets"), ("已认定占累计申报", "recognised", "applied")):
        view[name] = (table[part] / table[whole].where(table[whole] > 0)).to_numpy()
    return view.assign(状态=status_of(screening)).reset_index(drop=True)


def place_view(screening: Screening, by: str = "town") -> pd.DataFrame:
    """Town (or chain) × recognition: 应报未报 + 靠靠能报 enterprises, with the roster and the number of different enterprises; total last."""
    both, due, near = by_place(screening, by), *(by_place(screening, by, (s,)).set_index("place") for s in (DUE, NEAR))
    names = list(screening.certifications)
    out = pd.DataFrame({PLACES[by]: both["place"], "名册（家）": both["roster"], "应报未报（家）": due["enterprises"].reindex(both["place"]).to_numpy(),
                        "靠靠能报（家）": near["enterprises"].reindex(both["place"]).to_numpy(), "至少一项（家）": both["enterprises"]})
    out = out.assign(**{f"{n}（项）": both[n] for n in names if both[n].any()})
    total = {PLACES[by]: TOTAL} | {c: int(out[c].sum()) for c in out.columns[1:]}
    return pd.concat([out, pd.DataFrame([total])], ignore_index=True).assign(状态=status_of(screening))


def compare_view(table: pd.DataFrame, home: str) -> pd.DataFrame:
    """The district beside its neighbours, one row per recognition."""
    t = standing(table, home)
    return pd.DataFrame({
        "认定": t["certification"], "本区（家）": t["recognised"], "规上工业（家）": t["base"], "每百家": t["per_hundred"], "位次": t["rank"], "区县数": t["districts"],
        "最高": t["best"], "最高每百家": t["best_value"], "其他区县中位数": t["median"], "到中位数还差（家）": t["needed"], "状态": t["status"]})


def hurdle_view(table: pd.DataFrame, screening: Screening) -> pd.DataFrame:
    """Clauses that stand in the way, as :func:`analysis.actions.hurdles` gives them."""
    missing = [f"{tidy(v)} {u}".rstrip() if np.isfinite(v) else "" for v, u in zip(table["missing"], table["unit"])]
    return pd.DataFrame({
        "认定": table["certification"], "条件": table["clause"], "靠靠能报中未达到（家）": table["near"], "只差这一条（家）": table["only"],
        "资料不全中未达到（家）": table["unsure"], "差额中位数": missing, "条款可信度": table["confidence"], "状态": status_of(screening)})


def question_view(table: pd.DataFrame, screening: Screening, by: str | None = "town") -> pd.DataFrame:
    """What to ask, as :func:`analysis.actions.questions` gives it."""
    headers = ({"place": PLACES[by]} if by else {}) | {"field": "要问的资料", "enterprises": "企业（家）", "alone": "只缺这一项（家）", "certifications": "用于认定"}
    return table[list(headers)].rename(columns=headers).assign(状态=status_of(screening))


def rules_view(screening: Screening) -> pd.DataFrame:
    """Which version of which rules was used, how many clauses, from where and how sure."""
    rows = []
    for name, recognition in screening.book.recognitions.items():
        clauses = recognition.clauses
        sources = list(dict.fromkeys(c.source for c in clauses if c.source))
        counts = pd.Series([CONFIDENCE[c.confidence] for c in clauses]).value_counts()
        rows.append({"认定": name, "适用": _span(recognition.valid_from, recognition.valid_to), "条款（条）": len(clauses),
                     "可信度": "、".join(f"{c} {counts[c]} 条" for c in CONFIDENCE if c in counts), "出处": "；".join(sources[:3]) + ("等" if len(sources) > 3 else "")})
    return pd.DataFrame(rows)


def gone_view(gone: pd.DataFrame) -> pd.DataFrame:
    """Follow-ups of rows that are listed no more, as :func:`analysis.lists.carry` leaves them."""
    return pd.DataFrame({"企业名称": gone["name"], "镇街园区": gone["town"], "认定": gone["certification"], "现在": gone["now"], "上次跟进": gone["follow_up"],
                         "备注": gone["note"], "更新日期": pd.to_datetime(gone["updated"]).dt.strftime("%Y-%m-%d").fillna("")})


def problem_view(problems: pd.DataFrame) -> pd.DataFrame:
    """Problems with their place, as :class:`analysis.lists.ActionLists` holds them."""
    row = problems["row"].map(lambda r: "" if pd.isna(r) else f"{r:.0f}")
    return pd.DataFrame({"级别": problems["level"], "企业名称": problems["name"], "文件": problems["file"], "表": problems["sheet"], "行": row, "列": problems["column"],
                         "问题": problems["message"], "办法": problems["fix"]}).fillna("")


def _span(first, last):
    start, end = ("" if pd.isna(day) else f"{day:%Y-%m-%d}" for day in (first, last))
    return f"{start}至{end}" if start and end else f"{start}起" if start else f"{end}止" if end else "没有写明"
