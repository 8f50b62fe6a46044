"""What each topic's document adds: the ledger, topic figures, sizes that a caller fixed, the framework's line."""

from __future__ import annotations

from functools import cache

import pytest
from msgspec.structs import replace

from derive.algebra.instance import Instance
from derive.catalogue import load
from derive.engines.derive import derive_problem
from derive.language.derivation import Report
from derive.language.verdict import Agrees, Evidence
from derive.reading.prose import prose_reader
from derive.rendering import compose
from derive.rendering.document import Block, Document, Figure, ResultBox, Table, Text
from derive.rendering.markup import LATEX, TYPST
from derive.rendering.printing import Printer, print_document
from derive.verification.report import examine

PROBLEMS = ("bn_backward", "layer_norm", "rms_norm", "softmax_cross_entropy")


@cache
def report(name: str) -> Report:
    return examine(derive_problem(load(name)), ("unrolled",))


def document(found: Report) -> Document:
    return compose(found, prose_reader(found.derivation.problem))


def blocks(name: str) -> tuple[Block, ...]:
    composed = document(report(name))
    return (*composed.summary, *composed.body)


def shown(text: Text) -> str:
    return Printer(TYPST).text(text)


def table(name: str, head: str) -> dict[str, tuple[str, ...]]:
    """The table whose first column is called `head`: first cell -> the others."""
    (found,) = [b for b in blocks(name) if isinstance(b, Table) and b.header[0] == (head,)]
    return {shown(first): tuple(map(shown, rest)) for first, *rest in found.rows}


@pytest.mark.parametrize("name", PROBLEMS)
def test_every_hypothesis_says_where_it_is_used_and_what_breaks(name: str) -> None:
    problem = report(name).derivation.problem
    ledger = table(name, "hypothesis")
    assert len(ledger) == len(problem.otherwise)  # nothing is left without its consequence
    labels = {step.label for part in report(name).derivation.parts for step in part.steps}
    assert all(used in {*labels, "program", "S7"} and breaks for used, breaks in ledger.values())


def test_the_first_use_is_the_line_that_needs_the_hypothesis() -> None:
    used = {hypothesis: row[0] for hypothesis, row in table("bn_backward", "hypothesis").items()}
    assert used["$sigma^(2) + epsilon.alt > 0$"] == "4.2"  # the first root to be divided by
    assert used["$sigma^(2)$ divides by $m$"] == "5.3"  # the first derivative of the variance
    assert used["$sigma^(2) > 0$"] == "S7"  # a limit
    used = {hypothesis: row[0] for hypothesis, row in table("softmax_cross_entropy", "hypothesis").items()}
    assert used["$p_(k) > 0$"] == "2.4"  # where dL/dp, which divides by p, is put in
    assert used["$sum_(k = 1)^(K) t_(k) = 1$"] == "3.2"


def test_the_prose_on_labels_that_do_not_sum_to_one_has_the_numbers_of_the_instance() -> None:
    found = report("softmax_cross_entropy").derivation
    problem = found.problem
    instance = Instance(problem, found.definitions, problem.instance)
    claims = {part.question.id: part.claim.right for part in found.parts}
    assert instance.side(claims["general"]) == "(-2/3, -1/3, 1)"
    assert instance.side(claims["gradient"]) == "(-5/6, -2/3, 1/2)"
    (said,) = [text for text in problem.otherwise.values() if "(" in text and "instance" in text]
    assert "(−2/3, −1/3, 1)" in said
    assert "(−5/6, −2/3, 1/2)" in said


def test_direct_and_total_are_told_apart_in_numbers() -> None:
    printed = print_document(document(report("bn_backward")), "typ")
    assert r"$1\/2$ against $39\/160$" in printed


@pytest.mark.parametrize("name", PROBLEMS)
def test_two_arrays_are_drawn_where_sums_run_along_both_axes(name: str) -> None:
    drawn = [b for b in blocks(name) if isinstance(b, Figure) and any(c.fill == "hatched" for c in b.cells)]
    assert len(drawn) == (name in ("layer_norm", "rms_norm"))
    for figure in drawn:
        assert all(c.x >= 0 and c.x + c.width <= figure.width <= 168 for c in figure.cells)
        assert all(c.y >= 0 and c.y + c.height <= figure.height for c in figure.cells)


