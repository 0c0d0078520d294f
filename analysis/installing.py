"""Install the pinned packages into an environment: uv inside it, plain pip as fallback."""

import ast
import os
import sys
import time

from analysis.process import run_tool

UV = "uv>=0.9,<1"
LINES_SHOWN = 12
WIDTH_SHOWN = 200
NETWORK_SIGNS = (
    "Failed to establish a new connection",
    "NewConnectionError",
    "ConnectTimeout",
    "Max retries exceeded",
    "name resolution",
    "getaddrinfo failed",
    "Network is unreachable",
    "Could not resolve host",
    "ReadTimeoutError",
    "ProxyError",
    "ConnectionResetError",
    "dns error",
    "SSLError",
    "tcp connect error",
    "error sending request",
)
DISK_SIGNS = ("No space left on device", "not enough space on the disk", "Disk quota exceeded")


class SetupError(Exception):
    """The environment cannot be made: what is wrong, what to do, and the tool's own words."""

    def __init__(self, message, fix, output=""):
        super().__init__(message)
        self.message, self.fix, self.output = message, fix, output

    def __str__(self):
        text = f"{self.message}\n办法：{self.fix}"
        tail = [line[:WIDTH_SHOWN] for line in self.output.splitlines() if line.strip()][-LINES_SHOWN:]
        return text + ("\n安装程序的原文：\n  " + "\n  ".join(tail) if tail else "")


def install(python, requirements, say):
    """Install ``requirements`` for ``python``, bytecode compiled; return the package count.

    Raises SetupError when neither uv nor pip can.
    """
    say("[2/3] 取得安装工具 uv")
    pip = [str(python), "-m", "pip", "--disable-pip-version-check"]
    fetched, output = run_tool([*pip, "install", "--quiet", UV])
    if fetched != 0 and any_of(NETWORK_SIGNS + DISK_SIGNS, output):
        raise diagnose(output)
    total = sum(1 for line in requirements.read_text("utf-8").splitlines() if line[:1].isalnum())
    told = ""
    say(f"[3/3] 下载并安装所需软件包（清单共 {total} 项，按系统取舍）")
    started = time.monotonic()
    tick = progress(python, started)
    if fetched == 0:
        settings = pip_settings(pip)
        no_index = settings.get("no-index", "").lower() in ("1", "true", "yes", "on")
        status, output = run_tool(
            [str(python), "-m", "uv", "pip", "install", "--python", str(python)]
            + ["--compile-bytecode", "-r", str(requirements)]
            + ["--no-index"] * no_index,
            environment={**os.environ, **uv_variables(settings, os.environ)},
            tick=tick,
        )
        if status == 0:
            return count_packages(python)
        if any_of(DISK_SIGNS, output):
            raise diagnose(output)
        told = output
    say("      uv 不可用，改用 pip（较慢）")
    status, output = run_tool([*pip, "install", "--compile", "-r", str(requirements)], tick=tick)
    if status != 0:
        raise diagnose(told + output)
    return count_packages(python)


def any_of(signs, text):
    return any(sign in text for sign in signs)


def diagnose(output):
    if any_of(DISK_SIGNS, output):
        return SetupError("磁盘空间不足，安装没有完成。", "清理磁盘，或设置 ANALYSIS_VENV 换一个磁盘，再运行一次。", output)
    if any_of((*NETWORK_SIGNS, "from versions: none"), output):
        return SetupError(
            "连不上软件包源（或源里没有所需的软件包），安装没有完成。",
            "检查网络和代理；内网请用 pip config set global.index-url 指定单位的镜像源，"
            "再运行一次（已下载的部分不会重下）。",
            output,
        )
    return SetupError(
        "软件包安装失败。",
        "先再运行一次；仍不行时，按下面的原文检查镜像源是否缺少该版本，或改用 environment.yml（conda）。",
        output,
    )


def pip_settings(pip):
    """The user's pip configuration, files and PIP_* variables merged as pip merges them.

    A command's section and the variables outrank the global one; option names come
    with hyphens: {"index-url": "…"}.
    """
    status, output = run_tool([*pip, "config", "list"])
    settings = {}
    if status != 0:
        return settings
    for rank in ("global", "install", ":env:"):
        for line in output.splitlines():
            key, _, value = line.partition("=")
            section, _, option = key.strip().rpartition(".")
            if section == rank and value[:1] in "'\"":
                settings[option.replace("_", "-").lower()] = ast.literal_eval(value)
    return settings


def uv_variables(settings, environment):
    """Environment variables that make uv use the sources and certificates pip would.

    uv reads no pip configuration. With extra sources it would look no further than the
    first that has a package; pip compares them all, and so must uv to find the pinned
    version. What the user has set for uv stands.
    """
    variables = {}

    def put(option, name, separator=None):
        value = settings.get(option, "").strip()
        if value:
            variables[name] = separator.join(value.split()) if separator else value

    put("index-url", "UV_DEFAULT_INDEX")
    put("extra-index-url", "UV_INDEX", " ")
    put("find-links", "UV_FIND_LINKS", ",")
    put("trusted-host", "UV_INSECURE_HOST", " ")
    put("default-timeout", "UV_HTTP_TIMEOUT")
    put("timeout", "UV_HTTP_TIMEOUT")
    put("client-cert", "SSL_CLIENT_CERT")
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        put("proxy", name)
    put("cert", "SSL_CERT_DIR" if os.path.isdir(settings.get("cert", "")) else "SSL_CERT_FILE")
    if "extra-index-url" in settings or "find-links" in settings:
        variables["UV_INDEX_STRATEGY"] = "unsafe-best-match"
    own = {name for name in environment if name.startswith("UV_")}
    if own & {"UV_INDEX_URL", "UV_DEFAULT_INDEX"}:
        own.add("UV_DEFAULT_INDEX")
    if own & {"UV_EXTRA_INDEX_URL", "UV_INDEX"}:
        own.add("UV_INDEX")
    return {name: value for name, value in variables.items() if name not in own}


def count_packages(python):
    """Number of packages in the environment, the installers pip and uv left out."""
    names = {path.name.split("-")[0] for path in site_packages(python)}
    return len(names - {"pip", "uv", "setuptools"})


def site_packages(python):
    environment = python.parent.parent
    return [*environment.glob("lib/python3*/site-packages/*.dist-info")] or [
        *environment.glob("Lib/site-packages/*.dist-info")
    ]


def progress(python, started):
    """A function that shows time and packages so far: one moving line on a terminal,
    a line every ten seconds elsewhere."""
    terminal = sys.stderr.isatty()
    last = [started]

    def tick(done=False):
        now = time.monotonic()
        if not terminal and (done or now - last[0] < 10):
            return
        if terminal and not done and now - last[0] < 0.5:
            return
        last[0] = now
        text = f"      已用 {now - started:.0f} 秒，已装 {count_packages(python)} 个"
        sys.stderr.write(f"\r{text}" + ("\n" if done else "") if terminal else text + "\n")
        sys.stderr.flush()

    return tick
