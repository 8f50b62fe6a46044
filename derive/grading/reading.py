"""Paths -> sheets: a folder's files one by one, each in its own format; what is no sheet is told in one line."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from derive.errors import DeriveError, UsageError
from derive.grading.latex import read_latex
from derive.grading.markdown import read_markdown
from derive.grading.modules import read_module
from derive.grading.notebook import read_notebook
from derive.grading.sheet import MAX_NAME, Sheet, Unreadable
from derive.grading.structured import read_json, read_yaml

MAX_BYTES = 2_000_000
MAX_FILES = 200_000
READERS: dict[str, Callable[[str, str, str], Sheet]] = {
    ".yaml": read_yaml, ".yml": read_yaml, ".json": read_json, ".md": read_markdown, ".markdown": read_markdown,
    ".tex": read_latex, ".ipynb": read_notebook, ".py": read_module,
}  # fmt: skip


def read_sheets(paths: Iterable[Path], run: bool = False) -> list[Sheet | Unreadable]:
    """Every sheet, in order; Python modules where what they hold may `run`.

    Of two sheets of one student neither counts until someone says which does.
    """
    found = [read_sheet(path, run) for path in _files(paths)]
    sources: dict[str, list[str]] = {}
    for one in found:
        if isinstance(one, Sheet):
            sources.setdefault(one.student, []).append(one.source)
    return [_alone(one, sources) for one in found]


def _alone(one: Sheet | Unreadable, sources: dict[str, list[str]]) -> Sheet | Unreadable:
    if isinstance(one, Unreadable) or len(sources[one.student]) == 1:
        return one
    others = ", ".join(source for source in sources[one.student] if source != one.source) or "itself, named twice"
    return Unreadable(
        one.source, f"is a second sheet of {one.student}, besides {others[:200]}; keep the one that counts"
    )


def read_sheet(path: Path, run: bool = False) -> Sheet | Unreadable:
    """One file. A file that cannot be read never stops the others."""
    try:
        if path.suffix.lower() == ".py" and not run:
            raise UsageError("is a program; --run-functions runs it, in a place where a student's program may run")
        reader = READERS.get(path.suffix.lower())
        if reader is None:
            raise UsageError(f"is no answer sheet; those end in {', '.join(READERS)}")
        text = text_of(path)
        if not text.strip():
            raise UsageError("is empty")
        return reader(text, shown(str(path)), shown(path.stem)[:MAX_NAME])
    except DeriveError as error:
        return Unreadable(shown(str(path)), shown(" ".join(str(error).split()))[:300])


def shown(text: str) -> str:
    """On one line, and nothing in it that a terminal or a file cannot hold."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    count = 0
    for path in paths:
        inside = sorted(file for file in path.rglob("*") if _counts(file, path)) if path.is_dir() else [path]
        if path.is_dir() and not inside:
            raise UsageError(f"{path} is a folder without a file")
        for file in inside:
            count += 1
            if count > MAX_FILES:
                raise UsageError(f"these are more than {MAX_FILES} files; grade them in several calls")
            yield file


def _counts(file: Path, folder: Path) -> bool:
    return file.is_file() and not any(part.startswith(".") for part in file.relative_to(folder).parts)


def text_of(path: Path) -> str:
    """Of an endless file, no more is read than is allowed."""
    try:
        if path.exists() and not path.is_file():
            raise UsageError("is no file")
        with open(path, "rb") as file:
            content = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise UsageError("there is no such file") from None
    except (OSError, ValueError) as error:
        raise UsageError(f"cannot be read: {getattr(error, 'strerror', None) or error}") from None
    if len(content) > MAX_BYTES:
        raise UsageError(f"is larger than {MAX_BYTES} bytes; an answer sheet is a short text")
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise UsageError(f"is not a text in UTF-8 (byte {error.start + 1}); save it as UTF-8") from None
