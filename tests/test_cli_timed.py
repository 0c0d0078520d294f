"""The options of ``run`` for large and timed runs: what is handed on, what is refused, what is written down."""

import os
import re

import pytest
from test_cli import run_cases  # noqa: F401 - a fixture

from analysis import cli, report


def test_run_hands_the_options_for_large_and_timed_runs_to_the_batch(run_cases):
    words = "run a --districts 甲区，乙区,甲区 --timeout 30 --keep 12 --force --wait --dask tcp://127.0.0.1:8786"
    assert cli.main(words.split()) == 0
    asked = run_cases.asked
    assert asked["districts"] == ["甲区", "乙区"] and (asked["timeout"], asked["keep"]) == (30, 12)
    assert asked["force"] and asked["waiting"] and asked["dask"] == "tcp://127.0.0.1:8786"


@pytest.mark.parametrize(("words", "said"), [
    (["--notify-cmd", "no-such-program-anywhere x"], "找不到命令“no-such-program-anywhere”"),
    (["--notify-cmd", ""], "后面要跟一条命令"),
    (["--notify-cmd", "'open"], "引号不成对"),
    (["--log", "{0}"], "不能写入日志"),
    (["--districts", "甲区", "--district", "乙区"], "不能与 --district 同时使用"),
    (["--districts", "甲区", "-p", "district", "乙区"], "不能与 --district 同时使用"),
])
def test_what_a_timed_run_cannot_use_is_refused_before_it_begins(run_cases, tmp_path, capsys, words, said):
    assert cli.main(["run", "a", *(word.format(tmp_path) for word in words)]) == 2
    assert run_cases.asked is None and said in capsys.readouterr().err


def test_a_log_has_what_was_said_with_the_time_and_the_status(run_cases, tmp_path, monkeypatch, capsys):
    def run(cases, progress, **options):
        progress("第一行\n第二行")
        return report.RunResult(1, ())

    monkeypatch.setattr(report, "run_cases", run)
    log = tmp_path / "新" / "run.log"
    for _ in range(2):
        assert cli.main(["run", "a", "--log", str(log)]) == 1
    lines = log.read_text("utf-8").splitlines()
    assert len(lines) == 8 and all(re.match(r"\d{4}-\d\d-\d\dT[\d:]{8}[+-]\d\d:\d\d \[\d+\] .", line) for line in lines)
    assert lines[1].endswith("第一行") and lines[2].endswith("第二行") and lines[3].endswith("退出状态 1")
    assert capsys.readouterr().out == "第一行\n第二行\n" * 2


def test_an_error_nobody_foresaw_is_in_the_log(monkeypatch, tmp_path):
    def fail(cases, **options):
        raise RuntimeError("没有料到")

    monkeypatch.setattr(report, "run_cases", fail, raising=False)
    with pytest.raises(RuntimeError):
        cli.main(["run", "a", "--log", str(tmp_path / "l")])
    assert "RuntimeError: 没有料到" in (tmp_path / "l").read_text("utf-8")


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_being_told_to_end_is_an_interruption(monkeypatch, capsys):
    import signal

    monkeypatch.setattr(report, "run_cases", lambda cases, **options: os.kill(os.getpid(), signal.SIGTERM) or signal.pause(), raising=False)
    before = signal.getsignal(signal.SIGTERM)
    assert cli.main(["run", "a"]) == 130 and signal.getsignal(signal.SIGTERM) == before
