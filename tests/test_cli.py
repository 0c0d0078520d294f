"""The command line says everything in Chinese and gives the documented exit status."""

import os
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

import analysis
from analysis import bootstrap, cli, commands, report
from analysis.installing import SetupError

ROOT = Path(__file__).resolve().parent.parent
COMMANDS = ["run", "test", "lab", "check", "template", "prepare", "list"]
NAMES = set(
    "python3 python py analysis JupyterLab CSV xlsx pytest tests test_cli pip conda Ctrl "
    "ANALYSIS_VENV venv reports help version notebook year district benchmark parameter out "
    "show code workers open follow plain kernels Linux force port no browser "
    "ANALYSIS_ JSON Dask dask tcp all districts timeout keep wait log notify cmd".split()
) | set(COMMANDS)
WITHOUT_PACKAGES = "import sys, runpy; sys.path.insert(0, {root!r}); sys.argv = ['analysis', *{arguments!r}]; runpy.run_module('analysis', run_name='__main__')"


def english_words(text):
    return {word for word in re.findall(r"[A-Za-z][A-Za-z0-9_]+", text) if word not in NAMES}


def run_bare(*arguments, **settings):
    """The command line in an interpreter that has the standard library only."""
    code = WITHOUT_PACKAGES.format(root=str(ROOT), arguments=arguments)
    python = getattr(sys, "_base_executable", sys.executable)
    return subprocess.run([python, "-S", "-E", "-c", code], capture_output=True, **settings)


@pytest.fixture
def run_cases(monkeypatch):
    """Stand in for the batch; what it was asked for is in ``.asked``."""
    spy = SimpleNamespace(asked=None, result=report.RunResult(0, ()))

    def fake(cases, **options):
        spy.asked = {"cases": cases, **options}
        return spy.result

    monkeypatch.setattr(report, "run_cases", fake, raising=False)
    return spy


@pytest.mark.parametrize("arguments", [["--help"], ["-h"], *([name, "--help"] for name in COMMANDS), ["test", "-h"]])
def test_help_is_chinese_throughout(arguments, capsys):
    with pytest.raises(SystemExit) as leaving:
        cli.main(arguments)
    text = capsys.readouterr().out
    assert leaving.value.code == 0
    assert text.startswith("用法：") and "退出状态" in text
    assert not english_words(text)


def test_help_lists_every_command_and_every_exit_status(capsys):
    with pytest.raises(SystemExit):
        cli.main(["--help"])
    text = capsys.readouterr().out
    assert all(re.search(rf"^\s+{name}\s", text, re.M) for name in COMMANDS)
    assert all(re.search(rf"^  {status} ", text, re.M) for status in (0, 1, 2, 130))


@pytest.mark.parametrize("arguments", [("--help",), ("run", "--help"), ("--version",)])
def test_help_needs_nothing_but_the_standard_library(arguments):
    done = run_bare(*arguments)
    assert done.returncode == 0 and not done.stderr
    assert done.stdout.decode("utf-8").startswith(("用法：", analysis.__version__))


@pytest.mark.parametrize(
    "arguments, said",
    [
        (["rnu"], "是不是“run”"),
        (["Check"], "是不是“check”"),
        (["pytest"], "是不是“test”"),
        (["zzz"], "没有子命令“zzz”"),
        (["run", "--wrong"], "不认识的参数：--wrong"),
        (["run", "--year"], "后面要跟一个值"),
        (["run", "-p", "year"], "后面要跟 2 个值"),
        (["run", "--open=1"], "后面不能带值"),
        (["run", "--workers", "0"], "1 到 64 之间的整数"),
        (["run", "--keep", "-1"], "0 到 999 之间的整数"),
        (["run", "--timeout", "0"], "1 到 604800 之间的整数"),
        (["run", "--timeout", "半小时"], "1 到 604800 之间的整数"),
        (["run", "--districts", "，"], "应为 all，或用逗号隔开的区县名"),
        (["run", "--districts", "all,甲区"], "应为 all，或用逗号隔开的区县名"),
        (["lab", "--port", "90000"], "1 到 65535 之间的整数"),
        (["check"], "缺少必需的参数：案例"),
        (["template"], "缺少必需的参数：文件.xlsx"),
        (["--verison"], "缺少必需的参数：命令"),
    ],
)
def test_wrong_use_is_explained_in_chinese_with_status_2(arguments, said, capsys):
    with pytest.raises(SystemExit) as leaving:
        cli.main(arguments)
    text = capsys.readouterr().err
    assert leaving.value.code == 2
    assert text.startswith("错误：") and said in text
    assert not english_words(text) - set(re.findall(r"\w+", " ".join(arguments)))


