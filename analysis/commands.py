"""The commands that need the environment; each takes parsed options, returns an exit status."""

import importlib.util
import os
import re
import sys
from collections import Counter
from pathlib import Path

from analysis.bootstrap import ROOT, environment_folder
from analysis.process import ONE_THREAD, become, with_root

FINE, SOME_FAILED, WRONG = 0, 1, 2
KERNEL_TITLE = "Python 3（区县考核分析）"


def run(options):
    """Notebooks of the cases to reports; status of the worst case."""
    from analysis.report import notify

    chosen = {"year": options.year, "district": options.district, "benchmark": options.benchmark}
    parameters = {name: value for name, value in chosen.items() if value is not None}
    for name, value in options.parameter:
        if name in parameters:
            return refuse(f"参数 {name} 给了两次。")
        parameters[name] = value
    if options.follow:
        if len(options.cases) != 1:
            return refuse("--follow 只能用于一个案例，请写明案例。")
        if "follow" in parameters:
            return refuse("参数 follow 给了两次。")
        if missing := [path for path in options.follow if not Path(path).exists()]:
            return refuse(f"找不到 {'、'.join(missing)}。")
        parameters["follow"] = os.pathsep.join(str(Path(path).resolve()) for path in options.follow)
    if options.districts and "district" in parameters:
        return refuse("--districts 不能与 --district 同时使用。")
    with notify.stopped_like_interrupt():
        return run_reports(options, parameters)


def run_reports(options, parameters):
    """The run itself, told to the log file if there is one."""
    from analysis.report import notify, run_cases

    try:
        command = notify.parse(options.notify_cmd) if options.notify_cmd is not None else None
        log = notify.Log(Path(options.log)) if options.log is not None else None
    except notify.CommandError as error:
        return refuse(f"{error}。")
    except OSError as error:
        return refuse(f"不能写入日志 {options.log}（{error.strerror or error}）。")
    if log is None:
        return published(options, run_cases, parameters, command, show)
    with log.around(sys.argv[1:]) as outcome:
        outcome.status = published(options, run_cases, parameters, command, log.also(show))
    return outcome.status


def published(options, run_cases, parameters, command, say):
    result = run_cases(
        options.cases or None,
        notebooks=options.notebook,
        parameters=parameters,
        out=Path(options.out).absolute() if options.out else "reports",
        show_code=options.show_code,
        workers=options.workers,
        plain=options.plain_kernels,
        districts=options.districts,
        timeout=options.timeout,
        force=options.force,
        keep=options.keep,
        waiting=options.wait,
        dask=options.dask,
        notify_command=command,
        progress=say,
    )
    pages = [summary.path for summary in result.summaries if summary.path]
    if options.open and pages:
        open_page(pages[0] if len(pages) == 1 else pages[0].parent.parent / "index.html")
    return result.exit_status


def check(options):
    """All problems of the cases, grouped by file; 1 when there is an error."""
    from analysis.case import check_case, find_case
    from analysis.problems import ERROR, LEVELS

    status = FINE
    for name in options.cases:
        find_case(name)
        problems = check_case(name)
        by_file = {}
        for problem in problems:
            by_file.setdefault(problem.file or name, []).append(problem)
        for file, found in by_file.items():
            print(f"\n{file}：{len(found)} 处")
            for problem in found:
                print(f"  {problem}")
        counts = Counter(problem.level for problem in problems)
        said = "，".join(f"{level} {counts[level]} 处" for level in LEVELS if counts[level])
        print(f"\n{name}：{said or '没有发现问题'}。" + ("改正全部错误后才能运行。" if counts[ERROR] else "可以运行。"))
        if counts[ERROR]:
            status = SOME_FAILED
    return status


def template(options):
    """A workbook to fill in; never over an existing one unless told."""
    from analysis.template import write_template

    path = Path(options.file)
    if path.suffix.lower() not in ("", ".xlsx"):
        return refuse(f"模板只能是 .xlsx 工作簿或文件夹，不能是“{path.suffix}”。")
    if path.exists() and not options.force:
        return refuse(f"{path} 已存在，没有覆盖。换一个名字，或加 --force。")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_template(path)
    except OSError as error:
        return refuse(f"不能写入 {path}（{error.strerror or error}）。若正在 Excel 中打开，请先关闭。")
    print(f"已生成 {path}。填好后先检查：python -m analysis check {path}")
    return FINE


def prepare(options):
    """Validated tidy tables of the cases under data/processed."""
    from analysis.case import prepare_case, read_case

    for name in options.cases:
        case = read_case(name)
        for problem in case.problems:
            print(problem)
        prepared = prepare_case(case, ROOT / "data" / "processed")
        print(f"{name}：" + (f"已整理到 {prepared.path}" if prepared.changed else f"输入没有变化，沿用 {prepared.path}"))
    return FINE


def list(options):  # noqa: A001 - named as the command is
    """Bundled cases with title and nature of the data."""
    from analysis.case import bundled_cases, read_case

    for name in bundled_cases():
        case = read_case(name)
        print(f"{name}\t{case.title}（{case.nature}）")
    return FINE


def test(options):
    """Become pytest in the project root, on two workers unless the arguments say otherwise."""
    command = [sys.executable, "-m", "pytest", "-q"]
    own_workers = any(re.match(r"-n(\d|auto|$)|--numprocesses|--pdb|--co|.*no:xdist", a) for a in options.pytest)
    if not own_workers and importlib.util.find_spec("xdist"):
        command += ["-n", "2", "--dist", "loadfile"]
    os.chdir(ROOT)
    become([*command, *options.pytest], with_root(ROOT))


def lab(options):
    """Become JupyterLab on the notebooks: this machine only, token kept, Chinese by default.

    The defaults in lab/labconfig yield to whatever the user has chosen in JupyterLab.
    """
    register_kernel()
    environment = {**ONE_THREAD, **with_root(ROOT)}
    folders = [environment.get("JUPYTER_CONFIG_PATH"), str(Path(__file__).with_name("lab"))]
    environment["JUPYTER_CONFIG_PATH"] = os.pathsep.join(filter(None, folders))
    show("JupyterLab 正在启动，浏览器会自动打开 notebooks 文件夹；用完后在这里按 Ctrl-C 结束。")
    os.chdir(ROOT)
    become(lab_command(options), environment)


def lab_command(options):
    command = [sys.executable, "-m", "jupyterlab", str(ROOT / "notebooks")]
    command += ["--ServerApp.ip=127.0.0.1", "--ServerApp.answer_yes=True", "--log-level=WARN"]
    command += ["--LabApp.extension_manager=readonly"]
    if options.port:
        command.append(f"--ServerApp.port={options.port}")
    if options.no_browser:
        command.append("--no-browser")
    if getattr(os, "geteuid", lambda: 1)() == 0:
        command.append("--allow-root")
    return command


def register_kernel():
    """Name the kernel of the private environment; somebody else's environment is left alone."""
    if Path(sys.prefix).resolve() != environment_folder().resolve():
        return
    from ipykernel.kernelspec import install

    try:
        install(prefix=sys.prefix, kernel_name="python3", display_name=KERNEL_TITLE, env={"PYTHONPATH": str(ROOT)})
    except OSError as error:
        show(f"提示：内核名称没有登记（{error.strerror or error}），不影响使用。")


def open_page(page):
    import webbrowser

    if not webbrowser.open(page.resolve().as_uri()):
        show(f"没有找到浏览器，请自己打开：{page}")


def refuse(message):
    print(f"错误：{message}", file=sys.stderr)
    return WRONG


def show(text):
    print(text, flush=True)
