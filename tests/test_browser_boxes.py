"""Wide charts, long tables and sheets of paper in a real browser, on pages made for the purpose."""

from __future__ import annotations

import base64
import io
import re

import pandas as pd
import pypdf
import pytest
from nbformat import v4
from test_browser import Visit

from analysis.report import html, markup

PHONE = {"width": 390, "height": 844}


@pytest.fixture()
def opened(browser, tmp_path):
    """Opens a page holding some HTML; what it said and asked for is checked at the end."""
    visits = []

    def start(body: str, width: int = 1280, height: int = 900):
        path = tmp_path / f"page{len(visits)}.html"
        nb = v4.new_notebook(cells=[v4.new_code_cell("1", outputs=[v4.new_output("display_data", {"text/html": body})])])
        path.write_text(html.to_html(nb, title="题"), encoding="utf-8")
        visits.append((Visit(browser, width, height), path))
        return visits[-1][0].open(path)

    yield start
    for made, path in visits:
        assert made.said == [] and [url for url in made.asked if not url.startswith("data:")] == [path.as_uri()]
        made.page.close()


def chart(width=736, height=390, caption="图名") -> str:
    drawing = base64.b64encode(f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}"><rect width="{width}" height="{height}" fill="#888"/></svg>'.encode()).decode()
    return (f'<figure class="ys ys-figure"><figcaption>{caption}<span class="ys-badge 示例">示例</span></figcaption><p class="ys-reading">图里看到什么。</p><div class="ys-frame">'
            f'<img src="data:image/svg+xml;base64,{drawing}" width="{width}" height="{height}" style="--ys-w:{width}px;--ys-h:{height}px" alt="图：柱"></div>'
            '<p class="ys-source">来源：图下一行</p></figure>')


def firms(rows: int, columns: int = 2, **options) -> str:
    frame = pd.DataFrame({f"第{k}列数": range(rows) for k in range(columns - 1)}, index=pd.Index([f"第{n:03}厂" for n in range(rows)], name="企业"))
    return markup.table(frame, "企业名单", **options)


def until(page, true: str) -> None:
    """Waits for an expression; the page's policy forbids the driver's own way of waiting for one."""
    for _ in range(100):
        if page.evaluate(true):
            return
        page.wait_for_timeout(30)
    raise AssertionError(true)


def sheets(page) -> list[str]:
    return [re.sub(r"\s", "", sheet.extract_text()) for sheet in pypdf.PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True))).pages]


