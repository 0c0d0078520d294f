"""A Word document with Chinese fonts that stay: styles, header, footer, and the same input the same bytes."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from collections.abc import Sequence
from functools import lru_cache
from xml.sax.saxutils import escape

from docx import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt
from lxml.etree import Comment

from .model import Page, document_title
from .settings import setting
from .typeset import Fit, laid
from .word_blocks import Ink, body, run

SONG, HEI, LATIN = "宋体", "黑体", "Times New Roman"
_WIDTH, _HEIGHT = 210, 297
_THEMES = ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme")
_CLOCK = (1980, 1, 1, 0, 0, 0)  # instead of the time of making: the same input, the same bytes
_BODY, _ABOUT = "word/document.xml", "docProps/core.xml"
_TEXT, _TITLE = "<!--pages-->", "title to come"  # where in these two
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # by XML


def word(pages: Sequence[Page], fits: Sequence[Fit], day: str, title: str = "") -> bytes:
    """A .docx of upright pages, each on a sheet (or sheets) of its own, laid out as ``fits`` says (see :class:`analysis.handouts.typeset.Fit`).

    day : 2022-12-31, the date in the properties. Characters that the PDF cannot draw are kept: Word has fonts for them.
    """
    width = round((_WIDTH - 2 * setting("页边距")) / 25.4 * 1440)
    xml = "".join(body(page, fit, Ink(width, fit.size), first=k == 0) for k, (page, fit) in enumerate(laid(pages, fits)))
    given = {_BODY: (_TEXT, xml), _ABOUT: (_TITLE, escape((title or document_title(pages[0]))[:255]))}
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as target:
        for name, part in _frame(pages[0].head, pages[0].mark, day):
            if name in given:
                place, words = given[name]
                part = part.replace(place.encode(), _FORBIDDEN.sub("", words).encode())
            target.writestr(zipfile.ZipInfo(name, _CLOCK), part, zipfile.ZIP_DEFLATED)
    return made.getvalue()


@lru_cache(maxsize=8)
def _frame(head, mark, day):
    """Files of a document that has only a place (``_TEXT``) for the pages and one for its title: (name, bytes) each.

    The pages are put in as text: to have them parsed, moved and written again cost more than all else.
    """
    document = Document()
    _styles(document)
    _paper(document, head, mark)
    inside = document.element.body
    for child in list(inside)[:-1]:
        inside.remove(child)
    inside[-1].addprevious(Comment(_TEXT[4:-3]))
    _properties(document, _TITLE, day)
    whole = io.BytesIO()
    document.save(whole)
    with zipfile.ZipFile(whole) as source:
        return tuple((name, source.read(name)) for name in source.namelist())


def _styles(document):
    styles = document.styles
    defaults = styles.element.find(qn("w:docDefaults")).find(qn("w:rPrDefault")).find(qn("w:rPr"))
    _fonts(defaults, SONG)
    lang = defaults.find(qn("w:lang"))
    for key, value in (("val", "en-US"), ("eastAsia", "zh-CN"), ("bidi", "ar-SA")):
        lang.set(qn(f"w:{key}"), value)
    for name, font in (("Normal", SONG), ("Heading 1", HEI), ("Heading 2", HEI), ("Header", SONG), ("Footer", SONG)):
        style = styles[name]
        _fonts(style.element.get_or_add_rPr(), font)
        for parent, tag in ((style.element.rPr, "w:color"), (style.element.pPr, "w:tabs")):
            for old in parent.findall(qn(tag)) if parent is not None else ():
                parent.remove(old)
        style.font.size = Pt(setting("正文最小字号"))
        style.paragraph_format.space_before = style.paragraph_format.space_after = Pt(0)
    for name in ("Heading 1", "Heading 2"):
        styles[name].font.bold = True


def _fonts(properties, east):
    """Fonts by name. The theme's, which would win over them, are taken away."""
    fonts = properties.get_or_add_rFonts() if hasattr(properties, "get_or_add_rFonts") else properties.find(qn("w:rFonts"))
    for theme in _THEMES:
        fonts.attrib.pop(qn(f"w:{theme}"), None)
    for slot, font in (("ascii", LATIN), ("hAnsi", LATIN), ("cs", LATIN), ("eastAsia", east)):
        fonts.set(qn(f"w:{slot}"), font)


def _paper(document, head, mark):
    section = document.sections[0]
    margin = setting("页边距")
    section.page_width, section.page_height = Mm(_WIDTH), Mm(_HEIGHT)
    section.left_margin = section.right_margin = Mm(margin)
    section.top_margin, section.bottom_margin = Mm(margin + 5), Mm(margin - 2)
    section.header_distance, section.footer_distance = Mm(margin - 4), Mm(margin - 7)
    size = setting("正文最小字号")
    mark = f'<w:r><w:tab/></w:r>{run(mark, size, bold=True, boxed=True)}' if mark else ""
    edge = round((_WIDTH - 2 * margin) / 25.4 * 1440)
    _fill(section.header, f'<w:p {nsdecls("w")}><w:pPr><w:pStyle w:val="Header"/><w:tabs><w:tab w:val="right" w:pos="{edge}"/></w:tabs></w:pPr>{run(head, size)}{mark}</w:p>')
    number = ('<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText xml:space="preserve"> PAGE </w:instrText></w:r>'
              '<w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>1</w:t></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r>')
    _fill(section.footer, f'<w:p {nsdecls("w")}><w:pPr><w:pStyle w:val="Footer"/><w:jc w:val="center"/></w:pPr>{run("— ", size)}{number}{run(" —", size)}</w:p>')


def _fill(part, xml):
    part.is_linked_to_previous = False
    for old in list(part._element):
        part._element.remove(old)
    part._element.append(parse_xml(xml))


def _properties(document, title, day):
    made = dt.datetime.fromisoformat(day)
    about = document.core_properties
    about.title, about.author, about.last_modified_by, about.comments, about.subject, about.keywords, about.category = title, "", "", "", "", "", ""
    about.created = about.modified = made
    about.revision, about.language = 1, "zh-CN"
    # The template's picture of an empty page.
    package = document.part.package
    for key in [k for k, rel in package.rels.items() if rel.reltype.endswith("/thumbnail")]:
        package.rels.pop(key)
