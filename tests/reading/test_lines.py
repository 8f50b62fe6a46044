"""One statement over several lines, and several statements, each in its own."""

from __future__ import annotations

import pytest

from derive.checking import check
from derive.errors import AnswerError
from derive.reading.latex.blocks import Reader

TWO = [[("a", "b")], [("c", "d")]]


def spelled(text: str) -> list[tuple[str, ...]]:
    return [tuple(text[start:stop] for start, stop in one.spans) for one in Reader(text).statements()]


@pytest.mark.parametrize(
    "text",
    [
        r"a &= b \\ &\quad + c", r"a = b \\ + c", r"a = b \\ \times c", r"a = b + \\ c", r"a = \\ b + c",
        r"a &= b \\ &- c", r"a &= b \\ - c",
        r"a &= \left( b \right. \\ &\quad \left. + c \right)", r"a &= b &+ c", r"a = b \quad + c",
        r"a &= b \cdot \\ &\qquad c", r"a &= b \\[2pt] &+ c", "a = b_1\n+ c",
        "a = b_1 +\nc", "a = b_1\nc",
    ],
)  # fmt: skip
def test_a_line_that_goes_on(text: str) -> None:
    (sides,) = spelled(text)
    assert len(sides) == 2


@pytest.mark.parametrize(
    "text",
    [
        r"a = b \\ -c = d", r"a &= b \\ -c &= d", r"a = b, \quad -c = d", r"a = b \quad -c = d", r"a = b \\ c = d",
        "a = b_1\nc = d", r"\begin{aligned} a &= b \\ c &= d \end{aligned}", r"a = b.\ \text{Then } c = d",
    ],
)  # fmt: skip
def test_a_line_of_its_own(text: str) -> None:
    assert [len(sides) for sides in spelled(text)] == [2, 2]


def test_a_chain_over_lines() -> None:
    assert [len(sides) for sides in spelled(r"a &= b \\ &- c \\ &= d + \\ &\quad e")] == [3]


def test_entries_of_a_matrix_are_ended_by_its_lines() -> None:
    assert len(spelled(r"\begin{pmatrix} a & -b \\ -c & d \end{pmatrix} = e")) == 1


def test_what_may_be_one_statement_or_two_is_not_read() -> None:
    with pytest.raises(AnswerError, match="goes on with the one before is open") as error:
        spelled(r"a &= b \\ &- c = d")
    assert error.value.position == 11


@pytest.mark.parametrize("text", [r"a = b" + r"\\ &" * 3000 + "+ c", r"a = b + \\", r"a = b \\ +"])
def test_hostile_lines_end(text: str) -> None:
    with pytest.raises(AnswerError) as error:
        spelled(text)
    assert 0 <= error.value.position <= len(text)


def test_a_right_answer_over_two_lines_is_right() -> None:
    text = (
        r"\begin{aligned}\frac{\partial f}{\partial x_i} &= \frac{1}{\sqrt{\sigma^2+\epsilon}}\Bigl(\gamma"
        r"\frac{\partial f}{\partial y_i} \\ &\quad - \frac{\gamma}{m}\sum_{j=1}^m\frac{\partial f}{\partial y_j} \\"
        r" &\quad -"
        r" \frac{\gamma}{m}\hat x_i\sum_{j=1}^m\frac{\partial f}{\partial y_j}\hat x_j\Bigr)\end{aligned}"
    )
    assert check("bn_backward", text).verdict == "proved"
    assert check("bn_backward", text.replace("- ", "+ ", 1)).verdict == "refuted"
