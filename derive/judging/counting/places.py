"""The layers that a statement may be about, and what each letter of a layer stands for there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct

from derive.algebra.whole import Whole, as_expression, whole
from derive.engines.described import described
from derive.engines.ledger import Row, ledger
from derive.engines.shapes import axes
from derive.judging.counting.letters import Role
from derive.judging.subject import Subject
from derive.language.counting import Count, Counting
from derive.language.expression import Expr
from derive.language.layer import Convolution, Layer, Linear, Network, Pooling

WEIGHTED = (Convolution, Linear)
WINDOWED = (Convolution, Pooling)


class Place(Struct, frozen=True):
    """One layer of one network; `number` is its row in the network's ledger, `raw` the layer as it was declared."""

    network: str
    number: int
    row: Row
    title: str
    raw: Layer
    counts: Mapping[str, Expr] = {}  # what is counted there by another rule, by a mistake

    @property
    def layer(self) -> Layer:
        return self.row.layer


def program_of(subject: Subject) -> Counting:
    program = subject.problem.program
    assert isinstance(program, Counting)
    return program


def wanted(subject: Subject) -> Count | None:
    """What the part that is asked counts; None without one."""
    wants = subject.problem.question(subject.part).wants if subject.part else None
    return wants if isinstance(wants, Count) else None


def is_unnamed(subject: Subject, wants: Count) -> bool:
    """Is it of the network that the questions ask about without its name?"""
    asked = [q.wants for q in subject.problem.questions if isinstance(q.wants, Count) and not q.wants.network]
    program = program_of(subject)
    return bool(asked) and program.network(wants.network) is program.network("")


def choices_of(subject: Subject) -> dict[str, str]:
    """The conventions in force: those of the part that is asked, over those of the problem."""
    wants = wanted(subject)
    return {**program_of(subject).choices, **(wants.choices if wants else {})}


def places(subject: Subject) -> tuple[Place, ...]:
    """Every layer with a window or with weights; of a part that is asked, those that it is about."""
    asked = wanted(subject)
    found: list[Place] = []
    for name, network in program_of(subject).networks.items():
        if asked is not None and program_of(subject).network(asked.network) is not network:
            continue
        for place in every_place(subject, name):
            if asked is None or place.row.belongs(asked.layer):
                found.append(place)
    return tuple(found)


def every_place(subject: Subject, name: str) -> Iterator[Place]:
    """The layers of one network."""
    network, several = program_of(subject).network(name), len(program_of(subject).networks) > 1
    for number, row in enumerate(ledger(network)):
        if isinstance(row.layer, (*WEIGHTED, Pooling)):
            title = row.layer.name or f"{' '.join(row.inside)} ({described(row)})".strip()
            yield Place(name, number, row, f"{title} ({name})" if several else title, row.layer)


def picked(found: Iterable[Place], name: str) -> tuple[Place, ...]:
    """The layers that a script names: by their name, or by their number among all or among those with weights."""
    every = tuple(found)
    if named := tuple(place for place in every if place.row.belongs(name)):
        return named
    if not name.isdigit():
        return ()
    return numbered(every, int(name))


def numbered(found: tuple[Place, ...], number: int) -> tuple[Place, ...]:
    """The layer of that number in each network, counted among those with weights, and among all."""
    chosen: dict[tuple[str, int], Place] = {}
    for network in dict.fromkeys(place.network for place in found):
        here = [place for place in found if place.network == network]
        for rows in ([place for place in here if isinstance(place.layer, WEIGHTED)], here):
            if 0 < number <= len(rows):
                place = rows[number - 1]
                chosen[place.network, place.number] = place
    return tuple(chosen.values())


def values_at(row: Row) -> Mapping[Role, Expr]:
    """What each letter stands for at a layer; a letter with several values, or with none, is left out."""
    found: dict[Role, object] = {"channels in": row.into.channels, "channels out": row.out.channels}
    if not row.into.spatial and isinstance(row.layer, Linear):
        found |= {"size in": row.into.channels, "size out": row.out.channels}
    if isinstance(row.layer, WINDOWED) and row.into.spatial:
        found |= _windowed(row, row.layer)
    if isinstance(row.layer, Convolution):
        found["groups"] = row.layer.groups
    return {role: _size(value) for role, value in found.items() if value is not None}


def _windowed(row: Row, layer: Convolution | Pooling) -> dict[Role, object]:
    window = axes(layer, row.into)
    found: dict[Role, object] = {
        "width in": row.into.spatial[-1], "width out": row.out.spatial[-1],
        "size in": _one(row.into.spatial), "size out": _one(row.out.spatial),
        "kernel": _one(axis.kernel for axis in window), "stride": _one(axis.stride for axis in window),
        "dilation": _one(axis.dilation for axis in window), "kernel width": window[-1].kernel,
        "padding": _one(zeros for axis in window for zeros in (axis.before, axis.after)),
    }  # fmt: skip
    if len(window) > 1:
        found |= {"height in": row.into.spatial[-2], "height out": row.out.spatial[-2],
                  "kernel height": window[-2].kernel}  # fmt: skip
    return found


def _size(value: object) -> Expr:
    return as_expression(value if isinstance(value, Whole) else whole(value))


def _one(values: Iterable[object]) -> object:
    """The value that all of them have, None where they differ."""
    several = list(values)
    return several[0] if all(one == several[0] for one in several) else None


def values_of_input(network: Network) -> Mapping[Role, Expr]:
    """The letters of what a problem gives: the input of its network."""
    features = network.input
    found: dict[Role, object] = {"channels in": features.channels}
    if features.spatial:
        found |= {"width in": features.spatial[-1], "size in": _one(map(whole, features.spatial))}
    if len(features.spatial) > 1:
        found["height in"] = features.spatial[-2]
    return {role: _size(value) for role, value in found.items() if value is not None}
