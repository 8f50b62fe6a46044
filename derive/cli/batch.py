"""Rows of a JSON lines file, judged one by one: a row out for each row in, in order, whatever it holds."""

from __future__ import annotations

import gc
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from derive.errors import DeriveError, UsageError

if TYPE_CHECKING:
    from derive.language.judgement import Judgement

MAX_LINE = 1_000_000


def printed(found: Judgement, text: str, as_json: bool) -> int:
    """The judgement on standard output, as an object or as lines; its exit status."""
    if as_json:
        from derive.cli.output import print_json

        print_json(found.as_json())
    else:
        from derive.judging.message import message

        click.echo(message(found, text))
    return found.status


def judged_rows(file: Path, judge: Callable[[dict[str, object]], object]) -> int:
    """One JSON object a line. A row that cannot be judged says why in its `error`; the others go on."""
    from derive.judging.garbage import collect_seldom

    try:
        handle = open(file, encoding="utf-8-sig", errors="strict")  # noqa: SIM115
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}") from error
    collect_seldom()
    gc.enable()
    with handle:
        try:
            for number, line in enumerate(handle, start=1):
                if line.strip():
                    click.echo(json.dumps(_row(line, number, judge)))
        except UnicodeDecodeError:
            raise UsageError(f"{file} is not a text in UTF-8") from None
    return 0


def _row(line: str, number: int, judge: Callable[[dict[str, object]], object]) -> dict[str, object]:
    row: object = None
    try:
        row = json.loads(line[:MAX_LINE])
        if not isinstance(row, dict):
            raise UsageError(f"line {number} is not a JSON object")
        found = judge(row)
        assert isinstance(found, dict)
        return {"id": row.get("id", number), **found}
    except (DeriveError, ValueError, RecursionError) as error:
        name = row.get("id", number) if isinstance(row, dict) else number
        text = str(error) if isinstance(error, DeriveError) else f"line {number} is not JSON: {error}"
        return {"id": name, "verdict": "unreadable", "error": {"message": text, "position": 0, "excerpt": ""}}


def need(row: dict[str, object], key: str) -> str:
    value = row.get(key)
    if not isinstance(value, str):
        raise UsageError(f"the row needs a text '{key}'")
    return value
