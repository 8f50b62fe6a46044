"""Networks of symbolic depth: the equations of a hidden layer and of the last one, for every number of layers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec.structs import replace

from derive.errors import AuthorError, UsageError
from derive.language.domain import Integers
from derive.language.expression import Expr, Index, Read, expression, tensors_in, walk
from derive.language.matrices import MatrixExpr, Ordered, Releveled, letter_of
from derive.language.notation import AnyName, Level, Name, PartialName
from derive.language.plain import plain
from derive.language.program import Equation, Program
from derive.language.tensor import Tensor

MAX_DEPTH = 64  # layers of a network that is written out


class Widths:
    """n_l, the number of units of layer l; `fixed` says where it is a number: {L: 1}."""

    def __init__(self, base: str, meaning: str = "", fixed: Mapping[Level, int] | None = None) -> None:
        self.name, self.meaning, self.fixed = Name(base), meaning, dict(fixed or {})

    def __call__(self, level: Level) -> Expr:
        if level in self.fixed:
            return expression(self.fixed[level])
        return Read(Tensor(replace(self.name, level=level), meaning=self.meaning, domain=Integers(1)))

    def axis(self, level: Level) -> Index:
        """The index that runs over the units of a layer."""
        return Index(letter_of(level), self(level))

    def ordered(self, letter: str, *factors: MatrixExpr, start: Level, stop: Level) -> Ordered:
        """The product of the factors of layer `letter` from `start` down to `stop`."""
        return Ordered(letter, factors, start, stop, fixed=tuple(self.fixed.items()))


class Layered:
    """T_l, one tensor a layer: T(l) has an axis of width n_{l + step} for each of `steps`."""

    def __init__(self, name: str | Name, widths: Widths, steps: tuple[int, ...], meaning: str = "") -> None:
        self.name = name if isinstance(name, Name) else Name(name)
        self.widths, self.steps, self.meaning = widths, steps, meaning

    def __call__(self, level: Level) -> Tensor:
        axes = tuple(self.widths.axis(level + step) for step in self.steps)
        return Tensor(replace(self.name, level=level), axes, self.meaning)


class DeepNetwork(Program, frozen=True):
    """`hidden` are the equations of layer l for 1 <= l < L, `last` those of layer L; the last of them is the loss.

    As a program it has layers l and l + 1, whose first equations are the same, then L - 1 and L. What lies between is a
    gap: the derivative of the loss by the first node of layer l + 1 is left as it is.
    Raises AuthorError where layer L does not begin like the others, so that a layer below it would not fit.
    """

    depth: Tensor = Tensor(Name("L"), domain=Integers(1))
    layer: Level = Level("l")
    last_layer: Level = Level("L")
    hidden: tuple[Equation, ...] = ()
    last: tuple[Equation, ...] = ()
    fixed: Mapping[Level, int] = {}

    def inputs(self) -> tuple[Tensor, ...]:
        """The number of layers and that of a layer among them, before what the layers read."""
        number = Tensor(Name(self.layer.letter), meaning="number of a layer", domain=Integers(1))
        return (self.depth, number, *(t for t in super().inputs() if t.key not in (self.depth.key, number.key)))

    def mentioned(self) -> tuple[Tensor, ...]:
        """What the first layer reads of the layer below it: the input."""
        first = Releveled({self.layer.letter: Level("", 1)}, {})
        read = tensors_in(self.hidden[0].value).values()
        below = [t for t in read if isinstance(t.name, Name) and t.name.level == self.layer - 1]
        return tuple(first.tensor(tensor) for tensor in below if not isinstance(tensor.domain, Integers))

    def glossary(self) -> tuple[Tensor, ...]:
        """One name for what every layer has, and what only the last layer has."""
        found: dict[str, Tensor] = {}
        for tensor in sorted(self.tensors(), key=lambda tensor: self._distance(tensor.name)):
            family = replace(tensor.name, level=None).key if isinstance(tensor.name, Name) else tensor.key
            found.setdefault(family, tensor)
        return tuple(tensor for tensor in self.tensors() if tensor in found.values())

    def _distance(self, name: AnyName) -> int:
        level = name.level if isinstance(name, Name) else None
        return 0 if level in (None, self.layer) else 1 + abs(level.offset) + (level.letter != self.layer.letter)

    @property
    def counts(self) -> tuple[str, ...]:
        return (self.depth.key,)

    def at(self, expr: Expr, layer: Level) -> Expr:
        """What is said of layer l, said of another one."""
        return Releveled({self.layer.letter: layer}, self.fixed)(expr)

    @property
    def stated(self) -> tuple[Equation, ...]:
        return (*self.hidden, *self.last)

    def composed(self, depth: int) -> Program:
        """The whole network with so many layers, written out: layer 1, layer 2, ..., and the loss."""
        if not 1 <= depth <= MAX_DEPTH:
            raise UsageError(f"a network of {depth} layers cannot be written out; there may be 1 to {MAX_DEPTH}")
        equations = [self._written(equation, number, depth) for number in range(1, depth) for equation in self.hidden]
        return Program((*equations, *(self._written(e, depth, depth) for e in self.last)), loss=self.loss)

    def at_every_layer(self, equation: Equation, depth: int) -> tuple[Equation, ...]:
        """An equation about any layer, for each layer of the network with so many."""
        return tuple(self._written(equation, number, depth) for number in range(1, depth + 1))

    def in_sight(self, equation: Equation) -> tuple[Equation, ...]:
        """An equation about any layer, for each layer that this program has: l, l + 1, L - 1 and L."""
        layers = (self.layer, self.layer + 1, self.last_layer - 1, self.last_layer)
        return tuple(Releveled({self.layer.letter: at}, self.fixed).equation(equation) for at in layers)

    def written(self, instance: Mapping[str, object]) -> Program:
        depth = instance.get(self.depth.key)
        if not isinstance(depth, int):
            raise AuthorError(f"the instance must say how many layers it has, as in {{'{self.depth.key}': 3}}")
        return self.composed(depth)

    def instances(
        self, sides: tuple[Expr, ...], depth: int, layers: tuple[Level, Level] | None = None
    ) -> Iterator[tuple[int, tuple[Expr, ...]]]:
        """Expressions about a layer and the last one, at every layer that they can be about in a network of this depth.

        What speaks of the last layer alone has one instance, numbered by the depth. `layers` are the first and the last
        of those that are meant, if not all below the last.
        """
        levels = [level for side in sides for node in walk(side) for level in levels_in(node)]
        spoken = any(level.letter == self.layer.letter for level in levels)
        start = {tensor.key for tensor in self.mentioned()}
        first, last = (level.offset + depth * bool(level.letter) for level in layers or (Level("", 1), Level("L", -1)))
        for number in range(max(first, 0), min(last, depth) + 1) if spoken else (depth,):
            found = tuple(self.numbered(side, number, depth) for side in sides)
            if all(_exists(tensor, start) for side in found for tensor in tensors_in(side).values()):
                yield number, found

    def numbered(self, expr: Expr, number: int, depth: int) -> Expr:
        """What is said of layer l and of L, said of layer `number` of a network with `depth` layers."""
        return self._place(number, depth)(expr)

    def at_top(self, tensor: Tensor, depth: int) -> Tensor:
        """A tensor of the last layer in a network with `depth` layers."""
        return self._place(depth, depth).tensor(tensor)

    def _written(self, equation: Equation, number: int, depth: int) -> Equation:
        return self._place(number, depth).equation(equation)

    def _place(self, number: int, depth: int) -> Releveled:
        """The width of the last layer may be a number."""
        fixed = {Level("", depth): width for level, width in self.fixed.items() if level == self.last_layer}
        layers = {self.layer.letter: Level("", number), self.last_layer.letter: Level("", depth)}
        return Releveled(layers, fixed)


def _exists(tensor: Tensor, start: set[str]) -> bool:
    """Below the first layer there is the input alone."""
    names = (tensor.name.of, tensor.name.by) if isinstance(tensor.name, PartialName) else (tensor.name,)
    if isinstance(tensor.domain, Integers):
        return True
    return all(name.level is None or name.level.offset > 0 or name.key in start for name in names)


def levels_in(node: Expr) -> Iterator[Level]:
    """The layers that the name of a tensor speaks of."""
    if isinstance(node, Read):
        name = node.tensor.name
        for one in (name.of, name.by) if isinstance(name, PartialName) else (name,):
            if one.level is not None:
                yield one.level


def deep_network(
    depth: Tensor, hidden: tuple[Equation, ...], last: tuple[Equation, ...], widths: Widths, layer: Level | None = None
) -> DeepNetwork:
    """The network of `depth` layers: `hidden` for each below the last, `last` with the loss in its last equation."""
    at, top = layer or Level("l"), Level(depth.key)
    _check_layers(hidden, at, every=True)
    _check_layers(last, top, every=False)
    above = Releveled({at.letter: at + 1}, widths.fixed)
    below_top = Releveled({at.letter: top - 1}, widths.fixed)
    same = Releveled({at.letter: top}, widths.fixed).equation(hidden[0])
    if same != last[0]:
        raise AuthorError(
            f"the last layer begins with {plain(last[0].target)} = {plain(last[0].value)}, where the layers below it"
            f" expect {plain(same.target)} = {plain(same.value)}; let layer {top.text} begin like the others"
        )
    bridge = above.equation(hidden[0])
    return DeepNetwork(
        (*hidden, bridge, *map(below_top.equation, hidden), *last), loss=last[-1].tensor, depth=depth, layer=at,
        last_layer=top, hidden=hidden, last=last, fixed=widths.fixed, gap=bridge.tensor,
    )  # fmt: skip


def _check_layers(equations: tuple[Equation, ...], at: Level, every: bool) -> None:
    """A layer reads itself and, in its first equation alone, the layer below; nothing is shared between layers."""
    for place, equation in enumerate(equations):
        for tensor in tensors_in(equation.value).values():
            level = tensor.name.level if isinstance(tensor.name, Name) else None
            if isinstance(tensor.domain, Integers):
                continue
            if level is None:
                defined = tensor.key in {e.tensor.key for e in equations}
                if not defined and every:
                    raise AuthorError(f"the equation for {equation.tensor.key} reads {tensor.key} in every layer, so"
                                      " its derivative is a sum over layers; give each layer its own")  # fmt: skip
            elif level.letter != at.letter or level.offset not in ((0, -1) if place == 0 else (0,)):
                raise AuthorError(f"the equation for {equation.tensor.key} reads {tensor.key}; only the first equation"
                                  " of a layer may read the layer below, and none any other")  # fmt: skip
