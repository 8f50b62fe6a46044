"""Every command of the README is run; what it shows is what is printed. `...` stands for anything."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Command:
    words: str
    shown: str


def commands() -> list[Command]:
    found = []
    for language, text in BLOCK.findall(README):
        if language == "console":
            for piece in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
                words, _, shown = piece.partition("\n")
                found.append(Command(words, shown))
    return found


def files() -> dict[str, str]:
    """Python blocks that begin with `# file: NAME`, and Markdown ones with `<!-- file: NAME -->`, which is left out."""
    blocks = [(language, text) for language, text in BLOCK.findall(README) if language in ("python", "markdown")]
    named = [re.match(r"(?:# file: (\S+)|<!-- file: (\S+) -->)\n", text) for _, text in blocks]
    return {m[1] or m[2]: m.string if m[1] else m.string[m.end() :] for m in named if m}


def matches(shown: str, printed: str) -> bool:
    return re.fullmatch(".*".join(map(re.escape, shown.split("..."))) + r"\s*", printed, re.DOTALL) is not None


def test_the_readme_has_commands_and_a_problem() -> None:
    assert len(commands()) >= 5
    assert files()


@pytest.mark.parametrize("command", commands(), ids=lambda command: command.words)
def test_command(command: Command, tmp_path: Path) -> None:
    for name, text in files().items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    at_root = command.words.startswith("make ")
    if at_root and not (ROOT / ".venv/.installed").exists():
        pytest.skip("make has not made .venv here")
    scripts = str(Path(sys.executable).parent)
    done = subprocess.run(
        command.words,
        shell=True,
        cwd=ROOT if at_root else tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PATH": f"{scripts}{os.pathsep}{os.environ['PATH']}"},
    )
    failing = "derive: " in command.shown
    assert (done.returncode != 0) == failing, done.stdout
    if command.shown:
        assert matches(command.shown, done.stdout), done.stdout


@pytest.mark.torch
def test_python_that_is_no_file_runs() -> None:
    found = [text for language, text in BLOCK.findall(README) if language == "python" and not text.startswith("# file")]
    assert found
    for text in found:
        exec(compile(text, "README.md", "exec"), {})
