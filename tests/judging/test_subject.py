"""What a subject keeps between statements does not leak from one into the next."""

import pytest

from derive.catalogue import load
from derive.checking import check
from derive.judging.decision import in_general
from derive.judging.pairs import Pair
from derive.judging.subject import Subject
from derive.language.expression import Number, Read
from derive.language.program import Equation
from derive.language.tensor import scalar


def test_points_are_those_of_the_definitions_given() -> None:
    subject = Subject(load("bn_backward"))
    own = scalar("c", "a student's own name")
    for value in (2, 3, 2):
        said = Equation(own, Number(value))
        found = in_general(subject, [Pair(Read(said.tensor), Number(value))], {said.tensor.key: said})
        assert found.truth is True


@pytest.mark.parametrize(
    ("problem", "said", "verdict"),
    [
        ("bn_backward", r"\frac{\partial f}{\partial\beta}=1", "depends"),  # the sum of the worked example, by chance
        ("bn_backward", r"\frac{\partial f}{\partial\beta}=2", "refuted"),
        ("bn_forward", r"\mu_1=13", "proved"),  # its statement gives the numbers
    ],
)
def test_the_numbers_of_an_example_prove_nothing_in_general(problem: str, said: str, verdict: str) -> None:
    assert check(problem, said).verdict == verdict


def test_where_a_condition_does_not_hold_nothing_is_said() -> None:
    """At i = j both sides are 0 whatever they are, which makes the statement true of no entry that it is about."""
    text = r"\frac{\partial y_i}{\partial x_j}=0 \text{ for } i\neq j"
    assert check("bn_backward", text).verdict == "refuted"


def test_a_repair_is_proved_once() -> None:
    known = Subject(load("bn_backward")).known
    left, right = known.derivation.parts[0].claim.left, known.derivation.parts[0].claim.right
    asked: list[bool] = []

    def proof() -> bool:
        asked.append(True)
        return True

    assert known.once(left, right * 2, proof)
    assert known.once(left, right * 2, proof)
    assert not known.once(left, right * 3, lambda: False)
    assert len(asked) == 1
