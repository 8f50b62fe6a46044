"""The matrix of an instance: sparse, equal to the derivative entry by entry, with the transpose's law."""

from __future__ import annotations

from random import Random

import pytest
from convolution.samples import answers, derivation, length, point, sizes_1d, sizes_2d
from flint import fmpq
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from derive.algebra.sparse import Sparse, sparse
from derive.algebra.unroll import Unroll
from derive.engines.derive import derive_problem
from derive.errors import NotProvedError, UnsupportedError
from derive.language.expression import ZERO, Expr, Read
from derive.language.plain import plain
from derive.language.verdict import Refuted
from derive.verification.report import examine

Vector = list[fmpq]


def matrix(problem: str, sizes: dict[str, int]) -> Sparse:
    equation = derivation(problem).definitions["A"]
    return sparse(equation, 2 if problem == "conv_jacobian" else 3, sizes)


def product(entries: Sparse, numbers: list[fmpq], vector: Vector) -> Vector:
    total = [fmpq(0)] * entries.shape[0]
    for row, column, weight in zip(entries.rows, entries.columns, entries.weights, strict=True):
        total[row] += numbers[weight] * vector[column]
    return total


def value(weight: Expr, kernels: dict[tuple[int, ...], fmpq]) -> fmpq:
    assert isinstance(weight, Read)
    return kernels[tuple(int(index.value) for index in weight.indices)]  # type: ignore[attr-defined]


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.integers(0, 10**6), st.sampled_from(("conv_jacobian", "conv_jacobian_2d")))
def test_the_matrix_acts_as_the_program_and_its_transpose_as_the_gradient(seed: int, problem: str) -> None:
    random = Random(seed)
    make = sizes_1d if problem == "conv_jacobian" else sizes_2d
    s, p, q = random.randint(1, 3), random.randint(0, 2), random.randint(1, 2)
    sizes = make(random, s, p, q, (random.randint(1, 2), random.randint(1, 2)))
    inputs = point(random, problem, sizes)
    x, y = (list(inputs[key].values()) for key in ("x", "dL/dy"))  # the last index fastest
    entries = matrix(problem, sizes)
    numbers = [value(weight, inputs["w"]) for weight in entries.table]
    forward, back = product(entries, numbers, x), product(entries.transposed, numbers, y)
    assert forward == list(answers(problem, "y", sizes, inputs).values())
    assert back == list(answers(problem, "dx", sizes, inputs).values())
    assert sum(map(fmpq.__mul__, forward, y), fmpq(0)) == sum(map(fmpq.__mul__, x, back), fmpq(0))


@pytest.mark.parametrize("setting", [(1, 0, 1), (2, 1, 1), (1, 2, 2), (3, 1, 2)])
def test_every_entry_is_the_direct_derivative(setting: tuple[int, int, int]) -> None:
    s, p, q = setting
    sizes = {"C": 2, "D": 1, "N": 7, "K": 3, "T": length(7, 3, s, p, q), "s": s, "p": p, "q": q}
    entries, unroll = matrix("conv_jacobian", sizes), Unroll(sizes)
    definition = derivation("conv_jacobian").definitions["A"]
    found = {(r, c): entries.table[w] for r, c, w in zip(entries.rows, entries.columns, entries.weights, strict=True)}
    for t in range(1, sizes["T"] + 1):
        for i in (1, 2):
            for n in range(1, 8):
                wanted = unroll(definition.value, {"j": 1, "t": t, "i": i, "n": n})
                assert found.get((t - 1, (i - 1) * 7 + n - 1), ZERO) == wanted


def test_the_default_instance_written_out() -> None:
    sizes = {"C": 2, "N": 4, "K": 3, "D": 2, "T": 2, "s": 1, "p": 0, "q": 1}
    unroll = Unroll(sizes)
    parts = {part.question.id: part.claim.right for part in derivation("conv_jacobian").parts}
    assert plain(unroll(parts["y"], {"j": 1, "t": 2})) == (
        "w[1, 1, 1]*x[1, 2] + w[1, 1, 2]*x[1, 3] + w[1, 1, 3]*x[1, 4]"
        " + w[2, 1, 1]*x[2, 2] + w[2, 1, 2]*x[2, 3] + w[2, 1, 3]*x[2, 4]"
    )
    assert plain(unroll(parts["dx"], {"i": 2, "n": 1})) == "w[2, 1, 1]*dL/dy[1, 1] + w[2, 2, 1]*dL/dy[2, 1]"
    entries = matrix("conv_jacobian", sizes)
    assert entries.shape == (4, 8)
    assert len(entries) == 24
    assert len(entries.table) == 12


@pytest.mark.parametrize(("mistake", "true", "wrong"), [
    ("unreversed", "(1, 2, 3, 0, 0)", "(3, 2, 1, 0, 0)"),  # w = (1, 2, 3), dL/dy = e1
    ("inverse", "(1, 2, 3, 0, 0)", "(1, 0, 0, 0, 0)"),  # the transpose of what e1 becomes
    ("stride", "(0, 0, 1, 2, 3, 0, 0)", "(0, 1, 2, 3, 0, 0, 0)"),  # s = 2, dL/dy = e2
])  # fmt: skip
def test_the_numbers_of_the_mistakes(mistake: str, true: str, wrong: str) -> None:
    found = {one.mistake.id: one.verdict for one in examine(derivation("conv_jacobian"), ()).mistakes}[mistake]
    assert isinstance(found, Refuted)
    assert (found.counterexample.left, found.counterexample.right) == (true, wrong)


def test_a_mistake_that_is_right_on_its_own_instance_is_the_authors_error() -> None:
    problem = derivation("conv_jacobian").problem
    mistake = next(m for m in problem.mistakes if m.id == "stride")
    harmless = replace(mistake, at={**mistake.at, "s": 1, "x": ((1, 0, 0, 0, 0),)})
    with pytest.raises(NotProvedError, match="the same on the instance of the mistake"):
        examine(derive_problem(replace(problem, mistakes=(harmless,))), ())


def test_what_is_no_sum_of_shifted_weights_is_refused() -> None:
    definition = derivation("conv_jacobian").definitions["B"]  # its columns are found by a division
    with pytest.raises(UnsupportedError):
        sparse(definition, 2, {"C": 1, "N": 4, "K": 2, "D": 1, "T": 3, "s": 1, "p": 0, "q": 1})
