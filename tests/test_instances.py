"""--given: what is not given is found, so that every value of the worked instance is exact."""

from __future__ import annotations

import pytest

from derive.catalogue import load
from derive.errors import UsageError
from derive.instances import with_given
from derive.language.given import check_given
from derive.language.problem import Problem
from derive.language.question import Value
from derive.reading.prose import prose_reader


def completed(name: str, **given: object) -> Problem:
    problem = load(name)
    return with_given(problem, check_given(problem, given), prose_reader(problem))


def shape(value: Value) -> tuple[int, ...]:
    return (len(value), *shape(value[0])) if isinstance(value, tuple) else ()


@pytest.mark.parametrize("name", ["bn_backward", "layer_norm", "rms_norm"])
@pytest.mark.parametrize("eps", ["1e-5", "0.1", "1/3", 7])
def test_any_epsilon_has_an_exact_instance(name: str, eps: str | int) -> None:
    """Its own data are kept, longer or shorter; the scale makes sqrt(var + eps) rational."""
    before, after = load(name).instance, completed(name, eps=eps).instance
    assert shape(after["x"]) == shape(before["x"])
    assert {key: after[key] for key in before if key not in ("x", "eps")} == {
        key: value for key, value in before.items() if key not in ("x", "eps")
    }


@pytest.mark.parametrize(("m", "eps"), [(1, "1/4"), (2, "1e-3"), (4, "1e-5"), (7, 0)])
def test_a_size_and_an_epsilon(m: int, eps: str | int) -> None:
    assert shape(completed("bn_backward", m=m, eps=eps).instance["x"]) == (m,)


@pytest.mark.parametrize("name", ["layer_norm", "rms_norm"])
@pytest.mark.parametrize(("n", "c"), [(1, 1), (2, 4), (3, 5), (5, 3), (4, 7), (10, 10), (1, 60)])
def test_other_sizes_have_an_exact_instance(name: str, n: int, c: int) -> None:
    assert shape(completed(name, N=n, C=c).instance["x"]) == (n, c)


@pytest.mark.parametrize("m", [*range(1, 30), 100, 140])
def test_every_size_has_an_exact_instance(m: int) -> None:
    assert shape(completed("bn_backward", m=m).instance["x"]) == (m,)


def test_what_is_given_stays() -> None:
    found = completed("bn_backward", x=[1, 2, 4], gamma=3).instance
    assert (found["x"], found["gamma"], shape(found["df/dy"])) == ((1, 2, 4), 3, (3,))


def test_logarithms_for_an_exponential() -> None:
    found = completed("softmax_cross_entropy", z=["log(2)", "log(3)"])
    assert found.instance["z"] == ("log(2)", "log(3)")


def test_the_roots_inputs_are_named_when_none_is_found() -> None:
    with pytest.raises(UsageError, match=r"the root is irrational; choose eps and x so that it is rational"):
        completed("bn_backward", x=[1, 2], eps=1)
