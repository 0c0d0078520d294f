"""A notebook is not run again when nothing it is made from has changed, and always when something has."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import count

import pytest
from test_report_batch import GOOD, PARAMETERS, WRITER, fake_case, notebook, project, run  # noqa: F401 - project is a fixture

from analysis.report import batch, files, forking, jobs, manifest, work

FOLDERS = PARAMETERS + '\nfiles: str = ""\nformer: str = ""\nfollow: str = ""'


@pytest.fixture()
def names():
    """The notebooks run since the list was last emptied."""
    return []


@pytest.fixture()
def performed(project, names, monkeypatch):  # noqa: F811
    """The project, with a plain function in the place of running: it writes a page of its own."""
    done, times = names, count(1)

    def perform(unit, place, root=None, zygote=None, memory=""):
        done.append(unit.stem)
        time = next(times)
        (place / f"{unit.stem}.html").write_text(f"<html>{time} {dict(unit.parameters)}</html>", encoding="utf-8")
        if unit.folder:
            (place / unit.folder).mkdir(exist_ok=True)
            (place / unit.folder / "清单.txt").write_text(f"{time}", encoding="utf-8")
        ok = "坏" not in unit.notebook
        return work.Outcome(ok, 1.0, "" if ok else "ValueError：坏")

    monkeypatch.setattr(work, "perform", perform)
    monkeypatch.setattr(forking, "possible", lambda: False)
    notebook(project / "notebooks/01_ranking.ipynb", GOOD)
    notebook(project / "notebooks/04_lists.ipynb", WRITER, parameters=FOLDERS, folder="lists")
    return project


@pytest.fixture()
def ran(performed, names):
    """What ran since the last call."""
    def since(cases=("demo",), **options):
        names.clear()
        result, said = run(list(cases), **options)
        return sorted(names), result, said
    return since


def tree(top):
    return {path.relative_to(top).as_posix(): (path.read_bytes(), path.stat().st_mtime_ns) for path in top.rglob("*") if path.is_file()}


def test_a_report_of_which_nothing_changed_is_left_alone(performed, ran):
    assert ran()[0] == ["01_ranking", "04_lists"]
    before = tree(performed / "reports/demo")
    done, result, said = ran()
    assert done == [] and result.exit_status == 0 and tree(performed / "reports/demo") == before
    assert "输入、代码、参数都没有变化，沿用" in said and result.summaries[0].unchanged
    assert [item.reused for item in result.summaries[0].notebooks] == [True, True] and result.summaries[0].path.is_file()
    assert ran(force=True)[0] == ["01_ranking", "04_lists"]


def test_a_change_in_one_notebook_runs_that_one_and_leaves_the_other_page_byte_by_byte(performed, ran):
    ran()
    report = performed / "reports/demo"
    before = (report / "01_ranking.html").read_bytes(), (report / "lists/清单.txt").read_bytes()
    notebook(performed / "notebooks/04_lists.ipynb", WRITER, "1 + 1", parameters=FOLDERS, folder="lists")
    done, _, said = ran()
    assert done == ["04_lists"] and "重新运行：代码有变化" in said
    assert (report / "01_ranking.html").read_bytes() == before[0] and (report / "lists/清单.txt").read_bytes() != before[1]
    content = json.loads((report / "manifest.json").read_text("utf-8"))
    assert [bool(item.get("reused")) for item in content["notebooks"]] == [True, False]
    assert "没有变化，沿用" in (report / "index.html").read_text("utf-8")
    assert all(item["sha256"] == manifest.file_hash(report / item["文件"]) for item in content["files"])
    notebook(performed / "notebooks/01_ranking.ipynb", GOOD, "1 + 1")
    before = (report / "lists/清单.txt").read_bytes()
    assert ran()[0] == ["01_ranking"] and (report / "lists/清单.txt").read_bytes() == before
    assert ran()[0] == []


@pytest.mark.parametrize(("change", "again", "why"), [
    ({"parameters": {"seed": 8}}, ["01_ranking", "04_lists"], "参数有变化"),
    ({"show_code": True}, ["01_ranking", "04_lists"], "页面设置有变化"),
    ({"timeout": 5, "keep": 3, "workers": 1, "plain": True}, [], "沿用"),
])
def test_parameters_and_settings_of_a_page_count_and_how_it_is_run_does_not(ran, change, again, why):
    ran()
    done, _, said = ran(**change)
    assert done == again and why in said
    assert ran(**change)[0] == []


def test_input_library_and_packages_count(performed, ran, monkeypatch, tmp_path):
    path = tmp_path / "案例.xlsx"
    path.write_bytes(b"1")
    case = fake_case("demo")
    case.path = path
    monkeypatch.setattr(batch, "_read_case", lambda name: case)
    ran()
    assert ran()[0] == []
    path.write_bytes(b"2")
    done, _, said = ran()
    assert done == ["01_ranking", "04_lists"] and "重新运行：输入有变化" in said
    monkeypatch.setattr(manifest, "versions", lambda: {"python": "9"})
    assert "软件包有变化" in ran()[2]
    monkeypatch.setattr(manifest, "_library", lambda root: (("analysis/x.py", "0"),))
    assert "代码有变化" in ran()[2] and ran()[0] == []


@pytest.mark.parametrize("touch", ["edit", "add", "delete"])
def test_work_of_people_in_the_files_is_taken_in_by_running_that_notebook_again(performed, ran, touch):
    ran()
    folder = performed / "reports/demo/lists"
    if touch == "delete":
        (folder / "清单.txt").unlink()
    else:
        (folder / ("清单.txt" if touch == "edit" else "另.txt")).write_text("改")
    done, _, said = ran()
    assert done == ["04_lists"] and "清单文件夹里的文件有改动" in said
    assert (folder / "清单.txt").exists() and (touch == "delete" or list((folder / files.CHANGED).iterdir()))
    assert ran()[0] == []


def test_a_notebook_that_reads_anothers_files_is_run_again_with_it_and_gets_its_folder(performed, ran, monkeypatch):
    notebook(performed / "notebooks/05_pages.ipynb", WRITER, parameters=FOLDERS, folder="pages", reads="lists")
    former, perform = {}, work.perform
    monkeypatch.setattr(work, "perform", lambda unit, *rest, **more: (former.update({unit.stem: unit.former}), perform(unit, *rest, **more))[1])
    ran()
    assert ran()[0] == [] and former["05_pages"] == ""
    (performed / "reports/demo/lists/清单.txt").write_text("改")
    assert ran()[0] == ["04_lists", "05_pages"] and former["05_pages"] == former["04_lists"] == str(performed / "reports/demo/lists")
    (performed / "reports/demo/pages/清单.txt").write_text("改")
    assert ran()[0] == ["05_pages"] and ran()[0] == []


def test_the_longest_notebook_begins_first_and_before_all_new_ones_the_last_and_the_longest_to_read(performed, ran, names, monkeypatch):
    notebook(performed / "notebooks/02_weak_indicators.ipynb", GOOD)
    seconds, perform = {"01_ranking": 2.0, "02_weak_indicators": 9.0, "04_lists": 5.0}, work.perform
    monkeypatch.setattr(work, "perform", lambda unit, *rest, **more: replace(perform(unit, *rest, **more), seconds=seconds.get(unit.stem, 1.0)))
    ran(workers=1)
    assert names == ["04_lists", "01_ranking", "02_weak_indicators"]
    notebook(performed / "notebooks/05_pages.ipynb", GOOD)
    ran(workers=1, force=True)
    assert names == ["05_pages", "02_weak_indicators", "04_lists", "01_ranking"]
    assert [item["name"] for item in manifest.read(performed / "reports/demo")["notebooks"]] == ["01_ranking", "02_weak_indicators", "04_lists", "05_pages"]


def test_lock_files_of_office_programs_are_no_change(performed, ran):
    ran()
    (performed / "reports/demo/lists/~$清单.xlsx").write_text("")
    assert ran()[0] == []


def test_workbooks_sent_back_count_by_content_not_by_place(ran, tmp_path):
    for name in ("一", "二"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "甲镇.xlsx").write_bytes(b"1")
    ran()
    assert ran(parameters={"follow": str(tmp_path / "一")})[0] == ["04_lists"]
    assert ran(parameters={"follow": str(tmp_path / "二")})[0] == []
    (tmp_path / "二/甲镇.xlsx").write_bytes(b"2")
    assert ran(parameters={"follow": str(tmp_path / "二")})[0] == ["04_lists"]


@pytest.mark.parametrize("harm", ["01_ranking.html", "04_lists.html"])
def test_a_page_that_was_touched_is_made_again(performed, ran, harm):
    ran()
    (performed / "reports/demo" / harm).write_text("改")
    done, _, said = ran()
    assert done == [harm.removesuffix(".html")] and "原页面缺失或被改动" in said


@pytest.mark.parametrize("harm", ["index.html", "manifest.json"])
def test_a_lost_index_is_made_again_without_running_and_a_lost_manifest_runs_all(performed, ran, harm):
    ran()
    (performed / "reports/demo" / harm).unlink()
    done, result, _ = ran()
    assert done == ([] if harm == "index.html" else ["01_ranking", "04_lists"])
    assert (performed / "reports/demo" / harm).exists() and not result.summaries[0].unchanged


def test_a_failed_notebook_is_always_run_again_and_the_status_stays(performed, ran):
    notebook(performed / "notebooks/01_ranking.ipynb", "raise ValueError('坏')")
    assert ran()[1].exit_status == 1
    done, result, said = ran()
    assert done == ["01_ranking"] and result.exit_status == 1 and "上次没有完成" in said


def test_another_choice_of_notebooks_makes_another_report(performed, ran):
    ran()
    assert ran(notebooks=["01"])[0] == ["01_ranking"]
    assert ran(notebooks=["01"])[0] == [] and ran()[0] == ["01_ranking", "04_lists"]


def test_two_notebooks_that_share_a_folder_are_run_together(performed, ran):
    notebook(performed / "notebooks/05_more.ipynb", WRITER, parameters=FOLDERS, folder="lists")
    ran()
    notebook(performed / "notebooks/05_more.ipynb", WRITER, "1", parameters=FOLDERS, folder="lists")
    assert ran()[0] == ["04_lists", "05_more"]


def test_no_process_is_made_for_a_case_of_which_nothing_changed(performed, ran, monkeypatch):
    ran()
    monkeypatch.setattr(jobs.publish, "start_building", lambda *a: pytest.fail("something was built"))
    assert ran()[1].exit_status == 0
