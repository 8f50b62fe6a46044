"""What goes where: one JSON object on standard output, every message on standard error."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Mapping

import click

INTERRUPTED = 130  # exit status


def print_json(data: object) -> None:
    """One object, on one line, in ASCII: the same bytes in every locale."""
    click.echo(json.dumps(data))


def print_error(message: str, status: int, as_json: bool, more: Mapping[str, object] | None = None) -> int:
    """One line on standard error; with --json an object that says the same."""
    line = " ".join(message.split())
    try:
        click.echo(f"derive: {line}", err=True)
        if as_json:
            print_json({"error": {"message": line, **(more or {})}})
    except OSError:  # nobody reads it; the status still says it
        silence_output()
    return status


def silence_output() -> None:
    """Nothing more is written to standard output, so that closing it at the end stays silent too."""
    with contextlib.suppress(AttributeError, OSError, ValueError):  # closed already, or no file
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
