"""Where figures come from, in a line: sources and the cells that were read."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis import actions, provenance, read_case
from analysis.recognition import screen


@pytest.mark.parametrize(("cells", "whole", "limit", "said"), [
    (["指标值!D2"], False, 3, "指标值!D2"),
    (["指标值!D4", "指标值!D2", "指标值!D3", "指标值!D9"], False, 3, "指标值!D2:D4、D9"),
    (["指标值!D2", "时间序列!F2", "时间序列!F3"], False, 3, "指标值!D2、时间序列!F2:F3"),
    (["企业!B2", "企业!B3", "企业!B7"], True, 3, "企业第 2—3、7 行"),
    (["甲.csv!D2", "甲.csv!D4", "甲.csv!D6", "甲.csv!D8"], False, 2, "甲.csv!D2、D4 等 4 处"),
    (["", "指标值!D2 至 指标值!D9 合计", "nan"], False, 3, ""),
])
def test_cells_in_few_words(cells, whole, limit, said):
    assert provenance.input_cells(cells, whole, limit) == said


@given(st.sets(st.integers(2, 60), min_size=1))
def test_every_row_and_no_other_is_named(rows):
    said = provenance.input_cells([f"表!C{row}" for row in rows], limit=100).removeprefix("表!")
    named = [set(range(int(a[1:]), int((b or a)[1:]) + 1)) for a, _, b in (part.partition(":") for part in said.split("、"))]
    assert set().union(*named) == rows and sum(map(len, named)) == len(rows)


def test_a_line_names_sources_most_used_first_and_their_cells():
    rows = pd.DataFrame({"source": ["公报", "", "年鉴", "年鉴"], "value": 1.0, "cell": [f"指标值!D{n}" for n in (2, 3, 4, 6)]})
    assert provenance.source_line(rows) == "年鉴；公报；未注明（指标值!D2:D4、D6）"
    assert provenance.source_line(rows.drop(columns="value"), 1) == "年鉴等 3 个来源（指标值第 2—4 行 等 2 处）"
    assert provenance.source_line(rows.drop(columns="cell").iloc[:1]) == "公报"
    assert provenance.source_line(rows.iloc[:0]) == ""


def test_a_line_for_several_sheets_names_each_with_its_rows():
    firms = pd.DataFrame({"source": "快报", "cell": [f"企业!B{n}" for n in (2, 3, 4)]})
    listed = pd.DataFrame({"source": "快报", "cell": ["认定名单!B2", "认定名单!B9"]})
    terms = pd.DataFrame({"source": [""], "value": ["0.6"], "cell": ["申报约定!C2"]})
    assert provenance.source_lines(firms, listed, terms) == "快报（企业第 2—4 行；认定名单第 2、9 行）；未注明（申报约定第 2 行）"
    assert provenance.source_lines(firms.iloc[:0], listed.drop(columns="cell")) == "快报" and provenance.source_lines(firms.iloc[:0]) == ""


def test_sources_say_how_many_and_where():
    rows = pd.DataFrame({"source": ["公报", "", "公报"], "status": ["公布", "不详", "公布"], "value": 1.0, "cell": [f"指标值!D{n}" for n in (2, 3, 4)]})
    table = provenance.sources_table(rows)
    assert table.to_dict("list") == {"来源": ["公报", "未注明"], "状态": ["公布", "不详"], "数值个数": [2, 1], "输入单元格": ["指标值!D2、D4", "指标值!D3"]}


def test_pointing_at_a_listed_enterprise_gives_its_row_in_the_workbook():
    case = read_case("demo")
    rows = case.enterprises.set_index("name")["row"]
    for listing in actions.lists(screen(case), 5):
        assert len(listing.cells) == len(listing.view)
        assert {listing.view.at[k, column]: cell for (k, column), cell in listing.cells.items()} == {
            name: f"企业第 {rows[name]} 行" for name in listing.view["企业名称"]}
