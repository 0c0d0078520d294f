"""The reports of all bundled cases, opened in a real browser from the disk."""

from __future__ import annotations

import base64
import io
import json
import re
import time
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pandas as pd
import pypdf
import pytest
from nbformat import v4

from analysis.case import bundled_cases
from analysis.report import batch, html, markup


@pytest.fixture(scope="session")
def reports(tmp_path_factory) -> Path:
    """``run_cases`` over all bundled cases, once however many test processes there are."""
    shared = tmp_path_factory.getbasetemp()
    if shared.name.startswith("popen-"):
        shared = shared.parent
    out = shared / "all-reports"
    done = shared / "all-reports.json"
    try:
        (shared / "all-reports.lock").mkdir()
    except FileExistsError:
        until = time.monotonic() + 900
        while not done.exists() and time.monotonic() < until:
            time.sleep(0.2)
    else:
        lines: list[str] = []
        status = 2
        try:
            status = batch.run_cases(bundled_cases(), out=out, progress=lines.append).exit_status
        finally:
            aside = done.with_suffix(".part")
            aside.write_text(json.dumps([status, lines]), encoding="utf-8")
            aside.replace(done)
    status, lines = json.loads(done.read_text("utf-8"))
    assert status == 0, "\n".join(lines)
    return out


class Visit:
    """A page with all it said and asked for."""

    def __init__(self, browser, width=1280, height=900):
        self.page = browser.new_page(viewport={"width": width, "height": height})
        self.said: list[str] = []
        self.asked: list[str] = []
        self.page.on("console", lambda message: self.said.append(f"{message.type}: {message.text}"))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("request", lambda request: self.asked.append(request.url))

    def open(self, path: Path):
        self.page.goto(path.as_uri())
        self.page.evaluate("document.fonts.ready.then(() => true)")
        return self.page


@pytest.fixture()
def visit(browser):
    visits = []

    def start(**size):
        visits.append(Visit(browser, **size))
        return visits[-1]

    yield start
    for made in visits:
        made.page.close()


def pages(reports: Path) -> list[Path]:
    found = sorted(path for path in reports.rglob("*.html") if not any(part.startswith(".") for part in path.relative_to(reports).parts))
    assert len(found) > len(bundled_cases())
    return found


def notebook_pages(reports: Path) -> list[Path]:
    return [path for path in pages(reports) if re.match(r"\d", path.name)]


DRAWN = """() => {
  // The glyphs of our own face against the box drawn for a character no face has: equal pictures mean tofu.
  const draw = text => {
    const canvas = document.createElement('canvas'); canvas.width = canvas.height = 48;
    const pen = canvas.getContext('2d'); pen.font = '40px YS'; pen.fillText(text, 4, 40);
    return canvas.toDataURL();
  };
  const box = draw('\\u{10FFFD}'), empty = draw('');
  const chinese = [...new Set([...document.querySelector('main').innerText])].filter(c => /[\\u4e00-\\u9fff]/.test(c));
  return {
    count: chinese.length,
    tofu: chinese.filter(c => { const seen = draw(c); return seen === box || seen === empty; }),
    distinct: new Set(chinese.map(draw)).size,
  };
}"""


def test_every_page_opens_silently_asks_for_nothing_and_draws_its_chinese(reports, visit):
    for path in pages(reports):
        seen = visit()
        page = seen.open(path)
        assert seen.said == [], path.name
        assert [url for url in seen.asked if not url.startswith("data:")] == [path.as_uri()], path.name
        assert page.evaluate("[...document.fonts].filter(f => f.family.includes('YS')).every(f => f.status === 'loaded')"), path.name
        drawn = page.evaluate(DRAWN)
        assert drawn["count"] > 20 and drawn["tofu"] == [] and drawn["distinct"] == drawn["count"], path.name
        assert path.stat().st_size < 5_000_000


