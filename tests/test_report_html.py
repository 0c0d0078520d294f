"""One offline page from an executed notebook."""

from __future__ import annotations

import base64
import hashlib
import io
import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from fontTools.pens.recordingPen import RecordingPen
from fontTools.ttLib import TTFont
from nbformat import v4

from analysis.report import files, fontsubset, html, index


def page_of(*cells, **options) -> str:
    return html.to_html(v4.new_notebook(cells=list(cells)), title="测试", **options)


def code(source="x = 1", *outputs):
    return v4.new_code_cell(source, outputs=list(outputs))


def shown(text):
    return v4.new_output("display_data", {"text/html": text, "text/plain": ""})


def test_the_policy_admits_exactly_the_one_script():
    page = page_of(code())
    scripts = re.findall(r"<script>(.*?)</script>", page, re.S)
    assert len(scripts) == 1
    digest = base64.b64encode(hashlib.sha256(scripts[0].encode()).digest()).decode()
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)[1]
    assert f"script-src 'sha256-{digest}'" in policy and "default-src 'none'" in policy


def test_nothing_in_the_page_points_outside():
    page = page_of(v4.new_markdown_cell("# 题\n\n正文"), code("1", shown("<p>表</p>")), facts=[("输入", "a.xlsx")])
    assert not re.findall(r"""(?:src|href)\s*=\s*["'](?!#|data:)""", page)
    assert "http://" not in page and "https://" not in page and "@import" not in page


def test_code_and_log_output_are_kept_out_unless_asked_for():
    cell = code("secret_name = 1", v4.new_output("stream", name="stderr", text="UserWarning: 日志"),
                v4.new_output("stream", name="stdout", text="给读者看的"))
    plain, full = page_of(cell), page_of(cell, show_code=True)
    assert "secret_name" not in plain and "UserWarning" not in plain and "给读者看的" in plain
    assert "secret_name" in full and "UserWarning" in full and ".highlight" in full


def test_an_error_is_a_readable_box_without_a_traceback():
    cell = code("1/0", v4.new_output("error", ename="CaseError", evalue="\x1b[31m缺少<b>指标值\x1b[0m", traceback=["/home/me/x.py"]))
    page = page_of(cell, notebook="01.ipynb")
    assert "计算在这里中断" in page and "缺少&lt;b&gt;指标值" in page and "01.ipynb" in page
    assert "/home/me" not in page


def test_headings_have_one_first_level_no_gap_and_unique_anchors():
    cells = [v4.new_markdown_cell("## 结论\n#### 跳级\n# 又一个一级\n## 结论"), code("1", shown("<header><h1>正题</h1></header><h2 id='x'>表 & 图</h2>"))]
    page = page_of(*cells)
    body = page[page.index("<main"):page.index("</main>")]
    levels = [int(level) for level in re.findall(r"<h([1-6])\b", body)]
    anchors = re.findall(r'<h[1-6][^>]* id="([^"]*)"', body)
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in zip([0, *levels], levels, strict=False))
    assert len(anchors) == len(set(anchors)) == len(levels)
    assert set(re.findall(r'href="#([^"]+)"', page)) - {"content"} <= set(anchors)


def test_a_page_without_a_heading_takes_the_title():
    assert '<h1 id="测试">测试</h1>' in page_of(code())


def test_component_styles_shown_for_jupyterlab_are_not_repeated_in_the_page():
    page = page_of(code("1", shown('<style class="ys-style">.mark-of-lab{}</style><p>正文</p>')))
    assert ".mark-of-lab" not in page and "<p>正文</p>" in page


def test_the_embedded_face_holds_every_character_of_the_page_and_little_more():
    page = page_of(v4.new_markdown_cell("# 安徽省绿色发展\n\n合肥、芜湖、蚌埠，**亳州**"))
    faces = [TTFont(io.BytesIO(base64.b64decode(data))) for data in re.findall(r"data:font/woff;base64,([^)]+)\)", page)]
    regular, bold = (set(map(chr, face.getBestCmap())) for face in faces)
    visible = set("安徽省绿色发展合肥、芜湖蚌埠，亳州筛选复制")
    assert visible <= regular and set("安徽省绿色发展亳州") <= bold
    assert "蚌" not in bold and "鄱" not in regular
    assert len(page) < 300_000


@pytest.mark.parametrize("font", [fontsubset.REGULAR, fontsubset.BOLD])
def test_a_cut_draws_every_glyph_as_the_whole_face_does_and_leaves_the_next_cut_nothing(font):
    def drawn(face, character):
        pen = RecordingPen()
        glyphs = face.getGlyphSet()
        name = face.getBestCmap()[ord(character)]
        glyphs[name].draw(pen)
        return pen.value, glyphs[name].width

    whole = TTFont(fontsubset.FONTS / font)
    ascii_letters = frozenset(map(chr, range(0x20, 0x7F)))
    for wanted in (frozenset("芜湖蚌埠（项）％1234567890") | ascii_letters, frozenset("规模以上工业开票销售，"), ascii_letters, fontsubset.covered(font)):
        cut = TTFont(io.BytesIO(fontsubset.woff(font, wanted)))
        assert set(map(chr, cut.getBestCmap())) == wanted
        for character in sorted(wanted)[::1 if len(wanted) < 500 else 40]:
            assert drawn(cut, character) == drawn(whole, character), character
        for table, names in (("hhea", ("ascent", "descent", "lineGap")), ("OS/2", ("sTypoAscender", "sTypoDescender", "usWinAscent", "usWinDescent"))):
            assert [getattr(cut[table], name) for name in names] == [getattr(whole[table], name) for name in names]


