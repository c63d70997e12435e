"""What every test may rely on: servers of its own (tests/servers.py), and no browser test where no browser is."""

import os
import shutil

import pytest

BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the browser tests out where no browser is installed; in CI they run, and fail without one."""
    if os.environ.get("CI") == "true" or any(shutil.which(name) for name in BROWSERS):
        return
    browser_tests = [item for item in items if item.get_closest_marker("chromium")]
    if browser_tests:
        config.hook.pytest_deselected(items=browser_tests)
        items[:] = [item for item in items if item not in set(browser_tests)]


def pytest_report_header() -> str | None:
    """Say which servers are used, and whether a browser is missing."""
    if any(shutil.which(name) for name in BROWSERS):
        return None
    if os.environ.get("CI") == "true":
        raise pytest.UsageError("CI=true and no Chromium: the browser tests may not be left out; install chromium.")
    return "chromium: not installed, so the browser tests are left out (apt-get install chromium)"
