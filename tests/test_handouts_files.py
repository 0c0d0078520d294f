"""The files of the handouts: one page each, nobody of another town in any of them, the same bytes, nothing cut, no missing character in silence."""

import io
import zipfile
from dataclasses import replace

import pandas as pd
import pypdf
import pytest
from analysis.actions.desk import work
from analysis.assessment import assess_case
from analysis.case import read_case
from analysis.handouts import handouts, write_handouts
from analysis.handouts.typeset import Typesetter, page_count
from analysis.params import AssessmentError
from docx import Document
from docx.oxml.ns import qn
from handoutsbook import docx_text, file_text, pages_of, pdf_text, sizes_of, small, squeezed
from listsbook import firm

RARE = "㐀㐁"  # in no bundled face


@pytest.fixture(scope="module")
def demo():
    case = read_case("demo")
    desk = work(case, runs=300)
    firms = desk.lists.everyone.drop_duplicates("row")
    others = {t: firms[firms["town"] != t].iloc[0] for t in firms["town"].unique()}
    # Free text of every enterprise on a list names somebody of another town.
    cross = [f"{reason}（与{others[t]['name']}、{others[t]['code']}、{others[t]['town']}同报）" for reason, t in zip(desk.lists.rows["reason"], desk.lists.rows["town"])]
    lists = replace(desk.lists, rows=desk.lists.rows.assign(reason=cross))
    content = handouts(desk.screening, case, lists, desk.plan, assess_case(case))
    return content, lists, firms


@pytest.fixture(scope="module")
def written(demo, tmp_path_factory):
    content, lists, _ = demo
    folder = tmp_path_factory.mktemp("handouts")
    few = lists.rows.drop_duplicates("row").groupby("town").head(2)["row"]
    table = write_handouts(content, folder, enterprises=list(few))
    return folder, table


def test_every_kind_of_file_is_there_and_has_its_pages(demo, written):
    content, lists, _ = demo
    folder, table = written
    assert set(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()) == set(table["file"])
    pdf = table[table["file"].str.endswith(".pdf")]
    assert [pages_of(folder / f) for f in pdf["file"]] == pdf["pages"].tolist()
    towns = table[table["kind"] == "镇街一页纸"]
    assert set(towns["pages"]) == {1} and len(towns) == 2 * len(lists.towns) and set(towns["town"]) == set(lists.towns)
    alone = table[(table["kind"] == "条件自测表") & ~table["file"].str.contains("合订本")]
    assert set(alone["pages"]) == {1} and alone["file"].str.endswith(".pdf").all() and set(alone["firms"]) == {1}
    more = table[table["kind"] == "条件自测表续页"]
    assert len(more) and set(more["file"].str.removesuffix("-续页.pdf") + ".pdf") <= set(alone["file"])
    bound = table[table["file"].str.endswith("合订本.pdf")].set_index("town")
    assert pd.concat([alone, more]).groupby("town")["pages"].sum().to_dict() == bound["pages"].to_dict() and alone.groupby("town").size().to_dict() == bound["firms"].to_dict()
    assert table[table["file"].str.contains("学员工作页")]["pages"].tolist() == [1] * 4
    for name, wide in (("排名海报.pdf", 297), ("排名海报A3.pdf", 420)):
        (page,) = pypdf.PdfReader(folder / name).pages
        assert round(page.mediabox.width / 72 * 25.4) == wide and round(page.mediabox.height / 72 * 25.4) == {297: 210, 420: 297}[wide]
    assert squeezed(page.extract_text()) == squeezed(pypdf.PdfReader(folder / "排名海报.pdf").pages[0].extract_text()) and min(sizes_of(folder / "排名海报A3.pdf")) > 12
    assert max(sizes_of(folder / "排名海报A3.pdf")) > 1.3 * max(sizes_of(folder / "排名海报.pdf"))


def test_no_towns_file_holds_another_towns_enterprise_code_or_name(demo, written):
    _, lists, firms = demo
    folder, table = written
    blotted = 0
    for row in table[table["town"] != ""].itertuples():
        text, own = file_text(folder / row.file) + squeezed(row.file), firms[firms["town"] == row.town]
        theirs = firms[firms["town"] != row.town]
        mine = " ".join(map(squeezed, [*own["name"], row.town]))
        words = [squeezed(w) for w in (*theirs["name"], *theirs["code"], *theirs["former_name"].astype(str), *theirs["town"].unique()) if len(w) > 2]
        assert [w for w in words if w in text and w not in mine] == []
        assert squeezed(row.town) in text
        blotted += "其他镇街的企业" in text
    assert blotted > len(lists.towns)
    for name in ("学员工作页.pdf", "学员工作页.docx", "教师用：学员工作页答案.pdf", "排名海报.pdf"):
        text = file_text(folder / name)
        assert [w for w in firms["name"] if squeezed(w) in text] == [] and [t for t in lists.towns if t in text] == []


