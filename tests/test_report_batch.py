"""Cases through tiny notebooks to published reports."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pandas as pd
import pytest
from nbformat import v4

from analysis.dictionary import load
from analysis.problems import CaseError, Problem
from analysis.report import batch, engine, forking, manifest, notebooks, publish

PARAMETERS = 'case: str = "demo"  # 案例\nyear: int | None = None  # 年份\ndistrict: str = ""  # 区县\nseed: int = 7'
GOOD = (
    "from analysis.report import show\n"
    "show.title(f'排名复盘：{district or case}')\n"
    "show.headline('示例区列第 **7** 位')\n"
    "show.keys([('总分', '83.21', '', '示例')])\n"
    "print(repr((case, year, district, seed)))"
)


def notebook(path: Path, *code: str, parameters: str = PARAMETERS, title: str = "测试篇", needs: object = None, folder: str = "", reads: str = "") -> Path:
    cell = v4.new_code_cell(parameters)
    cell.metadata["tags"] = ["parameters"]
    nb = v4.new_notebook(cells=[cell, *map(v4.new_code_cell, code)], metadata={"title": title} | ({"analysis": {"needs": needs or [], "files": folder, "reads": reads}} if needs is not None or folder else {}))
    path.parent.mkdir(exist_ok=True)
    nbformat.write(nb, path)
    return path


def fake_case(name: str) -> SimpleNamespace:
    """Its sheets are full but for ``series``; the case ``monthly`` has series and nothing else."""
    present = {"series"} if name == "monthly" else {sheet.key for sheet in load().sheets} - {"series"}
    return SimpleNamespace(
        name=Path(name).stem if "/" in name else name, path=Path("no-such-input.xlsx"), sha256="ab" * 32, title=f"{name} 考核", city="示例市",
        year=2022, nature="示例数据", illustrative=True, years=[2021, 2022], problems=(),
        districts=pd.DataFrame({"district": ["示例区", "邻近区", "远山县"]}),
        tables={sheet.key: pd.DataFrame({"row": [2] if sheet.key in present else []}) for sheet in load().sheets},
    )


@pytest.fixture()
def project(tmp_path, monkeypatch):
    """A project whose notebooks are made in the test; the library is the real one."""
    (tmp_path / "analysis").symlink_to(batch.ROOT / "analysis")

    def read(name):
        if name == "broken":
            raise CaseError([Problem("错误", "缺少工作表", "补上", "broken.xlsx", "区县"), Problem("错误", "权重为负", "", "broken.xlsx", "考核方案", 4)])
        return fake_case(name)

    monkeypatch.setattr(batch, "ROOT", tmp_path)
    monkeypatch.setattr(batch, "_read_case", read)
    monkeypatch.setattr(batch, "_prepare_case", lambda case, out: None)
    return tmp_path


def run(cases, **options):
    lines: list[str] = []
    return batch.run_cases(cases, progress=lines.append, **options), "\n".join(lines)


def test_a_run_leaves_pages_an_index_and_a_manifest_whose_hashes_are_true(project):
    notebook(project / "notebooks/01_ranking.ipynb", GOOD)
    result, said = run(["demo"], parameters={"district": "邻近区", "year": "2022"})
    report = project / "reports/demo"
    assert result.exit_status == 0
    assert {p.name for p in report.iterdir()} == {"index.html", "01_ranking.html", "manifest.json"}
    content = json.loads((report / "manifest.json").read_text("utf-8"))
    entry = content["notebooks"][0]
    assert entry["parameters"] == {"year": 2022, "district": "邻近区", "seed": 7}
    assert entry["seeds"] == {"seed": 7}
    assert entry["sentences"] == ["示例区列第 7 位"]
    for listed in content["files"]:
        assert listed["sha256"] == manifest.file_hash(report / listed["文件"])
    assert "('demo', 2022, '邻近区', 7)" in (report / "01_ranking.html").read_text("utf-8").replace("&#39;", "'")
    index = (report / "index.html").read_text("utf-8")
    assert "示例区列第 7 位" in index and "83.21" in index and "示例数据" in index
    assert "demo 考核" in (project / "reports/index.html").read_text("utf-8")
    assert str(project / "reports/index.html") in said
    assert not (project / "reports" / publish.BUILDING).exists() or not list((project / "reports" / publish.BUILDING).iterdir())


def test_a_failing_notebook_leaves_its_copy_and_a_readable_page_and_the_rest_go_on(project):
    notebook(project / "notebooks/01_bad.ipynb", "print('先算出的')", "raise ValueError('指标 D1 没有数')", "print('到不了')")
    notebook(project / "notebooks/02_good.ipynb", GOOD)
    result, said = run(["demo"])
    report = project / "reports/demo"
    assert result.exit_status == 1
    assert [item.ok for item in result.summaries[0].notebooks] == [False, True]
    page = (report / "01_bad.html").read_text("utf-8")
    assert "计算在这里中断" in page and "指标 D1 没有数" in page and "先算出的" in page
    assert "Traceback" not in page and "到不了" not in page
    kept = nbformat.read(report / "01_bad.ipynb", 4)
    assert any(output.output_type == "error" for cell in kept.cells if cell.cell_type == "code" for output in cell.outputs)
    assert "未完成" in (report / "index.html").read_text("utf-8") and "未完成" in said
    assert json.loads((report / "manifest.json").read_text("utf-8"))["status"] == "未完成"


def test_a_case_with_problems_is_refused_with_status_2_and_the_others_are_done(project):
    notebook(project / "notebooks/01_ranking.ipynb", GOOD)
    result, said = run(["broken", "demo"])
    assert result.exit_status == 2
    assert [s.exit_status for s in result.summaries] == [2, 0]
    assert "broken.xlsx〔区县〕" in said and "第4行" in said
    assert not (project / "reports/broken").exists() and (project / "reports/demo/index.html").exists()


@pytest.mark.parametrize(("given", "words"), [
    ({"distrct": "x"}, "是不是想写：district"),
    ({"year": "abc"}, "参数 year 应为整数"),
    ({"seed": 1.5}, "参数 seed 应为整数"),
    ({"case": "x"}, "案例请直接写在命令里"),
    ({"year": 1999}, "可用的有：2021、2022"),
    ({"district": "邻进区"}, "是不是想写：邻近区"),
])
def test_a_wrong_parameter_is_refused_in_chinese_before_any_kernel_starts(project, monkeypatch, given, words):
    notebook(project / "notebooks/01_ranking.ipynb", GOOD)
    monkeypatch.setattr(engine, "execute", lambda *a, **k: pytest.fail("a kernel was started"))
    result, said = run(["demo"], parameters=given)
    assert result.exit_status == 2 and words in said


def test_a_notebook_is_chosen_by_number_or_name_and_an_unknown_one_is_refused(project):
    one, two = (notebook(project / f"notebooks/{name}.ipynb", GOOD) for name in ("01_ranking", "02_weak"))
    assert notebooks.find(project, ["2"]) == [two]
    assert notebooks.find(project, ["01_ranking", "02"]) == [one, two]
    result, said = run(["demo"], notebooks=["01_rankng"])
    assert result.exit_status == 2 and "是不是想写：01_ranking" in said


@pytest.fixture()
def two_kinds(project):
    """One notebook for values, one for time series."""
    notebook(project / "notebooks/01_ranking.ipynb", GOOD, title="排名篇", needs=["scheme", "values"])
    notebook(project / "notebooks/03_growth.ipynb", GOOD, title="追赶篇", needs=["series"])
    return project


def test_a_notebook_whose_sheets_the_case_lacks_is_left_out_and_everybody_is_told(two_kinds):
    result, said = run(["demo", "monthly"])
    assert result.exit_status == 0 and "[demo] 追赶篇 … 未做：本案例没有“时间序列”表" in said
    assert "[monthly] 排名篇 … 未做：本案例没有“考核方案”、“指标值”表" in said
    assert [s.skipped for s in result.summaries] == [("03_growth",), ("01_ranking",)]
    for name, made, left, why in (("demo", "01_ranking", "03_growth", "追赶篇 未做：本案例没有“时间序列”表"),
                                  ("monthly", "03_growth", "01_ranking", "排名篇 未做：本案例没有“考核方案”、“指标值”表")):
        report = two_kinds / "reports" / name
        assert {p.name for p in report.iterdir()} == {"index.html", f"{made}.html", "manifest.json"}
        assert why in (report / "index.html").read_text("utf-8")
        assert f"{left}.html" not in (report / f"{made}.html").read_text("utf-8")
        content = json.loads((report / "manifest.json").read_text("utf-8"))
        assert content["status"] == "完成" and [item["name"] for item in content["notebooks"]] == [made]
        [skipped] = content["skipped"]
        assert skipped["name"] == left and skipped["sheets"]
    assert "1 篇完成，1 篇未做" in (two_kinds / "reports/index.html").read_text("utf-8")


def test_a_notebook_asked_for_by_name_is_refused_for_a_case_named_that_cannot_feed_it(two_kinds, monkeypatch):
    monkeypatch.setattr(engine, "execute", lambda *a, **k: pytest.fail("a kernel was started"))
    result, said = run(["demo"], notebooks=["03"])
    assert result.exit_status == 2 and result.summaries[0].path is None
    assert "“追赶篇”（03_growth）未做：本案例没有“时间序列”表" in said and "换一个笔记本" in said
    assert not (two_kinds / "reports/demo").exists()


def test_over_all_bundled_cases_a_named_notebook_is_made_where_it_can_be(two_kinds, monkeypatch):
    monkeypatch.setattr(batch, "_bundled", lambda: ["demo", "monthly"])
    (two_kinds / "reports/demo").mkdir(parents=True)
    (two_kinds / "reports/demo/旧.html").write_text("旧")
    result, said = run(None, notebooks=["03"])
    assert result.exit_status == 0
    assert [bool(s.path) for s in result.summaries] == [False, True]
    assert "[demo] 没有可做的笔记本，没有生成报告" in said
    assert (two_kinds / "reports/demo/旧.html").exists() and (two_kinds / "reports/monthly/03_growth.html").exists()


@pytest.mark.parametrize("needs", [["serie"], "series", [["series"]], {"series": True}])
def test_a_notebook_that_needs_a_sheet_nobody_knows_is_refused_before_anything_runs(project, needs):
    notebook(project / "notebooks/01_ranking.ipynb", GOOD, title="排名篇", needs=needs)
    result, said = run(["demo"])
    assert result.exit_status == 2 and result.summaries == ()
    assert "“排名篇”的元数据" in said and "scenarios" in said


def test_the_bundled_notebooks_state_their_needs():
    found = {path.stem: notebooks.needs(nbformat.read(path, 4)) for path in notebooks.find(batch.ROOT)}
    assert found["01_ranking"] == found["02_weak_indicators"] == ("scheme", "values")
    assert all(found.values())


def test_the_year_asked_for_may_be_one_of_the_series_where_there_are_no_values(project, monkeypatch):
    case = fake_case("monthly")
    case.years, case.series_years = [], [2021, 2023]
    monkeypatch.setattr(batch, "_read_case", lambda name: case)
    notebook(project / "notebooks/03_growth.ipynb", GOOD, needs=["series"])
    assert run(["monthly"], parameters={"year": "2023"})[0].exit_status == 0
    result, said = run(["monthly"], parameters={"year": "2022"})
    assert result.exit_status == 2 and "可用的有：2021、2023" in said


def test_a_case_named_like_a_path_stays_inside_the_output_directory(project, monkeypatch):
    notebook(project / "notebooks/01_ranking.ipynb", "print(1)")
    case = fake_case("x")
    case.name = "../../外面"
    monkeypatch.setattr(batch, "_read_case", lambda name: case)
    result, _ = run(["x"])
    assert result.summaries[0].path.resolve().is_relative_to((project / "reports").resolve())


def test_a_rerun_keeps_the_former_report(project):
    notebook(project / "notebooks/01_ranking.ipynb", "print('甲')")
    run(["demo"])
    notebook(project / "notebooks/01_ranking.ipynb", "print('乙')")
    run(["demo"])
    assert "乙" in (project / "reports/demo/01_ranking.html").read_text("utf-8")
    assert "甲" in (project / "reports/.former/demo/01_ranking.html").read_text("utf-8")


def test_an_unwritable_output_is_told_in_chinese(project):
    notebook(project / "notebooks/01_ranking.ipynb", "print(1)")
    (project / "reports").write_text("占位")
    result, said = run(["demo"])
    assert result.exit_status == 1 and "无法写入输出目录" in said


@pytest.mark.skipif(os.name != "posix", reason="signals and process groups")
@pytest.mark.parametrize("plain", [True, False])
def test_no_kernel_survives_a_killed_run(project, monkeypatch, plain):
    """SIGKILL leaves no chance to clean up: the kernel itself, or what it was forked from, must notice."""
    if not plain and not forking.possible():
        pytest.skip("kernels are not forked here")
    # A folder of its own: other tests sweep the common one. Socket names must be short.
    with tempfile.TemporaryDirectory(dir="/tmp") as private:
        monkeypatch.setattr(tempfile, "tempdir", private)
        started = Path(private) / "pids"
        path = notebook(project / "notebooks/01_slow.ipynb", "import os,time,pathlib\n"
                        f"pathlib.Path({str(started)!r}).write_text(f'{{os.getpid()}} {{os.getppid()}}')\ntime.sleep(60)")
        script = textwrap.dedent(f"""
            from pathlib import Path
            from analysis.report import engine, forking, parameters
            root = Path({str(project)!r})
            zygote = None if {plain} else forking.Zygote([], root)
            engine.execute(parameters.read_notebook(Path({str(path)!r})), {{}}, root=root, cwd=root, zygote=zygote)
        """)
        env = os.environ | {"PYTHONPATH": str(Path(engine.__file__).parents[2]), "TMPDIR": private}
        process = subprocess.Popen([sys.executable, "-c", script], env=env)
        try:
            until = time.monotonic() + 60
            while not (started.exists() and started.read_text()) and time.monotonic() < until:
                time.sleep(0.05)
            kernel, parent = map(int, started.read_text().split())
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait()
        gone = [kernel] if plain else [kernel, parent]
        assert plain == (parent == process.pid)
        until = time.monotonic() + 30
        while any(map(_running, gone)) and time.monotonic() < until:
            time.sleep(0.1)
        assert not any(map(_running, gone))
        left = list(Path(private).glob(f"nb-{process.pid}-*"))
        assert left
        engine.sweep()
        assert not any(path.exists() for path in left)


def _running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat")
    # A killed orphan may wait as a zombie for an init that never reaps it.
    return not (stat.exists() and re.search(r"\) Z ", stat.read_text()))


WRITER = """
from pathlib import Path
seen = sorted(p.name for p in Path(former).rglob('*.txt')) if former else []
print('seen', seen)
Path(files).mkdir()
(Path(files) / '清单.txt').write_text(str(len(seen)))
"""


def test_a_notebook_writes_files_sees_the_former_ones_and_what_people_changed_is_kept(project):
    declared = PARAMETERS + '\nfiles: str = ""\nformer: str = ""'
    notebook(project / "notebooks/04_lists.ipynb", WRITER, parameters=declared, folder="lists")
    result, said = run(["demo"])
    report = project / "reports/demo"
    assert result.exit_status == 0, said
    assert (report / "lists/清单.txt").read_text("utf-8") == "0"
    assert 'href="lists/%E6%B8%85%E5%8D%95.txt"' in (report / "index.html").read_text("utf-8")
    entry = json.loads((report / "manifest.json").read_text("utf-8"))["notebooks"][0]
    assert not {"files", "former"} & set(entry["parameters"])
    (report / "lists/清单.txt").write_text("改过", encoding="utf-8")
    assert run(["demo"])[0].exit_status == 0
    assert (report / "lists/清单.txt").read_text("utf-8") == "1"
    assert (report / "lists/上期改动/清单.txt").read_text("utf-8") == "改过"
    # A run of another notebook alone, and one in which this one fails, take nothing away.
    notebook(project / "notebooks/01_ranking.ipynb", GOOD)
    assert "沿用上期" in run(["demo"], notebooks=["01"])[1]
    assert (report / "lists/清单.txt").read_text("utf-8") == "1"
    notebook(project / "notebooks/04_lists.ipynb", WRITER, "raise ValueError('坏')", parameters=declared, folder="lists")
    assert run(["demo"], notebooks=["04"])[0].exit_status == 1
    assert (report / "lists/清单.txt").read_text("utf-8") == "1" and (report / "lists/上期改动/清单.txt").exists()


@pytest.mark.parametrize("name", ["files", "former"])
def test_the_folders_of_a_notebook_are_the_runners_own_parameters(project, name):
    notebook(project / "notebooks/04_lists.ipynb", WRITER, parameters=PARAMETERS + '\nfiles: str = ""\nformer: str = ""', folder="lists")
    result, said = run(["demo"], parameters={name: "/tmp"})
    assert result.exit_status == 2 and f"没有名为 {name} 的参数" in said
