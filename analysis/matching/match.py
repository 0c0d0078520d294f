"""A published list matched to the roster: certain matches made, the rest put before a person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import pandas as pd

from ..text import fold_key
from .book import Book, make_book, texts
from .compare import LOOSE, SAME, compare, difference
from .decisions import Decisions, read_decisions
from .fuzzy import compared, likeness, nearest, similarity
from .names import NormalName, normalise
from .places import Places, known_places
from .settings import setting

HELD = ["list_row", "listed_name", "row", "enterprise", "matched_by", "score"]
DOUBTFUL = ["list_row", "listed_name", "listed_code", "row", "enterprise", "enterprise_code", "score", "reason"]
UNMATCHED = ["list_row", "listed_name", "listed_code", "reason"]
BY_CODE, BY_NAME, BY_FORMER, BY_STATED, BY_PERSON = "信用代码", "名称", "曾用名", "名单注明的曾用名", "人工核对"
SURE, SETTLED, LOOK_FURTHER = "certain", "for a person", "for a person, nearest names wanted"
OTHER_CODE, NOT_FOUND, RULED_OUT = "名称相同，信用代码不同", "名册里没有相同或相近的名称", "相近的企业经人工核对都不是"


@dataclass(frozen=True)
class Matched:
    """held : one row per listed row that belongs to an enterprise; doubtful : one row per listed row and
    candidate, for a person to decide; unmatched : listed rows with neither. Every listed row is in
    exactly one of the three."""

    held: pd.DataFrame
    doubtful: pd.DataFrame
    unmatched: pd.DataFrame


class Hit(NamedTuple):
    """A roster entry, by what (or why doubtful), likeness 0–100, and whether only the parts that are left out differ."""

    entry: int
    words: str
    score: float = 100.0
    loose: bool = False


def match(listed: pd.DataFrame, roster: pd.DataFrame, decisions: pd.DataFrame | None = None, places: Places | None = None) -> Matched:
    """Match every row of a list to the roster.

    In this order: a person's decision; equal 统一社会信用代码 (doubtful if the names have little in
    common, or if the name is another enterprise's); the name as typed but for width, brackets and
    spaces; the normalised name; former names of the roster, and 「（原…）」 in the list. A name that
    fits several entries, or an entry with another code, is doubtful. A name that only leaves out
    its place at the head, or differs only in its legal form, is taken if nothing else has this
    core (and, where only the form differs, nothing else this core and place), and says so in
    matched_by. What is left is compared with all names by edit distance;
    the nearest are listed with score and reason and never taken.

    Parameters
    ----------
    listed : columns name, and if known code, row (number to show; else 0, 1, …).
    roster : columns name, and if known code, former_name (several by ；), row.
    decisions : a filled-in :func:`~analysis.matching.decision_sheet`.
    places : places to tell from cores; default those of ``matching_places.csv``; 某市 and 某县 at the
        head of any name are added.

    Returns
    -------
    Matched; ``held`` has list_row, listed_name, row, enterprise, matched_by (信用代码, 名称, 规范名称,
    曾用名, 名单注明的曾用名, 人工核对, or 规范名称 with what differs in brackets), score (0–100).

    Raises
    ------
    AssessmentError for missing columns, nameless rows of the roster, or decisions that contradict.
    """
    names, codes = texts(listed, "name", "名单"), [c.upper() for c in texts(listed, "code")]
    places = (places or known_places()).learnt_from([*texts(roster, "name", "企业名册"), *names])
    book = make_book(roster, places)
    ruled = read_decisions(decisions, book)
    items = list(dict.fromkeys(zip(names, codes)))
    normal = {name: normalise(name, places) for name, _ in items}
    crowd = _crowd({fold_key(name): n for name, n in normal.items()}.values(), book)
    taken: dict[tuple, Hit] = {}
    open_: dict[tuple, list[Hit]] = {}
    unsettled = []
    for item in items:
        verdict, hits = _decide(item, normal[item[0]], book, ruled, crowd, places)
        if verdict == SURE:
            taken[item] = hits[0]
            continue
        open_[item] = hits
        if verdict == LOOK_FURTHER and normal[item[0]].core:
            unsettled.append(item)
    _demote(taken, open_)
    _add_nearest(open_, unsettled, normal, book, ruled)
    return _tables(listed, names, codes, taken, open_, book, ruled)


def _crowd(listed: Iterable[NormalName], book: Book) -> Counter:
    """How many distinct listed names, and how many entries, share a core, or a core and its places: the greater of the two."""
    sides = []
    for side in (listed, book.normal):
        count: Counter = Counter()
        for n in side:
            count[n.core, n.branch] += 1
            count[n.core, n.branch, frozenset(n.place)] += 1
        sides.append(count)
    return sides[0] | sides[1]


def _decide(item: tuple[str, str], n: NormalName, book: Book, ruled: Decisions, crowd: Counter, places: Places) -> tuple[str, list[Hit]]:
    """Verdict on one listed name, and its hits (exactly one where SURE)."""
    name, code = item
    key = fold_key(name)
    if not key:
        return SETTLED, []
    if key in ruled.yes:
        return SURE, [Hit(ruled.yes[key], BY_PERSON)]
    barred = {k for listed, k in ruled.no if listed == key} if ruled.no else ()
    strong = {k: words for k, words in _strong(key, n, book, places).items() if k not in barred}
    coded = [k for k in book.by_code.get(code, []) if k not in barred] if code else []
    if coded:
        return _by_code(coded, strong, n, book, places)
    if strong:
        hits = [_other_code(Hit(k, words), code, book) for k, words in strong.items()]
        if len(hits) == 1:
            return (SETTLED if hits[0].words == OTHER_CODE else SURE), hits
        return SETTLED, [h if h.words == OTHER_CODE else h._replace(words=f"{h.words}相符，但名册里有{len(hits)}家都符合") for h in hits]
    hits = []
    for k in book.by_core.get((n.core, n.branch), []) if n.core else []:
        if k in barred:
            continue
        level, words = compare(n, book.normal[k])
        # Without the place a name could be anyone's of this core; without the form only one's of this core and place.
        shared = (n.core, n.branch) if set(n.place) != set(book.normal[k].place) else (n.core, n.branch, frozenset(n.place))
        alone = level == LOOSE and crowd[shared] == 1
        hits.append(_other_code(Hit(k, f"规范名称（{words}）" if alone else words, likeness(n, book.normal[k]), alone), code, book))
    fitting = [h for h in hits if h.loose]
    if len(fitting) == 1 and fitting[0].words != OTHER_CODE:
        return SURE, fitting
    kin = [k for k in book.by_trunk.get(n.core, ())
           if k not in barred and book.normal[k].branch != n.branch and set(book.normal[k].place) == set(n.place)]
    hits += [_other_code(Hit(k, difference(n, book.normal[k]), likeness(n, book.normal[k])), code, book) for k in kin]
    return LOOK_FURTHER, hits


def _strong(key: str, n: NormalName, book: Book, places: Places) -> dict[int, str]:
    """Entries that bear this name, now or formerly, in one spelling or another."""
    found: dict[int, str] = dict.fromkeys(book.by_name.get(key, []), BY_NAME)
    # A name that is on the roster letter for letter means that entry, however alike another may be.
    for k in book.by_core.get((n.core, n.branch), []) if n.core and not found else ():
        level, words = compare(n, book.normal[k])
        if level == SAME:
            found.setdefault(k, words)
    for k in (*book.by_former.get(key, ()), *book.by_former_key.get(n.key, ())):
        found.setdefault(k, BY_FORMER)
    if n.alias:
        stated = normalise(n.alias, places)
        for k in (*book.by_name.get(fold_key(n.alias), ()), *(k for k in book.by_core.get((stated.core, stated.branch), ())
                                                               if compare(stated, book.normal[k])[0] == SAME)):
            found.setdefault(k, BY_STATED)
    return found


def _by_code(coded: list[int], strong: dict[int, str], n: NormalName, book: Book, places: Places) -> tuple[str, list[Hit]]:
    both = [k for k in coded if k in strong]
    if len(both) == 1:
        return SURE, [Hit(both[0], BY_CODE)]
    others = [Hit(k, OTHER_CODE) for k in strong if k not in coded]
    if len(coded) > 1:
        return SETTLED, [Hit(k, f"信用代码相同，但名册里有{len(coded)}行用这个代码") for k in coded] + others
    k = coded[0]
    alike = max([similarity(n, book.normal[k]), *(similarity(n, normalise(old, places)) for old in book.former[k])])
    if not others and alike >= setting("代码相同名称最低相似度"):
        return SURE, [Hit(k, BY_CODE, alike)]
    return SETTLED, [Hit(k, "信用代码相同，但名称差别大" if not others else "信用代码相同，但名称是另一家企业的", alike), *others]


def _other_code(hit: Hit, code: str, book: Book) -> Hit:
    own = book.codes[hit.entry]
    return hit._replace(words=OTHER_CODE) if code and own and own != code else hit


def _demote(taken: dict, open_: dict) -> None:
    """An entry taken by two different names keeps the certain one; the loosely fitting one is put before a person."""
    bearers: dict[int, dict[str, str]] = {}
    for (name, _), hit in taken.items():
        bearers.setdefault(hit.entry, {})[fold_key(name)] = name
    for item, hit in list(taken.items()):
        others = [name for key, name in bearers[hit.entry].items() if key != fold_key(item[0])]
        if hit.loose and others:
            del taken[item]
            open_[item] = [hit._replace(words=f"{hit.words}，但该企业已与名单里的“{others[0]}”对上")]


def _add_nearest(open_: dict, unsettled: list[tuple[str, str]], normal: dict[str, NormalName], book: Book, ruled: Decisions) -> None:
    """Nearest names, without the legal form or with it, for names that no entry bears."""
    most, names = int(setting("待核最多候选")), [name for name, _ in unsettled]
    parts = nearest([compared(normal[name]) for name in names], [compared(n) for n in book.normal], setting("待核最低相似度"), most)
    wholes = nearest([fold_key(name) for name in names], [fold_key(name) for name in book.names], setting("待核最低全名相似度"), most)
    for item, *near in zip(unsettled, parts, wholes):
        n, known = normal[item[0]], {h.entry for h in open_[item]}
        for k, score in sorted(near[0] + near[1], key=lambda pair: -pair[1]):
            if k in known or (fold_key(item[0]), k) in ruled.no:
                continue
            known.add(k)
            own = book.normal[k]
            differs = "，信用代码不同" if item[1] and book.codes[k] and book.codes[k] != item[1] else ""
            open_[item].append(Hit(k, (difference(n, own) if own.core == n.core else "名称相近") + differs, score))


def _tables(listed: pd.DataFrame, names: list[str], codes: list[str], taken: dict, open_: dict, book: Book, ruled: Decisions) -> Matched:
    numbers = [int(r) for r in listed["row"]] if "row" in listed else list(range(len(listed)))
    refused = {key for key, _ in ruled.no}
    most = int(setting("待核最多候选"))
    held, doubtful, unmatched = [], [], []
    for number, name, code in zip(numbers, names, codes):
        hit = taken.get((name, code))
        if hit:
            held.append((number, name, book.rows[hit.entry], book.names[hit.entry], hit.words, hit.score))
            continue
        hits = sorted(open_[name, code], key=lambda h: (-h.score, h.entry))
        left = f"；另有 {len(hits) - most} 家同样相近，未列出" if len(hits) > most else ""
        doubtful += [(number, name, code, book.rows[h.entry], book.names[h.entry], book.codes[h.entry], h.score, h.words + left) for h in hits[:most]]
        if not hits:
            unmatched.append((number, name, code, "没有写名称" if not name else RULED_OUT if fold_key(name) in refused else NOT_FOUND))
    return Matched(pd.DataFrame(held, columns=HELD), pd.DataFrame(doubtful, columns=DOUBTFUL), pd.DataFrame(unmatched, columns=UNMATCHED))
