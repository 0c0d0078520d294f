"""An executed notebook becomes one offline page: no request, no script but ours."""

from __future__ import annotations

import base64
import copy
import hashlib
import re
import threading
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from html import escape, unescape
from pathlib import Path

from analysis.report import fontsubset
from analysis.report.outputs import STYLE_TAG

ASSETS = Path(__file__).with_name("assets")
SCRIPTS = ("page.js", "boxes.js", "print.js")
KICKER = "考核分析 · 有数 有弦 有方"
WIDGET_MIME = "application/vnd.jupyter.widget-view+json"
_FONTS_HERE = "/*fonts*/"
_HEADING = re.compile(r"<h([1-6])\b([^>]*)>(.*?)</h\1>", re.S)
_ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_WORDLESS = re.compile(r"<img\b(?![^>]*\salt=)")
_NO_WORDS = "没有文字说明的图"
# An exporter's filters belong to the page in hand; two threads would gain nothing by converting side by side.
_CONVERTING = threading.Lock()


@dataclass
class Entry:
    """One line of the table of contents."""

    id: str
    text: str
    children: list[Entry] = field(default_factory=list)


@cache
def _asset(name: str) -> str:
    return (ASSETS / name).read_text("utf-8")


@cache
def _templates() -> object:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(loader=FileSystemLoader(ASSETS), autoescape=True, undefined=StrictUndefined,
                       trim_blocks=True, lstrip_blocks=True)


def script_hash(script: str) -> str:
    """The Content-Security-Policy source that admits exactly this inline script."""
    return "sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


class MissingGlyphWarning(UserWarning):
    """Some characters of a page are not in the bundled face."""


def _warn_missing(message: str) -> None:
    warnings.warn(message, MissingGlyphWarning, stacklevel=3)


def render_page(template: str = "page.html.j2", *, extra_css: str = "", on_missing: Callable[[str], object] = _warn_missing, **context: object) -> str:
    """Fill a page template and embed the fonts cut to the characters it came to hold.

    ``on_missing`` is told, in one sentence, the characters the bundled face lacks.
    """
    script = "".join(map(_asset, SCRIPTS))
    defaults = {"kicker": KICKER, "nav": (), "toc": (), "facts": (), "illustrative": False, "body": ""}
    page = _templates().get_template(template).render(
        **{**defaults, **context},
        css=_asset("components.css") + _asset("style.css") + extra_css,
        script=script, script_hash=script_hash(script), fonts_here=_FONTS_HERE,
    )
    lacking = fontsubset.lacking(page)
    if lacking:
        on_missing(f"随带字体缺少这些字，将用读者电脑上的字体显示：{'、'.join(lacking)}")
    return page.replace(_FONTS_HERE, fontsubset.font_face_css(page), 1)


OWN_ERRORS = ("AssessmentError", "CaseError")


def error_box(ename: str, evalue: str, notebook: str = "") -> str:
    """What a reader sees where the computation stopped."""
    reason = _ANSI.sub("", evalue).strip() or "没有给出原因"
    shown = "<br>".join(escape(line) for line in reason.splitlines()[:30])
    # Our own refusals say in Chinese what is wrong; the kind of any other error helps whoever mends it.
    kind = "" if ename in OWN_ERRORS else f"错误类型：{escape(ename)}。"
    where = f"已算出的部分保存在同目录的 {escape(notebook)}，可用 JupyterLab 打开查看。" if notebook else ""
    return (f'<div class="failed" role="alert"><p><strong>计算在这里中断，以下内容没有生成</strong></p>'
            f"<p>{shown}</p><p>{kind}{where}</p></div>")


def _clean(nb: object, show_code: bool, notebook: str) -> object:
    """A copy of the notebook holding only what a reader is to see."""
    from nbformat import v4

    nb = copy.deepcopy(nb)
    nb.metadata.pop("widgets", None)
    nb.cells = [cell for cell in nb.cells if "papermill-error-cell-tag" not in cell.metadata.get("tags", [])]
    for cell in nb.cells:
        if cell.cell_type != "code":
            continue
        kept = []
        for output in cell.outputs:
            if output.output_type == "stream" and output.name == "stderr" and not show_code:
                continue
            if WIDGET_MIME in output.get("data", {}):
                # Nothing on a page can move it.
                continue
            if output.output_type == "error":
                box = error_box(output.ename, output.evalue, notebook)
                if show_code:
                    trace = escape(_ANSI.sub("", "\n".join(output.traceback)))
                    box += f"<details><summary>出错位置</summary><pre>{trace}</pre></details>"
                output = v4.new_output("display_data", {"text/html": box})
            if "data" in output and STYLE_TAG in output.data.get("text/html", ""):
                output.data["text/html"] = re.sub(STYLE_TAG + r".*?</style>", "", output.data["text/html"], flags=re.S)
            kept.append(output)
        cell.outputs = kept
    return nb


