"""A network of symbolic depth at a real one: every layer's names, definitions and claims, written out."""

from __future__ import annotations

from derive.algebra.binding import Definitions
from derive.errors import BudgetError
from derive.language.deep import MAX_DEPTH, DeepNetwork
from derive.language.notation import Name, PartialName
from derive.language.problem import Problem
from derive.language.program import Equation
from derive.language.tensor import Tensor


def definitions_at(problem: Problem, definitions: Definitions, depth: int) -> dict[str, Equation]:
    """What defines every node and every derivative of the network with so many layers.

    Raises BudgetError for more layers than are written out.
    """
    if depth > MAX_DEPTH:
        raise BudgetError(f"a network of {depth} layers is not written out; there may be up to {MAX_DEPTH}")
    network, whole = problem.program, problem.composed(depth)
    assert isinstance(network, DeepNetwork)
    found = {equation.tensor.key: equation for equation in (*whole.program.equations, *whole.shorthands)}
    for equation in definitions.values():
        if isinstance(equation.tensor.name, PartialName):
            for number in layers_of(network, equation.tensor, depth):
                at = Equation(*(network.numbered(side, number, depth) for side in (equation.target, equation.value)))
                found[at.tensor.key] = at
    return found


def layers_of(network: DeepNetwork, tensor: Tensor, depth: int) -> range:
    """The layers that a tensor of layer l, or of the last one, belongs to; none for one of a layer in between."""
    name = tensor.name.by if isinstance(tensor.name, PartialName) else tensor.name
    assert isinstance(name, Name)
    if name.level == network.layer:
        return range(1, depth)
    return range(depth, depth + 1) if name.level in (None, network.last_layer) else range(0)
