"""A command after each case is told everything and can be talked into nothing."""

from __future__ import annotations

import json
import os
import sys

import pytest
from test_report_batch import fake_case, project, run  # noqa: F401 - project is a fixture
from test_report_locks import quick  # noqa: F401 - a fixture

from analysis.report import batch, notify

TELL = "import json, os, sys; open({!r}, 'a', encoding='utf-8').write(json.dumps([sys.stdin.buffer.read().decode('utf-8'), {{k: v for k, v in os.environ.items() if k.startswith('ANALYSIS_')}}, sys.argv[1:]]) + '\\n')"


@pytest.fixture()
def told(tmp_path):
    """A command that writes down what it was told, and what it wrote."""
    path = tmp_path / "told.jsonl"
    command = [sys.executable, "-c", TELL.format(str(path)), "own argument"]
    return command, lambda: [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_each_case_is_told_with_its_status_page_and_time(quick, told):  # noqa: F811
    command, heard = told
    assert run(["demo", "broken"], notify_command=command)[0].exit_status == 2
    good, bad = sorted(heard(), key=lambda line: json.loads(line[0])["status"])
    assert json.loads(good[0]) | {"seconds": 0} == {"case": "demo", "status": 0, "path": str(quick / "reports/demo/index.html"), "seconds": 0, "message": ""}
    assert good[1]["ANALYSIS_CASE"] == "demo" and good[1]["ANALYSIS_STATUS"] == "0" and float(good[1]["ANALYSIS_SECONDS"]) >= 0
    assert good[2] == bad[2] == ["own argument"]
    assert bad[1]["ANALYSIS_STATUS"] == "2" and bad[1]["ANALYSIS_PATH"] == "" and "缺少工作表" in json.loads(bad[0])["message"]


@pytest.mark.skipif(os.name == "nt", reason="such names are not possible there")
def test_a_name_that_looks_like_a_command_stays_a_name(quick, told, tmp_path, monkeypatch):  # noqa: F811
    name = f"$(touch {tmp_path}/owned); `touch {tmp_path}/owned` & \"'\n"
    case = fake_case("demo")
    case.name = name
    monkeypatch.setattr(batch, "_read_case", lambda asked: case)
    command, heard = told
    run([name], notify_command=command)
    [[text, environment, _]] = heard()
    assert json.loads(text)["case"] == environment["ANALYSIS_CASE"] == name and not (tmp_path / "owned").exists()


@pytest.mark.parametrize(("code", "words"), [
    ("import sys; sys.exit('邮件没有发出')", "通知命令返回 1：邮件没有发出"), ("import time; time.sleep(60)", "没有结束，已停止"),
])
def test_a_command_that_fails_is_said_and_changes_no_status(quick, monkeypatch, code, words):  # noqa: F811
    monkeypatch.setattr(notify, "SECONDS", 2)
    result, said = run(["demo"], notify_command=[sys.executable, "-X", "utf8", "-c", code])
    assert result.exit_status == 0 and words in said


def test_a_command_that_reads_nothing_is_no_error(quick):  # noqa: F811
    assert "通知命令" not in run(["demo"], notify_command=[sys.executable, "-c", "pass"])[1]


def test_a_command_line_is_split_as_a_shell_would_but_not_expanded():
    if os.name == "nt":
        assert notify.parse("cmd /c echo") == "cmd /c echo"
    else:
        assert notify.parse(f"'{sys.executable}' -c \"a b\" $HOME *") == [sys.executable, "-c", "a b", "$HOME", "*"]


def test_a_log_goes_on_being_quiet_when_the_disk_is_full(tmp_path):
    log = notify.Log(tmp_path / "l")
    log._stream.close()
    said = []
    log.also(said.append)("一行")
    assert said == ["一行"]
