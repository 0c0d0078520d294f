"""Which notebooks there are, what each is called and which sheets of a case it needs.

A notebook states its needs in its own metadata, ``{"analysis": {"needs": ["scheme", "values"]}}``,
by the English keys of ``tables/dictionary.csv``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from analysis.report import files, index, manifest, parameters
from analysis.report.parameters import ParameterError, suggest


@dataclass(frozen=True)
class Loaded:
    """A notebook and what it says of itself.

    ``needs``: sheets of the case; ``folder``: where it writes files, ``reads``: whose files of the report before it gets, empty
    for nowhere; ``declared``: its
    parameters as :func:`analysis.report.parameters.declared` gives them; ``code``: SHA-256 over the
    library and this notebook.
    """

    stem: str
    path: Path
    nb: object
    text: str
    title: str
    needs: tuple[str, ...]
    folder: str
    reads: str
    declared: Mapping[str, dict]
    code: str


def load(root: Path, chosen: Sequence[str | Path] | None = None) -> dict[str, Loaded]:
    """The notebooks asked for, read and checked, by name."""
    found = {}
    for path in find(root, chosen):
        nb = parameters.read_notebook(path)
        import nbformat

        name = title(nb, path.stem)
        found[path.stem] = Loaded(path.stem, path, nb, nbformat.writes(nb), name, needs(nb), files.folder(nb, name), files.folder(nb, name, "reads"),
                                  parameters.declared(nb), manifest.code_hash(root, [path]))
    return found


def find(root: Path, chosen: Sequence[str | Path] | None = None) -> list[Path]:
    """``notebooks/[0-9]*.ipynb`` in order, or those chosen by number, name or path."""
    every = sorted((root / "notebooks").glob("[0-9]*.ipynb"))
    if chosen is None:
        if not every:
            raise ParameterError("notebooks 文件夹里没有以数字开头的笔记本")
        return every
    found = []
    for wanted in map(str, chosen):
        path = Path(wanted)
        match = [path] if path.suffix == ".ipynb" and path.is_file() else [
            entry for entry in every if wanted in (entry.name, entry.stem) or entry.stem.split("_")[0].lstrip("0") == wanted.lstrip("0")]
        if not match:
            raise ParameterError(f"没有名为“{wanted}”的笔记本{suggest(wanted, [entry.stem for entry in every])}")
        found += [entry.resolve() for entry in match if entry.resolve() not in found]
    return found


def title(nb: object, fallback: str) -> str:
    """``metadata.title``, else the first Markdown heading, else the file's name."""
    if nb.metadata.get("title"):
        return str(nb.metadata["title"])
    for cell in nb.cells:
        if cell.cell_type == "markdown":
            for line in cell.source.splitlines():
                if line.startswith("# "):
                    return line[2:].strip()
    return fallback


def needs(nb: object) -> tuple[str, ...]:
    """Sheets without which the notebook has nothing to work on: ``metadata.analysis.needs``, by English key."""
    from analysis.dictionary import load

    known = {sheet.key for sheet in load().sheets}
    stated = nb.metadata.get("analysis", {})
    wanted = stated.get("needs", []) if isinstance(stated, Mapping) else stated
    wrong = [str(key) for key in wanted if str(key) not in known] if isinstance(wanted, list) else [str(wanted)]
    if wrong:
        raise ParameterError(f"“{title(nb, '笔记本')}”的元数据 analysis.needs 里有不认识的表：{'、'.join(wrong)}。可用：{'、'.join(sorted(known))}")
    return tuple(map(str, wanted))


def absent(wanted: tuple[str, ...], case: object) -> list[str]:
    """Titles of the sheets in ``wanted`` that the case has no row of, in dictionary order."""
    from analysis.dictionary import load

    return [sheet.title for sheet in load().sheets if sheet.key in wanted and not len(case.tables[sheet.key])]


def unfit(notebooks: Mapping[str, Loaded], case: object, refuse: bool, district: str = "") -> list[dict]:
    """The notebooks this case cannot feed: ``name``, ``title`` and the missing ``sheets`` of each.

    Run for another ``district`` than the case's own, a notebook without that parameter is left out too (``why``):
    it would show the own district's figures under the other's name. With ``refuse`` a ParameterError names them instead.
    """
    skipped = []
    for stem, item in notebooks.items():
        sheets = absent(item.needs, case) if item.needs else []
        if sheets:
            skipped.append({"name": stem, "title": item.title, "sheets": sheets})
        elif district and district != case.home and "district" not in item.declared:
            skipped.append({"name": stem, "title": item.title, "sheets": [], "why": f"这一篇只做案例的本区（{case.home}）"})
    if skipped and refuse:
        words = "；".join(f"“{item['title']}”（{item['name']}）{index.undone(item)}" for item in skipped)
        raise ParameterError(f"{words}。请补上这些表，或换一个笔记本")
    return skipped
