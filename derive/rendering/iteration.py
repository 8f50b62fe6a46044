"""Python for a recurrence: its laws, one assignment each, in a loop over the counter; sequences are dicts by index."""

from __future__ import annotations

from collections.abc import Sequence

from derive.language.derivation import Part, Report
from derive.language.domain import Integers
from derive.language.expression import Expr, Read, expression, tensors_in, walk
from derive.language.plain import plain
from derive.language.question import Induction
from derive.language.recurrence import Law, Recurrence
from derive.language.tensor import Tensor
from derive.rendering.code import LINES, AmbiguousError, Arrays, Term, variable


def iteration_code(recurrence: Recurrence, report: Report) -> tuple[str, ...]:
    """The sequences that the first inductions are about, as many of these as fit; empty where none do."""
    lines: tuple[str, ...] = ()
    parts = [part for part in report.derivation.parts if isinstance(part.question.wants, Induction)]
    for count in range(1, len(parts) + 1):
        written = _written(recurrence, parts[:count])
        if len(written) > LINES:
            break
        lines = written
    return lines


def _written(recurrence: Recurrence, parts: Sequence[Part]) -> tuple[str, ...]:
    claimed: dict[str, Tensor] = {}
    for part in parts:
        assert isinstance(part.question.wants, Induction)
        for side in part.question.wants.claims[0]:
            claimed.update({key: t for key, t in tensors_in(side).items() if recurrence_defines(recurrence, key)})
    laws = _needed(recurrence, set(claimed))
    try:
        body = [_assignment(recurrence, law, parts) for law in laws]
        starts = _starts(recurrence, [law.read.tensor for law in laws])
    except AmbiguousError:
        return ()
    kept = {law.read.tensor.key for law in laws}
    read = [expr for law in (*laws, *recurrence.starts) if law.read.tensor.key in kept for expr in (law.right,)]
    inputs = [t for t in recurrence.inputs() if any(t.key in tensors_in(expr) for expr in read)]
    given = [t for t in inputs if not isinstance(t.domain, Integers)]
    steps = next((variable(t) for t in given if t.axes), "")
    if not steps or not _in_order(recurrence, laws):
        return ()
    return (
        f"def iterate({', '.join(map(variable, given))}):",
        *(f"    {line}" for line in starts),
        f"    for {recurrence.counter.name} in range(len({steps})):",
        *(f"        {line}" for line in body),
        f"    return {', '.join(map(variable, claimed.values()))}",
    )


def recurrence_defines(recurrence: Recurrence, key: str) -> bool:
    return any(tensor.key == key for tensor in recurrence.defined())


def _needed(recurrence: Recurrence, wanted: set[str]) -> list[Law]:
    """The laws of these sequences and of what they read, in the order given."""
    while True:
        laws = [law for law in recurrence.laws if law.read.tensor.key in wanted]
        more = {key for law in laws for key in tensors_in(law.right) if recurrence_defines(recurrence, key)}
        if more <= wanted:
            return laws
        wanted = wanted | more


def _in_order(recurrence: Recurrence, laws: Sequence[Law]) -> bool:
    """No law reads an entry of this step before it is assigned."""
    assigned: set[Expr] = set()
    ahead = {law.read for law in laws}
    for law in laws:
        if any(node in ahead and node not in assigned for node in walk(law.right)):
            return False
        assigned.add(law.read)
    return True


def _starts(recurrence: Recurrence, tensors: Sequence[Tensor]) -> list[str]:
    """theta, phi = ({0: first, -1: first} for _ in range(2)): sequences with the same start stand together."""
    scalars, alike = _Entries(recurrence), dict[str, list[str]]()
    for tensor in tensors:
        own = [law for law in recurrence.starts if law.read.tensor == tensor]
        table = ", ".join(f"{plain(law.read.indices[0])}: {scalars.term(law.right).text}" for law in own)
        alike.setdefault(f"{{{table}}}", []).append(variable(tensor))
    return [f"{', '.join(names)} = {', '.join([table] * len(names))}" for table, names in alike.items()]


def _assignment(recurrence: Recurrence, law: Law, parts: Sequence[Part]) -> str:
    """theta[k + 1] = ..., with the label of the first line that uses this law."""
    scalars = _Entries(recurrence)
    reason = f"law of ${law.read.tensor.key}$"
    labels = [step.label for part in parts for step in part.steps if step.reason == reason]
    line = f"{scalars.read(law.read).text} = {scalars.term(law.right).text}"
    return f"{line}  # {labels[0]}" if labels else line


class _Entries(Arrays):
    """One entry at a time: theta[k - 1]."""

    def read(self, expr: Read) -> Term:
        inside = f"[{plain(expression(expr.indices[0]))}]" if expr.indices else ""
        return Term(f"{variable(expr.tensor)}{inside}", 2, {})