@pytest.mark.parametrize("width", [736, 925])
def test_a_chart_on_a_phone_keeps_a_readable_size_and_says_that_it_slides(opened, width):
    page = opened(chart(width), **PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    # Names of 9.5 pt at the axes stay above 10 px.
    assert page.evaluate("document.images[0].clientWidth") * 9.5 / .75 / width > 10
    assert page.get_by_text("可左右滑动").is_visible()
    frame, edge = page.locator(".ys-frame"), page.locator(".ys-edge")
    assert "more-right" in edge.get_attribute("class") and frame.get_attribute("tabindex") == "0"
    assert page.evaluate("getComputedStyle(document.querySelector('.ys-edge'), '::before').opacity") != "0"
    frame.evaluate("f => { f.scrollLeft = 9999; }")
    until(page, "!document.querySelector('.ys-edge').classList.contains('more-right')")


def test_a_tap_opens_the_chart_over_the_page_at_any_size_and_it_closes(opened):
    page = opened(chart(), **PHONE)
    assert page.locator("dialog").count() == 0
    page.locator(".ys-frame img").click()
    big = page.locator("dialog img")
    assert big.evaluate("i => i.clientWidth") > 736 and page.locator("dialog").get_attribute("aria-label") == "图名"
    before = big.evaluate("i => i.clientWidth")
    page.get_by_role("button", name="放大").click()
    assert big.evaluate("i => i.clientWidth") > before
    page.get_by_role("button", name="整图").click()
    assert big.evaluate("i => i.clientWidth") <= 390
    page.get_by_role("button", name="关闭").click()
    until(page, "document.images.length === 1")
    assert not page.locator("dialog").is_visible()
    # And by the keyboard.
    page.get_by_role("button", name="看大图").press("Enter")
    assert page.locator("dialog").is_visible()
    page.keyboard.press("Escape")
    assert not page.locator("dialog").is_visible()


def test_a_chart_that_fits_has_no_hint_and_is_no_stop_of_the_keyboard(opened):
    page = opened(chart())
    assert not page.get_by_text("可左右滑动").is_visible() and not page.get_by_role("button", name="看大图").is_visible()
    assert page.locator(".ys-frame").get_attribute("tabindex") is None
    page.locator(".ys-frame img").click()
    assert page.locator("dialog").count() == 0


def test_a_wide_table_on_a_phone_fades_at_its_edge_and_keeps_its_name_in_sight(opened):
    page = opened(firms(1, 12), **PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390 and "more-right" in page.locator(".ys-edge").get_attribute("class")
    page.locator(".ys-scroll").evaluate("b => { b.scrollLeft = 300; }")
    box = page.locator("caption .cap").bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= 390


def test_a_long_table_says_how_many_rows_follow_and_unfolds(opened):
    page = opened(firms(60))
    tail = page.locator(".tail")
    seen = page.evaluate("""() => { const box = document.querySelector('.ys-scroll').getBoundingClientRect();
      return [...document.querySelectorAll('tbody tr')].filter(r => r.getBoundingClientRect().bottom <= box.bottom + 1).length; }""")
    assert 12 <= seen < 60 and f"下面还有 {60 - seen} 行" in tail.inner_text() and "more-below" in page.locator(".ys-edge").get_attribute("class")
    page.locator(".ys-scroll").evaluate("b => { b.scrollTop = b.scrollHeight; }")
    until(page, "document.querySelector('.tail').innerText.includes('已到表尾')")
    page.get_by_role("button", name="展开全部 60 行").click()
    assert page.locator(".ys-scroll").evaluate("b => b.scrollHeight <= b.clientHeight + 1")
    until(page, "document.querySelector('.tail').innerText.trim() === '收起'")
    page.get_by_role("button", name="收起").click()
    until(page, "document.querySelector('.tail').innerText.includes('下面还有')")
    page.locator(".tools input").fill("第001厂")
    until(page, "document.querySelector('.tail').hidden")


def test_a_table_without_more_below_says_nothing(opened):
    page = opened(firms(20))
    assert page.locator(".tail").count() == 0 and "more-below" not in page.locator(".ys-edge").get_attribute("class")


def test_nothing_of_the_screen_is_printed(opened):
    text = "".join(sheets(opened(firms(60) + chart())))
    assert "第059厂" in text and not any(word in text for word in ("下面还有", "展开", "看大图", "滑动", "复制"))


def test_no_table_is_printed_below_seven_points(opened):
    page = opened("".join(firms(3, columns, fold=fold) for columns in (3, 9, 13, 16) for fold in (False, True)), width=710, height=990)
    page.emulate_media(media="print")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    sizes = page.evaluate("[...document.querySelectorAll('table.ys-table td')].map(c => parseFloat(getComputedStyle(c).fontSize) * .75)")
    assert min(sizes) > 6.99 and page.evaluate("document.documentElement.scrollWidth") <= 710


def test_a_tall_chart_gives_up_some_size_rather_than_the_rest_of_a_sheet(opened):
    page = opened('<div style="height:60mm">前文</div>' + chart(736, 651))
    first = sheets(page)[0]
    assert "前文" in first and "图名" in first and "图下一行" in first
    page.emulate_media(media="print")
    # Never below 7 pt for names of 9.5 pt at the axes.
    assert page.evaluate("document.images[0].clientHeight") / 651 * 9.5 > 6.99


def test_a_long_answer_is_split_between_its_sentences_not_moved_whole(opened):
    items = "".join(f"<li>句{n:02}" + "说明" * 60 + "</li>" for n in range(8))
    found = sheets(opened(f'<div style="height:160mm">前文</div><h2>结论</h2><div class="ys ys-say ys-conclusion"><ol>{items}</ol></div>'))
    at = [next(number for number, text in enumerate(found) if f"句{n:02}" in text) for n in range(8)]
    assert "结论" in found[0] and at[0] == at[1] == 0 and at[-1] == at[-2] == 1


def before(mm: int) -> str:
    return f'<p style="height:{mm}mm">前文</p><h2>图的标题</h2>'


def order(page) -> list[str]:
    return page.evaluate("[...document.querySelectorAll('figure,.ys-tablebox')].map(e => e.tagName)")


def test_a_chart_that_misses_the_sheet_by_little_shrinks_into_it(opened):
    # 390 px are 105 mm at full size and 82 mm at 0.78.
    page = opened(before(115) + chart(600, 390) + "<p>后文</p>" * 4)
    found = sheets(page)
    assert "图名" in found[0] and "图下一行" in found[0]
    assert page.evaluate("document.images[0].style.maxHeight") == ""
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    shrunk = page.evaluate("parseFloat(document.images[0].style.maxHeight)")
    assert 0.78 * 390 <= shrunk < 390 and not page.evaluate("document.body.getAttribute('style')")


def test_the_table_after_a_chart_that_does_not_fit_fills_the_sheet_before_it(opened):
    page = opened(before(140) + chart(736, 500) + firms(30) + "<p>后文</p>" * 4)
    found = sheets(page)
    assert "图的标题" in found[0] and "第000厂" in found[0] and "图名" not in found[0] and "图名" in found[1]
    assert order(page) == ["FIGURE", "DIV"]  # as before, after printing
    text = "".join(found)
    assert all(text.count(f"第{n:03}厂") == 1 for n in range(30))


def test_what_fits_or_would_gain_nothing_is_printed_as_it_stands(opened):
    for body in (before(60) + chart() + firms(30), before(140) + chart(736, 651) + "<h3>另一节</h3>" + firms(30), before(140) + chart(736, 651)):
        page = opened(body)
        page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
        assert order(page)[0] == "FIGURE" and page.evaluate("document.images[0].style.maxHeight") == ""


def test_without_scripts_every_chart_and_table_is_printed_whole(browser, tmp_path):
    body = before(140) + chart(736, 928) + firms(30)
    nb = v4.new_notebook(cells=[v4.new_code_cell("1", outputs=[v4.new_output("display_data", {"text/html": body})])])
    (tmp_path / "page.html").write_text(html.to_html(nb, title="题", facts=[("生成时间", "今天")]), encoding="utf-8")
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((tmp_path / "page.html").as_uri())
    found = sheets(page)
    context.close()
    assert [k for k, text in enumerate(found) if "图名" in text] == [k for k, text in enumerate(found) if "图下一行" in text]
    assert all("".join(found).count(f"第{n:03}厂") == 1 for n in range(30))


@pytest.mark.parametrize("mm", range(195, 225, 3))
def test_the_footer_never_stands_alone_on_a_sheet(browser, tmp_path, mm):
    said = "".join(f"<li>末句{n}</li>" for n in range(4))
    outputs = [v4.new_output("display_data", {"text/html": text}) for text in (before(mm), f'<div class="ys ys-say ys-note"><ul>{said}</ul></div>')]
    nb = v4.new_notebook(cells=[v4.new_code_cell("1", outputs=[output]) for output in outputs])
    (tmp_path / "page.html").write_text(html.to_html(nb, title="题", facts=[("生成时间", "今天"), ("软件", "甲" * 200)]), encoding="utf-8")
    page = browser.new_page()
    page.goto((tmp_path / "page.html").as_uri())
    found = sheets(page)
    page.close()
    assert "生成时间" in found[-1] and "末句3" in found[-1]