def test_every_image_is_complete_and_has_alternative_text(reports, visit):
    for path in notebook_pages(reports):
        images = visit().open(path).evaluate("[...document.images].map(i => [i.complete && i.naturalWidth > 0, i.alt.trim()])")
        assert (images or path.name.startswith("05")) and all(complete and alt for complete, alt in images), path.name


def test_headings_are_in_order_and_contents_lead_to_them(reports, visit):
    for path in notebook_pages(reports):
        page = visit(width=1440).open(path)
        levels = page.evaluate("[...document.querySelectorAll('main h1,main h2,main h3,main h4')].map(h => +h.tagName[1])")
        assert levels[0] == 1 and levels.count(1) == 1
        assert all(after <= before + 1 for before, after in zip(levels, levels[1:], strict=False)), path.name
        links = page.locator(".toc a")
        assert links.count() >= 2, path.name
        links.last.click()
        assert page.evaluate("document.getElementById(decodeURIComponent(location.hash.slice(1))) !== null"), path.name
        assert page.evaluate("window.scrollY") > 0


def test_no_page_is_wider_than_a_phone(reports, visit):
    for path in pages(reports):
        page = visit(width=390, height=844).open(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path.name


def test_on_a_phone_no_row_head_runs_into_its_neighbour_and_rows_stay_low(reports, visit):
    """The first column stands still while the others slide under it; the text of a column out of sight must not blow up the rows."""
    for path in notebook_pages(reports):
        page = visit(width=390, height=844).open(path)
        page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")
        tables = page.evaluate("""[...document.querySelectorAll('table.ys-table')].filter(t => t.tBodies[0].rows.length).map(t => {
          const rows = [...t.tBodies[0].rows], heads = rows.map(r => r.cells[0]).filter(c => c.tagName === 'TH');
          const range = document.createRange(), box = t.closest('.ys-scroll');
          box.scrollLeft = 200;
          const run_over = heads.filter(h => { range.selectNodeContents(h); return range.getBoundingClientRect().right > h.getBoundingClientRect().right + 1; });
          const clear = heads.filter(h => getComputedStyle(h).position !== 'sticky' || /^rgba/.test(getComputedStyle(h).backgroundColor));
          const left = heads.filter(h => box.scrollLeft && Math.abs(h.getBoundingClientRect().left - box.getBoundingClientRect().left) > 1);
          const heights = rows.map(r => r.offsetHeight).concat(t.tHead.offsetHeight);
          return [t.caption.textContent, run_over.length, clear.length, left.length, Math.max(...heights), Math.max(0, ...heads.map(h => h.offsetWidth))];
        })""")
        for caption, run_over, clear, left, height, width in tables:
            assert (run_over, clear, left) == (0, 0, 0) and height <= 150 and width <= 260, (path.name, caption, height, width)


def test_a_table_sorts_both_ways(reports, visit):
    path = notebook_pages(reports)[0]
    page = visit().open(path)
    table = page.locator("table.ys-table").filter(has=page.locator("tbody th.n, tbody td.n")).first
    column = table.evaluate("t => [...t.tBodies[0].rows[0].cells].findIndex(c => c.classList.contains('n'))")
    read = f"t => [...t.tBodies[0].rows].map(r => r.cells[{column}]).map(c => parseFloat((c.dataset.v ?? c.textContent).replace(/,/g, ''))).filter(v => !isNaN(v))"
    button = table.locator("thead th").nth(column).get_by_role("button")
    button.click()
    ascending = table.evaluate(read)
    assert len(ascending) > 1 and ascending == sorted(ascending)
    button.click()
    assert table.evaluate(read) == sorted(ascending, reverse=True)
    assert table.locator("thead th").nth(column).get_attribute("aria-sort") == "descending"


def test_a_filter_hides_the_rows_that_do_not_match(reports, visit):
    for path in notebook_pages(reports):
        page = visit().open(path)
        box = page.locator(".tools input").first
        if not box.count():
            continue
        rows = page.locator(".ys-tablebox").filter(has=page.locator(".tools input")).first.locator("tbody tr")
        word = rows.nth(1).locator("th").first.inner_text().strip()
        before = rows.count()
        box.fill(word)
        left = rows.evaluate_all("rs => rs.filter(r => !r.hidden).map(r => r.textContent)")
        assert left and all(word in text for text in left) and len(left) <= before
        box.fill("没有这样的内容xyz")
        assert rows.evaluate_all("rs => rs.filter(r => !r.hidden).length") == 0
        box.fill("")
        assert rows.evaluate_all("rs => rs.filter(r => !r.hidden).length") == before
        return
    pytest.fail("no page has a table long enough to filter")


def test_the_printed_page_is_paper_sized_numbered_and_not_endless(reports, visit):
    for path in notebook_pages(reports):
        printed = visit().open(path).pdf(prefer_css_page_size=True)
        sheets = len(re.findall(rb"/Type\s*/Page\b(?!s)", printed))
        # The demo's growth paths print 54 folded tables of all five indicators.
        assert 1 <= sheets <= 70, path.name
        width, height = (float(n) for n in re.search(rb"/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)", printed).groups())
        assert abs(width - 595.3) < 2 and abs(height - 841.9) < 2


def test_nothing_printed_is_wider_than_the_sheet_which_would_shrink_the_whole_page(reports, visit):
    for path in notebook_pages(reports):
        # 188 mm between the margins.
        page = visit(width=710, height=990).open(path)
        page.emulate_media(media="print")
        page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
        assert page.evaluate("document.documentElement.scrollWidth") <= 710, path.name


def paper(frame: pd.DataFrame, tmp_path: Path, visit, before: str = "") -> tuple[object, list[str]]:
    """A folded table printed by the browser: the page, and the text of each sheet."""
    output = v4.new_output("display_data", {"text/html": before + markup.table(frame, "企业名单", fold=True)})
    path = tmp_path / f"fold{len(frame)}.html"
    path.write_text(html.to_html(v4.new_notebook(cells=[v4.new_code_cell("1", outputs=[output])]), title="打印"), encoding="utf-8")
    page = visit().open(path)
    printed = pypdf.PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True)))
    return page, [re.sub(r"\s", "", sheet.extract_text()) for sheet in printed.pages]


