"""Chinese for the words argparse says itself, in every supported Python."""

import argparse
import os

WORDS = {
    "usage: ": "用法：",
    "positional arguments": "位置参数",
    "options": "选项",
    "subcommands": "子命令",
    "%(heading)s:": "%(heading)s：",
    "show this help message and exit": "显示本帮助后退出",
    "show program's version number and exit": "显示版本号后退出",
    " (default: %(default)s)": "（默认：%(default)s）",
    "%(prog)s: error: %(message)s\n": "错误：%(message)s\n",
    "%(prog)s: warning: %(message)s\n": "警告：%(message)s\n",
    "argument %(argument_name)s: %(message)s": "参数 %(argument_name)s：%(message)s",
    "the following arguments are required: %s": "缺少必需的参数：%s",
    "unrecognized arguments: %s": "不认识的参数：%s",
    "invalid choice: %(value)r (choose from %(choices)s)": "“%(value)s”不在可选值之内（可选：%(choices)s）",
    "invalid choice: %(value)r, maybe you meant %(closest)r? (choose from %(choices)s)": (
        "“%(value)s”不在可选值之内，是不是“%(closest)s”？（可选：%(choices)s）"
    ),
    "unknown parser %(parser_name)r (choices: %(choices)s)": "没有子命令“%(parser_name)s”（可选：%(choices)s）",
    "invalid %(type)s value: %(value)r": "“%(value)s”不是有效的值（%(type)s）",
    "expected one argument": "后面要跟一个值",
    "expected at most one argument": "后面最多跟一个值",
    "expected at least one argument": "后面至少跟一个值",
    "expected %s argument": "后面要跟 %s 个值",
    "expected %s arguments": "后面要跟 %s 个值",
    "ambiguous option: %(option)s could match %(matches)s": "选项 %(option)s 不明确，可能是 %(matches)s",
    "ignored explicit argument %r": "后面不能带值（%s）",
    "unexpected option string: %s": "此处不应有选项 %s",
    "not allowed with argument %s": "不能与 %s 同时使用",
    "one of the arguments %s is required": "%s 之中须有一个",
    "can't open '%(filename)s': %(error)s": "打不开“%(filename)s”：%(error)s",
    "option '%(option)s' is deprecated": "选项“%(option)s”已不推荐使用",
    "argument '%(argument_name)s' is deprecated": "参数“%(argument_name)s”已不推荐使用",
    "command '%(parser_name)s' is deprecated": "命令“%(parser_name)s”已不推荐使用",
}


def program():
    """How the user starts the project on this system."""
    return "py -m analysis" if os.name == "nt" else "python3 -m analysis"


def speak_chinese():
    """Replace argparse's own words for this process; unknown ones stay as they are."""
    argparse._ = lambda text: WORDS.get(text, text)
    argparse.ngettext = lambda one, many, count: WORDS.get(many, many)


class Parser(argparse.ArgumentParser):
    """A parser whose option and positional headings, help option and errors are Chinese.

    Abbreviated options are refused, so that an option added later cannot change the
    meaning of a command that someone wrote down.
    """

    def __init__(self, **settings):
        speak_chinese()
        settings.setdefault("formatter_class", argparse.RawDescriptionHelpFormatter)
        super().__init__(allow_abbrev=False, **settings)

    def error(self, message):
        self.exit(2, f"错误：{message}\n用法见：{self.prog} --help\n")
