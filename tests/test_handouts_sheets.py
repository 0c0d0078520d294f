"""More material than a sheet holds goes on to the next, whole, in PDF and Word."""

import pypdf
import pytest
from analysis.handouts import write_handouts
from analysis.handouts.page import missing_finding
from analysis.params import AssessmentError
from handoutsbook import docx_text, pages_of, pdf_text, sizes_of, small, squeezed
from listsbook import firm
from recognitionbook import rule

MANY = [rule("硬条件", "近三年发明专利数", ">=", k + 1, group=f"A{k}", 容差="9", 单位="项", 认定=f"第{n}类认定", 说明=f"第{n}类第{k}条：近三年累计取得的发明专利（含转让取得的）不少于规定的项数，以证书为准")
        for n in range(6) for k in range(24)]
NAME = "很长的名字" * 12 + "ExtraordinarilyLongLatinName" * 2 + "有限公司"


@pytest.fixture(scope="module")
def crowded():
    """A firm with six recognitions of 24 clauses each, and one with little."""
    content, *_ = small(firm(NAME, patents=20), firm("小厂", patents=20), rules=MANY)
    return content


def test_six_recognitions_of_many_clauses_are_whole_on_numbered_sheets(crowded, tmp_path):
    made = write_handouts(crowded, tmp_path)
    own = made[(made["kind"] == "条件自测表") & made["file"].str.endswith(".pdf") & ~made["file"].str.contains("合订本")]
    more = made[made["kind"] == "条件自测表续页"]
    assert (own["pages"] == 1).all() and len(own) == len(more) == 2
    for first, rest in zip(own["file"], more["file"]):
        assert rest == first.removesuffix(".pdf") + "-续页.pdf"
        pages = [page for name in (first, rest) for page in pypdf.PdfReader(tmp_path / name).pages]
        sheets = [squeezed(page.extract_text()) for page in pages]
        assert len(sheets) > 2 and all(f"第{k}页共{len(sheets)}页" in text for k, text in enumerate(sheets, 1))
        assert [("（续页）" in text) for text in sheets] == [False] + [True] * (len(sheets) - 1)
        assert all(round(page.mediabox.height) == 842 for page in pages) and min(sizes_of(tmp_path / first) | sizes_of(tmp_path / rest)) >= 8 - 1e-6
        text = "".join(sheets)
        for n in range(6):
            assert [k for k in range(24) if f"第{n}类第{k}条" not in text] == []
        assert all("企业核对" in text for text in sheets[1:-1])  # every part of a table has its head
    bound = made[made["file"] == "企业/一镇/合订本.pdf"].iloc[0]
    assert bound["pages"] == 2 + more["pages"].sum() == pages_of(tmp_path / bound["file"]) and bound["firms"] == 2
    word = docx_text((tmp_path / "企业/一镇/合订本.docx").read_bytes())
    assert all(f"第{n}类第{k}条" in word for n in range(6) for k in range(24)) and NAME in word and word.count("（续页）") >= 2
    assert NAME in pdf_text((tmp_path / own["file"].iloc[0]).read_bytes())
    (said,) = missing_finding(made)
    assert "2 家可报的认定多" in said and f"{more['pages'].iloc[0]} 页的 2 家" in said


def test_of_enterprises_with_a_sheet_each_nothing_is_said(tmp_path):
    content, *_ = small(firm("甲厂"), firm("乙厂", patents=2))
    assert missing_finding(write_handouts(content, tmp_path, docx=False)) == []


def test_a_row_higher_than_a_sheet_is_refused_by_name(tmp_path):
    content, *_ = small(firm("甲厂", patents=2), rules=[rule("硬条件", "近三年发明专利数", ">=", 3, 容差="1", 单位="项", 说明="很长的条款" * 1500)])
    with pytest.raises(AssessmentError, match="甲厂.*排不下"):
        write_handouts(content, tmp_path, docx=False)


def test_an_enterprise_whose_name_ends_like_a_further_sheet_overwrites_nothing(tmp_path):
    content, *_ = small(firm("甲厂-续页", patents=20), firm("甲厂", patents=20), rules=MANY)
    made = write_handouts(content, tmp_path, docx=False)
    files = made.loc[made["town"] != "", "file"]
    assert len(set(files.str.casefold())) == len(files) == 6 and len(list((tmp_path / "企业").rglob("*.pdf"))) == 5
