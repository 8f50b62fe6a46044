"""Finds problems: the built-in ones by id, anyone's own by the path of its file."""

from __future__ import annotations

import contextlib
import importlib
import os
import sys
import tokenize
import traceback
import types
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from derive.errors import AuthorError, DeriveError, UsageError

if TYPE_CHECKING:
    from derive.language.problem import Problem

FOLDER = Path(__file__).parent / "problems"


class Entry(Struct, frozen=True):
    """A line of the list of problems."""

    id: str
    title: str


def entries() -> tuple[Entry, ...]:
    """The built-in problems by id, their titles read from the source without running it."""
    return tuple(Entry(path.stem, _title(path)) for path in sorted(FOLDER.glob("*.py")) if path.stem[0] != "_")


def _title(path: Path) -> str:
    """The literal `title=` of the call in `PROBLEM = Problem(...)`."""
    import ast

    for node in ast.parse(path.read_bytes()).body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
            for keyword in node.value.keywords:
                if keyword.arg == "title" and isinstance(keyword.value, ast.Constant):
                    return str(keyword.value.value)
    return ""


def load(name: str) -> Problem:
    """The problem with this id, or in the file at this path.

    Raises UsageError when there is none, AuthorError when the file is wrong.
    """
    if os.sep in name or "/" in name or name.endswith(".py"):
        return _problem_in(_run(Path(name)), Path(name).name)
    if name in {entry.id for entry in entries()}:
        return _problem_in(importlib.import_module(f"derive.problems.{name}"), name)
    raise UsageError(_unknown(name))


def _unknown(name: str) -> str:
    from derive.language.near import did_you_mean

    known = [entry.id for entry in entries()]
    if Path(name).is_file():
        return f"no problem has the id '{name}'. For the file of that name, write ./{name}"
    near = did_you_mean(name, known, f". There are {', '.join(known)}.")
    return f"no problem has the id '{name}'{near}"


def _problem_in(module: types.ModuleType, place: str) -> Problem:
    from derive.language.problem import Problem

    problem = getattr(module, "PROBLEM", None)
    if problem is None:
        raise AuthorError(f"{place}: defines no PROBLEM; end the file with PROBLEM = Problem(id=..., title=..., ...)")
    if not isinstance(problem, Problem):
        raise AuthorError(f"{place}: PROBLEM is of type {type(problem).__name__}; it must be a Problem(...)")
    if not problem.id.replace("-", "_").isidentifier():
        raise AuthorError(
            f"{place}: the id '{problem.id}' names the files, so it may hold letters, digits, _ and - only"
        )
    return problem


def _run(path: Path) -> types.ModuleType:
    """The module of a file nobody registered, under a name of its own that is forgotten afterwards."""
    source = _source(path)
    place = path.name
    try:
        code = compile(source, str(path), "exec")
    except SyntaxError as error:
        text = (error.text or "").strip()
        raise AuthorError(f"{place}:{error.lineno}: {error.msg}{f', in: {text}' if text else ''}") from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise AuthorError(f"{place}: is not Python: {error}") from error
    module = types.ModuleType(f"<problem {path.name}>")  # no import can reach a name like this
    module.__file__ = str(path)
    sys.modules[module.__name__] = module  # dataclasses look their module up
    try:
        with contextlib.redirect_stdout(sys.stderr):
            exec(code, module.__dict__)
    except DeriveError as error:
        raise AuthorError(f"{place}{_line(error, path)}: {error}") from error
    except (Exception, SystemExit) as error:
        raise AuthorError(f"{place}{_line(error, path)}: {type(error).__name__}: {error}") from error
    finally:
        sys.modules.pop(module.__name__, None)
    return module


def _source(path: Path) -> str:
    try:
        with tokenize.open(path) as file:
            return file.read()
    except FileNotFoundError:
        raise UsageError(f"there is no file {path}") from None
    except IsADirectoryError:
        raise UsageError(f"{path} is a folder; name a problem file in it") from None
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from error
    except (SyntaxError, UnicodeDecodeError) as error:
        raise AuthorError(f"{path.name}: is not a text in UTF-8: {error}") from error


def _line(error: BaseException, path: Path) -> str:
    """':30', the last line of the file itself that was running."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)]
    return f":{frames[-1].lineno}" if frames else ""
