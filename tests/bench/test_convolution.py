"""A convolution's closed form for all sizes, and the matrix of an instance, against SymPy and PyTorch.

Run by `make bench`.
"""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Callable

import pytest
import sympy

from derive.algebra.sparse import sparse
from derive.catalogue import load
from derive.engines.adjoint import Adjoints
from derive.engines.derive import derive_problem
from derive.language.derivation import Claim
from derive.language.expression import Read
from derive.verification.normal_form import NormalForm

pytestmark = pytest.mark.bench

TAPS = 3


def best(work: Callable[[], object], repeats: int = 7) -> float:
    """Seconds of the quickest run."""

    def once() -> float:
        start = time.perf_counter()
        work()
        return time.perf_counter() - start

    return min(once() for _ in range(repeats))


def sizes(n: int, channels: tuple[int, int] = (1, 1)) -> dict[str, int]:
    return {"C": channels[0], "D": channels[1], "N": n, "K": TAPS, "T": n - TAPS + 1, "s": 1, "p": 0, "q": 1}


def test_the_closed_form_takes_at_most_10_ms_for_all_sizes_at_once() -> None:
    """d L / d x from the program, and the proof that it is the closed form; SymPy's Jacobian grows as N^2."""
    problem = load("conv_jacobian")
    part = next(part for part in derive_problem(problem).parts if part.question.id == "dx")
    prover = NormalForm(derive_problem(problem))

    def closed_form() -> None:
        routes = Adjoints(problem.program).routes(problem.question("dx").wants.by)  # type: ignore[union-attr]
        assert all(route.term for route in routes)
        claim = Claim("dx", part.claim.left, part.claim.right)
        assert prover.claim(claim).kind == "proved"

    ours = best(closed_form)
    print(f"\nclosed form derived and proved for all N: {ours * 1e3:.1f} ms")
    theirs = {n: best(lambda n=n: jacobian(n), 1) for n in (8, 16, 32, 64)}  # type: ignore[misc]
    for n, seconds in theirs.items():
        print(f"N = {n:3}: SymPy's Matrix.jacobian {seconds * 1e3:7.1f} ms")
    assert ours <= 0.01
    assert theirs[64] / theirs[16] >= 6  # 16 for a clean square


def jacobian(n: int) -> sympy.Matrix:
    x, w = sympy.symbols(f"x1:{n + 1}"), sympy.symbols(f"w1:{TAPS + 1}")
    y = [sum(w[k] * x[t + k] for k in range(TAPS)) for t in range(n - TAPS + 1)]
    return sympy.Matrix(y).jacobian(sympy.Matrix(x))


@pytest.mark.torch
@pytest.mark.parametrize("channels", [(1, 1), (2, 2)])
def test_the_matrix_at_512_against_the_vectorized_jacobian(channels: tuple[int, int]) -> None:
    import torch

    equation, at = derive_problem(load("conv_jacobian")).definitions["A"], sizes(512, channels)
    x = torch.randn(channels[0], 512, dtype=torch.float64)
    w = torch.randn(channels[1], channels[0], TAPS, dtype=torch.float64)
    numbers = {(i + 1, j + 1, k + 1): float(w[j, i, k]) for i in range(channels[0]) for j in range(channels[1])
               for k in range(TAPS)}  # fmt: skip

    def matrix() -> object:
        entries = sparse(equation, 2, at)
        return entries.rows, entries.columns, entries.values(lambda weight: numbers[where(weight)])

    def forward(z: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.conv1d(z[None], w)[0]

    ours = best(matrix, 15)
    theirs = {
        "torch.func.jacrev": best(lambda: torch.func.jacrev(forward)(x)),
        "autograd.functional.jacobian": best(
            lambda: torch.autograd.functional.jacobian(forward, x, vectorize=True)),
    }  # fmt: skip
    told = ", ".join(f"{name} {seconds * 1e3:.2f} ms" for name, seconds in theirs.items())
    print(f"\n{channels[0]} -> {channels[1]} channels, N = 512: ours {ours * 1e3:.2f} ms, {told}")
    assert ours <= min(theirs.values())


def where(weight: object) -> tuple[int, ...]:
    assert isinstance(weight, Read)
    return tuple(int(index.value) for index in weight.indices)  # type: ignore[attr-defined]


def test_the_matrix_of_an_image_takes_memory_in_proportion_to_its_entries() -> None:
    equation = derive_problem(load("conv_jacobian_2d")).definitions["A"]
    counts = {}
    for n in (32, 64):
        at = {"C": 3, "D": 8, "N": n, "M": n, "K": 3, "R": 3, "T": n, "U": n, "s": 1, "p": 1, "q": 1}
        tracemalloc.start()
        entries = sparse(equation, 3, at)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        seconds = best(lambda at=at: sparse(equation, 3, at), 1)  # type: ignore[misc]
        counts[n] = peak / len(entries)
        dense = entries.shape[0] * entries.shape[1] * 8
        print(f"\n{n} x {n}, 3 -> 8: {len(entries)} entries in {seconds:.2f} s, {peak / 1e6:.1f} MB at most,"
              f" {counts[n]:.0f} bytes an entry; dense {dense / 1e9:.1f} GB")  # fmt: skip
    assert counts[64] <= 40
    assert counts[64] <= 1.5 * counts[32]
