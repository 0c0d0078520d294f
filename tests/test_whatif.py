"""What if: closed forms on a tiny case, the widget without a front end, and in a real JupyterLab."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from casebook import base, write_folder

from analysis import assess_case, read_case, whatif
from analysis.params import AssessmentError

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def demo():
    return read_case("demo")


def test_no_change_changes_nothing(demo):
    found = whatif.change(demo)
    assert found.after.scores.equals(found.before.scores)
    assert "没有改动" in whatif.finding(found, demo.home)


def test_a_weight_moves_the_total_as_the_weighted_mean_says(demo):
    before = assess_case(demo)
    nodes = before.tree.nodes
    top = nodes.index[nodes["parent"] == before.root]
    found = whatif.change(demo, {"认定培育": 40}, before=before)
    raw = nodes.loc[top, "raw_weight"].copy()
    raw["E"] = 40
    expected = (before.scores[top] * (raw / raw.sum())).sum(axis=1) + before.adjustments[before.root]
    assert (found.after.total - expected).abs().max() < 1e-9
    assert list(found.weights) == ["E"]


def test_a_value_given_replaces_a_masked_one_and_says_that_it_is_assumed(tmp_path):
    case = read_case(str(write_folder(tmp_path / "c", base())))
    before = assess_case(case)
    code = before.tree.leaves[0]
    found = whatif.change(case, values={(case.home, code): 12345.0})
    assert found.after.raw.at[case.home, code] == 12345.0
    assert found.after.statuses.at[case.home, code] == whatif.answer.ASSUMED
    assert before.raw.at[case.home, code] != 12345.0 and case.values["value"].max() != 12345.0


def test_faults_are_told_at_once_in_chinese(demo):
    with pytest.raises(AssessmentError) as told:
        whatif.change(demo, {"没有": 1, "认定培育": -1}, {("某区", "省级绿色工厂"): float("nan"), (demo.home, "认定培育"): 1.0})
    assert all(word in str(told.value) for word in ("没有节点“没有”", "不小于 0", "不是数", "“某区”不在", "没有末级指标“认定培育”"))


@pytest.mark.parametrize(("text", "expected"), [("", {}), ("甲=3、乙=4.5", {"甲": 3, "乙": 4.5}), ("甲 ＝ 3； 乙=-1", {"甲": 3, "乙": -1})])
def test_assignments_are_read_as_people_write_them(text, expected):
    assert whatif.assigned(text) == expected


@pytest.mark.parametrize("text", ["甲", "甲=", "=3", "甲=多"])
def test_an_assignment_that_is_none_is_refused(text):
    with pytest.raises(AssessmentError, match="看不懂"):
        whatif.assigned(text)


def test_who_is_passed_is_named_within_the_group_only(demo):
    found = whatif.change(demo, values={(demo.home, name): 99.0 for name in ("省级企业技术中心", "省级专精特新中小企业", "省级绿色工厂")})
    groups, old, new = found.after.groups, found.before.ranks["E"], found.after.ranks["E"]
    own = demo.home
    passed = [d for d in old.index if d != own and groups[d] == groups[own] and old[d] < old[own] and new[d] > new[own]]
    said = whatif.finding(found, own, "E")
    assert passed and all(d in said for d in passed) and not [d for d in old.index if groups[d] != groups[own] and d in said]


def test_moving_a_slider_answers_and_taking_back_restores(demo):
    box = whatif.panel(demo, demo.home)
    first = box.shown.value
    box.weights["E"].value = 40
    assert box.shown.value != first and "由" in box.shown.value or "仍为" in box.shown.value
    expected = whatif.finding(whatif.change(demo, {"E": 40}), demo.home)
    assert re.sub(r"\W", "", expected) in re.sub(r"<[^>]+>|\W", "", box.shown.value)
    box.reset()
    assert box.shown.value == first


def test_weights_all_zero_are_answered_with_a_reason_not_a_traceback(demo):
    box = whatif.panel(demo, demo.home)
    for code in ("E1", "E2", "E3"):
        box.weights[code].value = 0
    assert "ys-note" in box.shown.value and "Traceback" not in box.shown.value


def test_hostile_names_stay_text_in_the_widget(tmp_path):
    sheets = base()
    hostile = "<img src=x onerror=alert(1)>"
    sheets = {name: [[hostile if cell == "东区" else cell for cell in row] for row in rows] for name, rows in sheets.items()}
    case = read_case(str(write_folder(tmp_path / "h", sheets)))
    shown = whatif.panel(case, case.home).shown.value
    assert "<img src=x" not in shown


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """A JupyterLab on the notebooks, as ``python -m analysis lab`` starts it; its address with token."""
    import socket

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    home = tmp_path_factory.mktemp("home")
    work = home / "notebooks"
    work.mkdir()
    (work / "what_if.ipynb").write_bytes((ROOT / "notebooks/what_if.ipynb").read_bytes())
    env = os.environ | {"JUPYTER_CONFIG_DIR": str(home / "config"), "JUPYTER_DATA_DIR": str(home / "data"), "IPYTHONDIR": str(home / "ipython"), "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen([sys.executable, "-m", "jupyterlab", str(work), "--no-browser", f"--port={port}", "--ServerApp.ip=127.0.0.1", "--allow-root",
                                "--IdentityProvider.token=probe", "--LabApp.extension_manager=readonly"], env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    until = time.monotonic() + 90
    while time.monotonic() < until:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/api?token=probe", timeout=2)
            break
        except OSError:
            time.sleep(0.5)
    yield f"http://127.0.0.1:{port}/lab/tree/what_if.ipynb?token=probe"
    process.terminate()
    process.wait(20)


def run_all(page):
    """Run → Run All Cells, once the kernel is there (before, JupyterLab asks for one), and scroll to the sliders."""
    page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=90_000)
    page.get_by_text(re.compile(r"^Python 3 .*\| Idle$")).wait_for(timeout=120_000)
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    asked = page.locator(".jp-Dialog").get_by_role("button", name="Select", exact=True)
    slider = page.locator(".widget-slider").first
    page.wait_for_timeout(500)
    for _ in range(600):  # a notebook shows only the cells that are scrolled to
        if asked.is_visible():
            asked.click()
        if slider.is_visible():
            return
        page.locator(".jp-WindowedPanel-outer").hover()
        page.mouse.wheel(0, 400)
        page.wait_for_timeout(250)
    shown = page.locator(".jp-Notebook .jp-Cell, .jp-Dialog").all_inner_texts()
    pytest.fail("no slider after running all cells; the notebook shows:\n" + "\n".join(shown)[-4000:])


def test_a_slider_moved_in_jupyterlab_moves_score_and_rank(browser, lab):
    page = browser.new_page(viewport={"width": 1500, "height": 1100})
    page.goto(lab)
    run_all(page)
    answer = page.locator(".widget-html .ys-conclusion").last
    assert "没有改动" in answer.inner_text()
    handle = page.locator(".widget-slider .noUi-handle").first
    handle.focus()
    for _ in range(30):
        page.keyboard.press("ArrowRight")
    page.wait_for_function("!document.querySelector('.widget-html .ys-conclusion').innerText.includes('没有改动')", timeout=30_000)
    assert "按所作假设" in answer.inner_text()
    page.get_by_role("button", name="全部还原").click()
    page.wait_for_function("document.querySelector('.widget-html .ys-conclusion').innerText.includes('没有改动')", timeout=30_000)
    page.close()


def test_the_page_of_a_headless_run_holds_the_answer_and_no_dead_slider(tmp_path):
    from analysis.report import batch

    result = batch.run_cases(["demo"], notebooks=[str(ROOT / "notebooks/what_if.ipynb")], parameters={"weights": "认定培育=40"}, out=tmp_path, progress=lambda line: None)
    assert result.exit_status == 0
    page = (tmp_path / "demo/what_if.html").read_text("utf-8")
    assert "按所作假设" in page and "认定培育的权重" in page
    assert "jupyter-widgets" not in page and "widget-view" not in page and "HBox(" not in page
