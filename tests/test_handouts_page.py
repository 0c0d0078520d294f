"""Notebook 05: the handouts of a case beside its report."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote

from analysis.handouts import links
from analysis.report import batch


def test_a_run_leaves_the_pages_of_a_town_and_links_to_them(tmp_path):
    lines: list[str] = []
    result = batch.run_cases(["demo"], notebooks=["5"], parameters={"towns": "桑渡镇", "word": True}, out=tmp_path, progress=lines.append)
    assert result.exit_status == 0, "\n".join(lines)
    folder = tmp_path / "demo"
    page = (folder / "05_handouts.html").read_text("utf-8")
    linked = [unquote(a) for a in re.findall(r'href="(handouts/[^"]+)"', page)]
    assert {Path(a).name for a in linked} >= {"桑渡镇.pdf", "合订本.pdf", "学员工作页.pdf", "排名海报.pdf"}
    assert all((folder / a).is_file() for a in linked)
    sections = re.findall(r"<h2[^>]*>(.*?)</h2>", page)
    assert sections == ["结论", "做了哪些材料", "打开和打印", "方法、来源和注意事项"] and set(sections) <= set(re.findall(r'<li><a href="#[^"]+">(.*?)</a>', page))
    assert "企业/桑渡镇" not in re.sub(r"<[^>]*>", " ", page[page.index("<main"):]) and "数据来源和状态" in page
    assert [p.name for p in (folder / "handouts/镇街").iterdir() if p.suffix == ".docx"] == ["桑渡镇.docx"]
    assert "handouts/" in (folder / "index.html").read_text("utf-8") and "讲义和自测表" in page
    assert not re.search(r"\b(nan|None|NaT)\b|计算在这里中断", re.sub(r"<(style|script).*?</\1>", "", page, flags=re.S))


def test_links_put_what_is_for_everybody_first_and_leave_single_enterprises_out():
    import pandas as pd

    made = pd.DataFrame([("企业/甲/一厂.pdf", "条件自测表", "甲", 1, ""), ("企业/甲/合订本.pdf", "条件自测表", "甲", 9, ""), ("镇街/甲.pdf", "镇街一页纸", "甲", 1, ""),
                         ("镇街/甲.docx", "镇街一页纸", "甲", 1, ""), ("学员工作页.pdf", "学员工作页", "", 2, "")], columns=["file", "kind", "town", "pages", "missing"])
    assert [a for a, _ in links(made)] == ["handouts/学员工作页.pdf", "handouts/镇街/甲.pdf", "handouts/企业/甲/合订本.pdf"]
