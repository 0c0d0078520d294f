"""Shared fixtures: a browser that may be required, charts without a display, steady examples."""

import os
import shutil

os.environ["MPLBACKEND"] = "Agg"

import pytest  # noqa: E402
from hypothesis import HealthCheck, settings  # noqa: E402

BROWSER_REQUIRED = os.environ.get("ANALYSIS_REQUIRE_BROWSER") == "1"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
LAUNCH = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
          "--disable-component-update", "--disable-sync"]

settings.register_profile(
    "project",
    deadline=None,
    derandomize=BROWSER_REQUIRED or "CI" in os.environ,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("project")


@pytest.fixture(scope="session")
def chromium():
    """Path of a Chromium: CHROMIUM, else one on the path.

    Without one the test is skipped with its reason, or fails where
    ANALYSIS_REQUIRE_BROWSER=1 says that skipping is not allowed.
    """
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
    missing = None if path and os.access(path, os.X_OK) else "没有找到 Chromium 浏览器（可用 CHROMIUM 指定）/ no Chromium found"
    if missing is None:
        try:
            import playwright.sync_api  # noqa: F401
        except ImportError:
            missing = "没有安装 playwright / playwright is not installed"
    if missing and BROWSER_REQUIRED:
        pytest.fail(missing)
    if missing:
        pytest.skip(missing)
    return path


@pytest.fixture(scope="session")
def browser(chromium):
    """One browser for all tests of a process: Playwright starts once in each."""
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=str(chromium), args=LAUNCH)
        yield opened
        opened.close()
