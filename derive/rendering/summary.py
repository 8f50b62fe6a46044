"""S1, the page to read if only one is read; and S3, what its picture says."""

from __future__ import annotations

from derive.language.domain import Integers
from derive.language.expression import Direct, mul
from derive.language.problem import Gradient
from derive.language.tensor import Tensor, d
from derive.rendering.context import Context, equation, given, headline, joined, name, scope, shape, shape_of_left
from derive.rendering.document import (
    Block,
    Bullets,
    Display,
    Figure,
    Heading,
    Math,
    Paragraph,
    ResultBox,
    ResultRow,
    Strong,
    Table,
    Text,
    Values,
)
from derive.rendering.evidence import check_table
from derive.rendering.figure import Card, draw
from derive.rendering.graph import Graph, graph_of
from derive.rendering.markup import TYPST
from derive.rendering.printing import Printer, as_it_came, is_exact

HOW_TO_READ: tuple[Text, ...] = (
    (Strong("In a hurry: "), "this page only; the box and the picture are complete."),
    (Strong("Revising: "), "the boxes and the reasons to the right of each line; every line uses one rule."),
    (Strong("Marking: "), "everything; line numbers such as 1.2 stay the same in every edition."),
    (Strong("✓ "), "marks a line that was recomputed from the program; the table below says how."),
)


def summary_page(context: Context) -> list[Block]:
    problem = context.problem
    program = tuple(Math((equation_.target, equation_.value)) for equation_ in problem.program.equations)
    blocks: list[Block] = [Display(program), Heading(("Claim",), "S1"), claim_box(context)]
    if problem.summary:
        blocks.append(Paragraph((Strong("To remember. "), *context.prose(problem.summary))))
    if problem.intuition:
        blocks.append(Paragraph((Strong("Why it must look so. "), *context.prose(problem.intuition))))
    blocks += [Bullets(HOW_TO_READ), figure_of(context), check_table(context)]
    return blocks


def claim_box(context: Context) -> ResultBox:
    rows = tuple(
        ResultRow(equation(c), shape_of_left(c.claim.left), "", given(context, c.claim.assuming))
        for _, c in headline(context)
    )
    return ResultBox(scope(headline(context)), rows, hypotheses(context))


def hypotheses(context: Context) -> Text:
    """Every size is at least one; and the conditions that every part needs."""
    counts = [t for t in context.problem.program.inputs() if isinstance(t.domain, Integers)]
    texts: list[Text] = [(name(t), f" ≥ {t.domain.lower}") for t in counts if isinstance(t.domain, Integers)]
    texts += [context.prose(condition) for condition in context.problem.conditions]
    return joined(list(dict.fromkeys(texts)))


def picture(context: Context) -> Graph:
    asked = {p.question.wants.by.key for p in context.parts if isinstance(p.question.wants, Gradient)}
    return graph_of(context.problem.program, asked)


def figure_of(context: Context) -> Figure:
    graph = picture(context)
    cards = {key: _card(context, tensor) for key, tensor in graph.tensors.items()}
    return draw(graph, cards, _caption(context, graph), _alt(graph))


def _card(context: Context, tensor: Tensor) -> Card:
    loss = context.problem.program.loss
    value, slope = context.value(tensor.key), d(loss, tensor)
    over: list[Text] = [(name(tensor), ": ", *shape(tensor))]
    if value is not None:
        over.append((value,))
    slope_value = context.value(slope.key)
    is_loss = tensor.key == loss.key
    under: tuple[Text, ...] = () if is_loss else ((name(slope), *((" = ", slope_value) if slope_value else ())),)
    letters = max(9, len(_plain(value)) + 1, len(_plain(slope_value)) + 9)
    return Card(tuple(over), under, 13.0 if is_loss else 5 + 1.38 * letters, 6.5 if is_loss else 13.0, is_loss)


def _plain(value: object) -> str:
    if not isinstance(value, Values):
        return ""
    return Printer(TYPST).values(value).replace("\\/", "/").replace(", ", ",") if is_exact(value) else as_it_came(value)


def _caption(context: Context, graph: Graph) -> Text:
    """Generated from the graph, so it cannot disagree with the drawing."""
    out: list[Text] = [
        ("Values flow to the right (solid), gradients to the left (dashed); a bar marks a sum over terms.",)
    ]
    routes = graph.routes()
    if len(routes) > 1:
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
        out.append(("Numbers: the worked instance of S7.1.",))
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


def _edge_value(context: Context, of: Tensor, by: Tensor) -> Text:
    """Direct derivative = its value, where the engine recorded the edge."""
    for edge in context.report.derivation.edges:
        if (edge.of.tensor.key, edge.by.tensor.key) == (of.key, by.key):
            held = context.problem.held(of, by)
            return (Math((Direct(edge.of, edge.by, held), edge.value)),)
    return ("–",)


def picture_section(context: Context) -> list[Block]:
    """The routes of the figure as products of direct derivatives: what the derivation will add up."""
    graph = picture(context)
    routes = graph.routes()
    if len(routes) < 2:
        return []
    loss, first = context.problem.program.loss, graph.tensors[graph.spine[0]]
    rows: list[tuple[Text, ...]] = []
    for number, (_, key) in enumerate(routes, 1):
        target = graph.tensors[key]
        held = context.problem.held(target, first)
        product = mul(d(loss, target).entry(), Direct(target.entry(), first.entry(), held))
        rows.append(
            (
                (f"({number})",),
                (name(first), " → ", name(target)),
                (Math((product,)),),
                _edge_value(context, target, first),
            )
        )
    text: Text = (
        "Each way out of ",
        name(first),
        " in the figure is one term of its gradient: the total derivative at its end times the direct one along it.",
    )
    table = Table((("route",), ("edge",), ("term",), ("direct derivative",)), tuple(rows), "lllp")
    return [Heading(("Picture: one term for each route",), "S3"), Paragraph(text), table]
