"""Names of the illustrative city: no two that read as one enterprise, and a few entries of the lists that a person must settle.

Drawn from a generator of its own, so that nothing here shifts a figure made elsewhere.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from demo_districts import DISTRICTS, HOME, SOURCE

from analysis.matching import known_places, similar_names

SEED = 20221233
CITY = "示例市"
CERTIFICATION, YEAR = "创新型中小企业", 2022
# Ways in which a listed name goes wrong: a character typed that looks alike, a branch, the trade cut short.
ALIKE = dict(zip("澜铂砾钰曜霁煦屹甬瀚煜泽榕峤昶黛", "阑珀栎珏耀齐域屺涌翰昱择蓉娇旭岱", strict=True))
# Names no roster has: moved away, or listed under a name that was given up.
STRANGERS = ("示例市青槐纺织有限公司", "示例闻笛家具有限公司")


def distinct(names: list[str], former: list[str], redraw) -> list[str]:
    """The names, later ones replaced by ``redraw(rng, position)`` until no two read as one enterprise.

    Two do if :func:`analysis.matching.normalise` gives them one key, or if one bears another's former name.
    """
    rng, names = np.random.default_rng(SEED), list(names)
    places = known_places().with_names([CITY, *DISTRICTS["区县"]])
    while pairs := similar_names(names, former, places):
        for later in sorted({k for _, k, _ in pairs}):
            while (name := redraw(rng, later)) in names + former:
                pass
            names[later] = name
    return names


def blur(lists: pd.DataFrame, firms: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The lists with four home entries that fit the roster imperfectly and two that fit nowhere; and 名单核对.

    One of the four is settled in 名单核对, three are left open. All are entries of a recognition that
    no indicator counts, of enterprises that meet no hard condition, so that the district's counts and the
    candidates for other recognitions stay what they are.
    """
    lists, by_name = lists.copy(), firms.set_index("企业名称")
    mine = lists[(lists["认定"] == CERTIFICATION) & (lists["区县"] == HOME) & (lists["统一社会信用代码"] == "")]
    plain = [k for k, name in mine["企业名称"].items()
             if name in by_name.index and by_name.at[name, "class"] == "不符" and name.startswith(CITY) and name[3] in ALIKE and "（" not in name]
    chosen = [int(k) for k in np.random.default_rng(SEED).choice(plain, 4, replace=False)]
    truth = lists.loc[chosen, "企业名称"].tolist()
    for k, change in zip(chosen, (_typo, _branch, _typo, _typo), strict=True):
        lists.at[k, "企业名称"] = change(lists.at[k, "企业名称"])
    settled = pd.DataFrame([{"名单名称": lists.at[chosen[3], "企业名称"], "企业名称": truth[3], "统一社会信用代码": by_name.at[truth[3], "统一社会信用代码"],
                             "理由": "示例：经电话核对，名单把一个字录错", "结论": "是"}])
    last = mine.index[-1]
    strangers = lists.loc[[last] * len(STRANGERS)].assign(企业名称=list(STRANGERS))
    at = lists.index.get_loc(last) + 1
    return pd.concat([lists.iloc[:at], strangers, lists.iloc[at:]], ignore_index=True).assign(来源=SOURCE), settled


def _typo(name: str) -> str:
    return name[:3] + ALIKE[name[3]] + name[4:]


def _branch(name: str) -> str:
    return name + "苔溪分公司"
