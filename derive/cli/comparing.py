"""derive compare GOLD ANSWER: the same without a problem."""

from __future__ import annotations

import gc
from pathlib import Path

import click

from derive.errors import UsageError


@click.command("compare", short_help="Judge an answer by another one.")
@click.argument("gold", required=False)
@click.argument("answer", required=False)
@click.option("--batch", metavar="FILE", type=click.Path(path_type=Path), help="Rows {id, gold, answer}.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(gold: str | None, answer: str | None, batch: Path | None, as_json: bool) -> int:
    """Is ANSWER the same as GOLD for every value of its names?"""
    gc.disable()
    from derive.cli.batch import judged_rows, need, printed

    if batch is not None:
        from derive.checking import compare

        return judged_rows(batch, lambda row: compare(need(row, "gold"), need(row, "answer")).as_json())
    if gold is None or answer is None:
        raise UsageError("compare takes a gold answer and another one, or --batch FILE")
    from derive.checking import compare

    return printed(compare(gold, answer), answer, as_json)
