"""derive autograder PROBLEM...: a zip that marks submissions on Gradescope."""

from __future__ import annotations

from pathlib import Path

import click

from derive.errors import UsageError


@click.command("autograder", short_help="Write an autograder for Gradescope.")
@click.argument("problems", metavar="PROBLEM...", nargs=-1, required=True)
@click.option("--scheme", metavar="FILE", type=click.Path(path_type=Path), help="Points, conventions, numbers given.")
@click.option("--run-functions", "run", is_flag=True, help="Let it run the functions of sheets in Python.")
@click.option(
    "-o", "out", metavar="FILE", type=click.Path(path_type=Path), default=Path("autograder.zip"), show_default=True,
    help="Where to write it.",
)  # fmt: skip
def command(problems: tuple[str, ...], scheme: Path | None, run: bool, out: Path) -> None:
    """Write a zip to upload to Gradescope: it marks sheets that answer each PROBLEM, with this version of derive."""
    from derive import catalogue
    from derive.cli.grading import scheme_of
    from derive.cli.group import COMMANDS
    from derive.grading.autograder import autograder
    from derive.grading.course import Course
    from derive.grading.scheme import scheme_for

    found = {catalogue.load(problem, COMMANDS).id: problem for problem in problems}
    course = Course([problem for name, problem in found.items() if problem != name])
    data = None if scheme is None else scheme_of(scheme)
    for name in found if scheme is not None else ():
        scheme_for(data, name, course.known(name).parts, "--scheme")
    made = autograder(course, list(found), scheme, run)
    try:
        out.write_bytes(made)
    except OSError as error:
        raise UsageError(f"{out} cannot be written: {error.strerror}") from error
    click.echo(f"wrote {out}", err=True)
