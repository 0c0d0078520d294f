"""One case run for several of its districts, each to a report of its own."""

from __future__ import annotations

import json

import pytest
from test_report_batch import PARAMETERS, fake_case, notebook, project, run  # noqa: F401 - project is a fixture
from test_report_locks import quick  # noqa: F401 - a fixture

from analysis.report import batch, work


@pytest.fixture()
def several(quick, monkeypatch):  # noqa: F811
    case = fake_case("demo")
    case.home = "示例区"
    case.districts.loc[2, "district"] = "../远山/县"
    monkeypatch.setattr(batch, "_read_case", lambda name: case)
    return quick


def test_every_district_gets_a_report_with_its_name(several):
    result, said = run(["demo"], districts=["all"])
    assert result.exit_status == 0
    assert [s.district for s in result.summaries] == ["示例区", "邻近区", "../远山/县"]
    reports = [s.path.parent for s in result.summaries]
    assert [path.name for path in reports[:2]] == ["demo-示例区", "demo-邻近区"]
    assert all(path.parent == several / "reports" for path in reports) and len(set(reports)) == 3
    content = json.loads((reports[1] / "manifest.json").read_text("utf-8"))
    assert content["district"] == "邻近区" and content["notebooks"][0]["parameters"]["district"] == "邻近区" and "邻近区" in content["title"]
    assert "demo 考核（邻近区）" in (several / "reports/index.html").read_text("utf-8")
    assert run(["demo"], districts=["邻近区"])[0].summaries[0].unchanged


def test_a_report_of_a_district_and_one_of_a_case_of_that_name_do_not_meet(several, monkeypatch):
    run(["demo"], districts=["邻近区"])
    case = fake_case("demo-邻近区")
    case.home = "示例区"
    monkeypatch.setattr(batch, "_read_case", lambda name: case)
    result, _ = run(["demo-邻近区"])
    assert result.summaries[0].path.parent.name != "demo-邻近区"


@pytest.mark.parametrize(("districts", "given", "words"), [
    (["邻进区"], {}, "是不是想写：邻近区"), (["邻近区"], {"district": "示例区"}, "不要再指定本区"),
])
def test_what_is_no_district_is_refused(several, districts, given, words):
    result, said = run(["demo"], districts=districts, parameters=given)
    assert result.exit_status == 2 and words in said and not list((several / "reports").glob("demo*"))


def test_a_case_that_cannot_be_read_is_told_once_and_the_others_go_on(several, monkeypatch):
    from analysis.problems import CaseError, Problem

    good = batch._read_case("demo")

    def read(name):
        if name == "broken":
            raise CaseError([Problem("错误", "缺少工作表", "补上", "broken.xlsx", "区县")])
        return good

    monkeypatch.setattr(batch, "_read_case", read)
    result, said = run(["broken", "demo"], districts=["邻近区"])
    assert [s.exit_status for s in result.summaries] == [2, 0] and said.count("缺少工作表") == 1


def test_a_notebook_for_the_own_district_only_is_not_shown_under_another_name(several):
    notebook(several / "notebooks/04_lists.ipynb", "1", parameters=PARAMETERS.replace("district", "place"), title="清单篇")
    result, said = run(["demo"], districts=["示例区", "邻近区"])
    assert [s.skipped for s in result.summaries] == [(), ("04_lists",)]
    assert "清单篇 … 未做：这一篇只做案例的本区（示例区）" in said
    assert "清单篇 未做：这一篇只做案例的本区（示例区）" in (several / "reports/demo-邻近区/index.html").read_text("utf-8")


def test_a_case_is_read_and_prepared_once_for_all_its_districts(several, monkeypatch):
    read, prepared, case = [], [], batch._read_case("demo")
    monkeypatch.setattr(batch, "_read_case", lambda name: read.append(name) or case)
    monkeypatch.setattr(batch, "_prepare_case", lambda case, out: prepared.append(case.name) or True)
    run(["demo"], districts=["all"])
    assert (read, prepared) == (["demo"], ["demo"])


def test_one_bad_page_does_not_stop_the_others(several, monkeypatch):
    real = work.perform

    def perform(unit, place, root=None, zygote=None, memory=""):
        if unit.parameters["district"] == "邻近区":
            raise PermissionError(13, "denied")
        return real(unit, place)

    monkeypatch.setattr(work, "perform", perform)
    result, said = run(["demo"], districts=["all"])
    assert [s.exit_status for s in result.summaries] == [0, 1, 0] and "报告没有写成" in said