def test_the_jacobian_is_drawn_with_its_sums() -> None:
    (figure,) = [b for b in blocks("softmax_cross_entropy") if isinstance(b, Figure) and b.cells]
    texts = [shown(cell.text) for cell in figure.cells]
    assert texts[:9] == ["+$5$", "$-2$", "$-3$", "$-2$", "+$8$", "$-6$", "$-3$", "$-6$", "+$9$"]
    assert texts[9:] == ["$0$"] * 6
    assert [cell.fill == "shaded" for cell in figure.cells[:9]] == [t.startswith("$-") for t in texts[:9]]
    assert shown(figure.caption).startswith("36 times")


def test_an_identity_on_a_jacobian_has_its_negative_control() -> None:
    (row,) = [row for row in table("softmax_cross_entropy", "identity").values() if "Jacobian sums" in row[0]]
    assert row[1].startswith(r"$(5, 8, 9)\/36$ instead of 0")


def test_every_mistake_that_breaks_an_identity_stands_beside_it() -> None:
    rows = list(table("bn_backward", "identity").values())
    assert [row[1].split(":")[0] for row in rows] == [
        r"$1\/2$ instead of $0$", r"$-5\/8$ instead of $0$", r"$-5\/8$ instead of $0$",
    ]  # fmt: skip


def test_results_are_printed_at_the_sizes_that_a_caller_fixed() -> None:
    composed = document(replace(report("bn_backward"), sizes={"m": 4}))
    first, second = (b for b in (*composed.summary, *composed.body) if isinstance(b, ResultBox))
    assert r"at $m$ \= 4 in S6" in shown(first.title)
    assert all(row.sized for row in second.rows)
    assert second.rows[0].sized is not None
    assert "sum_(j = 1)^(4)" in Printer(TYPST).math(second.rows[0].sized)
    assert "At $m$ = 4:" in print_document(composed, "tex")
    assert not any(row.sized for b in blocks("bn_backward") if isinstance(b, ResultBox) for row in b.rows)


def test_the_framework_has_a_line_of_its_own() -> None:
    seen = Evidence("pytorch", Agrees(10), ({"m": 2}, {"m": 3}), 10, "1e-16")
    found = report("bn_backward")
    asked = tuple(replace(part, evidence=(*part.evidence, seen)) for part in found.parts)
    printed = print_document(document(replace(found, parts=asked, framework=seen)), "tex")
    assert r"\texttt{torch.nn.functional.batch\_norm} at sizes $m$ = 2, 3, largest error $1 \cdot 10^{-16}$" in printed
    assert r"\textbf{PyTorch}" in printed
    assert "PyTorch" not in print_document(document(found), "tex")


def test_every_page_says_the_version_and_how_to_report_an_error() -> None:
    from derive import __version__

    foot = document(report("rms_norm")).foot
    assert foot.startswith(f"derive {__version__}, rms_norm.")
    assert "Found an error?" in foot


@pytest.mark.tex
@pytest.mark.parametrize("name", PROBLEMS)
def test_tex_sets_every_topic_cleanly(name: str, tmp_path: object) -> None:
    from pathlib import Path

    from derive.rendering import tex

    assert isinstance(tmp_path, Path)
    tex.working_engine.cache_clear()
    tex.tex_to_pdf(print_document(document(report(name)), "tex"), tmp_path)
    log = (tmp_path / "main.log").read_text(errors="replace")
    assert not [line for line in log.splitlines() if "Overfull" in line or "undefined" in line or line.startswith("!")]


def test_powers_of_ten_are_set_as_such() -> None:
    from derive.rendering.document import Values

    assert Printer(LATEX).text((Values(("2e-34",), scalar=True),)) == r"$2 \cdot 10^{-34}$"
