"""What goes where: one JSON object on standard output, every message on standard error."""

from __future__ import annotations

import json
from collections.abc import Mapping

import click


def print_json(data: object) -> None:
    """One object, on one line."""
    click.echo(json.dumps(data, ensure_ascii=False))


def print_error(message: str, status: int, as_json: bool, more: Mapping[str, object] | None = None) -> int:
    """One line on standard error; with --json an object that says the same."""
    line = " ".join(message.split())
    click.echo(f"derive: {line}", err=True)
    if as_json:
        print_json({"error": {"message": line, **(more or {})}})
    return status
