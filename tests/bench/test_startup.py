"""How long the command takes, as ratios in one run. Run by `make bench`."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from derive.catalogue import entries, load
from derive.language.problem import Problem

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.bench


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """As a user has it: the bytecode of derive is kept from one run to the next, as SymPy's is."""
    own = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    return {**own, "PYTHONPATH": str(ROOT), "PYTHONPYCACHEPREFIX": str(tmp_path_factory.mktemp("bytecode"))}


def best_of(repeats: int, *words: str, cwd: Path, environment: dict[str, str]) -> float:
    """Seconds of the quickest run of `python WORDS`, after one that is not counted."""

    def once() -> float:
        start = time.perf_counter()
        subprocess.run([sys.executable, *words], cwd=cwd, env=environment, check=True, stdout=subprocess.DEVNULL)
        return time.perf_counter() - start

    once()
    return min(once() for _ in range(repeats))


def ratio_of(problem: str, cwd: Path, environment: dict[str, str]) -> tuple[float, float]:
    """Seconds of the whole command and of importing SymPy, in turns, so that both see the same machine."""
    pairs = [
        (best_of(1, "-m", "derive", problem, cwd=cwd, environment=environment),
         best_of(1, "-c", "import sympy", cwd=cwd, environment=environment))
        for _ in range(3)
    ]  # fmt: skip
    return min(whole for whole, _ in pairs), min(sympy for _, sympy in pairs)


@pytest.mark.parametrize("words", [("list",), ("--help",), ("--version",)], ids=" ".join)
def test_light_commands_take_at_most_150_ms(
    words: tuple[str, ...], tmp_path: Path, environment: dict[str, str]
) -> None:
    assert best_of(5, "-m", "derive", *words, cwd=tmp_path, environment=environment) <= 0.15


def limit(problem: Problem) -> float:
    """Times `import sympy`: batch normalization has 2.5, a document with matrices drawn in it 5, any other 3."""
    return 2.5 if problem.id == "bn_backward" else 5 if problem.matrices else 3


def test_the_whole_command_of_every_problem_against_importing_sympy(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    """Derive, prove, check, print and set the PDF; one table."""
    slow = []
    print("\nproblem                  seconds  import sympy  ratio  limit")
    for problem in (load(entry.id) for entry in entries()):
        whole, sympy = ratio_of(problem.id, tmp_path, environment)
        print(f"{problem.id:24} {whole:7.2f}  {sympy:12.2f}  {whole / sympy:5.2f}  {limit(problem):5}")
        if whole / sympy > limit(problem):
            slow.append(problem.id)
    assert not slow