def test_without_a_command_the_help_is_shown_as_wrong_use(capsys):
    assert cli.main([]) == 2
    assert capsys.readouterr().err.startswith("用法：")


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "cp936", "utf-8"])
def test_chinese_text_never_fails_to_print(encoding):
    code = (
        f"import io, sys; sys.path.insert(0, {str(ROOT)!r}); from analysis import cli\n"
        f"sys.stdout = io.TextIOWrapper(sys.stdout.buffer, encoding={encoding!r})\n"
        "cli.make_output_readable(); print('区县 𠮷 \\udc80')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.decode("gb18030" if encoding == "cp936" else "utf-8").startswith("区县")


def test_an_environment_that_cannot_be_made_gives_status_2_and_the_way_out(monkeypatch, capsys):
    def fail(arguments, group):
        raise SetupError("磁盘满了。", "清理磁盘。")

    monkeypatch.setattr(bootstrap, "ensure", fail)
    assert cli.main(["list"]) == 2
    assert "磁盘满了。\n办法：清理磁盘。" in capsys.readouterr().err


def test_interruption_gives_status_130(monkeypatch, capsys):
    def interrupt(arguments, group):
        raise KeyboardInterrupt

    monkeypatch.setattr(bootstrap, "ensure", interrupt)
    assert cli.main(["list"]) == 130
    assert "已中断" in capsys.readouterr().err


def test_only_the_test_command_asks_for_the_test_tools(monkeypatch):
    asked = []
    monkeypatch.setattr(bootstrap, "ensure", lambda arguments, group: asked.append(group))
    monkeypatch.setattr(cli, "perform", lambda options: 0)
    for name in ("list", "test", "lab"):
        cli.main([name])
    assert asked == ["run", "test", "run"]


def test_run_takes_all_bundled_cases_when_none_is_named(run_cases):
    assert cli.main(["run"]) == 0
    assert run_cases.asked["cases"] is None
    assert run_cases.asked["out"] == "reports" and run_cases.asked["parameters"] == {}


def test_run_hands_its_options_to_the_batch(run_cases, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    words = "run a b --notebook 01 --notebook 03 --year 2022 --district 甲区 -p seed 7 --out r --show-code --workers 1 --plain-kernels"
    assert cli.main(words.split()) == 0
    asked = run_cases.asked
    assert asked["cases"] == ["a", "b"] and asked["notebooks"] == ["01", "03"]
    assert asked["parameters"] == {"year": "2022", "district": "甲区", "seed": "7"}
    assert asked["out"] == tmp_path / "r" and asked["show_code"] and asked["workers"] == 1 and asked["plain"]
    assert (asked["timeout"], asked["keep"], asked["force"], asked["waiting"], asked["districts"], asked["dask"]) == (600, 1, False, False, None, None)


def test_workbooks_sent_back_are_handed_over_as_one_parameter(run_cases, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "甲镇.xlsx").write_text("")
    (tmp_path / "交回").mkdir()
    assert cli.main("run a --follow 甲镇.xlsx --follow 交回".split()) == 0
    assert run_cases.asked["parameters"]["follow"].split(os.pathsep) == [str(tmp_path / "甲镇.xlsx"), str(tmp_path / "交回")]


@pytest.mark.parametrize(("words", "said"), [
    ("run --follow {0}", "只能用于一个案例"), ("run a b --follow {0}", "只能用于一个案例"),
    ("run a --follow {0}/没有.xlsx", "找不到"), ("run a --follow {0} -p follow x", "给了两次"),
])
def test_workbooks_sent_back_belong_to_one_case_and_exist(run_cases, tmp_path, capsys, words, said):
    assert cli.main(words.format(tmp_path).split()) == 2
    assert run_cases.asked is None and said in capsys.readouterr().err


@pytest.mark.parametrize("status", [0, 1, 2])
def test_run_passes_on_the_status_of_the_batch(run_cases, status):
    run_cases.result = report.RunResult(status, ())
    assert cli.main(["run", "a"]) == status


def test_a_parameter_given_twice_is_wrong_use(run_cases, capsys):
    assert cli.main("run a --year 2022 -p year 2021".split()) == 2
    assert run_cases.asked is None and "year" in capsys.readouterr().err


def test_run_opens_the_report_when_asked(run_cases, monkeypatch, tmp_path):
    page = tmp_path / "甲" / "index.html"
    opened = []
    monkeypatch.setattr("webbrowser.open", lambda address: opened.append(address) or True)
    run_cases.result = report.RunResult(0, (report.CaseSummary("甲", 0, page),))
    cli.main(["run", "甲", "--open"])
    assert opened == [page.as_uri()]


def test_list_shows_each_bundled_case_with_its_title(capsys):
    from analysis.case import bundled_cases, read_case

    assert cli.main(["list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("\t")[0] for line in lines] == bundled_cases()
    assert read_case(bundled_cases()[0]).title in lines[0]


def test_check_passes_a_bundled_case(capsys):
    assert cli.main(["check", "anhui-2016"]) == 0
    assert "可以运行" in capsys.readouterr().out


def test_check_counts_problems_by_file_and_gives_status_1(capsys, monkeypatch, tmp_path):
    from analysis import case
    from analysis.problems import Problem

    found = [
        Problem("错误", "甲", file="指标值.csv", row=3),
        Problem("错误", "乙", file="指标值.csv", row=4),
        Problem("警告", "丙", file="说明.csv"),
    ]
    monkeypatch.setattr(case, "check_case", lambda name: found)
    assert cli.main(["check", str(tmp_path)]) == 1
    text = capsys.readouterr().out
    assert "指标值.csv：2 处" in text and "说明.csv：1 处" in text
    assert "错误 2 处，警告 1 处" in text and "可以运行" not in text


@pytest.mark.parametrize("command", ["check", "prepare"])
def test_an_unknown_case_gives_status_2_and_names_the_known_ones(command, capsys):
    assert cli.main([command, "anhui-2061"]) == 2
    assert "anhui-2016" in capsys.readouterr().err


def test_a_template_is_a_case_that_passes_its_own_check(tmp_path, capsys):
    path = tmp_path / "新建" / "模板.xlsx"
    assert cli.main(["template", str(path)]) == 0
    assert cli.main(["check", str(path)]) == 0


def test_a_template_is_never_written_over_a_file_unless_forced(tmp_path, capsys):
    path = tmp_path / "模板.xlsx"
    path.write_bytes(b"mine")
    assert cli.main(["template", str(path)]) == 2
    assert path.read_bytes() == b"mine" and "--force" in capsys.readouterr().err
    assert cli.main(["template", str(path), "--force"]) == 0
    assert path.read_bytes()[:2] == b"PK"


def test_a_template_in_another_format_is_refused(tmp_path, capsys):
    assert cli.main(["template", str(tmp_path / "a.xls")]) == 2
    assert ".xlsx" in capsys.readouterr().err


@pytest.fixture
def become(monkeypatch):
    """Stand in for replacing the process; the command is in ``.command``."""
    spy = SimpleNamespace()
    monkeypatch.setattr(commands, "become", lambda command, environment: spy.__dict__.update(command=command, environment=environment))
    monkeypatch.setattr(commands, "register_kernel", lambda: None)
    monkeypatch.setattr(commands.os, "chdir", lambda folder: setattr(spy, "folder", folder))
    return spy


def test_test_gives_its_arguments_to_pytest_untouched(become):
    cli.main(["test", "tests/test_cli.py", "-k", "help or -x", "--workers"])
    assert become.command[1:4] == ["-m", "pytest", "-q"]
    assert become.command[-4:] == ["tests/test_cli.py", "-k", "help or -x", "--workers"]
    assert become.folder == ROOT


@pytest.mark.parametrize("given", [["-n", "0"], ["-n4"], ["--numprocesses=1"], ["--pdb"], ["-p", "no:xdist"]])
def test_test_leaves_the_number_of_workers_to_who_states_it(become, given):
    cli.main(["test", *given])
    assert "loadfile" not in become.command


def test_lab_is_reachable_from_this_machine_only_and_keeps_its_token(become):
    cli.main("lab --port 9000 --no-browser".split())
    assert "--ServerApp.ip=127.0.0.1" in become.command and "--ServerApp.port=9000" in become.command
    assert "--no-browser" in become.command and not re.search("token|password", " ".join(become.command))


def test_lab_speaks_chinese_by_default_and_finds_the_library(become):
    cli.main(["lab"])
    code = "from jupyterlab_server.settings_utils import _get_overrides as f; print(f('')[0]['@jupyterlab/translation-extension:plugin'])"
    done = subprocess.run([sys.executable, "-c", code], env=become.environment, capture_output=True, text=True)
    assert done.stdout.strip() == "{'locale': 'zh_CN'}"
    assert become.environment["PYTHONPATH"].startswith(str(ROOT))


def test_every_public_name_is_found():
    for name in analysis.__all__:
        assert getattr(analysis, name) is not None
    assert set(analysis.__all__) <= set(dir(analysis))


def test_importing_the_package_loads_the_standard_library_only():
    code = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r}); before = set(sys.modules)\n"
        "import analysis, analysis.cli\n"
        "tops = {m.partition('.')[0] for m in set(sys.modules) - before}\n"
        "print(sorted(tops - set(sys.stdlib_module_names) - {'analysis'}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "[]"