@pytest.mark.parametrize("rows", [2, 13, 60, 61])
def test_a_folded_table_is_printed_up_to_sixty_rows_and_folded_again(visit, tmp_path, rows):
    page, sheets = paper(pd.DataFrame({"企业": [f"第{n:03}厂" for n in range(rows)]}), tmp_path, visit)
    text = "".join(sheets)
    shown = [n for n in range(rows) if f"第{n:03}厂" in text]
    assert "企业名单" in text and "点开查看" not in text
    if rows <= 60:
        assert shown == list(range(rows)) and "没有打印" not in text and text.count("企业名单") == 1
    else:
        assert shown == [] and f"（{rows}行，没有打印，见网页）" in text
    assert not page.evaluate("document.querySelector('details.ys-fold').open")
    # What the reader opened is printed whatever its length, and stays open.
    page.evaluate("document.querySelector('details.ys-fold').open = true")
    again = "".join(sheet.extract_text() for sheet in pypdf.PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True))).pages)
    assert all(f"第{n:03}厂" in re.sub(r"\s", "", again) for n in range(rows))
    assert page.evaluate("document.querySelector('details.ys-fold').open")


def test_on_paper_headings_stay_with_what_follows_and_cards_stay_together(visit, tmp_path):
    """Whatever stands before them, from nothing to a whole sheet."""
    cards = "".join(f'<div class="ys-key"><dt>卡片{n}</dt><dd class="ys-value">{n}0</dd></div>' for n in range(8))
    drawing = base64.b64encode(b'<svg xmlns="http://www.w3.org/2000/svg" width="900" height="1400"><rect width="900" height="1400" fill="#888"/></svg>').decode()
    chart = ('<h2>图的标题</h2><figure class="ys ys-figure"><figcaption>图名</figcaption><p class="ys-reading">图里看到什么。</p><div class="ys-frame">'
             f'<img src="data:image/svg+xml;base64,{drawing}" width="900" height="1400" alt="图"></div><p class="ys-source">来源：图下一行</p></figure>')
    split = 0
    for mm in range(0, 260, 20):
        # 42 to 54 rows: the table ends a little before, at or after the end of a sheet.
        before, rows = f'<div style="height:{mm}mm">前文</div><h2>卡片标题</h2><dl class="ys ys-keys">{cards}</dl>{chart}<h2>表的标题</h2>', 42 + mm // 20
        _, sheets = paper(pd.DataFrame({"企业": [f"第{n:03}厂" for n in range(rows)]}), tmp_path, visit, before)
        first, second, last_but_one, last = (f"第{n:03}厂" for n in (0, 1, rows - 2, rows - 1))
        at = {word: [number for number, text in enumerate(sheets) if word in text] for word in
              ("卡片标题", "卡片0", "卡片7", "图的标题", "图名", "图下一行", "表的标题", "企业名单", first, second, last_but_one, last)}
        assert all(len(where) == 1 for where in at.values()), (mm, at)
        assert at["卡片标题"] == at["卡片0"] == at["卡片7"], (mm, at)
        assert at["图的标题"] == at["图名"] == at["图下一行"], (mm, at)
        assert at["表的标题"] == at["企业名单"] == at[first] == at[second] and at[last_but_one] == at[last], (mm, at)
        split += at[first] != at[last]
    assert split