def test_characters_the_face_lacks_are_named_in_a_warning():
    rare = "𠮷"
    assert rare not in fontsubset.covered()
    with pytest.warns(html.MissingGlyphWarning, match=rare):
        page_of(v4.new_markdown_cell(f"# {rare}野家"))


def test_our_own_texts_need_no_other_font(recwarn):
    page_of(code())
    assert not [w for w in recwarn if issubclass(w.category, html.MissingGlyphWarning)]


def test_contents_are_left_out_of_a_page_with_one_section():
    assert 'class="toc"' not in page_of(v4.new_markdown_cell("# 题\n## 一"))
    assert 'class="toc"' in page_of(v4.new_markdown_cell("# 题\n## 一\n## 二"))


def _noted(number, *sentences):
    return {"status": "完成", "html": f"{number:02}.html", "title": f"第{number}篇", "seconds": 1.0, "sentences": list(sentences), "keys": [], "notebook": "", "error": ""}


@pytest.mark.parametrize(("said", "shown", "hidden"), [
    ([("甲一", "甲二"), ("乙一", "乙二"), ("丙一",), ("丁一", "丁二")], ["甲一", "乙一", "丙一", "丁一"], ["甲二", "乙二", "丁二"]),
    ([("甲一", "甲二", "甲三"), ("乙一",)], ["甲一", "甲二", "乙一"], ["甲三"]), ([(), ("乙一",)], ["乙一"], [])])
def test_the_index_over_all_cases_lets_every_notebook_speak(said, shown, hidden):
    content = {"notebooks": [_noted(k, *sentences) for k, sentences in enumerate(said)], "nature": "", "title": "某案例", "finished": "2026-01-31T08:05:09+08:00",
               "illustrative": False}
    page = index.root_page({"a": content}, print)
    assert all(text in page for text in shown) and not any(text in page for text in hidden)
    assert [page.index(text) for text in shown] == sorted(page.index(text) for text in shown)


def test_the_index_of_a_case_names_kinds_and_places_not_paths(tmp_path):
    for name in ("学员工作页.docx", "学员工作页.pdf", "镇街/甲镇.pdf", "企业/甲镇/一厂_示例_公司-0a1b2c3d.pdf", "企业/乙<镇>/二厂.pdf", "上期改动/镇街/甲镇.docx"):
        path = tmp_path / "handouts" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
    content = {"notebooks": [], "title": "某案例", "city": "甲市", "year": 2022, "nature": "", "problems": 0, "folders": ["handouts"], "illustrative": False,
               "listing": {"handouts": files.listing(tmp_path, "handouts")}, "versions": {}, "inputs": [], "sha256": "0" * 64, "code": "0" * 64,
               "started": "2026-01-31T08:05:09+08:00"}
    page = index.case_page(content, print)
    body = page[page.index("<main"):page.index("</main>")]
    assert re.findall(r"<h3>(.*?)</h3>", body) == ["讲义和自测表", "讲义和自测表：各镇街园区", "讲义和自测表：上期改动过的文件", "讲义和自测表：企业条件自测表"]
    assert re.findall(r"<summary>(.*?)</summary>", body) == ["镇街（1 份）", "乙&lt;镇&gt;（1 份）", "甲镇（1 份）"]
    texts = re.sub(r"<[^>]*>", " ", body)
    assert "企业/" not in texts and "0a1b2c3d" not in texts and "一厂（示例）公司" in texts
    assert body.index("%E9%A1%B5.pdf") < body.index("%E9%A1%B5.docx") and 'aria-label="学员工作页（PDF），Word"' in body


def test_what_a_notebook_shows_stays_as_written_but_for_images_without_words(monkeypatch):
    monkeypatch.setattr("bs4.BeautifulSoup", None)
    markup = '<table><tr class=hi><td title="a&quot;">1</td></tr></table><img src="data:"><img alt="柱状图" src="data:,2">'
    page = page_of(v4.new_markdown_cell("## 题\n\n正文 **重**"), code("1", shown(markup)))
    assert markup.replace('<img src="data:">', f'<img alt="{html._NO_WORDS}" src="data:">') in page


def test_pages_made_side_by_side_or_again_are_the_same():
    cells = [[v4.new_markdown_cell(f"## 题{number}\n\n正文"), code("1", shown(f"<p>表{number}</p>"))] for number in range(4)]
    alone = [page_of(*some) for some in cells]
    fontsubset.woff.cache_clear()
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda some: page_of(*some), cells)) == alone
