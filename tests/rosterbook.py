"""Rosters made of the real list of green factories, the truth known: names perturbed, decoys, inventions."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd

LIST = Path(__file__).resolve().parents[1] / "data/raw/sources/miit_national_green_factories_2017_2021.csv"
PRESENT, SIZE = 1800, 5000
FORMS = ("股份有限公司", "有限责任公司", "有限公司")
# How often each happens to a name that is on the roster.
KINDS = {"不变": 0.25, "全半角": 0.10, "括号": 0.10, "空格": 0.05, "有限责任": 0.10, "股份": 0.10, "加省名": 0.06, "去地名": 0.08, "错一字": 0.08, "曾用名": 0.08}
TYPED = "华东新安瑞达恒丰通远力天海元科光精"
FIRST, SECOND = "澜铂砾钰曜霁彧屹甬瀚煜泽榕峤昶黛", "拓腾奥菲诺芯晟宸衡研锐鼎沃纬朗"
TRADES = ("精密机械", "电子科技", "新材料", "食品", "化工", "电气", "纺织", "水泥", "汽车零部件", "制药", "智能装备", "纸业")
CITIES = ("苏州", "广州", "长沙", "武汉", "天津", "成都", "沈阳", "青岛", "郑州", "合肥")


def green_factories() -> pd.DataFrame:
    """The published list: name, province."""
    table = pd.read_csv(LIST, dtype=str)
    return pd.DataFrame({"name": table["工厂名称"], "province": table["地区"]})


def make_roster(seed: int = 1, size: int = SIZE, present: int = PRESENT) -> pd.DataFrame:
    """A shuffled roster: name, former_name, truth (position in the list, or −1) and kind of each entry.

    ``present`` entries are real names of the list perturbed in one of KINDS; about 500 are decoys
    (names of the list that are *not* on the roster, moved to another city, made a branch, or of
    another brand), the rest inventions.
    """
    rng = np.random.default_rng(seed)
    listed = green_factories()
    order = rng.permutation(len(listed))
    rows = []
    for k in order[:present]:
        name, province = listed.loc[k]
        kind = str(rng.choice(list(KINDS), p=list(KINDS.values())))
        changed = _perturb(rng, name, province, kind)
        if changed == name and kind not in ("不变", "曾用名"):
            kind = "不变"
        rows.append((_brand(rng) + "有限公司", name, k, kind) if kind == "曾用名" else (changed, "", k, kind))
    absent = [listed.at[k, "name"] for k in order[present:]]
    for name in absent[:500]:
        rows.append((_decoy(rng, name), "", -1, "近似的别家"))
    real = set(listed["name"])
    while len(rows) < size:
        name = str(rng.choice(["", "江苏", "浙江省", "广东", "上海"])) + _brand(rng) + str(rng.choice(FORMS))
        if name not in real:
            rows.append((name, "", -1, "无关"))
    roster = pd.DataFrame(rows[:size], columns=["name", "former_name", "truth", "kind"])
    roster = roster.drop_duplicates("name").iloc[rng.permutation(roster["name"].nunique())].reset_index(drop=True)
    return roster.assign(row=np.arange(2, len(roster) + 2))


def _brand(rng) -> str:
    return "".join(str(rng.choice(list(part))) for part in (FIRST, SECOND)) + str(rng.choice(TRADES))


def _perturb(rng, name: str, province: str, kind: str) -> str:
    if kind == "全半角":
        narrow = {ord(a): ord(a) + 0xFEE0 for a in "()-ABCDEFGHIJKLMNOPQRSTUVWXYZ"}
        return name.translate(narrow) if any(c in name for c in "(-ABCT") else name.replace("（", "(").replace("）", ")")
    if kind == "括号":
        return re.sub(r"[（(](.+?)[）)]", r"〔\1〕", name)
    if kind == "空格":
        at = int(rng.integers(1, len(name)))
        return name[:at] + " " + name[at:]
    if kind == "有限责任" and "股份" not in name:
        return name.replace("有限责任公司", "有限公司") if "有限责任公司" in name else name.replace("有限公司", "有限责任公司")
    if kind == "股份":
        return name.replace("股份有限公司", "有限公司") if "股份有限公司" in name else name.replace("有限责任公司", "有限公司").replace("有限公司", "股份有限公司")
    short = province[:3] if province.startswith(("内蒙古", "黑龙江")) else province[:2]
    if kind == "加省名" and not name.startswith(short) and short not in ("兵团", "新疆"):
        return short + str(rng.choice(["", "省"])) + name if short not in ("北京", "上海", "天津", "重庆") else short + "市" + name
    if kind == "去地名" and name.startswith(short) and len(name) > 9:
        return name[len(short):].removeprefix("省").removeprefix("市")
    if kind == "错一字":
        at = int(rng.integers(0, max(1, len(name) - 6)))
        return name[:at] + str(rng.choice([c for c in TYPED if c != name[at]])) + name[at + 1:]
    return name


def _decoy(rng, name: str) -> str:
    """Another enterprise whose name is much like this one."""
    city, way = str(rng.choice(CITIES)), rng.integers(0, 3)
    inside = re.search(r"[（(](.+?)[）)]", name)
    if way == 0 and inside:
        return name.replace(inside[1], city if inside[1] != city else "昆明")
    if way == 1:
        return name + f"{city}分公司"
    trade = str(rng.choice(TRADES))
    return name[:4] + trade + "有限公司" if name[:4] + trade + "有限公司" != name else name[:4] + "贸易有限公司"
