"""The entry of the command line: runs a command and turns every error into one line and an exit status."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import NoReturn

import click

from derive.cli.group import Commands
from derive.cli.output import print_error
from derive.errors import DeriveError

OURS = 5
INTERRUPTED = 130


def _print_version(context: click.Context, parameter: click.Parameter, asked: bool) -> None:
    if asked:
        from derive import __version__

        click.echo(f"derive {__version__}")
        context.exit()


@click.command(cls=Commands, name="derive", context_settings={"help_option_names": ["--help", "-h"]})
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_print_version, help="Show the version."
)
def derive() -> None:
    """Work out every answer of a problem for all sizes, prove each line, and print the solution.

    PROBLEM is the id of a built-in problem (see `derive list`) or the path of a problem file.
    """


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run one command and exit: 0 fine, 1 refuted, 2 usage, 3 unreadable, 4 undecided, 5 a fault of ours."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    sys.exit(run(words))


def run(words: list[str]) -> int:
    """The exit status of one command."""
    as_json = "--json" in words
    try:
        return _status(derive.main(words, prog_name="derive", standalone_mode=False))
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        return 2
    except click.ClickException as error:
        return print_error(error.format_message(), 2, as_json)
    except DeriveError as error:
        return print_error(str(error), error.exit_status, as_json)
    except (click.Abort, KeyboardInterrupt):
        return print_error("interrupted; nothing half-written is left", INTERRUPTED, as_json=False)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # so that closing it stays silent
        return 0
    except Exception as error:
        if os.environ.get("DERIVE_TRACEBACK"):
            raise
        text = " ".join(f"{type(error).__name__}: {error}".split())
        return print_error(f"a fault of ours, not of your input: {text}. DERIVE_TRACEBACK=1 shows where", OURS, as_json)


def _status(result: object) -> int:
    return result if isinstance(result, int) else 0
