"""Entries of one roster that are probably the same enterprise."""

from __future__ import annotations

from collections.abc import Sequence

from ..text import fold_key
from .names import normalise
from .places import Places, known_places


def similar_names(names: Sequence[str], former: Sequence[str] = (), places: Places | None = None) -> list[tuple[int, int, str]]:
    """Pairs (earlier, later, why) of positions whose normalised names agree, or where one bears another's former name.

    Names equal as typed, or but for width, brackets, spaces and case, are left out: they are
    found without this.
    """
    places = (places or known_places()).learnt_from(names)
    first: dict[tuple, int] = {}
    found = []
    for k, name in enumerate(names):
        n = normalise(name, places)
        if not n.core:
            continue
        earlier = first.setdefault(n.key, k)
        if earlier != k and fold_key(names[earlier]) != fold_key(name):
            found.append((earlier, k, "规范名称相同"))
    now = {fold_key(name): k for k, name in enumerate(names)} if any(former) else {}
    for k, text in enumerate(former):
        for old in filter(None, text.replace(";", "；").split("；")) if text else ():
            bearer = now.get(fold_key(old), k)
            if bearer != k:
                found.append((min(k, bearer), max(k, bearer), f"“{old.strip()}”是其中一家的曾用名"))
    return found
