"""Report -> document, in the fixed order of sections S1 to S9; page one is complete by itself."""

from __future__ import annotations

from derive import __version__
from derive.language.counting import Counting
from derive.language.derivation import Report
from derive.language.recurrence import Recurrence
from derive.rendering import recursion
from derive.rendering.context import Context, Reader
from derive.rendering.conventions import conventions_section
from derive.rendering.document import Block, Document
from derive.rendering.evidence import checks_section
from derive.rendering.picture import picture_section
from derive.rendering.results import code_section, mistakes_section, result_section
from derive.rendering.summary import summary_page
from derive.rendering.working import derivation_section, lemmas_section


def compose(report: Report, prose: Reader) -> Document:
    """Everything the document prints. `prose` turns text with $...$ into words and expressions."""
    context = Context(report, prose)
    problem = context.problem
    body: list[Block] = []
    if isinstance(problem.program, Recurrence):
        page, body = (
            recursion.summary(context),
            [*recursion.body(context), *mistakes_section(context), *code_section(context)],
        )
        return _document(context, page, body)
    if isinstance(problem.program, Counting):
        from derive.rendering import counting  # and with it what no other problem needs

        return _document(context, counting.summary(context), counting.body(context))
    for section in (conventions_section, picture_section, lemmas_section, derivation_section, result_section,
                    checks_section, mistakes_section, code_section):  # fmt: skip
        body.extend(section(context))
    return _document(context, summary_page(context), body)


def _document(context: Context, page: list[Block], body: list[Block]) -> Document:
    problem = context.problem
    return Document(
        problem.id, problem.title, context.prose(problem.statement), tuple(page), tuple(body),
        foot=f"derive {__version__}, {problem.id}. Found an error? Name the line number.",
    )  # fmt: skip
