"""Find or make the environment the project runs in, with the standard library alone.

An interpreter that already has the dependencies is used as it is. Otherwise a private
environment (``.venv`` in the project root, or the folder named by ``ANALYSIS_VENV``) is
made once from requirements.txt and every command is handed over to its interpreter.
The stamp is written last and in one step, so whatever interrupts a set-up leaves an
environment that the next run recognises as unfinished and builds afresh.
"""

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

from analysis.installing import SetupError, install
from analysis.process import become, run_tool, with_root
from analysis.requirements import missing_requirements, release

ROOT = Path(__file__).resolve().parent.parent
STAMP = "analysis-stamp"
LOCK = "analysis-lock"
UNFINISHED = "unfinished"
HANDED_OVER = "ANALYSIS_HANDED_OVER"
NEEDED_BYTES = 1_600_000_000
LONG_WINDOWS_PATH = 110
OLDEST_PYTHON = (3, 11)


def ensure(arguments, group="run", root=ROOT):
    """Return when this interpreter has the dependencies; else hand over to one that has.

    Parameters
    ----------
    arguments : the command line after ``python -m analysis``, repeated on handing over.
    group : "run", or "test" which also needs the test tools.

    Handing over replaces this process (on Windows: waits for the other and exits with
    its status). Raises SetupError, with a Chinese message, when no environment can be made.
    """
    if not (root / "pyproject.toml").is_file():
        # Installed as a package: whoever installed it brought the dependencies too.
        return
    venv = environment_folder(root)
    handed_over = os.environ.pop(HANDED_OVER, "") == str(venv)
    inside = Path(sys.prefix).resolve() == venv.resolve()
    if inside and is_complete(venv, root):
        return
    lacking = missing_requirements(group, root)
    if not lacking and not (inside and read_stamp(venv) == UNFINISHED):
        return
    if handed_over:
        raise SetupError(
            f"运行环境 {venv} 里仍缺少：{'、'.join(lacking) or '完成标记'}。",
            f"删除文件夹 {venv} 后再运行一次。",
        )
    if not is_complete(venv, root):
        make(venv, root, lacking)
    link_project(venv, root)
    hand_over(venv, root, arguments)


def environment_folder(root=ROOT):
    """Folder of the private environment: ``ANALYSIS_VENV`` or ``.venv`` in the root."""
    chosen = os.environ.get("ANALYSIS_VENV", "").strip()
    return Path(chosen).expanduser().absolute() if chosen else root / ".venv"


def wanted_stamp(root=ROOT):
    """SHA-256 of requirements.txt, whatever its line ends."""
    try:
        text = (root / "requirements.txt").read_bytes().replace(b"\r\n", b"\n")
    except OSError as error:
        raise SetupError(
            f"读不了 {root / 'requirements.txt'}（{error.strerror or error}），不知道要安装哪些软件包。",
            "用 git clone 取得完整项目，并在项目文件夹里运行。",
        ) from None
    return hashlib.sha256(text).hexdigest()


def read_stamp(venv):
    try:
        return (venv / STAMP).read_text("ascii").strip()
    except (OSError, ValueError):
        return ""


def is_complete(venv, root=ROOT):
    """Whether the environment holds exactly what requirements.txt lists and still starts.

    A Python upgraded since (its minor version no longer the one stamped) is found by
    asking the environment's interpreter, and only when it could have happened.
    """
    digest, _, minor = read_stamp(venv).partition(" ")
    python = venv_python(venv)
    if digest != wanted_stamp(root) or not python.exists():
        return False
    return minor == own_minor() or interpreter_minor(python) == minor


def own_minor():
    return "%d.%d" % sys.version_info[:2]


