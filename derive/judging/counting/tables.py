r"""Rows of a table of layers, and the way of a shape through a network: 28x28x1 -> 28x28x6 -> 14x14x6."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

from msgspec.structs import replace

from derive.algebra.whole import as_expression, whole
from derive.engines.ledger import Row, ledger
from derive.engines.shapes import Flow
from derive.errors import AnswerError
from derive.judging.counting.answers import letters_of
from derive.judging.counting.outcomes import all_of
from derive.judging.counting.places import program_of
from derive.judging.counting.values import same
from derive.judging.counting.words import layers_named, phrase_of
from derive.judging.subject import Subject
from derive.language.answers import Shape
from derive.language.expression import ONE, Expr
from derive.language.judgement import Judgement
from derive.language.layer import Convolution, Linear, Pooling
from derive.reading.answer_text import Piece
from derive.reading.answers import Values
from derive.rendering.formula import latex

Sizes: TypeAlias = tuple[Expr, ...]
Judge: TypeAlias = Callable[[str], Judgement | None]


def sizes_of(subject: Subject, cell: str) -> Sizes | None:
    """28x28x6, (6, 28, 28) or one number; None where a cell is none of these."""
    for grouped in (False, True):
        try:
            values = Values(Piece(cell, 0), cell, letters_of(subject), grouped=grouped)
            return (values.number(),) if grouped else values.shape()
        except AnswerError:
            continue
    return None


# -- a row of a table ------------------------------------------------------------------------------------------------


def judge_row(subject: Subject, cells: list[str], judge: Judge) -> Judgement | None:
    """Conv | 6 | 5x5 | 1 | 2 | 28x28x6: the layer that is described, and what comes out; None where it is no such row.

    `judge` judges one statement. The row is about a layer that has all the numbers of the description.
    """
    filled = [cell for cell in cells if cell.strip("-–— ")]
    phrase = phrase_of(subject, filled[0]) if filled else None
    if phrase is None or len(filled) < 2 or phrase.what or phrase.where:
        return None
    sizes = [sizes_of(subject, cell) for cell in filled[1:]]
    if None in sizes:
        return None
    found: list[Judgement] = []
    for network in program_of(subject).networks.values():
        names = {layer.name for layer in layers_named(network, phrase)}
        for row in ledger(network):
            if row.layer.name not in names or (found_ := _of_layer(row, filled[1:], sizes, judge)) is None:
                continue
            found.append(found_)
    for verdict in ("proved", "depends", "refuted"):
        for one in found:
            if one.verdict == verdict:
                return one
    return None


def _of_layer(row: Row, cells: list[str], sizes: list[Sizes | None], judge: Judge) -> Judgement | None:
    """The cells that describe no layer are what comes out of this one; None where another layer is described."""
    own, ends = list(_described(row)), list[str]()
    for cell, size in zip(cells[:-1], sizes, strict=False):
        if size in own:
            own.remove(size)  # each of its numbers stands in one column
        elif size is None or len(size) < 3:
            return None
        else:
            ends.append(cell)
    judged = [judge(f"{row.layer.name}: {cell}") for cell in (*ends, cells[-1])]
    found = all_of([one for one in judged if one is not None]) if None not in judged and judged else None
    number = sizes[-1] is not None and len(sizes[-1]) == 1  # which may be a count of the layer, or a size
    return None if found is not None and found.verdict == "refuted" and number else found


def _described(row: Row) -> Iterator[Sizes]:
    """The numbers of a layer, as a table has them."""
    layer = row.layer
    if isinstance(layer, Convolution | Pooling):
        kernel = layer.kernel if isinstance(layer.kernel, tuple) else (layer.kernel,) * len(row.into.spatial)
        yield tuple(as_expression(whole(one)) for one in kernel)
        for field in ("kernel", "stride", "padding"):  # a kernel is written 5x5 or 5
            value = getattr(layer, field)
            if not isinstance(value, tuple | str) and value is not None:
                yield (as_expression(whole(value)),)
    if isinstance(layer, Convolution | Linear):
        yield (as_expression(whole(row.out.channels)),)


# -- a walk through a network ----------------------------------------------------------------------------------------


def judge_walk(subject: Subject, cells: list[str], judge: Judge) -> Judgement | None:
    """Shape after shape, from the input on or behind the first layer; None where a cell is no shape."""
    found = [sizes_of(subject, cell) for cell in cells]
    if len(found) < 3 or None in found or len(program_of(subject).networks) > 1:
        return None
    said = [one for one in found if one is not None]
    rows = ledger(program_of(subject).network(""))
    read_as = r" \to ".join(latex(Shape(one)) for one in said)
    starts = [-1] if same_flow(said[0], rows[0].into) else [0] if same_flow(said[0], rows[0].out) else []
    for at in starts:
        for cell, one in zip(cells[1:], said[1:], strict=True):
            ahead = list(_next(rows, at))
            here = next((place for place in ahead if same_flow(one, rows[place].out)), None)
            if here is None and any(same_flow(one, row.out) for row in rows[at + 1 :]):
                return None  # a layer is left out
            if here is None:
                wrong = judge(f"{rows[ahead[-1]].layer.name}: {cell}") if ahead else None
                return replace(wrong, link=latex(Shape(one))) if wrong and wrong.verdict == "refuted" else None
            at = here
        return Judgement("proved", "the sizes of the problem", read_as, "from layer to layer")
    return None


def _next(rows: tuple[Row, ...], at: int) -> Iterator[int]:
    """The rows behind one, up to the first that has weights or a window; what only flattens may be left out."""
    for place in range(at + 1, len(rows)):
        yield place
        if isinstance(rows[place].layer, Convolution | Linear | Pooling):
            return


def same_flow(said: Sizes, flow: Flow) -> bool:
    """In either layout, and with axes of size 1 or without."""
    channels, spatial = as_expression(flow.channels), tuple(map(as_expression, flow.spatial))
    bare = tuple(size for size in said if size != ONE)
    return any(same(Shape(bare), Shape(tuple(size for size in way if size != ONE)))
               for way in ((*spatial, channels), (channels, *spatial)))  # fmt: skip
