# -*- coding: utf-8 -*-
"""``python -m analysis``: refuse an old Python in plain words, then hand over to ``cli``.

Kept to syntax that every Python can compile, because an old one must get as far as
the message.
"""

import gc
import sys

MINIMUM = (3, 11)


def refuse_old_python():
    """Write what to do to standard error and leave with status 2."""
    text = (
        u"需要 Python %d.%d 或更新版本，现在用的是 Python %s（%s）。\n"
        u"办法：安装新版 Python 后重新打开终端；装有多个版本时写明版本，"
        u"例如 python3.11 -m analysis run，Windows 上用 py -3.11 -m analysis run。\n"
    ) % (MINIMUM + (".".join(str(part) for part in sys.version_info[:3]), sys.executable))
    encoding = getattr(sys.stderr, "encoding", None) or "utf-8"
    getattr(sys.stderr, "buffer", sys.stderr).write(text.encode(encoding, "replace"))
    sys.exit(2)


if sys.version_info < MINIMUM:
    refuse_old_python()

from analysis.cli import main  # noqa: E402

if __name__ == "__main__":
    status = main()
    # An ending interpreter looks through all objects once more, a fifth of a second after a run: nothing waits for that.
    gc.freeze()
    sys.exit(status)