def test_every_link_between_the_pages_exists(reports, visit):
    for path in pages(reports):
        for href in visit().open(path).evaluate("[...document.querySelectorAll('a[href]')].map(a => a.href)"):
            if href.startswith("file:"):
                assert Path(unquote(urlsplit(href).path)).exists(), (path.name, href)


def test_illustrative_pages_say_so_and_real_ones_do_not(reports, visit):
    for manifest in reports.glob("*/manifest.json"):
        illustrative = json.loads(manifest.read_text("utf-8"))["illustrative"]
        for path in manifest.parent.glob("*.html"):
            text = visit().open(path).inner_text("main")
            assert ("不是任何地区的真实情况" in text) == illustrative, path


def test_a_name_that_holds_markup_does_nothing(visit, tmp_path):
    """Even markup that slipped through would not run: the policy admits our script alone."""
    output = v4.new_output("display_data", {"text/html": "<img src=x onerror=\"document.title='hacked'\"><script>document.title='hacked'</script>"})
    path = tmp_path / "evil.html"
    path.write_text(html.to_html(v4.new_notebook(cells=[v4.new_code_cell("1", outputs=[output])]), title="安全"), encoding="utf-8")
    page = visit().open(path)
    page.wait_for_timeout(100)
    assert page.title() == "安全"


def test_a_copied_table_is_tab_separated_and_its_formulas_stay_text(visit, tmp_path):
    frame = pd.DataFrame({"企业": ["=1+1", "乙厂"], "增幅": [-1.5, 2.0]})
    output = v4.new_output("display_data", {"text/html": markup.table(frame, "表", status_cells={(0, "增幅"): "示例"})})
    path = tmp_path / "copy.html"
    path.write_text(html.to_html(v4.new_notebook(cells=[v4.new_code_cell("1", outputs=[output])]), title="复制"), encoding="utf-8")
    page = visit().open(path)
    page.evaluate("Object.defineProperty(navigator, 'clipboard', {value: {writeText: t => { window.copied = t; return Promise.resolve(); }}})")
    page.get_by_role("button", name="复制表格").click()
    assert page.evaluate("window.copied") == "企业\t增幅\n'=1+1\t-1.50\n乙厂\t2.00"


def test_nothing_is_left_beside_the_reports(reports):
    building = reports / ".building"
    assert not building.exists() or not list(building.iterdir())
