"""A sliding window, by counting: which tap of which output lies on which input."""

from __future__ import annotations

from itertools import product

import pytest

from derive.algebra.evaluate import Evaluator, Rationals
from derive.language import Window, index, padded, size, tensor
from derive.language.expression import Expr

N, K, T = size("N"), size("K"), size("T")
s, p, q = size("s"), size("p", least=0), size("q")
n, k, t = index("n", N), index("k", K), index("t", T)
slide = Window(n, t, k, s, p, q)
x = tensor("x", n)
GRID = [(*sizes, *settings) for sizes in ((5, 3), (7, 2), (4, 1)) for settings in product((1, 2, 3), (0, 1, 2), (1, 2))]


def outputs(length: int, taps: int, stride: int, padding: int, dilation: int) -> int:
    return (length + 2 * padding - dilation * (taps - 1) - 1) // stride + 1


@pytest.mark.parametrize(("length", "taps", "stride", "padding", "dilation"), GRID)
def test_every_place(length: int, taps: int, stride: int, padding: int, dilation: int) -> None:
    """The positions of a padded row, written down: 0 outside, then x[1] ... x[N]."""
    count = outputs(length, taps, stride, padding, dilation)
    sizes = {"N": length, "K": taps, "T": count, "s": stride, "p": padding, "q": dilation}
    row = [0] * padding + list(range(1, length + 1)) + [0] * padding
    point = Evaluator(Rationals(), {}, sizes, {"x": {(j,): Rationals().number(j) for j in range(1, length + 1)}})

    def value(expr: Expr, **at: int) -> int:
        return int(point.value(expr, at).p)

    for output, tap in product(range(1, count + 1), range(1, taps + 1)):
        under = row[stride * (output - 1) + dilation * (tap - 1)]
        assert value(padded(x[slide.place]), t=output, k=tap) == under
        for place in range(1, length + 1):
            hit = under == place
            assert value(slide.hits, n=place, t=output, k=tap) == hit
            divisible = value(slide.whole, n=place, k=tap)
            assert hit == (divisible == 1 and value(slide.source, n=place, k=tap) == output)
            assert hit == (value(slide.aligned, n=place, k=tap) == value(slide.starts, t=output))
            assert hit == (value(slide.turned, n=place, k=taps + 1 - tap) == value(slide.starts, t=output))


@pytest.mark.parametrize(("length", "taps", "stride", "padding", "dilation"), GRID)
def test_the_outputs_end_at_spread(length: int, taps: int, stride: int, padding: int, dilation: int) -> None:
    sizes = {"T": outputs(length, taps, stride, padding, dilation), "s": stride}
    point = Evaluator(Rationals(), {}, sizes, {})
    assert point.integer(slide.spread, {}) == point.integer(slide.starts, {"t": sizes["T"]})


def test_the_conditions_are_told_in_the_names_of_the_sizes() -> None:
    assert list(slide.conditions) == [
        "$q*(K - 1) + 1 <= N + 2*p$", "$s*(T - 1) + q*(K - 1) + 1 <= N + 2*p$", "$N + 2*p <= s*T + q*(K - 1)$",
    ]  # fmt: skip
