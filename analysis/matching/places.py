"""Place names that stand at the head of an enterprise's name, or in brackets inside it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, cached_property

from ..shipped import rows


COUNTRY = "中国"
# Longest first, so that 回族自治州 goes as a whole.
_TAIL = re.compile(r"(特别行政区|(?:壮族|回族|维吾尔)?自治区|(?:[\u4e00-\u9fff]{1,6}族)+自治[州县旗]|生产建设兵团|自治[州县旗]|高新区|经济开发区|开发区"
                   r"|[省市区县盟]|地区|林区)$")
# 北京市政路桥 is 北京 + 市政路桥: the 市 belongs to what follows.
_SUFFIX = re.compile(r"特别行政区|(?:壮族|回族|维吾尔)?自治区|生产建设兵团|兵团|(?:[\u4e00-\u9fff]{1,6}族)自治[州县旗]|[省区县盟旗](?![级域际舰])|地区|市(?![政场民区级])")
_LEARNT = re.compile(r"([\u4e00-\u9fff]{2,3})[市县](?![政场民区级])(?=[\u4e00-\u9fff]{4})")
_NOT_PLACES = frozenset({"城", "超", "都", "门", "股", "夜"})


@dataclass(frozen=True)
class Places:
    """Known place stems (江苏, 淮安, 中国) and the province each lies in ("" if unknown)."""

    province: dict[str, str]

    @cached_property
    def longest(self) -> int:
        """Length of the longest stem."""
        return max(map(len, self.province), default=0)

    @cached_property
    def _openings(self) -> frozenset[str]:
        return frozenset(stem[:2] for stem in self.province)

    def stem(self, text: str) -> str:
        """The stem ``text`` means as a whole (江苏省, 江苏 -> 江苏), or ""."""
        if text in self.province:
            return text
        bare = _TAIL.sub("", text)
        return bare if bare in self.province else ""

    def head(self, text: str, longest: int) -> tuple[str, str]:
        """(stem, rest) of a text that begins with a place, the longest there is; ("", text) otherwise."""
        if text[:2] not in self._openings:
            return "", text
        for length in range(min(longest, len(text) - 2), 1, -1):
            stem = text[:length]
            if stem in self.province:
                suffix = _SUFFIX.match(text, length)
                rest = text[suffix.end():] if suffix else text[length:]
                return (stem, rest) if len(rest) >= 2 else ("", text)
        return "", text

    def with_names(self, names: Iterable[str], province: str = "") -> Places:
        """These places and others, given with or without 省、市、县、区."""
        stems = {}
        for name in names:
            stem = _TAIL.sub("", name)
            if len(stem) >= 2 or len(name) >= 2:
                stems[stem if len(stem) >= 2 else name] = province
        return Places({**stems, **self.province})

    def learnt_from(self, names: Iterable[str]) -> Places:
        """These places and every other that stands as 某某市 or 某某县 at the head of one of the names."""
        stems, longest = set(), self.longest
        for name in names:
            stem, rest = self.head(name, longest)
            if stem:
                rest = self.head(rest, longest)[1]
            found = _LEARNT.match(rest)
            if found and found[1][-1] not in _NOT_PLACES and found[1] not in self.province:
                stems.add(found[1])
        return Places({**dict.fromkeys(sorted(stems), ""), **self.province}) if stems else self


@cache
def known_places() -> Places:
    """Provinces and prefectures of ``tables/matching_places.csv``, and 中国."""
    province = {COUNTRY: ""}
    for row in rows("matching_places"):
        province[row["省级"]] = row["省级"]
        for city in filter(None, row["下辖地级"].split("|")):
            province.setdefault(city, row["省级"])
    return Places(province)
