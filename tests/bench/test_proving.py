"""Deriving and proving batch normalization, against SymPy on the same identity. Run by `make bench`."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
import sympy

from derive.algebra.decide import decide
from derive.algebra.edges import resolved
from derive.catalogue import load
from derive.engines.derive import derive_problem
from derive.language.verdict import Proved

pytestmark = pytest.mark.bench


def best(work: Callable[[], object], repeats: int = 7) -> float:
    """Seconds of the quickest run."""

    def once() -> float:
        start = time.perf_counter()
        work()
        return time.perf_counter() - start

    return min(once() for _ in range(repeats))


def test_deriving_all_six_gradients_takes_at_most_50_ms() -> None:
    problem = load("bn_backward")
    seconds = best(lambda: derive_problem(problem))
    print(f"\nsix gradients derived in {seconds * 1e3:.1f} ms")
    assert seconds <= 0.05


def identity(m: int) -> sympy.Expr:
    """Staged minus collected d f/d x_1 at a concrete batch size, as SymPy has to see it."""
    x, g = sympy.symbols(f"x1:{m + 1}", real=True), sympy.symbols(f"g1:{m + 1}", real=True)
    gamma, eps = sympy.symbols("gamma epsilon", positive=True)
    mu = sum(x) / m
    var = sum((xi - mu) ** 2 for xi in x) / m
    s = sympy.sqrt(var + eps)
    xhat = [(xi - mu) / s for xi in x]
    dvar = sum(gamma * gi * (xi - mu) for gi, xi in zip(g, x, strict=True)) * sympy.Rational(-1, 2) / s**3
    dmu = -sum(gamma * gi for gi in g) / s
    staged = gamma * g[0] / s + dvar * 2 * (x[0] - mu) / m + dmu / m
    collected = gamma / (m * s) * (m * g[0] - sum(g) - xhat[0] * sum(a * b for a, b in zip(g, xhat, strict=True)))
    return staged - collected


def proof_for_all_sizes() -> float:
    derivation = derive_problem(load("bn_backward"))
    claim = derivation.parts[-1].claim
    left = resolved(claim.left, derivation.edges)
    assert isinstance(decide(left, claim.right, derivation.definitions), Proved)
    return best(lambda: decide(left, claim.right, derivation.definitions))


def test_proving_the_collected_identity_against_simplify() -> None:
    """One proof for every m, so it is flat; `simplify(a - b)` at a concrete m grows about tenfold as m doubles."""
    ours = proof_for_all_sizes()
    print(f"\nours, for all m at once: {ours * 1e3:.1f} ms")
    for m in (4, 8, 16):
        start = time.perf_counter()
        assert sympy.simplify(identity(m)) == 0
        theirs = time.perf_counter() - start
        print(f"m = {m:2}: simplify {theirs * 1e3:6.0f} ms, {theirs / ours:.0f} times ours")
    assert theirs / ours >= 100
