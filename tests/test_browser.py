"""The reports of all bundled cases, opened in a real browser from the disk."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pandas as pd
import pytest
from nbformat import v4

from analysis.case import bundled_cases
from analysis.report import batch, html, markup

LAUNCH = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
          "--disable-component-update", "--disable-sync"]


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


@pytest.fixture(scope="session")
def browser(chromium):
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=str(chromium), args=LAUNCH)
        yield opened
        opened.close()


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
        if path.name.startswith("05"):
            # A page of links to printed files: one heading, nothing to draw.
            continue
        assert links.count() >= 2, path.name
        links.last.click()
        assert page.evaluate("document.getElementById(decodeURIComponent(location.hash.slice(1))) !== null"), path.name
        assert page.evaluate("window.scrollY") > 0


def test_no_page_is_wider_than_a_phone(reports, visit):
    for path in pages(reports):
        page = visit(width=390, height=844).open(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path.name


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
        assert 1 <= sheets <= 40, path.name
        width, height = (float(n) for n in re.search(rb"/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)", printed).groups())
        assert abs(width - 595.3) < 2 and abs(height - 841.9) < 2


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
