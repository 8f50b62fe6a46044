"""Tests that need TeX, PyTorch or Dask are skipped without them, and fail where DERIVE_REQUIRE names them."""

from __future__ import annotations

import importlib.util
import os
import shutil

import pytest

AVAILABLE = {
    "tex": lambda: shutil.which("latexmk") is not None and shutil.which("pdflatex") is not None,
    "torch": lambda: importlib.util.find_spec("torch") is not None,
    "adapters": lambda: all(map(importlib.util.find_spec, ("otter", "nbgrader", "gradescope_utils"))),
    "dask": lambda: importlib.util.find_spec("distributed") is not None,
}
REMEDY = {
    "tex": "no latexmk with pdflatex on the PATH",
    "torch": "PyTorch is not installed; pip install 'derive[torch]'",
    "adapters": "Otter, nbgrader or gradescope-utils is not installed; pip install 'derive[adapters]'",
    "dask": "Dask is not installed; pip install 'derive[dask]'",
}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write tests/golden anew instead of comparing")


def pytest_runtest_setup(item: pytest.Item) -> None:
    required = {name.strip() for name in os.environ.get("DERIVE_REQUIRE", "").split(",")} - {""}
    for name, available in AVAILABLE.items():
        if item.get_closest_marker(name) is None or available():
            continue
        if name in required:
            pytest.fail(f"DERIVE_REQUIRE names {name}, but: {REMEDY[name]}", pytrace=False)
        pytest.skip(REMEDY[name])


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Where DERIVE_REQUIRE says that all must run, a test skipped for any reason is a failure."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("DERIVE_REQUIRE") and reporter is not None and reporter.stats.get("skipped"):
        reporter.write_line("DERIVE_REQUIRE is set, so no test may be skipped", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
