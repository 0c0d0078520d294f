"""Small handouts, and ways to look into the files made of them."""

import io
import re
import zipfile
from types import SimpleNamespace

import pandas as pd
import pypdf
from analysis.handouts import handouts
from listsbook import NEEDS, made
from recognitionbook import NOBODY, roster, screened, table

TOWNS = pd.DataFrame({"town": pd.Series(dtype="str"), "kind": pd.Series(dtype="str")})


def small(*firms, rules=None, plan=None, nature="示例数据", meta=None, towns=TOWNS, change=None, held=NOBODY, **options):
    """(content, lists, screening) of firms as ``listsbook.made`` takes them; ``change`` = what to do to the lists first."""
    lists = made(*firms, rules=rules, held=held, plan=plan, nature=nature)
    lists = change(lists) if change else lists
    screening = screened(table(rules or NEEDS), roster(*firms), held)
    case = SimpleNamespace(title="小例", city="甲市", home="东区", nature=nature, name="小例", meta=meta or {}, towns=towns, benchmark="", year=2022,
                           illustrative="示例" in nature)
    return handouts(screening, case, lists, plan, **options), lists, screening


def squeezed(text):
    """Text without spaces, line ends and places to break: names that wrap are whole again."""
    return re.sub(r"[\s\u200b]+", "", text)


def pdf_text(data):
    """What a reader of a PDF can get: its pages' text, its properties, its structure tree's texts, and every stream unpacked."""
    reader = pypdf.PdfReader(io.BytesIO(data))
    parts = [page.extract_text() for page in reader.pages] + [f"{k}={v}" for k, v in (reader.metadata or {}).items()]
    for number in range(1, reader.trailer["/Size"]):
        found = reader.get_object(pypdf.generic.IndirectObject(number, 0, reader))
        if isinstance(found, pypdf.generic.StreamObject) and "/Length1" not in found:  # not the outlines of letters
            raw = found.get_data()
            parts += [raw.decode(code, "ignore") for code in ("utf-8", "utf-16-be", "latin-1")]
        elif found is not None:
            parts.append(str(found))
    return squeezed("\n".join(parts))


def docx_text(data):
    """Every part of a .docx with its name, entities undone, text also without its tags."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        text = "\n".join(name + archive.read(name).decode("utf-8", "ignore") for name in archive.namelist())
    for entity, character in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&amp;", "&")):
        text = text.replace(entity, character)
    return squeezed(text) + squeezed(re.sub(r"<[^>]*>", "", text))


def file_text(path):
    return {".pdf": pdf_text, ".docx": docx_text}[path.suffix](path.read_bytes())


def pages_of(path):
    return len(pypdf.PdfReader(path).pages)


def sizes_of(path):
    """Sizes of all text that is printed in a PDF, in points."""
    found = set()

    def note(text, matrix, text_matrix, font, size):
        if text.strip():
            found.add(round(abs(size * text_matrix[3] * matrix[3]), 2))

    for page in pypdf.PdfReader(path).pages:
        page.extract_text(visitor_text=note)
    return found
