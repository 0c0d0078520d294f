"""Sentences and the notebook in the corners: alone, tied, unknown, without a benchmark."""

import json
from pathlib import Path

import casebook
import matplotlib.pyplot as plt
import pandas as pd
import pytest

from analysis import assess_case, check_case, findings, read_case, reconcile_case, views
from analysis.assessment import assess
from analysis.params import AssessmentError
from analysis.reconcile import reconcile
from analysis.template import write_template

# Those about the assessment; pages of series alone have tests of their own.
NOTEBOOKS = [path for path in sorted((Path(__file__).parents[1] / "notebooks").glob("[0-9]*.ipynb"))
             if "scheme" in json.loads(path.read_text("utf-8"))["metadata"]["analysis"]["needs"]]
SCHEME = pd.DataFrame(
    [("T", "", None, "", "总分", "", ""), ("a", "T", 1, "直接", "规模", "", ""), ("b", "T", 1, "直接", "技术中心", "认定", "家")],
    columns=["code", "parent", "weight", "method", "name", "category", "unit"],
)


def city(a, b, **more):
    return assess(pd.DataFrame({"a": a, "b": b}, list("甲乙丙丁")[: len(a)], dtype=float), SCHEME, **more)


def test_place_names_the_district_next_above_next_below_and_first():
    said = findings.place(city([90, 70, 50, 40], [90, 70, 50, 40]), "丙")
    assert said == "**丙**总分 **50.00**，在全部 4 个地区中列**第 3 位**；与前一位乙相差 20.00 分；与首位甲相差 40.00 分；领先后一位丁 10.00 分。"


def test_place_says_among_how_many_when_a_total_is_unknown():
    hidden = pd.DataFrame({"a": [True, False, False], "b": False}, list("甲乙丙"))
    result = city([90, 70, 50], [90, 70, 50], masked=hidden)
    assert "得分可计算的 2 个地区（共 3 个）中列**第 1 位**" in findings.place(result, "乙")
    assert "没有上下界的未公开数值，无法计算，不给位次" in findings.place(result, "甲")
    assert "甲的总分含没有上下界的未公开数值（“规模”）" in findings.unsettled(result)


def test_a_district_alone_in_its_group_gets_no_talk_of_ranks():
    result = city([90, 70], [90, 70], groups=pd.Series({"甲": "城", "乙": "县"}))
    assert "没有其他可比的地区" in findings.place(result, "甲")
    assert "nan" not in findings.recognition(result, "甲")


def test_scores_equal_after_rounding_are_called_equal():
    said = findings.place(city([80.001, 80.004, 70], [80, 80, 70], decimals=2), "甲")
    assert "列**并列第 1 位**" in said and "与乙得分相同" in said and "相差" not in said


def test_half_ranks_are_not_rounded_away():
    assert "并列第 1.5 位" in findings.place(city([80, 80, 70], [80, 80, 70], ties="平均"), "甲")


def test_last_place_is_judged_among_those_ranked_on_that_part():
    hidden = pd.DataFrame({"a": [False, False, True, False], "b": False}, list("甲乙丙丁"))
    result = city([90, 70, 60, 95], [50, 60, 40, 70], masked=hidden)
    assert "居末位" not in findings.strong_and_weak(result, "甲")


def test_the_gap_gives_no_share_above_one_hundred_percent():
    said = findings.gap(city([90, 50], [40, 60]), "乙", "甲")
    assert said == "乙总分低于甲 **10.00 分**，其中**规模**一项就有 20.00 分；反方向的有技术中心 10.00 分。"


def test_the_gap_to_an_equal_district_is_called_level():
    assert findings.gap(city([90, 50], [50, 90]), "乙", "甲") == "乙与甲总分基本持平。"


def test_the_gap_across_groups_warns_that_ranks_do_not_compare():
    assert "不在同一分组" in findings.gap(city([90, 50], [90, 50], groups=pd.Series({"甲": "城", "乙": "县"})), "乙", "甲")


def test_the_group_median_is_that_of_the_breakdown_home_included():
    from analysis.weakness import strengths

    result = city([90, 70, 50], [9, 4, 2])
    assert "同组中位数 4" in findings.recognition(result, "甲") and "同组中位数 4" in findings.recognition(result, "丙")
    row = strengths(result, "甲").set_index("indicator").loc["b"]
    assert row["value"] - row["gap_median"] == 4


def test_a_masked_recognition_count_is_called_unpublished_not_its_midpoint():
    hidden = pd.DataFrame({"a": False, "b": [True, False]}, list("甲乙"))
    bound = pd.DataFrame({"b": {"甲": 1.0}})
    result = city([90, 50], [0, 8], masked=hidden, low=bound, high=bound + 9)
    assert findings.recognition(result, "甲") == "认定类指标：技术中心未公开。"
    assert "其他 0 个" not in findings.recognition(result, "乙")