def test_the_search_would_find_a_name_in_both_kinds_of_file(demo, written):
    _, lists, _ = demo
    folder, table = written
    for row in table[table["kind"] == "镇街一页纸"].itertuples():
        listed = lists.rows[(lists.rows["town"] == row.town) & (lists.rows["status"] == "应报未报")]
        text = file_text(folder / row.file)
        assert any(squeezed(n) in text for n in listed["name"]) or listed.empty


def test_status_source_date_case_and_rules_stand_on_every_page(demo, written):
    content, _, _ = demo
    for page in (*content.towns, *content.enterprises[:20]):
        face = "".join(page.foot) + page.subtitle
        assert page.mark == "示例数据" and page.head and "状态：示例" in face and "来源：" in face and "认定条件：按2022年12月31日适用的版本" in face.replace(" ", "")
        assert "2022年12月31日" in page.subtitle
    folder, _ = written
    text = pdf_text((folder / "学员工作页.pdf").read_bytes())
    assert text.count("状态：示例") >= 1 and "示例数据" in text and "参考答案" not in text and "教师用" not in text
    assert pypdf.PdfReader(folder / "学员工作页.pdf").metadata.title.count("学员工作页") == 1
    assert "教师用" in pdf_text((folder / "教师用：学员工作页答案.pdf").read_bytes())
    assert "非公布结果" in pdf_text((folder / "排名海报.pdf").read_bytes())


def test_no_text_is_smaller_than_nine_points_of_a_self_test_than_eight(written):
    folder, table = written
    for name in table.loc[table["file"].str.endswith(".pdf"), "file"].iloc[::7]:
        sizes = sizes_of(folder / name)
        assert sizes and min(sizes) >= (8 if name.startswith("企业/") else 9) - 1e-6, name


def test_the_same_content_gives_the_same_bytes_and_no_present_time(tmp_path):
    content, *_ = small(firm("甲厂"), firm("乙厂", patents=2))
    for k in (1, 2):
        write_handouts(content, tmp_path / str(k))
    files = sorted(p.relative_to(tmp_path / "1") for p in (tmp_path / "1").rglob("*.*"))
    assert len(files) > 5 and all((tmp_path / "1" / f).read_bytes() == (tmp_path / "2" / f).read_bytes() for f in files)
    assert b"20221231" in (tmp_path / "1/镇街/一镇.pdf").read_bytes()
    about = Document(tmp_path / "1/镇街/一镇.docx").core_properties
    assert (about.author, about.comments, about.created.isoformat()[:10], about.title) == ("", "", "2022-12-31", "一镇　镇街一页纸")


def test_names_are_never_code_and_odd_names_get_files_of_their_own(tmp_path):
    names = ["#panic(1)厂", "*粗*厂", "$x^2$厂", "@ref厂", "\\u{41}厂", "<b>&\"'厂", "[括]`号`厂", "a/../b厂", "CON", "con", "合订本", "＝1厂", "控\x01制厂"]
    content, *_ = small(*(firm(n) for n in names))
    table = write_handouts(content, tmp_path)
    text = squeezed(pdf_text((tmp_path / "企业/一镇/合订本.pdf").read_bytes()))
    word = docx_text((tmp_path / "企业/一镇/合订本.docx").read_bytes())
    for name in names:
        shown = squeezed(name.replace("\x01", ""))
        assert shown in text and shown in word
    assert len({f.casefold() for f in table["file"]}) == len(table) and sum("企业/" in f for f in table["file"]) == len(names) + 2


def test_a_character_without_a_glyph_is_said_on_the_page_in_the_table_and_as_a_warning_and_kept_in_word(tmp_path):
    content, *_ = small(firm(f"{RARE}厂"))
    with pytest.warns(UserWarning, match="U\\+3400.*U\\+3401"):
        table = write_handouts(content, tmp_path).set_index("file")
    assert table.at["镇街/一镇.pdf", "missing"] == RARE and table.at["镇街/一镇.docx", "missing"] == ""
    text = pdf_text((tmp_path / "镇街/一镇.pdf").read_bytes())
    assert "〓〓厂" in text and "U+3400、U+3401" in text and RARE not in text
    assert f"{RARE}厂" in docx_text((tmp_path / "镇街/一镇.docx").read_bytes())


