"""Whole numbers made of sizes: the canonical form has the value of what was calculated, for every size."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from derive.algebra.whole import Whole, amount_at, as_expression, at_most, exact, greatest, least, whole
from derive.language.expression import Expr
from derive.language.plain import plain
from derive.language.tensor import size

H, W, C, S = (size(name).as_expression() for name in "HWCS")
SIZES = st.fixed_dictionaries({name: st.integers(1, 40) for name in "HWCS"})


@st.composite
def calculations(draw: st.DrawFn, depth: int = 4) -> Any:
    """A calculation that may be carried out on amounts and on numbers alike."""
    kind = draw(st.sampled_from(["size", "number"] if depth == 0 else ["+", "-", "*", "//", "max", "min", "size"]))
    if kind == "size":
        return draw(st.sampled_from("HWC"))
    if kind == "number":
        return draw(st.integers(-3, 6))
    one = draw(calculations(depth=depth - 1))
    other = draw(st.integers(1, 6)) if kind == "//" else draw(calculations(depth=depth - 1))
    return (kind, one, other)


def carry_out(calculation: Any, values: dict[str, Any]) -> Any:
    if isinstance(calculation, str):
        return values[calculation]
    if isinstance(calculation, int):
        return calculation
    kind, one, other = calculation
    a, b = carry_out(one, values), carry_out(other, values)
    symbolic = isinstance(a, Whole) or isinstance(b, Whole)
    match kind:
        case "+":
            return a + b
        case "-":
            return a - b
        case "*":
            return a * b
        case "//":
            return a // b
        case "max":
            return greatest(a, b) if symbolic else max(a, b)
    return least(a, b) if symbolic else min(a, b)


SYMBOLS = {name: whole(expr) for name, expr in zip("HWC", (H, W, C), strict=True)}


@settings(max_examples=300, deadline=None)
@given(calculations(), SIZES)
def test_the_form_has_the_value(calculation: Any, sizes: dict[str, int]) -> None:
    form = carry_out(calculation, SYMBOLS)
    assert amount_at(form, sizes) == carry_out(calculation, sizes)


@settings(max_examples=200, deadline=None)
@given(calculations())
def test_the_form_is_a_form(calculation: Any) -> None:
    """Written as an expression and read again, it is the same."""
    form = carry_out(calculation, SYMBOLS)
    again = whole(as_expression(form))
    assert again == form or plain(as_expression(again)) == plain(as_expression(form))


@settings(max_examples=200, deadline=None)
@given(calculations(), calculations(), SIZES)
def test_at_most_is_never_wrong(one: Any, other: Any, sizes: dict[str, int]) -> None:
    if at_most(carry_out(one, SYMBOLS), carry_out(other, SYMBOLS)):
        assert carry_out(one, sizes) <= carry_out(other, sizes)


def form(expr: Expr) -> str:
    return plain(as_expression(whole(expr)))


def test_floors_give_up_what_is_divisible_and_join() -> None:
    assert form((H - 1) // 2 + 1) == "floor((H + 1)/2)"
    assert form(((H - 1) // 2 + 1 - 1) // 2 + 1) == "floor((H + 3)/4)"
    assert form((2 * H + 3) // 2) == "H + 1"
    assert form((H * S) // S) == "H"
    assert form((H * S + 1) // S) == "H + floor(1/S)"
    assert form((H + W) // S) == "floor((H + W)/S)"


def test_ends_that_never_matter_are_left_out() -> None:
    h = SYMBOLS["H"]
    assert greatest(h, 1) == h
    assert least(h, h + 2) == h
    assert least(2 * (h // 2) + 2, h) == h
    assert plain(as_expression(greatest(greatest(h - 4, 1) * 2 - 1, 1))) == "max(2*H - 9, 1)"


def test_exact_division_and_what_no_rule_covers() -> None:
    c = SYMBOLS["C"]
    assert exact(c * 6, c) == 6
    assert amount_at(exact(c, 3), {"C": 4}) == Fraction(4, 3)
    assert plain(as_expression(exact(c * c, c))) == "C"
