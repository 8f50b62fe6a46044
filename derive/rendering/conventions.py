"""S2: names, shapes, layout, the signs of derivatives, and the ledger of hypotheses."""

from __future__ import annotations

from typing import TypeAlias

from derive.language.domain import Integers, NonNegative, Positive
from derive.language.expression import Bracket, Direct, Expr, Index, Read, walk
from derive.language.problem import Problem
from derive.language.tensor import Tensor, d
from derive.rendering.context import Context, entry, joined, name, named_in_box, shape
from derive.rendering.document import Block, Bullets, Display, Heading, Math, Paragraph, Strong, Table, Text
from derive.rendering.ledger import ledger
from derive.rendering.padding import ZEROS, has_ranges, without_ranges

MOST = 3  # inputs that are listed with their indices
LAYOUT = "A gradient has the shape of its variable. Indices start at 1."
BRACKETS = "A bracket is 1 where its condition holds and 0 elsewhere, also where what stands beside it does not exist."


def conventions_section(context: Context) -> list[Block]:
    items = [context.prose(text) for text in context.problem.conventions]
    blocks: list[Block] = [Heading(("Names and conventions",), "S2"), symbols(context), *sizes_line(context)]
    signs = [derivative_signs(context)] if context.problem.program.differentiated else []
    layout = LAYOUT if signs else "Indices start at 1."
    if has_ranges(equation.value for equation in context.problem.program.equations):
        signs.append((Strong("Borders. "), ZEROS))
    if _has_brackets(context):
        signs.append((Strong("Brackets. "), BRACKETS))
    blocks.append(Bullets(((Strong("Layout. "), layout), *signs, *items)))
    shorthands = [e for e in context.problem.shorthands if e not in named_in_box(context)]
    if shorthands:
        blocks.append(Paragraph((Strong("Further names. "), "Each stands for the expression beside it:"), leads=True))
        blocks.append(Display(tuple(Math((equation.target, equation.value)) for equation in shorthands)))
    hypotheses = ledger(context)
    return [*blocks, hypotheses] if hypotheses else blocks


def _has_brackets(context: Context) -> bool:
    problem = context.problem
    exprs = [equation.value for equation in (*problem.program.equations, *problem.shorthands)]
    exprs = [without_ranges(expr) for expr in (*exprs, *(part.claim.right for part in context.parts))]
    brackets = [node for expr in exprs for node in walk(expr) if isinstance(node, Bracket)]
    return any(not isinstance(side, Index) for node in brackets for side in (node.left, node.right))  # else a delta


def symbols(context: Context) -> Table:
    program = context.problem.program
    rows: list[tuple[Text, ...]] = [
        ((name(t),), (*context.prose(t.meaning), *_domain(t)), shape(t), depends(context.problem, t))
        for t in program.glossary()
        if not isinstance(t.domain, Integers)
    ]
    shorthands = [equation.tensor for equation in context.problem.shorthands]
    rows += [((name(t),), context.prose(t.meaning), shape(t), ("its definition",)) for t in shorthands]
    if program.differentiated:
        any_slope: Text = (Math((d(program.loss, _example(context)).entry(),)),)
        rows.append(
            (any_slope, ("total derivative: everything else follows",), ("that of its variable",), ("the same",))
        )
    header: tuple[Text, ...] = (("symbol",), ("meaning",), ("shape",), ("depends on",))
    return Table(header, tuple(rows), "lplp")


def sizes_line(context: Context) -> list[Block]:
    """The sizes in a sentence; they are whole numbers, at least 1 where nothing else is said."""
    counts = [t for t in context.problem.program.glossary() if isinstance(t.domain, Integers)]
    listed = joined([(name(t), " ", *context.prose(t.meaning), *_least(t)) for t in counts], "; ")
    return (
        [Paragraph((Strong("Sizes. "), *listed, ". Each is a whole number ≥ 1 unless said otherwise."))]
        if counts
        else []
    )


def _least(tensor: Tensor) -> Text:
    lower = tensor.domain.lower if isinstance(tensor.domain, Integers) else 1
    return (f" (≥ {lower})",) if lower != 1 else ()


def _domain(tensor: Tensor) -> Text:
    """The assumption on a name, as part of its meaning."""
    return {Positive: (", > 0",), NonNegative: (", ≥ 0",)}.get(type(tensor.domain), ())


def _example(context: Context) -> Tensor:
    defined = context.problem.program.defined()
    wanted = [t for t in defined if t.axes] or list(defined)
    return wanted[0]


def depends(problem: Problem, tensor: Tensor) -> Text:
    """The inputs an entry depends on; `x_i (all i)` where it takes more than the entry with the same index."""
    if problem.program.through is not None and tensor.key == problem.program.loss.key:
        through = problem.program.through
        return _reach(through, [None] * len(through.axes))
    sources = list(_sources(problem, tensor).values())
    if len(sources) > MOST:
        return joined([(name(source),) for source, _ in sources])
    return joined([_reach(source, at) for source, at in sources]) or ("given",)


Access: TypeAlias = "list[str | None]"  # the index at each axis of a source, None where all of them are taken


def _reach(source: Tensor, at: Access) -> Text:
    ranged: list[Text] = [(Math((axis,)),) for axis, name in zip(source.axes, at, strict=True) if name is None]
    return (entry(source), " (all ", *joined(ranged), ")") if ranged else (entry(source),)


def _sources(problem: Problem, tensor: Tensor) -> dict[str, tuple[Tensor, Access]]:
    """What the equations lead back to: inputs, and at which indices they are read."""
    equation = problem.program.definition(tensor)
    if equation is None:
        return {}
    free = {index.name for index in equation.indices}
    found: dict[str, tuple[Tensor, Access]] = {}
    for read in (node for node in walk(equation.value) if isinstance(node, Read)):
        at: Access = [i.name if isinstance(i, Index) and i.name in free else None for i in read.indices]
        inner = problem.program.definition(read.tensor)
        names = [index.name for index in inner.indices] if inner else []
        given: dict[str | None, str | None] = dict(zip(names, at, strict=False))
        deeper = {key: (t, [given.get(name) for name in a]) for key, (t, a) in _sources(problem, read.tensor).items()}
        for key, (source, access) in (deeper or {read.tensor.key: (read.tensor, at)}).items():
            if not isinstance(source.domain, Integers):
                old = found.get(key, (source, access))[1]
                found[key] = (source, [a if a == b else None for a, b in zip(access, old, strict=True)])
    return found


def derivative_signs(context: Context) -> Text:
    """How the two kinds of derivative are told apart, shown on the first direct one that occurs."""
    loss, example = context.problem.program.loss, _example(context)
    total: Text = (Math((d(loss, example).entry(),)), " lets everything follow")
    direct = _first_direct(step.after for part in context.parts for step in part.steps)
    if direct is None:
        return (Strong("Derivatives. "), *total, ".")
    held: Text = joined([(name(t),) for t in direct.held])
    fixed = (" holds ", *held, " fixed") if direct.held else (" follows one edge only",)
    return (Strong("Derivatives. "), *total, "; ", Math((direct,)), *fixed, ": a bar always means a direct derivative.")


def _first_direct(exprs: object) -> Direct | None:
    plain: Direct | None = None
    for expr in exprs:  # type: ignore[attr-defined]
        assert isinstance(expr, Expr)
        for node in walk(expr):
            if isinstance(node, Direct):
                if node.held:
                    return node
                plain = plain or node
    return plain
