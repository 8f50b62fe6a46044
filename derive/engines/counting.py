"""Counting problem -> derivation: every part under the conventions in force, and what the others would give."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import cache, reduce
from itertools import product
from math import gcd
from typing import Any

from derive.algebra.whole import Amount, as_expression, exact, total, whole
from derive.engines.costs import SUMMED, counted, values
from derive.engines.described import described
from derive.engines.faults import with_fault
from derive.engines.fields import Reach, chain, fields, seen_from
from derive.engines.forward import as_formula
from derive.engines.ledger import Row, ledger
from derive.engines.letters import Letters, filled, formula, used
from derive.engines.shapes import Flow, axes, laid_out, output
from derive.errors import AuthorError, UnsupportedError
from derive.language.counting import CONVENTIONS, QUANTITIES, Choices, Count, Counting, Ratio, chosen
from derive.language.derivation import Claim, Derivation, Entry, Part, Step, Wrong
from derive.language.expression import Add, Expr, Index, Region, Shape, Span, add
from derive.language.layer import Convolution, Layer, Linear, Network, Normalization, Pooling
from derive.language.plain import plain
from derive.language.problem import Mistake, Problem, Question


class Counter:
    """The networks of one problem, each walked once for every way of counting."""

    def __init__(self, program: Counting) -> None:
        self.program = program
        self.rows = cache(lambda name: ledger(program.network(name)))

    def answer(self, wants: Count, choices: Choices) -> Expr:
        """What is asked, under these choices."""
        network = self.program.network(wants.network)
        rows = [row for row in self.rows(wants.network) if row.belongs(wants.layer)]
        if not rows and wants.what not in SUMMED:
            raise AuthorError(f"{wants.layer} has no layers, so there is no {QUANTITIES[wants.what][0]}")
        match wants.what:
            case "params" | "madds" | "muls" | "adds" | "acts" | "comps" | "conns":
                return as_expression(total(counted(wants.what, row, choices) for row in rows))
            case "values":
                return as_expression(values(self._end(rows, wants)))
            case "inputs":
                return as_expression(values(rows[0].into))
            case "shape":
                return laid_out(network, self._end(rows, wants), choices)
            case "input":
                return laid_out(network, rows[0].into if wants.layer else self.rows(wants.network)[0].into, choices)
            case "weight" | "bias":
                return _learned(rows[-1], wants.what)
            case "mean" | "var":
                return statistics(network, rows[-1], choices)
            case "map":
                return as_formula(network, wants.called)[1]
            case "sees":
                return region(chain(network, wants.layer), wants, choices)
            case "field" | "jump" | "start":
                found = fields(chain(network, wants.layer))
                sizes = [as_expression(getattr(f, {"field": "size"}.get(wants.what, wants.what))) for f in found]
                return sizes[0] if len(set(sizes)) == 1 else Shape(tuple(sizes))
        raise UnsupportedError(f"no rule counts {wants.what}")

    def _end(self, rows: list[Row], wants: Count) -> Flow:
        if not wants.layer or rows[-1].layer.name == wants.layer:
            return rows[-1].out
        own = [row for row in rows if row.inside and row.inside[-1] == wants.layer]
        return (own or rows)[-1].out


def _learned(row: Row, what: str) -> Shape:
    """The weight of a linear layer is inputs × units, since examples are rows; of a convolution C_out × C_in/g × k."""
    layer: Any = row.layer
    if isinstance(row.layer, Linear):
        sizes: tuple[Amount, ...] = (row.into.channels, layer.units) if what == "weight" else (layer.units,)
    elif isinstance(row.layer, Convolution):
        kernel = layer.kernel if isinstance(layer.kernel, tuple) else (layer.kernel,) * len(row.into.spatial)
        inner = exact(row.into.channels, layer.groups)
        sizes = (layer.channels, inner, *kernel) if what == "weight" else (layer.channels,)
    else:
        raise AuthorError(f"layer {layer.name} has no {what}")
    if what == "bias" and not layer.bias:
        raise AuthorError(f"layer {layer.name} has no bias")
    return Shape(tuple(map(as_expression, sizes)))


def statistics(network: Network, row: Row, choices: Choices) -> Shape:
    """What is averaged over becomes 1, or is left out; what each statistic belongs to stays."""
    if not isinstance(row.layer, Normalization):
        raise AuthorError(f"layer {row.layer.name} normalizes nothing; ask for the mean of a Normalization")
    over_batch = row.layer.over == "batch"
    batch = [(whole(network.batch), not over_batch)]
    channels = [(row.into.channels, over_batch)]
    places = [(n, False) for n in row.into.spatial]
    order = (
        [*batch, *places, *channels] if chosen(choices, "layout") == "channels last" else [*batch, *channels, *places]
    )
    if chosen(choices, "statistics") == "keepdims":
        return Shape(tuple(as_expression(size if kept else 1) for size, kept in order))
    return Shape(tuple(as_expression(size) for size, kept in order if kept))


def region(rows: tuple[Row, ...], wants: Count, choices: Choices, array: str = "X") -> Region:
    """The closed intervals of the array before these rows that the output at [k, i, j] depends on."""
    out, into = rows[-1].out, rows[0].into
    ends = (out.channels, *out.spatial)
    if len(wants.letters) != len(ends):
        raise AuthorError(f"{len(wants.letters)} letters are given for the {len(ends)} axes of {wants.layer}")
    letters = [whole(Index(name, as_expression(end))) for name, end in zip(wants.letters, ends, strict=True)]
    of = Reach((letters[0], letters[0]), tuple((letter, letter) for letter in letters[1:]))
    seen = seen_from(rows, of, chosen(choices, "borders") == "clipped")
    everything = seen.channels == (1, into.channels)
    spans = seen.places if everything else (seen.channels, *seen.places)
    return Region(array, tuple(Span(as_expression(a), as_expression(b)) for a, b in spans), whole=int(everything))


# -- parts -------------------------------------------------------------------------------------------------------------


def count_problem(problem: Problem, program: Counting) -> Derivation:
    """Every question answered, with its steps and with what other conventions give."""
    try:
        return _counted(problem, program)
    except AuthorError as error:
        told = str(error)
        raise AuthorError(told if told.startswith(problem.id) else f"{problem.id}: {told}") from error


def _counted(problem: Problem, program: Counting) -> Derivation:
    counter = Counter(program)
    parts: dict[str, Part] = {}
    for number, question in enumerate(problem.questions, 1):
        if isinstance(question.wants, Ratio):
            parts[question.id] = _ratio(problem, question, parts, number)
        elif isinstance(question.wants, Count):
            parts[question.id] = _part(problem, counter, question, question.wants, number)
        else:
            raise AuthorError(f"{problem.id}: part '{question.id}' is no count; a counting problem has no others")
    wrong = tuple(_wrong(problem, program, mistake, parts) for mistake in problem.mistakes)
    return Derivation(problem, tuple(parts.values()), {}, wrong=wrong, entries=tuple(_entries(problem, counter)))


def _entries(problem: Problem, counter: Counter) -> Iterator[Entry]:
    """The table of every network, with what the questions count."""
    asked = {q.wants.what for q in problem.questions if isinstance(q.wants, Count)}
    whats = [what for what in SUMMED if what in asked]
    more = [what for what in ("params", "madds") if whats and what not in whats]
    for name in counter.program.networks:
        for row in counter.rows(name):
            counts: dict[str, Expr] = {
                what: as_expression(counted(what, row, counter.program.choices)) for what in whats
            }
            counts |= dict(_more(row, more, counter.program.choices))
            yield Entry(name, row.layer.name, described(row), _flow(row.into), _flow(row.out), counts, row.inside,
                        isinstance(row.layer, Convolution | Linear))  # fmt: skip


def _more(row: Row, whats: list[str], choices: Choices) -> Iterator[tuple[str, Expr]]:
    """What nobody asked for, for the picture; left out where no rule counts it."""
    for what in whats:
        with suppress(UnsupportedError):
            yield what, as_expression(counted(what, row, choices))


def _flow(flow: Flow) -> Shape:
    return Shape(tuple(map(as_expression, (flow.channels, *flow.spatial))))


def _part(problem: Problem, counter: Counter, question: Question, wants: Count, number: int) -> Part:
    choices = {**counter.program.choices, **wants.choices}
    left, right = problem.asked(question), counter.answer(wants, choices)
    if wants.what == "map":
        left, right = as_formula(counter.program.network(wants.network), wants.called)
    others = tuple(_others(counter, wants, choices, left, right, question.id))
    moved = {field for other in others for field in other.convention}
    shown = {f: chosen(choices, f) for f in QUANTITIES[wants.what][1] if f in moved or f in wants.choices}
    steps = _steps(counter, wants, choices, left, right, number)
    return Part(question, steps, right, Claim(question.id, left, right, convention=shown), others=others)


def _others(counter: Counter, wants: Count, choices: Choices, left: Expr, right: Expr, part: str) -> Iterator[Claim]:
    """Each different answer, under the fewest changes of convention that give it."""
    fields_ = [field for field in QUANTITIES[wants.what][1] if field not in wants.choices]
    seen = {right}
    combinations = [dict(zip(fields_, options, strict=True)) for options in product(*(CONVENTIONS[f] for f in fields_))]
    changed = [{f: o for f, o in one.items() if o != chosen(choices, f)} for one in combinations]
    for change in sorted(changed, key=lambda change: (len(change), "as given" in change.values())):
        try:
            found = counter.answer(wants, {**choices, **change})
        except (UnsupportedError, AuthorError):
            continue  # this convention says nothing here: symbolic padding, a bias that is not there
        if found not in seen:
            seen.add(found)
            yield Claim(part, left, found, convention=change)


def _ratio(problem: Problem, question: Question, parts: Mapping[str, Part], number: int) -> Part:
    """Divided by their greatest common divisor, where all are numbers."""
    assert isinstance(question.wants, Ratio)
    before = Shape(tuple(parts[name].claim.right for name in question.wants.parts))
    amounts = [whole(size) for size in before.sizes]
    right = before
    if all(isinstance(a, int) and a for a in amounts):
        divisor = reduce(gcd, (a for a in amounts if isinstance(a, int)))
        right = Shape(tuple(as_expression(a // divisor) for a in amounts))
    left = problem.asked(question)
    step = Step(f"{number}.1", left, before, right, "ratio", "in lowest terms")
    return Part(question, (step,), right, Claim(question.id, left, right), uses=question.wants.parts)


def _wrong(problem: Problem, program: Counting, mistake: Mistake, parts: Mapping[str, Part]) -> Wrong:
    """The number that comes out with the fault, against the part's own left side."""
    part = parts[mistake.question]
    if mistake.form is not None:
        return Wrong(mistake, Claim(mistake.id, part.claim.left, mistake.form))
    wants = part.question.wants
    if not isinstance(wants, Count):
        raise AuthorError(f"{problem.id}: mistake {mistake.id} is about '{mistake.question}', which is no count")
    choices = {**program.choices, **wants.choices}
    found = with_fault(mistake.fault, program, wants, lambda other: Counter(other).answer(wants, choices))
    return Wrong(mistake, Claim(mistake.id, part.claim.left, found))


# -- steps -------------------------------------------------------------------------------------------------------------


def _steps(counter: Counter, wants: Count, choices: Choices, left: Expr, right: Expr, number: int) -> tuple[Step, ...]:
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
        if row.out == counter._end(rows, wants) or wants.what == "inputs":
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
    if numbers not in (made, right):
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
