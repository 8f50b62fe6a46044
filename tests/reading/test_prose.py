"""Mathematics inside prose."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from derive.catalogue import entries, load
from derive.errors import AuthorError
from derive.language.expression import Expr
from derive.language.prose import Formula
from derive.reading.prose import prose_reader, read_prose
from derive.reading.vocabulary import vocabulary

PROBLEM = load("bn_backward")
WORDS = vocabulary(PROBLEM)


def test_text_and_mathematics_alternate() -> None:
    before, entry, between, condition, after = read_prose(r"Each $xhat[i]$ costs \$1 if $eps > 0$.", WORDS)
    assert (before, between, after) == ("Each ", " costs $1 if ", ".")
    assert isinstance(entry, Expr)
    assert repr(entry) == "xhat[i]"
    assert isinstance(condition, Formula)
    assert str(condition) == "eps > 0"


def test_a_tensor_may_be_named_as_a_whole() -> None:
    assert repr(read_prose("$x$", WORDS)[0]) == "x"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Let $xhaat[i]$ be", "bn_backward: in the text 'Let $xhaat[i]$ be', column 6: 'xhaat' is not a name"),
        ("a $ sign", "a $ is not closed"),
        ("an empty $$ formula", "an expression is expected"),
    ],
)
def test_a_mistake_names_the_problem_and_the_text(text: str, message: str) -> None:
    with pytest.raises(AuthorError) as caught:
        read_prose(text, WORDS)
    assert message in str(caught.value)


@pytest.mark.parametrize("name", [entry.id for entry in entries()])
def test_every_text_of_the_built_in_problems_reads(name: str) -> None:
    prose_reader(load(name))


def test_every_text_is_read_at_load() -> None:
    with pytest.raises(AuthorError, match="Did you mean 'gamma'"):
        prose_reader(replace(PROBLEM, summary="$gamm$ scales."))
