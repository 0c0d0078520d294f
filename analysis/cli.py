"""The command line: what can be asked for, in Chinese, before anything is installed."""

import difflib
import os
import re
import sys

from analysis import __version__, bootstrap
from analysis.argparse_zh import Parser, program
from analysis.installing import SetupError

FINE, SOME_FAILED, WRONG, INTERRUPTED = 0, 1, 2, 130

STATUS = """退出状态：
  0    全部正常
  1    有一部分没有做成（某个笔记本运行失败、报告没有写成或正由另一次运行生成、检查出错误、有测试不通过）
  2    用法不对、输入读不了，或运行环境准备不了
  130  被 Ctrl-C 中断"""

ENVIRONMENT = """环境变量：
  ANALYSIS_VENV  独立运行环境所在的文件夹（默认：项目文件夹下的 .venv）

首次运行若缺少所需软件包，会自动准备独立的运行环境，只需一次；
已装好依赖的环境（如 conda）直接使用。镜像源沿用 pip 的设置。"""

SUMMARIES = {
    "run": "运行案例，生成网页报告",
    "test": "运行测试",
    "lab": "打开 JupyterLab，逐格运行笔记本",
    "check": "检查案例，列出全部问题",
    "template": "生成空白的案例模板（带说明和示例行）",
    "prepare": "校验案例并写出整理后的数据表",
    "list": "列出自带的案例",
}
ALIKE = {"build": "run", "report": "run", "pytest": "test", "jupyter": "lab", "notebook": "lab", "validate": "check", "ls": "list"}


