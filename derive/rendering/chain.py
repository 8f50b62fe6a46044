"""A chain of linear layers as matrices: each with its shape, and how they are multiplied."""

from __future__ import annotations

from derive.language.counting import Count, Counting
from derive.language.expression import Expr, expression
from derive.language.layer import Activation, Linear, Network, Size
from derive.language.notation import Name
from derive.language.tensor import Tensor
from derive.rendering.context import Context, name
from derive.rendering.document import Block, Cell, Figure, Label, Math, Paragraph, Strong, Text

WIDE, TALL, GAP = 21.0, 11.0, 7.0
FUNCTIONS = {"relu": "ReLU", "logistic": "σ"}
PACKING = (
    " The free index of an entry is its row or its column; the index that is summed over joins the columns of the left"
    " factor with the rows of the right one."
)
CAPTION = (
    "Each factor with its rows × columns, weights grey: the columns of one are the rows of the next, and what is left"
    " is rows of X and columns of the last weight."
)


def _network(context: Context) -> Network | None:
    """The network of which the problem asks for one formula."""
    program = context.problem.program
    assert isinstance(program, Counting)
    asked = [p.question.wants for p in context.parts if isinstance(p.question.wants, Count)]
    wanted = next((wants for wants in asked if wants.what == "map"), None)
    return None if wanted is None else program.network(wanted.network)


def _letter(base: str, layer: Linear) -> Text:
    return (name(Tensor(Name(base, sub=(layer.name,)))),)


def matrix_form(context: Context) -> list[Block]:
    """Y = ReLU(ReLU(X W_h + b_h) W_o + b_o), and how entries are packed."""
    network = _network(context)
    if network is None:
        return []
    text: Text = (name(Tensor(Name("X"))),)
    for layer in network.layers:
        if isinstance(layer, Linear):
            text = (*text, " ", *_letter("W", layer), *((" + ", *_letter("b", layer)) if layer.bias else ()))
        elif isinstance(layer, Activation):
            text = (f"{FUNCTIONS.get(layer.function, layer.function)}(", *text, ")")
    return [Paragraph((Strong("In matrices. "), name(Tensor(Name("Y"))), " = ", *text, ".", PACKING))]


def _size(size: Size) -> Expr:
    return expression(size)


def chain_figure(context: Context) -> list[Block]:
    """X, the weights and Y as boxes with rows × columns; inner sizes stand side by side."""
    network = _network(context)
    if network is None:
        return []
    boxes: list[tuple[Text, Expr, Expr]] = [
        ((name(Tensor(Name("X"))),), _size(network.batch), _size(network.input.channels))
    ]
    columns = network.input.channels
    for layer in network.layers:
        if isinstance(layer, Linear):
            boxes.append((_letter("W", layer), _size(columns), _size(layer.units)))
            columns = layer.units
    boxes.append(((name(Tensor(Name("Y"))),), _size(network.batch), _size(columns)))
    cells, labels = [], []
    for n, (what, rows, width) in enumerate(boxes):
        x = 1 + n * (WIDE + GAP)
        cells.append(Cell(x, 1, WIDE, TALL, what, "shaded" if 0 < n < len(boxes) - 1 else "plain"))
        labels.append(Label(x + WIDE / 2, TALL + 4, (Math((rows,)), " × ", Math((width,)))))
        if n:
            labels.append(Label(x - GAP / 2, 1 + TALL / 2, ("→" if n == len(boxes) - 1 else "·",)))
    caption: Text = (CAPTION,)
    told = "; ".join(f"{rows!r} by {width!r}" for _, rows, width in boxes)
    return [Figure(2 + len(boxes) * (WIDE + GAP) - GAP, TALL + 7, (), (), tuple(labels), caption,
                   f"A row of matrices: {told}.", cells=tuple(cells))]  # fmt: skip
