"""What a composed document holds, in which order, and that both prints carry it."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from derive.language import Equation, Gradient, Problem, Program, Question, Sum, index, scalar, size, tensor
from derive.language.derivation import Derivation, Report, Worked
from derive.rendering import compose
from derive.rendering.context import Context
from derive.rendering.document import (
    Block,
    Code,
    Document,
    Figure,
    Heading,
    Math,
    MistakeCard,
    ResultBox,
    StepLines,
    Table,
    Tables,
    Values,
)
from derive.rendering.instance import rows_of, worked_instance
from derive.rendering.markup import LATEX, TYPST
from derive.rendering.matrix import outer_of
from derive.rendering.printing import Printer, print_document
from tests.rendering.bn_report import REMARKS, prose, report


@pytest.fixture(scope="module")
def document() -> Document:
    return compose(report(), prose)


def of(blocks: tuple[Block, ...], kind: type) -> list[Block]:
    return [block for block in blocks if isinstance(block, kind)]


def test_sections_stand_in_the_fixed_order(document: Document) -> None:
    headings = [b for b in (*document.summary, *document.body) if isinstance(b, Heading) and b.level == 1]
    assert [heading.number for heading in headings] == [f"S{k}" for k in range(1, 10)]


def test_page_one_has_claim_picture_and_checks(document: Document) -> None:
    assert len(of(document.summary, ResultBox)) == 1
    assert len(of(document.summary, Figure)) == 1
    (table,) = of(document.summary, Table)
    assert isinstance(table, Table)
    _sizes, *rows = table.rows
    assert sum(isinstance(span, Math) for claims, *_ in rows for span in claims) == 6  # every claim, in some row
    assert len({row[1:] for row in rows}) == len(rows)  # those with the same evidence share one


def test_at_most_three_results_are_boxed(document: Document) -> None:
    for box in (*of(document.summary, ResultBox), *of(document.body, ResultBox)):
        assert isinstance(box, ResultBox)
        assert 1 <= len(box.rows) <= 3


def test_every_step_has_reason_shape_and_mark(document: Document) -> None:
    derivation = [b for b in document.body if isinstance(b, StepLines)][1:]  # the lemmas come first
    rows = [row for block in derivation for row in block.rows]
    assert [row.label for row in rows[:3]] == ["1.1", "1.2", "2.1"]
    assert all(row.reason and row.shape and row.mark == "✓" for row in rows)


def test_a_line_without_a_verdict_carries_no_mark() -> None:
    unmarked = compose(replace(report(), lines={}), prose)
    derivation = [b for b in unmarked.body if isinstance(b, StepLines)][1:]
    assert not any(row.mark for block in derivation for row in block.rows)


def test_struck_terms_are_shown_before_they_vanish(document: Document) -> None:
    rows = {row.label: row for b in document.body if isinstance(b, StepLines) for row in b.rows}
    first, second = rows["5.3"].right
    assert first.struck
    assert not second.struck
    assert all(len(row.right) == 1 for label, row in rows.items() if label != "5.3")  # nothing else is repeated


def test_mistakes_stand_at_their_part_and_show_where_they_break(document: Document) -> None:
    kinds = [b.number if isinstance(b, Heading) else b for b in document.body if isinstance(b, Heading | MistakeCard)]
    position = kinds.index("S5.3")
    card = kinds[position + 1]
    assert isinstance(card, MistakeCard)
    assert card.breaks
    for text in (print_document(document, "tex"), print_document(document, "typ")):
        assert "should be $0$" in text
        assert "-5" in text


def test_matrix_form_is_recognized_from_the_entries() -> None:
    found = outer_of(REMARKS[2].left, REMARKS[2].right)
    assert found is not None
    assert len(found.terms) == 3
    assert outer_of(REMARKS[0].left, REMARKS[0].right) is None


def test_code_is_there(document: Document) -> None:
    (code,) = of(document.body, Code)
    assert isinstance(code, Code)
    assert code.lines[0].startswith("def gradients(")


def test_a_bare_report_still_makes_a_document() -> None:
    full = report()
    problem = replace(full.derivation.problem, lemmas=(), remarks=(), mistakes=(), summary="", intuition="")
    bare = Report(replace(full.derivation, problem=problem), full.parts, (), (), (), None)
    for suffix in ("tex", "typ"):
        assert print_document(compose(bare, prose), suffix)


def test_plain_text_is_escaped(document: Document) -> None:
    awkward = replace(document, title="50% of #1 & $x_1$ \\ {a} [b] *c* @d", summary=(), body=())
    assert r"50\% of \#1 \& \$x\_1\$ \textbackslash{} \{a\}" in print_document(awkward, "tex")
    assert r"\#1 & \$x\_1\$ \\ {a} \[b\] \*c\* \@d" in print_document(awkward, "typ")


def test_arrays_of_the_instance_are_tables_by_axis() -> None:
    n, c = index("n", size("N")), index("c", size("C"))
    x, mu, loss = tensor("x", (n, c)), tensor("mu", n), scalar("f")
    program = Program((Equation(mu[n], Sum(c, x[n, c])),), loss=loss, through=mu)
    problem = Problem("p", "t", "s", program, (Question("x", Gradient(x)),))
    worked = Worked({"x": (("1", "2"), ("3", "1/2")), "mu": ("3", "7/2"), "N": "2", "C": "2"})
    context = Context(Report(Derivation(problem, (), {}), (), (), (), (), worked), prose)
    (tables,) = [block.tables for block in worked_instance(context) if isinstance(block, Tables)]
    assert [len(table.rows) for table in tables] == [2, 1]  # x by rows over c, mu over n
    shown = Printer(TYPST)
    assert [shown.text(row[0]) for row in tables[0].rows] == ["$x_(1 c)$", "$x_(2 c)$"]
    assert shown.text(tables[0].rows[1][-1]) == r"$7\/2$"


def test_the_longest_axis_runs_across() -> None:
    n, c = index("n", size("N")), index("c", size("C"))
    x = tensor("x", (n, c))
    rows = rows_of(x, (("1", "2"), ("3", "4"), ("5", "6")), n)
    shown = Printer(TYPST)
    assert [(shown.text(label), numbers) for label, numbers in rows] == [
        ("$x_(n 1)$", ("1", "3", "5")), ("$x_(n 2)$", ("2", "4", "6")),
    ]  # fmt: skip


def test_a_row_of_rounded_numbers_carries_the_sign_once() -> None:
    shown = Printer(TYPST)
    row = Values(("≈0.604368", "≈-3.20942e-5", "≈0.000000", "1/2"))
    assert shown.text((row,)) == r"$approx (0.604368, -3.20942 dot 10^(-5), 0, 1\/2)$"


def test_what_is_not_exact_is_printed_as_it_came() -> None:
    shown = Printer(LATEX)
    assert shown.text((Values(("39/160", "-31/160")),)) == "$(39, -31)/160$"
    assert shown.text((Values(("0.333(1)",), scalar=True),)) == "0.333(1)"
