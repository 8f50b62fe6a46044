"""The dependency map of S1, and S3: what it says of each route, direct against total, and over which axes sums run."""

from __future__ import annotations

from itertools import pairwise

from msgspec.structs import replace

from derive.algebra.decimals import DIGITS
from derive.algebra.instance import Instance
from derive.language.deep import DeepNetwork
from derive.language.derivation import Step
from derive.language.expression import Direct, Expr, Index, Mul, Number, Read, add, mul
from derive.language.notation import Name, PartialName
from derive.language.plain import plain
from derive.language.program import Program
from derive.language.question import Gradient
from derive.language.tensor import Tensor, d
from derive.rendering.context import Context, joined, name, shape
from derive.rendering.document import Block, Display, Figure, Heading, Math, Paragraph, Strong, Table, Text, Values
from derive.rendering.figure import Card, draw
from derive.rendering.graph import Graph, graph_of, ladder_of
from derive.rendering.markup import TYPST
from derive.rendering.matrix import outer_of
from derive.rendering.plot import bounds_plot
from derive.rendering.printing import Printer, as_it_came, is_exact
from derive.rendering.reductions import reductions_figure
from derive.rendering.sparsity import matrix_pictures
from derive.rendering.units import units_picture

LONGEST = 26  # letters of a value in a pill
CROWDED = 7  # so many nodes in a line have room for letters and shapes alone
SCRIPTS = str.maketrans("", "", "_{}")  # what takes no room in print
PILL = 11.5  # height in millimetres: three lines and a rule


def dependencies(context: Context) -> Figure:
    graph = _graph(context)
    room = LONGEST if len(graph.spine) < CROWDED else 0
    cards = {key: _card(context, tensor, room) for key, tensor in graph.tensors.items()}
    return draw(graph, cards, _caption(context, graph), _alt(graph), context.problem.program.differentiated)


def _graph(context: Context) -> Graph:
    program = context.problem.program
    assert isinstance(program, Program)
    asked = {p.question.wants.by.key for p in context.parts if isinstance(p.question.wants, Gradient)}
    if isinstance(program, DeepNetwork):
        return ladder_of(program, asked)
    return graph_of(program, asked)


def _card(context: Context, tensor: Tensor, room: int) -> Card:
    loss = context.problem.program.loss
    value, slope = _short(context.value(tensor.key), room), d(loss, tensor)
    over: list[Text] = [(name(tensor), ": ", *shape(tensor))] if room else [(name(tensor),), shape(tensor)]
    if value is not None:
        over.append((value,))
    slope_value = _short(context.value(slope.key), room)
    is_loss = tensor.key == loss.key
    no_slope = is_loss or not context.problem.program.differentiated
    under: tuple[Text, ...] = (
        () if no_slope or not room else ((name(slope), *((" = ", slope_value) if slope_value else ())),)
    )
    named, sized = tensor.key, " × ".join(map(plain, tensor.shape)) or "scalar"
    said = f"{named}: {sized}" if room else max(sized, named, key=len).translate(SCRIPTS)
    letters = max(9 if room else 5, len(said), len(_plain(value)) + 1, len(_plain(slope_value)) + 11)
    return Card(
        tuple(over),
        under,
        max(14.5, 4 + 1.38 * len(_plain(value))) if is_loss else 5 + 1.38 * letters,
        PILL if room and not is_loss else 6.5 if room else 8.5,
        is_loss,
    )


def _short(value: Values | None, room: int) -> Values | None:
    """A value that fits a pill; longer ones stand in S7.1 alone."""
    return value if len(_plain(value)) <= room else None


def _plain(value: object) -> str:
    if not isinstance(value, Values):
        return ""
    return Printer(TYPST).values(value).replace("\\/", "/").replace(", ", ",") if is_exact(value) else as_it_came(value)


def _caption(context: Context, graph: Graph) -> Text:
    """Generated from the graph, so it cannot disagree with the drawing."""
    back = context.problem.program.differentiated
    gradients = " (solid), gradients to the left (dashed)" if back else ""
    out: list[Text] = [(f"Values flow to the right{gradients}; a bar marks a sum over terms.",)]
    routes = graph.routes()
    if back and len(routes) > 1:
        first = graph.tensors[graph.spine[0]]
        listed: list[Text] = [
            (
                f"({k}) ",
                *(("directly to ",) if graph.places[key].level == 0 else ("through ",)),
                name(graph.tensors[key]),
            )
            for k, (_, key) in enumerate(routes, 1)
        ]
        count = {2: "Two", 3: "Three", 4: "Four"}.get(len(routes), str(len(routes)))
        step = _step_of(context, first)
        cited = (f" Line {step} has one term for each.",) if step else ()
        out.append((f"{count} routes leave ", name(first), ": ", *joined(listed), ".", *cited))
    if context.report.worked:
        out.append(("Numbers: S7.1.",))
    return joined(out, " ")


def _step_of(context: Context, tensor: Tensor) -> str:
    for part in context.parts:
        wants = part.question.wants
        if isinstance(wants, Gradient) and wants.by.key == tensor.key and part.steps:
            return part.steps[0].label
    return ""


def _alt(graph: Graph) -> str:
    """The drawing in words, for those who do not see it."""
    edges = "; ".join(
        f"{e.source} to {e.target}"
        + (" (summed forward)" if e.summed else "")
        + (" (summed backward)" if e.spread else "")
        for e in graph.edges
    )
    return f"Computational graph. Main line: {', '.join(graph.spine)}. Edges: {edges}."


