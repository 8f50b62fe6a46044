"""derive PROBLEM: derive, verify, print."""

from __future__ import annotations

import gc
from pathlib import Path

import click

FORMATS = ("tex", "pdf", "typ")
ORACLES = ("unrolled", "differences", "pytorch")


def _several(known: tuple[str, ...], what: str) -> click.ParamType[tuple[str, ...]]:
    """A type for 'tex,pdf': names out of a known few, in their own order."""

    class Several(click.ParamType[tuple[str, ...]]):
        name = what

        def convert(
            self, value: str | tuple[str, ...], param: click.Parameter | None, ctx: click.Context | None
        ) -> tuple[str, ...]:
            if isinstance(value, tuple):
                return value
            words = [word.strip() for word in value.split(",") if word.strip()]
            for word in words:
                if word not in known:
                    from derive.language.near import did_you_mean

                    near = did_you_mean(word, known, f". There are {', '.join(known)}.")
                    self.fail(f"'{word}' is no {what}{near}", param, ctx)
            if not words:
                self.fail(f"at least one {what} is needed: {', '.join(known)}", param, ctx)
            return tuple(name for name in known if name in words)

    return Several()


class Solving(click.Command):
    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        return ["[OPTIONS]"]  # the problem stands where another command has its name


@click.command("PROBLEM", cls=Solving, short_help="Solve a problem.")
@click.argument("problem")
@click.option("--given", metavar="JSON|FILE", help="""Sizes and numbers of the instance, such as '{"m": 4}'.""")
@click.option(
    "--out", metavar="DIR", type=click.Path(path_type=Path), default=Path("out"), help="Where to write [out]."
)
@click.option(
    "--format",
    "formats",
    metavar="LIST",
    type=_several(FORMATS, "format"),
    default=("tex", "pdf"),
    help=f"Which files, of {','.join(FORMATS)} [tex,pdf].",
)
@click.option(
    "--engine", type=click.Choice(["typst", "latex"]), default="typst", help="What makes the PDF [typst, embedded]."
)
@click.option(
    "--oracles",
    metavar="LIST",
    type=_several(ORACLES, "oracle"),
    default=("unrolled", "differences"),
    help=f"Which independent checks, of {','.join(ORACLES)} [unrolled,differences].",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(
    problem: str,
    given: str | None,
    out: Path,
    formats: tuple[str, ...],
    engine: str,
    oracles: tuple[str, ...],
    as_json: bool,
) -> None:
    """Derive every part of PROBLEM, verify each line, and write the document."""
    gc.disable()  # one problem, then the process ends: collecting garbage would cost a tenth of the time
    from derive import catalogue
    from derive.cli.given import read_given
    from derive.cli.group import COMMANDS
    from derive.cli.progress import Progress

    subject = catalogue.load(problem, COMMANDS)
    checked = read_given(subject, given)
    from derive.pipeline import solve

    with Progress() as progress:
        solved = solve(subject, checked, out, formats, engine, oracles, tell=progress.stage, apart=True)
    if as_json:
        from derive.cli.output import print_json

        print_json(solved.as_json())
    else:
        from derive.cli.terminal import print_solved

        print_solved(solved)
