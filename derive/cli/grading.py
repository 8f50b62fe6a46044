"""derive grade SHEET...: points, verdicts and reasons for what students hand in."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from derive.cli.output import INTERRUPTED, print_error
from derive.errors import UsageError

if TYPE_CHECKING:
    from derive.grading.grade import Results
    from derive.grading.many import Judged

FORMATS = ("text", "json", "csv", "gradescope", "junit", "prairielearn")


@click.command("grade", short_help="Mark answer sheets.")
@click.argument("sheets", metavar="SHEET...", nargs=-1, type=click.Path(path_type=Path))
@click.option("--scheme", metavar="FILE", type=click.Path(path_type=Path), help="Points, conventions, numbers given.")
@click.option("--problem", "problems", metavar="FILE", multiple=True, help="A problem file that sheets may answer.")
@click.option(
    "--assigned", metavar="ID", multiple=True, help="A problem that sheets are to answer; others do not count."
)
@click.option("--format", "kind", type=click.Choice(FORMATS), default="text", help="How the marks are written.")
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.option("-o", "out", metavar="FILE", type=click.Path(path_type=Path), help="Where to write them.")
@click.option("--store", metavar="FILE", type=click.Path(path_type=Path), help="Keeps results; a killed run goes on.")
@click.option("--scheduler", metavar="ADDRESS", help="Judge on a Dask cluster, such as tcp://host:8786.")
@click.option("--workers", type=click.IntRange(1, 256), default=None, help="Processes; one a processor by default.")
@click.option("--seconds", type=click.FloatRange(0.1, 3600), default=20.0, help="Processor time for one statement.")
@click.option("--reports", metavar="DIR", type=click.Path(path_type=Path), help="A text and a PDF for each student.")
@click.option("--run-functions", "run", is_flag=True, help="Run the functions of SHEETs in Python, which are programs.")
@click.option("--memory", type=click.IntRange(256, 1_000_000), default=2048, help="Memory of one process, in MB.")
def command(
    sheets: tuple[Path, ...],
    scheme: Path | None,
    problems: tuple[str, ...],
    assigned: tuple[str, ...],
    kind: str,
    as_json: bool,
    out: Path | None,
    store: Path | None,
    scheduler: str | None,
    workers: int | None,
    seconds: float,
    memory: int,
    reports: Path | None,
    run: bool,
) -> int:
    """Mark each SHEET, a file or a folder of them.

    Status 0: all is decided; 4: some answers are left to a person; 3: some sheet could not be read.
    """
    from derive.cli.progress import Progress, Rate
    from derive.cli.sheets import write
    from derive.grading.building import with_assigned
    from derive.grading.course import Course
    from derive.grading.grade import grade
    from derive.grading.limits import Limits
    from derive.grading.many import Judging
    from derive.grading.reading import read_sheets
    from derive.grading.sheet import Sheet
    from derive.grading.store import Store
    from derive.grading.summary import class_text

    if not sheets:
        raise UsageError("grade takes answer sheets or folders of them; `derive sheet PROBLEM` writes an empty one")
    if scheduler is not None and workers is not None:
        raise UsageError("--workers is for this machine; with --scheduler the cluster says how many there are")
    course = Course(problems)
    points = None if scheme is None else scheme_of(scheme)
    limits = Limits(workers or 0, seconds, memory)
    judging: Judging | None = None
    try:
        with Progress() as progress, Store(store) as kept, _judged(scheduler, progress.stage) as judged:
            progress.stage("reading the sheets")
            judging = Judging(kept, limits, judged, Rate(progress.stage, "statements"))
            read = read_sheets(sheets, run)
            if assigned:
                read = [with_assigned(one, assigned) if isinstance(one, Sheet) else one for one in read]
            results = grade(read, course, points, judging, f"--scheme: {scheme}")
            if reports is not None:
                from derive.grading.paper import write_reports

                progress.stage("writing the reports")
                write_reports(results.sheets, course, reports)
    except KeyboardInterrupt:
        return print_error(_interrupted(store, judging.fresh if judging is not None else 0), INTERRUPTED, as_json)
    kind = "json" if as_json else kind
    write(_written(results, kind), out)
    if out is not None and kind != "json" and len(results.sheets) > 1:
        click.echo(class_text(results.sheets, len(results.unreadable)), nl=False)
    for one in results.unreadable:
        click.echo(f"derive: {one.source}: {one.why}", err=True)
    return 3 if results.unreadable else 4 if any(sheet.open for sheet in results.sheets) else 0


@contextmanager
def _judged(scheduler: str | None, stage: Callable[[str], None]) -> Iterator[Judged]:
    """By processes of this machine, or by a cluster."""
    if scheduler is None:
        from derive.grading.pool import judged

        yield judged
        return
    from derive.grading.cluster import Cluster

    stage(f"connecting to {scheduler}")
    with Cluster(scheduler) as cluster:
        yield cluster.judged


def _interrupted(store: Path | None, count: int) -> str:
    if store is None:
        return "interrupted; nothing is kept. With --store FILE a run that is interrupted goes on where it was"
    return f"interrupted; {count} new results are kept, and the same call with --store {store} goes on from there"


def _written(results: Results, kind: str) -> str:
    from derive.grading import adapters, reports

    objects = {"json": reports.as_json, "gradescope": adapters.as_gradescope, "prairielearn": adapters.as_prairielearn}
    if kind in objects:
        return json.dumps(objects[kind](results)) + "\n"
    writers = {"text": reports.as_text, "csv": reports.as_csv, "junit": adapters.as_junit}
    return writers[kind](results)


def scheme_of(file: Path) -> object:
    from derive.grading.reading import text_of
    from derive.grading.structured import decoded_json, decoded_yaml

    try:
        text = text_of(file)
        found = decoded_json(text) if file.suffix == ".json" else decoded_yaml(text)
        if found is None:
            raise UsageError("is empty; it should say what is worth what, such as points: {gamma: 2}")
        return found
    except UsageError as error:
        raise UsageError(f"--scheme: {file}: {error}") from None
