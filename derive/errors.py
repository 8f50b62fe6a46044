"""The kinds of error, by who must act.

Every message names the place and the remedy; the command line prints it as one line, without a traceback.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from derive.language.verdict import Counterexample


class DeriveError(Exception):
    """Base of every error this package raises on purpose."""

    exit_status = 5


class UsageError(DeriveError):
    """The caller asked for something that does not exist or cannot be done here."""

    exit_status = 2


class AuthorError(DeriveError):
    """A problem file is wrong: the message names the equation and what to change."""

    exit_status = 2


class NotProvedError(DeriveError):
    """A line of a derivation could not be established; nothing was written.

    `counterexample` is the place where the two sides of the line differ, when one was found: a
    `derive.language.verdict.Counterexample`.
    """

    exit_status = 1

    def __init__(self, message: str, counterexample: Counterexample | None = None) -> None:
        super().__init__(message)
        self.counterexample = counterexample


class AnswerError(DeriveError):
    """A text could not be read completely; `position` is a column counted from zero."""

    exit_status = 3

    def __init__(self, message: str, text: str, position: int) -> None:
        super().__init__(message)
        self.message = message
        self.text = text
        self.position = position

    def __str__(self) -> str:
        return f"column {self.position + 1}: {self.message}"


class UnsupportedError(DeriveError):
    """Well-formed mathematics that no rule handles yet; refused rather than guessed."""

    exit_status = 5


class BudgetError(DeriveError):
    """A bounded computation ran out of steps before it decided."""

    exit_status = 4


class MisfitError(AnswerError):
    """A text is read, and joins arrays whose shapes, `left` and `right`, do not fit: it says nothing that is true."""

    def __init__(self, message: str, text: str, position: int, left: str, right: str, sizes: tuple[str, ...]) -> None:
        super().__init__(message, text, position)
        self.left, self.right, self.sizes = left, right, sizes
