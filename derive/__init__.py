"""An answer key that proves itself: derivations for all sizes, checked line by line, printed and judged.

>>> import derive
>>> derivation = derive.derive_problem(derive.load("bn_backward"))
>>> report = derive.examine(derivation, ["unrolled"])
>>> [checked.claim.id for checked in report.parts if checked.verdict.kind == "proved"]
['gamma', 'beta', 'xhat', 'var', 'mu', 'x']
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

_HOMES = {
    "load": "derive.catalogue",
    "entries": "derive.catalogue",
    "solve": "derive.pipeline",
    "derive_problem": "derive.engines.derive",
    "examine": "derive.verification.report",
    "check": "derive.checking",
    "compare": "derive.checking",
    "assert_answer": "derive.checking",
    "assert_equal": "derive.checking",
    "assert_statement": "derive.checking",
    "assert_gradient": "derive.functions.assertions",
    "assert_shape": "derive.functions.assertions",
    "count": "derive.tracing",
    "Problem": "derive.language.problem",
    "AuthorError": "derive.errors",
    "DeriveError": "derive.errors",
    "NotProvedError": "derive.errors",
    "UsageError": "derive.errors",
}

__all__ = [
    "AuthorError",
    "DeriveError",
    "NotProvedError",
    "Problem",
    "UsageError",
    "assert_answer",
    "assert_equal",
    "assert_gradient",
    "assert_shape",
    "assert_statement",
    "check",
    "compare",
    "count",
    "derive_problem",
    "entries",
    "examine",
    "load",
    "solve",
]

if TYPE_CHECKING:
    from derive.catalogue import entries, load
    from derive.checking import assert_answer, assert_equal, assert_statement, check, compare
    from derive.engines.derive import derive_problem
    from derive.errors import AuthorError, DeriveError, NotProvedError, UsageError
    from derive.functions.assertions import assert_gradient, assert_shape
    from derive.language.problem import Problem
    from derive.pipeline import solve
    from derive.tracing import count
    from derive.verification.report import examine


def __getattr__(name: str) -> Any:
    """A public name, its module imported now: importing `derive` itself costs nothing."""
    if name not in _HOMES:
        raise AttributeError(f"module 'derive' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
