"""--given: JSON text, or the path of a file that holds it."""

from __future__ import annotations

import json
from typing import NoReturn

from derive.errors import UsageError
from derive.language.given import NOTHING, Decimal, Given, check_given
from derive.language.problem import Problem

MAX_BYTES = 1_000_000


def read_given(problem: Problem, given: str | None) -> Given:
    """The checked content of --given; nothing where it is absent. Numbers with a point stay exact decimals."""
    if given is None:
        return NOTHING
    text, place = (given, "") if given.lstrip()[:1] in ("{", "[", '"', "") else (_file(given), f"{given} ")
    if not text.strip():
        raise UsageError(f'--given: {place}is empty. An example: {{"m": 4}}')
    try:
        entries = _yaml(text) if given.endswith((".yaml", ".yml")) else _json(text)
    except json.JSONDecodeError as error:
        at = f"line {error.lineno}, column {error.colno}" if "\n" in text else f"column {error.colno}"
        raise UsageError(f'--given: {place}is not JSON at {at}: {error.msg}. An example: {{"m": 4}}') from error
    except RecursionError:
        raise UsageError(f"--given: {place}cannot be read: its lists are nested too deeply") from None
    except ValueError as error:
        raise UsageError(f"--given: {place}cannot be read: {error}") from error
    return check_given(problem, entries)


def _json(text: str) -> object:
    return json.loads(text, object_pairs_hook=_unique, parse_float=Decimal, parse_constant=_no_constant)


def _yaml(text: str) -> object:
    """YAML by a safe reader: plain data, no objects."""
    import msgspec

    try:
        return msgspec.yaml.decode(text)
    except ImportError:
        raise UsageError("--given: a YAML file needs PyYAML; install it with: pip install 'derive[yaml]'") from None
    except msgspec.MsgspecError as error:
        raise UsageError(f"--given: the file is not YAML: {' '.join(str(error).split())[:200]}") from error


def _file(name: str) -> str:
    """A file or a pipe; of an endless one, no more is read than is allowed."""
    try:
        with open(name, "rb") as file:
            content = file.read(MAX_BYTES + 1)
        if len(content) > MAX_BYTES:
            raise UsageError(f"--given: {name} is larger than {MAX_BYTES} bytes")
        return content.decode("utf-8-sig")
    except FileNotFoundError:
        raise UsageError(f"--given: '{name}' is neither a JSON object such as {{\"m\": 4}} nor a file") from None
    except OSError as error:
        raise UsageError(f"--given: {name[:80]} cannot be read: {error.strerror}") from error
    except ValueError:  # not UTF-8, or a NUL in the name
        raise UsageError(f"--given: {name} is not a text in UTF-8") from None


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for name, value in pairs:
        if name in found:
            raise UsageError(f"--given: '{name}' is given twice")
        found[name] = value
    return found


def _no_constant(name: str) -> NoReturn:
    raise UsageError(f'--given: {name} is not a number here; give an exact one such as 2, 0.5 or "1/3"')
