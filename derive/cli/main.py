"""The entry of the command line: runs a command and turns every error into one line and an exit status."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

import click

from derive.cli.group import Commands
from derive.cli.output import INTERRUPTED, print_error, silence_output
from derive.errors import DeriveError, NotProvedError

OURS = 5


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
        status = _status(derive.main(words, prog_name="derive", standalone_mode=False))
        if sys.stdout is not None:
            sys.stdout.flush()  # here, where a closed pipe or a full disk is still told in one line
        return status
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        return 2
    except click.UsageError as error:
        message = error.format_message()
        told = any(remedy in message for remedy in ("Did you mean", "There are", "is needed"))
        return print_error(message if told else f"{message.rstrip('.')}. See: derive --help", 2, as_json)
    except DeriveError as error:
        return print_error(str(error), error.exit_status, as_json, _more(error))
    except (click.Abort, KeyboardInterrupt):
        return print_error("interrupted; nothing half-written is left", INTERRUPTED, as_json)
    except (BrokenPipeError, SystemExit):  # click turns the first into the second
        silence_output()
        return 0
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            return _ours(error, as_json)
        if not as_json:
            silence_output()  # it may be what is full
        return print_error("a disk is full; make room where the output and temporary files go", 2, as_json)
    except Exception as error:
        return _ours(error, as_json)


def _ours(error: Exception, as_json: bool) -> int:
    if os.environ.get("DERIVE_TRACEBACK"):
        raise error
    text = " ".join(f"{type(error).__name__}: {error}".split())[:300]
    return print_error(f"a fault of ours, not of your input: {text}. DERIVE_TRACEBACK=1 shows where", OURS, as_json)


def _more(error: DeriveError) -> dict[str, object]:
    """What an error says besides its message: the counterexample, with the free indices among the values."""
    found = error.counterexample if isinstance(error, NotProvedError) else None
    if found is None:
        return {}
    values = {**found.where, **found.values}
    return {"counterexample": {"sizes": found.sizes, "values": values, "left": found.left, "right": found.right}}


def _status(result: object) -> int:
    return result if isinstance(result, int) else 0
