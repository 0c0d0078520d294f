"""The files of the handouts."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from ..params import AssessmentError
from ..report.publish import safe_name
from .gather import Handouts
from .glyphs import missing
from .model import ANSWERS, ENTERPRISE, POSTER, TOWN, WORKSHEET, Page
from .typeset import Typesetter, laid

TOWN_FOLDER, FIRM_FOLDER, BOUND, POSTER_A3 = "镇街", "企业", "合订本", f"{POSTER}A3"
FURTHER = f"{ENTERPRISE}续页"
LISTED, NONE = "listed", "none"
COLUMNS = ["file", "kind", "town", "pages", "firms", "missing"]


def write_handouts(content: Handouts, folder: str | Path, pdf: bool = True, docx: bool = True, towns: Sequence[str] | None = None,
                   enterprises: str | Sequence[int] = LISTED) -> pd.DataFrame:
    """Write the pages as files.

    ``镇街/<town>.pdf|docx``; ``企业/<town>/<enterprise>.pdf``, one sheet each, what does not fit there in ``<enterprise>-续页.pdf``, with ``企业/<town>/合订本.pdf|docx`` of all of that
    town for the printer; ``学员工作页.pdf|docx`` and, apart from it, its answers for the teacher; ``排名海报.pdf`` and, twice as large, ``排名海报A3.pdf``. The same content gives the same bytes.

    Parameters
    ----------
    towns : only these towns (None = all). enterprises : "listed" (all that have a page), "none", or rows of the 企业 sheet.

    Returns
    -------
    DataFrame: file (below ``folder``), kind, town (empty for pages of the whole district), pages (sheets printed on one side), firms (enterprises that they are of),
    missing (characters that the bundled
    font lacks; in the PDF they stand as 〓 and are named at the foot). A warning names them too.

    Raises
    ------
    AssessmentError for towns or rows without a page, for a page that cannot be fitted, and where a file cannot be written.
    """
    chosen = _chosen_towns(content, towns)
    firms = _chosen_firms(content, chosen, enterprises)
    work = _Work(Path(folder), Typesetter(content.day), content.day, pdf, docx)
    taken: set[str] = set()
    for page in content.towns:
        if page.town in chosen:
            name = _free(page.town, taken)
            work.write([page], f"{TOWN_FOLDER}/{name}", TOWN)
            own = [p for p in firms if p.town == page.town]
            if own:
                _town_firms(work, own, f"{FIRM_FOLDER}/{name}")
    for page, kind in zip(content.worksheet, (WORKSHEET, ANSWERS)):
        work.write([page], page.name, kind)
    if content.poster is not None:
        for paper, name in (("a4", POSTER), ("a3", POSTER_A3)):
            work.write([replace(content.poster, paper=paper)], name, POSTER, docx=False)
    table = pd.DataFrame(work.written, columns=COLUMNS)
    lacking = "".join(dict.fromkeys("".join(table["missing"])))
    if lacking:
        warnings.warn(f"所带字库没有 {len(lacking)} 个字：{'、'.join(f'{ch}（U+{ord(ch):04X}）' for ch in lacking[:20])}{'等' if len(lacking) > 20 else ''}；"
                      "PDF 里以〓代替并在页脚注明，Word 版保留原字", stacklevel=2)
    return table


def _town_firms(work, pages, folder):
    """Each enterprise's own file, then all of the town bound together as they were laid out."""
    taken, fits = {BOUND}, []
    if work.pdf:
        for page in pages:
            fits.append(work.firm(page, folder, taken))
    work.write(pages, f"{folder}/{BOUND}", ENTERPRISE, title=f"{pages[0].town}　{ENTERPRISE}", fits=fits or None)


class _Work:
    """Writes documents and notes what was written."""

    def __init__(self, folder, typesetter, day, pdf, docx):
        self.folder, self.typesetter, self.day, self.pdf, self.docx = folder, typesetter, day, pdf, docx
        self.written: list[tuple] = []

    def write(self, pages: Sequence[Page], name: str, kind: str, title: str = "", docx: bool = True, fits=None):
        """The pages as one file of each kind wanted; how they were laid out."""
        if not (self.pdf or self.docx and docx):
            return []
        made, fits = self.typesetter.set(pages, fits, title)
        about = kind, pages[0].town, len(laid(pages, fits)), len(pages) if kind == ENTERPRISE else 0
        if self.pdf:
            self._put(f"{name}.pdf", made, *about, "".join(map(missing, pages)))
        if self.docx and docx:
            from .word import word

            self._put(f"{name}.docx", word(pages, fits, self.day, title), *about, "")
        return fits

    def firm(self, page, folder, taken):
        """An enterprise's sheet, and what is more than a sheet as a file beside it; how it was laid out."""
        documents, fit = self.typesetter.sheets(page)
        sheets, lacking = len(laid([page], [fit])), missing(page)
        name = _free(page.name, taken)
        self._put(f"{folder}/{name}.pdf", documents[0], ENTERPRISE, page.town, 1, 1, lacking)
        if sheets > 1:
            self._put(f"{folder}/{_unique(f'{name}-续页', taken)}.pdf", documents[1], FURTHER, page.town, sheets - 1, 0, lacking)
        return fit

    def _put(self, name, data, kind, town, sheets, firms, lacking):
        path = self.folder / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        except OSError as failure:
            raise AssessmentError(f"“{path.name}”写不进去：请关闭正在打开它的程序，并确认文件夹可以写入") from failure
        self.written.append((name, kind, town, sheets, firms, "".join(dict.fromkeys(lacking))))


def _chosen_towns(content, towns):
    have = [page.town for page in content.towns]
    if towns is None:
        return set(have)
    if unknown := [t for t in towns if t not in have]:
        raise AssessmentError(f"没有“{'、'.join(unknown)}”的一页纸；有：{'、'.join(have)}")
    return set(towns)


def _chosen_firms(content, towns, enterprises):
    pages = [page for page in content.enterprises if page.town in towns]
    if isinstance(enterprises, str):
        if enterprises not in (LISTED, NONE):
            raise AssessmentError(f"enterprises 只能是 {LISTED}、{NONE} 或企业表行号，现为“{enterprises}”")
        return pages if enterprises == LISTED else []
    wanted = {int(row) for row in enterprises}
    if unknown := sorted(wanted - {page.row for page in pages}):
        raise AssessmentError(f"企业表第 {'、'.join(map(str, unknown))} 行不在所选镇街的清单里，没有条件自测表")
    return [page for page in pages if page.row in wanted]


def _free(name, taken):
    """A file name that no other has, without regard to case."""
    return _unique(safe_name(name), taken)


def _unique(base, taken):
    found, k = base, 1
    while found.casefold() in taken:
        k += 1
        found = f"{base}-{k}"
    taken.add(found.casefold())
    return found