def test_an_unknown_district_is_refused_with_a_suggestion():
    with pytest.raises(AssessmentError, match="本区“甲区”不在考核的区县里.*可用：甲、乙"):
        city([90, 50], [90, 50]).require("甲区", "本区")


def test_rows_of_unknown_districts_in_the_announcement_are_not_dropped():
    with pytest.raises(AssessmentError, match="戊"):
        reconcile(city([90, 50], [90, 50]), pd.DataFrame({"district": ["戊"], "node": "T", "score": 1.0, "rank": 1}))


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def run_cells(request):
    """Run a notebook's code here, with some parameters set; returns its names."""
    def run(**parameters):
        space, cells = {}, json.loads(request.param.read_text("utf-8"))["cells"]
        for cell in cells:
            if cell["cell_type"] == "code":
                exec("".join(cell["source"]), space)  # noqa: S102
                if "parameters" in cell["metadata"].get("tags", []):
                    space.update({"runs": 200} | parameters)
        plt.close("all")
        return space

    return run


@pytest.mark.parametrize("parameters", [
    {"case": "demo", "district": "松涧县"}, {"case": "demo", "year": 2021}, {"case": "demo", "district": "标杆区"},
    {"case": "zhejiang-2016-2019", "year": 2016, "district": "杭州市", "benchmark": "杭州市"},
])
def test_a_notebook_runs_for_any_district_and_year(run_cells, parameters):
    assert run_cells(**parameters)["conclusions"]


def test_the_untouched_template_gives_a_report(run_cells, tmp_path):
    write_template(tmp_path / "模板.xlsx")
    assert run_cells(case=str(tmp_path / "模板.xlsx"))["conclusions"]


def small_case(folder, **sheets):
    tables = casebook.base() | sheets
    casebook.write_folder(folder, {name: rows for name, rows in tables.items() if rows})
    return folder


def test_a_case_without_benchmark_and_with_an_unbounded_mask_gives_a_report(run_cells, tmp_path):
    tables = casebook.base()
    about = [row for row in tables["说明"] if row[0] != "对标区"]
    districts, values = tables["区县"], tables["指标值"]
    districts[2][1], values[4][4:6] = "其他", ["", ""]
    folder = small_case(tmp_path / "小例", 说明=about, 区县=districts, 指标值=values)
    assert "没有上下界" in check_case(folder)[0].message
    assert run_cells(case=str(folder))["target"] == ""


def test_a_copeland_total_gives_a_report(run_cells, tmp_path):
    scheme = [[*row, "科普兰" if row[0] == "T" else "合成方法" if row[0] == "代码" else ""] for row in casebook.base()["考核方案"]]
    rows = [row for row in casebook.base()["加减分"] if row[3] != "否决"]
    assert run_cells(case=str(small_case(tmp_path / "小例", 考核方案=scheme, 加减分=rows)))["conclusions"]


def test_a_case_of_one_district_gives_a_report(run_cells, tmp_path):
    base = casebook.base()
    mine = {name: [base[name][0], *(row for row in base[name][1:] if "东区" in row)] for name in ("区县", "指标值", "加减分")} | {"公布结果": None}
    about = [row for row in base["说明"] if row[0] != "对标区"]
    assert run_cells(case=str(small_case(tmp_path / "小例", 说明=about, **mine)))["conclusions"] is not None


def test_a_geometric_mean_with_a_veto_and_a_masked_value_gives_a_report(run_cells, tmp_path):
    scheme = [[*row, "合成方法" if row[0] == "代码" else "几何平均" if row[0] in "TAB" else ""] for row in casebook.base()["考核方案"]]
    assert run_cells(case=str(small_case(tmp_path / "小例", 考核方案=scheme)))["conclusions"]


@pytest.fixture
def ranking_page(monkeypatch):
    """Run notebook 01 on a case; returns its names and all that it shows as plain text."""
    import IPython.display

    def run(folder, **parameters):
        texts, space = [], {}
        monkeypatch.setattr(IPython.display, "display", lambda data, raw=False: texts.append(data.get("text/plain", "")))
        for cell in json.loads(NOTEBOOKS[0].read_text("utf-8"))["cells"]:
            if cell["cell_type"] == "code":
                exec("".join(cell["source"]), space)  # noqa: S102
                if "parameters" in cell["metadata"].get("tags", []):
                    space.update({"case": str(folder), "runs": 200} | parameters)
        plt.close("all")
        return space, "\n".join(texts)

    return run


def test_a_district_alone_in_its_group_gets_no_rank_and_no_table_of_ranks(ranking_page, tmp_path):
    districts = casebook.base()["区县"]
    districts[1][2] = "独组"
    _, text = ranking_page(small_case(tmp_path / "小例", 区县=districts))
    assert "东区位次：—" in text and "只有一个可比地区，不谈位次" in text and "仍列第" not in text
    assert not any(title in text for title in ("位次区间", "两两比较", "换一种做法", "索博尔", "去掉任一指标"))


