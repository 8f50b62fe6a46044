"""derive sheet PROBLEM: an empty answer sheet to hand out."""

from __future__ import annotations

from pathlib import Path

import click

from derive.errors import UsageError

KINDS = ("md", "yaml", "json", "tex", "ipynb", "sty", "nbgrader", "otter")


@click.command("sheet", short_help="Write an empty answer sheet.")
@click.argument("problem")
@click.option(
    "--format",
    "kind",
    type=click.Choice(KINDS),
    default="md",
    help="Kind of sheet; sty: the LaTeX style; nbgrader, otter: a notebook with tests.",
)
@click.option("-o", "out", metavar="FILE", type=click.Path(path_type=Path), help="Where to write it.")
def command(problem: str, kind: str, out: Path | None) -> None:
    """Write a sheet with the parts of PROBLEM, for students to fill in and `derive grade` to read."""
    from derive import catalogue
    from derive.cli.group import COMMANDS
    from derive.grading.blank import blank

    subject = catalogue.load(problem, COMMANDS)
    if kind == "sty":
        style = Path(__file__).parents[1] / "grading" / "derive-answers.sty"
        write(style.read_text(encoding="utf-8"), out)
    elif kind in ("nbgrader", "otter"):
        from derive.grading.handouts import handout

        write(handout(subject, kind), out)
    else:
        write(blank(subject, kind), out)


def write(text: str, out: Path | None) -> None:
    """To a file, or on standard output."""
    if out is None:
        click.echo(text, nl=False)
        return
    try:
        out.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        raise UsageError(f"{out} cannot be written: {error.strerror}") from error
