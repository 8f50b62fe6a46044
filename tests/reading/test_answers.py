"""Values of counting problems from text, against values made beside their text; labels and values told apart."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from derive.algebra.whole import amount_at
from derive.errors import AnswerError
from derive.language.expression import Number
from derive.language.tensor import size
from derive.reading.answer_text import Piece, pieces_of, squashed, words_of
from derive.reading.answers import Values

M = size("m", "examples")
LETTERS = {"m": M.as_expression()}
AT = {"m": 7}

Spelled = tuple[str, Fraction]
ATOMS = st.one_of(
    st.integers(0, 10**7).map(lambda n: (str(n), Fraction(n))),
    st.integers(1000, 10**9).map(lambda n: (f"{n:,}", Fraction(n))),
    st.integers(1000, 10**9).map(lambda n: (f"{n:,}".replace(",", r"\,"), Fraction(n))),
    st.integers(1000, 10**9).map(lambda n: (f"{n:,}".replace(",", "{,}"), Fraction(n))),
    st.just(("m", Fraction(7))),
)


def joined(inner: st.SearchStrategy[Spelled]) -> st.SearchStrategy[Spelled]:
    times = st.sampled_from([r"\times ", "*", "·", r"\cdot ", " x ", "×"])
    return st.one_of(
        st.tuples(inner, inner).map(lambda p: (f"({p[0][0]} + {p[1][0]})", p[0][1] + p[1][1])),
        st.tuples(inner, inner).map(lambda p: (f"({p[0][0]} - {p[1][0]})", p[0][1] - p[1][1])),
        st.tuples(inner, times, inner).map(lambda p: (f"({p[0][0]}{p[1]}{p[2][0]})", p[0][1] * p[2][1])),
        st.tuples(inner, st.integers(1, 9)).map(lambda p: (rf"\frac{{{p[0][0]}}}{{{p[1]}}}", p[0][1] / p[1])),
        ATOMS.map(lambda p: (rf"\left({p[0]}\right)^2", p[1] ** 2)),
    )


@given(st.recursive(ATOMS, joined, max_leaves=4))
def test_arithmetic_is_read_as_it_is_meant(spelled: Spelled) -> None:
    text, value = spelled
    assert amount_at(Values(Piece(text, 0), text, LETTERS).number(), AT) == value


@given(st.lists(st.integers(1, 99999), min_size=1, max_size=4), st.sampled_from(["(%s)", "[%s]", r"\left(%s\right)"]))
def test_shapes_are_read_entry_by_entry(sizes: list[int], around: str) -> None:
    wanted = tuple(Number(Fraction(n)) for n in sizes)
    for text in (around % ",".join(map(str, sizes)), around % " , ".join(map(str, sizes)), "x".join(map(str, sizes))):
        assert Values(Piece(text, 0), text, {}, grouped=False).shape() == wanted


@pytest.mark.parametrize(
    ("text", "label", "values", "behind"),
    [
        ("294,912", "", ["294,912"], ""),
        (r"\text{total}=1,474,560", r"\text{total}", ["1,474,560"], ""),
        ("W_h : (10, 50)", "W_h", ["(10, 50)"], ""),
        ("a = b = c", "a", ["b", "c"], ""),
        ("2:1:2", "", ["2:1:2"], ""),
        ("X[:, 1:2]", "", ["X[:, 1:2]"], ""),
        ("12 trainable parameters", "", ["12"], "trainable parameters"),
        (r"12\text{ parameters}", "", ["12"], "parameters"),
        ("$X \\in R^{m}$", "X", ["R^{m}"], ""),
    ],
)
def test_labels_and_values(text: str, label: str, values: list[str], behind: str) -> None:
    found = pieces_of(text)
    assert (found.label.text, [value.text for value in found.values], found.behind) == (label, values, behind)
    assert all(text[piece.at :].startswith(piece.text) for piece in (found.label, *found.values))


@pytest.mark.parametrize("text", ["a = ", "a == b", "(1", "1)", "3 < 4", r"a \ne b", r"a = b \to c", "1" * 3000])
def test_what_is_no_answer(text: str) -> None:
    with pytest.raises(AnswerError):
        pieces_of(text)


@pytest.mark.parametrize("text", ["007", "1..2", "n", "3 4", "1,2", "2^m", "2^999", "m^9", "1/0", "3 +", "()", "1.2.3"])
def test_what_is_no_number(text: str) -> None:
    with pytest.raises(AnswerError):
        Values(Piece(text, 0), text, LETTERS).number()


def test_names_without_their_fonts() -> None:
    assert squashed(r"\text{params}(\text{conv1})") == squashed("params( conv1 )") == "params(conv1)"
    assert squashed("W_{h}") == "W_h"
    assert words_of(r"\text{Max Pooling 2x2, stride 2}") == ("max", "pooling", "2x2", "stride", "2")
    assert words_of("a/b") is None
    assert words_of("a - b") is None
