"""Reading typed answers: what is accepted, and what each refusal says."""

from __future__ import annotations

import contextlib
import time

import pytest

from derive.catalogue import load
from derive.errors import AnswerError
from derive.language.plain import plain
from derive.reading.plain import read, read_formula
from derive.reading.vocabulary import vocabulary

WORDS = vocabulary(load("bn_backward"))
SOFTMAX = vocabulary(load("softmax_cross_entropy"))

ACCEPTED = [
    ("gamma*dy[i]", "gamma*df/dy[i]"),
    ("df/dy[i]", "df/dy[i]"),
    ("∂f/∂y[i]", "df/dy[i]"),
    ("dgamma", "df/dgamma"),
    ("df/dσ²", "df/dvar"),
    ("df/dsigma^2", "df/dvar"),
    ("γ·x̂[i] + β", "gamma*xhat[i] + beta"),
    ("σ² + ε", "var + eps"),
    ("sigma^2 + epsilon", "var + eps"),
    ("∂xhat[i]/∂x[k]", "∂xhat[i]/∂x[k]"),
    ("0.5*m", "1/2*m"),
    ("1e-5", "1/100000"),
    ("x[i]**2", "x[i]^2"),
    ("√(var + eps)", "sqrt(var + eps)"),
    ("2 − 3", "2 - 3"),
    ("ln(var)", "log(var)"),
    ("[i >= 2]", "[2 <= i]"),
    ("sum(x[q], q)", "sum(x[q], q)"),
    ("sum(x[q]*xhat[r], q, r)", "sum(sum(x[q]*xhat[r], r), q)"),
    ("sum(x[i], i=1..m)", "sum(x[i], i)"),
    ("x[i]*sum(x[i], i)", "x[i]*sum(x[i], i)"),
    ("9^9^9", "9^387420489"),
    ("+x[m]", "x[m]"),
]


@pytest.mark.parametrize(("text", "spelled"), ACCEPTED, ids=[text for text, _ in ACCEPTED])
def test_accepted(text: str, spelled: str) -> None:
    assert plain(read(text, WORDS)) == spelled


def test_letters_range_over_the_axes_they_read() -> None:
    total = read("sum(t[q], q)", SOFTMAX)
    assert plain(total.index.upper) == "K"  # type: ignore[attr-defined]


REFUSED = [
    ("", 0, "expected, but here is the end"),
    ("gama*dy[i]", 0, "'gama' is not a name in bn_backward. Did you mean 'gamma'"),
    ("xha[i]", 0, "Did you mean 'xhat'"),
    ("2x[i]", 1, "write * between factors"),
    ("x", 0, "write x[i]"),
    ("mu[i]", 0, "write mu"),
    ("x[i, j]", 0, "write x[i]"),
    ("x[i] +", 6, "here is the end"),
    ("(x[i]", 5, "close the '(' at column 1"),
    ("x[i]]", 4, "has no place"),
    ("sum(x[i])", 8, "the letter of the sum"),
    ("sum(x[i], gamma)", 10, "sum over a letter of its own"),
    ("sum(1, q)", 7, "'q' is not a name"),
    ("sine(x[i])", 0, "'sine' is not a function"),
    ("exp(1, 2)", 0, "takes 1 argument"),
    ("dy[i]/dx[k]", 0, "write ∂y/∂x for the first"),
    ("df/dq", 3, "not a name to differentiate by"),
    ("df", 0, "not a name"),
    ("1/0", 1, "division by zero"),
    ("0^-1", 1, "not defined"),
    ("1e999999999", 0, "powers of ten"),
    ("9" * 101, 0, "more than 100 digits"),
    ("((9^64)^64)^64", 7, "too large"),
    ("(" * 65 + "1" + ")" * 65, 64, "nested more than 64 deep"),
    ("-" * 65 + "1", 64, "nested more than 64 deep"),
    ("1+" * 5001, 10_000, "at most 10000"),
    ("x[i] $ 2", 5, "'$' has no meaning here"),
    ("__import__('os')", 0, "'_' has no meaning here"),
    ("[i = j = k]", 7, "close the '['"),
    ("x[i] = 2", 5, "no place"),
]


@pytest.mark.parametrize(("text", "position", "message"), REFUSED, ids=[text[:20] for text, _, _ in REFUSED])
def test_refused(text: str, position: int, message: str) -> None:
    with pytest.raises(AnswerError) as caught:
        read(text, WORDS)
    assert message in caught.value.message
    assert caught.value.position == position
    assert caught.value.text == text


@pytest.mark.parametrize("text", ["+".join(["x[i]"] * 1900), "*".join(["x[i]"] * 1900), "9^9*" * 1900 + "1"])
def test_long_texts_are_read_or_refused_soon(text: str) -> None:
    start = time.perf_counter()
    with contextlib.suppress(AnswerError):
        read(text, WORDS)
    assert time.perf_counter() - start < 2


def test_two_ranges_for_one_letter() -> None:
    words = vocabulary(load("layer_norm"))
    with pytest.raises(AnswerError, match="reads axes of different ranges"):
        read("sum(x[n, n], n)", words)


def test_formulas() -> None:
    assert str(read_formula("var + eps > 0", WORDS)) == "var + eps > 0"
    assert str(read_formula("ε → 0", WORDS)) == "eps -> 0"
    with pytest.raises(AnswerError, match="one relation at a time"):
        read_formula("0 < eps < 1", WORDS)
