"""What the documents of counting problems hold, in both formats and both engines."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from derive.catalogue import load
from derive.engines.derive import derive_problem
from derive.language.expression import Number
from derive.pipeline import solve
from derive.reading.prose import prose_reader
from derive.rendering.composition import compose
from derive.rendering.document import Code, Document, Figure, Heading, MistakeCard, Table, Tables
from derive.rendering.printing import print_document
from derive.verification.report import examine

PROBLEMS = ("bn_shapes", "conv_cost", "cnn_params", "inception_cost", "residual_cost", "lenet_cost", "lenet_shapes",
            "mlp_shapes", "receptive_field")  # fmt: skip


def document(problem: str) -> Document:
    subject = load(problem)
    return compose(examine(derive_problem(subject)), prose_reader(subject))


@pytest.mark.parametrize("problem", PROBLEMS)
def test_sections_stand_in_their_order(problem: str) -> None:
    made = document(problem)
    numbers = [block.number for block in (*made.summary, *made.body) if isinstance(block, Heading) and block.level == 1]
    assert numbers == sorted(numbers)
    assert {"S1", "S2", "S5", "S6", "S7", "S8"} <= set(numbers)


@pytest.mark.parametrize("problem", PROBLEMS)
def test_page_one_has_a_picture_that_is_told_in_words_too(problem: str) -> None:
    figures = [block for block in document(problem).summary if isinstance(block, Figure)]
    assert len(figures) == 1
    (figure,) = figures
    assert len(figure.alt) > 40
    assert figure.width <= 170
    inside = [(cell.x + cell.width, cell.y + cell.height) for cell in figure.cells]
    assert all(x <= figure.width + 0.5 and y <= figure.height + 0.5 for x, y in inside)


@pytest.mark.parametrize("problem", PROBLEMS)
def test_two_or_three_mistakes_each_with_its_number(problem: str) -> None:
    cards = [block for block in document(problem).body if isinstance(block, MistakeCard)]
    assert 2 <= len(cards) <= 3
    assert all(card.breaks and "true value" in str(card.breaks) for card in cards)


def test_the_table_of_layers_and_every_other_convention() -> None:
    made = document("conv_cost")
    tables = [block for block in made.body if isinstance(block, Table)]
    heads = [" ".join(map(str, (cell[0] for cell in table.header))) for table in tables]
    assert "layer what it does output parameters multiply-adds" in heads
    beside = [table for block in made.body if isinstance(block, Tables) for table in block.tables]
    said = {str(cell[0]) for table in (*tables, *beside) for cell in table.header}
    assert {"with bias", "padding zeros skipped", "two operations a multiply-add", "channels last"} <= said
    assert all(len(row) == len(table.header) for table in (*tables, *beside) for row in table.rows)


def test_formula_substitution_number() -> None:
    printed = print_document(document("cnn_params"), "tex")
    for piece in (r"C_{\mathrm{out}} (C_{\mathrm{in}} k^{2} + 1)", r"100 \cdot (3 \cdot 3^{2} + 1)", "2800"):
        assert piece in printed


@pytest.mark.parametrize("problem", PROBLEMS)
def test_one_object_says_convention_and_alternatives(problem: str, tmp_path: Path) -> None:
    answer = solve(load(problem), out=tmp_path, formats=("typ",)).as_json()
    parts = json.loads(json.dumps(answer))["parts"]
    assert all(part["verdict"] == "proved" for part in parts)
    for part in parts:
        for other in part.get("alternatives", ()):
            assert other["convention"]
            assert other["text"] != part["equation"]["text"].partition(" = ")[2]


@pytest.mark.parametrize("problem", PROBLEMS)
def test_the_code_gives_the_boxed_numbers(problem: str) -> None:
    code = [line for block in document(problem).body if isinstance(block, Code) for line in block.lines]
    assert len(code) <= 12
    names: dict[str, int] = {}
    exec("\n".join(code), {}, names)
    answers = {part.question.id.replace(".", "_"): part.claim.right for part in derive_problem(load(problem)).parts}
    assert {name: str(value) for name, value in names.items()} == {name: str(answers[name]) for name in names}
    numeric = [name for name in load(problem).boxed if isinstance(answers[name], Number)]
    assert set(numeric) <= set(names)


@pytest.mark.tex
@pytest.mark.parametrize("problem", PROBLEMS)
def test_both_engines_set_it(problem: str, tmp_path: Path) -> None:
    for engine in ("typst", "latex"):
        solved = solve(load(problem), out=tmp_path / engine, formats=("pdf",), engine=engine)
        assert Path(solved.files[0]).read_bytes().startswith(b"%PDF")


@pytest.mark.torch
@pytest.mark.parametrize("problem", PROBLEMS)
def test_pytorch_has_its_say(problem: str) -> None:
    report = examine(derive_problem(load(problem)), ["pytorch"])
    asked = [evidence for checked in report.parts for evidence in checked.evidence if evidence.oracle == "pytorch"]
    assert asked
    assert {evidence.verdict.kind for evidence in asked} == {"agrees"}


@pytest.mark.torch
def test_gradients_refute_a_wrong_field(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the recount switched off, PyTorch alone finds an interval that is one too wide, or one too narrow."""
    from msgspec.structs import replace

    from derive.errors import NotProvedError
    from derive.language.answers import Region, Span
    from derive.language.expression import add
    from derive.language.verdict import Proved
    from derive.verification import recounter

    derivation = derive_problem(load("receptive_field"))
    part = derivation.parts[2]
    right = part.claim.right
    assert isinstance(right, Region)
    monkeypatch.setattr(recounter.Recounter, "claim", lambda *_: recounter.Found(Proved()))
    for shift in (-1, 1):
        spans = tuple(Span(add(span.lower, shift), span.upper) for span in right.spans if isinstance(span, Span))
        wrong = replace(part, claim=replace(part.claim, right=Region("X", spans)), steps=(), others=())
        with pytest.raises(NotProvedError, match="y3"):
            examine(replace(derivation, parts=(wrong,), wrong=()), ["pytorch"])
