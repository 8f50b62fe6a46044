"""Finds problems: the built-in ones by id, anyone's own by the path of its file."""

from __future__ import annotations

import contextlib
import importlib
import io
import os
import re
import sys
import tokenize
import traceback
import types
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from derive.errors import AuthorError, DeriveError, UsageError

if TYPE_CHECKING:
    from derive.language.problem import Problem

FOLDER = Path(__file__).parent / "problems"
MAX_ID = 80  # bytes
MAX_BYTES = 1_000_000


class Entry(Struct, frozen=True):
    """A line of the list of problems."""

    id: str
    title: str


def entries() -> tuple[Entry, ...]:
    """The built-in problems by id, their titles read from the source without running it."""
    return tuple(Entry(name, _title(FOLDER / f"{name}.py")) for name in ids())


def ids() -> tuple[str, ...]:
    """The built-in problems: each file is named after its problem."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.py") if path.stem[0] != "_"))


def _title(path: Path) -> str:
    """The literal `title=` of the first call of `Problem(...)`."""
    import ast

    for node in ast.parse(path.read_bytes()).body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and _makes_problem(node.value.func):
            for keyword in node.value.keywords:
                if keyword.arg == "title" and isinstance(keyword.value, ast.Constant):
                    return str(keyword.value.value)
    return ""


def _makes_problem(called: object) -> bool:
    return getattr(called, "id", "") == "Problem"


def load(name: str, others: Iterable[str] = ()) -> Problem:
    """The problem with this id, or in the file at this path; `others` are words the caller may have meant instead.

    Raises UsageError when there is none, AuthorError when the file is wrong.
    """
    if os.sep in name or "/" in name or name.endswith(".py"):
        return _problem_in(_run(Path(name)), Path(name).name)
    if name in ids():
        return _problem_in(importlib.import_module(f"derive.problems.{name}"), name)
    raise UsageError(_unknown(name, others))


def _unknown(name: str, others: Iterable[str] = ()) -> str:
    from derive.language.near import did_you_mean

    known = ids()
    with contextlib.suppress(OSError, ValueError):
        if Path(name).is_file():
            return f"no problem has the id '{name}'. For the file of that name, write ./{name}"
    near = did_you_mean(name, [*known, *others], f". There are {', '.join(known)}.")
    return f"no problem has the id '{_short(name, 60)}'{near}"


def _problem_in(module: types.ModuleType, place: str) -> Problem:
    from derive.language.problem import Problem

    problem = vars(module).get("PROBLEM")
    if problem is None:
        raise AuthorError(f"{place}: defines no PROBLEM; end the file with PROBLEM = Problem(id=..., title=..., ...)")
    if not isinstance(problem, Problem):
        raise AuthorError(f"{place}: PROBLEM is of type {type(problem).__name__}; it must be a Problem(...)")
    if len(problem.id.encode()) > MAX_ID or not re.fullmatch(r"\w[\w-]*", problem.id):
        raise AuthorError(
            f"{place}: the id '{_short(problem.id, 60)}' names the files, so it may hold letters, digits, _ and - only,"
            f" at most {MAX_ID}"
        )
    if not problem.questions:
        raise AuthorError(f"{place}: the problem asks nothing; add questions=(Question(...),)")
    return problem


def _run(path: Path) -> types.ModuleType:
    """The module of a file nobody registered, under a name of its own that is forgotten afterwards."""
    source = _source(path)
    place = _short(path.name, 60)
    try:
        code = compile(source, str(path), "exec")
    except SyntaxError as error:
        text = _short((error.text or "").strip(), 80)
        at = f":{error.lineno}" if error.lineno else ""
        raise AuthorError(f"{place}{at}: {error.msg}{f', in: {text}' if text else ''}") from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise AuthorError(f"{place}: is not Python: {error}") from error
    module = types.ModuleType(f"<problem {path.name}>")  # no import can reach a name like this
    if module.__name__ in sys.modules:
        raise AuthorError(f"{place}: loads itself")
    module.__file__ = str(path)
    sys.modules[module.__name__] = module  # dataclasses look their module up
    try:
        with contextlib.redirect_stdout(sys.stderr):
            exec(code, module.__dict__)
    except KeyboardInterrupt:
        raise
    except DeriveError as error:
        raise AuthorError(f"{place}{_line(error, path)}: {error}") from error
    except RecursionError as error:
        raise AuthorError(f"{place}{_line(error, path)}: an expression nests too deeply, or a function calls itself"
                          ) from error  # fmt: skip
    except BaseException as error:  # a file that exits, too, is only wrong
        raise AuthorError(f"{place}{_line(error, path)}: {_told(error)}") from error
    finally:
        sys.modules.pop(module.__name__, None)
    return module


def _source(path: Path) -> str:
    """Its text, in the encoding it declares; of an endless file, no more is read than is allowed."""
    name = _short(str(path), 120)
    try:
        with open(path, "rb") as file:
            content = file.read(MAX_BYTES + 1)
        if len(content) > MAX_BYTES:
            raise UsageError(f"{name} is larger than {MAX_BYTES} bytes; a problem file is a short text")
        encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
        return io.TextIOWrapper(io.BytesIO(content), encoding).read()
    except FileNotFoundError:
        known = path.stem in {entry.id for entry in entries()} and path.parent == Path()
        raise UsageError(f"there is no file {name}{f'. Did you mean {path.stem!r}?' if known else ''}") from None
    except IsADirectoryError:
        raise UsageError(f"{name} is a folder; name a problem file in it") from None
    except OSError as error:
        raise UsageError(f"{name} cannot be read: {error.strerror}") from error
    except (SyntaxError, UnicodeDecodeError):
        raise AuthorError(f"{_short(path.name, 60)}: is not a text in UTF-8; save it as UTF-8") from None
    except ValueError:
        raise UsageError(f"there is no file {name!r}") from None


def _line(error: BaseException, path: Path) -> str:
    """':30', the last line of the file itself that was running."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)]
    return f":{frames[-1].lineno}" if frames else ""


def _told(error: BaseException) -> str:
    """'KeyError: 'a'', even of an error whose own text fails."""
    try:
        text = str(error)
    except Exception:
        text = ""
    return f"{type(error).__name__}: {_short(text, 300)}" if text else type(error).__name__


def _short(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 3] + "..."
