"""A solved problem as lines: a part each with its verdict and equation, then the files written."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from derive.pipeline import Solved, SolvedPart


def print_solved(solved: Solved) -> None:
    """In colour on a terminal, in plain text elsewhere."""
    width = max((len(part.id) for part in solved.parts), default=0)
    if sys.stdout is not None and sys.stdout.isatty():
        _in_colour(solved, width)
        return
    for part in solved.parts:
        print(_line(part, width))
    for file in solved.files:
        print(f"wrote {file}")


def _line(part: SolvedPart, width: int) -> str:
    return f"{part.id:<{width}}  {part.verdict} ({part.scope})  {part.text}"


def _in_colour(solved: Solved, width: int) -> None:
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False, soft_wrap=True)
    for part in solved.parts:
        console.print(
            Text.assemble(
                (f"{part.id:<{width}}", "bold"),
                "  ",
                (part.verdict, "green"),
                (f" ({part.scope})", "dim"),
                f"  {part.text}",
            )
        )
    for file in solved.files:
        console.print(Text.assemble("wrote ", (file, "bold")))