def test_a_town_with_many_enterprises_stays_on_one_page_and_the_rest_is_counted(tmp_path):
    firms = [firm(f"某某市第{k}精密机械制造股份有限公司") for k in range(150)] + [firm(f"近{k}厂", patents=2) for k in range(150)]
    content, *_ = small(*firms)
    write_handouts(content, tmp_path, enterprises="none")
    assert pages_of(tmp_path / "镇街/一镇.pdf") == 1
    _, (fit,) = Typesetter(content.day).set(content.towns)
    whole, due, near = fit.shown
    text = pdf_text((tmp_path / "镇街/一镇.pdf").read_bytes())
    assert fit.size == 9 and whole == 1 and due > 8 and near > 8 and f"另有{150 - due}家应报未报" in text and f"另有{150 - near}家靠靠能报" in text
    assert sum(squeezed(f["企业名称"]) in text for f in firms) == due + near
    word = docx_text((tmp_path / "镇街/一镇.docx").read_bytes())
    assert f"另有{150 - due}家应报未报" in word


def test_what_cannot_be_fitted_is_refused_by_name(tmp_path):
    content, *_ = small(firm("长" * 4000 + "厂"))
    with pytest.raises(AssessmentError, match="排不下"):
        write_handouts(content, tmp_path, enterprises="none")


def test_long_names_wrap_and_are_whole(tmp_path):
    latin, chinese = "Extraordinarily" * 8 + "厂", "很长的名字" * 30 + "厂"
    content, *_ = small(firm(latin), firm(chinese))
    write_handouts(content, tmp_path)
    for name in ("镇街/一镇.pdf", "企业/一镇/合订本.pdf", "镇街/一镇.docx"):
        assert all(n in file_text(tmp_path / name) for n in (latin, chinese))
    right = []
    for page in pypdf.PdfReader(tmp_path / "镇街/一镇.pdf").pages:
        page.extract_text(visitor_text=lambda text, m, tm, font, size: right.append(m[0] * tm[4] + m[4]) if text.strip() else None)
    assert max(right) < 595


def test_word_has_chinese_fonts_that_no_theme_overrides_real_tables_and_a4(tmp_path):
    content, *_ = small(firm("甲厂"), firm("乙厂", patents=2))
    write_handouts(content, tmp_path)
    document = Document(tmp_path / "企业/一镇/合订本.docx")
    section = document.sections[0]
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (210, 297)
    for name in ("Normal", "Heading 1", "Heading 2"):
        fonts = document.styles[name].element.rPr.rFonts
        assert fonts.get(qn("w:eastAsia")) in ("宋体", "黑体") and not [k for k in fonts.attrib if "heme" in k]
    xml = zipfile.ZipFile(tmp_path / "企业/一镇/合订本.docx").read("word/styles.xml").decode()
    assert 'w:eastAsia="zh-CN"' in xml
    assert len(document.tables) >= 4 and document.tables[0].rows[0].cells[0].text == "认定"
    titles = [p for p in document.paragraphs if p.style.name == "Heading 1"]
    assert [p.text for p in titles] == ["甲厂", "乙厂"] and [bool(p._p.pPr.findall(qn("w:pageBreakBefore"))) for p in titles] == [False, True]
    assert "示例数据" in section.header.paragraphs[0].text and "PAGE" in section.footer._element.xml
    assert "thumbnail" not in " ".join(zipfile.ZipFile(tmp_path / "镇街/一镇.docx").namelist())


def test_choice_of_towns_enterprises_and_formats(tmp_path):
    content, lists, _ = small(firm("甲厂"), firm("乙厂", town="二镇"), firm("丙厂", town="二镇", patents=2))
    row = int(lists.rows.set_index("name").at["丙厂", "row"])
    table = write_handouts(content, tmp_path, docx=False, towns=["二镇"], enterprises=[row])
    assert table.loc[table["file"].str.endswith("pdf"), "file"].tolist() == ["镇街/二镇.pdf", "企业/二镇/丙厂.pdf", "企业/二镇/合订本.pdf", "学员工作页.pdf", "教师用：学员工作页答案.pdf"]
    assert not any(write_handouts(content, tmp_path / "b", pdf=False)["file"].str.endswith("pdf"))
    assert write_handouts(content, tmp_path / "c", enterprises="none")["kind"].eq("条件自测表").sum() == 0
    for wrong, said in (({"towns": ["三镇"]}, "三镇"), ({"enterprises": "all"}, "listed"), ({"towns": ["一镇"], "enterprises": [row]}, f"第 {row} 行")):
        with pytest.raises(AssessmentError, match=said):
            write_handouts(content, tmp_path / "d", **wrong)
    (tmp_path / "e/镇街/一镇.pdf").mkdir(parents=True)
    with pytest.raises(AssessmentError, match="写不进去"):
        write_handouts(content, tmp_path / "e")


def test_the_page_count_agrees_with_another_reader():
    content, *_ = small(*(firm(f"第{k}厂") for k in range(12)))
    for pages in (content.towns, content.enterprises):
        data, _ = Typesetter(content.day).set(pages)
        assert page_count(data) == len(pypdf.PdfReader(io.BytesIO(data)).pages) == len(pages)