def test_a_bound_that_cannot_be_given_is_said_and_the_page_goes_on(ranking_page, tmp_path, monkeypatch):
    def refuse(case, year=None):
        raise AssessmentError("区间内某些取值不能合成")

    monkeypatch.setattr("analysis.audit.masked.rank_bounds_case", refuse)
    _, text = ranking_page(small_case(tmp_path / "小例"))
    assert "未公开数值对位次的影响无法求界：区间内某些取值不能合成。" in text and "数据性质" in text
    assert "未公开数所致" not in text and "去掉任一指标后的位次" in text


def test_places_that_are_shared_are_called_shared():
    a = city([90, 50, 50, 50], [9, 1, 1, 1])
    assert [findings.standing(a, d) for d in "甲乙"] == ["第 1 位", "并列末位"] and "列**并列末位（第 2 位）**" in findings.place(a, "乙")
    b = city([90, 90, 50, 40], [9, 9, 1, 0])
    assert findings.standing(b, "甲") == "并列第 1 位" and "（并列第 1 位，" in findings.recognition(b, "甲")
    assert "**技术中心**（并列第 2 位，居末位）" in findings.strong_and_weak(city([95, 90, 80], [5, 9, 5]), "甲")


def test_a_city_where_all_are_level_is_called_so():
    a = city([80, 80, 80], [80, 80, 80])
    assert "得分相同，**全部并列**，分不出先后" in findings.place(a, "甲") and "全部并列" in findings.recognition(a, "甲")
    card = findings.key_figures(a, "甲", "乙", reconcile(a, pd.DataFrame(columns=["district", "node", "score", "rank"])), "")
    assert card[0][1] == "全部并列" and card[2][1] == "0.00 分"


def test_a_rank_of_one_among_one_is_shown_as_none():
    a = city([90, 70, 50], [90, 70, 50], groups=pd.Series({"甲": "城", "乙": "县", "丙": "县"}))
    assert views.alone(a) == ["甲"] and views.shown_ranks(a)["T"].tolist()[1:] == [1, 2]
    assert pd.isna(views.ranking_table(a).at["甲", "位次"]) and "灰色" in views.unranked_note(a)
    empty = reconcile(a, pd.DataFrame(columns=["district", "node", "score", "rank"]))
    assert findings.key_figures(a, "甲", "", empty, "")[0][1:3] == ("—", "只有一个可比地区，不谈位次")


def test_the_caption_of_the_reconciliation_chart_is_about_the_node_drawn():
    a = city([90, 70], [80, 60])
    published = pd.DataFrame([("甲", "T", 85.0, 1), ("乙", "T", 65.004, 2), ("甲", "a", 91.0, 1)], columns=["district", "node", "score", "rank"])
    check = reconcile(a, published)
    assert "最大差 1.0000 分（甲“规模”）" in check.verdict
    said = findings.reconciliation_caption(check)
    assert said.startswith("总分：与公布结果对账一致") and "2/2" in said and "0.0040 分（乙“总分”）" in said


def test_the_demo_report_finds_the_recognition_group_and_its_heaviest_indicator_by_itself():
    from analysis import assess_case, read_case, weakness

    case = read_case("demo")
    said = weakness.weakness_findings(assess_case(case), case, case.home, case.benchmark)
    assert "短板在**认定培育**" in said[0] and "**省级专精特新中小企业**影响最大" in said[0]


def test_the_zhejiang_weights_are_said_to_explain_nothing_to_rounding():
    from analysis import assess_case, read_case
    from analysis.audit import tables

    case = read_case("zhejiang-2016-2019")
    found = tables.recoveries(case, assess_case(case))
    assert [f"{r.largest_difference:.2f}" for r in found.values()] == ["0.06", "0.06", "0.05", "0.07", "0.12"]
    assert all("没有任何权重" in r.verdict for r in found.values())


def test_a_misspelt_value_header_is_one_error_not_one_for_every_figure(tmp_path):
    tables = casebook.base()
    tables["指标值"][0][3] = "数植"
    folder = tmp_path / "小例"
    casebook.write_folder(folder, tables)
    wrong = [p for p in check_case(folder) if p.level == "错误"]
    assert len(wrong) == 1 and "没有读到任何数值" in wrong[0].message


@pytest.mark.parametrize(("name", "status"), [("demo", "示例"), ("anhui-2016", "推算")])
def test_the_card_on_the_announcement_carries_the_status_of_what_it_compares(name, status):
    case = read_case(name)
    card = findings.key_figures(assess_case(case), case.home, case.benchmark, reconcile_case(case), "")[-1]
    assert card[0] == "与公布结果" and card[3] == status
