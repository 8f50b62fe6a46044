"""Paired bars: what share of a network's parameters and of its multiply-adds each layer has."""

from __future__ import annotations

from fractions import Fraction
from math import prod

from derive.language.answers import Shape
from derive.language.counting import Counting
from derive.language.derivation import Entry
from derive.language.expression import Number
from derive.rendering.context import Context
from derive.rendering.document import Block, Cell, Figure, Fill, Label, Text

LEFT, FULL = 34.0, 92.0
BAR, STEP, PANEL = 3.2, 9.0, 9.0
PAIR: tuple[tuple[str, str, Fill], ...] = (("params", "parameters", "rising"), ("madds", "multiply-adds", "shaded"))
VALUES: tuple[tuple[str, str, Fill], ...] = (("values", "values", "rising"),)


def bars_figure(context: Context) -> list[Block]:
    """Of what was counted in numbers; where nothing was, of the values that each layer gives."""
    program = context.problem.program
    assert isinstance(program, Counting)
    cells: list[Cell] = []
    labels: list[Label] = []
    y, told = 0.0, []
    kinds = _kinds(context.report.derivation.entries)
    for key, network in program.networks.items():
        own = [e for e in context.report.derivation.entries if e.network == key]
        entries = [e for e in own if e.weighted or kinds == VALUES]
        totals = {what: sum(filter(None, (_number(e, what) for e in entries))) for what, _, _ in kinds}
        if not kinds or not all(totals.values()):
            continue
        if len(program.networks) > 1:
            labels.append(Label(LEFT + FULL / 2, y + 2.5, (network.title or key,)))
            y += 6
        for entry in entries:
            labels.append(Label(LEFT / 2 - 2, y + BAR, (_called(entry),)))
            for k, (what, word, fill) in enumerate(kinds):
                share = Fraction(_number(entry, what) or 0, totals[what])
                wide = max(0.15, round(float(share) * FULL, 2))
                cells.append(Cell(LEFT, round(y + k * BAR, 2), wide, BAR, (), fill))
                labels.append(Label(round(LEFT + wide + 8, 2), round(y + (k + 0.5) * BAR, 2), (_percent(share),)))
                told.append(f"{_called(entry)}: {_percent(share)} of the {word}")
            y += STEP
        y += PANEL - STEP / 2
    if not cells:
        return []
    legend = [Cell(LEFT + k * 45, y, 5, BAR, (), fill) for k, (_, _, fill) in enumerate(kinds)]
    labels += [Label(LEFT + k * 45 + 20, y + BAR / 2, (word,)) for k, (_, word, _) in enumerate(kinds)]
    words = " and ".join(word for _, word, _ in kinds)
    caption: Text = (f"The share of each layer in all {words} of its network, in percent.",)
    return [Figure(LEFT + FULL + 18, y + BAR + 1, (), (), tuple(labels), caption, "; ".join(told) + ".",
                   cells=(*cells, *legend))]  # fmt: skip


def _called(entry: Entry) -> str:
    return entry.name or (entry.inside[-1] if entry.inside else entry.what)


def _kinds(entries: tuple[Entry, ...]) -> tuple[tuple[str, str, Fill], ...]:
    """Parameters and multiply-adds, or what stands in place of these."""
    counted = set(entries[0].counts) if entries else set()
    found = [(what, word, fill) for what, word, fill in PAIR if what in counted]
    return tuple(found) or VALUES


def _number(entry: Entry, what: str) -> int | None:
    if what == "values":
        assert isinstance(entry.out, Shape)
        sizes = [size.value for size in entry.out.sizes if isinstance(size, Number)]
        return int(prod(sizes)) if len(sizes) == len(entry.out.sizes) else None
    count = entry.counts.get(what)
    return int(count.value) if isinstance(count, Number) else None


def _percent(share: Fraction) -> str:
    """One digit after the point, rounded half up."""
    tenths = (share * 2000 + 1) // 2
    return f"{tenths // 10}.{tenths % 10} %"