@cache
def _exporter(show_code: bool) -> object:
    """One exporter per process and kind, since making one and its templates costs more than using it.

    It leaves out what does nothing for our pages: checking the notebook after each of eleven steps instead of
    once, and parsing the page to look for images without words (we do) and for JupyterLab's focus marks (the template has none).
    """
    from nbconvert.exporters.html import HTMLExporter
    from nbconvert.exporters.templateexporter import TemplateExporter
    from nbconvert.filters.highlight import Highlight2HTML
    from nbconvert.filters.widgetsdatatypefilter import WidgetsDataTypeFilter

    class Exporter(HTMLExporter):
        def from_notebook_node(self, nb: object, resources: object = None, **kw: object) -> tuple[str, object]:
            language = nb.metadata.get("language_info", {})
            lexer = language.get("pygments_lexer", language.get("name"))
            resources = self._init_resources(resources)
            self.register_filter("highlight_code", Highlight2HTML(pygments_lexer=lexer, parent=self))
            self.register_filter("filter_data_type", WidgetsDataTypeFilter(notebook_metadata=self._nb_metadata, parent=self, resources=resources))
            return TemplateExporter.from_notebook_node(self, nb, resources, **kw)

    return Exporter(
        template_name="basic", exclude_input=not show_code, exclude_input_prompt=True,
        exclude_output_prompt=True, exclude_anchor_links=True, optimistic_validation=True,
    )


@cache
def get_ready() -> None:
    """Load what the first page needs, while kernels are still starting: it takes longer than to make the page."""
    from nbformat import v4

    shown = v4.new_output("display_data", {"text/html": "<p></p>"})
    to_html(v4.new_notebook(cells=[v4.new_markdown_cell("## "), v4.new_code_cell("", outputs=[shown])]), title="")


def arrange_headings(body: str, title: str) -> tuple[str, list[Entry]]:
    """Exactly one h1, no skipped level, unique ids; returns the body and its contents list."""
    toc: list[Entry] = []
    seen: dict[str, int] = {}
    level_before, first = 1, True
    opening = _HEADING.search(body)
    if not opening or opening[1] != "1":
        body = f"<h1>{escape(title)}</h1>\n" + body

    def rewrite(match: re.Match) -> str:
        nonlocal level_before, first
        level, attributes, inner = int(match[1]), match[2], match[3]
        if level == 1 and not first:
            level = 2
        if level == 1:
            first = False
        level = min(level, level_before + 1)
        level_before = level
        # The hidden markers of a badge are not part of what a contents line says.
        text = unescape(re.sub(r"<[^>]*>", "", inner)).strip()
        slug = re.sub(r"[^\w\u4e00-\u9fff-]+", "-", text).strip("-")[:60] or "section"
        seen[slug] = seen.get(slug, 0) + 1
        anchor = slug if seen[slug] == 1 else f"{slug}-{seen[slug]}"
        attributes = re.sub(r"\s+id=(\"[^\"]*\"|'[^']*'|\S+)", "", attributes)
        if level == 2:
            toc.append(Entry(anchor, text))
        elif level == 3 and toc:
            toc[-1].children.append(Entry(anchor, text))
        return f'<h{level}{attributes} id="{anchor}">{inner}</h{level}>'

    return _HEADING.sub(rewrite, body), toc


def to_html(
    nb: object,
    *,
    title: str,
    show_code: bool = False,
    facts: Sequence[tuple[str, str]] = (),
    nav: Sequence[tuple[str, str]] = (),
    illustrative: bool = False,
    notebook: str = "",
    on_missing: Callable[[str], object] = _warn_missing,
) -> str:
    """One self-contained page from an executed notebook.

    Parameters
    ----------
    title : for the window and, when the notebook has no first-level heading, the page.
    show_code : keep code cells (coloured) and log output.
    facts : (name, text) pairs for the footer: when and from what the page was made.
    nav : (href, label) of the sibling pages; an empty href is this page.
    illustrative : print 示例数据 at the head of every sheet.
    notebook : name of the kept notebook, told to the reader where it stopped.
    on_missing : told the characters that the embedded font lacks; warns by default.
    """
    with _CONVERTING:
        body, _ = _exporter(show_code).from_notebook_node(_clean(nb, show_code, notebook))
    body = _WORDLESS.sub(f'<img alt="{_NO_WORDS}"', body)
    body = re.sub(r'\s*<div class="output_(?:html|subarea|area|wrapper)?[^"]*">\s*</div>', "", body)
    body, toc = arrange_headings(body, title)
    extra = ""
    if show_code:
        from pygments.formatters import HtmlFormatter

        extra = HtmlFormatter(style="default").get_style_defs(".highlight")
    return render_page(title=title, body=body, toc=toc if len(toc) > 1 else (), facts=facts, nav=nav,
                       illustrative=illustrative, extra_css=extra, on_missing=on_missing)
