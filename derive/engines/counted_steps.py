"""Question about a network -> numbered lines: formula in letters, numbers put in, value."""

from __future__ import annotations

from collections.abc import Callable

from derive.algebra.whole import Amount, as_expression, whole
from derive.engines.answers import Counter, region
from derive.engines.costs import SUMMED, counted, values
from derive.engines.described import described
from derive.engines.fields import chain, fields
from derive.engines.ledger import Row
from derive.engines.letters import Letters, filled, formula, used
from derive.engines.shapes import Flow, axes, output
from derive.language.answers import Shape
from derive.language.counting import Choices, Count
from derive.language.derivation import Step
from derive.language.expression import Add, Expr, Number, add
from derive.language.layer import Convolution, Layer, Normalization, Pooling
from derive.language.plain import plain


def steps_of(
    counter: Counter, wants: Count, choices: Choices, left: Expr, right: Expr, number: int
) -> tuple[Step, ...]:
    """Of one layer: formula, substitution, number. Of several: each one's number, and their sum."""
    rows = [row for row in counter.rows(wants.network) if row.belongs(wants.layer)]
    one = len(rows) == 1 and rows[0].layer.name == wants.layer
    if wants.what in SUMMED:
        own = [row for row in rows if counted(wants.what, row, choices) != 0]
        if len(own) == 1 and wants.layer:
            made, letters = formula(own[0], _rule(wants.what, choices))
            return _substituted(made, letters, left, right, number)
        return _summed(wants, choices, own, left, right, number)
    if wants.what in ("values", "inputs") and rows:
        row = rows[0] if wants.what == "inputs" else next((r for r in rows if r.layer.name == wants.layer), rows[-1])
        if row.out == counter.end(rows, wants) or wants.what == "inputs":
            made, letters = formula(row, lambda layer, into, out: values(into if wants.what == "inputs" else out))
            return _substituted(made, letters, left, right, number)
    if wants.what == "sees":
        return _traced(counter, wants, left, right, number)
    if wants.what == "shape" and rows and isinstance(rows[-1].layer, Convolution | Pooling) and one:
        return _places(rows[0], left, right, number)
    if wants.what in ("field", "jump", "start"):
        return _recursion(counter, wants, left, right, number)
    reason = _averaged(counter, wants) if wants.what in ("mean", "var") else _REASONS[wants.what]
    return (Step(f"{number}.1", left, right, right, wants.what, reason),)


def _averaged(counter: Counter, wants: Count) -> str:
    """'averaged over N, H, W': what is not in the shape of the statistics."""
    network, row = (
        counter.program.network(wants.network),
        [r for r in counter.rows(wants.network) if r.belongs(wants.layer)][-1],
    )
    over_batch = isinstance(row.layer, Normalization) and row.layer.over == "batch"
    sizes = [whole(network.batch), *row.into.spatial] if over_batch else [row.into.channels, *row.into.spatial]
    return f"averaged over {', '.join(f'${plain(as_expression(size))}$' for size in sizes)}"


def _summed(wants: Count, choices: Choices, rows: list[Row], left: Expr, right: Expr, number: int) -> tuple[Step, ...]:
    """Of a branch, the formula of each of its few layers with numbers put in; then the numbers; then their sum."""
    terms = tuple(as_expression(counted(wants.what, row, choices)) for row in rows)
    shown = Add(terms) if len(terms) > 1 else add(*terms)
    reason = "the sum over its layers" if terms else "nothing in it is counted"
    last = Step(f"{number}.1", left, shown, right, "total", reason)
    if not wants.layer or not 1 < len(rows) <= FEW:
        return (last,)
    made = [formula(row, _rule(wants.what, choices)) for row in rows]
    numbers = Add(tuple(filled(one, letters) for one, letters in made))
    return (Step(f"{number}.1", left, numbers, shown, "substitution", "each layer's formula, numbers put in"),
            Step(f"{number}.2", None, shown, right, "total", "the sum over its layers"))  # fmt: skip


FEW = 3  # layers of a branch whose formulas are written side by side


