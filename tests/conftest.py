"""Tests that need TeX or PyTorch are skipped where those are missing, and fail where DERIVE_REQUIRE names them."""

from __future__ import annotations

import importlib.util
import os
import shutil

import pytest

AVAILABLE = {
    "tex": lambda: shutil.which("latexmk") is not None and shutil.which("pdflatex") is not None,
    "torch": lambda: importlib.util.find_spec("torch") is not None,
}
REMEDY = {
    "tex": "no latexmk with pdflatex on the PATH",
    "torch": "PyTorch is not installed; pip install 'derive[torch]'",
}


def pytest_runtest_setup(item: pytest.Item) -> None:
    required = {name.strip() for name in os.environ.get("DERIVE_REQUIRE", "").split(",")} - {""}
    for name, available in AVAILABLE.items():
        if item.get_closest_marker(name) is None or available():
            continue
        if name in required:
            pytest.fail(f"DERIVE_REQUIRE names {name}, but: {REMEDY[name]}", pytrace=False)
        pytest.skip(REMEDY[name])
