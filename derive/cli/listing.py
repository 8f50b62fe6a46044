"""derive list: the built-in problems."""

from __future__ import annotations

import click

from derive.catalogue import entries


@click.command("list", short_help="List the built-in problems.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(as_json: bool) -> None:
    """List the built-in problems: id and title."""
    found = entries()
    if as_json:
        from derive.cli.output import print_json

        print_json({"problems": [{"id": entry.id, "title": entry.title} for entry in found]})
        return
    width = max((len(entry.id) for entry in found), default=0)
    for entry in found:
        click.echo(f"{entry.id:<{width}}  {entry.title}".rstrip())
