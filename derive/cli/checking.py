"""derive check PROBLEM STATEMENT: is it true? And many at once, a row each."""

from __future__ import annotations

import gc
from pathlib import Path

import click

from derive.errors import UsageError


@click.command("check", short_help="Judge a statement about a problem.")
@click.argument("problem", required=False)
@click.argument("statement", required=False)
@click.option("--given", metavar="JSON|FILE", help="Sizes and numbers of the instance.")
@click.option("--part", metavar="ID", default="", help="The part that a bare expression answers.")
@click.option("--batch", metavar="FILE", type=click.Path(path_type=Path), help="Rows {id, problem, statement, ...}.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(
    problem: str | None, statement: str | None, given: str | None, part: str, batch: Path | None, as_json: bool
) -> int:
    """Is STATEMENT true in PROBLEM: proved, refuted with a counterexample, or neither, said plainly.

    STATEMENT is LaTeX or plain text, such as 'dgamma = sum(dy[i]*xhat[i], i)'.
    """
    gc.disable()  # a short run
    from derive.cli.batch import judged_rows, need, printed

    if batch is not None:
        from derive.checking import check

        def one(row: dict[str, object]) -> object:
            given = row.get("given")
            if not isinstance(given, dict | None):
                raise UsageError("the row's 'given' is an object such as {\"m\": 4}")
            part = need(row, "part") if "part" in row else ""
            return check(need(row, "problem"), need(row, "statement"), given=given, part=part).as_json()

        return judged_rows(batch, one)
    if problem is None or statement is None:
        raise UsageError("check takes a problem and a statement, or --batch FILE. An example:"
                               " derive check bn_backward 'dbeta = sum(dy[i], i)'")  # fmt: skip
    from derive import catalogue
    from derive.checking import check
    from derive.cli.given import read_given
    from derive.cli.group import COMMANDS

    subject = catalogue.load(problem, COMMANDS)
    return printed(check(subject, statement, given=read_given(subject, given), part=part), statement, as_json)
