"""What a subject keeps between statements does not leak from one into the next."""

from derive.catalogue import load
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
