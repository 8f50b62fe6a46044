"""How long the command takes, as ratios in one run. Run by `make bench`."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.bench


def best_of(repeats: int, *words: str, cwd: Path) -> float:
    """Seconds of the quickest run of `python WORDS`."""

    def once() -> float:
        start = time.perf_counter()
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        subprocess.run([sys.executable, *words], cwd=cwd, env=environment, check=True, stdout=subprocess.DEVNULL)
        return time.perf_counter() - start

    return min(once() for _ in range(repeats))


@pytest.mark.parametrize("words", [("list",), ("--help",), ("--version",)], ids=" ".join)
def test_light_commands_take_at_most_150_ms(words: tuple[str, ...], tmp_path: Path) -> None:
    assert best_of(5, "-m", "derive", *words, cwd=tmp_path) <= 0.15


def test_the_whole_command_against_importing_sympy(tmp_path: Path) -> None:
    whole = best_of(3, "-m", "derive", "bn_backward", cwd=tmp_path)
    sympy = best_of(3, "-c", "import sympy", cwd=tmp_path)
    print(f"\nwhole command {whole:.2f} s, import sympy {sympy:.2f} s, ratio {whole / sympy:.2f}")
    assert whole / sympy <= 2.5