def interpreter_minor(python):
    """Minor version of another interpreter that has pip; "" when it does not start."""
    code = "import pip, sys; print('%d.%d' % sys.version_info[:2])"
    try:
        answer = subprocess.run([python, "-c", code], capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return answer.stdout.strip() if answer.returncode == 0 else ""


def venv_python(venv):
    return venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def make(venv, root, lacking):
    """Create or complete the environment, then stamp it."""
    started = time.monotonic()
    wanted = wanted_stamp(root)
    say(f"当前 Python 缺少 {len(lacking)} 个所需软件包，将在 {venv} 准备独立的运行环境（只需一次）。")
    check_place(venv)
    with only_one(venv):
        if is_complete(venv, root):
            return
        if not can_continue(venv):
            check_ours(venv)
            empty(venv)
            write_stamp(venv, UNFINISHED)
            say("[1/3] 创建虚拟环境")
            create(venv)
        write_stamp(venv, UNFINISHED)
        count = install(venv_python(venv), root / "requirements.txt", say)
        link_project(venv, root)
        write_stamp(venv, f"{wanted} {interpreter_minor(venv_python(venv))}")
    say(f"运行环境已就绪：{count} 个软件包，用时 {time.monotonic() - started:.0f} 秒。")


def check_place(venv):
    """Refuse a folder that cannot or must not become the environment."""
    elsewhere = "设置环境变量 ANALYSIS_VENV 为另一个可写的文件夹（英文短路径最稳妥）后再运行。"
    if os.pathsep in str(venv):
        raise SetupError(f"路径 {venv} 含有“{os.pathsep}”，虚拟环境不能放在这里。", elsewhere)
    if os.name == "nt" and len(str(venv)) > LONG_WINDOWS_PATH:
        raise SetupError(f"路径 {venv} 太长，Windows 上软件包会装不全。", elsewhere)
    try:
        venv.mkdir(parents=True, exist_ok=True)
        held = {entry.name for entry in venv.iterdir()}
        with open(venv / LOCK, "a"):
            pass
    except (NotADirectoryError, FileExistsError):
        raise SetupError(f"{venv} 不是文件夹。", elsewhere) from None
    except OSError as error:
        raise SetupError(f"不能写入 {venv}（{error.strerror or error}）。", elsewhere) from None
    if held and not held & {LOCK, STAMP, "pyvenv.cfg"}:
        (venv / LOCK).unlink()
        raise SetupError(f"{venv} 里已有别的文件，不会覆盖。", elsewhere)
    free = shutil.disk_usage(venv).free
    if free < NEEDED_BYTES:
        raise SetupError(
            f"{venv} 所在磁盘只剩 {free / 1e9:.1f} GB，准备运行环境需要约 {NEEDED_BYTES / 1e9:.1f} GB。",
            "清理磁盘，或" + elsewhere,
        )


@contextmanager
def only_one(venv):
    """Hold the environment's lock; the system releases it even if the process is killed."""
    with open(venv / LOCK, "a") as file:
        waiting = False
        while not try_lock(file):
            if not waiting:
                say("另一个窗口正在准备同一个运行环境，等它完成……")
                waiting = True
            time.sleep(0.3)
        # The tools inherit the lock: one that outlives a killed set-up keeps the next waiting.
        os.set_inheritable(file.fileno(), True)
        yield


def try_lock(file):
    try:
        if os.name == "nt":
            import msvcrt

            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    except OSError as error:
        # A file system without locks (some network drives): one user, so go on without.
        return error.errno not in (11, 13, 36)
    return True


def can_continue(venv):
    """Whether what is there is a working environment that was not left half made."""
    if read_stamp(venv) == UNFINISHED or not (venv / "pyvenv.cfg").is_file():
        return False
    return release(interpreter_minor(venv_python(venv)) or "0") >= OLDEST_PYTHON


def check_ours(venv):
    """Refuse to empty a folder whose content this start-up did not make."""
    others = {entry.name for entry in venv.iterdir()} - {LOCK}
    if others and not (venv / STAMP).exists():
        raise SetupError(
            f"{venv} 里已有一个不是本项目所建、又不能使用的虚拟环境，不会清除它。",
            f"确认不再需要后删除文件夹 {venv}，或设置环境变量 ANALYSIS_VENV 为另一个文件夹，再运行一次。",
        )


def empty(venv):
    try:
        for entry in venv.iterdir():
            if entry.name == LOCK:
                continue
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)
            else:
                entry.unlink()
    except OSError as error:
        raise SetupError(
            f"不能清理未完成的运行环境 {venv}（{error.strerror or error}）。",
            "关闭正在使用它的程序（JupyterLab、编辑器、终端），再用系统的 Python 运行一次。",
        ) from None


def create(venv):
    """Make the bare environment with the base interpreter's own venv and ensurepip."""
    python = getattr(sys, "_base_executable", None) or sys.executable
    if importlib.util.find_spec("venv") is None or importlib.util.find_spec("ensurepip") is None:
        raise SetupError("这个 Python 没有 venv 或 ensurepip 模块，不能创建虚拟环境。", venv_advice())
    status, output = run_tool([python, "-m", "venv", str(venv)])
    if status == 0:
        return
    if "ensurepip" in output:
        raise SetupError("这个 Python 的 venv 或 ensurepip 模块不完整，不能创建虚拟环境。", venv_advice(), output)
    raise SetupError("创建虚拟环境失败。", "按下面的原文处理；也可设置 ANALYSIS_VENV 换一个文件夹。", output)


def venv_advice():
    return (
        f"Debian/Ubuntu：sudo apt install python3-venv（或 python{own_minor()}-venv）；"
        "其他系统：从官网重新安装 Python；"
        "也可在 conda 环境中安装 environment.yml 所列软件包后运行。"
    )


def write_stamp(venv, text):
    beside = venv / (STAMP + ".new")
    beside.write_text(text + "\n", "ascii")
    os.replace(beside, venv / STAMP)


def link_project(venv, root):
    """Let ``import analysis`` work in every kernel of the environment, wherever it starts."""
    line = str(root)
    if not line.isascii():
        # Before Python 3.13 a .pth file is read in the system's encoding; code is ASCII.
        line = f"import sys; sys.path.append({ascii(str(root))})"
    for folder in venv.glob("Lib/site-packages" if os.name == "nt" else "lib/python3*/site-packages"):
        path = folder / "analysis-project.pth"
        try:
            if not path.is_file() or path.read_text("ascii") != line + "\n":
                path.write_text(line + "\n", "ascii")
        except OSError:
            # A shared read-only environment: the project root is on PYTHONPATH anyway.
            pass


def hand_over(venv, root, arguments):
    """Run the same command with the environment's interpreter; does not return."""
    environment = {**with_root(root), HANDED_OVER: str(venv)}
    become([str(venv_python(venv)), "-m", "analysis", *arguments], environment)


def say(text):
    print(text, file=sys.stderr, flush=True)
