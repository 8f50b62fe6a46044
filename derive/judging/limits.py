r"""Limits: \lim_{x \to \infty} \tanh x = 1, and the one that a problem asks for."""

from __future__ import annotations

from collections.abc import Sequence

from derive.algebra.binding import inline, rewrite, substitute
from derive.algebra.limit import limit
from derive.errors import AnswerError, UnsupportedError
from derive.judging.decision import provable
from derive.judging.show import shown_side
from derive.judging.subject import Subject
from derive.language.expression import Expr, Function, Index, Number, Read, free_indices, tensors_in
from derive.language.judgement import Failure, Judgement
from derive.language.program import Program
from derive.language.question import Limit
from derive.language.statement import Open, Side
from derive.language.tensor import scalar
from derive.reading import surface as s
from derive.reading.free import elaborated_freely
from derive.reading.pending import exactly
from derive.reading.statement import meant, spelled_in, unframed
from derive.rendering.formula import latex

VARIABLE = Read(scalar("limit variable"))  # which nobody can write
ENDS = {1: r"\infty", -1: r"-\infty"}
EVERYWHERE = "every value of the variable"


def judge_limit(subject: Subject, text: str) -> Judgement | None:
    """The judgement on one equation whose left side is a limit; None for any other text."""
    inside = unframed(text)
    try:
        (one,) = spelled_in(inside, subject.known.names).statements()
    except (AnswerError, ValueError):
        return None
    said = one.sides[0]
    if len(one.sides) != 2 or one.links[0].relation != "=" or not isinstance(said, s.Limit):
        return None
    nodes = (said.of, said.by, one.sides[1])
    try:
        of, by, comes_to = _in_problem(subject, inside, nodes)
    except AnswerError:
        of, by, comes_to = _freely(inside, one, nodes)
    far, ends = _towards(by, s.is_endless(said.to))
    if not isinstance(comes_to, Number):
        raise UnsupportedError("a limit is compared with a number")
    towards = (
        rf"\left|{shown_side(far)}\right| \to \infty" if len(ends) > 1 else f"{shown_side(far)} \\to {ENDS[ends[0]]}"
    )
    read_as = rf"\lim_{{{towards}}} {shown_side(of)} = {shown_side(comes_to)}"
    every = {letter for each in one.where for letter in _meant_for_all(each, far)}
    asked = _asked(subject, of, far, ends)
    if asked is not None:
        return _as_asked(asked, comes_to, every >= free_indices(far).keys(), read_as)
    return _of_function(_entry(of), far, ends, comes_to, read_as, subject)


def _in_problem(subject: Subject, text: str, nodes: Sequence[s.Node]) -> list[Side]:
    alone = [s.Spelled((node,), (), ((0, len(text)),)) for node in nodes]
    return [meant(text, subject.known.names, (one,)).chains[0].sides[0] for one in alone]


def _freely(text: str, one: s.Spelled, nodes: Sequence[s.Node]) -> list[Side]:
    links = (one.links[0],) * (len(nodes) - 1)
    spelled = s.Spelled(tuple(nodes), links, ((0, len(text)),) * len(nodes))
    return list(elaborated_freely((text,), ((spelled,),))[0].chains[0].sides)


def _entry(side: Side) -> Expr:
    expr = side.entry if isinstance(side, Open) else side
    if not isinstance(expr, Expr):
        raise UnsupportedError("the limit of a table is not read")
    return exactly(expr)


def _towards(by: Side, sign: int) -> tuple[Expr, tuple[int, ...]]:
    """What goes to infinity, and to which; its size goes to both."""
    far = _entry(by)
    if not sign:
        raise UnsupportedError("of limits, those at infinity are read")
    if isinstance(far, Function) and far.name == "abs":
        if sign < 0:
            raise UnsupportedError("a size does not go to minus infinity")
        return far.arguments[0], (1, -1)
    return far, (sign,)


def _meant_for_all(where: s.Where, far: Expr) -> tuple[str, ...]:
    """The letters that run over all of their axis. Raises UnsupportedError for any other range, and for conditions."""
    if isinstance(where, s.Range):
        ends = {latex(index.upper) for name, index in free_indices(far).items() if name in where.letters}
        from_one = isinstance(where.lower, s.Numeral) and where.lower.text == "1"
        to_end = isinstance(where.upper, s.Word) and ends == {where.upper.base}
        if (where.lower is None and where.upper is None) or (from_one and to_end):
            return where.letters
    raise UnsupportedError("a limit for some values of an index alone is not decided")


# -- the limit that is asked for -----------------------------------------------------------------------------------


def _asked(subject: Subject, of: Side, far: Expr, ends: tuple[int, ...]) -> Limit | None:
    """The question whose limit it is, with the same quantity going to infinity."""
    entry = _entry(of)
    for question in subject.problem.questions:
        wanted = question.wants
        if not isinstance(wanted, Limit) or not isinstance(entry, Read) or not isinstance(wanted.of, Read):
            continue
        same = entry.tensor == wanted.of.tensor and all(isinstance(one, Index) for one in entry.indices)
        letters = zip(free_indices(far), wanted.far.indices, strict=False)
        renamed = substitute(far, dict(letters)) if len(free_indices(far)) == len(wanted.far.indices) else far
        if same and len(ends) == 2 and provable(renamed, wanted.far, subject.definitions, known=subject.known):
            return wanted
    return None


def _as_asked(asked: Limit, value: Number, for_all: bool, read_as: str) -> Judgement:
    held = f"all but {asked.moving.key} held fixed"
    if value.value:
        return Judgement("refuted", held, read_as, counterexample=Failure({}, {}, "0", str(value.value)))
    if for_all:
        return Judgement("proved", held, read_as)
    every = ", ".join(sorted(free_indices(asked.far)))
    said = f"if that holds for every {every}; for some alone it is false"
    return Judgement("depends", held, read_as, convention=said)


# -- the limit of a function ---------------------------------------------------------------------------------------


def _of_function(
    of: Expr, far: Expr, ends: tuple[int, ...], value: Number, read_as: str, subject: Subject
) -> Judgement:
    for end in ends:
        found = limit(_in_one_variable(of, far, subject), VARIABLE, end)
        if found != value.value:
            where = {shown_side(far): ENDS[end]}
            return Judgement(
                "refuted", EVERYWHERE, read_as, counterexample=Failure({}, where, str(found), str(value.value))
            )
    return Judgement("proved", EVERYWHERE, read_as)


def _in_one_variable(of: Expr, far: Expr, subject: Subject) -> Expr:
    """What is a function of the quantity alone, with that as the variable. Raises UnsupportedError where it is none."""
    own = tensors_in(far)
    if isinstance(subject.problem.program, Program):
        of = inline(of, {key: e for key, e in subject.definitions.items() if key not in own})
    expr = rewrite(of, lambda node: VARIABLE if node == far else None)
    if set(tensors_in(expr)) != {VARIABLE.tensor.key} or free_indices(expr):
        raise UnsupportedError("it is no function of what goes to infinity alone")
    return expr