def main(arguments=None):
    """Run one command; return its exit status (see STATUS)."""
    make_output_readable()
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    try:
        options = read_arguments(arguments)
        if options is None:
            return WRONG
        bootstrap.ensure(arguments, "test" if options.command == "test" else "run")
        return perform(options)
    except SetupError as error:
        print(f"\n运行环境准备不了：{error}", file=sys.stderr)
        return WRONG
    except KeyboardInterrupt:
        print("\n已中断。", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        # The reader (`| head`) has had enough; keep the interpreter from complaining at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FINE


def perform(options):
    from analysis import commands
    from analysis.problems import CaseError

    try:
        return getattr(commands, options.command)(options)
    except CaseError as error:
        for problem in error.problems:
            print(problem, file=sys.stderr)
        return WRONG


def make_output_readable():
    """Let Chinese text never fail to print: UTF-8 where the encoding has no Chinese."""
    for stream in (sys.stdout, sys.stderr):
        if not hasattr(stream, "reconfigure"):
            continue
        try:
            "区县".encode(stream.encoding or "ascii")
            stream.reconfigure(errors="replace")
        except (UnicodeEncodeError, LookupError):
            stream.reconfigure(encoding="utf-8", errors="replace")


def read_arguments(arguments):
    """The options asked for; None after showing the help to someone who asked for nothing.

    Leaves with status 2 on wrong use, 0 after --help.
    """
    parser, commands = build_parser()
    if not arguments:
        parser.print_help(sys.stderr)
        return None
    first = arguments[0]
    if first == "test" and arguments[1:2] not in (["-h"], ["--help"]):
        # What follows belongs to pytest, whose options argparse must not claim.
        options = commands["test"].parse_args([])
        options.pytest = arguments[1:]
        return options
    if not first.startswith("-") and first not in SUMMARIES:
        parser.error(f"没有子命令“{first}”{nearest(first)}。可用：{'、'.join(SUMMARIES)}")
    return parser.parse_args(arguments)


def nearest(word):
    close = difflib.get_close_matches(word.lower(), SUMMARIES, n=1, cutoff=0.5)
    guess = close[0] if close else ALIKE.get(word.lower())
    return f"，是不是“{guess}”" if guess else ""


def build_parser():
    """The whole parser, and the parser of each command by name."""
    parser = Parser(
        prog=program(),
        description="区县高质量发展考核分析：排名复盘、短板分解、追赶路径、行动清单。",
        epilog=f"某个命令的用法：{program()} 命令 --help\n\n{STATUS}\n\n{ENVIRONMENT}",
    )
    parser.add_argument("--version", action="version", version=__version__, help="显示版本号后退出")
    group = parser.add_subparsers(title="命令", metavar="命令", dest="command", required=True, parser_class=Parser)
    commands = {}
    for name, summary in SUMMARIES.items():
        commands[name] = group.add_parser(
            name, help=summary, description=summary + "。", epilog=STATUS, prog=f"{program()} {name}"
        )
        commands[name].set_defaults(command=name)
    add_run(commands["run"])
    add_cases(commands["check"], "+", "案例名称，或工作簿、文件夹的路径")
    add_cases(commands["prepare"], "+", "案例名称，或工作簿、文件夹的路径")
    add_template(commands["template"])
    add_lab(commands["lab"])
    commands["test"].add_argument("pytest", nargs="*", metavar="参数", help="原样交给 pytest，例如 tests/test_cli.py -k 帮助")
    return parser, commands


def add_cases(parser, count, text):
    parser.add_argument("cases", nargs=count, metavar="案例", help=text)


def add_run(parser):
    add_cases(parser, "*", "案例名称，或工作簿、文件夹的路径（默认：全部自带案例）")
    parser.add_argument("--notebook", action="append", metavar="编号", help="只运行这一个笔记本，如 01；可重复；案例缺少它要用的表时不运行")
    parser.add_argument("--year", metavar="年度", help="考核年度（默认：案例“说明”表所写）")
    parser.add_argument("--district", metavar="区县", help="本区")
    parser.add_argument("--benchmark", metavar="区县", help="对标区县")
    parser.add_argument(
        "-p", "--parameter", nargs=2, action="append", metavar=("名称", "值"), default=[],
        help="笔记本的其他参数；可重复",
    )
    parser.add_argument("--follow", action="append", metavar="文件", default=[],
                        help="镇街交回的清单工作簿，或放这些工作簿的文件夹；跟进状态和备注带入新清单；可重复，只能用于一个案例")
    parser.add_argument("--out", metavar="文件夹", help="报告写到哪里（默认：项目文件夹下的 reports）")
    parser.add_argument("--show-code", action="store_true", help="报告中保留代码")
    parser.add_argument("--workers", metavar="个数", type=positive, default=2, help="同时运行几个笔记本（默认：2）")
    parser.add_argument("--plain-kernels", action="store_true", help="每个笔记本用全新的进程（较慢；Linux 以外总是如此）")
    parser.add_argument("--open", action="store_true", help="完成后在浏览器中打开报告")
    parser.add_argument("--force", action="store_true", help="输入、代码、参数都没有变化的笔记本也重新运行")
    parser.add_argument("--districts", metavar="区县", type=names, help="每个区县各出一份报告：all 表示全部，或用逗号隔开，如 甲区,乙区")
    parser.add_argument("--timeout", metavar="秒", type=seconds, default=600, help="每个笔记本最多运行多久（默认：600）")
    parser.add_argument("--keep", metavar="份数", type=former, default=1, help="每个案例保留几份以前的报告（默认：1）")
    parser.add_argument("--wait", action="store_true", help="同一份报告正由另一次运行生成时，等它结束（默认：不等，退出状态为 1）")
    parser.add_argument("--log", metavar="文件", help="把屏幕上的话连同时间追加到这个文件")
    parser.add_argument("--notify-cmd", metavar="命令", help="每个案例结束后运行的命令；案例、状态、路径、用时经环境变量（ANALYSIS_ 开头）和标准输入（JSON）给出")
    parser.add_argument("--dask", metavar="地址", help="由 Dask 集群运行笔记本，如 tcp://主机:8786；需先启动调度器和工作机")


def add_template(parser):
    parser.add_argument("file", metavar="文件.xlsx", help="要生成的工作簿；不带 .xlsx 时生成一个文件夹的 CSV")
    parser.add_argument("--force", action="store_true", help="文件已存在时覆盖")


def add_lab(parser):
    parser.add_argument("--port", metavar="端口", type=port, help="端口（默认：8888，被占用时自动换一个）")
    parser.add_argument("--no-browser", action="store_true", help="不自动打开浏览器，只显示网址")


def positive(text):
    return whole_number(text, 1, 64)


def former(text):
    return whole_number(text, 0, 999)


def seconds(text):
    return whole_number(text, 1, 604800)


def names(text):
    """District names between commas, Chinese or not; each once."""
    from argparse import ArgumentTypeError

    found = list(dict.fromkeys(filter(None, (part.strip() for part in re.split("[,，、]", text)))))
    if not found or ("all" in found and len(found) > 1):
        raise ArgumentTypeError(f"应为 all，或用逗号隔开的区县名，得到的是“{text}”")
    return found


def port(text):
    return whole_number(text, 1, 65535)


def whole_number(text, low, high):
    from argparse import ArgumentTypeError

    if not text.isascii() or not text.isdigit() or not low <= int(text) <= high:
        raise ArgumentTypeError(f"应为 {low} 到 {high} 之间的整数，得到的是“{text}”")
    return int(text)