def picture_section(context: Context) -> list[Block]:
    """The routes of the figure as products of direct derivatives: what the derivation will add up."""
    graph = _graph(context)
    routes = _routes(context, graph) if context.problem.program.differentiated else []
    blocks = [*routes, *_direct_against_total(context, graph), *reductions_figure(context)]
    matrices, plots = matrix_pictures(context), bounds_plot(context)
    title = "one term for each route" if blocks else "the matrix, and its transpose at work"
    title = "what is bounded, and by how much" if plots and not blocks else title
    units = units_picture(context)
    title = "the network unit by unit" if units and not blocks else title
    blocks += [*matrices, *plots, *units]
    return [Heading((f"Picture: {title}",), "S3"), *blocks] if blocks else []


def _routes(context: Context, graph: Graph) -> list[Block]:
    routes = graph.routes()
    if len(routes) < 2:
        return []
    first = graph.tensors[graph.spine[0]]
    rows = [
        ((f"({number})",), *_route(context, graph.tensors[key], first)) for number, (_, key) in enumerate(routes, 1)
    ]
    text: Text = (
        "Each way out of ",
        name(first),
        " in the figure is one term of its gradient: the total derivative at its end times the direct one along it.",
    )
    header: tuple[Text, ...] = (("route",), ("edge",), ("term",), ("direct derivative",), ("line",))
    return [Paragraph(text, leads=True), Table(header, tuple(rows), "llllp")]


def _route(context: Context, target: Tensor, first: Tensor) -> tuple[Text, ...]:
    """Edge, term, direct derivative and the line that works it out."""
    direct = Direct(target.entry(), first.entry(), context.problem.held(target, first))
    term = Math((mul(d(context.problem.program.loss, target).entry(), direct),), full=True)
    step = _worked_out(context, target, first)
    shown: Text = (Math((direct, step.after), full=True),) if step else ("–",)
    return (name(first), " → ", name(target)), (term,), shown, (step.label if step else "",)


def _worked_out(context: Context, of: Tensor, by: Tensor) -> Step | None:
    """The line that finds the direct derivative along an edge, its two indices tied where both have one."""
    for part in context.parts:
        for step in part.steps:
            left = step.left
            if isinstance(left, Direct) and (left.of, left.by) == (of.entry(), by.entry()):
                return step
    return None


def _direct_against_total(context: Context, graph: Graph) -> list[Block]:
    """Route (1) alone against everything that follows, where a matrix form shows the total derivative."""
    problem = context.problem
    along = [_worked_out(context, graph.tensors[b], graph.tensors[a]) for a, b in pairwise(graph.spine[:-1])]
    first = graph.tensors[graph.spine[0]]
    for remark in problem.remarks:
        outer = outer_of(remark.left, remark.right)
        if outer is None or remark.left != d(problem.program.loss, first).entry() or not all(along):
            continue
        direct = mul(*(step.after for step in reversed(along) if step))
        total = mul(outer.scale, add(*(_diagonal(term, first.axes[0]) for term in outer.terms)))
        fixed = tuple(graph.tensors[key] for _, key in graph.routes()[1:])
        last = graph.tensors[graph.spine[-2]]
        text: Text = (
            Strong("Direct is not total. "), "The rate at which ", Math((last.entry(),)), " follows ",
            Math((first.entry(),)), ": on the left with ", *joined([(name(t),) for t in fixed], last=" and "),
            " held, on the right once they follow too, the diagonal of the matrix in S6",
            *_in_numbers(context, direct, total, first.axes[0]), ".",
        )  # fmt: skip
        rates = (Math((Direct(last.entry(), first.entry(), fixed), direct)), Math((_total(last, first), total)))
        return [Paragraph(text, leads=True), Display(rates)]
    return []


def _total(of: Tensor, by: Tensor) -> Expr:
    """d of_i / d by_i, for print alone: both indices stand in the name."""
    assert isinstance(of.name, Name)
    assert isinstance(by.name, Name)
    indices = tuple(axis.name for axis in of.axes)
    return Tensor(PartialName(replace(of.name, sub=(*of.name.sub, *indices)), by.name), by.axes).entry()


def _diagonal(term: tuple[Expr, tuple[Tensor | None, Tensor | None] | None], index: Index) -> Expr:
    """c delta_ii = c, and c a_i b_i."""
    coefficient, pair = term
    vectors = [Read(tensor, (index,)) for tensor in pair or () if tensor is not None]
    product = vectors[0] ** 2 if len(vectors) == 2 and vectors[0] == vectors[1] else mul(*vectors)
    factors = coefficient.factors if isinstance(coefficient, Mul) else (coefficient,)
    numbers = [factor for factor in factors if isinstance(factor, Number)]
    return mul(*numbers, product, *(factor for factor in factors if not isinstance(factor, Number)))


def _in_numbers(context: Context, direct: Expr, total: Expr, index: Index) -> Text:
    problem = context.problem
    if not problem.instance:
        return ()
    instance = Instance(problem, context.report.derivation.definitions, problem.instance, DIGITS)
    before, after = (str(instance.number(side, {index.name: 1})) for side in (direct, total))
    rates: Text = (Values((before,), scalar=True), " against ", Values((after,), scalar=True))
    return (": ", *rates, " at ", Math((index,)), " = 1 of S7.1")
