"""The environment is found or made, whatever the machine lacks and whatever interrupts."""

import ast
import os
import subprocess
import sys
import zipfile
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace

import pytest

from analysis import bootstrap, installing, process, requirements
from analysis.installing import SetupError

ROOT = Path(__file__).resolve().parent.parent
BASE_PYTHON = getattr(sys, "_base_executable", sys.executable)
CLOSED = "http://127.0.0.1:9/simple"
MINOR = "%d.%d" % sys.version_info[:2]


def make_wheel(folder, name, version):
    """A wheel of one empty module, small enough to install in a test."""
    info = f"{name}-{version}.dist-info"
    path = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr(f"{name}.py", "")
        wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", f"{name}.py,,\n{info}/METADATA,,\n{info}/WHEEL,,\n{info}/RECORD,,\n")
    return path


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project of one tiny dependency that can be had from a local folder only."""
    root = tmp_path / "项目"
    wheels = tmp_path / "wheels"
    root.mkdir()
    wheels.mkdir()
    make_wheel(wheels, "tinypart", "1.2")
    (root / "requirements.txt").write_text("tinypart==1.2\n")
    (root / "pyproject.toml").write_text(
        '[project]\ndependencies = ["tinypart>=1.0"]\noptional-dependencies.test = ["tinytest>=1"]\n'
    )
    for name in [name for name in os.environ if name.startswith(("PIP_", "UV_", "ANALYSIS_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheels))
    monkeypatch.delenv("PYTHONPATH", raising=False)
    return root


def start(root, before=""):
    """Run the start-up of ``root`` in a fresh interpreter; it names the one it hands over to."""
    code = (
        f"import os, sys, signal; from pathlib import Path; sys.path.insert(0, {str(ROOT)!r})\n"
        "from analysis import bootstrap\n"
        "bootstrap.become = lambda command, environment: print('to', command[0])\n"
        "bootstrap.NEEDED_BYTES = 0\n"
        f"{before}\n"
        f"bootstrap.ensure(['list'], root=Path({str(root)!r}))\n"
    )
    return subprocess.run([BASE_PYTHON, "-X", "utf8", "-c", code], capture_output=True, text=True, encoding="utf-8")


def finished(root):
    """A pretended complete environment of ``root``."""
    venv = root / ".venv"
    python = bootstrap.venv_python(venv)
    python.parent.mkdir(parents=True)
    python.write_text("")
    (venv / "pyvenv.cfg").write_text("")
    bootstrap.write_stamp(venv, f"{bootstrap.wanted_stamp(root)} {MINOR}")
    return venv


def test_a_set_up_killed_half_way_is_done_afresh_and_then_skipped(project):
    killed = start(project, "bootstrap.install = lambda *a: os._exit(9)")
    venv = project / ".venv"
    assert killed.returncode == 9
    assert bootstrap.read_stamp(venv) == "unfinished" and not bootstrap.is_complete(venv, project)
    left_over = venv / "left-over"
    left_over.write_text("")

    second = start(project)
    assert second.returncode == 0, second.stderr
    assert second.stdout.strip() == f"to {bootstrap.venv_python(venv)}"
    assert "改用 pip" in second.stderr and "运行环境已就绪：1 个软件包" in second.stderr
    assert not left_over.exists() and bootstrap.is_complete(venv, project)
    inside = "import tinypart, sys; print(sys.path[-1]); print(tinypart.__cached__)"
    answer = subprocess.run([bootstrap.venv_python(venv), "-X", "utf8", "-c", inside], capture_output=True, text=True, encoding="utf-8")
    path, bytecode = answer.stdout.splitlines()
    assert path == str(project) and Path(bytecode).is_file()

    third = start(project)
    assert third.stdout == second.stdout and third.stderr == ""


@pytest.mark.parametrize("version", [(2, 7, 18), (3, 8, 10), (3, 10, 13)])
def test_an_old_python_is_told_what_to_do(version):
    code = f"import sys, runpy; sys.path.insert(0, {str(ROOT)!r}); sys.version_info = {version}; runpy.run_module('analysis', run_name='__main__')"
    done = subprocess.run([sys.executable, "-X", "utf8", "-c", code], capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 2
    assert "需要 Python 3.11" in done.stderr and ".".join(map(str, version)) in done.stderr
    assert "py -3.11 -m analysis run" in done.stderr


@pytest.mark.parametrize("name", ["__init__.py", "__main__.py"])
def test_what_an_old_python_reads_first_has_no_newer_syntax(name):
    tree = ast.parse((ROOT / "analysis" / name).read_text("utf-8"), feature_version=(3, 7))
    newer = (ast.JoinedStr, ast.AnnAssign, ast.NamedExpr, ast.AsyncFunctionDef)
    assert not [node for node in ast.walk(tree) if isinstance(node, newer)]
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    assert not [f for f in functions if f.returns or f.args.kwonlyargs or any(a.annotation for a in f.args.args)]


def test_an_interpreter_that_has_everything_is_used_as_it_is(project, monkeypatch):
    monkeypatch.setattr(bootstrap, "missing_requirements", lambda group, root: [])
    monkeypatch.setattr(bootstrap, "become", lambda *a: pytest.fail("handed over"))
    assert bootstrap.ensure(["list"], root=project) is None
    assert not (project / ".venv").exists()


def test_a_package_older_than_the_minimum_counts_as_missing(tmp_path, monkeypatch):
    (tmp_path / "pyproject.toml").write_text('[project]\ndependencies = ["pytest>=9.10", "nowhere>=1"]\n')
    monkeypatch.setattr(requirements.importlib.metadata, "version", lambda name: "9.9.3")
    assert requirements.missing_requirements("run", tmp_path) == ["pytest（现有 9.9.3 过旧，需 9.10 以上）", "nowhere"]


def test_the_test_tools_are_asked_for_only_when_testing(project):
    assert dict(requirements.minimum_versions("run", project)) == {"tinypart": "1.0"}
    assert set(dict(requirements.minimum_versions("test", project))) == {"tinypart", "tinytest"}


def test_every_requirement_of_the_project_is_met_here():
    assert requirements.missing_requirements("test", ROOT) == []


def test_a_complete_environment_is_handed_the_same_command(project, monkeypatch):
    venv = finished(project)
    handed = []
    monkeypatch.setattr(bootstrap, "become", lambda command, environment: handed.append((command, environment)))
    monkeypatch.setattr(bootstrap, "make", lambda *a: pytest.fail("made again"))
    bootstrap.ensure(["run", "甲", "--open"], root=project)
    [(command, environment)] = handed
    assert command == [str(bootstrap.venv_python(venv)), "-m", "analysis", "run", "甲", "--open"]
    assert environment["PYTHONPATH"].split(os.pathsep)[0] == str(project)


def test_a_changed_list_makes_the_environment_incomplete_but_other_line_ends_do_not(project):
    venv = finished(project)
    (project / "requirements.txt").write_bytes(b"tinypart==1.2\r\n")
    assert bootstrap.is_complete(venv, project)
    (project / "requirements.txt").write_text("tinypart==1.3\n")
    assert not bootstrap.is_complete(venv, project)


def test_an_environment_whose_python_was_upgraded_underneath_is_incomplete(project, monkeypatch):
    venv = finished(project)
    monkeypatch.setattr(bootstrap, "own_minor", lambda: "3.99")
    monkeypatch.setattr(bootstrap, "interpreter_minor", lambda python: "3.99")
    assert not bootstrap.is_complete(venv, project)
    monkeypatch.setattr(bootstrap, "interpreter_minor", lambda python: MINOR)
    assert bootstrap.is_complete(venv, project)


def test_handing_over_in_circles_ends_with_a_message(project, monkeypatch):
    monkeypatch.setenv("ANALYSIS_HANDED_OVER", str(project / ".venv"))
    with pytest.raises(SetupError, match="仍缺少：tinypart"):
        bootstrap.ensure(["list"], root=project)


def test_another_folder_can_be_named_for_the_environment(project, monkeypatch, tmp_path):
    monkeypatch.setenv("ANALYSIS_VENV", str(tmp_path / "别处"))
    assert bootstrap.environment_folder(project) == tmp_path / "别处"


@pytest.mark.parametrize("module", ["venv", "ensurepip"])
def test_a_python_without_venv_names_the_package_to_install(module, monkeypatch, tmp_path):
    find = bootstrap.importlib.util.find_spec
    monkeypatch.setattr(bootstrap.importlib.util, "find_spec", lambda name: None if name == module else find(name))
    with pytest.raises(SetupError, match="apt install python3-venv"):
        bootstrap.create(tmp_path / "v")


def test_debians_own_complaint_about_ensurepip_is_understood(monkeypatch, tmp_path):
    words = "The virtual environment was not created successfully because ensurepip is not\navailable."
    monkeypatch.setattr(bootstrap, "run_tool", lambda command: (1, words))
    with pytest.raises(SetupError, match="apt install python3-venv"):
        bootstrap.create(tmp_path / "v")


def test_a_read_only_folder_points_to_another_one(monkeypatch, tmp_path):
    def refuse(self, **options):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(SetupError, match="不能写入") as caught:
        bootstrap.check_place(tmp_path / "v")
    assert "ANALYSIS_VENV" in str(caught.value)


def test_a_file_in_the_place_of_the_environment_is_left_alone(tmp_path):
    (tmp_path / "v").write_text("mine")
    with pytest.raises(SetupError, match="不是文件夹"):
        bootstrap.check_place(tmp_path / "v")
    assert (tmp_path / "v").read_text() == "mine"


def test_somebody_elses_folder_is_never_taken_over(tmp_path):
    (tmp_path / "照片.jpg").write_text("mine")
    with pytest.raises(SetupError, match="不会覆盖"):
        bootstrap.check_place(tmp_path)
    assert [entry.name for entry in tmp_path.iterdir()] == ["照片.jpg"]


@pytest.mark.parametrize("minor, usable", [("3.9", False), ("", False), ("3.11", True), ("3.14", True)])
def test_an_environment_made_by_hand_is_completed_when_usable_and_never_emptied(project, monkeypatch, minor, usable):
    venv = project / ".venv"
    venv.mkdir()
    (venv / "pyvenv.cfg").write_text("mine")
    monkeypatch.setattr(bootstrap, "NEEDED_BYTES", 0)
    monkeypatch.setattr(bootstrap, "interpreter_minor", lambda python: minor)
    monkeypatch.setattr(bootstrap, "install", lambda *a: 1)
    with nullcontext() if usable else pytest.raises(SetupError, match="不会清除"):
        bootstrap.make(venv, project, ["tinypart"])
    assert (venv / "pyvenv.cfg").read_text() == "mine"
    assert (bootstrap.read_stamp(venv) != "") == usable


def test_too_little_disk_space_is_said_before_anything_is_fetched(monkeypatch, tmp_path):
    monkeypatch.setattr(bootstrap.shutil, "disk_usage", lambda path: SimpleNamespace(free=3e8))
    with pytest.raises(SetupError, match="只剩 0.3 GB"):
        bootstrap.check_place(tmp_path / "v")


def test_a_path_that_python_refuses_for_environments_is_explained(tmp_path):
    with pytest.raises(SetupError, match="路径"):
        bootstrap.check_place(tmp_path / f"a{os.pathsep}b")


def test_a_project_without_its_list_says_where_to_get_it(project):
    (project / "requirements.txt").unlink()
    (project / ".venv").mkdir()
    with pytest.raises(SetupError, match="git clone"):
        bootstrap.make(project / ".venv", project, ["tinypart"])


def test_only_one_set_up_runs_at_a_time(tmp_path):
    with open(tmp_path / "lock", "a") as first, open(tmp_path / "lock", "a") as second:
        assert bootstrap.try_lock(first)
        assert not bootstrap.try_lock(second)
        first.close()
        assert bootstrap.try_lock(second)


def test_who_waited_for_another_set_up_does_not_repeat_it(project, monkeypatch):
    finished(project)
    monkeypatch.setattr(bootstrap, "NEEDED_BYTES", 0)
    monkeypatch.setattr(bootstrap, "install", lambda *a: pytest.fail("installed again"))
    bootstrap.make(project / ".venv", project, ["tinypart"])


@pytest.mark.parametrize("name", ["plain", "含中文 和空格"])
def test_the_library_is_importable_from_any_folder_of_the_environment(tmp_path, name):
    root = tmp_path / name
    packages = tmp_path / "v" / ("Lib/site-packages" if os.name == "nt" else f"lib/python{MINOR}/site-packages")
    root.mkdir()
    packages.mkdir(parents=True)
    bootstrap.link_project(tmp_path / "v", root)
    assert (packages / "analysis-project.pth").read_bytes().isascii()
    code = f"import site, sys; site.addsitedir({str(packages)!r}); print(sys.path[-1] == {str(root)!r})"
    done = subprocess.run([BASE_PYTHON, "-S", "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "True", done.stderr


def test_no_network_is_recognised_and_the_tools_own_words_are_kept(project, monkeypatch):
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.delenv("PIP_FIND_LINKS")
    for name, value in {"PIP_INDEX_URL": CLOSED, "PIP_RETRIES": "0", "PIP_TIMEOUT": "1", "UV_HTTP_RETRIES": "0"}.items():
        monkeypatch.setenv(name, value)
    (project / "requirements.txt").write_text("no-such-package-here==1\n")
    with pytest.raises(SetupError) as caught:
        installing.install(Path(sys.executable), project / "requirements.txt", lambda text: None)
    assert "连不上软件包源" in str(caught.value) and "pip config set" in caught.value.fix
    assert "安装程序的原文" in str(caught.value)


@pytest.mark.parametrize(
    "words, said",
    [
        ("OSError: [Errno 28] No space left on device", "磁盘空间不足"),
        ("Failed to establish a new connection: [Errno 111]", "连不上软件包源"),
        ("ERROR: No matching distribution found for scipy==9", "软件包安装失败"),
    ],
)
def test_an_installers_failure_is_named(words, said):
    assert said in str(installing.diagnose(words))


def test_pips_own_settings_reach_uv():
    settings = {
        "index-url": "https://a.example/simple",
        "extra-index-url": "https://b.example/simple\nhttps://c.example/simple",
        "find-links": "/w1 /w2",
        "trusted-host": "a.example b.example",
        "proxy": "http://p.example:3128",
        "timeout": "90",
        "cert": "/etc/corp.pem",
    }
    assert installing.uv_variables(settings, {}) == {
        "UV_DEFAULT_INDEX": "https://a.example/simple",
        "UV_INDEX": "https://b.example/simple https://c.example/simple",
        "UV_FIND_LINKS": "/w1,/w2",
        "UV_INSECURE_HOST": "a.example b.example",
        "UV_HTTP_TIMEOUT": "90",
        "UV_INDEX_STRATEGY": "unsafe-best-match",
        "HTTP_PROXY": "http://p.example:3128",
        "HTTPS_PROXY": "http://p.example:3128",
        "ALL_PROXY": "http://p.example:3128",
        "SSL_CERT_FILE": "/etc/corp.pem",
    }


def test_what_the_user_set_for_uv_itself_stands():
    settings = {"index-url": "https://a.example/simple", "extra-index-url": "https://b.example/simple"}
    environment = {"UV_INDEX_URL": "https://mine.example/simple", "UV_INDEX_STRATEGY": "first-index"}
    assert installing.uv_variables(settings, environment) == {"UV_INDEX": "https://b.example/simple"}


def test_pips_files_and_variables_are_merged_as_pip_merges_them(project, monkeypatch, tmp_path):
    (tmp_path / "pip.conf").write_text(
        "[global]\nindex-url = https://a.example/simple\ntimeout = 10\n[install]\nindex-url = https://b.example/simple\n"
        "extra-index-url =\n    https://c.example/s\n    https://d.example/s\n"
    )
    monkeypatch.setenv("PIP_CONFIG_FILE", str(tmp_path / "pip.conf"))
    monkeypatch.setenv("PIP_TIMEOUT", "20")
    monkeypatch.setenv("XDG_CONFIG_DIRS", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    settings = installing.pip_settings([sys.executable, "-m", "pip"])
    assert settings["index-url"] == "https://b.example/simple" and settings["timeout"] == "20"
    assert settings["extra-index-url"].split() == ["https://c.example/s", "https://d.example/s"]


def test_a_setting_up_writes_no_address_into_the_project(project, monkeypatch):
    monkeypatch.setattr(bootstrap, "NEEDED_BYTES", 0)
    monkeypatch.setattr(bootstrap, "create", lambda venv: (venv / "pyvenv.cfg").write_text(""))
    monkeypatch.setattr(bootstrap, "install", lambda *a: 1)
    monkeypatch.setattr(bootstrap, "interpreter_minor", lambda python: MINOR)
    monkeypatch.setenv("PIP_INDEX_URL", "https://mirror.example/simple")
    bootstrap.make(project / ".venv", project, ["tinypart"])
    written = [path for path in project.rglob("*") if path.is_file()]
    assert len(written) >= 4 and not any(b"mirror.example" in path.read_bytes() for path in written)


def test_interrupting_ends_the_tool_that_was_running(tmp_path):
    pid_file = tmp_path / "pid"
    code = f"import os, pathlib, time; pathlib.Path({str(pid_file)!r}).write_text(str(os.getpid()) + '.'); time.sleep(60)"

    def interrupt(done=False):
        if pid_file.is_file() and pid_file.read_text().endswith("."):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        process.run_tool([sys.executable, "-c", code], tick=interrupt)
    pid = int(pid_file.read_text().rstrip("."))
    if os.name == "posix":
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_a_tools_last_lines_are_kept_and_undecodable_bytes_do_no_harm():
    code = r"import sys; [print(i) for i in range(1000)]; sys.stdout.flush(); sys.stdout.buffer.write(b'\xff\xfe end\n'); sys.exit(3)"
    status, output = process.run_tool([sys.executable, "-c", code])
    assert status == 3 and output.splitlines()[-2] == "999" and output.endswith("end\n")