_REASONS = {
    "input": "the batch, then what the network reads",
    "sees": "layer by layer, from the last",
    "map": "the layers, one inside the other",
    "weight": "inputs by outputs",
    "bias": "one number for each output",
    "shape": "by the rule of each layer",
    "values": "the product of the shape's sizes",
    "inputs": "the product of the shape's sizes",
}


def _rule(what: str, choices: Choices) -> Callable[[Layer, Flow, Flow], Amount | Expr]:
    return lambda layer, into, out: counted(what, Row(layer, into, out), choices)


def _substituted(made: Expr, letters: Letters, left: Expr, right: Expr, number: int) -> tuple[Step, ...]:
    numbers = filled(made, letters)
    steps = [Step(f"{number}.1", left, made, made, "formula", "the rule of this layer", letters=used(made, letters))]
    if numbers != made and (numbers != right or isinstance(right, Number)):
        steps.append(Step(f"{number}.2", None, made, numbers, "substitution", "the numbers put in"))
    if numbers != right:
        steps.append(Step(f"{number}.{len(steps) + 1}", None, numbers, right, "value", "worked out"))
    return tuple(steps)


def _places(row: Row, left: Expr, right: Expr, number: int) -> tuple[Step, ...]:
    """How often the window fits, axis by axis."""
    steps: list[Step] = []
    windows = axes(row.layer, row.into)  # type: ignore[arg-type]
    alike = len({(n, *window) for n, window in zip(row.into.spatial, windows, strict=True)}) == 1
    for axis in range(1 if alike else len(row.out.spatial)):
        made, letters = formula(row, lambda layer, into, out, a=axis: output(layer, into).spatial[a])  # type: ignore[misc]
        letters.meaning = {k: v for k, v in letters.meaning.items() if k in dict(used(made, letters))}
        target = Letters().flow(row.out, "out", primes=1).spatial[axis]
        value = as_expression(row.out.spatial[axis])
        steps.append(Step(f"{number}.{len(steps) + 1}", target, made, made, "formula", "how often the window fits",
                          letters=used(made, letters)))  # fmt: skip
        numbers = filled(made, letters)
        if numbers != value:
            steps.append(Step(f"{number}.{len(steps) + 1}", target, numbers, value, "value", "the numbers put in"))
    return (
        *steps,
        Step(f"{number}.{len(steps) + 1}", left, right, right, "shape", "along each axis; channels from the layer"),
    )


def _traced(counter: Counter, wants: Count, left: Expr, right: Expr, number: int) -> tuple[Step, ...]:
    """Backwards, one line for each layer with a window: what is read of the array before it."""
    rows = chain(counter.program.network(wants.network), wants.layer)
    steps: list[Step] = []
    for n in range(len(rows) - 1, 0, -1):
        before = rows[n - 1].layer.name
        if isinstance(rows[n].layer, Convolution | Pooling) and before:
            found = region(rows[n:], wants, {}, before)
            reason = f"{described(rows[n])}; away from the borders"
            steps.append(Step(f"{number}.{len(steps) + 1}", None if steps else left, found, found, "field", reason))
    last = described(rows[0])
    return (*steps, Step(f"{number}.{len(steps) + 1}", None if steps else left, right, right, "field", last))


def _recursion(counter: Counter, wants: Count, left: Expr, right: Expr, number: int) -> tuple[Step, ...]:
    """One term for each layer with a window."""
    rows = chain(counter.program.network(wants.network), wants.layer)
    name = {"field": "size"}.get(wants.what, wants.what)
    values_ = [getattr(fields(rows[: n + 1])[0], name) for n, row in enumerate(rows)
               if isinstance(row.layer, Convolution | Pooling)]  # fmt: skip
    if wants.what == "jump":
        return (Step(f"{number}.1", left, right, right, "jump", "the product of the strides"),)
    terms = [1, *(b - a for a, b in zip([1, *values_], values_, strict=False))]
    shown = Add(tuple(as_expression(t) for t in terms if t != 0))
    reason = "1 + the sum of (span − 1) × jump" if wants.what == "field" else "1 − the sum of padding × jump"
    if isinstance(right, Shape) or len(shown.terms) < 2:
        return (Step(f"{number}.1", left, right, right, name, reason),)
    return (Step(f"{number}.1", left, shown, right, name, reason),)
