"""`import derive`: about ten names, each imported when it is first used."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import derive

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("name", derive.__all__)
def test_each_name_is_there(name: str) -> None:
    assert getattr(derive, name).__name__ == name
    assert name in dir(derive)


def test_other_names_are_not() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = derive.nothing


def test_importing_it_imports_nothing_heavy() -> None:
    code = (
        "import sys; before = set(sys.modules); import derive\n"
        "ours = {name for name in set(sys.modules) - before if not name.partition('.')[0] in sys.stdlib_module_names}\n"
        "assert ours == {'derive'}, ours\n"
        "assert derive.UsageError.__module__ == 'derive.errors'\n"
        "assert not {'sympy', 'msgspec', 'click'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, timeout=60)
