"""Every command of docs/ is run on the files that are shown there; `...` stands for anything."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.test_readme import BLOCK, ROOT, matches

TEXT = (ROOT / "docs" / "adapters.md").read_text(encoding="utf-8")
FILES = {
    match[1]: text[match.end() :]
    for language, text in BLOCK.findall(TEXT)
    if language in ("python", "yaml") and (match := re.match(r"# file: (\S+)\n", text))
}
COMMANDS = [
    pytest.param(words, shown, id=words, marks=[pytest.mark.adapters] if words.startswith("otter ") else [])
    for language, text in BLOCK.findall(TEXT)
    if language == "console"
    for piece in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]
    for words, _, shown in [piece.partition("\n")]
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("docs")
    for name, text in FILES.items():
        (found / name).parent.mkdir(exist_ok=True)
        (found / name).write_text(text, encoding="utf-8")
    return found


@pytest.mark.parametrize(("words", "shown"), COMMANDS)
def test_command(words: str, shown: str, folder: Path) -> None:
    scripts = str(Path(sys.executable).parent)
    done = subprocess.run(
        words, shell=True, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PATH": f"{scripts}{os.pathsep}{os.environ['PATH']}",
             "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_PLUGINS": "derive.testing"},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    if shown:
        assert matches(shown, done.stdout), done.stdout


def test_the_docs_have_commands_and_files() -> None:
    assert len(COMMANDS) >= 10
    assert len(FILES) >= 6
